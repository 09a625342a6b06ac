"""Bell: what wakes an officer for a FLASH note, tried: the command, the e-mail without content, and this browser.

An officer rings, hears or does not, and says so; what went wrong last stands here until a test or a note went well.
"""

from __future__ import annotations

from parley.desk import alert, bell
from parley.desk.problems import DeskProblem
from parley.doors.web.answers import Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """Each of the three, with how it did last."""
    node = desk.node
    return page(
        desk, asked, "bell.html", bell=bell.facts(node), alert=alert.facts(node), now=node.clock(), shift=node.shift,
        rings_locked=node.locked_rings,
    )  # fmt: skip


async def tried(desk: WebDesk, asked: Asked) -> Answer:
    """Ring or send once without a note, or say whether the ring was heard; raises DeskProblem("no_bell", "no_alert").

    A second click rings a second time, after the first: the bell is one, and whoever clicks wants to hear it.
    """
    node, do = desk.node, asked.field("do")
    if do == "ring":
        await bell.self_test(node, asked.officer)
    elif do == "send":
        await alert.self_test(node, asked.officer)
    elif do in ("heard", "not-heard"):
        await bell.say_heard(node, do == "heard")
    else:
        raise DeskProblem("unknown_decision", verb=do[:20])
    return redirect("/bell")
