"""What arrives: refused with a recorded reason, or accepted and marked. Real signatures, real seals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parley.directory import Directory, Narrowing, Revocation, Vouch, VouchPolicy, signed_root_digest
from parley.forms import load
from parley.line import Kind, Note, Recipient, Seen, judge_note, judge_receipt, judge_void, open_item
from parley.line.receipt import ReadBack, Stage
from parley.seal import Domain, OpeningKey, decode, digest, encode, seal, sign
from parley.terms.party import Address
from parley.terms.problem import Problem

NOW = 1_795_457_460_000
DAY = 86_400_000
COSE_SIGN = b"\xd8\x62"


def judge(world: Any, signed: bytes, **changes: Any) -> Any:
    """As XB, which accepted XA and knows no other note; without the mark "stale": freshness is not heard here."""
    fields: dict[str, Any] = {
        "directory": world.directory(),
        "us": "XB",
        "our_offices": {"duty": "combined"},
        "serial_row": lambda *_: None,
        "referred": lambda _: None,
        "now": NOW,
    }
    judged = judge_note(signed, **fields | changes)
    assert judged.seen is Seen.AGAIN or "stale" in judged.marks
    return judged


def marks(world: Any, signed: bytes, **changes: Any) -> set[str]:
    """The marks of an accepted note but "stale"."""
    return set(judge(world, signed, **changes).marks) - {"stale"}


def test_a_note_in_order_passes_without_a_mark(world: Any) -> None:
    """The control of every case below."""
    note = world.note()
    judged = judge(world, world.signed(note))
    assert judged.note == note
    assert judged.note_id == digest(note.to_payload())
    assert judged.recipient == Recipient(Address("XB", "duty"), 4711)
    assert (judged.seen, judged.marks) == (Seen.NEW, ("stale",))


# -- refused


def lines(**changed: Any) -> Callable[[Any], Note]:
    """The note with lines changed, written l10=…; None leaves one out."""

    def build(world: Any) -> Note:
        note: Note = world.note()
        found = note.lines | {int(name[1:]): value for name, value in changed.items()}
        return world.note(lines={number: value for number, value in found.items() if value is not None})

    return build


# what is wrong -> (the note that XA's office signs, the problem)
NOTES: dict[str, tuple[Callable[[Any], Note], str]] = {
    "addressed to a third party and passed on to us": (
        lambda w: w.note(w.sheet(recipients=(w.C,))),
        "line.wrong_recipient",
    ),
    "addressed to an office that we do not have": (
        lambda w: w.note(w.sheet(recipients=(Address("XB", "night"),))),
        "line.not_our_office",
    ),
    "from an office that the sender does not list": (
        lambda w: w.note(w.sheet(sender=Address("XA", "night"))),
        "directory.no_office",
    ),
    "from a party that was never accepted": (lambda w: w.note(w.sheet(sender=w.C)), "line.unknown_sender"),
    "from our own party": (lambda w: w.note(w.sheet(sender=w.B, recipients=(w.C,))), "line.own_note"),
    "an answer hoped for before the signing": (lambda w: w.note(answer_by=NOW - 1), "line.answer_before_signing"),
    "a critical extension that nobody here knows": (
        lambda w: Unreadable(w.note(), {21: {9: 1}}),  # type: ignore[return-value,arg-type]
        "line.unknown_critical",
    ),
    "a wire version to come": (
        lambda w: Unreadable(w.note(), {1: 2}),  # type: ignore[return-value,arg-type]
        "line.unknown_version",
    ),
    "a code outside its list": (lines(l10="bomb-them"), "line.code_outside_list"),
    "a state that does not exist": (lines(l11="XQ"), "line.code_outside_list"),
    "a line that is missing": (lines(l12=None), "line.code_outside_list"),
    "a line that the form does not have": (lines(l99="x"), "line.code_outside_list"),
    "a line of another shape": (lines(l10=7), "line.code_outside_list"),
    "a fictional state in a real note": (lambda w: w.note(exercise=False), "line.code_outside_list"),
    "a marking that is none": (lambda w: w.note(marking=[9, None, None, []]), "line.code_outside_list"),
    "a language that is none": (lambda w: w.note(written_in="xx-klingon"), "line.code_outside_list"),
    "own words that turn the direction": (lines(l29=["en", "from \u202eyou\u202c"]), "line.unsafe_text"),
    "own words with a control character": (lines(l29=["en", "bell\x07"]), "line.unsafe_text"),
    "own words with a zero-width space": (lines(l29=["en", "not\u200b accused"]), "line.unsafe_text"),
    "a direction override deep in a list": (lines(l15=["XA", "\u202eXB"]), "line.unsafe_text"),
    "an override in the marking": (lambda w: w.note(marking=[3, "SECRET\u202e", None, []]), "line.unsafe_text"),
    "a header that is none, on an unknown form": (
        lambda w: w.note(form=777, lines={}, written_in="xx-klingon"),
        "line.code_outside_list",
    ),
    "an override in an unknown form": (
        lambda w: w.note(form=777, lines={10: "\u202e"}),
        "line.unsafe_text",
    ),
}


class Unreadable:
    """A note whose payload is changed after it was written, as a foreign program might."""

    def __init__(self, note: Note, changes: dict[int, Any]) -> None:
        self.sender = note.sender
        fields = decode(note.to_payload())
        assert isinstance(fields, dict)
        self.payload = encode(fields | changes)

    def to_payload(self) -> bytes:
        """The changed bytes."""
        return self.payload


@pytest.mark.parametrize("case", NOTES)
def test_a_note_is_refused_with_the_reason(world: Any, refused: Any, case: str) -> None:
    """Properly signed by its sender: the content alone is why."""
    build, problem = NOTES[case]
    signed = world.signed(build(world))
    with refused(problem):
        judge(world, signed)


def envelope(signed: bytes) -> list[Any]:
    """A signed object taken apart."""
    found = decode(signed[len(COSE_SIGN) :])
    assert isinstance(found, list)
    return found


def strip(signed: bytes) -> bytes:
    """With the last signature, ML-DSA's, taken off."""
    body, unprotected, payload, signatures = envelope(signed)
    return COSE_SIGN + encode([body, unprotected, payload, signatures[:-1]])


