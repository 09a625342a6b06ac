"""What a sheet is found by: each coded value in the words of every language, and own words in theirs.

Leaves out times, figures and digests, which are looked for by other means than words.
"""

from __future__ import annotations

from collections.abc import Iterator

from parley.forms.form import Form, Line
from parley.forms.kinds import Place
from parley.forms.library import Library
from parley.forms.problems import FormProblem
from parley.forms.sheet import Sheet, Value
from parley.forms.value import say

WORDED = ("code", "effect", "state", "form", "address")
AS_WRITTEN = ("identifier", "reference", "attachment")
OWN = "text"


def looked_up(sheet: Sheet, library: Library) -> Iterator[tuple[str, Line | None, Value]]:
    """(key, line, value) of everything that a sheet is found by; equal keys have equal words, on whatever sheet.

    `line` is None for the title of the form. Of a form that is not known here, nothing.
    """
    try:
        form = library.form(sheet.form_number, sheet.form_version)
    except FormProblem:
        return
    yield f"title {form.name}", None, form.number
    values = sheet.all_lines()
    for line in form.all_lines:
        if line.kind in (*WORDED, *AS_WRITTEN, OWN) and values.get(line.number) not in (None, []):
            yield from _of_line(form, line, values[line.number])


def _of_line(form: Form, line: Line, value: Value) -> Iterator[tuple[str, Line | None, Value]]:
    for one in value if line.many and isinstance(value, list) else [value]:
        yield f"{form.name} {form.version} {line.number} {one!r}", line, one


def words_of(sheet: Sheet, line: Line | None, value: Value, library: Library) -> Iterator[tuple[str, str]]:
    """(language, text) for each language in which a value is found. `sheet` is one on which it stands."""
    form = library.form(sheet.form_number, sheet.form_version)
    if line is not None and line.kind == OWN and isinstance(value, list):
        yield str(value[0]), str(value[-1])
        return
    for language in library.languages:
        voice = library.voice(language)
        if line is None:
            yield language, voice.say(f"forms.{form.name}.title")
        else:
            place = Place(line, form, sheet.all_lines(), library)
            yield language, say([value] if line.many else value, place, voice).text
