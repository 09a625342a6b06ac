"""Real trouble with a file: power cuts, a full disk, an fsync that fails, a damaged page, a file that is not ours."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from parley.outside.store import StoreProblem, open_sqlite, read_sqlite
from parley.outside.store.sqlite import WORDS
from parley.outside.store.tables import MIGRATIONS, statements

from .conftest import Shelf
from .rows import ORIGIN, add_note, leaf
from .under_shim import Machine

WORKER = """
import asyncio, os, sys
from hashlib import sha256
from parley.journal import Leaf, LeafKind
from parley.line.ports import Origin, OutboxRow
from parley.outside.store import StoreProblem, open_sqlite, sqlite_store

name, tasks, units = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
kill_at = tuple(sys.argv[4].split()) if len(sys.argv) > 4 else ()

def say(*words):
    # One write for one line: a kill in the middle of print could leave half a name, which would look like another.
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def prepare(connection, careful=sqlite_store.make_writer):
    careful(connection)
    if "no-fsync" in os.environ.get("SABOTAGE", ""):
        connection.execute("PRAGMA synchronous = OFF")
sqlite_store.make_writer = prepare

def unit_for(key):
    digest = sha256(key.encode()).digest()
    def unit(tx):
        tx.append(Leaf(LeafKind.NOTE_OUT, 1, digest, digest))
        tx.put("done", key, digest)
        tx.enqueue(OutboxRow(seq=0, peer="XB", precedence=0, kind="note", object_id=digest, digest=digest,
                             sealed=digest * 90, attempts=0, due=0))
    return unit

async def main():
    try:
        store = open_sqlite("store.db", Origin("XA", "node-1", b"incarnation"))
    except StoreProblem as problem:
        say("refused", problem.key, "at opening")
        return
    left = 3
    def probe(point, moment):
        nonlocal left
        if (point, moment) == kill_at:
            left -= 1
            if not left:
                os.kill(os.getpid(), 9)
    store.probe = probe
    async def work(k):
        for n in range(units):
            key = f"{name}.{k}.{n}"
            try:
                await store.write(unit_for(key), point="load")
            except StoreProblem as problem:
                say("refused", problem.key, key)
                if problem.key == "store.stopped":
                    return
            else:
                say("ack", key)
    await asyncio.gather(*(work(k) for k in range(tasks)))
    try:
        say("look", store.look(lambda look: look.leaf_count()))
    except StoreProblem as problem:
        say("look", problem.key)
    if "close" in os.environ.get("ENDING", ""):
        await store.close()
    else:
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""


def acks(out: str) -> set[str]:
    return {line.split()[1] for line in out.splitlines() if line.startswith("ack ")}


def kept(place: Path) -> set[str]:
    """What a store that opens still holds; a store that does not open holds nothing."""
    try:
        store = open_sqlite(place, check=True)
    except StoreProblem:
        return set()
    found = store.look(lambda look: (look.records("done"), look.leaf_count(), look.outbox_peers()))
    _close(store)
    records, leaves, peers = found
    assert len(records) == leaves == sum(rows for _, rows, _ in peers)
    return {key for key, _ in records}


def _close(store: object) -> None:
    import asyncio

    asyncio.run(store.close())  # type: ignore[attr-defined]


# power cuts


def test_no_acknowledged_unit_is_lost_in_any_of_several_power_cuts(machine: Machine) -> None:
    dice = random.Random(7)
    told: set[str] = set()
    for round in range(6):
        process = machine.start(WORKER, f"r{round}", "8", "100000")
        assert process.stdout is not None
        wanted = dice.randrange(1, 120)
        lines = []
        while len(lines) < wanted:
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()[1]
        process.kill()
        lines += process.stdout.read().splitlines()
        process.communicate()
        told |= acks("\n".join(lines))
        machine.cut_power(keep=dice.choice([0, 0, 0.3, 0.9]))
    assert told
    assert told <= kept(machine.folder / "store.db")


@pytest.mark.parametrize("sabotage", ["no-fsync", "lie"])
def test_with_sabotage_acknowledged_units_are_lost(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, sabotage: str
) -> None:
    """The control of the test above."""
    monkeypatch.setenv("SABOTAGE", sabotage)
    told = acks(machine.run(WORKER, "r", "8", "20", lie=sabotage == "lie"))
    machine.cut_power()
    assert told - kept(machine.folder / "store.db")


