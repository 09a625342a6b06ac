"""The signer judges for itself: words, passkeys, codes by telephone, and a list of officers that nobody else can write.

A desk of four: amal releases; dana drafts; lena is legal; dora is the director. Each has a passphrase of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley import officers
from parley.clearance import (
    Ahead,
    Assertion,
    ClearanceProblem,
    Code,
    Grant,
    How,
    PasskeyFile,
    Role,
    Roster,
    read_policy,
    release_challenge,
    run_digest,
    word_challenge,
)
from parley.outside.keys import KeysProblem, OfficeSigner
from parley.outside.keys.office_file import create_office
from parley.outside.keys.roster_file import Body, RosterFile, read_roster, roster_path, write_roster
from parley.outside.keys.signer import run_signer
from parley.outside.keys.signer_door import SignerDoor
from parley.outside.keys.signing_client import _ask
from parley.outside.keys.telephone import Numbers, code_of, purpose, read_telephone_key
from parley.outside.keys.wire import Verb
from parley.outside.settings import Home
from parley.rotation import _replace, next_of, prepare_office
from parley.seal import CHEAP_FOR_TESTS, Domain, SigningKey, digest, verify
from parley.terms.party import Address
from tests.outside.keys.conftest import note as written
from tests.outside.keys.passkey import ORIGIN, RP_ID, SoftKey
from tests.outside.keys.test_signer import Line

NOW = 1_494_770_400_123
DAY = 86_400_000
AMAL, DANA, LENA, DORA = (("amal", "a"), ("dana", "d"), ("lena", "l"), ("dora", "o"))
PROTEST: dict[str, Any] = {"n5": [41, 1], "n18": True}


def told(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises((KeysProblem, ClearanceProblem)) as caught:
        call(*arguments, **named)
    return caught.value.key.partition(".")[2]


class Desk:
    """An office with roles and its signer, which runs in a thread and can be started again."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.passkey = SoftKey()
        self.path = self.home.office_key("duty")
        folder.mkdir()
        create_office(
            self.path, Address("XA", "duty"), officers.Officer("amal", "duty officer"), "a", CHEAP_FOR_TESTS, os.urandom
        )
        self.grant([AMAL], "dana", Role.DRAFTER, secret="d")
        self.grant([AMAL, DANA], "lena", Role.LEGAL, secret="l")
        self.grant([AMAL, DANA], "dora", Role.POLITICAL, Role.RELEASER, secret="o")
        gone = [Role.ADMINISTRATOR, Role.LEGAL, Role.POLITICAL, Role.TECHNICAL]
        officers.revoke(self.home, "duty", AMAL, "amal", gone, NOW)
        self.signer = OfficeSigner(folder / "s", timeout_s=10)
        self.now = NOW

    def grant(self, by: list[tuple[str, str]], name: str, *roles: Role, secret: str | None, **more: Any) -> Roster:
        grants = [Grant(officer=name, role=role, since=0, **more) for role in roles]
        return officers.grant(self.home, "duty", by, (name, ""), grants, secret, CHEAP_FOR_TESTS, os.urandom, NOW)

    def take_passkey(self, name: str) -> None:
        given = PasskeyFile(
            rp_id=RP_ID, origin=ORIGIN, credential_id=self.passkey.credential_id, public_key=self.passkey.public_key
        )
        officers.take_passkey(self.home, "duty", [AMAL, DORA], name, given, NOW)

    @contextlib.contextmanager
    def running(self) -> Iterator[Desk]:
        stop, ready = threading.Event(), threading.Event()
        thread = threading.Thread(
            target=run_signer,
            args=(self.path, self.home.path / "s", self.home.path / "audit"),
            kwargs={"stop": stop, "ready": ready.set, "now": lambda: self.now},
        )
        thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            stop.set()
            thread.join(10)

    def say(self, who: tuple[str, str], role: Role, payload: bytes) -> None:
        with self.signer.session(*who) as session:
            session.say(payload, role)

    def release(self, who: tuple[str, str], payload: bytes, reason: str = "") -> Any:
        with self.signer.session(*who, reason) as session:
            return session.released(payload)

    def open(self) -> None:
        with self.signer.session(*AMAL) as session:
            session.open(3600)

    @property
    def released_lines(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (self.home.path / "audit").read_text().splitlines()]
        return [line for line in lines if "released" in line]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk") / "XA")


