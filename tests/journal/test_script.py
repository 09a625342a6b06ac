"""The outsider's script: what it may use, how long it may be, what it prints, how it exits, and how it reads bytes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parley.journal import cosign, cosigner_name
from parley.seal import SealProblem, decode, encode

SCRIPT = Path(__file__).parents[2] / "spec/verify_archive.py"
VECTORS = Path(__file__).parents[2] / "vectors/journal"
ALLOWED = {"cryptography", *sys.stdlib_module_names}


def test_uses_nothing_but_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(SCRIPT.read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {str(module).partition(".")[0] for module in imported} <= ALLOWED


def test_can_be_read_in_one_sitting() -> None:
    assert len(SCRIPT.read_text().splitlines()) <= 300


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The script as an outsider runs it: isolated mode, so that nothing of Parley's folder is importable."""

    def go(data: bytes | None, roots: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "note.archive"
        if data is not None:
            file.write_bytes(data)
        given = [word for party, digest in roots.items() for word in ("--root", f"{party}={digest}")]
        command = [sys.executable, "-I", str(SCRIPT), str(file), *given, *more]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)

    return go


def hexed(roots: dict[str, bytes]) -> dict[str, str]:
    return {party: digest.hex() for party, digest in roots.items()}


def test_prints_a_numbered_checklist_the_links_and_the_coded_lines(world: Any, run: Run) -> None:
    """What an outsider sees of a good archive."""
    world.cosigners = ("XB", "XC")
    done = run(world.archive(), hexed(world.roots))
    assert done.returncode == 0, done.stdout + done.stderr
    rows = done.stdout.splitlines()
    checks = [row for row in rows if "  ok  " in row]
    assert [int(row.split()[0]) for row in checks] == list(range(1, len(checks) + 1))
    assert [row.split()[1] for row in rows if row.startswith("self-asserted")] == ["XA", "XA"]
    assert [row.split()[2:4] for row in rows if row.startswith("third party")] == [
        ["XB", "cosigned"],
        ["XC", "cosigned"],
        ["XB", "receipted:"],
    ]
    assert "exercise                 True" in rows
    assert "form and version         [10, 1]" in rows
    assert "line 11                  [1, 2]" in rows
    assert "line 12                  'Ü, مرحبا'" in rows


def test_refuses_with_one_reason_and_exit_code_1(world: Any, run: Run) -> None:
    data = world.archive()
    wrong = run(data, hexed(world.roots) | {"XA": "00" * 32})
    assert wrong.returncode == 1
    assert "REFUSED  other_roots" in wrong.stdout.splitlines()[-1]
    torn = run(data[:-1], hexed(world.roots))
    assert torn.returncode == 1
    assert "REFUSED  not_an_archive" in torn.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("roots", "more"),
    [({"XA": "00"}, ()), ({"xa": "00" * 32}, ()), ({"XA": "0g" * 32}, ()), ({}, ("--nonsense",))],
)
def test_a_bad_call_exits_with_2(roots: dict[str, str], more: tuple[str, ...], run: Run) -> None:
    assert run(b"", roots, *more).returncode == 2


def test_a_file_that_is_not_there_is_not_verified(run: Run) -> None:
    assert run(None, {"XA": "00" * 32}).returncode == 1


def test_text_of_a_peer_cannot_act_upon_the_terminal(world: Any, run: Run) -> None:
    """Escape sequences and direction overrides in free text are printed as what they are."""
    world.note_fields = {12: {10: "\x1b[2J\x1b]0;owned\x07", 11: ["\u202edetrever", b"\x1b"]}, 16: "en\x1b[31m"}
    done = run(world.archive(), hexed(world.roots))
    assert done.returncode == 0
    assert not any(sign in done.stdout for sign in ("\x1b", "\x07", "\u202e"))


def test_no_input_makes_it_fail_otherwise_than_by_refusing(script: Any, world: Any) -> None:
    """Canonical values of every shape in every field: refused, never a traceback.

    But for two that are archives of their own: without the receipt, and (as it is) without a definition.
    """
    data, roots = world.archive(), world.roots
    shapes: list[Any] = [None, True, 0, -1, 1 << 62, b"", b"\xd8\x62\x80", "", [], [[]], [[None]], {}, {1: 1}]
    shapes += [[["XA", []]], [["XA", [b""]], ["XB", [b""]]], [7, 7, 7], ["XA"], [b""]]
    fields: Any = decode(data, limit=1 << 24)
    for key in fields:
        for shape in shapes:
            if (key, shape) in ((10, []), (11, None)):
                continue
            with pytest.raises(script.Refused):
                script.verify(encode(fields | {key: shape}), roots)


