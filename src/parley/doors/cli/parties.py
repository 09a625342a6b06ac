"""Commands about particulars: ours from proposal to signature, others' as a document that is accepted.

What is decided about a party once it is accepted is in `decisions`.
"""

from __future__ import annotations

import io
from pathlib import Path
from re import fullmatch
from typing import Any

import typer
from rich.console import Console

from parley.doors.cli.context import RELEASE, Context
from parley.doors.cli.say import words
from parley.doors.problems import DoorProblem
from parley.terms.instant import dtg

group = typer.Typer(help="Who speaks for whom: ours and other parties' particulars.", no_args_is_help=True)
REASONS = ("retired", "lost", "compromised")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
ROTATED = ("office", "node", "tls")
NEXT = "Each root holder signs it: parley particulars sign; then combine."


@group.command("root-key")
def root_key(
    ctx: typer.Context,
    file: Path = typer.Argument(..., help="The key file to make."),
    party: str = typer.Option(..., help="Code of the party."),
    name: str = typer.Option(..., help="Tells the holders' files apart."),
) -> None:
    """Make one root holder's key file, on that person's own machine."""
    c: Context = ctx.obj
    made = c.backstage.make_root(file, party, name, c.passphrase(f"Passphrase of {name}", twice=True))
    c.told({"key_id": made, "file": str(file)}, f"Root key {made[:16]} of {name} is in {file}.")


@group.command()
def propose(
    ctx: typer.Context,
    out: Path = typer.Argument(..., help="The proposal to write."),
    root: list[Path] = typer.Option([], help="Root key files (only their public halves are read)."),
    threshold: int = typer.Option(None, help="How many roots must sign; at first 2."),
    name: list[str] = typer.Option([], help="LANGUAGE=NAME, for example en=Almara; repeat."),
    https: str = typer.Option(None, help="HOST:PORT where peers reach this node."),
    mail: str = typer.Option(None, help="NAME@HOST to which peers mail when HTTPS is down."),
    language: list[str] = typer.Option([], help="Languages, in order of preference."),
    telephone: str = typer.Option(None, help="International number for calling back."),
    hours: str = typer.Option(None, help="When somebody is there; at first 24/7."),
    days: int = typer.Option(365, help="How long they hold."),
    rotate: list[str] = typer.Option([], help="office, node or tls: with a new key of that kind; repeat."),
    office: list[str] = typer.Option([], help="Which office's key is rotated; default: all."),
    new_identity: bool = typer.Option(
        False, "--new-identity", help="The threshold of our roots is lost: begin anew under the new --root files."
    ),
) -> None:
    """Write a proposal of our next particulars, to be signed by root holders.

    The first needs names and roots; later ones keep what is not said. A rotated key is taken into use when the new
    particulars are combined here; peers take the old one for a day more.
    """
    c: Context = ctx.obj
    if rotate:
        _rotate(c, out, rotate, office, days)
        return
    c.backstage.propose(
        c.home, root, out, threshold=threshold, names=dict(map(_named, name)) or None, https=https, mail=mail,
        languages=tuple(language) or None, telephone=telephone, hours=hours, days=days, new_identity=new_identity,
    )  # fmt: skip
    c.told({"proposal": str(out)}, f"Proposal in {out}. {NEXT}")


def _named(given: str) -> tuple[str, str]:
    language, equals, name = given.partition("=")
    if not equals:
        raise DoorProblem("bad_pair", given=given[:40], wanted="LANGUAGE=NAME", example="--name en=Almara")
    return language, name


def _rotate(c: Context, out: Path, rotate: list[str], office: list[str], days: int) -> None:
    for kind in rotate:
        if kind not in ROTATED:
            raise DoorProblem("bad_choice", given=kind[:20], what="a key to rotate", choices=", ".join(ROTATED))
    offices = (office or c.home.settings().offices) if "office" in rotate else ()
    c.backstage.rotate(
        c.home, out, offices=offices, node="node" in rotate, tls="tls" in rotate, days=days, officer=c.officer,
        passphrase=_release_passphrase(c),
    )  # fmt: skip
    c.told({"proposal": str(out), "rotates": rotate}, f"Proposal with new keys in {out}. {NEXT}")


