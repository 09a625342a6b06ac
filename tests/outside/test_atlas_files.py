"""Files of the atlas: relationships, places, the mapped file, kept results; wrong, cut short, huge, hostile."""

from __future__ import annotations

import bz2
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.atlas.generator import Shape, generate
from parley.atlas.problems import AtlasProblem
from parley.atlas.sheet import Sheet
from parley.outside.sources import as_relationships
from parley.outside.sources.as_relationships import parse_as_relationships, read_as_relationships
from parley.outside.sources.graph_problems import GraphProblem
from parley.outside.sources.networks import read_places, read_servers
from parley.outside.store.atlas_file import AtlasFile, write_atlas
from parley.outside.store.atlas_problems import AtlasFileProblem
from parley.outside.store.atlas_run import open_run

SERIAL_1 = b"# source:topology|BGP|20990101\n1|2|-1\n2|3|0\n"
SERIAL_2 = b"# serial-2\r\n1|2|-1|bgp\r\n2|3|0|mlp\r\n"


@pytest.mark.parametrize(
    ("name", "data"), [("a.txt", SERIAL_1), ("b.txt", SERIAL_2), ("c.txt.bz2", bz2.compress(SERIAL_2))]
)
def test_both_serials_are_read_plain_or_packed(tmp_path: Path, name: str, data: bytes) -> None:
    """A provider and its customer, two peers."""
    path = tmp_path / name
    path.write_bytes(data)
    found = read_as_relationships(path)
    assert (found.provider, found.customer, found.peer_a, found.peer_b) == ([1], [2], [2], [3])
    assert (found.read, found.unreadable) == (2, [])


def test_two_packed_parts_in_one_file_are_read(tmp_path: Path) -> None:
    """As bzip2 itself writes them when files are joined."""
    path = tmp_path / "a.bz2"
    path.write_bytes(bz2.compress(b"1|2|-1\n") + bz2.compress(b"1|3|-1\n"))
    assert read_as_relationships(path).customer == [2, 3]


