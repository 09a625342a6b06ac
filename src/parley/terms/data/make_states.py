"""Makes states.csv, the exact alias table of states, from the data set "country-codes" (PDDL, September 2023).

    python make_states.py country-codes.csv > states.csv

The data set joins ISO 3166-1, the United Nations terminology database (UNTERM: short and formal names of member and
observer states, 2023) and the M49 names of the UN Statistics Division (official_name_*). Its column on independence
holds judgements and is not read. For each language the display name is the UNTERM short name without the article in
brackets, otherwise the M49 name. Everything else that the data set calls the place becomes an alias. A spelling that
two places share is an alias of neither.
"""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

LANGUAGES = {"ar": "Arabic", "zh": "Chinese", "en": "English", "fr": "French", "ru": "Russian", "es": "Spanish"}
M49 = {"ar": "ar", "zh": "cn", "en": "en", "fr": "fr", "ru": "ru", "es": "es"}

ARTICLE_AFTER = re.compile(r" \((the|l'|le|la|les|el|los|las)\)$")
ARTICLE_BEFORE = re.compile(r"^(the |l'|le |la |les |el |los |las )")
FOOTNOTE = re.compile(r" \*+$")

# Where the data set departs from UN usage or its text is damaged. The spelling found stays an alias.
CORRECTIONS = {
    ("AQ", "ru"): "Антарктида",  # was in an oblique case
    ("AX", "ru"): "Аландские острова",  # was in the genitive
    ("CC", "ru"): "Кокосовые (Килинг) острова",  # was in the genitive
    ("CI", "en"): "Côte d’Ivoire",  # the name that the state asked for, in every language of the UN
    ("FK", "en"): "Falkland Islands (Malvinas)",  # the UN form; the data set dropped the bracket in English only
    ("IO", "ar"): "الإقليم البريطاني في المحيط الهندي",  # the words were out of order
    ("TF", "ar"): "الأراضي الفرنسية الجنوبية",  # one word stood twice
    ("UM", "ar"): "جزر الولايات المتحدة النائية",  # the first word was missing
}

# Spellings met in public data sets: the inverted short names of ISO 3166-1, and former or common names.
SPELLINGS = {
    "BO": ["Bolivia, Plurinational State of"],
    "CD": ["Congo, Democratic Republic of the", "Congo, The Democratic Republic of the", "DR Congo"],
    "CI": ["Cote d'Ivoire"],
    "CG": ["Republic of the Congo"],
    "CV": ["Cape Verde"],
    "CZ": ["Czech Republic"],
    "FM": ["Micronesia, Federated States of"],
    "GB": ["United Kingdom", "Great Britain", "Royaume-Uni", "Reino Unido", "Великобритания", "英国"],
    "HK": ["China, Hong Kong SAR", "Hong Kong SAR China"],
    "IR": ["Iran, Islamic Republic of", "Islamic Republic of Iran", "Иран", "伊朗", "إيران", "Irán"],
    "KP": ["Korea, Democratic People's Republic of", "DPRK", "朝鲜", "КНДР", "Corea del Norte", "Corée du Nord"],
    "KR": ["Korea, Republic of", "ROK", "韩国", "Corea del Sur", "Corée du Sud", "Южная Корея"],
    "LA": ["Lao PDR"],
    "MD": ["Moldova, Republic of"],
    "MK": ["Macedonia, the former Yugoslav Republic of", "The former Yugoslav Republic of Macedonia"],
    "MM": ["Burma"],
    "MO": ["China, Macao SAR", "Macao SAR China"],
    "NL": ["Netherlands, Kingdom of the", "The Netherlands"],
    "PS": ["Palestine, State of", "Palestinian Territories"],
    "RU": ["Россия", "俄罗斯", "روسيا", "Russie", "Rusia"],
    "SY": ["Сирия", "叙利亚", "سوريا", "Syrie", "Siria"],
    "SZ": ["Swaziland"],
    "TR": ["Turkey", "Turquie", "Turquía"],
    "TW": ["Taiwan, Province of China"],
    "TZ": ["Tanzania, United Republic of"],
    "US": ["United States", "USA", "U.S.", "U.S.A.", "États-Unis", "Estados Unidos", "США", "美国", "الولايات المتحدة"],
    "VA": ["Holy See (Vatican City State)"],
    "VE": ["Venezuela, Bolivarian Republic of"],
}


