"""Writes docs/forms/examples/: every form filled in once, as an officer could send it, in each complete language.

python docs/forms/make_examples.py

The examples are exercises between fictional states. Lines are written as `parley draft` takes them: number, code.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from parley.desk.fill import fill
from parley.forms import Form, FormProblem, Header, Library, Sheet, check, load, render
from parley.forms.kinds.times import parse_iso_moment
from parley.terms.marking import Marking
from parley.terms.party import Address

FOLDER = Path(__file__).parent / "examples"
SIX = ("ar", "zh", "en", "fr", "ru", "es")
SIGNED = parse_iso_moment("2026-11-23T18:11Z")
WIDTH = 100


def digest(name: str) -> str:
    """A SHA-256 in hexadecimal that stands for a file or an earlier note."""
    return hashlib.sha256(name.encode()).hexdigest()


class Example(NamedTuple):
    """A filled form: what it is an example of, its own lines, and what of the header differs from the usual."""

    about: str
    lines: str
    answer_by: str = ""
    accusation: bool = False
    refers_to: tuple[str, ...] = ()
    sender: str = "XA/duty"
    to: tuple[str, ...] = ("XB/duty",)
    marking: str = "TLP:AMBER"
    written_in: str = "en"


EXAMPLES: dict[int, Example] = {
    1: Example(
        "A check by the timetable.",
        """
        10 timetable
        11 ar
        11 en
        12 +99855501234
        """,
        answer_by="2026-11-23T19:11Z",
    ),
    2: Example(
        "The answer to it.",
        """
        10 in-order
        11 both
        12 en
        12 fr
        13 +99955504321
        """,
        sender="XB/duty",
        to=("XA/duty",),
        refers_to=("link check",),
    ),
    3: Example(
        "Almara changes its equipment over night and says what is still taken.",
        """
        10 all-but-flash
        11 maintenance
        12 2026-11-23T22:00Z
        13 2026-11-24T04:00Z
        14 other-office
        14 telephone
        15 XA/cert
        16 +99855501234
        """,
    ),
    4: Example(
        "Almara is back, and asks for what did not arrive.",
        """
        10 2026-11-24T03:20Z
        11 sent-again-please
        12 same
        13 +99855501234
        """,
        refers_to=("line suspended",),
    ),
    5: Example(
        "Another office takes over for the holidays.",
        """
        10 office-moved
        11 XA/duty
        12 2026-12-24T12:00Z
        13 XA/holiday-duty
        14 diplomatic
        15 ar
        15 fr
        16 +99855501299
        """,
    ),
    10: Example(
        "A worm is loose in Almara and may reach others.",
        """
        10 worm
        11 XA
        12 health
        12 emergency-services
        13 logical.systems-down
        13 data.encrypted
        13 social.service-interrupted
        14 began 2026-11-23T13:44Z
        14 discovered 2026-11-23T15Z
        15 going-on
        16 sites-out-of-service 61 site
        17 -unknown
        18 towards-territory
        19 icd_203.likely
        20 moderate -withheld
        21 say-if-seen
        22 sha-256 {digest:worm}
        22 port tcp/445
        25 +99855501234
        27 same-text-to-others
        """,
        answer_by="2026-11-24T06:00Z",
    ),
    11: Example(
        "Part of the traffic comes from addresses in Beltova.",
        """
        10 stop-traffic
        11 XB
        12 from-territory
        13 icd_203.very_likely
        14 moderate -withheld
        15 XA
        16 health
        17 logical.systems-down
        17 data.encrypted
        18 began 2026-11-23T13:44Z
        19 going-on
        20 ipv4 203.0.113.0/24
        20 as 64496
        20 port tcp/445
        21 sources-seen 340 address
        22 3 day
        23 13c
        23 13h
        24 filtered-at-border
        25 records
        28 +99855501234
        """,
        answer_by="2026-11-23T20:11Z",
    ),
    12: Example(
        "Almara asks who is responsible for the addresses.",
        """
        10 owner-of-addresses
        11 worm
        12 XA
        14 observed 2026-11-23T15Z
        15 through-territory
        16 phia.realistic_possibility
        17 own-defence
        18 ipv4 203.0.113.0/24
        21 +99855501234
        """,
        answer_by="2026-11-24T12:00Z",
    ),
    13: Example(
        "Almara asks for experts to speak to.",
        """
        10 experts-by-voice
        11 remote-only
        12 ransom
        13 icd_203.very_likely
        14 none-known
        15 XA
        16 health
        17 data.encrypted
        17 social.service-interrupted
        18 began 2026-11-23T13:44Z
        19 going-on
        20 experts-wanted 4 person
        21 5 day
        26 +99855501234
        """,
        answer_by="2026-11-23T21:00Z",
    ),
    14: Example(
        "Two desks saw the same traffic and drew different conclusions.",
        """
        10 misunderstanding
        11 video
        12 2026-11-25T09:00Z
        12 2026-11-25T14:00Z
        13 diplomatic
        13 technical
        14 each-its-own
        15 en
        15 fr
        19 +99855501234
        """,
        answer_by="2026-11-24T16:00Z",
    ),
    15: Example(
        "The request itself goes through the contact points of a convention; this note says so to the diplomatic desk.",
        """
        10 budapest
        11 sent-there
        12 XB
        13 traffic-data
        13 machine-records
        14 ipv4 203.0.113.17/32
        15 began 2026-11-23T13:44Z
        15 ended 2026-11-23T17:02Z
        16 90 day
        17 request-will-follow
        18 note AL-247-0093
        20 +99855501234
        """,
        answer_by="2026-11-24T12:00Z",
    ),
    16: Example(
        "A draft for a statement of solidarity, open to comment.",
        """
        10 solidarity
        11 text/plain 2310 {digest:statement}
        12 for-comment
        13 names-nobody
        14 not-joining
        15 2026-11-27T12:00Z
        16 capitals
        16 united-nations
        17 invited-states
        18 -withheld
        19 en
        19 fr
        22 +99855501234
        """,
        answer_by="2026-11-26T12:00Z",
        to=("XC/duty",),
    ),
    20: Example(
        "Beltova takes the request for mitigation in hand and says when it will write again.",
        """
        10 holding
        12 2026-11-24T06:00Z
        16 +99955504321
        """,
        sender="XB/duty",
        to=("XA/duty",),
        refers_to=("request for mitigation",),
    ),
    21: Example(
        "The read-back showed that line 10 of the request was taken for a demand.",
        """
        10 10
        11 request:stop-traffic
        12 demand:stop-traffic
        14 11
        """,
        refers_to=("request for mitigation",),
    ),
    22: Example(
        "Beltova agrees with the record of the talk, but for one line.",
        """
        10 agreed-with-correction
        11 17
        12 en: Line 17: the answer was promised by 18:00 UTC, not by noon.
        13 what-was-said
        15 +99955504321
        """,
        sender="XB/duty",
        to=("XA/duty",),
        refers_to=("record of the talk",),
    ),
    23: Example(
        "A team of Beltova may work at two hospitals for a week.",
        """
        10 given-with-limits
        11 XB
        12 on-site-by-consent
        13 look-at-systems
        13 collect-records
        14 accompanied
        14 systems-named-only
        14 no-personal-data
        15 4
        16 2026-11-25T06:00Z
        17 2026-12-02T06:00Z
        18 no-special-status
        19 copies-after-consent
        22 +99855501234
        """,
        refers_to=("offer of assistance",),
    ),
    24: Example(
        "New findings change what the request for mitigation said of the territory.",
        """
        10 corrected
        11 11
        12 12
        12 13
        13 new-findings
        14 leave
        16 en: Lines 12 and 13: the traffic passes through the territory; we no longer say that it comes from there.
        18 +99855501234
        """,
        refers_to=("request for mitigation",),
    ),
    30: Example(
        "Beltova offers experts after the notification.",
        """
        10 experts-on-site
        11 on-site-by-consent
        12 response-team
        13 free
        14 kept-confidential
        15 2026-11-30T12:00Z
        16 4
        17 analysis
        18 ransom
        20 en
        20 fr
        23 +99955504321
        """,
        answer_by="2026-11-24T12:00Z",
        sender="XB/duty",
        to=("XA/duty",),
        refers_to=("incident notification",),
    ),
    31: Example(
        "Identifiers of the worm as a STIX bundle.",
        """
        10 stix-bundle
        11 application/json 18244 {digest:bundle}
        12 seen-by-us
        13 look-for
        14 no-sample
        15 sha-256 {digest:worm}
        15 domain update.example.net
        16 observed 2026-11-23T15Z
        17 2026-12-23T00:00Z
        18 high -withheld
        20 +99855501234
        """,
        sender="XA/cert",
        to=("XB/cert",),
        refers_to=("request for mitigation",),
    ),
    32: Example(
        "An exercise that will look like an outage from outside.",
        """
        10 exercise
        11 2026-12-03T08:00Z
        12 2026-12-03T16:00Z
        13 disruption
        14 traffic-only
        15 on-call
        16 nothing
        18 ipv4 198.51.100.0/24
        19 addressees-only
        22 +99855501234
        """,
    ),
    33: Example(
        "A vulnerability seen in use before there was a remedy.",
        """
        10 not-public-no-fix
        11 en: Remote maintenance of the pump controllers of the fictional maker Norvex, series 4.
        12 use-seen
        13 told-fix-coming
        14 keep-confidential
        15 2026-12-07T12:00Z
        16 seen-in-incident
        17 13j
        18 water
        18 energy
        19 port tcp/102
        20 same-text-to-others
        23 +99855501234
        """,
        marking="TLP:RED",
    ),
    34: Example(
        "Almara's own filter cut off more than it was meant to.",
        """
        10 own-activity
        11 XB
        11 XC
        12 logical.network-slow
        12 social.service-interrupted
        13 began 2026-11-23T15:10Z
        14 contained
        15 facts-only
        16 say-if-seen
        17 isolated
        17 operators-asked
        18 4 hour
        19 telecoms
        20 records
        25 +99855501234
        """,
        answer_by="2026-11-24T06:00Z",
        to=("XB/duty", "XC/duty"),
    ),
    35: Example(
        "Scans that Beltova noticed belong to an exercise.",
        """
        10 not-directed-at-you
        11 exercise
        12 no-responsibility
        13 nothing
        14 2026-12-03T16:00Z
        18 +99855501234
        """,
        refers_to=("advance notice",),
    ),
    36: Example(
        "A call between the duty officers.",
        """
        10 telephone
        11 2026-11-23T17:30Z
        12 XB/duty
        13 sender
        14 incident
        15 answer-promised
        16 what-was-said
        17 2026-11-24T12:00Z
        18 recipient
        19 en: We described the traffic and asked whether it is seen at the other end.
        20 en: It is seen; who operates the machines is being looked into.
        23 +99855501234
        """,
        answer_by="2026-11-24T12:00Z",
    ),
    40: Example(
        "Almara tells Beltova, and nobody else, what it has concluded.",
        """
        10 XB
        11 instructed-or-controlled
        12 icd_203.likely
        13 moderate -withheld
        14 destruction
        15 XA
        16 logical.systems-down
        16 data.destroyed
        16 social.service-interrupted
        17 began 2026-09-02T03:10Z
        18 in-a-talk
        19 stays-private
        20 meeting
        22 13f
        23 sovereignty
        24 health
        28 +99855501234
        """,
        answer_by="2026-12-04T12:00Z",
        accusation=True,
        sender="XA/foreign-affairs",
        to=("XB/foreign-affairs",),
        marking="TLP:RED",
    ),
    41: Example(
        "A protest against the publication of what was confidential.",
        """
        10 publication
        11 XB
        12 disclosed 2026-11-20
        13 explain
        14 rights-reserved
        15 stays-private
        24 +99855501234
        """,
        answer_by="2026-12-04T12:00Z",
        accusation=True,
        sender="XA/foreign-affairs",
        to=("XB/foreign-affairs",),
    ),
    42: Example(
        "Beltova has heard the attribution and knows nothing of it.",
        """
        10 authorship
        11 not-known-to-us
        12 XA
        13 stays-private
        14 meeting
        15 destruction
        18 joint-look
        22 +99955504321
        """,
        answer_by="2026-12-11T12:00Z",
        sender="XB/foreign-affairs",
        to=("XA/foreign-affairs",),
        refers_to=("attribution",),
        marking="TLP:RED",
    ),
    43: Example(
        "Almara claims that the conduct be ended, and offers to negotiate.",
        """
        10 cease
        11 XB
        12 instructed-or-controlled
        13 sovereignty
        14 43
        14 52
        15 rights-reserved
        16 offered
        17 destruction
        18 XA
        19 data.destroyed
        19 social.service-interrupted
        20 began 2026-09-02T03:10Z
        21 assurances
        22 stays-private
        24 13f
        27 +99855501234
        """,
        answer_by="2026-12-18T12:00Z",
        accusation=True,
        sender="XA/foreign-affairs",
        to=("XB/foreign-affairs",),
        refers_to=("attribution",),
        marking="TLP:RED",
    ),
    90: Example(
        "What no other form can say.",
        """
        10 courtesy
        11 en: Thank you for the call last night. The hospitals are open again.
        12 nothing
        13 XA
        """,
    ),
}


def lines_of(form: Form, written: str) -> dict[int, object]:
    """The coded lines of a block of ``number code``; own words are written ``number language: text``."""
    codes: list[tuple[int, str]] = []
    words: dict[int, tuple[str, str]] = {}
    for row in written.strip().splitlines():
        number, _, code = row.strip().partition(" ")
        code = re.sub(r"\{digest:([^}]+)\}", lambda found: digest(found[1]), code)
        line = form.line(int(number))
        if line is not None and line.kind == "text":
            language, _, text = code.partition(": ")
            words[int(number)] = (language, text)
        else:
            codes.append((int(number), code))
    return dict(fill(form, codes, words))


def sheet_of(number: int, library: Library | None = None) -> Sheet:
    """The example of a form as a sheet; raises FormProblem if it could not be sent as it stands."""
    library = library or load()
    form, example = library.form(number), EXAMPLES[number]
    header = Header(
        exercise=True,
        sender=Address.parse(example.sender),
        recipients=tuple(sorted(Address.parse(address) for address in example.to)),
        marking=Marking.parse(example.marking),
        written_in=example.written_in,
        signed_at=SIGNED,
        serial=4711,
        precedence=form.default_precedence,
        answer_by=parse_iso_moment(example.answer_by) if example.answer_by else None,
        accusation=example.accusation,
        refers_to=tuple(sorted(bytes.fromhex(digest(name)) for name in example.refers_to)),
    )
    sheet = Sheet(form.number, form.version, header, lines_of(form, example.lines))  # type: ignore[arg-type]
    check(sheet, at_drafting_now=SIGNED, library=library)
    return sheet


def complete(library: Library) -> tuple[str, ...]:
    """The languages of the six that have every entry, in the order of the United Nations."""
    found = []
    for language in SIX:
        try:
            library.voice(language)
        except FormProblem:
            continue
        found.append(language)
    return tuple(found)


def page_of(number: int, library: Library | None = None) -> str:
    """The page of one example, in every complete language."""
    library = library or load()
    form, example = library.form(number), EXAMPLES[number]
    title = library.voice("en").say(f"forms.{form.name}.title")
    parts = [
        f"# Form {number}: {title}\n",
        f"{example.about} An exercise between fictional states; the codes are the same in every language.\n",
    ]
    for language in complete(library):
        name = library.voice(language).catalogue.about.name
        text = render(sheet_of(number, library), language, width=WIDTH, library=library).text
        parts.append(f"## {name}\n\n```text\n{text}```\n")
    return "\n".join(parts)


def pages(library: Library | None = None) -> dict[str, str]:
    """File name -> text, for every example and their list."""
    library = library or load()
    names = {number: f"{number:03}-{library.form(number).name}.md" for number in EXAMPLES}
    rows = (
        f"| {number} | [{library.voice('en').say(f'forms.{library.form(number).name}.title')}]({name}) "
        f"| {EXAMPLES[number].about} |\n"
        for number, name in names.items()
    )
    head = (
        "# Every form filled in once\n\nWritten by docs/forms/make_examples.py; a test says that they are current.\n\n"
    )
    index = f"{head}| form | title | example |\n|---|---|---|\n{''.join(rows)}"
    return {"README.md": index, **{name: page_of(number, library) for number, name in names.items()}}


def main() -> None:
    """Write all pages, and take away those of forms that are gone."""
    FOLDER.mkdir(exist_ok=True)
    written = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
