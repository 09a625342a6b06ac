"""Kinds of things: counted quantities, technical identifiers, references, attachments, digests, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network

from parley.forms.form import Form, Line
from parley.forms.kinds.base import Kind, Place, items, listed, text, whole
from parley.forms.problems import FormProblem
from parley.forms.sheet import Value
from parley.forms.voice import Voice
from parley.terms.quantity import INT64, UNITS, Quantity
from parley.terms.text import shown

# -- a quantity: what was counted, and how many ------------------------------------------------------------------

_QUANTITY = re.compile(r"(\S+) (-?[0-9]+)(?:e(-?[0-9]+))? (\S+)", re.ASCII)


def _quantity(value: Value) -> tuple[str, Quantity]:
    what, amount = items(value, 2)
    return text(what), Quantity.from_coded(amount)


def _check_quantity(value: Value, place: Place) -> None:
    what, amount = _quantity(value)
    listed(what, place.codes)
    if amount.value < 0:  # what these lines count is never less than none
        raise FormProblem("range", line=0, low=0, high=INT64)


def _quantity_code(value: Value) -> str:
    what, amount = _quantity(value)
    power = f"e{amount.exponent}" if amount.exponent else ""
    return f"{what} {amount.value}{power} {amount.unit}"


def _parse_quantity(code: str, paragraphs: tuple[str, ...]) -> Value:
    match = _QUANTITY.fullmatch(code)
    if match is None:
        raise ValueError(code)
    what, number, power, unit = match.groups()
    return [what, Quantity(int(number), int(power or 0), unit).to_coded()]


def _quantity_words(value: Value, place: Place, voice: Voice) -> str:
    what, amount = _quantity(value)
    counted = voice.say(f"codes.{place.line.list}.{what}")
    return voice.say("phrases.quantity", what=counted, amount=voice.quantity(amount))


def _quantity_entries(form: Form, line: Line) -> Iterable[str]:
    yield from (f"codes.{line.list}.{code}" for code in form.codes(line))
    yield from (f"units.{unit}" for unit in UNITS)
    yield "phrases.quantity"


QUANTITY = Kind(
    _check_quantity, _quantity_code, _parse_quantity, _quantity_words, entries=_quantity_entries, needs_list=True
)


# -- a technical identifier, in its usual spelling and no other ----------------------------------------------------


def _is_ipv4(given: str) -> bool:
    try:
        return str(IPv4Network(given)) == given
    except ValueError:
        return False


def _is_ipv6(given: str) -> bool:
    # An IPv4 address in an IPv6 one is written as IPv4: Python's spelling of it changed between versions, and two
    # nodes must take the same ones.
    try:
        network = IPv6Network(given)
    except ValueError:
        return False
    return str(network) == given and network.network_address.ipv4_mapped is None


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda given: compiled.fullmatch(given) is not None


def _is_as_number(given: str) -> bool:
    # RFC 6793: four octets; 0 is reserved by RFC 7607.
    return bool(re.fullmatch(r"[1-9][0-9]{0,9}", given, re.ASCII)) and int(given) < 2**32


def _is_port(given: str) -> bool:
    return bool(re.fullmatch(r"(tcp|udp)/[1-9][0-9]{0,4}", given, re.ASCII)) and int(given[4:]) < 2**16


_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"

IDENTIFIERS: dict[str, Callable[[str], bool]] = {
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "as": _is_as_number,
    # Letters, digits, hyphens as on the wire (RFC 5890 A-labels); an internationalised name is written xn--.
    "domain": _matches(rf"(?=.{{4,253}}$)(?:{_LABEL}\.)+(?=.*[a-z]){_LABEL}"),
    "port": _is_port,
    "sha-256": _matches(r"[0-9a-f]{64}"),
    "cve": _matches(r"CVE-(19|20)[0-9]{2}-[0-9]{4,19}"),
}
"""Sort of identifier -> whether a spelling is the one that is taken."""

REFERENCES: dict[str, Callable[[str], bool]] = dict.fromkeys(
    ("document", "note", "case", "web"), _matches(r"(?=.{1,200}$)[!-Z^-~\\]+( [!-Z^-~\\]+)*")
)
"""Sort of reference -> whether a spelling is taken: printable ASCII without square brackets."""


def _sorted_thing(sorts: dict[str, Callable[[str], bool]], name: str) -> Kind:
    """The kind of values ``[sort, spelling]``, whose sorts are named in the catalogue under ``codes.<name>``."""

    def check(value: Value, place: Place) -> None:
        sort, given = (text(item) for item in items(value, 2))
        listed(sort, sorts)
        if len(given) > 300 or not sorts[sort](given):
            raise FormProblem("identifier", line=0, given=shown(given), sort=sort)

    def parse(code: str, paragraphs: tuple[str, ...]) -> Value:
        sort, _, given = code.partition(" ")
        return [sort, given]

    def words(value: Value, place: Place, voice: Voice) -> str:
        return voice.say(f"codes.{name}.{text(items(value, 2)[0])}")

    return Kind(
        check,
        lambda value: " ".join(text(item) for item in items(value, 2)),
        parse,
        words,
        entries=lambda form, line: [f"codes.{name}.{sort}" for sort in sorts],
    )


IDENTIFIER = _sorted_thing(IDENTIFIERS, "identifier")
REFERENCE = _sorted_thing(REFERENCES, "reference")


# -- an attachment: digest, size, media type -----------------------------------------------------------------------

_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)
"""RFC 6838, 4.2, small letters, no parameters."""


def _digest(value: Value) -> bytes:
    if not isinstance(value, bytes) or len(value) != 32:
        raise FormProblem("shape", line=0)
    return value


def _attachment(value: Value) -> tuple[bytes, int, str]:
    digest, size, media = items(value, 3)
    return _digest(digest), whole(size), text(media)


def _check_attachment(value: Value, place: Place) -> None:
    _, size, media = _attachment(value)
    if not 0 <= size <= INT64:
        raise FormProblem("range", line=0, low=0, high=INT64)
    if not _MEDIA.fullmatch(media):
        raise FormProblem("identifier", line=0, given=shown(media), sort="media type")


def _attachment_code(value: Value) -> str:
    digest, size, media = _attachment(value)
    return f"{media} {size} {digest.hex()}"


def _parse_attachment(code: str, paragraphs: tuple[str, ...]) -> Value:
    media, size, digest = code.split(" ")
    return [_unhex(digest), int(size), media]


def _attachment_words(value: Value, place: Place, voice: Voice) -> str:
    return voice.say("phrases.attachment", size=voice.plural("units.byte", Decimal(_attachment(value)[1])))


ATTACHMENT = Kind(
    _check_attachment,
    _attachment_code,
    _parse_attachment,
    _attachment_words,
    entries=lambda form, line: ["phrases.attachment", "units.byte"],
)


# -- the id of a note ----------------------------------------------------------------------------------------------


def _check_digest(value: Value, place: Place) -> None:
    _digest(value)


def _unhex(code: str) -> bytes:
    digest = bytes.fromhex(code)
    if digest.hex() != code or len(digest) != 32:
        raise ValueError(code)
    return digest


DIGEST = Kind(
    _check_digest,
    lambda value: _digest(value).hex(),
    lambda code, paragraphs: _unhex(code),
    lambda value, place, voice: voice.say("phrases.note", short=_digest(value).hex()[:8]),
    entries=lambda form, line: ["phrases.note"],
)


# -- a telephone number --------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""ITU-T E.164 with the plus sign."""


def _check_telephone(value: Value, place: Place) -> None:
    if not _NUMBER.fullmatch(text(value)):
        raise FormProblem("identifier", line=0, given=shown(text(value)), sort="telephone number")


TELEPHONE = Kind(
    _check_telephone,
    text,
    lambda code, paragraphs: code,
    lambda value, place, voice: voice.say("phrases.telephone"),
    entries=lambda form, line: ["phrases.telephone"],
)
