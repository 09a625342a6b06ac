"""Look over: what of a draft's own words should be looked at again before release. Advice, which stops nothing.

Works on a draft that is not in order yet: nothing is checked here but words.
"""

from __future__ import annotations

from parley.desk.draft import Draft
from parley.desk.node import Node
from parley.forms import Facts, Finding, look_through
from parley.forms.plain import URGENT


def look_over(node: Node, draft: Draft) -> tuple[Finding, ...]:
    """What should be looked at again; () if there are no own words. Raises FormProblem for an unknown form."""
    form = node.library.form(draft.form)
    precedence = form.default_precedence if draft.precedence is None else draft.precedence
    facts = Facts(
        accusation=draft.accusation,
        asks=form.awaits(draft.lines, None),
        answer_by=draft.answer_by is not None,
        urgent=precedence >= URGENT,
    )
    return look_through(form, draft.lines, facts, library=node.library)
