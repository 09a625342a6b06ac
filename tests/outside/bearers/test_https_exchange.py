"""One exchange between two nodes: what arrives, over which connection, and who may speak."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from parley.outside.bearers import BearerProblem, tells_of_rotation
from parley.outside.bearers.https import Endpoint, HttpsBearer, Limits, client, serve
from parley.outside.bearers.https.connection import Connection
from parley.outside.keys import KeysProblem


async def fails(coroutine, key):
    """The BearerProblem that `coroutine` must end with."""
    with pytest.raises(BearerProblem) as caught:
        await coroutine
    assert caught.value.key == f"bearer.{key}", caught.value
    return caught.value


async def refused(coroutine, status, reason):
    problem = await fails(coroutine, "refused")
    assert (problem.arguments["status"], problem.arguments["reason"]) == (status, reason)
    return problem


def test_a_parcel_goes_there_and_another_comes_back(play, listening):
    """The handler is given the party of the certificate and the very bytes; its answer comes back whole."""

    async def story():
        async with listening() as pair:
            parcel, answer = os.urandom(6000), os.urandom(300_000)
            pair.desk.answer = lambda _: answer
            assert await pair.bearer().exchange(pair.endpoint, parcel, timeout_s=5) == answer
            assert pair.desk.got == [("XA", parcel)]

    play(story())


def test_an_empty_parcel_and_an_empty_answer_pass(play, listening):
    async def story():
        async with listening() as pair:
            pair.desk.answer = lambda _: b""
            assert await pair.bearer().exchange(pair.endpoint, b"", timeout_s=5) == b""

    play(story())


def test_exchanges_one_after_another_use_one_warm_connection(play, listening):
    async def story():
        async with listening() as pair:
            bearer = pair.bearer()
            for _ in range(5):
                await bearer.exchange(pair.endpoint, b"parcel", timeout_s=5)
            assert pair.server.gate.open["XA"] == 1

    play(story())


def test_exchanges_at_once_share_a_bounded_number_of_connections_and_do_not_mix_answers(play, listening):
    async def story():
        async with listening() as pair:
            bearer = pair.bearer(connections=3)
            parcels = [os.urandom(20) for _ in range(40)]
            answers = await asyncio.gather(*(bearer.exchange(pair.endpoint, p, timeout_s=5) for p in parcels))
            assert answers == [b"answer to " + p for p in parcels]
            assert pair.server.gate.open["XA"] == 3

    play(story())


def test_a_cancelled_exchange_leaves_no_answer_behind_for_the_next_one(play, listening):
    """The answer to a parcel whose caller gave up must not be read as the answer to the next parcel."""

    async def story():
        async with listening() as pair:
            bearer = pair.bearer(connections=1)
            pair.desk.waiting = asyncio.Event()
            await fails(bearer.exchange(pair.endpoint, b"first", timeout_s=0.2), "timed_out")
            while pair.server.gate.open["XA"]:  # and the connection does not stay behind either
                await asyncio.sleep(0.01)
            pair.desk.waiting.set()
            assert await bearer.exchange(pair.endpoint, b"second", timeout_s=5) == b"answer to second"

    play(story())


def test_a_connection_that_idled_too_long_is_not_used_again(play, listening, monkeypatch):
    """The peer is about to close it: a request that meets a closing door costs a round trip."""

    async def story():
        async with listening() as pair:
            bearer = pair.bearer()
            await bearer.exchange(pair.endpoint, b"one", timeout_s=5)
            before = set(pair.server._state.connections)
            await bearer.exchange(pair.endpoint, b"two", timeout_s=5)
            assert set(pair.server._state.connections) == before
            monkeypatch.setattr(client, "IDLE_S", 0.0)
            await bearer.exchange(pair.endpoint, b"three", timeout_s=5)
            assert set(pair.server._state.connections) - before

    play(story())


def test_no_session_is_resumed(play, listening):
    """A resumed session would bring a certificate that was not shown, and tickets delay the first answer."""

    async def story():
        async with listening() as pair:
            reader, writer = await pair.raw(pair.peer)
            writer.write(b"GET /particulars HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"our particulars")
            assert not writer.get_extra_info("ssl_object").session.has_ticket
            writer.close()

    play(story())


def test_small_records_are_not_held_back_on_either_side(play, listening, monkeypatch):
    """TCP_NODELAY is set on the calling socket (read back from the kernel) and on the accepted one."""
    seen = []
    made = Connection.connection_made

    def look(self, transport):
        made(self, transport)
        seen.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(Connection, "connection_made", look)

    async def story():
        async with listening() as pair:
            await pair.bearer().exchange(pair.endpoint, b"parcel", timeout_s=5)
            for connection in pair.server._state.connections:
                raw = connection.transport.get_extra_info("socket")
                seen.append(raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    play(story())
    assert len(seen) == 2
    assert all(seen)


def test_no_server_header_and_no_clock_are_shown(play, listening, whole_answer):
    async def story():
        async with listening() as pair:
            reader, writer = await pair.raw()
            writer.write(b"GET /particulars HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            head = (await whole_answer(reader)).partition(b"\r\n\r\n")[0].lower()
            assert head.startswith(b"http/1.1 200")
            assert b"server" not in head
            assert b"date:" not in head
            writer.close()

    play(story())


# Who may speak: asked at every request, on connections that are already open


def test_suspension_acts_on_the_open_connection_and_so_does_resuming(play, listening):
    """Between requests on one kept-alive connection the party disappears from current particulars, and comes back."""

    async def story():
        async with listening() as pair:
            bearer = pair.bearer(connections=1)
            await bearer.exchange(pair.endpoint, b"one", timeout_s=5)
            [connection] = pair.server._state.connections
            del pair.desk.known[pair.peer.certificate]
            # The very connection that was welcome a moment ago; a refusal ends it.
            await refused(bearer.exchange(pair.endpoint, b"two", timeout_s=5), 403, "bearer.not_recognised")
            assert connection.transport.is_closing()
            pair.desk.known[pair.peer.certificate] = "XA"
            assert await bearer.exchange(pair.endpoint, b"three", timeout_s=5) == b"answer to three"
            assert [parcel for _, parcel in pair.desk.got] == [b"one", b"three"]

    play(story())


def test_a_party_suspended_while_its_body_trickles_in_is_refused(play, listening, whole_answer):
    async def story():
        async with listening() as pair:
            reader, writer = await pair.raw(pair.peer)
            writer.write(b"POST /line HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\npar")
            await writer.drain()
            await asyncio.sleep(0.1)
            pair.desk.known.clear()
            writer.write(b"cel")
            assert b'{"problem":"bearer.not_recognised"}' in await whole_answer(reader)
            assert pair.desk.got == []
            writer.close()

    play(story())


def test_a_certificate_accepted_a_moment_ago_counts_at_the_next_handshake(play, listening, identity):
    """No restart and no call: the server asks for the trusted certificates at every handshake."""

    async def story():
        async with listening() as pair:
            late = identity("XC")
            bearer = pair.bearer(late)
            await fails(bearer.exchange(pair.endpoint, b"early", timeout_s=5), "hung_up")
            pair.desk.accept("XC", late)
            assert await bearer.exchange(pair.endpoint, b"parcel", timeout_s=5) == b"answer to parcel"
            assert pair.desk.got == [("XC", b"parcel")]

    play(story())


def test_a_rotated_certificate_with_the_same_name_works_beside_the_old_one_and_then_alone(play, listening, identity):
    async def story():
        async with listening() as pair:
            new = identity("XA")
            pair.desk.accept("XA", new)
            for who in (pair.peer, new):
                assert await pair.bearer(who).exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"
            del pair.desk.known[pair.peer.certificate]  # OpenSSL still lets it through; the request is refused
            old = pair.bearer(pair.peer)
            problem = await refused(old.exchange(pair.endpoint, b"p", timeout_s=5), 403, "bearer.not_recognised")
            assert tells_of_rotation(problem)
            assert await pair.bearer(new).exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"

    play(story())


def test_a_party_cannot_shut_another_out_by_copying_the_name_of_its_certificate(play, listening, identity):
    """OpenSSL finds trusted certificates by name; many of the same name are tried here, whichever it meets first."""

    async def story():
        async with listening() as pair:
            for _ in range(6):
                pair.desk.accept("XC", identity("XA"))
            for _ in range(3):
                assert await pair.bearer().exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"
            assert {party for party, _ in pair.desk.got} == {"XA"}

    play(story())


def test_an_unknown_certificate_is_not_let_in_and_the_caller_can_tell_what_may_help(play, listening, identity):
    async def story():
        async with listening() as pair:
            bearer = pair.bearer(identity("XZ"))
            problem = await fails(bearer.exchange(pair.endpoint, b"parcel", timeout_s=5), "hung_up")
            assert tells_of_rotation(problem)
            assert pair.desk.got == []

    play(story())


def test_a_callers_certificate_signed_by_an_accepted_one_is_worth_nothing(play, listening, authority):
    """TLS lets it pass, since it trusts the signer; the pin is the certificate itself, and this one is in nobody's."""

    async def story():
        async with listening() as pair:
            signer, signed = authority
            pair.desk.accept("XC", signer)
            assert await pair.bearer(signer).exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"
            bearer = pair.bearer(signed)
            await refused(bearer.exchange(pair.endpoint, b"parcel", timeout_s=5), 403, "bearer.not_recognised")

    play(story())


