"""Every problem of every room is said in all six languages: rows are found, not listed, and each fault has a control.

What cannot be tested here is whether a sentence reads well; `review` stays "none" until somebody looked.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

import parley
from parley.forms import explain, load
from parley.forms.catalogue import Catalogue, placeholders, read_about, read_messages
from parley.forms.library import packaged, packaged_messages
from parley.forms.voice import FSI, PDI, without_isolates
from parley.terms.languages import LANGUAGES as SIX
from parley.terms.problem import Fault, Problem, Says

SCRIPTS = {"Latn": "LATIN", "Arab": "ARABIC", "Cyrl": "CYRILLIC", "Hans": "CJK"}
_ABOUTS = {name.removesuffix(".toml"): read_about(name, data) for name, data in packaged()[1].items()}
MESSAGES = {
    name.removesuffix(".toml"): read_messages(name, data, _ABOUTS[name.removesuffix(".toml")])
    for name, data in packaged_messages().items()
}
OTHERS = sorted(set(SIX) - {"en"})
# What an entry may say in Latin letters although its English does not: names, and what a terminal is to be told.
LATIN_EVERYWHERE = {"Parley", "parley"}
_NAME = re.compile(r"\{[a-z_]+\}")
_RUN = re.compile(r"[A-Za-z]+")


def _kinds(base: type[Problem]) -> Iterator[type[Problem]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def problems_of_parley() -> tuple[type[Problem], ...]:
    """Every class of problems that Parley's own modules define; a module without one is not loaded for it."""
    for module in pkgutil.walk_packages(parley.__path__, "parley."):
        spec = module.module_finder.find_spec(module.name, None)  # type: ignore[call-arg]
        if "(Problem):" in Path(str(spec and spec.origin)).read_text("utf-8"):
            importlib.import_module(module.name)
    return tuple(kind for kind in _kinds(Problem) if kind.__module__.startswith("parley."))


KINDS = problems_of_parley()
ROWS: dict[str, Says] = {f"{kind.ROOM}.{key}": says for kind in KINDS for key, says in kind.TABLE.items()}


def english(path: str) -> str:
    """The English of an entry: of the row, or of the file where it is said otherwise in a line."""
    key, _, part = path.rpartition(".")
    if path in MESSAGES["en"].entries:
        return MESSAGES["en"].entries[path]
    return getattr(ROWS[key], part)  # type: ignore[no-any-return]


def sentences(messages: Catalogue) -> dict[str, str]:
    """The entries that say a problem, without the words and the sentences about whose fault it is."""
    return {path: text for path, text in messages.entries.items() if not path.startswith(("words.", "fault."))}


def faults(messages: Catalogue) -> set[str]:
    """Everything that is wrong with the messages of a language, each as ``<what> <path>``."""
    said = sentences(messages)
    wanted = {f"{key}.{part}" for key in ROWS for part in ("what", "do")}
    wanted |= {path for path in MESSAGES["en"].entries if ".in_line." in path}
    found = {f"missing {path}" for path in wanted - set(said)} | {f"unknown {path}" for path in set(said) - wanted}
    for path in wanted & set(said):
        found |= {f"{fault} {path}" for fault in _faults_of(path, said[path], english(path), messages)}
    return found


def _faults_of(path: str, text: str, original: str, messages: Catalogue) -> Iterator[str]:
    # A value may be named twice where a language needs it, and never less than once.
    if set(placeholders(text)) != set(placeholders(original)):
        yield "placeholders"
    if (text == original) is not (path in messages.about.same_as_english):
        yield "english"
    yield from _faults_of_script(text, original, SCRIPTS[messages.about.script], path in messages.about.same_as_english)
    if not _plausible(text, original, wide=SCRIPTS[messages.about.script] == "CJK"):
        yield "length"


