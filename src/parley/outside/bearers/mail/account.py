"""An account: our address, its servers, and how they are reached. TLS always, save on this very machine."""

from __future__ import annotations

import ssl
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from parley.outside.bearers.https.endpoint import split
from parley.outside.bearers.problems import BearerProblem

PATIENCE_S: Final = 30.0
"""For each answer of a server, not for a whole letter."""


class Security(Enum):
    """How a connection is protected: TLS from its first byte, STARTTLS, or not at all (loopback only)."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What the bearer needs to know.

    Args:
        address: ours; stands in From.
        smtp, imap: ``host:port``.
        user, password: the same for both servers; without a user nobody signs in to SMTP.
        ca_file: the authority that signed the servers' certificates; None: those that the machine trusts.
        folder: of the mailbox.

    Raises:
        BearerProblem: bad_endpoint.
    """

    address: str
    smtp: str
    imap: str
    smtp_security: Security = Security.STARTTLS
    imap_security: Security = Security.TLS
    user: str = ""
    password: str = ""
    ca_file: Path | None = None
    folder: str = "INBOX"
    patience_s: float = PATIENCE_S

    def __post_init__(self) -> None:
        for server in (self.smtp, self.imap):
            split(server)

    def context(self, server: str) -> ssl.SSLContext:
        """TLS 1.2 or later with a certificate that is checked, name included; raises BearerProblem mail_no_tls.

        Not 1.3 alone as between nodes: mail servers of ministries are not ours to renew, and what passes is sealed.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            reason = f"ca_file cannot be read ({getattr(error, 'strerror', None) or 'no certificate in it'})"
            raise BearerProblem("mail_no_tls", address=server, reason=reason[:60]) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def __repr__(self) -> str:  # never the password, in no log and no traceback
        return f"Account({self.address!r}, smtp={self.smtp!r}, imap={self.imap!r})"
