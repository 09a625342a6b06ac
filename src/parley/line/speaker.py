"""The speaker: a node's signed word, inside a parcel, that the parcel is its own (spec/mail.md, part 2).

Over HTTPS the pinned certificate says who speaks. E-mail proves nobody: without this word, what a parcel says beside
its sealed items (`got`, checkpoints) could be anybody's, and a stranger's flood would be charged to no one. The word
covers the whole parcel, names who it is for, and is a non-critical extension: whoever does not know it takes the parcel
as one carried by hand. Leaves out what the parcel says.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.directory import Directory
from parley.directory.rules import TRANSIT
from parley.line.fields import WIRE_VERSION, Fields
from parley.line.parcel import Parcel
from parley.line.problems import LineProblem
from parley.line.receiving import verify_word
from parley.seal import Domain, SigningKey, Value, decode, digest, encode, peek, sign

SPEAKER_KIND: Final = 9
SPEAKER: Final = 1
"""Number of the parcel's extension that holds the signed word."""
LARGEST_SPEAKER: Final = 1024


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """ "This parcel is ours, and for `to`": who says so and in which incarnation, SHA-256 of the parcel without this
    word, ms UTC."""

    issuer: str
    incarnation: bytes
    to: str
    content: bytes
    signed_at: int
    extensions: dict[int, Value] = {}

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed, in the domain PARCEL."""
        fields: dict[int, Value] = {
            1: WIRE_VERSION,
            2: SPEAKER_KIND,
            3: self.issuer,
            4: self.incarnation,
            5: self.to,
            6: self.content,
            7: self.signed_at,
        }
        if self.extensions:
            fields[22] = self.extensions
        return encode(fields)


def read_speaker(payload: bytes) -> Speaker:
    """Parse a payload; raises LineProblem or SealProblem."""
    fields = Fields("speaker", decode(payload, limit=LARGEST_SPEAKER), SPEAKER_KIND)
    fields.nothing_but(*range(1, 8), 21, 22)
    speaker = Speaker(
        issuer=fields.text(3, 16),
        incarnation=fields.octets(4, 16),
        to=fields.text(5, 16),
        content=fields.octets(6, 32),
        signed_at=fields.whole(7),
        extensions=fields.extensions(21, 22),
    )
    fields.same(speaker.to_payload(), payload)
    return speaker


def speak(parcel: Parcel, key: SigningKey, *, issuer: str, incarnation: bytes, to: str, now: int) -> Parcel:
    """`parcel` with the word of the node whose key this is."""
    speaker = Speaker(issuer=issuer, incarnation=incarnation, to=to, content=_content(parcel), signed_at=now)
    signed = sign(speaker.to_payload(), [key], Domain.PARCEL)
    return msgspec.structs.replace(parcel, extensions={**parcel.extensions, SPEAKER: signed})


def judge_speaker(parcel: Parcel, *, directory: Directory, us: str, now: int, transit: int = TRANSIT) -> Speaker:
    """Who speaks; raises LineProblem, SealProblem or DirectoryProblem.

    1. There is such a word, of this shape.
    2. Its issuer is accepted here and not we; both signatures of a node key that counted at signing.
    3. It is for us.
    4. It is about this very parcel.
    """
    signed = parcel.extensions.get(SPEAKER)
    if not isinstance(signed, bytes):  # 1
        raise LineProblem("no_speaker")
    speaker = read_speaker(peek(signed).payload)
    verify_word(
        signed,
        speaker.issuer,
        speaker.signed_at,
        Domain.PARCEL,
        directory=directory,
        us=us,
        now=now,
        transit=transit,
    )  # 2
    if speaker.to != us:  # 3
        raise LineProblem("parcel_to_another", to=speaker.to, us=us)
    if speaker.content != _content(parcel):  # 4
        raise LineProblem("other_parcel", party=speaker.issuer)
    return speaker


def _content(parcel: Parcel) -> bytes:
    rest = {number: value for number, value in parcel.extensions.items() if number != SPEAKER}
    return digest(msgspec.structs.replace(parcel, extensions=rest).to_bytes())
