"""Letters over real servers: what relays and mailboxes do to them, and what is said of it."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import socket
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.line.roads import Bounce, Letter, Place
from parley.outside.bearers import BearerProblem, Label, armour
from parley.outside.bearers.mail import Account, MailAlert, MailBearer, Security, read_letter, write_letter
from parley.outside.bearers.mail import imap as mailbox
from parley.terms.problem import Fault

XA, XB = "xa@almara.example", "xb@beltova.example"
PASSWORD = "a mail password"
PARCEL = bytes(range(256)) * 40


def account(servers: Any, address: str = XA, **changes: Any) -> Account:
    fields = {
        "address": address,
        "smtp": f"127.0.0.1:{servers.smtp}",
        "imap": f"127.0.0.1:{servers.imaps}",
        "user": address,
        "password": PASSWORD,
        "ca_file": servers.ca_file,
        "patience_s": 10.0,
    }
    return Account(**{**fields, **changes})


def send(servers: Any, parcel: bytes = PARCEL, **changes: Any) -> str:
    return asyncio.run(MailBearer(account(servers, **changes)).send(XB, parcel))


def collect(servers: Any, since: bytes = b"", known: tuple[str, ...] = (), **changes: Any) -> list[Any]:
    async def main() -> list[Any]:
        bearer = MailBearer(account(servers, XB, **changes))
        return [one async for one in bearer.collect(since, known)]

    return asyncio.run(main())


def parcels(found: list[Any]) -> list[bytes]:
    return [one.parcel for one in found if isinstance(one, Letter) and one.parcel is not None]


def key_of(call: Callable[[], Any]) -> str:
    with pytest.raises(BearerProblem) as caught:
        call()
    assert str(caught.value)  # the sentence can be made
    return caught.value.key.partition(".")[2]


def test_a_parcel_arrives_and_the_place_is_kept(mail_servers: Any) -> None:
    """The second look, from the mark, finds nothing; what comes later is found."""
    send(mail_servers)
    first = collect(mail_servers)
    assert parcels(first) == [PARCEL]
    mark = first[-1].mark
    assert collect(mail_servers, mark) == []
    send(mail_servers, b"later")
    assert parcels(collect(mail_servers, mark)) == [b"later"]


def test_the_mailbox_is_left_as_it_was(mail_servers: Any) -> None:
    """Nothing is marked as read, moved or deleted: a ministry may look into the same mailbox with another program."""
    send(mail_servers)
    collect(mail_servers)
    names = [path.name for part in ("new", "cur") for path in (mail_servers.mailbox(XB) / part).iterdir()]
    assert len(names) == 1
    assert "S" not in names[0].partition(":2,")[2]


def test_a_letter_says_nothing_but_addresses_time_and_size(mail_servers: Any) -> None:
    """Two different parcels of one size give messages that differ in id, time and attachment alone."""
    shown = []
    for parcel in (b"a" * 300, b"b" * 300):
        send(mail_servers, parcel)
        message = email.message_from_bytes(mail_servers.habits.letters[-1], policy=email.policy.default)
        head = {name: value for name, value in message.items() if name not in ("Message-ID", "Date", "Content-Type")}
        shown.append((head, message.get_body().get_content()))  # type: ignore[union-attr]
    assert shown[0] == shown[1]
    assert shown[0][0]["Subject"] == "Parley parcel"
    assert "not to concur" in shown[0][1]


def ring(servers: Any, **changes: Any) -> str:
    return asyncio.run(MailAlert(account(servers, **changes), (XA, XB), "Please look at the desk.").ring())


def test_an_alert_says_the_settings_words_and_nothing_else(mail_servers: Any) -> None:
    """Every header is named here; two letters differ in id and time alone; no party, number or precedence is told."""
    assert [ring(mail_servers), ring(mail_servers)] == ["", ""]
    heads, ids = [], []
    for raw in mail_servers.habits.letters:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        head = dict(message.items())
        ids.append((head.pop("Message-ID"), head.pop("Date")))
        heads.append((head, message.get_content()))
    assert heads[0] == heads[1]
    assert heads[0][1].strip() == heads[0][0]["Subject"] == "Please look at the desk."
    assert set(heads[0][0]) <= {
        "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert ids[0][0] != ids[1][0]
    assert b"FLASH" not in mail_servers.habits.letters[0].upper()
    assert mail_servers.count(XA) == mail_servers.count(XB) == 2


ALERT_FAILS: dict[str, tuple[Callable[[Any], str | None], dict[str, Any], str]] = {
    "a server that is busy": (lambda envelope: "451 later", {}, "bearer.mail_later"),
    "a server that refuses": (lambda envelope: "550 no", {}, "bearer.mail_refused"),
    "a password that is wrong": (lambda envelope: None, {"password": "another"}, "bearer.mail_password"),
    "no server": (lambda envelope: None, {"smtp": "127.0.0.1:1"}, "bearer.unreachable"),
}


@pytest.mark.parametrize("case", ALERT_FAILS)
def test_an_alert_that_does_not_leave_says_why(mail_servers: Any, case: str) -> None:
    answer, changes, expected = ALERT_FAILS[case]
    mail_servers.habits.answer = answer
    assert ring(mail_servers, **changes) == expected


# What happens on the way: name -> (what is done to the raw message, what must come of it: parcels, or a problem's key)
ON_THE_WAY: dict[str, tuple[Callable[[bytes], list[bytes]], list[bytes] | str]] = {
    "doubled": (lambda raw: [raw, raw], [PARCEL, PARCEL]),
    "line ends rewritten": (lambda raw: [raw.replace(b"\r\n", b"\n")], [PARCEL]),
    "line ends doubled": (lambda raw: [raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")], [PARCEL]),
    "attachment renamed": (lambda raw: [raw.replace(b"parcel.parley", b"ATT00001.bin")], [PARCEL]),
    "attachment called a picture": (lambda raw: [raw.replace(b"application/octet-stream", b"image/jpeg")], [PARCEL]),
    "subject marked as foreign": (lambda raw: [raw.replace(b"Subject: ", b"Subject: [EXTERNAL] ")], [PARCEL]),
    "our header taken off": (lambda raw: [raw.replace(b"Parley-Parcel: 1\r\n", b"")], [PARCEL]),
    "subject rewritten": (lambda raw: [raw.replace(b"Subject: Parley parcel", b"Subject: (none)")], [PARCEL]),
    "truncated": (lambda raw: [raw[: len(raw) * 2 // 3]], "damaged"),
    "truncated before the attachment": (lambda raw: [raw[: raw.index(b"parcel.parley")]], "no_parcel_inside"),
    "a letter of base64 changed": (lambda raw: [raw[:-400] + b"A" + raw[-399:]], "damaged"),
    "attachment replaced by a notice": (
        lambda raw: [re.sub(rb"\r\n\r\niVBQ.*|\r\n\r\niVB.*|\r\n\r\niVA.*", b"\r\n\r\nremoved", raw, flags=re.S)],
        "no_parcel_inside",
    ),
    "a footer put under it": (lambda raw: [raw + b"\r\nThis message was scanned.\r\n"], [PARCEL]),
}


@pytest.mark.parametrize("name", ON_THE_WAY)
def test_what_happens_to_a_letter_on_its_way(mail_servers: Any, name: str) -> None:
    """Either the parcel, byte for byte, or a plain word; and the place moves on, so that it stops nothing."""
    change, expected = ON_THE_WAY[name]
    mail_servers.habits.change = change
    send(mail_servers)
    found = collect(mail_servers)
    assert isinstance(found[-1], Place)
    if isinstance(expected, str):
        assert parcels(found) == []
        assert [one.problem.key for one in found if isinstance(one, Letter)] == [f"bearer.{expected}"]
    else:
        assert parcels(found) == expected


def test_a_parcel_as_lines_of_text_is_found_in_the_text_of_a_message(mail_servers: Any) -> None:
    """Some gateways let no attachment pass: then a person pastes the text."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = XA, XB, "Re: Parley parcel"
    message.set_content("Dear colleague,\n\n" + armour(PARCEL, Label("XA", "XB", 2)) + "\nYours\n")
    mail_servers.put(XB, message.as_bytes())
    assert parcels(collect(mail_servers)) == [PARCEL]


