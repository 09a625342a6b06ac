"""Judge one sealed item that came in: open it, verify it, decide; nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass

from parley.desk import give_back, restore
from parley.desk.node import Node
from parley.line.note import Note, Precedence, read_note
from parley.line.ports import HeldRow, Look
from parley.line.recall import Recall, Returned, judge_returned
from parley.line.receipt import Receipt, Stage, read_receipt
from parley.line.receiving import Kind, judge_note, judge_receipt, judge_void, open_item
from parley.line.serials import Seen
from parley.line.void import Void
from parley.seal import SealProblem, digest, peek, sealed_key_id
from parley.terms.problem import Problem


@dataclass
class Outcome:
    """What one item turned out to be: one of known, problem, note, receipt, void, recall, returned, own; or a `stage`
    below OPENED, or FULL."""

    digest: bytes
    size: int
    stage: Stage
    sealed: bytes
    known: HeldRow | None = None  # it came before: our stored receipt is sent again
    signed: bytes = b""
    note: Note | None = None
    note_id: bytes = b""
    receipt: Receipt | None = None
    void: Void | None = None
    recall: Recall | None = None  # a peer was restored from a backup and asks what it lacks
    returned: Returned | None = None  # we were, and a peer gave back all that it holds
    own: Note | None = None  # a note of ours that a peer gave back
    marks: tuple[str, ...] = ()
    problem: Problem | None = None
    party: str | None = None  # who is answered and charged: the verified signer, else the peer who brought it
    kind: Kind | None = None  # once it is open; by its own word
    spent_key: bytes | None = None
    taken_at: int = 0  # when its bytes were durable here, if that was before (the node was locked)
    fresh: bool = True  # False: the same note came before in other sealed bytes


BY_HAND = ""  # whose share is charged with what a locked node took by hand, until it is open
BESIDE = 8 * 1024  # bytes that an item costs here beside its own: receipt (kept twice), journal entry, rows


CHARGED = (None, Kind.NOTE, Kind.VOID)  # what a peer says of *our* notes costs no share of it


def cost(size: int) -> int:
    """What an item of `size` bytes counts for in its bringer's share: else a flood of tiny ones would be free."""
    return size + BESIDE


def judge(node: Node, peer: str | None, sealed: bytes) -> Outcome:
    """Open and verify one item, over one moment of the store; never raises for what a peer may have done."""
    return node.store.look(lambda look: _judge(node, look, peer, sealed))


def _judge(node: Node, look: Look, peer: str | None, sealed: bytes) -> Outcome:
    outcome = Outcome(digest(sealed), len(sealed), Stage.TAKEN, sealed, party=peer)
    known = look.held(outcome.digest)
    if known is not None and _let_go(known):
        known = None
    if known is not None and (known.stage != Stage.TAKEN or node.vault is None):
        outcome.known, outcome.stage, outcome.fresh = known, Stage(known.stage), False
        return outcome
    outcome.taken_at = known.at if known is not None else 0
    counted = peer is not None or node.vault is None  # by hand into a locked node: nobody knows yet whose it is
    full = known is None and counted and is_full(node, look, peer or BY_HAND, len(sealed), flash=True)
    if node.vault is None:
        outcome.stage = Stage.FULL if full else Stage.TAKEN
        return outcome
    try:
        _open(node, look, outcome)
    except SealProblem as problem:
        outcome.stage = Stage.UNOPENABLE if problem.key == "seal.no_key" else Stage.REFUSED
        outcome.problem = problem
    except Problem as problem:
        if problem.key != "directory.key_unknown" or not _of_newer_particulars(node, outcome):
            outcome.stage, outcome.problem = Stage.REFUSED, problem
    if full and outcome.kind in CHARGED:
        put_off(outcome)
    return outcome


def _let_go(known: HeldRow) -> bool:
    """Whether it came by hand, was opened at an unlock, and nobody was answered: the same file may come once more."""
    return known.peer == BY_HAND and known.sealed is None


def _of_newer_particulars(node: Node, outcome: Outcome) -> bool:
    """Whether it says, unverified, that it was signed under particulars that did not reach us yet.

    Parcels overtake each other: after a rotation a note may come before the version that lists its key. It is kept,
    and judged when that comes.
    """
    payload = peek(outcome.signed).payload
    match outcome.kind:
        case Kind.NOTE:
            note = read_note(payload)
            party, version = note.sender.party, note.particulars_version
        case Kind.RECEIPT:
            receipt = read_receipt(payload)
            party, version = receipt.issuer, receipt.particulars_version
        case _:
            return False
    return version > node.directory.entry(party).current.version


def put_off(outcome: Outcome) -> None:
    """Full: nothing of it is kept, so its one-time key is not spent and the same bytes may come again."""
    outcome.stage, outcome.note, outcome.void, outcome.problem, outcome.spent_key = Stage.FULL, None, None, None, None


def _open(node: Node, look: Look, outcome: Outcome) -> None:
    vault = node.open_vault()
    item = open_item(outcome.sealed, vault.opening)
    outcome.signed, outcome.kind = item.signed_unverified, item.kind
    now, directory = node.clock(), node.directory
    match item.kind:
        case Kind.RECEIPT:
            outcome.receipt = judge_receipt(outcome.signed, directory=directory, us=node.party, now=now).receipt
            outcome.party = outcome.receipt.issuer
        case Kind.VOID:
            outcome.void = judge_void(
                outcome.signed, directory=directory, us=node.party, serial_row=look.serial, now=now
            )
            outcome.party = outcome.void.sender.party
        case Kind.NOTE if item.party_unverified == node.party and look.incarnations()[1:]:
            outcome.own, outcome.note_id = restore.judge_own(node, outcome.signed)
        case Kind.NOTE:
            if outcome.party is None and item.party_unverified in directory.parties:
                outcome.party = item.party_unverified  # by hand a refusal is told to whom it names, sealed
            _open_note(node, look, outcome, now)
        case Kind.RECALL:
            outcome.recall = give_back.judge(node, outcome.signed, now)
            outcome.party = outcome.recall.party
        case Kind.RETURNED:
            outcome.returned = judge_returned(outcome.signed, directory=directory, us=node.party, now=now)
            outcome.party = outcome.returned.party
    if node.is_one_time(sealed_key_id(outcome.sealed)) and outcome.stage != Stage.FULL:
        outcome.spent_key = sealed_key_id(outcome.sealed)


def _open_note(node: Node, look: Look, outcome: Outcome, now: int) -> None:
    judged = judge_note(
        outcome.signed,
        directory=node.directory,
        us=node.party,
        our_offices={office.id: office.kind for office in node.our_particulars().offices},
        serial_row=look.serial,
        referred=look.note,
        now=now,
        library=node.library,
    )
    outcome.note, outcome.note_id, outcome.marks = judged.note, judged.note_id, judged.marks
    outcome.party = judged.note.sender.party
    outcome.fresh = judged.seen is Seen.NEW
    flash = judged.note.precedence is Precedence.FLASH
    if outcome.fresh and not outcome.taken_at and is_full(node, look, outcome.party, outcome.size, flash=flash):
        put_off(outcome)
    else:
        outcome.stage = Stage.OPENED


def is_full(node: Node, look: Look, party: str, size: int, *, flash: bool, beside: int = 0) -> bool:
    """Whether an item of `size` bytes would exceed what a party may occupy here; a part of its share is for FLASH.

    `beside`: what came with it and is not written yet.
    """
    share = node.limits.share
    allowed = share if flash else int(share * (1 - node.limits.share_for_flash))
    return look.stored_from(party) + beside + cost(size) > allowed
