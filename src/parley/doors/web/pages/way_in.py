"""The page of a link: an officer chooses a passphrase and takes the code's secret into a device; no JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import segno

from parley.desk import access
from parley.desk.sign_in import codes, links
from parley.desk.sign_in.account import LEAST_PASSPHRASE
from parley.desk.sign_in.problems import SignInProblem
from parley.doors.web.answers import Answer
from parley.doors.web.asked import KNOWN, Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.sign_in import as_signed, cookies_of
from parley.terms.problem import Problem


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The secret as a QR code and in letters, and the form; raises SignInProblem("link_gone")."""
    return _page(desk, asked, asked.path["link"])


def _page(desk: WebDesk, asked: Asked, secret: str, *, status: int = 200, problem: Problem | None = None) -> Answer:
    link, first = links.open_link(desk.node, desk.keeper, secret)
    officer = link.officer or asked.field("officer")
    address = codes.address_of(first.secret, officer or "officer", desk.node.party)
    return page(
        desk, asked, "set_up.html", status=status, problem=problem, link=link, name=officer, qr=picture(address),
        spelt=codes.spelt(first.secret), least=LEAST_PASSPHRASE,
    )  # fmt: skip


async def use(desk: WebDesk, asked: Asked) -> Answer:
    """Make the account, begin its first session, and show the recovery codes, this once."""
    secret = asked.path["link"]
    wanted = links.Wanted(
        officer=asked.field("officer").strip(),
        language=asked.language,
        passphrase=asked.field("passphrase"),
        again=asked.field("again"),
        code=asked.field("code"),
    )
    try:
        first, begun = await links.use(
            desk.node, desk.keeper, secret, wanted, asked.agent, asked.cookies.get(KNOWN, "")
        )
    except SignInProblem as problem:
        if problem.key == "sign_in.link_gone":
            raise
        return _page(desk, asked, secret, status=422, problem=problem)
    access.reader(desk.node, begun.session.officer)
    signed = as_signed(desk, asked, begun)
    return page(desk, signed, "recovery.html", cookies=cookies_of(desk, begun), recovery=first.recovery)


@lru_cache(maxsize=256)
def picture(text: str, mask: int | None = None) -> str:
    """A QR code as the ``d`` of one SVG path, in units of one module, with its size: ``size path``.

    With a `mask` named the search for the one that reads best is left out: it takes longer than the rest of a page.
    """
    code = segno.make(text, error="m", micro=False, mask=mask)
    rows = [bytes(row) for row in code.matrix]
    runs = (run for y, row in enumerate(rows) for run in _runs(row, y))
    return f"{len(rows)} {''.join(runs)}"


def _runs(row: bytes, y: int) -> Iterator[str]:
    """The dark runs of a row as strokes of a path."""
    x = 0
    while (x := row.find(1, x)) >= 0:
        end = row.find(0, x)
        end = len(row) if end < 0 else end
        yield f"M{x} {y}.5h{end - x}"
        x = end
