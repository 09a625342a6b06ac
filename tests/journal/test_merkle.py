"""The tree is that of RFC 6962: its published examples, an independent implementation, and every small size."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.journal import (
    EMPTY_ROOT,
    Frontier,
    JournalProblem,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/journal/rfc6962.json").read_text())
ENTRIES = [bytes.fromhex(entry) for entry in VECTORS["entries"]]
HASHES = [leaf_hash(entry) for entry in ENTRIES]
MANY = [leaf_hash(bytes([number])) for number in range(40)]


def key_of(refused: pytest.ExceptionInfo[JournalProblem]) -> str:
    return refused.value.key.removeprefix("journal.")


def rows(name: str) -> Any:
    return pytest.mark.parametrize("row", VECTORS[name], ids=lambda row: row["name"])


@rows("roots")
def test_published_roots_of_certificate_transparency(row: dict[str, Any]) -> None:
    hashes = HASHES[: row["size"]]
    assert root(hashes).hex() == row["root"]
    frontier = Frontier()
    for hash in hashes:
        frontier.append(hash)
    assert frontier.root().hex() == row["root"]


@rows("inclusion")
def test_published_inclusion_proofs(row: dict[str, Any]) -> None:
    proof = inclusion_proof(HASHES[: row["size"]], row["index"])
    assert [step.hex() for step in proof] == row["proof"]
    verify_inclusion(HASHES[row["index"]], row["index"], row["size"], proof, root(HASHES[: row["size"]]))


@rows("consistency")
def test_published_consistency_proofs(row: dict[str, Any]) -> None:
    proof = consistency_proof(HASHES, row["old"], row["new"])
    assert [step.hex() for step in proof] == row["proof"]
    verify_consistency(row["old"], root(HASHES[: row["old"]]), row["new"], root(HASHES[: row["new"]]), proof)


def test_the_worked_example_of_rfc_6962_section_2_1_3() -> None:
    """The seven-leaf tree of the RFC, node by node in its own letters."""
    a, b, c, d, e, f, j = (leaf_hash(f"d{number}".encode()) for number in range(7))
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 (the letter of the RFC)
    leaves = [a, b, c, d, e, f, j]
    assert root(leaves) == node_hash(k, l)
    assert inclusion_proof(leaves, 0) == [b, h, l]
    assert inclusion_proof(leaves, 3) == [c, g, l]
    assert inclusion_proof(leaves, 4) == [f, j, k]
    assert inclusion_proof(leaves, 6) == [i, k]
    assert consistency_proof(leaves, 3, 7) == [c, d, g, l]
    assert consistency_proof(leaves, 4, 7) == [l]
    assert consistency_proof(leaves, 6, 7) == [i, j, k]


def test_agrees_with_an_independent_implementation_at_every_small_size() -> None:
    """pymerkle 7: every root and inclusion path of trees of up to 40 leaves; its consistency proofs fit our roots.

    Its consistency paths are laid out otherwise than the RFC's, so those are compared with the RFC's own words below.
    """
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for size, number in enumerate(range(40), start=1):
        oracle.append_entry(bytes([number]))
        assert root(MANY[:size]) == oracle.get_root(size)
        for index in range(size):
            theirs = oracle.prove_inclusion(index + 1, size)
            assert [MANY[index], *inclusion_proof(MANY[:size], index)] == theirs.path
        for old in range(1, size):
            pymerkle.verify_consistency(root(MANY[:old]), root(MANY[:size]), oracle.prove_consistency(old, size))


def test_agrees_with_the_recursive_definition_of_the_rfc() -> None:
    """PROOF and SUBPROOF of RFC 6962, 2.1.2, word for word, for every pair of sizes up to 40."""

    def mth(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        k = largest_power_of_two_below(len(hashes))
        return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()

    def largest_power_of_two_below(n: int) -> int:
        return max(1 << bit for bit in range(8) if 1 << bit < n)

    def subproof(m: int, hashes: list[bytes], whole: bool) -> list[bytes]:
        if m == len(hashes):
            return [] if whole else [mth(hashes)]
        k = largest_power_of_two_below(len(hashes))
        if m <= k:
            return [*subproof(m, hashes[:k], whole), mth(hashes[k:])]
        return [*subproof(m - k, hashes[k:], False), mth(hashes[:k])]

    for new in range(1, 41):
        for old in range(1, new + 1):
            assert consistency_proof(MANY, old, new) == subproof(old, MANY[:new], True)


@given(st.integers(1, 200), st.data())
def test_what_is_proved_verifies_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    """Any change to leaf, index, size, root or path of an inclusion proof is refused."""
    hashes = [sha256(bytes([number])).digest() for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof, top = inclusion_proof(hashes, index), root(hashes)
    verify_inclusion(hashes[index], index, size, proof, top)
    other = data.draw(st.integers(0, size - 1).filter(lambda found: found != index) if size > 1 else st.just(size))
    wrong = bytes(32)
    cases = [
        (wrong, index, size, proof, top),
        (hashes[index], other, size, proof, top),
        (hashes[index], index, size, [*proof, wrong], top),
        (hashes[index], index, size, proof, wrong),
        (hashes[index], -1, size, proof, top),
        (hashes[index], size, size, proof, top),
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        cases += [
            (hashes[index], index, size, proof[:at] + proof[at + 1 :], top),
            (hashes[index], index, size, [*proof[:at], wrong, *proof[at + 1 :]], top),
        ]
    for case in cases:
        with pytest.raises(JournalProblem) as refused:
            verify_inclusion(*case)
        assert key_of(refused) == "not_included"


@given(st.integers(0, 120), st.integers(0, 120), st.data())
def test_a_tree_continues_only_its_own_past(first: int, second: int, data: st.DataObject) -> None:
    """Any change to the sizes, the roots or the path of a consistency proof is refused."""
    old, new = sorted((first, second))
    hashes = [sha256(bytes([number])).digest() for number in range(new)]
    proof, old_root, new_root = consistency_proof(hashes, old, new), root(hashes[:old]), root(hashes)
    verify_consistency(old, old_root, new, new_root, proof)
    wrong = bytes(32)
    cases = [(old, wrong, new, new_root, proof), (old, old_root, new, new_root, [*proof, wrong])]
    if old:
        cases.append((old, old_root, new, wrong, proof))
    if new > old:
        cases.append((new, new_root, old, old_root, proof))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        cases += [
            (old, old_root, new, new_root, proof[:at] + proof[at + 1 :]),
            (old, old_root, new, new_root, [*proof[:at], wrong, *proof[at + 1 :]]),
            (old, old_root, new, new_root, []),
        ]
    for case in cases:
        with pytest.raises(JournalProblem) as refused:
            verify_consistency(*case)
        assert key_of(refused) == "not_consistent"


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.integers(0, 70))
@settings(max_examples=60)
def test_a_frontier_survives_being_written_down(hashes: list[bytes], at: int) -> None:
    """Growing over a restart gives the same root as growing without."""
    frontier = Frontier()
    for hash in hashes[:at]:
        frontier.append(hash)
    again = Frontier.from_list(frontier.size, frontier.to_list())
    for hash in hashes[at:]:
        again.append(hash)
    assert (again.size, again.root()) == (len(hashes), root(hashes))


def _short(hashes: list[bytes]) -> None:
    Frontier.from_list(3, hashes[:1])


def _negative(hashes: list[bytes]) -> None:
    Frontier.from_list(-1, hashes[:1])


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (_short, "bad_frontier"),
        (_negative, "bad_frontier"),
        (lambda hashes: Frontier.from_list(1, [b"short"]), "bad_hash"),
        (lambda hashes: Frontier().append(b"short"), "bad_hash"),
        (lambda hashes: root([b"short"]), "bad_hash"),
        (lambda hashes: inclusion_proof(hashes, 8), "no_such_leaf"),
        (lambda hashes: inclusion_proof(hashes, -1), "no_such_leaf"),
        (lambda hashes: consistency_proof(hashes, 5, 4), "no_such_leaf"),
        (lambda hashes: consistency_proof(hashes, 5, 9), "no_such_leaf"),
        (lambda hashes: verify_inclusion(hashes[0], 0, 1, [], b"short"), "bad_hash"),
        (lambda hashes: verify_consistency(0, EMPTY_ROOT, 0, b"short", []), "bad_hash"),
        (lambda hashes: verify_consistency(0, EMPTY_ROOT, 0, bytes(32), []), "not_consistent"),
        (lambda hashes: verify_consistency(0, bytes(32), 8, root(hashes), []), "not_consistent"),
    ],
)
def test_what_cannot_be_is_refused(wrong: Callable[[list[bytes]], Any], key: str) -> None:
    with pytest.raises(JournalProblem) as refused:
        wrong(list(HASHES))
    assert key_of(refused) == key


def test_each_leaf_is_hashed_once_for_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof over n leaves costs fewer than n node hashes, so 100,000 entries are a tenth of a second."""
    from parley.journal import merkle

    counted = 0

    def counting(left: bytes, right: bytes) -> bytes:
        nonlocal counted
        counted += 1
        return sha256(b"\x01" + left + right).digest()

    hashes = [number.to_bytes(32, "big") for number in range(1000)]
    monkeypatch.setattr(merkle, "node_hash", counting)
    inclusion_proof(hashes, 321)
    assert counted < 1000
    counted = 0
    consistency_proof(hashes, 321, 1000)
    assert counted < 1000


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root([]) == Frontier().root() == EMPTY_ROOT == sha256(b"").digest()
