"""The journal in the browser: searched within what an officer may see, verified aside; evidence; legal holds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from parley.clearance import Role
from parley.desk import evidence, find, witness
from parley.desk.verifying import Verifying
from parley.directory import root_digest
from parley.journal import Checkpoint, fork_of_checkpoints, origin, sign_checkpoint
from parley.journal.problems import JournalProblem
from parley.journal.retention import Retention, Rule
from parley.seal import digest
from parley.terms.marking import Tlp
from parley.testing import settle
from tests.doors.web.conftest import until
from tests.doors.web.test_upload import sent as multipart

EDGE = "multipart/form-data; boundary=----edge7"


@pytest.fixture(scope="module")
def house(alone: Any) -> Iterator[tuple[Any, dict[str, Any], dict[str, str]]]:
    """A desk with every role, a RED and an AMBER note of theirs, and one of ours; two checkpoints."""
    with alone() as served:
        served.grant_all()
        visitors = {role.value: served.officer(role.value) for role in Role}
        ids = {"red": served.note_from_them(Tlp.RED), "amber": served.note_from_them(), "ours": served.note_of_ours()}
        visitors["legal"].get(f"/notes/{ids['amber']}?in=fr")
        served.do(witness.checkpoint(served.ours.node))
        yield served, visitors, ids


def hits(page: Any) -> list[str]:
    """What kinds of entries are listed, newest first."""
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"<tr><td>\d+</td><td>.*?</td><td>(.*?)</td>", body)


def test_entries_are_found_by_kind_and_time(house: Any) -> None:
    _, visitors, _ = house
    page = visitors["observer"].get("/journal?kind=NOTE_IN")
    assert hits(page) == ["note received"] * 2
    today = page.text.partition('<time dir="ltr" datetime="')[2][:10]
    assert hits(visitors["observer"].get(f"/journal?kind=NOTE_IN&since={today}&until={today}")) == ["note received"] * 2
    assert hits(visitors["observer"].get("/journal?kind=NOTE_IN&until=2001-01-01")) == []
    assert "No entry fits" in visitors["observer"].get("/journal?kind=NOTE_IN&until=2001-01-01").plain


def test_what_a_party_wrote_is_found_within_what_the_officer_may_see(house: Any) -> None:
    """RED is no search hit for anybody (docs/access.md); of AMBER an observer finds note and receipts; an
    administrator, who reads no notes, finds none of either."""
    _, visitors, ids = house
    for role, notes in (("legal", 2), ("observer", 2), ("administrator", 0)):
        page = visitors[role].get("/journal?party=XB")
        kinds = hits(page)
        assert kinds.count("note received") + kinds.count("note of ours") == notes, role
        assert ids["red"] not in page.text
        assert (ids["amber"] in page.text) is (role != "administrator")
        assert "particulars" in kinds  # public, and so found by everybody


def test_entries_of_notes_name_them_only_to_who_may_see_them(house: Any) -> None:
    _, visitors, ids = house
    assert ids["red"] in visitors["legal"].get("/journal").text
    assert ids["red"] not in visitors["observer"].get("/journal").text
    page = visitors["administrator"].get("/journal").text
    assert ids["red"] not in page
    assert ids["amber"] not in page


def test_an_officer_is_found_by_what_was_read(house: Any) -> None:
    _, visitors, ids = house
    page = visitors["political"].get("/journal?officer=legal")
    assert hits(page) == ["read by a person"]
    assert ids["amber"] in page.text
    assert hits(visitors["political"].get("/journal?officer=observer")) == []


def test_a_serial_leads_to_its_note_and_all_about_it(house: Any) -> None:
    served, visitors, ids = house
    node = served.ours.node
    note = find.open_note(node, find.find(node, ids["ours"]))
    page = visitors["observer"].get(f"/journal?serial={note.recipients[0].serial}&party=XB")
    assert "note of ours" in hits(page)
    assert "receipt received" in hits(page)
    assert "note received" not in hits(page)


@pytest.mark.parametrize("query", ["kind=TRICK", "serial=12a", "serial=-1", "since=yesterday", "until=2026-13-01",
                                   "before=x", "kind=%3Cscript%3E"])  # fmt: skip
def test_a_filter_that_is_none_is_named_and_shows_nothing(house: Any, query: str) -> None:
    _, visitors, _ = house
    got = visitors["observer"].get(f"/journal?{query}")
    assert got.status == 422
    assert "cannot be looked for here" in got.plain
    assert "<script>" not in got.text
    assert hits(got) == []


def test_the_export_names_nobody_and_holds_what_fits(house: Any) -> None:
    _, visitors, ids = house
    got = visitors["administrator"].get("/journal/table.csv?kind=NOTE_IN&party=XB&officer=legal")
    rows = got.text.removeprefix("\ufeff").splitlines()
    assert rows[0] == "index,kind,at,sha-256 of its object"
    assert [row.split(",")[1] for row in rows[1:]] == ["NOTE_IN"] * 2
    assert "XB" not in got.text
    assert ids["amber"][:16] not in got.text


def test_a_long_journal_is_shown_part_by_part(house: Any) -> None:
    served, visitors, _ = house
    page = visitors["observer"].get("/journal")
    size = served.ours.node.store.look(lambda look: look.leaf_count())
    if size > 50:
        assert "before=" in page.text
    got = visitors["observer"].get("/journal?before=3")
    assert re.findall(r"<tr><td>(\d+)</td>", got.text) == ["2", "1", "0"]
    assert visitors["observer"].get("/journal?before=0").status == 200


# -- verifying


def ended(visitor: Any) -> str:
    """The page of the verification, once it shows no progress any more."""
    text = str(visitor.get("/journal/verify").text)
    return "" if "<progress" in text else text


def test_the_whole_journal_is_verified_aside_and_the_page_says_what_came_of_it(house: Any) -> None:
    _, visitors, _ = house
    got = visitors["observer"].send("/journal/verify", "/journal/verify")
    assert (got.status, got.header("location")) == (303, "/journal/verify")
    page = until(lambda: ended(visitors["legal"]))
    assert "nothing was changed" in page
    assert "observer" in page


def test_two_who_begin_at_once_share_one_verification_and_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification that takes long, played by one that waits: the loop still turns, and who asks sees how far."""
    import threading

    goes, counted = threading.Event(), threading.Event()

    def slow(node: Any, told: Any) -> dict[str, Any]:
        told(4096)
        counted.set()
        assert goes.wait(20)
        return {"entries": 9000, "checkpoints": 1, "incarnations": 1, "destroyed": 0}

    class Node:
        class store:
            @staticmethod
            def look(read: Any) -> int:
                return 9000

        @staticmethod
        def clock() -> int:
            return 1

    async def scene() -> None:
        verifying = Verifying(Node())  # type: ignore[arg-type]
        monkeypatch.setattr("parley.desk.archive.verify_own", slow)
        first, second = verifying.begin("amal"), verifying.begin("basma")
        assert (first.by, second.by) == ("amal", "amal")
        await asyncio.to_thread(counted.wait, 20)
        assert verifying.last is not None
        assert (verifying.runs, verifying.last.counted, verifying.last.size) == (True, 4096, 9000)
        goes.set()
        ended = await verifying.ended()
        assert ended is not None
        assert ended.found is not None
        assert (ended.found["entries"], ended.ended_at, verifying.runs) == (9000, 1, False)

    asyncio.run(scene())


