"""Makes the archives of vectors/journal, and for tests the small world that they come from: three fictional parties.

Keys come from fixed seeds; the ML-DSA-65 signatures are randomised, so a second run makes other bytes that verify
equally. Run it only when the format changes: python vectors/journal/make.py
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256, sha512
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from parley.directory import Office, Particulars, Revocation, combine, root_digest, sign_share
from parley.journal import (
    Checkpoint,
    Incarnation,
    Leaf,
    LeafKind,
    attach,
    build_archive,
    cosign,
    cosigner_name,
    fork_of_checkpoints,
    fork_of_serials,
    new_leaf,
    origin,
    root,
    sign_checkpoint,
    sign_incarnation,
)
from parley.seal import Domain, SigningKey, encode, sign

HERE = Path(__file__).parent
NOW = 1_795_000_000_000  # 2026-11-18, ms UTC
DAY = 86_400_000


def key(name: str) -> SigningKey:
    """The key of `name`, always the same."""
    return SigningKey.from_seed(sha512(name.encode()).digest())


class State:
    """One party with its secrets: roots (all must sign), one office, one node, and its signed particulars."""

    def __init__(self, code: str, roots: int = 2) -> None:
        self.code = code
        self.roots = [key(f"{code} root {number}") for number in range(1, roots + 1)]
        self.office = key(f"{code} duty")
        self.node = key(f"{code} node")
        self.incarnation = sha256(code.encode()).digest()[:16]
        self.now = Particulars(
            party=code,
            names={"en": f"State {code}"},
            version=1,
            issued_at=NOW - 90 * DAY,
            expires_at=NOW + 200 * DAY,
            roots=tuple(root.public for root in self.roots),
            threshold=roots,
            offices=(Office("duty", "diplomatic", {"en": "Duty desk"}, (self.office.public,), ("en",), "24/7"),),
            node_keys=(self.node.public,),
        )
        self.signed = [self._sign(self.roots)]
        self.root_digest = root_digest(code, self.now.roots, roots)  # what the ceremony confirmed

    def renew(self, roots: Sequence[SigningKey] = (), **changes: Any) -> None:
        """The next version, signed by the roots and by those that leave."""
        old = list(self.roots)
        self.roots = list(roots or old)
        fresh = {"issued_at": self.now.issued_at + DAY, "roots": tuple(root.public for root in self.roots)}
        self.now = self.now.successor(**fresh | changes)
        self.signed.append(self._sign({root.public: root for root in (*old, *self.roots)}.values()))

    def revoke(self, revoked: SigningKey, since: int, reason: str, **changes: Any) -> None:
        """The next version, in which `revoked` no longer counts."""
        entry = Revocation(revoked.public.key_id, since, reason)
        self.renew(revoked=(*self.now.revoked, entry), **changes)

    def _sign(self, roots: Any) -> bytes:
        return combine(self.now.payload, [sign_share(self.now.payload, root) for root in roots])


class World:
    """A note of XA to XB (and XC), its journal, its cosigners: every part can be replaced before `archive`."""

    def __init__(self, roots: int = 2) -> None:
        self.rng: Callable[[int], bytes] = Random(7).randbytes
        self.states = {code: State(code, roots) for code in ("XA", "XB", "XC")}
        self.note_fields: dict[int, Any] = {}
        self.receipt_fields: dict[int, Any] = {}
        self.receipted_at = NOW + 5000
        self.size, self.index, self.kind = 7, 4, LeafKind.NOTE_OUT
        self.journal_of, self.cosigners = "XA", ("XB",)
        self.checkpoint_at, self.cosigned_at = NOW + 60_000, NOW + 120_000
        self.receipts_of: tuple[str, ...] = ("XB",)
        self.definition: bytes | None = None

    def __getitem__(self, code: str) -> State:
        return self.states[code]

    @property
    def roots(self) -> dict[str, bytes]:
        """The root digests that a verifier brings, for the parties that come into it."""
        concerned = {"XA", self.journal_of, *self.cosigners, *self.receipts_of}
        return {code: self[code].root_digest for code in sorted(concerned)}

    def payload(self) -> bytes:
        """A note, by the numbers of spec/note.md; `note_fields` changes some of them."""
        fields: dict[int, Any] = {
            1: 1,
            2: 1,
            3: ["XA", "duty"],
            4: [["XB", "duty", 4711], ["XC", "duty", 12]],
            5: [10, 1],
            6: sha256(self.definition or b"definition").digest(),
            7: sha256(b"catalogue").digest(),
            8: 2,
            9: True,
            10: NOW,
            11: NOW + DAY,
            12: {10: 3, 11: [1, 2], 12: "Ü, مرحبا"},
            13: [],
            14: [],
            15: [4, [], "XA", ["XB"]],
            16: "en",
            17: self["XA"].incarnation,
            18: False,
            19: self["XA"].now.version,
            20: None,
        }
        return encode(fields | self.note_fields)

    def signed_note(self) -> bytes:
        return sign(self.payload(), [self["XA"].office], Domain.NOTE)

    def receipt(self, code: str) -> bytes:
        """A receipt that says "opened", by the numbers of spec/receipt.md."""
        note = sha256(self.payload()).digest()
        fields: dict[int, Any] = {
            1: 1,
            2: 2,
            3: [code, self[code].incarnation],
            4: "XA",
            5: [[b"\1" * 32, 2, NOW + 1000, note, None, "", "", None]],
            6: 1,
            7: self.receipted_at,
            8: [],
        }
        return sign(encode(fields | self.receipt_fields), [self[code].node], Domain.RECEIPT)

    def leaves(self, note: bytes) -> list[Leaf]:
        def leaf(number: int) -> Leaf:
            if number == self.index:
                return new_leaf(self.kind, NOW + 10, sha256(note).digest(), self.rng)
            return new_leaf(LeafKind.RECEIPT_OUT, NOW + number, sha256(bytes([number])).digest(), self.rng)

        return [leaf(number) for number in range(self.size)]

    def checkpoint(self, hashes: Sequence[bytes]) -> str:
        home = self[self.journal_of]
        head = Checkpoint(origin(home.code, home.incarnation), len(hashes), root(hashes))
        text = sign_checkpoint(head, home.node, self.checkpoint_at)
        for code in self.cosigners:
            text = attach(text, cosign(text, self[code].node, cosigner_name(code), self.cosigned_at))
        return text

    def archive(self) -> bytes:
        note = self.signed_note()
        leaves = self.leaves(note)
        hashes = [leaf.hash for leaf in leaves]
        return build_archive(
            note,
            leaves[self.index],
            self.index,
            hashes,
            self.checkpoint(hashes),
            {code: state.signed for code, state in self.states.items()},
            receipts=[self.receipt(code) for code in self.receipts_of],
            definition=self.definition,
        )


def main() -> None:
    plain, full = World(), World()
    full["XB"].renew(roots=[key("XB root 3"), key("XB root 4")])
    full.cosigners, full.receipts_of, full.definition = ("XB", "XC"), ("XB", "XC"), b"form 10, version 1\n"
    received = World()
    received.journal_of, received.kind, received.cosigners = "XB", LeafKind.NOTE_IN, ("XA",)
    rows = []
    for name, world in (("plain", plain), ("full", full), ("received", received)):
        data = world.archive()
        (HERE / f"{name}.archive").write_bytes(data)
        roots = {code: digest.hex() for code, digest in world.roots.items()}
        rows.append({"file": f"{name}.archive", "expected": "verifies", "roots": roots})
    for file, content in (("archives.json", rows), ("frozen.json", frozen())):
        (HERE / file).write_bytes(msgspec.json.format(json.dumps(content).encode(), indent=1) + b"\n")


def frozen() -> dict[str, Any]:
    """A head, what is refused of it, an incarnation, and evidence."""
    world = World(roots=1)
    home, note = world["XA"], world.signed_note()
    text = world.checkpoint([leaf.hash for leaf in world.leaves(note)])
    body, _, tail = text.rpartition("\n\n")
    rows = tail.splitlines(keepends=True)
    heads = [("as signed", "verifies", text)]
    heads.append(("another size", "journal.bad_signature", text.replace("\n7\n", "\n8\n")))
    names = ("journal's Ed25519", "journal's ML-DSA-65", "cosigner's Ed25519", "cosigner's ML-DSA-65")
    for number, whose in enumerate(names):
        stripped = "".join(rows[:number] + rows[number + 1 :])
        heads.append((f"without the {whose}", "journal.unsigned", f"{body}\n\n{stripped}"))
    other = sign_checkpoint(Checkpoint(origin("XA", home.incarnation), 7, bytes(32)), home.node, NOW)
    world.note_fields = {12: {10: 4}}
    forks = [fork_of_checkpoints(text, other, "XA", home.signed)]
    forks.append(fork_of_serials(note, world.signed_note(), "XA", home.signed))
    record = Incarnation("XA", bytes(16), NOW, home.incarnation, 5, text)
    return {
        "expected": "incarnation and evidence verify; heads as each row says",
        "keys": [world[code].node.public.to_bytes().hex() for code in ("XA", "XB")],
        "root_digest": home.root_digest.hex(),
        "previous": home.incarnation.hex(),
        "heads": [{"name": name, "expected": expected, "text": head} for name, expected, head in heads],
        "incarnation": sign_incarnation(record, home.node).hex(),
        "evidence": [fork.to_bytes().hex() for fork in forks],
    }


if __name__ == "__main__":
    main()
