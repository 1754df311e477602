"""ML-DSA-44 (FIPS 204), written out: keys from a seed, deterministic signatures, strict verification.

Pure ML-DSA with an empty context, never the pre-hashed form. Slow and plain: polynomials are lists of 256 integers
modulo q, and the names are those of the standard. Only SHAKE comes from a library, Python's own.
"""
from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

Q = 8380417
D, TAU, GAMMA1, GAMMA2, K, L, ETA, BETA, OMEGA = 13, 39, 2**17, (Q - 1) // 88, 4, 4, 2, 78, 80
"""FIPS 204 table 1, column ML-DSA-44."""

KEY_LEN = 32 + 320 * K
SIGNATURE_LEN = 32 + 576 * L + OMEGA + K
NO_RANDOMNESS = bytes(32)
"""The `rnd` of the deterministic variant (FIPS 204 section 3.4)."""

ZETAS = [pow(1753, int(f"{i:08b}"[::-1], 2), Q) for i in range(256)]
"""Powers of the 512th root of unity, in the order of the bits of i reversed (FIPS 204 appendix B)."""

Poly = List[int]
Vector = List[Poly]


class SecretKey(NamedTuple):
    """What signing needs of FIPS 204 algorithm 6; vectors s1, s2 and t0 in the NTT's domain."""

    public: bytes
    tr: bytes
    secret: bytes
    s1: Vector
    s2: Vector
    t0: Vector


class Attempt(NamedTuple):
    """A signature of one turn of the loop of algorithm 7, and which of its checks it fails, by their names."""

    signature: bytes
    fails: List[str]


def h(data: bytes, length: int) -> bytes:
    """H: SHAKE256."""
    return hashlib.shake_256(data).digest(length)


def centred(r: int, modulus: int = Q) -> int:
    """r mod± modulus: the representative around zero."""
    r %= modulus
    return r - modulus if r > modulus // 2 else r


def norm(vector: Vector) -> int:
    """The greatest absolute value of a coefficient."""
    return max(abs(centred(c)) for poly in vector for c in poly)


def ntt(w: Sequence[int]) -> Poly:
    """Algorithm 41."""
    w, m, half = list(w), 0, 128
    while half >= 1:
        for start in range(0, 256, 2 * half):
            m += 1
            middle, end = start + half, start + 2 * half
            low, high = w[start:middle], [ZETAS[m] * c % Q for c in w[middle:end]]
            w[start:middle] = [(a + b) % Q for a, b in zip(low, high)]
            w[middle:end] = [(a - b) % Q for a, b in zip(low, high)]
        half //= 2
    return w


def ntt_inverse(w: Sequence[int]) -> Poly:
    """Algorithm 42."""
    w, m, half = list(w), 256, 1
    while half < 256:
        for start in range(0, 256, 2 * half):
            m -= 1
            middle, end = start + half, start + 2 * half
            low, high = w[start:middle], w[middle:end]
            w[start:middle] = [(a + b) % Q for a, b in zip(low, high)]
            w[middle:end] = [-ZETAS[m] * (a - b) % Q for a, b in zip(low, high)]
        half *= 2
    return [8347681 * c % Q for c in w]


def plus(a: Vector, b: Vector) -> Vector:
    """The sum of two vectors."""
    return [[(x + y) % Q for x, y in zip(p, q)] for p, q in zip(a, b)]


def minus(a: Vector, b: Vector) -> Vector:
    """The difference of two vectors."""
    return [[(x - y) % Q for x, y in zip(p, q)] for p, q in zip(a, b)]


def times(c: Poly, vector: Vector) -> Vector:
    """A polynomial times each of a vector, all in the NTT's domain."""
    return [[x * y % Q for x, y in zip(c, poly)] for poly in vector]


def matrix_times(a: List[Vector], vector: Vector) -> Vector:
    """A matrix times a vector, in the NTT's domain."""
    return [[sum(p) % Q for p in zip(*([x * y for x, y in zip(m, v)] for m, v in zip(row, vector)))] for row in a]


