"""Kill -9 with loss of everything unsynced, at every named commit point of two nodes and at random ones under load.

    python bench/crash.py --kills 60 --json [--quick] [--sabotage no-fsync | early-receipt | no-dedupe]

Two node processes over HTTPS on loopback, each under the shim of bench/shim; officers at both write to each other and
note what the nodes tell them. A note is *acknowledged* when its sender's node says that it holds the receipt. After a
kill the shim takes back what was not fsynced, the node starts again, and the line must go on. At the end both sides
lose power at once; then every acknowledged note must be on both sides exactly once and both journals must verify.
Also: a full disk (a small tmpfs: needs root) and a failed fsync. Exit code 0 only if all of that holds.

A sabotaged run breaks one promise on purpose and must therefore fail. It leaves out the named points: each kill falls
where the harm has to show. Prints one JSON object as its last line. docs/decisions/0120 says why it is built so.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from crash_points import MOMENTS, WAYS, names, reach
from crash_sides import PATIENCE, CrashError, Ledger, Load, Officer, Side, shim, wait_until
from pairs import finish, meet

from parley.journal import LeafKind
from parley.line.ports import Look
from parley.outside.store import StoreProblem, read_sqlite

SEED = 20170512
IN_TRANSACTION = 3, 5  # three of five random kills strike inside a transaction; the others come from outside
SABOTAGES = ("no-fsync", "early-receipt", "no-dedupe")
OFFICERS = {"XA": 3, "XB": 2}
ONE_WAY = {"XA": 4, "XB": 0}  # so that whatever the receiver takes is a note
ROLES = {"XA": "sender", "XB": "receiver"}  # of most notes; some go the other way, so that both are both


class Rig:
    """Two sides that know each other, and officers at work between them."""

    def __init__(self, library: Path, folder: Path, homes: dict[str, Path], officers: dict[str, int]) -> None:
        self.folder, self.ledger, self.officers, self.pause = folder, Ledger(), officers, 0.03
        self.sides = {code: Side(library, folder, code, homes.get(code)) for code in ("XA", "XB")}
        self.load: Load | None = None
        self.stuck = 0  # restarts after which the line did not go on
        self._writers: dict[str, Officer] = {}

    def begin(self) -> None:
        """The ceremony, then the load."""
        meet(*(Met(side) for side in self.sides.values()))  # type: ignore[arg-type]
        self.load = Load(self.sides, self.ledger, self.officers, self.pause)

    def writer(self, side: Side) -> Officer:
        """An officer beside the load."""
        if side.code not in self._writers:
            self._writers[side.code] = Officer(side, "XB" if side.code == "XA" else "XA", self.ledger)
        return self._writers[side.code]

    def go_on(self) -> bool:
        """Start what is down; whether notes are acknowledged again."""
        for side in self.sides.values():
            if side.alive and side.process.poll() is not None:
                side.start()
        if not all(side.alive for side in self.sides.values()):
            return False
        if not self.more(2, 30.0):
            self.stuck += 1
        return True

    def more(self, count: int, seconds: float) -> bool:
        """Wait until that many more notes are acknowledged."""
        wanted = self.ledger.acknowledged() + count
        return wait_until(lambda: self.ledger.acknowledged() >= wanted, seconds)

    def settle(self, seconds: float) -> None:
        """No new notes; wait until what was released is acknowledged."""
        if self.load is not None:
            self.load.stop()
        ends = time.monotonic() + seconds
        while self.ledger.open() and time.monotonic() < ends and all(side.alive for side in self.sides.values()):
            for name in self.ledger.open():
                self.writer(self.sides[self.ledger.notes[name].sender]).await_receipt(name, 0.5)
                if time.monotonic() > ends:
                    break

    def close(self) -> None:
        """Stop everything."""
        if self.load is not None:
            self.load.stop()
        for side in self.sides.values():
            side.close()


class Met:
    """A side as `pairs.meet` wants it."""

    def __init__(self, side: Side) -> None:
        self.code, self.door = side.code, self
        self.call = side.ask


# -- kills


def named(rig: Rig, points: list[str]) -> dict[str, Any]:
    """Every named point, at both sides, at its three moments."""
    done: Counter[str] = Counter()
    missed = []
    for point in points:
        for code, side in rig.sides.items():
            for moment in MOMENTS:
                peer = rig.sides["XB" if code == "XA" else "XA"]
                if reach(rig, point, moment, side, peer):
                    done[point] += 1
                else:
                    missed.append(f"{ROLES[code]} {point} {moment}")
                if not rig.go_on():
                    return {"points": dict(done), "missed": missed}
        say(f"{point}: {done[point]} kills; {rig.ledger.acknowledged()} acknowledged")
    return {"points": dict(done), "missed": missed}


def at_random(rig: Rig, kills: int) -> dict[str, int]:
    """Kills under load: most from inside a transaction at a random count of units, the others at a random time."""
    chance = random.Random(SEED)
    inside = 0
    for number in range(kills):
        side = rig.sides[chance.choice(("XA", "XB"))]
        if number % IN_TRANSACTION[1] < IN_TRANSACTION[0]:
            seen = len(side.died)
            side.ask("crash_arm", point="*", moment="written", count=chance.randint(1, 30))
            if not wait_until(lambda side=side: side.process.poll() is not None, 15.0):  # type: ignore[misc]
                side.process.kill()
            side.mourn()
            inside += len(side.died) > seen
        else:
            time.sleep(chance.uniform(0.02, 0.5))
            side.kill()
        if not rig.go_on():
            break
        if number % 10 == 9:
            say(f"{number + 1} random kills, {inside} in a transaction; {rig.ledger.acknowledged()} acknowledged")
    return {"kills_random": kills, "kills_in_transaction": inside}


def sabotaged(rig: Rig, kills: int, how: str) -> dict[str, int]:
    """Kills where the broken promise has to show: each after some notes were acknowledged."""
    broken = list(rig.sides.values()) if how == "no-fsync" else [rig.sides["XB"]]
    for side in broken:
        side.kill()
        side.lie, side.sabotage = how == "no-fsync", "" if how == "no-fsync" else how
        side.start()
    for number in range(kills):
        rig.more(5, 5.0)
        side = broken[number % len(broken)]
        if how == "no-fsync":
            side.kill()
        else:  # early-receipt: the reply leaves, the unit does not; no-dedupe: the unit stays, the reply does not leave
            moment, delay = ("written", 0.3) if how == "early-receipt" else ("after", 0.0)
            side.ask("crash_arm", point="receive", moment=moment, delay=delay)
            wait_until(lambda side=side: side.process.poll() is not None, 10.0)  # type: ignore[misc]
            side.kill()
        side.start()
        if not side.alive:
            break
    rig.more(5, 5.0)
    return {"kills_random": kills, "kills_in_transaction": sum(died[1] == "written" for s in broken for died in s.died)}


# -- trouble with the disk


def failed_fsync(rig: Rig) -> dict[str, str]:
    """An fsync of the log fails under load: the node ends or says that it has stopped; nothing told is lost."""
    found = {}
    for code, side in rig.sides.items():
        side.kill()
        side.fail_fsync = 12
        side.start()
        before = rig.ledger.complaints[code, "store.stopped"]
        ended = wait_until(lambda side=side: side.process.poll() is not None, 10.0)  # type: ignore[misc]
        said = rig.ledger.complaints[code, "store.stopped"] > before
        found[ROLES[code]] = f"ended: {side.complaint()}"[:160] if ended else "refuses" if said else "went on"
        side.fail_fsync = 0
        side.kill()
        if not rig.go_on():
            break
    return found


@contextmanager
def small_disks(folder: Path, megabytes: int = 12) -> Iterator[dict[str, Path]]:
    """A small file system for each side. Raises CrashError when it cannot be mounted."""
    mounted: dict[str, Path] = {}
    try:
        for code in ("XA", "XB"):
            place = folder / f"disk-{code}"
            place.mkdir()
            command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "parley-crash", str(place)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                raise CrashError(f"no small tmpfs for the full disk: {error}") from error
            if done.returncode:
                raise CrashError(f"no small tmpfs for the full disk (root may mount one): {done.stderr.strip()}")
            mounted[code] = place
        yield mounted
    finally:
        for place in mounted.values():
            subprocess.run(["umount", "-l", str(place)], check=False)


def full_disk(library: Path, folder: Path) -> dict[str, Any]:
    """First the sender's disk is full, then the receiver's; with space again, everything told is there."""
    result: dict[str, Any] = {}
    folder.mkdir()
    with small_disks(folder) as disks:
        rig = Rig(library, folder, disks, OFFICERS)
        try:
            rig.begin()
            rig.more(10, 20.0)
            for code in rig.sides:
                result[ROLES[code]] = _fill(rig, disks[code], code)
            rig.settle(PATIENCE)
            result |= account(rig)
        finally:
            rig.close()
    return result


def _fill(rig: Rig, disk: Path, code: str) -> dict[str, Any]:
    """Until the node says that it is full; then space again."""
    before, told = rig.ledger.complaints[code, "store.disk_full"], rig.ledger.acknowledged()
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass
    refused = wait_until(lambda: rig.ledger.complaints[code, "store.disk_full"] > before, 20.0)
    runs = rig.sides[code].process.poll() is None
    meanwhile = rig.ledger.acknowledged() - told
    ballast.unlink()
    went_on = rig.go_on()
    return {"refused": refused, "node_ran_on": runs, "went_on": went_on, "acknowledged_while_full": meanwhile}


# -- what is there


def account(rig: Rig) -> dict[str, Any]:
    """Both sides lose power at once and start again; then what the officers were told is compared with what is kept."""
    for side in rig.sides.values():
        if side.process.poll() is None:
            side.kill()
        if side.alive:
            side.start()
    kept = {code: _kept(side) for code, side in rig.sides.items()}
    lost, doubled = [], []
    for name, note in rig.ledger.notes.items():
        out, into = kept[note.sender], kept[note.receiver]
        if note.acknowledged and not (out.has(name, note.digest, "out") and into.has(name, note.digest, "in")):
            lost.append(name)
        if out.times(note.digest, "out") > 1 or into.times(note.digest, "in") > 1:
            doubled.append(name)
    return {
        "composed": len(rig.ledger.notes),
        "released": sum(note.released for note in rig.ledger.notes.values()),
        "acknowledged": rig.ledger.acknowledged(),
        "lost": len(lost),
        "duplicated": len(doubled),
        "undelivered": len(rig.ledger.open()),
        "forgotten": len(rig.ledger.forgotten),
        "stores_opened": all(side.alive for side in rig.sides.values()),
        "journals_verified": all(_verifies(side) for side in rig.sides.values()),
        "restarts_stuck": rig.stuck,
    }


class Kept:
    """What one store holds: notes with a body (ours: with a receipt), and how often the journal names each."""

    def __init__(self) -> None:
        self.notes: set[tuple[str, str]] = set()
        self.journal: Counter[tuple[bytes, str]] = Counter()

    def has(self, name: str, digest: bytes, direction: str) -> bool:
        """The note and its entry in the journal."""
        return (name, direction) in self.notes and self.times(digest, direction) > 0

    def times(self, digest: bytes, direction: str) -> int:
        """Entries of the journal."""
        return self.journal[digest, direction]


def _kept(side: Side) -> Kept:
    """Read the store itself, beside the node; nothing if it does not open."""
    kept = Kept()
    if not side.alive:
        return kept

    def read(look: Look) -> None:
        for row in look.notes(limit=1_000_000):
            receipted = any(direction == "in" for direction, _, _ in look.receipts(row.note_id))
            if row.body is not None and (row.direction == "in" or receipted):
                kept.notes.add((row.note_id.hex(), row.direction))
        kinds = {LeafKind.NOTE_OUT: "out", LeafKind.NOTE_IN: "in"}
        for index in range(look.leaf_count()):
            with suppress(StoreProblem):  # an entry over a name that the way to `retention` destroyed: no note's
                leaf = look.leaf(index)
                if leaf.kind in kinds:
                    kept.journal[leaf.object_digest, kinds[leaf.kind]] += 1

    try:
        read_sqlite(side.place.store).look(read)
    except StoreProblem as problem:
        say(f"{side.code}: {problem.what}")
        return Kept()
    return kept


def _verifies(side: Side) -> bool:
    """Whether the node's own journal verifies."""
    if not side.alive:
        return False
    try:
        return bool(side.ask("verify")["entries"])
    except Exception as problem:  # whatever it is, it does not verify
        say(f"{side.code}: journal: {problem}")
        return False


