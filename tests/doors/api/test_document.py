"""The document and its examples are what the program does; schemathesis plays a client that tries everything."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, not_a_server_error
from schemathesis.specs.openapi.checks import missing_required_header, negative_data_rejection

from parley.doors.api import shapes
from parley.doors.api.document import document, statuses
from parley.doors.api.limits import Limits
from parley.doors.api.table import ENDPOINTS

from ...effort import examples

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
DOCUMENT = json.loads(document())


def test_the_document_in_the_repository_is_the_one_that_the_program_makes() -> None:
    """Made anew with: python -m parley.doors.api.document > docs/openapi.json"""
    assert (ROOT / "docs" / "openapi.json").read_bytes() == document()


def test_the_node_serves_it(served: Any) -> None:
    got = served.ask("GET", "/openapi.json", token="")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.body == document()


def test_every_address_says_what_it_does_and_what_it_needs() -> None:
    names = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names)) == len(ENDPOINTS)
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            assert operation["summary"].endswith(".")
            assert operation["description"].startswith("Needs: ")


def test_a_shape_that_changed_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: another shape makes another document."""
    other = msgspec.defstruct("Status", [("party", str)], bases=(shapes.Out,))
    changed = tuple(msgspec.structs.replace(one, says=other) if one.path == "/v1/status" else one for one in ENDPOINTS)
    monkeypatch.setattr("parley.doors.api.document.ENDPOINTS", changed)
    assert document() != (ROOT / "docs" / "openapi.json").read_bytes()


def test_the_page_names_every_scope_and_every_event() -> None:
    from parley.desk.happened import _NAMES
    from parley.desk.tokens import Scope

    for scope in Scope:
        assert f"| `{scope.value}` |" in PAGE
    for name in {*_NAMES.values(), "gap"}:
        assert f"`{name}`" in PAGE
    said = {int(found) for row in re.findall(r"^\| ([\d, ]+) \|", PAGE, re.MULTILINE) for found in row.split(", ")}
    assert {status for one in ENDPOINTS for status in statuses(one)} <= said | {405}


EXAMPLES = [
    example
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
]
NAMES = [example.split("/v1")[-1][:24].strip() for example in EXAMPLES]


@pytest.fixture(scope="module")
def variables(served: Any) -> dict[str, str]:
    """What the examples name, and a note of theirs that is the first thing that ever happened here."""
    note = served.note_from_them()
    return {"API": f"http://127.0.0.1:{served.port}", "TOKEN": served.all_scopes, "NOTE": note}


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=NAMES)
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_an_example_of_the_page_does_what_the_page_shows(served: Any, variables: dict[str, str], number: int) -> None:
    """Typed at a shell; … stands for anything."""
    command, _, expected = EXAMPLES[number].partition("\n")
    variables.setdefault("DRAFT", served.draft().value["draft"])
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **variables},
    )
    assert _fits(expected, done.stdout), done.stdout + done.stderr


def _fits(expected: str, printed: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def test_an_example_that_shows_something_else_would_be_noticed() -> None:
    """Control."""
    assert len(EXAMPLES) >= 9
    assert _fits('{"a":…,"b":1}\n', '{"a":{"c":2},"b":1}\n')
    assert not _fits('{"a":…,"b":1}\n', '{"a":{"c":2},"b":2}\n')
    assert not _fits("401\n", "200\n")


# -- a client that tries everything

# What fits a shape need not fit the form or the draft as it stands (422, 412); RFC 6585 has 428 for a missing If-Match.
GOOD = ["2xx", "3xx", "401", "403", "404", "409", "412", "422"]
LACKING = ["400", "401", "403", "415", "422", "428"]
SCHEMA = schemathesis.openapi.from_dict(
    DOCUMENT,
    config=schemathesis.Config.from_dict(
        {
            "checks": {
                "positive_data_acceptance": {"expected-statuses": GOOD},
                "missing_required_header": {"expected-statuses": LACKING},
            }
        }
    ),
)
TRYING = settings(
    max_examples=examples(8),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
STREAMS = SCHEMA.exclude(path="/v1/events")  # an answer that does not end: test_stream


@pytest.fixture(scope="module")
def tried() -> Any:
    """A node of its own, with a token that may do everything; nobody is slowed down."""
    from .conftest import serving

    with serving(Limits(rate=1e6, burst=10**6, failures=1e6, failures_burst=10**6)) as made:
        made.note_from_them()
        made.note_of_ours()
        yield made


def unseen(case: Any, response: Any) -> list[Any]:
    """Whether wrong data is refused cannot be asked where none was sent: a list without items, for a parameter that is
    not documented, leaves no trace in the address, and the header that is taken away is given by the test."""
    sent = {name for name, _ in parse_qsl(urlsplit(response.request.url).query, keep_blank_values=True)}
    return [negative_data_rejection] if set(case.query or {}) - sent else []


@STREAMS.parametrize()
@TRYING
def test_whatever_a_client_tries_is_answered_as_the_document_says(case: Any, tried: Any) -> None:
    """Every check of schemathesis: no server error, status, media type, headers and body as documented, and so on."""
    response = case.call(
        base_url=f"http://127.0.0.1:{tried.port}", headers={"Authorization": f"Bearer {tried.all_scopes}"}
    )
    case.validate_response(response, excluded_checks=unseen(case, response))


@STREAMS.include(path_regex="{(note|draft|party)}").parametrize()
@TRYING
def test_whatever_a_client_tries_on_what_is_there(case: Any, tried: Any) -> None:
    """The same with ids of a note, a draft and a party that exist, and new keys: what lies behind the gate."""
    made = tried.draft()
    there = {
        "note": tried.ask("GET", "/v1/notes").value["notes"][0]["note"],
        "draft": made.value["draft"],
        "party": "XB",
    }
    case.path_parameters.update({name: there[name] for name in case.path_parameters})
    case.headers.update({"Idempotency-Key": made.value["version"], "If-Match": made.headers["etag"]})
    response = case.call(
        base_url=f"http://127.0.0.1:{tried.port}", headers={"Authorization": f"Bearer {tried.all_scopes}"}
    )
    # What was wrong with a case may be what was put right here.
    case.validate_response(response, excluded_checks=[negative_data_rejection, missing_required_header])
    assert response.status_code != 404 or case.path_parameters.keys() & {"note"}


def test_the_checks_are_all_of_them_and_would_notice(tried: Any) -> None:
    """Control: a node that answers something else than its document says fails the same checks."""
    case = SCHEMA["/v1/status"]["GET"].Case(headers={"Authorization": f"Bearer {tried.all_scopes}"})
    case.validate_response(case.call(base_url=f"http://127.0.0.1:{tried.port}"))
    assert not_a_server_error in CHECKS.get_all()
    assert len(CHECKS.get_all()) >= 12
    for changed, said in (
        ({"content": b'{"party": 1}'}, "Response violates schema"),
        ({"status_code": 500}, "Server error"),
        ({"status_code": 418}, "Undocumented status code"),
        ({"headers": {"content-type": ["text/html"]}}, "Undocumented Content-Type"),
    ):
        response = case.call(base_url=f"http://127.0.0.1:{tried.port}")
        for name, value in changed.items():
            setattr(response, name, value)
        with pytest.raises(BaseException, match=said):
            case.validate_response(response)
