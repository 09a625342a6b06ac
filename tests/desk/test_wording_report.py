"""The wording report at the desk: which read-backs count, and that nothing but numbers leaves it."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.desk import read, read_back, wording_report
from parley.terms.share import Share

WORDS = {10: "other", 11: ["en", "canary of the report"], 12: "nothing"}


async def back(wire: Any, note: bytes, answers: dict[int, str] | None, language: str = "fr") -> None:
    """XB reads a note of XA in a language and reads it back; the answers travel."""
    await wire.a.deliver_to(wire.b)
    await read.read(wire.b.node, note.hex(), language, officer="boris")
    await read_back.give(
        wire.b.node, note.hex(), answers, language=language, role="duty officer", seconds=9, by_person=True
    )
    wire.clock.sleep(60_000)
    await wire.b.deliver_to(wire.a)


def test_the_first_read_back_of_each_party_counts_and_exercises_are_apart(play_for_real: Any) -> None:
    """Two real notes read otherwise and as meant, one declined, one read back twice; and an exercise."""

    async def scene(wire: Any) -> None:
        notes = [await wire.a.write(wire.b, 1, {10: "timetable"}, exercise=False) for _ in range(3)]
        await back(wire, notes[0], {10: "incident"})
        await back(wire, notes[0], {10: "only-answer"})  # a second reader, or after a clarification
        await back(wire, notes[1], {10: "only-answer"}, "ru")
        await back(wire, notes[2], None)
        drill = await wire.a.write(wire.b, 1, {10: "drill"}, exercise=True)
        await back(wire, drill, {10: "cannot-tell"})
        real = wording_report.report(wire.a.node)
        assert (real.notes, real.read_backs, real.declined, real.later) == (3, 2, 1, 1)
        found = {line.language: (line.differed, line.as_options) for line in real.lines}
        assert found == {"fr": (Share(1, 1), {"incident": 1}), "ru": (Share(0, 1), {})}
        exercises = wording_report.report(wire.a.node, exercise=True)
        assert (exercises.notes, exercises.read_backs) == (1, 1)
        assert exercises.lines[0].as_options == {"cannot-tell": 1}

    play_for_real(scene)


def test_what_the_report_holds_names_nobody(play: Any) -> None:
    """Neither a party nor a role nor a word of a note; a destroyed text is counted as gone."""

    async def scene(wire: Any) -> None:
        note = await wire.a.write(wire.b, 90, WORDS)
        answers = await wire_right(wire, note)
        await back(wire, note, answers)
        text = msgspec.json.encode(wording_report.report(wire.a.node, exercise=True)).decode()
        assert not any(word in text for word in ("XB", "XA", "duty", "boris", "canary", note.hex()[:8]))
        await wire.a.node.store.write(lambda tx: tx.destroy_body(note), point="retention")
        gone = wording_report.report(wire.a.node, exercise=True)
        assert (gone.gone, gone.read_backs, gone.lines) == (1, 0, ())

    play(scene)


async def wire_right(wire: Any, note: bytes) -> dict[int, str]:
    """What the codes of a note of XA make right."""
    from parley.desk import answer

    return answer.right_answers(wire.a.node, note.hex())


def test_a_locked_node_counts_nothing(play: Any, refused: Any) -> None:
    async def scene(wire: Any) -> None:
        wire.a.node.vault = None
        with refused("desk.locked"):
            wording_report.report(wire.a.node)

    play(scene)
