"""The verbs of the local door: what a command asks of a node, with plain values in and out.

Each entry of the table calls one desk function. Bytes travel as bytes; ids and phrases as text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from parley.clearance import Exit
from parley.desk import (
    access,
    answer,
    archive,
    backup,
    by_hand,
    compose,
    decide,
    doctor,
    draft,
    evidence,
    find,
    inbox,
    look_over,
    page,
    particulars,
    read,
    read_back,
    retention,
    sight,
    tokens,
    witness,
)
from parley.desk.draft import Draft
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.desk.receive import receive
from parley.directory import Narrowing, VouchPolicy
from parley.doors import shapes
from parley.doors.clearance_verbs import ClearanceVerbs
from parley.doors.compose_verbs import ComposeVerbs
from parley.doors.desk_verbs import DeskVerbs
from parley.doors.duty_verbs import DutyVerbs
from parley.doors.wording import wording
from parley.forms import Facts, arranged, look
from parley.line.conversation import read_conversation
from parley.seal import SigningKey

Unlock = Callable[[str], Awaitable[int]]


class NextKeys(Protocol):
    """Keys that wait to be taken into use with the particulars that list them."""

    def signing(self, signed: bytes) -> SigningKey | None: ...
    def take_up(self) -> tuple[str, ...]: ...


class Verbs(DutyVerbs, ClearanceVerbs, DeskVerbs, ComposeVerbs):
    """One node's verbs. `unlock` gives it its vault; `stop` ends the serving process; `keys` are the next ones.

    `desk` is the address of the pages for officers, "" without; `tour`: they are the demonstration's.
    """

    def __init__(
        self,
        node: Node,
        unlock: Unlock,
        stop: Callable[[], None] = lambda: None,
        keys: NextKeys | None = None,
        desk: str = "",
        tour: bool = False,
    ) -> None:
        self.node, self._unlock, self._stop, self._keys = node, unlock, stop, keys
        self.desk, self.tour = desk, tour

    async def dispatch(self, verb: str, args: dict[str, Any]) -> Any:
        """Carry out one verb; raises Problem. `as_officer` among the arguments: who asks."""
        self.check(verb, args, str(args.pop("as_officer", "")))
        return await getattr(self, f"do_{verb}")(**args)

    async def do_status(self) -> dict[str, Any]:
        return shapes.status(self.node)

    async def do_stop(self) -> bool:
        self._stop()
        return True

    async def do_unlock(self, passphrase: str) -> int:
        return await self._unlock(passphrase)

    # -- drafts and sending

    async def do_draft_save(self, fields: dict[str, Any], draft_id: str = "") -> str:
        return await draft.save(self.node, msgspec.convert(fields, Draft), draft_id)

    async def do_draft_amend(
        self, draft_id: str, changes: dict[str, Any], lines: dict[int, Any], without: list[int], officer: str = ""
    ) -> str:
        """Change fields and lines of a draft, and leave lines out; the rest stays."""
        before = draft.fetch(self.node, draft_id)
        kept = {number: value for number, value in before.lines.items() if number not in without}
        arranged_lines = arranged(self.node.library.form(before.form), {**kept, **lines})
        made = msgspec.convert({**msgspec.structs.asdict(before), **changes, "lines": arranged_lines}, Draft)
        return await draft.save(self.node, made, draft_id, by=officer)

    async def do_draft_form(self, draft_id: str) -> int:
        return draft.fetch(self.node, draft_id).form

    async def do_draft_list(self) -> list[dict[str, Any]]:
        return [shapes.draft(draft_id, found) for draft_id, found in draft.listed(self.node)]

    async def do_draft_check(self, draft_id: str, language: str) -> dict[str, Any]:
        sheet = draft.examine(self.node, draft.fetch(self.node, draft_id))
        return shapes.sheet(sheet, language)

    async def do_draft_wording(self, draft_id: str, language: str) -> dict[str, Any]:
        """What of a draft's own words should be looked at again, said in `language`; the draft need not be in order."""
        found = look_over.look_over(self.node, draft.fetch(self.node, draft_id))
        return wording(found, language, self.node.library)

    async def do_wording_check(
        self, text: str, written_in: str, language: str, facts: dict[str, bool] | None = None
    ) -> dict[str, Any]:
        """The same for a text that is no draft yet; `facts` as in `parley.forms.Facts`, None: look at words alone."""
        found = look(
            text, written_in, None if facts is None else msgspec.convert(facts, Facts), library=self.node.library
        )
        return wording(found, language, self.node.library)

    async def do_draft_drop(self, draft_id: str) -> bool:
        await draft.throw_away(self.node, draft_id)
        return True

    async def do_compose(self, draft_id: str, language: str) -> dict[str, Any]:
        kept = draft.fetch(self.node, draft_id)
        made = await compose.compose(self.node, kept, draft_id)
        text = page.rendered(self.node, made.note, language).text
        again = wording(look_over.look_over(self.node, kept), language, self.node.library)
        office = made.note.sender.office
        return {"payload": made.payload, "note": made.note_id.hex(), "office": office, "text": text, "wording": again}

    async def do_compose_now(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Compose without keeping a draft first; for programs that write link checks and the like."""
        made = await compose.compose(self.node, msgspec.convert(fields, Draft))
        return {"payload": made.payload, "note": made.note_id.hex(), "office": made.note.sender.office}

    async def do_await(self, note: str, party: str, deliveries: list[str], seconds: float) -> bool:
        """Wait until the delivery of a note of ours to `party` is one of those named; False when the time is up."""
        identity = bytes.fromhex(note)
        ends = asyncio.get_running_loop().time() + seconds
        while True:
            moved = self.node.moved
            row = self.node.store.look(lambda look: look.conversation(identity, party))
            if row is not None and read_conversation(row.state).delivery.name.lower() in deliveries:
                return True
            try:
                await asyncio.wait_for(moved.wait(), ends - asyncio.get_running_loop().time())
            except TimeoutError:
                return False

    async def do_reply_draft(self, note: str, form: int, lines: dict[int, Any], language: str, officer: str) -> str:
        made = answer.reply_draft(self.node, note, form, lines, language=language, officer=officer)
        return await draft.save(self.node, made)

    async def do_clarification_draft(self, note: str, party: str, line: int, language: str, officer: str) -> str:
        made = answer.clarification_draft(self.node, note, party, line, language=language, officer=officer)
        return await draft.save(self.node, made)

    # -- reading

    async def do_inbox(self, limit: int = 50, direction: str = "", officer: str = "") -> list[dict[str, Any]]:
        found = inbox.listed(self.node, limit=limit, direction=direction)
        if not self.node.roster.is_lone:
            who = access.reader(self.node, officer)
            found = access.let_out(who, Exit.PAGE, found, access.listed_thing)
        return [shapes.listed(entry) for entry in found]

    async def do_search(self, words: str, limit: int = 50, officer: str = "") -> list[dict[str, Any]]:
        """Notes in which all these words stand, in any of the six languages; newest first."""
        from parley.desk import search  # an idle node loads no stemmers

        listed = [inbox.entry(self.node, row) for row in await search.of(self.node).rows(words)]
        if not self.node.roster.is_lone:
            who = access.reader(self.node, officer)
            listed = access.let_out(who, Exit.SEARCH, listed, access.listed_thing)
        return [shapes.listed(entry) for entry in listed[:limit]]

    async def do_state(self, note: str) -> dict[str, Any]:
        return shapes.note_state(self.node, find.find(self.node, note))

    async def do_show(self, note: str, language: str, officer: str, width: int = 80) -> dict[str, Any]:
        return shapes.reading(await read.read(self.node, note, language, officer=officer, width=width))

    async def do_questions(self, note: str, language: str) -> list[dict[str, Any]]:
        return [shapes.question(asked) for asked in read_back.ask(self.node, note, language)]

    async def do_right_answers(self, note: str) -> dict[int, str]:
        """What the codes of a note of ours say, by line with a question: for explaining it to the other side."""
        return answer.right_answers(self.node, note)

    async def do_read_back(
        self, note: str, answers: dict[int, str] | None, language: str, role: str, seconds: int
    ) -> int:
        # The socket belongs to the officer's own account; an API token never gets here (DESIGN 3.2).
        return await read_back.give(
            self.node, note, answers, language=language, role=role, seconds=seconds, by_person=True
        )

    # -- counterparts without Parley

    async def do_contact_add(self, fields: dict[str, Any]) -> bool:
        made = msgspec.convert({**fields, "at": self.node.clock()}, by_hand.Contact)
        await by_hand.add_contact(self.node, made)
        return True

    async def do_contact_drop(self, party: str) -> bool:
        await by_hand.drop_contact(self.node, party)
        return True

    async def do_contacts(self) -> list[dict[str, Any]]:
        return [msgspec.structs.asdict(contact) for contact in by_hand.contacts(self.node)]

    async def do_by_hand_text(self, note: str, party: str, language: str, width: int = 80) -> str:
        return by_hand.text(self.node, note, party, language, width)

    async def do_by_hand_script(self, note: str, party: str, language: str) -> dict[str, Any]:
        return shapes.script(by_hand.telephone(self.node, note, party, language))

    async def do_by_hand_enter(self, note: str, party: str, what: str, way: str, **fields: Any) -> dict[str, Any]:
        # A person's word about another person's word: like do_read_back, nothing that a token may say.
        entry = await by_hand.enter(self.node, note, party, by_hand.What(what), by_hand.Way(way), **fields)
        return shapes.by_hand(entry)

    async def do_by_hand_entries(self, note: str, party: str) -> list[dict[str, Any]]:
        return [shapes.by_hand(entry) for entry in by_hand.entries(self.node, find.find(self.node, note), party)]

    # -- particulars

    async def do_particulars(self, party: str = "") -> dict[str, Any]:
        return shapes.particulars(self.node, party or self.node.party)

    async def do_parties(self) -> list[dict[str, Any]]:
        return [shapes.party(self.node, code) for code in self.node.directory.parties]

    async def do_export_particulars(self, party: str = "") -> bytes:
        return particulars.at_hand(self.node, party or self.node.party)

    async def do_adopt(self, signed: bytes, officer: str, new_identity: bool = False) -> dict[str, Any]:
        """Our own particulars; keys that waited for them are put in place."""
        following = self._keys.signing(signed) if self._keys else None
        outcome = await particulars.adopt_own(self.node, signed, officer, following, new_identity=new_identity)
        return {"version": outcome.entry.current.version, "changed": list(self._keys.take_up() if self._keys else ())}

    async def do_accept(
        self, signed: bytes, officer: str, heard: str, means: str, confirmed: bool, new_identity: bool = False
    ) -> str:
        made = await particulars.accept(
            self.node, signed, officer=officer, heard=heard, means=means, confirmed=confirmed, new_identity=new_identity
        )
        return made.entry.party

    async def do_accept_vouched(self, signed: bytes, officer: str) -> dict[str, Any]:
        made = await particulars.accept_vouched(self.node, signed, officer=officer)
        return {"party": made.entry.party, "vouchers": list(made.entry.acceptance.vouchers)}

    async def do_decide(self, party: str, decision: str, officer: str) -> bool:
        verbs = {"suspend": decide.suspend, "resume": decide.resume, "set-aside": decide.set_aside}
        if decision not in verbs:
            raise DeskProblem("unknown_decision", verb=decision[:20])
        await verbs[decision](self.node, party, officer)
        return True

    async def do_narrow(
        self, party: str, officer: str, take: dict[str, Any] | None, send: dict[str, Any] | None
    ) -> dict[str, Any]:
        """What passes from now on, each way; None leaves a way as it is."""
        both = [None if given is None else msgspec.convert(given, Narrowing) for given in (take, send)]
        await decide.narrow(self.node, party, officer, take=both[0], send=both[1])
        return shapes.party(self.node, party)

    async def do_withhold(self, party: str, stages: list[str] | None, officer: str) -> dict[str, Any]:
        await decide.withhold(self.node, party, None if stages is None else tuple(stages), officer)
        return shapes.party(self.node, party)

    async def do_vouchers(self, needed: int | None, parties: list[str], officer: str) -> dict[str, Any]:
        """Who may vouch, after the officer's choice if one is given (`needed`)."""
        if needed is not None:
            await decide.choose_vouchers(self.node, VouchPolicy(needed, tuple(parties)), officer)
        return shapes.vouching(self.node)

    async def do_ask_particulars(self, party: str, of: str) -> bool:
        """Ask a peer for the particulars of a third party; they are kept for an officer to look at."""
        sight.ask_by_officer(self.node, party, of)
        self.node.wake(of)
        return True

    async def do_met(self, party: str) -> dict[str, Any]:
        """The root digest of a party that we met in a ceremony, and when; raises DirectoryProblem("needs_ceremony")."""
        self.node.directory.require_ceremony(party)
        held = self.node.directory.entry(party)
        first = next(one for one in held.acceptances if one.how == "ceremony")
        return {"root_digest": held.root_digest, "at": first.at}

    async def do_party_evidence(self, party: str) -> list[dict[str, Any]]:
        """The contradictions that a party's roots signed, each as the two signed particulars."""
        return [msgspec.structs.asdict(one) for one in self.node.directory.entry(party).evidence]

    async def do_hold(self, party: str, held: bool) -> bool:
        """Keep what waits for a party in the outbox, or let it go: for planned work on a link."""
        (self.node.held_back.add if held else self.node.held_back.discard)(party)
        self.node.wake(party)
        return held

    async def do_can_seal(self, party: str) -> bool:
        return self.node.sealing_key_or_none(party) is not None

    # -- journal

    async def do_cosigners(self) -> list[str]:
        """Who cosigned our newest checkpoint."""
        return archive.cosigners(self.node)

    async def do_cosigned(self) -> dict[str, Any]:
        """Our largest cosigned head."""
        return archive.cosigned(self.node)

    async def do_journal(self, limit: int = 50) -> list[dict[str, Any]]:
        return archive.entries(self.node, limit)

    async def do_verify(self) -> dict[str, Any]:
        return await asyncio.to_thread(archive.verify_own, self.node)

    async def do_checkpoint(self) -> str:
        return await witness.checkpoint(self.node) or ""

    async def do_show_checkpoint(self) -> bool:
        """Sign a checkpoint now and show it to every peer, without waiting for the timer."""
        await witness.show_now(self.node)
        return True

    async def do_archive(self, note: str) -> bytes:
        return archive.export(self.node, find.find(self.node, note))

    async def do_evidence(self) -> list[dict[str, Any]]:
        """Contradictions that other parties signed."""
        return [msgspec.to_builtins(kept) for kept in evidence.listed(self.node)]

    async def do_export_evidence(self, number: int) -> bytes:
        return evidence.export(self.node, number)

    async def do_retention(self, limit: int = 20) -> dict[str, Any]:
        return retention.shown(self.node, limit)

    async def do_retention_run(self, officer: str, dry: bool) -> dict[str, Any]:
        built: dict[str, Any] = msgspec.to_builtins(await retention.run(self.node, officer, dry=dry))
        return built

    async def do_hold_body(self, what: str, why: str, officer: str, thread: bool, lift: bool) -> str:
        """A legal hold on a party, a note, or the whole correspondence that a note belongs to; returns its name."""
        name = retention.named(self.node, what, thread=thread)
        await retention.hold(self.node, name, why, officer, lift=lift)
        return name

    # -- programs that are let in by the API

    async def do_token_make(self, name: str, scopes: list[str], days: int, officer: str) -> dict[str, Any]:
        """The token itself is in the answer, this once."""
        shown, made = await tokens.make(self.node, name, scopes, days, officer)
        return {"token": shown, **shapes.token(self.node, made)}

    async def do_token_list(self) -> list[dict[str, Any]]:
        return [shapes.token(self.node, found) for found in tokens.listed(self.node)]

    async def do_token_revoke(self, token: str) -> dict[str, Any]:
        return shapes.token(self.node, await tokens.revoke(self.node, token))

    # -- by hand, and keeping

    async def do_take_parcel(self, data: bytes) -> bytes:
        return await receive(self.node, None, data)

    async def do_hand_parcel(self, party: str, news: bool = True, most_bytes: int = 0) -> bytes:
        return await inbox.parcel_for(self.node, party, news=news, most_bytes=most_bytes)

    async def do_doctor(self, serving: bool) -> list[dict[str, Any]]:
        return doctor.as_rows(doctor.examine(self.node, serving=serving))

    async def do_backup(self, path: str) -> bool:
        await backup.backup(self.node, path)
        return True
