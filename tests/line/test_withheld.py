"""What a receiver keeps to itself is said in an extension of the receipt, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from parley.line import Stage, read_receipt, withheld_stages, withholding


def test_what_is_withheld_is_said_and_heard(world: Any) -> None:
    """Opened and read, in the order of their numbers."""
    receipt = world.receipt(extensions=withholding([Stage.READ, Stage.OPENED]))
    assert receipt.extensions == {1: [2, 3]}
    assert withheld_stages(read_receipt(receipt.to_payload())) == (2, 3)


def test_withholding_nothing_says_nothing(world: Any) -> None:
    """An empty map of extensions would be another byte string."""
    assert withholding([]) == {}
    assert withheld_stages(world.receipt()) == ()


def test_only_opened_and_read_can_be_withheld() -> None:
    """ "Taken" is automatic; a refusal is owed."""
    assert withholding([Stage.TAKEN, Stage.REFUSED, Stage.READ]) == {1: [3]}


@pytest.mark.parametrize("odd", [None, 7, b"x", [1], ["2"], [True], [[2]], {2: 3}])
def test_an_odd_extension_withholds_nothing(world: Any, odd: Any) -> None:
    """It is not critical: what cannot be understood is left alone."""
    receipt = world.receipt(extensions={1: odd})
    assert withheld_stages(read_receipt(receipt.to_payload())) == ()