@pytest.mark.parametrize(("moment", "there"), [("before", False), ("written", False), ("after", True)])
def test_a_kill_at_each_named_moment_leaves_the_unit_out_or_in(machine: Machine, moment: str, there: bool) -> None:
    """Killed after COMMIT the unit is durable although nobody was told."""
    told = acks(machine.run(WORKER, "r", "1", "10", f"load {moment}"))
    machine.cut_power()
    assert told == {"r.0.0", "r.0.1"}
    assert kept(machine.folder / "store.db") == told | ({"r.0.2"} if there else set())


def test_a_log_left_by_a_kill_is_read_back(machine: Machine) -> None:
    """A kill without a power cut: the log is there, the database is old."""
    told = acks(machine.run(WORKER, "r", "4", "10"))
    assert (machine.folder / "store.db-wal").stat().st_size > 0
    assert len(told) == 40
    assert kept(machine.folder / "store.db") == told


AFTER_RESTART = """
import os
from parley.outside.store import open_sqlite
store = open_sqlite("store.db")
for key, _ in store.look(lambda look: look.records("done")): print(key, flush=True)  # it is killed before it ends
os.kill(os.getpid(), 9)
"""


def test_what_a_restarted_node_reads_is_durable_before_it_reads_it(machine: Machine) -> None:
    """After a kill SQLite shows commits that were perhaps never forced, and a node would act on them at once."""
    machine.run(WORKER, "r", "1", "5", lie=True)  # written, not forced, not yet lost
    seen = set(machine.run(AFTER_RESTART).split())
    machine.cut_power()
    assert seen == {f"r.0.{n}" for n in range(5)}
    assert kept(machine.folder / "store.db") == seen


# an fsync that fails


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_a_failed_fsync_of_the_log_stops_the_store_and_loses_nothing(machine: Machine, number: int) -> None:
    machine.run(WORKER, "first", "1", "3", lie=False)
    out = machine.run(WORKER, "r", "2", "6", fail_fsync=number, fail_name="-wal")
    told = acks(out) | {f"first.0.{n}" for n in range(3)}
    refused = [line.split()[1] for line in out.splitlines() if line.startswith("refused")]
    machine.cut_power()
    assert told <= kept(machine.folder / "store.db")
    if refused:
        assert set(refused) == {"store.stopped"}
        assert "look store.stopped" in out or "at opening" in out


def test_after_a_failed_fsync_even_a_clean_end_loses_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENDING", "close")
    out = machine.run(WORKER, "r", "2", "6", fail_fsync=5, fail_name="-wal")
    machine.cut_power()
    assert "refused store.stopped" in out
    assert acks(out) <= kept(machine.folder / "store.db")


def test_a_failed_fsync_of_a_checkpoint_stops_the_store(machine: Machine) -> None:
    """SQLite would swallow it in its automatic checkpoint; the log still has everything."""
    machine.run(WORKER, "first", "1", "1")
    out = machine.run(WORKER, "r", "8", "150", fail_fsync=2, fail_name="store.db")
    machine.cut_power()
    assert "refused store.stopped" in out
    assert acks(out)
    assert acks(out) <= kept(machine.folder / "store.db")


# a full disk

FULL = """
import asyncio, os, sys
from parley.line.ports import Origin
from parley.outside.store import StoreProblem, open_sqlite

async def main():
    store = open_sqlite("store.db", Origin("XA", "node-1", b"incarnation"))
    n, keys = 0, []
    while not keys:
        try:
            await store.write(lambda tx: tx.put("done", f"r.0.{n}", b"x" * 20000), point="load")
        except StoreProblem as problem:
            keys.append(problem.key)
        else:
            print("ack", f"r.0.{n}", flush=True)
            n += 1
    print("refused", keys[0], flush=True)
    if keys == ["store.disk_full"]:
        print("look", store.look(lambda look: len(look.records("done"))), n, flush=True)
        os.unlink("ballast")
        await store.write(lambda tx: tx.put("done", "after", b"x" * 20000), point="load")
        print("ack after", flush=True)
        store.check()
    os.system("cp store.db store.db-wal " + sys.argv[1])
asyncio.run(main())
"""