def _release_passphrase(c: Context) -> Any:
    return lambda: c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE)


@group.command()
def revoke(
    ctx: typer.Context,
    out: Path = typer.Argument(..., help="The proposal to write."),
    reason: str = typer.Option(..., help="retired, lost or compromised."),
    since: str = typer.Option(
        ..., help="When the key was last surely in the right hands: a UTC instant, as 2026-11-20T08:00Z, or now."
    ),
    office: list[str] = typer.Option([], help="Revoke the key of this office."),
    node: bool = typer.Option(False, "--node", help="Revoke the node's signing key."),
    tls: bool = typer.Option(False, "--tls", help="Revoke the node's certificate."),
    key_id: list[str] = typer.Option([], help="Revoke this key that is no longer in use: 32 hexadecimal digits."),
    days: int = typer.Option(365, help="How long the new particulars hold."),
) -> None:
    """Write a proposal of our next particulars that revokes keys and names new ones in their place.

    Nothing changes until the roots have signed and the result is combined here. What a lost or compromised key signed
    counts with no peer from then on, whatever time it claims.
    """
    c: Context = ctx.obj
    if reason not in REASONS:
        raise DoorProblem("bad_choice", given=reason[:20], what="a reason", choices=", ".join(REASONS))
    for one in key_id:
        if not fullmatch("[0-9a-fA-F]{32}", one):
            raise DoorProblem("bad_pair", given=one[:40], wanted="the id of a key", example="32 digits 0-9 and a-f")
    if not (office or node or tls or key_id):
        raise DoorProblem("nothing_to_revoke")
    c.backstage.rotate(
        c.home, out, offices=office, node=node, tls=tls, days=days, officer=c.officer, key_ids=key_id,
        passphrase=_release_passphrase(c), revoke=(c.backstage.instant(since), reason),
    )  # fmt: skip
    c.told({"proposal": str(out), "reason": reason}, f"Proposal with the revocation in {out}. {NEXT}")


@group.command()
def sign(
    ctx: typer.Context,
    proposal: Path = typer.Argument(..., help="The proposal."),
    out: Path = typer.Argument(..., help="The share to write."),
    root: Path = typer.Option(..., help="Our root key file."),
) -> None:
    """Sign a proposal with one root key."""
    c: Context = ctx.obj
    c.backstage.sign_proposal(proposal, root, c.passphrase("Root passphrase"), out)
    c.told({"share": str(out)}, f"Share in {out}.")


@group.command()
def combine(
    ctx: typer.Context,
    proposal: Path = typer.Argument(..., help="The proposal."),
    out: Path = typer.Argument(..., help="The signed particulars to write."),
    share: list[Path] = typer.Option(..., help="A root holder's share; repeat."),
    adopt: bool = typer.Option(True, help="Make them this node's own at once."),
    new_identity: bool = typer.Option(
        False, "--new-identity", help="They begin a new identity: every party has to accept us anew by ceremony."
    ),
) -> None:
    """Put shares together into signed particulars; this node takes them, and keys that waited for them, into use."""
    c: Context = ctx.obj
    signed = c.backstage.combine(proposal, share, out)
    found: dict[str, Any] = {"version": None, "changed": []}
    if adopt:
        found = c.call("adopt", opened=True, signed=signed, officer=c.officer, new_identity=new_identity)
    changed = found["changed"]
    restart = "tls" in changed and c.backstage.running(c.home)

    def show(screen: Console) -> None:
        screen.print(f"Signed particulars in {out}.")
        if changed:
            screen.print(f"New keys are in use: {', '.join(changed)}.")
        if restart:
            screen.print("The certificate changed: end the node and start it again (parley stop, parley serve).")

    c.give({"particulars": str(out), **found, "restart": restart}, show)


