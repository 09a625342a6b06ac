"""What the index takes from the record of one incident: its words, its codes, and the facts that statistics count.

Facts are of states and organisations of states as holders: a company's report is no attribution by its home state
(`Basis`), a coder's verdict is a coder's. Each fact counts once for an incident, however many rows a source has of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import msgspec

from parley.precedents.comparable import Traits
from parley.precedents.lag import DAY, EVENT, first, wait
from parley.precedents.record import DataSet
from parley.precedents.words import Basis, Facet, Kind, Sort
from parley.terms.instant import Instant, Meaning, Precision
from parley.terms.moment import as_datetime
from parley.terms.statement import Stance
from parley.terms.stems import kept_as

_pack = msgspec.msgpack.Encoder(order="deterministic").encode
_data_set = msgspec.msgpack.Decoder(DataSet).decode
ANSWERS = (Kind.RESPONSE, Kind.SANCTION)
SPEAKS = (Sort.STATE, Sort.ORGANISATION)
TABLES = ("ask_wait", "ask_did", "ask_pair", "ask_joint", "ask_hit", "ask_dyad")


@dataclass
class Said:
    """One statement about an incident, as far as the index needs it: actors with their sort, and the tie."""

    no: int
    kind: str
    on: Instant | None
    basis: str | None
    instrument: str | None
    stance: int
    by: list[tuple[int, str]] = field(default_factory=list)
    named: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def by_states(self) -> list[int]:
        """States and organisations that hold it."""
        return [no for no, sort in self.by if sort in SPEAKS]

    @property
    def attributes(self) -> bool:
        """Whether it names somebody as author, and is not one that its source calls contested."""
        named = self.kind == Kind.ATTRIBUTION and bool(self.named) and self.stance == Stance.HOLDS
        return named and self.basis != Basis.CONTESTED


@dataclass
class Account:
    """One incident as one source tells it, with what was said about it."""

    no: int
    name: str
    data_set: int
    title: str
    language: str
    description: str
    day: int | None
    year: int | None
    kept_until: int | None
    dates: list[Instant] = field(default_factory=list)
    hit: list[tuple[int, str]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    texts: list[tuple[str, str]] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    coded: list[tuple[str, str, float | None]] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)


def accounts(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[Account]:
    """The incidents of these numbers that are still in their source."""
    here = ",".join("?" for _ in numbers)
    do = connection.execute
    found = {row[0]: _account(row) for row in do(
        "SELECT i.no, i.name, i.data_set, i.title, i.language, i.description, i.first_ms, d.body FROM incident i"
        f" JOIN data_set d ON d.no = i.data_set WHERE i.no IN ({here}) AND i.gone IS NULL", numbers)}  # fmt: skip
    for no, meaning, ms, precision in do(
        f"SELECT incident, meaning, ms, precision FROM dated WHERE incident IN ({here})", numbers
    ):
        if no in found:
            found[no].dates.append(Instant(ms, Precision(precision), Meaning(meaning)))
    for no, actor, sort, name, code in do(
        f"SELECT r.incident, a.no, a.sort, a.name, a.code FROM receiver r JOIN actor a ON a.no = r.actor"
        f" WHERE r.incident IN ({here})", numbers,
    ):  # fmt: skip
        if no in found:
            found[no].hit.append((actor, sort))
            found[no].keys[actor] = f"{sort}:{code}"
            found[no].codes.add(f"t{actor}")
            found[no].names.add(name)
    for no, word, facet, code, number in do(
        f"SELECT c.incident, w.no, w.facet, w.code, c.number FROM coded c JOIN word w ON w.no = c.word"
        f" WHERE c.incident IN ({here})", numbers,
    ):  # fmt: skip
        if no in found:
            found[no].codes.add(f"c{word}")
            found[no].coded.append((facet, code, number))
            if facet == Facet.LAW:
                found[no].codes.add(law_token(code))
    _add_statements(connection, found, numbers)
    for one in found.values():
        one.codes.add(f"d{one.data_set}")
        began = [date for date in one.dates if date.meaning in EVENT] or one.dates
        one.year = min((as_datetime(date.ms).year for date in began), default=None)
    yield from found.values()


def _account(row: Sequence[Any]) -> Account:
    no, name, data_set, title, language, description, ms, body = row
    dated = _data_set(body).dated
    day = ms // DAY if ms is not None else None
    return Account(no, name, data_set, title, language, description or "", day, None, _kept(dated))


def _kept(dated: object) -> int | None:
    """The day to which a source was kept; of a month or year the first, the careful side."""
    return dated.ms // DAY if isinstance(dated, Instant) else None


def _add_statements(connection: sqlite3.Connection, found: dict[int, Account], numbers: Sequence[int]) -> None:
    here, do = ",".join("?" for _ in numbers), connection.execute
    tied = "about b JOIN statement s ON s.no = b.statement WHERE b.incident IN (" + here + ") AND s.gone IS NULL"
    said: dict[int, Said] = {}
    for no, kind, ms, precision, meaning, basis, instrument, stance, words, speaker, incident in do(
        "SELECT s.no, s.kind, s.ms, s.precision, s.meaning, s.basis, s.instrument, s.stance, s.words, s.speaker,"
        f" b.incident FROM {tied}", numbers,
    ):  # fmt: skip
        on = None if ms is None else Instant(ms, Precision(precision), Meaning(meaning))
        one = said.setdefault(no, Said(no, kind, on, basis, instrument, stance))
        if incident in found:
            found[incident].said.append(one)
            found[incident].texts += [(text, found[incident].language) for text in (words, speaker) if text]
    names: dict[int, str] = {}
    for no, actor, sort, name in do(
        f"SELECT s.no, a.no, a.sort, a.name FROM {tied.replace(' WHERE', ' JOIN actor a ON a.no = s.holder WHERE')}"
        f" UNION SELECT s.no, a.no, a.sort, a.name FROM "
        + tied.replace(" WHERE", " JOIN joined j ON j.statement = s.no JOIN actor a ON a.no = j.actor WHERE"),
        [*numbers, *numbers],
    ):
        said[no].by.append((actor, sort))
        names[actor] = name
    keys: dict[int, str] = {}
    for no, actor, sort, name, tie, code in do(
        "SELECT s.no, a.no, a.sort, a.name, n.tie, a.code FROM "
        + tied.replace(" WHERE", " JOIN named n ON n.statement = s.no JOIN actor a ON a.no = n.actor WHERE"),
        numbers,
    ):
        if (actor, sort, tie) not in said[no].named:
            said[no].named.append((actor, sort, tie))
        names[actor], keys[actor] = name, f"{sort}:{code}"
    law: dict[int, list[str]] = {}
    for no, code in do(
        "SELECT s.no, l.code FROM " + tied.replace(" WHERE", " JOIN law_named l ON l.statement = s.no WHERE"), numbers
    ):
        law.setdefault(no, []).append(code)
    for account in found.values():
        account.keys |= keys
        for one in account.said:
            account.codes |= set(_codes_of(one)) | {law_token(code) for code in law.get(one.no, ())}
            account.names |= {names[actor] for actor, sort in one.by if sort != Sort.CODERS}
            account.names |= {names[actor] for actor, _, _ in one.named}


def _codes_of(said: Said) -> Iterator[str]:
    yield did_token(said.kind)
    if said.instrument:
        yield did_token(said.instrument)
    if said.kind in (Kind.ATTRIBUTION, Kind.CLAIM):
        yield from (f"w{actor}" for actor, _, _ in said.named)
    if said.attributes:
        yield from (f"b{actor}" for actor, _ in said.by)


def did_token(what: str) -> str:
    """The word under which a kind of statement or an instrument is looked up."""
    return "k" + what.replace("-", "")


def law_token(code: str) -> str:
    """The word under which a rule or norm is looked up."""
    return "l" + "".join(letter for letter in code.lower() if letter.isalnum())


def facts_of(found: Iterable[Account]) -> dict[str, list[tuple[Any, ...]]]:
    """Rows for each table of facts."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
    for one in found:
        head = (one.no, one.data_set)
        rows["ask_wait"] += [(*head, what, *waited) for what, waited in _waits(one)]
        rows["ask_did"] += [(*head, what) for what in sorted(_did(one))]
        rows["ask_pair"] += [(*head, *pair) for pair in sorted(_pairs(one))]
        rows["ask_joint"] += [(*head, *joint) for joint in _joints(one)]
        rows["ask_hit"] += [(*head, actor) for actor in sorted({no for no, sort in one.hit if sort == Sort.STATE})]
        rows["ask_dyad"] += [(*head, *dyad, one.year) for dyad in sorted(_dyads(one))]
    return rows


