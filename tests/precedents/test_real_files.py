"""The counts of the real files, where they are at hand; test_sources.py holds the same readers to twins.

The numbers were counted from the files by hand before the readers were written.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.outside.sources.kinds import read_files
from parley.outside.sources.shipped import stock
from parley.outside.store.precedents import PrecedentStore
from parley.precedents import Basis, Kind, Sort, Statement
from parley.precedents.matching import Comparing, sketches
from parley.precedents.names import place
from parley.precedents.report import Read
from parley.terms import Meaning, Nothing, Precision


@pytest.fixture(scope="module")
def eurepoc(data: Path) -> Read:
    return read_files("eurepoc", sorted((data / "import-only/eurepoc").glob("*.csv")))


def attributions(read: Read) -> list[Statement]:
    kinds = (Kind.ATTRIBUTION, Kind.CLAIM)
    return [one for one in read.statements if one.kind in kinds and one.basis is not Basis.CODERS]


def test_412_of_1627_starts_are_years(eurepoc: Read) -> None:
    instants = [one.instant for incident in eurepoc.incidents for one in incident.dates]
    began = [one for one in instants if one.meaning is Meaning.BEGAN]
    assert (len(eurepoc.incidents), len(began)) == (1643, 1627)
    assert sum(one.precision is Precision.YEAR for one in began) == 412
    assert sum(one.precision is Precision.MONTH for one in began) == 930 - 412


def test_83_incidents_end_before_they_begin(eurepoc: Read) -> None:
    assert eurepoc.report.notes[0].startswith("83 incidents end before they begin")


def test_36_of_1053_incidents_with_a_named_origin_name_two_or_more(eurepoc: Read) -> None:
    """Origins as the file has them: states, and regions in their stead. Of states alone it is 34 of 1,045."""
    places: dict[str, set[str]] = {}
    states: dict[str, set[str]] = {}
    for one in attributions(eurepoc):
        for name in one.names if isinstance(one.names, tuple) else ():
            if name.actor.sort in (Sort.STATE, Sort.REGION, Sort.ORGANISATION):
                places.setdefault(one.about[0], set()).add(name.actor.code)
            if name.actor.sort is Sort.STATE:
                states.setdefault(one.about[0], set()).add(name.actor.code)
    assert (len(places), sum(len(codes) > 1 for codes in places.values())) == (1053, 36)
    assert (len(states), sum(len(codes) > 1 for codes in states.values())) == (1045, 34)


def test_62_percent_of_attribution_dates_are_placeholders_and_none_is_a_day(eurepoc: Read, data: Path) -> None:
    """Counted by row 1,069 of 1,715; by statement fewer of both, because rows are a cross product."""
    from parley.outside.sources.files import take
    from parley.outside.sources.sheets import read_csv

    sheet = read_csv(take(data / "import-only/eurepoc/EuRepoC_Attribution_dataset_1.1.csv"))
    cells = [cell for row in sheet.rows if (cell := row.cells["attribution_date"])]
    assert (len(cells), sum(cell[4:10] == "-01-01" for cell in cells)) == (1715, 1069)
    dates = [one.on for one in attributions(eurepoc) if not isinstance(one.on, Nothing)]
    placeholders = [one for one in dates if one.given[4:10] == "-01-01"]
    assert 0.6 < len(placeholders) / len(dates) < 0.75
    assert all(one.instant.precision is Precision.YEAR for one in placeholders)


def test_536_rows_of_governments_are_215_incidents(eurepoc: Read) -> None:
    spoke = [one for one in eurepoc.statements if one.basis is Basis.GOVERNMENT_HIT]
    assert len({one.about[0] for one in spoke}) == 215


def test_political_responses_in_45_incidents_legal_in_23(eurepoc: Read) -> None:
    by: dict[str, set[str]] = {"political": set(), "legal": set()}
    for one in eurepoc.statements:
        if one.kind is Kind.RESPONSE:
            by[one.codings[0].code].add(one.about[0])
    assert {kind: len(about) for kind, about in by.items()} == {"political": 45, "legal": 23}


def test_incident_1493_of_237_rows_names_its_initiators_once_a_statement(eurepoc: Read) -> None:
    found = [one for one in attributions(eurepoc) if one.about == ("eurepoc-1.1:1493",)]
    assert len(found) < 44
    assert {name.actor.code for one in found for name in one.names if name.actor.sort is Sort.STATE} == {"IR"}  # type: ignore[union-attr]


def test_no_state_of_any_source_was_guessed(eurepoc: Read, data: Path) -> None:
    """Each state's name, as its source writes it, is exactly in a table, or the source gave the code."""
    reads = [eurepoc, read_files("dcid", sorted((data / "import-only/dcid").glob("*.xlsx")))]
    reads.append(read_files("cfr", sorted((data / "import-only/cfr").glob("*.csv"))))
    actors = {actor for read in reads for one in read.incidents for actor in one.receivers}
    actors |= {
        name.actor
        for read in reads
        for one in read.statements
        for name in (one.names if isinstance(one.names, tuple) else ())
    }
    states = {actor for actor in actors if actor.sort is Sort.STATE}
    assert len(states) > 100
    assert all(place(actor.name).key == actor.key for actor in states)


