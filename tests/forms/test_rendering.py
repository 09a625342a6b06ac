"""A page says what is signed: banner at both ends, reservation, authentic codes, isolates where the writing turns."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.forms import FormProblem, Sheet, back_read, load, render, render_coded
from parley.forms.page import width_of
from parley.forms.rendering import coded
from parley.forms.voice import FSI, PDI, RLM, without_isolates
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address

from ..effort import examples
from .drawing import sheets
from .stories import header, hospitals

REAL = {"sender": Address("KE", "duty"), "recipients": (Address("NA", "duty"),), "marking": Marking(Tlp.GREEN)}
LIBRARY = load()
LANGUAGES = LIBRARY.languages
RTL = [language for language in LANGUAGES if LIBRARY.voice(language).right_to_left]
SLOW = settings(deadline=None, max_examples=examples(5), suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("exercise", [True, False])
def test_real_or_exercise_stands_first_and_last(exercise: bool, language: str) -> None:
    """Whoever sees only one end of a page still knows."""
    sheet = Sheet(1, 1, header(exercise=exercise, **({} if exercise else REAL)), {10: "drill"})
    page = render(sheet, language)
    banner = LIBRARY.voice(language).say("banners.exercise" if exercise else "banners.real")
    lines = page.text.rstrip("\n").split("\n")
    assert page.banner == banner
    assert banner in lines[0]
    assert banner in lines[-1]
    other = LIBRARY.voice(language).say("banners.real" if exercise else "banners.exercise")
    assert other not in page.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", [form.number for form in LIBRARY.forms])
def test_every_note_carries_the_reservation_and_says_who_reviewed_the_language(form: int, language: str) -> None:
    """Acknowledging is not concurring: on every form, in every language; and no review is invented."""

    @settings(SLOW, max_examples=3)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        page = render(data.draw(sheets(LIBRARY, LIBRARY.form(form))), language, width=100_000)
        voice = LIBRARY.voice(language)
        plain = without_isolates(page.text)
        assert without_isolates(voice.say("notes.reservation")) in plain
        assert without_isolates(voice.say("notes.authentic")) in plain
        assert page.review == "none"
        name = voice.language_name(language)
        assert without_isolates(voice.say("notes.none", language=name)) in plain

    holds()


def test_the_code_stands_beside_the_words() -> None:
    """Each numbered line shows its codes; state names have theirs beside."""
    page = render(hospitals(), "en")
    lines = {line.number: line for line in page.lines}
    assert lines[11].text == "Beltova [XB]"
    assert lines[6].codes == ("not-accusation",)
    assert lines[16].text == "health [health]; emergency services [emergency-services]"
    assert lines[21].text == "sites out of service: 61 sites [sites-out-of-service 61 site]"
    assert lines[22].text == "3 days [3 day]"
    assert [line.number for line in page.lines][:9] == list(range(1, 10))


def test_norms_that_nobody_opened_are_shown_as_unchecked() -> None:
    """A norm is cited by document and paragraph, in our words, and says that the document was not opened for it."""
    form = LIBRARY.form(11)
    assert {(row.code, row.document, row.paragraph, row.status) for row in form.sources} == {
        (f"13{letter}", "A/70/174", f"13 ({letter})", "unverified") for letter in "abcdefghijk"
    }
    text = {line.number: line.text for line in render(hospitals(), "en").lines}[23]
    assert text.count("A/70/174") == text.count("not yet checked against the document") == 2
    opened = tuple(msgspec.structs.replace(row, status="verified") for row in form.sources)
    library = type(LIBRARY)((msgspec.structs.replace(form, sources=opened),), {"en.toml": LIBRARY._files["en"]})
    text = {line.number: line.text for line in render(hospitals(), "en", library=library).lines}[23]
    assert "not yet checked" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 80, 132])
def test_the_width_is_kept(language: str, width: int) -> None:
    """No line of the story is wider than asked; the longest unbreakable piece is shorter than 40 columns."""
    for line in render(hospitals(), language, width=width).text.split("\n"):
        assert width_of(line) <= width, line


@pytest.mark.parametrize("language", RTL)
def test_right_to_left_pages_isolate_every_foreign_run(language: str) -> None:
    """On each line of a right-to-left page no Latin letter and no digit stands outside an isolate, but for the number
    of the line; isolates are balanced; every line begins with the mark that makes it right to left."""
    page = render(hospitals(), language)
    assert page.right_to_left
    for line in page.text.split("\n"):
        assert not line or line.startswith(RLM)
        assert line.count(FSI) == line.count(PDI)
        outside = re.sub(rf"{FSI}[^{FSI}{PDI}]*{PDI}", "", line)
        while outside != (outside := re.sub(rf"{FSI}[^{FSI}{PDI}]*{PDI}", "", outside)):
            pass
        outside = re.sub(rf"^{RLM}[0-9]+\. ", "", outside)
        assert not re.search("[A-Za-z0-9]", outside), line


def test_left_to_right_pages_isolate_own_words_that_run_the_other_way() -> None:
    """Arabic words on an English page cannot reorder what stands around them; English ones need nothing."""
    text = render(hospitals(), "en").text
    assert f"{FSI}نقدّر سرعة تعاونكم.{PDI}" in text
    plain = Sheet(90, 1, header(), {10: "courtesy", 11: ["en", "Thank you."], 12: "nothing"})
    assert FSI not in render(plain, "en").text


def test_local_times_are_an_aid_and_no_code() -> None:
    """The reader's times of day stand under the line, are marked as aids, and are not read back."""
    zones = (ZoneInfo("Asia/Kathmandu"), ZoneInfo("Africa/Nairobi"))
    page = render(hospitals(), "en", zones=zones)
    line = next(line for line in page.lines if line.number == 5)
    assert line.aids == (
        "Tuesday, 24 November 2026, 01:56 (Kathmandu)",
        "Monday, 23 November 2026, 23:11 (Nairobi)",
    )
    assert "    = Tuesday, 24 November 2026, 01:56 (Kathmandu)\n" in page.text
    assert back_read(page.text, "en") == hospitals().all_lines()
    hour_only = next(line for line in page.lines if line.number == 18)
    assert len(hour_only.aids) == 2  # one of the two instants is known to the minute, and only that one


