"""A letter: the parcel's file as an attachment of a message that says nothing else; and finding it again.

The file's own mark and checksum decide, never a name or a type: programs on the way rename attachments and call them
what they like. A parcel as lines of text (armour) in the text of a message is found as well. What is read here is as
hostile as anything that comes over a network.
"""

from __future__ import annotations

import base64
import email
import email.errors
import email.policy
import re
import secrets
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import format_datetime, formataddr
from typing import Final

from parley.line.parcel import LARGEST_PARCEL
from parley.line.roads import Bounce, Letter
from parley.outside.bearers.armour import BEGIN
from parley.outside.bearers.by_hand import MARK, parcel_file, parcel_in
from parley.outside.bearers.problems import BearerProblem

SUBJECT: Final = "Parley parcel"
HEADER: Final = "Parley-Parcel"
FILE_NAME: Final = "parcel.parley"
LARGEST_LETTER: Final = LARGEST_PARCEL * 3 // 2 + (64 << 10)
"""Bytes of a whole message that is still downloaded: base64 with its line ends takes 1.37 of the parcel."""
MOST_PARTS: Final = 64
LEAST_LINE: Final = 40
OTHER_TEXT: Final = 256 << 10
"""A quarter of a megabyte of anything, and beyond it lines of at least 40 bytes on the average, as base64 and armour
have. Python's parser takes seconds for a megabyte of short headers or of multiparts within multiparts."""
TEXT: Final = """\
The attachment is a sealed parcel between two nodes of Parley. It is for the program at this address.

If you are a person: nothing here asks anything of you. To take it by hand, save the attachment
and run "parley take" on it. To carry, forward or acknowledge this message is not to concur with
anything. Nothing in it is an undertaking, an admission, a recognition or a waiver.
"""
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
_ID = re.compile(r"<([0-9a-f]{32})@")


def write_letter(parcel: bytes, *, sender: str, recipient: str) -> tuple[str, EmailMessage]:
    """The message that carries `parcel`, the same for every parcel but for addresses, time, id and size; and its id.

    The id is random, so that a bounce which names it comes from somebody who saw the letter.
    """
    letter_id = secrets.token_hex(16)
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = formataddr(("", sender))
    message["To"] = formataddr(("", recipient))
    message["Subject"] = SUBJECT
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{letter_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is announced to us
    message[HEADER] = "1"
    message.set_content(TEXT)
    message.add_attachment(
        parcel_file(parcel), maintype="application", subtype="octet-stream", filename=FILE_NAME, cte="base64"
    )
    return letter_id, message


def read_letter(raw: bytes) -> Letter | Bounce:
    """What a message holds; never raises: whatever is wrong with it stands in the letter's problem."""
    if raw.count(b"\n") * LEAST_LINE > len(raw) + OTHER_TEXT:
        return Letter(None, BearerProblem("no_parcel_inside"))
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        bounce = _bounce(message)
        return bounce if bounce is not None else Letter(_parcel(message))
    except BearerProblem as problem:
        return Letter(None, problem)
    except (ValueError, LookupError, TypeError, RecursionError, email.errors.MessageError):
        return Letter(None, BearerProblem("no_parcel_inside"))


def _parcel(message: Message) -> bytes:
    """The first parcel in any part; raises BearerProblem: why the best candidate is none, or no_parcel_inside."""
    trouble = BearerProblem("no_parcel_inside")
    for part in list(message.walk())[:MOST_PARTS]:
        content = _content(part)
        if content is None or not (content.startswith(MARK) or BEGIN.encode() in content):
            continue
        try:
            return parcel_in(content, LARGEST_PARCEL, "the attachment")
        except BearerProblem as problem:
            trouble = problem
    raise trouble


def _content(part: Message) -> bytes | None:
    """The bytes of a part; of base64 that was cut, those that are there, where the standard library gives letters."""
    if part.is_multipart():
        return None
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        letters = _NO_BASE64.sub("", str(part.get_payload()).partition("=")[0])
        return base64.b64decode(letters[: len(letters) // 4 * 4] + _last(letters))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else None


def _last(letters: str) -> str:
    """What follows the last whole group of four, filled up; one letter alone holds no byte."""
    rest = letters[len(letters) // 4 * 4 :]
    return "" if len(rest) < 2 else rest + "=" * (4 - len(rest))


def _bounce(message: Message) -> Bounce | None:
    """A delivery status notification (RFC 3464) that says "failed", about a message with an id like ours."""
    if message.get_content_type() != "multipart/report":
        return None
    failed, status, about = False, "?", None
    for part in list(message.walk())[:MOST_PARTS]:
        if part.get_content_type() == "message/delivery-status":
            text = "\n".join(str(sub) for sub in part.get_payload()) if part.is_multipart() else str(part)
            failed |= re.search(r"^Action:\s*failed", text, re.I | re.M) is not None
            found = re.search(r"^Status:\s*(\S+)", text, re.I | re.M)
            status = found[1] if found and _STATUS.fullmatch(found[1]) else status
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            text = str(part.get_payload(0)) if part.is_multipart() else str(part.get_payload())
            named = re.search(r"^Message-ID:\s*(<\S+>)", text, re.I | re.M)
            found = _ID.match(named[1]) if named else None
            about = found[1] if found else about
    return Bounce(about, status) if failed and about else None