@pytest.fixture
def desk(tmp_path: Path, founded: Desk) -> Iterator[Desk]:
    """A fresh copy of the founded desk, its signer running."""
    home = tmp_path / "XA"
    home.mkdir()
    for name in (founded.path, roster_path(founded.path)):
        (home / name.name).write_bytes(name.read_bytes())
        (home / name.name).chmod(0o600)
    made = Desk.__new__(Desk)
    made.home, made.passkey, made.path, made.now = Home(home), SoftKey(), Home(home).office_key("duty"), NOW
    made.signer = OfficeSigner(home / "s", timeout_s=10)
    with made.running():
        yield made


# Words


def test_a_protest_goes_out_on_three_words_and_the_log_says_whose(desk: Desk, note: Any) -> None:
    payload = note(**PROTEST)
    assert told(desk.release, DORA, payload, "nobody was reached") == "never_alone"
    desk.say(DANA, Role.DRAFTER, payload)
    assert told(desk.release, DORA, payload) == "missing_words"
    desk.say(LENA, Role.LEGAL, payload)
    desk.say(DORA, Role.POLITICAL, payload)
    done = desk.release(DORA, payload)
    public = officers.authority(desk.home, "duty").office.public
    assert verify(done.signed, [public], Domain.NOTE).payload == payload
    assert done.verdict.how is How.CLEARED
    (line,) = desk.released_lines
    assert line["words"] == [["dana", "drafter"], ["lena", "legal"], ["dora", "political"]]
    assert (line["officer"], line["how"], line["released"]) == ("dora", "cleared", digest(payload).hex())


def test_words_are_for_one_note(desk: Desk, note: Any) -> None:
    seen, slipped_in = note(), note(n12={10: "something else"})
    desk.say(DANA, Role.DRAFTER, seen)
    assert told(desk.release, AMAL, slipped_in) == "reason_needed"
    assert desk.release(AMAL, seen).verdict.how is How.CLEARED  # the control


def test_an_officer_speaks_only_in_roles_that_are_held(desk: Desk, note: Any) -> None:
    for role in (Role.LEGAL, Role.POLITICAL, Role.TECHNICAL):
        assert told(desk.say, DANA, role, note()) == "no_word"


def test_who_only_clears_cannot_release_with_the_passphrase(desk: Desk, note: Any) -> None:
    assert told(desk.release, LENA, note(), "a reason") == "not_releaser"
    assert LENA[0] not in [w.officer.name for w in officers.authority(desk.home, "duty").office.wrappings]


def test_words_outlive_a_restart_of_the_signer_and_grow_old(desk: Desk, note: Any) -> None:
    payload, other = note(), note(n8=0)
    desk.say(DANA, Role.DRAFTER, payload)
    desk.say(DANA, Role.DRAFTER, other)
    second = OfficeSigner(desk.home.path / "s2", timeout_s=10)
    stop, ready = threading.Event(), threading.Event()
    later = [NOW]
    thread = threading.Thread(
        target=run_signer,
        args=(desk.path, desk.home.path / "s2", desk.home.path / "audit"),
        kwargs={"stop": stop, "ready": ready.set, "now": lambda: later[0]},
    )
    thread.start()
    try:
        assert ready.wait(10)
        with second.session(*AMAL) as session:
            assert session.released(payload).verdict.how is How.CLEARED
        later[0] = NOW + 8 * DAY
        with second.session(*AMAL) as session:
            assert told(session.released, other) == "reason_needed"
    finally:
        stop.set()
        thread.join(10)


def test_a_word_of_an_officer_who_was_taken_out_is_worth_nothing(desk: Desk, note: Any) -> None:
    payload = note()
    desk.say(DANA, Role.DRAFTER, payload)
    officers.remove(desk.home, "duty", AMAL, "dana")
    assert told(desk.release, AMAL, payload) == "reason_needed"


