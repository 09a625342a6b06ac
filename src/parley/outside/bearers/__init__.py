"""Bearers: how a parcel travels. They are dumb and untrusted; whatever they lose or repeat, the line makes good.

A parcel is opaque bytes made elsewhere. A bearer knows addresses, limits and time; it refuses to know what is inside,
who may send it, and whether it was new.

https    between two nodes; import ``parley.outside.bearers.https`` where it is used, since it loads a web server
mail     a parcel as a letter, one way, beside HTTPS; import ``parley.outside.bearers.mail`` where it is used
by_hand  a parcel as a file or as lines of text, carried by a person
paper    a parcel as QR codes; import ``parley.outside.bearers.paper`` where it is used

Public: BearerProblem, tells_of_rotation, backoff, write_parcel, write_armoured, read_parcel, armour, unarmour, Label.
"""

from __future__ import annotations

from parley.outside.bearers.armour import Label, armour, unarmour
from parley.outside.bearers.backoff import backoff
from parley.outside.bearers.by_hand import read_parcel, write_armoured, write_parcel
from parley.outside.bearers.problems import BearerProblem, tells_of_rotation

__all__ = [
    "BearerProblem",
    "Label",
    "armour",
    "backoff",
    "read_parcel",
    "tells_of_rotation",
    "unarmour",
    "write_armoured",
    "write_parcel",
]
