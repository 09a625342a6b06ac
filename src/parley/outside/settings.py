"""Settings of one node: a folder and the file `parley.toml` in it. Nothing here is secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from parley.journal.retention import Keep, Retention, Rule
from parley.outside.home import Home as Home
from parley.outside.home import read_secrets as read_secrets
from parley.terms.party import Address, party
from parley.terms.problem import Fault, Problem, Says

_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*)?")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
MOST_TOLD = 16
LOOPBACK = ("", "localhost", "127.0.0.1", "[::1]")


class SettingsProblem(Problem):
    """The folder of a node that cannot be used."""

    ROOM: ClassVar[str] = "settings"
    TABLE: ClassVar[dict[str, Says]] = {
        "no_home": Says(
            Fault.YOURS,
            "There is no Parley node in {path}.",
            "Make one with parley init, or name its folder with --home.",
        ),
        "unreadable": Says(
            Fault.YOURS,
            "{path} cannot be read as settings: {reason}.",
            "Mend the file; docs/settings.md lists what may stand in it.",
        ),
        "unreadable_file": Says(
            Fault.MACHINE, "{path} cannot be read: {reason}.", "Check the path, the medium and the permissions."
        ),
        "in_the_way": Says(Fault.YOURS, "{path} exists already.", "Choose another folder; nothing was changed."),
        "too_open": Says(
            Fault.YOURS,
            "Others on this computer can read the passphrase in {path}.",
            "Run: chmod 600 on it; then consider a new passphrase.",
        ),
        "no_secret": Says(Fault.YOURS, "The first line of {path} holds no passphrase.", "Write it there, as UTF-8."),
        "too_long": Says(
            Fault.YOURS,
            "The path {path} is too long: a local socket's name has at most {most} bytes.",
            "Choose a folder with a shorter path.",
        ),
        "not_loopback": Says(
            Fault.YOURS,
            "The API cannot listen on {given}: it is for programs on this machine.",
            'Name an address of loopback: api = "127.0.0.1:8470" in parley.toml.',
        ),
        "desk_needs_certificate": Says(
            Fault.YOURS,
            "The desk cannot listen on {given} without a certificate: passphrases would cross the network in clear.",
            "Name certificate_file and key_file under [desk] in parley.toml, or listen on 127.0.0.1.",
        ),
        "desk_certificate": Says(
            Fault.YOURS,
            "The certificate or key of the desk cannot be used ({path}): {reason}.",
            "Both are PEM; the key fits the certificate and has mode 600.",
        ),
        "first_needs": Says(
            Fault.YOURS, "The first particulars of a party need {what}.", "Say them; later versions keep them."
        ),
        "cannot_write": Says(
            Fault.MACHINE, "{path} cannot be written: {reason}.", "Free some space or choose another folder."
        ),
    }


class Mail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[mail]`: our account on mail servers of our own; without an address there is no mail.

    Args:
        address: ours, as our particulars list it for peers.
        smtp, imap: ``host:port``.
        smtp_security, imap_security: "tls", "starttls", or "none", which is taken for servers on this machine alone.
        user: to sign in with; empty: the address.
        password_file: relative to the node's folder; mode 600, the password in its first line.
        ca_file: the authority of the servers' certificates; empty: those that the machine trusts.
        folder: of the mailbox.
        poll_s: how often the mailbox is looked into, in seconds.
        flash_to: people of ours who get an e-mail without content when a FLASH note comes; empty: none is sent.
        flash_says: its words, which are its subject too.
    """

    address: str = ""
    smtp: str = ""
    imap: str = ""
    smtp_security: Literal["tls", "starttls", "none"] = "starttls"
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password_file: str = "mail.password"
    ca_file: str = ""
    folder: str = "INBOX"
    poll_s: float = 20.0
    flash_to: tuple[str, ...] = ()
    flash_says: str = "Please look at the desk."

    def __post_init__(self) -> None:
        for what, server, security in (
            ("smtp", self.smtp, self.smtp_security),
            ("imap", self.imap, self.imap_security),
        ):
            if self.address and not server:
                raise ValueError(f"[mail] has an address and no {what}")
            if security == "none" and server.rpartition(":")[0] not in LOOPBACK:
                raise ValueError(f"{what}_security may be none only for a server on this machine")
        if self.address and not 0 < self.address.find("@") < len(self.address) - 1:
            raise ValueError("[mail] address is none")
        if any(ord(c) < 32 or c in '"\\' for c in self.folder + self.address) or not self.folder.isascii():
            raise ValueError("[mail] folder or address holds a character that it may not")
        if self.poll_s <= 0:
            raise ValueError("[mail] poll_s is not above zero")
        if self.flash_to and not self.address:
            raise ValueError("[mail] flash_to needs an account: address, smtp and imap")
        if len(self.flash_to) > MOST_TOLD or not all(_MAILBOX.fullmatch(one) for one in self.flash_to):
            raise ValueError(f"[mail] flash_to holds at most {MOST_TOLD} addresses, each NAME@HOST")
        if not 0 < len(self.flash_says) <= 200 or any(ord(c) < 32 or ord(c) == 127 for c in self.flash_says):
            raise ValueError("[mail] flash_says is one line of at most 200 characters")