def test_a_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """On a file system of 2 MB, mounted in a namespace of the child's own; nothing acknowledged is lost."""
    small, saved = tmp_path / "small", tmp_path / "saved"
    small.mkdir()
    saved.mkdir()
    (tmp_path / "full.py").write_text(FULL)
    script = (
        f"mount -t tmpfs -o size=2m tmpfs {small} && cd {small} && head -c 800000 /dev/zero > ballast"
        f" && {sys.executable} {tmp_path / 'full.py'} {saved}"
    )
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run([*unshare, "sh", "-c", script], capture_output=True, text=True, timeout=120)
    if "mount" in done.stderr or "unshare" in done.stderr:
        done = _with_a_size_limit(tmp_path, saved)
        assert "refused store." in done.stdout, done.stderr
        assert acks(done.stdout) <= kept(saved / "store.db")
        return
    assert done.returncode == 0, done.stderr
    assert "refused store.disk_full" in done.stdout
    assert "ack after" in done.stdout
    assert len(acks(done.stdout)) > 5
    assert kept_keys(saved / "store.db") == acks(done.stdout)


def _with_a_size_limit(tmp_path: Path, saved: Path) -> subprocess.CompletedProcess[str]:
    """Where nothing may be mounted: no file may grow beyond 1 MB, which SQLite sees as an input/output error."""
    folder = tmp_path / "limited"
    folder.mkdir()
    (folder / "ballast").touch()
    script = f"ulimit -f 1024; {sys.executable} {tmp_path / 'full.py'} {saved}"
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120)


def test_where_nothing_may_be_mounted_a_size_limit_shows_the_same(tmp_path: Path) -> None:
    """The other way of the test above is itself tested, so that it is not first run where nobody looks."""
    saved = tmp_path / "saved"
    saved.mkdir()
    (tmp_path / "full.py").write_text(FULL)
    done = _with_a_size_limit(tmp_path, saved)
    assert "refused store." in done.stdout, done.stderr
    assert acks(done.stdout)
    assert acks(done.stdout) <= kept_keys(saved / "store.db")


def kept_keys(place: Path) -> set[str]:
    store = open_sqlite(place, check=True)
    keys = store.look(lambda look: {key for key, _ in look.records("done")})
    _close(store)
    return keys


# files that are not what they should be


def make(shelf: Shelf, notes: int = 50) -> Path:
    """A closed store with some content."""
    shelf.do(lambda tx: [add_note(tx, f"n{n}", body=bytes(3000)) for n in range(notes)])
    shelf.close()
    return Path(shelf.place)


def opening(place: Path, **options: bool) -> str:
    """Under which problem the store does not open."""
    with pytest.raises(StoreProblem) as caught:
        _close(open_sqlite(place, ORIGIN, **options))
    return caught.value.key


def test_a_damaged_page_is_found_by_the_check(on_file: Shelf) -> None:
    place = make(on_file)
    content = bytearray(place.read_bytes())
    content[8192:12288] = os.urandom(4096)
    place.write_bytes(content)
    assert opening(place, check=True) == "store.damaged"


