"""What is refused or survived, each with a message, and the record never half-imported."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.desk.problems import DeskProblem
from parley.desk.public_record import PublicRecord
from parley.outside.sources import files, mending
from parley.outside.sources.kinds import KINDS, read_files
from parley.outside.sources.problems import SourceProblem
from parley.outside.store.precedents import PrecedentStore
from parley.precedents.names import exercise
from parley.public_record import Files
from parley.terms.problem import Problem

from precedents_twins import CFR, Twins, write_twins  # isort: skip  (bench/, see conftest)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Twins:
    return write_twins(tmp_path_factory.mktemp("twins"), 40)


@pytest.fixture(autouse=True)
def fictional() -> Iterator[None]:
    with exercise():
        yield


def new_record() -> PublicRecord:
    """A record of its own, in memory, without what is shipped."""
    return PublicRecord(PrecedentStore(":memory:"), Files(), lambda: 1)


def key_of(kind: str, *places: Path) -> str:
    """Key of the problem with which an import is refused."""
    with pytest.raises(Problem) as caught:
        read_files(kind, list(places))
    assert caught.value.what
    assert caught.value.do
    return caught.value.key.rpartition(".")[2]


def cfr(*rows: dict[str, str]) -> str:
    """A small file of the tracker."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CFR, restval="")
    writer.writeheader()
    writer.writerows({"Title": f"T{n}", "Sponsor": "Almara", "Type": "Espionage"} | row for n, row in enumerate(rows))
    return out.getvalue()


# Whole files


def test_a_wrong_file_for_the_kind_is_named(twins: Twins) -> None:
    for kind in ("eurepoc", "dcid", "un-votes", "ofac-sanctions", "own"):
        assert key_of(kind, twins.cfr[0]) == "wrong_kind"
    assert key_of("cfr", twins.eurepoc_1_1[0]) == "wrong_kind"
    assert key_of("misp", twins.cfr[0]) == "not_json"


def test_another_release_is_named(twins: Twins, tmp_path: Path) -> None:
    """A column renamed, as between releases."""
    file = tmp_path / "next.csv"
    file.write_text(twins.eurepoc_1_1[0].read_text().replace("weighted_cyber_intensity", "weighted_severity"))
    assert key_of("eurepoc", file) == "wrong_version"


def test_a_part_alone_wants_the_other(twins: Twins) -> None:
    assert key_of("eurepoc", twins.eurepoc_1_1[1]) == "missing_part"


def test_a_part_twice_is_refused(twins: Twins) -> None:
    assert key_of("eurepoc", twins.eurepoc_1_1[0], twins.eurepoc_1_1[0]) == "same_part_twice"


@pytest.mark.parametrize("back", [3, 30, 60, 700, 5_000])
def test_half_a_file_is_refused_or_told(back: int, twins: Twins, tmp_path: Path) -> None:
    """Within a row it is refused. Within the very last cell nothing shows it but the missing end of line."""
    file = tmp_path / "half.csv"
    file.write_bytes(twins.eurepoc_1_1[0].read_bytes()[:-back])
    try:
        notes = read_files("eurepoc", [file]).report.notes
    except SourceProblem as problem:
        assert problem.key == "sources.half"  # noqa: PT017
    else:
        assert "the last row has no end of line" in notes[-1]


def test_a_whole_file_is_not_told_to_be_half(twins: Twins) -> None:
    """Control."""
    assert not any("end of line" in note for note in read_files("eurepoc", twins.eurepoc_1_1).report.notes)


def test_a_file_cut_off_between_rows_is_seen_by_what_is_missing(twins: Twins, tmp_path: Path) -> None:
    """Nothing in it is wrong; but two thirds of what is on the shelf are not in it."""
    record = new_record()
    record.take("eurepoc", twins.eurepoc_1_1)
    before = record.shelf.digest()  # type: ignore[attr-defined]
    cut = tmp_path / "cut.csv"
    lines = twins.eurepoc_1_1[0].read_text().splitlines(keepends=True)
    cut.write_text("".join(lines[:12]))
    with pytest.raises(DeskProblem) as caught:
        record.take("eurepoc", [cut])
    assert caught.value.key == "desk.many_gone"
    assert record.shelf.digest() == before  # type: ignore[attr-defined]
    assert record.take("eurepoc", [cut], shrunk=True).gone > 20


