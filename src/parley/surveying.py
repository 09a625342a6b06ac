"""The atlas wired: files, tables and the room, for the commands of `parley atlas`. Nothing here needs a node.

Arrays and compiled code are loaded by what computes, never by what only reads a sheet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parley.atlas.sheet import Sheet
from parley.outside.store.atlas_file import AtlasFile

if TYPE_CHECKING:
    from parley.atlas.doubt import Doubt
    from parley.atlas.graph import Graph
    from parley.atlas.many import Bands
    from parley.atlas.scenarios import Scenarios

Told = Callable[[str], None]


def default_file(home: Path) -> Path:
    """Where the atlas of a node's folder lies."""
    return home / "atlas.parley"


def own_state(home: Path) -> str | None:
    """The party of the node in this folder, if there is one; no more of its settings is read."""
    import tomllib

    try:
        party = tomllib.loads((home / "parley.toml").read_text("utf-8")).get("party")
    except (OSError, ValueError):
        return None
    return party if isinstance(party, str) else None


def sheet(file: Path, code: str) -> Sheet:
    """The sheet of a country; raises AtlasProblem("no_data"), AtlasFileProblem("no_sheet")."""
    atlas = AtlasFile(file)
    found = atlas.sheet(code)
    if found is None and code in atlas.head.countries:
        from parley.outside.store.atlas_problems import AtlasFileProblem

        raise AtlasFileProblem("no_sheet", country=code)
    if found is None:
        from parley.atlas.problems import AtlasProblem

        raise AtlasProblem("no_data", country=code)
    return found


def about(file: Path) -> dict[str, Any]:
    """What the atlas was built from, and what was set aside on the way."""
    head = AtlasFile(file).head
    aside = [{"reason": reason, "count": count, "examples": list(few)} for reason, count, few in head.quarantined]
    return {**head.about, "countries": len(head.countries), "weighted_by": head.weighted_by, "quarantined": aside}


def compiling(told: Told) -> AbstractContextManager[None]:
    """While inside: the person who waits is told once if compiled code has to be made first."""
    from parley.atlas.compiling import announced

    return announced(told)


def build(
    to: Path, *, links: Path | None, generated: int | None, places: Path | None, orders: int, flips: int, share: float,
    seed: int, states: Sequence[str], told: Told,
) -> dict[str, Any]:  # fmt: skip
    """Read, compute the influence on every country with its variants, and write the atlas; returns what was done."""
    from parley.atlas import doubt, influence, survey
    from parley.outside.sources.networks import read_servers
    from parley.outside.store.atlas_file import write_atlas
    from parley.outside.store.atlas_problems import AtlasFileProblem

    started = time.monotonic()
    graph, names, sources = _drawn(links, generated, places)
    told(f"{graph.size:,} networks, {graph.links:,} links, {len(graph.countries)} countries.")
    codes = list(states) or list(graph.countries)
    base = influence.influence(graph, codes)
    told(f"Influence on {len(codes)} countries: {time.monotonic() - started:.0f} s.")
    doubts = doubt.Doubt(orders, flips, share, seed)
    others = doubt.variants(graph, doubts, codes)
    words = f"{orders} other orders of ties and {flips} sets of {share:.1%} of links flipped"
    servers = read_servers()
    sources["name servers"] = servers.source
    found = survey.sheets(graph, base, others, names, servers.servers, words)
    known = {
        "sources": sources, "networks": graph.size, "links": graph.links, "placed": int((graph.country >= 0).sum()),
        "variants": words, "seed": seed,
    }  # fmt: skip
    try:
        size = write_atlas(to, graph, found, known)
    except OSError as error:
        raise AtlasFileProblem("not_writable", path=str(to), why=error.strerror or "") from None
    aside = {one.reason: one.count for one in graph.quarantined}
    return {"atlas": str(to), "bytes": size, **known, "sheets": len(found), "quarantined": aside}


def _drawn(
    links: Path | None, generated: int | None, places: Path | None
) -> tuple[Graph, dict[int, str], dict[str, Any]]:
    """The graph from a file or a seed, the names of its networks, and where both are from."""
    if links is None:
        from parley.atlas.generator import generate

        seed = generated or 1
        return generate(seed), {}, {"links": f"generated from seed {seed}: invented, describes no real state"}
    from dataclasses import replace

    from parley.atlas.graph import Quarantined, draw
    from parley.outside.sources.as_relationships import read_as_relationships
    from parley.outside.sources.networks import read_places

    found, table = read_as_relationships(links), read_places(places)
    graph = draw(found.provider, found.customer, found.peer_a, found.peer_b, table.places)
    bad = [("line of links not readable", found.unreadable), ("row of places not readable", table.unreadable)]
    aside = [Quarantined(why, len(rows), tuple(f"line {row}" for row in rows[:5])) for why, rows in bad if rows]
    import hashlib

    digest = hashlib.sha256(links.read_bytes()).hexdigest()
    sources = {
        "links": f"{links.name}, {found.read:,} lines, sha256 {digest}",
        "places": f"{table.source} ({table.read:,} rows)",
    }
    names = {one: table.names[one] for one in graph.asn.tolist() if one in table.names}
    return replace(graph, quarantined=(*graph.quarantined, *aside)), names, sources


