"""An office that acts for another party: in its name, in the power's particulars and in the other's (decision 0028)."""

from __future__ import annotations

from typing import Any

import pytest

from parley.directory import Directory, DirectoryProblem, Mandate, Revocation, Vouch, VouchPolicy, root_digest
from parley.terms.party import Address, acts_for

OFFICE = "acts-for-xa"

NAMES = {
    "acts-for-xa": "XA",
    "acts-for-o-un": "O-UN",
    "duty": None,
    "acts-for-": None,
    "acts-for-press": None,  # five letters are no party
    "acts-for-x1": None,
    "facts-for-xa": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_says_for_whom(name: str) -> None:
    """And nothing else does."""
    assert acts_for(name) == NAMES[name] == Address("XC", name).acts_for


def power(world: Any) -> Any:
    """XC, with an office that acts for XA."""
    offices = (world.office("c1"), world.office("c2", id=OFFICE))
    return world.particulars(
        "cde", party="XC", offices=offices, tls=(b"XC",), node_keys=(world.signing_key("nc").public,)
    )


def entrusting(world: Any, *mandates: Mandate, **changes: Any) -> Any:
    """XA, with these mandates."""
    node = (world.signing_key("na").public,)
    fields = {"party": "XA", "offices": (world.office("a1"),), "tls": (b"XA",), "node_keys": node} | changes
    return world.particulars("def", protected_by=mandates, **fields)


def at_xb(world: Any, *others: tuple[Any, str]) -> Directory:
    """XB's directory, with XC and these."""
    directory = Directory(own="XB")
    world.accept(directory, power(world), "cd")
    for content, letters in others:
        world.accept(directory, content, letters)
    return directory


def signs(world: Any, directory: Directory, office: str = OFFICE) -> Any:
    """What is said of a note of that office of XC."""
    found = directory.office_keys("XC", office, signed_at=world.day(1), now=world.day(1)).marks
    return tuple(mark for mark in found if mark != "stale")  # no freshness is told of here


def mandate(world: Any, towards: str | None = None, by: str = "XC") -> Mandate:
    return Mandate(by, towards, world.day(-1))


# mandates in XA's particulars -> taken without a doubt, or refused
HELD: dict[str, tuple[Any, bool]] = {
    "towards us": (lambda w: [mandate(w, "XB")], True),
    "towards all": (lambda w: [mandate(w)], True),
    "towards us, and another power towards all": (lambda w: [mandate(w, "XB"), mandate(w, None, "XD")], True),
    "towards all, and another power towards us": (lambda w: [mandate(w), mandate(w, "XB", "XD")], False),
    "towards somebody else": (lambda w: [mandate(w, "XE")], False),
    "another power": (lambda w: [mandate(w, None, "XD")], False),
    "nobody": (lambda w: [], False),
}


@pytest.mark.parametrize("case", HELD)
def test_where_the_others_word_is_held_it_decides(case: str, world: Any) -> None:
    """The power's own offices are not touched by it."""
    mandates, taken = HELD[case]
    directory = at_xb(world, (entrusting(world, *mandates(world)), "de"))
    assert signs(world, directory, "duty") == ()
    if taken:
        assert signs(world, directory) == ("acts-for:XA",)
        directory.require_ceremony("XC", OFFICE)
        return
    with pytest.raises(DirectoryProblem) as caught:
        signs(world, directory)
    assert caught.value.key == "directory.mandate_missing"


def test_where_it_is_not_held_the_note_is_taken_and_marked(world: Any) -> None:
    """And does not accuse: that needs a ceremony with both."""
    directory = at_xb(world)
    assert signs(world, directory) == ("acts-for:XA", "mandate-unconfirmed")
    assert directory.by_ceremony("XC")
    assert not directory.by_ceremony("XC", OFFICE)
    with pytest.raises(DirectoryProblem) as caught:
        directory.require_ceremony("XC", OFFICE)
    assert (caught.value.key, caught.value.arguments["party"]) == ("directory.needs_ceremony", "XA")


def test_a_mandate_of_a_vouched_party_is_no_confirmation(world: Any) -> None:
    """XC itself could have vouched."""
    xa = entrusting(world, mandate(world))
    vouch = Vouch("XA", root_digest("XA", xa.roots, xa.threshold), world.day(-1))
    node = (world.signing_key("nd").public,)
    xd = world.particulars("efg", party="XD", vouches=(vouch,), offices=(world.office("d1"),), node_keys=node, tls=())
    before = at_xb(world, (xd, "ef"))
    directory = Directory.rebuild(before.rows(), VouchPolicy(1, ("XD",)), own="XB")
    directory.accept(world.signed(xa, "de"), how="vouched", now=world.day(0), by="Director")
    assert signs(world, directory) == ("acts-for:XA", "mandate-unconfirmed")


def test_a_suspended_line_with_the_other_does_not_close_the_way_through_its_power(world: Any) -> None:
    """Such times are what a protecting power is for; a closed identity is another thing."""
    xa = entrusting(world, mandate(world))
    directory = at_xb(world, (xa, "de"))
    directory.suspend("XA", now=world.day(1), by="Director")
    assert signs(world, directory) == ("acts-for:XA",)
    gone = tuple(Revocation(key.key_id, world.day(1), "lost") for key in xa.roots)
    closed = xa.successor(issued_at=world.day(1), expires_at=world.day(300), revoked=gone)
    directory.learn(world.signed(closed, "de"), world.day(1))
    with pytest.raises(DirectoryProblem) as caught:
        signs(world, directory)
    assert caught.value.key == "directory.mandate_missing"


def test_a_mandate_ends_with_the_next_version(world: Any) -> None:
    """Which any peer may bring."""
    xa = entrusting(world, mandate(world))
    directory = at_xb(world, (xa, "de"))
    assert signs(world, directory) == ("acts-for:XA",)
    ended = xa.successor(issued_at=world.day(1), expires_at=world.day(300), protected_by=())
    directory.learn(world.signed(ended, "de"), world.day(1))
    with pytest.raises(DirectoryProblem) as caught:
        signs(world, directory)
    assert caught.value.key == "directory.mandate_missing"
