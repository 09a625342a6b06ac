"""Day keys: once a day is erased, nothing that was wrapped for it opens, from whatever copy."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.outside.keys import DayKeys, KeysProblem, create_archive_key, day_of, open_archive_key
from parley.seal import CHEAP_FOR_TESTS, SealProblem

ARCHIVE = bytes(range(32))
SEED = b"a prekey's private half, 32 byte"


@pytest.fixture
def keys(tmp_path):
    return DayKeys.create(tmp_path / "days", ARCHIVE, os.urandom)


def reopened(keys):
    return DayKeys.open(keys._path, ARCHIVE, os.urandom)


def test_a_secret_comes_back_after_a_restart(keys):
    wrapped = keys.wrap(20_000, SEED, b"prekey 1")
    assert SEED not in wrapped
    assert reopened(keys).unwrap(wrapped, b"prekey 1") == SEED


def test_the_key_of_a_new_day_is_on_the_medium_before_anything_is_wrapped_with_it(keys, monkeypatch):
    """Otherwise a crash leaves a wrapped prekey in the database that no key opens."""

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeysProblem) as caught:
        keys.wrap(20_000, SEED, b"prekey 1")
    assert caught.value.key == "keys.unwritable"
    assert keys.days == ()


def test_erasing_a_day_ends_its_secrets_and_no_others(keys):
    old, new = keys.wrap(20_000, SEED, b"old"), keys.wrap(20_001, SEED, b"new")
    keys.erase_before(20_001)
    for held in (keys, reopened(keys)):
        assert held.days == (20_001,)
        assert held.unwrap(new, b"new") == SEED
        with pytest.raises(KeysProblem) as caught:
            held.unwrap(old, b"old")
        assert caught.value.key == "keys.day_erased"


def test_a_day_that_comes_again_after_erasure_gets_another_key(keys):
    old = keys.wrap(20_000, SEED, b"p")
    keys.erase([20_000])
    keys.wrap(20_000, SEED, b"p")
    with pytest.raises(SealProblem):
        keys.unwrap(old, b"p")


def test_the_erased_key_is_in_no_file_of_the_folder(tmp_path):
    """Canary: the file is opened with its key, every file in the folder is read; the day's key is in none of them."""
    archive = create_archive_key(tmp_path / "archive", "words", CHEAP_FOR_TESTS, os.urandom)
    keys = DayKeys.create(tmp_path / "days", archive, os.urandom)
    keys.wrap(20_000, SEED, b"p")
    keys.wrap(20_001, SEED, b"p")
    canary, kept = keys._keys[20_000], keys._keys[20_001]
    copy = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    keys.erase([20_000])
    found = DayKeys.open(tmp_path / "days", open_archive_key(tmp_path / "archive", "words"), os.urandom)
    assert canary not in found._keys.values()
    assert kept in found._keys.values()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "days"]
    assert all(canary not in path.read_bytes() for path in tmp_path.iterdir())
    # The control: from a copy made before, whoever has the archive passphrase still gets it. So the file is not copied.
    (tmp_path / "days").write_bytes(copy["days"])
    assert canary in DayKeys.open(tmp_path / "days", archive, os.urandom)._keys.values()


def test_the_file_is_closed_without_the_archive_key(keys):
    keys.wrap(20_000, SEED, b"p")
    with pytest.raises(SealProblem):
        DayKeys.open(keys._path, bytes(32), os.urandom)


def test_a_wrapped_secret_cannot_stand_in_for_another(keys):
    wrapped = keys.wrap(20_000, SEED, b"prekey 1")
    with pytest.raises(SealProblem):
        keys.unwrap(wrapped, b"prekey 2")


def test_a_crash_while_erasing_leaves_the_whole_old_file(keys, monkeypatch):
    keys.wrap(20_000, SEED, b"p")
    real = os.rename

    def crash(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "rename", crash)
    with pytest.raises(KeysProblem):
        keys.erase([20_000])
    monkeypatch.setattr(os, "rename", real)
    assert reopened(keys).days == (20_000,)
    assert keys.days == (20_000,)  # what memory says is what the file says


@given(st.integers(0, 2**45))
def test_a_day_is_a_day(ms):
    assert day_of(ms) * 86_400_000 <= ms < (day_of(ms) + 1) * 86_400_000