def what_if(
    file: Path,
    networks: Sequence[int],
    links: Sequence[tuple[int, int]],
    states: Sequence[str],
    detours_to: Sequence[str],
    *,
    orders: int = 0,
    flips: int = 0,
    share: float = 0.02,
    seed: int = 1,
) -> dict[str, Any]:
    """One cut, as plain values, with its band over `flips` variants; a state that loses only on some is told too.

    Counts of detours are also taken under `orders` other orders of ties, on which lost reach does not depend.
    """
    from parley.atlas.cut_doubt import what_if_band
    from parley.atlas.doubt import Doubt
    from parley.atlas.export import pairs_lost
    from parley.atlas.reference import TOTAL
    from parley.atlas.what_if import Cut, what_if

    graph, doubt = AtlasFile(file).graph(), Doubt(orders, flips, share, seed)
    cut = Cut(tuple(networks), tuple(links), tuple(states))
    found = what_if(graph, cut, detours_to=detours_to)
    ends = what_if_band(graph, cut, found, doubt)
    # by what may be lost: a state that loses only on a variant must not stand below what is shown
    order = sorted(ends.reach_lost.items(), key=lambda pair: (-(pair[1].high or pair[1].value), -pair[1].value))
    hit = {code: _plain(lost) for code, lost in order if lost.value or lost.high}
    return {
        "named": list(found.named), "reach_lost": hit,
        "spill_over": {code: lost for code, lost in hit.items() if code not in found.named}, "step": f"1/{TOTAL}",
        "relationship_errors": _varied(graph, doubt), "no_weight": list(found.unweighted),
        "weighted_by": graph.weighted_by, "orders_of_ties": orders if detours_to else 0,
        "detours": {code: _with_ends(one, ends.detours.get(code)) for code, one in found.detours.items()},
        "pairs": pairs_lost(found, ends),
    }  # fmt: skip


def _with_ends(value: Any, ends: tuple[Any, Any] | None) -> dict[str, dict[str, Any]]:
    """Each count of a record with its lowest and highest."""
    low, high = (_plain(one) if one else {} for one in ends or (None, None))
    return {name: {"value": one, "low": low.get(name), "high": high.get(name)} for name, one in _plain(value).items()}


def _varied(graph: Graph, doubt: Doubt) -> dict[str, Any]:
    """What was varied; without variants only that nothing was."""
    from parley.atlas.cut_doubt import words

    told = {"variants": doubt.flips, "words": words(graph, doubt)}
    return {**told, "share": doubt.share, "seed": doubt.seed} if doubt.flips else told


