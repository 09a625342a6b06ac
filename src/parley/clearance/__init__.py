"""Clearance: who is what at this desk, what must be said before a note goes out, and what may be shown to whom.

It knows: roles and grants with their dates; the roster; release policy, as data, and the judgement over a note; what a
director cleared ahead; the rights of roles; the one marking gate that every exit passes.

It refuses to know: passphrases, passkey assertions and codes (outside.keys checks them and tells who said what), notes
(it is given their facts), how anything is stored or shown, what time it is. Verification raises ClearanceProblem.
"""

from parley.clearance.access import RIGHTS, Right, Thing, check, may, reader_of, sees, show_or_raise
from parley.clearance.ahead import FREE, Ahead
from parley.clearance.asked import Asked, Word
from parley.clearance.gate import DEALS, READS, Exit, Reader, pass_or_raise, passes, passes_on
from parley.clearance.policy import (
    FLOOR_FORMS,
    LONGEST_REASON,
    STANDING,
    How,
    Policy,
    Rule,
    Verdict,
    check_ahead,
    check_reason,
    judge,
    missing,
    read_policy,
    standard_policy,
)
from parley.clearance.problems import ClearanceProblem
from parley.clearance.proof import (
    Assertion,
    Challenge,
    Code,
    PasskeyFile,
    Proof,
    grouped,
    passkey_digits,
    passkey_file,
    read_passkey_file,
    release_challenge,
    run_digest,
    word_challenge,
)
from parley.clearance.roles import CLEARING, Grant, Role, check_name
from parley.clearance.roster import Officer, Passkey, Roster, check_grant, with_grants, without

__all__ = [
    "CLEARING",
    "DEALS",
    "FLOOR_FORMS",
    "FREE",
    "LONGEST_REASON",
    "READS",
    "RIGHTS",
    "STANDING",
    "Ahead",
    "Asked",
    "Assertion",
    "Challenge",
    "ClearanceProblem",
    "Code",
    "Exit",
    "Grant",
    "How",
    "Officer",
    "Passkey",
    "PasskeyFile",
    "Policy",
    "Proof",
    "Reader",
    "Right",
    "Role",
    "Roster",
    "Rule",
    "Thing",
    "Verdict",
    "Word",
    "check",
    "check_ahead",
    "check_grant",
    "check_name",
    "check_reason",
    "grouped",
    "judge",
    "may",
    "missing",
    "pass_or_raise",
    "passes",
    "passes_on",
    "passkey_digits",
    "passkey_file",
    "read_passkey_file",
    "read_policy",
    "reader_of",
    "release_challenge",
    "run_digest",
    "sees",
    "show_or_raise",
    "standard_policy",
    "with_grants",
    "without",
    "word_challenge",
]
