"""Release policy: who must have said what before a note goes out, as data, and the judgement over it.

One pure function, `judge`, is asked twice for each note: by the desk, which wants to say early what is missing, and by
the signer process, which does not believe the desk. A ministry replaces data/policy.toml by its own; what FLOOR says no
file can loosen.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from importlib import resources

import msgspec

from parley.clearance.ahead import FREE, LONGEST_DAYS, Ahead
from parley.clearance.asked import Asked, Word
from parley.clearance.problems import ClearanceProblem
from parley.clearance.roles import CLEARING, Role
from parley.clearance.roster import Roster

LONGEST_REASON = 300
FLOOR_FORMS = frozenset({40, 41, 43})
"""Attribution, protest, claim."""
FLOOR_NEEDS = (Role.LEGAL, Role.POLITICAL)
STANDING = frozenset({"receipt", "read-back", "void", "checkpoint", "freshness", "prekeys"})
"""What goes out under standing authority, signed by the node: it says what happened here and undertakes nothing."""


class How(StrEnum):
    """By what right a note went out."""

    CLEARED = "cleared"  # another officer drafted it, and every word that policy asks for was given
    AHEAD = "ahead"  # within bounds that a director cleared ahead
    LONE = "lone"  # by one officer alone, with a reason; reviewed next day


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one kind of note needs.

    Args:
        kind: the word for it: notice, request, answer, link-check …
        forms: numbers of forms; a form stands in the first rule that fits.
        precedence: the precedences for which the rule holds; empty: all.
        needs: roles whose word is asked for beside the release.
        two: whether who releases must not be who drafted.
        lone: whether one officer may do both, with a reason.
        ahead: whether a director may clear it ahead.
    """

    kind: str
    forms: tuple[int, ...]
    precedence: tuple[int, ...] = ()
    needs: tuple[Role, ...] = ()
    two: bool = True
    lone: bool = False
    ahead: bool = False

    def fits(self, form: int, precedence: int) -> bool:
        """Whether this rule is for such a note."""
        return form in self.forms and (not self.precedence or precedence in self.precedence)


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules. What no rule names is treated as `otherwise`. `standing`: what the node sends on its own."""

    rules: tuple[Rule, ...]
    otherwise: Rule
    standing: tuple[str, ...] = tuple(sorted(STANDING))

    def __post_init__(self) -> None:
        if not set(self.standing) <= STANDING:
            raise ClearanceProblem("bad_policy", why=f"standing: {', '.join(sorted(set(self.standing) - STANDING))}")
        for rule in (*self.rules, self.otherwise):
            if not set(rule.needs) <= set(CLEARING) - {Role.DRAFTER}:
                raise ClearanceProblem("bad_policy", why=f"{rule.kind}: needs")

    def rule(self, asked: Asked) -> Rule:
        """The rule for this note, with what no policy can loosen."""
        found = next((one for one in self.rules if one.fits(asked.form, asked.precedence)), self.otherwise)
        if asked.form not in FLOOR_FORMS and not asked.accusation:
            return found
        needs = (*found.needs, *(role for role in FLOOR_NEEDS if role not in found.needs))
        return msgspec.structs.replace(found, needs=needs, two=True, lone=False, ahead=False)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """That a note may go out, by what right, and on whose words. `ahead`: the name of what was cleared ahead."""

    how: How
    releaser: str
    words: tuple[Word, ...] = ()
    reason: str = ""
    ahead: str = ""


def judge(
    policy: Policy,
    roster: Roster,
    asked: Asked,
    words: Sequence[Word],
    releaser: str,
    now: int,
    *,
    reason: str = "",
    used: dict[str, int] | None = None,
) -> Verdict:
    """By what right `releaser` may let this note go out at `now`; raises ClearanceProblem if by none.

    Args:
        words: what officers said for exactly this digest.
        reason: the lone officer's.
        used: how often each thing cleared ahead was used.

    Raises ClearanceProblem ``no_such_officer``, ``not_releaser``, ``missing_words``, ``reason_needed``,
    ``bad_reason``, ``never_alone``.
    """
    # 1. Who releases must be one who may.
    if not roster.is_lone:
        roster.officer(releaser)
    if not roster.may_release(releaser, asked.form, now):
        raise ClearanceProblem("not_releaser", officer=releaser, form=asked.form)
    rule = policy.rule(asked)
    # 2. Words count that were given in a role which their officer held then, and still has.
    valid = tuple(word for word in words if word.role in roster.roles(word.officer, word.at) and word.at <= now)
    # 3. All that policy asks for, and another hand than the releaser's.
    if (chosen := _enough(rule, valid, releaser)) is not None:
        return Verdict(how=How.CLEARED, releaser=releaser, words=chosen)
    # 4. A director's bounds.
    if rule.ahead and (within := _within(roster.ahead, asked, roster, now, used or {})):
        return Verdict(how=How.AHEAD, releaser=releaser, ahead=within)
    # 5. Alone.
    if not rule.lone:
        problem = "never_alone" if not words else "missing_words"
        raise ClearanceProblem(problem, form=asked.form, roles=_said(missing(rule, valid, releaser)))
    if not reason.strip():
        raise ClearanceProblem("reason_needed")
    return Verdict(how=How.LONE, releaser=releaser, reason=check_reason(reason))


def check_ahead(policy: Policy, made: Ahead) -> None:
    """Raise ClearanceProblem ``bad_bounds`` if policy does not let this form be cleared ahead at any precedence."""
    for precedence in range(made.highest + 1):
        asked = Asked(form=made.form, precedence=precedence, exercise=False, accusation=False, digest=b"")
        if not policy.rule(asked).ahead:
            raise ClearanceProblem("bad_bounds", why="form", days=LONGEST_DAYS)


def missing(rule: Rule, words: Iterable[Word], releaser: str = "") -> tuple[Role, ...]:
    """The roles whose word is still asked for; DRAFTER if nobody but the releaser has put a hand to it."""
    given = {word.role for word in words if word.role is not Role.DRAFTER or word.officer != releaser}
    wanted = (*((Role.DRAFTER,) if rule.two else ()), *rule.needs)
    return tuple(role for role in wanted if role not in given)


def check_reason(reason: str) -> str:
    """The reason, trimmed; raises ClearanceProblem ``bad_reason``."""
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON or not said.isprintable():
        raise ClearanceProblem("bad_reason", most=LONGEST_REASON)
    return said


def _enough(rule: Rule, words: tuple[Word, ...], releaser: str) -> tuple[Word, ...] | None:
    """A word for each role that is asked for, of different officers, the drafter not the releaser; None: not yet."""
    wanted = (*((Role.DRAFTER,) if rule.two else ()), *rule.needs)
    choices = [[word for word in words if word.role is role] for role in wanted]
    for chosen in itertools.product(*choices):
        officers = [word.officer for word in chosen]
        drafter = officers[0] if rule.two else ""
        if len(set(officers)) == len(officers) and drafter != releaser:
            return chosen
    return None


def _within(ahead: Iterable[Ahead], asked: Asked, roster: Roster, now: int, used: dict[str, int]) -> str:
    """The name of the first thing cleared ahead whose bounds this note keeps; empty if none."""
    for one in ahead:
        counts = one.since <= now < one.until and used.get(one.name, 0) < one.uses
        if counts and roster.is_director(one.by, one.since) and _keeps(one, asked):
            return one.name
    return ""


def _keeps(one: Ahead, asked: Asked) -> bool:
    return (
        asked.form == one.form
        and asked.precedence <= one.highest
        and one.exercise in (None, asked.exercise)
        and not asked.accusation
        and not asked.attachments
        and (not one.to or set(asked.to) <= set(one.to))
        and all(number in one.lines and _allowed(value, one.lines[number]) for number, value in asked.lines.items())
    )


def _allowed(value: object, allowed: list[object]) -> bool:
    """Whether a line's value is one of those named; of a line that holds a list, each of its items."""
    if FREE in allowed or value in allowed:
        return True
    return isinstance(value, list) and bool(value) and all(item in allowed for item in value)


def _said(roles: Iterable[Role]) -> str:
    return ", ".join(role.value for role in roles) or "a drafter"


def read_policy(text: str) -> Policy:
    """A policy as TOML; raises ClearanceProblem ``bad_policy``."""
    try:
        return msgspec.convert(tomllib.loads(text), Policy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ClearanceProblem("bad_policy", why=str(error)[:120]) from None


@lru_cache(maxsize=1)
def standard_policy() -> Policy:
    """The policy that Parley ships with."""
    return read_policy(resources.files("parley.clearance").joinpath("data/policy.toml").read_text("utf-8"))
