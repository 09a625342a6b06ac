"""What lies on the disk after notes were exchanged: none of their words, none of their codes, none of the keys.

A real SQLite store with its write-ahead log, a backup, and the file of the day keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parley.desk import draft, freshen, prekeys, read, read_back
from parley.desk.node import Vault
from parley.desk.receive import receive
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.ports import Origin
from parley.line.receipt import Stage, read_receipt
from parley.outside.keys.day_keys import DayKeys
from parley.outside.store import open_sqlite
from parley.seal import SealProblem, digest, open_sealed, peek, seal
from parley.testing import DAY, FakeClock, SimulatedParty

WORDS = "The canary sang at the hospital of Almara"
CODES = ("after-outage", "stop-traffic", "courtesy")
LOUD = "Director Canary: lives are at stake"


class AtRest:
    """XB with its store and day keys in a folder, and XA in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.a = SimulatedParty("XA", self.clock)
        store = open_sqlite(folder / "store.sqlite", Origin("XB", "node-1", bytes(range(16))))
        self.b = SimulatedParty("XB", self.clock, store=store)

    async def start(self) -> None:
        await self.a.start()
        await self.b.start(locked=True)
        archive_key = self.b.rng(32)
        self.vault = Vault(archive_key, DayKeys.create(self.folder / "days.key", archive_key, self.b.rng))
        await freshen.unlock(self.b.node, self.vault)
        await self.a.meet(self.b)

    def files(self) -> dict[str, bytes]:
        """Everything in the folder, by name; a backup among it."""
        self.b.node.store.backup(str(self.folder / "backup.sqlite"))
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def secrets(self) -> dict[str, bytes]:
        """Every key that must not lie about."""
        found = {f"prekey {key_id.hex()[:8]}": key.seed for key_id, key in self.vault.opening.items()}
        found["archive key"] = self.vault.archive_key
        found |= {f"day {day}": key for day, key in self.vault.day_keys._keys.items()}
        return found


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Any], None]:
    """Runs a scene between XB, on a disk, and XA."""

    def run(scene: Any) -> None:
        async def main() -> None:
            rest = AtRest(tmp_path)
            await rest.start()
            try:
                await scene(rest)
            finally:
                await rest.b.node.store.close()

        asyncio.run(asyncio.wait_for(main(), 60))

    return run


async def exchange(rest: AtRest) -> None:
    """Notes both ways, read, read back; a draft; a note composed and never signed; one sent with an override."""
    a, b = rest.a, rest.b
    await a.write(b, 90, {10: "courtesy", 11: ["en", WORDS], 12: "call"})
    ours = await b.write(a, 90, {10: "courtesy", 11: ["en", WORDS], 12: "call"}, override=LOUD)
    await b.write(a, 1, {10: "after-outage"})
    await a.deliver_to(b)
    await b.deliver_to(a)
    await a.deliver_to(b)
    theirs = b.node.store.look(lambda look: look.notes(direction="in"))[0]
    await read.read(b.node, theirs.note_id.hex(), "fr", officer="officer")
    questions = read_back.ask(b.node, theirs.note_id.hex(), "fr")
    answers = {question.line: "cannot-tell" for question in questions}
    await read_back.give(
        b.node, theirs.note_id.hex(), answers, language="fr", role="duty officer", seconds=9, by_person=True
    )
    await b.deliver_to(a)
    made = draft.Draft(
        form=90,
        office="duty",
        to=("XA/duty",),
        lines={10: "courtesy", 11: ["en", WORDS], 12: "call"},
        written_in="en",
        officer="officer",
        exercise=True,
    )
    await draft.save(b.node, made)
    from parley.desk.compose import compose

    await compose(b.node, made)
    assert ours


def test_neither_words_nor_codes_nor_keys_are_readable_in_any_file(play: Any) -> None:
    """Database, write-ahead log, backup, day keys."""

    async def scene(rest: AtRest) -> None:
        await exchange(rest)
        files = rest.files()
        assert {"store.sqlite", "backup.sqlite", "days.key"} <= set(files)
        assert any(name.endswith("-wal") and content for name, content in files.items())
        for name, content in files.items():
            for piece in (WORDS, "canary", *CODES, LOUD):
                assert piece.encode() not in content, (name, piece)
            for what, secret in rest.secrets().items():
                assert secret not in content, (name, what)
                assert secret.hex().encode() not in content, (name, what)

    play(scene)