def test_what_does_not_fit_is_said_with_its_problem(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(node: Any, told: Any) -> Any:
        raise JournalProblem("not_consistent", old=1, new=2)

    monkeypatch.setattr("parley.desk.archive.verify_own", broken)
    visitor = served.officer()
    visitor.send("/journal/verify", "/journal/verify")
    page = until(lambda: ended(visitor))
    assert 'role="alert"' in page
    assert "nothing was changed" not in page


# -- checkpoints and evidence


def heads_of_theirs(served: Any, size: int = 3) -> list[str]:
    """Two heads of one size that XB's node signed: two faces of one journal."""
    journal, now = origin("XB", served.theirs.node.incarnation), served.ours.clock()
    key = served.theirs.keys.node
    return [sign_checkpoint(Checkpoint(journal, size, digest(word)), key, now) for word in (b"one", b"two")]


def fork(served: Any) -> bytes:
    one, two = heads_of_theirs(served)
    return fork_of_checkpoints(one, two, "XB", evidence.chain_of(served.ours.node, "XB")).to_bytes()


def bring(visitor: Any, data: bytes, root: str = "", name: str = "a.cbor") -> Any:
    token = visitor.get("/journal/evidence").hidden("token").encode()
    head = f'name="file"; filename="{name}"'
    body = multipart(('name="token"', token), ('name="root"', root.encode()), (head, data))
    headers = {"Content-Type": EDGE, "Origin": f"http://{visitor.host}"}
    return visitor.ask("POST", "/journal/evidence", body, **headers)


def test_our_checkpoints_are_listed_and_saved_and_those_of_others_too(house: Any) -> None:
    _, visitors, _ = house
    page = visitors["observer"].get("/journal/checkpoints")
    place = re.search(r'href="(/journal/checkpoints/XA/[0-9a-f]{32}/\d+)"', page.text)
    assert place
    got = visitors["observer"].get(place[1])
    assert got.text.startswith("parley/XA/")
    assert got.header("content-disposition").startswith("attachment")
    assert visitors["observer"].get("/journal/checkpoints/XA/00/1").status == 404
    assert bring(visitors["observer"], got.body).plain.count("The same tree is known here.") == 1


def test_evidence_that_is_brought_is_verified_kept_and_handed_out_again(served: Any) -> None:
    visitor, data = served.officer(), fork(served)
    got = bring(visitor, data, name="../../<b>x</b>")
    assert got.status == 200
    assert "It is kept here." in got.plain
    assert bring(visitor, data).status == 200  # twice is once
    assert len(evidence.listed(served.ours.node)) == 1
    page = visitor.get("/journal/evidence/1")
    assert "two faces of one journal" in page.plain
    assert visitor.get("/journal/evidence/1/file").body == data
    assert visitor.get("/journal/evidence/2").status == 404
    assert visitor.get("/journal/evidence/x").status == 404


def test_a_checkpoint_that_contradicts_what_is_known_becomes_evidence(served: Any) -> None:
    """Their journal was cosigned here; somebody brings another face of the same size."""
    served.note_from_them()
    served.do(witness.checkpoint(served.theirs.node))
    (item,) = witness.show_to(served.theirs.node, "XA")
    served.do(witness.cosign_for(served.ours.node, "XB", item[1]))
    (known,) = witness.cosigned_of_others(served.ours.node)
    visitor = served.officer()
    other = heads_of_theirs(served, known.size)[0].encode()
    assert "The same tree is known here." in bring(visitor, known.text.encode()).plain
    assert evidence.listed(served.ours.node) == []
    assert "the two together are evidence" in bring(visitor, other).plain
    assert [one.kind for one in evidence.listed(served.ours.node)] == ["checkpoints"]
    longer = heads_of_theirs(served, known.size + 5)[0].encode()
    assert "asked for a proof" in bring(visitor, longer).plain
    assert "Not proved to fit" in visitor.get("/journal/checkpoints").plain


def broken(served: Any) -> dict[str, tuple[bytes, str]]:
    good, root = fork(served), served.theirs.particulars
    whose = root_digest("XB", root.roots, root.threshold).hex()
    return {
        "nothing": (b"", ""),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), ""),
        "a page": (b"<html><script>alert(1)</script>", ""),
        "evidence cut short": (good[:-20], ""),
        "evidence with one bit turned": (good[:200] + bytes([good[200] ^ 1]) + good[201:], ""),
        "a root that is none": (good, "abc"),
        "a root with markup": (good, "<b>" + whose),
        "a checkpoint that nobody signed": (b"parley/XB/" + b"0" * 32 + b"\n3\nAAAA\n", ""),
        "a checkpoint in no text": (b"parley/XB/\xff\xfe", ""),
        "a checkpoint of a stranger": (heads_of_theirs(served)[0].replace("/XB/", "/XD/").encode(), ""),
    }