def pack(values: Sequence[int], bits: int) -> bytes:
    """Algorithm 16, with the width in bits: little-endian, without gaps."""
    return sum(v << bits * i for i, v in enumerate(values)).to_bytes(bits * len(values) // 8, "little")


def unpack(data: bytes, bits: int) -> Poly:
    """Algorithm 18, with the width in bits."""
    whole, mask = int.from_bytes(data, "little"), 2**bits - 1
    return [whole >> bits * i & mask for i in range(256)]


@lru_cache(maxsize=64)
def expand_a(rho: bytes) -> List[Vector]:
    """Algorithm 32: the matrix that a key's first 32 bytes stand for, in the NTT's domain."""
    return [[reject_to_q(rho + bytes([s, r])) for s in range(L)] for r in range(K)]


def reject_to_q(seed: bytes) -> Poly:
    """Algorithm 30: three bytes a coefficient, those of q and more left out."""
    length = 3 * 320
    while True:
        data = hashlib.shake_128(seed).digest(length)
        found = [int.from_bytes(data[i:i + 3], "little") & 0x7FFFFF for i in range(0, length, 3)]
        found = [c for c in found if c < Q]
        if len(found) >= 256:
            return found[:256]
        length *= 2


def reject_to_eta(seed: bytes) -> Poly:
    """Algorithm 31: half a byte a coefficient, from -eta to eta."""
    length = 256
    while True:
        halves = [half for byte in h(seed, length) for half in (byte & 15, byte >> 4)]
        found = [(ETA - half % 5) % Q for half in halves if half < 15]
        if len(found) >= 256:
            return found[:256]
        length *= 2


def sample_in_ball(seed: bytes) -> Poly:
    """Algorithm 29: tau coefficients are 1 or -1, the others 0."""
    data = h(seed, 1024)
    signs, at, c = int.from_bytes(data[:8], "little"), 8, [0] * 256
    for i in range(256 - TAU, 256):
        while data[at] > i:
            at += 1
        c[i], c[data[at]] = c[data[at]], 1 if signs & 1 == 0 else Q - 1
        signs, at = signs >> 1, at + 1
    return c


def decompose(r: int) -> Tuple[int, int]:
    """Algorithm 36: the high and the low part."""
    r %= Q
    low = centred(r, 2 * GAMMA2)
    return (0, low - 1) if r - low == Q - 1 else ((r - low) // (2 * GAMMA2), low)


def use_hint(hint: int, r: int) -> int:
    """Algorithm 40."""
    high, low = decompose(r)
    return (high + (1 if low > 0 else -1)) % 44 if hint else high


def high_bits(vector: Vector) -> Vector:
    """Algorithm 37, of each coefficient."""
    return [[decompose(c)[0] for c in poly] for poly in vector]


def encode_hint(hints: Vector) -> bytes:
    """Algorithm 20: the places of the ones, polynomial by polynomial, then where each polynomial's end."""
    places, ends = [], []
    for poly in hints:
        places += [i for i, one in enumerate(poly) if one]
        ends.append(len(places))
    return bytes(places + [0] * (OMEGA - len(places)) + ends)


def decode_hint(data: bytes) -> Optional[Vector]:
    """Algorithm 21: None for every spelling but the one: places ascend, ends do not fall, what is left over is zero."""
    hints, begin = [[0] * 256 for _ in range(K)], 0
    for poly, end in zip(hints, data[OMEGA:]):
        places = data[begin:end]
        if end < begin or end > OMEGA or any(a >= b for a, b in zip(places, places[1:])):
            return None
        for place in places:
            poly[place] = 1
        begin = end
    return hints if not any(data[begin:OMEGA]) else None


@lru_cache(maxsize=64)
def make_key(seed: bytes) -> SecretKey:
    """Algorithm 6: the key of 32 bytes."""
    expanded = h(seed + bytes([K, L]), 128)
    rho, rho_prime, secret = expanded[:32], expanded[32:96], expanded[96:]
    s1 = [ntt(reject_to_eta(rho_prime + bytes([r, 0]))) for r in range(L)]
    s2 = [reject_to_eta(rho_prime + bytes([L + r, 0])) for r in range(K)]
    t = plus([ntt_inverse(poly) for poly in matrix_times(expand_a(rho), s1)], s2)
    t0 = [[centred(c, 2**D) for c in poly] for poly in t]
    t1 = [[(c - low) >> D for c, low in zip(poly, lows)] for poly, lows in zip(t, t0)]
    public = rho + b"".join(pack(poly, 10) for poly in t1)
    return SecretKey(public, h(public, 64), secret, s1, [ntt(p) for p in s2], [ntt([c % Q for c in p]) for p in t0])


def public_key(seed: bytes) -> bytes:
    """The public key of a seed: 1312 bytes."""
    return make_key(seed).public


def framed(message: bytes) -> bytes:
    """Algorithm 2, line 10: pure, with an empty context."""
    return bytes([0, 0]) + message


def attempts(seed: bytes, framed_message: bytes, rnd: bytes = NO_RANDOMNESS) -> Iterator[Attempt]:
    """The loop of algorithm 7, turn by turn, with the signatures that it throws away too."""
    key = make_key(seed)
    a, mu = expand_a(key.public[:32]), h(key.tr + framed_message, 64)
    mask_seed = h(key.secret + rnd + mu, 64)
    for kappa in range(0, 2**16 - L, L):
        masks = [unpack(h(mask_seed + (kappa + r).to_bytes(2, "little"), 576), 18) for r in range(L)]
        y = [[(GAMMA1 - c) % Q for c in poly] for poly in masks]
        w = [ntt_inverse(poly) for poly in matrix_times(a, [ntt(poly) for poly in y])]
        commitment = h(mu + b"".join(pack(poly, 6) for poly in high_bits(w)), 32)
        c = ntt(sample_in_ball(commitment))
        z = plus(y, [ntt_inverse(poly) for poly in times(c, key.s1)])
        rest = minus(w, [ntt_inverse(poly) for poly in times(c, key.s2)])
        ct0 = [ntt_inverse(poly) for poly in times(c, key.t0)]
        shifted = high_bits(plus(rest, ct0))
        hints = [[int(x != y) for x, y in zip(p, q)] for p, q in zip(high_bits(rest), shifted)]
        checks = {"z": norm(z) < GAMMA1 - BETA, "ct0": norm(ct0) < GAMMA2, "hints": sum(map(sum, hints)) <= OMEGA,
                  "r0": max(abs(decompose(x)[1]) for poly in rest for x in poly) < GAMMA2 - BETA}
        fails = [name for name, holds in checks.items() if not holds]
        packed = b"".join(pack([GAMMA1 - centred(x) for x in poly], 18) for poly in z) if norm(z) < GAMMA1 else b""
        yield Attempt(commitment + packed + (encode_hint(hints) if checks["hints"] else b""), fails)


def sign(seed: bytes, message: bytes, rnd: bytes = NO_RANDOMNESS) -> bytes:
    """Algorithm 2: 2420 bytes, the same ones for the same seed and message unless `rnd` says otherwise."""
    return next(attempt.signature for attempt in attempts(seed, framed(message), rnd) if not attempt.fails)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Algorithm 3 with an empty context."""
    if len(public) != KEY_LEN or len(signature) != SIGNATURE_LEN:
        return False
    commitment, packed, hints = signature[:32], signature[32:32 + 576 * L], decode_hint(signature[32 + 576 * L:])
    z = [[(GAMMA1 - c) % Q for c in unpack(packed[i:i + 576], 18)] for i in range(0, 576 * L, 576)]
    return hints is not None and norm(z) < GAMMA1 - BETA and equation_holds(public, framed(message), commitment, z, hints)


def equation_holds(public: bytes, framed_message: bytes, commitment: bytes, z: Vector, hints: Vector) -> bool:
    """Algorithm 8 from line 5 on: the commitment is that of the high bits which signer and verifier share."""
    t1 = [unpack(public[i:i + 320], 10) for i in range(32, KEY_LEN, 320)]
    ct1 = times(ntt(sample_in_ball(commitment)), [ntt([c << D for c in poly]) for poly in t1])
    az = matrix_times(expand_a(public[:32]), [ntt(poly) for poly in z])
    w = [ntt_inverse(poly) for poly in minus(az, ct1)]
    high = [[use_hint(hint, c) for hint, c in zip(*pair)] for pair in zip(hints, w)]
    mu = h(h(public, 64) + framed_message, 64)
    return commitment == h(mu + b"".join(pack(poly, 6) for poly in high), 32)
