"""Options of a read-back: their ids, which are the same in every language, and their words.

An id is built from a template of the form file: ``{value}`` becomes the code of the line's value, ``{other}`` the code
of a value that could be mistaken for it: ``request:stop-traffic``, ``demand:stop-traffic``, ``not-accusation``. An id
says all there is to say, so that a clarification can put it into words without the note at hand. Leaves out questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parley.forms.form import QuestionRule
from parley.forms.kinds.base import Kind, Place, text
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice
from parley.terms.problem import Problem
from parley.terms.text import shown

CANNOT_TELL = "cannot-tell"
"""The option that stands in every question."""
_LONGEST = 200


def templates(rule: QuestionRule) -> Iterator[str]:
    """Every template of a question."""
    yield from (rule.right, *rule.wrong)
    if rule.if_nothing is not None:
        yield from (rule.if_nothing.right, *rule.if_nothing.wrong)


def heads(rule: QuestionRule) -> Iterator[str]:
    """What the catalogue must have under ``options``: fixed ids, and what stands before ``:{value}``."""
    yield from (template.partition(":")[0] for template in templates(rule) if not template.startswith("{"))


def option_words(option: str, place: Place, voice: Voice) -> str:
    """An option in a language. Raises FormProblem ``not_an_option`` for an id that the line's question never offers."""
    rule = place.form.question(place.line.number)
    if rule is None or len(option) > _LONGEST:
        raise _unknown(option)
    if option == CANNOT_TELL:
        return voice.say("readback.cannot-tell")
    path = f"questions.{rule.key}.options"
    head, colon, code = option.partition(":")
    if colon and head in heads(rule):
        value = _value(code, place, option)
        if voice.has(f"{path}.{option}"):  # a value that the sentence for all others would say oddly: to ask nothing
            return voice.say(f"{path}.{option}")
        said = _kind(place).words(value, place, voice)
        return voice.say(f"{path}.{head}", value=said, **_kind(place).parts(value, voice))
    if _is_fixed(option, rule):
        return voice.say(f"{path}.{option}")
    value = _value(option, place, option)
    return voice.say(f"{path}.{option}") if voice.has(f"{path}.{option}") else _kind(place).words(value, place, voice)


def check_option(option: str, place: Place) -> None:
    """Refuse an id that the question about the line never offers; raises FormProblem ``not_an_option``."""
    rule = place.form.question(place.line.number)
    if rule is None or len(option) > _LONGEST or "[" in option or "]" in option:
        raise _unknown(option)
    head, colon, code = option.partition(":")
    if option == CANNOT_TELL or _is_fixed(option, rule):
        return
    _value(code if colon and head in heads(rule) else option, place, option)


def _is_fixed(option: str, rule: QuestionRule) -> bool:
    """Whether a template is this id as it stands, with nothing to be filled in."""
    return "{" not in option and option in templates(rule)


def _kind(place: Place) -> Kind:
    # The table holds this module's kind too, so it can only be asked when all are there.
    from parley.forms.kinds import KINDS

    return KINDS[place.line.kind]


def _value(code: str, place: Place, option: str) -> Value:
    kind = _kind(place)
    try:
        value = kind.parse(code, ())
        kind.check(value, place)
    except (ValueError, LookupError, Problem) as error:
        raise _unknown(option) from error
    if kind.code(value) != code:
        raise _unknown(option)
    return value


def _unknown(option: str) -> FormProblem:
    return FormProblem("not_an_option", line=0, given=shown(option))


# -- the kind: an option of the read-back of another note, on a line of a clarification ----------------------------


def _asked_about(place: Place, option: str) -> Place:
    """The line that the option is about: its form and number stand on the lines that are named for it."""
    found: Mapping[str, Value] = {line.name: place.lines.get(line.number) for line in place.form.lines}
    number, about = found.get("about-form"), found.get("about-line")
    if type(number) is not int or type(about) is not int or number not in place.library.numbers:
        raise _unknown(option)
    form = place.library.form(number)
    line = form.line(about)
    if line is None:
        raise _unknown(option)
    header = {number: place.lines[number] for number in range(1, 10) if number in place.lines}
    return Place(line, form, header, place.library)


def _check(value: Value, place: Place) -> None:
    check_option(text(value), _asked_about(place, text(value)))


def _words(value: Value, place: Place, voice: Voice) -> str:
    return option_words(text(value), _asked_about(place, text(value)), voice)


OPTION = Kind(_check, text, lambda code, paragraphs: code, _words)
