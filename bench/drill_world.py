"""The world of `drill.py`: parties that behave in known ways, two kinds of bearers, and the truth about each of them.

The truth is written down by the bearers and the officers of this simulation as things happen: when bytes really came to
a node, over which bearer, and what a person really did. It never looks at the report that it is compared with.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import msgspec

from parley.desk import answer, compose, decide, read, read_back, release
from parley.desk.deliver import deliver
from parley.desk.receive import receive
from parley.directory import Bearer, Narrowing, Office
from parley.line.parcel import Parcel, read_parcel
from parley.outside.bearers.problems import BearerProblem
from parley.seal import Domain, SigningKey, digest, sign
from parley.testing import FakeClock, NoEndpoint, SimulatedParty

MINUTE, HOUR = 60_000, 3_600_000
STEP = 5 * MINUTE
ORGANISER = "O-HOME"
BEHAVIOURS = (
    "answers", "withholds", "unread", "declines", "differs", "asleep", "late", "other-office", "locked", "refuses",
    "suspended", "two-bearers",
)  # fmt: skip
"""Of the first twelve parties in turn; "asleep" besides for every tenth, and for nobody else."""


@dataclass
class Truth:
    """What really happened to one party, in ms of the simulation's clock; None: it did not."""

    came: dict[str, int] = field(default_factory=dict)  # kind of bearer -> when the note first came over it
    tried: set[str] = field(default_factory=set)
    handed: set[str] = field(default_factory=set)  # bearers that took it and promised nothing
    heard_at: dict[str, int] = field(default_factory=dict)  # step -> when the organiser's node could first know of it
    read_at: int | None = None
    read_back_at: int | None = None
    answered_at: int | None = None


@dataclass
class Peer:
    """A party of the drill: its node, how it behaves, over which bearers it is reached."""

    party: SimulatedParty
    behaviour: str
    kinds: tuple[str, ...]
    reads_after: int
    call: str = ""
    truth: Truth = field(default_factory=Truth)
    other_key: SigningKey | None = None
    done: set[str] = field(default_factory=set)
    attempts: int = 0
    posted_at: int = -HOUR

    @property
    def code(self) -> str:
        return self.party.node.party


class Line:
    """Answers at once, or not at all: what HTTPS is to a drill."""

    kind = "https"

    def __init__(self, world: World, us: str, to: Peer | None) -> None:
        self._world, self._us, self._to = world, us, to

    async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
        """As the bearer protocol."""
        if self._to is None:
            return await self._world.arrive_home(self._us, parcel)
        self._world.saw(self._to, self.kind, parcel, tried=True)
        if self._to.behaviour in ("asleep", "two-bearers"):  # nobody answers there over this bearer
            raise BearerProblem("unreachable", address="memory", reason="nobody answers")
        self._world.saw(self._to, self.kind, parcel, came=True)
        return await receive(self._to.party.node, self._us, parcel)


class Post:
    """Takes letters and delivers them later, or leaves them lying: what e-mail is to a drill."""

    kind = "mail"

    def __init__(self, world: World, us: str, to: Peer | None) -> None:
        self._world, self._us, self._to = world, us, to

    async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
        """As the bearer protocol; an empty parcel comes back, for a letter has no answer yet."""
        if self._to is not None:
            self._world.saw(self._to, self.kind, parcel, tried=True, handed=True)
        self._world.post(self._us, self._to, parcel)
        return Parcel().to_bytes()


