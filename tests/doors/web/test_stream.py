"""The stream of the pages: that something moved and how much is unread; it ends with its session, and tells no text."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from parley.terms.marking import Tlp


class Listening:
    """An open stream, read as it comes."""

    def __init__(self, visitor: Any) -> None:
        self.socket = socket.create_connection(("127.0.0.1", visitor.port), timeout=20)
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        self.socket.sendall(f"GET /events HTTP/1.1\r\nHost: {visitor.host}\r\nCookie: {cookie}\r\n\r\n".encode())
        self.read = b""

    def until(self, wanted: bytes) -> bytes:
        """What came, up to `wanted`; b"" if the stream ended before."""
        while wanted not in self.read:
            try:
                piece = self.socket.recv(65536)
            except ConnectionError:
                piece = b""
            if not piece:
                return b""
            self.read += piece
        before, _, self.read = self.read.partition(wanted)
        return before + wanted

    def event(self, name: str) -> Any:
        assert self.until(f"event: {name}\ndata: ".encode())
        return json.loads(self.until(b"\n\n"))

    def ends(self) -> bool:
        """Whether it ends within the time that a stream may outlive its session."""
        self.socket.settimeout(10)
        try:
            return self.until(b"\r\n0\r\n") != b"" or b"0\r\n\r\n" in self.read or self.until(b"never") == b""
        except TimeoutError:
            return False


def test_it_tells_how_much_is_unread_now_and_when_that_changes(served: Any) -> None:
    stream = Listening(served.officer())
    told = stream.event("now")
    assert told.pop("at") == served.ours.clock()
    assert told == {"unread": {"FLASH": 0, "IMMEDIATE": 0, "PRIORITY": 0, "ROUTINE": 0}, "flash": 0, "sealed": 0}
    note = served.note_from_them(precedence=3)
    told = stream.event("moved")
    while not told["unread"]["FLASH"]:
        told = stream.event("moved")
    assert told["flash"] == 0  # an exercise never rings
    assert note[:8].encode() not in stream.read


def test_it_ends_when_its_session_is_ended(served: Any) -> None:
    visitor = served.officer()
    thief = served.visitor(cookies=dict(visitor.cookies))
    stream = Listening(thief)
    stream.event("now")
    began = time.monotonic()
    assert visitor.send("/settings", "/sign-out").status == 303
    assert stream.ends()
    assert time.monotonic() - began < 60
    assert b"401" in _first_line(thief)


def _first_line(visitor: Any) -> bytes:
    return Listening(visitor).until(b"\r\n")


def test_it_counts_only_what_the_officer_may_see(served: Any) -> None:
    served.grant_all()
    served.note_from_them(Tlp.RED)
    served.note_from_them(Tlp.AMBER)
    counts = {role: Listening(served.officer(role)).event("now")["unread"]["ROUTINE"] for role in ("legal", "observer")}
    assert counts == {"legal": 2, "observer": 1}


def test_an_officer_has_so_many_and_no_more(served: Any) -> None:
    visitor = served.officer()
    open_now = [Listening(visitor) for _ in range(served.desk.limits.streams_per_officer)]
    for stream in open_now:
        stream.event("now")
    assert b"429" in _first_line(visitor)


def test_a_locked_node_tells_that_it_took_something_and_how_much(served: Any) -> None:
    """Which of it is FLASH, nobody can know before the unlock; so that much, to every page that is open."""
    stream = Listening(served.officer())
    stream.event("now")
    vault, served.ours.node.vault = served.ours.node.vault, None
    served.do(served.theirs.write(served.ours, 1, {10: "timetable"}))
    served.do(served.theirs.deliver_to(served.ours))
    told = stream.event("moved")
    assert (told["sealed"], told["unread"]["ROUTINE"]) == (1, 0)
    served.ours.node.vault = vault
