"""Five kinds of nothing, told apart.

An empty cell can mean that nobody looked, that somebody looked and could not tell, that there was none, that nobody
was named, or that it is kept back; a statistic over them is wrong if it treats two alike.
"""

from __future__ import annotations

from enum import IntEnum


class Nothing(IntEnum):
    """Why there is no value. The codes are on the wire and never change."""

    NOT_CODED = 1  # nobody filled this in; says nothing about the world
    UNKNOWN = 2  # somebody tried to establish it and could not
    NONE = 3  # established: there is none
    NOT_ATTRIBUTED = 4  # the holder names no author (which is not: the author is unknown to the holder)
    WITHHELD = 5  # the holder has it and does not give it
