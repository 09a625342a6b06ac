"""Where something is known from, exactly enough that another person can open it and look.

A source counts as verified only if somebody opened it and wrote down the place and the day; such a value cannot be
built otherwise. Leaves out what the source says: that is a statement.
"""

from __future__ import annotations

import re
from enum import IntEnum

import msgspec

from parley.terms.coded import Coded, coded_as, listed, reading, word, word_or_none
from parley.terms.instant import Instant, Precision
from parley.terms.nothing import Nothing
from parley.terms.party import party
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import check_line, shown

TITLE, REFERENCE, SHORT = 300, 500, 200


class SourceKind(IntEnum):
    """What sort of thing the source is. The codes are on the wire and never change."""

    DOCUMENT = 1  # a published text: resolution, law, position, report
    DATA_SET = 2  # a row of a data set
    NOTE = 3  # a note received over the line
    GIVEN = 4  # given by a partner by another way
    OWN = 5  # our own observation
    PRESS = 6


class Checked(IntEnum):
    """Whether somebody looked. The codes are on the wire and never change."""

    VERIFIED = 1  # opened; the place in it and the day are recorded
    UNVERIFIED = 2  # named as the document to check; opens no gate, counts as nothing


_GRADE = re.compile(r"[A-F][1-6]", re.ASCII)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source.

    Args:
        title: its name, one line, in the language that it has.
        reference: a document symbol, an address, a note id: what finds it.
        place: paragraph, page, row or column in it; None if not recorded.
        retrieved: the UTC day (or finer) on which it was opened, or which kind of nothing.
        licence: what allows it to be shown or passed on; None if not recorded.
        given_by: the party that gave it, whose consent is needed to pass it on; None for what is public or our own.
        grade: Admiralty code, reliability A to F and credibility 1 to 6, for example ``B2``; None if not graded.

    Raises TermsProblem ``source_field``, ``not_verified``; PartyProblem.
    """

    kind: SourceKind
    checked: Checked
    title: str
    reference: str
    place: str | None = None
    retrieved: Instant | Nothing = Nothing.NOT_CODED
    licence: str | None = None
    given_by: str | None = None
    grade: str | None = None

    def __post_init__(self) -> None:
        _line("title", self.title, TITLE)
        _line("reference", self.reference, REFERENCE)
        _line("place", self.place, SHORT)
        _line("licence", self.licence, SHORT)
        if self.given_by is not None:
            party(self.given_by)
        if self.grade is not None and not _GRADE.fullmatch(self.grade):
            raise TermsProblem("source_field", field="grade", given=shown(self.grade))
        if self.checked is Checked.VERIFIED:
            self._check_opened()

    def _check_opened(self) -> None:
        if self.place is None:
            raise TermsProblem("not_verified", field="place")
        if not isinstance(self.retrieved, Instant) or self.retrieved.precision < Precision.DAY:
            raise TermsProblem("not_verified", field="retrieved")

    def to_coded(self) -> list[Coded]:
        """``[kind, checked, title, reference, place, retrieved, licence, given_by, grade]``, what is signed."""
        retrieved: Coded = self.retrieved.to_coded() if isinstance(self.retrieved, Instant) else int(self.retrieved)
        head: list[Coded] = [int(self.kind), int(self.checked), self.title, self.reference, self.place]
        return [*head, retrieved, self.licence, self.given_by, self.grade]

    @classmethod
    def from_coded(cls, value: object) -> Source:
        """Read what `to_coded` writes; raises TermsProblem."""
        with reading("source"):
            kind, checked, title, reference, place, retrieved, licence, given_by, grade = listed(value, "source", 9)
            return cls(
                kind=coded_as(SourceKind, kind, "kind of source"),
                checked=coded_as(Checked, checked, "state of a source"),
                title=word(title, "source", TITLE),
                reference=word(reference, "source", REFERENCE),
                place=word_or_none(place, "source", SHORT),
                retrieved=instant_or_nothing(retrieved, "source"),
                licence=word_or_none(licence, "source", SHORT),
                given_by=word_or_none(given_by, "source", 16),
                grade=word_or_none(grade, "source", 2),
            )


def instant_or_nothing(value: object, what: str) -> Instant | Nothing:
    """A coded instant, or the code of a kind of nothing; raises TermsProblem."""
    return Instant.from_coded(value) if isinstance(value, list) else coded_as(Nothing, value, what)


def _line(field: str, text: str | None, limit: int) -> None:
    if text is None:
        return
    try:
        check_line(text, limit)
    except TermsProblem as problem:
        raise TermsProblem("source_field", field=field, given=shown(text)) from problem
    if not text.strip():
        raise TermsProblem("source_field", field=field, given="")
