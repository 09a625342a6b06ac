"""A file that a note names is asked for by an officer and comes over the line: what comes, and what does not.

| what happens | what is to be seen | why |
|---|---|---|
| the officer asks | the file is kept for the note, byte for byte | the digest in the signed note binds it |
| nobody asks | nothing crosses | what a peer names fills no disk |
| a third party asks for it | a part of no bytes, the same as for what never was | nobody learns what is here |
| the line is cut in between | it goes on where it stopped | one part is lost, not the file |
| either side restarts | it goes on | what is under way is in the store |
| the giver is locked | asked again later | a locked node reads nothing |
| the giver no longer has it | "not there", and it may be asked again | silence would be misread |
| what comes is not the file | nothing of it is kept | a part proves nothing |
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from parley.desk import attach, attachment, compose, draft, fetch_file
from parley.desk.draft import Draft
from parley.desk.fill import fill
from parley.desk.find import find, open_note
from parley.desk.problems import DeskProblem
from parley.desk.receive import receive
from parley.desk.release import release
from parley.forms import load
from parley.line.file_parts import PART, FilePart, FileRequest, read_file_word
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.seal import digest, open_sealed, seal

WORM = [(10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
        (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"),
        (23, "13h")]  # fmt: skip
LOG = b"2017-05-12T07:44:00Z 192.0.2.7 445/tcp syn\n" * 3_200  # three parts
PARTS = -(-len(LOG) // PART)


def story(play: Any, tell: Any) -> None:
    async def scene(wire: Any) -> None:
        note = await sent(wire)
        await tell(wire, note)

    play(scene)


async def sent(wire: Any, content: bytes = LOG) -> bytes:
    """XA sends XB a request that names a log; returns its id."""
    made = Draft(form=11, office="duty", to=("XB/duty",), lines=fill(load().form(11), WORM), written_in="en",
                 officer="dana", exercise=True)  # fmt: skip
    kept = await draft.save(wire.a.node, made)
    await attach.attach(wire.a.node, kept, "traffic.txt", content, "dana")
    composed = await compose.compose(wire.a.node, draft.fetch(wire.a.node, kept), kept)
    await release(wire.a.node, wire.a.keys.sign_note(composed.payload))
    await wire.a.deliver_to(wire.b)
    return composed.note_id


async def ask(wire: Any, note: bytes, content: bytes = LOG) -> fetch_file.Wanted:
    node = wire.b.node
    opened = open_note(node, find(node, note.hex()))
    return await fetch_file.ask(node, opened, note, digest(content).hex()[:16], "boris")


def here(wire: Any, note: bytes, content: bytes = LOG) -> bytes | None:
    """What B has of the file."""
    try:
        return attachment.fetch(wire.b.node, note.hex(), digest(content).hex())[1]
    except DeskProblem:
        return None


def words_in(party: Any, items: Any) -> Iterator[FileRequest | FilePart]:
    for kind, body in items:
        if kind == ItemKind.FILE:
            yield read_file_word(open_sealed(body, party.node.vault.opening))


def leftovers(node: Any) -> int:
    kinds = (fetch_file.WANTED, fetch_file.PART)
    return len(node.store.look(lambda look: [row for kind in kinds for row in look.records(kind)]))


def test_a_file_that_is_asked_for_comes_whole(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        exchanges = 0
        while here(wire, note) is None:
            await wire.b.deliver_to(wire.a)
            exchanges += 1
            assert exchanges <= 2 * PARTS
        assert here(wire, note) == LOG
        assert exchanges == PARTS
        assert (leftovers(wire.b.node), wire.b.node.fetching["XA"]) == (0, {})

    story(play, tell)


def test_a_file_that_nobody_asked_for_does_not_cross(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        for _ in range(5):
            wire.clock.sleep(60_000)
            await wire.b.deliver_to(wire.a)
            await wire.a.deliver_to(wire.b)
        assert here(wire, note) is None
        await ask(wire, note)  # control: the same exchanges bring what is asked for
        for _ in range(5):
            await wire.b.deliver_to(wire.a)
        assert here(wire, note) == LOG

    story(play, tell)


def test_a_node_that_is_only_dialled_asks_in_its_replies(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        for _ in range(2 * PARTS + 1):
            await wire.a.deliver_to(wire.b)
        assert here(wire, note) == LOG

    story(play, tell)


def test_parts_lie_locked_until_the_file_is_whole(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        await wire.b.deliver_to(wire.a)
        node = wire.b.node
        assert fetch_file.under_way(node, note)[digest(LOG)].came == PART
        assert here(wire, note) is None
        kinds = (fetch_file.WANTED, fetch_file.PART)
        rows = node.store.look(lambda look: [row for kind in kinds for row in look.records(kind)])
        lying = b"".join(key.encode() + value for key, value in rows)
        assert len(lying) > PART  # control: the part lies there
        for secret in (LOG[:40], digest(LOG), digest(LOG).hex()[:16].encode(), note, note.hex().encode()):
            assert secret not in lying

    story(play, tell)


@pytest.mark.parametrize("who", ["who asks", "who gives"])
def test_a_restart_in_between_costs_nothing(play: Any, who: str) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        await wire.b.deliver_to(wire.a)
        await (wire.b if who == "who asks" else wire.a).restart()
        assert fetch_file.under_way(wire.b.node, note)[digest(LOG)].came == PART
        for _ in range(PARTS):
            await wire.b.deliver_to(wire.a)
        assert here(wire, note) == LOG

    story(play, tell)


def test_an_answer_that_is_lost_is_asked_for_again_ever_more_slowly(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        asked_at = []
        for _ in range(200):
            if items := list(words_in(wire.a, fetch_file.requests(wire.b.node, "XA"))):
                asked_at.append(wire.clock.now)
                assert [item.start for item in items] == [0]
            wire.clock.sleep(10_000)
        waits = [after - before for before, after in pairwise(asked_at)]
        assert waits[:5] == [20_000, 40_000, 80_000, 160_000, 320_000]
        wire.clock.sleep(fetch_file.LONGEST_WAIT)
        for _ in range(PARTS):
            await wire.b.deliver_to(wire.a)
        assert here(wire, note) == LOG

    story(play, tell)


def test_a_locked_node_gives_nothing_and_is_asked_again(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await wire.a.restart(locked=True)
        await ask(wire, note)
        await wire.b.deliver_to(wire.a)
        one = fetch_file.under_way(wire.b.node, note)[digest(LOG)]
        assert (one.came, one.state) == (0, "asked")
        await wire.a.unlock()
        wire.clock.sleep(fetch_file.FIRST_WAIT)
        for _ in range(PARTS):
            await wire.b.deliver_to(wire.a)
        assert here(wire, note) == LOG

    story(play, tell)


def test_a_file_that_is_gone_at_the_other_side_is_said_to_be_gone(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await wire.a.node.store.write(lambda tx: attachment.let_go(tx, note.hex()), point="test")
        await ask(wire, note)
        await wire.b.deliver_to(wire.a)
        assert fetch_file.under_way(wire.b.node, note)[digest(LOG)].state == "not there"
        assert not fetch_file.waits(wire.b.node, "XA")
        assert (await ask(wire, note)).state == "asked"

    story(play, tell)


NOT_GIVEN = {
    "a note that never was": lambda note: (bytes(32), digest(LOG)),
    "a file that the note does not name": lambda note: (note, bytes(32)),
}


@pytest.mark.parametrize("case", [*NOT_GIVEN, "a third party", "what is asked for rightly", "beyond its end"])
def test_whoever_may_not_have_it_gets_the_answer_for_what_never_was(play: Any, case: str) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        asker = wire.b
        if case == "a third party":
            asker = wire.Party("XC", wire.clock)
            await asker.start()
            await asker.meet(wire.a)
        which, named = NOT_GIVEN.get(case, lambda note: (note, digest(LOG)))(note)
        start = len(LOG) if case == "beyond its end" else 0
        word = FileRequest(note=which, digest=named, start=start)
        key = asker.node.sealing_key_or_none("XA")
        parcel = Parcel(items=((int(ItemKind.FILE), seal(word.to_bytes(), key)),)).to_bytes()
        reply = read_parcel(await receive(wire.a.node, asker.node.party, parcel))
        (part,) = words_in(asker, reply.items)
        given = LOG[:PART] if case == "what is asked for rightly" else b""  # the control
        assert part == FilePart(note=which, digest=named, start=start, data=given)

    story(play, tell)


SPOILED = {
    "another byte in it": lambda part: {"data": b"X" + part.data[1:]},
    "longer than the note says": lambda part: {"data": part.data + b"X"},
}


@pytest.mark.parametrize("case", [*SPOILED, "untouched"])
def test_what_is_not_the_file_is_not_kept(play: Any, case: str) -> None:
    """One small file, whose only part is spoiled by the side that gives it."""
    small = LOG[:900]

    async def scene(wire: Any) -> None:
        note = await sent(wire, small)
        await ask(wire, note, small)
        changes = SPOILED.get(case, lambda part: {})(FilePart(note=note, digest=digest(small), start=0, data=small))
        part = FilePart(**{"note": note, "digest": digest(small), "start": 0, "data": small, **changes})
        body = seal(part.to_bytes(), wire.a.node.sealing_key_or_none("XB"))
        await receive(wire.b.node, "XA", Parcel(items=((int(ItemKind.FILE), body),)).to_bytes())
        if case == "untouched":
            assert here(wire, note, small) == small
        else:
            assert here(wire, note, small) is None
            assert fetch_file.under_way(wire.b.node, note)[digest(small)].state == "another"
            assert wire.b.node.store.look(lambda look: look.records(fetch_file.PART)) == []

    play(scene)


@pytest.mark.parametrize("case", ["of nobody's asking", "of another place", "from another party"])
def test_a_part_that_was_not_asked_for_is_passed_over(play: Any, case: str) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        if case != "of nobody's asking":
            await ask(wire, note)
        start = PART if case == "of another place" else 0
        part = FilePart(note=note, digest=digest(LOG), start=start, data=LOG[start : start + PART])
        body = seal(part.to_bytes(), wire.a.node.sealing_key_or_none("XB"))
        peer = "XC" if case == "from another party" else "XA"
        assert await fetch_file.take(wire.b.node, peer, body) == []
        assert wire.b.node.store.look(lambda look: look.records(fetch_file.PART)) == []

    story(play, tell)


@pytest.mark.parametrize(
    ("whose", "wanted", "problem"),
    [
        ("ours", digest(LOG).hex(), "desk.no_file"),  # it is here
        ("theirs", "ff" * 32, "desk.no_file"),
        ("theirs", "", "desk.no_file"),
        ("ours without its file", digest(LOG).hex(), "desk.no_file_source"),
    ],
)
def test_what_cannot_be_asked_for_is_said(play: Any, whose: str, wanted: str, problem: str) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        node = (wire.b if whose == "theirs" else wire.a).node
        if whose == "ours without its file":
            await node.store.write(lambda tx: attachment.let_go(tx, note.hex()), point="test")
        with pytest.raises(DeskProblem) as refused:
            await fetch_file.ask(node, open_note(node, find(node, note.hex())), note, wanted, "boris")
        assert refused.value.key == problem

    story(play, tell)


def test_only_a_few_words_about_files_of_one_parcel_are_looked_at(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        key = wire.b.node.sealing_key_or_none("XA")
        body = seal(FileRequest(note=note, digest=digest(LOG), start=0).to_bytes(), key)
        items = tuple((int(ItemKind.FILE), body + b"") for _ in range(20))
        reply = read_parcel(await receive(wire.a.node, "XB", Parcel(items=items).to_bytes()))
        assert len(list(words_in(wire.b, reply.items))) == fetch_file.MOST_TAKEN

    story(play, tell)


def test_a_flash_parcel_asks_for_no_files(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        await wire.b.write(wire.a, 1, {10: "drill"}, precedence=3)
        await wire.b.deliver_to(wire.a, flash_only=True)
        assert fetch_file.under_way(wire.b.node, note)[digest(LOG)].came == 0
        await wire.b.deliver_to(wire.a)  # control: the ordinary lane does
        assert fetch_file.under_way(wire.b.node, note)[digest(LOG)].came == PART

    story(play, tell)


def test_nothing_is_fetched_for_a_note_that_was_destroyed(play: Any) -> None:
    async def tell(wire: Any, note: bytes) -> None:
        await ask(wire, note)
        await wire.b.deliver_to(wire.a)
        assert leftovers(wire.b.node) == 2
        await wire.b.node.store.write(lambda tx: fetch_file.let_go(wire.b.node, tx, note), point="test")
        assert leftovers(wire.b.node) == 0
        wire.clock.sleep(fetch_file.LONGEST_WAIT)
        await wire.b.deliver_to(wire.a)
        assert (here(wire, note), leftovers(wire.b.node)) == (None, 0)

    story(play, tell)
