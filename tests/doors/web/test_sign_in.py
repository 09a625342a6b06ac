"""Signing in over HTTP: links, codes, recovery, failures, sessions; what a thief gets; what a draft survives."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.desk.sign_in import account, codes, sessions
from parley.desk.sign_in.attempts import Attempts
from parley.desk.sign_in.problems import SignInProblem

MINUTE = 60_000
PASSPHRASE = "seven words of the tests"


def given(served: Any, **changes: str) -> dict[str, str]:
    """What an officer types."""
    return {"officer": "amal", "passphrase": PASSPHRASE, "code": served.code("amal"), "to": "/line", **changes}


# RFC 6238, appendix B, SHA-1, of which the last six digits are a code of six digits.
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize("seconds", VECTORS)
def test_codes_are_those_of_the_standard(seconds: int) -> None:
    secret = b"12345678901234567890"
    assert codes.code_at(secret, seconds // 30) == VECTORS[seconds]
    assert codes.step_of(secret, VECTORS[seconds], seconds * 1000) == seconds // 30


def test_a_code_may_be_a_step_off_and_no_more_and_is_never_other_digits() -> None:
    secret, now = b"s" * 20, 1_000_000 * codes.STEP_MS
    found = [codes.step_of(secret, codes.code_at(secret, 1_000_000 + off), now) for off in (-2, -1, 0, 1, 2)]
    assert found == [None, 999_999, 1_000_000, 1_000_001, None]
    for typed in ("", "12345", "1234567", "١٢٣٤٥٦", "12345x", "-1e+03"):
        assert codes.step_of(secret, typed, now) is None


def test_an_officer_signs_in_and_goes_on_to_where_the_page_was(served: Any) -> None:
    served.officer("amal")
    served.ours.clock.sleep(MINUTE)
    visitor = served.visitor()
    got = visitor.post("/sign-in", given(served))
    assert (got.status, got.header("location")) == (303, "/line")
    assert visitor.get("/line").status == 200


ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/sign-out"]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_it_never_goes_on_to_elsewhere(served: Any, to: str) -> None:
    served.officer("amal")
    served.ours.clock.sleep(MINUTE)
    assert served.visitor().post("/sign-in", given(served, to=to)).header("location") == "/today"


WRONG = {
    "another officer": {"officer": "basma"}, "no officer": {"officer": ""}, "a name that is none": {"officer": "<b>"},
    "another passphrase": {"passphrase": "seven words of the desk"}, "no passphrase": {"passphrase": ""},
    "another code": {"code": "000000"}, "no code": {"code": ""}, "a recovery code that is none": {"code": "aaaa-bbbb"},
    "a passphrase beyond any length": {"passphrase": "x" * 5000}, "no text at all": {"passphrase": "\x00\x01"},
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_whatever_is_wrong_the_sentence_is_the_same(served: Any, case: str) -> None:
    """Nobody learns which of the three was wrong, nor who has an account."""
    served.officer("amal")
    served.ours.clock.sleep(MINUTE)
    got = served.visitor().post("/sign-in", given(served, **WRONG[case]))
    assert got.status == 422
    assert "do not fit together" in got.plain


def test_a_code_serves_once_whoever_shows_it_again(served: Any) -> None:
    """Also a code from before the last one that was used."""
    served.officer("amal")
    served.ours.clock.sleep(MINUTE)
    seen = given(served)
    before = codes.code_at(served.secrets["amal"], served.ours.clock() // codes.STEP_MS - 1)
    assert served.visitor().post("/sign-in", seen).status == 303
    assert "was used a moment ago" in served.visitor().post("/sign-in", seen).plain
    assert "was used a moment ago" in served.visitor().post("/sign-in", {**seen, "code": before}).plain
    served.ours.clock.sleep(codes.STEP_MS)
    assert served.visitor().post("/sign-in", given(served)).status == 303


def test_a_recovery_code_serves_once_in_place_of_a_code(served: Any) -> None:
    visitor = served.visitor()
    page = served.make_account(visitor, served.link("amal"), "amal").text
    recovery = page.partition("<li><code>")[2].partition("</code>")[0]
    assert served.visitor().post("/sign-in", given(served, code=recovery.upper())).status == 303
    assert served.visitor().post("/sign-in", given(served, code=recovery)).status == 422
    assert "Left: 9." in visitor.get("/settings").plain


# -- links


def test_a_link_serves_once(served: Any) -> None:
    link = served.link("amal")
    assert served.make_account(served.visitor(), link, "amal").status == 200
    got = served.visitor().get(link)
    assert got.status == 410
    assert "parley desk link" in got.plain


def test_a_second_click_on_the_same_button_comes_to_the_same_account(served: Any) -> None:
    """The recovery codes are shown again, or whoever clicked twice would never see them."""
    visitor, link = served.visitor(), served.link("amal")
    first = served.make_account(visitor, link, "amal")
    fields = {"officer": "amal", "passphrase": PASSPHRASE, "again": PASSPHRASE, "code": served.code("amal")}
    assert visitor.post(link, fields).text.count("<li><code>") == first.text.count("<li><code>") == 10
    assert served.visitor().post(link, {**fields, "passphrase": "another passphrase"}).status == 410


def test_a_link_is_valid_for_half_an_hour(served: Any) -> None:
    link = served.link("amal")
    served.ours.clock.sleep(30 * MINUTE - 1)
    assert served.visitor().get(link).status == 200
    served.ours.clock.sleep(1)
    assert served.visitor().get(link).status == 410


def test_a_newer_link_for_the_same_officer_ends_the_older(served: Any) -> None:
    older, newer = served.link("amal"), served.link("amal")
    assert served.visitor().get(older).status == 410
    assert served.visitor().get(newer).status == 200


def test_the_first_link_names_nobody_and_ends_with_the_first_account(served: Any) -> None:
    """However many there are: else one that was left over would make another first officer."""
    first, other = served.link(""), served.link("basma")
    assert served.make_account(served.visitor(), other, "basma").status == 200
    assert served.visitor().get(first).status == 410
    with pytest.raises(SignInProblem, match="used already"):
        served.link("")


UNFIT = {
    "a short passphrase": ({"passphrase": "short", "again": "short"}, "fewer than 12"),
    "two passphrases": ({"again": "seven words of the desk"}, "differ"),
    "another code": ({"code": "123456"}, "does not belong"),
    "a name that is none": ({"officer": "Amal <b>"}, "cannot be the name"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_is_unfit_on_the_page_of_a_link_is_said_and_the_link_still_serves(served: Any, case: str) -> None:
    changes, sentence = UNFIT[case]
    visitor, link = served.visitor(), served.link("")
    served.secrets["amal"] = b""
    fields = {"officer": "amal", "passphrase": PASSPHRASE, "again": PASSPHRASE, "code": "000000"}
    got = visitor.post(link, {**fields, **changes})
    assert got.status == 422
    assert sentence in got.plain
    assert served.make_account(visitor, link, "amal").status == 200


def test_a_link_for_an_officer_who_has_an_account_replaces_it_and_ends_what_was_open(served: Any) -> None:
    before = served.officer("amal")
    old = served.secrets["amal"]
    served.make_account(served.visitor(), served.link("amal"), "amal", "eight words of these tests")
    assert before.get("/today").status == 401
    served.ours.clock.sleep(MINUTE)
    code = codes.code_at(old, served.ours.clock() // codes.STEP_MS)
    assert served.visitor().post("/sign-in", given(served, code=code)).status == 422


# -- failures


def test_guessing_waits_and_the_officer_in_a_browser_known_here_does_not(served: Any) -> None:
    """A stranger who fails again and again keeps strangers out for a moment, and the duty releaser never."""
    known = served.officer("amal")
    token = known.get("/settings").hidden("token")
    known.post("/sign-out", {"token": token})
    stranger = served.visitor()
    statuses = [stranger.post("/sign-in", given(served, passphrase="x" * 12)).status for _ in range(8)]
    assert statuses == [422] * 5 + [429] * 3
    served.ours.clock.sleep(MINUTE)
    assert served.visitor().post("/sign-in", given(served)).status == 429  # a stranger with all three right, too
    assert known.post("/sign-in", given(served)).status == 303


def test_no_wait_is_longer_than_a_minute_and_a_success_ends_it() -> None:
    attempts, now = Attempts(), 0
    for _ in range(50):
        attempts.failed("amal", "", now)
        with pytest.raises(SignInProblem, match="failed several times") if _ >= 4 else pytest.MonkeyPatch.context():
            attempts.check("amal", "", now)
        now += 60_000
    attempts.check("amal", "", now)
    attempts.check("amal", "known", now)
    attempts.succeeded("amal", "")
    attempts.failed("amal", "", now)
    attempts.check("amal", "", now)


def test_strangers_share_what_their_attempts_may_cost() -> None:
    """A thousand names do not buy a thousand passphrases' work."""
    attempts, passed = Attempts(), 0
    for number in range(1000):
        try:
            attempts.check(f"name-{number}", "", 1000)
            passed += 1
        except SignInProblem:
            break
    assert passed == 20
    attempts.check("amal", "known", 1000)


