"""Files that are either wholly the old or wholly the new, also after a power cut.

What this is: one way to write a small file (keys, parcels) and one way to read it with a limit. What it leaves out:
databases and logs, which have their own rules. Errors are the operating system's (OSError); the callers, who know
what the file is for, turn them into problems.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def write_durably(path: Path, content: bytes, *, mode: int = 0o600, replace: bool = True) -> None:
    """Put `content` at `path` so that a crash at any moment leaves the old file or the new one, never a mixture.

    The new file is written beside the old under a random name, forced to the medium, renamed, and then the folder is
    forced to the medium too: without the last step a rename may be lost although the data are safe.

    Args:
        mode: permissions of the file; set before the first byte is written, so that it is never readable by others.
        replace: whether an existing file may be replaced; if not, FileExistsError is raised and it stays as it is.

    Raises:
        OSError: nothing was put at `path`, or (only if the last step failed) perhaps it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _move(name, path, replace)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    sync_folder(path.parent)


def _move(name: str, path: Path, replace: bool) -> None:
    if replace:
        os.rename(name, path)
        return
    os.link(name, path)  # unlike rename, a link fails if the name is taken: no gap between looking and writing
    os.unlink(name)


def sync_folder(folder: Path) -> None:
    """Force the names in `folder` to the medium; raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_at_most(path: Path, limit: int) -> bytes | None:
    """The bytes of the regular file at `path`, or None if there are more than `limit`; raises OSError.

    Reads one byte more than allowed instead of trusting a size that can change, and refuses what is not a regular file
    (a pipe would wait for ever, a device never ends).
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("not a regular file")
        content = file.read(limit + 1)
    return None if len(content) > limit else content
