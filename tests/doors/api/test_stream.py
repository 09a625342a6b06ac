"""The stream of what happened: in order, resumable, silent above the level, and cut when its token ends."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from parley.desk import happened, read, read_back, tokens, watch
from parley.doors.api.app import Desk
from parley.doors.api.limits import Limits
from parley.doors.api.stream import Stream
from parley.line.ports import Tx
from parley.terms.marking import Tlp
from parley.testing import settle

HOUR = 3_600_000


@dataclass
class Event:
    id: str
    what: str
    data: Any


class Following:
    """A program that reads the stream."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self._rest, self.comments = connection, b"", 0

    def head(self) -> bytes:
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        return head

    def next(self) -> Event | None:
        """The next event, None at the end of the stream."""
        while True:
            block, found, rest = self._rest.partition(b"\n\n")
            if not found:
                more = self._more()
                if not more:
                    return None
                self._rest += more
                continue
            self._rest = rest
            fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
            self.comments += b"" in fields
            if b"data" in fields:
                return Event(fields[b"id"].decode(), fields[b"event"].decode(), json.loads(fields[b"data"]))

    def some(self, count: int) -> list[Event]:
        found = [self.next() for _ in range(count)]
        assert None not in found
        return [one for one in found if one is not None]

    def _more(self) -> bytes:
        return self.connection.recv(65536)


@contextmanager
def following(served: Any, token: str = "", last: str = "") -> Iterator[Following]:
    """Asked with HTTP/1.0: the body then comes as it is, without lengths of pieces between."""
    shown = token or served.all_scopes
    head = f"GET /v1/events HTTP/1.0\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {shown}\r\n"
    head += f"Last-Event-ID: {last}\r\n" if last else ""
    with served.raw(head.encode() + b"\r\n") as connection:
        made = Following(connection)
        first = made.head()
        assert b" 200 " in first.split(b"\r\n")[0], first
        assert b"text/event-stream" in first
        yield made


def test_a_note_of_theirs_from_its_coming_to_the_read_back(alone: Any) -> None:
    with alone() as served, following(served) as stream:
        note = served.note_from_them()
        node = served.ours.node
        served.do(read.read(node, note, "en", officer="amal"))
        answers = {one.line: one.options[0].id for one in read_back.ask(node, note, "en")}
        served.do(read_back.give(node, note, answers, language="en", role="duty", seconds=1, by_person=True))
        found = stream.some(3)
        assert [one.what for one in found] == ["note", "read", "read-back-given"]
        assert {one.data["note"] for one in found} == {note}
        assert [one.data["outgoing"] for one in found] == [False] * 3
        assert [one.data["delivery"] for one in found] == ["opened", "read", "read"]


def test_a_note_of_ours_with_every_receipt_and_the_line_that_came_across_differently(alone: Any) -> None:
    with alone() as served, following(served) as stream:
        note = served.note_of_ours(11, REQUEST)
        node = served.theirs.node
        served.do(read.read(node, note, "en", officer="boris"))
        right = served.do(_right(served, note))
        asked = read_back.ask(node, note, "en")
        wrong = {one.line: next(o.id for o in one.options if o.id != right[one.line]) for one in asked}
        served.do(read_back.give(node, note, wrong, language="en", role="duty", seconds=1, by_person=True))
        served.do(settle(served.ours, served.theirs))
        found = stream.some(5)
        said = [(one.what, one.data["stage"]) for one in found]
        assert said == [
            ("queued", ""),
            ("receipt", "opened"),
            ("receipt", "read"),
            ("receipt", "read_back"),
            ("read-back", ""),
        ]
        assert found[-1].data["understanding"] == "differs"
        assert set(found[-1].data["differs"]) == set(wrong)
        # Lines, never the options that were chosen: those are for a person to look at.
        assert not any(option in json.dumps(one.data) for one in found for option in wrong.values() if len(option) > 3)


async def _right(served: Any, note: str) -> dict[int, str]:
    from parley.desk.answer import right_answers

    return right_answers(served.ours.node, note)