def test_payloads_of_every_shape_are_refused(script: Any, world: Any, edited: Any) -> None:
    """The same inside the signed objects, where a peer chose every byte."""
    data, roots = world.archive(), world.roots
    payloads: list[Any] = [None, 7, [], {}, {3: 1}, {3: []}, {3: ["XA"]}, {1: 1, 2: 1, 3: ["XA", "duty"], 4: [[]]}]
    for payload in payloads:
        whole = encode([b"\xa1\x1a\x00\x01\x00\x01\x01", {}, encode(payload), [[b"", {}, b""]]])
        for change in (
            lambda fields, made=whole: fields.__setitem__(3, b"\xd8\x62" + made),
            lambda fields, made=whole: fields.__setitem__(10, [b"\xd8\x62" + made]),
            lambda fields, made=whole: fields[9][0].__setitem__(1, [b"\xd8\x62" + made]),
        ):
            with pytest.raises(script.Refused):
                script.verify(edited(data, change), roots)


def test_checkpoints_of_every_shape_are_refused(script: Any, world: Any, edited: Any) -> None:
    data, roots = world.archive(), world.roots
    good = decode(data, limit=1 << 24)[7]  # type: ignore[index, call-overload]
    texts = [
        "",
        "\n",
        "\n\n",
        good[:-1],
        good + "\n",
        good.replace("\n\n", "\n"),
        good.replace("—", "-", 1),
        " " + good,
    ]
    texts += [good.replace(" parley/XB ", " parley/XB  "), good.replace("=\n", "\n", 1), good.replace("\n— ", "\r\n— ")]
    texts += [
        good + line for line in ("—\n", "— parley/XB\n", "— parley/XB AAAA=\n", "— parley/XB AAA\n", "—  AAAAAAAA\n")
    ]
    texts += [good + "— parley/XB AAAAAAAA\n", good.replace("\n7\n", "\n+7\n"), good.replace("\n7\n", "\n٧\n")]
    for text in texts:
        assert text != good
        with pytest.raises(script.Refused):
            script.verify(edited(data, lambda fields, made=text: fields.__setitem__(7, made)), roots)


# -- its reader of bytes against the room's


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.binary(max_size=40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 1 << 62), inner, max_size=5),
    max_leaves=20,
)


def ours(data: bytes) -> Any:
    try:
        return ("value", decode(data))
    except SealProblem:
        return "refused"


def theirs(script: Any, data: bytes) -> Any:
    try:
        return ("value", script.read(data, "bad"))
    except script.Refused:
        return "refused"


@given(values)
def test_both_readers_read_the_same_values(script: Any, value: Any) -> None:
    try:
        data = encode(value)
    except SealProblem:  # text that is not NFC
        return
    assert theirs(script, data) == ("value", value) == ours(data)


@given(st.binary(max_size=60))
@example(bytes.fromhex("a2010001 00".replace(" ", "")))
@example(b"\x81" * 17 + b"\x00")
@example(b"\x81" * 16 + b"\x00")
@example(bytes.fromhex("6165cc81"))
@example(bytes.fromhex("6365cc81"))
@example(bytes.fromhex("fb7ff8000000000000"))
@example(bytes.fromhex("f7"))
@example(bytes.fromhex("1bffffffffffffffff"))
@example(bytes.fromhex("3b8000000000000000"))
@example(bytes.fromhex("a1f500"))
@example(bytes.fromhex("a12000"))
def test_both_readers_refuse_the_same_bytes(script: Any, data: bytes) -> None:
    assert theirs(script, data) == ours(data)


@given(values, st.data())
def test_both_readers_agree_about_damaged_bytes(script: Any, value: Any, data: st.DataObject) -> None:
    try:
        good = encode(value)
    except SealProblem:
        return
    at = data.draw(st.integers(0, len(good) - 1))
    torn = good[:at] + bytes([data.draw(st.integers(0, 255))]) + good[at + data.draw(st.integers(0, 2)) :]
    assert theirs(script, torn) == ours(torn)


@given(
    st.recursive(
        st.integers(-(1 << 63), (1 << 63) - 1) | st.binary(max_size=300) | st.text("aé", max_size=30),
        lambda i: st.lists(i, max_size=30),
    )
)
def test_it_writes_the_same_bytes(script: Any, value: Any) -> None:
    assert script.write(value) == encode(value)


def test_a_cosignature_of_the_journals_own_party_counts_for_nothing(world: Any, script: Any, edited: Any) -> None:
    """A party that cosigns its own journal is no third party."""
    data = world.archive()
    fields: Any = decode(data, limit=1 << 24)
    text = fields[7] + cosign(fields[7], world["XA"].node, cosigner_name("XA"), world.cosigned_at)

    def change(parts: dict[int, Any]) -> None:
        parts[7], parts[8] = text, ["XA", "XB"]

    with pytest.raises(script.Refused) as refused:
        script.verify(edited(data, change), world.roots)
    assert refused.value.args[0] == "bad_structure"
