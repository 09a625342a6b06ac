"""The officer's side of the signer's socket: passphrase in, signed note out.

It runs where the officer is (the command line, later a browser's other end), never in the node: the passphrase, and the
key made from it, exist only in this process and in the signer.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Condition
from types import TracebackType

import msgspec

from parley.clearance import Challenge, ClearanceProblem, Code, How, Proof, Role, Verdict, Word
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import prove, prove_word, release_key
from parley.outside.keys.wire import Verb, limit_waiting, raise_refusal, receive, send
from parley.seal import Domain, PassphraseCost, Value, VerifyingKey, key_from_passphrase, peek
from parley.terms.party import Address

CONNECTIONS = 4
"""How many connections one session opens at most; the signer takes 16 in all."""


class OfficeSigner:
    """An office's signer, behind its socket.

    Args:
        path: the signer's Unix socket.
        account: numeric id of the signer's account, if it is not ours.
        timeout_s: how long to wait for one answer.
    """

    def __init__(self, path: Path, *, account: int | None = None, timeout_s: float = 30.0) -> None:
        self._path = path
        self._account = os.getuid() if account is None else account
        self._timeout_s = timeout_s

    def release(self, payload: bytes, officer: str, passphrase: str, reason: str = "") -> bytes:
        """The signed object of one note, released by `officer`; takes as long as the passphrase's cost.

        Raises:
            KeysProblem: no_signer, strange_signer, unknown_officer, wrong_passphrase, wait, not_a_note, other_office,
                form_not_allowed, audit_failed.
            ClearanceProblem: what release policy asks for lacks (clearance.judge).
        """
        with self.session(officer, passphrase, reason) as session:
            return session.release(payload)

    async def release_aside(self, payload: bytes, officer: str, passphrase: str, reason: str = "") -> bytes:
        """As `release`, in a thread, for callers in an event loop."""
        return await asyncio.to_thread(self.release, payload, officer, passphrase, reason)

    def session(self, officer: str, passphrase: str, reason: str = "") -> OfficeSession:
        """Unlock once, release many notes; close it when done. `reason`: a lone officer's. Raises KeysProblem."""
        return OfficeSession(self._connect, officer, passphrase, reason)

    def state(self) -> OpenState | None:
        """Who opened the key for passkeys and codes, and for how long yet; None: it is not open."""
        try:
            match self._once({2: int(Verb.STATE)}):
                case {3: int(seconds), 4: str(officer)}:
                    return OpenState(officer, seconds)
        except KeysProblem as problem:
            if problem.key == "keys.not_open":
                return None
            raise
        raise KeysProblem("bad_response")

    def shut(self) -> None:
        """Close it to passkeys and codes; anybody who reaches the socket may."""
        self._once({2: int(Verb.SHUT)})

    def number(self, payload: bytes) -> Challenge:
        """A number to be read out for this note; raises KeysProblem not_open, too_many_numbers."""
        match self._once({2: int(Verb.NUMBER), 3: payload}):
            case {3: str(number), 4: int(seconds)}:
                return Challenge(number, seconds)
        raise KeysProblem("bad_response")

    def release_by(self, payload: bytes, officer: str, proof: Proof, reason: str = "") -> Released:
        """As `release`, with a passkey's assertion or a code; raises KeysProblem, ClearanceProblem."""
        way, value = _way(proof)
        request: dict[int, Value] = {2: int(Verb.RELEASE_BY), 3: payload, 4: officer, 5: way, 6: value, 7: reason}
        return _released(self._once(request), payload, officer)

    def say_by(self, payload: bytes, officer: str, role: Role, proof: Proof) -> Word:
        """An officer's word for this note in a role, by passkey or code; raises KeysProblem, ClearanceProblem."""
        way, value = _way(proof)
        request: dict[int, Value] = {2: int(Verb.WORD_BY), 3: payload, 4: officer, 5: way, 6: value, 7: role.value}
        return _word(self._once(request), officer, role)

    def release_run_by(self, payloads: Sequence[bytes], officer: str, proof: Proof, reason: str = "") -> list[Released]:
        """All notes of a drill's run on one proof over the digest of all (`clearance.run_digest`), in their order.

        Raises KeysProblem not_a_run, wrong_passkey; ClearanceProblem. Then none is signed.
        """
        way, value = _way(proof)
        given: list[Value] = list(payloads)
        with self._connect() as connection:
            _ask(connection, {2: int(Verb.RUN_BY), 3: given, 4: officer, 5: way, 6: value, 7: reason})
            return [
                _released(_ask(connection, {2: int(Verb.TAKE), 3: payload}), payload, officer) for payload in payloads
            ]

    def say_run_by(self, payloads: Sequence[bytes], officer: str, role: Role, proof: Proof) -> Word:
        """An officer's word in a role for all notes of a run; raises KeysProblem, ClearanceProblem."""
        way, value = _way(proof)
        given: list[Value] = list(payloads)
        request: dict[int, Value] = {2: int(Verb.RUN_WORD_BY), 3: given, 4: officer, 5: way, 6: value, 7: role.value}
        return _word(self._once(request), officer, role)

    def _once(self, request: dict[int, Value]) -> dict[int, Value]:
        with self._connect() as connection:
            return _ask(connection, request)

    def _connect(self) -> socket.socket:
        """A connection to a signer that is whose it should be: nobody else may be handed a passphrase's key."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        limit_waiting(connection, self._timeout_s)
        try:
            connection.connect(str(self._path))
            if not self._belongs(connection):
                raise KeysProblem("strange_signer", path=self._path.name)
        except OSError as error:
            connection.close()
            reason = (error.strerror or "unknown")[:60]
            raise KeysProblem("no_signer", path=self._path.name, reason=reason) from None
        except KeysProblem:
            connection.close()
            raise
        return connection

    def _belongs(self, connection: socket.socket) -> bool:
        folder = self._path.parent.stat()
        closed = not stat.S_IMODE(folder.st_mode) & 0o022 or bool(folder.st_mode & stat.S_ISVTX)
        return closed and self._path.lstat().st_uid == self._account == _account_behind(connection)


def _account_behind(connection: socket.socket) -> int:
    """The account of the process that listens, as the kernel knows it (Linux: SO_PEERCRED; struct ucred)."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


