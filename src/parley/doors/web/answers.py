"""The one builder of answers: every header that leaves this door is set here.

A page may run scripts of this desk only, send forms to this desk only, be framed by nobody and be kept by no cache.
Trusted Types with no policy (W3C Trusted Types, 2.3): no script can turn text into markup. What is handed out as a file
is an attachment in a sandbox without rights, so that a hostile one opens as nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

HTML, JSON, STREAM = "text/html; charset=utf-8", "application/json", "text/event-stream"
_STILL = (
    "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
ALWAYS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer a browser's Origin would be "null" on our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), "
        "geolocation=(), clipboard-read=(), display-capture=(), payment=(), usb=()"
    ),
}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Cookie:
    """A cookie of this desk; `seconds` 0 takes it away. Never readable by a script, never sent along from elsewhere."""

    name: str
    value: str
    seconds: int

    def line(self, *, secure: bool) -> str:
        """As a header; on loopback without TLS a browser would drop a Secure one."""
        parts = [f"{self.name}={self.value}", "Path=/", f"Max-Age={self.seconds}", "HttpOnly", "SameSite=Strict"]
        return "; ".join([*parts, "Secure"] if secure else parts)


@dataclass(frozen=True)
class Answer:
    """What goes back. `scripts`: the whole addresses of those that the page may run; None: any of the desk's own."""

    status: int
    body: bytes = b""
    media: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[Cookie, ...] = ()
    scripts: tuple[str, ...] | None = None
    policy: str = ""

    def response(self, *, secure: bool = False) -> Response:
        """As Starlette sends it."""
        sources = "'self'" if self.scripts is None else " ".join(self.scripts) or "'none'"
        policy = self.policy or f"{_STILL}; script-src {sources}"
        headers = {**ALWAYS, "content-security-policy": policy, "content-type": self.media, **self.headers}
        if secure:
            headers["strict-transport-security"] = "max-age=31536000"
        made = Response(self.body, self.status, headers)
        for cookie in self.cookies:
            made.headers.append("set-cookie", cookie.line(secure=secure))
        return made


def redirect(to: str, *cookies: Cookie) -> Answer:
    """On to another page of ours, with GET (RFC 9110, 15.4.4: 303)."""
    assert to.startswith("/")
    assert not to.startswith("//")
    return Answer(303, headers={"location": to}, cookies=cookies)


def attachment(name: str, media: str, data: bytes) -> Answer:
    """A file to keep, never to show. `name` holds letters, digits, ``.``, ``-`` and ``_`` only."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "_" for c in name).lstrip(".") or "file"
    return Answer(
        200, data, media, {"content-disposition": f'attachment; filename="{safe[:100]}"'}, policy=SANDBOX
    )


def plain(status: int, text: str) -> Answer:
    """A few words, for whoever cannot be shown a page."""
    return Answer(status, text.encode(), "text/plain; charset=utf-8")
