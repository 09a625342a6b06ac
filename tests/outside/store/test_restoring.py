"""A node whose store is a PostgreSQL database is restored into an empty one, under a new incarnation, in one step."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from parley import restoring
from parley.backstage import Backstage
from parley.outside.settings import Home
from parley.outside.store import StoreProblem, open_store

from .cluster import Cluster


@pytest.mark.postgres
def test_a_backup_is_restored_into_an_empty_database_and_into_no_other(cluster: Cluster, tmp_path: Path) -> None:
    """It never stands there under its former incarnation: the new one is in what the database is filled with."""
    backstage = Backstage(cheap=True)
    made = backstage.found_for_demonstration(tmp_path, "XA", "officer", "en", "a passphrase")
    backup = tmp_path / "backup.sqlite"
    backstage.call(made, "backup", lambda: "a passphrase", path=str(backup))
    shutil.copytree(made.path, tmp_path / "server")
    home = Home(tmp_path / "server")
    address = cluster.new_schema()
    text = home.settings_file.read_text("utf-8").replace('store = ""', f'store = "{address}"')
    home.settings_file.write_text(text, "utf-8")
    assert home.settings().store == address

    async def story() -> None:
        begun, replaced = await restoring.restore(home, backup, 1)
        assert replaced is None
        store = open_store(address)
        try:
            assert store.origin.incarnation == begun.incarnation
            assert len(store.look(lambda look: look.incarnations())) == 2
        finally:
            await store.close()
        with pytest.raises(StoreProblem) as raised:
            await restoring.restore(home, backup, 2)
        assert raised.value.key == "store.not_empty"

    asyncio.run(story())
