"""The bell: a command of the ministry's own that wakes somebody: a text-message gateway, a modem, a siren.

It learns nothing. No shell reads its line, its arguments are those of the settings and never change, its environment is
the same two variables every time, nothing is written to its input, and what it prints is thrown away. So neither a log
of that program, nor a list of processes, nor the operator of a gateway learns from whom a note came or what is in it:
only that this desk was rung, and when.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


class CommandBell:
    """Rings by running one fixed command, of which nothing is left when `limit_s` is over."""

    def __init__(self, command: Sequence[str], limit_s: float) -> None:
        self._command, self._limit_s = tuple(command), limit_s

    async def ring(self) -> str:
        """Run it once; "" if it ended with 0 in time, else what went wrong in a few words."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env=ENVIRONMENT, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return f"not started: {error.strerror or type(error).__name__}"
        try:
            code = await asyncio.wait_for(process.wait(), self._limit_s)
        except TimeoutError:
            return f"not done within {self._limit_s:g} s"
        finally:
            await _end(process)
        return "" if code == 0 else f"exit code {code}"


async def _end(process: Process) -> None:
    """End what is left of it and of what it started; it was given a session, and so a group, of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        await process.wait()
