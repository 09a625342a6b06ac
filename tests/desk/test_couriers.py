"""Couriers end when they are told to, whatever happens at that moment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.desk.run import Courier


@pytest.mark.parametrize("ticks", range(6))
def test_a_courier_that_is_woken_as_it_is_ended_ends(play: Any, ticks: int) -> None:
    """A wake-up and the end may meet in one turn of the event loop; the end counts."""

    async def scene(wire: Any) -> None:
        courier = Courier(wire.a.node, "XB", lambda party: None)
        await asyncio.sleep(0.01)
        courier.wake(flash=False)
        courier.wake(flash=True)
        for _ in range(ticks):
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await courier.stop()

    play(scene)
