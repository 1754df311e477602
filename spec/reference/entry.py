"""Entries: a statement and the places of its addendum digests (c2sp.org/tlog-addenda)."""
from __future__ import annotations

from typing import List, NamedTuple

from . import cbor, statement, tree
from .faults import require

MAX_BYTES = 65535
"""An entry's length stands in two bytes in a bundle (c2sp.org/tlog-tiles)."""


class Entry(NamedTuple):
    """An entry taken apart."""

    data: bytes
    statement: statement.Statement
    offsets: List[int]

    @property
    def leaf_hash(self) -> bytes:
        """SHA-256(0x00 ‖ entry) (RFC 6962 section 2.1)."""
        return tree.leaf_hash(self.data)


def digest_offsets(data: bytes) -> List[int]:
    """Where each digest of the payload's `addenda` begins in the statement, found by parsing, never by searching."""
    outer = cbor.Reader(data, 2)
    _, length = outer.head()
    outer.take(length + 1)
    _, length = outer.head()
    reader = cbor.Reader(data, outer.pos)
    _, pairs = reader.head()
    for _ in range(pairs):
        if reader.item() == "addenda":
            return map_value_offsets(reader)
        reader.item()
    return []


def map_value_offsets(reader: cbor.Reader) -> List[int]:
    """For each value of the map that comes next: where the bytes of that byte string begin."""
    offsets = []
    _, pairs = reader.head()
    for _ in range(pairs):
        reader.item()
        _, length = reader.head()
        offsets.append(reader.pos)
        reader.take(length)
    return offsets


def encode(data: bytes) -> bytes:
    """The entry of a statement, which must be a right one."""
    offsets = digest_offsets(data)
    entry = data + b"".join(offset.to_bytes(4, "big") for offset in offsets) + bytes([len(offsets)])
    require(len(entry) <= MAX_BYTES, "entry-too-large", "more than 65,535 bytes")
    return entry


def parse(data: bytes) -> Entry:
    """A right statement, then exactly the index that follows from it. The statement's own heads say where it ends."""
    require(len(data) <= MAX_BYTES, "entry-too-large", "more than 65,535 bytes")
    reader = cbor.Reader(data)
    reader.head()
    reader.item()
    parsed = statement.parse(data[:reader.pos])
    require(encode(parsed.data) == data, "offsets", "not the places of the addendum digests, ascending, and their count")
    return Entry(data, parsed, digest_offsets(parsed.data))
