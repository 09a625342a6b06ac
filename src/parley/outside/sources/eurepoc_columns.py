"""The columns of EuRepoC 1.1 and 1.3: names changed between the releases, and so did the way to write several values.

1.1 writes Python lists (of lists) for receivers and initiators and joins with ``; `` elsewhere; 1.3 joins with ``;``.
1.3 has ``initiator_country`` and ``initiator_category`` twice: the initiator as settled, then as attributed.
"""

from __future__ import annotations

import re

import msgspec

from parley.precedents.cells import joined, listed, listed_deep
from parley.precedents.problems import PrecedentProblem
from parley.precedents.words import Facet


class Said(msgspec.Struct, frozen=True):
    """Columns that hold parallel lists: of attributions or of responses."""

    date: str
    sort: str
    part: str | None
    actor: str
    state: str


class Columns(msgspec.Struct, frozen=True):
    """One release: its columns by what they are to us."""

    version: str
    number: str
    initial_access: str
    impact: str
    unweighted: str
    weighted: str
    impact_score: str
    basis: str
    company: str
    named: str | None
    named_state: str
    named_category: str
    political: Said
    legal: Said
    attributing: Said
    reference: str
    attribution_links: str
    source_links: str
    receiver_part: str
    facets: tuple[tuple[Facet, str], ...]
    own: tuple[str, ...]
    lists: bool

    @property
    def needed(self) -> frozenset[str]:
        """The headings without which a file is not of this release."""
        said = (self.political, self.legal, self.attributing)
        names = [name for one in said for name in (one.date, one.sort, one.part, one.actor, one.state) if name]
        single = [self.number, self.initial_access, self.impact, self.unweighted, self.weighted, self.impact_score]
        single += [self.basis, self.company, self.reference, self.attribution_links, self.source_links]
        repeated = (self.named_state, self.named_category)
        plain = [name.removesuffix(".2") for name in repeated]
        return frozenset([*names, *single, *plain, *(column for _, column in self.facets), *self.own])

    def split(self, cell: str) -> list[str]:
        """Several values of one cell, in the way of joined columns."""
        return joined(cell)

    def receivers(self, cells: dict[str, str]) -> list[str]:
        """The states, regions and organisations hit; raises PrecedentProblem ``bad_list_cell``."""
        cell = cells["receiver_country"]
        return listed(cell) if self.lists else joined(cell)

    def initiators(self, cells: dict[str, str]) -> list[tuple[str, str, str]]:
        """Name, state and category of the initiators as the coders settled them.

        Raises PrecedentProblem ``bad_list_cell``, ``lists_differ``.
        """
        names = ("initiator_name", "initiator_country", "initiator_category")
        columns = [listed(cells[name]) if self.lists else joined(cells[name]) for name in names]
        return [(row[0], row[1], row[2]) for row in line_up("initiator", columns)]

    def initiating_states(self, cells: dict[str, str]) -> list[tuple[str, str, str]]:
        """The states alone, for rows whose lists do not line up: which category is whose is not guessed."""
        cell = cells["initiator_country"]
        return [("", state, "") for state in (listed(cell) if self.lists else joined(cell))]

    def sectors(self, cells: dict[str, str]) -> list[tuple[str, str]]:
        """Pairs of category and part of category of those hit; a cell that cannot be read gives none."""
        category, part = cells["receiver_category"], cells[self.receiver_part]
        if not self.lists:
            return _pairs(joined(category), joined(part))
        try:
            deep, parts = listed_deep(category), listed_deep(part)
        except PrecedentProblem:
            return []
        flat = [one for group in deep for one in group]
        return _pairs(flat, [one for group in parts for one in group])

    def links(self, cells: dict[str, str]) -> list[str]:
        """The addresses that a row cites."""
        return addresses(cells[self.source_links])


