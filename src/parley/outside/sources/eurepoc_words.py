"""What the words of EuRepoC's coders mean in the words of the record. Exact words only; others go to quarantine."""

from __future__ import annotations

from parley.precedents.words import Basis, Instrument, Manner, Tie
from parley.terms.nothing import Nothing

BASES: dict[str, Basis | Nothing] = {
    "": Nothing.NOT_CODED,
    "Not available": Nothing.NOT_CODED,
    "Attacker confirms": Basis.ATTACKER,
    "IT-security community attributes attacker": Basis.SECURITY_COMMUNITY,
    "Attribution by receiver government / state entity": Basis.GOVERNMENT_HIT,
    "Media-based attribution": Basis.MEDIA,
    "Attribution by third-party": Basis.THIRD_PARTY,
    "Receiver attributes attacker": Basis.RECEIVER,
    "Contested attribution": Basis.CONTESTED,
    "Attribution by EU institution/agency": Basis.ORGANISATION,
    "Attribution by international organization": Basis.ORGANISATION,
}

# Four of the twelve say two manners at once; the weightier one is kept, and theirs stands beside it.
MANNERS: dict[str, Manner | Nothing] = {
    "": Nothing.NOT_CODED,
    "Not available": Nothing.NOT_CODED,
    "Attribution given, type unclear": Manner.UNCLEAR,
    "Technical report (e.g., by IT-companies, Citizen Lab, EFF)": Manner.TECHNICAL_REPORT,
    "Self-attribution in the course of the attack (e.g., via defacement statements on websites)": Manner.SELF,
    "Direct statement in media report (e.g., Reuters article cites the attribution statements by a person) /"
    " self-attribution via social media": Manner.MEDIA_NAMED,
    "Anonymous statement in media report (e.g., Reuters article cites the attribution statements of unnamed officials,"
    " or persons with knowledge into the matter etc.)": Manner.MEDIA_UNNAMED,
    "Media report (e.g., Reuters makes an attribution statement, without naming further sources)": Manner.MEDIA_UNNAMED,
    "Political statement / report (e.g., on government / state agency websites)": Manner.POLITICAL_STATEMENT,
    "Domestic legal action": Manner.LEGAL_ACTION,
    "Statement in media report and political statement/technical report": Manner.POLITICAL_STATEMENT,
    "Political statement/report and indictment / sanctions": Manner.LEGAL_ACTION,
    "Statement in media report and indictment / sanctions": Manner.LEGAL_ACTION,
}

TIES: dict[str, Tie] = {
    "": Tie.UNSAID,
    "Not available": Tie.UNSAID,
    "State": Tie.STATE,
    "Non-state actor, state-affiliation suggested": Tie.AFFILIATED,
    "Non-state-group": Tie.ORIGIN,
    "Individual hacker(s)": Tie.ORIGIN,
    "Other": Tie.ORIGIN,
    "Unknown - not attributed": Tie.UNSAID,
    "Unknown": Tie.UNSAID,
}

RESPONSES: dict[str, Instrument] = {
    "Statement by other ministers/members of parliament": Instrument.STATEMENT,
    "Statement by other ministers (or spokespersons)/members of parliament": Instrument.STATEMENT,
    "Statement by head of state/head of government": Instrument.STATEMENT,
    "Statement by head of state/head of government (or executive official)": Instrument.STATEMENT,
    "Statement by minister of foreign affairs": Instrument.STATEMENT,
    "Statement by minister of foreign affairs (or spokesperson)": Instrument.STATEMENT,
    "Statements by foreign ministers": Instrument.STATEMENT,
    "Statement by secretary-general or similar": Instrument.STATEMENT,
    "Declaration of HR": Instrument.STATEMENT,
    "Awareness raising": Instrument.WARNING_TO_PUBLIC,
    "Parliamentary investigation committee": Instrument.INVESTIGATION,
    "Capacity building in third countries": Instrument.CAPACITY_BUILDING,
    "Confidence and security-building Dialogues": Instrument.CONFIDENCE_MEASURE,
    "Confidence and security-building dialogue": Instrument.CONFIDENCE_MEASURE,
    "Legislative initiative": Instrument.LEGISLATION,
    "Diplomatic protest notes": Instrument.PROTEST_NOTE,
    "Resignation": Instrument.OTHER,
    "Removal from office": Instrument.OTHER,
    "Economic sanctions": Instrument.SANCTION,
    "Severance of diplomatic relations": Instrument.SEVERED_RELATIONS,
}

# Where the sub-type says nothing, the type does.
RESPONSE_TYPES: dict[str, Instrument] = {
    "Stabilizing measures": Instrument.STATEMENT,
    "Preventive measures": Instrument.WARNING_TO_PUBLIC,
    "Legislative reactions": Instrument.LEGISLATION,
    "Executive reactions": Instrument.OTHER,
    "Cooperative measures": Instrument.CONFIDENCE_MEASURE,
    "Other legal measures on national level (e.g. law enforcement investigations, arrests)": Instrument.INVESTIGATION,
    "Peaceful means: Retorsion (International Law)": Instrument.OTHER,
    "Proclamation of public emergency (national level)": Instrument.EMERGENCY,
    "No justification under IL": Instrument.OTHER,
    "Not available": Instrument.OTHER,
}

METHODS = {
    "Disruption": ("disruption", "logical"),
    "Data theft": ("data-theft", "data"),
    "Data theft & Doxing": ("doxing", "social"),
    "Hijacking with Misuse": ("hijacking-with-misuse", "logical"),
    "Hijacking without Misuse": ("hijacking", "logical"),
    "Ransomware": ("ransomware", "data"),
}

TECHNIQUES = {
    "Network Denial of Service": "denial-of-service",
    "Endpoint Denial of Service": "denial-of-service",
    "Defacement": "defacement",
    "Data Destruction": "destruction",
    "Disk Wipe": "destruction",
    "Supply Chain Compromise": "supply-chain",
}

SECTORS = {
    "Government / ministries": "government",
    "Civil service / administration": "government",
    "Other (e.g., embassies)": "government",
    "Intelligence agencies": "government",
    "Military": "military",
    "Police": "police",
    "Political parties": "party",
    "Legislative": "legislature",
    "Judiciary": "judiciary",
    "Election infrastructure / related systems": "election",
    "Telecommunications": "telecommunications",
    "Energy": "energy",
    "Defence industry": "defence-industry",
    "Finance": "finance",
    "Transportation": "transport",
    "Health": "health",
    "Chemicals": "chemicals",
    "Water": "water",
    "Food": "food",
    "Space": "space",
    "Critical Manufacturing": "manufacturing",
    "Digital Provider": "digital",
}

CATEGORIES = {
    "State institutions / political system": "government",
    "Corporate Targets (corporate targets only coded if the respective company is not part of the critical"
    " infrastructure definition)": "private-sector",
    "Media": "media",
    "Science": "science",
    "Education": "science",
    "Critical infrastructure": "critical-infrastructure",
    "End user(s) / specially protected groups": "end-users",
    "International / supranational organization": "international-organisation",
    "Social groups": "civil-society",
    "Other": "other",
}
