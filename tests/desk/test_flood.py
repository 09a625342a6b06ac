"""A flood from one peer: bounded here, answered "full" and signed, and no hindrance to FLASH or to another peer."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from parley.desk.judge import cost
from parley.desk.node import Limits
from parley.desk.take import MOST_EVIDENCE, MOST_REFUSALS, MOST_UNASKED
from parley.line.note import note_id
from parley.line.receipt import Stage
from parley.seal import digest

PARCEL = 250


def rows(wire: Any, kind: str, prefix: str = "") -> list[tuple[str, bytes]]:
    return list(wire.b.node.store.look(lambda look: look.records(kind, prefix)))


def leaves(wire: Any) -> int:
    return int(wire.b.node.store.look(lambda look: look.leaf_count()))


def stored(wire: Any, party: str = "XA") -> int:
    return int(wire.b.node.store.look(lambda look: look.stored_from(party)))


def with_share(wire: Any, items: int) -> None:
    """Let every peer have room for about so many small items."""
    wire.b.node.limits = Limits(share=items * cost(2700))


async def third(wire: Any) -> Any:
    c = wire.Party("XC", wire.clock)
    await c.start()
    await c.meet(wire.b)
    return c


def test_thousands_of_garbage_items_leave_a_bounded_record_and_a_count(play: Any) -> None:
    """The newest refusals are kept, all are counted; what they cost stays within the share, tiny as they are."""

    async def scene(wire: Any) -> None:
        with_share(wire, 2000)
        share, count = wire.b.node.limits.share, 0
        for parcel in range(12):
            items = [b"x%d" % (parcel * PARCEL + number) for number in range(PARCEL)]
            count += len((await wire.give(*items)).entries)
            wire.clock.sleep(1)
        assert count == 12 * PARCEL
        assert len(rows(wire, "refusal", "XA ")) == MOST_REFUSALS
        times = sorted({msgspec.msgpack.decode(value)["at"] for _, value in rows(wire, "refusal", "XA ")})
        assert len(times) == 2  # of the eleven parcels that left refusals, the last two fill the record
        total, first, last = msgspec.msgpack.decode(rows(wire, "refused", "XA")[0][1])
        assert MOST_REFUSALS < total < count
        assert first < times[0] < times[1] == last
        assert stored(wire) <= share
        size, held = leaves(wire), stored(wire)
        await wire.give(*[b"y%d" % number for number in range(PARCEL)])
        assert (leaves(wire), stored(wire)) == (size, held)

    play(scene)


def test_who_fills_its_share_is_told_full_and_only_flash_goes_on_until_all_is_used(play: Any) -> None:
    """A fifth of the share is FLASH's; beyond it FLASH gets the same signed answer with the reason."""

    async def scene(wire: Any) -> None:
        with_share(wire, 20)
        share, one = wire.b.node.limits.share, cost(len(wire.sealed(wire.note())))
        routine, flash = share * 8 // 10 // one, share // one
        said = []
        for _ in range(20):
            said += (await wire.give(wire.sealed(wire.note(precedence=0)))).said
        assert said == [("OPENED", "")] * routine + [("FULL", "line.full")] * (20 - routine)
        said = []
        for _ in range(8):
            said += (await wire.give(wire.sealed(wire.note(precedence=3)))).said
        assert said == [("OPENED", "")] * (flash - routine) + [("FULL", "line.full")] * (8 - flash + routine)
        assert stored(wire) <= wire.b.node.limits.share

    play(scene)


def test_a_flood_against_a_full_share_costs_no_storage(play: Any) -> None:
    """Neither journal nor receipts nor rows grow while a peer is told "full"; the share raised, the same bytes pass."""

    async def scene(wire: Any) -> None:
        with_share(wire, 3)
        note = wire.note()
        sealed = wire.sealed(note)
        while (await wire.give(wire.sealed(wire.note()))).said == [("OPENED", "")]:
            pass
        size = leaves(wire)
        for _ in range(30):
            assert (await wire.give(sealed)).said == [("FULL", "line.full")]
        assert leaves(wire) == size
        assert wire.b.node.store.look(lambda look: look.held(digest(sealed))) is None
        assert len(wire.b.node.store.look(lambda look: look.receipts(note_id(note.to_payload())))) == 0
        with_share(wire, 50)
        assert (await wire.give(sealed)).said == [("OPENED", "")]

    play(scene)


