"""Bad input from a peer, the whole way: a parcel comes in, the refusal is recorded and told, the next good note passes.

The rules themselves are tested in their rooms; here it is that nothing stops a desk, and that all leaves a trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parley.line.note import note_id
from parley.line.parcel import LARGEST_PARCEL, ItemKind, Parcel
from parley.line.receipt import Stage
from parley.line.void import Void
from parley.seal import Domain, decode, digest, encode, seal
from parley.terms.party import Address
from parley.terms.problem import Problem
from parley.testing import DAY

COSE_SIGN = b"\xd8\x62"
HOUR = 3_600_000


def fields(wire: Any, changed: dict[int, Any], **note: Any) -> bytes:
    """A note whose payload XA's office signs after it was changed; None leaves a field out."""
    found = decode(wire.note(**note).to_payload())
    assert isinstance(found, dict)
    found |= changed
    return wire.sealed(wire.signed(encode({k: v for k, v in found.items() if v is not GONE})))


GONE = object()


def envelope(signed: bytes, change: Callable[[list[Any]], Any]) -> bytes:
    """The signed object with a change to its envelope: [body header, {}, payload, signatures]."""
    parts = decode(signed, start=len(COSE_SIGN))
    assert isinstance(parts, list)
    return COSE_SIGN + encode(change(parts))


def one_signature(wire: Any, place: int) -> bytes:
    """A note from which one of its two signatures was taken."""
    signed = wire.signed(wire.note())
    return wire.sealed(envelope(signed, lambda p: [*p[:3], [p[3][place]]]))


def other_suite(wire: Any, number: int) -> bytes:
    """A note whose protected header names another suite."""

    def change(parts: list[Any]) -> list[Any]:
        header = decode(parts[0])
        assert isinstance(header, dict)
        (key,) = (k for k, v in header.items() if v == 1 and k > 60000)
        return [encode(header | {key: number}), *parts[1:]]

    return wire.sealed(envelope(wire.signed(wire.note()), change))


def spoiled_payload(wire: Any, spoil: Callable[[bytes], bytes]) -> bytes:
    """A note whose payload is no canonical CBOR, signed all the same."""
    return wire.sealed(wire.signed(spoil(wire.note().to_payload())))


def duplicate_key(payload: bytes) -> bytes:
    """The map with one entry more, whose key 20 stands there already."""
    assert payload[0] == 0xB4
    return b"\xb5" + payload[1:] + b"\x14\xf6"


def long_number(payload: bytes) -> bytes:
    """The wire version 1 in two bytes instead of one."""
    assert payload[1:3] == b"\x01\x01"
    return payload[:2] + b"\x18\x01" + payload[3:]


NEST = 5000

