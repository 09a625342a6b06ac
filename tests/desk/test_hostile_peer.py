"""What a party that is accepted may try: every key is its own, every signature is right, and it means harm."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk import compose, decide, release, watch, witness
from parley.desk.draft import Draft
from parley.desk.give_back import MOST_LIVES
from parley.desk.take import MOST_UNASKED
from parley.directory import DirectoryProblem
from parley.journal import Incarnation, cosign, cosigner_name, sign_incarnation, verify_cosignature
from parley.line import conversation
from parley.line.note import note_id
from parley.line.parcel import ItemKind
from parley.line.recall import Recall
from parley.line.receipt import OneTimePrekey, Stage
from parley.seal import Domain, decode, encode, sign


async def ours_sent(wire: Any) -> tuple[bytes, bytes]:
    """A note of XB to XA, and the digest of its sealed copy."""
    ours = await wire.b.write(wire.a, 1, {10: "timetable"})
    row = wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))
    return ours, row.digest


def test_a_hundred_languages_leave_a_conversation_that_can_be_read(play: Any) -> None:
    """And its clocks ring: one conversation that cannot be read would keep all others from ringing."""

    async def scene(wire: Any) -> None:
        ours, sealed = await ours_sent(wire)
        entries = [wire.entry(Stage.READ, sealed, note=ours, language=f"x-{number}") for number in range(100)]
        await wire.give(wire.sealed(wire.receipt(*entries)))
        conversation._RECENT.clear()
        row = wire.b.node.store.look(lambda look: look.conversation(ours, "XA"))
        assert len(conversation.read_conversation(row.state).read_in) == 64
        wire.clock.sleep(86_400_000)
        await watch.ring_due(wire.b.node)

    play(scene)


def test_a_cosigner_brings_no_lines_of_another(play: Any) -> None:
    """XA cosigns, and adds a line in the name of XC with a key of its own: what XC signed stays as it was."""

    async def scene(wire: Any) -> None:
        third = wire.Party("XC", wire.clock)
        await third.start()
        await third.meet(wire.b)
        await witness.checkpoint(wire.b.node)
        ((_, body),) = witness.show_to(wire.b.node, "XC")
        ((_, good),) = await witness.cosign_for(third.node, "XB", body)
        await witness.keep_cosignature(wire.b.node, "XC", good)
        ((_, body),) = witness.show_to(wire.b.node, "XA")
        text = decode(body)[0]
        mine, forged = (cosign(text, wire.a.keys.node, cosigner_name(name), wire.clock()) for name in ("XA", "XC"))
        await wire.give((int(ItemKind.COSIGNATURE), encode([text, mine + forged])))
        kept = wire.b.node.store.look(lambda look: look.records(witness.KIND))[-1][1].decode()
        verify_cosignature(kept, cosigner_name("XC"), [third.keys.node.public])

    play(scene)


def test_receipts_that_acknowledge_nothing_fill_no_journal(play: Any) -> None:
    """ "Full" may be said for ever; of nothing, and of the receipter's own notes, a bounded number is kept."""

    async def scene(wire: Any) -> None:
        def entries() -> int:
            return int(wire.b.node.store.look(lambda look: look.leaf_count()))

        _, sealed = await ours_sent(wire)
        before = entries()
        for _ in range(10):
            full = [wire.receipt(wire.entry(Stage.FULL, sealed), extensions={9: bytes(99)}) for _ in range(20)]
            await wire.give(*map(wire.sealed, full))
        assert entries() == before
        theirs = wire.note()
        await wire.give(wire.sealed(theirs))
        about = wire.entry(Stage.OPENED, bytes(32), note=note_id(theirs.to_payload()))
        before = entries()
        for _ in range(20):
            await wire.give(*(wire.sealed(wire.receipt(about)) for _ in range(20)))
        refusals = sum(1 for _ in wire.refusals())
        assert entries() - before - refusals <= MOST_UNASKED

    play(scene)


def test_one_time_keys_that_are_none_stop_no_note(play: Any) -> None:
    async def scene(wire: Any) -> None:
        ours, sealed = await ours_sent(wire)
        bad = tuple(OneTimePrekey(bytes([number]) * 16, bytes([255]) * 1216, 1 << 60) for number in range(20))
        await wire.give(wire.sealed(wire.receipt(wire.entry(Stage.OPENED, sealed, note=ours), prekeys=bad)))
        await wire.b.write(wire.a, 1, {10: "timetable"})

    play(scene)


def test_who_is_restored_for_ever_gets_one_answer(play: Any) -> None:
    """Forty recalls, each of a new life: of the answers one waits, and the newest lives are kept."""

    async def scene(wire: Any) -> None:
        await wire.give(wire.sealed(wire.note()))
        await wire.b.write(wire.a, 1, {10: "timetable"})
        for number in range(40):
            life = Incarnation("XA", bytes([number + 1]) * 16, wire.clock(), b"p" * 16, 0, None)
            recall = Recall(
                party="XA", incarnation=life.id, to="XB", at=wire.clock() + number,
                record=sign_incarnation(life, wire.a.keys.node), since=0, theirs=(), ours=(),
            )  # fmt: skip
            await wire.give(wire.sealed(sign(recall.to_payload(), [wire.a.keys.node], Domain.INCARNATION)))
        look = wire.b.node.store.look
        assert len(look(lambda here: here.records("peer-incarnation"))) <= MOST_LIVES
        assert sum(rows for _, rows, _ in look(lambda here: here.outbox_peers())) <= 4

    play(scene)


def test_what_was_composed_before_a_suspension_is_not_released_after_it(play: Any) -> None:
    """A draft may wait an hour for its releaser; what is allowed is asked again when it goes out."""

    async def scene(wire: Any) -> None:
        node = wire.b.node
        made = Draft(
            form=1,
            office="duty",
            to=("XA/duty",),
            lines={10: "timetable"},
            written_in="en",
            officer="amal",
            exercise=True,
        )
        composed = await compose.compose(node, made)
        await decide.suspend(node, "XA", "amal")
        with pytest.raises(DirectoryProblem):
            await release.release(node, wire.b.keys.sign_note(composed.payload))
        assert node.store.look(lambda look: look.note(composed.note_id)) is None
        await decide.resume(node, "XA", "amal")
        again = await compose.compose(node, made)
        assert await release.release(node, wire.b.keys.sign_note(again.payload)) == again.note_id

    play(scene)
