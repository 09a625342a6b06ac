"""A directory is what its rows are: rebuilt it is equal, and meddled rows are noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from parley.directory import Directory, DirectoryProblem, Narrowing, Outcome, Revocation, Row, VouchPolicy
from parley.directory.entry import ACCEPTANCE, DECISION, HEARD, HELD, HeardRow
from parley.directory.evidence import EVIDENCE, verify_evidence
from parley.seal import decode, encode


def eventful(world: Any) -> Directory:
    """XB: two versions, freshness, decisions, evidence; XC: a former identity and a new one."""
    return story(world)[0]


def story(world: Any) -> tuple[Directory, list[Outcome]]:
    """The same, and the outcome of every step."""
    directory = Directory()
    first = world.particulars()
    second = first.successor(issued_at=world.day(1), expires_at=world.day(300), offices=(world.office("office-2"),))
    renewed = world.particulars("xyz", party="XC", issued_at=world.day(5))
    return directory, [
        world.accept(directory, first),
        directory.learn(world.signed(second), world.day(1)),
        directory.learn_freshness(world.signed_freshness(second, 2), world.day(2)),
        directory.narrow("XB", take=Narrowing((1, 2)), now=world.day(3), by="Director"),
        directory.suspend("XB", now=world.day(4), by="Deputy"),
        directory.learn(world.signed(world.particulars(names={"en": "Other"})), world.day(5)),
        directory.set_aside("XB", now=world.day(6), by="Director"),
        world.accept(directory, world.particulars("cde", party="XC"), "cd"),
        directory.accept(
            world.signed(renewed, "xy"),
            how="ceremony",
            now=world.day(5),
            by="Director",
            ceremony=world.ceremony(renewed),
            new_identity=True,
        ),
    ]


def same(one: Directory, other: Directory) -> bool:
    """Equal entries, former ones among them."""
    return all(
        one.entry(party) == other.entry(party) and one.former(party) == other.former(party)
        for party in {*one.parties, *other.parties}
    ) and (one.parties == other.parties)


def test_a_rebuilt_directory_is_the_same(world: Any) -> None:
    """Entries, history, standing, keys, certificates, and the rows themselves."""
    directory = eventful(world)
    again = Directory.rebuild(reversed(directory.rows()))
    assert same(directory, again)
    assert again.rows() == directory.rows()
    now = world.day(7)
    assert [again.standing(p, now) for p in ("XB", "XC")] == [directory.standing(p, now) for p in ("XB", "XC")]
    assert again.certificates() == directory.certificates()
    assert again.history("XC") == directory.history("XC")


def test_the_rows_of_every_outcome_add_up(world: Any) -> None:
    """A store that writes each outcome's rows, later ones over earlier, holds the whole directory."""
    directory, outcomes = story(world)
    rows = [row for outcome in outcomes for row in outcome.rows]
    stored = {(row.party, row.era, row.kind, row.number): row for row in rows}
    assert tuple(sorted(stored.values())) == directory.rows()


