"""Drafts: choose a form, fill it in the officer's language, see it as the receiver will, in each of the six languages.

A draft may be incomplete; what is wrong stands beside its line. Two officers on one draft: who saves second is told
what the other changed, and keeps on the page what was typed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from parley.clearance import Exit
from parley.desk import access, answer, attachment, compare_drafts, draft, measure, name_states
from parley.desk.draft import Draft, Saved
from parley.desk.look_over import look_over
from parley.desk.problems import DeskProblem
from parley.doors.described import titled
from parley.doors.web import filling
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.note import language_of
from parley.doors.web.uploads import LOST
from parley.doors.wording import wording
from parley.forms import Form, FormProblem, LineFault, load, render
from parley.line.attachment import KINDS, LARGEST_FILE
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
    return not_in_order(desk, asked, _saved(desk, asked), status=200)


def not_in_order(
    desk: WebDesk, asked: Asked, saved: Saved, problem: Problem | None = None, *, status: int = 422
) -> Answer:
    """The draft with what the form says of it; `problem`: what else stands in its way."""
    form, (faults, found) = load().form(saved.draft.form), _trouble(desk, saved.draft)
    if isinstance(problem, FormProblem) and faults:
        problem = None  # each stands at its line
    typed = saved.draft.unfit
    unfit = filling.faults_of(form, typed, asked.language, saved.draft.written_in)
    if unfit and isinstance(found, DeskProblem) and found.key == "desk.unfilled":
        found = None  # it stands at its line too
    return _page(
        desk, asked, form, saved.draft, saved.draft_id, saved.version, status=status, faults=faults,
        unfit=unfit, typed=typed, problem=problem or found,
    )  # fmt: skip


async def save(desk: WebDesk, asked: Asked) -> Answer:
    """Keep what was typed with the files that came along, throw the draft away, or go on to the preview."""
    draft_id, version = asked.path["draft"], asked.field("version")
    if asked.field("do") == "drop":
        saved = _saved(desk, asked)
        await draft.throw_away(desk.node, draft_id, expecting=version or saved.version)
        return redirect("/drafts")
    form = _form(asked.field("form"))
    lines, unfit, typed = filling.read(form, asked, _written_in(asked))
    added = attachment.add(desk.node, form, lines, filling.files(form, asked), asked.officer, draft_id)
    made = _from_page(desk, asked, form, added.lines, typed)
    try:
        await _keep(desk, asked, made, draft_id, version, added.brought)
    except DeskProblem as problem:
        if problem.key != "desk.draft_changed":
            raise
        mine = _from_page(desk, asked, form, lines)
        return _changed(desk, asked, form, mine, draft_id, unfit, typed)
    unfit |= added.refused
    if not unfit and asked.field("do") == "preview":
        return redirect(f"/drafts/{draft_id}/preview")
    if not unfit:
        return redirect(f"/drafts/{draft_id}?{urlencode(_said(asked, added))}{_anchor(form, asked)}")
    saved = draft.fetch_saved(desk.node, draft_id)
    return _page(
        desk, asked, form, saved.draft, draft_id, saved.version, status=422, faults=_trouble(desk, saved.draft)[0],
        unfit=unfit, typed=typed,
    )  # fmt: skip


def _said(asked: Asked, added: attachment.Added) -> dict[str, str]:
    """What the draft's page is to say of the saving."""
    said = {"saved": "yes", "again": "yes" if added.again else "", "lost": asked.field(LOST) and "yes"}
    return {name: value for name, value in said.items() if value}


def _anchor(form: Form, asked: Asked) -> str:
    """Back to the files, for who just attached or took off some."""
    number = next((line.number for line in form.lines if line.kind == "attachment"), 0)
    return f"#line-{number}" if number and asked.field("do") == "attach" else ""


async def _keep(
    desk: WebDesk, asked: Asked, made: Draft, draft_id: str, version: str, files: tuple[attachment.Brought, ...]
) -> None:
    """A new draft is kept under its page's id; the same one twice, new or changed, is one."""
    if version == NEW:  # kept already: only the very same may be kept again
        version = "" if _before(desk, draft_id) is None else "-" * 32
    await draft.save(
        desk.node, made, draft_id, expecting=version, by=asked.officer, again=True, files=files
    )  # fmt: skip


def _changed(
    desk: WebDesk, asked: Asked, form: Form, mine: Draft, draft_id: str, unfit: dict[int, Problem],
    typed: dict[int, tuple[str, ...]],
) -> Answer:  # fmt: skip
    """Somebody else saved in between, or the draft is gone: show what was typed, to be saved over theirs or not, beside
    what they changed."""
    now = _before(desk, draft_id)
    if now is None:
        new = draft.new_id(desk.node)
        return _page(desk, asked, form, mine, new, NEW, status=409, unfit=unfit, typed=typed, gone=True)
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(now.draft))
    begun = next((one for one in draft.versions(desk.node, draft_id) if one.version == asked.field("version")), None)
    theirs = compare_drafts.differences(desk.node, begun.draft if begun else mine, now.draft, asked.language)
    return _page(
        desk, asked, form, mine, draft_id, now.version, status=409, unfit=unfit, typed=typed, theirs=theirs,
        meanwhile=now.draft,
    )  # fmt: skip


