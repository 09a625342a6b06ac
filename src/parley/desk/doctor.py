"""Doctor: what a node can say of its own health before anybody asks: standing, freshness, clocks, outbox.

Each finding says what was looked at, whether it is well, and what to do. What only the machine knows (disk, files,
signers, ports) is looked at elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

from parley.desk import alert, evidence, heads, sight
from parley.desk.bell import last_ring, last_test
from parley.desk.drill import all_drills, runs_of
from parley.desk.node import Node
from parley.desk.roads import CALLED, HTTPS, MAIL, MAIL_IN, Road
from parley.desk.witness import KIND as CHECKPOINT
from parley.directory import Entry, Standing, verify_freshness
from parley.directory.drill import RunStage, next_run, stage
from parley.journal import cosigner_name, cosigner_names, verify_checkpoint, verify_cosignature
from parley.terms.instant import dtg
from parley.terms.problem import Problem

DAY = 86_400_000
WARNING = 30 * DAY  # before particulars expire: root holders of a small ministry need time to meet
OLD_FRESHNESS = 3 * DAY  # of the seven that it counts
SKEW = 120_000  # ms between our signing a checkpoint and a peer's cosigning it that no courier explains the other way
LASTING = ("wal_reset_bug",)  # warnings about the machine's SQLite, with which Parley lives
ASKED_IN_VAIN = 2  # times, some minutes apart: an honest node that is there answers the first
MANY_ATTEMPTS = 10  # with their pauses: some minutes of silence


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `do` says what to do, or (when it is well all the same) what to bear in mind."""

    what: str
    ok: bool = True
    do: str = ""


def examine(node: Node, *, serving: bool) -> list[Finding]:
    """Everything this node sees of itself and its peers; `serving`: it is on the line, not opened for one command."""
    found = [*_store(node), *_ourselves(node, serving)]
    for party in node.directory.parties:
        if party != node.party:
            found += _peer(node, party)
    around = [*_mailbox(node), *_journals(node), *_sightings(node), *_bell(node), *_alert(node), *_drills(node)]
    return [*found, *around, *_clocks(node), *_outbox(node)]


def _store(node: Node) -> Iterator[Finding]:
    facts = getattr(node.store, "facts", None)
    if facts is None:
        return
    held = facts()
    yield Finding(f"store: {held.engine} {held.engine_version}, {held.bytes >> 10} kB, {held.rows['notes']} notes")
    for warning in held.warnings:
        # What nobody here can mend is told and needs no look: it would hide the day on which something does.
        yield Finding(f"store: {warning.replace('_', ' ')}", warning in LASTING, warning)


def _ourselves(node: Node, serving: bool) -> Iterator[Finding]:
    if node.party not in node.directory.parties:
        yield Finding("our particulars: none yet", False, "Make them: parley particulars propose, sign, combine.")
        return
    yield _expiry(node, node.directory.entry(node.party), "our particulars", "Propose the next version now.")
    if not serving:
        yield Finding("the node does not run: nothing comes or goes", False, "Start it: parley serve.")
    elif node.vault is None:
        yield Finding("the node is locked: it takes notes and opens none", False, "Unlock it: parley unlock.")
    if not node.freshness:
        yield Finding("our freshness: none; nobody can seal to us", False, "Unlock the node once: parley unlock.")
        return
    told, _ = verify_freshness(node.freshness, [node.node_key.public, *node.our_particulars().node_keys])
    age = node.clock() - told.issued_at
    ok = age < OLD_FRESHNESS
    yield Finding(f"our freshness: {_age(age)} old", ok, "" if ok else "Unlock the node: parley unlock, or serve.")


