"""What can be wrong with a file of networks and their links."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class GraphProblem(Problem):
    """A source cannot be read: the key says why, the arguments name the file and, where there is one, the line."""

    ROOM: ClassVar[str] = "graph"
    TABLE: ClassVar[dict[str, Says]] = {
        "no_file": Says(Fault.YOURS, "The file {path} cannot be read ({why}).", "Check the name and who may read it."),
        "too_large": Says(
            Fault.YOURS,
            "The file {path} is larger than {limit} MB, unpacked, so it is not what is read here.",
            "Give the monthly file of AS relationships or the table of networks.",
        ),
        "truncated": Says(
            Fault.YOURS, "The packed file {path} ends too early.", "Fetch it again and compare its length or digest."
        ),
        "not_as_rel": Says(
            Fault.YOURS,
            "{path} is no file of AS relationships: {bad} of its {read} lines cannot be read, "
            "the first is line {line}.",
            "Give a file of CAIDA's serial-1 or serial-2: number|number|0 or -1 on each line.",
        ),
        "not_places": Says(
            Fault.YOURS,
            "{path} is no table of networks: its first line must name the columns {columns}.",
            "Give the table with that first line.",
        ),
    }