def downgraded(signed: bytes) -> bytes:
    """With the header of suite BRIEF."""
    _, unprotected, payload, signatures = envelope(signed)
    return COSE_SIGN + encode([encode({65537: 2}), unprotected, payload, signatures])


def tampered(signed: bytes) -> bytes:
    """With another payload under the same signatures."""
    body, unprotected, payload, signatures = envelope(signed)
    fields = decode(payload)
    assert isinstance(fields, dict)
    return COSE_SIGN + encode([body, unprotected, encode(fields | {18: True}), signatures])


def broken(signed: bytes) -> bytes:
    """With one bit of the last signature turned."""
    return signed[:-1] + bytes([signed[-1] ^ 1])


# what was done to the signatures -> (how, the problem)
SIGNED: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "one signature of two": (lambda w: strip(w.signed(w.note())), "seal.signature_missing"),
    "a weaker suite": (lambda w: downgraded(w.signed(w.note())), "seal.suite_not_here"),
    "another payload": (lambda w: tampered(w.signed(w.note())), "seal.signature_invalid"),
    "one bit turned": (lambda w: broken(w.signed(w.note())), "seal.signature_invalid"),
    "a key that nobody accepted": (lambda w: w.signed(w.note(), "stranger"), "directory.key_unknown"),
    "the office and a stranger": (lambda w: w.signed(w.note(), "XA duty", "stranger"), "directory.key_unknown"),
    "the sender's node, which signs no notes": (lambda w: w.signed(w.note(), "XA node"), "directory.key_unknown"),
    "another party's office": (lambda w: w.signed(w.note(), "XC duty"), "directory.key_unknown"),
    "signed as a receipt": (
        lambda w: sign(w.note().to_payload(), [w.signing_key("XA duty")], Domain.RECEIPT),
        "seal.wrong_domain",
    ),
    "not signed at all": (lambda w: w.note().to_payload(), "seal.not_signed"),
    "cut short": (lambda w: w.signed(w.note())[:-1], "seal.cut_short"),
}


