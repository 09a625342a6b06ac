"""A problem as a sentence in the reader's language: what is wrong, and what to do.

The sentences of every room's problems are data, one file a language, by ``<room>.<key>``; English stands beside the
key, in the room's TABLE. An entry may have an ``in_line`` for a problem that was met in a numbered line of a form.
What has no sentence is said in English, as the problem itself does. Leaves out most arguments: a word of a small fixed
set (``[words.<argument>]``) is said in the language, all else (names, paths, another program's reason) as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from parley.forms.library import Library, load
from parley.forms.problems import FormProblem, LineFault
from parley.forms.voice import Voice
from parley.terms.party import PartyProblem
from parley.terms.problem import Fault
from parley.terms.terms_problem import TermsProblem

_TABLES = {kind.ROOM: kind.TABLE for kind in (FormProblem, TermsProblem, PartyProblem)}


class Message(msgspec.Struct, frozen=True):
    """What is wrong and what to do; `language` is "en" when the asked one had no entry."""

    what: str
    do: str
    language: str


class Explained(Protocol):
    """What can be said in a language: a Problem, or what a door kept of one that happened in another process."""

    @property
    def key(self) -> str:
        """``<room>.<key>``."""

    @property
    def arguments(self) -> Mapping[str, str | int]:
        """What the sentence names."""

    @property
    def what(self) -> str:
        """What is wrong, in English."""

    @property
    def do(self) -> str:
        """What to do, in English."""


def explain(problem: Explained, language: str, *, library: Library | None = None) -> Message:
    """A problem of any room in a language. Raises FormProblem ``unknown_catalogue``."""
    voice = (library or load()).sentences(language)
    return _said(problem.key, problem.arguments, voice) or Message(problem.what, problem.do, "en")


def explain_fault(fault: LineFault, language: str, *, library: Library | None = None) -> Message:
    """A faulty line of a sheet in a language; raises as `explain`."""
    voice = (library or load()).sentences(language)
    if message := _said(fault.key, fault.arguments, voice):
        return message
    room, _, key = fault.key.partition(".")
    says = _TABLES[room][key]
    return Message(says.what.format(**fault.arguments), says.do.format(**fault.arguments), "en")


def whose(fault: Fault, language: str, *, library: Library | None = None) -> str:
    """Whose fault a problem is, as a sentence; "" where the language does not say it. Raises as `explain`."""
    voice = (library or load()).sentences(language)
    path = f"fault.{fault.value}"
    return voice.say(path) if voice and voice.has(path) else ""


def phrase(path: str, language: str, /, *, library: Library | None = None, **values: str) -> str:
    """Any entry of the catalogue, filled in, for a door that needs it, e.g. ``readback.intro``.

    Raises FormProblem ``no_entry``, ``unknown_catalogue``; KeyError if a value of the entry is not given.
    """
    return (library or load()).voice(language).say(path, **values)


def _said(key: str, arguments: Mapping[str, str | int], voice: Voice | None) -> Message | None:
    if voice is None:
        return None
    values = {name: _word(name, str(value), voice) for name, value in arguments.items()}
    # Line 0 is no line: the value was looked at by itself.
    for path in ([f"{key}.in_line"] if arguments.get("line") else []) + [key]:
        if voice.has(f"{path}.what") and voice.has(f"{path}.do"):
            try:
                return Message(voice.say(f"{path}.what", **values), voice.say(f"{path}.do", **values), voice.code)
            except KeyError:  # the sentence names something that this problem does not say
                continue
    return None


def _word(name: str, value: str, voice: Voice) -> str:
    path = f"words.{name}.{value}"
    return voice.say(path) if voice.has(path) else value
