"""A bad value cannot be built, from a keyboard or from a peer's bytes; a good one has one byte string."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.directory import (
    Bearer,
    DirectoryProblem,
    Mandate,
    Office,
    Particulars,
    Prekey,
    Revocation,
    Vouch,
    decode_particulars,
    rules,
)
from parley.directory.fields import ALWAYS, Field, Layout, listed, nested
from parley.directory.freshness import FRESHNESS, PREKEY, PREKEYS, PrekeyBatch
from parley.directory.offices import BEARER, MANDATE, OFFICE, REVOCATION, VOUCH
from parley.directory.particulars import PARTICULARS
from parley.seal import SealProblem, VerifyingKey, decode, encode
from parley.terms.problem import Problem

DAY0 = 1_794_000_000_000
HIDDEN = {
    "a control character": "Bel\x07tova",
    "a line break": "Bel\ntova",
    "a bidirectional override": "Bel\u202etova",
    "an isolate": "\u2067Beltova",
    "a zero-width space": "Bel\u200btova",
    "a tag character": "Beltova\U000e0041",
    "a decomposed letter": "Be\u0301ltova",
}

# field of the record -> {case: (value, rule)}; each is refused with that field and rule, in the constructor
BAD_PARTICULARS: dict[str, dict[str, tuple[Any, str]]] = {
    "party": {
        "three letters": ("XBX", "characters"),
        "small letters": ("xb", "characters"),
        "letters of another script": ("ХВ", "characters"),
        "with a line end": ("XB\n", "characters"),
        "a number": (7, "type"),
    },
    "names": {
        "none": ({}, "missing"),
        "a seventh language": ({"sw": "Beltova"}, "unknown-language"),
        "empty": ({"en": ""}, "empty"),
        "blank": ({"en": "  "}, "empty"),
        "with a blank at the end": ({"en": "Beltova "}, "outer-blanks"),
        "too long": ({"en": "B" * 121}, "too-long"),
        "a list": (["en"], "type"),
    }
    | {name: ({"en": text}, "not-normal" if "decomposed" in name else "hidden") for name, text in HIDDEN.items()},
    "version": {"zero": (0, "range"), "too large": ((1 << 31) + 1, "range"), "true": (True, "type")},
    "issued_at": {"before 2000": (1, "range"), "in seconds": (DAY0 // 1000, "range"), "a text": ("2026", "type")},
    "expires_at": {
        "at once": (DAY0, "range"),
        "before the issue": (DAY0 - 1, "range"),
        "after more than a year": (DAY0 + 366 * 86_400_000 + 1, "range"),
    },
    "roots": {"none": ((), "count"), "a list": ([], "type"), "bytes": ((b"x",), "type")},
    "threshold": {
        "zero": (0, "range"),
        "more than roots": (4, "range"),
        "below": (-1, "range"),
        "true": (True, "type"),
    },
    "offices": {"none": ((), "count")},
    "node_keys": {"none": ((), "count")},
    "tls": {
        "empty": ((b"",), "length"),
        "too long": ((bytes(8193),), "length"),
        "twice": ((b"a", b"a"), "repeated"),
        "too many": (tuple(bytes([n]) for n in range(1, 10)), "count"),
    },
    "bearers": {
        "one twice": ((Bearer("mail", "a@b", 0), Bearer("mail", "a@b", 1)), "repeated"),
        "too many": (tuple(Bearer("mail", f"{n}@b", 0) for n in range(17)), "count"),
    },
    "languages": {
        "none": ((), "count"),
        "a seventh": (("en", "de"), "unknown-language"),
        "twice": (("en", "en"), "repeated"),
    },
    "capabilities": {"capitals": (("MLS",), "characters"), "too many": (tuple(f"c{n}" for n in range(65)), "count")},
    "revoked": {
        "one key twice": ((Revocation(bytes(16), DAY0, "lost"), Revocation(bytes(16), DAY0 + 1, "lost")), "repeated")
    },
    "previous": {"in the first version": (bytes(32), "first-version")},
    "lowest_suite": {"zero": (0, "range"), "too large": (65_536, "range")},
    "vouches": {
        "itself": ((Vouch("XB", bytes(32), DAY0),), "itself"),
        "one party twice": ((Vouch("XC", bytes(32), DAY0), Vouch("XC", bytes(32), DAY0 + 1)), "repeated"),
    },
    "extensions": {
        "a critical number": (((64, b"\x01"),), "critical"),
        "out of order": (((67, b"\x01"), (65, b"\x01")), "order"),
        "twice": (((65, b"\x01"), (65, b"\x02")), "repeated"),
        "too long": (((65, b"\x59\x10\x00" + bytes(4096)),), "length"),
    },
}


@pytest.mark.parametrize(
    ("field", "case"), [(field, case) for field, cases in BAD_PARTICULARS.items() for case in cases]
)
def test_bad_particulars_cannot_be_built(field: str, case: str, world: Any) -> None:
    """The problem names the field and the rule, never the value; without the fault they are built (control)."""
    value, rule = BAD_PARTICULARS[field][case]
    with pytest.raises(DirectoryProblem) as caught:
        world.particulars(**{field: value})
    assert caught.value.key == "directory.bad_value"
    assert caught.value.arguments == {"field": f"particulars.{field}", "rule": rule}
    world.particulars()


def office(**changes: Any) -> Callable[[Any], Office]:
    """An office with one fault."""
    return lambda world: world.office(**changes)


BAD_PARTS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "an office name in capitals": (office(id="Duty"), "office.id", "characters"),
    "an office kind with a blank": (office(kind="press office"), "office.kind", "characters"),
    "an office without a name": (office(names={}), "office.names", "missing"),
    "an office without a key": (office(key=""), "office.keys", "count"),
    "an office with five keys": (office(key="a b c d e"), "office.keys", "count"),
    "an office with one key twice": (office(key="a a"), "office.keys", "repeated"),
    "an office without a language": (office(languages=()), "office.languages", "count"),
    "hours with an override": (office(hours="24\u202e/7"), "office.hours", "hidden"),
    "hours too long": (office(hours="x" * 121), "office.hours", "too-long"),
    "a telephone without plus": (office(telephone="022 555 01 00"), "office.telephone", "characters"),
    "a telephone with letters": (office(telephone="+41 22 CALL ME"), "office.telephone", "characters"),
    "a telephone with Arabic digits": (office(telephone="+٤١ ٢٢ ٥٥٥ ٠١"), "office.telephone", "characters"),
    "a telephone with a pause": (office(telephone="+41225550100,,7"), "office.telephone", "characters"),
    "a telephone with two blanks": (office(telephone="+41  225550100"), "office.telephone", "characters"),
    "a telephone too long": (office(telephone="+" + "1" * 32), "office.telephone", "characters"),
    "a telephone with a line end": (office(telephone="+41225550100\n"), "office.telephone", "characters"),
    "an office its own alternate": (office(alternates=("duty",)), "office.alternates", "itself"),
    "a time zone with a space": (office(time_zone="Africa / Nairobi"), "office.time_zone", "characters"),
    "an eighth day": (office(weekend=(8,)), "office.weekend", "range"),
    "a holiday that does not exist": (office(holidays=("2027-02-29",)), "office.holidays", "no-such-day"),
    "a holiday without its year": (office(holidays=("12-25",)), "office.holidays", "characters"),
    "holidays out of order": (office(holidays=("2027-01-01", "2026-12-25")), "office.holidays", "order"),
    "a holiday twice": (office(holidays=("2027-01-01", "2027-01-01")), "office.holidays", "repeated"),
    "a mandate towards the power itself": (lambda _: Mandate("XC", "XC", DAY0), "mandate.towards", "itself"),
    "a mandate to nobody": (lambda _: Mandate("xc", None, DAY0), "mandate.power", "characters"),
    "a week of weekends": (office(weekend=(1, 2, 3, 4, 5, 6, 7)), "office.weekend", "count"),
    "a bearer kind in capitals": (lambda _: Bearer("HTTPS", "https://a", 0), "bearer.kind", "characters"),
    "an address with an override": (lambda _: Bearer("x", "a\u202eb", 0), "bearer.address", "hidden"),
    "an address too long": (lambda _: Bearer("x", "a" * 513, 0), "bearer.address", "too-long"),
    "plain http": (lambda _: Bearer("https", "http://a", 0), "bearer.address", "not-https"),
    "mail to nobody": (lambda _: Bearer("mail", "@b", 0), "bearer.address", "not-mail"),
    "a rank of 100": (lambda _: Bearer("x", "a", 100), "bearer.rank", "range"),
    "a short key id": (lambda _: Revocation(bytes(15), DAY0, "lost"), "revocation.key_id", "length"),
    "a revocation in 1970": (lambda _: Revocation(bytes(16), 0, "lost"), "revocation.since", "range"),
    "a reason with a blank": (lambda _: Revocation(bytes(16), DAY0, "no reason"), "revocation.reason", "characters"),
    "a short root digest": (lambda _: Vouch("XC", bytes(31), DAY0), "vouch.root_digest", "length"),
    "a prekey that never expires": (lambda w: w.prekey(expires_at=w.day(46)), "prekey.expires_at", "range"),
    "a prekey that expires first": (lambda w: w.prekey(expires_at=w.day(-1)), "prekey.expires_at", "range"),
    "a one-time prekey in a freshness": (
        lambda w: w.freshness(w.particulars(), prekey=w.prekey(one_time=True)),
        "freshness.prekey",
        "one-time",
    ),
    "a batch without prekeys": (lambda _: PrekeyBatch("XB", "XA", (), DAY0), "prekeys.prekeys", "count"),
    "one prekey id twice": (
        lambda w: PrekeyBatch("XB", "XA", (w.prekey(0), w.prekey(1)), DAY0),
        "prekeys.prekeys",
        "repeated",
    ),
}


@pytest.mark.parametrize("case", BAD_PARTS)
def test_bad_parts_cannot_be_built(case: str, world: Any) -> None:
    """Offices, bearers, revocations, vouches, prekeys: each fault is refused with its field and rule."""
    build, field, rule = BAD_PARTS[case]
    with pytest.raises(DirectoryProblem) as caught:
        build(world)
    assert caught.value.arguments == {"field": field, "rule": rule}


@pytest.mark.parametrize("number", ["+41 22 555 01 00", "+12025550100", "+44-20-7946-0000", "+44 (0)20 7946 0000"])
def test_telephone_numbers_as_people_write_them(number: str, world: Any) -> None:
    """Control: good ones pass."""
    assert world.office(telephone=number).telephone == number


TOGETHER: dict[str, tuple[Callable[[Any], dict[str, Any]], str, str]] = {
    "two offices of one name": (lambda w: {"offices": (w.office(), w.office("o2"))}, "particulars.offices", "repeated"),
    "an alternate that does not exist": (
        lambda w: {"offices": (w.office(alternates=("night",)),)},
        "office.alternates",
        "unknown-office",
    ),
    "an office that acts for its own party": (
        lambda w: {"offices": (w.office(id="acts-for-xb"),)},
        "office.id",
        "itself",
    ),
    "a mandate to itself": (
        lambda w: {"protected_by": (Mandate("XB", None, DAY0),)},
        "particulars.protected_by",
        "itself",
    ),
    "two powers towards one party": (
        lambda w: {"protected_by": (Mandate("XC", "XE", DAY0), Mandate("XD", "XE", DAY0))},
        "particulars.protected_by",
        "repeated",
    ),
    "two powers towards all": (
        lambda w: {"protected_by": (Mandate("XC", None, DAY0), Mandate("XD", None, DAY0))},
        "particulars.protected_by",
        "repeated",
    ),
    "a root that is also a node": (lambda w: {"node_keys": w.roots("a")}, "particulars.keys", "repeated"),
    "a node that is also an office": (
        lambda w: {"node_keys": (w.signing_key("office").public,)},
        "particulars.keys",
        "repeated",
    ),
    "half a root in a node key": (
        lambda w: {"node_keys": (VerifyingKey(w.roots("a")[0].ed25519, w.roots("z")[0].mldsa65),)},
        "particulars.keys",
        "repeated",
    ),
    "an office key that is revoked": (
        lambda w: {"revoked": (Revocation(w.signing_key("office").public.key_id, DAY0, "lost"),)},
        "particulars.revoked",
        "still-listed",
    ),
    "a node key that is revoked": (
        lambda w: {"revoked": (Revocation(w.signing_key("node").public.key_id, DAY0, "lost"),)},
        "particulars.revoked",
        "still-listed",
    ),
    "one root twice": (lambda w: {"roots": w.roots("aab")}, "particulars.roots", "repeated"),
    "sixteen roots": (lambda w: {"roots": w.roots("abcdefghijklmnop")}, "particulars.roots", "count"),
    "a second version without a link": (lambda w: {"version": 2}, "particulars.previous", "missing"),
    "a short link": (lambda w: {"version": 2, "previous": bytes(31)}, "particulars.previous", "length"),
    "outgoing roots in a first version": (
        lambda w: {"outgoing": w.roots("d")},
        "particulars.outgoing",
        "first-version",
    ),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_parts_that_do_not_fit_together(case: str, world: Any) -> None:
    """One key, one role; what is named exists; what is revoked is not listed."""
    changes, field, rule = TOGETHER[case]
    with pytest.raises(DirectoryProblem) as caught:
        world.particulars(**changes(world))
    assert caught.value.arguments == {"field": field, "rule": rule}


def test_names_cannot_be_changed_afterwards(world: Any) -> None:
    """A frozen record is frozen throughout, and not tied to the dictionary that it was made of."""
    names = {"en": "Beltova"}
    content = world.particulars(names=names)
    names["en"] = "Bel\u202etova"
    assert content.names["en"] == "Beltova"
    with pytest.raises(TypeError):
        content.names["en"] = "Other"


# -- codecs


def full(world: Any) -> Particulars:
    """Particulars in which every list has something in it, with fields of the future."""
    second = world.particulars(
        offices=(
            world.office(alternates=("night",), holidays=("2026-12-25", "2027-01-01")),
            world.office("o2 o3", id="night", telephone=None, weekend=()),
        ),
        bearers=(Bearer("https", "https://a.example/x", 0), Bearer("pigeon", "loft 7", 9, ((99, b"\xf5"),))),
        capabilities=("fountain", "forms.12"),
        languages=("ar", "zh", "en", "fr", "ru", "es"),
        vouches=(Vouch("XC", bytes(32), world.day(-5)),),
        protected_by=(Mandate("XD", None, world.day(-4)), Mandate("XE", "XF", world.day(-3))),
    ).successor(
        issued_at=world.day(3),
        expires_at=world.day(300),
        roots=world.roots("bcd"),
        revoked=(Revocation(world.roots("a")[0].key_id, world.day(1), "lost"),),
        extensions=((65, encode({1: [True, None, "x"], 2: b"y"})), (1001, encode(-1))),
    )
    assert isinstance(second, Particulars)
    return second


def test_particulars_read_back_byte_for_byte(world: Any) -> None:
    """With unknown non-critical fields, also in a nested record; the digest is that of the payload."""
    content = full(world)
    read = decode_particulars(content.payload)
    assert read == content
    assert read.payload == content.payload
    assert read.extensions == content.extensions
    assert read.bearers[1].extensions == ((99, b"\xf5"),)
    changed = read.successor(issued_at=world.day(4), expires_at=world.day(300))
    assert changed.extensions == content.extensions  # an older program hands on what it does not know


LAYOUTS: list[Layout[Any]] = [PARTICULARS, OFFICE, BEARER, REVOCATION, VOUCH, MANDATE, FRESHNESS, PREKEY, PREKEYS]


def example(world: Any, layout: Layout[Any]) -> Any:
    """A record of that layout."""
    content = full(world)
    prekey: Prekey = world.prekey()
    return {
        "particulars": content,
        "office": content.offices[0],
        "bearer": content.bearers[0],
        "revocation": content.revoked[0],
        "vouch": content.vouches[0],
        "mandate": content.protected_by[0],
        "freshness": world.freshness(content),
        "prekey": prekey,
        "prekeys": PrekeyBatch("XB", "XA", (prekey,), DAY0),
    }[layout.name]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_record_keeps_odd_and_refuses_even_unknown_fields(layout: Layout[Any], world: Any) -> None:
    """Fields of the future: not critical if odd, critical if even."""
    packed = layout.pack(example(world, layout))
    odd = packed | {201: [1, {3: "later"}]}
    assert layout.encode(layout.unpack(odd)) == encode(odd)
    with pytest.raises(DirectoryProblem) as caught:
        layout.unpack(packed | {200: 1})
    assert (caught.value.key, caught.value.arguments["number"]) == ("directory.unknown_critical", 200)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_field_must_be_there_and_of_its_type(layout: Layout[Any], world: Any) -> None:
    """Left out, or of any other type, the field is named in the problem."""
    packed = layout.pack(example(world, layout))
    for field in layout.fields:
        rest = {number: value for number, value in packed.items() if number != field.number}
        for value, rule in ((..., "missing"), ({9: 9}, "type"), (1.5, "type")):
            if value is ... and field.absent is not ALWAYS:
                assert getattr(layout.unpack(rest), field.name) == field.absent
                continue
            with pytest.raises(DirectoryProblem) as caught:
                layout.unpack(rest if value is ... else packed | {field.number: value})
            assert caught.value.key in ("directory.unreadable", "directory.unknown_critical")
            if caught.value.key == "directory.unreadable" and value != {9: 9}:
                assert caught.value.arguments == {"field": f"{layout.name}.{field.name}", "rule": rule}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_field_that_came_later_is_odd_and_never_written_empty(layout: Layout[Any], world: Any) -> None:
    """One record, one byte string (docs/decisions/0270)."""
    packed = layout.pack(example(world, layout))
    for field in (one for one in layout.fields if one.absent is not ALWAYS):
        assert field.number % 2 == 1
        with pytest.raises(DirectoryProblem) as caught:
            layout.unpack(packed | {field.number: field.kind.pack(field.absent)})
        assert caught.value.arguments == {"field": f"{layout.name}.{field.name}", "rule": "redundant"}


def test_a_reader_of_before_keeps_what_came_later(world: Any) -> None:
    """With the tables of Parley 0.1, holidays and mandates are read as unknown and written back byte for byte."""
    office = Layout("office", Office, OFFICE.fields[:10])
    old = [Field(8, "offices", listed(nested(office))) if one.number == 8 else one for one in PARTICULARS.fields[:18]]
    before = Layout("particulars", Particulars, tuple(old), standing=True)
    content = full(world)
    assert before.encode(before.unpack(PARTICULARS.pack(content))) == content.payload
    plain = world.particulars()
    assert before.encode(plain) == plain.payload  # who uses none of it writes the bytes of before


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_numbers_of_fields_are_not_reused(layout: Layout[Any]) -> None:
    """Each number stands once in a table, and each field of the record stands in it."""
    numbers = [field.number for field in layout.fields]
    assert numbers == sorted(set(numbers))
    assert {field.name for field in layout.fields} == set(layout.record.__struct_fields__) - {"extensions"}


@pytest.mark.parametrize("wire", [None, 0, 2, True, "1"])
def test_another_wire_version_is_refused(wire: Any, world: Any) -> None:
    """It is not read as if it were this one."""
    packed = decode(world.particulars().payload)
    assert isinstance(packed, dict)
    changed = {number: value for number, value in packed.items() if number} | ({} if wire is None else {0: wire})
    with pytest.raises(DirectoryProblem) as caught:
        decode_particulars(encode(changed))
    assert caught.value.key == "directory.unknown_version"


def test_names_out_of_order_are_another_byte_string_and_refused(world: Any) -> None:
    """One value, one byte string."""
    packed = PARTICULARS.pack(world.particulars())
    packed[2] = list(reversed(packed[2]))
    with pytest.raises(DirectoryProblem):
        PARTICULARS.unpack(packed)
    packed[2] = [packed[2][0], packed[2][0]]
    with pytest.raises(DirectoryProblem):
        PARTICULARS.unpack(packed)


def test_what_a_person_mistyped_is_the_peers_fault_in_received_bytes(world: Any) -> None:
    """The same rule, another fault and another advice."""
    packed = PARTICULARS.pack(world.particulars()) | {7: 4}
    with pytest.raises(DirectoryProblem) as caught:
        decode_particulars(encode(packed))
    assert caught.value.key == "directory.unreadable"
    assert caught.value.fault.name == "PEER"


SMALL_ORDER = [bytes(32), bytes([1]) + bytes(31), bytes.fromhex("ec" + "ff" * 30 + "7f")]


@pytest.mark.parametrize("point", SMALL_ORDER, ids=["order 4", "identity", "order 2"])
@pytest.mark.parametrize("field", [6, 9, 17], ids=["roots", "node_keys", "outgoing"])
def test_small_order_keys_are_refused_where_particulars_are_read(field: int, point: bytes, world: Any) -> None:
    """OpenSSL accepts such keys: under one of them any signature could be made to fit."""
    packed = PARTICULARS.pack(full(world))
    packed[field][0] = point + packed[field][0][32:]
    with pytest.raises(SealProblem) as caught:
        decode_particulars(encode(packed))
    assert caught.value.key == "seal.key_of_small_order"


def test_small_order_keys_of_offices_are_refused_too(world: Any) -> None:
    """Deep inside as well."""
    packed = PARTICULARS.pack(world.particulars())
    packed[8][0][4][0] = bytes(32) + packed[8][0][4][0][32:]
    with pytest.raises(SealProblem):
        decode_particulars(encode(packed))


def test_oversized_particulars_are_refused_before_they_are_read() -> None:
    """Length first."""
    with pytest.raises(SealProblem) as caught:
        decode_particulars(b"\xa0" + bytes(rules.PAYLOAD))
    assert caught.value.key == "seal.too_large"


def test_the_largest_particulars_fit(world: Any) -> None:
    """All bounds reached at once, signed by all: below what is decoded."""
    offices = tuple(world.office(" ".join(f"o{n}.{k}" for k in range(4)), id=f"o{n}") for n in range(16))
    content = world.particulars(
        "abcdefghijklmno",
        offices=offices,
        node_keys=tuple(world.signing_key(f"n{n}").public for n in range(8)),
        tls=tuple(bytes([n + 1]) * 8192 for n in range(8)),
        version=2,
        previous=bytes(32),
        outgoing=world.roots("pqrstuvwxyzABCD"),
        extensions=tuple((65 + 2 * n, encode(bytes(4093))) for n in range(16)),
    )
    assert len(content.payload) < rules.PAYLOAD
    signed = world.signed(content, "abcdefghijklmnopqrstuvwxyzABCD")
    assert len(signed) < 1 << 20
    assert decode_particulars(content.payload) == content


KEYS = st.integers(0, 11)
LINE = st.text("abcdef ghيةжд中文-", min_size=1, max_size=20).filter(lambda text: text == text.strip())
NAMES = st.dictionaries(st.sampled_from(["ar", "zh", "en", "fr", "ru", "es"]), LINE, min_size=1)


@st.composite
def any_particulars(draw: st.DrawFn) -> dict[str, Any]:
    """Changes to the default particulars, as plain data; keys are numbers into a fixed pool."""
    letters = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True))
    version = draw(st.integers(1, 9))
    bearers = draw(st.lists(st.tuples(st.sampled_from(["x", "udp"]), LINE, st.integers(0, 99)), max_size=4))
    return {
        "names": draw(NAMES),
        "roots": "".join(letters),
        "threshold": draw(st.integers(1, len(letters))),
        "version": version,
        "previous": None if version == 1 else draw(st.binary(min_size=32, max_size=32)),
        "expires_at": DAY0 + draw(st.integers(1, 366 * 86_400_000)),
        "bearers": tuple({(kind, address): Bearer(kind, address, rank) for kind, address, rank in bearers}.values()),
        "capabilities": tuple(draw(st.lists(st.from_regex(r"\A[a-z][a-z0-9-]{0,9}\Z"), max_size=4, unique=True))),
        "revoked": tuple(
            Revocation(bytes(15) + bytes([number]), DAY0 + number, "lost")
            for number in draw(st.lists(st.integers(0, 255), max_size=3, unique=True))
        ),
        "tls": tuple(draw(st.lists(st.binary(min_size=1, max_size=9), max_size=3, unique=True))),
        "extensions": tuple(
            (number, encode(value))
            for number, value in sorted(
                draw(st.dictionaries(st.integers(10, 500).map(lambda n: 2 * n + 1), st.integers(-9, 9))).items()
            )[:16]
        ),
    }


@settings(max_examples=60, deadline=None)
@given(any_particulars())
def test_any_particulars_read_back(changes: dict[str, Any]) -> None:
    """Whatever can be built has one byte string, and that byte string gives it back."""
    world = _world()
    content = world.particulars(**changes)
    read = decode_particulars(content.payload)
    assert read == content
    assert PARTICULARS.encode(read) == content.payload


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_payload_is_another_value_or_refused(data: st.DataObject) -> None:
    """No two byte strings are the same particulars."""
    content = full(_world())
    place = data.draw(st.integers(0, len(content.payload) - 1))
    changed = bytearray(content.payload)
    changed[place] ^= data.draw(st.integers(1, 255))
    try:
        read = decode_particulars(bytes(changed))
    except Problem:
        return
    assert read != content
    assert read.payload == bytes(changed)


def _world() -> Any:
    return _KEPT["world"]


_KEPT: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _keep(world: Any) -> None:
    # hypothesis and function fixtures do not mix; the world is of the session and never changes
    _KEPT["world"] = world


def test_a_bad_value_cannot_come_in_by_replacing_a_field(world: Any) -> None:
    """The constructor's checks run there too."""
    with pytest.raises(DirectoryProblem):
        msgspec.structs.replace(world.particulars(), threshold=9)
