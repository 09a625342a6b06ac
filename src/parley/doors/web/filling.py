"""Filling: a form's lines as fields of a page, and fields of a page as coded lines, each line's fault beside it.

What was typed and fits no line is put back into the page as it was typed: nothing is lost, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.desk import name_states
from parley.desk.fill import codes_of, fill, words_of
from parley.desk.problems import DeskProblem
from parley.doors.described import described
from parley.doors.web.asked import Asked
from parley.forms import Form, FormProblem, Line, Value, arranged, load, phrase
from parley.forms.kinds import KINDS
from parley.terms.likelihood import BANDS, Band
from parley.terms.problem import Problem

_PARTS = re.compile(r"[\s,;،、]+")
_APART = re.compile(r"[,;،、；，\n]+")
_CODES = re.compile(r"[A-Z]{2}(?:[\s,;،、]+[A-Z]{2})+")
_WHOLE = ("form", "number", "digest", "address", "telephone")  # kinds whose codes have no blank in them
LEVELS = ("low", "moderate", "high")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One line on the page.

    `way`: "choose", "check", "text", "lines", "words", "level", "state", "states" or "files"; `chosen` as typed or
    coded, of states as they are shown.
    """

    number: int
    label: str
    way: str
    required: bool
    options: tuple[tuple[str, str], ...]
    nothings: tuple[tuple[str, str], ...]
    example: str
    chosen: tuple[str, ...]
    text: str
    nothing: str
    longest: int


def fields(form: Form, lines: Mapping[int, Value], language: str, typed: Mapping[int, tuple[str, ...]]) -> list[Field]:
    """The form's own lines, filled as a draft has them; `typed`: what fitted no line, by line, as it was typed."""
    coded, words = codes_of(form, lines), words_of(form, lines)
    return [
        _field(form, line, language, coded.get(line.number, ()), words, typed.get(line.number)) for line in form.lines
    ]


def _field(
    form: Form,
    line: Line,
    language: str,
    codes: tuple[str, ...],
    words: Mapping[int, str],
    typed: tuple[str, ...] | None,
) -> Field:
    shown = described(form, line, language)
    names = dict(name_states.listed(load(), language)) if line.kind == "state" else {}
    nothing = next((code for code in codes if code.startswith("-") and len(codes) == 1), "")
    chosen = typed if typed is not None else () if nothing else codes
    options = _options(line, shown["codes"], language, chosen)
    way = _way(line, bool(options))
    if way == "level" and chosen and typed is None:
        chosen = (chosen[0].split(" ")[0],)
    if line.kind == "state" and typed is None:
        chosen = tuple(name_states.shown(names.get(code, code), code) for code in chosen)
    text = "\n".join(chosen) if way in ("text", "lines") else words.get(line.number, "")
    if way == "words" and typed is not None:
        text = "\n".join(typed)
    return Field(
        number=line.number,
        label=shown["label"],
        way=way,
        required=line.required,
        options=options,
        nothings=tuple((f"-{kind}", phrase(f"codes.nothing.{kind}", language)) for kind in line.nothing),
        example=shown["example"],
        chosen=chosen,
        text=text,
        nothing=nothing,
        longest=line.high if line.kind == "text" else 4000,
    )


def _way(line: Line, listed: bool) -> str:
    if line.kind == "text":
        return "words"
    if line.kind == "confidence":
        return "level"
    if line.kind == "attachment" and line.many:
        return "files"
    if line.kind == "state":
        return "states" if line.many else "state"
    if listed:
        return "check" if line.many else "choose"
    return "lines" if line.many else "text"