async def preview(desk: WebDesk, asked: Asked) -> Answer:
    """Exactly what the receiver will see, in a language; size and time on a poor line; words to weigh.

    A draft that is not in order leads back to it, at the first line at fault.
    """
    saved = _saved(desk, asked)
    spoken = language_of(asked)
    faults, problem = _trouble(desk, saved.draft)
    if faults or problem:
        first = min([fault.line for fault in faults] + list(saved.draft.unfit), default=None)
        return redirect(f"/drafts/{saved.draft_id}?back=yes" + ("" if first is None else f"#line-{first}"))
    sheet = draft.examine(desk.node, saved.draft)
    return page(
        desk, asked, "preview.html", draft_id=saved.draft_id, draft=saved.draft, shown=render(sheet, spoken),
        spoken=spoken, weighed=wording(look_over(desk.node, saved.draft), asked.language, desk.node.library),
        line=measure.on_the_line(desk.node, saved.draft, sheet),
        files=attachment.named_by_draft(desk.node, sheet.form_number, sheet.form_version, sheet.lines, saved.draft_id),
        base=f"/drafts/{saved.draft_id}",
        readers=_readers(desk, saved.draft),
    )  # fmt: skip


def _readers(desk: WebDesk, made: Draft) -> list[tuple[str, tuple[str, ...]]]:
    """Which of the six languages each recipient's particulars name, in the order of its preference."""
    known = desk.node.directory.parties
    parties = dict.fromkeys(Address.parse(to).party for to in made.to)
    return [(party, desk.node.directory.entry(party).current.languages) for party in parties if party in known]


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


def _saved(desk: WebDesk, asked: Asked) -> Saved:
    saved = draft.fetch_saved(desk.node, asked.path["draft"])
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(saved.draft))
    return saved


def _before(desk: WebDesk, draft_id: str) -> Saved | None:
    """The draft as it stands, None if it is not kept, or not any more."""
    try:
        return draft.fetch_saved(desk.node, draft_id)
    except DeskProblem as problem:
        if problem.key != "desk.no_draft":
            raise
        return None


def _form(given: str) -> Form:
    if not (given.isascii() and given.isdigit() and len(given) < 6):
        raise FormProblem("unknown_form", number=given[:10])
    return load().form(int(given))


def _trouble(desk: WebDesk, made: Draft) -> tuple[tuple[LineFault, ...], Problem | None]:
    """What stands in the way of the draft as it is: faults by line; and what is about no line."""
    try:
        sheet = draft.examine(desk.node, made)
        measure.on_the_line(desk.node, made, sheet)
    except FormProblem as problem:
        return problem.faults, None if problem.faults else problem
    except Problem as problem:
        return (), problem
    return (), None


def _from_page(
    desk: WebDesk, asked: Asked, form: Form, lines: dict[int, Any], unfit: dict[int, tuple[str, ...]] | None = None
) -> Draft:
    kept = _before(desk, asked.path["draft"])
    before = kept.draft if kept else None
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
        unfit=unfit or {},
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


def _page(
    desk: WebDesk, asked: Asked, form: Form, made: Draft, draft_id: str, version: str, *, status: int = 200,
    faults: tuple[LineFault, ...] = (), unfit: dict[int, Problem] | None = None,
    typed: dict[int, tuple[str, ...]] | None = None, problem: Problem | None = None,
    theirs: tuple[compare_drafts.Change, ...] = (), meanwhile: Draft | None = None, gone: bool = False,
    chosen_kind: str | None = None,
) -> Answer:  # fmt: skip
    marking = Marking.from_coded(made.marking) if made.marking is not None else Marking(Tlp.AMBER)
    unfit = unfit or {}
    shown = filling.fields(form, made.lines, asked.language, typed or {})
    return page(
        desk, asked, "draft.html", status=status,
        draft=made,
        draft_id=draft_id,
        version=version,
        form=form,
        about=titled(form, asked.language),
        lines=shown,
        faults={fault.line: fault for fault in reversed(faults) if fault.line not in unfit},
        unfit=unfit,
        problem=problem,
        theirs=theirs,
        meanwhile=meanwhile,
        gone=gone,
        said={name: asked.query.get(name) == "yes" for name in ("saved", "again", "lost", "back")},
        lost=bool(asked.uploads) and status == 409,
        kind=chosen_kind if chosen_kind is not None else "exercise" if made.exercise else "real",
        addresses=_addresses(desk, made),
        offices=[office.id for office in desk.node.our_particulars().offices],
        precedence=Precedence(form.default_precedence if made.precedence is None else made.precedence).name,
        precedences=[one.name for one in Precedence],
        levels=[(one.name, one.label) for one in Tlp],
        level=marking.tlp.name,
        answer_by="" if made.answer_by is None else f"{as_datetime(made.answer_by):%Y-%m-%dT%H:%M}",
        states=_states(desk, form, asked.language),
        files=_files(desk, draft_id, version),
        kinds=",".join(one.ending for one in KINDS),
        limit=LARGEST_FILE >> 20,
        former=draft.count_versions(desk.node, draft_id),
    )  # fmt: skip


def _states(desk: WebDesk, form: Form, language: str) -> list[str]:
    """The names to choose from, for a form that asks for a state."""
    if not any(line.kind == "state" for line in form.lines):
        return []
    return [name_states.shown(name, code) for code, name in name_states.listed(load(), language)]


def _files(desk: WebDesk, draft_id: str, version: str) -> dict[str, attachment.Kept]:
    """The files that are here, by the code that stands for each in a line."""
    found = attachment.held(desk.node, draft_id) if version != NEW else []
    return {f"{one.media_type} {one.size} {one.digest.hex()}": one for one in found}


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
