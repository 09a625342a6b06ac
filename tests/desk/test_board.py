"""The board: filled in a thread while notes go on coming; nothing that came meanwhile is missing or stale."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from parley.desk import read
from parley.desk.board import Board, Entry
from parley.testing import pair, settle


class Held(Board):
    """A board whose fill stands still, once it has read the store, until it is let go."""

    def __init__(self, node: Any) -> None:
        super().__init__(node, lambda: 0)
        self.has_read, self.let_go = threading.Event(), threading.Event()
        self.fills = 0

    def _read_everything(self) -> dict[bytes, Entry]:
        found = super()._read_everything()
        self.fills += 1
        self.has_read.set()
        assert self.let_go.wait(20)
        return found


async def two() -> tuple[Any, Any, Held]:
    ours, theirs = await pair()
    board = Held(ours.node)
    ours.node.touched = board.touch
    return ours, theirs, board


async def reading(board: Held) -> asyncio.Task[list[Entry]]:
    """A look at the board that has begun, and whose fill has read the store."""
    task = asyncio.create_task(board.entries())
    await asyncio.to_thread(board.has_read.wait, 20)
    return task


async def came(ours: Any, theirs: Any) -> bytes:
    sent: bytes = await theirs.write(ours, 1, {10: "timetable"})
    await settle(ours, theirs)
    return sent


def test_what_comes_or_is_read_while_the_board_is_filled_is_on_it() -> None:
    """The line goes on: one note comes, another is read, and the first look shows both as they are."""

    async def scene() -> None:
        ours, theirs, board = await two()
        before = await came(ours, theirs)
        task = await reading(board)
        meanwhile = await came(ours, theirs)
        await read.read(ours.node, before.hex(), "en", officer="amal")
        assert not task.done()
        board.let_go.set()
        assert {one.note_id: one.unread for one in await task} == {before: False, meanwhile: True}

    asyncio.run(scene())


def test_a_board_that_is_told_nothing_would_miss_it() -> None:
    """Control: the same scene without being told what is touched."""

    async def scene() -> None:
        ours, theirs, board = await two()
        ours.node.touched = lambda note_id: None
        before = await came(ours, theirs)
        task = await reading(board)
        await came(ours, theirs)
        await read.read(ours.node, before.hex(), "en", officer="amal")
        board.let_go.set()
        assert {one.note_id: one.unread for one in await task} == {before: True}

    asyncio.run(scene())


def test_a_look_that_is_given_up_leaves_no_half_of_a_board() -> None:
    """An officer closes the page while the board is filled: the next look fills it whole."""

    async def scene() -> None:
        ours, theirs, board = await two()
        for _ in range(3):
            await came(ours, theirs)
        task = await reading(board)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        board.let_go.set()
        assert len(await board.entries()) == 3
        assert board.fills == 2

    asyncio.run(scene())


def test_an_unlock_while_it_is_filled_fills_it_again() -> None:
    """Of a locked node no marking is known; whoever looks when it has been unlocked sees them all."""

    async def scene() -> None:
        ours, theirs, _ = await two()
        await came(ours, theirs)
        await ours.restart(locked=True)
        board = Held(ours.node)
        ours.node.touched = board.touch
        task = await reading(board)
        await ours.unlock()
        board.let_go.set()
        assert [one.readable for one in await task] == [True]
        assert board.fills == 2

    asyncio.run(scene())
