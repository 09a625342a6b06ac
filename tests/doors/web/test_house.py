"""Who is what, by which policy, and the machine behind it: for who looks after it, and never a secret of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from parley.clearance import Ahead, Grant, Role
from parley.clearance.policy import How, Verdict
from parley.desk import backup, handover, tokens
from parley.desk.release import release
from parley.house import Machine
from parley.line.note import note_id
from parley.outside.settings import Desk, Home, Mail, Settings
from parley.seal import peek
from parley.terms.languages import LANGUAGES

DAY = 86_400_000


@pytest.fixture(scope="module")
def desk(alone: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A desk with every role; lena acts for the legal officer until tomorrow; form 35 is cleared ahead."""
    with alone() as served:
        served.grant_all("lena", "dora")
        node = served.ours.node
        now = node.clock()
        grants = (
            Grant(officer="lena", role=Role.LEGAL, since=now, until=now + DAY, acting_for="legal",
                  given_by=("administrator", "releaser")),
            Grant(officer="dora", role=Role.POLITICAL, since=0),
            Grant(officer="dora", role=Role.RELEASER, since=0, forms=(1, 35)),
        )  # fmt: skip
        ahead = Ahead(name="calm-words", form=35, lines={10: ["*"], 11: ["<i>x</i>"]}, since=now, until=now + DAY,
                      by="dora", to=("XB/duty",), highest=2, exercise=True, uses=3)  # fmt: skip
        node.roster = msgspec.structs.replace(node.roster, grants=(*node.roster.grants, *grants), ahead=(ahead,))
        names = ("lena", "dora", "observer", "administrator", "releaser", "registrar", "legal")
        yield served, {name: served.officer(name) for name in names}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_policy_is_a_table_that_everybody_reads_in_their_language(desk: Any, language: str) -> None:
    _, visitors = desk
    visitors["observer"].language = language
    page = visitors["observer"].get("/officers/policy")
    visitors["observer"].language = "en"
    assert page.status == 200
    for form in (1, 11, 35, 40, 41, 42, 43, 90):
        assert f'<th scope="row">{form}: ' in page.text
    assert "&lt;i&gt;x&lt;/i&gt;" in page.text
    assert "<i>x</i>" not in page.text


def row_of(page: Any, form: int) -> str:
    return str(page.text.partition(f'<th scope="row">{form}: ')[2].partition("</tr>")[0])


def test_the_table_says_who_must_clear_and_who_may_release(desk: Any) -> None:
    """docs/clearance.md: a protest needs legal and political and never goes out alone; a link check may. dora releases
    forms 1 and 35 only."""
    _, visitors = desk
    page = visitors["observer"].get("/officers/policy")
    protest, check, assurance = row_of(page, 41), row_of(page, 1), row_of(page, 35)
    assert "legal, political" in protest
    assert protest.count("never") == 2
    assert "dora" not in protest
    assert "<bdi>releaser</bdi>" in protest
    assert "with a reason" in check
    assert "<bdi>dora</bdi>" in check
    assert "political" in assurance
    assert "<bdi>dora</bdi>" in assurance


def test_acting_officers_their_dates_and_what_was_cleared_ahead_are_shown(desk: Any) -> None:
    _, visitors = desk
    page = visitors["observer"].get("/officers/policy").plain
    assert "lena" in page
    assert "administrator , releaser" in page
    assert "calm-words" in page
    assert "XB/duty" in page


def command(visitor: Any, **fields: Any) -> Any:
    return visitor.send("/officers/policy", "/officers/command", {"office": "", **fields})


def spelt(got: Any) -> list[str]:
    import html

    text = got.text.partition('<code class="secret">')[2].partition("</code>")[0]
    return shlex.split(html.unescape(text))


def test_the_command_that_gives_a_role_is_spelt_for_both_officers_and_changes_nothing(desk: Any) -> None:
    served, visitors = desk
    before = served.ours.node.roster
    got = command(visitors["administrator"], what="grant", officer="nura", role=["drafter", "releaser"], days="7",
                  **{"acting-for": "dora", "forms": "1, 35", "with": "releaser"})  # fmt: skip
    assert spelt(got) == [
        "parley", "--as", "administrator", "officers", "grant", "nura", "drafter", "releaser", "--days", "7",
        "--acting-for", "dora", "--form", "1", "--form", "35", "--with", "releaser",
    ]  # fmt: skip
    assert served.ours.node.roster == before


