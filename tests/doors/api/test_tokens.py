"""Tokens: what is kept of one, how it is compared, and when it ends."""

from __future__ import annotations

import asyncio
import hmac
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.desk import tokens
from parley.desk.problems import DeskProblem
from parley.desk.tokens import Scope
from parley.testing import FakeClock, SimulatedParty

DAY = 86_400_000


@pytest.fixture
def party() -> SimulatedParty:
    return SimulatedParty("XA", FakeClock())


def make(party: SimulatedParty, *scopes: str, name: str = "screen", days: int = 30) -> str:
    return asyncio.run(tokens.make(party.node, name, list(scopes or ["read"]), days, "amal"))[0]


def refused(party: SimulatedParty, shown: str) -> bool:
    """Refused without a word about the reason."""
    try:
        tokens.authenticate(party.node, shown)
    except DeskProblem as problem:
        return (problem.key, problem.arguments) == ("desk.bad_token", {})
    return False


def test_what_is_kept_is_the_digest_of_a_long_random_secret(party: SimulatedParty) -> None:
    shown = make(party, "draft", "read")
    ((key, value),) = party.node.store.look(lambda look: look.records(tokens.KIND))
    kept = msgspec.msgpack.decode(value)
    assert key == kept["id"] == shown.split("_")[1]
    assert kept["digest"] == sha256(shown.encode()).digest()
    assert shown.split("_", 2)[2].encode() not in value
    assert kept["scopes"] == ["read", "draft"]
    assert len(shown.split("_", 2)[2]) == 43  # 32 bytes


def test_two_tokens_are_never_alike(party: SimulatedParty) -> None:
    assert len({make(party) for _ in range(50)}) == 50


def test_a_token_is_valid_until_it_runs_out_or_is_revoked(party: SimulatedParty) -> None:
    shown, other = make(party, days=1), make(party)
    assert tokens.authenticate(party.node, shown).scopes == (Scope.READ,)
    party.clock.sleep(DAY - 1)
    assert not refused(party, shown)
    party.clock.sleep(1)
    assert refused(party, shown)
    assert not refused(party, other)
    identity = other.split("_")[1]
    first = asyncio.run(tokens.revoke(party.node, identity))
    assert refused(party, other)
    party.clock.sleep(DAY)
    assert asyncio.run(tokens.revoke(party.node, identity)) == first
    assert [one.standing(party.node) for one in tokens.listed(party.node)] == ["expired", "revoked"]


def test_a_token_is_known_by_a_locked_node_and_after_a_restart(party: SimulatedParty) -> None:
    """It guards no secret of its own; what it opens says itself that it is locked."""
    shown = make(party)
    asyncio.run(party.restart(locked=True))
    assert not refused(party, shown)


def test_digests_are_compared_in_constant_time_also_for_an_id_that_nobody_has(
    party: SimulatedParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the library's comparison, every time once; that it is constant in time is the library's promise."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    shown = make(party)
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for given_ in (shown, shown[:-1] + "!", f"parley_{'0' * 8}_{'A' * 43}", "nothing like it"):
        tokens.authenticate(party.node, given_) if given_ == shown else refused(party, given_)
    assert len(compared) == 4
    assert all(len(one) == len(other) == 32 for one, other in compared)


def test_a_restore_ends_every_token_also_one_that_was_revoked_after_the_backup(
    party: SimulatedParty, tmp_path: Path
) -> None:
    """What was revoked since is not in the backup: believing it would bring the token back."""
    asyncio.run(_restored(party, tmp_path))


async def _restored(party: SimulatedParty, folder: Path) -> None:
    await party.start()
    kept, _ = await tokens.make(party.node, "kept", ["read"], 30, "amal")
    lost, _ = await tokens.make(party.node, "lost", ["read"], 30, "amal")
    party.node.store.backup(str(folder / "backup"))
    await tokens.revoke(party.node, lost.split("_")[1])
    await party.restore(folder / "backup", folder / "restored")
    assert [one.standing(party.node) for one in tokens.listed(party.node)] == ["restored", "restored"]
    assert refused(party, kept)
    assert refused(party, lost)
    fresh, _ = await tokens.make(party.node, "fresh", ["read"], 30, "amal")
    assert not refused(party, fresh)
    await party.node.store.close()


@given(at=st.integers(0, 59), letter=st.characters(max_codepoint=0x2FF))
@settings(derandomize=True, deadline=None)
def test_no_letter_of_a_token_may_be_another(at: int, letter: str) -> None:
    party = SimulatedParty("XA", FakeClock())
    shown = make(party)
    changed = shown[:at] + letter + shown[at + 1 :]
    if changed != shown:
        assert refused(party, changed)


@given(st.text(max_size=80))
@settings(derandomize=True, deadline=None)
def test_nothing_else_is_a_token(given_: str) -> None:
    assert refused(SimulatedParty("XA", FakeClock()), given_)


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"name": "Two Words"}, "bad_token_name"),
        ({"name": ""}, "bad_token_name"),
        ({"name": "x" * 33}, "bad_token_name"),
        ({"name": "-x"}, "bad_token_name"),
        ({"scopes": ["everything"]}, "no_scope"),
        ({"scopes": ["read", "release"]}, "no_scope"),
        ({"scopes": ["read-back"]}, "no_scope"),
        ({"scopes": []}, "no_scope"),
        ({"days": 0}, "token_days"),
        ({"days": 367}, "token_days"),
        ({"days": -1}, "token_days"),
    ],
)
def test_a_token_that_cannot_be_made(party: SimulatedParty, fields: dict[str, Any], key: str) -> None:
    given_ = {"name": "screen", "scopes": ["read"], "days": 30, "officer": "amal", **fields}
    with pytest.raises(DeskProblem) as refusal:
        asyncio.run(tokens.make(party.node, **given_))
    assert refusal.value.key == f"desk.{key}"
    assert tokens.listed(party.node) == []