def test_utf_16_is_read_and_other_encodings_are_refused(twins: Twins, tmp_path: Path) -> None:
    text = twins.cfr[0].read_text()
    wide, latin = tmp_path / "wide.csv", tmp_path / "latin.csv"
    wide.write_text(text, encoding="utf-16")
    latin.write_bytes(text.replace("People", "Peüple").encode("latin-1"))
    read = read_files("cfr", [wide])
    assert len(read.incidents) == len(read_files("cfr", twins.cfr).incidents)
    assert read.report.notes[-1] == "wide.csv was in UTF-16."
    assert key_of("cfr", latin) == "not_text"


def test_cr_only_lines_are_lines(twins: Twins, tmp_path: Path) -> None:
    """One line to most tools."""
    old = tmp_path / "old.csv"
    old.write_bytes(twins.cfr[0].read_bytes().replace(b"\r\n", b"\r"))
    assert len(read_files("cfr", [old]).incidents) == len(read_files("cfr", twins.cfr).incidents)


def test_a_byte_order_mark_is_not_part_of_the_first_heading(twins: Twins, tmp_path: Path) -> None:
    marked = tmp_path / "marked.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + twins.cfr[0].read_bytes())
    assert len(read_files("cfr", [marked]).incidents) == len(read_files("cfr", twins.cfr).incidents)


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A sparse file: no such space is used."""
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(1 << 30)
    assert key_of("cfr", large) == "too_large"


def test_a_file_without_an_end_is_refused_at_the_limit(twins: Twins) -> None:
    with pytest.raises(SourceProblem) as caught:
        read_files("cfr", twins.cfr, limit=100)
    assert caught.value.key == "sources.too_large"


def test_an_empty_file_and_one_of_zeros_are_empty(tmp_path: Path) -> None:
    for content in (b"", b"\0" * 4096, b"\n\n"):
        (tmp_path / "empty.csv").write_bytes(content)
        assert key_of("cfr", tmp_path / "empty.csv") == "empty"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe would make a reader wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    assert key_of("cfr", tmp_path / "pipe") == "not_a_file"
    assert key_of("cfr", tmp_path) == "not_a_file"
    assert key_of("cfr", tmp_path / "missing") == "no_file"


CHANGES: dict[str, Callable[[Path], object]] = {
    "it grew": lambda path: path.write_bytes(path.read_bytes() + b"more\n"),
    "it was written anew": lambda path: os.utime(path, ns=(1, 1)),
    "another took its name": lambda path: (
        path.with_suffix(".new").write_bytes(b"x"),
        path.with_suffix(".new").replace(path),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "moving.csv"
    file.write_text(cfr({}))
    read = files._read

    def reading(open_file: io.BufferedReader, name: str, limit: int) -> bytes:
        body = read(open_file, name, limit)
        change(file)
        return body

    monkeypatch.setattr(files, "_read", reading)
    assert key_of("cfr", file) == "changed"


def test_a_file_that_stays_as_it_is_is_taken(tmp_path: Path) -> None:
    """Control."""
    (tmp_path / "still.csv").write_text(cfr({}))
    assert len(read_files("cfr", [tmp_path / "still.csv"]).incidents) == 1


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><export><sanctionEntity>&d;</sanctionEntity></export>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><export>&e;</export>'
XML = {BOMB: "xml_entities", OUTSIDE: "xml_entities", "<export><sanctionEntity>": "half", "<a></b>": "not_xml"}


@pytest.mark.parametrize(("text", "key"), XML.items(), ids=["bomb", "file from outside", "half", "crossed"])
def test_xml_that_is_a_trap_or_broken_is_refused(text: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_text(text)
    assert key_of("eu-sanctions", tmp_path / "list.xml") == key


def test_xml_without_an_entry_of_the_programme_is_the_wrong_file(tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_text("<export><sanctionEntity/></export>")
    assert key_of("eu-sanctions", tmp_path / "list.xml") == "wrong_kind"


JSON = {
    "[" * 100_000: "not_json",
    '{"type": "threat-actor", "values": [': "half",
    "[1, 2]": "wrong_kind",
    "nul": "not_json",
}


@pytest.mark.parametrize(("text", "key"), JSON.items(), ids=["deep", "half", "a list", "no JSON"])
def test_json_that_is_a_trap_or_broken_is_refused(text: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(text)
    assert key_of("misp", tmp_path / "list.json") in (key, "half")


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "C:\\x", "xl/..\\..\\x"])
def test_an_archive_with_paths_that_lead_out_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(archive(**{name: b"x"}))
    assert key_of("dcid", tmp_path / "book.xlsx") == "zip_path"


def test_an_archive_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED", 10_000)
    (tmp_path / "book.xlsx").write_bytes(archive(**{"xl/sheet.xml": b"0" * 10_001}))
    assert key_of("dcid", tmp_path / "book.xlsx") == "zip_swells"


def test_an_archive_that_is_no_workbook_is_refused(twins: Twins, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(archive(readme=b"x"))
    assert key_of("dcid", tmp_path / "book.xlsx") == "not_xlsx"
    (tmp_path / "half.xlsx").write_bytes(twins.dcid[0].read_bytes()[:900])
    assert key_of("dcid", tmp_path / "half.xlsx") == "not_xlsx"
    (tmp_path / "zip.json").write_bytes(archive(**{"a.json": b"{}"}))
    assert key_of("misp", tmp_path / "zip.json") == "zip_instead"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(KINDS)), body=st.binary(max_size=300))
def test_no_bytes_crash_a_reader(kind: str, body: bytes, tmp_path: Path) -> None:
    file = tmp_path / "any"
    file.write_bytes(body)
    with pytest.raises(Problem):
        read_files(kind, [file])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10**6), letter=st.binary(min_size=1, max_size=3))
def test_a_file_with_changed_bytes_is_read_or_refused(at: int, letter: bytes, twins: Twins, tmp_path: Path) -> None:
    """Never a crash, and never a row that is neither accepted nor set aside."""
    body = twins.cfr[0].read_bytes()
    place = at % len(body)
    file = tmp_path / "changed.csv"
    file.write_bytes(body[:place] + letter + body[place + len(letter) :])
    try:
        report = read_files("cfr", [file]).report
    except Problem:
        return
    assert report.read == report.accepted + report.quarantined


# Rows


def test_a_formula_is_set_aside_and_never_computed(tmp_path: Path) -> None:
    file = tmp_path / "cfr.csv"
    file.write_text(cfr({"Description": '=HYPERLINK("http://x","y")'}, {}))
    report = read_files("cfr", [file]).report
    assert (report.accepted, [one.key for one in report.rows]) == (1, ["precedents.formula"])


def test_what_is_written_out_to_mend_is_computed_by_no_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "cfr.csv"
    file.write_text(cfr({"Description": '=HYPERLINK("http://x","y")', "Affiliations": "@name"}))
    (body,) = mending.written(read_files("cfr", [file]).report.rows, "cfr-2022").values()
    cells = [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    assert '\'=HYPERLINK("http://x","y")' in cells


def test_a_mended_row_can_be_imported_again(twins: Twins, tmp_path: Path) -> None:
    """The two rows that were set aside, mended, bring one incident and one sponsor; nothing else moves."""
    record = new_record()
    first = record.take("cfr", twins.cfr)
    assert (first.accepted, first.quarantined, first.in_part) == (7, 1, 1)
    ((name, body),) = record.files_to_mend("cfr-2022").items()
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    sponsor, shifted = sorted(rows, key=lambda row: row["_field"])
    sponsor["Sponsor"] = "Almara"
    shifted |= {"Response": "", "Victims": "Somebody", "Sponsor": "Almara", "Type": "Espionage"}
    file = tmp_path / name
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows([sponsor, shifted])
    second = record.take("cfr", [file])
    assert (second.read, second.quarantined, second.gone) == (2, 0, 0)
    assert second.added == 3  # an incident with its sponsor, and the sponsor that was left out before
    assert record.take("cfr", [file]).added == 0


def test_a_mended_file_beside_its_original_is_the_whole_again(twins: Twins, tmp_path: Path) -> None:
    record = new_record()
    record.take("cfr", twins.cfr)
    ((name, body),) = record.files_to_mend("cfr-2022").items()
    (tmp_path / name).write_bytes(body)
    report = record.take("cfr", [*twins.cfr, tmp_path / name])
    assert (report.read, report.gone, report.added) == (8, 0, 0)


def test_mended_rows_of_release_1_3_keep_their_two_headings_twice(twins: Twins, tmp_path: Path) -> None:
    """One cell is spoilt; the row comes out with both columns of a name and goes in again."""
    broken = tmp_path / "broken.csv"
    broken.write_text(twins.eurepoc_1_3[0].read_text().replace("Dovaria", "Dovariaa", 1))
    record = new_record()
    assert record.take("eurepoc", [broken]).in_part == 1
    ((name, body),) = record.files_to_mend("eurepoc-1.3").items()
    (tmp_path / name).write_bytes(body.replace(b"Dovariaa", b"Dovaria"))
    report = record.take("eurepoc", [tmp_path / name])
    assert (report.read, report.in_part, report.gone, report.changed) == (1, 0, 0, 1)
    assert record.set_aside("eurepoc-1.3") == ()


def test_mended_elements_of_a_document_can_be_imported_again(tmp_path: Path) -> None:
    from precedents_twins import misp

    uuid = "00000000-0000-4000-8000-000000000001"
    file = tmp_path / "threat-actor.json"
    file.write_bytes(misp([{"value": "Test", "uuid": uuid, "meta": {"country": "Almara"}}]))
    record = new_record()
    first = record.take("misp", [file])
    assert first.in_part == 1
    ((name, body),) = record.files_to_mend("misp-threat-actor").items()
    (tmp_path / name).write_bytes(body.replace(b"Almara", b"XA"))
    assert record.take("misp", [tmp_path / name]).added == 1


def test_every_problem_of_a_refusal_leaves_the_record_as_it_was(twins: Twins, tmp_path: Path) -> None:
    """One record, a good import, then everything that is refused."""
    record = new_record()
    record.take("cfr", twins.cfr)
    before = record.shelf.digest()  # type: ignore[attr-defined]
    half = tmp_path / "half.csv"
    half.write_bytes(twins.cfr[0].read_bytes()[:-40])
    for kind, place in (("cfr", half), ("eurepoc", twins.cfr[0]), ("dcid", half), ("nothing", half)):
        with pytest.raises(Problem):
            record.take(kind, [place])
    assert record.shelf.digest() == before  # type: ignore[attr-defined]


def test_a_cell_of_a_table_beside_is_set_aside_as_its_and_mended_there(twins: Twins, tmp_path: Path) -> None:
    """The fault is in the attribution table: its row comes out, and goes in beside the three originals."""
    broken = tmp_path / "broken.csv"
    broken.write_text(twins.eurepoc_1_1[1].read_text().replace(",Dovaria,", ",Dovariaa,", 1))
    originals = [twins.eurepoc_1_1[0], broken, twins.eurepoc_1_1[2]]
    record = new_record()
    record.take("eurepoc", originals)
    (name,) = [name for name in record.files_to_mend("eurepoc-1.1") if name.startswith("broken")]
    body = record.files_to_mend("eurepoc-1.1")[name]
    assert body.count(b"\r\n") == 2  # the headings and one row
    (tmp_path / name).write_bytes(body.replace(b"Dovariaa", b"Dovaria"))
    report = record.take("eurepoc", [*originals, tmp_path / name])
    assert (report.gone, "broken.csv" in {one.file for one in report.rows}) == (0, False)
    clean = new_record()
    clean.take("eurepoc", twins.eurepoc_1_1)
    assert record.shelf.digest() == clean.shelf.digest()  # type: ignore[attr-defined]


def test_a_mended_sheet_of_a_workbook_goes_in_beside_it(twins: Twins, tmp_path: Path) -> None:
    """A heading of DCID ends in a blank; the mended file has it without."""
    record = new_record()
    record.take("dcid", twins.dcid)
    ((name, body),) = record.files_to_mend("dcid-2.0").items()
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    rows[0]["initiator"] = rows[0]["StateB"]
    with (tmp_path / name).open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    report = record.take("dcid", [*twins.dcid, tmp_path / name])
    assert (report.rows, report.added, report.gone) == ((), 1, 0)