@pytest.mark.parametrize(
    ("answer", "key", "fault"),
    [
        ("451 4.7.1 Greylisted, come back later", "mail_later", Fault.MACHINE),
        ("452 4.2.2 Mailbox full", "mail_later", Fault.MACHINE),
        ("550 5.1.1 No such user", "mail_refused", Fault.PEER),
        ("552 5.3.4 Message too big", "mail_refused", Fault.PEER),
    ],
)
def test_a_server_that_refuses_is_named_with_its_code(mail_servers: Any, answer: str, key: str, fault: Fault) -> None:
    """4xx may pass, 5xx does not; the server's own sentence is shown to nobody."""
    mail_servers.habits.answer = lambda envelope: answer
    with pytest.raises(BearerProblem) as caught:
        send(mail_servers)
    assert caught.value.key == f"bearer.{key}"
    assert caught.value.fault is fault
    assert caught.value.arguments["code"] == int(answer[:3])
    assert "Greylisted" not in str(caught.value)


def test_a_greylisting_server_accepts_the_second_attempt(mail_servers: Any) -> None:
    habits = mail_servers.habits
    habits.answer = lambda envelope: None if habits.refused else "451 4.7.1 later"
    assert key_of(lambda: send(mail_servers)) == "mail_later"
    send(mail_servers)
    assert parcels(collect(mail_servers)) == [PARCEL]


