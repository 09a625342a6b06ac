"""The verbs of the local door about clearance: what waits, words, releases, reviews, and who is what here."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.clearance import Exit, Role, Verdict, Word
from parley.desk import access, clear, find, page, release, roster
from parley.desk.clear import Alone, Waiting
from parley.desk.node import Node
from parley.doors.verb_rights import VERBS, WITHOUT_OFFICER
from parley.line.note import Precedence


class ClearanceVerbs:
    """Of one node, and the check before every verb."""

    node: Node

    def check(self, verb: str, args: dict[str, Any], officer: str) -> None:
        """Raise ClearanceProblem unless this officer may ask for this, of this note.

        At a desk without roles everybody may everything; the socket belongs to the account that runs the node.
        """
        if self.node.roster.is_lone:
            return
        right = VERBS[verb]
        if not officer and right in WITHOUT_OFFICER:
            return
        access.check(self.node, officer, right)
        access.check_self(officer, str(args.get("officer", officer)))
        if "note" in args:
            opened = find.open_note(self.node, find.find(self.node, str(args["note"])))
            exit = Exit.EXPORT if verb == "archive" else Exit.PAGE
            access.show(access.reader(self.node, officer), exit, access.note_thing(opened))

    async def do_roster(self) -> dict[str, Any]:
        """Who is what at this desk."""
        found: dict[str, Any] = msgspec.to_builtins(self.node.roster)
        return found

    async def do_roster_put(self, office: str, told: dict[str, Any], policy: dict[str, Any] | None = None) -> int:
        """Take over roster and policy of an office, which the signer has already; returns the desk's version."""
        return (await roster.put(self.node, office, told, policy)).version

    async def do_submit(self, draft_id: str, officer: str, language: str) -> dict[str, Any]:
        return self._waiting(await clear.submit(self.node, draft_id, officer), language)

    async def do_waiting(self, officer: str) -> list[dict[str, Any]]:
        who = access.reader(self.node, officer)
        return [self._waiting(one, "") for one in clear.waiting(self.node, who)]

    async def do_waiting_note(self, waiting: str, officer: str, language: str) -> dict[str, Any]:
        one = clear.fetch(self.node, clear.resolve(self.node, waiting))
        access.show(access.reader(self.node, officer), Exit.PAGE, access.note_thing(one.note))
        return self._waiting(one, language)

    async def do_word_told(self, waiting: str, word: dict[str, Any]) -> dict[str, Any]:
        """Keep a word that the signer has heard."""
        made = await clear.told(self.node, bytes.fromhex(waiting), msgspec.convert(word, Word))
        return self._waiting(made, "")

    async def do_withdraw(self, waiting: str) -> str:
        return await clear.withdraw(self.node, clear.resolve(self.node, waiting))

    async def do_release(self, signed: bytes, verdict: dict[str, Any] | None = None) -> str:
        """Take in a note that the signer signed; `verdict`: by what right, as it said."""
        by = None if verdict is None else msgspec.convert(verdict, Verdict)
        return (await release.release(self.node, signed, by)).hex()

    async def do_verdict(self, note: str) -> dict[str, Any] | None:
        """By what right a note of ours went out."""
        found: Any = msgspec.to_builtins(clear.verdict_of(self.node, find.find(self.node, note).note_id))
        return found  # type: ignore[no-any-return]

    async def do_to_review(self) -> list[dict[str, Any]]:
        return [self._alone(one) for one in clear.to_review(self.node)]

    async def do_review(self, note: str, officer: str, remark: str) -> dict[str, Any]:
        return self._alone(await clear.review(self.node, note, officer, remark))

    def _waiting(self, one: Waiting, language: str) -> dict[str, Any]:
        note = one.note
        return {
            "note": one.note_id.hex(),
            "payload": one.payload,
            "office": note.sender.office,
            "to": [str(each.address) for each in note.recipients],
            "form": note.form,
            "precedence": Precedence(note.precedence).name,
            "exercise": note.exercise,
            "draft": one.draft_id,
            "drafter": one.drafter,
            "at": one.at,
            "until": one.until,
            "words": [{"officer": word.officer, "role": word.role.value, "at": word.at} for word in one.words],
            "missing": [role.value for role in one.missing if role is not Role.DRAFTER],
            "changed": one.changed,
            "text": page.rendered(self.node, note, language).text if language else "",
        }

    def _alone(self, one: Alone) -> dict[str, Any]:
        row = find.find(self.node, one.note_id.hex())
        return {
            "note": one.note_id.hex(),
            "form": row.form,
            "precedence": Precedence(row.precedence).name,
            "exercise": row.exercise,
            "officer": one.verdict.releaser,
            "reason": one.verdict.reason,
            "at": one.at,
            "reviewed_by": one.reviewed_by,
            "reviewed_at": one.reviewed_at,
            "remark": one.remark,
        }
