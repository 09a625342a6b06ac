"""A run of a drill on its way out: handed in, given words, released by one passkey over the digest of all its notes.

As on the pages of `clear` the desk hands proofs on and believes none. The signer sees to it that the notes say the
same, so that the one which is shown speaks for all; the page shows their digests and the one that stands for them.
"""

from __future__ import annotations

import msgspec

from parley.clearance import CLEARING, Exit, Right, Role, release_challenge, word_challenge
from parley.desk import access, drill_wait
from parley.desk.drill_wait import Handed
from parley.desk.page import rendered
from parley.doors.web import static
from parley.doors.web.answers import JSON, Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.clear import as_text, given_proof, passkeys_of, role_of
from parley.doors.web.pages.note import language_of
from parley.doors.wording import wording


async def hand_in(desk: WebDesk, asked: Asked) -> Answer:
    """Compose the next run; the one that waits already, if another was quicker or the button was pressed twice."""
    at_once = asked.field("when") == "now"
    made = await drill_wait.hand_in(desk.node, asked.path["drill"][:40], asked.officer, now_at_once=at_once)
    return redirect(f"/drills/{made.drill.id}/run")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The run that waits: one note that speaks for all, whom it goes to, words given and awaited, words to look at."""
    one, spoken = _handed(desk, asked), language_of(asked)
    return page(
        desk, asked, "run.html",
        one=one,
        shown=rendered(desk.node, one.note, spoken),
        spoken=spoken,
        weighed=wording(one.wording, asked.language, desk.node.library),
        words=[(role, f"/drills/{one.drill.id}/run/word?role={role.value}") for role in _mine(asked)],
        releases=access.may(desk.node, asked.officer, Right.RELEASE),
    )  # fmt: skip


async def show_word(desk: WebDesk, asked: Asked) -> Answer:
    """Where a word for the whole run is given by passkey."""
    one, role = _handed(desk, asked), role_of(asked.query.get("role", ""))
    return _sign_page(desk, asked, one, word_challenge(role, one.digest), "word", role)


async def show_release(desk: WebDesk, asked: Asked) -> Answer:
    """Where the run is released by passkey: the challenge is the digest over all its notes, which stand beside it."""
    one = _handed(desk, asked)
    return _sign_page(desk, asked, one, release_challenge(one.digest), "release", None)


def _sign_page(desk: WebDesk, asked: Asked, one: Handed, challenge: bytes, what: str, role: Role | None) -> Answer:
    spoken = language_of(asked)
    return page(
        desk, asked, "sign_run.html",
        one=one,
        shown=rendered(desk.node, one.note, spoken),
        spoken=spoken,
        role=role,
        challenge=as_text(challenge),
        passkeys=[as_text(key) for key in passkeys_of(desk, asked.officer)],
        site=asked.site,
        to=f"/drills/{one.drill.id}/run/{what}",
        elsewhere="" if asked.site else f"{desk.scheme}://{desk.rp_id}:{asked.host.rpartition(':')[2]}/",
        scripts=(f"{desk.origin(asked.host)}{static.address('release.js')}",),
    )  # fmt: skip


async def word(desk: WebDesk, asked: Asked) -> Answer:
    """A word for every note of the run; the signer checks the passkey, then it is kept here."""
    one, given = _handed(desk, asked), given_proof(asked)
    await drill_wait.say(desk.node, one.drill.id, asked.officer, role_of(given.role), given.proof())
    return Answer(200, msgspec.json.encode({"to": f"/drills/{one.drill.id}/run"}), JSON)


async def release(desk: WebDesk, asked: Asked) -> Answer:
    """It goes out at its time; the signer checks the passkey over these very notes, and the policy for each."""
    one, given = _handed(desk, asked), given_proof(asked)
    await drill_wait.release(desk.node, one.drill.id, asked.officer, given.proof(), given.reason.strip())
    return Answer(200, msgspec.json.encode({"to": f"/drills/{one.drill.id}"}), JSON)


async def withdraw(desk: WebDesk, asked: Asked) -> Answer:
    """It waits no longer; its serials are void."""
    found = await drill_wait.take_back(desk.node, _handed(desk, asked).drill.id)
    return redirect(f"/drills/{found.id}")


def _mine(asked: Asked) -> list[Role]:
    return [role for role in CLEARING if role in asked.eyes.roles]


def _handed(desk: WebDesk, asked: Asked) -> Handed:
    """The run that waits, if this officer may see its text; raises DeskProblem("no_run_waits")."""
    one = drill_wait.fetch(desk.node, asked.path["drill"][:40])
    access.show(asked.eyes, Exit.PAGE, access.note_thing(one.note))
    return one
