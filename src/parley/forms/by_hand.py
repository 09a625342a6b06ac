"""A note for a counterpart without Parley: numbered text in both languages, and what is said on the telephone.

Nothing here is signed, and every page says so first and last: whoever has only this text cannot check it. The script is
the read-back, question by question in the counterpart's language with ours beside, so that an officer can put it to a
colleague and write down what was heard. Leaves out who calls whom and what is kept of it: the desk's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from parley.forms.library import Library, load
from parley.forms.page import broken
from parley.forms.readback import Question, questions
from parley.forms.rendering import render, ruled
from parley.forms.sheet import Sheet
from parley.forms.voice import Voice

LETTERS = "ABCDEFGH"
"""What options are called on the telephone; a question has fewer options than letters."""


class Said(msgspec.Struct, frozen=True):
    """One sentence of the script in their language and in ours; the same text twice if both speak one language."""

    theirs: str
    ours: str


class Asked(msgspec.Struct, frozen=True):
    """One question of the script: the line, the words, and the options as (letter, id, words)."""

    line: int
    text: Said
    options: tuple[tuple[str, str, Said], ...]


class Script(msgspec.Struct, frozen=True):
    """What is said before the questions, the questions, and what is said after them."""

    before: tuple[Said, ...]
    questions: tuple[Asked, ...]
    after: tuple[Said, ...]


def bilingual(
    sheet: Sheet, *, theirs: str, ours: str, reference: str, width: int = 80, library: Library | None = None
) -> str:
    """The note as numbered text, their language first, then ours; one of them if both are the same.

    `reference` is what the answer should quote. Raises FormProblem ``sheet``, ``unknown_catalogue``.
    """
    library = library or load()
    spoken = dict.fromkeys((theirs, ours))
    pages = [_page(sheet, library.voice(code), reference, width, library) for code in spoken]
    return "\n".join(pages)


def script(
    sheet: Sheet,
    *,
    theirs: str,
    ours: str,
    reference: str,
    rng: Callable[[int], bytes],
    library: Library | None = None,
) -> Script:
    """The telephone script for the read-back of our note; options in one order in both languages, shuffled by `rng`.

    Without questions (the form has none) it is a call that asks whether the text arrived.
    """
    library = library or load()
    them, us = library.voice(theirs), library.voice(ours)

    def both(path: str, **values: Callable[[Voice], str]) -> Said:
        said = (voice.say(path, **{name: value(voice) for name, value in values.items()}) for voice in (them, us))
        return Said(*said)

    sender = sheet.header.sender
    kind = "by-hand.call-exercise" if sheet.header.exercise else "by-hand.call-real"
    before = (
        both("by-hand.call-greeting", party=lambda v: v.party(sender.party), office=lambda v: sender.office),
        both(kind),
        both("by-hand.call-reference", reference=lambda v: reference),
        both("readback.intro"),
    )
    asked = _asked(sheet, theirs, ours, rng, library)
    return Script(before, tuple(asked), (both("by-hand.call-end"), both(kind)))


def _asked(sheet: Sheet, theirs: str, ours: str, rng: Callable[[int], bytes], library: Library) -> Iterator[Asked]:
    here = {question.line: question for question in questions(sheet, ours, lambda size: bytes(size), library=library)}
    for there in questions(sheet, theirs, rng, library=library):
        ids = [option.id for option in there.options]
        words = _words(here[there.line])
        options = tuple(
            (letter, id, Said(option.text, words[id]))
            for letter, id, option in zip(LETTERS, ids, there.options, strict=False)
        )
        yield Asked(there.line, Said(there.text, here[there.line].text), options)


def _words(question: Question) -> dict[str, str]:
    return {option.id: option.text for option in question.options}


def _page(sheet: Sheet, voice: Voice, reference: str, width: int, library: Library) -> str:
    status = broken(voice.say("by-hand.status"), width, then="", right_to_left=voice.right_to_left)
    head = broken(
        voice.say("by-hand.reference", reference=reference), width, then="", right_to_left=voice.right_to_left
    )
    ask = broken(voice.say("by-hand.reply"), width, then="", right_to_left=voice.right_to_left)
    banner = ruled(voice.say("by-hand.heading"), width)
    text = render(sheet, voice.code, width=width, library=library).text
    return "\n".join([banner, *status, *head, "", text.rstrip("\n"), "", *ask, *status, banner, ""])
