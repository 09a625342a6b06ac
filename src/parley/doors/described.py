"""Described: a numbered form in plain values, with its lines and every code with its meaning; for every door."""

from __future__ import annotations

from typing import Any

from parley.forms import Form, FormProblem, Line, phrase

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


def titled(form: Form, language: str) -> dict[str, Any]:
    """What a form is for."""
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


def described(form: Form, line: Line, language: str) -> dict[str, Any]:
    """A line of a form; `codes` with their meaning, `example` for kinds that are no list of codes."""
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
