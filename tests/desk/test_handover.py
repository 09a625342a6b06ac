"""The handover: what came, what is awaited of whom by when, what changed, and the hour there."""

from __future__ import annotations

from typing import Any

import pytest

from parley.clearance import How, Verdict
from parley.desk import answer, clear, compose, decide, drill, handover, particulars, read, read_back, release
from parley.desk.draft import Draft
from parley.directory import Office
from parley.doors.cli.handover_page import print_page, text_page
from parley.doors.duty_shapes import handover as shape
from parley.testing import START

HOUR, MINUTE = 3_600_000, 60_000


def whats(items: Any) -> list[tuple[str, str]]:
    return [(item.what, item.party) for item in items]


def page(wire: Any, since: int) -> str:
    return "\n".join(text_page(shape(wire.a.node, handover.handover(wire.a.node, since))))


async def asked(wire: Any, **fields: Any) -> bytes:
    """XA asks XB for information; an answer is hoped for within two hours."""
    note = await wire.a.write(wire.b, 1, {10: "after-outage"}, answer_by=wire.clock() + 2 * HOUR, **fields)
    await wire.a.deliver_to(wire.b)
    return note


def test_what_is_awaited_stands_with_its_by_when_and_never_as_overdue(play: Any) -> None:
    """Before and after the time hoped for it is the same word; XB sees it as awaited of itself."""

    async def scene(wire: Any) -> None:
        await asked(wire)
        for wait in (0, 5 * HOUR):
            wire.clock.sleep(wait)
            ours, theirs = (handover.handover(party.node, 0) for party in (wire.a, wire.b))
            assert whats(ours.awaited) == [("answer", "XB")]
            assert ours.awaited[0].by == START + 2 * HOUR
            assert whats(theirs.with_us) == [("our-answer", "XA"), ("reading", "XA")]
            assert "answer awaited, opened; by 121000Z MAY 17" in " ".join(page(wire, 0).split())
            assert "overdue" not in page(wire, 0)

    play(scene)


def test_what_changed_since_is_what_changed_since(play: Any) -> None:
    """Read, read back otherwise, answered: each with its time; nothing of what was before."""

    async def scene(wire: Any) -> None:
        note = await asked(wire)
        wire.clock.sleep(HOUR)
        since = wire.clock()
        await read.read(wire.b.node, note.hex(), "fr", officer="boris")
        await read_back.give(
            wire.b.node, note.hex(), {10: "incident"}, language="fr", role="duty officer", seconds=9, by_person=True
        )
        reply = answer.reply_draft(wire.b.node, note.hex(), 2, {10: "in-order", 11: "both"}, language="en", officer="b")
        composed = await compose.compose(wire.b.node, reply)
        await release.release(wire.b.node, wire.b.keys.sign_note(composed.payload))
        await wire.b.deliver_to(wire.a)
        found = handover.handover(wire.a.node, since)
        assert sorted(item.what for item in found.changed) == ["acted", "answered", "read", "read-back"]
        assert whats(found.came) == [("came", "XB")]
        assert ("clarification", "XB") in whats(found.with_us)
        assert found.awaited == ()
        later = handover.handover(wire.a.node, wire.clock() + 1)
        assert (later.changed, later.came) == ((), ())

    play(scene)


def test_real_notes_stand_first_and_urgent_ones_before_others(play_for_real: Any) -> None:
    async def scene(wire: Any) -> None:
        for exercise, precedence in ((True, 3), (False, 0), (False, 2)):
            await wire.b.write(wire.a, 1, {10: "timetable"}, exercise=exercise, precedence=precedence)
        await wire.b.deliver_to(wire.a)
        found = handover.handover(wire.a.node, 0)
        assert [(item.exercise, item.precedence) for item in found.came] == [(False, 2), (False, 0), (True, 3)]

    play_for_real(scene)


def test_decisions_newer_particulars_and_drills_that_are_due_are_on_the_page(play: Any) -> None:
    async def scene(wire: Any) -> None:
        wire.clock.sleep(HOUR)
        since = wire.clock()
        await decide.suspend(wire.a.node, "XB", "registrar")
        await drill.schedule(wire.a.node, drill.Wanted(name="Check", first_at=since, officer="amal", to=("XB/duty",)))
        found = handover.handover(wire.a.node, since)
        assert whats(found.changed) == [("suspended", "XB")]
        assert whats(found.with_us) == [("drill", "XA")]

    play(scene)