def test_a_full_share_does_not_spend_the_one_time_key(play: Any) -> None:
    """The same bytes can be opened later, which is what "full" promises."""
    from parley.desk import prekeys
    from parley.seal import seal

    async def scene(wire: Any) -> None:
        node = wire.b.node
        key, _ = await node.store.write(
            lambda tx: prekeys.new_prekey(node, tx, wire.clock(), for_party="XA"), point="prekey"
        )
        sealed = seal(wire.signed(wire.note()), key.public)
        node.limits = Limits(share=0)
        assert (await wire.give(sealed)).said == [("FULL", "line.full")]
        node.limits = Limits()
        assert (await wire.give(sealed)).said == [("OPENED", "")]
        again = await wire.give(seal(wire.signed(wire.note()), key.public))
        assert again.said == [("UNOPENABLE", "seal.no_key")]
        assert rows(wire, "prekey", key.key_id.hex()) == []

    play(scene)


def test_a_peer_with_a_full_share_can_still_acknowledge_our_notes(play: Any) -> None:
    """Its receipts are about our notes: told "full" and dropped, they would never be heard."""

    async def scene(wire: Any) -> None:
        ours = await wire.b.write("XA", 1, {10: "timetable"})
        row = wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))
        wire.b.node.limits = Limits(share=0)
        receipt = wire.sealed(wire.receipt(wire.entry(Stage.OPENED, row.digest, note=ours)))
        reply = await wire.give(receipt, wire.sealed(wire.note()))
        assert reply.said == [("FULL", "line.full")]
        assert reply.parcel.got == (digest(receipt),)
        assert wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA")) is None

    play(scene)


def test_a_locked_node_that_is_full_does_not_say_that_it_got_what_it_dropped(play: Any) -> None:
    """It cannot tell a receipt from a note, so both stay with the peer."""

    async def scene(wire: Any) -> None:
        wire.b.node.limits, wire.b.node.vault = Limits(share=0), None
        reply = await wire.give(wire.sealed(wire.note()))
        assert reply.said == [("FULL", "line.full")]
        assert reply.parcel.got == ()

    play(scene)


def test_what_a_locked_node_took_is_opened_at_unlock_even_if_the_share_is_used_up_by_then(play_for_real: Any) -> None:
    """It was acknowledged: "taken" is a promise. A locked node rings for what it took, and FLASH then, once; receipts
    among it are not kept sealed."""

    async def scene(wire: Any) -> None:
        from parley.desk import freshen

        rung: list[bytes] = []
        node, vault = wire.b.node, wire.b.node.vault
        node.flash_hook = rung.append
        ours = await wire.b.write(wire.a, 1, {10: "timetable"}, exercise=False)
        row = node.store.look(lambda look: look.outbox_for(ours, wire.a.node.party))
        node.vault = None
        note = wire.note(precedence=3, exercise=False)
        receipt = wire.sealed(wire.receipt(wire.entry(Stage.OPENED, row.digest, note=ours)))
        assert (await wire.give(wire.sealed(note), receipt)).said == [("TAKEN", "")] * 2
        node.limits = Limits(share=1)
        await freshen.unlock(node, vault)
        assert wire.row(note) is not None
        assert node.store.look(lambda look: look.outbox_for(ours, wire.a.node.party)) is None
        assert node.store.look(lambda look: look.held_at(int(Stage.TAKEN))) == []
        await freshen.unlock(node, vault)
        assert rung == [b"", note_id(note.to_payload())]  # the first while locked: nobody knows yet what came

    play_for_real(scene)


def test_more_than_a_thousand_notes_taken_while_locked_are_all_opened(play: Any) -> None:
    """However many wait, an unlock opens every one."""

    async def scene(wire: Any) -> None:
        from parley.desk import freshen

        node, vault = wire.b.node, wire.b.node.vault
        node.vault = None
        count = 1020
        for start in range(0, count, 102):
            items = [wire.sealed(wire.note()) for _ in range(102)]
            assert len((await wire.give(*items)).entries) == 102, start
        await freshen.unlock(node, vault)
        assert len(wire.notes()) == count

    play(scene)


