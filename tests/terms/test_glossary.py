"""The glossary: one entry a word, in order, cross-references that lead somewhere, and the words of the design in it."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from pathlib import Path

import pytest

GLOSSARY = (Path(__file__).parents[2] / "GLOSSARY.md").read_text(encoding="utf-8")
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+(?:\n  .+)*)", re.MULTILINE)
WORDS = [word for word, _ in ENTRY.findall(GLOSSARY)]
EMPHASIS = {"about", "by means of", "italics"}  # italics that stress a word and name no entry

NEEDED = [
    "acted",
    "analytic confidence",
    "answered",
    "archive",
    "back-reading",
    "bearer",
    "case",
    "ceremony",
    "checkpoint",
    "cosignature",
    "cyber diplomacy",
    "digital diplomacy",
    "form",
    "incarnation",
    "instant",
    "journal",
    "likelihood",
    "line",
    "marking",
    "node key",
    "note",
    "office",
    "office key",
    "opened",
    "parcel",
    "particulars",
    "party",
    "precedence",
    "prekey",
    "problem",
    "read",
    "read-back",
    "receipt",
    "releaser",
    "root key",
    "serial",
    "standing",
    "statement",
    "taken",
    "understood",
    "void",
    "vouching",
]


@pytest.mark.parametrize("word", NEEDED)
def test_a_word_that_the_design_uses_is_explained(word: str) -> None:
    assert word in WORDS


def test_every_word_has_one_entry() -> None:
    assert len(set(WORDS)) == len(WORDS)


def test_entries_stand_in_alphabetical_order_within_each_part() -> None:
    parts = re.split(r"^## ", GLOSSARY, flags=re.MULTILINE)[1:]
    for part in parts:
        words = [word.casefold().replace("é", "e") for word, _ in ENTRY.findall(part)]
        assert words
        assert all(one < two for one, two in pairwise(words)), [one for one, _ in groupby(words)]


def test_every_cross_reference_leads_to_an_entry() -> None:
    referred = set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", GLOSSARY)) - EMPHASIS
    singular = {word.removesuffix("s") if word not in WORDS else word for word in referred}
    assert singular <= set(WORDS)
    assert len(referred) > 20


def test_digital_and_cyber_diplomacy_are_told_apart_by_means_and_matter() -> None:
    meaning = dict(ENTRY.findall(GLOSSARY))
    assert "*about*" in meaning["cyber diplomacy"]
    assert "*by means of*" in meaning["digital diplomacy"]