@group.command()
def export(
    ctx: typer.Context,
    out: Path = typer.Argument(..., help="The file to write."),
    party: str = typer.Option("", help="Whose; default: ours."),
) -> None:
    """Write signed particulars to a file, to be given to another party."""
    c: Context = ctx.obj
    c.backstage.write(out, c.call("export_particulars", party=party))
    c.told({"file": str(out)}, f"Written to {out}.")


@group.command()
def show(
    ctx: typer.Context,
    party: str = typer.Argument("", help="Whose; default: ours."),
    qr: bool = typer.Option(True, help="With the QR code of the ceremony."),
) -> None:
    """Show particulars with the ceremony phrase and its QR code."""
    c: Context = ctx.obj
    found = c.call("particulars", party=party)

    def render(out: Console) -> None:
        out.print(
            f"{found['party']}, version {found['version']}, {found['standing']}, until {dtg(found['expires_at'])}"
        )
        for language, name in found["names"].items():
            words(out, f"  {language}  {name}")
        out.print(f"Ceremony phrase: {found['phrase']}")
        out.print(f"Root digest: {found['root_digest']}")
        for office in found["offices"]:
            telephone = office["telephone"] or "no telephone"
            out.print(f"Office {office['id']} ({office['kind']}), {office['hours']}, {telephone}")
            if office["acts_for"]:
                out.print(f"  acts for {office['acts_for']}")
        for bearer in found["bearers"]:
            out.print(f"Reached by {bearer['kind']}: {bearer['address']}")
        for one in found["protected_by"]:
            towards = one["towards"] or "all parties"
            out.print(f"Protecting power: {one['power']}, towards {towards}, since {dtg(one['since'])}")
        if found["vouches"]:
            out.print(f"Vouches for: {', '.join(found['vouches'])}")
        for one in found["revoked"]:
            out.print(f"Revoked: {one['key_id']}, {one['reason']}, since {dtg(one['since'])}")
        if qr:
            out.print(_drawn(found["qr"]), soft_wrap=True)

    c.give(found, render)


@group.command()
def accept(
    ctx: typer.Context,
    file: Path = typer.Argument(..., help="Their signed particulars."),
    heard: str = typer.Option("", help="The 20 digits that the other side read out, or the text of its QR code."),
    confirmed: bool = typer.Option(False, "--confirmed", help="The other side said that our digits are right."),
    means: str = typer.Option("in-person", help="in-person or video"),
    vouched: bool = typer.Option(False, "--vouched", help="Without a ceremony: by those whom parties vouchers names."),
    new_identity: bool = typer.Option(
        False, "--new-identity", help="The other side says that its former roots are lost; shown as a break."
    ),
) -> None:
    """Accept another party's particulars, by ceremony or by vouching. This implies no recognition of anyone."""
    c: Context = ctx.obj
    signed = c.backstage.read(file)
    if vouched:
        _accept_vouched(c, signed)
        return
    party = c.call(
        "accept", signed=signed, officer=c.officer, heard=heard, means=means, confirmed=confirmed,
        new_identity=new_identity,
    )  # fmt: skip
    c.told(
        {"accepted": party}, f"{party} is accepted here. This implies no recognition; it can be taken back at any time."
    )


def _accept_vouched(c: Context, signed: bytes) -> None:
    found = c.call("accept_vouched", signed=signed, officer=c.officer)
    party, by = found["party"], ", ".join(found["vouchers"])
    c.told(
        {"accepted": party, "vouchers": found["vouchers"]},
        f"{party} is accepted here as vouched for by {by}; every note of it says so. This implies no recognition.",
    )


