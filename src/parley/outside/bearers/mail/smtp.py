"""One letter out: connect, protect, sign in, hand over. Every refusal becomes a problem that says whose it is."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from parley.outside.bearers.https.endpoint import split
from parley.outside.bearers.mail.account import Account, Security
from parley.outside.bearers.problems import BearerProblem


def hand_over(account: Account, message: EmailMessage) -> None:
    """Give `message` to the account's SMTP server; blocks.

    Raises:
        BearerProblem: unreachable, timed_out, mail_no_tls, mail_password, mail_later (it may be tried again),
            mail_refused (it will not help). After any but the last two the server may have the letter all the same.
    """
    with _said_plainly(account), _open(account) as server:
        if account.smtp_security is Security.STARTTLS:
            server.starttls(context=account.context(account.smtp))
        if account.user:
            server.login(account.user, account.password)
        server.send_message(message)


def _open(account: Account) -> smtplib.SMTP:
    host, port = split(account.smtp)
    # The name said in HELO is an address literal: the machine's own name is nobody's business.
    us, patience = "[127.0.0.1]", account.patience_s
    if account.smtp_security is Security.TLS:
        context = account.context(account.smtp)
        return smtplib.SMTP_SSL(host, port, local_hostname=us, timeout=patience, context=context)
    return smtplib.SMTP(host, port, local_hostname=us, timeout=patience)


@contextmanager
def _said_plainly(account: Account) -> Iterator[None]:
    where = account.smtp
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise _by_code(where, error.smtp_code, "mail_password") from None
    except smtplib.SMTPNotSupportedError:
        reason = "it offers none" if account.smtp_security is Security.STARTTLS else "no way to sign in"
        raise BearerProblem("mail_no_tls", address=where, reason=reason) from None
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise _by_code(where, code, "mail_refused") from None
    except smtplib.SMTPResponseException as error:  # sender or data refused, greeting other than 220
        raise _by_code(where, error.smtp_code, "mail_refused") from None
    except ssl.SSLError as error:
        raise BearerProblem("mail_no_tls", address=where, reason=tls_reason(error)) from None
    except (smtplib.SMTPException, OSError) as error:
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            raise BearerProblem("timed_out", address=where, ms=int(account.patience_s * 1000)) from None
        reason = (getattr(error, "strerror", None) or "the connection was cut")[:60]
        raise BearerProblem("unreachable", address=where, reason=reason) from None


def _by_code(where: str, code: int, lasting: str) -> BearerProblem:
    """4xx may pass, 5xx does not (RFC 5321, 4.2.1); what the server says in words is shown to nobody."""
    if lasting == "mail_password" and code >= 500:
        return BearerProblem("mail_password", address=where)
    return BearerProblem("mail_refused" if code >= 500 else "mail_later", address=where, code=code)


def tls_reason(error: ssl.SSLError) -> str:
    """Why TLS failed, in OpenSSL's word for it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message[:60]
    return (error.reason or "no TLS there").replace("_", " ").lower()[:60]
