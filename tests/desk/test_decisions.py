"""What a desk decides about a party, end to end: narrowing, receipts, vouching, protecting powers, a new identity."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.desk import archive, compose, decide, draft, find, learn, particulars, read, watch, witness
from parley.desk.fill import fill
from parley.desk.inbox import parcel_for
from parley.directory import (
    ALL,
    DirectoryProblem,
    Mandate,
    Narrowing,
    Office,
    Standing,
    Vouch,
    VouchPolicy,
    signed_root_digest,
)
from parley.doors import shapes
from parley.doors.cli.demo import WORM
from parley.forms import load
from parley.journal import verify_archive
from parley.line.conversation import read_conversation
from parley.line.note import read_note
from parley.line.states import Delivery
from parley.seal import SigningKey, peek
from parley.terms.party import Address
from parley.testing import DAY, FakeClock, PartyKeys, SimulatedParty, pair, settle

ATTACHMENTS = 27  # the line of form 11


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A scene, with a limit so that a hanging test fails."""
    asyncio.run(asyncio.wait_for(scene(), 60))


def state(of: SimulatedParty, note: bytes, party: str) -> Any:
    row = of.node.store.look(lambda look: look.conversation(note, party))
    assert row is not None
    return read_conversation(row.state)


async def met(*codes: str) -> list[SimulatedParty]:
    """Parties that have all met each other."""
    clock = FakeClock()
    found = [SimulatedParty(code, clock) for code in codes]
    for party in found:
        await party.start()
    for number, here in enumerate(found):
        for there in found[number + 1 :]:
            await here.meet(there)
    return found


# -- narrowing


