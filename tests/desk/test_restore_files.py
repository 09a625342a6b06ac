"""Putting a backup in place of a store, on a real file system: what is kept, what is refused, what a crash leaves."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parley import restoring
from parley.backstage import Backstage
from parley.desk import restore
from parley.journal import LeafKind, read_checkpoint
from parley.journal.incarnation import read_incarnation
from parley.outside.settings import Home
from parley.outside.store import StoreProblem, open_sqlite
from parley.seal import peek

SECRET = "a passphrase"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a node XA that was never served."""
    folder = tmp_path_factory.mktemp("founded")
    return Backstage(cheap=True).found_for_demonstration(folder, "XA", "officer", "en", SECRET).path


class Bench:
    """A node in a folder, and what the tests look at."""

    def __init__(self, path: Path) -> None:
        self.home, self.backstage, self.file = Home(path), Backstage(cheap=True), path.parent / "backup.sqlite"

    def call(self, verb: str, **args: Any) -> Any:
        return self.backstage.call(self.home, verb, lambda: SECRET, **args)

    def backup(self) -> None:
        self.call("backup", path=str(self.file))

    def restore(self) -> dict[str, Any]:
        return self.backstage.restore(self.home, self.file)

    def store(self, read: Callable[[Any], Any]) -> Any:
        async def look() -> Any:
            store = open_sqlite(self.home.store)
            try:
                return store.look(read), store.origin
            finally:
                await store.close()

        return asyncio.run(look())


@pytest.fixture
def node(founded: Path, tmp_path: Path) -> Bench:
    """A copy of the founded node."""
    shutil.copytree(founded, tmp_path / "XA")
    return Bench(tmp_path / "XA")


def test_the_backup_takes_the_place_of_the_store_and_what_it_replaces_is_kept(node: Bench) -> None:
    node.backup()
    before, origin = node.store(lambda look: look.leaf_count())
    node.call("draft_save", fields=draft())
    made = node.restore()
    assert made["kept"] == before
    found, now = node.store(lambda look: (look.incarnations(), look.leaf(0).kind, look.records("draft")))
    assert found == ([origin.incarnation, now.incarnation], LeafKind.INCARNATION, [])
    assert now.incarnation.hex() == made["incarnation"]
    replaced = Path(made["replaced"])
    assert replaced.exists()
    assert not Path(f"{replaced}-wal").exists() or Path(f"{replaced}-wal").stat().st_size == 0
    assert [path.name for path in node.home.path.glob("restoring*")] == []


def draft() -> dict[str, Any]:
    return {
        "form": 1,
        "office": "duty",
        "to": ("XB/duty",),
        "lines": {10: "drill"},
        "written_in": "en",
        "officer": "officer",
        "exercise": True,
    }


def test_the_restored_node_opens_unlocks_and_verifies(node: Bench) -> None:
    node.backup()
    node.restore()
    found = node.call("verify")
    assert (found["incarnations"], found["checkpoints"]) == (2, 1)
    assert node.call("status")["party"] == "XA"


def test_a_later_checkpoint_of_the_replaced_store_is_linked(node: Bench) -> None:
    """The node itself still holds it, so the new incarnation says what it continues from there."""
    node.backup()
    kept, _ = node.store(lambda look: look.leaf_count())
    node.call("show_checkpoint")  # over the same entries
    node.call("contact_add", fields={"party": "XC", "office": "duty", "language": "fr", "entered_by": "officer"})

    async def grow() -> None:
        from parley import wiring
        from parley.desk import witness

        async with wiring.open_node(node.home) as opened:
            await opened.store.write(
                lambda tx: opened.write_leaf(tx, LeafKind.READ, bytes(32), opened.clock()), point="grow"
            )
            await witness.checkpoint(opened)

    asyncio.run(grow())
    made = node.restore()
    signed, _ = node.store(lambda look: look.record(restore.KIND, made["incarnation"]))
    link = read_incarnation(peek(signed).payload).checkpoint
    assert link is not None
    assert read_checkpoint(link)[0].size == kept + 1


def test_a_node_without_any_store_is_restored_too(node: Bench) -> None:
    """The disk was replaced: only the key files and the backup came back."""
    node.backup()
    node.home.store.unlink()
    assert node.restore()["replaced"] == ""
    assert node.call("verify")["incarnations"] == 2


def test_restoring_twice_opens_two_incarnations(node: Bench) -> None:
    node.backup()
    first, second = node.restore(), node.restore()
    assert first["incarnation"] != second["incarnation"]
    assert first["replaced"] != second["replaced"]
    assert node.call("verify")["incarnations"] == 2


def spoil_bytes(node: Bench) -> None:
    node.file.write_bytes(b"not a store at all" * 100)


def spoil_page(node: Bench) -> None:
    data = bytearray(node.file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    node.file.write_bytes(data)


def remove(node: Bench) -> None:
    node.file.unlink()


def other_party(node: Bench) -> None:
    text = node.home.settings_file.read_text("utf-8").replace('"XA"', '"XB"')
    node.home.settings_file.write_text(text, "utf-8")


REFUSED: dict[str, tuple[Callable[[Bench], None], str]] = {
    "a file that is no backup": (spoil_bytes, "store.not_ours"),
    "a damaged backup": (spoil_page, "store.damaged"),
    "no such file": (remove, "store.unreadable"),
    "the backup of another party": (other_party, "store.other_node"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_restored_is_refused_and_the_store_stays(node: Bench, case: str) -> None:
    spoil, problem = REFUSED[case]
    node.backup()
    before = node.store(lambda look: look.leaf_hashes(0, 99))
    spoil(node)
    with pytest.raises(StoreProblem) as raised:
        node.restore()
    assert raised.value.key == problem
    assert node.store(lambda look: look.leaf_hashes(0, 99)) == before
    assert [path.name for path in node.home.path.glob("*restor*")] == []
    assert [path.name for path in node.home.path.glob("*replaced*")] == []


def test_a_store_in_use_is_not_replaced(node: Bench) -> None:
    node.backup()

    async def hold() -> None:
        store = open_sqlite(node.home.store)
        try:
            with pytest.raises(StoreProblem) as raised:
                await restoring.restore(node.home, node.file, 1)
            assert raised.value.key == "store.in_use"
        finally:
            await store.close()

    asyncio.run(hold())


@pytest.mark.parametrize("place", range(3))
def test_a_crash_on_the_way_leaves_no_store_under_its_old_name_and_the_next_try_succeeds(
    node: Bench, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """Whatever was cut off: the old store whole, or none. Never the backup under the incarnation of before."""
    node.backup()
    Path(f"{node.home.store}-wal").write_bytes(b"a log that was left")
    renames: list[str] = []
    real = os.rename

    def rename(source: Any, target: Any) -> None:
        if Path(target).parent == node.home.path and not Path(target).name.startswith(("restoring", ".")):
            if len(renames) == place:
                raise KeyboardInterrupt
            renames.append(str(source))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        node.restore()
    monkeypatch.undo()
    assert node.home.store.exists() == (place == 0)
    if place == 0:
        Path(f"{node.home.store}-wal").unlink()
    made = node.restore()
    found, now = node.store(lambda look: look.incarnations())
    assert now.incarnation.hex() == made["incarnation"]
    assert len(found) == 2
