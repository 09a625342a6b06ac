"""Checkpoints and cosignatures: C2SP text, exact to the byte; two algorithms of every signer, or nothing."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.journal import (
    EMPTY_ROOT,
    Answer,
    Checkpoint,
    JournalProblem,
    Leaf,
    Remembered,
    attach,
    consider,
    consistency_proof,
    cosign,
    cosigner_name,
    cosigner_names,
    origin,
    party_of_cosigner,
    party_of_origin,
    read_checkpoint,
    root,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
)
from parley.journal.checkpoint import only
from parley.journal.signed_text import key_id, read_signed_text
from parley.seal import ED25519, SigningKey, VerifyingKey

C2SP = json.loads((Path(__file__).parents[2] / "vectors/journal/c2sp.json").read_text())
AT = 1_795_000_000_500
NAME = origin("XA", bytes(range(16)))


def a_key(number: int) -> SigningKey:
    return SigningKey.from_seed(bytes([number]) * 64)


OURS, THEIRS, OTHER = a_key(1), a_key(2), a_key(3)
TEXT = sign_checkpoint(Checkpoint(NAME, 5, bytes(31) + b"\x05"), OURS, AT)
COSIGNED = attach(TEXT, cosign(TEXT, THEIRS, "parley/XB", AT + 60_000))


def key_of(refused: pytest.ExceptionInfo[JournalProblem]) -> str:
    return refused.value.key.removeprefix("journal.")


# -- signed-note


def test_reads_and_checks_the_example_of_signed_note() -> None:
    """The text and the key that C2SP signed-note publishes."""
    row = C2SP["signed_note"]
    signed = read_signed_text(row["text"])
    public = b64decode(row["verifier_key"].split("+", 2)[2])
    assert public[:1] == b"\x01"
    line = signed.lines[0]
    assert line.key_id == key_id(line.name, b"\x01", public[1:])
    assert VerifyingKey(public[1:], OURS.public.mldsa65).fits(ED25519, line.signature, signed.body.encode())


@pytest.mark.parametrize("row", C2SP["well_formed"], ids=lambda row: row["name"])
def test_reads_published_texts_and_writes_them_back(row: dict[str, Any]) -> None:
    signed = read_signed_text(row["text"])
    assert signed.to_text() == row["text"]
    assert len(signed.lines) == row["lines"]


def test_a_line_is_named_by_name_type_and_key() -> None:
    """By hand, from the words of the specification."""
    public = OURS.public
    own = b"\xffparley/ml-dsa-65/1"
    expected = [
        sha256(NAME.encode() + b"\n\x01" + public.ed25519).digest()[:4],
        sha256(NAME.encode() + b"\n" + own + public.mldsa65).digest()[:4],
        sha256(b"parley/XB\n\x04" + THEIRS.public.ed25519).digest()[:4],
        sha256(b"parley/XB\n" + own + THEIRS.public.mldsa65).digest()[:4],
    ]
    assert [line.key_id for line in read_signed_text(COSIGNED).lines] == expected


def test_what_is_signed_is_written_in_the_specification() -> None:
    """Ed25519 over the body and over cosignature/v1; ML-DSA-65 over type, name, time and body."""
    body = f"{NAME}\n5\n{b64encode(bytes(31) + bytes([5])).decode()}\n"
    lines = read_signed_text(COSIGNED).lines
    assert read_signed_text(COSIGNED).body == body
    ours, theirs = OURS.public, THEIRS.public
    assert ours.fits(-19, lines[0].signature, body.encode())
    seconds = AT // 1000
    message = f"parley/ml-dsa-65/1\n{NAME}\ntime {seconds}\n{body}"
    assert lines[1].signature[:8] == seconds.to_bytes(8, "big")
    assert ours.fits(-49, lines[1].signature[8:], message.encode())
    message = f"cosignature/v1\ntime {seconds + 60}\n{body}"
    assert lines[2].signature[:8] == (seconds + 60).to_bytes(8, "big")
    assert theirs.fits(-19, lines[2].signature[8:], message.encode())
    message = f"parley/ml-dsa-65/1\nparley/XB\ntime {seconds + 60}\n{body}"
    assert theirs.fits(-49, lines[3].signature[8:], message.encode())


LINE = "— a.example AAAAAAAA\n"
BAD_TEXTS = [
    ("nothing", ""),
    ("no blank line", "body\n" + LINE),
    ("no signature", "body\n\n"),
    ("no newline at the end", "body\n\n" + LINE[:-1]),
    ("an empty body", "\n\n" + LINE),
    ("a tab in the body", "bo\tdy\n\n" + LINE),
    ("a carriage return", "body\r\n\n" + LINE),
    ("a carriage return in a line", "body\n\n" + LINE[:-1] + "\r\n"),
    ("a hyphen for the dash", "body\n\n- a.example AAAAAAAA\n"),
    ("no name", "body\n\n—  AAAAAAAA\n"),
    ("a plus in the name", "body\n\n— a+b AAAAAAAA\n"),
    ("a wide space in the name", "body\n\n— a\u2003b AAAAAAAA\n"),
    ("two spaces", "body\n\n— a.example  AAAAAAAA\n"),
    ("something after the signature", "body\n\n— a.example AAAAAAAA x\n"),
    ("base64 without padding", "body\n\n— a.example AAAAAAA\n"),
    ("base64 of another alphabet", "body\n\n— a.example AAAAAA-_\n"),
    ("base64 with bits that carry nothing", "body\n\n— a.example AAAAAAB=\n"),
    ("a key id and no signature", "body\n\n— a.example AAAAAA==\n"),
    ("one key twice", "body\n\n" + LINE + "— a.example AAAAAAAB\n"),
    ("four hundred and one lines", "body\n\n" + "".join(f"— a{n}.example AAAAAAAA\n" for n in range(401))),
    ("a mebibyte and more", "b" * (1 << 20) + "\n\n" + LINE),
]


@pytest.mark.parametrize(("name", "text"), BAD_TEXTS, ids=[name for name, _ in BAD_TEXTS])
def test_refuses_text_of_another_form(name: str, text: str) -> None:
    with pytest.raises(JournalProblem) as refused:
        read_signed_text(text)
    assert key_of(refused) == "bad_text"


def test_reads_the_neighbour_of_every_refused_text() -> None:
    """The control: what those rows differ from is accepted."""
    for text in ("body\n\n" + LINE, "b\n\nody\n\n" + LINE, "body\n\n" + LINE + "— b.example AAAAAAAB\n"):
        assert read_signed_text(text).to_text() == text


@given(st.text(max_size=80))
def test_whatever_is_read_is_written_back(text: str) -> None:
    for given_text in (text, f"body\n\n— {text} AAAAAAAA\n", f"body\n\n— a.example {text}\n", f"{text}\n\n{LINE}"):
        with suppress(JournalProblem):
            assert read_signed_text(given_text).to_text() == given_text


FROZEN = json.loads((Path(__file__).parents[2] / "vectors/journal/frozen.json").read_text())


@pytest.mark.parametrize("row", FROZEN["heads"], ids=lambda row: row["name"])
def test_frozen_heads(row: dict[str, Any]) -> None:
    """What the first release signed verifies for ever; what it refused stays refused."""
    keys = [VerifyingKey.from_bytes(bytes.fromhex(key)) for key in FROZEN["keys"]]

    def check() -> None:
        verify_checkpoint(row["text"], keys)
        verify_cosignature(row["text"], "parley/XB", keys)

    if row["expected"] == "verifies":
        check()
    else:
        with pytest.raises(JournalProblem) as refused:
            check()
        assert refused.value.key == row["expected"]


# -- the three lines

TAIL = TEXT.partition("\n\n")[2]
ROOT = b64encode(bytes(31) + b"\x05").decode()
BAD_BODIES = [
    ("two lines", f"{NAME}\n5"),
    ("an extension line", f"{NAME}\n5\n{ROOT}\nmore"),
    ("a size with a zero before it", f"{NAME}\n05\n{ROOT}"),
    ("a size of letters", f"{NAME}\nfive\n{ROOT}"),
    ("a size with a sign", f"{NAME}\n+5\n{ROOT}"),
    ("a negative size", f"{NAME}\n-5\n{ROOT}"),
    ("a size in other digits", f"{NAME}\n٥\n{ROOT}"),
    ("a size past 63 bits", f"{NAME}\n9223372036854775808\n{ROOT}"),
    ("a root that is too short", f"{NAME}\n5\nAAAA"),
    ("a root that is no base64", f"{NAME}\n5\n{ROOT[:-1]}"),
    ("a root with bits that carry nothing", f"{NAME}\n5\n{ROOT[:-2]}V="),
    ("a root of letters beyond ASCII", f"{NAME}\n5\n{'é' * 44}"),
    ("an empty tree with a root", f"{NAME}\n0\n{ROOT}"),
    ("entries with the root of none", f"{NAME}\n5\n{b64encode(EMPTY_ROOT).decode()}"),
]


@pytest.mark.parametrize(("name", "body"), BAD_BODIES, ids=[name for name, _ in BAD_BODIES])
def test_refuses_other_than_origin_size_and_root(name: str, body: str) -> None:
    with pytest.raises(JournalProblem) as refused:
        read_checkpoint(f"{body}\n\n{TAIL}")
    assert key_of(refused) == "bad_checkpoint"


@pytest.mark.parametrize(
    "name",
    ["", "parley/XA", "parley/xa/" + "0" * 32, "parley/XA/" + "0" * 31, "parley/XA/" + "F" * 32, f"{NAME}/", "a"],
)
def test_refuses_origins_of_no_journal(name: str) -> None:
    with pytest.raises(JournalProblem) as refused:
        Checkpoint(name, 0, EMPTY_ROOT)
    assert key_of(refused) == "bad_name"


def test_names_say_whose_they_are() -> None:
    assert party_of_origin(origin("O-OSCE", bytes(16))) == "O-OSCE"
    assert party_of_cosigner(cosigner_name("XB")) == "XB"
    assert Checkpoint(NAME, 0, EMPTY_ROOT).incarnation == bytes(range(16))
    for wrong in ("parley/XB/", "parley/xb", "XB", NAME):
        with pytest.raises(JournalProblem):
            party_of_cosigner(wrong)


# -- signatures


def test_signs_and_verifies_with_the_time_in_whole_seconds() -> None:
    verified = verify_checkpoint(COSIGNED, [OTHER.public, OURS.public])
    assert (verified.checkpoint.size, verified.key, verified.at) == (5, OURS.public, AT // 1000 * 1000)
    assert verify_cosignature(COSIGNED, "parley/XB", [THEIRS.public]).at == (AT + 60_000) // 1000 * 1000
    assert cosigner_names(COSIGNED) == ("parley/XB",)


def without(number: int) -> str:
    body, _, tail = COSIGNED.rpartition("\n\n")
    rows = tail.splitlines(keepends=True)
    del rows[number]
    return f"{body}\n\n{''.join(rows)}"


def with_bit(number: int, byte: int) -> str:
    body, _, tail = COSIGNED.rpartition("\n\n")
    rows = tail.splitlines(keepends=True)
    name, _, raw = rows[number].rstrip("\n").rpartition(" ")
    found = bytearray(b64decode(raw))
    found[byte] ^= 1
    rows[number] = f"{name} {b64encode(found).decode()}\n"
    return f"{body}\n\n{''.join(rows)}"


Verify = Callable[[str], Any]
JOURNAL: Verify = lambda text: verify_checkpoint(text, [OURS.public])  # noqa: E731
COSIGNER: Verify = lambda text: verify_cosignature(text, "parley/XB", [THEIRS.public])  # noqa: E731
SIGNATURES: list[tuple[str, str, Verify, str]] = [
    ("the journal without Ed25519", without(0), JOURNAL, "unsigned"),
    ("the journal without ML-DSA-65", without(1), JOURNAL, "unsigned"),
    ("a cosigner without Ed25519", without(2), COSIGNER, "unsigned"),
    ("a cosigner without ML-DSA-65", without(3), COSIGNER, "unsigned"),
    ("another size", COSIGNED.replace("\n5\n", "\n6\n"), JOURNAL, "bad_signature"),
    ("another size, cosigned", COSIGNED.replace("\n5\n", "\n6\n"), COSIGNER, "bad_signature"),
    ("a bit of the journal's Ed25519", with_bit(0, -1), JOURNAL, "bad_signature"),
    ("a bit of the journal's ML-DSA-65", with_bit(1, -1), JOURNAL, "bad_signature"),
    ("the journal's time", with_bit(1, 11), JOURNAL, "bad_signature"),
    ("one time of a cosigner", with_bit(3, 11), COSIGNER, "other_times"),
    ("the key id of a line", with_bit(0, 0), JOURNAL, "unsigned"),
    ("a bit of a cosigner's Ed25519", with_bit(2, -1), COSIGNER, "bad_signature"),
    ("a cosigner that is not there", TEXT, COSIGNER, "unsigned"),
    ("a cosigner under another name", COSIGNED.replace("parley/XB ", "parley/XC "), COSIGNER, "unsigned"),
]


@pytest.mark.parametrize(("name", "text", "verify", "key"), SIGNATURES, ids=[row[0] for row in SIGNATURES])
def test_refuses_anything_but_both_signatures(name: str, text: str, verify: Verify, key: str) -> None:
    JOURNAL(COSIGNED), COSIGNER(COSIGNED)
    with pytest.raises(JournalProblem) as refused:
        verify(text)
    assert key_of(refused) == key


def test_a_journal_line_is_no_cosignature_and_the_reverse() -> None:
    """One key in two roles writes lines that do not fit each other's place."""
    body, _, tail = TEXT.rpartition("\n\n")
    as_cosigner = f"{body}\n\n{tail}{tail.replace(NAME, 'parley/XA')}"
    with pytest.raises(JournalProblem):
        verify_cosignature(as_cosigner, "parley/XA", [OURS.public])