def test_somebody_put_in_under_a_name_that_spoke_has_not_spoken(desk: Desk, note: Any) -> None:
    """dana is taken out and another dana comes: her word is not his."""
    payload = note()
    desk.say(DANA, Role.DRAFTER, payload)
    officers.remove(desk.home, "duty", AMAL, "dana")
    desk.grant([AMAL, DORA], "dana", Role.DRAFTER, secret="another")
    assert told(desk.release, AMAL, payload) == "reason_needed"


# The list of officers


def test_roles_are_written_by_two_of_whom_one_opens_the_key(desk: Desk) -> None:
    assert told(desk.grant, [AMAL], "zoe", Role.LEGAL, secret="z") == "needs_two"
    assert told(desk.grant, [DANA, LENA], "zoe", Role.LEGAL, secret="z") == "needs_two"
    assert told(desk.grant, [AMAL, ("dora", "wrong")], "zoe", Role.LEGAL, secret="z") == "wrong_passphrase"
    assert told(desk.grant, [AMAL, DORA], "zoe", Role.LEGAL, secret=None) == "no_passphrase"
    assert desk.grant([AMAL, DORA], "zoe", Role.LEGAL, secret="z").roles("zoe", NOW) == {Role.LEGAL}


@pytest.mark.parametrize("how", ["a role for dana", "another policy", "another row", "no proof", "another key's proof"])
def test_what_somebody_else_wrote_into_the_list_signs_nothing(desk: Desk, note: Any, how: str) -> None:
    found = read_roster(desk.path)
    assert found is not None
    forged: RosterFile = found
    if how == "a role for dana":
        more = Grant(officer="dana", role=Role.LEGAL, since=0, given_by=("amal", "dora"))
        roster = msgspec.structs.replace(found.body.roster, grants=(*found.body.roster.grants, more))
        forged = RosterFile(Body(roster=roster), found.rows, found.macs)
    elif how == "another policy":
        loose = read_policy('rules = []\n[otherwise]\nkind = "x"\nforms = []\ntwo = false\n')
        forged = RosterFile(Body(roster=found.body.roster, policy=loose), found.rows, found.macs)
    elif how == "another row":
        forged = RosterFile(found.body, found.rows[1:], found.macs)
    elif how == "no proof":
        forged = RosterFile(found.body, found.rows)
    else:
        forged = found.sealed(SigningKey.generate(os.urandom))
    write_roster(desk.path, forged)
    assert told(desk.release, AMAL, note(), "nobody was reached") == "officers_tampered"
    write_roster(desk.path, found)
    assert desk.release(AMAL, note(), "nobody was reached")  # the control


def test_an_older_list_or_none_signs_nothing_once_a_newer_one_was_seen(desk: Desk, note: Any) -> None:
    before = read_roster(desk.path)
    assert before is not None
    officers.revoke(desk.home, "duty", AMAL, "lena", [Role.LEGAL], NOW)
    assert desk.release(AMAL, note(), "nobody was reached")
    write_roster(desk.path, before)
    assert told(desk.release, AMAL, note(), "nobody was reached") == "officers_older"
    roster_path(desk.path).unlink()
    assert told(desk.release, AMAL, note(), "nobody was reached") == "officers_older"


def test_after_a_rotation_the_list_holds_for_the_new_key(desk: Desk, note: Any) -> None:
    prepare_office(desk.home, "duty", *AMAL, CHEAP_FOR_TESTS)
    assert desk.release(AMAL, note(), "nobody was reached")
    assert next_of(desk.path).exists()
    _replace(desk.path)
    desk.say(DANA, Role.DRAFTER, note())
    assert desk.release(AMAL, note()).verdict.how is How.CLEARED


def test_a_policy_of_ones_own_is_put_in_by_two_and_binds(desk: Desk, note: Any) -> None:
    strict = read_policy('rules = []\n[otherwise]\nkind = "all"\nforms = []\nneeds = ["legal"]\n')
    assert told(officers.set_policy, desk.home, "duty", [AMAL], strict, NOW) == "needs_two"
    officers.set_policy(desk.home, "duty", [AMAL, DORA], strict, NOW)
    desk.say(DANA, Role.DRAFTER, note())
    assert told(desk.release, AMAL, note(), "nobody was reached") == "missing_words"
    desk.say(LENA, Role.LEGAL, note())
    assert desk.release(AMAL, note())


