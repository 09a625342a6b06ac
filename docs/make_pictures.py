"""Take the pictures of the desk for README and docs: ``make pictures`` writes docs/pictures/*.png.

Two parties in memory (parley.testing) play the story of the demonstration with a clock of their own and drawn bytes
that are the same in every run, behind the real pages; Debian's Chromium looks at them. What still differs from machine
to machine are fonts and the version of the browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from parley.clearance import Officer, Passkey, Roster
from parley.desk import answer, clear, compose, draft, read_back, release
from parley.desk import read as reading
from parley.desk.fill import fill
from parley.desk.sign_in import tour
from parley.doors.web.desk import WebDesk
from parley.doors.web.tour import Tour
from parley.forms import load
from parley.outside.settings import Desk, Home, Settings
from parley.seal import CHEAP_FOR_TESTS
from parley.terms.moment import as_datetime
from parley.testing import SimulatedParty, pair, settle
from parley.web_door import open_desk

FOLDER = Path(__file__).with_name("pictures")
HOUR = 3_600_000
MARGIN = 16
WORM = [
    (10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
    (17, "data.encrypted"), (17, "social.service-interrupted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"),
    (23, "13c"), (23, "13h"),
]  # fmt: skip
COLOURS = 128  # text on flat paper: more are not seen


@dataclass
class Station:
    """One party's node with its pages, and the browser of its officer."""

    party: SimulatedParty
    desk: WebDesk
    address: str
    officer: str

    async def take(self, browser: Browser, name: str, path: str, look: Look) -> None:
        """One picture of a page, signed in anew by a link."""
        self.desk.tour = Tour("sender", "")
        link = f"{self.address}/tour/{await tour.make(self.party.node, self.officer)}"
        context = await browser.new_context(
            locale=look.language, color_scheme=look.scheme, reduced_motion="reduce",
            viewport={"width": look.width, "height": look.height}, device_scale_factor=look.scale,
        )  # fmt: skip
        await context.clock.set_fixed_time(as_datetime(self.party.clock()))  # the page compares it with the desk's
        page = await context.new_page()
        await page.goto(link)
        await page.locator("main form button").click()
        await page.wait_for_url("**/today")
        self.desk.tour = None  # these are pictures of any desk, not of the demonstration's
        await page.goto(self.address + path)
        await page.evaluate("document.activeElement.blur()")
        shot = await (_part(page, look.at) if look.at else page.screenshot())
        await context.close()
        _write(name, shot)


@dataclass(frozen=True)
class Look:
    """How a page is looked at: one screen of it, or with `at` only this part."""

    language: str = "en"
    scheme: Any = "light"
    width: int = 1280
    height: int = 800
    scale: float = 1
    at: str = ""


async def _part(page: Page, at: str) -> bytes:
    """A part of a page, with a margin around it."""
    box = await page.locator(at).bounding_box()
    assert box is not None
    clip = {"x": box["x"] - MARGIN, "y": box["y"] - MARGIN, "width": box["width"] + 2 * MARGIN}
    return await page.screenshot(full_page=True, clip={**clip, "height": box["height"] + 2 * MARGIN})  # type: ignore[arg-type]


def _write(name: str, shot: bytes) -> None:
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    FOLDER.mkdir(exist_ok=True)
    picture.save(FOLDER / f"{name}.png", optimize=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _station(stack: contextlib.AsyncExitStack, party: SimulatedParty, name: str, officer: str) -> Station:
    settings = Settings(party=party.node.party, desk=Desk(listen=f"127.0.0.1:{_free_port()}", name=name))

    async def unlock(passphrase: str) -> int:
        return await party.unlock()

    desk, address = await open_desk(
        stack, party.node, Home(Path("/nonexistent")), settings, unlock, CHEAP_FOR_TESTS
    )
    return Station(party, desk, address, officer)


async def _sent(here: SimulatedParty, made: draft.Draft) -> str:
    composed = await compose.compose(here.node, made)
    return (await release.release(here.node, here.keys.sign_note(composed.payload))).hex()


async def _waiting(station: Station, made: draft.Draft) -> str:
    """A note that is handed in; its officer has a passkey that the signer knows."""
    node = station.party.node
    key = Passkey(credential_id=bytes(16), public_key=bytes(32), rp_id="a.localhost", origin=station.address)
    node.roster = Roster(officers=(Officer(name=station.officer, passkeys=(key,)),))
    return (await clear.submit(node, await draft.save(node, made), station.officer)).note_id.hex()


async def story(browser: Browser, almara: Station, beltova: Station) -> None:
    """The story as far as the misreading, with a picture wherever there is something to see."""
    a, b = almara.party, beltova.party
    await b.write(a, 1, {10: "timetable"}, precedence=0)
    await settle(a, b)
    worm = draft.Draft(
        form=11, office="duty", to=("XB/duty",), lines=fill(load().form(11), WORM), written_in="ar", officer="amal",
        precedence=3, exercise=True, answer_by=a.clock() // HOUR * HOUR + 2 * HOUR,
    )  # fmt: skip
    waits = await _waiting(almara, worm)
    await almara.take(browser, "release", f"/clear/{waits}/release", Look(height=720))
    await clear.withdraw(a.node, bytes.fromhex(waits))

    note = await _sent(a, worm)
    await settle(a, b)
    await beltova.take(browser, "today", "/today", Look(scheme="dark", height=640))
    await beltova.take(browser, "note-arabic", f"/notes/{note}", Look("ar", width=390, height=844, scale=2))
    await beltova.take(browser, "read-back", f"/notes/{note}/read-back", Look(height=860))

    right = answer.right_answers(a.node, note)
    await reading.read(b.node, note, "en", officer="boris")
    said = {"language": "en", "role": "duty officer", "seconds": 24, "by_person": True}
    await read_back.give(b.node, note, {**right, 6: "accusation"}, **said)
    await settle(a, b)
    await almara.take(browser, "differs", f"/notes/{note}", Look(at="section:has(> ol.life)", width=1100))


async def main() -> None:
    """Everything, from nothing."""
    os.environ["TZ"] = "UTC"  # pages show this machine's own clock too
    time.tzset()
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("sudo apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk")
    async with contextlib.AsyncExitStack() as stack, async_playwright() as play:
        first, second = await pair()
        almara = await _station(stack, first, "a.localhost", "amal")
        beltova = await _station(stack, second, "b.localhost", "boris")
        browser = await play.chromium.launch(executable_path=path, args=["--no-sandbox", "--font-render-hinting=none"])
        await story(browser, almara, beltova)
        await browser.close()
    total = sum(one.stat().st_size for one in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}, {total / 1000:.0f} kB")


if __name__ == "__main__":
    asyncio.run(main())
