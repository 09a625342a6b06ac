"""The node's way to a signer, for proofs that may pass through a node: a passkey's assertion, a code by telephone.

No passphrase goes this way. The node carries; the signer checks and judges.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from parley.clearance import Challenge, Proof, Role, Verdict, Word
from parley.outside.keys.signing_client import OfficeSigner


class SignerDoor:
    """The signer behind one socket; every call in a thread of its own. Raises KeysProblem, ClearanceProblem."""

    def __init__(self, path: Path) -> None:
        self._signer = OfficeSigner(path)

    async def release(self, payload: bytes, officer: str, proof: Proof, reason: str) -> tuple[bytes, Verdict]:
        """The signed note, and by what right."""
        made = await asyncio.to_thread(self._signer.release_by, payload, officer, proof, reason)
        return made.signed, made.verdict

    async def say(self, payload: bytes, officer: str, role: Role, proof: Proof) -> Word:
        """An officer's word for a note."""
        return await asyncio.to_thread(self._signer.say_by, payload, officer, role, proof)

    async def number(self, payload: bytes) -> Challenge:
        """A number to be read out."""
        return await asyncio.to_thread(self._signer.number, payload)

    async def release_run(
        self, payloads: Sequence[bytes], officer: str, proof: Proof, reason: str
    ) -> list[tuple[bytes, Verdict]]:
        """The signed notes of a drill's run, in their order, and by what right each; all or none."""
        made = await asyncio.to_thread(self._signer.release_run_by, payloads, officer, proof, reason)
        return [(one.signed, one.verdict) for one in made]

    async def say_run(self, payloads: Sequence[bytes], officer: str, role: Role, proof: Proof) -> Word:
        """An officer's word for every note of a run."""
        return await asyncio.to_thread(self._signer.say_run_by, payloads, officer, role, proof)