def line_up(field: str, columns: list[list[str]]) -> list[tuple[str, ...]]:
    """Parallel lists as rows: an empty list counts as blanks; raises PrecedentProblem ``lists_differ``."""
    lengths = [len(column) for column in columns]
    longest = max(lengths, default=0)
    if any(length not in (0, longest) for length in lengths):
        raise PrecedentProblem("lists_differ", field=field, lengths=", ".join(map(str, lengths)))
    return list(zip(*(column or [""] * longest for column in columns), strict=True))


def addresses(cell: str) -> list[str]:
    """Every web address in a cell, in whichever way they are joined."""
    return [found.rstrip(".,;")[:500] for found in re.findall(r"https?://[^\s'\"\[\]<>|]+", cell)]


def _pairs(first: list[str], second: list[str]) -> list[tuple[str, str]]:
    if len(second) not in (0, len(first)):
        return [(one, "") for one in first] + [("", one) for one in second]
    return list(zip(first, second or [""] * len(first), strict=True))


V1_1 = Columns(
    version="1.1",
    number="ID",
    initial_access="MITRE_initial_access",
    impact="MITRE_impact",
    unweighted="unweighted_cyber_intensity",
    weighted="weighted_cyber_intensity",
    impact_score="impact_indicator_value",
    basis="attribution_basis",
    company="attribution_it_company",
    named="attributed_initiator",
    named_state="attributed_initiator_country",
    named_category="attributed_initiator_category",
    political=Said(
        "political_response_date",
        "political_response_type",
        "political_response_type_subcode",
        "political_response_actor",
        "political_response_country",
    ),
    legal=Said(
        "legal_response_date",
        "legal_response_type",
        "legal_response_type_subcode",
        "legal_response_actor",
        "legal_response_country",
    ),
    attributing=Said("attribution_date", "attribution_type", None, "attributing_actor", "attributing_country"),
    reference="legal_attribution_reference",
    attribution_links="sources_attribution",
    source_links="sources_url",
    receiver_part="receiver_category_subcode",
    facets=(
        (Facet.ISSUE, "cyber_conflict_issue"),
        (Facet.CONFLICT, "offline_conflict_name_HIIK"),
        (Facet.LAW, "IL_breach_indicator"),
        (Facet.RESPONSIBILITY, "state_responsibility_indicator"),
        (Facet.RESPONSE_VIEW, "legal_response_indicator"),
        (Facet.DISCLOSED_BY, "source_incident_detection_disclosure"),
        (Facet.IMPACT, "impact_indicator"),
    ),
    own=("IL_breach_indicator_subcode", "inclusion_criteria"),
    lists=True,
)

V1_3 = Columns(
    version="1.3",
    number="incident_id",
    initial_access="mitre_initial_access",
    impact="mitre_impact",
    unweighted="unweighted_intensity",
    weighted="weighted_intensity",
    impact_score="impact_indicator_score",
    basis="attribution_basis",
    company="attributing_company",
    named=None,
    named_state="initiator_country.2",
    named_category="initiator_category.2",
    political=Said(
        "political_response_date",
        "political_response_type",
        "political_response_subtype",
        "political_response_responding_actor",
        "political_response_responding_country",
    ),
    legal=Said(
        "legal_response_date",
        "legal_response_type",
        "legal_response_subtype",
        "legal_response_responding_actor",
        "legal_response_responding_country",
    ),
    attributing=Said("attribution_date", "attribution_type", None, "attributing_actor", "attributing_country"),
    reference="attribution_legal_reference",
    attribution_links="attribution_source_url",
    source_links="source_url",
    receiver_part="receiver_subcategory",
    facets=(
        (Facet.ISSUE, "cyber_conflict_issue"),
        (Facet.CONFLICT, "offline_conflict_name"),
        (Facet.LAW, "il_breach_indicator"),
        (Facet.RESPONSIBILITY, "state_responsibility_actor"),
        (Facet.RESPONSE_VIEW, "response_indicator"),
        (Facet.DISCLOSED_BY, "source_disclosure"),
        (Facet.IMPACT, "impact_indicator_label"),
    ),
    own=("il_breach_indicator_subcode", "inclusion_criterion", "settled_initiator", "added_to_db"),
    lists=False,
)
