"""The folder of a node: what lies in it under which name, its settings, and files with passphrases.

Apart from the settings themselves: a command that asks the running node only needs to know where its socket is.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from parley.later import later

if TYPE_CHECKING:
    from parley.outside import settings as settled
else:
    settled = later("outside.settings")

FILE = "parley.toml"
_OFFICES = re.compile(r"^[ \t]*offices\s*=\s*\[[^\]]*\]", re.M)
LONGEST_SOCKET = 107
"""Bytes in the name of a Unix socket (Linux: unix(7), sun_path of 108 with its end)."""


def read_secrets(path: Path) -> list[str]:
    """The lines of a file that only its owner can read, at least one; raises SettingsProblem."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise settled.SettingsProblem("too_open", path=str(path))
            text = file.read(4096).decode("utf-8")
    except OSError as error:
        raise settled.SettingsProblem("unreadable_file", path=str(path), reason=error.strerror or "?") from None
    except UnicodeDecodeError:
        raise settled.SettingsProblem("no_secret", path=str(path)) from None
    found = [line.rstrip("\r") for line in text.split("\n")]
    if not found[0]:
        raise settled.SettingsProblem("no_secret", path=str(path))
    return [line for line in found if line]


class Home:
    """The folder of a node and the names of what lies in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def settings_file(self) -> Path:
        return self.path / FILE

    @property
    def node_key(self) -> Path:
        return self.path / "node.key"

    @property
    def archive_key(self) -> Path:
        return self.path / "archive.key"

    @property
    def day_keys(self) -> Path:
        return self.path / "days.key"

    @property
    def store(self) -> Path:
        return self.path / "store.sqlite"

    @property
    def socket(self) -> Path:
        """Where the running node takes local commands."""
        return self.path / "node.sock"

    def office_key(self, office: str) -> Path:
        return self.path / f"office-{office}.key"

    def signer_socket(self, office: str) -> Path:
        return self.path / f"signer-{office}.sock"

    def signer_audit(self, office: str) -> Path:
        return self.path / f"signer-{office}.log"

    def settings(self) -> settled.Settings:
        """The settings; raises SettingsProblem."""
        try:
            content = self.settings_file.read_bytes()
        except FileNotFoundError:
            raise settled.SettingsProblem("no_home", path=str(self.path)) from None
        except OSError as error:
            reason = error.strerror or "?"
            raise settled.SettingsProblem("unreadable", path=str(self.settings_file), reason=reason) from None
        try:
            return msgspec.convert(tomllib.loads(content.decode("utf-8")), settled.Settings)
        # Syntax, UTF-8, types, numbers of too many digits are all ValueErrors; brackets within brackets go too deep.
        except (ValueError, RecursionError) as error:
            raise settled.SettingsProblem("unreadable", path=str(self.settings_file), reason=str(error)[:200]) from None

    def with_offices(self, offices: tuple[str, ...]) -> bytes:
        """`parley.toml` with other offices and every other line as its owner wrote it; raises SettingsProblem."""
        text = self.settings_file.read_text("utf-8")
        said = "offices = [" + ", ".join(f'"{name}"' for name in offices) + "]"
        changed = _OFFICES.sub(said, text, count=1) if _OFFICES.search(text) else f"{said}\n{text}"
        try:
            msgspec.convert(tomllib.loads(changed), settled.Settings)
        except ValueError as error:
            raise settled.SettingsProblem("unreadable", path=str(self.settings_file), reason=str(error)[:200]) from None
        return changed.encode()

    def check_sockets(self, wanted: settled.Settings) -> None:
        """Raise SettingsProblem("too_long") if a socket of this folder could not be opened."""
        for path in (self.socket, *(self.signer_socket(office) for office in wanted.offices)):
            if len(os.fsencode(path)) > LONGEST_SOCKET:
                raise settled.SettingsProblem("too_long", path=str(path), most=LONGEST_SOCKET)

    def write_settings(self, wanted: settled.Settings) -> None:
        """Write `parley.toml` into the folder, which is made with mode 0700; raises SettingsProblem."""
        if self.settings_file.exists():
            raise settled.SettingsProblem("in_the_way", path=str(self.settings_file))
        try:
            self.check_sockets(wanted)
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.chmod(self.path, 0o700)
            self.settings_file.write_bytes(msgspec.toml.encode(wanted))
        except OSError as error:
            raise settled.SettingsProblem("cannot_write", path=str(self.path), reason=error.strerror or "?") from None
