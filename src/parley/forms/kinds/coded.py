"""Kinds whose values are codes of a list or of the world: codes, effects by layer, states, addresses, forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parley.forms.form import Form, Line
from parley.forms.kinds.base import Kind, Place, check_party, listed, text, whole
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice
from parley.terms.party import Address
from parley.terms.states import all_states
from parley.terms.text import shown

LAYERS = ("physical", "logical", "data", "social")
"""Where an effect shows: hardware and lives; code and routing; what is stored; trust, services, relations."""


def _parse_text(code: str, paragraphs: tuple[str, ...]) -> Value:
    return code


# -- a code of the line's list -----------------------------------------------------------------------------------


def _check_code(value: Value, place: Place) -> None:
    listed(value, place.codes)


def _code_words(value: Value, place: Place, voice: Voice) -> str:
    words = voice.say(f"codes.{place.line.list}.{text(value)}")
    return voice.say("phrases.unverified", words=words) if _is_unverified(text(value), place) else words


def _is_unverified(code: str, place: Place) -> bool:
    """Whether the form names a document for the code that nobody has opened for it (DESIGN, section 7)."""
    sources = place.form.sources
    return any((row.list, row.code, row.status) == (place.line.list, code, "unverified") for row in sources)


def _all_codes(place: Place) -> Sequence[Value]:
    return place.codes


def _other_codes(value: Value, place: Place) -> Sequence[Value]:
    # From the value onwards and round again: which neighbour comes up depends on the value, not on chance, so that
    # the sender finds the same options as the receiver.
    codes = place.codes
    at = codes.index(text(value)) if value in codes else 0
    return [code for code in (*codes[at:], *codes[:at]) if code != value]


def _code_entries(form: Form, line: Line) -> Iterable[str]:
    yield "phrases.unverified"
    yield from (f"codes.{line.list}.{code}" for code in form.codes(line))


CODE = Kind(
    _check_code,
    text,
    _parse_text,
    _code_words,
    values=_all_codes,
    others=_other_codes,
    entries=_code_entries,
    needs_list=True,
)


# -- an effect, which names its layer first ----------------------------------------------------------------------


def _effect_words(value: Value, place: Place, voice: Voice) -> str:
    layer = voice.say(f"codes.layer.{text(value).partition('.')[0]}")
    return voice.say("phrases.effect", layer=layer, effect=_code_words(value, place, voice))


def _effect_entries(form: Form, line: Line) -> Iterable[str]:
    yield from _code_entries(form, line)
    yield from (f"codes.layer.{layer}" for layer in LAYERS)
    yield "phrases.effect"


EFFECT = Kind(
    _check_code,
    text,
    _parse_text,
    _effect_words,
    values=_all_codes,
    others=_other_codes,
    entries=_effect_entries,
    needs_list=True,
)


# -- a state -----------------------------------------------------------------------------------------------------


def _check_state(value: Value, place: Place) -> None:
    code = text(value)
    if code not in all_states():
        raise FormProblem("unknown_state", line=0, given=shown(code))
    check_party(code, place)


def _state_words(value: Value, place: Place, voice: Voice) -> str:
    return voice.state(text(value))


def _all_states(place: Place) -> Sequence[Value]:
    return tuple(all_states())


def _parties_of_note(value: Value, place: Place) -> Sequence[Value]:
    recipients = place.lines.get(3)
    addresses = [place.lines.get(2), *(recipients if isinstance(recipients, list) else [])]
    parties = [str(address).partition("/")[0] for address in addresses]
    return [party for party in dict.fromkeys(parties) if party != value and party in all_states()]


STATE = Kind(_check_state, text, _parse_text, _state_words, values=_all_states, others=_parties_of_note)


# -- an office of a party ----------------------------------------------------------------------------------------


def _check_address(value: Value, place: Place) -> None:
    address = Address.parse(text(value))
    check_party(address.party, place)
    if address.acts_for is not None:
        check_party(address.acts_for, place)


def _address_words(value: Value, place: Place, voice: Voice) -> str:
    address = Address.parse(text(value))
    party, other = voice.party(address.party), address.acts_for
    if other is not None:
        return voice.say("phrases.office-for", party=party, other=voice.party(other), office=address.office)
    return voice.say("phrases.office", party=party, office=address.office)


ADDRESS = Kind(
    _check_address,
    text,
    _parse_text,
    _address_words,
    entries=lambda form, line: ["phrases.office", "phrases.office-for"],
)


# -- a form, by its number ---------------------------------------------------------------------------------------


def _check_form(value: Value, place: Place) -> None:
    if whole(value) not in place.library.numbers:
        raise FormProblem("not_in_list", line=0, given=str(value)[:20])


def _form_words(value: Value, place: Place, voice: Voice) -> str:
    return voice.say(f"forms.{place.library.form(whole(value)).name}.title")


FORM = Kind(
    _check_form,
    lambda value: str(whole(value)),
    lambda code, paragraphs: int(code),
    _form_words,
    values=lambda place: place.library.numbers,
)
