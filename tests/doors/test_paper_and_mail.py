"""Paper and mail from the command line: what a person types when HTTPS is down, and what an idle node does not load."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parley.directory import decode_particulars

MAIL = """
[mail]
address = "xa@almara.example"
smtp = "127.0.0.1:1"
imap = "127.0.0.1:1"
imap_security = "none"
"""


def set_up_mail(desk: Any) -> None:
    path = desk.home / "parley.toml"
    text = path.read_text("utf-8").partition("[mail]")[0]
    path.write_text(text + MAIL, "utf-8")
    secret = desk.home / "mail.password"
    secret.write_text("a mail password\n")
    secret.chmod(0o600)


def pictures(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.png"))]


def test_a_note_and_its_receipt_go_on_paper(desk: Any, serving: Callable[..., Any]) -> None:
    """XB's node does not run: its key comes as a file, the note on paper with frames missing, the receipt on paper.

    XB never heard XA's prekey: it comes with the note, or the receipt could not be sealed.
    """
    there = desk.other("XB", "boris")
    assert there("parcel", "XA", "news.parcel").code == 0
    assert desk("take", "news.parcel").code == 0
    serving(desk)
    sent = desk("--json", "send", desk.draft(), "--yes")
    assert sent.code == 0, sent.err
    note = sent.value["note"]

    made = desk("--json", "parcel", "XB", "sheets", "--qr", "--picture", "png")
    assert made.code == 0, made.err
    folder = desk.folder / "sheets"
    assert made.value == {"parcel": "sheets", "frames": len(pictures(folder))}
    assert (folder / "page.html").exists()

    some = pictures(folder)
    random.Random(3).shuffle(some)
    few = there("--json", "take", *some[:3])
    assert few.code == 2
    problem = json.loads(few.out)
    assert problem["problem"] == "bearer.frames_wanted"
    assert f"3 of {len(some)} frames were read" in problem["what"]
    assert there("--json", "inbox").value == []  # nothing was taken

    taken = there("take", *some[2:], some[4], "--reply", "back", "--qr", "--picture", "png")
    assert taken.code == 0, taken.err
    assert [row["note"] for row in there("--json", "inbox").value] == [note]
    assert there("take", *some[2:]).code == 0
    assert len(there("--json", "inbox").value) == 1  # the same once more is the same

    back = desk("take", *pictures(desk.folder / "back"))
    assert back.code == 0, back.err
    [row] = desk("--json", "state", note).value["with"]
    assert row["delivery"] == "opened"


def test_frames_on_a_screen_are_printed_and_nothing_is_written(desk: Any) -> None:
    there = desk.other("XB", "boris")
    shown = there("parcel", "XA", "nowhere", "--qr", "--picture", "terminal", "--particulars")
    assert shown.code == 0, shown.err
    assert "▀" in shown.out
    assert not (desk.folder / "nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("parcel", "XB", "out", "--qr", "--picture", "jpg"), "svg, png, terminal"),
        (("take", "cat.png"), "No frame of a parcel was found in cat.png"),
        (("take", "half.png"), "half.png is no picture that can be opened"),
        (("take", "letter.txt"), "letter.txt is not a parcel of Parley"),
    ],
)
def test_mistakes_with_pictures(desk: Any, arguments: tuple[str, ...], says: str) -> None:
    """Each ends with 2 and one sentence."""
    from PIL import Image

    Image.new("L", (200, 200), 200).save(desk.folder / "cat.png")
    (desk.folder / "half.png").write_bytes((desk.folder / "cat.png").read_bytes()[:60])
    (desk.folder / "letter.txt").write_text("Dear colleague")
    done = desk(*arguments)
    assert done.code == 2
    assert says in " ".join(done.err.split())


def test_a_mail_address_joins_the_https_address_in_the_particulars(desk: Any) -> None:
    """Naming one kind leaves the other as it was; an empty one takes it out."""

    def proposed(*more: str) -> list[tuple[str, str]]:
        assert desk("particulars", "propose", "next", *more).code == 0
        found = decode_particulars((desk.folder / "next").read_bytes())
        return [(bearer.kind, bearer.address.partition(":")[0]) for bearer in found.bearers]

    assert proposed("--mail", "xa@almara.example") == [("https", "https"), ("mail", "xa@almara.example")]
    assert proposed("--https", "127.0.0.1:8451") == [("https", "https")]
    assert proposed("--https", "", "--mail", "xa@almara.example") == [("mail", "xa@almara.example")]
    assert proposed("--days", "30") == [("https", "https")]


def test_doctor_says_which_bearers_are_set_up(desk: Any) -> None:
    def rows() -> dict[str, bool]:
        return {row["what"]: row["ok"] for row in desk("--json", "doctor").value}

    [bearers] = [what for what in rows() if what.startswith("bearers: ")]
    assert "no mail" in bearers
    assert "files and paper by hand" in bearers
    assert rows()["XB by https: not tried yet"]
    set_up_mail(desk)
    assert any("mail as xa@almara.example" in what for what in rows())
    assert rows()["mail: mail.password is readable by its owner only"]
    (desk.home / "mail.password").chmod(0o644)
    assert not rows()["mail: mail.password cannot be used"]


HEAVY = ("smtplib", "imaplib", "raptorq", "zxingcpp", "PIL", "segno", "email.message", "numpy")
IDLE = """
import os, sys
from pathlib import Path
from parley import wiring
from parley.outside.loop import run
from parley.outside.settings import Home
def ready(_):
    print(" ".join(name for name in sys.argv[2].split() if name in sys.modules), flush=True)
    os._exit(0)
run(wiring.serve(Home(Path(sys.argv[1])), passphrase=None, ready=ready))
"""


def loaded_when_idle(desk: Any) -> set[str]:
    command = [sys.executable, "-c", IDLE, str(desk.home), " ".join(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_an_idle_node_loads_neither_mail_nor_pictures(desk: Any) -> None:
    """The control is the same node with mail set up."""
    assert loaded_when_idle(desk) <= {"email.message"}
    set_up_mail(desk)
    assert {"smtplib", "imaplib"} <= loaded_when_idle(desk)
    assert not loaded_when_idle(desk) & {"raptorq", "zxingcpp", "PIL", "segno"}
