"""What can be wrong with a journal, a checkpoint, a proof or an archive: the room's table of problems."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says

_ASK = "Ask the other party for it again by another bearer; keep what came as evidence."
_FILE = "Get a fresh copy of the file from whoever made it."
_STOP = "Do not send from this node. Restore the newest backup into a new incarnation and tell your peers."


class JournalProblem(Problem):
    """A journal, a checkpoint, a proof or an archive that does not verify."""

    ROOM: ClassVar[str] = "journal"
    TABLE: ClassVar[dict[str, Says]] = {
        # proofs
        "bad_hash": Says(Fault.PEER, "A hash is not 32 bytes long.", _ASK),
        "bad_frontier": Says(Fault.MACHINE, "The saved head of the journal does not fit its size {size}.", _STOP),
        "no_such_leaf": Says(Fault.OURS, "There is no leaf {index} in a tree of size {size}.", "Report this defect."),
        "not_included": Says(Fault.PEER, "The entry {index} is not in the tree of size {size}.", _ASK),
        "not_consistent": Says(
            Fault.PEER,
            "The tree of size {new} does not continue the tree of size {old}.",
            "Do not cosign. Keep both checkpoints, and ask the other party to explain through another channel.",
        ),
        # leaves
        "bad_leaf": Says(Fault.MACHINE, "Entry {index} of the journal cannot be an entry: {why}.", _STOP),
        # signed text
        "bad_text": Says(Fault.PEER, "A checkpoint is not in the form that C2SP lays down: {why}.", _ASK),
        "bad_checkpoint": Says(Fault.PEER, "A checkpoint cannot be one: {why}.", _ASK),
        "bad_name": Says(Fault.PEER, "“{given}” cannot be the name of a journal or of a cosigner.", _ASK),
        "unsigned": Says(Fault.PEER, "A checkpoint lacks the {algorithm} signature of {name}.", _ASK),
        "bad_signature": Says(Fault.PEER, "The {algorithm} signature of {name} on a checkpoint is not valid.", _ASK),
        "other_times": Says(Fault.PEER, "The two cosignatures of {name} state different times.", _ASK),
        "unknown_line": Says(Fault.PEER, "A checkpoint carries a signature line that nobody here can check.", _ASK),
        # own journal as a whole
        "gap": Says(Fault.MACHINE, "The journal jumps from entry {expected} to entry {found}.", _STOP),
        "leaf_changed": Says(Fault.MACHINE, "Entry {index} of the journal does not give its recorded hash.", _STOP),
        "unrecorded_destruction": Says(
            Fault.MACHINE, "The body of entry {index} is gone and no entry records that it was destroyed.", _STOP
        ),
        "bad_order": Says(Fault.MACHINE, "The checkpoint of size {second} stands after that of size {first}.", _STOP),
        "other_root": Says(
            Fault.MACHINE, "The checkpoint of size {size} has another root than the entries give.", _STOP
        ),
        "cut_short": Says(Fault.MACHINE, "The journal has {size} entries; a checkpoint counts {claimed}.", _STOP),
        "other_journal": Says(Fault.PEER, "A checkpoint of {found} was given for the journal {expected}.", _ASK),
        # retention
        "bad_rule": Says(
            Fault.YOURS,
            "The retention rule “{name}” cannot be one: {why}.",
            "Mend it in parley.toml; nothing was destroyed.",
        ),
        # incarnations
        "bad_incarnation": Says(Fault.PEER, "The record of a new incarnation cannot be one: {why}.", _ASK),
        "unlinked": Says(Fault.PEER, "An incarnation does not continue the one before it: {why}.", _ASK),
        # equivocation
        "bad_evidence": Says(Fault.PEER, "This is not evidence of equivocation: {why}.", _FILE),
        "bad_sighting": Says(Fault.PEER, "News of another party's journal cannot be read: {why}.", _ASK),
        "too_many_journals": Says(
            Fault.PEER,
            "{party} showed more journals than are kept of one party.",
            "Ask {party} why its node begins anew so often; raise it with its registrar.",
        ),
        # archive: one key for each class of failure, the same names as in spec/verify_archive.py
        "not_an_archive": Says(Fault.PEER, "The file is not an archive: {why}.", _FILE),
        "bad_structure": Says(Fault.PEER, "The archive lacks a part or has one too many: {why}.", _FILE),
        "bad_particulars": Says(Fault.PEER, "The particulars of {party} do not verify: {why}.", _FILE),
        "no_root": Says(
            Fault.YOURS,
            "No root digest was given for {party}.",
            "Give the digest that both sides confirmed at the ceremony with {party}.",
        ),
        "other_roots": Says(
            Fault.PEER,
            "The root keys of {party} in the archive are not those of the digest that was given.",
            "Compare the digest with the record of the ceremony. If it is right, the archive is not of that party.",
        ),
        "unused_root": Says(
            Fault.YOURS,
            "A root digest was given for {party}, but nothing in the archive comes from {party}.",
            "Leave it out if that is expected; otherwise something was taken out of the archive.",
        ),
        "bad_note": Says(Fault.PEER, "The note does not verify: {why}.", _FILE),
        "bad_entry": Says(Fault.PEER, "The journal entry in the archive does not fit the note: {why}.", _FILE),
        "bad_journal_party": Says(Fault.PEER, "The journal in the archive is not that of sender or recipient.", _FILE),
        "other_incarnation": Says(
            Fault.PEER, "The journal in the archive is of another incarnation of {party} than the note.", _FILE
        ),
        "bad_receipt": Says(Fault.PEER, "A receipt in the archive does not verify: {why}.", _FILE),
        "revoked": Says(
            Fault.PEER,
            "A key of {party} was revoked, and no other party's cosignature shows that it signed before that.",
            "Treat the note as unproven.",
        ),
    }
