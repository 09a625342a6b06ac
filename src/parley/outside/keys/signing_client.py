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
from pathlib import Path
from threading import Lock
from types import TracebackType

from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import prove, release_key
from parley.outside.keys.wire import Verb, limit_waiting, raise_refusal, receive, send
from parley.seal import Domain, PassphraseCost, Value, VerifyingKey, key_from_passphrase, peek
from parley.terms.party import Address


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

    def release(self, payload: bytes, officer: str, passphrase: str) -> bytes:
        """The signed object of one note, released by `officer`; takes as long as the passphrase's cost.

        Raises:
            KeysProblem: no_signer, strange_signer, unknown_officer, wrong_passphrase, wait, not_a_note, other_office,
                form_not_allowed, audit_failed.
        """
        with self.session(officer, passphrase) as session:
            return session.release(payload)

    async def release_aside(self, payload: bytes, officer: str, passphrase: str) -> bytes:
        """As `release`, in a thread, for callers in an event loop."""
        return await asyncio.to_thread(self.release, payload, officer, passphrase)

    def session(self, officer: str, passphrase: str) -> OfficeSession:
        """Unlock once, release many notes; close it when done. Raises KeysProblem."""
        connection = self._connect()
        try:
            return OfficeSession(connection, officer, passphrase)
        except BaseException:
            connection.close()
            raise

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


class OfficeSession:
    """An office key unlocked by one officer on one connection; a Signer. Made by OfficeSigner.session."""

    def __init__(self, connection: socket.socket, officer: str, passphrase: str) -> None:
        self._connection = connection
        self._lock = Lock()
        salt, cost = self._hello(officer)
        kek = key_from_passphrase(passphrase, salt, cost)
        self._ask({2: int(Verb.UNLOCK), 3: officer, 4: kek})
        self._proving = release_key(kek)

    def _hello(self, officer: str) -> tuple[bytes, PassphraseCost]:
        match self._ask({2: int(Verb.HELLO), 3: officer}):
            case {3: bytes(salt), 4: [int(memory), int(passes), int(lanes)], 5: [str(p), str(o)], 6: bytes(public)}:
                self.address = Address(p, o)
                self._public = VerifyingKey.from_bytes(public)
                return salt, PassphraseCost(memory, passes, lanes)
        raise KeysProblem("bad_response")

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
        """The signed object of this note; raises KeysProblem."""
        match self._ask({2: int(Verb.SIGN), 3: payload, 4: prove(self._proving, payload)}):
            case {3: bytes(signed)} if peek(signed).payload == payload:
                return signed
        raise KeysProblem("bad_response")

    async def release_aside(self, payload: bytes) -> bytes:
        """As `release`, in a thread, for callers in an event loop."""
        return await asyncio.to_thread(self.release, payload)

    def close(self) -> None:
        """Lock the key again: the signer forgets it with the connection."""
        self._connection.close()

    def __enter__(self) -> OfficeSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[int, Value]) -> dict[int, Value]:
        try:
            with self._lock:
                send(self._connection, request)
                answer = receive(self._connection)
        except OSError:
            answer = None
        except KeysProblem:
            self._connection.close()
            raise KeysProblem("bad_response") from None
        if answer is None:
            self._connection.close()  # the next answer would be the one to this question
            raise KeysProblem("signer_gone")
        raise_refusal(answer)
        return answer
