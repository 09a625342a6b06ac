"""Every kind of line, in one table: its name in a form file -> what Parley does with its values.

A new kind is one more row here; a new form or language needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from parley.forms.kinds.base import Kind, Place
from parley.forms.kinds.coded import ADDRESS, CODE, EFFECT, FORM, STATE
from parley.forms.kinds.judged import CONFIDENCE, LIKELIHOOD, MARKING
from parley.forms.kinds.options import OPTION
from parley.forms.kinds.things import ATTACHMENT, DIGEST, IDENTIFIER, QUANTITY, REFERENCE, TELEPHONE
from parley.forms.kinds.times import DURATION, INSTANT, MOMENT, STAMP
from parley.forms.kinds.words import NUMBER, TEXT

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "address": ADDRESS,  # an office of a party: XB/duty
        "attachment": ATTACHMENT,  # [digest, size, media type]
        "code": CODE,  # a code of the line's list
        "confidence": CONFIDENCE,  # [level, basis]
        "digest": DIGEST,  # the id of a note, 32 bytes
        "duration": DURATION,  # [number, unit]
        "effect": EFFECT,  # a code of the line's list that begins with its layer: data.encrypted
        "form": FORM,  # the number of a form
        "identifier": IDENTIFIER,  # [sort, spelling]: addresses, networks, names, digests, vulnerabilities
        "instant": INSTANT,  # [ms, precision, meaning]
        "likelihood": LIKELIHOOD,  # [low, high, word, scale]
        "marking": MARKING,  # [tlp, national, originator, [party …]]
        "moment": MOMENT,  # ms
        "number": NUMBER,  # a whole number within the line's bounds
        "option": OPTION,  # an answer that the read-back of another note offers
        "quantity": QUANTITY,  # [what, [value, exponent, unit]]
        "reference": REFERENCE,  # [sort, spelling]
        "stamp": STAMP,  # [ms, serial, language]
        "state": STATE,  # ISO 3166-1 alpha-2, or a fictional state in an exercise
        "telephone": TELEPHONE,  # E.164
        "text": TEXT,  # [language, text]: own words
    }
)

__all__ = ["KINDS", "Kind", "Place"]
