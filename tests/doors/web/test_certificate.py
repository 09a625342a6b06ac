"""The desk on a ministry's network: a name, a certificate of its own authority, and what is refused without."""

from __future__ import annotations

import datetime
import http.client
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parley.outside.desk_listener import serve_desk
from parley.outside.settings import Desk, SettingsProblem

NAME = "desk.almara.test"


def authority_and_certificate(folder: Path, name: str = NAME) -> Path:
    """What docs/desk.md does with openssl: an authority, a certificate of `name`; returns the authority's file."""
    now = datetime.datetime.now(datetime.UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a ministry")])

    def made(subject: x509.Name, public: Any, *extensions: tuple[Any, bool]) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(root_key, hashes.SHA256())

    authority = made(root_name, root_key.public_key(), (x509.BasicConstraints(True, 0), True))
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = made(subject, key.public_key(), (names, False))
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "desk.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "desk.key").write_bytes(private)
    (folder / "desk.key").chmod(0o600)
    return folder / "authority.pem"


def test_a_laptop_that_trusts_the_ministrys_authority_opens_the_desk_by_its_name(alone: Any, tmp_path: Path) -> None:
    """Cookies are Secure then, the browser is told to stay with TLS, and another name is not ours."""
    authority = authority_and_certificate(tmp_path)
    with alone(tmp_path, name=NAME, certificate_file="desk.pem", key_file="desk.key") as served:
        context = ssl.create_default_context(cafile=str(authority))
        tls = context.wrap_socket(_connected(served.port), server_hostname=NAME)
        connection = http.client.HTTPSConnection(NAME, served.port, timeout=30)
        connection.sock = tls
        connection.request("GET", "/sign-in", headers={"Host": f"{NAME}:{served.port}"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.getheader("strict-transport-security") == "max-age=31536000"
        assert f"https://{NAME}:{served.port}/static/" in (answer.getheader("content-security-policy") or "")
        answer.read()
        connection.request("GET", "/sign-in", headers={"Host": f"localhost:{served.port}"})
        assert connection.getresponse().status == 421
        with pytest.raises(ssl.SSLCertVerificationError):  # control: a laptop that was not told of the authority
            ssl.create_default_context().wrap_socket(_connected(served.port), server_hostname=NAME)
        with pytest.raises(ssl.SSLCertVerificationError):  # control: another name
            context.wrap_socket(_connected(served.port), server_hostname="desk.beltova.test")


def test_behind_a_proxy_that_speaks_tls_pages_have_its_origin(alone: Any) -> None:
    """`hosts` of the settings: a POST bears the proxy's origin, cookies are Secure; the plain one is from elsewhere."""
    with alone(hosts=(NAME,)) as served:
        visitor = served.visitor(host=NAME)
        fields = {"language": "fr", "to": "/today"}
        got = visitor.post("/language", fields, Origin=f"https://{NAME}")
        assert got.status == 303
        assert "Secure" in got.header("set-cookie")
        assert visitor.post("/language", fields, Origin=f"http://{NAME}").status == 403
        assert f"script-src https://{NAME}/static/" in visitor.get("/sign-in").header("content-security-policy")


def _connected(port: int) -> Any:
    import socket

    return socket.create_connection(("127.0.0.1", port), timeout=30)


async def _nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.almara.test", "localhost"])
def test_without_a_certificate_it_listens_on_this_machine_only(host: str) -> None:
    """Also not on a name that leads here today: whoever controls the resolver would choose the interface."""
    import asyncio

    with pytest.raises(SettingsProblem) as refused:
        asyncio.run(serve_desk(host, 18472, _nobody, lambda key: (b"", ""), None))
    assert refused.value.key == "settings.desk_needs_certificate"


def _open_key(folder: Path) -> None:
    (folder / "desk.key").chmod(0o644)


def _other_key(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "desk.key").write_bytes(private)


def _no_key(folder: Path) -> None:
    (folder / "desk.key").unlink()


def _garbage(folder: Path) -> None:
    (folder / "desk.pem").write_text("no certificate")


@pytest.mark.parametrize("spoil", [_open_key, _other_key, _no_key, _garbage])
def test_a_certificate_that_does_not_fit_is_said_at_the_start(
    alone: Any, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    authority_and_certificate(tmp_path)
    spoil(tmp_path)
    with (
        pytest.raises(SettingsProblem) as refused,
        alone(tmp_path, name=NAME, certificate_file="desk.pem", key_file="desk.key"),
    ):
        pass
    assert refused.value.key == "settings.desk_certificate"


UNFIT: dict[str, dict[str, Any]] = {
    "a certificate without its key": {"certificate_file": "a.pem"},
    "a certificate for no name": {"certificate_file": "a.pem", "key_file": "a.key"},
    "a name with a blank": {"name": "desk of almara"},
    "a name in capitals": {"name": "Desk.example"},
    "a session without an end": {"most_h": 0},
    "a session of a month": {"most_h": 720},
}


@pytest.mark.parametrize("case", UNFIT)
def test_settings_that_cannot_be_meant_are_refused(case: str) -> None:
    with pytest.raises(ValueError, match=r"\[desk\]"):
        Desk(listen="127.0.0.1:8471", **UNFIT[case])


def test_passkeys_belong_to_the_name_and_their_origin_has_the_port_that_browsers_show() -> None:
    assert Desk(listen="127.0.0.1:8471").origins == ("http://localhost:8471",)
    named = Desk(listen="[::1]:443", name=NAME, certificate_file="a", key_file="b")
    assert (named.rp_id, named.origins) == (NAME, (f"https://{NAME}",))
    behind = Desk(listen="127.0.0.1:8471", name=NAME, hosts=(NAME, "other.test"))
    assert behind.origins == (f"http://{NAME}:8471", f"https://{NAME}")
