"""When the signer signs: its rules, without sockets, clocks or files.

Every connection has its own `SignerSession`; what an officer unlocks there is usable there only. The order in `_sign`
is the point of the whole process: read the note, check the proof over it, check the policy, write it down, sign.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from parley.outside.keys.office_file import OfficeFile, Wrapping
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import NoteFacts, check_proof, read_facts, release_key
from parley.outside.keys.wire import Verb, refusal
from parley.seal import Domain, SealProblem, SigningKey, Value, sign

FREE_ATTEMPTS = 3
LONGEST_WAIT_MS = 60_000

Sign = Callable[[bytes, SigningKey, NoteFacts, str], bytes]
"""Writes down that an officer released these facts, signs the payload, and returns only when both are done."""


class Throttle:
    """Makes guessing slow: after three failures an officer's next attempt waits 1 s, 2 s, 4 s … up to a minute.

    The wait is short because whoever can knock here can also keep an officer out by knocking; guessing against the
    file itself, if somebody has it, is slowed by the passphrase's cost and not by this. Times are of a clock that never
    steps back, in ms.
    """

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, int]] = {}
        self._lock = Lock()

    def check(self, officer: str, now: int) -> None:
        """Raise KeysProblem wait if the officer's next attempt is not due yet."""
        with self._lock:
            _, until = self._failures.get(officer, (0, 0))
        if now < until:
            raise KeysProblem("wait", officer=officer, seconds=-(-(until - now) // 1000))

    def failed(self, officer: str, now: int) -> None:
        """Count a failure."""
        with self._lock:
            count = self._failures.get(officer, (0, 0))[0] + 1
            wait = min(LONGEST_WAIT_MS, 1000 << min(count - FREE_ATTEMPTS, 20)) if count >= FREE_ATTEMPTS else 0
            self._failures[officer] = (count, now + wait)

    def succeeded(self, officer: str) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures.pop(officer, None)


@dataclass(frozen=True)
class _Unlocked:
    """What an officer opened. `wrapping` is as it was then: its policy was authenticated by the unwrapping."""

    wrapping: Wrapping
    key: SigningKey
    proving: bytes

    @property
    def officer(self) -> str:
        return self.wrapping.officer.name


class SignerSession:
    """One connection to the signer.

    Args:
        office: gives the office file as it is now, so that officers and policy can change while the signer runs.
        throttle: shared by all connections.
        ticks: ms of a clock that never steps back.
        write_and_sign: see Sign.
        note: told of unlocking and of refusals, for the log.
    """

    def __init__(
        self,
        office: Callable[[], OfficeFile],
        throttle: Throttle,
        ticks: Callable[[], int],
        write_and_sign: Sign,
        note: Callable[[str, str], None],
    ) -> None:
        self._office = office
        self._throttle = throttle
        self._ticks = ticks
        self._write_and_sign = write_and_sign
        self._note = note
        self._unlocked: _Unlocked | None = None

    def answer(self, request: dict[int, Value]) -> dict[int, Value]:
        """The answer to one request; refusals are answers too, nothing is raised for what a caller can cause."""
        try:
            return {2: "", **self._obey(request)}
        except KeysProblem as problem:
            if self._unlocked is not None:
                with suppress(KeysProblem):  # a refusal stands also when it cannot be written down
                    self._note(self._unlocked.officer, problem.key)
            return refusal(problem)

    def _obey(self, request: dict[int, Value]) -> dict[int, Value]:
        match request:
            case {2: Verb.HELLO, 3: str(officer)}:
                return self._hello(officer)
            case {2: Verb.UNLOCK, 3: str(officer), 4: bytes(kek)} if len(kek) == 32:
                return self._unlock(officer, kek)
            case {2: Verb.SIGN, 3: bytes(payload), 4: bytes(proof)}:
                return self._sign(payload, proof)
            case {2: Verb.LOCK}:
                self._unlocked = None
                return {}
        raise KeysProblem("bad_request")

    def _hello(self, officer: str) -> dict[int, Value]:
        file = self._office()
        wrapping = file.wrapping(officer)
        cost = [wrapping.cost.memory_kib, wrapping.cost.passes, wrapping.cost.lanes]
        address = [file.address.party, file.address.office]
        return {3: wrapping.salt, 4: list(cost), 5: list(address), 6: file.public.to_bytes()}

    def _unlock(self, officer: str, kek: bytes) -> dict[int, Value]:
        self._unlocked = None
        file = self._office()
        wrapping = file.wrapping(officer)  # an unknown name is refused before it can fill the table of failures
        self._throttle.check(officer, self._ticks())
        try:
            key = file.unwrap(officer, kek)
        except KeysProblem:
            self._throttle.failed(officer, self._ticks())
            self._note(officer, "keys.wrong_passphrase")
            raise
        self._throttle.succeeded(officer)
        self._note(officer, "unlocked")
        self._unlocked = _Unlocked(wrapping, key, release_key(kek))
        return {}

    def _sign(self, payload: bytes, proof: bytes) -> dict[int, Value]:
        unlocked = self._still_unlocked()
        facts = read_facts(payload)
        check_proof(unlocked.proving, facts.digest, proof)
        own = self._office().address
        if facts.sender != own:
            raise KeysProblem("other_office", given=str(facts.sender), own=str(own))
        if not unlocked.wrapping.officer.may_release(facts.form):
            raise KeysProblem("form_not_allowed", officer=unlocked.officer, form=facts.form)
        return {3: self._write_and_sign(payload, unlocked.key, facts, unlocked.officer)}

    def _still_unlocked(self) -> _Unlocked:
        """What is unlocked here, if that officer's entry in the file is still the same: removal acts at once."""
        unlocked = self._unlocked
        if unlocked is not None and unlocked.wrapping not in self._office().wrappings:
            self._unlocked = unlocked = None
        if unlocked is None:
            raise KeysProblem("not_unlocked")
        return unlocked


def sign_note(payload: bytes, key: SigningKey) -> bytes:
    """The only signature that an office key makes: a note, in the domain of notes."""
    try:
        return sign(payload, [key], Domain.NOTE)
    except SealProblem:
        raise KeysProblem("not_a_note") from None
