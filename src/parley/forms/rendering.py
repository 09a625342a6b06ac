"""A sheet as a page in a language: numbered lines with the authentic code beside the words.

The banner, real or exercise, stands first and last; the standing reservation stands on every page. Leaves out colours,
markup and screens, which belong to the doors: they build theirs from `Rendered`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import tzinfo

import msgspec

from parley.forms.checking import check, check_header, headers_form
from parley.forms.form import HEADER, Form, Line
from parley.forms.kinds import Place
from parley.forms.library import Library, load
from parley.forms.page import AID, INDENT, PARAGRAPH, broken, width_of
from parley.forms.problems import FormProblem
from parley.forms.sheet import Sheet, Value
from parley.forms.value import Said, say
from parley.forms.voice import RLM, Voice
from parley.terms.instant import Instant, Precision
from parley.terms.problem import Problem

RULE = "="
_MOMENTS = ("moment", "instant", "stamp")


class RenderedLine(msgspec.Struct, frozen=True):
    """One numbered line: its label, its value in words with the codes beside, the codes alone, what stands under it.

    `paragraphs` are own words (untrusted text of the other side); `aids` are the reader's local times.
    """

    number: int
    label: str
    text: str
    codes: tuple[str, ...]
    paragraphs: tuple[str, ...] = ()
    aids: tuple[str, ...] = ()


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A page: its parts for a door that builds its own, and `text`, wrapped, for a terminal, a mail or paper.

    `heading` names the form with its number and version; `notes` are the reservation, what is authentic, and which
    review the language had. `known` is False for coded lines of a form that this library does not have.
    """

    language: str
    right_to_left: bool
    known: bool
    banner: str
    heading: str
    opening: str
    lines: tuple[RenderedLine, ...]
    notes: tuple[str, ...]
    review: str
    text: str


def render(
    sheet: Sheet, language: str, *, width: int = 80, zones: Sequence[tzinfo] = (), library: Library | None = None
) -> Rendered:
    """The sheet in a language; coded lines if the form or its version is not known here.

    Args:
        width: columns of `text`; a line without a possible break may be longer.
        zones: time zones in which every moment is shown besides UTC, as an aid.

    Raises FormProblem ``sheet`` if the sheet is not in order, ``unknown_catalogue`` for a language that is not there.
    """
    library = library or load()
    voice = library.voice(language)
    try:
        form = library.form(sheet.form_number, sheet.form_version)
    except FormProblem:
        return render_coded(sheet, language, width=width, zones=zones, library=library)
    check(sheet, at_drafting_now=None, library=library)
    lines = tuple(_lines(form.all_lines, form, sheet, voice, library, zones))
    opening_path = f"forms.{form.name}.opening"
    opening = voice.say(opening_path) if voice.has(opening_path) else ""
    return _page(sheet, voice, width, voice.say(f"forms.{form.name}.title"), opening, lines, known=True)


def render_coded(
    sheet: Sheet, language: str, *, width: int = 80, zones: Sequence[tzinfo] = (), library: Library | None = None
) -> Rendered:
    """The header in a language and the form's own lines as bare codes: for a form that is not known here.

    Raises FormProblem ``sheet`` if the header is not in order, ``unknown_catalogue``.
    """
    library = library or load()
    voice = library.voice(language)
    check_header(sheet.header, library=library)
    header = _lines(HEADER, headers_form(), sheet, voice, library, zones)
    body = (_coded_line(number, sheet.lines[number], voice) for number in sorted(sheet.lines))
    title = voice.say("notes.unknown-form")
    return _page(sheet, voice, width, title, "", (*header, *body), known=False)


def render_lines(sheet: Sheet, language: str, *, library: Library | None = None) -> dict[int, RenderedLine]:
    """The lines of a sheet by number, each for itself, whether or not the sheet is in order: for comparing drafts.

    A line that cannot be said is shown as its bare code. Raises FormProblem ``unknown_form``, ``unknown_catalogue``.
    """
    library = library or load()
    form, voice = library.form(sheet.form_number, sheet.form_version), library.voice(language)
    values, found = sheet.all_lines(), dict[int, RenderedLine]()
    for line in form.all_lines:
        try:
            found |= {one.number: one for one in _lines((line,), form, sheet, voice, library, ())}
        except (Problem, ValueError, LookupError, TypeError, AttributeError, AssertionError):  # no shape that has words
            code = coded(values[line.number])
            label = voice.say(f"labels.{line.name}")
            found[line.number] = RenderedLine(line.number, label, voice.isolate(f"[{code}]"), (code,))
    return found


