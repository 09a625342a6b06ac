"""Which module has which command: a command line loads the module of its own command and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

TABLE = (
    ("running", "init serve signer unlock stop status"),
    ("formbook", "forms"),
    ("drafting", "draft amend drafts send answer clarify"),
    ("clearance", "submit clear release"),
    ("notes", "inbox show state read-back parcel take search"),
    ("duty", "flash-test handover"),
    ("keeping", "journal verify archive backup restore doctor"),
    ("demo", "demo"),
    # names that have commands below them
    ("decisions", "particulars parties"),
    ("desk", "desk"),
    ("officers", "officers"),
    ("clearance", "clearance"),
    ("attachments", "attachment"),
    ("by_hand", "contacts by-hand"),
    ("drills", "drills"),
    ("wording", "wording"),
    ("keeping", "evidence"),
    ("retention", "retention"),
    ("tokens", "tokens"),
    ("precedents", "precedents"),
    ("atlas", "atlas"),
)
"""Modules of this folder and what they register, in the order of help and docs/cli.md. What is not here is none."""


class Loaded(Mapping[str, Any]):
    """Commands by name; the module of one is imported when it is first looked at."""

    def __init__(self) -> None:
        self._modules = {name: module for module, names in TABLE for name in names.split()}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        module = self._modules[name]
        if name not in self._made:
            self._made |= registered(module)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def registered(module: str) -> dict[str, Any]:
    """What a module registers, by name."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(lambda: None)  # typer makes no group of one command otherwise
    import_module(f"parley.doors.cli.{module}").add_to(app)
    return dict(typer.main.get_group(app).commands)


class Commands(TyperGroup):
    """`parley` itself."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Loaded()  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:
        """Names alone, without loading what they name."""
        return list(self.commands)
