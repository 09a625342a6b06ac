"""The application over the table of pages.

In order: for this host? sent by our own page? whose session? may that officer?

Only then is a body read as a form, its token compared, and the page's function called. A problem becomes a page in the
officer's language; of a defect nothing is shown but its kind.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Mapping

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from parley.clearance import ClearanceProblem, Right
from parley.desk import access
from parley.desk.sign_in import sessions
from parley.desk.sign_in.problems import SignInProblem
from parley.desk.sign_in.sessions import Session, token_of
from parley.doors.api.limits import Bucket
from parley.doors.web import static, uploads, words
from parley.doors.web.answers import JSON, Answer, plain, redirect
from parley.doors.web.asked import FORM, LANGUAGE, SESSION, Asked, body, fields, kind_of, query
from parley.doors.web.asked import JSON as JSON_KIND
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.sign_in import signed_out
from parley.doors.web.problems import WebProblem
from parley.doors.web.stream import Stream
from parley.doors.web.table import PLACES, PUBLIC, SIGNED, Place
from parley.doors.web.uploads import MULTIPART
from parley.forms import FormProblem, explain
from parley.terms.problem import Problem

log = logging.getLogger("parley.desk")
STATUS = {
    "web.bad_host": 421, "web.from_elsewhere": 403, "web.stale_page": 403, "web.no_such_page": 404,
    "web.no_such_method": 405, "web.body_too_large": 413, "web.body_too_slow": 408, "web.too_many_requests": 429,
    "web.too_many_pages": 429, "web.not_a_form": 400, "web.not_your_role": 403, "clearance.may_not": 403,
    "clearance.not_yours": 404, "clearance.above_marking": 403, "clearance.no_such_officer": 403,
    "sign_in.signed_out": 401, "sign_in.link_gone": 410, "sign_in.wait": 429, "desk.no_note": 404, "desk.no_draft": 404,
    "desk.no_file": 404, "desk.no_version": 404,
    "desk.locked": 423, "desk.draft_changed": 409, "desk.decided_meanwhile": 409, "desk.no_contact": 404,
    "desk.not_at_hand": 404, "desk.not_by_hand": 404, "directory.not_accepted": 404, "web.no_reply": 404,
    "desk.no_drill": 404, "desk.no_run_waits": 409, "desk.nothing_to_release": 409, "desk.nothing_to_review": 409,
    "desk.no_evidence": 404, "sign_in.tour_gone": 410, "precedents.unknown_record": 404, "desk.no_talk": 404,
    "precedents.unknown_statistic": 404, "precedents.no_record": 404,
}  # fmt: skip
_NAVIGATION = ("navigate", "document")


def make_app(desk: WebDesk) -> Starlette:
    """The application; it expects ``abort`` in the state that the listener gives it."""
    by_path: dict[str, dict[str, Place]] = {}
    for place in PLACES:
        by_path.setdefault(place.path, {})[place.method] = place
    routes = [Route("/static/{name}", Door(desk, {}, files=True))]
    routes += [Route(path, Door(desk, methods)) for path, methods in by_path.items()]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    app.router.default = Door(desk, {})
    return app


class Door:
    """One address and its methods; `files`: the address of what every page may load."""

    def __init__(self, desk: WebDesk, methods: Mapping[str, Place], *, files: bool = False) -> None:
        self.desk, self.methods, self.files = desk, methods, files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer: Answer | Stream
        try:
            answer = await self._answer(request)
        except WebProblem as problem:  # before anybody is known
            answer = plain(STATUS.get(problem.key, 400), f"{problem.what} {problem.do}\n")
        except Exception as error:  # the node goes on: one page's defect must not take the line down
            log.exception("a page could not be made")
            defect = WebProblem("defect", kind=type(error).__name__)
            answer = plain(500, f"{defect.what} {defect.do}\n")
        secure = self.desk.origin(request.headers.get("host", "").lower()).startswith("https:")
        out: ASGIApp = answer.response(secure=secure) if isinstance(answer, Answer) else answer
        if isinstance(out, Response) and out.status_code in (408, 413):
            out.headers["connection"] = "close"  # part of the request may still be on its way
        await out(scope, receive, send)

    async def _answer(self, request: Request) -> Answer | Stream:
        host = for_us(request, self.desk)
        if self.files:
            _slow_down(self.desk.strangers)
            found = static.answer(request.path_params["name"]) if request.method in ("GET", "HEAD") else None
            if found is None:
                raise WebProblem("no_such_page")
            return found
        asked = self._asked(request, host)
        as_json = kind_of(request) == JSON_KIND
        try:
            _slow_down(self.desk.bucket(asked.signed.id) if asked.signed else self.desk.strangers)
            place = self._place(request.method)
            if place.takes:
                asked = await self._with_body(request, asked, place)
            return await self._carry_out(request, asked, place)
        except Problem as problem:
            return refused(self.desk, asked, problem, as_json=as_json)

    def _asked(self, request: Request, host: str) -> Asked:
        """Who asks, in which language, from where; the body is not read yet."""
        cookies = dict(request.cookies)
        signed = self._signed(cookies.get(SESSION, ""))
        parameters = query(request)
        text = request.scope["query_string"][:2000].decode("latin-1")
        return Asked(
            method=request.method,
            place=request.scope["path"][:500] + (f"?{text}" if text else ""),
            host=host,
            path=request.path_params,
            query=parameters,
            fields={},
            data=b"",
            language=self._language(request, cookies),
            agent=request.headers.get("user-agent", "")[:200],
            cookies=cookies,
            site=self.desk.site(host),
            signed=signed,
            reader=None if signed is None else access.reader(self.desk.node, signed.officer),
        )

    def _signed(self, secret: str) -> Session | None:
        node = self.desk.node
        found = node.store.look(lambda look: sessions.stands(node, look, secret, self.desk.keeper.hours))
        if found is None:
            return None
        try:
            access.reader(node, found.officer)
        except ClearanceProblem:  # taken off the roster since
            return None
        return found

    def _language(self, request: Request, cookies: Mapping[str, str]) -> str:
        chosen = cookies.get(LANGUAGE, "")
        if words.speaks(chosen):
            return chosen
        return words.wanted(request.headers.get("accept-language", ""), self.desk.language)

    def _place(self, method: str) -> Place:
        place = self.methods.get("GET" if method == "HEAD" else method)
        if place is None:
            raise WebProblem("no_such_method", method=method[:20]) if self.methods else WebProblem("no_such_page")
        return place

    async def _carry_out(self, request: Request, asked: Asked, place: Place) -> Answer | Stream:
        if place.need != PUBLIC:
            if asked.signed is None:
                raise SignInProblem("signed_out")
            if place.takes and not hmac.compare_digest(_shown(request, asked), token_of(asked.cookies[SESSION])):
                raise WebProblem("stale_page")
            if place.need != SIGNED:
                access.check(self.desk.node, asked.officer, Right(place.need))
            await sessions.seen(self.desk.node, asked.cookies[SESSION], asked.signed)
        return await place.does(self.desk, asked)

    async def _with_body(self, request: Request, asked: Asked, place: Place) -> Asked:
        if place.takes == "file":
            return await self._with_file(request, asked)
        if place.takes == "files" and kind_of(request) == MULTIPART:
            sent = await uploads.read(request, self.desk.limits, keep=asked.signed is not None)
            return msgspec.structs.replace(asked, data=sent.as_form(), fields=sent.fields, uploads=sent.files)
        wanted = JSON_KIND if place.takes == "json" else FORM
        if kind_of(request) != wanted:
            raise WebProblem("not_a_form")
        data = await body(request, self.desk.limits)
        found = fields(data, self.desk.limits) if wanted == FORM else {}
        return msgspec.structs.replace(asked, data=data, fields=found)

    async def _with_file(self, request: Request, asked: Asked) -> Asked:
        """So much is read of nobody who is not signed in."""
        if asked.signed is None:
            raise SignInProblem("signed_out")
        if kind_of(request) != MULTIPART:
            raise WebProblem("not_a_form")
        most = self.desk.limits.file_bytes
        roomy = msgspec.structs.replace(self.desk.limits, attachment_bytes=most, upload_bytes=most)
        sent = await uploads.read(request, roomy, keep=True)
        files = {name: some[0].data for name, some in sent.files.items()}
        if None in files.values():
            raise WebProblem("body_too_large", limit=most)
        return msgspec.structs.replace(asked, fields=sent.fields, files=files)


def _shown(request: Request, asked: Asked) -> str:
    """The token of the page that sent this."""
    shown = asked.field("token") or request.headers.get("x-parley-token", "")
    return shown if shown.isascii() else ""


def for_us(request: Request, desk: WebDesk) -> str:
    """The Host, if it is ours and no foreign page speaks; raises WebProblem bad_host, from_elsewhere.

    What changes anything must bear the Origin of this very host: browsers send it with every POST (Fetch, 3.2). A
    browser that says where a request comes from (Fetch Metadata) is believed: only going to a page may begin elsewhere.
    """
    hosts = request.headers.getlist("host")
    host = hosts[0].lower() if len(hosts) == 1 else ""
    if host not in desk.hosts:
        raise WebProblem("bad_host", given=", ".join(hosts)[:80])
    origins = request.headers.getlist("origin")
    if any(origin != desk.origin(host) for origin in origins) or len(origins) > 1:
        raise WebProblem("from_elsewhere")
    still = request.method in ("GET", "HEAD")
    if not still and not origins:
        raise WebProblem("from_elsewhere")
    site = request.headers.get("sec-fetch-site", "none")
    going = (request.headers.get("sec-fetch-mode", ""), request.headers.get("sec-fetch-dest", "")) == _NAVIGATION
    if site not in ("same-origin", "none") and not (still and going):
        raise WebProblem("from_elsewhere")
    if "prefetch" in request.headers.get("sec-purpose", "").lower():
        raise WebProblem("from_elsewhere")  # a page that is fetched ahead was shown to nobody, and showing is reading
    return host


def refused(desk: WebDesk, asked: Asked, problem: Problem, *, as_json: bool) -> Answer:
    """A problem as a page, or as JSON for a module of ours."""
    status = STATUS.get(problem.key, 422)
    if as_json:
        said = explain(problem, asked.language)
        return Answer(status, msgspec.json.encode({"what": said.what, "do": said.do, "key": problem.key}), JSON)
    if problem.key == "sign_in.signed_out":
        return signed_out(desk, asked)
    if problem.key == "desk.locked" and asked.method == "GET" and access.may(desk.node, asked.officer, Right.STATION):
        return redirect("/unlock")
    faults = problem.faults if isinstance(problem, FormProblem) else ()
    return page(desk, asked, "problem.html", status=status, problem=problem, faults=faults)


def said(key: str) -> tuple[bytes, str]:
    """What the listener says of itself, before there is a page."""
    problem = WebProblem("too_many_requests", seconds=5) if key == "bearer.too_many" else WebProblem("not_a_form")
    return f"{problem.what} {problem.do}\n".encode(), "text/plain; charset=utf-8"


def _slow_down(bucket: Bucket) -> None:
    wait = bucket.take(time.monotonic())
    if wait:
        raise WebProblem("too_many_requests", seconds=int(wait) + 1)
