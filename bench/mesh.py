"""Everyone sends to everyone over a bearer that loses, repeats and reorders; nothing may be lost or come twice.

    python bench/mesh.py --parties 30 --json [--notes 5] [--seed 1] [--sabotage no-dedupe | early-receipt | no-recall]

In one process, with nodes in memory, real signatures and seals, fixed seeds and a fake clock. On the way a third of the
parties is cut off for more than a day, one party rotates its office, node and prekeys, and one node loses its store and
is restored from a backup that lacks most of the correspondence. Notes that only the lost store had, and that nobody had
acknowledged, nobody can bring back: the officer writes them again ("rewritten"). The last line is one JSON object.
The exit code is 1 if a note was lost or came twice, as it must be with a sabotage.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from chaos import ChaosBearer, Hasty, Weather, forgetful

from parley.desk import archive, freshen, give_back, restore
from parley.desk.deliver import deliver
from parley.desk.node import Limits
from parley.journal import LeafKind
from parley.line.conversation import read_conversation
from parley.terms.problem import Problem
from parley.testing import FakeClock, NoEndpoint, SimulatedParty

HOUR = 3_600_000
SABOTAGES = ("no-dedupe", "early-receipt", "no-recall")
LANES = 2  # exchanges at once between two parties: so that one can overtake the other


class Mesh:
    """The parties, the weather between them, and a ledger of who sent what to whom."""

    def __init__(self, size: int, seed: int, sabotage: str, folder: Path) -> None:
        self.clock, self.weather, self.folder = FakeClock(), Weather(seed), folder
        self.sabotage = sabotage
        codes = [f"O-P{number:02}" for number in range(1, size + 1)]
        # Small parcels: five notes make several, which can come in another order than they went.
        self.parties = [SimulatedParty(code, self.clock, limits=Limits(parcel_items=3)) for code in codes]
        self.by_code = {party.node.party: party for party in self.parties}
        self.ledger: dict[tuple[str, str, int], bytes] = {}  # (from, to, number) -> note id
        self.rewritten = self.lost_with_the_store = 0

    async def meet(self) -> None:
        """Everybody accepts everybody, by ceremony."""
        for party in self.parties:
            await party.start()
            if self.sabotage == "early-receipt":
                party.node.store = Hasty(party.node.store, self.weather)  # type: ignore[assignment]
        for place, party in enumerate(self.parties):
            for other in self.parties[place + 1 :]:
                await party.meet(other)

    async def wave(self, number: int, rounds: int) -> None:
        """Everybody writes one note to everybody, and some rounds of exchanges follow."""
        for party in self.parties:
            for other in self.parties:
                if other is not party:
                    await self._write(party, other, number)
        for _ in range(rounds):
            await self.round()

    async def _write(self, party: SimulatedParty, other: SimulatedParty, number: int) -> None:
        precedence = self.weather.random.choice((0, 0, 0, 1, 2, 3))
        note = await party.write(other, 1, {10: "drill"}, precedence=precedence)
        self.ledger[party.node.party, other.node.party, number] = note

    async def round(self, step: int = 20_000) -> None:
        """Every pair exchanges what is due, all at once, and time goes on."""
        for party in self.parties:
            await freshen.freshen(party.node)
            await give_back.tend(party.node)
            await restore.ask(party.node)
        pairs = [(a, b) for a in self.parties for b in self.parties if a is not b] * LANES
        self.weather.random.shuffle(pairs)
        await self.weather.carry_all([asyncio.create_task(self._exchange(a, b)) for a, b in pairs])
        self.clock.sleep(step)

    async def _exchange(self, a: SimulatedParty, b: SimulatedParty) -> None:
        bearer = ChaosBearer(self.weather, a.node.party, b.node)
        with contextlib.suppress(Problem):  # the rows stay in the outbox
            await deliver(a.node, b.node.party, bearer, NoEndpoint(), poll=False)

    async def settle(self, most: int = 400) -> int:
        """Rounds until nothing waits anywhere; returns how many it took."""
        for number in range(most):
            if not any(self._waits(party) for party in self.parties):
                return number
            await self.round(60_000)
        return most

    def _waits(self, party: SimulatedParty) -> bool:
        look = party.node.store.look
        return bool(look(lambda it: it.outbox_peers() or it.records(restore.ASKING) or it.records(give_back.JOB)))

    async def lose_and_restore(self, party: SimulatedParty, backup: Path) -> None:
        """The store of a node is gone; the backup is put back, and what nobody else has is written again."""
        code = party.node.party
        had, gone = self._notes_of(party), []
        for (sender, to, number), note in self.ledger.items():
            if sender == code and not self._has(self.by_code[to], note):
                gone.append((to, number, note))
        await party.restore(backup, self.folder / "restored.sqlite", locked=True)
        kept = self._notes_of(party)
        self.lost_with_the_store = len(had - kept)
        if self.sabotage == "no-recall":
            await party.node.store.write(
                lambda tx: [tx.drop(restore.ASKING, other) for other in self.by_code], point="sabotage"
            )
        await party.unlock()
        for to, number, note in gone:
            if note not in kept:
                self.rewritten += 1
                await self._write(party, self.by_code[to], number)

    @staticmethod
    def _notes_of(party: SimulatedParty) -> set[bytes]:
        return {row.note_id for row in party.node.store.look(lambda look: look.notes(limit=1_000_000))}

    @staticmethod
    def _has(party: SimulatedParty, note: bytes) -> bool:
        return party.node.store.look(lambda look: look.note(note)) is not None

    # -- counting

    def result(self) -> dict[str, Any]:
        """What arrived, what is lost, what came twice: counted at the receivers, from their stores alone."""
        opened = sum(self._has(self.by_code[to], note) for (_, to, _), note in self.ledger.items())
        kept = sum(self._has(self.by_code[sender], note) for (sender, _, _), note in self.ledger.items())
        states = [self._state(*key, note) for key, note in self.ledger.items() if self._has(self.by_code[key[0]], note)]
        self.weather.faults["sealed_again"] = sum(len(state.copies) > 1 for state in states)
        return {
            "sent": len(self.ledger),
            "opened": opened,
            "lost": len(self.ledger) - opened,
            "duplicated": sum(map(self._twice, self.parties)),
            "acknowledged": sum(state.delivery.name == "OPENED" for state in states),
            "missing_at_sender": len(self.ledger) - kept,
            "lost_with_the_store": self.lost_with_the_store,
            "rewritten": self.rewritten,
            "journals_verified": sum(map(_verifies, self.parties)),
            "parcels": self.weather.parcels,
            "faults": dict(sorted(self.weather.faults.items())),
        }

    def _state(self, sender: str, to: str, number: int, note: bytes) -> Any:
        row = self.by_code[sender].node.store.look(lambda look: look.conversation(note, to))
        assert row is not None
        return read_conversation(row.state)

    @staticmethod
    def _twice(party: SimulatedParty) -> int:
        """Entries of the journal, in all incarnations, that take in a note that was taken in before."""

        def read(look: Any) -> int:
            seen = Counter(
                leaf.object_digest
                for incarnation in look.incarnations()
                for leaf in (look.leaf(index, incarnation) for index in range(look.leaf_count(incarnation)))
                if leaf.kind == LeafKind.NOTE_IN
            )
            return sum(count - 1 for count in seen.values())

        return party.node.store.look(read)


def _verifies(party: SimulatedParty) -> bool:
    try:
        return archive.verify_own(party.node)["entries"] > 0
    except Problem:
        return False


async def story(mesh: Mesh, notes: int, say: Any) -> dict[str, Any]:
    """The run: waves of notes with everything that goes wrong in between."""
    faults, third = mesh.weather.faults, len(mesh.parties) // 3
    restored, rotating, cut = mesh.parties[0], mesh.parties[1], mesh.parties[-third:]
    await mesh.meet()
    say(f"{len(mesh.parties)} parties have met")
    for number in range(1, notes + 1):
        await mesh.wave(number, rounds=3)
        say(f"wave {number}: {len(mesh.ledger)} notes, faults {dict(faults)}")
        if number == 1:
            restored.node.store.backup(str(mesh.folder / "stale.backup"))
            mesh.weather.cut = {party.node.party for party in cut}
        if number == 2:
            await rotating.rotate()
            faults["keys_rotated"] += 3
            mesh.clock.sleep(13 * HOUR)
        if number == notes - 1:
            await mesh.lose_and_restore(restored, mesh.folder / "stale.backup")
            faults["restored_from_stale_backup"] += 1
            mesh.clock.sleep(13 * HOUR)
    mesh.weather.cut = set()
    rounds = await mesh.settle()
    say(f"quiet after {rounds} more rounds")
    return {"rounds_to_quiet": rounds, **mesh.result()}


async def run(parties: int, notes: int, seed: int, sabotage: str, say: Any = lambda _: None) -> dict[str, Any]:
    """One run in a folder of its own; the result as printed."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="parley-mesh-") as folder:
        mesh = Mesh(parties, seed, sabotage, Path(folder))
        with forgetful() if sabotage == "no-dedupe" else contextlib.nullcontext():
            found = await story(mesh, notes, say)
        for party in mesh.parties:
            await party.node.store.close()
    seconds = round(time.perf_counter() - began, 1)
    return {"parties": parties, "seed": seed, "sabotage": sabotage, "seconds": seconds, **found}


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parties", type=int, default=5)
    parser.add_argument("--notes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", choices=SABOTAGES, default="")
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    given = parser.parse_args()
    if given.parties < 3 or given.notes < 3:
        parser.error("it takes three parties and three notes")
    say = (lambda _: None) if given.json else (lambda text: print(text, flush=True))
    found = asyncio.run(run(given.parties, given.notes, given.seed, given.sabotage, say))
    print(json.dumps(found))
    return int(found["lost"] + found["duplicated"] > 0)


if __name__ == "__main__":
    sys.exit(main())
