"""Deterministic CBOR (RFC 8949 section 4.2.1), the small part of it that Glasshouse uses.

Data model: integers, byte strings, text strings, arrays, maps (keys: integers or text), booleans; tag 18 only as the
outermost item of a COSE_Sign1. Refused as `not-cbor`: what is not exactly one well-formed item. Refused as
`not-deterministic`: what is well-formed, but not in the one encoding and data model allowed here.
"""
from __future__ import annotations

from typing import Any, List, Tuple

from .faults import Fault, require

MAX_DEPTH = 8
"""How many arrays and maps may stand inside each other, the outermost counted."""


def encode_head(major: int, argument: int) -> bytes:
    """The shortest head for a major type and its argument (RFC 8949 section 3)."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * width):
            return bytes([major << 5 | info]) + argument.to_bytes(width, "big")
    raise ValueError("the argument does not fit in 64 bits")


def encode(value: Any) -> bytes:
    """The one deterministic encoding of a value (RFC 8949 section 4.2.1)."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return encode_head(0, value) if value >= 0 else encode_head(1, -1 - value)
    if isinstance(value, bytes):
        return encode_head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return encode_head(3, len(text)) + text
    if isinstance(value, (list, tuple)):
        return encode_head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return encode_head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(f"no encoding for {type(value).__name__}")


class Reader:
    """Reads items from `data` beginning at `pos`, and refuses every spelling but the one allowed."""

    def __init__(self, data: bytes, pos: int = 0) -> None:
        self.data = data
        self.pos = pos

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        require(self.pos + count <= len(self.data), "not-cbor", "the bytes end inside an item")
        self.pos += count
        return self.data[self.pos - count:self.pos]

    def head(self) -> Tuple[int, int]:
        """The next head: major type and argument (RFC 8949 section 3); the shortest form only."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return 7, self.simple(info)
        if info < 24:
            return major, info
        require(info < 28 or info == 31, "not-cbor", "reserved additional information")
        if info == 31:
            require(major in (2, 3, 4, 5), "not-cbor", "no indefinite length for this major type")
            raise Fault("not-deterministic", "indefinite length")
        width = 1 << (info - 24)
        argument = int.from_bytes(self.take(width), "big")
        least = 24 if width == 1 else 1 << (4 * width)
        require(argument >= least, "not-deterministic", "a head that is not the shortest")
        return major, argument

    def simple(self, info: int) -> int:
        """Major type 7: only false (20) and true (21) are allowed (RFC 8949 section 3.3)."""
        require(info < 28, "not-cbor", "reserved simple value, or a break outside")
        if info == 24:
            require(self.take(1)[0] >= 32, "not-cbor", "a simple value in two bytes that belongs in one")
        elif info > 24:
            self.take(1 << (info - 24))
        require(info in (20, 21), "not-deterministic", "float, null, undefined or simple value")
        return info

    def item(self, depth: int = 0) -> Any:
        """The next whole item."""
        major, argument = self.head()
        if major == 0:
            return argument
        if major == 1:
            return -1 - argument
        if major == 2:
            return self.take(argument)
        if major == 3:
            return self.text(argument)
        if major in (4, 5):
            require(depth < MAX_DEPTH, "not-deterministic", "nested more than 8 deep")
            return self.array(argument, depth) if major == 4 else self.map(argument, depth)
        if major == 6:
            raise Fault("not-deterministic", "a tag where none may stand")
        return argument == 21

    def text(self, length: int) -> str:
        """A text string: valid UTF-8 (RFC 8949 section 3.1)."""
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise Fault("not-cbor", "a text string that is not UTF-8") from None

    def array(self, count: int, depth: int) -> List[Any]:
        """An array of `count` items."""
        items = []
        for _ in range(count):
            items.append(self.item(depth + 1))
        return items

    def map(self, count: int, depth: int) -> dict:
        """A map whose encoded keys ascend (RFC 8949 section 4.2.1), which also excludes a key twice."""
        pairs = {}
        last = b""
        for _ in range(count):
            start = self.pos
            key = self.item(depth + 1)
            require(type(key) in (int, str), "not-deterministic", "a key that is neither an integer nor text")
            spelt = self.data[start:self.pos]
            require(spelt > last, "not-deterministic", "map keys out of order, or twice")
            last = spelt
            pairs[key] = self.item(depth + 1)
        return pairs


def decode(data: bytes) -> Any:
    """Exactly one untagged item. What passes encodes to the same bytes again."""
    reader = Reader(data)
    value = reader.item()
    require(reader.pos == len(data), "not-cbor", "bytes after the item")
    require(encode(value) == data, "not-deterministic", "encodes to other bytes")
    return value


def decode_tagged(data: bytes, rule: str) -> Any:
    """Exactly one item under tag 18 (RFC 9052 section 2); a missing or other tag breaks `rule`."""
    reader = Reader(data)
    major, number = reader.head()
    if major != 6:
        decode(data)
        raise Fault(rule, "not tagged as COSE_Sign1")
    value = reader.item()
    require(reader.pos == len(data), "not-cbor", "bytes after the item")
    require(number == 18, rule, "tagged as something else")
    return value
