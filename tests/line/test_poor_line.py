"""How many bytes a note is on a poor line, against bytes that were really signed and sealed."""

from __future__ import annotations

import os

import pytest

from parley.line.poor_line import RATES, seconds
from parley.seal import Domain, OpeningKey, SealProblem, SigningKey, seal, sealed_length, sign, signed_length

TIMES = {  # bytes, bits a second: whole seconds, rounded up
    (0, 2_400): 0, (1, 2_400): 1, (300, 2_400): 1, (301, 2_400): 2, (2_711, 2_400): 10, (6_295, 2_400): 21,
    (6_295, 9_600): 6, (6_295, 64_000): 1, (8_000, 64_000): 1, (8_001, 64_000): 2, (263_321, 2_400): 878,
}  # fmt: skip
EDGES = (0, 1, 23, 24, 255, 256, 1_600, 1_700, 12_800, 65_535, 65_536, 250_000)
"""Lengths of payloads around which a length prefix or a bucket changes."""


@pytest.mark.parametrize("case", TIMES)
def test_time_is_bits_by_rate_rounded_up(case: tuple[int, int]) -> None:
    assert seconds(*case) == TIMES[case]


def test_the_rates_are_those_that_the_page_names() -> None:
    assert RATES == (2_400, 9_600, 64_000)


@pytest.fixture(scope="module")
def signer() -> SigningKey:
    return SigningKey.generate(os.urandom)


@pytest.fixture(scope="module")
def opening() -> OpeningKey:
    return OpeningKey.generate(os.urandom)


@pytest.mark.parametrize("payload", EDGES)
def test_lengths_are_those_of_what_is_really_signed_and_sealed(
    payload: int, signer: SigningKey, opening: OpeningKey
) -> None:
    signed = sign(bytes(payload), [signer], Domain.NOTE)
    assert signed_length(payload) == len(signed)
    assert sealed_length(len(signed)) == len(seal(signed, opening.public))


def test_what_is_too_long_to_seal_is_too_long_to_measure() -> None:
    with pytest.raises(SealProblem):
        sealed_length(1 << 20)
