"""A program that asks again: the same key and request give the same answer and one effect, whatever happens between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.desk import repeats
from parley.line.ports import Look
from parley.seal import SealProblem

REASONS = ("timetable", "drill", "after-outage")
DAY = 86_400_000


def body(reason: str = "timetable") -> dict[str, Any]:
    return {"form": 1, "to": ["XB/duty"], "lines": {"10": reason}, "exercise": True}


def post(served: Any, key: str, reason: str = "timetable", **more: Any) -> Any:
    return served.ask("POST", "/v1/drafts", body(reason), Idempotency_Key=key, **more)


def drafts(served: Any) -> list[str]:
    return [one["draft"] for one in served.ask("GET", "/v1/drafts").value["drafts"]]


def same(first: Any, second: Any) -> bool:
    """Status, body, and every header that says something of the answer."""
    return (first.status, first.body, first.headers) == (second.status, second.body, second.headers)


def test_the_same_request_again_gives_the_same_answer_and_one_draft(alone: Any) -> None:
    with alone() as served:
        first = post(served, "a")
        served.ours.clock.sleep(60_000)
        assert same(first, post(served, "a"))
        assert drafts(served) == [first.value["draft"]]
        other = post(served, "b")
        assert other.value["draft"] != first.value["draft"]
        assert len(drafts(served)) == 2


def test_another_request_under_the_same_key_is_refused(alone: Any) -> None:
    with alone() as served:
        first = post(served, "a")
        got = post(served, "a", "drill")
        assert (got.status, got.value["key"]) == (422, "desk.key_reused")
        note = served.note_from_them()
        reply = {"form": 2, "lines": {"10": "clear"}}
        got = served.ask("POST", f"/v1/notes/{note}/replies", reply, Idempotency_Key="a")
        assert (got.status, got.value["key"]) == (422, "desk.key_reused")
        assert drafts(served) == [first.value["draft"]]


def test_two_tokens_never_share_a_key(alone: Any) -> None:
    with alone() as served:
        first = post(served, "a")
        second = post(served, "a", token=served.token("draft"))
        assert second.status == 201
        assert second.value["draft"] != first.value["draft"]


def test_an_answer_outlives_what_it_was_about(alone: Any) -> None:
    """The draft was thrown away meanwhile: the repeated request still did what its answer says, and no more."""
    with alone() as served:
        first = post(served, "a")
        address = f"/v1/drafts/{first.value['draft']}"
        gone = served.ask("DELETE", address, If_Match=first.headers["etag"], Idempotency_Key="gone")
        assert gone.status == 204
        assert same(first, post(served, "a"))
        assert same(gone, served.ask("DELETE", address, If_Match=first.headers["etag"], Idempotency_Key="gone"))
        assert drafts(served) == []
        assert served.ask("DELETE", address, If_Match=first.headers["etag"]).status == 404


def test_a_change_that_is_repeated_is_made_once(alone: Any) -> None:
    with alone() as served:
        made = post(served, "a")
        address, version = f"/v1/drafts/{made.value['draft']}", made.headers["etag"]
        change = {"lines": {"10": "drill"}}
        first = served.ask("PATCH", address, change, If_Match=version, Idempotency_Key="c")
        assert (first.status, first.value["lines"]) == (200, {"10": ["drill"]})
        assert same(first, served.ask("PATCH", address, change, If_Match=version, Idempotency_Key="c"))
        # Without a key the second one learns that somebody changed the draft: it was itself.
        got = served.ask("PATCH", address, change, If_Match=version)
        assert (got.status, got.value["key"]) == (412, "desk.draft_changed")
        assert served.ask("PATCH", address, change).value["key"] == "door.no_version"
        assert served.ask("PATCH", address, change, If_Match="*").status == 428


def test_a_change_keeps_what_it_does_not_name(alone: Any) -> None:
    with alone() as served:
        made = served.draft(precedence="priority", answer_by=served.ours.clock() + DAY)
        address = f"/v1/drafts/{made.value['draft']}"
        changed = served.ask("PATCH", address, {"exercise": False}, If_Match=made.headers["etag"])
        kept = {name: value for name, value in made.value.items() if name not in ("version", "exercise")}
        assert {name: changed.value[name] for name in kept} == kept
        assert changed.value["exercise"] is False
        undone = served.ask("PATCH", address, {"precedence": None, "answer_by": None}, If_Match=changed.headers["etag"])
        assert (undone.value["precedence"], undone.value["answer_by"]) == (None, None)
        bare = served.ask("PATCH", address, {"without": [10]}, If_Match=undone.headers["etag"])
        assert bare.value["lines"] == {}


def test_the_codes_that_go_in_are_the_codes_that_come_out(served: Any) -> None:
    """Every kind of line that the forms for requests have, own words and a kind of nothing among them."""
    lines = {
        "10": "stop-traffic", "11": "XB", "12": "from-territory", "13": "icd_203.likely", "15": ["XA"],
        "16": ["health"], "17": ["data.encrypted"], "18": "began 2017-05-12T07:44Z", "19": "going-on",
        "23": ["13c", "13h"],
    }  # fmt: skip
    made = served.ask(
        "POST", "/v1/drafts", {"form": 11, "to": ["XB/duty"], "lines": lines, "exercise": True}, Idempotency_Key="codes"
    )
    assert made.status == 201, made
    given = {number: code if isinstance(code, list) else [code] for number, code in lines.items()}
    assert made.value["lines"] == given
    page = served.ask("GET", f"/v1/drafts/{made.value['draft']}/page")
    assert page.status == 200, page
    assert "[stop-traffic]" in page.value["text"]


def test_own_words_come_out_as_they_went_in(served: Any) -> None:
    fields = {"form": 90, "to": ["XB/duty"], "lines": {"10": "other", "12": "nothing"}, "exercise": True}
    words = {"11": "One paragraph.\nAnd another."}
    made = served.ask("POST", "/v1/drafts", {**fields, "words": words}, Idempotency_Key="words")
    assert made.status == 201, made
    assert made.value["words"] == words


@pytest.mark.parametrize(
    "header", [{}, {"Idempotency_Key": ""}, {"Idempotency_Key": "a" * 201}, {"Idempotency_Key": "a b"}]
)
def test_a_new_thing_needs_a_key_that_fits(served: Any, header: dict[str, str]) -> None:
    got = served.ask("POST", "/v1/drafts", body(), **header)
    assert (got.status, got.value["key"]) == (400, "door.no_key")


def test_twenty_at_once_have_one_effect_and_one_answer(alone: Any) -> None:
    with alone() as served:
        assert served.all_scopes  # made before the race
        with ThreadPoolExecutor(20) as many:
            answers = list(many.map(lambda _: post(served, "race"), range(20)))
        assert {one.status for one in answers} == {201}
        assert len({one.body for one in answers}) == 1
        assert len(drafts(served)) == 1


def test_of_two_different_requests_at_once_one_has_an_effect(alone: Any) -> None:
    with alone() as served:
        assert served.all_scopes  # made before the race
        with ThreadPoolExecutor(12) as many:
            answers = list(many.map(lambda n: post(served, "race", REASONS[n % 3]), range(12)))
        done = {one.body for one in answers if one.status == 201}
        assert len(done) == 1
        assert {one.value["key"] for one in answers if one.status != 201} == {"desk.key_reused"}
        assert len(drafts(served)) == 1


def test_changes_at_once_to_one_version_have_one_winner(alone: Any) -> None:
    with alone() as served:
        made = post(served, "a")
        address, version = f"/v1/drafts/{made.value['draft']}", made.headers["etag"]

        def change(number: int) -> Any:
            return served.ask("PATCH", address, {"lines": {"10": REASONS[number % 3]}}, If_Match=version)

        with ThreadPoolExecutor(12) as many:
            answers = list(many.map(change, range(12)))
        assert sorted(one.status for one in answers) == [200, *[412] * 11]
        winner = next(one for one in answers if one.status == 200)
        assert served.ask("GET", address).body == winner.body


@pytest.mark.parametrize("moment", ["before the answer is kept", "after the answer is kept"])
def test_a_unit_that_fails_leaves_neither_draft_nor_answer(
    alone: Any, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are one unit. What a killed process leaves is tested with a real one (test_real_node)."""
    keep = repeats.keep

    def broken(*arguments: Any) -> None:
        if moment.startswith("after"):
            keep(*arguments)
        raise RuntimeError("the unit is undone")

    with alone() as served:
        monkeypatch.setattr(repeats, "keep", broken)
        assert post(served, "a").status == 500
        assert served.ours.node.store.look(_kept) == 0
        monkeypatch.setattr(repeats, "keep", keep)
        again = post(served, "a")
        assert again.status == 201
        assert drafts(served) == [again.value["draft"]]
        assert served.ours.node.store.look(_kept) == 2


