"""The table of addresses: what there is, which scope it needs, what goes in and out. App and document are made from it.

What is not here cannot be done: no address releases a note, composes one for signature, answers a read-back, asks its
questions, marks a note as read, accepts a party, unlocks, stops, backs up, or makes a token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from parley.desk.tokens import Scope
from parley.doors.api import drafting, precedents, precedents_shapes, reading, shapes, stream
from parley.doors.api.answers import CBOR, JSON, STREAM, Answer

if TYPE_CHECKING:
    from parley.doors.api.app import Desk
    from parley.doors.api.asked import Asked

Does = Callable[["Desk", "Asked"], Awaitable["Answer | stream.Stream"]]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One address and method.

    Args:
        scope: what the token needs; None: any valid token will do.
        public: no token is asked for.
        says: the shape of the answer; None: bytes of `media`, or nothing at all with status 204.
        takes: the shape of the body; None: a body is not looked at.
        query: the shape of the parameters.
        key: whether Idempotency-Key is "needed", "possible" or "" (not looked at).
        versioned: whether If-Match is needed.
    """

    method: str
    path: str
    does: Does
    scope: Scope | None = None
    public: bool = False
    says: type[shapes.Out] | None = None
    media: str = JSON
    status: int = 200
    takes: type[shapes.In] | None = None
    query: type[shapes.In] = shapes.NoQuery
    key: str = ""
    versioned: bool = False

    @property
    def access(self) -> str:
        """What it needs, in a word."""
        return "public" if self.public else self.scope.value if self.scope else "any token"


def _get(path: str, does: Does, scope: Scope | None, says: type[shapes.Out] | None, **more: Any) -> Endpoint:
    return Endpoint(method="GET", path=path, does=does, scope=scope, says=says, **more)


def _draft(method: str, path: str, does: Does, takes: type[shapes.In] | None, **more: Any) -> Endpoint:
    fields: dict[str, Any] = {"says": shapes.Draft, "scope": Scope.DRAFT, **more}
    return Endpoint(method=method, path=path, does=does, takes=takes, **fields)


_NEW: dict[str, Any] = {"status": 201, "key": "needed"}
_CHANGE: dict[str, Any] = {"key": "possible", "versioned": True}
SEARCH: dict[str, Any] = {"query": precedents_shapes.SearchQuery}
LIKE: dict[str, Any] = {"query": precedents_shapes.ComparableQuery}
LANGUAGE: dict[str, Any] = {"query": shapes.LanguageQuery}

ENDPOINTS: tuple[Endpoint, ...] = (
    _get("/problems/{key}", reading.problem, None, shapes.ProblemKind, public=True),
    _get("/v1/status", reading.status, None, shapes.Status),
    _get("/v1/forms", reading.forms, None, shapes.Forms, **LANGUAGE),
    _get("/v1/forms/{form}", reading.form, None, shapes.Form, **LANGUAGE),
    _get("/v1/notes", reading.notes, Scope.READ, shapes.Notes, query=shapes.NotesQuery),
    _get("/v1/notes/{note}", reading.note, Scope.READ, shapes.Note, **LANGUAGE),
    _get("/v1/notes/{note}/archive", reading.proof, Scope.EXPORT, None, media=CBOR),
    _get("/v1/events", stream.events, Scope.READ, shapes.Happened, media=STREAM),
    _get("/v1/drafts", drafting.listed, Scope.DRAFT, shapes.Drafts),
    _draft("POST", "/v1/drafts", drafting.new, shapes.NewDraft, **_NEW),
    _draft("GET", "/v1/drafts/{draft}", drafting.one, None),
    _draft("PATCH", "/v1/drafts/{draft}", drafting.change, shapes.ChangedDraft, **_CHANGE),
    _draft("DELETE", "/v1/drafts/{draft}", drafting.drop, None, status=204, says=None, **_CHANGE),
    _draft("GET", "/v1/drafts/{draft}/page", drafting.page, None, says=shapes.Page, **LANGUAGE),
    _draft("POST", "/v1/notes/{note}/replies", drafting.reply, shapes.Reply, **_NEW),
    _draft("POST", "/v1/notes/{note}/clarifications", drafting.clarification, shapes.Clarification, **_NEW),
    _get("/v1/parties", reading.parties, Scope.DIRECTORY, shapes.Parties),
    _get("/v1/parties/{party}", reading.party, Scope.DIRECTORY, shapes.Particulars),
    _get("/v1/parties/{party}/particulars", reading.particulars, Scope.DIRECTORY, None, media=CBOR),
    _get("/v1/journal", reading.journal, Scope.JOURNAL, shapes.Journal, query=shapes.ListQuery),
    _get("/v1/precedents/incidents", precedents.incidents, Scope.PRECEDENTS, precedents_shapes.Incidents, **SEARCH),
    _get("/v1/precedents/incidents/{incident}", precedents.incident, Scope.PRECEDENTS, precedents_shapes.TimelineShown),
    _get("/v1/precedents/comparable", precedents.comparable, Scope.PRECEDENTS, precedents_shapes.Comparable, **LIKE),
    _get(
        "/v1/precedents/statistics/{statistic}",
        precedents.statistic,
        Scope.PRECEDENTS,
        precedents_shapes.StatisticShown,
        query=precedents_shapes.Filters,
    ),
    _get("/v1/journal/verification", reading.verification, Scope.JOURNAL, shapes.Verification),
)
