"""A person's mistakes, typed into the real command: what is wrong, whose fault, what to do; and nothing is lost."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import resource
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley import wiring
from parley.desk import particulars
from parley.desk.problems import DeskProblem
from parley.doors.local import RemoteProblem, as_answer
from parley.forms import explain
from parley.outside.clock import SystemClock
from parley.outside.settings import Home
from parley.testing import DAY, PartyKeys

Command = Any  # the fixtures' class: see conftest.py
YOURS, PEER, MACHINE, OURS = 2, 3, 4, 5
WHOSE = {
    YOURS: "This can be mended here.",
    PEER: "This is on the other side.",
    MACHINE: "This is this machine's fault.",
}


def told(done: Any, code: int, *parts: str) -> None:
    """The exit code, whose fault it is, every part of the message, and no traceback."""
    assert done.code == code, (done.out, done.err)
    said = " ".join(done.err.split())
    for part in (WHOSE[code], *parts):
        assert part in said, said
    assert "Traceback" not in done.err
    assert all(len(line) <= 80 for line in done.err.splitlines())


# -- the draft and its form


def test_a_missing_line_is_named_and_the_draft_is_kept_and_mended(desk: Command) -> None:
    """Every faulty line in a sentence; then `amend` mends it and the form is complete."""
    draft = desk.draft(lines=desk.worm[1:])
    told(desk("send", draft, "--yes"), YOURS, "Line 10 must be filled in.", "parley amend DRAFT")
    assert desk.drafts() == [draft]
    done = desk("--json", "send", draft, "--yes")
    assert done.value["problem"] == "form.sheet"
    assert done.value["lines"] == [
        {"line": 10, "problem": "form.missing", "what": "Line 10 must be filled in.", "do": "Fill it in."}
    ]
    assert desk("amend", draft, "--line", desk.worm[0]).code == 0
    # Mended: now it is only the signer that is missing.
    told(desk("send", draft, "--yes"), MACHINE, "No signer answers", "parley signer OFFICE")
    assert desk.drafts() == [draft]


CODES = {
    "code outside its list": ("10=shoot", "“shoot” does not fit line 10. ", "stop-traffic, take-offline"),
    "line that the form has not": ("77=x", "“x” does not fit line 77.", "lines 10, 11"),
    "no equals sign": ("10", "“10” is not NUMBER=CODE.", "--line 10=stop-traffic"),
    "no number": ("ten=stop-traffic", "“ten=stop-traffic” is not NUMBER=CODE."),
    "a time that is none": ("18=began yesterday", "“began yesterday” does not fit line 18."),
}


@pytest.mark.parametrize("name", CODES)
def test_a_line_that_cannot_be_is_refused_before_a_draft_is_made(desk: Command, name: str) -> None:
    line, *parts = CODES[name]
    told(desk("draft", "11", "--to", "XB/duty", "--line", line), YOURS, *(part.strip() for part in parts))
    assert desk.drafts() == []


def test_an_unknown_state_is_never_guessed(desk: Command) -> None:
    """No fuzzy matching: the nearest name would be an accusation that nobody made."""
    draft = desk.draft(lines=("15=Almera", *desk.worm))
    told(
        desk("send", draft, "--yes"),
        YOURS,
        "“Almera” in line 15 is not the code of a state.",
        "Choose a state from the list.",
    )
    assert desk.drafts() == [draft]


def test_a_form_that_does_not_exist(desk: Command) -> None:
    done = desk("draft", "77", "--to", "XB/duty")
    assert done.code != 0
    assert "Form 77" in done.err
    assert "parley forms" in " ".join(done.err.split())


def test_an_answer_hoped_for_in_the_past(desk: Command) -> None:
    told(
        desk("draft", "11", "--to", "XB/duty", "--answer-by", "2017-05-12T10:00Z"),
        YOURS, "“2017-05-12T10:00Z” has passed already.", "Name a time to come",
    )  # fmt: skip
    draft = desk.draft("--answer-by", "+30m")
    told(desk("amend", draft, "--answer-by", "2017-05-12T10:00Z"), YOURS, "has passed already")
    assert desk.drafts() == [draft]


def test_a_draft_that_does_not_exist(desk: Command) -> None:
    told(desk("send", "00000000", "--yes"), YOURS, "There is no draft 00000000.", "parley drafts")


def test_a_note_id_that_fits_several_or_none(desk: Command) -> None:
    """Two notes are put in the store whose ids begin alike."""
    asyncio.run(_two_alike(desk.home))
    told(desk("show", "aaaa"), YOURS, "aaaa fits more than one note.", "Write more digits of its id.")
    told(desk("show", "bbbb"), YOURS, "There is no note bbbb here.", "parley inbox")
    told(desk("show", "zz"), YOURS, "There is no note zz here.")


async def _two_alike(home: Path) -> None:
    from parley.line.ports import NoteRow

    async with wiring.open_node(Home(home)) as node:
        for number in (1, 2):
            row = NoteRow(
                note_id=b"\xaa" * 31 + bytes([number]), direction="out", sender="XA", office="duty", form=11,
                precedence=0, exercise=True, signed_at=1, thread=b"t" * 32, body=None, leaf=0, stored_at=1,
            )  # fmt: skip
            await node.store.write(lambda tx, row=row: tx.add_note(row), point="test")


# -- parties


def test_no_particulars_for_that_party_yet(desk: Command) -> None:
    draft = desk.draft(to="KE/duty")
    told(desk("send", draft, "--yes"), YOURS, "No particulars of KE are accepted here.", "parley particulars accept")
    assert desk.drafts() == [draft]


def test_expired_particulars_need_an_override_that_is_given_by_amending(desk: Command) -> None:
    asyncio.run(_accept_what_has_expired(desk.home))
    draft = desk.draft(to="KE/duty")
    told(desk("send", draft, "--yes"), YOURS, "The standing of KE is “expired”", "--override REASON")
    assert desk.drafts() == [draft]
    assert desk("amend", draft, "--override", "they were called and confirmed it").code == 0
    told(desk("send", draft, "--yes"), MACHINE, "No signer answers")


async def _accept_what_has_expired(home: Path) -> None:
    """KE's particulars were accepted while they were valid: ten days, which have passed."""
    then = time.time_ns() // 1_000_000 - 30 * DAY
    keys = PartyKeys("KE")
    signed = keys.signed(keys.particulars(then, expires_at=then + 10 * DAY))
    async with wiring.open_node(Home(home), clock=SystemClock(wall=lambda: then)) as node:
        heard = particulars.phrase_of(signed)
        await particulars.accept(node, signed, officer="r", heard=heard, means="in-person", confirmed=True)


