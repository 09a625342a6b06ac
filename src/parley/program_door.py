"""The door for programs, wired: the API on its own loopback listener. Loaded only if the settings name one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from parley.desk import access, happened, repeats
from parley.desk.node import Node
from parley.doors.api.answers import refusal
from parley.doors.api.app import Desk, hosts_of, make_app
from parley.doors.api.limits import Limits
from parley.doors.problems import DoorProblem
from parley.outside.bearers.https.endpoint import split
from parley.outside.bearers.https.server import Serving
from parley.outside.loopback import is_loopback, serve_loopback
from parley.outside.settings import Settings, SettingsProblem
from parley.precedents.asked import Asking

TEND_EVERY = 3600.0  # s between looks for kept answers that are a week old
REFUSALS = {"bearer.too_many": "too_many_connections", "bearer.bad_request": "bad_request"}


async def open_api(
    stack: contextlib.AsyncExitStack, node: Node, settings: Settings, limits: Limits | None = None,
    asking: Callable[[], Asking] | None = None,
) -> int:  # fmt: skip
    """Let programs in until `stack` ends; returns the port. `asking` opens the public record, when it is asked.

    Raises SettingsProblem("not_loopback"), DeskProblem("no_level"), BearerProblem.
    """
    host, port = split(settings.api)
    if not is_loopback(host):
        raise SettingsProblem("not_loopback", given=settings.api[:60])
    desk = Desk(
        node,
        access.level_of(settings.api_level),
        hosts_of(settings.api, settings.api_hosts),
        frozenset(settings.api_origins),
        limits or Limits(),
        asking=asking,
    )
    node.happened, node.took_locked = happened.write_down, happened.write_taken
    serving = await serve_loopback(host, port, make_app(desk), said)
    desk.at(serving.port)
    tending = asyncio.create_task(_tend(node))
    stack.push_async_callback(_close, desk, serving, tending)
    return serving.port


def said(key: str) -> tuple[bytes, str]:
    """What the listener says of itself, in the one shape of problems."""
    answer = refusal(DoorProblem(REFUSALS.get(key, "bad_request")))
    return answer.body, answer.media


async def _close(desk: Desk, serving: Serving, tending: asyncio.Task[None]) -> None:
    tending.cancel()
    desk.node.happened = desk.node.took_locked = None
    desk.closing = True  # streams end by themselves
    await serving.stop()


async def _tend(node: Node) -> None:
    while True:
        await repeats.forget_old(node)
        await asyncio.sleep(TEND_EVERY)
