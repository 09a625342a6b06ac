"""Particulars that ran out, went back, fork or were revoked, in a parcel of a peer, and the notes that rest on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parley.desk import decide, learn
from parley.desk.release import override_of
from parley.directory import Narrowing, Revocation
from parley.journal import Checkpoint, EvidenceKind, origin, read_evidence, sign_checkpoint
from parley.line.parcel import ItemKind
from parley.seal import Domain, SigningKey, decode, digest, encode, sign
from parley.testing import DAY, PartyKeys, SeededRandomness

PARTICULARS, FRESHNESS, CHECKPOINT = ItemKind.PARTICULARS, ItemKind.FRESHNESS, ItemKind.CHECKPOINT


def item(kind: ItemKind, body: bytes) -> tuple[int, bytes]:
    return int(kind), body


def next_version(wire: Any, **changes: Any) -> Any:
    """XA's next particulars, unsigned; a minute later, for they may not be issued backwards."""
    wire.clock.sleep(60_000)
    previous = changes.pop("previous", wire.a.particulars.digest)
    found = wire.a.keys.particulars(wire.clock(), wire.a.particulars, **changes)
    return msgspec.structs.replace(found, previous=previous)


async def published(wire: Any, **changes: Any) -> Any:
    """XB has learned XA's next version from a parcel."""
    found = next_version(wire, **changes)
    await wire.give(item(PARTICULARS, wire.a.keys.signed(found)))
    assert wire.b.node.directory.entry("XA").current == found
    wire.a.particulars = found
    return found


def without_root(wire: Any) -> bytes:
    """Particulars that only one of three roots signed, where two must."""
    payload = next_version(wire).payload
    return sign(payload, wire.a.keys.roots[:1], Domain.PARTICULARS)


def by_other_roots(wire: Any) -> bytes:
    """Particulars in XA's name, by roots that nobody accepted."""
    keys = PartyKeys("XA", seed="stranger")
    return keys.signed(keys.particulars(wire.clock() + 1, wire.a.particulars))


def weak_key(wire: Any, key: bytes, place: int) -> bytes:
    """Particulars in which an Ed25519 key is replaced by bytes that OpenSSL would take for one."""
    payload = next_version(wire).payload
    old = (wire.a.keys.office.public, wire.a.keys.node.public, wire.a.keys.roots[0].public)[place].to_bytes()[:32]
    assert old in payload
    return sign(payload.replace(old, key), wire.a.keys.roots[:2], Domain.PARTICULARS)


SMALL_ORDER = bytes(32)  # y = 0, a point of order 4
IDENTITY = b"\x01" + bytes(31)
NOT_CANONICAL = b"\xee" + b"\xff" * 30 + b"\x7f"  # y = p + 1, the identity once more

# what XA brings -> the problem that is recorded
NEWS: dict[str, tuple[Callable[[Any], tuple[int, bytes]], str]] = {
    "particulars: garbage": (lambda w: item(PARTICULARS, b"\xff" * 40), "seal.not_signed"),
    "particulars: nothing": (lambda w: item(PARTICULARS, b""), "seal.not_signed"),
    "particulars: nested to exhaustion": (lambda w: item(PARTICULARS, b"\xd8\x62" + b"\x81" * 9000), "seal.too_deep"),
    "particulars: cut short": (lambda w: item(PARTICULARS, w.a.keys.signed(next_version(w))[:-1]), "seal.cut_short"),
    "particulars: too few roots": (lambda w: item(PARTICULARS, without_root(w)), "directory.threshold_missing"),
    "particulars: roots of a stranger": (lambda w: item(PARTICULARS, by_other_roots(w)), "directory.old_roots_missing"),
    "particulars: issued in three weeks": (
        lambda w: item(PARTICULARS, w.a.keys.signed(next_version(w, issued_at=w.clock() + 21 * DAY))),
        "directory.from_the_future",
    ),
    "particulars: an office key of small order": (
        lambda w: item(PARTICULARS, weak_key(w, SMALL_ORDER, 0)),
        "seal.key_of_small_order",
    ),
    "particulars: a node key that is the identity": (
        lambda w: item(PARTICULARS, weak_key(w, IDENTITY, 1)),
        "seal.key_of_small_order",
    ),
    "particulars: a root key in another form": (
        lambda w: item(PARTICULARS, weak_key(w, NOT_CANONICAL, 2)),
        "seal.key_not_canonical",
    ),
    "freshness: garbage": (lambda w: item(FRESHNESS, b"\xff" * 40), "seal.not_signed"),
    "freshness: as particulars": (lambda w: item(FRESHNESS, w.a.keys.signed(w.a.particulars)), ""),
    "freshness: signed by the office": (
        lambda w: item(FRESHNESS, sign(payload_of(w.a.node.freshness), [w.a.keys.office], Domain.FRESHNESS)),
        "seal.unknown_signer",
    ),
    "freshness: signed as a receipt": (
        lambda w: item(FRESHNESS, sign(payload_of(w.a.node.freshness), [w.a.keys.node], Domain.RECEIPT)),
        "seal.wrong_domain",
    ),
    "freshness: of a version to come": (lambda w: item(FRESHNESS, ahead(w)), "directory.particulars_behind"),
    "checkpoint: garbage": (lambda w: item(CHECKPOINT, b"\xff"), ""),
    "checkpoint: not three parts": (lambda w: item(CHECKPOINT, encode(["text"])), "journal.bad_checkpoint"),
    "checkpoint: no checkpoint text": (lambda w: item(CHECKPOINT, encode(["text", 0, []])), "journal.bad_text"),
    "checkpoint: of XB's own journal": (
        lambda w: item(CHECKPOINT, shown(w, sign_head(w, 3, b"r", party="XB"))),
        "journal.other_journal",
    ),
    "checkpoint: of a party that is no peer": (
        lambda w: item(CHECKPOINT, shown(w, sign_head(w, 3, b"r", party="XC"))),
        "journal.other_journal",
    ),
    "checkpoint: signed by the office": (
        lambda w: item(CHECKPOINT, shown(w, sign_head(w, 3, b"r", key=w.a.keys.office))),
        "journal.unsigned",
    ),
    "cosignature: garbage": (lambda w: item(ItemKind.COSIGNATURE, encode([1, 2])), "journal.bad_checkpoint"),
    "cosignature: of a head that is not ours": (
        lambda w: item(ItemKind.COSIGNATURE, encode([sign_head(w, 3, b"r"), "lines"])),
        "journal.other_journal",
    ),
}


