"""What a receiver keeps to itself: a non-critical extension of the receipt that says so.

"Opened" and "read" are given or withheld per peer, as the receiver likes. A sender that is told which ones are withheld
shows "withheld" and sets no clock for them, instead of taking silence for neglect (spec/receipt.md, extension 1).
Leaves out the decision itself, which is the receiver's setting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from parley.line.receipt import Receipt, Stage
from parley.seal import Value

WITHHELD: Final = 1
"""The number of the extension in field 22 of a receipt: an array of stage numbers, rising."""
CAN_BE_WITHHELD: Final = frozenset({Stage.OPENED, Stage.READ})


def withholding(stages: Iterable[Stage]) -> dict[int, Value]:
    """The extensions for a receipt to a peer from which these stages are withheld; {} if none is."""
    kept = sorted(int(stage) for stage in CAN_BE_WITHHELD & set(stages))
    return {WITHHELD: list(kept)} if kept else {}


def withheld_stages(receipt: Receipt) -> tuple[int, ...]:
    """The stages that the issuer says it withholds from us; what else stands in the extension is ignored."""
    found = receipt.extensions.get(WITHHELD)
    numbers = found if isinstance(found, list) else []
    return tuple(sorted(int(stage) for stage in CAN_BE_WITHHELD if any(type(n) is int and n == stage for n in numbers)))
