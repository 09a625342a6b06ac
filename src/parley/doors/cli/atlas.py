"""The commands of the atlas: what a country depends on, what fails if these networks or this state are cut.

Reached by a way of its own from the entry point, so that reading a sheet loads neither the other commands nor arrays.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from parley.doors.cli.atlas_pages import country_page, plain, sources_page

group = typer.Typer(
    help="The atlas: who depends on whose networks, and what fails if some are cut.", no_args_is_help=True
)
SHOWN = 10
SHARE = typer.Option(0.02, help="The share of links flipped in each variant.")
Surveying = Any  # the module parley.surveying, given whole: a door may not import what is outside


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="atlas")


@group.callback()
def atlas(
    ctx: typer.Context,
    file: Path = typer.Option(
        None, "--atlas", envvar="PARLEY_ATLAS", help="The atlas; default: atlas.parley in the node's folder."
    ),
) -> None:
    """The atlas: who depends on whose networks, and what fails if some are cut."""
    ctx.meta["file"] = file


def _file(ctx: typer.Context) -> Path:
    given: Path | None = ctx.meta["file"]
    found: Path = given or ctx.obj.surveying.default_file(ctx.obj.home_path)
    return found


def _give(ctx: typer.Context, value: Any, texts: Iterable[str]) -> None:
    if ctx.obj.as_json:
        print(json.dumps(value, ensure_ascii=False))
        return
    for text in texts:
        print(text)


def _note(text: str) -> None:
    """How far it is, beside the result."""
    print(text, file=sys.stderr, flush=True)


def _own(ctx: typer.Context, state: str | None) -> str:
    code: str | None = state or ctx.obj.surveying.own_state(ctx.obj.home_path)
    if code is None:
        raise typer.BadParameter("there is no node in this folder whose state could be meant: name a state")
    return code.upper()


@group.command()
def build(
    ctx: typer.Context,
    graph: Path = typer.Option(None, help="AS relationships (CAIDA serial-1 or serial-2, plain or bz2)."),
    generate: int = typer.Option(None, help="Instead of a file: an invented graph from this seed."),
    places: Path = typer.Option(None, help="Networks and their countries; default: the table that is shipped."),
    orders: int = typer.Option(3, min=0, help="Other orders of ties, for the bands."),
    flips: int = typer.Option(3, min=0, help="Sets of links flipped, for the bands."),
    share: float = typer.Option(0.02, help="The share of links flipped in each set."),
    seed: int = typer.Option(1, help="The seed of both."),
    state: list[str] = typer.Option([], help="Only sheets of these states."),
) -> None:
    """Read a graph of networks and build the atlas from it."""
    if (graph is None) == (generate is None):
        raise typer.BadParameter("give --graph FILE or --generate SEED, one of them")
    with ctx.obj.surveying.compiling(_note):
        done = ctx.obj.surveying.build(
            _file(ctx), links=graph, generated=generate, places=places, orders=orders, flips=flips, share=share,
            seed=seed, states=[one.upper() for one in state], told=_note,
        )  # fmt: skip
    aside = "; ".join(f"{why}: {count:,}" for why, count in done["quarantined"].items()) or "nothing"
    _give(
        ctx,
        done,
        [f"{done['sheets']} sheets in {done['atlas']}, {done['bytes'] / 1e6:.1f} MB.", f"Set aside: {aside}."],
    )


@group.command()
def country(
    ctx: typer.Context,
    state: str = typer.Argument(None, help="Two letters; default: the node's own state."),
    svg: Path = typer.Option(None, help="Write the picture to this file."),
    table: Path = typer.Option(None, help="Write the picture's table to this file, as Markdown."),
) -> None:
    """On whose networks a country depends, with bands: never a bare number."""
    surveying = ctx.obj.surveying
    found = surveying.sheet(_file(ctx), _own(ctx, state))
    if svg or table:
        surveying.picture(found, svg, table)
    _give(ctx, plain(found), country_page(found))


@group.command("what-if")
def what_if(
    ctx: typer.Context,
    network: list[int] = typer.Option([], help="A network to cut, by AS number; may be repeated."),
    link: list[str] = typer.Option([], help="A link to cut, as A-B; may be repeated."),
    state: list[str] = typer.Option([], help="A state, all of whose networks are cut; may be repeated."),
    detours: list[str] = typer.Option([], help="Work out what detours remain to this state; may be repeated."),
    orders: int = typer.Option(3, min=0, help="Other orders of ties, for the bands of detours; 0: none."),
    flips: int = typer.Option(3, min=0, help="Variants of the graph with links flipped, for the bands; 0: none."),
    share: float = SHARE,
    seed: int = typer.Option(1, help="The seed of the first variant."),
) -> None:
    """Who no longer reaches whom when these are cut, and who suffers that nobody named."""
    links, states, to = [_link(one) for one in link], [one.upper() for one in state], [one.upper() for one in detours]
    with ctx.obj.surveying.compiling(_note):
        found = ctx.obj.surveying.what_if(
            _file(ctx), network, links, states, to, orders=orders, flips=flips, share=share, seed=seed
        )  # fmt: skip
    _give(ctx, found, _cut_page(found))


def _link(text: str) -> tuple[int, int]:
    ends = text.split("-")
    if len(ends) != 2 or not all(end.isdigit() for end in ends):
        raise typer.BadParameter(f"{text}: a link is two AS numbers, as 64500-64501")
    return int(ends[0]), int(ends[1])


def _cut_page(found: dict[str, Any]) -> Iterator[str]:
    yield f"Cut touches: {', '.join(found['named']) or 'no network with a country'}."
    yield f"Share of the rest of the world ({found['weighted_by']}) no longer reached; steps of {found['step']};"
    yield f"{found['relationship_errors']['words']}:"
    for title, rows in (
        ("named", found["reach_lost"]),
        ("spill-over on states that nobody named", found["spill_over"]),
    ):
        yield f"  {title}:"
        those = [(code, lost) for code, lost in rows.items() if title != "named" or code in found["named"]]
        for code, lost in those[:SHOWN]:
            yield f"    {code}  {_banded(lost)}"
        if not those:
            yield "    none"
        if len(those) > SHOWN:
            yield f"    and {len(those) - SHOWN} more: --json"
    for code, one in found["detours"].items():
        yield (
            f"Routes to the {one['origins']['value']} largest networks that stand in {code}: {_counted(one['same'])}"
            f" as before, {_counted(one['moved'])} by another way, {_counted(one['longer'])} of them longer"
            f" by {_counted(one['extra_links'])} links on average, {_counted(one['lost'])} lost."
        )
    if found["detours"]:
        ties = f"{found['orders_of_ties']} other orders of ties" if found["orders_of_ties"] else "one order of ties"
        yield f"In brackets lowest to highest over the variants above and {ties}; without brackets nothing was varied."


def _banded(lost: dict[str, Any]) -> str:
    """A share, and from what to what it goes over the variants, if there are any."""
    ends = "" if lost["low"] is None else f"  {lost['low']:.4%} to {lost['high']:.4%}"
    return f"{lost['value']:.4%}{ends}"


def _counted(one: dict[str, Any]) -> str:
    """A count, and in brackets from what to what it goes, if anything was varied."""
    ends = "" if one["low"] is None else f" ({one['low']:,} to {one['high']:,})"
    return f"{one['value']:,}{ends}"


@group.command()
def many(
    ctx: typer.Context,
    each: int = typer.Option(20, help="How many networks fail in each scenario."),
    among: str = typer.Option("top:2000", help="Among which: top:N, state:XX, or file:NAME with one scenario a line."),
    scenarios: int = typer.Option(10_000, help="How many scenarios."),
    seed: int = typer.Option(1, help="The seed: the same seed gives the same scenarios and variants."),
    target: str = typer.Option(None, help="Only reach to this state."),
    keep: Path = typer.Option(None, help="Keep results in this folder; the same command goes on after an interrupt."),
    csv: Path = typer.Option(None, help="Write mean and band of every pair to this file."),
    flips: int = typer.Option(0, min=0, help="Run all again on variants with links flipped: each takes as long again."),
    share: float = SHARE,
) -> None:
    """Many failures drawn from a seed: mean and 5 to 95 % band of lost reach for every pair of countries."""
    with ctx.obj.surveying.compiling(_note):
        found = ctx.obj.surveying.many(
            _file(ctx), each=each, among=among, scenarios=scenarios, seed=seed, target=target and target.upper(),
            keep=keep, to_csv=csv, progress=_progress(), flips=flips, share=share,
        )  # fmt: skip
    _give(ctx, found, _many_page(found))


def _progress() -> Callable[[int, int], None]:
    def show(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done:,} of {of:,} scenarios", end="" if done < of else "\n", file=sys.stderr, flush=True)

    return show


def _many_page(found: dict[str, Any]) -> Iterator[str]:
    low, high = found["percentiles"]
    how = f"{found['each']} failures each among {found['among']}, seed {found['seed']}"
    yield f"{found['scenarios']:,} scenarios, {how}."
    yield f"Share of the country's weight that loses the target; mean, {low} to {high} %, in steps of {found['step']};"
    varied = found["relationship_errors"]["variants"] > 0
    which = "in brackets those of the mean, and of the lower end the lowest with the highest of the upper end, "
    yield f"{which if varied else ''}{found['relationship_errors']['words']}:"
    for row in found["hardest"]:
        mean, band = f"{row['mean']:.4f}", f"{row[f'p{low}']:.4f} to {row[f'p{high}']:.4f}"
        if varied:
            mean += f" ({row['mean_low']:.4f} to {row['mean_high']:.4f})"
            band += f" ({row[f'p{low}_low']:.4f} to {row[f'p{high}_high']:.4f})"
        yield f"  {row['country']} to {row['target']}  {mean}  {band}"
    if found["csv"]:
        yield f"All {found['pairs']:,} pairs in {found['csv']}."


@group.command()
def worst(
    ctx: typer.Context,
    state: str = typer.Argument(None, help="Two letters; default: the node's own state."),
    k: int = typer.Option(1, "-k", min=1, help="How many fail together."),
    flips: int = typer.Option(3, min=0, help="Variants of the graph with links flipped, for the bands; 0: none."),
    share: float = SHARE,
    seed: int = typer.Option(1, help="The seed of the first variant."),
) -> None:
    """Which failures would hurt a country most, and which one new provider would help most."""
    with ctx.obj.surveying.compiling(_note):
        found = ctx.obj.surveying.worst(_file(ctx), _own(ctx, state), k, flips=flips, share=share, seed=seed)
    _give(ctx, found, _worst_page(found))


def _worst_page(found: dict[str, Any]) -> Iterator[str]:
    bad, mend = found["worst"], found["remedy"]
    how = "every choice tried" if bad["exact"] else "chosen one by one; there may be worse"
    who = ", ".join(f"AS{network}" for network in bad["networks"])
    yield f"{bad['country']}: worst together ({how}, among {bad['searched']} networks): {who}."
    yield f"  Lost reach to the rest of the world: {_banded(bad['harm'])};"
    yield f"  no choice among them can exceed {_banded(bad['bound'])};"
    yield f"  {found['relationship_errors']['words']}."
    if found["relationship_errors"]["variants"]:
        yield "  Chosen on the graph as it was read: on a variant other failures may be worse."
    if mend is None:
        yield "  No one new provider among those tried helps against it."
        return
    yield (
        f"  Would help most ({mend['tried']} new links tried): AS{mend['provider']} as a provider of"
        f" AS{mend['customer']}: {_banded(mend['harm'])}, instead of {_banded(bad['harm'])}."
    )
    if mend["circles"]:
        yield f"  Left out of its band: {mend['circles']} variants where that link would close a circle of providers."


@group.command()
def sources(ctx: typer.Context) -> None:
    """What the atlas was built from, under which licences, and what was set aside."""
    found = ctx.obj.surveying.about(_file(ctx))
    _give(ctx, found, sources_page(found))
