"""Checkpoints: what a journal says of itself (size and root), signed by its node and cosigned by other parties.

The form is C2SP tlog-checkpoint with exactly three lines. A journal signs twice: an Ed25519 line of C2SP (type 0x01)
and an ML-DSA-65 line of our own type (0xff and a long identifier). A cosigner signs twice likewise: a timestamped
Ed25519 line of C2SP tlog-cosignature (type 0x04) and the ML-DSA-65 line. Every ML-DSA-65 line also carries a time and
binds the name of the signer (spec/journal.md; docs/decisions/0032).

Left out: whether one *should* cosign (`witness`), and who holds which key (`directory`).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping

import msgspec

from parley.journal.merkle import EMPTY_ROOT, HASH_BYTES
from parley.journal.problems import JournalProblem
from parley.journal.signed_text import SignatureLine, SignedText, key_id, read_line, read_signed_text
from parley.seal import ED25519, ML_DSA_65, SealProblem, SigningKey, VerifyingKey, sign_text, verify_text

JOURNAL_ED25519 = b"\x01"  # signed-note, table of signature types
COSIGNER_ED25519 = b"\x04"
OWN_TYPE = "parley/ml-dsa-65/1"
OWN_ML_DSA_65 = b"\xff" + OWN_TYPE.encode()
TIME_BYTES = 8
INCARNATION_BYTES = 16
LARGEST_SIZE = (1 << 63) - 1

_PARTY = r"[A-Z]{2}|O-[A-Z0-9]{2,12}"
_ORIGIN = re.compile(rf"parley/({_PARTY})/([0-9a-f]{{32}})")
_COSIGNER = re.compile(rf"parley/({_PARTY})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(msgspec.Struct, frozen=True):
    """The journal `origin` has `size` entries under `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        party_of_origin(self.origin)
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_BYTES:
            raise JournalProblem("bad_checkpoint", why="its size or its root is out of range")
        if (self.size == 0) != (self.root == EMPTY_ROOT):
            raise JournalProblem("bad_checkpoint", why="its root does not belong to its size")

    @property
    def party(self) -> str:
        """Whose journal it is."""
        return party_of_origin(self.origin)

    @property
    def incarnation(self) -> bytes:
        """The 16 bytes of the incarnation."""
        return bytes.fromhex(self.origin.rpartition("/")[2])

    def to_body(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode('ascii')}\n"


class Verified(msgspec.Struct, frozen=True):
    """Both lines of one signer hold: what was signed, by which key, at which time of the signer's clock (ms UTC)."""

    checkpoint: Checkpoint
    key: VerifyingKey
    at: int


def origin(party: str, incarnation: bytes) -> str:
    """The name of a journal: ``parley/XA/`` and the incarnation in hexadecimal."""
    name = f"parley/{party}/{incarnation.hex()}"
    party_of_origin(name)
    return name


def party_of_origin(name: str) -> str:
    """Whose journal `name` is; raises JournalProblem ``bad_name``."""
    found = _ORIGIN.fullmatch(name)
    if found is None:
        raise JournalProblem("bad_name", given=_cut(name))
    return found[1]


def cosigner_name(party: str) -> str:
    """The name under which the node of `party` cosigns: ``parley/XB``."""
    party_of_cosigner(f"parley/{party}")
    return f"parley/{party}"


def party_of_cosigner(name: str) -> str:
    """Which party cosigns under `name`; raises JournalProblem ``bad_name``."""
    found = _COSIGNER.fullmatch(name)
    if found is None:
        raise JournalProblem("bad_name", given=_cut(name))
    return found[1]


def read_checkpoint(text: str) -> tuple[Checkpoint, SignedText]:
    """Parse without verifying anything; raises JournalProblem ``bad_text`` or ``bad_checkpoint``."""
    signed = read_signed_text(text)
    rows = signed.body.split("\n")
    if len(rows) != 4 or not _SIZE.fullmatch(rows[1]):
        raise JournalProblem("bad_checkpoint", why="it is not origin, size and root")
    try:
        root = b64decode(rows[2], validate=True)
    except (binascii.Error, ValueError):
        raise JournalProblem("bad_checkpoint", why="its root is not base64") from None
    checkpoint = Checkpoint(rows[0], int(rows[1]), root)
    if checkpoint.to_body() != signed.body:
        raise JournalProblem("bad_checkpoint", why="it is not in its one form")
    return checkpoint, signed


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey, at: int) -> str:
    """The signed text: the two lines of the journal's node. `at` in ms UTC; whole seconds of it are signed."""
    body, name = checkpoint.to_body(), checkpoint.origin
    identifier = key_id(name, JOURNAL_ED25519, key.public.ed25519)
    classical = SignatureLine(name, identifier, sign_text(body, key, ED25519))
    return SignedText(body, (classical, _lattice_line(body, key, name, at // 1000))).to_text()


def cosign(text: str, key: SigningKey, name: str, at: int) -> str:
    """The two lines by which `name` cosigns the checkpoint in `text`, to be joined with `attach`.

    Decide with `witness.consider` first: cosigning states that, at this time, this is the largest tree that the
    cosigner has seen of this journal and that it continues every earlier one.
    """
    body, seconds = read_checkpoint(text)[1].body, at // 1000
    party_of_cosigner(name)
    identifier = key_id(name, COSIGNER_ED25519, key.public.ed25519)
    raw = sign_text(_timed(body, seconds), key, ED25519)
    classical = SignatureLine(name, identifier, seconds.to_bytes(TIME_BYTES, "big") + raw)
    return classical.to_text() + _lattice_line(body, key, name, seconds).to_text()


def attach(text: str, cosignature: str) -> str:
    """`text` with the lines of `cosign`, in the one order of lines: the journal's own, then by name of cosigner.

    An earlier cosignature under the same name gives way. Nothing is verified.
    """
    checkpoint, signed = read_checkpoint(text)
    added = tuple(read_line(row) for row in cosignature.removesuffix("\n").split("\n"))
    names = {line.name for line in added}
    if checkpoint.origin in names:
        raise JournalProblem("bad_name", given=_cut(checkpoint.origin))
    kept = tuple(line for line in signed.lines if line.name not in names)
    lines = sorted(kept + added, key=lambda line: (line.name != checkpoint.origin, line.name))
    return SignedText(signed.body, tuple(lines)).to_text()


def only(text: str, signers: Mapping[str, VerifyingKey]) -> str:
    """`text` with nothing but the two lines of each of `signers` (key by name), in the one order of lines.

    What does not change under this has no line that was not asked for. Nothing is verified.
    """
    checkpoint, signed = read_checkpoint(text)
    wanted = {
        (name, identifier): (name != checkpoint.origin, name, place)
        for name, key in signers.items()
        for place, identifier in enumerate(_identifiers(checkpoint.origin, name, key))
    }
    kept = [line for line in signed.lines if (line.name, line.key_id) in wanted]
    kept.sort(key=lambda line: wanted[line.name, line.key_id])
    return SignedText(signed.body, tuple(kept)).to_text()


def verify_checkpoint(text: str, keys: Iterable[VerifyingKey]) -> Verified:
    """Check both lines of the journal's own node against one of `keys`.

    Lines of other names, and of keys not given, are ignored, as C2SP signed-note demands. Raises JournalProblem
    ``unsigned`` or ``bad_signature``.
    """
    checkpoint, signed = read_checkpoint(text)
    return _verify(checkpoint, signed, checkpoint.origin, keys)


def verify_cosignature(text: str, name: str, keys: Iterable[VerifyingKey]) -> Verified:
    """Check both lines of the cosigner `name` against one of `keys`; both must state the same time."""
    party_of_cosigner(name)
    checkpoint, signed = read_checkpoint(text)
    return _verify(checkpoint, signed, name, keys)


def cosigner_names(text: str) -> tuple[str, ...]:
    """The names of cosigners that stand in `text`, in order; unverified."""
    checkpoint, signed = read_checkpoint(text)
    found = {line.name for line in signed.lines if line.name != checkpoint.origin}
    return tuple(sorted(name for name in found if _COSIGNER.fullmatch(name)))


def _verify(checkpoint: Checkpoint, signed: SignedText, name: str, keys: Iterable[VerifyingKey]) -> Verified:
    lines = {line.key_id: line for line in signed.lines if line.name == name}
    for key in keys:
        classical, lattice = (lines.get(identifier) for identifier in _identifiers(checkpoint.origin, name, key))
        if classical and lattice:
            timed = name != checkpoint.origin
            return Verified(checkpoint, key, _verify_pair(signed.body, timed, classical, lattice, key))
        if classical or lattice:
            raise JournalProblem("unsigned", algorithm="ML-DSA-65" if classical else "Ed25519", name=_cut(name))
    raise JournalProblem("unsigned", algorithm="Ed25519", name=_cut(name))


def _identifiers(journal: str, name: str, key: VerifyingKey) -> tuple[bytes, bytes]:
    """The ids of the two lines that `key` writes under `name` on a checkpoint of `journal`."""
    kind = JOURNAL_ED25519 if name == journal else COSIGNER_ED25519
    return key_id(name, kind, key.ed25519), key_id(name, OWN_ML_DSA_65, key.mldsa65)


def _verify_pair(body: str, timed: bool, classical: SignatureLine, lattice: SignatureLine, key: VerifyingKey) -> int:
    """The time (ms UTC) that the two lines of one signer state, once both verify."""
    stamp, raw, message = lattice.signature[:TIME_BYTES], classical.signature, body
    seconds = int.from_bytes(stamp, "big")
    if timed:
        if raw[:TIME_BYTES] != stamp:
            raise JournalProblem("other_times", name=_cut(classical.name))
        raw, message = raw[TIME_BYTES:], _timed(body, seconds)
    _check(classical.name, message, raw, key, ED25519)
    _check(lattice.name, _named(body, lattice.name, seconds), lattice.signature[TIME_BYTES:], key, ML_DSA_65)
    return seconds * 1000


def _check(name: str, message: str, signature: bytes, key: VerifyingKey, algorithm: int) -> None:
    try:
        verify_text(message, signature, key, algorithm)
    except SealProblem as problem:
        label = "Ed25519" if algorithm == ED25519 else "ML-DSA-65"
        raise JournalProblem("bad_signature", algorithm=label, name=_cut(name)) from problem


def _lattice_line(body: str, key: SigningKey, name: str, seconds: int) -> SignatureLine:
    raw = sign_text(_named(body, name, seconds), key, ML_DSA_65)
    stamp = seconds.to_bytes(TIME_BYTES, "big")
    return SignatureLine(name, key_id(name, OWN_ML_DSA_65, key.public.mldsa65), stamp + raw)


def _timed(body: str, seconds: int) -> str:
    """What a timestamped Ed25519 cosignature signs (C2SP tlog-cosignature, Ed25519 signed message)."""
    return f"cosignature/v1\ntime {seconds}\n{body}"


def _named(body: str, name: str, seconds: int) -> str:
    """What an ML-DSA-65 line signs; no body can begin like it, since the second line of a body is a number."""
    return f"{OWN_TYPE}\n{name}\ntime {seconds}\n{body}"


def _cut(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:40]
