"""Lines of a page: broken at a width so that they can be joined again exactly.

A line that goes on is indented by four blanks; a paragraph of own words begins with ``¶`` on an indented line; a
reader's aid begins with ``=`` there and says nothing that counts. A break stands where a single blank was, or between
two characters of Chinese writing, which has no blanks; which of the two it was can be seen from the characters on
either side: a blank between two wide characters is the one that cannot be broken at. What is read out as one, a code in
brackets or a date-time group, is kept on one line where the width allows it. Leaves out what the lines say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from parley.forms.voice import FSI, PDI, RLM, without_isolates

INDENT = "    "
PARAGRAPH, AID = "¶", "="

_WIDE = "\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_OPENING, _CLOSING = "（「『《〈【", "，。；：、？！）」』》〉】"
_I = FSI + PDI
# Longest look-behind first: an isolate beside a character hides it from a one-character look.
_AFTER_NARROW = rf"(?<![{_WIDE}])(?<![{_WIDE}][{_I}])(?<![{_WIDE}][{_I}][{_I}]) (?![{_I}]*[ {PARAGRAPH}{AID}])"
_BEFORE_NARROW = rf" (?![{_I}]*[ {PARAGRAPH}{AID}{_WIDE}])"
_BLANK = rf"(?<! )(?<! [{_I}])(?<! [{_I}][{_I}])(?:{_AFTER_NARROW}|{_BEFORE_NARROW})"
_BETWEEN = rf"(?<=[{_WIDE}])(?<![{_OPENING}])(?=[{_WIDE}])(?![{_CLOSING}])"
_BREAK = f"{_BLANK}|{_BETWEEN}"
_WHOLE_OR_BREAK = rf"(?P<whole>\[[^\[\]]*\]|[0-9]{{6,8}}Z [A-Z]{{3}} [0-9]{{2}})|{_BREAK}"
_IS_WIDE = re.compile(f"[{_WIDE}]")
_NUMBERED = re.compile(r"([1-9][0-9]{0,3})\. (.*)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One numbered line as it was before it was broken: number, the text after the number, paragraphs under it."""

    number: int
    text: str
    paragraphs: tuple[str, ...]


def width_of(text: str) -> int:
    """The columns that a text takes: two for wide characters, none for marks and invisible signs."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


@lru_cache(maxsize=10_000)
def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def broken(text: str, width: int, *, first: str = "", then: str = INDENT, right_to_left: bool = False) -> list[str]:
    """`text` as physical lines of at most `width` columns where a break is possible at all.

    Isolates are closed at the end of a line and opened again on the next, so that each line stands for itself.
    """
    mark = RLM if right_to_left else ""
    if width_of(first) + width_of(text) <= width:
        return [mark + first + text]
    lines, current, used, fresh = [], first, width_of(first), True
    for piece, joint in _pieces(text, width - width_of(then)):
        taken = len(joint) + width_of(piece)
        if used + taken > width and not fresh:
            lines.append(current)
            current, used = then + piece, len(then) + taken - len(joint)
        else:
            current, used = current + joint + piece, used + taken
        fresh = False
    return [mark + line for line in _balanced([*lines, current])]


def _pieces(text: str, room: int) -> Iterator[tuple[str, str]]:
    """The unbreakable pieces, each with what joins it to the one before; `room` is what a line of its own holds."""
    at, joint = 0, ""
    for match in _breaks(text, room):
        yield text[at : match.start()], joint
        at, joint = match.end(), match[0]
    yield text[at:], joint


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when the first page is laid out: these two take longer than most commands need to start."""
    return re.compile(pattern)


def _breaks(text: str, room: int) -> Iterator[re.Match[str]]:
    for match in _compiled(_WHOLE_OR_BREAK).finditer(text):
        if match["whole"] is None:
            yield match
        elif width_of(match[0]) > room:
            yield from _compiled(_BREAK).finditer(text, match.start(), match.end())


def _balanced(lines: Iterable[str]) -> Iterator[str]:
    open_ones = 0
    for line in lines:
        if not open_ones and FSI not in line:
            yield line
            continue
        body = line.lstrip(" ")
        opened = line[: len(line) - len(body)] + FSI * open_ones + body
        open_ones += line.count(FSI) - line.count(PDI)
        yield opened + PDI * open_ones


def joined(page: str) -> tuple[list[str], list[Block], list[str]]:
    """What stands before the numbered lines, the numbered lines as they were before breaking, and what stands after.

    The numbered lines end at the first line that is neither numbered nor indented. Reader's aids are dropped.
    """
    before: list[str] = []
    blocks: list[Block] = []
    lines = iter(page.split("\n"))
    for line in lines:
        plain = _plain(line)
        if match := _NUMBERED.fullmatch(plain):
            blocks.append(Block(int(match[1]), match[2], ()))
        elif not blocks:
            before.append(plain)
        elif plain.startswith(INDENT):
            blocks[-1] = _continued(blocks[-1], plain.removeprefix(INDENT))
        else:
            return before, blocks, [plain, *(_plain(rest) for rest in lines)]
    return before, blocks, []


def _plain(line: str) -> str:
    return without_isolates(line.removesuffix("\r").removeprefix(RLM))


def _continued(block: Block, text: str) -> Block:
    if text.startswith(f"{AID} "):
        return block
    if text == PARAGRAPH or text.startswith(f"{PARAGRAPH} "):
        return Block(block.number, block.text, (*block.paragraphs, text[2:]))
    if block.paragraphs:
        *rest, last = block.paragraphs
        return Block(block.number, block.text, (*rest, _join(last, text)))
    return Block(block.number, _join(block.text, text), ())


def _join(one: str, other: str) -> str:
    both_wide = one and other and _IS_WIDE.match(one[-1]) and _IS_WIDE.match(other[0])
    return one + ("" if both_wide else " ") + other
