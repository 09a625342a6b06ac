"""The floor: what one note costs with the line's own algorithms and nothing else; standard library and cryptography only.

Per note: two hybrid signatures (note, receipt), two hybrid verifications, seal and open of both, three durable commits
(sender's outbox, receiver's inbox, sender's receipt) in SQLite with WAL and synchronous FULL. `--group N` commits
for N notes at once. Prints one JSON object as its last line.
"""

import argparse
import hashlib
import json
import os
import sqlite3
import statistics
import tempfile
import time

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

parser = argparse.ArgumentParser()
parser.add_argument("--notes", type=int, default=300)
parser.add_argument("--group", type=int, default=1)
parser.add_argument("--dir", default=None)
parser.add_argument("--json", action="store_true")
options = parser.parse_args()

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
ed, ml = Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate()
ed_public, ml_public = ed.public_key(), ml.public_key()
prekey = hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())
prekey_public = prekey.public_key()
folder = tempfile.TemporaryDirectory(dir=options.dir)
base = sqlite3.connect(os.path.join(folder.name, "floor.sqlite"), isolation_level=None)
base.execute("PRAGMA journal_mode=WAL")
base.execute("PRAGMA synchronous=FULL")
base.execute("CREATE TABLE notes (id BLOB PRIMARY KEY, body BLOB)")
BODY, PADDED = 700, 5120  # a filled form; the bucket into which note and receipt are padded
spent: dict[str, list[float]] = {}


def timed(name, act, share=1):
    began = time.perf_counter()
    result = act()
    spent.setdefault(name, []).append((time.perf_counter() - began) * 1000 / share)
    return result


def commit(rows):
    base.execute("BEGIN IMMEDIATE")
    base.executemany("INSERT INTO notes VALUES (?, ?)", rows)
    base.execute("COMMIT")


def carry(payload):
    """Sign, seal, open, verify one object; returns the sealed bytes."""
    signed = timed("sign", lambda: payload + ed.sign(payload) + ml.sign(payload)).ljust(PADDED, b"\0")
    info = hashlib.sha256(payload).digest()
    sealed = timed("seal", lambda: SUITE.encrypt(signed, prekey_public, info))
    opened = timed("open", lambda: SUITE.decrypt(sealed, prekey, info))
    end = len(payload)
    timed("verify", lambda: (ed_public.verify(opened[end : end + 64], payload), ml_public.verify(opened[end + 64 : end + 3373], payload)))
    return sealed


each = []
for _ in range(-(-options.notes // options.group)):
    began = time.perf_counter()
    sealed = [(carry(os.urandom(BODY)), carry(os.urandom(BODY))) for _ in range(options.group)]
    for which in (0, 0, 1):
        timed("commit", lambda which=which: commit([(os.urandom(32), pair[which]) for pair in sealed]), options.group)
    each.append((time.perf_counter() - began) * 1000 / options.group)
counts = {"sign": 2, "seal": 2, "open": 2, "verify": 2, "commit": 3}
operations = {name: {"per_note": counts[name], "median_ms": round(statistics.median(found), 4)} for name, found in spent.items()}
p50, total = statistics.median(each), sum(row["per_note"] * row["median_ms"] for row in operations.values())
result = {"p50_ms": round(p50, 3), "notes_per_s": round(1000 * len(each) / sum(each), 1), "group": options.group, "operations": operations}
print(json.dumps({**result, "sum_of_medians_ms": round(total, 3), "sum_over_floor": round(total / p50, 3)}))
