"""Drills: which parties are asked when, whether they answer, and what a person has released.

A drill is a timetable: one text, asked of a list of offices once or again and again. Each time it is asked is a run. A
run's notes go out only if a person released them; without that the run is *due*, and shown so. All notes of a drill
are exercises in the signed field. Leaves out what came of it (`indicators`, `report_card`) and who sends it (desk).
"""

from __future__ import annotations

from calendar import monthrange
from enum import Enum

import msgspec

from parley.directory import rules, wording
from parley.terms.moment import as_datetime, from_parts
from parley.terms.party import Address, PartyProblem

RECIPIENTS = 250
"""As many as a note may name (`line.note`): every state, and the organisations that have a desk."""
TRIED_ALONE = ("https", "mail", "by-hand")
LONGEST_HOPE = 366 * rules.DAY
AHEAD = rules.TRANSIT
"""How long before its time a run may be released: what is signed counts for two weeks after a key was replaced, so a
note that is signed earlier might be refused on arrival."""


class Every(Enum):
    """How often a drill is held. The UN directory of points of contact is pinged half-yearly."""

    ONCE = "once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"


_MONTHS = {Every.MONTHLY: 1, Every.QUARTERLY: 3, Every.HALF_YEARLY: 6, Every.YEARLY: 12}


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """A timetable. Instants are ms since the Unix epoch, UTC; raises DirectoryProblem ``bad_value``.

    Args:
        id: 8 hexadecimal digits. name: one line, ours alone.
        office: which of ours asks. to: addresses (``XB/duty``), each party once.
        form, precedence: of the note that is sent; None: the form's own precedence.
        first_at, every: when. hoped: within how many ms an answer is hoped for.
        rings: the drill says that real telephones may be rung. Without it nobody is proposed a number to call.
        over: the one kind of bearer that its notes may go by, so that this one is tried; "": as any other note.
        by: the officer who scheduled it. cancelled_at: no run begins after it.
    """

    id: str
    name: str
    office: str
    to: tuple[str, ...]
    form: int
    first_at: int
    every: Every
    hoped: int
    by: str
    made_at: int
    precedence: int | None = None
    rings: bool = False
    over: str = ""
    cancelled_at: int | None = None

    def __post_init__(self) -> None:
        wording.line("drill.name", self.name, rules.NAME)
        wording.several("drill.to", self.to, str, 1, RECIPIENTS)
        try:
            parties = {Address.parse(one).party for one in self.to}
        except PartyProblem:
            wording.refuse("drill.to", "not-an-address")
        if len(parties) != len(self.to):
            wording.refuse("drill.to", "party-twice")
        if self.over not in ("", *TRIED_ALONE):
            wording.refuse("drill.over", "not-a-bearer")
        wording.instant("drill.first_at", self.first_at)
        wording.whole("drill.hoped", self.hoped, 60_000, LONGEST_HOPE)

    def due(self, number: int) -> int | None:
        """When the run of this number (from 0) is due; None if there is none. Reckoned from the first, not the last."""
        if number < 0 or (self.every is Every.ONCE and number > 0):
            return None
        if self.every is Every.WEEKLY:
            return self.first_at + number * 7 * rules.DAY
        return months_later(self.first_at, number * _MONTHS.get(self.every, 0))


class CallOutcome(Enum):
    """What came of a call. A drill asks for the right person and for a common language, not only for a tone."""

    ANSWERED = "answered"  # by the office that was called, in a language that both speak
    OTHER_OFFICE = "other-office"
    NO_COMMON_LANGUAGE = "no-common-language"
    NO_ANSWER = "no-answer"
    DEAD = "dead"  # no such number, or the line is down


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A telephone call as an officer entered it by hand: to whom, when (ms), what came of it, who entered it."""

    address: str
    at: int
    outcome: CallOutcome
    by: str

    def __post_init__(self) -> None:
        wording.instant("call.at", self.at)
        wording.line("call.by", self.by, rules.NAME)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a drill is held. `notes`: note id by address, once released; `left_out`: why not, by address.

    `released_at` and `released_by` say which officer's proof the signer checked; `began_at`: when the notes went out;
    `passed_over_at`: the next run was due before anybody released this one, so nobody was asked.
    """

    drill: str
    number: int
    due_at: int
    notes: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    released_at: int | None = None
    released_by: str = ""
    began_at: int | None = None
    passed_over_at: int | None = None
    calls: tuple[Call, ...] = ()


class RunStage(Enum):
    """Where a run stands."""

    SCHEDULED = "scheduled"  # its time is to come, and no person has released it
    RELEASED = "released"  # released; its time is to come, or the node is locked
    DUE = "due"  # its time has come; it awaits a person's release and is not sent
    UNDER_WAY = "under-way"  # sent; the time hoped for has not passed
    HELD = "held"  # sent; the time hoped for has passed, and late answers still count as such
    NOT_HELD = "not-held"  # nobody released it in time, or it was cancelled: nobody was asked


def stage(drill: Drill, run: Run, now: int) -> RunStage:
    """Where `run` stands at `now` (ms)."""
    if run.began_at is not None:
        return RunStage.UNDER_WAY if now <= run.began_at + drill.hoped else RunStage.HELD
    if run.passed_over_at is not None or drill.cancelled_at is not None:
        return RunStage.NOT_HELD
    if run.released_at is not None:
        return RunStage.RELEASED
    return RunStage.SCHEDULED if now < run.due_at else RunStage.DUE


def next_run(drill: Drill, runs: tuple[Run, ...]) -> Run | None:
    """The run to hold next: the first that has neither begun nor been passed over; None if there is none left."""
    for run in runs:
        if run.began_at is None and run.passed_over_at is None:
            return run
    number = len(runs)
    due_at = None if drill.cancelled_at is not None else drill.due(number)
    return None if due_at is None else Run(drill=drill.id, number=number, due_at=due_at)


def passed_over(drill: Drill, run: Run, now: int) -> bool:
    """Whether the time of the run after this one has come while nobody had released this one."""
    after = drill.due(run.number + 1)
    return run.released_at is None and after is not None and now >= after


def months_later(ms: int, months: int) -> int:
    """The same day and time of day (UTC) so many months on; the month's last day where it has fewer."""
    at = as_datetime(ms)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return from_parts([year, month + 1, day, at.hour, at.minute, at.second]) + ms % 1000