# what is wrong -> (the sealed item that XA brings, the stage and the reason that XB signs back)
ITEMS: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "nothing at all": (lambda w: b"", "seal.not_opened"),
    "garbage": (lambda w: b"\xff" * 300, "seal.not_opened"),
    "sealed bytes cut short": (lambda w: w.sealed(w.note())[:-7], "seal.not_opened"),
    "sealed bytes with one changed": (lambda w: flipped(w.sealed(w.note()), 2000), "seal.not_opened"),
    "sealed bytes with more behind them": (lambda w: w.sealed(w.note()) + b"\0", "seal.not_opened"),
    "an item larger than the largest bucket": (lambda w: bytes(1 << 21), "seal.not_opened"),
    "an item nested to exhaustion": (lambda w: b"\xd0" + b"\x81" * NEST + b"\0", "seal.not_opened"),
    "an outer map with a key twice": (lambda w: b"\xd0\x83\x43\xa2\x01\x01\x01\xa0\x40", "seal.not_opened"),
    "sealed, and no signed object inside": (lambda w: w.sealed(b"hello"), "seal.not_signed"),
    "a signed object cut short": (lambda w: w.sealed(w.signed(w.note())[:-1]), "seal.cut_short"),
    "a payload cut short": (lambda w: spoiled_payload(w, lambda p: p[:-1]), "seal.cut_short"),
    "a payload nested to exhaustion": (lambda w: spoiled_payload(w, lambda p: b"\x81" * NEST + b"\0"), "seal.too_deep"),
    "a payload with a key twice": (lambda w: spoiled_payload(w, duplicate_key), "seal.duplicate_key"),
    "a payload not in its shortest form": (lambda w: spoiled_payload(w, long_number), "seal.not_shortest"),
    "a payload with bytes behind it": (lambda w: spoiled_payload(w, lambda p: p + b"\0"), "seal.trailing_bytes"),
    "a note larger than a note may be": (
        lambda w: w.sealed(w.words("x" * 7000, extensions={9: "y" * 262144})),
        "seal.too_large",
    ),
    "a suite that is reserved": (lambda w: other_suite(w, 2), "seal.suite_not_here"),
    "a suite that nobody knows": (lambda w: other_suite(w, 77), "seal.unknown_suite"),
    "only the signature of Ed25519": (lambda w: one_signature(w, 1), "seal.signature_missing"),
    "only the signature of ML-DSA": (lambda w: one_signature(w, 0), "seal.signature_missing"),
    "signed by the node in place of the office": (
        lambda w: w.sealed(w.signed(w.note(), w.a.keys.node)),
        "directory.key_unknown",
    ),
    "signed by the receiver's own office": (
        lambda w: w.sealed(w.signed(w.note(), w.b.keys.office)),
        "directory.key_unknown",
    ),
    "signed as a receipt": (lambda w: w.sealed(w.signed(w.note(), domain=Domain.RECEIPT)), "seal.wrong_domain"),
    "a wire version to come": (lambda w: fields(w, {1: 2}), "line.unknown_version"),
    "a kind of object that nobody knows": (lambda w: fields(w, {2: 99}), "line.unknown_kind"),
    "a parcel, sealed": (lambda w: w.sealed(w.signed(Parcel().to_bytes())), "line.unknown_kind"),
    "a field too few": (lambda w: fields(w, {14: GONE}), "line.bad_shape"),
    "a critical extension unknown here": (lambda w: fields(w, {21: {9: 1}}), "line.unknown_critical"),
    "addressed to a third party": (lambda w: w.sealed(w.note(to="XC")), "line.wrong_recipient"),
    "addressed to an office that we do not have": (lambda w: w.sealed(w.note(to="XB/night")), "line.not_our_office"),
    "from an office that XA does not list": (
        lambda w: w.sealed(w.note(sender=Address("XA", "night"))),
        "directory.no_office",
    ),
    "from a party that nobody accepted": (
        lambda w: w.sealed(w.note(sender=Address("XC", "duty"))),
        "line.unknown_sender",
    ),
    "from ourselves": (lambda w: w.sealed(w.note(sender=Address("XB", "duty"))), "line.own_note"),
    "an answer hoped for before the signing": (
        lambda w: w.sealed(w.note(answer_by=w.clock() - 1)),
        "line.answer_before_signing",
    ),
    "a code outside its list": (lambda w: w.sealed(w.note(lines={10: "declare-war"})), "line.code_outside_list"),
    "a line that the form does not have": (
        lambda w: w.sealed(w.note(lines={10: "timetable", 99: 1})),
        "line.code_outside_list",
    ),
    "own words with a control character": (lambda w: w.sealed(w.words("bell\x07")), "line.unsafe_text"),
    "own words that turn the direction": (lambda w: w.sealed(w.words("from \u202eyou\u202c")), "line.unsafe_text"),
    "own words with an isolate left open": (lambda w: w.sealed(w.words("from \u2066you")), "line.unsafe_text"),
}


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("case", ITEMS)
def test_a_bad_item_is_refused_recorded_and_told_and_the_line_goes_on(play: Any, case: str) -> None:
    """Alone in its parcel; brought again it is told the same bytes again; then a good note passes."""
    build, reason = ITEMS[case]

    async def scene(wire: Any) -> None:
        item = build(wire)
        reply = await wire.give(item)
        assert reply.said == [("REFUSED", reason)]
        assert reply.entries[0].sealed == digest(item)
        assert wire.refusals() == [reason]
        assert (await wire.give(item)).signed == reply.signed
        assert wire.refusals() == [reason]
        assert wire.notes() == []
        await wire.goes_on()

    play(scene)


