"""Wiring: a folder -> a running node. The one file that knows every part.

`open_node` puts the parts together without a network, for single commands and notebooks; `serve` adds the peers'
listener, the couriers, the timers and the local socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parley import forms, rotation
from parley.desk import alert, bell, drill_run, freshen, learn, prekeys, restart, roster
from parley.desk.node import Bearer, Endpoint, Limits, Node, Vault
from parley.desk.receive import receive
from parley.desk.roads import CALLED
from parley.desk.watch import last_seen
from parley.directory import Directory, verify_signed
from parley.doors.local import serve_local
from parley.doors.verbs import Verbs
from parley.later import later
from parley.line.ports import Store
from parley.outside.bell import CommandBell
from parley.outside.clock import SystemClock
from parley.outside.keys.day_keys import DayKeys
from parley.outside.keys.files import NodeKeys, open_archive_key, read_node
from parley.outside.keys.signer_door import SignerDoor
from parley.outside.settings import Home, Settings
from parley.outside.store import Reach, StoreProblem, open_store, reach
from parley.seal import SigningKey
from parley.terms.problem import Problem

if TYPE_CHECKING:
    from parley import mailing, program_door, public_record, web_door
    from parley.desk import run
    from parley.outside.bearers import https, problems
    from parley.outside.bearers.https import endpoint as addresses
else:
    # What only a serving node needs: a single command that opens the store itself starts without it.
    run, https, problems = later("desk.run"), later("outside.bearers.https"), later("outside.bearers.problems")
    addresses, mailing = later("outside.bearers.https.endpoint"), later("mailing")
    program_door = later("program_door")  # only with an API in the settings
    public_record = later("public_record")  # only when the API or the desk is asked for it
    web_door = later("web_door")  # only with a desk in the settings

Rng = Callable[[int], bytes]
LOOK_EVERY = 1.0  # s between looks whether the store still accepts anything


async def make_node(
    home: Home, store: Store, keys: NodeKeys, settings: Settings, clock: Callable[[], int], rng: Rng
) -> Node:
    """The parts of a node around an open store; locked until `unlock`."""
    directory: Directory = learn.load_directory(store.look(lambda look: look.records(learn.KIND)), settings.party)
    node = Node(
        party=settings.party,
        store=store,
        node_key=keys.signing,
        directory=directory,
        library=forms.load(),
        clock=clock,
        rng=rng,
        limits=Limits(
            share=settings.share_mb * 1024 * 1024,
            checkpoint_every=int(settings.checkpoint_s * 1000),
            heads_every=int(settings.heads_s * 1000),
        ),
        retention=settings.rules(),
        withheld={party: frozenset(stages) for party, stages in settings.withheld.items()},
        unspoken=frozenset(settings.unspoken),
        bell=CommandBell(settings.on_flash, settings.on_flash_s) if settings.on_flash else None,
        exercises_ring=frozenset(settings.exercises_ring),
        locked_rings=settings.locked_rings,
        shift=int(settings.shift_h * 3_600_000),
    )
    # What was postponed before this start is brought forward by the first word of its peer.
    node.silent = {peer: 0 for peer, _, _ in store.look(lambda look: look.outbox_peers())}
    prekeys.remember_one_time(node)
    drill_run.remember(node)
    node.freshness = store.look(lambda look: look.record("own-freshness", "now")) or b""
    store.look(node.roads.load)
    store.look(lambda look: roster.load(node, look))
    node.signers = {office: SignerDoor(home.signer_socket(office)) for office in settings.offices}
    return node


@contextlib.asynccontextmanager
async def open_node(home: Home, *, rng: Rng = os.urandom, clock: SystemClock | None = None) -> AsyncIterator[Node]:
    """A node without a network: for one command, or a notebook. Takes the store's exclusive lock.

    Raises SettingsProblem, KeysProblem, StoreProblem ("in_use" while the node serves).
    """
    settings = home.settings()
    keys = read_node(home.node_key)
    store = open_store(settings.store or home.store)
    try:
        ticking = clock or SystemClock(store.look(last_seen), stepped_back=_say_stepped_back)
        node = await make_node(home, store, keys, settings, ticking.now, rng)
        NextKeys(home, node).finish()
        await restart.settle(node)
        yield node
    finally:
        await store.close()


def unlock_vault(home: Home, passphrase: str, rng: Rng) -> Vault:
    """The vault of a node; raises SealProblem("wrong_passphrase") or KeysProblem. Slow on purpose."""
    archive_key = open_archive_key(home.archive_key, passphrase)
    if not home.day_keys.exists():
        return Vault(archive_key, DayKeys.create(home.day_keys, archive_key, rng))
    return Vault(archive_key, DayKeys.open(home.day_keys, archive_key, rng))


class Unlocker:
    """Gives a node its vault from a passphrase, off the event loop."""

    def __init__(self, home: Home, node: Node) -> None:
        self._home, self._node = home, node

    async def __call__(self, passphrase: str) -> int:
        vault = await asyncio.to_thread(unlock_vault, self._home, passphrase, self._node.rng)
        return await freshen.unlock(self._node, vault)


class NextKeys:
    """Keys of this node and its offices that wait to be taken into use."""

    def __init__(self, home: Home, node: Node) -> None:
        self._home, self._node = home, node

    def signing(self, signed: bytes) -> SigningKey | None:
        """The node's next signing key, if these particulars list it."""
        return rotation.next_signing(self._home, verify_signed(signed).particulars)

    def take_up(self) -> tuple[str, ...]:
        """Put in place what our adopted particulars list; returns what changed."""
        return rotation.take_up(self._home, self._node.our_particulars())

    def finish(self) -> None:
        """At an opening: what a crash left between adopting particulars and putting their keys in place."""
        if self._node.party in self._node.directory.parties and self.take_up():
            self._node.node_key = read_node(self._home.node_key).signing


