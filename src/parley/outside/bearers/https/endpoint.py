"""Where a peer's node answers, and which certificates it may show there."""

from __future__ import annotations

import re

import msgspec

from parley.outside.bearers.problems import BearerProblem

_ADDRESS = re.compile(r"(?P<name>[A-Za-z0-9.-]{1,253})|\[(?P<six>[0-9A-Fa-f:.]{2,45})\]")


class Endpoint(msgspec.Struct, frozen=True):
    """One HTTPS address of one party.

    Args:
        address: ``host:port``, or ``[address]:port`` for IPv6.
        certificates: DER; exactly those that the party's current particulars name. The peer must show one of them.

    Raises:
        BearerProblem: bad_endpoint.
    """

    address: str
    certificates: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        split(self.address)


def split(address: str) -> tuple[str, int]:
    """Host and port of `address`; raises BearerProblem bad_endpoint.

    The pattern is narrow because the address goes into a Host header: nothing that could end a header line passes.
    """
    host, _, port = address.rpartition(":")
    found = _ADDRESS.fullmatch(host)
    if found is None or not (port.isascii() and port.isdigit()) or not 0 < int(port[:6]) < 65536:
        raise BearerProblem("bad_endpoint", given="".join(c for c in address if c.isprintable())[:40])
    return found["name"] or found["six"], int(port)