def coded(value: Value) -> str:
    """A value of an unknown form as text: JSON in ASCII, with bytes as ``h'…'``; nothing in it can hide or turn."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return f"({', '.join(coded(item) for item in value)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {coded(item)}' for key, item in value.items())}}}"
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("[", "\\u005b").replace("]", "\\u005d")


def _coded_line(number: int, value: Value, voice: Voice) -> RenderedLine:
    code = coded(value)
    return RenderedLine(number, voice.say("labels.coded"), voice.isolate(f"[{code}]"), (code,))


def _lines(
    lines: Sequence[Line], form: Form, sheet: Sheet, voice: Voice, library: Library, zones: Sequence[tzinfo]
) -> Iterator[RenderedLine]:
    values = sheet.all_lines()
    for line in lines:
        if line.number in values:
            value = values[line.number]
            said = say(value, Place(line, form, values, library), voice)
            aids = tuple(voice.local(ms, zone) for ms in _moments(line, value) for zone in zones)
            paragraphs = _isolated(said, voice)
            yield RenderedLine(line.number, voice.say(f"labels.{line.name}"), said.text, said.codes, paragraphs, aids)


def _isolated(said: Said, voice: Voice) -> tuple[str, ...]:
    if not said.paragraphs:
        return ()
    language = said.codes[0].rpartition(" ")[2]
    return tuple(voice.isolate_foreign(paragraph, language) for paragraph in said.paragraphs)


def _moments(line: Line, value: Value) -> Iterator[int]:
    """The moments of a line that are known to the minute: only those have a local time."""
    if line.kind not in _MOMENTS or value is None or (type(value) is int and line.nothing):
        return
    for item in value if line.many and isinstance(value, list) else [value]:
        if isinstance(item, int):
            yield item
        elif line.kind == "stamp" and isinstance(item, list) and isinstance(item[0], int):
            yield item[0]
        elif line.kind == "instant":
            instant = Instant.from_coded(item)
            yield from [instant.ms] if instant.precision >= Precision.MINUTE else []


def _page(
    sheet: Sheet, voice: Voice, width: int, title: str, opening: str, lines: tuple[RenderedLine, ...], *, known: bool
) -> Rendered:
    banner = voice.say("banners.exercise" if sheet.header.exercise else "banners.real")
    code = voice.isolate(f"[{sheet.form_number}/{sheet.form_version}]")
    heading = f"{voice.say('phrases.heading', number=str(sheet.form_number), title=title)} {code}"
    review = voice.review
    named = voice.say(f"notes.{review}", language=voice.language_name(voice.code))
    notes = (voice.say("notes.reservation"), voice.say("notes.authentic"), named)
    page = Rendered(
        language=voice.code,
        right_to_left=voice.right_to_left,
        known=known,
        banner=banner,
        heading=heading,
        opening=opening,
        lines=lines,
        notes=notes,
        review=review,
        text="",
    )
    return msgspec.structs.replace(page, text="\n".join(_wrapped(page, voice, width)) + "\n")


def _wrapped(page: Rendered, voice: Voice, width: int) -> Iterator[str]:
    """The physical lines. A blank line ends the numbered ones, which is where reading back stops."""
    rtl = page.right_to_left
    banner = f"{RLM if rtl else ''}{ruled(page.banner, width)}"  # never broken: both ends must be known by it
    yield banner
    yield from broken(page.heading, width, then="", right_to_left=rtl)
    if page.opening:
        yield from broken(page.opening, width, then="", right_to_left=rtl)
    yield ""
    for line in page.lines:
        yield from _wrapped_line(line, voice, width)
    yield ""
    for note in page.notes:
        yield from broken(note, width, then="", right_to_left=rtl)
    yield banner


def _wrapped_line(line: RenderedLine, voice: Voice, width: int) -> Iterator[str]:
    rtl = voice.right_to_left
    text = f"{line.label}{voice.catalogue.about.label_separator}{line.text}"
    yield from broken(text, width, first=f"{line.number}. ", right_to_left=rtl)
    for paragraph in line.paragraphs:
        yield from broken(paragraph, width, first=f"{INDENT}{PARAGRAPH} ", right_to_left=rtl)
    # Never broken: reading back drops one line for each aid.
    yield from (f"{RLM if rtl else ''}{INDENT}{AID} {aid}" for aid in line.aids)


def ruled(banner: str, width: int) -> str:
    """The banner between rules as wide as the page; reading back takes them off again."""
    free = max(width - width_of(banner) - 2, 6)
    return f"{RULE * (free // 2)} {banner} {RULE * (free - free // 2)}"
