"""The release by passkey against a signer in a process of its own: what it refuses, whatever the desk hands it.

amal's passkey lives in the browser (a virtual authenticator); dana's in this test, which so can say anything with it.
Every refusal leaves the note waiting, and the signer's own record without a release; the control goes out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from parley import officers
from parley.clearance import Assertion, Grant, PasskeyFile, Role, release_challenge
from parley.desk import clear, draft
from parley.desk.fill import fill
from parley.desk.sign_in import account
from parley.forms import load
from parley.outside.keys import Officer, OfficeSigner, create_office, office_file
from parley.outside.keys.roster_file import read_roster
from parley.outside.keys.signer_door import SignerDoor
from parley.outside.settings import Home
from parley.seal import CHEAP_FOR_TESTS
from parley.terms.party import Address
from tests.doors.web.browsing import with_authenticator
from tests.doors.web.test_browser import WORM, address, opened
from tests.outside.keys.passkey import SoftKey

AMAL, DANA = ("amal", "a"), ("dana", "d")


SIGNER = """
import sys, threading
from pathlib import Path
from parley.outside.keys.signer import run_signer
from parley.outside.settings import Home
home = Home(Path(sys.argv[1]))
files = home.office_key("duty"), home.signer_socket("duty"), home.signer_audit("duty")
run_signer(*files, stop=threading.Event(), ready=lambda: print("ready", flush=True), now=lambda: int(sys.argv[2]))
"""
"""What `parley sign` does, without its key prompts and with the clock of the desk's test."""


class Night:
    """The desk, its signer, two officers with passkeys that the signer knows, and notes that wait."""

    def __init__(self, served: Any, folder: Path, page: Page, visitor: Any) -> None:
        self.served, self.home, self.page, self.visitor = served, Home(folder), page, visitor
        self.dana = SoftKey()
        self.dana_visitor = served.officer("dana")

    @property
    def node(self) -> Any:
        return self.served.ours.node

    def found(self) -> None:
        """The office's key file, its officers, their passkeys: by the same functions as the commands."""
        now = self.served.ours.clock()
        path = self.home.office_key("duty")
        create_office(path, Address("XA", "duty"), Officer("amal", "duty officer"), "a", CHEAP_FOR_TESTS, os.urandom)
        roles = [Grant(officer="dana", role=role, since=0) for role in (Role.DRAFTER, Role.RELEASER)]
        officers.grant(self.home, "duty", [AMAL], ("dana", ""), roles, "d", CHEAP_FOR_TESTS, os.urandom, now)
        found = self.node.store.look(lambda look: account.passkeys(look, "amal"))[0]
        for name, key, public in (
            ("amal", found.id, found.public_key), ("dana", self.dana.credential_id, self.dana.public_key)
        ):  # fmt: skip
            given = PasskeyFile(rp_id="localhost", origin=self.origin, credential_id=key, public_key=public)
            officers.take_passkey(self.home, "duty", [AMAL, DANA], name, given, now)
        listed = read_roster(path)
        assert listed is not None
        self.node.roster = listed.body.roster
        self.node.signers = {"duty": SignerDoor(self.home.signer_socket("duty"))}

    @property
    def origin(self) -> str:
        return address(self.served)

    def waits(self) -> str:
        """A further note that waits for its release."""
        made = draft.Draft(
            form=11, office="duty", to=("XB/duty",), lines=fill(load().form(11), WORM), written_in="en",
            officer="amal", exercise=True,
        )  # fmt: skip
        identity = self.served.do(draft.save(self.node, made))
        return str(self.served.do(clear.submit(self.node, identity, "amal")).note_id.hex())

    def is_waiting(self, note: str) -> bool:
        return note in {one.note_id.hex() for one in clear.waiting(self.node, self.eyes)}

    @property
    def eyes(self) -> Any:
        from parley.desk import access

        return access.reader(self.node, "amal")

    @property
    def released(self) -> list[str]:
        """What the signer itself wrote down as released."""
        path = self.home.signer_audit("duty")
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line["released"] for line in lines if "released" in line]

    def hand_in(self, visitor: Any, note: str, body: dict[str, str]) -> Any:
        """An assertion, as the page's script sends one."""
        token = visitor.get("/settings").hidden("token")
        headers = {"Content-Type": "application/json", "X-Parley-Token": token, "Origin": self.origin}
        return visitor.ask("POST", f"/clear/{note}/release", json.dumps(body).encode(), **headers)

    def touched(self, note: str) -> dict[str, str]:
        """What amal's touch on the release page would send; it is caught on its way and not sent."""
        caught: list[dict[str, str]] = []

        def catch(route: Any) -> None:
            caught.append(json.loads(route.request.post_data))
            route.abort()

        self.page.goto(address(self.served, f"/clear/{note}/release"))
        self.page.route(f"**/clear/{note}/release", catch)
        self.page.get_by_label("Reason").fill("alone on duty")
        self.page.get_by_role("button", name="Show your passkey").click()
        self.page.locator(".said.fault", has_text="fetch").wait_for()
        self.page.unroute(f"**/clear/{note}/release")
        return caught[0]


