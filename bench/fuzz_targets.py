"""The table of decoders: how each is called with bytes, and what it would write back.

A reader that takes text gets UTF-8 (what is none is refused before it, as everywhere in Parley); one that takes a coded
value gets canonical bytes; one that takes a file finds it in memory. Where reading ends with a key, the keys are those
of the vectors, so that nothing but the seeds may be taken.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import fuzz_seeds as seeds
from fuzz_property import Finding, Target, taken

sys.path.insert(0, str(Path(__file__).parents[1] / "spec"))
import verify_archive as outsider

from parley.directory import (
    Row,
    confirm,
    decode_particulars,
    qr_payload,
    read_digits,
    read_qr,
    verify_freshness,
    verify_signed,
)
from parley.directory.entry import ACCEPTANCE, DECISION, HEARD, HELD
from parley.directory.evidence import EVIDENCE
from parley.directory.fields import Layout
from parley.directory.freshness import FRESHNESS, PREKEYS, read_freshness_unverified
from parley.directory.gossip import SIGHTING, read_request, read_sightings, write_request, write_sightings
from parley.directory.hours import read_hours
from parley.directory.rebuild import rebuild
from parley.forms import Sheet, back_read_sheet, check, questions, render, render_coded
from parley.forms.catalogue import read_about, read_catalogue, read_messages
from parley.forms.form import read_form
from parley.forms.library import packaged
from parley.forms.plain_words import read_plain
from parley.journal import (
    Archive,
    Evidence,
    EvidenceKind,
    JournalProblem,
    attach,
    cosigner_names,
    read_archive,
    read_checkpoint,
    read_evidence,
    read_heads,
    read_incarnation,
    read_proof,
    read_proof_wanted,
    verify_archive,
    verify_checkpoint,
    verify_evidence,
)
from parley.journal.signed_text import read_signed_text
from parley.line import (
    read_conversation,
    read_file_word,
    read_note,
    read_parcel,
    read_recall,
    read_receipt,
    read_reservation,
    read_returned,
    read_speaker,
    read_void,
    to_sheet,
)
from parley.outside.bearers import read_parcel as read_parcel_file
from parley.outside.bearers import unarmour
from parley.outside.bearers.mail import read_letter
from parley.outside.bearers.paper import gather, read_frames
from parley.outside.keys import DayKeys, open_archive_key, read_node, read_office, read_root
from parley.outside.keys.release import read_facts
from parley.outside.keys.wire import raise_refusal, receive
from parley.outside.settings import Home
from parley.seal import (
    Domain,
    OpeningKey,
    PassphraseCost,
    SealProblem,
    VerifyingKey,
    assemble,
    decode,
    encode,
    open_sealed,
    peek,
    sealed_key_id,
    signature_share,
    unlock,
    unlock_with_passphrase,
    verify,
)
from parley.seal.envelope import COSE_SIGN, take_apart
from parley.terms import (
    Address,
    Confidence,
    Duration,
    Instant,
    Likelihood,
    Marking,
    Meaning,
    Quantity,
    Source,
    Statement,
    Text,
    dtg,
    iso,
    parse_dtg,
    parse_iso,
    resolve,
)

Read = Callable[[bytes], bytes | None]


class Writes(Protocol):
    """An object that knows its bytes."""

    def to_bytes(self) -> bytes: ...


class Unreadable(Exception):
    """Not UTF-8, or not a list of rows: refused before the decoder is asked."""


TARGETS: dict[str, Target] = {}


def target(
    name: str, given: Callable[[], list[bytes]], read: Read, *, only_seeds: bool = False, refusals: Any = ()
) -> None:
    """Put a row into the table."""
    good = taken(read, given()) if only_seeds else frozenset[bytes]()
    TARGETS[name] = Target(name, read, cache(given), only_seeds, (*refusals, Unreadable), good)


def written(read: Callable[[bytes], Any]) -> Read:
    """A reader whose object has `to_payload` or `to_bytes`."""

    def again(data: bytes) -> bytes:
        found = read(data)
        return bytes(found.to_payload() if hasattr(found, "to_payload") else found.to_bytes())

    return again


def done(read: Callable[[bytes], Any]) -> Read:
    """A reader of which nothing is written back."""

    def nothing(data: bytes) -> None:
        read(data)

    return nothing


def text(data: bytes) -> str:
    """UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Unreadable from None


