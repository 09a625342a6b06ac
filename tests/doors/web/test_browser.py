"""The pages in Debian's Chromium: passkeys, the release by passkey, news that comes by itself, the keyboard, axe-core.

Few and quick here; every page in two languages and two schemes is under the marker `soak`.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, sync_playwright

from parley.clearance import Assertion, ClearanceProblem, How, Officer, Passkey, Roster, Verdict, Word
from parley.clearance.proof import release_challenge, word_challenge
from parley.desk import draft
from parley.desk.fill import fill
from parley.desk.sign_in import account
from parley.forms import load
from parley.line.note import note_id
from parley.outside.keys.passkey import Counters, check_assertion
from tests.doors.web.browsing import violations, with_authenticator
from tests.doors.web.test_drills import SignerAlike as RunSigner

WORM = [
    (10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
    (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"), (23, "13h"),
]  # fmt: skip
SWAPPED = [(n, {"XA": "XB", "XB": "XA"}.get(c, c)) for n, c in WORM]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Missing is a failure, never a skip: ``make test`` installs it, or says how."""
    path = shutil.which("chromium")
    assert path, "sudo apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Browser, served: Any, visitor: Any = None, **options: Any) -> BrowserContext:
    """A browser of its own, signed in as the visitor is."""
    context = browser.new_context(**{"locale": "en", **options})
    context.set_default_timeout(60_000)
    cookies = visitor.cookies if visitor else {}
    context.add_cookies([{"name": k, "value": v, "url": address(served)} for k, v in cookies.items()])
    return context


def address(served: Any, path: str = "") -> str:
    return f"http://localhost:{served.port}{path}"


class SignerAlike:
    """Checks an assertion as the office's signer does, with the same code, and signs with the test's office key."""

    def __init__(self, served: Any) -> None:
        self.served, self.counters, self.seen = served, Counters(), list[bytes]()

    async def release(self, payload: bytes, officer: str, proof: Any, reason: str) -> Any:
        assert isinstance(proof, Assertion)
        node = self.served.ours.node
        check_assertion(node.roster.officer(officer), proof, release_challenge(note_id(payload)), self.counters)
        self.seen.append(note_id(payload))
        verdict = Verdict(how=How.LONE, releaser=officer, words=(), reason=reason or "alone at night")
        return self.served.ours.keys.sign_note(payload), verdict

    async def say(self, payload: bytes, officer: str, role: Any, proof: Any) -> Any:
        node = self.served.ours.node
        check_assertion(node.roster.officer(officer), proof, word_challenge(role, note_id(payload)), self.counters)
        return Word(officer=officer, role=role, at=node.clock())

    async def number(self, payload: bytes) -> Any:
        raise ClearanceProblem("bad_reason", why="no telephone here")


def test_an_officer_makes_a_passkey_signs_in_with_it_and_releases_with_it(chromium: Browser, served: Any) -> None:
    """The challenge of the release is the note's digest; the page that asks for it runs one script."""
    visitor = served.officer("amal")
    context = opened(chromium, served, visitor)
    page = context.new_page()
    with_authenticator(page)
    page.goto(address(served, "/settings"))
    page.get_by_label("A name for it").fill("laptop")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_text("laptop").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Show your passkey").click()
    page.wait_for_url(address(served, "/today"))

    node, signer = served.ours.node, SignerAlike(served)
    found = node.store.look(lambda look: account.passkeys(look, "amal"))[0]
    listed = Passkey(credential_id=found.id, public_key=found.public_key, rp_id=found.site, origin=address(served))
    node.roster, node.signers = Roster(officers=(Officer(name="amal", passkeys=(listed,)),)), {"duty": signer}
    made = draft.Draft(
        form=11, office="duty", to=("XB/duty",), lines=fill(load().form(11), WORM), written_in="en", officer="amal",
        exercise=True,
    )  # fmt: skip
    identity = served.do(draft.save(node, made))
    page.goto(address(served, f"/drafts/{identity}/preview"))
    page.get_by_role("button", name="Hand it in").click()
    digest = page.locator("code.digest").first.inner_text()
    page.get_by_role("link", name="Release it").click()
    assert page.locator("code.digest").first.inner_text() == digest
    assert page.locator("script").count() == 1
    page.get_by_label("Reason").fill("alone on duty")
    page.get_by_role("button", name="Show your passkey").click()
    page.wait_for_url(address(served, f"/notes/{digest}"))
    assert [one.hex() for one in signer.seen] == [digest]
    context.close()


