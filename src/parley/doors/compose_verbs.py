"""Verbs about drafts that grow: their files, their versions, their size on the line; and files of notes."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.desk import attach, attachment, compare_drafts, draft, fetch_file, measure
from parley.desk.attachment import Kept, Named
from parley.desk.fetch_file import Wanted
from parley.desk.find import find, open_note
from parley.desk.node import Node


class ComposeVerbs:
    """Verbs over `node`, by the names of the local door. Digests in hexadecimal, instants in ms UTC."""

    node: Node

    async def do_draft_attach(self, draft_id: str, name: str, data: bytes, officer: str) -> dict[str, Any]:
        return _kept(await attach.attach(self.node, draft_id, name, data, officer))

    async def do_draft_detach(self, draft_id: str, digest: str, officer: str) -> bool:
        await attach.detach(self.node, draft_id, digest, officer)
        return True

    async def do_draft_files(self, draft_id: str) -> list[dict[str, Any]]:
        """The files that a draft names; `kept` None for one that is only named."""
        made = draft.fetch(self.node, draft_id)
        version = self.node.library.form(made.form).version
        return [_named(one) for one in attachment.named_by_draft(self.node, made.form, version, made.lines, draft_id)]

    async def do_draft_file(self, draft_id: str, digest: str) -> dict[str, Any]:
        """One of them, with its content."""
        known, data = attachment.fetch(self.node, draft_id, digest)
        return {**_kept(known), "data": data}

    async def do_draft_versions(self, draft_id: str) -> list[dict[str, Any]]:
        """What was saved, oldest first: which version, when, by whom."""
        kept = draft.versions(self.node, draft_id)
        return [
            {"version": one.version, "at": one.draft.changed_at, "by": one.draft.changed_by or one.draft.officer}
            for one in kept
        ]

    async def do_draft_changes(self, draft_id: str, older: str, newer: str, language: str) -> list[dict[str, Any]]:
        """What changed between two versions, line by line; "" for the last two."""
        found = compare_drafts.compare(self.node, draft_id, older, newer, language)
        return [msgspec.structs.asdict(change) for change in found.changes]

    async def do_draft_size(self, draft_id: str) -> dict[str, Any]:
        """Bytes on the line and seconds at each rate (bits a second); raises FormProblem while it is not in order."""
        made = draft.fetch(self.node, draft_id)
        found: dict[str, Any] = msgspec.to_builtins(
            measure.on_the_line(self.node, made, draft.examine(self.node, made))
        )
        return found

    async def do_note_files(self, note: str) -> list[dict[str, Any]]:
        """The files that a note names; `kept` None for one that is not here, `fetching` how far it came."""
        row = find(self.node, note)
        named = attachment.named_by_note(self.node, open_note(self.node, row), row.note_id)
        wanted = fetch_file.under_way(self.node, row.note_id)
        coming = {digest: _fetching(one) for digest, one in wanted.items()}
        return [{**_named(one), "fetching": coming.get(one.entry.digest)} for one in named]

    async def do_note_file_ask(self, note: str, digest: str, officer: str) -> dict[str, Any]:
        """Fetch one of them over the line, from whoever sent the note."""
        row = find(self.node, note)
        return _fetching(await fetch_file.ask(self.node, open_note(self.node, row), row.note_id, digest, officer))

    async def do_note_file(self, note: str, digest: str) -> dict[str, Any]:
        """One of them, with its content."""
        known, data = attachment.fetch(self.node, find(self.node, note).note_id.hex(), digest)
        return {**_kept(known), "data": data}

    async def do_note_file_bring(self, note: str, name: str, data: bytes, officer: str) -> dict[str, Any]:
        """Keep a file that came by hand, if the note names it."""
        row, brought = find(self.node, note), attachment.look_at(self.node, name, data, officer)
        return _kept(await attachment.bring(self.node, open_note(self.node, row), row.note_id, brought))


def _fetching(one: Wanted) -> dict[str, Any]:
    return {"came": one.came, "size": one.size, "state": one.state, "by": one.by, "at": one.at, "party": one.party}


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "digest": one.digest.hex(), "size": one.size, "media_type": one.media_type, "name": one.name, "at": one.at,
        "by": one.by,
    }  # fmt: skip


def _named(one: Named) -> dict[str, Any]:
    entry = {"digest": one.entry.digest.hex(), "size": one.entry.size, "media_type": one.entry.media_type}
    return {**entry, "kept": None if one.kept is None else _kept(one.kept)}
