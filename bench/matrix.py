"""Two federated Matrix homeservers (matrix-synapse) as a peer of `bench/line.py`: started, measured, ended.

Each server is a process with a SQLite database of its own on loopback; they federate over TLS. Messages are plain: no
end-to-end encryption, which favours them over a line that signs, seals and acknowledges. Rate limits and presence are
switched off, all else is as it ships. Counted is what arrives: what the user of the second server sees in its /sync.

matrix-synapse is a peer to measure against and no part of Parley: it lives in an environment of its own, whose Python
is named with ``--peer-python``.
"""

from __future__ import annotations

import datetime
import http.client
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOW = "python3 -m venv DIR && DIR/bin/pip install matrix-synapse, then --peer-python DIR/bin/python"
BODY = "x" * 700  # what a filled form weighs
PATIENCE_S = 120.0
OFTEN = {"per_second": 1_000_000, "burst_count": 1_000_000}
LIMITS: dict[str, Any] = {
    **dict.fromkeys(("rc_message", "rc_registration"), OFTEN),
    "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), OFTEN),
    "rc_joins": dict.fromkeys(("local", "remote"), OFTEN),
    "rc_joins_per_room": OFTEN,
    "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), OFTEN),
    "rc_federation": {"sleep_limit": 1_000_000, "reject_limit": 1_000_000, "concurrent": 1000},
}


class Homeserver:
    """One server in a folder of its own."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder, self.python = folder, python
        self.federation, self.port = free_port(), free_port()
        self.name = f"localhost:{self.federation}"
        folder.mkdir(parents=True)
        _write_certificate(folder)
        (folder / "log.json").write_text(json.dumps({"version": 1, "root": {"level": "ERROR"}}))
        (folder / "homeserver.yaml").write_text(json.dumps(self._settings()))  # JSON is YAML
        command = [python, "-m", "synapse.app.homeserver", "--config-path", str(folder / "homeserver.yaml")]
        subprocess.run([*command, "--generate-keys"], check=True, cwd=folder, capture_output=True)
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _settings(self) -> dict[str, Any]:
        listener = {"bind_addresses": ["127.0.0.1"], "type": "http"}
        return {
            "server_name": self.name,
            "listeners": [
                {**listener, "port": self.federation, "tls": True, "resources": [{"names": ["federation"]}]},
                {**listener, "port": self.port, "tls": False, "resources": [{"names": ["client"]}]},
            ],
            "tls_certificate_path": str(self.folder / "tls.pem"),
            "tls_private_key_path": str(self.folder / "tls.key"),
            "federation_verify_certificates": False,
            "ip_range_blacklist": [],
            "federation_ip_range_blacklist": [],
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "server.db")}},
            "log_config": str(self.folder / "log.json"),
            "signing_key_path": str(self.folder / "signing.key"),
            "media_store_path": str(self.folder / "media"),
            "pid_file": str(self.folder / "pid"),
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "enable_registration": True,
            "enable_registration_without_verification": True,
            "macaroon_secret_key": "for measuring only",
            "form_secret": "for measuring only",
            "report_stats": False,
            "presence": {"enabled": False},
            **LIMITS,
        }

    def ready(self) -> None:
        """Wait until it answers; raises SystemExit if it ended or does not."""
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends and self.process.poll() is None:
            with suppress(OSError, RefusedError), User(self) as nobody:
                nobody.ask("GET", "/_matrix/client/versions")
                return
            time.sleep(0.1)
        raise SystemExit(f"bench: the homeserver in {self.folder} did not start")

    def end(self) -> None:
        """Stop it; what it wrote goes with the folder."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class RefusedError(Exception):
    """A homeserver answered with an error."""


