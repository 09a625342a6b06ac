"""Drafts: choose a form, fill it in the officer's language, see it as the receiver will, in each of the six languages.

A draft may be incomplete; what is wrong stands beside its line. Two officers on one draft: who saves second is told,
and keeps on the page what was typed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from parley.clearance import Exit
from parley.desk import access, answer, draft
from parley.desk.draft import Draft
from parley.desk.look_over import look_over
from parley.desk.problems import DeskProblem
from parley.doors.described import titled
from parley.doors.web import filling
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.note import language_of
from parley.doors.wording import wording
from parley.forms import Form, FormProblem, LineFault, Rendered, load, render
from parley.line.note import Precedence
from parley.terms.languages import LANGUAGES
from parley.terms.marking import Marking, Tlp
from parley.terms.moment import as_datetime
from parley.terms.party import Address
from parley.terms.problem import Problem

NEW = "new"


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every draft that this officer may see."""
    found = draft.listed(desk.node)
    seen = access.let_out(asked.eyes, Exit.PAGE, found, lambda one: access.draft_thing(one[1]))
    return page(desk, asked, "drafts.html", drafts=list(reversed(seen)))


async def choose(desk: WebDesk, asked: Asked) -> Answer:
    """The forms, each with what it is for."""
    forms = [titled(form, asked.language) for form in load().forms]
    return page(desk, asked, "choose.html", forms=forms, to=asked.query.get("to", ""))


async def new(desk: WebDesk, asked: Asked) -> Answer:
    """An empty form, with an id of its own, so that sending it twice makes one draft."""
    form = _form(asked.path["form"])
    offices = desk.node.our_particulars().offices
    to = tuple(one for one in (asked.query.get("to", ""),) if one)
    made = Draft(
        form=form.number, office=offices[0].id if offices else "", to=to, lines={}, written_in=asked.language,
        officer=asked.officer, accusation=form.accusation_needed,
    )  # fmt: skip
    return _page(desk, asked, form, made, draft.new_id(desk.node), NEW, chosen_kind="")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """A draft as it was kept, what is wrong beside each line."""
    saved = _saved(desk, asked)
    form = load().form(saved.draft.form)
    return _page(desk, asked, form, saved.draft, saved.draft_id, saved.version, faults=_faults(desk, saved.draft))


async def save(desk: WebDesk, asked: Asked) -> Answer:
    """Keep what was typed, throw the draft away, or go on to the preview."""
    draft_id, version = asked.path["draft"], asked.field("version")
    if asked.field("do") == "drop":
        saved = _saved(desk, asked)
        await draft.throw_away(desk.node, draft_id, expecting=version or saved.version)
        return redirect("/drafts")
    form = _form(asked.field("form"))
    lines, unfit, typed = filling.read(form, asked, _written_in(asked))
    try:
        made = _from_page(desk, asked, form, lines)
        await _keep(desk, made, draft_id, version)
    except DeskProblem as problem:
        if problem.key != "desk.draft_changed":
            raise
        return _changed(desk, asked, form, lines, draft_id, problem)
    saved = draft.fetch_saved(desk.node, draft_id)
    if not unfit and asked.field("do") == "preview":
        return redirect(f"/drafts/{draft_id}/preview")
    if not unfit:
        return redirect(f"/drafts/{draft_id}?saved=yes")
    return _page(
        desk, asked, form, saved.draft, draft_id, saved.version, status=422, faults=_faults(desk, saved.draft),
        unfit=unfit, typed=typed,
    )  # fmt: skip


async def _keep(desk: WebDesk, made: Draft, draft_id: str, version: str) -> None:
    """A new draft is kept under its page's id; the same one twice is one."""
    if version != NEW:
        await draft.save(desk.node, made, draft_id, expecting=version)
        return
    before = next((one for one in draft.listed_saved(desk.node) if one.draft_id == draft_id), None)
    if before is None:
        await draft.save(desk.node, made, draft_id)
    elif msgspec.structs.replace(before.draft, changed_at=0) != made:
        raise DeskProblem("draft_changed", draft=draft_id)


def _changed(
    desk: WebDesk, asked: Asked, form: Form, lines: dict[int, Any], draft_id: str, problem: Problem
) -> Answer:
    """Somebody else saved in between, or the draft is gone: show what was typed, to be saved over theirs or not."""
    now = {one.draft_id: one for one in draft.listed_saved(desk.node)}.get(draft_id)
    mine = _from_page(desk, asked, form, lines)
    if now is None:
        return _page(desk, asked, form, mine, draft.new_id(desk.node), NEW, status=409, problem=problem)
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(now.draft))
    theirs = _rendered(desk, now.draft, asked.language)
    return _page(desk, asked, form, mine, draft_id, now.version, status=409, problem=problem, theirs=theirs)


async def preview(desk: WebDesk, asked: Asked) -> Answer:
    """Exactly what the receiver will see, in a language; size and time on a poor line; words to weigh."""
    saved = _saved(desk, asked)
    spoken = language_of(asked)
    sheet = draft.examine(desk.node, saved.draft)
    shown = render(sheet, spoken)
    weighed = wording(look_over(desk.node, saved.draft), asked.language, desk.node.library)
    return page(
        desk, asked, "preview.html", draft_id=saved.draft_id, draft=saved.draft, shown=shown, spoken=spoken,
        weighed=weighed, size=len(shown.text.encode()),
    )  # fmt: skip