def test_another_peer_is_served_while_one_floods(play: Any) -> None:
    """XC's notes are opened between the items of XA's parcels, and XA's full share is not XC's."""

    async def scene(wire: Any) -> None:
        c = await third(wire)
        with_share(wire, 40)

        async def flood() -> None:
            for _ in range(4):
                await wire.give(*[wire.sealed(wire.note(precedence=0)) for _ in range(20)])

        flooding = asyncio.create_task(flood())
        while not flooding.done():
            note = wire.note(of=c)
            reply = await wire.give(wire.sealed(wire.signed(note, c.keys.office)), peer=c)
            assert reply.said == [("OPENED", "")]
            if stored(wire, "XC") > 20 * cost(2700):
                break
            await asyncio.sleep(0)
        await flooding
        assert stored(wire, "XC") > 0
        assert (await wire.give(wire.sealed(wire.note(precedence=0)))).said == [("FULL", "line.full")]

    play(scene)


def test_receipts_about_nothing_are_kept_up_to_a_bound(play: Any) -> None:
    """A node key can sign receipts for ever; beyond the bound they are refused, and leave no entry."""

    async def scene(wire: Any) -> None:
        for start in range(0, MOST_UNASKED, 32):
            signed = [
                wire.receipt(wire.entry(Stage.OPENED, bytes(32), note=digest(b"%d" % (start + n)))) for n in range(32)
            ]
            await wire.give(*[wire.sealed(one) for one in signed])
        size = leaves(wire)
        for number in range(3):
            one = wire.receipt(wire.entry(Stage.OPENED, bytes(32), note=digest(b"more %d" % number)))
            assert (await wire.give(wire.sealed(one))).said == []
        assert leaves(wire) == size
        assert wire.refusals() == ["line.receipt_mismatch"] * 3
        await wire.goes_on()

    play(scene)


def test_receipts_about_one_note_are_kept_up_to_a_bound(play: Any) -> None:
    """The same word signed anew a few hundred times: ML-DSA is randomised, so each is other bytes."""

    async def scene(wire: Any) -> None:
        ours = await wire.b.write("XA", 1, {10: "timetable"})
        row = wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))
        for _ in range(10):
            signed = [wire.receipt(wire.entry(Stage.OPENED, row.digest, note=ours)) for _ in range(20)]
            await wire.give(*[wire.sealed(one) for one in signed])
        kept = wire.b.node.store.look(lambda look: look.receipts(ours))
        assert 64 <= len(kept) <= 64 + 20
        await wire.goes_on()

    play(scene)


def test_evidence_of_forks_is_bounded(play: Any) -> None:
    """The first contradictions prove the point."""

    async def scene(wire: Any) -> None:
        one = wire.note()
        await wire.give(wire.sealed(one))
        purposes = ("drill", "after-outage", "new-keys", "new-officer")
        for number in range(MOST_EVIDENCE + 6):
            changed = {10: purposes[number % 4]}
            twin = msgspec.structs.replace(one, lines=changed, signed_at=one.signed_at - number)
            await wire.give(wire.sealed(twin))
        assert len(rows(wire, "fork", "XA ")) == MOST_EVIDENCE

    play(scene)


# -- ringing


def test_flash_rings_once_however_often_and_by_however_many_ways_it_comes(play_for_real: Any) -> None:
    """Twice in a parcel, in other sealed bytes, in two parcels at once, and the next day."""

    async def scene(wire: Any) -> None:
        rung: list[bytes] = []
        wire.b.node.flash_hook = rung.append
        note = real_flash(wire)
        signed = wire.signed(note)
        await asyncio.gather(wire.give(wire.sealed(signed), wire.sealed(signed)), wire.give(wire.sealed(signed)))
        wire.clock.sleep(3_600_000)
        await wire.give(wire.sealed(signed))
        assert rung == [note_id(note.to_payload())]

    play_for_real(scene)


def real_flash(wire: Any) -> Any:
    """A real FLASH note: between organisations, since the fictional states of tests only exercise."""
    return wire.note(precedence=3, exercise=False)


def test_a_flash_note_that_is_refused_does_not_ring(play_for_real: Any) -> None:
    """The second note under one serial came in the same parcel as the first."""

    async def scene(wire: Any) -> None:
        rung: list[bytes] = []
        wire.b.node.flash_hook = rung.append
        one = real_flash(wire)
        two = msgspec.structs.replace(one, lines={10: "drill"})
        await wire.give(wire.sealed(one), wire.sealed(two))
        assert rung == [note_id(one.to_payload())]

    play_for_real(scene)


def test_an_exercise_never_rings(play: Any) -> None:
    """FLASH by its precedence, and still an exercise."""

    async def scene(wire: Any) -> None:
        rung: list[bytes] = []
        wire.b.node.flash_hook = rung.append
        await wire.give(wire.sealed(wire.note(precedence=3)))
        assert rung == []

    play(scene)
