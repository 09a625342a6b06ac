"""The demonstration in a browser: two desks, a link to each, the story at its first step; open until Ctrl-C.

A release takes the signer's own look at a passkey, here as everywhere. What two officers do at a real desk, compare the
twenty digits of a new passkey and take it into the signer's list, the demonstration does for the newcomer, and says so.
Whose browser makes no passkeys releases with a command.
"""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable
from pathlib import Path

from parley.doors.cli.context import Context
from parley.doors.cli.say import as_json_text
from parley.doors.cli.stage import PASSPHRASE, Desk, Stage, Telling
from parley.doors.problems import DoorProblem

HOURS = 8
"""How long the desks stay open at most, and the office keys for passkeys."""
LOOK_S = 0.5
REASON = "alone on duty"
NAMES = {"XA": "Almara", "XB": "Beltova"}


def at_a_terminal() -> bool:
    """Whether a person reads what is printed and can answer."""
    return sys.stdout.isatty() and sys.stdin.isatty()


def show_desks(c: Context, folder: Path, tell: Telling, drafted: Callable[[Desk], str]) -> None:
    """Open both desks, say where, and wait; Ctrl-C is the way to end it and no failure. `drafted`: the first step."""
    with Stage(c.backstage, folder, tell) as stage:
        try:
            desks = ready(stage, drafted)
            commands = [str(stage.backstage.write_desk_command(desk.home, desk.officer)) for desk in desks]
            _say(c, tell, desks, commands)
            _wait(c, tell, desks, commands)
        except KeyboardInterrupt:
            pass
        tell.scene("Both desks are closed." + ("" if c.as_json else " The story told here: parley demo --story"))


def ready(stage: Stage, drafted: Callable[[Desk], str]) -> list[Desk]:
    """Two nodes that have met, the request drafted, the office keys open for passkeys."""
    pages = stage.backstage.two_desks()
    desks = stage.open(("XA", "amal", "ar"), ("XB", "boris", "en"), pages=pages)
    stage.ceremony(*desks)
    drafted(desks[0])
    for desk in desks:
        stage.backstage.open_signer(desk.home, "duty", desk.officer, PASSPHRASE, HOURS * 3600)
    return desks


def links(desks: list[Desk]) -> list[dict[str, str]]:
    """A new link to each desk."""
    found = []
    for desk in desks:
        made = desk.call("tour_link", whom=desk.officer, as_officer=desk.officer)
        address = made["link"].partition("/tour/")[0]
        found.append({"party": desk.party, "officer": desk.officer, "desk": address, "link": made["link"]})
    return found


def _say(c: Context, tell: Telling, desks: list[Desk], commands: list[str]) -> None:
    made = links(desks)
    if c.as_json:
        rows = [{**one, "command": command} for one, command in zip(made, commands, strict=True)]
        print(as_json_text({"desks": rows, "hours": HOURS}), flush=True)
        return
    tell.scene("Two desks, one browser. Each link signs in once, within 30 minutes:")
    for one in made:
        tell.fact(f"{NAMES[one['party']]}, as {one['officer']}:")
        tell.page(f"     {one['link']}")
    tell.fact("Begin at Almara's desk: the tour at the top of each page says what comes next.")
    tell.scene("A release takes a passkey, made in Settings when the tour says so.")
    tell.fact("This demonstration takes it into the signer's list at once; at a real desk two officers do.")
    tell.fact("Without a passkey, release with a command and the digest that the page shows:")
    for command in commands:
        tell.page(f'     {command} release DIGEST --reason "{REASON}"')
    tell.scene(f"Enter: new links. Ctrl-C: the end. By itself it ends after {HOURS} hours.")


def _wait(c: Context, tell: Telling, desks: list[Desk], commands: list[str]) -> None:
    """Take in passkeys and give out links until somebody ends it, or a node ends."""
    taken: set[bytes] = set()
    ends = time.monotonic() + HOURS * 3600
    while time.monotonic() < ends:
        for desk in desks:
            if desk.process.poll() is not None:
                raise DoorProblem("no_demonstration", what=f"the node of {desk.party} ended")
            _take_passkeys(tell, desk, taken)
        if _enter_pressed(c):
            _say(c, tell, desks, commands)


def _take_passkeys(tell: Telling, desk: Desk, taken: set[bytes]) -> None:
    for one in desk.call("desk_passkeys", whom=desk.officer, as_officer=desk.officer):
        if one["file"] in taken:
            continue
        desk.stage.backstage.take_shown_passkey(desk.home, "duty", desk.officer, PASSPHRASE, one["file"])
        taken.add(one["file"])
        tell.fact(f"{desk.officer} made a passkey ({one['digits']}): the signer of {NAMES[desk.party]} takes it now.")


def _enter_pressed(c: Context) -> bool:
    """Whether a line was typed; waits a moment for one. Where nobody types, it only waits."""
    if c.as_json or not sys.stdin.isatty():
        time.sleep(LOOK_S)
        return False
    found, _, _ = select.select([sys.stdin], [], [], LOOK_S)
    return bool(found) and bool(sys.stdin.readline())