def test_particulars_are_not_accepted_without_their_digits(desk: Command) -> None:
    exported = str(desk.folder / "xb")
    assert desk.other("XB", "boris")("particulars", "export", exported).code == 0
    told(
        desk("particulars", "accept", exported, "--heard", "1" * 20, "--confirmed"),
        YOURS, "The phrase does not belong to these particulars.",
    )  # fmt: skip
    told(desk("particulars", "accept", exported, "--heard", "12", "--confirmed"), YOURS, "A phrase has 20 digits")


# -- secrets


def test_a_wrong_passphrase_opens_nothing_and_is_repeated_nowhere(desk: Command) -> None:
    draft = desk.draft()
    right = desk.secret.read_text()
    desk.secret.write_text("another secret of the tests\n")
    done = desk("drafts")
    told(done, YOURS, "passphrase")
    assert "another secret" not in done.out + done.err
    desk.secret.write_text(right)
    assert desk.drafts() == [draft]


def test_a_wrong_release_passphrase_signs_nothing(desk: Command, serving: Any) -> None:
    """The file's second line is the release passphrase; the node is open, the officer is not."""
    draft = desk.draft()
    serving(desk)
    desk.secret.write_text(f"{desk.passphrase}\nnot that one\n")
    done = desk("send", draft, "--yes")
    told(done, YOURS, "The passphrase of “amal” does not fit.")
    assert "not that one" not in done.out + done.err
    desk.secret.write_text(desk.passphrase + "\n")
    assert desk.drafts() == [draft]
    assert desk("--json", "send", draft, "--yes").code == 0


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_passphrase_file_that_others_can_read_is_refused(desk: Command, mode: int) -> None:
    desk.secret.chmod(mode)
    told(desk("drafts"), YOURS, "Others on this computer can read the passphrase", "chmod 600")
    desk.secret.chmod(0o600)
    assert desk.drafts() == []


