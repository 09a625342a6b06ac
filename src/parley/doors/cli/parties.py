"""Commands about particulars: ours from proposal to signature, others' from ceremony to suspension."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import segno
import typer
from rich.console import Console

from parley.doors.cli.context import Context

group = typer.Typer(help="Who speaks for whom: ours and other parties' particulars.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group, name="particulars")


@group.command("root-key")
def root_key(ctx: typer.Context, file: Path, party: str = typer.Option(...), name: str = typer.Option(...)) -> None:
    """Make one root holder's key file, on that person's own machine."""
    c: Context = ctx.obj
    made = c.backstage.make_root(file, party, name, c.passphrase(f"Passphrase of {name}", twice=True))
    c.give({"key_id": made, "file": str(file)}, lambda out: out.print(f"Root key {made[:16]} of {name} is in {file}."))


@group.command()
def propose(
    ctx: typer.Context,
    out: Path,
    root: list[Path] = typer.Option(..., help="Root key files (only their public halves are read)."),
    threshold: int = typer.Option(2, help="How many roots must sign."),
    name: list[str] = typer.Option(..., help="LANGUAGE=NAME, for example en=Almara; repeat."),
    https: str = typer.Option("", help="HOST:PORT where peers reach this node."),
    language: list[str] = typer.Option(["en"], help="Languages, in order of preference."),
    telephone: str = typer.Option(None, help="International number for calling back."),
    hours: str = typer.Option("24/7"),
    days: int = typer.Option(365, help="How long they hold."),
) -> None:
    """Write a proposal of our next particulars, to be signed by root holders."""
    c: Context = ctx.obj
    names = dict(one.split("=", 1) for one in name)
    c.backstage.propose(
        c.home, root, out, threshold=threshold, names=names, https=https, languages=tuple(language),
        telephone=telephone, hours=hours, days=days,
    )  # fmt: skip
    c.give(
        {"proposal": str(out)},
        lambda screen: screen.print(f"Proposal in {out}. Each root holder: parley particulars sign."),
    )


@group.command()
def sign(ctx: typer.Context, proposal: Path, out: Path, root: Path = typer.Option(...)) -> None:
    """Sign a proposal with one root key."""
    c: Context = ctx.obj
    c.backstage.sign_proposal(proposal, root, c.passphrase("Root passphrase"), out)
    c.give({"share": str(out)}, lambda screen: screen.print(f"Share in {out}."))


@group.command()
def combine(
    ctx: typer.Context,
    proposal: Path,
    out: Path,
    share: list[Path] = typer.Option(...),
    adopt: bool = typer.Option(True, help="Make them this node's own at once."),
) -> None:
    """Put shares together into signed particulars."""
    c: Context = ctx.obj
    signed = c.backstage.combine(proposal, share, out)
    version = c.call("adopt", opened=True, signed=signed, officer=c.officer) if adopt else None
    c.give({"particulars": str(out), "version": version}, lambda screen: screen.print(f"Signed particulars in {out}."))


@group.command()
def export(ctx: typer.Context, out: Path, party: str = typer.Option("")) -> None:
    """Write signed particulars to a file, to be given to another party."""
    c: Context = ctx.obj
    c.backstage.write(out, c.call("export_particulars", party=party))
    c.give({"file": str(out)}, lambda screen: screen.print(f"Written to {out}."))


@group.command()
def show(ctx: typer.Context, party: str = typer.Argument(""), qr: bool = typer.Option(True)) -> None:
    """Show particulars with the ceremony phrase and its QR code."""
    c: Context = ctx.obj
    found = c.call("particulars", party=party)

    def render(out: Console) -> None:
        out.print(
            f"{found['party']} ({', '.join(found['names'].values())}), version {found['version']}, {found['standing']}"
        )
        out.print(f"Ceremony phrase: {found['phrase']}")
        for office in found["offices"]:
            out.print(
                f"Office {office['id']} ({office['kind']}), {office['hours']}, {office['telephone'] or 'no telephone'}"
            )
        for bearer in found["bearers"]:
            out.print(f"Reached by {bearer['kind']}: {bearer['address']}")
        if qr:
            out.print(_drawn(found["qr"]))

    c.give(found, render)


@group.command("list")
def listed(ctx: typer.Context) -> None:
    """Every accepted party with its standing."""
    c: Context = ctx.obj
    found = c.call("parties")

    def render(out: Console) -> None:
        for party in found:
            out.print(f"{party['party']:<10} v{party['version']:<4} {party['standing']:<10} {party['accepted']}")

    c.give(found, render)


@group.command()
def accept(
    ctx: typer.Context,
    file: Path,
    heard: str = typer.Option(..., help="The 20 digits that the other side read out, or the text of its QR code."),
    confirmed: bool = typer.Option(False, help="The other side said that our digits are right."),
    means: str = typer.Option("in-person", help="in-person or video"),
) -> None:
    """Accept another party's particulars by ceremony. This implies no recognition of anyone."""
    c: Context = ctx.obj
    signed = c.backstage.read(file)
    party = c.call("accept", signed=signed, officer=c.officer, heard=heard, means=means, confirmed=confirmed)
    c.give(
        {"accepted": party},
        lambda out: out.print(
            f"{party} is accepted here. This implies no recognition; it can be taken back at any time."
        ),
    )


@group.command()
def suspend(ctx: typer.Context, party: str) -> None:
    """Suspend the line with a party, without reason."""
    _decide(ctx.obj, party, "suspend")


@group.command()
def resume(ctx: typer.Context, party: str) -> None:
    """Take the line up again."""
    _decide(ctx.obj, party, "resume")


@group.command()
def narrow(ctx: typer.Context, party: str, form: list[int] = typer.Option(...)) -> None:
    """Take only these forms from a party."""
    _decide(ctx.obj, party, "narrow", form)


def _decide(c: Context, party: str, verb: str, forms: list[int] | None = None) -> None:
    c.call("decide", party=party, decision=verb, officer=c.officer, forms=forms)
    done: dict[str, Any] = {"party": party, "decision": verb}
    c.give(done, lambda out: out.print(f"Done: {verb} {party}."))


def _drawn(text: str) -> str:
    buffer = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(buffer, compact=True, border=1)
    return buffer.getvalue()
