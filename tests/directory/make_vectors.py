"""Writes vectors/directory/*.toml from fixed keys. Run once per format: ``python tests/directory/make_vectors.py``.

ML-DSA signatures are randomised, so every run writes other bytes with the same outcomes. What is committed stays: an
earlier file must go on being read. The expected outcomes here are from the specification, not from running the code.
"""

from __future__ import annotations

import base64
import textwrap
from pathlib import Path
from typing import Any

from conftest import START, World  # this folder is on the path when run as a script

from parley.directory import Mandate, phrase, qr_payload, root_digest
from parley.directory.particulars import PARTICULARS
from parley.seal import Domain, assemble, encode, signature_share

TARGET = Path(__file__).parents[2] / "vectors/directory"
WORLD = World()

PHRASES = """\
# Ceremony phrases (spec/ceremony.md). Expected outcome: for every row, party, roots (hex, in this order) and threshold
# give this root digest, phrase and QR text. Rows 1 and 2 differ in the order of roots only and agree; rows 3 to 5 each
# change something. Written once by tests/directory/make_vectors.py; read by tests/directory/test_ceremony.py.
"""
SUCCESSION = """\
# Particulars and freshness (spec/particulars.md). Expected outcome: in every [[case]] the first object is particulars
# accepted by ceremony; the others are then learned in order, each with the expected outcome beside it: "new", "known",
# "fork" (kept as evidence), or the key of the problem with which it is refused. `now` (ms, UTC) is when it is read.
# Objects are base64 of the signed object, in [objects]. Party XB, all keys from fixed seeds that nobody uses.
# Written once by tests/directory/make_vectors.py; read by tests/directory/test_vectors.py.
"""


def forged(payload: bytes, letters: str) -> bytes:
    """Signed by these roots, whatever the payload says."""
    keys = [WORLD.signing_key(f"root {letter}") for letter in letters]
    return assemble(payload, [signature_share(payload, key, Domain.PARTICULARS) for key in keys], Domain.PARTICULARS)


def objects() -> dict[str, bytes]:
    """The signed objects, by name."""
    day = WORLD.day
    first = WORLD.particulars("a", 1)
    second = first.successor(issued_at=day(10), expires_at=day(310))
    rotated = first.successor(issued_at=day(10), expires_at=day(310), roots=WORLD.roots("b"))
    packed = PARTICULARS.pack(second)
    small = PARTICULARS.pack(second)
    small[9] = [bytes(32) + small[9][0][32:]]
    forked = first.successor(issued_at=day(10), expires_at=day(310), names={"en": "Other"})
    raised = first.successor(issued_at=day(10), expires_at=day(310), roots=WORLD.roots("ac"), threshold=2)
    office = WORLD.signed_freshness(first, 1, "office")
    return {
        "first": forged(first.payload, "a"),
        "second": forged(second.payload, "a"),
        "second-forked": forged(forked.payload, "a"),
        "second-by-a-stranger": forged(second.payload, "x"),
        "second-of-two-roots-signed-by-one": forged(raised.payload, "a"),
        "second-rotated": forged(rotated.payload, "ab"),
        "second-rotated-by-the-old-root-only": forged(rotated.payload, "a"),
        "second-rotated-by-the-new-root-only": forged(rotated.payload, "b"),
        "second-with-an-odd-field": forged(encode(packed | {201: [1, {3: "later"}]}), "a"),
        "second-with-an-even-field": forged(encode(packed | {200: 1}), "a"),
        "second-with-a-small-order-node-key": forged(encode(small), "a"),
        "second-of-another-wire-version": forged(encode(packed | {0: 2}), "a"),
        "freshness": WORLD.signed_freshness(first, 1),
        "freshness-of-another-digest": WORLD.signed_freshness(first, 1, digest=second.digest),
        "freshness-by-an-office": office,
    }


# name -> (object, outcome) in order; all read on day 20 but freshness, which is read on day 2
CASES: dict[str, list[tuple[str, str]]] = {
    "the next version": [("first", "new"), ("second", "new"), ("second", "known")],
    "rollback": [("first", "new"), ("second", "new"), ("first", "directory.rollback")],
    "fork": [("first", "new"), ("second", "new"), ("second-forked", "fork")],
    "a stranger": [("first", "new"), ("second-by-a-stranger", "seal.unknown_signer")],
    "threshold missing": [("first", "new"), ("second-of-two-roots-signed-by-one", "directory.threshold_missing")],
    "rotation": [("first", "new"), ("second-rotated", "new")],
    "rotation, old only": [("first", "new"), ("second-rotated-by-the-old-root-only", "directory.threshold_missing")],
    "rotation, new only": [("first", "new"), ("second-rotated-by-the-new-root-only", "directory.old_roots_missing")],
    "an unknown non-critical field": [("first", "new"), ("second-with-an-odd-field", "new")],
    "an unknown critical field": [("first", "new"), ("second-with-an-even-field", "directory.unknown_critical")],
    "a small-order key": [("first", "new"), ("second-with-a-small-order-node-key", "seal.key_of_small_order")],
    "another wire version": [("first", "new"), ("second-of-another-wire-version", "directory.unknown_version")],
    "freshness": [("first", "new"), ("freshness", "new"), ("freshness", "known")],
    "freshness for another digest": [("first", "new"), ("freshness-of-another-digest", "directory.other_digest")],
    "freshness by an office key": [("first", "new"), ("freshness-by-an-office", "seal.unknown_signer")],
    "freshness for a former version": [("first", "new"), ("second", "new"), ("freshness", "directory.rollback")],
}


