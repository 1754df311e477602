"""Writes fuzz/seeds/<target>/ from spec/vectors, spec/examples and the folder of format 1 in ledger/tests: small files, named by
where they come from. Run it when those change."""
from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Tuple

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "spec" / "vectors"
EXAMPLES = HERE.parent / "spec" / "examples"
FOLDER = HERE.parent / "ledger" / "tests" / "formats" / "1"
"""What a ledger and a witness left on a disk."""
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


def octets(name: str) -> Any:
    """The bytes of a member in hex."""
    return lambda data: bytes.fromhex(data[name])


def bundle(data: Dict[str, Any]) -> Optional[bytes]:
    """1, the width less one, and a bundle."""
    fits = 1 <= data["width"] <= 256
    return bytes([1, data["width"] - 1]) + bytes.fromhex(data["bundle"]) if fits else None


def path(data: Dict[str, Any]) -> Optional[bytes]:
    """A path of a tile or a bundle, as the server is asked for it."""
    return ("/" + data["path"]).encode("utf-8") if "path" in data else None


def byte_string(data: bytes) -> bytes:
    """The head of a byte string of CBOR, and the string."""
    length = len(data)
    head = bytes([0x40 | length]) if length < 24 else bytes([0x58, length]) if length < 256 else b"\x59" + length.to_bytes(2, "big")
    return head + data


def opened(data: Dict[str, Any]) -> Optional[bytes]:
    """A body of one statement and one of its texts."""
    fits = "statement" in data and "addendum" in data
    return b"\x81\x82" + byte_string(bytes.fromhex(data["statement"])) + b"\x81" + byte_string(bytes.fromhex(data["addendum"])) if fits else None


def policy_key(data: Dict[str, Any]) -> bytes:
    """A list of logs with the key that a checkpoint was signed with."""
    return f"logs/v0\n# One log.\n\nvkey {data['vkey']}\norigin {data['note'].partition(chr(10))[0]}\nqpd 86400\ncontact x\n".encode("utf-8")


def asked(old: int, hashes_of_proof: int) -> Any:
    """A request to add the checkpoint of a vector."""
    def read(data: Dict[str, Any]) -> Optional[bytes]:
        note = member("note")(data)
        line = base64.b64encode(bytes(32)).decode("ascii") + "\n"
        return None if note is None else f"old {old}\n{line * hashes_of_proof}\n".encode("ascii") + note
    return read


TARGETS = {
    "cbor": [("cbor", member("cbor")), ("payload", octets("payload")), ("addendum", octets("addendum"))],
    "tile": [("bundle", bundle)],
    "address": [("tile", path), ("key", member("cose_key"))],
    "witness": [("checkpoint", policy_key), ("cosignature", asked(0, 0)), ("cosignature", asked(3, 5)), ("checkpoint", asked(5, 63))],
    "cose_receipt": [("cose_receipt", octets("receipt")), ("transparent_statement", octets("transparent"))],
    "statement": [("statement", member("statement")), ("entry", member("entry")), ("addendum", member("addendum")),
                  ("request", member("request")), ("cbor", member("cbor"))],
    "note": [("note", member("note")), ("note", member("vkey")), ("checkpoint", member("note")),
             ("cosignature", member("note")), ("policy", member("policy"))],
    "proof": [("tlog_proof", proof_file), ("inclusion", inclusion), ("consistency", consistency)],
    "receipt": [("receipt", member("receipt")), ("evidence", member("evidence"))],
    "submission": [("batch", member("body")), ("addendum", opened)],
}


