"""Narrowing: what of a party's notes still passes, each way by itself (docs/decisions/0271)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.directory import ALL, Directory, DirectoryProblem, Head, Narrowing
from parley.directory.entry import DECISION
from parley.directory.narrowing import KINDS, NARROWING
from parley.seal import encode

NOTE = Head(form=11, exercise=False, precedence=2, attachments=1)

# narrowing -> what of NOTE is outside; None: it passes
CASES: dict[str, tuple[Narrowing, str | None]] = {
    "nothing narrowed": (ALL, None),
    "its form among others": (Narrowing((1, 11)), None),
    "other forms only": (Narrowing((1, 2)), "form"),
    "no form at all": (Narrowing(()), "form"),
    "real only": (Narrowing(kind="real"), None),
    "exercise only": (Narrowing(kind="exercise"), "kind"),
    "up to its precedence": (Narrowing(highest=2), None),
    "up to PRIORITY": (Narrowing(highest=1), "precedence"),
    "without attachments": (Narrowing(attachments=False), "attachment"),
    "several reasons: the first is named": (Narrowing((1,), "exercise", 0, attachments=False), "form"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_outside_is_refused_by_name_both_ways(case: str, world: Any) -> None:
    """Taken: a key for each of the four; sent: one key, which names it. The other way is not touched."""
    narrowing, outside = CASES[case]
    for way, ask, key in (
        ("take", "check_taken", f"directory.{outside}_refused"),
        ("send", "check_sent", "directory.not_sent"),
    ):
        directory = world.directory()
        directory.narrow("XB", now=world.day(1), by="Director", **{way: narrowing})
        other = "check_sent" if way == "take" else "check_taken"
        getattr(directory, other)("XB", NOTE)
        if outside is None:
            getattr(directory, ask)("XB", NOTE)
            continue
        with pytest.raises(DirectoryProblem) as caught:
            getattr(directory, ask)("XB", NOTE)
        assert caught.value.key == key
        assert way == "take" or caught.value.arguments["what"] == outside


def test_a_narrowing_stands_until_it_is_widened(world: Any) -> None:
    """Suspension in between forgets nothing, and one way is widened without the other."""
    directory = world.directory()
    both = Narrowing((1,))
    directory.narrow("XB", now=world.day(1), by="Director", take=both, send=both)
    directory.suspend("XB", now=world.day(2), by="Director")
    directory.resume("XB", now=world.day(3), by="Director")
    directory.withhold("XB", ["read"], now=world.day(3), by="Director")
    assert (directory.entry("XB").take, directory.entry("XB").send) == (both, both)
    directory.narrow("XB", now=world.day(4), by="Director", take=ALL)
    assert (directory.entry("XB").take, directory.entry("XB").send) == (ALL, both)
    assert directory.withheld("XB") == ("read",)


def test_a_new_identity_inherits_what_was_decided(world: Any) -> None:
    """A break widens nothing by oversight; evidence that was set aside was about the former roots."""
    directory = world.directory()
    directory.learn(world.signed(world.particulars(names={"en": "Other"})), world.day(1))
    directory.set_aside("XB", now=world.day(1), by="Director")
    directory.suspend("XB", now=world.day(1), by="Director")
    directory.narrow("XB", now=world.day(2), by="Director", take=Narrowing((1,)))
    lost = world.particulars("xyz", issued_at=world.day(5))
    directory.accept(
        world.signed(lost, "xy"), how="ceremony", now=world.day(5), by="Director", ceremony=world.ceremony(lost),
        new_identity=True,
    )  # fmt: skip
    entry = directory.entry("XB")
    assert (entry.era, entry.suspended, entry.take, entry.forked) == (1, True, Narrowing((1,)), False)
    assert entry.decision is not None
    assert entry.decision.set_aside == 0
    assert directory.rows() == Directory.rebuild(directory.rows()).rows()


def test_a_decision_stored_by_parley_0_1_reads(world: Any) -> None:
    """It had the forms still taken in field 4, and nothing after field 5."""
    read = DECISION.decode(encode({0: 1, 1: world.day(1), 2: "Director", 3: False, 4: [1, 2], 5: 0}))
    assert (read.take, read.send, read.withheld, read.vouching) == (Narrowing((1, 2)), ALL, None, None)
    plain = {0: 1, 1: world.day(1), 2: "Director", 3: True, 4: None, 5: 0}
    assert DECISION.encode(DECISION.decode(encode(plain))) == encode(plain)


BAD = {
    "a kind that does not exist": {"kind": "practice"},
    "a precedence above FLASH": {"highest": 4},
    "a precedence that is a truth value": {"highest": True},
    "attachments by number": {"attachments": 1},
    "a form twice": {"forms": (1, 1)},
    "more forms than there can be": {"forms": tuple(range(1001))},
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_narrowing_cannot_be_built(case: str) -> None:
    """Each with the name of its field."""
    with pytest.raises(DirectoryProblem) as caught:
        Narrowing(**BAD[case])  # type: ignore[arg-type]
    assert str(caught.value.arguments["field"]).startswith("narrowing.")


NARROWINGS = st.builds(
    Narrowing,
    st.none() | st.lists(st.integers(1, 99), max_size=5, unique=True).map(tuple),
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.booleans(),
)
HEADS = st.builds(Head, st.integers(1, 99), st.booleans(), st.integers(0, 3), st.integers(0, 3))


@given(NARROWINGS, HEADS)
def test_a_narrowing_reads_back_and_only_ever_takes_away(narrowing: Narrowing, head: Head) -> None:
    """What passes it passes everything that is wider in each of the four."""
    assert NARROWING.decode(NARROWING.encode(narrowing)) == narrowing
    assert ALL.outside(head) is None
    wider = Narrowing(None, "any", max(narrowing.highest, 2), attachments=True)
    if narrowing.outside(head) is None:
        assert wider.outside(head) is None
