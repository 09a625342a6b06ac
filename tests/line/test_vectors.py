"""The vectors in vectors/line say what must be read and refused; they are what make.py writes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from parley.line import (
    Conversation,
    Note,
    Parcel,
    Recall,
    Receipt,
    Returned,
    Speaker,
    Void,
    note_id,
    read_conversation,
    read_file_word,
    read_note,
    read_parcel,
    read_recall,
    read_receipt,
    read_returned,
    read_speaker,
    read_void,
)
from parley.terms.problem import Problem

VECTORS = Path(__file__).parents[2] / "vectors" / "line"
CODECS: dict[str, tuple[Any, Any]] = {
    "note.json": (read_note, Note.to_payload),
    "receipt.json": (read_receipt, Receipt.to_payload),
    "void.json": (read_void, Void.to_payload),
    "recall.json": (read_recall, Recall.to_payload),
    "returned.json": (read_returned, Returned.to_payload),
    "speaker.json": (read_speaker, Speaker.to_payload),
    "file.json": (read_file_word, lambda word: word.to_bytes()),
    "parcel.json": (read_parcel, Parcel.to_bytes),
    "conversation.json": (read_conversation, Conversation.to_bytes),
}
CASES = [
    pytest.param(name, case, id=f"{name}: {case['name']}")
    for name in CODECS
    for case in json.loads((VECTORS / name).read_text(encoding="utf-8"))["cases"]
]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_vector_has_the_outcome_that_it_states(name: str, case: dict[str, Any]) -> None:
    """Read and written again to the same bytes, or refused with this key."""
    read, write = CODECS[name]
    payload = bytes.fromhex(case["payload"])
    try:
        value = read(payload)
    except Problem as problem:
        outcome = f"refused: {problem.key}"
    else:
        outcome = "valid"
        assert write(value) == payload
        assert case.get("id", note_id(payload).hex()) == note_id(payload).hex()
    assert outcome == case["expected"]


def test_the_files_are_what_the_script_makes() -> None:
    """No vector is edited by hand, and no object is written otherwise than when they were made."""
    spec = importlib.util.spec_from_file_location("make_line_vectors", VECTORS / "make.py")
    assert spec
    assert spec.loader
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    for name, document in maker.build().items():
        assert json.loads((VECTORS / name).read_text(encoding="utf-8")) == document


def test_every_file_of_vectors_is_read_by_a_test() -> None:
    """A vector that nobody runs proves nothing."""
    assert {path.name for path in VECTORS.glob("*.json")} == set(CODECS)
