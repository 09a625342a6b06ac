"""How each named commit point of a node is reached, so that it can be killed there.

The names are read from the source: a point that is new there and not known here makes the bench fail. Under load come
compose, release and receive; everything else is brought about by the function that stands beside its name.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import Popen
from typing import Any, Protocol

from crash_sides import CrashError, Ledger, Officer, Side, wait_until
from pairs import FORM, PASSPHRASE

import parley.desk
from parley.backstage import Backstage
from parley.desk.particulars import phrase_of
from parley.doors.local import RemoteProblem
from parley.terms.problem import Problem

MOMENTS = ("before", "written", "after")
BULK = 60  # notes that wait at once: more than one parcel takes, so that some are collected
_POINT = re.compile(r'\bpoint(?:: str)?\s*=\s*"(\w+)"')


class Rig(Protocol):
    """What a way to a point may use."""

    folder: Path
    ledger: Ledger

    def writer(self, side: Side) -> Officer: ...


Way = Callable[[Rig, Side, Side], None]  # the side to be killed, and its peer


ELSEWHERE = frozenset({"restore"})
"""Not a node's that serves: written into a copy of a backup that takes the store's place only when it is whole."""


def names() -> list[str]:
    """Every point that the desk of a serving node names; `found`, of one that does not exist yet, is not the desk's."""
    found = set()
    for path in Path(parley.desk.__file__).parent.glob("*.py"):
        found.update(_POINT.findall(path.read_text("utf-8")))
    return sorted(found - ELSEWHERE)


def _load(rig: Rig, side: Side, peer: Side) -> None:
    """The officers bring it about."""


def _ask(verb: str, *, peer_instead: bool = False, **args: Any) -> Way:
    def way(rig: Rig, side: Side, peer: Side) -> None:
        (peer if peer_instead else side).ask(verb, **args)

    return way


def _postpone(rig: Rig, side: Side, peer: Side) -> None:
    peer.kill()


def _collect(rig: Rig, side: Side, peer: Side) -> None:
    peer.ask("hold", party=side.code, held=True)
    writer = rig.writer(peer)
    for _ in range(BULK):
        writer.write()
    peer.ask("hold", party=side.code, held=False)


def _with_file(rig: Rig, side: Side, peer: Side) -> tuple[str, bytes]:
    """A note that has just come and names a file, and the file."""
    log = f"{time.time_ns()} 192.0.2.7 445/tcp syn\n".encode() * 40
    named = [[sha256(log).digest(), len(log), "text/plain"]]
    return _received(rig, side, peer, {**FORM, "lines": {**FORM["lines"], 27: named}}), log


def _attachment(rig: Rig, side: Side, peer: Side) -> None:
    """A file came by hand."""
    note, log = _with_file(rig, side, peer)
    side.ask("note_file_bring", note=note, name="log.txt", data=log, officer="bench")


def _file(rig: Rig, side: Side, peer: Side) -> None:
    """A file is asked for, and comes."""
    note, log = _with_file(rig, side, peer)
    peer.ask("note_file_bring", note=note, name="log.txt", data=log, officer="bench")
    side.ask("note_file_ask", note=note, digest=sha256(log).hexdigest(), officer="bench")


def _by_hand(rig: Rig, side: Side, peer: Side) -> None:
    """What an officer saw of a note to an office without Parley."""
    writer = rig.writer(side)
    contact = {"party": "XD", "office": "duty", "language": "en", "entered_by": "bench"}
    writer.call("contact_add", fields=contact)
    lines = {**FORM["lines"], 11: "XD"}
    fields = {"office": "duty", "to": ("XD/duty",), "written_in": "en", "officer": "bench", "exercise": True}
    signed = writer.session.release(writer.call("compose_now", fields={**FORM, **fields, "lines": lines})["payload"])
    note = writer.call("release", signed=signed)
    side.ask("by_hand_enter", note=note, party="XD", what="carried", way="telephone", at=None, officer="bench")


def _way(rig: Rig, side: Side, peer: Side) -> None:
    """How a drill's note goes is written down. Asked once, not again and again: the node may be dead before the end."""
    side.ask("hold", party=peer.code, held=True)
    fields = {**FORM, "office": "duty", "to": (f"{peer.code}/duty",), "written_in": "en"}
    made = side.ask("compose_now", fields={**fields, "officer": "bench", "exercise": True})
    side.ask("crash_trace", note=made["note"])
    side.ask("release", signed=rig.writer(side).session.release(made["payload"]))
    side.ask("hold", party=peer.code, held=False)


