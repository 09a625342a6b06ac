"""Particulars at this desk: adopt our own, accept another party's, suspend, resume, narrow. Decisions of officers."""

from __future__ import annotations

from parley.desk import learn, restore
from parley.desk.freshen import freshen
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.directory import Ceremony, Outcome, phrase, root_digest, verify_signed
from parley.seal import SigningKey


async def adopt_own(node: Node, signed: bytes, officer: str, next_key: SigningKey | None = None) -> Outcome:
    """Take our own combined particulars, first or newer; peers learn of them at once.

    `next_key`: the node's signing key from now on, if they list it and not the present one (a rotation).

    Raises DeskProblem("not_our_party"), ("key_not_ours") when they do not name this node's key.
    """
    ours = verify_signed(signed).particulars
    if ours.party != node.party:
        raise DeskProblem("not_our_party", party=ours.party, us=node.party)
    node_key = next_key or node.node_key
    if node_key.public not in ours.node_keys:
        raise DeskProblem("key_not_ours")
    if node.party in node.directory.parties:
        outcome = node.directory.learn(signed, node.clock())
    else:
        outcome = node.directory.accept(signed, how="own", now=node.clock(), by=officer)
    await learn.keep_outcome(node, outcome, signed, point="particulars")
    node.node_key = node_key  # only now: what the old key signed until here still counts for a day
    node.told.clear()
    if node.vault is not None:
        await freshen(node, force=True)
        await restore.ask(node)
    for party in node.directory.parties:
        if party != node.party:
            node.wake(party)
    return outcome


async def accept(node: Node, signed: bytes, *, officer: str, heard: str, means: str, confirmed: bool) -> Outcome:
    """Accept another party's particulars by ceremony. It implies no recognition of anyone, and may be taken back.

    Args:
        heard: the twenty digits that the other side read out, or the text of its QR code.
        means: "in-person" or "video".
        confirmed: whether the other side said that our phrase is right too.
    """
    party = verify_signed(signed).particulars.party
    outcome = node.directory.accept(
        signed,
        how="ceremony",
        now=node.clock(),
        by=officer,
        ceremony=Ceremony(heard, confirmed, means),
    )
    await learn.keep_outcome(node, outcome, signed, point="accept")
    # A node restored from a backup older than this acceptance may have known the party before.
    await node.store.write(lambda tx: restore.ask_anew(tx, [party]), point="accept")
    if node.vault is not None:
        await restore.ask(node)
    node.wake(party)
    return outcome


async def decide(node: Node, party: str, verb: str, officer: str, forms: tuple[int, ...] | None = None) -> Outcome:
    """Suspend, resume or narrow the line with a party: our own decision, at any time, without reason."""
    now = node.clock()
    match verb:
        case "suspend":
            outcome = node.directory.suspend(party, now=now, by=officer)
        case "resume":
            outcome = node.directory.resume(party, now=now, by=officer)
        case "narrow":
            outcome = node.directory.narrow(party, forms, now=now, by=officer)
        case _:
            raise DeskProblem("unknown_decision", verb=verb)
    await learn.keep_outcome(node, outcome, b"", point="decide")
    return outcome


def phrase_of(signed: bytes) -> str:
    """The ceremony phrase of particulars: 20 digits over the whole set of roots and their threshold."""
    particulars = verify_signed(signed).particulars
    return phrase(root_digest(particulars.party, particulars.roots, particulars.threshold))
