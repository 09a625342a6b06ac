#!/usr/bin/env python3
"""Verify an archive of Parley: python verify_archive.py ARCHIVE --root XA=HEX [--root XB=HEX ...]

For outsiders: needs Python 3.11 and the package `cryptography` 50, or later; nothing of Parley. The format is
spec/archive.md. HEX is the root digest (64 digits) that was confirmed in person with that party: whoever takes it from
the archive itself verifies nothing. Exit code 0: every byte verified; 1: refused, with the reason; 2: bad call.
"""

import argparse
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from unicodedata import is_normalized

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

ED25519, ML_DSA_65 = -19, -49  # COSE algorithms (RFC 9864, RFC 9964); every signer signs with both
FULL = b"\xa1\x1a\x00\x01\x00\x01\x01"  # protected header of every signed object: the suite (65537) is FULL (1)
P, Y8 = 2**255 - 19, 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER = {0, 1, P - 1, Y8, P - Y8}  # y of the Ed25519 points with which a signature proves nothing
PARTY = r"(?:[A-Z]{2}|O-[A-Z0-9]{2,12})"
STAGES = {1: "taken", 2: "opened", 3: "read", 4: "read back", 5: "refused", 6: "unopenable", 7: "full"}
# Forms of maps, as `fits` reads them: key numbers of spec/archive.md, particulars.md, note.md, receipt.md.
ARCHIVE = {1: 1, 2: 18, 3: bytes, 4: [int, int, bytes], 5: int, 6: [bytes, ...], 7: str, 8: [str, ...],
           9: [[str, [bytes, ...]], ...], 10: [bytes, ...], 11: object}  # fmt: skip
SIGNED = [FULL, {}, bytes, [[bytes, {}, bytes], ...]]
VERSION = {0: 1, 1: str, 3: int, 4: int, 5: int, 6: [bytes, ...], 7: int, 8: [{1: str, 4: [bytes, ...]}, ...],
           9: [bytes, ...], 14: [{1: bytes, 2: int, 3: str}, ...], 15: object, 17: [bytes, ...]}  # fmt: skip
NOTE = {1: 1, 2: 1, 3: [str, str], 4: [[str, str, int], ...], 5: [int, int], 6: bytes, 7: bytes, 8: int, 9: bool,
        10: int, 11: object, 12: dict, 17: bytes, 18: bool, 19: int}  # fmt: skip
RECEIPT = {1: 1, 2: 2, 3: [str, bytes], 4: str, 5: list, 7: int}
NAMES = {9: "exercise", 3: "from", 4: "to, with serials", 5: "form and version", 6: "form digest", 8: "precedence",
         7: "catalogue digest", 10: "signed at (ms)", 11: "answer hoped for by (ms)", 13: "refers to", 20: "thread",
         14: "attachments", 15: "marking", 16: "written in", 17: "incarnation", 18: "accusation",
         19: "particulars version", 22: "extensions"}  # fmt: skip


class Refused(Exception):
    """The archive does not verify: a reason (one word) and what it is about."""


def demand(truth, reason, about):
    if not truth:
        raise Refused(reason, about)


def read(data, reason):
    """The one value of canonical bytes: CBOR (RFC 8949, 4.2.1) no floats, tags or open lengths (spec/bytes.md)."""
    try:
        value, end = item(data, 0, 16)
    except (Refused, IndexError, KeyError, ValueError):
        end = -1
    demand(end == len(data), reason, "not canonical CBOR")
    return value


