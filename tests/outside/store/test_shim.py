"""The crash-testing shim: after a kill, exactly what was not forced to the medium is gone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .under_shim import Machine, shim

PRELUDE = """
import os, sys
def put(name, data, mode="r+b", at=None, sync=False):
    with open(name, mode, buffering=0) as f:
        if at is not None: f.seek(at)
        f.write(data)
        if sync: os.fsync(f.fileno())
def sync(name):
    fd = os.open(name, os.O_RDONLY); os.fsync(fd); os.close(fd)
"""
END = "\nos.kill(os.getpid(), 9)\n"

CASES: dict[str, tuple[str, dict[str, bytes]]] = {
    # what the process does (the file "a" holds b"old" durably) -> what is there after the power cut
    "an unsynced write is lost": ("put('a', b'new')", {"a": b"old"}),
    "a synced write stays": ("put('a', b'new', sync=True)", {"a": b"new"}),
    "a write after the fsync is lost": ("put('a', b'new', sync=True); put('a', b'NEW')", {"a": b"new"}),
    "growth is lost": ("put('a', b'old and more')", {"a": b"old"}),
    "a hole is lost": ("put('a', b'x', at=9000)", {"a": b"old"}),
    "an unsynced append is lost": ("put('a', b'+', mode='ab')", {"a": b"old"}),
    "a synced append stays": ("put('a', b'+', mode='ab', sync=True)", {"a": b"old+"}),
    "fsync of one file says nothing of another": (
        "put('b', b'b', mode='wb', sync=True); sync('.'); put('a', b'new'); sync('b')",
        {"a": b"old", "b": b"b"},
    ),
    "a new file is lost without fsync of the folder": ("put('b', b'x', mode='wb', sync=True)", {"a": b"old"}),
    "a new file stays with both": ("put('b', b'x', mode='wb', sync=True); sync('.')", {"a": b"old", "b": b"x"}),
    "a new file is empty if only the folder was forced": (
        "put('b', b'x', mode='wb'); sync('.')",
        {"a": b"old", "b": b""},
    ),
    "emptying by opening is lost": ("open('a', 'wb').close()", {"a": b"old"}),
    "emptying by opening stays with fsync": ("open('a', 'wb').close(); sync('a')", {"a": b""}),
    "a cut is lost": ("os.truncate('a', 1)", {"a": b"old"}),
    "a cut through a descriptor is lost": ("f = open('a', 'r+b'); f.truncate(1); f.close()", {"a": b"old"}),
    "growth by truncate is lost": ("os.truncate('a', 100)", {"a": b"old"}),
    "a synced cut stays": ("os.truncate('a', 1); sync('a')", {"a": b"o"}),
    "a cut and a write after it are both lost": ("os.truncate('a', 1); put('a', b'XYZ', at=1)", {"a": b"old"}),
    "a rename is lost without fsync of the folder": ("os.rename('a', 'b')", {"a": b"old"}),
    "a rename stays with it": ("os.rename('a', 'b'); sync('.')", {"b": b"old"}),
    "a rename over another file is lost": (
        "put('b', b'b', mode='wb', sync=True); sync('.'); os.rename('b', 'a')",
        {"a": b"old", "b": b"b"},
    ),
    "a rename over another file stays": (
        "put('b', b'b', mode='wb', sync=True); sync('.'); os.replace('b', 'a'); sync('.')",
        {"a": b"b"},
    ),
    "renamed before it was forced: the name is new, the content is not there": (
        "put('b', b'b', mode='wb'); os.rename('b', 'a'); sync('.')",
        {"a": b""},
    ),
    "a content that was forced under the old name stays under the new one": (
        "put('a', b'new', sync=True); os.rename('a', 'b'); sync('.'); put('b', b'NEW')",
        {"b": b"new"},
    ),
    "a removal is lost": ("os.unlink('a')", {"a": b"old"}),
    "a removal stays with fsync of the folder": ("os.unlink('a'); sync('.')", {}),
    "a removal is lost together with the write before it": ("put('a', b'new'); os.unlink('a')", {"a": b"old"}),
    "a removal is lost, the forced write before it is not": (
        "put('a', b'new', sync=True); os.unlink('a')",
        {"a": b"new"},
    ),
    "removed and made again, nothing forced": ("os.unlink('a'); put('a', b'2', mode='wb')", {"a": b"old"}),
    "removed and made again, only the content forced": (
        "os.unlink('a'); put('a', b'2', mode='wb', sync=True)",
        {"a": b"old"},
    ),
    "removed and made again, all forced": (
        "os.unlink('a'); put('a', b'2', mode='wb', sync=True); sync('.')",
        {"a": b"2"},
    ),
    "the number of a removed file is given to a new one": (
        "put('a', b'new'); os.unlink('a'); put('b', b'b', mode='wb', sync=True)",
        {"a": b"old"},
    ),
    "a link is lost": ("os.link('a', 'b')", {"a": b"old"}),
    "a link stays": ("os.link('a', 'b'); sync('.')", {"a": b"old", "b": b"old"}),
    "writev, pwrite and pwritev are seen": (
        "fd = os.open('a', os.O_RDWR); os.writev(fd, [b'1', b'2']); os.pwrite(fd, b'3', 7);"
        "os.pwritev(fd, [b'4', b'5'], 9); os.close(fd)",
        {"a": b"old"},
    ),
    "fdatasync is enough": ("fd = os.open('a', os.O_RDWR); os.write(fd, b'new'); os.fdatasync(fd)", {"a": b"new"}),
    "a file outside the folder is left alone": ("put('../outside', b'x', mode='wb')", {"a": b"old"}),
    "a path through another name of the folder is seen": (
        "os.symlink('disk', '../other'); put('../other/a', b'new')",
        {"a": b"old"},
    ),
    "an unused name in a folder below": (
        "os.makedirs('below'); put('below/x', b'x', mode='wb', sync=True)",
        {"a": b"old"},
    ),
    "a child process is watched too": (
        "import subprocess; subprocess.run([sys.executable, '-c', \"open('a','r+b').write(b'new')\"], check=True)",
        {"a": b"old"},
    ),
    "a program from elsewhere is watched too": (
        "import subprocess; subprocess.run(['sh', '-c', 'printf new > a'], check=True)",
        {"a": b"old"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_exactly_what_was_not_forced_is_gone(machine: Machine, case: str) -> None:
    program, expected = CASES[case]
    (machine.folder / "a").write_bytes(b"old")
    machine.run(PRELUDE + program + END)
    machine.cut_power()
    assert machine.files() == expected


def test_without_the_restore_a_kill_loses_nothing(machine: Machine) -> None:
    """The control: what the shim takes back is there after a mere kill."""
    (machine.folder / "a").write_bytes(b"old")
    machine.run(PRELUDE + "put('a', b'new')" + END)
    assert machine.files() == {"a": b"new"}


def test_a_lying_fsync_loses_what_was_forced(machine: Machine) -> None:
    (machine.folder / "a").write_bytes(b"old")
    machine.run(PRELUDE + "put('a', b'new', sync=True); sync('.')" + END, lie=True)
    machine.cut_power()
    assert machine.files() == {"a": b"old"}


FAILING = """
for n in range(3):
    try:
        put('a', str(n).encode() * 3, sync=True)
        print('durable')
    except OSError as error:
        print(error.errno)
