"""Mail beside HTTPS: when it is used, what it carries, what is believed of it, and that nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from parley.desk import freshen, post, read, ways
from parley.desk.post_office import PostOffice
from parley.desk.roads import CALLED, HTTPS, MAIL, MAIL_IN
from parley.desk.take_letter import take_letter
from parley.line.conversation import read_conversation
from parley.line.note import Precedence
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.precedence import HOUR, MINUTE, SECOND
from parley.line.problems import LineProblem
from parley.line.roads import Bounce, First, again_after, patience
from parley.line.speaker import SPEAKER, speak
from parley.outside.bearers import BearerProblem
from parley.terms.problem import Problem
from parley.testing import DAY, FakeClock, MemoryPost, SimulatedParty, pair

ADDRESS = {"XA": "xa@almara.example", "XB": "xb@beltova.example"}


class Mailing:
    """XA and XB that have met, each with a post office whose rounds a test takes by hand."""

    def __init__(self, a: SimulatedParty, b: SimulatedParty) -> None:
        self.a, self.b, self.clock, self.post = a, b, a.clock, MemoryPost()
        self.listed = True
        self.offices = {party.node.party: self._office(party) for party in (a, b)}

    def _office(self, party: SimulatedParty) -> PostOffice:
        own = ADDRESS[party.node.party]

        def way(code: str) -> tuple[str, bool] | None:
            return (ADDRESS[code], self.listed) if code in ADDRESS and code != party.node.party else None

        return PostOffice(party.node, self.post.of(own), way, look_in=1e9, look_out=1e9)

    async def stop(self) -> None:
        for office in self.offices.values():
            await office.stop()

    def again(self, party: SimulatedParty) -> None:
        """After a restart of its node."""
        self.offices[party.node.party] = self._office(party)

    async def round(self, ms: int = SECOND, *, times: int = 2) -> int:
        """Let time pass, then both mail and look in, a few times; returns how many letters went."""
        before = len(self.post.sent)
        self.clock.sleep(ms)
        for _ in range(times):
            for here, there in ((self.a, "XB"), (self.b, "XA")):
                await self.offices[here.node.party].mail_to(there)
            for here in (self.a, self.b):
                await self.offices[here.node.party].look_in()
        return len(self.post.sent) - before

    def https_fails(self) -> None:
        for here, there in ((self.a, "XB"), (self.b, "XA")):
            here.node.roads.fails(there, HTTPS, self.clock(), "bearer.unreachable")

    def notes(self, party: SimulatedParty) -> list[bytes]:
        return [row.note_id for row in party.node.store.look(lambda look: look.notes(direction="in"))]

    def delivery(self, note: bytes) -> str:
        row = self.a.node.store.look(lambda look: look.conversation(note, "XB"))
        assert row is not None
        return read_conversation(row.state).delivery.name

    def waits(self, party: SimulatedParty) -> int:
        return sum(rows for _, rows, _ in party.node.store.look(lambda look: look.outbox_peers()))

    async def write(self, precedence: Precedence = Precedence.ROUTINE) -> bytes:
        return await self.a.write(self.b, 1, {10: "timetable"}, precedence=precedence)


@pytest.fixture
def mailing() -> Callable[[Callable[[Mailing], Coroutine[Any, Any, Any]]], Any]:
    """Runs a scene."""

    def run(scene: Callable[[Mailing], Coroutine[Any, Any, Any]]) -> None:
        async def main() -> None:
            there = Mailing(*await pair())
            try:
                await scene(there)
            finally:
                await there.stop()

        asyncio.run(asyncio.wait_for(main(), 60))

    return run


# -- the rule

PATIENCE = [
    # The table of when mail joins: FLASH nearly at once however HTTPS stands; the rest sooner when it fails.
    (Precedence.FLASH, First.WORKING, 3 * SECOND),
    (Precedence.FLASH, First.FAILING, 3 * SECOND),
    (Precedence.FLASH, First.NONE, 1 * SECOND),
    (Precedence.IMMEDIATE, First.WORKING, 450 * SECOND),  # a quarter of 30 minutes
    (Precedence.IMMEDIATE, First.FAILING, 1 * MINUTE),
    (Precedence.PRIORITY, First.WORKING, 45 * MINUTE),
    (Precedence.PRIORITY, First.FAILING, 10 * MINUTE),
    (Precedence.ROUTINE, First.WORKING, 90 * MINUTE),
    (Precedence.ROUTINE, First.FAILING, 30 * MINUTE),
    (Precedence.ROUTINE, First.NONE, 1 * SECOND),
]


@pytest.mark.parametrize(("precedence", "first", "expected"), PATIENCE)
def test_how_long_something_waits_before_mail_carries_it(precedence: Precedence, first: First, expected: int) -> None:
    assert patience(precedence, first) == expected


def test_what_is_mailed_again_is_mailed_ever_more_rarely() -> None:
    """In-station time, doubled, at most a day."""
    assert [again_after(Precedence.FLASH, n) // MINUTE for n in (1, 2, 3)] == [10, 20, 40]
    assert again_after(Precedence.ROUTINE, 1) == 6 * HOUR
    assert again_after(Precedence.FLASH, 99) == DAY


# -- hedging


def test_flash_is_mailed_beside_a_working_https_and_routine_is_not(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.a.node.roads.works("XB", HTTPS, there.clock())
        await there.write(Precedence.ROUTINE)
        flash = await there.write(Precedence.FLASH)
        assert await there.round(1 * SECOND, times=1) == 0  # first seen
        assert await there.round(3 * SECOND, times=1) == 1
        assert there.notes(there.b) == [flash]

    mailing(scene)


def test_what_https_settles_in_time_is_never_mailed(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        await there.write(Precedence.FLASH)
        await there.round(1 * SECOND, times=1)
        await there.a.deliver_to(there.b)
        assert await there.round(1 * HOUR) == 0

    mailing(scene)


def test_a_row_that_https_has_in_hand_is_mailed_all_the_same(mailing: Any) -> None:
    """An exchange that hangs until its patience is over must not hold up the hedge."""

    async def scene(there: Mailing) -> None:
        note = await there.write(Precedence.FLASH)
        row = there.a.node.store.look(lambda look: look.outbox_for(note, "XB"))
        assert row is not None
        there.a.node.in_flight.add(row.seq)
        await there.round(1 * SECOND)
        await there.round(3 * SECOND)
        assert there.notes(there.b) == [note]

    mailing(scene)


def test_routine_goes_by_mail_once_https_has_failed_for_half_an_hour(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        note = await there.write()
        there.https_fails()
        await there.round(1 * SECOND)
        await there.round(29 * MINUTE)
        assert there.notes(there.b) == []
        await there.round(1 * MINUTE)
        assert there.notes(there.b) == [note]

    mailing(scene)


def test_a_peer_that_calls_us_is_not_mailed_though_it_lists_no_https(mailing: Any) -> None:
    """It collects what waits with its next call; only when its calls cease does mail step in."""

    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.write()
        there.a.node.roads.works("XB", CALLED, there.clock())
        there.b.node.roads.works("XA", CALLED, there.clock())
        assert await there.round(30 * SECOND) == 0
        await there.round(60 * SECOND)
        assert len(there.notes(there.b)) == 1

    mailing(scene)


# -- the whole way by mail alone


def test_a_note_its_receipt_and_its_got_travel_by_mail_and_then_all_is_quiet(mailing: Any) -> None:
    """Three letters: the note, the receipt, and, after five minutes without another letter, the word that it came."""

    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.round()  # freshness
        before = len(there.post.sent)
        note = await there.write()
        await there.round()
        await there.round()
        assert there.notes(there.b) == [note]
        assert there.delivery(note) == "OPENED"
        assert there.waits(there.a) == 0
        assert there.waits(there.b) == 1  # the receipt, until XA says that it got it
        await there.round()
        await there.round(6 * MINUTE)
        assert there.waits(there.b) == 0
        assert len(there.post.sent) - before == 3
        for _ in range(5):
            await there.round(1 * HOUR)
        assert len(there.post.sent) - before == 3

    mailing(scene)


def test_reading_is_told_by_mail_to_whoever_wrote_by_mail(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        note = await there.write()
        await there.round()
        await there.round()
        await read.read(there.b.node, note.hex(), "en", officer="boris")
        await there.round()
        assert there.delivery(note) == "READ"

    mailing(scene)


def test_parties_that_never_met_on_the_line_learn_each_others_prekey_by_mail(mailing: Any) -> None:
    """After the ceremony nobody has a key to seal to: the first letters carry freshness, then the note goes."""

    async def scene(_: Mailing) -> None:
        clock = FakeClock()
        a, b = SimulatedParty("XA", clock), SimulatedParty("XB", clock)
        await a.start(locked=True)
        await b.start(locked=True)
        await a.meet(b)
        await a.unlock()
        await b.unlock()
        there = Mailing(a, b)
        there.listed = False
        note = await there.write()
        assert there.waits(a) == 0  # no key yet
        await there.round()
        await there.round()
        assert there.notes(b) == [note]
        await there.stop()

    mailing(scene)


def test_a_new_freshness_goes_by_mail_once_when_https_has_been_down_for_an_hour(mailing: Any) -> None:
    """Else a week without HTTPS would leave both sides without a key to seal to."""

    async def scene(there: Mailing) -> None:
        there.https_fails()
        assert await there.round(59 * MINUTE) == 0
        assert await there.round(2 * MINUTE) == 2
        assert await there.round(2 * HOUR) == 0
        there.clock.sleep(DAY)
        await freshen.freshen(there.a.node)
        assert await there.round() == 1
        heard = there.b.node.directory.entry("XA").heard
        assert heard is not None
        assert heard.raw == there.a.node.freshness

    mailing(scene)


def test_journals_are_cosigned_by_mail(mailing: Any) -> None:
    """A checkpoint rides with a note, its cosignature with the receipt."""
    from parley.desk import archive, witness

    async def scene(there: Mailing) -> None:
        there.listed = False
        await witness.checkpoint(there.a.node)
        there.a.node.news["XB"] = witness.show_to(there.a.node, "XB")
        await there.write()
        await there.round()
        await there.round()
        assert archive.cosigners(there.a.node) == ["parley/XB"]

    mailing(scene)


# -- what goes wrong on the way


def test_the_same_note_by_two_roads_is_there_once(mailing: Any) -> None:
    """By HTTPS, by mail, and the mail doubled."""

    async def scene(there: Mailing) -> None:
        note = await there.write(Precedence.FLASH)
        await there.round(1 * SECOND, times=1)
        await there.offices["XA"].mail_to("XB")
        there.clock.sleep(3 * SECOND)
        await there.offices["XA"].mail_to("XB")
        await there.a.deliver_to(there.b)
        there.post.letters[ADDRESS["XB"]] *= 3
        await there.round()
        assert there.notes(there.b) == [note]
        assert there.b.node.store.look(lambda look: look.records("refusal")) == []
        assert there.waits(there.a) == 0

    mailing(scene)


def test_doubled_letters_are_answered_once(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.write()
        await there.round(times=1)
        there.clock.sleep(2 * SECOND)
        await there.offices["XA"].mail_to("XB")
        there.post.letters[ADDRESS["XB"]] *= 20
        await there.offices["XB"].look_in()
        assert there.waits(there.b) == 1
        there.b.node.got.clear()
        there.again(there.b)  # a restart forgets which letters were taken
        await there.offices["XB"].look_in()
        await take_letter(there.b.node, there.post.sent[-1][1])
        assert there.waits(there.b) == 1

    mailing(scene)


def test_a_lost_letter_is_mailed_again_when_its_time_is_up_also_after_a_restart(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.round()
        note = await there.write()
        there.post.lost = 1
        await there.round()
        await there.round()
        assert there.notes(there.b) == []
        there.again(there.a)
        await there.round(5 * HOUR)
        assert there.notes(there.b) == []
        await there.round(2 * HOUR)
        assert there.notes(there.b) == [note]

    mailing(scene)


def test_what_the_server_refuses_stays_and_is_tried_again_after_a_pause(mailing: Any) -> None:
    """Nothing is lost of what would have ridden along either; attempts grow rare."""

    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.round()
        note = await there.write()
        there.a.node.got["XB"] = [bytes(32)]
        there.post.refusal = BearerProblem("mail_later", address="127.0.0.1:25", code=451)
        await there.round()
        await there.round()
        road = there.a.node.roads.of("XB", MAIL)
        assert road.failing
        assert road.problem == "bearer.mail_later"
        assert there.a.node.got["XB"] == [bytes(32)]
        there.post.refusal = None
        assert await there.round(10 * SECOND) == 0
        await there.round(30 * SECOND)
        assert there.notes(there.b) == [note]
        assert not there.a.node.roads.of("XB", MAIL).failing

    mailing(scene)


def test_a_bounce_is_told_and_a_forged_one_is_not_believed(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.round()
        await there.write()
        there.post.lost = 1
        await there.round()
        await there.round()
        office = there.offices["XA"]
        await office._take(Bounce("0" * 32, "5.1.1"))
        assert not there.a.node.roads.of("XB", MAIL).failing
        known = [v for _, v in there.a.node.store.look(lambda look: look.records(post.POSTED))]
        letter_id = msgspec.msgpack.decode(known[0], type=post.Posted).letter_id
        await office._take(Bounce(letter_id, "5.1.1"))
        assert there.a.node.roads.of("XB", MAIL).problem == "bearer.mail_bounced"
        assert there.waits(there.a) == 1

    mailing(scene)


# -- who is believed


def letter(there: Mailing, parcel: Parcel, *, of: SimulatedParty | None = None, to: str = "XB") -> bytes:
    of = of or there.a
    node = of.node
    spoken = speak(parcel, node.node_key, issuer=node.party, incarnation=node.incarnation, to=to, now=there.clock())
    return spoken.to_bytes()


def key_of(problem: Any) -> str:
    key: str = problem.value.key
    return key


def test_a_parcel_that_names_no_speaker_brings_no_note(mailing: Any) -> None:
    """A stranger could fill the disk in nobody's name; by hand, an officer answers for it, and it is taken."""

    async def scene(there: Mailing) -> None:
        from parley.desk.inbox import parcel_for
        from parley.desk.receive import receive

        await there.write()
        data = await parcel_for(there.a.node, "XB")
        with pytest.raises(LineProblem) as problem:
            await take_letter(there.b.node, data)
        assert key_of(problem) == "line.no_speaker"
        assert there.notes(there.b) == []
        await receive(there.b.node, None, data)
        assert len(there.notes(there.b)) == 1

    mailing(scene)