def item(data, at, depth):
    major, short, at = data[at] >> 5, data[at] & 31, at + 1
    if major > 5:
        return {(7, 20): False, (7, 21): True, (7, 22): None}[major, short], at
    width = (0, 1, 2, 4, 8)[max(short - 23, 0)]
    count, at = int.from_bytes(data[at : at + width], "big") if width else short, at + width
    demand(not width or count >= (24 if width == 1 else 1 << 4 * width), "", "not the shortest form")
    demand(count < 1 << 63 and (major < 4 or depth), "", "too large, or too deep")
    if major < 2:
        return (~count if major else count), at
    if major < 4:
        found = data[at : at + count] if major == 2 else data[at : at + count].decode()
        demand(at + count <= len(data) and (major == 2 or is_normalized("NFC", found)), "", "cut short, or not NFC")
        return found, at + count
    found = []
    for _ in range(count * (major - 3)):
        value, at = item(data, at, depth - 1)
        found.append(value)
    keys = found[::2] if major == 5 else []
    demand(keys == sorted({key for key in keys if type(key) is int and key >= 0}), "", "keys out of order")
    return found if major == 4 else dict(zip(keys, found[1::2], strict=True)), at


def write(value):
    """The canonical bytes of numbers, bytes, texts and lists of them: what is hashed and signed."""
    if isinstance(value, int):
        kind, count, body = (0, value, b"") if value >= 0 else (1, ~value, b"")
    elif isinstance(value, list):
        kind, count, body = 4, len(value), b"".join(map(write, value))
    else:
        kind, body = (2, value) if isinstance(value, bytes) else (3, value.encode())
        count = len(body)
    width = (count > 23) + (count > 255) + 2 * (count > 65535) + 4 * (count >= 1 << 32)  # 0, 1, 2, 4 or 8 bytes
    head = kind << 5 | (23 + width.bit_length() if width else count)
    return bytes([head]) + (count.to_bytes(width, "big") if width else b"") + body


def fits(value, form):
    """Whether `value` has the form: a type (object: any), a constant, a list of forms, [form, ...], fields of a map."""
    if isinstance(form, list):
        many = [form[0]] * len(value) if form[1:] == [...] and type(value) is list else form
        return type(value) is list and len(value) == len(many) and all(map(fits, value, many))
    if isinstance(form, dict) and form:
        return type(value) is dict and all(key in value and fits(value[key], one) for key, one in form.items())
    return form in (object, type(value)) if isinstance(form, type) else type(value) is type(form) and value == form


def holds(key, algorithm, signature, message):
    """Whether `signature` is that of `key` (Ed25519 32 bytes, then ML-DSA-65 1952 bytes) over `message`."""
    try:
        kind, half = (Ed25519PublicKey, key[:32]) if algorithm == ED25519 else (MLDSA65PublicKey, key[32:])
        return kind.from_public_bytes(half).verify(signature, message) is None
    except (InvalidSignature, ValueError):
        return False


def unverified(signed, form, reason):
    """Payload of the wanted form, its bytes, and the signatures of a signed object, nothing of it checked yet."""
    found = read(signed[2:], reason)
    demand(signed[:2] == b"\xd8\x62" and fits(found, SIGNED), reason, "not signed in the suite FULL")
    payload = read(found[2], reason)
    demand(fits(payload, form), reason, "not the fields that belong to it")
    return payload, found[2], found[3]


def signers(payload, signatures, keys, domain, reason):
    """The keys of which both signatures hold: every signature must be of `keys`, and in order."""
    known, ids = {sha256(key).digest()[:16]: key for key in keys}, sorted({header[-16:] for header, _, _ in signatures})
    wanted = [(kid, algorithm) for kid in ids for algorithm in (ED25519, ML_DSA_65)]
    demand(signatures and len(wanted) == len(signatures), reason, "a signature is missing, or one too many")
    for (kid, algorithm), (header, _, signature) in zip(wanted, signatures, strict=True):
        demand(header == b"\xa2\1" + write(algorithm) + b"\4" + write(kid), reason, "signatures out of order")
        demand(kid in known, reason, f"the signer {kid.hex()} is unknown")
        message = write(["Signature", FULL, header, b"parley/1/" + domain, payload])
        demand(holds(known[kid], algorithm, signature, message), reason, f"a signature of {kid.hex()} does not hold")
    return {known[kid] for kid in ids}


