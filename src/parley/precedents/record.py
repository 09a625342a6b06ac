"""The public record: incidents, and what was said and done about them, each with its source.

An incident here is one source's account of one; accounts of the same incident by several sources stay side by side
and are joined by a person (`matching`). A statement may concern several incidents and an incident has many statements.
What is imported is held by somebody too: the coders of a data set are the holders of what they coded. There is no field
for the truth. `terms.Statement` has a party as holder and one thing it is about; the public record has newspapers,
companies and intruders as holders and many-to-many relations, which is why it keeps a type of its own.

Leaves out how records are read from files (`outside/sources`) and kept (`outside/store`).
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

from parley.precedents.problems import PrecedentProblem
from parley.precedents.words import Ballot, Basis, Facet, Instrument, Kind, Manner, PassOn, Sort, Tie
from parley.terms.confidence import Confidence
from parley.terms.instant import Instant
from parley.terms.likelihood import Likelihood
from parley.terms.nothing import Nothing
from parley.terms.party import PARTY
from parley.terms.source import Checked, Source, SourceKind
from parley.terms.statement import Stance
from parley.terms.states import all_states
from parley.terms.text import Text, check_line, shown

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,119}", re.ASCII)
"""Of an incident or statement: data set, colon, the source's own number or a digest, ``eurepoc-1.1:1032``."""
_KEY = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}", re.ASCII)
_SLUG = re.compile(r"[^\s:](?:[^:\n]{0,198}[^\s:])?")
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Actor(msgspec.Struct, frozen=True, order=True):
    """Somebody who acts, holds, is hit or is named; raises PrecedentProblem ``bad_actor``.

    `code` is ISO 3166-1 alpha-2 for a state, ``O-NAME`` for an organisation, ``R-NAME`` for a region; for all others
    the name in small letters, which identifies nobody beyond that spelling. `name` is as the source spells it.
    """

    sort: Sort
    code: str
    name: str

    def __post_init__(self) -> None:
        wrong = (
            (self.sort is Sort.STATE and self.code not in all_states())
            or (self.sort is Sort.ORGANISATION and not (self.code[:2] == "O-" and PARTY.fullmatch(self.code)))
            or (self.sort is Sort.REGION and not self.code.startswith("R-"))
            or not _SLUG.fullmatch(self.code)
            or not self.name.strip()
        )
        if wrong:
            raise PrecedentProblem("bad_actor", given=shown(f"{self.sort.name} {self.code} {self.name}", 120))

    @property
    def key(self) -> str:
        """Sort and code, ``state:UA``: equal for the same actor whatever the spelling of its name."""
        return f"{self.sort}:{self.code}"


