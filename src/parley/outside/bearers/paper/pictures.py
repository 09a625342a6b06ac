"""Pictures: QR codes out of photographs and scans, with zxing-cpp; several codes in one picture, at any angle.

A picture is as hostile as any input: only these formats are opened, nothing larger than a large camera makes, and
what a code says is looked at by `frames` alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from parley.outside.bearers.problems import BearerProblem
from parley.outside.durable import read_at_most

FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
LARGEST_FILE: Final = 64 << 20
MOST_PIXELS: Final = 120_000_000
SMALL: Final = 1_500  # pixels of the longer side below which a picture is looked at enlarged too
LARGE: Final = 3_000
ONE_CODE: Final = 600  # pixels of the longer side of a picture that holds one code, as `sheet` writes it


def read_pictures(path: Path) -> str:
    """What the codes in the picture at `path` say, a line each; empty if none is found.

    Raises BearerProblem: unreadable, too_large, not_a_picture, no_paper.
    """
    name = "".join(c for c in path.name if c.isprintable())[:40]
    try:
        content = read_at_most(path, LARGEST_FILE)
    except OSError as error:
        raise BearerProblem("unreadable", path=name, reason=(error.strerror or "it is not a file")[:60]) from None
    if content is None:
        raise BearerProblem("too_large", path=name, limit=LARGEST_FILE)
    said: dict[str, None] = {}
    opened = _opened(content, name)
    for number, seen in enumerate(_looks(opened)):
        before = len(said)
        said.update((text, None) for text in _codes(seen))
        if number and before == len(said) > 0:
            break  # another look finds no more
        if said and max(opened.size) <= ONE_CODE:
            break
    return "\n".join(said)


def is_picture(head: bytes) -> bool:
    """Whether a file that begins so is one of the formats that are opened."""
    starts = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
    return head.startswith(starts) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def _opened(content: bytes, name: str) -> Any:
    import io

    try:
        from PIL import Image
    except ImportError:
        raise BearerProblem("no_paper", what="Pillow") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata; the size is looked at below
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise BearerProblem("too_large", path=name, limit=MOST_PIXELS)
            return image.convert("L")
    except BearerProblem:
        raise
    except Exception:  # Pillow raises whatever its plugins do
        raise BearerProblem("not_a_picture", path=name) from None


def _looks(image: Any) -> Iterator[Any]:
    """The picture as it is, with more contrast, smaller or larger, blurred: what one look misses, another finds."""
    from PIL import ImageFilter, ImageOps

    yield image
    yield ImageOps.autocontrast(image.filter(ImageFilter.UnsharpMask(radius=2, percent=150)), cutoff=2)
    longer = max(image.size)
    if longer > LARGE:
        yield ImageOps.scale(image, LARGE / longer / 1.5)
    if longer < SMALL:
        yield ImageOps.scale(image, 2)
    yield image.filter(ImageFilter.GaussianBlur(1.2))


def _codes(image: Any) -> list[str]:
    try:
        import zxingcpp
    except ImportError:
        raise BearerProblem("no_paper", what="zxing-cpp") from None
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    found = []
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        codes = zxingcpp.read_barcodes(image, formats=wanted, binarizer=binarizer)
        found += [code.text for code in codes if code.valid]
    return found
