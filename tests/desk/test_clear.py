"""What waits for words and release: it survives a restart, is void after a day, and its draft is never lost."""

from __future__ import annotations

from typing import Any

import pytest

from parley.clearance import (
    Assertion,
    Challenge,
    ClearanceProblem,
    Code,
    Exit,
    Grant,
    How,
    Officer,
    Proof,
    Reader,
    Right,
    Role,
    Roster,
    Verdict,
    Word,
)
from parley.desk import access, clear, draft, release, restart, roster
from parley.desk.draft import Draft
from parley.journal import LeafKind
from parley.terms.marking import Marking, Tlp

DAY = 86_400_000


def a_draft(**changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "form": 1, "office": "duty", "to": ("XB/duty",), "lines": {10: "drill"}, "written_in": "en", "officer": "dana",
        "exercise": True,
    }  # fmt: skip
    return Draft(**{**fields, **changes})


class Signer:
    """A signer that hears every word and signs for dora alone; what it was asked is kept."""

    def __init__(self, wire: Any) -> None:
        self.wire, self.asked = wire, list[tuple[str, Proof]]()

    async def release(self, payload: bytes, officer: str, proof: Proof, reason: str) -> tuple[bytes, Verdict]:
        self.asked.append((officer, proof))
        if officer != "dora":
            raise ClearanceProblem("not_releaser", officer=officer, form=1)
        how = How.LONE if reason else How.CLEARED
        return self.wire.a.keys.sign_note(payload), Verdict(how=how, releaser=officer, reason=reason)

    async def say(self, payload: bytes, officer: str, role: Role, proof: Proof) -> Word:
        return Word(officer=officer, role=role, at=self.wire.clock())

    async def number(self, payload: bytes) -> Challenge:
        return Challenge("12345 67890 12", 1800)


CODE = Code("00000 00000")


def scene_of(play: Any, story: Any) -> None:
    async def scene(wire: Any) -> None:
        wire.a.node.signers = {"duty": Signer(wire)}
        await story(wire, wire.a.node)

    play(scene)


def leaves(node: Any, kind: LeafKind) -> int:
    found = node.store.look(lambda look: [look.leaf(index) for index in range(look.leaf_count())])
    return sum(leaf.kind is kind for leaf in found)


