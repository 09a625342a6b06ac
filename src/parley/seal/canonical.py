"""Canonical bytes: one value has one byte string, and one byte string one value (spec/bytes.md).

A profile of deterministic CBOR (RFC 8949 section 4.2.1). Decoding is our own and reads strictly from left to right: a
general decoder builds foreign types first and asks afterwards, which costs (docs/decisions/0010). Left out: floating
point, tags, simple values other than false, true and null, indefinite lengths, numbers beyond 64 bits with a sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, Union
from unicodedata import is_normalized

import cbor2

from parley.seal.problems import SealProblem

Value = Union[int, bytes, str, bool, None, list["Value"], dict[int, "Value"]]  # noqa: UP007 (recursive: needs Union)
Encodable = Union[int, bytes, str, bool, None, Sequence["Encodable"], Mapping[int, "Encodable"]]  # noqa: UP007

LIMIT: Final = 1 << 20
DEPTH: Final = 16
GREATEST: Final = (1 << 63) - 1
LEAST: Final = -(1 << 63)

# Major types of RFC 8949 section 3.1; 7 holds false, true, null and what is refused.
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
# Arguments below this stand in the head itself; 24 to 27 announce 1, 2, 4 or 8 bytes, which hold at least so much.
_IN_HEAD: Final = 24
_LEAST_IN: Final = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_SIMPLE_VALUES: Final = {0xF4: False, 0xF5: True, 0xF6: None}
_FLOATS: Final = (0xF9, 0xFA, 0xFB)
_PLAIN: Final = frozenset({bytes, bool, type(None)})


def digest(data: bytes) -> bytes:
    """SHA-256 of `data`: 32 bytes."""
    return hashlib.sha256(data).digest()


def encode(value: Encodable) -> bytes:
    """The canonical bytes of `value`; tuples are written as arrays. Raises SealProblem for what has none."""
    in_order = _check(value, DEPTH)
    # For keys from 0 up the length-first order of cbor2 and the bytewise order of RFC 8949 4.2.1 are the same.
    return bytes(cbor2.dumps(value, canonical=not in_order))


def decode(data: bytes, *, limit: int = LIMIT, depth: int = DEPTH, start: int = 0) -> Value:
    """The one value whose canonical bytes are `data`.

    Args:
        data: bytes of a peer; hostile until this returns.
        limit: greatest permitted length in bytes, looked at before anything else.
        depth: greatest permitted nesting of arrays and maps.
        start: where the value begins, behind a tag that the caller has looked at.

    Raises SealProblem; whatever returns re-encodes to `data` (from `start` on).
    """
    if len(data) > limit:
        raise SealProblem("too_large", size=len(data), limit=limit)
    value: Value
    try:
        value, end = _read(data, start, depth)
    except IndexError:
        raise SealProblem("cut_short") from None
    if end != len(data):
        raise SealProblem("trailing_bytes", count=len(data) - end)
    return value


def _check(value: Any, depth: int) -> bool:
    """Whether all maps in `value` are in ascending order of keys; raises for what has no canonical bytes.

    The exact type counts: a bool is an int to Python, and a subclass may print itself as it likes.
    """
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is int:
        if not LEAST <= value <= GREATEST:
            raise SealProblem("number_too_large")
        return True
    if kind is str:
        if not value.isascii():
            _check_text(value)
        return True
    if kind is dict:
        return _check_map(value, depth)
    if kind is list or kind is tuple:
        return _check_array(value, depth)
    raise SealProblem("cannot_encode", kind=kind.__name__[:40])


def _check_array(value: Sequence[Any], depth: int) -> bool:
    if depth <= 0:
        raise SealProblem("too_deep")
    in_order = True
    for item in value:
        if type(item) not in _PLAIN and not _check(item, depth - 1):  # most items are plain: a call for each costs
            in_order = False
    return in_order


def _check_text(text: str) -> None:
    if not is_normalized("NFC", text):
        raise SealProblem("not_nfc")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SealProblem("not_utf8") from None


def _check_map(value: dict[Any, Any], depth: int) -> bool:
    if depth <= 0:
        raise SealProblem("too_deep")
    in_order = True
    last = -1
    for key, item in value.items():
        if type(key) is not int or key < 0:
            raise SealProblem("key_not_a_number")
        if key > GREATEST:
            raise SealProblem("number_too_large")
        if key <= last:
            in_order = False
        last = key
        if type(item) not in _PLAIN and not _check(item, depth - 1):
            in_order = False
    return in_order


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The item that begins at `at`, and where it ends. Long on purpose: the hot path of every object."""
    head = data[at]
    at += 1
    if head < _IN_HEAD:
        return head, at
    major = head >> 5
    if major >= _TAG:
        return _read_simple(head), at
    count = head & 31
    if count >= _IN_HEAD:
        if count == 24:  # the usual length of digests and words; _read_long knows the others
            count = data[at]
            at += 1
            if count < _IN_HEAD:
                raise SealProblem("not_shortest")
        else:
            count, at = _read_long(data, at, count)
    if major == _BYTES:
        end = at + count
        if end > len(data):
            raise SealProblem("cut_short")
        return data[at:end], end
    if major == _TEXT:
        return _read_text(data, at, at + count)
    if major == _ARRAY:
        return _read_array(data, at, count, depth)
    if major == _MAP:
        return _read_map(data, at, count, depth)
    if count > GREATEST:
        raise SealProblem("number_too_large")
    return (count if major == _UNSIGNED else ~count), at