def vectors(family: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    """Name and input of the vectors of a family: all the valid ones, then invalid ones evenly over their names."""
    for kind in ("valid", "invalid"):
        files = sorted((VECTORS / family / kind).glob("*.json"))
        step = max(1, -(-len(files) // MOST_FILES))
        for path in files[::step]:
            yield f"{family}-{kind}-{path.stem}", json.loads(path.read_text("utf-8"))["input"]


def whole(path_of: str) -> bytes:
    """A file of the folder of format 1."""
    return (FOLDER / path_of).read_bytes()


def without_hash(path_of: str) -> bytes:
    """A text of that folder up to the line with its hash."""
    text = whole(path_of)
    return text[:text.index(b"\nsha256 ") + 1]


def records() -> Iterator[Tuple[str, bytes]]:
    """What a ledger and a witness read back, behind the number of its kind; where a file ends with its hash, without that."""
    yield "state", b"\x00" + without_hash("ledger/state")
    stages = sorted((FOLDER / "ledger" / "stage").iterdir())
    yield "stage", b"\x01" + stages[0].read_bytes()[:-32]
    pack = whole("ledger/addenda-pack/000")
    yield "pack", b"\x02" + pack
    for end in (0, 17, 18, 60, 100, 300, 500, 700, 1_000, 1_500):
        yield f"pack-cut-{end:04}", b"\x02" + pack[:end]
    erasures = without_hash("ledger/erasures")
    yield "erasures", b"\x03" + erasures
    yield "erasures-more", b"\x03" + erasures + b"open 3\nopen 5\nmoment 2 1751328000000\nmoment 6 1751328000001\n"
    yield "signed-logs", b"\x04" + without_hash("witness/state.mark")
    yield "signed-logs-two", b"\x04glasshouse-witness-logs/1\nlog.example/one\nlog.example/two\n"
    witnessed = sorted((FOLDER / "witness" / "state").iterdir())[0]
    yield "witness", b"\x05" + without_hash(f"witness/state/{witnessed.name}")
    yield "later", b"\x06glasshouse-state/2\n"
    yield "now", b"\x06glasshouse-state/1\n"


def tiles() -> Iterator[Tuple[str, bytes]]:
    """The tiles and bundles of the folder of format 1."""
    for kind, folder in ((0, "0"), (1, "entries")):
        for file in sorted((FOLDER / "ledger" / "public" / "tile" / folder / "000.p").iterdir()):
            yield f"format-{folder}-{file.name}", bytes([kind, int(file.name) - 1]) + file.read_bytes()
    yield "full", b"\x00\xff" + bytes(range(256)) * 32
    yield "long", b"\x00\x00" + bytes(64)
    yield "empty-entries", b"\x01\x02" + bytes(6)


def names() -> Iterator[Tuple[str, bytes]]:
    """What stands in statements and in URLs, a spelling of each."""
    for text in ("/checkpoint", "/vkey", "/addenda.v1", "log.example/takedowns", "https://host.example", "https://log.example/takedowns",
                 "puid:p-1", "urn:uuid:00000000-0000-4000-8000-000000000000", "EU:2022/2065:16", "2025-06-30", "0", "9007199254740991", "20852014\n",
                 "category=STATEMENT_CATEGORY_VIOLENCE&from=2025-01-01&to=2025-12-31", "type=decision,no_action&provider=https://host.example",
                 "country=DE", "q=x&cursor=1", "subject=puid:p-1", "automated_detection=yes", "kind=host&ground=illegal_content"):
        yield "name-" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:8], text.encode("utf-8")


def drafts() -> Iterator[Tuple[str, bytes]]:
    """Lines of the drafts of the vectors, evenly over each file, and of the examples."""
    for file in sorted((VECTORS / "drafts").glob("*.jsonl")):
        lines = file.read_text("utf-8").splitlines()
        for at in range(0, len(lines), -(-len(lines) // (MOST_FILES // 2))):
            draft = json.loads(lines[at])["draft"]
            yield f"{file.stem}-{at:04}", json.dumps(draft, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    for file in sorted(EXAMPLES.glob("*.jsonl")):
        for at, line in enumerate(file.read_bytes().splitlines()):
            yield f"example-{file.stem}-{at}", line


def dumps() -> Iterator[Tuple[str, bytes]]:
    """The excerpt of a European dump, row by row behind its header, and rows that are hard to read."""
    lines = (EXAMPLES / "sor-global-2025-07-01-full-excerpt.csv").read_bytes().splitlines(keepends=True)
    for at, row in enumerate(lines[1:]):
        yield f"excerpt-{at:02}", lines[0] + row
    yield "excerpt-some", b"".join(lines[:6])
    yield "header", lines[0]
    yield "marked", b"\xef\xbb\xbf" + lines[0] + lines[1].replace(b"\n", b"\r\n")
    text = b'f1e5d3be-e95d-4e51-bb38-6cf13225b2af' + b"," * 30 + b'%s,SOURCE_VOLUNTARY,,Yes,,Name,uid,"2025-07-01 00:00:00"\n'
    for at, cell in enumerate((b'"C:\\"', b'"a\\""b"', b'"he said \\"no\\", and left"', b'"open', b'a"b', b'"a\nb"')):
        yield f"hard-{at}", lines[0] + text % cell


MORE = {"record": records, "tile": tiles, "address": names, "draft": drafts, "dump": dumps}
"""What does not come from one input of a vector."""


def main() -> None:
    """Writes all seeds anew."""
    shutil.rmtree(HERE / "seeds", ignore_errors=True)
    for target in sorted({*TARGETS, *MORE}):
        folder = HERE / "seeds" / target
        folder.mkdir(parents=True)
        for at, (family, read) in enumerate(TARGETS.get(target, [])):
            for name, data in vectors(family):
                seed = read(data)
                if seed is not None and len(seed) <= MOST_BYTES:
                    (folder / (f"{name}-{at}" if (folder / name).exists() else name)).write_bytes(seed)
        for name, seed in MORE[target]() if target in MORE else ():
            (folder / name).write_bytes(seed[:MOST_BYTES])
        print(target, len(list(folder.iterdir())))


if __name__ == "__main__":
    main()
