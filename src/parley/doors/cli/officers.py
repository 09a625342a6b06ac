"""Commands about the officers of an office of ours: who can release its notes, each with a passphrase of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from parley.clearance import Role
from parley.doors.cli.context import Context
from parley.doors.cli.office import NAMED, WITH, WITH_FILE, acting, office_of, told_node
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg

group = typer.Typer(help="Who is what at an office of ours, each with a passphrase of their own.", no_args_is_help=True)
NEW = typer.Option(
    None, "--new-passphrase-file", help="A file of mode 600 with the new passphrase; else it is asked for."
)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="officers")


@group.command("list")
def listed(ctx: typer.Context, office: str = NAMED) -> None:
    """Who is at an office: who can release, and which forms; who holds which role, until when, in whose place."""
    c: Context = ctx.obj
    found = c.backstage.officers(c.home, office_of(c, office))

    def render(out: Console) -> None:
        for one in found:
            forms = "every form" if one["forms"] is None else f"forms {', '.join(map(str, one['forms']))}"
            after = "" if one["next_key"] else "; not with the key that waits"
            out.print(f"{one['officer']:<16} {one['role']}: {forms if one['releases'] else 'releases nothing'}{after}")
            for grant in one["roles"]:
                out.print(f"  {_said(grant)}")
            for digits in one["passkeys"]:
                out.print(f"  passkey {digits}")

    c.give(found, render)


def _said(grant: dict[str, Any]) -> str:
    until = f" until {dtg(grant['until'])}" if grant["until"] else ""
    acting_for = f" for {grant['acting_for']}" if grant["acting_for"] else ""
    cases = f", cases {', '.join(grant['cases'])}" if grant["cases"] else ""
    return f"{grant['role']}{acting_for}{until}{cases} (by {', '.join(grant['given_by'])})"


@group.command()
def add(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="Small letters, digits and hyphens."),
    role: str = typer.Option("duty officer", help="The ministry's word for the post."),
    form: list[int] = typer.Option([], help="A form that the officer may release; repeat. None: every form."),
    office: str = NAMED,
    new_passphrase_file: Path = NEW,
    second: str = WITH,
    second_file: Path = WITH_FILE,
) -> None:
    """Add an officer who releases, at a desk without roles: by one who can, by two once there are two."""
    c: Context = ctx.obj
    where, by = acting(c, office)
    both = c.both(by, second, second_file)
    secret = c.new_passphrase(f"Release passphrase of {officer}", new_passphrase_file)
    c.backstage.add_officer(c.home, where, both, (officer, role, form), secret)
    told_node(c, where)
    c.told({"officer": officer, "office": where}, f"{officer} can release for office {where}.")


@group.command()
def grant(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="Whom: an officer, or a new one."),
    role: list[str] = typer.Argument(..., help=", ".join(one.value for one in Role)),
    post: str = typer.Option("", help="The ministry's word for the post."),
    days: int = typer.Option(0, min=0, max=3660, help="For how many days; 0: until it is taken back."),
    acting_for: str = typer.Option("", help="In whose place; needs --days."),
    form: list[int] = typer.Option([], help="For a releaser: a form that may be released; repeat. None: every form."),
    case: list[str] = typer.Option([], help="What may be read: name of a case; repeat. None: every case."),
    office: str = NAMED,
    new_passphrase_file: Path = NEW,
    second: str = WITH,
    second_file: Path = WITH_FILE,
) -> None:
    """Give an officer roles. It takes two: one an administrator (once there is one), one who can release."""
    c: Context = ctx.obj
    _known(role)
    where, by = acting(c, office)
    both = c.both(by, second, second_file)
    at = c.backstage.now()
    c.backstage.grant_roles(
        c.home,
        where,
        both,
        (officer, post),
        role,
        lambda: c.new_passphrase(f"Passphrase of {officer}", new_passphrase_file),
        until=at + days * 86_400_000 if days else None,
        acting_for=acting_for,
        forms=form,
        cases=case,
        anew=new_passphrase_file is not None,
    )
    told_node(c, where)
    by_whom = " and ".join(name for name, _ in both)
    c.told(
        {"officer": officer, "roles": role, "by": [n for n, _ in both]},
        f"{officer}: {', '.join(role)}; given by {by_whom}.",
    )


@group.command()
def revoke(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="From whom: another, or oneself."),
    role: list[str] = typer.Argument(..., help="Which roles."),
    office: str = NAMED,
) -> None:
    """Take roles back; one who can release suffices."""
    c: Context = ctx.obj
    _known(role)
    where, by = acting(c, office)
    c.backstage.revoke_roles(c.home, where, by, officer, role)
    told_node(c, where)
    c.told({"officer": officer, "revoked": role}, f"{officer} is no more: {', '.join(role)}.")


@group.command()
def remove(
    ctx: typer.Context, officer: str = typer.Argument(..., help="Whom: another, or oneself."), office: str = NAMED
) -> None:
    """Take an officer out. The last one who can release stays."""
    c: Context = ctx.obj
    where, by = acting(c, office)
    c.backstage.remove_officer(c.home, where, by, officer)
    told_node(c, where)

    def render(out: Console) -> None:
        out.print(f"{officer} can release no more for office {where}.")
        out.print("An old copy of the key file still serves that officer. If there may be one,")
        out.print(f"change the key: parley particulars propose FILE --rotate office --office {where}.")

    c.give({"removed": officer, "office": where}, render)


@group.command()
def passkey(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="Whose."),
    file: Path = typer.Argument(..., help="The file that the desk's page gave when the passkey was registered."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask whether the digits are those on the page."),
    office: str = NAMED,
    second: str = WITH,
    second_file: Path = WITH_FILE,
) -> None:
    """Let the signer take an officer's passkey for a word or a release: by two, after comparing its digits."""
    c: Context = ctx.obj
    where, by = acting(c, office)
    both = c.both(by, second, second_file)
    digits = c.backstage.passkey_digits(file)
    if not c.as_json:
        print(f"Digits of this passkey: {digits}")
    if not yes:
        c.confirm(f"Does {officer}'s page show the same digits?")
    c.backstage.take_passkey(c.home, where, both, officer, file)
    told_node(c, where)
    c.told({"officer": officer, "digits": digits}, f"{officer} can release with this passkey for office {where}.")


