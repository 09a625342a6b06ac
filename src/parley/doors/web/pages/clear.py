"""Clear and release: what waits for words, the note beside its digest, one's word or the release by passkey or code.

The desk hands proofs on and believes none: the office's signer checks each of them, the roles and the policy for
itself, so that nothing which this program does, or somebody with a stolen session, can make it sign. The release page
runs one script.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import msgspec

from parley.clearance import CLEARING, Exit, Right, Role
from parley.clearance.proof import Assertion, Code, release_challenge, word_challenge
from parley.desk import access, clear, draft
from parley.desk.clear import Alone, Waiting
from parley.desk.page import rendered
from parley.doors.web import static
from parley.doors.web.answers import JSON, Answer, redirect
from parley.doors.web.asked import Asked
from parley.doors.web.desk import WebDesk
from parley.doors.web.page import page
from parley.doors.web.pages import drafts
from parley.doors.web.pages.note import language_of
from parley.doors.web.passing import passing
from parley.doors.web.problems import WebProblem
from parley.line.attachment import files_named
from parley.terms.problem import Problem

LONGEST_FIELD = 4096


class Given(msgspec.Struct, frozen=True):
    """What the page's script sends: the passkey's answer in base64url, the role of a word, the reason of a release."""

    credential: str
    data: str
    client: str
    signature: str
    role: str = ""
    reason: str = ""

    def proof(self) -> Assertion:
        """As the signer takes it; raises WebProblem("not_a_form")."""
        parts = (self.credential, self.data, self.client, self.signature)
        credential, data, client, signature = map(_octets, parts)
        return Assertion(credential_id=credential, authenticator_data=data, client_data=client, signature=signature)


async def listed(desk: WebDesk, asked: Asked) -> Answer:
    """What waits for somebody's word, and what went out by one officer alone."""
    node = desk.node
    return page(
        desk, asked, "clear.html", waiting=clear.waiting(node, asked.eyes), alone=await to_review(desk, asked)
    )


async def to_review(desk: WebDesk, asked: Asked) -> list[Alone]:
    """What one officer released alone and this one may look at; nothing for who reviews none, or of a locked node."""
    if desk.node.vault is None or not access.may(desk.node, asked.officer, Right.REVIEW):
        return []
    seen = {one.note_id for one in passing(asked.eyes, Exit.PAGE, await desk.board.entries())}
    return [one for one in clear.to_review(desk.node) if one.note_id in seen]


async def submit(desk: WebDesk, asked: Asked) -> Answer:
    """A draft becomes the exact bytes to be signed, and waits."""
    saved = draft.fetch_saved(desk.node, asked.path["draft"])
    access.show(asked.eyes, Exit.PAGE, access.draft_thing(saved.draft))
    try:
        made = await clear.submit(desk.node, saved.draft_id, asked.officer)
    except Problem as problem:  # back to the draft, where each fault stands at its line
        return drafts.not_in_order(desk, asked, saved, problem)
    return redirect(f"/clear/{made.note_id.hex()}")


async def show(desk: WebDesk, asked: Asked) -> Answer:
    """One of them: the note beside its digest, whose word is given and whose is asked for."""
    return _page(desk, asked, _waiting(desk, asked))


def _page(
    desk: WebDesk, asked: Asked, one: Waiting, *, status: int = 200, number: str = "", problem: Problem | None = None
) -> Answer:
    node, officer = desk.node, asked.officer
    spoken = language_of(asked)
    mine = [role for role in CLEARING if role in asked.eyes.roles]
    return page(
        desk, asked, "waiting.html", status=status,
        one=one,
        identity=one.note_id.hex(),
        shown=rendered(node, one.note, spoken),
        spoken=spoken,
        words=[(role, f"/clear/{one.note_id.hex()}/word?role={role.value}") for role in mine],
        releases=access.may(node, officer, Right.RELEASE),
        number=number,
        files=len(files_named(one.note.form, one.note.form_version, one.note.lines, node.library)),
        problem=problem,
    )  # fmt: skip


async def show_word(desk: WebDesk, asked: Asked) -> Answer:
    """Where a word is given by passkey: one script, one challenge, that of this word for this very note."""
    one = _waiting(desk, asked)
    role = role_of(asked.query.get("role", ""))
    return _sign_page(desk, asked, one, word_challenge(role, one.note_id), f"/clear/{one.note_id.hex()}/word", role)


async def show_release(desk: WebDesk, asked: Asked) -> Answer:
    """Where the last word is given by passkey: the challenge is the note's own digest, which stands beside it."""
    one = _waiting(desk, asked)
    return _sign_page(desk, asked, one, release_challenge(one.note_id), f"/clear/{one.note_id.hex()}/release", None)


