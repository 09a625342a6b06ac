"""The local door: verbs over a Unix socket of mode 0600, for commands of the same user on the same machine.

One request and one answer at a time, each a length (4 bytes, big-endian) and MessagePack. A command that writes goes
here while the node runs; otherwise it opens the store itself, which the exclusive lock allows to one process only.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from parley.doors.problems import DoorProblem
from parley.terms.problem import Fault, Problem

if TYPE_CHECKING:
    import asyncio

LARGEST = 64 * 1024 * 1024
Dispatch = Callable[[str, dict[str, Any]], Awaitable[Any]]


class RemoteProblem(Exception):
    """A Problem that happened in the node: key, arguments, and the three answers (whose fault, what, what to do).

    `faults` are the faulty lines of a form: (line, key, arguments).
    """

    def __init__(
        self,
        key: str,
        fault: str,
        what: str,
        do: str,
        faults: Sequence[Any] = (),
        arguments: Mapping[str, str | int] = MappingProxyType({}),
    ) -> None:
        super().__init__(f"{what} {do}")
        self.key, self.fault, self.what, self.do = key, Fault(fault), what, do
        self.arguments = arguments
        self.faults = tuple(tuple(one) for one in faults)


def as_answer(problem: Problem) -> dict[str, Any]:
    """A problem as it crosses the socket."""
    found = {"key": problem.key, "fault": problem.fault.value, "what": problem.what, "do": problem.do}
    return {**found, "arguments": problem.arguments, "faults": [list(one) for one in getattr(problem, "faults", ())]}


async def serve_local(path: Path, dispatch: Dispatch) -> asyncio.Server:
    """Listen on `path`, replacing a socket that a killed node left behind."""
    import asyncio  # here: commands use the client alone, and start sooner without it

    path.unlink(missing_ok=True)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (size,) = struct.unpack(">I", await reader.readexactly(4))
                if size > LARGEST:
                    return
                request = msgspec.msgpack.decode(await reader.readexactly(size))
                answer = await _answer(dispatch, request)
                data = msgspec.msgpack.encode(answer)
                writer.write(struct.pack(">I", len(data)) + data)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, msgspec.DecodeError):
            return
        finally:
            writer.close()

    old = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(one, path)
    finally:
        os.umask(old)


async def _answer(dispatch: Dispatch, request: Any) -> dict[str, Any]:
    try:
        return {"ok": await dispatch(request["verb"], request.get("args", {}))}
    except Problem as problem:
        return {"problem": as_answer(problem)}
    except Exception as error:  # the node goes on: one command's defect must not take the line down
        import structlog  # here: it takes longer to import than most commands take

        structlog.get_logger("parley.local").exception("defect in a command", verb=_verb_of(request))
        return {"problem": as_answer(DoorProblem("defect_in_node", kind=type(error).__name__))}


def _verb_of(request: Any) -> str:
    return str(request.get("verb", "?"))[:40] if isinstance(request, dict) else "?"


class LocalClient:
    """A command's connection to the running node.

    Raises ConnectionError (also FileNotFoundError) when no node listens; RemoteProblem for what the verb raised.
    """

    PATIENCE_S = 120.0

    def __init__(self, path: Path, timeout_s: float = PATIENCE_S) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise

    def call(self, verb: str, **args: Any) -> Any:
        """Ask the node for one verb and return its answer."""
        data = msgspec.msgpack.encode({"verb": verb, "args": args})
        self._socket.sendall(struct.pack(">I", len(data)) + data)
        (size,) = struct.unpack(">I", self._exactly(4))
        answer = msgspec.msgpack.decode(self._exactly(size))
        if "problem" in answer:
            raise RemoteProblem(**answer["problem"])
        return answer["ok"]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            piece = self._socket.recv(size - len(parts))
            if not piece:
                raise ConnectionError("the node hung up")
            parts += piece
        return bytes(parts)
