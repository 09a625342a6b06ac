"""Bodies are destroyed on schedule: what goes, what stays, what is kept all the same, and the chain still verifies.

XB on a disk, XA in memory; the grep looks through database, write-ahead log and backup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.desk import archive, draft, retention, watch, witness
from parley.desk.find import find, signed_of
from parley.desk.problems import DeskProblem
from parley.desk.read import read
from parley.desk.read_back import ask, give
from parley.desk.receive import receive
from parley.journal import JournalProblem, LeafKind
from parley.journal.retention import DAY, Keep, Retention, Rule
from parley.line.note import read_note
from parley.line.parcel import ItemKind, Parcel
from parley.line.ports import Origin
from parley.outside.store import open_sqlite
from parley.seal import peek, seal
from parley.testing import FakeClock, SimulatedParty, settle

YEAR = Rule(name="link checks, a year", forms=(1,), days=365)
TEN = Rule(name="correspondence, ten years", days=3650)
RULES = Retention(rules=(YEAR, TEN))


class Desk:
    """XB with its store in a folder, and XA."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.a = SimulatedParty("XA", self.clock)
        store = open_sqlite(folder / "store.sqlite", Origin("XB", "node-1", bytes(range(16))))
        self.b = SimulatedParty("XB", self.clock, store=store)

    async def start(self, rules: Retention = RULES) -> None:
        await self.a.start()
        await self.b.start()
        await self.a.meet(self.b)
        self.b.node.retention = rules

    async def check(self) -> bytes:
        """A link check from XA, taken, read and read back."""
        note = await self.a.write(self.b, 1, {10: "timetable"})
        await settle(self.a, self.b)
        await read(self.b.node, note.hex(), "fr", officer="officer Canary")
        asked = ask(self.b.node, note.hex(), "fr")
        answers = {question.line: question.options[0].id for question in asked}
        await give(self.b.node, note.hex(), answers, language="fr", role="duty", seconds=9, by_person=True)
        await settle(self.a, self.b)
        return note

    async def years_pass(self, years: float) -> None:
        """So many years and a day, in which every clock rings."""
        self.clock.sleep(int(years * 365 * DAY) + DAY)
        while await watch.ring_due(self.b.node):
            pass

    def row(self, note: bytes) -> Any:
        return self.b.node.store.look(lambda look: look.note(note))

    def files(self) -> dict[str, bytes]:
        self.b.node.store.backup(str(self.folder / "backup.sqlite"))
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    async def run(self, *, dry: bool = False) -> retention.Done:
        return await retention.run(self.b.node, "archivist", dry=dry)

    async def verify(self) -> dict[str, Any]:
        await witness.checkpoint(self.b.node)
        return archive.verify_own(self.b.node)


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Any], None]:
    """Runs a scene with a desk on a disk."""

    def run(scene: Any) -> None:
        async def main() -> None:
            desk = Desk(tmp_path)
            await desk.start()
            try:
                await scene(desk)
            finally:
                await desk.b.node.store.close()

        asyncio.run(asyncio.wait_for(main(), 60))

    return run


