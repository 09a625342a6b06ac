"""Compiled code says when it is being made: once on each machine, and the person who waits is told why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core.event import Event, Listener, install_listener

WORDS = "Compiling the atlas engine for this machine: about half a minute, once; later runs load what is kept."


class _Once(Listener):
    """Tells of the first compilation only: one question compiles a dozen functions, some of them within others."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told, self._said = told, False

    def on_start(self, event: Event) -> None:
        del event
        if not self._said:
            self._said = True
            self._told(WORDS)

    def on_end(self, event: Event) -> None:
        del event


@contextmanager
def announced(told: Callable[[str], None]) -> Iterator[None]:
    """While inside: `told` is called once if anything has to be compiled, before it is; never if it is only loaded."""
    with install_listener("numba:compile", _Once(told)):
        yield
