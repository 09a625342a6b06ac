"""Entries, one's own journal as a whole, incarnations, and evidence of equivocation."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.journal import (
    Checkpoint,
    Evidence,
    Incarnation,
    JournalProblem,
    Kept,
    Leaf,
    LeafKind,
    attach,
    checkpoints_contradict,
    cosign,
    destroyed_leaf,
    fork_of_checkpoints,
    fork_of_serials,
    last_known,
    new_leaf,
    notes_contradict,
    origin,
    read_evidence,
    read_incarnation,
    root,
    sign_checkpoint,
    sign_incarnation,
    verify_continues,
    verify_evidence,
    verify_incarnation,
    verify_journal,
)
from parley.seal import Domain, SealProblem, SigningKey, VerifyingKey, encode, sign

AT = 1_795_000_000_000
FIRST, SECOND = bytes(16), bytes(15) + b"\x01"
NAME = origin("XA", FIRST)
NODE = SigningKey.from_seed(b"\x01" * 64)
STRANGER = SigningKey.from_seed(b"\x02" * 64)
KEYS = [NODE.public]


def key_of(refused: pytest.ExceptionInfo[JournalProblem]) -> str:
    return refused.value.key.removeprefix("journal.")


# -- entries


def test_an_entry_is_hidden_and_hashed_as_the_specification_says() -> None:
    """By hand: salt, then the canonical bytes of [1, 1, 2, digest]; then 0x00 and the hash of RFC 6962."""
    leaf = Leaf(LeafKind.NOTE_OUT, 2, b"\xaa" * 32, b"\xbb" * 32)
    commitment = sha256(b"\xbb" * 32 + b"\x84\x01\x01\x02\x58\x20" + b"\xaa" * 32).digest()
    assert leaf.commitment == commitment
    assert leaf.hash == sha256(b"\x00" + commitment).digest()


@given(st.sampled_from(LeafKind), st.integers(0, (1 << 63) - 1), st.binary(min_size=32, max_size=32))
def test_every_part_of_an_entry_is_committed_to(kind: LeafKind, at: int, digest: bytes) -> None:
    leaf = Leaf(kind, at, digest, bytes(32))
    others = [
        Leaf(LeafKind(kind % 14 + 1), at, digest, bytes(32)),
        Leaf(kind, at ^ 1, digest, bytes(32)),
        Leaf(kind, at, sha256(digest).digest(), bytes(32)),
        Leaf(kind, at, digest, b"\x01" * 32),
    ]
    assert leaf.hash not in {other.hash for other in others}


@pytest.mark.parametrize(
    "parts",
    [
        (LeafKind.READ, -1, bytes(32), bytes(32)),
        (LeafKind.READ, 1 << 63, bytes(32), bytes(32)),
        (LeafKind.READ, 0, bytes(31), bytes(32)),
        (LeafKind.READ, 0, bytes(32), bytes(33)),
        (99, 0, bytes(32), bytes(32)),
    ],
)
def test_an_entry_that_cannot_be_is_not_built(parts: Any) -> None:
    with pytest.raises(JournalProblem) as refused:
        Leaf(*parts)
    assert key_of(refused) == "bad_leaf"


def test_two_entries_of_one_object_cannot_be_told_to_be_of_one_object() -> None:
    """The salt hides: without it, who guesses the object cannot confirm the guess."""
    rng = Random(3).randbytes
    first, second = (new_leaf(LeafKind.NOTE_OUT, AT, bytes(32), rng) for _ in range(2))
    assert first.hash != second.hash


def test_the_numbers_of_kinds_are_fixed() -> None:
    """They are in the trees of every party for thirty years."""
    names = "NOTE_OUT NOTE_IN RECEIPT_OUT RECEIPT_IN REFUSAL PARTICULARS VOID_OUT VOID_IN INCARNATION OVERRIDE BY_HAND"
    names += " COSIGNATURE READ DESTROYED ROSTER CLEARANCE"
    assert {kind.name: kind.value for kind in LeafKind} == {name: n for n, name in enumerate(names.split(), start=1)}


# -- the journal as a whole


def stored(entries: list[Leaf]) -> list[Kept]:
    return [Kept(index, leaf.hash, leaf) for index, leaf in enumerate(entries)]


def head(entries: list[Leaf], size: int, key: SigningKey = NODE, name: str = NAME) -> str:
    return sign_checkpoint(Checkpoint(name, size, root([leaf.hash for leaf in entries[:size]])), key, AT)


def test_a_good_journal_is_recomputed_whole(leaves: Any) -> None:
    entries = leaves(9)
    heads = [head(entries, size) for size in (0, 3, 3, 8, 9)]
    audit = verify_journal(NAME, iter(stored(entries)), heads, KEYS)
    assert (audit.size, audit.checkpoints, audit.destroyed) == (9, 5, 0)
    assert audit.root == root([leaf.hash for leaf in entries])


def test_an_empty_journal_is_a_good_journal() -> None:
    assert verify_journal(NAME, [], [], KEYS).size == 0


Damage = Callable[[list[Kept], list[str], list[Leaf]], Any]


def replace(rows: list[Kept], at: int, leaf: Leaf | None, hash: bytes | None = None) -> None:
    rows[at] = Kept(at, hash or rows[at].hash, leaf)


DAMAGED: list[tuple[str, Damage, str]] = [
    ("an entry missing", lambda rows, heads, leaves: rows.pop(4), "gap"),
    ("the first entry missing", lambda rows, heads, leaves: rows.pop(0), "gap"),
    ("an entry twice", lambda rows, heads, leaves: rows.insert(4, rows[4]), "gap"),
    ("two entries swapped", lambda rows, heads, leaves: rows.insert(4, rows.pop(5)), "gap"),
    ("the end cut off", lambda rows, heads, leaves: rows.pop(), "cut_short"),
    ("all cut off", lambda rows, heads, leaves: rows.clear(), "cut_short"),
    ("a body changed", lambda rows, heads, leaves: replace(rows, 4, leaves[5]), "leaf_changed"),
    ("body and hash changed", lambda rows, heads, leaves: replace(rows, 4, leaves[5], leaves[5].hash), "other_root"),
    ("a body gone", lambda rows, heads, leaves: replace(rows, 4, None), "leaf_changed"),
    ("a head of another journal", lambda rows, heads, leaves: heads.append(OTHERS), "other_journal"),
    ("a head of nobody", lambda rows, heads, leaves: heads.append(head(leaves, 9, STRANGER)), "unsigned"),
    ("heads in another order", lambda rows, heads, leaves: heads.reverse(), "bad_order"),
    ("a head with another root", lambda rows, heads, leaves: heads.append(head(leaves[::-1], 9)), "other_root"),
]
OTHERS = sign_checkpoint(Checkpoint(origin("XA", SECOND), 9, bytes(32)), NODE, AT)


@pytest.mark.parametrize(("name", "damage", "key"), DAMAGED, ids=[row[0] for row in DAMAGED])
def test_damage_is_found_and_named(name: str, damage: Damage, key: str, leaves: Any) -> None:
    entries = leaves(9)
    rows, heads = stored(entries), [head(entries, 3), head(entries, 9)]
    verify_journal(NAME, rows, heads, KEYS)
    damage(rows, heads, entries)
    with pytest.raises(JournalProblem) as refused:
        verify_journal(NAME, rows, heads, KEYS)
    assert key_of(refused) == key


def test_a_body_destroyed_under_a_rule_leaves_a_journal_that_verifies(leaves: Any) -> None:
    """The salt and the digest are gone, the hash stays, and an entry says that it was meant."""
    entries = leaves(6)
    gone = entries[2].commitment
    entries.append(destroyed_leaf(gone, AT, Random(5).randbytes))
    rows = stored(entries)
    rows[2] = Kept(2, entries[2].hash, None, gone)
    audit = verify_journal(NAME, rows, [head(entries, 7)], KEYS)
    assert audit.destroyed == 1
    with pytest.raises(JournalProblem) as refused:
        verify_journal(NAME, rows[:6], [], KEYS)
    assert key_of(refused) == "unrecorded_destruction"


def test_a_record_of_destruction_is_for_one_entry_only(leaves: Any) -> None:
    entries = leaves(6)
    entries.append(destroyed_leaf(entries[2].commitment, AT, Random(5).randbytes))
    rows = stored(entries)
    rows[3] = Kept(3, entries[3].hash, None, entries[3].commitment)
    with pytest.raises(JournalProblem) as refused:
        verify_journal(NAME, rows, [], KEYS)
    assert (key_of(refused), refused.value.arguments["index"]) == ("unrecorded_destruction", 3)


# -- incarnations

OLD = sign_checkpoint(Checkpoint(NAME, 7, b"\x07" * 32), NODE, AT)
OLDER = sign_checkpoint(Checkpoint(NAME, 4, b"\x04" * 32), NODE, AT)
RESTORED = Incarnation("XA", SECOND, AT, FIRST, 5, OLD)


def test_a_restored_node_names_the_last_that_anyone_saw() -> None:
    """Signed and verified, with the checkpoint inside; linked to the incarnation before."""
    signed = sign_incarnation(RESTORED, NODE)
    assert verify_incarnation(signed, KEYS) == RESTORED
    verify_continues(RESTORED, Incarnation("XA", FIRST, AT))
    assert RESTORED.origin == origin("XA", SECOND)


def test_the_first_incarnation_and_one_without_checkpoint_are_signed_alike() -> None:
    for one in (Incarnation("XA", FIRST, AT), Incarnation("XA", SECOND, AT, FIRST, 3)):
        assert verify_incarnation(sign_incarnation(one, NODE), KEYS) == one


def test_a_record_of_somebody_else_is_refused() -> None:
    with pytest.raises(SealProblem):
        verify_incarnation(sign_incarnation(RESTORED, STRANGER), KEYS)
    with pytest.raises(SealProblem):
        verify_incarnation(sign(RESTORED.to_payload(), [NODE], Domain.NOTE), KEYS)


def test_a_record_that_shows_a_checkpoint_nobody_signed_is_refused() -> None:
    forged = sign_checkpoint(Checkpoint(NAME, 9, bytes(32)), STRANGER, AT)
    signed = sign_incarnation(Incarnation("XA", SECOND, AT, FIRST, 5, forged), NODE)
    with pytest.raises(JournalProblem) as refused:
        verify_incarnation(signed, KEYS)
    assert key_of(refused) == "unsigned"


@pytest.mark.parametrize(
    "parts",
    [
        ("xa", FIRST, AT),
        ("XA", b"short", AT),
        ("XA", FIRST, -1),
        ("XA", FIRST, AT, None, 5, None),
        ("XA", FIRST, AT, None, 0, OLD),
        ("XA", FIRST, AT, FIRST, 0, None),
        ("XA", SECOND, AT, b"short", 0, None),
        ("XA", SECOND, AT, FIRST, -1, None),
        ("XA", SECOND, AT, FIRST, 0, OTHERS),
        ("XB", SECOND, AT, FIRST, 0, OLD),
    ],
)
def test_an_incarnation_that_cannot_be_is_not_built(parts: Any) -> None:
    with pytest.raises(JournalProblem) as refused:
        Incarnation(*parts)
    assert key_of(refused) == "bad_incarnation"


@pytest.mark.parametrize(
    "fields",
    [
        {1: 1, 2: 17},
        {1: 2, 2: 17, 3: ["XA", FIRST], 4: AT, 5: None, 6: 0, 7: None},
        {1: 1, 2: 18, 3: ["XA", FIRST], 4: AT, 5: None, 6: 0, 7: None},
        {1: 1, 2: 17, 3: ["XA", FIRST], 4: AT, 5: None, 6: 0, 7: None, 8: 1},
        {1: 1, 2: 17, 3: ["XA", FIRST], 4: AT, 5: None, 6: False, 7: None},
        {1: 1, 2: 17, 3: ["XA", FIRST], 4: AT, 5: 7, 6: 0, 7: None},
        [],
    ],
)
def test_a_payload_that_is_no_incarnation_is_refused(fields: Any) -> None:
    """The control is the good one, which differs in one place from each."""
    good = {1: 1, 2: 17, 3: ["XA", FIRST], 4: AT, 5: None, 6: 0, 7: None}
    assert read_incarnation(encode(good)) == Incarnation("XA", FIRST, AT)
    with pytest.raises(JournalProblem) as refused:
        read_incarnation(encode(fields))
    assert key_of(refused) == "bad_incarnation"


def test_an_incarnation_that_skips_one_does_not_continue_it() -> None:
    third = Incarnation("XA", b"\x03" * 16, AT, SECOND)
    with pytest.raises(JournalProblem) as refused:
        verify_continues(third, Incarnation("XA", FIRST, AT))
    assert key_of(refused) == "unlinked"
    with pytest.raises(JournalProblem):
        verify_continues(Incarnation("XB", SECOND, AT, FIRST), Incarnation("XA", FIRST, AT))


def test_the_largest_head_that_verifies_is_the_last_known() -> None:
    """A peer that returns rubbish, or a head of another journal, stops nobody's restore."""
    forged = sign_checkpoint(Checkpoint(NAME, 99, bytes(32)), STRANGER, AT)
    cosigned = attach(OLD, cosign(OLD, STRANGER, "parley/XB", AT))
    assert last_known(NAME, [OLDER, "rubbish", forged, OTHERS, cosigned, OLD], KEYS) == cosigned
    assert last_known(NAME, ["", forged], KEYS) is None


