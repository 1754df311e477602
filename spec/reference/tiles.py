"""Tile paths, partial widths and entry bundles (c2sp.org/tlog-tiles)."""
from __future__ import annotations

import re
from typing import Dict, List, Tuple, Union

from .faults import require
from .tree import MAX_SIZE

FULL = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_ENTRY = 65535
"""The length of an entry stands in two bytes in a bundle."""

MAX_LEVEL = 63
"""tlog-tiles names levels 0 to 63; trees of at most 2^53 - 1 leaves use 0 to 6."""

PATH = re.compile(r"tile/(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def encode_path(level: Union[int, str], index: int, width: int) -> str:
    """`tile/<level>/<index>[.p/<width>]`; the level `entries` names a bundle. Width 256 is the full tile."""
    digits = str(index)
    digits = "0" * (-len(digits) % 3) + digits
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{name}" + ("" if width == FULL else f".p/{width}")


def parse_path(text: str) -> Tuple[Union[int, str], int, int]:
    """Level, index and width of a path in its only spelling."""
    match = PATH.fullmatch(text)
    require(match is not None and text.isascii(), "tile-path", "not the path of a tile or a bundle")
    level: Union[int, str] = match[1] if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", "") + match[3])
    width = int(match[4]) if match[4] else FULL
    require(level == "entries" or level <= MAX_LEVEL, "tile-path", "no such level")
    require(match[4] is None or width < FULL, "tile-path", "a partial tile has 1 to 255 hashes")
    require(index <= MAX_SIZE, "tile-path", "the index is beyond every tree")
    require(encode_path(level, index, width) == text, "tile-path", "another spelling of that path")
    return level, index, width


def tiles_of(size: int) -> List[Dict[str, int]]:
    """For each level of a tree of that size: how many full tiles there are, and how wide the partial one is."""
    require(0 <= size <= MAX_SIZE, "out-of-range", "no such tree")
    levels = []
    hashes, level = size, 0
    while hashes > 0:
        levels.append({"level": level, "full": hashes // FULL, "partial": hashes % FULL})
        hashes, level = hashes // FULL, level + 1
    return levels


def partial_paths(size: int) -> List[str]:
    """The paths of all partial tiles and the partial bundle that a tree of that size needs."""
    rows = [row for row in tiles_of(size) if row["partial"] > 0]
    paths = [encode_path(row["level"], row["full"], row["partial"]) for row in rows]
    if rows and rows[0]["level"] == 0:
        paths.append(encode_path("entries", rows[0]["full"], rows[0]["partial"]))
    return paths


def encode_bundle(entries: List[bytes]) -> bytes:
    """Each entry behind its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> List[bytes]:
    """Exactly `width` entries, nothing behind them."""
    require(1 <= width <= FULL, "bundle-format", "a bundle has 1 to 256 entries")
    entries, pos = [], 0
    for _ in range(width):
        require(pos + 2 <= len(data), "bundle-format", "the bundle ends inside a length")
        length = int.from_bytes(data[pos:pos + 2], "big")
        require(pos + 2 + length <= len(data), "bundle-format", "the bundle ends inside an entry")
        entries.append(data[pos + 2:pos + 2 + length])
        pos += 2 + length
    require(pos == len(data), "bundle-format", "bytes after the last entry")
    return entries
