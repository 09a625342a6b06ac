"""The whole story of the demonstration through two browsers, on two real nodes with their real signers.

`parley demo` runs in a terminal of its own; two contexts of Chromium are two officers' laptops, each with an
authenticator. Nothing is called but pages.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from .browsing import violations, with_authenticator
from .conftest import Visitor, until

RIGHT = {
    "line-6": "not-accusation", "line-10": "request:stop-traffic", "line-5": "hoped:", "line-12": "from-territory",
    "line-13": "icd_203.likely",
}  # fmt: skip
"""What the note of the story says, by the lines of form 11 that are asked about; line 5 goes on with its hour."""


class AtATerminal:
    """`parley demo` as a newcomer starts it: in a terminal of its own, whose Ctrl-C goes to all that runs there."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")} | {"TMPDIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "parley", "demo"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True, preexec_fn=self._take_terminal,
        )  # fmt: skip
        os.close(theirs)
        self._terminal, self.said = ours, ""
        threading.Thread(target=self._listen, daemon=True).start()

    @staticmethod
    def _take_terminal() -> None:
        """Whoever runs the tests in the background ignores SIGINT, and children would inherit that."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # the other end is closed
            while found := os.read(self._terminal, 4096):
                self.said += found.decode(errors="replace")

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def desks(self) -> list[dict[str, str]]:
        """Once everything is said: both desks, their newest links, and the command of each."""
        until(lambda: "Ctrl-C: the end" in self.said.rpartition("Two desks")[2] or self.process.poll(), 120)
        last = self.said.rpartition("Two desks")[2]
        links = re.findall(r"(http://[ab]\.localhost:\d+)(/tour/[\w-]+)", last)
        commands = re.findall(r" (/\S+) release DIGEST", last)
        assert (len(links), len(commands)) == (2, 2), self.said
        return [
            {"desk": desk, "link": desk + path, "command": command}
            for (desk, path), command in zip(links, commands, strict=True)
        ]


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Any]:
    """The demonstration, until the tests of this module are through; then Ctrl-C ends it, and nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="ps-"))  # short, for the names of sockets
    made = AtATerminal(folder)
    try:
        made.desks()
        yield made
        made.type("\x03")
        assert made.process.wait(60) == 0, made.said
        assert "Both desks are closed" in made.said
        assert "Traceback" not in made.said
        assert list(folder.iterdir()) == []
        assert all(not_answering(at) for at in made.desks())
    finally:
        made.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def not_answering(at: dict[str, str]) -> bool:
    """Whether nothing listens at a desk's port any more."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(at["desk"].rpartition(":")[2]))) != 0


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
        """Today loads itself again when it hears news, and may do so in the middle of leaving it: then once more."""
        until(lambda: self._went(path))

    def _went(self, path: str) -> bool:
        with contextlib.suppress(Error):
            self.page.goto(self.at["desk"] + path)
            return True
        return False

    def go_there(self) -> None:
        """Where the tour's button leads."""
        self.open(self.page.locator(".tour a.button").get_attribute("href") or "")

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
        until(lambda: reason.count() or self._again())  # the signer takes the passkey first
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

    def release_by_command(self) -> None:
        """As who makes no passkey does: the command that is shown is parley for this node and officer."""
        self.press("Hand it in")
        digest = self.page.locator("code.digest").first.inner_text()
        words = [self.at["command"], "release", digest, "--reason", "alone on duty", "--yes"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    def answer(self, outcome: str, *steps: str) -> None:
        """Draft an answer to the note of this page with form 20: outcome (line 10) and what was done (line 13)."""
        self.press("Answer with form 20")
        self.page.locator("[name='line-10']").select_option(outcome)
        for one in steps:
            self.page.locator(f"input[name='line-13'][value='{one}']").check()
        self.press("Keep and see")

    def sees(self, said: str) -> None:
        """How far the note of this page came, after as many looks as it takes."""
        until(lambda: self.page.get_by_text(said).count() or self._again())

    def _again(self) -> int:
        self.page.reload()
        return 0


def test_the_story_from_worm_to_acted_through_two_browsers(demonstration: Any, chromium: Browser) -> None:
    """Misread, clarified, read back again, understood, in hand, acted; both journals verify; axe-core finds nothing."""
    first, second = demonstration.desks()
    almara = Officer(chromium, first, locale="en", viewport={"width": 1280, "height": 900})
    beltova = Officer(chromium, second, locale="en", viewport={"width": 390, "height": 844}, color_scheme="dark")
    almara.sign_in()
    beltova.sign_in()

    almara.step(1)
    almara.go_there()
    almara.page.locator("ul.threads a").first.click()
    almara.press("Keep and see")
    almara.page.wait_for_url("**/preview")
    almara.page.wait_for_load_state("load")  # the keys are those of its script
    almara.page.keyboard.press("1")
    almara.page.locator("article.note[lang='ar']").wait_for()
    almara.release()

    beltova.step(2)
    beltova.go_there()
    note = beltova.page.url.rpartition("/")[2]
    beltova.page.get_by_text("this is not an accusation").first.wait_for()
    beltova.look()
    beltova.read_back(**{"line-6": "accusation"})
    beltova.page.locator(".tour", has_text="step 4 of 6").wait_for()

    almara.step(4)
    almara.go_there()
    almara.page.get_by_text("Line 6 came across differently").first.wait_for()
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
    beltova.answer("accept")
    beltova.release_by_command()
    almara.sees("understood · taken in hand")
    beltova.open(f"/notes/{note}")
    beltova.answer("acted", "traffic-stopped", "owners-told")
    beltova.release()
    almara.sees("understood · acted")

    for officer in (almara, beltova):
        officer.open("/journal")
        officer.page.locator(".tour", has_text="the end").wait_for()
        officer.press("Verify the whole journal")
        officer.page.wait_for_url("**/journal/verify")
        officer.sees("nothing was changed")
    almara.look()
    assert almara.found + beltova.found == []


def _life(officer: Officer) -> str:
    """The words about how far the note came."""
    return officer.page.get_by_text("read-back", exact=False).first.inner_text()


def test_each_desk_answers_to_its_own_name_and_this_machines_and_to_no_other(demonstration: Any) -> None:
    """Python resolves no name under .localhost: it connects to 127.0.0.1 and says the name in Host."""
    for at in demonstration.desks():
        host = at["desk"].removeprefix("http://")
        port = int(host.rpartition(":")[2])
        for name in (host, f"localhost:{port}", f"127.0.0.1:{port}"):
            assert Visitor(port, host=name).get("/sign-in").status == 200, name
        for name in (f"c.localhost:{port}", f"evil.example:{port}", "a.localhost", f"{host}.example"):
            assert Visitor(port, host=name).get("/sign-in").status == 421, name


def test_enter_gives_new_links_each_of_which_signs_in_once(demonstration: Any) -> None:
    """The story above used the first two."""
    before = demonstration.desks()
    demonstration.type("\n")
    until(lambda: demonstration.said.count("Ctrl-C: the end") == 2)
    for old, new in zip(before, demonstration.desks(), strict=True):
        host = new["desk"].removeprefix("http://")
        for at, statuses in ((old, [410, 410]), (new, [303, 410])):
            path = at["link"].removeprefix(at["desk"])
            visitors = [Visitor(int(host.rpartition(":")[2]), host=host) for _ in range(2)]
            assert [one.post(path).status for one in visitors] == statuses
