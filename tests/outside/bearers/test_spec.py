"""spec/mail.md and spec/paper.md state what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parley.line import First, LineProblem, Precedence, patience
from parley.line.speaker import SPEAKER, SPEAKER_KIND
from parley.outside.bearers import BearerProblem
from parley.outside.bearers.mail import letter
from parley.outside.bearers.mail.imap import STRETCH
from parley.outside.bearers.paper import LARGEST_ON_PAPER, make_frames, read_frames
from parley.outside.bearers.paper.frames import MOST_FRAMES, PIECE, PREFIX, VERSION
from parley.seal import Domain

ROOT = Path(__file__).parents[3]
PAGES = {name: (ROOT / "spec" / f"{name}.md").read_text("utf-8") for name in ("mail", "paper")}
DECISION = (ROOT / "docs" / "decisions" / "0281-mail-by-the-standard-library.md").read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_problem_named_on_a_page_exists(name: str) -> None:
    named = set(re.findall(r"`bearer\.(\w+)`", PAGES[name]))
    assert named
    assert named <= set(BearerProblem.TABLE)
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGES[name])) <= set(LineProblem.TABLE)


def test_the_letter_is_as_the_page_says() -> None:
    page = PAGES["mail"]
    assert f"`{letter.SUBJECT}`" in page
    assert f"| {letter.HEADER} | `1` |" in page
    assert f"{letter.LARGEST_LETTER:,} bytes" in page
    assert f"{STRETCH:,} UIDs" in DECISION
    _, message = letter.write_letter(b"x", sender="a@b.example", recipient="c@d.example")
    headers = set(message.keys()) - {"MIME-Version", "Content-Type"}
    listed = set(re.findall(r"^\| ([A-Z][\w-]+)(?:, To)? \|", page.split("## Part 2")[0], re.MULTILINE))
    assert headers - {"To"} == listed


def test_the_speaker_is_as_the_page_says() -> None:
    assert f"non-critical extension {SPEAKER} of the" in PAGES["mail"]
    assert f"| 2 | kind of object | {SPEAKER_KIND} |" in PAGES["mail"]
    assert f"`{Domain.PARCEL.value.decode()}`" in PAGES["mail"]


def test_the_table_of_patience_is_on_the_page() -> None:
    def said(ms: int) -> str:
        minutes, seconds = divmod(ms // 1000, 60)
        return " ".join(f"{n} {unit}" for n, unit in ((minutes, "min"), (seconds, "s")) if n)

    for precedence in Precedence:
        waits = [said(patience(precedence, first)) for first in (First.FAILING, First.WORKING)]
        assert f"| {precedence.name} | {waits[0]} | {waits[1]} |" in PAGES["mail"]


def test_a_frame_is_as_the_page_says() -> None:
    page = PAGES["paper"]
    assert f"`{PREFIX}`" in page
    assert f"| 1 | version, {VERSION} |" in page
    assert f"T is {PIECE}" in page
    assert f"at most {MOST_FRAMES}" in page
    assert page.count(f"{LARGEST_ON_PAPER:,}") == 2
    sizes = [int(n) for n in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    [frame] = read_frames(make_frames(bytes(2000))[0])
    letters = -(-(sum(sizes) + len(frame.piece)) * 8 // 5)
    assert len(frame.to_text()) == len(PREFIX) + letters
