"""Equivocation: two signed things that no honest node signs both, kept so that anyone can see it for himself.

Two kinds: two checkpoints of one journal with one size and different roots; two notes of one office to one recipient
under one serial in one incarnation with different content. Both stay evidence when the accused later rotates its keys,
because its particulars lie beside them. What such a pair *means* (fraud, a restored backup, a stolen key) it does not
say, and neither does this module.

Left out: checkpoints of different sizes that do not continue each other. That cannot be shown by signatures alone:
the accused could always say that a proof exists. A peer refuses to cosign then (`witness`), or asks for the proof
(`sightings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

import msgspec

from parley.journal.chain import Chain, verify_chain
from parley.journal.checkpoint import read_checkpoint, verify_checkpoint
from parley.journal.problems import JournalProblem
from parley.seal import Domain, SealProblem, Value, VerifyingKey, decode, digest, encode, peek, verify
from parley.terms.party import PARTY

WIRE_VERSION = 1
EVIDENCE_KIND = 19
LARGEST_EVIDENCE = 16 << 20


class EvidenceKind(IntEnum):
    """What contradicts what."""

    CHECKPOINTS = 1
    SERIALS = 2


class Evidence(msgspec.Struct, frozen=True):
    """Two contradicting things as they were signed, and the particulars of the party that signed them, oldest first.

    `first` and `second` are in order of their bytes, so that the same two things are one byte string.
    Lines of cosigners stay in the texts and prove nothing here.
    """

    kind: EvidenceKind
    party: str
    first: bytes
    second: bytes
    particulars: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """The canonical file (spec/journal.md, evidence)."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: EVIDENCE_KIND,
            3: int(self.kind),
            4: self.party,
            5: self.first,
            6: self.second,
            7: list(self.particulars),
        }
        return encode(fields)


def read_evidence(data: bytes) -> Evidence:
    """Parse without verifying; raises JournalProblem ``bad_evidence``."""
    try:
        fields = decode(data, limit=LARGEST_EVIDENCE)
    except SealProblem as problem:
        raise _bad(problem.key) from problem
    match fields:
        case {3: 1 | 2 as kind, 4: str(party), 5: bytes(first), 6: bytes(second), 7: list(particulars)}:
            chain = tuple(one for one in particulars if isinstance(one, bytes))
            found = Evidence(EvidenceKind(kind), party, first, second, chain)
            if PARTY.fullmatch(party) and found.to_bytes() == data:
                return found
    raise _bad("its parts are not the seven that belong to it")


def is_evidence(data: bytes) -> bool:
    """Whether a file says of itself that it is evidence, and not an archive; nothing is verified."""
    try:
        read_evidence(data)
    except JournalProblem:
        return False
    return True


def describe_evidence(data: bytes, roots: Mapping[str, bytes]) -> dict[str, str | int]:
    """Verify a file of evidence and say what it shows: who, which journal or serial, and the two digests.

    Raises as `verify_evidence`, and ``no_root`` or ``unused_root`` as an archive does.
    """
    found = read_evidence(data)
    if found.party not in roots:
        raise JournalProblem("no_root", party=found.party)
    for party in roots.keys() - {found.party}:
        raise JournalProblem("unused_root", party=party[:40])
    verify_evidence(found, roots[found.party])
    said: dict[str, str | int] = {"party": found.party, "kind": found.kind.name.lower()}
    if found.kind is EvidenceKind.CHECKPOINTS:
        first, second = (read_checkpoint(text.decode())[0] for text in (found.first, found.second))
        return said | {"about": first.origin, "size": first.size, "one": first.root.hex(), "other": second.root.hex()}
    one, other = (_serials(peek(signed).payload) for signed in (found.first, found.second))
    return said | {"about": "one serial", "one": one[0].hex(), "other": other[0].hex()}


def checkpoints_contradict(first: str, second: str, keys: Iterable[VerifyingKey]) -> bool:
    """Whether both verify, are of one journal and one size, and have different roots; raises if one does not verify."""
    known = tuple(keys)
    one, other = (verify_checkpoint(text, known).checkpoint for text in (first, second))
    return (one.origin, one.size) == (other.origin, other.size) and one.root != other.root


def notes_contradict(first: bytes, second: bytes, keys: Iterable[VerifyingKey]) -> bool:
    """Whether both verify, are of one office and incarnation, and give one recipient one serial with other content."""
    known = tuple(keys)
    one, other = (_serials(verify(signed, known, Domain.NOTE).payload) for signed in (first, second))
    return one[0] != other[0] and not one[1].isdisjoint(other[1])


def fork_of_checkpoints(first: str, second: str, party: str, particulars: Sequence[bytes]) -> Evidence:
    """The evidence of two checkpoints, verified; raises JournalProblem ``bad_evidence`` if they do not contradict."""
    return _made(EvidenceKind.CHECKPOINTS, party, first.encode(), second.encode(), particulars)


def fork_of_serials(first: bytes, second: bytes, party: str, particulars: Sequence[bytes]) -> Evidence:
    """The evidence of two signed notes, verified; raises JournalProblem ``bad_evidence`` if they do not contradict."""
    return _made(EvidenceKind.SERIALS, party, first, second, particulars)


def verify_evidence(evidence: Evidence, root_digest: bytes) -> None:
    """Check the evidence against nothing but the root digest of the accused, as confirmed at a ceremony.

    Raises JournalProblem: ``bad_particulars``, ``other_roots``, ``bad_evidence``, or what is wrong with a checkpoint.
    """
    chain = verify_chain(evidence.party, evidence.particulars)
    if chain.root_digest != root_digest:
        raise JournalProblem("other_roots", party=evidence.party)
    _verify_pair(evidence, chain)


def _made(kind: EvidenceKind, party: str, one: bytes, other: bytes, particulars: Sequence[bytes]) -> Evidence:
    first, second = sorted((one, other))
    evidence = Evidence(kind, party, first, second, tuple(particulars))
    _verify_pair(evidence, verify_chain(party, particulars))
    return evidence


def _verify_pair(evidence: Evidence, chain: Chain) -> None:
    first, second = evidence.first, evidence.second
    if first >= second:
        raise _bad("its two parts are the same, or out of order")
    try:
        if evidence.kind is EvidenceKind.CHECKPOINTS:
            contradict = checkpoints_contradict(first.decode(), second.decode(), chain.node_keys())
        else:
            contradict = notes_contradict(first, second, _office_keys(first, chain))
    except (SealProblem, UnicodeDecodeError) as problem:
        raise _bad("one of its parts does not verify") from problem
    if not contradict:
        raise _bad("its two parts do not contradict each other")


def _office_keys(note: bytes, chain: Chain) -> tuple[VerifyingKey, ...]:
    """Every key that any version names for the office that `note` says it is from."""
    match decode(peek(note).payload):
        case {3: [str(party), str(office)]} if party == chain.party:
            keys = (key for version in chain.versions for key in version.offices.get(office, ()))
            return tuple(dict.fromkeys(keys))
    raise _bad("a note is not of the party that is accused")


def _serials(payload: bytes) -> tuple[bytes, set[bytes]]:
    """The id of a note, and one canonical string for each (sender office, incarnation, recipient, serial) in it."""
    match decode(payload):
        case {1: 1, 2: 1, 3: [str(party), str(office)], 4: list(recipients), 17: bytes(incarnation)}:
            used = {encode([party, office, incarnation, recipient]) for recipient in recipients}
            return digest(payload), used
    raise _bad("a note does not have its fields")


def _bad(why: str) -> JournalProblem:
    return JournalProblem("bad_evidence", why=why)
