"""The frame of every picture: title, picture, notes, as one SVG that a reader of the screen can read out."""

from __future__ import annotations

import re
import textwrap
from xml.sax.saxutils import escape

from parley.precedents.drawing import Drawing

INK = {False: "#1b1f24", True: "#e6e9ee"}
PAPER = {False: "#ffffff", True: "#14181e"}
MARGIN, TITLE, NOTE, LINE = 14, 17, 12, 17
_SIZE = re.compile(r'<svg[^>]*?\bwidth="([0-9.]+)"[^>]*?\bheight="([0-9.]+)"')
_OPEN = re.compile(r"<svg[^>]*>")


def framed(inner: str, drawing: Drawing, cut: str = "") -> str:
    """An SVG with the title above and the notes below, in the width asked for; nothing in it is fetched or runs."""
    size = _SIZE.search(inner)
    wide, tall = (float(one) for one in size.groups()) if size else (float(drawing.width), 0.0)
    shrunk = min(1.0, (drawing.width - 2 * MARGIN) / wide)
    titles = _wrapped(drawing.title, drawing.width, TITLE)
    notes = [line for note in (cut, *drawing.notes) if note for line in _wrapped(note, drawing.width, NOTE)]
    top = MARGIN + len(titles) * (TITLE + 6)
    below = top + tall * shrunk + LINE
    height = int(below + len(notes) * LINE + MARGIN)
    ink, paper = INK[drawing.dark], PAPER[drawing.dark]
    body = _OPEN.sub("", inner, count=1).removesuffix("\n").removesuffix("</svg>")
    text = [_line(line, MARGIN + TITLE + at * (TITLE + 6), TITLE, ink, "bold") for at, line in enumerate(titles)]
    text += [_line(line, below + at * LINE, NOTE, ink, "normal") for at, line in enumerate(notes)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img"'
        f' width="{drawing.width}" height="{height}" viewBox="0 0 {drawing.width} {height}" font-family="sans-serif">'
        f"<title>{escape(drawing.title)}</title><desc>{escape(drawing.says)}</desc>"
        f'<rect width="100%" height="100%" fill="{paper}"/>'
        f'<g transform="translate({MARGIN},{top}) scale({shrunk:.4f})">{body}</g>{"".join(text)}</svg>'
    )


def _wrapped(text: str, width: int, size: int) -> list[str]:
    """Lines that fit: a letter is taken to be a little over half as wide as it is high."""
    return textwrap.wrap(text, max(20, int((width - 2 * MARGIN) / (size * 0.55)))) or [""]


def _line(text: str, y: float, size: int, ink: str, weight: str) -> str:
    style = f'font-size="{size}" font-weight="{weight}" fill="{ink}"'
    return f'<text x="{MARGIN}" y="{y:.0f}" {style}>{escape(text)}</text>'