def test_an_empty_a_binary_and_an_absent_passphrase_file(desk: Command) -> None:
    desk.secret.write_bytes(b"\n")
    told(desk("drafts"), YOURS, "holds no passphrase")
    desk.secret.write_bytes(b"\xff\xfe\n")
    told(desk("drafts"), YOURS, "holds no passphrase")
    desk.secret.unlink()
    told(desk("drafts"), MACHINE, "cannot be read: No such file")


def test_without_a_terminal_and_a_file_nobody_is_asked(desk: Command) -> None:
    desk.secret = None
    told(desk("drafts"), YOURS, "no terminal to ask", "--passphrase-file")


def test_an_officer_who_does_not_release_for_the_office(desk: Command, serving: Any) -> None:
    draft = desk.draft()
    serving(desk)
    stranger = desk.other("XA", "zoe")
    told(stranger("send", draft, "--yes"), YOURS, "“zoe” is not an officer who releases for this office.")
    assert desk.drafts() == [draft]


# -- the node


def test_commands_that_need_a_running_node_say_so(desk: Command) -> None:
    told(desk("stop"), YOURS, "No node is running", "parley serve")
    told(desk("unlock"), YOURS, "No node is running")


def test_doctor_finds_what_is_amiss_and_says_what_to_do(desk: Command) -> None:
    """A key file that others can read, a signer that is silent, a node that does not run: exit code 4."""
    (desk.home / "node.key").chmod(0o600)
    (desk.home / "archive.key").chmod(0o644)
    done = desk("--json", "doctor")
    assert done.code == MACHINE
    amiss = {row["what"]: row["do"] for row in done.value if not row["ok"]}
    assert amiss["files: others can read archive.key"].startswith("chmod")
    assert amiss["signer of duty: silent"] == "Start it: parley serve does, or parley signer duty."
    assert amiss["the node does not run: nothing comes or goes"] == "Start it: parley serve."
    assert "XB: no key to seal to" in amiss


def test_a_locked_node_says_how_to_unlock_it(desk: Command, serving: Any) -> None:
    draft = desk.draft()
    serving(desk, "--locked")
    told(desk("drafts"), YOURS, "The node is locked", "parley unlock")
    assert desk("unlock").code == 0
    assert desk.drafts() == [draft]


def test_a_command_while_the_node_serves_goes_through_it(desk: Command, serving: Any) -> None:
    serving(desk)
    draft = desk.draft()
    assert desk.drafts() == [draft]
    assert desk("--json", "status").value["serving"] is True


def test_a_second_serve_is_refused_and_the_first_goes_on(desk: Command, serving: Any) -> None:
    first = serving(desk)
    told(desk("serve"), YOURS, "A node is already running", "parley stop")
    assert first.poll() is None
    assert desk("stop").code == 0
    assert first.wait(timeout=10) == 0
    assert desk.drafts() == []


def test_two_commands_at_once_take_turns(desk: Command) -> None:
    given = ["--json", "draft", "11", "--to", "XB/duty", "--line", desk.worm[0]]
    started = [desk.start(*given) for _ in range(3)]
    made = [json.loads(process.communicate(timeout=60)[0])["draft"] for process in started]
    assert sorted(desk.drafts()) == sorted(made)


