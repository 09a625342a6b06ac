"""Problems of signing in. What refuses a stranger is one sentence for every reason, and takes as long for each."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class SignInProblem(Problem):
    """Somebody cannot be let in, or an account cannot be made so."""

    ROOM: ClassVar[str] = "sign_in"
    TABLE: ClassVar[dict[str, Says]] = {
        "refused": Says(
            Fault.YOURS,
            "The officer, the passphrase and the code do not fit together.",
            "Look at all three. A code serves for half a minute, and only if its device has the right time.",
        ),
        "code_used": Says(
            Fault.YOURS, "This code was used a moment ago.", "Wait for the next code; each one serves once."
        ),
        "wait": Says(
            Fault.YOURS,
            "Signing in failed several times from here.",
            "Try again in {seconds} s, or use a passkey, which never has to wait.",
        ),
        "signed_out": Says(
            Fault.YOURS,
            "You are not signed in, or no longer.",
            "Sign in; what you had written is kept and goes on from here.",
        ),
        "link_gone": Says(
            Fault.YOURS,
            "This link was used already, or its time has passed.",
            "Ask for a new one. On the machine of the node: parley desk link OFFICER.",
        ),
        "tour_gone": Says(
            Fault.YOURS,
            "This link was used already, or its time has passed.",
            "In the terminal where the demonstration runs, press Enter: it prints new links.",
        ),
        "short_passphrase": Says(
            Fault.YOURS,
            "The passphrase has fewer than {least} characters.",
            "Take several words that do not belong together.",
        ),
        "not_the_same": Says(Fault.YOURS, "The two passphrases differ.", "Type the same one twice."),
        "wrong_code": Says(
            Fault.YOURS,
            "The code does not belong to the secret on this page.",
            "Take the secret into your code device once more, and type the code that it shows now.",
        ),
        "bad_name": Says(
            Fault.YOURS,
            "“{given}” cannot be the name of an officer.",
            "Begin with a small Latin letter; then letters, digits and hyphens, 32 at most.",
        ),
        "no_account": Says(Fault.YOURS, "Officer {officer} has no account at this desk.", "Look at the page Officers."),
        "passkey_refused": Says(
            Fault.YOURS,
            "The passkey was not accepted.",
            "Try again on this page; it must be a passkey of this desk, made at this very address.",
        ),
        "passkey_elsewhere": Says(
            Fault.YOURS,
            "Passkeys belong to a name, and this desk was opened by a number.",
            "Open it at {name}.",
        ),
        "no_session": Says(Fault.YOURS, "There is no such session.", "It has ended already; load the page again."),
    }
