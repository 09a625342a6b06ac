"""Writes the texts of this folder. The expected outcome stands in front of each text, where a carrier's letter would;
in the JSON files of letters and frames, beside it.

python vectors/bearers/make.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from parley.outside.bearers import Label, armour
from parley.outside.bearers.mail import write_letter
from parley.outside.bearers.paper import make_frames

HERE = Path(__file__).parent
PARCEL = bytes(range(256)) * 2
TEXT = armour(PARCEL, Label("XA", "XB", 2))
LINES = TEXT.splitlines()


def without(at: int) -> str:
    return "\n".join(LINES[:at] + LINES[at + 1 :]) + "\n"


CASES = {
    "plain": ("reads", TEXT),
    "nothing-inside": ("reads, empty", armour(b"", Label("XA", "XB", 0))),
    "quoted": ("reads", "".join(f"> {line}\n" for line in LINES)),
    "other-line-ends": ("reads", TEXT.replace("\n", "\r\n")),
    "double-spaced": ("reads", TEXT.replace("\n", "\n\n")),
    "header-lies": ("reads", TEXT.replace("From: XA", "From: XC").replace("Bytes: 512", "Bytes: 9")),
    "letter-misread": ("damaged_line 3", TEXT.replace("0003 W", "0003 w")),
    "line-lost": ("damaged_line 4", without(10)),
    "lines-exchanged": ("damaged_line 2", "\n".join([*LINES[:8], LINES[9], LINES[8], *LINES[10:]]) + "\n"),
    "last-line-lost": ("damaged", without(-2)),
    "other-checksum": ("damaged", TEXT.replace("SHA-256: ", "SHA-256: 0")),
    "no-end": ("not_a_parcel", TEXT.replace("END PARLEY", "END OTHER")),
    "no-beginning": ("not_a_parcel", TEXT.replace("BEGIN PARLEY", "BEGIN OTHER")),
}

LETTER_ID = "00112233445566778899aabbccddeeff"


def letter() -> str:
    """A letter with a fixed id, time and boundary."""
    _, message = write_letter(PARCEL, sender="xa@almara.example", recipient="xb@beltova.example")
    for name, value in {
        "Message-ID": f"<{LETTER_ID}@almara.example>",
        "Date": "Mon, 23 Nov 2026 18:11:00 +0000",
    }.items():
        message.replace_header(name, value)
    message.set_boundary("parley-vector")
    return message.as_bytes().decode("ascii")


BOUNCE = f"""From: MAILER-DAEMON@beltova.example
To: xa@almara.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.beltova.example

Final-Recipient: rfc822; xb@beltova.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <{LETTER_ID}@almara.example>

--b--
""".replace("\n", "\r\n")


def letters() -> dict[str, Any]:
    """Messages, and what each holds: a parcel, a problem, or a bounce of a letter."""
    plain = letter()
    body = plain.index("\r\n\r\n", plain.index("parcel.parley")) + 204
    pasted = "Subject: Re: Parley parcel\r\n\r\nDear colleague,\r\n" + TEXT.replace("\n", "\r\n")
    cases = {
        "as it is written": ("parcel", plain),
        "other line ends": ("parcel", plain.replace("\r\n", "\n")),
        "attachment renamed": ("parcel", plain.replace("parcel.parley", "ATT00001.bin")),
        "attachment called a picture": ("parcel", plain.replace("application/octet-stream", "image/png")),
        "subject marked": ("parcel", plain.replace("Subject: ", "Subject: [EXTERNAL] ")),
        "footer added": ("parcel", plain + "\r\nScanned.\r\n"),
        "pasted as lines of text": ("parcel", pasted),
        **{f"truncated by {n}": ("damaged", plain[: len(plain) - n]) for n in (300, 301, 302, 303)},
        "a letter changed": ("damaged", plain[:body] + ("A" if plain[body] != "A" else "B") + plain[body + 1 :]),
        "attachment taken off": ("no_parcel_inside", plain[: plain.index("--parley-vector\r\nContent-Type: app")]),
        "another's mail": ("no_parcel_inside", "Subject: Lunch\r\n\r\nAt one?\r\n"),
        "nothing": ("no_parcel_inside", ""),
        "bounce": (f"bounce {LETTER_ID} 5.1.1", BOUNCE),
        "delay": ("no_parcel_inside", BOUNCE.replace("failed", "delayed")),
    }
    return {
        "spec": "spec/mail.md, part 1",
        "run": "Read the message; the parcel is bytes 0 to 255 twice.",
        "cases": [{"name": n, "expected": e, "message": m} for n, (e, m) in cases.items()],
    }


def frames() -> dict[str, Any]:
    """Heaps of frames, and what each gives back: a parcel, or how many more are wanted."""
    large = bytes(range(256)) * 10
    some, small = make_frames(large), make_frames(PARCEL)
    cases = {
        "all of them": ("2560", some),
        "the first one missing": ("2560", some[1:]),
        "two missing, shuffled, doubled": ("2560", [some[6], some[2], some[2], some[5], some[1], some[3], some[6]]),
        "only repair frames are left of the last two": ("2560", [*some[:3], *some[5:]]),
        "too few": ("wanted 2", some[:3]),
        "a letter misread": ("wanted 1", [*some[:4], some[4].replace("A", "B", 1)]),
        "two parcels": ("2560 512", [*some, *small]),
        "another version": ("nothing", ["PARLEY:AIAAC" + some[0][12:]]),
        "another text": ("nothing", ["HTTPS://EXAMPLE.ORG"]),
    }
    return {
        "spec": "spec/paper.md, part 1",
        "run": "Put the frames together: lengths of the parcels that result, or how many more are wanted.",
        "cases": [{"name": n, "expected": e, "frames": f} for n, (e, f) in cases.items()],
    }


if __name__ == "__main__":
    for name, (expected, text) in CASES.items():
        (HERE / f"{name}.txt").write_text(f"expected: {expected}\n\n{text}", newline="")
    for name, made in (("letters", letters()), ("frames", frames())):
        (HERE / f"{name}.json").write_text(json.dumps(made, indent=1) + "\n", encoding="ascii")
