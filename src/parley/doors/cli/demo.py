"""The demonstration: an exercise between two fictional states, played by two real nodes on loopback.

Modelled on the public facts of WannaCry (May 2017): a worm shuts hospitals in Almara (XA); the infection traffic that
reaches them comes from addresses in Beltova (XB). Almara writes in Arabic, Beltova reads in English and takes the
note for an accusation; the read-back shows it, one clarification mends it. Every step is what an officer would type.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import typer

from parley.doors.cli.context import Backstage, Context
from parley.doors.cli.say import as_json_text
from parley.doors.cli.stage import Stage, Telling
from parley.doors.cli.two_desks import at_a_terminal, show_desks
from parley.doors.problems import DoorProblem
from parley.forms import load

WORM: dict[int, Any] = {
    10: "stop-traffic",
    11: "XB",
    12: "from-territory",
    13: "icd_203.likely",
    15: "XA",
    16: "health",
    17: ("data.encrypted", "social.service-interrupted"),
    18: "began 2017-05-12T07:44Z",
    19: "going-on",
    23: ("13c", "13h"),
}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(demo)


def demo(
    ctx: typer.Context,
    headless: bool = typer.Option(False, "--headless", help="The story at once, with no pauses between the scenes."),
    desks: bool = typer.Option(
        None,
        "--desks/--story",
        help="Two desks for a browser, the story at its first step, until Ctrl-C; or the story told here. "
        "Not said: desks at a terminal, else the story.",
    ),
    misread_line: int = typer.Option(6, help="The line that Beltova's officer gets wrong at first."),
    keep: Path = typer.Option(None, help="Leave the two nodes' folders and the archive here."),
) -> None:
    """Play an exercise between two fictional states, with two nodes on this machine: in a browser, or told here.

    Both nodes are stopped at the end. With --json, one JSON object is the last line of the output; with --desks it
    comes first, and the desks stay open until Ctrl-C.
    """
    c: Context = ctx.obj
    asked = [question.line for question in load().form(11).questions]
    if misread_line not in asked:
        choices = ", ".join(map(str, sorted(asked)))
        raise DoorProblem("bad_choice", given=str(misread_line), what="a line that has a question", choices=choices)
    folder = keep or Path(tempfile.mkdtemp(prefix="parley-demo-"))
    in_browser = desks or (desks is None and not headless and not c.as_json and at_a_terminal())
    tell = Telling(quiet=c.as_json, pauses=not headless and not in_browser)
    if in_browser:
        try:
            show_desks(c, folder, tell, drafted)
        finally:
            if keep is None:
                c.backstage.remove(folder)
        return
    try:
        result = play(c.backstage, folder, tell, misread_line)
    finally:
        if keep is None:
            c.backstage.remove(folder)
    if c.as_json:
        print(as_json_text(result))
    else:
        _farewell(tell, folder, result, kept=keep is not None)


def play(backstage: Backstage, folder: Path, tell: Telling, misread_line: int) -> dict[str, Any]:
    """The whole story; returns the facts of it, all measured."""
    with Stage(backstage, folder, tell) as stage:
        almara, beltova = stage.open(("XA", "amal", "ar"), ("XB", "boris", "en"))
        stage.ceremony(almara, beltova)
        note, taken_ms = send(tell, almara, beltova)
        languages = ["ar", read(tell, beltova, note)]
        differing = misread(tell, almara, beltova, note, misread_line)
        understood = clarify(tell, almara, beltova, note, differing)
        acted = answer(tell, almara, beltova, note)
        verified = stage.verify_journals(almara, beltova)
        outsider = stage.outsider(almara, beltova, note)
        return {
            "taken_ms": round(taken_ms, 1),
            "differing_line": differing,
            "understood": understood,
            "acted": acted,
            "journals_verified": verified,
            "outsider_verified": outsider,
            "languages": languages,
            "bytes_on_wire": almara.bytes_dialled() + beltova.bytes_dialled(),
        }


def send(tell: Telling, almara: Any, beltova: Any) -> tuple[str, float]:
    """The note goes out and is taken; returns its id and the ms from release to the signed receipt."""
    tell.scene("Almara. A worm shuts hospitals. The duty officer writes, in Arabic:")
    draft = drafted(almara)
    note, began = almara.send(draft, show=True)
    almara.wait(note, "XB", lambda row: row["delivery"] in ("taken", "opened", "read"))
    taken_ms = (time.perf_counter() - began) * 1000
    tell.fact(f"Beltova's node has it, durably and verified: signed receipt after {taken_ms:.0f} ms.")
    return note, taken_ms


def drafted(almara: Any) -> str:
    """The request as a draft at Almara's desk; returns its id."""
    fields = {
        "form": 11,
        "office": "duty",
        "to": ("XB/duty",),
        "lines": almara.filled(11, WORM),
        "written_in": "ar",
        "officer": almara.officer,
        "precedence": 3,
        "exercise": True,
        "answer_by": almara.stage.backstage.time_to_come("+2h"),
    }
    return str(almara.call("draft_save", fields=fields))


