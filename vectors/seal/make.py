"""Writes the vectors of keys, signed, sealed and locked objects: `python vectors/seal/make.py`.

Everything comes from seeds named here, except what is random by nature (ML-DSA-65 signatures, X-Wing encapsulations):
that was made once and stands in frozen.json (`--freeze` makes it anew). Every case states its expected outcome:
"valid", or "refused: " and the key of the problem. bytes.toml and x-wing.json are kept by hand.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from parley.seal import (
    CHEAP_FOR_TESTS,
    Domain,
    OpeningKey,
    SigningKey,
    encode,
    key_from_passphrase,
    lock,
    lock_with_passphrase,
    seal,
    sign,
)

HERE = Path(__file__).parent
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the Ed25519 base point, RFC 8032 section 5.1

PAYLOAD = encode([1, "a payload", {10: b"\x00\x01"}])
SIGNED = b"any bytes stand for a signed object here"
FILLS = bytes(range(256)) * 5 + bytes(252)  # 1532 bytes: fills the least bucket to the last byte
PLAINTEXT = "What is locked: ключ, 密钥, مفتاح".encode()

Case = dict[str, Any]


def seed(name: str) -> bytes:
    """64 bytes, fixed by `name`."""
    return hashlib.sha512(b"parley vectors, seal: " + name.encode()).digest()


SIGNERS = {name: SigningKey.from_seed(seed(name)) for name in ("one", "two", "three", "stranger")}
OPENING = OpeningKey(seed("prekey id")[:16], seed("prekey")[:32])


def text(data: bytes) -> str:
    """Long objects are in base64 (RFC 4648 section 4), short ones in hex."""
    return base64.b64encode(data).decode()


def case(name: str, expected: str, **rest: Any) -> Case:
    return {"name": name, "expected": expected, **rest}


def refused(key: str) -> str:
    return f"refused: seal.{key}"


# ---- keys ----


def little(number: int) -> str:
    return number.to_bytes(32, "little").hex()


def ed25519_cases() -> list[Case]:
    """The eight points of small order, each form beyond the field, a y without a point, and a good key."""
    top = 1 << 255
    y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    small = [("order 1", 1), ("order 2", P - 1), ("order 4, x even", 0), ("order 4, x odd", top)]
    small += [(f"order 8, {name}", y) for name, y in (("1", y8), ("2", y8 + top), ("3", P - y8), ("4", P - y8 + top))]
    small += [("order 1, sign of zero set", 1 + top), ("order 2, sign of zero set", P - 1 + top)]
    good = SIGNERS["one"].public.ed25519
    cases = [case("a good key", "valid", public=good.hex())]
    cases += [case(name, refused("key_of_small_order"), public=little(y)) for name, y in small]
    for above in range(19):
        for sign_bit, name in ((0, "even"), (top, "odd")):
            title = f"y = p + {above}, x {name}"
            cases.append(case(title, refused("key_not_canonical"), public=little(P + above + sign_bit)))
    cases.append(case("y = 2 has no x", refused("key_not_a_point"), public=little(2)))
    return cases


def x25519_cases() -> list[Case]:
    """The points of small order on the curve and its twist, each form beyond the field, and a good key."""
    order_8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
    other_8 = "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"
    small = [("u = 0", little(0)), ("u = 1", little(1)), ("u = p - 1", little(P - 1))]
    small += [("order 8", order_8), ("order 8, the other", other_8)]
    cases = [case("a good key", "valid", public=OPENING.public.public[1184:].hex())]
    cases += [case(name, refused("key_of_small_order"), public=public) for name, public in small]
    beyond = [*range(P, 1 << 255), 1 << 255, 9 + (1 << 255), (1 << 256) - 1]
    cases += [case(f"u = p + {u - P}", refused("key_not_canonical"), public=little(u)) for u in beyond]
    return cases


# ---- signed ----


def parts(signed: bytes) -> list[Any]:
    return list(cbor2.loads(signed).value)


def joined(body: list[Any], tag: int = 98) -> bytes:
    return bytes(cbor2.dumps(cbor2.CBORTag(tag, body), canonical=True))


def with_signatures(signed: bytes, signatures: list[Any]) -> bytes:
    return joined([*parts(signed)[:3], signatures])


def with_body_header(signed: bytes, header: Any) -> bytes:
    return joined([cbor2.dumps(header, canonical=True), *parts(signed)[1:]])


def with_entry(signed: bytes, at: int, **changes: Any) -> bytes:
    """`signed` with the protected header, unprotected header or signature of one entry changed."""
    signatures = [list(entry) for entry in parts(signed)[3]]
    for field, value in changes.items():
        signatures[at][("header", "unprotected", "signature").index(field)] = value
    return with_signatures(signed, signatures)


def header(algorithm: int, key: SigningKey, **more: Any) -> bytes:
    return bytes(cbor2.dumps({1: algorithm, 4: key.public.key_id} | more.get("more", {}), canonical=True))


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def signed_cases(frozen: dict[str, bytes]) -> list[Case]:
    one, two, stranger = SIGNERS["one"], SIGNERS["two"], SIGNERS["stranger"]
    note, pair = frozen["signed by one"], frozen["signed by one and two"]
    ed, ml = parts(note)[3]
    four = parts(pair)[3]
    theirs = parts(frozen["signed by the stranger"])[3]
    shifted = ed[2][:32] + (int.from_bytes(ed[2][32:], "little") + ORDER).to_bytes(32, "little")
    both_as_two = [[header(-19, two), {}, ed[2]], [header(-49, two), {}, ml[2]]]
    eddsa = [header(-8, one), {}, ed[2]]
    strangers_header, longer_header = header(-19, stranger), header(-19, one, more={3: 0})
    body, _, _, signatures = parts(note)
    invalid = refused("signature_invalid")
    rows: list[tuple[str, str, bytes, Case]] = [
        ("one signer", "valid", note, {}),
        ("two of three", "valid", pair, {"threshold": 2}),
        ("three of three", "valid", frozen["signed by three"], {"threshold": 3}),
        ("one of three where two must", refused("too_few_signers"), note, {"threshold": 2}),
        ("one signer's set taken off", refused("too_few_signers"), with_signatures(pair, four[:2]), {"threshold": 2}),
        ("ML-DSA-65 stripped", refused("signature_missing"), with_signatures(note, [ed]), {}),
        ("Ed25519 stripped", refused("signature_missing"), with_signatures(note, [ml]), {}),
        ("second signer's ML-DSA-65 stripped", refused("signature_missing"), with_signatures(pair, four[:3]), {}),
        ("a stranger's set added", refused("unknown_signer"), with_signatures(note, in_order([ed, ml, *theirs])), {}),
        ("signed by a stranger", refused("unknown_signer"), frozen["signed by the stranger"], {}),
        ("a third algorithm added", refused("signature_unexpected"), with_signatures(note, [eddsa, ed, ml]), {}),
        ("a signature twice", refused("signatures_out_of_order"), with_signatures(note, [ed, ed, ml]), {}),
        ("signatures swapped", refused("signatures_out_of_order"), with_signatures(note, [ml, ed]), {}),
        ("signers swapped", refused("signatures_out_of_order"), with_signatures(pair, four[2:] + four[:2]), {}),
        ("signed as a receipt", refused("wrong_domain"), frozen["signed as a receipt"], {}),
        ("a note taken as a receipt", refused("wrong_domain"), note, {"domain": "parley/1/receipt"}),
        ("suite 2, reserved", refused("suite_not_here"), with_body_header(note, {65537: 2}), {}),
        ("suite 99, unknown", refused("unknown_suite"), with_body_header(note, {65537: 99}), {}),
        ("suite true", refused("not_signed"), with_body_header(note, {65537: True}), {}),
        ("no suite", refused("not_signed"), with_body_header(note, {}), {}),
        ("one more body header", refused("not_signed"), with_body_header(note, {3: 0, 65537: 1}), {}),
        ("below the lowest suite", refused("suite_too_low"), note, {"lowest_suite": 99}),
        ("kid of one signature changed", refused("unknown_signer"), with_entry(note, 0, header=strangers_header), {}),
        ("kid of both changed to another", invalid, with_signatures(note, both_as_two), {}),
        ("one more signer header", refused("not_signed"), with_entry(note, 0, header=longer_header), {}),
        (
            "an unprotected body header",
            refused("unprotected_header"),
            joined([body, {4: b""}, PAYLOAD, signatures]),
            {},
        ),
        ("an unprotected signer header", refused("unprotected_header"), with_entry(note, 1, unprotected={4: b""}), {}),
        ("payload changed", invalid, joined([body, {}, PAYLOAD + b"\0", signatures]), {}),
        ("payload detached", refused("not_signed"), joined([body, {}, None, signatures]), {}),
        ("Ed25519 changed", invalid, with_entry(note, 0, signature=flipped(ed[2], 5)), {}),
        ("Ed25519 with S + L", invalid, with_entry(note, 0, signature=shifted), {}),
        ("Ed25519 cut", invalid, with_entry(note, 0, signature=ed[2][:63]), {}),
        ("ML-DSA-65 changed", invalid, with_entry(note, 1, signature=flipped(ml[2], 9)), {}),
        ("ML-DSA-65 hint changed", invalid, with_entry(note, 1, signature=flipped(ml[2], 3308)), {}),
        ("ML-DSA-65 with a byte more", invalid, with_entry(note, 1, signature=ml[2] + b"\0"), {}),
        ("no signatures", refused("not_signed"), with_signatures(note, []), {}),
        ("COSE_Sign1's tag", refused("not_signed"), joined(parts(note), tag=18), {}),
        ("no tag", refused("not_signed"), note[2:], {}),
        ("a byte after the end", refused("trailing_bytes"), note + b"\0", {}),
    ]
    return [case(name, expected, **more, signed=text(data)) for name, expected, data, more in rows]


def in_order(signatures: list[Any]) -> list[Any]:
    return sorted(signatures, key=lambda entry: (entry[0][-16:], entry[0]))


# ---- sealed ----


def hpke_sealed(plaintext: bytes) -> bytes:
    """Seal `plaintext` as it stands, padding and all."""
    protected = encode({1: -65537, 4: OPENING.key_id, 65537: 1})
    info = hashlib.sha256(encode(["Encrypt0", protected, b"parley/1/sealed"])).digest()
    hpke = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    return b"\xd0" + encode([protected, {}, hpke.encrypt(plaintext, OPENING.public.handle(), info)])


def sealed_cases(frozen: dict[str, bytes]) -> list[Case]:
    sealed = frozen["sealed"]
    protected, _, ciphertext = parts(sealed)
    no = refused("not_opened")

    def whole(header: bytes, unprotected: dict[int, Any], inside: bytes, tag: int = 16) -> bytes:
        return joined([header, unprotected, inside], tag)

    places = [("ML-KEM-768 ciphertext", 7), ("X25519 share", 1090), ("content", 1500), ("tag", len(ciphertext) - 1)]
    other = cbor2.dumps({1: -65537, 4: seed("another")[:16], 65537: 1}, canonical=True)
    rows = [
        ("sealed", "valid", sealed),
        ("the bucket filled to the last byte", "valid", frozen["sealed, bucket filled"]),
        ("sealed to another key", refused("no_key"), whole(other, {}, ciphertext)),
        *((f"{name} changed", no, whole(protected, {}, flipped(ciphertext, at))) for name, at in places),
        ("X25519 share of small order", no, whole(protected, {}, ciphertext[:1088] + bytes(32) + ciphertext[1120:])),
        ("algorithm changed", no, whole(protected.replace(encode(-65537), encode(-65538)), {}, ciphertext)),
        ("suite changed", no, whole(protected[:-1] + b"\x02", {}, ciphertext)),
        ("suite true", no, whole(protected[:-1] + b"\xf5", {}, ciphertext)),
        ("an unprotected header", no, whole(protected, {4: b""}, ciphertext)),
        ("cut short", no, sealed[:-1]),
        ("a byte after the end", no, sealed + b"\0"),
        ("ciphertext of nothing", no, whole(protected, {}, b"")),
        ("COSE_Encrypt's tag", no, whole(protected, {}, ciphertext, tag=96)),
        *((name, no, frozen[name]) for name in sorted(BADLY_PADDED)),
    ]
    return [case(name, expected, sealed=text(data)) for name, expected, data in rows]


def padded(length: int, bucket: int, last: bytes = b"\0") -> bytes:
    return (length.to_bytes(4, "big") + SIGNED).ljust(bucket - 1, b"\0") + last


BADLY_PADDED = {
    "padding not zero": padded(len(SIGNED), 1536, b"\x01"),
    "padding in front of the last byte counted as content": padded(1533, 1536),
    "a bucket too large": padded(len(SIGNED), 5120),
    "no bucket": padded(len(SIGNED), 1537),
    "shorter than a length": b"\0\0\0",
}


# ---- locked ----


def fixed(*parts: bytes) -> Any:
    """Randomness that is none: each call gives the next of `parts`."""
    left = iter(parts)
    return lambda _: next(left)


def locked_cases() -> list[Case]:
    key, nonce, salt = seed("locking key")[:32], seed("nonce")[:12], seed("salt")[:16]
    locked = lock(key, PLAINTEXT, b"a context", fixed(nonce))
    by_word = lock_with_passphrase(PLAINTEXT, "passé composé", CHEAP_FOR_TESTS, b"a context", fixed(salt, nonce))
    again = "passe\u0301 compose\u0301"  # the same words from a keyboard that writes accents apart
    aad = encode(["parley/1/locked with passphrase", 1, 1 << 20, 17, 1, salt, b"a context"])
    inside = ChaCha20Poly1305(key_from_passphrase(again, salt, CHEAP_FOR_TESTS)).encrypt(nonce, PLAINTEXT, aad)
    dear = encode([1, 1 << 20, 17, 1, salt, nonce, inside])
    dearer = by_word.replace(b"\x01\x08\x01", b"\x01\x09\x01", 1)
    shorter = by_word.replace(b"\x50" + salt, b"\x4f" + salt[1:])
    at_key, at_word = {"key": key.hex(), "context": b"a context".hex()}, {"context": b"a context".hex()}
    no, wrong, bounds = refused("not_unlocked"), refused("wrong_passphrase"), refused("cost_out_of_bounds")
    return [
        case("locked", "valid", **at_key, locked=locked.hex()),
        case("another context", no, **(at_key | {"context": "00"}), locked=locked.hex()),
        case("another key", no, **(at_key | {"key": "00" * 32}), locked=locked.hex()),
        case("version true", no, **at_key, locked=(b"\x83\xf5" + locked[2:]).hex()),
        case("changed", no, **at_key, locked=flipped(locked, len(locked) - 1).hex()),
        case("with a passphrase", "valid", **at_word, passphrase="passé composé", locked=by_word.hex()),
        case("the same passphrase, letters apart", "valid", **at_word, passphrase=again, locked=by_word.hex()),
        case("another passphrase", wrong, **at_word, passphrase="passe compose", locked=by_word.hex()),
        case("cost changed", wrong, **at_word, passphrase=again, locked=dearer.hex()),
        case("salt cut", wrong, **at_word, passphrase=again, locked=shorter.hex()),
        case("more passes than bounds allow", bounds, **at_word, passphrase=again, locked=dear.hex()),
    ]


# ---- files ----


def freeze() -> dict[str, str]:
    one, two, three, stranger = SIGNERS.values()
    made = {
        "signed by one": sign(PAYLOAD, [one], Domain.NOTE),
        "signed by one and two": sign(PAYLOAD, [one, two], Domain.NOTE),
        "signed by three": sign(PAYLOAD, [one, two, three], Domain.NOTE),
        "signed by the stranger": sign(PAYLOAD, [stranger], Domain.NOTE),
        "signed as a receipt": sign(PAYLOAD, [one], Domain.RECEIPT),
        "sealed": seal(SIGNED, OPENING.public),
        "sealed, bucket filled": seal(FILLS, OPENING.public),
    }
    made |= {name: hpke_sealed(plaintext) for name, plaintext in BADLY_PADDED.items()}
    return {name: text(data) for name, data in made.items()}


def build(frozen: dict[str, bytes]) -> dict[str, Any]:
    """Every file by its name."""
    opening = {"key_id": OPENING.key_id.hex(), "seed": OPENING.seed.hex(), "public": text(OPENING.public.public)}
    keys = {name: {"seed": key.seed.hex(), "public": text(key.public.to_bytes())} for name, key in SIGNERS.items()}
    return {
        "ed25519.json": {"spec": "spec/suites.md", "run": "Read the public key.", "cases": ed25519_cases()},
        "x25519.json": {"spec": "spec/suites.md", "run": "Read the public key.", "cases": x25519_cases()},
        "signed.json": {
            "spec": "spec/seal.md, part 1",
            "run": "Verify `signed` with the keys one, two, three in `domain` (parley/1/note unless given), at least "
            "`threshold` (1) signers, lowest suite `lowest_suite` (1); valid ones yield `payload`. "
            "`signed` and public keys are in base64, the rest in hex.",
            "payload": PAYLOAD.hex(),
            "keys": keys,
            "cases": signed_cases(frozen),
        },
        "sealed.json": {
            "spec": "spec/seal.md, part 2",
            "run": "Open `sealed` with the opening key; valid ones yield one of `contents`. "
            "In base64: `sealed`, `contents`, `public`.",
            "opening_key": opening,
            "contents": [text(SIGNED), text(FILLS)],
            "cases": sealed_cases(frozen),
        },
        "locked.json": {
            "spec": "spec/seal.md, part 3",
            "run": "Unlock `locked` for `context` with `key` or `passphrase`; valid ones yield `plaintext`.",
            "plaintext": PLAINTEXT.hex(),
            "cases": locked_cases(),
        },
    }


def written(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read_frozen() -> dict[str, bytes]:
    return {name: base64.b64decode(data) for name, data in json.loads((HERE / "frozen.json").read_text()).items()}


if __name__ == "__main__":
    if "--freeze" in sys.argv[1:]:
        (HERE / "frozen.json").write_text(written(freeze()))
    for name, document in build(read_frozen()).items():
        (HERE / name).write_text(written(document))
