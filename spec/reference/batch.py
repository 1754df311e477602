"""Submission batches: `[1*1000 [statement bstr, [* addendum bstr]]]`."""
from __future__ import annotations

from typing import List, Tuple

from . import cbor
from .faults import require

MAX_ITEMS = 1000
MAX_BODY = 16 * 1024 * 1024


def encode(items: List[Tuple[bytes, List[bytes]]]) -> bytes:
    """The body of a submission."""
    return cbor.encode([[statement, addenda] for statement, addenda in items])


def parse(body: bytes) -> List[Tuple[bytes, List[bytes]]]:
    """The items of a body, not looked into."""
    require(len(body) <= MAX_BODY, "body-too-large", "more than 16 MiB")
    items = cbor.decode(body)
    require(isinstance(items, list), "bad-request", "not an array")
    require(1 <= len(items) <= MAX_ITEMS, "batch-size", "not 1 to 1,000 items")
    for item in items:
        require(isinstance(item, list) and len(item) == 2, "bad-request", "an item is [statement, [addendum …]]")
        require(isinstance(item[0], bytes) and isinstance(item[1], list), "bad-request", "item of other types")
        require(all(isinstance(addendum, bytes) for addendum in item[1]), "bad-request", "an addendum of another type")
    return [(item[0], item[1]) for item in items]