# -- sessions


def test_a_stolen_cookie_serves_until_the_session_is_ended(served: Any) -> None:
    """What a thief can do in the meantime is in the threats page: read, draft; never release."""
    owner = served.officer("amal")
    thief = served.visitor(cookies=dict(owner.cookies))
    assert thief.get("/line").status == 200
    served.sign_in("amal", owner)
    assert "Where you are signed in" in owner.get("/settings").plain
    assert owner.send("/settings", "/settings/sessions", {"session": "others"}).status == 303
    assert thief.get("/line").status == 401
    assert owner.get("/line").status == 200


def test_signing_out_ends_the_session_and_not_only_the_cookie(served: Any) -> None:
    visitor = served.officer("amal")
    kept = dict(visitor.cookies)
    assert visitor.send("/settings", "/sign-out").status == 303
    assert served.visitor(cookies=kept).get("/today").status == 401


def test_a_session_ends_when_unused_and_after_a_shift(served: Any) -> None:
    visitor = served.officer("amal")
    served.ours.clock.sleep(119 * MINUTE)
    assert visitor.get("/today").status == 200
    served.ours.clock.sleep(121 * MINUTE)
    assert visitor.get("/today").status == 401
    served.sign_in("amal", visitor)
    for _ in range(13):
        served.ours.clock.sleep(59 * MINUTE)
        assert visitor.get("/today").status == 200
    served.ours.clock.sleep(14 * MINUTE)
    assert visitor.get("/today").status == 401


