"""Commands about the public record of precedents: import, sources, quarantine, add, match, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from parley.doors.cli import precedents_asking
from parley.doors.cli.context import Context
from parley.doors.cli.say import lines, words
from parley.doors.problems import DoorProblem

# The room is imported within the commands that name its words: all others would pay for it at their start.

STORE = typer.Option(None, "--store", help="The file of the record; without it, precedents.sqlite in the home folder.")


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(
        help="Precedents: the public record of incidents, attributions and responses. Needs no node.",
        no_args_is_help=True,
    )
    for name, command in (
        ("kinds", kinds),
        ("import", import_),
        ("sources", sources),
        ("quarantine", quarantine),
        ("add", add),
        ("match", match),
        ("export", export),
    ):
        group.command(name)(command)
    precedents_asking.add_commands(group)
    app.add_typer(group, name="precedents")


def record(c: Context, store: Path | None) -> Any:
    """The public record at this desk."""
    return c.backstage.public_record(c.home_path, store)


def kinds(ctx: typer.Context) -> None:
    """The kinds of file that can be imported, and which files each takes."""
    c: Context = ctx.obj
    found = c.backstage.kinds_of_file()
    c.give(found, lines(f"{one['kind']:<15} {one['what']}: {one['files']}" for one in found))


def import_(
    ctx: typer.Context,
    kind: str = typer.Argument(..., help="What the files are; see parley precedents kinds."),
    files: list[Path] = typer.Argument(..., help="The file, or the files of one data set."),
    name: str = typer.Option("own", help="For kind own: a short name of the list, small letters and digits."),
    publisher: str = typer.Option("this desk", help="For kind own: whose list it is."),
    licence: str = typer.Option("own record", help="For kind own: under which licence it may be used."),
    pass_on: str = typer.Option("no", help="For kind own: freely, with-notice, non-commercial or no."),
    shrunk: bool = typer.Option(False, "--shrunk", help="The data set has really become smaller."),
    mend: Path = typer.Option(None, help="A folder for the rows that were set aside, to be mended and imported again."),
    store: Path = STORE,
) -> None:
    """Import a file of others, or a mended one: whole or not at all, and without duplicates however often."""
    from rich.progress import Progress  # here: every command would pay for it at its start

    c: Context = ctx.obj
    own = c.backstage.own_data_set(name, publisher, licence, _passing(pass_on)) if kind == "own" else None
    with Progress(transient=True, disable=not sys.stderr.isatty(), console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)
        public = record(c, store)
        report = public.take(
            kind,
            files,
            data_set=own,
            shrunk=shrunk,
            progress=lambda done, of: bar.update(task, description="writing", completed=done, total=of),
        )
    written = _mend(c, public, report.data_set, mend) if mend else []
    c.give(
        msgspec.to_builtins(report) | {"written": written},
        lines([*_account(report), *(f"To mend: {file}" for file in written)]),
    )


def _account(report: Any) -> Iterator[str]:
    yield f"{report.data_set}: {report.read} rows read, {report.accepted} accepted, {report.quarantined} set aside."
    if report.in_part:
        yield f"{report.in_part} of the accepted stand without a cell that was set aside."
    yield f"Records: {report.added} new, {report.changed} changed, {report.unchanged} as before, {report.gone} gone."
    yield from report.notes
    if report.rows:
        yield f"Why, row by row: parley precedents quarantine {report.data_set}"


def _mend(c: Context, public: Any, data_set: str, folder: Path) -> list[str]:
    written = []
    for file, body in public.files_to_mend(data_set).items():
        c.backstage.write_into(folder, file, body)
        written.append(str(folder / file))
    return written


def sources(ctx: typer.Context, store: Path = STORE) -> None:
    """Every data set in the record, with its licence, its date, and its last import."""
    c: Context = ctx.obj
    found = record(c, store).sources()

    def show(out: Console) -> None:
        for one in found:
            words(out, f"{one['key']}  {one['title']}, version {one['version']}, {one['dated'] or 'no date'}")
            words(out, f"    {one['records']} records; licence: {one['licence']}; passed on: {one['pass_on']}")
            last = one["last"]
            words(
                out,
                f"    last import: {last['read']} read, {last['accepted']} accepted, {last['quarantined']} set aside",
            )

    c.give(found, show)


def quarantine(
    ctx: typer.Context,
    data_set: str = typer.Argument(..., help="Key of a data set; see parley precedents sources."),
    mend: Path = typer.Option(None, help="A folder for the rows, to be mended and imported again."),
    store: Path = STORE,
) -> None:
    """What the last import of a data set set aside, row by row, and why."""
    c: Context = ctx.obj
    public = record(c, store)
    found = public.set_aside(data_set)
    written = _mend(c, public, data_set, mend) if mend else []

    def show(out: Console) -> None:
        for one in found:
            part = "row" if one.whole else "cell"
            words(out, f"{one.file} row {one.row} {one.name}: {part} set aside, {one.field or 'as a whole'}: {one.why}")
        words(out, f"{len(found)} set aside." if found else "Nothing was set aside.")
        for file in written:
            words(out, f"To mend: {file}")

    c.give([msgspec.to_builtins(one) for one in found], show)


def add(
    ctx: typer.Context,
    incident: str = typer.Argument(..., help="The incident, a short name of your own or one with a colon."),
    title: str = typer.Option("", help="Enters the incident too."),
    description: str = typer.Option("", help="Of the incident."),
    began: str = typer.Option("", help="As precisely as it is known: 2017, 2017-06, 2017-06-27."),
    disclosed: str = typer.Option("", help="When it became public."),
    receivers: str = typer.Option("", help="States hit, by code or exact name, parted by |."),
    kind: str = typer.Option("", help="Of the statement: attribution, denial, response, sanction, confirmation …"),
    holder: str = typer.Option("", help="Whose statement it is: UA, O-EU, or company, group, body and a name."),
    joined: str = typer.Option("", help="Who makes it together with the holder, parted by |."),
    speaker: str = typer.Option("", help="Person and office that spoke."),
    account: str = typer.Option("", help="Account or address where it was said."),
    on: str = typer.Option("", help="When it was said: a day, or an instant in UTC, 2018-02-15T09:30Z."),
    names: str = typer.Option("", help="Whom it names, with the tie: RU:state|group Sandworm. Not attributed: nobody."),
    said: str = typer.Option("", "--words", help="The exact words."),
    language: str = typer.Option("en", help="Language of the words and the title."),
    verb: str = typer.Option("", help="The verb of attribution, as it stands in the words."),
    confidence_word: str = typer.Option("", help="The word of confidence, as it stands in the words."),
    confidence: str = typer.Option("", help="low, moderate or high, if the holder said so."),
    basis: str = typer.Option("", help="government-hit, other-government, organisation, security-community …"),
    instrument: str = typer.Option("", help="Of a response: statement, summons, expulsion, sanction …"),
    law: str = typer.Option(
        "", help="Norms and rules named, norm/13c|law/sovereignty; none: looked through, none named."
    ),
    answers: str = typer.Option("", help="Statements that it answers, parted by |."),
    replaces: str = typer.Option("", help="The holder's earlier statement that this one takes the place of."),
    source_title: str = typer.Option("", help="Its document."),
    source_reference: str = typer.Option("", help="What finds the document: an address, a symbol."),
    source_place: str = typer.Option("", help="Paragraph or page in it."),
    opened: str = typer.Option("", help="The day on which you opened it; with a place, the row counts as verified."),
    page: Path = typer.Option(None, help="A saved page: the words must stand there exactly; its digest is kept."),
    name: str = typer.Option("own", help="Short name of your own list."),
    publisher: str = typer.Option("this desk", help="Whose list it is."),
    pass_on: str = typer.Option("no", help="freely, with-notice, non-commercial or no."),
    store: Path = STORE,
) -> None:
    """Enter an official public statement by hand, or from a saved page."""
    c: Context = ctx.obj
    cells = {
        "incident": "" if ":" in incident else incident,
        "about": incident if ":" in incident else "",
        "title": title,
        "language": language,
        "description": description,
        "began": began,
        "disclosed": disclosed,
        "receivers": receivers,
        "kind": kind,
        "holder": holder,
        "joined": joined,
        "speaker": speaker,
        "account": account,
        "on": on,
        "names": names,
        "words": said,
        "words_language": language,
        "verb": verb,
        "confidence_word": confidence_word,
        "confidence": confidence,
        "basis": basis,
        "instrument": instrument,
        "law": law,
        "answers": answers,
        "replaces": replaces,
        "source_title": source_title,
        "source_reference": source_reference,
        "source_place": source_place,
        "source_opened": opened,
        "checked": "verified" if opened and source_place else "",
    }
    own = c.backstage.own_data_set(name, publisher, "own record", _passing(pass_on))
    report, seen = record(c, store).enter(cells, own, page)
    found = msgspec.to_builtins(report) | {"noticed": msgspec.to_builtins(seen)}
    c.give(found, lines(_entered(report, seen)))


def _entered(report: Any, seen: Any) -> Iterator[str]:
    yield f"Entered in {report.data_set}: {report.added} new, {report.changed} changed, {report.unchanged} as before."
    for what, found in (("verbs", seen.verbs), ("confidence", seen.confidence)):
        if found:
            yield f"In the words, {what}: {', '.join(found)}"
    if seen.law:
        yield "In the words, norms and rules: " + ", ".join(f"{phrase} ({code})" for phrase, code in seen.law)


def match(
    ctx: typer.Context,
    incident: str = typer.Argument(..., help="Name of an incident, eurepoc-1.1:1032."),
    other: str = typer.Argument("", help="Another one, to decide about; without it, candidates are listed."),
    verdict: str = typer.Option("", help="same, different or part."),
    most: int = typer.Option(10, help="How many candidates are listed."),
    store: Path = STORE,
) -> None:
    """Accounts of other sources that may be of the same incident, with reasons; or decide about one of them."""
    from parley.precedents import Verdict

    c: Context = ctx.obj
    public = record(c, store)
    if other:
        if verdict.upper() not in Verdict.__members__:
            raise DoorProblem("usage", what="Say --verdict same, different or part.", command="parley precedents match")
        public.decide(incident, other, Verdict[verdict.upper()], c.officer)
        c.told({"first": incident, "second": other, "verdict": verdict}, f"{incident} and {other}: {verdict}.")
        return
    found = public.candidates(incident, most)

    def show(out: Console) -> None:
        for one, decided in found:
            mark = f"  [{decided.verdict.name.lower()}, {decided.decided_by}]" if decided else ""
            words(out, f"{one.name}  {one.title}{mark}")
            words(out, f"    {'; '.join(one.reasons)}")
        if not found:
            words(out, "No candidates.")

    rows = [msgspec.to_builtins(one) | {"decided": decided and decided.verdict.name.lower()} for one, decided in found]
    c.give(rows, show)


def export(
    ctx: typer.Context,
    file: Path = typer.Argument(..., help="Where to write it."),
    data_set: list[str] = typer.Option([], "--data-set", help="Key of a data set; repeat for several. Without: all."),
    form: str = typer.Option("jsonl", help="jsonl: everything, one record a line. csv: the statements."),
    non_commercial: bool = typer.Option(
        False, "--non-commercial", help="The purpose is not commercial: carries what may be passed on only then."
    ),
    store: Path = STORE,
) -> None:
    """Write out what the licences allow, each record with source, licence and date; says what was left out and why."""
    c: Context = ctx.obj
    if form not in ("jsonl", "csv"):
        raise DoorProblem("usage", what="--form is jsonl or csv.", command="parley precedents export")
    text, left_out = record(c, store).pass_on(data_set, non_commercial=non_commercial, form=form)
    c.backstage.write(file, text.encode("utf-8-sig" if form == "csv" else "utf-8"))

    def show(out: Console) -> None:
        words(out, f"Written: {file}")
        for one in left_out:
            words(out, f"Left out: {one.data_set}, {one.records} records. {one.why}")

    c.give({"file": str(file), "left_out": [msgspec.to_builtins(one) for one in left_out]}, show)


def _passing(given: str) -> Any:
    from parley.precedents import PassOn

    try:
        return PassOn(given)
    except ValueError:
        what = f"--pass-on is one of {', '.join(PassOn)}."
        raise DoorProblem("usage", what=what, command="parley precedents") from None
