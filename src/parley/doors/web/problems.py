"""Problems of the door in the browser: a request that never reached a verb."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class WebProblem(Problem):
    """A request that cannot be carried out here."""

    ROOM: ClassVar[str] = "web"
    TABLE: ClassVar[dict[str, Says]] = {
        "bad_host": Says(
            Fault.YOURS,
            "This desk is not known as “{given}”.",
            "Open it at the address that parley serve names, or add the name to hosts under [desk] in parley.toml.",
        ),
        "from_elsewhere": Says(
            Fault.YOURS,
            "This was sent from a page that is not of this desk, and was not carried out.",
            "If you did not mean to send it, tell whoever looks after the node. Else begin from a page of the desk.",
        ),
        "stale_page": Says(
            Fault.YOURS,
            "The page that sent this belongs to an earlier sign-in; nothing was carried out.",
            "Load the page again, then do it once more.",
        ),
        "no_such_page": Says(Fault.YOURS, "There is no such page.", "Begin from Today."),
        "bad_filter": Says(
            Fault.YOURS,
            "“{given}” cannot be looked for here.",
            "Days are written 2026-05-12; serials and places in the journal are numbers.",
        ),
        "bad_root": Says(
            Fault.YOURS,
            "A root digest has 64 digits, 0 to 9 and a to f.",
            "Copy it whole, as the other side has it; gaps do no harm.",
        ),
        "no_such_method": Says(Fault.YOURS, "{method} is not possible here.", "Begin from Today."),
        "not_your_role": Says(
            Fault.YOURS,
            "Your roles at this desk do not cover this: it is for {roles}.",
            "Ask an officer who has one of them; the page Officers names them.",
        ),
        "body_too_large": Says(
            Fault.YOURS, "What was sent is larger than {limit} bytes.", "Send less; nothing was changed."
        ),
        "body_too_slow": Says(
            Fault.YOURS, "What was sent did not arrive within {seconds} s.", "Send it once more; nothing was changed."
        ),
        "no_file_chosen": Says(Fault.YOURS, "No file was chosen.", "Choose one and send it once more."),
        "not_a_form": Says(
            Fault.YOURS, "What was sent is no form of this desk.", "Begin from a page of the desk; nothing was changed."
        ),
        "no_file": Says(Fault.YOURS, "No file was chosen.", "Choose one, then send it; nothing was changed."),
        "other_file": Says(
            Fault.YOURS,
            "Other particulars were brought meanwhile; nothing was decided.",
            "Compare the phrase of those that are shown now.",
        ),
        "no_reply": Says(
            Fault.YOURS,
            "No answer to a parcel is kept here for this sign-in.",
            "Bring the same file in again: nothing is taken twice, and the answer is made anew.",
        ),
        "too_many_requests": Says(Fault.YOURS, "Too many requests.", "Wait for {seconds} s."),
        "too_many_pages": Says(
            Fault.YOURS, "Too many pages of yours are waiting for news.", "Close some that you do not need."
        ),
        "defect": Says(
            Fault.OURS,
            "The node met something that it does not know how to handle ({kind}).",
            "The details are among the messages of parley serve; please report it. The node goes on.",
        ),
    }
