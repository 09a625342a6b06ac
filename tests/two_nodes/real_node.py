"""Nodes in processes of their own, with clocks that a test can set ahead, and an officer at each door."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from parley.backstage import Backstage
from parley.doors.local import LocalClient
from parley.outside.keys.signing_client import OfficeSigner


class RealNode:
    """A node in a process of its own, whose clock a test can set ahead, with an officer at its door."""

    def __init__(self, folder: Path, code: str, mail: str | None = None) -> None:
        self.code, self.folder = code, folder
        self.backstage = Backstage(cheap=True)
        self.home = self.backstage.found_for_demonstration(folder, code, "officer", "en", "a passphrase", mail)
        self.ahead = folder / f"{code}.ahead"
        self.go_ahead(0)

    def go_ahead(self, ms: int) -> None:
        """Set the clock this much ahead of the machine's, at once."""
        new = self.ahead.with_suffix(".new")
        new.write_text(str(ms), "ascii")
        os.replace(new, self.ahead)

    def start(self, place: str = "") -> None:
        """Start the node and its signer; `await_start` waits for them. `place`: where it is to kill itself."""
        launcher = Path(__file__).with_name("node_with_clock.py")
        command = [sys.executable, str(launcher), str(self.home.path), str(self.ahead), "a passphrase"]
        command += [place] if place else []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.signer = self.backstage.start_signer(self.home, "duty", quiet=True)

    def await_start(self) -> None:
        """Until both are on the line."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith('{"party"')
        self.door = LocalClient(self.home.socket)
        until(lambda: self.home.signer_socket("duty").exists())

    def meet(self, other: RealNode) -> None:
        """Our half of a ceremony, before the node serves."""
        shown = other.backstage.call(other.home, "particulars")
        signed = other.backstage.call(other.home, "export_particulars")
        given = {"officer": "officer", "heard": shown["phrase"], "means": "in-person", "confirmed": True}
        self.backstage.call(self.home, "accept", signed=signed, **given)

    def write(self, to: str, precedence: int = 0) -> str:
        """Send a link check; its id."""
        fields: dict[str, Any] = {
            "form": 1,
            "office": "duty",
            "to": (f"{to}/duty",),
            "lines": {10: "drill"},
            "written_in": "en",
        }
        fields |= {"officer": "officer", "exercise": True, "precedence": precedence}
        made = self.door.call("compose_now", fields=fields)
        signer = OfficeSigner(self.home.signer_socket("duty"))
        note: str = self.door.call("release", signed=signer.release(made["payload"], "officer", "a passphrase"))
        return note

    def arrives(self, note: str, to: str, seconds: float = 20.0) -> bool:
        """Whether the receipt that says opened comes in time."""
        found: bool = self.door.call("await", note=note, party=to, deliveries=["opened"], seconds=seconds)
        return found

    def rotate(self, *, tls: bool = False) -> None:
        """A new office key and node key, signed by two roots, adopted by the running node."""
        proposal = self.folder / f"{self.code}.next"
        self.backstage.rotate(
            self.home,
            proposal,
            offices=("duty",),
            node=True,
            tls=tls,
            officer="officer",
            passphrase=lambda: "a passphrase",
        )
        shares = [self.folder / f"{self.code}.next-{number}" for number in (1, 2)]
        for number, share in enumerate(shares, 1):
            root = self.folder / f"{self.code}-root-{number}.key"
            self.backstage.sign_proposal(proposal, root, "a passphrase", share)
        signed = self.backstage.combine(proposal, shares, self.folder / f"{self.code}.adopted")
        self.adopt(signed)

    def adopt(self, signed: bytes) -> None:
        """The running node takes its own particulars, and keys that waited for them, into use."""
        self.door.call("adopt", signed=signed, officer="officer")

    def end(self) -> None:
        """Stop both processes."""
        for process in (self.process, self.signer):
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(timeout=15)


def until(true: Any, seconds: float = 20.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)
