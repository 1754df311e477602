"""Public keys: the points that may not be one, and the one encoding of a COSE_Key."""
from __future__ import annotations

from .. import cose, ed25519
from . import world
from .case import Cases


def torsion_points() -> list:
    """The eight points whose order divides 8: multiples of one of order 8 (RFC 7748 section 7, curve's cofactor)."""
    candidate = 2
    while True:
        point = ed25519.decode_point(candidate.to_bytes(32, "little"))
        candidate += 1
        if point is None:
            continue
        generator = ed25519.multiply(ed25519.L, point)
        if not ed25519.is_identity(ed25519.multiply(4, generator)):
            return [ed25519.multiply(k, generator) for k in range(8)]


def mixed_key(seed: bytes, torsion: int = 1) -> bytes:
    """a·B + k·T, T of order 8: a key that is not of small order, but has a torsion part."""
    honest = ed25519.multiply(ed25519.secret_scalar(seed), ed25519.BASE)
    return ed25519.encode_point(ed25519.add(honest, torsion_points()[torsion]))


def cases() -> Cases:
    """The family `key`."""
    all_cases = Cases("key")
    for number, name in ((1, "log"), (2, "witness"), (3, "registrar"), (0x11, "provider")):
        all_cases.valid(name, f"The public key of the seed 32 × {number:02x}.", x=ed25519.public_key(world.seed(number)).hex())
    good = ed25519.public_key(world.PROXY_SEED)
    all_cases.valid("cose-key", "The same key as a COSE_Key.", cose_key=cose.cose_key(good).hex())
    for k, point in enumerate(torsion_points()):
        name = "identity" if k == 0 else f"torsion-{k}"
        all_cases.invalid(f"small-order-{name}", "weak-key", f"{k} times a point of order 8.", x=ed25519.encode_point(point).hex())
    p = ed25519.P
    for name, number in (("p", p), ("p-plus-1", p + 1), ("p-plus-1-sign", p + 1 + 2**255), ("minus-zero", 1 + 2**255),
                         ("p-less-1-sign", p - 1 + 2**255), ("p-plus-3", p + 3), ("all-ones", 2**256 - 1)):
        all_cases.invalid(f"not-canonical-{name}", "weak-key", "Not the canonical encoding of a point.", x=number.to_bytes(32, "little").hex())
    for k in (1, 2, 4):
        all_cases.invalid(f"mixed-order-{8 // k}", "weak-key", f"An honest key plus a point of order {8 // k}.",
                          x=mixed_key(world.PROXY_SEED, k).hex())
    all_cases.invalid("off-curve", "weak-key", "No point has this y.", x=(2).to_bytes(32, "little").hex())
    all_cases.invalid("short", "key-encoding", "31 bytes.", x=good[:31].hex())
    all_cases.invalid("long", "key-encoding", "33 bytes.", x=good.hex() + "00")
    made = cose.cose_key(good).hex()
    for name, wrong in (("with-alg", "a4" + made[2:6] + "0327" + made[6:]), ("with-kid", "a4" + made[2:6] + "024100" + made[6:]),
                        ("curve-ed448", made.replace("2006", "2007")), ("key-type-ec2", made.replace("a30101", "a30102")),
                        ("unordered", "a3" + made[6:10] + "0101" + made[10:]), ("with-d", "a4" + made[2:] + "235820" + "00" * 32),
                        ("x-of-31-bytes", made[:12] + "581f" + made[16:-2]), ("trailing-byte", made + "00"), ("longer-head", "b803" + made[2:])):
        all_cases.invalid(f"cose-key-{name}", "key-encoding", "Not the one encoding of an Ed25519 COSE_Key.", cose_key=wrong)
    return all_cases