def test_a_wrong_password_is_said_for_both_servers(mail_servers: Any) -> None:
    """It is our own fault, and the password stands in no message and no repr."""
    wrong = account(mail_servers, password="a wrong password")
    assert "wrong" not in repr(wrong)
    assert key_of(lambda: send(mail_servers, password="a wrong password")) == "mail_password"
    assert key_of(lambda: collect(mail_servers, password="a wrong password")) == "mail_password"


def test_nothing_goes_out_in_clear_when_tls_is_refused(mail_servers: Any) -> None:
    """A server without STARTTLS, and certificates that nobody vouches for: no letter, no password."""
    assert key_of(lambda: send(mail_servers, ca_file=None)) == "mail_no_tls"
    assert key_of(lambda: collect(mail_servers, ca_file=None)) == "mail_no_tls"
    plain = f"127.0.0.1:{mail_servers.imap}"
    assert key_of(lambda: collect(mail_servers, imap=plain)) == "mail_no_tls"  # no TLS from the first byte there
    mail_servers.stop_smtp()
    mail_servers.start_smtp(tls=False)
    try:
        assert key_of(lambda: send(mail_servers)) == "mail_no_tls"
        assert mail_servers.habits.accepted == 0
        send(mail_servers, smtp_security=Security.NONE)  # control: the server does take letters
        assert mail_servers.habits.accepted == 1
    finally:
        mail_servers.stop_smtp()
        mail_servers.start_smtp()


def test_starttls_serves_for_the_mailbox_too(mail_servers: Any) -> None:
    send(mail_servers)
    plain = {"imap": f"127.0.0.1:{mail_servers.imap}", "imap_security": Security.STARTTLS}
    assert parcels(collect(mail_servers, **plain)) == [PARCEL]


def test_a_folder_that_is_not_there_is_said(mail_servers: Any) -> None:
    assert key_of(lambda: collect(mail_servers, folder="Nowhere")) == "mail_no_folder"


