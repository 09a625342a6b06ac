"""How a party stands at this desk, what may be sent to it, and our own decisions about it."""

from __future__ import annotations

from typing import Any

import pytest

from parley.directory import Directory, DirectoryProblem, Revocation, Standing, certificate_id
from parley.terms.problem import Problem


def make(world: Any, situation: str) -> Directory:
    """A directory in which XB is in that situation on day 10 (expiry: day 300)."""
    first = world.particulars()
    directory = world.directory(first)
    if situation != "never heard":
        directory.learn_freshness(world.signed_freshness(first, 5), world.day(5))
    match situation:
        case "suspended":
            directory.suspend("XB", now=world.day(6), by="Director")
        case "forked" | "fork set aside":
            directory.learn(world.signed(world.particulars(names={"en": "Other"})), world.day(6))
        case "closed":
            gone = tuple(Revocation(key.key_id, world.day(6), "lost") for key in world.roots("bc"))
            last = first.successor(issued_at=world.day(6), expires_at=world.day(300), revoked=gone)
            directory.learn(world.signed(last), world.day(6))
    if situation == "fork set aside":
        directory.set_aside("XB", now=world.day(7), by="Director")
    return directory


# (situation, day) -> standing, what sending without an override brings, and with one
CASES: dict[tuple[str, float], tuple[Standing, str, str]] = {
    ("fresh", 10): (Standing.CURRENT, "leave", "leave"),
    ("never heard", 10): (Standing.STALE, "leave", "leave"),
    ("fresh", 20): (Standing.STALE, "leave", "leave"),
    ("fresh", 299): (Standing.STALE, "leave", "leave"),
    ("fresh", 300): (Standing.EXPIRED, "directory.needs_override", "leave"),
    ("suspended", 10): (Standing.SUSPENDED, "directory.suspended", "directory.suspended"),
    ("suspended", 300): (Standing.SUSPENDED, "directory.suspended", "directory.suspended"),
    ("forked", 10): (Standing.FORKED, "directory.needs_override", "leave"),
    ("fork set aside", 10): (Standing.CURRENT, "leave", "leave"),
    ("closed", 10): (Standing.REVOKED, "directory.party_revoked", "directory.party_revoked"),
}


@pytest.mark.parametrize(("situation", "day"), CASES)
def test_standing(situation: str, day: float, world: Any) -> None:
    """Standing and leave to send are those of the table."""
    expected, without, overridden = CASES[situation, day]
    directory = make(world, situation)
    assert directory.standing("XB", world.day(day)) is expected
    assert sending(directory, world.day(day), None) == without
    assert sending(directory, world.day(day), "Director") == overridden


def sending(directory: Directory, now: int, override: str | None) -> str:
    """What asking for leave brings, as a word."""
    try:
        directory.may_send("XB", now, override)
    except Problem as problem:
        return problem.key
    return "leave"


def test_the_last_thirty_days_are_expiring(world: Any) -> None:
    """From day 270 on, and sending goes on."""
    first = world.particulars()
    directory = world.directory(first)
    directory.learn_freshness(world.signed_freshness(first, 268), world.day(268))
    assert directory.standing("XB", world.day(270)) is Standing.CURRENT
    assert directory.standing("XB", world.day(270) + 1) is Standing.EXPIRING
    assert directory.may_send("XB", world.day(271)).override is None


def test_nothing_is_sent_to_the_unknown(world: Any) -> None:
    """An override does not help where nothing was accepted."""
    with pytest.raises(DirectoryProblem) as caught:
        Directory().may_send("XB", world.day(0), "Director")
    assert caught.value.key == "directory.not_accepted"
    assert Directory().standing("XB", world.day(0)) is Standing.UNKNOWN


def test_an_override_has_a_name(world: Any) -> None:
    """It is returned to be journalled; a blank one is none, and a name with hidden characters is refused."""
    directory = make(world, "fresh")
    assert directory.may_send("XB", world.day(301), "Director").override == "Director"
    for name in ("", "  "):
        with pytest.raises(DirectoryProblem) as caught:
            directory.may_send("XB", world.day(301), name)
        assert caught.value.key == "directory.needs_override"
    with pytest.raises(DirectoryProblem):
        directory.may_send("XB", world.day(301), "Dir\u202eector")


