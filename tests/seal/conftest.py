"""What the tests of the seal share: keys from fixed seeds, and a way to catch a refusal by its key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from parley.seal import OpeningKey, SealProblem, SigningKey

Refused = Callable[[str], AbstractContextManager[None]]


def seeded(name: str, size: int) -> bytes:
    """`size` bytes fixed by `name`."""
    return hashlib.shake_256(b"parley tests, seal: " + name.encode()).digest(size)


@pytest.fixture(scope="session")
def signers() -> list[SigningKey]:
    """Three keys of one holder each, in the order of their ids."""
    keys = [SigningKey.from_seed(seeded(name, 64)) for name in ("first", "second", "third")]
    return sorted(keys, key=lambda key: key.public.key_id)


@pytest.fixture(scope="session")
def stranger() -> SigningKey:
    """A key that nobody accepted."""
    return SigningKey.from_seed(seeded("stranger", 64))


@pytest.fixture(scope="session")
def opening() -> OpeningKey:
    """A prekey."""
    return OpeningKey(seeded("prekey id", 16), seeded("prekey", 32))


@pytest.fixture(scope="session")
def refused() -> Refused:
    """`with refused("key"):` the block raises the SealProblem of that key."""

    @contextmanager
    def catch(key: str) -> Iterator[None]:
        with pytest.raises(SealProblem) as caught:
            yield
        assert caught.value.key == f"seal.{key}"
        assert str(caught.value)

    return catch
