"""Random sheets in order, for any form of any library: hypothesis draws a value for each line by its kind."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network

from hypothesis import strategies as st

from parley.forms import Form, Header, Library, Line, Sheet, Value
from parley.forms.kinds import KINDS, Place
from parley.forms.kinds.judged import nothing_of
from parley.forms.kinds.options import CANNOT_TELL
from parley.forms.readback import _code, _filled_or_none
from parley.terms.confidence import Confidence, Level
from parley.terms.instant import Instant, Meaning, Precision
from parley.terms.likelihood import BANDS, Likelihood
from parley.terms.marking import Marking, Tlp
from parley.terms.nothing import Nothing
from parley.terms.party import Address, is_fictional
from parley.terms.quantity import INT64, UNITS, Duration, Quantity, TimeUnit
from parley.terms.states import all_states
from parley.terms.text import Text

REAL = sorted(code for code in all_states() if not is_fictional(code))
ALL = sorted(all_states())
MOMENTS = st.one_of(
    st.integers(0, 4_000_000_000_000),  # 1970 to 2096
    st.integers(0, 66_000_000).map(lambda minutes: minutes * 60_000),
    st.integers(-62_135_596_800_000, 253_402_300_799_999),
)
# Letters of many scripts, blanks, breaks and the page's own signs: whatever a text may hold must survive the page.
LETTERS = st.sampled_from(
    "abcXYZ 0189 .,;:=¶#-/()“”«»'\" аябв عربي سلام ،؛ 中文字符，。（） éñ \u00a0\u3000\u200f\u200e👍 "
)
FILLERS = "\u115f\u1160\u3164\uffa0"  # letters by their category that nobody can see: refused as hidden text
WORDS = st.text(
    st.one_of(
        LETTERS,
        LETTERS,
        st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp", "Mn"], exclude_characters=FILLERS),
    )
)


@st.composite
def own_words(draw: st.DrawFn, most: int = 4000) -> list[Value]:
    """A coded text of several paragraphs, some of them empty."""
    import unicodedata

    paragraphs = draw(st.lists(WORDS, min_size=1, max_size=4))
    text = unicodedata.normalize("NFC", "\n".join(paragraph.strip(" ") for paragraph in paragraphs))[:most]
    text = "\n".join(paragraph.strip(" ") for paragraph in text.split("\n"))
    if not text.strip():
        text = "word"
    language = draw(st.sampled_from(["ar", "zh", "en", "fr", "ru", "es", "sw", "und", "pt-BR", "zh-Hant"]))
    return Text(language, text).to_coded()


def parties(exercise: bool) -> st.SearchStrategy[str]:
    return st.sampled_from([*(ALL if exercise else REAL), "O-UNODA", "O-AU"])


def addresses(exercise: bool) -> st.SearchStrategy[Address]:
    offices = st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True)
    return st.builds(Address, parties(exercise), offices)


@st.composite
def markings(draw: st.DrawFn, exercise: bool) -> Marking:
    national = draw(
        st.one_of(st.none(), st.sampled_from(["RESTRICTED", "秘密", "ДСП", "سري", "NON CLASSÉ", "A  B", "-"]))
    )
    originator = draw(st.one_of(st.none(), parties(exercise)))
    return Marking.of(
        draw(st.sampled_from(list(Tlp))), national, originator, tuple(draw(st.sets(parties(exercise), max_size=3)))
    )


@st.composite
def headers(draw: st.DrawFn, form: Form) -> Header:
    exercise = draw(st.booleans())
    signed = draw(MOMENTS)
    notes = st.binary(min_size=32, max_size=32)
    recipients = draw(st.sets(addresses(exercise), min_size=1, max_size=4))
    return Header(
        exercise=exercise,
        sender=draw(addresses(exercise)),
        recipients=tuple(sorted(recipients, key=str)),
        marking=draw(markings(exercise)),
        written_in=draw(st.sampled_from(["ar", "zh", "en", "fr", "ru", "es", "sw", "sr-Latn"])),
        signed_at=signed,
        serial=draw(st.one_of(st.none(), st.integers(0, 2**53))),
        precedence=draw(st.integers(0, 3)),
        answer_by=draw(st.one_of(st.none(), st.integers(signed, max(signed, 253_402_300_799_999)))),
        accusation=form.accusation_needed or (draw(st.booleans()) and form.accusation_allowed),
        refers_to=tuple(sorted(draw(st.sets(notes, min_size=form.refers_required, max_size=3)))),
    )


def _instants(codes: tuple[str, ...]) -> st.SearchStrategy[Value]:
    meanings = [Meaning[code.upper().replace("-", "_")] for code in codes]
    return st.builds(Instant.at, MOMENTS, st.sampled_from(list(Precision)), st.sampled_from(meanings)).map(
        Instant.to_coded
    )


def _quantities(codes: tuple[str, ...]) -> st.SearchStrategy[Value]:
    numbers = st.one_of(st.integers(0, 30), st.integers(0, INT64))
    units = st.sampled_from([*UNITS, "EUR", "KES", "XAU"])
    amounts = st.builds(Quantity, numbers, st.one_of(st.just(0), st.integers(-18, 18)), units)
    return st.tuples(st.sampled_from(codes), amounts.map(Quantity.to_coded)).map(list)


IDENTIFIER_VALUES: st.SearchStrategy[Value] = st.one_of(
    st.builds(
        lambda a, n: ["ipv4", str(IPv4Network((a, n), strict=False))], st.integers(0, 2**32 - 1), st.integers(0, 32)
    ),
    st.builds(
        lambda a, n: ["ipv6", str(IPv6Network((a, n), strict=False))],
        st.integers(2**50, 2**128 - 1),
        st.integers(0, 128),
    ),
    st.integers(1, 2**32 - 1).map(lambda n: ["as", str(n)]),
    st.from_regex(r"[a-z0-9]{1,20}\.[a-z]{2,10}", fullmatch=True).map(lambda name: ["domain", name]),
    st.integers(1, 65535).map(lambda n: ["port", f"udp/{n}"]),
    st.binary(min_size=32, max_size=32).map(lambda raw: ["sha-256", raw.hex()]),
    st.integers(0, 99999).map(lambda n: ["cve", f"CVE-2017-{n:04}"]),
)
REFERENCE_VALUES = st.tuples(
    st.sampled_from(["document", "note", "case", "web"]),
    st.sampled_from(["A/70/174", "https://example.org/a?b=c;d#e", "No. 7"]),
).map(list)
LIKELIHOODS = st.one_of(
    st.sampled_from([Likelihood.of(band.scale, band.word) for band in BANDS.values()]),
    st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda two: Likelihood(min(two), max(two))),
).map(Likelihood.to_coded)
CONFIDENCES = st.builds(
    Confidence,
    st.sampled_from(list(Level)),
    st.one_of(st.sampled_from(list(Nothing)), own_words().map(Text.from_coded)),
).map(Confidence.to_coded)


def of_kind(line: Line, form: Form, header: Header, library: Library) -> st.SearchStrategy[Value]:
    """Values in order for a line."""
    codes, exercise = form.codes(line), header.exercise
    table: dict[str, Callable[[], st.SearchStrategy[Value]]] = {
        "address": lambda: addresses(exercise).map(str),
        "attachment": lambda: st.tuples(
            st.binary(min_size=32, max_size=32), st.integers(0, INT64), st.sampled_from(["application/pdf", "text/csv"])
        ).map(list),
        "code": lambda: st.sampled_from(codes),
        "confidence": lambda: CONFIDENCES,
        "digest": lambda: st.binary(min_size=32, max_size=32),
        "duration": lambda: st.builds(Duration, st.integers(0, 1_000_000), st.sampled_from(list(TimeUnit))).map(
            Duration.to_coded
        ),
        "effect": lambda: st.sampled_from(codes),
        "form": lambda: st.sampled_from([f.number for f in library.forms if f.questions]),
        "identifier": lambda: IDENTIFIER_VALUES,
        "instant": lambda: _instants(codes),
        "likelihood": lambda: LIKELIHOODS,
        "moment": lambda: MOMENTS,
        "number": lambda: st.integers(line.low, line.high),
        "quantity": lambda: _quantities(codes),
        "reference": lambda: REFERENCE_VALUES,
        "state": lambda: st.sampled_from(ALL if exercise else REAL),
        "telephone": lambda: st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
        "text": lambda: own_words(line.high),
    }
    return table[line.kind]()


def _listed(line: Line, form: Form, one: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    def put_in_order(values: list[Value]) -> Value:
        kept = [value for at, value in enumerate(values) if value not in values[:at]]
        if line.kind in ("code", "effect"):
            return [code for code in form.codes(line) if code in kept or code in line.must]
        return sorted(kept) if line.kind in ("state", "address", "digest") else kept  # type: ignore[type-var]

    return st.lists(one, min_size=1, max_size=min(line.most, 5)).map(put_in_order)


@st.composite
def sheets(draw: st.DrawFn, library: Library, form: Form) -> Sheet:
    """Any sheet in order of a form."""
    header = draw(headers(form))
    lines: dict[int, Value] = {}
    for line in form.lines:
        if line.kind == "option":
            continue
        if not _needed(line, lines) and not draw(st.booleans()):
            continue
        if line.nothing and draw(st.integers(0, 4)) == 0:
            lines[line.number] = int(nothing_of(draw(st.sampled_from(line.nothing))))
            continue
        one = of_kind(line, form, header, library)
        if line.alone_if and len(header.recipients) > 1:
            one = one.filter(lambda code, alone=line.alone_if: code not in alone)
        lines[line.number] = draw(_listed(line, form, one) if line.many else one)
    options = [line for line in form.lines if line.kind == "option"]
    if options:
        _draw_options(draw, options, form, header, lines, library)
    return Sheet(form.number, form.version, header, lines)


def _needed(line: Line, lines: dict[int, Value]) -> bool:
    if line.required_if is None:
        return line.required
    given = lines.get(line.required_if.line)
    return any(code in line.required_if.has for code in (given if isinstance(given, list) else [given]))


def _draw_options(
    draw: st.DrawFn, options: list[Line], form: Form, header: Header, lines: dict[int, Value], library: Library
) -> None:
    """Two different options of a question of the form that the sheet names; the named line is set to fit."""
    named = {line.name: line.number for line in form.lines}
    other = library.form(int(str(lines[named["about-form"]])))
    rule = draw(st.sampled_from(other.questions))
    lines[named["about-line"]] = rule.line
    about = other.by_number[rule.line]
    value = draw(_value_of(about, other, header, library))
    place = Place(about, other, {**header.to_lines(), about.number: value}, library)
    templates = [rule.right, *rule.wrong, *((rule.if_nothing.right, *rule.if_nothing.wrong) if rule.if_nothing else ())]
    ids = {_filled_or_none(template, rule, place) for template in templates} - {None}
    chosen = draw(st.permutations(sorted([*(str(i) for i in ids), CANNOT_TELL])))
    assert _code(place)
    assert KINDS[about.kind]
    for line, option in zip(options, chosen, strict=False):
        if line.required or draw(st.booleans()):
            lines[line.number] = option


def _value_of(line: Line, form: Form, header: Header, library: Library) -> st.SearchStrategy[Value]:
    if line.kind == "option":
        return st.just("cannot-tell")
    return of_kind(line, form, header, library)
