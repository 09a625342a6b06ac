"""The atlas wired: files, tables and the room, for the commands of `parley atlas`. Nothing here needs a node.

Arrays and compiled code are loaded by what computes, never by what only reads a sheet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parley.atlas.sheet import Sheet
from parley.outside.store.atlas_file import AtlasFile

if TYPE_CHECKING:
    from parley.atlas.graph import Graph
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
) -> dict[str, Any]:
    """One cut, as plain values."""
    from parley.atlas.reference import TOTAL
    from parley.atlas.what_if import Cut, what_if

    graph = AtlasFile(file).graph()
    found = what_if(graph, Cut(tuple(networks), tuple(links), tuple(states)), detours_to=detours_to)
    hit = {code: lost for code, lost in sorted(found.reach_lost.items(), key=lambda pair: -pair[1]) if lost > 0}
    return {
        "named": list(found.named), "reach_lost": hit, "spill_over": found.spill_over(), "step": f"1/{TOTAL}",
        "no_weight": list(found.unweighted), "weighted_by": graph.weighted_by,
        "detours": {code: _plain(one) for code, one in found.detours.items()},
        "pairs": {
            a: {b: int(found.steps[i, j]) for j, b in enumerate(found.countries) if found.steps[i, j]}
            for i, a in enumerate(found.countries) if a in hit
        },
    }  # fmt: skip


def _plain(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def many(
    file: Path, *, each: int, among: str, scenarios: int, seed: int, target: str | None, keep: Path | None,
    to_csv: Path | None, progress: Callable[[int, int], None],
) -> dict[str, Any]:  # fmt: skip
    """Seeded scenarios; mean and band of every pair. With `keep` an interrupted run goes on where it was."""
    import numpy as np

    from parley.atlas import many as engine
    from parley.atlas.export import bands_frame
    from parley.atlas.reference import TOTAL

    graph = AtlasFile(file).graph()
    drawn = _scenarios(graph, each, among, scenarios, seed)
    prepared = engine.prepare(graph, drawn, target)
    shape = engine.room_for(prepared)
    done = engine.blocks_of(prepared.count)
    if keep is None:
        values = np.zeros(shape, np.uint16)
    else:
        from parley.outside.store.atlas_run import open_run

        settings = {"each": each, "among": among, "seed": seed, "target": target, "graph": _digest(graph)}
        values, done = open_run(keep, settings, shape, len(done))
    engine.run(prepared, values, done, progress=progress)
    targets = (target,) if target else graph.countries
    bands = engine.bands(values, graph.countries, targets)
    frame = bands_frame(bands)
    if to_csv is not None:
        _write_csv(to_csv, frame)
    order = np.argsort(-bands.mean, axis=None)[:20]
    worst = [{name: column[i] for name, column in frame.items()} for i in order.tolist()]
    return {
        "scenarios": bands.scenarios, "each": each, "among": among, "seed": seed, "step": f"1/{TOTAL}",
        "percentiles": list(bands.percentiles), "pairs": len(frame["country"]), "hardest": worst,
        "csv": str(to_csv) if to_csv else None,
    }  # fmt: skip


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


def worst(file: Path, code: str, k: int) -> dict[str, Any]:
    """The failures that would hurt a country most, and the one new provider that would help most."""
    from parley.atlas import worst as engine

    graph = AtlasFile(file).graph()
    found = engine.worst(graph, code, k)
    mend = engine.remedy(graph, found)
    return {"worst": _plain(found), "remedy": _plain(mend) if mend else None, "weighted_by": graph.weighted_by}


def picture(found: Sheet, svg: Path | None, markdown: Path | None) -> None:
    """The picture of a sheet and its table, as files."""
    from parley.atlas.picture import as_markdown, as_svg

    if svg is not None:
        svg.write_text(as_svg(found), "utf-8")
    if markdown is not None:
        markdown.write_text(as_markdown(found), "utf-8")
