"""Locked things: the key or the passphrase, and the context, open them; the cost that a file names is bounded."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.seal import (
    CHEAP_FOR_TESTS,
    STRONG,
    PassphraseCost,
    SealProblem,
    decode,
    encode,
    key_from_passphrase,
    lock,
    lock_with_passphrase,
    unlock,
    unlock_with_passphrase,
)

KEY, CONTEXT = bytes(range(32)), b"prekeys/7"


def rng(size: int) -> bytes:
    return b"\x5a" * size


def test_what_was_locked_unlocks() -> None:
    """The main path, empty content included."""
    for plaintext in (b"", b"a note", bytes(100_000)):
        assert unlock(KEY, lock(KEY, plaintext, CONTEXT, rng), CONTEXT) == plaintext


def test_what_is_locked_does_not_show() -> None:
    """The control for the tests that look for plaintext on disk."""
    assert b"a note" not in lock(KEY, b"a note", CONTEXT, rng)


def test_one_locked_thing_does_not_stand_for_another(refused) -> None:
    """The context is part of the lock: a row cannot be put in another row's place."""
    locked = lock(KEY, b"a note", CONTEXT, rng)
    for context in (b"", b"prekeys/8", CONTEXT + b"\0"):
        with refused("not_unlocked"):
            unlock(KEY, locked, context)


def test_the_nonce_comes_from_the_randomness_that_is_given() -> None:
    """12 bytes, drawn once; two nonces make two objects."""
    asked: list[int] = []
    one = lock(KEY, b"a note", CONTEXT, lambda size: asked.append(size) or rng(size))
    assert asked == [12]
    assert one != lock(KEY, b"a note", CONTEXT, lambda size: b"\xa5" * size)


def test_no_byte_of_a_locked_thing_can_be_changed(refused) -> None:
    """Every byte, also the version, and any cut."""
    locked = lock(KEY, b"a note", CONTEXT, rng)
    for at in range(len(locked)):
        for value in {locked[at] ^ 1, locked[at] ^ 0x80, 0xF5} - {locked[at]}:
            with refused("not_unlocked"):
                unlock(KEY, locked[:at] + bytes([value]) + locked[at + 1 :], CONTEXT)
        with refused("not_unlocked"):
            unlock(KEY, locked[:at], CONTEXT)


def test_a_key_of_another_length_is_refused(refused) -> None:
    """On both sides."""
    for key in (b"", KEY[:31], KEY + b"\0"):
        with refused("bad_length"):
            lock(key, b"", CONTEXT, rng)
        with refused("bad_length"):
            unlock(key, lock(KEY, b"", CONTEXT, rng), CONTEXT)


# ---- passphrases ----


def locked_cheaply(passphrase: str = "six unrelated words") -> bytes:
    return lock_with_passphrase(b"a seed", passphrase, CHEAP_FOR_TESTS, CONTEXT, rng)


def test_the_passphrase_unlocks() -> None:
    """The cost is read from the object."""
    assert unlock_with_passphrase(locked_cheaply(), "six unrelated words", CONTEXT) == b"a seed"


@pytest.mark.parametrize("wrong", ["six unrelated word", "Six unrelated words", "six  unrelated words", "x"])
def test_another_passphrase_does_not(refused, wrong) -> None:
    """One letter, one capital, one space."""
    with refused("wrong_passphrase"):
        unlock_with_passphrase(locked_cheaply(), wrong, CONTEXT)


def test_another_context_does_not(refused) -> None:
    """The key file of one office is not that of another."""
    with refused("wrong_passphrase"):
        unlock_with_passphrase(locked_cheaply(), "six unrelated words", b"another")


def test_two_keyboards_write_one_passphrase() -> None:
    """NFKC: accents apart or together, full-width or not, Arabic presentation forms."""
    for one, other in (("é", "e\u0301"), ("ｐａｓｓ", "pass"), ("\ufedf\ufe8e", "لا"), ("ﬁ", "fi")):
        assert unlock_with_passphrase(locked_cheaply(one), other, CONTEXT) == b"a seed"


@pytest.mark.parametrize("passphrase", ["", "x" * 1025])
def test_an_empty_or_endless_passphrase_is_refused(refused, passphrase) -> None:
    """Before any work."""
    with refused("bad_passphrase"):
        locked_cheaply(passphrase)
    with refused("bad_passphrase"):
        key_from_passphrase(passphrase, bytes(16), CHEAP_FOR_TESTS)


def test_no_byte_of_it_can_be_changed() -> None:
    """Every byte: cost, salt, nonce, content. A cost beyond the bounds is refused as such."""
    locked = locked_cheaply()
    for at in range(len(locked)):
        for value in {locked[at] ^ 1, locked[at] ^ 0x80, 0xF5} - {locked[at]}:
            with pytest.raises(SealProblem) as caught:
                unlock_with_passphrase(locked[:at] + bytes([value]) + locked[at + 1 :], "six unrelated words", CONTEXT)
            assert caught.value.key in ("seal.wrong_passphrase", "seal.cost_out_of_bounds")


@pytest.mark.parametrize(("at", "value"), [(4, b"salt"), (4, bytes(17)), (5, b""), (5, bytes(11)), (5, bytes(13))])
def test_a_salt_or_nonce_of_another_length_is_refused(refused, at, value) -> None:
    """The library would refuse them in its own way, or take a salt of 17 bytes."""
    fields = decode(locked_cheaply())
    fields[at] = value
    with refused("wrong_passphrase"):
        unlock_with_passphrase(encode(fields), "six unrelated words", CONTEXT)


@pytest.mark.parametrize("nonce", [b"", bytes(11), bytes(13)])
def test_a_nonce_of_another_length_does_not_unlock(refused, nonce) -> None:
    """The same, under a key."""
    version, _, ciphertext = decode(lock(KEY, b"a note", CONTEXT, rng))
    with refused("not_unlocked"):
        unlock(KEY, encode([version, nonce, ciphertext]), CONTEXT)


BOUNDS = [
    ("memory of 2 GiB", (1 << 21, 1, 1)),
    ("memory of 2^62 KiB", (1 << 62, 1, 1)),
    ("17 passes", (8, 17, 1)),
    ("17 lanes", (136, 1, 17)),
    ("no passes", (8, 0, 1)),
    ("no lanes", (8, 1, 0)),
    ("less than 8 KiB a lane", (15, 1, 2)),
    ("negative memory", (-8, 1, 1)),
    ("negative lanes", (8, 1, -1)),
]


@pytest.mark.parametrize("cost", [row[1] for row in BOUNDS], ids=[row[0] for row in BOUNDS])
def test_a_file_cannot_ask_for_any_amount_of_work(refused, cost) -> None:
    """The cost is refused when it is read, before anything is derived; also when a program asks for it."""
    fields = decode(locked_cheaply())
    fields[1:4] = cost
    with refused("cost_out_of_bounds"):
        unlock_with_passphrase(encode(fields), "six unrelated words", CONTEXT)
    with refused("cost_out_of_bounds"):
        PassphraseCost(*cost)


def test_the_strong_cost_is_four_times_the_memory_of_rfc_9106() -> None:
    """Section 4, second recommended option: 64 MiB, 3 passes, 4 lanes."""
    assert PassphraseCost(memory_kib=4 * 65536, passes=3, lanes=4) == STRONG


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=120))
def test_garbage_is_refused_with_a_problem(data) -> None:
    """Whatever lies in the file."""
    with pytest.raises(SealProblem):
        unlock(KEY, data, CONTEXT)
    with pytest.raises(SealProblem):
        unlock_with_passphrase(data, "six unrelated words", CONTEXT)
