"""Random inclusion and consistency proofs with their verdicts: about half right, half with one or two mutations.

Small trees are built from leaves and proved by the recursion of RFC 6962. Trees of up to 2^53 - 1 leaves cannot be built: there the
hashes of the proof are drawn, and the roots follow from them, so that such a proof is right for trees that nobody has.
"""
from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, List

from . import tree
from .faults import Fault
from .random_drafts import Dice

SMALL = 300
"""The largest tree that is built."""

Input = Dict[str, Any]


def print_proofs(count: int, seed: int) -> int:
    """The command `proofs`."""
    dice = Dice(seed)
    for number in range(count):
        family = dice.pick(["inclusion", "consistency"])
        given = random_inclusion(dice) if family == "inclusion" else random_consistency(dice)
        if dice.below(2):
            for _ in range(1 + dice.below(2)):
                mutate(dice, family, given)
        case = {"family": family, "name": f"random {seed} {number}", "input": given, "expect": judge(family, given)}
        print(json.dumps(case, separators=(",", ":")))
    return 0


def judge(family: str, given: Input) -> Dict[str, Any]:
    """What this reference says. Two mutations can break two rules, and no order of checks is asked for: `or` is the other one."""
    path = [bytes.fromhex(value) for value in given["path"]]
    try:
        if family == "inclusion":
            tree.verify_inclusion(bytes.fromhex(given["leaf_hash"]), given["index"], given["size"], bytes.fromhex(given["root"]), path)
        else:
            tree.verify_consistency(given["old_size"], bytes.fromhex(given["old_root"]), given["new_size"],
                                    bytes.fromhex(given["new_root"]), path)
    except Fault as fault:
        either = {"or": "root-mismatch"} if family == "consistency" and roots_cannot_be(given) and fault.rule != "root-mismatch" else {}
        return {"ok": False, "rule": fault.rule, **either}
    return {"ok": True}


def roots_cannot_be(given: Input) -> bool:
    """Whether the two roots are wrong whatever the proof says: of an empty tree, or of two trees of one size."""
    empty = tree.root([]).hex()
    return (given["old_size"] == 0 and given["old_root"] != empty) or (given["new_size"] == 0 and given["new_root"] != empty) \
        or (given["old_size"] == given["new_size"] and given["old_root"] != given["new_root"])


def drawn(dice: Dice) -> bytes:
    """A hash of nothing that anybody knows."""
    return hashlib.sha256(b"drawn %d" % dice.below(1 << 62)).digest()


def built(dice: Dice) -> List[bytes]:
    """The leaf hashes of a small tree; sizes about powers of two are likelier."""
    size = dice.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 255, 256, 257, 1 + dice.below(SMALL), 1 + dice.below(SMALL)])
    begin = dice.below(1 << 32)
    return [tree.leaf_hash(b"%d" % (begin + at)) for at in range(size)]


def large(dice: Dice) -> int:
    """The size of a tree that cannot be built: of any height, about powers of two likelier."""
    bits = 1 + dice.below(53)
    near = (1 << bits) + dice.pick([-2, -1, 0, 1, 2, dice.below(1 << bits)])
    return max(1, min(near, tree.MAX_SIZE))


def hexed(*values: bytes) -> List[str]:
    """Hashes as vectors have them."""
    return [value.hex() for value in values]


def random_inclusion(dice: Dice) -> Input:
    """A right inclusion proof."""
    if dice.below(2):
        leaves = built(dice)
        index, size = dice.below(len(leaves)), len(leaves)
        leaf, root, path = leaves[index], tree.root(leaves), tree.prove_inclusion(index, leaves)
    else:
        size = large(dice)
        index, leaf = dice.pick([0, size - 1, size // 2, dice.below(size), dice.below(size)]), drawn(dice)
        path = [drawn(dice) for _ in range(path_length(index, size))]
        root = tree.root_from_path(leaf, index, size, path)
    return {"index": index, "size": size, "leaf_hash": leaf.hex(), "root": root.hex(), "path": hexed(*path)}


def path_length(index: int, size: int) -> int:
    """How many hashes PATH(index, D[size]) has."""
    if size == 1:
        return 0
    k = tree.split(size)
    return 1 + (path_length(index, k) if index < k else path_length(index - k, size - k))


def random_consistency(dice: Dice) -> Input:
    """A right consistency proof; sometimes from the empty tree, or between two equal trees."""
    if dice.below(2):
        leaves = built(dice)
        old, new = dice.below(len(leaves) + 1), len(leaves)
        roots = [tree.root(leaves[:old]), tree.root(leaves)]
        path = tree.prove_consistency(old, leaves)
    else:
        new = large(dice)
        old = dice.pick([1, new, 1 << (new.bit_length() - 1), max(1, new // 2), 1 + dice.below(new), 1 + dice.below(new)])
        path = [drawn(dice) for _ in range(subproof_length(old, new, True))]
        roots = tree.roots_from_subproof(old, new, True, drawn(dice), path)
    return {"old_size": old, "old_root": roots[0].hex(), "new_size": new, "new_root": roots[1].hex(), "path": hexed(*path)}


def subproof_length(old: int, size: int, known: bool) -> int:
    """How many hashes SUBPROOF(old, D[size], known) has."""
    if old == size:
        return 0 if known else 1
    k = tree.split(size)
    return 1 + (subproof_length(old, k, known) if old <= k else subproof_length(old - k, size - k, False))


def mutate(dice: Dice, family: str, given: Input) -> None:
    """Makes one thing wrong, or tries to: a number, a hash, or the path."""
    numbers, roots = (["index", "size"], ["leaf_hash", "root"]) if family == "inclusion" else \
        (["old_size", "new_size"], ["old_root", "new_root"])
    path, what = given["path"], dice.below(8)
    at = dice.below(len(path) or 1)
    if what == 0:
        name = dice.pick(numbers)
        given[name] = max(0, given[name] + dice.pick([-1, 1, 2, -2, given[name], 1 << 53]))
    elif what == 1:
        given[numbers[0]], given[numbers[1]] = given[numbers[1]], given[numbers[0]]
    elif what == 2:
        name = dice.pick(roots)
        given[name] = flipped(dice, given[name])
    elif what == 3:
        given[roots[0]], given[roots[1]] = given[roots[1]], given[roots[0]]
    elif what == 4:
        path.insert(dice.below(len(path) + 1), dice.pick([drawn(dice).hex(), *path[:3], given[roots[1]]]))
    elif path and what == 5:
        del path[at]
    elif path and what == 6:
        path[at] = flipped(dice, path[at])
    elif path:
        other = dice.below(len(path))
        path[at], path[other] = path[other], path[at]


def flipped(dice: Dice, value: str) -> str:
    """A hash with another bit."""
    return (int(value, 16) ^ (1 << dice.below(256))).to_bytes(32, "big").hex()