def read(tell: Telling, beltova: Any, note: str) -> str:
    """Beltova's officer reads it; returns in which language."""
    tell.scene("Beltova. The duty officer reads the same note, in English:")
    shown = beltova.call("show", note=note, language="en", officer=beltova.officer)
    tell.page(shown["text"])
    return "en"


def misread(tell: Telling, almara: Any, beltova: Any, note: str, line: int) -> int:
    """The first read-back, with one answer wrong; returns the line that Almara's node names."""
    tell.scene("Beltova answers the read-back, and gets one line wrong:")
    questions = beltova.call("questions", note=note, language="en")
    answers = almara.right_answers(note, [question["line"] for question in questions])
    asked = next(question for question in questions if question["line"] == line)
    wrong = [o for o in asked["options"] if o["id"] not in (answers[line], "cannot-tell")]
    given = sorted(wrong, key=lambda option: option["id"])[0]
    tell.fact(f"Line {line}: {asked['text']}")
    tell.fact(f"  answered: {given['text']}")
    beltova.call(
        "read_back", note=note, answers={**answers, line: given["id"]}, language="en", role="duty officer", seconds=24
    )
    row = almara.wait(note, "XB", lambda row: row["understanding"] == "differs")
    differing: int = row["differs"][0]
    tell.fact(f"Almara's node: line {differing} came across differently.")
    return differing


def clarify(tell: Telling, almara: Any, beltova: Any, note: str, line: int) -> bool:
    """A clarification goes out; the second read-back agrees."""
    tell.scene("Almara clarifies, beginning with its own fault. Beltova reads it:")
    draft = almara.call("clarification_draft", note=note, party="XB", line=line, language="ar", officer=almara.officer)
    clarification, _ = almara.send(draft, show=False)
    almara.wait(clarification, "XB", lambda row: row["delivery"] in ("opened", "read"))
    tell.page(beltova.call("show", note=clarification, language="en", officer=beltova.officer)["text"])
    questions = beltova.call("questions", note=note, language="en")
    answers = almara.right_answers(note, [question["line"] for question in questions])
    beltova.call("read_back", note=note, answers=answers, language="en", role="duty officer", seconds=19)
    row = almara.wait(note, "XB", lambda row: row["understanding"] == "understood")
    tell.fact("The second read-back agrees: understood.")
    return bool(row["understanding"] == "understood")


def answer(tell: Telling, almara: Any, beltova: Any, note: str) -> bool:
    """Beltova answers twice; returns whether Almara sees that it acted."""
    tell.scene("Beltova answers: taken in hand; then acted.")
    for codes, awaited in (
        ({10: "accept"}, "in_hand"),
        ({10: "acted", 13: ("traffic-stopped", "owners-told")}, "acted"),
    ):
        lines = beltova.filled(20, codes)
        draft = beltova.call("reply_draft", note=note, form=20, lines=lines, language="en", officer=beltova.officer)
        beltova.send(draft, show=False)
        row = almara.wait(note, "XB", lambda row, awaited=awaited: row["answer"] == awaited)
        tell.fact(f"Almara sees: {row['answer'].replace('_', ' ')}.")
    return bool(row["answer"] == "acted")


def _farewell(tell: Telling, folder: Path, result: dict[str, Any], *, kept: bool) -> None:
    tell.scene("That was an exercise. What was shown:")
    for key, value in result.items():
        tell.fact(f"{key}: {value}")
    if kept:
        tell.fact(f"Both nodes' folders and the archive are in {folder}.")
    tell.scene("Where to go next")
    tell.fact("README.md            what this is for")
    tell.fact("parley forms 11      the form that was sent")
    tell.fact("parley init --help   make a node of your own")
    tell.fact("docs/start.md        two nodes of your own, step by step")