def by(data: bytes, many: int) -> int:
    """A number below `many` that depends on nothing but the input."""
    return zlib.crc32(data) % many


# -- seal ----------------------------------------------------------------------------------------------------------

_SIGNED = seeds.of_json("seal/signed.json")
_KEYS = [VerifyingKey.from_bytes(seeds.b64decode(_SIGNED["keys"][name]["public"])) for name in ("one", "two", "three")]
_SIGNER = seeds.SigningKey.from_seed(bytes.fromhex(_SIGNED["keys"]["one"]["seed"]))
_OPENING = seeds.of_json("seal/sealed.json")["opening_key"]
_OPENERS = {(_id := bytes.fromhex(_OPENING["key_id"])): OpeningKey(_id, bytes.fromhex(_OPENING["seed"]))}
_LOCKED = {
    "key" if "key" in case else "passphrase": case
    for case in reversed(seeds.of_json("seal/locked.json")["cases"])
    if case["expected"] == "valid"
}


def _envelope(data: bytes) -> bytes:
    found = take_apart(data)
    entries = [[one.header, {}, one.signature] for one in found.signatures]
    return COSE_SIGN + encode([found.body_header, {}, found.payload, entries])


def _open(data: bytes) -> None:
    sealed_key_id(data)
    open_sealed(data, _OPENERS)


def _unlock(data: bytes) -> None:
    case = _LOCKED["key"]
    unlock(bytes.fromhex(case["key"]), data, bytes.fromhex(case["context"]))


def _unlock_with_passphrase(data: bytes) -> None:
    """A cost within bounds may still be a gigabyte and a minute, as its owner wished: such a file is not tried."""
    case = _LOCKED["passphrase"]
    try:
        match decode(data):
            case [_, int(memory), int(passes), int(lanes), _, _, _] if memory * passes > 1024:
                PassphraseCost(memory, passes, lanes)
                raise Unreadable
    except SealProblem as problem:
        if problem.key == "seal.cost_out_of_bounds":
            raise
    unlock_with_passphrase(data, case["passphrase"], bytes.fromhex(case["context"]))


def _shares() -> list[bytes]:
    return [signature_share(b"payload", _SIGNER, domain) for domain in (Domain.NOTE, Domain.PARTICULARS)]


target("seal.decode", lambda: seeds.canonical() + seeds.payloads("line/note.json"), lambda data: encode(decode(data)))
target("seal.take_apart", seeds.signed, _envelope)
target("seal.peek", seeds.signed, done(peek))
target("seal.verify", seeds.signed, done(lambda data: verify(data, _KEYS, Domain.NOTE)), only_seeds=True)
target("seal.assemble", _shares, done(lambda data: assemble(b"payload", [data], Domain.NOTE)))
target("seal.open_sealed", lambda: seeds.sealed() + seeds.frozen("sealed"), _open, only_seeds=True)
target("seal.unlock", lambda: seeds.locked("key"), _unlock, only_seeds=True)
target("seal.unlock_with_passphrase", lambda: seeds.locked("passphrase"), _unlock_with_passphrase, only_seeds=True)

# -- line ----------------------------------------------------------------------------------------------------------


def _shown(data: bytes) -> None:
    """What happens to a note that came: its sheet checked, said in a language, read back from that, and asked about."""
    sheet = to_sheet(read_note(data))
    language = seeds.every_language()[by(data, 6)]
    render_coded(sheet, language)
    check(sheet, at_drafting_now=None)
    if back_read_sheet(render(sheet, language, width=40 + by(data, 60)).text, language) != sheet:
        raise Finding("line.sheet: the page does not give the sheet back")
    questions(sheet, language, seeds.Random(0).randbytes)