@pytest.mark.parametrize("case", SIGNED)
def test_signatures_that_do_not_stand_are_refused(world: Any, refused: Any, case: str) -> None:
    """Whatever the note says."""
    build, problem = SIGNED[case]
    with refused(problem):
        judge(world, build(world))


def revoked(world: Any, reason: str) -> Any:
    """XA's particulars with its duty key revoked an hour ago, and a new one listed."""
    old = world.signing_key("XA duty").public.key_id
    first = world.particulars("XA")
    office = first.offices[0].__class__(
        id="duty",
        kind="combined",
        names={"en": "Duty office"},
        keys=(world.signing_key("XA new duty").public,),
        languages=("en",),
        hours="24/7",
    )
    return world.particulars(
        "XA",
        version=2,
        previous=first.digest,
        issued_at=NOW - DAY // 24,
        offices=(office,),
        revoked=(Revocation(old, NOW - DAY // 24, reason),),
    )


def test_a_key_revoked_as_stolen_signs_nothing_any_more(world: Any, refused: Any) -> None:
    """Whatever time the signature claims: a thief writes any."""
    directory = world.directory()
    directory.learn(world.signed_particulars(revoked(world, "compromised")), NOW)
    for signed_at in (NOW - DAY, NOW):
        signed = world.signed(world.note(world.sheet(signed_at=signed_at)))
        with refused("directory.key_revoked"):
            judge(world, signed, directory=directory)


def test_what_a_retired_key_signed_in_time_is_marked(world: Any) -> None:
    """It was on its way when the key was retired."""
    directory = world.directory()
    directory.learn(world.signed_particulars(revoked(world, "retired")), NOW)
    signed = world.signed(world.note(world.sheet(signed_at=NOW - DAY)))
    assert marks(world, signed, directory=directory) == {"key-retired"}


def test_a_suspended_line_takes_nothing(world: Any, refused: Any) -> None:
    """Without reason, at any time; and again once resumed."""
    directory, signed = world.directory(), world.signed(world.note())
    directory.suspend("XA", now=NOW, by="Director")
    with refused("directory.suspended"):
        judge(world, signed, directory=directory)
    directory.resume("XA", now=NOW, by="Director")
    judge(world, signed, directory=directory)


def test_a_narrowed_line_takes_only_its_forms(world: Any, refused: Any) -> None:
    """Form 11 is not among those that this desk still takes from XA."""
    directory, signed = world.directory(), world.signed(world.note())
    directory.narrow("XA", take=Narrowing((1, 2)), now=NOW, by="Director")
    with refused("directory.form_refused"):
        judge(world, signed, directory=directory)
    directory.narrow("XA", take=Narrowing((11,)), now=NOW, by="Director")
    judge(world, signed, directory=directory)


def test_an_accusation_needs_a_ceremony_and_a_request_does_not(world: Any, refused: Any) -> None:
    """XA is known because XC vouches for it: every note says so, and accusing takes more."""
    xa = world.particulars("XA")
    vouch = Vouch("XA", signed_root_digest(xa), NOW - 9 * DAY)
    met = world.directory(world.particulars("XC", vouches=(vouch,)))
    directory = Directory.rebuild(met.rows(), VouchPolicy(1, ("XC",)))
    directory.accept(world.signed_particulars(xa), how="vouched", now=NOW, by="Duty officer")
    assert marks(world, world.signed(world.note()), directory=directory) == {"vouched"}
    accusing = world.signed(world.note(world.sheet(accusation=True)))
    with refused("directory.needs_ceremony"):
        judge(world, accusing, directory=directory)
    judge(world, accusing)  # the control: from a party met in a ceremony it is taken


# -- between which offices a form travels

PROTEST: dict[int, Any] = {
    10: "activity",
    11: "XB",
    12: [[NOW - NOW % 60_000, 5, 2]],
    13: "explain",
    14: "none-said",
    15: "stays-private",
}
TRAVELS = [  # form, kind of their office, kind of ours, whether it is taken
    (41, "diplomatic", "diplomatic", True),
    (41, "combined", "diplomatic", True),
    (41, "technical", "diplomatic", False),
    (41, "diplomatic", "technical", False),
    (41, "of-another-kind", "diplomatic", False),
    (11, "technical", "technical", True),  # the control: this form goes between any two
    (11, "of-another-kind", "technical", True),
]


@pytest.mark.parametrize(("form", "theirs", "ours", "taken"), TRAVELS)
def test_a_form_travels_between_offices_of_its_kinds(
    world: Any, refused: Any, form: int, theirs: str, ours: str, taken: bool
) -> None:
    """A protest that a technical desk sent, or that came to one, is refused, and the reason is recorded."""
    known = world.particulars("XA")
    office = msgspec.structs.replace(known.offices[0], kind=theirs)
    directory = world.directory(world.particulars("XA", offices=(office,)))
    note = world.note()
    if form == 41:
        note = msgspec.structs.replace(
            note, form=41, form_digest=load().form(41).digest, accusation=True, lines=PROTEST
        )
    if taken:
        judge(world, world.signed(note), directory=directory, our_offices={"duty": ours})
        return
    with refused("directory.office_kind"):
        judge(world, world.signed(note), directory=directory, our_offices={"duty": ours})


def test_the_kind_of_an_office_that_was_closed_is_remembered(world: Any) -> None:
    """The note was signed before; the newest version that names the office says of what kind it was."""
    directory = world.directory()
    other = msgspec.structs.replace(world.particulars("XA").offices[0], id="night", kind="technical")
    later = world.particulars("XA").successor(offices=(other,), issued_at=NOW)
    directory.learn(world.signed_particulars(later), NOW)
    directory.check_office(41, "XA", "duty", ("combined",))
    directory.check_office(31, "XA", "night", ("technical",))
    with pytest.raises(Problem) as caught:
        directory.check_office(41, "XA", "night", ("combined",))
    assert caught.value.arguments == {"form": 41, "office": "XA/night", "kind": "technical", "wanted": "combined"}


# -- serials


def test_the_same_note_over_a_second_bearer_is_the_same_note(world: Any) -> None:
    """Sealed anew or replayed by anybody: known already, nothing follows twice."""
    note = world.note()
    row = world.serial_row(digest(note.to_payload()))
    judged = judge(world, world.signed(note), serial_row=lambda *_: row)
    assert judged.seen is Seen.AGAIN


def test_what_was_opened_once_is_not_refused_later(world: Any, refused: Any) -> None:
    """Its sender, whose receipt was lost, is told again that it was opened, though the line was narrowed since."""
    directory, note = world.directory(), world.note()
    directory.narrow("XA", take=Narrowing((1, 2)), now=NOW, by="Director")
    row = world.serial_row(digest(note.to_payload()))
    assert judge(world, world.signed(note), directory=directory, serial_row=lambda *_: row).seen is Seen.AGAIN
    with refused("directory.form_refused"):
        judge(world, world.signed(note), directory=directory)


@pytest.mark.parametrize(
    ("note_id", "problem"), [(b"o" * 32, "line.serial_fork"), (None, "line.serial_void")], ids=["fork", "void"]
)
def test_a_serial_that_is_taken_is_refused(world: Any, refused: Any, note_id: bytes | None, problem: str) -> None:
    """By another note, or by a void."""
    with refused(problem):
        judge(world, world.signed(world.note()), serial_row=lambda *_: world.serial_row(note_id))


def test_the_serial_is_looked_up_for_this_sender_office_and_incarnation(world: Any) -> None:
    """And for our office, not for the first recipient."""
    asked = []
    note = world.note(
        world.sheet(recipients=(Address("XB", "duty"), Address("XC", "duty"))),
        recipients=(Recipient(Address("XB", "duty"), 7), Recipient(Address("XC", "duty"), 8)),
        incarnation=b"i" * 16,
    )
    judge(world, world.signed(note), serial_row=lambda *key: asked.append(key))
    assert asked == [("XA/duty", "duty", b"i" * 16, 7)]


# -- references


def test_an_exercise_answers_an_exercise_only(world: Any, refused: Any) -> None:
    """By what it refers to, and by the note that began its thread."""
    real = world.note_row(world.note(exercise=False))
    for how in ({"refers_to": (real.note_id,)}, {"thread": real.note_id}):
        with refused("line.kind_differs"):
            judge(world, world.signed(world.note(**how)), referred=lambda _: real)
    drill = world.note_row(world.note())
    judge(world, world.signed(world.note(refers_to=(drill.note_id,))), referred=lambda _: drill)


# -- accepted and marked

MARKED: dict[str, tuple[Callable[[Any], Note], dict[str, Any], set[str]]] = {
    "a clock two days ahead": (lambda w: w.note(), {"now": NOW - 2 * DAY}, {"clock-skew:172800"}),
    "two days on its way": (lambda w: w.note(), {"now": NOW + 2 * DAY}, {"answer-by-past"}),
    "an answer hoped for by yesterday": (
        lambda w: w.note(w.sheet(signed_at=NOW - 3 * DAY, answer_by=NOW - DAY)),
        {},
        {"answer-by-past"},
    ),
    "a note that nobody here knows": (lambda w: w.note(refers_to=(b"r" * 32,)), {}, {"unknown-reference"}),
    "a thread that nobody here knows": (lambda w: w.note(thread=b"t" * 32), {}, {"unknown-reference"}),
    "a form that nobody here knows": (
        lambda w: w.note(form=777, lines={10: "later-code", 11: [1, b"x"]}),
        {},
        {"unknown-form"},
    ),
    "a version of the form to come": (lambda w: w.note(form_version=9), {}, {"unknown-form"}),
    "a form that says otherwise there": (lambda w: w.note(form_digest=bytes(32)), {}, {"form-differs"}),
    "another catalogue": (lambda w: w.note(catalogue_digest=bytes(32)), {}, {"catalogue-differs"}),
    "particulars to come": (lambda w: w.note(particulars_version=2), {}, {"newer-particulars"}),
    "an extension to come": (lambda w: w.note(extensions={1: "x"}), {}, set()),
    "expired particulars": (
        lambda w: w.note(w.sheet(signed_at=NOW + 299 * DAY, answer_by=None)),
        {"now": NOW + 300 * DAY},
        {"expired"},
    ),
    "particulars that expired on the way": (
        lambda w: w.note(w.sheet(signed_at=NOW + 289 * DAY, answer_by=None)),
        {"now": NOW + 291 * DAY},
        {"expired-in-transit"},
    ),
}


@pytest.mark.parametrize("case", MARKED)
def test_what_is_late_skewed_or_not_known_here_is_accepted_and_marked(world: Any, case: str) -> None:
    """Never refused for it."""
    build, changes, expected = MARKED[case]
    assert marks(world, world.signed(build(world)), **changes) == expected


def test_a_clock_behind_shows_in_the_answer_to_our_own_note(world: Any) -> None:
    """Nobody answers what was not written yet; a note of theirs proves nothing."""
    asked = world.note_row(world.note(world.sheet(sender=world.B, recipients=(world.A,))))
    early = world.signed(world.note(world.sheet(signed_at=NOW - DAY), refers_to=(asked.note_id,)))
    assert marks(world, early, referred=lambda _: asked) == {"clock-skew:-86400"}
    theirs = world.note_row(world.note(), "in")
    assert marks(world, early, referred=lambda _: theirs) == set()


def test_the_form_of_a_stranger_version_is_still_checked_in_its_header(world: Any, refused: Any) -> None:
    """Lines 1 to 9 are the same in every form."""
    with refused("line.code_outside_list"):
        judge(world, world.signed(world.note(form=777, lines={}, marking="secret")))


# -- opening


def test_what_was_sealed_to_us_opens_and_says_what_it_is(world: Any) -> None:
    """Note, receipt or void: the carrier could not tell."""
    keys = {world.opening_key("XB prekey").key_id: world.opening_key("XB prekey")}
    note = open_item(world.sealed(world.signed(world.note())), keys)
    receipt = open_item(world.sealed(world.signed_receipt(world.receipt())), keys)
    void = open_item(world.sealed(world.signed_void(world.void())), keys)
    assert [(item.kind, item.party_unverified) for item in (note, receipt, void)] == [
        (Kind.NOTE, "XA"),
        (Kind.RECEIPT, "XB"),
        (Kind.VOID, "XA"),
    ]
    assert judge(world, note.signed_unverified).seen is Seen.NEW


def resealed(payload: bytes) -> Callable[[Any], bytes]:
    """Some payload, signed by XA's office, sealed to us."""
    return lambda world: world.sealed(sign(payload, [world.signing_key("XA duty")], Domain.NOTE))


SEALED: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "to a key that is gone": (lambda w: w.sealed(w.signed(w.note()), "XB yesterday"), "seal.no_key"),
    "with a bit turned": (lambda w: broken(w.sealed(w.signed(w.note()))), "seal.not_opened"),
    "nothing": (lambda w: b"", "seal.not_opened"),
    "not signed": (lambda w: seal(w.note().to_payload(), w.opening_key("XB prekey").public), "seal.not_signed"),
    "a parcel": (resealed(encode({1: 1, 2: 3, 3: ["XA", "duty"]})), "line.unknown_kind"),
    "the kind true": (resealed(encode({1: 1, 2: True, 3: ["XA", "duty"]})), "line.unknown_kind"),
    "a number": (resealed(encode(7)), "line.unknown_kind"),
    "a note of nobody": (resealed(encode({1: 1, 2: 1})), "line.bad_shape"),
    "a note of something endless": (resealed(encode({1: 1, 2: 1, 3: ["X" * 17, "duty"]})), "line.bad_shape"),
}


@pytest.mark.parametrize("case", SEALED)
def test_what_does_not_open_is_refused_by_name(world: Any, refused: Any, case: str) -> None:
    """Only the missing key is told apart: its sender is asked to seal again."""
    build, problem = SEALED[case]
    keys: dict[bytes, OpeningKey] = {world.opening_key("XB prekey").key_id: world.opening_key("XB prekey")}
    with refused(problem):
        open_item(build(world), keys)


# -- receipts and voids


def judge_as_xa(world: Any, signed: bytes, **changes: Any) -> Any:
    """A receipt of XB as XA judges it."""
    fields = {"directory": world.directory(world.particulars("XB")), "us": "XA", "now": NOW}
    return judge_receipt(signed, **fields | changes)


def test_a_receipt_in_order_passes(world: Any) -> None:
    """The control of the cases below."""
    receipt = world.receipt()
    judged = judge_as_xa(world, world.signed_receipt(receipt))
    assert (judged.receipt, judged.marks) == (receipt, ("stale",))


def said(**parts: Any) -> Callable[[Any], bytes]:
    """A receipt whose one entry has these parts."""
    return lambda w: w.signed_receipt(w.receipt(w.entry(parts.pop("stage", Stage.TAKEN), **parts)))


def answered(option: str, role: str = "duty officer", language: str = "en") -> Callable[[Any], bytes]:
    """A receipt with a read-back."""
    back = ReadBack(1, language, role, 3, ((6, option),))
    return lambda w: w.signed_receipt(w.receipt(w.entry(Stage.READ_BACK, read_back=back)))


RECEIPTS: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "made out to another": (lambda w: w.signed_receipt(w.receipt(to="XC")), "line.receipt_to_another"),
    "of our own": (lambda w: w.signed_receipt(w.receipt(issuer="XA", to="XB")), "line.own_note"),
    "of a party that was never accepted": (
        lambda w: w.signed_receipt(w.receipt(issuer="XC")),
        "line.unknown_sender",
    ),
    "signed by an office": (lambda w: w.signed_receipt(w.receipt(), "XB duty"), "directory.key_unknown"),
    "signed by another node": (lambda w: w.signed_receipt(w.receipt(), "XA node"), "directory.key_unknown"),
    "one signature of two": (lambda w: strip(w.signed_receipt(w.receipt())), "seal.signature_missing"),
    "one bit turned": (lambda w: broken(w.signed_receipt(w.receipt())), "seal.signature_invalid"),
    "a note in its place": (lambda w: w.signed(w.note()), "line.bad_shape"),
    "a reason that turns the direction": (said(reason="\u202eok"), "line.unsafe_text"),
    "a language with a control character": (said(language="e\x07"), "line.unsafe_text"),
    "an option that turns the direction": (answered("\u202e"), "line.unsafe_text"),
    "a role that turns the direction": (answered("yes", role="\u202e"), "line.unsafe_text"),
    "a read-back language with a bell": (answered("yes", language="\x07"), "line.unsafe_text"),
}