class Tour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[desk.tour]`, which the demonstration writes for its two desks and nothing else has a use for.

    Args:
        side: which part of the story is played here; empty: this desk is no demonstration.
        other: the address of the other desk, for the officer's eyes.
    """

    side: Literal["", "sender", "receiver"] = ""
    other: str = ""


class Desk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[desk]`: pages for officers in a browser; without `listen` there are none.

    Args:
        listen: ``host:port``; an address of loopback unless there is a certificate.
        name: the name under which officers' browsers open the desk; passkeys belong to it. Empty: localhost.
        certificate_file, key_file: PEM, relative to the node's folder; the certificate of `name` with what leads to the
            ministry's own authority, and its key, mode 600.
        hosts: further Host headers under which the desk answers, behind a proxy that speaks TLS for it.
        idle_min: after how many minutes without use a session ends. most_h: after how many hours at the latest.
        tour: see Tour; only for names under ``.localhost`` without a certificate, which no other machine can reach.
    """

    listen: str = ""
    name: str = ""
    certificate_file: str = ""
    key_file: str = ""
    hosts: tuple[str, ...] = ()
    idle_min: int = 120
    most_h: int = 13
    tour: Tour = Tour()

    def __post_init__(self) -> None:
        if bool(self.certificate_file) is not bool(self.key_file):
            raise ValueError("[desk] names a certificate_file and a key_file, or neither")
        if self.certificate_file and not self.name:
            raise ValueError("[desk] has a certificate and no name that it is for")
        if not _HOST.fullmatch(self.name):
            raise ValueError("[desk] name is no host name in small letters")
        if self.tour.side and (self.secure or self.hosts or not self.name.endswith(".localhost")):
            raise ValueError("[desk.tour] is for a name that ends in .localhost, without certificate and hosts")
        if not 1 <= self.idle_min <= 1440 or not 1 <= self.most_h <= 168:
            raise ValueError("[desk] idle_min is 1 to 1440 minutes, most_h 1 to 168 hours")

    @property
    def secure(self) -> bool:
        """Whether it is served with TLS."""
        return bool(self.certificate_file)

    @property
    def rp_id(self) -> str:
        """The name that passkeys belong to (WebAuthn: relying party identifier)."""
        return self.name or "localhost"

    @property
    def port(self) -> str:
        """Of `listen`, as written."""
        return self.listen.rpartition(":")[2]

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins at which passkeys are shown: that of `name`, and of those `hosts` that are it behind a proxy."""
        scheme, usual = ("https", "443") if self.secure else ("http", "80")
        own = self.rp_id if self.port == usual else f"{self.rp_id}:{self.port}"
        behind = [one for one in self.hosts if one.partition(":")[0] == self.rp_id]
        return tuple(dict.fromkeys((f"{scheme}://{own}", *(f"https://{one}" for one in behind))))


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `parley.toml` says.

    Args:
        party: whose node this is. node: its name within the party, for records.
        offices: names of our offices whose key files and signers are in this folder.
        listen: ``host:port`` of the peers' listener; empty: no public address, the node dials out and collects.
        store: empty for SQLite in this folder, or a PostgreSQL connection string.
        share_mb: what one peer may occupy here, in MB.
        withheld: receipt stages ("opened", "read") kept from a party, unless an officer decided otherwise.
        unspoken: parties of which no other is told that we hold their particulars.
        poll_s: how often a node without a public address asks its peers, in seconds.
        checkpoint_s: how often the journal's head is signed and shown, in seconds.
        heads_s: how often peers are told what was cosigned here of other parties' journals, in seconds; 0: never.
        language: the language of this desk's officers, for `show` without --language.
        api: ``host:port`` on loopback where programs of ours are let in; empty: no API.
        api_level: the highest TLP level that programs see.
        api_hosts: further Host headers under which the API answers.
        api_origins: web pages that may ask the API.
        retention, keep, names_days: what is destroyed when, and what is kept all the same (journal.retention).
        on_flash: a program (absolute path) and its fixed arguments, run when a FLASH note comes; empty: none.
        on_flash_s: how long it may take, in seconds.
        exercises_ring: parties whose FLASH exercises run it too.
        locked_rings: whether it is run when a locked node takes what it cannot read.
        shift_h: how often it is to be tested (`parley flash-test`), in hours.
        mail: see Mail. desk: see Desk.
    """

    party: str
    node: str = "node-1"
    offices: tuple[str, ...] = ("duty",)
    listen: str = ""
    store: str = ""
    share_mb: int = 2048
    withheld: dict[str, tuple[str, ...]] = {}
    unspoken: tuple[str, ...] = ()
    poll_s: float = 2.0
    checkpoint_s: float = 60.0
    heads_s: float = 300.0
    language: str = "en"
    api: str = ""
    api_level: str = "TLP:AMBER"
    api_hosts: tuple[str, ...] = ()
    api_origins: tuple[str, ...] = ()
    retention: tuple[Rule, ...] = ()
    keep: tuple[Keep, ...] = ()
    names_days: int = 0
    on_flash: tuple[str, ...] = ()
    on_flash_s: float = 20.0
    exercises_ring: tuple[str, ...] = ()
    locked_rings: bool = True
    shift_h: float = 12.0
    mail: Mail = Mail()
    desk: Desk = Desk()

    def __post_init__(self) -> None:
        party(self.party)
        for other in self.exercises_ring:
            party(other)
        if self.on_flash and not (Path(self.on_flash[0]).is_absolute() and "\0" not in "".join(self.on_flash)):
            raise ValueError("on_flash begins with the absolute path of a program; no shell looks for it")
        if not 0 < self.on_flash_s <= 600 or not 0 < self.shift_h <= 168:
            raise ValueError("on_flash_s is at most 600 seconds, shift_h at most 168 hours, and neither is 0")
        for office in self.offices:
            Address(self.party, office)
        self.rules()

    def rules(self) -> Retention:
        """Everything about destruction as one value; raises JournalProblem("bad_rule")."""
        return Retention(rules=self.retention, keeps=self.keep, names_days=self.names_days)
