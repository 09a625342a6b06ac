"""Every fault of a sheet is found, named, and tied to its line."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.forms import (
    FormProblem,
    Sheet,
    Value,
    arranged,
    check,
    check_header,
    explain_fault,
    load,
    own_words,
    render,
)
from parley.terms.marking import Marking, Tlp
from parley.terms.party import Address
from parley.terms.terms_problem import TermsProblem

from ..effort import examples
from .stories import SIGNED, A, header, hospitals

HOUR = 3_600_000
DIGEST = bytes(range(32))


def faults(sheet: Sheet, now: int | None = None) -> dict[int, str]:
    """Line -> key of its (last) fault; {} for a sheet in order."""
    try:
        check(sheet, at_drafting_now=now)
    except FormProblem as problem:
        if problem.key != "form.sheet" or problem.arguments["count"] != len(problem.faults):
            raise
        return {fault.line: fault.key for fault in problem.faults}
    return {}


def with_line(number: int, value: Value) -> Sheet:
    """The story with one line changed; Ellipsis takes it away."""
    sheet = hospitals()
    lines = {**sheet.lines, number: value}
    if value is ...:
        del lines[number]
    return msgspec.structs.replace(sheet, lines=lines)


def test_the_story_is_in_order() -> None:
    """Control for all tables below: what they change is in order before."""
    assert faults(hospitals()) == {}
    assert faults(hospitals(), now=SIGNED) == {}


LINES: list[tuple[str, int, object, str]] = [
    ("a required line that is missing", 10, ..., "form.missing"),
    ("a code outside its list", 10, "bomb-them", "form.not_in_list"),
    ("a code where a list is wanted", 16, "health", "form.shape"),
    ("a list where a code is wanted", 10, ["stop-traffic"], "form.shape"),
    ("a number where a code is wanted", 10, 4, "form.shape"),
    ("an empty list", 16, [], "form.empty_list"),
    ("the same code twice", 16, ["health", "health"], "form.repeated"),
    ("codes out of order", 16, ["emergency-services", "health"], "form.not_in_order"),
    ("more entries than the line takes", 18, [[n * 1000, 6, 2] for n in range(7)], "form.too_many"),
    ("a norm that the form rests on left out", 23, ["13c"], "form.must_have"),
    ("an unknown state", 11, "ZZ", "form.unknown_state"),
    ("a state in small letters", 11, "xb", "form.unknown_state"),
    ("an organisation where a state is wanted", 11, "O-UNODA", "form.unknown_state"),
    ("a kind of nothing that the line does not take", 19, 5, "form.no_nothing"),
    ("a kind of nothing where none is taken", 10, 2, "form.shape"),
    ("a line that the form does not have", 77, "x", "form.not_on_form"),
    ("a header's line among the form's own", 6, "accusation", "form.not_on_form"),
    ("a likelihood of a word that means another range", 13, [100, 200, 6, 1], "terms.likelihood_word"),
    ("a likelihood above certainty", 13, [0, 1001, 0, 0], "form.shape"),
    ("a confidence fused with a likelihood", 14, [2, [550, 800]], "form.shape"),
    ("an instant finer than its precision", 18, [[1001, 6, 2]], "terms.too_fine"),
    ("a meaning that the line does not take", 18, [[1000, 6, 14]], "form.not_in_list"),
    ("a network with host bits set", 20, [["ipv4", "203.0.113.7/24"]], "form.identifier"),
    ("a bare address", 20, [["ipv4", "203.0.113.7"]], "form.identifier"),
    ("an address with leading zeros", 20, [["ipv4", "203.0.113.007/32"]], "form.identifier"),
    ("an IPv6 range in a long spelling", 20, [["ipv6", "2001:0db8::/32"]], "form.identifier"),
    ("an IPv4 address in an IPv6 one", 20, [["ipv6", "::ffff:c000:280/122"]], "form.identifier"),
    ("AS number 0", 20, [["as", "0"]], "form.identifier"),
    ("an AS number beyond four octets", 20, [["as", "4294967296"]], "form.identifier"),
    ("a domain in capitals", 20, [["domain", "Example.org"]], "form.identifier"),
    ("a domain with a letter of another script", 20, [["domain", "exаmple.org"]], "form.identifier"),
    ("a digest in capitals", 20, [["sha-256", "AB" * 32]], "form.identifier"),
    ("a port beyond the last", 20, [["port", "tcp/65536"]], "form.identifier"),
    ("an unknown sort of identifier", 20, [["mac", "00:00:5e:00:53:01"]], "form.not_in_list"),
    ("a CVE of another shape", 20, [["cve", "CVE-2017-144"]], "form.identifier"),
    ("fewer than no sites", 21, [["sites-out-of-service", [-1, 0, "site"]]], "form.range"),
    ("a unit that nobody knows", 21, [["sites-out-of-service", [1, 0, "hospital"]]], "terms.unknown_unit"),
    ("a reference with a bracket", 26, [["web", "https://example.org/[x]"]], "form.identifier"),
    ("an attachment with a short digest", 27, [[b"short", 1, "text/csv"]], "form.shape"),
    ("an attachment of negative size", 27, [[DIGEST, -1, "text/csv"]], "form.range"),
    ("an attachment of no media type", 27, [[DIGEST, 1, "csv"]], "form.identifier"),
    ("a telephone number without its country", 28, "0501234567", "form.identifier"),
    ("own words with a bidirectional override", 29, ["en", "abc \u202e def"], "terms.text_hidden"),
    ("own words with an isolate", 29, ["en", "abc \u2068 def"], "terms.text_hidden"),
    ("own words with a control character", 29, ["en", "abc\x1b[31m"], "terms.text_hidden"),
    ("own words that are blank", 29, ["en", " \n "], "terms.text_empty"),
    ("own words that are too long", 29, ["en", "a" * 4001], "form.too_long"),
    ("own words with a blank at the end of a paragraph", 29, ["en", "abc \ndef"], "form.blanks"),
    ("own words that are not NFC", 29, ["fr", "e\u0301"], "terms.text_not_normal"),
    ("own words without a language", 29, "abc", "form.shape"),
    ("own words in no language tag", 29, ["English", "abc"], "terms.bad_language"),
]


@pytest.mark.parametrize(("what", "number", "value", "key"), LINES, ids=[row[0] for row in LINES])
def test_a_faulty_line_is_named(what: str, number: int, value: Value, key: str) -> None:
    """One line is wrong, one fault is found, and it can be said in every language."""
    found = faults(with_line(number, value))
    assert found == {number: key}
    with pytest.raises(FormProblem) as caught:
        check(with_line(number, value), at_drafting_now=None)
    for language in load().languages:
        message = explain_fault(caught.value.faults[0], language)
        assert message.what
        assert "{" not in message.what + message.do


HEADERS: list[tuple[str, dict[str, object], dict[int, str]]] = [
    ("an answer hoped for before the signature", {"answer_by": SIGNED - 1}, {5: "form.answer_before_signing"}),
    ("an answer hoped for at the signature", {"answer_by": SIGNED}, {}),
    ("nobody to send it to", {"recipients": ()}, {3: "form.missing"}),
    ("a recipient named twice", {"recipients": (A, A)}, {3: "form.repeated"}),
    ("recipients out of order", {"recipients": (Address("XC", "a"), Address("XB", "a"))}, {3: "form.not_in_order"}),
    ("a precedence above FLASH", {"precedence": 4}, {4: "form.not_in_list"}),
    ("a precedence below ROUTINE", {"precedence": -1}, {4: "form.not_in_list"}),
    ("a note id of another length", {"refers_to": (b"short",)}, {7: "form.shape"}),
    ("a serial below zero", {"serial": -1}, {9: "form.range"}),
    ("a moment outside the calendar", {"signed_at": 10**15, "answer_by": None}, {9: "form.shape"}),
    ("a language that is no tag", {"written_in": "Arabic!"}, {9: "form.shape"}),
    ("a state that does not exist", {"sender": Address("ZZ", "a")}, {2: "form.unknown_state"}),
    (
        "a marking with a bracket",
        {"marking": Marking(Tlp.RED, "FOR [X] ONLY")},
        {8: "form.bracket"},
    ),
]


@pytest.mark.parametrize(("what", "changes", "found"), HEADERS, ids=[row[0] for row in HEADERS])
def test_a_faulty_header_is_named(what: str, changes: dict[str, object], found: dict[int, str]) -> None:
    """The header's lines are checked like all others; the same faults are found when the form is unknown."""
    sheet = hospitals(**changes)
    assert faults(sheet) == found
    try:
        check_header(sheet.header)
        seen: dict[int, str] = {}
    except FormProblem as problem:
        seen = {fault.line: fault.key for fault in problem.faults}
    assert seen == found


