"""Signed objects: thresholds, shares put together elsewhere, and that no byte can be changed by a third hand.

Each refusal of a crafted object has its case in vectors/seal/signed.json (test_vectors.py); here is what needs keys.
"""

from __future__ import annotations

import itertools

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.seal import (
    ED25519,
    FULL,
    ML_DSA_65,
    Domain,
    SealProblem,
    assemble,
    decode,
    encode,
    peek,
    sign,
    sign_text,
    signature_share,
    verify,
    verify_text,
)
from parley.seal.envelope import body_header, signed_tail, signer_header, to_be_signed

PAYLOAD = encode([1, {1: "XA/duty", 10: ["ddos", 3]}])


@pytest.fixture(scope="module")
def note(signers) -> bytes:
    return sign(PAYLOAD, [signers[0]], Domain.NOTE)


@pytest.fixture(scope="module")
def keys(signers):
    return [key.public for key in signers]


# ---- who signed ----


def test_a_note_by_one_office_verifies_with_its_key(note, keys) -> None:
    """The main path."""
    verified = verify(note, keys, Domain.NOTE)
    assert verified.payload == PAYLOAD
    assert verified.signers == (keys[0],)


@pytest.mark.parametrize("who", [pair for size in (0, 1, 2, 3) for pair in itertools.combinations(range(3), size)])
def test_two_of_three_must_sign(signers, keys, refused, who) -> None:
    """Every subset of three root keys: with two or three it verifies, with fewer it does not."""
    if not who:
        with refused("too_few_signers"):
            sign(PAYLOAD, [], Domain.PARTICULARS)
        return
    signed = sign(PAYLOAD, [signers[index] for index in reversed(who)], Domain.PARTICULARS)
    if len(who) < 2:
        with refused("too_few_signers"):
            verify(signed, keys, Domain.PARTICULARS, threshold=2)
    else:
        assert verify(signed, keys, Domain.PARTICULARS, threshold=2).signers == tuple(keys[index] for index in who)


def test_the_same_key_listed_twice_counts_once(note, keys, refused) -> None:
    """A threshold is of distinct keys."""
    with refused("too_few_signers"):
        verify(note, [keys[0], keys[0], keys[1]], Domain.NOTE, threshold=2)


def test_one_key_does_not_sign_twice(signers, refused) -> None:
    """Neither directly nor by two shares."""
    with refused("share_twice"):
        sign(PAYLOAD, [signers[0], signers[0]], Domain.NOTE)


def test_a_threshold_of_nobody_is_a_mistake_of_the_caller(note, keys) -> None:
    """It would accept anything."""
    with pytest.raises(ValueError, match="threshold"):
        verify(note, keys, Domain.NOTE, threshold=0)


def test_no_keys_verify_nothing(note, refused) -> None:
    """An empty list of keys is not a wildcard."""
    with refused("unknown_signer"):
        verify(note, [], Domain.NOTE)


def test_a_signature_of_one_algorithm_cannot_be_lent_to_another_holder(signers, keys, refused) -> None:
    """One's Ed25519 beside the other's ML-DSA-65 is two halves, not one signer."""
    ours, theirs = (cbor2.loads(sign(PAYLOAD, [key], Domain.NOTE)).value for key in signers[:2])
    mixed = cbor2.dumps(cbor2.CBORTag(98, [*ours[:3], [ours[3][0], theirs[3][1]]]), canonical=True)
    with refused("signature_missing"):
        verify(mixed, keys, Domain.NOTE)


# ---- domains ----


@pytest.mark.parametrize("domain", Domain, ids=lambda domain: domain.name)
def test_a_signature_is_good_for_its_own_use_only(signers, keys, refused, domain) -> None:
    """In its own domain it verifies, in each of the others it is refused and named."""
    signed = sign(PAYLOAD, [signers[0]], domain)
    assert verify(signed, keys, domain).payload == PAYLOAD
    for other in set(Domain) - {domain}:
        with pytest.raises(SealProblem) as caught:
            verify(signed, keys, other)
        assert caught.value.key == "seal.wrong_domain"
        assert caught.value.arguments == {"found": domain.name, "wanted": other.name}