@pytest.mark.parametrize("case", ITEMS)
def test_a_bad_item_does_not_stop_the_good_ones_around_it(play: Any, case: str) -> None:
    """A good note before it and one behind it in the same parcel are opened."""
    build, reason = ITEMS[case]

    async def scene(wire: Any) -> None:
        before, item, behind = wire.note(), build(wire), wire.note()
        reply = await wire.give(wire.sealed(before), item, wire.sealed(behind))
        assert reply.said == [("OPENED", ""), ("REFUSED", reason), ("OPENED", "")]
        assert len(wire.notes()) == 2

    play(scene)


def nothing_but(parcel: bytes) -> list[bytes]:
    """Ways in which a whole parcel can be unreadable."""
    return [
        b"",
        parcel[:-1],
        parcel + b"\0",
        b"\x81" * NEST + b"\0",
        bytes(LARGEST_PARCEL + 1),
        encode({1: 2, 2: 3, 3: [], 4: [], 5: 0}),
        encode({1: 1, 2: 3, 3: [], 4: [], 5: 0, 21: {1: 1}}),
        b"\xa5\x01\x01\x02\x03\x03\x80\x04\x80\x04\x80",
        b"\xbf" + parcel[1:] + b"\xff",
        encode({1: 1, 2: 3, 3: [[1, b"x"]] * 257, 4: [], 5: 0}),
    ]


def test_a_parcel_that_cannot_be_read_is_refused_as_a_whole_and_changes_nothing(play: Any) -> None:
    """Truncated, oversized, nested, of another version, with a key twice, of indefinite length, with too many items."""

    async def scene(wire: Any) -> None:
        from parley.desk.receive import receive

        good = Parcel(items=((1, wire.sealed(wire.note())),)).to_bytes()
        size = wire.b.node.store.look(lambda look: look.leaf_count())
        for data in nothing_but(good):
            with pytest.raises(Problem) as caught:
                await receive(wire.b.node, "XA", data)
            assert caught.value.key.partition(".")[0] in ("line", "seal")
        assert wire.b.node.store.look(lambda look: look.leaf_count()) == size
        await wire.goes_on()

    play(scene)


def test_every_byte_of_a_sealed_note_and_of_its_parcel_may_be_wrong(play: Any) -> None:
    """Turned bytes at many places: a refusal, never another exception, and a good note passes at the end."""

    async def scene(wire: Any) -> None:
        from parley.desk.receive import receive

        sealed = wire.sealed(wire.note())
        for place in range(0, len(sealed), 61):
            reply = await wire.give(flipped(sealed, place))
            assert [entry.stage for entry in reply.entries] in ([Stage.REFUSED], [Stage.UNOPENABLE])
        parcel = Parcel(items=((1, sealed),), got=(bytes(32),), collect=3).to_bytes()
        for place in [*range(60), *range(60, len(parcel), 97)]:
            try:
                await receive(wire.b.node, "XA", flipped(parcel, place))
            except Problem:
                continue
        await wire.goes_on()

    play(scene)


# -- accepted and marked

MARKED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "an answer hoped for by an hour that is over": (
        lambda w: w.note(answer_by=w.clock() - HOUR, signed_at=w.clock() - 2 * HOUR),
        "answer-by-past",
    ),
    "a clock two days ahead": (lambda w: w.note(signed_at=w.clock() + 2 * DAY), "clock-skew:172800"),
    "a form that nobody here knows": (lambda w: w.note(form_version=1), "unknown-form"),
    "a later version of a form": (lambda w: w.note(form_version=9), "unknown-form"),
    "a form whose definition differs": (lambda w: w.note(form_digest=bytes(32)), "form-differs"),
    "another catalogue": (lambda w: w.note(catalogue_digest=bytes(32)), "catalogue-differs"),
    "a reference to a note that never came": (lambda w: w.note(refers_to=(b"n" * 32,)), "unknown-reference"),
    "particulars that we have not seen": (lambda w: w.note(particulars_version=9), "newer-particulars"),
}


