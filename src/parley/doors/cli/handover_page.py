"""The handover on one page: for a terminal of 80 columns, and as a page to print with nothing fetched from anywhere.

Whatever does not fit is counted, never dropped silently. Local hours stand beside the date-time groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from textwrap import wrap
from typing import Any

from parley.forms import load, phrase
from parley.terms.instant import dtg

WIDTH = 80
MOST = {"came": 6, "awaited": 6, "with_us": 6, "review": 6, "changed": 8, "hours": 6}
HEADS = {
    "came": "What came",
    "awaited": "Awaited from others",
    "with_us": "Awaited from us",
    "review": "Released by one officer alone",
    "changed": "What changed",
    "hours": "The hour there",
}
WORDS = {
    "came": "came",
    "answer": "answer awaited",
    "next-word": "next word awaited",
    "receipt": "receipt awaited",
    "clarification": "came across differently; a clarification can be offered",
    "reading": "to be read",
    "our-answer": "our answer is hoped for",
    "our-word": "our next word, as promised",
    "drill": "a drill is due and awaits a release",
    "review": "awaits a review (parley clearance review)",
    "taken": "taken there",
    "opened": "opened there",
    "read": "read there",
    "read-back": "read back",
    "clarified": "clarified",
    "answered": "answered",
    "acted": "acted",
    "closed": "closed",
    "refused": "refused there",
    "full": "their share for us is full",
    "unopenable": "sealed to a key that is gone; sealed again",
    "voided": "declared void",
    "our-read": "read here",
    "our-read-back": "read back by us",
    "our-clarified": "clarified by them",
    "our-answered": "answered by us",
    "our-acted": "acted upon by us",
    "our-closed": "closed here",
    "our-refused": "refused here",
    "particulars": "newer particulars, version",
    "suspended": "line suspended by us",
    "line-open": "line open, by our decision",
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PRECEDENCES = ("ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH")
STYLE = """@page { size: A4; margin: 12mm } body { font: 10pt/1.25 sans-serif; color: #000; background: #fff }
h1 { font-size: 13pt; margin: 0 } h2 { font-size: 10.5pt; margin: 2mm 0 0.5mm; border-bottom: 0.3mm solid #000 }
p, table { margin: 0; width: 100%; border-collapse: collapse } td { vertical-align: top; padding: 0 2mm 0 0 }
td.t { white-space: nowrap; width: 8em; font-family: monospace } .x { font-style: italic } tr { break-inside: avoid }"""


def text_page(found: dict[str, Any], *, everything: bool = False) -> Iterator[str]:
    """Lines of at most 80 columns."""
    yield from _head(found)
    for section, head in HEADS.items():
        shown, left = _some(found[section], section, everything)
        yield f"-- {head} ({len(found[section])})"
        for entry in shown:
            first, rest = _hour(entry) if section == "hours" else _entry(entry)
            yield from wrap(f"{first}  {rest}", WIDTH, subsequent_indent=" " * 12)
        if left:
            yield f"   and {left} more: parley handover --all"


def print_page(found: dict[str, Any], *, everything: bool = False) -> str:
    """One HTML page, in itself complete; what a party wrote of itself is escaped."""
    title, *notes = _head(found)
    parts = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(note)}</p>" for note in notes)]
    for section, head in HEADS.items():
        shown, left = _some(found[section], section, everything)
        parts.append(f"<h2>{head} ({len(found[section])})</h2><table>")
        for entry in shown:
            first, rest = _hour(entry) if section == "hours" else _entry(entry)
            mark = ' class="x"' if entry.get("exercise") else ""
            parts.append(f'<tr{mark}><td class="t">{escape(first)}</td><td>{escape(rest)}</td></tr>')
        parts.append(f"</table>{f'<p>and {left} more: parley handover --all</p>' if left else ''}")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _head(found: dict[str, Any]) -> Iterator[str]:
    yield f"Shift handover, {found['party']}: since {dtg(found['since'])}, as of {dtg(found['at'])}"
    yield "Answers are hoped for, not owed. No text of a note stands here."
    if found["locked"]:
        yield "The node is locked: what it took since then is not opened and not listed."
    if found["unseen"]:
        yield "Older notes were not looked at."


def _some(entries: list[dict[str, Any]], section: str, everything: bool) -> tuple[list[dict[str, Any]], int]:
    shown = entries if everything else entries[: MOST[section]]
    return shown, len(entries) - len(shown)


def _entry(entry: dict[str, Any]) -> tuple[str, str]:
    """The moment, and the rest: kind, precedence, party, form, what it is, by when in both hours."""
    said = [WORDS.get(entry["what"], entry["what"]), *entry["detail"]]
    if entry["what"] == "review" and entry["detail"]:
        said = [f"{said[0]}; released by {entry['detail'][0]}"]
    name = f"form {entry['form']} {_title(entry['form'])} [{entry['note']}]" if entry["note"] else ""
    kind = "EXERCISE " if entry["exercise"] else ""
    precedence = f"{PRECEDENCES[entry['precedence']]} " if entry["note"] else ""
    text = f"{kind}{precedence}{entry['party']} {name}: {', '.join(said)}" if name else f"{kind}{entry['party']}: "
    text = text if name else text + " ".join(said)
    if entry["by"]:
        there = entry["by_there"]
        text += f"; by {dtg(entry['by'])}" + (f" (there {_clock(there)})" if there else "")
    return dtg(entry["at"])[:7], text


def _title(form: int) -> str:
    library = load()
    return phrase(f"forms.{library.form(form).name}.title", "en") if form in library.numbers else "unknown here"


def _hour(entry: dict[str, Any]) -> tuple[str, str]:
    weekend = ", weekend there" if entry["weekend"] else ""
    return f"{entry['party']:<7}", f"{_clock(entry)}{weekend}; {entry['zone']}; hours {entry['hours']}"


def _clock(hour: dict[str, Any]) -> str:
    return f"{hour['local'][-5:]} {DAYS[hour['weekday'] - 1]}"
