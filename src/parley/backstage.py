"""Backstage: what the command line needs beside verbs: folders, key files, signers, serving."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from parley.doors.local import LocalClient
from parley.doors.problems import DoorProblem
from parley.later import later
from parley.outside.settings import Home, Settings, read_secrets
from parley.proposing import Proposing

if TYPE_CHECKING:
    from parley import checkup, directory, founding, journal, restoring, rotation, seal, wiring
    from parley.desk import doctor
    from parley.desk import problems as desk
    from parley.doors import verbs
    from parley.outside import durable
    from parley.outside.bearers import by_hand, carried
    from parley.outside.bearers.https import loop
    from parley.outside.keys import files, signing_client
    from parley.outside.store import problems as store
    from parley.terms import instant, languages, states
else:
    # A command that only asks the running node needs none of these: imported when first used, it starts twice as fast.
    checkup, directory, founding, journal = map(later, ("checkup", "directory", "founding", "journal"))
    restoring, rotation, seal, wiring = map(later, ("restoring", "rotation", "seal", "wiring"))
    doctor, desk, verbs = map(later, ("desk.doctor", "desk.problems", "doors.verbs"))
    durable, by_hand, loop = map(later, ("outside.durable", "outside.bearers.by_hand", "outside.bearers.https.loop"))
    carried = later("outside.bearers.carried")
    files, signing_client = map(later, ("outside.keys.files", "outside.keys.signing_client"))
    store = later("outside.store.problems")
    instant, languages, states = map(later, ("terms.instant", "terms.languages", "terms.states"))

PATIENCE_S = 5.0  # how long a command waits for another that holds the store
STOPPING_S = 20.0


def _now() -> int:
    return time.time_ns() // 1_000_000


class Backstage(Proposing):
    """Everything local that a command may do. `cheap`: a low passphrase cost, for tests and the demonstration."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._cheap = cheap or os.environ.get("PARLEY_CHEAP_PASSPHRASES") == "tests"

    @property
    def cost(self) -> seal.PassphraseCost:
        """What making a key from a passphrase costs."""
        return seal.CHEAP_FOR_TESTS if self._cheap else seal.STRONG

    def home(self, path: Path) -> Home:
        """The folder of a node."""
        return Home(path)

    def call(self, home: Home, verb: str, passphrase: Callable[[], str] | None = None, **args: Any) -> Any:
        """One verb: through the running node, else in this process under the store's lock.

        `passphrase` is asked only when no node runs and the verb needs the archive open. Two commands at once take
        turns: the second waits a little for the first.
        """
        ends = time.monotonic() + PATIENCE_S
        while True:
            client = _connected(home)
            if client is not None:
                return _ask(client, verb, args)
            home.settings()
            given = None if passphrase is None else passphrase()  # asked before the store is locked
            try:
                with redirect_stdout(sys.stderr):  # results alone go to standard output, never a warning
                    return loop.run(self._alone(home, verb, given, args))
            except store.StoreProblem as problem:
                if problem.key in ("store.stopped", "store.unreadable") and _full(home.path):
                    raise DoorProblem("no_space", what=str(home.path)) from None
                if problem.key != "store.in_use" or time.monotonic() > ends:
                    raise
            time.sleep(0.05)

    def call_running(self, home: Home, verb: str, **args: Any) -> Any:
        """One verb of the running node; raises DoorProblem("not_running")."""
        client = _connected(home)
        if client is None:
            raise DoorProblem("not_running", home=str(home.path))
        return _ask(client, verb, args)

    def running(self, home: Home) -> bool:
        """Whether a node serves this folder."""
        client = _connected(home)
        if client is not None:
            client.close()
        return client is not None

    async def _alone(self, home: Home, verb: str, passphrase: str | None, args: dict[str, Any]) -> Any:
        async with wiring.open_node(home) as node:
            unlocker = wiring.Unlocker(home, node)
            if passphrase is not None:
                await unlocker(passphrase)
            return await verbs.Verbs(node, unlocker, keys=wiring.NextKeys(home, node)).dispatch(verb, args)

    def stop(self, home: Home) -> None:
        """End the running node and wait until its store is free; raises DoorProblem("not_running")."""
        self.call_running(home, "stop")
        ends = time.monotonic() + STOPPING_S
        while self.running(home) and time.monotonic() < ends:
            time.sleep(0.02)

    def read_secrets(self, path: Path) -> list[str]:
        """The passphrases in a file that only its owner can read; raises SettingsProblem."""
        return read_secrets(path)

    def write_defect(self, home: Path | None) -> str:
        """Write down where an unexpected exception came from; returns the name of the file.

        The traceback has file names, lines of source and the exception's text; no values of variables.
        """
        name = f"defect-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.log"
        for folder in (home or Path("~/.parley").expanduser(), Path(tempfile.gettempdir())):
            with suppress(OSError):
                if folder.is_dir():
                    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    with os.fdopen(handle, "w", encoding="utf-8") as file:
                        file.write(traceback.format_exc())
                    return str(folder / name)
        return "no file: none could be written"

    def found(self, home: Home, settings: Settings, founder: founding.Founder) -> None:
        """Make a node's folder."""
        loop.run(founding.found(home, settings, founder, _now(), cost=self.cost))

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
        payload = founding.propose(home, founding.Proposal(roots=keys, **said), current, _now())
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
        founding.write_part(out, founding.propose(home, said, current, _now()))

    def _current(self, home: Home) -> Any:
        try:
            return directory.verify_signed(self.call(home, "export_particulars")).particulars
        except Exception as error:
            if getattr(error, "key", "") in ("desk.not_at_hand", "desk.no_particulars"):
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
        by_hand.write_parcel(path, data)

    def read_parcels(self, paths: Sequence[Path]) -> list[bytes]:
        """Parcels that were carried: files of one each, and pictures or texts with the frames of some, in any order.

        Raises BearerProblem: of a parcel whose frames do not suffice, which are wanted; nothing is taken then.
        """
        return carried.read_carried(paths)

    def write_on_paper(self, folder: Path, data: bytes, *, kind: str, spare: int) -> tuple[int, str]:
        """A parcel as QR codes in `folder`, or, of kind "terminal", as text to print; how many frames, and the text."""
        return carried.write_on_paper(folder, data, kind, spare)

    def release(self, home: Home, office: str, payload: bytes, officer: str, passphrase: str) -> bytes:
        """Have the office's signer sign a note; the passphrase goes to it and nowhere else."""
        return signing_client.OfficeSigner(home.signer_socket(office)).release(payload, officer, passphrase)

    def start_signer(self, home: Home, office: str, *, quiet: bool = False) -> subprocess.Popen[bytes]:
        """The signer of an office as a process of its own; it ends when this one does, however this one ends."""
        command = [sys.executable, "-m", "parley.outside.keys.signer", "--office-file", str(home.office_key(office))]
        command += ["--socket", str(home.signer_socket(office)), "--audit-file", str(home.signer_audit(office))]
        # That it is ready goes to our standard error, if anywhere: standard output is for results.
        out = subprocess.DEVNULL if quiet else 2
        return subprocess.Popen([*command, "--while-stdin"], stdin=subprocess.PIPE, stdout=out)

    def serve(self, home: Home, passphrase: str | None, ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until stopped, with its log on standard error; raises DoorProblem("already_running")."""
        import structlog

        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        ends = time.monotonic() + PATIENCE_S
        while True:
            if self.running(home):
                raise DoorProblem("already_running", home=str(home.path))
            try:
                return loop.run(wiring.serve(home, passphrase=passphrase, ready=ready))
            except store.StoreProblem as problem:
                if problem.key != "store.in_use" or time.monotonic() > ends:
                    raise
            time.sleep(0.05)

    def end_with_stdin(self) -> None:
        """End this process, as SIGTERM does, once whoever holds our standard input is gone."""

        def watch() -> None:
            while os.read(0, 4096):
                pass
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, daemon=True).start()

    def restore(self, home: Home, file: Path) -> dict[str, Any]:
        """Put a backup in place of the store, under a new incarnation; where the replaced store is kept, if any."""
        begun, replaced = loop.run(restoring.restore(home, file, _now()))
        return {
            "kept": begun.kept,
            "incarnation": begun.incarnation.hex(),
            "until": begun.until,
            "replaced": str(replaced or ""),
        }

    def doctor(self, home: Home) -> list[dict[str, Any]]:
        """Findings about the machine, then about the node."""
        rows = doctor.as_rows(list(checkup.machine(home)))
        return rows + [checkup.explained(row) for row in self.call(home, "doctor", serving=self.running(home))]

    def instant(self, text: str) -> int:
        """``now``, ``+2h``, ``+30m`` from now, or a UTC instant in ISO form, as ms."""
        if text == "now":
            return _now()
        if text.startswith("+") and text[1:-1].isdigit() and text[-1] in "mh":
            return _now() + int(text[1:-1]) * (60_000 if text[-1] == "m" else 3_600_000)
        return instant.parse_iso(text, instant.Meaning.HOPED_FOR).ms

    def time_to_come(self, text: str) -> int:
        """As `instant`, to the whole minute; raises DoorProblem("past")."""
        found = self.instant(text)
        if found <= _now():
            raise DoorProblem("past", given=text[:40])
        return (found + 59_999) // 60_000 * 60_000

    def verify_file(self, path: Path, roots: dict[str, str]) -> dict[str, Any]:
        """Verify an archive or evidence against root digests from ceremonies; raises JournalProblem."""
        data = founding.read_part(path, 64 << 20)
        digests = {party: bytes.fromhex(found) for party, found in roots.items()}
        if journal.is_evidence(data):
            return {"evidence": journal.describe_evidence(data, digests), "verified": True}
        report = journal.verify_archive(data, digests)
        return {"links": [msgspec.to_builtins(link) for link in report.links], "verified": True}

    # -- the demonstration

    def for_demonstration(self) -> Backstage:
        """The same with a low passphrase cost: the keys live for a minute."""
        return Backstage(cheap=True)

    def demonstration_node(
        self, folder: Path, party: str, officer: str, language: str, passphrase: str
    ) -> tuple[Home, subprocess.Popen[str]]:
        """Found a node and serve it; returns its folder and process, once it is on the line."""
        home = self.found_for_demonstration(folder, party, officer, language, passphrase)
        return home, self.serve_apart(home, passphrase)

    def found_for_demonstration(
        self, folder: Path, party: str, officer: str, language: str, passphrase: str, mail: str | None = None
    ) -> Home:
        """A founded node on a free port of loopback, its particulars signed by two of three roots and adopted."""
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

    def serve_apart(self, home: Home, passphrase: str) -> subprocess.Popen[str]:
        """Serve a founded node as a process of its own; returns when it is on the line."""
        process = self.start_serving(home, passphrase)
        try:
            self.await_serving(home, process)
        except BaseException:
            self.end(process)
            raise
        return process

    def start_serving(self, home: Home, passphrase: str) -> subprocess.Popen[str]:
        """Begin to serve as a process of its own. It ends when this process does, however this one ends."""
        secret = home.path / "passphrase"
        durable.write_durably(secret, passphrase.encode(), mode=0o600)
        command = [sys.executable, "-m", "parley", "--home", str(home.path), "--json"]
        command += ["--passphrase-file", str(secret), "serve", "--while-stdin"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def await_serving(self, home: Home, process: subprocess.Popen[str]) -> None:
        """Wait until a node that was started is on the line, its signers too; raises DoorProblem."""
        assert process.stdout is not None
        if not process.stdout.readline().startswith('{"party"'):
            raise DoorProblem("no_demonstration", what=f"the node in {home.path.name} did not start")
        for office in home.settings().offices:
            _await_path(home.signer_socket(office))

    def end(self, process: subprocess.Popen[str]) -> None:
        """Stop a served node and wait for it."""
        self.end_all([process])

    def end_all(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        """Stop nodes side by side and wait for them."""
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

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


def _full(path: Path) -> bool:
    """Whether so little is free that SQLite cannot even open a store: it then says so in its own words."""
    return shutil.disk_usage(path).free < 1 << 20


def _connected(home: Home) -> LocalClient | None:
    try:
        return LocalClient(home.socket)
    except OSError:  # no socket, or one that a killed node left behind
        return None


def _ask(client: LocalClient, verb: str, args: dict[str, Any]) -> Any:
    try:
        return client.call(verb, **args)
    except TimeoutError:
        raise DoorProblem("node_silent", seconds=int(LocalClient.PATIENCE_S)) from None
    except OSError:
        raise DoorProblem("node_gone") from None
    finally:
        client.close()


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
            raise DoorProblem("no_demonstration", what=f"{path.name} did not appear")
        time.sleep(0.01)
