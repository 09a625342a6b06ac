"""Sheets: frames as QR codes in files, on a page to print, or in the terminal."""

from __future__ import annotations

import html
import io
from pathlib import Path
from typing import Any, Final, Literal

from parley.outside.bearers.paper.frames import Frame, read_frames
from parley.outside.bearers.problems import BearerProblem
from parley.outside.durable import write_durably

Picture = Literal["svg", "png"]
LEVEL: Final = "M"  # of QR's own correction: 15 % of a code may be unreadable; beyond that the spare frames serve
PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Parcel {name}</title><style>
@page {{ size: A4; margin: 12mm }}
body {{ font: 11pt sans-serif; margin: 0 }}
main {{ display: grid; grid-template-columns: 1fr 1fr; gap: 6mm }}
figure {{ margin: 0; break-inside: avoid; text-align: center }}
figure svg {{ width: 82mm; height: 82mm }}
</style></head><body>
<p>Parcel <b>{name}</b>: {count} frames, of which any {enough} give it back, in any order.
To take it, photograph or scan the sheets (several frames in one picture are fine), then:
<code>parley take PICTURE...</code>; it says which frames are still wanted. What is inside is sealed. To carry or take
these sheets is not to concur with anything.</p>
<main>
{figures}
</main></body></html>
"""
FIGURE: Final = "<figure>{svg}<figcaption>Parcel {name}, frame {number} of {count}</figcaption></figure>"


def write_frames(folder: Path, texts: list[str], kind: Picture = "svg") -> list[Path]:
    """A picture for each frame and ``page.html`` for printing, in `folder`, which is made; returns the pictures.

    Raises BearerProblem unwritable.
    """
    paths = []
    frames = [read_frames(text)[0] for text in texts]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for frame, text in zip(frames, texts, strict=True):
            path = folder / f"frame-{frame.number + 1:03}-of-{frame.count:03}.{kind}"
            write_durably(path, picture(text, kind), mode=0o600)
            paths.append(path)
        write_durably(folder / "page.html", page(frames, texts).encode(), mode=0o600)
    except OSError as error:
        raise BearerProblem("unwritable", path=folder.name[:40], reason=(error.strerror or "?")[:60]) from None
    return paths


def page(frames: list[Frame], texts: list[str]) -> str:
    """All frames on sheets of A4, six a sheet, with what a person needs to know who finds them."""
    name, count = frames[0].parcel_id.hex()[:8], frames[0].count
    figures = "\n".join(
        FIGURE.format(svg=_svg(text), name=name, number=frame.number + 1, count=count)
        for frame, text in zip(frames, texts, strict=True)
    )
    return PAGE.format(name=html.escape(name), count=count, enough=frames[0].needed + 1, figures=figures)


def picture(text: str, kind: Picture) -> bytes:
    """One code as a file of that kind, four units a module."""
    out = io.BytesIO()
    _code(text).save(out, kind=kind, scale=4, border=4)
    return out.getvalue()


def in_terminal(text: str) -> str:
    """One code in half-block letters, for a screen that another desk photographs."""
    out = io.StringIO()
    _code(text).terminal(out, compact=True, border=2)
    return out.getvalue()


def _svg(text: str) -> str:
    found: str = _code(text).svg_inline(scale=1, border=4, omitsize=True)
    return found


def _code(text: str) -> Any:
    import segno

    return segno.make(text, error=LEVEL, mode="alphanumeric", micro=False, boost_error=False)