# Ahead


def test_what_a_director_cleared_ahead_is_used_so_often_and_no_oftener(desk: Desk, note: Any) -> None:
    made = Ahead(name="two", form=10, lines={10: ["worm"]}, since=NOW - 1, until=NOW + DAY, by="dora", uses=2)
    assert told(officers.clear_ahead, desk.home, "duty", AMAL, made, NOW) == "not_director"
    officers.clear_ahead(desk.home, "duty", DORA, made, NOW)
    for serial in (1, 2):
        assert desk.release(AMAL, note(n5=[10, 1], n10=serial)).verdict.ahead == "two"
    assert told(desk.release, AMAL, note(n5=[10, 1], n10=3)) == "reason_needed"
    assert told(desk.release, AMAL, note(n5=[10, 1], n12={10: "ransom"})) == "reason_needed"


# Passkeys


def test_a_passkey_releases_the_note_whose_digest_it_signed(desk: Desk, note: Any) -> None:
    desk.take_passkey("dora")
    payload = note()
    desk.say(DANA, Role.DRAFTER, payload)
    proof = desk.passkey.say(release_challenge(digest(payload)))
    assert told(desk.signer.release_by, payload, "dora", proof) == "not_open"
    desk.open()
    done = desk.signer.release_by(payload, "dora", proof)
    assert verify(done.signed, [officers.authority(desk.home, "duty").office.public], Domain.NOTE).payload == payload


WRONG_PASSKEYS: dict[str, dict[str, Any]] = {
    "another site": {"rp_id": "desk.beltova.example"},
    "another page": {"origin": "https://desk.almara.example.evil.example"},
    "no https": {"origin": "http://desk.almara.example"},
    "a registration": {"type": "webauthn.create"},
    "present, not verified": {"flags": 0x01},
    "verified, not present": {"flags": 0x04},
    "inside another site's frame": {"crossOrigin": True},
}


def test_what_a_stolen_session_could_send_releases_nothing(desk: Desk, note: Any) -> None:
    """A hostile page or a stolen session has every assertion that was ever made, for other things; and no new one."""
    desk.take_passkey("dora")
    desk.open()
    payload, other = note(), note(n12={10: "what nobody saw"})
    desk.say(DANA, Role.DRAFTER, payload)
    desk.say(DANA, Role.DRAFTER, other)
    right = release_challenge(digest(payload))
    sent: dict[str, Assertion] = {name: desk.passkey.say(right, **wrong) for name, wrong in WRONG_PASSKEYS.items()}
    sent["for signing in"] = desk.passkey.say(os.urandom(32))
    sent["for another note"] = desk.passkey.say(release_challenge(digest(other)))
    sent["for a word on this note"] = desk.passkey.say(word_challenge(Role.POLITICAL, digest(payload)))
    sent["of a key that nobody took in"] = SoftKey().say(right)
    good = desk.passkey.say(right)
    for field in ("authenticator_data", "client_data", "signature"):
        sent[f"with a changed {field}"] = msgspec.structs.replace(good, **{field: flipped(getattr(good, field))})
        sent[f"with an empty {field}"] = msgspec.structs.replace(good, **{field: b""})
    for name, proof in sent.items():
        assert outcome(desk, payload, proof) == "wrong_passkey", name
        desk.signer.session(*DORA).close()  # a right passphrase ends the wait
    assert told(desk.signer.release_by, payload, "amal", good) == "wrong_passkey"  # it is dora's
    assert desk.released_lines == []
    assert desk.signer.release_by(payload, "dora", good)  # the control


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def outcome(desk: Desk, payload: bytes, proof: Assertion) -> str:
    try:
        desk.signer.release_by(payload, "dora", proof)
    except KeysProblem as problem:
        return problem.key.partition(".")[2]
    return "signed"


def test_a_counter_that_goes_back_is_a_copied_key(desk: Desk, note: Any) -> None:
    desk.passkey.count = 7
    desk.take_passkey("dora")
    desk.open()
    payload = note()
    desk.say(DANA, Role.DRAFTER, payload)
    assert desk.signer.release_by(payload, "dora", desk.passkey.say(release_challenge(digest(payload))))
    for count in (7, 3):
        desk.passkey.count = count
        proof = desk.passkey.say(release_challenge(digest(payload)))
        assert told(desk.signer.release_by, payload, "dora", proof) == "wrong_passkey"


