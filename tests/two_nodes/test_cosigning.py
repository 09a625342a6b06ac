"""Cosigning on a timer, between two real nodes over HTTPS: heads are signed, shown, cosigned; a fork is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from parley.directory import root_digest, verify_signed
from parley.journal import Checkpoint, describe_evidence, origin, read_checkpoint, sign_checkpoint
from parley.line.parcel import ItemKind, Parcel, read_parcel
from parley.outside.bearers.https import Endpoint, HttpsBearer
from parley.outside.keys.files import read_node
from parley.seal import encode
from parley.testing import SimulatedParty, pair

from .real_node import RealNode, until


def cosigned(node: RealNode) -> int:
    """How many entries the newest head has that the other one cosigned; 0 if the newest is not cosigned."""
    return int(node.door.call("cosigned")["size"])


def test_heads_are_signed_on_a_timer_and_cosigned_by_the_peer_after_a_proof(nodes: tuple[RealNode, RealNode]) -> None:
    """Nobody asks for it. The second head is cosigned after a proof that it continues the first, restart or not."""
    a, b = nodes
    assert a.arrives(a.write("XB"), "XB")
    until(lambda: cosigned(a) > 0)
    first = cosigned(a)
    b.end()
    b.start()
    b.await_start()
    assert a.arrives(a.write("XB"), "XB", seconds=60)
    until(lambda: cosigned(a) > first, seconds=60)
    assert a.door.call("verify")["checkpoints"] >= 2
    assert a.door.call("evidence") == []
    assert b.door.call("evidence") == []


def test_a_head_that_contradicts_the_remembered_one_is_refused_and_kept_for_a_stranger(
    nodes: tuple[RealNode, RealNode], tmp_path: Path
) -> None:
    """Whoever has XA's folder signs another tree of the size that XB cosigned, and shows it as XA would."""
    a, b = nodes
    until(lambda: cosigned(a) > 0)
    size = cosigned(a)
    keys = read_node(a.home.node_key)
    incarnation = bytes.fromhex(a.door.call("cosigned")["origin"].rpartition("/")[2])
    forged = sign_checkpoint(Checkpoint(origin("XA", incarnation), size, bytes(32)), keys.signing, 1_795_000_000_000)
    reply = asyncio.run(exchange(a, b, Parcel(items=((int(ItemKind.CHECKPOINT), encode([forged, 0, []])),))))
    assert ItemKind.COSIGNATURE not in [kind for kind, _ in reply.items]
    assert [one["kind"] for one in b.door.call("evidence")] == ["checkpoints"]
    said = describe_evidence(b.door.call("export_evidence", number=1), {"XA": root_of(a)})
    assert (said["size"], bytes(32).hex() in (said["one"], said["other"])) == (size, True)
    assert any("two histories" in row["what"] for row in b.door.call("doctor", serving=True) if not row["ok"])


async def exchange(here: RealNode, there: RealNode, parcel: Parcel) -> Any:
    """One parcel over HTTPS under the certificate of `here`."""
    ours, theirs = read_node(here.home.node_key), read_node(there.home.node_key)
    bearer = HttpsBearer(ours.tls_certificate, ours.tls_key, party=here.code)
    try:
        endpoint = Endpoint(there.home.settings().listen, (theirs.tls_certificate,))
        return read_parcel(await bearer.exchange(endpoint, parcel.to_bytes(), timeout_s=20))
    finally:
        bearer.close()


def root_of(node: RealNode) -> bytes:
    found = verify_signed(node.door.call("export_particulars")).particulars
    return root_digest(node.code, found.roots, found.threshold)


def test_no_note_makes_a_head() -> None:
    """Sizes of trees tell how much is written: only the timer signs one."""

    async def story() -> None:
        a, b = await pair()
        for _ in range(3):
            await a.write(b, 1, {10: "timetable"})
            await a.deliver_to(b)
            await b.deliver_to(a)
        assert heads(a) == heads(b) == []

    asyncio.run(story())


def heads(party: SimulatedParty) -> list[int]:
    records = party.node.store.look(lambda look: look.records("checkpoint"))
    return [read_checkpoint(text.decode())[0].size for _, text in records]
