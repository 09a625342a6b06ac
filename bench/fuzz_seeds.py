"""What the fuzzing begins with: the vectors, good and bad, and objects made from fixed seeds where a room has no file.

Leaves out which decoder takes what (`fuzz_targets`).
"""

from __future__ import annotations

import json
import tomllib
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from parley.directory import (
    Ceremony,
    Directory,
    Narrowing,
    Prekey,
    phrase,
    sign_prekeys,
    signed_root_digest,
    verify_signed,
)
from parley.forms import Form, Line, Sheet, back_read_sheet, check, load, render
from parley.forms.library import packaged, packaged_messages, packaged_plain
from parley.line import Recipient, Reservation, note_from_sheet
from parley.outside.keys import (
    DayKeys,
    Officer,
    create_archive_key,
    create_office,
    create_root,
    make_node,
    write_node,
)
from parley.seal import CHEAP_FOR_TESTS, OpeningKey, SigningKey, encode, peek
from parley.terms.instant import Meaning
from parley.terms.languages import LANGUAGES
from parley.terms.likelihood import Likelihood, Scale
from parley.terms.party import Address
from parley.terms.problem import Problem

VECTORS = Path(__file__).parents[1] / "vectors"
PASSPHRASE = "a passphrase"
ARCHIVE_KEY = bytes(range(32))
SETTINGS = b'party = "XA"\noffices = ["duty"]\nlisten = "127.0.0.1:8443"\npoll_s = 2.0\nwithheld = { XB = ["read"] }\n'


