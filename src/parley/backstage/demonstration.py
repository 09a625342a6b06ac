"""What the demonstration needs besides: nodes founded in one go, and the outsider's bare interpreter."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from parley.backstage.processes import Processes
from parley.backstage.proposing import Proposing
from parley.later import later
from parley.outside.home import Home

if TYPE_CHECKING:
    from parley.outside import settings
    from parley.terms import languages, states
else:
    settings, languages, states = map(later, ("outside.settings", "terms.languages", "terms.states"))


class Demonstration(Proposing, Processes):
    """Two parties on one machine, and what an outsider makes of their archive."""

    def demonstration_node(
        self, folder: Path, party: str, officer: str, language: str, passphrase: str
    ) -> tuple[Home, subprocess.Popen[str]]:
        """Found a node and serve it; returns its folder and process, once it is on the line."""
        home = self.found_for_demonstration(folder, party, officer, language, passphrase)
        return home, self.serve_apart(home, passphrase)

    def found_for_demonstration(
        self,
        folder: Path,
        party: str,
        officer: str,
        language: str,
        passphrase: str,
        mail: str | None = None,
        pages: settings.Desk | None = None,
    ) -> Home:
        """A founded node on a free port of loopback, its particulars signed by two of three roots and adopted; with
        `pages` for its officer."""
        home = Home(folder / party)
        address = f"127.0.0.1:{_free_port()}"
        self.found(
            home,
            self.settings(
                party=party, listen=address, language=language, checkpoint_s=5.0, desk=pages or settings.Desk()
            ),
            self.founder(officer, passphrase, passphrase),
        )
        roots = [folder / f"{party}-root-{number}.key" for number in (1, 2, 3)]
        for number, path in enumerate(roots, 1):
            self.make_root(path, party, f"holder-{number}", passphrase)
        names = {spoken: states.state_name(party, spoken) for spoken in languages.SIX}
        proposal = folder / f"{party}.proposal"
        spoken_here = (language, "en") if language != "en" else ("en",)
        self.propose(home, roots, proposal, threshold=2, names=names, https=address, mail=mail, languages=spoken_here)
        shares = [folder / f"{party}.share-{number}" for number in (1, 2)]
        for path, root in zip(shares, roots, strict=False):
            self.sign_proposal(proposal, root, passphrase, path)
        signed = self.combine(proposal, shares, folder / f"{party}.particulars")
        self.call(home, "adopt", lambda: passphrase, signed=signed, officer=officer)
        return home

    def two_desks(self) -> tuple[settings.Desk, settings.Desk]:
        """Settings for pages at a.localhost, where the story is sent, and b.localhost, where it is received.

        Browsers and curl take such names for this machine (RFC 6761, 6.3). Passkeys belong to a name, sessions to a
        host: so the two desks share neither, though one browser has both open.
        """
        first, second = _desk_ports()
        sides: tuple[tuple[str, int, Literal["sender", "receiver"], str, int], ...] = (
            ("a.localhost", first, "sender", "b.localhost", second),
            ("b.localhost", second, "receiver", "a.localhost", first),
        )
        here, there = (
            settings.Desk(
                listen=f"127.0.0.1:{port}", name=name, most_h=24, idle_min=720,
                tour=settings.Tour(side=side, other=f"http://{other}:{their_port}"),
            )
            for name, port, side, other, their_port in sides
        )  # fmt: skip
        return here, there

    def write_desk_command(self, home: Home, officer: str) -> Path:
        """A file beside the node's folder that is `parley` for this node and officer; returns its path.

        It names the file with the demonstration's passphrase and holds none.
        """
        words = [sys.executable, "-m", "parley", "--home", str(home.path), "--as", officer]
        words += ["--passphrase-file", str(home.path / "passphrase")]
        path = home.path.parent / officer
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', "utf-8")
        path.chmod(0o700)
        return path

    def take_shown_passkey(self, home: Home, office: str, officer: str, passphrase: str, file: bytes) -> None:
        """Take a passkey that an officer made on the pages into the signer's list, and tell the node: what two officers
        do at a real desk, after comparing its digits. Nothing happens if it is there already."""
        path = home.path / f"passkey-{officer}.json"
        path.write_bytes(file)
        self.take_passkey(home, office, [(officer, passphrase)], officer, path)
        self.call(home, "roster_put", office=office, told=self.office_roster(home, office), policy=None)

    def remove(self, folder: Path) -> None:
        """Remove the demonstration's folder."""
        shutil.rmtree(folder, ignore_errors=True)

    def outsider(self, archive: Path, roots: dict[str, str]) -> tuple[int, str]:
        """Run the outsider's script where nothing but the standard library and cryptography can be imported.

        Returns its exit code and what it printed.
        """
        with tempfile.TemporaryDirectory() as bare:
            for module in ("cryptography", "cffi", "_cffi_backend"):
                _borrow(module, Path(bare))
            script = Path(bare) / "verify_archive.py"
            script.write_bytes(outsider_script())
            start = (
                "import runpy, sys; sys.path.append(sys.argv[1]); sys.argv = sys.argv[2:];"
                " runpy.run_path(sys.argv[0], run_name='__main__')"
            )
            arguments = [str(script), str(archive), *(f"--root={party}={found}" for party, found in roots.items())]
            # -I -S: no site-packages, no variables, no folder of ours; what is in `bare` is all there is.
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", start, bare, *arguments],
                capture_output=True, text=True, cwd=bare, env={"LANG": "C.UTF-8"}, check=False,
            )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


def outsider_script() -> bytes:
    """spec/verify_archive.py, from the source tree or from where it was packaged."""
    for folder in (Path(__file__).parents[3] / "spec", Path(__file__).parents[1] / "spec"):
        if (folder / "verify_archive.py").exists():
            return (folder / "verify_archive.py").read_bytes()
    raise SystemExit("parley: spec/verify_archive.py is missing from this installation")


def _borrow(module: str, folder: Path) -> None:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return
    found = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
    (folder / found.name).symlink_to(found)


def _desk_ports() -> tuple[int, int]:
    """Two ports that are easy to remember, or any two where one of those is taken."""
    for first in (8471, 8481, 8491):
        if _is_free(first) and _is_free(first + 1):
            return first, first + 1
    return _free_port(), _free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
