"""Answers: JSON in one of the shapes, or a problem in the one shape of problems (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus

import msgspec
from starlette.responses import Response

from parley.desk.problems import DeskProblem
from parley.directory import DirectoryProblem
from parley.doors.api import shapes
from parley.doors.problems import DoorProblem
from parley.forms import FormProblem, LineFault, explain_fault
from parley.journal import JournalProblem
from parley.line.problems import LineProblem
from parley.precedents.problems import PrecedentProblem
from parley.seal import SealProblem
from parley.terms.party import PartyProblem
from parley.terms.problem import Fault, Problem, Says
from parley.terms.terms_problem import TermsProblem

JSON, PROBLEM, STREAM, CBOR = "application/json", "application/problem+json", "text/event-stream", "application/cbor"
TABLES: Mapping[str, Mapping[str, Says]] = {
    kind.ROOM: kind.TABLE
    for kind in (
        DoorProblem, DeskProblem, FormProblem, DirectoryProblem, LineProblem, JournalProblem, SealProblem,
        PartyProblem, TermsProblem, PrecedentProblem,
    )
}  # fmt: skip
ALWAYS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}
"""What every answer carries: nothing is kept, guessed at, framed, or told to the next page."""
STATUS = {
    "door.no_authorization": 401,
    "desk.bad_token": 401,
    "door.token_in_url": 400,
    "door.not_in_scope": 403,
    "door.bad_origin": 403,
    "desk.above_level": 403,
    "door.bad_host": 421,
    "door.no_such_path": 404,
    "door.no_such_problem": 404,
    "desk.no_note": 404,
    "desk.no_draft": 404,
    "directory.not_accepted": 404,
    "precedents.unknown_record": 404,
    "precedents.unknown_statistic": 404,
    "precedents.no_record": 404,
    "form.unknown_form": 404,
    "door.no_such_method": 405,
    "door.body_too_slow": 408,
    "desk.many_notes": 409,
    "desk.repeated": 409,
    "desk.body_destroyed": 410,
    "desk.no_checkpoint": 409,
    "desk.no_particulars": 409,
    "desk.draft_changed": 412,
    "door.body_too_large": 413,
    "door.wrong_media_type": 415,
    "door.bad_body": 422,
    "desk.key_reused": 422,
    "door.no_version": 428,
    "door.too_many_requests": 429,
    "door.too_many_streams": 429,
    "door.too_many_connections": 503,
    "desk.locked": 503,
    "door.bad_request": 400,
    "door.not_json": 400,
    "door.bad_parameter": 400,
    "door.no_key": 400,
}
"""The status of a problem, where its fault alone does not tell."""
BY_FAULT = {Fault.YOURS: 422, Fault.PEER: 422, Fault.MACHINE: 503, Fault.OURS: 500}
HERE = {
    "form.sheet": "Mend the draft (PATCH) and look again.",
    "form.unknown_form": "List the forms: GET /v1/forms.",
    "desk.no_draft": "List the drafts of this token: GET /v1/drafts.",
    "desk.no_note": "List the notes: GET /v1/notes.",
}
"""What to do, where this door knows a way and the room does not."""


class Answer(msgspec.Struct, frozen=True):
    """An answer before it is sent."""

    status: int
    body: bytes = b""
    media: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def response(self) -> Response:
        """With the headers that every answer carries."""
        headers = ALWAYS | dict(self.headers)
        return Response(self.body, self.status, headers, self.media if self.body else None)


def said(value: shapes.Out, status: int = 200, *, version: str = "", location: str = "") -> Answer:
    """A value of one of the shapes; `version` is its ETag, else the ETag is made from the bytes."""
    body = msgspec.json.encode(value)
    headers = (("etag", f'"{version or _digest(body)}"'), *((("location", location),) if location else ()))
    return Answer(status, body, JSON, headers)


def octets(body: bytes) -> Answer:
    """Bytes as they are: signed particulars, archives."""
    return Answer(200, body, CBOR, (("etag", f'"{_digest(body)}"'),))


def refusal(problem: Problem, more: Mapping[str, str] | None = None) -> Answer:
    """A problem; `more`: further headers."""
    status = status_of(problem.key, problem.fault)
    details = shapes.ProblemDetails(
        type=f"/problems/{problem.key}",
        title=_title(status),
        status=status,
        detail=problem.what,
        key=problem.key,
        arguments=problem.arguments,
        fault=problem.fault.value,
        do=HERE.get(problem.key, problem.do),
        lines=[_line(fault) for fault in getattr(problem, "faults", ())],
    )
    headers = dict(more or {})
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="parley"'
    return Answer(status, msgspec.json.encode(details), PROBLEM, tuple(headers.items()))


def status_of(key: str, fault: Fault) -> int:
    """The status of a problem."""
    return STATUS.get(key, BY_FAULT[fault])


def kind_of(key: str) -> shapes.ProblemKind:
    """A row of the table of problems; raises DoorProblem("no_such_problem")."""
    room, _, name = key.partition(".")
    says = TABLES.get(room, {}).get(name)
    if says is None:
        raise DoorProblem("no_such_problem", given=key[:80])
    return shapes.ProblemKind(key=key, fault=says.fault.value, what=says.what, do=HERE.get(key, says.do))


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def _line(fault: LineFault) -> shapes.FaultyLine:
    try:
        message = explain_fault(fault, "en")
    except (KeyError, FormProblem):  # a room whose table is not among those of the forms
        return shapes.FaultyLine(line=fault.line, key=fault.key, what=f"Line {fault.line}: {fault.key}.", do="")
    return shapes.FaultyLine(line=fault.line, key=fault.key, what=message.what, do=message.do)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:32]
