"""Reading the fields of a canonical map once, at the edge, with the name of the field in every refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from parley.line.problems import LineProblem
from parley.seal import Value
from parley.terms.party import Address
from parley.terms.problem import Problem

WIRE_VERSION = 1
INT64 = 2**63


def is_whole(value: Value) -> TypeGuard[int]:
    """Whether `value` is a whole number from 0 up; true and false, which Python counts among the numbers, are none."""
    return type(value) is int and value >= 0


class Fields:
    """The fields of one decoded object; each getter checks type and range and raises LineProblem("bad_shape").

    Args:
        name: what the object is called in a refusal ("note", "receipt", "parcel").
        value: the decoded map; key 1 must be the wire version, key 2 the object kind.
        kind: the number expected under key 2.
    """

    def __init__(self, name: str, value: Value, kind: int) -> None:
        self.name = name
        if not isinstance(value, dict):
            raise self.bad("not a map")
        self.map: Mapping[int, Value] = value
        version = self.whole(1)
        if version != WIRE_VERSION:
            raise LineProblem("unknown_version", object=name, version=version)
        if self.whole(2) != kind:
            raise self.bad("another kind of object")

    def bad(self, where: str) -> LineProblem:
        """The refusal of this object, naming the place."""
        return LineProblem("bad_shape", object=self.name, where=where)

    def whole(self, key: int, low: int = 0, high: int = INT64 - 1) -> int:
        """A whole number in [low, high]."""
        value = self.map.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.bad(f"field {key} is not a whole number in its range")
        return value

    def maybe_whole(self, key: int, low: int = 0) -> int | None:
        """A whole number, or null."""
        return None if self.map.get(key) is None else self.whole(key, low)

    def flag(self, key: int) -> bool:
        """True or false."""
        value = self.map.get(key)
        if not isinstance(value, bool):
            raise self.bad(f"field {key} is not true or false")
        return value

    def octets(self, key: int, size: int | None = None) -> bytes:
        """A byte string, of `size` bytes if given."""
        value = self.map.get(key)
        if not isinstance(value, bytes) or (size is not None and len(value) != size):
            raise self.bad(f"field {key} is not a byte string of its size")
        return value

    def text(self, key: int, longest: int) -> str:
        """A text of at most `longest` characters."""
        value = self.map.get(key)
        if not isinstance(value, str) or len(value) > longest:
            raise self.bad(f"field {key} is not a text of its length")
        return value

    def items(self, key: int, most: int) -> list[Value]:
        """An array of at most `most` items."""
        value = self.map.get(key)
        if not isinstance(value, list) or len(value) > most:
            raise self.bad(f"field {key} is not an array of its length")
        return value

    def digests(self, key: int, most: int, size: int = 32) -> tuple[bytes, ...]:
        """An array of byte strings of `size` bytes, none twice."""
        found = self.items(key, most)
        if not all(isinstance(d, bytes) and len(d) == size for d in found):
            raise self.bad(f"field {key} holds something other than {size}-byte strings")
        digests = tuple(d for d in found if isinstance(d, bytes))
        if len(set(digests)) != len(digests):
            raise self.bad(f"field {key} names one thing twice")
        return digests

    def address(self, key: int) -> Address:
        """An address: [party, office]."""
        return self.address_of(self.items(key, 2))

    def address_of(self, pair: Sequence[Value]) -> Address:
        """The address that two decoded items make."""
        match pair:
            case [str(party), str(office)]:
                try:
                    return Address(party, office)
                except Problem as problem:
                    raise self.bad("an address cannot be one") from problem
        raise self.bad("an address is not a party and an office")

    def mapping(self, key: int, most: int) -> dict[int, Value]:
        """A map with whole-number keys."""
        value = self.map.get(key)
        if not isinstance(value, dict) or len(value) > most:
            raise self.bad(f"field {key} is not a map of its size")
        return dict(value)

    def extensions(self, critical_key: int, other_key: int) -> dict[int, Value]:
        """The non-critical extensions, kept for the round trip; any critical one is unknown here and refused."""
        for number in self.mapping(critical_key, 64) if critical_key in self.map else {}:
            raise LineProblem("unknown_critical", object=self.name, extension=number)
        return self.mapping(other_key, 64) if other_key in self.map else {}

    def same(self, written: bytes, received: bytes) -> None:
        """Refuse bytes that read as the same object as other bytes, for instance with a null left out: one value, one
        byte string, so that an id names one thing."""
        if written != received:
            raise self.bad("it is not written in its one form")

    def nothing_but(self, *known: int) -> None:
        """Refuse fields that this version does not define: new ones go into the extension maps."""
        for key in self.map:
            if key not in known:
                raise self.bad(f"field {key} is not defined")
