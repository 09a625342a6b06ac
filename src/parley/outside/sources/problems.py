"""What can be wrong with a file that is to be imported, as a whole."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class SourceProblem(Problem):
    """The file is refused; nothing of it was taken."""

    ROOM: ClassVar[str] = "sources"
    TABLE: ClassVar[dict[str, Says]] = {
        "no_file": Says(Fault.YOURS, "{file} cannot be read: {why}.", "Check the path and the permissions."),
        "not_a_file": Says(Fault.YOURS, "{file} is not an ordinary file.", "Save it as a file first."),
        "too_large": Says(
            Fault.YOURS,
            "{file} has {size} bytes; at most {limit} are read.",
            "Check that it is the right file; divide it if it is.",
        ),
        "empty": Says(Fault.YOURS, "{file} is empty.", "Fetch it again; nothing was changed here."),
        "changed": Says(
            Fault.YOURS, "{file} was changed while it was read.", "Wait until it is written, then import it again."
        ),
        "not_text": Says(
            Fault.YOURS,
            "{file} is not text in UTF-8 or UTF-16 (byte {place}).",
            "Save it as UTF-8; a file of another kind needs another word after import.",
        ),
        "half": Says(
            Fault.YOURS, "{file} ends in the middle of a value or row ({why}).", "Fetch it again; nothing was taken."
        ),
        "not_csv": Says(Fault.YOURS, "{file} cannot be read as CSV (row {row}: {why}).", "Export it again as CSV."),
        "not_xlsx": Says(Fault.YOURS, "{file} cannot be read as XLSX ({why}).", "Save it again as XLSX."),
        "not_json": Says(Fault.YOURS, "{file} cannot be read as JSON ({why}).", "Fetch it again; nothing was taken."),
        "not_xml": Says(Fault.YOURS, "{file} cannot be read as XML ({why}).", "Fetch it again; nothing was taken."),
        "xml_entities": Says(
            Fault.YOURS,
            "{file} defines entities of its own, as files do that are made to exhaust a reader.",
            "Fetch it from its publisher; nothing was taken.",
        ),
        "zip_path": Says(
            Fault.YOURS,
            "{file} is an archive with the path “{path}”, which leads out of it.",
            "Fetch it from its publisher; nothing was taken.",
        ),
        "zip_swells": Says(
            Fault.YOURS,
            "{file} would swell to {size} bytes; at most {limit} are unpacked.",
            "Fetch it from its publisher; nothing was taken.",
        ),
        "zip_instead": Says(
            Fault.YOURS, "{file} is an archive.", "Unpack it and import the file inside that is of this kind."
        ),
        "wrong_kind": Says(
            Fault.YOURS,
            "{file} is not of the kind “{kind}”: {why}.",
            "Choose the kind that fits; parley precedents kinds lists them with what they need.",
        ),
        "wrong_version": Says(
            Fault.YOURS,
            "{file} seems to be {found}; the kind “{kind}” reads {known}.",
            "Fetch one of these versions, or ask for the new one to be supported.",
        ),
        "missing_part": Says(
            Fault.YOURS, "The kind “{kind}” needs {needed}, which is not among the files.", "Name that file too."
        ),
        "same_part_twice": Says(Fault.YOURS, "Two of the files are “{part}”.", "Name each part once."),
        "not_on_page": Says(
            Fault.YOURS,
            "The words “{words}” do not stand on the saved page {file}.",
            "Copy them letter for letter from that page, or save the right page.",
        ),
        "unknown_kind": Says(Fault.YOURS, "“{kind}” is not a kind of file that is read.", "Choose one of: {known}."),
    }
