"""Commands that ask the public record: search, saved, show, comparable, statistics, picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import typer

from parley.doors.as_csv import as_csv
from parley.doors.cli.context import Context
from parley.doors.cli.say import lines
from parley.doors.problems import DoorProblem
from parley.later import later
from parley.terms.instant import iso
from parley.terms.nothing import Nothing

if TYPE_CHECKING:
    from parley.desk import ask_precedents as ask
    from parley.desk import draw_precedents as draw
    from parley.precedents import comparable as alike
    from parley.precedents import question
    from parley.precedents import record as records
    from parley.precedents import statistics as counted
else:  # every command would wait for them, and few need them
    ask, draw = later("desk.ask_precedents"), later("desk.draw_precedents")
    alike, question, counted, records = map(
        later, ("precedents.comparable", "precedents.question", "precedents.statistics", "precedents.record")
    )

STORE = typer.Option(None, "--store", help="The file of the record; without it, precedents.sqlite in the home folder.")
WHO = typer.Option([], "--who", help="Named as author: RU, O-EU, or the name of a group. Repeat for alternatives.")
WHOM = typer.Option([], "--whom", help="Hit: as --who.")
SINCE = typer.Option("", help="From this year, month or day on.")
UNTIL = typer.Option("", help="Until this year, month or day.")
SECTOR = typer.Option([], "--sector", help="As coded: health, energy, government, election …")
LAYER = typer.Option([], "--layer", help="physical, logical, data or social.")
METHOD = typer.Option([], "--method", help="As coded: ransomware, denial-of-service, data-theft …")
SEVERITY = typer.Option("", help="At least so severe on one scale: dcid/4, eurepoc-weighted/3.")
BY = typer.Option([], "--attributed-by", help="Who names an author: US, O-EU, or a name.")
RESPONSE = typer.Option([], "--response", help="expulsion, sanction, indictment, denial …")
LAW = typer.Option([], "--law", help="A norm or rule named or held to be engaged: norm/13f, law/sovereignty.")
SETS = typer.Option([], "--data-set", help="Key of a data set; see parley precedents sources.")
SAVED = typer.Option("", "--saved", help="Start from a kept search; other options add to it.")
WORDS = typer.Argument("", help="Words in any of the six languages; quotes for a sequence, -word, beginning*.")
TABLE_ROWS = 40  # rows of a table on the terminal; all of them go into --csv and --json


def add_commands(group: typer.Typer) -> None:
    """Register the commands."""
    for name, command in (
        ("search", search),
        ("saved", saved),
        ("show", show),
        ("comparable", comparable),
        ("statistics", statistics),
        ("picture", picture),
    ):
        group.command(name)(command)


def asking(c: Context, store: Path | None) -> Any:
    """The record, to be asked."""
    return c.backstage.asking(c.home_path, store)


PICTURES = "timeline, survival, responses-survival, responses, network, map, dyads"
"""Their names, said in the help without loading what draws."""


def _question(record: Any, saved: str, **given: Any) -> question.Question:
    """The question of the options; what is given replaces what a kept search has."""
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    told = {name: value for name, value in given.items() if value}
    return msgspec.structs.replace(ask.saved_search(record, saved), **told) if saved else question.Question(**told)


def search(
    ctx: typer.Context,
    words: str = WORDS, who: list[str] = WHO, whom: list[str] = WHOM, since: str = SINCE, until: str = UNTIL,
    sector: list[str] = SECTOR, layer: list[str] = LAYER, method: list[str] = METHOD, severity: str = SEVERITY,
    attributed_by: list[str] = BY, response: list[str] = RESPONSE, law: list[str] = LAW, data_set: list[str] = SETS,
    saved: str = SAVED,
    save: str = typer.Option("", help="Keep this search under a name."),
    limit: int = typer.Option(10, min=1, max=200, help="How many are shown."),
    offset: int = typer.Option(0, min=0, help="After how many."),
    store: Path = STORE,
) -> None:  # fmt: skip
    """Find incidents by words and filters; says how the words were read."""
    c: Context = ctx.obj
    record = asking(c, store)
    question = _question(
        record, saved, words=words, who=who, whom=whom, since=since, until=until, sector=sector, layer=layer,
        method=method, severity=severity, attributed_by=attributed_by, response=response, law=law, data_set=data_set,
    )  # fmt: skip
    page = ask.search_page(record, question, limit=limit, offset=offset)
    if save:
        ask.save_search(record, save, question, c.officer)
    c.give(msgspec.to_builtins(page), lines(_found(page, offset)))


def saved(
    ctx: typer.Context,
    forget: str = typer.Option("", help="Keep this search no longer."),
    store: Path = STORE,
) -> None:
    """The kept searches; run one with parley precedents search --saved NAME."""
    c: Context = ctx.obj
    record = asking(c, store)
    if forget:
        ask.forget_search(record, forget)
    kept = record.saved()
    rows = [{"name": name, "question": msgspec.to_builtins(asked), "saved_by": by} for name, asked, by in kept]
    shown = (f"{one['name']}  {one['question']}  ({one['saved_by']})" for one in rows)
    c.give(rows, lines(shown if rows else ["No search is kept."]))


def show(
    ctx: typer.Context,
    name: str = typer.Argument(..., help="Name of an incident, as search lists it."),
    store: Path = STORE,
) -> None:
    """An incident with its statements on a timeline, holder by holder, and what does not fit together."""
    c: Context = ctx.obj
    record = asking(c, store)
    found = ask.incident_page(record, name)
    sources = ask.sources(record, found.accounts)
    c.give(
        msgspec.to_builtins(found) | {"sources": msgspec.to_builtins(sources)},
        lines([*_timeline(found), "", *_sources(sources)]),
    )


def comparable(
    ctx: typer.Context,
    case: str = typer.Argument("", help="Name of an incident; without it, describe one by the options."),
    text: str = typer.Option("", help="What happened, in your words."),
    language: str = typer.Option("en", help="The language of the words."),
    hit: list[str] = typer.Option([], "--hit", help="State or organisation hit: UA, O-NATO."),
    named: list[str] = typer.Option([], "--named", help="State or organisation named as author."),
    method: list[str] = METHOD, sector: list[str] = SECTOR, layer: list[str] = LAYER,
    year: int = typer.Option(0, help="Year of its beginning."),
    points: list[str] = typer.Option([], "--points", help="Weigh a term, TERM=NUMBER; 0 switches it off."),
    without: list[str] = typer.Option([], "--without", help="Leave out a data set."),
    limit: int = typer.Option(10, min=1, max=200, help="How many are shown."),
    store: Path = STORE,
) -> None:  # fmt: skip
    """Cases like a recorded, described or imagined one: every term and its points are shown."""
    c: Context = ctx.obj
    record = asking(c, store)
    asked: Any = case or ask.imagined(
        text, language, year or None, hit=_keys(hit), named=_keys(named), method=method, sector=sector, layer=layer
    )
    page = ask.comparable_page(record, asked, points=_points(points), without=without, limit=limit)
    c.give(msgspec.to_builtins(page), lines(_cases(page)))


def statistics(
    ctx: typer.Context,
    name: str = typer.Argument("", help="Which one; without it, all are listed."),
    words: str = typer.Option("", help="Only incidents that fit these words."),
    who: list[str] = WHO, whom: list[str] = WHOM, since: str = SINCE, until: str = UNTIL,
    sector: list[str] = SECTOR, layer: list[str] = LAYER, method: list[str] = METHOD, severity: str = SEVERITY,
    attributed_by: list[str] = BY, response: list[str] = RESPONSE, law: list[str] = LAW, data_set: list[str] = SETS,
    saved: str = SAVED,
    table: Path = typer.Option(None, "--csv", help="Write the table to this file."),
    data: Path = typer.Option(None, "--data", help="Write the facts that were counted to this file, one a row."),
    store: Path = STORE,
) -> None:  # fmt: skip
    """A statistic with its n, what is missing, how placeholder dates were treated, the query, and the data."""
    c: Context = ctx.obj
    if not name:
        votes = "how states voted, and with whom"
        says = {kind: counted.KINDS[kind].says if kind in counted.KINDS else votes for kind in counted.NAMES}
        c.give(says, lines(f"{kind:<18}{text}" for kind, text in says.items()))
        return
    record = asking(c, store)
    question = _question(
        record, saved, words=words, who=who, whom=whom, since=since, until=until, sector=sector, layer=layer,
        method=method, severity=severity, attributed_by=attributed_by, response=response, law=law, data_set=data_set,
    )  # fmt: skip
    found = ask.statistics_page(record, name, question, data=data is not None)
    for file, columns, rows in ((table, found.columns, found.rows), (data, found.data_columns, found.data)):
        if file is not None:
            c.backstage.write(file, as_csv(columns, rows))
    c.give(msgspec.to_builtins(found), lines(_statistic(found)))


def picture(
    ctx: typer.Context,
    what: str = typer.Argument(..., help=f"One of: {PICTURES}."),
    file: Path = typer.Argument(..., help="Where to write the SVG; its table goes beside it as CSV."),
    case: str = typer.Option("", "--case", help="For timeline: name of an incident."),
    width: int = typer.Option(1280, min=320, max=4000, help="Pixels."),
    dark: bool = typer.Option(False, "--dark", help="For a dark page."),
    words: str = typer.Option("", help="Only incidents that fit these words."),
    who: list[str] = WHO, whom: list[str] = WHOM, since: str = SINCE, until: str = UNTIL,
    sector: list[str] = SECTOR, method: list[str] = METHOD, data_set: list[str] = SETS, saved: str = SAVED,
    store: Path = STORE,
) -> None:  # fmt: skip
    """Draw a picture as SVG, with the table that it shows beside it."""
    c: Context = ctx.obj
    record = asking(c, store)
    question = _question(
        record, saved, words=words, who=who, whom=whom, since=since, until=until, sector=sector, method=method,
        data_set=data_set,
    )  # fmt: skip
    drawing = draw.drawing(record, what, question, case=case, width=width, dark=dark)
    with c.backstage.pictures() as painter:
        svg = painter.paint(drawing)
    beside = file.with_suffix(".csv")
    c.backstage.write(file, svg)
    c.backstage.write(beside, as_csv(drawing.columns, drawing.rows))
    c.told({"file": str(file), "table": str(beside), "rows": len(drawing.rows)}, f"Drawn: {file}. Its table: {beside}.")


def _keys(codes: Sequence[str]) -> list[str]:
    return [f"organisation:{code}" if code.startswith("O-") else f"state:{code}" for code in codes]


def _points(given: Sequence[str]) -> dict[str, float]:
    try:
        return {name: float(value) for name, _, value in (one.partition("=") for one in given)}
    except ValueError:
        what = f"--points is TERM=NUMBER, with a term of {', '.join(alike.RULES)}."
        raise DoorProblem("usage", what=what, command="parley precedents comparable") from None


# -- as a person reads it


def _found(page: ask.SearchPage, offset: int) -> Iterator[str]:
    for term in page.hits.looked_for:
        codes = f", and coded as {', '.join(term.codes)}" if term.codes else ""
        stems = " ".join("/".join(options) for options in term.stems)
        yield f"{'without ' if term.without else ''}“{term.given}”: looked for as {stems}{codes}"
    order = "best fit first" if page.hits.order == "words" else "newest first"
    yield f"{page.hits.total} incidents fit, {order}."
    if page.hits.instead:
        yield f"Words of the record that look alike: {', '.join(page.hits.instead)}"
    for number, hit in enumerate(page.found, offset + 1):
        yield f"{number:>4}. {hit.incident.name}  {_dates(hit.incident)}  {hit.incident.title.text}"
        yield f"      hit: {_actors(hit.incident.receivers)}; {_summary(hit.statements)}"
        if hit.same:
            yield f"      also told by {', '.join(hit.same)}"
    yield from _sources(page.sources)


def _summary(statements: Sequence[records.Statement]) -> str:
    kinds: dict[str, int] = {}
    for one in statements:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    return ", ".join(f"{kind} {count}" for kind, count in kinds.items()) or "no statements"


def _dates(incident: records.Incident) -> str:
    dates = (f"{one.instant.meaning.name.lower()} {iso(one.instant)}" for one in incident.dates[:2])
    return ", ".join(dates) or "no date"


def _actors(actors: Iterable[records.Actor]) -> str:
    return ", ".join(dict.fromkeys(actor.name for actor in actors)) or "not coded"


def _sources(sources: Iterable[Any]) -> Iterator[str]:
    for one in sources:
        dated = one.dated
        day = iso(dated) if not isinstance(dated, Nothing) else "no date"
        yield f"Source: {one.title} {one.version} ({one.publisher}), {day}. Licence: {one.licence}"


def _timeline(found: Any) -> Iterator[str]:
    for account in found.accounts:
        yield f"{account.name}  {account.title.text}"
        yield f"    {_dates(account)}; hit: {_actors(account.receivers)}"
    for lane in found.lanes:
        yield ""
        yield lane.title
        for one in lane.statements:
            yield f"    {_said(one)}"
    yield ""
    yield "Does not fit together:" if found.contradictions else "Nothing that does not fit together was found."
    for one in found.contradictions:
        yield f"    {one.way}: {one.says} ({one.one} | {one.other})"


def _said(one: records.Statement) -> str:
    on = "undated" if isinstance(one.on, Nothing) else iso(one.on.instant)
    named = () if isinstance(one.names, Nothing) else one.names
    names = ", ".join(f"{n.actor.name} ({n.tie})" for n in named) or "names nobody"
    how = "" if isinstance(one.instrument, Nothing) else f" {one.instrument}"
    verified = "" if one.checked.name == "VERIFIED" else " [unverified]"
    words = "" if isinstance(one.words, Nothing) else f" “{one.words.text[:200]}”"
    return f"{on}  {one.kind}{how}: {names}{words}{verified}  {one.name}"


def _cases(page: ask.ComparablePage) -> Iterator[str]:
    yield f"{page.looked_at} incidents were compared. Terms and points: " + ", ".join(
        f"{name} {points:g}" for name, points in page.points.items() if points > 0
    )
    for case, incident in zip(page.cases, page.incidents, strict=True):
        yield f"{case.points:5.2f}  {case.name}  {_dates(incident)}  {incident.title.text}"
        for term in case.terms:
            alike = "not known" if term.alike is None else f"{term.alike / 10:.0f} %"
            common = f": {', '.join(term.common)}" if term.common else ""
            yield f"         {term.term:<10} {alike:>9}  +{term.points:.2f}{common}"
    yield from _sources(page.sources)


def _statistic(found: counted.Statistic) -> Iterator[str]:
    yield f"{found.name}: n = {', '.join(f'{count} ({key})' for key, count in found.n.items()) or 'none'}"
    yield from found.notes
    yield f"Dates: {found.placeholders}"
    yield " | ".join(found.columns)
    for row in found.rows[:TABLE_ROWS]:
        yield " | ".join("" if cell is None else str(cell) for cell in row)
    if len(found.rows) > TABLE_ROWS:
        yield f"… {len(found.rows) - TABLE_ROWS} more rows: --csv FILE"
    for one in found.missing:
        yield f"Missing: {one.count} of {one.data_set}: {one.why}."
    yield f"Query: {found.sql} {list(found.given) if found.given else ''}".rstrip()