def test_domains_differ_and_carry_the_version() -> None:
    """No two alike, none the beginning of another."""
    values = [domain.value for domain in Domain]
    for one, other in itertools.permutations(values, 2):
        assert not one.startswith(other)
    assert all(value.startswith(b"parley/1/") for value in values)


# ---- suites ----


@pytest.mark.parametrize(("suite", "key"), [(2, "suite_not_here"), (5, "suite_not_here"), (6, "unknown_suite")])
def test_signing_with_a_suite_that_is_not_in_use_is_refused(signers, refused, suite, key) -> None:
    """A reserved number and an unknown one are two different problems."""
    with refused(key):
        sign(PAYLOAD, [signers[0]], Domain.NOTE, suite)
    with refused(key):
        signature_share(PAYLOAD, signers[0], Domain.NOTE, suite)


# ---- looking without verifying ----


def test_peek_shows_what_is_claimed(signers) -> None:
    """Payload, key ids once each, suite."""
    seen = peek(sign(PAYLOAD, signers, Domain.NOTE))
    assert seen.payload == PAYLOAD
    assert seen.key_ids == tuple(key.public.key_id for key in signers)
    assert seen.suite == FULL


def test_peek_does_not_mind_a_bad_signature(note, keys, refused) -> None:
    """Hence the name Unverified: the same bytes do not verify."""
    changed = note[:-1] + bytes([note[-1] ^ 1])
    assert peek(changed).payload == PAYLOAD
    with refused("signature_invalid"):
        verify(changed, keys, Domain.NOTE)


# ---- shares ----


def test_shares_made_apart_are_put_together(signers, keys) -> None:
    """Two signers on two machines; the machine that assembles knows neither key."""
    shares = [signature_share(PAYLOAD, key, Domain.PARTICULARS) for key in signers[1:]]
    for order in itertools.permutations(shares):
        signed = assemble(PAYLOAD, order, Domain.PARTICULARS)
        assert verify(signed, keys, Domain.PARTICULARS, threshold=2).signers == tuple(keys[1:])


def test_a_share_of_something_else_is_not_mixed_in(signers, refused) -> None:
    """Another payload, another use."""
    good = signature_share(PAYLOAD, signers[0], Domain.PARTICULARS)
    for other in (
        signature_share(PAYLOAD + b"\0", signers[1], Domain.PARTICULARS),
        signature_share(PAYLOAD, signers[1], Domain.FRESHNESS),
    ):
        for order in ([good, other], [other, good]):
            with refused("share_of_another"):
                assemble(PAYLOAD, order, Domain.PARTICULARS)


def test_two_shares_of_one_key_are_refused(signers, refused) -> None:
    """ML-DSA-65 is randomised, so the two differ; they are still one signer."""
    shares = [signature_share(PAYLOAD, signers[0], Domain.PARTICULARS) for _ in range(2)]
    assert shares[0] != shares[1]
    with refused("share_twice"):
        assemble(PAYLOAD, shares, Domain.PARTICULARS)


def test_a_forged_share_is_found_when_the_whole_is_verified(signers, keys, refused) -> None:
    """Assembling checks no signature; verifying does."""
    fields = decode(signature_share(PAYLOAD, signers[0], Domain.PARTICULARS))
    fields[5][0] = bytes(64)
    signed = assemble(PAYLOAD, [encode(fields)], Domain.PARTICULARS)
    with refused("signature_invalid"):
        verify(signed, keys, Domain.PARTICULARS)


BAD_SHARES = [
    ("another version", 0, 2),
    ("version true", 0, True),
    ("suite true", 1, True),
    ("a domain as text", 2, "parley/1/particulars"),
    ("no digest", 3, None),
    ("a short key id", 4, b"short"),
    ("one signature", 5, [bytes(64)]),
    ("three signatures", 5, [b"", b"", b""]),
    ("a text as signature", 5, ["", ""]),
]


