"""How alike two states voted: what each ballot was, and what was none.

A share of "the same vote" is over roll calls in which both voted yes, no or abstain. An absence is no vote and no
abstention; a state without a row in a roll call is not said to have been absent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from parley.precedents.words import Ballot
from parley.terms.share import Share

VOTES = (Ballot.YES, Ballot.NO, Ballot.ABSTAIN)
Row = tuple[str, str, str]  # roll call, state, ballot


def alignment(ballots: Iterable[Row], state: str) -> Iterator[tuple[object, ...]]:
    """For each other state, the most alike first.

    Rows: state, other, both voted, same, permille, low, high, one of the two abstained, opposed (yes and no),
    and roll calls of `state` in which the other was absent or has no row.
    """
    by: dict[str, dict[str, str]] = defaultdict(dict)
    for call, who, how in ballots:
        by[who][call] = how
    ours = {call: how for call, how in by.get(state, {}).items() if how in VOTES}
    rows = [_with(state, other, ours, theirs) for other, theirs in by.items() if other != state]
    yield from sorted(rows, key=lambda row: (-(row[3] / row[2] if row[2] else -1.0), -row[2], row[1]))


def _with(
    state: str, other: str, ours: dict[str, str], theirs: dict[str, str]
) -> tuple[str, str, int, int, int | None, int | None, int | None, int, int, int]:
    both = [(how, theirs[call]) for call, how in ours.items() if theirs.get(call) in VOTES]
    same = sum(one == two for one, two in both)
    opposed = sum({one, two} == {Ballot.YES, Ballot.NO} for one, two in both)
    share = Share(same, len(both))
    low, high = share.interval or (None, None)
    half = len(both) - same - opposed
    return state, other, len(both), same, share.permille, low, high, half, opposed, len(ours) - len(both)


def totals(ballots: Iterable[Row]) -> Iterator[tuple[object, ...]]:
    """Each roll call with its votes, absences, and how many states of the whole table have no row in it."""
    calls: dict[str, Counter[str]] = defaultdict(Counter)
    states: set[str] = set()
    for call, who, how in ballots:
        calls[call][how] += 1
        states.add(who)
    for call, found in calls.items():
        yield call, *(found[how] for how in (*VOTES, Ballot.ABSENT)), len(states) - sum(found.values())
