"""The signer's own log: what was released, by whom, when. One JSON object a line, forced to the medium.

It is the signer's and not the node's, so that a node in enemy hands cannot tidy it. It holds no text of any note.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import msgspec

from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import NoteFacts


class Audit:
    """An open audit log; only ever appended to.

    Args:
        path: made with mode 0600 if it is not there.
        now: the signer's clock, ms since the epoch, UTC.

    Raises:
        KeysProblem: unwritable.
    """

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self._now = now
        self._lock = Lock()
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise KeysProblem("unwritable", path=path.name, reason=(error.strerror or "unknown")[:60]) from None

    def released(self, officer: str, facts: NoteFacts) -> None:
        """Write that `officer` released the note with `facts`; on return it is on the medium.

        Raises:
            KeysProblem: audit_failed. The signature must then not leave.
        """
        line = {
            "officer": officer,
            "released": facts.digest.hex(),
            "form": facts.form,
            "precedence": facts.precedence,
            "exercise": facts.exercise,
        }
        try:
            self._append(line)
            os.fdatasync(self._file)
        except OSError:
            raise KeysProblem("audit_failed") from None

    def note(self, officer: str, what: str) -> None:
        """Write that `officer` unlocked the key, or was refused because of `what`; raises KeysProblem audit_failed."""
        try:
            self._append({"officer": officer, "event": what})
        except OSError:
            raise KeysProblem("audit_failed") from None

    def _append(self, fields: dict[str, Any]) -> None:
        at = datetime.datetime.fromtimestamp(self._now() / 1000, datetime.UTC).isoformat(timespec="milliseconds")
        line = msgspec.json.encode({"at": at, **fields}) + b"\n"
        with self._lock:
            if os.write(self._file, line) != len(line):
                raise OSError("only part of the line was written")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def __enter__(self) -> Audit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
