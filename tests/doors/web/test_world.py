"""The map: where marks stand, that no label hides another, and that the outline is whole."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from parley.doors.web import world
from parley.doors.zone_places import places, read_table

PLACES = {"Africa/Nairobi": (-1.28, 36.81), "Pacific/Auckland": (-36.87, 174.77), "Europe/Zurich": (47.38, 8.53)}
ZONES = [*PLACES, "UTC", "Etc/GMT+5"]


def standing(party: str, zone: str = "UTC", offset: int = 0) -> world.Standing:
    return world.Standing(party, zone, offset, "open")


def test_a_mark_stands_at_the_place_of_its_zone() -> None:
    """36.81 degrees east are 433.6 units from the left edge, 85.28 degrees from the upper one 170.6."""
    (found,) = world.spots([standing("KE", "Africa/Nairobi", 180)], PLACES)
    assert (found.x, found.y, found.on_earth) == (434, 171, True)


def test_an_exercise_party_is_nowhere_on_the_earth_whatever_zone_it_names() -> None:
    (found,) = world.spots([standing("XA", "Africa/Nairobi", 180)], PLACES)
    assert found.on_earth is False
    assert found.y >= world.STRIP[0] > world.LAND_BOTTOM
    assert found.x == 450  # three hours east of the middle


def test_a_zone_without_a_place_stands_by_its_difference_from_utc() -> None:
    found = world.spots([standing("FR", "UTC"), standing("NZ", "Etc/GMT-13", 780)], PLACES)
    assert [one.on_earth for one in found] == [False, False]
    assert [one.x for one in found] == [360, world.WIDTH - 8]


@given(st.lists(st.tuples(st.integers(0, 675), st.sampled_from(ZONES), st.integers(-720, 840)), max_size=12))
def test_every_mark_and_label_is_on_the_map_and_labels_do_not_lie_on_each_other(
    drawn: list[tuple[int, str, int]],
) -> None:
    codes = {chr(65 + number // 26) + chr(65 + number % 26): (zone, offset) for number, zone, offset in drawn}
    found = world.spots([standing(code, *rest) for code, rest in codes.items()], PLACES)
    assert sorted(one.party for one in found) == sorted(codes)
    for one in found:
        assert 0 <= one.x <= world.WIDTH
        assert 0 <= one.label_x <= world.WIDTH
        assert 0 < one.label_y <= world.HEIGHT
    boxes = [(one.label_x, one.label_y, (len(one.party) + 6) * 7) for one in found]
    for number, (x, y, wide) in enumerate(boxes):
        for a, b, width in boxes[:number]:
            assert abs(y - b) >= world.APART or x + wide <= a or a + width <= x


def test_the_outline_is_one_path_without_a_line_across_the_map() -> None:
    """A step of a hundred degrees would be a ring that was not taken over the line of 180 degrees."""
    path = world.land()
    assert re.fullmatch(r"(M-?\d+ -?\d+l[-0-9 ]+z)+", path)
    steps = [int(x) for ring in re.findall("l([^z]+)z", path) for x in re.findall(r"-?\d+", ring)[0::2]]
    assert max(map(abs, steps)) < 100 * world.SCALE
    assert len(path) < 12_000


def test_places_come_from_the_machines_own_table() -> None:
    found = places()
    assert len(found) > 300
    latitude, longitude = found["Asia/Kathmandu"]
    assert (round(latitude), round(longitude)) == (28, 85)
    assert "UTC" not in found


def test_a_table_is_read_line_by_line_and_what_is_none_is_passed_over() -> None:
    text = "# a remark\nXX\t-0123+01234\tA/B\nYY\tnowhere\tC/D\n\nZZ\t+123456-1234567\tE/F\tremark\n"
    assert dict(read_table(text)) == {
        "A/B": (-(1 + 23 / 60), 12 + 34 / 60),
        "E/F": (12 + 34 / 60 + 56 / 3600, -(123 + 45 / 60 + 67 / 3600)),
    }
