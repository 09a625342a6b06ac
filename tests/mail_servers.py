"""Real mail servers on loopback for tests: Dovecot for IMAP, aiosmtpd for SMTP, with the bad habits of real relays.

Two mailboxes: xa@almara.example and xb@beltova.example. What the SMTP server accepts lies in the recipient's Maildir at
once, after whatever habit a test gave it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESSES = {"XA": "xa@almara.example", "XB": "xb@beltova.example"}
PASSWORD = "a mail password"
DOVECOT = Path("/usr/sbin/dovecot")
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
{users}
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%n
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/mail/%n
}}
first_valid_uid = 1
first_valid_gid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Habits:
    """What the SMTP server does. `answer` may refuse (a string such as "451 later"); `change` alters the raw message or
    makes several of it; `accepted` and `refused` count."""

    answer: Callable[[Any], str | None] = lambda envelope: None
    change: Callable[[bytes], list[bytes]] = lambda raw: [raw]
    accepted: int = 0
    refused: int = 0
    letters: list[bytes] = field(default_factory=list)


class Relay:
    """aiosmtpd's handler: after the habits, straight into the mailbox."""

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        habits = self._servers.habits
        if (answer := habits.answer(envelope)) is not None:
            habits.refused += 1
            return answer
        habits.accepted += 1
        habits.letters.append(envelope.content)
        for raw in habits.change(envelope.content):
            for recipient in envelope.rcpt_tos:
                self._servers.put(recipient, raw)
        return "250 OK"


class MailServers:
    """Both servers, started; `stop` ends them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pm-", dir="/tmp"))  # short: sockets lie in it
        self.habits = Habits()
        self.imap, self.imaps = free_port(), free_port()
        self.ca_file = self.folder / "server.pem"
        # Dovecot serves no mail as root; without root it serves as whoever runs the tests.
        self._owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._certificate()
        self.start_imap()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        self._context = context
        self.start_smtp()

    def start_smtp(self, *, tls: bool = True, password: str = PASSWORD) -> None:
        """The SMTP server on a free port; without TLS it offers no STARTTLS."""

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            ok = data.login.decode() in ADDRESSES.values() and data.password.decode() == password
            return AuthResult(success=ok, handled=False)

        options = {"tls_context": self._context, "require_starttls": True} if tls else {"auth_require_tls": False}
        self.smtp = free_port()
        self._smtp = Controller(
            Relay(self), hostname="127.0.0.1", port=self.smtp, authenticator=check, auth_required=True, **options
        )
        self._smtp.start()

    def stop_smtp(self) -> None:
        self._smtp.stop()

    def start_imap(self) -> None:
        users = "" if os.getuid() == 0 else f"default_internal_user = {self._owner.pw_name}\n"
        users += "" if os.getuid() == 0 else f"default_login_user = {self._owner.pw_name}\n"
        text = CONFIGURATION.format(
            folder=self.folder, imap=self.imap, imaps=self.imaps, users=users,
            owner=self._owner.pw_uid, group=self._owner.pw_gid,
        )  # fmt: skip
        (self.folder / "dovecot.conf").write_text(text)
        lines = [f"{address}:{{PLAIN}}{PASSWORD}::::::" for address in ADDRESSES.values()]
        (self.folder / "users").write_text("\n".join(lines) + "\n")
        for address in ADDRESSES.values():
            for part in ("new", "cur", "tmp"):
                (self.mailbox(address) / part).mkdir(parents=True, exist_ok=True)
        self._own(self.folder / "mail")
        self.folder.chmod(0o755)
        self._dovecot = subprocess.Popen([str(DOVECOT), "-F", "-c", str(self.folder / "dovecot.conf")])
        self._await(self.imaps)

    def _await(self, port: int) -> None:
        ends = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                log = self.folder / "log"
                assert time.monotonic() < ends, log.read_text() if log.exists() else "Dovecot did not start"
                time.sleep(0.05)

    def stop_imap(self) -> None:
        self._dovecot.terminate()
        self._dovecot.wait(timeout=10)

    def stop(self) -> None:
        self._smtp.stop()
        self.stop_imap()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- mailboxes

    def mailbox(self, address: str) -> Path:
        return self.folder / "mail" / address.partition("@")[0]

    def put(self, address: str, raw: bytes) -> None:
        """A message into a mailbox, as a delivery agent does it."""
        box, name = self.mailbox(address), f"{time.time_ns()}.{uuid.uuid4().hex}.test"
        path = box / "tmp" / name
        path.write_bytes(raw)
        self._own(path)
        path.rename(box / "new" / name)

    def empty(self) -> None:
        """Both mailboxes as new: with new UIDs too."""
        for address in ADDRESSES.values():
            shutil.rmtree(self.mailbox(address))
            for part in ("new", "cur", "tmp"):
                (self.mailbox(address) / part).mkdir(parents=True)
        self._own(self.folder / "mail")

    def count(self, address: str) -> int:
        return sum(len(os.listdir(self.mailbox(address) / part)) for part in ("new", "cur"))

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            for one in [path, *path.rglob("*")] if path.is_dir() else [path]:
                os.chown(one, self._owner.pw_uid, self._owner.pw_gid)

    def _certificate(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        builder = builder.add_extension(names, False).add_extension(x509.BasicConstraints(True, None), True)
        made = builder.sign(key, hashes.SHA256())
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        (self.folder / "server.pem").write_bytes(made.public_bytes(pem))
        pkcs8 = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        (self.folder / "server.key").write_bytes(pkcs8)
