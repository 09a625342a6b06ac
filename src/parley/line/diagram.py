"""Draw the tables of `states` as Mermaid diagrams; ``python -m parley.line.diagram spec/line.md`` renews the page.

Run without a file it prints. Only changes are drawn; late and repeated news is listed below each diagram, so that the
page holds both tables in full. Leaves out everything that the tables leave out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum, IntEnum
from pathlib import Path
from typing import Final, TypeVar

from parley.line.states import ANSWER, DELIVERY, UNDERSTANDING, Axis

S = TypeVar("S", bound=IntEnum)
N = TypeVar("N", bound=Enum)

BEGIN: Final = "<!-- tables: written by python -m parley.line.diagram spec/line.md -->"
END: Final = "<!-- end of tables -->"


def word(state: IntEnum) -> str:
    """A state as the pages write it: ``NOT_ASKED`` is ``not asked``."""
    return state.name.lower().replace("_", " ")


def drawn(axis: Axis[S, N]) -> str:
    """One axis as a Mermaid state diagram and a list of what changes nothing."""
    return "\n".join([f"### {axis.name.capitalize()}", "", *_arrows(axis), "", *_unchanged(axis), ""])


def _arrows(axis: Axis[S, N]) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    together: dict[tuple[S, S], list[str]] = {}
    for (state, news), following in axis.changes.items():
        together.setdefault((state, following), []).append(news.value)
    for (state, following), causes in together.items():
        yield f"    {state.name} --> {following.name}: {', '.join(causes)}".replace("receipt: ", "receipt ")
    yield "```"


def _unchanged(axis: Axis[S, N]) -> Iterator[str]:
    yield "Late or repeated news, which changes nothing:"
    yield ""
    for state in sorted({state for state, _ in axis.unchanged}):
        causes = sorted(news.value for other, news in axis.unchanged if other is state)
        yield f"- {word(state)}: {'; '.join(causes)}"


def tables() -> str:
    """All three axes."""
    return "\n".join([drawn(DELIVERY), drawn(UNDERSTANDING), drawn(ANSWER)])


def brought_up_to_date(page: str) -> str:
    """The page with everything between the two markers written anew; raises ValueError if they are not there once."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError("the page does not have each marker once")
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{rest.split(END)[1]}"


def main(arguments: list[str]) -> None:
    """Print the tables, or write them into the file that is named."""
    if not arguments:
        print(tables())
        return
    page = Path(arguments[0])
    page.write_text(brought_up_to_date(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
