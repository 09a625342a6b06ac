"""What the floor's own operations cost when a process sleeps between them, as nodes do between two turns of a note.

    python bench/cold.py --json [--pause 0.01]

The floor repeats its operations without a pause, so that keys, tables and code stay in the processor's caches. A note
passes through four processes, each of which has slept for some 5 to 25 ms when its turn comes. This script measures
the same operations both ways in alternation, and the check of a form as an example of interpreted code. `chain_ms` is
the sum of what one note needs at least, in that state: two signatures, two seals, two openings, three verifications
(ours, theirs, the receipt), five times the medium (serial, signer's log, outbox, inbox, receipt), and nothing else.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pairs import FORM, finish

from parley.forms import Header, Sheet, check, load
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
BODY, PADDED = os.urandom(700), 5120
CHAIN = {"sign": 2, "seal": 2, "open": 2, "verify": 3, "commit": 5}
Acts = dict[str, Callable[[], object]]


def algorithms() -> Acts:
    """The floor's operations, each on one note."""
    ed, ml = Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate()
    ours = hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())
    theirs, one, two = ours.public_key(), ed.sign(BODY), ml.sign(BODY)
    ed_public, ml_public = ed.public_key(), ml.public_key()
    plain = BODY.ljust(PADDED, b"\0")
    sealed = SUITE.encrypt(plain, theirs, b"info")
    return {
        "sign": lambda: (ed.sign(BODY), ml.sign(BODY)),
        "seal": lambda: SUITE.encrypt(plain, theirs, b"info"),
        "open": lambda: SUITE.decrypt(sealed, ours, b"info"),
        "verify": lambda: (ed_public.verify(one, BODY), ml_public.verify(two, BODY)),
    }


def medium(folder: Path) -> Acts:
    """One durable commit of one sealed note."""
    base = sqlite3.connect(folder / "cold.sqlite", isolation_level=None)
    base.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE notes (id BLOB PRIMARY KEY, body BLOB)"
    )

    def commit() -> None:
        base.execute("BEGIN IMMEDIATE")
        base.execute("INSERT INTO notes VALUES (?, ?)", (os.urandom(32), bytes(PADDED)))
        base.execute("COMMIT")

    return {"commit": commit}


def interpreted() -> Acts:
    """The check of the form that the other scripts send: Python and nothing else."""
    library = load()
    header = Header(
        exercise=True,
        sender=Address("XA", "duty"),
        recipients=(Address("XB", "duty"),),
        marking=Marking(Tlp.AMBER),
        written_in="en",
        signed_at=1494575040000,
        precedence=2,
    )
    sheet = Sheet(form_number=FORM["form"], form_version=1, header=header, lines=FORM["lines"])
    return {"form_check": lambda: check(sheet, at_drafting_now=None, library=library)}


def measure(acts: Acts, pause: float, times: int) -> tuple[dict[str, float], dict[str, float]]:
    """Median ms of each act, at once after itself and after a pause, in alternation."""
    hot: dict[str, list[float]] = {name: [] for name in acts}
    cold: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(times):
        for name, act in acts.items():
            time.sleep(pause)
            cold[name].append(timed(act))
            timed(act)
            hot[name].append(timed(act))
    return medians(hot), medians(cold)


def medians(found: dict[str, list[float]]) -> dict[str, float]:
    """The median of each act."""
    return {name: round(statistics.median(values), 3) for name, values in found.items()}


def timed(act: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pause", type=float, default=0.01, help="seconds that a process sleeps before its turn")
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as name:
        acts = algorithms() | medium(Path(name)) | interpreted()
        hot, cold = measure(acts, options.pause, options.times)
    chains = {
        state: round(sum(found[act] * times for act, times in CHAIN.items()), 2)
        for state, found in (("hot", hot), ("cold", cold))
    }
    finish({"pause_s": options.pause, "hot_ms": hot, "cold_ms": cold, "chain_ms": chains})


if __name__ == "__main__":
    main()
