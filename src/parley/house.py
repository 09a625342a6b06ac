"""The house behind the desk: findings of the machine and the settings in force, for the page that shows them.

Settings are shown without what is secret or could be: the connection of a database, the arguments of a program.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parley import checkup
from parley.desk import doctor
from parley.desk.node import Node
from parley.outside.settings import Home, Settings, SettingsProblem

TABLES = ("mail", "desk")


class Machine:
    """Of one node. Nothing here raises: whoever looks for trouble must be shown it."""

    def __init__(self, home: Home, settings: Settings, node: Node) -> None:
        self._home, self._settings, self._node = home, settings, node

    def findings(self) -> list[dict[str, Any]]:
        """As `parley doctor` lists them."""
        return doctor.as_rows(self._machine()) + [
            checkup.explained(row) for row in doctor.as_rows(doctor.examine(self._node, serving=True))
        ]

    def _machine(self) -> list[doctor.Finding]:
        try:
            return list(checkup.machine(self._home))
        except (SettingsProblem, OSError) as problem:
            return [doctor.Finding("settings: cannot be read again", False, str(problem)[:300])]

    def settings(self) -> list[tuple[str, str, str]]:
        """Table, name and value of every setting in force, those that were never written among them."""
        said: dict[str, Any] = msgspec.to_builtins(self._settings)
        rows = [("", name, _shown(name, value)) for name, value in said.items() if name not in TABLES]
        for table in TABLES:
            rows += [(table, name, _shown(name, value)) for name, value in said[table].items()]
        return rows


def _shown(name: str, value: Any) -> str:
    """A value as parley.toml would hold it; of a program its path alone, of a database its kind alone."""
    if name == "store":
        return "PostgreSQL" if value else "SQLite"
    if name == "on_flash" and value:
        return f"{value[0]}{' …' if len(value) > 1 else ''}"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(_shown("", one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_shown('', one)}" for key, one in value.items() if one not in ("", (), [], None))
    return str(value)
