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
from parley.terms.text import Text, shown

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
    said = described(form, line, language)
    names = dict(name_states.listed(load(), language)) if line.kind == "state" else {}
    nothing = next((code for code in codes if code.startswith("-") and len(codes) == 1), "")
    chosen = typed if typed is not None else () if nothing else codes
    options = _options(line, said["codes"], language, chosen)
    way = _way(line, bool(options))
    if way == "level" and chosen and typed is None:
        chosen = (chosen[0].split(" ")[0],)
    if line.kind == "state" and typed is None:
        chosen = tuple(name_states.shown(names.get(code, code), code) for code in chosen)
    text = "\n".join(chosen) if way in ("text", "lines") else words.get(line.number, "")
    if way == "words" and typed is not None:
        text = "\n".join(typed)
    if way == "level" and typed is not None:
        chosen, text = typed[:1], "\n".join(typed[1:])
    return Field(
        number=line.number,
        label=said["label"],
        way=way,
        required=line.required,
        options=options,
        nothings=tuple((f"-{kind}", phrase(f"codes.nothing.{kind}", language)) for kind in line.nothing),
        example=said["example"],
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


Typed = Mapping[int, tuple[str, ...]]
"""By line, what stood in its fields; of a confidence its level, then on what it rests."""


def read(
    form: Form, asked: Asked, written_in: str
) -> tuple[dict[int, Value], dict[int, Problem], dict[int, tuple[str, ...]]]:
    """The lines that fit, the faults by line, and what was typed on the faulty ones."""
    lines: dict[int, Value] = {}
    faults: dict[int, Problem] = {}
    given = {line.number: _given(line, asked) for line in form.lines}
    for line in form.lines:
        nothing = asked.field(f"nothing-{line.number}")
        try:
            lines |= (
                fill(form, [(line.number, nothing)])
                if nothing
                else _read(form, line, given[line.number], asked.language, written_in)
            )
        except Problem as problem:
            faults[line.number] = problem
    return _in_order(form, lines), faults, {number: given[number] for number in faults}


def faults_of(form: Form, typed: Typed, language: str, written_in: str) -> dict[int, Problem]:
    """Why what was kept as it was typed fits no line, by line."""
    found: dict[int, Problem] = {}
    for line in form.lines:
        try:
            _read(form, line, typed.get(line.number, ()), language, written_in)
        except Problem as problem:
            found[line.number] = problem
    return found


def _given(line: Line, asked: Asked) -> tuple[str, ...]:
    fields = asked.fields.get(f"line-{line.number}", ())
    if line.kind == "confidence":
        return (fields[0] if fields else "", asked.field(f"basis-{line.number}").strip())
    return fields


def files(form: Form, asked: Asked) -> dict[int, list[tuple[str, bytes | None]]]:
    """What was uploaded, by line."""
    found = {line.number: asked.uploads.get(f"file-{line.number}", ()) for line in form.lines}
    return {number: [(one.name, one.data) for one in some] for number, some in found.items() if some}


def _in_order(form: Form, lines: dict[int, Value]) -> dict[int, Value]:
    try:
        return arranged(form, lines)
    except FormProblem:
        return lines


def _read(form: Form, line: Line, fields: tuple[str, ...], language: str, written_in: str) -> dict[int, Value]:
    number = line.number
    given = tuple(one for one in fields if one.strip())
    if not given:
        return {}
    if line.kind == "text":
        Text.of(written_in, given[0])  # says which character is hidden, and where
        return fill(form, [], {number: (written_in, given[0])})
    if line.kind == "confidence":
        return _confidence(form, number, fields[0], fields[-1] if len(fields) > 1 else "", written_in)
    if line.kind == "state":
        return fill(form, [(number, code) for code in _states(line, given, language)])
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
    if basis and not level:
        raise DeskProblem("unfilled", line=number, given=shown(basis, 40), possible=", ".join(LEVELS))
    if basis:
        Text.of(written_in, basis)
    if not basis or level not in LEVELS:
        return fill(form, [(number, f"{level} -unknown")])
    value: Any = KINDS["confidence"].parse(f"{level} {written_in}", tuple(basis.split("\n")))
    return {number: value}
