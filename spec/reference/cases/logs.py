"""The tree, its tiles and its bundles."""
from __future__ import annotations

from typing import Any, Dict, List

from .. import tiles, tree
from .case import Cases

CLASSIC = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f")]
"""The eight leaves that Certificate Transparency's own tests have used since 2013."""

LEAVES = [tree.leaf_hash(data) for data in CLASSIC]


def flip(data: bytes, bit: int = 0) -> bytes:
    """The bytes with one bit changed."""
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


def hexes(path: List[bytes]) -> List[str]:
    """Hashes in hex."""
    return [digest.hex() for digest in path]


def inclusion_of(index: int, size: int) -> Dict[str, Any]:
    """The input of a right case over the classic leaves."""
    path = tree.prove_inclusion(index, LEAVES[:size])
    return {"leaf_hash": LEAVES[index].hex(), "index": index, "size": size, "root": tree.root(LEAVES[:size]).hex(), "path": hexes(path)}


def inclusion() -> Cases:
    """The family `inclusion`."""
    all_cases = Cases("inclusion")
    for index, size in ((0, 1), (0, 2), (1, 2), (2, 3), (0, 5), (4, 5), (5, 7), (6, 7), (0, 8), (5, 8), (7, 8)):
        all_cases.valid(f"classic-{index}-of-{size}", f"Leaf {index} of the first {size} classic leaves.", **inclusion_of(index, size))
    whole = inclusion_of(3, 8)
    whole = {"entry": CLASSIC[3].hex(), **{key: value for key, value in whole.items() if key != "leaf_hash"}}
    all_cases.valid("entry-3-of-8", "The entry itself is given; its leaf hash is SHA-256(0x00 ‖ entry).", **whole)
    path = [bytes([i]) * 32 for i in range(53)]
    top = tree.root_from_path(LEAVES[0], 0, tree.MAX_SIZE, path)
    wide = {"leaf_hash": LEAVES[0].hex(), "index": 0, "size": tree.MAX_SIZE, "root": top.hex(), "path": hexes(path)}
    all_cases.valid("largest-size", "A path of 53 hashes in a tree of 2^53 - 1 leaves (its hashes are made up).", **wide)
    right = inclusion_of(5, 7)
    path = right["path"]
    a, b = path[0], path[1]
    add = all_cases.invalid
    all_cases.valid("size-is-not-bound-by-the-path", "The same path leads from leaf 5 to the same root in a tree of 8: the signed checkpoint binds the size.", **{**right, "size": 8})
    mutations = {
        "surplus-hash-at-end": ("path-length", {"path": path + ["00" * 32]}), "surplus-hash-at-start": ("path-length", {"path": ["00" * 32] + path}),
        "surplus-root-at-end": ("path-length", {"path": path + [right["root"]]}),
        "hash-missing-at-end": ("path-length", {"path": path[:-1]}), "hash-missing-at-start": ("path-length", {"path": path[1:]}),
        "path-empty": ("path-length", {"path": []}), "hashes-swapped": ("root-mismatch", {"path": [b, a] + path[2:]}),
        "path-reversed": ("root-mismatch", {"path": path[::-1]}), "first-bit-flipped": ("root-mismatch", {"path": [flip(bytes.fromhex(a)).hex()] + path[1:]}),
        "last-bit-flipped": ("root-mismatch", {"path": path[:-1] + [flip(bytes.fromhex(path[-1]), 255).hex()]}),
        "index-one-less": ("root-mismatch", {"index": 4}), "index-at-size": ("out-of-range", {"index": 7}), "index-far-out": ("out-of-range", {"index": tree.MAX_SIZE}),
        "size-zero": ("out-of-range", {"size": 0}), "size-one-less": ("path-length", {"size": 6}),
        "size-beyond-2-53": ("out-of-range", {"size": 2**53}), "root-of-another-size": ("root-mismatch", {"root": tree.root(LEAVES).hex()}),
        "root-flipped": ("root-mismatch", {"root": flip(bytes.fromhex(right["root"])).hex()}), "leaf-of-another-index": ("root-mismatch", {"leaf_hash": LEAVES[4].hex()}),
        "leaf-flipped": ("root-mismatch", {"leaf_hash": flip(LEAVES[5]).hex()}), "leaf-is-the-root": ("root-mismatch", {"leaf_hash": right["root"]}),
    }
    for name, (rule, change) in mutations.items():
        add(name, rule, "A right proof of leaf 5 in a tree of 7, with one thing changed.", **{**right, **change})
    add("node-as-leaf", "path-length", "An inner node offered as the leaf of a smaller tree.", **{
        **inclusion_of(0, 8), "leaf_hash": tree.node_hash(LEAVES[0], LEAVES[1]).hex(), "path": inclusion_of(0, 8)["path"][1:]})
    add("leaf-hash-without-prefix", "root-mismatch", "A tree of one entry, 65 bytes that spell an inner node.", entry=(b"\x01" + LEAVES[0] + LEAVES[1]).hex(),
        index=0, size=1, root=tree.root(LEAVES[:2]).hex(), path=[])
    return all_cases