def test_news_comes_by_itself_and_a_note_is_read_in_another_language_at_one_key(chromium: Browser, served: Any) -> None:
    """Today loads itself again; two tabs share one stream; keys 1 to 6 are the six languages."""
    visitor = served.officer("amal")
    context = opened(chromium, served, visitor)
    page, other = context.new_page(), context.new_page()
    page.goto(address(served, "/today"))
    other.goto(address(served, "/line"))
    note = served.note_from_them(form=11, lines=fill(load().form(11), SWAPPED))
    page.locator("b[data-unread='IMMEDIATE']", has_text="1").wait_for()
    other.locator(".news").wait_for()
    ends = time.monotonic() + 20  # a page that loads itself again leaves its old stream for a moment
    while served.desk.streams["amal"] != 1:
        assert time.monotonic() < ends, served.desk.streams
        time.sleep(0.05)
    page.locator(f"a[href='/notes/{note}']").first.click()
    page.wait_for_url(f"**/notes/{note}*")
    page.wait_for_load_state("load")  # the keys are those of its script
    page.keyboard.press("1")
    page.locator("article.note[lang='ar']").wait_for()
    assert "exercise" not in page.locator("article.note[lang='ar'] .banner").first.inner_text().lower()
    context.close()


def test_a_read_back_is_given_by_keyboard_alone(chromium: Browser, served: Any) -> None:
    """DESIGN 3.2; no pointer is used from the note to the answer that travels back."""
    visitor = served.officer("amal")
    note = served.note_from_them(form=11, lines=fill(load().form(11), SWAPPED))
    context = opened(chromium, served, visitor, java_script_enabled=False)
    page = context.new_page()
    page.goto(address(served, f"/notes/{note}/read-back"))
    groups = page.locator("fieldset").count()
    for _ in range(groups):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/notes/{note}\?in=en"))
    page.get_by_text("read-back given").wait_for()
    context.close()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_on_a_narrow_screen_the_menu_stands_where_one_is(chromium: Browser, shared: Any, locale: str) -> None:
    """The menu is a strip there; Settings is its end, and with Today it would lie outside: the control."""
    visitor = shared.officer("amal")
    narrow = {"width": 390, "height": 844}
    with opened(chromium, shared, visitor, locale=locale, viewport=narrow) as context:
        page = context.new_page()
        page.goto(address(shared, "/settings"))
        seen = [within(page.locator(f".menu {place}"), 390) for place in ("[aria-current]", "li:first-child")]
        assert seen == [True, False]


def within(place: Locator, width: int) -> bool:
    """Whether all of it lies on the screen, but for a pixel of rounding."""
    box = place.bounding_box()
    return box is not None and box["x"] > -2 and box["x"] + box["width"] < width + 2


PAGES = ("/sign-in", "/today", "/line", "/notes/{note}", "/notes/{note}/read-back", "/drafts", "/drafts/new",
         "/drafts/new/11", "/drafts/{draft}", "/drafts/{draft}/preview", "/drafts/{good}/preview",
         "/drafts/{draft}/versions", "/notes/{note}/files", "/clear", "/clear/{waiting}",
         "/clear/{waiting}/release", "/directory", "/directory/XB", "/directory/bring", "/directory/XC/accept",
         "/directory/contacts", "/directory/parcels", "/notes/{carried}/by-hand/XE", "/drills", "/drills/{drill}",
         "/drills/{drill}/run", "/drills/{drill}/run/release", "/drills/{held}", "/drills/{held}/trend",
         "/drills/wording", "/journal", "/journal/verify", "/journal?party=XB", "/journal/evidence/1",
         "/journal/checkpoints", "/journal/evidence", "/journal/retention", "/officers", "/officers/policy",
         "/officers/programs", "/settings", "/settings/node", "/settings/doctor",
         "/handover", "/bell", "/talks", "/talks/new", "/unlock",
         "/precedents", "/precedents?words=Stuxnat", "/precedents/open:wannacry",
         "/precedents/statistics", "/precedents/statistics/base-rates", "/nowhere")  # fmt: skip


