"""The machine's clock and the floor below which it is not believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.outside.clock import TOLERANCE_MS, Reading, SystemClock

T = 1_494_770_400_000
HOUR = 3_600_000


class Machine:
    """A wall clock that a test can set, and a count of passing time that nobody can."""

    def __init__(self, wall=T, floor=0):
        self.wall, self.elapsed, self.steps = wall, 5_000_000, []
        self.clock = SystemClock(
            floor, stepped_back=self.steps.append, wall=lambda: self.wall, elapsed=lambda: self.elapsed
        )

    def pass_time(self, ms):
        self.wall += ms
        self.elapsed += ms


def test_a_clock_that_runs_is_believed_and_moves_its_floor():
    machine = Machine()
    assert machine.clock.look() == Reading(T, 0)
    machine.pass_time(HOUR)
    assert machine.clock.look() == Reading(T + HOUR, 0)
    assert machine.clock.floor == T + HOUR
    assert machine.steps == []


@pytest.mark.parametrize("back", [2 * TOLERANCE_MS, HOUR, 2 * 24 * HOUR, T])
def test_a_step_back_is_noticed_once_and_time_goes_on_from_the_floor(back):
    machine = Machine()
    machine.clock.look()
    machine.wall -= back
    first = machine.clock.look()
    machine.pass_time(1000)
    second = machine.clock.look()
    assert first == Reading(T, back)
    assert (second.ms, second.behind_ms) == (T + 900, back - 100)
    assert machine.steps == [back]


@pytest.mark.parametrize("back", [1, TOLERANCE_MS])
def test_a_small_step_back_is_evened_out_and_not_reported(back):
    machine = Machine()
    machine.clock.look()
    machine.wall -= back
    assert machine.clock.look() == Reading(T, 0)
    machine.pass_time(back + 5)
    assert machine.clock.look() == Reading(T + 5, 0)
    assert machine.steps == []


def test_many_small_steps_back_are_noticed_in_their_sum():
    """A clock turned back a second every second never makes a large step."""
    machine = Machine()
    for _ in range(60):
        machine.clock.look()
        machine.pass_time(1000)
        machine.wall -= 1500
    assert machine.steps


def test_a_machine_that_wakes_up_in_1970_goes_on_from_the_persisted_floor():
    machine = Machine(wall=0, floor=T)
    assert machine.clock.look() == Reading(T, T)
    machine.pass_time(10 * HOUR)
    assert (
        machine.clock.now() == T + 9 * HOUR
    )  # a tenth slower, so that a clock which is only a little behind catches up
    machine.wall = T + 20 * HOUR  # somebody sets the clock
    assert machine.clock.look() == Reading(T + 20 * HOUR, 0)
    assert machine.steps == [T]


def test_a_clock_three_seconds_behind_has_caught_up_after_half_a_minute():
    machine = Machine()
    machine.clock.look()
    machine.wall -= 3000
    seen = []
    for _ in range(40):
        seen.append(machine.clock.look().behind_ms)
        machine.pass_time(1000)
    assert seen[0] == 3000
    assert seen[-1] == 0
    assert machine.clock.look().ms == machine.wall


def test_a_second_step_back_is_reported_again():
    machine = Machine()
    machine.clock.look()
    machine.wall -= HOUR
    machine.clock.look()
    machine.wall += 2 * HOUR
    machine.clock.look()
    machine.wall -= HOUR
    machine.clock.look()
    assert machine.steps == [HOUR, HOUR]


def test_a_floor_that_is_itself_wrong_can_be_lowered_by_an_officer():
    """The clock once ran years ahead: without this the node would live in that year for ever."""
    machine = Machine(floor=T + 10 * 365 * 24 * HOUR)
    assert machine.clock.look().behind_ms > 0
    machine.clock.lower_floor(T - HOUR)
    assert machine.clock.look() == Reading(T, 0)


def test_a_sleeping_laptop_is_not_a_clock_step():
    machine = Machine()
    machine.clock.look()
    machine.pass_time(14 * HOUR)
    assert machine.clock.look() == Reading(T + 14 * HOUR, 0)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-100_000, 100_000)), max_size=40))
def test_time_given_out_never_goes_back(moves):
    """Property, whatever is done to the wall clock."""
    machine, last = Machine(), 0
    for passed, step in moves:
        machine.pass_time(passed)
        machine.wall += step
        now = machine.clock.now()
        assert now >= last
        last = now


def test_the_real_clock_runs():
    clock = SystemClock()
    assert clock.now() <= clock.now()
    assert clock.look().behind_ms == 0
