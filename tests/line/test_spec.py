"""The pages in spec/ state what the program does: numbers, keys and names in them are those of the code."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest

from parley.directory import MARKS, DirectoryProblem
from parley.line import IN_STATION, Clock, LineProblem, Precedence, Stage
from parley.line.copies import MOST_COPIES
from parley.line.note import LARGEST_NOTE, MOST_RECIPIENTS
from parley.line.parcel import LARGEST_PARCEL, MOST_GOT, MOST_ITEMS, ItemKind
from parley.line.recall import LARGEST_RECALL, LARGEST_RECORD, MOST_CHECKPOINTS, MOST_RANGES, MOST_SEQUENCES
from parley.line.receipt import LARGEST_RECEIPT, MOST_ENTRIES
from parley.line.states import Answer, Delivery, Moment, Understanding
from parley.line.void import LARGEST_VOID
from parley.seal import SealProblem

SPEC = Path(__file__).parents[2] / "spec"
NAMES = ("note", "receipt", "parcel", "line", "restore")
PAGES = {name: (SPEC / f"{name}.md").read_text(encoding="utf-8") for name in NAMES}
SOURCE = Path(__file__).parents[2] / "src" / "parley" / "line" / "receiving.py"


def numbered(states: type[IntEnum]) -> str:
    """``SIGNED 0, QUEUED 1 …`` as section 6 writes an axis."""
    return ", ".join(f"{state.name} {int(state)}" for state in states)


@pytest.mark.parametrize("name", PAGES)
def test_every_problem_named_on_a_page_exists(name: str) -> None:
    """In one of the three tables that can be met on the line."""
    known = {*LineProblem.TABLE, *DirectoryProblem.TABLE, *SealProblem.TABLE}
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGES[name]))
    assert named - known == set()


def test_every_mark_of_receiving_is_on_the_page_and_no_other() -> None:
    """Marks of the directory are listed on its own page."""
    table = PAGES["line"].split("accepted with marks:")[1].split("## 6")[0]
    on_page = {mark.removesuffix(":<seconds>") for mark in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)}
    written = set(re.findall(r"\"([a-z]+(?:-[a-z]+)+)\"", SOURCE.read_text(encoding="utf-8"))) | {"clock-skew"}
    assert on_page == written
    assert not on_page & set(MARKS)


@pytest.mark.parametrize("states", [Delivery, Understanding, Answer])
def test_the_numbers_of_the_states_are_on_the_page(states: type[IntEnum]) -> None:
    """They are stored, so they never change."""
    assert numbered(states) in PAGES["line"]


def test_the_numbers_of_moments_and_clocks_are_on_the_page() -> None:
    """Stored too."""
    words = (f"{moment.name.lower().replace('_', ' ')} {int(moment)}" for moment in Moment)
    assert ", ".join(words) in PAGES["line"]
    order = [
        *("BEARER", "BEARER_AGAIN", "OFFICE", "CALL", "UNREAD_OFFICE", "UNREAD_CALL"),
        *("ANSWER", "NEXT_WORD", "HANDLING", "OUR_ANSWER", "OUR_WORD"),
    ]
    assert [clock.name for clock in Clock] == order
    assert [int(clock) for clock in Clock] == list(range(1, 12))


def test_the_in_station_times_are_on_the_page() -> None:
    """As a person writes them."""
    hours = {Precedence.PRIORITY: "3 hours", Precedence.ROUTINE: "6 hours"}
    minutes = {Precedence.FLASH: "10 minutes", Precedence.IMMEDIATE: "30 minutes"}
    for precedence, words in (hours | minutes).items():
        assert f"| {precedence.name} | {words} |" in PAGES["line"]
        number, unit = words.split()
        assert IN_STATION[precedence] == int(number) * {"hours": 3_600_000, "minutes": 60_000}[unit]


def test_the_stages_and_kinds_of_items_are_on_the_pages() -> None:
    """With their numbers."""
    for stage in Stage:
        assert f"| {int(stage)} | {stage.name.lower().replace('_', ' ')} |" in PAGES["receipt"]
    for kind in ItemKind:
        assert re.search(rf"^\| {int(kind)} \| .*{kind.name.lower()}", PAGES["parcel"], re.MULTILINE), kind


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("note", LARGEST_NOTE),
        ("note", MOST_RECIPIENTS),
        ("note", LARGEST_VOID),
        ("receipt", LARGEST_RECEIPT),
        ("receipt", MOST_ENTRIES),
        ("restore", LARGEST_RECALL),
        ("restore", LARGEST_RECORD),
        ("restore", MOST_CHECKPOINTS),
        ("restore", MOST_RANGES),
        ("restore", MOST_SEQUENCES),
        ("parcel", LARGEST_PARCEL),
        ("parcel", MOST_GOT),
        ("parcel", MOST_ITEMS),
    ],
)
def test_a_limit_is_on_its_page(page: str, number: int) -> None:
    """Written with commas from a thousand up."""
    assert re.search(rf"(?<![\d,]){number:,}(?!\d|,\d)", PAGES[page])


def test_the_bound_of_resealing_is_on_the_page() -> None:
    """Eight, and the ninth is not sealed."""
    assert MOST_COPIES == 8
    assert "whoever\n  cannot open the eighth is called" in PAGES["line"]
