"""The whole story with both nodes' stores on Debian's PostgreSQL; then init, backup, restore and doctor there."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from parley.backstage import Backstage
from parley.doors.cli import demo
from parley.doors.cli.stage import Telling
from parley.outside.settings import Home, Settings
from parley.outside.store import StoreProblem, open_store

from ..outside.store.cluster import Cluster

pytestmark = pytest.mark.postgres
SECRET = "a passphrase"


class OnPostgres(Backstage):
    """Founds every node with a schema of its own as its store."""

    cluster: Cluster

    def settings(self, **fields: Any) -> Settings:
        return super().settings(**fields, store=self.cluster.new_schema())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for this module."""
    server = Cluster()
    yield server
    server.remove()


@pytest.fixture
def backstage(cluster: Cluster) -> OnPostgres:
    OnPostgres.cluster = cluster
    return OnPostgres(cheap=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for the names of sockets."""
    made = Path(tempfile.mkdtemp(prefix="pp-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def home(backstage: OnPostgres, folder: Path) -> Home:
    """A founded node, not serving."""
    return backstage.found_for_demonstration(folder, "XA", "amal", "en", SECRET)


def test_the_story_of_the_demonstration_is_the_same(backstage: OnPostgres, folder: Path, cluster: Cluster) -> None:
    """Note, read-back, clarification, answer, checkpoints, an archive that an outsider verifies."""
    found = demo.play(backstage, folder, Telling(quiet=True, pauses=False), 6)
    told = ("differing_line", "understood", "acted", "journals_verified", "outsider_verified")
    assert [found[name] for name in told] == [6, True, True, True, True]
    for party in ("XA", "XB"):
        assert not Home(folder / party).store.exists()  # the control: nothing went to SQLite instead
        store = Home(folder / party).settings().store
        ((notes,),) = cluster.ask("SELECT count(*) FROM notes", store)
        assert notes == 4


def test_doctor_speaks_of_the_server_and_a_backup_of_a_running_node_is_a_file(
    backstage: OnPostgres, home: Home, folder: Path
) -> None:
    process = backstage.serve_apart(home, SECRET)
    try:
        rows = backstage.doctor(home)
        assert any(row["what"].startswith("store: postgresql ") for row in rows)
        assert [row for row in rows if not row["ok"] and row["what"].startswith("store")] == []
        assert backstage.call(home, "backup", path=str(folder / "XA.backup"))
    finally:
        backstage.end(process)
    assert (folder / "XA.backup").read_bytes().startswith(b"SQLite format 3\0")


def test_a_backup_is_restored_into_an_empty_database_and_the_node_goes_on_under_a_new_incarnation(
    backstage: OnPostgres, home: Home, folder: Path, cluster: Cluster
) -> None:
    backstage.call(home, "backup", lambda: SECRET, path=str(folder / "XA.backup"))
    before = backstage.call(home, "status")
    with pytest.raises(StoreProblem) as told:  # nothing is put over what is there
        backstage.restore(home, folder / "XA.backup")
    assert told.value.key == "store.not_empty"
    assert backstage.call(home, "status") == before

    move(home, cluster.new_schema())
    made = backstage.restore(home, folder / "XA.backup")
    assert made["kept"] == before["journal"]
    process = backstage.serve_apart(home, SECRET)
    try:
        assert backstage.call_running(home, "verify")["incarnations"] == 2
    finally:
        backstage.end(process)


def test_a_store_on_sqlite_moves_to_postgresql_by_backup_and_restore(folder: Path, cluster: Cluster) -> None:
    """A ministry that outgrows one machine: `store` is set, the backup restored, the old file stays where it is."""
    backstage = Backstage(cheap=True)
    home = backstage.found_for_demonstration(folder, "XA", "amal", "en", SECRET)
    backstage.call(home, "backup", lambda: SECRET, path=str(folder / "XA.backup"))
    move(home, cluster.new_schema())
    backstage.restore(home, folder / "XA.backup")
    assert backstage.call(home, "verify")["incarnations"] == 2
    assert backstage.call(home, "particulars")["version"] == 1


def move(home: Home, address: str) -> None:
    """Another store in the settings."""
    lines = [line for line in home.settings_file.read_text().splitlines() if not line.startswith("store ")]
    home.settings_file.write_text("\n".join([f'store = "{address}"', *lines]) + "\n")


def nowhere(cluster: Cluster, folder: Path, backstage: Backstage) -> str:
    return f"postgresql://parley@/parley?host={folder}"


def of_another(cluster: Cluster, folder: Path, backstage: Backstage) -> str:
    return backstage.found_for_demonstration(folder / "other", "XB", "boris", "en", SECRET).settings().store


def of_itself(cluster: Cluster, folder: Path, backstage: Backstage) -> str:
    return backstage.found_for_demonstration(folder / "before", "XA", "amal", "en", SECRET).settings().store


PLACES: dict[str, tuple[Callable[[Cluster, Path, Backstage], str], str]] = {
    "no server answers": (nowhere, "store.unreachable"),
    "another node's store is there": (of_another, "store.other_node"),
    "this node's store is there": (of_itself, "store.not_empty"),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_node_is_not_founded_on_a_database_that_will_not_do_and_can_be_founded_elsewhere_then(
    backstage: OnPostgres, folder: Path, cluster: Cluster, case: str
) -> None:
    """No half-made folder is left in the way of the second attempt."""
    place, key = PLACES[case]
    (folder / "other").mkdir()
    (folder / "before").mkdir()
    address, home = place(cluster, folder, backstage), Home(folder / "XA")
    plain = Backstage(cheap=True)
    founder = plain.founder("amal", SECRET, SECRET)
    with pytest.raises(StoreProblem) as told:
        plain.found(home, plain.settings(party="XA", store=address), founder)
    assert told.value.key == key
    assert "parley@" not in str(told.value)  # an address may hold a password
    assert [path.name for path in home.path.iterdir() if not path.name.endswith(".lock")] == []
    plain.found(home, plain.settings(party="XA", store=cluster.new_schema()), founder)
    assert plain.call(home, "status")["journal"] == 1


def test_two_nodes_never_write_to_one_database(home: Home) -> None:
    async def both() -> None:
        first = open_store(home.settings().store)
        try:
            with pytest.raises(StoreProblem) as told:
                open_store(home.settings().store)
            assert told.value.key == "store.in_use"
        finally:
            await first.close()

    asyncio.run(both())


def test_a_running_node_says_when_its_server_is_gone_and_goes_on_when_it_is_back(
    backstage: OnPostgres, home: Home, cluster: Cluster
) -> None:
    process = backstage.serve_apart(home, SECRET)
    try:
        cluster.stop()
        with pytest.raises(Exception, match="database"):
            backstage.call_running(home, "status")
        cluster.start()
        assert backstage.call_running(home, "status")["journal"] > 0
        assert process.poll() is None
    finally:
        with psycopg.connect(cluster.address()):
            backstage.end(process)