def payload_of(signed: bytes) -> bytes:
    parts = decode(signed, start=2)
    assert isinstance(parts, list)
    assert isinstance(parts[2], bytes)
    return parts[2]


def ahead(wire: Any) -> bytes:
    """XA's freshness of a version that XB has not seen."""
    found = decode(payload_of(wire.a.node.freshness))
    assert isinstance(found, dict)
    (place,) = (key for key, value in found.items() if value == wire.a.particulars.digest)
    return sign(encode(found | {place - 1: 9}), [wire.a.keys.node], Domain.FRESHNESS)


def sign_head(wire: Any, size: int, root: bytes, *, party: str = "XA", key: SigningKey | None = None) -> str:
    """A checkpoint of XA's journal with a root made of a word."""
    head = Checkpoint(origin(party, wire.a.node.incarnation), size, digest(root))
    return sign_checkpoint(head, key or wire.a.keys.node, wire.clock())


def shown(wire: Any, text: str, proof: list[bytes] | None = None) -> bytes:
    return encode([text, 0, proof or []])


@pytest.mark.parametrize("case", NEWS)
def test_news_that_cannot_be_believed_is_recorded_and_the_note_behind_it_passes(play: Any, case: str) -> None:
    """One record, whatever the repetition; nothing about XA changed."""
    build, reason = NEWS[case]

    async def scene(wire: Any) -> None:
        before = wire.b.node.directory.entry("XA").current
        bad, note = build(wire), wire.note()
        reply = await wire.give(bad, wire.sealed(note))
        assert reply.said == [("OPENED", "")]
        (found,) = wire.refused_news()
        assert found.startswith(reason)
        await wire.give(bad, bad)
        assert wire.refused_news() == [found]
        assert wire.b.node.directory.entry("XA").current == before
        await wire.goes_on()

    play(scene)


def test_particulars_that_ran_out_are_marked_on_the_note_and_sending_needs_a_reason(play: Any, refused: Any) -> None:
    """Expired is not revoked: a ministry whose registrar is on leave can still be heard."""

    async def scene(wire: Any) -> None:
        from parley.desk import freshen

        await published(wire, expires_at=wire.clock() + 30 * DAY)
        wire.clock.sleep(46 * DAY)
        await freshen.freshen(wire.b.node, force=True)
        note = wire.note()
        assert (await wire.give(wire.sealed(note))).said == []  # the receipt waits for a key of XA
        assert "expired" in wire.row(note).marks
        with refused("directory.needs_override"):
            await wire.b.write("XA", 1, {10: "timetable"})
        sent = await wire.b.write("XA", 1, {10: "timetable"}, override="Director: lives are at stake")
        assert wire.b.node.store.look(lambda look: look.outbox_for(sent, "XA")) is None  # it waits for a key, unsealed

    play(scene)


