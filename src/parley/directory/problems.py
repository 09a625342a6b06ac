"""What can be wrong with particulars, freshness, acceptance and standing: the one table of the room's problems.

Leaves out what is wrong with bytes and signatures as such: those are `SealProblem` and pass through unchanged.
"""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says

_FETCH = "Ask {party} or any other peer for the versions of its particulars in between, and read them in order."
_WIDEN = "Widen the acceptance if it should be."
_CALL = "Do not use it. Call {party} on a number that you know from elsewhere and ask what happened."


class DirectoryProblem(Problem):
    """Who may speak for whom cannot be settled: the key says why, the arguments name party, field or version."""

    ROOM: ClassVar[str] = "directory"
    TABLE: ClassVar[dict[str, Says]] = {
        # -- a value that cannot be built or read
        "bad_value": Says(
            Fault.YOURS, "The field “{field}” is not usable ({rule}).", "Correct that field and propose again."
        ),
        "unreadable": Says(
            Fault.PEER,
            "The field “{field}” of what was received is not usable ({rule}).",
            "Ask the party to issue it again; if it happens twice, compare the versions of both programs.",
        ),
        "unknown_version": Says(
            Fault.PEER,
            "“{field}” is written in version {given} of the format, which this program does not know.",
            "Update this program.",
        ),
        "unknown_critical": Says(
            Fault.PEER,
            "“{field}” has the field number {number}, which must be understood and is not known here.",
            "Update this program.",
        ),
        # -- signatures and thresholds
        "threshold_missing": Says(
            Fault.PEER,
            "{have} of its own roots signed the particulars of {party}; {need} must.",
            "Collect the missing shares and combine again.",
        ),
        "old_roots_missing": Says(
            Fault.PEER,
            "{have} of the roots that were accepted signed the new particulars of {party}; {need} must.",
            "Let the former roots sign too. If they are lost, the party has to be accepted anew by ceremony.",
        ),
        "not_by_roots": Says(
            Fault.PEER, "This was not signed by the threshold of any accepted roots of {party}.", "Do not rely on it."
        ),
        "not_a_root": Says(
            Fault.YOURS, "This key is not among the roots that may sign the proposal.", "Use the file of a root key."
        ),
        # -- succession
        "other_party": Says(
            Fault.PEER, "The particulars are those of {given}, not of {party}.", "Ask for the right ones."
        ),
        "rollback": Says(
            Fault.PEER,
            "Version {given} of the particulars of {party} is older than version {held}, which is held here.",
            "Nothing to do; what is held stays. If it comes again and again, somebody repeats old letters.",
        ),
        "equivocation": Says(
            Fault.PEER, "The roots of {party} signed two different contents that exclude each other ({given}).", _CALL
        ),
        "gap": Says(
            Fault.PEER, "Between version {held} and {given} of the particulars of {party} the roots changed.", _FETCH
        ),
        "issued_backwards": Says(
            Fault.PEER,
            "The new particulars of {party} bear an earlier time than those they follow.",
            "Issue them again on a machine with the right clock.",
        ),
        "from_the_future": Says(
            Fault.PEER,
            "What {party} issued bears a time more than {days} days ahead of this node.",
            "Check the clock of this node; if it is right, ask the party to check theirs.",
        ),
        "suite_lowered": Says(
            Fault.PEER, "The new particulars of {party} lower the lowest suite that it accepts.", _CALL
        ),
        "revocation_withdrawn": Says(
            Fault.PEER, "The new particulars of {party} withdraw or postpone a revocation.", _CALL
        ),
        "not_equivocation": Says(
            Fault.PEER, "The two signed objects do not contradict each other.", "Keep both; nothing is proven."
        ),
        # -- acceptance
        "not_accepted": Says(
            Fault.YOURS, "No particulars of {party} are accepted here.", "Accept them first: particulars accept."
        ),
        "expired": Says(
            Fault.PEER, "The particulars of {party} have expired.", "Ask the party for particulars that are valid now."
        ),
        "ceremony_missing": Says(
            Fault.YOURS,
            "Accepting {party} by ceremony needs the phrase that its officer spoke.",
            "Hold the ceremony: each side reads its twenty digits to the other.",
        ),
        "one_sided": Says(
            Fault.YOURS,
            "The officer of {party} has not confirmed our phrase.",
            "Read ours aloud too, and accept when both sides have found the digits equal.",
        ),
        "phrase_differs": Says(
            Fault.YOURS,
            "The phrase does not belong to these particulars.",
            "Read the digits again. If they still differ, do not accept: the particulars are not theirs.",
        ),
        "bad_phrase": Says(
            Fault.YOURS, "A phrase has {wanted} digits; {given} were given.", "Write all digits, blanks as you like."
        ),
        "would_break": Says(
            Fault.YOURS,
            "These particulars of {party} have other roots, and the former roots did not hand over.",
            "If the party says that its roots are lost, accept them as a new identity after a ceremony.",
        ),
        "too_few_vouchers": Says(
            Fault.YOURS,
            "{have} of the parties that you chose vouch for {party}; {need} must.",
            "Hold a ceremony with the party, or ask another party on your list to vouch.",
        ),
        "needs_ceremony": Says(
            Fault.YOURS,
            "{party} is known by vouching only; this form needs a ceremony.",
            "Hold a ceremony with the party first.",
        ),
        # -- judging a signature
        "key_revoked": Says(Fault.PEER, "The key {key_id} of {party} was revoked.", _CALL),
        "key_superseded": Says(
            Fault.PEER,
            "The key {key_id} of {party} was replaced, and this was not signed before that or arrived too late.",
            "Ask the party to sign it again with its present key.",
        ),
        "key_unknown": Says(
            Fault.PEER, "The key {key_id} is not in any particulars of {party} that are held here.", _FETCH
        ),
        "no_office": Says(Fault.PEER, "{party} has named no office “{office}”.", "Write to one of its offices."),
        # -- standing
        "suspended": Says(
            Fault.YOURS,
            "The line with {party} is suspended at this desk.",
            "Resume it if that is meant: parties resume.",
        ),
        "party_revoked": Says(
            Fault.PEER, "{party} has closed this identity.", "Accept its new particulars by ceremony."
        ),
        "needs_override": Says(
            Fault.YOURS,
            "The standing of {party} is “{standing}”; sending needs a named override.",
            "Give the name of the officer who decides it; it is written to the journal.",
        ),
        # -- narrowed acceptance: a decision of this desk, for which no reason is owed
        "form_refused": Says(Fault.YOURS, "Form {form} is not taken from {party} at this desk.", _WIDEN),
        "kind_refused": Says(Fault.YOURS, "From {party} this desk takes notes of one kind only: {only}.", _WIDEN),
        "precedence_refused": Says(
            Fault.YOURS, "From {party} this desk takes no precedence above {highest} (0 ROUTINE, 3 FLASH).", _WIDEN
        ),
        "attachment_refused": Says(Fault.YOURS, "From {party} this desk takes no attachments.", _WIDEN),
        "not_sent": Says(
            Fault.YOURS,
            "This desk decided not to send such a note to {party}: its {what} is outside.",
            "Change the note, or widen what is sent to the party.",
        ),
        # -- acting for another party
        "mandate_missing": Says(
            Fault.PEER,
            "{party} acts for {principal} by its own word; the particulars of {principal} that are held here do not"
            " entrust it.",
            "Ask {principal}, by any way that is open, for particulars that name its protecting power.",
        ),
        "office_kind": Says(
            Fault.YOURS,
            "Form {form} travels between offices of these kinds only: {wanted}. {office} is {kind}.",
            "Write it from and to such an office; what was seen can be told with form 10 from any.",
        ),
        # -- freshness and prekeys
        "particulars_behind": Says(
            Fault.PEER, "{party} says its particulars are at version {given}; version {held} is held here.", _FETCH
        ),
        "other_digest": Says(
            Fault.PEER, "A node of {party} states another content for version {given} than the one held here.", _CALL
        ),
        "no_prekey": Says(
            Fault.PEER,
            "No key is at hand to which a note for {party} can be sealed.",
            "Exchange freshness with the party first; by hand if there is no other way.",
        ),
        # -- own records
        "bad_record": Says(
            Fault.MACHINE, "The stored record “{kind}” of {party} does not fit the others.", "Restore from a backup."
        ),
    }
