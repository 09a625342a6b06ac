"""The public record in the browser: the shipped one, asked as officers ask it, in their languages."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from parley.public_record import open_asking
from parley.terms.languages import LANGUAGES

OFFICIAL = "no state and no organisation of states attributes this incident"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> wannacry"


@pytest.fixture(scope="module")
def desk(alone: Any) -> Iterator[Any]:
    opened: list[int] = []

    def asking() -> Any:
        opened.append(1)
        return open_asking(":memory:")

    with alone(asking=asking) as served:
        served.opened = opened
        yield served


@pytest.fixture(scope="module")
def visitor(desk: Any) -> Any:
    return desk.officer("amal")


def in_language(desk: Any, visitor: Any, language: str) -> Any:
    """The same officer in a browser of another language."""
    return desk.visitor(language=language, cookies=dict(visitor.cookies))


def row_of(page: str, name: str) -> str:
    """The words of the table row in which a text stands."""
    (found,) = [row for row in re.findall(r"<tr.*?</tr>", page, re.S) if name in row]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", found)).split())


def test_nothing_is_loaded_until_an_officer_asks_and_it_is_opened_once(desk: Any, visitor: Any) -> None:
    """First in this file: pages of notes leave the record closed."""
    assert visitor.get("/today").status == 200
    assert desk.opened == []
    visitor.get("/precedents")
    visitor.get("/precedents/statistics/votes")
    assert desk.opened == [1]


@pytest.mark.parametrize(
    ("language", "words", "name"),
    [("en", "ransomware hospitals", "open:wannacry"), ("ru", "Украина", "open:notpetya"),
     ("ar", "الفدية", "open:wannacry"), ("zh", "乌克兰", "open:viasat-2022")],
)  # fmt: skip
def test_a_case_is_found_in_the_officers_language(
    desk: Any, visitor: Any, language: str, words: str, name: str
) -> None:
    """With its source and date beside it; a control finds another word and not the case."""
    reader = in_language(desk, visitor, language)
    page = reader.get(f"/precedents?words={quote(words)}")
    assert page.status == 200
    assert f'href="/precedents/{name}"' in page.text
    assert "Parley's open record of cases 1" in page.plain
    assert "Apache-2.0" in page.plain
    assert f'href="/precedents/{name}"' not in reader.get("/precedents?words=Bundestag").text


def test_filters_take_a_state_by_its_name_and_say_what_there_is_when_a_code_is_unknown(visitor: Any) -> None:
    by_name = visitor.get(f"/precedents?whom={quote('Украина')}")
    assert re.findall(r'href="(/precedents/open:[^"]*)"', by_name.text) == re.findall(
        r'href="(/precedents/open:[^"]*)"', visitor.get("/precedents?whom=UA").text
    )
    assert "open:notpetya" in by_name.text
    unknown = visitor.get("/precedents?sector=moon&words=worm")
    assert unknown.status == 422
    assert "Look for what there is" in unknown.plain
    assert 'name="words" value="worm"' in unknown.text


def test_a_page_without_hits_teaches_what_to_do(visitor: Any) -> None:
    page = visitor.get("/precedents?words=Stuxnat")
    assert page.status == 200
    assert 'href="/precedents?words=stuxnet"' in page.text
    assert "parley precedents import" in page.plain
    assert "says nothing of the world" in page.plain
    assert "parley precedents import" not in visitor.get("/precedents?words=Stuxnet").plain  # control
    assert "Nothing in the record fits" not in visitor.get("/precedents?from=999999").plain  # behind the last one


def test_hostile_words_are_shown_as_text_and_lead_nowhere(visitor: Any) -> None:
    page = visitor.get(f"/precedents?words={quote(HOSTILE)}&since=2017&from=%3Cb%3E&who={quote('<b>x</b>')}")
    assert html.escape(HOSTILE, quote=False).split('"')[0] in page.text
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "<b>x" not in page.text
    table = visitor.get(f"/precedents/statistics/hits?words={quote(HOSTILE)}")
    assert "<script>alert" not in table.text
    assert "alert(1)" in html.unescape(table.text)  # control: it came as far as the page


def test_a_denial_stands_beside_the_attribution_that_it_denies(visitor: Any) -> None:
    """WannaCry in the shipped record: two attributions and a listing name one state, which denies."""
    page = visitor.get("/precedents/open:wannacry")
    against = page.text.partition("What does not fit together")[2].partition("<h2>")[0]
    row = row_of(against, "publicly attributing the massive WannaCry")
    assert "United States of America (US)" in row
    assert "we have nothing to do with cyber-attack" in row
    assert row.startswith("denied")
    timeline = page.text.partition("Statements, holder by holder")[2]
    assert "The Hill, 20 December 2017" in row_of(timeline, "we have nothing to do with cyber-attack")
    assert "does not fit with" in row_of(timeline, "publicly attributing the massive WannaCry")
    assert OFFICIAL not in page.plain


def test_unverified_rows_are_marked_and_verified_ones_are_not(visitor: Any) -> None:
    timeline = visitor.get("/precedents/open:wannacry").text.partition("Statements, holder by holder")[2]
    unverified = row_of(timeline, "Council conclusions on malicious cyber activities")
    assert "unverified" in unverified
    assert "Licence:" in unverified
    assert "unverified" not in row_of(timeline, "The Hill, 20 December 2017")


def test_stuxnet_shows_no_official_attribution(visitor: Any) -> None:
    """A newspaper's stands there as a newspaper's, and is marked."""
    page = visitor.get("/precedents/open:stuxnet")
    assert OFFICIAL in page.plain
    row = row_of(page.text, "The New York Times, 1 June 2012")
    assert "the press" in row
    assert "unverified" in row


def test_comparable_cases_come_term_by_term(visitor: Any) -> None:
    alike = visitor.get("/precedents/open:notpetya").text.partition("<h2>Comparable cases")[2]
    heads = re.findall(r'<th scope="col">(.*?)</th>', alike, re.S)
    rows = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", alike, re.S)
    assert [re.sub("<.*", "", head).strip() for head in heads][:3] == ["Case", "Points", "words"]
    assert len(rows) == 5
    assert {row.count("<td>") for row in rows} == {len(heads) - 1}
    assert any("not known" in row for row in rows)
    assert "The MITRE Corporation" in alike.partition("<h2>Sources")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_incident_is_not_found_in_the_officers_language(desk: Any, visitor: Any, language: str) -> None:
    got = in_language(desk, visitor, language).get("/precedents/open:nothing")
    assert got.status == 404
    assert f'<html lang="{language}"' in got.text
    assert "open:nothing" in got.text
    english = "No record" in got.plain
    assert english is (language == "en")


def test_an_unknown_statistic_is_not_found(visitor: Any) -> None:
    assert visitor.get("/precedents/statistics/colours").status == 404
    assert visitor.get("/precedents/statistics/colours/table.csv").status == 404


def test_statistics_show_n_what_is_missing_the_interval_and_the_query(desk: Any, visitor: Any) -> None:
    listed = visitor.get("/precedents/statistics")
    assert listed.text.count('href="/precedents/statistics/') == 8
    page = visitor.get("/precedents/statistics/attribution-wait?since=2014")
    assert re.search(r"n = .*\d+ \(open\)", page.plain)
    assert "no date of the event itself" in page.plain.partition("Not counted")[2]
    assert {"low ‰", "high ‰"} <= set(re.findall(r'<th scope="col">([^<]*)</th>', page.text))
    assert "SELECT" in page.plain
    assert 'value="2014"' in page.text
    arabic = in_language(desk, visitor, "ar").get("/precedents/statistics/hits")
    assert 'dir="rtl"' in arabic.text
    assert "أوكرانيا" in arabic.plain


def test_the_table_is_an_attachment_and_holds_what_the_page_shows(visitor: Any) -> None:
    got = visitor.get("/precedents/statistics/base-rates/table.csv?since=2014")
    assert got.header("content-disposition") == 'attachment; filename="base-rates.csv"'
    assert "sandbox" in got.header("content-security-policy")
    rows = list(csv.reader(io.StringIO(got.body.decode("utf-8-sig"))))
    page = visitor.get("/precedents/statistics/base-rates?since=2014").text
    assert len(rows) == page.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>") + 1
    assert "attachment" not in visitor.get("/precedents/statistics/base-rates").header("content-disposition")  # control


def test_a_desk_without_a_record_says_how_to_begin_one(alone: Any) -> None:
    with alone(asking=None) as served:
        got = served.officer("amal").get("/precedents")
    assert got.status == 404
    assert "parley precedents sources" in got.plain


# -- kept searches


def test_a_search_is_kept_for_everybody_and_not_written_over_by_another(served: Any) -> None:
    """Keeping it twice is once; a name that another officer uses for another question is refused, typed words stay."""
    amal, basma = served.officer("amal"), served.officer("basma")
    asked = {"words": "worm", "whom": "UA", "name": "worms"}
    for _ in range(2):
        got = amal.send("/precedents?words=worm", "/precedents/searches", asked)
        assert (got.status, got.header("location")) == (303, "/precedents?words=worm&whom=UA")
    page = basma.get("/precedents")
    assert page.text.count('href="/precedents?words=worm&amp;whom=UA"') == 1
    assert "kept by amal" in page.plain
    taken = basma.send("/precedents?words=x", "/precedents/searches", {"words": "other", "name": "worms"})
    assert taken.status == 422
    assert "amal keeps another search" in taken.plain
    assert 'name="words" value="other"' in taken.text
    assert basma.send("/precedents?words=x", "/precedents/searches", asked).status == 303  # the same question: no harm
    gone = basma.send("/precedents?words=x", "/precedents/searches/forget", {"name": "worms"})
    assert gone.status == 303
    assert "worms" not in amal.get("/precedents").text
    assert basma.send("/precedents?words=x", "/precedents/searches/forget", {"name": "worms"}).status == 422


@pytest.mark.parametrize("name", ["", "<b>x</b>", "\u202efdp", "x" * 61, "../up"])
def test_a_search_is_kept_under_no_such_name(shared: Any, name: str) -> None:
    visitor = shared.officer("amal", language="ru")
    got = visitor.send("/precedents?words=x", "/precedents/searches", {"words": "worm", "name": name})
    assert got.status == 422
    assert 'role="alert"' in got.text
    assert "<b>x" not in got.text
