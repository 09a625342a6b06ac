"""The desk acts: one verb a file, each an async function of a running node.

The desk decides the order of steps and what commits together; the rules themselves are in the rooms, and what a disk, a
network or a key file is like is outside. It never imports `parley.outside`: the parts arrive in a `Node`.

The way of a note: `draft` → `compose` (serial reserved) → signer process → `release` (journal and outbox in one unit) →
`deliver` → the peer's `receive` → `read` → `read_back` → `answer`.

Beside it the watch: `drill` (timetable), `drill_run` (release and sending), `ways` and `drill_report` (what came of
it), `bell` (a FLASH note rings), `wording_report`, `handover`.
"""
