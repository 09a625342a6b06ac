"""Today, Line and what stands beside the notes: proposals, the bell and its e-mail, filters, conversations outside."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from parley.desk import draft, talks, watch
from parley.desk.fill import fill
from parley.desk.handover import handover
from parley.forms import load
from parley.terms.languages import LANGUAGES
from parley.testing import settle

WORM = [
    (10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
    (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"), (23, "13h"),
]  # fmt: skip
MINUTE = 60_000


class Ringing:
    """A bell, or a mail server, that fails with `failure`."""

    def __init__(self, failure: str = "") -> None:
        self.failure, self.rung = failure, 0

    async def ring(self) -> str:
        self.rung += 1
        return self.failure


# -- proposals


def waiting(served: Any, **fields: Any) -> str:
    """A note of ours that nobody takes: the link is down, and its clocks run out."""
    lines = fill(load().form(11), WORM)
    note: str = served.do(served.ours.write(served.theirs, 11, lines, precedence=3, **fields)).hex()
    served.ours.clock.sleep(12 * MINUTE)
    served.do(watch.ring_due(served.ours.node))
    return note


def test_a_call_is_proposed_with_its_reason_its_number_and_since_when(served: Any) -> None:
    visitor = served.officer()
    assert "Proposed" not in visitor.get("/today").plain
    note = waiting(served)
    page = visitor.get("/today")
    part = page.text.partition('class="proposed"')[2].partition("</section>")[0]
    assert "not taken yet" in part
    assert f"/notes/{note}" in part
    assert re.search(r'<time dir="ltr" datetime="2017-05-12T\d\d:12:00Z">', part)
    assert "Nothing was done by itself" in page.plain
    assert f"/notes/{note}" in visitor.get("/line?open=proposed").text


def test_a_proposal_ends_by_itself_when_what_it_awaits_has_come(served: Any) -> None:
    visitor, note = served.officer(), waiting(served)
    assert f"/notes/{note}" in visitor.get("/line?open=proposed").text
    served.do(settle(served.ours, served.theirs))
    assert 'class="proposed"' not in visitor.get("/today").text
    assert f"/notes/{note}" not in visitor.get("/line?open=proposed").text


def test_who_reads_no_notes_is_proposed_nothing(served: Any) -> None:
    served.grant_all()
    waiting(served)
    assert 'class="proposed"' not in served.officer("administrator").get("/today").text
    assert 'class="proposed"' in served.officer("observer").get("/today").text


# -- the bell


def test_an_officer_rings_the_bell_and_says_whether_it_was_heard(served: Any) -> None:
    visitor, made = served.officer(), Ringing()
    assert "No command is set" in visitor.get("/bell").plain
    served.ours.node.bell = made
    assert "never tested" in visitor.get("/today").plain
    for do, expected in (("ring", "nobody has said yet"), ("not-heard", "nobody heard it"), ("heard", "it was heard")):
        assert visitor.send("/bell", "/bell", {"do": do}).status == 303
        assert expected in visitor.get("/bell").plain
    made.failure = "exit code 3"
    visitor.send("/bell", "/bell", {"do": "ring"})
    assert "failed exit code 3" in visitor.get("/bell").plain
    assert made.rung == 2
    assert visitor.send("/bell", "/bell", {"do": "explode"}).status == 422


def test_the_e_mail_is_tried_and_what_failed_stands_on_today(served: Any) -> None:
    visitor, made = served.officer(), Ringing("bearer.mail_later")
    assert visitor.send("/bell", "/bell", {"do": "send"}).status == 422  # none is set
    served.ours.node.alert = made
    visitor.send("/bell", "/bell", {"do": "send"})
    assert "bearer.mail_later" in visitor.get("/bell").plain
    from parley.desk import alert

    served.ours.node.exercises_ring = frozenset({"XB"})
    served.note_from_them(precedence=3)
    served.do(alert.send_waiting(served.ours.node))
    assert "did not leave" in visitor.get("/today").plain
    assert "attempts that failed: 1 bearer.mail_later" in visitor.get("/bell").plain
    made.failure = ""
    served.ours.clock.sleep(MINUTE)
    served.do(alert.send_waiting(served.ours.node))
    assert "did not leave" not in visitor.get("/today").plain


# -- filters


@pytest.fixture(scope="module")
def three(alone: Any) -> Any:
    """One correspondence each: a link check of theirs; a request of ours, taken; one of ours a day later."""
    with alone() as served:
        check = served.note_from_them()
        taken = served.note_of_ours(11, fill(load().form(11), WORM))
        served.ours.clock.sleep(86_400_000)
        later = served.do(served.ours.write(served.theirs, 1, {10: "timetable"})).hex()
        yield served.officer(), {"check": check, "taken": taken, "later": later}


FILTERS: dict[str, tuple[dict[str, str], set[str]]] = {
    "nothing": ({}, {"check", "taken", "later"}),
    "a form": ({"form": "11"}, {"taken"}),
    "a form that never came": ({"form": "40"}, set()),
    "where it stands": ({"state": "delivery.queued"}, {"later"}),
    "a read-back that was declined": ({"state": "understanding.declined"}, set()),
    "from a day on": ({"since": "2017-05-13"}, {"later"}),
    "until a day": ({"until": "2017-05-12"}, {"check", "taken"}),
    "a day and a form together": ({"until": "2017-05-12", "form": "1"}, {"check"}),
    "no value of any": ({"state": "delivery.__class__", "since": "soon", "form": "x"}, {"check", "taken", "later"}),
    "a party": ({"party": "XB"}, {"check", "taken", "later"}),
    "another party": ({"party": "XC"}, set()),
    "what is real": ({"kind": "real"}, set()),
    "what others owe": ({"open": "theirs"}, {"taken", "later"}),
}


@pytest.mark.parametrize("case", FILTERS)
def test_the_line_is_narrowed_by_what_an_officer_looks_for(three: Any, case: str) -> None:
    visitor, ids = three
    wanted, expected = FILTERS[case]
    page = visitor.get("/line?" + urlencode(wanted))
    assert page.status == 200
    assert {name for name, note in ids.items() if f'href="/notes/{note}"' in page.text} == expected


def test_a_long_line_is_paged_and_keeps_its_filters(three: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from parley.doors.web.pages import line

    monkeypatch.setattr(line, "SHOWN", 1)
    visitor, _ = three
    first = visitor.get("/line?until=2017-05-12")
    assert "Page 1 of 2" in first.plain
    following = re.search(r'<a rel="next" href="([^"]+)"', first.text)
    assert following
    second = visitor.get(following[1].replace("&amp;", "&"))
    assert "Page 2 of 2" in second.plain
    assert 'rel="next"' not in second.text
    assert visitor.get("/line?from=99999999999").status == 200


# -- the life of a note


def test_the_life_shows_failed_attempts_and_the_line_that_came_across_differently(served: Any) -> None:
    """What they were asked and chose stands beside the line; a pause between steps is said."""
    from parley.desk import answer, read, read_back
    from parley.desk.deliver import deliver
    from parley.outside.bearers import BearerProblem

    visitor = served.officer()
    note = served.do(served.ours.write(served.theirs, 11, fill(load().form(11), WORM))).hex()

    class Down:
        kind = "https"

        async def exchange(self, endpoint: Any, parcel: bytes, *, timeout_s: float) -> bytes:
            raise BearerProblem("unreachable", address="there", reason="refused")

    async def fails() -> None:
        with pytest.raises(BearerProblem):
            await deliver(served.ours.node, "XB", Down(), None)  # type: ignore[arg-type]

    served.do(fails())
    page = visitor.get(f"/notes/{note}")
    assert "https attempts: 1, last failure bearer.unreachable" in page.plain
    served.ours.clock.sleep(12 * MINUTE)
    served.do(settle(served.ours, served.theirs))
    theirs = served.theirs.node
    served.do(read.read(theirs, note, "en", officer="boris"))
    right = answer.right_answers(served.ours.node, note)
    asked = read_back.ask(theirs, note, "en")
    given = {one.line: right[one.line] for one in asked}
    wrong = next(one for one in asked if one.line == 10)
    given[10] = next(one.id for one in wrong.options if one.id not in (right[10], "cannot-tell"))
    served.do(read_back.give(theirs, note, given, language="en", role="duty", seconds=9, by_person=True))
    served.do(settle(served.ours, served.theirs))
    page = visitor.get(f"/notes/{note}")
    chosen = next(one.text for one in wrong.options if one.id == given[10])
    assert 'id="line-10" class="otherwise"' in page.text
    assert chosen in page.plain
    assert "after 12 minutes" in page.plain
    assert page.text.count('class="otherwise"') == 1


# -- conversations outside the line

TALK = {
    "origin": "chat", "party": "XB", "began": "2017-05-12T07:40", "ended": "2017-05-12T07:50",
    "took-part": "our duty officer\ntheir watch", "words": "They asked for an hour.", "written-in": "en",
    "reality": "exercise", "marking": "AMBER",
}  # fmt: skip


def kept(visitor: Any, **changes: str) -> Any:
    page = visitor.get("/talks/new?" + urlencode({"about": changes.pop("about", "")}))
    address = "/talks/" + page.text.partition('action="/talks/')[2].partition('"')[0]
    fields = {**TALK, **changes, "token": page.hidden("token"), "about": page.hidden("about")}
    return visitor.post(address, fields), address, fields


def test_a_conversation_is_kept_with_its_origin_and_shown_apart_in_the_thread(served: Any) -> None:
    visitor, note = served.officer(), served.note_from_them()
    got, address, _ = kept(visitor, about=note)
    assert (got.status, got.header("location")) == (303, address)
    page = visitor.get(address).plain
    for said in ("Outside the line", "chat", "our duty officer", "They asked for an hour.", "Entered by amal"):
        assert said in page
    thread = visitor.get(f"/notes/{note}").text
    assert f'href="{address}"' in thread.partition('class="screen talks"')[2]
    assert f'href="{address}"' in visitor.get("/talks").text
    for language in LANGUAGES:
        assert served.visitor(cookies=visitor.cookies, language=language).get(address).status == 200


CLAIMS = ("Digest", "Record of message", 'class="digest"', "parley note ", "/archive")
"""What only a note that came over the line may say of itself."""


def claims(page: str) -> list[str]:
    return [one for one in CLAIMS if one in page]


def test_it_is_never_taken_for_a_note(served: Any) -> None:
    """Neither by its page, nor its address, nor any list or count; nor does it move a conversation or a clock."""
    visitor, note = served.officer(), served.note_from_them()
    node = served.ours.node
    before = (visitor.get("/line").text.count('href="/notes/'), len(node.store.look(lambda look: look.notes())))
    _, address, _ = kept(visitor, about=note)
    talk = address.removeprefix("/talks/")
    assert claims(visitor.get(address).text) == []
    assert claims(visitor.get(f"/notes/{note}").text) != []  # control: a note's page does
    assert visitor.get(f"/notes/{talk}").status == 404
    assert visitor.get(f"/talks/{note}").status == 404
    assert before == (
        visitor.get("/line").text.count('href="/notes/'), len(node.store.look(lambda look: look.notes()))
    )
    assert talk not in str(handover(node, 0))
    assert talk not in {one.note_id.hex() for one in served.do(served.desk.board.entries())}
    assert talk not in visitor.get("/today").text


def test_the_same_record_sent_twice_is_one_and_is_never_changed(served: Any) -> None:
    visitor = served.officer()
    _, address, fields = kept(visitor)
    assert visitor.post(address, fields).status == 303
    assert visitor.post(address, {**fields, "words": "Something else."}).status == 303
    assert "They asked for an hour." in visitor.get(address).plain
    assert len(talks.listed(served.ours.node)) == 1


FAULTY: dict[str, tuple[dict[str, str], str]] = {
    "no party": ({"party": ""}, "With (code of the party)"),
    "a party that is none": ({"party": "<script>"}, "With (code of the party)"),
    "a time to come": ({"began": "2030-01-01T00:00"}, "Began"),
    "an end before the beginning": ({"ended": "2017-05-12T07:00"}, "Ended"),
    "nobody took part": ({"took-part": " \n "}, "Who took part"),
    "no words": ({"words": "  "}, "What was said"),
    "words that turn the writing round": ({"words": "invoice\u202efdp.exe"}, "What was said"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_what_is_missing_is_named_and_what_was_typed_stays(shared: Any, case: str) -> None:
    changes, named = FAULTY[case]
    visitor = shared.officer()
    got, address, _ = kept(visitor, **{"words": "typed <b>words</b>", **changes})
    assert got.status == 422
    assert named in got.plain
    assert "our duty officer" in got.text or "took-part" in changes
    assert "typed &lt;b&gt;words&lt;/b&gt;" in got.text or "words" in changes
    assert visitor.get(address).status == 404


def test_from_a_record_an_oral_record_is_begun_and_nothing_leaves(served: Any) -> None:
    """Form 36 with what fits its lines; a chat is none of its ways, so that line stays empty."""
    visitor = served.officer()
    _, address, _ = kept(visitor, origin="telephone")
    got = visitor.send(address, f"{address}/oral")
    assert got.status == 303
    made = draft.fetch(served.ours.node, got.header("location").removeprefix("/drafts/"))
    assert (made.form, made.to, made.lines[10]) == (36, ("XB/duty",), "telephone")
    assert made.lines[19][1] == "They asked for an hour."
    assert visitor.get(got.header("location")).status == 200
    assert served.ours.node.store.look(lambda look: look.outbox_peers()) == []
    _, chat, _ = kept(visitor)
    other = visitor.send(chat, f"{chat}/oral").header("location")
    assert 10 not in draft.fetch(served.ours.node, other.removeprefix("/drafts/")).lines


def test_a_record_passes_the_marking_gate(served: Any) -> None:
    served.grant_all()
    _, address, _ = kept(served.officer("drafter"), marking="RED")
    observer = served.officer("observer")
    assert observer.get(address).status == 403
    assert address not in observer.get("/talks").text
    assert "Records:" not in observer.get("/line").plain
    assert served.officer("legal").get(address).status == 200