def test_the_search_finds_a_canary_that_is_there(play: Any) -> None:
    """The control: what is put into the store in clear is found in it, in the log, and in the backup."""

    async def scene(rest: AtRest) -> None:
        await rest.b.node.store.write(lambda tx: tx.put("canary", "here", WORDS.encode()), point="canary")
        files = rest.files()
        assert WORDS.encode() in files["backup.sqlite"]
        assert any(WORDS.encode() in content for name, content in files.items() if name.endswith("-wal"))

    play(scene)


def test_an_old_sealed_note_cannot_be_opened_once_its_key_is_erased_even_with_the_backup(
    play: Any, tmp_path: Path
) -> None:
    """The sealed bytes, a backup from when they opened, the archive key and today's day keys together open nothing."""

    async def scene(rest: AtRest) -> None:
        b, vault = rest.b, rest.vault
        key, _ = prekeys.current(b.node, rest.clock())  # type: ignore[misc]
        await rest.a.write(b, 90, {10: "courtesy", 11: ["en", WORDS], 12: "call"})
        row = rest.a.node.store.look(lambda look: look.outbox_next("XB", rest.clock(), most=1, most_bytes=1 << 20))[0]
        old = rest.folder / "old.sqlite"
        b.node.store.backup(str(old))
        assert await open_with(old, rest, row.sealed)  # the control: today it opens
        rest.clock.sleep(b.node.limits.prekey_life + b.node.limits.transit + DAY)
        assert await prekeys.erase_expired(b.node, rest.clock()) >= 1
        assert key.key_id not in vault.opening
        with pytest.raises(SealProblem):
            await open_with(old, rest, row.sealed)
        back = await receive(b.node, "XA", Parcel(items=((int(ItemKind.SEALED), row.sealed),)).to_bytes())
        assert [kind for kind, _ in read_parcel(back).items]
        held = b.node.store.look(lambda look: look.held(digest(row.sealed)))
        assert held is not None
        assert held.stage == Stage.UNOPENABLE
        assert [e.stage for e in read_receipt(peek(held.receipt).payload).entries] == [Stage.UNOPENABLE]

    play(scene)


async def open_with(backup: Path, rest: AtRest, sealed: bytes) -> bytes:
    """Open sealed bytes with what a backup holds, the archive key, and the file of day keys as it is now."""
    copy = backup.with_name("copy.sqlite")
    copy.write_bytes(backup.read_bytes())
    store = open_sqlite(copy)
    try:
        keys = DayKeys.open(rest.folder / "days.key", rest.vault.archive_key, rest.b.rng)
        node = SimulatedParty("XB", rest.clock, store=store).node
        vault = Vault(rest.vault.archive_key, keys)
        prekeys.load(node, vault)
        return open_sealed(sealed, vault.opening)
    finally:
        await store.close()
        for left in backup.parent.glob("copy.sqlite*"):
            left.unlink()


def test_a_one_time_key_is_gone_with_the_note_that_used_it(play: Any) -> None:
    """From memory and from the database: the same bytes are known, but cannot be opened again."""

    async def scene(rest: AtRest) -> None:
        b = rest.b
        key, _ = await b.node.store.write(
            lambda tx: prekeys.new_prekey(b.node, tx, rest.clock(), for_party="XA"), point="prekey"
        )
        sent = await rest.a.write(b, 1, {10: "timetable"})
        from parley.desk.find import find, signed_of

        sealed = seal(signed_of(rest.a.node, find(rest.a.node, sent.hex())), key.public)
        await receive(b.node, "XA", Parcel(items=((int(ItemKind.SEALED), sealed),)).to_bytes())
        assert b.node.store.look(lambda look: look.note(sent)) is not None
        assert key.key_id not in rest.vault.opening
        assert b.node.store.look(lambda look: look.record("prekey", key.key_id.hex())) is None

    play(scene)
