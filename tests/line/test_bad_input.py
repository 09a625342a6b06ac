"""Bytes that almost are a note, a receipt, a void or a parcel, and what each is refused with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parley.line import LineProblem, Parcel, ReadBack, Stage, read_note, read_parcel, read_receipt, read_void
from parley.line.note import LARGEST_NOTE, MOST_RECIPIENTS
from parley.line.parcel import MOST_ITEMS
from parley.line.receipt import MOST_ENTRIES
from parley.seal import decode, encode
from parley.terms.problem import Fault, Problem

Change = Callable[[dict[int, Any]], Any]
GONE = object()
SHAPE = "line.bad_shape"


def put(**fields: Any) -> Change:
    """Replace fields, written f8=…; GONE leaves one out."""

    def change(found: dict[int, Any]) -> None:
        for name, value in fields.items():
            found[int(name[1:])] = value
            if value is GONE:
                del found[int(name[1:])]

    return change


# what is wrong -> (the change, the problem, words of the reason)
NOTES: dict[str, tuple[Change, str, str]] = {
    "a later wire version": (put(f1=2), "line.unknown_version", ""),
    "no wire version": (put(f1=GONE), SHAPE, "field 1"),
    "the wire version true": (put(f1=True), SHAPE, "field 1"),
    "a receipt in its place": (put(f2=2), SHAPE, "another kind"),
    "no sender": (put(f3=GONE), SHAPE, "field 3"),
    "a sender without office": (put(f3=["XA"]), SHAPE, "not a party and an office"),
    "a sender of three parts": (put(f3=["XA", "duty", "x"]), SHAPE, "field 3"),
    "a party in small letters": (put(f3=["xa", "duty"]), SHAPE, "cannot be one"),
    "an office with a blank": (put(f3=["XA", "du ty"]), SHAPE, "cannot be one"),
    "nobody to receive it": (put(f4=[]), SHAPE, "the recipients"),
    "a recipient twice": (put(f4=[["XB", "duty", 1], ["XB", "night", 2]]), SHAPE, "the recipients"),
    "recipients out of order": (put(f4=[["XC", "duty", 1], ["XB", "duty", 2]]), SHAPE, "the recipients"),
    "a recipient without serial": (put(f4=[["XB", "duty"]]), SHAPE, "a recipient"),
    "a serial below zero": (put(f4=[["XB", "duty", -1]]), SHAPE, "a recipient"),
    "the serial true": (put(f4=[["XB", "duty", True]]), SHAPE, "a recipient"),
    "more recipients than there are parties": (put(f4=[["XB", "duty", 1]] * (MOST_RECIPIENTS + 1)), SHAPE, "field 4"),
    "a form without version": (put(f5=[11]), SHAPE, "field 5"),
    "form zero": (put(f5=[0, 1]), SHAPE, "field 5"),
    "form 65536": (put(f5=[65536, 1]), SHAPE, "field 5"),
    "form version true": (put(f5=[11, True]), SHAPE, "field 5"),
    "a digest too short": (put(f6=bytes(31)), SHAPE, "field 6"),
    "a digest as text": (put(f7="0" * 32), SHAPE, "field 7"),
    "precedence 4": (put(f8=4), SHAPE, "field 8"),
    "precedence below zero": (put(f8=-1), SHAPE, "field 8"),
    "exercise as a number": (put(f9=1), SHAPE, "field 9"),
    "signed before the epoch": (put(f10=-1), SHAPE, "field 10"),
    "signed at no time": (put(f10=None), SHAPE, "field 10"),
    "no answer-by, not even null": (put(f11=GONE), SHAPE, "one form"),
    "a line below 10": (put(f12={9: 1}), SHAPE, "line number"),
    "line 1000": (put(f12={1000: 1}), SHAPE, "line number"),
    "more lines than a form has": (put(f12=dict.fromkeys(range(10, 300), 1)), SHAPE, "field 12"),
    "lines as an array": (put(f12=[]), SHAPE, "field 12"),
    "a note referred to twice": (put(f13=[bytes(32)] * 2), SHAPE, "one thing twice"),
    "a note referred to by a short id": (put(f13=[bytes(31)]), SHAPE, "32-byte"),
    "more references than fit": (put(f13=[bytes([n]) * 32 for n in range(65)]), SHAPE, "field 13"),
    "an attachment without size": (put(f14=[[bytes(32), "text/csv"]]), SHAPE, "an attachment"),
    "an attachment of size true": (put(f14=[[bytes(32), True, "text/csv"]]), SHAPE, "an attachment"),
    "an attachment below zero": (put(f14=[[bytes(32), -1, "text/csv"]]), SHAPE, "an attachment"),
    "an attachment of endless type": (put(f14=[[bytes(32), 1, "x" * 128]]), SHAPE, "an attachment"),
    "no marking, not even null": (put(f15=GONE), SHAPE, "one form"),
    "a language of seventeen letters": (put(f16="x" * 17), SHAPE, "field 16"),
    "an incarnation of 15 bytes": (put(f17=bytes(15)), SHAPE, "field 17"),
    "accusation as text": (put(f18="no"), SHAPE, "field 18"),
    "particulars version 0": (put(f19=0), SHAPE, "field 19"),
    "a thread that is no id": (put(f20=b"x"), SHAPE, "field 20"),
    "no thread, not even null": (put(f20=GONE), SHAPE, "one form"),
    "a critical extension unknown here": (put(f21={5: 1}), "line.unknown_critical", ""),
    "an empty map of critical extensions": (put(f21={}), SHAPE, "one form"),
    "an empty map of extensions": (put(f22={}), SHAPE, "one form"),
    "extensions as an array": (put(f22=[1]), SHAPE, "field 22"),
    "a field of no version": (put(f23=1), SHAPE, "field 23"),
    "a field 0": (put(f0=1), SHAPE, "field 0"),
    "too much text": (put(f12={10: "x" * LARGEST_NOTE}), "seal.too_large", ""),
}


def entry(*parts: Any) -> Change:
    """One entry in a receipt; `parts` replaces from the left."""

    def change(found: dict[int, Any]) -> None:
        found[5] = [[*parts, *found[5][0][len(parts) :]]]

    return change


def back(*parts: Any) -> Change:
    """The read-back of an entry; `parts` replaces from the left."""

    def change(found: dict[int, Any]) -> None:
        whole = found[5][0]
        whole[1], whole[3], whole[7] = int(Stage.READ_BACK), bytes(32), [*parts, *BACK[len(parts) :]]

    return change


BACK: list[Any] = [1, "en", "duty officer", 30, False, [[6, "not-accusation"]]]
D = bytes(32)

RECEIPTS: dict[str, tuple[Change, str, str]] = {
    "a later wire version": (put(f1=9), "line.unknown_version", ""),
    "an issuer without incarnation": (put(f3=["XB"]), SHAPE, "field 3"),
    "an incarnation of 15 bytes": (put(f3=["XB", bytes(15)]), SHAPE, "field 3"),
    "an issuer that cannot be a party": (put(f3=["xb", bytes(16)]), SHAPE, "cannot be one"),
    "made out to no party": (put(f4="nobody"), SHAPE, "cannot be one"),
    "too many entries": (put(f5=[[]] * (MOST_ENTRIES + 1)), SHAPE, "field 5"),
    "an entry that is a number": (put(f5=[7]), SHAPE, "eight parts"),
    "an entry of seven parts": (put(f5=[[D, 1, 0, None, None, "", ""]]), SHAPE, "eight parts"),
    "sealed bytes by a short digest": (entry(bytes(31)), SHAPE, "eight parts"),
    "stage 0": (entry(D, 0), SHAPE, "eight parts"),
    "stage 8": (entry(D, 8), SHAPE, "eight parts"),
    "the stage true, which Python takes for 1": (entry(D, True), SHAPE, "eight parts"),
    "a time below zero": (entry(D, 1, -1), SHAPE, "eight parts"),
    "the time true": (entry(D, 1, True), SHAPE, "eight parts"),
    "a note id of 31 bytes": (entry(D, 1, 0, bytes(31)), SHAPE, "names a note"),
    "a journal index below zero": (entry(D, 1, 0, None, -1), SHAPE, "journal index"),
    "the journal index true": (entry(D, 1, 0, None, True), SHAPE, "journal index"),
    "opened, but not which note": (entry(D, 2, 0, None), SHAPE, "does not name its note"),
    "read, but not which note": (entry(D, 3, 0, None), SHAPE, "does not name its note"),
    "a reason as long as a letter": (entry(D, 5, 0, None, None, "x" * 65), SHAPE, "eight parts"),
    "answers with another stage": (entry(D, 3, 0, D, None, "", "", BACK), SHAPE, "fit its stage"),
    "the stage of answers without any": (entry(D, 4, 0, D, None, "", "", None), SHAPE, "fit its stage"),
    "attempt 0": (back(0), SHAPE, "read-back"),
    "attempt true": (back(True), SHAPE, "read-back"),
    "seconds below zero": (back(1, "en", "x", -1), SHAPE, "read-back"),
    "declined as a number": (back(1, "en", "x", 1, 0), SHAPE, "read-back"),
    "declined, and answered": (back(1, "en", "x", 1, True), SHAPE, "declined read-back has answers"),
    "an answer without line": (back(1, "en", "x", 1, False, [["yes"]]), SHAPE, "a line and an option"),
    "an answer about line 0": (back(1, "en", "x", 1, False, [[0, "yes"]]), SHAPE, "a line and an option"),
    "an answer about line true": (back(1, "en", "x", 1, False, [[True, "yes"]]), SHAPE, "a line and an option"),
    "an endless option": (back(1, "en", "x", 1, False, [[6, "x" * 129]]), SHAPE, "a line and an option"),
    "a line answered twice": (back(1, "en", "x", 1, False, [[6, "a"], [6, "b"]]), SHAPE, "a line twice"),
    "seventeen answers": (back(1, "en", "x", 1, False, [[n, ""] for n in range(1, 18)]), SHAPE, "read-back"),
    "a prekey too short": (put(f8=[[bytes(16), bytes(1215), 0]]), SHAPE, "a prekey"),
    "a prekey that expired before the epoch": (put(f8=[[bytes(16), bytes(1216), -1]]), SHAPE, "a prekey"),
    "a field of no version": (put(f9=1), SHAPE, "field 9"),
    "a critical extension unknown here": (put(f21={1: 1}), "line.unknown_critical", ""),
}

VOIDS: dict[str, tuple[Change, str, str]] = {
    "a note in its place": (put(f2=1), SHAPE, "another kind"),
    "no recipient": (put(f4=GONE), SHAPE, "field 4"),
    "a serial below zero": (put(f5=-1), SHAPE, "field 5"),
    "an incarnation of 17 bytes": (put(f7=bytes(17)), SHAPE, "field 7"),
    "a field of no version": (put(f8=1), SHAPE, "field 8"),
    "a critical extension unknown here": (put(f21={1: 1}), "line.unknown_critical", ""),
    "more than a void needs": (put(f22={1: bytes(2000)}), "seal.too_large", ""),
}

PARCELS: dict[str, tuple[Change, str, str]] = {
    "a later wire version": (put(f1=2), "line.unknown_version", ""),
    "a note in its place": (put(f2=1), SHAPE, "another kind"),
    "too many items": (put(f3=[[1, b""]] * (MOST_ITEMS + 1)), SHAPE, "field 3"),
    "an item without kind": (put(f3=[b"x"]), SHAPE, "an item"),
    "an item of kind 0": (put(f3=[[0, b"x"]]), SHAPE, "an item"),
    "an item of kind true": (put(f3=[[True, b"x"]]), SHAPE, "an item"),
    "an item as text": (put(f3=[[1, "x"]]), SHAPE, "an item"),
    "a digest of 31 bytes": (put(f4=[bytes(31)]), SHAPE, "32-byte"),
    "the same digest twice": (put(f4=[bytes(32)] * 2), SHAPE, "one thing twice"),
    "more to collect than a parcel holds": (put(f5=MOST_ITEMS + 1), SHAPE, "field 5"),
    "a field of no version": (put(f6=1), SHAPE, "field 6"),
    "a critical extension unknown here": (put(f21={1: 1}), "line.unknown_critical", ""),
}


def refusal(payload: bytes, change: Change, read: Callable[[bytes], Any]) -> Problem:
    """The problem with which changed bytes are refused; the bytes unchanged are read."""
    read(payload)
    fields = decode(payload)
    assert isinstance(fields, dict)
    change(fields)
    with pytest.raises(Problem) as caught:
        read(encode(fields))
    return caught.value


def check(found: Problem, key: str, where: str) -> None:
    """The key, the place in its sentence, and whose fault it is."""
    assert found.key == key
    assert where in str(found)
    assert found.fault is Fault.PEER


@pytest.mark.parametrize("case", NOTES)
def test_a_note_with_something_wrong_is_refused_by_name(world: Any, case: str) -> None:
    """The same note without the change is read."""
    change, key, where = NOTES[case]
    check(refusal(world.note().to_payload(), change, read_note), key, where)


@pytest.mark.parametrize("case", RECEIPTS)
def test_a_receipt_with_something_wrong_is_refused_by_name(world: Any, case: str) -> None:
    """The same receipt without the change is read."""
    change, key, where = RECEIPTS[case]
    check(refusal(world.receipt().to_payload(), change, read_receipt), key, where)


@pytest.mark.parametrize("case", VOIDS)
def test_a_void_with_something_wrong_is_refused_by_name(world: Any, case: str) -> None:
    """The same void without the change is read."""
    change, key, where = VOIDS[case]
    check(refusal(world.void().to_payload(), change, read_void), key, where)


@pytest.mark.parametrize("case", PARCELS)
def test_a_parcel_with_something_wrong_is_refused_by_name(world: Any, case: str) -> None:
    """The same parcel without the change is read."""
    change, key, where = PARCELS[case]
    check(refusal(Parcel(items=((1, b"x"),)).to_bytes(), change, read_parcel), key, where)


def test_a_parcel_never_says_got_twice_of_one_item() -> None:
    """A kept item may have come twice; a reader would refuse the parcel, and the line with it would stand still."""
    parcel = Parcel(got=(bytes(32), bytes(32)))
    assert read_parcel(parcel.to_bytes()).got == (bytes(32),)


def test_an_item_of_a_later_kind_is_read_and_left_to_be_skipped() -> None:
    """A later Parley may add kinds of items; they do no harm here."""
    parcel = Parcel(items=((99, b"x"), (1, b"y")))
    assert read_parcel(parcel.to_bytes()).items == ((99, b"x"), (1, b"y"))


@pytest.mark.parametrize("read", [read_note, read_receipt, read_void, read_parcel])
@pytest.mark.parametrize("other", [b"", b"\x80", b"\x01", b"\xf6", encode({}), encode({1: 1}), encode([1, 2])])
def test_what_is_no_object_at_all_is_refused(read: Callable[[bytes], Any], other: bytes) -> None:
    """Empty, an array, a number, null, an empty map."""
    with pytest.raises(Problem):
        read(other)


def test_a_read_back_in_the_tables_is_one_that_reads(world: Any) -> None:
    """The control of the table above: the read-back that its cases spoil is accepted."""
    fields = decode(world.receipt().to_payload())
    assert isinstance(fields, dict)
    back()(fields)
    (found,) = read_receipt(encode(fields)).entries
    assert found.read_back == ReadBack(1, "en", "duty officer", 30, ((6, "not-accusation"),))


def test_a_problem_without_a_row_in_the_table_cannot_be_raised() -> None:
    """So that every key has its sentence."""
    with pytest.raises(KeyError):
        LineProblem("no_such_key")
