"""A drill's run as the signer reads it: many notes that one proof releases, because they say one thing.

Whoever releases a run is shown one note and the digest of all. So the signer sees to it that the one speaks for the
rest: every note is an exercise to one office, no two to one party, and they differ in whom they go to and when they
were made, in nothing else. What is real, or says different things, is released note by note.
"""

from __future__ import annotations

import msgspec

from parley.clearance import Asked, run_digest
from parley.outside.keys.problems import KeysProblem
from parley.outside.keys.release import NoteFacts, read_asked
from parley.seal import Value, decode, encode

MOST = 250
"""As many as a drill asks (`directory.drill`)."""
RECIPIENTS, SIGNED_AT = 4, 10
"""The fields of spec/note.md in which notes of a run may differ."""


class WholeRun(msgspec.Struct, frozen=True):
    """Its notes, and the digest that stands for all of them."""

    notes: tuple[tuple[NoteFacts, Asked], ...]
    digest: bytes


def read_run(payloads: list[Value]) -> WholeRun:
    """All of them, in their order; raises KeysProblem ``not_a_run``, or ``not_a_note`` for one that is none."""
    if not 0 < len(payloads) <= MOST:
        raise KeysProblem("not_a_run")
    each = [one for one in payloads if isinstance(one, bytes)]
    notes = tuple(read_asked(one) for one in each)
    parties = {asked.to[0].partition("/")[0] for _, asked in notes if len(asked.to) == 1}
    if len(each) != len(payloads) or len(parties) != len(notes) or len({_said(one) for one in each}) != 1:
        raise KeysProblem("not_a_run")
    if not all(facts.exercise for facts, _ in notes):
        raise KeysProblem("not_a_run")
    return WholeRun(notes, run_digest(facts.digest for facts, _ in notes))


def _said(payload: bytes) -> bytes:
    """What a note says, whomever it goes to. `read_asked` has seen that it is a canonical map."""
    fields = decode(payload, limit=len(payload))
    assert isinstance(fields, dict)
    return encode({number: value for number, value in fields.items() if number not in (RECIPIENTS, SIGNED_AT)})
