"""Words: what officers said for notes that are not released yet, as the signer heard it.

A word was proved when it was given; with it the signer keeps the fingerprint of the officer's entry in its file as it
stood then. When the note is to be signed that file is authenticated, and a word counts if the entry is still the same:
who was written into the file by somebody else has no word. Words also stand in the audit log, from which a signer that
was started again reads those of the last days.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

import msgspec

from parley.clearance import Role, Word

LIFE_MS = 7 * 86_400_000
MOST_NOTES = 4096


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One word: for which note (SHA-256), and the fingerprint of the officer's entry."""

    note: bytes
    word: Word
    entry: bytes


class Words:
    """The words of all notes; safe to use from many threads."""

    def __init__(self, before: Iterable[Heard] = ()) -> None:
        self._by_note: dict[bytes, dict[tuple[str, Role], Heard]] = {}
        self._lock = Lock()
        for heard in before:
            self.keep(heard)

    def keep(self, heard: Heard) -> None:
        """Remember a word; the oldest note's are forgotten when there are too many."""
        with self._lock:
            said = self._by_note.pop(heard.note, {})
            self._by_note[heard.note] = {**said, (heard.word.officer, heard.word.role): heard}
            while len(self._by_note) > MOST_NOTES:
                del self._by_note[next(iter(self._by_note))]

    def of(self, note: bytes, now: int) -> tuple[Heard, ...]:
        """What was said for a note and is not too old at `now` (ms UTC)."""
        with self._lock:
            return tuple(one for one in self._by_note.get(note, {}).values() if now - one.word.at < LIFE_MS)
