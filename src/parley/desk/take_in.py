"""Take in: a file that somebody brought, looked at for what it is: evidence, a checkpoint, or an archive of a note.

It is verified against the root digests that were accepted here, or against one that the officer knows from elsewhere.
Evidence of a party that is accepted here is kept with the rest; a checkpoint is compared with what is known of its
journal, and if it contradicts that, the two together are evidence. An archive is verified and not kept: it is a copy of
what its parties hold. Nothing of a file is believed, and none says what a contradiction means.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from parley.desk import heads
from parley.desk.evidence import CONTRADICTIONS, keep_fork
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.witness import KIND as OWN
from parley.directory import signed_root_digest, verify_signed
from parley.journal import (
    EvidenceKind,
    JournalProblem,
    compare,
    describe_evidence,
    is_evidence,
    read_archive,
    read_checkpoint,
    read_evidence,
    verify_archive,
    verify_checkpoint,
)
from parley.line.ports import Tx
from parley.seal import digest
from parley.terms.problem import Problem

LARGEST = 16 << 20
CHECKPOINT_BEGINS = b"parley/"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a file turned out to be.

    Fields:
        kind: "evidence", "checkpoint", "archive".
        party: who signed it, or whose journal it is. size: of a checkpoint.
        sight: of a checkpoint: "known", "fork", "unproved"; "alone" where nothing is known of that journal here.
        kept: whether it was kept here.
        facts: of evidence, what `describe_evidence` says; links: of an archive, as `parley verify` lists them.
    """

    kind: str
    party: str
    size: int = 0
    sight: str = ""
    kept: bool = False
    facts: dict[str, str | int] = {}
    links: tuple[dict[str, Any], ...] = ()


async def take_in(node: Node, data: bytes, *, root: bytes | None = None) -> Seen:
    """Look at a file, and keep what belongs here. `root`: the root digest of a party that is not accepted here.

    Raises DeskProblem("no_proof_file") for what is none of the three; JournalProblem, DirectoryProblem if it does not
    verify.
    """
    if len(data) > LARGEST:
        raise DeskProblem("no_proof_file")
    if is_evidence(data):
        return await _evidence(node, data, root)
    if data.startswith(CHECKPOINT_BEGINS):
        return await _checkpoint(node, data)
    return _archive(node, data, root)


async def _evidence(node: Node, data: bytes, root: bytes | None) -> Seen:
    found = read_evidence(data)
    facts = describe_evidence(data, {found.party: _root(node, found.party, found.particulars, root)})
    seen = Seen(kind="evidence", party=found.party, facts=facts)
    if found.party not in node.directory.parties or found.party == node.party:
        return seen

    def unit(tx: Tx) -> None:
        if found.kind is EvidenceKind.CHECKPOINTS:
            keep_fork(tx, str(facts["about"]), data)
        else:
            tx.put(CONTRADICTIONS, f"{found.party} {digest(data).hex()}", node.lock_body(digest(data), data))

    await node.store.write(unit, point="evidence")
    return msgspec.structs.replace(seen, kept=True)


def describe(node: Node, data: bytes) -> dict[str, str | int]:
    """What a piece that is kept here shows, verified anew; raises JournalProblem."""
    found = read_evidence(data)
    return describe_evidence(data, {found.party: _root(node, found.party, found.particulars, None)})


def _root(node: Node, party: str, chain: Sequence[bytes], given: bytes | None) -> bytes:
    """The digest that was accepted here and with which the chain begins, else the one that the officer brought.

    Which of those that a party had makes no difference to trust: each was accepted by the one before it. Raises
    JournalProblem("no_root").
    """
    if party not in node.directory.parties:
        if given is None:
            raise JournalProblem("no_root", party=party)
        return given
    accepted = node.directory.entry(party).root_digests
    with suppress(Problem, IndexError):  # whatever is wrong with the chain is said by who verifies it
        begins = signed_root_digest(verify_signed(chain[0]).particulars)
        return begins if begins in accepted else accepted[-1]
    return accepted[-1]


async def _checkpoint(node: Node, data: bytes) -> Seen:
    text = _text(data)
    head, now = read_checkpoint(text)[0], node.clock()
    seen = Seen(kind="checkpoint", party=head.party, size=head.size)
    if head.party == node.party:
        return msgspec.structs.replace(seen, sight=_of_ours(node, text))
    keys = node.directory.node_keys(head.party, signed_at=now, now=now).keys
    sight = await heads.take_by_hand(node, text, keys)
    return msgspec.structs.replace(seen, sight=sight, kept=sight in ("fork", "unproved"))


def _of_ours(node: Node, text: str) -> str:
    """One of our own, as others hold it: it must be ours, and of a size that we signed it must have our root."""
    verify_checkpoint(text, [held for version in node.directory.history(node.party)
                             for held in version.particulars.node_keys])  # fmt: skip
    journal = read_checkpoint(text)[0].origin
    known = [value.decode() for _, value in node.store.look(lambda look: look.records(OWN))]
    same = [one for one in known if read_checkpoint(one)[0].origin == journal]
    return compare(same, text).sight.value if same else "alone"


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise DeskProblem("no_proof_file") from None


def _archive(node: Node, data: bytes, root: bytes | None) -> Seen:
    try:
        parties = read_archive(data).particulars
    except JournalProblem:
        raise DeskProblem("no_proof_file") from None
    roots = {party: _root(node, party, chain, root) for party, chain in parties.items()}
    report = verify_archive(data, roots)
    links = tuple(msgspec.to_builtins(link) for link in report.links)
    return Seen(kind="archive", party=report.sender, links=links)