"""


def test_the_chosen_fsync_fails_and_makes_nothing_durable(machine: Machine) -> None:
    (machine.folder / "a").write_bytes(b"old")
    out = machine.run(PRELUDE + FAILING, fail_fsync=2)
    assert out.split() == ["durable", "5", "durable"]
    (machine.undo.parent / "undo").unlink()
    machine.run(PRELUDE + FAILING + END, fail_fsync=3)
    machine.cut_power()
    assert machine.files() == {"a": b"111"}


def test_a_failing_fsync_may_be_chosen_by_name(machine: Machine) -> None:
    (machine.folder / "a").write_bytes(b"old")
    (machine.folder / "b").write_bytes(b"old")
    program = PRELUDE + "sync('a'); sync('a')\ntry:\n    sync('b')\nexcept OSError: print('b failed')"
    assert machine.run(program, fail_fsync=1, fail_name="/b") == "b failed\n"


def test_a_first_part_of_the_pending_writes_may_have_reached_the_medium(machine: Machine) -> None:
    (machine.folder / "a").write_bytes(b"....")
    machine.run(PRELUDE + "for n in range(4): put('a', b'X', at=n)" + END)
    loss = machine.cut_power(keep=0.5)
    assert machine.files() == {"a": b"XX.."}
    assert (loss.pending, loss.kept, loss.kinds["W"], loss.files["a"]) == (4, 2, 2, 2)


def test_writes_of_many_threads_are_each_taken_back(machine: Machine) -> None:
    program = """