class PeerDoor:
    """What stands behind the peers' listener."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def party_of_certificate(self, certificate: bytes, claimed: str | None = None) -> str | None:
        """By *current* particulars, so that suspension and rotation act on open connections too."""
        return self._node.directory.party_of_certificate(certificate, claimed)

    async def exchange(self, party: str, parcel: bytes) -> bytes:
        """One parcel in, one back."""
        self._node.roads.works(party, CALLED, self._node.clock())
        return await receive(self._node, party, parcel)

    def particulars(self) -> bytes:
        """Our own, root-signed."""
        self._node.our_particulars()
        return self._node.directory.entry(self._node.party).versions[-1].signed.raw

    async def offered(self, signed: bytes) -> None:
        """Newer particulars of a party that we know; a stranger's are not kept from a stranger's hand."""
        party = learn.party_of(signed)
        if party in self._node.directory.parties:
            await learn.learn_particulars(self._node, signed)


class PinnedWay:
    """HTTPS to a peer; when a certificate no longer fits, particulars are exchanged first, for they are root-signed."""

    kind = "https"

    def __init__(self, node: Node, bearer: https.HttpsBearer, party: str) -> None:
        self._node, self._bearer, self._party = node, bearer, party

    async def exchange(self, endpoint: Endpoint, parcel: bytes, *, timeout_s: float) -> bytes:
        """As https.HttpsBearer.exchange, with one more attempt after particulars were renewed."""
        try:
            return await self._bearer.exchange(self._as_https(endpoint), parcel, timeout_s=timeout_s)
        except problems.BearerProblem as problem:
            if not await self._renew(endpoint.address, problem):
                raise
        fresh = way_to(self._node, self._party)
        if fresh is None:
            reason = "no address is listed any more"
            raise problems.BearerProblem("unreachable", address=endpoint.address, reason=reason)
        return await self._bearer.exchange(fresh, parcel, timeout_s=timeout_s)

    async def _renew(self, address: str, problem: problems.BearerProblem) -> bool:
        """Whether anything was learned or told that makes another attempt worth while."""
        try:
            if problem.key == "bearer.pin_mismatch":
                before = self._node.directory.entry(self._party).current.version
                await learn.learn_particulars(self._node, await self._bearer.fetch_particulars(address))
                return self._node.directory.entry(self._party).current.version > before
            unknown = problem.key == "bearer.refused" and problem.arguments["reason"] == "bearer.not_recognised"
            if problem.key == "bearer.hung_up" or unknown:
                ours = self._node.directory.entry(self._node.party).versions[-1].signed.raw
                await self._bearer.offer_particulars(address, ours)
                return True
        except Problem as second:
            run.LOG.info("particulars not renewed", party=self._party, problem=second.key)
        return False

    @staticmethod
    def _as_https(endpoint: Endpoint) -> https.Endpoint:
        return https.Endpoint(endpoint.address, endpoint.certificates)


def way_to(node: Node, party: str) -> https.Endpoint | None:
    """The HTTPS address that the party's current particulars list first, with the certificates they pin."""
    if party not in node.directory.parties:
        return None
    entry = node.directory.entry(party)
    if entry.suspended or entry.current.closed:
        return None  # what waits for it stays in the outbox
    current = entry.current
    ways = sorted((b for b in current.bearers if b.kind == "https"), key=lambda b: b.rank)
    return https.Endpoint(ways[0].address.removeprefix("https://").rstrip("/"), current.tls) if ways else None


def hosts_of_peers(node: Node) -> list[str]:
    """The hosts that other parties' current particulars name: callers from there are no strangers to the gate."""
    current = [node.directory.entry(party).current for party in node.directory.parties if party != node.party]
    ways = [b.address.removeprefix("https://") for one in current for b in one.bearers if b.kind == "https"]
    return [way.rstrip("/").rpartition(":")[0] for way in ways]


