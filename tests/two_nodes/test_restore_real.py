"""A real node loses its store; a stale backup is put back with one call, and both nodes agree again by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .real_node import RealNode, until


def held(node: RealNode, direction: str) -> set[str]:
    """Ids of the notes that a running node has."""
    rows: list[dict[str, Any]] = node.door.call("inbox", limit=99, direction=direction)
    return {row["note"] for row in rows}


def test_a_node_restored_from_a_stale_backup_gets_back_what_was_acknowledged(
    nodes: tuple[RealNode, RealNode], tmp_path: Path
) -> None:
    """Both ways: the peer's notes that it had receipted, and its own that only the peer still has."""
    a, b = nodes
    first = a.write("XB")
    assert a.arrives(first, "XB")
    b.door.call("backup", path=str(tmp_path / "XB.backup"))
    lost, own = [a.write("XB") for _ in range(3)], b.write("XA")
    assert all(a.arrives(note, "XB") for note in lost)
    assert b.arrives(own, "XA")

    b.end()
    b.home.store.unlink()  # the disk is gone
    made = b.backstage.restore(b.home, tmp_path / "XB.backup")
    assert made["kept"] > 0
    b.start()
    b.await_start()
    until(lambda: held(b, "in") == {first, *lost})
    until(lambda: own in held(b, "out"))
    assert b.arrives(own, "XA")  # our receipt for it came back, too
    again = b.write("XA")
    assert b.arrives(again, "XA")
    assert b.door.call("verify")["incarnations"] == 2
    assert held(a, "in") == {own, again}
