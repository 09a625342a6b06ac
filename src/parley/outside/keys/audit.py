"""The signer's own log: what was released, by whom, when. One JSON object a line, forced to the medium.

It is the signer's and not the node's, so that a node in enemy hands cannot tidy it. It holds no text of any note. One
thread forces the file to the medium for all connections, so that lines written meanwhile share the next time (group
commit), and signing goes on beside it.
"""

from __future__ import annotations

import datetime
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import NoteFacts


class Audit:
    """An open audit log; only ever appended to. Safe to use from many threads.

    After a failed fsync the system may have forgotten what it could not write, so nothing is released any more until
    the signer is started again.

    Args:
        path: made with mode 0600 if it is not there.
        now: the signer's clock, ms since the epoch, UTC.

    Raises:
        KeysProblem: unwritable.
    """

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self._now = now
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise KeysProblem("unwritable", path=path.name, reason=(error.strerror or "unknown")[:60]) from None
        self._changed = threading.Condition()
        self._written = 0  # lines that the system has
        self._durable = 0  # of these, how many the medium has
        self._broken = False
        self._closing = False
        self._forcer = threading.Thread(target=self._force, daemon=True)
        self._forcer.start()

    def begin(self, officer: str, facts: NoteFacts) -> int:
        """Write that `officer` releases the note with `facts`; returns the ticket for `finish`.

        Raises:
            KeysProblem: audit_failed.
        """
        line = {
            "officer": officer,
            "released": facts.digest.hex(),
            "form": facts.form,
            "precedence": facts.precedence,
            "exercise": facts.exercise,
        }
        return self._append(line)

    def finish(self, ticket: int) -> None:
        """Return once the line is on the medium; no signature may leave before. Raises KeysProblem audit_failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._durable >= ticket or self._broken)
            if self._durable < ticket:
                raise KeysProblem("audit_failed")

    def note(self, officer: str, what: str) -> None:
        """Write that `officer` unlocked the key, or was refused because of `what`; raises KeysProblem audit_failed."""
        self._append({"officer": officer, "event": what})

    def _append(self, fields: dict[str, Any]) -> int:
        at = datetime.datetime.fromtimestamp(self._now() / 1000, datetime.UTC).isoformat(timespec="milliseconds")
        line = msgspec.json.encode({"at": at, **fields}) + b"\n"
        with self._changed:
            if self._broken:
                raise KeysProblem("audit_failed")
            self._write_whole(line)
            self._written += 1
            self._changed.notify_all()
            return self._written

    def _write_whole(self, line: bytes) -> None:
        """All of `line` or none of it: half a line would spoil the next one."""
        size = os.fstat(self._file).st_size
        try:
            whole = os.write(self._file, line) == len(line)
        except OSError:
            raise KeysProblem("audit_failed") from None
        if not whole:
            os.ftruncate(self._file, size)
            raise KeysProblem("audit_failed")

    def _force(self) -> None:
        """The forcing thread: whatever has been written by now goes to the medium at once."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._written > self._durable or self._closing)
                if self._closing:
                    return
                upto = self._written
            try:
                os.fdatasync(self._file)
            except OSError:
                self._settle(self._durable, broken=True)
                return
            self._settle(upto, broken=False)

    def _settle(self, durable: int, *, broken: bool) -> None:
        with self._changed:
            self._durable, self._broken = durable, broken
            self._changed.notify_all()

    def close(self) -> None:
        """Stop forcing and close the file."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._forcer.join()
        os.close(self._file)

    def __enter__(self) -> Audit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
