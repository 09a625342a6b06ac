"""Acceptance: particulars brought as a file, and the officer's decision about them: ceremony, vouching, or neither.

What ours is stands on the page, to be read out; what theirs must be is covered until the officer asks for it, since
the digits that are typed must be those that were heard. The node compares, not the page.
"""

from __future__ import annotations

from typing import Any

from parley.desk import decide, particulars
from parley.desk.node import Node
from parley.directory import qr_payload, signed_root_digest, verify_signed
from parley.doors import shapes
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.hours import Hours, table_of
from parley.doors.web.page import page
from parley.doors.web.pages.way_in import picture
from parley.doors.web.problems import WebProblem
from parley.seal import digest
from parley.terms.problem import Problem

LARGEST = 1 << 20
"""Bytes of a file of particulars; the largest that can be signed are far smaller."""


async def show_bring(desk: WebDesk, asked: Asked) -> Answer:
    """Where a file is chosen."""
    return page(desk, asked, "bring.html", problem=None, offered=particulars.offered(desk.node))


async def bring(desk: WebDesk, asked: Asked) -> Answer:
    """Take a file in: on to the decision, or to the party if nothing is to be decided."""
    content = asked.files.get("file", b"")
    try:
        if len(content) > LARGEST:
            raise WebProblem("body_too_large", limit=LARGEST)
        party = await particulars.bring(desk.node, content)
    except Problem as problem:
        waiting = particulars.offered(desk.node)
        return page(desk, asked, "bring.html", status=422, problem=problem, offered=waiting)
    waits = party in particulars.offered(desk.node)
    return redirect(f"/directory/{party}{'/accept' if waits else ''}")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """What there is to decide; raises DeskProblem("not_at_hand")."""
    return _page(desk, asked)


def _page(desk: WebDesk, asked: Asked, *, status: int = 200, problem: Problem | None = None) -> Answer:
    node, code = desk.node, asked.path["party"][:20]
    signed = particulars.to_decide(node, code)
    found, ours = verify_signed(signed).particulars, node.our_particulars()
    hours = Hours(node, asked.language)
    theirs, us = signed_root_digest(found), signed_root_digest(ours)
    return page(
        desk, asked, "accept.html", status=status, problem=problem,
        code=code,
        found=found,
        names=dict(found.names),
        digest=digest(signed).hex(),
        seen=decide.mark(node, code),
        phrase=particulars.phrase_of(signed),
        qr=picture(qr_payload(code, theirs)),
        our_phrase=particulars.phrase_of(particulars.at_hand(node, node.party)),
        our_qr=picture(qr_payload(node.party, us)),
        held=node.directory.entry(code) if code in node.directory.parties else None,
        breaks=code in node.directory.parties and theirs not in node.directory.entry(code).root_digests,
        vouching=_vouching(node, code, theirs),
        there_now={one.id: table_of(hours.now(one, node.clock())) for one in found.offices},
        typed={name: asked.field(name)[:200] for name in ("heard", "means", "confirmed", "new-identity")},
    )  # fmt: skip


def _vouching(node: Node, code: str, roots: bytes) -> dict[str, Any]:
    """How many must vouch, and who of the chosen does so for these roots."""
    policy, entry = node.directory.vouching, node.directory.entry
    met = shapes.vouching(node)["by_ceremony"]
    who = [one for one in met if any((v.party, v.root_digest) == (code, roots) for v in entry(one).current.vouches)]
    return {"needed": policy.needed, "who": who, "enough": 0 < policy.needed <= len(who)}


async def decided(desk: WebDesk, asked: Asked) -> Answer:
    """Accept, by ceremony or by vouching, or put away what was brought; done twice it is done once."""
    node, code = desk.node, asked.path["party"][:20]
    to = "/directory" if asked.field("do") == "drop" else f"/directory/{code}"
    if _done(node, code, asked):
        return redirect(to)
    try:
        signed = particulars.to_decide(node, code)
        if asked.field("digest") != digest(signed).hex():
            raise WebProblem("other_file")
        decide.check_seen(node, code, asked.field("seen"))
        await _decide(node, signed, code, asked)
    except Problem as problem:
        return _page(desk, asked, status=422, problem=problem)
    return redirect(to)


async def _decide(node: Node, signed: bytes, code: str, asked: Asked) -> None:
    match asked.field("do"):
        case "drop":
            await particulars.drop_offered(node, code)
        case "vouched":
            await particulars.accept_vouched(node, signed, officer=asked.officer)
        case _:
            await particulars.accept(
                node, signed, officer=asked.officer, heard=asked.field("heard").strip(), means=asked.field("means"),
                confirmed=asked.field("confirmed") == "yes", new_identity=asked.field("new-identity") == "yes",
            )  # fmt: skip


def _done(node: Node, code: str, asked: Asked) -> bool:
    """Whether this very officer has just decided this very thing: a second click, or the back button."""
    if asked.field("do") == "drop":
        return code not in particulars.offered(node)
    if code not in node.directory.parties or code in particulars.offered(node):
        return False
    held = node.directory.entry(code)
    how = "vouched" if asked.field("do") == "vouched" else "ceremony"
    same = digest(held.versions[-1].signed.raw).hex() == asked.field("digest")
    return same and (held.acceptance.how, held.acceptance.by) == (how, asked.officer) and _moved(node, code, asked)


def _moved(node: Node, code: str, asked: Asked) -> bool:
    return asked.field("seen") != decide.mark(node, code)