def test_a_damaged_page_met_on_the_way_stops_the_store(on_file: Shelf) -> None:
    place = make(on_file)
    content = bytearray(place.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    place.write_bytes(content)
    shelf_again = Shelf("sqlite", str(place))
    try:
        problem = None
        try:
            shelf_again.open(None)
            shelf_again.see(lambda look: look.notes())
        except StoreProblem as caught:
            problem = caught
        assert problem is not None
        assert problem.key == "store.damaged"
        if shelf_again.stores:
            with pytest.raises(StoreProblem, match="damaged"):
                shelf_again.do(lambda tx: tx.append(leaf("more")))
    finally:
        shelf_again.end()


def test_a_truncated_store_is_damaged(on_file: Shelf) -> None:
    place = make(on_file)
    os.truncate(place, place.stat().st_size // 2)
    assert opening(place, check=True) == "store.damaged"


def test_a_text_file_is_not_ours_and_stays_as_it_is(tmp_path: Path) -> None:
    place = tmp_path / "letter.txt"
    place.write_text("Dear colleague, " * 1000)
    before = place.read_bytes()
    assert opening(place) == "store.not_ours"
    assert place.read_bytes() == before


def test_another_programs_database_is_not_ours_and_stays_as_it_is(tmp_path: Path) -> None:
    place = tmp_path / "other.db"
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = place.read_bytes()
    assert opening(place) == "store.not_ours"
    assert place.read_bytes() == before


def test_a_store_of_a_newer_release_is_left_alone(on_file: Shelf) -> None:
    place = make(on_file)
    with sqlite3.connect(place) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = place.read_bytes()
    with pytest.raises(StoreProblem, match="version 999") as caught:
        open_sqlite(place, ORIGIN)
    assert caught.value.key == "store.newer"
    assert place.read_bytes() == before
    with pytest.raises(StoreProblem, match="version 999"):
        read_sqlite(place)


def test_a_store_that_was_only_begun_is_finished(tmp_path: Path) -> None:
    """Killed between making the file and making the tables."""
    place = tmp_path / "store.db"
    place.touch()
    _close(open_sqlite(place, ORIGIN))
    connection = sqlite3.connect(tmp_path / "begun.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    _close(open_sqlite(tmp_path / "begun.db", ORIGIN))


def test_an_interrupted_migration_leaves_the_old_version(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    from parley.outside.store.sqlite import migrate, version_of

    migrate(connection)
    broken = (*MIGRATIONS, "CREATE TABLE added (x {int}) {strict}; CREATE TABLE notes (twice {int}) {strict};")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(connection, broken)
    assert version_of(connection) == len(MIGRATIONS)
    assert not connection.execute("SELECT * FROM sqlite_schema WHERE name = 'added'").fetchall()
    migrate(connection, (*MIGRATIONS, "CREATE TABLE added (x {int}) {strict};"))
    assert version_of(connection) == len(MIGRATIONS) + 1
    assert statements("a {int}; ;b", WORDS) == ["a INTEGER", "b"]


AS_NOBODY = """
import os, sys
from parley.line.ports import Origin
from parley.outside.store import StoreProblem, open_sqlite, read_sqlite
os.setgid(65534); os.setuid(65534)
for open_it in (lambda: open_sqlite(sys.argv[1], Origin("XA", "node-1", b"x")), lambda: read_sqlite(sys.argv[1])):
    try:
        open_it()
        print("opened")
    except StoreProblem as problem:
        print(problem.key)
"""


def test_a_file_that_may_not_be_read_is_named(on_file: Shelf) -> None:
    place = make(on_file)
    if os.geteuid() == 0:  # root may read everything, so somebody else has to try
        for folder in [place.parent, *place.parent.parents][:4]:
            folder.chmod(0o755)
        done = subprocess.run([sys.executable, "-c", AS_NOBODY, str(place)], capture_output=True, text=True, timeout=60)
        assert done.stdout.split() == ["store.unreadable", "store.unreadable"], done.stderr
    else:
        place.chmod(0)
        assert opening(place) == "store.unreadable"


@pytest.mark.parametrize("name", ["no/such/folder/store.db", "folder", "x" * 300])
def test_a_path_that_cannot_be_a_store_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    assert opening(tmp_path / name) == "store.unreadable"


def test_names_with_signs_that_mean_something_elsewhere_are_names(tmp_path: Path) -> None:
    for name in ("100%.db", "a?mode=memory", "a#b", "ليلى.db", "two words"):
        _close(open_sqlite(tmp_path / name, ORIGIN))
        assert (tmp_path / name).stat().st_size > 0


# two at once


def test_a_second_writer_is_refused_while_the_first_lives_and_let_in_when_it_was_killed(machine: Machine) -> None:
    program = "from parley.line.ports import Origin\nfrom parley.outside.store import open_sqlite\nimport sys\n"
    program += "s = open_sqlite('store.db', Origin('XA', 'node-1', b'first incarnatio'))\nprint('open', flush=True)\n"
    process = machine.start(program + "sys.stdin.read()")
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    with pytest.raises(StoreProblem, match=f"process {process.pid}") as caught:
        open_sqlite(machine.folder / "store.db", ORIGIN)
    assert caught.value.key == "store.in_use"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _close(open_sqlite(machine.folder / "store.db", ORIGIN))


def test_the_same_process_cannot_open_it_twice_under_another_name_either(on_file: Shelf, tmp_path: Path) -> None:
    on_file.open()
    os.symlink(on_file.place, tmp_path / "alias.db")
    assert opening(tmp_path / "alias.db") == "store.in_use"
    on_file.close()
    _close(open_sqlite(tmp_path / "alias.db", ORIGIN))


def test_a_reader_that_does_not_finish_keeps_a_node_from_starting_unsafely(on_file: Shelf) -> None:
    place = make(on_file, notes=3)
    backup = shutil.copy(place, place.with_name("other.db"))
    assert backup
    writer = sqlite3.connect(place, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    reader = sqlite3.connect(place, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM notes").fetchall()
    writer.execute("UPDATE notes SET form = 12")
    try:
        assert opening(place) == "store.in_use"
    finally:
        reader.close()
        writer.close()
    _close(open_sqlite(place, ORIGIN))
