"""Key files at a cost that tests can pay, and a signer that runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from parley.outside.keys import OfficeFile, Officer, OfficeSigner, add_officer, create_office, write_office
from parley.outside.keys.signer import run_signer
from parley.seal import CHEAP_FOR_TESTS, encode
from parley.terms.party import Address

AMAL = Officer("amal", "duty officer")
BORIS = Officer("boris", "desk officer", forms=(1, 2, 10))


def note(**changed: Any) -> bytes:
    """The payload of a note of XA/duty by the field numbers of spec/note.md; `n5=x` replaces field 5, `...` drops."""
    fields: dict[int, Any] = {
        1: 1,
        2: 1,
        3: ["XA", "duty"],
        4: [["XB", "duty", 4711]],
        5: [11, 1],
        6: bytes(32),
        7: bytes(32),
        8: 3,
        9: True,
        10: 1_494_770_000_000,
        11: None,
        12: {10: "worm"},
        14: [],
        18: False,
    }
    for name, value in changed.items():
        fields[int(name[1:])] = value
        if value is ...:
            del fields[int(name[1:])]
    return encode(fields)


@pytest.fixture(name="note")
def note_maker() -> Any:
    return note


class Night(OfficeSigner):
    """The officer's side, of officers who release what they drafted and say why."""

    def session(self, officer: str, passphrase: str, reason: str = "nobody else is here") -> Any:
        return super().session(officer, passphrase, reason)

    def release(self, payload: bytes, officer: str, passphrase: str, reason: str = "nobody else is here") -> bytes:
        return super().release(payload, officer, passphrase, reason)

    async def release_aside(
        self, payload: bytes, officer: str, passphrase: str, reason: str = "nobody else is here"
    ) -> bytes:
        return await super().release_aside(payload, officer, passphrase, reason)


@dataclass
class Running:
    """A signer that runs in a thread, and its files."""

    folder: Path
    office: OfficeFile
    signer: OfficeSigner

    @property
    def office_file(self) -> Path:
        return self.folder / "duty.office"

    @property
    def socket(self) -> Path:
        return self.folder / "signer"

    @property
    def audit(self) -> list[str]:
        return (self.folder / "duty.audit").read_text().splitlines()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> OfficeFile:
    """An office with Amal, who may release all, and Boris, who may release three forms."""
    path = tmp_path_factory.mktemp("office") / "duty.office"
    file = create_office(path, Address("XA", "duty"), AMAL, "amal's words", CHEAP_FOR_TESTS, os.urandom)
    return add_officer(file, ("amal", "amal's words"), BORIS, "boris's words", CHEAP_FOR_TESTS, os.urandom)


@pytest.fixture
def running(tmp_path: Path, template: OfficeFile) -> Iterator[Running]:
    """A signer that listens; stopped at the end."""
    write_office(tmp_path / "duty.office", template)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=run_signer,
        args=(tmp_path / "duty.office", tmp_path / "signer", tmp_path / "duty.audit"),
        kwargs={"stop": stop, "ready": ready.set, "now": lambda: 1_494_770_400_123},
    )
    thread.start()
    assert ready.wait(10)
    yield Running(tmp_path, template, Night(tmp_path / "signer", timeout_s=10))
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
