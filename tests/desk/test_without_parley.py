"""A counterpart without Parley: its text and telephone script, and what is entered as heard, never as signed."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from parley.desk import by_hand, draft, find
from parley.desk.by_hand import Contact, Way, What
from parley.desk.problems import DeskProblem
from parley.directory import DirectoryProblem
from parley.forms import right_answer
from parley.journal import LeafKind
from parley.line.conversation import read_conversation
from parley.line.reading import to_sheet
from parley.line.states import Delivery, Understanding
from parley.testing import SimulatedParty, pair, settle

CONTACT = Contact(party="XC", office="duty", language="fr", telephone="+41225550177", entered_by="registrar", at=0)
REQUEST = {
    10: "stop-traffic",
    11: "XC",
    12: "from-territory",
    13: [550, 800, 5, 1],
    15: ["XA"],
    16: ["health"],
    17: ["data.encrypted"],
    18: [[1494575040000, 5, 2]],
    19: "going-on",
    23: ["13c", "13h"],
}


async def almara() -> SimulatedParty:
    """A node that has met XB, and knows an office of XC that runs no Parley."""
    first, _ = await pair()
    await by_hand.add_contact(first.node, CONTACT)
    return first


def run(coroutine):  # type: ignore[no-untyped-def]
    """One test, one loop."""
    return asyncio.run(coroutine)


async def _sent(first: SimulatedParty) -> str:
    return (await first.write("XC", 11, REQUEST)).hex()


def test_a_note_to_a_contact_is_signed_here_and_never_queued() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        row = find.find(first.node, note)
        assert row.direction == "out"
        assert row.body is not None
        state = first.node.store.look(lambda look: look.conversation(row.note_id, "XC"))
        assert state is not None
        assert read_conversation(state.state).delivery is Delivery.SIGNED
        assert first.node.store.look(lambda look: look.outbox_peers()) == []
        assert first.node.store.look(lambda look: look.records("unsealed")) == []

    run(story())


def test_it_is_not_sent_sealed_on_the_day_that_the_party_is_accepted() -> None:
    async def story() -> None:
        first = await almara()
        await _sent(first)
        third = SimulatedParty("XC", first.clock)
        await third.start()
        await first.meet(third)
        await settle(first, third)
        assert third.node.store.look(lambda look: look.notes(direction="in")) == []

    run(story())


def test_the_text_has_both_languages_every_code_and_says_first_and_last_that_it_is_unverified() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        text = by_hand.text(first.node, note, "XC", "en")
        theirs, ours = text.index("TRANSMIS PAR PORTEUR, NON VÉRIFIÉ"), text.index("CARRIED BY HAND, UNVERIFIED")
        assert theirs < ours
        pages = text[: text.index(text[ours:].splitlines()[0])], text[ours:]
        for page in pages:
            for code in ("[stop-traffic]", "[XC]", "[from-territory]", "[not-accusation]", "[exercise]"):
                assert code in page
        for heading in ("TRANSMIS PAR PORTEUR, NON VÉRIFIÉ", "CARRIED BY HAND, UNVERIFIED"):
            assert text.count(heading) == 2
        assert by_hand.reference(find.find(first.node, note)) in text
        assert max(map(len, text.splitlines())) <= 80

    run(story())


def test_one_language_for_both_gives_one_page() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        assert by_hand.text(first.node, note, "XC", "fr").count("TRANSMIS PAR PORTEUR") == 2

    run(story())


def test_the_script_asks_the_read_back_in_their_language_with_ours_beside() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        script = by_hand.telephone(first.node, note, "XC", "en")
        row = find.find(first.node, note)
        sheet = to_sheet(find.open_note(first.node, row), "XC")
        assert 3 <= len(script.questions) <= 5
        for asked in script.questions:
            ids = [id for _, id, _ in asked.options]
            assert right_answer(sheet, asked.line) in ids
            assert ids[-1] == "cannot-tell"
            assert asked.text.theirs != asked.text.ours
            assert all(said.theirs != said.ours or id.isdigit() for _, id, said in asked.options)
        assert script.before[1].ours == script.after[-1].ours == "This call is part of an exercise."

    run(story())


def test_answers_as_heard_are_compared_with_the_codes_and_journalled_as_by_hand() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        row = find.find(first.node, note)
        sheet = to_sheet(find.open_note(first.node, row), "XC")
        asked = by_hand.telephone(first.node, note, "XC", "en").questions
        right = {question.line: right_answer(sheet, question.line) for question in asked}
        line = asked[0].line
        wrong = next(id for _, id, _ in asked[0].options if id not in (right[line], "cannot-tell"))
        before = first.node.store.look(lambda look: look.leaf_count())
        heard = await _read_back(first, note, right | {line: wrong})
        assert heard.differs == (line,)
        assert (await _read_back(first, note, right)).differs == ()
        kinds = first.node.store.look(lambda look: [look.leaf(at).kind for at in range(before, look.leaf_count())])
        assert kinds == [LeafKind.BY_HAND, LeafKind.BY_HAND]
        entered = by_hand.entries(first.node, row, "XC")
        assert [entry.differs for entry in entered] == [(line,), ()]
        state = first.node.store.look(lambda look: look.conversation(row.note_id, "XC"))
        assert state is not None
        assert read_conversation(state.state).understanding is Understanding.AWAITED  # never shown as signed

    run(story())


async def _read_back(first: SimulatedParty, note: str, answers: dict[int, str]) -> by_hand.Entry:
    return await by_hand.enter(
        first.node,
        note,
        "XC",
        What.READ_BACK,
        Way.TELEPHONE,
        at=None,
        officer="o",
        role="duty officer",
        answers=answers,
    )


@pytest.mark.parametrize(
    ("name", "answers", "key"),
    [
        ("an option that was not offered", {6: "perhaps"}, "desk.bad_answer"),
        ("a question left out", {}, "desk.bad_answer"),
        ("a line without a question", {999: "accusation"}, "desk.bad_answer"),
    ],
)
def test_what_cannot_have_been_answered_is_refused(name: str, answers: dict[int, str], key: str) -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        with pytest.raises(DeskProblem) as raised:
            await _read_back(first, note, answers)
        assert raised.value.key == key
        assert by_hand.entries(first.node, find.find(first.node, note), "XC") == []

    run(story())


def test_mistakes_are_named() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        later = first.clock() + 60_000
        cases = [
            (by_hand.enter(first.node, note, "XC", What.CARRIED, Way.MAIL, at=later, officer="o"), "desk.yet_to_come"),
            (by_hand.enter(first.node, note, "XB", What.CARRIED, Way.MAIL, at=None, officer="o"), "desk.not_by_hand"),
            (by_hand.drop_contact(first.node, "XD"), "desk.no_contact"),
            (by_hand.add_contact(first.node, Contact(**{**_fields(CONTACT), "party": "XB"})), "desk.runs_parley"),
        ]
        for act, key in cases:
            with pytest.raises(DeskProblem) as raised:
                await act
            assert raised.value.key == key

    run(story())


def test_without_a_contact_a_note_to_an_unknown_party_is_refused_as_before() -> None:
    async def story() -> None:
        first, _ = await pair()
        with pytest.raises(DirectoryProblem) as raised:
            await first.write("XC", 11, REQUEST)
        assert raised.value.key == "directory.not_accepted"

    run(story())


def test_no_accusation_goes_by_hand() -> None:
    async def story() -> None:
        first = await almara()
        made = draft.Draft(
            form=11, office="duty", to=("XC/duty",), lines=REQUEST, written_in="en", officer="o", exercise=True,
            accusation=True,
        )  # fmt: skip
        with pytest.raises(DirectoryProblem) as raised:
            draft.examine(first.node, made)
        assert raised.value.key == "directory.needs_ceremony"
        draft.examine(first.node, draft.Draft(**{**_fields(made), "accusation": False}))  # the control

    run(story())


def test_entries_lie_locked_in_the_store() -> None:
    async def story() -> None:
        first = await almara()
        note = await _sent(first)
        await by_hand.enter(
            first.node, note, "XC", What.ANSWERED, Way.TELEPHONE, at=first.clock(), officer="o", words="canary words"
        )
        rows = first.node.store.look(lambda look: look.records(by_hand.ENTRY))
        assert rows
        assert all(b"canary" not in body for _, body in rows)
        assert by_hand.entries(first.node, find.find(first.node, note), "XC")[0].words == "canary words"

    run(story())


def _fields(struct) -> dict:  # type: ignore[no-untyped-def,type-arg]
    return msgspec.structs.asdict(struct)
