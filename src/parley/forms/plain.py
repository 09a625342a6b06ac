"""Own words looked through before release: words that judge, threaten, mean nothing certain or do not translate, an
accusation where the note says that it makes none, and a note that does not say what it asks or by when.

A finding is advice to the drafter and stops nothing. The words are data, one list a language, with the reason and a
plainer alternative (`plain_words`). Leaves out grammar, irony, and every language that has no list. What the lists find
and miss is measured on labelled sentences (docs/wording.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from parley.forms.form import Form
from parley.forms.kinds import KINDS
from parley.forms.library import Library, load
from parley.forms.plain_words import GAP, Phrase, Plain
from parley.forms.sheet import PRECEDENCES, Sheet, Value
from parley.forms.tokens import STOP, Token, tokens

GAP_WORDS, GAP_CHARACTERS = 3, 8
URGENT = PRECEDENCES.index("immediate")
ANSWER_BY = 5
"""The line of every form that says by when an answer is hoped for."""
GRAVEST = ("accusation", "escalatory", "loaded", "idiom", "ambiguous")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the codes of a note say, which its own words are held against.

    Args:
        accusation: line 6 says that it accuses. asks: its form or a code on it awaits an answer.
        answer_by: line 5 names a time. urgent: line 4 says IMMEDIATE or FLASH, in a form that could ask something.
    """

    accusation: bool = False
    asks: bool = False
    answer_by: bool = False
    urgent: bool = False


class Finding(msgspec.Struct, frozen=True):
    """One thing to look at again.

    Args:
        line: its numbered line; 0 where a text was looked at by itself.
        at, end: the places of its first character and behind its last, within the text; 0, 0 for a whole note.
        found: the words; "" for a whole note.
        kind, reason: keys, the same in every language. instead: in the language of the text.
        review: who looked at the entry of the list.
    """

    line: int
    at: int
    end: int
    found: str
    kind: str
    reason: str
    instead: str
    language: str
    review: str = "none"


def look(
    text: str, language: str, facts: Facts | None = None, *, library: Library | None = None
) -> tuple[Finding, ...]:
    """What a drafter should look at again in a text, in order; () for a language without a list.

    With `facts`, also what the note as a whole lacks; without, the words alone, as in a note that does not accuse.
    """
    plain = (library or load()).plain(language)
    if plain is None:
        return ()
    cut = tokens(text, language)
    words = _words(text, cut, plain, 0, facts or Facts())
    return words if facts is None else (*words, *_of_the_whole(_asks(cut, plain), facts, plain))


def findings(sheet: Sheet, *, library: Library | None = None) -> tuple[Finding, ...]:
    """What a drafter should look at again in the own words of a sheet, which need not be in order."""
    library = library or load()
    form = library.form(sheet.form_number, sheet.form_version)
    head = sheet.header
    facts = facts_of(form, sheet.lines, head.accusation, head.answer_by, head.precedence)
    return look_through(form, sheet.lines, facts, library=library)


def facts_of(
    form: Form, lines: Mapping[int, Value], accusation: bool, answer_by: int | None, precedence: int | None
) -> Facts:
    """What the codes of a note say; `precedence` 0 to 3, None: the form's own default."""
    precedence = form.default_precedence if precedence is None else precedence
    return Facts(
        accusation=accusation,
        asks=form.awaits(lines, None),
        answer_by=answer_by is not None,
        # A form that has no code to ask with, a correction for example, is urgent for what it tells.
        urgent=precedence >= URGENT and form.awaits_if is not None,
    )


def look_through(
    form: Form, lines: Mapping[int, Value], facts: Facts, *, library: Library | None = None
) -> tuple[Finding, ...]:
    """`findings` for a draft that is no sheet yet. A note without own words has none: its codes say all."""
    library = library or load()
    found: list[Finding] = []
    asks, last = False, None
    for number, language, text in _own_words(form, lines):
        if plain := library.plain(language):
            cut = tokens(text, language)
            found += _words(text, cut, plain, number, facts)
            asks, last = asks or _asks(cut, plain), plain
    return tuple(found) if last is None else (*found, *_of_the_whole(asks, facts, last))


def said(finding: Finding, language: str, *, library: Library | None = None) -> str:
    """A finding as a sentence in the officer's language, English if that has no list; words stay in their own."""
    library = library or load()
    plain = library.plain(language) or library.plain("en")
    assert plain is not None  # English ships with Parley
    voice = plain.says
    kind, reason = voice.say(f"kinds.{finding.kind}"), voice.say(f"reasons.{finding.reason}")
    instead = finding.instead if finding.found else voice.say(f"instead.{finding.reason}")
    found = finding.found
    if not voice.right_to_left:  # else every value is isolated as it is put in
        found, instead = (voice.isolate_foreign(text, finding.language) for text in (found, instead))
    frame = "frames.whole" if not finding.found else "frames.words" if finding.line else "frames.alone"
    return voice.say(frame, line=str(finding.line), found=found, kind=kind, reason=reason, instead=instead)