def _kept(look: Look) -> int:
    return len(look.records(repeats.KIND)) + len(look.records("draft"))


def test_what_is_kept_of_an_answer_cannot_be_read_without_the_archive_passphrase(alone: Any) -> None:
    with alone() as served:
        post(served, "a")
        ((where, value),) = served.ours.node.store.look(lambda look: look.records(repeats.KIND))
        assert b"timetable" not in value
        assert b"XB" not in value
        assert where.split(" ")[1] != "a"


def test_an_answer_is_kept_for_a_week(alone: Any) -> None:
    with alone() as served:
        first = post(served, "a")
        served.ours.clock.sleep(6 * DAY)
        assert served.do(repeats.forget_old(served.ours.node)) == 0
        assert same(first, post(served, "a"))
        served.ours.clock.sleep(2 * DAY)
        assert served.do(repeats.forget_old(served.ours.node)) == 1
        assert not same(first, post(served, "a"))
        assert len(drafts(served)) == 2


def test_an_answer_moved_under_another_key_is_not_believed(alone: Any) -> None:
    """What is kept is bound to its place: a database that somebody rearranged answers nothing."""
    with alone() as served:
        post(served, "a")
        node = served.ours.node
        ((_, value),) = node.store.look(lambda look: look.records(repeats.KIND))
        where = repeats.place("0" * 8, "b")
        served.do(node.store.write(lambda tx: tx.put(repeats.KIND, where, value), point="test"))
        with pytest.raises(SealProblem):
            repeats.recall(node, where, bytes(32))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(REASONS)), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_whatever_is_repeated_in_whatever_order(served: Any, asked: list[tuple[str, str]]) -> None:
    """A model: the first request under a key is the one that counts."""
    token = served.token("draft")
    first: dict[str, tuple[str, Any]] = {}
    for key, reason in asked:
        got = post(served, key, reason, token=token)
        known = first.setdefault(key, (reason, got))
        assert same(got, known[1]) if reason == known[0] else got.status == 422
    listed = served.ask("GET", "/v1/drafts", token=token).value["drafts"]
    assert sorted(one["draft"] for one in listed) == sorted(got.value["draft"] for _, got in first.values())
