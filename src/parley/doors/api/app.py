"""The application: every request goes through the same gate, in the same order, and every way to fail has one shape."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from parley.clearance import Reader
from parley.desk import access, repeats, tokens
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.tokens import Token
from parley.doors.api import asked as ask
from parley.doors.api.answers import Answer, refusal
from parley.doors.api.asked import Asked
from parley.doors.api.document import document
from parley.doors.api.limits import Bucket, Limits
from parley.doors.api.reading import opened
from parley.doors.api.stream import Stream
from parley.doors.api.table import ENDPOINTS, Endpoint
from parley.doors.problems import DoorProblem
from parley.line.note import Note
from parley.line.ports import NoteRow
from parley.precedents.asked import Asking
from parley.terms.marking import Tlp
from parley.terms.problem import Problem

log = logging.getLogger("parley.api")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST_BUCKETS = 1000
CORS_HEADERS = "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id"


@dataclass
class Desk:
    """The node behind the API, and what the API itself remembers while it runs. `hosts` are whole Host headers."""

    node: Node
    level: Tlp
    hosts: set[str]
    origins: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    closing: bool = False
    streams: Counter[str] = field(default_factory=Counter)
    passing: dict[bytes, bool] = field(default_factory=dict)  # by note id: whether its marking passes
    verifying: asyncio.Lock = field(default_factory=asyncio.Lock)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    asking: Callable[[], Asking] | None = None  # opens the public record; None: there is none here
    asking_one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _record: Asking | None = None

    @property
    def reader(self) -> Reader:
        """Every program, as the marking gate sees it: one level for all, from the settings."""
        return access.program(self.level)

    @cached_property
    def strangers(self) -> Bucket:
        """What callers share who show no valid token: their flood takes nothing from those who do."""
        return Bucket(self.limits.failures, self.limits.failures_burst, time.monotonic())

    def at(self, port: int) -> None:
        """The port that was bound: its names on loopback are hosts."""
        self.hosts |= {f"{name}:{port}" for name in LOOPBACK}

    def note(self, given: str) -> tuple[NoteRow, Note]:
        """A note that may pass."""
        return opened(self, given)

    def record(self) -> Asking:
        """The public record, opened when it is first asked."""
        if self._record is None:
            assert self.asking is not None  # the caller looked
            self._record = self.asking()
        return self._record

    def bucket(self, token: Token) -> Bucket:
        """The rate of one token."""
        if len(self.buckets) > MOST_BUCKETS:
            self.buckets.clear()
        return self.buckets.setdefault(token.id, Bucket(self.limits.rate, self.limits.burst, time.monotonic()))


def make_app(desk: Desk) -> Starlette:
    """The application over the table of addresses; it expects ``abort`` in the state that the listener gives it."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    routes = [Route("/openapi.json", Place(desk, {}, document()))]
    routes += [Route(path, Place(desk, methods)) for path, methods in by_path.items()]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    app.router.default = Place(desk, {})
    return app


