"""One node of the crash bench: served through parley.wiring as `parley serve` does, with a probe that kills it.

    python bench/crash_node.py HOME PASSPHRASE_FILE DIARY [--locked] [--arm POINT,MOMENT,COUNT,DELAY] [--sabotage NAME]

For development only. The probe writes one line to DIARY and then sends SIGKILL to its own process, so that the place
of a kill is known and not guessed. Nothing here is in the package: the store is wrapped where wiring opens it, and a
few verbs more are put into the local door, which bring about what else takes a day, an hour or a dishonest peer.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from parley import wiring
from parley.desk import (
    alert,
    bell,
    freshen,
    give_back,
    heads,
    post,
    post_office,
    repeats,
    restore,
    retention,
    talks,
    watch,
    witness,
)
from parley.desk.follow import UNSEALED
from parley.desk.receipts import KEPT_BACK
from parley.desk.roads import Roads
from parley.doors.verbs import Verbs
from parley.journal import Checkpoint, origin, sign_checkpoint
from parley.journal.retention import Retention
from parley.line.parcel import ItemKind
from parley.outside.loop import run
from parley.outside.settings import Home
from parley.seal import Domain, encode, sign
from parley.terms.marking import Marking, Tlp
from parley.terms.problem import Problem
from parley.testing import MemoryPost


class Trap:
    """The store's probe. `arm` it, and the process dies at the count-th passage of a point and moment ("*": any)."""

    def __init__(self, diary: Path) -> None:
        self._diary = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._set: tuple[str, str, int, float] | None = None

    def arm(self, point: str, moment: str, count: int, delay: float) -> None:
        """From now on; `delay` (s) holds the transaction open before the kill."""
        self._set = (point, moment, count, delay)

    def __call__(self, point: str, moment: str) -> None:
        if self._set is None or self._set[0] not in ("*", point) or self._set[1] != moment:
            return
        wanted, _, count, delay = self._set
        if count > 1:
            self._set = (wanted, moment, count - 1, delay)
            return
        self._set = None
        time.sleep(delay)
        os.write(self._diary, f"{point} {moment}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)


class Wrapped:
    """A store with one of its promises broken."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class EarlyReceipt(Wrapped):
    """Tells what a unit of `receive` returned (the receipt) before the unit is committed."""

    async def write(self, unit: Any, *, point: str) -> Any:
        if point != "receive":
            return await self._store.write(unit, point=point)
        loop = asyncio.get_running_loop()
        early: asyncio.Future[Any] = loop.create_future()

        def settle(value: Any) -> None:
            if not early.done():
                early.set_result(value)

        def told(tx: Any) -> Any:
            value = unit(tx)
            loop.call_soon_threadsafe(settle, value)
            return value

        commit = asyncio.ensure_future(self._store.write(told, point=point))
        await asyncio.wait((early, commit), return_when=asyncio.FIRST_COMPLETED)
        return early.result() if early.done() else await commit


class Forgetful:
    """Reads and writes of a node that does not remember what it held: neither bytes, nor serials, nor notes."""

    def __init__(self, real: Any, *, notes: bool) -> None:
        self._real, self._notes = real, notes

    def held(self, digest: bytes) -> None:
        """Nothing ever came."""

    def serial(self, *_: Any) -> None:
        """No serial was ever seen."""

    def note(self, note_id: bytes) -> Any:
        """Only notes of our own."""
        row = self._real.note(note_id)
        return None if self._notes and row is not None and row.direction == "in" else row

    def add_note(self, row: Any) -> None:
        """The table itself holds a note once only; the journal shows that it was taken twice."""
        if self._real.note(row.note_id) is None:
            self._real.add_note(row)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class NoDedupe(Wrapped):
    """Every item that comes is new."""

    async def write(self, unit: Any, *, point: str) -> Any:
        if point != "receive":
            return await self._store.write(unit, point=point)
        return await self._store.write(lambda tx: unit(Forgetful(tx, notes=True)), point=point)

    def look(self, read: Any) -> Any:
        return self._store.look(lambda look: read(Forgetful(look, notes=False)))


SABOTAGE = {"early-receipt": EarlyReceipt, "no-dedupe": NoDedupe}  # no-fsync is done by the shim


class _Silent:
    """A bell that nobody hears."""

    async def ring(self) -> str:
        return ""


class CrashVerbs(Verbs):
    """The node's verbs, and those of the bench."""

    trap: Trap

    async def do_crash_arm(self, point: str, moment: str, count: int = 1, delay: float = 0.0) -> bool:
        self.trap.arm(point, moment, count, delay)
        return True

    async def do_crash_freshen(self) -> bool:
        """What a new day brings: a new prekey, a new freshness, erasure."""
        made = await freshen.freshen(self.node, force=True)
        for party in self.node.directory.parties:
            self.node.wake(party)
        return made

    async def do_crash_ring(self) -> int:
        """The clocks now, and not at the next five seconds."""
        return await watch.ring_due(self.node)

    async def do_crash_keep_back(self, note: str, party: str) -> bool:
        """As if the peer's key had run out when our receipt for a note was to be queued."""
        kept = self.node.store.look(lambda look: look.receipts(bytes.fromhex(note)))
        signed = next(signed for direction, _, signed in kept if direction == "out")
        value = msgspec.msgpack.encode((signed, 2, "receipt"))
        key = f"{party} {hashlib.sha256(signed).hexdigest()}"
        await self.node.store.write(lambda tx: tx.put(KEPT_BACK, key, value), point="crash")
        return True

    async def do_crash_floor(self) -> bool:
        """The floor of the clock now, and not at the next half minute."""
        await watch.keep_floor(self.node)
        return True

    async def do_crash_roads(self) -> bool:
        """How the roads did, now and not at the next half minute."""
        self.node.roads = Roads()
        for party in self.node.directory.parties:
            self.node.roads.fails(party, "mail", self.node.clock(), "bearer.unreachable")
        await self.node.roads.keep(self.node.store)
        return True

    async def do_crash_post(self, party: str) -> int:
        """Mail our freshness to a peer into nowhere."""
        await self.node.store.write(lambda tx: tx.drop(post.TOLD, party), point="crash")
        self.node.roads = Roads()
        way = MemoryPost().of("nobody@almara.example")
        return await post.post(self.node, party, way, "peer@beltova.example", post.Lane(), listed=False)

    async def do_crash_mailbox(self) -> bool:
        """As after a look into a mailbox."""
        await post_office.keep_place(self.node, b"1 1")
        return True

    async def do_crash_ask(self, party: str) -> bool:
        """Ask a peer for what we lack, as if restored; it refuses, since nothing says that we were."""
        asking = msgspec.msgpack.encode(restore.Asking())
        await self.node.store.write(lambda tx: tx.put(restore.ASKING, party, asking), point="crash")
        return bool(await restore.ask(self.node))

    async def do_crash_recall(self, party: str) -> bytes:
        """What `ask` would send, for the peer to work on all the same."""
        recall = restore._recall(self.node, party, self.node.clock())
        return sign(recall.to_payload(), [self.node.node_key], Domain.INCARNATION)

    async def do_crash_give_back(self, party: str, signed: bytes) -> int:
        """Answer a recall that nobody judged."""
        job = msgspec.msgpack.encode(give_back.Job(signed))
        await self.node.store.write(lambda tx: tx.put(give_back.JOB, party, job), point="crash")
        return await give_back.tend(self.node)

    async def do_crash_unseal(self, note: str, party: str) -> int:
        """As if there had been no key to seal a note to that still waits."""
        await self.node.store.write(lambda tx: tx.put(UNSEALED, f"{party} {note}", b""), point="crash")
        return await give_back.tend(self.node)

    async def do_crash_bell(self) -> str:
        """The bell's test, with a command that does nothing."""
        self.node.bell = _Silent()
        return (await bell.self_test(self.node, "bench")).failure

    async def do_crash_alert(self) -> str:
        """The test of the e-mail without content, which nobody gets."""
        self.node.alert = _Silent()
        return (await alert.self_test(self.node, "bench")).failure

    async def do_crash_talk(self, party: str) -> str:
        """A conversation outside the line is entered."""
        now = self.node.clock()
        said = talks.Talk(
            talk_id=os.urandom(8).hex(),
            origin=talks.Origin.TELEPHONE,
            party=party,
            began_at=now - 1,
            took_part=("duty",),
            words="They have it.",
            written_in="en",
            exercise=True,
            marking=Marking(Tlp.AMBER).to_coded(),
            officer="bench",
        )
        return (await talks.enter(self.node, said)).talk_id

    async def do_crash_trace(self, note: str) -> bool:
        """As if the note belonged to a drill under way: how it goes is written down."""
        self.node.traced[bytes.fromhex(note)] = ""
        return True

    async def do_crash_repeats(self) -> int:
        """An answer that was kept for a program, more than a week ago."""
        await self.node.store.write(lambda tx: tx.put(repeats.KIND, "bench", bytes(8)), point="crash")
        return await repeats.forget_old(self.node)

    async def do_crash_retention(self) -> int:
        """Entries over officers' names are old enough, all of them, and nothing is held."""
        held = self.node.store.look(lambda look: look.records(retention.HOLD))
        await self.node.store.write(lambda tx: [tx.drop(retention.HOLD, key) for key, _ in held], point="crash")
        self.node.retention = Retention(names_days=1)
        msgspec.structs.force_setattr(self.node.retention, "names_days", -1)  # nothing here is a day old
        try:
            return (await retention.run(self.node, "bench")).names
        finally:
            self.node.retention = Retention()

    async def do_crash_sight(self, party: str) -> int:
        """A head of `party` that was seen elsewhere, and has come to fit what is here."""
        kept = self.node.store.look(lambda look: look.records(heads.HEAD, f"parley/{party}/"))
        if not kept:
            return 0
        key, text = kept[-1]
        seen = heads.Sighting(text=text.decode(), at=self.node.clock())
        row = f"{key.split(' ')[0]} XZ"
        await self.node.store.write(lambda tx: tx.put(heads.SIGHTING, row, msgspec.msgpack.encode(seen)), point="crash")
        await heads.tend(self.node)
        return 1

    async def do_crash_fork(self, party: str) -> bool:
        """Show a peer another root of the size that it cosigned last: what only a dishonest node does.

        False while the peer has not cosigned our newest checkpoint: another one may be under way then.
        """
        node, life = self.node, self.node.incarnation.hex()
        shown = node.store.look(lambda look: look.record(witness.SHOWN, f"{party} {life}"))
        newest = node.store.look(lambda look: [key for key, _ in look.records(witness.KIND, life)][-1:])
        if shown is None or newest != [f"{life} {int(shown):016d}"]:
            return False
        forged = Checkpoint(origin(node.party, node.incarnation), int(shown), os.urandom(32))
        text = sign_checkpoint(forged, node.node_key, node.clock())
        node.news.setdefault(party, []).append((int(ItemKind.CHECKPOINT), encode([text, 0, []])))
        node.wake(party)
        return True


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("passphrase", type=Path)
    parser.add_argument("diary", type=Path)
    parser.add_argument("--locked", action="store_true")
    parser.add_argument("--arm", default="")
    parser.add_argument("--sabotage", choices=list(SABOTAGE))
    options = parser.parse_args()
    trap = CrashVerbs.trap = Trap(options.diary)
    if options.arm:
        point, moment, count, delay = options.arm.split(",")
        trap.arm(point, moment, int(count), float(delay))
    parts = vars(wiring)
    opened = parts["open_store"]

    def open_store(*given: Any) -> Any:
        store = opened(*given)
        store.probe = trap
        return SABOTAGE[options.sabotage](store) if options.sabotage else store

    parts.update(open_store=open_store, Verbs=CrashVerbs)
    passphrase = None if options.locked else options.passphrase.read_text()

    def ready(facts: dict[str, Any]) -> None:
        print(json.dumps(facts), flush=True)

    try:
        run(wiring.serve(Home(options.home), passphrase=passphrase, ready=ready))
    except Problem as problem:
        print(f"problem {problem.key}: {problem.what} {problem.do}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
