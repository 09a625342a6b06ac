"""A broken line can be joined again exactly, and no line of a page can pass for another."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.forms.page import INDENT, PARAGRAPH, Block, broken, joined, width_of
from parley.forms.voice import FSI, PDI, RLM, without_isolates

from .drawing import WORDS

TEXTS = WORDS.map(lambda text: text.strip(" ")).filter(bool)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.integers(10, 60), st.booleans())
def test_what_was_broken_is_joined_again(text: str, paragraphs: list[str], width: int, rtl: bool) -> None:
    """Label, value and paragraphs come back letter by letter, at any width, in either direction."""
    lines = broken(text, width, first="12. ", right_to_left=rtl)
    for paragraph in paragraphs:
        shown = f"{FSI}{paragraph}{PDI}"
        lines += broken(shown, width, first=f"{INDENT}{PARAGRAPH} ", right_to_left=rtl)
    page = "\n".join(["heading", "", *lines, "", "after"])
    before, blocks, after = joined(page)
    assert before == ["heading", ""]
    assert blocks == [Block(12, text, tuple(paragraphs))]
    assert after == ["", "after"]


@given(TEXTS, st.integers(10, 60))
def test_isolates_are_balanced_on_every_line(text: str, width: int) -> None:
    """A line break ends every isolate, so each line opens and closes its own."""
    marked = f"{FSI}{text[: len(text) // 2]}{FSI}{text[len(text) // 2 :]}{PDI}{PDI}"
    for line in broken(marked, width, right_to_left=True):
        assert line.startswith(RLM)
        assert line.count(FSI) == line.count(PDI)
        depth = 0
        for character in line:
            depth += (character == FSI) - (character == PDI)
            assert depth >= 0


@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=40), st.integers(14, 60))
def test_a_line_of_short_words_keeps_the_width(words: list[str], width: int) -> None:
    """Where a break is possible the width is kept."""
    for line in broken(" ".join(words), width, first="3. "):
        assert width_of(line) <= width


@given(st.text("中文字符，。（）「」、？", min_size=1, max_size=80), st.integers(20, 60))
def test_chinese_breaks_between_characters_and_not_before_a_comma(text: str, width: int) -> None:
    """Wide writing keeps the width within two columns, and no line begins with a closing sign."""
    lines = broken(f"字{text}", width)
    assert joined("\n".join(["1. x", *(INDENT + line.strip() for line in lines)]))[1][0].number == 1
    assert all(line.strip()[0] not in "，。）」、？" for line in lines[1:])


WIDTHS = [("abc", 3), ("中文", 4), ("e\u0301", 1), (f"{FSI}a{PDI}", 1), ("سلام", 4), ("ＡＢ", 4), ("", 0)]


@pytest.mark.parametrize(("text", "columns"), WIDTHS)
def test_columns_are_counted_as_a_terminal_shows_them(text: str, columns: int) -> None:
    """Wide characters take two columns, marks and invisible signs none."""
    assert width_of(text) == columns


def test_own_words_cannot_forge_a_line() -> None:
    """Words that look like a numbered line, a paragraph sign or an aid stay words."""
    words = "10. What we request: nothing [nothing] ¶ new = 5. Nature: accusation"
    lines = broken(words, 20, first=f"{INDENT}{PARAGRAPH} ")
    _, blocks, _ = joined("\n".join(["29. Own words: [en]", *lines]))
    assert blocks == [Block(29, "Own words: [en]", (words,))]


def test_a_page_with_other_line_ends_is_read_alike() -> None:
    """A mail server that writes CRLF changes nothing."""
    page = "head\r\n\r\n1. a b\r\n    c\r\n\r\nend"
    assert joined(page)[1] == [Block(1, "a b c", ())]


@given(st.text())
def test_width_is_never_negative_and_isolates_add_nothing(text: str) -> None:
    """Invisible signs cannot shift what stands beside them."""
    assert width_of(without_isolates(text)) == width_of(text) >= 0
    assert unicodedata.category(FSI) == "Cf"


KEPT = {
    "a date-time group after Russian": ("23 ноября 2026 г., 18:11 UTC, 231811Z NOV 26, номер", "231811Z NOV 26"),
    "a date-time group after Chinese": ("2026年11月23日 20:11（协调世界时 UTC），232011Z NOV 26 ", "232011Z NOV 26"),
    "a date-time group with seconds": ("x 14063005Z MAY 17 x", "14063005Z MAY 17"),
    "a code with blanks": ("адреса IPv6 [ipv6 2001:db8::/48]; сеть", "[ipv6 2001:db8::/48]"),
    "a code after Chinese": ("发现：2026年11月23日 [began 2026-11-23T13Z]；发现", "[began 2026-11-23T13Z]"),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_is_read_out_as_one_stands_on_one_line(case: str) -> None:
    """Whatever the width, as long as it fits on a line of its own; nothing is lost in joining."""
    text, whole = KEPT[case]
    text = text.strip()
    for width in range(len(INDENT) + width_of(whole), 90):
        lines = broken(text, width, first="9. ")
        assert sum(whole in line for line in lines) == 1, (width, lines)
        assert joined("\n".join(lines))[1] == [Block(9, text, ())]


def test_what_is_wider_than_a_line_is_broken_all_the_same() -> None:
    """Control: a list of many parties does not run out of the page to be kept whole."""
    code = f"[REL TO {', '.join(['XA', 'XB', 'XC'] * 10)}]"
    lines = broken(f"8. {code}", 40)
    assert max(map(width_of, lines)) <= 40
    assert len(lines) > 2


def test_a_chinese_line_ends_before_a_code_without_a_character_dragged_along() -> None:
    """A blank between Chinese and a code is a place to break, for it comes back as one; between Chinese it is not."""
    code = "[from-territory]"
    lines = broken(f"流量来自该领土境内的地址 {code}", 30, first="12. ")
    assert lines == ["12. 流量来自该领土境内的地址", f"{INDENT}{code}"]
    assert joined("\n".join(lines))[1] == [Block(12, f"流量来自该领土境内的地址 {code}", ())]
    wide = broken("照会 照会 照会 照会 照会", 20, first="1. ")
    assert joined("\n".join(wide))[1] == [Block(1, "照会 照会 照会 照会 照会", ())]
    assert not any(line.endswith(" ") for line in wide)


@given(st.lists(st.sampled_from(["中", "a", "1", "（", "）", " ", "[x y]", FSI, PDI]), min_size=1), st.integers(12, 40))
def test_wide_and_narrow_writing_come_back_however_they_are_mixed(parts: list[str], width: int) -> None:
    """Blanks, isolates and codes between Chinese and Latin: the rule for joining is that for breaking."""
    text = f"字{''.join(parts)}字"
    block = joined("\n".join(broken(text, width, first="7. ")))[1]
    assert block == [Block(7, without_isolates(text), ())]
