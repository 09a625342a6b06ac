"""How much the desk's door gives to browsers. Sizes in bytes, times in seconds."""

from __future__ import annotations

import msgspec

from parley.line.attachment import LARGEST_FILE


class Limits(msgspec.Struct, frozen=True):
    """Of one desk."""

    body_bytes: int = 512 << 10
    """The longest form is a draft whose own words are four thousand characters of three bytes, each sent as nine."""
    drained_bytes: int = 8 << 20
    """So much is read of a body that is too large, and kept nowhere."""
    file_bytes: int = 17 << 20
    """A form with a file: an archive of a note is at most 16 MiB."""
    attachment_bytes: int = LARGEST_FILE
    upload_bytes: int = 2 * LARGEST_FILE
    """Of all files of one form together; what is larger is read past."""
    upload_drained_bytes: int = 64 << 20
    """So much is read of a form with files at most."""
    upload_s: float = 120.0
    fields: int = 2000
    body_s: float = 20.0
    beat_s: float = 15.0
    """Between signs of life of a stream on which nothing happens."""
    look_s: float = 0.5
    """Between looks of a stream: also how long a stream may outlive its session."""
    stuck_s: float = 30.0
    streams_per_officer: int = 8
    rate: float = 20.0
    """Pages a second of one session in the long run."""
    burst: int = 100
    strangers: float = 10.0
    """Pages a second of all who are not signed in, in the long run."""
    strangers_burst: int = 200