@pytest.mark.parametrize("case", MARKED)
def test_what_is_late_skewed_or_new_is_taken_and_marked(play: Any, case: str) -> None:
    """Opened, receipted, and the mark stands with the note for whoever reads it."""
    build, mark = MARKED[case]

    async def scene(wire: Any) -> None:
        note = build(wire)
        if case == "a form that nobody here knows":
            note = msgspec.structs.replace(note, form=777, lines={10: "x", 11: 5})
        reply = await wire.give(wire.sealed(note))
        assert reply.said == [("OPENED", "")]
        assert mark in wire.row(note).marks
        assert wire.refusals() == []
        await wire.goes_on()

    play(scene)


@pytest.mark.parametrize(("form", "version"), [(777, 1), (1, 9)])
def test_an_unknown_form_is_shown_as_coded_lines(play: Any, form: int, version: int) -> None:
    """Nothing is guessed: number and value of each line, and the header in words."""

    async def scene(wire: Any) -> None:
        from parley.desk.read import read

        note = wire.note(form=1, form_version=version, lines={10: "timetable"})
        note = msgspec.structs.replace(note, form=form, lines={10: "some-code", 11: 5})
        await wire.give(wire.sealed(note))
        shown = await read(wire.b.node, note_id(note.to_payload()).hex(), "fr", officer="duty")
        assert "some-code" in shown.rendered.text
        assert note_id(note.to_payload()) == shown.row.note_id
        await wire.goes_on()

    play(scene)


def test_an_unknown_extension_that_is_not_critical_survives(play: Any) -> None:
    """The stored note, opened again, holds it: a later Parley reads what this one could not."""

    async def scene(wire: Any) -> None:
        from parley.desk.find import open_note

        note = wire.note(extensions={7: [1, b"later"]})
        await wire.give(wire.sealed(note))
        assert open_note(wire.b.node, wire.row(note)).extensions == {7: [1, b"later"]}

    play(scene)


def test_a_kind_of_item_that_nobody_knows_is_skipped(play: Any) -> None:
    """What stands around it is taken, and nothing is said of it."""

    async def scene(wire: Any) -> None:
        reply = await wire.give((99, b"later"), wire.sealed(wire.note()), (98, b""))
        assert reply.said == [("OPENED", "")]
        assert wire.refused_news() == []

    play(scene)


# -- replay, forwarding, serials


def test_the_same_sealed_bytes_again_bring_the_stored_receipt_byte_for_byte(play: Any) -> None:
    """One note, one journal entry; ML-DSA is randomised, so a receipt made anew would differ."""

    async def scene(wire: Any) -> None:
        sealed = wire.sealed(wire.note())
        first = await wire.give(sealed)
        size = wire.b.node.store.look(lambda look: look.leaf_count())
        again = await wire.give(sealed, sealed)
        assert again.signed == first.signed
        assert len(wire.notes()) == 1
        assert wire.b.node.store.look(lambda look: look.leaf_count()) == size

    play(scene)


def test_a_replay_is_receipted_the_same_when_opened_is_withheld(play: Any) -> None:
    """The sender is told "taken", twice the same bytes; here it is opened, and its sealed bytes are not kept."""

    async def scene(wire: Any) -> None:
        wire.b.node.withheld = {"XA": frozenset({"opened"})}
        note = wire.note()
        sealed = wire.sealed(note)
        first, again = await wire.give(sealed), await wire.give(sealed)
        assert first.said == [("TAKEN", "")]
        assert again.signed == first.signed
        held = wire.b.node.store.look(lambda look: look.held(digest(sealed)))
        assert (held.stage, held.sealed) == (Stage.OPENED, None)
        assert wire.row(note) is not None

    play(scene)


def test_the_same_note_in_other_sealed_bytes_is_one_note(play: Any) -> None:
    """Each sealing gets a receipt that names its bytes, of the same note and journal entry, stored like the first."""

    async def scene(wire: Any) -> None:
        signed = wire.signed(wire.note())
        one, two = wire.sealed(signed), wire.sealed(signed)
        (first,) = (await wire.give(one)).entries
        reply = await wire.give(two)
        (second,) = reply.entries
        assert (first.note, first.journal_index) == (second.note, second.journal_index)
        assert (first.sealed, second.sealed) == (digest(one), digest(two))
        assert (await wire.give(two)).signed == reply.signed
        assert len(wire.notes()) == 1

    play(scene)


