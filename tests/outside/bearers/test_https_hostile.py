"""What a hostile or broken caller sends: refused in one shape, and the next peer is served as if nothing had been."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.outside.bearers.https import Limits
from parley.outside.bearers.https.gate import STRANGER, Gate

HEAD = b"POST /line HTTP/1.1\r\nHost: x\r\n"
ONE_SHAPE = re.compile(rb'\{"problem":"bearer\.[a-z_]+"\}')


async def still_serves(pair):
    assert await pair.bearer().exchange(pair.endpoint, b"honest", timeout_s=5) == b"answer to honest"


async def send_all(writer, *pieces):
    """Write what the other side is still willing to take."""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass


# What is sent on an authenticated connection, and the status it must get; None: the connection just ends, or an answer
# with that status would be wrong because the request is a proper one.
GARBAGE = {
    "a line that is not HTTP": (b"hello\r\n\r\n", 400),
    "zero bytes": (b"\x00" * 64, 400),
    "a TLS hello inside TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404),
    "a head that never ends": (HEAD + b"X: y\r\n" * 4000, 400),
    "one endless header": (HEAD + b"X: " + b"y" * 20_000, 400),
    "two lengths that differ": (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "a length in words": (HEAD + b"Content-Length: three\r\n\r\n", 400),
    "a length of five thousand digits": (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
    "a length beyond the limit": (HEAD + b"Content-Length: 99999999999\r\n\r\n", 413),
    "chunked, and the chunk's size is no number": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "a transfer encoding nobody knows": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "no host": (b"POST /line HTTP/1.1\r\n\r\n", 400),
    "a header that is folded and forged": (HEAD + b"X y: z\r\n\r\n", 400),
    "an unknown path": (b"POST /admin HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
    "a path out of the folder": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a path with percent signs": (b"GET /%00%ff%zz HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "a method that the path does not take": (b"DELETE /particulars HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "GET of the line": (b"GET /line HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "a WebSocket": (
        b"GET /line HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        405,
    ),
    "CONNECT through us": (b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_in_one_shape_and_the_line_goes_on(play, listening, whole_answer, name):
    sent, status = GARBAGE[name]

    async def story():
        async with listening() as pair:
            reader, writer = await pair.raw(pair.peer)
            await send_all(writer, sent)
            answer = await whole_answer(reader)
            assert answer.startswith(b"HTTP/1.1 %d " % status), answer
            assert ONE_SHAPE.fullmatch(answer.partition(b"\r\n\r\n")[2]), answer
            writer.close()
            assert pair.desk.got == []
            await still_serves(pair)

    play(story())


def test_bytes_that_are_not_tls_are_dropped(play, listening):
    async def story():
        async with listening() as pair:
            for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 5000, b""):
                reader, writer = await asyncio.open_connection("127.0.0.1", pair.server.port)
                writer.write(sent)
                if not sent:
                    writer.close()
                assert b"HTTP" not in await reader.read(1000)
                writer.close()
            await still_serves(pair)

    play(story())


def test_an_announced_body_that_is_too_large_is_refused_before_it_is_read(play, listening, whole_answer):
    """Not one byte of the body is sent here, and the refusal comes all the same."""

    async def story():
        async with listening(Limits(parcel_bytes=1000)) as pair:
            reader, writer = await pair.raw(pair.peer)
            writer.write(HEAD + b"Content-Length: 1001\r\n\r\n")
            assert b"413" in (await whole_answer(reader))[:20]
            writer.close()
            await still_serves(pair)

    play(story())


def test_a_body_without_a_length_is_cut_when_it_grows_too_large(play, listening, whole_answer):
    async def story():
        async with listening(Limits(parcel_bytes=100_000)) as pair:
            reader, writer = await pair.raw(pair.peer)
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            asking = asyncio.create_task(whole_answer(reader))
            chunk = b"4000\r\n" + bytes(0x4000) + b"\r\n"
            await send_all(writer, *[chunk] * 8)
            assert b"413" in (await asking)[:20]
            assert pair.desk.got == []
            writer.close()
            await still_serves(pair)

    play(story())


def test_a_body_of_exactly_the_limit_is_taken(play, listening):
    """The control of the two tests above: the limit refuses the byte after it and not the last one."""

    async def story():
        async with listening(Limits(parcel_bytes=1000)) as pair:
            await pair.bearer().exchange(pair.endpoint, bytes(1000), timeout_s=5)
            assert len(pair.desk.got[0][1]) == 1000

    play(story())


def test_strangers_may_offer_less_than_peers_may_send(play, listening, whole_answer):
    async def story():
        async with listening(Limits(particulars_bytes=500)) as pair:
            reader, writer = await pair.raw()
            writer.write(b"POST /particulars HTTP/1.1\r\nHost: x\r\nContent-Length: 501\r\n\r\n")
            assert b"413" in (await whole_answer(reader))[:20]
            assert pair.desk.offers == []
            writer.close()

    play(story())


@pytest.mark.parametrize("before", [b"", b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["first", "second"])
def test_a_head_that_trickles_in_is_cut_however_steadily_it_trickles(play, listening, before):
    """One byte every 50 ms, for ever: the timer runs from the first byte and is not wound up by the next."""

    async def story():
        async with listening(Limits(head_s=0.3)) as pair:
            reader, writer = await pair.raw(pair.peer)
            await send_all(writer, before)
            if before:
                await reader.readuntil(b"our particulars")
            ended = asyncio.create_task(reader.read(-1))
            for _ in range(200):
                await send_all(writer, b"X")
                await asyncio.wait([ended], timeout=0.05)
                if ended.done():
                    break
            assert ended.done()
            writer.close()
            await still_serves(pair)

    play(story())


def test_a_connection_that_says_nothing_is_cut(play, listening):
    async def story():
        async with listening(Limits(head_s=0.2)) as pair:
            reader, writer = await pair.raw(pair.peer)
            assert await reader.read(-1) == b""
            writer.close()

    play(story())


def test_a_handshake_that_is_not_begun_is_cut(play, listening):
    async def story():
        async with listening(Limits(handshake_s=0.2)) as pair:
            reader, writer = await asyncio.open_connection("127.0.0.1", pair.server.port)
            assert await reader.read(-1) == b""
            writer.close()

    play(story())


def test_a_body_that_trickles_in_is_cut(play, listening, whole_answer):
    async def story():
        async with listening(Limits(body_s=0.3, slowest_bytes_per_s=1_000_000)) as pair:
            reader, writer = await pair.raw(pair.peer)
            await send_all(writer, HEAD + b"Content-Length: 1000\r\n\r\n")
            asking = asyncio.create_task(whole_answer(reader))
            for _ in range(200):
                await send_all(writer, b"x")
                await asyncio.wait([asking], timeout=0.05)
                if asking.done():
                    break
            assert b'{"problem":"bearer.too_slow"}' in await asking
            assert pair.desk.got == []
            writer.close()
            await still_serves(pair)

    play(story())


def test_a_slow_but_steady_body_has_the_time_that_its_size_needs():
    """A MiB at a little under 9,600 bit/s: the fixed seconds alone would cut off whoever has a poor line."""
    assert Limits(body_s=20, slowest_bytes_per_s=1000).body_seconds(1 << 20) == pytest.approx(20 + 1048.576)


def test_an_idle_connection_is_closed(play, listening):
    async def story():
        async with listening(Limits(idle_s=1)) as pair:
            reader, writer = await pair.raw(pair.peer)
            writer.write(b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.read(-1)).endswith(b"our particulars")
            writer.close()

    play(story())


def test_a_caller_that_leaves_in_the_middle_takes_nothing_with_it(play, listening):
    """Half a head, half a body, a whole request with nobody waiting for the answer."""

    async def story():
        async with listening() as pair:
            for sent in (HEAD, HEAD + b"Content-Length: 10\r\n\r\nabc", HEAD + b"Content-Length: 3\r\n\r\nabc"):
                _, writer = await pair.raw(pair.peer)
                await send_all(writer, sent)
                writer.transport.abort()
            await still_serves(pair)
            for _ in range(100):
                if len(pair.server._state.connections) <= 1:
                    break
                await asyncio.sleep(0.02)
            assert len(pair.server._state.connections) <= 1
            assert sum(pair.server.gate.open.values()) <= 1

    play(story())


def test_one_party_cannot_hold_more_than_its_share_and_another_is_served(play, listening, whole_answer, identity):
    async def story():
        async with listening(Limits(connections_per_party=3)) as pair:
            other = identity("XC")
            pair.desk.accept("XC", other)
            held = [await pair.raw(pair.peer) for _ in range(3)]
            for reader, writer in held:
                writer.write(b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readuntil(b"our particulars")
            reader, writer = await pair.raw(pair.peer)
            answer = await whole_answer(reader)
            assert answer.startswith(b"HTTP/1.1 503")
            assert answer.endswith(b'{"problem":"bearer.too_many"}')
            assert await pair.bearer(other).exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"
            for _, writer in held:
                writer.close()

    play(story())


def test_strangers_that_fill_their_share_keep_no_peer_out(play, listening, whole_answer):
    async def story():
        async with listening(Limits(connections_of_strangers=2)) as pair:
            held = [await pair.raw() for _ in range(2)]
            for reader, writer in held:
                writer.write(b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n")
                await reader.readuntil(b"our particulars")
            reader, _ = await pair.raw()
            assert b"too_many" in await whole_answer(reader)
            await still_serves(pair)
            for _, writer in held:
                writer.close()

    play(story())


def test_a_place_that_was_left_can_be_taken_again():
    """The gate's count goes down to nothing, and below nothing never."""
    gate = Gate(Limits(connections_per_party=1, connections_of_strangers=1))
    for who in ("XA", STRANGER):
        assert gate.enter(who)
        assert not gate.enter(who)
        gate.leave(who)
        assert gate.enter(who)
        gate.leave(who)
    assert not gate.open


