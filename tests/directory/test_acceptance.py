"""Accepting a party: by ceremony, by vouching, anew after a break (spec/ceremony.md)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.directory import (
    Ceremony,
    Directory,
    DirectoryProblem,
    News,
    Revocation,
    Standing,
    Vouch,
    VouchPolicy,
    phrase,
    root_digest,
    signed_root_digest,
)

# -- by ceremony


def test_a_ceremony_is_recorded(world: Any) -> None:
    """Who accepted, when, by which means, which roots."""
    content = world.particulars()
    accepted = world.accept(Directory(), content).entry.acceptance
    assert (accepted.how, accepted.by, accepted.means, accepted.at) == (
        "ceremony",
        "Duty officer",
        "video",
        world.day(0),
    )
    assert accepted.root_digest == root_digest("XB", world.roots("abc"), 2)


# change to what was received or heard -> problem
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no ceremony": ({}, {"ceremony": None}, "directory.ceremony_missing"),
    "our phrase was not confirmed": ({}, {"ours_confirmed": False}, "directory.one_sided"),
    "another phrase": ({}, {"heard": "0" * 20}, "directory.phrase_differs"),
    "the phrase of a lower threshold": ({"threshold": 1}, {}, "directory.phrase_differs"),
    "the phrase of one root more": ({"roots": "abcd"}, {}, "directory.phrase_differs"),
    "the phrase of another party": ({"party": "XC"}, {}, "directory.phrase_differs"),
    "expired": ({}, {"day": 300}, "directory.expired"),
    "issued far ahead": ({}, {"day": -3.1}, "directory.from_the_future"),
    "not by the threshold": ({}, {"letters": "a"}, "directory.threshold_missing"),
    "a way of accepting that does not exist": ({}, {"how": "rumour"}, "directory.bad_value"),
    "own, but not ours": ({}, {"how": "own"}, "directory.ceremony_missing"),
    "vouched, but nobody is on the list": ({}, {"how": "vouched"}, "directory.too_few_vouchers"),
    "by nobody": ({}, {"by": " "}, "directory.bad_value"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_acceptance_is_refused(case: str, world: Any) -> None:
    """And leaves nothing behind; the same without the fault is accepted (control)."""
    content_changes, call, expected = REFUSED[case]
    directory = Directory()
    with pytest.raises(DirectoryProblem) as caught:
        accept(world, directory, content_changes, call)
    assert caught.value.key == expected
    assert directory.parties == ()
    assert accept(world, directory, {}, {}).news is News.NEW


def accept(world: Any, directory: Directory, content_changes: dict[str, Any], call: dict[str, Any]) -> Any:
    """Accept a changed content with the phrase of the unchanged one."""
    heard = call.get("heard", phrase(signed_root_digest(world.particulars())))
    ceremony = Ceremony(heard, call.get("ours_confirmed", True)) if "ceremony" not in call else None
    return directory.accept(
        world.signed(world.particulars(**content_changes), call.get("letters", "ab")),
        how=call.get("how", "ceremony"),
        now=world.day(call.get("day", 0)),
        by=call.get("by", "Officer"),
        ceremony=ceremony,
    )


def test_nothing_is_learned_of_a_party_that_was_not_accepted(world: Any) -> None:
    """Particulars that anybody sends are not taken by themselves."""
    with pytest.raises(DirectoryProblem) as caught:
        Directory().learn(world.signed(world.particulars()), world.day(0))
    assert caught.value.key == "directory.not_accepted"


def test_a_node_accepts_its_own_party_without_a_ceremony(world: Any) -> None:
    """Only its own, and its own certificate lets nobody in."""
    directory = Directory(own="XB")
    directory.accept(world.signed(world.particulars()), how="own", now=world.day(0), by="Installation")
    assert directory.entry("XB").acceptance.how == "own"
    assert directory.party_of_certificate(b"certificate of XB") is None


def test_a_rotated_version_can_be_the_first_that_a_newcomer_accepts(world: Any) -> None:
    """The outgoing roots are in it, so their signatures can be checked by somebody who never saw them."""
    second = world.particulars().successor(issued_at=world.day(1), expires_at=world.day(300), roots=world.roots("def"))
    assert world.accept(Directory(), second, "abde", day=1).news is News.NEW


# -- a break


def test_other_roots_without_hand_over_are_not_accepted_by_oversight(world: Any) -> None:
    """Even with a good ceremony it takes the officer's word that it is a new identity."""
    directory = world.directory()
    lost = world.particulars("xyz", issued_at=world.day(5))
    with pytest.raises(DirectoryProblem) as caught:
        world.accept(directory, lost, "xy", day=5)
    assert caught.value.key == "directory.would_break"
    assert directory.entry("XB").current.roots == world.roots("abc")


def renewed(world: Any) -> Directory:
    """XB lost its roots and was accepted anew on day 5."""
    directory = world.directory()
    lost = world.particulars("xyz", issued_at=world.day(5), offices=(world.office("office-2"),))
    directory.accept(
        world.signed(lost, "xy"),
        how="ceremony",
        now=world.day(5),
        by="Director",
        ceremony=world.ceremony(lost),
        new_identity=True,
    )
    return directory


