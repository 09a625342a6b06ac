"""A mailbox that is read: which messages may be ours, by their headers alone; then those, one at a time.

The mailbox may hold anything, in any amount. The server searches headers in stretches of UIDs; what does not look like
ours is never downloaded, nor is what is larger than a parcel can be. The mark is (UIDVALIDITY, UID): when the server
gives out new UIDs, everything is looked at once more, which is harmless. Nothing in the mailbox is changed.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from typing import Final

from parley.outside.bearers.https.endpoint import split
from parley.outside.bearers.mail.account import Account, Security
from parley.outside.bearers.mail.letter import HEADER, LARGEST_LETTER, SUBJECT
from parley.outside.bearers.mail.smtp import tls_reason
from parley.outside.bearers.problems import BearerProblem

STRETCH: Final = 5_000
"""UIDs in one search: what a server answers in a moment, also when it has no index of headers."""
AT_A_TIME: Final = 200
OURS: Final = f'OR OR HEADER {HEADER} "" SUBJECT "{SUBJECT}" HEADER Content-Type "delivery-status"'
_LINE = re.compile(rb"UID (\d+).*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?UID (\d+)", re.S)


class Mailbox:
    """One connection to the folder, for one look; every method blocks.

    Every method raises BearerProblem: unreachable, timed_out, mail_no_tls, mail_password, mail_no_folder, mail_odd.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.validity = self.next_uid = 0

    def open(self) -> None:
        """Connect, sign in, and open the folder read-only."""
        account = self._account
        host, port = split(account.imap)
        with self._said_plainly():
            context = None if account.imap_security is Security.NONE else account.context(account.imap)
            self._server: imaplib.IMAP4
            if account.imap_security is Security.TLS:
                self._server = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=account.patience_s)
            else:
                self._server = imaplib.IMAP4(host, port, timeout=account.patience_s)
            if account.imap_security is Security.STARTTLS:
                if "STARTTLS" not in self._server.capabilities:
                    raise BearerProblem("mail_no_tls", address=account.imap, reason="it offers none")
                self._server.starttls(context)
            self._sign_in()
            self._select()

    def _sign_in(self) -> None:
        try:
            self._server.login(self._account.user, self._account.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise BearerProblem("mail_password", address=self._account.imap) from None

    def _select(self) -> None:
        status, _ = self._server.select(f'"{self._account.folder}"', readonly=True)
        if status != "OK":
            raise BearerProblem("mail_no_folder", address=self._account.imap, folder=self._account.folder[:40])
        self.validity, self.next_uid = self._number("UIDVALIDITY"), self._number("UIDNEXT")

    def _number(self, name: str) -> int:
        _, found = self._server.response(name)
        if not found or not found[0] or not found[0].isdigit():
            raise BearerProblem("mail_odd", address=self._account.imap, reason=f"no {name}")
        return int(found[0])

    def stretches(self, after: int) -> Iterator[tuple[int, int]]:
        """The UIDs after `after` that the folder had when it was opened, in stretches (first, last)."""
        for first in range(after + 1, self.next_uid, STRETCH):
            yield first, min(first + STRETCH, self.next_uid) - 1

    def ours(self, first: int, last: int, known: Collection[str]) -> tuple[list[int], list[int]]:
        """UIDs of what may be ours between `first` and `last`, and of what is too large to be.

        Letters from `known` addresses come first, small ones before large ones: whoever writes a thousand of them makes
        a peer's FLASH wait for none. The address proves nothing; it only puts in order.
        """
        with self._said_plainly():
            status, found = self._server.uid("SEARCH", f"UID {first}:{last} {OURS}")
            if status != "OK":
                raise BearerProblem("mail_odd", address=self._account.imap, reason="no search by header")
            uids = [int(one) for one in (found[0] or b"").split()] if found else []
            # "n:*" style surprises: a server may name the last message though it lies before the stretch.
            uids = [uid for uid in uids if first <= uid <= last]
            about = [row for at in range(0, len(uids), AT_A_TIME) for row in self._about(uids[at : at + AT_A_TIME])]
        fits = sorted((address not in known, size, uid) for uid, size, address in about if size <= LARGEST_LETTER)
        return [uid for _, _, uid in fits], [uid for uid, size, _ in about if size > LARGEST_LETTER]

    def _about(self, uids: list[int]) -> Iterator[tuple[int, int, str]]:
        """(UID, size, address in From) of some messages."""
        listed = ",".join(map(str, uids))
        _, rows = self._server.uid("FETCH", listed, "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM)])")
        for row in rows:
            if isinstance(row, tuple) and (found := _LINE.search(row[0])):
                uid, size = (found[1], found[2]) if found[1] else (found[4], found[3])
                header = row[1].decode("utf-8", "replace").partition(":")[2]
                yield int(uid), int(size), parseaddr(header.strip())[1].lower()

    def fetch(self, uid: int) -> bytes:
        """One whole message, cut at the size of the largest letter; empty if it is gone."""
        with self._said_plainly():
            _, rows = self._server.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST_LETTER}>)")
        return next((bytes(row[1]) for row in rows if isinstance(row, tuple)), b"")

    def close(self) -> None:
        """Sign out; whatever goes wrong with that is of no interest."""
        try:
            self._server.logout()
        except (imaplib.IMAP4.error, OSError, AttributeError):
            return

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        where = self._account.imap
        try:
            yield
        except ssl.SSLError as error:
            raise BearerProblem("mail_no_tls", address=where, reason=tls_reason(error)) from None
        except TimeoutError:
            raise BearerProblem("timed_out", address=where, ms=int(self._account.patience_s * 1000)) from None
        except OSError as error:
            raise BearerProblem("unreachable", address=where, reason=(error.strerror or "cut")[:60]) from None
        except imaplib.IMAP4.abort:
            raise BearerProblem("unreachable", address=where, reason="the connection was cut") from None
        except imaplib.IMAP4.error:
            raise BearerProblem("mail_odd", address=where, reason="it refuses a command") from None
