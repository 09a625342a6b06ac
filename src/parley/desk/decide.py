"""Decide: what this desk takes from a party and sends to it, which receipts it gives, who may vouch to it.

Our own decisions, at any time, without reason; each is kept with who took it and when. They act on the next note.
"""

from __future__ import annotations

from parley.desk import learn
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.directory import Acceptance, Decision, Entry, Narrowing, Outcome, VouchPolicy
from parley.terms.instant import dtg


async def suspend(node: Node, party: str, officer: str) -> Outcome:
    """Take nothing from a party and send nothing to it; what waits for it stays in the outbox."""
    _another(node, party)
    return await _kept(node, node.directory.suspend(party, now=node.clock(), by=officer))


async def resume(node: Node, party: str, officer: str) -> Outcome:
    """Take the line up again."""
    outcome = await _kept(node, node.directory.resume(party, now=node.clock(), by=officer))
    node.wake(party)
    return outcome


async def narrow(
    node: Node, party: str, officer: str, *, take: Narrowing | None = None, send: Narrowing | None = None
) -> Outcome:
    """Narrow, or widen, what is taken from a party and what is sent to it; None: as before."""
    _another(node, party)
    return await _kept(node, node.directory.narrow(party, now=node.clock(), by=officer, take=take, send=send))


async def withhold(node: Node, party: str, stages: tuple[str, ...] | None, officer: str) -> Outcome:
    """Keep receipt stages ("opened", "read") from a party; () gives both, None: as the settings say."""
    _another(node, party)
    return await _kept(node, node.directory.withhold(party, stages, now=node.clock(), by=officer))


async def choose_vouchers(node: Node, policy: VouchPolicy, officer: str) -> Outcome:
    """How many of which parties may vouch to us; raises DeskProblem("no_particulars")."""
    node.our_particulars()
    return await _kept(node, node.directory.choose_vouchers(policy, now=node.clock(), by=officer))


async def set_aside(node: Node, party: str, officer: str) -> Outcome:
    """An officer looked at the evidence against a party's roots and goes on; the evidence stays."""
    return await _kept(node, node.directory.set_aside(party, now=node.clock(), by=officer))


def mark(node: Node, party: str) -> str:
    """How far decisions about a party have come: what an officer saw before deciding. "" for one not accepted."""
    if party not in node.directory.parties:
        return ""
    entry = node.directory.entry(party)
    return f"{entry.era}.{len(entry.acceptances)}.{len(entry.decisions)}"


def by(node: Node, party: str) -> str:
    """The officer of the last decision about a party, its acceptance included; raises DirectoryProblem."""
    return _last(node.directory.entry(party)).by


def check_seen(node: Node, party: str, seen: str) -> None:
    """Raise DeskProblem("decided_meanwhile") if a party is no longer decided about as the officer saw it (`mark`)."""
    if seen == mark(node, party):
        return
    last = _last(node.directory.entry(party))
    raise DeskProblem("decided_meanwhile", party=party, officer=last.by, day=dtg(last.at))


def _last(entry: Entry) -> Acceptance | Decision:
    decision = entry.decision
    return decision if decision is not None and decision.at >= entry.acceptance.at else entry.acceptance


def _another(node: Node, party: str) -> None:
    if party == node.party:
        raise DeskProblem("ourselves")


async def _kept(node: Node, outcome: Outcome) -> Outcome:
    await learn.keep_outcome(node, outcome, b"", point="decide")
    return outcome
