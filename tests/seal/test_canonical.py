"""One value, one byte string: what decode takes, what it refuses, and that nothing has two forms."""

from __future__ import annotations

import contextlib
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parley.seal import SealProblem, decode, encode

LEAST, GREATEST = -(1 << 63), (1 << 63) - 1


def key_of(refused: pytest.ExceptionInfo[SealProblem]) -> str:
    return refused.value.key.removeprefix("seal.")


VECTORS = tomllib.loads((Path(__file__).parents[2] / "vectors/seal/bytes.toml").read_text())


def named(rows: list[dict[str, str]]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[row["name"] for row in rows])


@named(VECTORS["refused"])
def test_refuses(row: dict[str, str]) -> None:
    """Each refusal has its own key, and its nearest neighbour is accepted and writes itself back."""
    with pytest.raises(SealProblem) as refused:
        decode(bytes.fromhex(row["bytes"]))
    assert refused.value.key == row["expected"]
    assert encode(decode(bytes.fromhex(row["twin"]))).hex() == row["twin"]


@named(VECTORS["valid"])
def test_reads_and_writes_back(row: dict[str, str]) -> None:
    """The value is the one that the notation shows, true apart from 1, and has those bytes and no others."""
    value = decode(bytes.fromhex(row["bytes"]))
    assert diagnostic(value) == row["diagnostic"]
    assert encode(value).hex() == row["bytes"]