def _waits(one: Account) -> Iterator[tuple[str, tuple[int, int | None]]]:
    began = first(date for date in one.dates if date.meaning in EVENT)
    answers = {
        "attribution": [s.on for s in one.said if s.attributes and s.by_states],
        "response": [s.on for s in one.said if s.kind in ANSWERS and s.by_states],
    }
    for what, dates in answers.items():
        found = wait(began, first(dates), one.kept_until)
        yield what, (int(found.outcome), found.days)


def _did(one: Account) -> set[str]:
    """What states and organisations did about it: kinds of statement, and instruments of their responses."""
    by_states = [said for said in one.said if said.by_states and said.stance == Stance.HOLDS]
    done = {said.kind for said in by_states if said.attributes or said.kind != Kind.ATTRIBUTION}
    return done | {f"{said.kind}/{said.instrument}" for said in by_states if said.instrument}


def _pairs(one: Account) -> set[tuple[int, int, str]]:
    return {
        (by, named, tie)
        for said in one.said if said.attributes
        for by in said.by_states
        for named, sort, tie in said.named if sort == Sort.STATE
    }  # fmt: skip


def _joints(one: Account) -> Iterator[tuple[int, int, int | None]]:
    """Each two states that attributed it: who was first, and how many days before the other; None: not known by day."""
    dates: dict[int, list[Instant | None]] = {}
    for said in one.said:
        for by, sort in said.by:
            if said.attributes and sort == Sort.STATE:
                dates.setdefault(by, []).append(said.on)
    spoke = {by: first(given) for by, given in dates.items()}
    for a, b in combinations(sorted(spoke), 2):
        one_day, other_day = spoke[a].day, spoke[b].day
        if one_day is None or other_day is None:
            yield a, b, None
        elif one_day <= other_day:
            yield a, b, other_day - one_day
        else:
            yield b, a, one_day - other_day


