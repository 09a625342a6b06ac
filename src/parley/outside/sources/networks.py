"""Tables of networks (number, country, addresses, name), and of the name servers of countries' domains.

Shipped beside the room (`parley/atlas/data/`, each file says source, licence and date in its first lines); a table of
one's own has the same columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from parley.outside.sources.as_relationships import unpacked
from parley.outside.sources.graph_problems import GraphProblem

COLUMNS = ("asn", "name", "addresses", "top_country", "top_share")
SERVER_COLUMNS = ("cctld", "ns", "ip_country", "asn")


@dataclass(frozen=True)
class Places:
    """Network -> (country, addresses), network -> name; rows read, rows that could not be used (line numbers)."""

    places: dict[int, tuple[str, int]]
    names: dict[int, str]
    read: int
    unreadable: list[int]
    source: str


@dataclass(frozen=True)
class Servers:
    """Country domain -> its name servers: name, country and network of the address, as registered."""

    servers: dict[str, tuple[tuple[str, str, int], ...]]
    read: int
    unreadable: list[int]
    source: str


def read_places(path: Path | None = None) -> Places:
    """The table at `path`, or the shipped one.

    The country is the one in which most of the network's addresses are registered; all its addresses count there.

    Raises:
        GraphProblem: ``no_file``, ``too_large``, ``truncated``, ``not_places``.
    """
    found = Places({}, {}, 0, [], _source(path, "as_country_ipv4.csv"))
    read = 0
    for number, row in _rows(path, "as_country_ipv4.csv", COLUMNS):
        read += 1
        network, country, addresses = row["asn"] or "", row["top_country"] or "", row["addresses"] or ""
        if not (network.isdigit() and addresses.isdigit() and _is_code(country)):
            found.unreadable.append(number)
            continue
        found.places[int(network)] = (country, int(addresses))
        found.names[int(network)] = row["name"] or ""
    return Places(found.places, found.names, read, found.unreadable, found.source)


def read_servers(path: Path | None = None) -> Servers:
    """The name servers of country domains at `path`, or the shipped ones; raises as `read_places`."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    unreadable: list[int] = []
    read = 0
    for number, row in _rows(path, "cctld_ns.csv", SERVER_COLUMNS):
        read += 1
        if not (_is_code(row["cctld"] or "") and _is_code(row["ip_country"] or "") and (row["asn"] or "").isdigit()):
            unreadable.append(number)
            continue
        found.setdefault(row["cctld"], []).append((row["ns"], row["ip_country"], int(row["asn"])))
    servers = {code: tuple(rows) for code, rows in found.items()}
    return Servers(servers, read, unreadable, _source(path, "cctld_ns.csv"))


def _rows(path: Path | None, shipped: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    data = unpacked(path) if path else resources.files("parley.atlas").joinpath("data", shipped).read_bytes()
    name = path.name if path else shipped
    lines = data.decode("utf-8", "replace").splitlines(keepends=True)
    notes = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader = csv.DictReader(io.StringIO("".join(lines[notes:])))
    if not set(columns) <= set(reader.fieldnames or ()):
        raise GraphProblem("not_places", path=name, columns=", ".join(columns))
    try:
        for row in reader:
            yield notes + reader.line_num, row
    except csv.Error:
        raise GraphProblem("not_places", path=name, columns=", ".join(columns)) from None


def _source(path: Path | None, shipped: str) -> str:
    """What a shipped file says of itself, or the name of somebody's own."""
    if path is not None:
        return path.name
    lines = []
    with resources.files("parley.atlas").joinpath("data", shipped).open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                break
            lines.append(line[1:].strip())
    return " ".join(lines)


def _is_code(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()
