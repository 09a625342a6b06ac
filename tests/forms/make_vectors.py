"""Writes vectors/forms/pages.toml: run it after a wanted change of English wording, and read the difference.

python -m tests.forms.make_vectors
"""

from __future__ import annotations

from pathlib import Path

from parley.forms import Header, Sheet, render
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address

from .stories import header, hospitals

FILE = Path(__file__).parents[2] / "vectors" / "forms" / "pages.toml"
HEAD = """\
# Pages and what reading them back gives. Expected outcome: beside each page, "accepted" with the codes that its lines
# give (line -> codes as they stand in square brackets), or the key of the problem with which it is refused.
# Language of all pages: en. Written by tests/forms/make_vectors.py; read by tests/forms/test_vectors.py.
"""
REAL = Header(
    exercise=False,
    sender=Address("KE", "cyber-desk"),
    recipients=(Address("NA", "duty"), Address("O-UNODA", "poc")),
    marking=Marking(Tlp.CLEAR),
    written_in="fr",
    signed_at=1_700_000_000_123,
)


def pages() -> dict[str, tuple[Sheet | None, str, str]]:
    """Name -> (sheet or None, page, outcome)."""
    story = hospitals()
    page = render(story, "en").text
    real = Sheet(1, 1, REAL, {10: "timetable", 11: ["en", "fr"]})
    clarification = Sheet(
        21, 1, header(refers_to=(bytes(32),)), {10: 6, 11: "not-accusation", 12: "accusation", 14: 11}
    )
    return {
        "a request for mitigation": (story, page, "accepted"),
        "the same, narrow": (story, render(story, "en", width=40).text, "accepted"),
        "a link check between real parties": (real, render(real, "en").text, "accepted"),
        "a clarification": (clarification, render(clarification, "en").text, "accepted"),
        "words changed, code left": (
            None,
            page.replace("this is not an accusation", "this is an accusation"),
            "form.page_differs",
        ),
        "code changed, words left": (None, page.replace("[not-accusation]", "[accusation]"), "form.page_differs"),
        "the last banner changed": (
            None,
            page[:-200] + page[-200:].replace("EXERCISE EXERCISE EXERCISE", "REAL, NOT AN EXERCISE"),
            "form.page_nature",
        ),
        "line 6 taken out": (
            None,
            page.replace("6. Nature of this note: this is not an accusation [not-accusation]\n", ""),
            "form.page_line",
        ),
        "a code outside its list": (None, page.replace("[stop-traffic]", "[strike-back]"), "form.page_line"),
        "a later version of the form": (None, page.replace("[11/1]", "[11/2]"), "form.unknown_form"),
    }


def written() -> str:
    """The file's text."""
    parts = [HEAD]
    for name, (sheet, page, outcome) in pages().items():
        parts.append(f'\n[[case]]\nname = "{name}"\noutcome = "{outcome}"\n')
        if sheet is not None:
            lines = render(sheet, "en").lines
            codes = ", ".join(f"{line.number} = {list(line.codes)!r}".replace('"', "'") for line in lines)
            parts.append(f"codes = {{ {codes} }}\n")
        parts.append(f"page = '''\n{page}'''\n")
    return "".join(parts)


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(written(), encoding="utf-8")
