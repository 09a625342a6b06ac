"""Between notes and forms: a note as a sheet and back, whether a read-back agrees, what a note does to another.

The one place of the room that knows which numbered form is the answer and which the clarification.
Leaves out words of any language and who may read: `forms` and the desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from parley.forms import (
    Form,
    FormProblem,
    Header,
    Library,
    Sheet,
    compare,
    load,
    option_ids,
    question_lines,
    right_answer,
)
from parley.line.conversation import Conversation
from parley.line.events import NoteAnswered, ReadBackJudged
from parley.line.note import Attachment, Note, Precedence, Recipient
from parley.line.problems import LineProblem
from parley.line.receipt import ReadBack
from parley.line.states import AnswerNews
from parley.seal import Value
from parley.terms.marking import Marking
from parley.terms.moment import LATEST

LINK_CHECK: Final = 1
LINK_CHECK_ANSWER: Final = 2
ANSWER: Final = 20
CLARIFICATION: Final = 21
COUNTERSIGNATURE: Final = 22

_OUTCOME, _NEXT_WORD = 10, 12
_ABOUT_LINE, _MEANT, _NOT_MEANT, _OWN_WORDS, _ABOUT_FORM = 10, 11, 12, 13, 14
_MINUTE: Final[Mapping[str, AnswerNews]] = {
    "agreed": AnswerNews.ACTED,  # the record is an agreed minute: nothing more is to be done
    "agreed-with-correction": AnswerNews.IN_PART,
    "not-agreed": AnswerNews.DECLINE,
}
_OUTCOMES: Final[Mapping[str, AnswerNews]] = {news.value: news for news in AnswerNews if news is not AnswerNews.CLOSED}


def to_sheet(note: Note, for_party: str | None = None) -> Sheet:
    """The note as a filled form; raises TermsProblem if its marking is none.

    `for_party` chooses whose serial line 9 shows; without it the serial is shown if there is one recipient only.
    """
    entry = note.serial_for(for_party) if for_party else (note.recipients[0] if len(note.recipients) == 1 else None)
    header = Header(
        exercise=note.exercise,
        sender=note.sender,
        recipients=tuple(recipient.address for recipient in note.recipients),
        marking=Marking.from_coded(note.marking),
        written_in=note.written_in,
        signed_at=note.signed_at,
        serial=entry.serial if entry else None,
        precedence=int(note.precedence),
        answer_by=note.answer_by,
        accusation=note.accusation,
        refers_to=note.refers_to,
    )
    return Sheet(note.form, note.form_version, header, note.lines)


def known_form(note: Note, library: Library) -> Form | None:
    """The definition that the note was written by; None if it is not known here, to the byte: other words may belong to
    the same codes there, so such a note is shown as coded lines and nothing is asked about it."""
    try:
        form = library.form(note.form, note.form_version)
    except FormProblem:
        return None
    return form if form.digest == note.form_digest else None


def attached(form: int, version: int, lines: Mapping[int, Value], library: Library) -> int:
    """How many attachments the lines of a form name; 0 for a form that is not known here."""
    try:
        known = library.form(form, version)
    except FormProblem:
        return 0
    named = [(line, lines[line.number]) for line in known.lines if line.kind == "attachment" and line.number in lines]
    return sum(len(value) if line.many and isinstance(value, list) else 1 for line, value in named)


def note_from_sheet(
    sheet: Sheet,
    *,
    recipients: Iterable[Recipient],
    incarnation: bytes,
    particulars_version: int,
    thread: bytes | None = None,
    attachments: tuple[Attachment, ...] = (),
    library: Library | None = None,
) -> Note:
    """The note to be signed for a checked sheet; raises FormProblem ``unknown_form``.

    `recipients` bring the reserved serials and must be the sheet's own, in whatever order: a difference is a defect of
    the caller (ValueError). The digests of form and catalogue are those of `library`.
    """
    library = library or load()
    form = library.form(sheet.form_number, sheet.form_version)
    header, listed = sheet.header, tuple(sorted(recipients))
    if sorted(header.recipients) != [recipient.address for recipient in listed]:
        raise ValueError("serials were reserved for other recipients than the sheet names")
    marking: Value = list(header.marking.to_coded())
    return Note(
        sender=header.sender,
        recipients=listed,
        form=form.number,
        form_version=form.version,
        form_digest=form.digest,
        catalogue_digest=library.catalogue_digest,
        precedence=Precedence(header.precedence),
        exercise=header.exercise,
        signed_at=header.signed_at,
        answer_by=header.answer_by,
        lines=dict(sheet.lines),
        refers_to=header.refers_to,
        attachments=attachments,
        marking=marking,
        written_in=header.written_in,
        incarnation=incarnation,
        accusation=header.accusation,
        particulars_version=particulars_version,
        thread=thread,
    )


# -- understanding


def judge_read_back(note: Note, read_back: ReadBack, library: Library | None = None) -> tuple[int, ...]:
    """The lines of our note that came across differently, in the order of the questions; () if none or declined."""
    if read_back.declined:
        return ()
    return compare(to_sheet(note), dict(read_back.answers), library=library)


def judged(note: Note, read_back: ReadBack, library: Library | None = None) -> ReadBackJudged:
    """The event for our note's conversation."""
    return ReadBackJudged(read_back.attempt, judge_read_back(note, read_back, library), read_back.declined)


