"""What can be wrong with files of the atlas: the one table of their problems."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class AtlasFileProblem(Problem):
    """A file of the atlas cannot be used: the key says why, `path` names it."""

    ROOM: ClassVar[str] = "atlas_file"
    TABLE: ClassVar[dict[str, Says]] = {
        "no_atlas": Says(Fault.YOURS, "There is no atlas at {path}.", "Build it first, or name the file of one."),
        "not_an_atlas": Says(
            Fault.YOURS, "{path} is no atlas of this version.", "Name another file, or build the atlas again."
        ),
        "cut_short": Says(
            Fault.MACHINE,
            "The file {path} is not as long as it says.",
            "It was cut short on the way: copy or build it again.",
        ),
        "no_sheet": Says(
            Fault.YOURS,
            "This atlas was built without a sheet of {country}, though its graph has networks there.",
            "Build it again for that state, or for all of them.",
        ),
        "not_writable": Says(Fault.MACHINE, "{path} cannot be written ({why}).", "Free space, or name another place."),
    }
