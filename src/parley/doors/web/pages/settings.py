"""Settings of an officer: what is signed in and where, passkeys, sound and notices of this browser."""

from __future__ import annotations

import msgspec

from parley.clearance.proof import PasskeyFile, passkey_digits
from parley.clearance.proof import passkey_file as file_of
from parley.desk.sign_in import account, by_passkey, sessions
from parley.desk.sign_in.problems import SignInProblem
from parley.doors.web import static
from parley.doors.web.answers import JSON, Answer, Cookie, attachment, redirect
from parley.doors.web.asked import SESSION, Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages.sign_in import site_of


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """The officer's own."""
    node = desk.node
    own = node.store.look(lambda look: account.find(look, asked.officer))
    owned = node.store.look(lambda look: account.passkeys(look, asked.officer))
    return page(
        desk, asked, "settings.html",
        sessions=node.store.look(lambda look: sessions.listed(node, look, desk.keeper.hours, asked.officer)),
        current=asked.signed.id if asked.signed else "",
        passkeys=[(one, _digits(desk, asked, one)) for one in owned],
        recovery=len(own.recovery) if own else 0,
        takes_passkeys=desk.keeper.passkeys is not None and asked.site is not None,
        elsewhere="" if asked.site else f"{desk.scheme}://{desk.rp_id}:{asked.host.rpartition(':')[2]}/",
        scripts=tuple(f"{desk.origin(asked.host)}{static.address(name)}" for name in ("live.js", "passkey.js")),
    )  # fmt: skip


async def end_session(desk: WebDesk, asked: Asked) -> Answer:
    """End one of the officer's own sessions, or all but this one."""
    assert asked.signed is not None
    wanted = asked.field("session")
    if wanted == "others":
        await sessions.end_all(desk.node, asked.officer, but=asked.signed.id)
        return redirect("/settings")
    await sessions.end(desk.node, wanted, asked.officer)
    return redirect("/sign-in", Cookie(SESSION, "", 0)) if wanted == asked.signed.id else redirect("/settings")


async def drop_passkey(desk: WebDesk, asked: Asked) -> Answer:
    """Take out one of the officer's own passkeys."""
    await by_passkey.drop(desk.node, asked.officer, asked.field("passkey"))
    return redirect("/settings")


async def ask_passkey(desk: WebDesk, asked: Asked) -> Answer:
    """What the browser needs to make a passkey."""
    options = by_passkey.ask_new(desk.node, desk.keeper, site_of(desk, asked), asked.officer)
    return Answer(200, options.encode(), JSON)


async def new_passkey(desk: WebDesk, asked: Asked) -> Answer:
    """Keep the passkey that the browser made."""
    made = await by_passkey.keep_new(
        desk.node, desk.keeper, site_of(desk, asked), asked.officer, asked.data, asked.query.get("name", "")
    )
    return Answer(200, msgspec.json.encode({"passkey": made.id.hex()}), JSON)


async def passkey_file(desk: WebDesk, asked: Asked) -> Answer:
    """One of the officer's own passkeys as a file, to be taken into the signer's list by two officers."""
    owned = desk.node.store.look(lambda look: account.passkeys(look, asked.officer))
    found = next((one for one in owned if one.id.hex() == asked.path["passkey"]), None)
    if found is None:
        raise SignInProblem("passkey_refused")
    data = file_of(found.site, f"{desk.origin(asked.host)}", found.id, found.public_key)
    return attachment(f"passkey-{asked.officer}.json", JSON, data)


def _digits(desk: WebDesk, asked: Asked, found: account.Passkey) -> str:
    """Twenty digits, to be compared by eye when the file is taken in."""
    origin = f"{desk.origin(asked.host)}"
    file = PasskeyFile(rp_id=found.site, origin=origin, credential_id=found.id, public_key=found.public_key)
    return passkey_digits(file)