async def third(wire: Any) -> Any:
    """A party XC that has met both."""
    c = wire.Party("XC", wire.clock)
    await c.start()
    await c.meet(wire.a)
    await c.meet(wire.b)
    return c


def test_a_note_passed_on_to_a_third_party_is_refused_there(play: Any) -> None:
    """XB reseals XA's note to XC: XC is not among the recipients inside the signature. XB is told, XA pays nothing."""

    async def scene(wire: Any) -> None:
        c = await third(wire)
        note = wire.note()
        reply = await wire.give(wire.sealed(note, c), peer=wire.b, to=c)
        assert reply.said == [("REFUSED", "line.wrong_recipient")]
        assert wire.refusals(c, by="XB") == ["line.wrong_recipient"]
        assert c.node.store.look(lambda look: look.stored_from("XA")) == 0
        assert wire.row(note, c) is None

    play(scene)


def test_a_forgery_in_another_partys_name_is_charged_to_whoever_brought_it(play: Any) -> None:
    """XC writes a thousand notes "of XA": neither XA's share nor XA's record of refusals is touched."""

    async def scene(wire: Any) -> None:
        c = await third(wire)
        forged = [wire.sealed(wire.signed(wire.note(), c.keys.office)) for _ in range(5)]
        reply = await wire.give(*forged, peer=c)
        assert reply.said == [("REFUSED", "directory.key_unknown")] * 5
        assert wire.refusals(by="XA") == []
        look = wire.b.node.store.look
        assert look(lambda found: found.stored_from("XA")) == 0 < look(lambda found: found.stored_from("XC"))
        await wire.goes_on()

    play(scene)


def test_a_note_that_another_peer_carries_is_receipted_to_its_sender(play: Any) -> None:
    """The bytes prove themselves, so they are taken; the carrier learns nothing, the receipt waits for the sender."""

    async def scene(wire: Any) -> None:
        c = await third(wire)
        note = wire.note()
        sealed = wire.sealed(note)
        assert (await wire.give(sealed, peer=c)).said == []
        assert (await wire.give(sealed, peer=c)).said == []
        assert wire.row(note) is not None
        waiting = wire.b.node.store.look(lambda look: look.outbox_peers())
        assert [(peer, count) for peer, count, _ in waiting] == [("XA", 1)]
        assert (await wire.give(sealed)).said == [("OPENED", "")]

    play(scene)


def evidence(wire: Any) -> list[bytes]:
    """The signed bytes kept as evidence against XA."""
    rows = wire.b.node.store.look(lambda look: look.records("fork", "XA "))
    return [wire.b.node.unlock_body(bytes.fromhex(key.split(" ")[1]), value) for key, value in rows]


@pytest.mark.parametrize("together", [True, False])
def test_two_notes_under_one_serial_are_kept_as_evidence(play: Any, together: bool) -> None:
    """The first stands, the second is refused; both signed originals are here, and both verify."""
    from parley.desk.find import signed_of
    from parley.directory import signed_root_digest
    from parley.journal import read_evidence, verify_evidence
    from parley.seal import verify

    async def scene(wire: Any) -> None:
        one = wire.note()
        two = msgspec.structs.replace(one, lines={10: "drill"})
        items = [wire.sealed(one), wire.sealed(two)]
        if together:
            said = (await wire.give(*items)).said
        else:
            said = (await wire.give(items[0])).said + (await wire.give(items[1])).said
        assert said == [("OPENED", ""), ("REFUSED", "line.serial_fork")]
        (kept,) = evidence(wire)
        fork = read_evidence(kept)
        assert signed_of(wire.b.node, wire.row(one)) in (fork.first, fork.second)
        keys = [wire.a.keys.office.public]
        found = {verify(signed, keys, Domain.NOTE).payload for signed in (fork.first, fork.second)}
        assert found == {one.to_payload(), two.to_payload()}
        verify_evidence(fork, signed_root_digest(wire.a.particulars))
        await wire.goes_on()

    play(scene)


