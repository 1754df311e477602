"""One hash over the trees of 100,000 leaves: roots of all sizes, and a sample of proofs.

The recipe, which other implementations repeat:

- leaf i (0 ≤ i < 100,000) is SHA-256(0x00 ‖ u64 big-endian i);
- acc begins as 32 zero bytes; `fold(x)` is acc = SHA-256(acc ‖ x);
- for n = 1, 2, …, 100,000 in turn:
  1. fold the root of the tree of the first n leaves;
  2. if n is a multiple of 997: fold every hash, in order, of the inclusion proof of index (n · 7919) mod n' in the tree
     of size n, where n' = n − 1 (so that the index is never trivially 0), then every hash, in order, of the consistency
     proof from size 1 + (n · 104729) mod n' to size n.

Proofs are in the order of RFC 6962 sections 2.1.1 and 2.1.2.
"""
from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, Dict, List

from .tree import leaf_hash, node_hash, split

LEAVES = 100_000
EVERY = 997


class Levels:
    """Hashes of all perfect subtrees: `levels[h][k]` covers the leaves k·2^h to (k + 1)·2^h."""

    def __init__(self) -> None:
        self.levels: List[List[bytes]] = [[]]

    def push(self, leaf: bytes) -> None:
        """Appends a leaf and every perfect subtree that it completes."""
        self.levels[0].append(leaf)
        height = 0
        while len(self.levels[height]) % 2 == 0:
            if len(self.levels) == height + 1:
                self.levels.append([])
            self.levels[height + 1].append(node_hash(*self.levels[height][-2:]))
            height += 1

    def root(self, begin: int, end: int) -> bytes:
        """MTH of the leaves from `begin` to `end` (RFC 6962 section 2.1): looked up where the subtree is perfect."""
        width = end - begin
        if width & (width - 1) == 0 and begin % width == 0:
            return self.levels[width.bit_length() - 1][begin // width]
        k = split(width)
        return node_hash(self.root(begin, begin + k), self.root(begin + k, end))

    def inclusion(self, index: int, begin: int, end: int) -> List[bytes]:
        """PATH of RFC 6962 section 2.1.1."""
        if end - begin == 1:
            return []
        middle = begin + split(end - begin)
        if index < middle:
            return self.inclusion(index, begin, middle) + [self.root(middle, end)]
        return self.inclusion(index, middle, end) + [self.root(begin, middle)]

    def consistency(self, old: int, begin: int, end: int, known: bool) -> List[bytes]:
        """SUBPROOF of RFC 6962 section 2.1.2; `old` counts from 0."""
        if old == end:
            return [] if known else [self.root(begin, end)]
        middle = begin + split(end - begin)
        if old <= middle:
            return self.consistency(old, begin, middle, known) + [self.root(middle, end)]
        return self.consistency(old, middle, end, False) + [self.root(begin, middle)]


@lru_cache(maxsize=None)
def accumulate(leaves: int) -> bytes:
    """The hash of the recipe, for any number of leaves."""
    tree, acc = Levels(), bytes(32)
    for n in range(1, leaves + 1):
        tree.push(leaf_hash((n - 1).to_bytes(8, "big")))
        folded = [tree.root(0, n)]
        if n % EVERY == 0:
            folded += tree.inclusion(n * 7919 % (n - 1), 0, n)
            folded += tree.consistency(1 + n * 104729 % (n - 1), 0, n, True)
        for digest in folded:
            acc = hashlib.sha256(acc + digest).digest()
    return acc


def vector() -> Dict[str, Any]:
    """`accumulated.json`."""
    recipe = (__doc__ or "").split("\n\n", 1)[1].strip()
    return {"leaves": LEAVES, "every": EVERY, "recipe": recipe.split("\n"), "after_1000": accumulate(1000).hex(),
            "accumulated": accumulate(LEAVES).hex()}


def print_hash() -> int:
    """The command `accumulated`."""
    print(accumulate(LEAVES).hex())
    return 0
