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
        "no_record": Says(
            Fault.YOURS, "This node keeps no public record.", "Begin one: parley precedents sources opens it."
        ),
        "unknown_search": Says(
            Fault.YOURS, "No search is kept under the name “{given}”.", "List them: parley precedents saved."
        ),
        "search_taken": Says(
            Fault.YOURS,
            "{by} keeps another search under the name “{given}”.",
            "Choose another name; or open that search and let it go first.",
        ),
        "bad_search_name": Says(
            Fault.YOURS, "A search cannot be kept as “{given}”.", "Use small letters, digits and hyphens, at most 40."
        ),
        "unknown_picture": Says(Fault.YOURS, "There is no picture “{given}”.", "Choose one of: {possible}."),
        "unknown_statistic": Says(Fault.YOURS, "There is no statistic “{given}”.", "Choose one of: {possible}."),
        "unknown_term": Says(
            Fault.YOURS, "Comparable cases have no term “{given}”.", "Switch or weigh one of: {possible}."
        ),
        "unknown_filter": Says(
            Fault.YOURS,
            "Nothing in the record has “{given}” under {filter}.",
            "Look for what there is: {possible}.",
        ),
        "same_record": Says(Fault.YOURS, "“{given}” cannot be matched with itself.", "Name two different records."),
        # cells and rows: what puts a row into quarantine
        "unknown_place": Says(
            Fault.YOURS,
            "“{given}” is not the exact name of a state, organisation or region in the tables.",
            "A person decides what is meant: correct the cell and import the mended row, or ask for the spelling"
            " to be added to the table.",
        ),
        "bad_date_cell": Says(
            Fault.YOURS, "“{given}” is not a date in a form that this data set uses.", "Write it as 2017-06-27."
        ),
        "bad_list_cell": Says(Fault.YOURS, "The list “{given}” cannot be read.", "Compare it with a cell that can."),
        "lists_differ": Says(
            Fault.YOURS,
            "The lists of “{field}” have {lengths} values and do not line up.",
            "Bring them to one length; values that belong together stand at the same place.",
        ),
        "unknown_word": Says(
            Fault.YOURS,
            "“{given}” is not one of the words that “{field}” can have.",
            "Correct the cell, or check that the file is of the version it was said to be.",
        ),
        "no_identifier": Says(
            Fault.YOURS, "The row has no identifier in “{field}”.", "Give it one, or leave the row out."
        ),
        "no_incident": Says(
            Fault.YOURS, "The row belongs to incident “{given}”, which is not in the files.", "Import both files."
        ),
        "formula": Says(
            Fault.YOURS,
            "The cell “{given}” is a formula; Parley computes none.",
            "Put the value in its place.",
        ),
        "shifted_row": Says(
            Fault.YOURS,
            "The columns of this row are shifted: “{field}” holds “{given}”.",
            "Move each value under its heading and import the mended row.",
        ),
        "short_row": Says(
            Fault.YOURS, "The row has {found} cells; the heading has {needed}.", "Compare it with the row before it."
        ),
        "two_codes": Says(
            Fault.YOURS,
            "The row says “{name}” and the code “{code}”, which are two different states.",
            "Correct the one that is wrong.",
        ),
        "third_initiator": Says(
            Fault.YOURS,
            "The initiator {code} is neither of the two states of the row, {dyad}.",
            "Look it up in the codebook; the incident was taken without an initiator.",
        ),
        "bad_text": Says(
            Fault.YOURS, "The field “{field}” holds characters that cannot be kept ({why}).", "Clean the cell."
        ),
        "same_row_twice": Says(
            Fault.YOURS, "The record “{given}” stands twice in the file, and differently.", "Leave one of them out."
        ),
    }
