"""The tables of the three axes are complete, agree with each other, and are the ones that spec/line.md shows."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from parley.line import diagram
from parley.line.copies import MOST_COPIES, Copy, delivery_of, heard, with_copy
from parley.line.states import (
    ANSWER,
    DELIVERY,
    UNDERSTANDING,
    Answer,
    AnswerNews,
    Delivery,
    DeliveryNews,
    Understanding,
    UnderstandingNews,
)

RECEIPTS = [news for news in DeliveryNews if news.name.startswith("RECEIPT")]
OF_A_COPY = [state for state in Delivery if Delivery.QUEUED <= state <= Delivery.READ]
AXES = [DELIVERY, UNDERSTANDING, ANSWER]


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
def test_no_pair_stands_in_both_tables(axis: Any) -> None:
    """News either changes a state or leaves it."""
    assert not set(axis.changes) & axis.unchanged


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
def test_what_changes_something_leads_to_another_state(axis: Any) -> None:
    """A change into the same state would be a late piece of news in the wrong table."""
    assert all(state is not following for (state, _), following in axis.changes.items())


def test_every_stage_of_a_receipt_is_known_in_every_state_of_a_copy() -> None:
    """A peer cannot send a receipt for which the tables have no line."""
    assert [pair for pair in product(OF_A_COPY, RECEIPTS) if DELIVERY.next(*pair) is None] == []


def test_every_answer_is_known_in_every_state() -> None:
    """Whatever the other side answers, and whenever."""
    assert [pair for pair in product(Answer, AnswerNews) if ANSWER.next(*pair) is None] == []


def test_every_read_back_of_theirs_is_known_in_every_state_of_ours() -> None:
    """GIVEN alone is a state of their note at our desk."""
    ours = [state for state in Understanding if state is not Understanding.GIVEN]
    theirs = [UnderstandingNews.AGREES, UnderstandingNews.DIFFERS, UnderstandingNews.DECLINED]
    assert [pair for pair in product(ours, theirs) if UNDERSTANDING.next(*pair) is None] == []


def test_a_receipt_never_takes_a_copy_back() -> None:
    """The numbers of the states are the order in which news outweighs other news."""
    assert all(DELIVERY.next(state, news) >= state for state, news in product(OF_A_COPY, RECEIPTS))  # type: ignore[operator]


def test_two_receipts_about_one_copy_end_alike_in_either_order() -> None:
    """The table is a join: with this, any number of receipts ends alike in any order."""
    for state, one, other in product(OF_A_COPY, RECEIPTS, RECEIPTS):
        first, second = DELIVERY.next(state, one), DELIVERY.next(state, other)
        assert first is not None
        assert second is not None
        assert DELIVERY.next(first, other) == DELIVERY.next(second, one), (state, one, other)


def test_only_sealing_leads_back() -> None:
    """Of all changes of delivery, those that lower it are sealings after unopenable, full or refused."""
    back = {pair for pair, following in DELIVERY.changes.items() if following < pair[0] and pair[0] <= Delivery.READ}
    sealed = DeliveryNews.SEALED
    assert back == {(Delivery.FULL, sealed), (Delivery.UNOPENABLE, sealed), (Delivery.REFUSED, sealed)}


@pytest.mark.parametrize(
    ("older", "newest", "expected"),
    [
        (Delivery.UNOPENABLE, Delivery.QUEUED, Delivery.QUEUED),  # that is why it was sealed again
        (Delivery.REFUSED, Delivery.QUEUED, Delivery.QUEUED),
        (Delivery.FULL, Delivery.QUEUED, Delivery.QUEUED),
        (Delivery.TAKEN, Delivery.QUEUED, Delivery.TAKEN),  # sealed anew while the older was on its way, and it arrived
        (Delivery.OPENED, Delivery.UNOPENABLE, Delivery.OPENED),
        (Delivery.TAKEN, Delivery.UNOPENABLE, Delivery.UNOPENABLE),
        (Delivery.READ, Delivery.REFUSED, Delivery.READ),
    ],
)
def test_a_note_came_as_far_as_its_newest_copy_or_an_older_that_arrived(
    older: Delivery, newest: Delivery, expected: Delivery
) -> None:
    """Why an older copy failed no longer matters; that it arrived does."""
    assert delivery_of((Copy(b"1", older), Copy(b"2", newest))) is expected


def test_a_copy_that_arrived_is_not_forgotten_for_newer_ones() -> None:
    """However often a note is sealed again, what was heard of the copy that arrived stays heard."""
    copies: tuple[Copy, ...] = (Copy(b"0", Delivery.UNOPENABLE), Copy(b"1", Delivery.OPENED))
    for number in range(20):
        copies = with_copy(copies, b"later %d" % number)
    assert len(copies) == MOST_COPIES
    assert delivery_of(copies) is Delivery.OPENED


def test_a_receipt_about_bytes_that_were_never_sealed_is_refused(refused: Any) -> None:
    """Its digest belongs to no copy."""
    with refused("line.receipt_mismatch"):
        heard((Copy(b"1", Delivery.QUEUED),), b"2", DeliveryNews.RECEIPT_TAKEN, "XB")


def test_the_page_shows_the_tables_as_they_are() -> None:
    """Run python -m parley.line.diagram spec/line.md after changing a table."""
    page = (Path(__file__).parents[2] / "spec" / "line.md").read_text(encoding="utf-8")
    assert diagram.brought_up_to_date(page) == page


def test_a_page_without_markers_is_not_written() -> None:
    """Rather than lose what a person wrote."""
    with pytest.raises(ValueError, match="marker"):
        diagram.brought_up_to_date("no markers")


def test_the_tool_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Once more changes nothing; without a file it prints."""
    page = tmp_path / "line.md"
    page.write_text(f"before\n{diagram.BEGIN}\nOUTDATED\n{diagram.END}\nafter\n", encoding="utf-8")
    diagram.main([str(page)])
    written = page.read_text(encoding="utf-8")
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "QUEUED --> TAKEN" in written
    assert "OUTDATED" not in written
    diagram.main([])
    assert "QUEUED --> TAKEN" in capsys.readouterr().out
