"""The pages spec/bytes.md, spec/suites.md and spec/seal.md say what the code does, number by number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parley.seal import (
    BUCKETS,
    LARGEST_SEALED,
    LARGEST_TO_SEAL,
    SUITES,
    Domain,
    SealProblem,
    SigningKey,
    lock,
    seal,
    sign,
)
from parley.seal.canonical import DEPTH, LIMIT
from parley.seal.envelope import body_header, signer_header
from parley.seal.locking import LARGEST_LOCKED
from parley.seal.points import SMALL_ORDER_U, SMALL_ORDER_Y

SPEC = Path(__file__).parents[2] / "spec"
PAGES = {name: (SPEC / f"{name}.md").read_text() for name in ("bytes", "suites", "seal")}


def blocks_of_points() -> list[set[int]]:
    """The code blocks of suites.md that hold nothing but 32-byte numbers."""
    blocks = re.findall(r"```\n((?:[0-9a-f]{64}\n)+)```", PAGES["suites"])
    return [{int.from_bytes(bytes.fromhex(line), "little") for line in block.split()} for block in blocks]


def test_the_points_listed_are_the_points_refused() -> None:
    """First the y of Ed25519, then the u of X25519."""
    assert blocks_of_points() == [set(SMALL_ORDER_Y), set(SMALL_ORDER_U)]


def test_every_problem_is_in_the_pages_and_every_problem_there_exists() -> None:
    """Except what only the machine or the person at the desk can cause."""
    ours = {"cannot_encode", "bad_passphrase", "not_a_share"}
    named = set(re.findall(r"`([a-z]+_[a-z0-9_]+)`", " ".join(PAGES.values())))
    assert named == set(SealProblem.TABLE) - ours


def test_every_problem_says_itself() -> None:
    """Each row can be filled in, and says what to do."""
    for key, says in SealProblem.TABLE.items():
        wanted = re.findall(r"{(\w+)}", says.what)
        problem = SealProblem(key, **dict.fromkeys(wanted, 7))
        assert str(problem).endswith(".")
        assert "{" not in str(problem)


def test_the_domains_listed_are_the_domains_there_are() -> None:
    """All of them, and the two of part 2 and 3 which are no signatures' domains."""
    listed = set(re.findall(r"`(parley/1/[a-z]+)`", PAGES["seal"]))
    assert listed == {domain.value.decode() for domain in Domain}


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
def test_the_registry_is_the_table(suite) -> None:
    """Number, name, strength, state."""
    row = re.search(rf"^\| {suite.number} \| (.*) \| (.*) \| (.*) \| (.*) \| (.*) \|$", PAGES["suites"], re.MULTILINE)
    assert row
    assert row[1] == suite.name
    assert row[4].strip() == (str(suite.strength) if suite.signatures else "-")
    assert row[5] == ("in use" if suite.signatures else "reserved")


def test_the_headers_written_out_are_the_headers_made() -> None:
    """The fixed beginnings that a reader may compare."""
    for data in (body_header(1), signer_header(-19, b""), signer_header(-49, b"")):
        assert f"`{data.hex(' ')}`" in PAGES["seal"]


def test_the_limits_written_out_are_the_limits_kept() -> None:
    """With commas, as people read them."""
    assert f"{LIMIT:,} bytes" in PAGES["bytes"]
    assert f"more than {DEPTH} deep" in PAGES["bytes"]
    for limit in (LARGEST_SEALED, LARGEST_TO_SEAL, LARGEST_LOCKED):
        assert f"{limit:,} bytes" in PAGES["seal"]
    *but_last, last = BUCKETS
    assert f"{', '.join(map(str, but_last))} and {last} bytes" in PAGES["seal"]


def test_objects_begin_as_the_page_says(opening) -> None:
    """d8 62, d0, and an array with the version in front."""
    key = SigningKey.from_seed(bytes(64))
    assert sign(b"", [key], Domain.NOTE).startswith(bytes.fromhex("d862"))
    assert seal(b"", opening.public).startswith(bytes.fromhex("d0"))
    assert lock(bytes(32), b"", b"", bytes).startswith(bytes.fromhex("8301"))