def test_what_is_due_is_destroyed_and_the_chain_verifies(play: Any) -> None:
    """Text, receipts and the sealed copy's record go; register, conversation, serial and hash stay."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        before = await desk.verify()
        await desk.years_pass(1)
        done = await desk.run()
        assert done.destroyed == {"link checks, a year": 1}
        row = desk.row(note)
        assert (row.body, row.form, row.sender) == (None, 1, "XA")
        look = desk.b.node.store.look
        assert look(lambda tx: tx.receipts(note)) == []
        assert look(lambda tx: tx.held_for(note)) is None
        assert look(lambda tx: tx.conversation(note, "XA")) is not None
        after = await desk.verify()
        assert after["destroyed"] == 1
        assert after["entries"] == before["entries"] + 1  # the entry that says so
        kinds = [entry["kind"] for entry in archive.entries(desk.b.node, 100)]
        assert kinds.count("GONE") == kinds.count("DESTROYED") == 1

    play(scene)


def test_the_tombstone_says_what_was_destroyed_when_by_whom_and_under_which_rule(play: Any) -> None:
    async def scene(desk: Desk) -> None:
        note = await desk.check()
        row = desk.row(note)
        await desk.years_pass(1)
        await desk.run()
        stone = retention.tombstone(desk.b.node, note)
        assert stone is not None
        assert (stone.rule, stone.days, stone.by, stone.at) == (YEAR.name, 365, "archivist", desk.clock())
        assert (stone.form, stone.direction, stone.parties) == (1, "in", ("XA",))
        assert (stone.leaf, stone.incarnation, stone.stored_at) == (row.leaf, row.incarnation, row.stored_at)
        assert stone.receipts >= 2
        with pytest.raises(DeskProblem) as caught:
            signed_of(desk.b.node, find(desk.b.node, note.hex()))
        assert caught.value.key == "desk.body_destroyed"

    play(scene)


def test_the_share_of_the_peer_is_given_back(play: Any) -> None:
    """All that the notes occupied, to the byte."""

    async def scene(desk: Desk) -> None:
        for _ in range(3):
            await desk.check()
        occupied = desk.b.node.store.look(lambda look: look.stored_from("XA"))
        assert occupied > 3 * 8192
        await desk.years_pass(1)
        assert (await desk.run(dry=True)).freed == occupied
        assert (await desk.run()).freed == occupied
        assert desk.b.node.store.look(lambda look: look.stored_from("XA")) == 0

    play(scene)


def test_a_dry_run_says_the_same_and_destroys_nothing(play: Any) -> None:
    async def scene(desk: Desk) -> None:
        note = await desk.check()
        await desk.years_pass(1)
        size = desk.b.node.store.look(lambda look: look.leaf_count())
        dry = await desk.run(dry=True)
        assert (dry.destroyed, dry.dry) == ({YEAR.name: 1}, True)
        assert desk.row(note).body is not None
        assert desk.b.node.store.look(lambda look: look.leaf_count()) == size
        assert (await desk.run()).destroyed == dry.destroyed
        assert (await desk.run()).destroyed == {}  # and never twice

    play(scene)


def test_nothing_goes_before_its_day_and_all_that_is_due_on_it(play: Any) -> None:
    """Due is 365 days after it was stored, to the millisecond."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        due = desk.row(note).stored_at + 365 * DAY
        desk.clock.now = due - 1
        assert (await desk.run()).destroyed == {}
        desk.clock.now = due
        assert (await desk.run()).destroyed == {YEAR.name: 1}

    play(scene)


async def hold_note(desk: Desk, note: bytes) -> str:
    await retention.hold(desk.b.node, f"note {note.hex()}", "order of a court", "archivist")
    return f"hold: note {note.hex()}"


async def hold_thread(desk: Desk, note: bytes) -> str:
    name = f"thread {desk.row(note).thread.hex()}"
    await retention.hold(desk.b.node, name, "order of a court", "archivist")
    return f"hold: {name}"


async def hold_party(desk: Desk, note: bytes) -> str:
    await retention.hold(desk.b.node, "party XA", "order of a court", "archivist")
    return "hold: party XA"


async def partner_keeps(desk: Desk, note: bytes) -> str:
    desk.b.node.retention = Retention(rules=(YEAR,), keeps=(Keep(party="XA", why="agreement with Almara, 3"),))
    return "keep: agreement with Almara, 3"


async def form_keeps(desk: Desk, note: bytes) -> str:
    desk.b.node.retention = Retention(rules=(YEAR,), keeps=(Keep(form=1, why="law on archives, 7"),))
    return "keep: law on archives, 7"


async def contradicts(desk: Desk, note: bytes) -> str:
    """XA signed another note under its serial: both are evidence."""
    one = read_note(peek(signed_of(desk.b.node, desk.row(note))).payload)
    twin = desk.a.keys.sign_note(msgspec.structs.replace(one, lines={10: "drill"}).to_payload())
    key = desk.a.node.sealing_key_or_none("XB")
    await receive(desk.b.node, "XA", Parcel(items=((int(ItemKind.SEALED), seal(twin, key)),)).to_bytes())
    return "evidence of a contradiction"


async def waits(desk: Desk, note: bytes) -> str:
    """A receipt for it did not leave yet."""
    await read(desk.b.node, note.hex(), "es", officer="officer")
    return "a receipt for it waits to be carried"


KEPT = {
    "a legal hold on the note": hold_note,
    "a legal hold on the correspondence": hold_thread,
    "a legal hold on the party": hold_party,
    "an agreement with the partner": partner_keeps,
    "a law about the form": form_keeps,
    "it is evidence": contradicts,
    "a receipt is on its way": waits,
}


