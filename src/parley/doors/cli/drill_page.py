"""How drills look on a terminal of 80 columns: the list, the report card, the trend."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from rich.console import Console

from parley.terms.instant import dtg

SHORT = {
    "not asked": "not asked",
    "no answer yet": "awaited",
    "withheld": "withheld",
    "unreachable": "no link",
    "cannot tell": "unclear",
}
LEGEND = (
    "not asked  the question was never put (no such bearer, no call made, left out)",
    "awaited    it was put, and no answer has come yet; an answer is hoped for, not owed",
    "withheld   they keep it to themselves, or declined, as is their right",
    "no link    every attempt failed as seen from here",
    "unclear    something came; what was recorded does not show how or when",
)
STEPS = ("taken", "opened", "read", "understood", "answered", "in_time")
ASIDE = ("right_office", "on_duty", "telephone")
FIRST = 15
WIDTH = 80
NAMES = {"in_time": "in time", "right_office": "right office", "on_duty": "on duty"}


def runs_page(out: Console, found: list[dict[str, Any]]) -> None:
    """One drill a line, its next run under it."""
    if not found:
        out.print("No drills. Begin one: parley drills schedule NAME")
    for one in found:
        rings = ", telephones may ring" if one["rings"] else ""
        asked = f"{len(one['to'])} asked"
        out.print(f"{one['drill']}  {one['name']}: form {one['form']}, {asked}, {one['every']}{rings}", soft_wrap=True)
        if one["last"]:
            out.print(f"          run {one['last']['number']} {_words(one['last'])}", soft_wrap=True)
        if one["not_held"]:
            out.print(f"          {one['not_held']} not held: nobody had released them")
        if one["cancelled"]:
            out.print(f"          cancelled {dtg(one['cancelled'])}")
        elif one["next"]:
            out.print(f"          run {one['next']['number']} {_words(one['next'])}", soft_wrap=True)


def _words(run: dict[str, Any]) -> str:
    at = dtg(run["began_at"] or run["due_at"])
    return {
        "scheduled": f"is due {at}; not released yet",
        "released": f"goes out {at}; released by {run['released_by']}",
        "due": f"is due since {at}; it awaits a person's release and is not sent",
        "under-way": f"went out {at} to {run['sent']}; answers are awaited",
        "held": f"went out {at} to {run['sent']}",
        "not-held": f"was not held ({at})",
    }[str(run["stage"])]


def card_page(out: Console, card: dict[str, Any]) -> None:
    """The report card: parties, bearers, indicators, another field's figures, what the words mean."""
    for line in (*_head(card), *_parties(card), *_sums(card), *_beside(card["beside"])):
        out.print(line, soft_wrap=True)


def _head(card: dict[str, Any]) -> Iterator[str]:
    yield f"EXERCISE. Drill {card['drill']}, {card['name']}: run {card['number']}, {card['stage'].replace('-', ' ')}"
    if card["began_at"] is None:
        yield f"Due {dtg(card['due_at'])}; not sent, so nobody was asked."
        return
    until = dtg(card["began_at"] + card["hoped"])
    yield f"Sent {dtg(card['began_at'])}; answers hoped for by {until}; as of {dtg(card['at'])}."
    yield "Times run from sending, by our clock, and include the way back of the receipt."


def _parties(card: dict[str, Any]) -> Iterator[str]:
    kinds = sorted({kind for one in card["cards"] for kind in one["reached"]})
    yield from ("", _row("", [NAMES.get(name, name) for name in STEPS], 11))
    for one in card["cards"]:
        yield from _party(one, [cell(one[name]) for name in STEPS], 11)
    yield from ("", _row("", [*kinds, *(NAMES.get(name, name) for name in ASIDE)], 13))
    for one in card["cards"]:
        reached = [cell(one["reached"][kind]) if kind in one["reached"] else "-" for kind in kinds]
        yield from _party(one, [*reached, *(cell(one[name]) for name in ASIDE)], 13)
    for one in card["cards"]:
        if one["left_out"]:
            yield f"Left out: {one['address']} ({one['left_out']})"


def _party(one: dict[str, Any], cells: list[str], width: int) -> Iterator[str]:
    """A line; an address that is too long for its column has a line of its own, for it is never cut."""
    if len(one["address"]) < FIRST:
        yield _row(one["address"], cells, width)
    else:
        yield from (one["address"], _row("", cells, width))


def _row(first: str, cells: list[str], width: int) -> str:
    return f"{first:<{FIRST}}" + "".join(f"{text:<{width}.{width - 1}}" for text in cells).rstrip()


def cell(found: dict[str, Any]) -> str:
    """A cell in few letters."""
    if "nothing" in found:
        return SHORT[found["nothing"]]
    if "yes" in found:
        return "yes" if found["yes"] else "no"
    return span(found["seconds"]) if "seconds" in found else str(found["word"])


def span(seconds: float) -> str:
    """Seconds below two minutes, minutes below two hours, hours below two days, days. A short time is not zero."""
    if seconds < 1:
        return "<1 s"
    for unit, size, most in (("s", 1, 120), ("min", 60, 7_200), ("h", 3_600, 172_800)):
        if seconds < most:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


def _sums(card: dict[str, Any]) -> Iterator[str]:
    if card["began_at"] is None:
        return
    yield ""
    yield "of those who were asked and of whom it can be known      middle   silent"
    for one in (*card["bearers"], *card["indicators"]):
        middle = "-" if one["middle_s"] is None else span(one["middle_s"])
        silent = ", ".join(f"{SHORT.get(word, word)} {count}" for word, count in one["missing"].items())
        name = NAMES.get(one["name"], one["name"])
        yield f"{name:<17} {one['text']:<37} {middle:<8} {silent}".rstrip()


def _beside(beside: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "For comparison only."
    yield from wrap(beside["label"], WIDTH)
    for one in beside["figures"]:
        near = f" (nearest here: {one['nearest']})" if one["nearest"] else ""
        yield f"  {one['percent']:>3} %  {one['what']}{near}"
    yield from wrap(f"{beside['source']}; {beside['read']}.", WIDTH)
    yield ""
    yield from LEGEND


def trend_page(out: Console, found: dict[str, Any]) -> None:
    """Run by run; what was not held stands there as that."""
    for run in found["runs"]:
        out.print(f"run {run['number']}  {dtg(run['due_at'])}  {run['stage'].replace('-', ' ')}")
        for name, share in run["shares"].items():
            out.print(f"    {NAMES.get(name, name):<18} {share['text']}")
        if not run["shares"]:
            out.print("    nobody was asked")
    if not found["enough"]:
        out.print("Too few runs were held to speak of a trend.")