def flip(data: bytes, place: int = -40) -> bytes:
    """One bit inside what is signed."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def resigned(world: Any, row: Row) -> Row:
    """A version that other roots signed, in place of the stored one."""
    held = HELD.decode(row.data, limit=1 << 22)
    second = {"version": 2, "previous": bytes(32), "issued_at": world.day(1)} if row.number == 2 else {}
    other = world.particulars("xyz", names={"en": "Meddler"}, **second)
    changed = msgspec.structs.replace(held, signed=msgspec.structs.replace(held.signed, raw=world.signed(other, "xy")))
    return msgspec.structs.replace(row, data=HELD.encode(changed))


# what was done to the rows of XB -> changes one row, or drops it
MEDDLING: dict[str, tuple[str, int, Callable[[Any, Row], Row | None]]] = {
    "a bit in a version": ("particulars", 1, lambda _, row: msgspec.structs.replace(row, data=flip(row.data))),
    "the first version by other roots": ("particulars", 1, resigned),
    "a later version by other roots": ("particulars", 2, resigned),
    "the first version taken out": ("particulars", 1, lambda _, row: None),
    "a version under another number": ("particulars", 2, lambda _, row: msgspec.structs.replace(row, number=3)),
    "the acceptance taken out": ("acceptance", 0, lambda _, row: None),
    "an acceptance of other roots": (
        "acceptance",
        0,
        lambda _, row: msgspec.structs.replace(
            row, data=ACCEPTANCE.encode(msgspec.structs.replace(ACCEPTANCE.decode(row.data), root_digest=bytes(32)))
        ),
    ),
    "a decision taken out": ("decision", 0, lambda _, row: None),
    "a decision that cannot be read": ("decision", 1, lambda _, row: msgspec.structs.replace(row, data=b"\xa0")),
    "a bit in the freshness": ("freshness", 0, lambda _, row: msgspec.structs.replace(row, data=flip(row.data))),
    "a bit in the evidence": ("evidence", 0, lambda _, row: msgspec.structs.replace(row, data=flip(row.data))),
    "evidence that is none": (
        "evidence",
        0,
        lambda _, row: msgspec.structs.replace(
            row,
            data=EVIDENCE.encode(
                msgspec.structs.replace(EVIDENCE.decode(row.data), second=EVIDENCE.decode(row.data).first)
            ),
        ),
    ),
    "a kind that does not exist": ("freshness", 0, lambda _, row: msgspec.structs.replace(row, kind="rumour")),
}


@pytest.mark.parametrize("case", MEDDLING)
def test_meddled_rows_are_noticed(case: str, world: Any) -> None:
    """Nothing that a signature or a count holds can be changed in the database unseen."""
    kind, number, meddle = MEDDLING[case]
    rows = []
    for row in eventful(world).rows():
        hit = (row.party, row.kind, row.number) == ("XB", kind, number)
        kept = meddle(world, row) if hit else row
        rows += [kept] if kept is not None else []
    with pytest.raises(DirectoryProblem) as caught:
        Directory.rebuild(rows)
    assert caught.value.key == "directory.bad_record"
    assert caught.value.arguments["party"] == "XB"


@pytest.mark.parametrize(
    "fault",
    [{"node": "stranger"}, {"party": "XC"}, {"version": 9}],
    ids=["by a stranger", "about another party", "about a version that is not held"],
)
def test_a_freshness_that_does_not_belong_is_noticed(fault: dict[str, Any], world: Any) -> None:
    """The stored freshness must be a node's of the version that it names."""
    directory = eventful(world)
    forged = world.signed_freshness(directory.entry("XB").current, 2, **fault)
    rows = [
        msgspec.structs.replace(row, data=HEARD.encode(HeardRow(world.day(2), forged)))
        if row.kind == "freshness"
        else row
        for row in directory.rows()
    ]
    with pytest.raises(DirectoryProblem):
        Directory.rebuild(rows)


def test_an_identity_cannot_be_left_out(world: Any) -> None:
    """XC's former identity taken away: the new one would look like the first."""
    rows = [row for row in eventful(world).rows() if (row.party, row.era) != ("XC", 0)]
    with pytest.raises(DirectoryProblem) as caught:
        Directory.rebuild(rows)
    assert caught.value.arguments == {"party": "XC", "kind": "era"}


def test_stored_rows_refuse_later_formats(world: Any) -> None:
    """A row written by a newer program with something critical is not half understood."""
    row = next(row for row in eventful(world).rows() if row.kind == "decision")
    packed = decode(row.data)
    assert isinstance(packed, dict)
    with pytest.raises(DirectoryProblem) as caught:
        DECISION.decode(encode(packed | {100: 1}))
    assert caught.value.key == "directory.unknown_critical"


# -- evidence


def test_evidence_convinces_a_third_party(world: Any) -> None:
    """With nothing but one version that it accepted itself; without it, or with an honest pair, nothing is proven."""
    directory = eventful(world)
    evidence = directory.entry("XB").evidence[0]
    assert verify_evidence(evidence, [world.particulars()]) == "XB"
    with pytest.raises(DirectoryProblem) as caught:
        verify_evidence(evidence, [world.particulars("xyz")])
    assert caught.value.key == "directory.not_by_roots"
    honest = msgspec.structs.replace(
        evidence, second=directory.entry("XB").versions[1].signed.raw, first=evidence.first
    )
    pair = [held.signed.raw for held in directory.entry("XB").versions]
    honest = msgspec.structs.replace(evidence, first=pair[0], second=pair[1])
    with pytest.raises(DirectoryProblem) as caught:
        verify_evidence(honest, [world.particulars()])
    assert caught.value.key == "directory.not_equivocation"