def test_a_store_that_another_process_keeps_is_waited_for_and_then_named(desk: Command) -> None:
    draft = desk.draft()
    with (desk.home / "store.sqlite.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told(desk("drafts"), YOURS, "already open in another process", "Wait for the other command")
    assert desk.drafts() == [draft]


def test_a_port_that_is_taken(desk: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        desk.listen(other.getsockname()[1])
        told(desk("serve"), MACHINE, "Cannot listen on 127.0.0.1", "choose another port: listen in parley.toml")
    assert desk.drafts() == []
    assert not (desk.home / "signer-duty.sock").exists()


def test_a_killed_node_leaves_nothing_in_the_way(desk: Command, serving: Any) -> None:
    first = serving(desk)
    draft = desk.draft()
    first.kill()
    first.wait(timeout=10)
    assert (desk.home / "node.sock").exists()
    assert desk.drafts() == [draft]
    # Its signer, too, ended with it.
    ends = time.monotonic() + 10
    while (desk.home / "signer-duty.sock").exists() and time.monotonic() < ends:
        time.sleep(0.05)
    assert not (desk.home / "signer-duty.sock").exists()
    serving(desk)
    assert desk.drafts() == [draft]


# -- files and the machine


def test_no_node_in_the_folder(desk: Command) -> None:
    desk.home = desk.folder / "nowhere"
    for command in (["inbox"], ["serve"], ["doctor"], ["stop"], ["status"]):
        told(desk(*command), YOURS, "There is no Parley node in", "parley init")
    assert not desk.home.exists()


def test_a_folder_that_is_in_the_way(desk: Command) -> None:
    before = {path.name: path.read_bytes() for path in desk.home.iterdir() if path.is_file()}
    told(desk("init", "--party", "XA"), YOURS, "exists already", "nothing was changed")
    assert {path.name: path.read_bytes() for path in desk.home.iterdir() if path.is_file()} == before


def test_a_party_that_is_none_makes_no_folder(desk: Command) -> None:
    desk.home = desk.folder / "new"
    assert desk("init", "--party", "Ruritania").code == YOURS
    assert not desk.home.exists()


def test_a_path_too_long_for_a_socket_makes_no_folder(desk: Command) -> None:
    desk.home = desk.folder / ("n" * 90)
    told(desk("init", "--party", "XA"), YOURS, "is too long", "107 bytes")
    assert not desk.home.exists()


def test_settings_that_cannot_be_read(desk: Command) -> None:
    (desk.home / "parley.toml").write_text('party = "XA"\nlisten_to = "everybody"\n')
    told(desk("inbox"), YOURS, "cannot be read as settings", "listen_to", "docs/settings.md")


def test_an_unreadable_file_is_named(desk: Command) -> None:
    told(desk("take", "nothing.parcel"), MACHINE, "nothing.parcel cannot be read")
    told(desk("verify", "nothing.archive", "--root", f"XA={'0' * 64}"), MACHINE, "nothing.archive cannot be read")
    told(desk("verify", str(desk.secret), "--root", "XA"), YOURS, "“XA” is not PARTY=DIGEST.")
    (desk.folder / "junk").write_bytes(b"junk")
    done = desk("verify", "junk", "--root", f"XA={'0' * 64}")
    assert done.code != 0
    assert "Traceback" not in done.err


def test_a_full_disk_loses_nothing(desk: Command) -> None:
    """No file may grow beyond what the store has now: to a program it is as if the disk were full."""
    draft = desk.draft()
    largest = max(path.stat().st_size for path in desk.home.iterdir())

    def no_more() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, largest))

    done = desk("draft", "11", "--to", "XB/duty", "--line", desk.worm[0], preexec_fn=no_more)
    assert done.code == MACHINE, done.err
    assert "Traceback" not in done.err
    assert desk.drafts() == [draft]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_really_full_disk_loses_nothing(desk: Command) -> None:
    """A file system of 2 MB, filled to the brim."""
    mounted = desk.folder / "small"
    mounted.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(mounted)], check=False
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        shutil.copytree(desk.home, mounted / "XA")
        desk.home = mounted / "XA"
        draft = desk.draft()
        (mounted / "filler").touch()
        with suppress(OSError), (mounted / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"\0" * 1024)
        told(desk("draft", "11", "--to", "XB/duty", "--line", desk.worm[0]), MACHINE, "full")
        (mounted / "filler").unlink()
        assert desk.drafts() == [draft]
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


# -- the command line itself


def test_usage_is_explained_in_words_and_in_json(desk: Command) -> None:
    told(desk("draft"), YOURS, "Missing argument", "parley draft --help")
    told(desk("sned"), YOURS, "No such command")
    done = desk("draft", "--json")
    assert done.code == YOURS
    assert done.value["problem"] == "door.usage"


