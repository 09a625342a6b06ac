"""Take letter: a parcel came by a bearer that proves nobody; the node's signed word inside says whose it is.

With that word it is taken by the same verb as one over HTTPS, charged to the same share, and answered into the outbox:
receipts go back by whatever bearer is quicker. Without it, only what is signed and public by itself is learned: a
stranger must not be able to fill a share, or the disk, in nobody's name.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from parley.desk import learn
from parley.desk.follow import PEER_LIFE
from parley.desk.node import Node
from parley.desk.receipts import enqueue_receipt
from parley.desk.receive import sealed_items, take_parcel
from parley.desk.roads import MAIL_IN
from parley.line.note import Precedence
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.line.ports import Tx
from parley.line.speaker import Speaker, judge_speaker
from parley.seal import digest
from parley.terms.problem import Problem

PUBLIC = (ItemKind.PARTICULARS, ItemKind.FRESHNESS)
MOST_NEWS_OF_NOBODY = 8  # items of a parcel without a speaker that are looked at


async def take_letter(node: Node, data: bytes) -> str:
    """Take a parcel durably and queue our receipts; returns the party whose it is.

    Raises LineProblem, SealProblem or DirectoryProblem when the parcel cannot be read or does not prove whose it is;
    that is recorded. A bad item in it is refused alone.
    """
    parcel = read_parcel(data)
    try:
        speaker = await _speaker(node, parcel)
    except Problem as problem:
        await learn.record_refused_news(node, None, problem, data)
        raise
    party = speaker.issuer
    node.roads.works(party, MAIL_IN, node.clock())
    if _of_former_life(node, speaker):  # what it says it has, it may have lost again
        parcel = msgspec.structs.replace(parcel, got=())
    news, receipts, put_off = await take_parcel(node, party, parcel)
    await _answer(node, receipts)
    node.news.setdefault(party, []).extend(news)
    learn.remember_got(node, party, [body for body in sealed_items(parcel) if digest(body) not in put_off])
    node.wake(party)
    return party


async def _speaker(node: Node, parcel: Parcel) -> Speaker:
    """Whose parcel it is; particulars in it may be what lists the key that it is signed with."""
    now = node.clock()
    try:
        return judge_speaker(parcel, directory=node.directory, us=node.party, now=now)
    except Problem:
        public = [(kind, body) for kind, body in parcel.items if kind in PUBLIC][:MOST_NEWS_OF_NOBODY]
        for kind, body in public:
            await learn.take_news(node, None, kind, body)
        return judge_speaker(parcel, directory=node.directory, us=node.party, now=now)


def _of_former_life(node: Node, speaker: Speaker) -> bool:
    life = node.store.look(lambda look: look.record(PEER_LIFE, speaker.issuer))
    return life is not None and life[:16] != speaker.incarnation


async def _answer(node: Node, receipts: Sequence[tuple[str, bytes]]) -> None:
    """Receipts into the outbox; one that waits there already is not queued again for a letter that came twice."""
    if not receipts:
        return
    now = node.clock()

    def unit(tx: Tx) -> None:
        for to, signed in receipts:
            if tx.outbox_for(digest(signed), to) is None:
                enqueue_receipt(node, tx, to, signed, Precedence.IMMEDIATE, now)

    await node.store.write(unit, point="collect")