def test_a_new_identity_is_shown_as_a_break(world: Any) -> None:
    """For 90 days; the former identity stays for its archive, and its keys count no more."""
    directory = renewed(world)
    assert directory.entry("XB").era == 1
    assert "new-identity" in directory.marks("XB", world.day(95) - 1)
    assert "new-identity" not in directory.marks("XB", world.day(95))
    assert [held.particulars.roots for held in directory.history("XB")] == [world.roots("abc"), world.roots("xyz")]
    judged = directory.office_keys("XB", "duty", signed_at=world.day(4), now=world.day(6))
    assert judged.keys == (world.signing_key("office-2").public,)


def test_the_former_roots_cannot_come_back_by_themselves(world: Any) -> None:
    """What the former identity signs later does not succeed and is no fork."""
    directory = renewed(world)
    second = world.particulars().successor(issued_at=world.day(6), expires_at=world.day(300))
    with pytest.raises(DirectoryProblem) as caught:
        directory.learn(world.signed(second), world.day(6))
    assert caught.value.key == "directory.old_roots_missing"


def test_a_new_identity_needs_a_ceremony(world: Any) -> None:
    """Vouching does not do."""
    directory = world.directory()
    with pytest.raises(DirectoryProblem) as caught:
        directory.accept(
            world.signed(world.particulars("xyz"), "xy"),
            how="vouched",
            now=world.day(1),
            by="Director",
            new_identity=True,
        )
    assert caught.value.key == "directory.ceremony_missing"


# -- by vouching

VOUCHERS = {"XC": "cde", "XD": "def", "XE": "efg"}


def vouching(world: Any, needed: int = 2, vouch_for: str = "abc", **changes: Any) -> Directory:
    """A directory with three parties met in ceremonies, each of which vouches for XB with these roots."""
    directory = Directory(VouchPolicy(needed, tuple(VOUCHERS)))
    vouch = Vouch("XB", root_digest("XB", world.roots(vouch_for), 2), world.day(-10))
    for code, letters in VOUCHERS.items():
        fields = {"party": code, "vouches": (vouch,), "tls": (code.encode(),)} | changes.get(code, {})
        world.accept(directory, world.particulars(letters, **fields), letters[:2])
    return directory


def accept_vouched(world: Any, directory: Directory, day: float = 1) -> Any:
    """Accept XB by vouching."""
    return directory.accept(world.signed(world.particulars()), how="vouched", now=world.day(day), by="Director")


def test_enough_chosen_parties_vouch(world: Any) -> None:
    """The party is accepted, marked as vouched, and may not attribute, protest or claim."""
    directory = vouching(world)
    acceptance = accept_vouched(world, directory).entry.acceptance
    assert (acceptance.how, acceptance.vouchers) == ("vouched", ("XC", "XD", "XE"))
    assert "vouched" in directory.marks("XB", world.day(1))
    judged = directory.office_keys("XB", "duty", signed_at=world.day(1), now=world.day(1))
    assert "vouched" in judged.marks
    with pytest.raises(DirectoryProblem) as caught:
        directory.require_ceremony("XB")
    assert caught.value.key == "directory.needs_ceremony"
    directory.require_ceremony("XC")


# what is wrong -> how many vouchers are left of three
FEWER: dict[str, tuple[dict[str, Any], int]] = {
    "one vouches for other roots": ({"XC": {"vouches": (Vouch("XB", bytes(32), 1_794_000_000_000),)}}, 2),
    "two do not vouch": ({"XC": {"vouches": ()}, "XD": {"vouches": ()}}, 1),
    "one vouches for somebody else": ({"XC": {"vouches": (Vouch("XF", bytes(32), 1_794_000_000_000),)}}, 2),
}


@pytest.mark.parametrize("case", FEWER)
def test_too_few_vouch(case: str, world: Any) -> None:
    """With all three needed, each fault leaves fewer."""
    changes, left = FEWER[case]
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, vouching(world, 3, **changes))
    assert caught.value.key == "directory.too_few_vouchers"
    assert caught.value.arguments == {"party": "XB", "have": left, "need": 3}


def test_everybody_vouches_for_the_wrong_roots(world: Any) -> None:
    """The vouch is for roots, not for a name."""
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, vouching(world, vouch_for="abd"))
    assert caught.value.arguments["have"] == 0