def _dyads(one: Account) -> set[tuple[int, int]]:
    """Each state that anybody but its own claimants names as author, with each state that was hit."""
    named = {actor for said in one.said if said.attributes for actor, sort, _ in said.named if sort == Sort.STATE}
    hit = {actor for actor, sort in one.hit if sort == Sort.STATE}
    return {(author, receiver) for author in named for receiver in hit}


def traits_of(one: Account) -> bytes:
    """What is compared of an incident, packed; named is whoever anybody attributes it to, contested ones left out."""
    under: dict[str, set[str]] = {}
    for facet, code, _ in one.coded:
        under.setdefault(facet, set()).add(code)
    coded = {str(facet): frozenset(under.get(facet, ())) for facet in (Facet.METHOD, Facet.SECTOR, Facet.LAYER)}
    named = {one.keys[actor] for said in one.said if said.attributes for actor, _, _ in said.named}
    words = kept_as(f"{one.title} {one.description}", one.language).split()
    return _pack(
        Traits(
            name=one.name,
            hit=frozenset(one.keys[actor] for actor, sort in one.hit if sort in SPEAKS),
            named=frozenset(named),
            region=frozenset(under.get(Facet.REGION, ())),
            issue=frozenset(under.get(Facet.ISSUE, ())),
            initiator=frozenset(under.get(Facet.INITIATOR_CATEGORY, ())),
            severity={code.rpartition("/")[0]: number for facet, code, number in one.coded
                      if facet == Facet.SEVERITY and number is not None},
            year=one.year,
            words=frozenset(word for word in words if len(word) > 2),
            **coded,
        )
    )  # fmt: skip
