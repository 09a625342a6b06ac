"""The two sides of the crash bench: machines whose power can be cut, officers who write on, a ledger of what was told.

A side is a founded node and the process that serves it under the shim of bench/shim. The signer of its office is a
process of its own and lives on: it keeps nothing that a note rests on.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import msgspec
from pairs import LINK_CHECK, PASSPHRASE

from parley.backstage import Backstage
from parley.doors.local import LocalClient, RemoteProblem
from parley.outside.keys.signing_client import OfficeSigner
from parley.outside.settings import Home

sys.path.insert(0, str(Path(__file__).with_name("shim")))
import shim

NODE = Path(__file__).with_name("crash_node.py")
OPENED = ["opened", "read"]
PATIENCE = 60.0  # s until a node that does not answer is given up


class CrashError(Exception):
    """The bench itself cannot go on."""


class Side(Backstage):
    """One party's node; `cut_power` and `start` are all that happens to it."""

    def __init__(self, library: Path, folder: Path, code: str, home_folder: Path | None = None) -> None:
        super().__init__(cheap=True)
        self.library, self.code, self.alive = library, code, True
        self.undo, self.diary = folder / f"{code}.undo", folder / f"{code}.diary"
        self.errors = folder / f"{code}.errors"
        self.sabotage, self.lie, self.fail_fsync = "", False, 0
        self.signer: Popen[bytes] | None = None
        self.died: list[tuple[str, str]] = []  # point and moment of each kill by the probe
        self.place, self.process = self.demonstration_node(home_folder or folder, code, "bench", "en", PASSPHRASE)

    def serve_apart(self, home: Home, passphrase: str) -> Popen[str]:
        """As the demonstration's, under the shim and with the probe."""
        (home.path / "passphrase").write_text(passphrase)
        if self.signer is None:
            self.signer = self.start_signer(home, "duty")
        self.place = home
        self.process = self.launch()
        if not self.is_up():
            raise CrashError(f"the node of {self.code} did not start: {self.complaint()}")
        return self.process

    def launch(self, arm: str = "", locked: bool = False) -> Popen[str]:
        """A new process; it is up when it has printed a line."""
        switches = ["--locked"] if locked else []
        switches += ["--arm", arm] if arm else []
        switches += ["--sabotage", self.sabotage] if self.sabotage else []
        home = self.place.path
        command = [sys.executable, str(NODE), str(home), str(home / "passphrase"), str(self.diary)]
        with self.errors.open("w") as errors:
            return Popen(
                [*command, *switches],
                stdout=PIPE,
                stderr=errors,
                text=True,
                env=shim.environment(
                    self.library, home, self.undo, lie=self.lie, fail_fsync=self.fail_fsync, fail_name="-wal"
                ),
            )

    def is_up(self) -> bool:
        """Whether the node says that it is on the line; waits until it does or ends."""
        assert self.process.stdout is not None
        return bool(self.process.stdout.readline())

    def start(self, *, locked: bool = False) -> None:
        """Serve again. A store that does not open makes the side dead for good."""
        for _ in range(3):  # its port may be in use for a moment by a connection of the other side
            self.process = self.launch(locked=locked)
            if self.is_up():
                return
            self.process.wait()
            self.lose_unsynced()
            if "store." in self.complaint():
                break
        self.alive = False

    def start_to_die(self, arm: str) -> None:
        """Serve until the probe strikes during the start or after it."""
        self.process = self.launch(arm=arm)

    def kill(self) -> None:
        """SIGKILL from outside, at whatever it is doing."""
        self.process.kill()
        self.mourn()

    def mourn(self, seconds: float = 20.0) -> None:
        """Wait for the death of the process, then let the power cut have its way. Raises TimeoutExpired."""
        self.process.wait(timeout=seconds)
        if self.process.stdout:
            self.process.stdout.close()
        self.lose_unsynced()
        if self.diary.exists():
            lines = self.diary.read_text().splitlines()
            self.died = [(line.split(" ")[0], line.split(" ")[1]) for line in lines]

    def lose_unsynced(self) -> None:
        """What was not forced to the medium is gone."""
        shim.restore(self.place.path, self.undo)

    def complaint(self) -> str:
        """The last line that the node wrote to its standard error."""
        lines = self.errors.read_text(errors="replace").strip().splitlines() if self.errors.exists() else []
        return lines[-1] if lines else ""

    def ask(self, verb: str, **args: Any) -> Any:
        """One verb on a connection of its own."""
        client = LocalClient(self.place.socket, timeout_s=30.0)
        try:
            return client.call(verb, **args)
        finally:
            client.close()

    def close(self) -> None:
        """Stop node and signer."""
        if self.process.poll() is None:
            self.end(self.process)
        if self.signer is not None:
            self.signer.terminate()
            self.signer.wait(timeout=10)


