"""Each reader, on a twin of its source: what was put in comes out, and every defect is met.

The same counts on the real files are in test_real_files.py; the twins make sure that nothing here depends on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parley.outside.sources.kinds import read_files
from parley.precedents import Basis, DataSet, Instrument, Kind, PassOn, Sort, Statement, Tie
from parley.precedents.names import exercise
from parley.precedents.report import Read
from parley.terms import Meaning, Nothing, Precision

from precedents_twins import Twins, misp, write_twins  # isort: skip  (bench/, see conftest)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Twins:
    return write_twins(tmp_path_factory.mktemp("twins"), 120)


@pytest.fixture(autouse=True)
def fictional() -> Iterator[None]:
    """The twins are about fictional states."""
    with exercise():
        yield


@pytest.fixture(scope="module")
def eurepoc(twins: Twins) -> Read:
    with exercise():
        return read_files("eurepoc", twins.eurepoc_1_1)


def attributions(read: Read) -> list[Statement]:
    """What the coders found, without their own verdict."""
    kinds = (Kind.ATTRIBUTION, Kind.CLAIM)
    return [one for one in read.statements if one.kind in kinds and one.basis is not Basis.CODERS]


def kinds(read: Read) -> set[tuple[str, str]]:
    """Column and key of everything set aside."""
    return {(one.field, one.key.removeprefix("precedents.")) for one in read.report.rows}


# EuRepoC 1.1


def test_every_incident_of_eurepoc_comes_with_dates_as_precise_as_they_are(eurepoc: Read, twins: Twins) -> None:
    began = [
        one.instant for incident in eurepoc.incidents for one in incident.dates if one.instant.meaning is Meaning.BEGAN
    ]
    assert len(eurepoc.incidents) == twins.counts["incidents"]
    assert len(began) == twins.counts["starts"]
    assert sum(one.precision is Precision.YEAR for one in began) == twins.counts["year_starts"]
    assert sum(one.precision is Precision.MONTH for one in began) == twins.counts["month_starts"]


def test_a_cross_product_is_one_statement_that_names_several(eurepoc: Read, twins: Twins) -> None:
    """The twin has two to four rows a statement."""
    found = attributions(eurepoc)
    assert len(found) == twins.counts["attributions"]
    assert eurepoc.report.read > len(found) * 2


def test_incidents_with_two_origins_are_counted_as_such(eurepoc: Read, twins: Twins) -> None:
    origins: dict[str, set[str]] = {}
    for one in attributions(eurepoc):
        if isinstance(one.names, tuple):
            named = {name.actor.code for name in one.names if name.actor.sort is Sort.STATE}
            origins[one.about[0]] = origins.get(one.about[0], set()) | named
    named = {incident for incident, codes in origins.items() if codes}
    assert len(named) == twins.counts["named_origins"]
    assert sum(len(codes) > 1 for codes in origins.values()) == twins.counts["two_origins"]


def test_no_attribution_date_of_a_placeholder_is_a_day(eurepoc: Read, twins: Twins) -> None:
    dates = [one.on for one in attributions(eurepoc) if not isinstance(one.on, Nothing)]
    years = [one for one in dates if one.given.startswith("2020-01-01")]
    assert len(years) == twins.counts["year_attributions"]
    assert all(one.instant.precision is Precision.YEAR for one in years)


def test_a_state_is_the_holder_only_where_a_government_spoke(eurepoc: Read) -> None:
    """The country of a company is where it sits."""
    for one in attributions(eurepoc):
        assert not isinstance(one.holder, Nothing)
        expected = Sort.COMPANY if one.basis is Basis.SECURITY_COMMUNITY else Sort.STATE
        assert one.holder.sort is expected


def test_what_names_nobody_says_so(eurepoc: Read) -> None:
    """Unknown and “not attributed” are two kinds of nothing; here the category says the second... of those unnamed."""
    unnamed = [one for one in attributions(eurepoc) if "Unknown - not attributed" in {c.given for c in one.codings}]
    assert unnamed
    states = {name.actor.sort for one in unnamed if isinstance(one.names, tuple) for name in one.names}
    assert Sort.STATE not in states


def test_responses_line_up_although_brackets_hold_semicolons(eurepoc: Read, twins: Twins) -> None:
    political = [one for one in eurepoc.statements if one.kind is Kind.RESPONSE]
    about = {one.about[0] for one in political if one.codings[0].code == "political"}
    assert len(about) == twins.counts["political"]
    ministers = [one for one in political if (one.speaker or "").startswith("A minister")]
    assert len(ministers) == twins.counts["political"]
    assert {one.instrument for one in ministers} == {Instrument.STATEMENT}


def test_an_area_does_not_speak_its_organisation_does(eurepoc: Read) -> None:
    holders = {one.holder.key for one in eurepoc.statements if one.kind is Kind.RESPONSE and one.speaker == "EU"}  # type: ignore[union-attr]
    assert holders == {"organisation:O-EU"}


def test_a_list_that_cannot_be_read_is_set_aside_and_the_incident_stands(eurepoc: Read, twins: Twins) -> None:
    unread = [one for one in eurepoc.report.rows if one.key == "precedents.bad_list_cell"]
    assert len({one.row for one in unread}) == twins.counts["unreadable_lists"]
    assert all(not one.whole and one.name for one in unread)
    assert ("political_response_type", "unknown_word") in kinds(eurepoc)


def test_what_ends_before_it_begins_and_is_wrongly_decoded_is_told(eurepoc: Read, twins: Twins) -> None:
    assert f"{twins.counts['backwards']} incidents end before they begin" in eurepoc.report.notes[0]
    assert "wrongly decoded" in eurepoc.report.notes[1]


def test_the_global_file_alone_has_its_incidents_and_no_attribution_that_it_does_not_hold(twins: Twins) -> None:
    alone = read_files("eurepoc", twins.eurepoc_1_1[:1])
    assert len(alone.incidents) == twins.counts["incidents"]
    assert attributions(alone) == []


# EuRepoC 1.3


def test_release_1_3_has_two_headings_twice_and_two_date_styles(twins: Twins) -> None:
    """The first initiator_country is the settled one, the second the attributed one; a dict reader keeps one."""
    read = read_files("eurepoc", twins.eurepoc_1_3)
    assert (read.data_set.key, len(read.incidents)) == ("eurepoc-1.3", twins.counts["incidents_1_3"])
    settled = [one for one in read.statements if one.basis is Basis.CODERS]
    assert {name.actor.code for one in settled for name in one.names} == {"XC"}  # type: ignore[union-attr]
    assert {name.tie for one in settled for name in one.names} == {Tie.ORIGIN}  # type: ignore[union-attr]
    found = attributions(read)
    assert {name.actor.code for one in found for name in one.names} == {"XD"}  # type: ignore[union-attr]
    days = {one.on.given for one in read.statements if not isinstance(one.on, Nothing)}
    assert days == {"19.12.2024", "20.12.2024", "2024-12-21"}


# DCID, CFR


def test_reactions_go_to_the_incident_of_their_name_not_of_their_number(twins: Twins) -> None:
    """The two sheets number incidents differently from the fifth on."""
    read = read_files("dcid", twins.dcid)
    assert len(read.incidents) == twins.counts["dcid_incidents"]
    rejected = {one.about[0] for one in read.statements if one.instrument is Instrument.DIPLOMATIC_NEGATIVE}
    assert rejected == {one.name for one in read.incidents}
    by_name = {one.name: one.title.text for one in read.incidents}
    for one in read.statements:
        if one.kind is Kind.RESPONSE and "dcid-2.0:9/" in one.name:
            assert by_name[one.about[0]] == "Test 9"
            assert "/11-" in one.name  # the sheet's own number of the pair


def test_an_initiator_that_is_neither_side_is_not_taken(twins: Twins) -> None:
    read = read_files("dcid", twins.dcid)
    assert kinds(read) == {("initiator", "third_initiator")}
    assert "dcid-2.0:7/coded" not in {one.name for one in read.statements}
    assert "dcid-2.0:7" in {one.name for one in read.incidents}


def test_one_statement_about_three_operations_is_one_statement(twins: Twins) -> None:
    read = read_files("cfr", twins.cfr)
    (shared,) = [one for one in read.statements if len(one.about) > 1]
    assert len(shared.about) == twins.counts["cfr_shared"]
    assert shared.links == ("https://example.org/declaration",)


def test_a_shifted_row_and_a_broken_sponsor_are_set_aside(twins: Twins) -> None:
    read = read_files("cfr", twins.cfr)
    assert read.report.read == twins.counts["cfr_rows"]
    assert read.report.quarantined == twins.counts["cfr_shifted"]
    assert kinds(read) == {("Type", "shifted_row"), ("Sponsor", "unknown_place")}


def test_victims_in_prose_are_not_made_states(twins: Twins) -> None:
    """“People in Caldria, and others” stays a sentence; “Caldria, Dovaria” is two states."""
    hit = {tuple(actor.code for actor in one.receivers) for one in read_files("cfr", twins.cfr).incidents}
    assert hit == {(), ("XC", "XD")}


def test_the_date_of_the_tracker_is_disclosure(twins: Twins) -> None:
    dates = [one.instant for incident in read_files("cfr", twins.cfr).incidents for one in incident.dates]
    assert {one.meaning for one in dates} == {Meaning.DISCLOSED}
    assert sorted(one.precision for one in dates) == [Precision.YEAR, *[Precision.DAY] * 5]


# MISP, ATT&CK, sanctions, votes

UUID = "00000000-0000-4000-8000-00000000000{}"


def test_an_alias_never_makes_one_actor_of_two(tmp_path: Path) -> None:
    """Two actors share a synonym; sponsor, country and victims stay three statements."""
    values: list[dict[str, Any]] = [
        {
            "value": f"Test {n}",
            "uuid": UUID.format(n),
            "meta": {
                "synonyms": ["Shared"],
                "country": "XA",
                "cfr-suspected-state-sponsor": "Beltova" if n == 1 else "Unknown",
                "cfr-suspected-victims": ["Caldria", "A bank"],
                "cfr-type-of-incident": "Espionage",
                "attribution-confidence": "50",
            },
        }
        for n in (1, 2)
    ]
    values.append({"value": "No identifier", "meta": {}})
    values.append({"value": "Wrong country", "uuid": UUID.format(3), "meta": {"country": "Almara"}})
    file = tmp_path / "threat-actor.json"
    file.write_bytes(misp(values))
    read = read_files("misp", [file])
    subjects = {name.actor.key for one in read.statements for name in one.names if name.tie is Tie.SUBJECT}  # type: ignore[union-attr]
    assert subjects == {"group:test 1", "group:test 2", "group:wrong country"}
    first = {one.name.rpartition("/")[2]: one for one in read.statements if UUID.format(1) in one.name}
    assert {name.actor.code for name in first["sponsor"].names} == {"XB", "test 1"}  # type: ignore[union-attr]
    assert {name.actor.code for name in first["country"].names} == {"XA", "test 1"}  # type: ignore[union-attr]
    assert first["country"].likelihood is Nothing.NOT_CODED  # 50 is the default, not a judgement
    assert kinds(read) == {("uuid", "no_identifier"), ("country", "unknown_place")}


def test_campaigns_are_attributed_to_groups_and_to_no_state(tmp_path: Path) -> None:
    objects = [
        _attack("campaign", "C0001", first_seen="2019-01-01T06:00:00.000Z", last_seen="2019-04-01T05:00:00.000Z"),
        _attack("intrusion-set", "G0001", aliases=["G0001", "Other name"]),
        _attack("intrusion-set", "G0002", revoked=True),
        {"type": "relationship", "relationship_type": "attributed-to", "id": "relationship--1"}
        | {"source_ref": "campaign--C0001", "target_ref": "intrusion-set--G0001"},
    ]
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps({"type": "bundle", "objects": objects}))
    read = read_files("attack", [file])
    (campaign,) = read.incidents
    assert {one.instant.precision for one in campaign.dates} == {Precision.MONTH}
    (tie,) = [one for one in read.statements if one.kind is Kind.ATTRIBUTION]
    assert [name.actor.sort for name in tie.names] == [Sort.GROUP]  # type: ignore[union-attr]
    assert sum(one.kind is Kind.LINK for one in read.statements) == 1


def _attack(sort: str, number: str, **other: Any) -> dict[str, Any]:
    reference = {"source_name": "mitre-attack", "external_id": number, "url": f"https://example.org/{number}"}
    return {"type": sort, "id": f"{sort}--{number}", "name": number, "external_references": [reference]} | other


EU_XML = """<?xml version="1.0"?><export xmlns="http://eu.europa.ec/fpi/fsd/export">
<sanctionEntity designationDate="2020-07-30" designationDetails="" euReferenceNumber="EU.1.1">
 <regulation entryIntoForceDate="2020-11-24" numberTitle="2020/1744" programme="CYB"/>
 <subjectType code="person"/><nameAlias wholeName="A Test"/><nameAlias wholeName="Second Name"/>
 <citizenship countryIso2Code="XA"/></sanctionEntity>
