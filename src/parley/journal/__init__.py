"""The journal: that something was recorded, in which order, and that nobody changed it afterwards.

It knows: how entries are hidden and hashed into a Merkle tree (RFC 6962); how a node signs the head of its tree and
how other parties cosign it; when to cosign; what proves that a journal was forked; how a node whose past was cut off
begins anew; and how a note is archived so that an outsider can check it in thirty years.

It refuses to know: where entries are kept, who holds which key (it is given keys, or root digests), what notes say,
what time it is. Verification raises JournalProblem.

Trees: leaf_hash, node_hash, root, Frontier, proofs and their checks. Entries: Leaf, LeafKind. Heads: Checkpoint and
its verbs, witness.consider; those that peers saw: compare, settles. Whole: verify_journal. Broken: Incarnation,
Evidence. Kept: build_archive, verify_archive.
"""

from parley.journal.archive import Archive, read_archive
from parley.journal.archivist import build_archive
from parley.journal.audit import Audit, Kept, verify_journal
from parley.journal.checklist import Report, root_digest_of, verify_archive
from parley.journal.checkpoint import (
    Checkpoint,
    Verified,
    attach,
    cosign,
    cosigner_name,
    cosigner_names,
    origin,
    party_of_cosigner,
    party_of_origin,
    read_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from parley.journal.equivocation import (
    Evidence,
    EvidenceKind,
    checkpoints_contradict,
    describe_evidence,
    fork_of_checkpoints,
    fork_of_serials,
    is_evidence,
    notes_contradict,
    read_evidence,
    verify_evidence,
)
from parley.journal.incarnation import (
    Incarnation,
    last_known,
    read_incarnation,
    sign_incarnation,
    verify_continues,
    verify_incarnation,
)
from parley.journal.leaves import Leaf, LeafKind, destroyed_leaf, new_leaf
from parley.journal.links import Link
from parley.journal.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from parley.journal.problems import JournalProblem
from parley.journal.sightings import (
    Proof,
    ProofWanted,
    Sight,
    Sighted,
    compare,
    read_heads,
    read_proof,
    read_proof_wanted,
    settles,
)
from parley.journal.witness import Answer, Decision, Remembered, consider

__all__ = [
    "EMPTY_ROOT",
    "Answer",
    "Archive",
    "Audit",
    "Checkpoint",
    "Decision",
    "Evidence",
    "EvidenceKind",
    "Frontier",
    "Incarnation",
    "JournalProblem",
    "Kept",
    "Leaf",
    "LeafKind",
    "Link",
    "Proof",
    "ProofWanted",
    "Remembered",
    "Report",
    "Sight",
    "Sighted",
    "Verified",
    "attach",
    "build_archive",
    "checkpoints_contradict",
    "compare",
    "consider",
    "consistency_proof",
    "cosign",
    "cosigner_name",
    "cosigner_names",
    "describe_evidence",
    "destroyed_leaf",
    "fork_of_checkpoints",
    "fork_of_serials",
    "inclusion_proof",
    "is_evidence",
    "last_known",
    "leaf_hash",
    "new_leaf",
    "node_hash",
    "notes_contradict",
    "origin",
    "party_of_cosigner",
    "party_of_origin",
    "read_archive",
    "read_checkpoint",
    "read_evidence",
    "read_heads",
    "read_incarnation",
    "read_proof",
    "read_proof_wanted",
    "root",
    "root_digest_of",
    "settles",
    "sign_checkpoint",
    "sign_incarnation",
    "verify_archive",
    "verify_checkpoint",
    "verify_consistency",
    "verify_continues",
    "verify_cosignature",
    "verify_evidence",
    "verify_incarnation",
    "verify_inclusion",
    "verify_journal",
]