def _retention(rig: Rig, side: Side, peer: Side) -> None:
    """An officer has read a note; the names in such entries are old enough."""
    side.ask("show", note=_received(rig, side, peer), language="en", officer="bench")
    side.ask("crash_retention")


def _backup(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("backup", path=str(rig.folder / f"{side.code}-{time.time_ns()}.backup"))


def _sighting(rig: Rig, side: Side, peer: Side) -> None:
    wait_until(lambda: bool(side.ask("crash_sight", party=peer.code)), 15)


def _evidence(rig: Rig, side: Side, peer: Side) -> None:
    peer.ask("show_checkpoint")
    wait_until(lambda: bool(peer.ask("crash_fork", party=side.code)), 15)


def _clocks(rig: Rig, side: Side, peer: Side) -> None:
    rig.writer(side).write(FORM, answer_by=time.time_ns() // 1_000_000 + 1000)
    time.sleep(1.1)
    side.ask("crash_ring")


def _open_held(rig: Rig, side: Side, peer: Side) -> None:
    """The node is locked here, and takes what it cannot open."""
    writer = rig.writer(peer)
    for _ in range(3):
        writer.call("await", note=writer.write(), party=side.code, deliveries=["taken", "opened"], seconds=10.0)
    side.ask("unlock", passphrase=PASSPHRASE)


def _received(rig: Rig, side: Side, peer: Side, note: dict[str, Any] = FORM) -> str:
    """A note that has just come from the peer."""
    writer = rig.writer(peer)
    name = writer.write(note)
    if not writer.await_receipt(name, 20.0):
        raise CrashError(f"a note to {side.code} did not arrive")
    return name


def _kept_back(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("crash_keep_back", note=_received(rig, side, peer), party=peer.code)
    peer.ask("crash_freshen")


def _recall(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("crash_ask", party=peer.code)


def _give_back(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("crash_give_back", party=peer.code, signed=peer.ask("crash_recall", party=side.code))


def _posted(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("crash_post", party=peer.code)


def _sealed_late(rig: Rig, side: Side, peer: Side) -> None:
    """The note waits in the outbox, for the peer has no power."""
    peer.kill()
    side.ask("crash_unseal", note=rig.writer(side).write(), party=peer.code)


def _read(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("show", note=_received(rig, side, peer), language="en", officer="bench")


def _read_back(rig: Rig, side: Side, peer: Side) -> None:
    name = _received(rig, side, peer)
    side.ask("show", note=name, language="en", officer="bench")
    side.ask("read_back", note=name, answers=None, language="en", role="duty", seconds=5)


def _draft(rig: Rig, side: Side, peer: Side) -> None:
    fields = {**FORM, "office": "duty", "to": (f"{peer.code}/duty",), "written_in": "en", "officer": "bench"}
    side.ask("draft_save", fields=fields)


def _clear(rig: Rig, side: Side, peer: Side) -> None:
    """A draft is submitted, and its note taken back."""
    fields = {**FORM, "office": "duty", "to": (f"{peer.code}/duty",), "written_in": "en"}
    fields |= {"officer": "bench", "exercise": True}
    made = side.ask("submit", draft_id=side.ask("draft_save", fields=fields), officer="bench", language="en")
    side.ask("withdraw", waiting=made["note"])


def _contact(rig: Rig, side: Side, peer: Side) -> None:
    side.ask("contact_add", fields={"party": "XZ", "office": "duty", "language": "en", "entered_by": "bench"})


def _drill(rig: Rig, side: Side, peer: Side) -> None:
    soon = time.time_ns() // 1_000_000 + 3_600_000
    side.ask(
        "drill_schedule", fields={"name": "bench", "first_at": soon, "officer": "bench", "to": [f"{peer.code}/duty"]}
    )


def _decide(rig: Rig, side: Side, peer: Side) -> None:
    """All forms that there are: a decision that changes nothing for the load."""
    side.ask("narrow", party=peer.code, officer="bench", take={"forms": [*range(1, 100)]}, send=None)


def _accept(rig: Rig, side: Side, peer: Side) -> None:
    """A third party, founded when first needed; its node need not run."""
    third = rig.folder / "XC.particulars"
    if not third.exists():
        backstage = Backstage(cheap=True)
        _, process = backstage.demonstration_node(rig.folder, "XC", "bench", "en", PASSPHRASE)
        backstage.end(process)
    signed = third.read_bytes()
    side.ask("accept", signed=signed, officer="bench", heard=phrase_of(signed), means="in-person", confirmed=True)


def _particulars(rig: Rig, side: Side, peer: Side) -> None:
    """Our own next version, signed by two of our roots."""
    made = rig.folder / f"{side.code}.next"
    roots = [rig.folder / f"{side.code}-root-{number}.key" for number in (1, 2)]
    side.propose(side.place, [rig.folder / f"{side.code}-root-{n}.key" for n in (1, 2, 3)], made, telephone="+000 2017")
    shares = [rig.folder / f"{side.code}.next-{number}" for number in (1, 2)]
    for share, root in zip(shares, roots, strict=True):
        side.sign_proposal(made, root, PASSPHRASE, share)
    signed = side.combine(made, shares, rig.folder / f"{side.code}.adopted")
    side.ask("adopt", signed=signed, officer="bench")


WAYS: dict[str, Way] = {
    "compose": _load,
    "release": _load,
    "receive": _load,
    "postpone": _postpone,
    "collect": _collect,
    "checkpoint": _ask("show_checkpoint"),
    "witness": _ask("show_checkpoint", peer_instead=True),
    "cosignature": _ask("show_checkpoint"),
    "alert": _ask("crash_alert"),
    "talk": _ask("crash_talk", party="XC"),
    "attachment": _attachment,
    "file_wanted": _file,
    "file_part": _file,
    "backup": _backup,
    "by_hand": _by_hand,
    "way": _way,
    "bell": _ask("crash_bell"),
    "repeats": _ask("crash_repeats"),
    "retention": _retention,
    "sighting": _sighting,
    "evidence": _evidence,
    "clocks": _clocks,
    "prekey": _ask("crash_freshen"),
    "learn": _ask("crash_freshen"),
    "erase": _ask("crash_freshen"),
    "kept_back": _kept_back,
    "open_held": _open_held,
    "recall": _recall,
    "give_back": _give_back,
    "sealed_late": _sealed_late,
    "floor": _ask("crash_floor"),
    "roads": _ask("crash_roads"),
    "posted": _posted,
    "mailbox": _ask("crash_mailbox"),
    "read": _read,
    "read_back": _read_back,
    "draft": _draft,
    "clear": _clear,
    "roster": _ask("roster_put", office="duty", told={"version": 1, "officers": [{"name": "bench"}]}),
    "decide": _decide,
    "accept": _accept,
    "particulars": _particulars,
    "contact": _contact,
    "drill": _drill,
    "hold": _ask("hold_body", what="XZ", why="bench", officer="bench", thread=False, lift=False),
    "token": _ask("token_make", name="bench", scopes=["read"], days=1, officer="bench"),
    "settle": _load,
    "read_back_judged": _load,
}
AT_START = ("settle", "read_back_judged")  # armed before the process starts
LOCKED = ("open_held",)  # reached only by a node that took notes while it was locked


def reach(rig: Rig, point: str, moment: str, side: Side, peer: Side) -> bool:
    """Kill `side` at one moment of one point; whether it died there. It is down afterwards."""
    seen = len(side.died)
    if point in AT_START or point in LOCKED:
        side.kill()
    if point in AT_START:
        side.start_to_die(f"{point},{moment},1,0")
    else:
        if point in LOCKED:
            side.start(locked=True)
        side.ask("crash_arm", point=point, moment=moment)
        try:
            WAYS[point](rig, side, peer)
        except OSError:
            pass  # it died in the middle of an answer
        except (Problem, RemoteProblem, CrashError) as problem:
            print(f"{side.code}, {point}: {problem}", file=sys.stderr, flush=True)
    if not wait_until(lambda: _ended(side.process), 15.0):
        side.process.kill()
    side.mourn()
    return side.died[seen:] == [(point, moment)]


def _ended(process: Popen[str]) -> bool:
    return process.poll() is not None
