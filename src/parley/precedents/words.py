"""The word lists of the public record: kinds of statement, sorts of actor, ties, bases, instruments, facets.

Each list is ours; what a data set wrote stands beside it, letter for letter, in the field ``given``. The words are in
stored records and exports, so that they can be read without Parley, and never change their meaning.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What sort of statement it is."""

    ATTRIBUTION = "attribution"  # the holder names an author, or says that it names none
    CLAIM = "claim"  # the author says so itself, for example on a page that it defaced
    DENIAL = "denial"  # somebody named says that it was not so
    CONFIRMATION = "confirmation"  # somebody hit, or somebody named, says that it was so
    RESPONSE = "response"  # what a state or organisation did or said about it; the field `instrument` says what
    SANCTION = "sanction"  # a listing: persons or bodies named in `names`
    LEGAL_VIEW = "legal-view"  # which rule of law or norm is held to be engaged, and by whom
    LINK = "link"  # a tie of a campaign or group to a group or state, without an incident (ATT&CK, MISP)
    VOTE = "vote"  # a vote in a roll call; an absence is a vote ABSENT, no row is no knowledge


class Sort(StrEnum):
    """What sort of actor it is. A region is not a state, and an organisation is not its members."""

    STATE = "state"  # code: ISO 3166-1 alpha-2
    ORGANISATION = "organisation"  # of states, or one that acts beside them; code: O- and a short name
    REGION = "region"  # code: R- and a short name
    COMPANY = "company"
    GROUP = "group"  # a named group of intruders: a label of those who watch it, not an established body
    BODY = "body"  # an office, agency, association or other body; also one whose sort the source does not say
    PERSON = "person"  # as named in a public list or indictment
    CODERS = "coders"  # those who made a data set: what they coded is their statement


class Tie(StrEnum):
    """How a statement ties an actor to the act. A country of origin is not a state accused."""

    UNSAID = "unsaid"
    STATE = "state"  # the state itself or its organs
    AFFILIATED = "affiliated"  # an actor said to be tied to that state
    ORIGIN = "origin"  # an actor from there, no tie to the state said
    TERRITORY = "territory"  # from the territory; says nothing of the state
    SUSPECTED = "suspected"  # a sponsor suspected, not said to be established
    LISTED = "listed"  # put on a list of sanctions
    SUBJECT = "subject"  # the one of whom a LINK is stated
    HIT = "hit"  # said to have been hit by the subject
    ADDRESSED = "addressed"  # to whom a response is directed


class Basis(StrEnum):
    """Who speaks, and with which standing, when an author is named."""

    GOVERNMENT_HIT = "government-hit"  # the government, or a state body, of the state that was hit
    OTHER_GOVERNMENT = "other-government"
    ORGANISATION = "organisation"  # an international or regional organisation
    SECURITY_COMMUNITY = "security-community"
    RECEIVER = "receiver"  # the one hit, not a government
    ATTACKER = "attacker"
    MEDIA = "media"
    THIRD_PARTY = "third-party"  # third party, not said which sort
    CODERS = "coders"  # nobody cited: the verdict of those who made the data set
    CONTESTED = "contested"  # the data set says that the attribution is contested


class Manner(StrEnum):
    """In which form it was said."""

    POLITICAL_STATEMENT = "political-statement"
    LEGAL_ACTION = "legal-action"  # an indictment, a warrant, a listing
    TECHNICAL_REPORT = "technical-report"
    MEDIA_NAMED = "media-named"  # in the media, by somebody named
    MEDIA_UNNAMED = "media-unnamed"
    SELF = "self"  # by the attacker, in or around the act
    UNCLEAR = "unclear"
    PARLIAMENT = "parliament"
    ANNOUNCED_IN_COURT = "announced-in-court"


class Instrument(StrEnum):
    """What a response consists of."""

    STATEMENT = "statement"
    DEMARCHE = "demarche"
    PROTEST_NOTE = "protest-note"
    SUMMONS = "summons"  # an ambassador called in
    EXPULSION = "expulsion"
    SEVERED_RELATIONS = "severed-relations"
    SANCTION = "sanction"
    INDICTMENT = "indictment"
    INVESTIGATION = "investigation"  # police, prosecutor, parliament
    COUNTERMEASURE = "countermeasure"
    CONFIDENCE_MEASURE = "confidence-measure"
    ASSISTANCE_ASKED = "assistance-asked"
    ASSISTANCE_GIVEN = "assistance-given"
    WARNING_TO_PUBLIC = "warning-to-public"  # awareness raising, advisories
    LEGISLATION = "legislation"
    EMERGENCY = "emergency"  # a state of emergency declared
    HACK_BACK = "hack-back"  # reported as such by the source
    REWARD = "reward"
    MUTUAL_LEGAL_ASSISTANCE = "mutual-legal-assistance"
    DIPLOMATIC_NEGATIVE = "diplomatic-negative"  # coded by weight only (DCID)
    DIPLOMATIC_POSITIVE = "diplomatic-positive"
    ECONOMIC_NEGATIVE = "economic-negative"
    ECONOMIC_POSITIVE = "economic-positive"
    MILITARY_NEGATIVE = "military-negative"
    MILITARY_POSITIVE = "military-positive"
    CAPACITY_BUILDING = "capacity-building"
    TAKEDOWN = "takedown"
    OTHER = "other"


class Ballot(StrEnum):
    """How a member voted. Absent is not abstaining, and a resolution adopted without a vote has no ballots at all."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
    ABSENT = "absent"


class Facet(StrEnum):
    """Under which heading a data set coded something about an incident."""

    METHOD = "method"
    SECTOR = "sector"  # of those hit
    LAYER = "layer"  # physical, logical, data, social: our mapping of what the source coded
    SEVERITY = "severity"  # code SCALE/NUMBER; scales are never mixed
    ISSUE = "issue"  # of the dispute behind it
    CONFLICT = "conflict"  # a named conflict, as the source words it
    OBJECTIVE = "objective"
    LAW = "law"  # a rule that the coders hold to be engaged
    RESPONSIBILITY = "responsibility"  # of a state, as the coders hold it
    TECHNIQUE = "technique"  # ATT&CK
    IMPACT = "impact"
    DISCLOSED_BY = "disclosed-by"
    INITIATOR_CATEGORY = "initiator-category"
    RECEIVER_CATEGORY = "receiver-category"
    REGION = "region"
    RESPONSE_VIEW = "response-view"  # which response the coders hold to be justified
    ROLL_CALL = "roll-call"  # code: the symbol of the resolution, ``A/RES/73/27``
    PROGRAMME = "programme"  # of sanctions
    ALIAS = "alias"  # a further name; an alias never makes one actor of two
    TREATY = "treaty"  # standing towards a treaty
    REACTION = "reaction"  # DCID's weights of reactions, by kind
    ADDED = "added"  # bookkeeping days of the source
    DYAD = "dyad"
    OTHER = "other"


class PassOn(StrEnum):
    """What the licence of a data set allows an export to carry."""

    FREELY = "freely"
    WITH_NOTICE = "with-notice"  # with credit, and the notice of the data set kept
    NON_COMMERCIAL = (
        "non-commercial"  # with credit, for purposes that are not commercial: only when the officer says so
    )
    NO = "no"  # no licence was seen that allows it
