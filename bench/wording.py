"""What the wording check finds and misses, on labelled sentences in six languages (bench/wording/*.toml).

    python bench/wording.py [--json] [--missed]

A *place* is a run of words that an officer would want shown, or that the check shows; a shown place is right if it
overlaps a wanted one (`precision`), a wanted one is found if a shown one overlaps it (`recall`). `with_kind`: found,
and of the wanted kind. `sentences`: the same counted by sentence, shown anything or not. `asks`: whether a sentence
asks for something.

Entries with an even place in their list were used to mend the word lists (`tuned`), those with an odd place were not
(`held_out`), but had been written by the hand that wrote the lists, a quarter of an hour before. `later`: written after
the lists, on purpose in other words than theirs, so nearer to what a stranger would write. `neutral`: findings in a
hundred of Parley's own sentences about problems, in which nobody is addressed in anger; they were looked at while the
lists were mended. --missed lists what went wrong in the tuned half, and in that half alone.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from parley.forms import Facts, Finding, load, look

FOLDER = Path(__file__).parent / "wording"
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
HALVES = ("tuned", "held_out", "later")
ALL_SAID = Facts(asks=True, answer_by=True)


class Sentence(NamedTuple):
    """A labelled sentence: `wanted` places with their kinds; () if it is harmless."""

    text: str
    wanted: tuple[tuple[int, int, str], ...]
    asks: bool


def sentences(language: str, half: str) -> Iterator[Sentence]:
    """The sentences of one half, those with something wanted first."""
    file = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    for name in ("wanted", "harmless"):
        entries = file[f"later_{name}"] if half == "later" else file[name][HALVES.index(half) :: 2]
        for text, *marks in entries:
            places = [mark.rsplit("=", 1) for mark in marks if mark != "?"]
            wanted = ((text.index(words), text.index(words) + len(words), kind) for words, kind in places)
            yield Sentence(text, tuple(wanted), "?" in marks)


def measured(language: str, half: str) -> dict[str, Any]:
    """Counts and shares of one half of one language."""
    count = dict.fromkeys(("shown", "right", "wanted", "found", "with_kind"), 0)
    by_sentence = dict.fromkeys(("shown", "right", "wanted"), 0)
    asking = dict.fromkeys(("shown", "right", "wanted"), 0)
    for one in sentences(language, half):
        shown = look(one.text, language)
        count["shown"] += len(shown)
        count["right"] += sum(any(_meet(hit, place) for place in one.wanted) for hit in shown)
        count["wanted"] += len(one.wanted)
        count["found"] += sum(any(_meet(hit, place) for hit in shown) for place in one.wanted)
        count["with_kind"] += sum(any(_meet(hit, at) and hit.kind == at[2] for hit in shown) for at in one.wanted)
        _add(by_sentence, bool(shown), bool(one.wanted))
        _add(asking, asks(one.text, language), one.asks)
    return {
        **count,
        "precision": _share(count["right"], count["shown"]),
        "recall": _share(count["found"], count["wanted"]),
        "recall_with_kind": _share(count["with_kind"], count["wanted"]),
        "sentences": _both(by_sentence),
        "asks": _both(asking),
    }


def asks(text: str, language: str) -> bool:
    """Whether the check takes a sentence for one that asks: told by what it says of a note whose codes ask nothing."""
    return any(hit.reason == "ask-in-words" for hit in look(text, language, Facts(answer_by=True)))


def neutral(language: str) -> dict[str, Any]:
    """Findings in Parley's own sentences about problems."""
    texts = _problems(language)
    shown = [look(text, language) for text in texts]
    hits = sum(map(len, shown))
    return {"sentences": len(texts), "findings": hits, "per_hundred": round(100 * hits / len(texts), 1)}


def _problems(language: str) -> list[str]:
    if language != "en":
        voice = load().sentences(language)
        assert voice is not None
        return sorted(voice.catalogue.entries.values())
    from parley.desk.problems import DeskProblem
    from parley.forms import FormProblem
    from parley.line.problems import LineProblem

    tables = [kind.TABLE for kind in (DeskProblem, FormProblem, LineProblem)]
    return sorted(text for table in tables for says in table.values() for text in (says.what, says.do))


def missed(language: str) -> Iterator[str]:
    """What went wrong in the tuned half."""
    for one in sentences(language, "tuned"):
        shown = look(one.text, language)
        for place in one.wanted:
            hits = [hit for hit in shown if _meet(hit, place)]
            if not hits:
                yield f"missed   {one.text[place[0] : place[1]]} ({place[2]}): {one.text}"
            elif all(hit.kind != place[2] for hit in hits):
                yield f"kind     {hits[0].found} ({hits[0].kind}, wanted {place[2]}): {one.text}"
        for hit in shown:
            if not any(_meet(hit, place) for place in one.wanted):
                yield f"too much {hit.found} ({hit.kind}): {one.text}"
        if asks(one.text, language) is not one.asks:
            yield f"asks     {'missed' if one.asks else 'too much'}: {one.text}"


def milliseconds(language: str) -> float:
    """The time that 8,000 characters take, the most that a line holds; the best of five."""
    text = " ".join(one.text for half in HALVES for one in sentences(language, half))
    text = (text * 9)[:8000]
    look(text, language)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        look(text, language, ALL_SAID)
        times.append(time.perf_counter() - began)
    return round(1000 * min(times), 1)


def report() -> dict[str, Any]:
    """Everything, by language."""
    return {
        language: {
            **{half: measured(language, half) for half in HALVES},
            "neutral": neutral(language),
            "ms_for_8000_characters": milliseconds(language),
            "entries": len(load().plain(language).words),  # type: ignore[union-attr]
            "phrases": sum(len(word.words) for word in load().plain(language).words),  # type: ignore[union-attr]
        }
        for language in LANGUAGES
    }


def _meet(hit: Finding, place: tuple[int, int, str]) -> bool:
    return hit.at < place[1] and place[0] < hit.end


def _add(count: dict[str, int], shown: bool, wanted: bool) -> None:
    count["shown"] += shown
    count["wanted"] += wanted
    count["right"] += shown and wanted


def _both(count: dict[str, int]) -> dict[str, Any]:
    right = count["right"]
    return {**count, "precision": _share(right, count["shown"]), "recall": _share(right, count["wanted"])}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _table(found: dict[str, Any]) -> Iterator[str]:
    yield "| language | sentences | precision | recall | with kind | sentences: p. | recall | asks: p. | recall |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for language, one in found.items():
        for half in HALVES:
            row = one[half]
            places = (
                f"{row['right']}/{row['shown']} = {row['precision']} | {row['found']}/{row['wanted']} = {row['recall']}"
            )
            both = " | ".join(f"{row[name][key]}" for name in ("sentences", "asks") for key in ("precision", "recall"))
            yield f"| {language} | {half.replace('_', ' ')} | {places} | {row['recall_with_kind']} | {both} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="nothing but the JSON line")
    parser.add_argument("--missed", action="store_true", help="list what went wrong in the tuned half")
    given = parser.parse_args()
    if given.missed:
        for language in LANGUAGES:
            for line in missed(language):
                print(f"{language} {line}")
    found = report()
    if not given.json:
        print("\n".join(_table(found)))
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
