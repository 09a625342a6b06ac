"""Writes release.json and clearing.json, with the standard library's HMAC alone: other code than the code under test.

python vectors/keys/make.py
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from parley.seal import encode

HERE = Path(__file__).parent


def hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, no salt, one block of output."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


NOTE = {
    1: 1,
    2: 1,
    3: ["XA", "duty"],
    4: [["XB", "duty", 4711]],
    5: [11, 1],
    6: bytes(32),
    7: bytes(32),
    8: 3,
    9: True,
    10: 1_494_770_400_000,
    11: None,
    12: {10: "worm"},
}
FACTS = {"sender": "XA/duty", "form": 11, "precedence": 3, "exercise": True, "signed_at": 1_494_770_400_000}
CASES = [
    ("a note", {}, FACTS),
    ("a note with fields of a later version", {21: {70: 1}, 22: {71: 2}}, FACTS),
    ("a real note", {9: False}, {**FACTS, "exercise": False}),
    ("a receipt", {2: 2}, "not_a_note"),
    ("a kind that is true", {2: True}, "not_a_note"),
    ("another wire version", {1: 2}, "not_a_note"),
    ("a sender that is one text", {3: "XA/duty"}, "not_a_note"),
    ("a sender that can be none", {3: ["XA", "Duty"]}, "not_a_note"),
    ("a form without a version", {5: [11]}, "not_a_note"),
    ("neither real nor exercise", {9: None}, "not_a_note"),
    ("no time", {10: None}, "not_a_note"),
]


def case(name: str, changes: dict, expected: object) -> dict:
    payload = encode({**NOTE, **changes})
    proof = hmac.digest(hkdf(KEK, b"parley release"), hashlib.sha256(payload).digest(), "sha256")
    return {"name": name, "expected": expected, "payload": payload.hex(), "proof": proof.hex()}


KEK = bytes(range(32))
RELEASE = {
    "spec": "spec/signer.md, parts 2 and 3",
    "run": "Read the facts of `payload` as the signer does: `expected`, or the problem. `proof` fits it under `kek`.",
    "kek": KEK.hex(),
    "release_key": hkdf(KEK, b"parley release").hex(),
    "cases": [case(*row) for row in CASES],
}



def digits(content: bytes, count: int) -> str:
    return str(int.from_bytes(content, "big") % 10**count).zfill(count)


def spoken(secret: bytes, key: bytes, what: str) -> dict:
    number = digits(hashlib.sha256(secret + PAYLOAD_DIGEST).digest(), 12)
    made = hmac.digest(key, f"parley telephone {what} {number}".encode(), "sha256")
    return {"secret": secret.hex(), "key": key.hex(), "for": what, "number": number, "code": digits(made, 10)}


def word(role: str) -> dict:
    challenge = hashlib.sha256(b"parley word " + role.encode() + b"\0" + PAYLOAD_DIGEST).digest()
    proof = hmac.digest(hkdf(KEK, b"parley release"), challenge, "sha256")
    return {"role": role, "challenge": challenge.hex(), "proof": proof.hex()}


PAYLOAD_DIGEST = hashlib.sha256(encode({**NOTE, 14: [], 18: False})).digest()
WHATS = ("release", "drafter", "technical", "legal", "political")
CLEARING = {
    "spec": "spec/signer.md, part 2",
    "run": "Challenge and proof (under `kek`) of a word in each role; numbers drawn with `secret` for the payload, "
    "and the codes that answer them with `key`.",
    "kek": KEK.hex(),
    "payload": encode({**NOTE, 14: [], 18: False}).hex(),
    "words": [word(role) for role in WHATS[1:]],
    "telephone": [spoken(bytes([n]) * 32, bytes(range(n, n + 32)), what) for n, what in enumerate(WHATS)],
}

if __name__ == "__main__":
    (HERE / "clearing.json").write_text(json.dumps(CLEARING, indent=1) + "\n")
    (HERE / "release.json").write_text(json.dumps(RELEASE, indent=1) + "\n")
