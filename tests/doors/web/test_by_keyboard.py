"""In Debian's Chromium: a note read and read back with keys alone, and a page whose desk goes away and comes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from parley.desk import talks
from parley.desk.fill import fill
from parley.desk.sign_in import sessions
from parley.forms import load
from tests.doors.web.test_browser import SWAPPED, address, opened

MOST_TABS = 80


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "sudo apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk"
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()


def page_of(browser: Browser, served: Any, visitor: Any) -> Page:
    """A page whose computer's clock shows the hour of the desk."""
    page = opened(browser, served, visitor).new_page()
    page.clock.set_fixed_time(datetime.fromtimestamp(served.ours.clock() / 1000, UTC))
    return page


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there: what cannot be reached so, cannot be done with keys."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {MOST_TABS} tabs")


def test_from_today_to_the_read_back_with_keys_alone(browser: Browser, served: Any) -> None:
    """DESIGN 3.2, with scripts on: read it, in another language too, choose an option of each question, send."""
    visitor = served.officer("amal")
    note = served.note_from_them(form=11, lines=fill(load().form(11), SWAPPED))
    page = page_of(browser, served, visitor)
    page.goto(address(served, "/line"))
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == f"/notes/{note}"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/notes/{note}")
    page.wait_for_load_state("load")
    page.keyboard.press("6")
    page.locator("article.note[lang='es']").wait_for()
    tab_to(page, "a.button[href*='/read-back']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/read-back*")
    groups = page.locator("fieldset").count()
    assert 3 <= groups <= 5
    assert page.evaluate("document.activeElement.type") == "radio"
    for number in range(groups):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    assert page.locator("fieldset input:checked").count() == groups
    tab_to(page, "button[value='give']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/notes/{note}?in=es")
    page.get_by_text("read-back given").wait_for()
    page.context.close()


def test_a_desk_that_goes_away_is_said_so_keeps_what_was_typed_and_comes_back_by_itself(
    browser: Browser, served: Any
) -> None:
    page = page_of(browser, served, served.officer("amal"))
    page.goto(address(served, "/talks/new?party=XB"))
    page.get_by_label("Who took part").fill("their watch")
    page.get_by_label("What was said").fill("They asked for an hour.")
    page.get_by_label("exercise").check()
    served.desk.closing = True  # streams end, and new ones tell nothing
    served.ours.node.tell_moved()
    page.locator(".lost", has_text="The connection to the desk is lost").wait_for()
    page.get_by_role("button", name="Keep the record").click()
    assert page.get_by_label("What was said").input_value() == "They asked for an hour."
    assert talks.listed(served.ours.node) == []
    served.desk.closing = False
    page.locator(".lost").wait_for(state="hidden")
    page.get_by_role("button", name="Keep the record").click()
    page.wait_for_url("**/talks/*")
    assert [one.words for one in talks.listed(served.ours.node)] == ["They asked for an hour."]
    page.context.close()


def test_a_session_that_ends_under_an_open_page_is_said_so_and_what_was_typed_stays(
    browser: Browser, served: Any
) -> None:
    page = page_of(browser, served, served.officer("amal"))
    page.goto(address(served, "/talks/new?party=XB"))
    page.get_by_label("What was said").fill("They asked for an hour.")
    served.do(sessions.end_all(served.ours.node, "amal"))
    page.locator(".lost", has_text="Your session has ended").wait_for()
    assert page.get_by_label("What was said").input_value() == "They asked for an hour."
    assert page.locator(".lost a").get_attribute("href") == "/sign-in?to=/talks/new%3Fparty%3DXB"
    page.context.close()


def test_a_clock_that_is_wrong_is_noticed_on_the_page(browser: Browser, served: Any) -> None:
    """Times on the pages are the desk's; an officer whose computer is ten minutes off has to know that."""
    visitor = served.officer("amal")
    page = page_of(browser, served, visitor)
    page.goto(address(served, "/line"))
    page.wait_for_timeout(500)
    assert page.locator(".lost").is_hidden()  # control: the clocks agree
    page.clock.set_fixed_time(datetime.fromtimestamp(served.ours.clock() / 1000 + 600, UTC))
    page.reload()
    page.locator(".lost", has_text="more than two minutes apart").wait_for()
    page.context.close()


def test_the_bell_of_the_browser_is_tried_on_a_click(browser: Browser, served: Any) -> None:
    """Sound, title, and a notice, whose permission is asked for on that click and not before."""
    visitor = served.officer("amal")
    page = page_of(browser, served, visitor)
    page.context.grant_permissions(["notifications"], origin=address(served))
    page.add_init_script(
        "window.told = []; window.Notification = class { constructor(w) { window.told.push(w); } "
        "static permission = 'default'; "
        "static async requestPermission() { window.told.push('asked'); "
        "return (Notification.permission = 'granted'); } };"
    )
    page.goto(address(served, "/bell"))
    assert page.evaluate("window.told") == []
    page.get_by_role("button", name="Allow, and try it now").click()
    page.get_by_text("You should have heard a sound").wait_for()
    assert page.evaluate("window.told") == ["asked", "FLASH note unread"]
    assert page.title().startswith("⚡ FLASH note unread")
    page.context.close()