def test_sending_on_expired_particulars_is_journalled_with_its_reason(play: Any) -> None:
    """The reason stands in the journal, and the note goes out."""

    async def scene(wire: Any) -> None:
        await published(wire, expires_at=wire.clock() + DAY)
        wire.clock.sleep(2 * DAY)
        sent = await wire.b.write("XA", 1, {10: "timetable"}, override="Director: lives are at stake")
        look = wire.b.node.store.look
        kept = look(lambda found: found.record("override", sent.hex()))
        assert override_of(wire.b.node, sent, kept) == b"Director: lives are at stake" + sent
        kinds = look(lambda found: [found.leaf(index).kind.name for index in range(found.leaf_count())])
        assert "OVERRIDE" in kinds

    play(scene)


def test_particulars_rolled_back_change_nothing(play: Any) -> None:
    """XB holds version 2; version 1 comes again, in good faith or not."""

    async def scene(wire: Any) -> None:
        old = wire.a.keys.signed(wire.a.particulars)
        found = await published(wire, names={"en": "Party XA, renamed"})
        await wire.give(item(PARTICULARS, old))
        assert wire.b.node.directory.entry("XA").current == found
        await wire.goes_on()

    play(scene)


@pytest.mark.parametrize("version", [2, 3])
def test_two_contents_of_one_version_are_kept_as_evidence(play: Any, version: int) -> None:
    """XA's roots signed both: the fork is marked on every note, and sending needs a named decision."""

    async def scene(wire: Any) -> None:
        await published(wire, names={"en": "one"})
        previous = first_digest(wire) if version == 2 else bytes(32)  # or: the next version of another history
        twin = next_version(wire, version=version, names={"en": "two"}, previous=previous)
        await wire.give(item(PARTICULARS, wire.a.keys.signed(twin)))
        entry = wire.b.node.directory.entry("XA")
        assert len(entry.evidence) == 1
        assert entry.current.names == {"en": "one"}
        note = wire.note()
        await wire.give(wire.sealed(note))
        assert "equivocation" in wire.row(note).marks

    play(scene)


def first_digest(wire: Any) -> bytes:
    return bytes(wire.b.node.directory.history("XA")[0].particulars.digest)


@pytest.mark.parametrize(
    ("reason", "signed_before", "said"),
    [
        ("retired", True, ("OPENED", "")),
        ("retired", False, ("REFUSED", "directory.key_revoked")),
        ("compromised", True, ("REFUSED", "directory.key_revoked")),
        ("compromised", False, ("REFUSED", "directory.key_revoked")),
    ],
)
def test_a_revoked_office_key(play: Any, reason: str, signed_before: bool, said: tuple[str, str]) -> None:
    """Retired in good order, what it signed before still counts, marked; a thief writes any time he likes."""

    async def scene(wire: Any) -> None:
        before = wire.note()
        wire.clock.sleep(3_600_000)
        new = SigningKey.generate(SeededRandomness("new office key"))
        office = msgspec.structs.replace(wire.a.particulars.offices[0], keys=(new.public,))
        revoked = Revocation(wire.a.keys.office.public.key_id, wire.clock(), reason)
        await published(wire, offices=(office,), revoked=(revoked,))
        note = before if signed_before else wire.note()
        assert (await wire.give(wire.sealed(note))).said == [said]
        if said[0] == "OPENED":
            assert "key-retired" in wire.row(note).marks
        good = wire.note()
        assert (await wire.give(wire.sealed(wire.signed(good, new)))).said == [("OPENED", "")]

    play(scene)


def test_a_suite_below_the_lowest_that_was_announced_is_refused(play: Any) -> None:
    """XA says that from now on a stronger suite is the least: what this Parley knows is no longer enough."""

    async def scene(wire: Any) -> None:
        await published(wire, lowest_suite=9)
        assert (await wire.give(wire.sealed(wire.note()))).said == [("REFUSED", "seal.suite_too_low")]
        wire.clock.sleep(1)
        lower = next_version(wire, version=3, lowest_suite=1)
        await wire.give(item(PARTICULARS, wire.a.keys.signed(lower)))
        assert wire.refused_news() == ["directory.suite_lowered"]

    play(scene)


def test_particulars_of_a_stranger_are_kept_for_an_officer_and_not_accepted(play: Any) -> None:
    """Nobody's word can put a key in another party's mouth."""

    async def scene(wire: Any) -> None:
        c = wire.Party("XC", wire.clock)
        signed = c.keys.signed(c.particulars)
        await wire.give(item(PARTICULARS, signed))
        assert "XC" not in wire.b.node.directory.parties
        assert wire.b.node.store.look(lambda look: look.records(learn.OFFERED)) == [("XC", signed)]

    play(scene)


