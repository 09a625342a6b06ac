"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from .mail_servers import MailServers

# A busy machine is not a failure: no test says how long a thing may take.
settings.register_profile("parley", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("parley")


@pytest.fixture(scope="session")
def running_mail_servers() -> Iterator[MailServers]:
    servers = MailServers()
    yield servers
    servers.stop()


@pytest.fixture
def mail_servers(running_mail_servers: MailServers) -> MailServers:
    """Real SMTP and IMAP servers on loopback, empty and well-behaved until a test changes that."""
    running_mail_servers.empty()
    running_mail_servers.habits = type(running_mail_servers.habits)()
    return running_mail_servers
