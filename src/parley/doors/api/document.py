"""The OpenAPI 3.1 document, made from the table of addresses and the shapes: ``python -m parley.doors.api.document``.

Kept as docs/openapi.json; a test compares the two.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from typing import Any

import msgspec

from parley.doors.api import shapes
from parley.doors.api.answers import CBOR, PROBLEM, STREAM
from parley.doors.api.table import ENDPOINTS, Endpoint
from parley.precedents.statistics import NAMES

REF = "#/components/schemas/{name}"
PATH = {
    "key": {"type": "string", "pattern": r"^[a-z]+\.[a-z_]+$"},
    "form": {"type": "string", "pattern": "^[0-9]{1,5}$"},
    "note": {"type": "string", "pattern": "^[0-9a-f]{4,64}$", "description": "Id of a note, or its beginning"},
    "draft": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
    "party": {"type": "string", "pattern": "^([A-Z]{2}|O-[A-Z0-9]{2,12})$"},
    "incident": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:+-]{0,119}$"},
    "statistic": {"type": "string", "enum": list(NAMES)},
}
ABOUT = """The desk verbs of one Parley node, for programs of the party that runs it. On loopback, off by default.

A program reads and drafts. It releases no note, answers no read-back and marks nothing as read: only persons do, and no
address here leads there. See docs/api.md."""


def document() -> bytes:
    """The document as JSON."""
    return (json.dumps(_document(), indent=1, ensure_ascii=False) + "\n").encode()


def _document() -> dict[str, Any]:
    wanted = [one for e in ENDPOINTS for one in (e.says, e.takes) if one is not None] + [shapes.ProblemDetails]
    _, components = msgspec.json.schema_components(list(dict.fromkeys(wanted)), ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": "1", "description": ABOUT, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {"problem": _problem()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "parley tokens make NAME --scope SCOPE"}
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": endpoint.does.__module__.rpartition(".")[2] + "_" + endpoint.does.__name__,
        "summary": (inspect.getdoc(endpoint.does) or "").split("\n")[0],
        "description": f"Needs: {endpoint.access}.",
        "security": [] if endpoint.public else [{"token": []}],
        "parameters": [*_path(endpoint), *_query(endpoint), *_headers(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.takes is not None:
        schema = {"$ref": REF.format(name=endpoint.takes.__name__)}
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return found


def _path(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    for name, schema in PATH.items():
        if f"{{{name}}}" in endpoint.path:
            yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    _, components = msgspec.json.schema_components([endpoint.query], ref_template=REF)
    for name, found in components[endpoint.query.__name__]["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": found}


def _headers(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    if endpoint.key:
        yield {
            "name": "Idempotency-Key", "in": "header", "required": endpoint.key == "needed",
            "description": "New for each new request, the same when one is repeated: its answer comes again.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
        }  # fmt: skip
    if endpoint.versioned:
        yield {
            "name": "If-Match", "in": "header", "required": True, "description": "The ETag of the draft as last seen.",
            "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
        }  # fmt: skip
    if endpoint.media == STREAM:
        yield {
            "name": "Last-Event-ID", "in": "header", "required": False,
            "description": "Go on after this event; 0: everything that is kept; without it: from now.",
            "schema": {"type": "string", "pattern": "^(0|[0-9a-f]{16}-[0-9]{1,15})$"},
        }  # fmt: skip


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done."}
    if endpoint.media == STREAM:
        good["description"] = "Server-sent events; `data` of each is a Happened. Cut when the token ends."
        good["content"] = {STREAM: {"schema": {"type": "string"}}}
    elif endpoint.media == CBOR:
        good["content"] = {CBOR: {"schema": {"type": "string", "format": "binary"}}}
    elif endpoint.says is not None:
        good["content"] = {"application/json": {"schema": {"$ref": REF.format(name=endpoint.says.__name__)}}}
    found = {str(endpoint.status): good}
    if endpoint.method == "GET" and endpoint.media != STREAM:
        found["304"] = {"description": "Unchanged (If-None-Match)."}
    return found | {str(status): {"$ref": "#/components/responses/problem"} for status in statuses(endpoint)}


def statuses(endpoint: Endpoint) -> list[int]:
    """The statuses with which it can refuse."""
    found = {400, 421, 403, 429, 500, 503}
    if not endpoint.public:
        found |= {401}
    if "{" in endpoint.path:
        found |= {404}
    if "{note}" in endpoint.path:
        found |= {409, 410}
    if endpoint.takes is not None:
        found |= {404, 408, 409, 410, 413, 415, 422}
    if endpoint.key:
        found |= {409, 422}
    if endpoint.versioned:
        found |= {412, 428}
    if endpoint.path.endswith("/page") or endpoint.path.startswith("/v1/precedents/"):
        found |= {404, 422}
    return sorted(found)


def _problem() -> dict[str, Any]:
    return {
        "description": "What is wrong, whose fault it is, and what to do (RFC 9457).",
        "content": {PROBLEM: {"schema": {"$ref": REF.format(name="ProblemDetails")}}},
    }


if __name__ == "__main__":
    print(document().decode(), end="")