def test_a_submitted_note_waits_is_cleared_and_goes_out(play: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        kept = await draft.save(node, a_draft())
        waits = await clear.submit(node, kept, "dana")
        assert [one.note_id for one in clear.waiting(node)] == [waits.note_id]
        assert (waits.until, waits.changed) == (wire.clock() + DAY, False)
        await clear.say(node, waits.note_id, "lena", Role.LEGAL, CODE)
        assert [(w.officer, w.role) for w in clear.fetch(node, waits.note_id).words] == [("lena", Role.LEGAL)]
        assert await clear.release(node, waits.note_id, "dora", CODE) == waits.note_id
        assert clear.waiting(node) == []
        assert draft.listed(node) == []
        verdict = clear.verdict_of(node, waits.note_id)
        assert verdict is not None
        assert (verdict.how, verdict.releaser) == (How.CLEARED, "dora")
        assert leaves(node, LeafKind.CLEARANCE) == 1
        await wire.a.deliver_to(wire.b)
        assert wire.b.node.store.look(lambda look: look.note(waits.note_id)) is not None

    scene_of(play, story)


def test_it_waits_a_day_across_a_restart_and_then_it_is_void_and_the_draft_still_there(play: Any, refused: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        kept = await draft.save(node, a_draft())
        waits = await clear.submit(node, kept, "dana")
        node.composed.clear()  # as after a restart
        wire.clock.sleep(DAY - 1)
        assert await restart.settle(node) == 0
        assert clear.fetch(node, waits.note_id).payload == waits.payload
        wire.clock.sleep(1)
        assert await restart.settle(node) == 1
        with refused("desk.not_waiting"):
            clear.fetch(node, waits.note_id)
        with refused("desk.not_waiting"):
            await clear.release(node, waits.note_id, "dora", CODE)
        assert [found for found, _ in draft.listed(node)] == [kept]

    scene_of(play, story)


def test_what_is_withdrawn_cannot_be_released_any_more(play: Any, refused: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        kept = await draft.save(node, a_draft())
        waits = await clear.submit(node, kept, "dana")
        signed = wire.a.keys.sign_note(waits.payload)
        assert await clear.withdraw(node, waits.note_id) == kept
        with refused("desk.not_composed"):
            await release.release(node, signed)
        with refused("desk.not_waiting"):
            await clear.say(node, waits.note_id, "lena", Role.LEGAL, CODE)
        assert draft.fetch(node, kept).form == 1

    scene_of(play, story)


def test_two_officers_on_one_draft_see_that_it_changed_after_it_was_submitted(play: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        kept = await draft.save(node, a_draft())
        waits = await clear.submit(node, kept, "dana")
        await draft.save(node, a_draft(lines={10: "new-keys"}, officer="boris"), kept)
        now = clear.fetch(node, waits.note_id)
        assert now.changed
        assert now.note.lines == {10: "drill"}  # what is cleared is what was submitted

    scene_of(play, story)


def test_a_double_click_on_release_sends_one_note(play: Any, refused: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        waits = await clear.submit(node, await draft.save(node, a_draft()), "dana")
        await clear.release(node, waits.note_id, "dora", CODE)
        with refused("desk.not_waiting"):
            await clear.release(node, waits.note_id, "dora", CODE)
        assert len(node.store.look(lambda look: look.notes())) == 1

    scene_of(play, story)


def test_the_desk_signs_nothing_by_itself_whatever_session_asks(play: Any, refused: Any) -> None:
    """The node hands the proof on and takes the signer's no for a no; without a signer there is no release."""

    async def story(wire: Any, node: Any) -> None:
        waits = await clear.submit(node, await draft.save(node, a_draft()), "dana")
        proof = Assertion(credential_id=b"c", authenticator_data=b"a", client_data=b"d", signature=b"s")
        with refused("clearance.not_releaser"):
            await clear.release(node, waits.note_id, "dana", proof)
        assert node.signers["duty"].asked == [("dana", proof)]
        node.signers = {}
        with refused("desk.no_signer_here"):
            await clear.release(node, waits.note_id, "dora", proof)
        assert node.store.look(lambda look: look.notes()) == []
        assert clear.fetch(node, waits.note_id)

    scene_of(play, story)


def test_what_was_released_alone_awaits_a_review_by_another(play: Any, refused: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        await roster.put(node, "duty", told(("dora", Role.RELEASER), ("lena", Role.LEGAL)))
        waits = await clear.submit(node, await draft.save(node, a_draft()), "dora")
        await clear.release(node, waits.note_id, "dora", CODE, "nobody was reached")
        (one,) = clear.to_review(node)
        assert (one.note_id, one.verdict.reason) == (waits.note_id, "nobody was reached")
        given = waits.note_id.hex()
        with refused("clearance.own_review"):
            await clear.review(node, given, "dora")
        done = await clear.review(node, given, "lena", "right to send it")
        assert (done.reviewed_by, done.remark) == ("lena", "right to send it")
        assert clear.to_review(node) == []
        with refused("desk.nothing_to_review"):
            await clear.review(node, given, "lena")
        assert leaves(node, LeafKind.CLEARANCE) == 2

    scene_of(play, story)


def test_nothing_that_waits_or_was_said_lies_in_clear(play: Any) -> None:
    """The payload, the reason and the remark are under the archive key; the roster holds names and roles only."""

    async def story(wire: Any, node: Any) -> None:
        waits = await clear.submit(node, await draft.save(node, a_draft(lines={10: "drill"})), "dora")
        other = await clear.submit(node, await draft.save(node, a_draft()), "dora")
        await clear.release(node, waits.note_id, "dora", CODE, "canary in the reason")
        await clear.review(node, waits.note_id.hex(), "lena", "canary in the remark")
        for kind in ("waiting", "cleared", "lone", "reviewed"):
            for _, value in node.store.look(lambda look, kind=kind: look.records(kind)):
                assert b"canary" not in value
                assert other.payload not in value

    scene_of(play, story)


# Access


def told(*held: tuple[str, Role]) -> dict[str, Any]:
    import msgspec

    names = dict.fromkeys(name for name, _ in held)
    made = Roster(
        version=1,
        officers=tuple(Officer(name=name) for name in names),
        grants=tuple(Grant(officer=name, role=role, since=0) for name, role in held),
    )
    built: dict[str, Any] = msgspec.to_builtins(made)
    return built


def test_roles_are_remembered_by_the_node_and_each_change_is_journalled(play: Any, refused: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        assert access.may(node, "anybody", Right.RELEASE)  # nobody was given a role yet
        await roster.put(node, "duty", told(("dora", Role.RELEASER), ("ivan", Role.ADMINISTRATOR)))
        before = node.roster
        node.roster = Roster()
        node.store.look(lambda look: roster.load(node, look))  # as at the next start
        assert node.roster == before
        assert leaves(node, LeafKind.ROSTER) == 1
        access.check(node, "dora", Right.RELEASE)
        with refused("clearance.may_not"):
            access.check(node, "ivan", Right.READ)
        with refused("clearance.no_such_officer"):
            access.check(node, "zoe", Right.STATUS)
        assert not access.may(node, "zoe", Right.STATUS)
        with refused("clearance.bad_name"):
            await roster.put(node, "duty", {"officers": [{"name": "BAD NAME"}]})
        with refused("clearance.bad_grant"):
            await roster.put(node, "duty", {"officers": "nobody"})

    scene_of(play, story)


def test_an_office_without_roles_beside_one_with_roles_keeps_its_officers(play: Any) -> None:
    async def story(wire: Any, node: Any) -> None:
        lone = Roster(version=1, officers=(Officer(name="paul"),))
        grants = (Grant(officer="dora", role=Role.LEGAL, since=0),)
        both = roster.merged([lone, Roster(officers=(Officer(name="dora"),), grants=grants)])
        assert both.roles("paul", 1) == frozenset(Role)
        assert both.roles("dora", 1) == {Role.LEGAL}

    scene_of(play, story)


READER = Reader(name="x", roles=frozenset({Role.OBSERVER}))


@pytest.mark.parametrize("exit", Exit, ids=lambda exit: exit.value)
def test_every_exit_counts_what_it_lets_out_and_no_more(exit: Exit) -> None:
    found = [a_draft(marking=Marking(tlp).to_coded()) for tlp in Tlp]
    passing = access.let_out(READER, exit, found, access.draft_thing)
    assert [one for one in found if access.passes(READER, exit, access.draft_thing(one))] == passing
    assert len(passing) < len(found)  # the control: RED never passes to an observer


@pytest.mark.parametrize("exit", Exit, ids=lambda exit: exit.value)
def test_a_refusal_says_nothing_of_the_text(exit: Exit) -> None:
    hidden = access.draft_thing(a_draft(marking=Marking(Tlp.RED, "SECRET OF ALMARA").to_coded()))
    with pytest.raises(ClearanceProblem) as caught:
        access.show(READER, exit, hidden)
    assert caught.value.arguments == {"exit": exit.value}
    assert "ALMARA" not in str(caught.value)