class Place:
    """One address: its methods; `fixed`: the document that stands there instead."""

    def __init__(self, desk: Desk, methods: Mapping[str, Endpoint], fixed: bytes = b"") -> None:
        self.desk, self.methods, self.fixed = desk, methods, fixed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer: ASGIApp = await self._answer(request)
        except Problem as problem:
            answer = _refused(problem)
        except Exception as error:  # the node goes on: one request's defect must not take the line down
            log.exception("a request could not be handled")
            answer = _refused(DoorProblem("defect_in_node", kind=type(error).__name__))
        if isinstance(answer, Response):
            self._for_origin(request, answer)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        self._for_us(request)
        if request.method == "OPTIONS" and _preflight(request):
            return Answer(204, headers=(("access-control-allow-methods", ", ".join(self._possible())),)).response()
        if self.fixed and request.method in ("GET", "HEAD"):
            self._stranger()
            return Answer(200, self.fixed).response()
        endpoint = self._endpoint(request.method)
        token = None if endpoint.public else self._authenticated(request)
        if token is None:
            self._stranger()
        elif endpoint.scope is not None and endpoint.scope not in token.scopes:
            raise DoorProblem("not_in_scope", scope=endpoint.scope.value)
        asked = await self._asked(request, endpoint, token)
        return await _carry_out(self.desk, endpoint, asked, request.headers.get("if-none-match", ""))

    def _for_us(self, request: Request) -> None:
        """For this host, from no foreign page, with no token where it would be kept."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.desk.hosts:
            raise DoorProblem("bad_host", given=", ".join(hosts)[:80])
        for origin in request.headers.getlist("origin"):
            if origin not in self.desk.origins:
                raise DoorProblem("bad_origin", given=origin[:80])
        query = request.scope["query_string"].decode("latin-1")
        ask.no_token_in(request.scope["path"] + (f"?{query}" if query else ""))

    def _endpoint(self, method: str) -> Endpoint:
        if not self.methods and not self.fixed:
            raise DoorProblem("no_such_path")
        found = self.methods.get("GET" if method == "HEAD" else method)
        if found is None or (method == "HEAD" and found.does is _EVENTS):
            raise DoorProblem("no_such_method", method=method[:20], possible=", ".join(self._possible()))
        return found

    def _possible(self) -> list[str]:
        methods = ["GET", *self.methods] if self.fixed else list(self.methods)
        plain = any(method == "GET" and one.does is not _EVENTS for method, one in self.methods.items())
        return [*methods, "HEAD"] if self.fixed or plain else methods

    def _authenticated(self, request: Request) -> Token:
        try:
            token = tokens.authenticate(self.desk.node, ask.bearer(request))
        except Problem:
            self._stranger()
            raise
        _slow_down(self.desk.bucket(token))
        return token

    def _stranger(self) -> None:
        _slow_down(self.desk.strangers)

    async def _asked(self, request: Request, endpoint: Endpoint, token: Token | None) -> Asked:
        query = ask.query(request, endpoint.query)
        key = ""
        if endpoint.key == "needed" or (endpoint.key and "idempotency-key" in request.headers):
            key = ask.idempotency_key(request)
        match = ask.version(request) if endpoint.versioned else ""
        body, data = (None, b"")
        if endpoint.takes is not None:
            body, data = await ask.body(request, endpoint.takes, self.desk.limits)
        return Asked(
            token=token,
            path=request.path_params,
            query=query,
            body=body,
            match=match,
            key=key,
            asked=ask.fingerprint(request.method, request.scope["path"], match, data),
            last_event=request.headers.get("last-event-id", "")[:80],
        )

    def _for_origin(self, request: Request, answer: Response) -> None:
        """A page that is listed may see the answer."""
        origin = request.headers.get("origin", "")
        if origin and origin in self.desk.origins:
            answer.headers["access-control-allow-origin"] = origin
            answer.headers["access-control-allow-headers"] = CORS_HEADERS
            answer.headers["access-control-expose-headers"] = "etag, location, retry-after"
            answer.headers["vary"] = "origin"


_EVENTS = next(endpoint.does for endpoint in ENDPOINTS if endpoint.path == "/v1/events")


async def _carry_out(desk: Desk, endpoint: Endpoint, asked: Asked, known: str) -> ASGIApp:
    """The kept answer of a request that repeats another, else a new one."""
    if asked.key and (before := _kept(desk, asked)) is not None:
        return before.response()
    try:
        found = await endpoint.does(desk, asked)
    except DeskProblem as problem:
        # Its twin came first, or had come before and changed what this one wanted to change.
        again = _kept(desk, asked) if asked.key and problem.key in _AFTER_TWIN else None
        if again is None:
            raise
        return again.response()
    if isinstance(found, Stream):
        return found
    tag = dict(found.headers).get("etag", "")
    if endpoint.method == "GET" and tag and tag in [one.strip() for one in known.split(",")]:
        return Answer(304, headers=(("etag", tag),)).response()
    return found.response()


_AFTER_TWIN = ("desk.repeated", "desk.draft_changed", "desk.no_draft")


def _kept(desk: Desk, asked: Asked) -> Answer | None:
    kept = repeats.recall(desk.node, repeats.place(asked.by.id, asked.key), asked.asked)
    return None if kept is None else Answer(kept.status, kept.body, headers=kept.headers)


def _slow_down(bucket: Bucket) -> None:
    wait = bucket.take(time.monotonic())
    if wait:
        raise DoorProblem("too_many_requests", seconds=int(wait) + 1)


def _refused(problem: Problem) -> Response:
    more: dict[str, str] = {}
    if problem.key == "door.no_such_method":
        more["allow"] = str(problem.arguments["possible"])
    if problem.key == "door.too_many_requests":
        more["retry-after"] = str(problem.arguments["seconds"])
    if problem.key in ("door.body_too_large", "door.body_too_slow", "door.wrong_media_type", "door.bad_request"):
        more["connection"] = "close"  # part of the request may still be on its way
    return refusal(problem, more).response()


def _preflight(request: Request) -> bool:
    return "origin" in request.headers and "access-control-request-method" in request.headers


def hosts_of(listen: str, more: Iterable[str]) -> set[str]:
    """Whole Host headers under which the API answers: what the settings name."""
    return {one.lower() for one in (listen, *more) if one}