def test_a_passkey_clears_a_note_in_a_role(desk: Desk, note: Any) -> None:
    desk.take_passkey("dora")
    desk.open()
    payload = note()
    proof = desk.passkey.say(word_challenge(Role.POLITICAL, digest(payload)))
    assert told(desk.signer.say_by, payload, "dora", Role.LEGAL, proof) == "wrong_passkey"
    assert desk.signer.say_by(payload, "dora", Role.POLITICAL, proof).role is Role.POLITICAL


def test_with_the_key_open_nothing_is_signed_without_a_proof(desk: Desk, note: Any) -> None:
    desk.open()
    payload = note()
    with Line(desk.home.path / "s") as line:
        for request in (
            {2: int(Verb.SIGN), 3: payload, 4: bytes(32)},
            {2: int(Verb.RELEASE_BY), 3: payload, 4: "dora", 5: 1, 6: [b"", b"", b"", b""], 7: "x"},
            {2: int(Verb.RELEASE_BY), 3: payload, 4: "dora", 5: 2, 6: "", 7: "x"},
            {2: int(Verb.RELEASE_BY), 3: payload, 4: "dora", 5: 3, 6: b"", 7: "x"},
            {2: int(Verb.RELEASE_BY), 3: payload, 4: "amal", 5: 2, 6: "0000000000", 7: "x"},
        ):
            assert told(line.ask, request)
    assert desk.released_lines == []


def test_the_key_shuts_by_itself_when_told_and_when_who_opened_it_is_removed(desk: Desk, note: Any) -> None:
    desk.open()
    state = desk.signer.state()
    assert state is not None
    assert state.officer == "amal"
    desk.signer.shut()
    assert desk.signer.state() is None
    desk.open()
    officers.remove(desk.home, "duty", DORA, "amal")
    assert told(desk.signer.number, note()) == "not_open"
    with desk.signer.session(*LENA) as session:
        assert told(session.open, 3600) == "may_not"


# By telephone


@pytest.fixture
def far(desk: Desk) -> bytes:
    """dora's key, at home."""
    path = desk.home.path / "dora.telephone"
    officers.make_telephone_key(
        desk.home, "duty", [AMAL, DORA], "dora", path, "at home", CHEAP_FOR_TESTS, os.urandom, NOW
    )
    return read_telephone_key(path, "at home")


def test_a_code_answers_the_number_of_one_note(desk: Desk, note: Any, far: bytes) -> None:
    desk.open()
    payload, other = note(), note(n8=0)
    for one in (payload, other):
        desk.say(DANA, Role.DRAFTER, one)
    number = desk.signer.number(payload).number
    desk.signer.number(other)
    code = Code(code_of(far, purpose(None), number))
    assert told(desk.signer.release_by, other, "dora", code) == "wrong_code"
    assert told(desk.signer.release_by, payload, "amal", code) == "no_telephone"
    assert desk.signer.release_by(payload, "dora", code).verdict.releaser == "dora"
    assert told(desk.signer.release_by, payload, "dora", code) == "no_number"  # once


def test_a_code_for_a_word_is_none_for_the_release(desk: Desk, note: Any, far: bytes) -> None:
    desk.open()
    payload = note()
    desk.say(DANA, Role.DRAFTER, payload)
    number = desk.signer.number(payload).number
    assert (
        told(desk.signer.release_by, payload, "dora", Code(code_of(far, purpose(Role.POLITICAL), number)))
        == "wrong_code"
    )
    assert desk.signer.say_by(payload, "dora", Role.POLITICAL, Code(code_of(far, purpose(Role.POLITICAL), number)))


