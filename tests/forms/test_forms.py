"""The forms that ship: their numbers are fixed, their answers exist, their digests are those of the files."""

from __future__ import annotations

import hashlib

import pytest

from parley.forms import FormProblem, load
from parley.forms.kinds import KINDS
from parley.forms.library import packaged

LIBRARY = load()
# Number, name, default precedence (0 ROUTINE to 3 FLASH). The numbers are on the wire and never change.
FORMS = [
    (1, "link-check", 0),
    (2, "link-check-answer", 0),
    (3, "line-suspended", 2),
    (4, "line-resumed", 1),
    (5, "duty-change", 0),
    (10, "incident-notification", 2),
    (11, "request-mitigation", 2),
    (12, "request-information", 1),
    (13, "request-assistance", 2),
    (14, "invitation-to-consult", 1),
    (15, "preservation-referral", 2),
    (16, "joint-statement-proposal", 1),
    (20, "answer", 1),
    (21, "clarification", 2),
    (22, "countersignature", 1),
    (23, "team-consent", 2),
    (24, "correction", 2),
    (30, "offer-assistance", 2),
    (31, "technical-annex", 1),
    (32, "advance-notice", 1),
    (33, "vulnerability-notice", 1),
    (34, "effects-from-here", 2),
    (35, "reassurance", 2),
    (36, "oral-record", 1),
    (40, "attribution", 1),
    (41, "protest", 1),
    (42, "denial", 1),
    (43, "claim", 1),
    (90, "own-words", 0),
]


def test_the_forms_are_these() -> None:
    """Each in version 1, with the precedence that a draft begins with."""
    assert [(form.number, form.name, form.default_precedence) for form in LIBRARY.forms] == FORMS
    assert {form.version for form in LIBRARY.forms} == {1}


def test_the_file_of_a_form_is_named_by_it() -> None:
    """``011-request-mitigation.toml`` holds form 11."""
    assert {name.removesuffix(".toml") for name in packaged()[0]} == {f"{n:03}-{name}" for n, name, _ in FORMS}


def test_a_digest_is_that_of_the_files_bytes() -> None:
    """So that a definition that was asked for over the line can be compared with what was signed."""
    for name, data in packaged()[0].items():
        assert LIBRARY.form(int(name[:3])).digest == hashlib.sha256(data).digest()


def test_the_catalogue_digest_is_that_of_all_language_files() -> None:
    """SHA-256 over one line a language: code, blank, SHA-256 of its file, LF."""
    files = packaged()[1]
    lines = [f"{name.removesuffix('.toml')} {hashlib.sha256(files[name]).hexdigest()}\n" for name in sorted(files)]
    assert LIBRARY.catalogue_digest == hashlib.sha256("".join(lines).encode()).digest()
    assert LIBRARY.catalogue_version == 1


def test_what_may_answer_a_form_is_a_form() -> None:
    """Each exists; every form but the answer to a link check takes form 20, and every form 21."""
    numbers = set(LIBRARY.numbers)
    for form in LIBRARY.forms:
        assert set(form.fitting_answers) <= numbers
        assert len(set(form.fitting_answers)) == len(form.fitting_answers)
        assert 21 in form.fitting_answers
    assert all(20 in LIBRARY.form(number).fitting_answers for number in LIBRARY.numbers if number != 2)


def test_a_request_for_mitigation_rests_on_both_norms() -> None:
    """Norms 13 (c) and 13 (h) of A/70/174 cannot be left out of it."""
    form = LIBRARY.form(11)
    line = next(line for line in form.lines if line.name == "norms")
    assert line.required
    assert line.must == ("13c", "13h")


def test_a_vulnerability_notice_and_a_claim_rest_on_theirs() -> None:
    """Norm 13 (j), and article 43 on state responsibility, cannot be left out of them."""
    norms = next(line for line in LIBRARY.form(33).lines if line.name == "norms")
    articles = next(line for line in LIBRARY.form(43).lines if line.name == "articles")
    assert (norms.required, norms.must) == (True, ("13j",))
    assert (articles.required, articles.must) == (True, ("43",))