def test_with_json_an_error_is_one_json_value_wherever_the_option_stands(desk: Command) -> None:
    for arguments in (["--json", "stop"], ["stop", "--json"]):
        done = desk(*arguments)
        assert done.value == {
            "problem": "door.not_running", "fault": "yours", "what": f"No node is running on {desk.home}.",
            "do": "Start it: parley serve. Nothing was changed.",
        }  # fmt: skip


def test_an_unexpected_exception_is_a_defect_with_a_log_and_without_a_traceback(desk: Command) -> None:
    """A store room whose door is replaced by one that breaks: the child is told so by sitecustomize."""
    broken = desk.folder / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import parley.backstage\n"
        "def call(self, *a, **k):\n    secret = 'quite a secret'\n    raise RuntimeError('a defect for the test')\n"
        "parley.backstage.Backstage.call = call\n"
    )
    done = desk("inbox", environment={"PYTHONPATH": str(broken)})
    assert done.code == OURS
    assert "This is a defect of Parley." in done.err
    assert "Traceback" not in done.err
    log = next(desk.home.glob("defect-*.log"))
    assert log.name in "".join(done.err.split())
    assert log.stat().st_mode & 0o077 == 0
    assert "a defect for the test" in log.read_text()
    assert desk.drafts() == []


def test_no_release_without_a_yes_from_somebody(desk: Command) -> None:
    draft = desk.draft()
    told(desk("send", draft), YOURS, "There is no terminal to ask “Release this note?”.", "--yes")
    assert desk.drafts() == [draft]


def test_secrets_stand_in_no_command_line_of_any_process(desk: Command, serving: Any) -> None:
    """What `ps` shows of the node and its signer, and what the node said, names no passphrase."""
    process = serving(desk)
    assert desk("--json", "send", desk.draft(), "--yes").code == 0
    shown = b"".join(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.exists())
    assert str(desk.home).encode() in shown
    assert desk.passphrase.encode() not in shown
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert desk.passphrase not in out + err
    kept = [path for path in desk.home.iterdir() if path.is_file() and path != desk.home / "passphrase"]
    assert not [path.name for path in kept if desk.passphrase.encode() in path.read_bytes()]


# -- the language of errors


def test_a_mistake_is_told_in_the_officers_language_if_asked(desk: Command) -> None:
    """What, whose fault and what to do; the exit code, the key and the fault in JSON are the same in every language."""
    done = desk("--errors-in", "fr", "--json", "show", "ffff")
    assert done.code == YOURS
    assert done.value == {
        "problem": "desk.no_note",
        "fault": "yours",
        "what": "Il n’y a pas de note ffff ici.",
        "do": "Affichez la liste des notes\u00a0: parley inbox.",
        "language": "fr",
    }
    assert "Cela peut être corrigé ici." in " ".join(done.err.split())


def test_faulty_lines_are_told_in_the_language_too(desk: Command) -> None:
    """Every line's sentence; the draft is kept as ever."""
    draft = desk.draft(lines=desk.worm[1:])
    done = desk("--errors-in", "es", "--json", "send", draft, "--yes")
    assert done.value["language"] == "es"
    assert done.value["lines"][0]["what"] == "La línea 10 debe rellenarse."
    assert desk.drafts() == [draft]


def test_a_language_that_is_not_there_gives_way_to_english(desk: Command) -> None:
    """Control: an error about the language of errors must not hide the error."""
    told(desk("--errors-in", "tlh", "show", "ffff"), YOURS, "There is no note ffff here.")
    assert "language" not in desk("--json", "show", "ffff").value


def test_a_problem_in_the_node_keeps_its_arguments_over_the_socket() -> None:
    """So a command can say it in the officer's language although it happened in another process."""
    answer = msgspec.msgpack.decode(msgspec.msgpack.encode(as_answer(DeskProblem("no_note", note="ffff"))))
    assert explain(RemoteProblem(**answer), "es").what == "Aquí no hay ninguna nota ffff."