for _name, _reader, _given in (
    ("note", read_note, lambda: seeds.payloads("line/note.json")),
    ("receipt", read_receipt, lambda: seeds.payloads("line/receipt.json")),
    ("void", read_void, lambda: seeds.payloads("line/void.json")),
    ("recall", read_recall, lambda: seeds.payloads("line/recall.json")),
    ("returned", read_returned, lambda: seeds.payloads("line/returned.json")),
    ("speaker", read_speaker, lambda: seeds.payloads("line/speaker.json")),
    ("file word", read_file_word, lambda: seeds.payloads("line/file.json")),
    ("parcel", read_parcel, lambda: seeds.payloads("line/parcel.json")),
    ("conversation", read_conversation, lambda: seeds.payloads("line/conversation.json")),
    ("reservation", read_reservation, seeds.reservations),
):
    target(f"line.{_name}", _given, written(_reader))
target("line.sheet", seeds.notes_of_sheets, done(_shown))

# -- directory -----------------------------------------------------------------------------------------------------

_NODES = decode_particulars(seeds.inside("first")[0]).node_keys
_ROOTS = bytes(range(32))


def _layout(layout: Layout[Any]) -> Read:
    return lambda data: layout.encode(layout.decode(data))


def _rebuilt(data: bytes) -> None:
    try:
        listed: Any = decode(data)
        rows = [Row(*row) for row in listed]
        if not rows or any(list(map(type, row)) != [str, int, str, int, bytes] for row in listed):
            raise Unreadable
    except (SealProblem, TypeError):
        raise Unreadable from None
    rebuild(rows)


def _qr(data: bytes) -> bytes | None:
    given = text(data)
    again = qr_payload(*read_qr(given)).encode()
    return again if given == given.strip() else None


for _name, _table in (
    ("acceptance", ACCEPTANCE),
    ("decision", DECISION),
    ("particulars", HELD),
    ("freshness", HEARD),
    ("evidence", EVIDENCE),
):
    target(f"directory.row_{_name}", lambda kind=_name: seeds.row_data(kind), _layout(_table))
target(
    "directory.particulars",
    lambda: seeds.inside("first") + seeds.inside("second"),
    lambda data: decode_particulars(data).payload,
)
target("directory.verify_signed", lambda: list(seeds.objects().values()), done(verify_signed), only_seeds=True)
target("directory.freshness", lambda: seeds.inside("freshness"), _layout(FRESHNESS))
target("directory.freshness_unverified", lambda: seeds.inside("freshness"), done(read_freshness_unverified))
target(
    "directory.verify_freshness",
    lambda: list(seeds.objects().values()),
    done(lambda data: verify_freshness(data, _NODES)),
    only_seeds=True,
)
target("directory.prekeys", seeds.batches, _layout(PREKEYS))
target("directory.sighting", lambda: [encode({1: "XB", 2: 2, 3: bytes(32)})], _layout(SIGHTING))
target(
    "directory.read_sightings",
    lambda: [encode({0: 1, 1: [{1: "XB", 2: 2, 3: bytes(32)}, {1: "XC", 2: 7, 3: bytes(32)}]}), encode({0: 1, 1: []})],
    done(lambda data: write_sightings(read_sightings(data))),
)
target(
    "directory.read_request",
    lambda: [encode({0: 1, 1: [{1: "XB", 2: 0}, {1: "XC", 2: 7}]})],
    done(lambda data: write_request(read_request(data))),
)
target(
    "directory.read_hours",
    lambda: [b"24/7", b"08:00-16:00", b"Mo-Th 08:00-12:00,13:00-17:00; Fr 08:00-13:00"],
    done(lambda data: read_hours(text(data))),
)
target("directory.rebuild", seeds.row_lists, done(_rebuilt))
target("directory.read_qr", lambda: seeds.phrases("qr"), _qr)
target("directory.read_digits", lambda: seeds.phrases("phrase"), done(lambda data: read_digits(text(data))))
target("directory.confirm", lambda: seeds.phrases("qr"), done(lambda data: confirm(text(data), "XB", _ROOTS)))

