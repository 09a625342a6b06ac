"""The cases of vectors/keys/release.json: what the signer reads in a payload, and the proof over it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parley.clearance import Role, run_digest, word_challenge
from parley.outside.keys import KeysProblem
from parley.outside.keys.release import check_proof, prove, prove_word, read_asked, read_facts, release_key
from parley.outside.keys.telephone import code_of, number_of
from parley.seal import digest

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "keys" / "release.json").read_text())
KEK = bytes.fromhex(VECTORS["kek"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_payload_is_read_as_the_vector_says(case):
    payload = bytes.fromhex(case["payload"])
    if isinstance(case["expected"], str):
        with pytest.raises(KeysProblem) as caught:
            read_facts(payload)
        assert caught.value.key == f"keys.{case['expected']}"
        return
    facts = read_facts(payload)
    assert {**case["expected"], "sender": facts.sender} == {
        "sender": facts.sender,
        "form": facts.form,
        "precedence": facts.precedence,
        "exercise": facts.exercise,
        "signed_at": facts.signed_at,
    }
    assert (str(facts.sender), facts.digest) == (case["expected"]["sender"], digest(payload))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_proof_is_the_vectors(case):
    """Computed for the vector with the standard library's HMAC alone (RFC 5869, RFC 2104)."""
    payload, proof = bytes.fromhex(case["payload"]), bytes.fromhex(case["proof"])
    assert release_key(KEK).hex() == VECTORS["release_key"]
    assert prove(release_key(KEK), payload) == proof
    check_proof(release_key(KEK), digest(payload), proof)
    with pytest.raises(KeysProblem):
        check_proof(release_key(KEK), digest(payload + b"."), proof)


CLEARING = json.loads((Path(__file__).parents[3] / "vectors" / "keys" / "clearing.json").read_text())


@pytest.mark.parametrize("case", CLEARING["words"], ids=lambda case: case["role"])
def test_a_word_is_the_vectors(case):
    payload, role = bytes.fromhex(CLEARING["payload"]), Role(case["role"])
    assert word_challenge(role, digest(payload)).hex() == case["challenge"]
    proof = prove_word(release_key(bytes.fromhex(CLEARING["kek"])), role, payload)
    assert proof.hex() == case["proof"]
    assert read_asked(payload)[1].digest == digest(payload)


@pytest.mark.parametrize("case", CLEARING["telephone"], ids=lambda case: case["for"])
def test_a_number_and_its_code_are_the_vectors(case):
    payload = bytes.fromhex(CLEARING["payload"])
    assert number_of(bytes.fromhex(case["secret"]), digest(payload)) == case["number"]
    assert code_of(bytes.fromhex(case["key"]), case["for"], case["number"]) == case["code"]


def test_a_real_note_of_the_line_is_a_note_to_the_signer():
    """The signer reads by its own few lines; they must fit what the line writes."""
    from parley.line.note import Note, Precedence, Recipient
    from parley.terms.party import Address

    note = Note(
        sender=Address("XA", "duty"),
        recipients=(Recipient(Address("XB", "duty"), 7),),
        form=11,
        form_version=1,
        form_digest=bytes(32),
        catalogue_digest=bytes(32),
        precedence=Precedence.FLASH,
        exercise=True,
        signed_at=1_494_770_400_000,
        answer_by=None,
        lines={10: "worm"},
        marking=None,
        written_in="ar",
        incarnation=bytes(16),
        accusation=False,
        particulars_version=1,
    )
    facts = read_facts(note.to_payload())
    assert (facts.sender, facts.form, facts.precedence, facts.exercise) == (note.sender, 11, 3, True)
    assert facts.signed_at == note.signed_at


def test_the_digest_of_a_run_is_the_vectors_in_whatever_order_its_notes_come():
    """Computed for the vector with the standard library's SHA-256 over the sorted digests."""
    run = CLEARING["run"]
    digests = [bytes.fromhex(one) for one in run["digests"]]
    assert run_digest(digests).hex() == run_digest(digests[::-1]).hex() == run["digest"]
    assert word_challenge(Role(run["word"]["role"]), run_digest(digests)).hex() == run["word"]["challenge"]
