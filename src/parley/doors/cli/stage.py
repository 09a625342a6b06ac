"""The stage of the demonstration: two nodes as processes, their officers' commands, and the telling of it."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from parley.desk.fill import fill
from parley.doors.cli.context import Backstage
from parley.doors.cli.say import console
from parley.doors.local import LocalClient
from parley.doors.problems import DoorProblem
from parley.forms import load

PASSPHRASE = "for the demonstration only"
PATIENCE_S = 60.0
LOOK_S = 0.002
ERASE = "\x1b[K"
"""Erase to the end of the line (ECMA-48, EL): a shorter line leaves nothing of a longer one."""


class Telling:
    """Prints the story for a terminal of 80 columns; silent with --json, for then one JSON object is all."""

    def __init__(self, *, quiet: bool, pauses: bool) -> None:
        self.quiet = quiet
        self.pauses = pauses and sys.stdout.isatty() and not quiet
        self._out = console()

    def scene(self, text: str) -> None:
        """A new scene."""
        if not self.quiet:
            self._erase()
            self._out.print(f"\n-- {text}")
            time.sleep(1.0 if self.pauses else 0)

    def fact(self, text: str) -> None:
        """One line of fact."""
        if not self.quiet:
            self._erase()
            for line in textwrap.wrap(text, 76) or [""]:
                self._out.print(f"   {line}", soft_wrap=True)

    def page(self, text: str) -> None:
        """A rendered note, as it is."""
        if not self.quiet:
            self._erase()
            print(text)
            time.sleep(2.0 if self.pauses else 0)

    def _erase(self) -> None:
        if sys.stdout.isatty():
            sys.stdout.write(ERASE)

    def waiting(self, what: str) -> None:
        """A progress line while something is awaited; the next thing told takes its place."""
        if not self.quiet and sys.stdout.isatty():
            sys.stdout.write(f"{ERASE}   … {what}"[:82] + "\r")
            sys.stdout.flush()


class Desk:
    """One officer's desk: the running node of a party, its signer, and this officer's passphrase."""

    def __init__(self, stage: Stage, party: str, officer: str, language: str, home: Any, process: Any) -> None:
        self.stage, self.party, self.officer, self.language = stage, party, officer, language
        self.home, self.process = home, process
        self._client = LocalClient(home.socket)

    def call(self, verb: str, **args: Any) -> Any:
        """One verb of this node."""
        return self._client.call(verb, **args)

    def filled(self, form: int, codes: dict[int, Any]) -> dict[int, Any]:
        """Coded lines from the codes that an officer writes."""
        pairs = [
            (line, code) for line, given in codes.items() for code in (given if isinstance(given, tuple) else (given,))
        ]
        return fill(load().form(form), pairs)

    def send(self, draft: str, *, show: bool) -> tuple[str, float]:
        """Compose, have it signed by the signer process, release; returns the note id and when it was released."""
        made = self.call("compose", draft_id=draft, language=self.language)
        if show:
            self.stage.tell.page(made["text"])
        done = self.stage.backstage.release(self.home, made["office"], made["payload"], self.officer, PASSPHRASE)
        began = time.perf_counter()
        return self.call("release", signed=done["signed"], verdict=done["verdict"]), began

    def wait(self, note: str, party: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The conversation about a note once it satisfies `until`; raises DoorProblem after a minute."""
        row: dict[str, Any] = self.stage.patiently(
            f"{self.party} awaits {party}", lambda: self._row(note, party, until)
        )
        return row

    def _row(self, note: str, party: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        rows: list[dict[str, Any]] = self.call("state", note=note)["with"]
        return next((row for row in rows if row["party"] == party and until(row)), None)

    def right_answers(self, note: str, lines: list[int]) -> dict[int, str]:
        """What the codes of our own note say, by line: what an officer who reads it rightly would choose."""
        found: dict[int, str] = {int(line): option for line, option in self.call("right_answers", note=note).items()}
        return {line: found[line] for line in lines}

    def bytes_dialled(self) -> int:
        """Bytes of parcels that this node sent and got back on exchanges that it began."""
        return int(self.call("status")["bytes_dialled"])

    def hang_up(self) -> None:
        """Close the connection to the node."""
        self._client.close()


class Stage:
    """Founds and runs the nodes; stops them whatever happens."""

    def __init__(self, backstage: Backstage, folder: Path, tell: Telling) -> None:
        self.backstage, self.folder, self.tell = backstage.for_demonstration(), folder, tell
        self._desks: list[Desk] = []
        self._starting: list[Any] = []

    def __enter__(self) -> Stage:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tell.scene("An exercise. Two nodes are founded; two of three root keys must sign.")
        return self

    def __exit__(self, *error: object) -> None:
        for desk in self._desks:
            desk.hang_up()
        self.backstage.end_all([*(desk.process for desk in self._desks), *self._starting])

    def open(self, *officers: tuple[str, str, str], pages: Sequence[Any] = (None, None)) -> list[Desk]:
        """Found a node for each (party, officer, language), sign its particulars, serve it as a process of its own.

        They start side by side: most of it is waiting for an interpreter. `pages`: each one's settings of its pages.
        """
        homes = []
        for (party, officer, language), wanted in zip(officers, pages, strict=False):
            self.tell.waiting(f"founding {party}")
            home = self.backstage.found_for_demonstration(
                self.folder, party, officer, language, PASSPHRASE, pages=wanted
            )
            self._starting.append(self.backstage.start_serving(home, PASSPHRASE))
            homes.append(home)
        for home, (party, officer, language) in zip(homes, officers, strict=True):
            self.tell.waiting(f"starting {party}")
            process = self._starting[0]
            self.backstage.await_serving(home, process)
            self._desks.append(Desk(self, party, officer, language, home, process))
            self._starting.remove(process)
        for desk in self._desks:
            self.tell.fact(f"{desk.party} is on the line ({desk.call('particulars')['bearers'][0]['address']}).")
        return list(self._desks)

    def ceremony(self, first: Desk, second: Desk) -> None:
        """Both sides read twenty digits to each other and accept."""
        self.tell.scene("The ceremony: both registrars read twenty digits to each other.")
        for here, there in ((first, second), (second, first)):
            shown = there.call("particulars")
            self.tell.fact(f"{there.party} reads: {shown['phrase']}   {here.party} hears the same")
            signed = there.call("export_particulars")
            here.call(
                "accept", signed=signed, officer="registrar", heard=shown["phrase"], means="in-person", confirmed=True
            )
        for here, there in ((first, second), (second, first)):
            self.patiently(f"{here.party} awaits a key to seal to", partial(here.call, "can_seal", party=there.party))

    def patiently(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` finds, as soon as it finds anything; raises DoorProblem("no_demonstration") after a minute."""
        ends = time.monotonic() + PATIENCE_S
        while not (found := look()):
            self.tell.waiting(what)
            if time.monotonic() > ends:
                raise DoorProblem("no_demonstration", what=f"{what}, in vain, for {PATIENCE_S:.0f} s")
            time.sleep(LOOK_S)
        return found

    def verify_journals(self, *desks: Desk) -> bool:
        """Checkpoints, cosigned by the other side; then each journal is recomputed whole."""
        self.tell.scene("Each journal's head is signed and cosigned; both are verified whole.")
        for desk in desks:
            self._cosigned(desk)
        for desk in desks:
            found = desk.call("verify")
            self.tell.fact(f"{desk.party}: {found['entries']} entries, {found['checkpoints']} checkpoints: verified.")
        return all(desk.call("verify")["entries"] > 0 for desk in desks)

    def _cosigned(self, desk: Desk) -> None:
        desk.call("show_checkpoint")
        self.patiently(f"{desk.party} awaits a cosignature", lambda: desk.call("cosigners"))

    def outsider(self, sender: Desk, other: Desk, note: str) -> bool:
        """Export the archive and have the outsider's script check it where nothing of Parley is installed."""
        self.tell.scene("An outsider, in thirty years: one file, one script, no Parley.")
        path = self.folder / "note.archive"
        self.backstage.write(path, sender.call("archive", note=note))
        roots = {desk.party: desk.call("particulars")["root_digest"] for desk in (sender, other)}
        self.tell.waiting("the outsider's script verifies")
        code, text = self.backstage.outsider(path, roots)
        for line in filter(_is_verdict, text.splitlines()):
            self.tell.fact(line)
        self.tell.fact("Every byte of the archive is verified." if code == 0 else f"Refused, exit code {code}.")
        return bool(code == 0)


def _is_verdict(line: str) -> bool:
    """The script's checklist and what it concludes; not the coded lines of the note, nor another program's warnings."""
    return line[:2].strip().isdigit() or line.startswith(("third party", "self-asserted"))