def consistency_of(old: int, new: int) -> Dict[str, Any]:
    """The input of a right case over the classic leaves."""
    path = tree.prove_consistency(old, LEAVES[:new])
    return {"old_size": old, "old_root": tree.root(LEAVES[:old]).hex(), "new_size": new, "new_root": tree.root(LEAVES[:new]).hex(), "path": hexes(path)}


def consistency() -> Cases:
    """The family `consistency`."""
    all_cases = Cases("consistency")
    for old, new in ((0, 0), (0, 5), (1, 1), (1, 2), (1, 8), (2, 5), (3, 7), (4, 7), (4, 8), (6, 8), (7, 8), (8, 8)):
        all_cases.valid(f"classic-{old}-to-{new}", f"From the first {old} to the first {new} classic leaves.", **consistency_of(old, new))
    right = consistency_of(6, 8)
    path = right["path"]
    mutations = {
        "surplus-hash-at-end": ("path-length", {"path": path + ["00" * 32]}), "surplus-hash-at-start": ("path-length", {"path": ["00" * 32] + path}),
        "hash-missing-at-end": ("path-length", {"path": path[:-1]}), "hash-missing-at-start": ("path-length", {"path": path[1:]}),
        "path-empty": ("path-length", {"path": []}), "hashes-swapped": ("root-mismatch", {"path": [path[1], path[0]] + path[2:]}),
        "first-bit-flipped": ("root-mismatch", {"path": [flip(bytes.fromhex(path[0])).hex()] + path[1:]}),
        "last-bit-flipped": ("root-mismatch", {"path": path[:-1] + [flip(bytes.fromhex(path[-1]), 255).hex()]}),
        "old-root-flipped": ("root-mismatch", {"old_root": flip(bytes.fromhex(right["old_root"])).hex()}),
        "new-root-flipped": ("root-mismatch", {"new_root": flip(bytes.fromhex(right["new_root"])).hex()}),
        "roots-swapped": ("root-mismatch", {"old_root": right["new_root"], "new_root": right["old_root"]}),
        "sizes-swapped": ("out-of-range", {"old_size": 8, "new_size": 6}), "old-size-one-more": ("path-length", {"old_size": 7}),
        "old-size-one-less": ("path-length", {"old_size": 5}),
        "old-size-zero": ("path-length", {"old_size": 0, "old_root": tree.root([]).hex()}),
        "new-size-beyond-2-53": ("out-of-range", {"new_size": 2**53}),
    }
    for name, (rule, change) in mutations.items():
        all_cases.invalid(name, rule, "A right proof from 6 to 8, with one thing changed.", **{**right, **change})
    all_cases.invalid("same-size-other-root", "root-mismatch", "Two roots of one size: a fork.", **{**consistency_of(8, 8), "new_root": tree.root(LEAVES[:7]).hex()})
    all_cases.invalid("same-size-with-hashes", "path-length", "Nothing is to be proved.", **{**consistency_of(8, 8), "path": ["00" * 32]})
    all_cases.invalid("power-of-two-with-old-root", "path-length", "The old root is not part of the proof when the old size is a power of two.",
                      **{**consistency_of(4, 7), "path": [tree.root(LEAVES[:4]).hex()] + consistency_of(4, 7)["path"]})
    all_cases.invalid("empty-to-five-wrong-old-root", "root-mismatch", "The empty tree has one root.", **{**consistency_of(0, 5), "old_root": "00" * 32})
    return all_cases