def chain(party, listed, wanted):
    """The versions of a party's particulars, verified from the digest `wanted` on."""
    bad, versions = "bad_particulars", []
    old = {3: 0, 4: -1, 7: 0, "counting": set(), "gone": {}, "nodes": [], "digest": None}
    for signed in listed:
        new, payload, signatures = unverified(signed, VERSION, bad)
        demand(new[1] == party and not any(k > 18 and k % 2 == 0 for k in new), bad, f"{party}: other fields")
        able = new[6] + new[17]
        for key in able + new[9] + [key for office in new[8] for key in office[4]]:
            y = int.from_bytes(key[:32], "little") & (1 << 255) - 1
            demand(len(key) == 1984 and y < P and y not in SMALL_ORDER, bad, f"{party}: a key that is none")
        signed_by = signers(payload, signatures, able, b"particulars", bad)
        new["digest"], new["gone"] = sha256(payload).digest(), {r[1]: (r[2], r[3]) for r in new[14]}
        new["nodes"] = old["nodes"] + new[9]
        new["counting"] = {key for key in new[6] if sha256(key).digest()[:16] not in new["gone"]}
        own = new["counting"] if len(new["counting"]) >= new[7] else set(new[6])  # else: its farewell
        demand(1 <= new[7] <= len(own & signed_by), bad, f"{party}: too few roots signed version {new[3]}")
        demand(new[3] > old[3] and new[4] > old[4], bad, f"{party}: versions out of order")
        demand(len(old["counting"] & signed_by) >= old[7], bad, f"{party}: the old roots did not sign")
        demand(new[3] > old[3] + 1 or new[15] == old["digest"], bad, f"{party}: follows another version")
        kept = [new["gone"].get(kid, (at + 1,))[0] <= at for kid, (at, _) in old["gone"].items()]
        demand(all(kept), bad, f"{party}: a revocation was taken back")
        versions.append(old := new)
    demand(versions, bad, f"{party}: no version")
    digest = sha256(write(["parley/1/roots", party, versions[0][7], sorted(versions[0][6])])).digest()
    demand(digest == wanted, "other_roots", f"the archive has {digest.hex()} for {party}")
    return versions


def judge(versions, key, at, witnessed=()):
    """Whether the word of `key` at the time `at` (ms) still counts after revocations, and what to say of it."""
    since, reason = versions[-1]["gone"].get(sha256(key).digest()[:16], (None, ""))
    if since is None or any(seen + 1000 <= since for seen in witnessed):
        return True, "" if since is None else "; key revoked later: a cosignature shows that it was in time"
    demand(at < since, "revoked", f"{versions[0][1]}: a key was revoked before it signed")
    return reason == "retired", f"; key revoked later ({reason!r}): the date is its own word"


def checkpoint(signed_text):
    """The body (origin, party, incarnation, size, root) and lines [name, bytes] of a C2SP tlog-checkpoint."""
    body, _, tail = signed_text.rpartition("\n\n")
    pattern = rf"(parley/({PARTY})/([0-9a-f]{{32}}))\n(0|[1-9][0-9]{{0,18}})\n([A-Za-z0-9+/]{{43}}=)"
    found = fullmatch(pattern, body)
    demand(found and b64encode(b64decode(found[5])).decode() == found[5], "bad_checkpoint", "not origin, size, root")
    row, end = r"— [^\s+]+ (?:[A-Za-z0-9+/]{4})*", r"(?:[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=|[A-Za-z0-9+/]{2}))\n"
    demand(fullmatch(f"(?:{row}{end})+", tail), "bad_text", "not signature lines")
    lines = [[line.split(" ")[1], b64decode(line.split(" ")[2])] for line in tail.split("\n")[:-1]]
    again = "".join(f"— {name} {b64encode(raw).decode()}\n" for name, raw in lines)
    demand(f"{body}\n\n{again}" == signed_text, "bad_text", "not in its one form")
    return found, lines