class OpenState(msgspec.Struct, frozen=True):
    """Who opened the office key for passkeys and codes, and for how many seconds yet."""

    officer: str
    seconds: int


class Released(msgspec.Struct, frozen=True):
    """What the signer signed, and by what right."""

    signed: bytes
    verdict: Verdict


class OfficeSession:
    """An office key unlocked by one officer; a Signer. Made by OfficeSigner.session; safe to use from many threads.

    Each connection to the signer unlocks for itself. The first one is opened at once; others, up to CONNECTIONS, when
    several threads release at the same moment. Once the signer has cut all of them, because they idled too long, the
    session is over and asks for the passphrase again.
    """

    def __init__(self, connect: Callable[[], socket.socket], officer: str, passphrase: str, reason: str = "") -> None:
        self._connect = connect
        self._officer = officer
        self._reason = reason
        self._room = BoundedSemaphore(CONNECTIONS)
        self._changed = Condition()
        self._open: list[socket.socket] = [connect()]
        self._idle: list[socket.socket] = list(self._open)
        try:
            salt, cost = self._hello(self._open[0])
            self._kek = key_from_passphrase(passphrase, salt, cost)
            self._unlock(self._open[0])
        except BaseException:
            self.close()
            raise
        self._proving = release_key(self._kek)

    @property
    def public(self) -> VerifyingKey:
        """The office's key, as the signer says it is."""
        return self._public

    def sign(self, payload: bytes, domain: Domain) -> bytes:
        """As `release`; raises KeysProblem other_use for anything but a note."""
        if domain is not Domain.NOTE:
            raise KeysProblem("other_use")
        return self.release(payload)

    def release(self, payload: bytes) -> bytes:
        """The signed object of this note; raises KeysProblem, ClearanceProblem."""
        return self.released(payload).signed

    def released(self, payload: bytes) -> Released:
        """The same, and by what right."""
        request: dict[int, Value] = {2: int(Verb.SIGN), 3: payload, 4: prove(self._proving, payload)}
        if self._reason:
            request[5] = self._reason
        with self._room:
            return _released(self._ask_any(request), payload, self._officer)

    def say(self, payload: bytes, role: Role) -> Word:
        """This officer's word for this note in a role; raises KeysProblem, ClearanceProblem."""
        proof = prove_word(self._proving, role, payload)
        request: dict[int, Value] = {2: int(Verb.WORD), 3: payload, 4: role.value, 5: proof}
        with self._room:
            return _word(self._ask_any(request), self._officer, role)

    def open(self, seconds: int) -> None:
        """Leave the key open for passkeys and codes, for so long (a day at most)."""
        with self._room:
            self._ask_any({2: int(Verb.OPEN), 3: seconds})

    async def release_aside(self, payload: bytes) -> bytes:
        """As `release`, in a thread, for callers in an event loop."""
        return await asyncio.to_thread(self.release, payload)

    def close(self) -> None:
        """Lock the key again: the signer forgets it with the connections."""
        with self._changed:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._idle.clear()

    def __enter__(self) -> OfficeSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hello(self, connection: socket.socket) -> tuple[bytes, PassphraseCost]:
        match _ask(connection, {2: int(Verb.HELLO), 3: self._officer}):
            case {3: bytes(salt), 4: [int(memory), int(passes), int(lanes)], 5: [str(p), str(o)], 6: bytes(public)}:
                self.address = Address(p, o)
                self._public = VerifyingKey.from_bytes(public)
                return salt, PassphraseCost(memory, passes, lanes)
        raise KeysProblem("bad_response")

    def _unlock(self, connection: socket.socket) -> None:
        _ask(connection, {2: int(Verb.UNLOCK), 3: self._officer, 4: self._kek})

    def _ask_any(self, request: dict[int, Value]) -> dict[int, Value]:
        """Ask on a connection that is idle, passing over those that the signer has cut."""
        while True:
            connection = self._take()
            try:
                answer = _ask(connection, request)
            except ClearanceProblem:
                self._give_back(connection)
                raise
            except KeysProblem as problem:
                if problem.key == "keys.signer_gone":
                    self._drop(connection)
                    continue
                self._give_back(connection)
                raise
            except BaseException:
                self._drop(connection)  # interrupted: the next answer there would be the one to this question
                raise
            self._give_back(connection)
            return answer

    def _take(self) -> socket.socket:
        """An idle connection, the one used last first; a new one only beside others that live."""
        with self._changed:
            if self._idle:
                return self._idle.pop()
            if not self._open:
                raise KeysProblem("signer_gone")
        with suppress(KeysProblem):  # the signer is full: then wait for one of ours
            return self._another()
        with self._changed:
            self._changed.wait_for(lambda: self._idle or not self._open)
            if not self._idle:
                raise KeysProblem("signer_gone")
            return self._idle.pop()

    def _another(self) -> socket.socket:
        connection = self._connect()
        try:
            self._unlock(connection)
        except BaseException:
            connection.close()
            raise
        with self._changed:
            self._open.append(connection)
        return connection

    def _give_back(self, connection: socket.socket) -> None:
        with self._changed:
            if connection in self._open:
                self._idle.append(connection)
                self._changed.notify()

    def _drop(self, connection: socket.socket) -> None:
        connection.close()
        with self._changed:
            if connection in self._open:
                self._open.remove(connection)
                self._changed.notify_all()


