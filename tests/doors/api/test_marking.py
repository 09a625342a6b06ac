"""Markings: nothing above the level passes, by no address and in no scope."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parley.clearance import Exit, Thing
from parley.desk import access, draft
from parley.desk.problems import DeskProblem
from parley.outside.settings import Settings, SettingsProblem
from parley.program_door import open_api
from parley.terms.marking import Marking, Tlp

REFUSED = "desk.above_level"


@pytest.mark.parametrize(
    ("tlp", "national", "set_to", "through"),
    [
        (Tlp.CLEAR, None, "TLP:CLEAR", True),
        (Tlp.GREEN, None, "TLP:CLEAR", False),
        (Tlp.AMBER, None, "TLP:AMBER", True),
        (Tlp.AMBER_STRICT, None, "TLP:AMBER", False),
        (Tlp.AMBER_STRICT, None, "TLP:AMBER+STRICT", True),
        (Tlp.RED, None, "TLP:AMBER+STRICT", False),
        (Tlp.CLEAR, "UNCLASSIFIED", "TLP:CLEAR", True),
        (Tlp.CLEAR, "RESTRICTED", "TLP:AMBER+STRICT", False),  # Parley is not accredited for it (DESIGN 1)
        (Tlp.GREEN, "что-то новое", "TLP:AMBER+STRICT", False),  # every wording restricts that is not known to be open
    ],
)
def test_what_passes_at_which_level(tlp: Tlp, national: str | None, set_to: str, through: bool) -> None:
    reader = access.program(access.level_of(set_to))
    for exit in (Exit.PROGRAM, Exit.STREAM, Exit.EXPORT):
        assert access.passes(reader, exit, Thing(marking=Marking(tlp, national).to_coded())) is through


@pytest.mark.parametrize("coded", [[], [9, None, None, []], "TLP:CLEAR", [1, None, None], 1, {}, [1, 5, None, []]])
def test_what_cannot_be_read_as_a_marking_never_passes(coded: Any) -> None:
    assert not access.passes(access.program(Tlp.AMBER_STRICT), Exit.PROGRAM, Thing(marking=coded))


def test_a_draft_without_a_marking_is_amber() -> None:
    """As in `draft.sheet_of`, which marks it so."""
    assert access.passes(access.program(Tlp.AMBER), Exit.PROGRAM, Thing())
    assert not access.passes(access.program(Tlp.GREEN), Exit.PROGRAM, Thing())


@pytest.mark.parametrize("label", ["TLP:RED", "", "AMBER", "TLP:amber"])
def test_red_and_what_is_no_level_cannot_be_chosen(label: str) -> None:
    with pytest.raises(DeskProblem, match="level"):
        access.level_of(label)


@pytest.mark.parametrize("whose", ["theirs", "ours"])
def test_a_note_above_the_level_passes_by_no_address(alone: Any, whose: str) -> None:
    with alone(api_level="TLP:GREEN") as served:
        note = served.note_from_them() if whose == "theirs" else served.note_of_ours()
        green = served.note_from_them(Tlp.GREEN)
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/archive", None),
            ("POST", "/replies", {"form": 2, "lines": {"10": "clear"}}),
            ("POST", "/clarifications", {"party": "XB", "line": 6}),
        ):
            got = served.ask(method, f"/v1/notes/{note}{path}", body, Idempotency_Key=f"m{path}")
            assert (got.status, got.value["key"]) == (403, REFUSED)
            assert "EXERCISE" not in json.dumps(got.value)
        listed = served.ask("GET", "/v1/notes").value["notes"]
        assert [one["note"] for one in listed] == [green]
        fields = {"form": 1, "to": ["XB/duty"], "lines": {"10": "drill"}, "exercise": True, "refers_to": [note]}
        got = served.ask("POST", "/v1/drafts", fields, Idempotency_Key="refers")
        assert (got.status, got.value["key"]) == (403, REFUSED)


def test_a_page_of_a_list_goes_on_past_what_is_left_out(alone: Any) -> None:
    with alone() as served:
        passing = [served.note_from_them(Tlp.RED if number % 2 else Tlp.AMBER) for number in range(6)][::2]
        found: list[str] = []
        page = served.ask("GET", "/v1/notes?limit=2").value
        found += [one["note"] for one in page["notes"]]
        while page["next"] is not None:
            page = served.ask("GET", f"/v1/notes?limit=2&before={page['next']}").value
            found += [one["note"] for one in page["notes"]]
        assert found == passing[::-1]


def test_a_draft_that_an_officer_marked_higher_is_out_of_reach(alone: Any) -> None:
    with alone() as served:
        made = served.draft()
        identity, node = made.value["draft"], served.ours.node
        before = draft.fetch(node, identity)
        import msgspec

        marked = msgspec.structs.replace(before, marking=Marking(Tlp.RED).to_coded())
        served.do(draft.save(node, marked, identity))
        for method in ("GET", "PATCH", "DELETE"):
            got = served.ask(method, f"/v1/drafts/{identity}", {}, If_Match=made.headers["etag"])
            assert (got.status, got.value["key"]) == (403, REFUSED)
        assert served.ask("GET", "/v1/drafts").value["drafts"] == []


def test_at_a_level_below_amber_no_draft_can_be_made(alone: Any) -> None:
    """Its marking would be TLP:AMBER, which its own maker could not see."""
    with alone(api_level="TLP:GREEN") as served:
        got = served.draft()
        assert (got.status, got.value["key"]) == (403, REFUSED)


ADDRESSES = ["0.0.0.0:8470", "192.0.2.1:8470", "[::]:8470", "localhost:8470", "desk.example:8470"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_api_listens_on_loopback_only(served: Any, address: str) -> None:
    """A name is none: who controls the resolver would choose the interface."""
    from contextlib import AsyncExitStack

    settings = Settings(party="XA", api=address)
    with pytest.raises(SettingsProblem, match="cannot listen"):
        served.do(open_api(AsyncExitStack(), served.ours.node, settings))