def test_a_servers_certificate_signed_by_the_pinned_one_is_worth_nothing(play, listening, authority):
    async def story():
        async with listening() as pair:
            signer, signed = authority
            pair.server.use_identity(signed.certificate, signed.key)
            peer = Endpoint(pair.address, (signer.certificate,))
            await fails(pair.bearer().exchange(peer, b"parcel", timeout_s=5), "pin_mismatch")
            assert pair.desk.got == []
            pair.server.use_identity(signer.certificate, signer.key)
            assert await pair.bearer().exchange(peer, b"p", timeout_s=5) == b"answer to p"

    play(story())


def test_a_server_that_shows_another_certificate_gets_no_parcel(play, listening, identity):
    async def story():
        async with listening() as pair:
            elsewhere = Endpoint(pair.address, (identity("XB").certificate,))
            problem = await fails(pair.bearer().exchange(elsewhere, b"parcel", timeout_s=5), "pin_mismatch")
            assert tells_of_rotation(problem)
            unpinned = Endpoint(pair.address, ())
            await fails(pair.bearer().exchange(unpinned, b"parcel", timeout_s=5), "pin_mismatch")
            assert pair.desk.got == []

    play(story())


def test_a_warm_connection_is_not_used_once_its_certificate_is_no_longer_pinned(play, listening, identity):
    """The peer rotated and its particulars arrived: the warm connection still shows the old certificate."""

    async def story():
        async with listening() as pair:
            bearer, new = pair.bearer(), identity("XB")
            await bearer.exchange(pair.endpoint, b"one", timeout_s=5)
            rotated = Endpoint(pair.address, (new.certificate,))
            await fails(bearer.exchange(rotated, b"two", timeout_s=5), "pin_mismatch")
            pair.server.use_identity(new.certificate, new.key)
            assert await bearer.exchange(rotated, b"three", timeout_s=5) == b"answer to three"

    play(story())


