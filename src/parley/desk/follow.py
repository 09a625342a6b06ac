"""Follow: what a note, a receipt or a reply does to conversations. Everything here runs inside a unit.

The rules are the line's tables; this module finds the conversation that news is about, feeds the event, writes the
result, and carries out the effects that need no officer.
"""

from __future__ import annotations

import msgspec

from parley.desk.node import Node
from parley.desk.receipts import reseal_signed
from parley.line.clocks import next_clock
from parley.line.conversation import Conversation, read_conversation
from parley.line.events import (
    ClarificationCame,
    ClarificationSent,
    Effect,
    Event,
    OfferClarification,
    Opened,
    ProposeCall,
    ReceiptCame,
    Remind,
    Reseal,
    SealedAndQueued,
    TryAlternateOffice,
)
from parley.line.note import Note, read_note
from parley.line.ports import ConversationRow, Look, OutboxRow, Tx
from parley.line.problems import LineProblem
from parley.line.reading import answered, begin_incoming, begin_outgoing, clarifies, judged
from parley.line.receipt import Entry, Receipt, Stage
from parley.line.withheld import withheld_stages
from parley.seal import digest, peek, seal

PROPOSAL = "proposal"  # what the line proposes to our officer and never does by itself
UNJUDGED = "unjudged"  # read-backs that came while we were locked
UNSEALED = "unsealed"  # notes of ours that wait for a key of their recipient, by party and note id
PEER_LIFE = "peer-life"  # by party: the incarnation that its last restore began, and when (8 bytes, ms of its clock)


def begin(
    node: Node,
    tx: Tx,
    note: Note,
    identity: bytes,
    party: str,
    sealed: bytes | None,
    now: int,
    *,
    by_hand: bool = False,
) -> None:
    """Our note was sealed for `party` and queued; None: it waits for a key of theirs, or (`by_hand`) goes as text."""
    conversation = begin_outgoing(note, identity, party, node.library)
    if sealed is None:
        _write(node, tx, conversation)
        if not by_hand:  # else it would go out sealed as well, on the day that they are accepted
            tx.put(UNSEALED, f"{party} {identity.hex()}", b"")
    else:
        _turn(node, tx, conversation, SealedAndQueued(digest(sealed)), now)


def begin_returned(node: Node, tx: Tx, note: Note, identity: bytes, party: str) -> None:
    """A note of ours that our own journal lost, and that `party` has: what they say of it comes with their receipts."""
    _write(node, tx, begin_outgoing(note, identity, party, node.library))


def begin_their(node: Node, tx: Tx, note: Note, identity: bytes, taken_at: int, now: int) -> None:
    """Their note was opened here; clocks run from `taken_at`, when its bytes were durable."""
    _turn(node, tx, begin_incoming(note, identity, taken_at, node.library), Opened(), now)


def follow_reply(node: Node, tx: Tx, note: Note, now: int) -> None:
    """Our note answers or clarifies others: their conversations move."""
    for recipient in note.recipients:
        _follow_references(node, tx, note, recipient.address.party, now, ours=True)


def follow_incoming(node: Node, tx: Tx, note: Note, now: int) -> None:
    """Their note answers or clarifies others: our conversations move."""
    _follow_references(node, tx, note, note.sender.party, now, ours=False)


def follow_entry(node: Node, tx: Tx, receipt: Receipt, entry: Entry, now: int) -> None:
    """One entry of a peer's receipt about a note of ours; what is about nothing of ours changes nothing."""
    party = receipt.issuer
    row = tx.outbox_for(entry.note, party) if entry.note is not None else tx.outbox_by_digest(entry.sealed)
    identity = entry.note or (row.object_id if row is not None else None)
    if identity is None:
        return
    if (
        row is not None
        and row.peer == party
        and row.kind == "note"
        and entry.stage not in (Stage.FULL, Stage.UNOPENABLE)
        and not _of_former_life(tx, receipt)
    ):
        tx.dequeue([row.seq])
    if row is not None and row.peer == party and row.kind == "receipt" and entry.stage == Stage.UNOPENABLE:
        reseal_signed(node, tx, row, now)
        return
    conversation = stored(tx, identity, party)
    if conversation is None:
        return
    try:
        conversation = _with_lost_copy(node, tx, conversation, entry, now)
        event = ReceiptCame(entry, receipt.signed_at, withheld_stages(receipt))
        conversation = _turn(node, tx, conversation, event, now)
        if entry.stage == Stage.READ_BACK:
            judge_back(node, tx, conversation, entry, now)
    except LineProblem as problem:
        _record_misfit(tx, party, identity, problem, now)


def _of_former_life(tx: Tx, receipt: Receipt) -> bool:
    """Whether it was given before the peer was restored from a backup: what it took then it may have lost again."""
    life = tx.record(PEER_LIFE, receipt.issuer)
    return life is not None and life[:16] != receipt.incarnation


def _with_lost_copy(node: Node, tx: Tx, conversation: Conversation, entry: Entry, now: int) -> Conversation:
    """After our own restore, a receipt may name a sealing that our journal lost: the peer's signature stands for it."""
    known = not conversation.outgoing or any(copy.sealed == entry.sealed for copy in conversation.copies)
    if known or entry.note is None or len(tx.incarnations()) < 2:
        return conversation
    return _turn(node, tx, conversation, SealedAndQueued(entry.sealed), now)


