"""What a program may write: drafts of its own. An officer looks at them and releases them, or does not.

A token sees its own drafts only: those of officers are theirs until they are released. Every change is kept together
with the answer to it in one unit, so that whoever repeats it under the same key has one effect and the same answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from parley.clearance import Exit
from parley.desk import access, answer, draft, repeats
from parley.desk.draft import Saved
from parley.desk.fill import codes_of, fill, words_of
from parley.desk.look_over import look_over
from parley.desk.problems import DeskProblem
from parley.desk.tokens import Token
from parley.doors.api import shapes
from parley.doors.api.answers import Answer, said
from parley.doors.wording import wording
from parley.forms import Form, arranged, render
from parley.line.note import Precedence
from parley.line.ports import Tx
from parley.terms.party import Address

if TYPE_CHECKING:
    from parley.doors.api.app import Desk
    from parley.doors.api.asked import Asked


async def listed(desk: Desk, asked: Asked) -> Answer:
    """The drafts of this token, oldest first."""
    desk.node.open_vault()
    mine = [one for one in draft.listed_saved(desk.node) if _may_see(desk, asked.by, one)]
    return said(shapes.Drafts(drafts=[_shape(desk, one) for one in mine]))


async def one(desk: Desk, asked: Asked) -> Answer:
    """A draft of this token."""
    return _answer(desk, _mine(desk, asked))


async def page(desk: Desk, asked: Asked) -> Answer:
    """A draft as its recipient will see it; a problem that names every faulty line while it is not in order."""
    saved = _mine(desk, asked)
    sheet = draft.examine(desk.node, saved.draft)
    text = render(sheet, asked.query.language).text
    again = wording(look_over(desk.node, saved.draft), asked.query.language, desk.node.library)["findings"]
    found = [shapes.Wording(**one) for one in again]
    return said(shapes.Page(draft=saved.draft_id, form=sheet.form_number, text=text, wording=found))


async def new(desk: Desk, asked: Asked) -> Answer:
    """A new draft."""
    given: shapes.NewDraft = asked.body
    form = desk.node.library.form(given.form)
    made = draft.Draft(
        form=given.form,
        office=given.office,
        to=_addresses(given.to),
        lines=_filled(form, given.lines, given.words, given.language),
        written_in=given.language,
        officer=asked.by.officer,
        precedence=_precedence(given.precedence),
        exercise=given.exercise,
        accusation=given.accusation,
        answer_by=given.answer_by,
        refers_to=tuple(desk.note(one)[0].note_id for one in given.refers_to),
    )
    return await _save(desk, asked, made, status=201)


async def change(desk: Desk, asked: Asked) -> Answer:
    """Change a draft: what is named is replaced, all else stays."""
    before, given = _mine(desk, asked).draft, asked.body
    form = desk.node.library.form(before.form)
    kept = {number: value for number, value in before.lines.items() if number not in given.without}
    changes: dict[str, Any] = {
        "to": given.to if given.to is msgspec.UNSET else _addresses(given.to),
        "precedence": given.precedence if given.precedence is msgspec.UNSET else _precedence(given.precedence),
        "answer_by": given.answer_by,
        "exercise": given.exercise,
        "accusation": given.accusation,
    }
    changes = {name: value for name, value in changes.items() if value is not msgspec.UNSET}
    lines = _filled(form, given.lines, given.words, before.written_in)
    unfit = {number: typed for number, typed in before.unfit.items() if number not in lines}
    made = msgspec.structs.replace(before, lines=arranged(form, {**kept, **lines}), unfit=unfit, **changes)
    return await _save(desk, asked, made, asked.path["draft"])


async def drop(desk: Desk, asked: Asked) -> Answer:
    """Throw a draft away."""
    saved, gone = _mine(desk, asked), Answer(204)

    def beside(tx: Tx, _: Saved) -> None:
        _keep(desk, asked, tx, gone)

    await draft.throw_away(desk.node, saved.draft_id, expecting=asked.match, beside=beside)
    return gone


async def reply(desk: Desk, asked: Asked) -> Answer:
    """A draft that answers one of their notes."""
    given: shapes.Reply = asked.body
    row, _ = desk.note(asked.path["note"])
    lines = _filled(desk.node.library.form(given.form), given.lines, given.words, given.language)
    made = answer.reply_draft(
        desk.node, row.note_id.hex(), given.form, lines, language=given.language, officer=asked.by.officer
    )
    return await _save(desk, asked, made, status=201)


async def clarification(desk: Desk, asked: Asked) -> Answer:
    """A draft that clarifies one line of a note of ours."""
    given: shapes.Clarification = asked.body
    row, _ = desk.note(asked.path["note"])
    made = answer.clarification_draft(
        desk.node, row.note_id.hex(), given.party, given.line, language=given.language, officer=asked.by.officer
    )
    return await _save(desk, asked, made, status=201)


async def _save(desk: Desk, asked: Asked, made: draft.Draft, draft_id: str = "", status: int = 200) -> Answer:
    access.show(desk.reader, Exit.PROGRAM, access.draft_thing(made))
    given: list[Answer] = []

    def beside(tx: Tx, saved: Saved) -> None:
        given[:] = [_answer(desk, saved, status)]
        _keep(desk, asked, tx, given[0])

    await draft.save(desk.node, made, draft_id, expecting=asked.match, beside=beside)
    return given[0]


def _keep(desk: Desk, asked: Asked, tx: Tx, given: Answer) -> None:
    if asked.key:
        kept = repeats.Kept(asked.asked, given.status, given.headers, given.body)
        repeats.keep(desk.node, tx, repeats.place(asked.by.id, asked.key), kept)


def _answer(desk: Desk, saved: Saved, status: int = 200) -> Answer:
    location = f"/v1/drafts/{saved.draft_id}" if status == 201 else ""
    return said(_shape(desk, saved), status, version=saved.version, location=location)


def _mine(desk: Desk, asked: Asked) -> Saved:
    """A draft of this token; anybody else's is as if it were not there."""
    saved = draft.fetch_saved(desk.node, asked.path["draft"])
    if saved.draft.officer != asked.by.officer:
        raise DeskProblem("no_draft", draft=saved.draft_id[:40])
    access.show(desk.reader, Exit.PROGRAM, access.draft_thing(saved.draft))
    return saved


