"""Shapes of the API: what goes in and what comes out. The OpenAPI document is made from them, so it cannot differ.

Instants are whole milliseconds since the Unix epoch, UTC, as everywhere in Parley; ids are hexadecimal.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

Language = Literal["ar", "zh", "en", "fr", "ru", "es"]
Precedence = Literal["routine", "priority", "immediate", "flash"]
Instant = Annotated[int, Meta(ge=0, lt=1 << 53, description="ms since the Unix epoch, UTC")]
Limit = Annotated[int, Meta(ge=1, le=200)]
Short = Annotated[str, Meta(max_length=200)]
Number = Annotated[str, Meta(pattern="^[1-9][0-9]{0,2}$", description="Number of a line")]
Code = Annotated[str, Meta(max_length=4000)]
Id = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Address = Annotated[str, Meta(pattern="^([A-Z]{2}|O-[A-Z0-9]{2,12})/[a-z][a-z0-9-]{0,31}$", description="XB/duty")]
Codes = Annotated[
    dict[Number, Code | Annotated[list[Code], Meta(max_length=100)]],
    Meta(max_length=100, description="Codes by line (GET /v1/forms/FORM); a list where a line takes several"),
]
Words = Annotated[
    dict[Number, Annotated[str, Meta(max_length=20_000)]],
    Meta(max_length=100, description="Own words by line; not authoritative"),
]


class Out(Struct, frozen=True, kw_only=True):
    """What is given."""


class In(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken; an unknown field is refused, so that a misspelt one is not passed over."""


# -- questions in the URL


class NoQuery(In, frozen=True):
    """No parameters."""


class ListQuery(In, frozen=True):
    """Which part of a list."""

    limit: Limit = 50


class NotesQuery(In, frozen=True):
    """Which notes. `before`: the `next` of the page before."""

    limit: Limit = 50
    direction: Literal["in", "out", ""] = ""
    before: Annotated[int, Meta(ge=0, lt=1 << 53)] | UnsetType = UNSET


class LanguageQuery(In, frozen=True):
    """In which language."""

    language: Language = "en"


# -- this node, forms


class Status(Out, frozen=True):
    """What the node says of itself."""

    party: str
    locked: bool
    level: str
    journal: int
    token: str
    scopes: list[str]
    expires_at: Instant


class FormTitle(Out, frozen=True):
    """A numbered form."""

    number: int
    version: int
    name: str
    title: str
    opening: str
    default_precedence: Precedence
    answers: list[int]
    questions: list[int]


class FormLine(Out, frozen=True):
    """A line of a form, with its codes and what each means."""

    line: int
    name: str
    label: str
    kind: str
    required: bool
    many: bool
    nothing: list[str]
    codes: dict[str, str]
    example: str


class Form(FormTitle, frozen=True):
    """A numbered form with its lines."""

    lines: list[FormLine]


class Forms(Out, frozen=True):
    """Every numbered form."""

    forms: list[FormTitle]


# -- notes


class Conversation(Out, frozen=True):
    """Where a note stands with one counterpart; `times` by the name of the step. `withheld` is not "not done"."""

    party: str
    delivery: str
    understanding: str
    answer: str
    differs: list[int]
    read_in: list[str]
    attempt: int
    withheld: list[int]
    reason: str
    outcome: str
    times: dict[str, Instant]


class NoteListed(Out, frozen=True):
    """A note in a list, with where it stands."""

    note: Id
    direction: Literal["in", "out"]
    sender: str
    office: str
    form: int
    precedence: str
    exercise: bool
    marking: str
    signed_at: Instant
    journal_index: int
    marks: list[str]
    with_: list[Conversation] = field(name="with")


class Notes(Out, frozen=True):
    """Notes, newest first. `next`: give it as `before` for the following page; null at the end."""

    notes: list[NoteListed]
    next: int | None


class ReceiptEntry(Out, frozen=True):
    """One entry of a signed receipt. The answers of a read-back are not given: only a person works with them."""

    direction: Literal["in", "out"]
    party: str
    stage: str
    at: Instant
    journal_index: int | None
    reason: str
    language: str


class Note(NoteListed, frozen=True):
    """A note and where it stands. Reading it here is not "read": the sender is told nothing."""

    from_: str = field(name="from")
    to: list[str]
    written_in: str
    accusation: bool
    answer_by: Instant | None
    refers_to: list[Id]
    thread: Id
    lines: dict[str, list[str]]
    words: dict[str, str]
    language: str
    right_to_left: bool
    text: str
    receipts: list[ReceiptEntry]


# -- drafts


class NewDraft(In, frozen=True):
    """A draft to be made. An officer looks at it and releases it at the command line, or does not."""

    form: Annotated[int, Meta(ge=1, le=999)]
    to: Annotated[list[Address], Meta(min_length=1, max_length=300)]
    lines: Codes = {}
    words: Words = {}
    office: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,31}$")] = "duty"
    language: Language = "en"
    precedence: Precedence | None = None
    answer_by: Instant | None = None
    exercise: bool = False
    accusation: bool = False
    refers_to: Annotated[list[Id], Meta(max_length=20)] = []


