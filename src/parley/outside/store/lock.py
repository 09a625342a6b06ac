"""The lock that keeps two processes from writing one SQLite store.

What it leaves out: PostgreSQL, which has a lock of its own on the server. SQLite's own locks would let a second
process write between our commits, and its journal of notes would then have two heads.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from parley.outside.store.problems import StoreProblem


class StoreLock:
    """An exclusive lock on a file beside the store; held until `release` or until the process ends, however it ends.

    The file stays when the lock goes: removing it would let two processes hold locks on two files of one name.
    """

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(f"{store.name}.lock")
        self._handle = _open(self.path, store)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._handle, 40, 0).decode("ascii", "replace").strip() or "?"
            self.release()
            raise StoreProblem("in_use", place=str(store), holder=holder) from error
        except OSError as error:  # a file system that cannot lock is no place for a store
            self.release()
            raise StoreProblem("unreadable", place=str(store), reason=error.strerror or "") from error
        with suppress(OSError):  # on a full disk the lock holds without its holder's number
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"process {os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others in; may be called twice."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _open(path: Path, store: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreProblem("unreadable", place=str(store), reason=error.strerror or "") from error
