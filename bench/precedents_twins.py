"""Synthetic files with the headings and the defects of the public data sets, about fictional states only.

`write_twins(folder, incidents)` makes one file of each kind; nothing in them happened. Read them within
`parley.precedents.names.exercise()`. What was put into them is counted in `Twins`, so that a reader can be held to it.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

STATES = ("Almara", "Beltova", "Caldria", "Dovaria", "Eldmark", "Fenoria")
CODES = ("XA", "XB", "XC", "XD", "XE", "XF")


# The 41 strings of EuRepoC 1.1 that a list of ISO names does not know (counted on the file).
REGIONS = (
    "Africa", "Asia (region)", "Balkans (region)", "Caucasus", "Central America (region)", "Central Asia (region)",
    "EU (region)", "Eastern Asia (region)", "Eastern Europe", "Europe (region)", "Global (region)",
    "Gulf Countries (region)", "Mena Region (region)", "Middle East (region)", "NATO (region)", "North America",
    "Northeast Asia (region)", "Northern Europe", "Oceania (region)", "South America", "South Asia (region)",
    "South China Sea (region)", "Southeast Asia (region)", "Western Europe",
)  # fmt: skip
ORGANISATIONS = (
    "ISIS", "International Association of Athletics Federations", "Interpol",
    "Organization for Security and Cooperation in Europe", "UNICEF", "United Nations",
    "United Nations Economic and Social Council", "United Nations Environment Programme",
    "United Nations Organization", "World Anti-Doping Agency",
)  # fmt: skip
ALIASES = {"Russia": "RU", "Turkey": "TR", "Palestine": "PS", "Brunei": "BN", "Swaziland": "SZ"}
WORDS_FOR_NOTHING = ("Not available", "Unknown")


def _words(text: str) -> list[str]:
    return text.split()


GLOBAL_1_1 = _words("""
ID name description start_date end_date inclusion_criteria inclusion_criteria_subcode
source_incident_detection_disclosure incident_type receiver_name receiver_country receiver_region receiver_category
receiver_category_subcode initiator_name initiator_country initiator_category initiator_category_subcode
number_of_attributions attribution_date attribution_type attribution_basis attributing_actor attribution_it_company
attributing_country attributed_initiator attributed_initiator_country attributed_initiator_category
attributed_initiator_subcategory sources_attribution cyber_conflict_issue offline_conflict_issue
offline_conflict_name_HIIK offline_conflict_intensity offline_conflict_intensity_subcode
number_of_political_responses political_response_date political_response_type political_response_type_subcode
political_response_country political_response_actor zero_days zero_days_subcode MITRE_initial_access MITRE_impact
user_interaction has_disruption data_theft disruption hijacking physical_effects_spatial physical_effects_temporal
unweighted_cyber_intensity target_multiplier weighted_cyber_intensity impact_indicator impact_indicator_value
functional_impact intelligence_impact political_impact_affected_entities
political_impact_affected_entities_exact_value political_impact_third_countries
political_impact_third_countries_exact_value economic_impact economic_impact_exact_value economic_impact_currency
state_responsibility_indicator IL_breach_indicator IL_breach_indicator_subcode evidence_for_sanctions_indicator
number_of_legal_responses legal_response_date legal_response_type legal_response_type_subcode legal_response_country
legal_response_actor legal_attribution_reference legal_attribution_reference_subcode legal_response_indicator
casualties sources_url
""")
ATTRIBUTIONS_1_1 = _words("""
incident_ID attribution_ID attribution_date attribution_type attribution_basis attributing_actor
attribution_it_company attributing_country attributed_initiator attributed_initiator_country
attributed_initiator_category
""")
RECEIVERS_1_1 = _words("""
ID receiver_country receiver_region receiver_name receiver_category receiver_category_subcode
""")
GLOBAL_1_3 = _words("""
incident_id name description start_date end_date inclusion_criterion inclusion_criterion_subcode source_disclosure
incident_type receiver_name receiver_country receiver_country_alpha_2_code receiver_regions receiver_category
receiver_subcategory initiator_name initiator_country initiator_alpha_2 initiator_category initiator_subcategory
number_attributions attribution_id attribution_date attribution_type attribution_basis attributing_actor
attributing_company attributing_country settled_initiator initiator_country initiator_category
attribution_source_url cyber_conflict_issue offline_conflict_issue offline_conflict_name offline_conflict_intensity
offline_conflict_intensity_subcode number_political_responses political_response_date political_response_type
political_response_subtype political_response_responding_country political_response_responding_actor zero_days
zero_days_subcode mitre_initial_access mitre_impact user_interaction has_disruption data_theft disruption hijacking
physical_effects_spatial physical_effects_temporal unweighted_intensity target_multiplier weighted_intensity
impact_indicator_label impact_indicator_score functional_impact intelligence_impact affected_entities
affected_entities_value affected_third_countries affected_third_countries_value economic_impact
economic_impact_value economic_impact_currency state_responsibility_actor il_breach_indicator
il_breach_indicator_subcode evidence_for_sanctions_indicator number_legal_responses legal_response_date
legal_response_type legal_response_subtype legal_response_responding_country legal_response_responding_actor
attribution_legal_reference attribution_legal_reference_subcode response_indicator casualties source_url added_to_db
updated_at
""")
CFR = _words("""
Title Date Affiliations Description Response Victims Sponsor Type Category Sources_1 Sources_2 Sources_3
""")

GOVERNMENT = "Attribution by receiver government / state entity"
INDUSTRY = "IT-security community attributes attacker"
POLITICAL = "Political statement / report (e.g., on government / state agency websites)"
TECHNICAL = "Technical report (e.g., by IT-companies, Citizen Lab, EFF)"
LEGAL = "Domestic legal action"
MEASURES = "Other legal measures on national level (e.g. law enforcement investigations, arrests)"


class Twins(NamedTuple):
    """The files, and what was put into them."""

    eurepoc_1_1: list[Path]
    eurepoc_1_3: list[Path]
    dcid: list[Path]
    cfr: list[Path]
    counts: dict[str, int]


def write_twins(folder: Path, incidents: int = 200) -> Twins:
    """One file of each kind in `folder`, with `incidents` incidents in the largest."""
    counts: dict[str, int] = {}
    return Twins(
        _eurepoc_1_1(folder, incidents, counts),
        [_eurepoc_1_3(folder, counts)],
        [_dcid(folder, counts)],
        [_cfr(folder, counts)],
        counts,
    )


def _eurepoc_1_1(folder: Path, incidents: int, counts: dict[str, int]) -> list[Path]:
    counts |= dict.fromkeys(
        ("incidents", "starts", "year_starts", "month_starts", "backwards", "two_origins", "named_origins"), 0
    )
    counts |= dict.fromkeys(("attributions", "year_attributions", "political", "legal", "unreadable_lists"), 0)
    rows, attributed, received = [], [], []
    for number in range(1, incidents + 1):
        rows.append(_global_row(number, counts))
        attributed += _attribution_rows(number, counts)
        received += _receiver_rows(number)
    return [
        _csv(folder / "twin-eurepoc-global.csv", GLOBAL_1_1, rows),
        _csv(folder / "twin-eurepoc-attribution.csv", ATTRIBUTIONS_1_1, attributed),
        _csv(folder / "twin-eurepoc-receiver.csv", RECEIVERS_1_1, received),
    ]


def _start(number: int) -> str:
    """A quarter 1 January, as much again the first of a month, one in a hundred missing."""
    year = 2005 + number % 18
    if number % 100 == 7:
        return ""
    if number % 4 == 0:
        return f"{year}-01-01"
    if number % 4 == 1:
        return f"{year}-{2 + number % 11:02}-01"
    return f"{year}-{1 + number % 12:02}-{2 + number % 27:02}"


def _global_row(number: int, counts: dict[str, int]) -> dict[str, str]:
    start, backwards = _start(number), number % 20 == 3
    counts["incidents"] += 1
    counts["starts"] += bool(start)
    counts["year_starts"] += start.endswith("-01-01")
    counts["month_starts"] += start.endswith("-01") and not start.endswith("-01-01")
    counts["backwards"] += bool(backwards and start)
    counts["unreadable_lists"] += number % 50 == 5
    receiver, initiator = STATES[number % 6], STATES[(number + 2) % 6]
    political, legal = number % 30 == 1, number % 60 == 1
    counts["political"] += political
    counts["legal"] += legal
    return {
        "ID": str(number),
        "name": f" Invented incident {number} of {receiver}",
        "description": "Nothing of this happened; it was made to test a reader." * (1 + number % 8),
        "start_date": start,
        "end_date": "2001-01-02" if backwards else start,
        "incident_type": ("Disruption", "Data theft; Hijacking with Misuse", "Ransomware")[number % 3],
        "receiver_name": "[['Not available'], [None]]",
        "receiver_country": f"['{receiver}', 'Global (region)']",
        "receiver_region": "[['ASIA'], []]",
        "receiver_category": "[['State institutions / political system', 'Media'], ['Unknown']]",
        "receiver_category_subcode": "[['Government / ministries', ''], ['']]",
        "initiator_name": "['Invented Bear']",
        "initiator_country": f"['{initiator}'" if number % 50 == 5 else f"['{initiator}']",
        "initiator_category": "['State']",
        "cyber_conflict_issue": "International power; Territory",
        "offline_conflict_name_HIIK": "Almara â€“ Beltova (TestÂ°)" if number % 40 == 2 else "",
        "political_response_date": "2020-02-03; 2020-02-04; NaT" if political else "",
        "political_response_type": "State Actors: Stabilizing measures; State Actors: Preventive measures; N"
        if political
        else "",
        "political_response_type_subcode": "Statement by minister of foreign affairs; Awareness raising; "
        if political
        else "",
        "political_response_country": f"{receiver}; EU (region); {initiator}" if political else "",
        "political_response_actor": f"A minister (Office of {receiver}; capital); EU; Somebody" if political else "",
        "legal_response_date": "2020-03-04 00:00:00" if legal else "",
        "legal_response_type": "Peaceful means: Retorsion (International Law)" if legal else "",
        "legal_response_type_subcode": "Economic sanctions" if legal else "",
        "legal_response_country": receiver if legal else "",
        "legal_attribution_reference": "Sovereignty" if legal else "Not available",
        "IL_breach_indicator": "Sovereignty; International peace" if legal else "",
        "data_theft": "none",
        "physical_effects_spatial": "none",
        "unweighted_cyber_intensity": str(number % 8),
        "weighted_cyber_intensity": f"{number % 10}.0",
        "sources_url": f"['https://example.org/{number}']",
        "sources_attribution": "[]",
    }


def _attribution_rows(number: int, counts: dict[str, int]) -> list[dict[str, str]]:
    """One to three statements as a cross product over two named initiators, and over two states for one in thirty."""
    two = number % 30 == 4
    unknown = number % 6 == 5
    counts["two_origins"] += two
    counts["named_origins"] += not unknown
    origins = ["Unknown"] if unknown else [STATES[(number + 2) % 6], *([STATES[(number + 3) % 6]] if two else [])]
    rows = []
    for index in range(1 + number % 3):
        date = "2020-01-01" if (number + index) % 3 else f"2020-05-{2 + number % 26:02} 00:00:00"
        counts["attributions"] += 1
        counts["year_attributions"] += date.startswith("2020-01-01")
        for origin in origins:
            for name in ("Invented Bear", "Invented Bear (Unit 1; Section 2)"):
                rows.append(
                    {
                        "incident_ID": str(number),
                        "attribution_ID": f"{number * 10 + index}.0",
                        "attribution_date": date,
                        "attribution_type": (POLITICAL, TECHNICAL, LEGAL)[index],
                        "attribution_basis": (GOVERNMENT, INDUSTRY, GOVERNMENT)[index],
                        "attributing_actor": (" A ministry ", "Invented Security", "A court")[index],
                        "attribution_it_company": "Not available",
                        "attributing_country": STATES[number % 6],
                        "attributed_initiator": name,
                        "attributed_initiator_country": origin,
                        "attributed_initiator_category": "Unknown - not attributed" if unknown else "State",
                    }
                )
    return rows


def _receiver_rows(number: int) -> list[dict[str, str]]:
    receiver = STATES[number % 6]
    pairs = (
        ("State institutions / political system", "Government / ministries"),
        ("Critical infrastructure", "Energy"),
    )
    named = [
        {
            "ID": str(number),
            "receiver_country": receiver,
            "receiver_region": "ASIA; MENA",
            "receiver_name": "Not available",
            "receiver_category": category,
            "receiver_category_subcode": part,
        }
        for category, part in pairs
    ]
    return [*named, {"ID": str(number), "receiver_country": "Global (region)"}]


def _eurepoc_1_3(folder: Path, counts: dict[str, int]) -> Path:
    """Twenty rows: both date styles in one row, and two headings twice."""
    rows = []
    for number in range(1, 21):
        cells = dict.fromkeys(GLOBAL_1_3, "Not available")
        cells |= {
            "incident_id": str(4000 + number),
            "name": f"Invented incident {number}",
            "start_date": f"{1 + number % 28:02}.{1 + number % 12:02}.2024",
            "end_date": "01.01.2024",
            "incident_type": "Disruption;Hijacking with Misuse",
            "receiver_country": "Almara;Beltova",
            "receiver_regions": "['EUROPE', 'EASTEU']",
            "receiver_category": "Media;Science",
            "initiator_name": "Unknown",
            "attribution_date": "19.12.2024",
            "attribution_type": POLITICAL,
            "attribution_basis": GOVERNMENT,
            "attributing_actor": "A ministry (Almara; capital)",
            "attributing_country": "Almara",
            "political_response_date": "20.12.2024",
            "political_response_type": "State Actors: Stabilizing measures",
            "political_response_subtype": "Statement by head of state/head of government (or executive official)",
            "political_response_responding_country": "Almara",
            "legal_response_date": "2024-12-21",
            "legal_response_type": MEASURES,
            "legal_response_responding_country": "Almara",
            "il_breach_indicator": "Sovereignty;Armed conflict",
            "data_theft": "none",
            "physical_effects_spatial": "none",
            "unweighted_intensity": "4",
            "weighted_intensity": "4",
            "impact_indicator_score": "8",
            "source_url": "https://example.org/1",
            "added_to_db": "2024-12-23",
        }
        row = [cells[heading] for heading in GLOBAL_1_3]
        # Both come twice: first as settled, then as attributed.
        for heading, settled, attributed in (
            ("initiator_country", "Caldria", "Dovaria"),
            ("initiator_category", "Non-state-group", "State"),
        ):
            first = GLOBAL_1_3.index(heading)
            second = GLOBAL_1_3.index(heading, first + 1)
            row[first], row[second] = settled, attributed
        rows.append(row)
    counts["incidents_1_3"] = len(rows)
    path = folder / "twin-eurepoc-1_3.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([GLOBAL_1_3, *rows])
    return path


DCID_1 = [
    "Cyberincidentnum", "Dyadpair", "StateA", "StateB", "Name", "interactionstartdate", "interactionenddate", "method",
    "targettype", "initiator", "cyber_objective", "information_operation", "objective_achievement", "Concession ",
    "3rdpartyinitiator", "severity", "damage type", "Crit Inf", "Supply Ch", "Ransomware", "Political Objective",
    "Sources1", "Sources2", "Sources3", "Sources4", "Sources5", "Justice", "Cert", "FBI",
]  # fmt: skip
DCID_2 = [
    "Cyberincidentnum", "Dyadpair", "StateA", "StateB", "Name", "interactionstartdate", "method", "targettype",
    "initiator", "target", "severity", "Ddeny/reject-", "Dthreat/demand-", "Diplo_Negative", "Dnegotiate+",
    "Dagreement+", "Diplo_Positive", "Ereduce-", "Ethreat-", "Eemb/sanc-", "Econ_Negative", "Ecoop+", "Eease+", "Eaid+",
    "Econ_Positive", "Mthreat-", "Mdisplay-", "Musage-", "Mil_Negative", "Mpromise+", "Mcoop+", "Mconfid+",
    "Mil_Positive",
]  # fmt: skip


def _dcid(folder: Path, counts: dict[str, int]) -> Path:
    """Twelve incidents in two sheets that number them differently from the fifth on, one with a third initiator."""
    first: list[list[object]] = [list(DCID_1)]
    second: list[list[object]] = [list(DCID_2)]
    for number in range(1, 13):
        a, b = STATES[number % 6], STATES[(number + 1) % 6]
        initiator = STATES[(number + 3) % 6] if number == 7 else a
        dyad = 900_000 + number
        day = "2016-01-01" if number % 3 == 0 else f"2016-0{1 + number % 9}-{1 + number % 20:02}"
        cells = {"Cyberincidentnum": number, "Dyadpair": dyad, "StateA": f"{a} ", "StateB": b, "Name": f"Test {number}"}
        cells |= {"interactionstartdate": day, "interactionenddate": day, "method": 4.2, "initiator": initiator}
        cells |= {"severity": 1 + number % 6, "3rdpartyinitiator": 0, "Political Objective": "none of this happened"}
        first.append([cells.get(heading, 0) for heading in DCID_1])
        pair = number if number < 5 else number + 2
        for side, name in ((0, f"Test {number}"), (1, "No Cyber")):
            row = {"Cyberincidentnum": pair, "Dyadpair": dyad, "StateA": a, "StateB": b, "Name": name}
            row |= {"initiator": (a, b)[side], "target": (b, a)[side], "Ddeny/reject-": 6 * (side == 0), "Ecoop+": 2.5}
            second.append([row.get(heading, 0) for heading in DCID_2])
    counts["dcid_incidents"] = 12
    path = folder / "twin-dcid.xlsx"
    path.write_bytes(workbook({"Twin_incidents": first, "Twin_reactions": second}))
    return path


def _cfr(folder: Path, counts: dict[str, int]) -> Path:
    """Eight rows: one statement about three incidents, a shifted row, a broken sponsor, prose for victims."""
    rows: list[dict[str, str]] = []
    link = "https://example.org/declaration"
    for number in range(1, 4):
        rows.append(_cfr_row(number, Response=f"Denouncement  {link}", Sponsor="Almara, Beltova"))
    rows.append(_cfr_row(4, Response="Denial   https://example.org/denial", Victims="Caldria, Dovaria"))
    rows.append(_cfr_row(5, Sponsor=' Almara"', Date="1/1/2015"))
    shifted = _cfr_row(6)
    shifted |= {"Response": "Almara", "Victims": "Espionage", "Sponsor": "Government", "Type": "https://example.org/6"}
    rows += [shifted, _cfr_row(7, Description="The ministry??s mail"), _cfr_row(8, Date="", Response="Unknown")]
    counts |= {"cfr_rows": 8, "cfr_shifted": 1, "cfr_shared": 3}
    return _csv(folder / "twin-cfr.csv", CFR, rows)


def _cfr_row(number: int, **other: str) -> dict[str, str]:
    return {
        "Title": f"Invented operation {number}",
        "Date": f"{number}/17/2016",
        "Affiliations": "Believed to be nobody",
        "Description": "Nothing of this happened.",
        "Victims": "People in Caldria, and others",
        "Sponsor": "Almara",
        "Type": "Espionage",
        "Category": "Government, Private sector",
        "Sources_1": f"https://example.org/{number}",
    } | other


def _csv(path: Path, headings: Sequence[str], rows: Iterable[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """A minimal XLSX: numbers as numbers, everything else as inline text."""
    out = io.BytesIO()
    kinds = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{kinds}/package/2006/content-types"><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType="application/'
            f'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{parts}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kinds}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{kinds}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        named = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, start=1))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{kinds}/spreadsheetml/2006/main" xmlns:r="{kinds}/officeDocument/2006/relationships">'
            f"<sheets>{named}</sheets></workbook>",
        )
        ties = "".join(
            f'<Relationship Id="r{n}" Type="{kinds}/officeDocument/2006/relationships/worksheet" '
            f'Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{kinds}/package/2006/relationships">{ties}</Relationships>',
        )
        for n, rows in enumerate(sheets.values(), start=1):
            body = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{kinds}/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>',
            )
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    text = str(value).replace("&", "&amp;").replace("<", "&lt;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def misp(values: list[dict[str, Any]], kind: str = "threat-actor") -> bytes:
    """A galaxy cluster file of these values."""
    return json.dumps({"type": kind, "version": 1, "values": values}).encode()
