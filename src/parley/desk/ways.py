"""Ways: over which bearer notes went, and what came of each attempt.

Written down of every attempt for drills, which ask precisely this. Of other notes only what went beside the first
attempt: attempts that failed, those after them, and letters; a note that goes at once costs nothing. A bearer's own
word that it took a parcel is one thing, the other node's word in the same exchange that it has the bytes is another,
and a receipt is a third: they are kept apart, and what they mean together is settled in `directory.indicators`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.desk.node import Node
from parley.directory.indicators import Way
from parley.line.parcel import read_parcel
from parley.line.ports import Look, OutboxRow, Tx

KIND = "way"  # by note id, party and kind of bearer
UNNAMED = "unnamed"
BY_HAND = "by-hand"
NEVER_LEFT = frozenset({"bearer.unreachable", "bearer.refused", "bearer.pin_mismatch", "bearer.bad_endpoint"})
"""Problems after which nothing of ours is there. After any other (no answer in time, a link that broke) it may be."""


def kind_of(bearer: object) -> str:
    """What a bearer calls itself, in the words of particulars (https, mail, by-hand …)."""
    return str(getattr(bearer, "kind", UNNAMED))


async def trace(
    node: Node,
    party: str,
    kind: str,
    rows: Sequence[OutboxRow],
    *,
    reply: bytes | None = None,
    problem: str = "",
    beside: bool = False,
) -> None:
    """Write down one attempt with `rows`; `reply` is the parcel that came back, None if the attempt failed.

    `beside`: by a bearer that is not the first one.
    """
    every = beside or problem != ""
    traced = [row for row in rows if row.kind == "note" and (every or row.attempts or row.object_id in node.traced)]
    if not traced:
        return
    got = frozenset(read_parcel(reply).got) if reply else frozenset[bytes]()
    now = node.clock()

    def unit(tx: Tx) -> None:
        for row in traced:
            key = f"{row.object_id.hex()} {party} {kind}"
            stored = tx.record(KIND, key)
            before = Way(kind=kind) if stored is None else msgspec.msgpack.decode(stored, type=Way)
            after = _tried(before, now, handed=not problem, there=row.digest in got, problem=problem)
            tx.put(KIND, key, msgspec.msgpack.encode(after))

    await node.store.write(unit, point="way")


def may_carry(node: Node, kind: str, row: OutboxRow) -> bool:
    """Whether a bearer of this kind may carry a row: a drill may keep its notes to one bearer, to try that one."""
    return node.traced.get(row.object_id, "") in ("", kind)


def alone(node: Node, row: OutboxRow) -> bool:
    """Whether a row may go by one bearer only, which then waits for no other."""
    return node.traced.get(row.object_id, "") != ""


def _tried(before: Way, now: int, *, handed: bool, there: bool, problem: str) -> Way:
    """The first time of each step is the step; the last problem is the one that stands."""
    return msgspec.structs.replace(
        before,
        tries=before.tries + 1,
        handed_at=now if handed and before.handed_at is None else before.handed_at,
        there_at=now if there and before.there_at is None else before.there_at,
        unsure=before.unsure or bool(problem and problem not in NEVER_LEFT),
        problem=problem,
    )


def ways_of(look: Look, note: bytes, party: str, listed: Sequence[str]) -> tuple[Way, ...]:
    """What was written down of a note on its way to `party`; an empty entry for each bearer listed and not tried."""
    stored = look.records(KIND, f"{note.hex()} {party} ")
    found = {way.kind: way for way in (msgspec.msgpack.decode(value, type=Way) for _, value in stored)}
    return tuple(found.get(kind, Way(kind=kind)) for kind in dict.fromkeys((*listed, *found)))