CASES = ["nothing", "a picture", "a page", "evidence cut short", "evidence with one bit turned", "a root that is none",
         "a root with markup", "a checkpoint that nobody signed", "a checkpoint in no text",
         "a checkpoint of a stranger"]  # fmt: skip


def test_a_file_that_proves_nothing_is_named_and_nothing_is_kept(served: Any) -> None:
    visitor, each = served.officer(language="es"), broken(served)
    assert list(each) == CASES
    for case, (data, root) in each.items():
        got = bring(visitor, data, root)
        assert got.status == 422, (case, got.status, got.plain[-200:])
        assert 'role="alert"' in got.text, case
        assert "<script>alert" not in got.text, case
    assert evidence.listed(served.ours.node) == []
    assert bring(visitor, fork(served)).status == 200  # the control


def test_a_file_that_is_too_large_or_from_nobody_is_not_read(served: Any) -> None:
    visitor = served.officer()
    got = bring(visitor, bytes(18 << 20))
    assert got.status == 413
    assert "17825792" in got.plain
    stranger = served.visitor()
    headers = {"Content-Type": EDGE, "Origin": f"http://{stranger.host}"}
    body = multipart(('name="file"; filename="a"', b"x"))
    assert stranger.ask("POST", "/journal/evidence", body, **headers).status == 401
    assert visitor.ask("POST", "/journal/evidence", body, **headers).status == 403  # without the page's token
    assert visitor.post("/journal/evidence", {"token": "x"}).status == 400  # a form without a file