def test_axe_sees_what_is_wrong(chromium: Browser) -> None:
    """Control: a page with a picture without words and a field without a label."""
    page = chromium.new_page()
    page.set_content("<html><body><img src='x'><input></body></html>")
    assert {one.partition(":")[0] for one in violations(page)} >= {"image-alt", "label"}
    page.close()


QUICK = ("/today", "/directory", "/directory/XC/accept", "/notes/{note}", "/notes/{note}/read-back",
         "/drafts/{draft}", "/drafts/{good}/preview", "/drafts/{draft}/versions", "/notes/{note}/files",
         "/clear/{waiting}/release", "/drills/{drill}/run/release", "/officers/policy",
         "/precedents/open:wannacry")  # fmt: skip
LOOKS = [("en", "light"), ("ar", "dark"), ("en", "dark"), ("ar", "light")]


def looked_at(browser: Browser, lived_in: Any, pages: tuple[str, ...], language: str, scheme: Any) -> list[str]:
    """Every violation that axe-core finds on these pages, and every page that is wider than a telephone's screen."""
    served, visitor, filled = lived_in
    found = []
    context = opened(browser, served, visitor, color_scheme=scheme, locale=language, bypass_csp=True)
    context.add_cookies([{"name": "parley-language", "value": language, "url": address(served)}])
    page = context.new_page()
    for path in pages:
        for name, value in filled.items():
            path = path.replace(name, value)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address(served, path))
        found += [f"{path} {one}" for one in violations(page)]
        page.set_viewport_size({"width": 390, "height": 844})
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{path} is {width} pixels wide"] if width > 390 else []
    context.close()
    return found


@pytest.mark.parametrize(("language", "scheme"), LOOKS[1:2])
def test_axe_finds_nothing_on_pages_of_a_night(chromium: Browser, lived_in: Any, language: str, scheme: str) -> None:
    assert looked_at(chromium, lived_in, QUICK, language, scheme) == []


@pytest.mark.soak
@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_axe_finds_nothing_on_any_page(chromium: Browser, lived_in: Any, language: str, scheme: str) -> None:
    assert looked_at(chromium, lived_in, PAGES, language, scheme) == []


@pytest.mark.soak
def test_a_run_of_a_drill_is_released_with_one_touch(chromium: Browser, served: Any) -> None:
    """The page runs the one script; the challenge is the digest over all notes of the run."""
    visitor, node = served.officer("amal"), served.ours.node
    context = opened(chromium, served, visitor)
    page = context.new_page()
    with_authenticator(page)
    page.goto(address(served, "/settings"))
    page.get_by_label("A name for it").fill("laptop")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_text("laptop").wait_for()
    found = node.store.look(lambda look: account.passkeys(look, "amal"))[0]
    listed = Passkey(credential_id=found.id, public_key=found.public_key, rp_id=found.site, origin=address(served))
    node.roster = Roster(officers=(Officer(name="amal", passkeys=(listed,)),))
    node.signers = {"duty": RunSigner(served)}
    page.goto(address(served, "/drills"))
    page.get_by_label("What we call it").fill("Link check")
    page.get_by_role("button", name="Keep this drill").click()
    page.get_by_role("button", name="To go out as soon as it is released").click()
    page.get_by_role("link", name="Release the run").click()
    page.get_by_label("Reason").fill("nobody else is here")
    page.get_by_role("button", name="Show your passkey").click()
    page.get_by_text("under way, answers are hoped for").first.wait_for()
    assert re.fullmatch(r".*/drills/[0-9a-f]{8}", page.url)
    context.close()