def judge_back(node: Node, tx: Tx, conversation: Conversation, entry: Entry, now: int) -> None:
    """Compare a read-back with the codes of our own note; a locked node does so when it is unlocked."""
    back = entry.read_back
    if back is None:
        return
    if node.vault is None:
        tx.put(
            UNJUDGED, f"{conversation.party} {conversation.note_id.hex()} {back.attempt}", msgspec.msgpack.encode(entry)
        )
        return
    _turn(node, tx, conversation, judged(our_note(node, tx, conversation.note_id), back, node.library), now)


def our_note(node: Node, tx: Tx, identity: bytes) -> Note:
    """A note of this desk, parsed; raises LineProblem or DeskProblem("locked")."""
    row = tx.note(identity)
    if row is None or row.body is None:
        raise LineProblem("unknown_reference", reference=identity.hex()[:16])
    return read_note(peek(node.unlock_body(identity, row.body)).payload)


def stored(tx: Tx, identity: bytes, party: str) -> Conversation | None:
    """The conversation about a note with a party."""
    row = tx.conversation(identity, party)
    return None if row is None else read_conversation(row.state)


def move(node: Node, tx: Tx, identity: bytes, party: str, event: Event, now: int) -> Conversation:
    """Feed one event to a stored conversation; raises LineProblem if there is none or the event does not fit."""
    conversation = stored(tx, identity, party)
    if conversation is None:
        raise LineProblem("unknown_reference", reference=identity.hex()[:16])
    return _turn(node, tx, conversation, event, now)


def _turn(node: Node, tx: Tx, conversation: Conversation, event: Event, now: int) -> Conversation:
    after, effects = conversation.on(event, now)
    _write(node, tx, after)
    if node.happened is not None and after != conversation:  # late or repeated news is none
        node.happened(tx, after, event, now)
    for effect in effects:
        after = _carry_out(node, tx, after, effect, now)
    return after


def _write(node: Node, tx: Tx, after: Conversation) -> None:
    node.touched(after.note_id)
    tx.set_conversation(
        ConversationRow(note_id=after.note_id, party=after.party, state=after.to_bytes(), due=next_clock(after))
    )


def _carry_out(node: Node, tx: Tx, conversation: Conversation, effect: Effect, now: int) -> Conversation:
    match effect:
        case Reseal() if node.vault is not None:
            return reseal(node, tx, conversation, now)
        case OfferClarification() | ProposeCall() | TryAlternateOffice() | Remind():
            name = type(effect).__name__
            body = msgspec.msgpack.encode({"effect": name, "at": now, **msgspec.structs.asdict(effect)})
            tx.put(PROPOSAL, f"{conversation.note_id.hex()} {conversation.party} {name}", body)
    return conversation


def unsealed_parties(look: Look) -> list[str]:
    """The parties for which notes of ours wait for a key."""
    return list(dict.fromkeys(key.split(" ")[0] for key, _ in look.records(UNSEALED)))


def seal_waiting(node: Node, tx: Tx, party: str, now: int) -> int:
    """Seal what waited for a key of `party`; returns how many notes that were. The vault must be open."""
    waiting = tx.records(UNSEALED, f"{party} ")
    for key, _ in waiting:
        conversation = stored(tx, bytes.fromhex(key.split(" ")[1]), party)
        tx.drop(UNSEALED, key)
        if conversation is not None:
            reseal(node, tx, conversation, now)
    return len(waiting)


def reseal(node: Node, tx: Tx, conversation: Conversation, now: int) -> Conversation:
    """The same signed note, same id, to the newest key that the peer has announced; without one it waits for it.

    Never to a one-time key: a peer that lacks the key of the last copy may lack all that it gave before.
    """
    row = tx.note(conversation.note_id)
    if row is None or row.body is None:
        return conversation
    key = node.sealing_key_or_none(conversation.party)
    if key is None:
        tx.put(UNSEALED, f"{conversation.party} {conversation.note_id.hex()}", b"")
        return conversation
    sealed = seal(node.unlock_body(row.note_id, row.body), key)
    old = tx.outbox_for(row.note_id, conversation.party)
    if old is not None:
        tx.dequeue([old.seq])
    queue_note(tx, row.note_id, conversation.party, row.precedence, sealed, now)
    return _turn(node, tx, conversation, SealedAndQueued(digest(sealed)), now)


def queue_note(tx: Tx, identity: bytes, party: str, precedence: int, sealed: bytes, now: int) -> None:
    """One sealed copy into the outbox."""
    tx.enqueue(
        OutboxRow(
            seq=0,
            peer=party,
            precedence=precedence,
            kind="note",
            object_id=identity,
            digest=digest(sealed),
            sealed=sealed,
            attempts=0,
            due=now,
        )
    )


def _follow_references(node: Node, tx: Tx, note: Note, party: str, now: int, *, ours: bool) -> None:
    answer, clarified = answered(note), clarifies(note)
    if answer is None and clarified is None:
        return
    event: Event = answer or (ClarificationSent() if ours else ClarificationCame())
    # An answer is about a note of the other side, a clarification about one of its own.
    about_ours = ours is (answer is None)
    for identity in note.refers_to:
        conversation = stored(tx, identity, party)
        if conversation is None or conversation.outgoing is not about_ours:
            continue
        try:
            _turn(node, tx, conversation, event, now)
        except LineProblem as problem:
            _record_misfit(tx, party, identity, problem, now)


def _record_misfit(tx: Tx, party: str, identity: bytes, problem: LineProblem, now: int) -> None:
    """News that does not fit is written down and changes nothing: one odd entry must not undo a whole parcel."""
    record = msgspec.msgpack.encode({"key": problem.key, "arguments": problem.arguments, "at": now})
    tx.put("misfit", f"{party} {identity.hex()[:16]} {problem.key}", record)
