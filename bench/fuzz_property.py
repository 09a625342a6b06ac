"""The one property of every decoder: what it reads it would write to the same bytes; the rest it refuses by name.

Anything else is a finding: another exception than a problem of ours, a second form of one value, a problem that cannot
be said to a person, or more time than the length of the input allows. Leaves out where inputs come from.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from parley.terms.problem import Problem

LONGEST = 1 << 17
BASE_SECONDS, SECONDS_A_BYTE = 1.0, 20e-6
"""A quadratic decoder needs at least 4 s for 64 KiB even in C (1 ns a step); the slowest linear one 10 µs a byte."""


class Finding(AssertionError):
    """The property does not hold."""


@dataclass(frozen=True)
class Target:
    """One decoder.

    Args:
        name: room and reader. room: what runs together in one group.
        read: the bytes that what was read is written to; None where nothing is written back.
        seeds: inputs to begin with, good and bad.
        only_seeds: the target verifies signatures or seals: what it takes cannot be made without a key, so whatever is
            taken and is none of the seeds is a forgery.
        refusals: further exceptions that are refusals, for readers that are not ours to change.
        good: the seeds that are taken.
    """

    name: str
    read: Callable[[bytes], bytes | None]
    seeds: Callable[[], list[bytes]]
    only_seeds: bool = False
    refusals: tuple[type[Exception], ...] = ()
    good: frozenset[bytes] = field(default_factory=frozenset)

    @property
    def room(self) -> str:
        """The part of the name before the point."""
        return self.name.partition(".")[0]


def hold(target: Target, data: bytes, *, slack: float = 1.0) -> bool:
    """Whether `data` was read (True) or refused (False); raises Finding.

    `slack` multiplies the time allowed, for instrumented code. Time is the processor's: what else runs does not count.
    """
    began = time.process_time()
    taken = _outcome(target, data)
    allowed = slack * (BASE_SECONDS + SECONDS_A_BYTE * len(data))
    if time.process_time() - began > allowed:  # once more: tables are loaded when they are first needed
        began = time.process_time()
        _outcome(target, data)
        if (took := time.process_time() - began) > allowed:
            raise Finding(f"{target.name}: {took:.1f} s of processor time for {len(data)} bytes")
    return taken


def _outcome(target: Target, data: bytes) -> bool:
    try:
        again = target.read(data)
    except Problem as problem:
        _say(target, problem)
        return False
    except target.refusals:
        return False
    except Finding:
        raise
    except Exception as error:
        raise Finding(f"{target.name}: {type(error).__name__} instead of a problem of ours") from error
    if again is not None and again != data:
        raise Finding(f"{target.name}: read, and written back to other bytes")
    if target.only_seeds and data not in target.good:
        raise Finding(f"{target.name}: took what nobody signed")
    return True


def _say(target: Target, problem: Problem) -> None:
    """A problem that cannot be said is a crash at the door, one step later."""
    try:
        str(problem).encode()
    except Exception as error:
        raise Finding(f"{target.name}: {problem.key} cannot be said") from error


def taken(read: Callable[[bytes], bytes | None], seeds: list[bytes]) -> frozenset[bytes]:
    """Those of `seeds` that `read` takes."""
    good = set()
    for seed in seeds:
        try:
            read(seed)
        except Exception:  # a seed that is refused, in whichever way
            continue
        good.add(seed)
    return frozenset(good)
