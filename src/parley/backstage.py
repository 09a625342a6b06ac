"""Backstage: what the command line needs beside verbs: folders, key files, signers, serving."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from parley import founding, wiring
from parley.directory import verify_signed
from parley.doors.local import LocalClient
from parley.doors.verbs import Verbs
from parley.journal import verify_archive
from parley.outside.bearers.by_hand import read_parcel, write_parcel
from parley.outside.bearers.https.loop import run
from parley.outside.keys.files import read_root
from parley.outside.keys.signing_client import OfficeSigner
from parley.outside.settings import Home, Settings
from parley.seal import CHEAP_FOR_TESTS, STRONG
from parley.terms.instant import Meaning, parse_iso
from parley.terms.languages import SIX
from parley.terms.states import state_name


def _now() -> int:
    return time.time_ns() // 1_000_000


class Backstage:
    """Everything local that a command may do. `cheap`: a low passphrase cost, for tests and the demonstration."""

    def __init__(self, *, cheap: bool = False) -> None:
        self.cost = CHEAP_FOR_TESTS if cheap or os.environ.get("PARLEY_CHEAP_PASSPHRASES") == "tests" else STRONG

    def home(self, path: Path) -> Home:
        """The folder of a node."""
        return Home(path)

    def call(self, home: Home, verb: str, passphrase: Callable[[], str] | None = None, **args: Any) -> Any:
        """One verb: through the running node, else in this process under the store's lock.

        `passphrase` is asked only when no node runs and the verb needs the archive open.
        """
        try:
            client = LocalClient(home.socket)
        except OSError:
            return run(self._alone(home, verb, passphrase, args))
        try:
            return client.call(verb, **args)
        finally:
            client.close()

    async def _alone(self, home: Home, verb: str, passphrase: Callable[[], str] | None, args: dict[str, Any]) -> Any:
        async with wiring.open_node(home) as node:
            unlocker = wiring.Unlocker(home, node)
            if passphrase is not None:
                await unlocker(passphrase())
            return await Verbs(node, unlocker).dispatch(verb, args)

    def found(self, home: Home, settings: Settings, founder: founding.Founder) -> None:
        """Make a node's folder."""
        run(founding.found(home, settings, founder, _now(), cost=self.cost))

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
        """Write the proposal of our next particulars."""
        keys = [read_root(path).public for path in roots]
        current = self._current(home)
        payload = founding.propose(home, founding.Proposal(roots=keys, **said), current, _now())
        founding.write_part(out, payload)

    def _current(self, home: Home) -> Any:
        try:
            return verify_signed(self.call(home, "export_particulars")).particulars
        except Exception as error:  # noqa: BLE001 - a socket brings problems as RemoteProblem, this process as Problem
            if getattr(error, "key", "") in ("directory.not_accepted", "desk.no_particulars"):
                return None
            raise

    def sign_proposal(self, proposal: Path, root: Path, passphrase: str, out: Path) -> None:
        """One root holder's share."""
        founding.write_part(out, founding.sign_proposal(founding.read_part(proposal), root, passphrase))

    def combine(self, proposal: Path, shares: Sequence[Path], out: Path) -> bytes:
        """Signed particulars from a proposal and shares."""
        signed = founding.combine(founding.read_part(proposal), [founding.read_part(path) for path in shares])
        founding.write_part(out, signed)
        return signed

    def read(self, path: Path) -> bytes:
        """A small file, with a Problem when it cannot be read."""
        return founding.read_part(path, 64 << 20)

    def write(self, path: Path, data: bytes) -> None:
        """A small file, with a Problem when it cannot be written."""
        founding.write_part(path, data)

    def write_parcel(self, path: Path, data: bytes) -> None:
        """A parcel to carry by hand."""
        write_parcel(path, data)

    def read_parcel(self, path: Path) -> bytes:
        """A parcel that was carried."""
        return read_parcel(path, 16 << 20)

    def release(self, home: Home, office: str, payload: bytes, officer: str, passphrase: str) -> bytes:
        """Have the office's signer sign a note; the passphrase goes to it and nowhere else."""
        return OfficeSigner(home.signer_socket(office)).release(payload, officer, passphrase)

    def start_signer(self, home: Home, office: str) -> subprocess.Popen[bytes]:
        """The signer of an office as a process of its own."""
        command = [sys.executable, "-m", "parley.outside.keys.signer", "--office-file", str(home.office_key(office))]
        command += ["--socket", str(home.signer_socket(office)), "--audit-file", str(home.signer_audit(office))]
        return subprocess.Popen(command)

    def serve(self, home: Home, passphrase: str | None, ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until stopped."""
        run(wiring.serve(home, passphrase=passphrase, ready=ready))

    def instant(self, text: str) -> int:
        """``+2h``, ``+30m`` from now, or a UTC instant in ISO form, as ms."""
        if text.startswith("+") and text[1:-1].isdigit() and text[-1] in "mh":
            return _now() + int(text[1:-1]) * (60_000 if text[-1] == "m" else 3_600_000)
        return parse_iso(text, Meaning.HOPED_FOR).ms

    def verify_archive(self, path: Path, roots: dict[str, str]) -> dict[str, Any]:
        """Verify an archive file against root digests from ceremonies; raises JournalProblem."""
        report = verify_archive(founding.read_part(path, 64 << 20), {p: bytes.fromhex(d) for p, d in roots.items()})
        return {"links": [str(link) for link in report.links], "verified": True}

    # -- the demonstration

    def for_demonstration(self) -> Backstage:
        """The same with a low passphrase cost: the keys live for a minute."""
        return Backstage(cheap=True)

    def demonstration_node(
        self, folder: Path, party: str, officer: str, language: str, passphrase: str
    ) -> tuple[Home, Any]:
        """Found a node with three roots, sign its particulars, serve it; returns its folder and process."""
        home = Home(folder / party)
        address = f"127.0.0.1:{_free_port()}"
        self.found(
            home,
            self.settings(party=party, listen=address, language=language, checkpoint_s=5.0),
            self.founder(officer, passphrase, passphrase),
        )
        roots = [folder / f"{party}-root-{number}.key" for number in (1, 2, 3)]
        for number, path in enumerate(roots, 1):
            self.make_root(path, party, f"holder-{number}", passphrase)
        names = {spoken: state_name(party, spoken) for spoken in SIX}
        proposal = folder / f"{party}.proposal"
        self.propose(
            home,
            roots,
            proposal,
            threshold=2,
            names=names,
            https=address,
            languages=(language, "en") if language != "en" else ("en",),
        )
        shares = [folder / f"{party}.share-{number}" for number in (1, 2)]
        for path, root in zip(shares, roots, strict=False):
            self.sign_proposal(proposal, root, passphrase, path)
        signed = self.combine(proposal, shares, folder / f"{party}.particulars")
        self.call(home, "adopt", lambda: passphrase, signed=signed, officer=officer)
        return home, self.serve_apart(home, passphrase)

    def serve_apart(self, home: Home, passphrase: str) -> subprocess.Popen[str]:
        """Serve a founded node as a process of its own; returns when it is on the line."""
        secret = home.path / "passphrase"
        founding.write_part(secret, passphrase.encode())
        secret.chmod(0o600)
        command = [
            sys.executable,
            "-m",
            "parley",
            "--home",
            str(home.path),
            "--json",
            "--passphrase-file",
            str(secret),
            "serve",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        if not process.stdout.readline():
            process.wait()
            raise SystemExit(f"parley demo: the node of {home.path.name} did not start")
        for office in home.settings().offices:
            _await_path(home.signer_socket(office))
        return process

    def end(self, process: subprocess.Popen[str]) -> None:
        """Stop a served node and wait for it."""
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()

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
    for folder in (Path(__file__).parents[2] / "spec", Path(__file__).parent / "spec"):
        if (folder / "verify_archive.py").exists():
            return (folder / "verify_archive.py").read_bytes()
    raise SystemExit("parley: spec/verify_archive.py is missing from this installation")


def _borrow(module: str, folder: Path) -> None:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return
    found = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
    (folder / found.name).symlink_to(found)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_path(path: Path, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > ends:
            raise SystemExit(f"parley demo: {path.name} did not appear")
        time.sleep(0.01)