def test_a_server_that_is_not_there_is_unreachable(mail_servers: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        assert key_of(lambda: send(mail_servers, smtp=nobody)) == "unreachable"
        assert key_of(lambda: collect(mail_servers, imap=nobody)) == "unreachable"


def test_a_server_that_says_nothing_is_given_up_and_keeps_nobody_from_ending(mail_servers: Any) -> None:
    """It times out when its patience is over; a node that stops before does not wait for that."""

    async def stopped_early(silent: str) -> None:
        bearer = MailBearer(account(mail_servers, smtp=silent, patience_s=600.0))
        task = asyncio.create_task(bearer.send(XB, PARCEL))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = f"127.0.0.1:{server.getsockname()[1]}"
        assert key_of(lambda: send(mail_servers, smtp=silent, patience_s=0.3)) == "timed_out"
        assert key_of(lambda: collect(mail_servers, imap=silent, patience_s=0.3)) in ("timed_out", "mail_no_tls")
        asyncio.run(stopped_early(silent))  # with threads of the loop's own, this would take ten minutes


def test_of_ten_thousand_foreign_messages_none_is_downloaded(mail_servers: Any, monkeypatch: Any) -> None:
    """The server searches its headers in stretches; one letter is fetched; the next look starts after them all."""
    foreign = b"From: someone@elsewhere.example\r\nTo: xb@beltova.example\r\nSubject: Meeting\r\n\r\nHello.\r\n"
    for _ in range(10_000):
        mail_servers.put(XB, foreign)
    fetched: list[int] = []
    stretches: list[tuple[int, int]] = []
    fetch, ours = mailbox.Mailbox.fetch, mailbox.Mailbox.ours
    monkeypatch.setattr(mailbox.Mailbox, "fetch", lambda box, uid: (fetched.append(uid), fetch(box, uid))[1])
    monkeypatch.setattr(mailbox.Mailbox, "ours", lambda box, *args: (stretches.append(args[:2]), ours(box, *args))[1])
    assert parcels(collect(mail_servers)) == []
    assert fetched == []
    assert stretches == [(1, 5_000), (5_001, 10_000)]
    stretches.clear()
    send(mail_servers)
    found = collect(mail_servers)
    assert parcels(found) == [PARCEL]
    assert fetched == [10_001]
    assert [last - first for first, last in stretches] == [4_999, 4_999, 0]
    assert collect(mail_servers, found[-1].mark) == []
    assert len(stretches) == 3
    # A look that was cut after the first stretch goes on from there.
    marks = [one.mark for one in found if isinstance(one, Place)]
    assert parcels(collect(mail_servers, marks[0])) == [PARCEL]
    assert len(stretches) == 5


def test_a_message_larger_than_any_parcel_is_not_downloaded(mail_servers: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("parley.outside.bearers.mail.imap.LARGEST_LETTER", 20_000)
    send(mail_servers, bytes(40_000))
    send(mail_servers, b"small")
    monkeypatch.setattr(mailbox.Mailbox, "fetch", _only_small(mailbox.Mailbox.fetch))
    found = collect(mail_servers)
    assert parcels(found) == [b"small"]
    assert [one.problem.key for one in found if isinstance(one, Letter) and one.problem] == ["bearer.too_large"]


def _only_small(fetch: Any) -> Any:
    def checked(box: Any, uid: int) -> bytes:
        raw: bytes = fetch(box, uid)
        assert len(raw) < 20_000
        return raw

    return checked


def test_letters_from_listed_addresses_come_first(mail_servers: Any) -> None:
    """A stranger's flood is looked at after a peer's letter, though it came before it."""
    for number in range(30):
        _, message = write_letter(b"junk %d" % number, sender="stranger@elsewhere.example", recipient=XB)
        mail_servers.put(XB, message.as_bytes())
    send(mail_servers)
    assert parcels(collect(mail_servers, known=(XA,)))[0] == PARCEL
    assert parcels(collect(mail_servers))[0] != PARCEL  # control


def test_new_numbers_for_old_messages_bring_everything_once_more(mail_servers: Any) -> None:
    """A server that was rebuilt gives out new UIDs; the mark of the old ones must hide nothing."""
    send(mail_servers)
    mark = collect(mail_servers)[-1].mark
    validity = int(mark.split()[0])
    while int(time.time()) <= validity:  # Dovecot takes the second for UIDVALIDITY: it must be another one
        time.sleep(0.05)
    mail_servers.empty()
    send(mail_servers)
    found = collect(mail_servers, mark)
    assert parcels(found) == [PARCEL]
    assert int(found[-1].mark.split()[0]) != validity
    # The same number, given anew within one second, and fewer messages than we saw: everything once more too.
    assert parcels(collect(mail_servers, found[-1].mark.split()[0] + b" 99")) == [PARCEL]


def test_a_mark_that_is_none_begins_at_the_beginning(mail_servers: Any) -> None:
    send(mail_servers)
    for mark in (b"", b"nonsense", b"7 x", b"\xff"):
        assert parcels(collect(mail_servers, mark)) == [PARCEL]


def bounce(letter_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """What a server sends that could not deliver (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@beltova.example\r\nTo: xa@almara.example\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; xb@beltova.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{letter_id}@almara.example>\r\n\r\n--b--\r\n"
    ).encode()


def test_a_bounce_names_the_letter_that_came_back(mail_servers: Any) -> None:
    """Found in the mailbox by its kind; a delay is no bounce, nor is a report about nothing of ours."""
    letter_id = send(mail_servers)
    mail_servers.put(XB, bounce(letter_id))
    found = collect(mail_servers)
    assert Bounce(letter_id, "5.1.1") in found
    assert not isinstance(read_letter(bounce(letter_id, "delayed")), Bounce)
    assert not isinstance(read_letter(bounce("not an id")), Bounce)
    assert read_letter(bounce(letter_id, status="<script>")) == Bounce(letter_id, "?")


@given(st.binary(max_size=2000))
def test_any_message_is_a_letter_or_a_problem(body: bytes) -> None:
    """Property: never an exception, whatever lies in the mailbox."""
    heads = (
        b"",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n",
    )
    for head in heads:
        found = read_letter(head + body)
        assert isinstance(found, Bounce) or found.problem is not None


COSTLY = {
    "multiparts within multiparts": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(20_000)
    ),
    "a megabyte of headers": b"X: y\r\n" * 200_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_message_made_to_cost_time_is_not_parsed(name: str, monkeypatch: Any) -> None:
    """The parser of the standard library takes seconds for it; the control is a letter of the largest parcel."""
    parsed: list[int] = []
    parse = email.message_from_bytes
    monkeypatch.setattr(email, "message_from_bytes", lambda raw, **o: (parsed.append(len(raw)), parse(raw, **o))[1])
    found = read_letter(COSTLY[name])
    assert isinstance(found, Letter)
    assert found.problem is not None
    assert parsed == []
    _, message = write_letter(bytes(8 << 20), sender=XA, recipient=XB)
    found = read_letter(message.as_bytes())
    assert isinstance(found, Letter)
    assert found.parcel == bytes(8 << 20)
    assert len(parsed) == 1


def test_a_message_of_a_thousand_layers_is_a_problem() -> None:
    """Deeper than Python's stack bears."""
    raw = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(1_500))
    found = read_letter(raw)
    assert isinstance(found, Letter)
    assert found.problem is not None
