"""The signer: what it signs, for whom, on whose proof; and that with all that a node holds nothing is signed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.outside.keys import (
    DayKeys,
    KeysProblem,
    OfficeSigner,
    add_officer,
    create_archive_key,
    make_node,
    read_node,
    remove_officer,
    write_node,
    write_office,
)
from parley.outside.keys.authority import Authorities
from parley.outside.keys.office_file import kek_of
from parley.outside.keys.release import Signer, prove, release_key
from parley.outside.keys.signer import run_signer
from parley.outside.keys.signer_rules import Shared, SignerSession, Throttle, sign_note
from parley.outside.keys.telephone import Numbers
from parley.outside.keys.wire import Verb, raise_refusal, receive, send
from parley.seal import (
    CHEAP_FOR_TESTS,
    Domain,
    SealProblem,
    decode,
    digest,
    encode,
    key_from_passphrase,
    peek,
    sign,
    verify,
)


def refusal(call, *arguments):
    """The key (without its room) of the KeysProblem that `call` must raise."""
    with pytest.raises(KeysProblem) as caught:
        call(*arguments)
    return caught.value.key.partition(".")[2]


class Line:
    """A bare connection to the signer, to say what the client would not say."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(str(path))

    def ask(self, fields):
        send(self.socket, fields)
        answer = receive(self.socket)
        assert answer is not None
        raise_refusal(answer)
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


# What is signed


def test_a_released_note_verifies_with_the_office_key_and_is_written_down(running, note):
    payload = note()
    signed = running.signer.release(payload, "amal", "amal's words")
    assert verify(signed, [running.office.public], Domain.NOTE).payload == payload
    unlocked, released = map(json.loads, running.audit)
    assert unlocked == {"at": "2017-05-14T14:00:00.123+00:00", "officer": "amal", "event": "unlocked"}
    assert released == {
        "at": "2017-05-14T14:00:00.123+00:00",
        "officer": "amal",
        "released": digest(payload).hex(),
        "form": 11,
        "precedence": 3,
        "exercise": True,
        "how": "lone",
        "reason": "nobody else is here",
    }
    assert stat.S_IMODE((running.folder / "duty.audit").stat().st_mode) == 0o600


def test_many_notes_are_released_after_one_passphrase(running, note):
    with running.signer.session("amal", "amal's words") as session:
        for serial in range(20):
            payload = note(n10=1_494_770_000_000 + serial)
            signed = session.release(payload)
            assert verify(signed, [session.public], Domain.NOTE).payload == payload
    assert len(running.audit) == 21


def test_sessions_side_by_side_sign_their_own_notes(running, note):
    """Four officers' sessions at once, each with its own connection: no answer goes to the wrong one."""
    failures = []

    def work(number):
        try:
            with running.signer.session("amal", "amal's words") as session:
                for serial in range(8):
                    payload = note(n10=number * 1000 + serial)
                    assert verify(session.release(payload), [session.public], Domain.NOTE).payload == payload
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_release_can_be_awaited(running, note):
    signed = asyncio.run(running.signer.release_aside(note(), "amal", "amal's words"))
    assert verify(signed, [running.office.public], Domain.NOTE)


def test_a_session_is_a_signer_that_signs_notes_and_nothing_else(running, note):
    with running.signer.session("amal", "amal's words") as session:
        signer: Signer = session
        assert verify(signer.sign(note(), Domain.NOTE), [signer.public], Domain.NOTE)
        for domain in Domain:
            if domain is not Domain.NOTE:
                assert refusal(signer.sign, note(), domain) == "other_use"


# What is not signed. Each is refused although the officer gave the right passphrase and a right proof.

