"""Indicators: what one party's line says for what was observed, and which nothing stands where nothing was seen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.directory.drill import Call, CallOutcome, RunStage
from parley.directory.indicators import INDICATORS, REFUSED, Contact, Silence, Way, card, is_yes
from parley.directory.report_card import COLUMNS, EXERCISE_CRYSTAL, Report, by_bearer, by_indicator, count, rows

T0, HOPED_BY, NOW = 1_800_000_000_000, 1_800_086_400_000, 1_800_090_000_000
LATER = NOW + 1
A, N, U, W, C = Silence.AWAITED, Silence.NOT_ASKED, Silence.UNREACHABLE, Silence.WITHHELD, Silence.CANNOT_TELL
HTTPS = Way(kind="https", tries=1, handed_at=T0 + 5, there_at=T0 + 5)
MAIL = Way(kind="mail", tries=1, handed_at=T0 + 7)
DOWN = Way(kind="https", tries=9, problem="bearer.unreachable")
BROKE = Way(kind="https", tries=1, unsure=True, problem="bearer.timed_out")
WHOLE = {"taken": T0 + 10, "opened": T0 + 10, "read": T0 + 50, "read_back": T0 + 80, "answered": T0 + 90}


def seen(**changes: Any) -> Contact:
    return Contact(**{"address": "XB/duty", "asked_at": T0, "understanding": "awaited", **changes})


def cells(contact: Contact, now: int = NOW) -> dict[str, Any]:
    found = card(contact, HOPED_BY, now)
    return {
        **{f"by {kind}": cell for kind, cell in found.reached.items()},
        **{n: getattr(found, n) for n in INDICATORS},
    }


CASES: dict[str, tuple[Contact, dict[str, Any]]] = {
    "all went well": (
        seen(ways=(HTTPS,), times=WHOLE, understanding="understood", answered_by="XB/duty", on_duty="both"),
        {
            "by https": 5,
            "taken": 10,
            "opened": 10,
            "read": 50,
            "understood": 80,
            "understanding": "understood",
            "answered": 90,
            "in_time": True,
            "right_office": True,
            "on_duty": "both",
            "telephone": N,
        },
    ),
    "left out: never asked, whatever bearers it has": (
        seen(asked_at=None, left_out="directory.suspended", ways=(Way(kind="https"),)),
        {"by https": N, "taken": N, "answered": N, "in_time": N, "on_duty": N},
    ),
    "our note never left: not asked, and not their silence": (
        seen(ways=(Way(kind="https"),)),
        {"by https": N, "taken": N, "in_time": N},
    ),
    "every attempt failed here": (
        seen(ways=(DOWN,)),
        {"by https": U, "taken": U, "read": U, "answered": U, "in_time": U},
    ),
    "handed to a mail server and nothing heard: no answer yet, even after the time hoped for": (
        seen(ways=(MAIL,)),
        {"by mail": A, "taken": A, "answered": A, "in_time": A},
    ),
    "a receipt shows that mail brought it": (
        seen(ways=(MAIL,), times={"taken": T0 + 900}),
        {"by mail": 900, "taken": 900, "opened": A},
    ),
    "HTTPS was down and mail brought it": (
        seen(ways=(DOWN, MAIL), times={"taken": T0 + 900}),
        {"by https": U, "by mail": 900},
    ),
    "HTTPS broke in the midst, mail took it too: nobody can tell which": (
        seen(ways=(BROKE, MAIL), times={"taken": T0 + 900}),
        {"by https": C, "by mail": C, "taken": 900},
    ),
    "HTTPS broke and nothing was heard": (seen(ways=(BROKE,)), {"by https": U, "taken": U}),
    "their node said so in the same exchange: that counts, whatever else was tried": (
        seen(ways=(HTTPS, MAIL), times={"taken": T0 + 5}),
        {"by https": 5, "by mail": C},
    ),
    "the bearer's word alone is no receipt": (seen(ways=(HTTPS,)), {"by https": A, "taken": A}),
    "carried by hand unseen: reached, by no way that was recorded": (
        seen(ways=(DOWN,), times={"taken": T0 + 70}),
        {"by https": U, "taken": 70},
    ),
    "opened and read are withheld": (
        seen(ways=(HTTPS,), times={"taken": T0 + 5}, withheld=frozenset({"opened", "read"})),
        {"taken": 5, "opened": W, "read": W, "answered": A, "in_time": False},
    ),
    "read was told before it was withheld": (
        seen(ways=(HTTPS,), times={"taken": T0 + 5, "read": T0 + 8}, withheld=frozenset({"read"})),
        {"read": 8},
    ),
    "a read-back that differs": (
        seen(ways=(HTTPS,), times=WHOLE, understanding="differs"),
        {"understood": "differs", "understanding": "differs"},
    ),
    "a clarification went out: it still differs": (
        seen(ways=(HTTPS,), times=WHOLE, understanding="clarified"),
        {"understanding": "differs"},
    ),
    "a read-back was declined, without reason: withheld, not failed": (
        seen(ways=(HTTPS,), times=WHOLE, understanding="declined"),
        {"understood": W, "understanding": "declined"},
    ),
    "a form without questions": (seen(times=WHOLE, understanding="not_asked"), {"understood": N, "understanding": N}),
    "another office of theirs answered": (
        seen(ways=(HTTPS,), times=WHOLE, answered_by="XB/cyber"),
        {"right_office": False, "in_time": True},
    ),
    "answered on the last millisecond": (seen(times={**WHOLE, "answered": HOPED_BY}), {"in_time": True}),
    "answered a millisecond later": (seen(times={**WHOLE, "answered": HOPED_BY + 1}), {"in_time": False}),
    "an answer of another form says nothing of who is there": (
        seen(times=WHOLE, answered_by="XB/duty"),
        {"on_duty": N},
    ),
    "their node refused it: heard, and no silence": (
        seen(ways=(HTTPS,), refused="line.form_not_taken"),
        {"by https": 5, "taken": REFUSED, "read": REFUSED, "in_time": REFUSED, "on_duty": REFUSED},
    ),
    "the last call counts": (
        seen(
            calls=tuple(
                Call(address="XB/duty", at=T0, outcome=o, by="amal") for o in (CallOutcome.DEAD, CallOutcome.ANSWERED)
            )
        ),
        {"telephone": "answered"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_line_says_what_was_observed(name: str) -> None:
    contact, expected = CASES[name]
    found = cells(contact)
    assert {key: found[key] for key in expected} == expected
    assert all(type(found[key]) is type(value) for key, value in expected.items())


def test_before_the_time_hoped_for_nobody_is_late() -> None:
    """Taken and unanswered: no answer yet until the last millisecond, and only then "not in time"."""
    contact = seen(ways=(HTTPS,), times={"taken": T0 + 5})
    assert cells(contact, HOPED_BY)["in_time"] is A
    assert cells(contact, HOPED_BY + 1)["in_time"] is False
    assert cells(contact, HOPED_BY + 1)["answered"] is A


WAYS = st.lists(
    st.builds(
        Way, kind=st.sampled_from(("https", "mail", "by-hand")), tries=st.integers(0, 3),
        handed_at=st.none() | st.integers(T0, NOW), there_at=st.none() | st.integers(T0, NOW), unsure=st.booleans(),
    ), unique_by=lambda way: way.kind, max_size=3,
)  # fmt: skip
CONTACTS = st.builds(
    Contact,
    address=st.just("XB/duty"),
    asked_at=st.none() | st.just(T0),
    ways=WAYS.map(tuple),
    times=st.dictionaries(st.sampled_from(("taken", "opened", "read", "read_back", "answered")), st.integers(T0, NOW)),
    withheld=st.frozensets(st.sampled_from(("opened", "read"))),
    refused=st.sampled_from(("", "line.form_not_taken")),
    understanding=st.sampled_from(("not_asked", "awaited", "understood", "differs", "declined", "clarified")),
    answered_by=st.sampled_from(("", "XB/duty", "XB/cyber")),
)


@given(CONTACTS)
def test_silence_never_becomes_a_number_a_no_or_a_yes(contact: Contact) -> None:
    """A time stands only where a step was seen; "no" only where they were asked and had it; nothing counts for them."""
    found = cells(contact)
    for step in ("taken", "opened", "read", "answered"):
        assert (type(found[step]) is int) == (contact.asked_at is not None and step in contact.times)
    if found["in_time"] is False:
        assert "taken" in contact.times or "answered" in contact.times
    assert not any(is_yes(name, cell) for name, cell in found.items() if isinstance(cell, Silence))
    if contact.asked_at is None:
        assert all(cell is N for cell in found.values())


# -- counted


def test_who_keeps_it_back_is_outside_the_share_and_who_is_silent_is_inside() -> None:
    """By hand: read by two, one awaited, one unreachable, one withheld, one never asked: 2 of 4."""
    found = count("read", [10, 30, A, U, W, N])
    assert (found.share.count, found.share.of) == (2, 4)
    assert (found.middle, found.times) == (10, 2)
    assert found.missing == {"no answer yet": 1, "unreachable": 1, "withheld": 1, "not asked": 1}


def test_a_time_of_nought_is_a_time() -> None:
    assert count("taken", [0]).share.count == 1
    assert count("in_time", [False]).share.count == 0


def test_bearers_are_counted_over_those_that_have_them() -> None:
    made = [
        card(contact, HOPED_BY, NOW)
        for contact in (CASES["all went well"][0], CASES["a receipt shows that mail brought it"][0])
    ]
    assert [(one.name, one.share.count, one.share.of) for one in by_bearer(made)] == [
        ("reached by https", 1, 1), ("reached by mail", 1, 1),
    ]  # fmt: skip
    assert [one.name for one in by_indicator(made)] == list(INDICATORS)


def test_the_export_holds_no_zero_for_a_silence() -> None:
    """Each cell once; without a value it says which nothing it is, and its value is empty."""
    made = tuple(card(contact, HOPED_BY, NOW) for contact, _ in CASES.values())
    report = Report(
        drill="aabbccdd", name="n", number=0, stage=RunStage.HELD, due_at=T0, began_at=T0, hoped=1, at=NOW, cards=made,
        bearers=(), indicators=(),
    )  # fmt: skip
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows(report)]
    assert len(found) == sum(len(INDICATORS) + len(one.reached) for one in made)
    for row in found:
        assert (row["value"] == "") == (row["nothing"] != "") == (row["kind"] == "nothing")


def test_the_published_figures_say_what_they_are() -> None:
    """Another field, with its source: nobody may take them for a target of this one."""
    assert {one.percent for one in EXERCISE_CRYSTAL.figures} == {99, 64, 73, 80, 77}
    assert EXERCISE_CRYSTAL.source.startswith("Goddard et al., WPSAR 2025 16(2)")
    assert all(word in EXERCISE_CRYSTAL.label for word in ("Another field", "WHO", "sixteen", "not a target"))
