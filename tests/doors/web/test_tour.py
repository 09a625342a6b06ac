"""The tour of the demonstration's desks: its six steps, its link, and that no other desk knows anything of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from parley.desk.fill import fill
from parley.desk.sign_in import links
from parley.desk.sign_in import tour as visiting
from parley.doors.problems import DoorProblem
from parley.doors.verbs import Verbs
from parley.doors.web.tour import DONE, here, step
from parley.forms import load
from parley.line.conversation import Conversation
from parley.line.note import Precedence
from parley.line.states import Answer, Delivery, Moment, Understanding
from parley.outside.settings import Desk, Tour
from parley.terms.languages import LANGUAGES

WORM = [
    (10, "stop-traffic"), (11, "XB"), (12, "from-territory"), (13, "icd_203.likely"), (15, "XA"), (16, "health"),
    (17, "data.encrypted"), (18, "began 2017-05-12T07:44Z"), (19, "going-on"), (23, "13c"), (23, "13h"),
]  # fmt: skip
BEGUN = Conversation(
    note_id=bytes(32), party="XB", outgoing=True, precedence=Precedence.FLASH, exercise=True, answer_by=None,
    delivery=Delivery.QUEUED, understanding=Understanding.AWAITED, answer=Answer.AWAITED,
)  # fmt: skip
READ = {"delivery": Delivery.READ}
CLARIFIED = {"times": {int(Moment.CLARIFIED): 1}}
STORY = {  # what is known at a desk: which step the sender's shows, and the receiver's
    "no note": (None, 1, 1),
    "queued": ({}, 2, 2),
    "taken and opened": ({"delivery": Delivery.OPENED}, 2, 2),
    "read": (READ, 3, 3),
    "declined": (READ | {"understanding": Understanding.DECLINED}, 3, 3),
    "read back, and nobody told the receiver how": (READ | {"understanding": Understanding.GIVEN}, 6, 4),
    "differs": (READ | {"understanding": Understanding.DIFFERS}, 4, 4),
    "clarified": (READ | CLARIFIED | {"understanding": Understanding.CLARIFIED}, 5, 5),
    "read back again": (READ | CLARIFIED | {"understanding": Understanding.GIVEN}, 6, 6),
    "understood": (READ | {"understanding": Understanding.UNDERSTOOD}, 6, 4),
    "understood at once and in hand": (READ | {"understanding": Understanding.GIVEN, "answer": Answer.IN_HAND}, 6, 6),
    "read back while read is withheld": ({"understanding": Understanding.DIFFERS}, 4, 4),
    "acted": (READ | {"understanding": Understanding.GIVEN, "answer": Answer.ACTED}, DONE, DONE),
    "acted before anybody read back": (READ | {"answer": Answer.ACTED}, DONE, DONE),
}


@pytest.mark.parametrize("case", STORY)
def test_the_step_follows_from_the_conversation_as_it_stands_at_each_side(case: str) -> None:
    known, sender, receiver = STORY[case]
    c = None if known is None else msgspec.structs.replace(BEGUN, **known)
    assert (step(c, "sender"), step(c, "receiver")) == (sender, receiver)


def test_every_step_is_taken_at_one_of_the_two_desks() -> None:
    """The sender writes and clarifies; all else is the receiver's; the end is everybody's."""
    assert [number for number in range(1, 7) if here(number, "sender")] == [1, 4]
    assert [number for number in range(1, 7) if here(number, "receiver")] == [2, 3, 5, 6]
    assert here(DONE, "sender")
    assert here(DONE, "receiver")


@pytest.fixture(scope="module")
def touring(alone: Any) -> Iterator[Any]:
    """A desk as the demonstration's first one."""
    with alone(name="a.localhost", tour=Tour(side="sender", other="http://b.localhost:8472")) as made:
        yield made


def entered(served: Any, **fields: Any) -> Any:
    """A browser in which the link was used."""
    made = served.visitor(host=f"a.localhost:{served.port}", **fields)
    assert made.post(f"/tour/{served.do(visiting.make(served.ours.node, 'amal'))}").status == 303
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tour_stands_on_every_page_in_the_language_of_the_page(touring: Any, language: str) -> None:
    """A visitor here runs no script. Every step has its text at either desk, with both states by name."""
    from parley.doors.web import words

    visitor = entered(touring, language=language)
    names = [load().voice(language).party(code) for code in ("XA", "XB")]
    for path in ("/today", "/line", "/drafts", "/directory", "/journal", "/settings"):
        found = visitor.get(path)
        assert found.text.count('class="tour ') == 1, path
        assert names[0] in found.plain
    for number in range(1, 7):
        for way in ("here", "there"):
            said = words.voice(language).say(f"tour.{way}.{number}", sender=names[0], receiver=names[1])
            assert "{" not in said


