"""What can be wrong with a role, a grant, a release or a reading: the room's table of problems."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class ClearanceProblem(Problem):
    """Something that an officer may not do, or not yet."""

    ROOM: ClassVar[str] = "clearance"
    TABLE: ClassVar[dict[str, Says]] = {
        "bad_name": Says(
            Fault.YOURS,
            "“{given}” cannot be an officer's name.",
            "Write small letters, digits and hyphens, at most 32.",
        ),
        "bad_grant": Says(
            Fault.YOURS,
            "A role cannot be given like this ({why}).",
            "An acting officer needs an end and another's place; forms are a releaser's; an end follows a beginning.",
        ),
        "bad_policy": Says(
            Fault.YOURS,
            "This release policy cannot be used: {why}.",
            "Correct the file; docs/clearance.md says what may stand in it.",
        ),
        "no_such_officer": Says(
            Fault.YOURS, "“{officer}” is not an officer of this desk.", "See who is: parley officers list."
        ),
        "may_not": Says(
            Fault.YOURS,
            "“{officer}” may not do this here: it takes the role {roles}.",
            "Ask an officer who holds it: parley officers list.",
        ),
        "not_yourself": Says(
            Fault.YOURS,
            "“{officer}” cannot act under the name “{named}”.",
            "Name yourself with --as, before the command.",
        ),
        "not_yours": Says(
            Fault.YOURS,
            "There is nothing here under that name that “{officer}” may see.",
            "Ask an administrator whether the case was assigned.",
        ),
        "needs_two": Says(
            Fault.YOURS,
            "Roles are given by two officers, of whom one is an administrator and one a releaser.",
            "Name the second one with --with; both give their passphrases.",
        ),
        "needs_roles": Says(
            Fault.YOURS,
            "This desk has roles; an officer without one could do nothing.",
            "Give some: parley officers grant {officer} ROLE … --with OTHER.",
        ),
        "no_ahead": Says(
            Fault.YOURS, "Nothing is cleared ahead under the name “{name}”.", "List it: parley clearance ahead."
        ),
        "needs_administrator": Says(
            Fault.YOURS, "Neither “{first}” nor “{second}” is an administrator.", "Ask an administrator to take part."
        ),
        "no_grant": Says(
            Fault.YOURS, "“{officer}” does not hold the role {role}.", "See who holds what: parley officers list."
        ),
        "last_holder": Says(
            Fault.YOURS,
            "“{officer}” is the last {role}; the desk could do nothing more.",
            "Give the role to somebody else first: parley officers grant.",
        ),
        "not_releaser": Says(
            Fault.YOURS,
            "“{officer}” may not release form {form}.",
            "Ask a releaser: parley officers list.",
        ),
        "missing_words": Says(
            Fault.YOURS,
            "Form {form} cannot go out yet: it lacks the word of {roles}, and who releases is not who drafted.",
            "Submit the draft (parley submit), let them clear it (parley clear), then let another officer release it.",
        ),
        "reason_needed": Says(
            Fault.YOURS,
            "A lone officer's release needs a reason.",
            "Give it with --reason; it is journalled, and another officer reviews it next day.",
        ),
        "bad_reason": Says(
            Fault.YOURS, "The reason is empty or too long.", "Write one sentence of at most {most} characters."
        ),
        "never_alone": Says(
            Fault.YOURS,
            "Form {form} is never released by a lone officer: it needs {roles}, and another who drafted it.",
            "Submit the draft (parley submit) and let them clear it (parley clear); by telephone if need be.",
        ),
        "own_review": Says(
            Fault.YOURS,
            "“{officer}” released this note alone, and cannot review that.",
            "Ask another officer.",
        ),
        "no_word": Says(
            Fault.YOURS, "“{officer}” cannot clear a note as {role}.", "See who holds which role: parley officers list."
        ),
        "bad_bounds": Says(
            Fault.YOURS,
            "A note cannot be cleared ahead like this ({why}).",
            "Name a form that policy lets clear ahead, its lines, and an end within {days} days.",
        ),
        "not_director": Says(
            Fault.YOURS,
            "“{officer}” cannot clear ahead: that takes both political and releaser.",
            "Ask a director: parley officers list.",
        ),
        "bad_passkey": Says(
            Fault.YOURS,
            "This passkey cannot be taken: {why}.",
            "Register it again on the desk's page, and bring the file that the page gives.",
        ),
        "above_marking": Says(
            Fault.YOURS,
            "This text is marked above what may pass here ({exit}).",
            "Open it on the page of the note, as an officer who may read it.",
        ),
    }
