"""The table of pages: what there is, and the right that it takes.

The application is made from it, and nothing else answers.

``PUBLIC`` needs no sign-in; ``SIGNED`` any officer who is signed in; all else a right of `parley.clearance`, whose
roles a test holds against a table written by hand (tests/doors/web/access.toml).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from parley.clearance import Right
from parley.doors.web import stream
from parley.doors.web.answers import Answer
from parley.doors.web.pages import (
    acceptance,
    bell,
    clear,
    commands,
    directory,
    drafts,
    drill_run,
    drills,
    evidence,
    files,
    house,
    journal,
    line,
    note,
    officers,
    parcels,
    policy,
    precedents,
    programs,
    read_back,
    retention,
    settings,
    sign_in,
    talks,
    today,
    tour,
    versions,
    way_in,
    without,
    wording,
)

if TYPE_CHECKING:
    from parley.doors.web.asked import Asked
    from parley.doors.web.desk import WebDesk

Need = Literal["public", "signed"] | Right
Does = Callable[["WebDesk", "Asked"], Awaitable["Answer | stream.Stream"]]
PUBLIC: Need = "public"
SIGNED: Need = "signed"


class Place(msgspec.Struct, frozen=True):
    """One address and method.

    `takes`: "form"; "file", a form with files of others' making; "files", a form with or without attachments; "json";
    or "" for what has no body.
    """

    method: str
    path: str
    does: Does
    need: Need
    takes: str = ""


def _get(path: str, does: Does, need: Need) -> Place:
    return Place("GET", path, does, need)


def _post(path: str, does: Does, need: Need, takes: str = "form") -> Place:
    return Place("POST", path, does, need, takes)


PLACES: tuple[Place, ...] = (
    # the way in
    _get("/sign-in", sign_in.show, PUBLIC),
    _post("/sign-in", sign_in.enter, PUBLIC),
    _post("/sign-in/passkey/ask", sign_in.ask_passkey, PUBLIC, "json"),
    _post("/sign-in/passkey", sign_in.enter_by_passkey, PUBLIC, "json"),
    _get("/set-up/{link}", way_in.show, PUBLIC),
    _post("/set-up/{link}", way_in.use, PUBLIC),
    _get("/tour/{link}", tour.show, PUBLIC),
    _post("/tour/{link}", tour.enter, PUBLIC),
    _post("/tour", tour.put_away, SIGNED),
    _post("/language", sign_in.language, PUBLIC),
    _post("/sign-out", sign_in.leave, SIGNED),
    _get("/unlock", sign_in.show_unlock, Right.STATION),
    _post("/unlock", sign_in.unlock, Right.STATION),
    # the watch
    _get("/", today.root, SIGNED),
    _get("/today", today.show, Right.STATUS),
    _get("/events", stream.events, Right.STATUS),
    _get("/handover", today.handover, Right.READ),
    _get("/bell", bell.show, Right.READ),
    _post("/bell", bell.tried, Right.READ),
    # notes
    _get("/line", line.show, Right.READ),
    _get("/notes/{note}", note.show, Right.READ),
    _get("/notes/{note}/read-back", read_back.show, Right.READ_BACK),
    _post("/notes/{note}/read-back", read_back.give, Right.READ_BACK),
    _post("/notes/{note}/reply", drafts.reply, Right.DRAFT),
    _post("/notes/{note}/clarify", drafts.clarify, Right.DRAFT),
    _get("/notes/{note}/archive", note.archive, Right.EXPORT),
    _get("/notes/{note}/by-hand/{party}", without.show, Right.READ),
    _post("/notes/{note}/by-hand/{party}", without.enter, Right.DRAFT),
    _get("/notes/{note}/by-hand/{party}/text", without.text, Right.READ),
    _get("/notes/{note}/files", files.of_note, Right.READ),
    _post("/notes/{note}/files", files.bring, Right.READ_BACK, "files"),
    _get("/notes/{note}/files/{digest}", files.from_note, Right.READ),
    _post("/notes/{note}/files/{digest}", files.ask, Right.READ_BACK),
    # conversations outside the line
    _get("/talks", talks.listed, Right.READ),
    _get("/talks/new", talks.new, Right.DRAFT),
    _get("/talks/{talk}", talks.show, Right.READ),
    _post("/talks/{talk}", talks.enter, Right.DRAFT),
    _post("/talks/{talk}/oral", talks.oral, Right.DRAFT),
    # drafts
    _get("/drafts", drafts.listed, Right.DRAFT),
    _get("/drafts/new", drafts.choose, Right.DRAFT),
    _get("/drafts/new/{form}", drafts.new, Right.DRAFT),
    _get("/drafts/{draft}", drafts.show, Right.DRAFT),
    _post("/drafts/{draft}", drafts.save, Right.DRAFT, "files"),
    _get("/drafts/{draft}/preview", drafts.preview, Right.DRAFT),
    _get("/drafts/{draft}/versions", versions.show, Right.DRAFT),
    _post("/drafts/{draft}/versions", versions.restore, Right.DRAFT),
    _get("/drafts/{draft}/files/{digest}", files.from_draft, Right.DRAFT),
    # clearing and release
    _get("/clear", clear.listed, Right.CLEAR),
    _post("/drafts/{draft}/submit", clear.submit, Right.DRAFT),
    _get("/clear/{note}", clear.show, Right.CLEAR),
    _get("/clear/{note}/word", clear.show_word, Right.CLEAR),
    _post("/clear/{note}/word", clear.word, Right.CLEAR, "json"),
    _get("/clear/{note}/release", clear.show_release, Right.RELEASE),
    _post("/clear/{note}/release", clear.release, Right.RELEASE, "json"),
    _get("/clear/{note}/files", files.of_waiting, Right.CLEAR),
    _get("/clear/{note}/files/{digest}", files.from_waiting, Right.CLEAR),
    _post("/clear/{note}/call", clear.call, Right.CLEAR),
    _post("/clear/{note}/told", clear.told, Right.CLEAR),
    _post("/clear/{note}/withdraw", clear.withdraw, Right.DRAFT),
    _post("/clear/{note}/review", clear.review, Right.REVIEW),
    # parties, drills, journal
    _get("/directory", directory.listed, Right.STATUS),
    _post("/directory", directory.vouchers, Right.DIRECTORY),
    _get("/directory/bring", acceptance.show_bring, Right.DIRECTORY),
    _post("/directory/bring", acceptance.bring, Right.DIRECTORY, "file"),
    _get("/directory/contacts", without.contacts, Right.STATUS),
    _post("/directory/contacts", without.enter_contact, Right.CONTACT),
    _get("/directory/parcels", parcels.show, Right.STATION),
    _post("/directory/parcels", parcels.take, Right.STATION, "file"),
    _get("/directory/parcels/reply", parcels.reply, Right.STATION),
    _get("/directory/{party}", directory.show, Right.STATUS),
    _post("/directory/{party}", directory.decided, Right.DIRECTORY),
    _get("/directory/{party}/accept", acceptance.show, Right.DIRECTORY),
    _post("/directory/{party}/accept", acceptance.decided, Right.DIRECTORY),
    _get("/directory/{party}/particulars", directory.export, Right.STATUS),
    _post("/directory/{party}/parcel", parcels.hand, Right.STATION),
    _get("/drills", drills.listed, Right.STATUS),
    _post("/drills", drills.schedule, Right.DRILL),
    _get("/drills/wording", wording.show, Right.READ),
    _get("/drills/wording/table.csv", wording.table, Right.READ),
    _get("/drills/{drill}", drills.show, Right.READ),
    _post("/drills/{drill}/calls", drills.call, Right.DRILL),
    _post("/drills/{drill}/cancel", drills.cancel, Right.DRILL),
    _get("/drills/{drill}/trend", drills.trends, Right.READ),
    _get("/drills/{drill}/table.csv", drills.table, Right.READ),
    _post("/drills/{drill}/run", drill_run.hand_in, Right.DRAFT),
    _get("/drills/{drill}/run", drill_run.show, Right.CLEAR),
    _get("/drills/{drill}/run/word", drill_run.show_word, Right.CLEAR),
    _post("/drills/{drill}/run/word", drill_run.word, Right.CLEAR, "json"),
    _get("/drills/{drill}/run/release", drill_run.show_release, Right.RELEASE),
    _post("/drills/{drill}/run/release", drill_run.release, Right.RELEASE, "json"),
    _post("/drills/{drill}/run/withdraw", drill_run.withdraw, Right.DRAFT),
    _get("/journal", journal.show, Right.JOURNAL),
    _get("/journal/table.csv", journal.table, Right.JOURNAL),
    _get("/journal/verify", journal.show_verify, Right.JOURNAL),
    _post("/journal/verify", journal.verify, Right.JOURNAL),
    _get("/journal/checkpoints", journal.checkpoints, Right.JOURNAL),
    _post("/journal/checkpoints", journal.show_checkpoint, Right.JOURNAL),
    _get("/journal/checkpoints/{party}/{incarnation}/{size}", journal.checkpoint_file, Right.JOURNAL),
    _get("/journal/evidence", evidence.listed, Right.JOURNAL),
    _post("/journal/evidence", evidence.take, Right.JOURNAL, "file"),
    _get("/journal/evidence/{number}", evidence.show, Right.JOURNAL),
    _get("/journal/evidence/{number}/file", evidence.file, Right.JOURNAL),
    _get("/journal/retention", retention.show, Right.KEEP),
    _post("/journal/retention", retention.run, Right.KEEP),
    _post("/journal/retention/hold", retention.hold, Right.KEEP),
    _post("/journal/retention/lift", retention.lift, Right.KEEP),
    # the public record
    _get("/precedents", precedents.search, Right.STATUS),
    _get("/precedents/statistics", precedents.statistics, Right.STATUS),
    _get("/precedents/statistics/{statistic}", precedents.statistic, Right.STATUS),
    _get("/precedents/statistics/{statistic}/table.csv", precedents.table, Right.STATUS),
    _post("/precedents/searches", precedents.keep, Right.STATUS),
    _post("/precedents/searches/forget", precedents.forget, Right.STATUS),
    _get("/precedents/{incident:path}", precedents.incident, Right.STATUS),
    # the house
    _get("/officers", officers.listed, Right.STATUS),
    _post("/officers", officers.link, Right.OFFICERS),
    _get("/officers/policy", policy.show, Right.STATUS),
    _post("/officers/command", commands.show, Right.STATUS),
    _get("/officers/programs", programs.listed, Right.OFFICERS),
    _post("/officers/programs", programs.make, Right.OFFICERS),
    _post("/officers/programs/revoke", programs.revoke, Right.OFFICERS),
    _post("/officers/{officer}/sessions", officers.end_sessions, Right.OFFICERS),
    _get("/settings", settings.show, SIGNED),
    _get("/settings/node", house.show, Right.STATION),
    _get("/settings/doctor", house.doctor, Right.STATION),
    _post("/settings/sessions", settings.end_session, SIGNED),
    _post("/settings/passkeys", settings.drop_passkey, SIGNED),
    _post("/settings/passkeys/ask", settings.ask_passkey, SIGNED, "json"),
    _post("/settings/passkeys/new", settings.new_passkey, SIGNED, "json"),
    _get("/settings/passkeys/{passkey}", settings.passkey_file, SIGNED),
)
