"""The vectors in vectors/seal say what must be accepted and refused; they are what make.py writes from its seeds."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from parley.seal import (
    Domain,
    OpeningKey,
    SealingKey,
    SealProblem,
    SigningKey,
    VerifyingKey,
    open_sealed,
    unlock,
    unlock_with_passphrase,
    verify,
)

VECTORS = Path(__file__).parents[2] / "vectors/seal"


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((VECTORS / name).read_text())
    return document


def cases(name: str) -> Any:
    rows = read(name)["cases"]
    return pytest.mark.parametrize("case", rows, ids=[row["name"] for row in rows])


def outcome(run: Any, *arguments: Any, **more: Any) -> tuple[str, Any]:
    """("valid", result) or ("refused: key", None)."""
    try:
        return "valid", run(*arguments, **more)
    except SealProblem as problem:
        return f"refused: {problem.key}", None


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_seal_vectors", VECTORS / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_script_makes(maker: ModuleType) -> None:
    """No vector is edited by hand, and no key is derived otherwise than when it was written."""
    for name, document in maker.build(maker.read_frozen()).items():
        assert (VECTORS / name).read_text() == maker.written(document), name


@cases("ed25519.json")
def test_ed25519_public_keys(case: dict[str, str]) -> None:
    """Small order, second forms and non-points are refused where a key is read."""
    assert outcome(VerifyingKey, bytes.fromhex(case["public"]), bytes(1952))[0] == case["expected"]


@cases("x25519.json")
def test_x25519_public_keys(case: dict[str, str], opening: OpeningKey) -> None:
    """The X25519 half of a sealing key, behind a good ML-KEM-768 half."""
    public = opening.public.public[:1184] + bytes.fromhex(case["public"])
    assert outcome(SealingKey, bytes(16), public)[0] == case["expected"]


@cases("signed.json")
def test_signed_objects(case: dict[str, Any]) -> None:
    """Verification, with the keys that the file names."""
    document = read("signed.json")
    keys = [SigningKey.from_seed(bytes.fromhex(document["keys"][name]["seed"])).public for name in NAMES]
    found, verified = outcome(
        verify,
        base64.b64decode(case["signed"]),
        keys,
        Domain(case.get("domain", "parley/1/note").encode()),
        threshold=case.get("threshold", 1),
        lowest_suite=case.get("lowest_suite", 1),
    )
    assert found == case["expected"]
    if verified:
        assert verified.payload.hex() == document["payload"]


NAMES = ("one", "two", "three")


def test_the_signing_keys_of_the_vectors_come_from_their_seeds() -> None:
    """Seed to public key, both halves."""
    for key in read("signed.json")["keys"].values():
        public = SigningKey.from_seed(bytes.fromhex(key["seed"])).public
        assert public == VerifyingKey.from_bytes(base64.b64decode(key["public"]))


@cases("sealed.json")
def test_sealed_objects(case: dict[str, str]) -> None:
    """Opening, with the one key that the file names."""
    document = read("sealed.json")
    key = OpeningKey(*(bytes.fromhex(document["opening_key"][field]) for field in ("key_id", "seed")))
    assert key.public.public == base64.b64decode(document["opening_key"]["public"])
    found, content = outcome(open_sealed, base64.b64decode(case["sealed"]), {key.key_id: key})
    assert found == case["expected"]
    if content:
        assert base64.b64encode(content).decode() in document["contents"]


@cases("locked.json")
def test_locked_objects(case: dict[str, str]) -> None:
    """Unlocking, under a key or a passphrase."""
    locked, context = bytes.fromhex(case["locked"]), bytes.fromhex(case["context"])
    if "key" in case:
        found, plaintext = outcome(unlock, bytes.fromhex(case["key"]), locked, context)
    else:
        found, plaintext = outcome(unlock_with_passphrase, locked, case["passphrase"], context)
    assert found == case["expected"]
    if plaintext:
        assert plaintext.hex() == read("locked.json")["plaintext"]
