"""Keys to seal to: lost, spent, expired or not there yet, and what becomes of the notes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from parley.desk import freshen, learn, prekeys
from parley.desk.deliver import deliver
from parley.desk.receive import receive
from parley.line.conversation import Conversation, read_conversation
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.receipt import Receipt, Stage, read_receipt
from parley.seal import digest, open_sealed, peek, seal, sealed_key_id
from parley.testing import DAY, MemoryBearer, NoEndpoint, SimulatedParty, pair, settle

Story = Callable[[SimulatedParty, SimulatedParty], Awaitable[None]]


@pytest.fixture
def play() -> Callable[[Story], None]:
    """Runs a story of XA and XB, which have met."""

    def run(story: Story) -> None:
        async def whole() -> None:
            await story(*await pair())

        asyncio.run(whole())

    return run


async def check(sender: SimulatedParty, to: SimulatedParty) -> bytes:
    """A link check."""
    return await sender.write(to, 1, {10: "timetable"})


def standing(party: SimulatedParty, note: bytes, other: SimulatedParty) -> Conversation:
    row = party.node.store.look(lambda look: look.conversation(note, other.node.party))
    assert row is not None
    return read_conversation(row.state)


def waiting(party: SimulatedParty, other: SimulatedParty) -> list[bytes]:
    """The sealed bytes in the outbox."""
    now = party.clock() + 10 * DAY
    rows = party.node.store.look(lambda look: look.outbox_next(other.node.party, now, most=99, most_bytes=1 << 24))
    return [row.sealed for row in rows]


def said(party: SimulatedParty, answer: bytes) -> list[tuple[bytes, Receipt]]:
    """The receipts in an answer, with their signed bytes, as `party` opens them."""
    opening = party.node.open_vault().opening
    items = [body for kind, body in read_parcel(answer).items if kind == ItemKind.SEALED]
    return [(signed, read_receipt(peek(signed).payload)) for signed in (open_sealed(item, opening) for item in items)]


def carried(*sealed: bytes) -> bytes:
    return Parcel(items=tuple((int(ItemKind.SEALED), item) for item in sealed)).to_bytes()


def test_a_note_that_cannot_be_opened_is_sealed_again_under_the_same_id(play: Callable[[Story], None]) -> None:
    """The receiver lost the private key: it says unopenable, and the sender seals the same signed note to the next."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        note = await check(a, b)
        [first] = waiting(a, b)
        del b.node.open_vault().opening[sealed_key_id(first)]
        await freshen.freshen(b.node, force=True)
        await a.deliver_to(b)
        assert [copy.delivery.name for copy in standing(a, note, b).copies] == ["UNOPENABLE", "QUEUED"]
        [second] = waiting(a, b)
        assert sealed_key_id(second) != sealed_key_id(first)
        await settle(a, b)
        assert standing(a, note, b).delivery.name == "OPENED"
        assert [row.note_id for row in b.node.store.look(lambda look: look.notes())] == [note]

    play(story)


def test_a_receipt_that_cannot_be_opened_is_sealed_again_too(play: Callable[[Story], None]) -> None:
    """Nobody receipts a receipt, so one that was lost for want of a key would never be missed."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        note = await check(a, b)
        await settle(a, b)
        from parley.desk.read import read

        await read(b.node, note.hex(), "en", officer="officer")
        [receipt] = waiting(b, a)
        del a.node.open_vault().opening[sealed_key_id(receipt)]
        await b.deliver_to(a)
        assert standing(a, note, b).delivery.name == "OPENED"
        a.clock.sleep(60_000)
        await freshen.freshen(a.node, force=True)
        await settle(a, b)
        assert standing(a, note, b).delivery.name == "READ"

    play(story)


def test_a_note_that_comes_twice_is_answered_with_the_same_bytes(play: Callable[[Story], None]) -> None:
    """The stored receipt is sent again: a second signature would be another statement about the same thing."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        await check(a, b)
        [sealed] = waiting(a, b)
        answers = []
        for _ in range(3):
            [(signed, receipt)] = said(a, await receive(b.node, "XA", carried(sealed)))
            assert receipt.entries[0].stage == Stage.OPENED
            answers.append(signed)
            b.clock.sleep(60_000)
        await b.restart()
        [(signed, _)] = said(a, await receive(b.node, "XA", carried(sealed)))
        assert {*answers, signed} == {signed}

    play(story)


