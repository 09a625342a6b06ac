"""What the reading commands of the atlas print: a sheet and its sources, as lines; no library is needed for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def plain(found: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(found)


def country_page(found: Any) -> Iterator[str]:
    size = f"{found.networks} networks, {found.addresses:,} addresses, {found.links_abroad:,} links abroad"
    yield f"{found.country}: {size}."
    yield f"{found.one_provider} of its networks have one provider."
    yield ""
    yield f"Transit influence of foreign networks (0 to 1; low to high over {found.variants}):"
    for row in found.by_network[:10]:
        whose = f"{row.who} {row.name[:34]} ({row.state or 'not placed'})"
        yield f"  {row.value:.3f}  {row.low:.3f} to {row.high:.3f}  {whose}"
    yield "Of foreign states (shares overlap):"
    for row in found.by_state[:10]:
        yield f"  {row.value:.3f}  {row.low:.3f} to {row.high:.3f}  {row.who}"
    over_networks, over_states = _number(found.concentration_networks), _number(found.concentration_states)
    yield f"Concentration (HHI) over networks: {over_networks}, states: {over_states}."
    yield _servers(found.servers)
    yield f"Simulated routes from {found.monitors:,} networks abroad; registered countries; see: parley atlas sources."


def _number(value: float | None) -> str:
    return "no data" if value is None else f"{value:.3f}"


def _servers(found: Any) -> str:
    if found is None:
        return "Name servers of its domain: no data."
    where = ", ".join(f"{state} {count}" for state, count in found.shares[:6])
    return (
        f"Name servers of its domain (2020): {found.count}, {found.at_home} registered at home,"
        f" in {found.networks} networks; {where}; HHI {_number(found.concentration)}."
    )


def sources_page(found: dict[str, Any]) -> Iterator[str]:
    size = f"{found['networks']:,} networks ({found['placed']:,} placed in a country), {found['links']:,} links"
    yield f"{size}, {found['countries']} countries."
    for name, text in found["sources"].items():
        yield f"{name}: {text}"
    yield f"Bands over {found['variants']}, seed {found['seed']}. Weights: {found['weighted_by']}."
    for row in found["quarantined"]:
        yield f"set aside: {row['reason']}: {row['count']:,} (for example {', '.join(row['examples'])})"