PLACES = {
    "Tashkent is five hours ahead": ("Asia/Tashkent", (6, 7), "2017-05-12T13:00", False),
    "a Friday is a weekend there": ("Asia/Riyadh", (5, 6), "2017-05-12T11:00", True),
    "summer time counts": ("America/New_York", (6, 7), "2017-05-12T04:00", False),
    "a zone that this machine does not know: UTC, and it says so": ("Mars/Olympus", (6, 7), "2017-05-12T08:00", False),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_hour_there(play: Any, name: str) -> None:
    """Friday, 12 May 2017, 08:00 UTC."""
    zone, weekend, local, is_weekend = PLACES[name]

    async def scene(wire: Any) -> None:
        office = Office(
            "duty", "combined", {"en": "Duty office"}, (wire.b.keys.office.public,), ("en",), "24/7",
            time_zone=zone, weekend=weekend,
        )  # fmt: skip
        wire.clock.sleep(1)
        wire.b.particulars = wire.b.keys.particulars(wire.clock(), wire.b.particulars, offices=(office,))
        await particulars.adopt_own(wire.b.node, wire.b.keys.signed(wire.b.particulars), "registrar")
        await wire.b.deliver_to(wire.a)
        found = handover.local_hour(wire.a.node, "XB", wire.clock())
        assert (found.local, found.weekend) == (local, is_weekend)
        assert found.zone == (zone if zone != "Mars/Olympus" else "UTC")
        assert handover.local_hour(wire.a.node, "XC", wire.clock()) is None

    play(scene)


def test_one_page_holds_what_is_most_urgent_and_counts_the_rest(play: Any) -> None:
    """Twenty notes in and twenty out: 80 columns, one page of 70 lines, nothing left out without a word."""

    async def scene(wire: Any) -> None:
        for _ in range(20):
            await wire.b.write(wire.a, 1, {10: "timetable"}, answer_by=wire.clock() + HOUR)
            await wire.a.write(wire.b, 1, {10: "timetable"}, answer_by=wire.clock() + HOUR)
        await wire.b.deliver_to(wire.a)
        text = page(wire, 0).splitlines()
        assert max(map(len, text)) <= 80
        assert len(text) <= 70
        assert "-- What came (20)" in text
        assert any("and 14 more" in line for line in text)
        whole = list(text_page(shape(wire.a.node, handover.handover(wire.a.node, 0)), everything=True))
        assert not any("more:" in line for line in whole)

    play(scene)


def test_the_printed_page_is_whole_and_takes_no_markup_from_a_party(play: Any) -> None:
    """One file, nothing fetched; the hours that a party writes of itself are text, whatever they look like."""

    async def scene(wire: Any) -> None:
        office = Office(
            "duty", "combined", {"en": "Duty office"}, (wire.b.keys.office.public,), ("en",), "<script>x</script>"
        )
        wire.clock.sleep(1)
        wire.b.particulars = wire.b.keys.particulars(wire.clock(), wire.b.particulars, offices=(office,))
        await particulars.adopt_own(wire.b.node, wire.b.keys.signed(wire.b.particulars), "registrar")
        await wire.b.deliver_to(wire.a)
        await asked(wire)
        html = print_page(shape(wire.a.node, handover.handover(wire.a.node, 0)))
        assert html.startswith("<!doctype html>")
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert not any(word in html for word in ("http", "src=", "url(", "overdue"))

    play(scene)


def test_a_locked_node_says_that_the_page_lacks_what_it_took(play: Any) -> None:
    async def scene(wire: Any) -> None:
        assert "locked" not in page(wire, 0)
        wire.a.node.vault = None
        assert "The node is locked" in page(wire, 0)

    play(scene)


def test_what_one_officer_released_alone_is_named_until_another_has_looked_at_it(play: Any) -> None:
    """`parley handover` names it with who did; the review is a command, or done on the desk's page."""

    async def scene(wire: Any) -> None:
        sent = Draft(
            form=1, office="duty", to=("XB/duty",), lines={10: "drill"}, written_in="en", officer="amal", exercise=True
        )
        made = await compose.compose(wire.a.node, sent)
        alone = Verdict(how=How.LONE, releaser="amal", reason="nobody else was reached")
        await release.release(wire.a.node, wire.a.keys.sign_note(made.payload), alone)
        text = " ".join(page(wire, 0).split())
        assert "Released by one officer alone (1)" in text
        assert "awaits a review (parley clearance review); released by amal" in text
        await clear.review(wire.a.node, made.note_id.hex(), "basma", "well said")
        assert "Released by one officer alone (0)" in page(wire, 0)

    play(scene)
