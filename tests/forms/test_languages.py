"""What must hold for each language that is there, whoever translates it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from parley.forms import load
from parley.forms.catalogue import placeholders
from parley.forms.library import PLURALS, missing
from parley.terms.languages import LANGUAGES as SIX

LIBRARY = load()
LANGUAGES = LIBRARY.languages
OTHERS = [language for language in LANGUAGES if language != "en"]
ENGLISH = LIBRARY.catalogue("en").entries
SCRIPTS = {"Latn": "LATIN", "Arab": "ARABIC", "Cyrl": "CYRILLIC", "Hans": "CJK", "Hant": "CJK"}
_LATIN_RUN = re.compile(r"[A-Za-z]+")
_NAME = re.compile(r"\{[a-z_]+\}")


def letters(text: str) -> set[str]:
    """The scripts of the letters of a text without its placeholders, as the first word of their Unicode names."""
    plain = _NAME.sub("", text)
    return {unicodedata.name(character).split()[0] for character in plain if unicodedata.category(character)[0] == "L"}


def paths(language: str) -> dict[str, str]:
    """The entries of a language without the plural ones, which are tested apart."""
    entries = LIBRARY.catalogue(language).entries
    return {path: text for path, text in entries.items() if path.partition(".")[0] not in PLURALS}


def test_english_is_there() -> None:
    """Without it nothing below says anything."""
    assert "en" in LANGUAGES
    assert len(ENGLISH) > 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_every_form_has_an_entry(language: str) -> None:
    """No form can be filled in a way that a language cannot say, in every plural category that it tells apart."""
    assert missing(LIBRARY, LIBRARY.voice(language)) == ()


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_entries_of_english_and_no_others(language: str) -> None:
    """An entry under a wrong name would never be found, and one too few would be said in English."""
    assert set(paths(language)) == set(paths("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_entries_are_those_of_cldr(language: str) -> None:
    """Each unit has one text for each plural category of the language, no more and no fewer."""
    voice = LIBRARY.voice(language)
    found: dict[str, set[str]] = {}
    for path in voice.catalogue.entries:
        if path.partition(".")[0] in PLURALS:
            group, _, category = path.rpartition(".")
            found.setdefault(group, set()).add(category)
    assert set(found) == {path.rpartition(".")[0] for path in ENGLISH if path.partition(".")[0] in PLURALS}
    assert {frozenset(categories) for categories in found.values()} == {voice.plural_categories}


# The category of each number by the CLDR plural rules (unicode.org, supplemental/plurals), written out by hand.
CATEGORIES = {
    "ar": {0: "zero", 1: "one", 2: "two", 5: "few", 11: "many", 21: "many", 100: "other", 103: "few"},
    "zh": dict.fromkeys((0, 1, 2, 5, 11, 21), "other"),
    "en": {0: "other", 1: "one", 2: "other", 5: "other", 11: "other", 21: "other"},
    "fr": {0: "one", 1: "one", 2: "other", 5: "other", 11: "other", 21: "other"},
    "ru": {0: "many", 1: "one", 2: "few", 5: "many", 11: "many", 21: "one", 112: "many"},
    "es": {0: "other", 1: "one", 2: "other", 5: "other", 11: "other", 21: "other"},
}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language in CATEGORIES])
def test_each_number_takes_its_plural_form(language: str) -> None:
    """0, 1, 2, 5, 11 and 21 of every unit are said with the text of their category, and with the number."""
    voice = LIBRARY.voice(language)
    groups = {path.rpartition(".")[0] for path in voice.catalogue.entries if path.partition(".")[0] in PLURALS}
    for group in groups:
        for number, category in CATEGORIES[language].items():
            said = voice.plural(group, number)
            assert said == voice.isolate(voice.say(f"{group}.{category}", n=voice.number(number)))
            assert str(number) in said


@pytest.mark.parametrize("language", sorted({"ar", "ru"} & set(LANGUAGES)))
def test_numbers_that_differ_in_form_differ_in_words(language: str) -> None:
    """Control for the test above: in Russian and Arabic the noun itself changes with the number."""
    voice = LIBRARY.voice(language)
    nouns = {re.sub(r"[0-9\u2068\u2069() ]", "", voice.plural("durations.hour", n)) for n in (1, 2, 5, 11)}
    assert len(nouns) >= (4 if language == "ar" else 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_english(language: str) -> None:
    """What English fills in, every language fills in: nothing is lost and nothing is asked for that is not there."""
    for path, text in paths(language).items():
        assert placeholders(text) == placeholders(ENGLISH[path]), path
    for path, text in LIBRARY.catalogue(language).entries.items():
        if path.partition(".")[0] in PLURALS:
            assert placeholders(text) == ("n",), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_is_that_of_the_language(language: str) -> None:
    """Entries are written in the language's script; Latin letters beside it are those that English has there too."""
    catalogue = LIBRARY.catalogue(language)
    script = SCRIPTS[catalogue.about.script]
    for path, text in catalogue.entries.items():
        found = letters(text)
        assert found <= {script, "LATIN", "MICRO", "FEMININE", "MASCULINE"}, path
        if script != "LATIN" and "LATIN" in found:
            english = ENGLISH.get(path, "")
            assert set(_LATIN_RUN.findall(_NAME.sub("", text))) <= set(_LATIN_RUN.findall(english)), path
        if found and path not in catalogue.about.same_as_english:
            assert script in found, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_mixes_scripts(language: str) -> None:
    """A Latin letter that looks like its neighbour hides a word from every search."""
    for path, text in LIBRARY.catalogue(language).entries.items():
        for word in re.findall(r"[^\W\d_]+", _NAME.sub(" ", text)):
            assert len(letters(word)) <= 1, (path, word)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english_unless_listed(language: str) -> None:
    """An entry spelt as in English is listed by its path; and what is listed is spelt so (no stale list)."""
    catalogue = LIBRARY.catalogue(language)
    entries = paths(language)
    same = {path for path, text in entries.items() if text == ENGLISH[path] and letters(text)}
    assert same == set(catalogue.about.same_as_english)


