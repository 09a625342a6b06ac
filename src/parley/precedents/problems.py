"""What can be wrong with a record, a row or a file of the public record."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class PrecedentProblem(Problem):
    """A record that cannot be one, or a file that is not what it was said to be."""

    ROOM: ClassVar[str] = "precedents"
    TABLE: ClassVar[dict[str, Says]] = {
        "bad_actor": Says(
            Fault.YOURS,
            "“{given}” cannot be an actor.",
            "Write a state by its ISO code, an organisation as O-NAME, a region as R-NAME.",
        ),
        "bad_field": Says(Fault.YOURS, "The field “{field}” of a record cannot be “{given}”.", "Correct that field."),
        "not_in_words": Says(
            Fault.YOURS,
            "The field “{field}” says “{given}”, which does not stand in the exact words.",
            "Copy it letter for letter from the words of the statement, or leave it out.",
        ),
        "unknown_record": Says(
            Fault.YOURS, "No record “{given}” is here.", "Look it up again; parley precedents search lists the names."
        ),
        "question_too_long": Says(
            Fault.YOURS, "A question has at most {most} letters, and 40 values of one filter.", "Ask for less at once."
        ),
        "unknown_filter": Says(
            Fault.YOURS,
            "Nothing in the record has “{given}” under {filter}.",
            "Look for what there is: {possible}.",
        ),
        "same_record": Says(Fault.YOURS, "“{given}” cannot be matched with itself.", "Name two different records."),
    }