# -- journal -------------------------------------------------------------------------------------------------------

_FROZEN = seeds.of_json("journal/frozen.json")
_JOURNAL_KEYS = [VerifyingKey.from_bytes(bytes.fromhex(key)) for key in _FROZEN["keys"]]
_ROOT_DIGEST = bytes.fromhex(_FROZEN["root_digest"])
_ARCHIVE_ROOTS = {
    party: bytes.fromhex(digest)
    for row in seeds.of_json("journal/archives.json")
    for party, digest in row["roots"].items()
}


def _signed_parts(archive: Archive) -> set[object]:
    """Everything in an archive that somebody signed, and the entry with its proof."""
    text = read_checkpoint(archive.checkpoint)[1]
    chains = [one for chain in archive.particulars.values() for one in chain]
    entry = (archive.leaf, archive.index, archive.proof)
    return {archive.note, archive.definition, text.body, entry, *text.lines, *archive.receipts, *chains}


@cache
def _signed_by_somebody() -> set[object]:
    return set().union(*(_signed_parts(read_archive(seed)) for seed in seeds.archives()))


def _verified_archive(data: bytes) -> None:
    """With Parley and with the outsider's script, which must agree.

    Signed parts may be left out (an archive with one receipt less is one, too), nothing else may differ.
    """
    try:
        roots = {party: _ARCHIVE_ROOTS.get(party, bytes(32)) for party in read_archive(data).particulars}
    except JournalProblem:
        roots = _ARCHIVE_ROOTS
    try:
        outsider.verify(data, roots)
        refused = None
    except outsider.Refused as refusal:
        refused = refusal
    try:
        verify_archive(data, roots)
    except JournalProblem:
        if refused is None:
            raise Finding("journal.verify_archive: the outsider's script takes what Parley refuses") from None
        raise
    if refused is not None:
        raise Finding("journal.verify_archive: the outsider's script refuses what Parley takes")
    if not _signed_parts(read_archive(data)) <= _signed_by_somebody():
        raise Finding("journal.verify_archive: took what nobody signed")


def _proven(evidence: Evidence) -> tuple[object, ...]:
    """What evidence proves: two notes, or the bodies of two checkpoints and the lines of their own journal."""
    if evidence.kind is EvidenceKind.SERIALS:
        return evidence.party, evidence.first, evidence.second
    heads = [read_checkpoint(one.decode()) for one in (evidence.first, evidence.second)]
    own = [tuple(line for line in text.lines if line.name == head.origin) for head, text in heads]
    return evidence.party, *(head for head, _ in heads), *own


def _verified_evidence(data: bytes) -> None:
    """Lines of cosigners may be anything, as C2SP demands; what the accused signed may not."""
    evidence = read_evidence(data)
    verify_evidence(evidence, _ROOT_DIGEST)
    if _proven(evidence) not in [_proven(read_evidence(seed)) for seed in seeds.frozen_journal("evidence")]:
        raise Finding("journal.verify_evidence: took what nobody signed")


def _checkpoint(data: bytes) -> bytes:
    given = text(data)
    cosigner_names(given)
    return read_checkpoint(given)[1].to_text().encode()


def _attached(data: bytes) -> None:
    attach(seeds.heads()[0].decode(), text(data))


def _lines_of(heads: list[bytes]) -> list[bytes]:
    return [head.rpartition(b"\n\n")[2] for head in heads]


