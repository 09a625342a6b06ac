"""TLS contexts: who shows which certificate to whom, and which ones are accepted.

TLS 1.3 only. No certificate authority and no names: a certificate is accepted because a party's root-signed
particulars contain exactly its bytes. Certificates are self-signed and valid from 2000 to 9999, so that a peer whose
clock is days off is still reached. What is left out: secrecy. Notes are sealed before they come here; TLS keeps
strangers out and hides who talks of what, and is not post-quantum with the OpenSSL that Debian 12 gives to Python.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterable

from parley.outside.bearers.problems import BearerProblem


def server_context(certificate: bytes, key: bytes, trusted: Callable[[], Iterable[bytes]]) -> ssl.SSLContext:
    """The context of a listening node; certificates and key are DER (PKCS #8).

    A caller may show no certificate (it then gets particulars and nothing else). One that it does show must be among
    `trusted()`, which is asked again at every handshake: particulars accepted a moment ago count at once. OpenSSL
    cannot forget a certificate, so one that was removed still passes the handshake; the server therefore compares
    the certificate with current particulars at every request, and that comparison decides.
    """
    context = _pinning(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_OPTIONAL
    # No session tickets: a resumed session would skip the comparison of certificates, and tickets delay the first
    # answer on long links.
    context.num_tickets = 0
    load_identity(context, certificate, key)
    known: set[bytes] = set()

    def refresh(_socket: object, _name: object, _context: object) -> None:
        for der in set(trusted()) - known:
            known.add(der)
            _trust(context, der)

    context.sni_callback = refresh  # called in every handshake, also when the caller names no server
    return context


def client_context(pinned: Iterable[bytes], certificate: bytes, key: bytes) -> ssl.SSLContext:
    """The context of a caller that shows its own certificate, but only to a server that shows one of `pinned`."""
    context = _pinning(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # identity is the certificate itself; its name means nothing
    context.verify_mode = ssl.CERT_REQUIRED
    for der in pinned:
        _trust(context, der)
    load_identity(context, certificate, key)
    return context


def _pinning(side: int) -> ssl.SSLContext:
    """A context for which a certificate counts only if these very bytes are trusted.

    Without the flag OpenSSL looks for an issuer by name first and fails when it finds another certificate of that name:
    a rotated certificate would shut out its predecessor, and any party could shut out another by copying its name.
    """
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def stranger_context() -> ssl.SSLContext:
    """The context for particulars: shows no certificate and accepts any, because particulars are root-signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def load_identity(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Give `context` its own certificate and key (DER); raises BearerProblem bad_identity.

    Python's ssl reads them from files only. The file lives in memory where the system offers that, and the key does
    not touch a disk a second time.
    """
    text = _pem("CERTIFICATE", certificate) + _pem("PRIVATE KEY", key)
    try:
        try:
            _load_from_memory(context, text)
        except (AttributeError, FileNotFoundError):  # not Linux, or /proc is hidden
            _load_from_file(context, text)
    except ssl.SSLError:
        raise BearerProblem("bad_identity") from None


def _load_from_memory(context: ssl.SSLContext, text: bytes) -> None:
    handle = os.memfd_create("parley", os.MFD_CLOEXEC)
    try:
        os.write(handle, text)
        context.load_cert_chain(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def _load_from_file(context: ssl.SSLContext, text: bytes) -> None:
    with tempfile.NamedTemporaryFile(prefix="parley-", mode="wb") as file:  # created with mode 0600
        file.write(text)
        file.flush()
        context.load_cert_chain(file.name)


def no_delay(transport: asyncio.Transport) -> None:
    """Send small records at once: otherwise they wait for the acknowledgement of earlier ones, a whole round trip."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _trust(context: ssl.SSLContext, der: bytes) -> None:
    try:
        context.load_verify_locations(cadata=der)
    except (ssl.SSLError, ValueError):
        return  # a party may publish nonsense as its certificate: then nobody can show it, and the others go on


def _pem(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label.encode(), body, label.encode())
