"""What can go wrong with key files and with the signer."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class KeysProblem(Problem):
    """A key that cannot be read, made or used, or a release that the signer refuses."""

    ROOM: ClassVar[str] = "keys"
    TABLE: ClassVar[dict[str, Says]] = {
        # files
        "unreadable": Says(Fault.MACHINE, "{path} cannot be read: {reason}.", "Check the medium and the permissions."),
        "unwritable": Says(
            Fault.MACHINE, "{path} cannot be written: {reason}.", "Check the medium and the space left."
        ),
        "exists": Says(
            Fault.YOURS, "{path} exists already and is not overwritten.", "Choose another name, or move that file away."
        ),
        "not_a_key_file": Says(
            Fault.YOURS, "{path} is not a {wanted} key file of Parley.", "Give the right file, or another copy of it."
        ),
        "damaged": Says(Fault.MACHINE, "{path} contradicts itself.", "Use another copy of the file."),
        "too_open": Says(
            Fault.YOURS, "Others on this computer can read {path}.", "Run: chmod 600 on it; then consider a new key."
        ),
        "bad_name": Says(
            Fault.YOURS, "“{given}” cannot be a name here.", "Write small letters, digits and hyphens, at most 32."
        ),
        "bad_role": Says(Fault.YOURS, "The role is empty, too long or not plain text.", "Write at most 64 letters."),
        "day_erased": Says(
            Fault.MACHINE,
            "The key of day {day} was erased, as was due.",
            "Nothing to do: what was sealed to it is asked for again.",
        ),
        # officers
        "unknown_officer": Says(
            Fault.YOURS, "“{officer}” is not an officer who releases for this office.", "Check the name after --as."
        ),
        "officer_exists": Says(Fault.YOURS, "“{officer}” is an officer already.", "Choose another name."),
        "no_passphrase": Says(
            Fault.YOURS,
            "“{officer}” has no passphrase here yet, or needs one that opens the office key.",
            "Give a new one: --new-passphrase-file FILE.",
        ),
        "last_officer": Says(
            Fault.YOURS,
            "“{officer}” is the last who can release; without one the office key is lost.",
            "Add another officer first.",
        ),
        "more_than_own": Says(
            Fault.YOURS,
            "“{officer}” may not release every form that “{new}” is to release.",
            "Ask an officer who may, or name fewer forms.",
        ),
        "key_waits": Says(
            Fault.YOURS,
            "A new key of office “{office}” waits for the roots; only {officers} can add officers to it.",
            "Let one of these add the officer, or combine the signed particulars first.",
        ),
        "wrong_passphrase": Says(
            Fault.YOURS, "The passphrase of “{officer}” does not fit.", "Try again with the right keyboard layout."
        ),
        "wait": Says(
            Fault.YOURS, "Too many wrong passphrases for “{officer}”.", "Wait {seconds} seconds, then try again."
        ),
        # release
        "not_unlocked": Says(
            Fault.YOURS, "Nobody has unlocked the office key on this connection.", "Give the passphrase first."
        ),
        "wrong_proof": Says(
            Fault.YOURS, "The release is not proved for this very note.", "Release the note again; look at it first."
        ),
        "not_a_note": Says(
            Fault.OURS, "The signer was given something that is not a note.", "Report this as a defect of Parley."
        ),
        "other_office": Says(
            Fault.YOURS, "The note is of {given}; this signer signs for {own}.", "Release it with the right signer."
        ),
        "form_not_allowed": Says(
            Fault.YOURS,
            "“{officer}” may not release form {form}.",
            "Ask an officer who may; the office's release policy names them.",
        ),
        "officers_tampered": Says(
            Fault.MACHINE,
            "The signer's list of officers was changed by somebody who cannot release.",
            "Put back the last good copy of the file that ends in .officers, and find out who wrote it.",
        ),
        "officers_older": Says(
            Fault.MACHINE,
            "The signer's list of officers is older than the one that it has seen, or gone.",
            "Put back the newest copy of the file that ends in .officers.",
        ),
        "not_open": Says(
            Fault.YOURS,
            "The office key is not open for passkeys and telephone codes.",
            "Somebody who can release opens it for the shift: parley clearance open.",
        ),
        "wrong_passkey": Says(
            Fault.YOURS,
            "The passkey of “{officer}” does not fit this very note.",
            "Look at the note again and release it again; or release with the passphrase, or by telephone.",
        ),
        "not_a_run": Says(
            Fault.OURS,
            "The signer was given notes that are no run of a drill: one is no exercise, or they say different things.",
            "Nothing was signed. Compose the run again; if it comes back, report this as a defect of Parley.",
        ),
        "not_of_run": Says(
            Fault.OURS,
            "The signer was asked for a note that is not among those just released, or was handed out before.",
            "Compose the run again; if it comes back, report this as a defect of Parley.",
        ),
        "no_telephone": Says(
            Fault.YOURS,
            "“{officer}” has no key for telephone codes here.",
            "Make one: parley officers telephone {officer} FILE.",
        ),
        "no_number": Says(
            Fault.YOURS, "No number waits for a code for this note.", "Draw one: parley clearance number NOTE."
        ),
        "too_many_numbers": Says(
            Fault.YOURS, "Too many numbers wait for a code.", "Use one of them, or wait half an hour."
        ),
        "wrong_code": Says(
            Fault.YOURS,
            "The code of “{officer}” does not fit; attempts left for this number: {left}.",
            "Read number and code out again, slowly.",
        ),
        "audit_failed": Says(
            Fault.MACHINE,
            "The release could not be written down, so nothing was signed.",
            "Check the disk of the signer.",
        ),
        "other_use": Says(Fault.OURS, "An office key signs notes and nothing else.", "Report this as a defect."),
        "passkey_unfit": Says(
            Fault.YOURS,
            "What the browser brought is no answer of a passkey of this desk.",
            "Try again on a page of the desk that was just loaded.",
        ),
        # the signer process
        "no_signer": Says(
            Fault.MACHINE, "No signer answers at {path}: {reason}.", "Start it: python -m parley.outside.keys.signer."
        ),
        "strange_signer": Says(
            Fault.MACHINE,
            "{path} does not belong to you or the signer's account.",
            "Give no passphrase. Find out who put it there.",
        ),
        "signer_gone": Says(Fault.MACHINE, "The signer ended the connection.", "Start it again, then release again."),
        "already_running": Says(Fault.YOURS, "A signer answers at {path} already.", "Use that one, or stop it."),
        "bad_request": Says(Fault.OURS, "The signer did not understand the request.", "Report this as a defect."),
        "bad_response": Says(Fault.OURS, "The signer's answer was not understood.", "Report this as a defect."),
    }
