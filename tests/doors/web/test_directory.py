"""The directory in the browser: particulars brought and decided about, offices without Parley, parcels, an hour there.

Parties: XC to XF, made for each case; whoever is accepted in one is another in the next.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from parley.desk import bell, by_hand, drill, drill_run, particulars
from parley.desk.fill import fill
from parley.desk.sign_in import sessions
from parley.directory import Bearer, Narrowing, Vouch, VouchPolicy, signed_root_digest
from parley.forms import load
from parley.terms.languages import LANGUAGES
from parley.testing import DAY, PartyKeys, SimulatedParty, settle

WORM = [
    (10, "stop-traffic"), (11, "XE"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
    (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"), (23, "13h"),
]  # fmt: skip


@pytest.fixture(scope="module")
def desk(alone: Any) -> Iterator[tuple[Any, Any]]:
    """One desk for the module, and its officer."""
    with alone() as served:
        yield served, served.officer("amal")


def made(served: Any, code: str, **changes: Any) -> tuple[PartyKeys, bytes]:
    """A party's keys and its signed particulars, issued now."""
    keys = PartyKeys(code)
    return keys, keys.signed(keys.particulars(served.ours.clock(), **changes))


def bring(visitor: Any, signed: bytes) -> Any:
    token = visitor.get("/directory/bring").hidden("token")
    return visitor.upload("/directory/bring", signed, {"token": token})


def decision(visitor: Any, code: str, **fields: str) -> dict[str, str]:
    """The form of the page as it stands, filled."""
    page = visitor.get(f"/directory/{code}/accept")
    assert page.status == 200, page.plain
    hidden = {name: page.hidden(name) for name in ("token", "seen", "digest")}
    return {**hidden, "do": "ceremony", "means": "video", "confirmed": "yes", **fields}


def accept(visitor: Any, code: str, **fields: str) -> Any:
    return visitor.post(f"/directory/{code}/accept", decision(visitor, code, **fields))


# -- the ceremony


def test_particulars_are_brought_compared_and_accepted_with_officer_and_time(desk: Any) -> None:
    """Both sides' phrases are on the page; the decision names who took it, how, and when; a second click is one."""
    served, visitor = desk
    _, signed = made(served, "XC")
    got = bring(visitor, signed)
    assert (got.status, got.header("location")) == (303, "/directory/XC/accept")
    assert "XC" in visitor.get("/directory").plain
    page = visitor.get("/directory/XC/accept").plain
    ours = particulars.phrase_of(particulars.at_hand(served.ours.node, "XA"))
    theirs = particulars.phrase_of(signed)
    assert ours in page
    assert theirs in page
    form = decision(visitor, "XC", heard=theirs)
    assert visitor.post("/directory/XC/accept", form).header("location") == "/directory/XC"
    held = served.ours.node.directory.entry("XC")
    assert (held.acceptance.how, held.acceptance.by, held.acceptance.means) == ("ceremony", "amal", "video")
    assert held.acceptance.at == served.ours.clock()
    assert visitor.post("/directory/XC/accept", form).header("location") == "/directory/XC"
    assert len(served.ours.node.directory.entry("XC").acceptances) == 1
    assert "by video" in visitor.get("/directory/XC").plain


def digits(signed: bytes) -> str:
    return particulars.phrase_of(signed)


