"""Makes the archives of vectors/journal, and for tests the small world that they come from: three fictional parties.

Keys come from fixed seeds; the ML-DSA-65 signatures are randomised, so a second run makes other bytes that verify
equally. Run it only when the format changes: python vectors/journal/make.py, and for the damaged archives of
vectors/journal/mutated or the items of heads.json alone: python vectors/journal/make.py mutated | heads
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
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
    Proof,
    ProofWanted,
    attach,
    build_archive,
    consistency_proof,
    cosign,
    cosigner_name,
    fork_of_checkpoints,
    fork_of_serials,
    inclusion_proof,
    new_leaf,
    origin,
    root,
    sign_checkpoint,
    sign_incarnation,
)
from parley.seal import Domain, SigningKey, decode, encode, sign

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


# -- archives that are damaged in one way each


class Damaged:
    """An archive that verified before it was damaged: its fields by number, and what a reader brings."""

    def __init__(self, world: World) -> None:
        self.world, self.fields = world, {}
        self.rebuild()

    def rebuild(self) -> None:
        """Take the archive anew from the world, after that was changed."""
        found: Any = decode(self.world.archive(), limit=1 << 24)
        self.fields, self.roots = found, self.world.roots

    def signed_head(self, hashes: Sequence[bytes], code: str = "XA", incarnation: bytes | None = None) -> str:
        """A head of these leaf hashes that the node of `code` truly signs."""
        home = self.world[code]
        head = Checkpoint(origin(code, incarnation or home.incarnation), len(hashes), root(hashes))
        return sign_checkpoint(head, home.node, self.world.checkpoint_at)

    def hashes(self) -> list[bytes]:
        """The leaf hashes that the archive was made from, once more: its own entry, and others in their places."""
        kind, at, salt = self.fields[4]
        entry = Leaf(LeafKind(kind), at, sha256(self.fields[3]).digest(), salt)
        world = World(1)
        found = [leaf.hash for leaf in world.leaves(b"")]
        found[self.fields[5]] = entry.hash
        return found

    def lines(self, change: Callable[[list[str]], Any]) -> None:
        """Change the signature lines of the checkpoint."""
        head, _, tail = self.fields[7].rpartition("\n\n")
        rows = tail.splitlines()
        change(rows)
        self.fields[7] = head + "\n\n" + "".join(row + "\n" for row in rows)


def alone(roots: int = 1) -> Damaged:
    """XA's own word and nobody else's: the smallest archive."""
    world = World(roots)
    world.cosigners, world.receipts_of = (), ()
    return Damaged(world)


def witnessed(**changes: Any) -> Damaged:
    """With a cosignature of XB; `receipts_of` adds receipts."""
    world = World(1)
    world.cosigners, world.receipts_of = ("XB",), ()
    for name, value in changes.items():
        setattr(world, name, value)
    return Damaged(world)


def flip(row: str) -> str:
    """A line with the last bit of its signature turned."""
    name, _, raw = row.rpartition(" ")
    found = bytearray(b64decode(raw))
    found[-1] ^= 1
    return f"{name} {b64encode(found).decode()}"


def later(row: str) -> str:
    """A cosigner's line that states a time one second later."""
    name, _, raw = row.rpartition(" ")
    found = b64decode(raw)
    time = int.from_bytes(found[4:12], "big") + 1
    return f"{name} {b64encode(found[:4] + time.to_bytes(8, 'big') + found[12:]).decode()}"


def flipped_bit() -> Damaged:
    found = alone()
    found.lines(lambda rows: rows.__setitem__(0, flip(rows[0])))
    return found


def swapped_particulars() -> Damaged:
    found = witnessed()
    first, second = found.fields[9]
    first[1], second[1] = second[1], first[1]
    return found


def dropped_entry() -> Damaged:
    """The journal that was signed lacks the note's entry; the neighbours have moved up."""
    found = alone()
    hashes = found.hashes()
    del hashes[found.fields[5]]
    found.fields[6], found.fields[7] = inclusion_proof(hashes, found.fields[5]), found.signed_head(hashes)
    return found