# -- retention


def test_holds_are_placed_and_lifted_with_a_reason_and_twice_is_told(house: Any) -> None:
    _, visitors, ids = house
    legal, page = visitors["legal"], "/journal/retention"
    assert legal.send(page, f"{page}/hold", {"what": "XB", "why": "Order 7 <b>of</b> the court"}).status == 303
    thread = {"what": ids["amber"][:12], "thread": "yes", "why": "Order 8"}
    assert legal.send(page, f"{page}/hold", thread).status == 303
    text = legal.get(page).text
    assert "party XB" in text
    assert "Order 7 &lt;b&gt;of&lt;/b&gt; the court" in text
    assert "thread " in text
    assert legal.send(page, f"{page}/lift", {"what": "party XB", "why": "Order 9"}).status == 303
    again = legal.send(page, f"{page}/lift", {"what": "party XB", "why": "Order 9"})
    assert again.status == 422
    assert "Nothing is held under" in again.plain
    assert visitors["observer"].get(page).status == 403


@pytest.mark.parametrize(("what", "why"), [("XB", ""), ("XB", "\u202ereason"), ("XB", "x" * 301), ("zz", "why"),
                                           ("0000000000000000", "why"), ("<b>", "why")])  # fmt: skip
def test_a_hold_without_a_reason_or_on_nothing_is_refused_and_what_was_typed_stays(
    house: Any, what: str, why: str
) -> None:
    _, visitors, _ = house
    got = visitors["legal"].send("/journal/retention", "/journal/retention/hold", {"what": what, "why": why})
    assert got.status == 422
    assert 'role="alert"' in got.text
    assert "<b>" not in got.text.partition("<form")[2].partition('name="what"')[2][:30]


def test_what_is_due_is_said_first_and_destroyed_only_when_that_is_asked_for(served: Any) -> None:
    """An exercise of theirs, a rule of one day, two days later; the first button destroys nothing."""
    note = served.note_from_them(form=90, lines={10: "courtesy", 11: ["en", "Good evening."], 12: "nothing"})
    node, visitor, page = served.ours.node, served.officer(), "/journal/retention"
    visitor.get(f"/notes/{note}")  # until somebody has read it, and they know, it is kept
    served.do(settle(served.ours, served.theirs))
    assert "No rule destroys anything" in visitor.get(page).plain
    assert visitor.send(page, page).status == 422  # no rule
    node.retention = Retention(rules=(Rule(name="§ 4 registry", days=1, exercise=True),))
    served.ours.clock.sleep(2 * 86_400_000)
    visitor = served.sign_in(visitor=visitor)
    tried = visitor.send(page, page)
    assert "§ 4 registry : 1" in tried.plain, tried.plain
    assert node.store.look(lambda look: look.note(bytes.fromhex(note))).body is not None
    done = visitor.post(page, {"token": tried.hidden("token"), "do": "destroy"})
    assert "Destroyed" in done.plain
    assert node.store.look(lambda look: look.note(bytes.fromhex(note))).body is None
    assert note[:16] in visitor.get(page).text
    again = visitor.post(page, {"token": tried.hidden("token"), "do": "destroy"})  # the button once more
    assert "Nothing is due." in again.plain