def test_a_peer_that_answers_nothing_does_not_hold_up_another(play, listening, identity):
    """One party's exchange hangs in the handler; another party's goes through meanwhile."""

    async def story():
        async with listening() as pair:
            other = identity("XC")
            pair.desk.accept("XC", other)
            pair.desk.waiting = asyncio.Event()
            stuck = asyncio.create_task(pair.bearer().exchange(pair.endpoint, b"stuck", timeout_s=10))
            while not pair.desk.got:
                await asyncio.sleep(0.01)
            event, pair.desk.waiting = pair.desk.waiting, None
            assert await pair.bearer(other).exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"
            event.set()
            assert await stuck == b"answer to stuck"

    play(story())


def test_nonsense_published_as_a_certificate_shuts_nobody_out(play, listening):
    async def story():
        async with listening() as pair:
            pair.desk.trusted[:0] = [("XC", b"nonsense"), ("XD", b""), ("XE", b"\x30\x03\x02\x01\x01")]
            await still_serves(pair)

    play(story())


def test_pipelined_requests_are_answered_one_by_one(play, listening, whole_answer):
    async def story():
        async with listening() as pair:
            reader, writer = await pair.raw(pair.peer)
            one = b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n"
            writer.write(one * 20 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert (await whole_answer(reader)).count(b"our particulars") == 21
            writer.close()

    play(story())


REQUEST = HEAD + b"Content-Length: 6\r\n\r\nparcel" + b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n"


@st.composite
def damaged_requests(draw):
    """Proper requests with bytes changed, cut out or put in, or plain noise."""
    sent = bytearray(REQUEST)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(sent)))
        end = min(len(sent), at + draw(st.integers(0, 8)))
        sent[at:end] = draw(st.binary(max_size=12))
    return draw(st.sampled_from([bytes(sent), draw(st.binary(min_size=1, max_size=300))]))


def test_no_damaged_request_breaks_the_server(play, listening, caplog):
    """Property: whatever is sent, nothing is logged as an error and the next honest exchange succeeds."""

    async def story(batch):
        async with listening() as pair:
            for sent in batch:
                reader, writer = await pair.raw(pair.peer)
                await send_all(writer, sent)
                writer.write_eof() if writer.can_write_eof() else None
                await asyncio.wait([asyncio.create_task(reader.read(50))], timeout=0.01)
                writer.transport.abort()
            await still_serves(pair)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(damaged_requests(), min_size=1, max_size=8))
    def holds(batch):
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            play(story(batch))
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]

    holds()
