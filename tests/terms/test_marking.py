"""Markings: four parts kept apart, ordered, joined only when nothing is lost, contradictions flagged."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import (
    Contradiction,
    Marking,
    PartyProblem,
    TermsProblem,
    Tlp,
    contradictions,
    covers,
    is_restricted,
    strictest,
)

PARTIES = st.sampled_from(["KE", "UG", "NA", "XA", "O-UN", "O-OSCE"])
NATIONAL = st.sampled_from(["RESTRICTED", "DIFFUSION RESTREINTE", "Для служебного пользования", "内部", "سري"])
MARKINGS = st.builds(
    Marking.of,
    st.sampled_from(Tlp),
    st.none() | NATIONAL,
    st.none() | PARTIES,
    st.lists(PARTIES, max_size=4).map(tuple),
)

LINES = {
    "TLP alone": (Marking(Tlp.CLEAR), "TLP:CLEAR"),
    "the plus sign of the standard": (Marking(Tlp.AMBER_STRICT), "TLP:AMBER+STRICT"),
    "national": (Marking(Tlp.GREEN, "OFFICIAL"), "TLP:GREEN // OFFICIAL"),
    "originator": (Marking(Tlp.AMBER, None, "KE"), "TLP:AMBER // ORCON KE"),
    "everything": (
        Marking(Tlp.RED, "RESTRICTED", "KE", ("KE", "UG")),
        "TLP:RED // RESTRICTED // ORCON KE // REL TO KE, UG",
    ),
}


@pytest.mark.parametrize(("marking", "line"), LINES.values(), ids=LINES)
def test_the_marking_line_is_written_and_read_back(marking: Marking, line: str) -> None:
    assert str(marking) == line
    assert Marking.parse(line) == marking


@given(MARKINGS)
def test_every_marking_comes_back_from_its_line(marking: Marking) -> None:
    assert Marking.parse(str(marking)) == marking


BAD_LINES = ["", "AMBER", "TLP:WHITE", "tlp:amber", "TLP:AMBER//X", "TLP:RED // A // B", "TLP:RED // REL TO KE // A"]
BAD_LINES += [
    "TLP:RED // ORCON kenya",
    "TLP:RED // REL TO UG, KE",
    "TLP:RED // REL TO KE, KE",
    "TLP:RED // ",
    "TLP:RED // REL TO ",
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_line_that_is_no_marking_is_refused(line: str) -> None:
    with pytest.raises((TermsProblem, PartyProblem)):
        Marking.parse(line)


FORGED = {
    "the separator": "OFFICIAL // REL TO KE",
    "an originator": "ORCON KE",
    "a release list in small letters": "rel to KE",
    "a second line": "OFFICIAL\nTLP:CLEAR",
    "an override of direction": "\u202eTERCES",
    "nothing": "",
    "blanks outside": " OFFICIAL",
    "a long text": "X" * 81,
}


@pytest.mark.parametrize("national", FORGED.values(), ids=FORGED)
def test_a_national_marking_that_could_forge_another_part_is_refused(national: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        Marking(Tlp.GREEN, national)
    assert caught.value.key == "terms.national_marking"


BAD_LISTS = {"unsorted": ("UG", "KE"), "repeated": ("KE", "KE"), "too long": tuple(f"O-{n:05}" for n in range(301))}


@pytest.mark.parametrize("parties", BAD_LISTS.values(), ids=BAD_LISTS)
def test_a_release_list_has_one_spelling(parties: tuple[str, ...]) -> None:
    with pytest.raises(TermsProblem) as caught:
        Marking(Tlp.GREEN, None, None, parties)
    assert caught.value.key == "terms.release_list"


def test_parties_are_parties() -> None:
    with pytest.raises(PartyProblem):
        Marking(Tlp.GREEN, None, None, ("kenya",))
    with pytest.raises(PartyProblem):
        Marking(Tlp.GREEN, None, "Kenya")


def test_the_levels_of_tlp_are_ordered_and_their_codes_frozen() -> None:
    assert [(level.label, int(level)) for level in sorted(Tlp)] == [
        ("TLP:CLEAR", 1),
        ("TLP:GREEN", 2),
        ("TLP:AMBER", 3),
        ("TLP:AMBER+STRICT", 4),
        ("TLP:RED", 5),
    ]


COVERING = {
    "a higher level covers a lower": (Marking(Tlp.GREEN), Marking(Tlp.AMBER), True),
    "a lower level does not": (Marking(Tlp.AMBER), Marking(Tlp.GREEN), False),
    "a national marking may be added": (Marking(Tlp.GREEN), Marking(Tlp.GREEN, "RESTRICTED"), True),
    "it may not be dropped": (Marking(Tlp.GREEN, "RESTRICTED"), Marking(Tlp.RED), False),
    "nor exchanged": (Marking(Tlp.GREEN, "RESTRICTED"), Marking(Tlp.GREEN, "OFFICIAL"), False),
    "an originator may not be dropped": (Marking(Tlp.GREEN, None, "KE"), Marking(Tlp.GREEN), False),
    "a list may shrink": (
        Marking(Tlp.GREEN, None, None, ("KE", "UG")),
        Marking(Tlp.GREEN, None, None, ("KE",)),
        True,
    ),
    "a list may not grow": (
        Marking(Tlp.GREEN, None, None, ("KE",)),
        Marking(Tlp.GREEN, None, None, ("KE", "UG")),
        False,
    ),
    "a list may not be dropped": (Marking(Tlp.GREEN, None, None, ("KE",)), Marking(Tlp.GREEN), False),
    "a list may be added": (Marking(Tlp.GREEN), Marking(Tlp.GREEN, None, None, ("KE",)), True),
}


@pytest.mark.parametrize(("wide", "strict", "expected"), COVERING.values(), ids=COVERING)
def test_a_marking_covers_another_only_if_it_keeps_all_that_it_asks(
    wide: Marking, strict: Marking, expected: bool
) -> None:
    assert covers(wide, strict) is expected


@given(MARKINGS, MARKINGS, MARKINGS)
def test_covering_is_a_partial_order(one: Marking, two: Marking, three: Marking) -> None:
    assert covers(one, one)
    assert not (covers(one, two) and covers(two, one)) or one == two
    assert not (covers(one, two) and covers(two, three)) or covers(one, three)


@given(st.lists(MARKINGS, max_size=4))
def test_the_marking_of_the_whole_covers_every_part_or_a_person_is_asked(parts: list[Marking]) -> None:
    with contextlib.suppress(TermsProblem):
        whole = strictest(parts)
        assert all(covers(part, whole) for part in parts)
        assert strictest([whole]) == whole


def test_nobody_in_common_is_never_turned_into_everybody() -> None:
    """An empty list means that the originator named none, so an empty intersection must not become one."""
    with pytest.raises(TermsProblem) as caught:
        strictest([Marking(Tlp.GREEN, None, None, ("KE",)), Marking(Tlp.GREEN, None, None, ("UG",))])
    assert caught.value.key == "terms.nobody_in_common"


CONTRADICTIONS = {
    "none": (Marking(Tlp.AMBER, "RESTRICTED", "KE", ("UG",)), ()),
    "free for the world and restricted at home": (Marking(Tlp.CLEAR, "SECRET"), (Contradiction.CLEAR_YET_NATIONAL,)),
    "free for the world and unclassified agree": (Marking(Tlp.CLEAR, "Unclassified"), ()),
    "free for the world and listed": (Marking(Tlp.CLEAR, None, None, ("KE",)), (Contradiction.CLEAR_YET_LISTED,)),
    "strict and for two": (Marking(Tlp.AMBER_STRICT, None, None, ("KE", "UG")), (Contradiction.STRICT_YET_LISTED,)),
    "strict and for one agree": (Marking(Tlp.AMBER_STRICT, None, None, ("KE",)), ()),
    "another level inside": (Marking(Tlp.GREEN, "OFFICIAL tlp:red"), (Contradiction.TLP_IN_NATIONAL,)),
    "the plain amber inside the strict": (Marking(Tlp.AMBER_STRICT, "TLP:AMBER"), (Contradiction.TLP_IN_NATIONAL,)),
    "the same level inside": (Marking(Tlp.AMBER_STRICT, "TLP:AMBER+STRICT"), ()),
}


@pytest.mark.parametrize(("marking", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_contradictions_are_flagged_and_nothing_is_repaired(
    marking: Marking, expected: tuple[Contradiction, ...]
) -> None:
    assert contradictions(marking) == expected


def test_a_national_marking_that_is_not_known_to_be_open_restricts() -> None:
    assert is_restricted("SOMETHING NEVER HEARD OF")
    assert not is_restricted("UNCLASSIFIED")
    assert not is_restricted(None)
