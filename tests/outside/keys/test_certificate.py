"""The node's TLS certificate."""

from __future__ import annotations

import datetime
import os

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from parley.outside.keys.certificate import make_tls_identity


def test_a_certificate_is_good_from_2000_to_9999_for_both_ends_and_signs_nothing_else():
    key, der = make_tls_identity("XA", os.urandom)
    certificate = x509.load_der_x509_certificate(der)
    assert certificate.not_valid_before_utc == datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    assert certificate.not_valid_after_utc == datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
    assert certificate.issuer == certificate.subject
    certificate.verify_directly_issued_by(certificate)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    private = serialization.load_der_private_key(key, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    assert private.public_key() == certificate.public_key()


def test_key_and_serial_come_from_the_randomness_that_is_given():
    """Randomness is an argument: the same gives the same key (the signature is random all the same)."""
    rng = lambda n: b"\x07" * n  # noqa: E731
    assert make_tls_identity("XA", rng)[0] == make_tls_identity("XA", rng)[0]
    assert make_tls_identity("XA", os.urandom)[0] != make_tls_identity("XA", os.urandom)[0]
