"""What `fill` makes of codes, `codes_of` and `words_of` give back: on every kind of line of every form."""

from __future__ import annotations

from typing import Any

import pytest

from parley.desk.fill import codes_of, fill, words_of
from parley.forms import load
from parley.terms.nothing import Nothing

CODES: dict[str, str] = {
    "state": "XB",
    "likelihood": "icd_203.likely",
    "confidence": "moderate -unknown",
    "instant": "began 2017-05-12T07:44Z",
    "moment": "2017-05-12T10:00Z",
    "quantity": "sites-out-of-service 61 site",
    "duration": "3 day",
    "identifier": "ipv4 203.0.113.0/24",
    "telephone": "+41225550100",
    "address": "XB/duty",
    "number": "6",
}
LINES = [(form.number, line.number) for form in load().forms for line in form.lines]


@pytest.mark.parametrize(("form_number", "line_number"), LINES)
def test_codes_come_back_as_they_went_in(form_number: int, line_number: int) -> None:
    form = load().form(form_number)
    line = form.line(line_number)
    assert line is not None
    codes = (CODES[line.kind],) if line.kind in CODES else form.codes(line)
    for code in codes:
        filled = fill(form, [(line_number, code)])
        assert codes_of(form, filled) == {line_number: (code,)}
    for kind in line.nothing:
        filled = fill(form, [(line_number, f"-{kind}")])
        assert codes_of(form, filled) == {line_number: (f"-{kind}",)}
    if line.many and codes:
        several = fill(form, [(line_number, code) for code in codes])
        assert codes_of(form, several) == {line_number: tuple(codes)}


def test_own_words_come_back_and_are_no_code() -> None:
    form = load().form(90)
    filled = fill(form, [(10, "other")], {11: ("fr", "Une phrase.\nEt une autre.")})
    assert words_of(form, filled) == {11: "Une phrase.\nEt une autre."}
    assert codes_of(form, filled)[11] == ("fr",)


@pytest.mark.parametrize("value", [None, "nonsense", 77, [], {}, b"\x00", [["x"]], int(Nothing.WITHHELD)])
def test_a_value_that_fits_no_line_has_no_code_and_breaks_nothing(value: Any) -> None:
    """A note of another party carries what it carries."""
    form = load().form(11)
    for line in form.lines:
        codes_of(form, {line.number: value, 99: value})
        assert 99 not in codes_of(form, {99: value})
        assert isinstance(words_of(form, {line.number: value}), dict)