def tile() -> Cases:
    """The family `tile`."""
    all_cases = Cases("tile")
    for name, path in (("first", "tile/0/000"), ("partial", "tile/0/x001/x234/067.p/8"), ("level-2", "tile/2/000.p/1"), ("bundle", "tile/entries/x001/000"),
                       ("bundle-partial", "tile/entries/273.p/112"), ("index-999", "tile/1/999"), ("index-1000", "tile/1/x001/000"), ("width-255", "tile/0/000.p/255"),
                       ("level-63", "tile/63/000")):
        all_cases.valid(f"path-{name}", "A path in its only spelling.", path=path)
    for size in (0, 1, 8, 255, 256, 257, 65536, 70000, 2**53 - 1):
        all_cases.valid(f"size-{size}", f"The tiles of a tree of {size} leaves.", size=size)
    for name, path in (("width-0", "tile/0/000.p/0"), ("width-256", "tile/0/000.p/256"), ("width-leading-zero", "tile/0/000.p/08"), ("level-64", "tile/64/000"),
                       ("level-leading-zero", "tile/00/000"), ("level-negative", "tile/-1/000"), ("level-data", "tile/data/000"), ("index-short", "tile/0/00"),
                       ("index-long", "tile/0/0000"), ("index-with-zero-group", "tile/0/x000/067"), ("index-without-x", "tile/0/001/067"), ("upper-case-x", "tile/0/X001/067"),
                       ("x-on-last-group", "tile/0/x001/x067"), ("height-8", "tile/8/0/000/"), ("trailing-slash", "tile/0/000/"), ("leading-slash", "/tile/0/000"),
                       ("empty", ""), ("no-index", "tile/0"), ("parent", "tile/0/../000"), ("newline", "tile/0/000\n"), ("other-digits", "tile/0/٠٠٠"),
                       ("index-too-large", "tile/0/x009/x007/x199/x254/x740/992")):
        all_cases.invalid(f"path-{name}", "tile-path", "Not the path of a tile or bundle, or not its only spelling.", path=path)
    return all_cases


def bundle() -> Cases:
    """The family `bundle`."""
    all_cases = Cases("bundle")
    right = tiles.encode_bundle(CLASSIC)
    all_cases.valid("classic-8", "The eight classic leaves.", bundle=right.hex(), width=8)
    all_cases.valid("one", "One entry.", bundle="000161", width=1)
    all_cases.valid("full", "256 entries of one byte.", bundle=tiles.encode_bundle([bytes([i]) for i in range(256)]).hex(), width=256)
    add = all_cases.invalid
    add("too-few", "bundle-format", "Eight entries where nine are asked for.", bundle=right.hex(), width=9)
    add("too-many", "bundle-format", "Eight entries where seven are asked for.", bundle=right.hex(), width=7)
    add("trailing-byte", "bundle-format", "A byte behind the last entry.", bundle=right.hex() + "00", width=8)
    add("cut-in-entry", "bundle-format", "The last byte is missing.", bundle=right[:-1].hex(), width=8)
    add("cut-in-length", "bundle-format", "Half a length.", bundle="00", width=1)
    add("length-one-more", "bundle-format", "A length that reaches beyond the end.", bundle="000261", width=1)
    add("empty", "bundle-format", "No bytes.", bundle="", width=1)
    add("width-zero", "bundle-format", "A bundle of nothing.", bundle="", width=0)
    add("width-257", "bundle-format", "More than a bundle holds.", bundle=tiles.encode_bundle([b""] * 257).hex(), width=257)
    return all_cases