def test_a_fictional_state_in_a_real_note_is_refused_on_every_line_that_names_it() -> None:
    """Sender, recipient, marking and two lines of the form name Almara or Beltova: an exercise may, a real note not."""
    real = hospitals(exercise=False)
    assert faults(real) == dict.fromkeys((2, 3, 8, 11, 15), "form.fictional_in_real")


def test_an_answer_hoped_for_in_the_past_is_refused_only_while_drafting() -> None:
    """A received note that is late is late, not wrong."""
    sheet = hospitals()
    late = SIGNED + 3 * HOUR
    assert faults(sheet, now=late) == {5: "form.answer_in_past"}
    assert faults(sheet, now=None) == {}


def test_every_fault_is_listed_not_only_the_first() -> None:
    """Three things are wrong at once and three are named, in the order of the lines."""
    sheet = msgspec.structs.replace(hospitals(precedence=9), lines={**hospitals().lines, 10: "x", 99: "y"})
    with pytest.raises(FormProblem) as caught:
        check(sheet, at_drafting_now=None)
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [
        (4, "form.not_in_list"),
        (10, "form.not_in_list"),
        (99, "form.not_on_form"),
    ]
    assert caught.value.arguments == {"count": 3, "line": 4}


def test_an_answer_says_which_note_it_answers() -> None:
    """Forms that answer need line 7; the one that asks does not."""
    answer = Sheet(20, 1, header(answer_by=None), {10: "accept"})
    assert faults(answer) == {7: "form.refers_needed"}
    assert faults(Sheet(20, 1, header(refers_to=(DIGEST,)), {10: "accept"})) == {}


