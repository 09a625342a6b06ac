"""Public keys that OpenSSL would take and Parley refuses: Ed25519 and X25519 points of small order or in a second form.

With a small-order Ed25519 key one signature fits many messages; with a key in two forms one holder has two key ids.
Keys with a component of small order beside one of large order are not refused: OpenSSL verifies without the cofactor,
so whatever it accepts every verifier of RFC 8032 section 5.1.7 accepts (docs/decisions/0013).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from parley.seal.problems import SealProblem

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_Y_BITS: Final = (1 << 255) - 1

# y of the eight points whose order divides 8: order 1 (1), 2 (p - 1), 4 (0, both signs of x), 8 (the last two, both).
_Y8: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER_Y: Final = frozenset({1, _P - 1, 0, _Y8, _P - _Y8})

# u of the X25519 points of small order on the curve and its twist (RFC 7748 section 6.1; Cremers and Jackson 2019).
_U8: Final = 325606250916557431795983626356110631294008115727848805560023387167927233504
_U8_OTHER: Final = 39382357235489614581723060781553021112529911719440698176882885853963445705823
SMALL_ORDER_U: Final = frozenset({0, 1, _P - 1, _U8, _U8_OTHER})


@lru_cache(maxsize=4096)  # a modular exponentiation each; only what passes is remembered
def check_ed25519(encoded: bytes) -> None:
    """Raise SealProblem unless `encoded` (32 bytes, RFC 8032 section 5.1.2) is the canonical form of a large point."""
    y = int.from_bytes(encoded, "little") & _Y_BITS
    if y >= _P:
        raise SealProblem("key_not_canonical", kind="Ed25519")
    if y in SMALL_ORDER_Y:
        raise SealProblem("key_of_small_order", kind="Ed25519")
    # x^2 = (y^2 - 1) / (d y^2 + 1) has a root when numerator times denominator does (Euler's criterion).
    square = y * y % _P
    if pow((square - 1) * (_D * square + 1), (_P - 1) // 2, _P) != 1:
        raise SealProblem("key_not_a_point", kind="Ed25519")


def check_x25519(encoded: bytes) -> None:
    """Raise SealProblem unless `encoded` (32 bytes) is a reduced u-coordinate of large order."""
    u = int.from_bytes(encoded, "little")
    if u >= _P:
        raise SealProblem("key_not_canonical", kind="X25519")
    if u in SMALL_ORDER_U:
        raise SealProblem("key_of_small_order", kind="X25519")
