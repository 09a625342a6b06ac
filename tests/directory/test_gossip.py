"""Sightings: what peers tell each other of third parties, and how it compares (docs/decisions/0029)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.directory import (
    Directory,
    DirectoryProblem,
    Sighted,
    Sighting,
    Wanted,
    read_request,
    read_sightings,
    rules,
    write_request,
    write_sightings,
)
from parley.seal import encode
from parley.terms.problem import Problem

PARTIES = st.lists(st.from_regex(r"\A[A-Z]{2}\Z"), max_size=12, unique=True)


@given(PARTIES, st.data())
def test_an_item_reads_back(parties: list[str], data: st.DataObject) -> None:
    """Sorted by party, whatever the order in which they were told."""
    told = [
        Sighting(code, data.draw(st.integers(1, 1 << 31)), data.draw(st.binary(min_size=32, max_size=32)))
        for code in parties
    ]
    assert read_sightings(write_sightings(told)) == tuple(sorted(told, key=lambda one: one.party))
    wanted = [Wanted(code, data.draw(st.integers(0, 1 << 31))) for code in parties]
    if wanted:
        assert read_request(write_request(wanted)) == tuple(sorted(wanted, key=lambda one: one.party))


@given(
    st.binary(max_size=120) | st.integers().map(lambda n: encode({0: 1, 1: [{1: "XB", 2: 1, 3: bytes(32)}] * (n % 3)}))
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """With a problem that names it; never anything else."""
    for read in (read_sightings, read_request):
        try:
            read(data)
        except Problem as problem:
            assert problem.key.split(".")[0] in ("seal", "directory")  # noqa: PT017


ONE = {1: "XB", 2: 1, 3: bytes(32)}
HOSTILE: dict[str, Any] = {
    "a party twice": {0: 1, 1: [ONE, ONE]},
    "out of order": {0: 1, 1: [{**ONE, 1: "XC"}, ONE]},
    "more parties than there are": {0: 1, 1: [{**ONE, 1: f"O-{number:04}"} for number in range(rules.SIGHTINGS + 1)]},
    "version 0": {0: 1, 1: [{**ONE, 2: 0}]},
    "a version beyond all": {0: 1, 1: [{**ONE, 2: (1 << 31) + 1}]},
    "a short digest": {0: 1, 1: [{**ONE, 3: bytes(31)}]},
    "a critical field": {0: 1, 1: [], 2: 1},
    "another wire version": {0: 2, 1: []},
    "no list": {0: 1, 1: 7},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_items_are_refused(case: str) -> None:
    """And the twin without the fault is read (control)."""
    assert read_sightings(encode({0: 1, 1: [ONE]})) == (Sighting("XB", 1, bytes(32)),)
    with pytest.raises(DirectoryProblem):
        read_sightings(encode(HOSTILE[case]))


def test_an_item_is_bounded_by_what_is_written_too() -> None:
    """Of more parties than fit the first are told: a reader refuses longer ones."""
    many = [Sighting(f"O-{number:04}", 1, bytes(32)) for number in range(rules.SIGHTINGS + 50)]
    assert len(read_sightings(write_sightings(many))) == rules.SIGHTINGS
    assert len(read_request(write_request([Wanted(one.party, 0) for one in many]))) == rules.WANTED


def test_our_own_party_and_what_is_unspoken_are_not_told(world: Any) -> None:
    """The peer itself is: it learns what its roots signed."""
    directory = Directory(own="XA")
    directory.accept(world.signed(world.particulars("xyz", party="XA"), "xy"), how="own", now=world.day(0), by="I")
    world.accept(directory, world.particulars())
    world.accept(directory, world.particulars("cde", party="XC"), "cd")
    assert [one.party for one in directory.sightings()] == ["XB", "XC"]
    assert [one.party for one in directory.sightings({"XC"})] == ["XB"]


def test_a_former_identity_is_older_whatever_its_number(world: Any) -> None:
    """A peer that has not accepted XB anew still tells of its version 2."""
    directory = world.directory()
    first = directory.entry("XB").current
    second = first.successor(issued_at=world.day(1), expires_at=world.day(300))
    directory.learn(world.signed(second), world.day(1))
    lost = world.particulars("xyz", issued_at=world.day(5))
    directory.accept(
        world.signed(lost, "xy"), how="ceremony", now=world.day(5), by="Director", ceremony=world.ceremony(lost),
        new_identity=True,
    )  # fmt: skip
    assert directory.compare(Sighting("XB", 2, second.digest)) is Sighted.OLDER_THERE
    assert directory.compare(Sighting("XB", 2, bytes(32))) is Sighted.NEWER_THERE
    assert directory.compare(Sighting("XB", 1, bytes(32))) is Sighted.CONTRADICTS


def test_versions_are_given_in_order_and_a_few_at_a_time(world: Any) -> None:
    """From the one after that which the asker holds; of unknown parties nothing."""
    directory, current = world.directory(), world.particulars()
    for day in range(1, 12):
        current = current.successor(issued_at=world.day(day), expires_at=world.day(300))
        directory.learn(world.signed(current), world.day(day))
    held = [one.signed.raw for one in directory.entry("XB").versions]
    assert directory.versions_after(Wanted("XB", 2)) == tuple(held[2 : 2 + rules.GIVEN_VERSIONS])
    assert directory.versions_after(Wanted("XB", 12)) == ()
    assert directory.versions_after(Wanted("XC", 0)) == ()
