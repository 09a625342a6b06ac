"""The command that shows the numbered forms: what each is for, its lines, and every code with its meaning."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import typer

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines
from parley.forms import Form, FormProblem, Line, load, phrase

EXAMPLES = {
    "state": "XB",
    "likelihood": "icd_203.likely",
    "confidence": "moderate ar (basis with --words)",
    "instant": "began 2017-05-12T07:44Z",
    "moment": "2017-05-12T10:00Z",
    "quantity": "sites-out-of-service 61 site",
    "duration": "3 day",
    "identifier": "ipv4 203.0.113.0/24",
    "telephone": "+41225550100",
    "address": "XB/duty",
    "number": "6",
    "text": "with --words, own words",
}
"""How a value of a kind is written after ``NUMBER=``, for kinds that are no list of codes."""
WIDTH = 80


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(forms)


def forms(
    ctx: typer.Context,
    number: int = typer.Argument(0, help="A form; without it, all of them."),
    language: str = typer.Option("en", help="Language of the descriptions: ar, zh, en, fr, ru, es."),
) -> None:
    """The numbered forms; with a number, its lines, and every code with its meaning."""
    c: Context = ctx.obj
    library = load()
    if not number:
        listed = [_described(form, language) for form in library.forms]
        c.give(listed, lines(f"{one['number']:>4}  {one['title']}" for one in listed))
        return
    form = library.form(number)
    rows = [_line(form, line, language) for line in form.lines]
    found = {**_described(form, language), "lines": rows}
    c.give(found, lines(_page(found)))


def _described(form: Form, language: str) -> dict[str, Any]:
    path = f"forms.{form.name}"
    return {
        "number": form.number,
        "version": form.version,
        "name": form.name,
        "title": phrase(f"{path}.title", language),
        "opening": phrase(f"{path}.opening", language),
        "default_precedence": ("routine", "priority", "immediate", "flash")[form.default_precedence],
        "answers": list(form.fitting_answers),
        "questions": [rule.line for rule in form.questions],
    }


def _line(form: Form, line: Line, language: str) -> dict[str, Any]:
    return {
        "line": line.number,
        "name": line.name,
        "label": phrase(f"labels.{line.name}", language),
        "kind": line.kind,
        "required": line.required,
        "many": line.many,
        "nothing": [f"-{kind}" for kind in line.nothing],
        "codes": {code: _meaning(line, code, language) for code in form.codes(line)},
        "example": "" if line.kind in ("code", "effect") else EXAMPLES.get(line.kind, ""),
    }


def _meaning(line: Line, code: str, language: str) -> str:
    try:
        return phrase(f"codes.{line.list}.{code}", language)
    except FormProblem:
        return ""


def _page(form: dict[str, Any]) -> Iterator[str]:
    yield f"Form {form['number']}, version {form['version']}: {form['title']}"
    yield from textwrap.wrap(form["opening"], WIDTH)
    answers = ", ".join(map(str, form["answers"])) or "none"
    yield f"Precedence unless you say otherwise: {form['default_precedence']}. Answered by form: {answers}."
    asked = ", ".join(map(str, form["questions"])) or "no line"
    yield f"The read-back asks about: {asked}. * required, + several allowed."
    for line in form["lines"]:
        marks = f"{'*' if line['required'] else ' '}{'+' if line['many'] else ' '}"
        yield f"{line['line']:>3}{marks} {line['label']}"
        for code, meaning in line["codes"].items():
            yield from _folded(f"{code}  {meaning}")
        if line["example"]:
            yield from _folded(f"for example {line['line']}={line['example']}")
        if line["nothing"]:
            yield from _folded(f"or {', '.join(line['nothing'])}")


def _folded(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12)
