"""What can be wrong with a word of `terms`: the one table of the room's problems.

Leaves out `party.py`, whose problems are about names of parties and have their own class.
"""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says

_AGAIN = "Ask the sender to send it again; if it happens twice, compare the versions of both programs."


class TermsProblem(Problem):
    """A value that cannot be a term: a date finer than its precision, a text with hidden characters, an unknown state.

    Rows that begin with ``coded_`` are what a peer's bytes can cause; the rest is met at this desk.
    """

    ROOM: ClassVar[str] = "terms"
    TABLE: ClassVar[dict[str, Says]] = {
        "coded_shape": Says(Fault.PEER, "A coded value of {what} does not have the shape it must have.", _AGAIN),
        "coded_range": Says(Fault.PEER, "{given} is outside {low} to {high} in a coded value of {what}.", _AGAIN),
        "coded_word": Says(Fault.PEER, "“{given}” is not one of the codes of {what}.", _AGAIN),
        "coded_value": Says(Fault.PEER, "A coded value of {what} breaks the rule {rule}.", _AGAIN),
        "instant_range": Says(
            Fault.YOURS, "{ms} is outside the years 1 to 9999.", "Check the date; write it as year, month and day."
        ),
        "too_fine": Says(
            Fault.YOURS,
            "The moment {ms} is finer than its precision, {precision}.",
            "Say the finer precision, or cut the moment to the first instant of its {precision}.",
        ),
        "bad_dtg": Says(
            Fault.YOURS,
            "“{given}” is not a date-time group.",
            "Write day, hour, minute, Z, month, year: 140630Z MAY 17.",
        ),
        "bad_date": Says(
            Fault.YOURS, "“{given}” is not a date.", "Write 2017, 2017-05, 2017-05-14 or 2017-05-14T06:30Z (UTC)."
        ),
        "bad_language": Says(
            Fault.YOURS,
            "“{given}” is not a language tag.",
            "Write a short tag such as ar, zh, en, fr, ru, es, pt-BR or und.",
        ),
        "unknown_language": Says(
            Fault.YOURS, "“{given}” is not one of the six languages.", "Choose ar, zh, en, fr, ru or es."
        ),
        "text_empty": Says(Fault.YOURS, "The text is empty.", "Write it, or say which kind of nothing is meant."),
        "text_too_long": Says(
            Fault.YOURS,
            "The text has {length} characters; at most {limit} are taken.",
            "Shorten it, or attach a document.",
        ),
        "text_hidden": Says(
            Fault.YOURS,
            "The text has a character that cannot be seen or turns the writing direction ({point}, place {place}).",
            "Remove that character; copying through a plain text editor does it.",
        ),
        "text_piled": Says(
            Fault.YOURS, "More than {limit} marks are piled on one letter (place {place}).", "Remove the marks."
        ),
        "text_not_normal": Says(
            Fault.YOURS, "The text is not in the normal form NFC.", "Enter it again; Parley brings typed text to NFC."
        ),
        "national_marking": Says(
            Fault.YOURS,
            "“{given}” cannot be a national marking.",
            "Write one line of at most {limit} characters, without control characters.",
        ),
        "bad_marking": Says(
            Fault.YOURS,
            "“{given}” is not a marking line.",
            "Write TLP:AMBER // national marking // ORCON KE // REL TO KE, UG.",
        ),
        "release_list": Says(
            Fault.YOURS,
            "The list of parties to release to must be sorted, without repetition, and at most {limit} long.",
            "Build the marking with Marking.of, which sorts the list.",
        ),
        "markings_differ": Says(
            Fault.YOURS,
            "The markings name different {what}s and cannot be joined.",
            "A person decides: mark the whole by hand, or leave one of the parts out.",
        ),
        "nobody_in_common": Says(
            Fault.YOURS,
            "No party may receive all of these parts together.",
            "Leave one of the parts out, or ask its originator for consent.",
        ),
        "likelihood_range": Says(
            Fault.YOURS,
            "{low} to {high} per thousand is not a likelihood.",
            "Give two whole numbers from 0 to 1000, the lower one first.",
        ),
        "likelihood_word": Says(
            Fault.YOURS,
            "Word {word} of the scale {scale} does not stand for {low} to {high} per thousand.",
            "Choose the word by its scale, or give a range without a word.",
        ),
        "quantity_range": Says(
            Fault.YOURS, "The quantity {value} × 10^{exponent} is out of range.", "Choose a larger unit or exponent."
        ),
        "unknown_unit": Says(
            Fault.YOURS,
            "“{given}” is not a unit that Parley knows.",
            "Choose a unit from the list, or a currency code.",
        ),
        "share_range": Says(
            Fault.OURS, "{count} of {of} is no share.", "Please report it: the counting is wrong, nothing else is."
        ),
        "duration_range": Says(
            Fault.YOURS, "{number} is not a number of time units.", "Give a whole number from 0 to {limit}."
        ),
        "source_field": Says(
            Fault.YOURS,
            "The field “{field}” of a source cannot be “{given}”.",
            "Correct it; one line, no control characters.",
        ),
        "not_verified": Says(
            Fault.YOURS,
            "A source is verified only if it was opened: “{field}” is missing.",
            "Record the place in the document and the day it was read, or mark the source unverified.",
        ),
        "statement_field": Says(
            Fault.YOURS, "The field “{field}” of a statement cannot be “{given}”.", "Correct that field."
        ),
        "not_its_holder": Says(
            Fault.YOURS,
            "{by} cannot withdraw or replace a statement that {holder} holds.",
            "Record a statement of your own beside it.",
        ),
        "unknown_statement": Says(
            Fault.YOURS, "No earlier statement “{given}” is here to withdraw or replace.", "Add the earlier one first."
        ),
        "two_statements": Says(
            Fault.YOURS, "Two different statements carry the name “{given}”.", "Give the later one a name of its own."
        ),
        "unknown_state": Says(
            Fault.YOURS,
            "“{given}” is not the exact name of a state in the table.",
            "Set the row aside; a person decides which state is meant, or adds the spelling to the table.",
        ),
        "names_another_state": Says(
            Fault.YOURS,
            "The name “{given}” set for {code} is in the table as the name of {other}.",
            "Choose a display name that no other state bears.",
        ),
    }
