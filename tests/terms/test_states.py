"""The exact table of states: every spelling leads to one code, and no near miss leads anywhere."""

from __future__ import annotations

import contextlib
import os
import re
import unicodedata
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.terms import (
    LANGUAGES,
    SIX,
    TermsProblem,
    all_states,
    from_iso,
    is_fictional,
    is_right_to_left,
    language,
    resolve,
    state,
    state_label,
    state_name,
)
from parley.terms.data import make_states
from parley.terms.states import LONGEST, key
from parley.terms.text import check_line

CODES = st.sampled_from(sorted(all_states()))
REAL = [row for row in all_states().values() if row.named_by != "fictional"]

SPELLINGS = {
    "the UN short name": ("Kenya", "KE"),
    "with the article in brackets": ("Albanie (l')", "AL"),
    "with the typographic apostrophe": ("Albanie (l’)", "AL"),
    "without the article": ("Albanie", "AL"),
    "formal with article": ("the Islamic Republic of Afghanistan", "AF"),
    "formal without": ("Islamic Republic of Afghanistan", "AF"),
    "in Arabic": ("أفغانستان", "AF"),
    "in Chinese": ("阿富汗", "AF"),
    "in Russian": ("Афганистан", "AF"),
    "in Spanish": ("Afganistán", "AF"),
    "decomposed": (unicodedata.normalize("NFD", "Türkiye"), "TR"),
    "former English name": ("Turkey", "TR"),
    "in capitals": ("RUSSIAN FEDERATION", "RU"),
    "in capitals, four letters": ("IRAN", "IR"),
    "with odd blanks": (" Sri\u00a0 Lanka\n", "LK"),
    "Namibia": ("Namibia", "NA"),
    "inverted as in ISO 3166": ("Korea, Republic of", "KR"),
    "the other Korea": ("Korea, Democratic People's Republic of", "KP"),
    "one Congo": ("Congo", "CG"),
    "the other Congo": ("Democratic Republic of the Congo", "CD"),
    "Niger is not Nigeria": ("Niger", "NE"),
    "Dominica is not the Dominican Republic": ("Dominica", "DM"),
    "Guinea has three neighbours in the list": ("Guinea", "GN"),
    "short form in capitals": ("US", "US"),
    "corrected name": ("Аландские острова", "AX"),
    "the damaged spelling that was corrected": ("Аландских островов", "AX"),
    "with a footnote star removed": ("Holy See", "VA"),
}


