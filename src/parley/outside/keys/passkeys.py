"""Passkeys checked by `webauthn` (py_webauthn): options for the browser, and what the browser brings back.

User verification (a fingerprint, a PIN) is required each time: a passkey alone is a whole sign-in. Attestation is not
asked for: which make of device an officer uses is the ministry's to decide, and not checked here. Every refusal is one
problem; its reason goes nowhere, for it would only help whoever tries. Whether a count has risen is the caller's to
judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from parley.later import library
from parley.outside.keys.problems import KeysProblem

if TYPE_CHECKING:
    import webauthn
    from webauthn.helpers import structs
else:  # with the first passkey: it is a fifth of what a desk needs to start
    webauthn, structs = library("webauthn"), library("webauthn.helpers.structs")

LARGEST_ANSWER = 16 << 10
TIMEOUT_MS = 300_000


class _Response(msgspec.Struct, rename="camel"):
    client_data_json: str = msgspec.field(name="clientDataJSON")


class _Answer(msgspec.Struct):
    id: str
    response: _Response


class _ClientData(msgspec.Struct):
    challenge: str


class WebAuthn:
    """See parley.desk.sign_in.passkeys.Passkeys; raises KeysProblem("passkey_unfit")."""

    def to_make(self, site: str, officer: str, challenge: bytes, known: Sequence[bytes]) -> str:
        """Options for ``navigator.credentials.create``: one that the device keeps, so that no name need be typed."""
        options = webauthn.generate_registration_options(
            rp_id=site,
            rp_name=f"Parley, {site}",
            user_name=officer,
            user_id=sha256(f"parley {site} {officer}".encode()).digest(),
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_described(known),
        )
        return str(webauthn.options_to_json(options))

    def made(self, site: str, origin: str, challenge: bytes, answer: bytes) -> tuple[bytes, bytes, int]:
        """The id, the public key (COSE) and the count of the passkey that was made."""
        with _refusing():
            found = webauthn.verify_registration_response(
                credential=_text(answer),
                expected_challenge=challenge,
                expected_rp_id=site,
                expected_origin=origin,
                require_user_verification=True,
            )
            return found.credential_id, found.credential_public_key, found.sign_count

    def to_show(self, site: str, challenge: bytes, known: Sequence[bytes]) -> str:
        """Options for ``navigator.credentials.get``; without `known` the device offers what it has for this site."""
        options = webauthn.generate_authentication_options(
            rp_id=site,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_described(known),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return str(webauthn.options_to_json(options))

    def unchecked(self, answer: bytes) -> tuple[bytes, bytes]:
        """The id and the challenge that an answer names; neither is believed."""
        with _refusing():
            said = msgspec.json.decode(_text(answer), type=_Answer)
            data = msgspec.json.decode(webauthn.base64url_to_bytes(said.response.client_data_json), type=_ClientData)
            return webauthn.base64url_to_bytes(said.id), webauthn.base64url_to_bytes(data.challenge)

    def shown(self, site: str, origin: str, challenge: bytes, answer: bytes, key: bytes) -> int:
        """The count that came with a good answer."""
        with _refusing():
            found = webauthn.verify_authentication_response(
                credential=_text(answer),
                expected_challenge=challenge,
                expected_rp_id=site,
                expected_origin=origin,
                credential_public_key=key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            return int(found.new_sign_count)


def _described(known: Sequence[bytes]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [structs.PublicKeyCredentialDescriptor(id=one) for one in known]


def _text(answer: bytes) -> str:
    if len(answer) > LARGEST_ANSWER:
        raise KeysProblem("passkey_unfit")
    return answer.decode("utf-8")


@contextmanager
def _refusing() -> Iterator[None]:
    """What the library raises for what a stranger sent is of many kinds, some of them not its own."""
    try:
        yield
    except Exception as error:
        raise KeysProblem("passkey_unfit") from error
