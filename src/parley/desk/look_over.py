"""Look over: what of a draft's own words should be looked at again before release. Advice, which stops nothing.

Works on a draft that is not in order yet: nothing is checked here but words.
"""

from __future__ import annotations

from parley.desk.draft import Draft
from parley.desk.node import Node
from parley.forms import Finding, facts_of, look_through


def look_over(node: Node, draft: Draft) -> tuple[Finding, ...]:
    """What should be looked at again; () if there are no own words. Raises FormProblem for an unknown form."""
    form = node.library.form(draft.form)
    facts = facts_of(form, draft.lines, draft.accusation, draft.answer_by, draft.precedence)
    return look_through(form, draft.lines, facts, library=node.library)