def test_a_parcel_of_a_stranger_is_recorded_and_brings_nothing(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        c = SimulatedParty("XC", there.clock)
        await c.start()
        with pytest.raises(Problem) as problem:
            await take_letter(there.b.node, letter(there, Parcel(items=((1, b"junk"),)), of=c))
        assert key_of(problem) == "line.unknown_sender"
        kept = there.b.node.store.look(lambda look: look.records("refused-news"))
        assert len(kept) == 1

    mailing(scene)


def test_what_was_put_together_anew_on_the_way_is_refused(mailing: Any) -> None:
    """A carrier that adds `got`, takes out an item, or turns the parcel to another party."""

    async def scene(there: Mailing) -> None:
        honest = read_parcel(letter(there, Parcel(got=(bytes(32),))))
        for changed in (
            msgspec.structs.replace(honest, got=(bytes([1]) * 32,)),
            msgspec.structs.replace(honest, items=((2, b"x"),)),
            msgspec.structs.replace(honest, extensions={**honest.extensions, 9: 1}),
        ):
            with pytest.raises(LineProblem) as problem:
                await take_letter(there.b.node, changed.to_bytes())
            assert key_of(problem) == "line.other_parcel"
        with pytest.raises(LineProblem) as problem:
            await take_letter(there.b.node, letter(there, Parcel(), to="XC"))
        assert key_of(problem) == "line.parcel_to_another"
        signed = honest.extensions[SPEAKER]
        assert isinstance(signed, bytes)
        broken = signed[:-1] + bytes([signed[-1] ^ 1])
        with pytest.raises(Problem):
            await take_letter(there.b.node, msgspec.structs.replace(honest, extensions={SPEAKER: broken}).to_bytes())
        assert await take_letter(there.b.node, honest.to_bytes()) == "XA"  # control

    mailing(scene)


def test_after_a_rotation_the_particulars_in_the_letter_say_whose_it_is(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.round()
        await there.a.rotate()
        await freshen.freshen(there.a.node, force=True)
        note = await there.write()
        await there.round()
        await there.round()
        assert there.notes(there.b) == [note]
        assert there.delivery(note) == "OPENED"

    mailing(scene)


def test_got_ends_the_resending_of_a_receipt_only_from_the_peer_itself(mailing: Any) -> None:
    """XC cannot speak for XA: its `got` with XA's digests settles nothing."""

    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.write()
        await there.round(times=1)
        there.clock.sleep(2 * SECOND)
        await there.offices["XA"].mail_to("XB")
        await there.offices["XB"].look_in()
        row = there.b.node.store.look(lambda look: look.outbox_next("XA", 1 << 62, most=1, most_bytes=1 << 20))[0]
        c = SimulatedParty("XC", there.clock)
        await c.start()
        await there.b.meet(c)
        await take_letter(there.b.node, letter(there, Parcel(got=(row.digest,)), of=c))
        assert there.waits(there.b) == 1
        await take_letter(there.b.node, letter(there, Parcel(got=(row.digest,))))
        assert there.waits(there.b) == 0

    mailing(scene)


def test_a_locked_node_takes_letters_and_opens_them_later(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        note = await there.write()
        await there.b.restart(locked=True)
        there.again(there.b)
        await there.round()
        await there.round()
        assert there.delivery(note) == "TAKEN"
        assert there.notes(there.b) == []
        await there.b.unlock()
        assert there.notes(there.b) == [note]
        await there.round()
        assert there.delivery(note) == "OPENED"

    mailing(scene)


def test_a_flood_of_junk_letters_holds_up_no_note_and_is_bounded_on_disk(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        junk = [b"junk %d" % n for n in range(500)] + [Parcel(items=((1, b"%d" % n),)).to_bytes() for n in range(500)]
        there.post.letters[ADDRESS["XB"]] = junk
        note = await there.write()
        await there.round()
        await there.round()
        assert there.notes(there.b) == [note]
        assert len(there.b.node.store.look(lambda look: look.records("refused-news"))) <= 2

    mailing(scene)


def test_where_the_mailbox_was_looked_at_last_moves_only_after_the_letters_are_durable(mailing: Any) -> None:
    """A full disk in the middle: the round ends, and the next one begins at the same letter."""

    async def scene(there: Mailing) -> None:
        there.listed = False
        await there.round()
        note = await there.write()
        await there.round(times=1)
        there.clock.sleep(2 * SECOND)
        await there.offices["XA"].mail_to("XB")
        place = there.b.node.store.look(lambda look: look.record("mailbox", "place"))
        write = there.b.node.store.write

        async def full(unit: Any, *, point: str) -> Any:
            if point == "receive":
                raise BearerProblem("unwritable", path="the store", reason="No space left on device")
            return await write(unit, point=point)

        there.b.node.store.write = full  # type: ignore[method-assign]
        assert not await there.offices["XB"].look_in()
        assert there.b.node.roads.of("XB", MAIL_IN).failing
        assert there.b.node.store.look(lambda look: look.record("mailbox", "place")) == place
        there.b.node.store.write = write  # type: ignore[method-assign]
        assert await there.offices["XB"].look_in()
        assert there.notes(there.b) == [note]

    mailing(scene)


def test_what_a_peer_said_it_got_before_it_was_restored_counts_no_more(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        from parley.desk.follow import PEER_LIFE

        there.listed = False
        await there.write()
        await there.round(times=1)
        there.clock.sleep(2 * SECOND)
        await there.offices["XA"].mail_to("XB")
        await there.offices["XB"].look_in()
        row = there.b.node.store.look(lambda look: look.outbox_next("XA", 1 << 62, most=1, most_bytes=1 << 20))[0]
        life = bytes(16) + bytes(8)
        await there.b.node.store.write(lambda tx: tx.put(PEER_LIFE, "XA", life), point="test")
        await take_letter(there.b.node, letter(there, Parcel(got=(row.digest,))))
        assert there.waits(there.b) == 1

    mailing(scene)


def test_states_of_roads_survive_a_restart(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.https_fails()
        await there.a.node.roads.keep(there.a.node.store)
        await there.a.restart()
        there.a.node.store.look(there.a.node.roads.load)
        assert there.a.node.roads.of("XB", HTTPS).problem == "bearer.unreachable"

    mailing(scene)


def test_news_in_a_letter_are_not_more_than_a_parcel_may_hold(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        there.listed = False
        there.a.node.news["XB"] = [(int(ItemKind.COSIGNATURE), b"x%d" % n) for n in range(1000)]
        note = await there.write()
        await there.round()
        await there.round()
        assert there.notes(there.b) == [note]

    mailing(scene)


def test_a_note_that_goes_by_mail_is_written_down_as_mailed(mailing: Any) -> None:
    """The report card of a drill needs it, and the officer who looks at a note's life; one that went at once by the
    first bearer is written down for a drill only."""

    async def scene(wire: Mailing) -> None:
        wire.https_fails()
        other = await wire.write(Precedence.FLASH)
        asked = await wire.write(Precedence.FLASH)
        wire.a.node.traced[asked] = ""
        await wire.round(1 * SECOND, times=1)  # first seen
        await wire.round(3 * SECOND, times=1)
        (way,) = wire.a.node.store.look(lambda look: ways.ways_of(look, asked, "XB", ("mail",)))
        assert way.kind == "mail"
        assert way.handed_at is not None
        (mailed,) = wire.a.node.store.look(lambda look: ways.ways_of(look, other, "XB", ("mail",)))
        assert mailed.handed_at is not None
        at_once = await wire.write()
        await wire.a.deliver_to(wire.b)
        (none,) = wire.a.node.store.look(lambda look: ways.ways_of(look, at_once, "XB", ("https",)))
        assert none.handed_at is None

    mailing(scene)


def test_a_drill_over_mail_is_mailed_at_once_and_https_leaves_it_alone(mailing: Any) -> None:
    """However well HTTPS works: this note is to show whether a letter arrives."""

    async def scene(there: Mailing) -> None:
        note = await there.write()
        there.a.node.traced[note] = "mail"
        assert await there.a.deliver_to(there.b) == 0
        assert await there.round() > 0
        assert there.notes(there.b) == [note]
        assert await there.a.deliver_to(there.b) == 0

    mailing(scene)


def test_a_drill_over_https_is_never_mailed(mailing: Any) -> None:
    async def scene(there: Mailing) -> None:
        note = await there.write(Precedence.FLASH)
        there.a.node.traced[note] = "https"
        there.https_fails()
        await there.round(HOUR)
        assert there.notes(there.b) == []

    mailing(scene)
