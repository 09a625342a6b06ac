"""Pictures: drawn light and dark, wide and narrow, each with its table; a node that draws none loads nothing of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import itertools

import small_record as small

from parley.desk.draw_precedents import PICTURES, drawing
from parley.outside.pictures import Painter
from parley.outside.pictures.map import world_map
from parley.outside.pictures.problems import PictureProblem
from parley.outside.store.precedents_asking import Asking
from parley.precedents import PrecedentProblem
from parley.precedents.drawing import Drawing
from parley.precedents.question import Question

HEAVY = ("altair", "vl_convert", "polars", "pandas", "numpy", "narwhals")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    store = small.filled()
    yield Asking(store)
    store.close()


@pytest.fixture(scope="module")
def painter() -> Iterator[Painter]:
    with Painter() as made:
        yield made


@pytest.mark.parametrize("what", PICTURES)
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_each_picture_has_its_width_title_and_words_for_those_who_cannot_see_it(
    asking: Asking, painter: Painter, what: str, width: int, dark: bool
) -> None:
    made = drawing(asking, what, Question(), case=small.ONE, width=width, dark=dark)
    root = ElementTree.fromstring(painter.paint(made))
    assert root.get("width") == str(width)
    assert root.findtext(f"{SVG}title") == made.title
    assert root.findtext(f"{SVG}desc")
    assert made.rows
    assert all(len(row) == len(made.columns) for row in made.rows)


def test_nothing_in_a_picture_runs_or_is_fetched(asking: Asking, painter: Painter) -> None:
    for what in PICTURES:
        text = painter.paint(drawing(asking, what, Question(), case=small.ONE)).decode()
        assert "<script" not in text
        assert 'href="http' not in text
        assert "url(http" not in text


def test_an_empty_answer_is_a_picture_of_nothing_and_no_failure(asking: Asking, painter: Painter) -> None:
    for what in PICTURES:
        if what != "timeline":
            made = drawing(asking, what, Question(words="zzzyx"))
            assert ElementTree.fromstring(painter.paint(made)).tag == f"{SVG}svg"


def test_what_a_source_wrote_cannot_leave_its_place_in_the_picture() -> None:
    hostile = "</text><script>alert(1)</script>&\"'"
    made = Drawing(
        kind="map", title=hostile, says=hostile, columns=("a", "b", "c"), rows=(("x", "XA", 1),), notes=(hostile,)
    )
    root = ElementTree.fromstring(world_map(made))
    assert root.findtext(f"{SVG}title") == hostile
    assert not list(root.iter(f"{SVG}script"))


def test_a_coarse_date_is_drawn_as_the_whole_year(asking: Asking) -> None:
    row = next(one for one in drawing(asking, "timeline", Question(), case=small.TWO).rows if one[4] == "2021")
    assert row[2:4] == ("2021-01-01", "2021-12-31")


def test_a_state_that_the_map_does_not_have_is_named_below_it() -> None:
    made = Drawing(kind="map", title="t", says="s", columns=("a", "b", "c"), rows=(("x", "SG", 3),))
    assert "SG 3." in "".join(ElementTree.fromstring(world_map(made)).itertext())


def test_no_line_of_the_map_crosses_the_world() -> None:
    """A ring that crosses the edge of the sheet goes on as another path: no step is longer than a quarter of it."""
    from parley.outside.pictures.map import _world

    for code, path in _world()["states"].items():
        for part in path.strip("MZ").replace("ZM", "M").split("M"):
            points = [float(point.partition(",")[0]) for point in part.strip("Z").split("L")]
            # Antarctica runs along the lower edge from one end to the other
            assert code == "AQ" or all(abs(a - b) < 250 for a, b in itertools.pairwise(points)), code


def test_a_drawing_that_cannot_be_drawn_is_said_and_the_next_is_drawn(painter: Painter) -> None:
    bad = Drawing(kind="dyads", title="t", says="s", columns=("a",), rows=(("x",),))
    with pytest.raises(PictureProblem) as problem:
        painter.paint(bad)
    assert problem.value.key == "pictures.not_drawn"
    good = msgspec.structs.replace(bad, columns=tuple("abcde"), rows=(("x", "XA", "XB", 2020, 1),))
    assert painter.paint(good)


def test_an_unknown_picture_is_said(asking: Asking) -> None:
    with pytest.raises(PrecedentProblem):
        drawing(asking, "pie", Question())


EVERY_COMMAND = "from parley.doors.cli import app, commands; list(commands.Loaded().values())"


def test_neither_a_node_nor_its_doors_load_what_draws() -> None:
    """The control imports the worker's module, which does load it."""
    base = f"import sys; import parley.wiring, parley.public_record, parley.program_door; {EVERY_COMMAND}"
    tell = f"; print([name for name in {HEAVY!r} if name in sys.modules])"
    plain = subprocess.run([sys.executable, "-c", base + tell], capture_output=True, text=True, check=True)
    assert plain.stdout.strip() == "[]"
    control = f"{base}; import parley.outside.pictures.charts{tell}"
    loaded = subprocess.run([sys.executable, "-c", control], capture_output=True, text=True, check=True)
    assert "altair" in loaded.stdout


def test_the_help_names_every_picture_without_loading_what_draws() -> None:
    from parley.desk import draw_precedents
    from parley.doors.cli import precedents_asking

    assert ", ".join(draw_precedents.PICTURES) == precedents_asking.PICTURES
    code = f"{EVERY_COMMAND}; import sys; print(any('ask_precedents' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
