"""Sheets that the tests share: the story of the hospitals, and a filled sheet of every form."""

from __future__ import annotations

from datetime import UTC, datetime

from parley.forms import Header, Sheet, Value
from parley.terms.confidence import Confidence, Level
from parley.terms.instant import Instant, Meaning, Precision
from parley.terms.likelihood import Likelihood, Scale
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address
from parley.terms.quantity import Duration, Quantity, TimeUnit
from parley.terms.text import Text

A = Address("XA", "duty")
B = Address("XB", "duty")


def ms(text: str) -> int:
    """``2017-05-12T07:44`` in UTC as milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


SIGNED = ms("2026-11-23T18:11")


def header(**changes: object) -> Header:
    """The header of the story, with what a test wants different."""
    given: dict[str, object] = {
        "exercise": True,
        "sender": A,
        "recipients": (B,),
        "serial": 4711,
        "precedence": 3,
        "answer_by": SIGNED + 2 * 3_600_000,
        "accusation": False,
        "marking": Marking(Tlp.AMBER, None, "XA", ("XA", "XB")),
        "refers_to": (),
        "written_in": "ar",
        "signed_at": SIGNED,
    }
    return Header(**{**given, **changes})  # type: ignore[arg-type]


def instant(text: str, precision: Precision, meaning: Meaning) -> Value:
    """A coded instant."""
    return Instant(ms(text), precision, meaning).to_coded()


def hospitals(**changes: object) -> Sheet:
    """Form 11: a worm shuts hospitals in Almara; the traffic comes from addresses in Beltova; not an accusation."""
    basis = Text("ar", "سجلات حركة البيانات عند حدود شبكتنا، من ثلاثة مشغّلين.")
    lines: dict[int, Value] = {
        10: "stop-traffic",
        11: "XB",
        12: "from-territory",
        13: Likelihood.of(Scale.ICD_203, 6).to_coded(),
        14: Confidence(Level.MODERATE, basis).to_coded(),
        15: ["XA"],
        16: ["health", "emergency-services"],
        17: ["physical.lives-at-risk", "logical.systems-down", "data.encrypted", "social.service-interrupted"],
        18: [
            instant("2026-11-23T13:44", Precision.MINUTE, Meaning.BEGAN),
            instant("2026-11-23T15:00", Precision.HOUR, Meaning.DISCOVERED),
        ],
        19: "going-on",
        20: [["ipv4", "203.0.113.0/24"], ["ipv6", "2001:db8:4711::/48"], ["as", "64496"], ["port", "tcp/445"]],
        21: [["sites-out-of-service", Quantity(61, 0, "site").to_coded()]],
        22: Duration(3, TimeUnit.DAY).to_coded(),
        23: ["13c", "13h"],
        24: ["filtered-at-border", "isolated"],
        25: ["records", "experts-to-speak-to"],
        28: "+99855501234",
        29: ["ar", "نقدّر سرعة تعاونكم.\nضابط المناوبة متاح بالهاتف طوال الليل."],
    }
    return Sheet(11, 1, header(**changes), lines)
