"""Forms with files: whatever pieces they come in, what was sent comes out, within bounds; and nothing else gets in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.doors.web import uploads
from parley.doors.web.limits import Limits
from parley.doors.web.problems import WebProblem
from parley.doors.web.uploads import LOST, Sent, Upload

BOUNDARY = "parley7MA4YWxk"
END = f"--{BOUNDARY}--\r\n".encode()
KIND = f"multipart/form-data; boundary={BOUNDARY}"
SMALL = Limits(body_bytes=400, attachment_bytes=100, upload_bytes=150, upload_drained_bytes=4_000, fields=8)
NAMES = st.from_regex(r"[a-z]{1,8}-[0-9]{1,2}", fullmatch=True)
WORDS = st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs",)), max_size=30)
FIELDS = st.dictionaries(NAMES, st.lists(WORDS, min_size=1, max_size=2), max_size=4)
FILE = st.tuples(st.from_regex(r"[\w .-]{1,20}", fullmatch=True), st.binary(max_size=60))
FILES = st.dictionaries(NAMES, st.lists(FILE, min_size=1, max_size=2), max_size=2)


class Asked:
    """A request whose body comes in pieces of these sizes, over and over."""

    def __init__(self, body: bytes, sizes: list[int], kind: str = KIND) -> None:
        self.body, self.sizes, self.headers = body, sizes, {"content-type": kind}

    async def stream(self) -> AsyncIterator[bytes]:
        at = number = 0
        while at < len(self.body):
            size = self.sizes[number % len(self.sizes)]
            yield self.body[at : at + size]
            at, number = at + size, number + 1


def body_of(fields: dict[str, list[str]], files: dict[str, list[tuple[str, bytes]]]) -> bytes:
    parts = [(f'name="{name}"', value.encode()) for name, values in fields.items() for value in values]
    parts += [(f'name="{name}"; filename="{file}"', data) for name, some in files.items() for file, data in some]
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    return b"".join(f"{head}{what}\r\n\r\n".encode() + data + b"\r\n" for what, data in parts) + END


def read(body: bytes, sizes: list[int], limits: Limits = Limits(), *, keep: bool = True, kind: str = KIND) -> Sent:  # noqa: B008
    asked: Any = Asked(body, sizes, kind)
    return asyncio.run(uploads.read(asked, limits, keep=keep))


@settings(max_examples=30, deadline=None)
@given(FIELDS, FILES, st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_what_was_sent_comes_out_whatever_pieces_it_came_in(fields: Any, files: Any, sizes: list[int]) -> None:
    found = read(body_of(fields, files), sizes)
    assert found.fields == {name: tuple(values) for name, values in fields.items()}
    assert found.files == {name: tuple(Upload(*one) for one in some) for name, some in files.items()}


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(1, 50), st.sampled_from([KIND, KIND[:19], KIND[:-3]]))
def test_whatever_else_comes_is_refused_or_is_a_form_within_bounds(noise: bytes, at: int, size: int, kind: str) -> None:
    """A form with noise put into it: no other error leaves, and no bound is passed."""
    whole = body_of({"a-1": ["one", "two"]}, {"f-1": [("x.txt", b"data")]})
    try:
        found = read(whole[:at] + noise + whole[at:], [size], SMALL, kind=kind)
    except WebProblem:
        return
    assert sum(len(value.encode()) for values in found.fields.values() for value in values) <= SMALL.body_bytes
    kept = [one.data for some in found.files.values() for one in some if one.data is not None]
    assert all(len(data) <= SMALL.attachment_bytes for data in kept)


def test_files_beyond_the_bounds_are_read_past_and_what_stands_behind_them_is_kept() -> None:
    """One too large, two that fit, one that does not fit beside them."""
    files = {"f-1": [("a", b"x" * 101), ("b", b"x" * 80), ("c", b"x" * 60), ("d", b"x" * 20)]}
    body = body_of({}, files).removesuffix(END) + body_of({"last-1": ["kept"]}, {})
    found = read(body, [7], SMALL)
    assert [one.data is None for one in found.files["f-1"]] == [True, False, False, True]
    assert found.fields == {"last-1": ("kept",)}


def test_whoever_is_not_signed_in_leaves_words_and_no_file() -> None:
    found = read(body_of({"a-1": ["typed"]}, {"f-1": [("a", b"x" * 80)]}), [9], SMALL, keep=False)
    assert (found.fields, found.files) == ({"a-1": ("typed",), LOST: ("yes",)}, {})
    assert found.as_form() == b"a-1=typed&file-lost=yes"
    assert read(body_of({"a-1": ["typed"]}, {"f-1": [("", b"")]}), [9], SMALL, keep=False).fields == {"a-1": ("typed",)}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (body_of({"a-1": ["x" * 401]}, {}), "web.body_too_large"),
        (body_of({}, {"f-1": [("a", b"x" * 5_000)]}), "web.body_too_large"),
        (body_of({f"a-{n}": ["1"] for n in range(9)}, {}), "web.not_a_form"),
        (body_of({"a-1": ["1"]}, {})[:-6], "web.not_a_form"),
    ],
    ids=["words", "all", "parts", "cut off"],
)
def test_each_bound_holds(body: bytes, key: str) -> None:
    with pytest.raises(WebProblem) as problem:
        read(body, [50], SMALL)
    assert problem.value.key == key


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    class Slow(Asked):
        async def stream(self) -> AsyncIterator[bytes]:
            yield self.body[:10]
            await asyncio.sleep(60)

    asked: Any = Slow(body_of({"a-1": ["1"]}, {}), [10])
    with pytest.raises(WebProblem) as problem:
        asyncio.run(uploads.read(asked, msgspec.structs.replace(SMALL, upload_s=0.01), keep=True))
    assert problem.value.key == "web.body_too_slow"
