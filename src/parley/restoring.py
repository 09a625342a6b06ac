"""Restoring: a backup is put in place of a node's store, under a new incarnation.

The backup is copied and checked beside the store, the new incarnation is opened in the copy, and only then does the
copy take the store's place; what it replaces is kept beside it. Whatever fails or is cut off on the way leaves the old
store, or none, so that the backup can be put back once more; never a store that goes on under its old name.
Left out: what the incarnation says and asking the peers (desk/restore). Keys are not in a backup and stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from parley.desk import learn
from parley.desk.restore import Begun, open_incarnation
from parley.desk.witness import KIND as CHECKPOINT
from parley.line.ports import Origin
from parley.outside.durable import sync_folder
from parley.outside.keys.files import read_node
from parley.outside.settings import Home, Settings
from parley.outside.store import StoreProblem, open_store, read_sqlite, restore_postgres, restore_sqlite
from parley.outside.store.lock import StoreLock
from parley.seal import SigningKey

_BESIDE = ("", "-wal", "-shm")


async def restore(
    home: Home, backup: Path, now: int, *, rng: Callable[[int], bytes] = os.urandom
) -> tuple[Begun, Path | None]:
    """Put `backup` in place of the store of the node in `home`; returns what began, and where the replaced store is.

    Raises SettingsProblem, KeysProblem, StoreProblem: ``in_use`` while the node serves, ``unreadable``, ``not_ours``,
    ``damaged``, ``other_node`` for the backup of another node, ``not_empty`` for a PostgreSQL database with content.
    """
    settings, key = home.settings(), read_node(home.node_key).signing
    lock = StoreLock(home.store)
    copy = home.path / "restoring.sqlite"
    try:
        _remove(copy)
        restore_sqlite(backup, copy)
        if settings.store:
            return await _into_postgres(settings, key, copy, now, rng), None
        begun = await _open_incarnation(settings, key, copy, now, rng, home.store)
        return begun, _swap(copy, home.store, now)
    finally:
        _remove(copy)
        lock.release()


async def _open_incarnation(
    settings: Settings, key: SigningKey, copy: Path, now: int, rng: Callable[[int], bytes], replaced: Path | None
) -> Begun:
    store = open_store(copy, Origin(settings.party, settings.node, rng(16)))
    try:
        directory = learn.load_directory(store.look(lambda look: look.records(learn.KIND)), settings.party)
        former = store.look(lambda look: look.incarnations())[-1]
        also = await _checkpoints(replaced, former) if replaced is not None else []
        return await open_incarnation(store, directory, key, now=now, rng=rng, also=also)
    finally:
        await store.close()


async def _checkpoints(replaced: Path, former: bytes) -> list[str]:
    """Later checkpoints than the backup's, if the store that is replaced can still be read."""
    try:
        old = read_sqlite(replaced)
    except StoreProblem:
        return []
    try:
        return [text.decode() for _, text in old.look(lambda look: look.records(CHECKPOINT, former.hex()))]
    except StoreProblem:
        return []
    finally:
        await old.close()


async def _into_postgres(
    settings: Settings, key: SigningKey, copy: Path, now: int, rng: Callable[[int], bytes]
) -> Begun:
    """The new incarnation is in what the empty database is filled with, in one transaction."""
    begun = await _open_incarnation(settings, key, copy, now, rng, None)
    restore_postgres(copy, settings.store)
    return begun


def _swap(copy: Path, place: Path, now: int) -> Path | None:
    """The old store first loses its name, with its log: were its log left beside another store, SQLite would write it
    into that one."""
    aside = place.with_name(f"{place.name}.replaced-{now}")
    replaced = place.exists()
    for beside in _BESIDE:
        with suppress(FileNotFoundError):
            os.rename(f"{place}{beside}", f"{aside}{beside}")
    sync_folder(place.parent)
    os.rename(copy, place)
    sync_folder(place.parent)
    return aside if replaced else None


def _remove(copy: Path) -> None:
    for beside in (*_BESIDE, ".lock"):
        Path(f"{copy}{beside}").unlink(missing_ok=True)
