"""Forms with files: what browsers send is read byte for byte, and whatever else comes is no form."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from parley.doors.web.limits import Limits
from parley.doors.web.problems import WebProblem
from parley.doors.web.uploads import read

MEDIA = "multipart/form-data; boundary=----edge7"


def parts(media: str, data: bytes) -> tuple[dict[str, tuple[str, ...]], dict[str, bytes | None]]:
    """Fields, and the first file of each name."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": data, "more_body": False}

    head = [(b"content-type", media.encode("latin-1", "replace"))]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": head}, receive)  # type: ignore[arg-type]
    found = asyncio.run(read(request, Limits(fields=100), keep=True))
    return dict(found.fields), {name: some[0].data for name, some in found.files.items()}


def sent(*each: tuple[str, bytes], edge: str = "----edge7") -> bytes:
    """As Chromium and Firefox write it (RFC 7578)."""
    body = b""
    for head, content in each:
        body += f"--{edge}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{edge}--\r\n".encode()


@settings(deadline=None, max_examples=60)
@given(data=st.binary(max_size=300), text=st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=50))
def test_what_a_browser_sends_comes_back_as_it_was(data: bytes, text: str) -> None:
    if b"----edge7" in data or "----edge7" in text:
        return
    fields, files = parts(MEDIA, sent(('name="token"', text.encode()), ('name="file"; filename="a.bin"', data)))
    assert (fields, files) == ({"token": (text,)}, {"file": data})


def test_a_file_name_with_a_path_leads_nowhere() -> None:
    """It is read by nobody: files are known by the name of their field."""
    names = ("../../etc/passwd", "C:\\\\x\\\\evil.exe", "<img src=x>", "‮fdp.exe", "a;b")
    for name in names:
        _, files = parts(MEDIA, sent((f'name="file"; filename="{name}"', b"x")))
        assert files == {"file": b"x"}


ONE = sent(('name="file"; filename="a"', b"x"))
WRONG = {
    "nothing": (MEDIA, b""),
    "no boundary named": ("multipart/form-data", ONE),
    "another boundary": ("multipart/form-data; boundary=other", ONE),
    "a boundary that is too long": ("multipart/form-data; boundary=" + "x" * 71, ONE),
    "no end": (MEDIA, ONE[:-4]),
    "something before": (MEDIA, b"hello" + ONE),
    "a part without a name": (MEDIA, sent(('filename="a"', b"x"))),
    "a part that is no form data": (MEDIA, ONE.replace(b"form-data; name", b"attachment; name")),
    "a part without a gap": (MEDIA, b"------edge7\r\nContent-Disposition: form-data; name=a\r\n------edge7--\r\n"),
    "a head that is too long": (MEDIA, sent((f'name="a"; x="{"y" * 5000}"', b"x"))),
    "a field that is no text": (MEDIA, sent(('name="token"', b"\xff\xfe"))),
    "too many parts": (MEDIA, sent(*[('name="a"', b"")] * 101)),
}


@pytest.mark.parametrize("case", WRONG)
def test_whatever_else_comes_is_no_form(case: str) -> None:
    media, data = WRONG[case]
    with pytest.raises(WebProblem) as caught:
        parts(media, data)
    assert caught.value.key == "web.not_a_form"


@settings(deadline=None, max_examples=60)
@given(media=st.text(max_size=80), data=st.binary(max_size=200))
def test_no_bytes_crash_it(media: str, data: bytes) -> None:
    for head in (media, f"multipart/form-data; boundary={media}", MEDIA):
        with suppress(WebProblem):
            parts(head, b"------edge7\r\n" + data)
