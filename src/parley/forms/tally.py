"""How wording came across: read-backs counted by form, line, language and option, so that a line can be improved.

Counted is the first read-back of each party about a note: what was answered after a clarification says something of the
clarification. An option is named as the form offers it, without the value of a single note: ``demand:{value}`` is the
confusion, whatever was demanded. So no report holds what a note said, who wrote it, or who read it. Leaves out where
read-backs are kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from parley.forms.library import Library, load
from parley.forms.readback import offered, right_answer
from parley.forms.sheet import Sheet
from parley.terms.share import Share

UNLISTED = "not offered"
"""An answer that this form and version never offer: another version of it was read."""
UNANSWERED = "not answered"


class Came(msgspec.Struct, frozen=True, order=True):
    """One answer to one question: how line `line` of a form came across in a language; `right` by the codes."""

    form: int
    version: int
    line: int
    language: str
    option: str
    right: bool


class Line(msgspec.Struct, frozen=True):
    """A line of a form in a language: how many read it back, how many of them otherwise, and as what."""

    form: int
    version: int
    line: int
    language: str
    differed: Share
    as_options: dict[str, int]


def came_across(
    sheet: Sheet, answers: dict[int, str], language: str, *, library: Library | None = None
) -> Iterator[Came]:
    """One entry for each question of a sheet that was read back in `language`; answers are option ids by line."""
    library = library or load()
    for line, options in offered(sheet, library=library).items():
        answer = answers.get(line)
        named = UNANSWERED if answer is None else options.get(answer, UNLISTED)
        right = answer == right_answer(sheet, line, library=library)
        yield Came(sheet.form_number, sheet.form_version, line, language, named, right)


def tally(entries: Iterable[Came]) -> tuple[Line, ...]:
    """Lines in order of form, line and language; a hand's count: of a, a, b with b wrong, 1 of 3 differed, as b."""
    by_line: dict[tuple[int, int, int, str], list[Came]] = defaultdict(list)
    for one in entries:
        by_line[one.form, one.version, one.line, one.language].append(one)
    return tuple(_line(key, found) for key, found in sorted(by_line.items()))


def _line(key: tuple[int, int, int, str], found: list[Came]) -> Line:
    wrong = Counter(one.option for one in found if not one.right)
    return Line(*key, Share(sum(wrong.values()), len(found)), dict(sorted(wrong.items())))