def void_of(wire: Any, serial: int, **changes: Any) -> bytes:
    """XA's node says that a serial bears no note, sealed."""
    a = wire.a
    found: dict[str, Any] = {"sender": Address("XA", "duty"), "recipient": Address("XB", "duty"), "serial": serial}
    void = Void(**found | {"at": wire.clock(), "incarnation": a.node.incarnation} | changes)
    return wire.sealed(wire.signed(void.to_payload(), a.keys.node, domain=Domain.VOID))


@pytest.mark.parametrize("together", [True, False])
def test_a_note_after_the_void_of_its_serial_is_refused_and_kept(play: Any, together: bool) -> None:
    """Beside the void: whoever signed both has contradicted himself."""

    async def scene(wire: Any) -> None:
        note = wire.note()
        items = [void_of(wire, note.recipients[0].serial), wire.sealed(note)]
        if together:
            said = (await wire.give(*items)).said
        else:
            assert (await wire.give(items[0])).said == []
            said = (await wire.give(items[1])).said
        assert said == [("REFUSED", "line.serial_void")]
        assert [decode_payload(signed) for signed in evidence(wire)] == [note.to_payload()]
        assert wire.row(note) is None
        await wire.goes_on()

    play(scene)


@pytest.mark.parametrize("together", [True, False])
def test_a_void_after_its_note_unsays_nothing(play: Any, together: bool) -> None:
    """A node signs voids unattended; the office's note stands, the void is kept beside it."""

    async def scene(wire: Any) -> None:
        note = wire.note()
        items = [wire.sealed(note), void_of(wire, note.recipients[0].serial)]
        if together:
            assert (await wire.give(*items)).said == [("OPENED", "")]
        else:
            await wire.give(items[0])
            assert (await wire.give(items[1])).said == []  # a void is never receipted
        assert wire.refusals() == ["line.void_after_note"]
        assert len(evidence(wire)) == 1
        assert wire.row(note) is not None
        await wire.goes_on()

    play(scene)


def test_a_void_that_comes_again_is_written_down_once(play: Any) -> None:
    """The same bytes, and other bytes that say the same."""

    async def scene(wire: Any) -> None:
        void = void_of(wire, 99)
        await wire.give(void)
        size = wire.b.node.store.look(lambda look: look.leaf_count())
        await wire.give(void)
        await wire.give(void_of(wire, 99, at=wire.clock() + 1), void_of(wire, 99))
        assert wire.b.node.store.look(lambda look: look.leaf_count()) == size

    play(scene)


def test_a_reply_of_the_other_kind_is_refused(play: Any) -> None:
    """An exercise answered by something real. The other way round is the room's test: only exercises name XA and XB."""

    async def scene(wire: Any) -> None:
        ours = await wire.b.write("XA", 1, {10: "timetable"})
        reply = await wire.give(wire.sealed(wire.note(refers_to=(ours,), exercise=False)))
        assert reply.said == [("REFUSED", "line.kind_differs")]
        await wire.goes_on()

    play(scene)


# -- receipts


def test_receipts_that_prove_nothing_are_recorded_and_never_receipted(play: Any) -> None:
    """Else two desks that do not believe each other would send receipts of receipts for ever."""

    async def scene(wire: Any) -> None:
        ours = await wire.b.write("XA", 1, {10: "timetable"})
        row = wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))
        opened = wire.entry(Stage.OPENED, row.digest, note=ours)
        of_c = wire.Party("XC", wire.clock)
        cases = {
            "receipt_to_another": wire.receipt(opened, to="XC"),
            "unknown_sender": wire.receipt(opened, of=of_c),
            "own_note": wire.receipt(opened, issuer="XB"),
            "key_unknown": wire.signed(decode_payload(wire.receipt(opened)), wire.a.keys.office, domain=Domain.RECEIPT),
            "wrong_domain": wire.signed(decode_payload(wire.receipt(opened)), wire.a.keys.node),
            "unsafe_text": wire.receipt(wire.entry(Stage.REFUSED, row.digest, reason="\u202eno")),
        }
        for key, signed in cases.items():
            assert (await wire.give(wire.sealed(signed))).said == []
            assert any(found.endswith(f".{key}") for found in wire.refusals())
        assert len(wire.refusals()) == len(cases)
        assert wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA")) is not None
        await wire.goes_on()

    play(scene)


