"""A language speaking: entries filled in, with dates, numbers and plurals by CLDR, and isolates where writing turns.

In a language written from right to left every inserted value and every run of Latin letters or digits stands between
FSI and PDI (Unicode UAX 9, 2.4.2), so that a code or an address cannot reorder the words around it. Leaves out pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Context, Decimal, localcontext
from functools import cached_property

from babel import Locale
from babel.dates import format_date, format_skeleton, format_timedelta, get_timezone_location
from babel.numbers import format_decimal, format_percent, get_currency_name

from parley.forms.catalogue import Catalogue, Review
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.terms.instant import Instant, Precision, dtg
from parley.terms.moment import as_datetime
from parley.terms.quantity import UNITS, Duration, Quantity
from parley.terms.states import state, state_name

FSI, PDI, RLM = "\u2068", "\u2069", "\u200f"
"""First strong isolate, pop directional isolate, right-to-left mark."""

_EXACT = Context(prec=60)
"""Digits enough for every quantity: 64 bits times 10^18 has 37, and the default of 28 would round or fail."""
_ISOLATES = str.maketrans("", "", FSI + PDI)
# A placeholder stays as it is; what comes between Latin letters or digits stays with them, and so do the signs with
# which an option of a command (--as), an offset (+2h), a code (O-), a path (/openapi.json), an address in brackets or
# a setting in quotation marks (api = "…") begins or ends.
_LATIN = re.compile(
    r"\{[a-z_]+\}|(?:--?|\+|\[|(?<![^\s(])/)?[A-Za-z0-9]+(?:[ :./+–'\[\]_=\"-]*[A-Za-z0-9]+)*(?:\]'?|\"|-(?=\s))?"
)


def without_isolates(text: str) -> str:
    """`text` without FSI and PDI."""
    return text.translate(_ISOLATES)


class Voice:
    """One language at work. Made once for a catalogue and kept: it remembers what it worked out."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.code = catalogue.code
        self.locale = Locale.parse(catalogue.about.locale)
        self.right_to_left = self.locale.text_direction == "rtl"
        self.separator = f"{catalogue.about.separator}"
        self._texts: dict[str, str] = {}
        self._backwards: dict[Hashable, dict[str, Value]] = {}

    # -- entries -------------------------------------------------------------------------------------------------

    def say(self, path: str, /, **values: str) -> str:
        """The entry at `path` with its placeholders filled, each value isolated where the language needs it.

        Raises FormProblem ``no_entry``; KeyError if a value that the entry names is not given.
        """
        text = self._texts.get(path)
        if text is None:
            text = self._texts[path] = self._prepared(self.catalogue.entry(path))
        if "{" not in text:
            return text
        return text.format_map({name: self.isolate(value) for name, value in values.items()})

    def has(self, path: str) -> bool:
        """Whether the language has an entry."""
        return path in self.catalogue.entries

    def plural(self, path: str, number: int | Decimal, /, **values: str) -> str:
        """The entry for this number by the language's plural rules, e.g. ``units.site.few``, with {n} filled."""
        return self.isolate(self.say(f"{path}.{self.category(number)}", n=self.number(number), **values))

    def category(self, number: int | Decimal) -> str:
        """The plural category of a number: zero, one, two, few, many or other."""
        return str(self.locale.plural_form(Decimal(number).copy_abs()))

    def isolate(self, text: str) -> str:
        """`text` between FSI and PDI in a language written from right to left, else as it is."""
        return f"{FSI}{text}{PDI}" if self.right_to_left and text else text

    def isolate_foreign(self, text: str, language: str) -> str:
        """Own words between FSI and PDI if their language may run the other way than this one."""
        other = _runs_right_to_left(language)
        return f"{FSI}{text}{PDI}" if text and (self.right_to_left or other) else text

    def _prepared(self, text: str) -> str:
        if not self.right_to_left:
            return text
        return _LATIN.sub(lambda run: run[0] if run[0].startswith("{") else f"{FSI}{run[0]}{PDI}", text)

    def backwards(self, key: Hashable, pairs: Callable[[], Iterable[tuple[str, Value]]]) -> Mapping[str, Value]:
        """The table from words to values that `pairs` gives, remembered under `key`.

        Raises FormProblem ``same_words`` if two values have the same words: they could not be told apart.
        """
        table = self._backwards.get(key)
        if table is None:
            table = self._backwards[key] = {}
            for words, value in pairs():
                plain = without_isolates(words)
                if plain in table:
                    raise FormProblem("same_words", language=self.code, one=str(table[plain]), other=str(value))
                table[plain] = value
        return table

    # -- names ---------------------------------------------------------------------------------------------------

    def state(self, code: str) -> str:
        """The name of a state: the catalogue's own if it has one, else UN terminology, English as a last resort."""
        names = self.catalogue.states or None
        if self.code in state(code).names:
            return state_name(code, self.code, names)
        return state_name(code, "en", names)

    def party(self, code: str) -> str:
        """The name of a state, or the code of an organisation as it is."""
        return code if code.startswith("O-") else self.state(code)

    def language_name(self, tag: str) -> str:
        """The name of a language by CLDR; its tag if CLDR has none."""
        found = self.locale.languages.get(tag.replace("-", "_")) or self.locale.languages.get(tag.split("-")[0])
        return str(found) if found else tag

    # -- numbers -------------------------------------------------------------------------------------------------

    def number(self, number: int | Decimal) -> str:
        """A whole or decimal number as the language groups it, in digits 0 to 9 (they are read out by telephone)."""
        return format_decimal(number, locale=self.locale, decimal_quantization=False, numbering_system="latn")

    def permille(self, number: int) -> str:
        """A number of thousandths as per cent."""
        pattern = self.locale.percent_formats[None].pattern.replace("0", "0.#", 1)
        return format_percent(Decimal(number) / 1000, pattern, locale=self.locale, numbering_system="latn")

    def quantity(self, quantity: Quantity) -> str:
        """A number with its unit; money with the name of the currency."""
        with localcontext(_EXACT):
            return self._amount(quantity)

    def _amount(self, quantity: Quantity) -> str:
        number = Decimal(quantity.value).scaleb(quantity.exponent)
        number = number.to_integral_value() if number == number.to_integral_value() else number
        if quantity.unit in UNITS:
            return self.plural(f"units.{quantity.unit}", number)
        return self.isolate(f"{self.number(number)} {get_currency_name(quantity.unit, number, locale=self.locale)}")

    def duration(self, duration: Duration) -> str:
        """A number of units of time."""
        return self.plural(f"durations.{duration.unit.name.lower()}", duration.number)

    # -- times ---------------------------------------------------------------------------------------------------

    def day(self, ms: int) -> str:
        """The UTC date of a moment, long form."""
        return self._date(as_datetime(ms), Precision.DAY)

    def moment(self, ms: int) -> str:
        """Date, time of day and UTC, with the date-time group; seconds only if there are any."""
        return self.say("precision.minute", date=self.day(ms), time=clock(as_datetime(ms)), dtg=dtg(ms))

    def instant(self, instant: Instant) -> str:
        """A date as fine as it is known."""
        moment = as_datetime(instant.ms)
        date = self._date(moment, instant.precision)
        path = f"precision.{instant.precision.name.lower()}"
        return self.say(path, date=date, time=clock(moment), dtg=dtg(instant.ms))

    def local(self, ms: int, zone: tzinfo) -> str:
        """The same moment in a time zone, with the day of the week: an aid for the reader, never a code."""
        there = as_datetime(ms).astimezone(zone)
        date = str(format_date(there.date(), "full", self.locale))
        return self.say("precision.local", date=date, time=clock(there), zone=self._zone(there, zone))

    def weekday(self, day: date, *, dated: bool = False) -> str:
        """The day of the week, short, with day and month if `dated`; by CLDR."""
        if not dated:
            return str(format_date(day, "EEE", self.locale))
        return str(format_skeleton("MMMEd", datetime(day.year, day.month, day.day), locale=self.locale))

    def wait(self, length: timedelta) -> str:
        """How long until then, in the largest unit of time that fits: ``in 3 hours``; by CLDR."""
        return str(format_timedelta(length, add_direction=True, locale=self.locale))

    def _zone(self, there: datetime, zone: tzinfo) -> str:
        name = getattr(zone, "key", None)
        # The city alone: CLDR frames it in a phrase that is wrong in Russian outside summer, and names a state besides.
        city = get_timezone_location(name, self.locale, return_city=True) if name and "/" in name else ""
        return str(city) or there.strftime("%Z")

    def _date(self, moment: datetime, precision: Precision) -> str:
        if precision is Precision.YEAR:
            return str(format_skeleton("y", moment, locale=self.locale))
        if precision is Precision.MONTH:
            return str(format_skeleton("yMMMM", moment, locale=self.locale))
        return str(format_date(moment.date(), "long", self.locale))

    # -- what must be there --------------------------------------------------------------------------------------

    @cached_property
    def review(self) -> Review:
        """The least review that any entry of the language had."""
        return self.catalogue.review

    @cached_property
    def plural_categories(self) -> frozenset[str]:
        """The plural categories that the language tells apart."""
        return frozenset(self.locale.plural_form.tags) | {"other"}


def clock(moment: datetime) -> str:
    """``07:44``, with seconds and thousandths only if they are not zero."""
    if moment.microsecond:
        return moment.strftime("%H:%M:%S.") + f"{moment.microsecond // 1000:03}"
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def _runs_right_to_left(tag: str) -> bool:
    try:
        return bool(Locale.parse(tag.split("-")[0]).text_direction == "rtl")
    except Exception:  # Babel names several errors; a language that CLDR does not know may run either way
        return True
