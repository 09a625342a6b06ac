"""Checkup: what only this machine knows of a node's health: disk, file modes, signers, the port; for `doctor`."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from parley.desk.doctor import Finding
from parley.outside.settings import Home, Settings, SettingsProblem, read_secrets
from parley.outside.store.facts import WARNINGS

LEAST_SPACE = 512 << 20  # bytes: a quarter of what one peer may fill by default
PATIENCE_S = 2.0
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
TIMEX_BYTES = 512  # more than struct timex has; all zero, it asks and changes nothing
NO_TIME_SERVICE = (
    "Notes carry its time: install one (Debian: systemd-timesyncd or chrony), or compare the clock by hand."
)


def machine(home: Home) -> Iterator[Finding]:
    """Findings about the folder and what stands beside the node; raises SettingsProblem."""
    settings = home.settings()
    yield _space(home.path)
    yield from _modes(home, settings)
    for office in settings.offices:
        yield _signer(home, office)
    yield _bearers(settings)
    if settings.mail.address:
        yield _mail_password(home, settings)
    for name in ("listen", "api"):
        if address := getattr(settings, name):
            yield _port(address, name, serving=_answers(home.socket))
    if settings.on_flash:
        yield _command(Path(settings.on_flash[0]))
    yield from _clock()


def _bearers(settings: Settings) -> Finding:
    """The ways out of this desk that are set up; how each did last stands with each peer."""
    https = f"https (peers reach us at {settings.listen})" if settings.listen else "https (dialling out only)"
    mail = f"mail as {settings.mail.address}" if settings.mail.address else "no mail"
    paper = all(importlib.util.find_spec(name) for name in ("raptorq", "zxingcpp", "PIL"))
    by_hand = "files and paper by hand" if paper else "files by hand (for paper: pip install parley[paper])"
    return Finding(f"bearers: {https}, {mail}, {by_hand}")


def _mail_password(home: Home, settings: Settings) -> Finding:
    name = settings.mail.password_file
    try:
        read_secrets(home.path / name)
    except SettingsProblem as problem:
        return Finding(f"mail: {name} cannot be used", False, str(problem))
    return Finding(f"mail: {name} is readable by its owner only")


def explained(row: dict[str, Any]) -> dict[str, Any]:
    """A warning of the store by its sentence instead of its key."""
    return {**row, "do": WARNINGS.get(row["do"], row["do"])}


def _space(path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    ok = free > LEAST_SPACE
    return Finding(
        f"disk: {free >> 20} MB free",
        ok,
        "" if ok else "Free some space or enlarge the disk: a full one takes no notes.",
    )


def _clock() -> Iterator[Finding]:
    """Whether the kernel (Linux: adjtimex(2)) says that something keeps the clock; nothing where it cannot be asked.

    No fault by itself: how far the clock is off is seen from what peers cosign, and that needs a look.
    """
    with suppress(OSError, AttributeError):
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
        if state == TIME_ERROR:
            yield Finding("clock: no time service keeps it", do=NO_TIME_SERVICE)
        elif state >= 0:
            yield Finding("clock: kept by a time service")


def _modes(home: Home, settings: Settings) -> Iterator[Finding]:
    secret = [home.path, home.node_key, home.archive_key, home.day_keys, *map(home.office_key, settings.offices)]
    missing = [path.name for path in secret if not path.exists()]
    open_ = [path.name for path in secret if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    if missing:
        yield Finding(f"files: {', '.join(missing)} missing", False, "Restore them from their safe place.")
    if open_:
        do = "chmod 700 for the folder, 600 for files; then consider new keys."
        yield Finding(f"files: others can read {', '.join(open_)}", False, do)
    if not missing and not open_:
        yield Finding(f"files: {len(secret)} keys and folders readable by their owner only")


def _signer(home: Home, office: str) -> Finding:
    ok = _answers(home.signer_socket(office))
    do = "" if ok else f"Start it: parley serve does, or parley signer {office}."
    return Finding(f"signer of {office}: {'answers' if ok else 'silent'}", ok, do)


def _command(path: Path) -> Finding:
    """Whoever can write the program that rings decides what runs here under the node's account."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return Finding(f"bell: {path} is missing", False, "Put it there, or change on_flash in parley.toml.")
    if not os.access(path, os.X_OK) or not stat.S_ISREG(mode):
        return Finding(f"bell: {path} cannot be run", False, "It has to be a program: chmod 755.")
    ok = not mode & 0o022
    return Finding(f"bell: {path}{'' if ok else ' can be changed by others'}", ok, "" if ok else "chmod 755 on it.")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PATIENCE_S)
        try:
            probe.connect(os.fspath(path))
        except OSError:
            return False
    return True


def _port(listen: str, name: str, *, serving: bool) -> Finding:
    host, _, number = listen.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(PATIENCE_S)
        try:
            taken = probe.connect_ex((host.strip("[]"), int(number))) == 0
        except (OSError, ValueError):
            taken = False
    if serving:
        do = "" if taken else "It does not answer: look at the messages of parley serve, and at the firewall."
        return Finding(f"port: {listen} {'answers' if taken else 'is silent'}", taken, do)
    do = f"Another program listens there: stop it, or change {name} in parley.toml." if taken else ""
    return Finding(f"port: {listen} is {'taken' if taken else 'free'}", not taken, do)