def test_a_number_serves_three_attempts_and_half_an_hour() -> None:
    key, at = bytes(32), [0]
    numbers = Numbers(os.urandom, lambda: at[0])

    def answer(code: str) -> str:
        with pytest.raises(KeysProblem) as caught:
            numbers.check(bytes(32), key, "release", code, "dora")
        return caught.value.key

    first = numbers.draw(bytes(32)).number
    assert [answer("0000000000") for _ in range(3)] == ["keys.wrong_code"] * 3
    assert answer(code_of(key, "release", first)) == "keys.no_number"
    second = numbers.draw(bytes(32)).number
    assert second != first
    at[0] = 30 * 60_000
    assert answer(code_of(key, "release", second)) == "keys.no_number"
    third = numbers.draw(bytes(32)).number
    numbers.check(bytes(32), key, "release", code_of(key, "release", third), "dora")  # the control


def test_numbers_do_not_pile_up() -> None:
    numbers = Numbers(os.urandom, lambda: 0)
    for one in range(64):
        numbers.draw(digest(bytes([one])))
    assert told(numbers.draw, bytes(32)) == "too_many_numbers"
    numbers.draw(digest(bytes([1])))  # one that is open already


# -- a run of a drill: one passkey for all of its notes


def run_of(*parties: str, **more: Any) -> list[bytes]:
    """The notes of a run: link checks, exercises, each to one office, made one after the other."""
    each = enumerate(parties or ("XB", "XC", "XD"))
    return [written(n4=[[party, "duty", 7 + at]], n10=NOW + at, **more) for at, party in each]


def digest_of(payloads: list[bytes]) -> bytes:
    return run_digest(digest(one) for one in payloads)


def say_run(desk: Desk, payloads: list[bytes], role: Role) -> Any:
    return desk.signer.say_run_by(payloads, "dora", role, desk.passkey.say(word_challenge(role, digest_of(payloads))))


def release_run(desk: Desk, payloads: list[bytes], reason: str = "nobody else here", **changed: object) -> Any:
    return desk.signer.release_run_by(payloads, "dora", desk.passkey.say(digest_of(payloads), **changed), reason)


def test_one_passkey_releases_every_note_of_a_run_and_each_stands_in_the_log(desk: Desk) -> None:
    desk.take_passkey("dora")
    desk.open()
    run = run_of()
    made = release_run(desk, run)
    public = officers.authority(desk.home, "duty").office.public
    assert [verify(one.signed, [public], Domain.NOTE).payload for one in made] == run
    assert {one.verdict.how for one in made} == {How.LONE}
    assert [line["released"] for line in desk.released_lines] == [digest(one).hex() for one in run]


def test_a_word_for_a_run_is_a_word_for_each_of_its_notes(desk: Desk) -> None:
    """dora is political and no drafter; dana has drafted: with both words another than they may release."""
    desk.take_passkey("dora")
    desk.open()
    run = run_of(n5=[22, 1])
    assert say_run(desk, run, Role.POLITICAL).role is Role.POLITICAL
    for one in run:
        desk.say(DANA, Role.DRAFTER, one)
        assert desk.release(AMAL, one).verdict.how is How.CLEARED
    assert told(say_run, desk, run, Role.LEGAL) == "no_word"


def no_runs() -> dict[str, list[bytes]]:
    """What looks like a run and is none, with the reason."""
    one, two = run_of()[:2]
    return {
        "nothing": [],
        "the same note twice": [one, one],
        "two notes to one party": [one, written(n4=[["XB", "night", 9]])],
        "one of them real": [one, written(n4=[["XC", "duty", 9]], n9=False)],
        "all real": run_of(n9=False),
        "one says another thing": [one, two, written(n4=[["XD", "duty", 9]], n12={10: "timetable"})],
        "another form": [one, written(n4=[["XC", "duty", 9]], n5=[2, 1])],
        "another precedence": [one, written(n4=[["XC", "duty", 9]], n8=0)],
        "one with an attachment": [one, written(n4=[["XC", "duty", 9]], n14=[[bytes(32), 5, "text/plain"]])],
        "a note to two offices": [one, written(n4=[["XC", "duty", 9], ["XD", "duty", 10]])],
        "251 notes": [one] * 251,
    }


@pytest.mark.parametrize("case", list(no_runs()))
def test_what_is_no_run_is_not_signed_by_one_passkey(desk: Desk, case: str) -> None:
    """One note is shown and speaks for all, so all must say the same, be exercises, and go to one office each."""
    desk.take_passkey("dora")
    desk.open()
    assert told(release_run, desk, no_runs()[case]) == "not_a_run"
    assert desk.released_lines == []


