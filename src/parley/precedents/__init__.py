"""The public record: what states said and did about incidents, from whom it is known, and with which gaps.

Knows: incidents as each source tells them; statements about them (attributions, denials, responses, sanctions, votes)
with holder, date, words, basis and source; which records a person joined; what an import read, took and set aside.

Refuses to know: which statement is true, files, databases, the network, and the clock. A name that is not in an exact
table goes to quarantine; nothing here guesses. What cannot be a record raises PrecedentProblem or TermsProblem.
"""

from parley.precedents.matching import Match, Verdict
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Incident, LawNamed, Named, Record, Statement, cite
from parley.precedents.report import Quarantined, Report
from parley.precedents.words import (
    Ballot,
    Basis,
    Facet,
    Instrument,
    Kind,
    Manner,
    PassOn,
    Sort,
    Tie,
)

__all__ = [
    "Actor",
    "Ballot",
    "Basis",
    "Coding",
    "DataSet",
    "Dated",
    "Facet",
    "Incident",
    "Instrument",
    "Kind",
    "LawNamed",
    "Manner",
    "Match",
    "Named",
    "PassOn",
    "PrecedentProblem",
    "Quarantined",
    "Record",
    "Report",
    "Sort",
    "Statement",
    "Tie",
    "Verdict",
    "cite",
]