# -- equivocation


def forked(world: Any, size: int = 5, name: str = "") -> tuple[str, str]:
    """Two heads that XA's node signed: one size, two roots."""
    home = world["XA"]
    name = name or origin("XA", home.incarnation)
    first, second = (sign_checkpoint(Checkpoint(name, size, bytes([n]) * 32), home.node, AT) for n in (1, 2))
    return first, second


def test_two_heads_of_one_size_are_evidence_that_needs_only_the_root_digest(world: Any) -> None:
    """Self-verifying: survives being written down, and later changes of the accused's keys."""
    first, second = forked(world)
    assert checkpoints_contradict(first, second, [world["XA"].node.public])
    evidence = fork_of_checkpoints(first, second, "XA", world["XA"].signed)
    assert evidence == fork_of_checkpoints(second, first, "XA", world["XA"].signed)
    again = read_evidence(evidence.to_bytes())
    assert again == evidence
    verify_evidence(again, world["XA"].root_digest)


def two_notes(world: Any, **second: Any) -> tuple[bytes, bytes]:
    """A note, and one that differs in `second` (fields by name) and in its lines."""
    first = world.signed_note()
    numbers = {"to": 4, "incarnation": 17, "lines": 12}
    world.note_fields = {12: {10: 4}} | {numbers[name]: value for name, value in second.items()}
    return first, world.signed_note()


