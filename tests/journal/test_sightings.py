"""Heads that peers saw: how they compare with those known here, what settles a doubt, and the items that carry them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.journal import (
    Checkpoint,
    JournalProblem,
    Proof,
    Sight,
    compare,
    consistency_proof,
    origin,
    read_checkpoint,
    read_heads,
    read_proof,
    read_proof_wanted,
    root,
    settles,
    sign_checkpoint,
    verify_checkpoint,
)
from parley.journal.sightings import bare
from parley.seal import SigningKey, VerifyingKey, digest, encode

VECTOR = json.loads((Path(__file__).parents[2] / "vectors/journal/heads.json").read_text())
KEY = SigningKey.from_seed(bytes(64))
JOURNAL = origin("XA", bytes(16))


def head(size: int, word: bytes = b"one") -> str:
    return sign_checkpoint(Checkpoint(JOURNAL, size, digest(word)), KEY, 1_795_000_000_000)


CASES: dict[str, tuple[list[int], int, bytes, Sight, int]] = {
    "the same tree": ([3, 7], 7, b"one", Sight.KNOWN, 7),
    "the same tree, an older one": ([3, 7], 3, b"one", Sight.KNOWN, 3),
    "another tree of the same size": ([3, 7], 7, b"two", Sight.FORK, 7),
    "another tree of an older size": ([3, 7], 3, b"two", Sight.FORK, 3),
    "larger than all": ([3, 7], 9, b"one", Sight.UNPROVED, 7),
    "smaller than all": ([3, 7], 1, b"one", Sight.UNPROVED, 3),
    "between two, nearer to the larger": ([3, 7], 6, b"one", Sight.UNPROVED, 7),
    "between two, as near to both: the smaller": ([3, 7], 5, b"one", Sight.UNPROVED, 3),
}


@pytest.mark.parametrize("case", CASES)
def test_a_head_is_known_a_fork_or_unproved(case: str) -> None:
    sizes, size, word, expected, beside = CASES[case]
    found = compare([head(known) for known in sizes], head(size, word))
    assert (found.sight, read_checkpoint(found.beside)[0].size) == (expected, beside)


def test_the_vector_reads_back_and_its_proof_settles_its_heads() -> None:
    texts = read_heads(bytes.fromhex(VECTOR["heads"]))
    assert encode(list(texts)).hex() == VECTOR["heads"]
    wanted, proof = (bytes.fromhex(VECTOR[name]) for name in ("proof_wanted", "proof"))
    assert read_proof_wanted(wanted).to_bytes() == wanted
    assert read_proof(proof).to_bytes() == proof
    key = VerifyingKey.from_bytes(bytes.fromhex(VECTOR["key"]))
    first, second = (verify_checkpoint(text, [key]).checkpoint for text in texts)
    assert settles(read_proof(proof), first, second)
    assert settles(read_proof(proof), second, first)


@pytest.mark.parametrize("case", VECTOR["refused"])
def test_no_reader_takes_the_refused_ones(case: str) -> None:
    data = bytes.fromhex(VECTOR["refused"][case])
    for read in (read_heads, read_proof_wanted, read_proof):
        with pytest.raises(JournalProblem) as caught:
            read(data)
        assert caught.value.key == "journal.bad_sighting"


@given(size=st.integers(2, 70), data=st.data())
def test_a_true_proof_settles_and_a_false_one_is_named(size: int, data: st.DataObject) -> None:
    """For every pair of sizes of an honest tree; with one leaf changed the same proof does not hold."""
    old = data.draw(st.integers(1, size - 1))
    hashes = [digest(bytes([n])) for n in range(size)]
    first, second = (Checkpoint(JOURNAL, n, root(hashes[:n])) for n in (old, size))
    proof = Proof(JOURNAL, old, size, tuple(consistency_proof(hashes, old, size)))
    assert settles(proof, first, second)
    other = Checkpoint(JOURNAL, old, digest(b"another beginning"))
    with pytest.raises(JournalProblem) as caught:
        settles(proof, other, second)
    assert caught.value.key == "journal.not_consistent"


@pytest.mark.parametrize("which", ["another journal", "other sizes"])
def test_a_proof_about_something_else_settles_nothing(which: str) -> None:
    hashes = [digest(bytes([n])) for n in range(7)]
    first, second = (Checkpoint(JOURNAL, n, root(hashes[:n])) for n in (3, 7))
    path = tuple(consistency_proof(hashes, 3, 7))
    name = origin("XB", bytes(16)) if which == "another journal" else JOURNAL
    assert not settles(Proof(name, 3, 7 if which == "another journal" else 6, path), first, second)


def test_what_is_passed_on_has_the_lines_of_its_own_node_alone() -> None:
    """Cosignatures of others are not passed on, and what the key did not sign is not a head."""
    text = head(3)
    noisy = text + "— parley/XB " + "A" * 8 + "\n"
    assert bare(noisy, [KEY.public]) == text
    with pytest.raises(JournalProblem):
        bare(text, [SigningKey.from_seed(b"\1" * 64).public])
