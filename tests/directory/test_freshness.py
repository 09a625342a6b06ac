"""What a node says between two versions, and what this desk makes of it (spec/particulars.md, section 5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from parley.directory import (
    Directory,
    DirectoryProblem,
    Revocation,
    Standing,
    sign_freshness,
    sign_prekeys,
    verify_freshness,
)
from parley.seal import Domain, SealProblem, sign
from parley.terms.problem import Problem


class F(NamedTuple):
    """One freshness heard after an earlier one of day 1: when it was made and heard, who signed, what it brings."""

    made: float
    heard: float
    expect: str
    standing: Standing = Standing.CURRENT
    node: str = "node"
    changes: dict[str, Any] = {}  # noqa: RUF012


CASES: dict[str, F] = {
    "a newer one is taken": F(5, 5, "new"),
    "the same again changes nothing": F(1, 5, "known"),
    "an older one, late on its way, changes nothing": F(0.5, 5, "known"),
    "one that comes after its week is kept and shown as stale": F(2, 10, "late", Standing.STALE),
    "a clock two days ahead is accepted": F(7, 5, "new"),
    "a clock more than three days ahead is refused": F(8.1, 5, "directory.from_the_future"),
    "an office key may not state it": F(5, 5, "seal.unknown_signer", node="office"),
    "a root may not state it": F(5, 5, "seal.unknown_signer", node="root a"),
    "a stranger may not state it": F(5, 5, "seal.unknown_signer", node="stranger"),
    "one for another digest is refused": F(5, 5, "directory.other_digest", changes={"digest": bytes(32)}),
    "one for an older version is a rollback": F(5, 5, "directory.rollback", changes={"version": 1}),
    "one for a newer version asks for particulars": F(5, 5, "directory.particulars_behind", changes={"version": 3}),
    "one for a newer version, by a new node, too": F(
        5, 5, "directory.particulars_behind", node="node of version 3", changes={"version": 3}
    ),
    "one of a party that is not accepted": F(5, 5, "directory.not_accepted", changes={"party": "XC"}),
}


def heard_once(world: Any) -> tuple[Directory, Any]:
    """A directory that holds version 2 and a freshness of day 1."""
    first = world.particulars()
    directory = world.directory(first)
    second = first.successor(issued_at=world.day(0.5), expires_at=world.day(300))
    directory.learn(world.signed(second), world.day(0.5))
    directory.learn_freshness(world.signed_freshness(second, 1), world.day(1))
    return directory, second


@pytest.mark.parametrize("name", CASES)
def test_freshness(name: str, world: Any) -> None:
    """What is heard brings what the table says; a refused one leaves what was heard before."""
    case = CASES[name]
    directory, current = heard_once(world)
    before = directory.entry("XB").heard
    signed = world.signed_freshness(current, case.made, case.node, **case.changes)
    try:
        outcome = directory.learn_freshness(signed, world.day(case.heard)).news.value
    except Problem as problem:
        outcome = problem.key
    assert outcome == case.expect
    assert directory.standing("XB", world.day(case.heard)) is case.standing
    if outcome not in ("new", "late"):
        assert directory.entry("XB").heard == before


def test_a_week_after_the_last_freshness_the_party_is_stale(world: Any) -> None:
    """The freshness of day 1 counts until the last millisecond of day 7."""
    directory, _ = heard_once(world)
    assert directory.standing("XB", world.day(8) - 1) is Standing.CURRENT
    assert directory.standing("XB", world.day(8)) is Standing.STALE


def test_a_clock_ahead_gains_nothing(world: Any) -> None:
    """A freshness dated two days ahead counts for a week from its arrival, not longer."""
    directory, current = heard_once(world)
    directory.learn_freshness(world.signed_freshness(current, 7), world.day(5))
    assert directory.standing("XB", world.day(12) - 1) is Standing.CURRENT
    assert directory.standing("XB", world.day(12)) is Standing.STALE


def test_a_new_version_does_not_cut_the_line(world: Any) -> None:
    """After learning version 3 the freshness and prekey heard with version 2 serve on until their time is over."""
    directory, current = heard_once(world)
    third = current.successor(issued_at=world.day(1.5), expires_at=world.day(300))
    directory.learn(world.signed(third), world.day(1.5))
    assert directory.standing("XB", world.day(2)) is Standing.CURRENT
    assert directory.sealing_key("XB", world.day(1.5)) == world.prekey(1)


def test_a_revoked_node_key_takes_its_prekey_along(world: Any) -> None:
    """When the node key that gave the prekey is revoked, nothing is sealed to that prekey, and the party is stale."""
    directory, current = heard_once(world)
    revoked = (Revocation(world.signing_key("node").public.key_id, world.day(1), "compromised"),)
    node = world.signing_key("node-2").public
    third = current.successor(issued_at=world.day(2), expires_at=world.day(300), revoked=revoked, node_keys=(node,))
    directory.learn(world.signed(third), world.day(2))
    assert directory.standing("XB", world.day(2)) is Standing.STALE
    with pytest.raises(DirectoryProblem, match="No key is at hand"):
        directory.sealing_key("XB", world.day(2))
    directory.learn_freshness(world.signed_freshness(third, 2.5, "node-2"), world.day(2.5))
    assert directory.standing("XB", world.day(2.5)) is Standing.CURRENT


@pytest.mark.parametrize(
    ("by_hand", "last"),
    [(False, 2 + 7), (True, 2 + 22.5)],
    ids=["half of 14 days", "half of 45 days"],
)
def test_how_long_a_prekey_is_sealed_to(by_hand: bool, last: float, world: Any) -> None:
    """An expired prekey serves while half of its transit time is left to the carrier; its holder keeps it for all."""
    directory, current = heard_once(world)
    prekey = world.prekey(1, by_hand=by_hand)
    directory.learn_freshness(world.signed_freshness(current, 1.1, prekey=prekey), world.day(1.1))
    assert directory.sealing_key("XB", world.day(last) - 1) == prekey
    with pytest.raises(DirectoryProblem):
        directory.sealing_key("XB", world.day(last))
    assert prekey.erase_at == world.day(2 + (45 if by_hand else 14))


def test_without_any_freshness_nothing_can_be_sealed(world: Any) -> None:
    """Particulars alone carry no prekey."""
    with pytest.raises(DirectoryProblem) as caught:
        world.directory().sealing_key("XB", world.day(0))
    assert caught.value.key == "directory.no_prekey"


def test_what_is_signed_as_prekeys_is_no_freshness(world: Any) -> None:
    """A signature for another use does not count."""
    payload = world.freshness(world.particulars())
    node = world.signing_key("node")
    from parley.directory.freshness import FRESHNESS

    signed = sign(FRESHNESS.encode(payload), [node], Domain.PREKEYS)
    with pytest.raises(SealProblem) as caught:
        verify_freshness(signed, [node.public])
    assert caught.value.key == "seal.wrong_domain"
    verify_freshness(sign_freshness(payload, node), [node.public])  # control: the right domain passes


def test_a_freshness_is_good_for_a_week_at_most(world: Any) -> None:
    """One that claims more cannot be built."""
    with pytest.raises(DirectoryProblem):
        world.freshness(world.particulars(), valid_until=world.day(7) + 1)


def test_a_batch_of_prekeys_is_for_one_peer(world: Any) -> None:
    """The batch that XB signed for XA is taken by XA and refused by everybody else."""
    directory, _ = heard_once(world)
    prekeys = tuple(world.prekey(1, name, one_time=True) for name in ("one", "two"))
    signed = sign_prekeys("XB", "XA", prekeys, world.day(1), world.signing_key("node"))
    assert directory.learn_prekeys(signed, "XB", "XA").prekeys == prekeys
    with pytest.raises(DirectoryProblem) as caught:
        directory.learn_prekeys(signed, "XB", "XC")
    assert caught.value.key == "directory.unreadable"
    forged = sign_prekeys("XB", "XA", prekeys, world.day(1), world.signing_key("office"))
    with pytest.raises(SealProblem):
        directory.learn_prekeys(forged, "XB", "XA")