target("journal.signed_text", seeds.heads, lambda data: read_signed_text(text(data)).to_text().encode())
target("journal.checkpoint", seeds.heads, _checkpoint)
target("journal.verify_checkpoint", seeds.heads, done(lambda data: verify_checkpoint(text(data), _JOURNAL_KEYS)))
target("journal.attach", lambda: _lines_of(seeds.heads()), done(_attached))
target(
    "journal.incarnation",
    lambda: [peek(one).payload for one in seeds.frozen_journal("incarnation")],
    written(read_incarnation),
)
target("journal.evidence", lambda: seeds.frozen_journal("evidence"), written(read_evidence))
target("journal.verify_evidence", lambda: seeds.frozen_journal("evidence"), _verified_evidence)
target("journal.heads", lambda: seeds.head_items("heads"), lambda data: encode(list(read_heads(data))))
target("journal.proof_wanted", lambda: seeds.head_items("proof_wanted"), written(read_proof_wanted))
target("journal.proof", lambda: seeds.head_items("proof"), written(read_proof))
target("journal.archive", seeds.archives, written(read_archive))
target("journal.verify_archive", seeds.archives, _verified_archive)
target(
    "journal.outsider",
    seeds.archives,
    done(lambda data: outsider.verify(data, _ARCHIVE_ROOTS)),
    refusals=(outsider.Refused,),
)

# -- forms ---------------------------------------------------------------------------------------------------------


def _page(language: str) -> Read:
    """A page that is read gives the sheet, and the sheet a page that gives it again; widths and blanks may differ."""

    def read(data: bytes) -> None:
        sheet = back_read_sheet(text(data), language)
        if back_read_sheet(render(sheet, language).text, language) != sheet:
            raise Finding(f"forms.page_{language}: the page of what was read gives something else")

    return read


def _checked(data: bytes) -> None:
    """Any coded values under any form, with a header that is in order; what is in order can be said and read back."""
    headers = [sheet.header for sheet in seeds.sheets() + seeds.filled()]
    match decode(data):
        case [int(form), int(version), dict(lines)]:
            sheet = Sheet(form, version, headers[by(data, len(headers))], lines)
        case _:
            raise Unreadable
    language = seeds.every_language()[by(data, 6)]
    render_coded(sheet, language)
    check(sheet, at_drafting_now=None)
    if back_read_sheet(render(sheet, language).text, language) != sheet:
        raise Finding("forms.check: the page does not give the sheet back")


for _language in seeds.every_language():
    target(f"forms.page_{_language}", lambda code=_language: seeds.pages(code), _page(_language))
target("forms.check", seeds.sheet_lines, done(_checked))
target("forms.form_file", seeds.form_files, done(lambda data: read_form("x.toml", data)))
target("forms.language_file", seeds.language_files, done(lambda data: read_catalogue("x.toml", data)))
_ABOUT = read_about("en.toml", packaged()[1]["en.toml"])
target("forms.message_file", seeds.message_files, done(lambda data: read_messages("x.toml", data, _ABOUT)))
target("forms.plain_file", seeds.plain_files, done(lambda data: read_plain("x.toml", data, _ABOUT)))
target("forms.language_head", seeds.language_files, done(lambda data: read_about("x.toml", data)))

# -- what comes from files and sockets -----------------------------------------------------------------------------

_FILE = os.memfd_create("fuzzed")
_PATH = Path(f"/proc/self/fd/{_FILE}")
os.fchmod(_FILE, 0o600)


def in_file(read: Callable[[Path], Any]) -> Read:
    """A reader of files; the file is in memory."""

    def from_file(data: bytes) -> None:
        os.ftruncate(_FILE, 0)
        os.pwrite(_FILE, data, 0)
        read(_PATH)

    return from_file


