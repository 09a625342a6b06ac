"""Proposed here, signed there, combined elsewhere: only bytes travel between the machines."""

from __future__ import annotations

from typing import Any

import pytest

from parley.directory import DirectoryProblem, combine, propose, sign_share, verify_signed
from parley.seal import Domain, SealProblem, SigningKey, decode, encode, sign, signature_share
from parley.terms.problem import Problem


def test_two_of_three_sign_on_machines_of_their_own(world: Any) -> None:
    """Each machine has its own key and the payload; the combined result names who signed."""
    payload = propose(world.particulars())
    shares = [sign_share(payload, SigningKey.from_seed(world.signing_key(f"root {letter}").seed)) for letter in "ca"]
    signed = verify_signed(combine(payload, shares))
    assert set(signed.signers) == set(world.roots("ac"))
    assert signed.particulars == world.particulars()


def test_who_signs_does_not_change_what_is_signed(world: Any) -> None:
    """The digest is that of the payload: a and b or b and c, the particulars are the same."""
    one, other = (verify_signed(world.signed(world.particulars(), letters)) for letters in ("ab", "bc"))
    assert one.raw != other.raw
    assert one.particulars.digest == other.particulars.digest


def test_a_holder_signs_only_as_a_root_and_only_particulars(world: Any) -> None:
    """A stranger's key is refused before signing, and so are bytes that are not particulars."""
    payload = propose(world.particulars())
    with pytest.raises(DirectoryProblem) as caught:
        sign_share(payload, world.signing_key("office"))
    assert caught.value.key == "directory.not_a_root"
    with pytest.raises(Problem):
        sign_share(encode({0: 1, 1: "XB"}), world.signing_key("root a"))
    with pytest.raises(SealProblem):
        sign_share(b"pay a million", world.signing_key("root a"))


COMBINE: dict[str, tuple[str, str, str]] = {
    "too few shares": ("a", "", "directory.threshold_missing"),
    "no share": ("", "", "seal.too_few_signers"),
    "one share twice": ("aa", "", "seal.share_twice"),
    "a share of another proposal": ("a", "b", "seal.share_of_another"),
}


@pytest.mark.parametrize("case", COMBINE)
def test_combining_is_refused(case: str, world: Any) -> None:
    """What peers would refuse is not combined at all."""
    letters, stray, expected = COMBINE[case]
    content, other = world.particulars(), world.particulars(names={"en": "Other"})
    shares = world.shares(content, letters) + world.shares(other, stray)
    with pytest.raises(Problem) as caught:
        combine(content.payload, shares)
    assert caught.value.key == expected


def test_a_share_that_does_not_verify_is_found_when_combining(world: Any) -> None:
    """The faulty machine is known by its key before anything is published."""
    payload = world.particulars().payload
    share = decode(sign_share(payload, world.signing_key("root b")))
    assert isinstance(share, list)
    assert isinstance(share[5], list)
    share[5][0] = bytes(64)
    with pytest.raises(SealProblem) as caught:
        combine(payload, [sign_share(payload, world.signing_key("root a")), encode(share)])
    assert caught.value.key == "seal.signature_invalid"
    assert caught.value.arguments["signer"] == world.roots("b")[0].key_id.hex()


def test_combining_checks_the_succession_as_peers_will(world: Any) -> None:
    """A rotation without the old threshold fails on our own table, not in two hundred capitals."""
    old = world.particulars()
    new = old.successor(issued_at=world.day(1), expires_at=world.day(300), roots=world.roots("def"))
    with pytest.raises(DirectoryProblem) as caught:
        combine(new.payload, world.shares(new, "de"), old)
    assert caught.value.key == "directory.old_roots_missing"
    combine(new.payload, world.shares(new, "deab"), old)


def test_a_share_for_another_use_does_not_combine(world: Any) -> None:
    """A root key that signed a note has not signed particulars."""
    payload = world.particulars().payload
    stray = signature_share(payload, world.signing_key("root b"), Domain.NOTE)
    with pytest.raises(SealProblem) as caught:
        combine(payload, [sign_share(payload, world.signing_key("root a")), stray])
    assert caught.value.key == "seal.share_of_another"


def test_particulars_signed_in_another_domain_do_not_stand(world: Any) -> None:
    """The whole object signed as a note is not particulars."""
    keys = [world.signing_key(f"root {letter}") for letter in "ab"]
    with pytest.raises(SealProblem) as caught:
        verify_signed(sign(world.particulars().payload, keys, Domain.NOTE))
    assert caught.value.key == "seal.wrong_domain"


def test_a_successor_links_and_names_who_leaves(world: Any) -> None:
    """Version, previous and outgoing are filled in; everything else stays unless it is changed."""
    old = world.particulars()
    new = old.successor(issued_at=world.day(1), expires_at=world.day(300), roots=world.roots("bcd"))
    assert (new.version, new.previous, new.outgoing) == (2, old.digest, world.roots("a"))
    assert (new.names, new.offices, new.tls) == (old.names, old.offices, old.tls)
    assert new.successor(issued_at=world.day(2), expires_at=world.day(300)).outgoing == ()