def test_a_cosignature_cannot_be_moved_to_another_name() -> None:
    """Ed25519 cosignatures of C2SP do not name the signer; the ML-DSA-65 line does."""
    lines = cosign(TEXT, THEIRS, "parley/XB", AT)
    renamed = attach(TEXT, lines.replace("parley/XB", "parley/XC"))
    body, _, tail = renamed.rpartition("\n\n")
    fixed = []
    for row in tail.splitlines():
        _, name, raw = row.split(" ")
        kind = b"\x04" if len(b64decode(raw)) == 76 else b"\xffparley/ml-dsa-65/1"
        public = THEIRS.public.ed25519 if kind == b"\x04" else THEIRS.public.mldsa65
        if name == "parley/XC":
            raw = b64encode(key_id(name, kind, public) + b64decode(raw)[4:]).decode()
        fixed.append(f"— {name} {raw}\n")
    with pytest.raises(JournalProblem) as refused:
        verify_cosignature(f"{body}\n\n{''.join(fixed)}", "parley/XC", [THEIRS.public])
    assert refused.value.arguments["algorithm"] == "ML-DSA-65"


def test_lines_of_strangers_are_passed_over_as_c2sp_demands() -> None:
    more = attach(COSIGNED, "— witness.example/w1 AAAAAAAA\n")
    assert verify_checkpoint(more, [OURS.public]).checkpoint.size == 5
    assert cosigner_names(more) == ("parley/XB",)