def test_a_note_sealed_twice_is_one_note_with_a_receipt_for_each_sealing(play: Callable[[Story], None]) -> None:
    """Resealed while the first was on its way after all: one row, one entry, one conversation."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        note = await check(a, b)
        [first] = waiting(a, b)
        row = a.node.store.look(lambda look: look.note(note))
        assert row is not None
        assert row.body is not None
        key = a.node.sealing_key_or_none("XB")
        assert key is not None
        second = seal(a.node.unlock_body(note, row.body), key)
        [(_, receipt)] = said(a, await receive(b.node, "XA", carried(first, second)))
        assert [(entry.stage, entry.note) for entry in receipt.entries] == [(Stage.OPENED, note)] * 2
        assert {entry.sealed for entry in receipt.entries} == {digest(first), digest(second)}
        assert len({entry.journal_index for entry in receipt.entries}) == 1
        assert len(b.node.store.look(lambda look: look.notes())) == 1

    play(story)


def test_a_locked_node_takes_and_receipts_and_opens_when_it_is_unlocked(play: Callable[[Story], None]) -> None:
    """Taken is not opened: the sender sees both, at their times."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        await b.restart(locked=True)
        notes = [await check(a, b) for _ in range(3)]
        await a.deliver_to(b)
        assert {standing(a, note, b).delivery.name for note in notes} == {"TAKEN"}
        assert b.node.store.look(lambda look: look.notes()) == []
        assert waiting(a, b) == []  # durable there: the sender need not keep them waiting
        taken = b.clock()
        b.clock.sleep(3_600_000)
        assert await b.unlock() == 3
        await settle(a, b)
        for note in notes:
            found = standing(a, note, b)
            assert found.delivery.name == "OPENED"
            assert found.taken_at == taken
            assert standing(b, note, a).taken_at == taken

    play(story)


def test_a_one_time_key_opens_one_note_and_is_erased(play: Callable[[Story], None]) -> None:
    """Whoever takes the receiver's keys afterwards cannot open what was sealed to it, nor can the receiver."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        await check(a, b)
        await settle(a, b)  # the receipt brought one-time keys
        keys = {key.key_id for key in a.node.one_time["XB"]}
        assert len(keys) == prekeys.BATCH
        note = await check(a, b)
        [sealed] = waiting(a, b)
        used = sealed_key_id(sealed)
        assert used in keys
        assert used not in {key.key_id for key in a.node.one_time["XB"]}  # used once only
        assert b.node.store.look(lambda look: look.record(prekeys.KIND, used.hex())) is not None
        await settle(a, b)
        assert standing(a, note, b).delivery.name == "OPENED"
        assert used not in b.node.open_vault().opening
        assert b.node.store.look(lambda look: look.record(prekeys.KIND, used.hex())) is None
        await b.restart()
        assert used not in b.node.open_vault().opening

    play(story)


def test_no_two_notes_are_sealed_to_one_one_time_key_even_after_a_restart(play: Callable[[Story], None]) -> None:
    """A key that was used up stays used up, in memory and in the store."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        await check(a, b)
        await settle(a, b)
        used = []
        for _ in range(3):
            await check(a, b)
            used.append(sealed_key_id(waiting(a, b)[-1]))
            await a.restart()
        assert len(set(used)) == 3
        await settle(a, b)

    play(story)


