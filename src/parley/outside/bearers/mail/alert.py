"""A letter to people of ours that says nothing: the settings' few words, the same each time, and when it was sent.

No name of a party, no number, no precedence, no count, and no link that a mail program would fetch ahead. It waits for
nobody's absence note (RFC 3834), and asks for none of the receipts that would tell a server who opened it when.
"""

from __future__ import annotations

import email.policy
import secrets
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from parley.outside.bearers.mail import smtp
from parley.outside.bearers.mail.account import Account
from parley.outside.bearers.mail.bearer import apart
from parley.outside.bearers.problems import BearerProblem


class MailAlert:
    """As a bell (parley.desk.node.Bell): tells people that they are needed, and learns nothing."""

    def __init__(self, account: Account, to: tuple[str, ...], says: str) -> None:
        self._account, self._to, self._says = account, to, says

    async def ring(self) -> str:
        """Hand one letter for all of them to our SMTP server; "" or the key of what went wrong."""
        message = write_alert(self._account.address, self._to, self._says)
        try:
            await apart(lambda: smtp.hand_over(self._account, message))
        except BearerProblem as problem:
            return problem.key
        return ""


def write_alert(sender: str, to: tuple[str, ...], says: str) -> EmailMessage:
    """The letter; two of them differ in their id and time alone."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = formataddr(("", sender))
    message["To"] = ", ".join(formataddr(("", one)) for one in to)
    message["Subject"] = says
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{says}\n")
    return message
