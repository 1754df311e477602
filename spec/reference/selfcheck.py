"""Checks of the reference itself: known answers from the RFCs and from others, and exhaustive small cases."""
from __future__ import annotations

import hashlib

from . import authoring, cbor, data_set, ed25519, ml_dsa, pack, prose, tree
from .accumulated import Levels
from .cases import logs, notes, world
from .faults import Fault


def run() -> None:
    """All checks; an AssertionError names what failed."""
    check_cbor()
    check_curve()
    check_lattice()
    check_trees()
    check_levels()
    check_known_answers()
    authoring.check_examples()
    prose.check()
    pack.check()
    data_set.check()


def check_cbor() -> None:
    """Examples of RFC 8949 appendix A, and every input of one or two bytes."""
    for value, encoded in ((0, "00"), (23, "17"), (24, "1818"), (1000000, "1a000f4240"), (-1, "20"), (-1000, "3903e7"),
                           (2**64 - 1, "1bffffffffffffffff"), (-2**64, "3bffffffffffffffff"), (b"\1\2", "420102"),
                           ("\u00fc", "62c3bc"), ([1, [2, 3]], "8201820203"), ({"a": 1, "b": [2]}, "a2616101616281 02".replace(" ", "")),
                           (False, "f4"), (True, "f5"), ({}, "a0")):
        data = bytes.fromhex(encoded)
        assert cbor.encode(value) == data and cbor.decode(data) == value, encoded
    for number in range(256 + 65536):
        data = bytes([number]) if number < 256 else (number - 256).to_bytes(2, "big")
        try:
            value = cbor.decode(data)
        except Fault:
            continue
        assert cbor.encode(value) == data, data.hex()


def check_curve() -> None:
    """RFC 8032 section 7.1 (test 1), the group's order, and `cryptography` against the equation written out."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert ed25519.public_key(seed) == key
    assert ed25519.encode_point(ed25519.multiply(ed25519.secret_scalar(seed), ed25519.BASE)) == key
    assert ed25519.is_identity(ed25519.multiply(ed25519.L, ed25519.BASE))
    for text in (b"", b"glasshouse"):
        signature = ed25519.sign(seed, text)
        assert ed25519.verify(key, text, signature) and ed25519.equation_holds(key, text, signature)
        assert not ed25519.verify(key, text + b"!", signature) and not ed25519.equation_holds(key, text + b"!", signature)


ACCUMULATED_10 = "d19584e024776014f52a5b4c9ee30693567885bee04c686216f663de1bd993cf"
"""The first ten turns of what gives ACCUMULATED_100: quick enough for every check."""

ACCUMULATED_100 = "d51148e1f9f4fa1a723a6cf42e25f2a99eb5c1b378b3d2dbbd561b1203beeae4"
"""From github.com/C2SP/CCTV, ML-DSA/accumulated, ML-DSA-44 after 100 iterations."""


def check_lattice() -> None:
    """The public key of RFC 9881's example, ten turns of what `compare_hundred` does, and `cryptography` if it can."""
    public = ml_dsa.public_key(bytes(range(32)))
    assert public[:8].hex() == "d7b2b47254aae0db" and len(public) == ml_dsa.KEY_LEN
    assert accumulated_lattice(10) == ACCUMULATED_10
    compare_lattice()


def accumulated_lattice(turns: int) -> str:
    """One hash over keys from SHAKE128 of nothing and their signatures of the empty message, each of which must hold."""
    seeds, found = hashlib.shake_128(b"").digest(32 * turns), hashlib.shake_128()
    for i in range(turns):
        seed = seeds[32 * i:32 * i + 32]
        public, signature = ml_dsa.public_key(seed), ml_dsa.sign(seed, b"")
        assert ml_dsa.verify(public, b"", signature) and not ml_dsa.verify(public, b"!", signature)
        found.update(public + signature)
    return found.hexdigest(32)


