"""The sheet of one country: what it depends on, with bands; plain records, read without arrays or compiled code."""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One foreign network or state: influence as a share of 1, and its band over the variants."""

    who: str
    name: str
    state: str
    value: float
    low: float
    high: float


class NameServers(msgspec.Struct, frozen=True):
    """Name servers of the country's domain: how many, how many registered at home, in how many networks and states."""

    count: int
    at_home: int
    networks: int
    states: int
    shares: tuple[tuple[str, int], ...]
    concentration: float | None


class Sheet(msgspec.Struct, frozen=True):
    """Everything that `parley atlas country` shows; None where there are no data, which is not zero."""

    country: str
    networks: int
    addresses: int
    one_provider: int
    links_abroad: int
    by_network: tuple[Row, ...]
    by_state: tuple[Row, ...]
    concentration_networks: float | None
    concentration_states: float | None
    servers: NameServers | None
    monitors: int
    variants: str
