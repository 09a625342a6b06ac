"""Directory: who speaks for whom, how that was verified, who is there now; a map and a table; our decisions."""

from __future__ import annotations

from typing import Any

from parley.clearance import Right
from parley.desk import access, by_hand, decide, evidence, particulars
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.directory import Narrowing, VouchPolicy, rules
from parley.doors import shapes
from parley.doors.web import world
from parley.doors.web.answers import Answer, attachment, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.hours import Hours, office_of, table_of
from parley.doors.web.page import page
from parley.doors.web.pages import party_history
from parley.doors.web.pages.narrowed import read_narrowing
from parley.doors.web.pages.way_in import picture
from parley.doors.zone_places import places

DECISIONS = {"suspend": decide.suspend, "resume": decide.resume, "set-aside": decide.set_aside}
STAGES = ("opened", "read")


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """Every party, ourselves first, on a map and in a table; what waits for a decision; offices without Parley."""
    node = desk.node
    hours, cards = Hours(node, asked.language), party_history.last_cards(desk, asked)
    codes = sorted(node.directory.parties, key=lambda code: (code != node.party, code))
    rows = [_row(node, hours, code) | {"card": cards.get(code)} for code in codes]
    return page(
        desk, asked, "directory.html",
        rows=rows,
        spots=world.spots([_standing(row) for row in rows if row["now"]["time"]], places()),
        now={row["party"]: row["now"] for row in rows},
        land=world.land(),
        contacts=by_hand.contacts(node),
        ours=node.party,
        offered=particulars.offered(node),
        vouching=shapes.vouching(node) if node.party in node.directory.parties else None,
        met=[code for code in codes if code != node.party and node.directory.by_ceremony(code)],
    )  # fmt: skip


def _row(node: Node, hours: Hours, code: str) -> dict[str, Any]:
    held = node.directory.entry(code)
    office = office_of(node, code)
    return {
        **shapes.party(node, code),
        "by": held.acceptance.by,
        "at": held.acceptance.at,
        "means": held.acceptance.means,
        "vouchers": held.acceptance.vouchers,
        "office": office.id if office else "",
        "hours": office.hours if office else "",
        "zone": office.time_zone if office else "",
        "now": table_of(hours.now(office, node.clock()) if office else None),
        "bearers": [one.kind for one in sorted(held.current.bearers, key=lambda one: one.rank)],
        "heard": _heard(node, code),
    }


def _heard(node: Node, code: str) -> dict[str, int] | None:
    """When the party's node last confirmed its particulars, and until when that counts."""
    heard = node.directory.entry(code).heard
    return None if heard is None else {"at": heard.freshness.issued_at, "until": heard.counts_until}


def _standing(row: dict[str, Any]) -> world.Standing:
    return world.Standing(row["party"], row["zone"], row["now"]["offset"], row["now"]["open"])


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One party: how it is known, its offices with their hour, what passed between us, our decisions about it."""
    node, code = desk.node, asked.path["party"][:20]
    if code not in node.directory.parties and code in particulars.offered(node):
        return redirect(f"/directory/{code}/accept")
    found: dict[str, Any] = shapes.particulars(node, code)
    hours, now = Hours(node, asked.language), node.clock()
    offices = node.directory.entry(code).current.offices
    return page(
        desk, asked, "party.html", found=found, qr=picture(found["qr"]), ours=code == node.party,
        there_now={one.id: table_of(hours.now(one, now)) for one in offices},
        heard=_heard(node, code),
        decides=access.may(node, asked.officer, Right.DIRECTORY),
        stations=access.may(node, asked.officer, Right.STATION),
        runs_out=node.directory.entry(code).current.expires_at - now < rules.EXPIRY_WARNING,
        seen=decide.mark(node, code),
        stages=STAGES,
        kept=node.directory.withheld(code),
        history=await party_history.of(desk, asked, code),
        pieces=_pieces(node, asked, code),
    )  # fmt: skip


def _pieces(node: Node, asked: Asked, code: str) -> list[evidence.Kept]:
    """What is kept of this party that contradicts itself, for those who may open it."""
    if not access.may(node, asked.officer, Right.JOURNAL):
        return []
    return [one for one in evidence.listed(node) if one.party == code]


async def decided(desk: WebDesk, asked: Asked) -> Answer:
    """Our own decision about a party, without reason; journalled with the officer. Done twice it is done once."""
    node, code, wanted = desk.node, asked.path["party"][:20], asked.field("do")
    if wanted not in (*DECISIONS, "narrow", "withhold"):
        raise DeskProblem("unknown_decision", verb=wanted[:20])
    again = decide.by(node, code) == asked.officer and _stands(node, code, asked)
    if not again:
        decide.check_seen(node, code, asked.field("seen"))
        await _decide(node, code, asked)
    return redirect(f"/directory/{code}")


async def _decide(node: Node, code: str, asked: Asked) -> None:
    match asked.field("do"):
        case "narrow":
            take, send = _narrowings(asked)
            await decide.narrow(node, code, asked.officer, take=take, send=send)
        case "withhold":
            await decide.withhold(node, code, _withheld(asked), asked.officer)
        case wanted:
            await DECISIONS[wanted](node, code, asked.officer)


def _stands(node: Node, code: str, asked: Asked) -> bool:
    """Whether what is asked for is what stands already."""
    held = node.directory.entry(code)
    match asked.field("do"):
        case "narrow":
            return (held.take, held.send) == _narrowings(asked)
        case "withhold":
            return node.directory.withheld(code) == _withheld(asked)
        case "set-aside":
            return not held.forked
        case wanted:
            return held.suspended is (wanted == "suspend")


def _narrowings(asked: Asked) -> tuple[Narrowing, Narrowing]:
    return read_narrowing(asked, "take"), read_narrowing(asked, "send")


def _withheld(asked: Asked) -> tuple[str, ...] | None:
    """The stages that are kept from a party; None: as the settings say."""
    if asked.field("how") != "chosen":
        return None
    return tuple(stage for stage in STAGES if stage in asked.fields.get("stage", ()))


async def vouchers(desk: WebDesk, asked: Asked) -> Answer:
    """How many of which parties may vouch to us; raises DirectoryProblem for more than are named."""
    chosen = tuple(dict.fromkeys(asked.fields.get("party", ())))
    needed = asked.field("needed").strip()
    number = int(needed) if needed.isascii() and needed.isdigit() and len(needed) < 4 else -1
    wanted = VouchPolicy(number, chosen)
    if desk.node.directory.vouching != wanted:
        await decide.choose_vouchers(desk.node, wanted, asked.officer)
    return redirect("/directory")


async def export(desk: WebDesk, asked: Asked) -> Answer:
    """Signed particulars as a file, ours or another party's; raises DeskProblem("not_at_hand")."""
    code = asked.path["party"][:20]
    return attachment(f"particulars-{code}.parley", "application/octet-stream", particulars.at_hand(desk.node, code))


