"""Whatever a person brings: parcel files, armoured text, photographs of frames, frames read by a telephone as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from parley.outside.bearers.by_hand import MARK, parcel_in
from parley.outside.bearers.problems import BearerProblem
from parley.outside.durable import read_at_most

if TYPE_CHECKING:
    from parley.outside.bearers.paper.frames import Frame

LARGEST_PARCEL_FILE: Final = 16 << 20
KINDS: Final = ("svg", "png", "terminal")


def read_carried(paths: Sequence[Path]) -> list[bytes]:
    """The parcels in some files, of whatever kind each is; frames from all of them are put together.

    Raises BearerProblem: as by_hand.read_parcel and paper.read_pictures; no_frames, frames_wanted.
    """
    parcels: list[bytes] = []
    frames: list[Frame] = []
    for path in paths:
        name = "".join(c for c in path.name if c.isprintable())[:40]
        content = _content(path, name)
        said = _frames_in(path, content)
        if said is None:
            parcels.append(parcel_in(content, LARGEST_PARCEL_FILE, name))
            continue
        from parley.outside.bearers.paper.frames import read_frames

        found = read_frames(said)
        if not found:
            raise BearerProblem("no_frames", path=name)
        frames += found
    return parcels + (_gathered(frames) if frames else [])


def _gathered(frames: Sequence[Frame]) -> list[bytes]:
    from parley.outside.bearers.paper.frames import gather

    heaps = gather(frames)
    parcels = []
    for heap in heaps:
        if heap.parcel is None:
            raise heap.wanted
        parcels.append(heap.parcel)
    return parcels


def _frames_in(path: Path, content: bytes) -> str | None:
    """What the codes of a picture say, or a text that holds frames; None: it is neither."""
    if content.startswith(MARK):
        return None
    from parley.outside.bearers.paper import pictures

    if pictures.is_picture(content[:16]):
        return pictures.read_pictures(path)
    return content.decode("ascii", "replace") if b"PARLEY:" in content[:1_000_000] else None


def _content(path: Path, name: str) -> bytes:
    try:
        content = read_at_most(path, 64 << 20)
    except OSError as error:
        raise BearerProblem("unreadable", path=name, reason=(error.strerror or "it is not a file")[:60]) from None
    if content is None:
        raise BearerProblem("too_large", path=name, limit=LARGEST_PARCEL_FILE)
    return content


def write_on_paper(folder: Path, parcel: bytes, kind: str, spare: int) -> tuple[int, str]:
    """`parcel` as QR codes: files in `folder`, or text for the terminal; how many frames, and the text if any.

    Raises BearerProblem.
    """
    from parley.outside.bearers.paper import frames, sheet

    texts = frames.make_frames(parcel, spare)
    if kind == "terminal":
        return len(texts), "\n".join(map(sheet.in_terminal, texts))
    sheet.write_frames(folder, texts, cast("sheet.Picture", kind))
    return len(texts), ""