@pytest.mark.parametrize(("at", "value"), [row[1:] for row in BAD_SHARES], ids=[row[0] for row in BAD_SHARES])
def test_what_is_not_a_share_is_refused(signers, refused, at, value) -> None:
    """One field wrong at a time."""
    fields = decode(signature_share(PAYLOAD, signers[0], Domain.PARTICULARS))
    fields[at] = value
    with refused("not_a_share"):
        assemble(PAYLOAD, [encode(fields)], Domain.PARTICULARS)


def test_a_share_of_a_reserved_suite_is_refused(signers, refused) -> None:
    """As everywhere, under its own name."""
    fields = decode(signature_share(PAYLOAD, signers[0], Domain.PARTICULARS))
    fields[1] = 3
    with refused("suite_not_here"):
        assemble(PAYLOAD, [encode(fields)], Domain.PARTICULARS)


# ---- nothing can be changed ----


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bit_of_a_signed_object_can_be_changed(note, keys, data) -> None:
    """Any one bit: in the frame, a header, the payload or a signature."""
    at, bit = data.draw(st.integers(0, len(note) - 1)), data.draw(st.integers(0, 7))
    changed = note[:at] + bytes([note[at] ^ 1 << bit]) + note[at + 1 :]
    with pytest.raises(SealProblem):
        verify(changed, keys, Domain.NOTE)


def test_no_byte_of_the_frame_and_headers_can_be_changed(note, keys) -> None:
    """All of them, not a sample: everything but the insides of the two signatures."""
    body = cbor2.loads(note).value
    insides = [range(note.index(entry[2]), note.index(entry[2]) + len(entry[2])) for entry in body[3]]
    frame = [at for at in range(len(note)) if not any(at in inside for inside in insides)]
    assert len(frame) == len(note) - 64 - 3309
    for at in frame:
        for value in (note[at] ^ 1, note[at] ^ 0x80, 0, 0xFF):
            if value != note[at]:
                with pytest.raises(SealProblem):
                    verify(note[:at] + bytes([value]) + note[at + 1 :], keys, Domain.NOTE)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=120))
def test_garbage_is_refused_with_a_problem(keys, data) -> None:
    """With and without the tag in front; peek and assemble included."""
    for attempt in (data, b"\xd8\x62" + data):
        with pytest.raises(SealProblem):
            verify(attempt, keys, Domain.NOTE)
        with pytest.raises(SealProblem):
            peek(attempt)
    with pytest.raises(SealProblem):
        assemble(PAYLOAD, [data], Domain.NOTE)


# ---- texts ----


@pytest.mark.parametrize("algorithm", [ED25519, ML_DSA_65])
def test_a_text_is_signed_as_it_stands(signers, refused, algorithm) -> None:
    """For formats of others that are text; another text, key or algorithm does not fit."""
    text = "parley/XA/00\n7\nroot=\n"
    signature = sign_text(text, signers[0], algorithm)
    verify_text(text, signature, signers[0].public, algorithm)
    for wrong in (
        (text + " ", signature, signers[0].public, algorithm),
        (text, signature, signers[1].public, algorithm),
        (text, signature, signers[0].public, ED25519 + ML_DSA_65 - algorithm),
        (text, signature, signers[0].public, 0),
    ):
        with refused("signature_invalid"):
            verify_text(*wrong)


@pytest.mark.parametrize("domain", Domain, ids=lambda domain: domain.name)
def test_no_text_can_stand_for_an_object(domain) -> None:
    """What is signed of an object is not UTF-8 from its first byte on, so no text has those bytes."""
    message = to_be_signed(body_header(FULL), signer_header(ED25519, bytes(16)), signed_tail(domain.value, PAYLOAD))
    with pytest.raises(UnicodeDecodeError, match="invalid start byte") as caught:
        message.decode()
    assert caught.value.start == 0


def test_an_algorithm_that_does_not_exist_is_a_mistake_of_the_caller(signers) -> None:
    """Nothing is signed by default."""
    with pytest.raises(ValueError, match="algorithm"):
        sign_text("x", signers[0], -8)