def _may_see(desk: Desk, token: Token, saved: Saved) -> bool:
    mine = saved.draft.officer == token.officer
    return mine and access.passes(desk.reader, Exit.PROGRAM, access.draft_thing(saved.draft))


def _addresses(given: list[str]) -> tuple[str, ...]:
    return tuple(str(Address.parse(text)) for text in given)


def _precedence(word: str | None) -> int | None:
    return None if word is None else int(Precedence[word.upper()])


def _filled(form: Form, codes: dict[str, str | list[str]], words: dict[str, str], language: str) -> dict[int, Any]:
    pairs = [
        (int(number), code)
        for number, given in codes.items()
        for code in (given if isinstance(given, list) else [given])
    ]
    return fill(form, pairs, {int(number): (language, text) for number, text in words.items()})


def _shape(desk: Desk, saved: Saved) -> shapes.Draft:
    found = saved.draft
    form = desk.node.library.form(found.form)
    return shapes.Draft(
        draft=saved.draft_id,
        version=saved.version,
        form=found.form,
        office=found.office,
        to=list(found.to),
        lines={str(number): list(given) for number, given in codes_of(form, found.lines).items()},
        words={str(number): text for number, text in words_of(form, found.lines).items()},
        language=found.written_in,
        precedence=None if found.precedence is None else Precedence(found.precedence).name.lower(),  # type: ignore[arg-type]
        answer_by=found.answer_by,
        exercise=found.exercise,
        accusation=found.accusation,
        refers_to=[identity.hex() for identity in found.refers_to],
        changed_at=found.changed_at,
    )