HEADER = """\
# Source: data set country-codes (datahub.io/core/country-codes), September 2023, licence PDDL 1.0; names by
# UNTERM (unterm.un.org) and the M49 list of the UN Statistics Division. Made by make_states.py beside this
# file, which lists its corrections. Being listed, or how, says nothing about the status of any state or area."""


def tidy(name: str) -> str:
    """NFC, single blanks, without the footnote stars of the list of states."""
    return FOOTNOTE.sub("", " ".join(unicodedata.normalize("NFC", name).split()))


def display(row: dict[str, str], code: str, language: str) -> str:
    """The name shown in a language."""
    short = ARTICLE_AFTER.sub("", tidy(row[f"UNTERM {LANGUAGES[language]} Short"]))
    return CORRECTIONS.get((code, language)) or short or tidy(row[f"official_name_{M49[language]}"])


def spellings(row: dict[str, str], code: str) -> list[str]:
    """Every spelling of the place in the data set, with and without article and with both apostrophes."""
    columns = [f"UNTERM {name} {length}" for name in LANGUAGES.values() for length in ("Short", "Formal")]
    columns += [f"official_name_{suffix}" for suffix in M49.values()] + ["CLDR display name"]
    found = [tidy(row[column]) for column in columns] + SPELLINGS.get(code, [])
    found += [ARTICLE_AFTER.sub("", name) for name in found] + [ARTICLE_BEFORE.sub("", name) for name in found]
    found += [display(row, code, language) for language in LANGUAGES]
    both = [*found, *(name.replace("’", "'") for name in found), *(name.replace("'", "’") for name in found)]
    return sorted({name for name in both if name})


def key(name: str) -> str:
    """As parley.terms.states.key; a test compares the two."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if len(name) <= 3 and name.isascii():
        return name
    return unicodedata.normalize("NFC", name.casefold())


def aliases(rows: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """Per code the spellings that no other code shares and that the display names do not already cover."""
    holders: dict[str, set[str]] = defaultdict(set)
    for code, row in rows.items():
        for name in spellings(row, code):
            holders[key(name)].add(code)
    kept: dict[str, list[str]] = {}
    for code, row in rows.items():
        seen = {key(display(row, code, language)) for language in LANGUAGES}
        kept[code] = []
        for name in spellings(row, code):
            if key(name) not in seen and len(holders[key(name)]) == 1:
                seen.add(key(name))
                kept[code].append(name)
    for name, codes in sorted(holders.items()):
        if len(codes) > 1:
            print(f"shared by {', '.join(sorted(codes))}: {name}", file=sys.stderr)
    return kept


def named_by(row: dict[str, str]) -> str:
    """Whose names these are: UNTERM's, or the M49 column of the data set."""
    return "unterm" if row["UNTERM English Short"] else "m49"


def main(path: str) -> None:
    """Write the table to standard output."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = {row["ISO3166-1-Alpha-2"]: row for row in csv.DictReader(file)}
    kept = aliases(rows)
    print(HEADER)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["code", "alpha3", "m49", "named_by", *LANGUAGES, "aliases"])
    for code in sorted(rows):
        row = rows[code]
        names = [display(row, code, language) for language in LANGUAGES]
        three, number = row["ISO3166-1-Alpha-3"], row["ISO3166-1-numeric"].zfill(3)
        writer.writerow([code, three, number, named_by(row), *names, "|".join(kept[code])])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(sys.argv[1])
