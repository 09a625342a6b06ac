"""Real trouble with a server: killed sessions, lost answers, a second writer, a server that is down."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from parley.line.ports import Tx
from parley.outside.store import Reach, StoreProblem, open_postgres, reach
from parley.outside.store.postgres import explain
from parley.outside.store.postgres_store import PostgresStore

from .cluster import Cluster
from .conftest import Shelf
from .rows import ORIGIN, leaf, outbox

pytestmark = pytest.mark.postgres


def kill_writers(cluster: Cluster) -> int:
    """End every session that holds an advisory lock, as an administrator or a failing network would."""
    rows = cluster.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'")
    return len(rows)


def counts(shelf: Shelf) -> tuple[int, int, int]:
    """Entries of the journal, records, and rows waiting: all must agree with what was acknowledged."""
    leaves, records, peers = shelf.see(lambda look: (look.leaf_count(), len(look.records("k")), look.outbox_peers()))
    shelf.store.check()
    return leaves, records, sum(waiting for _, waiting, _ in peers)


def one_of_each(tx: Tx, name: str) -> int:
    tx.put("k", name, b"")
    tx.enqueue(outbox(name))
    return tx.append(leaf(name))


# sessions that end


def test_a_session_killed_during_a_unit_is_replaced_and_the_unit_done_once(on_server: Shelf, cluster: Cluster) -> None:
    runs = []

    def unit(tx: Tx) -> int:
        index = one_of_each(tx, "a")
        runs.append(index)
        if len(runs) == 1:
            assert kill_writers(cluster) == 1
            tx.put("k", "more", b"")
        return index

    assert on_server.do(unit) == 0
    assert runs == [0, 0]
    assert counts(on_server) == (1, 1, 1)


def test_a_session_killed_every_time_fails_the_unit_and_the_store_goes_on(on_server: Shelf, cluster: Cluster) -> None:
    def unit(tx: Tx) -> None:
        one_of_each(tx, "a")
        kill_writers(cluster)
        tx.put("k", "more", b"")

    with pytest.raises(StoreProblem) as caught:
        on_server.do(unit)
    assert caught.value.key == "store.unreachable"
    assert on_server.do(lambda tx: one_of_each(tx, "b")) == 0
    assert counts(on_server) == (1, 1, 1)


def test_a_session_killed_between_units_is_replaced_unnoticed(on_server: Shelf, cluster: Cluster) -> None:
    on_server.do(lambda tx: one_of_each(tx, "a"))
    on_server.see(lambda look: look.leaf_count())
    cluster.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert on_server.see(lambda look: look.leaf_count()) == 1
    assert on_server.do(lambda tx: one_of_each(tx, "b")) == 1


def test_a_session_killed_just_before_commit_is_replaced_and_the_units_done_once(
    on_server: Shelf, cluster: Cluster
) -> None:
    store = on_server.open()
    killed = []

    def probe(point: str, moment: str) -> None:
        if (point, moment) == ("last", "written") and not killed:
            killed.append(kill_writers(cluster))

    store.probe = probe

    async def several() -> list[int]:
        units = [store.write(lambda tx, n=n: one_of_each(tx, n), point=n) for n in ("first", "second", "last")]  # type: ignore[misc]
        return await asyncio.gather(*units)

    assert on_server.run(several()) == [0, 1, 2]
    assert killed == [1]
    assert counts(on_server) == (3, 3, 3)


# answers that are lost


class Wire:
    """A socket between the store and the server that can fail exactly at a COMMIT.

    `fault`: None, "before" (COMMIT never reaches the server), "answer" (the server did it, nobody hears), "hurry" (the
    client is cut off at once, while the server may still be at it), or "dead" (as "answer", and then for good).
    """

    def __init__(self, cluster: Cluster) -> None:
        self.fault: str | None = None
        self.cut = 0
        self._upstream = str(cluster.folder / ".s.PGSQL.5432")
        self._folder = tempfile.mkdtemp(prefix="parley-wire-", dir="/tmp")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder}/.s.PGSQL.5432")
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def address(self, address: str, cluster: Cluster) -> str:
        return address.replace(quote(str(cluster.folder), safe=""), quote(self._folder, safe=""))

    def close(self) -> None:
        self._listener.close()
        os.unlink(f"{self._folder}/.s.PGSQL.5432")
        os.rmdir(self._folder)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.fault == "dead" and self.cut:
                client.close()
                continue
            Pair(self, client, self._upstream)


class Pair:
    """One connection over the wire."""

    def __init__(self, wire: Wire, client: socket.socket, upstream: str) -> None:
        self.wire = wire
        self.client = client
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(upstream)
        self.deaf = threading.Event()  # the next answer that says COMMIT is not passed on
        self.heard = threading.Event()  # ... and this says that it came
        for work in (self.up, self.down):
            threading.Thread(target=work, daemon=True).start()

    def up(self) -> None:
        while data := _receive(self.client):
            if b"COMMIT\0" in data and self.wire.fault:
                self.fail(data)
                return
            self.server.sendall(data)
        _end(self.server)

    def fail(self, data: bytes) -> None:
        fault = self.wire.fault
        if fault != "dead":
            self.wire.fault = None
        self.wire.cut += 1
        if fault in ("answer", "dead"):
            self.deaf.set()
        if fault != "before":
            self.server.sendall(data)
        if self.deaf.is_set():
            assert self.heard.wait(10)
        _end(self.client)
        _end(self.server)

    def down(self) -> None:
        while data := _receive(self.server):
            if self.deaf.is_set() and b"COMMIT\0" in data:
                self.heard.set()
                return
            with suppress(OSError):
                self.client.sendall(data)
        _end(self.client)


def _receive(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 16)
    except OSError:
        return b""


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@pytest.fixture
def wire(cluster: Cluster) -> Iterator[Wire]:
    """A wire of which nothing is broken yet."""
    wire = Wire(cluster)
    yield wire
    wire.close()


@pytest.fixture
def wired(on_server: Shelf, wire: Wire, cluster: Cluster) -> Shelf:
    """A shelf on the server, reached over the wire."""
    on_server.place = wire.address(on_server.place, cluster)
    return on_server


@pytest.mark.parametrize("fault", ["before", "answer", "hurry"])
def test_a_commit_whose_answer_is_lost_is_done_exactly_once(wired: Shelf, wire: Wire, fault: str) -> None:
    runs = []

    def unit(tx: Tx) -> int:
        runs.append(1)
        return one_of_each(tx, f"u{len(runs)}")

    wired.do(lambda tx: one_of_each(tx, "first"))
    wire.fault = fault
    assert wired.do(unit) == 1
    assert wire.cut == 1
    assert counts(wired) == (2, 2, 2)
    if fault != "hurry":
        assert len(runs) == (2 if fault == "before" else 1)
    assert wired.do(lambda tx: one_of_each(tx, "next")) == 2


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON leaves DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION slow()
"""