def test_the_vouched_cannot_vouch(world: Any) -> None:
    """A chain of hearsay does not count: XE was accepted by vouching itself."""
    directory = vouching(world, 2, XD={"vouches": ()})
    directory = Directory.rebuild(directory.rows(), VouchPolicy(1, ("XC", "XE")))
    vouch = Vouch("XB", root_digest("XB", world.roots("abc"), 2), world.day(0))
    for code, letters, how in (("XG", "ghi", "ceremony"), ("XH", "hij", "vouched")):
        vouches = (Vouch("XH", root_digest("XH", world.roots("hij"), 2), world.day(0)),) if code == "XG" else (vouch,)
        content = world.particulars(letters, party=code, vouches=vouches, tls=())
        directory = Directory.rebuild(directory.rows(), VouchPolicy(1, ("XG", "XH")))
        ceremony = world.ceremony(content) if how == "ceremony" else None
        signed = world.signed(content, letters[:2])
        directory.accept(signed, how=how, now=world.day(1), by="Director", ceremony=ceremony)
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, directory)
    assert caught.value.arguments["have"] == 0


def test_a_party_that_is_not_on_the_list_does_not_count(world: Any) -> None:
    """The accepter chooses whose word counts."""
    directory = vouching(world)
    directory = Directory.rebuild(directory.rows(), VouchPolicy(2, ("XC", "XF")))
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, directory)
    assert caught.value.arguments["have"] == 1


def test_an_expired_voucher_does_not_count_at_acceptance(world: Any) -> None:
    """But takes nothing away afterwards: a voucher late with its own renewal cuts no line."""
    directory = vouching(world, 3, XC={"expires_at": world.day(20)})
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, directory, day=20)
    assert caught.value.arguments["have"] == 2
    accept_vouched(world, directory, day=19)
    assert directory.standing("XB", world.day(30)) is Standing.STALE


def test_vouchers_that_are_lost_are_missed(world: Any) -> None:
    """Suspended, closed, or with second thoughts: below k the party is unvouched and sending needs an override."""
    directory = vouching(world, 2)
    accept_vouched(world, directory)
    directory.suspend("XC", now=world.day(2), by="Director")
    assert directory.standing("XB", world.day(3)) is Standing.STALE  # two are left
    second = directory.entry("XD").current.successor(issued_at=world.day(3), expires_at=world.day(300), vouches=())
    directory.learn(world.signed(second, "de"), world.day(3))
    assert directory.standing("XB", world.day(3)) is Standing.UNVOUCHED
    assert {"vouched", "unvouched"} <= set(directory.marks("XB", world.day(3)))
    with pytest.raises(DirectoryProblem) as caught:
        directory.may_send("XB", world.day(3))
    assert caught.value.key == "directory.needs_override"
    directory.resume("XC", now=world.day(4), by="Director")
    gone = tuple(Revocation(key.key_id, world.day(4), "lost") for key in world.roots("fg"))
    closed = directory.entry("XE").current.successor(issued_at=world.day(4), expires_at=world.day(300), revoked=gone)
    directory.learn(world.signed(closed, "ef"), world.day(4))
    assert directory.standing("XB", world.day(4)) is Standing.UNVOUCHED


def test_a_voucher_that_contradicted_itself_does_not_count(world: Any) -> None:
    """Until an officer has set the evidence aside."""
    directory = vouching(world, 3)
    other = world.particulars(VOUCHERS["XC"], party="XC", names={"en": "Other"})
    directory.learn(world.signed(other, "cd"), world.day(1))
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, directory)
    assert caught.value.arguments["have"] == 2
    directory.set_aside("XC", now=world.day(1), by="Director")
    accept_vouched(world, directory)


def test_a_ceremony_after_vouching_outranks_it(world: Any) -> None:
    """The mark goes; vouching again later does not bring it back."""
    directory = vouching(world)
    accept_vouched(world, directory)
    world.accept(directory, world.particulars(), day=2)
    assert "vouched" not in directory.marks("XB", world.day(2))
    directory.require_ceremony("XB")
    accept_vouched(world, directory, day=3)
    assert directory.entry("XB").acceptance.how == "ceremony"


def test_a_vouch_follows_the_roots(world: Any) -> None:
    """When XB rotates its roots, vouches for the former or for the new ones both still count."""
    directory = vouching(world, 3)
    accept_vouched(world, directory)
    rotated = world.particulars().successor(issued_at=world.day(2), expires_at=world.day(300), roots=world.roots("bcd"))
    directory.learn(world.signed(rotated, "bc"), world.day(2))
    newer = msgspec.structs.replace(directory.entry("XC").current.vouches[0], root_digest=signed_root_digest(rotated))
    second = directory.entry("XC").current.successor(
        issued_at=world.day(3), expires_at=world.day(300), vouches=(newer,)
    )
    directory.learn(world.signed(second, "cd"), world.day(3))
    assert directory.standing("XB", world.day(3)) is Standing.STALE


@pytest.mark.parametrize("needed", [0, 3])
def test_a_policy_that_makes_no_sense(needed: int, world: Any) -> None:
    """Zero vouchers accept nobody; more than the list has cannot be asked for."""
    if needed == 3:
        with pytest.raises(DirectoryProblem):
            VouchPolicy(needed, ("XC", "XD"))
        return
    directory = vouching(world, needed)
    with pytest.raises(DirectoryProblem) as caught:
        accept_vouched(world, directory)
    assert caught.value.key == "directory.too_few_vouchers"
