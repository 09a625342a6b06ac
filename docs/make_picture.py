"""Draw docs/demo.svg from what `make demo` printed: `.venv/bin/parley demo --headless | python docs/make_picture.py`.

Rich draws the terminal; its web font is taken out, so that the picture needs nothing from elsewhere.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

SHOWN = (
    ("-- Almara", 3),
    ("‏6.", 1),
    ("‏10.", 1),
    ("‏12.", 2),
    ("   Beltova's node has it", 1),
    ("-- Beltova. The", 1),
    ("5. Answer", 2),
    ("6. Nature", 1),
    ("10. What", 2),
    ("12. Part", 2),
    ("-- Beltova answers the read-back", 4),
    ("-- Almara clarifies", 1),
    ("11. What we meant", 1),
    ("   The second read-back", 1),
    ("-- Beltova answers: taken", 3),
)


def chosen(lines: list[str]) -> list[str]:
    """The lines of the story that fit a picture, in order."""
    found, start = [], 0
    for beginning, count in SHOWN:
        at = next((i for i in range(start, len(lines)) if lines[i].startswith(beginning)), None)
        if at is not None:
            if beginning.startswith("--") and found:
                found.append("")
            found += lines[at : at + count]
            start = at + count
    return found


def _right_to_left(found: re.Match[str]) -> str:
    """An Arabic line begins at the right margin."""
    head, tail, text = found.groups()
    return f'<text {head}x="1000"{tail} direction="rtl" style="unicode-bidi:embed">{text}</text>'


def main() -> None:
    """Read the story, write the picture."""
    console = Console(record=True, width=82, file=io.StringIO())
    console.print(Text("$ make demo", style="bold green"))
    for line in chosen(sys.stdin.read().splitlines()):
        console.print(Text(line, style="bold cyan" if line.startswith("--") else ""))
    svg = console.export_svg(title="Parley")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S).replace("Fira Code, monospace", "monospace")
    svg = re.sub(r' textLength="[^"]*"', "", svg)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r'<text ([^>]*?)x="[^"]*"([^>]*)>([^<]*[\u0600-\u06ff][^<]*)</text>', _right_to_left, svg)
    Path(__file__).with_name("demo.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
