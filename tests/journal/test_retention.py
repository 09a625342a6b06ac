"""Which bodies are destroyed when: the first rule that fits decides; clauses and holds keep."""

from __future__ import annotations

from typing import Any

import pytest

from parley.journal import JournalProblem
from parley.journal.retention import DAY, Keep, Retention, Rule, Subject, Verdict

NOTE = Subject(b"\1" * 32, b"\2" * 32, 10, "in", False, 1_000, ("XB",))
YEAR, TEN = Rule(name="year", days=365, forms=(1,)), Rule(name="ten", days=3650)


def subject(**changed: Any) -> Subject:
    fields = {name: getattr(NOTE, name) for name in NOTE.__struct_fields__}
    return Subject(**(fields | changed))


FITS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "a rule that names nothing fits all": ({}, {}, True),
    "its form": ({"forms": (9, 10)}, {}, True),
    "another form": ({"forms": (9,)}, {}, False),
    "its direction": ({"direction": "in"}, {}, True),
    "the other direction": ({"direction": "out"}, {}, False),
    "exercises only": ({"exercise": True}, {}, False),
    "real ones only": ({"exercise": False}, {}, True),
    "its party": ({"parties": ("XB", "XC")}, {}, True),
    "another party": ({"parties": ("XC",)}, {}, False),
    "one of two counterparts is not enough": ({"parties": ("XB",)}, {"parties": ("XB", "XC")}, False),
    "both of two counterparts are": ({"parties": ("XB", "XC")}, {"parties": ("XB", "XC")}, True),
}


@pytest.mark.parametrize("case", FITS)
def test_a_rule_fits_what_it_names(case: str) -> None:
    rule, note, expected = FITS[case]
    found = Retention(rules=(Rule(name="r", days=1, **rule),)).verdict(subject(**note), ())
    assert (found.rule is not None) is expected


def test_the_first_rule_that_fits_decides_and_without_one_it_is_kept_for_ever() -> None:
    rules = Retention(rules=(YEAR, TEN))
    assert rules.verdict(subject(form=1), ()) == Verdict(YEAR, 1_000 + 365 * DAY)
    assert rules.verdict(NOTE, ()) == Verdict(TEN, 1_000 + 3650 * DAY)
    assert Retention(rules=(YEAR,)).verdict(NOTE, ()) == Verdict(None, None)
    assert not Verdict(None, None).destroys(1 << 62)


@pytest.mark.parametrize(("now", "gone"), [(-1, False), (0, True), (1, True)])
def test_it_goes_on_its_day_and_not_a_millisecond_before(now: int, gone: bool) -> None:
    due = 1_000 + 3650 * DAY
    rules = Retention(rules=(TEN,))
    assert rules.verdict(NOTE, ()).destroys(due + now) is gone
    youngest = rules.youngest(due + now)
    assert youngest is not None
    assert (NOTE.stored_at <= youngest) is gone  # what a store is asked for leaves nothing out


KEPT: dict[str, tuple[tuple[Keep, ...], tuple[str, ...], str]] = {
    "nothing": ((), (), ""),
    "a clause on the party": ((Keep(party="XB", why="agreement"),), (), "keep: agreement"),
    "a clause on another party": ((Keep(party="XC", why="agreement"),), (), ""),
    "a clause on the form": ((Keep(form=10, why="law"),), (), "keep: law"),
    "a clause on this form with another party": ((Keep(form=10, party="XC", why="law"),), (), ""),
    "a hold on the note": ((), ("note " + "01" * 32,), "hold: note " + "01" * 32),
    "a hold on its correspondence": ((), ("thread " + "02" * 32,), "hold: thread " + "02" * 32),
    "a hold on the party": ((), ("party XB",), "hold: party XB"),
    "holds on others": ((), ("party XC", "note " + "03" * 32), ""),
}


@pytest.mark.parametrize("case", KEPT)
def test_clauses_and_holds_keep_however_old_it_is(case: str) -> None:
    keeps, holds, why = KEPT[case]
    found = Retention(rules=(TEN,), keeps=keeps).verdict(NOTE, holds)
    assert found.kept == why
    assert found.destroys(1 << 62) is (why == "")


BAD: dict[str, Any] = {
    "no name": lambda: Rule(name=" ", days=1),
    "a long name": lambda: Rule(name="x" * 61, days=1),
    "a name that acts on a terminal": lambda: Rule(name="\x1b[2J", days=1),
    "no day": lambda: Rule(name="r", days=0),
    "more than a hundred years": lambda: Rule(name="r", days=36_526),
    "an unknown direction": lambda: Rule(name="r", days=1, direction="both"),
    "a party that is none": lambda: Rule(name="r", days=1, parties=("xb",)),
    "a clause without a reason": lambda: Keep(party="XB", why=" "),
    "a clause about nothing": lambda: Keep(why="law"),
    "a clause on a party that is none": lambda: Keep(party="xb", why="law"),
    "two rules of one name": lambda: Retention(rules=(TEN, TEN)),
    "names kept for less than nothing": lambda: Retention(names_days=-1),
}


@pytest.mark.parametrize("case", BAD)
def test_a_rule_that_cannot_be_one_is_refused_by_name(case: str) -> None:
    """Else a slip of the pen would destroy what a law keeps."""
    with pytest.raises(JournalProblem) as caught:
        BAD[case]()
    assert caught.value.key == "journal.bad_rule"
