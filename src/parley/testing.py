"""Parts for tests, of Parley and of its users: a fake clock, parties with keys, nodes in memory, a bearer between them.

Nothing here opens a socket or a file. Two nodes made here speak the same bytes as two nodes over HTTPS.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parley import directory, forms
from parley.desk import (
    compose,
    draft,
    drill_run,
    follow,
    freshen,
    give_back,
    learn,
    particulars,
    prekeys,
    receipts,
    release,
    restart,
    restore,
)
from parley.desk.deliver import deliver
from parley.desk.node import Limits, Node, Vault
from parley.desk.receive import receive
from parley.directory import Bearer, Office, Particulars
from parley.line.ports import Look, Origin, Store
from parley.line.roads import Bounce, Letter, Place
from parley.outside.store import MemoryStore, open_sqlite, restore_sqlite
from parley.seal import Domain, SealProblem, SigningKey, decode, encode, lock, sign, unlock
from parley.terms.party import Address
from parley.terms.problem import Problem

START = 1_494_576_000_000
"""2017-05-12T08:00:00Z, the morning of WannaCry, in ms."""
DAY = 86_400_000


class FakeClock:
    """A clock that goes only when told to; ms since the Unix epoch, UTC."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def sleep(self, ms: int) -> None:
        """Let `ms` pass."""
        self.now += ms


class SeededRandomness:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed.encode(), 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(self._seed + self._count.to_bytes(8, "big")).digest(size)


class MemoryDayKeys:
    """Day keys that live in memory."""

    def __init__(self, rng: Callable[[int], bytes]) -> None:
        self._rng, self.keys = rng, dict[int, bytes]()

    def wrap(self, day: int, secret: bytes, context: bytes) -> bytes:
        """As parley.outside.keys.day_keys."""
        key = self.keys.setdefault(day, self._rng(32))
        return encode([day, lock(key, secret, context, self._rng)])

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """As parley.outside.keys.day_keys."""
        match decode(wrapped):
            case [int(day), bytes(locked)] if day in self.keys:
                return unlock(self.keys[day], locked, context)
        raise SealProblem("not_unlocked")

    def erase_before(self, day: int) -> None:
        """As parley.outside.keys.day_keys."""
        self.keys = {held: key for held, key in self.keys.items() if held >= day}