def test_dcid_has_429_incidents_and_its_sheets_disagree(data: Path) -> None:
    read = read_files("dcid", sorted((data / "import-only/dcid").glob("*.xlsx")))
    assert len(read.incidents) == 429
    keys = [one.key.removeprefix("precedents.") for one in read.report.rows]
    assert sorted(keys) == ["no_incident"] * 6 + ["same_row_twice"] + ["third_initiator"] * 5


def test_cfr_has_768_rows_of_which_seven_are_shifted(data: Path) -> None:
    read = read_files("cfr", sorted((data / "import-only/cfr").glob("*.csv")))
    assert (read.report.read, read.report.quarantined) == (768, 7)
    assert {one.key for one in read.report.rows} == {"precedents.shifted_row"}


def test_the_belgian_statement_is_one_about_four_groups(data: Path) -> None:
    read = read_files("cfr", sorted((data / "import-only/cfr").glob("*.csv")))
    (belgian,) = [one for one in read.statements if any("diplomatie.belgium.be" in link for link in one.links)]
    assert len(belgian.about) == 4


def test_the_one_row_of_release_1_3_is_read_with_both_date_styles(data: Path) -> None:
    read = read_files("eurepoc", sorted((data / "import-only/eurepoc/v1.3_sample").glob("*.csv")))
    assert (read.data_set.key, read.report.rows) == ("eurepoc-1.3", ())
    days = {(one.kind, one.on.given) for one in read.statements if not isinstance(one.on, Nothing)}
    assert (Kind.RESPONSE, "2024-12-19") in days
    assert (Kind.ATTRIBUTION, "19.12.2024") in days


OPEN_FILES = {
    "misp": ("open/misp/threat-actor.json", 864, 0),
    "misp country": ("open/misp/country.json", 252, 3),  # Kosovo, and two states that are no more
    "misp region": ("open/misp/region.json", 32, 0),
    "misp sector": ("open/misp/sector.json", 118, 0),
    "attack": ("open/attack/ics-attack.json", 26, 0),
    "eu-sanctions": ("open/sanctions/eu_cyber_regime_2021-03.csv", 12, 0),
    "ofac-sanctions": ("open/sanctions/ofac_cyber_programs_2021-03-10.csv", 178, 0),
}


@pytest.mark.parametrize(("kind", "file", "rows", "aside"), [(k, *v) for k, v in OPEN_FILES.items()], ids=OPEN_FILES)
def test_the_open_files_are_read_whole(kind: str, file: str, rows: int, aside: int, data: Path) -> None:
    read = read_files(kind.partition(" ")[0], [data / file])
    assert (read.report.read, read.report.quarantined) == (rows, aside)


# The crosswalk: one incident, its accounts in EuRepoC, in the tracker and in DCID, found by hand.
CROSSWALK = {
    "notpetya": ("eurepoc-1.1:1032", "NotPetya", "NotPetya"),
    "stuxnet": ("Stuxnet", "Stuxnet", "Stuxnet"),
    "wannacry": (None, "WannaCry", "WannaCry"),  # no entry of its own in EuRepoC 1.1
    "sony-2014": ("Sony Hack 2014", "Compromise of Sony", "Sony Hack"),
    "solarwinds": ("eurepoc-1.1:1254", "SolarWinds", "SUNBURST"),
    "viasat-2022": ("eurepoc-1.1:1514", "Viasat", None),  # out of DCID's years
    "albania-2022": ("eurepoc-1.1:1502", "Albanian government", None),
}


@pytest.fixture(scope="module")
def comparing(eurepoc: Read, data: Path) -> Comparing:
    store = PrecedentStore(":memory:")
    stock(store, 1)
    reads = [eurepoc, read_files("dcid", sorted((data / "import-only/dcid").glob("*.xlsx")))]
    reads.append(read_files("cfr", sorted((data / "import-only/cfr").glob("*.csv"))))
    incidents = [*store.incidents(), *(one for read in reads for one in read.incidents)]
    return Comparing(sketches(incidents, [*store.statements(), *(one for read in reads for one in read.statements)]))


@pytest.mark.parametrize("case", CROSSWALK)
def test_each_account_of_the_crosswalk_is_among_ten_candidates(case: str, comparing: Comparing) -> None:
    found = [(one.name, one.title) for one in comparing.candidates(f"open:{case}", 10)]
    for source, wanted in zip(("eurepoc-1.1", "cfr-2022", "dcid-2.0"), CROSSWALK[case], strict=True):
        mine = [f"{name} {title}" for name, title in found if name.startswith(source)]
        if wanted is not None:
            assert any(wanted in one for one in mine), (source, mine)


def test_wannacry_has_no_entry_in_eurepoc_and_none_is_invented(comparing: Comparing) -> None:
    found = [one for one in comparing.candidates("open:wannacry", 50) if one.name.startswith("eurepoc")]
    assert not [one for one in found if "wannacry" in one.title.casefold()]
