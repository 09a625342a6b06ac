"""Retention: which bodies are destroyed when, by rules that a ministry writes down, and what is kept whatever they say.

A decision over plain facts, without memory or clock. The first rule that fits a note decides; without one it is kept
for ever. What a clause or a legal hold keeps is kept, however old. What is destroyed is the text and what opens its
entry: the tree of hashes stands, and a tombstone says what was destroyed, when and under which rule.

Left out: what else still needs a body (a receipt that is on its way, evidence), and the destroying itself (desk).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from parley.journal.problems import JournalProblem
from parley.terms.party import PARTY

DAY = 86_400_000
LONGEST = 36_525  # days: a hundred years
LONGEST_NAME = 60


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Notes of this kind are destroyed `days` after they were stored here; what is left empty fits every note.

    Fields:
        name: stands in the tombstone: the paragraph of a registry regulation, for instance.
        days: at least 1.
        forms: numbers of forms.
        parties: codes of counterparts.
        direction: "in" or "out".
        exercise: true for exercises only, false for real notes only.
    """

    name: str
    days: int
    forms: tuple[int, ...] = ()
    parties: tuple[str, ...] = ()
    direction: str = ""
    exercise: bool | None = None

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise _bad(self.name, f"its name is not 1 to {LONGEST_NAME} printable characters")
        if not 1 <= self.days <= LONGEST:
            raise _bad(self.name, f"its days are not 1 to {LONGEST}")
        if self.direction not in ("", "in", "out"):
            raise _bad(self.name, "its direction is neither in nor out")
        if not all(PARTY.fullmatch(party) for party in self.parties):
            raise _bad(self.name, "a party of it is not a code")


class Keep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept whatever the rules say: an agreement with a partner, a law on archives. `why` is shown."""

    why: str
    party: str = ""
    form: int = 0

    def __post_init__(self) -> None:
        if not self.why.strip() or not (self.party or self.form):
            raise _bad(self.why or "keep", "it names no reason, or neither a party nor a form")
        if self.party and not PARTY.fullmatch(self.party):
            raise _bad(self.why, "its party is not a code")


class Subject(msgspec.Struct, frozen=True):
    """The facts of a note that rules look at. `stored_at` in ms UTC; `parties`: the counterparts."""

    note_id: bytes
    thread: bytes
    form: int
    direction: str
    exercise: bool
    stored_at: int
    parties: tuple[str, ...]

    def names(self) -> Iterator[str]:
        """Under which names a legal hold may keep it."""
        yield f"note {self.note_id.hex()}"
        yield f"thread {self.thread.hex()}"
        yield from (f"party {party}" for party in self.parties)


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a note: `rule` decides, `due` (ms UTC) is when it may go; `kept` says why it does not.

    Without a rule `due` is None. `kept` is empty, "keep: …" with the clause's reason, or "hold: …" with its name.
    """

    rule: Rule | None
    due: int | None
    kept: str = ""

    def destroys(self, now: int) -> bool:
        """Whether the body is to go now."""
        return self.due is not None and self.due <= now and not self.kept


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """All that a ministry laid down. `names_days`: after so many days what opens the entries READ and OVERRIDE goes,
    in which the names of our officers stand as digests; 0: never."""

    rules: tuple[Rule, ...] = ()
    keeps: tuple[Keep, ...] = ()
    names_days: int = 0

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise _bad(name, "another rule has the same name")
        if not 0 <= self.names_days <= LONGEST:
            raise _bad("names", f"its days are not 0 to {LONGEST}")

    def youngest(self, now: int) -> int | None:
        """Nothing stored later than this instant (ms UTC) can be due; None if nothing ever is."""
        return now - min(rule.days for rule in self.rules) * DAY if self.rules else None

    def verdict(self, subject: Subject, holds: Collection[str]) -> Verdict:
        """What becomes of one note under the rules and the names of what is `held`."""
        rule = next((rule for rule in self.rules if fits(rule, subject)), None)
        due = None if rule is None else subject.stored_at + rule.days * DAY
        for clause in self.keeps:
            if clause.party in ("", *subject.parties) and clause.form in (0, subject.form):
                return Verdict(rule, due, f"keep: {clause.why}")
        held = next((name for name in subject.names() if name in holds), None)
        return Verdict(rule, due, f"hold: {held}" if held else "")


def fits(rule: Rule, subject: Subject) -> bool:
    """Whether a rule is about such a note; one that names parties needs *all* counterparts among them."""
    return (
        (not rule.forms or subject.form in rule.forms)
        and (not rule.parties or set(subject.parties) <= set(rule.parties))
        and rule.direction in ("", subject.direction)
        and rule.exercise in (None, subject.exercise)
    )


def _bad(name: str, why: str) -> JournalProblem:
    return JournalProblem("bad_rule", name=name[:LONGEST_NAME], why=why)
