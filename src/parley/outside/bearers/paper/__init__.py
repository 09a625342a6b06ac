"""Paper and screen: a parcel as QR codes, out as pictures and a page to print, in from photographs (spec/paper.md).

A fountain code makes more frames than are needed, so that some may be missing, torn or unreadable, in any order. Needs
the extra `paper` (raptorq, zxing-cpp, Pillow); each is loaded by the function that needs it, never by an idle node.

Public: make_frames, read_frames, gather, Gathered, read_pictures, write_frames, LARGEST_ON_PAPER.
"""

from __future__ import annotations

from parley.outside.bearers.paper.frames import LARGEST_ON_PAPER, Gathered, gather, make_frames, read_frames
from parley.outside.bearers.paper.pictures import read_pictures
from parley.outside.bearers.paper.sheet import write_frames

__all__ = ["LARGEST_ON_PAPER", "Gathered", "gather", "make_frames", "read_frames", "read_pictures", "write_frames"]