def decode_payload(signed: bytes) -> bytes:
    from parley.seal import peek

    return peek(signed).payload


def test_a_receipt_for_a_note_that_was_never_sent_changes_nothing(play: Any) -> None:
    """Nor does one for a note to somebody else, nor one that names no bytes of ours."""

    async def scene(wire: Any) -> None:
        await third(wire)
        to_c = await wire.b.write("XC", 1, {10: "timetable"})
        row = wire.b.node.store.look(lambda look: look.outbox_for(to_c, "XC"))
        for entry in (
            wire.entry(Stage.OPENED, bytes(32), note=b"n" * 32),
            wire.entry(Stage.OPENED, row.digest, note=to_c),
            wire.entry(Stage.TAKEN, row.digest),
            wire.entry(Stage.TAKEN, bytes(32)),
        ):
            assert (await wire.give(wire.sealed(wire.receipt(entry)))).said == []
        assert wire.b.node.store.look(lambda look: look.outbox_for(to_c, "XC")) == row
        await wire.goes_on()

    play(scene)


def test_got_takes_nothing_out_of_the_outbox_but_receipts_of_that_peer(play: Any) -> None:
    """A note waits for a signed receipt; XA cannot acknowledge what is XC's."""

    async def scene(wire: Any) -> None:
        c = await third(wire)
        ours = await wire.b.write("XA", 1, {10: "timetable"})
        await wire.give(wire.sealed(wire.note()), peer=c)  # XA's note by XC: XA's receipt waits
        rows = [wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))]
        rows += wire.b.node.store.look(lambda look: look.outbox_next("XA", 1 << 60, most=9, most_bytes=1 << 20))
        digests = tuple({row.digest for row in rows})
        assert len(digests) == 2
        await wire.give(peer=c, got=digests)
        assert wire.b.node.store.look(lambda look: look.outbox_peers())[0][1] == 2
        await wire.give(got=digests)
        assert wire.b.node.store.look(lambda look: look.outbox_peers())[0][1] == 1

    play(scene)


def test_a_receipt_that_asks_to_seal_again_when_no_key_is_known_stops_nothing(play: Any) -> None:
    """XA's prekey has run out and XA says "unopenable": recorded, the next item is taken."""

    async def scene(wire: Any) -> None:
        ours = await wire.b.write("XA", 1, {10: "timetable"})
        row = wire.b.node.store.look(lambda look: look.outbox_for(ours, "XA"))
        wire.clock.sleep(30 * DAY)
        await freshen_all(wire.b)
        unopenable = wire.receipt(wire.entry(Stage.UNOPENABLE, row.digest))
        note = wire.note()
        await wire.give(wire.sealed(unopenable), wire.sealed(note))
        assert wire.row(note) is not None

    play(scene)


async def freshen_all(party: Any) -> None:
    from parley.desk import freshen

    await freshen.freshen(party.node, force=True)


# -- the same note by hand


def test_by_hand_a_refusal_is_told_to_whom_the_note_names_and_charged_to_nobody(play: Any) -> None:
    """A file has no certificate: who brought it is unknown, and forging a name must cost the named one nothing."""

    async def scene(wire: Any) -> None:
        from parley.desk.receive import receive
        from parley.line.parcel import read_parcel

        sealed = wire.sealed(wire.note(to="XC"))
        back = await receive(wire.b.node, None, Parcel(items=((int(ItemKind.SEALED), sealed),)).to_bytes())
        assert wire.opened(read_parcel(back), wire.a).said == [("REFUSED", "line.wrong_recipient")]
        assert wire.b.node.store.look(lambda look: look.stored_from("XA")) == 0
        await wire.goes_on()

    play(scene)


def test_an_item_for_a_key_that_is_gone_is_answered_unopenable(play: Any) -> None:
    """So that its sender seals the same signed note again."""

    async def scene(wire: Any) -> None:
        reply = await wire.give(seal(wire.signed(wire.note()), wire.key_of(wire.a)))
        assert reply.said == [("UNOPENABLE", "seal.no_key")]
        await wire.goes_on()

    play(scene)