def test_nobody_opened_a_document_yet() -> None:
    """Every row of norm or law ships as unverified and names the document; who opens one changes this test too."""
    rows = [row for form in LIBRARY.forms for row in form.sources]
    assert {row.status for row in rows} == {"unverified"}
    assert all(row.document and row.paragraph for row in rows)
    cited = {"norm", "article", "attribution-link", "claim", "rule", "referral-way"}
    assert {row.list for row in rows} == cited
    for form in LIBRARY.forms:  # a code that rests on a document has its row in every form that has the code
        wanted = {row[:2] for row in {(row.list, row.code) for row in rows} if row[1] in form.lists.get(row[0], ())}
        assert {(row.list, row.code) for row in form.sources} == wanted


def test_attribution_protest_and_claim_always_accuse() -> None:
    """Nothing else must, and what tells, asks, offers or keeps the line never does."""
    assert [form.number for form in LIBRARY.forms if form.accusation_needed] == [40, 41, 43]
    allowed = [form.number for form in LIBRARY.forms if form.accusation_allowed]
    assert allowed == [10, 11, 12, 13, 16, 20, 24, 36, 40, 41, 42, 43, 90]


# Whether an answer is awaited although line 5 names no time; with a code on one line: only then.
AWAITED = {
    True: (1, 11, 12, 13, 14, 15, 16, 36, 43),
    False: (2, 3, 4, 5, 10, 20, 21, 22, 23, 24, 30, 31, 33, 34, 41),
    "on the line message-ask": (32, 35, 40, 42, 90),
}


def test_each_form_says_whether_it_awaits_an_answer() -> None:
    """Requests, invitations, records to be countersigned, claims do; notices and answers only by when they say."""
    found: dict[object, list[int]] = {}
    for form in LIBRARY.forms:
        found.setdefault("on the line message-ask" if form.awaits_if else form.awaits_answer, []).append(form.number)
        if form.awaits_if:
            assert form.by_number[form.awaits_if.line].name == "message-ask"
    assert {key: tuple(numbers) for key, numbers in found.items()} == AWAITED


def test_an_answer_is_awaited_by_form_by_code_or_by_line_5() -> None:
    """An incident notification that names no time awaits none; own words that ask for a call do."""
    notice, words, request = LIBRARY.form(10), LIBRARY.form(90), LIBRARY.form(12)
    assert not notice.awaits({21: "say-if-seen"}, None)
    assert notice.awaits({21: "nothing"}, 1)
    assert words.awaits({12: "call"}, None)
    assert not words.awaits({12: "nothing"}, None)
    assert request.awaits({}, None)


@pytest.mark.parametrize("form", LIBRARY.forms, ids=lambda form: form.name)
def test_a_form_uses_every_list_that_it_defines(form: object) -> None:
    """A list that no line uses is a slip."""
    from parley.forms import Form

    assert isinstance(form, Form)
    used = {line.list for line in form.all_lines}
    assert set(form.lists) <= used


def test_lists_of_one_name_agree_between_forms() -> None:
    """The words of a code are shared by name, so the same list means the same codes in the same order."""
    seen: dict[str, tuple[str, ...]] = {}
    for form in LIBRARY.forms:
        for name, codes in form.lists.items():
            known = seen.setdefault(name, codes)
            if name != "measure":  # each form counts what it needs
                assert codes == known, (form.number, name)


def test_every_kind_is_used_by_some_form() -> None:
    """A kind without a form could not be tested by the properties."""
    used = {line.kind for form in LIBRARY.forms for line in form.all_lines}
    assert used == set(KINDS)


def test_the_library_is_read_once() -> None:
    """Asking again costs nothing and gives the same object."""
    assert load() is load()


def test_an_unknown_form_is_named() -> None:
    """Number and version stand in the problem."""
    with pytest.raises(FormProblem) as caught:
        LIBRARY.form(11, 9)
    assert caught.value.arguments == {"number": "11", "version": "9"}
