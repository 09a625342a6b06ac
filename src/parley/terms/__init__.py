"""The words that every room shares.

Knows: parties and offices; moments with precision and meaning; text with its language; markings; likelihood and
confidence, kept apart; quantities and durations without floating point; sources; statements; the five kinds of
nothing; the exact table of states in six languages; problems.

Refuses to know: bytes, keys, forms, files, clocks, and what is true. Every value checks itself when it is built, so
that a bad one does not exist; each has ``to_coded`` and ``from_coded``, the plain lists and numbers that are signed.
What cannot be a term raises TermsProblem (PartyProblem for names of parties and offices).
"""

from parley.terms.coded import Coded
from parley.terms.confidence import Confidence, Level
from parley.terms.instant import Instant, Meaning, Precision, dtg, iso, parse_dtg, parse_iso
from parley.terms.languages import LANGUAGES, SIX, Language, is_right_to_left, language
from parley.terms.likelihood import Band, Crosswalk, Likelihood, Overlap, Scale, bands, crosswalk
from parley.terms.marking import Marking, Tlp
from parley.terms.marking_rules import Contradiction, contradictions, covers, is_restricted, strictest
from parley.terms.nothing import Nothing
from parley.terms.party import Address, PartyProblem, is_fictional
from parley.terms.problem import Fault, Problem, Says
from parley.terms.quantity import Duration, Quantity, TimeUnit
from parley.terms.share import Share
from parley.terms.source import Checked, Source, SourceKind
from parley.terms.statement import Choice, Fate, Stance, Statement, fates
from parley.terms.states import State, all_states, from_iso, resolve, state, state_label, state_name
from parley.terms.terms_problem import TermsProblem
from parley.terms.text import Text, shown

__all__ = [
    "LANGUAGES",
    "SIX",
    "Address",
    "Band",
    "Checked",
    "Choice",
    "Coded",
    "Confidence",
    "Contradiction",
    "Crosswalk",
    "Duration",
    "Fate",
    "Fault",
    "Instant",
    "Language",
    "Level",
    "Likelihood",
    "Marking",
    "Meaning",
    "Nothing",
    "Overlap",
    "PartyProblem",
    "Precision",
    "Problem",
    "Quantity",
    "Says",
    "Scale",
    "Share",
    "Source",
    "SourceKind",
    "Stance",
    "State",
    "Statement",
    "TermsProblem",
    "Text",
    "TimeUnit",
    "Tlp",
    "all_states",
    "bands",
    "contradictions",
    "covers",
    "crosswalk",
    "dtg",
    "fates",
    "from_iso",
    "is_fictional",
    "is_restricted",
    "is_right_to_left",
    "iso",
    "language",
    "parse_dtg",
    "parse_iso",
    "resolve",
    "shown",
    "state",
    "state_label",
    "state_name",
    "strictest",
]
