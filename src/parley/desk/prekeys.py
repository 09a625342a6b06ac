"""Prekeys: the keys that peers seal to. A private one is wrapped under its day's key and erased with that day.

The rotating prekey changes every day and is announced in our freshness. One-time prekeys are given to one peer on our
receipts; a note sealed to one cannot be opened by anybody once it has been opened here.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from parley.desk.node import Node, Vault
from parley.line.ports import Tx
from parley.line.receipt import OneTimePrekey
from parley.seal import OpeningKey, SealingKey, SealProblem
from parley.terms.problem import Problem

KIND = "prekey"
PEER_KIND = "peer-prekey"
DAY = 86_400_000
BATCH = 4  # one-time keys a peer gets at a time
BATCH_EVERY = 60_000  # at most once a minute: a burst falls back to the rotating key


class StoredPrekey(msgspec.Struct, frozen=True):
    """A private prekey at rest, wrapped under the key of the day of `erase_at` (ms UTC): expiry plus transit."""

    seed: bytes
    not_before: int
    expires_at: int
    erase_at: int
    for_party: str = ""  # of a one-time key: the only party that has it


def new_prekey(node: Node, tx: Tx, now: int, for_party: str = "") -> tuple[OpeningKey, StoredPrekey]:
    """Make and keep one prekey; raises DeskProblem("locked")."""
    vault = node.open_vault()
    key = OpeningKey.generate(node.rng)
    expires = now + node.limits.prekey_life
    erase_at = expires + node.limits.transit
    day = erase_at // DAY
    wrapped = vault.day_keys.wrap(day, key.seed, b"prekey " + key.key_id)
    stored = StoredPrekey(wrapped, now, expires, erase_at, for_party)
    tx.put(KIND, key.key_id.hex(), msgspec.msgpack.encode(stored))
    vault.opening[key.key_id] = key
    if for_party:
        vault.one_time.add(key.key_id)
    return key, stored


def load(node: Node, vault: Vault) -> int:
    """Unwrap every prekey whose day key still exists; returns how many. Called when the node is unlocked."""
    for key_id, value in node.store.look(lambda look: look.records(KIND)):
        stored = msgspec.msgpack.decode(value, type=StoredPrekey)
        identity = bytes.fromhex(key_id)
        try:
            seed = vault.day_keys.unwrap(stored.seed, b"prekey " + identity)
        except Problem:
            continue  # the day's key is gone: this prekey is erased, only its row is left
        vault.opening[identity] = OpeningKey(identity, seed)
        if stored.for_party:
            vault.one_time.add(identity)
    return len(vault.opening)


def current(node: Node, now: int) -> tuple[SealingKey, StoredPrekey] | None:
    """The rotating prekey that peers should use now, if one has at least half of its life left."""
    best: tuple[SealingKey, StoredPrekey] | None = None
    vault = node.open_vault()
    for key_id, value in node.store.look(lambda look: look.records(KIND)):
        stored = msgspec.msgpack.decode(value, type=StoredPrekey)
        key = vault.opening.get(bytes.fromhex(key_id))
        if key is None or stored.for_party or stored.expires_at - now < node.limits.prekey_life // 2:
            continue
        if best is None or stored.expires_at > best[1].expires_at:
            best = key.public, stored
    return best


async def erase_expired(node: Node, now: int) -> int:
    """Erase private prekeys past their time, then forget the day keys that wrapped them; returns how many went."""
    vault = node.open_vault()

    def unit(tx: Tx) -> list[str]:
        gone = []
        for key_id, value in tx.records(KIND):
            if msgspec.msgpack.decode(value, type=StoredPrekey).erase_at <= now:
                tx.drop(KIND, key_id)
                gone.append(key_id)
        return gone

    gone = await node.store.write(unit, point="erase")
    for key_id in gone:
        vault.opening.pop(bytes.fromhex(key_id), None)
        vault.one_time.discard(bytes.fromhex(key_id))
    vault.day_keys.erase_before(now // DAY)
    return len(gone)


def one_time_for(node: Node, tx: Tx, party: str, now: int) -> tuple[OneTimePrekey, ...]:
    """A small batch of one-time keys for a peer, or none if it had some lately or the node is locked."""
    if node.vault is None or now - node.issued.get(party, -BATCH_EVERY) < BATCH_EVERY:
        return ()
    node.issued[party] = now
    made = [new_prekey(node, tx, now, for_party=party) for _ in range(BATCH)]
    return tuple(OneTimePrekey(key.key_id, key.public.public, stored.expires_at) for key, stored in made)


def pick(node: Node, party: str, now: int) -> tuple[SealingKey | None, bool]:
    """The key to seal the next note to: a one-time key of the peer if we have one, else its rotating key.

    None when the peer has no usable key: the note waits for one. A one-time key picked here is used up.
    """
    waiting = node.one_time.get(party, [])
    while waiting:
        found = waiting.pop(0)
        if found.expires_at > now:
            with suppress(SealProblem):  # no key at all: it must not stop what goes to others as well
                return SealingKey(found.key_id, found.public), True
    return node.sealing_key_or_none(party), False


def remember_one_time(node: Node) -> None:
    """Fill `node.one_time` from the store, at start."""
    for key, value in node.store.look(lambda look: look.records(PEER_KIND)):
        node.one_time.setdefault(key.split(" ")[0], []).append(msgspec.msgpack.decode(value, type=OneTimePrekey))
