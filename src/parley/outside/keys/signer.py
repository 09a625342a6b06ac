"""The signer process: alone in holding an office's key, and only while an officer has it unlocked.

    python -m parley.outside.keys.signer --office-file duty.office --socket /run/parley/signer

It listens on a Unix socket that only its owner can open, serves each connection in a thread of its own (ML-DSA signs
outside the interpreter lock), and writes an audit line to the medium for each note before the signature leaves. The
rules are in signer_rules; this module is sockets, threads and files. Let it run under an account of its own: then a
node in enemy hands can neither read its memory nor put another socket in its place (spec/signer.md, part 4).
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from parley.outside.keys.audit import Audit
from parley.outside.keys.authority import Authorities
from parley.outside.keys.office_file import OfficeFile, read_office
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.roster_file import RosterFile, read_roster, roster_path
from parley.outside.keys.signer_rules import Shared, SignerSession
from parley.outside.keys.telephone import Numbers
from parley.outside.keys.wire import limit_waiting, receive, refusal, send
from parley.outside.keys.words import Words
from parley.terms.problem import Problem

MOST_CONNECTIONS = 16
IDLE_S = 900.0
"""An unlocked connection that asks nothing for so long is cut, and with it the key is forgotten."""
PATIENCE_S = 2.0
"""How long the end waits for a signature that is being made."""
_PR_SET_DUMPABLE = 4


def run_signer(
    office_file: Path,
    socket_path: Path,
    audit_file: Path,
    *,
    stop: threading.Event,
    ready: Callable[[], None] = lambda: None,
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    idle_s: float = IDLE_S,
    socket_mode: int = 0o600,
) -> None:
    """Serve until `stop` is set; calls `ready` once connections are taken.

    Raises:
        KeysProblem: the office file cannot be read, the socket is in use or cannot be made, the audit file cannot be
            opened.
    """
    files = _FilesOnDisk(office_file)
    files()
    before = Audit.before(audit_file)
    with Audit(audit_file, now) as audit, _listen(socket_path, socket_mode) as listener:
        shared = Shared(Authorities(files, before.version), audit, _ticks, now, Numbers(os.urandom, _ticks))
        shared.words, shared.used = Words(before.words), before.used
        signer = _Signer(shared, idle_s)
        ready()
        try:
            _accept(listener, signer, stop)
        finally:
            signer.end()
            with contextlib.suppress(FileNotFoundError):
                socket_path.unlink()


class _FilesOnDisk:
    """The office key file and the officers' file as they are now, read again only when one was replaced."""

    def __init__(self, path: Path) -> None:
        self._path, self._roster = path, roster_path(path)
        self._seen: tuple[tuple[_Mark, _Mark | None], tuple[OfficeFile, RosterFile | None]] | None = None

    def __call__(self) -> tuple[OfficeFile, RosterFile | None]:
        try:
            mark = (_mark(self._path), _mark_or_none(self._roster))
        except OSError as error:
            reason = (error.strerror or "unknown")[:60]
            raise KeysProblem("unreadable", path=self._path.name, reason=reason) from None
        if self._seen is None or self._seen[0] != mark:
            self._seen = (mark, (read_office(self._path), read_roster(self._path)))
        return self._seen[1]


_Mark = tuple[int, int, int]


def _mark(path: Path) -> _Mark:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def _mark_or_none(path: Path) -> _Mark | None:
    try:
        return _mark(path)
    except FileNotFoundError:
        return None


class _Signer:
    """What all connections share."""

    def __init__(self, shared: Shared, idle_s: float) -> None:
        self._shared = shared
        self._idle_s = idle_s
        self._open: dict[socket.socket, threading.Thread] = {}

    def take(self, connection: socket.socket) -> None:
        """Serve `connection` in a thread of its own, or close it if there are too many."""
        if len(self._open) >= MOST_CONNECTIONS:
            connection.close()
            return
        self._open[connection] = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        self._open[connection].start()

    def end(self) -> None:
        """Take no more requests; what is being signed is answered before this returns."""
        for connection, thread in list(self._open.items()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            thread.join(PATIENCE_S)

    def _serve(self, connection: socket.socket) -> None:
        session = SignerSession(self._shared)
        try:
            with connection:
                limit_waiting(connection, self._idle_s)
                self._converse(connection, session)
        except OSError:
            pass  # idle too long, or gone in the middle of a word: the session, and the key in it, is dropped
        finally:
            self._open.pop(connection, None)

    def _converse(self, connection: socket.socket, session: SignerSession) -> None:
        while True:
            try:
                request = receive(connection)
            except KeysProblem as problem:
                send(connection, refusal(problem))
                return  # after a frame that is none, nobody knows where the next begins
            if request is None:
                return
            send(connection, session.answer(request))


def _ticks() -> int:
    return time.monotonic_ns() // 1_000_000


def _listen(path: Path, mode: int) -> socket.socket:
    """The listening socket; what a dead signer left behind is replaced, a living one is left alone.

    The name appears only once connections are taken, so that whoever waits for it can connect.
    """
    _refuse_if_taken(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unready = path.with_name(f".{path.name}.{os.getpid()}")
    before = os.umask(0o777 & ~mode)  # so that the socket never stands open, not even between bind and chmod
    try:
        listener.bind(str(unready))
        listener.listen(MOST_CONNECTIONS)
        unready.rename(path)
    except OSError as error:
        listener.close()
        raise KeysProblem("unwritable", path=path.name, reason=(error.strerror or str(error))[:60]) from None
    finally:
        os.umask(before)
    return listener


def _refuse_if_taken(path: Path) -> None:
    """Raise if something stands at `path` that is not the socket of a dead signer."""
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise KeysProblem("unwritable", path=path.name, reason="something else stands there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return
    raise KeysProblem("already_running", path=path.name)


def _accept(listener: socket.socket, signer: _Signer, stop: threading.Event) -> None:
    """Take connections until `stop`; sleeps otherwise, as an idle signer should."""
    threading.Thread(target=_wake_at, args=(stop, listener), daemon=True).start()
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            if stop.is_set():
                return
            time.sleep(0.1)  # too many open files, say: the others must have time to close some
            continue
        signer.take(connection)


def _wake_at(stop: threading.Event, listener: socket.socket) -> None:
    stop.wait()
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)


def _end_with_stdin(stop: threading.Event) -> None:
    """Whoever started us holds the other end of our standard input: once it is gone, so are we."""
    while os.read(0, 4096):
        pass
    stop.set()


def keep_memory_private() -> None:
    """Forbid memory dumps and reading by other processes of the same account, where the system (Linux) can."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main(arguments: list[str] | None = None) -> int:
    """Run a signer until SIGTERM or SIGINT; prints one line when it is ready. Exit code 0, or 1 with a message."""
    parser = argparse.ArgumentParser(prog="parley.outside.keys.signer", description="Holds and uses an office's key.")
    parser.add_argument("--office-file", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--audit-file", type=Path, help="default: the office file's name with .audit")
    parser.add_argument("--socket-mode", type=lambda text: int(text, 8), default=0o600, help="octal; default 600")
    parser.add_argument("--while-stdin", action="store_true", help="end when standard input does")
    given = parser.parse_args(arguments)
    keep_memory_private()
    stop = threading.Event()
    if given.while_stdin:
        threading.Thread(target=_end_with_stdin, args=(stop,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        run_signer(
            given.office_file,
            given.socket,
            given.audit_file or given.office_file.with_suffix(".audit"),
            stop=stop,
            ready=lambda: print(f"signer ready on {given.socket}", flush=True),
            socket_mode=given.socket_mode,
        )
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
