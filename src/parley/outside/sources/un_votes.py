"""Roll calls of the General Assembly on ICT resolutions, after Voeten: who voted how, resolution by resolution.

The file lists yes, no and abstentions. A member that is not listed did not vote, or was no member: nothing is written
for it, and it is not an abstention. Resolutions adopted without a vote have no roll call and do not appear at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.outside.sources.problems import SourceProblem
from parley.outside.sources.sheets import Row, Sheet
from parley.outside.sources.taking import Taking
from parley.precedents.cells import dated
from parley.precedents.names import by_code, place
from parley.precedents.problems import PrecedentProblem
from parley.precedents.record import Actor, Coding, DataSet, Dated, Statement
from parley.precedents.report import Read
from parley.precedents.words import Ballot, Facet, Kind, PassOn
from parley.terms.instant import Meaning, parse_iso
from parley.terms.nothing import Nothing
from parley.terms.text import shown

DATA_SET = DataSet(
    key="un-votes-ict",
    title="United Nations General Assembly votes on ICT resolutions",
    publisher="Erik Voeten and others; package unvotes",
    version="2005 to 2019",
    reference="https://doi.org/10.7910/DVN/LEJUQZ",
    licence="MIT (package unvotes); data after Voeten, to be cited",
    pass_on=PassOn.WITH_NOTICE,
    notice="Voeten, Strezhnev and Bailey, United Nations General Assembly Voting Data; package unvotes (MIT).",
    dated=parse_iso("2019-12", Meaning.PUBLISHED),
)
_VOTES = {"rcid", "country", "country_code", "vote", "date", "symbol"}
_CALLS = {"rcid", "symbol", "short", "descr"}
_BALLOTS = {"yes": Ballot.YES, "no": Ballot.NO, "abstain": Ballot.ABSTAIN, "absent": Ballot.ABSENT}
_SYMBOL = re.compile(r"A/RES/\d{1,3}/\d{1,3}", re.ASCII)


def read(sheets: Sequence[Sheet]) -> Read:
    """The ballots, with the titles of resolutions if the file of roll calls is given too; raises SourceProblem."""
    votes, calls = _parts(sheets)
    taking = Taking(DATA_SET)
    titles = _titles(taking, calls)
    for row in votes.rows:
        with taking.row(votes.file, row.number, row.cells):
            _take(taking, row, titles)
    for sheet in sheets:
        taking.short(sheet)
    return taking.done([], whole=not votes.mended)


def _parts(sheets: Sequence[Sheet]) -> tuple[Sheet, Sheet | None]:
    votes = calls = None
    for sheet in sheets:
        have = {heading.strip() for heading in sheet.headings}
        if have >= _VOTES and votes is None:
            votes = sheet
        elif have >= _CALLS and calls is None:
            calls = sheet
        else:
            raise SourceProblem(
                "wrong_kind", kind="un-votes", file=sheet.file, why=f"its columns are not {', '.join(sorted(_VOTES))}"
            )
    if votes is None:
        raise SourceProblem("missing_part", kind="un-votes", needed="the file of votes")
    return votes, calls


def _titles(taking: Taking, calls: Sheet | None) -> dict[str, str]:
    titles: dict[str, str] = {}
    for row in calls.rows if calls else ():
        with taking.row(calls.file if calls else "", row.number, row.cells):
            titles[_symbol(row.cells["symbol"])] = shown(row.cells["descr"] or row.cells["short"], 300)
    return titles


def _symbol(cell: str) -> str:
    """``A/RES/73/27``, also from ``R/73/27``; raises PrecedentProblem ``unknown_word``."""
    symbol = "A/RES/" + cell.strip().removeprefix("A/RES/").removeprefix("R/")
    if not _SYMBOL.fullmatch(symbol):
        raise PrecedentProblem("unknown_word", field="symbol", given=shown(cell, 40))
    return symbol


def _take(taking: Taking, row: Row, titles: dict[str, str]) -> None:
    cells = row.cells
    symbol, voter = _symbol(cells["symbol"]), _voter(cells)
    name = f"{DATA_SET.key}:{symbol.removeprefix('A/RES/').replace('/', '-')}/{voter.code}"
    taking.about(name)
    ballot = _BALLOTS.get(cells["vote"].strip())
    if ballot is None:
        raise PrecedentProblem("unknown_word", field="vote", given=shown(cells["vote"], 40))
    on = taking.part("date", cells["date"], lambda: dated(cells["date"], Meaning.ANSWERED, first_is_coarse=False), None)
    taking.put(
        Statement(
            name=name,
            kind=Kind.VOTE,
            data_set=DATA_SET.key,
            place=f"row {row.number}, roll call {cells['rcid'].removesuffix('.0')}"[:200],
            holder=voter,
            on=on if isinstance(on, Dated) else Nothing.NOT_CODED,
            ballot=ballot,
            codings=(Coding(Facet.ROLL_CALL, symbol, titles.get(symbol, "")),),
        )
    )


def _voter(cells: dict[str, str]) -> Actor:
    """The member; name and code must be of one state. ``NA`` in a column of codes is Namibia."""
    named, coded = place(cells["country"]), by_code(cells["country_code"].strip())
    if named.code != coded.code:
        raise PrecedentProblem("two_codes", name=named.name, code=coded.code)
    return named
