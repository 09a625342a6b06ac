"""A passkey in software: what an authenticator and a browser would say (WebAuthn level 2, 6.1 and 6.3.3)."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from parley.clearance import Assertion

RP_ID, ORIGIN = "desk.almara.example", "https://desk.almara.example"


class SoftKey:
    """One credential; `count` is what the authenticator counts, 0 for one that does not."""

    def __init__(self, count: int = 0) -> None:
        self.credential_id, self.count = os.urandom(32), count
        self._key = ec.generate_private_key(ec.SECP256R1())
        numbers = self._key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        self.public_key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def say(self, challenge: bytes, **changed: object) -> Assertion:
        """What the browser hands over. `changed`: rp_id, origin, type, flags, crossOrigin, to be wrong in one thing."""
        said = {
            "type": changed.get("type", "webauthn.get"),
            "challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "origin": changed.get("origin", ORIGIN),
            "crossOrigin": changed.get("crossOrigin", False),
        }
        client = json.dumps(said).encode()
        rp_id, flags = str(changed.get("rp_id", RP_ID)), int(str(changed.get("flags", 0x05)))  # present and verified
        authenticator = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
        signature = self._key.sign(authenticator + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return Assertion(
            credential_id=self.credential_id, authenticator_data=authenticator, client_data=client, signature=signature
        )