def _peer(node: Node, party: str) -> Iterator[Finding]:
    entry, standing = node.directory.entry(party), node.directory.standing(party, node.clock())
    if standing not in (Standing.CURRENT, Standing.EXPIRING):
        yield Finding(f"{party}: {standing.value}", False, f"Look at it: parley parties show {party}.")
    yield _expiry(node, entry, f"particulars of {party}", f"Ask {party} for its next version.")
    if entry.heard is None:
        yield Finding(f"{party}: never heard of", False, "Let the nodes meet: serve both, or carry a parcel by hand.")
    else:
        age = node.clock() - entry.heard.seen_at
        ok = age < OLD_FRESHNESS
        yield Finding(f"{party}: last heard of {_age(age)} ago", ok, "" if ok else "Check its address and the link.")
    if node.sealing_key_or_none(party) is None:
        yield Finding(f"{party}: no key to seal to", False, "Notes to it wait; let the nodes meet once.")
    yield from _roads(node, party)


def _roads(node: Node, party: str) -> Iterator[Finding]:
    """How each bearer that the peer lists did when it was last used."""
    for bearer in sorted(node.directory.entry(party).current.bearers, key=lambda one: one.rank):
        if bearer.kind in (HTTPS, MAIL):
            do = "Notes wait, or go by another bearer. Check its address and the link; parley serve says what happened."
            yield _road(node, f"{party} by {bearer.kind}", node.roads.of(party, bearer.kind), "reached", do)
        else:
            yield Finding(f"{party} by {bearer.kind}: listed; not a bearer that this node uses by itself")
    for kind, what in ((CALLED, "called us"), (MAIL_IN, "wrote by mail")):
        if at := node.roads.of(party, kind).worked:
            yield Finding(f"{party}: last {what} {_age(node.clock() - at)} ago")


def _mailbox(node: Node) -> Iterator[Finding]:
    road = node.roads.of(node.party, MAIL_IN)
    if road != Road():
        yield _road(
            node, "our mailbox", road, "read", "Look at [mail] in parley.toml; parley serve says what happened."
        )


def _road(node: Node, name: str, road: Road, done: str, do: str) -> Finding:
    last = f"{done} {_age(node.clock() - road.worked)} ago" if road.worked else f"never {done}"
    if road.failing:
        since = _age(node.clock() - road.failing_since)
        return Finding(f"{name}: {last}; failing for {since} ({road.problem})", False, do)
    return Finding(f"{name}: {last}" if road.worked else f"{name}: not tried yet")


def _sightings(node: Node) -> Iterator[Finding]:
    """What peers hold of third parties and we do not: it was asked for, and did not come yet or was not believed."""
    for party, peer, row in sight.differing(node):
        what = (
            f"{party}: {peer} tells of version {row.version}; held here: {node.directory.entry(party).current.version}"
        )
        yield Finding(what, False, f"If it stays so, ask {party} by telephone which version is theirs.")


def _expiry(node: Node, entry: Entry, whose: str, do: str) -> Finding:
    until = entry.current.expires_at
    ok = until - node.clock() > WARNING
    return Finding(f"{whose}: version {entry.current.version}, until {dtg(until)}", ok, "" if ok else do)


def _journals(node: Node) -> Iterator[Finding]:
    """What other parties' journals contradict, and what they were asked to prove and did not."""
    for kept in evidence.listed(node):
        what = "its journal shows two histories" if kept.kind == "checkpoints" else "two things under one serial"
        do = f"Look at it: parley evidence list. Ask {kept.party} through another channel what happened."
        yield Finding(f"{kept.party}: {what}, kept as evidence", False, do)
    for doubt in heads.doubts(node):
        ok = doubt.asked < ASKED_IN_VAIN
        what = f"journal of {doubt.party}: {doubt.seen_by} saw {doubt.size} entries, we {doubt.ours}; "
        what += f"asked {doubt.asked} times for the proof that both are one journal"
        yield Finding(
            what, ok, "" if ok else f"Ask {doubt.party} through another channel; compare with {doubt.seen_by}."
        )


def _clocks(node: Node) -> Iterator[Finding]:
    """Our clock against the times at which peers cosigned: they cannot cosign before we signed, nor much later."""
    texts = node.store.look(lambda look: look.records(CHECKPOINT, node.incarnation.hex()))
    cosigned = [text.decode() for _, text in texts if cosigner_names(text.decode())][-1:]
    for text in cosigned:
        for party in node.directory.parties:
            if cosigner_name(party) in cosigner_names(text):
                with suppress(Problem):
                    yield _clock(node, text, party)