REQUEST = {
    10: "stop-traffic", 11: "XB", 12: "from-territory", 13: None, 15: ["XA"], 16: ["health"], 17: ["data.encrypted"],
    18: None, 19: "going-on", 23: ["13c", "13h"],
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _codes() -> None:
    """The judged lines as codes, by the same filling as everywhere."""
    from parley.desk.fill import fill
    from parley.forms import load

    pairs = [
        (line, code) for line, given in REQUEST.items() for code in (given if isinstance(given, list) else [given])
    ]
    coded = {13: "icd_203.likely", 18: "began 2017-05-12T07:44Z"}
    REQUEST.update(fill(load().form(11), [(line, coded.get(line, code)) for line, code in pairs]))  # type: ignore[arg-type]


def test_a_clock_that_rang(alone: Any) -> None:
    with alone() as served, following(served) as stream:
        served.do(served.ours.write(served.theirs, 1, {10: "timetable"}))
        assert stream.some(1)[0].what == "queued"
        served.ours.clock.sleep(24 * HOUR)
        assert served.do(watch.ring_due(served.ours.node)) == 1
        assert stream.some(1)[0].what == "clock"


def test_who_comes_back_misses_nothing_and_hears_nothing_twice(alone: Any) -> None:
    with alone() as served:
        with following(served) as stream:
            served.note_from_them()
            first = stream.some(1)[0]
        missed = [served.note_from_them() for _ in range(5)]
        with following(served, last=first.id) as stream:
            assert [one.data["note"] for one in stream.some(5)] == missed
            served.note_from_them()
            assert stream.some(1)[0].what == "note"
        with following(served, last="0") as stream:
            assert len({one.id for one in stream.some(7)}) == 7
        with following(served) as stream:
            late = served.note_from_them()
            assert stream.some(1)[0].data["note"] == late


IDS = {
    "of another life of the journal": "f" * 16 + "-1",
    "of the future": "{life}-99",
    "no id": "yesterday",
    "longer than any": "{life}-" + "9" * 40,
}


@pytest.mark.parametrize("name", IDS)
def test_an_id_that_leads_nowhere_is_told_as_a_gap(alone: Any, name: str) -> None:
    with alone() as served:
        note = served.note_from_them()
        life = served.ours.node.incarnation.hex()[:16]
        with following(served, last=IDS[name].format(life=life)) as stream:
            gap, after = stream.some(2)
            assert (gap.what, gap.data["note"]) == ("gap", "")
            assert (after.what, after.data["note"]) == ("note", note)


def test_what_is_too_old_to_be_kept_is_told_as_a_gap(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happened, "MOST", 4)
    monkeypatch.setattr(happened, "PRUNE_EVERY", 2)
    with alone() as served:
        notes = [served.note_from_them() for _ in range(10)]
        kept = served.ours.node.store.look(lambda look: [key for key, _ in look.records(happened.KIND)])
        assert len(kept) == 4
        life = served.ours.node.incarnation.hex()[:16]
        with following(served, last=f"{life}-1") as stream:
            assert stream.some(1)[0].what == "gap"
            assert [one.data["note"] for one in stream.some(4)] == notes[-4:]
        with following(served, last=f"{life}-6") as stream:
            assert [one.data["note"] for one in stream.some(4)] == notes[-4:]


def test_a_revoked_token_ends_its_streams_and_hears_no_more(alone: Any) -> None:
    with alone(limits=Limits(look_s=30, beat_s=30)) as served:
        token, other = served.token("read"), served.token("read")
        with following(served, token) as stream, following(served, other) as going_on:
            served.note_from_them()
            assert stream.some(1)[0].what == "note"
            served.do(tokens.revoke(served.ours.node, token.split("_")[1]))
            served.note_from_them()
            assert stream.next() is None
            assert len(going_on.some(2)) == 2
        assert served.ask("GET", "/v1/events", token=token).status == 401


def test_an_event_that_waits_is_not_told_to_a_token_that_ended_first(alone: Any) -> None:
    """Between two events of one look: the token is asked for before each."""
    with alone() as served:
        token = served.token("read")
        for _ in range(3):
            served.note_from_them()
        desk = Desk(served.ours.node, Tlp.AMBER, set())
        held = tokens.held(served.ours.node, token.split("_")[1])
        assert held is not None
        sent: list[bytes] = []

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))
            if b"event:" in sent[-1]:
                await tokens.revoke(served.ours.node, held.id)

        served.do(Stream(desk, held, 0, gap=False)({"state": {}}, _nobody, send))
        assert sum(b"event:" in piece for piece in sent) == 1


async def _nobody() -> Any:
    await asyncio.sleep(3600)


def test_a_token_that_runs_out_ends_its_streams(alone: Any) -> None:
    with alone() as served:
        token = served.token("read", days=1)
        with following(served, token) as stream:
            served.ours.clock.sleep(24 * HOUR)
            assert stream.next() is None


def test_a_token_has_only_so_many_streams(alone: Any) -> None:
    with alone(limits=Limits(streams_per_token=2, look_s=0.01)) as served:
        token = served.token("read")
        with following(served, token), following(served, token):
            got = served.ask("GET", "/v1/events", token=token)
            assert (got.status, got.value["key"]) == (429, "door.too_many_streams")
            with following(served, served.token("read")):
                pass
        _until(lambda: not _refused(served, token))


def _refused(served: Any, token: str) -> bool:
    try:
        with following(served, token):
            return False
    except AssertionError:
        return True