def _faults_of_script(text: str, original: str, script: str, listed: bool) -> Iterator[str]:
    plain = _NAME.sub(" ", text)
    found = {unicodedata.name(letter).split()[0] for letter in plain if unicodedata.category(letter)[0] == "L"}
    if not found <= {script, "LATIN"} or (found and script not in found and not listed):
        yield "script"
    latin = set(_RUN.findall(plain)) - set(_RUN.findall(_NAME.sub(" ", original))) - LATIN_EVERYWHERE
    if script != "LATIN" and latin:
        yield "latin"
    words = re.findall(r"[^\W\d_]+", plain)
    if script in ("ARABIC", "CYRILLIC") and any(len({unicodedata.name(x).split()[0] for x in w}) > 1 for w in words):
        yield "mixed"


def _plausible(text: str, original: str, *, wide: bool) -> bool:
    if len(original) < 20:
        return len(text) <= 120
    low, high = (0.12, 1.2) if wide else (0.35, 2.6)
    return low <= len(text) / len(original) <= high


def spoiled(language: str, path: str, text: str | None) -> Catalogue:
    """The messages of a language with one entry replaced, or taken out."""
    file = MESSAGES[language]
    entries = {**file.entries, path: text} if text is not None else {k: v for k, v in file.entries.items() if k != path}
    return Catalogue(file.about, file.digest, entries, {}, file.reviews)  # type: ignore[arg-type]


def test_the_rooms_are_found() -> None:
    """Without this the tests below could pass over nothing. The rooms are those of this day; more may come."""
    rooms = {kind.ROOM for kind in KINDS}
    assert rooms >= {"terms", "party", "form", "seal", "directory", "journal", "line", "desk", "store", "keys", "door"}
    assert len(rooms) == len(KINDS)
    assert set(MESSAGES) == set(SIX)


@pytest.mark.parametrize("language", OTHERS)
def test_every_row_of_every_table_is_said(language: str) -> None:
    """Each with its placeholders, in its script, not in English unless listed, of a plausible length; and no other."""
    assert faults(MESSAGES[language]) == set()


def test_english_says_what_its_tables_do_not() -> None:
    """Its file has sentences for lines only: a second copy of a row would grow apart from the row."""
    for path, text in sentences(MESSAGES["en"]).items():
        assert ".in_line." in path
        row = ROWS[path.partition(".in_line")[0]]
        assert set(placeholders(text)) <= {*placeholders(row.what), *placeholders(row.do), "line"}
        if path.endswith(".what"):
            assert "line" in placeholders(text)


CONTROLS = {
    "a row without its sentence": ("ru", "desk.locked.what", None, "missing"),
    "a sentence for a row that is not there": ("ru", "desk.lokced.what", "Узел заперт.", "unknown"),
    "a placeholder lost": ("fr", "desk.no_note.what", "Il n’y a pas cette note ici.", "placeholders"),
    "a placeholder misspelt": ("fr", "desk.no_note.what", "Il n’y a pas de note {notes} ici.", "placeholders"),
    "left in English": ("es", "desk.not_incoming.do", "Look at parley inbox.", "english"),
    "another script": ("zh", "seal.no_key.do", "Nichts zu tun: der Absender wird gefragt.", "script"),
    "half in English": ("ar", "desk.not_outgoing.what", "المذكرة {note} never left us.", "latin"),
    "a Latin letter within a word": ("ru", "desk.no_note.what", "Hоты {note} здесь нет.", "mixed"),
    "far too long": ("zh", "store.closed.what", "存储库已关闭。" * 20, "length"),
    "cut short": ("ru", "seal.cost_out_of_bounds.do", "Нет.", "length"),
}


@pytest.mark.parametrize("case", CONTROLS)
def test_each_fault_is_found(case: str) -> None:
    """Control for the tests above: a file spoiled in one way is found out for that."""
    language, path, text, fault = CONTROLS[case]
    assert f"{fault} {path}" in faults(spoiled(language, path, text))


@pytest.mark.parametrize("language", sorted(SIX))
def test_explain_says_every_row_in_the_language(language: str) -> None:
    """With arguments filled in, in the asked language; nothing is left in braces."""
    for kind in KINDS:
        for key, says in kind.TABLE.items():
            names = {*placeholders(says.what), *placeholders(says.do)} - {"line"}
            problem = kind(key, **dict.fromkeys(names, 5), **({"line": 5} if "{line}" in says.what + says.do else {}))
            message = explain(problem, language)
            assert message.language == language, key
            for text, row in ((message.what, says.what), (message.do, says.do)):
                assert "{" not in text
                assert ("5" in without_isolates(text)) or not placeholders(row)


