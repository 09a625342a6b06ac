"""Talks: a conversation outside the line, entered by an officer; a record beside the notes, never one of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from parley.clearance import Exit, Right
from parley.desk import access, draft, name_states, talks
from parley.desk.find import find, open_note
from parley.desk.problems import DeskProblem
from parley.desk.talks import Origin, Talk
from parley.doors.web import words
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.forms import load
from parley.terms.languages import LANGUAGES
from parley.terms.marking import Marking, Tlp
from parley.terms.moment import as_datetime
from parley.terms.party import PARTY
from parley.terms.problem import Problem
from parley.terms.text import check, normal

SHOWN = 50
FIELDS = ("party", "origin", "about", "began", "ended", "took-part", "words", "written-in", "reality", "marking")


async def new(desk: WebDesk, asked: Asked) -> Answer:
    """An empty record with an id of its own, so that sending it twice makes one; begun from Line, a party or a note."""
    about = asked.query.get("about", "")[:64]
    known: dict[str, str] = {"party": asked.query.get("party", "")[:20], "about": about}
    if about:
        row = find(desk.node, about)
        note = open_note(desk.node, row)
        access.show(asked.eyes, Exit.PAGE, access.note_thing(note))
        level = Marking.from_coded(note.marking).tlp.name
        known |= {"about": row.note_id.hex(), "marking": level, "reality": "exercise" if row.exercise else "real"}
    now = f"{as_datetime(desk.node.clock()):%Y-%m-%dT%H:%M}"
    given = {"origin": "telephone", "began": now, "written-in": asked.language, "marking": "AMBER", **known}
    return _page(desk, asked, draft.new_id(desk.node), given)


async def enter(desk: WebDesk, asked: Asked) -> Answer:
    """Keep it; what is missing is named, and what was typed stays."""
    talk_id = asked.path["talk"]
    typed = {name: asked.field(name) for name in FIELDS}
    try:
        made = _talk(asked, talk_id)
        _show_all(made)
        if missing := talks.faults(made, desk.node.clock()):
            voice = words.voice(asked.language)
            said = ", ".join(voice.say(f"talk.{one}") for one in missing)
            raise DeskProblem("talk_incomplete", missing=said)
        if made.about:
            access.show(asked.eyes, Exit.PAGE, access.note_thing(open_note(desk.node, find(desk.node, typed["about"]))))
        kept = await talks.enter(desk.node, made)
    except Problem as problem:
        if problem.key not in ("desk.talk_incomplete", "terms.text_hidden", "terms.text_too_long", "terms.text_piled"):
            raise
        return _page(desk, asked, talk_id, typed, status=422, problem=problem)
    return redirect(f"/talks/{kept.talk_id}")


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every record that this officer may see, a piece at a time."""
    everything, given = seen(desk, asked), asked.query.get("from", "0")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 0
    found = everything[start : start + SHOWN]
    return page(desk, asked, "talks.html", found=found, count=len(everything), start=start, step=SHOWN)


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One record, with its origin above and below it; raises DeskProblem("no_talk"), ClearanceProblem."""
    talk = _one(desk, asked)
    return page(
        desk, asked, "talk.html", talk=talk, level=Marking.from_coded(talk.marking).tlp.label,
        prints=access.let_out(asked.eyes, Exit.PRINT, [talk], talks.thing) != [],
        accepted=talk.party in desk.node.directory.parties,
    )  # fmt: skip


async def oral(desk: WebDesk, asked: Asked) -> Answer:
    """A draft of form 36 from the record, begun; nothing leaves without a release."""
    talk = _one(desk, asked)
    made = talks.oral_record(desk.node, talk, language=asked.language, officer=asked.officer)
    return redirect(f"/drafts/{await draft.save(desk.node, made)}")


def seen(desk: WebDesk, asked: Asked) -> list[Talk]:
    """The records that this officer may see, the latest first."""
    if not access.may(desk.node, asked.officer, Right.READ):
        return []
    return access.let_out(asked.eyes, Exit.PAGE, talks.listed(desk.node), talks.thing)


def _one(desk: WebDesk, asked: Asked) -> Talk:
    talk = talks.fetch(desk.node, asked.path["talk"][:32])
    access.show(asked.eyes, Exit.PAGE, talks.thing(talk))
    return talk


def _talk(asked: Asked, talk_id: str) -> Talk:
    given = asked.field("origin")
    about = asked.field("about")
    party = _party(asked)
    return Talk(
        talk_id=talk_id[:32],
        origin=Origin(given) if given in {one.value for one in Origin} else Origin.OTHER,
        party=party if PARTY.fullmatch(party) else "",
        began_at=moment(asked.field("began")) or 0,
        ended_at=moment(asked.field("ended")),
        took_part=tuple(one for line in asked.field("took-part").split("\n") if (one := normal(line))),
        words=normal(asked.field("words")),
        written_in=asked.field("written-in"),
        exercise=asked.field("reality") != "real",
        marking=Marking(next((one for one in Tlp if one.name == asked.field("marking")), Tlp.AMBER)).to_coded(),
        about=bytes.fromhex(about) if len(about) == 64 and set(about) <= set("0123456789abcdef") else b"",
        officer=asked.officer,
    )


def _party(asked: Asked) -> str:
    """A party's code, or that of the state whose name was typed; "" for what is neither."""
    typed = asked.field("party").strip()
    if PARTY.fullmatch(typed.upper()):
        return typed.upper()
    with suppress(Problem):
        return name_states.code_of(load(), typed, asked.language)
    return ""


def _show_all(talk: Talk) -> None:
    """What is hidden in the words is named as such: they are not missing. Raises TermsProblem."""
    for text, limit in ((talk.words, talks.LONGEST_WORDS), *((one, talks.LONGEST_POST) for one in talk.took_part)):
        check(text, limit)


def moment(given: str) -> int | None:
    """``2026-11-28T04:00``, which the page says is UTC, in ms; None for anything else."""
    try:
        return int(datetime.strptime(given[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None


def _page(
    desk: WebDesk, asked: Asked, talk_id: str, given: dict[str, Any], *, status: int = 200,
    problem: Problem | None = None,
) -> Answer:  # fmt: skip
    parties = [one for one in desk.node.directory.parties if one != desk.node.party]
    return page(
        desk, asked, "talk_new.html", status=status,
        talk_id=talk_id, given={name: given.get(name, "") for name in FIELDS}, problem=problem, parties=parties,
        origins=[one.value for one in Origin], levels=[(one.name, one.label) for one in Tlp], tongues=LANGUAGES,
        longest=talks.LONGEST_WORDS,
    )  # fmt: skip