def _until(look: Callable[[], bool]) -> None:
    for _ in range(500):
        if look():
            return
    raise AssertionError("in vain")


def test_a_program_that_takes_nothing_is_cut(alone: Any) -> None:
    """The stream waits for it so long and no longer, and then leaves nothing behind that waits to be written."""
    with alone() as served:
        desk = Desk(served.ours.node, Tlp.AMBER, set(), limits=Limits(stuck_s=0.05))
        held = tokens.held(served.ours.node, served.token("read").split("_")[1])
        assert held is not None
        cut: list[bool] = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                await asyncio.sleep(3600)

        served.do(Stream(desk, held, 0, gap=False)({"state": {"abort": lambda: cut.append(True)}}, _nobody, send))
        assert cut == [True]
        assert desk.streams[held.id] == 0


def test_nothing_is_told_of_a_note_above_the_level(alone: Any) -> None:
    with alone(api_level="TLP:GREEN") as served, following(served) as stream:
        served.note_from_them(Tlp.AMBER)
        served.note_from_them(Tlp.RED)
        served.note_from_them(Tlp.GREEN, national="RESTRICTED")
        passing = served.note_from_them(Tlp.GREEN)
        assert stream.some(1)[0].data["note"] == passing


def test_a_locked_node_tells_that_it_took_something_and_no_more_until_it_is_unlocked(alone: Any) -> None:
    """So that a program can ring an officer; whose it is and how urgent lies inside the seal."""
    with alone() as served, following(served) as stream:
        note = served.note_from_them()
        assert stream.some(1)[0].data["note"] == note
        vault, served.ours.node.vault = served.ours.node.vault, None
        sent = served.do(served.theirs.write(served.ours, 1, {10: "timetable"}))
        served.do(served.theirs.deliver_to(served.ours))
        taken = stream.some(1)[0]
        assert taken.what == "taken"
        assert {name: value for name, value in taken.data.items() if value and name not in ("what", "at")} == {}
        stream.connection.settimeout(0.6)
        with pytest.raises(TimeoutError):
            stream.next()
        stream.connection.settimeout(30)
        served.do(_unlock(served, vault))
        assert stream.some(1)[0].data["note"] == sent.hex()


async def _unlock(served: Any, vault: Any) -> None:
    from parley.desk import freshen

    await freshen.unlock(served.ours.node, vault)


def test_a_stream_on_which_nothing_happens_shows_that_it_is_there(alone: Any) -> None:
    with alone(limits=Limits(look_s=0.02, beat_s=0.05)) as served, following(served) as stream:
        found = b""
        while found.count(b": still here\n\n") < 3:
            found += stream.connection.recv(1024)


def test_a_node_that_stops_ends_its_streams(alone: Any) -> None:
    with alone() as served, served.raw(_events(served)) as connection:
        stream = Following(connection)
        assert b"200 OK" in stream.head()
    with alone() as served:
        connection = served.raw(_events(served))
        stream = Following(connection)
        assert b"200 OK" in stream.head()
    rest = b""
    while piece := connection.recv(65536):
        rest += piece
    assert rest.endswith(b"0\r\n\r\n")  # an end as HTTP has it, not a cut
    connection.close()


def _events(served: Any) -> bytes:
    head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.all_scopes}\r\n"
    return head.encode() + b"\r\n"


def test_what_is_undone_did_not_happen(alone: Any) -> None:
    """An event is written in the unit that moves the conversation: it is kept with it or not at all."""
    with alone() as served:
        node = served.ours.node
        served.note_from_them()
        before = node.store.look(happened.newest)

        def unit(tx: Tx) -> None:
            for number in range(3):
                tx.put("test", str(number), b"")
            happened.write_down(tx, _any(tx), watch_event(), 1)
            raise RuntimeError("undone")

        with pytest.raises(RuntimeError):
            served.do(node.store.write(unit, point="test"))
        assert node.store.look(happened.newest) == before


def _any(tx: Tx) -> Any:
    from parley.line.conversation import read_conversation

    row = tx.notes(limit=1)[0]
    return read_conversation(tx.conversations(row.note_id)[0].state)


def watch_event() -> Any:
    from parley.line.events import Closed

    return Closed()


def test_without_an_api_nothing_is_written_down(alone: Any) -> None:
    with alone() as served:
        served.note_from_them()
        assert served.ours.node.store.look(happened.newest) == 1
        assert served.theirs.node.happened is None
        assert served.theirs.node.store.look(happened.newest) == 0


def test_every_event_of_the_line_has_a_name() -> None:
    from typing import get_args

    from parley.line.events import Event as LineEvent

    assert set(happened._NAMES) == set(get_args(LineEvent))
