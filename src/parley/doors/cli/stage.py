"""The stage of the demonstration: two nodes as processes, their officers' commands, and the telling of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parley.desk.fill import fill
from parley.doors.cli.context import Backstage, console
from parley.doors.local import LocalClient
from parley.forms import load

PASSPHRASE = "for the demonstration only"
PATIENCE_S = 60.0


class Telling:
    """Prints the story for a terminal of 80 columns; silent with --json, for then one JSON object is all."""

    def __init__(self, *, quiet: bool, pauses: bool) -> None:
        self.quiet = quiet
        self.pauses = pauses and sys.stdout.isatty() and not quiet
        self._out = console()

    def scene(self, text: str) -> None:
        """A new scene."""
        if not self.quiet:
            self._out.print(f"\n-- {text}")
            time.sleep(1.0 if self.pauses else 0)

    def fact(self, text: str) -> None:
        """One line of fact."""
        if not self.quiet:
            self._out.print(f"   {text}")

    def page(self, text: str) -> None:
        """A rendered note, as it is."""
        if not self.quiet:
            print(text)
            time.sleep(2.0 if self.pauses else 0)

    def waiting(self, what: str) -> None:
        """A progress line while something is awaited."""
        if not self.quiet and sys.stdout.isatty():
            print(f"   … {what}", end="\r", flush=True)


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
        signed = self.stage.backstage.release(self.home, made["office"], made["payload"], self.officer, PASSPHRASE)
        began = time.perf_counter()
        return self.call("release", signed=signed), began

    def wait(self, note: str, party: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Until the conversation about a note satisfies `until`; fails the demonstration after a minute."""
        self.stage.tell.waiting(f"awaiting {party}")
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            for row in self.call("state", note=note)["with"]:
                if row["party"] == party and until(row):
                    return dict(row)
            time.sleep(0.003)
        raise SystemExit(
            f"parley demo: {self.party} waited {PATIENCE_S:.0f} s for {party}; see the node's messages above"
        )

    def right_answers(self, note: str, lines: list[int]) -> dict[int, str]:
        """What the codes of our own note say, by line: what an officer who reads it rightly would choose."""
        found: dict[int, str] = {int(line): option for line, option in self.call("right_answers", note=note).items()}
        return {line: found[line] for line in lines}

    def bytes_dialled(self) -> int:
        """Bytes of parcels that this node sent and got back on exchanges that it began."""
        return int(self.call("status")["bytes_dialled"])

    def close(self) -> None:
        """Stop the node and its signers."""
        self._client.close()
        self.stage.backstage.end(self.process)


class Stage:
    """Founds and runs the nodes; stops them whatever happens."""

    def __init__(self, backstage: Backstage, folder: Path, tell: Telling) -> None:
        self.backstage, self.folder, self.tell = backstage.for_demonstration(), folder, tell
        self._desks: list[Desk] = []

    def __enter__(self) -> Stage:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tell.scene("Exercise. Two nodes are founded, each with three root keys, two of which must sign.")
        return self

    def __exit__(self, *error: object) -> None:
        for desk in self._desks:
            desk.close()

    def open(self, party: str, officer: str, language: str) -> Desk:
        """Found a node, sign its particulars with two of three roots, and serve it as a process."""
        home, process = self.backstage.demonstration_node(self.folder, party, officer, language, PASSPHRASE)
        desk = Desk(self, party, officer, language, home, process)
        self._desks.append(desk)
        self.tell.fact(f"{party} is on the line ({desk.call('particulars')['bearers'][0]['address']}).")
        return desk

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
            self._until_sealable(here, there.party)

    def _until_sealable(self, here: Desk, party: str) -> None:
        ends = time.monotonic() + PATIENCE_S
        while not here.call("can_seal", party=party):
            self.tell.waiting(f"{here.party} awaits a key to seal to")
            if time.monotonic() > ends:
                raise SystemExit(f"parley demo: {here.party} got no key of {party} within a minute")
            time.sleep(0.02)

    def verify_journals(self, *desks: Desk) -> bool:
        """Checkpoints, cosigned by the other side; then each journal is recomputed whole."""
        self.tell.scene("Each node signs its journal's head; the other cosigns it. Then both journals are verified.")
        for desk in desks:
            self._cosigned(desk)
        for desk in desks:
            found = desk.call("verify")
            self.tell.fact(f"{desk.party}: {found['entries']} entries, {found['checkpoints']} checkpoints: verified.")
        return all(desk.call("verify")["entries"] > 0 for desk in desks)

    def _cosigned(self, desk: Desk) -> None:
        desk.call("show_checkpoint")
        ends = time.monotonic() + PATIENCE_S
        while not desk.call("cosigners"):
            self.tell.waiting("awaiting a cosignature")
            if time.monotonic() > ends:
                raise SystemExit(f"parley demo: nobody cosigned {desk.party}'s checkpoint within a minute")
            time.sleep(0.02)

    def outsider(self, sender: Desk, other: Desk, note: str) -> bool:
        """Export the archive and have the outsider's script check it where nothing of Parley is installed."""
        self.tell.scene("An outsider, in thirty years: one file, one script, two root digests; no Parley.")
        path = self.folder / "note.archive"
        self.backstage.write(path, sender.call("archive", note=note))
        roots = {desk.party: desk.call("particulars")["root_digest"] for desk in (sender, other)}
        code, text = self.backstage.outsider(path, roots)
        for line in text.splitlines()[-6:]:
            self.tell.fact(line[:76])
        return bool(code == 0)
