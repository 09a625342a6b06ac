"""The date-time group of message traffic, ``140630Z MAY 17``: the same in every language, and it can be read back.

Always Zulu (UTC); other zone letters are refused. Leaves out seconds, which a date-time group does not have.
"""

from __future__ import annotations

import re

from parley.terms.moment import as_datetime, from_parts
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import shown

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

# Two digits of a year need a century: the window is 1970 to 2069. Years outside it are written with four digits,
# so that every minute has one date-time group and comes back from it.
_FIRST, _LAST = 1970, 2069
_SHAPE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})Z ([A-Z]{3}) ([0-9]{4}|[0-9]{2})", re.ASCII | re.IGNORECASE)


def dtg(ms: int) -> str:
    """The date-time group ``140630Z MAY 17`` of the minute that holds `ms`; raises TermsProblem ``instant_range``."""
    moment = as_datetime(ms)
    year = f"{moment.year % 100:02}" if _FIRST <= moment.year <= _LAST else f"{moment.year:04}"
    return f"{moment.day:02}{moment.hour:02}{moment.minute:02}Z {MONTHS[moment.month - 1]} {year}"


def parse_dtg(text: str) -> int:
    """The first millisecond of the minute that a date-time group names; small letters pass.

    Raises TermsProblem ``bad_dtg``, also for a day that the month does not have, and for four digits where two
    suffice (one minute, one group).
    """
    match = _SHAPE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return _read(*match.groups())
    except ValueError:
        raise TermsProblem("bad_dtg", given=shown(text, 20)) from None


def _read(day: str, hour: str, minute: str, month: str, digits: str) -> int:
    year = int(digits) if len(digits) == 4 else _FIRST + (int(digits) - _FIRST) % 100
    if len(digits) == 4 and _FIRST <= year <= _LAST:
        raise ValueError
    return from_parts([year, MONTHS.index(month.upper()) + 1, int(day), int(hour), int(minute)])
