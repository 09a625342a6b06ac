"""Which version may follow which: each case is a short list of versions in the order in which a node learns them."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from parley.directory import Directory, Particulars, Revocation
from parley.seal import FULL, Domain, assemble, decode, encode, signature_share
from parley.terms.problem import Problem

BRIEF = 2  # reserved, and weaker than FULL


class V(NamedTuple):
    """One version: root letters, threshold, who signed, and what learning it brings (a problem's key, or News)."""

    roots: str = "abc"
    threshold: int = 2
    signed: str = "ab"
    expect: str = "new"
    issued: float | None = None  # day; else ten days after the version before
    read: float | None = None  # day on which the node learns it; else the day of issue
    number: int | None = None  # else one more
    previous: str = "real"  # "other": names a version that nobody here has seen
    revoked: str = ""  # root letters, @ and the day since when
    leaving: str | None = (
        None  # root letters listed as outgoing; else those that the version before has and this has not
    )
    suite: int = FULL
    name: str = "Beltova"
    replay: int | None = None  # the bytes of that earlier step again
    learned: bool = True  # False: it exists, but this node never saw it


# Expected outcomes are from spec/particulars.md, sections 2 and 3; the first row of a case is accepted by ceremony.
CASES: dict[str, list[V]] = {
    "a second version signed by the same roots is taken": [V(), V(signed="bc")],
    "what is held already changes nothing": [V(), V(), V(replay=1, expect="known")],
    "the first version again after the second is a rollback": [V(), V(), V(replay=0, expect="directory.rollback")],
    "a third version comes before the second, which is then a rollback": [
        V(),
        V(learned=False),
        V(),
        V(replay=1, expect="directory.rollback"),
    ],
    "one root of two needed is not enough": [V(), V(signed="a", expect="directory.threshold_missing")],
    "one root twice is not two": [V(), V(signed="aa", expect="seal.share_twice")],
    "one root twice in the signed bytes is not two either": [
        V(),
        V(signed="a=", expect="seal.signatures_out_of_order"),
    ],
    "a stranger beside two roots spoils the whole": [V(), V(signed="abx", expect="seal.unknown_signer")],
    "all three may sign though two would do": [V(), V(signed="abc")],
    # rotation of roots
    "roots rotate when old and new thresholds sign": [V(), V(roots="def", signed="abde")],
    "a root that stays counts on both sides": [V(), V(roots="bcd", signed="bc")],
    "rotation with only the old threshold is refused": [
        V(),
        V(roots="def", signed="ab", expect="directory.threshold_missing"),
    ],
    "rotation with only the new threshold is refused": [
        V(),
        V(roots="def", signed="de", expect="directory.old_roots_missing"),
    ],
    "rotation with one old root too few is refused": [
        V(),
        V(roots="def", signed="ade", expect="directory.old_roots_missing"),
    ],
    "after a rotation the former roots sign nothing more": [
        V(),
        V(roots="def", signed="abde"),
        V(roots="abc", signed="ab", expect="directory.old_roots_missing"),
    ],
    "a lowered threshold needs the old one": [V(), V(threshold=1, signed="a", expect="directory.old_roots_missing")],
    "a lowered threshold with the old one is taken": [V(), V(threshold=1, signed="ab"), V(threshold=1, signed="c")],
    "a raised threshold needs the new one": [V(), V(threshold=3, signed="ab", expect="directory.threshold_missing")],
    # gaps
    "versions may be missed while the roots stay": [V(), V(number=5), V(number=9)],
    "a missed rotation is a gap, and reading it in order closes the gap": [
        V(),
        V(roots="def", signed="abde", learned=False),
        V(roots="def", signed="de", expect="directory.gap"),
        V(replay=1),
        V(replay=2),
    ],
    # equivocation
    "another content of the held version is a fork": [V(), V(), V(number=2, name="Other", expect="fork")],
    "another content of an earlier version is a fork": [V(), V(), V(), V(number=2, name="Other", expect="fork")],
    "another content of the very first version is a fork": [V(), V(), V(number=1, name="Other", expect="fork")],
    "the next version of another history is a fork": [V(), V(), V(previous="other", expect="fork")],
    "a stranger cannot make a fork of a version": [
        V(),
        V(),
        V(roots="xyz", signed="xy", number=2, expect="directory.old_roots_missing"),
    ],
    "a stranger cannot make a fork of an earlier version": [
        V(),
        V(),
        V(roots="xyz", signed="xy", number=1, expect="directory.rollback"),
    ],
    "two rotations of one version are a fork though the held roots did not sign the second": [
        V(),
        V(roots="def", signed="abde"),
        V(roots="xyz", signed="abxy", leaving="abc", number=2, expect="fork"),
    ],
    "roots revoked since make no fork": [
        V(),
        V(roots="def", signed="abde", revoked="abc@5"),
        V(roots="xyz", signed="abxy", leaving="abc", number=2, expect="directory.old_roots_missing"),
    ],
    # revocation
    "a revoked root does not count for the next version": [
        V(),
        V(signed="bc", revoked="a@5"),
        V(signed="ab", revoked="a@5", expect="directory.threshold_missing"),
    ],
    "the roots that are left go on": [V(), V(signed="bc", revoked="a@5"), V(signed="bc", revoked="a@5")],
    "a revocation is not withdrawn": [
        V(),
        V(signed="bc", revoked="a@5"),
        V(signed="bc", expect="directory.revocation_withdrawn"),
    ],
    "a revocation is not postponed": [
        V(),
        V(signed="bc", revoked="a@5"),
        V(signed="bc", revoked="a@6", expect="directory.revocation_withdrawn"),
    ],
    "a theft may turn out older than thought": [V(), V(signed="bc", revoked="a@5"), V(signed="bc", revoked="a@4")],
    "a closed identity has no successor": [
        V(),
        V(signed="ab", revoked="abc@5"),
        V(signed="abc", revoked="abc@5", expect="directory.old_roots_missing"),
    ],
    # times and suites
    "a version issued before the one that it follows is refused": [
        V(),
        V(issued=-1, read=10, expect="directory.issued_backwards"),
    ],
    "a version issued at the same instant is refused": [V(), V(issued=0, expect="directory.issued_backwards")],
    "two days ahead is a skewed clock": [V(), V(issued=12, read=10)],
    "more than three days ahead is refused": [V(), V(issued=13.1, read=10, expect="directory.from_the_future")],
    "the lowest suite does not sink": [V(), V(suite=BRIEF, expect="directory.suite_lowered")],
    "a suite that is not known here counts as stronger": [V(), V(suite=60_000)],
}


def build(world: Any, steps: list[V]) -> list[tuple[V, Particulars]]:
    """Each step with its content; a replay repeats the content and signers of an earlier one."""
    made: list[tuple[V, Particulars]] = []
    newest: Particulars | None = None
    for step in steps:
        if step.replay is not None:
            earlier, content = made[step.replay]
            made.append((step._replace(signed=earlier.signed, read=50), content))
            continue
        made.append((step, content := build_one(world, step, newest)))
        if step.expect == "new":
            newest = content
    return made


def build_one(world: Any, step: V, before: Particulars | None) -> Particulars:
    """The content of one step after `before`."""
    letters, _, since = step.revoked.partition("@")
    revoked = tuple(Revocation(key.key_id, world.day(float(since)), "compromised") for key in world.roots(letters))
    roots = world.roots(step.roots)
    changes: dict[str, Any] = {"names": {"en": step.name}, "revoked": revoked, "lowest_suite": step.suite}
    changes |= {"roots": roots, "threshold": step.threshold}
    if before is None:
        return world.particulars(**changes)
    issued = before.issued_at + 10 * world.DAY if step.issued is None else world.day(step.issued)
    number = step.number or before.version + 1
    linked = step.previous == "real" and number == before.version + 1
    leaving = before.roots if step.leaving is None else world.roots(step.leaving)
    return world.particulars(
        **changes,
        version=number,
        issued_at=issued,
        expires_at=issued + 300 * world.DAY,
        previous=None if number == 1 else before.digest if linked else bytes(32),
        outgoing=tuple(key for key in leaving if key not in roots and number > 1),
    )


def learn(world: Any, directory: Directory, step: V, content: Particulars) -> str:
    """What learning a step brings, as a word."""
    now = content.issued_at if step.read is None else world.day(step.read)
    try:
        return directory.learn(forge(world, content, step.signed), now).news.value
    except Problem as problem:
        return problem.key


def forge(world: Any, content: Particulars, letters: str) -> bytes:
    """Signed by whoever is named, roots or not; = after a letter: put together first, then every signature doubled."""
    keys = [world.signing_key(f"root {letter}") for letter in letters.replace("=", "")]
    shares = [signature_share(content.payload, key, Domain.PARTICULARS) for key in keys]
    signed = assemble(content.payload, shares, Domain.PARTICULARS)
    return doubled(signed) if "=" in letters else signed


def doubled(signed: bytes) -> bytes:
    """The same signed object with every signature listed twice."""
    body, unprotected, payload, signatures = decode(signed[2:])  # type: ignore[misc]
    return signed[:2] + encode([body, unprotected, payload, [*signatures, *signatures]])


@pytest.mark.parametrize("case", CASES)
def test_succession(case: str, world: Any) -> None:
    """Each step brings what the table says, and a refused one leaves the entry as it was."""
    (_, first), *others = build(world, CASES[case])
    directory = world.directory(first)
    for step, content in others:
        if not step.learned:
            continue
        before = directory.entry("XB")
        assert learn(world, directory, step, content) == step.expect
        if step.expect not in ("new", "fork"):
            assert directory.entry("XB") == before