def test_a_repeated_receipt_does_not_bring_spent_one_time_keys_back(play: Callable[[Story], None]) -> None:
    """Its keys are the same ones, of which some were used since."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        await check(a, b)
        [sealed] = waiting(a, b)
        answer = await receive(b.node, "XA", carried(sealed))
        await receive(a.node, "XB", answer)
        before = len(a.node.one_time["XB"])
        await check(a, b)
        await receive(a.node, "XB", answer)
        assert len(a.node.one_time["XB"]) == before - 1

    play(story)


def test_without_a_key_to_seal_to_a_note_waits_and_goes_when_one_comes(play: Callable[[Story], None]) -> None:
    """The peer was away so long that its last key may be gone: the officer's note is signed, journalled, and waits."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        a.clock.sleep(20 * DAY)
        assert a.node.sealing_key_or_none("XB") is None
        note = await check(a, b)
        assert standing(a, note, b).delivery.name == "SIGNED"
        assert waiting(a, b) == []
        await freshen.freshen(b.node)
        await learn.learn_freshness(a.node, b.node.freshness)
        assert standing(a, note, b).delivery.name == "QUEUED"
        await settle(a, b)
        assert standing(a, note, b).delivery.name == "OPENED"

    play(story)


def test_unopenable_without_a_newer_key_does_not_stop_the_line(play: Callable[[Story], None]) -> None:
    """The receipt says unopenable, and nothing newer to seal to is known: the note waits, the parcel is taken."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        note = await check(a, b)
        [sealed] = waiting(a, b)
        b.node.open_vault().opening.clear()
        a.clock.sleep(20 * DAY)  # on a courier's road
        answer = await receive(b.node, None, carried(sealed))
        assert a.node.sealing_key_or_none("XB") is None
        b.node.open_vault().opening.clear()
        await receive(a.node, "XB", answer)
        await settle(a, b)
        assert standing(a, note, b).delivery.name == "OPENED"

    play(story)


def test_a_note_that_overtakes_the_particulars_with_its_key_is_kept_until_they_come(
    play: Callable[[Story], None],
) -> None:
    """After a rotation parcels may come in another order than they went; a refusal would be for good."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        a.clock.sleep(60_000)
        await a.rotate()
        note = await check(a, b)
        [sealed] = waiting(a, b)
        await receive(b.node, "XA", carried(sealed))
        assert b.node.store.look(lambda look: look.note(note)) is None
        assert b.node.store.look(lambda look: look.records("refusal")) == []
        await settle(a, b)
        assert standing(a, note, b).delivery.name == "OPENED"

    play(story)


def test_a_node_that_nobody_can_reach_dials_out_sends_and_collects(play: Callable[[Story], None]) -> None:
    """XB has no public address: every exchange is its own, and what waits for it comes with the answers."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        theirs, ours = await check(a, b), await check(b, a)

        async def dial() -> int:
            b.clock.sleep(60_000)
            return await deliver(b.node, "XA", MemoryBearer("XB", a.node), NoEndpoint())

        while await dial():
            pass
        await dial()
        assert standing(a, theirs, b).delivery.name == "OPENED"
        assert standing(b, ours, a).delivery.name == "OPENED"
        assert waiting(a, b) == waiting(b, a) == []

    play(story)


def test_what_was_collected_and_lost_on_the_way_is_given_again(play: Callable[[Story], None]) -> None:
    """It stays in the outbox until the collecting node says that it has it."""

    async def story(a: SimulatedParty, b: SimulatedParty) -> None:
        note = await check(a, b)
        await receive(a.node, "XB", Parcel(collect=9).to_bytes())  # the answer is lost
        assert len(waiting(a, b)) == 1
        for _ in range(4):
            b.clock.sleep(60_000)
            await deliver(b.node, "XA", MemoryBearer("XB", a.node), NoEndpoint())
        assert standing(a, note, b).delivery.name == "OPENED"
        assert len(b.node.store.look(lambda look: look.notes())) == 1

    play(story)