REFUSED = {
    "particulars": ({"n2": 7}, "not_a_note"),
    "a receipt": ({"n2": 2}, "not_a_note"),
    "no kind": ({"n2": ...}, "not_a_note"),
    "true, which Python takes for 1": ({"n2": True}, "not_a_note"),
    "another wire version": ({"n1": 2}, "not_a_note"),
    "no sender": ({"n3": ...}, "not_a_note"),
    "a sender that can be none": ({"n3": ["xa", "duty"]}, "not_a_note"),
    "another office": ({"n3": ["XA", "cert"]}, "other_office"),
    "another party": ({"n3": ["XB", "duty"]}, "other_office"),
    "no form": ({"n5": ...}, "not_a_note"),
    "a form without a version": ({"n5": [11]}, "not_a_note"),
    "a form that is no number": ({"n5": ["11", 1]}, "not_a_note"),
    "no precedence": ({"n8": ...}, "not_a_note"),
    "neither real nor exercise": ({"n9": 0}, "not_a_note"),
    "no time": ({"n10": None}, "not_a_note"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_a_note_of_this_office_is_refused(running, note, name):
    changes, key = REFUSED[name]
    with running.signer.session("amal", "amal's words") as session:
        assert refusal(session.release, note(**changes)) == key
        assert session.release(note())  # the session goes on
    assert sum("released" in line for line in running.audit) == 1
    assert any(f"keys.{key}" in line for line in running.audit)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xf6",
        b"not cbor at all",
        encode([1, 2, 3]),
        encode({}),
        bytes(300_000),
    ],
    ids=["nothing", "null", "noise", "a list", "an empty map", "too large"],
)
def test_bytes_that_are_no_note_are_refused(running, payload):
    with running.signer.session("amal", "amal's words") as session:
        assert refusal(session.release, payload) == "not_a_note"


def test_a_note_in_other_than_canonical_bytes_is_refused(running, note):
    """The same note with one number written longer: the signer and a reader might see two things."""
    payload = note()
    assert payload[1:3] == b"\x01\x01"
    longer = payload[:2] + b"\x18\x01" + payload[3:]
    with running.signer.session("amal", "amal's words") as session:
        assert refusal(session.release, longer) == "not_a_note"


def test_an_officer_releases_the_forms_of_the_policy_and_no_others(running, note):
    with running.signer.session("boris", "boris's words") as session:
        assert refusal(session.release, note()) == "form_not_allowed"
        assert session.release(note(n5=[10, 1]))
    with running.signer.session("amal", "amal's words") as session:
        assert session.release(note())


# Proof


def unlocked(running, officer="amal", passphrase="amal's words"):
    """A bare connection on which `officer` has unlocked the key, and the key for proofs."""
    kek = kek_of(running.office.wrapping(officer), passphrase)
    line = Line(running.socket)
    line.ask({2: int(Verb.UNLOCK), 3: officer, 4: kek})
    return line, release_key(kek)


def test_a_proof_is_for_one_note_only(running, note):
    """The node hands the signer a worse note with the proof of the one that the officer saw."""
    line, key = unlocked(running)
    seen, slipped_in = note(), note(n8=0)
    with line:
        assert line.ask({2: int(Verb.SIGN), 3: seen, 4: prove(key, seen), 5: "night"})
        assert refusal(line.ask, {2: int(Verb.SIGN), 3: slipped_in, 4: prove(key, seen), 5: "night"}) == "wrong_proof"
        for proof in (b"", bytes(32), digest(slipped_in), prove(release_key(bytes(32)), slipped_in)):
            assert refusal(line.ask, {2: int(Verb.SIGN), 3: slipped_in, 4: proof}) == "wrong_proof"


def test_the_proof_of_one_officer_does_not_do_for_another(running, note):
    line, _ = unlocked(running)
    _, boris = (other := unlocked(running, "boris", "boris's words"))
    payload = note(n5=[10, 1])
    with line, other[0]:
        assert refusal(line.ask, {2: int(Verb.SIGN), 3: payload, 4: prove(boris, payload)}) == "wrong_proof"


def test_a_key_unlocked_on_one_connection_is_locked_on_every_other(running, note):
    line, key = unlocked(running)
    request = {2: int(Verb.SIGN), 3: note(), 4: prove(key, note()), 5: "night"}
    with line, Line(running.socket) as other:
        assert refusal(other.ask, request) == "not_unlocked"
        assert line.ask(request)
        line.ask({2: int(Verb.LOCK)})
        assert refusal(line.ask, request) == "not_unlocked"


def test_a_failed_unlock_locks_what_was_open(running, note):
    line, key = unlocked(running)
    with line:
        assert refusal(line.ask, {2: int(Verb.UNLOCK), 3: "boris", 4: bytes(32)}) == "wrong_passphrase"
        assert refusal(line.ask, {2: int(Verb.SIGN), 3: note(), 4: prove(key, note()), 5: "night"}) == "not_unlocked"