<sanctionEntity designationDetails="30.7.2020" euReferenceNumber="EU.1.2">
 <regulation entryIntoForceDate="2020-07-30" numberTitle="2020/1125" programme="CYB"/>
 <subjectType code="enterprise"/><nameAlias wholeName="A Firm"/><address countryIso2Code="00"/></sanctionEntity>
<sanctionEntity euReferenceNumber="EU.1.3"><regulation programme="XYZ"/></sanctionEntity></export>"""


def test_the_eu_list_names_persons_and_no_incident(tmp_path: Path) -> None:
    """The day of listing is the designation, not the later amendment that the entry also names."""
    file = tmp_path / "eu.xml"
    file.write_text(EU_XML)
    read = read_files("eu-sanctions", [file])
    assert [one.on.given for one in read.statements] == ["2020-07-30", "30.7.2020"]  # type: ignore[union-attr]
    assert all(one.about == () and one.instrument is Instrument.SANCTION for one in read.statements)
    ties = {(name.actor.sort, name.tie) for one in read.statements for name in one.names}  # type: ignore[union-attr]
    assert ties == {(Sort.PERSON, Tie.LISTED), (Sort.BODY, Tie.LISTED), (Sort.STATE, Tie.ORIGIN)}


OFAC_XML = """<sdnList xmlns="http://tempuri.org/sdnList.xsd">
<sdnEntry><uid>1</uid><lastName>A FIRM</lastName><sdnType>Entity</sdnType><programList><program>CYBER2</program>
</programList><addressList><address><country>Almara</country></address></addressList></sdnEntry>
<sdnEntry><uid>2</uid><lastName>OTHER</lastName><sdnType>Entity</sdnType><programList><program>SDGT</program>
</programList></sdnEntry></sdnList>"""


def test_of_the_sdn_list_only_cyber_programmes_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "sdn.xml"
    file.write_text(OFAC_XML)
    (one,) = read_files("ofac-sanctions", [file]).statements
    assert (one.holder.key, one.on) == ("state:US", Nothing.NOT_CODED)  # type: ignore[union-attr]


def test_silence_in_a_roll_call_is_not_abstention(tmp_path: Path) -> None:
    """Three of five vote; the two others have no statement at all, unless the source says that they were absent."""
    file = tmp_path / "votes.csv"
    file.write_text(
        "rcid,country,country_code,vote,date,symbol\n"
        "1.0,Almara,XA,yes,2019-12-12,A/RES/74/28\n1.0,Beltova,XB,abstain,2019-12-12,R/74/28\n"
        "1.0,Caldria,XC,absent,2019-12-12,A/RES/74/28\n1.0,Dovaria,XC,no,2019-12-12,A/RES/74/28\n"
    )
    read = read_files("un-votes", [file])
    ballots = {one.holder.code: str(one.ballot) for one in read.statements}  # type: ignore[union-attr]
    assert ballots == {"XA": "yes", "XB": "abstain", "XC": "absent"}
    assert [one.key for one in read.report.rows] == ["precedents.two_codes"]
    assert {c.code for one in read.statements for c in one.codings} == {"A/RES/74/28"}


# A ministry's own list

OWN = DataSet(
    key="own", title="Own", publisher="a desk", version="1", reference="here", licence="own", pass_on=PassOn.NO
)


def test_a_list_of_ones_own_says_everything_in_one_form(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(
        "incident,title,began,receivers,kind,holder,joined,names,on,words,verb,likelihood,confidence,law,checked,"
        "source_title,source_reference,source_place,source_opened\n"
        "1,A test,2021-03,XA|R-ASIA,,,,,,,,,,,,,,,\n"
        "1,,,,attribution,XA,XC|O-EU,XB:territory|group Test Bear:unsaid,2021-04-15T09:30Z,We condemn it.,condemn,"
        "icd_203.likely,high,norm/13c,verified,A declaration,https://example.org,paragraph 2,2026-11-28\n"
        "1,,,,denial,XB,,Not attributed,2021,,,,,none,,,,,\n"
    )
    read = read_files("own", [file], OWN)
    assert read.report.rows == ()
    said, denied = read.statements
    assert [one.key for one in said.joined] == ["state:XC", "organisation:O-EU"]
    assert {(name.actor.key, name.tie) for name in said.names} == {  # type: ignore[union-attr]
        ("state:XB", Tie.TERRITORY),
        ("group:test bear", Tie.UNSAID),
    }
    assert said.on.instant.precision is Precision.MINUTE  # type: ignore[union-attr]
    assert (said.likelihood.low, said.likelihood.high) == (550, 800)  # type: ignore[union-attr]
    assert (said.checked.name, said.source.place) == ("VERIFIED", "paragraph 2")  # type: ignore[union-attr]
    assert denied.names is Nothing.NOT_ATTRIBUTED
    assert denied.law == ()
    assert said.about == denied.about == ("own:1",)


BAD_ROWS = {
    "a kind that is none": "1,,XA,accusation,2021,",
    "a date that is none": "1,,XA,denial,2021-02-30,",
    "a holder nobody knows": "1,,Almaria,denial,2021,",
    "verified without a place": "1,,XA,denial,2021,verified",
    "neither incident nor statement": "1,,,,,",
}


@pytest.mark.parametrize("row", BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_row_of_ones_own_that_is_wrong_is_set_aside_whole(row: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(f"incident,title,holder,kind,on,checked,source_title\n{row},T\n2,Right,,,,,\n")
    read = read_files("own", [file], OWN)
    assert [one.row for one in read.report.rows] == [2]
    assert [one.name for one in read.incidents] == ["own:2"]