def test_two_notes_under_one_serial_are_evidence(world: Any) -> None:
    first, second = two_notes(world, to=[["XB", "duty", 1], ["XC", "duty", 12]])
    assert notes_contradict(first, second, [world["XA"].office.public])
    evidence = fork_of_serials(first, second, "XA", world["XA"].signed)
    verify_evidence(read_evidence(evidence.to_bytes()), world["XA"].root_digest)


HONEST: list[tuple[str, Callable[[Any], tuple[Any, Any]]]] = [
    ("heads of other sizes", lambda w: (forked(w)[0], forked(w, 6)[1])),
    ("heads of other journals", lambda w: (forked(w)[0], forked(w, 5, origin("XA", SECOND))[1])),
    ("one head, signed twice", lambda w: (forked(w)[0], forked(w)[0])),
    ("notes with other serials", lambda w: two_notes(w, to=[["XB", "duty", 1], ["XC", "duty", 2]])),
    ("notes of other incarnations", lambda w: two_notes(w, incarnation=SECOND)),
    ("notes to other offices", lambda w: two_notes(w, to=[["XB", "legal", 4711], ["XC", "legal", 12]])),
    ("one note, signed twice", lambda w: (w.signed_note(), w.signed_note())),
]


@pytest.mark.parametrize(("name", "pair"), HONEST, ids=[row[0] for row in HONEST])
def test_what_an_honest_node_signs_is_no_evidence(name: str, pair: Any, world: Any) -> None:
    first, second = pair(world)
    prove: Any = fork_of_checkpoints if isinstance(first, str) else fork_of_serials
    with pytest.raises(JournalProblem) as refused:
        prove(first, second, "XA", world["XA"].signed)
    assert key_of(refused) == "bad_evidence"


