"""Release policy: what goes out, on whose word. Expected results were written from the issue's sentences first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.clearance import (
    FLOOR_FORMS,
    Ahead,
    Asked,
    ClearanceProblem,
    Grant,
    How,
    Officer,
    Policy,
    Role,
    Roster,
    Rule,
    Word,
    judge,
    read_policy,
    standard_policy,
)

D, T, L, P, R = Role.DRAFTER, Role.TECHNICAL, Role.LEGAL, Role.POLITICAL, Role.RELEASER
DAY = 86_400_000
NOW = 10 * DAY


def asked(form: int = 10, **changed: Any) -> Asked:
    fields: dict[str, Any] = {"precedence": 2, "exercise": False, "accusation": False, "digest": bytes(32)}
    return Asked(form=form, **{**fields, **changed})


def desk(*held: tuple[str, Role], ahead: tuple[Ahead, ...] = (), **grant: Any) -> Roster:
    names = dict.fromkeys(name for name, _ in held)
    grants = tuple(Grant(officer=name, role=role, since=0, **grant) for name, role in held)
    return Roster(version=1, officers=tuple(Officer(name=name) for name in names), grants=grants, ahead=ahead)


MINISTRY = desk(
    ("dana", D), ("lena", L), ("paul", P), ("rosa", R), ("dora", P), ("dora", R), ("tim", T), ("amal", D), ("amal", R)
)


def words(*said: tuple[str, Role], at: int = NOW - 1) -> tuple[Word, ...]:
    return tuple(Word(officer=name, role=role, at=at) for name, role in said)


# name: (form, words, who releases, reason, how it goes or the problem)
CASES: dict[str, tuple[int, tuple[Word, ...], str, str, How | str]] = {
    "a notice that another drafted": (10, words(("dana", D)), "rosa", "", How.CLEARED),
    "a notice that the releaser drafted too": (10, words(("amal", D)), "amal", "", "reason_needed"),
    "the same with a reason": (10, words(("amal", D)), "amal", "nobody was reached", How.LONE),
    "a request, alone": (11, (), "rosa", "nobody was reached", How.LONE),
    "an answer, alone": (20, (), "rosa", "nobody was reached", How.LONE),
    "a link check, alone": (1, (), "rosa", "nobody was reached", How.LONE),
    "a notice, alone, without a reason": (10, (), "rosa", "", "reason_needed"),
    "a notice, alone, with a reason of blanks": (10, (), "rosa", "   ", "reason_needed"),
    "a notice, alone, with a reason that is a letter": (10, (), "rosa", "x" * 301, "bad_reason"),
    "an attribution, alone": (40, (), "rosa", "nobody was reached", "never_alone"),
    "a protest, alone": (41, (), "rosa", "nobody was reached", "never_alone"),
    "a claim, alone": (43, (), "rosa", "nobody was reached", "never_alone"),
    "own words, alone": (90, (), "rosa", "nobody was reached", "never_alone"),
    "a form that nobody knows, alone": (999, (), "rosa", "nobody was reached", "never_alone"),
    "an attribution on all words": (40, words(("dana", D), ("lena", L), ("paul", P)), "rosa", "", How.CLEARED),
    "an attribution by its director": (40, words(("dana", D), ("lena", L), ("dora", P)), "dora", "", How.CLEARED),
    "an attribution without legal": (40, words(("dana", D), ("paul", P)), "rosa", "", "missing_words"),
    "an attribution without political": (40, words(("dana", D), ("lena", L)), "rosa", "", "missing_words"),
    "an attribution that nobody else drafted": (40, words(("lena", L), ("paul", P)), "rosa", "", "missing_words"),
    "an attribution by its drafter": (40, words(("amal", D), ("lena", L), ("paul", P)), "amal", "", "missing_words"),
    "a word in a role that is not held": (40, words(("dana", D), ("tim", L), ("paul", P)), "rosa", "", "missing_words"),
    "who releases nothing": (10, words(("amal", D)), "dana", "a reason", "not_releaser"),
    "who is no officer": (10, words(("amal", D)), "zoe", "a reason", "no_such_officer"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_goes_out_on_whose_word(name: str) -> None:
    form, said, releaser, reason, wanted = CASES[name]
    if isinstance(wanted, How):
        verdict = judge(standard_policy(), MINISTRY, asked(form), said, releaser, NOW, reason=reason)
        assert (verdict.how, verdict.releaser) == (wanted, releaser)
        assert bool(verdict.reason) is (wanted is How.LONE)
    else:
        assert refused(asked(form), said, releaser, reason=reason) == wanted


def refused(what: Asked, said: tuple[Word, ...], releaser: str, roster: Roster = MINISTRY, **more: Any) -> str:
    with pytest.raises(ClearanceProblem) as caught:
        judge(standard_policy(), roster, what, said, releaser, NOW, **more)
    return caught.value.key.partition(".")[2]


def test_one_officer_gives_one_of_the_words_that_are_asked_for() -> None:
    """Two roles in one pair of hands are not two pairs of eyes."""
    roster = desk(("dana", D), ("lena", L), ("lena", P), ("rosa", R))
    said = words(("dana", D), ("lena", L), ("lena", P))
    assert refused(asked(40), said, "rosa", roster) == "missing_words"
    assert judge(standard_policy(), desk(("dana", D), ("lena", L), ("paul", P), ("rosa", R)), asked(40),
                 words(("dana", D), ("lena", L), ("paul", P)), "rosa", NOW)  # fmt: skip


def test_three_people_suffice_for_an_attribution() -> None:
    """A ministry of three: one drafts, one is legal, the director is political and releases."""
    three = desk(("dana", D), ("lena", L), ("dora", P), ("dora", R))
    said = words(("dana", D), ("lena", L), ("dora", P))
    assert judge(standard_policy(), three, asked(40), said, "dora", NOW).how is How.CLEARED


@pytest.mark.parametrize("form", [1, 10, 11, 20, 36, 90])
def test_what_accuses_needs_legal_and_political_whatever_its_form(form: int) -> None:
    what = asked(form, accusation=True)
    assert refused(what, words(("dana", D)), "rosa", reason="nobody was reached") == "missing_words"
    assert refused(what, (), "rosa", reason="nobody was reached") == "never_alone"
    said = words(("dana", D), ("lena", L), ("paul", P))
    assert judge(standard_policy(), MINISTRY, what, said, "rosa", NOW).how is How.CLEARED


loose = st.builds(
    Rule,
    kind=st.just("x"),
    forms=st.lists(st.integers(1, 99), max_size=9).map(tuple),
    needs=st.sets(st.sampled_from([T, L, P])).map(tuple),
    two=st.booleans(),
    lone=st.booleans(),
    ahead=st.booleans(),
)


@given(st.lists(loose, max_size=4), loose, st.integers(1, 99), st.booleans())
def test_no_policy_loosens_attribution_protest_and_claim(
    rules: list[Rule], otherwise: Rule, form: int, accuses: bool
) -> None:
    rule = Policy(rules=tuple(rules), otherwise=otherwise).rule(asked(form, accusation=accuses))
    if accuses or form in FLOOR_FORMS:
        assert {L, P} <= set(rule.needs)
        assert (rule.two, rule.lone, rule.ahead) == (True, False, False)


roles = st.sampled_from([D, T, L, P])


@given(
    st.sampled_from([1, 10, 20, 36, 40, 41, 42, 43, 90]),
    st.lists(st.tuples(st.sampled_from(["dana", "lena", "paul", "rosa", "dora", "amal"]), roles), max_size=6),
    st.sampled_from(["rosa", "dora", "amal"]),
)  # fmt: skip
def test_whatever_was_said_nothing_is_called_cleared_that_one_officer_did(
    form: int, said: list[tuple[str, Role]], releaser: str
) -> None:
    """Property: CLEARED means that another officer drafted it, and that words are of different officers."""
    try:
        verdict = judge(standard_policy(), MINISTRY, asked(form), words(*said), releaser, NOW)
    except ClearanceProblem:
        return
    assert verdict.how is How.CLEARED
    assert (verdict.words[0].role, verdict.words[0].officer != releaser) == (D, True)
    assert len({word.officer for word in verdict.words}) == len(verdict.words)


# Time


def test_an_acting_officer_counts_until_the_day_and_no_longer() -> None:
    acting = Grant(officer="lena", role=P, since=NOW - DAY, until=NOW + DAY, acting_for="paul")
    roster = Roster(officers=MINISTRY.officers, grants=(*MINISTRY.grants, acting))
    said = words(("dana", D), ("tim", T), ("lena", P))
    need = read_policy('rules = []\n[otherwise]\nkind = "x"\nforms = []\nneeds = ["political"]\n')
    assert judge(need, roster, asked(), said, "rosa", NOW).how is How.CLEARED
    late = words(("dana", D), ("lena", P), at=NOW + DAY)
    with pytest.raises(ClearanceProblem):
        judge(need, roster, asked(), late, "rosa", NOW + 2 * DAY)
    with pytest.raises(ClearanceProblem, match="acting"):
        Grant(officer="lena", role=P, since=0, acting_for="paul")


def test_a_word_of_somebody_whose_role_was_taken_back_does_not_count() -> None:
    gone = Roster(officers=MINISTRY.officers, grants=tuple(g for g in MINISTRY.grants if g.officer != "lena"))
    assert refused(asked(40), words(("dana", D), ("lena", L), ("paul", P)), "rosa", gone) == "missing_words"


def test_a_releaser_of_some_forms_releases_those() -> None:
    some = desk(("dana", D), ("rosa", R))
    grants = tuple(Grant(officer="rosa", role=R, since=0, forms=(1, 2)) if g.role is R else g for g in some.grants)
    roster = Roster(officers=some.officers, grants=grants)
    assert judge(standard_policy(), roster, asked(1), words(("dana", D)), "rosa", NOW)
    assert refused(asked(10), words(("dana", D)), "rosa", roster) == "not_releaser"


# Cleared ahead

AHEAD = Ahead(
    name="weekly", form=1, lines={10: ["drill"], 11: ["*"]}, since=NOW - DAY, until=NOW + DAY, by="dora",
    to=("XB/duty",), highest=1, uses=2,
)  # fmt: skip
WITHIN = {"precedence": 1, "lines": {10: "drill", 11: "any words"}, "to": ("XB/duty",)}
OUTSIDE: dict[str, dict[str, Any]] = {
    "another code": {"lines": {10: "new-keys"}},
    "a line that is not named": {"lines": {10: "drill", 12: "x"}},
    "another office": {"to": ("XC/duty",)},
    "one office more": {"to": ("XB/duty", "XC/duty")},
    "a higher precedence": {"precedence": 2},
    "another form": {"form": 2},
    "an attachment": {"attachments": 1},
}


def test_within_bounds_a_releaser_sends_alone_without_a_reason() -> None:
    roster = Roster(officers=MINISTRY.officers, grants=MINISTRY.grants, ahead=(AHEAD,))
    verdict = judge(standard_policy(), roster, asked(1, **WITHIN), (), "rosa", NOW)
    assert (verdict.how, verdict.ahead) == (How.AHEAD, "weekly")


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_bounds_a_reason_is_needed_again(name: str) -> None:
    roster = Roster(officers=MINISTRY.officers, grants=MINISTRY.grants, ahead=(AHEAD,))
    assert refused(asked(**{"form": 1, **WITHIN, **OUTSIDE[name]}), (), "rosa", roster) == "reason_needed"


HOLDS = {
    "now": (NOW, {}, True),
    "used once of two": (NOW, {"weekly": 1}, True),
    "used up": (NOW, {"weekly": 2}, False),
    "at its end": (NOW + DAY, {}, False),
    "before": (NOW - 2 * DAY, {}, False),
}


@pytest.mark.parametrize("name", HOLDS)
def test_it_holds_for_its_time_and_its_number_of_uses(name: str) -> None:
    now, used, works = HOLDS[name]
    roster = Roster(officers=MINISTRY.officers, grants=MINISTRY.grants, ahead=(AHEAD,))
    verdict = judge(standard_policy(), roster, asked(1, **WITHIN), (), "rosa", now, reason="else", used=used)
    assert verdict.how is (How.AHEAD if works else How.LONE)


def test_what_an_officer_cleared_who_was_no_director_clears_nothing() -> None:
    by_rosa = Ahead(**{f: getattr(AHEAD, f) for f in AHEAD.__struct_fields__} | {"by": "rosa"})
    roster = Roster(officers=MINISTRY.officers, grants=MINISTRY.grants, ahead=(by_rosa,))
    assert refused(asked(1, **WITHIN), (), "rosa", roster) == "reason_needed"


@pytest.mark.parametrize("form", sorted(FLOOR_FORMS))
def test_no_attribution_protest_or_claim_goes_out_ahead(form: int) -> None:
    made = Ahead(name="no", form=form, lines={}, since=NOW - DAY, until=NOW + DAY, by="dora")
    roster = Roster(officers=MINISTRY.officers, grants=MINISTRY.grants, ahead=(made,))
    assert refused(asked(form), (), "rosa", roster, reason="nobody was reached") == "never_alone"


# The file


OTHERWISE = 'rules = []\n[otherwise]\nkind = "x"\nforms = []\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rules = 1",
        "nonsense",
        '[otherwise]\nkind = "x"\nforms = []\n',
        OTHERWISE + 'needs = ["observer"]\n',
        OTHERWISE + "may = true\n",
        'standing = ["note"]\n' + OTHERWISE,
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ClearanceProblem, match="policy"):
        read_policy(text)


def test_every_form_of_the_catalogue_stands_in_the_policy_once() -> None:
    from parley.forms import load

    listed = [form for rule in standard_policy().rules for form in rule.forms]
    assert len(listed) == len(set(listed))
    assert {form.number for form in load().forms} - set(listed) == {90}  # own words: as what no rule names