@group.command()
def telephone(
    ctx: typer.Context,
    officer: str = typer.Argument(..., help="Whose."),
    file: Path = typer.Argument(..., help="Where to write the key: the officer carries it away."),
    office: str = NAMED,
    new_passphrase_file: Path = NEW,
    second: str = WITH,
    second_file: Path = WITH_FILE,
) -> None:
    """Make an officer's key for telephone codes, under a passphrase of its own: by two."""
    c: Context = ctx.obj
    where, by = acting(c, office)
    both = c.both(by, second, second_file)
    secret = c.new_passphrase(f"Passphrase of {officer}'s telephone key", new_passphrase_file)
    c.backstage.make_telephone_key(c.home, where, both, officer, file, secret)
    told_node(c, where)
    c.told(
        {"officer": officer, "file": str(file)}, f"{officer} answers numbers with: parley officers code {file} NUMBER"
    )


@group.command()
def code(
    ctx: typer.Context,
    file: Path = typer.Argument(..., help="Your key for telephone codes."),
    number: str = typer.Argument(..., help="The twelve digits that were read out to you, after the note."),
    role: str = typer.Option("", help="To clear the note in this role instead of releasing it."),
) -> None:
    """The code that answers a number: ten digits to read back. It needs no node and no network."""
    c: Context = ctx.obj
    if role:
        _known([role])
    digits = c.backstage.telephone_code(file, c.passphrase("Passphrase of your telephone key"), number, role)
    c.told({"code": digits}, digits)


def _known(roles: list[str]) -> None:
    for one in roles:
        if one not in (allowed := [role.value for role in Role]):
            raise DoorProblem("bad_choice", given=one[:20], what="a role", choices=", ".join(allowed))


@group.command()
def passphrase(ctx: typer.Context, office: str = NAMED, new_passphrase_file: Path = NEW) -> None:
    """Give oneself (--as) another passphrase."""
    c: Context = ctx.obj
    where, (officer, old) = acting(c, office)
    new = c.new_passphrase(f"New release passphrase of {officer}", new_passphrase_file)
    c.backstage.change_passphrase(c.home, where, officer, old, new)
    c.told({"officer": officer, "office": where}, f"{officer} has a new passphrase for office {where}.")