def test_a_commit_that_is_still_on_its_way_is_waited_for(
    wired: Shelf, wire: Wire, on_server: Shelf, cluster: Cluster
) -> None:
    """Asked too early the store would take "not yet" for "not" and do the unit again: the lock makes it wait."""
    runs = []

    def unit(tx: Tx) -> int:
        runs.append(1)
        return one_of_each(tx, f"u{len(runs)}")

    wired.do(lambda tx: one_of_each(tx, "first"))
    cluster.ask(SLOW, on_server.place)
    wire.fault = "hurry"
    assert wired.do(unit) == 1
    assert wire.cut == 1
    assert runs == [1]
    assert counts(wired) == (2, 2, 2)


def test_a_commit_cut_off_in_a_hurry_many_times_is_always_done_exactly_once(wired: Shelf, wire: Wire) -> None:
    """The race between our question and a COMMIT still on its way: the lock decides it."""
    wired.open()
    for n in range(15):
        wire.fault = "hurry"
        assert wired.do(lambda tx, n=n: one_of_each(tx, f"u{n}")) == n  # type: ignore[misc]
    assert wire.cut == 15
    assert counts(wired) == (15, 15, 15)


def test_a_commit_whose_outcome_cannot_be_found_out_stops_the_store(
    on_server: Shelf, wire: Wire, cluster: Cluster
) -> None:
    store = open_postgres(wire.address(on_server.place, cluster), ORIGIN, patience_s=0.3)
    on_server.stores.append(store)
    on_server.do(lambda tx: one_of_each(tx, "first"))
    wire.fault = "dead"
    for _ in range(2):
        with pytest.raises(StoreProblem, match="outcome of the last commit is unknown") as caught:
            on_server.do(lambda tx: one_of_each(tx, "second"))
        assert caught.value.key == "store.stopped"
    with pytest.raises(StoreProblem, match="unknown"):
        on_server.see(lambda look: look.leaf_count())
    on_server.close()
    again = open_postgres(on_server.place, ORIGIN)  # a restart reads it back
    on_server.stores.append(again)
    assert counts(on_server) == (2, 2, 2)