def test_our_own_rotation_is_shown_from_the_next_exchange_on(play, listening, identity):
    async def story():
        async with listening() as pair:
            bearer, new = pair.bearer(), identity("XA")
            await bearer.exchange(pair.endpoint, b"one", timeout_s=5)
            pair.desk.accept("XA", new)
            del pair.desk.known[pair.peer.certificate]
            bearer.use_identity(new.certificate, new.key)
            assert await bearer.exchange(pair.endpoint, b"two", timeout_s=5) == b"answer to two"

    play(story())


# Strangers, and particulars


def test_without_a_certificate_only_particulars_are_served(play, listening, whole_answer):
    async def story():
        async with listening() as pair:
            reader, writer = await pair.raw()
            writer.write(b"POST /line HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            answer = await whole_answer(reader)
            assert answer.startswith(b"HTTP/1.1 403")
            assert answer.endswith(b'{"problem":"bearer.no_certificate"}')
            assert pair.desk.got == []
            writer.close()

    play(story())


def test_a_rotation_that_the_other_side_slept_through_is_mended_by_offering_particulars(play, listening, identity):
    """Refused, offered as a stranger, accepted there, served: no step needs a transport that is already trusted."""

    async def story():
        async with listening() as pair:
            new = identity("XA")
            bearer = pair.bearer(new)
            problem = await fails(bearer.exchange(pair.endpoint, b"parcel", timeout_s=5), "hung_up")
            assert tells_of_rotation(problem)
            await bearer.offer_particulars(pair.address, b"particulars of XA, version 2")
            assert pair.desk.offers == [b"particulars of XA, version 2"]
            pair.desk.accept("XA", new)
            assert await bearer.exchange(pair.endpoint, b"parcel", timeout_s=5) == b"answer to parcel"

    play(story())


def test_particulars_are_fetched_from_a_server_whose_certificate_is_unknown(play, listening):
    async def story():
        async with listening() as pair:
            assert await pair.bearer().fetch_particulars(pair.address) == b"our particulars"

    play(story())


# What goes wrong, said in one way


@pytest.mark.parametrize(
    ("raised", "status", "reason"),
    [
        (BearerProblem("bad_request"), 400, "bearer.bad_request"),  # the peer's fault
        (KeysProblem("audit_failed"), 503, "keys.audit_failed"),  # this machine's
        (KeysProblem("other_use"), 500, "keys.other_use"),  # ours
        (BearerProblem("not_recognised"), 403, "bearer.not_recognised"),
        (ZeroDivisionError(), 500, "bearer.defect"),
    ],
)
def test_what_the_handler_raises_is_answered_by_its_key(play, listening, raised, status, reason):
    async def story():
        async with listening() as pair:
            pair.desk.answer = lambda _: raised
            bearer = pair.bearer()
            await refused(bearer.exchange(pair.endpoint, b"parcel", timeout_s=5), status, reason)
            open_before = set(pair.server._state.connections)
            pair.desk.answer = lambda _: b"still here"
            assert await bearer.exchange(pair.endpoint, b"parcel", timeout_s=5) == b"still here"
            if status != 500 or reason != "bearer.defect":
                assert open_before == set(pair.server._state.connections)  # a refusal is no reason to hang up

    play(story())


def test_an_answer_larger_than_allowed_is_cut(play, listening):
    async def story():
        async with listening() as pair:
            pair.desk.answer = lambda _: bytes(5000)
            bearer = pair.bearer(limits=Limits(parcel_bytes=4999))
            await fails(bearer.exchange(pair.endpoint, b"parcel", timeout_s=5), "oversize")
            pair.desk.answer = lambda _: bytes(4999)
            assert await bearer.exchange(pair.endpoint, b"parcel", timeout_s=5) == bytes(4999)

    play(story())


def test_nobody_at_the_address_is_unreachable(play, own):
    async def story():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        bearer = HttpsBearer(own.certificate, own.key)
        await fails(bearer.exchange(Endpoint(address, (own.certificate,)), b"", timeout_s=5), "unreachable")
        await fails(bearer.fetch_particulars(address), "unreachable")

    play(story())


def test_a_host_that_takes_connections_and_says_nothing_is_timed_out(play, own):
    async def story():
        silent = await asyncio.start_server(lambda r, w: asyncio.sleep(60), "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        bearer = HttpsBearer(own.certificate, own.key)
        peer = Endpoint(f"127.0.0.1:{port}", (own.certificate,))
        problem = await fails(bearer.exchange(peer, b"", timeout_s=0.3), "timed_out")
        assert problem.arguments["ms"] == 300
        silent.close()

    play(story())


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000,
        b"\x00" * 20_000,
    ],
)
def test_an_answer_that_is_not_http_is_a_bad_answer(play, own, answer):
    """The right certificate in front of the wrong program."""

    async def story():
        async def nonsense(reader, writer):
            await reader.read(10)
            writer.write(answer)
            await writer.drain()

        from parley.outside.bearers.https import tls

        context = tls.server_context(own.certificate, own.key, lambda: [own.certificate])
        server = await asyncio.start_server(nonsense, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        bearer = HttpsBearer(own.certificate, own.key)
        peer = Endpoint(f"127.0.0.1:{port}", (own.certificate,))
        await fails(bearer.exchange(peer, b"parcel", timeout_s=5), "bad_answer")
        server.close()

    play(story())


def test_a_redirect_is_a_refusal_and_is_not_followed(play, own):
    async def story():
        async def elsewhere(reader, writer):
            await reader.read(10)
            writer.write(b"HTTP/1.1 307 Go\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()

        from parley.outside.bearers.https import tls

        context = tls.server_context(own.certificate, own.key, lambda: [own.certificate])
        server = await asyncio.start_server(elsewhere, "127.0.0.1", 0, ssl=context)
        peer = Endpoint(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", (own.certificate,))
        bearer = HttpsBearer(own.certificate, own.key)
        await refused(bearer.exchange(peer, b"parcel", timeout_s=5), 307, "no reason given")
        server.close()

    play(story())


def test_a_connection_that_the_peer_closed_while_idle_is_replaced_unseen(play, listening):
    async def story():
        async with listening() as pair:
            bearer = pair.bearer()
            await bearer.exchange(pair.endpoint, b"one", timeout_s=5)
            for connection in list(pair.server._state.connections):
                connection.transport.abort()
            assert await bearer.exchange(pair.endpoint, b"two", timeout_s=5) == b"answer to two"

    play(story())


def test_the_environment_names_no_proxy_for_us(play, listening, monkeypatch):
    """Whoever can set a variable must not be able to put himself between two states."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def story():
        async with listening() as pair:
            assert await pair.bearer().exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"

    play(story())


def test_a_taken_port_is_said_as_such_and_ends_nothing_else(play, listening, own):
    async def story():
        async with listening() as pair:
            port = pair.server.port
            second = serve("127.0.0.1", port, own.certificate, own.key, pair.desk, list)
            problem = await fails(second, "port_taken")
            assert str(port) in str(problem.arguments["address"])
            assert problem.arguments["reason"] == "Address already in use"
            assert await pair.bearer().exchange(pair.endpoint, b"p", timeout_s=5) == b"answer to p"

    play(story())


def test_a_key_that_does_not_fit_its_certificate_is_said_at_once(own, peer):
    with pytest.raises(BearerProblem) as caught:
        HttpsBearer(own.certificate, peer.key)
    assert caught.value.key == "bearer.bad_identity"


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("127.0.0.1:443", True),
        ("node.example:8443", True),
        ("[::1]:443", True),
        ("node.example", False),  # no port
        ("node.example:0", False),
        ("node.example:65536", False),
        ("node.example:٤٤٣", False),  # digits, but not ASCII ones
        ("node.example:443\r\nX: y", False),  # would end the Host header
        ("a b:443", False),
        ("::1:443", False),  # IPv6 needs its brackets
        (":443", False),
        ("", False),
        ("x" * 300 + ":443", False),
    ],
)
def test_addresses_that_can_and_cannot_be_one(address, good):
    if good:
        assert Endpoint(address).address == address
        return
    with pytest.raises(BearerProblem) as caught:
        Endpoint(address)
    assert caught.value.key == "bearer.bad_endpoint"


def test_stopping_waits_for_a_running_exchange_and_then_nobody_answers(play, listening):
    async def story():
        async with listening() as pair:
            pair.desk.waiting = asyncio.Event()
            bearer = pair.bearer()
            running = asyncio.create_task(bearer.exchange(pair.endpoint, b"last", timeout_s=5))
            while not pair.desk.got:
                await asyncio.sleep(0.01)
            stopping = asyncio.create_task(pair.server.stop(5))
            await asyncio.sleep(0.05)
            pair.desk.waiting.set()
            assert await running == b"answer to last"
            await stopping
            await fails(bearer.exchange(pair.endpoint, b"late", timeout_s=5), "unreachable")

    play(story())
