"""Problems of the desk: what a person asked for and cannot have just now."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class DeskProblem(Problem):
    """A verb that cannot be carried out."""

    ROOM: ClassVar[str] = "desk"
    TABLE: ClassVar[dict[str, Says]] = {
        "unfilled": Says(Fault.YOURS, "“{given}” does not fit line {line}.", "Possible there: {possible}."),
        "locked": Says(
            Fault.YOURS,
            "The node is locked: it takes sealed notes, but cannot open them or show any.",
            "Give it the archive passphrase: parley unlock.",
        ),
        "no_draft": Says(Fault.YOURS, "There is no draft {draft}.", "List the drafts: parley drafts."),
        "no_version": Says(
            Fault.YOURS,
            "There is no version {version} of this draft any more.",
            "Choose among those that are listed.",
        ),
        "no_file": Says(
            Fault.YOURS,
            "The file {digest} is named, but it is not here.",
            "Ask for it on the note's page of files (parley attachment ask), or take it by hand and bring it in there.",
        ),
        "no_file_source": Says(
            Fault.YOURS,
            "The note {note} did not come over the line from another party: there is nobody to ask for its files.",
            "Only files of notes that came are asked for; those of our own are with their draft.",
        ),
        "no_files_here": Says(
            Fault.YOURS, "Form {form} has no line that names files.", "Choose a form that has one: parley forms."
        ),
        "no_state": Says(
            Fault.YOURS,
            "“{given}” is no state of the list.",
            "The names nearest to it: {nearest}. Choose one of the list, or write its code of two letters.",
        ),
        "no_note": Says(Fault.YOURS, "There is no note {note} here.", "List the notes: parley inbox."),
        "many_notes": Says(Fault.YOURS, "{note} fits more than one note.", "Write more digits of its id."),
        "body_destroyed": Says(
            Fault.YOURS,
            "The text of note {note} was destroyed under the retention rule.",
            "The journal still proves that it existed.",
        ),
        "not_composed": Says(
            Fault.YOURS,
            "The signed note does not belong to a composed draft of ours.",
            "Compose it again: parley send.",
        ),
        "not_waiting": Says(
            Fault.YOURS,
            "No note {note} waits for its release.",
            "List what waits: parley clearance list. After a day it is void; its draft is kept.",
        ),
        "nothing_to_review": Says(
            Fault.YOURS,
            "Note {note} was not released by one officer alone, or was reviewed already.",
            "List what awaits a review: parley clearance review.",
        ),
        "no_signer_here": Says(
            Fault.MACHINE,
            "No signer of office {office} is known to this node.",
            "Start the node as parley serve, which starts its signers; or release at the command line.",
        ),
        "not_ours": Says(
            Fault.YOURS, "{office} is not an office in our own particulars.", "Look at parley particulars show."
        ),
        "not_our_party": Says(
            Fault.YOURS,
            "These are the particulars of {party}; this is a node of {us}.",
            "To take another party's particulars: parley particulars accept.",
        ),
        "key_not_ours": Says(
            Fault.YOURS,
            "These particulars do not name this node's key.",
            "Propose them on this node (parley particulars propose), then sign and combine that proposal.",
        ),
        "unknown_decision": Says(
            Fault.OURS, "{verb} is not a decision about a party.", "Choose suspend, resume or set-aside."
        ),
        "ourselves": Says(
            Fault.YOURS, "That would be a decision about our own party.", "Name another party: parley parties list."
        ),
        "decided_meanwhile": Says(
            Fault.YOURS,
            "{officer} decided about {party} meanwhile ({day}); nothing more was changed.",
            "Look at what stands now, then decide.",
        ),
        "not_at_hand": Says(
            Fault.YOURS,
            "No particulars of {party} are at hand, accepted or not.",
            "Ask a peer that holds them: parley parties ask {party} --of PEER.",
        ),
        "no_particulars": Says(
            Fault.YOURS,
            "Our own particulars have not been combined yet.",
            "Sign and combine them: parley particulars propose, sign, combine.",
        ),
        "expired_needs_override": Says(
            Fault.YOURS,
            "The particulars of {party} have run out on {day}; sending on them needs a decision.",
            "Ask {party} for new ones, or send with --override REASON, which is journalled.",
        ),
        "no_prekey": Says(
            Fault.PEER,
            "No key to seal to is known for {party}.",
            "Let the nodes meet once (parley doctor), or take a file from {party} by hand.",
        ),
        "no_read_back": Says(
            Fault.YOURS, "This note has no read-back that is awaited.", "Look at it: parley show {note}."
        ),
        "answered_meanwhile": Says(
            Fault.YOURS,
            "The questions of this note were answered meanwhile (attempt {attempt}).",
            "Look at the note; if you read it otherwise, send your answers again.",
        ),
        "not_incoming": Says(
            Fault.YOURS, "Note {note} is one of ours; only its recipient can do this.", "Look at parley inbox."
        ),
        "not_outgoing": Says(Fault.YOURS, "Note {note} did not go out from here.", "Look at parley inbox."),
        "only_persons": Says(
            Fault.YOURS,
            "A read-back is answered by a person at a screen, never by a token or a script.",
            "Use --answer for each line as a person.",
        ),
        "bad_answer": Says(Fault.YOURS, "“{given}” is not an answer to line {line}.", "Choose one of: {options}."),
        "clock_back": Says(
            Fault.MACHINE,
            "This computer's clock stands {seconds} s before the last time that was seen.",
            "Set the clock; until then the last time seen is used.",
        ),
        "no_checkpoint": Says(
            Fault.OURS,
            "There is no checkpoint over this note yet.",
            "Wait for the next one, or: parley journal --checkpoint.",
        ),
        "runs_parley": Says(
            Fault.YOURS,
            "{party} runs Parley: its particulars were accepted here.",
            "Send the note on the line: parley send.",
        ),
        "no_contact": Says(
            Fault.YOURS,
            "No contact is entered for {party}.",
            "Enter one: parley contacts add {party} --office NAME --language CODE.",
        ),
        "not_by_hand": Says(
            Fault.YOURS,
            "Note {note} is not addressed to {party}.",
            "Look at whom it is addressed to: parley show {note}.",
        ),
        "yet_to_come": Says(
            Fault.YOURS, "The time that is given has not come yet.", "Give the time at which it happened, in UTC."
        ),
        "no_evidence": Says(Fault.YOURS, "There is no evidence number {number}.", "List it: parley evidence list."),
        "no_proof_file": Says(
            Fault.YOURS,
            "This file is neither evidence, nor a checkpoint, nor an archive of a note.",
            "Choose a file that parley evidence export, parley archive or a checkpoint's page has written.",
        ),
        "not_provable": Says(
            Fault.YOURS,
            "Piece {number} of the evidence proves nothing to others: its two parts are not of one kind.",
            "Keep the backup that holds it, and ask the other party to explain through another channel.",
        ),
        "no_hold": Says(Fault.YOURS, "Nothing is held under {what}.", "List the holds: parley retention show."),
        "no_rule": Says(
            Fault.YOURS,
            "There is no retention rule: nothing is ever destroyed.",
            "Write one into parley.toml; see docs/settings.md.",
        ),
        "no_room_by_hand": Says(
            Fault.YOURS,
            "{items} items of this parcel found no room: what a locked node takes by hand has one share.",
            "Unlock the node (parley unlock), then take the same file again; nothing is taken twice.",
        ),
        "no_drill": Says(
            Fault.YOURS, "There is no one drill whose id begins with “{drill}”.", "List them: parley drills list."
        ),
        "nobody_to_ask": Says(
            Fault.YOURS, "A drill needs somebody to ask, and no party is accepted here.", "Name offices: --to XB/duty."
        ),
        "nothing_to_release": Says(
            Fault.YOURS,
            "Drill {drill} has no run that awaits a release.",
            "Look where it stands: parley drills list.",
        ),
        "no_run_waits": Says(
            Fault.YOURS,
            "No run of drill {drill} is handed in: it was released, taken back, or waited longer than a day.",
            "Look where the drill stands; then hand its next run in, if it is still to be held.",
        ),
        "too_early": Says(
            Fault.YOURS,
            "The next run of drill {drill} is more than {days} days away: a note signed so early might be refused.",
            "Release it nearer to its time, or hold it now: parley drills run {drill}.",
        ),
        "bearer_not_listed": Says(
            Fault.YOURS,
            "{party} lists no address for {bearer}.",
            "Ask it for one, or hold the drill without naming a bearer.",
        ),
        "not_of_drill": Says(
            Fault.YOURS,
            "A signed note does not belong to drill {drill}: not an exercise, or not to one of its offices.",
            "Nothing was kept. Compose and release the run again: parley drills release {drill}.",
        ),
        "no_run": Says(Fault.YOURS, "Drill {drill} has not been held yet.", "Hold it: parley drills run {drill}."),
        "not_in_drill": Says(
            Fault.YOURS,
            "“{given}” is not among those whom drill {drill} asks.",
            "Name one: parley drills report {drill}.",
        ),
        "no_outcome": Says(Fault.YOURS, "“{given}” is not what can come of a call.", "Choose one of: {possible}."),
        "no_bell": Says(
            Fault.YOURS,
            "No command is set that rings when a FLASH note comes.",
            "Set on_flash in parley.toml (docs/settings.md) and start the node again.",
        ),
        "no_alert": Says(
            Fault.YOURS,
            "No e-mail is set that is sent when a FLASH note comes.",
            "Set flash_to under [mail] in parley.toml (docs/settings.md) and start the node again.",
        ),
        "no_talk": Says(Fault.YOURS, "No record of a conversation is kept under {talk}.", "Look at the list on Line."),
        "talk_incomplete": Says(
            Fault.YOURS,
            "A record of a conversation lacks: {missing}.",
            "Say it; what was typed is still on the page.",
        ),
        "no_bearer": Says(
            Fault.PEER,
            "{party} lists no address that this node can reach.",
            "Carry the note by hand (parley send --by-hand), or wait for {party} to collect.",
        ),
        # programs that are let in by the API
        "bad_token": Says(
            Fault.YOURS,
            "The token is not one that is valid here.",
            "Make one: parley tokens make NAME --scope SCOPE. Send it as: Authorization: Bearer TOKEN.",
        ),
        "no_token": Says(Fault.YOURS, "There is no token {token}.", "List them: parley tokens list."),
        "bad_token_name": Says(
            Fault.YOURS,
            "“{given}” is not a name for a token.",
            "Write small letters, digits and hyphens, at most 32, for example watch-screen.",
        ),
        "no_scope": Says(Fault.YOURS, "“{given}” is not a scope.", "Choose one or several of: {choices}."),
        "token_days": Says(Fault.YOURS, "A token cannot be valid for {given} days.", "Choose from 1 to {most} days."),
        "no_level": Says(
            Fault.YOURS, "“{given}” is not a level for programs.", "Choose one of: {choices}. TLP:RED is for persons."
        ),
        "above_level": Says(
            Fault.YOURS,
            "It is marked above {level}, which is as high as programs may see here.",
            "Let an officer look at it: parley show, parley drafts.",
        ),
        "key_reused": Says(
            Fault.YOURS,
            "This Idempotency-Key was used for another request.",
            "Take a new key for a new request; nothing was done.",
        ),
        "repeated": Says(Fault.YOURS, "The same request was carried out just now.", "Ask again: the answer is kept."),
        "draft_changed": Says(
            Fault.YOURS,
            "Draft {draft} was changed by somebody else meanwhile.",
            "Fetch it again and repeat your change; nothing was done.",
        ),
        # the public record
        "many_gone": Says(
            Fault.YOURS,
            "{gone} of {held} records of {data_set} are not in this file, as if it were cut off. Nothing was changed.",
            "Fetch it again; if the data set has really become smaller, say --shrunk.",
        ),
        "not_entered": Says(Fault.YOURS, "That cannot be entered: {why}", "Correct it and enter it again."),
        "no_data_set": Says(Fault.YOURS, "No data set “{given}” is here.", "Choose one of: {known}."),
    }