class Written(msgspec.Struct):
    """One note as its writer knows it: what the node said of it, never what is in the store."""

    sender: str
    receiver: str
    digest: bytes = b""  # SHA-256 of the signed bytes, as the journals name it
    released: bool = False
    acknowledged: bool = False
    refused: str = ""


class Ledger:
    """What was told to officers."""

    def __init__(self) -> None:
        self.notes: dict[str, Written] = {}
        self.forgotten: list[str] = []  # composed, durable by the node's word, and gone before it was released
        self.complaints: Counter[tuple[str, str]] = Counter()  # by party and key of the problem

    def acknowledged(self) -> int:
        """How many notes the senders hold receipts for."""
        return sum(note.acknowledged for note in list(self.notes.values()))

    def open(self) -> list[str]:
        """Released, and no receipt was seen yet."""
        return [name for name, note in list(self.notes.items()) if note.released and not note.acknowledged]


class Officer:
    """Writes notes at one side, through kills, and believes what the node says."""

    def __init__(self, side: Side, to: str, ledger: Ledger) -> None:
        self.side, self.to, self.ledger = side, to, ledger
        self.session = OfficeSigner(side.place.signer_socket("duty")).session("bench", PASSPHRASE)
        self.client: LocalClient | None = None
        self.give_up = threading.Event()

    def call(self, verb: str, **args: Any) -> Any:
        """A verb, again and again until a node answers it. Raises RemoteProblem; CrashError after too long."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends and self.side.alive and not self.give_up.is_set():
            try:
                if self.client is None:
                    self.client = LocalClient(self.side.place.socket)
                return self.client.call(verb, **args)
            except OSError:
                if self.client is not None:
                    self.client.close()
                    self.client = None
                time.sleep(0.05)
        raise CrashError(f"{self.side.code} does not answer {verb}")

    def write(self, note: dict[str, Any] = LINK_CHECK, **fields: Any) -> str:
        """Compose, sign, release; returns the note's id."""
        given = {**note, "office": "duty", "to": (f"{self.to}/duty",), "written_in": "en", "officer": "bench"}
        made = self.call("compose_now", fields={**given, "exercise": True, **fields})
        written = self.ledger.notes[made["note"]] = Written(self.side.code, self.to)
        signed = self.session.release(made["payload"])
        written.digest = sha256(signed).digest()
        try:
            self.call("release", signed=signed)
            written.released = True
        except RemoteProblem as problem:
            self._doubt(made["note"], written, problem)
        return str(made["note"])

    def _doubt(self, name: str, written: Written, problem: RemoteProblem) -> None:
        """The answer to the first attempt was lost with the node: either the note is there, or its reservation is."""
        if problem.key != "desk.not_composed":
            raise problem
        try:
            self.call("state", note=name)
            written.released = True
        except RemoteProblem:
            self.ledger.forgotten.append(name)

    def await_receipt(self, name: str, seconds: float) -> bool:
        """Whether the node says within this time that it holds a receipt."""
        note = self.ledger.notes[name]
        if note.released and self.call("await", note=name, party=self.to, deliveries=OPENED, seconds=seconds):
            note.acknowledged = True
        return note.acknowledged


class Load:
    """Officers at work, each in a thread, until told to stop."""

    def __init__(self, sides: dict[str, Side], ledger: Ledger, counts: dict[str, int], pause: float) -> None:
        self.ledger, self.pause = ledger, pause
        self.stopped = threading.Event()
        self.officers = [
            Officer(sides[code], other, ledger)
            for code, other in (("XA", "XB"), ("XB", "XA"))
            for _ in range(counts[code])
        ]
        self.threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in self.officers]
        for thread in self.threads:
            thread.start()

    def _work(self, officer: Officer) -> None:
        while not self.stopped.is_set():
            try:
                officer.await_receipt(officer.write(precedence=len(self.ledger.notes) % 3), 3.0)
            except RemoteProblem as problem:
                self.ledger.complaints[officer.side.code, problem.key] += 1
                self.stopped.wait(0.2)
            except CrashError:
                return
            self.stopped.wait(self.pause)

    def stop(self) -> None:
        """No new notes; returns when the last officers have put down their pens."""
        self.stopped.set()
        for thread in self.threads:
            thread.join(timeout=15)
        for officer in self.officers:
            officer.give_up.set()


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes true in time."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True