def test_a_problem_in_a_line_names_the_line() -> None:
    """The sentence for a line is taken only if there is one: line 0 means that the value was looked at by itself."""
    from parley.terms.terms_problem import TermsProblem

    for language in SIX:
        in_line = explain(TermsProblem("text_empty", line=14), language).what
        alone = explain(TermsProblem("text_empty", line=0), language).what
        assert "14" in without_isolates(in_line)
        assert "0" not in alone
        assert alone == explain(TermsProblem("text_empty"), language).what


@pytest.mark.parametrize("language", OTHERS)
def test_whose_fault_it_is_is_said_too(language: str) -> None:
    """One sentence for each kind of fault."""
    said = {path for path in MESSAGES[language].entries if path.startswith("fault.")}
    assert said == {f"fault.{fault.value}" for fault in Fault}


def test_the_words_put_into_sentences_are_the_same_in_all() -> None:
    """An argument that is a word of a fixed set is said in the language; each language has the same set."""
    words = {language: {p for p in MESSAGES[language].entries if p.startswith("words.")} for language in OTHERS}
    assert len({frozenset(paths) for paths in words.values()}) == 1
    given = {name for says in ROWS.values() for name in (*placeholders(says.what), *placeholders(says.do))}
    assert {path.split(".")[1] for path in words["fr"]} <= given


@pytest.mark.parametrize("language", sorted(SIX))
def test_a_review_of_messages_is_never_invented(language: str) -> None:
    """A review other than "none" needs its record in docs/reviews."""
    file = MESSAGES[language]
    claimed = {path for path in ["default", *file.entries] if file.review_of(path) != "none"}
    assert not claimed or (Path(__file__).parents[2] / "docs" / "reviews" / f"{language}.md").exists()


# What may follow a number in Russian: a noun whose number is fixed by the program (and fits), an abbreviation, a
# preposition, a word that does not depend on the number.
_AFTER_A_NUMBER = {"знаков", "байт", "с", "нет", "из", "вне", "не", "указан"}
_NUMBERS = "count|size|limit|length|have|need|days|ms|seconds|passes|used|share|claimed|most"


def counted(messages: Catalogue) -> set[str]:
    """The Russian words that directly follow a number whose value is not known."""
    pattern = re.compile(rf"\{{(?:{_NUMBERS})\}}[ \u00a0]([а-я]+)")
    return {word for text in sentences(messages).values() for word in pattern.findall(text)} - _AFTER_A_NUMBER


def test_russian_counts_without_declining() -> None:
    """A noun after a number would need three forms: 21 запись, 22 записи, 25 записей. So none stands there."""
    assert counted(MESSAGES["ru"]) == set()
    assert counted(spoiled("ru", "journal.cut_short.what", "В журнале {size} записей.")) == {"записей"}


def test_arabic_isolates_what_runs_the_other_way() -> None:
    """Every value, code and command stands between FSI and PDI: an option keeps its dashes in front, brackets stay."""
    voice = load().sentences("ar")
    assert voice is not None
    for path in sentences(MESSAGES["ar"]):
        text = voice.say(path, **dict.fromkeys(placeholders(MESSAGES["ar"].entries[path]), "x7"))
        bare = re.sub(f"{FSI}[^{FSI}{PDI}]*{PDI}", "", text)
        assert not re.search("[A-Za-z0-9]", bare), (path, text)
    assert f"{FSI}--as{PDI}" in voice.say("keys.unknown_officer.do")
    assert f"{FSI}[address]:port{PDI}" in voice.say("bearer.bad_endpoint.do")
    assert f"{FSI}pip install 'parley[postgres]'{PDI}" in voice.say("store.no_driver.do")
    assert f"{FSI}/openapi.json{PDI}" in voice.say("door.no_such_path.do")
    assert f'{FSI}api = "127.0.0.1:8470"{PDI}' in voice.say("settings.not_loopback.do")
    assert f"{FSI}password_file{PDI}" in voice.say("bearer.mail_password.do")