def test_a_flood_of_invented_parties_is_bounded(play: Any) -> None:
    """The newest are kept: the one that an officer has just asked for by telephone is among them."""

    async def scene(wire: Any) -> None:
        keys = PartyKeys("O-00")
        for number in range(learn.MOST_OFFERED + 10):
            keys.party = f"O-{number:02}"
            found = keys.particulars(wire.clock(), roots=(keys.roots[0].public,), threshold=1)
            await wire.give(item(PARTICULARS, keys.signed(found, signers=1)))
        kept = [party for party, _ in wire.b.node.store.look(lambda look: look.records(learn.OFFERED))]
        assert len(kept) == learn.MOST_OFFERED
        assert kept[-1] == keys.party

    play(scene)


# -- checkpoints


def test_a_head_that_does_not_continue_what_was_cosigned_is_not_cosigned(play: Any) -> None:
    """A larger head without a proof that holds: what was cosigned before is cosigned again, and nothing else."""

    async def scene(wire: Any) -> None:
        first = await wire.give(item(CHECKPOINT, shown(wire, sign_head(wire, 3, b"one"))))
        assert [kind for kind, _ in first.parcel.items if kind == ItemKind.COSIGNATURE] == [ItemKind.COSIGNATURE]
        second = await wire.give(item(CHECKPOINT, shown(wire, sign_head(wire, 5, b"two"), [bytes(32)] * 3)))
        assert cosigned(second) == cosigned(first)
        assert b"\n3\n" in cosigned(second)[0].encode()
        await wire.goes_on()

    play(scene)


def cosigned(reply: Any) -> list[str]:
    """The texts of the checkpoints whose cosignatures came back."""
    return [decode(body)[0] for kind, body in reply.parcel.items if kind == ItemKind.COSIGNATURE]


def test_two_heads_at_once_are_not_both_cosigned(play: Any) -> None:
    """Over two connections: whichever is remembered first is the journal, the other is a fork."""
    import asyncio

    async def scene(wire: Any) -> None:
        node, write = wire.b.node, wire.b.node.store.write

        async def slowly(unit: Any, *, point: str) -> Any:
            await asyncio.sleep(0)  # as a store with a writer of its own
            return await write(unit, point=point)

        node.store.write = slowly
        heads = [item(CHECKPOINT, shown(wire, sign_head(wire, 3, word))) for word in (b"one", b"two")]
        replies = await asyncio.gather(*(wire.give(head) for head in heads))
        assert sorted(len(cosigned(reply)) for reply in replies) == [0, 1]
        assert len(node.store.look(lambda look: look.records("evidence"))) == 1

    play(scene)


def test_a_forked_head_is_kept_as_evidence_that_verifies(play: Any) -> None:
    """Same journal, same size, another root: two texts that XA's node signed."""

    async def scene(wire: Any) -> None:
        heads = [sign_head(wire, 3, word) for word in (b"one", b"two")]
        for head in heads:
            reply = await wire.give(item(CHECKPOINT, shown(wire, head)))
        assert [kind for kind, _ in reply.parcel.items if kind == ItemKind.COSIGNATURE] == []
        ((key, value),) = wire.b.node.store.look(lambda look: look.records("evidence"))
        assert key == origin("XA", wire.a.node.incarnation)
        kept = read_evidence(value)
        assert kept.kind is EvidenceKind.CHECKPOINTS
        assert kept.particulars  # those that list the node key: no other word is needed to check it
        assert verified(wire, [kept.first.decode(), kept.second.decode()]) == {digest(b"one"), digest(b"two")}
        await wire.goes_on()

    play(scene)


def verified(wire: Any, texts: list[str]) -> set[bytes]:
    from parley.journal import verify_checkpoint

    return {verify_checkpoint(text, [wire.a.keys.node.public]).checkpoint.root for text in texts}


def test_suspension_is_told_to_nobody_and_refuses_at_once(play: Any) -> None:
    """By hand, too: what a suspended party signed is refused with that reason."""

    async def scene(wire: Any) -> None:
        await decide.suspend(wire.b.node, "XA", "director")
        assert wire.b.node.directory.party_of_certificate(wire.a.keys.certificate) is None
        note = wire.note()
        await wire.give(wire.sealed(note))
        assert wire.row(note) is None
        await decide.resume(wire.b.node, "XA", "director")
        await wire.goes_on()

    play(scene)


def test_a_form_that_was_narrowed_away_is_refused_by_name(play: Any) -> None:
    """And the other forms pass."""

    async def scene(wire: Any) -> None:
        await decide.narrow(wire.b.node, "XA", "director", take=Narrowing((1,)))
        assert (await wire.give(wire.sealed(wire.words("hello")))).said == [("REFUSED", "directory.form_refused")]
        await wire.goes_on()

    play(scene)
