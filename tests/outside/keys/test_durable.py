"""Files that are wholly the old or wholly the new."""

from __future__ import annotations

import os

import pytest

from parley.outside.durable import read_at_most, write_durably


def calls_of(monkeypatch):
    """The order of the system calls that make a file durable."""
    seen = []
    for name in ("fsync", "rename", "link", "fchmod"):
        real = getattr(os, name)

        def spy(*arguments, name=name, real=real):
            kind = "folder" if name == "fsync" and os.path.isdir(f"/proc/self/fd/{arguments[0]}") else "file"
            seen.append(f"{name} {kind}" if name == "fsync" else name)
            return real(*arguments)

        monkeypatch.setattr(os, name, spy)
    return seen


def test_the_order_is_mode_content_name_folder(tmp_path, monkeypatch):
    """A rename before the content is forced out may survive a power cut that the content does not."""
    seen = calls_of(monkeypatch)
    write_durably(tmp_path / "f", b"new")
    assert seen == ["fchmod", "fsync file", "rename", "fsync folder"]


@pytest.mark.parametrize("step", ["fsync", "rename", "fchmod"])
def test_a_failure_at_any_step_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, step):
    path = tmp_path / "f"
    write_durably(path, b"old")

    def fail(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="Input/output"):
        write_durably(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_a_name_that_is_taken_can_be_kept(tmp_path):
    path = tmp_path / "f"
    write_durably(path, b"old", replace=False)
    with pytest.raises(FileExistsError):
        write_durably(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_reading_stops_at_the_limit(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(bytes(10))
    assert read_at_most(path, 10) == bytes(10)
    assert read_at_most(path, 9) is None
