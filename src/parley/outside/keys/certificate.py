"""A node's TLS key and its self-signed certificate.

The certificate carries no trust of its own: peers accept it because root-signed particulars contain its bytes. It is
therefore made once, kept as it is (an ECDSA signature differs each time), and replaced only by rotating particulars.
"""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from parley.seal import Randomness

# Validity is decided by particulars. RFC 5280, 4.1.2.5 gives the last instant for "no well-defined expiration date";
# the first is long past, so that a computer whose clock fell back to its battery's idea of time is still reached.
NOT_BEFORE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
NOT_AFTER = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def make_tls_identity(party: str, rng: Randomness) -> tuple[bytes, bytes]:
    """A new P-256 key (PKCS #8 DER, unencrypted) and its self-signed certificate (DER).

    The subject names the party for people who look at a capture; nothing reads it.
    """
    scalar = int.from_bytes(rng(48), "big") % (_ORDER_OF_P256 - 1) + 1  # 128 bits to spare: the bias is negligible
    key = ec.derive_private_key(scalar, ec.SECP256R1())
    certificate = _describe(party, key.public_key(), rng).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.DER)


def _describe(party: str, public: ec.EllipticCurvePublicKey, rng: Randomness) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"parley {party}")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(int.from_bytes(rng(16), "big") | 1)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS_ONLY, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
    )


_SIGNS_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
