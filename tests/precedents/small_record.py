"""A record small enough to count by hand, of fictional states, with the gaps that real data sets have."""

from __future__ import annotations

from typing import Any

from parley.outside.store.precedents import PrecedentStore
from parley.outside.store.precedents_index import on_change
from parley.precedents import (
    Actor,
    Ballot,
    Basis,
    Coding,
    DataSet,
    Dated,
    Facet,
    Incident,
    Instrument,
    Kind,
    LawNamed,
    Manner,
    Named,
    PassOn,
    Report,
    Sort,
    Statement,
    Tie,
)
from parley.terms.instant import Meaning, parse_iso
from parley.terms.nothing import Nothing
from parley.terms.text import Text

NOW = 1_795_000_000_000
SET = DataSet(
    key="made-up-1", title="Made-up incidents", publisher="Parley's tests", version="1", reference="made up",
    licence="Apache-2.0", pass_on=PassOn.FREELY, dated=parse_iso("2024-01-01", Meaning.PUBLISHED),
)  # fmt: skip
OTHER = DataSet(
    key="made-up-2", title="Another", publisher="Parley's tests", version="1", reference="made up",
    licence="Apache-2.0", pass_on=PassOn.FREELY,
)  # fmt: skip
NAMES = {"XA": "Almara", "XB": "Beltova", "XC": "Caldria", "XD": "Dovaria", "XE": "Eldmark", "XF": "Fenoria"}


def state(code: str) -> Actor:
    return Actor(Sort.STATE, code, NAMES.get(code, code))


def on(text: str, meaning: Meaning) -> Dated:
    return Dated(parse_iso(text, meaning), text)


def incident(
    number: int, title: str, text: str, began: str, hit: str, codes: str = "", data_set: DataSet = SET, **more: Any
) -> Incident:
    """`codes`: ``method/ransomware sector/health``, blanks between."""
    language = more.pop("language", "en")
    codings = tuple(Coding(Facet(one.partition("/")[0]), one.partition("/")[2]) for one in codes.split())
    return Incident(
        name=f"{data_set.key}:{number}", data_set=data_set.key, place=f"row {number}",
        title=Text(language, title), description=Text(language, text) if text else Nothing.NOT_CODED,
        dates=(on(began, more.pop("meaning", Meaning.BEGAN)),) if began else (),
        receivers=tuple(state(code) for code in hit.split()), codings=codings, **more,
    )  # fmt: skip


def said(
    number: int, what: str, kind: Kind, by: str | Actor, about: str, day: str = "", names: str = "", **more: Any
) -> Statement:
    tie = more.pop("tie", Tie.STATE)
    data_set = about.partition(":")[0]
    return Statement(
        name=f"{data_set}:{number}/{what}", kind=kind, data_set=data_set, place=f"row {number}",
        holder=by if isinstance(by, Actor) else state(by), about=tuple(about.split()),
        names=tuple(Named(state(code), tie) for code in names.split()) if names else Nothing.NOT_ATTRIBUTED,
        on=on(day, Meaning.ANSWERED if kind is Kind.RESPONSE else Meaning.ATTRIBUTED) if day else Nothing.NOT_CODED,
        **more,
    )  # fmt: skip


CODERS, MAKER = SET.coders, Actor(Sort.COMPANY, "vigil", "Vigil")
ONE, TWO, THREE, FOUR, FIVE, SIX = (f"made-up-1:{number}" for number in range(1, 7))
INCIDENTS = [
    incident(
        1,
        "Grey Tide",
        "Ransomware stopped hospitals.",
        "2020-03-10",
        "XB",
        "method/ransomware sector/health layer/data severity/scale/4",
    ),
    incident(
        2,
        "Pale Wind",
        "A wiper hit the power grid.",
        "2020-06-01",
        "XB XC",
        "method/destruction sector/energy layer/logical severity/scale/6",
    ),
    incident(
        3, "Red Lamp", "Election authority defaced.", "2021", "XC", "method/defacement sector/election severity/scale/2"
    ),
    incident(
        4,
        "Slow Owl",
        "Spies read the mail of a ministry for years.",
        "2021-05-05",
        "XD",
        "method/espionage sector/government",
    ),
    incident(
        5,
        "La marée",
        "Des hôpitaux arrêtés par un rançongiciel.",
        "2022-02-02",
        "XD",
        "method/ransomware sector/health",
        language="fr",
    ),
    incident(6, "Thin Ice", "Power grid probed.", "", "XB", "sector/energy"),
    incident(
        1,
        "Grey Tide in Beltova",
        "Hospitals of Beltova held to ransom.",
        "2020-03-12",
        "XB",
        "method/ransomware",
        OTHER,
        meaning=Meaning.DISCLOSED,
    ),
]
STATEMENTS = [
    # Grey Tide: XB after 20 days, XC joins ten days later; XE denies; XB expels
    said(
        1,
        "a1",
        Kind.ATTRIBUTION,
        "XB",
        ONE,
        "2020-03-30",
        "XE",
        basis=Basis.GOVERNMENT_HIT,
        manner=Manner.POLITICAL_STATEMENT,
        words=Text("en", "We condemn the attack that Eldmark carried out."),
        verb="condemn",
        law=(LawNamed("norm/13f", "critical infrastructure"),),
    ),
    said(1, "a2", Kind.ATTRIBUTION, "XC", ONE, "2020-04-09", "XE"),
    said(1, "a3", Kind.ATTRIBUTION, MAKER, ONE, "2020-03-11", "XF", tie=Tie.ORIGIN),
    said(1, "d1", Kind.DENIAL, "XE", ONE, "2020-03-31"),
    said(1, "r1", Kind.RESPONSE, "XB", ONE, "2020-04-19", instrument=Instrument.EXPULSION),
    # Pale Wind: only the year of the attribution is known; nobody responds
    said(2, "a1", Kind.ATTRIBUTION, "XB", TWO, "2021", "XE"),
    said(2, "c1", Kind.ATTRIBUTION, CODERS, TWO, "", "XE", basis=Basis.CODERS),
    # Red Lamp: the year of the event is a placeholder; one statement concerns it and Slow Owl
    said(3, "a1", Kind.ATTRIBUTION, "XC", f"{THREE} {FOUR}", "2021-06-04", "XF", tie=Tie.AFFILIATED),
    # Slow Owl: 30 days by the statement above; a sanction without a date
    said(4, "s1", Kind.SANCTION, "XD", FOUR, "", "XF", instrument=Instrument.SANCTION, tie=Tie.LISTED),
    # La marée: contested, so nobody attributes; on 2024-01-01 it had gone on for 698 days
    said(5, "a1", Kind.ATTRIBUTION, "XD", FIVE, "2022-03-01", "XE", basis=Basis.CONTESTED),
]


def ballot(symbol: str, code: str, how: Ballot, day: str = "2018-12-05") -> Statement:
    return Statement(
        name=f"made-up-1:{symbol}/{code}", kind=Kind.VOTE, data_set=SET.key, place=symbol, holder=state(code),
        ballot=how, codings=(Coding(Facet.ROLL_CALL, symbol),), on=on(day, Meaning.ANSWERED),
    )  # fmt: skip


def filled(place: str = ":memory:") -> PrecedentStore:
    """The small record with its index."""
    store = PrecedentStore(place, [on_change])
    for data_set in (SET, OTHER):
        incidents = [one for one in INCIDENTS if one.data_set == data_set.key]
        statements = [one for one in STATEMENTS if one.data_set == data_set.key]
        store.fill(data_set, incidents, statements, Report(data_set=data_set.key), whole=True, at=NOW)
    return store