def test_lines_stand_in_one_order_however_they_came() -> None:
    first, second = (cosign(TEXT, key, name, AT) for key, name in ((THEIRS, "parley/XB"), (OTHER, "parley/XC")))
    assert attach(attach(TEXT, first), second) == attach(attach(TEXT, second), first)


def test_a_newer_cosignature_takes_the_place_of_the_older() -> None:
    newer = attach(COSIGNED, cosign(TEXT, THEIRS, "parley/XB", AT + 120_000))
    assert verify_cosignature(newer, "parley/XB", [THEIRS.public]).at == (AT + 120_000) // 1000 * 1000
    assert newer.count("parley/XB ") == 2


def test_the_journals_own_lines_cannot_be_attached() -> None:
    with pytest.raises(JournalProblem) as refused:
        attach(TEXT, TAIL)
    assert key_of(refused) == "bad_name"


def test_only_keeps_the_lines_that_were_asked_for() -> None:
    more = attach(COSIGNED, cosign(TEXT, OTHER, "parley/XC", AT))
    assert only(more, {NAME: OURS.public, "parley/XB": THEIRS.public}) == COSIGNED
    assert only(more, {NAME: OURS.public}) == TEXT


@given(st.integers(1, (1 << 63) - 1), st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_a_body_is_read_as_it_was_written(size: int, root: bytes, incarnation: bytes) -> None:
    checkpoint = Checkpoint(origin("XA", incarnation), size, root)
    assert read_checkpoint(f"{checkpoint.to_body()}\n{LINE}")[0] == checkpoint


# -- whether to cosign


def head(leaves: list[Leaf], size: int, key: SigningKey = OURS) -> str:
    hashes = [leaf.hash for leaf in leaves[:size]]
    return sign_checkpoint(Checkpoint(NAME, size, root(hashes)), key, AT)


def kept(leaves: list[Leaf], size: int) -> Remembered:
    text = head(leaves, size)
    return Remembered(size, read_checkpoint(text)[0].root, text)


def test_cosigns_what_continues_the_largest_tree_seen(leaves: Any) -> None:
    entries = leaves(9)
    hashes = [leaf.hash for leaf in entries]
    decision = consider(kept(entries, 4), head(entries, 9), consistency_proof(hashes, 4, 9), [OURS.public])
    assert decision.answer is Answer.COSIGN
    assert decision.remember is not None
    assert (decision.remember.size, decision.remember.root) == (9, root(hashes))


DECISIONS = [
    ("the first that is seen", None, 5, (), Answer.COSIGN, 5),
    ("the first, with a proof from nowhere", None, 5, (3, 5), Answer.NO_PROOF, None),
    ("the same again", 5, 5, (), Answer.COSIGN, 5),
    ("the same with a proof too many", 5, 5, (3, 5), Answer.NO_PROOF, 5),
    ("an older one", 5, 4, (), Answer.BEHIND, 5),
    ("a larger one without proof", 5, 8, (), Answer.NO_PROOF, 5),
    ("a larger one with the proof from another size", 5, 8, (4, 8), Answer.NO_PROOF, 5),
    ("after an empty one", 0, 8, (), Answer.COSIGN, 8),
]


@pytest.mark.parametrize("row", DECISIONS, ids=[row[0] for row in DECISIONS])
def test_decides(row: tuple[str, int | None, int, Any, Answer, int | None], leaves: Any) -> None:
    """Remembers only forwards; a refusal leaves memory as it was."""
    _, known, size, proof, answer, remember = row
    entries = leaves(9)
    steps = consistency_proof([leaf.hash for leaf in entries], *proof) if proof else []
    before = None if known is None else kept(entries, known)
    decision = consider(before, head(entries, size), steps, [OURS.public])
    assert decision.answer is answer
    assert (decision.remember.size if decision.remember else None) == remember
    if remember == known and known is not None:
        assert decision.remember == before


def test_another_root_of_the_same_size_is_a_fork_and_is_not_remembered(leaves: Any) -> None:
    one, other = leaves(5), leaves(6)[1:]
    before = kept(one, 5)
    decision = consider(before, head(other, 5), [], [OURS.public])
    assert (decision.answer, decision.remember) == (Answer.FORK, before)


def test_a_tree_that_does_not_continue_the_one_seen_is_refused(leaves: Any) -> None:
    """A rewritten past, with the best proof that its author can make."""
    one, other = leaves(5), leaves(9)
    rewritten = other[1:]
    proof = consistency_proof([leaf.hash for leaf in rewritten], 5, 8)
    before = kept(one, 5)
    decision = consider(before, head(rewritten, 8), proof, [OURS.public])
    assert (decision.answer, decision.remember) == (Answer.NO_PROOF, before)


def test_a_proof_longer_than_any_is_refused_before_it_is_computed(leaves: Any) -> None:
    entries = leaves(9)
    decision = consider(kept(entries, 4), head(entries, 9), [bytes(32)] * 64, [OURS.public])
    assert decision.answer is Answer.NO_PROOF


def test_a_step_that_is_no_hash_is_refused(leaves: Any) -> None:
    entries = leaves(9)
    assert consider(kept(entries, 4), head(entries, 9), [b"short"], [OURS.public]).answer is Answer.NO_PROOF


def test_a_checkpoint_that_its_journal_did_not_sign_is_not_considered(leaves: Any) -> None:
    with pytest.raises(JournalProblem) as refused:
        consider(None, head(leaves(3), 3, OTHER), [], [OURS.public])
    assert key_of(refused) == "unsigned"


def test_memory_of_one_journal_is_not_used_for_another(leaves: Any) -> None:
    """A new incarnation begins anew, in a memory of its own."""
    entries = leaves(5)
    other = sign_checkpoint(Checkpoint(origin("XA", bytes(16)), 5, root([leaf.hash for leaf in entries])), OURS, AT)
    with pytest.raises(JournalProblem) as refused:
        consider(kept(entries, 5), other, [], [OURS.public])
    assert key_of(refused) == "other_journal"


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_a_witness_never_steps_back(sizes: list[int]) -> None:
    """Whatever order checkpoints of one honest journal come in, memory only grows and every larger one is cosigned."""
    hashes = [sha256(bytes([number])).digest() for number in range(12)]
    texts = {size: sign_checkpoint(Checkpoint(NAME, size, root(hashes[:size])), OURS, AT) for size in set(sizes)}
    memory: Remembered | None = None
    for size in sizes:
        before = memory.size if memory else 0
        proof = consistency_proof(hashes, before, size) if before < size else []
        decision = consider(memory, texts[size], proof, [OURS.public])
        assert (decision.answer is Answer.COSIGN) == (size >= before)
        memory = decision.remember
        assert memory is not None
        assert memory.size == max(before, size)