@cache
def of_json(name: str) -> Any:
    """A file of vectors."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


@cache
def of_toml(name: str) -> dict[str, Any]:
    """The same, for TOML."""
    return tomllib.loads((VECTORS / name).read_text(encoding="utf-8"))


def payloads(name: str) -> list[bytes]:
    """The field `payload` of every case, from hexadecimal."""
    return [bytes.fromhex(case["payload"]) for case in of_json(name)["cases"]]


def canonical() -> list[bytes]:
    """Every row of the vectors of canonical bytes."""
    file = of_toml("seal/bytes.toml")
    return [bytes.fromhex(row["bytes"]) for part in ("valid", "refused") for row in file[part] if "bytes" in row]


def frozen(*names: str) -> list[bytes]:
    """Objects of vectors/seal/frozen.json whose name begins with one of `names`."""
    return [b64decode(text) for name, text in of_json("seal/frozen.json").items() if name.startswith(names)]


def signed() -> list[bytes]:
    """Signed objects of the room seal."""
    return [b64decode(case["signed"]) for case in of_json("seal/signed.json")["cases"]]


def sealed() -> list[bytes]:
    """Sealed objects."""
    return [b64decode(case["sealed"]) for case in of_json("seal/sealed.json")["cases"]]


def locked(field: str) -> list[bytes]:
    """Things locked under a `key`, or a `passphrase`."""
    return [bytes.fromhex(case["locked"]) for case in of_json("seal/locked.json")["cases"] if field in case]


def objects() -> dict[str, bytes]:
    """Signed particulars and freshness, by name."""
    return {name: b64decode(text) for name, text in of_toml("directory/particulars.toml")["objects"].items()}


def inside(name: str) -> list[bytes]:
    """The payloads of those objects whose name begins with `name`."""
    return [peek(data).payload for one, data in objects().items() if one.startswith(name)]


def batches() -> list[bytes]:
    """Payloads of prekey batches."""
    keys = [OpeningKey(bytes([n] * 16), bytes([n] * 32)).public for n in (1, 2)]
    prekeys = [Prekey(key, 1794172800000, 1795172800000, True) for key in keys]
    return [peek(sign_prekeys("XB", "XA", prekeys, 1794172800000, SigningKey.from_seed(bytes(64)))).payload]


@cache
def rows() -> list[tuple[Any, ...]]:
    """The rows of a directory that accepted, learned, heard, decided and saw a fork."""
    directory, found, now = Directory(), objects(), 1794172800000
    ceremony = Ceremony(phrase(signed_root_digest(verify_signed(found["first"]).particulars)), ours_confirmed=True)
    directory.accept(found["first"], how="ceremony", now=now, by="Officer", ceremony=ceremony)
    directory.learn_freshness(found["freshness"], now)
    directory.narrow("XB", now=now, by="Officer", take=Narrowing(forms=(1, 11)))
    directory.learn(found["second"], 1795728000000)
    directory.learn(found["second-forked"], 1795728000001)
    return [(row.party, row.era, row.kind, row.number, row.data) for row in directory.rows()]


def row_data(kind: str) -> list[bytes]:
    """The data of the rows of one kind."""
    return [row[4] for row in rows() if row[2] == kind]


def row_lists() -> list[bytes]:
    """All rows as one canonical list; without the first, without the last, twice."""
    every = [list(row) for row in rows()]
    return [encode(some) for some in (every, every[1:], every[:-1], every + every, [])]


def phrases(field: str) -> list[bytes]:
    """Ceremony phrases, or their QR texts."""
    return [str(row[field]).encode() for row in of_toml("directory/phrases.toml")["phrase"]]


def heads() -> list[bytes]:
    """Checkpoints and other signed texts."""
    texts = [row["text"] for row in of_json("journal/frozen.json")["heads"]]
    return [text.encode() for text in texts + [row["text"] for row in of_json("journal/c2sp.json")["well_formed"]]]


def frozen_journal(name: str) -> list[bytes]:
    """Evidence, or the payload of an incarnation."""
    found = of_json("journal/frozen.json")[name]
    return [bytes.fromhex(found)] if isinstance(found, str) else [bytes.fromhex(one) for one in found]


def head_items(name: str) -> list[bytes]:
    """The item of that name in heads.json, and those that are refused."""
    found = of_json("journal/heads.json")
    return [bytes.fromhex(one) for one in (found[name], *found["refused"].values())]


def archives() -> list[bytes]:
    """Archives that verify."""
    return [(VECTORS / "journal" / row["file"]).read_bytes() for row in of_json("journal/archives.json")]


def _example(line: Line, form: Form) -> Any:
    """A value of the line's kind, likely to be in order."""
    codes = form.codes(line)
    first = codes[0] if codes else ""
    examples: dict[str, Any] = {
        "quantity": [first, [12, 2, "one"]],
        "identifier": ["ipv4", "192.0.2.0/24"],
        "reference": ["case", "CERT-XA 2026/17"],
        "attachment": [bytes(32), 512, "text/plain"],
        "digest": bytes(32),
        "telephone": "+15550100123",
        "moment": 1795728000000,
        "instant": [1795728000000, 5, next((int(m) for m in Meaning if m.name.lower().replace("_", "-") == first), 1)],
        "duration": [2, 3],
        "text": ["en", "In own words."],
        "number": line.low,
        "likelihood": Likelihood.of(Scale.ICD_203, 6).to_coded(),
        "confidence": [2, ["ar", "سجلات"]],
        "state": "XB",
        "address": "XB/duty",
        "form": 11,
        "option": "cannot-tell",
    }
    value = examples.get(line.kind, first)
    return [value, *(code for code in line.must if code != value)] if line.many else value


@cache
def filled() -> list[Sheet]:
    """A sheet of every form, every line filled; not each is in order."""
    header = sheets()[0].header
    answering = replace(header, refers_to=(bytes(32),))
    return [
        Sheet(
            form.number,
            form.version,
            answering if form.refers_required else header,
            {line.number: _example(line, form) for line in form.lines},
        )
        for form in load().forms
    ]


@cache
def sheets() -> list[Sheet]:
    """The sheets of the accepted pages."""
    found = []
    for case in of_toml("forms/pages.toml")["case"]:
        try:
            found.append(back_read_sheet(case["page"], "en"))
        except Problem:
            continue
    return found


@cache
def in_order() -> list[Sheet]:
    """Those of all sheets that pass the check."""

    def passes(sheet: Sheet) -> bool:
        try:
            check(sheet, at_drafting_now=None)
        except Problem:
            return False
        return True

    return [sheet for sheet in sheets() + filled() if passes(sheet)]


def pages(language: str) -> list[bytes]:
    """Sheets in order as pages of a language; of English, also the pages that are refused."""
    made = [render(sheet, language, width=width).text.encode() for sheet in in_order() for width in (40, 80)]
    return made + [case["page"].encode() for case in of_toml("forms/pages.toml")["case"] if language == "en"]


def sheet_lines() -> list[bytes]:
    """Form, version and lines of those sheets."""
    return [encode([sheet.form_number, sheet.form_version, dict(sheet.lines)]) for sheet in sheets() + filled()]  # type: ignore[dict-item, arg-type]


