"""An archive proves what it says or is refused with a reason of its own: by the room and by the outsider's script.

The two share no code. Every case is put to both.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.journal import (
    Checkpoint,
    JournalProblem,
    LeafKind,
    attach,
    build_archive,
    cosign,
    cosigner_name,
    origin,
    read_archive,
    root_digest_of,
    sign_checkpoint,
    verify_archive,
)
from parley.seal import Domain, decode, encode, peek, sign

VECTORS = Path(__file__).parents[2] / "vectors/journal"
ROWS = json.loads((VECTORS / "archives.json").read_text())
Change = Callable[[dict[int, Any]], Any]
Fields = dict[int, Any]


@pytest.fixture
def refusal(script: Any) -> Callable[[bytes, dict[str, bytes]], tuple[str, str]]:
    """Why the room and why the script refuse; each must."""

    def why(data: bytes, roots: dict[str, bytes]) -> tuple[str, str]:
        with pytest.raises(JournalProblem) as ours:
            verify_archive(data, roots)
        with pytest.raises(script.Refused) as theirs:
            script.verify(data, roots)
        return ours.value.key.removeprefix("journal."), theirs.value.args[0]

    return why


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_frozen_archives_verify(row: dict[str, Any], script: Any) -> None:
    """What was archived with the first release verifies for ever."""
    roots = {party: bytes.fromhex(digest) for party, digest in row["roots"].items()}
    data = (VECTORS / row["file"]).read_bytes()
    note, note_id, links = script.verify(data, roots)
    report = verify_archive(data, roots)
    assert report.note_id == note_id
    assert decode(report.payload) == note | {12: note[12]}
    assert row["expected"] == "verifies"
    third = [(link.by, link.at) for link in report.links if link.third_party]
    assert third == [(by, at) for counts, by, _, at in links if counts]


def test_says_which_links_are_another_partys_word(world: Any) -> None:
    world.cosigners, world.receipts_of = ("XB", "XC"), ("XC",)
    report = verify_archive(world.archive(), world.roots)
    assert [(link.what, link.by, link.third_party) for link in report.links] == [
        ("roots", "XA", False),
        ("roots", "XB", False),
        ("roots", "XC", False),
        ("note", "XA", False),
        ("entry", "XA", False),
        ("cosignature", "XB", True),
        ("cosignature", "XC", True),
        ("receipt", "XC", True),
    ]


def test_an_archive_without_cosignatures_rests_on_one_partys_word_and_says_so(world: Any, script: Any) -> None:
    world.cosigners, world.receipts_of = (), ()
    data = world.archive()
    assert verify_archive(data, world.roots).third_party == ()
    assert not any(link[0] for link in script.verify(data, world.roots)[2])


# -- things taken out, put in, or moved


def drop(*path: int) -> Change:
    """Take one item out of a nested array."""

    def change(fields: Fields) -> None:
        inner: Any = fields
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


def put(key: int, value: Any) -> Change:
    return lambda fields: fields.__setitem__(key, value)


def flip_list(*path: int) -> Change:
    def change(fields: Fields) -> None:
        inner: Any = fields
        for step in path:
            inner = inner[step]
        inner.reverse()

    return change


def lines(edit: Callable[[list[str]], Any]) -> Change:
    """Edit the signature lines of the checkpoint: 0, 1 the journal's, 2, 3 those of XB, 4, 5 those of XC."""

    def change(fields: Fields) -> None:
        head, _, tail = fields[7].rpartition("\n\n")
        rows = tail.splitlines()
        edit(rows)
        fields[7] = head + "\n\n" + "".join(row + "\n" for row in rows)

    return change


def body(edit: Callable[[list[str]], Any]) -> Change:
    """Edit the three lines that are signed."""

    def change(fields: Fields) -> None:
        head, _, tail = fields[7].rpartition("\n\n")
        rows = head.splitlines()
        edit(rows)
        fields[7] = "\n".join(rows) + "\n\n" + tail

    return change


def signed(path: tuple[int, ...], edit: Callable[[list[Any]], Any]) -> Change:
    """Edit a COSE_Sign: [header, {}, payload, signatures]."""

    def change(fields: Fields) -> None:
        inner: Any = fields
        for step in path[:-1]:
            inner = inner[step]
        parts: Any = decode(inner[path[-1]][2:])
        edit(parts)
        inner[path[-1]] = b"\xd8\x62" + encode(parts)

    return change


def payload(path: tuple[int, ...], key: int, value: Any) -> Change:
    """Change one field inside a signed object, signatures left as they are."""

    def edit(parts: list[Any]) -> None:
        fields: Any = decode(parts[2])
        fields[key] = value
        parts[2] = encode(fields)

    return signed(path, edit)


def one_bit(text: str) -> str:
    """A line with one bit of its last signature byte turned."""
    name, _, raw = text.rpartition(" ")
    found = bytearray(b64decode(raw))
    found[-1] ^= 1
    return f"{name} {b64encode(found).decode()}"


