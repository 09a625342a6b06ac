"""The read-back: three to five questions that show whether a note was understood as it was meant.

The receiver answers with the note in view; the answers travel back as ids, which are the same in every language, and
the sender compares them with what it signed. Leaves out who may answer and what follows from it: that is the line's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from parley.forms.form import Choice, Form, QuestionRule
from parley.forms.kinds import KINDS, Place
from parley.forms.kinds.judged import nothing_code
from parley.forms.kinds.options import CANNOT_TELL, option_words
from parley.forms.library import Library, load
from parley.forms.problems import FormProblem
from parley.forms.sheet import Sheet, Value
from parley.forms.value import ABSENT, is_nothing
from parley.terms.nothing import Nothing


class Option(msgspec.Struct, frozen=True):
    """A possible answer: `id` is the same in every language."""

    id: str
    text: str


class Question(msgspec.Struct, frozen=True):
    """A question about one line, with its options in the order in which they are to be shown."""

    line: int
    text: str
    options: tuple[Option, ...]


def questions(
    sheet: Sheet, language: str, rng: Callable[[int], bytes], *, library: Library | None = None
) -> tuple[Question, ...]:
    """The read-back of a checked sheet in a language, in the order of the form file, options shuffled by `rng`.

    "Cannot tell from the note" is always among the options and stands last, where it is looked for.
    Raises FormProblem ``unknown_form``, ``unknown_catalogue``.
    """
    library = library or load()
    voice = library.voice(language)
    asked = []
    for rule, place, choice in _asked(sheet, library):
        ids = [*shuffled(_ids(rule, place, choice), rng), CANNOT_TELL]
        options = tuple(Option(id, option_words(id, place, voice)) for id in ids)
        asked.append(Question(rule.line, voice.say(f"questions.{rule.key}.text"), options))
    return tuple(asked)


def question_lines(sheet: Sheet, *, library: Library | None = None) -> tuple[int, ...]:
    """The lines that the read-back of a sheet asks about."""
    return tuple(rule.line for rule, _, _ in _asked(sheet, library or load()))


def option_ids(sheet: Sheet, line: int, *, library: Library | None = None) -> tuple[str, ...]:
    """The ids of the options of the question about a line, sorted; () if the sheet has no such question."""
    for rule, place, choice in _asked(sheet, library or load()):
        if rule.line == line:
            return tuple(sorted([*_ids(rule, place, choice), CANNOT_TELL]))
    return ()


def offered(sheet: Sheet, *, library: Library | None = None) -> dict[int, dict[str, str]]:
    """For each question of a sheet, by line: the ids of its options and the templates that they were made from.

    An option of a list of codes keeps its code (``{other}`` becomes ``in-part``): it is a word of the form, not of the
    note. Values of any other kind stay out: ``demand:{value}``.
    """
    found = {}
    for rule, place, choice in _asked(sheet, library or load()):
        closed = place.line.kind == "code"
        named = {CANNOT_TELL: CANNOT_TELL}
        for template in (choice.right, *choice.wrong):
            id = _filled_or_none(template, rule, place)
            if id is not None:
                named.setdefault(id, id if closed else template)
        found[rule.line] = named
    return found


def right_answer(sheet: Sheet, line: int, *, library: Library | None = None) -> str:
    """The id of the option that says what the sheet says; raises FormProblem ``no_question``."""
    for rule, place, choice in _asked(sheet, library or load()):
        if rule.line == line:
            return _filled(choice.right, rule, place)
    raise FormProblem("no_question", line=line)


def compare(sheet: Sheet, answers: Mapping[int, str], *, library: Library | None = None) -> tuple[int, ...]:
    """The lines whose answer is not the right one, in the order of the questions; () means understood.

    An unanswered question differs, and so does an id that was never offered; answers about other lines are ignored.
    """
    asked = _asked(sheet, library or load())
    right = {rule.line: _filled(choice.right, rule, place) for rule, place, choice in asked}
    return tuple(line for line, option in right.items() if answers.get(line) != option)


def shuffled(ids: tuple[str, ...], rng: Callable[[int], bytes]) -> list[str]:
    """`ids` in an even random order (Fisher and Yates; bytes that would favour a place are thrown away)."""
    order = list(ids)
    for last in range(len(order) - 1, 0, -1):
        other = _below(last + 1, rng)
        order[last], order[other] = order[other], order[last]
    return order


def _below(bound: int, rng: Callable[[int], bytes]) -> int:
    fair = 256 - 256 % bound
    while (drawn := rng(1)[0]) >= fair:
        pass
    return drawn % bound


def _asked(sheet: Sheet, library: Library) -> Iterator[tuple[QuestionRule, Place, Choice]]:
    form: Form = library.form(sheet.form_number, sheet.form_version)
    lines = sheet.all_lines()
    for rule in form.questions:
        place = Place(form.by_number[rule.line], form, lines, library)
        if _says_something(place):
            yield rule, place, Choice(rule.right, rule.wrong)
        elif rule.if_nothing is not None:
            yield rule, place, rule.if_nothing


def _says_something(place: Place) -> bool:
    value = place.lines.get(place.line.number)
    return value is not None and not is_nothing(value, place)


def _ids(rule: QuestionRule, place: Place, choice: Choice) -> tuple[str, ...]:
    filled = (_filled_or_none(template, rule, place) for template in (choice.right, *choice.wrong))
    return tuple(dict.fromkeys(id for id in filled if id is not None))


def _filled(template: str, rule: QuestionRule, place: Place) -> str:
    filled = _filled_or_none(template, rule, place)
    if filled is None:
        raise FormProblem("no_question", line=rule.line)
    return filled


def _filled_or_none(template: str, rule: QuestionRule, place: Place) -> str | None:
    """The id that a template makes for this sheet; None if there is nothing that could be mistaken for the value."""
    if "{other}" in template:
        other = next(_others(rule, place), None)
        return None if other is None else template.replace("{other}", other)
    return template.replace("{value}", _code(place)) if "{value}" in template else template


def _others(rule: QuestionRule, place: Place) -> Iterator[str]:
    value = place.lines.get(place.line.number)
    code = _code(place)
    yield from (other for other in rule.others if other != code)
    if not rule.others:
        kind = KINDS[place.line.kind]
        yield from (kind.code(other) for other in kind.others(value, place))


def _code(place: Place) -> str:
    value: Value = place.lines.get(place.line.number)
    if value is None:
        return ABSENT
    if is_nothing(value, place):
        return f"-{nothing_code(Nothing(value))}"
    return KINDS[place.line.kind].code(value)