def notes_of_sheets() -> list[bytes]:
    """Those sheets as notes, and the vectors."""
    made = []
    for sheet in sheets() + filled():
        to = [Recipient(address, 7) for address in sheet.header.recipients]
        made.append(note_from_sheet(sheet, recipients=to, incarnation=bytes(16), particulars_version=1).to_payload())
    return made + payloads("line/note.json")


def reservations() -> list[bytes]:
    """One reservation."""
    to = (Recipient(Address("XB", "duty"), 7), Recipient(Address("XC", "duty"), 8))
    return [Reservation(sender=Address("XA", "duty"), recipients=to, incarnation=bytes(16), at=1, draft="d").to_bytes()]


def form_files() -> list[bytes]:
    """The forms that ship with Parley, the shortest first."""
    return sorted(packaged()[0].values(), key=len)[:4]


def plain_files() -> list[bytes]:
    """The English list of words to look at again, whole and its beginning."""
    data = packaged_plain()["en.toml"]
    return [data, data[:3000].rpartition(b"\n[")[0] + b"\n"]


def language_files() -> list[bytes]:
    """The head of each language file and a little of what follows: the whole is too long to change usefully."""
    return [data[:4000].rpartition(b"\n[")[0] + b"\n" for data in packaged()[1].values()]


def message_files() -> list[bytes]:
    """The head of each file of messages and a little of what follows."""
    return [data[:4000].rpartition(b"\n[")[0] + b"\n" for data in packaged_messages().values()]


def armoured() -> list[bytes]:
    """The vectors of armour."""
    return [path.read_bytes() for path in sorted((VECTORS / "bearers").glob("*.txt"))]


def letters() -> list[bytes]:
    """The vectors of mail."""
    return [case["message"].encode() for case in of_json("bearers/letters.json")["cases"]]


def heaps() -> list[bytes]:
    """The vectors of paper, each heap of frames as one text."""
    return ["\n".join(case["frames"]).encode() for case in of_json("bearers/frames.json")["cases"]]


def terms(name: str) -> list[bytes]:
    """Coded values of one term, accepted and refused."""
    cases = [case for file in ("accepted", "refused") for case in of_json(f"terms/{file}.json")["cases"]]
    found = []
    for case in cases:
        try:
            found += [encode(case["coded"])] if case["term"] == name else []
        except Problem:  # some cannot be written at all
            continue
    return found


@cache
def key_file(kind: str) -> bytes:
    """A key file of each kind, from a fixed seed, with the cheapest passphrase."""
    rng = Random(kind).randbytes
    address, officer = Address("XA", "duty"), Officer("amal", "duty officer", (1, 11))
    makers: dict[str, Callable[[Path], object]] = {
        "root": lambda path: create_root(path, "XA", "first", PASSPHRASE, CHEAP_FOR_TESTS, rng),
        "office": lambda path: create_office(path, address, officer, PASSPHRASE, CHEAP_FOR_TESTS, rng),
        "node": lambda path: write_node(path, make_node("XA", rng)),
        "archive": lambda path: create_archive_key(path, PASSPHRASE, CHEAP_FOR_TESTS, rng),
        "days": lambda path: DayKeys.create(path, ARCHIVE_KEY, rng).wrap(20000, b"secret", b"context"),
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "key"
        makers[kind](path)
        return path.read_bytes()


def frames() -> list[bytes]:
    """What is said on the signer's socket: requests, an answer, two refusals."""
    said: list[dict[int, Any]] = [
        {1: 1, 2: 1, 3: "amal"},
        {1: 1, 2: 2, 3: "amal", 4: bytes(32)},
        {1: 1, 2: 3, 3: b"payload", 4: bytes(32)},
        {1: 1, 2: "", 3: bytes(16), 4: [8, 1, 1], 5: ["XA", "duty"], 6: bytes(32)},
        {1: 1, 2: "wait", 3: [["officer", "amal"], ["seconds", 4]]},
        {1: 1, 2: "unknown_officer", 3: [["officer", "amal"]]},
    ]
    bodies = [encode(one) for one in said]
    return [len(body).to_bytes(4, "big") + body for body in bodies]


def every_language() -> tuple[str, ...]:
    """The six, as far as the library has them."""
    return tuple(code for code in LANGUAGES if code in load().languages)
