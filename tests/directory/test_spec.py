"""spec/particulars.md and spec/ceremony.md say what the code does: tables of fields, constants, standings, marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from parley.directory import MARKS, Standing, ceremony, judging, problems, rules, standing
from parley.directory.fields import Layout
from parley.directory.freshness import FRESHNESS, PREKEY, PREKEYS
from parley.directory.gossip import REQUEST, SIGHTING, SIGHTINGS, WANTED
from parley.directory.offices import (
    BEARER,
    BEARER_KINDS,
    MANDATE,
    OFFICE,
    OFFICE_KINDS,
    REVOCATION,
    REVOCATION_REASONS,
    VOUCH,
)
from parley.directory.particulars import PARTICULARS

ROOT = Path(__file__).parents[2]
PARTICULARS_PAGE = (ROOT / "spec/particulars.md").read_text()
CEREMONY_PAGE = (ROOT / "spec/ceremony.md").read_text()
SOURCES = sorted((ROOT / "src/parley/directory").glob("*.py"))


def table_after(page: str, heading: str) -> list[list[str]]:
    """Cells of the first table after a heading, without its head."""
    text = page.split(f"{heading}\n", 1)[1]
    rows = re.search(r"\|[^\n]*\|\n\|[-| ]+\|\n((?:\|[^\n]*\|\n)+)", text)
    assert rows
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1].splitlines()]


HEADINGS: dict[str, Layout[Any]] = {
    "### particulars": PARTICULARS,
    "### office": OFFICE,
    "### bearer": BEARER,
    "### revocation": REVOCATION,
    "### vouch": VOUCH,
    "### mandate": MANDATE,
    "### sightings": SIGHTINGS,
    "### sighting": SIGHTING,
    "### request": REQUEST,
    "### wanted": WANTED,
    "## 5. Freshness": FRESHNESS,
    "### prekey": PREKEY,
    "### prekeys": PREKEYS,
}


@pytest.mark.parametrize("heading", HEADINGS)
def test_tables_of_fields_are_those_of_the_code(heading: str) -> None:
    """Number for number, name for name."""
    layout = HEADINGS[heading]
    written = [(int(row[0]), row[1]) for row in table_after(PARTICULARS_PAGE, heading) if row[0] != "0"]
    assert written == [(field.number, field.name) for field in layout.fields]


def test_constants_are_those_of_the_code() -> None:
    """In days."""
    for name, value, _ in constants():
        assert getattr(rules, name) == int(value.split()[0]) * rules.DAY


def constants() -> list[list[str]]:
    """The table of constants."""
    text = PARTICULARS_PAGE.split("| constant | value | reason |\n", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines()[1:]]
    assert len(rows) == 7
    return rows


def test_bounds_are_those_of_the_code() -> None:
    """The numbers in the page, one by one."""
    expected = {
        f"1 to {rules.ROOTS} keys": "### particulars",
        f"1 to {rules.OFFICES} records": "### particulars",
        f"1 to {rules.NODE_KEYS} keys": "### particulars",
        f"0 to {rules.CERTIFICATES} certificates, DER, at most {rules.CERTIFICATE:,} bytes": "### particulars",
        f"0 to {rules.BEARERS} records": "### particulars",
        f"0 to {rules.CAPABILITIES} codes": "### particulars",
        f"0 to {rules.REVOCATIONS} records": "### particulars",
        f"0 to {rules.VOUCHES} records": "### particulars",
        f"at most {rules.LONGEST_VALIDITY // rules.DAY} days after it": "### particulars",
        f"1 to {rules.KEYS_PER_OFFICE} keys": "### office",
        f"at most {rules.HOURS} characters": "### office",
        f"at most {rules.ADDRESS} characters": "### bearer",
        f"1 to {rules.PREKEYS} records": "### prekeys",
        f"1 to {rules.MANDATES} records": "### particulars",
        f"1 to {rules.HOLIDAYS} days": "### office",
        f"0 to {rules.SIGHTINGS} records": "### sightings",
        f"1 to {rules.WANTED} records": "### request",
        f"at most {rules.GIVEN_VERSIONS} versions of a party": "### wanted",
        f"at most {rules.PREKEY_VALIDITY // rules.DAY} days after not_before": "### prekey",
    }
    for words, heading in expected.items():
        assert words in PARTICULARS_PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0], words
    assert f"{rules.PAYLOAD:,} bytes" in PARTICULARS_PAGE
    assert f"At most {rules.EXTENSIONS} of them, each at most\n{rules.EXTENSION:,} bytes" in PARTICULARS_PAGE


def test_codes_in_use_are_those_of_the_page() -> None:
    """Kinds of offices and bearers, reasons of revocations."""
    for codes, heading in (
        (OFFICE_KINDS, "### office"),
        (BEARER_KINDS, "### bearer"),
        (REVOCATION_REASONS, "### revocation"),
    ):
        section = PARTICULARS_PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
        written = section.split("in use: ", 1)[1].split(";", 1)[0].split(" |", 1)[0]
        assert tuple(re.findall(r"`([^`]+)`", written)) == codes


def test_every_mark_of_the_page_exists() -> None:
    """The marks that the page names are marks of the code."""
    for mark in ("key-retired", "key-replaced", "expired-in-transit", "expired", "signed-before-listed"):
        assert mark in PARTICULARS_PAGE
        assert mark in MARKS
    for mark in ("acts-for", "mandate-unconfirmed"):
        assert f"*{mark}" in PARTICULARS_PAGE
        assert mark in MARKS
    for mark in ("vouched", "unvouched"):
        assert f"*{mark}*" in CEREMONY_PAGE
        assert mark in MARKS


def test_the_table_of_standings_is_complete() -> None:
    """Every standing in the module's table, and its sending column is what the code does."""
    assert standing.__doc__
    rows = re.findall(r"^\| ([A-Z]+) .*\| ([a-z ]+?) *\| ([a-z ]+?) *\|$", standing.__doc__, re.M)
    assert [name for name, _, _ in rows] == [one.name for one in Standing]
    for name, receiving, sending in rows:
        assert (receiving == "refused") == (sending == "refused") == (Standing[name] in standing.REFUSED)
        assert (sending == "needs named override") == (Standing[name] in standing.NEEDS_OVERRIDE)


def test_the_cost_of_the_phrase_is_that_of_the_page() -> None:
    """scrypt's parameters."""
    cost = ceremony._COST
    assert f"N = {cost['n']}, r = {cost['r']}, p = {cost['p']}, length {cost['dklen']}" in CEREMONY_PAGE


def test_every_problem_is_raised_somewhere_and_reads_well() -> None:
    """No row of the table is dead, and every row that the page names exists."""
    source = "".join(path.read_text() for path in SOURCES if path.name != "problems.py")
    for key, says in problems.DirectoryProblem.TABLE.items():
        assert f'"{key}"' in source, key
        assert says.what.endswith(".")
        assert says.do.endswith(".")
    for key in re.findall(r"\*([a-z]+_[a-z_]+|gap|rollback|equivocation)\*", PARTICULARS_PAGE):
        assert key in problems.DirectoryProblem.TABLE, key


def test_the_module_of_judging_names_every_rule_of_the_page() -> None:
    """Four rules, in the same order as the rows of the page."""
    assert judging.__doc__
    assert len(re.findall(r"^\d\. ", judging.__doc__, re.M)) == 4