async def serve(
    home: Home,
    *,
    passphrase: str | None,
    ready: Callable[[dict[str, Any]], None],
    clock: SystemClock | None = None,
    pace: float = 1.0,
) -> None:
    """Run a node until SIGTERM or SIGINT. With a passphrase it starts unlocked; else it takes and cannot open.

    `ready` is called once with {"port": …, "socket": …, "locked": …}; with a desk also its address ("desk"), and the
    link for the first officer ("set_up", which whoever is told keeps secret). For simulations: a clock of their own,
    and timers that run `pace` times faster.
    """
    settings = home.settings()
    home.check_sockets(settings)
    async with open_node(home, clock=clock) as node, contextlib.AsyncExitStack() as stack:
        keys = read_node(home.node_key)  # here and not before: opening may have put the next ones in place
        unlocker = Unlocker(home, node)
        if passphrase is not None:
            await unlocker(passphrase)
        bearer = https.HttpsBearer(keys.tls_certificate, keys.tls_key, party=node.party)
        couriers = _couriers(node, bearer)
        node.flash_hook = _bell_of(node)
        port = await _listen(stack, node, settings, keys)
        if settings.api:
            record = home.path / public_record.FILE
            await program_door.open_api(stack, node, settings, asking=lambda: public_record.open_asking(record))
        pages = await _desk(stack, node, home, settings, unlocker) if settings.desk.listen else {}
        if settings.mail.address:
            stack.push_async_callback(mailing.open_post(node, home, settings.mail).stop)
        stop = asyncio.Event()
        touring = bool(settings.desk.tour.side)
        verbs = Verbs(node, unlocker, stop.set, NextKeys(home, node), pages.get("desk", ""), touring)
        local = await serve_local(home.socket, verbs.dispatch)
        stack.callback(local.close)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        background = asyncio.create_task(run.timers(node, couriers, pace))
        couriers.wake_all()
        facts = {"party": node.party, "port": port, "socket": str(home.socket), "locked": node.vault is None}
        ready({**facts, **pages})
        try:
            await _until(stop, node.store)
        finally:
            background.cancel()
            await couriers.stop()
            bearer.close()
            home.socket.unlink(missing_ok=True)


async def _desk(
    stack: contextlib.AsyncExitStack, node: Node, home: Home, settings: Settings, unlock: Unlocker
) -> dict[str, str]:
    """Pages for officers; their address, and the link for the first of them while nobody has an account."""
    _, address = await web_door.open_desk(
        stack, node, home, settings, unlock, asking=lambda: public_record.open_asking(home.path / public_record.FILE)
    )
    link = await web_door.first_link(node, address)
    return {"desk": address, "set_up": link} if link else {"desk": address}


def _couriers(node: Node, bearer: https.HttpsBearer) -> run.Couriers:
    """One courier for each party, by HTTPS; the node wakes them."""

    def route(party: str) -> tuple[Bearer, Endpoint] | None:
        endpoint = way_to(node, party)
        return None if endpoint is None else (PinnedWay(node, bearer, party), endpoint)

    couriers = run.Couriers(node, route)
    node.wake, node.wake_flash = couriers.wake, partial(couriers.wake, flash=True)
    node.trust_changed = couriers.wake_all
    return couriers


def _bell_of(node: Node) -> Callable[[bytes], None]:
    """What is called for a FLASH note: it rings, and the alert is sent, beside whatever the loop is doing."""
    ringing = set[asyncio.Task[int]]()

    def ring(note_id: bytes) -> None:
        for act in (bell.ring_waiting, alert.send_waiting):
            task = asyncio.create_task(act(node))
            ringing.add(task)  # a task that nobody holds may be collected before it has run
            task.add_done_callback(ringing.discard)

    return ring


async def _listen(stack: contextlib.AsyncExitStack, node: Node, settings: Settings, keys: NodeKeys) -> int:
    """The peers' listener, and its port; 0 without one: the node then asks its peers what they hold."""
    if not settings.listen:
        node.poll_every = settings.poll_s
        return 0
    host, wanted = addresses.split(settings.listen)
    serving = await https.serve(
        host,
        wanted,
        keys.tls_certificate,
        keys.tls_key,
        PeerDoor(node),
        node.directory.certificates,
        listed=lambda: hosts_of_peers(node),
    )
    stack.push_async_callback(serving.stop)
    return serving.port


async def _until(stop: asyncio.Event, store: Store) -> None:
    """Until `stop`; raises when the store had to stop (failed fsync): the node then ends, since nothing can be kept."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY)
        try:
            store.look(lambda look: None)
        except StoreProblem as problem:
            if reach(problem) is Reach.STORE:
                raise


def _say_stepped_back(ms: int) -> None:
    run.LOG.warning("the clock of this computer stepped back; the last time seen is used until it has caught up", ms=ms)


def open(path: str | Path, *, rng: Rng = os.urandom) -> contextlib.AbstractAsyncContextManager[Node]:
    """For notebooks: ``async with parley.open("folder") as node``."""
    return open_node(Home(Path(path)), rng=rng)
