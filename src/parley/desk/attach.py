"""Attach: name a file in a draft and keep it there, or take it off again."""

from __future__ import annotations

import msgspec

from parley.desk import attachment, draft
from parley.desk.attachment import Kept
from parley.desk.node import Node
from parley.desk.problems import DeskProblem
from parley.line.attachment import KIND
from parley.seal import digest


async def attach(node: Node, draft_id: str, name: str, data: bytes, officer: str) -> Kept:
    """Name a file in the first line of the form that takes files; the same one twice is one.

    Raises LineProblem ``file_empty``, ``file_too_large``, ``file_kind``; DeskProblem ``no_draft``, ``no_files_here``,
    ``draft_changed`` if somebody saved the draft at the same moment.
    """
    saved = draft.fetch_saved(node, draft_id)
    form = node.library.form(saved.draft.form)
    number = next((line.number for line in form.lines if line.kind == KIND), None)
    if number is None:
        raise DeskProblem("no_files_here", form=form.number)
    added = attachment.add(node, form, saved.draft.lines, {number: [(name, data)]}, officer, draft_id)
    for problem in added.refused.values():
        raise problem
    made = msgspec.structs.replace(saved.draft, lines=added.lines)
    await draft.save(node, made, draft_id, expecting=saved.version, by=officer, files=added.brought)
    return next(one for one in attachment.held(node, draft_id) if one.digest == digest(data))


async def detach(node: Node, draft_id: str, wanted: str, officer: str) -> None:
    """Take a file off a draft by the beginning of its digest (hexadecimal); the file goes with it.

    Raises DeskProblem ``no_draft``, ``no_file``, ``draft_changed``.
    """
    saved = draft.fetch_saved(node, draft_id)
    gone = [one.digest for one in draft.files_of(node, saved.draft) if wanted and one.digest.hex().startswith(wanted)]
    if len(gone) != 1:
        raise DeskProblem("no_file", digest=wanted[:16])
    form, lines = node.library.form(saved.draft.form), dict(saved.draft.lines)
    for line in form.lines:
        if line.kind == KIND and isinstance(lines.get(line.number), list):
            lines[line.number] = [entry for entry in lines[line.number] if bytes(entry[0]) != gone[0]]
    made = msgspec.structs.replace(saved.draft, lines={number: value for number, value in lines.items() if value != []})
    await draft.save(node, made, draft_id, expecting=saved.version, by=officer)
