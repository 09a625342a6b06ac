"""Independent implementations agree: ML-DSA-65 and ML-KEM-768 in pure Python and in another library, X-Wing and HPKE
re-derived here from their specifications with the standard library, Ed25519 and X25519 from the curve equations."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import cbor2
import pqcrypto.sign.ml_dsa_65 as other_ml_dsa
import pyhpke
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from dilithium_py.ml_dsa import ML_DSA_65 as PURE_ML_DSA
from kyber_py.ml_kem import ML_KEM_768 as PURE_ML_KEM

from parley.seal import Domain, OpeningKey, SigningKey, open_sealed, seal, sign, verify

PAYLOAD = b"\x01"
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
L = 2**252 + 27742317777372353535851937790883648493
BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202, 4 * pow(5, -1, P) % P)


# ---- signatures ----


def signed_structure(key: SigningKey, algorithm: int) -> bytes:
    """Sig_structure of RFC 9052 section 4.4, written by the general encoder."""
    body = cbor2.dumps({65537: 1})
    header = cbor2.dumps({1: algorithm, 4: key.public.key_id})
    return cbor2.dumps(["Signature", body, header, b"parley/1/note", PAYLOAD])


def signatures(signed: bytes) -> dict[int, bytes]:
    tagged = cbor2.loads(signed)
    assert tagged.tag == 98
    return {cbor2.loads(header)[1]: signature for header, _, signature in tagged.value[3]}


def with_ml_dsa(signed: bytes, signature: bytes) -> bytes:
    header, unprotected, payload, (classical, lattice) = cbor2.loads(signed).value
    body = [header, unprotected, payload, [classical, [*lattice[:2], signature]]]
    return cbor2.dumps(cbor2.CBORTag(98, body), canonical=True)


def test_the_seed_expands_as_fips_204_says(signers) -> None:
    """xi to public key, by dilithium-py."""
    assert PURE_ML_DSA.key_derive(signers[0].seed[32:])[0] == signers[0].public.mldsa65


def test_our_ml_dsa_signature_verifies_elsewhere(signers) -> None:
    """By dilithium-py and by pqcrypto, with the empty context; with a context it does not."""
    message = signed_structure(signers[0], -49)
    made = signatures(sign(PAYLOAD, [signers[0]], Domain.NOTE))[-49]
    public = signers[0].public.mldsa65
    assert PURE_ML_DSA.verify(public, message, made, ctx=b"")
    assert not PURE_ML_DSA.verify(public, message, made, ctx=b"parley/1/note")
    assert not PURE_ML_DSA.verify(public, message + b"\0", made, ctx=b"")
    other_ml_dsa.verify(public, message, made)
    with pytest.raises(ValueError, match="erif"):
        other_ml_dsa.verify(public, message + b"\0", made)


def test_ml_dsa_signatures_made_elsewhere_verify_here(signers, refused) -> None:
    """By dilithium-py (deterministic and hedged) and by pqcrypto; one made with a context does not."""
    message = signed_structure(signers[0], -49)
    secret = PURE_ML_DSA.key_derive(signers[0].seed[32:])[1]
    ours = sign(PAYLOAD, [signers[0]], Domain.NOTE)
    for made in (
        PURE_ML_DSA.sign(secret, message, deterministic=True),
        PURE_ML_DSA.sign(secret, message),
        bytes(other_ml_dsa.sign(secret, message)),
    ):
        assert made != signatures(ours)[-49]
        assert verify(with_ml_dsa(ours, made), [signers[0].public], Domain.NOTE).payload == PAYLOAD
    with refused("signature_invalid"):
        foreign = PURE_ML_DSA.sign(secret, message, ctx=b"parley/1/note")
        verify(with_ml_dsa(ours, foreign), [signers[0].public], Domain.NOTE)


Point = tuple[int, int]


def added(one: Point, other: Point) -> Point:
    (x, y), (u, v) = one, other
    product = D * x * u * y * v
    return (x * v + u * y) * pow(1 + product, -1, P) % P, (y * v + x * u) * pow(1 - product, -1, P) % P


def multiplied(point: Point, times: int) -> Point:
    total = (0, 1)
    while times:
        if times & 1:
            total = added(total, point)
        point, times = added(point, point), times >> 1
    return total


def encoded(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def test_our_ed25519_signature_is_that_of_rfc_8032(signers) -> None:
    """Section 5.1.6 recomputed from the seed: the same 64 bytes, since Ed25519 is deterministic."""
    expanded = hashlib.sha512(signers[0].seed[:32]).digest()
    scalar = int.from_bytes(expanded[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    public = encoded(multiplied(BASE, scalar))
    assert public == signers[0].public.ed25519
    message = signed_structure(signers[0], -19)
    nonce = int.from_bytes(hashlib.sha512(expanded[32:] + message).digest(), "little") % L
    first = encoded(multiplied(BASE, nonce))
    challenge = int.from_bytes(hashlib.sha512(first + public + message).digest(), "little")
    second = (nonce + challenge * scalar) % L
    made = signatures(sign(PAYLOAD, [signers[0]], Domain.NOTE))[-19]
    assert made == first + second.to_bytes(32, "little")


# ---- X-Wing (draft-connolly-cfrg-xwing-kem), with X25519 from RFC 7748 and ML-KEM-768 from kyber-py ----


def x25519(scalar: bytes, u_bytes: bytes) -> bytes:
    """RFC 7748 section 5, the ladder."""
    number = int.from_bytes(scalar, "little") & ((1 << 254) - 8) | (1 << 254)
    u = int.from_bytes(u_bytes, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in reversed(range(255)):
        swap = number >> bit & 1
        if swap:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % P, c * b % P, a * a % P, b * b % P
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, (aa - bb) * (aa + 121665 * (aa - bb)) % P
        if swap:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


NINE = (9).to_bytes(32, "little")


def expand(seed: bytes) -> tuple[bytes, bytes, bytes]:
    """ML-KEM-768 decapsulation key, X25519 key, X-Wing public key."""
    expanded = hashlib.shake_256(seed).digest(96)
    encapsulation, decapsulation = PURE_ML_KEM.key_derive(expanded[:64])
    return decapsulation, expanded[64:], encapsulation + x25519(expanded[64:], NINE)


def combine(lattice: bytes, classical: bytes, ciphertext: bytes, public: bytes) -> bytes:
    return hashlib.sha3_256(lattice + classical + ciphertext[1088:] + public[1184:] + rb"\.//^\ ".strip()).digest()


def decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    decapsulation, scalar, public = expand(seed)
    lattice = PURE_ML_KEM.decaps(decapsulation, ciphertext[:1088])
    return combine(lattice, x25519(scalar, ciphertext[1088:]), ciphertext, public)


def encapsulate(public: bytes, random: bytes) -> tuple[bytes, bytes]:
    """Secret and ciphertext from 64 bytes: the ML-KEM message, then the X25519 key."""
    secret, sent = PURE_ML_KEM._encaps_internal(public[:1184], random[:32])
    ciphertext = sent + x25519(random[32:], NINE)
    return combine(secret, x25519(random[32:], public[1184:]), ciphertext, public), ciphertext


X_WING = json.loads((Path(__file__).parents[2] / "vectors/seal/x-wing.json").read_text())["cases"]


@pytest.mark.parametrize("case", X_WING, ids=[row["name"] for row in X_WING])
def test_the_seed_expands_as_the_x_wing_draft_says(case) -> None:
    """The draft's own vector: public key by us, and everything by the oracle that the next tests rely on."""
    seed, random = bytes.fromhex(case["seed"]), bytes.fromhex(case["eseed"])
    assert OpeningKey(bytes(16), seed).public.public.hex() == case["public"]
    assert expand(seed)[2].hex() == case["public"]
    secret, ciphertext = encapsulate(bytes.fromhex(case["public"]), random)
    assert (secret.hex(), ciphertext.hex()) == (case["secret"], case["ciphertext"])
    assert decapsulate(seed, ciphertext) == secret