class Dated(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """An instant with its precision and meaning, and the cell it was read from.

    ``2017-01-01`` in a data set that has no precision column is the year 2017: no day is made of it.
    """

    instant: Instant
    given: str = ""


class Named(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """An actor whom a statement names, and how it ties it to the act."""

    actor: Actor
    tie: Tie = Tie.UNSAID


class Coding(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """What a data set coded: our word in `code`, theirs in `given`; `number` where it is one (severity, weight).

    A SEVERITY code names its scale, ``eurepoc-weighted/4``; numbers of two scales are never compared.
    """

    facet: Facet
    code: str
    given: str = ""
    number: float | None = None


class DataSet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A data set, its licence and its date: what every record of it carries along.

    Args:
        key: small letters and digits, with the version, ``eurepoc-1.1``.
        publisher: who made it; holder of what its coders hold.
        version: as the publisher numbers it.
        reference: what finds it: an address, a DOI, a document symbol.
        licence: in words; `pass_on` is what follows from it for exports.
        notice: the credit or notice that must travel along.
        dated: the day (or month, year) of the release, or which kind of nothing.

    Raises PrecedentProblem ``bad_field``.
    """

    key: str
    title: str
    publisher: str
    version: str
    reference: str
    licence: str
    pass_on: PassOn
    notice: str = ""
    dated: Instant | Nothing = Nothing.NOT_CODED

    def __post_init__(self) -> None:
        _match("key", self.key, _KEY)
        for field in ("title", "publisher", "reference", "licence"):
            if not getattr(self, field).strip():
                raise PrecedentProblem("bad_field", field=field, given="")

    @property
    def coders(self) -> Actor:
        """Those who made it, as holder of what they coded."""
        return Actor(Sort.CODERS, self.key, self.publisher)


class Incident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One source's account of one incident; everything in it is what that source holds.

    Args:
        name: unique, ``eurepoc-1.1:1032``; the same at each import of the same row.
        data_set: key of the data set.
        place: where in it: row, sheet, identifier.
        dates: each with precision and meaning; empty if none was given.
        receivers: states, regions, organisations, bodies hit.
        codings: what the source coded under the headings of `Facet`.
        links: addresses that the source cites.
        source: its own document, for records entered one by one; None: the data set itself (`cite`).

    Raises PrecedentProblem ``bad_field``.
    """

    name: str
    data_set: str
    place: str
    title: Text
    description: Text | Nothing = Nothing.NOT_CODED
    dates: tuple[Dated, ...] = ()
    receivers: tuple[Actor, ...] = ()
    codings: tuple[Coding, ...] = ()
    links: tuple[str, ...] = ()
    source: Source | None = None

    def __post_init__(self) -> None:
        _match("name", self.name, NAME)
        _match("data_set", self.data_set, _KEY)


class LawNamed(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """A norm or rule that a statement names: our code (``norm/13f``, ``law/sovereignty``) and the words used.

    A statement that was looked through and names none has an empty tuple in `Statement.law`; one that nobody looked
    through has Nothing.NOT_CODED there.
    """

    code: str
    given: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who holds what about which incidents.

    Args:
        name: unique, ``eurepoc-1.1:1032/attribution/8652``; the same at each import of the same row.
        kind: attribution, denial, response …
        data_set, place: where it is recorded; `source` its own document, None: the data set itself (`cite`).
        checked: whether somebody opened that source and looked.
        holder: whose statement it is, or which kind of nothing; `joined` are others who make it together with it.
        speaker: person, office or body who spoke for the holder, as the source names it.
        account: the account or address where it was said.
        about: names of incidents; several for one statement that concerns several; empty if the source ties it to none.
        names: whom it names and how it ties them to the act. NOT_ATTRIBUTED: it says that it names nobody.
        on: when it was made, with precision and meaning.
        words: the exact words; `verb` and `confidence_word` are literal parts of them.
        likelihood, confidence: as the holder expressed it; both axes, never fused.
        basis, manner, instrument, ballot: words of the lists in `words`.
        law: norms and rules named in it.
        codings: what else the source coded of it.
        capture: SHA-256 (hex) of the saved page or document.
        answers: names of statements that it answers or rests on; a denial answers an attribution.
        stance, replaces: a holder may withdraw or replace its earlier statement; the earlier one stays readable.

    Raises PrecedentProblem ``bad_field``, ``not_in_words``.
    """

    name: str
    kind: Kind
    data_set: str
    place: str
    holder: Actor | Nothing
    about: tuple[str, ...] = ()
    names: tuple[Named, ...] | Nothing = Nothing.NOT_CODED
    on: Dated | Nothing = Nothing.NOT_CODED
    joined: tuple[Actor, ...] = ()
    speaker: str | None = None
    account: str | None = None
    words: Text | Nothing = Nothing.NOT_CODED
    verb: str | None = None
    confidence_word: str | None = None
    likelihood: Likelihood | Nothing = Nothing.NOT_CODED
    confidence: Confidence | Nothing = Nothing.NOT_CODED
    basis: Basis | Nothing = Nothing.NOT_CODED
    manner: Manner | Nothing = Nothing.NOT_CODED
    instrument: Instrument | Nothing = Nothing.NOT_CODED
    ballot: Ballot | None = None
    law: tuple[LawNamed, ...] | Nothing = Nothing.NOT_CODED
    codings: tuple[Coding, ...] = ()
    links: tuple[str, ...] = ()
    source: Source | None = None
    checked: Checked = Checked.UNVERIFIED
    capture: str | None = None
    answers: tuple[str, ...] = ()
    stance: Stance = Stance.HOLDS
    replaces: str | None = None

    def __post_init__(self) -> None:
        for field, given in (("name", self.name), ("replaces", self.replaces)):
            if given is not None:
                _match(field, given, NAME)
        for given in (*self.about, *self.answers):
            _match("about or answers", given, NAME)
        _match("data_set", self.data_set, _KEY)
        if self.capture is not None:
            _match("capture", self.capture, _HEX)
        if (self.ballot is None) == (self.kind is Kind.VOTE):
            raise PrecedentProblem("bad_field", field="ballot", given=self.kind.name)
        if self.stance is Stance.WITHDRAWS and self.replaces is None:
            raise PrecedentProblem("bad_field", field="replaces", given="")
        self._check_words()
        self._check_checked()

    def _check_words(self) -> None:
        """The verb and the word of confidence are letters of the statement, not of the one who entered it."""
        if isinstance(self.words, Text):
            for field, part in (("verb", self.verb), ("confidence_word", self.confidence_word)):
                if part is not None and part not in self.words.text:
                    raise PrecedentProblem("not_in_words", field=field, given=shown(part))

    def _check_checked(self) -> None:
        if self.checked is Checked.VERIFIED and (self.source is None or self.source.checked is not Checked.VERIFIED):
            raise PrecedentProblem("bad_field", field="checked", given="verified without a verified source")


Record: TypeAlias = "Incident | Statement"


def cite(record: Record, data_set: DataSet) -> Source:
    """The source of a record, with licence and day: its own document, or its place in the data set."""
    if record.source is not None:
        return record.source
    return Source(
        kind=SourceKind.DATA_SET,
        checked=Checked.UNVERIFIED,
        title=f"{data_set.title} {data_set.version}".strip()[:300],
        reference=data_set.reference,
        place=record.place[:200] or None,
        retrieved=Nothing.NOT_CODED,
        licence=data_set.licence[:200],
    )


def line_of(text: str, limit: int = 300) -> str:
    """`text` as one line fit to stand in a record; raises TermsProblem."""
    return check_line(" ".join(text.split()), limit)


def _match(field: str, given: str, shape: re.Pattern[str]) -> None:
    if not shape.fullmatch(given):
        raise PrecedentProblem("bad_field", field=field, given=shown(given, 120))