def test_evidence_is_nobodys_who_did_not_sign_it(world: Any) -> None:
    """A forged head, a forged note, somebody else's particulars, another digest: all refused."""
    first, second = forked(world)
    good = fork_of_checkpoints(first, second, "XA", world["XA"].signed)
    with pytest.raises(JournalProblem) as refused:
        verify_evidence(good, world["XB"].root_digest)
    assert key_of(refused) == "other_roots"
    with pytest.raises(JournalProblem):
        fork_of_checkpoints(first, second, "XB", world["XB"].signed)
    forged = sign_checkpoint(Checkpoint(origin("XA", world["XA"].incarnation), 5, b"\x03" * 32), STRANGER, AT)
    with pytest.raises(JournalProblem):
        fork_of_checkpoints(first, forged, "XA", world["XA"].signed)
    note, _ = two_notes(world)
    foreign = sign(world.payload(), [STRANGER], Domain.NOTE)
    with pytest.raises(JournalProblem) as refused:
        fork_of_serials(note, foreign, "XA", world["XA"].signed)
    assert key_of(refused) == "bad_evidence"
    with pytest.raises(JournalProblem):
        fork_of_serials(*two_notes(world), "XB", world["XB"].signed)


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_damaged_evidence_is_refused(at: int, world: Any) -> None:
    data = fork_of_checkpoints(*forked(world), "XA", world["XA"].signed).to_bytes()
    torn = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
    with pytest.raises(JournalProblem):
        verify_evidence(read_evidence(torn), world["XA"].root_digest)