def test_a_line_that_cannot_be_read_is_set_aside_by_its_number() -> None:
    """Words, a number too large for a network, an unknown relation, too few fields; the others are kept."""
    lines = [b"1|2|-1", b"x|2|-1", b"4294967296|2|0", b"1|3|5", b"1|4", b"0|4|0", "١|2|0".encode(), *[b"1|9|-1"] * 7]
    found = parse_as_relationships(b"\n".join(lines), "a")
    assert found.unreadable == [2, 3, 4, 5, 6, 7]
    assert len(found.provider) == 8


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("empty.txt", b"", "not_as_rel"),
        ("page.txt", b"<html>\n<body>\nhello\n", "not_as_rel"),
        ("cut.bz2", bz2.compress(SERIAL_1 * 100)[:-20], "truncated"),
        ("not.bz2", b"1|2|-1\n", "truncated"),
    ],
)
def test_a_wrong_file_is_named_as_such(tmp_path: Path, name: str, data: bytes, key: str) -> None:
    """Nothing is guessed out of it."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(GraphProblem) as found:
        read_as_relationships(tmp_path / name)
    assert found.value.key == f"graph.{key}"


def test_a_missing_and_a_huge_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed megabyte of nothing is counted unpacked."""
    with pytest.raises(GraphProblem, match="cannot be read"):
        read_as_relationships(tmp_path / "none")
    monkeypatch.setattr(as_relationships, "LIMIT_MB", 1)
    for name, data in (("a", b"#" * (2 << 20)), ("a.bz2", bz2.compress(b"#" * (2 << 20)))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(GraphProblem, match="larger than 1 MB"):
            read_as_relationships(tmp_path / name)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Never anything else."""
    try:
        found = parse_as_relationships(data, "a")
    except GraphProblem:
        return
    assert len(found.provider) + len(found.peer_a) + len(found.unreadable) == found.read


def test_the_shipped_tables_say_whence_they_are() -> None:
    """Source, licence and date; Namibia's code is not read as nothing."""
    places, servers = read_places(), read_servers()
    assert places.read > 80_000
    assert not places.unreadable
    assert "NA" in {code for code, _ in places.places.values()}
    assert "NA" in servers.servers
    for found in (places, servers):
        for word in ("CC BY 4.0", "NRO", "RouteViews", "DB-IP", "2026-06-17"):
            assert word in found.source


def test_rows_of_places_that_cannot_be_used_are_set_aside(tmp_path: Path) -> None:
    """By line number; a table without the columns is no table."""
    path = tmp_path / "places.csv"
    path.write_text(
        "# own\nasn,name,addresses,top_country,top_share\n1,A,10,XA,1\nx,B,1,XA,1\n2,C,-1,XA,1\n3,D,5,Xa,1\n"
    )
    found = read_places(path)
    assert (found.places, found.unreadable) == ({1: ("XA", 10)}, [4, 5, 6])
    path.write_text("a,b\n1,2\n")
    with pytest.raises(GraphProblem, match="first line"):
        read_places(path)


SHEET = Sheet("A0", 3, 9, 1, 2, (), (), None, None, None, 5, "nothing")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    path = tmp_path / "a.parley"
    write_atlas(path, generate(1, Shape(300, 1_200)), [SHEET], {"sources": {}})
    return path


def test_what_was_written_is_read_back(built: Path) -> None:
    """Every array, the sheet, what was set aside; no sheet of a country that has none."""
    graph, found = generate(1, Shape(300, 1_200)), AtlasFile(built)
    for name in ("asn", "provider", "customer", "peer_a", "peer_b", "country", "weight"):
        assert np.array_equal(getattr(found.graph(), name), getattr(graph, name))
    assert found.graph().countries == graph.countries
    assert found.sheet("A0") == SHEET
    assert found.sheet("B7") is None


def test_an_atlas_cut_anywhere_is_refused(built: Path) -> None:
    """At forty lengths, and with bytes too many; never a wrong answer."""
    whole = built.read_bytes()
    for length in {*range(0, len(whole), len(whole) // 40), len(whole) - 1}:
        built.write_bytes(whole[:length])
        with pytest.raises(AtlasFileProblem):
            AtlasFile(built)
    built.write_bytes(whole + b"x")
    with pytest.raises(AtlasFileProblem, match="not as long"):
        AtlasFile(built)
    built.write_bytes(b"PK\x03\x04" + whole)
    with pytest.raises(AtlasFileProblem, match="no atlas of this version"):
        AtlasFile(built)


def test_results_that_are_kept_belong_to_their_run(tmp_path: Path) -> None:
    """The same settings go on; others are refused, and say what differs."""
    values, done = open_run(tmp_path / "run", {"seed": 1}, (2, 2, 5), 1)
    values[1, 1, 4], done[0] = 7, 1
    del values, done
    values, done = open_run(tmp_path / "run", {"seed": 1}, (2, 2, 5), 1)
    assert (int(values[1, 1, 4]), int(done[0])) == (7, 1)
    with pytest.raises(AtlasProblem, match="seed differs"):
        open_run(tmp_path / "run", {"seed": 2}, (2, 2, 5), 1)


HEAVY = {"numpy", "numba", "llvmlite", "dask", "distributed", "networkx", "matrix_bgpsim", "igraph"}


def loaded(code: str, env: dict[str, str] | None = None) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"],
        capture_output=True, text=True, check=True, timeout=60, env={**os.environ, **(env or {})},
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import parley",
        "import parley.atlas",
        "import parley.wiring, parley.backstage",
        "from parley.doors.cli import app, commands; list(commands.Loaded().values())",
        "from parley.backstage import Backstage; Backstage().surveying",
    ],
)
def test_what_a_node_loads_has_no_arrays_and_nothing_compiled(code: str) -> None:
    """An idle node loads none of the libraries of the atlas."""
    assert not loaded(code) & HEAVY


def test_a_sheet_is_read_without_arrays_and_without_the_other_commands(built: Path) -> None:
    """The command itself: that is what makes it quick. Time is not asserted here; bench/atlas.py measures it."""
    code = "import sys; sys.argv = ['parley', 'atlas', 'country', 'A0']; from parley.__main__ import main; main()"
    found = loaded(code, {"PARLEY_ATLAS": str(built)})
    assert not found & (HEAVY | {"cryptography", "sqlite3", "starlette", "babel"})


def test_the_control_of_the_two_tests_above() -> None:
    """What computes does load them."""
    assert {"numpy", "numba"} <= loaded("import parley.atlas.many")


def test_an_interrupted_command_leaves_its_results_and_goes_on(built: Path, tmp_path: Path) -> None:
    """A process is ended in the middle of a run; what it left is finished, and equals a run that never stopped."""
    command = [
        sys.executable, "-m", "parley", "--json", "atlas", "--atlas", str(built), "many", "--each", "5", "--among",
        "top:100", "--scenarios", "3000", "--keep",
    ]  # fmt: skip
    running = subprocess.Popen([*command, str(tmp_path / "a")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "a" / "done").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    running.terminate()
    running.wait(30)
    for name in ("a", "b"):
        subprocess.run([*command, str(tmp_path / name)], check=True, capture_output=True, timeout=120)
    assert (tmp_path / "a" / "values").read_bytes() == (tmp_path / "b" / "values").read_bytes()
    assert set((tmp_path / "a" / "done").read_bytes()) == {1}


def test_answers_about_cuts_say_what_was_varied(built: Path, tmp_path: Path) -> None:
    """Each of the three, with variants and without; never ends of which nobody knows over what."""
    from parley import surveying
    from parley.doors.cli.atlas import _cut_page, _many_page, _worst_page

    def drawn(flips: int, keep: Path) -> tuple[str, str, str]:
        cut = surveying.what_if(built, [1], [], [], ["A0"], orders=flips, flips=flips, share=0.1)
        runs = surveying.many(
            built, each=2, among="top:50", scenarios=40, seed=1, target=None, keep=keep, to_csv=keep / "all.csv",
            progress=lambda done, of: None, flips=flips, share=0.1,
        )  # fmt: skip
        bad = surveying.worst(built, "A0", 1, flips=flips, share=0.1)
        return "\n".join(_cut_page(cut)), "\n".join(_many_page(runs)), "\n".join(_worst_page(bad))

    told = drawn(2, tmp_path / "two")
    assert "2 other orders of ties" in told[0]
    for page in told:
        assert "2 of its variants, each with 10.0% of the links (120)" in page
        assert "a range, not a percentile" in page
    for page in drawn(0, tmp_path / "none"):
        assert "one graph; relationship errors not varied" in page
        assert "range" not in page
    assert "mean_low" in (tmp_path / "two" / "all.csv").read_text("utf-8").splitlines()[0]
    assert (tmp_path / "two" / "variant-2" / "values").exists()