CONDITIONS = [
    ({10: "passed-to"}, {11: "form.missing"}),
    ({10: "passed-to", 11: "XB/cert"}, {}),
    ({10: "holding"}, {12: "form.missing"}),
    ({10: "holding", 12: SIGNED + HOUR}, {}),
    ({10: "acted"}, {13: "form.missing"}),
    ({10: "acted", 13: ["traffic-stopped"]}, {}),
    ({10: "accept"}, {}),
]


@pytest.mark.parametrize(("lines", "found"), CONDITIONS)
def test_a_line_may_be_required_by_another(lines: dict[int, Value], found: dict[int, str]) -> None:
    """Passed to whom, next word by when, acted how: the outcome decides what else must be said."""
    assert faults(Sheet(20, 1, header(refers_to=(DIGEST,)), lines)) == found


def test_a_link_check_and_a_clarification_never_accuse() -> None:
    """Line 6 of these forms is fixed."""
    assert faults(Sheet(1, 1, header(accusation=True), {10: "drill"})) == {6: "form.accusation_here"}
    assert faults(Sheet(1, 1, header(), {10: "drill"})) == {}


PROTEST: dict[int, Value] = {
    10: "activity",
    11: "XB",
    12: [[SIGNED - SIGNED % 60_000, 5, 2]],
    13: "explain",
    14: "none-said",
    15: "stays-private",
}


def test_a_form_that_always_accuses_says_so_on_line_6() -> None:
    """A protest under the words "this is not an accusation" would say two things."""
    assert faults(Sheet(41, 1, header(accusation=False), PROTEST)) == {6: "form.accusation_needed"}
    assert faults(Sheet(41, 1, header(accusation=True), PROTEST)) == {}


def test_identical_notes_go_one_to_each() -> None:
    """A note that says that others are not named does not name them as recipients."""
    both = header(accusation=True, recipients=(Address("XB", "duty"), Address("XC", "duty")))
    identical = {**PROTEST, 21: "same-text-to-others"}
    assert faults(Sheet(41, 1, both, identical)) == {21: "form.alone"}
    assert faults(Sheet(41, 1, header(accusation=True), identical)) == {}
    assert faults(Sheet(41, 1, both, {**PROTEST, 21: "addressees-only"})) == {}
    assert faults(Sheet(41, 1, both, PROTEST)) == {}


