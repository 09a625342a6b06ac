"""The phrase, the QR text, and what a typed phrase may look like (spec/ceremony.md)."""

from __future__ import annotations

import contextlib
import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from parley.directory import DirectoryProblem, confirm, phrase, qr_payload, read_digits, read_qr, root_digest
from parley.seal import VerifyingKey

VECTORS = tomllib.loads((Path(__file__).parents[2] / "vectors/directory/phrases.toml").read_text())


@pytest.mark.parametrize("vector", VECTORS["phrase"], ids=lambda vector: vector["name"])
def test_phrases_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    """Root digest, phrase and QR text of fixed roots."""
    roots = [VerifyingKey.from_bytes(bytes.fromhex(root)) for root in vector["roots"]]
    found = root_digest(vector["party"], roots, vector["threshold"])
    assert found.hex() == vector["root_digest"]
    assert phrase(found) == vector["phrase"]
    assert qr_payload(vector["party"], found) == vector["qr"]


def test_the_phrase_follows_from_the_text_of_the_specification() -> None:
    """Computed here from the page alone, without the module's constants."""
    stretched = hashlib.scrypt(bytes(32), salt=b"parley/1/phrase", n=32768, r=8, p=1, maxmem=1 << 26, dklen=32)
    digits = str(int.from_bytes(stretched, "big") % 10**20).zfill(20)
    assert phrase(bytes(32)).replace(" ", "") == digits


def test_the_order_of_roots_does_not_matter_and_everything_else_does(world: Any) -> None:
    """Another party, another threshold, another set: another digest."""
    reference = root_digest("XB", world.roots("abc"), 2)
    assert root_digest("XB", world.roots("cab"), 2) == reference
    others = [
        root_digest("XC", world.roots("abc"), 2),
        root_digest("XB", world.roots("abc"), 1),
        root_digest("XB", world.roots("ab"), 2),
        root_digest("XB", world.roots("abcd"), 2),
    ]
    assert len({reference, *others}) == 5


DIGITS = phrase(bytes(32)).replace(" ", "")


@pytest.mark.parametrize(
    "typed",
    [
        phrase(bytes(32)),
        DIGITS,
        " - ".join(DIGITS),
        DIGITS.translate({ord("0") + digit: chr(0x0660 + digit) for digit in range(10)}),  # Arabic-Indic
        DIGITS.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)}),  # full width
        f"\u2068{DIGITS}\u2069\n",
    ],
    ids=["as shown", "run together", "one by one", "Arabic-Indic digits", "full-width digits", "with isolates"],
)
def test_digits_are_read_in_any_script(typed: str) -> None:
    """What an officer types in the digits of his own language is the same phrase."""
    assert read_digits(typed) == DIGITS
    confirm(typed, "XB", bytes(32))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "directory.bad_phrase"),
        (DIGITS[:-1], "directory.bad_phrase"),
        (DIGITS + "0", "directory.bad_phrase"),
        (DIGITS[:-1] + "x", "directory.bad_phrase"),
        (DIGITS + "x", "directory.bad_phrase"),
        (DIGITS + " " * 500, "directory.bad_phrase"),
        (DIGITS[:-1] + "Ⅷ", "directory.bad_phrase"),
        (DIGITS[:-1] + str((int(DIGITS[-1]) + 1) % 10), "directory.phrase_differs"),
        ("0" * 20, "directory.phrase_differs"),
        (qr_payload("XB", bytes(31) + b"\x01"), "directory.phrase_differs"),
        (qr_payload("XC", bytes(32)), "directory.phrase_differs"),
        ("PARLEY1/XB/00", "directory.bad_phrase"),
    ],
)
def test_a_wrong_phrase_is_refused(typed: str, expected: str) -> None:
    """One digit off, one too few, letters, or a QR text of another party."""
    with pytest.raises(DirectoryProblem) as caught:
        confirm(typed, "XB", bytes(32))
    assert caught.value.key == expected


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["XA", "KE", "O-CERT1"]))
def test_a_qr_text_reads_back(digest: bytes, party: str) -> None:
    """And fits the alphanumeric mode, which keeps the code small."""
    text = qr_payload(party, digest)
    assert read_qr(text) == (party, digest)
    confirm(text, party, digest)


def test_the_qr_text_is_alphanumeric() -> None:
    """So a code of version 6 holds it, readable across a table."""
    code = segno.make(qr_payload("O-ABCDEFGHIJKL", bytes(32)), error="m")
    assert code.mode == "alphanumeric"
    assert int(code.version) <= 6


@given(st.text(max_size=60))
def test_any_typed_text_is_read_or_refused(typed: str) -> None:
    """Never another exception."""
    with contextlib.suppress(DirectoryProblem):
        assert len(read_digits(typed)) == 20


def test_the_phrase_needs_a_digest() -> None:
    """A short value is not stretched into something that looks like a phrase."""
    with pytest.raises(DirectoryProblem):
        phrase(b"short")