def test_with_everything_that_a_node_holds_no_note_can_be_signed(running, note, tmp_path):
    """The node process in enemy hands: its key file, the archive passphrase and keys, the day keys, what is in its
    database (here: signed notes and the frames that it saw), and access to the signer's socket."""
    node_path = tmp_path / "node.key"
    write_node(node_path, make_node("XA", os.urandom))
    node = read_node(node_path)
    archive_passphrase = "the archive's words"
    archive = create_archive_key(tmp_path / "archive", archive_passphrase, CHEAP_FOR_TESTS, os.urandom)
    days = DayKeys.create(tmp_path / "days", archive, os.urandom)
    days.wrap(20_000, b"prekey", b"1")
    old, wanted = note(), note(n12={10: "something that no officer saw"})
    genuine = running.signer.release(old, "amal", "amal's words")
    seen_proof = prove(release_key(kek_of(running.office.wrapping("amal"), "amal's words")), old)
    before = len(running.audit)

    # 1. Its own keys make signatures that are not the office's.
    for forged in (sign(wanted, [node.signing], Domain.NOTE), genuine.replace(old, wanted)):
        with pytest.raises(SealProblem):
            verify(forged, [running.office.public], Domain.NOTE)
    # 2. The signer asks for an officer's passphrase, and nothing that the node holds is one.
    with Line(running.socket) as line:
        hello = line.ask({2: int(Verb.HELLO), 3: "amal"})
        guesses = [archive, days._keys[20_000], node.signing.seed[:32], node.signing.seed[32:], seen_proof]
        guesses += [key_from_passphrase(archive_passphrase, hello[3], CHEAP_FOR_TESTS), digest(old), bytes(32)]
        for guess in guesses:
            assert refusal(line.ask, {2: int(Verb.UNLOCK), 3: "amal", 4: guess}) in {"wrong_passphrase", "wait"}
    # 3. Nor does it help to repeat what went over the socket when the officer released, or to ask for other things.
    with Line(running.socket) as line:
        assert refusal(line.ask, {2: int(Verb.SIGN), 3: old, 4: seen_proof}) == "not_unlocked"
        assert refusal(line.ask, {2: int(Verb.SIGN), 3: wanted, 4: seen_proof}) == "not_unlocked"
        assert refusal(line.ask, {2: int(Verb.SIGN), 3: wanted, 4: b""}) == "not_unlocked"
        for verb in (0, 5, 99):
            assert refusal(line.ask, {2: verb, 3: wanted}) == "bad_request"
    assert not [entry for entry in running.audit[before:] if "released" in entry]


# Passphrases


def test_a_wrong_passphrase_an_unknown_officer_and_then_the_right_ones(running, note):
    assert refusal(running.signer.release, note(), "amal", "amal's word") == "wrong_passphrase"
    assert refusal(running.signer.release, note(), "carla", "amal's words") == "unknown_officer"
    assert running.signer.release(note(), "amal", "amal's words")


def test_after_three_wrong_passphrases_even_the_right_one_waits(running, note):
    for _ in range(3):
        assert refusal(running.signer.release, note(), "amal", "guess") == "wrong_passphrase"
    assert refusal(running.signer.release, note(), "amal", "amal's words") == "wait"
    assert running.signer.release(note(n5=[10, 1]), "boris", "boris's words")  # an officer's wait is his own


def test_the_wait_doubles_up_to_a_minute_and_ends_with_success():
    throttle, now, waits = Throttle(), 0, []
    for _ in range(12):
        throttle.check("amal", now)
        throttle.failed("amal", now)
        try:
            throttle.check("amal", now)
            waits.append(0)
        except KeysProblem as problem:
            waits.append(problem.arguments["seconds"])
            now += problem.arguments["seconds"] * 1000
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    throttle.succeeded("amal")
    throttle.failed("amal", now)
    throttle.check("amal", now)


# Officers come and go while the signer runs