@pytest.mark.parametrize(("name", "code"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_spelling_in_the_table_leads_to_its_code(name: str, code: str) -> None:
    assert resolve(name) == code


QUARANTINED = {
    "empty": "",
    "one letter missing": "Kenia ",
    "one letter wrong": "Rusia del Norte",
    "a part of a name": "Republic",
    "Korea without saying which": "Korea",
    "a Cyrillic letter inside a Latin name": "Ke\u043dya",
    "a zero-width space inside": "Ken\u200bya",
    "a pronoun": "us",
    "a missing value": "NA",
    "the same in words": "n/a",
    "the code of Norway is a word": "no",
    "unknown": "Unknown",
    "two states": "China, Russia",
    "a people": "Russian",
    "a capital": "Nairobi",
    "code with brackets": "Kenya [KE]",
    "a long text": "Kenya " * 10_000,
    "a lone surrogate": "Kenya\ud800",
    "Kosovo, which ISO 3166 does not list": "Kosovo",
    "a fictional state outside an exercise": "Almara",
}


@pytest.mark.parametrize("name", QUARANTINED.values(), ids=QUARANTINED)
def test_what_is_not_in_the_table_goes_to_quarantine(name: str) -> None:
    """A person knows what "Kenia" means; the table does not hold it, so nothing here may guess."""
    with pytest.raises(TermsProblem) as caught:
        resolve(name)
    assert caught.value.key == "terms.unknown_state"
    assert len(str(caught.value)) < 300


def test_fictional_states_have_names_only_for_an_exercise() -> None:
    assert resolve("Almara", exercise=True) == "XA"
    assert resolve("ألمارا", exercise=True) == "XA"
    assert resolve("Бельтова", exercise=True) == "XB"
    assert resolve("Kenya", exercise=True) == "KE"


def test_there_are_249_real_and_six_fictional_rows_and_the_table_knows_which() -> None:
    assert len(REAL) == 249
    fictional = sorted(set(all_states()) - {row.code for row in REAL})
    assert fictional == ["XA", "XB", "XC", "XD", "XE", "XF"]
    assert all(is_fictional(code) for code in fictional)
    assert not any(is_fictional(row.code) for row in REAL)


def test_no_spelling_leads_to_two_states() -> None:
    holders: dict[str, set[str]] = {}
    for row in all_states().values():
        for name in (*row.names.values(), *row.aliases):
            holders.setdefault(key(name), set()).add(row.code)
    assert {name: codes for name, codes in holders.items() if len(codes) > 1} == {}


def test_every_spelling_of_every_row_leads_back_to_it() -> None:
    for row in all_states().values():
        for name in (*row.names.values(), *row.aliases):
            assert resolve(name, exercise=True) == row.code
            assert resolve(unicodedata.normalize("NFD", name), exercise=True) == row.code


# The script that letters of a name must have, by the first word of their Unicode name. Chinese and Arabic names are
# written without Latin letters, Russian ones without Latin look-alikes.
SCRIPTS = {"ar": {"ARABIC"}, "zh": {"CJK"}, "ru": {"CYRILLIC"}, "en": {"LATIN"}, "fr": {"LATIN"}, "es": {"LATIN"}}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_name_is_clean_and_in_the_script_of_its_language(code: str) -> None:
    for row in all_states().values():
        name = row.names[code]
        assert check_line(name, LONGEST) == name
        assert name == name.strip()
        assert not re.search(r"[*|\[\]]|\((the|l'|le|la|les|el|los|las)\)$", name), name
        letters = [letter for letter in name if unicodedata.category(letter).startswith("L")]
        assert letters
        assert {unicodedata.name(letter).split()[0] for letter in letters} <= SCRIPTS[code], name


def test_no_two_states_share_a_display_name_in_a_language() -> None:
    for code in LANGUAGES:
        names = [key(row.names[code]) for row in all_states().values()]
        assert len(set(names)) == len(names)


def test_the_code_stands_beside_the_name() -> None:
    assert state_label("NA", "en") == "Namibia [NA]"
    assert state_label("XA", "ar") == "ألمارا [XA]"


def test_a_ministry_may_rename_a_place_and_the_code_still_stands_beside() -> None:
    assert state_label("CZ", "en", {"CZ": "Czech Republic"}) == "Czech Republic [CZ]"
    assert state_label("KE", "en", {"CZ": "Czech Republic"}) == "Kenya [KE]"


OWN_NAMES = {
    "another state's name": ("Uganda", "terms.names_another_state"),
    "another state's name in another language": ("Уганда", "terms.names_another_state"),
    "an exercise's state": ("Almara", "terms.names_another_state"),
    "an override of direction": ("\u202eaynek", "terms.text_hidden"),
    "two lines": ("Kenya\n5 accused", "terms.text_hidden"),
    "too long": ("K" * (LONGEST + 1), "terms.text_too_long"),
}


@pytest.mark.parametrize(("name", "problem"), OWN_NAMES.values(), ids=OWN_NAMES)
def test_a_ministry_cannot_give_a_place_a_name_that_misleads(name: str, problem: str) -> None:
    with pytest.raises(TermsProblem) as caught:
        state_name("KE", "en", {"KE": name})
    assert caught.value.key == problem


def test_iso_codes_are_read_in_capitals_only_and_apart_from_names() -> None:
    assert from_iso("NA") == "NA"
    assert from_iso("NAM") == "NA"
    assert from_iso("XB") == "XB"
    for given_code in ["na", "Na", "", "XK", "ZZ", "840", "O-UN", "N\u0410"]:
        with pytest.raises(TermsProblem):
            from_iso(given_code)


def test_an_unknown_code_or_language_is_refused() -> None:
    for code, lang in [("ZZ", "en"), ("KE", "de"), ("KE", "EN"), ("", "en"), ("O-UN", "en")]:
        with pytest.raises(TermsProblem):
            state_name(code, lang)


@given(CODES)
def test_a_row_s_codes_lead_to_it(code: str) -> None:
    row = state(code)
    assert from_iso(code) == code
    assert not row.alpha3 or from_iso(row.alpha3) == code


@given(st.text(max_size=30))
def test_any_text_is_exactly_a_spelling_or_quarantined(text: str) -> None:
    with contextlib.suppress(TermsProblem):
        row = state(resolve(text, exercise=True))
        assert key(text) in {key(name) for name in (*row.names.values(), *row.aliases)}


# One letter struck out of a name on the left gives the name on the right. These are true names, so no table can tell
# the slip from the meaning: this is why the code stands beside every name, and why nothing here matches "nearly".
ONE_LETTER_APART = {
    ("AI", "AO", "ar"),  # Anguilla, Angola
    ("BY", "RU", "zh"),  # Belarus, Russia (in the short form)
    ("GY", "GH", "ar"),  # Guyana, Ghana
    ("LR", "LY", "ar"),  # Liberia, Libya
    ("LR", "LY", "zh"),
    ("SO", "ML", "zh"),  # Somalia, Mali
    ("SS", "SD", "zh"),  # South Sudan, Sudan
}


def test_one_letter_struck_out_of_a_name_leads_to_no_other_state_save_the_seven_cases_known() -> None:
    found = set()
    for row in all_states().values():
        for lang, name in row.names.items():
            for place in range(len(name)):
                with contextlib.suppress(TermsProblem):
                    code = resolve(name[:place] + name[place + 1 :], exercise=True)
                    found |= {(row.code, code, lang)} if code != row.code else set()
    assert found == ONE_LETTER_APART


@given(st.text(max_size=30))
def test_the_maker_of_the_table_folds_spellings_as_the_room_does(text: str) -> None:
    assert make_states.key(text) == key(text)


def test_the_data_files_say_where_they_come_from_and_leave_out_judgements() -> None:
    folder = resources.files("parley.terms") / "data"
    real, invented = ((folder / name).read_text(encoding="utf-8") for name in ("states.csv", "fictional.csv"))
    head = "\n".join(line for line in real.splitlines() if line.startswith("#"))
    assert "PDDL" in head
    assert "2023" in head
    assert "is_independent" not in real
    assert "FICTIONAL" in invented


def test_the_six_languages_stand_in_the_order_of_the_un_and_only_arabic_runs_right_to_left() -> None:
    assert LANGUAGES == ("ar", "zh", "en", "fr", "ru", "es")
    assert [SIX[code].english for code in LANGUAGES] == sorted(row.english for row in SIX.values())
    assert [code for code in LANGUAGES if is_right_to_left(code)] == ["ar"]
    with pytest.raises(TermsProblem):
        language("de")


def test_the_shipped_table_is_what_its_maker_makes(capsys: pytest.CaptureFixture[str]) -> None:
    data = os.environ.get("PARLEY_DATA")
    if not data:
        pytest.skip("the data set country-codes is not here: PARLEY_DATA names no folder")
    make_states.main(str(Path(data) / "open" / "countries" / "country-codes.csv"))
    shipped = (resources.files("parley.terms") / "data" / "states.csv").read_text(encoding="utf-8")
    assert capsys.readouterr().out == shipped