WRONG = {
    "alone": {"with": ""},
    "with oneself": {"with": "administrator"},
    "two who may not": {"with": "legal"},
    "nobody of that name": {"with": "nobody"},
    "acting without an end": {"acting-for": "dora", "days": ""},
    "a name with markup": {"officer": "<b>nura</b>"},
    "a name that turns the text": {"officer": "\u202enura"},
    "a name that is a word of the shell": {"officer": "nura; rm -rf /"},
    "no role": {"role": []},
    "no such role": {"role": ["king"]},
    "days beyond reason": {"days": "99999"},
    "nothing to do": {"what": "conquer"},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_the_signer_would_refuse_is_refused_here_and_what_was_typed_stays(desk: Any, case: str) -> None:
    _, visitors = desk
    usual: dict[str, Any] = {"what": "grant", "officer": "nura", "role": ["drafter"], "days": "7", "with": "releaser"}
    got = command(visitors["administrator"], **{**usual, **WRONG[case]})
    assert got.status == 422
    assert 'role="alert"' in got.text
    assert "<b>nura" not in got.text
    assert spelt(command(visitors["administrator"], **usual))[4:7] == ["grant", "nura", "drafter"]  # the control


def test_a_director_is_spelt_the_command_that_clears_ahead_and_the_one_that_withdraws(desk: Any) -> None:
    _, visitors = desk
    fields = {"what": "ahead", "name": "checks", "form": "1", "days": "7", "highest": "priority", "uses": "5",
              "reality": "exercise", "lines": "10=drill\n10=timetable\n", "to": "XB/duty"}  # fmt: skip
    assert spelt(command(visitors["dora"], **fields)) == [
        "parley", "--as", "dora", "clearance", "ahead-add", "checks", "--form", "1", "--line", "10=drill", "--line",
        "10=timetable", "--to", "XB/duty", "--days", "7", "--highest", "priority", "--uses", "5", "--exercise",
    ]  # fmt: skip
    dropped = spelt(command(visitors["dora"], what="drop", name="calm-words"))
    assert dropped[3:] == ["clearance", "ahead-drop", "calm-words"]
    for wrong in ({"form": "41"}, {"days": "93"}, {"lines": "10=nothing"}, {"lines": "x"}, {"name": "A B"}):
        assert command(visitors["dora"], **{**fields, **wrong}).status == 422, wrong
    refused = command(visitors["legal"], **fields)
    assert refused.status == 422
    assert "legal" in refused.plain


# -- programs


def test_a_token_is_shown_once_and_ended_by_an_administrator_alone(desk: Any) -> None:
    served, visitors = desk
    admin, page = visitors["administrator"], "/officers/programs"
    made = admin.send(page, page, {"name": "monitor", "scope": ["read"], "days": "30"})
    secret = made.text.partition("parley_")[2][:52]
    assert len(secret) == 52
    assert "parley_" not in admin.get(page).text
    (token,) = tokens.listed(served.ours.node)
    assert tokens.authenticate(served.ours.node, f"parley_{secret}").id == token.id
    assert visitors["releaser"].get(page).status == 403
    assert admin.send(page, f"{page}/revoke", {"program": token.id}).status == 303
    assert admin.send(page, f"{page}/revoke", {"program": token.id}).status == 303  # twice changes nothing
    assert "revoked" in admin.get(page).plain
    wrongs = ({"name": "<u>"}, {"days": "0"}, {"days": "9999"}, {"scope": []}, {"scope": ["release"]}, {"days": "x"})
    for wrong in wrongs:
        got = admin.send(page, page, {"name": "monitor", "scope": ["read"], "days": "30", **wrong})
        assert got.status == 422, wrong
        assert "<u>" not in got.text


# -- the machine


SECRETS = Settings(
    party="XA",
    store="postgresql://parley:hunter2@db.internal/parley",
    on_flash=("/usr/local/bin/ring", "--token", "s3cr3t"),
    mail=Mail(address="desk@mfa.example", smtp="127.0.0.1:25", imap="127.0.0.1:143", user="desk"),
    desk=Desk(listen="127.0.0.1:8471"),
)


def test_settings_are_shown_without_what_is_secret(served: Any) -> None:
    rows = Machine(Home(served.desk.house._home.path), SECRETS, served.ours.node).settings()
    shown = {f"{table}.{name}": value for table, name, value in rows}
    assert shown[".store"] == "PostgreSQL"
    assert shown[".on_flash"] == "/usr/local/bin/ring …"
    assert shown["desk.listen"] == "127.0.0.1:8471"
    assert shown[".share_mb"] == "2048"  # also what was never written
    text = " ".join(shown.values())
    assert "hunter2" not in text
    assert "s3cr3t" not in text
    assert {name.partition(".")[2] for name in shown if name.startswith(".")} == {
        one for one in Settings.__struct_fields__ if one not in ("mail", "desk")
    }


def test_the_node_page_shows_the_last_backup_and_says_when_it_grows_old(served: Any, tmp_path: Any) -> None:
    visitor = served.officer()
    assert "None was made here yet." in visitor.get("/settings/node").plain
    path = tmp_path / "<b>night.sqlite"
    kept = served.do(_backup(served, path))
    page = visitor.get("/settings/node")
    assert "&lt;b&gt;night.sqlite" in page.text
    assert str(tmp_path) not in page.text
    assert "There is none of the last seven days" not in page.plain
    served.ours.clock.sleep(8 * DAY)
    visitor = served.sign_in(visitor=visitor)
    assert "There is none of the last seven days" in visitor.get("/settings/node").plain
    assert kept.name == path.name


async def _backup(served: Any, path: Any) -> backup.Last:
    served.ours.node.store.backup = lambda given: None  # the memory store has none; the copy is tested with SQLite
    return await backup.backup(served.ours.node, str(path))


def test_what_the_doctor_finds_is_a_page(served: Any) -> None:
    """A node whose folder is not there: that is said, with what to do, and the page still stands."""
    visitor = served.officer(language="ar")
    page = visitor.get("/settings/doctor")
    assert page.status == 200
    assert 'lang="en" dir="ltr">settings: cannot be read again' in page.text
    assert "backups" not in page.plain
    served.grant_all()
    assert served.officer("legal").get("/settings/doctor").status == 403


def test_the_doctor_looks_at_the_machine_and_at_the_node(served: Any, tmp_path: Any) -> None:
    """As `parley doctor` does: disk and key files of the folder, then what the node knows of its peers."""
    home = Home(tmp_path / "node")
    home.write_settings(Settings(party="XA"))
    found = Machine(home, home.settings(), served.ours.node).findings()
    looked_at = [one["what"].partition(":")[0] for one in found]
    assert {"disk", "files", "signer of duty"} <= set(looked_at)
    assert any("XB" in one["what"] for one in found)
    missing = next(one for one in found if one["what"].startswith("files:"))
    assert (missing["ok"], missing["do"] != "") == (False, True)


# -- what one officer released alone


def alone_by(served: Any, officer: str, **fields: Any) -> str:
    """A note of ours that one officer released alone."""
    note, signed = served.do(_composed(served, **fields))
    verdict = Verdict(how=How.LONE, releaser=officer, reason="nobody else was reached")
    served.do(release(served.ours.node, signed, verdict))
    return note


async def _composed(served: Any, **fields: Any) -> tuple[str, bytes]:
    from parley.desk.compose import compose
    from parley.desk.draft import Draft

    usual = {"form": 1, "office": "duty", "to": ("XB/duty",), "lines": {10: "drill"}, "written_in": "en"}
    made = await compose(served.ours.node, Draft(**{**usual, "officer": "x", "exercise": True, **fields}))
    signed = served.ours.keys.sign_note(made.payload)
    return note_id(peek(signed).payload).hex(), signed


def test_the_handover_names_what_one_officer_released_alone_and_the_review_is_done_there(served: Any) -> None:
    served.grant_all()
    note = alone_by(served, "releaser")
    found = handover.handover(served.ours.node, 0)
    assert [(item.what, item.note, item.party, item.detail) for item in found.review] == [
        ("review", note[:8], "XB", ("releaser",))
    ]
    legal, observer = served.officer("legal"), served.officer("observer")
    assert "awaiting another’s look: 1" in legal.get("/today").plain
    page = legal.get("/handover")
    assert "Released by one officer alone, awaiting a review" in page.plain
    assert f'action="/clear/{note[:8]}/review"' in page.text
    assert f'action="/clear/{note[:8]}/review"' not in observer.get("/handover").text
    assert "awaiting another" not in observer.get("/today").plain
    own = served.officer("releaser").send("/handover", f"/clear/{note[:8]}/review", {"from": "handover"})
    assert own.status == 422  # not one's own
    done = legal.send("/handover", f"/clear/{note[:8]}/review", {"from": "handover", "remark": "well said"})
    assert (done.status, done.header("location")) == (303, "/handover")
    again = legal.send("/handover", f"/clear/{note[:8]}/review", {"from": "handover", "remark": "well said"})
    assert again.status == 409
    assert handover.handover(served.ours.node, 0).review == ()


def test_of_a_locked_node_the_handover_says_that_there_is_something_and_not_who(served: Any) -> None:
    alone_by(served, "amal")
    served.ours.node.vault = None
    (item,) = handover.handover(served.ours.node, 0).review
    assert item.detail == ()


def test_a_red_note_is_named_on_no_print(served: Any) -> None:
    """The handover is made to be printed, and RED is not."""
    from parley.terms.marking import Marking, Tlp

    note = alone_by(served, "amal", marking=Marking(Tlp.RED).to_coded())
    assert note[:8] not in served.officer().get("/handover").text
    other = alone_by(served, "amal")
    assert other[:8] in served.officer("basma").get("/handover").text  # the control
