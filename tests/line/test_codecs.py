"""Every object of the line survives a round trip, and one value has one byte string."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.line import (
    Attachment,
    Clock,
    Conversation,
    Copy,
    Delivery,
    Entry,
    FilePart,
    FileRequest,
    Note,
    OneTimePrekey,
    Parcel,
    Precedence,
    ReadBack,
    Recall,
    Receipt,
    Recipient,
    Reservation,
    Returned,
    Speaker,
    Stage,
    Understanding,
    Void,
    held_sequences,
    holds,
    note_id,
    read_conversation,
    read_file_word,
    read_note,
    read_parcel,
    read_recall,
    read_receipt,
    read_reservation,
    read_returned,
    read_speaker,
    read_void,
)
from parley.line.states import Answer, AnswerNews, Moment
from parley.seal import decode, digest, encode
from parley.terms.party import Address
from parley.terms.problem import Problem

from ..effort import examples

INT64 = 2**63 - 1
whole = st.integers(0, INT64)
d32 = st.binary(min_size=32, max_size=32)
d16 = st.binary(min_size=16, max_size=16)
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=8).map(lambda s: unicodedata.normalize("NFC", s))
party = st.one_of(st.from_regex(r"[A-Z]{2}", fullmatch=True), st.from_regex(r"O-[A-Z0-9]{2,12}", fullmatch=True))
address = st.builds(Address, party, st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True))
value = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), INT64) | st.binary(max_size=8) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(whole, inner, max_size=3),
    max_leaves=6,
)
extensions = st.dictionaries(whole, value, max_size=2)
ROOM_BELOW = 12  # levels that the outer object leaves for a value


def shallow(deep: Any) -> bool:
    """Whether a value fits under the limit of depth inside a note."""
    try:
        decode(encode(deep), depth=ROOM_BELOW)
    except Problem:
        return False
    return True


recipients = st.lists(
    st.builds(Recipient, address, whole), min_size=1, max_size=4, unique_by=lambda r: r.address.party
).map(lambda found: tuple(sorted(found)))

notes = st.builds(
    Note,
    sender=address,
    recipients=recipients,
    form=st.integers(1, 65535),
    form_version=st.integers(1, 65535),
    form_digest=d32,
    catalogue_digest=d32,
    precedence=st.sampled_from(Precedence),
    exercise=st.booleans(),
    signed_at=whole,
    answer_by=st.none() | whole,
    lines=st.dictionaries(st.integers(10, 999), value, max_size=4),
    refers_to=st.lists(d32, max_size=3, unique=True).map(tuple),
    attachments=st.lists(st.builds(Attachment, d32, whole, text), max_size=2).map(tuple),
    marking=value,
    written_in=text,
    incarnation=d16,
    accusation=st.booleans(),
    particulars_version=st.integers(1, INT64),
    thread=st.none() | d32,
    extensions=extensions,
).filter(lambda note: shallow([note.lines, note.marking, note.extensions]))

answers = st.lists(st.tuples(st.integers(1, 999), text), max_size=5, unique_by=lambda pair: pair[0]).map(tuple)


@st.composite
def entries(draw: Any) -> Entry:
    """An entry whose parts fit its stage."""
    stage = draw(st.sampled_from(Stage))
    named = stage in (Stage.OPENED, Stage.READ, Stage.READ_BACK)
    declined = draw(st.booleans())
    back = ReadBack(
        draw(st.integers(1, INT64)), draw(text), draw(text), draw(whole), () if declined else draw(answers), declined
    )
    return Entry(
        sealed=draw(d32),
        stage=stage,
        at=draw(whole),
        note=draw(d32) if named else draw(st.none() | d32),
        journal_index=draw(st.none() | whole),
        reason=draw(text),
        language=draw(text),
        read_back=back if stage is Stage.READ_BACK else None,
    )


receipts = st.builds(
    Receipt,
    issuer=party,
    incarnation=d16,
    to=party,
    entries=st.lists(entries(), max_size=3).map(tuple),
    particulars_version=st.integers(1, INT64),
    signed_at=whole,
    prekeys=st.lists(st.builds(OneTimePrekey, d16, st.binary(min_size=1216, max_size=1216), whole), max_size=1).map(
        tuple
    ),
    extensions=extensions.filter(shallow),
)
offices = st.from_regex(r"[a-z][a-z0-9-]{0,4}", fullmatch=True)
incarnations = st.sampled_from([bytes(16), bytes(15) + b"1"])
serials = st.tuples(st.sampled_from(["duty", "night"]), st.just("duty"), incarnations, st.integers(0, 40) | whole)
held = st.sets(serials, max_size=12).map(held_sequences)
recalls = st.builds(
    Recall,
    party=party,
    incarnation=d16,
    to=party,
    at=whole,
    record=st.binary(max_size=20),
    since=whole,
    theirs=held,
    ours=held,
    extensions=extensions,
)
returneds = st.builds(
    Returned,
    party=party,
    incarnation=d16,
    to=party,
    at=whole,
    answers=d32,
    notes=whole,
    own=whole,
    checkpoints=st.lists(text, max_size=4).map(tuple),
    extensions=extensions,
)
voids = st.builds(
    Void,
    sender=address,
    recipient=address,
    serial=whole,
    at=whole,
    incarnation=d16,
    extensions=extensions.filter(shallow),
)
speakers = st.builds(
    Speaker,
    issuer=party,
    incarnation=d16,
    to=party,
    content=d32,
    signed_at=whole,
    extensions=extensions.filter(shallow),
)
parcels = st.builds(
    Parcel,
    items=st.lists(st.tuples(st.integers(1, INT64), st.binary(max_size=40)), max_size=4).map(tuple),
    got=st.lists(d32, max_size=3, unique=True).map(tuple),
    collect=st.integers(0, 256),
    extensions=extensions.filter(shallow),
)
file_words = st.builds(FileRequest, note=d32, digest=d32, start=whole) | st.builds(
    FilePart, note=d32, digest=d32, start=whole, data=st.binary(max_size=40)
)
reservations = st.builds(Reservation, sender=address, recipients=recipients, incarnation=d16, at=whole, draft=text)
conversations = st.builds(
    Conversation,
    note_id=d32,
    party=party,
    outgoing=st.booleans(),
    precedence=st.sampled_from(Precedence),
    exercise=st.booleans(),
    answer_by=st.none() | whole,
    delivery=st.sampled_from(Delivery),
    understanding=st.sampled_from(Understanding),
    answer=st.sampled_from(Answer),
    copies=st.lists(st.builds(Copy, d32, st.sampled_from(Delivery)), max_size=3).map(tuple),
    times=st.dictionaries(st.sampled_from([int(m) for m in Moment]), whole),
    attempt=whole,
    differs=st.lists(st.integers(1, 999), max_size=4).map(tuple),
    read_in=st.lists(text, max_size=3).map(tuple),
    withheld=st.lists(st.integers(1, 7), max_size=2).map(tuple),
    reason=text,
    outcome=st.none() | st.sampled_from(AnswerNews),
    matter_at=whole,
    interim_at=whole,
    next_word_by=st.none() | whole,
    rang=st.lists(st.sampled_from(Clock), max_size=3).map(tuple),
    tried=st.lists(text, max_size=2).map(tuple),
    skew=st.integers(-(2**63), INT64),
)

CODECS: dict[str, tuple[Any, Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "note": (notes, Note.to_payload, read_note),
    "receipt": (receipts, Receipt.to_payload, read_receipt),
    "recall": (recalls, Recall.to_payload, read_recall),
    "returned": (returneds, Returned.to_payload, read_returned),
    "void": (voids, Void.to_payload, read_void),
    "speaker": (speakers, Speaker.to_payload, read_speaker),
    "file": (file_words, lambda word: word.to_bytes(), read_file_word),
    "parcel": (parcels, Parcel.to_bytes, read_parcel),
    "reservation": (reservations, Reservation.to_bytes, read_reservation),
    "conversation": (conversations, Conversation.to_bytes, read_conversation),
}


@pytest.mark.parametrize("name", CODECS)
def test_every_value_survives_a_round_trip(name: str) -> None:
    """What is written reads back as the same value and is written the same again."""
    values, write, read = CODECS[name]

    @settings(max_examples=examples(30), deadline=None)
    @given(values)
    def check(given_value: Any) -> None:
        back = read(write(given_value))
        assert back == given_value
        assert write(back) == write(given_value)  # tells true from 1, which Python does not

    check()


@pytest.mark.parametrize("name", CODECS)
def test_whatever_reads_is_written_back_to_the_same_bytes(name: str) -> None:
    """No two byte strings read as one value: a byte changed anywhere is refused, or makes another value."""
    values, write, read = CODECS[name]

    @settings(max_examples=examples(30), deadline=None)
    @given(values, st.data())
    def check(given_value: Any, data: Any) -> None:
        payload = bytearray(write(given_value))
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place] ^= data.draw(st.integers(1, 255))
        try:
            back = read(bytes(payload))
        except Problem:
            return
        assert write(back) == bytes(payload)
        assert back != given_value

    check()


@pytest.mark.parametrize("name", CODECS)
def test_any_bytes_are_read_or_refused_by_name(name: str) -> None:
    """A decoder meets hostile bytes with a Problem, never with another exception."""
    _, _, read = CODECS[name]

    @settings(max_examples=examples(50), deadline=None)
    @given(st.binary(max_size=200) | value.map(encode_or_nothing))
    def check(data: bytes) -> None:
        with suppress(Problem):
            read(data)

    check()


def encode_or_nothing(deep: Any) -> bytes:
    """Canonical bytes of a value that may be too deep for them."""
    try:
        return encode(deep)
    except Problem:
        return b""


@pytest.mark.parametrize("name", CODECS)
def test_a_field_may_hold_any_value_without_a_crash(name: str) -> None:
    """The right frame with a wrong value in one field is refused by name or read as another value."""
    values, write, read = CODECS[name]

    @settings(max_examples=examples(40), deadline=None)
    @given(values, value, st.data())
    def check(given_value: Any, other: Any, data: Any) -> None:
        fields = decode(write(given_value))
        assert isinstance(fields, dict)
        fields[data.draw(st.sampled_from(sorted(fields)))] = other
        try:
            payload = encode(fields)
            back = read(payload)
        except Problem:
            return
        assert write(back) == payload

    check()


@settings(max_examples=examples(80), deadline=None)
@given(st.sets(serials, max_size=60), st.sets(serials, max_size=20))
def test_a_recall_says_exactly_which_serials_are_held(present: Any, absent: Any) -> None:
    """None that is missing may look held, or it would not be sent again; none that is held need be sent."""
    sequences = held_sequences(present)
    assert all(holds(sequences, serial) for serial in present)
    assert not any(holds(sequences, serial) for serial in absent - present)


@settings(max_examples=examples(50), deadline=None)
@given(st.sets(serials, max_size=60), st.sets(serials, max_size=20), st.integers(0, 8))
def test_what_a_recall_has_no_room_for_counts_as_missing(present: Any, absent: Any, most: int) -> None:
    """What is left out is sent once more, which does no harm; nothing that is missing is left out of the asking."""
    sequences = held_sequences(present, most)
    assert sum(len(held.ranges) for held in sequences) <= most
    assert not any(holds(sequences, serial) for serial in absent - present)


def test_the_id_of_a_note_is_the_digest_of_its_payload(world: Any) -> None:
    """SHA-256, so that anybody can compute it."""
    payload = world.note().to_payload()
    assert note_id(payload) == digest(payload)


def test_unknown_extensions_that_are_not_critical_survive(world: Any) -> None:
    """A later Parley may add fields; they are signed, so they must not get lost."""
    note = world.note(extensions={7: ["later", {1: b"x"}]})
    assert read_note(note.to_payload()).extensions == {7: ["later", {1: b"x"}]}
