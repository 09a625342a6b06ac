"""What the tests of two nodes share: two real ones that have met."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .real_node import RealNode, until


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[RealNode, RealNode]]:
    """XA and XB, which have met, on the line."""
    a, b = RealNode(tmp_path, "XA"), RealNode(tmp_path, "XB")
    a.meet(b)
    b.meet(a)
    for node in (a, b):
        node.start()
    try:
        for node in (a, b):
            node.await_start()
        for here, there in ((a, b), (b, a)):
            until(lambda h=here, t=there: h.door.call("can_seal", party=t.code))
        yield a, b
    finally:
        for node in (a, b):
            node.end()
