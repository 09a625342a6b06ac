"""Kinds of time: a moment, a date with its precision and meaning, a duration, and the stamp of line 9."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from parley.forms.form import Form, Line
from parley.forms.kinds.base import Kind, Place, items, listed, text, whole
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice, clock
from parley.terms.instant import Instant, Meaning, iso, parse_iso
from parley.terms.moment import EARLIEST, LATEST, as_datetime, as_ms
from parley.terms.quantity import Duration, TimeUnit

SERIAL_MOST = 2**53
"""Serials stay below what every program reads exactly."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", re.ASCII)


def iso_moment(ms: int) -> str:
    """``2026-11-23T20:11Z``, with seconds and thousandths only if they are not zero: one moment, one spelling."""
    moment = as_datetime(ms)
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}T{clock(moment)}Z"


def parse_iso_moment(code: str) -> int:
    """Read what `iso_moment` writes and nothing else; raises ValueError."""
    moment = datetime.fromisoformat(code.removesuffix("Z")).replace(tzinfo=UTC)
    ms = as_ms(moment)
    if iso_moment(ms) != code:
        raise ValueError(code)
    return ms


# -- a moment, in milliseconds -----------------------------------------------------------------------------------


def _check_moment(value: Value, place: Place) -> None:
    if not EARLIEST <= whole(value) <= LATEST:
        raise FormProblem("shape", line=0)


def _precisions(form: Form, line: Line) -> Iterable[str]:
    return (f"precision.{name}" for name in ("year", "month", "day", "hour", "minute", "second", "local"))


MOMENT = Kind(
    _check_moment,
    lambda value: iso_moment(whole(value)),
    lambda code, paragraphs: parse_iso_moment(code),
    lambda value, place, voice: voice.moment(whole(value)),
    parts=lambda value, voice: {"date": voice.day(whole(value)), "time": clock(as_datetime(whole(value)))},
    entries=_precisions,
)


# -- an instant: a date as fine as it is known, and what happened then ---------------------------------------------


def _meaning(instant: Instant) -> str:
    return instant.meaning.name.lower().replace("_", "-")


def _check_instant(value: Value, place: Place) -> None:
    listed(_meaning(Instant.from_coded(value)), place.codes)


def _instant_code(value: Value) -> str:
    instant = Instant.from_coded(value)
    return f"{_meaning(instant)} {iso(instant)}"


def _parse_instant(code: str, paragraphs: tuple[str, ...]) -> Value:
    meaning, _, date = code.partition(" ")
    return parse_iso(date, Meaning[meaning.upper().replace("-", "_")]).to_coded()


def _instant_words(value: Value, place: Place, voice: Voice) -> str:
    instant = Instant.from_coded(value)
    meaning = voice.say(f"codes.meaning.{_meaning(instant)}")
    return voice.say("phrases.instant", meaning=meaning, date=voice.instant(instant))


def _instant_entries(form: Form, line: Line) -> Iterable[str]:
    yield from _precisions(form, line)
    yield from (f"codes.meaning.{code}" for code in form.codes(line))
    yield "phrases.instant"


INSTANT = Kind(_check_instant, _instant_code, _parse_instant, _instant_words, entries=_instant_entries, needs_list=True)


# -- a duration --------------------------------------------------------------------------------------------------


def _check_duration(value: Value, place: Place) -> None:
    Duration.from_coded(value)


def _duration_code(value: Value) -> str:
    duration = Duration.from_coded(value)
    return f"{duration.number} {duration.unit.name.lower()}"


def _parse_duration(code: str, paragraphs: tuple[str, ...]) -> Value:
    number, _, unit = code.partition(" ")
    return Duration(int(number), TimeUnit[unit.upper()]).to_coded()


DURATION = Kind(
    _check_duration,
    _duration_code,
    _parse_duration,
    lambda value, place, voice: voice.duration(Duration.from_coded(value)),
    entries=lambda form, line: [f"durations.{unit.name.lower()}" for unit in TimeUnit],
)


# -- line 9: when it was signed, which number, in which language it was drafted ------------------------------------


def _check_stamp(value: Value, place: Place) -> None:
    at, serial, language = items(value, 3)
    _check_moment(at, place)
    if serial is not None and not 0 <= whole(serial) <= SERIAL_MOST:
        raise FormProblem("range", line=0, low=0, high=SERIAL_MOST)
    if not _LANGUAGE.fullmatch(text(language)):
        raise FormProblem("shape", line=0)


def _stamp_code(value: Value) -> str:
    at, serial, language = items(value, 3)
    number = "-" if serial is None else str(whole(serial))
    return f"{iso_moment(whole(at))} #{number} {text(language)}"


def _parse_stamp(code: str, paragraphs: tuple[str, ...]) -> Value:
    at, serial, language = code.split(" ")
    return [parse_iso_moment(at), None if serial == "#-" else int(serial.removeprefix("#")), language]


def _stamp_words(value: Value, place: Place, voice: Voice) -> str:
    at, serial, language = items(value, 3)
    number = voice.say("phrases.no-serial") if serial is None else voice.say("phrases.serial", number=str(serial))
    drafted = voice.say("phrases.drafted-in", language=voice.language_name(text(language)))
    return voice.say("phrases.stamp", moment=voice.moment(whole(at)), serial=number, drafted=drafted)


STAMP = Kind(
    _check_stamp,
    _stamp_code,
    _parse_stamp,
    _stamp_words,
    entries=lambda form, line: [
        *_precisions(form, line),
        *(f"phrases.{name}" for name in ("stamp", "serial", "no-serial", "drafted-in")),
    ],
)