def signer(lines, name, body, keys):
    """Key and time (ms) of the next two lines, which must be those of `name`; a cosigner's Ed25519 line has a time."""
    timed = not body.startswith(name + "\n")
    demand(len(lines) > 1 and {lines[0][0], lines[1][0]} == {name}, "unsigned", f"two lines of {name} are missing")
    (_, classical), (_, lattice), start = lines.pop(0), lines.pop(0), name.encode() + b"\n"
    kinds = start + (b"\4" if timed else b"\1"), start + b"\xffparley/ml-dsa-65/1"
    ids = {sha256(kinds[0] + k[:32]).digest()[:4] + sha256(kinds[1] + k[32:]).digest()[:4]: k for k in keys}
    key, seconds = ids.get(classical[:4] + lattice[:4]), int.from_bytes(lattice[4:12], "big")
    demand(key, "unsigned", f"the lines of {name} are not of a known key")
    demand(not timed or classical[4:12] == lattice[4:12], "other_times", f"the two lines of {name}")
    message = f"cosignature/v1\ntime {seconds}\n{body}" if timed else body
    raw = classical[12 if timed else 4 :]
    demand(holds(key, ED25519, raw, message.encode()), "bad_signature", f"Ed25519 of {name}")
    message = f"parley/ml-dsa-65/1\n{name}\ntime {seconds}\n{body}"
    demand(holds(key, ML_DSA_65, lattice[12:], message.encode()), "bad_signature", f"ML-DSA-65 of {name}")
    return key, seconds * 1000


def verify(data, roots, say=lambda step: None):
    """Verify all of `data` with root digests by party; the note, its id, and links (third party?, who, what, when)."""
    archive = read(data, "not_an_archive")
    demand(fits(archive, ARCHIVE) and len(archive) == 11, "not_an_archive", "not the eleven parts of version 1")
    note_signed, (kind, entered, salt), index, proof = (archive[number] for number in (3, 4, 5, 6))
    cosigners, receipts, listed = archive[8], archive[10], dict(archive[9])
    for order in ([party for party, _ in archive[9]], cosigners, receipts):
        demand(order == sorted(set(order)), "bad_structure", "a list is not in order")
    for party in sorted(listed.keys() ^ roots.keys()):
        raise Refused("no_root" if party in listed else "unused_root", party)
    say(f"the file is one canonical archive of {len(data)} bytes, with a root digest for each of {', '.join(listed)}")
    chains = {party: chain(party, listed[party], roots[party]) for party in listed}
    for party, versions in chains.items():
        say(f"{party}: particulars of version {', '.join(str(v[3]) for v in versions)} follow from the digest given")
    note, payload, signatures = unverified(note_signed, NOTE, "bad_note")
    note_id, (sender, office), recipients = sha256(payload).digest(), note[3], [one[0] for one in note[4]]
    version = next((v for v in chains.get(sender, ()) if v[3] == note[19]), None)
    demand(version and not note.get(21), "bad_note", "no such particulars, or an unknown critical extension")
    keys = next((one[4] for one in version[8] if one[1] == office), [])
    note_keys = signers(payload, signatures, keys, b"note", "bad_note")
    same = archive[11] is None or (fits(archive[11], bytes) and sha256(archive[11]).digest() == note[6])
    demand(same, "bad_note", "the definition is not that of its form")
    say(f"the note {note_id.hex()} is signed by {sender}/{office!r} of particulars version {note[19]}")
    head, lines = checkpoint(archive[7])
    origin, party, body, size = head[1], head[2], head[0] + "\n", int(head[4])
    place = party == sender if kind == 1 else kind == 2 and party in recipients
    demand(place and party in chains, "bad_journal_party", "neither the sender's journal nor a recipient's")
    demand(kind == 2 or head[3] == note[17].hex(), "other_incarnation", "a journal of another life of its sender")
    journal_key, journal_at = signer(lines, origin, body, chains[party][-1]["nodes"])
    demand(len(salt) == 32 and 0 <= index < size, "not_included", "an index or a salt that cannot be")
    commitment = sha256(salt + write([1, kind, entered, sha256(note_signed).digest()])).digest()
    node, here, last = sha256(b"\0" + commitment).digest(), index, size - 1  # the Merkle tree of RFC 6962
    for step in proof:
        while not here & 1 and here == last and last:
            here, last = here >> 1, last >> 1
        demand(last and len(step) == 32, "not_included", "the proof has another length")
        node = sha256(b"\1" + (step + node if here & 1 else node + step)).digest()
        here, last = here >> 1, last >> 1
    demand(last == 0 and node == b64decode(head[5]), "not_included", "the proof does not lead to the root")
    say(f"its signed bytes are entry {index} of {size} in the journal {origin}, signed by the node of {party}")
    links, witnessed = [], []
    for other in cosigners:
        demand(other in chains and other != party, "bad_structure", f"{other} cannot cosign")
        key, at = signer(lines, f"parley/{other}", body, chains[other][-1]["nodes"])
        counts, mark = judge(chains[other], key, at)
        witnessed += [at] if counts else []
        links.append((counts, other, f"cosigned the journal of {party}{mark}", at))
    demand(not lines, "unknown_line", "the checkpoint has a line too many")
    opened, bad = [unverified(signed, RECEIPT, "bad_receipt") for signed in receipts], "bad_receipt"
    for found, payload, signatures in opened:
        stages = [e[1] for e in found[5] if fits(e, list) and len(e) == 8 and e[3] == note_id and fits(e[1], int)]
        issuer, said = found[3][0], ", ".join(STAGES.get(stage, str(stage)) for stage in stages)
        demand(issuer in recipients and issuer in chains and found[4] == sender, bad, "of or for somebody else")
        signed_by = signers(payload, signatures, chains[issuer][-1]["nodes"], b"receipt", bad)
        demand(said and len(signed_by) == 1, bad, "not about this note, or of several nodes")
        counts, mark = judge(chains[issuer], *signed_by, found[7])
        links.append((counts, issuer, f"receipted: {said}{mark}", found[7]))
    sources = {sender, party, *cosigners, *(found[3][0] for found, _, _ in opened)}
    demand(sources == set(listed), "bad_structure", "particulars of a party that nothing comes from")
    late = " after its particulars had expired" * (note[10] >= version[5])
    own = [(party, journal_key, journal_at, "signed its journal")]
    for who, key, at, what in own + [(sender, key, note[10], f"wrote the note{late}") for key in sorted(note_keys)]:
        counts, mark = judge(chains[who], key, at, witnessed)
        demand(counts, "revoked", f"{who}: nothing shows that its key signed in time")
        links.insert(0, (False, who, what + mark, at))
    say(f"cosigned by {', '.join(cosigners) or 'nobody'}; receipts: {len(receipts)}; no key had been revoked")
    return note, note_id, links


