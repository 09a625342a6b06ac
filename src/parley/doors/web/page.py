"""Pages: templates filled with words of a language. Everything that is put in is escaped; nothing is marked as safe.

A page says which way its language runs and how every foreign text in it does, so that no text reorders what stands
around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jinja2

from parley.clearance import RIGHTS, Right
from parley.desk import access
from parley.desk.sign_in.sessions import token_of
from parley.doors.web import static, tour, words
from parley.doors.web.answers import Answer, Cookie
from parley.doors.web.asked import SESSION, Asked
from parley.doors.web.hours import Clock, Hours
from parley.forms import explain, explain_fault, load, whose
from parley.forms.problems import LineFault
from parley.forms.voice import FSI, PDI, Voice
from parley.terms.instant import Instant, dtg
from parley.terms.languages import SIX
from parley.terms.moment import as_datetime
from parley.terms.problem import Problem
from parley.terms.quantity import Duration, TimeUnit
from parley.terms.states import all_states

if TYPE_CHECKING:
    from parley.doors.web.desk import WebDesk


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Every text is escaped whatever its file is called; a name that a template misspells is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("parley.doors.web"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters["pieces"] = pieces
    return made


_CODE = re.compile(f"({FSI}\\[[^{FSI}{PDI}]+\\]{PDI})")


def pieces(text: str) -> list[str]:
    """A line of a note in turns: words, code, words, …; codes stand apart only where writing turns.

    There a code stays in one piece: a date that is broken at its hyphen reads from right to left as another one.
    """
    return _CODE.split(text)


MENU = (
    ("today", "/today", Right.STATUS),
    ("line", "/line", Right.READ),
    ("drafts", "/drafts", Right.DRAFT),
    ("clear", "/clear", Right.CLEAR),
    ("directory", "/directory", Right.STATUS),
    ("drills", "/drills", Right.STATUS),
    ("journal", "/journal", Right.JOURNAL),
    ("precedents", "/precedents", Right.STATUS),
    ("officers", "/officers", Right.STATUS),
    ("settings", "/settings", Right.STATUS),
)


def page(
    desk: WebDesk, asked: Asked, template: str, *, status: int = 200, cookies: tuple[Cookie, ...] = (),
    scripts: tuple[str, ...] | None = None, **values: Any,
) -> Answer:  # fmt: skip
    """A whole page."""
    text = environment().get_template(template).render(frame(desk, asked), **values)
    return Answer(status, text.encode("utf-8"), cookies=cookies, scripts=scripts)


def frame(desk: WebDesk, asked: Asked) -> dict[str, Any]:
    """What every page knows: its language, who is signed in, the menu, the token of its forms."""
    voice = words.voice(asked.language)
    officer = asked.signed.officer if asked.signed else ""
    return {
        "t": voice.say,
        "voice": load().voice(asked.language),
        "say": Say(asked.language, voice, Hours(desk.node, asked.language)),
        "language": asked.language,
        "direction": "rtl" if voice.right_to_left else "ltr",
        "languages": SIX.values(),
        "reviewed": words.review(asked.language),
        "party": desk.node.party,
        "locked": desk.node.vault is None,
        "officer": officer,
        "menu": [one for one in MENU if officer and access.may(desk.node, officer, one[2])],
        "token": token_of(asked.cookies[SESSION]) if officer else "",
        "here": asked.place,
        "section": asked.place.split("/")[1].partition("?")[0],
        "static": static.address,
        "tour": tour.shown(desk, asked),
        "may": lambda right: bool(officer) and access.may(desk.node, officer, Right(right)),
    }


_UNITS = ((TimeUnit.DAY, 172_800), (TimeUnit.HOUR, 7_200), (TimeUnit.MINUTE, 60), (TimeUnit.SECOND, 1))
"""Each from how many seconds on; two days and two hours, so that 90 minutes are not called one hour."""
_SIZES = {TimeUnit.DAY: 86_400, TimeUnit.HOUR: 3_600, TimeUnit.MINUTE: 60, TimeUnit.SECOND: 1}


@lru_cache(maxsize=4096)
def _number(language: str, count: int | Decimal) -> str:
    return load().voice(language).number(count)


@lru_cache(maxsize=1024)
def _title(language: str, number: int) -> str:
    try:
        form = load().form(number)
    except Problem:
        return str(number)
    return load().voice(language).say(f"forms.{form.name}.title")


class Say:
    """What a template says that is more than a word: moments, parties, problems."""

    def __init__(self, language: str, voice: Voice, hours: Hours) -> None:
        self._language, self._voice, self._hours = language, voice, hours
        self._forms = load().voice(language)

    def moment(self, ms: int) -> str:
        """Day and time in UTC, by CLDR."""
        return self._forms.moment(ms)

    def clock(self, ms: int) -> str:
        """``23:11 UTC``, or with its day if that is another than today's: short enough for a list."""
        return f"{as_datetime(ms):%Y-%m-%d %H:%M}"

    def beside(self, ms: int, party: str) -> list[Clock]:
        """The same instant on our clock and on that of a party or an office."""
        return self._hours.beside(ms, party)

    def day_name(self, number: int) -> str:
        """A day of the week by its ISO number, Monday 1."""
        return self._forms.weekday(date(2024, 1, number))  # the first of January 2024 was a Monday

    def machine(self, ms: int) -> str:
        """As the attribute of ``<time>`` wants it."""
        return f"{as_datetime(ms):%Y-%m-%dT%H:%M:%SZ}"

    def lasting(self, ms: int) -> str:
        """How long something took or lasts, in its largest unit: ``40 seconds``, ``12 minutes``, ``3 hours``."""
        seconds = max(0, ms) // 1000
        unit = next(unit for unit, least in _UNITS if seconds >= least or unit is TimeUnit.SECOND)
        return self._forms.duration(Duration(min(seconds // _SIZES[unit], 1_000_000), unit))

    def group(self, ms: int) -> str:
        """The date-time group."""
        return dtg(ms)

    def party(self, code: str) -> str:
        """A party's name in the language."""
        return self._forms.party(code)

    def instant(self, instant: Instant) -> str:
        """A date as precise as it is known."""
        return self._forms.instant(instant)

    def actor(self, key: str, name: str = "") -> str:
        """Who acts or is hit, by its key: a state under its name in the language, all else as its source spells it."""
        sort, _, code = key.partition(":")
        return self.state(code) if sort == "state" else name or code or key

    def state(self, code: Any) -> Any:
        """A state's name with its code; what is no code of a state as it is."""
        known = isinstance(code, str) and code in all_states()
        return f"{self.party(code)} ({self._forms.isolate(code)})" if known else code

    def form(self, number: int) -> str:
        """A form's title; its number alone if it is not known here."""
        return _title(self._language, number)

    def word(self, path: str) -> str:
        """A word of the catalogue of forms."""
        return self._forms.say(path)

    def code(self, path: str) -> str:
        """A word of the pages for a code of the program; the code itself if there is none."""
        return self._voice.say(path) if self._voice.has(path) else path.rpartition(".")[2].replace("-", " ")

    def right(self, right: Right) -> str:
        """The roles that have a right."""
        return ", ".join(self._voice.say(f"role.{role.value}") for role in sorted(RIGHTS[right]))

    def number(self, count: int | float) -> str:
        """By CLDR."""
        return _number(self._language, count if isinstance(count, int) else Decimal(str(count)).normalize())

    def octets(self, count: int) -> str:
        """So many bytes, in words of the language."""
        return self._forms.plural("units.byte", Decimal(count))

    def problem(self, problem: Problem) -> Mapping[str, str]:
        """What is wrong, whose fault, what to do."""
        said = explain(problem, self._language)
        return {"what": said.what, "do": said.do, "whose": whose(problem.fault, self._language), "key": problem.key}

    def fault(self, fault: LineFault) -> Mapping[str, str]:
        """A faulty line."""
        said = explain_fault(fault, self._language)
        return {"what": said.what, "do": said.do}
