"""Drafts that grow: their files and who holds them, their versions, what changed, how large they become."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.desk import attach, attachment, clear, compare_drafts, compose, draft, measure, release, restart
from parley.desk.draft import MOST_VERSIONS, Draft
from parley.desk.fill import fill
from parley.desk.problems import DeskProblem
from parley.forms import load
from parley.line import LineProblem
from parley.line.attachment import KIND
from parley.seal import digest
from parley.testing import DAY

WORM = [(10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
        (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"),
        (23, "13h")]  # fmt: skip
CANARY = b"the canary's log\n" * 40
LOG = ("canary.txt", CANARY)


def worm(**changes: Any) -> Draft:
    made = Draft(form=11, office="duty", to=("XB/duty",), lines=fill(load().form(11), WORM), written_in="en",
                 officer="dana", exercise=True)  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def story(play: Any, tell: Any) -> None:
    async def scene(wire: Any) -> None:
        await tell(wire.a.node, wire)

    play(scene)


def bodies(node: Any) -> int:
    return len(node.store.look(lambda look: look.records(attachment.BODY)))


def everything(node: Any) -> bytes:
    """All that stands in the store for attachments, keys and values."""
    kinds = (attachment.BODY, attachment.HELD, attachment.HOLDER, draft.KIND, draft.VERSION)
    found = node.store.look(lambda look: [row for kind in kinds for row in look.records(kind)])
    return b"".join(key.encode() + value for key, value in found)


def test_a_file_is_named_by_digest_and_kept_locked(play: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        one = await attach.attach(node, kept, *LOG, "dana")
        assert draft.fetch(node, kept).lines[27] == [[digest(CANARY), len(CANARY), "text/plain"]]
        assert attachment.fetch(node, kept, digest(CANARY).hex()) == (one, CANARY)
        lying = everything(node)
        for secret in (b"canary", digest(CANARY), digest(CANARY).hex().encode()):
            assert secret not in lying
        assert kept.encode() in lying  # control: what does lie there is seen

    story(play, tell)


def test_the_same_file_twice_is_one_and_a_draft_without_a_line_for_files_takes_none(play: Any, refused: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        await attach.attach(node, kept, *LOG, "dana")
        again = await attach.attach(node, kept, "another name.txt", CANARY, "omar")
        assert (again.name, again.by) == ("canary.txt", "dana")
        assert (len(draft.fetch(node, kept).lines[27]), bodies(node)) == (1, 1)
        other = await draft.save(node, worm(form=1, lines={10: "timetable"}))
        with pytest.raises(DeskProblem) as problem:
            await attach.attach(node, other, *LOG, "dana")
        assert problem.value.key == "desk.no_files_here"

    story(play, tell)


def test_what_is_taken_off_a_draft_goes_and_what_another_holds_stays(play: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        await attach.attach(node, kept, *LOG, "dana")
        made = await compose.compose(node, draft.fetch(node, kept), kept)
        await attach.detach(node, kept, digest(CANARY).hex()[:8], "dana")
        assert 27 not in draft.fetch(node, kept).lines
        with pytest.raises(DeskProblem) as problem:
            attachment.fetch(node, kept, digest(CANARY).hex())
        assert problem.value.key == "desk.no_file"
        assert attachment.fetch(node, made.note_id.hex(), digest(CANARY).hex())[1] == CANARY
        wire.clock.sleep(DAY)
        assert await restart.settle(node) == 1  # the note is void: nobody holds the file any more
        assert (bodies(node), node.store.look(lambda look: look.records(attachment.HOLDER))) == (0, [])

    story(play, tell)


def test_a_draft_thrown_away_takes_its_files_and_versions_with_it(play: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept, other = await draft.save(node, worm()), await draft.save(node, worm())
        for one in (kept, other):
            await attach.attach(node, one, *LOG, "dana")
        await draft.throw_away(node, kept)
        assert (bodies(node), len(draft.versions(node, other))) == (1, 2)
        assert node.store.look(lambda look: look.records(draft.VERSION, f"{kept} ")) == []

    story(play, tell)


def test_a_note_that_went_out_keeps_its_file_until_it_is_destroyed_and_the_receiver_brings_it_in(play: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        await attach.attach(node, kept, *LOG, "dana")
        made = await compose.compose(node, draft.fetch(node, kept), kept)
        sent = await release.release(node, wire.a.keys.sign_note(made.payload))
        assert draft.listed(node) == []
        assert attachment.fetch(node, sent.hex(), digest(CANARY).hex())[1] == CANARY
        await wire.a.deliver_to(wire.b)
        theirs, identity = wire.b.node, made.note_id
        assert [one.kept for one in attachment.named_by_note(theirs, made.note, identity)] == [None]
        with pytest.raises(LineProblem) as problem:
            await attachment.bring(theirs, made.note, identity, attachment.look_at(theirs, "x.txt", b"other", "rida"))
        assert problem.value.key == "line.file_differs"
        assert bodies(theirs) == 0
        for _ in range(2):  # brought in twice it is one
            await attachment.bring(theirs, made.note, identity, attachment.look_at(theirs, *LOG, "rida"))
        assert [one.kept.by for one in attachment.named_by_note(theirs, made.note, identity) if one.kept] == ["rida"]
        assert bodies(theirs) == 1
        await theirs.store.write(lambda tx: attachment.let_go(tx, identity.hex()), point="retention")
        assert bodies(theirs) == 0

    story(play, tell)


def test_each_saving_is_a_version_and_the_oldest_of_many_go(play: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm(), by="dana")
        for stage in ("contained", "ended"):
            await draft.save(node, worm(lines={**worm().lines, 19: stage}), kept, by="omar")
        await draft.save(node, worm(lines={**worm().lines, 19: "ended"}), kept, by="omar")  # nothing changed
        found = draft.versions(node, kept)
        assert [(one.draft.changed_by, one.draft.lines[19]) for one in found] == [
            ("dana", "going-on"), ("omar", "contained"), ("omar", "ended"),
        ]  # fmt: skip
        assert found[-1] == draft.fetch_saved(node, kept)
        for number in range(MOST_VERSIONS + 3):
            await draft.save(node, worm(override=f"reason {number}"), kept)
        found = draft.versions(node, kept)
        assert len(found) == MOST_VERSIONS
        assert found[-1].draft.override == f"reason {MOST_VERSIONS + 2}"

    story(play, tell)


def test_what_changed_is_told_line_by_line_in_a_language_even_of_a_draft_not_in_order(play: Any, refused: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        lines = {**worm().lines, 19: "contained", 28: ["en", "ring me"], 15: "not a list"}
        del lines[16]
        await draft.save(node, worm(lines=lines, to=("nobody",), override="agreed by telephone"), kept)
        found = compare_drafts.compare(node, kept, "", "", "fr")
        changes = {one.number: one for one in found.changes}
        assert sorted(changes) == [0, 3, 15, 16, 19, 28]
        assert changes[16].after == ()
        assert "[contained]" in changes[19].after[0]
        assert changes[19].label == "Stade"
        assert changes[0].after == ("agreed by telephone",)
        with pytest.raises(DeskProblem) as problem:
            compare_drafts.compare(node, kept, "f" * 32, "", "fr")
        assert problem.value.key == "desk.no_version"

    story(play, tell)


def test_what_is_saved_again_word_for_word_was_kept_already(play: Any, refused: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        stale = draft.fetch_saved(node, kept).version
        changed = worm(lines={**worm().lines, 19: "ended"})
        await draft.save(node, changed, kept, expecting=stale, again=True)
        now = draft.fetch_saved(node, kept)
        await draft.save(node, changed, kept, expecting=stale, again=True)
        assert draft.fetch_saved(node, kept) == now
        with pytest.raises(DeskProblem):
            await draft.save(node, worm(), kept, expecting=stale, again=True)

    story(play, tell)


def test_submitted_twice_unchanged_it_is_one_note_and_one_serial(play: Any) -> None:
    async def tell(node: Any, wire: Any) -> None:
        kept = await draft.save(node, worm())
        first = await clear.submit(node, kept, "dana")
        second = await clear.submit(node, kept, "dana")
        assert second.note_id == first.note_id
        assert len(clear.waiting(node)) == 1
        await draft.save(node, worm(lines={**worm().lines, 19: "ended"}), kept)
        third = await clear.submit(node, kept, "dana")  # control: a changed draft is another note
        assert third.note_id != first.note_id
        assert third.note.recipients[0].serial == first.note.recipients[0].serial + 1

    story(play, tell)


@pytest.mark.parametrize("words", [0, 3_000], ids=["short", "long"])
def test_a_draft_is_as_large_as_its_sealed_copy_really_is(play: Any, words: int) -> None:
    async def tell(node: Any, wire: Any) -> None:
        made = worm() if not words else worm(lines={**worm().lines, 29: ["en", "w" * words]})
        kept = await draft.save(node, made)
        found = measure.on_the_line(node, made, draft.examine(node, made))
        composed = await compose.compose(node, made, kept)
        assert found.sizes.payload in (len(composed.payload), len(composed.payload) - 4, len(composed.payload) + 4)
        sent = await release.release(node, wire.a.keys.sign_note(composed.payload))
        row = node.store.look(lambda look: look.outbox_for(sent, "XB"))
        assert found.sizes.sealed == len(row.sealed)
        assert found.times == tuple((rate, -(-len(row.sealed) * 8 // rate)) for rate, _ in found.times)
        again = measure.on_the_line(node, made, draft.examine(node, made))  # now its serial's length is known
        assert again.sizes.payload == len(composed.payload)

    story(play, tell)


def test_every_form_has_at_most_one_line_for_files() -> None:
    """`attach` takes the first."""
    assert {sum(line.kind == KIND for line in form.lines) for form in load().forms} == {0, 1}
