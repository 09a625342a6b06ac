"""Clocks that move, and browsers in languages that the desk lacks: a clear page, and nothing that serves twice."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk.sign_in import codes

HOUR = 3_600_000
PASSPHRASE = "seven words of the tests"


def test_a_code_that_was_used_serves_no_more_when_the_clock_is_set_back(served: Any) -> None:
    """The node's clock falls back by an hour and runs up to the same half minute again: that code stays used."""
    served.sign_in("amal", served.officer("amal"))
    code = served.code("amal")
    served.ours.clock.sleep(-HOUR)
    thief = served.visitor()
    fields = {"officer": "amal", "passphrase": PASSPHRASE, "to": "/today"}
    assert thief.post("/sign-in", {**fields, "code": served.code("amal")}).status == 422  # older than what was used
    served.ours.clock.sleep(HOUR)
    assert thief.post("/sign-in", {**fields, "code": code}).status in (422, 429)
    served.ours.clock.sleep(2 * codes.STEP_MS)
    assert served.sign_in("amal").get("/today").status == 200  # control: the next one serves


def test_a_clock_that_jumps_ahead_ends_sessions_with_a_sentence_and_no_link_lives_longer_for_one_set_back(
    served: Any,
) -> None:
    visitor, link = served.officer("amal"), served.link("basma")
    served.ours.clock.sleep(14 * HOUR)
    got = visitor.get("/today")
    assert got.status == 401
    assert "Sign in" in got.plain
    assert served.visitor().get(link).status == 410


LANGUAGES = {
    "one that we lack": ("sw", "en"),
    "one that we lack before one that we have": ("de-AT, ru;q=0.5", "ru"),
    "a script and a region": ("zh-Hant-TW", "zh"),
    "none": ("", "en"),
    "any": ("*", "en"),
    "no number": ("fr;q=very, es;q=0.9", "es"),
    "one that is refused": ("ar;q=0, fr", "fr"),
    "thousands": ("x, " * 5000 + "fr", "en"),
    "no language at all": ("<script>, ../../etc/passwd;q=1", "en"),
}


@pytest.mark.parametrize("case", LANGUAGES)
def test_a_browser_in_any_language_is_answered_in_one_of_six(shared: Any, case: str) -> None:
    asked, expected = LANGUAGES[case]
    got = shared.visitor(language=asked).get("/sign-in")
    assert got.status == 200
    assert f'<html lang="{expected}"' in got.text
    assert "<script>, " not in got.text
