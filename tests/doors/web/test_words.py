"""The words of the pages: the same entries in six languages, each in its script; nothing that a page asks for lacks."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from parley.doors.web import words
from parley.forms.catalogue import Catalogue, placeholders
from parley.forms.voice import FSI, PDI
from parley.terms.languages import LANGUAGES

OTHERS = sorted(set(LANGUAGES) - {"en"})
SCRIPTS = {"Latn": "LATIN", "Arab": "ARABIC", "Cyrl": "CYRILLIC", "Hans": "CJK"}
ENGLISH = words.catalogue("en")
TEMPLATES = sorted((Path(words.__file__).parent / "templates").glob("*.html"))
LATIN_EVERYWHERE = {"FLASH", "JavaScript", "Parley", "QR", "TOTP", "parley", "listen", "desk"}


def faults(found: Catalogue) -> set[str]:
    """What is wrong with the words of a language, each as ``<what> <path>``."""
    wrong = {f"missing {path}" for path in ENGLISH.entries.keys() - found.entries.keys()}
    wrong |= {f"unknown {path}" for path in found.entries.keys() - ENGLISH.entries.keys()}
    for path in ENGLISH.entries.keys() & found.entries.keys():
        text, original = found.entries[path], ENGLISH.entries[path]
        wrong |= {f"{fault} {path}" for fault in _faults(text, original, found.about.script)}
    return wrong


def _faults(text: str, original: str, script: str) -> set[str]:
    found = set()
    if set(placeholders(text)) != set(placeholders(original)):
        found.add("placeholders")
    if text == original:
        found.add("english")
    plain = re.sub(r"\{[a-z_]+\}", " ", text)
    scripts = {unicodedata.name(c).split()[0] for c in plain if unicodedata.category(c)[0] == "L"}
    if SCRIPTS[script] not in scripts or not scripts <= {SCRIPTS[script], "LATIN"}:
        found.add("script")
    latin = set(re.findall("[A-Za-z]+", plain)) - LATIN_EVERYWHERE - set(re.findall("[A-Za-z]+", original))
    if SCRIPTS[script] != "LATIN" and latin:
        found.add("latin")
    if len(text) > 3 * len(original) + 40:
        found.add("length")
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_entry_is_said_in_every_language(language: str) -> None:
    assert faults(words.catalogue(language)) == set()


SPOILED = {
    "an entry lost": ("ru", "menu.today", None, "missing"),
    "left in English": ("fr", "menu.today", "Today", "english"),
    "a placeholder lost": ("es", "today.more", "y más", "placeholders"),
    "another script": ("ar", "menu.line", "Линия", "script"),
    "half in English": ("zh", "menu.line", "专线 line", "latin"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_each_fault_is_found(case: str) -> None:
    """Control for the test above."""
    language, path, text, fault = SPOILED[case]
    file = words.catalogue(language)
    entries = {**file.entries, path: text} if text is not None else {k: v for k, v in file.entries.items() if k != path}
    assert f"{fault} {path}" in faults(Catalogue(file.about, file.digest, entries, {}, file.reviews))  # type: ignore[arg-type]


def test_every_word_that_a_template_names_is_there_and_every_word_is_named() -> None:
    """Names that a template puts together (``t('menu.' ~ name)``) stand for everything that begins so."""
    text = "".join(path.read_text("utf-8") for path in TEMPLATES)
    named = set(re.findall(r"\bt\('([a-z0-9.-]+)'[,)]", text))
    begun = set(re.findall(r"(?:\bt|say\.code)\('([a-z.-]+\.)' ~", text)) | {"role."}
    assert named <= ENGLISH.entries.keys()
    idle = {path for path in ENGLISH.entries if path not in named and not path.startswith(tuple(begun))}
    assert idle == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_review_is_claimed_without_its_record(language: str) -> None:
    file = words.catalogue(language)
    assert {file.review_of(path) for path in file.entries} == {"none"}


def test_arabic_isolates_what_runs_the_other_way() -> None:
    voice = words.voice("ar")
    for path in voice.catalogue.entries:
        said = voice.say(path, **dict.fromkeys(placeholders(voice.catalogue.entries[path]), "x7"))
        assert not re.search("[A-Za-z0-9]", re.sub(f"{FSI}[^{FSI}{PDI}]*{PDI}", "", said)), path


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("ar", "ar"), ("fr-CH, fr;q=0.9, en;q=0.8", "fr"), ("zh-Hant-TW", "zh"), ("de, en;q=0.5", "en"), ("sw", "fr"),
        ("", "fr"), ("*", "fr"), ("ru;q=0, es;q=0.1", "es"), ("en;q=x, es;q=0.2", "es"), (",,;q=,\x00", "fr"),
        ("x" * 10_000, "fr"),
    ],
)  # fmt: skip
def test_a_browser_gets_the_first_of_the_six_that_it_asks_for(accept: str, expected: str) -> None:
    """Else the desk's own, whatever the browser sends."""
    assert words.wanted(accept, "fr") == expected
