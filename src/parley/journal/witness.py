"""Whether to cosign another party's checkpoint: a decision over what was remembered, without memory of its own.

The rule is that of C2SP tlog-witness: cosign only what continues the largest tree already cosigned, remember it
*before* the cosignature leaves, and never step back. The caller keeps one `Remembered` per origin, durably, and
compares and replaces it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from parley.journal.checkpoint import Checkpoint, verify_checkpoint
from parley.journal.merkle import EMPTY_ROOT, verify_consistency
from parley.journal.problems import JournalProblem
from parley.seal import VerifyingKey

LONGEST_PROOF = 63  # C2SP tlog-witness, add-checkpoint


class Remembered(msgspec.Struct, frozen=True):
    """The largest tree of one journal that was cosigned here, and its signed text, which is the proof of it."""

    size: int
    root: bytes
    text: str


class Answer(Enum):
    """What to do with a checkpoint."""

    COSIGN = "cosign"
    BEHIND = "behind"  # smaller than what is remembered: old, or its journal was set back
    NO_PROOF = "no_proof"  # larger, and the proof does not start from what is remembered
    FORK = "fork"  # same size, other root: `equivocation.prove_fork` makes evidence of the two texts


class Decision(msgspec.Struct, frozen=True):
    """The answer, the checkpoint (its own signatures hold), and what to remember from now on.

    A peer that is refused is told `remember.size`, so that it can send the right proof.
    """

    answer: Answer
    checkpoint: Checkpoint
    remember: Remembered | None


def consider(
    remembered: Remembered | None, text: str, proof: Sequence[bytes], keys: Iterable[VerifyingKey]
) -> Decision:
    """Decide on the checkpoint `text` with a consistency `proof` from the remembered size.

    Args:
        remembered: what is kept for this origin; None if nothing was ever cosigned (then `proof` is empty).
        keys: the keys that may sign this journal: node keys of its party, from particulars in good standing.

    Raises JournalProblem where the journal's own signatures do not verify, or where the two are of different journals.
    """
    checkpoint = verify_checkpoint(text, keys).checkpoint
    if remembered is None:
        remember = Remembered(checkpoint.size, checkpoint.root, text)
        return Decision(Answer.NO_PROOF if proof else Answer.COSIGN, checkpoint, None if proof else remember)
    known = remembered.text.partition("\n")[0]
    if known != checkpoint.origin:
        raise JournalProblem("other_journal", found=checkpoint.origin, expected=known)
    answer = _compare(remembered, checkpoint, proof)
    if answer is Answer.COSIGN and checkpoint.size > remembered.size:
        remembered = Remembered(checkpoint.size, checkpoint.root, text)
    return Decision(answer, checkpoint, remembered)


def _compare(remembered: Remembered, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Answer:
    if checkpoint.size < remembered.size:
        return Answer.BEHIND
    if checkpoint.size == remembered.size:
        return Answer.COSIGN if checkpoint.root == remembered.root and not proof else _same_size(remembered, checkpoint)
    if len(proof) > LONGEST_PROOF:
        return Answer.NO_PROOF
    try:
        old = remembered.root if remembered.size else EMPTY_ROOT
        verify_consistency(remembered.size, old, checkpoint.size, checkpoint.root, proof)
    except JournalProblem:
        return Answer.NO_PROOF
    return Answer.COSIGN


def _same_size(remembered: Remembered, checkpoint: Checkpoint) -> Answer:
    return Answer.NO_PROOF if checkpoint.root == remembered.root else Answer.FORK