def truncated_tree() -> Damaged:
    """A head that was truly signed before the note was entered."""
    found = alone()
    found.fields[7] = found.signed_head(found.hashes()[: found.fields[5]])
    return found


def stripped_of(place: int, algorithm: int) -> Damaged:
    """The note (3) without its Ed25519 (0) or its ML-DSA-65 (1) signature."""
    found = alone()
    parts: Any = decode(found.fields[place][2:], limit=1 << 20)
    del parts[3][algorithm]
    found.fields[place] = b"\xd8\x62" + encode(parts)
    return found


def stripped_head() -> Damaged:
    found = alone()
    found.lines(lambda rows: rows.__delitem__(0))
    return found


def receipt_of_another_note() -> Damaged:
    found = witnessed(cosigners=(), receipts_of=("XB",))
    entry = [b"\1" * 32, 2, NOW + 1000, sha256(b"another note").digest(), None, "", "", None]
    found.world.receipt_fields = {5: [entry]}
    found.fields[10] = [found.world.receipt("XB")]
    return found


def cosigned_after_revocation() -> Damaged:
    """XB's node key was stolen a minute before the time at which it cosigned, and XB says so in its next version."""
    found = witnessed()
    state = found.world["XB"]
    fresh = key("XB node 2")
    state.revoke(state.node, found.world.cosigned_at - 60_000, "compromised", node_keys=(fresh.public,))
    found.fields[9][1][1] = list(state.signed)
    return found


def other_incarnation() -> Damaged:
    found = alone()
    found.fields[7] = found.signed_head(found.hashes(), incarnation=bytes(16))
    return found


def wrong_threshold() -> Damaged:
    """Two roots of two must sign; one did."""
    found = alone(roots=2)
    home = found.world["XA"]
    found.fields[9][0][1] = [sign(home.now.payload, [home.roots[0]], Domain.PARTICULARS)]
    return found


def reordered() -> Damaged:
    found = witnessed()
    found.fields[9].reverse()
    return found


def foreign_checkpoint() -> Damaged:
    """The note's entry stands in the journal of XC, to whom the note was not sent."""
    found = witnessed(cosigners=("XC",), note_fields={4: [["XB", "duty", 4711]]})
    found.fields[4][0] = int(LeafKind.NOTE_IN)
    found.fields[7], found.fields[8] = found.signed_head(found.hashes(), "XC"), []
    return found


def other_definition() -> Damaged:
    found = alone()
    found.fields[11] = b"form 10, version 2\n"
    return found


def two_times() -> Damaged:
    found = witnessed()
    found.lines(lambda rows: rows.__setitem__(2, later(rows[2])))
    return found


def line_of_a_stranger() -> Damaged:
    found = alone()
    found.lines(lambda rows: rows.append("\u2014 nobody.example AAAAAAAA"))
    return found


def other_root() -> Damaged:
    """Every byte verifies, from roots that nobody confirmed in person."""
    found = alone()
    found.roots = {"XA": sha256(b"the digest of the ceremony").digest()}
    return found


