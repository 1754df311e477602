"""Offline proofs (c2sp.org/tlog-proof)."""
from __future__ import annotations

from typing import List, NamedTuple, Optional

from . import checkpoint, note, tree
from .checkpoint import DECIMAL
from .faults import require
from .policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 53
"""A tree of at most 2^53 - 1 leaves has no longer path."""


class TlogProof(NamedTuple):
    """A proof taken apart. `extra` is not covered by anything."""

    extra: Optional[bytes]
    index: int
    path: List[bytes]
    note: str

    def encode(self) -> str:
        """The text of the proof."""
        extra = [] if self.extra is None else [f"extra {note.encode_base64(self.extra)}"]
        hashes = [note.encode_base64(digest) for digest in self.path]
        return "\n".join([HEADER] + extra + [f"index {self.index}"] + hashes) + "\n\n" + self.note


def parse(text: str) -> TlogProof:
    """Header, optional extra, index, hashes, a blank line, the checkpoint."""
    head, blank, signed = text.partition("\n\n")
    lines = head.split("\n")
    require(blank != "" and lines[0] == HEADER, "proof-format", "no header or no blank line")
    rest = lines[1:]
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = note.decode_base64(rest.pop(0)[len("extra "):], "proof-format")
    require(bool(rest) and rest[0].startswith("index "), "proof-format", "no index")
    number = rest.pop(0)[len("index "):]
    require(DECIMAL.fullmatch(number) is not None and len(number) <= 16, "proof-format", "not an index")
    require(len(rest) <= MAX_HASHES, "proof-format", "more than 53 hashes")
    path = [note.decode_base64(line, "proof-format") for line in rest]
    require(all(len(digest) == 32 for digest in path), "proof-format", "a hash that is not 32 bytes")
    return TlogProof(extra, int(number), path, signed)


def verify(text: str, leaf: bytes, policy: Policy) -> checkpoint.Checkpoint:
    """The checkpoint under which the leaf stands: log's signature, quorum, inclusion."""
    proof = parse(text)
    data = proof.note.encode("utf-8")
    signed = open_under(data, policy)
    policy.check_quorum(note.parse(data), signed)
    tree.verify_inclusion(leaf, proof.index, signed.size, signed.root, proof.path)
    return signed


def open_under(data: bytes, policy: Policy) -> checkpoint.Checkpoint:
    """Opens a checkpoint with the policy's key that signed it for the origin on its first line, and looks for the line of type 6."""
    parsed = note.parse(data)
    policy.check_once(parsed)
    signed = checkpoint.open_checkpoint(data, policy.log_key(parsed))
    policy.check_second(parsed, signed)
    return signed
