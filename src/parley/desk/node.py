"""The parts of a running node, as the verbs see them. `wiring` fills this record; tests use simulated parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from parley.clearance import Challenge, Policy, Proof, Role, Roster, Verdict, Word, standard_policy
from parley.desk.problems import DeskProblem
from parley.desk.roads import Roads
from parley.directory import Directory, DirectoryProblem, Particulars
from parley.forms import Library
from parley.journal import Leaf, LeafKind, new_leaf
from parley.journal.retention import Retention
from parley.line.conversation import Conversation
from parley.line.events import Event
from parley.line.note import Note
from parley.line.ports import Store, Tx
from parley.line.receipt import OneTimePrekey
from parley.seal import OpeningKey, SealingKey, SigningKey, lock, unlock
from parley.terms.party import Address

if TYPE_CHECKING:
    from parley.desk.search import NoteSearch

MOST_COMPOSED = 256


class Endpoint(Protocol):
    """Where a peer listens, and the certificates that its particulars pin."""

    @property
    def address(self) -> str: ...
    @property
    def certificates(self) -> tuple[bytes, ...]: ...


class Bearer(Protocol):
    """Carries a parcel to a peer and brings one back; raises a Problem if it cannot tell that the parcel arrived."""

    async def exchange(self, endpoint: Endpoint, parcel: bytes, *, timeout_s: float) -> bytes: ...


class Bell(Protocol):
    """Wakes somebody and learns nothing; returns "" or what went wrong, in a few words."""

    async def ring(self) -> str: ...


class OfficeDoor(Protocol):
    """The way to the signer of one of our offices, for proofs that are no passphrases; raises Problem.

    The signer checks each proof for itself and answers with what it signed and by what right.
    """

    async def release(self, payload: bytes, officer: str, proof: Proof, reason: str) -> tuple[bytes, Verdict]: ...
    async def say(self, payload: bytes, officer: str, role: Role, proof: Proof) -> Word: ...
    async def number(self, payload: bytes) -> Challenge: ...
    async def release_run(
        self, payloads: Sequence[bytes], officer: str, proof: Proof, reason: str
    ) -> list[tuple[bytes, Verdict]]: ...  # all or none, in their order
    async def say_run(self, payloads: Sequence[bytes], officer: str, role: Role, proof: Proof) -> Word: ...


class DayKeys(Protocol):
    """Per-day keys that wrap prekeys, kept outside the database; erasing a day makes what it wrapped unreadable."""

    def wrap(self, day: int, secret: bytes, context: bytes) -> bytes: ...
    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...
    def erase_before(self, day: int) -> None: ...


class Reservation(msgspec.Struct, frozen=True):
    """Serials taken for a note that is not signed yet."""

    office: str
    serials: tuple[tuple[str, int], ...]  # (recipient address, serial)
    at: int
    draft_id: str = ""
    override: bytes = b""  # the reason given, locked likewise
    until: int = 0  # a drill's note that was signed ahead of its time waits until then before it is declared void


@dataclass
class Vault:
    """What a locked node lacks: the archive key, the day keys, and the opened prekeys by key id."""

    archive_key: bytes
    day_keys: DayKeys
    opening: dict[bytes, OpeningKey] = field(default_factory=dict)
    one_time: set[bytes] = field(default_factory=set)  # ids of those among them that serve once
    talks: dict[str, Any] = field(default_factory=dict)  # records of conversations that were opened (desk.talks), by id


@dataclass
class Gossip:
    """What was told and heard of third parties' journals since the start (`heads`). Times in ms UTC."""

    told: dict[tuple[str, str], int] = field(default_factory=dict)  # (peer, journal) -> size of the head it had from us
    heard: dict[str, int] = field(default_factory=dict)  # peer -> when its heads were looked at last
    proved: dict[str, int] = field(default_factory=dict)  # peer -> when a proof was made for it last


