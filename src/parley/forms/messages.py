"""A problem as a sentence in the reader's language: what is wrong, and what to do.

The sentences are entries of the catalogue under ``messages.<room>.<key>``; every room's problems may have theirs there.
What has none is said in English, as the problem itself does. Leaves out whose fault it is: `Problem.fault` says that.
"""

from __future__ import annotations

import msgspec

from parley.forms.library import Library, load
from parley.forms.problems import FormProblem, LineFault
from parley.forms.voice import Voice
from parley.terms.party import PartyProblem
from parley.terms.problem import Problem
from parley.terms.terms_problem import TermsProblem

_TABLES = {kind.ROOM: kind.TABLE for kind in (FormProblem, TermsProblem, PartyProblem)}


class Message(msgspec.Struct, frozen=True):
    """What is wrong and what to do; `language` is "en" when the asked one had no entry."""

    what: str
    do: str
    language: str


def explain(problem: Problem, language: str, *, library: Library | None = None) -> Message:
    """A problem of any room in a language. Raises FormProblem ``unknown_catalogue``."""
    voice = (library or load()).voice(language)
    return _said(problem.key, problem.arguments, voice) or Message(problem.what, problem.do, "en")


def explain_fault(fault: LineFault, language: str, *, library: Library | None = None) -> Message:
    """A faulty line of a sheet in a language; raises as `explain`."""
    voice = (library or load()).voice(language)
    if message := _said(fault.key, fault.arguments, voice):
        return message
    room, _, key = fault.key.partition(".")
    says = _TABLES[room][key]
    return Message(says.what.format(**fault.arguments), says.do.format(**fault.arguments), "en")


def phrase(path: str, language: str, *, library: Library | None = None, **values: str) -> str:
    """Any entry of the catalogue, filled in, for a door that needs it, e.g. ``readback.intro``.

    Raises FormProblem ``no_entry``, ``unknown_catalogue``; KeyError if a value of the entry is not given.
    """
    return (library or load()).voice(language).say(path, **values)


def _said(key: str, arguments: dict[str, str | int], voice: Voice) -> Message | None:
    path = f"messages.{key}"
    if not (voice.has(f"{path}.what") and voice.has(f"{path}.do")):
        return None
    values = {name: str(value) for name, value in arguments.items()}
    try:
        return Message(voice.say(f"{path}.what", **values), voice.say(f"{path}.do", **values), voice.code)
    except KeyError:  # the sentence names something that this problem does not say
        return None
