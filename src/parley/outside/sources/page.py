"""The text of a saved page, so that the words of a statement can be compared with it letter for letter."""

from __future__ import annotations

from html.parser import HTMLParser

from parley.outside.sources.files import Given, text_of
from parley.outside.sources.problems import SourceProblem

_SILENT = frozenset({"script", "style", "noscript", "template", "head"})


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def words_of(given: Given) -> str:
    """The words of a page (HTML or plain text), single blanks between them; raises SourceProblem ``not_text``."""
    text, _ = text_of(given)
    reader = _Words()
    reader.feed(text)
    reader.close()
    return " ".join("".join(reader.found).split())


def check_words(given: Given, words: str) -> None:
    """Raise SourceProblem ``not_on_page`` unless the words stand on the page letter for letter."""
    if " ".join(words.split()) not in words_of(given):
        raise SourceProblem("not_on_page", file=given.name, words=words[:60])