@pytest.mark.parametrize("case", KEPT)
def test_what_is_kept_is_not_destroyed_and_the_run_says_why(play: Any, case: str) -> None:
    async def scene(desk: Desk) -> None:
        note = await desk.check()
        why = await KEPT[case](desk, note)
        await desk.years_pass(1)
        done = await desk.run()
        assert (done.destroyed, done.kept) == ({}, {why: 1})
        assert signed_of(desk.b.node, desk.row(note))
        await desk.verify()

    play(scene)


def test_a_lifted_hold_lets_it_go_and_both_are_journalled(play: Any) -> None:
    async def scene(desk: Desk) -> None:
        note = await desk.check()
        await hold_note(desk, note)
        await desk.years_pass(1)
        await desk.run()
        name = f"note {note.hex()}"
        await retention.hold(desk.b.node, name, "the case is closed", "archivist", lift=True)
        assert (await desk.run()).destroyed == {YEAR.name: 1}
        kinds = [entry["kind"] for entry in archive.entries(desk.b.node, 100)]
        assert kinds.count("OVERRIDE") == 2
        with pytest.raises(DeskProblem) as caught:
            await retention.hold(desk.b.node, name, "again", "archivist", lift=True)
        assert caught.value.key == "desk.no_hold"

    play(scene)


def test_a_hold_placed_while_the_run_goes_on_counts(play: Any) -> None:
    """The plan is judged once more inside the unit that destroys."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        await desk.years_pass(1)
        planned, _ = retention.plan(desk.b.node)
        assert [row.note_id for row, _ in planned] == [note]
        await hold_note(desk, note)
        rows = [row for row, _ in planned]
        gone = await desk.b.node.store.write(
            lambda tx: retention._destroy_all(desk.b.node, tx, rows, "archivist", ()), point="test"
        )
        assert gone == []
        assert desk.row(note).body is not None

    play(scene)


def test_the_reason_of_a_hold_lies_locked(play: Any) -> None:
    async def scene(desk: Desk) -> None:
        note = await desk.check()
        await retention.hold(desk.b.node, f"note {note.hex()}", "Case Canary against Almara", "archivist")
        for name, content in desk.files().items():
            assert b"Case Canary" not in content, name
        assert retention.shown(desk.b.node)["holds"][0]["why"] == "Case Canary against Almara"
        desk.b.node.vault = None
        assert retention.shown(desk.b.node)["holds"][0]["why"] is None

    play(scene)


def test_a_locked_node_and_one_without_rules_destroy_nothing(play: Any) -> None:
    async def scene(desk: Desk) -> None:
        note = await desk.check()
        await desk.years_pass(1)
        vault, desk.b.node.vault = desk.b.node.vault, None
        await retention.on_schedule(desk.b.node)
        with pytest.raises(DeskProblem):
            await desk.run()
        desk.b.node.vault = vault
        desk.b.node.retention = Retention()
        await retention.on_schedule(desk.b.node)
        with pytest.raises(DeskProblem) as caught:
            await desk.run()
        assert caught.value.key == "desk.no_rule"
        assert desk.row(note).body is not None

    play(scene)


# -- nothing of it is left in any file


def remains(desk: Desk, note: bytes) -> dict[str, bytes]:
    """What lies in the store of a note, as it lies there: locked text, receipts, what opens its entry, the override."""

    def read_all(look: Any) -> dict[str, bytes]:
        row = look.note(note)
        found = {"body": row.body, "salt": look.leaf(row.leaf, row.incarnation).salt}
        # Of a receipt its signature: all receipts of one node begin alike.
        found |= {f"receipt {n}": signed[-3000:] for n, (_, _, signed) in enumerate(look.receipts(note))}
        override = look.record("override", note.hex())
        return found | ({"override": override} if override else {})

    return desk.b.node.store.look(read_all)


def found_in(files: dict[str, bytes], pieces: dict[str, bytes]) -> set[str]:
    """Which pieces stand in any file: any 24 bytes of it count, wherever a page was cut."""
    whole = b"\0".join(files.values())
    return {what for what, piece in pieces.items()
            if any(piece[at : at + 24] in whole for at in range(8, max(9, len(piece) - 24), 24))}  # fmt: skip


def test_nothing_of_a_destroyed_note_is_left_in_database_log_or_later_backup(play: Any) -> None:
    """Ours, sent with an override, and theirs, read and read back; the control is the same grep before."""

    async def scene(desk: Desk) -> None:
        theirs = await desk.check()
        ours = await desk.b.write(desk.a, 1, {10: "drill"}, override="lives are at stake")
        await settle(desk.a, desk.b)
        other = await desk.b.write(desk.a, 90, {10: "courtesy", 11: ["en", "kept for ten years"], 12: "call"})
        await settle(desk.a, desk.b)
        gone = {
            f"{n} {what}": piece for n, note in enumerate((theirs, ours)) for what, piece in remains(desk, note).items()
        }
        kept = {"kept": remains(desk, other)["body"]}
        assert found_in(desk.files(), gone | kept) == set(gone | kept)  # the control
        assert len(gone) >= 7
        await desk.years_pass(1)
        await desk.run()
        await desk.b.node.store.write(lambda tx: tx.put("k", "next unit", b""), point="test")
        assert found_in(desk.files(), gone | kept) == {"kept"}
        await desk.verify()

    play(scene)


def test_names_of_officers_go_after_their_own_time(play: Any) -> None:
    """Of READ and OVERRIDE entries: a digest over a name, with its salt in clear, can be guessed."""

    async def scene(desk: Desk) -> None:
        await desk.check()
        desk.b.node.retention = Retention(names_days=30)
        look = desk.b.node.store.look
        entries = look(lambda tx: tx.leaves_of(int(LeafKind.READ), 1 << 62, 99))
        assert len(entries) == 1
        salt = look(lambda tx: tx.leaf(entries[0][1], entries[0][0])).salt
        assert found_in(desk.files(), {"salt": salt}) == {"salt"}
        assert (await desk.run()).names == 0
        desk.clock.sleep(31 * DAY)
        assert (await desk.run()).names == 1
        await desk.b.node.store.write(lambda tx: tx.put("k", "next unit", b""), point="test")
        assert found_in(desk.files(), {"salt": salt}) == set()
        assert (await desk.verify())["destroyed"] == 1
        assert retention.shown(desk.b.node)["tombstones"][0]["rule"] == "names"

    play(scene)


def test_while_anything_is_held_no_names_go(play: Any) -> None:
    """Nobody can tell whose they are."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        desk.b.node.retention = Retention(names_days=30)
        await hold_note(desk, note)
        desk.clock.sleep(31 * DAY)
        assert (await desk.run()).names == 0

    play(scene)


