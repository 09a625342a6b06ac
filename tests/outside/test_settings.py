"""The settings of a node: whatever stands in the file, they are read or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.outside.settings import Home, SettingsProblem

UNREADABLE = {
    "not UTF-8": b'party = "\xff"',
    "not TOML": b"party = ",
    "brackets without end": b"a = " + b"[" * 5000,
    "a number without end": b"a = " + b"9" * 5000,
    "another type": b"party = 7",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, content: bytes) -> None:
    """Each in its way; the control is a file that does."""
    home = Home(tmp_path)
    home.settings_file.write_bytes(content)
    with pytest.raises(SettingsProblem) as caught:
        home.settings()
    assert caught.value.key == "settings.unreadable"
    home.settings_file.write_bytes(b'party = "XA"')
    assert home.settings().party == "XA"
