"""Which key counts for something signed on one day and arriving on another (spec/particulars.md, section 4)."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from parley.directory import Directory, DirectoryProblem, Judged, Revocation, rules
from parley.terms.problem import Problem


class J(NamedTuple):
    """One case. `history`: what happened to the key "office" on day 10; `expect`: "counts" or a problem's key."""

    history: str
    signed: float
    arrives: float
    expect: str
    marks: tuple[str, ...] = ()
    by_hand: bool = False


MS = 1 / 86_400_000  # one millisecond, in days

# Freshness is not heard in these cases, so every arrival is also marked "stale"; that mark is left out of the table.
CASES: dict[str, J] = {
    "a present key counts": J("kept", 11, 11, "counts"),
    "a key that nobody named is unknown": J("other key", 11, 11, "directory.key_unknown"),
    # replaced on day 10
    "signed before the replacement, arriving after": J("replaced", 9, 11, "counts", ("key-replaced",)),
    "signed in the day of hand-over": J("replaced", 11 - MS, 12, "counts", ("key-replaced",)),
    "signed at the end of the hand-over": J("replaced", 11, 12, "directory.key_superseded"),
    "arriving on the last moment of transit": J("replaced", 9, 24 - MS, "counts", ("key-replaced",)),
    "arriving after transit": J("replaced", 9, 24, "directory.key_superseded"),
    "arriving after transit, but by hand": J("replaced", 9, 24, "counts", ("key-replaced",), by_hand=True),
    "arriving after transit by hand": J("replaced", 9, 55, "directory.key_superseded", by_hand=True),
    "the office was closed": J("office closed", 9, 11, "counts", ("key-replaced",)),
    # revoked since day 8, published on day 10
    "revoked in good order, signed before": J("retired", 8 - MS, 11, "counts", ("key-retired",)),
    "revoked in good order, signed at that moment": J("retired", 8, 11, "directory.key_revoked"),
    "revoked in good order, signed after": J("retired", 9, 11, "directory.key_revoked"),
    "revoked in good order, arriving on the last moment": J("retired", 7, 22 - MS, "counts", ("key-retired",)),
    "revoked in good order, arriving too late": J("retired", 7, 22, "directory.key_revoked"),
    "revoked in good order, late by hand": J("retired", 7, 22, "counts", ("key-retired",), by_hand=True),
    "compromised: the time that it claims is not believed": J("compromised", 7, 11, "directory.key_revoked"),
    "lost: the time that it claims is not believed": J("lost", 7, 11, "directory.key_revoked"),
    "a reason that is not known here counts as compromised": J("moonlight", 7, 11, "directory.key_revoked"),
    # expired on day 300
    "expired in transit, within grace": J("kept", 299, 301, "counts", ("expired-in-transit",)),
    "expired in transit, on the last moment of grace": J("kept", 299, 314 - MS, "counts", ("expired-in-transit",)),
    "expired in transit, past the grace": J("kept", 299, 314, "counts", ("expired",)),
    "expired in transit by hand": J("kept", 299, 314, "counts", ("expired-in-transit",), by_hand=True),
    "signed after the expiry": J("kept", 300, 301, "counts", ("expired",)),
    "the last moment before expiry": J("kept", 299, 300 - MS, "counts"),
    # the new key of day 10
    "the new key, after it was named": J("new key", 11, 11, "counts"),
    "the new key, a little before it was named": J("new key", 9.5, 11, "counts"),
    "the new key, long before it was named": J("new key", 8, 11, "counts", ("signed-before-listed",)),
    "a key that went and came back": J("came back", 15, 21, "counts"),
}


