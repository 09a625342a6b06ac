"""Sign in and out, the language of the pages, and the archive passphrase of a locked node.

What was being sent when a session ended is put into the sign-in page and goes on from there: it stays in the browser.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import msgspec

from parley.desk import access
from parley.desk.sign_in import by_passkey, sessions
from parley.desk.sign_in import enter as entering
from parley.desk.sign_in.passkeys import Site
from parley.desk.sign_in.problems import SignInProblem
from parley.desk.sign_in.sessions import KNOWN_MS, Begun
from parley.doors.web import static, words
from parley.doors.web.answers import JSON, Answer, Cookie, redirect
from parley.doors.web.asked import KNOWN, LANGUAGE, SESSION, Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.terms.problem import Problem

_OURS = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~%?=&,:+-]{0,400}")
YEAR_S = 365 * 86_400


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The sign-in page."""
    if asked.signed is not None:
        return redirect(ours(asked.query.get("to", "")))
    return _page(desk, asked, ours(asked.query.get("to", "")))


def signed_out(desk: WebDesk, asked: Asked) -> Answer:
    """The sign-in page in place of another: with what was sent, if something was."""
    if asked.method != "POST":
        return _page(desk, asked, ours(asked.place), status=401)
    kept = asked.data.decode("ascii", "ignore") if asked.fields else ""
    return _page(desk, asked, ours(asked.place), status=401, kept=kept, problem=SignInProblem("signed_out"))


def _page(
    desk: WebDesk, asked: Asked, to: str, *, status: int = 200, kept: str = "", problem: Problem | None = None
) -> Answer:
    elsewhere = "" if asked.site else f"{desk.scheme}://{desk.rp_id}:{asked.host.rpartition(':')[2]}/"
    return page(
        desk, asked, "sign_in.html", status=status, to=to, kept=kept, problem=problem, typed=asked.field("officer"),
        passkeys=desk.keeper.passkeys is not None, elsewhere=elsewhere,
        scripts=(f"{desk.origin(asked.host)}{static.address('passkey.js')}",),
    )  # fmt: skip


async def enter(desk: WebDesk, asked: Asked) -> Answer:
    """By passphrase and code; what was kept goes on."""
    to, kept = ours(asked.field("to")), asked.field("kept")
    officer, code = asked.field("officer").strip(), asked.field("code")
    try:
        begun = await entering.enter(
            desk.node, desk.keeper, officer, asked.field("passphrase"), code, agent=asked.agent,
            browser=asked.cookies.get(KNOWN, ""),
        )  # fmt: skip
    except SignInProblem as problem:
        status = 429 if problem.key == "sign_in.wait" else 422
        return _page(desk, asked, to, status=status, kept=kept, problem=problem)
    cookies = cookies_of(desk, begun)
    if not kept:
        return redirect(to, *cookies)
    pairs = [pair for pair in parse_qsl(kept, keep_blank_values=True) if pair[0] != "token"]
    return page(desk, as_signed(desk, asked, begun), "go_on.html", cookies=cookies, to=to, pairs=pairs)


async def ask_passkey(desk: WebDesk, asked: Asked) -> Answer:
    """What the browser needs to show a passkey."""
    return Answer(200, by_passkey.ask_to_enter(desk.node, desk.keeper, site_of(desk, asked)).encode(), JSON)


async def enter_by_passkey(desk: WebDesk, asked: Asked) -> Answer:
    """By passkey, which never waits."""
    begun = await by_passkey.enter(
        desk.node, desk.keeper, site_of(desk, asked), asked.data, agent=asked.agent,
        browser=asked.cookies.get(KNOWN, ""),
    )  # fmt: skip
    return Answer(200, b"{}", JSON, cookies=cookies_of(desk, begun))


async def leave(desk: WebDesk, asked: Asked) -> Answer:
    """End this session."""
    assert asked.signed is not None
    await sessions.end(desk.node, asked.signed.id, asked.officer)
    return redirect("/sign-in", Cookie(SESSION, "", 0))


async def language(desk: WebDesk, asked: Asked) -> Answer:
    """The pages in another language from now on, in this browser."""
    chosen = asked.field("language")
    to = ours(asked.field("to"))
    return redirect(to, Cookie(LANGUAGE, chosen, YEAR_S)) if words.speaks(chosen) else redirect(to)


async def show_unlock(desk: WebDesk, asked: Asked) -> Answer:
    """Where the archive passphrase is given."""
    return page(desk, asked, "unlock.html", problem=None)


async def unlock(desk: WebDesk, asked: Asked) -> Answer:
    """Give it; guessing is slowed as guessing at signing in is."""
    keeper, who = desk.keeper, f"{asked.officer} archive"
    try:
        keeper.attempts.check(who, asked.officer, keeper.ticks())
        await desk.unlock(asked.field("passphrase"))
    except Problem as problem:
        if problem.key == "seal.wrong_passphrase":
            keeper.attempts.failed(who, asked.officer, keeper.ticks())
        return page(desk, asked, "unlock.html", status=422, problem=problem)
    keeper.attempts.succeeded(who, asked.officer)
    return redirect("/today")


def ours(to: str) -> str:
    """An address of ours to go on to; Today for any other."""
    return to if _OURS.fullmatch(to) and not to.startswith(("/sign-", "/language", "/static")) else "/today"


def cookies_of(desk: WebDesk, begun: Begun) -> tuple[Cookie, ...]:
    """What the browser is to bear from now on."""
    return (
        Cookie(SESSION, begun.secret, desk.keeper.hours.most // 1000),
        Cookie(KNOWN, begun.browser, KNOWN_MS // 1000),
    )


def as_signed(desk: WebDesk, asked: Asked, begun: Begun) -> Asked:
    """The same request by an officer who has just signed in."""
    cookies = {**asked.cookies, SESSION: begun.secret}
    reader = access.reader(desk.node, begun.session.officer)
    return msgspec.structs.replace(asked, cookies=cookies, signed=begun.session, reader=reader, fields={})


def site_of(desk: WebDesk, asked: Asked) -> Site:
    """Where passkeys are used; raises SignInProblem("passkey_elsewhere")."""
    if asked.site is None:
        raise SignInProblem("passkey_elsewhere", name=f"{desk.scheme}://{desk.rp_id}")
    return asked.site
