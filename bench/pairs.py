"""What the bench scripts share: two or more real nodes in a folder, officers who write notes, and figures."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from parley.backstage import Backstage
from parley.doors.local import LocalClient
from parley.outside.keys.signing_client import OfficeSession, OfficeSigner

PASSPHRASE = "for measuring only"
LINK_CHECK: dict[str, Any] = {"form": 1, "lines": {10: "drill"}, "precedence": 0}
FORM: dict[str, Any] = {
    "form": 11,
    "lines": {
        10: "stop-traffic",
        11: "XB",
        12: "from-territory",
        13: [550, 800, 5, 1],
        15: ["XA"],
        16: ["health"],
        17: ["data.encrypted", "social.service-interrupted"],
        18: [[1494575040000, 5, 2]],
        19: "going-on",
        23: ["13c", "13h"],
    },
}


class Party:
    """One party of a bench: folder, process, and a connection to its local door."""

    def __init__(self, backstage: Backstage, folder: Path, code: str) -> None:
        self.backstage, self.code = backstage.for_demonstration(), code
        self.home, self.process = self.backstage.demonstration_node(folder, code, "bench", "en", PASSPHRASE)
        self.door = LocalClient(self.home.socket)

    def officer(self) -> Officer:
        """One more officer, with connections of its own."""
        return Officer(self)

    def close(self) -> None:
        """Stop the node."""
        self.door.close()
        self.backstage.end(self.process)


class Officer:
    """Writes, releases and awaits notes through the doors that a person's commands use."""

    def __init__(self, party: Party) -> None:
        self.door = LocalClient(party.home.socket)
        self.session: OfficeSession = OfficeSigner(party.home.signer_socket("duty")).session("bench", PASSPHRASE)

    def write(self, to: str, note: dict[str, Any], precedence: int) -> str:
        """Compose, sign and release one note; returns its id."""
        fields = {**note, "office": "duty", "to": (f"{to}/duty",), "written_in": "en", "officer": "bench"}
        made = self.door.call("compose_now", fields={**fields, "precedence": precedence, "exercise": True})
        return self.door.call("release", signed=self.session.release(made["payload"]))

    def await_receipt(self, note: str, to: str, seconds: float = 60.0) -> None:
        """Until the receipt for a note is durable here."""
        if not self.door.call("await", note=note, party=to, deliveries=["opened", "read"], seconds=seconds):
            raise SystemExit(f"bench: no receipt from {to} within {seconds:.0f} s")


def meet(first: Party, second: Party) -> None:
    """A ceremony between two parties; returns when each can seal to the other."""
    for here, there in ((first, second), (second, first)):
        shown = there.door.call("particulars")
        signed = there.door.call("export_particulars")
        here.door.call(
            "accept", signed=signed, officer="bench", heard=shown["phrase"], means="in-person", confirmed=True
        )
    for here, there in ((first, second), (second, first)):
        while not here.door.call("can_seal", party=there.code):
            time.sleep(0.02)


def percentile(found: Sequence[float], part: float) -> float:
    """The value below which `part` of the sorted values lie (nearest rank)."""
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def spread(found: Sequence[float]) -> float:
    """(max - min) / median of rounds."""
    return round((max(found) - min(found)) / statistics.median(found), 3)


def memory_mb(process: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def finish(result: dict[str, Any]) -> None:
    """The last line of a script."""
    print(json.dumps(result), flush=True)