def test_evidence_in_another_order_or_of_another_kind_is_refused(world: Any) -> None:
    good = fork_of_checkpoints(*forked(world), "XA", world["XA"].signed)
    turned = Evidence(good.kind, good.party, good.second, good.first, good.particulars)
    with pytest.raises(JournalProblem) as refused:
        verify_evidence(turned, world["XA"].root_digest)
    assert key_of(refused) == "bad_evidence"


def test_frozen_records_verify() -> None:
    """An incarnation and evidence of both kinds, as the first release wrote them."""
    frozen = json.loads((Path(__file__).parents[2] / "vectors/journal/frozen.json").read_text())
    keys = [VerifyingKey.from_bytes(bytes.fromhex(key)) for key in frozen["keys"]]
    record = verify_incarnation(bytes.fromhex(frozen["incarnation"]), keys)
    assert (record.party, record.kept, record.previous) == ("XA", 5, bytes.fromhex(frozen["previous"]))
    for evidence in frozen["evidence"]:
        verify_evidence(read_evidence(bytes.fromhex(evidence)), bytes.fromhex(frozen["root_digest"]))


def test_the_room_imports_seal_and_terms_only() -> None:
    """Nothing else of Parley is loaded by it: an archive must be readable without the rest."""
    program = "import sys, parley.journal; print(*sorted(m for m in sys.modules if m.startswith('parley.')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {name.split(".")[1] for name in done.stdout.split()} == {"journal", "seal", "terms"}