def _plain(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def many(
    file: Path, *, each: int, among: str, scenarios: int, seed: int, target: str | None, keep: Path | None,
    to_csv: Path | None, progress: Callable[[int, int], None], flips: int = 0, share: float = 0.02,
) -> dict[str, Any]:  # fmt: skip
    """Seeded scenarios; mean and band of every pair. With `keep` an interrupted run goes on where it was.

    The same scenarios are run on each of `flips` variants of the graph, one after another, each kept in a folder of
    its own; `seed` is that of the scenarios and of the first variant.
    """
    import numpy as np

    from parley.atlas import doubt
    from parley.atlas.export import bands_frame
    from parley.atlas.reference import TOTAL

    graph, doubts = AtlasFile(file).graph(), doubt.Doubt(0, flips, share, seed)
    drawn = _scenarios(graph, each, among, scenarios, seed)
    settings = {"each": each, "among": among, "seed": seed, "target": target}
    bands = _bands(graph, drawn, target, keep, settings, progress)
    others = [
        _bands(one, drawn, target, keep and keep / f"variant-{i}", settings, progress)
        for i, one in enumerate(doubt.flips(graph, doubts), 1)
    ]
    frame = bands_frame(bands, others)
    if to_csv is not None:
        _write_csv(to_csv, frame)
    order = np.argsort(-bands.mean, axis=None)[:20]
    worst = [{name: column[i] for name, column in frame.items()} for i in order.tolist()]
    return {
        "scenarios": bands.scenarios, "each": each, "among": among, "seed": seed, "step": f"1/{TOTAL}",
        "percentiles": list(bands.percentiles), "relationship_errors": _varied(graph, doubts),
        "pairs": len(frame["country"]), "hardest": worst, "csv": str(to_csv) if to_csv else None,
    }  # fmt: skip


def _bands(
    graph: Graph, drawn: Scenarios, target: str | None, keep: Path | None, settings: Mapping[str, Any],
    progress: Callable[[int, int], None],
) -> Bands:  # fmt: skip
    """The scenarios on one graph; its matrices, up to a gigabyte, are let go at the end."""
    import numpy as np

    from parley.atlas import many as engine

    prepared = engine.prepare(graph, drawn, target)
    shape = engine.room_for(prepared)
    done = engine.blocks_of(prepared.count)
    if keep is None:
        values = np.zeros(shape, np.uint16)
    else:
        from parley.outside.store.atlas_run import open_run

        values, done = open_run(keep, {**settings, "graph": _digest(graph)}, shape, len(done))
    engine.run(prepared, values, done, progress=progress)
    return engine.bands(values, graph.countries, (target,) if target else graph.countries)


def _scenarios(graph: Graph, each: int, among: str, count: int, seed: int) -> Scenarios:
    """`among`: top:N, state:XX or a file with one scenario a line (AS numbers, pairs as A-B, apart by spaces)."""
    from parley.atlas.problems import AtlasProblem
    from parley.atlas.scenarios import combinations, failures

    kind, _, value = among.partition(":")
    if kind == "top" and value.isdigit():
        return failures(graph.top(int(value)), each, count, seed)
    if kind == "state":
        return failures(graph.of_state(value), each, count, seed)
    if kind == "file":
        from parley.outside.sources.as_relationships import unpacked

        rows = unpacked(Path(value)).decode("utf-8", "replace").splitlines()
        return combinations([_combination(graph, row) for row in rows if row.strip() and not row.startswith("#")])
    raise AtlasProblem("bad_setting", field="among", rule="top:N, state:XX or file:NAME")


def _combination(graph: Graph, row: str) -> tuple[list[int], list[tuple[int, int]]]:
    from parley.atlas.problems import AtlasProblem

    networks, links = [], []
    for word in row.split():
        ends = word.split("-")
        if not all(end.isdigit() for end in ends) or len(ends) > 2:
            raise AtlasProblem("bad_setting", field=word, rule="a number, or two numbers as A-B")
        if len(ends) == 1:
            networks.append(graph.at(int(word)))
        else:
            links.append((graph.at(int(ends[0])), graph.at(int(ends[1]))))
    return networks, links


def _digest(graph: Graph) -> str:
    import hashlib

    digest = hashlib.sha256()
    for array in (graph.asn, graph.provider, graph.customer, graph.peer_a, graph.peer_b, graph.country, graph.weight):
        digest.update(array.tobytes())
    return digest.hexdigest()


def _write_csv(path: Path, frame: Mapping[str, Sequence[Any]]) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(frame)
        out.writerows(zip(*frame.values(), strict=True))


def worst(file: Path, code: str, k: int, *, flips: int = 0, share: float = 0.02, seed: int = 1) -> dict[str, Any]:
    """The failures that would hurt a country most, the one new provider that would help most, and their bands."""
    from parley.atlas import worst as engine
    from parley.atlas.cut_doubt import worst_band
    from parley.atlas.doubt import Doubt

    graph, doubt = AtlasFile(file).graph(), Doubt(0, flips, share, seed)
    found = engine.worst(graph, code, k)
    mend = engine.remedy(graph, found)
    ends = worst_band(graph, found, mend, doubt)
    told = {**_plain(found), "searched": found.searched, "harm": _plain(ends.harm), "bound": _plain(ends.bound)}
    helped = {**_plain(mend), "harm": _plain(ends.remedy), "circles": ends.circles} if mend else None
    return {
        "worst": told, "remedy": helped, "weighted_by": graph.weighted_by, "relationship_errors": _varied(graph, doubt)
    }  # fmt: skip


def picture(found: Sheet, svg: Path | None, markdown: Path | None) -> None:
    """The picture of a sheet and its table, as files."""
    from parley.atlas.picture import as_markdown, as_svg

    if svg is not None:
        svg.write_text(as_svg(found), "utf-8")
    if markdown is not None:
        markdown.write_text(as_markdown(found), "utf-8")