def heading(language: str, *, library: Library | None = None) -> str:
    """What stands above the findings: that they are advice."""
    library = library or load()
    plain = library.plain(language) or library.plain("en")
    assert plain is not None
    return plain.says.say("frames.heading")


# -- the whole note --------------------------------------------------------------------------------------------------


def _of_the_whole(asks: bool, facts: Facts, plain: Plain) -> Iterator[Finding]:
    """What the note lacks: a code for what its words ask, anything asked of a reader who is woken, a time."""
    if asks and not facts.asks:
        yield _whole("no-ask", "ask-in-words", plain)
    elif facts.urgent and not facts.asks:
        yield _whole("no-ask", "no-ask", plain)
    if (asks or facts.asks) and not facts.answer_by:
        yield _whole("no-answer-by", "no-answer-by", plain)


def _whole(kind: str, reason: str, plain: Plain) -> Finding:
    line = ANSWER_BY if kind == "no-answer-by" else 0
    return Finding(line, 0, 0, "", kind, reason, plain.says.say(f"instead.{reason}"), plain.language)


def _asks(words: tuple[Token, ...], plain: Plain) -> bool:
    return any(True for _ in _matches(words, plain.asks, plain.language))


# -- words -----------------------------------------------------------------------------------------------------------


def _words(text: str, words: tuple[Token, ...], plain: Plain, line: int, facts: Facts) -> tuple[Finding, ...]:
    """The words found, none within another: the first; of those that begin alike the longest, then the gravest."""
    harmless = list(_matches(words, plain.unless, plain.language))
    hits = [
        (start, -end, phrase)
        for start, end, phrase in _matches(words, plain.phrases, plain.language)
        if not (facts.accusation and phrase.word.kind == "accusation")
        and not any(low <= start and end <= high and phrase.word is of.word for low, high, of in harmless)
    ]
    found, behind = [], 0
    for start, minus_end, phrase in sorted(hits, key=lambda hit: (*hit[:2], GRAVEST.index(hit[2].word.kind))):
        if start >= behind:
            behind, word = -minus_end, phrase.word
            at, end = words[start].at, words[behind - 1].end
            found.append(
                Finding(line, at, end, text[at:end], word.kind, word.reason, word.instead, plain.language, word.review)
            )
    return tuple(found)


def _matches(
    words: tuple[Token, ...], phrases: Mapping[str, tuple[Phrase, ...]], language: str
) -> Iterator[tuple[int, int, Phrase]]:
    """Every phrase that stands in the text: the places of its first token and behind its last."""
    most = GAP_CHARACTERS if language == "zh" else GAP_WORDS
    for start, word in enumerate(words):
        for key in word.keys:
            for phrase in phrases.get(key, ()):
                if end := _end_of(words, start, phrase.keys, most):
                    yield start, end, phrase


def _end_of(words: tuple[Token, ...], at: int, keys: tuple[str, ...], most: int) -> int:
    """The place behind the last token if `keys` stand at `at`; 0 if not."""
    for number, key in enumerate(keys):
        if key == GAP:
            return _behind_gap(words, at, keys[number + 1 :], most)
        if at >= len(words) or key not in words[at].keys:
            return 0
        at += 1
    return at


def _behind_gap(words: tuple[Token, ...], at: int, keys: tuple[str, ...], most: int) -> int:
    for skipped in range(most + 1):
        if end := _end_of(words, at + skipped, keys, most):
            return end
        if at + skipped >= len(words) or STOP in words[at + skipped].keys:
            return 0
    return 0


def _own_words(form: Form, lines: Mapping[int, Value]) -> Iterator[tuple[int, str, str]]:
    """Line, language and text of all own words: ``[language, text]`` itself, or as the last of a list; also in a draft
    whose values have other shapes than their lines want."""
    for line in form.lines:
        value = lines.get(line.number)
        if KINDS[line.kind].paragraphs is KINDS["code"].paragraphs or line.many or not isinstance(value, list | tuple):
            continue
        text = value[-1] if value and isinstance(value[-1], list | tuple) else value
        if len(text) == 2 and all(isinstance(part, str) for part in text):
            yield line.number, str(text[0]), str(text[1])