def test_a_note_that_is_none_among_them_is_named(desk: Desk) -> None:
    desk.take_passkey("dora")
    desk.open()
    assert told(release_run, desk, [*run_of(), b"\xa0"]) == "not_a_note"


def test_a_proof_for_a_run_is_none_for_a_note_nor_for_another_run_nor_a_words(desk: Desk) -> None:
    desk.take_passkey("dora")
    desk.open()
    run = run_of()
    for_run, for_note = desk.passkey.say(digest_of(run)), desk.passkey.say(release_challenge(digest(run[0])))
    of_word = desk.passkey.say(word_challenge(Role.POLITICAL, digest_of(run)))
    assert told(desk.signer.release_by, run[0], "dora", for_run, "alone") == "wrong_passkey"
    assert told(desk.signer.release_run_by, run[:1], "dora", for_note, "alone") == "wrong_passkey"
    assert told(desk.signer.release_run_by, run[:2], "dora", for_run, "alone") == "wrong_passkey"
    assert told(desk.signer.release_run_by, run, "dora", of_word, "alone") == "wrong_passkey"
    assert told(release_run, desk, run, flags=0x01) == "wrong_passkey"
    assert desk.released_lines == []


def test_if_one_note_of_a_run_may_not_go_none_does(desk: Desk) -> None:
    """Form 22 needs the words of a drafter and of political: given for two of three notes it signs none."""
    desk.take_passkey("dora")
    desk.open()
    run = run_of(n5=[22, 1])
    for one in run[:2]:
        desk.say(DANA, Role.DRAFTER, one)
        desk.signer.say_by(one, "dora", Role.POLITICAL, desk.passkey.say(word_challenge(Role.POLITICAL, digest(one))))
    assert told(release_run, desk, run) == "never_alone"
    assert desk.released_lines == []


def test_a_run_needs_the_key_open_and_no_code_stands_for_it(desk: Desk) -> None:
    desk.take_passkey("dora")
    assert told(release_run, desk, run_of()) == "not_open"
    desk.open()
    by_code = told(desk.signer.release_run_by, run_of(), "dora", Code("0123456789"), "alone")
    assert by_code in ("no_telephone", "no_number")


def test_what_was_released_is_handed_out_once_and_on_that_connection_alone(desk: Desk) -> None:
    desk.take_passkey("dora")
    desk.open()
    run = run_of()
    release_run(desk, run)
    with desk.signer._connect() as other:
        assert told(_ask, other, {2: int(Verb.TAKE), 3: run[0]}) == "not_of_run"


def test_the_digest_of_a_run_does_not_depend_on_the_order_and_is_no_notes_digest() -> None:
    run = run_of()
    assert digest_of(run) == digest_of(run[::-1])
    assert digest_of(run[:1]) != digest(run[0])
    assert digest_of(run) == hashlib.sha256(b"parley run\0" + b"".join(sorted(map(digest, run)))).digest()


def test_the_nodes_way_to_the_signer_carries_a_run_and_its_words(desk: Desk) -> None:
    desk.take_passkey("dora")
    desk.open()
    door, run = SignerDoor(desk.home.path / "s"), run_of()

    async def scene() -> None:
        proof = desk.passkey.say(word_challenge(Role.POLITICAL, digest_of(run)))
        word = await door.say_run(run, "dora", Role.POLITICAL, proof)
        assert (word.officer, word.role) == ("dora", Role.POLITICAL)
        made = await door.release_run(run, "dora", desk.passkey.say(digest_of(run)), "nobody else here")
        assert [(verdict.how, verdict.releaser) for _, verdict in made] == [(How.LONE, "dora")] * 3

    asyncio.run(scene())


def test_a_run_of_as_many_as_there_are_states_fits_through_the_socket(desk: Desk) -> None:
    """Each signed note is some 4 kB: all in one answer would be larger than a frame (spec/signer.md, part 2)."""
    desk.take_passkey("dora")
    desk.open()
    run = run_of(*(f"O-{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRST"))
    assert len(run) == 200
    assert len(release_run(desk, run)) == 200
    assert len(desk.released_lines) == 200
