"""Roles are given by two; what holds when; what may be taken away."""

from __future__ import annotations

from typing import Any

import pytest

from parley.clearance import (
    ClearanceProblem,
    Grant,
    Officer,
    Role,
    Roster,
    check_grant,
    passes_on,
    with_grants,
    without,
)
from parley.terms.marking import Marking, Tlp

ONE = Roster(officers=(Officer(name="amal"),))


def told(call: Any, *arguments: Any) -> str:
    with pytest.raises(ClearanceProblem) as caught:
        call(*arguments)
    return caught.value.key.partition(".")[2]


def given(roster: Roster, name: str, *roles: Role) -> Roster:
    return with_grants(
        roster, Officer(name=name), [Grant(officer=name, role=r, since=5, given_by=("amal",)) for r in roles], 5
    )


def test_a_desk_that_gave_no_role_has_officers_who_are_everything() -> None:
    assert ONE.is_lone
    assert ONE.roles("amal", 0) == frozenset(Role)


def test_the_first_role_writes_down_what_the_first_officer_was() -> None:
    two = given(ONE, "dana", Role.DRAFTER)
    assert two.roles("amal", 5) == frozenset(Role)
    assert two.roles("dana", 5) == {Role.DRAFTER}
    assert two.roles("dana", 4) == frozenset()  # not before it was given
    assert two.version == 1


def test_while_there_is_one_officer_that_one_gives_roles_alone() -> None:
    check_grant(ONE, ("amal",), 5)


TWO = given(ONE, "dana", Role.DRAFTER)
FOUR = without(given(given(TWO, "ivan", Role.ADMINISTRATOR), "rosa", Role.RELEASER), "amal", [Role.ADMINISTRATOR], 5)
BY = {
    "one alone": (TWO, ("amal",), "needs_two"),
    "one, twice": (TWO, ("amal", "amal"), "needs_two"),
    "nobody who can release": (FOUR, ("ivan", "dana"), "needs_two"),
    "no administrator": (FOUR, ("amal", "rosa"), "needs_administrator"),
    "a stranger": (FOUR, ("amal", "zoe"), "no_such_officer"),
    "a stranger first": (FOUR, ("zoe", "amal"), "no_such_officer"),
}


@pytest.mark.parametrize("name", BY)
def test_who_may_not_give_roles(name: str) -> None:
    roster, by, problem = BY[name]
    assert told(check_grant, roster, by, 5) == problem


def test_an_administrator_and_a_releaser_may() -> None:
    check_grant(FOUR, ("ivan", "amal"), 5)
    check_grant(FOUR, ("rosa", "ivan"), 5)


def test_the_last_releaser_stays() -> None:
    assert told(without, TWO, "amal", [Role.RELEASER], 5) == "last_holder"
    assert without(FOUR, "amal", [Role.RELEASER], 5).holders(Role.RELEASER, 5) == ("rosa",)


def test_a_role_that_is_not_held_cannot_be_taken_and_who_has_none_left_is_gone() -> None:
    assert told(without, TWO, "dana", [Role.LEGAL], 5) == "no_grant"
    assert "dana" not in [one.name for one in without(TWO, "dana", [Role.DRAFTER], 5).officers]


GRANTS = {
    "an end before the beginning": {"role": Role.LEGAL, "since": 5, "until": 5},
    "acting without an end": {"role": Role.LEGAL, "since": 5, "acting_for": "lena"},
    "acting for oneself": {"role": Role.LEGAL, "since": 5, "until": 9, "acting_for": "amal"},
    "forms of somebody who releases nothing": {"role": Role.LEGAL, "since": 5, "forms": (1,)},
    "no forms": {"role": Role.RELEASER, "since": 5, "forms": ()},
    "three givers": {"role": Role.LEGAL, "since": 5, "given_by": ("a", "b", "c")},
    "one giver twice": {"role": Role.LEGAL, "since": 5, "given_by": ("a", "a")},
}


@pytest.mark.parametrize("name", GRANTS)
def test_a_role_that_cannot_be_given(name: str) -> None:
    assert told(lambda: Grant(officer="amal", **GRANTS[name])) == "bad_grant"


@pytest.mark.parametrize("name", ["", "Amal", "a b", "ä", "a" * 33, "9a", "../a"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    assert told(lambda: Officer(name=name)) == "bad_name"


@pytest.mark.parametrize(
    ("marking", "party", "may"),
    [
        (Marking(Tlp.AMBER), "XB", True),  # our own, no list: the level decides elsewhere
        (Marking(Tlp.AMBER, originator="XC"), "XB", False),  # a partner's, without its consent
        (Marking(Tlp.AMBER, originator="XC"), "XC", True),
        (Marking(Tlp.AMBER, originator="XC", releasable_to=("XB",)), "XB", True),
        (Marking(Tlp.AMBER, originator="XC", releasable_to=("XB",)), "XD", False),
        (Marking(Tlp.CLEAR, originator="XC"), "XB", True),
        (Marking(Tlp.CLEAR, "RESTRICTED", "XC"), "XB", False),
        (Marking(Tlp.AMBER, releasable_to=("XB",)), "XD", False),
        ([9], "XB", False),
    ],
)
def test_what_a_partner_gave_is_passed_on_with_its_consent_only(marking: object, party: str, may: bool) -> None:
    assert passes_on(marking, party) is may
