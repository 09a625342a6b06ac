"""HTTPS is cut in the middle of a conversation: notes arrive by e-mail, and on paper, each of them once.

Two real nodes, each behind a forwarder that the test can cut; a real SMTP server and a real IMAP server.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from parley.outside.bearers.carried import read_carried, write_on_paper
from parley.outside.settings import Settings

from ..mail_servers import ADDRESSES, PASSWORD, MailServers, free_port
from .real_node import RealNode, until

MINUTE = 60_000
FLASH = 3


class Cable:
    """Forwards TCP to a node until it is cut; then nobody listens any more, and what was open is gone."""

    def __init__(self, port: int, to: int) -> None:
        self.port, self.to = port, to
        self._open: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Road:
    """One node, its cable, and its mail account."""

    def __init__(self, folder: Path, code: str, servers: MailServers) -> None:
        self.node = RealNode(folder, code, ADDRESSES[code])
        file = self.node.home.settings_file
        said = tomllib.loads(file.read_text("utf-8"))
        listed = int(said["listen"].rpartition(":")[2])
        behind = free_port()
        said["listen"] = f"127.0.0.1:{behind}"
        said["mail"] |= {
            "address": ADDRESSES[code],
            "smtp": f"127.0.0.1:{servers.smtp}",
            "imap": f"127.0.0.1:{servers.imaps}",
            "ca_file": str(servers.ca_file),
            "poll_s": 0.2,
        }
        file.write_bytes(msgspec.toml.encode(msgspec.convert(said, Settings)))
        secret = self.node.home.path / "mail.password"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o600)
        self.cable = Cable(listed, behind)

    def arrived(self, note: str) -> int:
        """How many notes of this id lie in the inbox."""
        return [row["note"] for row in self.node.door.call("inbox", limit=200, direction="in")].count(note)

    def doctor(self) -> str:
        rows = self.node.door.call("doctor", serving=True)
        return "\n".join(f"{row['ok']} {row['what']} {row['do']}" for row in rows)


@pytest.fixture
def roads(tmp_path: Path, mail_servers: MailServers) -> Iterator[tuple[Road, Road]]:
    a, b = Road(tmp_path, "XA", mail_servers), Road(tmp_path, "XB", mail_servers)
    a.node.meet(b.node)
    b.node.meet(a.node)
    for road in (a, b):
        road.node.start()
    try:
        for road in (a, b):
            road.node.await_start()
        for here, there in ((a, b), (b, a)):
            until(lambda h=here, t=there: h.node.door.call("can_seal", party=t.node.code))
        yield a, b
    finally:
        for road in (a, b):
            road.node.end()
            road.cable.cut()


def empty(road: Road) -> bool:
    return not any("outbox" in row["what"] for row in road.node.door.call("doctor", serving=True))


def test_https_is_cut_and_the_conversation_goes_on_by_mail_and_on_paper(
    roads: tuple[Road, Road], mail_servers: MailServers, tmp_path: Path
) -> None:
    a, b = roads
    # By HTTPS, which works: nothing is mailed.
    first = a.node.write("XB")
    assert a.node.arrives(first, "XB")
    assert mail_servers.habits.accepted == 0

    for road in roads:
        road.cable.cut()

    # FLASH goes by mail within seconds, and its receipt comes back by mail.
    flash = a.node.write("XB", FLASH)
    assert a.node.arrives(flash, "XB", seconds=30)
    assert b.arrived(flash) == 1

    # The answer to it travels the same way.
    back = b.node.write("XA", FLASH)
    assert b.node.arrives(back, "XA", seconds=30)
    assert a.arrived(back) == 1

    # A routine note waits until HTTPS has failed for half an hour.
    routine = a.node.write("XB")
    assert not a.node.arrives(routine, "XB", seconds=4)
    a.node.go_ahead(31 * MINUTE)
    b.node.go_ahead(31 * MINUTE)
    assert a.node.arrives(routine, "XB", seconds=30)
    assert b.arrived(routine) == 1
    assert "False XB by https:" in a.doctor()  # "never reached" if XB always called first
    assert "True XB by mail: reached" in a.doctor()
    assert "True our mailbox: read" in a.doctor()

    # Now the mail server refuses too: paper.
    mail_servers.habits.answer = lambda envelope: "451 4.7.1 not now"
    paper = a.node.write("XB", FLASH)
    until(lambda: mail_servers.habits.refused > 0)
    data = a.node.door.call("hand_parcel", party="XB", news=False, most_bytes=56_000)
    write_on_paper(tmp_path / "there", data, "png", 33)
    pictures = sorted((tmp_path / "there").glob("*.png"))
    [carried] = read_carried([*pictures[3:], *pictures[4:6]])  # three got lost, two were photographed twice
    reply = b.node.door.call("take_parcel", data=carried)
    assert b.arrived(paper) == 1

    # The same note by mail as well, before the paper receipt is back: still once; then the receipt on paper, too.
    mail_servers.habits.answer = lambda envelope: None
    a.node.go_ahead(40 * MINUTE)
    b.node.go_ahead(40 * MINUTE)
    assert a.node.arrives(paper, "XB", seconds=30)
    assert b.arrived(paper) == 1
    write_on_paper(tmp_path / "back", reply, "png", 33)
    [returned] = read_carried(sorted((tmp_path / "back").glob("*.png")))
    a.node.door.call("take_parcel", data=returned)

    # The cable is mended: everything settles, nothing is there twice, nothing was refused.
    for road in roads:
        road.cable.mend()
    last = a.node.write("XB")
    assert a.node.arrives(last, "XB", seconds=30)
    until(lambda: empty(a) and empty(b), seconds=90)
    assert [b.arrived(note) for note in (first, flash, routine, paper, last)] == [1, 1, 1, 1, 1]
    assert a.arrived(back) == 1


def test_a_node_that_is_told_to_stop_does_not_wait_for_a_mail_server(tmp_path: Path, mail_servers: MailServers) -> None:
    """A server that accepts and says nothing: the node ends at once all the same."""
    a = Road(tmp_path, "XA", mail_servers)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = a.node.home.settings_file
        said = tomllib.loads(file.read_text("utf-8"))
        said["mail"]["imap"] = f"127.0.0.1:{silent.getsockname()[1]}"
        file.write_bytes(msgspec.toml.encode(msgspec.convert(said, Settings)))
        a.node.start()
        a.node.await_start()
        silent.accept()
        a.node.end()  # raises after 15 seconds; the server's patience is 30
    a.cable.cut()
