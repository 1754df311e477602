"""Writes fuzz/seeds/<target>/ from spec/vectors: small files, named by vector. Run it when the vectors change."""
from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Tuple

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "spec" / "vectors"
MOST_BYTES = 12_000
MOST_FILES = 60
"""For each family and kind: enough for every shape, few enough to keep in the repository."""


def hashes(*values: str) -> bytes:
    """Hashes in hex, one after the other."""
    return b"".join(bytes.fromhex(value) for value in values)


def number(value: Any) -> Optional[bytes]:
    """Eight bytes, big-endian; nothing for what does not fit."""
    fits = isinstance(value, int) and 0 <= value < 1 << 64
    return value.to_bytes(8, "big") if fits else None


def inclusion(data: Dict[str, Any]) -> Optional[bytes]:
    """1, index, size, leaf, root, path."""
    index, size = number(data["index"]), number(data["size"])
    if index is None or size is None or "leaf_hash" not in data:
        return None
    return b"\x01" + index + size + hashes(data["leaf_hash"], data["root"], *data["path"])


def consistency(data: Dict[str, Any]) -> Optional[bytes]:
    """2, old size, old root, new size, new root, path."""
    old, new = number(data["old_size"]), number(data["new_size"])
    if old is None or new is None:
        return None
    return b"\x02" + old + hashes(data["old_root"]) + new + hashes(data["new_root"], *data["path"])


def member(name: str) -> Any:
    """The bytes of a member: hex, or text, or text given as hex."""
    def read(data: Dict[str, Any]) -> Optional[bytes]:
        if name + "_hex" in data:
            return bytes.fromhex(data[name + "_hex"])
        if name not in data:
            return None
        text = data[name]
        return text.encode("utf-8") if name in ("note", "receipt", "proof", "vkey", "policy", "evidence") else bytes.fromhex(text)
    return read


def proof_file(data: Dict[str, Any]) -> Optional[bytes]:
    """0 and the text of a proof file."""
    text = member("proof")(data)
    return None if text is None else b"\x00" + text


TARGETS = {
    "statement": [("statement", member("statement")), ("entry", member("entry")), ("addendum", member("addendum")),
                  ("request", member("request")), ("cbor", member("cbor"))],
    "note": [("note", member("note")), ("note", member("vkey")), ("checkpoint", member("note")),
             ("cosignature", member("note")), ("policy", member("policy"))],
    "proof": [("tlog_proof", proof_file), ("inclusion", inclusion), ("consistency", consistency)],
    "receipt": [("receipt", member("receipt")), ("evidence", member("evidence"))],
    "submission": [("batch", member("body"))],
}


def vectors(family: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """Name and input of the vectors of a family: all the valid ones, then invalid ones evenly over their names."""
    for kind in ("valid", "invalid"):
        files = sorted((VECTORS / family / kind).glob("*.json"))
        step = max(1, -(-len(files) // MOST_FILES))
        for path in files[::step]:
            yield f"{family}-{kind}-{path.stem}", json.loads(path.read_text("utf-8"))["input"]


def main() -> None:
    """Writes all seeds anew."""
    shutil.rmtree(HERE / "seeds", ignore_errors=True)
    for target, families in TARGETS.items():
        folder = HERE / "seeds" / target
        folder.mkdir(parents=True)
        for family, read in families:
            for name, data in vectors(family):
                seed = read(data)
                if seed is not None and len(seed) <= MOST_BYTES:
                    (folder / name).write_bytes(seed)
        print(target, len(list(folder.iterdir())))


if __name__ == "__main__":
    main()
