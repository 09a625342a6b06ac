"""A store is lost and a stale backup put back: what was acknowledged comes back from the peers; nothing collides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from parley.desk import archive, compose, draft, freshen, give_back, release, restart, restore, witness
from parley.desk.read import read
from parley.desk.read_back import ask, give
from parley.desk.receive import receive
from parley.journal import LeafKind, origin, read_checkpoint, verify_incarnation
from parley.journal.incarnation import read_incarnation
from parley.line.conversation import read_conversation
from parley.line.note import read_note
from parley.line.parcel import ItemKind, Parcel
from parley.line.receipt import read_receipt
from parley.outside.store import open_sqlite, restore_sqlite
from parley.seal import Domain, peek, seal, sign
from parley.testing import DAY, SimulatedParty, pair, settle

HOUR = 3_600_000


def story(test: Callable[..., Awaitable[None]]) -> Callable[[Path], None]:
    """A test that is a coroutine, with XA and XB that have met, and a folder."""

    def run(tmp_path: Path) -> None:
        async def whole() -> None:
            a, b = await pair()
            try:
                await test(a, b, tmp_path)
            finally:
                for party in (a, b):
                    await party.node.store.close()

        asyncio.run(whole())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def check(sender: SimulatedParty, to: SimulatedParty, **more: Any) -> bytes:
    """A link check."""
    return await sender.write(to, 1, {10: "timetable"}, **more)


def ids(party: SimulatedParty, direction: Any) -> set[bytes]:
    return {row.note_id for row in party.node.store.look(lambda look: look.notes(direction=direction, limit=999))}


def delivery(party: SimulatedParty, note: bytes, to: SimulatedParty) -> str:
    row = party.node.store.look(lambda look: look.conversation(note, to.node.party))
    assert row is not None
    return read_conversation(row.state).delivery.name


async def lost_after(a: SimulatedParty, b: SimulatedParty, folder: Path, meanwhile: Any, **more: Any) -> restore.Begun:
    """B is backed up, lives on with `meanwhile`, and is then put back to the backup."""
    await settle(a, b)
    b.node.store.backup(str(folder / "backup.sqlite"))
    a.clock.sleep(HOUR)
    await meanwhile()
    await settle(a, b)
    a.clock.sleep(HOUR)
    return await b.restore(folder / "backup.sqlite", folder / "store.sqlite", **more)


@story
async def test_a_note_that_was_acknowledged_and_lost_is_sent_again_under_the_same_id(a, b, folder) -> None:
    kept = await check(a, b)
    lost: list[bytes] = []

    async def meanwhile() -> None:
        lost.extend([await check(a, b) for _ in range(3)])

    await lost_after(a, b, folder, meanwhile)
    assert ids(b, "in") == {kept}
    assert [delivery(a, note, b) for note in lost] == ["OPENED"] * 3
    await settle(a, b)
    assert ids(b, "in") == {kept, *lost}
    assert [delivery(a, note, b) for note in lost] == ["OPENED"] * 3


@story
async def test_control_without_a_recall_the_lost_note_stays_lost(a, b, folder) -> None:
    """Were nothing asked, a note that its sender holds a receipt for would be nowhere."""

    async def meanwhile() -> None:
        await check(a, b)

    await lost_after(a, b, folder, meanwhile, locked=True)
    await b.node.store.write(lambda tx: tx.drop(restore.ASKING, "XA"), point="sabotage")
    await b.unlock()
    await settle(a, b)
    assert ids(b, "in") == set()


@story
async def test_only_what_is_missing_is_sent_again(a, b, folder) -> None:
    for _ in range(5):
        await check(a, b)

    async def meanwhile() -> None:
        await check(a, b)

    await lost_after(a, b, folder, meanwhile)
    await settle(a, b)
    said = msgspec.msgpack.decode(b.node.store.look(lambda look: look.record(restore.RETURNED, "XA")))
    assert (said["notes"], said["own"]) == (1, 0)


@story
async def test_a_note_of_ours_that_our_journal_lost_comes_back_with_where_it_stood(a, b, folder) -> None:
    """The peer returns it as we signed it, and its receipts byte for byte: read, and the read-back."""
    lost: list[bytes] = []

    async def meanwhile() -> None:
        lost.append(await check(b, a))
        await settle(a, b)
        await read(a.node, lost[0].hex(), "en", officer="officer")
        answers = {question.line: "only-answer" for question in ask(a.node, lost[0].hex(), "en")}
        await give(a.node, lost[0].hex(), answers, language="en", role="duty", seconds=9, by_person=True)

    await lost_after(a, b, folder, meanwhile)
    receipts = [
        signed for direction, _, signed in a.node.store.look(lambda look: look.receipts(lost[0])) if direction == "out"
    ]
    await settle(a, b)
    row = b.node.store.look(lambda look: look.note(lost[0]))
    assert row is not None
    assert (row.direction, row.marks) == ("out", (restore.MARK,))
    found = read_conversation(b.node.store.look(lambda look: look.conversation(lost[0], "XA")).state)
    assert (found.delivery.name, found.understanding.name) == ("READ", "UNDERSTOOD")
    assert {signed for _, _, signed in b.node.store.look(lambda look: look.receipts(lost[0]))} == set(receipts)


@story
async def test_a_note_of_ours_is_given_back_also_if_its_receipts_come_first(a, b, folder) -> None:
    lost: list[bytes] = []

    async def meanwhile() -> None:
        lost.append(await check(b, a))

    await lost_after(a, b, folder, meanwhile)
    receipts = [signed for _, _, signed in a.node.store.look(lambda look: look.receipts(lost[0]))]
    key = a.node.sealing_key_or_none("XB")
    await b.deliver_to(a)  # its freshness
    key = a.node.sealing_key_or_none("XB")
    parcel = Parcel(items=tuple((int(ItemKind.SEALED), seal(signed, key)) for signed in receipts))
    await receive(b.node, "XA", parcel.to_bytes())
    await settle(a, b)
    assert delivery(b, lost[0], a) == "OPENED"


@story
async def test_the_new_incarnation_begins_with_a_signed_record_linked_to_the_last_checkpoint(a, b, folder) -> None:
    former = b.node.incarnation
    await check(a, b)
    await settle(a, b)
    await witness.checkpoint(b.node)

    async def meanwhile() -> None:
        await check(a, b)

    begun = await lost_after(a, b, folder, meanwhile)
    store = b.node.store
    record = verify_incarnation(
        store.look(lambda look: look.records(restore.KIND, b.node.incarnation.hex()))[0][1], [b.keys.node.public]
    )
    assert (record.id, record.previous, record.kept) == (b.node.incarnation, former, begun.kept)
    assert store.look(lambda look: look.leaf(0)).kind == LeafKind.INCARNATION
    assert store.look(lambda look: look.leaf_count(former)) == begun.kept
    assert record.checkpoint is not None
    assert read_checkpoint(record.checkpoint)[0].size == begun.kept  # a closing one, over all that is left
    archive.verify_own(b.node)


@story
async def test_a_later_checkpoint_that_a_peer_cosigned_is_linked_when_it_comes_back(a, b, folder) -> None:
    """What the peer saw of the lost time stands, signed, in the journal that goes on."""
    former = b.node.incarnation
    shown: list[int] = []

    async def meanwhile() -> None:
        await check(a, b)
        await settle(a, b)
        await witness.checkpoint(b.node)
        b.node.news["XA"] = witness.show_to(b.node, "XA")
        await b.deliver_to(a)
        shown.append(b.node.store.look(lambda look: look.leaf_count()))

    begun = await lost_after(a, b, folder, meanwhile)
    assert shown[0] > begun.kept
    await settle(a, b)
    records = [
        signed for _, signed in b.node.store.look(lambda look: look.records(restore.KIND, b.node.incarnation.hex()))
    ]
    assert len(records) == 2
    link = read_incarnation(peek(records[-1]).payload).checkpoint
    assert link is not None
    assert (read_checkpoint(link)[0].origin, read_checkpoint(link)[0].size) == (origin("XB", former), shown[0])
    archive.verify_own(b.node)


@story
async def test_serials_after_a_restore_never_repeat_those_of_the_lost_time(a, b, folder) -> None:
    """A note of the lost time and one after it would otherwise bear one number: proof of equivocation."""
    await check(b, a)

    async def meanwhile() -> None:
        await check(b, a)

    await lost_after(a, b, folder, meanwhile)
    after = await check(b, a)
    await settle(a, b)
    rows = a.node.store.look(lambda look: look.notes(direction="in"))
    notes = [read_note(peek(a.node.unlock_body(row.note_id, row.body)).payload) for row in rows]
    assert len({(note.incarnation, note.recipients[0].serial) for note in notes}) == 3
    assert after in {row.note_id for row in rows}
    assert a.node.store.look(lambda look: look.records("refusal")) == []


@story
async def test_what_is_on_its_way_sealed_to_a_lost_prekey_is_sealed_again(a, b, folder) -> None:
    """The one-time and rotating keys of the lost time open nothing any more: unopenable, and the sender seals anew."""

    async def meanwhile() -> None:
        await check(a, b)  # brings one-time keys of XB
        b.clock.sleep(DAY)
        await freshen.freshen(b.node, force=True)

    await lost_after(a, b, folder, meanwhile, locked=True)
    on_its_way = await check(a, b)
    await b.unlock()
    await settle(a, b)
    assert on_its_way in ids(b, "in")
    assert delivery(a, on_its_way, b) == "OPENED"


@story
async def test_a_one_time_key_that_the_backup_still_has_is_not_used_again(a, b, folder) -> None:
    """It was spent, and erased, in the lost time: a thief of the restored store must not find it, nor is it offered."""
    await check(a, b)
    await settle(a, b)  # XA has one-time keys of XB now, and the backup has their private halves
    given = {key.key_id for key in a.node.one_time["XB"]}

    async def meanwhile() -> None:
        await check(a, b)

    await lost_after(a, b, folder, meanwhile)
    assert given
    assert not given & set(b.node.open_vault().opening)
    assert not any(b.node.store.look(lambda look, k=key: look.record("prekey", k.hex())) for key in given)
    assert b.node.one_time == {}
    await settle(a, b)
    assert not given & {key.key_id for key in a.node.one_time.get("XB", [])}


@story
async def test_a_serial_that_was_reserved_in_the_backup_is_never_declared_void(a, b, folder) -> None:
    """Its note was signed and delivered in the lost time: a void for it would be a lie under our signature."""
    made = draft.Draft(
        form=1, office="duty", to=("XA/duty",), lines={10: "drill"}, written_in="en", officer="o", exercise=True
    )
    composed = await compose.compose(b.node, made)

    async def meanwhile() -> None:
        await release.release(b.node, b.keys.sign_note(composed.payload))

    await lost_after(a, b, folder, meanwhile)
    a.clock.sleep(DAY)
    assert await restart.settle(b.node) == 0
    await settle(a, b)
    assert composed.note_id in ids(b, "out")
    assert a.node.store.look(lambda look: look.records("refusal")) == []


@story
async def test_a_void_that_the_peer_lost_is_repeated(a, b, folder) -> None:
    """Otherwise the gap in our serials would stay unexplained there."""
    made = draft.Draft(
        form=1, office="duty", to=("XB/duty",), lines={10: "drill"}, written_in="en", officer="o", exercise=True
    )
    note = (await compose.compose(a.node, made)).note

    async def meanwhile() -> None:
        a.clock.sleep(DAY)
        assert await restart.settle(a.node) == 1

    await lost_after(a, b, folder, meanwhile)
    await settle(a, b)
    key = ("XA/duty", "duty", note.incarnation, note.recipients[0].serial)
    row = b.node.store.look(lambda look: look.serial(*key))
    assert row is not None
    assert row.note_id is None


@story
async def test_a_receipt_of_the_former_life_does_not_end_the_sending_again(a, b, folder) -> None:
    """It was overtaken by the restore: the note that it vouches for is the one that was lost."""
    lost: list[bytes] = []

    async def meanwhile() -> None:
        lost.append(await check(a, b))

    await lost_after(a, b, folder, meanwhile)
    late = next(signed for _, _, signed in a.node.store.look(lambda look: look.receipts(lost[0])))
    await b.deliver_to(a)  # the recall: the note waits again
    again = a.node.store.look(lambda look: look.outbox_for(lost[0], "XB"))
    assert again is not None
    fake = msgspec.structs.replace(read_receipt(peek(late).payload), signed_at=a.clock())
    signed = sign(fake.to_payload(), [b.keys.node], Domain.RECEIPT)
    key = b.node.sealing_key_or_none("XA")
    await receive(a.node, "XB", Parcel(items=((int(ItemKind.SEALED), seal(signed, key)),)).to_bytes())
    assert a.node.store.look(lambda look: look.outbox_for(lost[0], "XB")) == again
    await settle(a, b)
    assert lost[0] in ids(b, "in")


@story
async def test_a_locked_peer_gives_back_when_it_is_unlocked(a, b, folder) -> None:
    async def meanwhile() -> None:
        await check(a, b)

    await lost_after(a, b, folder, meanwhile)
    await a.restart(locked=True)
    await b.deliver_to(a)
    await give_back.tend(a.node)
    assert ids(b, "in") == set()
    await a.unlock()
    await settle(a, b)
    assert len(ids(b, "in")) == 1


@story
async def test_giving_back_goes_on_after_a_restart_where_it_stopped(a, b, folder) -> None:
    lost: list[bytes] = []

    async def meanwhile() -> None:
        lost.extend([await check(a, b) for _ in range(give_back.BATCH + 5)])

    await lost_after(a, b, folder, meanwhile)
    await b.deliver_to(a)
    assert a.node.store.look(lambda look: look.record(give_back.JOB, "XB")) is not None
    await a.restart()
    await settle(a, b)
    assert ids(b, "in") == set(lost)
    said = msgspec.msgpack.decode(b.node.store.look(lambda look: look.record(restore.RETURNED, "XA")))
    assert said["notes"] == len(lost)


@story
async def test_newer_particulars_of_our_own_come_back_from_a_peer(a, b, folder) -> None:
    """The backup is older than a rotation: our own new version is root-signed, so anyone may bring it."""

    async def meanwhile() -> None:
        await b.rotate()

    await lost_after(a, b, folder, meanwhile)
    assert b.node.our_particulars().version == 1
    await settle(a, b)
    assert b.node.our_particulars().version == 2
    note = await check(b, a)
    await settle(a, b)
    assert note in ids(a, "in")
    assert a.node.store.look(lambda look: look.records("refusal")) == []


@story
async def test_our_own_note_signed_after_a_rotation_that_the_backup_does_not_know_comes_back(a, b, folder) -> None:
    lost: list[bytes] = []

    async def meanwhile() -> None:
        await b.rotate()
        lost.append(await check(b, a))

    await lost_after(a, b, folder, meanwhile)
    await settle(a, b)
    assert lost[0] in ids(b, "out")


@story
async def test_both_sides_restored_give_back_to_each_other(a, b, folder) -> None:
    """Each holds what the other lost, except what both lost."""
    await settle(a, b)
    for party in (a, b):
        party.node.store.backup(str(folder / f"{party.node.party}.backup"))
    a.clock.sleep(HOUR)
    first = await check(a, b)
    await settle(a, b)
    a.node.store.backup(str(folder / "XA.later"))
    second = await check(b, a)
    await settle(a, b)
    await b.restore(folder / "XB.backup", folder / "b.sqlite")
    await a.restore(folder / "XA.later", folder / "a.sqlite")
    await settle(a, b)
    assert (ids(a, "out"), ids(b, "in")) == ({first}, {first})
    assert second not in ids(a, "in") | ids(b, "out")  # known limit: nobody has it any more


@story
async def test_a_backup_restored_twice_is_told_apart_each_time(a, b, folder) -> None:
    lost: list[bytes] = []

    async def meanwhile() -> None:
        lost.append(await check(a, b))

    await lost_after(a, b, folder, meanwhile)
    await settle(a, b)
    between = b.node.incarnation
    own = await check(b, a)
    await settle(a, b)
    a.clock.sleep(HOUR)
    await b.restore(folder / "backup.sqlite", folder / "again.sqlite")
    assert b.node.incarnation != between
    await settle(a, b)
    assert ids(b, "in") == set(lost)
    assert ids(b, "out") == {own}


@story
async def test_an_old_recall_carried_again_changes_nothing(a, b, folder) -> None:
    """A carrier kept it: the peer has lived on, and is not taken back to its life before."""
    recalls: list[bytes] = []

    async def meanwhile() -> None:
        await check(a, b)

    await lost_after(a, b, folder, meanwhile)
    recalls.append(
        b.node.store.look(lambda look: look.outbox_next("XA", b.clock(), most=9, most_bytes=1 << 20))[-1].sealed
    )
    await settle(a, b)
    a.clock.sleep(HOUR)
    await b.restore(folder / "backup.sqlite", folder / "again.sqlite")
    await settle(a, b)
    now = a.node.store.look(lambda look: look.record("peer-life", "XB"))
    await receive(a.node, None, Parcel(items=((int(ItemKind.SEALED), recalls[0]),)).to_bytes())
    assert a.node.store.look(lambda look: look.record("peer-life", "XB")) == now
    assert a.node.store.look(lambda look: look.record(give_back.JOB, "XB")) is None


@story
async def test_a_recall_that_another_node_signed_is_refused(a, b, folder) -> None:
    """Its own node key must have signed both the recall and the record in it."""

    async def meanwhile() -> None:
        await check(a, b)

    await lost_after(a, b, folder, meanwhile)
    recall = restore._recall(b.node, "XA", b.clock())
    stranger = SimulatedParty("XC", a.clock)
    key = b.node.sealing_key_or_none("XA")
    for payload, signer in (
        (recall, stranger.keys.node),
        (msgspec.structs.replace(recall, record=b"none"), b.keys.node),
    ):
        signed = sign(payload.to_payload(), [signer], Domain.INCARNATION)
        await receive(a.node, "XB", Parcel(items=((int(ItemKind.SEALED), seal(signed, key)),)).to_bytes())
    assert len(a.node.store.look(lambda look: look.records("refusal"))) == 2
    assert a.node.store.look(lambda look: look.record(give_back.JOB, "XB")) is None


@story
async def test_a_note_of_ours_comes_back_only_to_a_node_that_was_restored(a, b, folder) -> None:
    """Elsewhere our own note from a peer's hand is a reflection, and refused."""
    note = await check(a, b)
    await settle(a, b)
    row = b.node.store.look(lambda look: look.note(note))
    signed = b.node.unlock_body(note, row.body)
    key = b.node.sealing_key_or_none("XA")
    await receive(a.node, "XB", Parcel(items=((int(ItemKind.SEALED), seal(signed, key)),)).to_bytes())
    assert "line.own_note" in str(a.node.store.look(lambda look: look.records("refusal")))


@story
async def test_the_same_store_copied_back_by_hand_is_proof_of_two_histories(a, b, folder) -> None:
    """Control of the new incarnation: without it the same journal grows another tree of the same size."""
    await settle(a, b)
    b.node.store.backup(str(folder / "backup.sqlite"))
    for _ in range(2):
        await check(b, a)
        await settle(a, b)
        await witness.checkpoint(b.node)
        b.node.news["XA"] = witness.show_to(b.node, "XA")
        await b.deliver_to(a)
        if not (folder / "by-hand.sqlite").exists():
            restore_sqlite(folder / "backup.sqlite", folder / "by-hand.sqlite")
            b.node = b._node(open_sqlite(folder / "by-hand.sqlite"))
            await b.unlock()
    assert a.node.store.look(lambda look: look.records("evidence")) or a.node.store.look(
        lambda look: look.records("fork")
    )
