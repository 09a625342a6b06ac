"""Numbered forms: fill, check, render in every language, read back.

Knows: what a note can say. Every line is a code of a list or a typed value; the codes are the authentic text, and every
language says all of them (`render`), so that they can be recovered from its words alone (`back_read`). Knows also the
questions that show whether a note was understood (`questions`, `compare`).
Refuses to know: who may say it, to whom, over what; what follows from it; whether it is true.
A form is a file in ``data/forms``, a language a file in ``data/catalogue``; neither needs Python.
Start with `load`, `Sheet`, `check`, `render`.
"""

from parley.forms.by_hand import Asked, Said, Script, bilingual, script
from parley.forms.checking import arranged, check, check_header
from parley.forms.form import Addressing, Form, Line
from parley.forms.kinds.options import CANNOT_TELL
from parley.forms.kinds.words import own_words
from parley.forms.library import Library, build, load
from parley.forms.looked_up import looked_up, words_of
from parley.forms.messages import Explained, Message, explain, explain_fault, phrase, whose
from parley.forms.plain import Facts, Finding, facts_of, findings, heading, look, look_through, said
from parley.forms.problems import FormProblem, LineFault
from parley.forms.readback import Option, Question, compare, option_ids, question_lines, questions, right_answer
from parley.forms.reading import back_read, back_read_sheet
from parley.forms.rendering import Rendered, RenderedLine, render, render_coded, render_lines
from parley.forms.sheet import Header, Sheet, Value

__all__ = [
    "CANNOT_TELL",
    "Addressing",
    "Asked",
    "Explained",
    "Facts",
    "Finding",
    "Form",
    "FormProblem",
    "Header",
    "Library",
    "Line",
    "LineFault",
    "Message",
    "Option",
    "Question",
    "Rendered",
    "RenderedLine",
    "Said",
    "Script",
    "Sheet",
    "Value",
    "arranged",
    "back_read",
    "back_read_sheet",
    "bilingual",
    "build",
    "check",
    "check_header",
    "compare",
    "explain",
    "explain_fault",
    "facts_of",
    "findings",
    "heading",
    "load",
    "look",
    "look_through",
    "looked_up",
    "option_ids",
    "own_words",
    "phrase",
    "question_lines",
    "questions",
    "render",
    "render_coded",
    "render_lines",
    "right_answer",
    "said",
    "script",
    "whose",
    "words_of",
]