def compare_hundred() -> int:
    """The command `ml-dsa`: a known answer that others made."""
    found = accumulated_lattice(100)
    print(f"{found}: {'as C2SP gives it' if found == ACCUMULATED_100 else f'FAILED, C2SP gives {ACCUMULATED_100}'}")
    return 0 if found == ACCUMULATED_100 else 1


def compare_lattice() -> None:
    """Where `cryptography` has ML-DSA-44: it makes the same key, and each takes the other's signatures."""
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
    except ImportError:
        print("note: this version of cryptography has no ML-DSA-44, so the reference was compared with known answers only")
        return
    seed, message = bytes(range(32)), b"glasshouse"
    other = MLDSA44PrivateKey.from_seed_bytes(seed)
    assert other.public_key().public_bytes_raw() == ml_dsa.public_key(seed)
    other.public_key().verify(ml_dsa.sign(seed, message), message)
    assert ml_dsa.verify(ml_dsa.public_key(seed), message, other.sign(message))


def check_trees() -> None:
    """Every proof of every tree up to size 24 holds, and none of its one-step mutations does."""
    leaves = [tree.leaf_hash(bytes([i])) for i in range(24)]
    roots = [tree.root(leaves[:size]) for size in range(25)]
    for size in range(1, 25):
        for index in range(size):
            path = tree.prove_inclusion(index, leaves[:size])
            tree.verify_inclusion(leaves[index], index, size, roots[size], path)
            for wrong in mutations(path):
                assert refuses(tree.verify_inclusion, leaves[index], index, size, roots[size], wrong)
        for old in range(1, size + 1):
            path = tree.prove_consistency(old, leaves[:size])
            tree.verify_consistency(old, roots[old], size, roots[size], path)
            for wrong in mutations(path):
                assert refuses(tree.verify_consistency, old, roots[old], size, roots[size], wrong)


def check_levels() -> None:
    """The level arrays of the accumulated hash give the roots and proofs of the plain recursion."""
    levels, leaves = Levels(), []
    for size in range(1, 70):
        leaves.append(tree.leaf_hash(size.to_bytes(8, "big")))
        levels.push(leaves[-1])
        assert levels.root(0, size) == tree.root(leaves)
        for index in range(size):
            assert levels.inclusion(index, 0, size) == tree.prove_inclusion(index, leaves)
            assert levels.consistency(index + 1, 0, size, True) == tree.prove_consistency(index + 1, leaves)


ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The roots of the first 0 to 8 of the leaves that Certificate Transparency's own tests use."""

LOG_LINE = "+LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk="
WITNESS_LINE = ("3xwKNQAAAABoTuGARh60y/CmK5DyUXdWxrpdxDFTzucsvx6HNY9Mepsf72IROmZKbiW7fwipyNaSHSppGA6Af5mdfwU+AnWeDoAyCQ==")
"""Signatures over the checkpoint of eight, made by another program and accepted by a third."""


def check_known_answers() -> None:
    """Roots, keys and a cosigned checkpoint that other programs made."""
    for size, known in enumerate(ROOTS):
        assert tree.root(logs.LEAVES[:size]).hex() == known, size
    assert world.LOG_KEY.encode() == "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
    assert world.WITNESS_KEY.encode() == "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
    lines = f"\u2014 {world.ORIGIN} {LOG_LINE}\n\u2014 witness.example/w1 {WITNESS_LINE}\n"
    assert notes.COSIGNED == notes.CHECKPOINT + "\n" + lines


def mutations(path: list) -> list:
    """A hash more, at either end; a hash less, at either end; a bit flipped in each."""
    wrong = [path + [bytes(32)], [bytes(32)] + path]
    if path:
        wrong += [path[1:], path[:-1]]
    for i, digest in enumerate(path):
        wrong.append(path[:i] + [bytes([digest[0] ^ 1]) + digest[1:]] + path[i + 1:])
    return wrong


def refuses(function: object, *arguments: object) -> bool:
    """Whether a check refuses its arguments."""
    try:
        function(*arguments)  # type: ignore[operator]
    except Fault:
        return True
    return False
