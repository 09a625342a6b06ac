"""What the desk writes into its log; the library is loaded with the first line, not with the first command."""

from __future__ import annotations

from typing import Any


class Log:
    """As ``structlog.get_logger(name)``, which takes longer to import than most commands take."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, level: str) -> Any:
        import structlog

        return getattr(structlog.get_logger(self._name), level)
