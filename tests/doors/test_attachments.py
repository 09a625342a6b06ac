"""Files, versions and size of drafts at the command line, over the verbs of the local door, without a process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from parley.clearance import ClearanceProblem, Grant, Officer, Role, Roster
from parley.desk.problems import DeskProblem
from parley.doors.cli.app import build
from parley.doors.verbs import Verbs
from parley.line import LineProblem
from parley.seal import digest
from parley.terms.marking import Marking, Tlp
from parley.testing import SimulatedParty, pair, settle

WORM = ("10=stop-traffic", "11=XB", "12=from-territory", "13=icd_203.likely", "15=XA", "16=health", "17=data.encrypted",
        "18=began 2017-05-12T07:44Z", "19=going-on", "23=13c", "23=13h")  # fmt: skip
LOG = b"07:44 first seen\n"
NAME = digest(LOG).hex()


class Stage:
    """What the command line asks of its backstage, over a node in memory."""

    def __init__(self, party: SimulatedParty, loop: asyncio.AbstractEventLoop) -> None:
        self.verbs, self.loop = Verbs(party.node, lambda passphrase: None), loop  # type: ignore[arg-type,return-value]

    def home(self, path: Path) -> Any:
        return SimpleNamespace(settings=lambda: SimpleNamespace(language="en"))

    def call(self, home: Any, verb: str, ask: Any, **args: Any) -> Any:
        return self.loop.run_until_complete(self.verbs.dispatch(verb, args))

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def write(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)


class Typed:
    """A shell: what was typed, and its one JSON value."""

    def __init__(self, stage: Stage) -> None:
        self.app, self.stage = build(stage), stage

    def __call__(self, *line: str) -> Any:
        done = CliRunner().invoke(self.app, ["--as", "amal", "--json", *line])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def desks() -> Any:
    loop = asyncio.new_event_loop()
    ours, theirs = loop.run_until_complete(pair())
    yield ours, theirs, Stage(ours, loop), Stage(theirs, loop)
    loop.close()


def drafted(typed: Typed, *more: str) -> str:
    lines = [part for one in WORM for part in ("--line", one)]
    return str(typed("draft", "11", "--to", "XB/duty", "--exercise", *lines, *more)["draft"])


def test_a_file_is_attached_listed_saved_and_taken_off(desks: Any, tmp_path: Path) -> None:
    typed = Typed(desks[2])
    log, other, out = tmp_path / "log.txt", tmp_path / "b.txt", tmp_path / "out"
    log.write_bytes(LOG)
    other.write_bytes(b"another\n")
    draft = drafted(typed, "--attach", str(log))
    typed("amend", draft, "--attach", str(other), "--line", "19=contained")
    listed = typed("attachment", "list", draft, "--draft")
    assert [(one["digest"], one["kept"]["name"], one["kept"]["by"]) for one in listed] == [
        (NAME, "log.txt", "amal"), (digest(b"another\n").hex(), "b.txt", "amal"),
    ]  # fmt: skip
    typed("attachment", "save", draft, NAME[:8], str(out), "--draft")
    assert out.read_bytes() == LOG
    typed("amend", draft, "--detach", digest(b"another\n").hex()[:12])
    assert [one["digest"] for one in typed("attachment", "list", draft, "--draft")] == [NAME]
    changed = typed("drafts", "--changes", draft)
    assert [one["number"] for one in changed] == [27]
    versions = desks[2].call(None, "draft_versions", None, draft_id=draft)
    assert {one["by"] for one in versions} == {"amal"}
    assert desks[2].call(None, "draft_size", None, draft_id=draft)["sizes"]["sealed"] == 6295


def test_a_file_that_is_not_taken_keeps_no_draft(desks: Any, tmp_path: Path) -> None:
    typed = Typed(desks[2])
    page = tmp_path / "page.html"
    page.write_bytes(b"<html>")
    with pytest.raises(LineProblem) as problem:
        drafted(typed, "--attach", str(page))
    assert problem.value.key == "line.file_kind"
    assert typed("drafts") == []


def test_a_file_that_came_by_hand_is_brought_in_and_a_marking_keeps_it_from_whom_it_keeps_the_note(
    desks: Any, tmp_path: Path
) -> None:
    ours, theirs, stage, there = desks
    log = tmp_path / "log.txt"
    log.write_bytes(LOG)
    lines = {10: "incident", 11: ["en", "see the log"], 12: "nothing", 15: [[digest(LOG), len(LOG), "text/plain"]]}
    coded = Marking(Tlp.RED).to_coded()
    note = stage.loop.run_until_complete(ours.write(theirs, 90, lines, marking=coded)).hex()
    stage.loop.run_until_complete(settle(ours, theirs))
    typed = Typed(there)
    assert [one["kept"] for one in typed("attachment", "list", note[:12])] == [None]
    assert typed("attachment", "bring", note[:12], str(log))["digest"] == NAME
    two = ("amal", "basma")
    theirs.node.roster = Roster(
        officers=(Officer(name="omar"), Officer(name="lena")),
        grants=tuple(Grant(officer=name, role=role, since=0, given_by=two)
                     for name, role in (("omar", Role.OBSERVER), ("lena", Role.LEGAL))),
    )  # fmt: skip
    assert there.call(None, "note_file", None, note=note, digest=NAME, as_officer="lena")["data"] == LOG
    for verb, more in (("note_files", {}), ("note_file", {"digest": NAME})):
        with pytest.raises(ClearanceProblem) as problem:
            there.call(None, verb, None, note=note, as_officer="omar", **more)
        assert problem.value.key == "clearance.above_marking"
    with pytest.raises(ClearanceProblem) as problem:
        there.call(None, "note_file_bring", None, note=note, name="x", data=LOG, officer="omar", as_officer="omar")
    assert problem.value.key == "clearance.may_not"


def test_a_file_is_asked_for_and_comes_over_the_line(desks: Any, tmp_path: Path) -> None:
    ours, theirs, stage, there = desks
    typed, out = Typed(stage), tmp_path / "out"
    log = tmp_path / "log.txt"
    log.write_bytes(LOG)
    draft = drafted(typed, "--attach", str(log))
    made = stage.call(None, "compose", None, draft_id=draft, language="en")
    note = stage.call(None, "release", None, signed=ours.keys.sign_note(made["payload"]))
    stage.loop.run_until_complete(settle(ours, theirs))
    theirs_typed = Typed(there)
    assert theirs_typed("attachment", "ask", note[:12], NAME[:8])["party"] == "XA"
    (listed,) = theirs_typed("attachment", "list", note[:12])
    assert (listed["kept"], listed["fetching"]["came"], listed["fetching"]["state"]) == (None, 0, "asked")
    stage.loop.run_until_complete(theirs.deliver_to(ours))
    theirs_typed("attachment", "save", note[:12], NAME[:8], str(out))
    assert out.read_bytes() == LOG
    with pytest.raises(DeskProblem) as problem:
        theirs_typed("attachment", "ask", note[:12], NAME[:8])
    assert problem.value.key == "desk.no_file"