# what XB still takes -> how a link check (form 1, exercise, ROUTINE) of XA ends there
TAKEN = {
    "this form": (Narrowing((1,)), ""),
    "another form": (Narrowing((10,)), "directory.form_refused"),
    "exercise": (Narrowing(kind="exercise"), ""),
    "real": (Narrowing(kind="real"), "directory.kind_refused"),
    "its precedence": (Narrowing(highest=0), ""),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_note_outside_is_refused_plainly_and_recorded_on_both_sides(case: str) -> None:
    """The sender sees the reason in the signed receipt; what is within passes; widened, everything does."""
    narrowing, reason = TAKEN[case]

    async def scene() -> None:
        a, b = await pair()
        await decide.narrow(b.node, "XA", "director", take=narrowing)
        note = await a.write(b, 1, {10: "drill"}, precedence=0)
        await settle(a, b)
        conversation = state(a, note, "XB")
        assert conversation.delivery is (Delivery.REFUSED if reason else Delivery.OPENED)
        assert conversation.reason == reason
        kept = [
            msgspec.msgpack.decode(value)["key"] for _, value in b.node.store.look(lambda look: look.records("refusal"))
        ]
        assert kept == ([reason] if reason else [])
        await decide.narrow(b.node, "XA", "director", take=ALL)
        again = await a.write(b, 1, {10: "drill"}, precedence=0)
        await settle(a, b)
        assert state(a, again, "XB").delivery is Delivery.OPENED

    run(scene)


# what of a FLASH note with an attachment XB does not take -> the reason
HEADS = {
    "the precedence": (Narrowing(highest=2), "directory.precedence_refused"),
    "the attachment, which a line of the form names": (Narrowing(attachments=False), "directory.attachment_refused"),
    "neither": (Narrowing((11,), "exercise"), ""),
}


@pytest.mark.parametrize("case", HEADS)
def test_precedence_and_attachments_can_be_narrowed_away(case: str) -> None:
    """Sent by an officer who was not told: the decision is ours."""
    narrowing, reason = HEADS[case]

    async def scene() -> None:
        a, b = await pair()
        pairs = [(line, one) for line, code in WORM.items() for one in (code if isinstance(code, tuple) else (code,))]
        lines = {**fill(load().form(11), pairs), ATTACHMENTS: [[bytes(32), 4096, "text/plain"]]}
        await decide.narrow(b.node, "XA", "director", take=narrowing)
        note = await a.write(b, 11, lines, precedence=3, answer_by=a.clock() + 7_200_000)
        await settle(a, b)
        assert state(a, note, "XB").reason == reason
        await decide.narrow(a.node, "XB", "director", send=narrowing)
        if reason:
            with pytest.raises(DirectoryProblem) as caught:
                await a.write(b, 11, lines, precedence=3, answer_by=a.clock() + 7_200_000)
            assert caught.value.key == "directory.not_sent"

    run(scene)


def test_what_we_do_not_send_is_stopped_at_drafting() -> None:
    """Nothing is reserved or signed, and what they send is not touched."""

    async def scene() -> None:
        a, b = await pair()
        await decide.narrow(a.node, "XB", "director", send=Narrowing((10,)))
        with pytest.raises(DirectoryProblem) as caught:
            await a.write(b, 1, {10: "drill"})
        assert (caught.value.key, caught.value.arguments["what"]) == ("directory.not_sent", "form")
        assert a.node.store.look(lambda look: look.records(compose.RESERVED)) == []
        note = await b.write(a, 1, {10: "drill"})
        await settle(a, b)
        assert state(b, note, "XA").delivery is Delivery.OPENED
        assert shapes.party(a.node, "XB")["narrowed"] == ["send"]

    run(scene)


def test_a_suspended_line_takes_and_sends_nothing_and_goes_on_where_it_stood() -> None:
    """What waited in the outbox waits on; a parcel by hand is not made either."""

    async def scene() -> None:
        a, b = await pair()
        note = await a.write(b, 1, {10: "drill"})
        await decide.suspend(a.node, "XB", "director")
        for ask in (lambda: a.write(b, 1, {10: "drill"}), lambda: parcel_for(a.node, "XB")):
            with pytest.raises(DirectoryProblem) as caught:
                await ask()
            assert caught.value.key == "directory.suspended"
        await a.restart()
        assert a.node.directory.standing("XB", a.clock()) is Standing.SUSPENDED
        await decide.resume(a.node, "XB", "director")
        await settle(a, b)
        assert state(a, note, "XB").delivery is Delivery.OPENED

    run(scene)


def test_nobody_decides_about_our_own_party() -> None:
    """It would cut the node from itself."""

    async def scene() -> None:
        a, _ = await pair()
        for act in (
            decide.suspend(a.node, "XA", "x"),
            decide.narrow(a.node, "XA", "x"),
            decide.withhold(a.node, "XA", (), "x"),
        ):
            with pytest.raises(Exception, match="our own party"):
                await act

    run(scene)


# -- receipts


def test_receipts_are_given_or_withheld_by_decision_and_shown_as_withheld() -> None:
    """An officer's word comes before the settings, at once and after a restart; None goes back to them."""

    async def scene() -> None:
        a, b = await pair()
        b.node.withheld = {"XA": frozenset({"opened"})}

        async def told() -> tuple[str, tuple[int, ...]]:
            note = await a.write(b, 1, {10: "drill"})
            await settle(a, b)
            await read.read(b.node, note.hex(), "en", officer="boris")
            await settle(a, b)
            found = state(a, note, "XB")
            return found.delivery.name, tuple(sorted(found.withheld))

        assert await told() == ("READ", (2,))
        await decide.withhold(b.node, "XA", ("read",), "director")
        assert await told() == ("OPENED", (3,))
        await b.restart()
        assert await told() == ("OPENED", (3,))
        await decide.withhold(b.node, "XA", ("opened", "read"), "director")
        assert await told() == ("TAKEN", (2, 3))
        await decide.withhold(b.node, "XA", (), "director")
        assert await told() == ("READ", ())
        b.node.withheld = {"XA": frozenset({"opened"})}
        await decide.withhold(b.node, "XA", None, "director")
        assert await told() == ("READ", (2,))

    run(scene)


# -- vouching


async def vouched() -> list[SimulatedParty]:
    """XB has accepted XD because XA and XC, whom its officer chose, vouch for it."""
    clock = FakeClock()
    a, b, c, d = (SimulatedParty(code, clock) for code in ("XA", "XB", "XC", "XD"))
    vouch = Vouch("XD", signed_root_digest(d.particulars), clock() - DAY)
    for one in (a, c):
        one.particulars = one.keys.particulars(clock(), vouches=(vouch,))
    for one in (a, b, c, d):
        await one.start()
    await b.meet(a)
    await b.meet(c)
    await decide.choose_vouchers(b.node, VouchPolicy(2, ("XA", "XC")), "director")
    await particulars.accept_vouched(b.node, d.keys.signed(d.particulars), officer="director")
    await particulars.accept(
        d.node, b.keys.signed(b.particulars), officer="d", heard=particulars.phrase_of(b.keys.signed(b.particulars)),
        means="video", confirmed=True,
    )  # fmt: skip
    await settle(a, b, c, d)
    return [a, b, c, d]


def test_a_vouched_party_is_marked_on_every_note_and_does_not_accuse() -> None:
    """Two chosen parties vouched; when one does no longer, sending needs a named override. A ceremony ends all that."""

    async def scene() -> None:
        a, b, c, d = await vouched()
        assert b.node.directory.entry("XD").acceptance.vouchers == ("XA", "XC")
        note = await d.write(b, 1, {10: "drill"})
        await settle(b, d)
        row = b.node.store.look(lambda look: look.note(note))
        assert row is not None
        assert "vouched" in row.marks
        assert not b.node.directory.by_ceremony("XD")
        a.clock.sleep(60_000)
        a.particulars = a.particulars.successor(issued_at=a.clock(), expires_at=a.clock() + DAY, vouches=())
        await learn.learn_particulars(b.node, a.keys.signed(a.particulars))
        assert b.node.directory.standing("XD", b.clock()) is Standing.UNVOUCHED
        with pytest.raises(DirectoryProblem) as caught:
            await b.write(d, 1, {10: "drill"})
        assert caught.value.key == "directory.needs_override"
        await b.write(d, 1, {10: "drill"}, override="The director, since XA is renewing")
        await b.restart()  # the officer's choice is kept
        assert b.node.directory.vouching == VouchPolicy(2, ("XA", "XC"))
        assert b.node.directory.standing("XD", b.clock()) is Standing.UNVOUCHED
        signed = d.keys.signed(d.particulars)
        await particulars.accept(
            b.node, signed, officer="b", heard=particulars.phrase_of(signed), means="video", confirmed=True
        )
        assert b.node.directory.by_ceremony("XD")
        assert "vouched" not in b.node.directory.marks("XD", b.clock())
        assert c.node.party == "XC"

    run(scene)


def test_too_few_vouchers_accept_nobody() -> None:
    """Neither with one of two, nor before an officer chose anybody."""

    async def scene() -> None:
        a, b = await met("XA", "XB")
        d = PartyKeys("XD")
        signed = d.signed(d.particulars(a.clock()))
        for policy in (None, VouchPolicy(1, ("XA",))):
            if policy is not None:
                await decide.choose_vouchers(b.node, policy, "director")
            with pytest.raises(DirectoryProblem) as caught:
                await particulars.accept_vouched(b.node, signed, officer="director")
            assert caught.value.key == "directory.too_few_vouchers"
        assert "XD" not in b.node.directory.parties

    run(scene)


# -- an office that acts for another party


ACTING = "acts-for-xa"


async def protecting(*mandates: Mandate, accepted: bool = True) -> tuple[SimulatedParty, SimulatedParty]:
    """XC, whose office acts for XA, and XB, which has accepted XA (or not) with these mandates."""
    clock = FakeClock()
    b, c = SimulatedParty("XB", clock), SimulatedParty("XC", clock)
    c.interests = SigningKey.generate(c.rng)  # type: ignore[attr-defined]
    offices = (
        Office("duty", "combined", {"en": "Duty office"}, (c.keys.office.public,), ("en",), "24/7"),
        Office(ACTING, "diplomatic", {"en": "Interests of XA"}, (c.interests.public,), ("en",), "24/7"),  # type: ignore[attr-defined]
    )
    c.particulars = c.keys.particulars(clock(), offices=offices)
    for party in (b, c):
        await party.start()
    await b.meet(c)
    if accepted:
        xa = PartyKeys("XA")
        signed = xa.signed(xa.particulars(clock(), protected_by=mandates))
        for here in (b, c):
            await particulars.accept(
                here.node, signed, officer="o", heard=particulars.phrase_of(signed), means="video", confirmed=True
            )
    return b, c


async def interests_write(c: SimulatedParty, b: SimulatedParty, **fields: Any) -> bytes:
    """A note of the acting office."""
    duty, c.keys.office = c.keys.office, c.interests  # type: ignore[attr-defined]
    try:
        return await c.write(b, 1, {10: "drill"}, office=ACTING, **fields)
    finally:
        c.keys.office = duty


@pytest.mark.parametrize("accepted", [True, False])
def test_whom_an_office_acts_for_is_named_on_every_note_and_page(accepted: bool) -> None:
    """In the signed sender, in the marks, and in the words of all six languages."""

    async def scene() -> None:
        b, c = await protecting(Mandate("XC", "XB", FakeClock()()), accepted=accepted)
        note = await interests_write(c, b)
        await settle(b, c)
        row = b.node.store.look(lambda look: look.note(note))
        assert row is not None
        assert "acts-for:XA" in row.marks
        assert ("mandate-unconfirmed" in row.marks) != accepted
        signed = b.node.unlock_body(note, row.body or b"")
        assert read_note(peek(signed).payload).sender == Address("XC", ACTING)
        for language in ("ar", "zh", "en", "fr", "ru", "es"):
            text = (await read.read(b.node, note.hex(), language, officer="boris", width=200)).rendered.text
            assert f"XC/{ACTING}" in text
        english = (await read.read(b.node, note.hex(), "en", officer="boris", width=200)).rendered.text
        assert "acting for Almara" in english

    run(scene)


def test_without_the_others_word_nothing_is_sent_and_nothing_taken() -> None:
    """XA is accepted on both sides and entrusts nobody: stopped at drafting here, refused there if it comes anyway."""

    async def scene() -> None:
        b, c = await protecting()
        with pytest.raises(DirectoryProblem) as caught:
            await interests_write(c, b)
        assert caught.value.key == "directory.mandate_missing"
        c.node.directory._entries.pop("XA")  # as if XC had not heard of XA
        note = await interests_write(c, b)
        await settle(b, c)
        assert state(c, note, "XB").reason == "directory.mandate_missing"
        assert b.node.store.look(lambda look: look.note(note)) is None

    run(scene)


# -- alternates


def test_only_an_alternate_that_the_receiver_names_is_tried_and_by_a_draft() -> None:
    """Of the addressed office, not of the first; the telephone too; nothing leaves without an officer."""

    async def scene() -> None:
        clock = FakeClock()
        a, b = SimulatedParty("XA", clock), SimulatedParty("XB", clock)
        keys = [SigningKey.generate(b.rng).public for _ in range(2)]
        offices = (
            Office("first", "combined", {"en": "First"}, (keys[0],), ("en",), "24/7", "+1 111 1111", ("night",)),
            Office(
                "duty", "combined", {"en": "Duty"}, (b.keys.office.public,), ("en",), "24/7", "+2 222 2222", ("legal",)
            ),
            Office("night", "combined", {"en": "Night"}, (keys[1],), ("en",), "24/7"),
            Office("legal", "combined", {"en": "Legal"}, (SigningKey.generate(b.rng).public,), ("en",), "24/7"),
        )
        b.particulars = b.keys.particulars(clock(), offices=offices)
        await a.start()
        await b.start()
        await a.meet(b)
        note = await a.write(b, 1, {10: "drill"}, precedence=3)
        sent = len(a.node.store.look(lambda look: look.notes(limit=99)))
        for _ in range(4):
            clock.sleep(11 * 60_000)
            await watch.ring_due(a.node)
        made = draft.listed(a.node)
        assert [one.to for _, one in made] == [("XB/legal",)]
        assert (made[0][1].lines, made[0][1].precedence, made[0][1].exercise) == ({10: "drill"}, 3, True)
        assert state(a, note, "XB").tried == ("legal",)
        assert len(a.node.store.look(lambda look: look.notes(limit=99))) == sent
        composed = await compose.compose(a.node, made[0][1], made[0][0])
        assert str(composed.note.recipients[0].address) == "XB/legal"

    run(scene)


def test_a_locked_node_tries_no_alternate() -> None:
    """It cannot read whom its note addresses."""

    async def scene() -> None:
        a, b = await pair()
        await a.write(b, 1, {10: "drill"}, precedence=3)
        await a.restart(locked=True)
        a.clock.sleep(20 * 60_000)
        assert await watch.ring_due(a.node) == 1
        assert a.node.store.look(lambda look: look.records(draft.KIND)) == []

    run(scene)


# -- loss of a threshold


def outsider() -> Any:
    """spec/verify_archive.py."""
    path = Path(__file__).parents[2] / "spec" / "verify_archive.py"
    spec = importlib.util.spec_from_file_location("verify_archive", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def talk(a: SimulatedParty, b: SimulatedParty) -> None:
    """A checkpoint of each, shown and cosigned."""
    for here, there in ((a, b), (b, a)):
        await witness.checkpoint(here.node)
        here.node.news.setdefault(there.node.party, []).extend(witness.show_to(here.node, there.node.party))
    for _ in range(3):
        await a.deliver_to(b)
        await b.deliver_to(a)


async def lose_roots(a: SimulatedParty, *, keys_too: bool) -> bytes:
    """XA's threshold is lost: a new identity, with the same working keys or with new ones."""
    a.clock.sleep(60_000)
    a.keys.roots = [SigningKey.generate(a.rng) for _ in range(3)]
    if keys_too:
        a.keys.office, a.keys.node = SigningKey.generate(a.rng), SigningKey.generate(a.rng)
    a.particulars = a.keys.particulars(a.clock())
    signed = a.keys.signed(a.particulars)
    await particulars.adopt_own(a.node, signed, "registrar", a.keys.node, new_identity=True)
    return signed


@pytest.mark.parametrize("keys_too", [False, True], ids=["working keys kept", "all keys new"])
def test_after_a_break_the_old_archive_still_verifies_and_the_new_line_works(keys_too: bool) -> None:
    """By the outsider's script, with the root digest of the former ceremony; the new one does not prove old notes."""

    async def scene() -> None:
        a, b = await pair()
        old = signed_root_digest(a.particulars)
        before = await a.write(b, 1, {10: "drill"})
        await settle(a, b)
        await talk(a, b)
        kept = archive.export(a.node, find.find(a.node, before.hex()))
        signed = await lose_roots(a, keys_too=keys_too)
        assert a.node.directory.entry("XA").era == 1
        # XB does not follow by itself, and not by oversight.
        await learn.take_news(b.node, "XA", 2, signed)
        assert b.node.directory.entry("XA").root_digest == old
        heard = particulars.phrase_of(signed)
        with pytest.raises(DirectoryProblem) as caught:
            await particulars.accept(b.node, signed, officer="b", heard=heard, means="video", confirmed=True)
        assert caught.value.key == "directory.would_break"
        await particulars.accept(
            b.node, signed, officer="b", heard=heard, means="video", confirmed=True, new_identity=True
        )
        await settle(a, b)
        after = await a.write(b, 1, {10: "drill"})
        await settle(a, b)
        row = b.node.store.look(lambda look: look.note(after))
        assert row is not None
        assert "new-identity" in row.marks
        shown = shapes.particulars(b.node, "XA")
        assert (shown["era"], len(shown["former"])) == (1, 1)
        await talk(a, b)
        roots_old = {"XA": old, "XB": signed_root_digest(b.particulars)}
        roots_new = roots_old | {"XA": signed_root_digest(a.particulars)}
        script = outsider()
        for desk in (a, b):  # exported anew after the break, by the party itself and by its counterpart
            again = archive.export(desk.node, find.find(desk.node, before.hex()))
            for data in (kept, again):
                _, identity, links = script.verify(data, roots_old)
                assert identity == before
                assert any(third for third, *_ in links)
                verify_archive(data, roots_old)
                with pytest.raises(script.Refused):  # the control
                    script.verify(data, roots_new)
            new = archive.export(desk.node, find.find(desk.node, after.hex()))
            assert script.verify(new, roots_new)[1] == after
        archive.verify_own(a.node)
        await a.restart()
        assert (a.node.directory.entry("XA").era, len(a.node.directory.former("XA"))) == (1, 1)

    run(scene)