class ChangedDraft(In, frozen=True):
    """What changes in a draft; lines that are not named stay."""

    to: Annotated[list[Address], Meta(min_length=1, max_length=300)] | UnsetType = UNSET
    lines: Codes = {}
    words: Words = {}
    without: Annotated[list[Annotated[int, Meta(ge=1, le=999)]], Meta(max_length=100)] = []
    precedence: Precedence | UnsetType | None = UNSET
    answer_by: Instant | UnsetType | None = UNSET
    exercise: bool | UnsetType = UNSET
    accusation: bool | UnsetType = UNSET


class Reply(In, frozen=True):
    """A draft that answers one of their notes: to its sender, of the same kind, referring to it."""

    form: Annotated[int, Meta(ge=1, le=999)] = 20
    lines: Codes = {}
    words: Words = {}
    language: Language = "en"


class Clarification(In, frozen=True):
    """A draft that clarifies one line of a note of ours; it begins with our own fault."""

    party: Annotated[str, Meta(pattern="^([A-Z]{2}|O-[A-Z0-9]{2,12})$")]
    line: Annotated[int, Meta(ge=1, le=999)]
    language: Language = "en"


class Draft(Out, frozen=True):
    """A draft of this token. `version` is what If-Match takes."""

    draft: str
    version: str
    form: int
    office: str
    to: list[str]
    lines: dict[str, list[str]]
    words: dict[str, str]
    language: str
    precedence: Precedence | None
    answer_by: Instant | None
    exercise: bool
    accusation: bool
    refers_to: list[Id]
    changed_at: Instant


class Drafts(Out, frozen=True):
    """The drafts of this token, oldest first."""

    drafts: list[Draft]


class Wording(Out, frozen=True):
    """Own words to look at again before release: advice, which stops nothing. `line` 0 and `found` "" of a whole note.

    `at` and `end` count characters within the text of the line; `text` is the sentence in the asked language.
    """

    line: int
    at: int
    end: int
    found: str
    kind: str
    reason: str
    instead: str
    language: str
    review: str
    text: str


class Page(Out, frozen=True):
    """A draft that is in order, as its recipient will see it, and what of its own words should be looked at again."""

    draft: str
    form: int
    text: str
    wording: list[Wording]


# -- parties and journal


class Party(Out, frozen=True):
    """An accepted party. Accepting implies no recognition of anyone."""

    party: str
    names: dict[str, str]
    version: int
    standing: str
    accepted: str
    expires_at: Instant


class Parties(Out, frozen=True):
    """Every accepted party."""

    parties: list[Party]


class Office(Out, frozen=True):
    """A point of contact."""

    id: str
    kind: str
    hours: str
    telephone: str | None


class Bearer(Out, frozen=True):
    """A way to reach a party."""

    kind: str
    address: str


class Revocation(Out, frozen=True):
    """A key that counts no more."""

    key_id: str
    since: Instant
    reason: str


class Particulars(Party, frozen=True):
    """Who speaks for a party. The ceremony of accepting it is for persons and is not held here."""

    root_digest: str
    threshold: int
    roots: list[str]
    offices: list[Office]
    bearers: list[Bearer]
    languages: list[str]
    revoked: list[Revocation]


class Leaf(Out, frozen=True):
    """An entry of our journal; `object` is the SHA-256 of what it records."""

    index: int
    kind: str
    at: Instant
    object: str


class Journal(Out, frozen=True):
    """The last entries, newest first, and who cosigned our newest checkpoint."""

    size: int
    entries: list[Leaf]
    cosigners: list[str]


class Verification(Out, frozen=True):
    """Our journal recomputed from its entries, every incarnation of it; `destroyed`: of these only the hash is left."""

    entries: int
    checkpoints: int
    incarnations: int
    destroyed: int
    root: str


# -- events


class Happened(Out, frozen=True):
    """One event of the stream: what happened to a note, and where it stands since.

    `what`: note, queued, receipt, read, read-back, read-back-given, clarification, answer, clock, refused, voided,
    handled-as, closed; taken: the node is locked and took something, which may be a FLASH note, so let somebody unlock
    it (no note is named, and it may be told again after a reconnect); or gap: events before this one are not kept any
    more, so look at the notes again.
    """

    what: str
    at: Instant
    note: str = ""
    party: str = ""
    outgoing: bool = False
    stage: str = ""
    delivery: str = ""
    understanding: str = ""
    answer: str = ""
    differs: list[int] = []
    attempt: int = 0


# -- problems


class FaultyLine(Out, frozen=True):
    """A line of a form that is not in order."""

    line: int
    key: str
    what: str
    do: str


class ProblemDetails(Out, frozen=True):
    """What went wrong (RFC 9457): `type` and `key` say which problem, `fault` whose fault it is, `do` what to do."""

    type: str
    title: str
    status: int
    detail: str
    key: str
    arguments: dict[str, str | int]
    fault: Literal["yours", "peer", "machine", "ours"]
    do: str
    lines: list[FaultyLine] = []


class ProblemKind(Out, frozen=True):
    """A row of the table of problems: what `type` leads to. Words in braces are arguments."""

    key: str
    fault: Literal["yours", "peer", "machine", "ours"]
    what: str
    do: str
