"""The steps by which an archive is verified, in order, and what each of them rests on.

The same steps, numbers and reasons as in spec/verify_archive.py, which shares no line with this: two readers of one
format, tested against each other. Left out: daily judgement of particulars (`directory`) and the meaning of forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from parley.journal.archive import NESTED_LIMIT, Archive, issuer_unverified, read_archive
from parley.journal.chain import Chain, verify_chain
from parley.journal.checkpoint import (
    Checkpoint,
    Verified,
    cosigner_name,
    only,
    read_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from parley.journal.leaves import SALT_BYTES, LeafKind
from parley.journal.links import Link, own_word, third_party
from parley.journal.merkle import verify_inclusion
from parley.journal.problems import JournalProblem
from parley.seal import Domain, SealProblem, Value, VerifyingKey, decode, digest, peek, verify

NOTE_KIND, RECEIPT_KIND = 1, 2


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


class ReadNote(msgspec.Struct, frozen=True):
    """What an archive needs of a note; `keys` are those that signed it, empty before that was verified."""

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
        """SHA-256 of the payload."""
        return digest(self.payload)


def verify_archive(data: bytes, roots: Mapping[str, bytes]) -> Report:
    """Verify the archive `data` against `roots`: the root digest (32 bytes) of each party, as confirmed in person.

    Raises JournalProblem, with a key of its own for each class of failure:

    1. the file is one canonical archive (``not_an_archive``);
    2. a digest is at hand for every party in it, and every given one is used (``no_root``, ``unused_root``), the
       particulars verify (``bad_particulars``) and begin at that digest (``other_roots``);
    3. the note is signed by the office that it names, in the version that it names (``bad_note``);
    4. its entry is in the journal of its sender or a recipient (``bad_entry``, ``bad_journal_party``,
       ``other_incarnation``, ``not_included``), under a checkpoint that the journal's node signed;
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
    receipts = [verify_receipt(receipt, note, chains) for receipt in archive.receipts]
    _verify_needed(archive, note, journal)
    witnessed = [link.at for link in cosigned if link.third_party and link.at is not None]
    links = [Link("roots", party, False) for party in chains]
    links.append(Link("note", note.sender, False, note.signed_at, _note_mark(note, chains[note.sender], witnessed)))
    mark = own_word(chains[journal.checkpoint.party], journal.key, journal.at, witnessed)
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


def read_note_unverified(signed: bytes) -> ReadNote:
    """The fields of a signed note; raises JournalProblem ``bad_note``."""
    try:
        note = _read_note(peek(signed).payload)
    except SealProblem as problem:
        raise JournalProblem("bad_note", why=problem.key) from problem
    if note is None:
        raise JournalProblem("bad_note", why="its fields are not those of a note")
    return note


def _verify_note(archive: Archive, chains: Mapping[str, Chain]) -> ReadNote:
    note = read_note_unverified(archive.note)
    if note.sender not in chains:
        raise JournalProblem("bad_note", why="the particulars of its sender are missing")
    keys = chains[note.sender].office_keys(note.office, note.version)
    try:
        verified = verify(archive.note, keys, Domain.NOTE)
    except SealProblem as problem:
        raise JournalProblem("bad_note", why=problem.key) from problem
    if archive.definition is not None and digest(archive.definition) != note.form_digest:
        raise JournalProblem("bad_note", why="the definition is not that of its form")
    return msgspec.structs.replace(note, keys=verified.signers)


def _read_note(payload: bytes) -> ReadNote | None:
    fields = decode(payload, limit=NESTED_LIMIT)
    match fields:
        case {
            1: 1, 2: 1, 3: [str(sender), str(office)], 4: list(recipients), 5: [int(), int()], 6: bytes(form),
            7: bytes(), 8: int(), 9: bool(), 10: int(signed_at), 12: dict(), 17: bytes(incarnation), 18: bool(),
            19: int(version),
        } if not _critical(fields):  # fmt: skip
            parties = [_recipient(one) for one in recipients]
            if None not in parties:
                named = tuple(party for party in parties if party is not None)
                return ReadNote(payload, sender, office, named, signed_at, incarnation, version, form, ())
    return None


def _recipient(value: Value) -> str | None:
    match value:
        case [str(party), str(), int()]:
            return party
    return None


def _critical(fields: Value) -> bool:
    """Whether a note has an extension that may change what it says; none is known here."""
    return isinstance(fields, dict) and bool(fields.get(21))


def _verify_entry(archive: Archive, note: ReadNote, chains: Mapping[str, Chain]) -> Verified:
    checkpoint = read_checkpoint(archive.checkpoint)[0]
    sent = archive.kind is LeafKind.NOTE_OUT
    fits = checkpoint.party == note.sender if sent else checkpoint.party in note.recipients
    if not fits or checkpoint.party not in chains:
        raise JournalProblem("bad_journal_party")
    if sent and checkpoint.incarnation != note.incarnation:
        raise JournalProblem("other_incarnation", party=note.sender)
    journal = verify_checkpoint(archive.checkpoint, chains[checkpoint.party].node_keys())
    if len(archive.salt) != SALT_BYTES or archive.at < 0:
        raise JournalProblem("not_included", index=archive.index, size=checkpoint.size)
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
        links.append(third_party("cosignature", chains[party], verified.key, verified.at))
    if only(archive.checkpoint, signers) != archive.checkpoint:
        raise JournalProblem("unknown_line")
    return links


def verify_receipt(receipt: bytes, note: ReadNote, chains: Mapping[str, Chain]) -> Link:
    """One receipt of a recipient about `note`; raises JournalProblem ``bad_receipt`` or ``revoked``."""
    try:
        issuer = issuer_unverified(receipt)
        if issuer not in note.recipients or issuer not in chains:
            raise JournalProblem("bad_receipt", why="its issuer is not a recipient of the note")
        verified = verify(receipt, chains[issuer].node_keys(), Domain.RECEIPT)
        match decode(verified.payload, limit=NESTED_LIMIT):
            case {1: 1, 2: 2, 4: to, 5: list(entries), 7: int(at)} if to == note.sender:
                if len(verified.signers) == 1 and any(_names(entry, note.id) for entry in entries):
                    return third_party("receipt", chains[issuer], verified.signers[0], at)
    except SealProblem as problem:
        raise JournalProblem("bad_receipt", why=problem.key) from problem
    raise JournalProblem("bad_receipt", why="it is not about this note, or not for its sender")


def _names(entry: Value, note_id: bytes) -> bool:
    return isinstance(entry, list) and len(entry) == 8 and entry[3] == note_id and type(entry[1]) is int


def _verify_needed(archive: Archive, note: ReadNote, journal: Verified) -> None:
    """One value, one byte string: nothing twice, nothing out of order, nothing that no link comes from."""
    concerned = {note.sender, journal.checkpoint.party, *archive.cosigners, *map(issuer_unverified, archive.receipts)}
    if concerned != set(archive.particulars):
        raise JournalProblem("bad_structure", why="particulars of a party that nothing comes from")
    in_order = tuple(sorted(set(archive.cosigners))), tuple(sorted(set(archive.receipts)))
    if in_order != (archive.cosigners, archive.receipts):
        raise JournalProblem("bad_structure", why="a list is not in order")


def _note_mark(note: ReadNote, chain: Chain, witnessed: Sequence[int]) -> str:
    marks = [own_word(chain, key, note.signed_at, witnessed) for key in note.keys]
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