def _ask(connection: socket.socket, request: dict[int, Value]) -> dict[int, Value]:
    try:
        send(connection, request)
        answer = receive(connection)
    except OSError:
        answer = None
    except KeysProblem:
        raise KeysProblem("bad_response") from None
    if answer is None:
        raise KeysProblem("signer_gone")
    raise_refusal(answer)
    return answer


def _way(proof: Proof) -> tuple[int, Value]:
    """A proof as the signer's socket carries it."""
    if isinstance(proof, Code):
        return 2, proof.digits
    return 1, [proof.credential_id, proof.authenticator_data, proof.client_data, proof.signature]


def _released(answer: dict[int, Value], payload: bytes, officer: str) -> Released:
    match answer:
        case {3: bytes(signed), 4: str(how), 5: list(words), 6: str(ahead), 7: str(reason)}:
            with suppress(ValueError):
                said = tuple(_said(one) for one in words)
                verdict = Verdict(how=How(how), releaser=officer, words=said, ahead=ahead, reason=reason)
                if peek(signed).payload == payload:
                    return Released(signed, verdict)
    raise KeysProblem("bad_response")


def _said(one: Value) -> Word:
    match one:
        case [str(officer), str(role), int(at)]:
            return Word(officer=officer, role=Role(role), at=at)
    raise ValueError("a word")


def _word(answer: dict[int, Value], officer: str, role: Role) -> Word:
    match answer:
        case {3: int(at)}:
            return Word(officer=officer, role=role, at=at)
    raise KeysProblem("bad_response")