# -- afterwards


def test_the_same_note_again_is_receipted_and_not_kept_again(play: Any) -> None:
    """Its serial is remembered: it is the same note, sealed anew."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        signed = signed_of(desk.b.node, desk.row(note))
        await desk.years_pass(1)
        await desk.run()
        await settle(desk.a, desk.b)
        key = desk.a.node.sealing_key_or_none("XB")
        reply = await receive(desk.b.node, "XA", Parcel(items=((int(ItemKind.SEALED), seal(signed, key)),)).to_bytes())
        assert reply
        assert desk.row(note).body is None
        assert len(desk.b.node.store.look(lambda look: look.notes())) == 1
        await desk.verify()

    play(scene)


def test_a_destruction_that_nobody_recorded_is_noticed(play: Any) -> None:
    """The control: what opens an entry goes without the entry that says so."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        row = desk.row(note)
        await desk.b.node.store.write(lambda tx: tx.destroy_leaf(row.leaf, row.incarnation), point="test")
        with pytest.raises(JournalProblem):
            await desk.verify()

    play(scene)


def test_what_an_older_journal_held_is_destroyed_after_a_restore(play: Any, tmp_path: Path) -> None:
    """The record of it stands in the journal of the new incarnation, and both verify."""

    async def scene(desk: Desk) -> None:
        note = await desk.check()
        desk.b.node.store.backup(str(tmp_path / "kept.sqlite"))
        await desk.b.restore(tmp_path / "kept.sqlite", tmp_path / "restored.sqlite")
        desk.b.node.retention = RULES
        await settle(desk.a, desk.b)
        await desk.years_pass(1)
        assert (await desk.run()).destroyed == {YEAR.name: 1}
        assert desk.row(note).body is None
        found = await desk.verify()
        assert (found["incarnations"], found["destroyed"]) == (2, 1)

    play(scene)


def test_drafts_are_no_correspondence_and_stay(play: Any) -> None:
    """A rule is about notes; a draft is thrown away by whoever wrote it."""

    async def scene(desk: Desk) -> None:
        made = draft.Draft(form=1, office="duty", to=("XA/duty",), lines={10: "drill"}, written_in="en", officer="o")
        await draft.save(desk.b.node, made)
        await desk.years_pass(20)
        await desk.run()
        assert len(draft.listed(desk.b.node)) == 1

    play(scene)