def after(world: Any, history: str) -> Directory:
    """A directory in which that happened on day 10 (and, for "came back", its return on day 20)."""
    first = world.particulars()
    directory = world.directory(first)
    key_id = world.signing_key("office").public.key_id
    changes: dict[str, Any] = {"issued_at": world.day(10), "expires_at": world.day(310)}
    if history in ("replaced", "new key", "came back"):
        changes |= {"offices": (world.office("office-2"),)}
    elif history == "office closed":
        changes |= {"offices": (world.office("office-2", id="other"),)}
    elif history not in ("kept", "other key"):
        changes |= {"offices": (world.office("office-2"),), "revoked": (Revocation(key_id, world.day(8), history),)}
    else:
        return directory
    second = first.successor(**changes)
    directory.learn(world.signed(second), world.day(10))
    if history == "came back":
        third = second.successor(issued_at=world.day(20), expires_at=world.day(310), offices=(world.office(),))
        directory.learn(world.signed(third), world.day(20))
    return directory


def judged(world: Any, directory: Directory, case: J) -> Judged:
    """What the directory says of the duty office in that case."""
    transit = rules.TRANSIT_BY_HAND if case.by_hand else rules.TRANSIT
    days = {"signed_at": world.day(case.signed), "now": world.day(case.arrives)}
    return directory.office_keys("XB", "duty", **days, transit=transit)


@pytest.mark.parametrize("name", CASES)
def test_judging(name: str, world: Any) -> None:
    """The key counts, or is refused for the reason in the table; its marks are those in the table and "stale"."""
    case = CASES[name]
    result = judged(world, after(world, case.history), case)
    key = {"new key": "office-2", "other key": "never seen"}.get(case.history, "office")
    public = world.signing_key(key).public
    if case.expect != "counts":
        assert public not in result.keys
        with pytest.raises(DirectoryProblem) as caught:
            result.require([public.key_id])
        assert caught.value.key == case.expect
        return
    result.require([public.key_id])
    assert public in result.keys
    assert set(result.marks_of([public])) == {*case.marks, "stale"}


def test_a_mark_of_one_key_does_not_stick_to_another(world: Any) -> None:
    """After a rotation both keys count for a while; only the replaced one is marked so."""
    result = judged(world, after(world, "replaced"), J("", 9.5, 11, ""))
    old, new = world.signing_key("office").public, world.signing_key("office-2").public
    assert set(result.keys) == {old, new}
    assert "key-replaced" in result.marks_of([old])
    assert "key-replaced" not in result.marks_of([new])


def test_node_keys_are_judged_like_office_keys(world: Any) -> None:
    """A receipt signed before the node's key was replaced still counts; one signed long after does not."""
    first = world.particulars()
    directory = world.directory(first)
    node = world.signing_key("node-2").public
    second = first.successor(issued_at=world.day(10), expires_at=world.day(310), node_keys=(node,))
    directory.learn(world.signed(second), world.day(10))
    old = world.signing_key("node").public
    assert old in directory.node_keys("XB", signed_at=world.day(9), now=world.day(11)).keys
    late = directory.node_keys("XB", signed_at=world.day(12), now=world.day(12))
    assert late.keys == (node,)
    assert late.refused == {old.key_id: "key_superseded"}


def test_keys_of_another_office_do_not_count(world: Any) -> None:
    """Each office has keys of its own."""
    offices = (world.office(), world.office("office-2", id="technical"))
    directory = world.directory(world.particulars(offices=offices))
    result = directory.office_keys("XB", "technical", signed_at=world.day(1), now=world.day(1))
    assert result.keys == (world.signing_key("office-2").public,)


@pytest.mark.parametrize(
    ("party", "office", "expected"),
    [
        ("XB", "never", "directory.no_office"),
        ("XC", "duty", "directory.not_accepted"),
        ("X" * 5000, "duty", "directory.not_accepted"),
    ],
)
def test_nobody_to_judge(party: str, office: str, expected: str, world: Any) -> None:
    """An unknown party or office is refused, and the problem repeats little of a peer's text."""
    with pytest.raises(Problem) as caught:
        world.directory().office_keys(party, office, signed_at=world.day(1), now=world.day(1))
    assert caught.value.key == expected
    assert all(len(str(value)) <= 40 for value in caught.value.arguments.values())