@dataclass
class Sights:
    """What was said about third parties since the start (`sight`); forgetting it costs a repetition."""

    generation: int = 1  # rises when what we hold of any party changes
    told: dict[str, int] = field(default_factory=dict)  # party -> the generation that it was told
    asked: dict[bytes, int] = field(default_factory=dict)  # question -> when (ms)
    answered: dict[str, int] = field(default_factory=dict)  # party -> when (ms)


@dataclass(frozen=True)
class Limits:
    """Settings that a ministry may change. Sizes in bytes, times in milliseconds."""

    share: int = 2 * 1024**3  # what one peer may occupy here
    share_for_flash: float = 0.2  # of that, kept for FLASH: other precedences are told "full" before
    parcel_items: int = 24  # notes in one exchange: small enough that FLASH never waits long behind a batch
    parcel_bytes: int = 1024 * 1024
    exchange_timeout_s: float = 20.0
    transit: int = 14 * 86_400_000  # a prekey lives this long beyond its expiry (PROTOCOL, Prekeys)
    prekey_life: int = 86_400_000
    checkpoint_every: int = 60_000
    heads_every: int = 300_000  # peers are told what we saw of third parties' journals; 0: never


@dataclass
class Node:
    """One running node of one party. Not frozen: `directory` and `vault` are replaced as decisions are taken."""

    party: str
    store: Store
    node_key: SigningKey
    directory: Directory
    library: Library
    clock: Callable[[], int]  # ms since the Unix epoch, UTC, never behind the persisted floor
    rng: Callable[[int], bytes]
    bearers: Mapping[str, Bearer] = field(default_factory=dict)
    vault: Vault | None = None
    roster: Roster = field(default_factory=Roster)  # who is what at this desk; the signer has a list of its own
    policy: Policy = field(default_factory=standard_policy)  # what the desk says is missing; the signer judges
    signers: Mapping[str, OfficeDoor] = field(default_factory=dict)  # by office
    limits: Limits = field(default_factory=Limits)
    withheld: Mapping[str, frozenset[str]] = field(default_factory=dict)  # party -> receipt stages not given to it
    retention: Retention = field(default_factory=Retention)  # what is destroyed when; nothing unless laid down
    unspoken: frozenset[str] = frozenset()  # parties of which peers are told nothing
    sights: Sights = field(default_factory=Sights)
    wake: Callable[[str], None] = lambda party: None  # something waits for this party
    wake_flash: Callable[[str], None] = lambda party: None  # a FLASH note does
    # rings once for a FLASH note; b"": for what a locked node took
    flash_hook: Callable[[bytes], None] = lambda note_id: None
    happened: Callable[[Tx, Conversation, Event, int], None] | None = None  # what moved, told inside its unit
    took_locked: Callable[[Tx, int], None] | None = None  # the same of what a locked node took
    touched: Callable[[bytes], None] = lambda note_id: None  # a conversation of this note is written, inside its unit
    bell: Bell | None = None
    bell_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    alert: Bell | None = None  # tells people of ours by e-mail that they are needed
    alert_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    locked_rings: bool = True  # whether both are rung when a locked node takes what it cannot read
    taken_locked: int = 0  # sealed items taken since the start or the last unlock, and not read
    exercises_ring: frozenset[str] = frozenset()  # parties whose FLASH exercises ring here too
    shift: int = 12 * 3_600_000  # ms: the bell is to be tested once in each
    trust_changed: Callable[[], None] = lambda: None  # particulars changed: pins must be reloaded
    freshness: bytes = b""  # our current signed freshness
    told: dict[str, bytes] = field(default_factory=dict)  # party -> digest of the freshness of ours that it has
    got: dict[str, list[bytes]] = field(
        default_factory=dict
    )  # party -> sealed digests to acknowledge with the next parcel
    news: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)  # public items for a peer's next parcel
    one_time: dict[str, list[OneTimePrekey]] = field(default_factory=dict)  # party -> its one-time keys, for us to use
    issued: dict[str, int] = field(default_factory=dict)  # party -> when one-time keys were last given to it
    given: dict[int, int] = field(default_factory=dict)  # outbox rows handed to a collecting peer, and when (ms)
    in_flight: set[int] = field(default_factory=set)  # outbox rows that an exchange under way carries
    silent: dict[str, int] = field(default_factory=dict)  # peers that could not be reached, and since when (ms)
    poll_every: float = 0.0  # s between looks of a node without a public address; 0: peers reach us
    search: NoteSearch | None = None  # the words of its notes, once somebody searches (desk.search)
    held_back: set[str] = field(default_factory=set)  # parties to which nothing is carried for now
    moved: asyncio.Event = field(default_factory=asyncio.Event)  # set, and replaced, whenever conversations moved
    newer: set[str] = field(default_factory=set)  # parties whose newer particulars came: what waited for them opens
    behind: set[str] = field(default_factory=set)  # parties that lack newer particulars of their own: a stale restore
    composed: dict[bytes, tuple[Note, Reservation]] = field(default_factory=dict)  # by note id: what was composed last
    drill_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    # notes of drills under way: their bearers are written down; and the one that a note may go by, or ""
    traced: dict[bytes, str] = field(default_factory=dict)
    # party -> files that it is asked for, by id: when again (ms), and how often without an answer (desk.fetch_file)
    fetching: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    bytes_dialled: int = 0  # of parcels in exchanges that we began, both ways, since the start
    gossip: Gossip = field(default_factory=Gossip)
    roads: Roads = field(default_factory=Roads)  # how each bearer to each peer did last
    checkpoint_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def open_vault(self) -> Vault:
        """The vault; raises DeskProblem("locked") while the passphrase has not been given."""
        if self.vault is None:
            raise DeskProblem("locked")
        return self.vault

    def the_bell(self) -> Bell:
        """The bell; raises DeskProblem("no_bell") if no command is set."""
        if self.bell is None:
            raise DeskProblem("no_bell")
        return self.bell

    @property
    def incarnation(self) -> bytes:
        """The incarnation that this node's records carry."""
        return self.store.origin.incarnation

    def our_office(self, name: str) -> Address:
        """The address of one of our own offices; raises DeskProblem("not_ours")."""
        if name not in {office.id for office in self.our_particulars().offices}:
            raise DeskProblem("not_ours", office=name)
        return Address(self.party, name)

    def our_particulars(self) -> Particulars:
        """Our own current particulars; raises DeskProblem("no_particulars")."""
        if self.party not in self.directory.parties:
            raise DeskProblem("no_particulars")
        return self.directory.entry(self.party).current

    def write_leaf(self, tx: Tx, kind: LeafKind, object_digest: bytes, now: int) -> tuple[int, Leaf]:
        """Append one entry to the journal inside a unit; returns its index and the leaf."""
        leaf = new_leaf(kind, now, object_digest, self.rng)
        return tx.append(leaf), leaf

    def remember_composed(self, note_id: bytes, note: Note, reservation: Reservation) -> None:
        """Spare the release from reading again what was composed a moment ago; the store has it all the same."""
        if len(self.composed) >= MOST_COMPOSED:
            self.composed.clear()
        self.composed[note_id] = (note, reservation)

    def lock_body(self, note_id: bytes, signed: bytes) -> bytes:
        """A note's signed bytes under the archive key, bound to its id."""
        return lock(self.open_vault().archive_key, signed, b"note " + note_id, self.rng)

    def unlock_body(self, note_id: bytes, body: bytes) -> bytes:
        """The signed bytes again."""
        return unlock(self.open_vault().archive_key, body, b"note " + note_id)

    def tell_moved(self) -> None:
        """Wake whoever waits for a conversation to move; called once a unit is durable."""
        self.moved.set()
        self.moved = asyncio.Event()

    def sealing_key_or_none(self, party: str) -> SealingKey | None:
        """The rotating key to seal to, None while none is known or all have run out."""
        try:
            return self.directory.sealing_key(party, self.clock()).key
        except DirectoryProblem:
            return None

    def is_one_time(self, key_id: bytes) -> bool:
        """Whether one of our own prekeys serves once only."""
        return self.vault is not None and key_id in self.vault.one_time