def clarification_lines(
    note: Note, line: int, answered: str, own_words: Value = None, library: Library | None = None
) -> dict[int, Value]:
    """The lines of the clarification form for a line of `note` to which they answered with the option `answered`.

    What was meant stands beside what was not (left out if it is no option that was offered); whose fault it was is in
    the form's words, and it is the sender's. Raises FormProblem ``no_question`` for a line without a question, and
    LineProblem ``nothing_to_clarify``.
    """
    sheet = to_sheet(note)
    meant = right_answer(sheet, line, library=library)
    if answered == meant:
        raise LineProblem("nothing_to_clarify", line=line)
    lines: dict[int, Value] = {_ABOUT_LINE: line, _MEANT: meant, _ABOUT_FORM: note.form}
    if answered in option_ids(sheet, line, library=library):
        lines[_NOT_MEANT] = answered
    if own_words is not None:
        lines[_OWN_WORDS] = own_words
    return lines


def clarifies(note: Note) -> int | None:
    """The number of the line that the note clarifies, if its form is the clarification."""
    line = note.lines.get(_ABOUT_LINE) if note.form == CLARIFICATION else None
    return line if type(line) is int else None


# -- the answer


def answered(note: Note) -> NoteAnswered | None:
    """What the note says to the one that it refers to, as an event; None if it is no answer.

    An outcome that is not known here (a later form) is none: the note is shown, and nothing is concluded from it.
    """
    if note.form == LINK_CHECK_ANSWER:
        return NoteAnswered(AnswerNews.ACTED, note.signed_at)
    if note.form == COUNTERSIGNATURE:
        signed = _MINUTE.get(str(note.lines.get(_OUTCOME)))
        return None if signed is None else NoteAnswered(signed, note.signed_at)
    outcome = _OUTCOMES.get(str(note.lines.get(_OUTCOME))) if note.form == ANSWER else None
    if outcome is None:
        return None
    next_word = note.lines.get(_NEXT_WORD)
    # Lines of a later version of the form are not checked: what is no moment is no promise.
    promised = next_word if type(next_word) is int and 0 <= next_word <= LATEST else None
    return NoteAnswered(outcome, note.signed_at, promised)


# -- conversations


def begin_outgoing(note: Note, note_id: bytes, party: str, library: Library | None = None) -> Conversation:
    """The conversation of our note with one of its recipients, before SealedAndQueued."""
    asks, awaits = expects(note, library)
    return Conversation.begin_outgoing(
        note_id,
        party,
        precedence=note.precedence,
        exercise=note.exercise,
        answer_by=note.answer_by,
        asks_read_back=asks,
        awaits_answer=awaits,
    )


def begin_incoming(note: Note, note_id: bytes, taken_at: int, library: Library | None = None) -> Conversation:
    """The conversation of their note with its sender, before Opened; `taken_at` (ms) is when its bytes were durable."""
    asks, awaits = expects(note, library)
    return Conversation.begin_incoming(
        note_id,
        note.sender.party,
        precedence=note.precedence,
        exercise=note.exercise,
        answer_by=note.answer_by,
        asks_read_back=asks,
        awaits_answer=awaits,
        taken_at=taken_at,
    )


def expects(note: Note, library: Library | None = None) -> tuple[bool, bool]:
    """Whether the note has questions to read back, and whether it waits for an answer.

    Its form says whether it waits (`Form.awaits`); a note with an answer-by does in any case. An unknown form has no
    questions here.
    """
    library = library or load()
    if (form := known_form(note, library)) is None:
        return False, note.answer_by is not None
    asks = bool(question_lines(to_sheet(note), library=library))
    return asks, form.awaits(note.lines, note.answer_by)
