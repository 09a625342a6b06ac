"""Making an archive: take what proves the note, leave out what proves nothing, and hand over only what verifies.

Left out: waiting for cosignatures, and choosing the checkpoint. The earliest one that covers the note and that many
others cosigned is the best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from parley.journal.archive import Archive, issuer_unverified
from parley.journal.chain import Chain, verify_chain
from parley.journal.checklist import ReadNote, read_note_unverified, verify_archive, verify_receipt
from parley.journal.checkpoint import (
    cosigner_name,
    cosigner_names,
    only,
    party_of_cosigner,
    read_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from parley.journal.leaves import Leaf
from parley.journal.links import third_party
from parley.journal.merkle import inclusion_proof
from parley.journal.problems import JournalProblem
from parley.seal import VerifyingKey, digest


def build_archive(
    note: bytes,
    leaf: Leaf,
    index: int,
    hashes: Sequence[bytes],
    checkpoint: str,
    particulars: Mapping[str, Sequence[bytes]],
    *,
    receipts: Iterable[bytes] = (),
    definition: bytes | None = None,
) -> bytes:
    """Put an archive together and verify it against itself: what is returned verifies with the right root digests.

    Args:
        note: the signed note.
        leaf, index: its entry in this journal.
        hashes: leaf hashes of this journal, at least as many as the checkpoint counts; each is hashed once (O(n)).
        checkpoint: signed text of a size above `index`, with the cosignatures that came back.
        particulars: signed particulars by party, oldest first, beginning with those of the ceremony. Give all there
            are: only what is needed goes in. Give the newest versions too: only they say what was revoked.
        receipts: signed receipts of recipients that name the note.
        definition: the file that defines its form, which makes its codes readable later.

    Cosignatures and receipts that cannot be checked with `particulars`, or that a revocation undid, are left out.
    Raises JournalProblem where what is left does not prove the note.
    """
    if leaf.object_digest != digest(note):
        raise JournalProblem("bad_entry", why="it is the entry of another object")
    read = read_note_unverified(note)
    home = read_checkpoint(checkpoint)[0]
    for party in (read.sender, home.party):
        if party not in particulars:
            raise JournalProblem("bad_structure", why=f"the particulars of {party[:40]} are missing")
    chains = {party: verify_chain(party, particulars[party]) for party in _heard(read, checkpoint) & set(particulars)}
    text, cosigners = _worthy_lines(checkpoint, chains)
    kept = tuple(sorted({receipt for receipt in receipts if _worthy(receipt, read, chains)}))
    concerned = {read.sender, home.party, *cosigners, *map(issuer_unverified, kept)}
    data = Archive(
        note=note,
        kind=leaf.kind,
        at=leaf.at,
        salt=leaf.salt,
        index=index,
        proof=tuple(inclusion_proof(hashes[: home.size], index)),
        checkpoint=text,
        cosigners=cosigners,
        particulars={party: tuple(particulars[party]) for party in concerned},
        receipts=kept,
        definition=definition,
    ).to_bytes()
    verify_archive(data, {party: chains[party].root_digest for party in concerned})
    return data


def _heard(note: ReadNote, text: str) -> set[str]:
    """The parties that anything in an archive of `note` under the checkpoint `text` can come from."""
    cosigners = map(party_of_cosigner, cosigner_names(text))
    return {note.sender, *note.recipients, read_checkpoint(text)[0].party, *cosigners}


def _worthy_lines(text: str, chains: Mapping[str, Chain]) -> tuple[str, tuple[str, ...]]:
    """The checkpoint with the lines of its journal and of the cosigners that count, and who those are."""
    home = read_checkpoint(text)[0]
    signers = {home.origin: verify_checkpoint(text, chains[home.party].node_keys()).key}
    cosigners = []
    for party in map(party_of_cosigner, cosigner_names(text)):
        key = _cosigner_key(text, party, chains) if party != home.party and party in chains else None
        if key is not None:
            signers[cosigner_name(party)] = key
            cosigners.append(party)
    return only(text, signers), tuple(sorted(cosigners))


def _cosigner_key(text: str, party: str, chains: Mapping[str, Chain]) -> VerifyingKey | None:
    """By which key `party` cosigned; None if that cannot be checked, or the key was revoked before."""
    try:
        verified = verify_cosignature(text, cosigner_name(party), chains[party].node_keys())
        third_party("cosignature", chains[party], verified.key, verified.at)
    except JournalProblem:
        return None
    return verified.key


def _worthy(receipt: bytes, note: ReadNote, chains: Mapping[str, Chain]) -> bool:
    try:
        verify_receipt(receipt, note, chains)
    except JournalProblem:
        return False
    return True