def test_a_removed_officer_cannot_release_any_more_not_even_in_an_open_session(running, note):
    with running.signer.session("amal", "amal's words") as session:
        assert session.release(note())
        write_office(running.office_file, remove_officer(running.office, "amal"))
        assert refusal(session.release, note()) == "not_unlocked"
    assert refusal(running.signer.session, "amal", "amal's words") == "unknown_officer"


def test_a_policy_edited_in_the_file_behind_an_open_session_widens_nothing(running, note):
    with running.signer.session("boris", "boris's words") as session:
        assert refusal(session.release, note()) == "form_not_allowed"
        fields = decode(running.office_file.read_bytes())
        fields[5][1][2] = None  # every form
        running.office_file.write_bytes(encode(fields))
        assert refusal(session.release, note()) == "not_unlocked"
    assert refusal(running.signer.session, "boris", "boris's words") == "wrong_passphrase"


def test_an_officer_added_while_the_signer_runs_can_release(running, note):
    from parley.outside.keys import Officer

    new = Officer("carla", "director")
    by = ("amal", "amal's words")
    write_office(running.office_file, add_officer(running.office, by, new, "hers", CHEAP_FOR_TESTS, os.urandom))
    assert running.signer.release(note(), "carla", "hers")


# The audit line comes first


def test_no_signature_leaves_before_its_audit_line_is_on_the_medium(running, note, monkeypatch):
    """The medium is slow: the release waits for it."""
    may_finish, began = threading.Event(), threading.Event()
    real = os.fdatasync

    def slow(file):
        began.set()
        assert may_finish.wait(10)
        real(file)

    with running.signer.session("amal", "amal's words") as session:
        monkeypatch.setattr(os, "fdatasync", slow)
        releasing = threading.Thread(target=session.release, args=(note(),))
        releasing.start()
        assert began.wait(10)
        releasing.join(0.2)
        assert releasing.is_alive()
        may_finish.set()
        releasing.join(10)
        assert not releasing.is_alive()


def test_what_cannot_be_written_down_is_not_signed(running, note, monkeypatch):
    """A full disk: refused while it is full, half a line does not stay, and signing goes on when there is room."""
    real = os.write

    def nearly_full(file, data):
        return real(file, data[:10])

    def full(file, data):
        raise OSError(28, "No space left on device")

    with running.signer.session("amal", "amal's words") as session:
        for write in (full, nearly_full):
            monkeypatch.setattr(os, "write", write)
            assert refusal(session.release, note()) == "audit_failed"
            monkeypatch.undo()
        assert session.release(note())
    assert [json.loads(line) for line in running.audit][-1]["form"] == 11
    assert len(running.audit) == 2


def test_after_a_failed_fsync_nothing_is_signed_until_the_signer_is_started_again(running, note, monkeypatch):
    """The system may have dropped what it could not write and say yes the next time: that yes is worth nothing."""

    def fail(_):
        raise OSError(5, "Input/output error")

    with running.signer.session("amal", "amal's words") as session:
        session.release(note())
        monkeypatch.setattr(os, "fdatasync", fail)
        assert refusal(session.release, note()) == "audit_failed"
        monkeypatch.undo()
        assert refusal(session.release, note()) == "audit_failed"


def test_releases_at_the_same_moment_share_one_way_to_the_medium(running, note, monkeypatch):
    """Four threads of one session while the medium is slow: fewer forced writes than notes, every line there."""
    forced = []
    real = os.fdatasync

    def slow(file):
        time.sleep(0.05)
        real(file)
        forced.append(1)

    with running.signer.session("amal", "amal's words") as session:
        monkeypatch.setattr(os, "fdatasync", slow)
        with ThreadPoolExecutor(4) as threads:
            signed = list(threads.map(session.release, [note(n10=n) for n in range(12)]))
    assert len({peek(one).payload for one in signed}) == 12
    assert len(forced) < 12
    assert sum("released" in line for line in running.audit) == 12


# The socket


def test_the_socket_is_its_owners_alone_and_goes_with_the_signer(tmp_path, template):
    write_office(tmp_path / "duty.office", template)
    stop, modes = threading.Event(), []

    def ready():
        modes.append(stat.S_IMODE((tmp_path / "s").stat().st_mode))
        stop.set()

    run_signer(tmp_path / "duty.office", tmp_path / "s", tmp_path / "audit", stop=stop, ready=ready)
    assert modes == [0o600]
    assert not (tmp_path / "s").exists()