class World:
    """The organiser, the peers, the post between them, and the truth."""

    def __init__(self, size: int) -> None:
        self.clock = FakeClock()
        self.home = SimulatedParty(ORGANISER, self.clock)
        self.peers = [self._peer(number) for number in range(size)]
        self.by_code = {peer.code: peer for peer in self.peers}
        self._letters: list[tuple[int, int, int, str, Peer | None, bytes]] = []
        self._letter = 0
        self.notes: dict[bytes, str] = {}  # note of the drill -> party
        self._digests: set[bytes] = set()

    def _peer(self, number: int) -> Peer:
        behaviour = "asleep" if number % 10 == 5 else BEHAVIOURS[number % len(BEHAVIOURS)]
        if behaviour == "asleep" and number % 10 != 5:
            behaviour = "answers"
        kinds = ("mail",) if number % 3 == 1 else ("https",)
        kinds = ("https", "mail") if behaviour == "two-bearers" else kinds
        party = SimulatedParty(f"O-P{number:03}", self.clock)
        call = ("answered", "no-answer", "", "dead")[number % 4]
        peer = Peer(party, behaviour, kinds, reads_after=(number % 7 + 1) * 20 * MINUTE, call=call)
        offices: dict[str, Any] = {}
        if behaviour == "other-office":
            peer.other_key = SigningKey.generate(party.rng)
            offices = {"offices": (*party.particulars.offices, _office("cyber", peer.other_key))}
        bearers = tuple(Bearer(kind, _address(kind), rank) for rank, kind in enumerate(kinds))
        party.particulars = party.keys.particulars(self.clock(), bearers=bearers, **offices)
        return peer

    async def meet(self) -> None:
        """The organiser and every peer accept each other; then each is brought into its behaviour."""
        await self.home.start()
        for peer in self.peers:
            await peer.party.start()
            await self.home.meet(peer.party)
            if peer.behaviour == "withholds":
                peer.party.node.withheld = {ORGANISER: frozenset({"opened", "read"})}
            if peer.behaviour == "locked":
                await peer.party.restart(locked=True)
            if peer.behaviour == "refuses":
                await decide.narrow(peer.party.node, ORGANISER, "officer", take=Narrowing(forms=(10,)))
            if peer.behaviour == "suspended":
                await decide.suspend(self.home.node, peer.code, "officer")

    # -- what the bearers see

    def saw(self, peer: Peer, kind: str, parcel: bytes, **what: bool) -> None:
        """A parcel with the drill's note was tried, handed over, or came."""
        if not self._has_note(parcel, peer.code):
            return
        if "tried" in what:
            peer.truth.tried.add(kind)
        if "handed" in what:
            peer.truth.handed.add(kind)
        if "came" in what:
            peer.truth.came.setdefault(kind, self.clock())

    def _has_note(self, parcel: bytes, code: str) -> bool:
        sealed = {body for _, body in read_parcel(parcel).items}
        rows = self.home.node.store.look(
            lambda look: [look.outbox_for(note, code) for note, party in self.notes.items() if party == code]
        )
        self._digests |= {row.digest for row in rows if row is not None and row.sealed in sealed}
        return bool({digest(body) for body in sealed} & self._digests)

    def post(self, sender: str, to: Peer | None, parcel: bytes) -> None:
        """A letter is on its way for ten minutes and a little, each for another while."""
        self._letter += 1
        due = self.clock() + 10 * MINUTE + self._letter % 5 * MINUTE
        heapq.heappush(self._letters, (due, self._letter, self.clock(), sender, to, parcel))

    async def _deliver_letters(self) -> None:
        while self._letters and self._letters[0][0] <= self.clock():
            _, _, posted_at, sender, to, parcel = heapq.heappop(self._letters)
            if to is None:
                reply, back = await self.arrive_home(sender, parcel, posted_at), self.by_code[sender]
            elif to.behaviour == "asleep":
                continue  # it lies in the box
            else:
                self.saw(to, "mail", parcel, came=True)
                reply, back = await receive(to.party.node, sender, parcel), None
            found = read_parcel(reply)
            if found.items or found.got:
                self.post(ORGANISER if back else to.code if to else "", back, reply)

    async def arrive_home(self, sender: str, parcel: bytes, left_at: int | None = None) -> bytes:
        """Something came to the organiser: now its node can know what the peer had done when that left, if not now."""
        reply = await receive(self.home.node, sender, parcel)
        self._heard(self.by_code[sender], self.clock() if left_at is None else left_at)
        return reply

    def _heard(self, peer: Peer, left_at: int) -> None:
        truth, now = peer.truth, self.clock()
        happened = {
            "came": min(truth.came.values(), default=None),
            "read": truth.read_at,
            "read_back": truth.read_back_at,
            "answered": truth.answered_at,
        }
        for step, at in happened.items():
            if at is not None and at <= left_at:
                truth.heard_at.setdefault(step, now)

    # -- time

    async def run_until(self, ends: int, tend: Any) -> None:
        """Rounds of letters, exchanges and officers until an instant (ms)."""
        while self.clock() < ends:
            self.clock.sleep(STEP)
            await tend()
            await self._deliver_letters()
            for peer in self.peers:
                await self._outwards(peer)
                await self._act(peer)
                await self._homewards(peer)

    async def _outwards(self, peer: Peer) -> None:
        kind = peer.kinds[peer.attempts % len(peer.kinds)]
        if kind == "mail":
            if self.clock() - peer.posted_at < 3 * HOUR:  # whoever wrote a letter waits for the answer
                return
            peer.posted_at = self.clock()
        bearer = (Post if kind == "mail" else Line)(self, ORGANISER, peer)
        await self._carry(self.home, peer.code, bearer)
        if peer.truth.tried:
            peer.attempts += 1
        if kind == "https":
            self._heard(peer, self.clock())

    async def _homewards(self, peer: Peer) -> None:
        if peer.behaviour == "asleep":
            return
        await self._carry(peer.party, ORGANISER, (Post if "mail" in peer.kinds else Line)(self, peer.code, None))

    @staticmethod
    async def _carry(party: SimulatedParty, to: str, bearer: Any) -> None:
        try:
            await deliver(party.node, to, bearer, NoEndpoint(), poll=False)
        except BearerProblem:  # nobody answered; the rows stay in the outbox
            return

    # -- persons

    async def _act(self, peer: Peer) -> None:
        came = min(peer.truth.came.values(), default=None)
        quiet = ("asleep", "unread", "locked", "refuses", "suspended")
        if came is None or peer.behaviour in quiet or self.clock() < came + peer.reads_after:
            return
        note = next(note for note, party in self.notes.items() if party == peer.code)
        if "read" not in peer.done:
            peer.done.add("read")
            await self._reads(peer, note)
        late = 25 * HOUR if peer.behaviour == "late" else 10 * MINUTE
        if "answered" not in peer.done and self.clock() >= came + peer.reads_after + late:
            peer.done.add("answered")
            await self._answers(peer, note)

    async def _reads(self, peer: Peer, note: bytes) -> None:
        node, said = peer.party.node, "incident" if peer.behaviour == "differs" else "only-answer"
        await read.read(node, note.hex(), "en", officer="officer")
        peer.truth.read_at = self.clock()
        answers = None if peer.behaviour == "declines" else {10: said}
        await read_back.give(node, note.hex(), answers, language="en", role="duty officer", seconds=20, by_person=True)
        peer.truth.read_back_at = self.clock()

    async def _answers(self, peer: Peer, note: bytes) -> None:
        node = peer.party.node
        made = answer.reply_draft(
            node, note.hex(), 2, {10: "in-order", 11: "technical"}, language="en", officer="officer"
        )
        key = peer.party.keys.office
        if peer.other_key is not None:
            made, key = msgspec.structs.replace(made, office="cyber"), peer.other_key
        composed = await compose.compose(node, made)
        await release.release(node, sign(composed.payload, [key], Domain.NOTE))
        peer.truth.answered_at = self.clock()


def _office(name: str, key: SigningKey) -> Office:
    return Office(name, "technical", {"en": "Cyber office"}, (key.public,), ("en",), "24/7")


def _address(kind: str) -> str:
    return "post@example.org" if kind == "mail" else "https://127.0.0.1:1"