WRONG = {
    "a digit misheard": ({"heard": "11111 11111 11111 11111"}, "does not belong to these particulars"),
    "too few digits": ({"heard": "12345 67890"}, "20 digits"),
    "nothing heard": ({"heard": ""}, "20 digits"),
    "words": ({"heard": "<b>yes</b>"}, "20 digits"),
    "another party's code": ({"heard": "PARLEY1/XC/" + "0" * 64}, "does not belong to these particulars"),
    "only one side": ({"confirmed": ""}, "has not confirmed our phrase"),
    "neither in person nor by video": ({"means": "letter"}, "not usable"),
    "another file than was shown": ({"digest": "00" * 32}, "Other particulars were brought meanwhile"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_match_is_refused_and_what_was_typed_stays(desk: Any, case: str) -> None:
    served, visitor = desk
    fields, said = WRONG[case]
    _, signed = made(served, "XD")
    bring(visitor, signed)
    got = accept(visitor, "XD", **{"heard": digits(signed), **fields})
    assert got.status == 422
    assert said in got.plain
    assert "XD" not in served.ours.node.directory.parties
    assert f'name="heard" value="{html.escape({"heard": digits(signed), **fields}["heard"])}"' in got.text


def test_the_phrase_of_another_party_is_refused(desk: Any) -> None:
    served, visitor = desk
    bring(visitor, made(served, "XD")[1])
    other = particulars.phrase_of(particulars.at_hand(served.ours.node, "XB"))
    assert "does not belong" in accept(visitor, "XD", heard=other).plain


def test_put_away_without_accepting_and_put_away_again(desk: Any) -> None:
    served, visitor = desk
    _, signed = made(served, "XD")
    bring(visitor, signed)
    form = decision(visitor, "XD", do="drop")
    assert visitor.post("/directory/XD/accept", form).header("location") == "/directory"
    assert visitor.post("/directory/XD/accept", form).header("location") == "/directory"
    assert visitor.get("/directory/XD/accept").status == 404


def test_of_two_registrars_the_second_is_told_what_the_first_decided(desk: Any) -> None:
    served, visitor = desk
    other = served.officer("basma")
    _, signed = made(served, "XF")
    bring(visitor, signed)
    mine, theirs = (decision(one, "XF", heard=digits(signed)) for one in (visitor, other))
    assert visitor.post("/directory/XF/accept", mine).status == 303
    got = other.post("/directory/XF/accept", theirs)
    assert got.status == 422
    assert "amal decided about XF meanwhile" in got.plain
    first, second = (one.get("/directory/XF").hidden("seen") for one in (visitor, other))
    assert other.send("/directory/XF", "/directory/XF", {"do": "suspend", "seen": second}).status == 303
    got = visitor.send("/directory/XF", "/directory/XF", {"do": "withhold", "how": "chosen", "seen": first})
    assert got.status == 409
    assert "basma decided about XF meanwhile" in got.plain
    assert served.ours.node.directory.withheld("XF") is None


def files(served: Any) -> dict[str, tuple[bytes, str]]:
    first, now = particulars.at_hand(served.ours.node, "XB"), served.ours.clock()
    return {
        "empty": (b"", "not"),
        "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 400, "not"),
        "a page": (b"<script>alert(1)</script>", "not"),
        "cut off": (first[:-40], "not"),
        "too large": (b"\0" * ((1 << 20) + 1), "larger than"),
        "our own": (particulars.at_hand(served.ours.node, "XA"), "our own party"),
        "run out": (made(served, "XE", issued_at=now - 9 * DAY, expires_at=now - DAY)[1], "have expired"),
    }


def test_bad_files_are_named_and_change_nothing(desk: Any) -> None:
    served, visitor = desk
    before = (served.ours.node.directory.rows(), particulars.offered(served.ours.node))
    for case, (content, said) in files(served).items():
        got = bring(visitor, content)
        assert got.status == 422, (case, got.status)
        assert said in got.plain, (case, got.plain)
        assert "<script>alert" not in got.text
    assert (served.ours.node.directory.rows(), particulars.offered(served.ours.node)) == before


def test_a_newer_version_is_taken_an_older_is_not_and_other_roots_wait_for_a_decision(served: Any) -> None:
    """Other roots are no succession: a new identity, by ceremony and said in so many words, or nothing."""
    visitor, node = served.officer(), served.ours.node
    keys, old = served.theirs.keys, served.theirs.particulars
    served.ours.clock.sleep(1000)
    newer = keys.particulars(served.ours.clock(), old, names={"en": "Beltova, newer"})
    assert bring(visitor, keys.signed(newer)).header("location") == "/directory/XB"
    assert node.directory.entry("XB").current.version == 2
    got = bring(visitor, keys.signed(old))
    assert got.status == 422
    assert "older than version 2" in got.plain
    other = PartyKeys("XB", seed="roots that were lost").signed(
        PartyKeys("XB", seed="roots that were lost").particulars(served.ours.clock())
    )
    assert bring(visitor, other).header("location") == "/directory/XB/accept"
    assert "other roots" in visitor.get("/directory/XB/accept").plain
    refused = accept(visitor, "XB", heard=digits(other))
    assert refused.status == 422
    assert "new identity" in refused.plain
    assert accept(visitor, "XB", **{"heard": digits(other), "new-identity": "yes"}).status == 303
    assert node.directory.entry("XB").era == 1
    assert "accepted anew" in visitor.get("/directory/XB").plain


# -- vouching


def test_a_party_is_accepted_by_those_whom_the_officer_chose(served: Any) -> None:
    visitor, node = served.officer(), served.ours.node
    _, stranger = made(served, "XC")
    bring(visitor, stranger)
    assert "Nobody was chosen" in visitor.get("/directory/XC/accept").plain
    got = visitor.send("/directory", "/directory", {"needed": "2", "party": ["XB"]})
    assert got.status == 422  # two of one
    assert visitor.send("/directory", "/directory", {"needed": "1", "party": ["XB"]}).status == 303
    assert node.directory.vouching == VouchPolicy(1, ("XB",))
    got = accept(visitor, "XC", do="vouched")
    assert got.status == 422
    assert "vouch for XC" in got.plain
    keys, old = served.theirs.keys, served.theirs.particulars
    served.ours.clock.sleep(1000)
    vouch = Vouch("XC", signed_root_digest(PartyKeys("XC").particulars(served.ours.clock())), served.ours.clock())
    bring(visitor, keys.signed(keys.particulars(served.ours.clock(), old, vouches=(vouch,))))
    assert "Accept by vouching" in visitor.get("/directory/XC/accept").plain
    assert accept(visitor, "XC", do="vouched").status == 303
    assert node.directory.entry("XC").acceptance.vouchers == ("XB",)
    assert "vouched for" in visitor.get("/directory").plain


# -- narrowing, withholding

NARROW = {
    "take-forms": "1, 2", "take-kind": "exercise", "take-highest": "1", "take-attachments": "",
    "send-forms": "", "send-kind": "any", "send-highest": "3", "send-attachments": "yes",
}  # fmt: skip


def test_what_passes_is_narrowed_and_receipts_are_withheld_twice_is_once(served: Any) -> None:
    visitor, node = served.officer(), served.ours.node
    seen = visitor.get("/directory/XB").hidden("seen")
    for _ in range(2):
        assert visitor.send("/directory/XB", "/directory/XB", {"do": "narrow", "seen": seen, **NARROW}).status == 303
    held = node.directory.entry("XB")
    assert held.take == Narrowing(forms=(1, 2), kind="exercise", highest=1, attachments=False)
    assert held.send == Narrowing()
    assert len(held.decisions) == 1
    assert "narrowed" in visitor.get("/directory").plain
    seen = visitor.get("/directory/XB").hidden("seen")
    wanted = {"do": "withhold", "how": "chosen", "stage": ["read"], "seen": seen}
    assert visitor.send("/directory/XB", "/directory/XB", wanted).status == 303
    assert node.directory.withheld("XB") == ("read",)


@pytest.mark.parametrize(
    "change", [{"take-forms": "one"}, {"take-forms": "1 <b>"}, {"take-kind": "all"}, {"take-highest": "9"},
               {"take-highest": "١"}, {"send-forms": "99999"}],
)  # fmt: skip
def test_a_narrowing_that_is_none_is_named(desk: Any, change: dict[str, str]) -> None:
    served, visitor = desk
    seen = visitor.get("/directory/XB").hidden("seen")
    got = visitor.send("/directory/XB", "/directory/XB", {"do": "narrow", "seen": seen, **NARROW, **change})
    assert got.status == 422
    assert "narrowing" in got.plain
    assert served.ours.node.directory.entry("XB").decisions == ()


# -- offices without Parley


def test_an_office_without_parley_is_entered_written_to_and_called(served: Any) -> None:
    """Text and script in both languages; a read-back entered once although it was clicked twice."""
    visitor, node = served.officer(), served.ours.node
    typed = {"do": "add", "party": "XE", "office": "duty", "language": "fr", "telephone": "+41 22 555 01 00"}
    assert visitor.send("/directory/contacts", "/directory/contacts", typed).status == 303
    note = served.do(served.ours.write("XE", 11, fill(load().form(11), WORM))).hex()
    assert f"/notes/{note}/by-hand/XE" in visitor.get("/directory/contacts").text
    assert f"/notes/{note}/by-hand/XE" in visitor.get(f"/notes/{note}").text
    place = f"/notes/{note}/by-hand/XE"
    page = visitor.get(place)
    assert "Formulaire 11" in page.plain
    assert "unverified" in page.plain
    text = visitor.get(f"{place}/text")
    assert text.header("content-type").startswith("text/plain")
    assert "attachment" in text.header("content-disposition")
    answers = dict(re.findall(r'name="(line-\d+)" value="([^"]+)"', page.text))
    heard = {"what": "read-back", "way": "telephone", "role": "duty officer", "words": "<b>yes</b>", **answers}
    for _ in range(2):
        assert visitor.send(place, place, heard).status == 303
    entries = by_hand.entries(node, node.store.look(lambda look: look.note(bytes.fromhex(note))), "XE")
    assert [(str(one.what), one.officer, one.answers) for one in entries] == [
        ("read-back", "amal", {int(name.removeprefix("line-")): value for name, value in answers.items()})
    ]
    assert "&lt;b&gt;yes&lt;/b&gt;" in visitor.get(place).text


def test_what_cannot_be_entered_is_named_and_stays_typed(served: Any) -> None:
    visitor = served.officer()
    served.do(by_hand.add_contact(served.ours.node, by_hand.Contact(
        party="XE", office="duty", language="ru", entered_by="amal", at=served.ours.clock())))  # fmt: skip
    note = served.do(served.ours.write("XE", 11, fill(load().form(11), WORM))).hex()
    place = f"/notes/{note}/by-hand/XE"
    for change, said in (
        ({"what": "confirmed", "way": "telephone", "at": "2031-01-01T00:00"}, "has not come yet"),
        ({"what": "confirmed", "way": "telephone", "at": "yesterday"}, "yesterdayZ"),
        ({"what": "confirmed", "way": "pigeon"}, "pigeon"),
        ({"what": "read-back", "way": "telephone"}, "is not an answer"),
        ({"what": "confirmed", "way": "telephone", "role": "duty\u202eofficer"}, "U+202E"),
    ):
        got = visitor.send(place, place, {"words": "said <i>so</i>", **change})
        assert got.status == 422, change
        assert said in got.plain, (change, got.plain)
        assert "said &lt;i&gt;so&lt;/i&gt;" in got.text
    assert visitor.get(f"/notes/{note}/by-hand/XB").status == 404


CONTACTS = {
    "no code of a party": ({"party": "Eldmark"}, "is not the code of a party"),
    "a party that runs Parley": ({"party": "XB"}, "runs Parley"),
    "no language": ({"language": "tlh"}, "tlh"),
    "an office with blanks": ({"office": "the duty"}, "is not the name of an office"),
    "turned writing": ({"email": "duty\u202eelpmaxe@mfa"}, "U+202E"),
    "two lines": ({"telephone": "+41\n22"}, "U+000A"),
}


@pytest.mark.parametrize("case", CONTACTS)
def test_a_contact_that_is_none_is_named_and_stays_typed(desk: Any, case: str) -> None:
    served, visitor = desk
    change, said = CONTACTS[case]
    typed = {"do": "add", "party": "XE", "office": "duty", "language": "fr", "telephone": "", "email": "", **change}
    got = visitor.send("/directory/contacts", "/directory/contacts", typed)
    assert got.status == 422
    assert said in got.plain
    assert by_hand.contacts(served.ours.node) == []


def test_a_contact_is_shown_as_text_and_forgotten_once(served: Any) -> None:
    visitor = served.officer()
    trick = "\"><script>alert(1)</script>"
    typed = {"do": "add", "party": "XE", "office": "duty", "language": "fr", "telephone": trick, "email": trick}
    visitor.send("/directory/contacts", "/directory/contacts", typed)
    page = visitor.get("/directory/contacts")
    assert "<script>alert" not in page.text
    assert trick in page.plain
    for _ in range(2):
        assert visitor.send("/directory/contacts", "/directory/contacts", {"do": "drop", "party": "XE"}).status == 303
    assert by_hand.contacts(served.ours.node) == []


def test_names_and_addresses_of_a_peer_stay_text_on_every_page(served: Any) -> None:
    """What a party signed about itself is its own word: markup stays words; what turns writing cannot be signed."""
    visitor = served.officer()
    trick = "</bdi><script>alert(1)</script>"
    _, signed = made(
        served, "XC", names={"en": f"Caldria {trick}", "ar": "\u200fكالدريا"},
        bearers=(Bearer("https", f"https://127.0.0.1/{trick}", 0),),
    )  # fmt: skip
    bring(visitor, signed)
    for path in ("/directory", "/directory/XC/accept"):
        assert "<script>alert" not in visitor.get(path).text
    accept(visitor, "XC", heard=digits(signed))
    for path in ("/directory", "/directory/XC", "/today"):
        assert "<script>alert" not in visitor.get(path).text
    with pytest.raises(Exception, match="names"):
        made(served, "XC", names={"en": "Caldria\u202e"})


# -- sealed notes by hand


def test_sealed_notes_are_carried_in_and_out_as_files(served: Any) -> None:
    """From their node to ours by file, our receipt back by file; what arrives twice is taken once."""
    from parley.desk import inbox
    from parley.desk.receive import receive

    visitor, ours, theirs = served.officer(), served.ours, served.theirs
    sent = served.do(theirs.write(ours, 1, {10: "timetable"}))
    content = served.desk.carrying.file(served.do(inbox.parcel_for(theirs.node, "XA")))
    token = visitor.get("/directory/parcels").hidden("token")
    assert visitor.get("/directory/parcels/reply").status == 404
    for _ in range(2):
        got = visitor.upload("/directory/parcels", content, {"token": token}, name="../<b>x")
        assert got.header("location") == "/directory/parcels?taken=1"
    assert ours.node.store.look(lambda look: look.note(sent)) is not None
    back = visitor.get("/directory/parcels/reply")
    assert "attachment" in back.header("content-disposition")
    served.do(receive(theirs.node, None, served.desk.carrying.parcel(back.body)))
    assert theirs.node.store.look(lambda look: look.outbox_peers()) == []

    out = served.do(ours.write(theirs, 1, {10: "timetable"}))
    got = visitor.send("/directory/parcels", "/directory/XB/parcel", {"do": "file"})
    served.do(receive(theirs.node, None, served.desk.carrying.parcel(got.body)))
    assert theirs.node.store.look(lambda look: look.note(out)) is not None


@pytest.mark.soak
def test_sealed_notes_leave_on_paper_while_other_pages_are_answered(served: Any) -> None:
    """Two dozen codes take seconds to draw; the page Today is there meanwhile."""
    visitor, other = served.officer(), served.visitor()
    other.cookies = dict(visitor.cookies)
    served.do(served.ours.write(served.theirs, 1, {10: "timetable"}))
    ended: list[float] = []
    drawing = threading.Thread(
        target=lambda: (visitor.send("/directory/parcels", "/directory/XB/parcel", {"do": "sheets"}), ended.append(1))
    )
    drawing.start()
    answered = 0
    while not ended:
        assert other.get("/today").status == 200
        answered += 1
    drawing.join()
    assert answered > 1
    sheets = visitor.send("/directory/parcels", "/directory/XB/parcel", {"do": "sheets"})
    assert sheets.body.count(b"<svg") >= 20
    assert sheets.header("content-security-policy") == "default-src 'none'; sandbox; frame-ancestors 'none'"


@pytest.mark.parametrize("content", [b"", b"none", b"\x89PARLEY1\r\n\x1a\n" + b"\0" * 90])
def test_a_file_that_is_no_parcel_is_named(desk: Any, content: bytes) -> None:
    _, visitor = desk
    token = visitor.get("/directory/parcels").hidden("token")
    got = visitor.upload("/directory/parcels", content, {"token": token})
    assert got.status == 422
    assert "nothing was changed" in got.plain or "parcel" in got.plain or "file" in got.plain


# -- an officer's hour


@pytest.fixture(scope="module")
def abroad(alone: Any) -> Iterator[tuple[Any, Any]]:
    """We are in Geneva; XC is in Kathmandu, where Saturday is the weekend; 2017-05-12 is a Friday."""
    with alone() as served:
        ours, clock = served.ours, served.ours.clock
        other = SimulatedParty("XC", clock)

        def office(party: SimulatedParty, **changes: Any) -> tuple[Any, ...]:
            return (msgspec.structs.replace(party.particulars.offices[0], **changes),)

        there = office(other, time_zone="Asia/Kathmandu", hours="10:00-13:00", weekend=(6,))
        other.particulars = other.keys.particulars(clock(), offices=there)
        served.do(other.start())
        served.do(ours.meet(other))
        clock.sleep(1000)
        here = ours.keys.particulars(clock(), ours.particulars, offices=office(ours, time_zone="Europe/Zurich"))
        served.do(particulars.adopt_own(ours.node, ours.keys.signed(here), "registrar"))
        served.do(settle(ours, served.theirs, other))
        yield served, served.officer("amal")


OPENS = {
    "ar": ("مغلق الآن", "الأحد 10:00"), "zh": ("现在无人", "周日 10:00"), "en": ("closed now", "Sun 10:00"),
    "fr": ("fermé maintenant", "dim. 10:00"), "ru": ("сейчас закрыто", "вс 10:00"),
    "es": ("cerrado ahora", "dom 10:00"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_open_or_closed_and_when_that_changes_is_said_in_every_language(abroad: Any, language: str) -> None:
    """At 14:0x in Kathmandu on a Friday the office is closed until Sunday: Saturday is its weekend."""
    _, visitor = abroad
    visitor.language = language
    page = visitor.get("/directory").plain
    state, opens = OPENS[language]
    assert state in page
    assert opens in page.replace("\u2068", "").replace("\u2069", "")


def test_an_instant_is_shown_on_our_clock_on_theirs_and_in_utc_with_its_group(abroad: Any) -> None:
    served, visitor = abroad
    visitor.language = "en"
    note = served.do(served.ours.write("XC", 1, {10: "timetable"})).hex()
    at = served.ours.node.store.look(lambda look: look.note(bytes.fromhex(note))).stored_at
    minute = at // 60_000 % 60
    page = visitor.get("/directory/XC").plain
    assert f"2017-05-12 08:{minute:02} UTC 1208{minute:02}Z MAY 17" in page
    assert f"here Fri 10:{minute:02}" in page
    quarter = 45 + minute
    assert f"there Fri {13 + quarter // 60}:{quarter % 60:02}" in page
    shown = visitor.get(f"/notes/{note}").plain
    assert "(Zurich)" in shown
    assert "(Kathmandu)" in shown


def test_the_map_has_a_place_for_everybody_and_names_it(abroad: Any) -> None:
    """Exercise parties stand below the land, whatever zone they name; each mark says in words what it shows."""
    _, visitor = abroad
    visitor.language = "en"
    page = visitor.get("/directory").text
    labels = re.findall(r'<a href="/directory/(X[A-C])" aria-label="([^"]+)"', page)
    assert [code for code, _ in labels] == ["XA", "XB", "XC"]
    assert all(re.search(r": \w+ \d\d:\d\d, (open|closed) now", label) for _, label in labels)


# -- what passed between a party and us


class QuietBell:
    """A bell whose command works, or says why not."""

    def __init__(self, failure: str = "") -> None:
        self.failure = failure

    async def ring(self) -> str:
        return self.failure


def test_a_partys_page_shows_its_notes_report_card_link_checks_and_rings(served: Any) -> None:
    """Cells of the card say a time, a word or which kind of nothing; a ring that failed says so."""
    visitor, ours, theirs = served.officer(), served.ours, served.theirs
    page = visitor.get("/directory/XB").plain
    assert "No drill has asked this party yet" in page
    assert "No note of its has rung here" in page
    ours.node.bell, ours.node.exercises_ring = QuietBell("exit code 3"), frozenset({"XB"})
    wanted = drill.Wanted(name="Weekly <check>", first_at=ours.clock() + 1000, officer="amal", to=("XB/duty",))
    kept = served.do(drill.schedule(ours.node, wanted))
    run = served.do(drill_run.compose_run(ours.node, kept.id, officer="amal", now_at_once=True))
    signed = [ours.keys.sign_note(one.payload) for one in run.composed]
    served.do(drill_run.release_run(ours.node, kept.id, run.number, run.due_at, signed, {}, "amal"))
    served.do(settle(ours, theirs))
    lines = fill(load().form(11), [(n, {"XE": "XA", "XA": "XB"}.get(code, code)) for n, code in WORM])
    note = served.note_from_them(form=11, lines=lines, precedence=3)
    served.do(bell.ring_waiting(ours.node))
    got = visitor.get("/directory/XB")
    assert "/line?party=XB" in got.text
    assert "Weekly &lt;check&gt;" in got.text
    assert re.search(r"Durable at its node after (< 1|\d+) s", got.plain)
    assert "Read by a person after no answer yet" in got.plain
    assert "A call was answered not asked" in got.plain
    assert "sent: link check" in got.plain
    assert f"/notes/{note}" in got.text
    assert "exit code 3" in got.plain
    assert "no answer yet" in visitor.get("/directory").plain


def test_whoever_reads_no_notes_sees_who_a_party_is_and_nothing_that_passed(served: Any) -> None:
    note = served.note_from_them()
    served.grant_all()
    administrator, registrar = served.officer("administrator"), served.officer("registrar")
    got = administrator.get("/directory/XB")
    assert got.status == 200
    assert note[:8] not in got.text
    assert "Link checks" not in got.plain
    assert "Suspend the line" not in got.plain
    assert "Suspend the line" in registrar.get("/directory/XB").plain


def test_our_own_particulars_are_shown_handed_out_and_their_end_is_told(served: Any) -> None:
    visitor, node = served.officer(), served.ours.node
    assert "propose the next ones" not in visitor.get("/directory/XA").plain
    file = visitor.get("/directory/XA/particulars")
    assert file.body == particulars.at_hand(node, "XA")
    assert file.header("content-disposition") == 'attachment; filename="particulars-XA.parley"'
    assert visitor.get("/directory/XZ/particulars").status == 404
    served.ours.clock.sleep(340 * DAY)
    visitor = served.sign_in(visitor=visitor)
    assert "propose the next ones" in visitor.get("/directory/XA").plain


def test_a_session_that_ends_in_the_middle_loses_no_digit_and_takes_no_file(served: Any) -> None:
    """What was typed is kept in the sign-in page; a file is asked for again, and nothing was decided."""
    visitor = served.officer()
    _, signed = made(served, "XC")
    bring(visitor, signed)
    form = decision(visitor, "XC", heard=digits(signed))
    token = visitor.get("/directory/bring").hidden("token")
    served.do(sessions.end_all(served.ours.node, "amal"))
    got = visitor.post("/directory/XC/accept", form)
    assert got.status == 401
    assert f"heard={digits(signed).replace(' ', '+')}" in got.hidden("kept")
    assert visitor.upload("/directory/bring", made(served, "XD")[1], {"token": token}).status == 401
    assert "XC" not in served.ours.node.directory.parties
    assert particulars.offered(served.ours.node) == ["XC"]
