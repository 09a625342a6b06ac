"""Standing under any order of events: a model that keeps nothing but plain facts says the same as the directory."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from parley.directory import Directory, DirectoryProblem, Revocation, Standing, Vouch, VouchPolicy, root_digest

VOUCHERS = {"XC": "cde", "XD": "def", "XE": "efg"}


class Trust(RuleBasedStateMachine):
    """XA's desk: XC, XD and XE met in ceremonies, XB known by their vouching. Facts: who vouches, is suspended, closed,
    set aside, who is on the list, how many are needed."""

    world: Any = None

    def __init__(self) -> None:
        super().__init__()
        w = self.world
        self.directory = Directory(own="XA")
        ours = w.particulars("xyz", party="XA", node_keys=(w.signing_key("node XA").public,))
        self.directory.accept(w.signed(ours, "xy"), how="own", now=w.day(0), by="Founder")
        self.vouch = Vouch("XB", root_digest("XB", w.roots("abc"), 2), w.day(-9))
        self.day = 0
        self.current: dict[str, Any] = {}
        for code, letters in VOUCHERS.items():
            self.current[code] = w.particulars(letters, party=code, vouches=(self.vouch,), tls=(code.encode(),))
            w.accept(self.directory, self.current[code], letters[:2])
        self.vouching = set(VOUCHERS)
        self.suspended: set[str] = set()
        self.closed: set[str] = set()
        self.listed: tuple[str, ...] = ()
        self.needed = 0
        self.accepted = self.ceremony = False

    def now(self) -> int:
        """A moment later."""
        self.day += 1
        return int(self.world.day(self.day / 100))

    def counting(self) -> int:
        """How many vouch, by the facts alone."""
        return len(set(self.listed) & self.vouching - self.suspended - self.closed)

    @rule(
        listed=st.lists(st.sampled_from(["XC", "XD", "XE", "XB", "XF"]), max_size=4, unique=True),
        needed=st.integers(0, 3),
    )
    def choose(self, listed: list[str], needed: int) -> None:
        """Another list; a number beyond it cannot be built."""
        try:
            policy = VouchPolicy(needed, tuple(listed))
        except DirectoryProblem:
            assert needed > len(listed)
            return
        self.directory.choose_vouchers(policy, now=self.now(), by="Director")
        self.listed, self.needed = tuple(listed), needed

    @rule(code=st.sampled_from(sorted(VOUCHERS)), vouches=st.booleans())
    def speak(self, code: str, vouches: bool) -> None:
        """A voucher's next version, with or without the vouch."""
        if code in self.closed:
            return
        w, now = self.world, self.now()
        said = (self.vouch,) if vouches else ()
        new = self.current[code].successor(issued_at=now, expires_at=now + 99 * w.DAY, vouches=said)
        self.directory.learn(w.signed(new, VOUCHERS[code][:2]), now)
        self.current[code] = new
        (self.vouching.add if vouches else self.vouching.discard)(code)

    @rule(code=st.sampled_from(sorted(VOUCHERS)))
    def close(self, code: str) -> None:
        """A voucher closes its identity."""
        if code in self.closed:
            return
        w, now = self.world, self.now()
        gone = tuple(Revocation(key.key_id, now, "lost") for key in self.current[code].roots)
        new = self.current[code].successor(issued_at=now, expires_at=now + 99 * w.DAY, revoked=gone)
        self.directory.learn(w.signed(new, VOUCHERS[code][:2]), now)
        self.closed.add(code)

    @rule(code=st.sampled_from([*sorted(VOUCHERS), "XB"]), suspend=st.booleans())
    def decide(self, code: str, suspend: bool) -> None:
        """Our own decision."""
        if code == "XB" and not self.accepted:
            return
        (self.directory.suspend if suspend else self.directory.resume)(code, now=self.now(), by="Director")
        (self.suspended.add if suspend else self.suspended.discard)(code)

    @precondition(lambda self: not self.ceremony)
    @rule()
    def accept_vouched(self) -> None:
        """Enough vouch, or it is refused with their number."""
        w, now = self.world, self.now()
        try:
            self.directory.accept(w.signed(w.particulars()), how="vouched", now=now, by="Director")
        except DirectoryProblem as problem:
            assert problem.key == "directory.too_few_vouchers"  # noqa: PT017
            assert self.needed < 1 or self.counting() < self.needed
        else:
            assert self.counting() >= self.needed >= 1
            self.accepted = True

    @rule()
    def meet(self) -> None:
        """A ceremony, after which nobody's vouch matters."""
        w = self.world
        content = w.particulars()
        self.directory.accept(
            w.signed(content), how="ceremony", now=self.now(), by="Director", ceremony=w.ceremony(content)
        )
        self.accepted = self.ceremony = True

    @invariant()
    def standing_is_what_the_facts_say(self) -> None:
        """Of XB, and whether it may accuse."""
        found = self.directory.standing("XB", int(self.world.day(self.day / 100)))
        if not self.accepted:
            assert found is Standing.UNKNOWN
            return
        if "XB" in self.suspended:
            assert found is Standing.SUSPENDED
        elif not self.ceremony and self.counting() < max(self.needed, 1):
            assert found is Standing.UNVOUCHED
        else:
            assert found in (Standing.STALE, Standing.CURRENT)
        assert self.directory.by_ceremony("XB") == self.ceremony
        assert ("vouched" in self.directory.marks("XB", int(self.world.day(1)))) != self.ceremony

    @invariant()
    def rebuilt_it_stands_the_same(self) -> None:
        """The officer's list of vouchers among it."""
        again = Directory.rebuild(self.directory.rows(), own="XA")
        assert again.rows() == self.directory.rows()
        assert again.vouching == self.directory.vouching == VouchPolicy(self.needed, self.listed)
        now = int(self.world.day(self.day / 100))
        for code in self.directory.parties:
            assert again.standing(code, now) is self.directory.standing(code, now)


def test_standing_under_any_order_of_events(world: Any) -> None:
    """Model and directory agree after each."""
    Trust.world = world
    run_state_machine_as_test(Trust, settings=settings(max_examples=25, stateful_step_count=12, deadline=None))