import threading
def work(n):
    for i in range(200): put(f'f{n % 3}', bytes([n]), at=n * 7 + i)
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
"""
    for n in range(3):
        (machine.folder / f"f{n}").write_bytes(b"old" * 10)
    machine.run(PRELUDE + program + END)
    machine.cut_power()
    assert set(machine.files().values()) == {b"old" * 10}


def test_a_log_that_ends_in_the_middle_of_a_record_is_understood(machine: Machine) -> None:
    (machine.folder / "a").write_bytes(b"old")
    machine.run(PRELUDE + "put('a', b'new'); put('a', b'NEW')" + END)
    whole = machine.undo.read_bytes()
    for cut in range(len(whole)):
        machine.undo.write_bytes(whole[:cut])
        assert len(list(shim.read(machine.undo))) == (0 if cut < len(whole) // 2 else 1)
    machine.undo.write_bytes(b"x" * 100)
    with pytest.raises(shim.ShimError, match="damaged at byte 0"):
        list(shim.read(machine.undo))


def test_shared_memory_of_sqlite_is_not_part_of_the_medium(machine: Machine) -> None:
    machine.run(PRELUDE + "put('x-shm', b'x', mode='wb')" + END)
    assert list(shim.read(machine.undo)) == []
    machine.cut_power()
    assert machine.files() == {}


def test_the_log_must_be_outside(machine: Machine) -> None:
    with pytest.raises(shim.ShimError, match="must not be inside"):
        shim.environment(machine.library, machine.folder, machine.folder / "undo")


def test_without_a_compiler_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(shim.ShimError, match="no C compiler"):
        shim.build(tmp_path)


def test_a_file_written_durably_is_the_old_one_or_the_new_one(machine: Machine) -> None:
    """`parley.outside.durable` under a kill at every one of its steps."""
    program = """
import os, sys
from pathlib import Path
from parley.outside.durable import write_durably
step, last = 0, int(sys.argv[1])
def stop(*_):
    global step
    step += 1
    if step == last: os.kill(os.getpid(), 9)
sys.settrace(lambda frame, event, arg: (stop(), sys.gettrace())[1] if 'durable' in frame.f_code.co_filename else None)
write_durably(Path('a').resolve(), b'the new content')
sys.settrace(None)
print('acknowledged', flush=True)
os.kill(os.getpid(), 9)
"""
    seen = set()
    for last in range(1, 200):
        (machine.folder / "a").write_bytes(b"old")
        acknowledged = machine.run(program, str(last)) != ""
        machine.cut_power()
        content = machine.files()["a"]
        assert content in (b"old", b"the new content")
        seen.add((acknowledged, content))
        if acknowledged:
            break
    assert seen == {(False, b"old"), (True, b"the new content")} | (seen & {(False, b"the new content")})


# A random program against a model of what a power cut leaves.

NAMES = ("a", "b", "c")
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.integers(0, 6), st.binary(min_size=1, max_size=5)),
    st.tuples(st.just("cut"), st.sampled_from(NAMES), st.integers(0, 8)),
    st.tuples(st.just("sync"), st.sampled_from(NAMES)),
    st.tuples(st.just("sync folder")),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES)),
)

RUNNER = """
import json, os, sys
for step, *words in json.loads(sys.argv[1]):
    if step == "write":
        fd = os.open(words[0], os.O_RDWR | os.O_CREAT)
        os.pwrite(fd, bytes(words[2]), words[1])
        os.close(fd)
    elif step == "sync folder":
        fd = os.open(".", os.O_RDONLY); os.fsync(fd); os.close(fd)
    elif os.path.exists(words[0]):
        if step == "cut": os.truncate(words[0], words[1])
        elif step == "sync":
            fd = os.open(words[0], os.O_RDONLY); os.fsync(fd); os.close(fd)
        elif step == "remove": os.unlink(words[0])
        elif words[0] != words[1]: os.rename(words[0], words[1])
