"""The Merkle tree of RFC 6962: roots, proofs of inclusion, proofs of consistency, and the frontier that grows it.

Everything here works on leaf hashes (32 bytes each), never on bodies. Making a proof hashes each leaf hash once:
O(n), which for 100,000 leaves is about a tenth of a second; checking one is O(log n). No inner node is kept: the
journal stores one hash per entry and recomputes, so that there is nothing that could disagree with the entries.

Left out: tiles, caches and sparse trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from parley.journal.problems import JournalProblem

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()  # RFC 6962, 2.1: the hash of an empty list is the hash of an empty string


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry, RFC 6962, 2.1: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours, RFC 6962, 2.1: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: enough to append and to state the root, in O(log n) memory.

    `peaks` are the roots of the perfect subtrees that the binary digits of `size` name, the largest first.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """How many leaves were appended."""
        return self._size

    def append(self, hash: bytes) -> int:
        """Add the hash of the next leaf; returns its index (the first is 0)."""
        node = _checked(hash)
        index = size = self._size
        while size & 1:
            node = node_hash(self._peaks.pop(), node)
            size >>= 1
        self._peaks.append(node)
        self._size = index + 1
        return index

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return _fold(self._peaks)

    def to_list(self) -> list[bytes]:
        """The peaks, the largest subtree first: what a store keeps beside `size`."""
        return list(self._peaks)

    @classmethod
    def from_list(cls, size: int, peaks: Iterable[bytes]) -> Frontier:
        """The frontier that `to_list` gave at `size`; raises JournalProblem where they do not fit."""
        self = cls()
        self._peaks = [_checked(peak) for peak in peaks]
        self._size = size
        if size < 0 or size.bit_count() != len(self._peaks):
            raise JournalProblem("bad_frontier", size=size)
        return self


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order: MTH of RFC 6962, 2.1."""
    return _range_root(hashes, 0, len(hashes))


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1: the neighbours from leaf `index` up to the root of all `hashes`; at most 63."""
    if not 0 <= index < len(hashes):
        raise JournalProblem("no_such_leaf", index=index, size=len(hashes))
    start, end, path = 0, len(hashes), []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(hashes, middle, end))
            end = middle
        else:
            path.append(_range_root(hashes, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(hashes: Sequence[bytes], old: int, new: int) -> list[bytes]:
    """PROOF of RFC 6962, 2.1.2: that the tree of the first `new` hashes continues that of the first `old`.

    `old` 0 and `old` equal to `new` give the empty proof.
    """
    if not 0 <= old <= new <= len(hashes):
        raise JournalProblem("no_such_leaf", index=old, size=new)
    if old in (0, new):
        return []
    start, end, path, whole = 0, new, [], True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(hashes, middle, end))
            end = middle
        else:
            path.append(_range_root(hashes, start, middle))
            start, whole = middle, False
    if not whole:  # the old tree's last subtree is not the old tree itself, so its hash is needed
        path.append(_range_root(hashes, start, end))
    return path[::-1]


def verify_inclusion(hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with `hash` is entry `index` of the tree (`size`, `root`): RFC 9162, 2.1.3.2.

    Raises JournalProblem ``not_included`` or ``bad_hash``.
    """
    node, here, last = _checked(hash), index, size - 1
    if not 0 <= index < size or len(proof) != _path_length(index, size):
        raise JournalProblem("not_included", index=index, size=size)
    for neighbour in map(_checked, proof):
        while not here & 1 and here == last:  # a last node without neighbour moves up as it is
            here, last = here >> 1, last >> 1
        node = node_hash(neighbour, node) if here & 1 else node_hash(node, neighbour)
        here, last = here >> 1, last >> 1
    if node != _checked(root):
        raise JournalProblem("not_included", index=index, size=size)


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (`new`, `new_root`) continues the tree (`old`, `old_root`): RFC 9162, 2.1.4.2.

    Raises JournalProblem ``not_consistent`` or ``bad_hash``.
    """
    wrong = JournalProblem("not_consistent", old=old, new=new)
    _checked(old_root), _checked(new_root)
    if not 0 <= old <= new or (new == 0 and new_root != EMPTY_ROOT) or (old == 0 and old_root != EMPTY_ROOT):
        raise wrong
    if old in (0, new):
        if proof or (old == new and old_root != new_root):
            raise wrong
        return
    path = [_checked(step) for step in proof]
    if old & (old - 1) == 0:  # the old tree is perfect: its root is the first step
        path.insert(0, old_root)
    if not path or _climb(path, old - 1, new - 1) != (old_root, new_root):
        raise wrong


def _climb(path: list[bytes], here: int, last: int) -> tuple[bytes, bytes] | None:
    """Both roots that a consistency path leads to, or None where it is too long or too short."""
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, step)
        here, last = here >> 1, last >> 1
    return (old, new) if last == 0 else None


def _path_length(index: int, size: int) -> int:
    """How many neighbours leaf `index` has on its way up in a tree of `size`."""
    inner = (index ^ (size - 1)).bit_length()  # below this level the path runs inside a perfect subtree
    return inner + (index >> inner).bit_count()


def _split(width: int) -> int:
    """The largest power of two below `width` (RFC 6962, 2.1), for `width` of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _range_root(hashes: Sequence[bytes], start: int, end: int) -> bytes:
    """The root over hashes[start:end], each hashed once, level by level."""
    level = [_checked(hash) for hash in hashes[start:end]]
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        odd = level[-1:] if len(level) & 1 else []
        pairs = iter(level[: len(level) - len(odd)])
        level = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)] + odd
    return level[0]


def _fold(peaks: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    node = peaks[-1]
    for peak in reversed(peaks[:-1]):
        node = node_hash(peak, node)
    return node


def _checked(hash: bytes) -> bytes:
    if len(hash) != HASH_BYTES:
        raise JournalProblem("bad_hash")
    return hash
