"""A passkey's assertion, checked by the signer against the credential that two officers took into its file.

The checks of WebAuthn level 2, 7.2, by the `webauthn` package, with what the desk adds: the challenge is what is to be
said (the note's digest), the user was verified and not only present, the page was not inside another site's frame, and
a counter that an authenticator keeps never goes back. Left out: registration, which is the desk's page's.
"""

from __future__ import annotations

from threading import Lock

import msgspec

from parley.clearance import Assertion, Officer, Passkey
from parley.outside.keys.problems import KeysProblem


class _ClientData(msgspec.Struct, frozen=True):
    """Of the browser's words only this is read here; the package reads the rest."""

    type: str
    crossOrigin: bool = False


class Counters:
    """The highest counter seen of each passkey since the signer started; most passkeys say 0 always."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}
        self._lock = Lock()

    def last(self, credential_id: bytes) -> int:
        """The highest so far."""
        with self._lock:
            return self._seen.get(credential_id, 0)

    def saw(self, credential_id: bytes, count: int) -> None:
        """Remember `count`."""
        with self._lock:
            self._seen[credential_id] = max(count, self._seen.get(credential_id, 0))


def check_assertion(officer: Officer, given: Assertion, challenge: bytes, counters: Counters) -> None:
    """Raise KeysProblem ``wrong_passkey`` unless one of the officer's passkeys signed this very challenge."""
    passkey = next((one for one in officer.passkeys if one.credential_id == given.credential_id), None)
    if passkey is None:
        raise KeysProblem("wrong_passkey", officer=officer.name)
    try:
        said = msgspec.json.decode(given.client_data, type=_ClientData)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise KeysProblem("wrong_passkey", officer=officer.name) from None
    if said.type != "webauthn.get" or said.crossOrigin:
        raise KeysProblem("wrong_passkey", officer=officer.name)
    counters.saw(passkey.credential_id, _verified(officer.name, passkey, given, challenge, counters))


def _verified(officer: str, passkey: Passkey, given: Assertion, challenge: bytes, counters: Counters) -> int:
    """The authenticator's counter, if all holds."""
    import webauthn  # only a desk that uses passkeys waits for this, and only once
    from webauthn.helpers import structs
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = webauthn.verify_authentication_response(
            credential=structs.AuthenticationCredential(
                id=webauthn.helpers.bytes_to_base64url(given.credential_id),
                raw_id=given.credential_id,
                response=structs.AuthenticatorAssertionResponse(
                    client_data_json=given.client_data,
                    authenticator_data=given.authenticator_data,
                    signature=given.signature,
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=passkey.rp_id,
            expected_origin=passkey.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=counters.last(passkey.credential_id),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):  # bytes may say anything
        raise KeysProblem("wrong_passkey", officer=officer) from None
    return verified.new_sign_count
