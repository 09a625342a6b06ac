"""What the signer believes about its office's officers, and the judgement that it makes with it before it signs.

Read from the office key file and the officers' file beside it each time they were replaced; believed once the office
key, which only an officer can open, authenticates it. A list that is older than one that was seen is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import msgspec

from parley.clearance import Asked, Officer, Policy, Roster, Verdict, Word, judge, standard_policy
from parley.outside.keys.office_file import OfficeFile
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.roster_file import RosterFile
from parley.outside.keys.words import Heard
from parley.seal import SigningKey, Value, digest, encode

ONLY_OFFICER = "the only officer of this office"
"""The reason that stands for a lone release where nobody else could have taken part."""


@dataclass(frozen=True)
class Authority:
    """One reading of the two files. `officers` None: the office has no roles, and each who releases is everything."""

    office: OfficeFile
    officers: RosterFile | None

    @cached_property
    def roster(self) -> Roster:
        """The roster as it stands in the file: not believed before `check`."""
        if self.officers is not None:
            return self.officers.body.roster
        return Roster(officers=tuple(Officer(name=w.officer.name, post=w.officer.role) for w in self.office.wrappings))

    @property
    def policy(self) -> Policy:
        """The ministry's, else the one that Parley ships with."""
        own = self.officers.body.policy if self.officers is not None else None
        return own or standard_policy()

    def check(self, key: SigningKey) -> None:
        """Raise KeysProblem ``officers_tampered`` unless the officers' file was written with this office key."""
        if self.officers is not None:
            self.officers.check(key)

    def entry(self, name: str) -> bytes:
        """The fingerprint of what makes somebody this officer: passphrase and passkeys (32 bytes)."""
        row = self.officers.row(name) if self.officers is not None else None
        wrapped: list[Value] = [w.wrapped for w in self.office.wrappings if w.officer.name == name]
        passkeys = [one.passkeys for one in self.roster.officers if one.name == name]
        return digest(encode([name, wrapped, None if row is None else row.value(), msgspec.json.encode(passkeys)]))

    def judge(
        self, asked: Asked, heard: Iterable[Heard], releaser: str, now: int, reason: str, used: dict[str, int]
    ) -> Verdict:
        """As clearance.judge, with the words that count; raises ClearanceProblem."""
        words = [one.word for one in heard if one.entry == self.entry(one.word.officer) and self._is_here(one.word)]
        if not reason and len(self.office.wrappings) == 1 and self.roster.is_lone:
            reason = ONLY_OFFICER
        return judge(self.policy, self.roster, asked, words, releaser, now, reason=reason, used=used)

    def _is_here(self, word: Word) -> bool:
        return any(one.name == word.officer for one in self.roster.officers)


class Authorities:
    """The authority as the files say it now. `read` gives both files; `seen` is the newest version known before."""

    def __init__(self, read: Callable[[], tuple[OfficeFile, RosterFile | None]], seen: int = 0) -> None:
        self._read = read
        self._seen = seen
        self._last: tuple[object, Authority] | None = None
        self._lock = Lock()

    def __call__(self) -> Authority:
        """Raises KeysProblem: the files cannot be read, or ``officers_older``."""
        files = self._read()
        if (last := self._last) is not None and last[0] is files:
            return last[1]
        found = Authority(*files)
        self._last = (files, found)
        return found

    def believed(self, key: SigningKey) -> Authority:
        """The same, authenticated; raises KeysProblem ``officers_tampered``, ``officers_older``."""
        found = self()
        found.check(key)
        version = 0 if found.officers is None else found.officers.body.roster.version
        with self._lock:
            if version < self._seen:
                raise KeysProblem("officers_older")
            self._seen = version
        return found