def test_a_dead_signers_socket_is_replaced_and_a_living_ones_is_not(running, tmp_path, template):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead"))
    stop = threading.Event()
    stop.set()
    office, audit = running.office_file, tmp_path / "a"
    run_signer(office, tmp_path / "dead", audit, stop=stop)
    assert refusal(lambda: run_signer(office, running.socket, audit, stop=stop)) == "already_running"
    assert running.signer.session("amal", "amal's words")


def test_a_file_that_stands_where_the_socket_should_be_is_left_alone(tmp_path, template):
    write_office(tmp_path / "duty.office", template)
    (tmp_path / "s").write_text("precious")
    key = refusal(lambda: run_signer(tmp_path / "duty.office", tmp_path / "s", tmp_path / "a", stop=threading.Event()))
    assert key == "unwritable"
    assert (tmp_path / "s").read_text() == "precious"


def test_no_passphrase_goes_to_a_socket_that_anybody_could_have_put_there(running):
    """A folder that others may write to, or a signer of another account than the expected one."""
    running.folder.chmod(0o777)
    assert refusal(running.signer.session, "amal", "amal's words") == "strange_signer"
    running.folder.chmod(0o700)
    other = OfficeSigner(running.socket, account=os.getuid() + 1)
    assert refusal(other.session, "amal", "amal's words") == "strange_signer"
    assert running.signer.session("amal", "amal's words")


def test_a_signature_over_something_else_is_not_taken_for_ours(tmp_path, template, note):
    """A signer that answers with another note's signature, which verifies."""
    key = template.unwrap("amal", kek_of(template.wrapping("amal"), "amal's words"))
    other = sign(note(n8=0), [key], Domain.NOTE)
    hello = {3: template.wrapping("amal").salt, 4: [8, 1, 1], 5: ["XA", "duty"], 6: template.public.to_bytes()}
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()

    def impostor():
        connection, _ = listener.accept()
        for answer in (hello, {}, {3: other}):
            receive(connection)
            send(connection, {2: "", **answer})

    thread = threading.Thread(target=impostor)
    thread.start()
    assert refusal(OfficeSigner(tmp_path / "s").release, note(), "amal", "amal's words") == "bad_response"
    thread.join(10)
    listener.close()


def test_no_signer_is_said_as_such(tmp_path):
    assert refusal(OfficeSigner(tmp_path / "s").session, "amal", "words") == "no_signer"


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x03\xff\xff\xff",
        b"\x00\x00\x00\x01\x01",
        b"\x00\x00\x00\x03\xa1\x01\x02",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["too long", "not CBOR", "not a map", "another version", "another protocol"],
)
def test_a_frame_that_is_none_ends_its_connection_and_no_other(running, note, sent):
    with Line(running.socket) as line:
        line.socket.sendall(sent)
        answer = receive(line.socket)
        assert answer is not None
        assert answer[2] == "bad_request"
        with contextlib.suppress(ConnectionResetError):  # what it had not read of us is thrown back
            assert receive(line.socket) is None
    assert running.signer.release(note(), "amal", "amal's words")


def test_a_frame_that_never_ends_holds_up_nobody(running, note):
    with Line(running.socket) as line:
        line.socket.sendall(b"\x00\x00\x10\x00only a little")
        assert running.signer.release(note(), "amal", "amal's words")


def test_connections_are_bounded_and_places_become_free(running, note):
    held = [Line(running.socket) for _ in range(16)]
    for line in held:
        line.ask({2: int(Verb.LOCK)})  # served, so counted
    assert refusal(running.signer.session, "amal", "amal's words") == "signer_gone"
    for line in held:
        line.socket.close()
    for _ in range(100):
        try:
            assert running.signer.release(note(), "amal", "amal's words")
            break
        except KeysProblem:
            threading.Event().wait(0.05)
    else:
        pytest.fail("no place became free")


def test_a_session_makes_do_with_one_connection_when_the_signer_has_no_room_for_more(running, note):
    with running.signer.session("amal", "amal's words") as session:
        held = [Line(running.socket) for _ in range(15)]
        for line in held:
            line.ask({2: int(Verb.LOCK)})
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(session.release, [note(n10=n) for n in range(8)]))
        assert len(session._open) == 1
        for line in held:
            line.socket.close()


