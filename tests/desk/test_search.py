"""Notes are found by words of any of the six languages, whatever language they were written in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.desk.problems import DeskProblem
from parley.desk.search import NoteSearch

# A request for mitigation about health, written by an Arabic-speaking officer, and a link check. A word finds the first
# if one of its codes says it in that language, in any inflection that the language's stemmer brings together.
FINDS_THE_REQUEST = [
    ("en", "mitigation"),
    ("en", "health"),
    ("en", "Encrypted data"),  # two words, both in it, in any order and case
    ("ar", "الصحة"),
    ("ar", "بيانات"),
    ("es", "salud"),
    ("es", "solicitudes"),  # plural of a word of the title
    ("fr", "santé"),
    ("fr", "sante"),  # typed without the accent
    ("ru", "здравоохранения"),  # genitive
    ("ru", "просьбы"),
    ("zh", "卫生"),
    ("zh", "缓解措施"),
    ("", "Beltova"),
    ("", "stop-traffic"),  # the code itself
]
FINDS_NOTHING = ["", " ", "!!!", "sabotage", "health sabotage", "制裁", "санкции"]


async def two_notes(wire: Any) -> tuple[bytes, bytes]:
    lines = {10: "stop-traffic", 11: "XB", 12: "from-territory", 13: [550, 800, 5, 1], 15: ["XA"], 16: ["health"],
             17: ["data.encrypted"], 18: [[1494575040000, 5, 2]], 19: "going-on", 23: ["13c", "13h"]}  # fmt: skip
    request = await wire.a.write(wire.b, 11, lines, written_in="ar", precedence=2)
    return request, await wire.a.write(wire.b, 1, {10: "timetable"})


@pytest.mark.parametrize(("language", "words"), FINDS_THE_REQUEST)
def test_a_word_of_a_note_finds_it(play: Any, language: str, words: str) -> None:
    async def scene(wire: Any) -> None:
        request, check = await two_notes(wire)
        found = await NoteSearch(wire.a.node).find(words)
        assert request in found
        if words not in ("Beltova",):  # that one is addressed to the same party
            assert check not in found

    play(scene)


def test_words_that_no_note_has_find_nothing(play: Any) -> None:
    """The control: what finds everything would pass the table above but for its last line."""

    async def scene(wire: Any) -> None:
        await two_notes(wire)
        search = NoteSearch(wire.a.node)
        assert [await search.find(words) for words in FINDS_NOTHING] == [set()] * len(FINDS_NOTHING)

    play(scene)


def test_own_words_are_found_in_their_language(play: Any) -> None:
    async def scene(wire: Any) -> None:
        lines = {10: "other", 11: ["ru", "Просим позвонить инженеру подстанции."], 12: "nothing"}
        note = await wire.a.write(wire.b, 90, lines)
        search = NoteSearch(wire.a.node)
        assert await search.find("инженер подстанция") == {note}
        assert await search.find("engineer") == set()

    play(scene)


def test_a_note_that_came_since_is_found(play: Any) -> None:
    async def scene(wire: Any) -> None:
        search = NoteSearch(wire.a.node)
        assert await search.find("health") == set()
        request, _ = await two_notes(wire)
        assert await search.find("health") == {request}

    play(scene)


def test_a_locked_node_finds_nothing_and_keeps_no_word(play: Any) -> None:
    async def scene(wire: Any) -> None:
        await two_notes(wire)
        search = NoteSearch(wire.a.node)
        await search.find("health")
        wire.a.node.vault = None
        with pytest.raises(DeskProblem) as caught:
            await search.find("health")
        assert caught.value.key == "desk.locked"
        assert search.words == 0

    play(scene)


def test_a_note_whose_text_was_destroyed_is_found_no_more(play: Any) -> None:
    async def scene(wire: Any) -> None:
        request, _ = await two_notes(wire)
        search = NoteSearch(wire.a.node)
        assert await search.find("health") == {request}
        await wire.a.node.store.write(lambda tx: tx.destroy_body(request), point="retention")
        assert await search.find("health") == set()

    play(scene)


def test_notes_beyond_one_look_and_after_it_are_all_found(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading goes back in growing looks, and stops where everything is known."""
    monkeypatch.setattr("parley.desk.search.PIECE", 2)

    async def scene(wire: Any) -> None:
        search = NoteSearch(wire.a.node)
        first = {await wire.a.write(wire.b, 1, {10: "timetable"}) for _ in range(5)}
        assert await search.find("stop-traffic") == set()
        assert await search.find("enlace") == first
        since = {await wire.a.write(wire.b, 1, {10: "timetable"}) for _ in range(3)}
        assert await search.find("enlace") == first | since

    play(scene)


def test_a_first_look_that_was_broken_off_begins_again(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.desk.search.PIECE", 2)

    async def scene(wire: Any) -> None:
        search = NoteSearch(wire.a.node)
        written = {await wire.a.write(wire.b, 1, {10: "timetable"}) for _ in range(5)}
        asking = asyncio.ensure_future(search.find("enlace"))
        for _ in range(2):  # into the middle of the first look
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await search.find("enlace") == written

    play(scene)
