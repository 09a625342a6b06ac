"""A parcel as a file and as lines of text: round trips, and everything a medium or a mail program does to it."""

from __future__ import annotations

import contextlib
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.outside.bearers import (
    BearerProblem,
    Label,
    armour,
    read_parcel,
    unarmour,
    write_armoured,
    write_parcel,
)
from parley.terms.party import PartyProblem

LABEL = Label("XA", "XB", 2)
PARCEL = bytes(range(256)) * 5


def problem(call, *arguments):
    """The key (without its room) of the BearerProblem that `call` must raise."""
    with pytest.raises(BearerProblem) as caught:
        call(*arguments)
    return caught.value.key.partition(".")[2]


@given(st.binary(max_size=3000))
def test_armour_gives_back_what_went_in(parcel):
    text = armour(parcel, LABEL)
    assert unarmour(text, 3000) == parcel
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 76


@pytest.mark.parametrize("size", [0, 1, 44, 45, 46, 5000])
def test_both_kinds_of_file_give_back_what_went_in(tmp_path, size):
    path, parcel = tmp_path / "note.parcel", os.urandom(size)
    write_parcel(path, parcel)
    assert read_parcel(path, 5000) == parcel
    write_armoured(path, parcel, LABEL)
    assert read_parcel(path, 5000) == parcel


def test_a_file_is_its_owners_alone_and_leaves_no_other_behind(tmp_path):
    path = tmp_path / "note.parcel"
    write_parcel(path, PARCEL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["note.parcel"]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    """The disk fills up while the new file is written: the old one is whole, and no half one lies beside it."""
    path = tmp_path / "note.parcel"
    write_parcel(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert problem(write_parcel, path, b"new") == "unwritable"
    monkeypatch.undo()
    assert read_parcel(path, 100) == b"old"
    assert os.listdir(tmp_path) == ["note.parcel"]


def test_the_header_tells_the_carrier_and_nothing_else(tmp_path):
    """Sender, recipient, count, size and checksum; the seals inside hide the rest."""
    lines = armour(PARCEL, LABEL).splitlines()
    assert lines[1:4] == ["From: XA", "To: XB", "Items: 2"]
    assert [line.partition(":")[0] for line in lines[1:6]] == ["From", "To", "Items", "Bytes", "SHA-256"]


def test_a_label_that_would_add_lines_cannot_be_made():
    with pytest.raises(PartyProblem):
        Label("XA\nX: y", "XB", 1)


# What happens on the way: name -> what is done to the text, and what must come of it (None: it still reads)
ON_THE_WAY = {
    "quoted by a mail program": (lambda t: "".join(f"> {line}\n" for line in t.splitlines()), None),
    "in the middle of a letter": (lambda t: f"Dear colleague,\n\n{t}\nYours, A.", None),
    "line ends of another system": (lambda t: t.replace("\n", "\r\n"), None),
    "blanks at the ends of lines": (lambda t: t.replace("\n", "  \n"), None),
    "empty lines put in": (lambda t: t.replace("\n", "\n\n"), None),
    "a byte order mark in front": (lambda t: "\ufeff" + t, None),
    "one letter misread": (lambda t: t.replace("0007 A", "0007 B"), "damaged_line"),
    "two lines exchanged": (lambda t: _swap(t, 7, 8), "damaged_line"),
    "a line lost in the middle": (lambda t: _without(t, 9), "damaged_line"),
    "the last line lost": (lambda t: _without(t, -2), "damaged"),
    "the end lost": (lambda t: t[:-40], "not_a_parcel"),
    "the beginning lost": (lambda t: t[40:], "not_a_parcel"),
    "the checksum lost": (lambda t: _without(t, 5), "damaged"),
    "nothing left": (lambda t: "", "not_a_parcel"),
    "another text": (lambda t: "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----", "not_a_parcel"),
}


def _swap(text, one, other):
    lines = text.splitlines()
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _without(text, at):
    lines = text.splitlines()
    del lines[at]
    return "\n".join(lines)


@pytest.mark.parametrize("name", ON_THE_WAY)
def test_what_happens_to_text_on_its_way(tmp_path, name):
    change, expected = ON_THE_WAY[name]
    parcel = bytes(600)  # base64 of zeros: every full line is made of the letter A
    path = tmp_path / "mail.txt"
    path.write_text(change(armour(parcel, LABEL)), newline="")
    if expected is None:
        assert read_parcel(path, 1000) == parcel
    else:
        assert problem(read_parcel, path, 1000) == expected


def test_a_damaged_line_is_named_by_its_number():
    with pytest.raises(BearerProblem) as caught:
        unarmour(armour(bytes(600), LABEL).replace("0007 A", "0007 B"), 1000, "letter")
    assert caught.value.arguments == {"path": "letter", "line": 7}


@given(st.text(max_size=300))
def test_any_text_is_a_parcel_or_a_problem(text):
    """Property: never another exception, whatever is pasted between the marks."""
    for given_text in (text, f"-----BEGIN PARLEY PARCEL-----\n{text}\n-----END PARLEY PARCEL-----"):
        with contextlib.suppress(BearerProblem):
            unarmour(given_text, 1000)


@given(st.integers(0, 2000), st.integers(1, 255))
def test_any_changed_byte_of_a_file_is_noticed(tmp_path_factory, at, by):
    path = tmp_path_factory.mktemp("parcel") / "p"
    write_parcel(path, PARCEL)
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= by
    path.write_bytes(content)
    assert problem(read_parcel, path, 2000) in {"damaged", "not_a_parcel"}


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "p"
    write_parcel(path, b"parcel")
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        assert problem(read_parcel, path, 100) in {"damaged", "not_a_parcel"}


@pytest.mark.parametrize("write", [write_parcel, lambda path, parcel: write_armoured(path, parcel, LABEL)])
def test_the_limit_is_exact_in_both_forms(tmp_path, write):
    path = tmp_path / "p"
    write(path, bytes(1000))
    assert read_parcel(path, 1000) == bytes(1000)
    assert problem(read_parcel, path, 999) == "too_large"


def test_a_huge_file_is_not_read(tmp_path):
    """Sparse, a terabyte by its size: only the first bytes are touched."""
    path = tmp_path / "p"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert problem(read_parcel, path, 1000) == "too_large"


def test_what_is_not_a_file_is_unreadable(tmp_path):
    """A missing file, a folder, and a pipe, at which a careless reader would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", ".", "pipe"):
        assert problem(read_parcel, tmp_path / name, 1000) == "unreadable"


def test_a_folder_that_is_not_there_is_unwritable(tmp_path):
    assert problem(write_parcel, tmp_path / "nowhere" / "p", b"") == "unwritable"
