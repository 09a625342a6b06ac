"""Files that a note may name: what they are by their first bytes, under which plain name they are kept."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.forms import load
from parley.line import LineProblem
from parley.line.attachment import KINDS, LARGEST_FILE, LONGEST_NAME, files_named, is_it, media_type, named, plain_name
from parley.line.note import Attachment

TAKEN = {
    "a page": (b"%PDF-1.7\n...", "letter.pdf", "application/pdf"),
    "a page under another name": (b"%PDF-1.7\n...", "letter.exe", "application/pdf"),
    "a picture": (b"\x89PNG\r\n\x1a\n...", "x", "image/png"),
    "a photograph": (b"\xff\xd8\xff\xe0...", "x.jpeg", "image/jpeg"),
    "packets": (b"\xd4\xc3\xb2\xa1\x02\x00", "dump", "application/vnd.tcpdump.pcap"),
    "a bundle": (b'{"type": "bundle"}', "x.json", "application/json"),
    "a table": (b"address,port\n203.0.113.7,443\n", "Log.CSV", "text/csv"),
    "a log": ("\ufeffВход 07:44\r\n".encode(), "log", "text/plain"),
    "a single number": (b"7", "x.json", "text/plain"),  # JSON, and nothing that a program would read as more than text
    "the largest": (b"x" * LARGEST_FILE, "x.txt", "text/plain"),
}
REFUSED = {
    "nothing": (b"", "x.txt", "line.file_empty"),
    "one byte too many": (b"x" * (LARGEST_FILE + 1), "x.txt", "line.file_too_large"),
    "a page of the web": (b"<!doctype html><script>", "x.txt", "line.file_kind"),
    "a drawing with a script": (b'  <svg onload="x">', "x.png", "line.file_kind"),
    "a script": (b"#!/bin/sh\n", "x.txt", "line.file_kind"),
    "a program": (b"MZ\x90\x00", "x.pdf", "line.file_kind"),
    "an archive": (b"PK\x03\x04", "x.docx", "line.file_kind"),
    "rich text": (b"{\\rtf1", "x.txt", "line.file_kind"),
    "another encoding": ("Größe".encode("latin-1"), "x.txt", "line.file_kind"),
    "text with a NUL": (b"a\x00b", "x.txt", "line.file_kind"),
}
NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\fakepath\\report.pdf": "report.pdf",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    "a\x00b\r\nc\t.txt": "abc.txt",
    "  . .hidden ": "hidden",
    "zero\u200bwidth\ufeff.csv": "zerowidth.csv",
    "..": "file",
    "": "file",
    "دليل.pdf": "دليل.pdf",
    "e\u0301te.txt": "éte.txt",
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_file_is_what_its_first_bytes_say(case: str) -> None:
    data, name, media = TAKEN[case]
    assert media_type(data, name) == media
    assert named(data, name) == Attachment(hashlib.sha256(data).digest(), len(data), media)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_kind_of_ours_is_refused(case: str) -> None:
    data, name, key = REFUSED[case]
    with pytest.raises(LineProblem) as refused:
        media_type(data, name)
    assert refused.value.key == key


@pytest.mark.parametrize("given", NAMES)
def test_a_name_loses_its_folder_and_what_cannot_be_seen(given: str) -> None:
    assert plain_name(given) == NAMES[given]


def test_the_ending_is_that_of_the_kind() -> None:
    assert plain_name("report.pdf.exe", "application/pdf") == "report.pdf.exe.pdf"
    assert plain_name("page.HTML", "text/plain") == "page.HTML.txt"
    assert plain_name("Log.CSV", "text/csv") == "Log.CSV"


@given(st.text(max_size=300), st.sampled_from(["", *(kind.media_type for kind in KINDS)]))
def test_no_name_is_long_hidden_or_a_path(given: str, media: str) -> None:
    name = plain_name(given, media)
    assert 0 < len(name) <= LONGEST_NAME
    assert not set(name) & set("/\\\x00\n\r\u202e\u2066\u200b")
    assert not name.startswith(".")


def test_a_byte_more_is_another_file() -> None:
    entry = named(b"as it was", "x.txt")
    assert is_it(entry, b"as it was")
    assert not is_it(entry, b"as it was.")
    assert not is_it(Attachment(entry.digest, entry.size + 1, "text/plain"), b"as it was")


def test_the_files_of_a_form_are_those_of_its_lines() -> None:
    one, two = [b"\x01" * 32, 5, "text/plain"], [b"\x02" * 32, 6, "image/png"]
    lines = {10: "stop-traffic", 27: [one, two, one]}
    assert [entry.size for entry in files_named(11, load().form(11).version, lines, load())] == [5, 6]
    assert files_named(1, load().form(1).version, lines, load()) == []
    assert files_named(999, 1, lines, load()) == []
    assert files_named(11, load().form(11).version, {27: [["short"]]}, load()) == []
