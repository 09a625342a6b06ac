"""The words on the signer's socket: length-prefixed canonical maps (spec/signer.md, part 2).

A frame is 4 bytes, big-endian, the length of what follows, then one canonical map. Requests: 1 wire version, 2 the
verb, 3 and up its arguments. Answers: 1 wire version, 2 the key of a problem or empty, 3 and up the results, or, with a
problem, 3 its arguments as pairs.
"""

from __future__ import annotations

import socket
import struct
from enum import IntEnum
from typing import Final

from parley.clearance import ClearanceProblem
from parley.outside.keys.problems import KeysProblem
from parley.seal import SealProblem, Value, decode, encode

WIRE_VERSION: Final = 1
LARGEST_FRAME: Final = 512 * 1024  # a note of 256 KiB with its signatures, and room


class Verb(IntEnum):
    """What can be asked of the signer."""

    HELLO = 1  # 3 officer -> 3 salt, 4 [memory KiB, passes, lanes], 5 [party, office], 6 public key
    UNLOCK = 2  # 3 officer, 4 key from the passphrase -> nothing
    SIGN = 3  # 3 payload, 4 proof, 5 reason or missing -> 3 signed object, 4 how, 5 words, 6 ahead, 7 reason
    LOCK = 4  # -> nothing; the key is forgotten on this connection
    OPEN = 5  # 3 seconds -> 3 seconds; the key stays for passkeys and codes, whatever becomes of this connection
    SHUT = 6  # -> nothing; that ends
    WORD = 7  # 3 payload, 4 role, 5 proof -> 3 when (ms)
    RELEASE_BY = 8  # 3 payload, 4 officer, 5 way, 6 what proves it, 7 reason -> as SIGN
    WORD_BY = 9  # 3 payload, 4 officer, 5 way, 6 what proves it, 7 role -> 3 when (ms)
    NUMBER = 10  # 3 payload -> 3 number, 4 seconds
    STATE = 11  # -> 3 seconds that the key stays open, 4 who opened it
    RUN_BY = 12  # 3 payloads, 4 officer, 5 way, 6 what proves it, 7 reason -> 3 how many to take on this connection
    TAKE = 13  # 3 payload of a run that was released here -> as SIGN
    RUN_WORD_BY = 14  # 3 payloads, 4 officer, 5 way, 6 what proves it, 7 role -> 3 when (ms)


def limit_waiting(connection: socket.socket, seconds: float) -> None:
    """Let sends and receives on `connection` fail with OSError after `seconds`.

    By the kernel's own limit instead of settimeout, which costs a system call more at every step.
    """
    limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def send(connection: socket.socket, fields: dict[int, Value]) -> None:
    """Send one frame; raises OSError."""
    content = encode({1: WIRE_VERSION, **fields})
    connection.sendall(len(content).to_bytes(4, "big") + content)


def receive(connection: socket.socket) -> dict[int, Value] | None:
    """The next frame's map, None at the end; raises OSError, KeysProblem bad_request for anything else."""
    head = _exactly(connection, 4)
    if head is None:
        return None
    length = int.from_bytes(head, "big")
    if length > LARGEST_FRAME:
        raise KeysProblem("bad_request")
    content = _exactly(connection, length)
    if content is None:
        return None
    try:
        fields = decode(content, limit=LARGEST_FRAME)
    except SealProblem:
        raise KeysProblem("bad_request") from None
    if not isinstance(fields, dict) or fields.get(1) != WIRE_VERSION:
        raise KeysProblem("bad_request")
    return fields


def refusal(problem: KeysProblem | ClearanceProblem) -> dict[int, Value]:
    """The answer that carries `problem`; one of clearance with its room."""
    arguments: list[Value] = [[name, value] for name, value in problem.arguments.items()]
    key = problem.key if isinstance(problem, ClearanceProblem) else problem.key.partition(".")[2]
    return {2: key, 3: arguments}


def raise_refusal(answer: dict[int, Value]) -> None:
    """Raise the problem that `answer` carries, if any; ``bad_response`` for one that cannot be said."""
    key = answer.get(2)
    if key == "":
        return
    if not isinstance(key, str):
        raise KeysProblem("bad_response")
    kind: type[KeysProblem] | type[ClearanceProblem] = KeysProblem
    if key.startswith("clearance."):
        kind, key = ClearanceProblem, key.partition(".")[2]
    if key not in kind.TABLE:
        raise KeysProblem("bad_response")
    pairs = answer.get(3)
    arguments: dict[str, str | int] = {}
    for pair in pairs if isinstance(pairs, list) else []:
        match pair:
            case [str(name), str() | int() as value]:
                arguments[name] = value
    try:
        problem = kind(key, **arguments)
        str(problem)  # arguments that do not fit would crash later, where it is said to a person
    except (TypeError, KeyError, ValueError):
        raise KeysProblem("bad_response") from None
    raise problem


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    """Exactly `size` bytes, or None if the other side ends before."""
    pieces = bytearray()
    while len(pieces) < size:
        piece = connection.recv(size - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)