# a second writer


def test_a_second_writer_is_refused(on_server: Shelf) -> None:
    on_server.do(lambda tx: one_of_each(tx, "a"))
    with pytest.raises(StoreProblem, match="already open") as caught:
        open_postgres(on_server.place, ORIGIN)
    assert caught.value.key == "store.in_use"
    on_server.close()
    on_server.open()
    assert on_server.do(lambda tx: one_of_each(tx, "b")) == 1


def test_stores_in_two_schemas_of_one_database_do_not_hinder_each_other(on_server: Shelf, cluster: Cluster) -> None:
    on_server.do(lambda tx: one_of_each(tx, "a"))
    other = Shelf("postgres", cluster.new_schema())
    assert other.do(lambda tx: one_of_each(tx, "a")) == 0
    other.end()


def engine_of(store: object) -> psycopg.Connection[tuple[object, ...]]:
    """The writer's own session, to take its lock away as a failing network would."""
    connection: psycopg.Connection[tuple[object, ...]] = store._writer._engine._connection  # type: ignore[attr-defined]
    return connection


def test_a_writer_that_lost_its_lock_cannot_commit_once_another_took_over(on_server: Shelf) -> None:
    old = on_server.open()
    on_server.do(lambda tx: one_of_each(tx, "a"))
    engine_of(old).execute("SELECT pg_advisory_unlock_all()")
    new = on_server.open()
    assert on_server.do(lambda tx: one_of_each(tx, "b")) == 1
    for _ in range(2):
        with pytest.raises(StoreProblem, match="another writer has taken over") as caught:
            on_server.run(old.write(lambda tx: one_of_each(tx, "c"), point="fenced"))
        assert caught.value.key == "store.stopped"
    assert new.look(lambda look: look.leaf_count()) == 2


def test_a_new_writer_waits_for_the_unit_that_the_old_one_is_committing(on_server: Shelf) -> None:
    """The epoch's row is locked by each transaction, so the old one is wholly before the new epoch or not at all."""
    old = on_server.open()
    engine_of(old).execute("SELECT pg_advisory_unlock_all()")
    opened: list[PostgresStore] = []
    opener = threading.Thread(target=lambda: opened.append(open_postgres(on_server.place, ORIGIN)))

    def unit(tx: Tx) -> bool:
        one_of_each(tx, "a")
        opener.start()
        opener.join(0.5)
        return bool(opened)

    assert on_server.do(unit) is False
    opener.join(10)
    assert opened[0].look(lambda look: look.leaf_count()) == 1
    on_server.stores.append(opened[0])
    with pytest.raises(StoreProblem, match="taken over"):
        on_server.run(old.write(lambda tx: None, point="fenced"))


def test_a_killed_writer_cannot_come_back_while_another_writes_nor_after(on_server: Shelf, cluster: Cluster) -> None:
    old = on_server.open()
    on_server.do(lambda tx: one_of_each(tx, "a"))
    assert kill_writers(cluster) == 1
    on_server.open()
    assert on_server.do(lambda tx: one_of_each(tx, "b")) == 1
    with pytest.raises(StoreProblem, match="holds the lock") as caught:
        on_server.run(old.write(lambda tx: one_of_each(tx, "c"), point="late"))
    assert caught.value.key == "store.unreachable"
    on_server.close()
    with pytest.raises(StoreProblem, match="taken over"):
        on_server.run(old.write(lambda tx: one_of_each(tx, "c"), point="late"))
    on_server.open()
    assert counts(on_server) == (2, 2, 2)


# the server


