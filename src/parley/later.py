"""Later: a module that is imported when something of it is first used, for commands and nodes that start quickly."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def later(name: str) -> ModuleType:
    """Stands for ``parley.NAME``, which is imported with the first look at anything in it."""
    return library(f"parley.{name}")


def library(name: str) -> ModuleType:
    """The same for a module of others, by its whole name."""
    return _Later(name)
