"""What can be wrong with a graph, a cut or a question to the atlas: the one table of the room's problems."""

from __future__ import annotations

from typing import ClassVar

from parley.terms.problem import Fault, Problem, Says


class AtlasProblem(Problem):
    """The atlas cannot answer: the key says why, the arguments name the network, the country or the setting."""

    ROOM: ClassVar[str] = "atlas"
    TABLE: ClassVar[dict[str, Says]] = {
        "no_links": Says(
            Fault.YOURS,
            "No usable link between networks is left ({read} read, {quarantined} quarantined).",
            "Give a file of AS relationships: two numbers and 0 or -1 on each line.",
        ),
        "unknown_network": Says(
            Fault.YOURS,
            "Network {network} is not in this graph.",
            "Check the number; a network that nobody routes to is in no graph.",
        ),
        "unknown_link": Says(
            Fault.YOURS,
            "There is no link between {network} and {other} in this graph.",
            "Check both numbers; name networks that are linked directly.",
        ),
        "no_data": Says(
            Fault.YOURS,
            "There are no data about {country}: none of its networks is in this graph. "
            "That is not the same as no loss.",
            "Check the two-letter code, or build the atlas with a table that places networks there.",
        ),
        "empty_cut": Says(
            Fault.YOURS, "Nothing is cut: no network, link or state is named.", "Name at least one of them."
        ),
        "everything_cut": Says(
            Fault.YOURS,
            "Every network of the graph is cut, so nobody is left to lose reach.",
            "Cut less; the answer is total loss for everyone.",
        ),
        "too_few": Says(
            Fault.YOURS,
            "{asked} are to fail, but only {there} can.",
            "Ask for fewer failures, or name a larger set.",
        ),
        "bad_setting": Says(Fault.YOURS, "The setting “{field}” is not usable ({rule}).", "Correct it and ask again."),
        "too_deep": Says(
            Fault.YOURS,
            "The graph has {networks} networks on {levels} levels of transit; "
            "a million and 127 are the most for routes.",
            "Check the file: no graph of the Internet is like that.",
        ),
        "too_many_pairs": Says(
            Fault.YOURS,
            "All matrices together would take {megabytes} MB; {limit} MB are allowed.",
            "Ask for fewer scenarios, or for one target country at a time.",
        ),
        "other_run": Says(
            Fault.YOURS,
            "The results kept there belong to another run ({what} differs).",
            "Give the settings of that run again, or another file.",
        ),
        "no_library": Says(
            Fault.MACHINE, "The library “{name}” is not installed.", "Install parley with its extra: {extra}."
        ),
    }