os.kill(os.getpid(), 9)
"""


class Content:
    """A file: what a reader sees and what is durable of it."""

    def __init__(self) -> None:
        self.seen = b""
        self.durable = b""


def expected_after(program: list[tuple[object, ...]]) -> dict[str, bytes]:
    """What the model says: names as of the last fsync of the folder, contents as of the last fsync of each file."""
    names: dict[str, Content] = {}
    durable_names: dict[str, Content] = {}
    for step, *words in program:
        name = words[0] if words else None
        if step == "write":
            file = names.setdefault(str(name), Content())
            offset, data = words[1], words[2]
            assert isinstance(offset, int)
            assert isinstance(data, bytes)
            file.seen = file.seen[:offset].ljust(offset, b"\0") + data + file.seen[offset + len(data) :]
        elif step == "sync folder":
            durable_names = dict(names)
        elif name in names:
            file = names[str(name)]
            if step == "cut":
                size = words[1]
                assert isinstance(size, int)
                file.seen = file.seen[:size].ljust(size, b"\0")
            elif step == "sync":
                file.durable = file.seen
            elif step == "remove":
                del names[str(name)]
            elif name != words[1]:
                names[str(words[1])] = names.pop(str(name))
    return {name: file.durable for name, file in durable_names.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.lists(STEPS, max_size=14))
def test_any_program_leaves_what_the_model_says(
    shim_library: Path, tmp_path_factory: pytest.TempPathFactory, program: list[tuple[object, ...]]
) -> None:
    machine = Machine(shim_library, tmp_path_factory.mktemp("machine"))
    steps = [[list(word) if isinstance(word, bytes) else word for word in step] for step in program]
    machine.run(RUNNER, json.dumps(steps))
    machine.cut_power()
    assert machine.files() == expected_after(program)


# SQLite: are its calls seen at all, and does the control lose what it must?

SQLITE = """
import os, sqlite3, sys
connection = sqlite3.connect("rows.db", isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute(f"PRAGMA synchronous = {sys.argv[1]}")
connection.execute("CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY)")
for n in range(40):
    connection.execute("INSERT INTO rows VALUES (?)", (n,))
    print(n, flush=True)
os.kill(os.getpid(), 9)
"""


def rows_left(machine: Machine) -> set[int]:
    program = "import sqlite3\nfor (n,) in sqlite3.connect('rows.db').execute('SELECT n FROM rows'): print(n)"
    process = machine.start(program)
    out, _ = process.communicate(timeout=60)
    return {int(line) for line in out.split()}


def acknowledged(machine: Machine, synchronous: str) -> set[int]:
    return {int(line) for line in machine.run(SQLITE, synchronous).split()}


def test_sqlite_is_intercepted(machine: Machine) -> None:
    """Its pwrite64, fdatasync and fsync go through libc's symbols, so the shim sees them."""
    machine.run(SQLITE, "FULL")
    kinds = {(record.kind, os.path.basename(record.path)) for record in shim.read(machine.undo)}
    assert {("C", "rows.db"), ("C", "rows.db-wal"), ("W", "rows.db-wal"), ("S", "rows.db-wal")} <= kinds
    assert not any(name.endswith("-shm") for _, name in kinds)


def test_full_synchronous_loses_no_acknowledged_row(machine: Machine) -> None:
    machine.run(PRELUDE + "import sqlite3; sqlite3.connect('rows.db').execute('PRAGMA user_version = 1'); sync('.')")
    told = acknowledged(machine, "FULL")
    machine.cut_power()
    assert told == set(range(40)) <= rows_left(machine)


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_less_than_full_loses_acknowledged_rows(machine: Machine, synchronous: str) -> None:
    """The control: the test above must not pass because nothing is ever lost."""
    machine.run(PRELUDE + "import sqlite3; sqlite3.connect('rows.db').execute('PRAGMA user_version = 1'); sync('.')")
    told = acknowledged(machine, synchronous)
    machine.cut_power()
    assert told - rows_left(machine)
