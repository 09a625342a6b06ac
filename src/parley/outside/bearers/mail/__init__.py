"""E-mail: a parcel as an attachment, out by SMTP, in by IMAP (spec/mail.md).

Needs an account on mail servers that the ministry runs or trusts to keep quiet about who writes to whom; for what is
inside they need no trust. The mailbox is only read: nothing in it is marked, moved or deleted. Standard library only,
each call in a thread; imported where it is used, so that a node without mail loads none of it.

Public: MailBearer, MailAlert, Account, Security, write_letter, read_letter.
"""

from __future__ import annotations

from parley.outside.bearers.mail.account import Account, Security
from parley.outside.bearers.mail.alert import MailAlert
from parley.outside.bearers.mail.bearer import MailBearer
from parley.outside.bearers.mail.letter import read_letter, write_letter

__all__ = ["Account", "MailAlert", "MailBearer", "Security", "read_letter", "write_letter"]