# ---- HPKE (RFC 9180), base mode, HKDF-SHA256, ChaCha20-Poly1305 ----

X_WING_KEM, X25519_KEM = 0x647A, 0x0020


def extract(salt: bytes, keying: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), keying, "sha256")


def expanded(key: bytes, info: bytes, size: int) -> bytes:
    assert size <= 32
    return hmac.digest(key, info + b"\x01", "sha256")[:size]


def labeled(suite: bytes, label: bytes, rest: bytes) -> bytes:
    return b"HPKE-v1" + suite + label + rest


def key_and_nonce(kem: int, secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """KeySchedule of section 5.1 with mode_base, for the first message."""
    suite = b"HPKE" + kem.to_bytes(2, "big") + b"\x00\x01\x00\x03"
    psk_id_hash = extract(b"", labeled(suite, b"psk_id_hash", b""))
    info_hash = extract(b"", labeled(suite, b"info_hash", info))
    context = b"\x00" + psk_id_hash + info_hash
    schedule = extract(secret, labeled(suite, b"secret", b""))
    key = expanded(schedule, b"\x00\x20" + labeled(suite, b"key", context), 32)
    return key, expanded(schedule, b"\x00\x0c" + labeled(suite, b"base_nonce", context), 12)


def protected_header(key_id: bytes) -> bytes:
    return cbor2.dumps({1: -65537, 4: key_id, 65537: 1})


def info_of(header: bytes) -> bytes:
    return hashlib.sha256(cbor2.dumps(["Encrypt0", header, b"parley/1/sealed"])).digest()


def test_what_we_seal_opens_by_the_specifications_alone(opening) -> None:
    """COSE, HPKE, X-Wing and padding taken apart without any of our code, and without the library's HPKE."""
    header, unprotected, ciphertext = cbor2.loads(seal(b"a signed object", opening.public)).value
    assert (header, unprotected) == (protected_header(opening.key_id), {})
    secret = decapsulate(opening.seed, ciphertext[:1120])
    key, nonce = key_and_nonce(X_WING_KEM, secret, info_of(header))
    padded = ChaCha20Poly1305(key).decrypt(nonce, ciphertext[1120:], b"")
    assert padded == (15).to_bytes(4, "big") + b"a signed object" + bytes(1536 - 4 - 15)


def test_what_is_sealed_by_the_specifications_alone_opens_here(opening) -> None:
    """The other way round."""
    header = protected_header(opening.key_id)
    secret, sent = encapsulate(opening.public.public, bytes(range(64)))
    key, nonce = key_and_nonce(X_WING_KEM, secret, info_of(header))
    padded = ((4).to_bytes(4, "big") + b"note").ljust(1536, b"\0")
    inside = sent + ChaCha20Poly1305(key).encrypt(nonce, padded, b"")
    sealed = cbor2.dumps(cbor2.CBORTag(16, [header, {}, inside]))
    assert open_sealed(sealed, {opening.key_id: opening}) == b"note"


def test_the_key_schedule_used_here_is_that_of_another_hpke() -> None:
    """The oracle's oracle: pyhpke seals with DHKEM(X25519), the schedule above opens it."""
    suite = pyhpke.CipherSuite.new(
        pyhpke.KEMId.DHKEM_X25519_HKDF_SHA256, pyhpke.KDFId.HKDF_SHA256, pyhpke.AEADId.CHACHA20_POLY1305
    )
    ours = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = ours.public_key().public_bytes_raw()
    sent, sender = suite.create_sender_context(pyhpke.KEMKey.from_pyca_cryptography_key(ours.public_key()), info=b"i")
    sealed = sender.seal(b"a note", aad=b"")
    kem = b"KEM" + X25519_KEM.to_bytes(2, "big")
    shared = extract(b"", labeled(kem, b"eae_prk", x25519(bytes(range(32)), sent)))
    secret = expanded(shared, b"\x00\x20" + labeled(kem, b"shared_secret", sent + public), 32)
    key, nonce = key_and_nonce(X25519_KEM, secret, b"i")
    assert ChaCha20Poly1305(key).decrypt(nonce, sealed, b"") == b"a note"