def test_evidence_of_roots_that_are_revoked_later_still_reads(world: Any) -> None:
    """The proof outlives the keys that made it."""
    directory = eventful(world)
    current = directory.entry("XB").current
    gone = tuple(Revocation(key.key_id, world.day(6), "compromised") for key in world.roots("abc"))
    changes = {"issued_at": world.day(8), "expires_at": world.day(300), "revoked": gone}
    third = current.successor(**changes, roots=world.roots("def"))
    directory.learn(world.signed(third, "abde"), world.day(8))
    assert same(directory, Directory.rebuild(directory.rows()))


def test_evidence_does_not_fill_the_disk(world: Any) -> None:
    """A few contradictions are kept, and the same one once; each is still reported as a fork."""
    directory = world.directory()
    for number in range(8):
        signed = world.signed(world.particulars(names={"en": f"Other {number}"}))
        assert [directory.learn(signed, world.day(1)).news.value for _ in range(2)] == ["fork", "fork"]
        assert len(directory.entry("XB").evidence) == min(number + 1, 4)


# -- any order of events


class Events(RuleBasedStateMachine):
    """Random events on one directory; after each, the rebuilt one is the same and no older version has returned."""

    world: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.directory: Directory = self.world.directory()
        self.highest = 1
        self.day = 0

    @rule(signers=st.sampled_from(["ab", "bc", "a", "abc"]), rotate=st.booleans())
    def learn(self, signers: str, rotate: bool) -> None:
        """A next version, well signed or not, with or without another office key."""
        self.day += 1
        office = self.world.office("office-2" if rotate else "office")
        now = self.world.day(self.day)
        current = self.directory.entry("XB").current
        new = current.successor(issued_at=now, expires_at=self.world.day(self.day + 100), offices=(office,))
        try:
            self.directory.learn(self.world.signed(new, signers), now)
            self.highest += 1
        except DirectoryProblem:
            assert signers == "a"

    @rule(back=st.integers(0, 3))
    def replay(self, back: int) -> None:
        """Some earlier version again."""
        versions = self.directory.entry("XB").versions
        held = versions[max(0, len(versions) - 1 - back)]
        try:
            outcome = self.directory.learn(held.signed.raw, self.world.day(self.day))
        except DirectoryProblem as problem:
            assert problem.key == "directory.rollback"  # noqa: PT017
        else:
            assert outcome.news.value == "known"

    @rule(late=st.integers(0, 9))
    def freshness(self, late: int) -> None:
        """A freshness, perhaps late."""
        signed = self.world.signed_freshness(self.directory.entry("XB").current, self.day)
        self.directory.learn_freshness(signed, self.world.day(self.day + late))

    @precondition(lambda self: len(self.directory.entry("XB").evidence) < 2)
    @rule()
    def fork(self) -> None:
        """Another content of the first version."""
        other = self.world.particulars(names={"en": f"Other {self.day}"})
        assert self.directory.learn(self.world.signed(other), self.world.day(self.day)).news.value == "fork"

    @rule(what=st.sampled_from(["suspend", "resume", "set_aside"]))
    def decide(self, what: str) -> None:
        """A decision of this desk."""
        getattr(self.directory, what)("XB", now=self.world.day(self.day), by="Director")

    @invariant()
    def rebuilt_is_the_same(self) -> None:
        """Whatever happened."""
        assert same(self.directory, Directory.rebuild(self.directory.rows(), VouchPolicy()))

    @invariant()
    def version_never_sinks(self) -> None:
        """And freshness never goes back."""
        assert self.directory.entry("XB").current.version == self.highest


def test_any_order_of_events_rebuilds(world: Any) -> None:
    """Random events, every rebuild equal."""
    Events.world = world
    run_state_machine_as_test(Events, settings=settings(max_examples=12, stateful_step_count=8, deadline=None))
