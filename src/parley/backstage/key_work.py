"""What a command does with key files: founding, proposals, shares, rotation, and the signer's word on a release."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parley.backstage.asking import Asking, now
from parley.later import later
from parley.outside.settings import Home, Settings

if TYPE_CHECKING:
    from parley import directory, founding, officers, rotation
    from parley.desk import problems as desk
    from parley.outside.bearers.https import loop
    from parley.outside.keys import files, office_file, signing_client
else:
    directory, founding, officers, rotation = map(later, ("directory", "founding", "officers", "rotation"))
    desk, loop = map(later, ("desk.problems", "outside.bearers.https.loop"))
    files, office_file = map(later, ("outside.keys.files", "outside.keys.office_file"))
    signing_client = later("outside.keys.signing_client")


class KeyWork(Asking):
    """Commands that need key files; most are meant for machines that never serve."""

    def found(self, home: Home, settings: Settings, founder: founding.Founder) -> None:
        """Make a node's folder."""
        loop.run(founding.found(home, settings, founder, now(), cost=self.cost))

    def settings(self, **fields: Any) -> Settings:
        """Settings for a new node; raises PartyProblem."""
        return Settings(**fields)

    def founder(self, officer: str, officer_passphrase: str, archive_passphrase: str) -> founding.Founder:
        """Who is there at the founding."""
        return founding.Founder(officer, officer_passphrase, archive_passphrase)

    def make_root(self, path: Path, party: str, name: str, passphrase: str) -> str:
        """A root key file; returns the key's id."""
        return founding.make_root(path, party, name, passphrase, cost=self.cost).key_id.hex()

    def propose(self, home: Home, roots: Sequence[Path], out: Path, **said: Any) -> None:
        """Write the proposal of our next particulars; without `roots` the present ones sign it."""
        keys = [files.read_root(path).public for path in roots] or None
        current = self._current(home)
        payload = founding.propose(home, founding.Proposal(roots=keys, **said), current, now())
        founding.write_part(out, payload)

    def rotate(
        self,
        home: Home,
        out: Path,
        *,
        offices: Sequence[str],
        node: bool,
        tls: bool,
        officer: str,
        passphrase: Callable[[], str],
        revoke: tuple[int, str] | None = None,
        key_ids: Sequence[str] = (),
        days: int = 365,
    ) -> None:
        """Write a proposal with new keys; the old ones are revoked with `revoke` (since when in ms, reason), if given.

        `key_ids` (hexadecimal) are revoked besides. Raises DeskProblem, KeysProblem, SettingsProblem.
        """
        current = self._ours(home)
        for name in offices:
            if name not in home.settings().offices:
                raise desk.DeskProblem("not_ours", office=name)
        new_offices = {
            name: rotation.prepare_office(home, name, officer, passphrase(), self.cost).public for name in offices
        }
        keys = rotation.prepare_node(home, signing=node, tls=tls) if node or tls else None
        gone = [bytes.fromhex(one) for one in key_ids]
        gone += [key.key_id for name in offices for key in current.office(name).keys]
        gone += [key.key_id for key in current.node_keys] if node else []
        gone += [directory.certificate_id(der) for der in current.tls] if tls else []
        kept = {key.key_id for key in new_offices.values()}
        if keys is not None:
            kept |= {keys.signing.public.key_id, directory.certificate_id(keys.tls_certificate)}
        revoked: tuple[directory.Revocation, ...] = ()
        if revoke is not None:
            revoked = tuple(directory.Revocation(one, *revoke) for one in dict.fromkeys(gone) if one not in kept)
        said = founding.Proposal(keys=keys, office_keys=new_offices, revoked=revoked, days=days)
        founding.write_part(out, founding.propose(home, said, current, now()))

    def _current(self, home: Home) -> Any:
        try:
            return directory.verify_signed(self.call(home, "export_particulars")).particulars
        except Exception as error:
            if getattr(error, "key", "") in ("desk.not_at_hand", "desk.no_particulars"):
                return None
            raise

    def _ours(self, home: Home) -> Any:
        current = self._current(home)
        if current is None:
            raise desk.DeskProblem("no_particulars")
        return current

    def sign_proposal(self, proposal: Path, root: Path, passphrase: str, out: Path) -> None:
        """One root holder's share."""
        founding.write_part(out, founding.sign_proposal(founding.read_part(proposal), root, passphrase))

    def combine(self, proposal: Path, shares: Sequence[Path], out: Path) -> bytes:
        """Signed particulars from a proposal and shares."""
        signed = founding.combine(founding.read_part(proposal), [founding.read_part(path) for path in shares])
        founding.write_part(out, signed)
        return signed

    def release(self, home: Home, office: str, payload: bytes, officer: str, passphrase: str) -> bytes:
        """Have the office's signer sign a note; the passphrase goes to it and nowhere else."""
        return signing_client.OfficeSigner(home.signer_socket(office)).release(payload, officer, passphrase)

    def release_all(
        self, home: Home, office: str, payloads: Sequence[bytes], officer: str, passphrase: str
    ) -> list[bytes]:
        """Have several notes signed: the passphrase is given once, the signer checks a proof over each of them."""
        with signing_client.OfficeSigner(home.signer_socket(office)).session(officer, passphrase) as session:
            return [session.release(payload) for payload in payloads]

    def officers(self, home: Home, office: str) -> list[dict[str, Any]]:
        """Who releases for an office: name, role, forms (None: every one), and whether with the key that waits too."""
        return [
            {"officer": one.name, "role": one.role, "forms": one.forms, "next_key": after}
            for one, after in officers.listed(home, office)
        ]

    def add_officer(
        self, home: Home, office: str, by: tuple[str, str], new: tuple[str, str, Sequence[int]], passphrase: str
    ) -> None:
        """Add `new` (name, role, forms; none: every form); `by`: one who can release, and that one's passphrase."""
        name, role, forms = new
        one = office_file.Officer(name, role, tuple(forms) or None)
        officers.add(home, office, by, one, passphrase, self.cost, os.urandom)

    def check_officer(self, home: Home, office: str, officer: str, passphrase: str) -> None:
        """Whether a passphrase fits, before more is asked; raises KeysProblem."""
        file = office_file.read_office(home.office_key(office))
        file.unwrap(officer, office_file.kek_of(file.wrapping(officer), passphrase))

    def remove_officer(self, home: Home, office: str, by: tuple[str, str], officer: str) -> None:
        """Take an officer out of an office's key file."""
        officers.remove(home, office, by, officer)

    def change_passphrase(self, home: Home, office: str, officer: str, old: str, new: str) -> None:
        """Give an officer another passphrase."""
        officers.change_passphrase(home, office, officer, old, new, self.cost, os.urandom)