def _clock(node: Node, text: str, party: str) -> Finding:
    ours = [key for held in node.directory.history(node.party) for key in held.particulars.node_keys]
    theirs = [key for held in node.directory.history(party) for key in held.particulars.node_keys]
    ahead = verify_cosignature(text, cosigner_name(party), theirs).at - verify_checkpoint(text, ours).at
    ok = ahead > -SKEW
    what = f"clock: {party} cosigned {_age(abs(ahead))} {'after' if ahead >= 0 else 'before'} we signed, by its clock"
    return Finding(what, ok, "" if ok else f"One of the two clocks is wrong: compare ours, then tell {party}.")


def _outbox(node: Node) -> Iterator[Finding]:
    for peer, rows, _ in node.store.look(lambda look: look.outbox_peers()):
        first = node.store.look(lambda look, p=peer: look.outbox_next(p, 1 << 62, most=1, most_bytes=1 << 30))  # type: ignore[misc]
        late = bool(first) and first[0].attempts >= MANY_ATTEMPTS
        do = f"Call {peer}, or carry it by hand: parley parcel {peer} FILE." if late else ""
        yield Finding(f"outbox: {rows} waiting for {peer}", not late, do)


def _bell(node: Node) -> Iterator[Finding]:
    if node.bell is None:
        yield Finding("bell: no command is set (on_flash); a FLASH note shows on the screen only")
        return
    ring, tested, test = node.store.look(last_ring), node.store.look(last_test), "Test it: parley flash-test."
    if ring is not None and ring.failure:
        yield Finding(f"bell: the last FLASH did not ring ({ring.failure})", False, f"Mend the command. {test}")
    if tested is None:
        yield Finding("bell: never tested", False, test)
    elif tested.failure or tested.heard is False:
        yield Finding(f"bell: the last test failed ({tested.failure or 'nobody heard it'})", False, f"Mend it. {test}")
    else:
        age = node.clock() - tested.at
        ok = age <= node.shift
        yield Finding(f"bell: tested {_age(age)} ago", ok, "" if ok else f"Once a shift. {test}")


def _alert(node: Node) -> Iterator[Finding]:
    told, do = alert.facts(node), "Look at [mail] in parley.toml. Until it works, somebody must sit at the desk."
    if not told["set"]:
        return
    if told["given_up_at"] is not None and told["given_up_at"] > (told["sent_at"] or 0):
        yield Finding(f"alert by e-mail: given up {_age(node.clock() - told['given_up_at'])} ago", False, do)
    if told["problem"]:
        yield Finding(f"alert by e-mail: {told['tries']} attempts failed ({told['problem']})", False, do)
    elif told["test_failure"]:
        yield Finding(f"alert by e-mail: the last test failed ({told['test_failure']})", False, do)
    elif told["sent_at"] is not None:
        yield Finding(f"alert by e-mail: last sent {_age(node.clock() - told['sent_at'])} ago")


def _drills(node: Node) -> Iterator[Finding]:
    """Runs whose time has come without a person's release: due, and not sent."""
    look, now = node.store.look, node.clock()
    for drill in look(all_drills):
        run = next_run(drill, look(lambda it, drill=drill: runs_of(it, drill)))  # type: ignore[misc]
        if run is not None and stage(drill, run, now) is RunStage.DUE:
            what = f"drill {drill.id}: due since {dtg(run.due_at)}, awaits a release"
            yield Finding(what, False, f"Release it: parley drills release {drill.id}; or cancel it.")


def _age(ms: int) -> str:
    if ms < 120_000:
        return f"{ms // 1000} s"
    return (
        f"{ms // 60_000} min" if ms < 7_200_000 else (f"{ms // 3_600_000} h" if ms < 2 * DAY else f"{ms // DAY} days")
    )


def as_rows(found: list[Finding]) -> list[dict[str, Any]]:
    """As plain values."""
    return [msgspec.to_builtins(one) for one in found]
