"""The command that shows the numbered forms: what each is for, its lines, and every code with its meaning."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import typer

from parley.doors.cli.context import Context
from parley.doors.cli.say import lines
from parley.doors.described import described, titled
from parley.forms import load

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
        listed = [titled(form, language) for form in library.forms]
        c.give(listed, lines(f"{one['number']:>4}  {one['title']}" for one in listed))
        return
    form = library.form(number)
    rows = [described(form, line, language) for line in form.lines]
    found = {**titled(form, language), "lines": rows}
    c.give(found, lines(_page(found)))


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
