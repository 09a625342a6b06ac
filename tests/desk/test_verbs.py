"""The verbs of a desk one by one: fill, find, compose, release, read, read back, clarify."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.desk import answer, compose, draft, read, read_back, release, restart
from parley.desk.fill import fill
from parley.desk.find import find
from parley.doors.verbs import Verbs
from parley.forms import load
from parley.line.conversation import read_conversation
from parley.line.receipt import Stage
from parley.line.states import Delivery
from parley.testing import SimulatedParty

# -- fill

FILLED: dict[str, tuple[int, list[tuple[int, str]], dict[int, Any]]] = {
    "one code": (1, [(10, "drill")], {10: "drill"}),
    "several of a line, in the form's own order": (1, [(10, "drill"), (11, "fr"), (11, "ar")], {11: ["ar", "fr"]}),
    "a kind of nothing, where the line allows it": (11, [(13, "-unknown")], {13: 1}),
    "a kind of nothing for a line that takes several": (11, [(16, "-withheld")], {}),
    "a state by its code": (11, [(11, "XB")], {11: "XB"}),
    "an effect with its layer": (11, [(17, "logical.systems-down")], {17: ["logical.systems-down"]}),
}


@pytest.mark.parametrize("case", FILLED)
def test_codes_become_coded_lines(case: str) -> None:
    """As they stand in square brackets on the page."""
    form, codes, expected = FILLED[case]
    found = fill(load().form(form), codes)
    assert set(found) == {number for number, _ in codes}
    for line, value in expected.items():
        assert found[line] == value or (case.startswith("a kind") and isinstance(found[line], int))


def test_own_words_take_their_language_and_keep_their_paragraphs() -> None:
    """They are no codes, so they come beside them."""
    found = fill(load().form(90), [(10, "courtesy"), (12, "call")], {11: ("fr", "Un mot.\nUn autre.")})
    assert found[11] == ["fr", "Un mot.\nUn autre."]


UNFIT: dict[str, tuple[int, list[tuple[int, str]], int]] = {
    "a code outside its list": (1, [(10, "war")], 10),
    "a line that the form does not have": (1, [(77, "drill")], 77),
    "a line of the header": (1, [(4, "flash")], 4),
    "a kind of nothing where none is allowed": (1, [(10, "-unknown")], 10),
    "a kind of nothing that is none": (11, [(13, "-perhaps")], 13),
    "a likelihood that is none": (11, [(13, "rather so")], 13),
    "an empty code": (1, [(10, "")], 10),
    "a second value for a line that takes one": (1, [(10, "drill"), (10, "new-keys")], 10),
    "a value and a kind of nothing": (11, [(16, "health"), (16, "-unknown")], 16),
    "a kind of nothing and a value": (11, [(16, "-unknown"), (16, "health")], 16),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_is_named_with_what_would(refused: Any, case: str) -> None:
    """Nothing is dropped or overwritten without a word."""
    form, codes, line = UNFIT[case]
    with refused("desk.unfilled") as caught:
        fill(load().form(form), codes)
    assert caught.value.arguments["line"] == line
    assert caught.value.arguments["possible"]


def test_own_words_with_an_override_in_them_are_refused(refused: Any) -> None:
    """At drafting already: they could not be sent."""
    with refused("desk.unfilled"):
        fill(load().form(90), [], {11: ("en", "from \u202eyou")})


# -- find


def test_a_note_is_found_by_the_beginning_of_its_id(play: Any, refused: Any) -> None:
    """Four digits at least, of either case; not by what fits none, several, or is no number."""

    async def scene(wire: Any) -> None:
        sent = [await wire.a.write(wire.b, 1, {10: "timetable"}) for _ in range(3)]
        node = wire.a.node
        assert find(node, sent[1].hex()).note_id == sent[1]
        assert find(node, sent[1].hex()[:12].upper()).note_id == sent[1]
        for given in ("", "abc", "zzzz", "z" * 64, "0" * 64, "\u0660" * 8):
            with refused("desk.no_note"):
                find(node, given)
        row = node.store.look(lambda look: look.notes())[0]
        twin = bytes([*row.note_id[:31], row.note_id[31] ^ 1])
        await node.store.write(lambda tx: tx.add_note(msgspec.structs.replace(row, note_id=twin)), point="twin")
        with refused("desk.many_notes"):
            find(node, row.note_id.hex()[:20])

    play(scene)


# -- compose and release


def made(**changes: Any) -> draft.Draft:
    fields: dict[str, Any] = {"form": 1, "office": "duty", "to": ("XB/duty",), "lines": {10: "timetable"}}
    fields |= {"written_in": "en", "officer": "officer", "exercise": True}
    return draft.Draft(**fields | changes)


def serial(composed: compose.Composed) -> int:
    return composed.note.recipients[0].serial


def test_serials_begin_anywhere_and_leave_no_gap(play: Any) -> None:
    """Two sequences of two desks begin apart; within one each is the next."""

    async def scene(wire: Any) -> None:
        ours = [serial(await compose.compose(wire.a.node, made())) for _ in range(4)]
        theirs = serial(await compose.compose(wire.b.node, made(to=("XA/duty",))))
        assert ours == list(range(ours[0], ours[0] + 4))
        assert abs(ours[0] - theirs) > 1000
        assert ours[0] > 0

    play(scene)


def test_a_serial_that_was_reserved_before_a_crash_is_never_given_again(play: Any) -> None:
    """The node comes up anew over the same store, and the reserved note can still be released."""

    async def scene(wire: Any) -> None:
        first = await compose.compose(wire.a.node, made())
        again = SimulatedParty("XA", wire.clock, store=wire.a.node.store)
        again.node.directory, again.node.vault = wire.a.node.directory, wire.a.node.vault
        second = await compose.compose(again.node, made())
        assert serial(second) == serial(first) + 1
        for composed in (first, second):
            assert await release.release(again.node, wire.a.keys.sign_note(composed.payload)) == composed.note_id

    play(scene)


def test_what_nobody_signed_within_an_hour_is_declared_void(play: Any, refused: Any) -> None:
    """The other side sees an explained gap; the note can no longer be released, nor its serial be used."""

    async def scene(wire: Any) -> None:
        left = await compose.compose(wire.a.node, made())
        wire.clock.sleep(restart.OLDEST - 1)
        assert await restart.settle(wire.a.node) == 0
        wire.clock.sleep(1)
        assert await restart.settle(wire.a.node) == 1
        assert await restart.settle(wire.a.node) == 0
        with refused("desk.not_composed"):
            await release.release(wire.a.node, wire.a.keys.sign_note(left.payload))
        await wire.a.deliver_to(wire.b)
        row = wire.b.node.store.look(lambda look: look.serial("XA/duty", "duty", wire.a.node.incarnation, serial(left)))
        assert row is not None
        assert row.note_id is None
        assert serial(await compose.compose(wire.a.node, made())) == serial(left) + 1

    play(scene)


def test_only_what_was_composed_here_and_signed_by_the_office_is_released(play: Any, refused: Any) -> None:
    """Not a note of somebody else, not unsigned, not signed by the node or by another office, not twice."""

    async def scene(wire: Any) -> None:
        node = wire.a.node
        composed = await compose.compose(node, made())
        with refused("desk.not_composed"):
            await release.release(node, wire.signed(wire.note()))
        with refused("seal.not_signed"):
            await release.release(node, composed.payload)
        for key in (wire.a.keys.node, wire.b.keys.office):
            with refused("seal.unknown_signer"):
                await release.release(node, wire.signed(composed.payload, key))
        assert node.store.look(lambda look: look.notes()) == []
        signed = wire.a.keys.sign_note(composed.payload)
        await release.release(node, signed)
        with refused("desk.not_composed"):
            await release.release(node, signed)
        assert len(node.store.look(lambda look: look.notes())) == 1

    play(scene)


def test_nothing_is_composed_for_whom_it_cannot_be_sent_to(play: Any, refused: Any) -> None:
    """An unknown party, an unknown office there, an office that is not ours, a reference that is not here."""

    async def scene(wire: Any) -> None:
        node = wire.a.node
        with refused("directory.not_accepted"):
            await compose.compose(node, made(to=("XC/duty",)))
        with refused("directory.no_office"):
            await compose.compose(node, made(to=("XB/night",)))
        with refused("desk.no_note"):
            await compose.compose(node, made(refers_to=(b"n" * 32,)))
        assert node.store.look(lambda look: look.records("serial")) == []

    play(scene)


PROTEST: dict[str, Any] = {
    "form": 41,
    "accusation": True,
    "lines": {10: "activity", 11: "XB", 12: [[60_000, 5, 2]], 13: "explain", 14: "none-said", 15: "stays-private"},
}


def test_a_protest_is_drafted_between_diplomatic_offices_only(play: Any, refused: Any) -> None:
    """Refused before a serial is taken, whichever end is technical, and the problem says what to do."""

    async def scene(wire: Any) -> None:
        node = wire.a.node
        await compose.compose(node, made(**PROTEST))  # the control: both are desks of both kinds
        for party, side in ((wire.b, "XB/duty"), (wire.a, "XA/duty")):
            office = party.particulars.offices[0]
            before = party.particulars
            technical = msgspec.structs.replace(office, kind="technical")
            wire.clock.sleep(1_000)
            later = party.keys.particulars(wire.clock(), before, offices=(technical,))
            node.directory.learn(party.keys.signed(later), wire.clock())
            serials = node.store.look(lambda look: look.records("serial"))
            with refused("directory.office_kind") as caught:
                await compose.compose(node, made(**PROTEST))
            assert caught.value.arguments["office"] == side
            assert "form 10" in caught.value.do
            assert node.store.look(lambda look: look.records("serial")) == serials
            await compose.compose(node, made())  # a link check goes between any two
            wire.clock.sleep(1_000)
            back = party.keys.particulars(wire.clock(), later, offices=(office,))
            node.directory.learn(party.keys.signed(back), wire.clock())

    play(scene)


def test_an_accusation_is_not_drafted_to_a_party_known_by_vouching(play: Any, refused: Any) -> None:
    """XC is vouched for by XB: it can be written to, and be told of an incident, but not be accused."""

    async def scene(wire: Any) -> None:
        from parley.directory import Vouch, VouchPolicy, signed_root_digest

        node = wire.a.node
        xc = wire.Party("XC", wire.clock)
        await xc.start()
        vouch = Vouch("XC", signed_root_digest(xc.particulars), wire.clock() - wire.DAY)
        wire.clock.sleep(1_000)
        later = wire.b.keys.particulars(wire.clock(), wire.b.particulars, vouches=(vouch,))
        node.directory.learn(wire.b.keys.signed(later), wire.clock())
        node.directory.choose_vouchers(VouchPolicy(1, ("XB",)), now=wire.clock(), by="registrar")
        node.directory.accept(xc.keys.signed(xc.particulars), how="vouched", now=wire.clock(), by="registrar")
        lines = {10: "incident", 11: ["en", "We saw it too."], 12: "nothing"}
        words = made(form=90, lines=lines, to=("XC/duty",))
        await compose.compose(node, words)
        for accusing in (msgspec.structs.replace(words, accusation=True), made(**PROTEST | {"to": ("XC/duty",)})):
            with refused("directory.needs_ceremony"):
                await compose.compose(node, accusing)

    play(scene)


# -- reading and reading back


async def asked(wire: Any) -> tuple[Any, dict[int, str]]:
    """XB has opened a note of XA that asks for a read-back; its row, and the right answers."""
    sent = await wire.a.write(wire.b, 90, {10: "incident", 11: ["en", "Please call."], 12: "call"})
    await wire.a.deliver_to(wire.b)
    return find(wire.b.node, sent.hex()), answer.right_answers(wire.a.node, sent.hex())


@pytest.mark.parametrize("stage", ["opened", "read"])
def test_a_stage_that_is_withheld_is_shown_as_withheld(play: Any, stage: str) -> None:
    """XB keeps it from XA, and says so: XA is not left to read anything into silence."""

    async def scene(wire: Any) -> None:
        wire.b.node.withheld = {"XA": frozenset({stage})}
        row, _ = await asked(wire)
        await read.read(wire.b.node, row.note_id.hex(), "fr", officer="officer")
        await wire.b.deliver_to(wire.a)
        (found,) = wire.a.node.store.look(lambda look: look.conversations(row.note_id))
        conversation = read_conversation(found.state)
        number = Stage.OPENED if stage == "opened" else Stage.READ
        assert conversation.withheld == (number,)
        assert conversation.delivery is (Delivery.READ if stage == "opened" else Delivery.OPENED)

    play(scene)


async def give(wire: Any, row: Any, answers: Any, *, by_person: bool = True) -> int:
    return int(
        await read_back.give(
            wire.b.node, row.note_id.hex(), answers, language="fr", role="duty", seconds=9, by_person=by_person
        )
    )


def test_a_token_cannot_answer_a_read_back(play: Any, refused: Any) -> None:
    """Only a person; nothing goes out."""

    async def scene(wire: Any) -> None:
        row, right = await asked(wire)
        with refused("desk.only_persons"):
            await give(wire, row, right, by_person=False)
        assert wire.b.node.store.look(lambda look: look.outbox_peers()) == []

    play(scene)


def test_answers_that_were_not_offered_or_are_left_out_are_refused(play: Any, refused: Any) -> None:
    """A wrong option, a line that was not asked about, a line missing, a note of our own."""

    async def scene(wire: Any) -> None:
        row, right = await asked(wire)
        line = min(right)
        for answers in (right | {line: "never-offered"}, right | {77: "yes"}, {}, {line: right[line]} | {line: ""}):
            with refused("desk.bad_answer"):
                await give(wire, row, answers)
        ours = await wire.b.write(wire.a, 1, {10: "timetable"})
        with refused("desk.not_incoming"):
            await give(wire, find(wire.b.node, ours.hex()), right)

    play(scene)


def test_a_clarification_is_drafted_only_for_a_line_that_came_across_differently(play: Any, refused: Any) -> None:
    """One line answered wrong: that one is named to the sender, and none other can be clarified."""

    async def scene(wire: Any) -> None:
        row, right = await asked(wire)
        await read.read(wire.b.node, row.note_id.hex(), "fr", officer="officer")
        wrong, *others = sorted(right)
        await give(wire, row, right | {wrong: "cannot-tell"})
        await wire.b.deliver_to(wire.a)
        identity = row.note_id.hex()
        assert answer.differing_lines(wire.a.node, row.note_id, "XB") == (wrong,)
        made_draft = answer.clarification_draft(wire.a.node, identity, "XB", wrong, language="en", officer="officer")
        assert made_draft.lines[10] == wrong
        assert made_draft.refers_to == (row.note_id,)
        for line in others:
            with refused("line.nothing_to_clarify"):
                answer.clarification_draft(wire.a.node, identity, "XB", line, language="en", officer="officer")
        with refused("desk.not_outgoing"):
            answer.clarification_draft(wire.b.node, identity, "XA", wrong, language="en", officer="officer")

    play(scene)


def test_a_read_back_with_options_that_were_never_offered_stops_nothing(play: Any) -> None:
    """A peer's desk may send what it likes: the line counts as differing, and the line goes on."""
    from parley.line.receipt import ReadBack

    async def scene(wire: Any) -> None:
        ours = await wire.b.write(wire.a, 90, {10: "incident", 11: ["en", "Please call."], 12: "call"})
        row = wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))
        back = ReadBack(1, "en", "duty", 9, ((6, "nonsense"), (77, "x")))
        entry = wire.entry(Stage.READ_BACK, row.digest, note=ours, read_back=back)
        await wire.give(wire.sealed(wire.receipt(entry)))
        await wire.goes_on()

    play(scene)


# -- look over


def test_own_words_are_looked_over_before_release_and_stop_nothing(play: Any) -> None:
    """In a draft that is not in order yet, beside the composed note, and in the officer's language."""
    lines = {10: "incident", 11: ["en", "Please stop this soon."], 12: "nothing"}
    wanted = ["no-time", "ask-in-words", "no-answer-by"]

    async def scene(wire: Any) -> None:
        verbs = Verbs(wire.a.node, unlock=None)  # type: ignore[arg-type]
        kept = await draft.save(wire.a.node, made(form=90, lines={11: lines[11]}, to=("nobody",)))
        rough = await verbs.do_draft_wording(kept, "fr")
        assert [one["reason"] for one in rough["findings"]] == wanted
        assert rough["heading"].startswith("Termes à revoir")
        kept = await draft.save(wire.a.node, made(form=90, lines=lines))
        composed = await verbs.do_compose(kept, "en")
        assert [one["reason"] for one in composed["wording"]["findings"]] == wanted
        assert composed["payload"]
        quiet = await verbs.do_wording_check("The server is off.", "en", "en", {"asks": True, "answer_by": True})
        assert quiet == {"heading": "", "findings": []}

    play(scene)
