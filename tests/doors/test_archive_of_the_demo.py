"""The archive of the demonstration's story: flip any byte, and the outsider's script refuses it."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from parley.backstage import Backstage
from parley.desk import answer, archive, compose, find, freshen, read, read_back, release, witness
from parley.desk.fill import fill
from parley.directory import signed_root_digest
from parley.doors.cli.demo import WORM
from parley.forms import load
from parley.journal import verify_archive
from parley.testing import SimulatedParty, pair

SLICES = 32
PARTS = [0, *(pytest.param(part, marks=pytest.mark.soak) for part in range(1, SLICES))]
"""With every run one byte of 32: that every byte of an archive counts is tests/journal/test_every_byte.py."""
Exported = tuple[bytes, dict[str, bytes]]


@pytest.fixture(scope="module")
def exported() -> Exported:
    """The story of the demonstration between two parties in memory, the note's archive, and both root digests."""
    return asyncio.run(_story())


async def _story() -> Exported:
    almara, beltova = await pair()
    pairs = [(line, one) for line, code in WORM.items() for one in (code if isinstance(code, tuple) else (code,))]
    by = almara.clock() + 7_200_000
    lines = fill(load().form(11), pairs)
    note = await almara.write(beltova, 11, lines, written_in="ar", precedence=3, answer_by=by)
    await _both(almara, beltova)
    given = note.hex()
    await read.read(beltova.node, given, "en", officer="boris")
    right = answer.right_answers(almara.node, given)
    for answers in ({**right, 6: "accusation"}, right):
        await read_back.give(
            beltova.node, given, answers, language="en", role="duty officer", seconds=20, by_person=True
        )
        await _both(almara, beltova)
    await _answer(beltova, given)
    await _both(almara, beltova)
    await witness.checkpoint(almara.node)
    almara.node.news.setdefault("XB", []).extend(witness.show_to(almara.node, "XB"))
    await _both(almara, beltova)
    await _both(almara, beltova)
    assert archive.cosigners(almara.node) == ["parley/XB"]
    data = archive.export(almara.node, find.find(almara.node, given))
    return data, {one.node.party: signed_root_digest(one.particulars) for one in (almara, beltova)}


async def _answer(beltova: SimulatedParty, note: str) -> None:
    made = answer.reply_draft(
        beltova.node, note, 20, fill(load().form(20), [(10, "accept")]), language="en", officer="boris"
    )
    composed = await compose.compose(beltova.node, made)
    await release.release(beltova.node, beltova.keys.sign_note(composed.payload))


async def _both(first: SimulatedParty, second: SimulatedParty) -> None:
    for here, there in ((first, second), (second, first)):
        await freshen.freshen(here.node)
        await here.deliver_to(there)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """spec/verify_archive.py, in this process."""
    path = Path(__file__).parents[2] / "spec" / "verify_archive.py"
    spec = importlib.util.spec_from_file_location("outsider", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def verify(script: ModuleType, exported: Exported) -> Callable[[bytes], Any]:
    """The script's own `verify`, remembering the signatures and chains that it met unchanged (pure functions)."""
    script.holds = lru_cache(maxsize=256)(script.holds)  # type: ignore[attr-defined]
    fresh, known = script.chain, {}

    def chain(party: str, listed: list[bytes], wanted: bytes) -> Any:
        question = (party, tuple(listed), wanted)
        if question not in known:
            known[question] = fresh(party, listed, wanted)
        return known[question]

    script.chain = chain  # type: ignore[attr-defined]
    return lambda data: script.verify(data, exported[1])


def test_the_unflipped_archive_verifies_here_and_in_a_bare_environment(
    exported: Exported, verify: Callable[[bytes], Any], tmp_path: Path
) -> None:
    """Once where nothing but the standard library and cryptography can be imported: exit code 0."""
    data, roots = exported
    verify(data)
    verify_archive(data, roots)
    path = tmp_path / "note.archive"
    path.write_bytes(data)
    code, said = Backstage().outsider(path, {party: digest.hex() for party, digest in roots.items()})
    assert code == 0, said
    assert "third party" in said


@pytest.mark.parametrize("part", PARTS)
def test_any_flipped_byte_is_refused(
    part: int, exported: Exported, verify: Callable[[bytes], Any], script: Any
) -> None:
    """Every byte, in 32 parts; the value it is turned to is drawn with a fixed seed."""
    data, rng = exported[0], Random(part)
    holes = []
    for at in range(part, len(data), SLICES):
        flipped = data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]
        try:
            verify(flipped)
            holes.append(at)
        except script.Refused:
            continue
    assert holes == []
