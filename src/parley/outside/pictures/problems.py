"""What can be wrong with a picture."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class PictureProblem(Problem):
    """A picture that cannot be drawn."""

    ROOM: ClassVar[str] = "pictures"
    TABLE: ClassVar[dict[str, Says]] = {
        "not_installed": Says(
            Fault.MACHINE,
            "Pictures need packages that are not here: {reason}.",
            "Install Parley with its extra “pictures”, or take the table of the picture, which needs none.",
        ),
        "not_drawn": Says(
            Fault.OURS, "The picture could not be drawn: {reason}.", "Take its table instead, and report the picture."
        ),
    }
