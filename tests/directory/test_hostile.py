"""Whatever bytes arrive, the answer is a Problem or the truth; never another exception, never a changed entry."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.directory import Directory, DirectoryProblem, sign_prekeys, sign_share, verify_freshness, verify_signed
from parley.directory.entry import ACCEPTANCE, DECISION, HEARD
from parley.directory.evidence import EVIDENCE
from parley.directory.fields import Layout
from parley.directory.freshness import FRESHNESS, PREKEYS
from parley.directory.gossip import SIGHTING
from parley.directory.particulars import PARTICULARS
from parley.seal import Domain, assemble, decode, encode, signature_share
from parley.terms.problem import Problem

_KEPT: dict[str, Any] = {}


@pytest.fixture(autouse=True, scope="module")
def _keep(world: Any) -> None:
    # made once: hypothesis runs many examples on them
    content = world.particulars()
    _KEPT["world"] = world
    _KEPT["directory"] = world.directory(content)
    _KEPT["content"] = content
    _KEPT["signed"] = world.signed(content.successor(issued_at=world.day(1), expires_at=world.day(300)))
    _KEPT["freshness"] = world.signed_freshness(content, 1)
    prekeys = [world.prekey(1, one_time=True)]
    _KEPT["prekeys"] = sign_prekeys("XB", "XA", prekeys, world.day(1), world.signing_key("node"))


def offer(data: bytes) -> None:
    """Give `data` to every reader of a peer's bytes; only Problems may come out."""
    directory: Directory = _KEPT["directory"]
    before, now = directory.entry("XB"), _KEPT["world"].day(1)
    for read in (
        lambda: directory.learn(data, now),
        lambda: directory.learn_freshness(data, now),
        lambda: directory.learn_prekeys(data, "XB", "XA"),
        lambda: directory.accept(data, how="ceremony", now=now, by="D"),
        lambda: sign_share(data, _KEPT["world"].signing_key("root a")),
        lambda: PARTICULARS.decode(data),
        lambda: FRESHNESS.decode(data),
        lambda: PREKEYS.decode(data),
    ):
        with pytest.raises(Problem):
            read()
    assert directory.entry("XB") is before


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_noise(data: bytes) -> None:
    """Random bytes."""
    offer(data)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["signed", "freshness", "prekeys"]), st.data())
def test_one_changed_byte(which: str, data: st.DataObject) -> None:
    """Any one byte of a signed object changed, and it is refused by everyone."""
    changed = bytearray(_KEPT[which])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    offer(bytes(changed))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["signed", "freshness", "prekeys"]), st.data())
def test_cut_or_lengthened(which: str, data: st.DataObject) -> None:
    """Any part of a signed object, or more than it."""
    whole = _KEPT[which]
    offer(whole[: data.draw(st.integers(0, len(whole) - 1))])
    offer(whole + data.draw(st.binary(min_size=1, max_size=5)))


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.binary(max_size=40)
    | st.text("aXB:/", max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 20), inner, max_size=6),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 18), VALUES)
def test_any_value_in_any_field_of_particulars(number: int, value: Any) -> None:
    """Signed by the right roots or not: what the constructors refuse cannot be read."""
    packed = PARTICULARS.pack(_KEPT["content"]) | {number: value}
    try:
        read = PARTICULARS.decode(encode(packed))
    except Problem:
        return
    assert PARTICULARS.encode(read) == encode(packed)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_signed_by_a_root(value: Any) -> None:
    """A real signature over nonsense."""
    root = _KEPT["world"].signing_key("root a")
    for domain in (Domain.PARTICULARS, Domain.FRESHNESS):
        payload = encode(value)
        offer(assemble(payload, [signature_share(payload, root, domain)], domain))


def test_one_signature_of_two_is_refused(world: Any) -> None:
    """The ML-DSA half taken off, or the Ed25519 half; whole, it passes (control)."""
    signed = world.signed(world.particulars())
    verify_signed(signed)
    body, unprotected, payload, signatures = decode(signed[2:])  # type: ignore[misc]
    assert isinstance(signatures, list)
    for gone in range(4):
        kept = [item for place, item in enumerate(signatures) if place != gone]
        with pytest.raises(Problem) as caught:
            verify_signed(signed[:2] + encode([body, unprotected, payload, kept]))
        assert caught.value.key == "seal.signature_missing"


def test_a_freshness_without_one_of_its_signatures_is_refused(world: Any) -> None:
    """The same for what a node signs."""
    signed = world.signed_freshness(world.particulars())
    body, unprotected, payload, signatures = decode(signed[2:])  # type: ignore[misc]
    assert isinstance(signatures, list)
    with pytest.raises(Problem) as caught:
        verify_freshness(
            signed[:2] + encode([body, unprotected, payload, signatures[:1]]), [world.signing_key("node").public]
        )
    assert caught.value.key == "seal.signature_missing"


def test_a_problem_never_repeats_much_of_what_a_peer_wrote(world: Any) -> None:
    """Names of fields and rules, codes of at most 14 letters, numbers."""
    packed = PARTICULARS.pack(world.particulars()) | {1: "X" * 9000}
    with pytest.raises(DirectoryProblem) as caught:
        PARTICULARS.decode(encode(packed))
    assert caught.value.arguments == {"field": "particulars.party", "rule": "characters"}


@pytest.mark.parametrize("layout", [ACCEPTANCE, DECISION, HEARD, EVIDENCE, SIGHTING], ids=lambda layout: layout.name)
def test_an_odd_field_that_a_record_cannot_keep_is_refused(layout: Layout[Any]) -> None:
    """It may not be dropped, since others' records keep it; once it was a TypeError."""
    extended = {0: 1, **{field.number: _SOME[field.name] for field in layout.fields}}
    known = {number: value for number, value in extended.items() if layout.standing or number}
    assert layout.decode(encode(known))  # the twin without it is read
    with pytest.raises(DirectoryProblem) as caught:
        layout.decode(encode({**known, 101: b"x"}))
    assert (caught.value.key, caught.value.arguments["rule"]) == ("directory.unreadable", "unknown-field")


_SOME: dict[str, Any] = {
    "how": "own",
    "at": 1794172800000,
    "by": "Officer",
    "root_digest": bytes(32),
    "version": 1,
    "means": "",
    "vouchers": [],
    "suspended": False,
    "forms": None,
    "set_aside": 0,
    "take": {1: [2], 2: "any", 3: 3, 4: True},
    "send": {1: None, 2: "exercise", 3: 1, 4: False},
    "withheld": ["read"],
    "vouching": {1: 1, 2: ["XC"]},
    "seen_at": 1794172800000,
    "raw": b"raw",
    "first": b"one",
    "second": b"two",
    "party": "XB",
    "digest": bytes(32),
}