@group.command()
def office(
    ctx: typer.Context,
    out: Path = typer.Argument(..., help="The proposal to write."),
    office: str = typer.Option(..., "--office", help="Which office of ours."),
    hours: str = typer.Option(None, help="24/7, or as Mo-Th 08:00-16:00; Fr 08:00-13:00; or other words."),
    time_zone: str = typer.Option(None, help="IANA name, as Europe/Paris."),
    weekend: str = typer.Option(None, help="Days as Sa,Su or Fr,Sa; an empty text for none."),
    holiday: list[str] = typer.Option(None, help="A day, as 2026-12-25, on which nobody is there; repeat."),
    alternate: list[str] = typer.Option(None, help="An office of ours to try when this one does not answer; repeat."),
    language: list[str] = typer.Option(None, help="Languages, in order of preference."),
    telephone: str = typer.Option(None, help="International number for calling back."),
    kind: str = typer.Option(None, help="diplomatic, technical or combined."),
    days: int = typer.Option(365, help="How long the new particulars hold."),
) -> None:
    """Write a proposal in which one of our offices says when and how it is reached."""
    c: Context = ctx.obj
    said = {
        "hours": hours, "time_zone": time_zone, "weekend": None if weekend is None else _weekend(weekend),
        "holidays": tuple(sorted(holiday)) if holiday else None, "alternates": tuple(alternate) if alternate else None,
        "languages": tuple(language) if language else None, "telephone": telephone, "kind": kind,
    }  # fmt: skip
    changes = {field: value for field, value in said.items() if value is not None}
    c.backstage.propose_office(c.home, out, office, changes, days)
    c.told({"proposal": str(out)}, f"Proposal in {out}. {NEXT}")


def _weekend(given: str) -> tuple[int, ...]:
    names = [one.strip() for one in given.split(",") if one.strip()]
    for one in names:
        if one not in DAYS:
            raise DoorProblem("bad_choice", given=one[:20], what="a day", choices=", ".join(DAYS))
    return tuple(sorted(DAYS.index(one) + 1 for one in names))


@group.command("add-office")
def add_office(ctx: typer.Context, name: str = typer.Argument(..., help="As legal, or acts-for-xa.")) -> None:
    """Make the key of a further office here. The next proposal lists it; one called acts-for-xa acts for XA."""
    c: Context = ctx.obj
    c.backstage.add_office(c.home, name, c.officer, c.passphrase(f"Release passphrase of {c.officer}", line=RELEASE))
    c.told({"office": name}, f"The key of {name} is made. Next: parley particulars propose, sign, combine.")


@group.command()
def vouch(
    ctx: typer.Context,
    out: Path = typer.Argument(..., help="The proposal to write."),
    party: str = typer.Option(..., "--for", help="Whom; we must have met it in a ceremony."),
    withdraw: bool = typer.Option(False, "--withdraw", help="Vouch for it no longer."),
    days: int = typer.Option(365, help="How long the new particulars hold."),
) -> None:
    """Write a proposal in which we tell others that we met a party, and which roots it has."""
    c: Context = ctx.obj
    c.backstage.propose_vouch(c.home, out, party, withdraw, days)
    c.told({"proposal": str(out)}, f"Proposal in {out}. {NEXT}")


@group.command()
def entrust(
    ctx: typer.Context,
    out: Path = typer.Argument(..., help="The proposal to write."),
    power: str = typer.Option(..., help="The party that acts for us."),
    towards: str = typer.Option(None, help="Towards whom; default: towards all."),
    withdraw: bool = typer.Option(False, "--withdraw", help="Nobody acts for us there any longer."),
    days: int = typer.Option(365, help="How long the new particulars hold."),
) -> None:
    """Write a proposal that entrusts a protecting power with our interests. It lists an office acts-for-us itself."""
    c: Context = ctx.obj
    c.backstage.propose_mandate(c.home, out, power, towards, withdraw, days)
    c.told({"proposal": str(out)}, f"Proposal in {out}. {NEXT}")


def _drawn(text: str) -> str:
    import segno  # here: no other command draws

    buffer = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(buffer, compact=True, border=1)
    return buffer.getvalue()