class User:
    """Somebody at a homeserver, with a connection that stays open."""

    def __init__(self, server: Homeserver, name: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
        self._token, self._sent = "", 0
        self.since = ""
        if name:
            fields = {"auth": {"type": "m.login.dummy"}, "username": name, "password": "for measuring only"}
            self._token = self.ask("POST", "/_matrix/client/v3/register", fields)["access_token"]

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to one request; raises RefusedError."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        body = None if fields is None else json.dumps(fields)
        self._connection.request(method, path, body, headers if self._token else {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        found: dict[str, Any] = json.loads(answer.read())
        if answer.status != 200:
            raise RefusedError(f"{path}: {answer.status} {found}")
        return found

    def send(self, room: str) -> str:
        """One message; returns its id."""
        self._sent += 1
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{self._sent}"
        return str(self.ask("PUT", path, {"msgtype": "m.text", "body": BODY})["event_id"])

    def arrived(self, wait_ms: int) -> list[str]:
        """Ids of the messages that came since the last time, at once or within `wait_ms`."""
        since = f"&since={self.since}" if self.since else ""
        limit = quote('{"room":{"timeline":{"limit":100}}}')
        found = self.ask("GET", f"/_matrix/client/v3/sync?timeout={wait_ms}&filter={limit}{since}")
        self.since = found["next_batch"]
        rooms = found.get("rooms", {}).get("join", {}).values()
        events = [event for room in rooms for event in room.get("timeline", {}).get("events", [])]
        return [event["event_id"] for event in events if event["type"] == "m.room.message"]

    def __enter__(self) -> User:
        return self

    def __exit__(self, *what: object) -> None:
        self._connection.close()


class Watch:
    """Somebody who has the rooms open: what arrives is noted as it comes."""

    def __init__(self, reader: User) -> None:
        self._reader = reader
        self._seen: set[str] = set()
        self._came = threading.Condition()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        with suppress(OSError, http.client.HTTPException, RefusedError):  # the servers were ended
            while True:
                found = self._reader.arrived(10_000)
                with self._came:
                    self._seen.update(found)
                    self._came.notify_all()

    def await_all(self, wanted: set[str]) -> None:
        """Until all of `wanted` arrived; raises SystemExit after some time."""
        with self._came:
            if not self._came.wait_for(lambda: wanted <= self._seen, PATIENCE_S):
                missing = len(wanted - self._seen)
                raise SystemExit(f"bench: {missing} messages did not arrive within {PATIENCE_S:.0f} s")


class Federation:
    """Two servers: some who write at the first, each in a room shared with one who reads at the second.

    A room each: in one room the messages of several writers have no order of their own, and some of them reach the
    other server as its past, which no /sync shows.
    """

    def __init__(self, first: Homeserver, second: Homeserver, senders: int) -> None:
        reader = User(second, "reader")
        self.writers: list[tuple[User, str]] = []
        for number in range(senders):
            writer = User(first, f"writer{number}")
            room = str(writer.ask("POST", "/_matrix/client/v3/createRoom", {"preset": "public_chat"})["room_id"])
            reader.ask("POST", f"/_matrix/client/v3/join/{quote(room)}?server_name={quote(first.name)}", {})
            self.writers.append((writer, room))
        self.watch = Watch(reader)
        self.one_at_a_time(10)

    def one_at_a_time(self, messages: int) -> list[float]:
        """Milliseconds from the sending of each to its arrival."""
        found = []
        for _ in range(messages):
            began = time.perf_counter()
            writer, room = self.writers[0]
            self.watch.await_all({writer.send(room)})
            found.append((time.perf_counter() - began) * 1000)
        return found

    def many_at_once(self, messages: int) -> float:
        """Messages that arrive in a second, from the first sending to the last arrival."""
        began = time.perf_counter()
        with ThreadPoolExecutor(len(self.writers)) as pool:
            each = messages // len(self.writers)
            sent = list(pool.map(lambda one: [one[0].send(one[1]) for _ in range(each)], self.writers))
        self.watch.await_all({message for some in sent for message in some})
        return each * len(self.writers) / (time.perf_counter() - began)


@contextmanager
def federation(folder: Path, python: str, senders: int) -> Iterator[Federation]:
    """Two servers with a room between them, ended with the block however it ends, SIGTERM included."""
    program = str(Path(shutil.which(python) or python).absolute())  # a server starts in a folder of its own
    servers: list[Homeserver] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with ThreadPoolExecutor(1) as pool:  # a signal interrupts the main thread alone: what is started is listed
            list(pool.map(lambda name: servers.append(Homeserver(folder / name, program)), ("first", "second")))
        for server in servers:
            server.ready()
        yield Federation(*servers, senders)
    finally:
        for server in servers:
            server.end()
        signal.signal(signal.SIGTERM, before)


def figures(singles: list[float], rates: list[float], ours: list[float]) -> dict[str, Any]:
    """What the script prints of the peer: `rates` and `ours` (notes per second) by round, singles in ms."""
    ratios = [mine / theirs for mine, theirs in zip(ours, rates, strict=True)]
    return {
        "peer_p50_ms": round(statistics.median(singles), 2),
        "peer_arriving_per_s": round(statistics.median(rates), 1),
        "ratio_over_peer": round(statistics.median(ratios), 2),
        "peer_spread": round((max(ratios) - min(ratios)) / statistics.median(ratios), 3),
    }


def has_synapse(python: str) -> bool:
    """Whether that Python has matrix-synapse."""
    with suppress(OSError):
        return subprocess.run([python, "-I", "-c", "import synapse"], capture_output=True).returncode == 0
    return False


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = built.serial_number(x509.random_serial_number()).not_valid_before(now)
    made = dated.not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    (folder / "tls.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pkcs8 = serialization.PrivateFormat.PKCS8
    (folder / "tls.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