def test_leave_carries_the_marks(world: Any) -> None:
    """The officer sees why it is doubtful before sending."""
    assert make(world, "fresh").may_send("XB", world.day(20)).marks == ("stale",)
    assert make(world, "fresh").may_send("XB", world.day(301), "Director").marks == ("expired", "stale")


def test_a_suspended_party_is_neither_heard_nor_let_in(world: Any) -> None:
    """Its notes, receipts and certificate count for nothing until it is resumed, then again."""
    directory = make(world, "suspended")
    for ask in (
        lambda: directory.office_keys("XB", "duty", signed_at=world.day(9), now=world.day(9)),
        lambda: directory.node_keys("XB", signed_at=world.day(9), now=world.day(9)),
    ):
        with pytest.raises(DirectoryProblem) as caught:
            ask()
        assert caught.value.key == "directory.suspended"
    assert directory.party_of_certificate(b"certificate of XB") is None
    assert directory.certificates() == []
    directory.resume("XB", now=world.day(9), by="Director")
    assert directory.party_of_certificate(b"certificate of XB") == "XB"
    assert directory.certificates() == [("XB", b"certificate of XB")]
    directory.office_keys("XB", "duty", signed_at=world.day(9), now=world.day(9))


def test_a_suspended_party_is_still_followed(world: Any) -> None:
    """New versions are learned meanwhile, so that a revocation is not missed."""
    directory = make(world, "suspended")
    second = directory.entry("XB").current.successor(issued_at=world.day(8), expires_at=world.day(300))
    directory.learn(world.signed(second), world.day(8))
    assert directory.entry("XB").current.version == 2
    assert directory.standing("XB", world.day(9)) is Standing.SUSPENDED


def test_a_closed_party_is_not_let_in(world: Any) -> None:
    """Nothing signed by a closed identity is received."""
    directory = make(world, "closed")
    assert directory.party_of_certificate(b"certificate of XB") is None
    with pytest.raises(DirectoryProblem) as caught:
        directory.office_keys("XB", "duty", signed_at=world.day(1), now=world.day(9))
    assert caught.value.key == "directory.party_revoked"


def test_every_decision_stays_on_record(world: Any) -> None:
    """Who decided what, and when."""
    directory = make(world, "suspended")
    directory.resume("XB", now=world.day(9), by="Deputy")
    assert [(one.by, one.suspended) for one in directory.entry("XB").decisions] == [
        ("Director", True),
        ("Deputy", False),
    ]


# -- certificates


def test_two_certificates_during_a_rotation(world: Any) -> None:
    """Old and new are known while both are listed; when the old one goes, it is refused at once."""
    first = world.particulars()
    directory = world.directory(first)
    both = first.successor(issued_at=world.day(1), expires_at=world.day(300), tls=(b"certificate of XB", b"new"))
    directory.learn(world.signed(both), world.day(1))
    assert directory.party_of_certificate(b"certificate of XB") == directory.party_of_certificate(b"new") == "XB"
    only = both.successor(issued_at=world.day(9), expires_at=world.day(300), tls=(b"new",))
    directory.learn(world.signed(only), world.day(9))
    assert directory.party_of_certificate(b"certificate of XB") is None
    assert directory.party_of_certificate(b"new") == "XB"


def test_a_certificate_that_two_parties_list(world: Any) -> None:
    """XC lists XB's certificate, which it cannot use: a request that says for whom it speaks is not harmed."""
    directory = world.directory()
    world.accept(directory, world.particulars(party="XC", roots="xyz"), "xy")
    assert directory.party_of_certificate(b"certificate of XB") is None
    assert directory.party_of_certificate(b"certificate of XB", claimed="XB") == "XB"
    assert directory.party_of_certificate(b"certificate of XB", claimed="XD") is None
    assert directory.party_of_certificate(b"another", claimed="XB") is None


def test_a_revoked_certificate_cannot_be_listed(world: Any) -> None:
    """A certificate is revoked by its id, like a key."""
    gone = (Revocation(certificate_id(b"certificate of XB"), world.day(0), "compromised"),)
    with pytest.raises(DirectoryProblem) as caught:
        world.particulars(revoked=gone)
    assert caught.value.arguments == {"field": "particulars.revoked", "rule": "still-listed"}
    world.particulars(revoked=gone, tls=(b"new",))
