"""Who holds what to be so, since when, how likely, how sure, on what basis, from which source.

The atom of the record. Statements contradict each other and stay side by side; their holder may withdraw or replace
them, and even then the earlier one stays readable. There is no field for the truth. Leaves out which kinds of
statement there are (attribution, denial, effect …): the rooms that use them keep those lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import TypeAlias

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading, whole, word, word_or_none
from parley.terms.confidence import Confidence, text_or_nothing
from parley.terms.instant import Instant
from parley.terms.likelihood import Likelihood
from parley.terms.moment import EARLIEST, LATEST
from parley.terms.nothing import Nothing
from parley.terms.party import party
from parley.terms.quantity import Duration, Quantity
from parley.terms.source import Source, instant_or_nothing
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import Text, shown


class Stance(IntEnum):
    """What its holder does with a statement. The codes are on the wire and never change."""

    HOLDS = 1
    WITHDRAWS = 2  # no longer held; nothing is put in its place


class Choice(msgspec.Struct, frozen=True, order=True):
    """One word of a list, for example a state, an effect or a norm: ``list`` names the list, ``code`` the word."""

    list: str
    code: str


Content: TypeAlias = Text | Choice | Quantity | Duration | Instant | Nothing
"""What is held to be so."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,95}", re.ASCII)


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement.

    Args:
        name: unique among all statements kept together; the keeper chooses it.
        holder: the party whose statement it is, which need not be the one that recorded it.
        kind: what sort of statement, a word of the room that uses it, for example ``attribution``.
        about: what it is about: the name of a case, an incident, another statement.
        content: what is held to be so, or which kind of nothing.
        since: when it has been so for the holder, or which kind of nothing.
        likelihood, confidence, basis: how likely, how sure, on what basis; each may be a kind of nothing.
        source: where it is known from.
        recorded_at: when it was written down, milliseconds since the epoch, UTC.
        stance: HOLDS or WITHDRAWS.
        replaces: the name of the holder's earlier statement that this one withdraws or takes the place of.

    Raises TermsProblem ``statement_field``, ``instant_range``; PartyProblem.
    """

    name: str
    holder: str
    kind: str
    about: str
    content: Content
    source: Source
    recorded_at: int
    since: Instant | Nothing = Nothing.NOT_CODED
    likelihood: Likelihood | Nothing = Nothing.NOT_CODED
    confidence: Confidence | Nothing = Nothing.NOT_CODED
    basis: Text | Nothing = Nothing.NOT_CODED
    stance: Stance = Stance.HOLDS
    replaces: str | None = None

    def __post_init__(self) -> None:
        party(self.holder)
        names = {"name": self.name, "kind": self.kind, "about": self.about, "replaces": self.replaces}
        if isinstance(self.content, Choice):
            names |= {"content list": self.content.list, "content code": self.content.code}
        for field, given in names.items():
            if given is not None and not _NAME.fullmatch(given):
                raise TermsProblem("statement_field", field=field, given=shown(given))
        if self.replaces == self.name or (self.stance is Stance.WITHDRAWS and self.replaces is None):
            raise TermsProblem("statement_field", field="replaces", given=shown(self.replaces or ""))
        if not EARLIEST <= self.recorded_at <= LATEST:
            raise TermsProblem("statement_field", field="recorded_at", given="out of range")

    def to_coded(self) -> list[Coded]:
        """A list in the order of the arguments above, what is signed; the content as ``[its sort, its value]``."""
        return [
            self.name,
            self.holder,
            self.kind,
            self.about,
            _content_coded(self.content),
            _coded(self.since),
            _coded(self.likelihood),
            _coded(self.confidence),
            _coded(self.basis),
            self.source.to_coded(),
            self.recorded_at,
            int(self.stance),
            self.replaces,
        ]

    @classmethod
    def from_coded(cls, value: object) -> Statement:
        """Read what `to_coded` writes; raises TermsProblem."""
        with reading("statement"):
            items = listed(value, "statement", 13)
            return cls(
                name=word(items[0], "statement", 96),
                holder=word(items[1], "statement", 16),
                kind=word(items[2], "statement", 96),
                about=word(items[3], "statement", 96),
                content=_content(items[4]),
                since=instant_or_nothing(items[5], "statement"),
                likelihood=Likelihood.from_coded(items[6]) if isinstance(items[6], list) else _nothing(items[6]),
                confidence=Confidence.from_coded(items[7]) if isinstance(items[7], list) else _nothing(items[7]),
                basis=text_or_nothing(items[8], "statement"),
                source=Source.from_coded(items[9]),
                recorded_at=whole(items[10], "statement", EARLIEST, LATEST),
                stance=coded_as(Stance, items[11], "stance of a statement"),
                replaces=word_or_none(items[12], "statement", 96),
            )


class Fate(IntEnum):
    """What has become of a statement; it stays readable in every case."""

    HELD = 1
    REPLACED = 2
    WITHDRAWN = 3


def fates(statements: Iterable[Statement]) -> dict[str, Fate]:
    """What has become of each of the statements kept together, by name; a withdrawal itself stands as WITHDRAWN.

    Order does not matter and one given twice counts once. A chain keeps its links: what replaced and was itself
    withdrawn does not bring its predecessor back, because its holder did not say so.

    Raises TermsProblem ``two_statements`` (one name, different content), ``unknown_statement`` (replaces one that is
    not here) and ``not_its_holder`` (only its holder withdraws or replaces a statement).
    """
    by_name: dict[str, Statement] = {}
    for statement in statements:
        if by_name.setdefault(statement.name, statement) != statement:
            raise TermsProblem("two_statements", given=statement.name[:40])
    result = {name: Fate.WITHDRAWN if one.stance is Stance.WITHDRAWS else Fate.HELD for name, one in by_name.items()}
    for later in by_name.values():
        if later.replaces is not None:
            _check_replacing(later, by_name.get(later.replaces))
            ended = Fate.WITHDRAWN if later.stance is Stance.WITHDRAWS else Fate.REPLACED
            result[later.replaces] = max(result[later.replaces], ended)
    return result


def _check_replacing(later: Statement, earlier: Statement | None) -> None:
    if earlier is None:
        raise TermsProblem("unknown_statement", given=(later.replaces or "")[:40])
    if earlier.holder != later.holder:
        raise TermsProblem("not_its_holder", by=later.holder, holder=earlier.holder)


_SORTS: dict[int, type[Text] | type[Quantity] | type[Duration] | type[Instant]] = {
    1: Text,
    3: Quantity,
    4: Duration,
    5: Instant,
}


def _content_coded(content: Content) -> list[Coded]:
    if isinstance(content, Choice):
        return [2, [content.list, content.code]]
    if isinstance(content, Nothing):
        return [0, int(content)]
    sort = next(number for number, kind in _SORTS.items() if isinstance(content, kind))
    return [sort, content.to_coded()]


def _content(value: object) -> Content:
    sort, inner = listed(value, "statement", 2)
    number = whole(sort, "statement", 0, 5)
    if number == 0:
        return _nothing(inner)
    if number == 2:
        name, code = listed(inner, "statement", 2)
        return Choice(word(name, "statement", 96), word(code, "statement", 96))
    return _SORTS[number].from_coded(inner)


def _coded(value: Text | Instant | Likelihood | Confidence | Nothing) -> Coded:
    return int(value) if isinstance(value, Nothing) else value.to_coded()


def _nothing(value: object) -> Nothing:
    return coded_as(Nothing, value, "statement")