class Feed:
    """The receiving end of a connection whose other end has sent `data` and hung up."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def recv(self, size: int) -> bytes:
        """As a socket gives it: no more than asked."""
        piece, self._data = self._data[:size], self._data[size:]
        return piece


_FOLDER = TemporaryDirectory(prefix="parley-fuzz-")


def _settings(data: bytes) -> None:
    home = Home(Path(_FOLDER.name))
    home.settings_file.write_bytes(data)
    home.settings()


def _frame(data: bytes) -> bytes | None:
    found = receive(Feed(data))  # type: ignore[arg-type]
    if found is None:
        return None
    body = encode(found)
    raise_refusal(found)
    return (len(body).to_bytes(4, "big") + body).ljust(len(data), b"?")[: len(body) + 4] + data[len(body) + 4 :]


def _archive_key(path: Path) -> None:
    open_archive_key(path, seeds.PASSPHRASE)


def _cheap(read: Read) -> Read:
    """As `_unlock_with_passphrase`: no file that asks for more than the seeds do."""

    def sparing(data: bytes) -> bytes | None:
        try:
            match decode(data):
                case {3: bytes(locked)}:
                    match decode(locked):
                        case [_, int(memory), int(passes), *_] if memory * passes > 1024:
                            raise Unreadable
        except SealProblem:
            pass
        return read(data)

    return sparing


target("bearers.unarmour", seeds.armoured, done(lambda data: unarmour(text(data), 1 << 16)))
target("bearers.letter", seeds.letters, done(read_letter))
target("bearers.frames", seeds.heaps, done(lambda data: gather(read_frames(text(data)))))
target("bearers.read_parcel", seeds.armoured, in_file(lambda path: read_parcel_file(path, 1 << 16)))
target("keys.root", lambda: [seeds.key_file("root")], in_file(read_root))
target("keys.office", lambda: [seeds.key_file("office")], in_file(read_office))
target("keys.node", lambda: [seeds.key_file("node")], in_file(read_node), only_seeds=True)
target("keys.archive", lambda: [seeds.key_file("archive")], _cheap(in_file(_archive_key)), only_seeds=True)
target(
    "keys.days",
    lambda: [seeds.key_file("days")],
    in_file(lambda path: DayKeys.open(path, seeds.ARCHIVE_KEY, seeds.Random(0).randbytes)),
    only_seeds=True,
)
target("keys.settings", lambda: [seeds.SETTINGS], _settings)
target("keys.frame", seeds.frames, _frame)
target("keys.read_facts", lambda: seeds.payloads("keys/release.json"), done(read_facts))

# -- terms ---------------------------------------------------------------------------------------------------------


def _coded(kind: Any) -> Read:
    return lambda data: encode(kind.from_coded(decode(data)).to_coded())


def _dtg(data: bytes) -> bytes | None:
    given = text(data)
    written_so = dtg(parse_dtg(given)).encode()
    return written_so if given == given.upper() else None


for _kind in (Instant, Text, Marking, Likelihood, Confidence, Quantity, Duration, Source, Statement):
    _word = _kind.__name__.lower()
    target(f"terms.{_word}", lambda word=_word: seeds.terms(word), _coded(_kind))
target("terms.parse_dtg", lambda: [b"140630Z MAY 17", b"010000Z JAN 1969", b"310000Z feb 17"], _dtg)
target(
    "terms.parse_iso",
    lambda: [b"2017", b"2017-05", b"2017-05-14", b"2017-05-14T06Z", b"2017-05-14T06:30Z", b"0001-02-30"],
    lambda data: iso(parse_iso(text(data), Meaning.BEGAN)).encode(),
)
target(
    "terms.marking_line",
    lambda: [b"TLP:AMBER // RESTRICTED // ORCON KE // REL TO KE, UG", b"TLP:RED", b"TLP:CLEAR // REL TO XA"],
    lambda data: str(Marking.parse(text(data))).encode(),
)
target("terms.address", lambda: [b"XA/duty", b"O-SEC/desk-1"], lambda data: str(Address.parse(text(data))).encode())
target(
    "terms.resolve",
    lambda: [name.encode() for name in ("Côte d’Ivoire", "КЕНИЯ", "Almara")],
    done(lambda data: resolve(text(data))),
)