def succession(head: str, cases: dict[str, list[tuple[str, str]]], signed: dict[str, bytes]) -> str:
    """particulars.toml, later-fields.toml."""
    lines = [head]
    for name, steps in cases.items():
        now = START + (2 if name == "freshness" or "another digest" in name or "office" in name else 20) * 86_400_000
        lines += ["[[case]]", f'name = "{name}"', f"now = {now}", "steps = ["]
        lines += [f'    ["{item}", "{outcome}"],' for item, outcome in steps] + ["]", ""]
    lines.append("[objects]")
    for name, data in signed.items():
        text = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 120))
        lines.append(f"{name} = '''\n{text}'''")
    return "\n".join(lines) + "\n"


LATER = """\
# Fields that came later (spec/particulars.md, 1). Expected outcome: as in particulars.toml; "new" also means that the
# payload is written back byte for byte. Written once by tests/directory/make_vectors.py; read by test_vectors.py.
"""


def later_objects() -> dict[str, bytes]:
    """Signed particulars with holidays and mandates, and with these fields written in ways that they must not be."""
    day = WORLD.day
    first = WORLD.particulars("a", 1, offices=(WORLD.office(holidays=("2026-12-25", "2027-01-01")),))
    mandates = (Mandate("XC", None, day(8)), Mandate("XD", "XE", day(9)))
    second = first.successor(issued_at=day(10), expires_at=day(310), protected_by=mandates)
    packed = PARTICULARS.pack(second)
    office = packed[8][0]
    return {
        "first": forged(first.payload, "a"),
        "second": forged(second.payload, "a"),
        "second-without-any": forged(first.successor(issued_at=day(10), expires_at=day(310)).payload, "a"),
        "second-with-no-mandates-written": forged(encode(packed | {19: []}), "a"),
        "second-with-no-holidays-written": forged(encode(packed | {8: [office | {11: []}]}), "a"),
        "second-with-a-day-that-is-none": forged(encode(packed | {8: [office | {11: ["2027-02-29"]}]}), "a"),
        "second-entrusting-itself": forged(encode(packed | {19: [{1: "XB", 2: None, 3: day(8)}]}), "a"),
    }


LATER_CASES: dict[str, list[tuple[str, str]]] = {
    "holidays, then mandates": [("first", "new"), ("second", "new"), ("second", "known")],
    "holidays without mandates": [("first", "new"), ("second-without-any", "new")],
    "mandates written as none": [("first", "new"), ("second-with-no-mandates-written", "directory.unreadable")],
    "holidays written as none": [("first", "new"), ("second-with-no-holidays-written", "directory.unreadable")],
    "a day that does not exist": [("first", "new"), ("second-with-a-day-that-is-none", "directory.unreadable")],
    "a mandate to itself": [("first", "new"), ("second-entrusting-itself", "directory.unreadable")],
}


ROWS: list[tuple[str, str, str, int]] = [
    ("two of three", "XB", "abc", 2),
    ("two of three, other order", "XB", "cab", 2),
    ("one of three", "XB", "abc", 1),
    ("another party", "XC", "abc", 2),
    ("a single root of an organisation", "O-CERT1", "a", 1),
]


def phrases() -> str:
    """phrases.toml."""
    lines = [PHRASES]
    for name, party, letters, threshold in ROWS:
        roots: tuple[Any, ...] = WORLD.roots(letters)
        found = root_digest(party, roots, threshold)
        lines += ["[[phrase]]", f'name = "{name}"', f'party = "{party}"', f"threshold = {threshold}", "roots = ["]
        lines += [f'    "{root.to_bytes().hex()}",' for root in roots] + ["]"]
        lines += [
            f'root_digest = "{found.hex()}"',
            f'phrase = "{phrase(found)}"',
            f'qr = "{qr_payload(party, found)}"',
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    for file, text in (
        ("phrases.toml", phrases()),
        ("particulars.toml", succession(SUCCESSION, CASES, objects())),
        ("later-fields.toml", succession(LATER, LATER_CASES, later_objects())),
    ):
        if not (TARGET / file).exists():  # what is committed stays
            (TARGET / file).write_text(text)
