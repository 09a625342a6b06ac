"""What can go wrong with a store, whose fault it is, and how far the damage goes."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class StoreProblem(Problem):
    """The store could not do what was asked. Nothing of the unit that raised it is kept, unless `stopped` says so."""

    ROOM: ClassVar[str] = "store"
    TABLE: ClassVar[dict[str, Says]] = {
        # opening
        "in_use": Says(
            Fault.YOURS,
            "{place} is already open in another process ({holder}).",
            "Give the command to the running node, or stop it first; two writers never share a store.",
        ),
        "unreadable": Says(
            Fault.MACHINE,
            "{place} cannot be opened: {reason}.",
            "Check that the path is right and that this user may read and write it.",
        ),
        "not_ours": Says(
            Fault.YOURS, "{place} is not a store of Parley.", "Check the path; nothing in that file was changed."
        ),
        "newer": Says(
            Fault.YOURS,
            "{place} was written by a newer release (version {found}, this one knows {known}).",
            "Install that release again; an older one would not understand what it holds.",
        ),
        "older": Says(
            Fault.YOURS,
            "{place} was written by an older release (version {found}) and was opened for reading only.",
            "Start the node once: it brings the store up to date.",
        ),
        "too_old": Says(
            Fault.MACHINE,
            "This machine's SQLite is {found}; a store needs {needed} or later.",
            "Use a Python that brings a newer SQLite, or PostgreSQL.",
        ),
        "no_origin": Says(
            Fault.YOURS, "{place} does not say whose store it is.", "Name party, node and incarnation when opening it."
        ),
        "other_node": Says(
            Fault.YOURS, "{place} belongs to {party}, node {node}.", "Open the store of this node instead."
        ),
        "old_incarnation": Says(
            Fault.YOURS,
            "{place} was already continued under a later incarnation.",
            "Open it under its last incarnation, or restore it under a new one.",
        ),
        "read_only": Says(Fault.OURS, "The store was opened for reading only.", "Open it for writing."),
        "no_driver": Says(
            Fault.YOURS, "PostgreSQL was asked for, but its driver is not installed.", "pip install 'parley[postgres]'"
        ),
        "not_durable": Says(
            Fault.MACHINE,
            "The server has {setting} switched off, so it may lose what it has confirmed.",
            "Switch {setting} on in postgresql.conf and start the server again.",
        ),
        "not_unicode": Says(
            Fault.MACHINE,
            "The database keeps text as {encoding}, which cannot hold every language.",
            "Create the database anew with ENCODING 'UTF8' TEMPLATE template0.",
        ),
        # while it runs
        "stopped": Says(
            Fault.MACHINE,
            "The store has stopped: {reason}. What it last wrote may or may not be on the disk.",
            "Check the disk, then start the node again: it reads back what is there. Nothing acknowledged is lost.",
        ),
        "closed": Says(Fault.OURS, "The store is closed.", "Open it again."),
        "damaged": Says(
            Fault.MACHINE,
            "The store is damaged: {where}.",
            "Stop the node, keep the file for examination, and restore the last backup.",
        ),
        "disk_full": Says(
            Fault.MACHINE,
            "The disk is full; nothing of this was written.",
            "Free some space and try again; what was acknowledged before is safe.",
        ),
        "busy": Says(
            Fault.MACHINE,
            "Another program keeps the database locked.",
            "Close it (a database browser, a copying program) and try again.",
        ),
        "unreachable": Says(
            Fault.MACHINE,
            "The database server does not answer: {reason}.",
            "Start it, or check the address; try again.",
        ),
        # what a unit asked for
        "conflict": Says(Fault.OURS, "The store refused a row: {reason}.", "See the log; report it."),
        "bad_text": Says(Fault.OURS, "Text for the store contains a NUL or a lone surrogate.", "Clean it first."),
        "out_of_range": Says(Fault.OURS, "A number for the store does not fit into 64 bits.", "Check it first."),
        "note_twice": Says(Fault.OURS, "Note {note} is already in the store.", "Look for it before adding it."),
        "no_note": Says(Fault.OURS, "Note {note} is not in the store.", "Add it first."),
        "no_leaf": Says(Fault.OURS, "The journal has no entry {index}.", "Ask for one below its size."),
        "leaf_destroyed": Says(
            Fault.YOURS, "Entry {index} was destroyed under a retention rule.", "Only its hash is left."
        ),
        "serial_twice": Says(
            Fault.OURS, "Serial {serial} of {sender} is already taken by another note.", "Compare before recording it."
        ),
        # backups
        "not_backed_up": Says(
            Fault.MACHINE,
            "No backup was written to {path}: {reason}.",
            "Check the folder and the space left; try again.",
        ),
        "not_empty": Says(Fault.YOURS, "{place} already holds a store.", "Choose an empty place."),
    }


class Reach(Enum):
    """How far a failure goes."""

    UNIT = "unit"  # the unit that caused it; the others of its group commit
    GROUP = "group"  # the group that was to be committed; the store goes on
    STORE = "store"  # the store: what is on disk is unknown or wrong


_GROUP = frozenset({"store.disk_full", "store.busy", "store.unreachable"})
_STORE = frozenset({"store.stopped", "store.damaged"})


def reach(problem: StoreProblem) -> Reach:
    """How far `problem` goes."""
    if problem.key in _STORE:
        return Reach.STORE
    return Reach.GROUP if problem.key in _GROUP else Reach.UNIT


def again(problem: StoreProblem) -> StoreProblem:
    """The same problem for another caller: an exception raised in several tasks collects all their tracebacks."""
    return StoreProblem(problem.key.partition(".")[2], **problem.arguments)