def diagnostic(value: Any) -> str:
    """RFC 8949 section 8."""
    match value:
        case bytes():
            return f"h'{value.hex()}'"
        case str():
            return '"' + value.replace("\0", "\\u0000") + '"'
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case list():
            return "[" + ", ".join(map(diagnostic, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {diagnostic(item)}" for key, item in value.items()) + "}"
    return str(value)


@pytest.mark.parametrize(
    ("item", "key"), [(b"\x81", "too_deep"), (b"\xa1\x00", "too_deep"), (b"\xd8\x62", "not_allowed")]
)
def test_nesting_to_exhaustion_is_refused_at_the_limit(item: bytes, key: str) -> None:
    """A megabyte of arrays, maps or tags in each other ends in a problem, not in a full stack."""
    with pytest.raises(SealProblem) as refused:
        decode(item * (1_000_000 // len(item)))
    assert key_of(refused) == key


class _Loud(str):
    """A text that is not quite one."""


NOT_ENCODED = [
    ("a float", 1.0, "cannot_encode"),
    ("a set", {1}, "cannot_encode"),
    ("a bytearray", bytearray(b"x"), "cannot_encode"),
    ("a subclass of str", _Loud("x"), "cannot_encode"),
    ("an object", object(), "cannot_encode"),
    ("2^63", 1 << 63, "number_too_large"),
    ("-2^63 - 1", LEAST - 1, "number_too_large"),
    ("a text as key", {"a": 1}, "key_not_a_number"),
    ("true as key", {True: 1}, "key_not_a_number"),
    ("a negative key", {-1: 1}, "key_not_a_number"),
    ("a key of 2^63", {1 << 63: 1}, "number_too_large"),
    ("text that is not NFC", "e\u0301", "not_nfc"),
    ("a lone surrogate", "\ud800", "not_utf8"),
    ("a float deep inside", {1: [{2: (3, 4.0)}]}, "cannot_encode"),
]


@pytest.mark.parametrize(("value", "key"), [row[1:] for row in NOT_ENCODED], ids=[row[0] for row in NOT_ENCODED])
def test_does_not_encode(value: Any, key: str) -> None:
    """What decode would refuse, or what is not a value, never gets bytes."""
    with pytest.raises(SealProblem) as refused:
        encode(value)
    assert key_of(refused) == key


def test_a_value_that_contains_itself_is_too_deep_to_encode() -> None:
    """A cycle ends in a problem, not in exhaustion."""
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(SealProblem) as refused:
        encode(circle)
    assert key_of(refused) == "too_deep"


def test_encode_and_decode_agree_on_the_depth() -> None:
    """What can be written can be read."""
    value: Any = 0
    for _ in range(16):
        value = [value]
    assert decode(encode(value)) == value
    with pytest.raises(SealProblem, match="deep"):
        encode([value])


def test_tuples_are_written_as_arrays() -> None:
    """Frozen records hold tuples; on the wire there is one kind of sequence."""
    assert encode((1, (2, 3))) == encode([1, [2, 3]])


def test_the_size_is_checked_before_anything_is_read() -> None:
    """One byte over the limit is refused for its size, though its first byte is already nonsense."""
    with pytest.raises(SealProblem) as refused:
        decode(b"\xff" * 101, limit=100)
    assert refused.value.arguments == {"size": 101, "limit": 100}
    with pytest.raises(SealProblem) as refused:
        decode(b"\xff" * 100, limit=100)
    assert key_of(refused) == "indefinite_length"


def test_the_default_limit_is_one_mebibyte() -> None:
    """A byte string that just fits, and one that just does not."""
    fits = encode(bytes((1 << 20) - 5))
    assert len(decode(fits)) == (1 << 20) - 5  # type: ignore[arg-type]
    with pytest.raises(SealProblem) as refused:
        decode(encode(bytes((1 << 20) - 4)))
    assert key_of(refused) == "too_large"


def test_keys_chosen_to_collide_are_refused_before_they_are_hashed() -> None:
    """Arrays as keys whose Python hashes are equal make a general decoder slow without bound; here none is hashed."""
    pairs = b"".join(cbor2.dumps(list(key)) + b"\0" for key in _colliding_pairs(3000))
    data = b"\xb9" + (3000).to_bytes(2, "big") + pairs
    with pytest.raises(SealProblem) as refused:
        decode(data)
    assert key_of(refused) == "key_not_a_number"


def _colliding_pairs(count: int) -> list[tuple[int, int]]:
    """Pairs with one hash (CPython's tuple hash is xxHash without a secret); the control that the attack is real."""
    mask, one, two, five = (1 << 64) - 1, 11400714785074694791, 14029467366897019727, 2870177450012600261
    inverse, found, first = pow(two, -1, 1 << 64), [], 0
    while len(found) < count:
        first += 1
        lane = (five + first * two) & mask
        lane = ((lane << 31 | lane >> 33) & mask) * one & mask
        second = (0x1234567 - lane) * inverse & mask
        second -= (second >> 63) << 64
        if abs(second) < (1 << 61) - 1 and second != -1:
            found.append((first, second))
    assert len({hash(pair) for pair in found}) == 1
    return found


# ---- properties ----

texts = st.text().map(lambda text: unicodedata.normalize("NFC", text))
numbers = st.integers(LEAST, GREATEST) | st.sampled_from([0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, -1, -24])
leaves = numbers | st.binary(max_size=300) | texts | st.booleans() | st.none()
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.integers(0, GREATEST) | st.integers(0, 30), inner),
    max_leaves=25,
)


def same(one: Any, other: Any) -> bool:
    """Equal in value and in type (1 is not true), whatever the order of keys."""
    if type(one) is not type(other):
        return False
    if type(one) is dict:
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if type(one) is list:
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@given(values)
def test_whatever_is_encoded_decodes_to_itself(value: Any) -> None:
    """decode(encode(v)) is v."""
    assert same(decode(encode(value)), value)


@given(values)
def test_the_encoding_is_that_of_an_independent_canonical_encoder(value: Any) -> None:
    """cbor2's canonical form orders by length first; for keys from 0 up that is the order of RFC 8949 4.2.1."""
    assert encode(value) == cbor2.dumps(value, canonical=True)


@given(st.dictionaries(st.integers(0, GREATEST), st.just(0), min_size=2))
def test_the_order_of_keys_is_that_of_their_bytes(value: dict[int, int]) -> None:
    """RFC 8949 section 4.2.1, looked at directly."""
    written = [encode(key) for key in decode(encode(value))]  # type: ignore[union-attr]
    assert written == sorted(written)


def reference(data: bytes) -> Any:
    """Decode by the general library and compare: the slow rule that `decode` must agree with; None when refused."""
    try:
        value = cbor2.loads(data, allow_duplicate_keys=False, allow_indefinite=False)
        if not _within_profile(value, 16) or cbor2.dumps(value, canonical=True) != data:
            return None
    except Exception:  # whatever the general library does with a tag, it is not this profile
        return None
    return [value]


def _within_profile(value: Any, depth: int) -> bool:
    if type(value) in (list, dict):
        if depth == 0:
            return False
        items = value if type(value) is list else list(value.values())
        keys = [] if type(value) is list else list(value)
        return all(type(key) is int and 0 <= key <= GREATEST for key in keys) and all(
            _within_profile(item, depth - 1) for item in items
        )
    if type(value) is int:
        return LEAST <= value <= GREATEST
    if type(value) is str:
        return unicodedata.is_normalized("NFC", value)
    return type(value) in (bytes, bool) or value is None


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Canonical bytes with a few changes: the neighbourhood in which a second form would live."""
    data = bytearray(encode(draw(values)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["set", "insert", "delete"])):
            case "set" if at < len(data):
                data[at] = draw(st.integers(0, 255))
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=3))
            case "delete":
                del data[at : at + 1]
    return bytes(data)


@settings(max_examples=400)
@given(damaged() | st.binary(max_size=40))
@example(bytes.fromhex("a2f5000100"))
def test_whatever_decodes_has_no_second_form(data: bytes) -> None:
    """Not malleable: what decodes re-encodes to the same bytes, and the reference decoder agrees on which those are."""
    expected = reference(data)
    try:
        value = decode(data)
    except SealProblem:
        assert expected is None
    else:
        assert expected is not None
        assert same(value, expected[0])
        assert encode(value) == data


@given(st.binary(max_size=200))
def test_garbage_is_refused_with_a_problem_and_nothing_else(data: bytes) -> None:
    """No input of a peer raises anything but SealProblem."""
    with contextlib.suppress(SealProblem):
        decode(data)
