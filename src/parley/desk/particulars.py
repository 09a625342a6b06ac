"""Particulars at this desk: adopt our own, accept another party's, by ceremony or by vouching. Decisions of officers.

What is decided about a party once it is accepted is in `decide`.
"""

from __future__ import annotations

from parley.desk import learn, restore
from parley.desk.freshen import freshen
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.directory import Ceremony, DirectoryProblem, Outcome, phrase, root_digest, signed_root_digest, verify_signed
from parley.seal import SigningKey


async def adopt_own(
    node: Node, signed: bytes, officer: str, next_key: SigningKey | None = None, *, new_identity: bool = False
) -> Outcome:
    """Take our own combined particulars, first or newer; peers learn of them at once.

    Args:
        next_key: the node's signing key from now on, if they list it and not the present one (a rotation).
        new_identity: the threshold of our roots is lost, and these are by new ones. Every peer has to accept us anew by
            ceremony; what the former identity signed still verifies.

    Raises DeskProblem("not_our_party"), ("key_not_ours") when they do not name this node's key.
    """
    ours = verify_signed(signed).particulars
    if ours.party != node.party:
        raise DeskProblem("not_our_party", party=ours.party, us=node.party)
    node_key = next_key or node.node_key
    if node_key.public not in ours.node_keys:
        raise DeskProblem("key_not_ours")
    if node.party in node.directory.parties and not new_identity:
        outcome = node.directory.learn(signed, node.clock())
    else:
        outcome = node.directory.accept(signed, how="own", now=node.clock(), by=officer, new_identity=new_identity)
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


async def accept(
    node: Node, signed: bytes, *, officer: str, heard: str, means: str, confirmed: bool, new_identity: bool = False
) -> Outcome:
    """Accept another party's particulars by ceremony. It implies no recognition of anyone, and may be taken back.

    Args:
        heard: the twenty digits that the other side read out, or the text of its QR code.
        means: "in-person" or "video".
        confirmed: whether the other side said that our phrase is right too.
        new_identity: the other side says that its former roots are lost; shown as a break for 90 days.
    """
    outcome = node.directory.accept(
        signed,
        how="ceremony",
        now=node.clock(),
        by=officer,
        ceremony=Ceremony(heard, confirmed, means),
        new_identity=new_identity,
    )
    return await _accepted(node, signed, outcome)


async def accept_vouched(node: Node, signed: bytes, *, officer: str) -> Outcome:
    """Accept another party's particulars because enough of the parties that our officer chose vouch for its roots.

    Raises DirectoryProblem("too_few_vouchers"). It is shown as vouched on every note of that party.
    """
    outcome = node.directory.accept(signed, how="vouched", now=node.clock(), by=officer)
    return await _accepted(node, signed, outcome)


async def _accepted(node: Node, signed: bytes, outcome: Outcome) -> Outcome:
    party = outcome.entry.party
    await learn.keep_outcome(node, outcome, signed, point="accept")
    # A node restored from a backup older than this acceptance may have known the party before.
    await node.store.write(lambda tx: restore.ask_anew(tx, [party]), point="accept")
    if node.vault is not None:
        await restore.ask(node)
    node.wake(party)
    return outcome


async def bring(node: Node, signed: bytes) -> str:
    """An officer brings particulars of another party as a file; returns whose they are.

    A newer version of an accepted party is taken at once, as from anybody. What needs a decision, a party unknown here
    or roots that nobody handed over to, is kept for it (`to_decide`). Raises DeskProblem("ourselves"),
    DirectoryProblem: "expired", "rollback", "equivocation", and what `verify_signed` raises.
    """
    found = verify_signed(signed).particulars
    if found.party == node.party:
        raise DeskProblem("ourselves")
    if node.clock() >= found.expires_at:
        raise DirectoryProblem("expired", party=found.party)
    try:
        await learn.learn_particulars(node, signed)
    except DirectoryProblem:
        if signed_root_digest(found) in node.directory.entry(found.party).root_digests:
            raise
        await learn.keep_offered(node, found.party, signed)  # other roots: perhaps a new identity
        return found.party
    if found.party in node.directory.parties and node.directory.entry(found.party).current.digest != found.digest:
        raise DirectoryProblem("equivocation", party=found.party, given=found.version)
    return found.party


def to_decide(node: Node, party: str) -> bytes:
    """The signed particulars of a party that an officer decides about: what was brought, else what is held.

    Raises DeskProblem("not_at_hand").
    """
    return node.store.look(lambda look: look.record(learn.OFFERED, party)) or at_hand(node, party)


def offered(node: Node) -> list[str]:
    """Parties whose particulars were brought, by whomever, and wait for a decision."""
    return [party for party, _ in node.store.look(lambda look: look.records(learn.OFFERED))]


async def drop_offered(node: Node, party: str) -> None:
    """Not accepted: what was brought is forgotten; nothing else changes."""
    await node.store.write(lambda tx: tx.drop(learn.OFFERED, party), point="learn")


def at_hand(node: Node, party: str) -> bytes:
    """The newest signed particulars of a party that are here, accepted or merely brought by somebody.

    Raises DeskProblem("not_at_hand").
    """
    if party in node.directory.parties:
        return node.directory.entry(party).versions[-1].signed.raw
    offered = node.store.look(lambda look: look.record(learn.OFFERED, party))
    if offered is None:
        raise DeskProblem("not_at_hand", party=party[:14])
    return offered


def phrase_of(signed: bytes) -> str:
    """The ceremony phrase of particulars: 20 digits over the whole set of roots and their threshold."""
    particulars = verify_signed(signed).particulars
    return phrase(root_digest(particulars.party, particulars.roots, particulars.threshold))
