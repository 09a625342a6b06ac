"""The signer's own log: what was released, by whom, when. One JSON object a line, forced to the medium.

It is the signer's and not the node's, so that a node in enemy hands cannot tidy it. It holds no text of any note.
While one connection forces the file to the medium the others write their lines and wait; then one of them forces for
all (group commit).
"""

from __future__ import annotations

import contextlib
import datetime
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from parley.clearance import Role, Verdict, Word
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import NoteFacts
from parley.outside.keys.words import Heard

_READ_BACK = (b'"officers"', b'"word"', b'"ahead"')


class _Line(msgspec.Struct, frozen=True):
    """What is read back of a line; every field may be missing."""

    officer: str = ""
    officers: int = 0
    ahead: str = ""
    word: str = ""
    note: str = ""
    entry: str = ""
    at_ms: int = 0


@dataclass
class Before:
    """The newest version of the list of officers, how often each thing cleared ahead was used, words."""

    version: int = 0
    used: dict[str, int] = field(default_factory=dict)
    words: list[Heard] = field(default_factory=list)

    def read(self, line: _Line) -> None:
        """Take in one line; raises ValueError for one that cannot be."""
        self.version = max(self.version, line.officers)
        if line.ahead:
            self.used[line.ahead] = self.used.get(line.ahead, 0) + 1
        if line.word:
            word = Word(officer=line.officer, role=Role(line.word), at=line.at_ms)
            self.words.append(Heard(note=bytes.fromhex(line.note), word=word, entry=bytes.fromhex(line.entry)))


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
        self._forcing = False

    def released(self, officer: str, facts: NoteFacts, verdict: Verdict, version: int) -> None:
        """Write that `officer` releases the note with `facts`, by what right, and by which version of the list of
        officers; on return the line is on the medium.

        Raises:
            KeysProblem: audit_failed. The note must then not be signed.
        """
        line: dict[str, Any] = {
            "officer": officer,
            "released": facts.digest.hex(),
            "form": facts.form,
            "precedence": facts.precedence,
            "exercise": facts.exercise,
            "how": verdict.how.value,
        }
        if version:
            line["officers"] = version
        if verdict.words:
            line["words"] = [[one.officer, one.role.value] for one in verdict.words]
        for name, said in (("reason", verdict.reason), ("ahead", verdict.ahead)):
            if said:
                line[name] = said
        self._force(self._append(line))

    def said(self, heard: Heard) -> None:
        """Write that an officer cleared a note; on return the line is on the medium. Raises KeysProblem."""
        word = heard.word
        line = {"officer": word.officer, "word": word.role.value, "note": heard.note.hex(), "at_ms": word.at}
        self._force(self._append({**line, "entry": heard.entry.hex()}))

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

    def _force(self, line: int) -> None:
        """Return once the medium has line number `line`: forced by another connection meanwhile, or by this one."""
        with self._changed:
            self._changed.wait_for(lambda: not self._forcing or self._durable >= line or self._broken)
            if self._durable >= line:
                return
            if self._broken:
                raise KeysProblem("audit_failed")
            self._forcing, upto = True, self._written
        try:
            os.fdatasync(self._file)
        except OSError:
            self._settle(self._durable, broken=True)
            raise KeysProblem("audit_failed") from None
        self._settle(upto, broken=False)

    def _settle(self, durable: int, *, broken: bool) -> None:
        with self._changed:
            self._durable, self._broken, self._forcing = durable, broken, False
            self._changed.notify_all()

    @staticmethod
    def before(path: Path) -> Before:
        """What an earlier signer wrote down that still counts; lines that are none of ours are passed over."""
        found = Before()
        if path.exists():
            with contextlib.suppress(OSError), path.open("rb") as file:
                for line in file:
                    if not any(name in line for name in _READ_BACK):  # most lines: a release, an unlocking
                        continue
                    with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError, ValueError):
                        found.read(msgspec.json.decode(line, type=_Line))
        return found

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def __enter__(self) -> Audit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