def _sign_page(desk: WebDesk, asked: Asked, one: Waiting, challenge: bytes, to: str, role: Role | None) -> Answer:
    spoken = language_of(asked)
    keys = [as_text(key) for key in passkeys_of(desk, asked.officer)]
    return page(
        desk, asked, "sign.html",
        one=one,
        identity=one.note_id.hex(),
        shown=rendered(desk.node, one.note, spoken),
        spoken=spoken,
        role=role,
        challenge=as_text(challenge),
        passkeys=keys,
        site=asked.site,
        to=to,
        elsewhere="" if asked.site else f"{desk.scheme}://{desk.rp_id}:{asked.host.rpartition(':')[2]}/",
        scripts=(f"{desk.origin(asked.host)}{static.address('release.js')}",),
    )  # fmt: skip


async def word(desk: WebDesk, asked: Asked) -> Answer:
    """A word for a note; the signer checks the passkey, then it is kept here."""
    one, given = _waiting(desk, asked), given_proof(asked)
    await clear.say(desk.node, one.note_id, asked.officer, role_of(given.role), given.proof())
    return Answer(200, msgspec.json.encode({"to": f"/clear/{one.note_id.hex()}"}), JSON)


async def release(desk: WebDesk, asked: Asked) -> Answer:
    """It goes out; the signer checks the passkey over this very note, and the policy."""
    one, given = _waiting(desk, asked), given_proof(asked)
    identity = await clear.release(desk.node, one.note_id, asked.officer, given.proof(), given.reason.strip())
    return Answer(200, msgspec.json.encode({"to": f"/notes/{identity.hex()}"}), JSON)


async def call(desk: WebDesk, asked: Asked) -> Answer:
    """A number to read out by telephone to whoever is to release it, or to give a word; the signer draws it."""
    one = _waiting(desk, asked)
    drawn = await clear.challenge(desk.node, one.note_id)
    return _page(desk, asked, one, number=drawn.number)


async def told(desk: WebDesk, asked: Asked) -> Answer:
    """The code that came back by telephone from the officer who is named; what it is for decides the signer with it."""
    one, officer = _waiting(desk, asked), asked.field("officer").strip()
    proof, wanted = Code(asked.field("code").strip()[:40]), asked.field("role")
    try:
        if wanted:
            await clear.say(desk.node, one.note_id, officer, role_of(wanted), proof)
            return redirect(f"/clear/{one.note_id.hex()}")
        identity = await clear.release(desk.node, one.note_id, officer, proof, asked.field("reason").strip())
    except Problem as problem:
        return _page(desk, asked, one, status=422, problem=problem, number=asked.field("number")[:40])
    return redirect(f"/notes/{identity.hex()}")


async def withdraw(desk: WebDesk, asked: Asked) -> Answer:
    """Back to the draft; its serials are void."""
    one = _waiting(desk, asked)
    draft_id = await clear.withdraw(desk.node, one.note_id)
    return redirect(f"/drafts/{draft_id}")


async def review(desk: WebDesk, asked: Asked) -> Answer:
    """Another officer's look at what went out by one alone; raises ClearanceProblem("own_review")."""
    await clear.review(desk.node, asked.path["note"], asked.officer, asked.field("remark").strip())
    return redirect("/handover" if asked.field("from") == "handover" else "/clear")


def _waiting(desk: WebDesk, asked: Asked) -> Waiting:
    """The note that waits, if this officer may see it; raises DeskProblem("not_waiting")."""
    one = clear.fetch(desk.node, clear.resolve(desk.node, asked.path["note"][:64]))
    access.show(asked.eyes, Exit.PAGE, access.note_thing(one.note))
    return one


def passkeys_of(desk: WebDesk, officer: str) -> Sequence[bytes]:
    """The passkeys that the signer's list has for the officer: only those can release."""
    found = next((one for one in desk.node.roster.officers if one.name == officer), None)
    return [one.credential_id for one in found.passkeys] if found else []


def given_proof(asked: Asked) -> Given:
    """What the script of a signing page sent; raises WebProblem("not_a_form")."""
    try:
        return msgspec.json.decode(asked.data, type=Given)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WebProblem("not_a_form") from None


def role_of(given: str) -> Role:
    """The clearing role of that name; raises WebProblem("not_a_form")."""
    found = next((role for role in CLEARING if role.value == given), None)
    if found is None:
        raise WebProblem("not_a_form")
    return found


def _octets(given: str) -> bytes:
    try:
        if len(given) > LONGEST_FIELD:
            raise ValueError
        return base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise WebProblem("not_a_form") from None


def as_text(octets: bytes) -> str:
    """In base64url, as the page's script reads it."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
