"""What a command does with key files: founding, proposals, shares, rotation, and the signer's word on a release."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from parley.backstage.asking import Asking, now
from parley.later import later
from parley.outside.home import Home

if TYPE_CHECKING:
    from parley import clearance, directory, founding, officers, rotation
    from parley.desk import problems as desk
    from parley.outside import loop
    from parley.outside import settings as settled
    from parley.outside.keys import files, office_file, signing_client, telephone
else:
    directory, founding, officers, rotation = map(later, ("directory", "founding", "officers", "rotation"))
    clearance, telephone = map(later, ("clearance", "outside.keys.telephone"))
    desk, loop = map(later, ("desk.problems", "outside.loop"))
    files, office_file = map(later, ("outside.keys.files", "outside.keys.office_file"))
    signing_client, settled = later("outside.keys.signing_client"), later("outside.settings")


class KeyWork(Asking):
    """Commands that need key files; most are meant for machines that never serve."""

    def found(self, home: Home, settings: settled.Settings, founder: founding.Founder) -> None:
        """Make a node's folder."""
        loop.run(founding.found(home, settings, founder, now(), cost=self.cost))

    def settings(self, **fields: Any) -> settled.Settings:
        """Settings for a new node; raises PartyProblem."""
        return settled.Settings(**fields)

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

    def release(
        self, home: Home, office: str, payload: bytes, officer: str, passphrase: str, reason: str = ""
    ) -> dict[str, Any]:
        """Have the office's signer sign a note; the passphrase goes to it and nowhere else.

        Returns {"signed": bytes, "verdict": by what right, as plain values}.
        """
        with signing_client.OfficeSigner(home.signer_socket(office)).session(officer, passphrase, reason) as session:
            return _plain(session.released(payload))

    def release_by_code(
        self, home: Home, office: str, payload: bytes, officer: str, code: str, reason: str = ""
    ) -> dict[str, Any]:
        """The same with the code that a releaser read out by telephone."""
        signer = signing_client.OfficeSigner(home.signer_socket(office))
        return _plain(signer.release_by(payload, officer, clearance.Code(code), reason))

    def release_all(
        self,
        home: Home,
        office: str,
        payloads: Sequence[bytes],
        officer: str,
        passphrase: str,
        reason: str = "",
    ) -> list[bytes]:
        """Have several notes signed: the passphrase is given once, the signer checks a proof over each of them."""
        with signing_client.OfficeSigner(home.signer_socket(office)).session(officer, passphrase, reason) as session:
            return [session.release(payload) for payload in payloads]

    def say_word(self, home: Home, office: str, payload: bytes, officer: str, passphrase: str, role: str) -> Any:
        """Give the signer an officer's word for a note in a role; returns it as plain values."""
        with signing_client.OfficeSigner(home.signer_socket(office)).session(officer, passphrase) as session:
            return msgspec.to_builtins(session.say(payload, clearance.Role(role)))

    def say_word_by_code(self, home: Home, office: str, payload: bytes, officer: str, code: str, role: str) -> Any:
        """The same with a code read out by telephone."""
        signer = signing_client.OfficeSigner(home.signer_socket(office))
        return msgspec.to_builtins(signer.say_by(payload, officer, clearance.Role(role), clearance.Code(code)))

    def telephone_number(self, home: Home, office: str, payload: bytes) -> dict[str, Any]:
        """A number to be read out to a releaser, drawn by the signer for this very note."""
        drawn = signing_client.OfficeSigner(home.signer_socket(office)).number(payload)
        return {"number": drawn.number, "seconds": drawn.seconds}

    def telephone_code(self, file: Path, passphrase: str, number: str, role: str = "") -> str:
        """The code that answers a number, from the releaser's own file; no network and no node is needed."""
        key = telephone.read_telephone_key(file, passphrase)
        what = telephone.purpose(clearance.Role(role) if role else None)
        return clearance.grouped(telephone.code_of(key, what, number))

    def open_signer(self, home: Home, office: str, officer: str, passphrase: str, seconds: int) -> None:
        """Leave the office key open for passkeys and telephone codes."""
        with signing_client.OfficeSigner(home.signer_socket(office)).session(officer, passphrase) as session:
            session.open(seconds)

    def shut_signer(self, home: Home, office: str) -> None:
        """Close it to them."""
        signing_client.OfficeSigner(home.signer_socket(office)).shut()

    def signer_state(self, home: Home, office: str) -> dict[str, Any]:
        """Who opened the key, and for how many seconds yet; empty and 0 if nobody."""
        found = signing_client.OfficeSigner(home.signer_socket(office)).state()
        return {"opened_by": found.officer if found else "", "seconds": found.seconds if found else 0}

    # -- officers and their roles

    def officers(self, home: Home, office: str) -> list[dict[str, Any]]:
        """Who is at an office: name, post, forms that may be released (None: every one), roles held now, and whether
        with the key that waits too."""
        able = {one.name: (one, after) for one, after in officers.listed(home, office)}
        roster, at = officers.authority(home, office).roster, now()
        found = []
        for one in roster.officers:
            opens, after = able.get(one.name, (None, True))
            held = () if roster.is_lone else roster.held(one.name, at)
            found.append(
                {
                    "officer": one.name,
                    "role": one.post,
                    "forms": opens.forms if opens else None,
                    "next_key": after,
                    "releases": opens is not None and roster.may_hold(one.name, clearance.Role.RELEASER, at),
                    "roles": [msgspec.to_builtins(grant) for grant in held],
                    "passkeys": [clearance.passkey_digits(key) for key in one.passkeys],
                }
            )
        return found

    def office_roster(self, home: Home, office: str) -> Any:
        """The roster of an office as plain values, for the node's own record."""
        return msgspec.to_builtins(officers.authority(home, office).roster)

    def office_policy(self, home: Home, office: str) -> Any:
        """The release policy in force, as plain values."""
        return msgspec.to_builtins(officers.authority(home, office).policy)

    def own_policy(self, home: Home, office: str) -> Any:
        """The ministry's own policy as plain values, None where it has none."""
        found = officers.authority(home, office).officers
        return msgspec.to_builtins(found.body.policy) if found is not None else None

    def add_officer(
        self,
        home: Home,
        office: str,
        by: Sequence[tuple[str, str]],
        new: tuple[str, str, Sequence[int]],
        passphrase: str,
    ) -> None:
        """Add `new` (name, post, forms; none: every form); `by`: those who act, and their passphrases."""
        name, role, forms = new
        one = office_file.Officer(name, role, tuple(forms) or None)
        officers.add(home, office, by, one, passphrase, self.cost, os.urandom, now())

    def grant_roles(
        self,
        home: Home,
        office: str,
        by: Sequence[tuple[str, str]],
        officer: tuple[str, str],
        roles: Sequence[str],
        passphrase: Callable[[], str],
        *,
        anew: bool = False,
        since: int | None = None,
        until: int | None = None,
        acting_for: str = "",
        forms: Sequence[int] = (),
        cases: Sequence[str] = (),
    ) -> None:
        """Give an officer (name, post) roles; raises KeysProblem, ClearanceProblem.

        `passphrase` is asked for only where the signer needs a new one, or with `anew`.
        """
        name, post = officer
        grants = [
            clearance.Grant(
                officer=name,
                role=clearance.Role(role),
                since=since or now(),
                until=until,
                acting_for=acting_for,
                forms=(tuple(forms) or None) if role == clearance.Role.RELEASER else None,
                cases=tuple(cases) or None,
            )
            for role in roles
        ]
        given = passphrase() if anew or officers.needs_passphrase(home, office, name, roles) else None
        officers.grant(home, office, by, (name, post), grants, given, self.cost, os.urandom, now())

    def revoke_roles(self, home: Home, office: str, by: tuple[str, str], officer: str, roles: Sequence[str]) -> None:
        """Take roles away."""
        officers.revoke(home, office, by, officer, [clearance.Role(role) for role in roles], now())

    def clear_ahead(self, home: Home, office: str, by: tuple[str, str], fields: dict[str, Any]) -> None:
        """What a director clears ahead; raises KeysProblem, ClearanceProblem."""
        officers.clear_ahead(home, office, by, clearance.Ahead(**fields, by=by[0]), now())

    def drop_ahead(self, home: Home, office: str, by: tuple[str, str], name: str) -> None:
        """Take it back."""
        officers.drop_ahead(home, office, by, name)

    def set_policy(self, home: Home, office: str, by: Sequence[tuple[str, str]], file: Path | None) -> None:
        """The ministry's own policy from a file, or (None) the one that Parley ships with."""
        policy = clearance.read_policy(founding.read_part(file).decode("utf-8", "replace")) if file else None
        officers.set_policy(home, office, by, policy, now())

    def take_passkey(self, home: Home, office: str, by: Sequence[tuple[str, str]], officer: str, file: Path) -> str:
        """Take in a passkey; returns its twenty digits."""
        given = clearance.read_passkey_file(founding.read_part(file))
        officers.take_passkey(home, office, by, officer, given, now())
        return clearance.passkey_digits(given)

    def passkey_digits(self, file: Path) -> str:
        """The twenty digits of a passkey in a file, for comparing; raises ClearanceProblem."""
        return clearance.passkey_digits(clearance.read_passkey_file(founding.read_part(file)))

    def now(self) -> int:
        """The time of this computer, in ms."""
        return now()

    def make_telephone_key(
        self, home: Home, office: str, by: Sequence[tuple[str, str]], officer: str, out: Path, passphrase: str
    ) -> None:
        """A key for telephone codes in a file of the officer's own."""
        officers.make_telephone_key(home, office, by, officer, out, passphrase, self.cost, os.urandom, now())

    def check_officer(self, home: Home, office: str, officer: str, passphrase: str) -> None:
        """Whether a passphrase fits, before more is asked; raises KeysProblem."""
        officers.check_passphrase(home, office, officer, passphrase)

    def remove_officer(self, home: Home, office: str, by: tuple[str, str], officer: str) -> None:
        """Take an officer out of an office's files."""
        officers.remove(home, office, by, officer)

    def change_passphrase(self, home: Home, office: str, officer: str, old: str, new: str) -> None:
        """Give an officer another passphrase."""
        officers.change_passphrase(home, office, officer, old, new, self.cost, os.urandom)


def _plain(released: signing_client.Released) -> dict[str, Any]:
    return {"signed": released.signed, "verdict": msgspec.to_builtins(released.verdict)}
