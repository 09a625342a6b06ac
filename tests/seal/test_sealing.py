"""Sealed objects: only the prekey opens them, any change is refused alike, and the length shows as a bucket only.

Each crafted refusal has its case in vectors/seal/sealed.json (test_vectors.py).
"""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.seal import (
    BUCKETS,
    LARGEST_SEALED,
    LARGEST_TO_SEAL,
    Domain,
    OpeningKey,
    SealProblem,
    open_sealed,
    seal,
    sealed_key_id,
    sign,
    verify,
)
from parley.seal.sealing import _pad, _unpad

SIGNED = b"stands for a signed object"


@pytest.fixture(scope="module")
def sealed(opening) -> bytes:
    return seal(SIGNED, opening.public)


@pytest.fixture(scope="module")
def keys(opening):
    return {opening.key_id: opening}


def test_what_was_sealed_opens(sealed, keys, opening) -> None:
    """The main path; the id of the prekey stands outside."""
    assert sealed_key_id(sealed) == opening.key_id
    assert open_sealed(sealed, keys) == SIGNED


def test_a_signed_note_goes_through_the_seal(signers, opening, keys) -> None:
    """Sign, seal, open, verify."""
    signed = sign(b"payload", [signers[0]], Domain.NOTE)
    opened = open_sealed(seal(signed, opening.public), keys)
    assert verify(opened, [signers[0].public], Domain.NOTE).payload == b"payload"


def test_two_copies_of_one_note_have_nothing_in_common_but_their_frame(opening, keys) -> None:
    """So that a carrier cannot tell that they are the same note."""
    one, other = (seal(SIGNED, opening.public) for _ in range(2))
    assert one != other
    inside, other_inside = (cbor2.loads(copy).value[2] for copy in (one, other))
    assert not {inside[at : at + 8] for at in range(len(inside))} & {
        other_inside[at : at + 8] for at in range(len(other_inside))
    }


def test_the_key_of_another_does_not_open_it(sealed, opening, refused) -> None:
    """Under its own id it is not found; passed off under the right id it does not open."""
    other = OpeningKey(bytes(16), bytes(32))
    with refused("no_key"):
        open_sealed(sealed, {other.key_id: other})
    with refused("no_key"):
        open_sealed(sealed, {})
    with refused("not_opened"):
        open_sealed(sealed, {opening.key_id: other})


def test_the_missing_prekey_is_named(sealed, opening) -> None:
    """The sender is told which, and seals the same signed note again."""
    with pytest.raises(SealProblem) as caught:
        open_sealed(sealed, {})
    assert caught.value.arguments == {"key_id": opening.key_id.hex()}


def test_every_byte_is_covered(sealed, keys, opening) -> None:
    """Each byte, one after the other: refused, and beyond the id of the prekey always with the same problem."""
    at_key_id = range(sealed.index(opening.key_id), sealed.index(opening.key_id) + 16)
    for at in range(len(sealed)):
        with pytest.raises(SealProblem) as caught:
            open_sealed(sealed[:at] + bytes([sealed[at] ^ 1 << at % 8]) + sealed[at + 1 :], keys)
        assert caught.value.key == ("seal.no_key" if at in at_key_id else "seal.not_opened")


@pytest.mark.parametrize("kept", [0, 1, 2, 40, 60, 1100, 1180, -17, -16, -1])
def test_a_part_is_refused(sealed, keys, refused, kept) -> None:
    """Cut at the borders of each field."""
    with refused("not_opened"):
        open_sealed(sealed[:kept], keys)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=120))
def test_garbage_is_refused_with_one_problem(keys, data) -> None:
    """With and without the tag in front; the look at the prekey's id included."""
    for attempt in (data, b"\xd0" + data):
        for read in (sealed_key_id, lambda garbage: open_sealed(garbage, keys)):
            with pytest.raises(SealProblem) as caught:
                read(attempt)
            assert caught.value.key == "seal.not_opened"


# ---- padding ----


@pytest.mark.parametrize("bucket", BUCKETS)
def test_lengths_show_as_buckets_only(opening, bucket) -> None:
    """The shortest and the longest content of a bucket make objects of the same length; one byte more is the next."""
    below = max([0, *(smaller - 4 for smaller in BUCKETS if smaller < bucket)])
    lengths = {len(seal(bytes(size), opening.public)) for size in (below + (below > 0), bucket - 4)}
    assert len(lengths) == 1
    assert bucket + 1120 + 16 < lengths.pop() < bucket + 1120 + 16 + 64


def test_the_largest_content_fits_and_no_larger(opening, keys, refused) -> None:
    """LARGEST_TO_SEAL, and one more."""
    content = bytes(LARGEST_TO_SEAL)
    sealed = seal(content, opening.public)
    assert len(sealed) <= LARGEST_SEALED
    assert open_sealed(sealed, keys) == content
    with refused("too_long_to_seal"):
        seal(content + b"\0", opening.public)


def test_what_is_larger_than_any_sealed_object_is_not_even_read(sealed, opening, refused) -> None:
    """The right shape, at the limit and a byte beyond it: refused by its size, before the key id is looked at."""
    header, unprotected, ciphertext = cbor2.loads(sealed).value
    frame = len(sealed) - len(ciphertext) + 2  # a length of four bytes instead of two
    for size, fits in ((LARGEST_SEALED, True), (LARGEST_SEALED + 1, False)):
        large = cbor2.dumps(cbor2.CBORTag(16, [header, dict(unprotected), bytes(size - frame)]))
        assert len(large) == size
        if fits:
            assert sealed_key_id(large) == opening.key_id
        else:
            with refused("not_opened"):
                sealed_key_id(large)


@given(st.binary(max_size=6000))
def test_padding_is_undone(content: bytes) -> None:
    """_unpad(_pad(x)) is x, and the result fills a bucket."""
    padded = _pad(content)
    assert len(padded) in BUCKETS
    assert _unpad(padded) == content


@given(st.binary(max_size=1600), st.integers(0, 1535), st.integers(1, 255))
def test_content_has_one_padded_form(content: bytes, at: int, change: int) -> None:
    """Whatever unpads was padded so: a changed byte gives other content or a refusal, never the same content."""
    padded = bytearray(_pad(content))
    padded[at] ^= change
    try:
        unpadded = _unpad(bytes(padded))
    except SealProblem:
        return
    assert unpadded != content
    assert _pad(unpadded) == padded