def _options(
    line: Line, codes: Mapping[str, str], language: str, chosen: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Codes with their meaning, for a line that has few; what is chosen and not among them stays possible."""
    found: list[tuple[str, str]] = []
    if line.kind == "code":
        found = [(code, said or code) for code, said in codes.items()]
    elif line.kind == "effect":
        found = [(code, f"{phrase(_layer(code), language)}: {said or code}") for code, said in codes.items()]
    elif line.kind == "likelihood":
        found = [(band.key, _band(band, language)) for band in BANDS.values()]
    elif line.kind == "confidence":
        return tuple((level, phrase(f"codes.level.{level}", language)) for level in LEVELS)
    known = {code for code, _ in found}
    return (*found, *((code, code) for code in chosen if found and code not in known))


def _layer(effect: str) -> str:
    return f"codes.layer.{effect.partition('.')[0]}"


def _band(band: Band, language: str) -> str:
    scale = phrase(f"codes.scale.{band.scale.name.lower()}", language)
    return f"{scale}: {phrase(f'codes.likelihood.{band.key}', language)}"


def read(
    form: Form, asked: Asked, written_in: str
) -> tuple[dict[int, Value], dict[int, Problem], dict[int, tuple[str, ...]]]:
    """The lines that fit, the faults by line, and what was typed on the faulty ones."""
    lines: dict[int, Value] = {}
    faults: dict[int, Problem] = {}
    typed: dict[int, tuple[str, ...]] = {}
    for line in form.lines:
        try:
            lines |= _read(form, line, asked, written_in)
        except Problem as problem:
            faults[line.number] = problem
            typed[line.number] = asked.fields.get(f"line-{line.number}", ())
    return _in_order(form, lines), faults, typed


def files(form: Form, asked: Asked) -> dict[int, list[tuple[str, bytes | None]]]:
    """What was uploaded, by line."""
    found = {line.number: asked.uploads.get(f"file-{line.number}", ()) for line in form.lines}
    return {number: [(one.name, one.data) for one in some] for number, some in found.items() if some}


def _in_order(form: Form, lines: dict[int, Value]) -> dict[int, Value]:
    try:
        return arranged(form, lines)
    except FormProblem:
        return lines


def _read(form: Form, line: Line, asked: Asked, written_in: str) -> dict[int, Value]:
    number = line.number
    nothing = asked.field(f"nothing-{number}")
    if nothing:
        return fill(form, [(number, nothing)])
    given = tuple(one for one in asked.fields.get(f"line-{number}", ()) if one.strip())
    if not given:
        return {}
    if line.kind == "text":
        return fill(form, [], {number: (written_in, given[0])})
    if line.kind == "confidence":
        return _confidence(form, number, given[0], asked.field(f"basis-{number}").strip(), written_in)
    if line.kind == "state":
        return fill(form, [(number, code) for code in _states(line, given, asked.language)])
    return fill(form, [(number, code) for code in _codes(line, given)])


def _states(line: Line, given: tuple[str, ...], language: str) -> list[str]:
    """Each field holds one state, by code or name; or several, set apart."""
    found: list[str] = []
    for entered in given:
        whole = entered.strip()
        several = line.many and (_APART.search(whole) or _CODES.fullmatch(whole))
        parts = [one for one in (_PARTS if _CODES.fullmatch(whole) else _APART).split(whole) if one.strip()]
        try:
            found.append(name_states.code_of(load(), whole, language))
        except DeskProblem:
            if not several:
                raise
            found += [name_states.code_of(load(), one, language) for one in parts]
    return list(dict.fromkeys(found))


def _codes(line: Line, given: tuple[str, ...]) -> list[str]:
    if line.kind in ("code", "effect", "likelihood"):
        return list(given)
    if line.many and line.kind in _WHOLE:
        return [one for part in given for one in _PARTS.split(part) if one]
    return [one.strip() for part in given for one in part.split("\n") if one.strip()]


def _confidence(form: Form, number: int, level: str, basis: str, written_in: str) -> dict[int, Value]:
    if not basis or level not in LEVELS:
        return fill(form, [(number, f"{level} -unknown")])
    value: Any = KINDS["confidence"].parse(f"{level} {written_in}", tuple(basis.split("\n")))
    return {number: value}
