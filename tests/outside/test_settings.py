"""The settings of a node: whatever stands in the file, they are read or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.outside.settings import Home, SettingsProblem

UNREADABLE = {
    "not UTF-8": b'party = "\xff"',
    "not TOML": b"party = ",
    "brackets without end": b"a = " + b"[" * 5000,
    "a number without end": b"a = " + b"9" * 5000,
    "another type": b"party = 7",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, content: bytes) -> None:
    """Each in its way; the control is a file that does."""
    home = Home(tmp_path)
    home.settings_file.write_bytes(content)
    with pytest.raises(SettingsProblem) as caught:
        home.settings()
    assert caught.value.key == "settings.unreadable"
    home.settings_file.write_bytes(b'party = "XA"')
    assert home.settings().party == "XA"


MAIL = 'party = "XA"\n[mail]\naddress = "xa@almara.example"\nsmtp = "mail.example:587"\nimap = "mail.example:993"\n'
BAD_MAIL = {
    "no server to send by": ('smtp = "mail.example:587"', 'smtp = ""'),
    "no server to read from": ('imap = "mail.example:993"', 'imap = ""'),
    "no TLS to another machine": ("[mail]", '[mail]\nsmtp_security = "none"'),
    "a protection that is none": ("[mail]", '[mail]\nimap_security = "ssl"'),
    "an address without a host": ("xa@almara.example", "xa@"),
    "an address that adds a header": ("xa@almara.example", "xa@almara.example\\nBcc: xb@beltova.example"),
    "a folder that adds a command": ("[mail]", '[mail]\nfolder = "INBOX\\r\\n1 DELETE INBOX"'),
    "a folder that ends its quotes": ("[mail]", '[mail]\nfolder = "IN\\"BOX"'),
    "a misspelt name": ("[mail]", '[mail]\npasword_file = "x"'),
    "no time between looks": ("[mail]", "[mail]\npoll_s = 0"),
    "an alert to nobody's address": ("[mail]", '[mail]\nflash_to = ["duty"]'),
    "an alert that adds a header": ("[mail]", '[mail]\nflash_to = ["a@b.example\\r\\nBcc: c@d.example"]'),
    "an alert of two lines": ("[mail]", '[mail]\nflash_says = "Look.\\nAt once."'),
    "an alert without words": ("[mail]", '[mail]\nflash_says = ""'),
    "an alert without an account": ('address = "xa@almara.example"', 'flash_to = ["duty@almara.example"]'),
}


@pytest.mark.parametrize("name", BAD_MAIL)
def test_mail_settings_that_cannot_work_are_refused_at_the_start(tmp_path: Path, name: str) -> None:
    """Not at three in the morning, when mail is first needed. The control is the same file unspoilt."""
    home = Home(tmp_path)
    home.settings_file.write_text(MAIL)
    assert home.settings().mail.address == "xa@almara.example"
    good, bad = BAD_MAIL[name]
    assert good in MAIL
    home.settings_file.write_text(MAIL.replace(good, bad))
    with pytest.raises(SettingsProblem) as caught:
        home.settings()
    assert caught.value.key == "settings.unreadable"


def test_a_server_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    home = Home(tmp_path)
    text = MAIL.replace("mail.example", "127.0.0.1").replace("[mail]", '[mail]\nsmtp_security = "none"')
    home.settings_file.write_text(text)
    assert home.settings().mail.smtp_security == "none"