def test_a_server_that_is_down_fails_units_and_reads_and_is_found_again(on_server: Shelf, cluster: Cluster) -> None:
    on_server.do(lambda tx: one_of_each(tx, "a"))
    cluster.stop()
    try:
        for _ in range(2):
            with pytest.raises(StoreProblem) as caught:
                on_server.do(lambda tx: one_of_each(tx, "b"))
            assert caught.value.key == "store.unreachable"
            with pytest.raises(StoreProblem) as caught:
                on_server.see(lambda look: look.leaf_count())
            assert caught.value.key == "store.unreachable"
    finally:
        cluster.start()
    assert on_server.do(lambda tx: one_of_each(tx, "b")) == 1
    assert counts(on_server) == (2, 2, 2)


def test_no_server_at_all_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreProblem) as caught:
        open_postgres(f"postgresql://parley@/postgres?host={tmp_path}", ORIGIN)
    assert caught.value.key == "store.unreachable"


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_forget_is_refused(on_server: Shelf, cluster: Cluster, setting: str) -> None:
    restore = cluster.settings({setting: "off"})
    try:
        with pytest.raises(StoreProblem, match=setting) as caught:
            on_server.open()
        assert caught.value.key == "store.not_durable"
    finally:
        restore()


def test_a_server_that_confirms_early_is_told_not_to(on_server: Shelf, cluster: Cluster) -> None:
    restore = cluster.settings({"synchronous_commit": "off"})
    try:
        store = on_server.open()
        assert store.facts().settings["synchronous_commit"] == "on"
        said = engine_of(store).execute("SHOW synchronous_commit").fetchone()
        assert said == ("on",)
    finally:
        restore()


def test_a_database_that_cannot_hold_every_language_is_refused(cluster: Cluster) -> None:
    cluster.ask("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    try:
        with pytest.raises(StoreProblem, match="LATIN1") as caught:
            open_postgres(cluster.address("narrow"), ORIGIN)
        assert caught.value.key == "store.not_unicode"
    finally:
        cluster.ask("DROP DATABASE narrow WITH (FORCE)")


def test_a_store_of_a_newer_release_is_left_alone(on_server: Shelf, cluster: Cluster) -> None:
    on_server.do(lambda tx: one_of_each(tx, "a"))
    on_server.close()
    cluster.ask("UPDATE about SET version = 999", on_server.place)
    with pytest.raises(StoreProblem, match="version 999"):
        open_postgres(on_server.place, ORIGIN)


STATES: dict[str, tuple[type[psycopg.Error], Reach]] = {
    "disk full": (psycopg.errors.DiskFull, Reach.GROUP),
    "out of memory": (psycopg.errors.OutOfMemory, Reach.GROUP),
    "too many connections": (psycopg.errors.TooManyConnections, Reach.GROUP),
    "administrator": (psycopg.errors.AdminShutdown, Reach.GROUP),
    "no connection": (psycopg.OperationalError, Reach.GROUP),
    "lock not available": (psycopg.errors.LockNotAvailable, Reach.GROUP),
    "page damaged": (psycopg.errors.DataCorrupted, Reach.STORE),
    "index damaged": (psycopg.errors.IndexCorrupted, Reach.STORE),
    "input/output": (psycopg.errors.IoError, Reach.STORE),
    "row refused": (psycopg.errors.UniqueViolation, Reach.UNIT),
    "defect of ours": (psycopg.errors.UndefinedTable, Reach.UNIT),
}


@pytest.mark.parametrize("case", STATES)
def test_errors_reach_as_far_as_they_must(case: str) -> None:
    error, far = STATES[case]
    assert reach(explain(error("words of the server"))) is far


def test_a_commit_that_the_server_answers_with_rollback_is_not_taken_for_one(on_server: Shelf) -> None:
    """An aborted transaction is "committed" without an error; only the answer tells."""
    store = on_server.open()

    def unit(tx: Tx) -> None:
        tx.put("k", "a", b"")

    def probe(point: str, moment: str) -> None:
        if moment == "written":
            with pytest.raises(psycopg.errors.SyntaxError):
                engine_of(store).execute("nonsense")

    store.probe = probe
    with pytest.raises(StoreProblem, match="COMMIT answered ROLLBACK"):
        on_server.do(unit)
