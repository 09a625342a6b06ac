"""Mailing: settings -> a post office. Beside wiring, so that a node without mail imports none of it."""

from __future__ import annotations

from parley.desk.node import Node
from parley.desk.post_office import PostOffice
from parley.outside.bearers.mail import Account, MailAlert, MailBearer, Security
from parley.outside.settings import Home, Mail, read_secrets


def open_post(node: Node, home: Home, mail: Mail) -> PostOffice:
    """Start mailing for a serving node, and give it its alert if the settings name people.

    Raises SettingsProblem, BearerProblem for settings that cannot work.
    """
    account = Account(
        address=mail.address,
        smtp=mail.smtp,
        imap=mail.imap,
        smtp_security=Security(mail.smtp_security),
        imap_security=Security(mail.imap_security),
        user=mail.user or mail.address,
        password=read_secrets(home.path / mail.password_file)[0],
        ca_file=home.path / mail.ca_file if mail.ca_file else None,
        folder=mail.folder,
    )
    if mail.flash_to:
        node.alert = MailAlert(account, mail.flash_to, mail.flash_says)
    return PostOffice(node, MailBearer(account), lambda party: way_by_mail(node, party), look_in=mail.poll_s)


def way_by_mail(node: Node, party: str) -> tuple[str, bool] | None:
    """The mail address that the party's current particulars list first, and whether they list HTTPS too."""
    if party == node.party:
        return None
    bearers = sorted(node.directory.entry(party).current.bearers, key=lambda one: one.rank)
    address = next((one.address for one in bearers if one.kind == "mail"), None)
    return None if address is None else (address, any(one.kind == "https" for one in bearers))
