"""The Merkle tree of RFC 6962 section 2.1 over SHA-256, as its recursion is printed there: slow and obvious."""
from __future__ import annotations

import hashlib
from typing import List, Sequence

from .faults import require

MAX_SIZE = 2**53 - 1
"""A size must be exact in a JSON number."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """k of RFC 6962: the largest power of two smaller than `size` (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962 section 2.1, from leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def prove_inclusion(index: int, leaves: Sequence[bytes]) -> List[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1: the sibling of the leaf first."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return prove_inclusion(index, leaves[:k]) + [root(leaves[k:])]
    return prove_inclusion(index - k, leaves[k:]) + [root(leaves[:k])]


def prove_consistency(old_size: int, leaves: Sequence[bytes]) -> List[bytes]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2; empty for m = 0, where nothing needs proving."""
    return [] if old_size == 0 else subproof(old_size, leaves, True)


def subproof(old_size: int, leaves: Sequence[bytes], known: bool) -> List[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2."""
    if old_size == len(leaves):
        return [] if known else [root(leaves)]
    k = split(len(leaves))
    if old_size <= k:
        return subproof(old_size, leaves[:k], known) + [root(leaves[k:])]
    return subproof(old_size - k, leaves[k:], False) + [root(leaves[:k])]


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to: the recursion of PATH run backwards."""
    if size == 1:
        require(not path, "path-length", "the path has hashes to spare")
        return leaf
    require(len(path) > 0, "path-length", "the path is too short")
    k = split(size)
    if index < k:
        return node_hash(root_from_path(leaf, index, k, path[:-1]), path[-1])
    return node_hash(path[-1], root_from_path(leaf, index - k, size - k, path[:-1]))


def verify_inclusion(leaf: bytes, index: int, size: int, root_hash: bytes, path: Sequence[bytes]) -> None:
    """Checks an inclusion proof (RFC 9162 section 2.1.3.2)."""
    require(0 <= size <= MAX_SIZE and 0 <= index < size, "out-of-range", "the index is not in the tree")
    require(root_from_path(leaf, index, size, path) == root_hash, "root-mismatch", "the path leads to another root")


def roots_from_subproof(old_size: int, size: int, known: bool, old_root: bytes, path: Sequence[bytes]) -> List[bytes]:
    """[old root, new root] of the subtree that SUBPROOF speaks of: its recursion run backwards."""
    if old_size == size:
        if known:
            require(not path, "path-length", "the proof has hashes to spare")
            return [old_root, old_root]
        require(len(path) == 1, "path-length", "the proof has another length")
        return [path[0], path[0]]
    require(len(path) > 0, "path-length", "the proof is too short")
    k = split(size)
    if old_size <= k:
        old, new = roots_from_subproof(old_size, k, known, old_root, path[:-1])
        return [old, node_hash(new, path[-1])]
    old, new = roots_from_subproof(old_size - k, size - k, False, old_root, path[:-1])
    return [node_hash(path[-1], old), node_hash(path[-1], new)]


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Checks a consistency proof (RFC 9162 section 2.1.4.2). From the empty tree it is empty and always holds."""
    require(0 <= old_size <= new_size <= MAX_SIZE, "out-of-range", "the old tree is larger, or a size is out of range")
    if old_size == 0:
        require(not path, "path-length", "nothing is to be proved from the empty tree")
        require(old_root == root([]), "root-mismatch", "not the root of the empty tree")
        require(new_size > 0 or new_root == old_root, "root-mismatch", "not the root of the empty tree")
        return
    old, new = roots_from_subproof(old_size, new_size, True, old_root, path)
    require(old == old_root, "root-mismatch", "the proof leads to another old root")
    require(new == new_root, "root-mismatch", "the proof leads to another new root")