CLARIFICATIONS: list[tuple[str, dict[int, Value], dict[int, str]]] = [
    ("the story's", {10: 6, 11: "not-accusation", 12: "accusation", 14: 11}, {}),
    ("an answer with a time", {10: 5, 11: "hoped:2026-11-23T20:11Z", 12: "local:2026-11-23T20:11Z", 14: 11}, {}),
    ("the other side could not tell", {10: 10, 11: "request:look-into", 12: "cannot-tell", 14: 11}, {}),
    ("both readings alike", {10: 6, 11: "accusation", 12: "accusation", 14: 11}, {12: "form.same_as"}),
    ("an option of another question", {10: 6, 11: "request:look-into", 14: 11}, {11: "form.not_an_option"}),
    ("a code outside the other form's list", {10: 10, 11: "request:bomb-them", 14: 11}, {11: "form.not_an_option"}),
    ("a head without its code", {10: 10, 11: "request", 14: 11}, {11: "form.not_an_option"}),
    ("a time in another spelling", {10: 5, 11: "hoped:2026-11-23T20:11:00Z", 14: 11}, {11: "form.not_an_option"}),
    ("a line that no question is about", {10: 16, 11: "health", 14: 11}, {11: "form.not_an_option"}),
    (
        "a form that is not there",
        {10: 6, 11: "accusation", 14: 99},
        {11: "form.not_an_option", 14: "form.not_in_list"},
    ),
    ("own words for an option", {10: 6, 11: "We meant no harm", 14: 11}, {11: "form.not_an_option"}),
]


@pytest.mark.parametrize(("what", "lines", "found"), CLARIFICATIONS, ids=[row[0] for row in CLARIFICATIONS])
def test_a_clarification_names_options_that_were_on_offer(
    what: str, lines: dict[int, Value], found: dict[int, str]
) -> None:
    """Lines 11 and 12 are checked against the read-back of the form that line 14 names."""
    assert faults(Sheet(21, 1, header(refers_to=(DIGEST,)), lines)) == found


@pytest.mark.parametrize(("number", "version"), [(11, 2), (12345, 1), (-1, 0)])
def test_an_unknown_form_or_version_has_its_own_problem(number: int, version: int) -> None:
    """The line takes such a note and shows coded lines; so it must be told apart from a faulty one."""
    with pytest.raises(FormProblem) as caught:
        check(Sheet(number, version, header(), {}), at_drafting_now=None)
    assert caught.value.key == "form.unknown_form"


def test_typed_lists_are_put_in_order() -> None:
    """What a person named in any order, and twice, passes after `arranged`; what is wrong stays wrong."""
    form = load().form(11)
    lines = {**hospitals().lines, 16: ["emergency-services", "health", "health"], 15: ["XB", "XA"]}
    sheet = msgspec.structs.replace(hospitals(), lines=arranged(form, lines))
    assert sheet.lines[16] == ["health", "emergency-services"]
    assert sheet.lines[15] == ["XA", "XB"]
    assert faults(sheet) == {}
    wrong = arranged(form, {16: ["bomb", "health"], 10: "x", 15: ["XB", 4], 99: [2, 1]})
    assert wrong == {16: ["bomb", "health"], 10: "x", 15: ["XB", 4], 99: [2, 1]}


def test_typed_words_are_tidied_and_dangerous_ones_refused() -> None:
    """Blanks and line ends are put right; a bidirectional override is not, it is refused."""
    assert own_words("fr", "  un \r\n\r\n caf\u0065\u0301 x\t ") == ["fr", "un\n\ncafé x"]
    with pytest.raises(TermsProblem):
        own_words("en", "abc \u202e cba")


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.binary(max_size=40),
        st.text(max_size=40),
        st.sampled_from(["health", "XA", "XB/duty", "stop-traffic", "en", "accusation", "ipv4", "tcp/1"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.integers(0, 9), inner, max_size=3)),
    max_leaves=8,
)


@settings(deadline=None, max_examples=examples(120), suppress_health_check=list(HealthCheck))
@given(st.sampled_from([form.number for form in load().forms]), st.dictionaries(st.integers(0, 40), VALUES, max_size=6))
def test_no_value_of_a_peer_crashes_the_check(number: int, lines: dict[int, Value]) -> None:
    """Whatever canonical bytes can hold is either in order, and can then be rendered, or a named fault."""
    base = hospitals().lines if number == 11 else {}
    sheet = Sheet(number, 1, header(refers_to=(DIGEST,)), {**base, **lines})
    if not faults(sheet):
        assert render(sheet, "en").lines