def test_a_session_that_idles_too_long_is_locked(tmp_path, template, note):
    write_office(tmp_path / "duty.office", template)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=run_signer,
        args=(tmp_path / "duty.office", tmp_path / "s", tmp_path / "a"),
        kwargs={"stop": stop, "ready": ready.set, "idle_s": 0.2},
    )
    thread.start()
    assert ready.wait(10)
    with OfficeSigner(tmp_path / "s").session("amal", "amal's words") as session:
        assert session._open[0].recv(1) == b""  # the signer ends it, nobody having asked anything
        assert refusal(session.release, note()) == "signer_gone"
    stop.set()
    thread.join(10)


class Book:
    """A log that only counts what follows from it."""

    def __init__(self):
        self.written = []

    def released(self, *what):
        self.written.append(what)

    said = released

    def note(self, officer, what):
        pass


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 300) | st.binary(max_size=40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 12), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.integers(0, 5), values, max_size=5), max_size=6))
def test_whatever_is_asked_the_rules_answer_and_never_sign_unasked(template, requests):
    """Property of the rules without sockets: every request gets an answer, and none of these a signature."""
    book = Book()
    numbers = Numbers(bytes, lambda: 0)
    session = SignerSession(Shared(Authorities(lambda: (template, None)), book, lambda: 0, lambda: 0, numbers))
    for request in requests:
        assert session.answer({1: 1, **request})[2] is not None
    assert book.written == []


def test_sign_note_signs_in_the_domain_of_notes(template, note):
    key = template.unwrap("amal", kek_of(template.wrapping("amal"), "amal's words"))
    signed = sign_note(note(), key)
    assert verify(signed, [key.public], Domain.NOTE)
    with pytest.raises(SealProblem):
        verify(signed, [key.public], Domain.PARTICULARS)


# As a process


def start(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "parley.outside.keys.signer", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )


def test_the_process_signs_and_ends_when_told(tmp_path, template, note):
    write_office(tmp_path / "duty.office", template)
    process = start(tmp_path, "--office-file", "duty.office", "--socket", tmp_path / "s")
    assert process.stdout.readline() == f"signer ready on {tmp_path / 's'}\n"
    assert OfficeSigner(tmp_path / "s").release(note(), "amal", "amal's words", "nobody else is here")
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "", "")
    assert not (tmp_path / "s").exists()
    assert "released" in (tmp_path / "duty.audit").read_text()


def test_the_process_says_what_is_wrong_and_ends_with_one(tmp_path):
    process = start(tmp_path, "--office-file", "missing.office", "--socket", tmp_path / "s")
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert output == ""
    assert errors.startswith("missing.office cannot be read: No such file or directory.")


def test_the_process_allows_no_memory_dump_and_is_not_a_web_server(tmp_path, template):
    """PR_SET_DUMPABLE: a process of the same account cannot read the key out of its memory. And it stays small."""
    program = (
        "import ctypes, resource, sys, parley.outside.keys.signer as s; s.keep_memory_private();"
        "print(ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE)[0],"
        "sorted({'uvicorn', 'starlette', 'sqlite3', 'asyncio.sslproto'} & set(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.startswith("0 0 ")
    assert "uvicorn" not in output
    assert "starlette" not in output
    assert "sqlite3" not in output


@pytest.mark.parametrize(
    "arguments",
    [[["officer", "amal"]], [["officer", "amal"], ["key", "wait"], ["seconds", 4]], [["self", 1]], None, [7]],
    ids=["one missing", "named like the key", "named like the problem", "no list", "no pair"],
)
def test_a_refusal_that_cannot_be_said_is_a_bad_response(arguments):
    """The signer's word is not trusted to fit its own sentence; the control is a refusal that does."""
    with pytest.raises(KeysProblem) as caught:
        raise_refusal({1: 1, 2: "wait", 3: arguments})
    assert caught.value.key == "keys.bad_response"
    with pytest.raises(KeysProblem) as caught:
        raise_refusal({1: 1, 2: "wait", 3: [["officer", "amal"], ["seconds", 4]]})
    assert caught.value.key == "keys.wait"
