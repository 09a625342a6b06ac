"""The steps by which an archive is verified, in order, and what each of them rests on.

The same steps, numbers and reasons as in spec/verify_archive.py, which shares no line with this: two readers of one
format, tested against each other. Left out: daily judgement of particulars (`directory`) and the meaning of forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from parley.journal.archive import NESTED_LIMIT, Archive, issuer_unverified, read_archive
from parley.journal.chain import ORDERLY, Chain, verify_chain
from parley.journal.checkpoint import (
    Checkpoint,
    Verified,
    cosigner_name,
    only,
    verify_checkpoint,
    verify_cosignature,
)
from parley.journal.leaves import LeafKind
from parley.journal.merkle import verify_inclusion
from parley.journal.problems import JournalProblem
from parley.seal import Domain, SealProblem, Value, VerifyingKey, decode, digest, peek, verify

NOTE_KIND, RECEIPT_KIND = 1, 2
SECOND = 1000


class Link(msgspec.Struct, frozen=True):
    """One thing that was verified.

    Fields:
        what: roots, note, entry, cosignature, receipt or definition.
        by: the party whose word it is.
        third_party: whether it is a word about another party's doing; otherwise the party speaks of itself.
        at: the time that it states (ms UTC), by the clock of `by`.
        mark: what a reader must know besides; empty if nothing.
    """

    what: str
    by: str
    third_party: bool
    at: int | None = None
    mark: str = ""


class Report(msgspec.Struct, frozen=True):
    """An archive that verifies: the note, where it was recorded, and the links, in the order of the steps."""

    note_id: bytes
    payload: bytes
    sender: str
    office: str
    checkpoint: Checkpoint
    index: int
    links: tuple[Link, ...]

    @property
    def third_party(self) -> tuple[Link, ...]:
        """The links that do not rest on the word of the party that they are about."""
        return tuple(link for link in self.links if link.third_party)


class _Note(msgspec.Struct, frozen=True):
    payload: bytes
    sender: str
    office: str
    recipients: tuple[str, ...]
    signed_at: int
    incarnation: bytes
    version: int
    form_digest: bytes
    keys: tuple[VerifyingKey, ...]

    @property
    def id(self) -> bytes:
        return digest(self.payload)


def verify_archive(data: bytes, roots: Mapping[str, bytes]) -> Report:
    """Verify the archive `data` against `roots`: the root digest (32 bytes) of each party, as confirmed in person.

    Raises JournalProblem, with a key of its own for each class of failure:

    1. the file is one canonical archive (``not_an_archive``);
    2. a digest is at hand for every party in it, and every given one is used (``no_root``, ``unused_root``), the
       particulars verify (``bad_particulars``) and begin at that digest (``other_roots``);
    3. the note is signed by the office that it names, in the version that it names (``bad_note``);
    4. its entry is in the journal of its sender or a recipient (``bad_entry``, ``bad_journal_party``,
       ``not_included``), under a checkpoint that the journal's node signed;
    5. every listed cosigner cosigned it, and nothing else stands there (``unsigned``, ``bad_signature``, ...);
    6. every receipt is of a recipient and about this note (``bad_receipt``);
    7. no key was revoked before it signed, so far as that can be shown (``revoked``);
    8. nothing is there that is not needed (``bad_structure``).
    """
    archive = read_archive(data)
    chains = _chains(archive, roots)
    note = _verify_note(archive, chains)
    journal = _verify_entry(archive, note, chains)
    cosigned = _verify_cosignatures(archive, journal, chains)
    receipts = [_verify_receipt(receipt, note, chains) for receipt in archive.receipts]
    _verify_needed(archive, note, journal)
    witnessed = [link.at for link in cosigned if link.third_party and link.at is not None]
    links = [Link("roots", party, False) for party in chains]
    links.append(Link("note", note.sender, False, note.signed_at, _note_mark(note, chains[note.sender], witnessed)))
    mark = _mark(chains[journal.checkpoint.party], journal.key, journal.at, witnessed)
    links.append(Link("entry", journal.checkpoint.party, False, archive.at, mark))
    links += [*cosigned, *receipts]
    if archive.definition is not None:
        links.append(Link("definition", note.sender, False))
    return Report(note.id, note.payload, note.sender, note.office, journal.checkpoint, archive.index, tuple(links))


def _chains(archive: Archive, roots: Mapping[str, bytes]) -> dict[str, Chain]:
    for party in archive.particulars:
        if party not in roots:
            raise JournalProblem("no_root", party=party[:40])
    for party in roots:
        if party not in archive.particulars:
            raise JournalProblem("unused_root", party=party[:40])
    chains = {party: verify_chain(party, signed) for party, signed in archive.particulars.items()}
    for party, chain in chains.items():
        if chain.root_digest != roots[party]:
            raise JournalProblem("other_roots", party=party)
    return chains


def _verify_note(archive: Archive, chains: Mapping[str, Chain]) -> _Note:
    try:
        note = _read_note(peek(archive.note).payload)
        if note is None or note.sender not in chains:
            raise JournalProblem("bad_note", why="its fields are not those of a note, or its sender is missing")
        keys = chains[note.sender].office_keys(note.office, note.version)
        verified = verify(archive.note, keys, Domain.NOTE)
    except SealProblem as problem:
        raise JournalProblem("bad_note", why=problem.key) from problem
    if archive.definition is not None and digest(archive.definition) != note.form_digest:
        raise JournalProblem("bad_note", why="the definition is not that of its form")
    return msgspec.structs.replace(note, keys=verified.signers)


def _read_note(payload: bytes) -> _Note | None:
    fields = decode(payload, limit=NESTED_LIMIT)
    match fields:
        case {
            1: 1, 2: 1, 3: [str(sender), str(office)], 4: list(recipients), 6: bytes(form), 10: int(signed_at),
            17: bytes(incarnation), 19: int(version),
        } if not _critical(fields):  # fmt: skip
            parties = tuple(str(one[0]) for one in recipients if isinstance(one, list) and len(one) == 3)
            return _Note(payload, sender, office, parties, signed_at, incarnation, version, form, ())
    return None


def _critical(fields: Value) -> bool:
    """Whether a note has an extension that may change what it says; none is known here."""
    return isinstance(fields, dict) and bool(fields.get(21))


def _verify_entry(archive: Archive, note: _Note, chains: Mapping[str, Chain]) -> Verified:
    party = archive.checkpoint.partition("\n")[0].split("/")[1:2]
    keys = chains[party[0]].node_keys() if party and party[0] in chains else ()
    journal = verify_checkpoint(archive.checkpoint, keys)
    checkpoint = journal.checkpoint
    if archive.kind is LeafKind.NOTE_OUT:
        if checkpoint.party != note.sender or checkpoint.incarnation != note.incarnation:
            raise JournalProblem("bad_journal_party")
    elif checkpoint.party not in note.recipients:
        raise JournalProblem("bad_journal_party")
    verify_inclusion(archive.leaf.hash, archive.index, checkpoint.size, archive.proof, checkpoint.root)
    return journal


def _verify_cosignatures(archive: Archive, journal: Verified, chains: Mapping[str, Chain]) -> list[Link]:
    signers = {journal.checkpoint.origin: journal.key}
    links = []
    for party in archive.cosigners:
        if party not in chains or party == journal.checkpoint.party:
            raise JournalProblem("bad_structure", why="a cosigner has no particulars, or cosigned itself")
        name = cosigner_name(party)
        verified = verify_cosignature(archive.checkpoint, name, chains[party].node_keys())
        signers[name] = verified.key
        links.append(_third_party("cosignature", chains[party], verified.key, verified.at))
    if only(archive.checkpoint, signers) != archive.checkpoint:
        raise JournalProblem("unknown_line")
    return links


def _verify_receipt(receipt: bytes, note: _Note, chains: Mapping[str, Chain]) -> Link:
    try:
        issuer = issuer_unverified(receipt)
        if issuer not in note.recipients or issuer not in chains:
            raise JournalProblem("bad_receipt", why="its issuer is not a recipient of the note")
        verified = verify(receipt, chains[issuer].node_keys(), Domain.RECEIPT)
        match decode(verified.payload, limit=NESTED_LIMIT):
            case {1: 1, 2: 2, 4: to, 5: list(entries), 7: int(at)} if to == note.sender:
                if any(_names(entry, note.id) for entry in entries):
                    return _third_party("receipt", chains[issuer], verified.signers[0], at)
    except SealProblem as problem:
        raise JournalProblem("bad_receipt", why=problem.key) from problem
    raise JournalProblem("bad_receipt", why="it is not about this note, or not for its sender")


def _names(entry: Value, note_id: bytes) -> bool:
    return isinstance(entry, list) and len(entry) == 8 and entry[3] == note_id


def _verify_needed(archive: Archive, note: _Note, journal: Verified) -> None:
    """One value, one byte string: nothing twice, nothing out of order, nothing that no link comes from."""
    concerned = {note.sender, journal.checkpoint.party, *archive.cosigners, *map(issuer_unverified, archive.receipts)}
    if concerned != set(archive.particulars):
        raise JournalProblem("bad_structure", why="particulars of a party that nothing comes from")
    in_order = tuple(sorted(set(archive.cosigners))), tuple(sorted(set(archive.receipts)))
    if in_order != (archive.cosigners, archive.receipts):
        raise JournalProblem("bad_structure", why="a list is not in order")


def _third_party(what: str, chain: Chain, key: VerifyingKey, at: int) -> Link:
    """A word about another party; no third-party evidence any more if a thief may have written its date."""
    revocation = chain.revocation(key)
    if revocation is None:
        return Link(what, chain.party, True, at)
    if at >= revocation.since:
        raise JournalProblem("revoked", party=chain.party)
    orderly = revocation.reason == ORDERLY
    return Link(what, chain.party, orderly, at, "" if orderly else "its key was revoked later: the date proves nothing")


def _mark(chain: Chain, key: VerifyingKey, at: int, witnessed: Sequence[int]) -> str:
    """What to say of a party's word about itself; raises ``revoked`` where nobody shows that it came in time."""
    revocation = chain.revocation(key)
    if revocation is None:
        return ""
    if any(seen + SECOND <= revocation.since for seen in witnessed):  # cosignatures count whole seconds
        return "its key was revoked later; a cosignature shows that it was in time"
    if revocation.reason == ORDERLY and at < revocation.since:
        return "its key was retired later; that it was in time is its own word"
    raise JournalProblem("revoked", party=chain.party)


def _note_mark(note: _Note, chain: Chain, witnessed: Sequence[int]) -> str:
    marks = [_mark(chain, key, note.signed_at, witnessed) for key in note.keys]
    expires = next(version.expires_at for version in chain.versions if version.number == note.version)
    if note.signed_at >= expires:
        marks.append("its particulars had expired")
    return "; ".join(dict.fromkeys(mark for mark in marks if mark))


def root_digest_of(data: bytes, party: str) -> bytes:
    """The root digest at which the archive's own chain of `party` begins: to compare with what a ceremony confirmed.

    Never to verify the archive with: anyone can make particulars that fit themselves.
    """
    signed = read_archive(data).particulars.get(party)
    if signed is None:
        raise JournalProblem("bad_structure", why=f"nothing in it comes from {party[:40]}")
    return verify_chain(party, signed).root_digest