def test_a_sheet_that_is_not_in_order_is_not_rendered() -> None:
    """A page is never made from what was not checked."""
    with pytest.raises(FormProblem) as caught:
        render(msgspec.structs.replace(hospitals(), lines={10: "x"}), "en")
    assert caught.value.key == "form.sheet"


def test_a_language_that_is_not_there_is_named() -> None:
    """The problem lists the languages that are."""
    with pytest.raises(FormProblem) as caught:
        render(hospitals(), "tlh")
    assert caught.value.key == "form.unknown_catalogue"
    assert "en" in str(caught.value.arguments["known"])


HOSTILE = {
    10: "x\n11. Nature: accusation [accusation]",
    11: ["a", 1, None, True, b"\x00\xff", {0: "b"}],
    12: "\u202ecba\u2066",
    13: "]] [accusation]",
    14: -(2**63),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_form_is_shown_as_coded_lines(language: str) -> None:
    """Its header is in words, its lines are bare codes, and nothing in them can hide, turn or forge a line."""
    sheet = Sheet(777, 3, header(), HOSTILE)  # type: ignore[arg-type]
    for page in (render(sheet, language), render_coded(sheet, language)):
        assert not page.known
        assert [line.number for line in page.lines] == [*range(1, 10), *range(10, 15)]
        body = {line.number: line.codes[0] for line in page.lines}
        assert body[10] == '"x\\n11. Nature: accusation \\u005baccusation\\u005d"'
        assert body[11] == '("a", 1, null, true, h\'00ff\', {0: "b"})'
        assert body[12] == '"\\u202ecba\\u2066"'
        assert all(code.isascii() for code in body.values() if code != body[8])
        starts = [line for line in page.text.split("\n") if re.match(rf"{RLM}?1[0-4]\. ", line)]
        assert len(starts) == 5


def test_a_newer_version_of_a_known_form_is_shown_as_coded_lines() -> None:
    """The version that was signed decides, not the one that is here."""
    page = render(Sheet(11, 2, header(), {10: "stop-traffic"}), "en")
    assert not page.known
    assert page.heading == "Form 11: a form or version that is not known here, shown as coded lines [11/2]"


def test_an_unknown_form_with_a_faulty_header_is_refused() -> None:
    """Coded lines do not excuse the header."""
    with pytest.raises(FormProblem):
        render_coded(Sheet(777, 1, header(precedence=9), {}), "en")


@given(st.recursive(st.text() | st.integers() | st.none() | st.booleans() | st.binary(), lambda inner: st.lists(inner)))
def test_coded_values_are_plain_ascii(value: object) -> None:
    """Whatever a stranger's line holds, what is shown has no control character and no square bracket."""
    shown = coded(value)  # type: ignore[arg-type]
    assert shown.isascii()
    assert shown.isprintable()
    assert "[" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_have_no_invisible_signs_but_isolates_and_the_mark(language: str) -> None:
    """What a page hides is only what keeps its writing in order."""
    text = render(hospitals(), language).text
    signs = {character for character in text if unicodedata.category(character) in {"Cf", "Cc"}}
    assert signs <= {"\n", FSI, PDI, RLM}


def test_the_zone_of_a_local_time_is_named_by_its_city_in_winter_too() -> None:
    """CLDR's Russian phrase for a place says "summer time" in November; a city alone says nothing wrong."""
    page = render(hospitals(), "ru", zones=(ZoneInfo("Europe/Moscow"),))
    aids = next(line for line in page.lines if line.number == 5).aids
    assert aids[0].endswith("(Москва)")
