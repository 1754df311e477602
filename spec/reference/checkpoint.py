"""Checkpoints (c2sp.org/tlog-checkpoint) and the cosignatures of witnesses (c2sp.org/tlog-cosignature)."""
from __future__ import annotations

import re
from typing import List, NamedTuple

from . import ed25519, ml_dsa, note
from .faults import require
from .names import is_origin
from .tree import MAX_SIZE, root

DECIMAL = re.compile(r"0|[1-9][0-9]*")


class Checkpoint(NamedTuple):
    """What a log signs: its name, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes

    def encode(self) -> str:
        """Three lines; Glasshouse writes and takes no extension lines."""
        return f"{self.origin}\n{self.size}\n{note.encode_base64(self.root)}\n"


def parse_text(text: str) -> Checkpoint:
    """The text of a checkpoint in its only spelling."""
    lines = text.split("\n")
    require(len(lines) == 4 and lines[3] == "", "checkpoint-format", "not exactly three lines")
    require(is_origin(lines[0]), "checkpoint-format", "not an origin")
    return parse_lines(lines)


def parse_any_log(text: str) -> Checkpoint:
    """The first three lines of any log's text: an origin of 1 to 255 bytes, whatever its characters, and whatever stands behind."""
    lines = text.split("\n")
    require(len(lines) > 3, "checkpoint-format", "fewer than three lines")
    require(0 < len(lines[0].encode("utf-8")) <= 255, "checkpoint-format", "an origin of 0 or more than 255 bytes")
    return parse_lines(lines)


def parse_lines(lines: List[str]) -> Checkpoint:
    """The size and the root behind an origin."""
    origin, size, root_line = lines[:3]
    require(DECIMAL.fullmatch(size) is not None and len(size) <= 16, "checkpoint-format", "not a size")
    require(int(size) <= MAX_SIZE, "checkpoint-format", "the size is out of range")
    root_hash = note.decode_base64(root_line, "checkpoint-format")
    require(len(root_hash) == 32, "checkpoint-format", "the root is not 32 bytes")
    require(int(size) > 0 or root_hash == root([]), "checkpoint-format", "size 0 with another root than the empty one")
    return Checkpoint(origin, int(size), root_hash)


def open_checkpoint(data: bytes, log_key: note.Vkey) -> Checkpoint:
    """Checks the log's own signature, then reads the text; the key's name must be the origin."""
    require(log_key.alg == note.ALG_ED25519, "vkey", "a log signs with type 1")
    parsed = note.parse(data)
    note.verify(parsed, [log_key])
    checkpoint = parse_text(parsed.text)
    require(checkpoint.origin == log_key.name, "wrong-origin", "the checkpoint of another log")
    return checkpoint


def verify_cosignature(data: bytes, witness: note.Vkey) -> int:
    """The time (seconds since 1970) at which a witness, or the log with its key of type 6, signed this checkpoint."""
    require(witness.alg in note.SIGNATURE_LENGTHS, "vkey", "a cosignature is of type 4 or 6")
    parsed = note.parse(data)
    note.verify(parsed, [witness])
    parse_text(parsed.text)
    return int.from_bytes(note.signature_of(parsed, witness)[0][:8], "big")


def cosign(signed: str, witness: note.Vkey, seed: bytes, time: int) -> str:
    """The note with one more line: that of a witness, or the log's own of type 6."""
    text = note.parse(signed.encode("utf-8")).text
    if witness.alg == note.ALG_ML_DSA_44:
        signature = ml_dsa.sign(seed, note.checkpoint_message(witness.name, text, time))
    else:
        signature = ed25519.sign(seed, note.cosigned_message(text, time))
    return signed + note.signature_line(witness, time.to_bytes(8, "big") + signature)