def _read_long(data: bytes, at: int, announced: int) -> tuple[int, int]:
    """An argument of 1, 2, 4 or 8 bytes, and where it ends."""
    if announced == 31:
        raise SealProblem("indefinite_length")
    if announced not in _LEAST_IN:
        raise SealProblem("not_allowed", kind="reserved length")
    end = at + (1 << (announced - _IN_HEAD))
    if end > len(data):
        raise SealProblem("cut_short")
    count = int.from_bytes(data[at:end], "big")
    if count < _LEAST_IN[announced]:
        raise SealProblem("not_shortest")
    return count, end


def _read_text(data: bytes, at: int, end: int) -> tuple[str, int]:
    encoded = data[at:end]
    if end > len(data):
        raise SealProblem("cut_short")
    if encoded.isascii():
        return encoded.decode(), end
    try:
        text = encoded.decode()
    except UnicodeDecodeError:
        raise SealProblem("not_utf8") from None
    if not is_normalized("NFC", text):
        raise SealProblem("not_nfc")
    return text, end


def _read_array(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    if depth <= 0:
        raise SealProblem("too_deep")
    items: list[Any] = []
    for _ in range(count):
        head = data[at]
        if head < _IN_HEAD:  # as _read does, without the call: most items are small numbers
            items.append(head)
            at += 1
        else:
            item, at = _read(data, at, depth - 1)
            items.append(item)
    return items, at


def _read_map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[int, Any], int]:
    """Keys ascend, so none stands twice; they are numbers before anything is hashed (a peer chooses the keys)."""
    if depth <= 0:
        raise SealProblem("too_deep")
    items: dict[int, Any] = {}
    last = -1
    for _ in range(count):
        key = data[at]
        at += 1
        if key >= _IN_HEAD:
            if key >> 5 != _UNSIGNED:
                raise SealProblem("key_not_a_number")
            key, at = _read_long(data, at, key)
        if key <= last:
            raise SealProblem("duplicate_key" if key == last else "keys_out_of_order", number=key)
        last = key
        head = data[at]
        if head < _IN_HEAD:
            items[key] = head
            at += 1
        else:
            items[key], at = _read(data, at, depth - 1)
    if last > GREATEST:
        raise SealProblem("number_too_large")
    return items, at


def _read_simple(head: int) -> bool | None:
    if head in _SIMPLE_VALUES:
        return _SIMPLE_VALUES[head]
    if head >> 5 == _TAG:
        raise SealProblem("not_allowed", kind="tag")
    if head == 0xFF:
        raise SealProblem("indefinite_length")
    raise SealProblem("not_allowed", kind="floating-point number" if head in _FLOATS else "simple value")
