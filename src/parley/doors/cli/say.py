"""Saying: how results, problems and parties' own words reach a terminal of 80 columns, or a program that reads JSON."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console

from parley.doors.local import RemoteProblem
from parley.later import later
from parley.terms.problem import Fault, Problem

if TYPE_CHECKING:
    from parley import forms
else:
    forms = later("forms")

CODES = {Fault.YOURS: 2, Fault.PEER: 3, Fault.MACHINE: 4, Fault.OURS: 5}
WHOSE = {
    Fault.YOURS: "This can be mended here.",
    Fault.PEER: "This is on the other side.",
    Fault.MACHINE: "This is this machine's fault.",
    Fault.OURS: "This is a defect of Parley.",
}
AT_THIS_DOOR = {
    "directory.not_accepted": "Hold the ceremony and accept them: parley particulars accept FILE --heard DIGITS.",
    "directory.needs_override": "If it must be sent all the same: parley amend DRAFT --override REASON (journalled).",
    "directory.suspended": "Take the line up again if that is meant: parley parties resume PARTY.",
    "keys.no_signer": "Start it: parley signer OFFICE (parley serve starts it too). The draft is kept.",
    "keys.wrong_passphrase": "Try again with the right keyboard layout; a draft is kept.",
    "keys.unknown_officer": "See who is: parley officers list. Who acts is named with --as, before the command.",
    "keys.officer_exists": "Choose another name, or see who there is: parley officers list.",
    "keys.last_officer": "Add another officer first: parley officers add NAME.",
    "desk.no_draft": "List the drafts: parley drafts.",
    "desk.no_note": "List the notes: parley inbox.",
    "desk.no_checkpoint": "Wait for the next one, or sign one now: parley journal --checkpoint.",
    "store.in_use": "Wait for the other command, or end the node: parley stop. Two writers never share a store.",
    "form.sheet": "Mend the draft: parley amend DRAFT --line NUMBER=CODE. The draft is kept as it was.",
    "form.unknown_form": "List the forms: parley forms.",
    "bearer.port_taken": "Stop the other program, or choose another port: listen in parley.toml.",
}
"""What to do, where this door knows a command for it and the room does not; in English, as the command line is."""


def console(*, error: bool = False) -> Console:
    """A terminal; 80 columns wide when it is none and COLUMNS does not say. No markup in what parties wrote."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else 80
    return Console(stderr=error, highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def lines(texts: Iterable[str]) -> Callable[[Console], None]:
    """What prints one line after another."""

    def show(out: Console) -> None:
        for text in texts:
            words(out, text)

    return show


def words(out: Console, text: str) -> None:
    """Print text as it is if any of it runs from right to left: folding it by columns would reorder its lines."""
    if right_to_left(text):
        out.print(text, soft_wrap=True)
    else:
        out.print(text)


def right_to_left(text: str) -> bool:
    """Whether any of the text runs from right to left."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text)


def as_json_text(value: Any) -> str:
    """One JSON value on one line; bytes in hexadecimal."""
    return json.dumps(value, default=_plain, ensure_ascii=False)


def said(problem: Problem | RemoteProblem, *, as_json: bool = False, language: str = "en") -> int:
    """Print a problem (what, whose fault, what to do) in a language and return the exit code.

    A language that is not there, or that lacks the sentence, gives way to English: a problem is never left unsaid.
    """
    spoken = language if language == "en" or language in forms.load().languages else "en"
    message = _message(problem, spoken)
    faults = [_sentence(forms.LineFault(*fault), spoken) for fault in getattr(problem, "faults", ())]
    what = "The form is not in order yet." if faults and spoken == "en" else message.what
    if as_json:
        found = {"problem": problem.key, "fault": problem.fault.value, "what": what, "do": message.do}
        said_in = {"language": message.language} if language != "en" else {}
        print(as_json_text({**found, **said_in, **({"lines": faults} if faults else {})}))
    out = console(error=True)
    words(out, f"parley: {what}")
    for fault in faults:
        words(out, f"  {fault['what']} {fault['do']}")
    words(out, f"  {forms.whose(problem.fault, spoken) or WHOSE[problem.fault]} {message.do}")
    return CODES[problem.fault]


def _message(problem: Problem | RemoteProblem, language: str) -> forms.Message:
    if language == "en":
        return forms.Message(problem.what, AT_THIS_DOOR.get(problem.key, problem.do), "en")
    return forms.explain(problem, language)


def _sentence(fault: forms.LineFault, language: str) -> dict[str, Any]:
    try:
        message = forms.explain_fault(fault, language)
    except (KeyError, forms.FormProblem):  # a room whose table is not among those of the forms
        return {"line": fault.line, "problem": fault.key, "what": f"Line {fault.line}: {fault.key}.", "do": ""}
    return {"line": fault.line, "problem": fault.key, "what": message.what, "do": message.do}


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else str(value)
