"""Drills in the browser: scheduled by a registrar, handed in, given a word, released with one touch, counted."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from parley.clearance import Officer, Passkey, Role, Verdict, Word, run_digest, word_challenge
from parley.clearance.policy import How
from parley.desk import draft, drill
from parley.line.note import note_id
from parley.outside.keys.passkey import Counters, check_assertion
from parley.terms.marking import Marking, Tlp
from tests.outside.keys.passkey import SoftKey

TRICK = "<script>alert(1)</script> \u202eexe.fdp \u2066x"


class SignerAlike:
    """Checks an assertion over a run as the office's signer does, with the same code; signs with the test's key."""

    def __init__(self, served: Any) -> None:
        self.served, self.counters = served, Counters()

    def _check(self, officer: str, proof: Any, challenge: bytes) -> None:
        check_assertion(self.served.ours.node.roster.officer(officer), proof, challenge, self.counters)

    async def release_run(self, payloads: Any, officer: str, proof: Any, reason: str) -> Any:
        self._check(officer, proof, run_digest(note_id(one) for one in payloads))
        verdict = Verdict(how=How.CLEARED, releaser=officer, reason=reason)
        return [(self.served.ours.keys.sign_note(one), verdict) for one in payloads]

    async def say_run(self, payloads: Any, officer: str, role: Role, proof: Any) -> Word:
        self._check(officer, proof, word_challenge(role, run_digest(note_id(one) for one in payloads)))
        return Word(officer=officer, role=role, at=self.served.ours.clock())


@dataclass
class Watch:
    """A desk with one officer for each role, who have passkeys that the signer knows."""

    served: Any
    visitors: dict[str, Any]
    keys: dict[str, SoftKey]

    def __getitem__(self, role: str) -> Any:
        return self.visitors[role]

    def sign(self, role: str, page: str, **more: str) -> Any:
        """Press the button of a signing page, as its script does."""
        visitor, key = self.visitors[role], self.keys[role]
        text = visitor.get(page).text
        found = {name: re.search(f'data-{name}="([^"]*)"', text)[1] for name in ("challenge", "to", "token", "role")}  # type: ignore[index]
        made = key.say(_octets(found["challenge"]), rp_id="localhost", origin=f"http://{visitor.host}")
        said = {
            "credential": made.credential_id, "data": made.authenticator_data, "client": made.client_data,
            "signature": made.signature,
        }  # fmt: skip
        sent = {**{name: _text(value) for name, value in said.items()}, "role": found["role"], **more}
        headers = {"Content-Type": "application/json", "X-Parley-Token": found["token"], "Origin": f"http://{visitor.host}"}
        return visitor.ask("POST", found["to"], msgspec.json.encode(sent), **headers)


def _octets(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def watch(alone: Any) -> Iterator[Watch]:
    with alone() as served:
        served.grant_all()
        visitors = {role.value: served.officer(role.value) for role in Role}
        keys = {role.value: SoftKey() for role in Role}
        node = served.ours.node
        origin = f"http://localhost:{served.port}"
        officers = tuple(
            Officer(name=name, passkeys=(Passkey(credential_id=key.credential_id, public_key=key.public_key,
                                                 rp_id="localhost", origin=origin),))
            for name, key in keys.items()
        )  # fmt: skip
        node.roster = msgspec.structs.replace(node.roster, officers=officers)
        node.signers = {"duty": SignerAlike(served)}
        yield Watch(served, visitors, keys)


def wanted(page: Any, **more: Any) -> dict[str, Any]:
    """The form of a new drill as its page offers it, filled in."""
    fields = {"drill": page.hidden("drill"), "token": page.hidden("token"), "name": "Link check of the week"}
    usual = {"text": "", "to": ["XB/duty"], "at": "", "every": "once", "within": "24", "unit": "h", "over": ""}
    return {**fields, **usual, "office": "duty", **more}


def scheduled(watch: Watch, **more: Any) -> str:
    """The address of a new drill."""
    got = watch["registrar"].post("/drills", wanted(watch["registrar"].get("/drills"), **more))
    assert got.status == 303, got.plain
    return str(got.header("location"))


def hand_in(watch: Watch, address: str, when: str = "now") -> Any:
    return watch["drafter"].send(address, f"{address}/run", {"when": when})


def test_a_run_goes_from_the_registrar_over_a_word_to_its_release_with_one_touch(watch: Watch) -> None:
    address = scheduled(watch)
    assert watch["releaser"].get(f"{address}/run").status == 409
    assert hand_in(watch, address).header("location") == f"{address}/run"
    page = watch["releaser"].get(f"{address}/run")
    assert "drafter awaited" in page.plain
    assert "XB/duty" in page.text
    signing = watch["releaser"].get(f"{address}/run/release")
    policy = signing.header("content-security-policy")
    assert re.search(r"script-src http://localhost:\d+/static/release\.[^ ;]+$", policy)  # one script and no other
    assert watch.sign("drafter", f"{address}/run/word?role=drafter").status == 200
    assert "drafter drafter" in watch["releaser"].get(f"{address}/run").plain
    done = watch.sign("releaser", f"{address}/run/release")
    assert (done.status, done.body) == (200, msgspec.json.encode({"to": address}))
    card = watch["observer"].get(address)
    assert "under way, answers are hoped for" in card.plain
    assert "released by releaser" in card.plain
    assert watch["observer"].get(f"{address}/trend").status == 200
    rows = watch["observer"].get(f"{address}/table.csv")
    assert rows.header("content-disposition").startswith("attachment")
    assert "reached by" in rows.text


def test_a_release_that_is_sent_twice_is_one_and_the_second_says_so(watch: Watch) -> None:
    address = scheduled(watch)
    hand_in(watch, address)
    assert watch.sign("releaser", f"{address}/run/release").status == 200
    again = watch["releaser"].get(f"{address}/run/release")
    assert again.status == 409
    assert "No run of drill" in again.plain


def test_a_proof_of_another_run_releases_nothing(watch: Watch) -> None:
    """The challenge is read from one run's page and sent for another's: the signer refuses, and it still waits."""
    one, two = scheduled(watch), scheduled(watch)
    hand_in(watch, one), hand_in(watch, two)
    text = watch["releaser"].get(f"{one}/run/release").text
    taken = re.search('data-challenge="([^"]*)"', text)[1]  # type: ignore[index]
    visitor = watch["releaser"]
    made = watch.keys["releaser"].say(_octets(taken), rp_id="localhost", origin=f"http://{visitor.host}")
    sent = {"credential": _text(made.credential_id), "data": _text(made.authenticator_data),
            "client": _text(made.client_data), "signature": _text(made.signature)}  # fmt: skip
    headers = {
        "Content-Type": "application/json", "Origin": f"http://{visitor.host}",
        "X-Parley-Token": visitor.get("/settings").hidden("token"),
    }  # fmt: skip
    got = visitor.ask("POST", f"{two}/run/release", msgspec.json.encode(sent), **headers)
    assert got.status == 422
    assert b"keys.wrong_passkey" in got.body
    assert watch["releaser"].get(f"{two}/run").status == 200


def test_the_same_form_sent_twice_is_one_drill(watch: Watch) -> None:
    page = watch["registrar"].get("/drills")
    fields = wanted(page, name="Sent twice")
    places = {watch["registrar"].post("/drills", fields).header("location") for _ in range(3)}
    assert len(places) == 1
    assert watch["registrar"].get("/drills").text.count("Sent twice") == 1


def test_what_was_typed_wrong_is_named_and_the_rest_stays(watch: Watch) -> None:
    page = watch["registrar"].get("/drills")
    got = watch["registrar"].post("/drills", wanted(page, name="  ", within="48"))
    assert got.status == 422
    assert 'name="within" value="48"' in got.text
    assert 'role="alert"' in got.text


WRONG = {
    "no such rhythm": {"every": "daily"},
    "no such bearer": {"over": "pigeon"},
    "no such unit": {"unit": "y"},
    "no number": {"within": "a lot"},
    "no instant": {"at": "tomorrow"},
    "no such draft": {"text": "ffffffff"},
    "no such office of theirs": {"to": ["XB/../x"]},
    "an id that is a path": {"drill": "../../up"},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_no_page_of_ours_sends_schedules_nothing(watch: Watch, case: str) -> None:
    page = watch["registrar"].get("/drills")
    before = page.text.count('href="/drills/')
    got = watch["registrar"].post("/drills", wanted(page, **WRONG[case]))
    assert got.status in (400, 404, 422), got.plain
    assert watch["registrar"].get("/drills").text.count('href="/drills/') == before


def test_markup_and_bidirectional_tricks_in_a_name_stay_text(watch: Watch) -> None:
    """Markup is shown as such; characters that turn the text around are no name, and the refusal says so."""
    address = scheduled(watch, name="<b onclick=x>bold</b>")
    for path in (address, "/drills", f"{address}/trend"):
        text = watch["registrar"].get(path).text
        assert "<b onclick" not in text
        assert "&lt;b onclick=x&gt;" in text
    got = watch["registrar"].post("/drills", wanted(watch["registrar"].get("/drills"), name=TRICK))
    assert got.status == 422
    assert "<script>" not in got.text


def test_the_text_of_a_draft_becomes_a_drill_and_its_loaded_words_are_shown_before_release(watch: Watch) -> None:
    own = {10: "exercise", 11: ["en", "A blatant attack has begun."], 12: "answer"}
    made = draft.Draft(form=90, office="duty", to=("XB/duty",), lines=own, written_in="en", officer="drafter")
    kept = watch.served.do(draft.save(watch.served.ours.node, made))
    address = scheduled(watch, text=kept)
    assert "blatant" in watch["drafter"].get(address).plain
    hand_in(watch, address)
    page = watch["releaser"].get(f"{address}/run")
    assert "blatant" in page.text.partition('<article class="note"')[0]


def test_the_text_of_a_red_draft_is_not_for_whoever_only_reads(watch: Watch) -> None:
    red = Marking(Tlp.RED).to_coded()
    made = draft.Draft(
        form=90, office="duty", to=("XB/duty",), written_in="en", officer="drafter", marking=red,
        lines={10: "exercise", 11: ["en", "A blatant secret."], 12: "answer"},
    )  # fmt: skip
    kept = watch.served.do(draft.save(watch.served.ours.node, made))
    page = watch["registrar"].get("/drills")
    assert kept not in page.text  # the registrar reads no RED draft and so cannot choose it
    got = watch["registrar"].post("/drills", wanted(page, text=kept))
    assert got.status == 422
    assert "secret" not in got.text


def test_a_red_drill_leaves_by_no_export_and_shows_its_text_to_those_who_deal(watch: Watch) -> None:
    red = Marking(Tlp.RED).to_coded()
    own = {10: "exercise", 11: ["en", "A blatant secret."], 12: "answer"}
    wanted = drill.Wanted(
        name="Red", first_at=watch.served.ours.clock(), officer="x", form=90, lines=own, marking=red, to=("XB/duty",)
    )
    made = watch.served.do(drill.schedule(watch.served.ours.node, wanted))
    assert watch["legal"].get(f"/drills/{made.id}/table.csv").status == 403
    assert "blatant" in watch["legal"].get(f"/drills/{made.id}").plain
    assert "blatant" not in watch["observer"].get(f"/drills/{made.id}").plain
    assert hand_in(watch, f"/drills/{made.id}").status == 303
    assert "A blatant secret." in watch["legal"].get(f"/drills/{made.id}/run").plain


def test_a_telephone_call_is_entered_by_hand(watch: Watch) -> None:
    address = scheduled(watch)
    hand_in(watch, address)
    watch.sign("releaser", f"{address}/run/release")
    fields = {"office": "XB/duty", "outcome": "other-office", "at": ""}
    assert watch["registrar"].send(address, f"{address}/calls", fields).status == 303
    assert watch["registrar"].send(address, f"{address}/calls", {**fields, "outcome": "busy"}).status == 422
    assert watch["observer"].send(address, f"{address}/calls", fields).status == 403


def test_a_cancelled_drill_is_handed_in_no_more(watch: Watch) -> None:
    address = scheduled(watch)
    assert watch["registrar"].send(address, f"{address}/cancel").status == 303
    assert hand_in(watch, address).status == 409
    assert "cancelled" in watch["observer"].get(address).plain


def test_one_run_is_no_trend_and_is_called_none(watch: Watch) -> None:
    address = scheduled(watch)
    hand_in(watch, address)
    watch.sign("releaser", f"{address}/run/release")
    page = watch["observer"].get(f"{address}/trend")
    assert "Too few runs were held" in page.plain


def test_the_wording_report_names_nobody(watch: Watch) -> None:
    for kind in ("real", "exercise", "<x>"):
        got = watch["observer"].get(f"/drills/wording?kind={kind}")
        assert got.status == 200
        assert "XB" not in got.text.partition("<main")[2]
    assert watch["observer"].get("/drills/wording/table.csv").text.startswith("\ufeffform,version,line")
    assert watch["administrator"].get("/drills/wording").status == 403


@pytest.mark.parametrize("language", ["ar", "zh", "fr", "ru", "es"])
def test_a_refusal_is_said_in_the_officers_language(watch: Watch, language: str) -> None:
    visitor = watch["drafter"]
    visitor.language = language
    try:
        got = visitor.get("/drills/ffffffff/run")
        assert got.status == 404
        assert f'lang="{language}"' in got.text
    finally:
        visitor.language = "en"
