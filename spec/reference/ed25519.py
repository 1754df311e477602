"""Ed25519 (RFC 8032 section 5.1) with the strict reading that Glasshouse asks for.

The curve arithmetic is written out so that the encodings can be judged here; the signature equation itself is left to
`cryptography`, whose library checks it without the cofactor. A signature holds when A and R are canonical, neither has
small order, s < L, and s·B = R + k·A. A key must moreover have no torsion part.
"""
from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Optional, Tuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .faults import require

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = Tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z (RFC 8032 section 5.1.4)."""

IDENTITY: Point = (0, 1, 1, 0)


def recover_x(y: int, sign: int) -> Optional[int]:
    """The x that belongs to y, or None when there is none (RFC 8032 section 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0:
        return None
    if x == 0 and sign == 1:
        return None
    return P - x if x % 2 != sign else x


def decode_point(data: bytes) -> Optional[Point]:
    """The point of a canonical encoding, None for every other 32 bytes (RFC 8032 section 5.1.3)."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    if len(data) != 32 or y >= P:
        return None
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def encode_point(point: Point) -> bytes:
    """The canonical encoding (RFC 8032 section 5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add(a: Point, b: Point) -> Point:
    """The sum of two points (RFC 8032 section 5.1.4)."""
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar: int, point: Point) -> Point:
    """scalar · point, by doubling and adding."""
    result = IDENTITY
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def is_identity(point: Point) -> bool:
    """Whether the point is the neutral element."""
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


def has_small_order(point: Point) -> bool:
    """Whether 8 · point is the neutral element: one of the eight torsion points."""
    return is_identity(multiply(8, point))


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE: Point = decode_point(BASE_Y.to_bytes(32, "little"))  # type: ignore[assignment]


@lru_cache(maxsize=None)
def is_good_key(key: bytes) -> bool:
    """Whether 32 bytes are a key that may be enrolled: canonical, not of small order, without a torsion part."""
    point = decode_point(key)
    return point is not None and not has_small_order(point) and is_identity(multiply(L, point))


def check_key(key: bytes) -> None:
    """Refuses a key that `is_good_key` refuses, as `weak-key`."""
    require(is_good_key(key), "weak-key", "not canonical, of small order, or with a torsion part")


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature holds, strictly (see the head of this file). The key must be a good one already."""
    if len(signature) != 64 or not is_good_key(key):
        return False
    r_point = decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if r_point is None or has_small_order(r_point) or s >= L:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def challenge(r_bytes: bytes, key: bytes, message: bytes) -> int:
    """k of RFC 8032 section 5.1.7."""
    return int.from_bytes(hashlib.sha512(r_bytes + key + message).digest(), "little") % L


def equation_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """s·B = R + k·A, written out: what `cryptography` is trusted with, for checking it."""
    a_point, r_point = decode_point(key), decode_point(signature[:32])
    if a_point is None or r_point is None:
        return False
    k = challenge(signature[:32], key, message)
    left = multiply(int.from_bytes(signature[32:], "little"), BASE)
    return encode_point(left) == encode_point(add(r_point, multiply(k, a_point)))


@lru_cache(maxsize=None)
def public_key(seed: bytes) -> bytes:
    """The public key of a 32-byte seed."""
    raw = serialization.Encoding.Raw
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(raw, serialization.PublicFormat.Raw)


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature of a 32-byte seed (deterministic, RFC 8032 section 5.1.6)."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def secret_scalar(seed: bytes) -> int:
    """The scalar of a seed (RFC 8032 section 5.1.5): only for making signatures that must be refused."""
    half = bytearray(hashlib.sha512(seed).digest()[:32])
    half[0] &= 248
    half[31] = half[31] & 127 | 64
    return int.from_bytes(half, "little")