@pytest.mark.parametrize("case", RECEIPTS)
def test_a_receipt_is_refused_with_the_reason(world: Any, refused: Any, case: str) -> None:
    """It then counts for nothing."""
    build, problem = RECEIPTS[case]
    with refused(problem):
        judge_as_xa(world, build(world))


def test_a_receipt_from_a_clock_two_days_ahead_is_marked(world: Any) -> None:
    """And counts."""
    judged = judge_as_xa(world, world.signed_receipt(world.receipt(signed_at=NOW + 2 * DAY)))
    assert "clock-skew:172800" in judged.marks


def void_as_xb(world: Any, signed: bytes, **changes: Any) -> Any:
    """A void of XA as XB judges it."""
    fields = {"directory": world.directory(), "us": "XB", "now": NOW, "serial_row": lambda *_: None}
    return judge_void(signed, **fields | changes)


VOIDS: dict[str, tuple[Callable[[Any], bytes], str]] = {
    "made out to another": (lambda w: w.signed_void(w.void(recipient=w.C)), "line.void_to_another"),
    "of our own": (lambda w: w.signed_void(w.void(sender=w.B)), "line.own_note"),
    "of a party that was never accepted": (lambda w: w.signed_void(w.void(sender=w.C)), "line.unknown_sender"),
    "signed by the office": (lambda w: w.signed_void(w.void(), "XA duty"), "directory.key_unknown"),
    "signed as a receipt": (
        lambda w: sign(w.void().to_payload(), [w.signing_key("XA node")], Domain.RECEIPT),
        "seal.wrong_domain",
    ),
    "one signature of two": (lambda w: strip(w.signed_void(w.void())), "seal.signature_missing"),
}


@pytest.mark.parametrize("case", VOIDS)
def test_a_void_is_refused_with_the_reason(world: Any, refused: Any, case: str) -> None:
    """The void as such is in order: see the next test."""
    build, problem = VOIDS[case]
    with refused(problem):
        void_as_xb(world, build(world))


def test_a_void_passes_once_and_again_but_not_against_a_note(world: Any, refused: Any) -> None:
    """What was opened cannot be unsaid by a node."""
    void = world.void()
    signed = world.signed_void(void)
    assert void_as_xb(world, signed) == void
    assert void_as_xb(world, signed, serial_row=lambda *_: world.serial_row(None, 4712)) == void
    with refused("line.void_after_note"):
        void_as_xb(world, signed, serial_row=lambda *_: world.serial_row(b"n" * 32, 4712))


def test_a_byte_turned_anywhere_in_a_signed_note_is_refused_by_name(world: Any) -> None:
    """And never with another exception than a Problem."""
    signed = bytearray(world.signed(world.note()))
    for place in range(0, len(signed), 97):
        spoiled = bytes(signed[:place]) + bytes([signed[place] ^ 0x55]) + bytes(signed[place + 1 :])
        with pytest.raises(Problem):
            judge(world, spoiled)
