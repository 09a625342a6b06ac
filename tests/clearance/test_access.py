"""docs/access.md, written by hand, against what the program does; and that something unlisted would be noticed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parley.clearance import Exit, Grant, Officer, Reader, Role, Roster, Thing, may, passes, reader_of, sees
from parley.clearance.gate import DEALS
from parley.doors.verb_rights import VERBS
from parley.doors.verbs import Verbs
from parley.terms.marking import Marking, Tlp

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text("utf-8")
LETTERS = dict(zip("DTLPRGOA", Role, strict=True))
NOW = 1_000


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its two head lines."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"][2:]


def expected() -> dict[str, set[Role]]:
    """By verb: the roles with an x."""
    found: dict[str, set[Role]] = {}
    for row in rows("Verbs by role"):
        holders = {LETTERS[letter] for letter, cell in zip("DTLPRGOA", row[2:], strict=True) if cell == "x"}
        assert set(row[2:]) <= {"x", "."}
        for verb in re.findall(r"`(\w+)`", row[0]):
            assert verb not in found, f"{verb} is listed twice"
            found[verb] = holders
    return found


TABLE = expected()


def offered() -> set[str]:
    """Every verb of the door itself."""
    return {name.removeprefix("do_") for name in dir(Verbs) if name.startswith("do_")}


def unlisted(verbs: set[str]) -> set[str]:
    """What the door offers and the page does not name, or the other way round."""
    return verbs ^ set(TABLE)


def test_every_verb_is_on_the_page_and_no_other() -> None:
    assert unlisted(offered()) == set()
    assert set(VERBS) == offered()


def test_a_verb_that_nobody_listed_would_be_noticed() -> None:
    assert unlisted({*offered(), "tell_everything"}) == {"tell_everything"}
    assert unlisted(offered() - {"show"}) == {"show"}


def of_role(role: Role, cases: tuple[str, ...] | None = None) -> Roster:
    """A desk whose officer "one" holds one role."""
    grant = Grant(officer="one", role=role, since=0, cases=cases)
    return Roster(officers=(Officer(name="one"),), grants=(grant,))


@pytest.mark.parametrize("verb", sorted(TABLE))
def test_each_role_may_ask_for_what_the_page_says(verb: str) -> None:
    assert {role for role in Role if may(of_role(role), "one", VERBS[verb], NOW)} == TABLE[verb]


# Exits

EXITS = {row[0]: row[1:] for row in rows("Exits by marking")}
READERS = {
    "deal": [Reader(name="x", roles=frozenset({role})) for role in Role if role in DEALS],
    "read": [Reader(name="x", roles=frozenset({role})) for role in (Role.REGISTRAR, Role.OBSERVER)],
    "program": [Reader(program=Tlp.AMBER_STRICT)],
}


def test_every_exit_is_on_the_page_and_no_other() -> None:
    assert set(EXITS) == {exit.value for exit in Exit}


@pytest.mark.parametrize("exit", Exit, ids=lambda exit: exit.value)
@pytest.mark.parametrize("who", READERS)
def test_each_exit_lets_pass_what_the_page_says(exit: Exit, who: str) -> None:
    cells = dict(zip(("deal", "read", "program", "restricted"), EXITS[exit.value], strict=True))
    wanted = {tlp for tlp in Tlp if cells[who] != "none" and tlp <= label(cells[who])}
    for reader in READERS[who]:
        assert {tlp for tlp in Tlp if passes(Marking(tlp), exit, reader)} == wanted
        restricted = passes(Marking(Tlp.AMBER, "RESTRICTED"), exit, reader)
        assert restricted is (cells["restricted"] == "deal only" and who == "deal")


def label(text: str) -> Tlp:
    return next(tlp for tlp in Tlp if tlp.label == f"TLP:{text}")


@pytest.mark.parametrize("exit", Exit, ids=lambda exit: exit.value)
def test_nothing_passes_to_an_administrator_or_to_nobody(exit: Exit) -> None:
    for roles in (frozenset({Role.ADMINISTRATOR}), frozenset()):
        assert not any(passes(Marking(tlp), exit, Reader(name="x", roles=roles)) for tlp in Tlp)


def test_an_exit_that_nobody_listed_lets_nothing_pass() -> None:
    everything = Reader(name="x", roles=frozenset(Role))
    assert passes(Marking(Tlp.CLEAR), Exit.PAGE, everything)  # the control
    assert not passes(Marking(Tlp.CLEAR), "telegram", everything)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT])
def test_a_program_gets_no_more_than_its_level(level: Tlp) -> None:
    found = {tlp for tlp in Tlp if passes(Marking(tlp), Exit.PROGRAM, Reader(program=level))}
    assert found == {tlp for tlp in Tlp if tlp <= level}


# Objects

DESK = Roster(
    officers=tuple(Officer(name=name) for name in ("lena", "dana", "ivan")),
    grants=(
        Grant(officer="lena", role=Role.LEGAL, since=0),
        Grant(officer="dana", role=Role.DRAFTER, since=0, cases=("harbour",)),
        Grant(officer="ivan", role=Role.ADMINISTRATOR, since=0),
    ),
)


def thing(words: str) -> Thing:
    """The object of a row: an attachment bears the case and the marking of its note."""
    case = re.search(r"case `(\w+)`", words)
    tlp = next((one for one in Tlp if words.endswith(one.label)), None)
    marking: object = Marking(tlp) if tlp else None
    if "RESTRICTED" in words:
        marking = Marking(Tlp.AMBER, "RESTRICTED")
    if "cannot be read" in words:
        marking = [9, None]
    return Thing(marking=marking, case=case[1] if case else "")


@pytest.mark.parametrize("row", rows("Objects"), ids=lambda row: row[0])
def test_each_object_is_shown_to_whom_the_page_says(row: list[str]) -> None:
    for name, cell in zip(("lena", "dana", "ivan"), row[1:], strict=True):
        assert sees(reader_of(DESK, name, NOW), thing(row[0]), Exit.PAGE) is (cell == "x"), name


def test_each_kind_of_object_is_on_the_page() -> None:
    names = " ".join(row[0] for row in rows("Objects"))
    for kind in ("a note of case", "an attachment", "a draft", "of no case", "RED", "RESTRICTED", "cannot be read"):
        assert kind in names
