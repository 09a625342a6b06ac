"""Keys: which public keys are refused and why, how seeds expand, and that no secret shows."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from parley.seal import OpeningKey, SealingKey, SigningKey, VerifyingKey

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
L = 2**252 + 27742317777372353535851937790883648493
VECTORS = Path(__file__).parents[2] / "vectors/seal"

# ---- the eight points of small order, found from the curve alone ----

Point = tuple[int, int]


def added(one: Point, other: Point) -> Point:
    """The addition law of RFC 8032 section 5.1.4, in affine coordinates."""
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


def some_point(y: int) -> Point | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * pow(2, (P - 1) // 4, P) % P):
        if root * root % P == square:
            return root, y
    return None


def encoded(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def points_of_small_order() -> set[bytes]:
    """Multiply points by the prime order of the main group: what is left has an order that divides 8."""
    found: set[bytes] = set()
    for y in range(2, 60):
        point = some_point(y)
        if point:
            left = multiplied(point, L)
            found |= {encoded(multiplied(left, times)) for times in range(8)}
    return found


def test_the_small_order_points_refused_are_all_there_are(refused) -> None:
    """Eight points, derived here without the library's constants; each is refused, and each is in the vectors."""
    points = points_of_small_order()
    assert len(points) == 8
    listed = {row["public"] for row in json.loads((VECTORS / "ed25519.json").read_text())["cases"]}
    for point in points:
        assert point.hex() in listed
        with refused("key_of_small_order"):
            VerifyingKey(point, bytes(1952))


def test_without_the_guard_one_signature_fits_every_message() -> None:
    """The control: OpenSSL takes the point of order 1 as a key, and one constant signature for any message under it."""
    identity = (1).to_bytes(32, "little")
    key = Ed25519PublicKey.from_public_bytes(identity)
    for message in (b"we did", b"we did not"):
        key.verify(identity + bytes(32), message)


def test_without_the_guard_one_point_has_two_key_ids() -> None:
    """The control: OpenSSL takes y = p + 3 and y = 3 for the same key."""
    keys = [Ed25519PublicKey.from_public_bytes(y.to_bytes(32, "little")) for y in (3, P + 3)]
    assert [key.public_bytes_raw() for key in keys] == [(3).to_bytes(32, "little"), (P + 3).to_bytes(32, "little")]


def test_every_y_is_judged_as_the_curve_judges_it(refused) -> None:
    """A y without an x is refused, a y with one is taken: forty small values, against the curve equation."""
    for y in range(2, 42):
        if some_point(y):
            assert VerifyingKey(y.to_bytes(32, "little"), bytes(1952))
        else:
            with refused("key_not_a_point"):
                VerifyingKey(y.to_bytes(32, "little"), bytes(1952))


def test_the_x25519_points_refused_agree_on_nothing() -> None:
    """Each small-order u of the vectors gives an all-zero secret, which the library reports (RFC 7748 section 6.1)."""
    rows = json.loads((VECTORS / "x25519.json").read_text())["cases"]
    small = [row["public"] for row in rows if "small_order" in row["expected"]]
    assert len(small) == 5
    for public in small:
        with pytest.raises(ValueError, match="shared key"):
            X25519PrivateKey.from_private_bytes(b"k" * 32).exchange(
                X25519PublicKey.from_public_bytes(bytes.fromhex(public))
            )


# ---- lengths, ids, equality ----


def test_keys_of_another_length_are_refused(signers, opening, refused) -> None:
    """One byte more or less, of every kind of key."""
    good = signers[0].public
    for change in (-1, 1):
        with refused("bad_length"):
            VerifyingKey.from_bytes(bytes(1984 + change))
        with refused("bad_length"):
            VerifyingKey(good.ed25519, bytes(1952 + change))
        with refused("bad_length"):
            VerifyingKey(bytes(32 + change), good.mldsa65)
        with refused("bad_length"):
            SigningKey.from_seed(bytes(64 + change))
        with refused("bad_length"):
            SealingKey(bytes(16), bytes(1216 + change))
        with refused("bad_length"):
            SealingKey(bytes(16 + change), opening.public.public)
        with refused("bad_length"):
            OpeningKey(bytes(16), bytes(32 + change))
        with refused("bad_length"):
            OpeningKey(bytes(16 + change), bytes(32))


def test_a_key_that_is_not_reduced_is_no_ml_kem_key(opening, refused) -> None:
    """FIPS 203 section 7.2: coefficients of q or more are refused; the untouched key is taken."""
    public = opening.public.public
    with refused("key_not_valid"):
        SealingKey(bytes(16), b"\xff" * 3 + public[3:])
    assert SealingKey(bytes(16), public)


def test_the_key_id_is_the_beginning_of_the_digest_of_the_key(signers) -> None:
    """16 bytes of SHA-256 over both halves; a change in either changes it."""
    key = signers[0].public
    assert key.key_id == hashlib.sha256(key.ed25519 + key.mldsa65).digest()[:16]
    assert VerifyingKey(key.ed25519, signers[1].public.mldsa65).key_id != key.key_id
    assert VerifyingKey(signers[1].public.ed25519, key.mldsa65).key_id != key.key_id


def test_verifying_keys_are_equal_by_their_bytes(signers) -> None:
    """Read twice, the same key; used once or not, the same key."""
    key = signers[0].public
    again = VerifyingKey.from_bytes(key.to_bytes())
    assert key.fits(-19, signers[0].signature(-19, b"m"), b"m")
    assert again == key
    assert hash(again) == hash(key)
    assert {again, key, signers[1].public} == {key, signers[1].public}
    with pytest.raises(AttributeError):
        key.ed25519 = bytes(32)  # type: ignore[misc]


def test_keys_come_from_the_randomness_that_is_given() -> None:
    """64 bytes for a signing key; 16 of id, then 32 of seed, for an opening key."""
    asked: list[int] = []

    def rng(size: int) -> bytes:
        asked.append(size)
        return bytes(range(size))

    assert SigningKey.generate(rng).seed == bytes(range(64))
    key = OpeningKey.generate(rng)
    assert (key.key_id, key.seed) == (bytes(range(16)), bytes(range(32)))
    assert asked == [64, 16, 32]


# ---- secrets ----


def test_no_secret_shows(signers, opening) -> None:
    """Neither whole nor by halves, neither in hex nor as a Python literal; and there is no __dict__ to print."""
    for key, public in ((signers[0], signers[0].public), (opening, opening.public)):
        shown = f"{key!r} {key} {[key]} {public!r}"
        for part in (key.seed, key.seed[:32], key.seed[32:]):
            if part:
                assert part.hex() not in shown
                assert repr(part)[2:-1] not in shown
        assert not hasattr(key, "__dict__")


def test_secret_keys_are_not_pickled_or_copied_in_passing(signers, opening) -> None:
    """A secret leaves its object only by name."""
    for key in (signers[0], opening):
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="secret"):
                attempt(key)
