"""A link check of many parties, of which some are behind e-mail, asleep, locked, or silent; is each stated rightly?

    python bench/drill.py --parties 120 --json [--sabotage lost-receipts | wrong-bearer | silence-as-no]

In one process, a store for each party, real signatures and seals, a fake clock. The drill is scheduled, released ahead
of its time by an officer, sent by the node's timer, answered by simulated persons, evaluated after the time hoped for.
Every cell of the report card is compared with what the simulation knows to have happened: `misreported` must be 0. The
exit code is 1 if it is not, as it must be with a sabotage. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from drill_world import HOUR, Peer, World

from parley.desk import drill, drill_report, drill_run, take, ways
from parley.directory import ceremony, indicators
from parley.directory.indicators import Card, Cell, Silence
from parley.directory.report_card import Report

SABOTAGES = ("lost-receipts", "wrong-bearer", "silence-as-no")
HOPED = 24 * HOUR
Expected = Any  # a Cell, or (earliest, latest) of a time, in ms from sending
A, N, U, W = Silence.AWAITED, Silence.NOT_ASKED, Silence.UNREACHABLE, Silence.WITHHELD


def expected(peer: Peer, sent: int) -> dict[str, Expected]:
    """What the card of a party must say, from what really happened; `sent` in ms."""
    truth, came = peer.truth, min(peer.truth.came.values(), default=None)
    cells: dict[str, Expected] = {f"reached by {kind}": _reached(peer, kind, sent) for kind in peer.kinds}
    cells["telephone"] = peer.call or N
    if peer.behaviour == "suspended":
        return cells | dict.fromkeys((*_STEPS, "in_time", "right_office", "on_duty", "understanding"), N)
    if peer.behaviour == "refuses":
        return cells | dict.fromkeys((*_STEPS, "in_time", "right_office", "on_duty", "understanding"), "refused")
    silent = A if came is not None or truth.handed else U
    held = W if peer.behaviour == "withholds" else None
    answered = _time(truth.answered_at, truth.heard_at.get("answered"), sent) or silent
    cells |= {
        "taken": _time(came, truth.heard_at.get("came"), sent) or silent,
        "opened": held or (silent if peer.behaviour == "locked" else _time(came, truth.heard_at.get("came"), sent)),
        "read": held or _time(truth.read_at, truth.heard_at.get("read"), sent) or silent,
        "answered": answered,
        "right_office": (peer.behaviour != "other-office") if isinstance(answered, tuple) else silent,
        "on_duty": "technical" if isinstance(answered, tuple) else silent,
        "in_time": _in_time(peer, answered, silent),
    }
    cells["opened"] = cells["opened"] or silent
    said = _time(truth.read_back_at, truth.heard_at.get("read_back"), sent)
    words = {"differs": "differs", "declines": "declined"}
    cells["understanding"] = words.get(peer.behaviour, "understood") if said else silent
    cells["understood"] = {"differs": "differs", "declines": W}.get(peer.behaviour, said) if said else silent
    return cells


_STEPS = ("taken", "opened", "read", "understood", "answered")


def _time(at: int | None, heard: int | None, sent: int) -> tuple[int, int] | None:
    """From when it happened to when the organiser could know of it; nothing that it cannot know of yet."""
    return None if at is None or heard is None else (at - sent, heard - sent)


def _reached(peer: Peer, kind: str, sent: int) -> Expected:
    if kind not in peer.truth.tried:
        return N
    if kind in peer.truth.came:
        return peer.truth.came[kind] - sent, peer.truth.heard_at["came"] - sent
    return A if kind in peer.truth.handed else U


def _in_time(peer: Peer, answered: Expected, silent: Cell) -> Expected:
    if isinstance(answered, tuple):
        return answered[1] <= HOPED  # it counts when it is here
    return False if peer.truth.came else silent


def compare(report: Report, world: World) -> list[str]:
    """Every cell that does not say what happened."""
    wrong = []
    assert report.began_at is not None
    for card in report.cards:
        peer = world.by_code[card.address.partition("/")[0]]
        surplus = card.reached.keys() - set(peer.kinds)
        wrong += [f"{peer.code} ({peer.behaviour}) reached by {kind}: it has no such bearer" for kind in surplus]
        for name, want in expected(peer, report.began_at).items():
            said = _cell(card, name)
            fits = type(said) is int and want[0] <= said <= want[1] if isinstance(want, tuple) else _same(said, want)
            if not fits:
                wrong.append(f"{peer.code} ({peer.behaviour}) {name}: said {said}, was {want}")
    return wrong


def _cell(card: Card, name: str) -> Any:
    return card.reached.get(name.removeprefix("reached by ")) if name.startswith("reached by ") else getattr(card, name)


def _same(said: Any, want: Any) -> bool:
    return type(said) is type(want) and said == want


@contextlib.contextmanager
def sabotage(kind: str) -> Iterator[None]:
    """One lie at a time, which the comparison must notice."""
    follow, card = take.follow_entry, indicators.card

    def losing(node: Any, tx: Any, receipt: Any, entry: Any, now: int) -> None:
        if node.party != "O-HOME" or int(receipt.issuer[-1]) % 3:
            follow(node, tx, receipt, entry, now)

    def as_no(*arguments: Any) -> Card:
        made = card(*arguments)
        return type(made)(**{name: _no(getattr(made, name)) for name in made.__struct_fields__})

    lies = {
        "lost-receipts": (take, "follow_entry", losing),
        "wrong-bearer": (ways, "kind_of", lambda bearer: "https"),
        "silence-as-no": (drill_report, "card", as_no),
    }
    with patch.object(*lies[kind]) if kind else contextlib.nullcontext():
        yield


def _no(cell: Any) -> Any:
    return False if cell is Silence.AWAITED or cell is Silence.UNREACHABLE else cell


async def story(world: World, say: Any) -> tuple[Report, dict[str, float]]:
    """Schedule, release, wait, send, answer, evaluate."""
    seconds = {}
    began = time.perf_counter()
    await world.meet()
    seconds["meeting"] = time.perf_counter() - began
    node, now = world.home.node, world.clock()
    say(f"{len(world.peers)} parties have met the organiser")
    wanted = drill.Wanted(name="Link check", first_at=now + HOUR, officer="officer", hoped=HOPED)
    made = await drill.schedule(node, wanted)
    began = time.perf_counter()
    batch = await drill_run.compose_run(node, made.id, officer="officer")
    signed = [world.home.keys.sign_note(one.payload) for one in batch.composed]
    await drill_run.release_run(node, made.id, batch.number, batch.due_at, signed, batch.left_out, "officer")
    seconds["release"] = time.perf_counter() - began
    world.notes = {one.note_id: one.note.recipients[0].address.party for one in batch.composed}
    say(f"released: {len(signed)} notes; left out: {batch.left_out}")
    began = time.perf_counter()
    await world.run_until(now + HOUR + HOPED + 3 * HOUR, lambda: drill_run.tend(node))
    for peer in world.peers:
        if peer.call:
            await drill.enter_call(node, made.id, peer.code, peer.call, at=world.clock(), officer="officer")
    seconds["running"] = time.perf_counter() - began
    began = time.perf_counter()
    report = drill_report.report(node, made.id)
    seconds["report"] = time.perf_counter() - began
    return report, seconds


async def run(parties: int, lie: str, say: Any = lambda _: None) -> dict[str, Any]:
    """One run; the result as printed."""
    with patch.dict(ceremony._COST, n=2):  # the ceremonies are not what is measured
        world = World(parties)
        with sabotage(lie):
            report, seconds = await story(world, say)
    wrong = compare(report, world)
    for line in wrong[:20]:
        say(line)
    for counted in (*report.bearers, *report.indicators):
        say(f"{counted.name:18} {counted.share!s:34} {counted.missing}")
    for party in (world.home, *(peer.party for peer in world.peers)):
        await party.node.store.close()
    cells = sum(len(expected(peer, report.began_at or 0)) for peer in world.peers)
    return {
        "parties": parties,
        "sabotage": lie,
        "cells": cells,
        "misreported": len(wrong),
        "wrong": wrong[:3],
        "behaviours": dict(sorted(Counter(peer.behaviour for peer in world.peers).items())),
        "by_mail": sum("mail" in peer.kinds for peer in world.peers),
        "asleep": sum(peer.behaviour == "asleep" for peer in world.peers),
        "sent": sum(card.taken is not Silence.NOT_ASKED for card in report.cards),
        "hours": round((world.clock() - (report.began_at or 0)) / HOUR, 1),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
    }


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parties", type=int, default=12)
    parser.add_argument("--sabotage", choices=SABOTAGES, default="")
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    given = parser.parse_args()
    if not 12 <= given.parties <= 250:
        parser.error("between 12 parties, so that each behaviour occurs, and 250")
    say = (lambda _: None) if given.json else (lambda text: print(text, flush=True))
    found = asyncio.run(run(given.parties, given.sabotage, say))
    print(json.dumps(found))
    return int(found["misreported"] > 0)


if __name__ == "__main__":
    sys.exit(main())