@dataclass
class PartyKeys:
    """All private keys of a fictional party, from a seed."""

    party: str
    seed: str = ""
    roots: list[SigningKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = SeededRandomness(f"keys {self.party} {self.seed}")
        self.roots = self.roots or [SigningKey.generate(rng) for _ in range(3)]
        self.office, self.node = SigningKey.generate(rng), SigningKey.generate(rng)
        self.certificate = b"certificate of " + self.party.encode() + rng(16)

    def particulars(self, now: int, previous: Particulars | None = None, **changes: Any) -> Particulars:
        """The next version of this party's particulars; `changes` replace fields."""
        fields: dict[str, Any] = {
            "party": self.party,
            "names": {"en": f"Party {self.party}"},
            "version": 1 if previous is None else previous.version + 1,
            "issued_at": now,
            "expires_at": now + 365 * DAY,
            "roots": tuple(key.public for key in self.roots),
            "threshold": 2,
            "offices": (
                Office(
                    "duty", "combined", {"en": "Duty office"}, (self.office.public,), ("en",), "24/7", "+41225550100"
                ),
            ),
            "node_keys": (self.node.public,),
            "tls": (self.certificate,),
            "bearers": (Bearer("https", "https://127.0.0.1:1", 0),),
            "previous": None if previous is None else previous.digest,
        }
        return Particulars(**{**fields, **changes})

    def signed(self, found: Particulars, signers: int = 2) -> bytes:
        """Particulars signed by the first `signers` roots."""
        payload = directory.propose(found)
        return directory.combine(payload, [directory.sign_share(payload, key) for key in self.roots[:signers]])

    def sign_note(self, payload: bytes) -> bytes:
        """What the office's signer would return."""
        return sign(payload, [self.office], Domain.NOTE)


@dataclass(frozen=True)
class NoEndpoint:
    """An endpoint for bearers that know their peer anyway."""

    address: str = "127.0.0.1:1"
    certificates: tuple[bytes, ...] = ()


class MemoryBearer:
    """Carries parcels to a node in this process."""

    kind = "https"  # answers at once, as HTTPS does

    def __init__(self, us: str, to: Node) -> None:
        self._us, self._to = us, to

    async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
        """Give the parcel to the other node and bring back what it returns."""
        return await receive(self._to, self._us, parcel)


class MemoryPost:
    """Mail between nodes in this process: letters by address, in order. `lost`: how many of the next ones vanish."""

    def __init__(self) -> None:
        self.letters: dict[str, list[bytes]] = {}
        self.sent: list[tuple[str, bytes]] = []
        self.refusal: Problem | None = None
        self.lost = 0

    def of(self, own: str) -> MailboxOf:
        """The post as the owner of an address sees it."""
        return MailboxOf(self, own)


class MailboxOf:
    """See parley.line.roads.Post."""

    def __init__(self, post: MemoryPost, own: str) -> None:
        self._post, self._own = post, own

    async def send(self, address: str, parcel: bytes) -> str:
        """Into the other's mailbox at once."""
        if self._post.refusal is not None:
            raise self._post.refusal
        self._post.sent.append((address, parcel))
        if self._post.lost > 0:
            self._post.lost -= 1
        else:
            self._post.letters.setdefault(address, []).append(parcel)
        return f"letter-{len(self._post.sent)}"

    async def collect(self, since: bytes, known: Collection[str]) -> AsyncGenerator[Letter | Bounce | Place, None]:
        """Everything after the mark."""
        letters = self._post.letters.get(self._own, [])
        for parcel in letters[int(since or b"0") :]:
            yield Letter(parcel)
        yield Place(b"%d" % len(letters))


class SimulatedParty:
    """A party with keys and a node in memory."""

    def __init__(self, code: str, clock: FakeClock, store: Store | None = None, limits: Limits | None = None) -> None:
        self.keys, self.clock = PartyKeys(code), clock
        self.rng = SeededRandomness(f"node {code}")
        self.limits = limits or Limits()
        self.archive_key, self.day_keys = self.rng(32), MemoryDayKeys(self.rng)
        self.node = self._node(store or MemoryStore(Origin(code, "node-1", self.rng(16))))
        self.particulars = self.keys.particulars(clock())

    def _node(self, store: Store) -> Node:
        """A locked node around a store, as a process that starts makes one."""
        code = self.keys.party
        node = Node(
            party=code,
            store=store,
            node_key=self.keys.node,
            directory=learn.load_directory(store.look(lambda look: look.records(learn.KIND)), code),
            library=forms.load(),
            clock=self.clock,
            rng=self.rng,
            limits=self.limits,
        )
        prekeys.remember_one_time(node)
        drill_run.remember(node)
        node.freshness = store.look(lambda look: look.record("own-freshness", "now")) or b""
        return node

    async def start(self, *, locked: bool = False) -> None:
        """Adopt our own particulars; unlock unless `locked`."""
        await particulars.adopt_own(self.node, self.keys.signed(self.particulars), "registrar")
        if not locked:
            await self.unlock()

    async def unlock(self) -> int:
        """The archive passphrase is given."""
        return await freshen.unlock(self.node, Vault(self.archive_key, self.day_keys))

    async def restart(self, *, locked: bool = False) -> None:
        """The process ends and starts again: what was in memory only is gone."""
        self.node = self._node(self.node.store)
        await restart.settle(self.node)
        if not locked:
            await self.unlock()

    async def restore(self, backup: Path, place: Path, *, locked: bool = False) -> restore.Begun:
        """The store is lost; `backup` is put back at `place` under a new incarnation, and the node starts again."""
        restore_sqlite(backup, place)
        store = open_sqlite(place, Origin(self.keys.party, "node-1", self.rng(16)))
        known = learn.load_directory(store.look(lambda look: look.records(learn.KIND)), self.keys.party)
        begun = await restore.open_incarnation(store, known, self.keys.node, now=self.clock(), rng=self.rng)
        await self.node.store.close()
        self.node = self._node(store)
        if not locked:
            await self.unlock()
        return begun

    async def rotate(self, **changes: Any) -> None:
        """A new office key, node key and prekey, in the next version of our particulars."""
        before = self.particulars
        self.keys.office, self.keys.node = SigningKey.generate(self.rng), SigningKey.generate(self.rng)
        self.particulars = self.keys.particulars(self.clock(), before, **changes)
        await particulars.adopt_own(self.node, self.keys.signed(self.particulars), "registrar", self.keys.node)

    async def meet(self, other: SimulatedParty) -> None:
        """A ceremony: both accept each other, and know each other's freshness."""
        for here, there in ((self, other), (other, self)):
            signed = there.keys.signed(there.particulars)
            heard = particulars.phrase_of(signed)
            await particulars.accept(
                here.node, signed, officer="registrar", heard=heard, means="in-person", confirmed=True
            )
            if there.node.freshness:
                await learn.learn_freshness(here.node, there.node.freshness)

    async def write(self, to: SimulatedParty | str, form: int, lines: Mapping[int, Any], **fields: Any) -> bytes:
        """Draft, compose, sign and release a note; returns its id."""
        party = to if isinstance(to, str) else to.node.party
        made = draft.Draft(
            form=form,
            to=(str(Address(party, "duty")),),
            lines=dict(lines),
            **{"office": "duty", "written_in": "en", "officer": "officer", "exercise": True, **fields},
        )
        composed = await compose.compose(self.node, made)
        return await release.release(self.node, self.keys.sign_note(composed.payload))

    async def deliver_to(self, other: SimulatedParty, *, flash_only: bool = False) -> int:
        """One exchange with the other party's node."""
        return await deliver(
            self.node, other.node.party, MemoryBearer(self.node.party, other.node), NoEndpoint(), flash_only=flash_only
        )


async def settle(*parties: SimulatedParty, rounds: int = 30, step: int = 60_000) -> int:
    """Let the parties exchange until nothing waits anywhere; returns after how many rounds of `step` ms.

    Raises AssertionError when something still waits after `rounds`.
    """
    for number in range(rounds):
        for here in parties:
            await _timers(here.node)
            for there in parties:
                if there is not here and there.node.party in here.node.directory.parties:
                    await here.deliver_to(there)
        if not any(here.node.store.look(_waits) for here in parties):
            return number
        parties[0].clock.sleep(step)
    raise AssertionError(f"something still waits: {[here.node.store.look(_waits) for here in parties]}")


async def _timers(node: Node) -> None:
    if node.vault is not None:
        await freshen.freshen(node)
        await give_back.tend(node)
        await restore.ask(node)


def _waits(look: Look) -> list[Any]:
    open_ends = (give_back.JOB, restore.ASKING, follow.UNSEALED, receipts.KEPT_BACK)
    return [*look.outbox_peers(), *(key for kind in open_ends for key, _ in look.records(kind))]


async def pair(clock: FakeClock | None = None) -> tuple[SimulatedParty, SimulatedParty]:
    """Two unlocked parties XA and XB that have met."""
    ticking = clock or FakeClock()
    first, second = SimulatedParty("XA", ticking), SimulatedParty("XB", ticking)
    await first.start()
    await second.start()
    await first.meet(second)
    return first, second