def restamp(text: str) -> str:
    """A cosignature line that states a time one second later."""
    name, _, raw = text.rpartition(" ")
    found = b64decode(raw)
    later = int.from_bytes(found[4:12], "big") + 1
    return f"{name} {b64encode(found[:4] + later.to_bytes(8, 'big') + found[12:]).decode()}"


def second_form(text: str) -> str:
    """The same bytes in another base64: bits that carry nothing are set."""
    assert text.endswith("=")
    stem = text.rstrip("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return stem[:-1] + letters[letters.index(stem[-1]) + 1] + text[len(stem) :]


def both_restamped(rows: list[str]) -> None:
    rows[2:4] = [restamp(row) for row in rows[2:4]]


def swap_chains(fields: Fields) -> None:
    """Each party with the other's particulars."""
    first, second = fields[9][:2]
    first[1], second[1] = second[1], first[1]


def other_stage(fields: Fields) -> None:
    """ "Opened" becomes "read back", about the same note."""
    note: Any = decode(fields[3][2:])
    entry = [b"\1" * 32, 4, 1, sha256(note[2]).digest(), None, "", "", None]
    payload((10, 0), 5, [entry])(fields)


NOTE, XA = (3,), (9, 0, 1, 0)
MUTATIONS: list[tuple[str, Change, str | None]] = [
    # the file
    ("another version", put(1, 2), "not_an_archive"),
    ("another kind of object", put(2, 19), "not_an_archive"),
    ("a field too many", put(12, None), "not_an_archive"),
    ("a field missing", drop(11), "not_an_archive"),
    ("true in the place of one", put(5, True), "not_an_archive"),
    # particulars
    ("particulars of another party in its place", lambda f: f[9][0].__setitem__(1, f[9][1][1]), "bad_particulars"),
    ("particulars swapped between two parties", swap_chains, "bad_particulars"),
    ("parties in another order", flip_list(9), "bad_structure"),
    ("a party twice", lambda f: f[9].append(f[9][-1]), "bad_structure"),
    ("a party dropped", drop(9, 0), "unused_root"),
    ("all versions of a party dropped", lambda f: f[9][0].__setitem__(1, []), "bad_particulars"),
    ("a version twice", lambda f: f[9][1][1].append(f[9][1][1][-1]), "bad_particulars"),
    ("versions in another order", flip_list(9, 1, 1), "bad_particulars"),
    ("the first version dropped", drop(9, 1, 1, 0), "other_roots"),
    ("the second version dropped", drop(9, 1, 1, 1), "unsigned"),
    ("one root's signatures dropped", signed(XA, lambda p: p[3].__delitem__(slice(0, 2))), "bad_particulars"),
    ("one root's ML-DSA-65 dropped", signed(XA, lambda p: p[3].__delitem__(1)), "bad_particulars"),
    ("the threshold lowered", payload(XA, 7, 1), "bad_particulars"),
    ("the expiry moved", payload(XA, 5, 1_900_000_000_000), "bad_particulars"),
    ("a critical field added", payload(XA, 20, 1), "bad_particulars"),
    ("signatures in another order", signed(XA, lambda p: p[3].reverse()), "bad_particulars"),
    # the note
    ("the note's ML-DSA-65 dropped", signed(NOTE, lambda p: p[3].pop()), "bad_note"),
    ("the note's Ed25519 dropped", signed(NOTE, lambda p: p[3].__delitem__(0)), "bad_note"),
    ("all its signatures dropped", signed(NOTE, lambda p: p[3].clear()), "bad_note"),
    ("its signatures in another order", signed(NOTE, lambda p: p[3].reverse()), "bad_note"),
    ("an unprotected header added", signed(NOTE, lambda p: p.__setitem__(1, {1: 1})), "bad_note"),
    ("another suite claimed", signed(NOTE, lambda p: p.__setitem__(0, encode({65537: 2}))), "bad_note"),
    ("an exercise made real", payload(NOTE, 9, False), "bad_note"),
    ("another coded line", payload(NOTE, 12, {10: 4}), "bad_note"),
    ("another office", payload(NOTE, 3, ["XA", "other"]), "bad_note"),
    ("another version of particulars", payload(NOTE, 19, 9), "bad_note"),
    ("a critical extension", payload(NOTE, 21, {1: 1}), "bad_note"),
    ("not signed at all", put(3, b"note"), "bad_note"),
    ("another definition", put(11, b"form 10, version 2\n"), "bad_note"),
    # the entry
    ("entry of another kind", lambda f: f[4].__setitem__(0, 2), "bad_journal_party"),
    ("entry of no note", lambda f: f[4].__setitem__(0, 5), None),
    ("entry at another time", lambda f: f[4].__setitem__(1, f[4][1] + 1), "not_included"),
    ("another salt", lambda f: f[4].__setitem__(2, bytes(32)), "not_included"),
    ("a shorter salt", lambda f: f[4].__setitem__(2, f[4][2][1:]), "not_included"),
    ("another index", put(5, 5), "not_included"),
    ("an index past the end", put(5, 7), "not_included"),
    ("an index before the beginning", put(5, -1), "not_included"),
    ("a step of the proof dropped", drop(6, 0), "not_included"),
    ("the proof in another order", flip_list(6), "not_included"),
    ("a step of the proof too many", lambda f: f[6].append(bytes(32)), "not_included"),
    ("no proof", put(6, []), "not_included"),
    # the checkpoint
    ("a truncated tree", body(lambda rows: rows.__setitem__(1, "6")), "bad_signature"),
    ("a size with a zero before it", body(lambda rows: rows.__setitem__(1, "07")), "bad_checkpoint"),
    ("another root hash", body(lambda rows: rows.__setitem__(2, b64encode(bytes(32)).decode())), "bad_signature"),
    ("a root in a second base64", body(lambda rows: rows.__setitem__(2, second_form(rows[2]))), "bad_checkpoint"),
    ("an extension line", body(lambda rows: rows.append("more")), "bad_checkpoint"),
    ("another incarnation", body(lambda rows: rows.__setitem__(0, "parley/XA/" + "0" * 32)), "other_incarnation"),
    ("a bystander's journal", body(lambda rows: rows.__setitem__(0, rows[0].replace("XA", "XD"))), "bad_journal_party"),
    ("the journal's ML-DSA-65 dropped", lines(lambda rows: rows.__delitem__(1)), "unsigned"),
    ("the journal's Ed25519 dropped", lines(lambda rows: rows.__delitem__(0)), "unsigned"),
    ("a signature in a second base64", lines(lambda rows: rows.__setitem__(0, second_form(rows[0]))), "bad_text"),
    ("a bit of the journal's Ed25519", lines(lambda rows: rows.__setitem__(0, one_bit(rows[0]))), "bad_signature"),
    ("a bit of the journal's ML-DSA-65", lines(lambda rows: rows.__setitem__(1, one_bit(rows[1]))), "bad_signature"),
    ("the journal's time moved", lines(lambda rows: rows.__setitem__(1, restamp(rows[1]))), "bad_signature"),
    # cosignatures
    ("a cosignature dropped", lines(lambda rows: rows.__delitem__(slice(2, 4))), "unsigned"),
    ("a cosigner's ML-DSA-65 dropped", lines(lambda rows: rows.__delitem__(3)), "unsigned"),
    ("a cosigner's Ed25519 dropped", lines(lambda rows: rows.__delitem__(2)), "unsigned"),
    ("the last line dropped", lines(lambda rows: rows.pop()), "unsigned"),
    ("a cosigner's one time moved", lines(lambda rows: rows.__setitem__(2, restamp(rows[2]))), "other_times"),
    ("a cosigner's both times moved", lines(both_restamped), "bad_signature"),
    ("a bit of a cosigner's ML-DSA-65", lines(lambda rows: rows.__setitem__(3, one_bit(rows[3]))), "bad_signature"),
    ("a cosigner that did not", put(8, ["XB", "XC", "XD"]), "bad_structure"),
    ("the journal's party as cosigner", put(8, ["XA", "XB", "XC"]), "bad_structure"),
    ("cosigners in another order", flip_list(8), "bad_structure"),
    ("a line of nobody", lines(lambda rows: rows.append("— nobody.example AAAAAAAA")), "unknown_line"),
    # receipts
    ("receipts in another order", flip_list(10), "bad_structure"),
    ("a receipt twice", lambda f: f[10].append(f[10][-1]), "bad_structure"),
    ("a receipt for another state", payload((10, 0), 4, "XC"), "bad_receipt"),
    ("a receipt of another stage", other_stage, "bad_receipt"),
    ("a receipt about another note", payload((10, 0), 5, []), "bad_receipt"),
    ("a receipt's ML-DSA-65 dropped", signed((10, 0), lambda p: p[3].pop()), "bad_receipt"),
    ("a note in the place of a receipt", lambda f: f[10].__setitem__(0, f[3]), None),
]  # fmt: skip
# The same, but the two readers come upon it at different steps: (room, script).
EITHER: dict[str, tuple[str, str] | None] = {
    "a cosigner dropped from the list": ("unknown_line", "unsigned"),
    "entry of no note": ("not_an_archive", "bad_journal_party"),
    "a note in the place of a receipt": None,
    "the journal's lines in another order": ("unknown_line", "unsigned"),
    "cosigners' lines in another order": ("unknown_line", "unsigned"),
}
MUTATIONS += [
    ("a cosigner dropped from the list", drop(8, 0), None),
    ("the journal's lines in another order", lines(lambda rows: rows.insert(0, rows.pop(1))), None),
    ("cosigners' lines in another order", lines(lambda rows: rows.extend([rows.pop(2), rows.pop(2)])), None),
]


@pytest.fixture(scope="module")
def full(make: Any) -> tuple[bytes, dict[str, bytes]]:
    """Three parties, two versions with new roots and a new node key, two cosigners, two receipts, a definition."""
    world = make.World()
    state = world["XB"]
    state.node = make.key("XB node 2")
    state.renew(roots=[make.key("XB root 3"), make.key("XB root 4")], node_keys=(state.node.public,))
    world.cosigners, world.receipts_of, world.definition = ("XB", "XC"), ("XB", "XC"), b"form 10, version 1\n"
    return world.archive(), world.roots


def test_the_archive_that_is_about_to_be_damaged_verifies(full: tuple[bytes, dict[str, bytes]], script: Any) -> None:
    verify_archive(*full)
    script.verify(*full)


@pytest.mark.parametrize(("name", "change", "reason"), MUTATIONS, ids=[name for name, _, _ in MUTATIONS])
def test_refuses(
    name: str, change: Change, reason: str | None, full: tuple[bytes, dict[str, bytes]], edited: Any, refusal: Any
) -> None:
    """Each mutation has its reason, and both readers agree on it."""
    data, roots = full
    found = refusal(edited(data, change), roots)
    expected = EITHER.get(name) if reason is None else (reason, reason)
    assert expected is None or found == expected


@pytest.mark.parametrize(
    ("name", "tear"),
    [
        ("nothing", lambda data: b""),
        ("a byte after the end", lambda data: data + b"\0"),
        ("the last byte missing", lambda data: data[:-1]),
        ("half of it", lambda data: data[: len(data) // 2]),
        ("a longer form of a number", lambda data: data.replace(b"\xab\x01\x01", b"\xab\x01\x18\x01", 1)),
        ("a longer form of a key", lambda data: data.replace(b"\xab\x01\x01", b"\xab\x18\x01\x01", 1)),
        ("keys out of order", lambda data: data.replace(b"\xab\x01\x01\x02\x12", b"\xab\x02\x12\x01\x01", 1)),
        ("a key twice", lambda data: data.replace(b"\xab\x01\x01\x02\x12", b"\xac\x01\x01\x01\x01\x02\x12", 1)),
        ("an open length", lambda data: b"\xbf" + data[1:] + b"\xff"),
        ("a tag before it", lambda data: b"\xc1" + data),
        ("a float", lambda data: data.replace(b"\xab\x01\x01", b"\xab\x01\xf9\x3c\x00", 1)),
        ("deeper than allowed", lambda data: b"\x81" * 100_000),
        ("a length past every memory", lambda data: b"\x5b\x7f" + b"\xff" * 7),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refuses_what_is_not_canonical(
    name: str, tear: Callable[[bytes], bytes], full: tuple[bytes, dict[str, bytes]], refusal: Any
) -> None:
    data, roots = full
    torn = tear(data)
    assert torn != data
    assert refusal(torn, roots) == ("not_an_archive", "not_an_archive")


def test_the_roots_come_from_outside(full: tuple[bytes, dict[str, bytes]], refusal: Any) -> None:
    """Another digest, a missing one, and one that nothing answers to are three different refusals."""
    data, roots = full
    assert refusal(data, roots | {"XA": bytes(32)}) == ("other_roots", "other_roots")
    assert refusal(data, {"XA": roots["XA"], "XB": roots["XB"]}) == ("no_root", "no_root")
    assert refusal(data, roots | {"XD": bytes(32)}) == ("unused_root", "unused_root")
    assert refusal(data, roots | {"XA": roots["XB"], "XB": roots["XA"]}) == ("other_roots", "other_roots")


def test_an_archive_made_up_whole_fits_itself_and_nobodys_digest(make: Any, world: Any, refusal: Any) -> None:
    """A forger can make every part; he cannot make it begin at a digest that was confirmed in person."""
    honest = world.roots
    forged = make.World()
    forged["XA"].roots = [make.key("forger 1"), make.key("forger 2")]
    forged["XA"].now = forged["XA"].now.__class__(
        **{field: getattr(forged["XA"].now, field) for field in forged["XA"].now.__struct_fields__}
        | {"roots": tuple(root.public for root in forged["XA"].roots)}
    )
    forged["XA"].signed = [forged["XA"]._sign(forged["XA"].roots)]
    data = forged.archive()
    verify_archive(data, honest | {"XA": root_digest_of(data, "XA")})
    assert refusal(data, honest) == ("other_roots", "other_roots")


def test_a_receipt_of_a_stranger_is_left_out_by_the_maker_and_refused_by_the_readers(
    world: Any, edited: Any, refusal: Any
) -> None:
    world.note_fields = {4: [["XB", "duty", 1]]}
    world.receipts_of = ("XB", "XC")
    world.cosigners = ("XB", "XC")
    data = world.archive()
    assert len(read_archive(data).receipts) == 1
    stranger = world.receipt("XC")
    forced = edited(data, lambda fields: fields.__setitem__(10, sorted([*fields[10], stranger])))
    assert refusal(forced, world.roots) == ("bad_receipt", "bad_receipt")


def test_a_receipt_signed_by_the_office_instead_of_the_node_is_refused(world: Any, edited: Any, refusal: Any) -> None:
    data = world.archive()
    receipt = sign(peek(world.receipt("XB")).payload, [world["XB"].office], Domain.RECEIPT)
    assert refusal(edited(data, put(10, [receipt])), world.roots) == ("bad_receipt", "bad_receipt")


RECEIPTS: list[tuple[str, dict[int, Any]]] = [
    ("about another note", {5: [[b"\1" * 32, 2, 1, b"\2" * 32, None, "", "", None]]}),
    ("about no note", {5: [[b"\1" * 32, 1, 1, None, None, "", "", None]]}),
    ("about nothing", {5: []}),
    ("for somebody else", {4: "XC"}),
    ("from somebody else", {3: ["XC", bytes(16)]}),
    ("of another kind", {2: 1}),
    ("of another version", {1: 2}),
]


@pytest.mark.parametrize(("name", "fields"), RECEIPTS, ids=[name for name, _ in RECEIPTS])
def test_a_well_signed_receipt_that_is_not_for_this_note_is_refused(
    name: str, fields: dict[int, Any], world: Any, edited: Any, refusal: Any
) -> None:
    """And the maker leaves it out."""
    data = world.archive()
    world.receipt_fields = fields
    receipt = world.receipt("XB")
    assert refusal(edited(data, put(10, [receipt])), world.roots) == ("bad_receipt", "bad_receipt")
    assert read_archive(world.archive()).receipts == ()


def test_a_receipt_of_two_nodes_at_once_is_refused(make: Any, world: Any, edited: Any, refusal: Any) -> None:
    """A receipt is one node's word; whose, must be beyond doubt."""
    second = make.key("XB node 2")
    world["XB"].renew(node_keys=(world["XB"].node.public, second.public))
    data = world.archive()
    both = sign(peek(world.receipt("XB")).payload, [world["XB"].node, second], Domain.RECEIPT)
    assert refusal(edited(data, put(10, [both])), world.roots) == ("bad_receipt", "bad_receipt")


def test_a_header_with_a_field_too_many_is_refused_though_it_is_signed(world: Any, edited: Any, refusal: Any) -> None:
    """What a signer may write into a header is fixed: there is no room for a second meaning."""
    key, body = world["XA"].office, b"\xa1\x1a\x00\x01\x00\x01\x01"
    signatures: list[Any] = []
    for algorithm in (-19, -49):
        header = encode({1: algorithm, 3: 0, 4: key.public.key_id})
        message = encode(["Signature", body, header, b"parley/1/note", world.payload()])
        signatures.append([header, {}, key.signature(algorithm, message)])
    other = b"\xd8\x62" + encode([body, {}, world.payload(), signatures])
    data = world.archive()
    assert refusal(edited(data, put(3, other)), world.roots) == ("bad_note", "bad_note")


@pytest.mark.parametrize("domain", [domain for domain in Domain if domain is not Domain.NOTE], ids=lambda one: one.name)
def test_a_note_signed_for_another_use_is_refused(domain: Domain, world: Any, edited: Any, refusal: Any) -> None:
    data = world.archive()
    other = sign(world.payload(), [world["XA"].office], domain)
    assert refusal(edited(data, put(3, other)), world.roots) == ("bad_note", "bad_note")


def test_a_note_signed_by_the_node_key_is_refused(world: Any, edited: Any, refusal: Any) -> None:
    """Whoever owns the machine that is always on cannot write notes."""
    data = world.archive()
    other = sign(world.payload(), [world["XA"].node], Domain.NOTE)
    assert refusal(edited(data, put(3, other)), world.roots) == ("bad_note", "bad_note")


def test_the_same_note_signed_anew_is_not_the_one_that_was_entered(world: Any, edited: Any, refusal: Any) -> None:
    """The entry commits to the signed bytes: who steals a key later cannot put a new signature into an old journal."""
    data = world.archive()
    assert refusal(edited(data, put(3, world.signed_note())), world.roots) == ("not_included", "not_included")


def test_particulars_of_a_party_that_nothing_comes_from_are_refused(world: Any, edited: Any, refusal: Any) -> None:
    data = world.archive()
    more = edited(data, lambda fields: fields[9].append(["XC", world["XC"].signed]))
    roots = world.roots | {"XC": world["XC"].root_digest}
    assert refusal(more, roots) == ("bad_structure", "bad_structure")


# -- a recipient's archive


def received(world: Any) -> Any:
    world.journal_of, world.kind, world.cosigners = "XB", LeafKind.NOTE_IN, ("XA",)
    return world


def test_a_recipient_can_prove_the_note_from_its_own_journal(world: Any, script: Any) -> None:
    data = received(world).archive()
    report = verify_archive(data, world.roots)
    assert report.checkpoint.party == "XB"
    script.verify(data, world.roots)


def test_a_journal_of_neither_sender_nor_recipient_proves_nothing(world: Any, edited: Any, refusal: Any) -> None:
    world.note_fields = {4: [["XC", "duty", 1]]}
    with pytest.raises(JournalProblem) as refused:
        received(world).archive()
    assert refused.value.key == "journal.bad_journal_party"


# -- revocation


def test_an_office_key_revoked_after_the_cosignature_still_proves_the_note(make: Any, world: Any, script: Any) -> None:
    """A cosignature by somebody else, dated before the revocation, shows that the signature was there."""
    since = world.cosigned_at + 1000
    replace_office(make, world, since, "compromised")
    data = world.archive()
    report = verify_archive(data, world.roots)
    assert next(link for link in report.links if link.what == "note").mark
    script.verify(data, world.roots)


def replace_office(make: Any, world: Any, since: int, reason: str) -> None:
    """XA revokes the office key that signs the note of `world`, and gets another."""
    state = world["XA"]
    fresh = msgspec.structs.replace(state.now.offices[0], keys=(make.key("XA duty 2").public,))
    state.revoke(state.office, since, reason, offices=(fresh,))
    world.note_fields = {19: 1}


REVOKED = [
    ("cosigned a moment too late", 999, "compromised", ("XB",)),
    ("never cosigned", 10**9, "compromised", ()),
    ("never cosigned, unknown reason", 10**9, "mislaid", ()),
    ("retired before it was written", -200_000, "retired", ()),
]


@pytest.mark.parametrize(("name", "later", "reason", "cosigners"), REVOKED, ids=[row[0] for row in REVOKED])
def test_an_office_key_revoked_before_anybody_saw_the_note_proves_nothing(
    name: str, later: int, reason: str, cosigners: tuple[str, ...], make: Any, world: Any, edited: Any, refusal: Any
) -> None:
    world.cosigners, world.receipts_of = cosigners, ()
    data = world.archive()
    verify_archive(data, world.roots)
    replace_office(make, world, world.cosigned_at + later, reason)
    told = edited(data, lambda fields: fields[9][0].__setitem__(1, world["XA"].signed))
    assert refusal(told, world.roots) == ("revoked", "revoked")


def test_a_key_that_was_retired_in_good_order_keeps_its_word(make: Any, world: Any, script: Any) -> None:
    world.cosigners, world.receipts_of = (), ()
    replace_office(make, world, world.cosigned_at, "retired")
    data = world.archive()
    assert "own word" in next(link for link in verify_archive(data, world.roots).links if link.what == "note").mark
    script.verify(data, world.roots)


def replace_node(make: Any, world: Any, code: str, since: int, reason: str) -> None:
    state = world[code]
    state.revoke(state.node, since, reason, node_keys=(make.key(f"{code} node 2").public,))


def test_a_cosigner_whose_key_was_stolen_later_is_shown_but_does_not_count(make: Any, world: Any, script: Any) -> None:
    """A thief writes any date he likes into a cosignature."""
    world.receipts_of = ()
    replace_node(make, world, "XB", world.cosigned_at + 1000, "compromised")
    data = world.archive()
    report = verify_archive(data, world.roots)
    assert report.third_party == ()
    assert next(link for link in report.links if link.what == "cosignature").mark
    assert not any(link[0] for link in script.verify(data, world.roots)[2])


def test_a_cosignature_after_the_revocation_is_refused_and_left_out_by_the_maker(
    make: Any, world: Any, edited: Any, refusal: Any
) -> None:
    world.receipts_of = ()
    data = world.archive()
    replace_node(make, world, "XB", world.cosigned_at, "retired")
    told = edited(data, lambda fields: fields[9][1].__setitem__(1, world["XB"].signed))
    assert refusal(told, world.roots) == ("revoked", "revoked")
    assert read_archive(world.archive()).cosigners == ()


def test_a_journal_whose_node_key_was_stolen_needs_somebody_elses_word(
    make: Any, world: Any, edited: Any, refusal: Any, script: Any
) -> None:
    world.receipts_of = ()
    replace_node(make, world, "XA", world.cosigned_at + 1000, "lost")
    world.note_fields = {19: 1}
    data = world.archive()
    verify_archive(data, world.roots)
    script.verify(data, world.roots)
    world.cosigners = ()
    with pytest.raises(JournalProblem) as refused:
        world.archive()
    assert refused.value.key == "journal.revoked"


def test_a_stolen_cosigner_key_cannot_save_a_stolen_office_key(
    make: Any, world: Any, edited: Any, refusal: Any
) -> None:
    """Two stolen keys together must not prove what neither proves alone."""
    world.receipts_of = ()
    data = world.archive()
    replace_office(make, world, world.cosigned_at + 5000, "compromised")
    replace_node(make, world, "XB", world.cosigned_at + 5000, "compromised")

    def tell(fields: Fields) -> None:
        fields[9][0][1], fields[9][1][1] = world["XA"].signed, world["XB"].signed

    assert refusal(edited(data, tell), world.roots) == ("revoked", "revoked")


def test_a_note_signed_after_its_particulars_expired_verifies_and_is_marked(world: Any, make: Any, script: Any) -> None:
    """Expired but not revoked: received and marked."""
    world.note_fields = {10: make.NOW + 300 * make.DAY, 11: None}
    data = world.archive()
    assert "expired" in next(link for link in verify_archive(data, world.roots).links if link.what == "note").mark
    assert any("expired" in what for _, _, what, _ in script.verify(data, world.roots)[2])


# -- succession


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("issued no later", {"issued_at": 0}),
        ("a revocation taken back", {"revoked": ()}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_version_that_cannot_follow_is_refused(
    name: str, change: dict[str, Any], make: Any, world: Any, edited: Any, refusal: Any
) -> None:
    """Signed by all the roots, and still not a continuation."""
    state = world["XA"]
    state.revoke(make.key("XA duty 0"), make.NOW, "retired")
    change = {key: state.now.issued_at if key == "issued_at" else value for key, value in change.items()}
    state.renew(**change)
    world.note_fields = {19: 1}
    good = state.signed.pop()
    data = world.archive()
    state.signed.append(good)
    told = edited(data, lambda fields: fields[9][0].__setitem__(1, state.signed))
    assert refusal(told, world.roots) == ("bad_particulars", "bad_particulars")


def odd(key: bytes) -> list[tuple[str, bytes]]:
    """Keys that OpenSSL would take, or that are none, with the ML-DSA-65 half of `key`."""
    prime = 2**255 - 19
    forms = {"of order 1": 1, "of order 2": prime - 1, "of order 4": 0, "in a second form": prime + 3}
    rows = [(name, y.to_bytes(32, "little") + key[32:]) for name, y in forms.items()]
    order_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    return [*rows, ("of order 8", order_8 + key[32:]), ("too short", key[1:])]


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("place", ["root", "office", "node"])
def test_particulars_with_a_key_that_proves_nothing_are_refused(
    number: int, place: str, world: Any, edited: Any, refusal: Any
) -> None:
    """Signed by all the roots, and still refused: with such a key anybody could sign in the party's name."""
    state, data = world["XA"], world.archive()
    fields: Any = decode(state.now.payload)
    _, bad = odd(state.office.public.to_bytes())[number]
    if place == "root":
        fields[17] = [bad]
    elif place == "office":
        fields[8][0][4].append(bad)
    else:
        fields[9].append(bad)
    state.signed = [sign(encode(fields), state.roots, Domain.PARTICULARS)]
    told = edited(data, lambda parts: parts[9][0].__setitem__(1, state.signed))
    assert refusal(told, world.roots) == ("bad_particulars", "bad_particulars")


FOLLOWING: list[tuple[str, dict[int, Any]]] = [
    ("of another history", {15: b"\7" * 32}),
    ("of no history", {15: None}),
    ("of the same number", {3: 1}),
    ("of another party", {1: "XB"}),
    ("of another wire version", {0: 2}),
    ("with a threshold of none", {7: 0}),
    ("with a threshold past its roots", {7: 3}),
    ("with a critical field", {20: 1}),
    ("without offices", {8: None}),
]


@pytest.mark.parametrize(("name", "change"), FOLLOWING, ids=[name for name, _ in FOLLOWING])
def test_a_second_version_that_all_roots_signed_must_still_fit(
    name: str, change: dict[int, Any], world: Any, edited: Any, refusal: Any
) -> None:
    state = world["XA"]
    state.renew()
    world.note_fields = {19: 1}
    verify_archive(world.archive(), world.roots)
    fields: Any = decode(state.now.payload) | change
    state.signed[1] = sign(encode(fields), state.roots, Domain.PARTICULARS)
    good = state.signed.pop()
    data = world.archive()
    told = edited(data, lambda parts: parts[9][0][1].append(good))
    assert refusal(told, world.roots) == ("bad_particulars", "bad_particulars")


def test_a_field_that_is_not_critical_is_passed_over(world: Any, script: Any) -> None:
    """The control: a later release may add odd numbers, and old readers go on reading."""
    state = world["XA"]
    state.signed = [sign(encode(decode(state.now.payload) | {21: "later"}), state.roots, Domain.PARTICULARS)]
    data = world.archive()
    verify_archive(data, world.roots)
    script.verify(data, world.roots)


def test_a_party_that_revoked_its_roots_signed_its_farewell_with_them(world: Any, make: Any, script: Any) -> None:
    """The version that ends an identity is still signed by it; nothing can follow."""
    state = world["XA"]
    state.revoke(state.roots[0], make.NOW + make.DAY, "compromised")
    world.note_fields = {19: 1}
    data = world.archive()
    verify_archive(data, world.roots)
    script.verify(data, world.roots)


def test_a_gap_between_versions_is_allowed_while_the_roots_stay(world: Any, script: Any) -> None:
    """Not every version reaches everybody; the threshold of the roots vouches for the later one."""
    for _ in range(3):
        world["XA"].renew()
    del world["XA"].signed[1:3]
    data = world.archive()
    verify_archive(data, world.roots)
    script.verify(data, world.roots)


def test_new_roots_without_the_old_ones_are_refused(make: Any, world: Any, edited: Any, refusal: Any) -> None:
    """A thief of nothing can propose roots of his own; the old ones never signed."""
    data = world.archive()
    state = world["XA"]
    thieves = [make.key("thief 1"), make.key("thief 2")]
    fields = {field: getattr(state.now, field) for field in state.now.__struct_fields__}
    fields |= {"version": 2, "previous": state.now.digest, "issued_at": make.NOW, "expires_at": make.NOW + make.DAY}
    state.now = state.now.__class__(**fields | {"roots": tuple(thief.public for thief in thieves)})
    state.signed.append(state._sign(thieves))
    told = edited(data, lambda parts: parts[9][0].__setitem__(1, state.signed))
    assert refusal(told, world.roots) == ("bad_particulars", "bad_particulars")


def test_every_reason_of_the_script_is_one_of_the_rooms() -> None:
    """An officer who reads both sees the same words."""
    source = (VECTORS.parents[1] / "spec/verify_archive.py").read_text()
    words = set(re.findall(r'"([a-z]+_[a-z_]+|unsigned|revoked)"', source)) - {"store_true"}
    assert len(words) > 12
    assert words <= set(JournalProblem.TABLE)


# -- the maker


def parts_of(world: Any) -> dict[str, Any]:
    """What `build_archive` is given for `world`."""
    note = world.signed_note()
    entries = world.leaves(note)
    hashes = [leaf.hash for leaf in entries]
    return {
        "note": note,
        "leaf": entries[world.index],
        "index": world.index,
        "hashes": hashes,
        "checkpoint": world.checkpoint(hashes),
        "particulars": {code: state.signed for code, state in world.states.items()},
    }


MADE: list[tuple[str, Callable[[dict[str, Any], Any], dict[str, Any]], str]] = [
    ("an entry of another note", lambda given, world: {"note": world.signed_note()}, "bad_entry"),
    ("no particulars of the sender", lambda given, world: {"particulars": {"XB": world["XB"].signed}}, "bad_structure"),
    ("an index of another entry", lambda given, world: {"index": 3}, "not_included"),
    ("an index past the checkpoint", lambda given, world: {"index": 9}, "no_such_leaf"),
    ("hashes of another journal", lambda given, world: {"hashes": [bytes(32)] * 7}, "not_included"),
    ("another definition", lambda given, world: {"definition": b"another"}, "bad_note"),
]


@pytest.mark.parametrize(("name", "change", "key"), MADE, ids=[row[0] for row in MADE])
def test_an_archive_that_would_not_verify_is_not_made(name: str, change: Any, key: str, world: Any) -> None:
    given = parts_of(world)
    build_archive(**given)
    with pytest.raises(JournalProblem) as refused:
        build_archive(**given | change(given, world))
    assert refused.value.key == f"journal.{key}"


def test_entries_after_the_checkpoint_do_not_matter(world: Any) -> None:
    given = parts_of(world)
    data = build_archive(**given | {"hashes": [*given["hashes"], bytes(32)]})
    verify_archive(data, world.roots)


def test_cosignatures_that_nothing_can_check_are_left_out(world: Any, make: Any) -> None:
    """Of a party without particulars here, of a key that no version names, and of the journal's own party."""
    given = parts_of(world)
    text = given["checkpoint"]
    for code, key in (("XC", make.key("nobody")), ("XD", make.key("nobody")), ("XA", world["XA"].node)):
        text = attach(text, cosign(text, key, cosigner_name(code), world.cosigned_at))
    archive = read_archive(build_archive(**given | {"checkpoint": text}))
    assert archive.cosigners == ("XB",)
    assert archive.checkpoint == given["checkpoint"]


def test_particulars_of_bystanders_cannot_keep_an_archive_from_being_made(world: Any) -> None:
    given = parts_of(world)
    given["particulars"] |= {"XD": [b"damaged"], "O-OSCE": []}
    assert set(read_archive(build_archive(**given)).particulars) == {"XA", "XB"}


def test_a_note_whose_senders_particulars_are_missing_is_refused(world: Any, edited: Any, refusal: Any) -> None:
    received(world).cosigners, world.receipts_of = ("XC",), ()
    data = edited(world.archive(), drop(9, 0))
    assert refusal(data, {code: world[code].root_digest for code in ("XB", "XC")}) == ("bad_note", "bad_note")


def test_a_salt_of_another_length_is_refused_though_it_was_signed(world: Any, edited: Any, refusal: Any) -> None:
    """Where salt ends and entry begins must be beyond doubt."""
    data, home = world.archive(), world["XA"]
    world.cosigners = ()

    def change(fields: Fields) -> None:
        opening = encode([1, 1, 7, sha256(fields[3]).digest()])
        entry = sha256(b"\0" + sha256(bytes(31) + opening).digest()).digest()
        only_one = Checkpoint(origin("XA", home.incarnation), 1, entry)
        fields[4], fields[5], fields[6], fields[8] = [1, 7, bytes(31)], 0, [], []
        fields[7] = sign_checkpoint(only_one, home.node, world.checkpoint_at)

    assert refusal(edited(data, change), world.roots) == ("not_included", "not_included")


def test_the_digest_at_which_an_archive_begins_can_be_shown(world: Any) -> None:
    data = world.archive()
    assert root_digest_of(data, "XB") == world["XB"].root_digest
    with pytest.raises(JournalProblem) as refused:
        root_digest_of(data, "XC")
    assert refused.value.key == "journal.bad_structure"