# -- the run


def clean(result: dict[str, Any]) -> bool:
    """Whether nothing that was told is missing, twice or unproved."""
    zero = ("lost", "duplicated", "undelivered", "forgotten", "restarts_stuck")
    return result["acknowledged"] > 0 and result["journals_verified"] and not any(result[name] for name in zero)


def kill_all(rig: Rig, options: argparse.Namespace) -> dict[str, Any]:
    """The kills of one run."""
    if options.sabotage:
        return {"sabotage": options.sabotage, **sabotaged(rig, options.kills, options.sabotage)}
    unknown = sorted(set(names()) ^ set(WAYS))
    result: dict[str, Any] = named(rig, ["receive"] if options.quick else list(WAYS))
    result["points_unknown"] = unknown
    result |= at_random(rig, options.kills)
    if not options.quick:
        result["failed_fsync"] = failed_fsync(rig)
    return result


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """The figures, and whether they are as they should be."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parley-crash-") as name:
        folder = Path(name)
        library = shim.build(folder)
        (folder / "line").mkdir()
        whole = not options.sabotage and not options.quick
        filled = full_disk(library, folder / "full") if whole else {}
        rig = Rig(library, folder / "line", {}, ONE_WAY if options.sabotage else OFFICERS)
        try:
            rig.begin()
            rig.more(10, 20.0)
            result = kill_all(rig, options)
            rig.settle(4.0 if options.sabotage else 2 * PATIENCE)
            result |= account(rig)
        finally:
            rig.close()
        result["kills"] = sum(result.get("points", {}).values()) + result["kills_random"]
        good = clean(result) and not result.get("missed") and not result.get("points_unknown")
        if whole:
            result["full_disk"] = filled
            good &= clean(result["full_disk"]) and "went on" not in result["failed_fsync"].values()
            good &= all(result["full_disk"][role]["refused"] for role in ROLES.values())
            good &= result["kills_in_transaction"] * 2 >= options.kills
    result["seconds"] = round(time.monotonic() - began)
    return result, good


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Kill and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60, help="random kills, beside those at named points")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one named point only, and no trouble with the disk")
    parser.add_argument("--sabotage", choices=SABOTAGES)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nodes and small disks do not stay behind
    try:
        result, good = run(parser.parse_args())
    except (CrashError, shim.ShimError) as error:
        print(f"crash: {error}", file=sys.stderr)
        sys.exit(2)
    finish({**result, "passed": good})
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