@pytest.mark.parametrize("language", OTHERS)
def test_lengths_are_plausible(language: str) -> None:
    """A text far shorter or longer than the English one lost something or gained it."""
    wide = SCRIPTS[LIBRARY.catalogue(language).about.script] == "CJK"
    low, high = (0.1, 1.2) if wide else (0.3, 2.6)
    entries = paths(language)
    for path, text in entries.items():
        if len(ENGLISH[path]) >= 20 and "{" not in text:
            assert low <= len(text) / len(ENGLISH[path]) <= high, (path, text)
    total = sum(map(len, entries.values())) / sum(len(ENGLISH[path]) for path in entries)
    assert (0.15 if wide else 0.7) <= total <= (0.7 if wide else 1.5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_codes_of_a_list_say_the_same(language: str) -> None:
    """Nor do two options of a question: the words alone must tell them apart."""
    groups: dict[str, dict[str, str]] = {}
    for path, text in LIBRARY.catalogue(language).entries.items():
        section, name, *_ = path.split(".")
        if section in ("codes", "questions") and not path.endswith(".text"):
            # Words of two scales of likelihood may agree: the scale is said beside them.
            group = f"{section}.{name}" if name != "likelihood" else path.rpartition(".")[0]
            other = groups.setdefault(group, {}).setdefault(text, path)
            assert other == path, (path, other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_can_pass_for_a_numbered_line_or_a_code(language: str) -> None:
    """No entry begins with a number and a point, holds a square bracket, or holds the separator of lists."""
    catalogue = LIBRARY.catalogue(language)
    for path, text in catalogue.entries.items():
        assert not re.match(r"[0-9]+\. ", text), path
        assert "[" not in text, path
        assert not text.startswith(("¶", "=")), path
        if path.startswith("codes."):
            assert catalogue.about.separator not in text, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_review_is_never_invented(language: str) -> None:
    """A review other than "none" needs its record in docs/reviews, signed by who did it."""
    catalogue = LIBRARY.catalogue(language)
    claimed = {path for path in ["default", *catalogue.entries] if catalogue.review_of(path) != "none"}
    record = Path(__file__).parents[2] / "docs" / "reviews" / f"{language}.md"
    assert not claimed or record.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_file_is_named_by_its_code_and_all_have_one_version(language: str) -> None:
    """The version that a note carries is one number for all languages."""
    about = LIBRARY.catalogue(language).about
    assert about.code == language
    assert about.version == LIBRARY.catalogue_version
    assert LIBRARY.voice(language).right_to_left is (language == "ar" if language in SIX else False)
