"""Records and their canonical maps: one table per record says which number carries which field.

The table is the format: encoding, decoding and the pages in `spec/` follow from it. Field numbers that the table does
not know are refused if even (critical) and kept byte for byte if odd, so that a record survives an older reader.
A field that came later bears an odd number and a value that it has when it is left out: who does not use it writes the
bytes of before. Leaves out what a value may be: the constructors check that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple, NoReturn, TypeVar

from parley.directory import rules, wording
from parley.directory.problems import DirectoryProblem
from parley.seal import SealingKey, Value, VerifyingKey, decode, encode
from parley.terms.party import PartyProblem

Record = TypeVar("Record")
Extensions = tuple[tuple[int, bytes], ...]
"""Unknown non-critical fields: (odd number, canonical bytes of the value), ascending."""

WIRE_VERSION = 1
"""Value of field 0 of every object that stands alone."""


class Kind(NamedTuple):
    """How one kind of field goes into a canonical value and comes out of it."""

    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]


class _Always:
    """No value stands for a field that is left out: it must be there."""


ALWAYS: Final = _Always()


class Field(NamedTuple):
    """One row of a layout: number on the wire, name in the record, kind; `absent`: the value that is never written."""

    number: int
    name: str
    kind: Kind
    absent: Any = ALWAYS


class Layout(Generic[Record]):
    """The table of one record. `standing` objects carry the wire version as field 0; parts of others do not."""

    def __init__(self, name: str, record: type[Record], fields: tuple[Field, ...], *, standing: bool = False) -> None:
        self.name, self.record, self.fields, self.standing = name, record, fields, standing
        self.numbers = frozenset(field.number for field in fields) | ({0} if standing else frozenset())
        self.extensible = "extensions" in getattr(record, "__struct_fields__", ())

    def pack(self, record: Record) -> dict[int, Any]:
        """The map of `record`, keys ascending."""
        packed: dict[int, Any] = {0: WIRE_VERSION} if self.standing else {}
        for number, name, kind, absent in self.fields:
            value = getattr(record, name)
            if absent is ALWAYS or value != absent:
                packed[number] = kind.pack(value)
        for number, value in getattr(record, "extensions", ()):
            if number in self.numbers:
                wording.refuse(f"{self.name}.extensions", "known-number")
            packed[number] = decode(value)
        return dict(sorted(packed.items()))

    def unpack(self, value: Any) -> Record:
        """The record of a map; raises DirectoryProblem ``unreadable``, ``unknown_version``, ``unknown_critical``."""
        packed = _typed(dict)(value)
        self._check_version(packed)
        given: dict[str, Any] = {}
        for number, name, kind, absent in self.fields:
            if absent is not ALWAYS and number not in packed:
                continue  # the record's own default is the same value
            given[name] = _at(f"{self.name}.{name}", kind.unpack, packed, number)
            if absent is not ALWAYS and given[name] == absent:
                unreadable(f"{self.name}.{name}", "redundant")  # one value, one byte string
        if extensions := self._unknown(packed):
            if not self.extensible:  # what cannot be kept may not be dropped either
                unreadable(self.name, "unknown-field")
            given["extensions"] = extensions
        return self._build(given)

    def encode(self, record: Record) -> bytes:
        """Canonical bytes of `record`."""
        return encode(self.pack(record))

    def decode(self, data: bytes, limit: int = rules.PAYLOAD) -> Record:
        """The record whose canonical bytes are `data`; raises SealProblem, DirectoryProblem."""
        try:
            return self.unpack(decode(data, limit=limit))
        except _Mismatch:
            unreadable(self.name, "type")

    def _check_version(self, packed: dict[int, Any]) -> None:
        given = packed.get(0)
        if self.standing and (type(given) is not int or given != WIRE_VERSION):  # true equals 1 to Python
            raise DirectoryProblem("unknown_version", field=self.name, given=given if type(given) is int else "?")

    def _unknown(self, packed: dict[int, Any]) -> Extensions:
        unknown = sorted(packed.keys() - self.numbers)
        for number in unknown:
            if number % 2 == 0:
                raise DirectoryProblem("unknown_critical", field=self.name, number=number)
        return tuple((number, encode(packed[number])) for number in unknown)

    def _build(self, given: dict[str, Any]) -> Record:
        # What our own officer mistyped is `bad_value`; the same in received bytes is the peer's fault: `unreadable`.
        try:
            return self.record(**given)
        except DirectoryProblem as problem:
            if problem.key != "directory.bad_value":
                raise
            unreadable(str(problem.arguments["field"]), str(problem.arguments["rule"]))
        except PartyProblem:
            unreadable(self.name, "characters")


def unreadable(field: str, rule: str) -> NoReturn:
    """Raise ``unreadable``."""
    raise DirectoryProblem("unreadable", field=field, rule=rule) from None


def check_extensions(field: str, extensions: Extensions) -> None:
    """Odd numbers, ascending; canonical bytes of a bounded length."""
    wording.kind(field, extensions, tuple)
    wording.several(field, tuple(number for number, _ in extensions), int, 0, rules.EXTENSIONS)
    if [number for number, _ in extensions] != sorted(number for number, _ in extensions):
        wording.refuse(field, "order")
    for number, value in extensions:
        if number % 2 == 0 or number < 1:
            wording.refuse(field, "critical")
        wording.octets(field, value, 1, rules.EXTENSION)
        decode(value)


class _Mismatch(Exception):
    """A value of another type than the table says; becomes ``unreadable`` where the name of the field is known."""


def _at(field: str, unpack: Callable[[Any], Any], packed: dict[int, Any], number: int) -> Any:
    if number not in packed:
        unreadable(field, "missing")
    try:
        return unpack(packed[number])
    except _Mismatch:
        unreadable(field, "type")


def _typed(wanted: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not wanted:
            raise _Mismatch
        return value

    return check


def _same(value: Any) -> Any:
    return value


WHOLE = Kind(_same, _typed(int))
FLAG = Kind(_same, _typed(bool))
TEXT = Kind(_same, _typed(str))
OCTETS = Kind(_same, _typed(bytes))


def maybe(kind: Kind) -> Kind:
    """`kind` or null."""
    return Kind(
        lambda value: None if value is None else kind.pack(value),
        lambda value: None if value is None else kind.unpack(value),
    )


def listed(kind: Kind) -> Kind:
    """An array of `kind`; a tuple in the record."""
    return Kind(
        lambda items: [kind.pack(item) for item in items],
        lambda value: tuple(kind.unpack(item) for item in _typed(list)(value)),
    )


def nested(layout: Layout[Any]) -> Kind:
    """A record with a layout of its own."""
    return Kind(layout.pack, layout.unpack)


def _unpack_names(value: Any) -> dict[str, str]:
    pairs = [_typed(list)(pair) for pair in _typed(list)(value)]
    if any(len(pair) != 2 for pair in pairs):
        raise _Mismatch
    languages = [_typed(str)(spoken) for spoken, _ in pairs]
    if languages != sorted(set(languages)):  # one value, one byte string
        raise _Mismatch
    return {spoken: _typed(str)(name) for spoken, name in pairs}


NAMES = Kind(lambda names: [[spoken, names[spoken]] for spoken in sorted(names)], _unpack_names)
KEY = Kind(VerifyingKey.to_bytes, lambda value: VerifyingKey.from_bytes(_typed(bytes)(value)))
SEALING = Kind(
    lambda key: [key.key_id, key.public], lambda value: SealingKey(*(_typed(bytes)(part) for part in _pair(value)))
)


def _pair(value: Any) -> list[Value]:
    items: list[Value] = _typed(list)(value)
    if len(items) != 2:
        raise _Mismatch
    return items