async def reply(desk: WebDesk, asked: Asked) -> Answer:
    """A draft that answers one of their notes, begun."""
    form = _form(asked.field("form"))
    made = answer.reply_draft(
        desk.node, asked.path["note"], form.number, {}, language=asked.language, officer=asked.officer
    )
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(made))
    return redirect(f"/drafts/{await draft.save(desk.node, made)}")


async def clarify(desk: WebDesk, asked: Asked) -> Answer:
    """A clarification of a line that came across differently, begun; it starts with our own fault."""
    line = asked.field("line")
    number = int(line) if line.isascii() and line.isdigit() and len(line) < 4 else 0
    made = answer.clarification_draft(
        desk.node, asked.path["note"], asked.field("party"), number, language=asked.language, officer=asked.officer
    )
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(made))
    return redirect(f"/drafts/{await draft.save(desk.node, made)}")


def _saved(desk: WebDesk, asked: Asked) -> draft.Saved:
    saved = draft.fetch_saved(desk.node, asked.path["draft"])
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(saved.draft))
    return saved


def _form(given: str) -> Form:
    if not (given.isascii() and given.isdigit() and len(given) < 6):
        raise FormProblem("unknown_form", number=given[:10])
    return load().form(int(given))


def _faults(desk: WebDesk, made: Draft) -> tuple[LineFault, ...]:
    """What the form says of the draft as it is; faults that are about no line come as a problem of line 0."""
    try:
        draft.examine(desk.node, made)
    except FormProblem as problem:
        return problem.faults or (LineFault(0, problem.key, problem.arguments),)
    except Problem:
        return ()
    return ()


def _from_page(desk: WebDesk, asked: Asked, form: Form, lines: dict[int, Any]) -> Draft:
    before = next((one.draft for one in draft.listed_saved(desk.node) if one.draft_id == asked.path["draft"]), None)
    return Draft(
        form=form.number,
        office=asked.field("office"),
        to=tuple(to for to in asked.fields.get("to", ()) if _is_address(to)),
        lines=lines,
        written_in=_written_in(asked),
        officer=before.officer if before else asked.officer,
        precedence=_precedence(asked.field("precedence")),
        exercise=asked.field("reality") != "real",
        accusation=form.accusation_needed or (form.accusation_allowed and asked.field("nature") == "accusation"),
        answer_by=_moment(asked.field("answer-by")),
        refers_to=before.refers_to if before else (),
        marking=_marking(asked.field("marking"), before),
        override=asked.field("override").strip()[:400],
    )


def _is_address(given: str) -> bool:
    try:
        Address.parse(given)
    except Problem:
        return False
    return True


def _written_in(asked: Asked) -> str:
    given = asked.field("written-in")
    return given if given in LANGUAGES else asked.language


def _precedence(given: str) -> int | None:
    return next((int(one) for one in Precedence if one.name == given), None)


def _moment(given: str) -> int | None:
    """``2026-11-28T04:00``, which the page says is UTC; anything else is no time."""
    try:
        return int(datetime.strptime(given[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None


def _marking(given: str, before: Draft | None) -> Any:
    """The level that was chosen; the other parts of a marking stay as the draft has them."""
    level = next((one for one in Tlp if one.name == given), Tlp.AMBER)
    old = Marking.from_coded(before.marking) if before and before.marking is not None else Marking(Tlp.AMBER)
    return Marking(level, old.national, old.originator, old.releasable_to).to_coded()


def _rendered(desk: WebDesk, made: Draft, language: str) -> Rendered | None:
    """The draft as it stands, None while it cannot be shown as a note."""
    try:
        return render(draft.sheet_of(desk.node, made, desk.node.clock()), language)
    except Problem:
        return None


def _page(
    desk: WebDesk, asked: Asked, form: Form, made: Draft, draft_id: str, version: str, *, status: int = 200,
    faults: tuple[LineFault, ...] = (), unfit: dict[int, Problem] | None = None,
    typed: dict[int, tuple[str, ...]] | None = None, problem: Problem | None = None, theirs: Rendered | None = None,
    chosen_kind: str | None = None,
) -> Answer:  # fmt: skip
    marking = Marking.from_coded(made.marking) if made.marking is not None else Marking(Tlp.AMBER)
    unfit = unfit or {}
    return page(
        desk, asked, "draft.html", status=status,
        draft=made,
        draft_id=draft_id,
        version=version,
        form=form,
        about=titled(form, asked.language),
        lines=filling.fields(form, made.lines, asked.language, typed or {}),
        faults={fault.line: fault for fault in reversed(faults) if fault.line not in unfit},
        unfit=unfit,
        problem=problem,
        theirs=theirs,
        saved=asked.query.get("saved") == "yes",
        kind=chosen_kind if chosen_kind is not None else "exercise" if made.exercise else "real",
        addresses=_addresses(desk, made),
        offices=[office.id for office in desk.node.our_particulars().offices],
        precedence=Precedence(form.default_precedence if made.precedence is None else made.precedence).name,
        precedences=[one.name for one in Precedence],
        levels=[(one.name, one.label) for one in Tlp],
        level=marking.tlp.name,
        answer_by="" if made.answer_by is None else f"{as_datetime(made.answer_by):%Y-%m-%dT%H:%M}",
    )  # fmt: skip


def _addresses(desk: WebDesk, made: Draft) -> list[tuple[str, str]]:
    """Offices that can be written to: of accepted parties, and those that the draft names already."""
    node = desk.node
    known = [
        (f"{party}/{office.id}", party)
        for party in node.directory.parties
        if party != node.party
        for office in node.directory.entry(party).current.offices
    ]
    return known + [(to, to.partition("/")[0]) for to in made.to if to not in dict(known)]