def test_a_restore_ends_every_session(served: Any) -> None:
    """A backup does not know what was ended after it was made."""
    visitor = served.officer("amal")
    node = served.ours.node

    def age(tx: Any) -> None:
        for key, kept in tx.records(sessions.SESSION):
            found = msgspec.msgpack.decode(kept, type=sessions.Session)
            tx.put(sessions.SESSION, key, msgspec.msgpack.encode(msgspec.structs.replace(found, incarnation=b"x" * 16)))

    served.do(node.store.write(age, point="test"))
    assert visitor.get("/today").status == 401


def test_nobody_ends_the_session_of_another(served: Any) -> None:
    """Object by object: another officer's session is as if it were not there."""
    amal, basma = served.officer("amal"), served.officer("basma")
    node = served.ours.node
    listed = node.store.look(lambda look: sessions.listed(node, look, served.desk.keeper.hours, "basma"))
    assert amal.send("/settings", "/settings/sessions", {"session": listed[0].id}).status == 422
    assert basma.get("/today").status == 200


def test_what_is_kept_lets_nobody_in(served: Any) -> None:
    """A copy of the store: no passphrase, no code's secret, no recovery code, nothing that a cookie could be."""
    visitor = served.visitor()
    page = served.make_account(visitor, served.link("amal"), "amal").text
    recovery = page.partition("<li><code>")[2].partition("</code>")[0]
    kinds = (account.ACCOUNT, account.PASSKEY, sessions.SESSION, sessions.BROWSER, "desk-link")
    look = served.ours.node.store.look
    rows = [row for kind in kinds for row in look(lambda it, kind=kind: it.records(kind))]
    kept = b"".join(key.encode() + value for key, value in rows)
    assert b"amal" in kept
    secrets = [PASSPHRASE, recovery, recovery.replace("-", ""), *visitor.cookies.values()]
    for secret in (*[one.encode() for one in secrets], served.secrets["amal"]):
        assert secret not in kept


def test_a_draft_survives_the_end_of_its_session(served: Any) -> None:
    """What was sent comes back with the sign-in page, and goes on after it: nothing is typed twice."""
    visitor = served.officer("amal")
    page = visitor.get("/drafts/new/90")
    draft = page.text.partition('action="/drafts/')[2].partition('"')[0]
    served.ours.clock.sleep(24 * 60 * MINUTE)
    words = 'Words "written" at 03:00 & <kept>\nin two lines'
    fields = {
        "token": page.hidden("token"), "form": "90", "version": "new", "written-in": "en", "office": "duty",
        "to": "XB/duty", "reality": "exercise", "precedence": "ROUTINE", "marking": "AMBER", "line-12": words,
    }  # fmt: skip
    number = next(line.number for line in served.ours.node.library.form(90).lines if line.kind == "text")
    fields[f"line-{number}"] = fields.pop("line-12")
    got = visitor.post(f"/drafts/{draft}", fields)
    assert got.status == 401
    assert "is kept" in got.plain
    kept = {"to": got.hidden("to"), "kept": got.hidden("kept")}
    on = visitor.post("/sign-in", given(served, **kept))
    assert on.status == 200
    again = {name: on.hidden(name) for name in [*fields, "token"]}
    assert again[f"line-{number}"] == words
    assert visitor.post(f"/drafts/{draft}", again).status in (303, 422)
    assert "written" in visitor.get(f"/drafts/{draft}").text


def test_two_of_everything_at_once_make_one(served: Any) -> None:
    """Two sign-ins with one code at the same moment: one of them wins."""
    import threading

    served.officer("amal")
    served.ours.clock.sleep(MINUTE)
    fields, found = given(served), []

    def enter() -> None:
        found.append(served.visitor().post("/sign-in", fields).status)

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [303, 422, 422, 422]
