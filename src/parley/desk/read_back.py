"""Read-back: a person says what the note says, and the sender's node compares it with the codes.

Only a person answers, never a token; it may be declined without reason, and no clock punishes that.
"""

from __future__ import annotations

from collections.abc import Mapping

from parley.desk.find import SHOWN_DIGITS, find, open_note
from parley.desk.follow import move, stored
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.receipts import enqueue_receipt, write_receipt
from parley.forms import Question, option_ids, questions
from parley.line.events import ReadBackGiven
from parley.line.note import Note, Precedence
from parley.line.ports import Tx
from parley.line.reading import known_form, to_sheet
from parley.line.receipt import Entry, ReadBack, Stage


def ask(node: Node, given: str, language: str) -> tuple[Question, ...]:
    """The questions of a note's read-back, options shuffled anew; raises DeskProblem("no_read_back")."""
    row = find(node, given)
    if row.direction != "in":
        raise DeskProblem("not_incoming", note=row.note_id.hex()[:SHOWN_DIGITS])
    found = _questions(node, open_note(node, row), language)
    if not found:
        raise DeskProblem("no_read_back", note=row.note_id.hex()[:SHOWN_DIGITS])
    return found


async def give(
    node: Node,
    given: str,
    answers: Mapping[int, str] | None,
    *,
    language: str,
    role: str,
    seconds: int,
    by_person: bool,
    after: int | None = None,
) -> int:
    """Send the answers (option ids by line; None declines); returns the number of the attempt.

    Args:
        role: the answering officer's role, not the name: the other side learns no names.
        seconds: from the first question shown to the last answer.
        by_person: whether a signed-in person gave them; a token may not.
        after: how many attempts that person saw. DeskProblem("answered_meanwhile") if there are more now: the same
            click came twice, or another officer was quicker. None: counts in any case.
    """
    if not by_person:
        raise DeskProblem("only_persons")
    row = find(node, given)
    if row.direction != "in":
        raise DeskProblem("not_incoming", note=row.note_id.hex()[:SHOWN_DIGITS])
    note = open_note(node, row)
    sheet = to_sheet(note, node.party)
    asked = {question.line for question in _questions(node, note, language)}
    if not asked:
        raise DeskProblem("no_read_back", note=row.note_id.hex()[:SHOWN_DIGITS])
    for line, option in (answers or {}).items():
        if line not in asked or option not in option_ids(sheet, line):
            raise DeskProblem(
                "bad_answer",
                given=option[:40],
                line=line,
                options=", ".join(option_ids(sheet, line))[:400] if line in asked else "-",
            )
    if answers is not None and set(answers) != asked:
        missing = min(asked - set(answers))
        raise DeskProblem("bad_answer", given="", line=missing, options=", ".join(option_ids(sheet, missing))[:400])

    def unit(tx: Tx) -> int:
        now, sender = node.clock(), note.sender.party
        before = stored(tx, row.note_id, sender)
        if after is not None and before is not None and before.attempt > after:
            raise DeskProblem("answered_meanwhile", attempt=before.attempt)
        attempt = move(node, tx, row.note_id, sender, ReadBackGiven(language, answers is None), now).attempt
        held = tx.held_for(row.note_id)
        if held is None:
            raise DeskProblem("no_read_back", note=row.note_id.hex()[:SHOWN_DIGITS])
        entry = Entry(
            sealed=held.digest,
            stage=Stage.READ_BACK,
            at=now,
            note=row.note_id,
            journal_index=row.leaf,
            read_back=ReadBack(
                attempt, language, role, seconds, tuple(sorted((answers or {}).items())), answers is None
            ),
        )
        signed = write_receipt(node, tx, sender, [entry], now)
        enqueue_receipt(node, tx, sender, signed, Precedence(row.precedence), now)
        return attempt

    attempt = await node.store.write(unit, point="read_back")
    node.wake(note.sender.party)
    return attempt


def _questions(node: Node, note: Note, language: str) -> tuple[Question, ...]:
    """What is asked about a note; nothing where the same codes may have other words at its sender."""
    return questions(to_sheet(note, node.party), language, node.rng) if known_form(note, node.library) else ()
