"""The whole story of the demonstration through two browsers, on two real nodes with their real signers.

`parley demo --desks` runs as a process of its own; two contexts of Chromium are two officers' laptops, each with an
authenticator. Nothing is called but pages.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from .browsing import violations, with_authenticator
from .conftest import Visitor, until

RIGHT = {
    "line-6": "not-accusation", "line-10": "request:stop-traffic", "line-5": "hoped:", "line-12": "from-territory",
    "line-13": "icd_203.likely",
}  # fmt: skip
"""What the note of the story says, by the lines of form 11 that are asked about; line 5 goes on with its hour."""


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Any]:
    """The demonstration, until the tests of this module are through; then Ctrl-C ends it without a word of trouble."""
    folder = Path(tempfile.mkdtemp(prefix="ps-"))  # short, for the names of sockets
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")} | {"TMPDIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "parley", "--json", "demo", "--desks"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate(timeout=20)
    yield json.loads(line)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, ""), err
    assert "Traceback" not in err
    left = list(folder.iterdir())
    shutil.rmtree(folder)
    assert left == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Missing is a failure, never a skip: ``make test`` installs it, or says how."""
    path = shutil.which("chromium")
    assert path, "sudo apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Officer:
    """One officer's laptop at one of the two desks."""

    def __init__(self, browser: Browser, at: dict[str, str], **look: Any) -> None:
        self.at = at
        context = browser.new_context(bypass_csp=True, **look)  # axe-core is put into pages by evaluating it
        context.set_default_timeout(30_000)
        self.page: Page = context.new_page()
        with_authenticator(self.page)
        self.found: list[str] = []

    def open(self, path: str) -> None:
        self.page.goto(self.at["desk"] + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def look(self) -> None:
        """Keep what axe-core finds on this page, and whether it is wider than its screen."""
        self.found += [f"{self.page.url} {one}" for one in violations(self.page)]
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url

    def sign_in(self) -> None:
        """By the link; then a passkey, which the demonstration hands on to the signer."""
        self.page.goto(self.at["link"])
        self.press("Sign in now")
        self.page.wait_for_url("**/today")
        self.open("/settings")
        self.page.get_by_label("A name for it").fill("laptop")
        self.press("Make a passkey")
        self.page.get_by_role("link", name="File for the signer").wait_for()

    def step(self, number: int) -> None:
        """The tour comes to this step by itself: news loads Today again."""
        self.open("/today")
        self.page.locator(".tour", has_text=f"step {number} of 6").wait_for()

    def release(self) -> None:
        """Hand in what the preview shows, and release it by passkey, alone and with a reason."""
        self.press("Hand it in")
        digest = self.page.locator("code.digest").first.inner_text()
        self.follow("Release it")
        reason = self.page.get_by_label("Reason")
        until(lambda: reason.count() or (self.page.reload() and reason.count()))  # the signer takes the passkey first
        assert self.page.locator("code.digest").first.inner_text() == digest
        assert self.page.locator("script").count() == 1
        reason.fill("alone on duty")
        self.press("Show your passkey")
        self.page.wait_for_url(f"**/notes/{digest}")

    def read_back(self, **wrong: str) -> None:
        """Answer as the note says, but for what is wrong on purpose."""
        self.follow("Read back")
        for name, option in {**RIGHT, **wrong}.items():
            self.page.locator(f"input[name='{name}'][value^='{option}']").check()
        self.press("Send these answers")
        self.page.wait_for_url("**?in=en")

    def answer(self, **codes: str | tuple[str, ...]) -> None:
        """Answer the note of this page with form 20."""
        self.press("Answer with 20")
        for name, code in codes.items():
            field = self.page.locator(f"[name='{name.replace('_', '-')}']")
            if isinstance(code, str):
                field.select_option(code)
            else:
                for one in code:
                    self.page.locator(f"input[name='{name.replace('_', '-')}'][value='{one}']").check()
        self.press("Keep and see")
        self.release()


def test_the_story_from_worm_to_acted_through_two_browsers(demonstration: Any, chromium: Browser) -> None:
    """Misread, clarified, read back again, understood, in hand, acted; both journals verify; axe-core finds nothing."""
    first, second = demonstration["desks"]
    almara = Officer(chromium, first, locale="en", viewport={"width": 1280, "height": 900})
    beltova = Officer(chromium, second, locale="en", viewport={"width": 390, "height": 844}, color_scheme="dark")
    almara.sign_in()
    beltova.sign_in()
    beltova.look()

    almara.step(1)
    almara.look()
    almara.follow("Go there")
    almara.page.locator("ul.threads a").first.click()
    almara.press("Keep and see")
    almara.page.wait_for_url("**/preview")
    almara.page.wait_for_load_state("load")  # the keys are those of its script
    almara.page.keyboard.press("1")
    almara.page.locator("article.note[lang='ar']").wait_for()
    almara.release()

    beltova.step(2)
    beltova.look()
    beltova.follow("Go there")
    note = beltova.page.url.rpartition("/")[2]
    beltova.page.get_by_text("this is not an accusation").wait_for()
    beltova.look()
    beltova.read_back(**{"line-6": "accusation"})
    beltova.page.locator(".tour", has_text="step 4 of 6").wait_for()

    almara.step(4)
    almara.follow("Go there")
    almara.page.get_by_text("Line 6 came across differently").wait_for()
    almara.look()
    almara.press("Clarify line 6")
    almara.press("Keep and see")
    almara.release()

    beltova.step(5)
    beltova.open(f"/notes/{note}")
    beltova.page.locator("ol.thread a").last.click()
    beltova.page.get_by_text("not an accusation").first.wait_for()
    beltova.open(f"/notes/{note}")
    beltova.read_back()
    beltova.page.locator(".tour", has_text="step 6 of 6").wait_for()

    almara.step(6)
    almara.open(f"/notes/{note}")
    almara.page.get_by_text("understood").first.wait_for()
    beltova.answer(line_10="accept")
    almara.open(f"/notes/{note}")
    until(lambda: almara.page.get_by_text("in hand").count() or almara.page.reload() and False)
    beltova.open(f"/notes/{note}")
    beltova.answer(line_10="acted", line_13=("traffic-stopped", "owners-told"))
    until(lambda: "acted" in _life(almara) or almara.page.reload() and False)

    for officer in (almara, beltova):
        officer.open("/journal")
        officer.page.locator(".tour", has_text="the end").wait_for()
        officer.press("Verify the whole journal")
        officer.page.get_by_text(re.compile("verified", re.I)).first.wait_for()
        officer.look()
    assert almara.found + beltova.found == []


def _life(officer: Officer) -> str:
    """The words about how far the note came."""
    return officer.page.get_by_text("read-back", exact=False).first.inner_text()


def test_each_desk_answers_to_its_own_name_and_this_machines_and_to_no_other(demonstration: Any) -> None:
    """Python resolves no name under .localhost: it connects to 127.0.0.1 and says the name in Host."""
    for at in demonstration["desks"]:
        host = at["desk"].removeprefix("http://")
        port = int(host.rpartition(":")[2])
        for name, status in ((host, 200), (f"127.0.0.1:{port}", 200), ("c.localhost", 421), (f"evil.example:{port}", 421)):
            assert Visitor(port, host=name).get("/sign-in").status == status, name


def test_a_link_signs_in_once(demonstration: Any) -> None:
    """The story above used both."""
    for at in demonstration["desks"]:
        host = at["desk"].removeprefix("http://")
        visitor = Visitor(int(host.rpartition(":")[2]), host=host)
        path = at["link"].removeprefix(at["desk"])
        assert [visitor.get(path).status, visitor.post(path).status] == [410, 410]
        assert visitor.cookies == {}


def test_who_makes_no_passkey_releases_with_the_command_that_is_shown(demonstration: Any) -> None:
    """It is parley itself, for this node and officer."""
    for at in demonstration["desks"]:
        done = subprocess.run([at["command"], "--json", "clearance", "list"], capture_output=True, text=True, timeout=60)
        assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stderr
