"""The door of the desk, wired: pages for officers on a listener of their own. Loaded only if the settings name one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from parley.desk.board import Board
from parley.desk.node import Node
from parley.desk.sign_in import links
from parley.desk.sign_in.keeper import Keeper
from parley.desk.sign_in.sessions import Hours
from parley.doors.web.app import make_app, said
from parley.doors.web.desk import WebDesk
from parley.doors.web.tour import Tour
from parley.house import Machine
from parley.outside.bearers import by_hand, carried
from parley.outside.bearers.https.endpoint import split
from parley.outside.bearers.https.server import Serving
from parley.outside.desk_listener import desk_context, serve_desk
from parley.outside.keys.passkeys import WebAuthn
from parley.outside.settings import Home, Settings
from parley.precedents.asked import Asking
from parley.seal import STRONG, PassphraseCost

MINUTE, HOUR = 60_000, 3_600_000
SPARE = 33
"""Frames on paper beyond those that are needed, in percent."""


async def open_desk(
    stack: contextlib.AsyncExitStack,
    node: Node,
    home: Home,
    settings: Settings,
    unlock: Callable[[str], Awaitable[int]],
    cost: PassphraseCost = STRONG,
    asking: Callable[[], Asking] | None = None,
) -> tuple[WebDesk, str]:
    """Let officers in until `stack` ends; returns the desk and its address, ``https://desk.example:8443``.

    `asking` opens the public record, when an officer first asks it.

    Raises SettingsProblem("desk_needs_certificate", "desk_certificate"), BearerProblem("port_taken").
    """
    wanted = settings.desk
    host, port = split(wanted.listen)
    context = None
    if wanted.secure:
        context = desk_context(home.path / wanted.certificate_file, home.path / wanted.key_file)
    behind = frozenset(one.lower() for one in wanted.hosts)
    desk = WebDesk(
        node=node,
        keeper=Keeper(ticks, WebAuthn(), Hours(wanted.idle_min * MINUTE, wanted.most_h * HOUR), cost),
        hosts=set(behind),
        behind=behind,
        rp_id=wanted.rp_id,
        secure=wanted.secure,
        board=Board(node, ticks),
        unlock=unlock,
        language=settings.language,
        tour=Tour(wanted.tour.side, wanted.tour.other) if wanted.tour.side else None,
        asking=asking,
        carrying=Carried(),
        house=Machine(home, settings, node),
    )
    node.touched = desk.board.touch
    serving = await serve_desk(host, port, make_app(desk), said, context)
    desk.at(serving.port)
    stack.push_async_callback(_close, desk, serving, asyncio.create_task(desk.board.entries()))
    usual = 443 if wanted.secure else 80
    name = wanted.rp_id if serving.port == usual else f"{wanted.rp_id}:{serving.port}"
    return desk, f"{desk.scheme}://{name}"


async def first_link(node: Node, address: str) -> str:
    """The link with which the first officer makes an account; "" once somebody has one."""
    if not node.store.look(links.is_first):
        return ""
    return f"{address}/set-up/{await links.make(node, '', 'the machine')}"


class Carried:
    """Parcels as files and as sheets of QR codes; the same as the command line writes and reads."""

    def file(self, parcel: bytes) -> bytes:
        """The content of the file."""
        return by_hand.parcel_file(parcel)

    def parcel(self, content: bytes) -> bytes:
        """The parcel of a file, in either form; raises BearerProblem."""
        return by_hand.parcel_in(content, carried.LARGEST_PARCEL_FILE, "")

    def sheets(self, parcel: bytes) -> bytes:
        """A page to print; raises BearerProblem if it is too large for paper."""
        from parley.outside.bearers.paper import frames, sheet  # an idle node loads no fountain code

        texts = frames.make_frames(parcel, SPARE)
        return sheet.page([frames.read_frames(text)[0] for text in texts], texts).encode()


def ticks() -> int:
    """Ms of a clock that does not step back."""
    return time.monotonic_ns() // 1_000_000


async def _close(desk: WebDesk, serving: Serving, filling: asyncio.Task[object]) -> None:
    filling.cancel()
    desk.node.touched = lambda note_id: None
    desk.closing = True  # streams end by themselves
    desk.node.tell_moved()
    await serving.stop()
