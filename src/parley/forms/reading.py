"""Back-reading: from the text of a page alone, every code that it was made from.

This is the proof that no language loses anything: the codes beside the words must agree with the words, and where the
codes were taken away the words alone must do. Leaves out signatures: a page proves nothing about who wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.forms.checking import check
from parley.forms.form import Form
from parley.forms.kinds import Place
from parley.forms.library import Library, load
from parley.forms.page import Block, joined
from parley.forms.problems import FormProblem
from parley.forms.rendering import RULE
from parley.forms.sheet import REALITIES, Header, Sheet, Value
from parley.forms.value import hear
from parley.forms.voice import Voice, without_isolates

_HEADING = re.compile(r"(.*) \[([0-9]{1,9})/([0-9]{1,9})\]")
_FIRST = (1, 2, 3)
"""Read before the others: whether it is an exercise, and between whom, decides what may stand elsewhere."""


def back_read(text: str, language: str, *, library: Library | None = None) -> dict[int, Value]:
    """The coded values of a rendered page, lines 1 to 9 included, by number; what `Sheet.all_lines` gives.

    Raises FormProblem: ``page_heading``, ``page_line``, ``page_word``, ``page_differs`` (a code and the words beside
    it disagree), ``page_nature``, ``unknown_form``, ``unknown_catalogue``; ``sheet`` if lines are missing.
    """
    return back_read_sheet(text, language, library=library).all_lines()


def back_read_sheet(text: str, language: str, *, library: Library | None = None) -> Sheet:
    """The sheet that a page was rendered from; raises as `back_read`."""
    library = library or load()
    voice = library.voice(language)
    before, blocks, after = joined(text)
    banner, form = _heading(before, voice, library)
    values = _values(blocks, form, voice, library)
    _check_nature(banner, after, values, voice)
    header = Header.from_lines({number: values[number] for number in range(1, 10)})
    sheet = Sheet(form.number, form.version, header, {n: value for n, value in values.items() if n >= 10})
    check(sheet, at_drafting_now=None, library=library)
    return sheet


def _heading(before: Sequence[str], voice: Voice, library: Library) -> tuple[str, Form]:
    """The banner and the form that stand above the numbered lines."""
    lines = [line for line in before if line]
    for at in range(1, len(lines)):
        match = _HEADING.fullmatch(" ".join(lines[1 : at + 1]))
        if match:
            return lines[0].strip(f"{RULE} "), library.form(int(match[2]), int(match[3]))
    raise FormProblem("page_heading")


def _values(blocks: Sequence[Block], form: Form, voice: Voice, library: Library) -> dict[int, Value]:
    numbers = [block.number for block in blocks]
    if numbers != sorted(set(numbers)) or numbers[:9] != list(range(1, 10)):
        raise FormProblem("page_line", line=next((n for n, m in enumerate(numbers, start=1) if n != m), 9))
    found: dict[int, Value] = {}
    for block in sorted(blocks, key=lambda one: _turn(one, form)):
        found[block.number] = _value(block, form, found, voice, library)
    return {number: found[number] for number in numbers}


def _turn(block: Block, form: Form) -> tuple[bool, bool, int]:
    """Lines that others depend on come first: the header's first three, then all but options."""
    line = form.line(block.number)
    return block.number not in _FIRST, line is not None and line.kind == "option", block.number


def _value(block: Block, form: Form, found: dict[int, Value], voice: Voice, library: Library) -> Value:
    line = form.line(block.number)
    if line is None:
        raise FormProblem("page_line", line=block.number)
    label = without_isolates(f"{voice.say(f'labels.{line.name}')}{voice.catalogue.about.label_separator}")
    if not block.text.startswith(label):
        raise FormProblem("page_line", line=block.number)
    return hear(block.text.removeprefix(label), block.paragraphs, Place(line, form, found, library), voice)


def _check_nature(banner: str, after: Sequence[str], values: dict[int, Value], voice: Voice) -> None:
    """Both banners and line 1 must say the same: a page that lost one end could pass for the other kind."""
    banners = {without_isolates(voice.say(f"banners.{reality}")): reality for reality in REALITIES}
    last = next((line.strip(f"{RULE} ") for line in reversed(after) if line), "")
    if {banners.get(banner), banners.get(last)} != {values[1]}:
        raise FormProblem("page_nature")
