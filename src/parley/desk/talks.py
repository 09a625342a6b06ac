"""Talks: what was said outside the line, by telephone, in a chat, at a meeting, brought in as an officer's record.

Nobody signed it, and nothing of it is a note: it has no digest to compare, no serial, no receipt, it moves no
conversation, and it stands apart wherever it is shown. It is kept locked under the archive key with its origin, its
hours and who took part, journalled as entered by hand, and never changed: a mistake is mended by a further record. From
it a draft of form 36 (oral record) can be begun, which is a note once it was released.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from parley.clearance import Thing
from parley.desk.draft import Draft
from parley.desk.fill import fill
from parley.desk.find import find
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.journal import LeafKind
from parley.line.ports import Tx
from parley.seal import digest, lock, unlock
from parley.terms.languages import LANGUAGES
from parley.terms.moment import as_datetime
from parley.terms.party import party as checked_party
from parley.terms.problem import Problem
from parley.terms.text import check, check_line

KIND = "talk"
ORAL_RECORD = 36
LONGEST_WORDS = 4000
MOST_TOOK_PART = 20
LONGEST_POST = 120


class Origin(StrEnum):
    """Where it was said."""

    TELEPHONE = "telephone"
    CHAT = "chat"
    VIDEO = "video"
    MEETING = "meeting"
    OTHER = "other"


_HOW = {Origin.TELEPHONE: "telephone", Origin.VIDEO: "video", Origin.MEETING: "in-person"}
"""How form 36 codes it; a chat is none of its ways, and the officer says there what it was."""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation as an officer entered it. Times in ms UTC, as the officer says; `entered_at` by the node.

    Args:
        took_part: posts on both sides, by choice never names. words: what was said, in the language `written_in`.
        about: the id of the note whose thread it belongs to, b"" for none.
        marking: coded (parley.terms.marking).
    """

    talk_id: str
    origin: Origin
    party: str
    began_at: int
    ended_at: int | None = None
    took_part: tuple[str, ...]
    words: str
    written_in: str
    exercise: bool
    marking: Any
    about: bytes = b""
    thread: bytes = b""
    officer: str
    entered_at: int = 0


def faults(talk: Talk, now: int) -> tuple[str, ...]:
    """The fields that are missing or cannot be: party, began, ended, took-part, words."""
    found = [] if talk.party else ["party"]
    if not 0 < talk.began_at <= now:
        found.append("began")
    if talk.ended_at is not None and not talk.began_at <= talk.ended_at <= now:
        found.append("ended")
    posts = 0 < len(talk.took_part) <= MOST_TOOK_PART and all(_fits(one, LONGEST_POST) for one in talk.took_part)
    if not posts:
        found.append("took-part")
    if not talk.words or not _fits(talk.words, LONGEST_WORDS, lines=True):
        found.append("words")
    return tuple(found)


def _fits(text: str, limit: int, *, lines: bool = False) -> bool:
    """Whether it shows all that it holds: nothing in it hides or turns the writing around (parley.terms.text)."""
    try:
        (check if lines else check_line)(text, limit)
    except Problem:
        return False
    return True


async def enter(node: Node, talk: Talk) -> Talk:
    """Keep a record; the same one sent twice (by its id) is one. Returns it as kept.

    Raises DeskProblem("talk_incomplete", "no_note", "locked"), TermsProblem for a party that is none.
    """
    now, vault = node.clock(), node.open_vault()
    if missing := faults(talk, now):
        raise DeskProblem("talk_incomplete", missing=", ".join(missing))
    checked_party(talk.party)
    row = find(node, talk.about.hex()) if talk.about else None
    made = msgspec.structs.replace(
        talk,
        written_in=talk.written_in if talk.written_in in LANGUAGES else "en",
        thread=row.thread if row is not None else b"",
        entered_at=now,
    )
    body = msgspec.msgpack.encode(made)
    locked = lock(vault.archive_key, body, _bound(talk.talk_id), node.rng)

    def unit(tx: Tx) -> bool:
        if tx.record(KIND, talk.talk_id) is not None:
            return False
        tx.put(KIND, talk.talk_id, locked)
        node.write_leaf(tx, LeafKind.BY_HAND, digest(body), now)
        return True

    new = await node.store.write(unit, point="talk")
    node.tell_moved()
    return made if new else fetch(node, talk.talk_id)


def listed(node: Node) -> list[Talk]:
    """Every record, the latest conversation first; none while the node is locked."""
    if node.vault is None:
        return []
    kept = node.store.look(lambda look: look.records(KIND))
    return sorted((_opened(node, key, value) for key, value in kept), key=lambda one: one.began_at, reverse=True)


def fetch(node: Node, talk_id: str) -> Talk:
    """One record; raises DeskProblem("no_talk", "locked")."""
    kept = node.store.look(lambda look: look.record(KIND, talk_id))
    if kept is None:
        raise DeskProblem("no_talk", talk=talk_id[:16])
    return _opened(node, talk_id, kept)


def thing(talk: Talk) -> Thing:
    """A record as an object of the marking gate."""
    return Thing(marking=talk.marking)


def oral_record(node: Node, talk: Talk, *, language: str, officer: str) -> Draft:
    """A draft of form 36 to the party's first office, with what of the record fits its lines.

    Whose words they were is for the officer to part: they are put under *said by us* as they stand.
    """
    entry = node.directory.entry(talk.party) if talk.party in node.directory.parties else None
    offices = entry.current.offices if entry is not None else ()
    to = tuple(f"{talk.party}/{office.id}" for office in offices[:1])
    codes = [(10, _HOW[talk.origin])] if talk.origin in _HOW else []
    codes += [(11, f"{as_datetime(talk.began_at):%Y-%m-%dT%H:%MZ}"), *((12, one) for one in to)]
    lines = fill(node.library.form(ORAL_RECORD), codes, {19: (talk.written_in, talk.words)})
    ours = node.our_particulars().offices
    return Draft(
        form=ORAL_RECORD,
        office=ours[0].id if ours else "",
        to=to,
        lines=lines,
        written_in=language,
        officer=officer,
        exercise=talk.exercise,
        refers_to=(talk.about,) if talk.about else (),
        marking=talk.marking,
    )


def _opened(node: Node, talk_id: str, kept: bytes) -> Talk:
    vault = node.open_vault()
    found: Talk | None = vault.talks.get(talk_id)
    if found is None:  # a record never changes
        body = unlock(vault.archive_key, kept, _bound(talk_id))
        found = vault.talks[talk_id] = msgspec.msgpack.decode(body, type=Talk)
    return found


def _bound(talk_id: str) -> bytes:
    return b"talk " + talk_id.encode()
