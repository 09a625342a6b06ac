"""Own words are looked through before release: advice with a reason and a plainer word, in the language of the text.

What the lists find and miss is measured (bench/wording.py) and may not fall below the figures of docs/wording.md.
"""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from parley.forms import Facts, FormProblem, Sheet, Value, check, findings, heading, load, look, look_through, said
from parley.forms.library import Library, packaged, packaged_plain, read_forms
from parley.forms.plain_words import KINDS, REASONS, SHEET_KINDS
from parley.forms.tokens import key, tokens
from parley.forms.voice import without_isolates
from parley.terms.confidence import Confidence, Level
from parley.terms.languages import LANGUAGES as SIX
from parley.terms.text import Text

from .stories import header, hospitals

LIBRARY = load()


def _bench() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "wording.py"
    spec = importlib.util.spec_from_file_location("bench_wording", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCH = _bench()

# -- words -----------------------------------------------------------------------------------------------------------

FOUND = {
    "whole words alone": ("en", "mustard, notable heartaches, a sooner", []),
    "other forms of a word": ("en", "retaliated, RETALIATING", ["retaliated", "RETALIATING"]),
    "a phrase over a line end": ("en", "as soon as\npossible", ["as soon as\npossible"]),
    "the longest of those that begin alike": ("en", "Your hackers attacked us.", ["Your hackers attacked"]),
    "a phrase with a gap": ("en", "The ball is now in your court.", ["ball is now in your court"]),
    "no gap over a full stop": ("en", "The ball is red. In your court we wait.", []),
    "a harmless phrase": ("en", "The attack surface is small.", []),
    "the same word outside it": ("en", "This attack is on the attack surface.", ["attack"]),
    "domains and files are not words": ("en", "See attack.example.org and /var/log/attack.txt", []),
    "elision": ("fr", "l’agression, d'agression", ["agression", "agression"]),
    "an accent belongs to the word": ("fr", "Il a lâché le câble.", []),
    "ё written as е": ("ru", "вы понесете ответственность", ["понесете ответственность"]),
    "Russian cases": ("ru", "с преступниками, преступникам", ["преступниками", "преступникам"]),
    "what is written on to an Arabic word": (
        "ar",
        "وبالعدوان، فللعدوان، عدوانهم",
        ["وبالعدوان", "فللعدوان", "عدوانهم"],
    ),
    "Arabic vowels, or none": ("ar", "العُدْوَان العــدوان", ["العُدْوَان", "العــدوان"]),
    "seats of hamza": ("ar", "ارهابيون إرهابيون", ["ارهابيون", "إرهابيون"]),
    "Chinese without blanks": ("zh", "贵方马上停止攻击行为", ["马上", "攻击"]),
    "a longer harmless word in Chinese": ("zh", "攻击面已缩小", []),
    "a number stands between": ("zh", "多32个", []),
    "a language without a list": ("tlh", "attack", []),
    "nothing": ("en", "", []),
}


@pytest.mark.parametrize("case", FOUND)
def test_these_words_are_found(case: str) -> None:
    """Each language is cut as it is written."""
    language, text, found = FOUND[case]
    hits = look(text, language)
    assert [hit.found for hit in hits] == found
    assert [text[hit.at : hit.end] for hit in hits] == found


def test_an_accusation_is_no_finding_where_the_note_says_that_it_accuses() -> None:
    """The words that are loaded besides are still shown."""
    text = "Your hackers attacked us."
    assert [hit.kind for hit in look(text, "en")] == ["accusation"]
    open_one = look(text, "en", Facts(accusation=True, answer_by=True, asks=True))
    assert [(hit.found, hit.kind) for hit in open_one] == [("hackers", "loaded"), ("attacked", "loaded")]


WHOLE = {
    "words ask, codes do not": ("Please call us.", Facts(), ["ask-in-words", "no-answer-by"]),
    "words ask, codes too, no time": ("Please call us.", Facts(asks=True), ["no-answer-by"]),
    "codes ask, no time": ("Some 40 servers.", Facts(asks=True), ["no-answer-by"]),
    "urgent, and nothing asked": ("The server is off.", Facts(urgent=True), ["no-ask"]),
    "urgent, and asked with a time": ("Please call us.", Facts(urgent=True, asks=True, answer_by=True), []),
    "nothing asked, nothing urgent": ("The server is off.", Facts(), []),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_a_note_lacks_is_told(case: str) -> None:
    """By its codes and its words together; the place is the note."""
    text, facts, reasons = WHOLE[case]
    whole = [hit for hit in look(text, "en", facts) if hit.kind in SHEET_KINDS]
    assert [hit.reason for hit in whole] == reasons
    assert all((hit.at, hit.end, hit.found) == (0, 0, "") for hit in whole)


# -- sheets ----------------------------------------------------------------------------------------------------------


def test_a_finding_names_the_line_the_place_and_what_could_stand_instead() -> None:
    """Own words and the basis of a confidence are looked through; the sheet stays in order, nothing is stopped."""
    basis = Confidence(Level.LOW, Text("en", "Probably the logs.")).to_coded()
    sheet = msgspec.structs.replace(
        hospitals(), lines={**hospitals().lines, 14: basis, 29: ["en", "We demand an answer."]}
    )
    check(sheet, at_drafting_now=None)
    found = findings(sheet)
    assert [(hit.line, hit.at, hit.found, hit.kind) for hit in found] == [
        (14, 0, "Probably", "ambiguous"),
        (29, 3, "demand", "escalatory"),
    ]
    assert found[1].instead == "request, ask"
    assert found[1].review == "none"


def test_a_note_without_own_words_has_no_findings() -> None:
    """Its codes say all; the catalogue's own words are not a drafter's."""
    sheet = hospitals(answer_by=None)
    texts_apart = {number: value for number, value in sheet.lines.items() if number not in (14, 29)}
    assert findings(msgspec.structs.replace(sheet, lines=texts_apart)) == ()


def test_own_words_of_a_message_are_held_against_its_codes() -> None:
    """Form 90: the words ask, line 12 says that nothing is asked, and no time is named."""
    lines: dict[int, Value] = {10: "incident", 11: ["en", "Please switch the server off."], 12: "nothing"}
    reasons = [hit.reason for hit in findings(Sheet(90, 1, header(answer_by=None, precedence=0), lines))]
    assert reasons == ["ask-in-words", "no-answer-by"]
    asked = Sheet(90, 1, header(precedence=0), {**lines, 12: "answer"})
    assert findings(asked) == ()


@pytest.mark.parametrize(
    "value", [5, None, [], ["en"], ["en", 5], {"en": "attack"}, [["en", "attack"], ["en", 5]], "attack"]
)
def test_a_draft_that_is_not_in_order_is_looked_at_all_the_same(value: Value) -> None:
    """A value of the wrong shape has no words; checking it is another's work."""
    assert look_through(LIBRARY.form(90), {11: value}, Facts()) == ()


@pytest.mark.parametrize("language", sorted(SIX))
def test_a_long_text_of_one_word_ends(language: str) -> None:
    """Eight thousand characters are the most that a line holds; every word of them is found."""
    word = {"ar": "فورًا", "zh": "马上"}.get(language) or LIBRARY.plain(language).words[0].words[0]  # type: ignore[union-attr]
    joined = (word if language == "zh" else f"{word} ") * (8000 // (len(word) + 1))
    assert len(look(joined, language)) == 8000 // (len(word) + 1)


# -- what is said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(SIX))
def test_a_finding_is_said_in_the_officers_language(language: str) -> None:
    """Line, words, reason and alternative; the words stay in the language in which they were written."""
    hit = msgspec.structs.replace(look("We demand it.", "en")[0], line=11)
    sentence = without_isolates(said(hit, language))
    assert "11" in sentence
    assert "demand" in sentence
    assert "request, ask" in sentence
    assert (sentence == without_isolates(said(hit, "en"))) is (language == "en")
    assert (heading(language) == heading("en")) is (language == "en")


def test_a_language_without_a_list_says_it_in_english() -> None:
    """A seventh language can be tried out before it has one."""
    hit = look("We demand it.", "en")[0]
    forms, files = packaged()
    library = Library(read_forms(forms), files, {}, {"en.toml": packaged_plain()["en.toml"]})
    assert said(hit, "fr", library=library) == said(hit, "en")
    assert look("Nous exigeons.", "fr", library=library) == ()


# -- the lists -------------------------------------------------------------------------------------------------------

SCRIPTS = {"ar": "ARABIC", "en": "LATIN", "es": "LATIN", "fr": "LATIN", "ru": "CYRILLIC", "zh": "CJK"}


@pytest.mark.parametrize("language", sorted(SIX))
def test_every_list_has_every_kind_reason_and_sentence(language: str) -> None:
    """Its own words in its own script, none twice, each with an alternative; no review is invented."""
    plain = LIBRARY.plain(language)
    assert plain is not None
    assert {word.kind for word in plain.words} | set(SHEET_KINDS) == set(KINDS)
    assert {word.reason for word in plain.words} | {"ask-in-words", "no-ask", "no-answer-by"} == set(REASONS)
    keys = [phrase.keys for phrases in plain.phrases.values() for phrase in phrases]
    assert len(keys) == len(set(keys)) >= 300
    for word in plain.words:
        assert word.review == "none"
        assert word.instead.strip()
        for text in (*word.words, *word.unless, word.instead):
            assert SCRIPTS[language] in {unicodedata.name(letter).split()[0] for letter in text}, text
    english = LIBRARY.plain("en")
    assert english is not None
    for path, text in plain.says.catalogue.entries.items():
        assert (text == english.says.catalogue.entries[path]) is (language == "en"), path


@pytest.mark.parametrize("language", sorted(SIX))
def test_every_phrase_finds_itself(language: str) -> None:
    """A phrase that its own list does not find is dead: a wrong key, or one that a harmless phrase covers."""
    plain = LIBRARY.plain(language)
    assert plain is not None
    dead = [
        text
        for word in plain.words
        for text in word.words
        if not look(text.removeprefix("=").replace("…", " "), language)
    ]
    assert dead == []


SPOILED = {
    "an unknown kind": ('kind = "loaded"', 'kind = "rude"'),
    "an unknown reason": ('reason = "judges"', 'reason = "dislike"'),
    "a reason without its sentence": ('figure = "', 'figures = "'),
    "a field that is not known": ('review = "none"', ""),
    "a phrase that begins with a gap": ('words = ["aggression"', 'words = ["… aggression"'),
    "another language": ('code = "en"', 'code = "fr"'),
    "not TOML": ("[frames]", "[frames"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_list_that_is_not_in_order_is_refused(case: str) -> None:
    """By name, so that whoever mends a list sees where."""
    old, new = SPOILED[case]
    text = packaged_plain()["en.toml"].decode()
    spoiled = text.replace(old, new, 1) if old in text else text.replace("instead = ", "insted = ", 2)
    assert spoiled != text
    forms, files = packaged()
    with pytest.raises(FormProblem) as caught:
        Library(read_forms(forms), files, {}, {"en.toml": spoiled.encode()}).plain("en")
    assert caught.value.key == "form.bad_catalogue_file"
    assert caught.value.arguments["file"] == "plain/en.toml"


def test_lists_are_not_part_of_what_a_note_signs() -> None:
    """A word taken up must not make two nodes differ in their catalogue."""
    forms, files = packaged()
    assert Library(read_forms(forms), files).catalogue_digest == LIBRARY.catalogue_digest


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_a_key_of_a_list_is_among_those_of_the_text() -> None:
    """Whatever is written on to the word or behind it."""
    pairs = [
        ("ar", "الهجوم", "وبهجومهم"),
        ("ar", "رد", "برد"),
        ("ru", "злоумышленник", "злоумышленниками"),
        ("es", "represalia", "represalias"),
        ("fr", "malveillant", "malveillantes"),
        ("en", "retaliate", "retaliated"),
    ]
    for language, word, written in pairs:
        assert key(word, language) in tokens(written, language)[0].keys
        assert key(word, language) not in tokens("другое", language)[0].keys
    assert key("Soon", "en", exact=True) == "=soon"
    assert "=soon" in tokens("SOON", "en")[0].keys


# -- what is measured --------------------------------------------------------------------------------------------------

DOCUMENT = Path(__file__).parents[2] / "docs" / "wording.md"


def recorded() -> dict[tuple[str, str], tuple[float, ...]]:
    """The shares that docs/wording.md gives, by language and half."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in DOCUMENT.read_text("utf-8").splitlines()]
    return {
        (row[0], row[1].replace(" ", "_")): tuple(float(cell.rpartition("= ")[2]) for cell in row[2:])
        for row in rows
        if row[0] in SIX and len(row) == 9
    }


def below(language: str, half: str) -> list[str]:
    """The shares that are lower now than recorded."""
    now = BENCH.measured(language, half)
    shares = {
        "precision": now["precision"],
        "recall": now["recall"],
        "with kind": now["recall_with_kind"],
        **{f"{what} {share}": now[what][share] for what in ("sentences", "asks") for share in ("precision", "recall")},
    }
    pairs = zip(shares.items(), recorded()[language, half], strict=True)
    return [name for (name, share), least in pairs if (share or 0.0) < least]


@pytest.mark.parametrize("half", BENCH.HALVES)
@pytest.mark.parametrize("language", sorted(SIX))
def test_no_figure_falls_below_what_is_recorded(language: str, half: str) -> None:
    """A word list may be mended; what it found before it still finds, and it shows no more that is harmless."""
    assert below(language, half) == []


@pytest.mark.parametrize("language", sorted(SIX))
def test_a_check_that_finds_nothing_or_everything_is_found_out(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control for the test above."""
    monkeypatch.setattr(BENCH, "look", lambda *given: ())
    assert "recall" in below(language, "held_out")
    everything = look("We demand it.", "en")
    whole = [msgspec.structs.replace(everything[0], at=0, end=1000)]
    monkeypatch.setattr(BENCH, "look", lambda *given: whole)
    assert "precision" in below(language, "held_out")


@pytest.mark.parametrize("language", sorted(SIX))
def test_at_least_sixty_sentences_half_of_them_harmless_in_each_half(language: str) -> None:
    """Words of the harmless ones are shared with the others, or they would prove nothing."""
    for half, least in (("tuned", 30), ("held_out", 30), ("later", 24)):
        sentences = list(BENCH.sentences(language, half))
        assert len(sentences) >= least
        harmless = sum(not one.wanted for one in sentences)
        assert 0.4 <= harmless / len(sentences) <= 0.6