def test_the_tour_is_put_away_and_comes_back_where_it_was(touring: Any) -> None:
    visitor = entered(touring)
    assert visitor.send("/line", "/tour", {"do": "hide", "to": "/line"}).header("location") == "/line"
    away = visitor.get("/today")
    assert 'class="tour ' not in away.text
    assert "Show the tour" in away.plain
    visitor.send("/today", "/tour", {"do": "show", "to": "https://evil.example/"})
    assert 'class="tour ' in visitor.get("/today").text


def test_the_tour_leads_to_the_draft_then_to_what_waits_then_to_the_other_desk(alone: Any) -> None:
    with alone(name="a.localhost", tour=Tour(side="sender", other="http://b.localhost:8472")) as served:
        visitor = entered(served)
        assert 'class="button" href="/drafts"' in visitor.get("/today").text
        served.note_of_ours(form=11, lines=fill(load().form(11), WORM), precedence=3)
        page = visitor.get("/today")
        assert "step 2 of 6" in page.plain
        assert "http://b.localhost:8472" in page.plain


def test_looking_at_a_link_uses_nothing_up_and_using_it_does(touring: Any) -> None:
    """Mail scanners and previews look at links; a second click, the back button and a copy come too late."""
    path = f"/tour/{touring.do(visiting.make(touring.ours.node, 'amal'))}"
    first, second = (touring.visitor(host=f"a.localhost:{touring.port}") for _ in range(2))
    assert [first.get(path).status, first.get(path).status] == [200, 200]
    assert first.post(path).header("location") == "/today"
    assert first.get("/today").status == 200
    assert [second.get(path).status, second.post(path).status] == [410, 410]
    assert "press Enter" in second.get(path).plain
    assert second.cookies == {}


def test_a_second_click_on_the_same_button_is_let_in_and_nobody_elses_is(touring: Any) -> None:
    """Whatever the other one sends: another page of the same link, no page, or the first one's, half a minute later."""
    path = f"/tour/{touring.do(visiting.make(touring.ours.node, 'amal'))}"
    first, copy = touring.visitor(), touring.visitor()
    page, other = first.get(path).hidden("page"), copy.get(path).hidden("page")
    assert [first.post(path, {"page": page}).status for _ in range(2)] == [303, 303]
    assert first.get("/today").status == 200
    assert [copy.post(path, {"page": given}).status for given in (other, "", "é<b>")] == [410, 410, 410]
    touring.ours.clock.sleep(visiting.AGAIN_MS)
    assert copy.post(path, {"page": page}).status == 410


def test_a_link_serves_for_half_an_hour(touring: Any) -> None:
    path = f"/tour/{touring.do(visiting.make(touring.ours.node, 'amal'))}"
    visitor = touring.visitor()
    touring.ours.clock.sleep(links.VALID_MS - 1)
    assert visitor.get(path).status == 200
    touring.ours.clock.sleep(1)
    assert [visitor.get(path).status, visitor.post(path).status] == [410, 410]


def test_a_link_from_elsewhere_is_used_by_no_foreign_page(touring: Any) -> None:
    path = f"/tour/{touring.do(visiting.make(touring.ours.node, 'amal'))}"
    assert touring.visitor().post(path, Origin="http://b.localhost:8472").status == 403
    assert touring.visitor().get(path).status == 200


def test_any_other_desk_has_no_tour_on_its_pages_and_lets_nobody_in_by_a_link_alone(shared: Any) -> None:
    """Not even by a link that is in its store, and its door on the machine gives out none."""
    visitor = shared.officer("amal")
    for path in ("/today", "/line", "/drafts", "/drafts/new/11", "/clear", "/directory", "/journal", "/officers",
                 "/settings", "/precedents", "/handover", "/nowhere"):  # fmt: skip
        found = visitor.get(path)
        assert not re.search(r"\btour", found.text, re.I), path
    path = f"/tour/{shared.do(visiting.make(shared.ours.node, 'amal'))}"
    stranger = shared.visitor()
    assert [stranger.get(path).status, stranger.post(path).status] == [404, 404]
    assert stranger.cookies == {}
    assert visitor.send("/today", "/tour", {"do": "hide", "to": "/today"}).status == 404
    verbs = Verbs(shared.ours.node, shared.desk.unlock, desk=f"http://localhost:{shared.port}")
    with pytest.raises(DoorProblem, match="none of the demonstration's"):
        asyncio.run(verbs.do_tour_link("amal"))


@pytest.mark.parametrize(
    "other",
    [
        {"name": "desk.mfa.example"}, {"name": ""}, {"name": "localhost"}, {"name": "a.localhost.example"},
        {"certificate_file": "desk.pem", "key_file": "desk.key"}, {"hosts": ("desk.mfa.example",)},
    ],
)  # fmt: skip
def test_only_a_desk_that_no_other_machine_can_reach_may_be_the_demonstrations(other: dict[str, Any]) -> None:
    given = {"listen": "127.0.0.1:1", "name": "a.localhost", "tour": Tour(side="sender", other="http://b.localhost:2")}
    assert Desk(**given).tour.side == "sender"
    with pytest.raises(ValueError, match=r"\[desk\.tour\]"):
        Desk(**{**given, **other})