def main():
    parser = argparse.ArgumentParser(description="Verify an archive of Parley.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--root", action="append", default=[], metavar="XA=HEX", help="root digest of a party")
    given, number = parser.parse_args(), iter(range(1, 1000))
    if not all(fullmatch(rf"{PARTY}=[0-9a-fA-F]{{64}}", root) for root in given.root):
        parser.error("--root is PARTY=HEX with 64 hexadecimal digits")
    roots = {root.partition("=")[0]: bytes.fromhex(root.partition("=")[2]) for root in given.root}
    try:
        note, _, links = verify(given.archive.read_bytes(), roots, lambda step: print(f"{next(number):2}  ok  {step}"))
    except (Refused, OSError) as refused:
        print(f"{next(number):2}  REFUSED  {refused.args[0]}: {refused.args[1]!r}")
        return 1
    for third, who, what, at in links:
        when = datetime.fromtimestamp(min(max(at, 0) // 1000, 253402300799), UTC)
        print(f"{'third party' if third else 'self-asserted':15}{who} {what}; {when:%Y-%m-%d %H:%M:%S} UTC, its clock")
    rows = [(NAMES[key], note.get(key)) for key in NAMES] + [(f"line {key}", one) for key, one in note[12].items()]
    print(*(f"{name:24} {one.hex() if fits(one, bytes) else repr(one)}" for name, one in rows), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
