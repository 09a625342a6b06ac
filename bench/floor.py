"""The floor: what one note costs with the line's own algorithms; standard library and cryptography only.

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
from collections import defaultdict

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
BODY, PADDED = 700, 5120  # a filled form; the bucket into which note and receipt are padded
ed, ml = Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate()
prekey = hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())
ed_public, ml_public, prekey_public = ed.public_key(), ml.public_key(), prekey.public_key()
folder = tempfile.TemporaryDirectory(dir=options.dir)
base = sqlite3.connect(os.path.join(folder.name, "floor.sqlite"), isolation_level=None)
base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE notes (id BLOB PRIMARY KEY, body BLOB)")
counts, spent, notes = defaultdict(int), defaultdict(float), []  # spent: ms by operation in the turn under way


def timed(name, act, *arguments):
    began = time.perf_counter()
    result = act(*arguments)
    spent[name] += (time.perf_counter() - began) * 1000
    counts[name] += 1
    return result


def commit(rows):
    base.execute("BEGIN IMMEDIATE")
    base.executemany("INSERT INTO notes VALUES (?, ?)", rows)
    base.execute("COMMIT")


def carry(payload):
    """Sign, seal, open, verify one object; returns the sealed bytes."""
    signed = timed("sign", lambda: payload + ed.sign(payload) + ml.sign(payload)).ljust(PADDED, b"\0")
    info = hashlib.sha256(payload).digest()
    sealed = timed("seal", SUITE.encrypt, signed, prekey_public, info)
    opened = timed("open", SUITE.decrypt, sealed, prekey, info)
    first, second = opened[BODY : BODY + 64], opened[BODY + 64 : BODY + 3373]
    timed("verify", lambda: (ed_public.verify(first, payload), ml_public.verify(second, payload)))
    return sealed


for _ in range(-(-options.notes // options.group)):
    began = time.perf_counter()
    pairs = [(carry(os.urandom(BODY)), carry(os.urandom(BODY))) for _ in range(options.group)]
    for which in (0, 0, 1):
        timed("commit", commit, [(os.urandom(32), pair[which]) for pair in pairs])
    spent["all"] = (time.perf_counter() - began) * 1000
    notes.append({name: value / options.group for name, value in spent.items()})
    spent.clear()
per_note = {name: round(statistics.median(note[name] for note in notes), 4) for name in notes[0]}
p50, total = per_note.pop("all"), sum(per_note.values())
rate = round(1000 * len(notes) / sum(note["all"] for note in notes), 1)
result = {"p50_ms": p50, "notes_per_s": rate, "group": options.group, "operations": counts, "median_ms_per_note": per_note}
print(json.dumps(result | {"sum_of_medians_ms": round(total, 3), "sum_over_floor": round(total / p50, 3)}))