MUTATED: dict[str, tuple[str, Callable[[], Damaged], str, str]] = {
    "undamaged": ("nothing was changed: the control", alone, "verifies", ""),
    "flipped-bit": ("a bit of the journal's Ed25519 signature", flipped_bit, "bad_signature", "Ed25519 of parley/XA/"),
    "swapped-particulars": (
        "each party with the other's particulars", swapped_particulars, "bad_particulars", "XA: other fields",
    ),
    "dropped-entry": (
        "the tree that was signed lacks the entry", dropped_entry, "not_included", "the proof does not lead",
    ),
    "truncated-tree": (
        "the head was signed before the entry", truncated_tree, "not_included", "an index or a salt that cannot be",
    ),
    "stripped-ml-dsa": (
        "the note without its ML-DSA-65 signature", lambda: stripped_of(3, 1), "bad_note",
        "a signature is missing, or one too many",
    ),
    "stripped-ed25519": (
        "the head without its Ed25519 line", stripped_head, "unsigned", "two lines of parley/XA/",
    ),
    "receipt-of-another-note": (
        "XB's receipt is about another note", receipt_of_another_note, "bad_receipt", "not about this note",
    ),
    "cosigned-after-revocation": (
        "the cosigner's key had been revoked", cosigned_after_revocation, "revoked",
        "XB: a key was revoked before it signed",
    ),
    "other-incarnation": (
        "the head is of another life of XA's node", other_incarnation, "other_incarnation",
        "a journal of another life of its sender",
    ),
    "wrong-threshold": (
        "one root of two signed", wrong_threshold, "bad_particulars", "XA: too few roots signed version 1",
    ),
    "reordered": ("the parties in another order", reordered, "bad_structure", "a list is not in order"),
    "foreign-checkpoint": (
        "the journal of a party that is neither", foreign_checkpoint, "bad_journal_party",
        "neither the sender's journal nor a recipient's",
    ),
    "other-definition": (
        "another version of the form", other_definition, "bad_note", "the definition is not that of its form",
    ),
    "two-times": ("the cosigner's lines state two times", two_times, "other_times", "the two lines of parley/XB"),
    "line-of-a-stranger": (
        "a signature line that nobody can check", line_of_a_stranger, "unknown_line",
        "the checkpoint has a line too many",
    ),
    "other-root": ("another root digest was confirmed", other_root, "other_roots", "the archive has "),
}  # fmt: skip


def vector(what: str, found: Damaged, reason: str, about: str) -> bytes:
    """One file: lines of text that say what is expected, an empty line, the archive."""
    rows = [f"what: {what}", f"expected: {reason if reason == 'verifies' else 'refused'}"]
    rows += [f"reason: {reason}", f"about: {about}"] if about else []
    rows += [f"root: {code}={digest.hex()}" for code, digest in sorted(found.roots.items())]
    return "".join(f"{row}\n" for row in [*rows, ""]).encode() + encode(found.fields)


def mutated() -> None:
    """Write vectors/journal/mutated."""
    folder = HERE / "mutated"
    folder.mkdir(exist_ok=True)
    for name, (what, damage, reason, about) in MUTATED.items():
        (folder / f"{name}.vector").write_bytes(vector(what, damage(), reason, about))


def heads() -> None:
    """Write heads.json: what peers tell each other of third parties' heads, and the proof that settles a doubt."""
    world = World(1)
    hashes = [leaf.hash for leaf in world.leaves(world.signed_note())]
    texts = []
    for size in (3, 7):
        head = Checkpoint(origin("XA", world["XA"].incarnation), size, root(hashes[:size]))
        texts.append(sign_checkpoint(head, world["XA"].node, NOW))
    name = origin("XA", world["XA"].incarnation)
    proof = Proof(name, 3, 7, tuple(consistency_proof(hashes, 3, 7)))
    found = {
        "expected": "items read back; the proof settles the two heads, which the key signed; the refused are not read",
        "key": world["XA"].node.public.to_bytes().hex(),
        "heads": encode(texts).hex(),
        "proof_wanted": ProofWanted(name, 3, 7).to_bytes().hex(),
        "proof": proof.to_bytes().hex(),
        "refused": {
            "no heads": encode([]).hex(),
            "nine heads": encode(["a"] * 9).hex(),
            "a head of 8193 letters": encode(["a" * 8193]).hex(),
            "sizes in the wrong order": encode([name, 7, 3]).hex(),
            "equal sizes": encode([name, 3, 3]).hex(),
            "from size 0": encode([name, 0, 3]).hex(),
            "true for a size": encode([name, True, 3]).hex(),
            "a proof of 64 steps": encode([name, 3, 7, [bytes(32)] * 64]).hex(),
            "a step that is a text": encode([name, 3, 7, ["a"]]).hex(),
            "a field too many": encode([name, 3, 7, [], None]).hex(),
        },
    }
    (HERE / "heads.json").write_bytes(msgspec.json.format(json.dumps(found).encode(), indent=1) + b"\n")


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
    {"mutated": mutated, "heads": heads}.get(" ".join(sys.argv[1:]), main)()