def as_sent(said: Assertion) -> dict[str, str]:
    def text(octets: bytes) -> str:
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    return {
        "credential": text(said.credential_id), "data": text(said.authenticator_data),
        "client": text(said.client_data), "signature": text(said.signature), "reason": "alone on duty",
    }  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "sudo apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk"
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def night(browser: Browser, alone: Any) -> Iterator[Night]:
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as short,  # a socket lies in it
        alone(Path(short)) as served,
        pytest.MonkeyPatch.context() as patch,
    ):
        folder = Path(short)
        patch.setattr(office_file.SigningKey, "generate", lambda rng: served.ours.keys.office)
        visitor = served.officer("amal")
        context = opened(browser, served, visitor)
        page = context.new_page()
        with_authenticator(page)
        page.goto(address(served, "/settings"))
        page.get_by_label("A name for it").fill("laptop")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_text("laptop").wait_for()
        made = Night(served, folder, page, visitor)
        made.found()
        command = [sys.executable, "-c", SIGNER, str(folder), str(served.ours.clock())]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        with OfficeSigner(made.home.signer_socket("duty")).session(*AMAL) as session:
            session.open(3600)  # for the shift, as `parley clearance open` does
        yield made
        process.terminate()
        process.wait(10)
        context.close()


def test_a_touch_on_the_page_releases_and_the_same_touch_never_again(night: Night) -> None:
    """The control of all that follows; then the same assertion once more, to the desk and to the signer itself."""
    note = night.waits()
    body = night.touched(note)
    assert night.is_waiting(note)
    payload = clear.fetch(night.node, bytes.fromhex(note)).payload
    got = night.hand_in(night.visitor, note, body)
    assert (got.status, json.loads(got.text)["to"]) == (200, f"/notes/{note}")
    assert night.released == [note]
    assert night.hand_in(night.visitor, note, body).status >= 400
    from parley.doors.web.pages.clear import Given

    proof = Given(**body).proof()
    with pytest.raises(Exception) as refused:  # noqa: PT011 - any problem: the key is looked at below
        night.served.do(night.node.signers["duty"].release(payload, "amal", proof, "alone on duty"))
    assert "passkey" in str(getattr(refused.value, "key", ""))
    assert night.released == [note]


def refused(night: Night, visitor: Any, note: str, body: dict[str, str]) -> str:
    """What is said; the note still waits, and the signer released nothing."""
    before = night.released
    got = night.hand_in(visitor, note, body)
    assert got.status >= 400
    assert night.is_waiting(note)
    assert night.released == before
    return str(json.loads(got.text)["what"])


def test_a_touch_for_one_note_releases_no_other(night: Night) -> None:
    seen, slipped_in = night.waits(), night.waits()
    body = night.touched(seen)
    assert refused(night, night.visitor, slipped_in, body)
    assert night.hand_in(night.visitor, seen, body).status == 200  # control: for its own note it serves


WRONG: dict[str, dict[str, Any]] = {
    "a page of another name": {"origin": "https://desk.evil.example"},
    "the same name on another port": {"origin": "http://localhost:1"},
    "a frame of another page": {"crossOrigin": True},
    "another site's passkey": {"rp_id": "evil.example"},
    "no person verified": {"flags": 0x01},
    "the making of a passkey": {"type": "webauthn.create"},
}


@pytest.mark.parametrize("case", WRONG)
def test_an_assertion_that_is_wrong_in_one_thing_is_refused(night: Night, case: str) -> None:
    note = night.waits()
    challenge = release_challenge(bytes.fromhex(note))
    right = {"origin": night.origin, "rp_id": "localhost"}
    assert refused(night, night.dana_visitor, note, as_sent(night.dana.say(challenge, **{**right, **WRONG[case]})))
    good = as_sent(night.dana.say(challenge, **right))
    assert night.hand_in(night.dana_visitor, note, good).status == 200  # control: with that one thing put right


def test_a_passkey_that_the_signer_does_not_list_releases_nothing(night: Night) -> None:
    note, unlisted = night.waits(), SoftKey()
    said = unlisted.say(release_challenge(bytes.fromhex(note)), origin=night.origin, rp_id="localhost")
    assert refused(night, night.visitor, note, as_sent(said))
    claimed = {**as_sent(said), "credential": as_sent(night.dana.say(b"x" * 32))["credential"]}
    assert refused(night, night.dana_visitor, note, claimed)  # nor under a listed one's id


def test_another_officers_passkey_does_not_speak_for_who_is_signed_in(night: Night) -> None:
    note = night.waits()
    said = night.dana.say(release_challenge(bytes.fromhex(note)), origin=night.origin, rp_id="localhost")
    assert refused(night, night.visitor, note, as_sent(said))


def test_a_stolen_session_shows_the_note_and_cannot_release_it(night: Night) -> None:
    note = night.waits()
    thief = night.served.visitor(cookies=dict(night.visitor.cookies))
    assert thief.get(f"/clear/{note}/release").status == 200
    body = as_sent(SoftKey().say(release_challenge(bytes.fromhex(note)), origin=night.origin, rp_id="localhost"))
    assert refused(night, thief, note, body)


def test_the_page_under_a_number_offers_no_passkey(night: Night) -> None:
    """Passkeys belong to names: what answers to the node's number leads to the desk's name."""
    note = night.waits()
    page = night.served.visitor(host=f"127.0.0.1:{night.served.port}", cookies=night.visitor.cookies)
    assert "Passkeys work only at the name" in page.get(f"/clear/{note}/release").plain


def test_a_session_that_ends_between_the_page_and_the_touch_releases_nothing(night: Night) -> None:
    """And the officer is told so, on the page."""
    from parley.desk.sign_in import sessions

    note = night.waits()
    night.page.goto(address(night.served, f"/clear/{note}/release"))
    night.page.get_by_label("Reason").fill("alone on duty")
    before = night.released
    night.served.do(sessions.end_all(night.node, "amal"))
    night.page.get_by_role("button", name="Show your passkey").click()
    night.page.locator(".said.fault", has_text="not signed in").wait_for()
    assert night.released == before
    assert night.is_waiting(note)
