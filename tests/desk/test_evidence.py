"""Contradictions are kept so that a stranger can check them: with the particulars beside them, by number, as files."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.desk import evidence, restart
from parley.desk.problems import DeskProblem
from parley.directory import root_digest
from parley.journal import (
    Checkpoint,
    JournalProblem,
    describe_evidence,
    origin,
    read_evidence,
    sign_checkpoint,
    verify_evidence,
)
from parley.line.note import note_id
from parley.seal import digest, encode


def accused(wire: Any) -> bytes:
    """The root digest of XA, as a ceremony confirmed it."""
    found = wire.a.particulars
    return root_digest("XA", found.roots, found.threshold)


async def fork(wire: Any) -> tuple[bytes, bytes]:
    """XA signs two notes under one serial; both arrive. Their ids."""
    one = wire.note()
    twin = msgspec.structs.replace(one, lines={10: "drill"}, signed_at=one.signed_at - 1)
    await wire.give(wire.sealed(one))
    await wire.give(wire.sealed(twin))
    return note_id(one.to_payload()), note_id(twin.to_payload())


def test_two_notes_under_one_serial_are_kept_as_a_file_that_verifies(play: Any) -> None:
    """Both notes and XA's particulars lie in it; a root digest is all that a stranger brings."""

    async def scene(wire: Any) -> None:
        ids = await fork(wire)
        (kept,) = evidence.listed(wire.b.node)
        assert (kept.kind, kept.party, kept.provable) == ("serials", "XA", True)
        data = evidence.export(wire.b.node, 1)
        verify_evidence(read_evidence(data), accused(wire))
        said = describe_evidence(data, {"XA": accused(wire)})
        assert {said["one"], said["other"]} == {one.hex() for one in ids}
        assert evidence.notes_kept(wire.b.node) == frozenset(ids)

    play(scene)


def test_what_lies_on_the_disk_of_it_is_locked(play: Any) -> None:
    """Notes are: a locked node says that there is something and no more."""

    async def scene(wire: Any) -> None:
        await fork(wire)
        value = wire.b.node.store.look(lambda look: look.records(evidence.CONTRADICTIONS))[0][1]
        wire.b.node.vault = None
        with pytest.raises(JournalProblem):
            read_evidence(value)
        (kept,) = evidence.listed(wire.b.node)
        assert kept.provable is None
        with pytest.raises(DeskProblem) as caught:
            evidence.export(wire.b.node, 1)
        assert caught.value.key == "desk.locked"

    play(scene)


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_number_that_is_not_there_is_named(play: Any, number: int) -> None:
    async def scene(wire: Any) -> None:
        await fork(wire)
        with pytest.raises(DeskProblem) as caught:
            evidence.export(wire.b.node, number)
        assert caught.value.key == "desk.no_evidence"

    play(scene)


def heads(wire: Any) -> list[str]:
    """Two heads of one size that XA's node signed, in the order of their bytes."""
    journal = origin("XA", wire.a.node.incarnation)
    key = wire.a.keys.node
    texts = [sign_checkpoint(Checkpoint(journal, 3, digest(word)), key, wire.clock()) for word in (b"one", b"two")]
    return sorted(texts)


def test_the_bare_pair_of_an_earlier_release_becomes_evidence_at_the_next_start(play: Any) -> None:
    """0.1 kept canonical [text, text]; the particulars that check it are added once, and nothing else changes."""

    async def scene(wire: Any) -> None:
        node, pair = wire.b.node, heads(wire)
        journal = origin("XA", wire.a.node.incarnation)
        await node.store.write(lambda tx: tx.put(evidence.FORKS, journal, encode(pair)), point="test")
        assert [kept.provable for kept in evidence.listed(node)] == [False]
        with pytest.raises(DeskProblem) as caught:
            evidence.export(node, 1)
        assert caught.value.key == "desk.not_provable"
        await restart.settle(node)
        verify_evidence(read_evidence(evidence.export(node, 1)), accused(wire))
        assert await evidence.complete(node) == 0

    play(scene)


def test_a_pair_that_the_particulars_do_not_verify_is_kept_as_it_is(play: Any) -> None:
    """Better a piece that proves nothing to others than none."""

    async def scene(wire: Any) -> None:
        pair = encode([heads(wire)[0], heads(wire)[0]])
        await wire.b.node.store.write(lambda tx: tx.put(evidence.FORKS, "parley/XA/" + "0" * 32, pair), point="test")
        assert await evidence.complete(wire.b.node) == 0
        assert wire.b.node.store.look(lambda look: look.records(evidence.FORKS))[0][1] == pair

    play(scene)


def test_evidence_is_checked_with_the_digest_of_the_accused_and_no_other(play: Any) -> None:
    """A wrong digest, a missing one, one too many."""

    async def scene(wire: Any) -> None:
        await fork(wire)
        data = evidence.export(wire.b.node, 1)
        wrong = {"other_roots": {"XA": bytes(32)}, "no_root": {}, "unused_root": {"XA": accused(wire), "XB": bytes(32)}}
        for reason, roots in wrong.items():
            with pytest.raises(JournalProblem) as caught:
                describe_evidence(data, roots)
            assert caught.value.key == f"journal.{reason}"

    play(scene)
