"""A PostgreSQL server of the tests' own: made for one session in a folder that goes away, reached by socket only.

With several test workers each has its own. fsync is on: a store refuses a server that could forget.
"""

from __future__ import annotations

import glob
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
import pytest

SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "max_connections": "40",
    "shared_buffers": "16MB",
    "logging_collector": "off",
    "autovacuum": "off",
}


def find_programs() -> Path:
    """Where initdb and postgres are; fails in CI and skips elsewhere if they are nowhere."""
    folders = [
        *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True),
        os.path.dirname(shutil.which("initdb") or ""),
    ]
    for folder in folders:
        if folder and os.access(f"{folder}/initdb", os.X_OK) and os.access(f"{folder}/postgres", os.X_OK):
            return Path(folder)
    message = "PostgreSQL's server programs are missing; tests/postgres_server.sh installs them"
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(message)
    pytest.skip(message)


class Cluster:
    """One running server. As root it runs as the user postgres, because the server refuses to run as root."""

    def __init__(self) -> None:
        self._programs = find_programs()
        self._user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="parley-pg-", dir="/tmp"))  # a socket's path may have 107 bytes
        if self._user:
            shutil.chown(self.folder, self._user)
        self._numbers = itertools.count(1)
        self._server: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", self._data, "-U", "parley", "--auth=trust", "--encoding=UTF8", "--no-locale", "-N")
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def start(self, changed: Mapping[str, str] = MappingProxyType({})) -> None:
        """Start the server and wait until it answers."""
        options = [word for name, value in {**SETTINGS, **changed}.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", str(self.folder), *options],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
                env=self._environment(),
            )
        for _ in range(600):
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop it at once, as a power cut would; what was committed is read back at the next start."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(60)
            self._server = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database: str = "postgres", schema: str | None = None) -> str:
        host = quote(str(self.folder), safe="")
        options = "" if schema is None else "&options=" + quote(f"-csearch_path={schema}", safe="")
        return f"postgresql://parley@/{database}?host={host}{options}"

    def new_schema(self) -> str:
        """The address of an empty schema."""
        schema = f"store_{next(self._numbers)}"
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}".encode())
        return self.address(schema=schema)

    def ask(self, sql: str, address: str | None = None) -> list[tuple[object, ...]]:
        """Rows of a statement that somebody else than the store sends."""
        with psycopg.connect(address or self.address(), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def settings(self, changed: dict[str, str]) -> Callable[[], None]:
        """Start the server anew with other settings; the function returned puts the usual ones back."""
        self.stop()
        self.start(changed)

        def put_back() -> None:
            self.stop()
            self.start()

        return put_back

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd="/",
            env=self._environment(),
            capture_output=True,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))

    def _environment(self) -> dict[str, str]:
        home = pwd.getpwnam(self._user).pw_dir if self._user else os.environ.get("HOME", "/")
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": home, "LC_ALL": "C", "TZ": "UTC"}
