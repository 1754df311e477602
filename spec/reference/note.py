"""Signed notes and verification keys (c2sp.org/signed-note)."""
from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import List, NamedTuple, Sequence

from . import ed25519, ml_dsa
from .faults import Fault, require

MAX_NOTE = 256 * 1024
"""Bytes of a note: enough for 64 signatures of 2.5 kB with room to spare."""

MAX_SIGNATURES = 64

ALG_ED25519 = 1
ALG_COSIGNATURE = 4
ALG_ML_DSA_44 = 6

KEY_LENGTHS = {ALG_ED25519: 32, ALG_COSIGNATURE: 32, ALG_ML_DSA_44: ml_dsa.KEY_LEN}
"""The types that are known here, and the bytes of their keys."""

SIGNATURE_LENGTHS = {ALG_COSIGNATURE: 64, ALG_ML_DSA_44: ml_dsa.SIGNATURE_LEN}
"""What stands behind the time in a cosignature, by the type of its key."""

HEX8 = re.compile(r"[0-9a-f]{8}")


class Vkey(NamedTuple):
    """A verification key: a name, an identifier that follows from the rest, a signature type, a public key."""

    name: str
    key_id: int
    alg: int
    key: bytes

    def encode(self) -> str:
        """`name+hex8(id)+base64(alg ‖ key)`."""
        return f"{self.name}+{self.key_id:08x}+{encode_base64(bytes([self.alg]) + self.key)}"


class Signature(NamedTuple):
    """One signature line, not verified."""

    name: str
    key_id: int
    signature: bytes


class Note(NamedTuple):
    """A note taken apart, not verified. `text` ends in a newline."""

    text: str
    signatures: List[Signature]


def encode_base64(data: bytes) -> str:
    """The standard alphabet with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, rule: str) -> bytes:
    """Canonical base64 only: no other alphabet, padding, white space or left-over bits (RFC 4648 section 3.5)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Fault(rule, "not base64") from None
    require(encode_base64(data) == text, rule, "not the canonical base64")
    return data


def is_key_name(name: str) -> bool:
    """Not empty, no space of any kind, no plus sign; here also no control character and at most 255 bytes."""
    plain = all(not c.isspace() and c != "+" and ord(c) >= 0x20 for c in name)
    return plain and 1 <= len(name.encode("utf-8")) <= 255


def key_id(name: str, alg: int, key: bytes) -> int:
    """The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key)."""
    digest = hashlib.sha256(name.encode("utf-8") + b"\n" + bytes([alg]) + key).digest()
    return int.from_bytes(digest[:4], "big")


def make_vkey(name: str, alg: int, key: bytes) -> Vkey:
    """A verification key with its identifier."""
    return Vkey(name, key_id(name, alg, key), alg, key)


def parse_vkey(text: str) -> Vkey:
    """A verification key of type 1, 4 or 6 in its only spelling."""
    parts = text.split("+", 2)
    require(len(parts) == 3, "vkey", "not three parts")
    name, identifier, rest = parts
    require(is_key_name(name), "vkey", "the name is empty, too long, or holds a space")
    require(HEX8.fullmatch(identifier) is not None, "vkey", "the identifier is not eight lower-case hex digits")
    data = decode_base64(rest, "vkey")
    require(data[:1] != b"" and len(data) - 1 == KEY_LENGTHS.get(data[0]), "vkey", "not a key of type 1, 4 or 6")
    key = make_vkey(name, data[0], data[1:])
    require(f"{key.key_id:08x}" == identifier, "vkey", "the identifier belongs to another key")
    if key.alg != ALG_ML_DSA_44:
        ed25519.check_key(key.key)
    return key


def parse(data: bytes) -> Note:
    """Takes a note apart: text, the last blank line, signature lines."""
    require(len(data) <= MAX_NOTE, "note-format", "larger than 256 KiB")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("note-format", "not UTF-8") from None
    require(all(ord(c) >= 0x20 or c == "\n" for c in whole), "note-format", "a control character")
    text, blank, lines = whole.rpartition("\n\n")
    require(blank != "", "note-format", "no blank line before the signatures")
    require(lines.endswith("\n"), "note-format", "does not end in a newline")
    signatures = [parse_signature_line(line) for line in lines[:-1].split("\n")]
    require(len(signatures) <= MAX_SIGNATURES, "note-format", "more than 64 signatures")
    return Note(text + "\n", signatures)


def parse_signature_line(line: str) -> Signature:
    """`— <name> <base64(id ‖ signature)>`, with an em dash."""
    parts = line.split(" ")
    require(len(parts) == 3 and parts[0] == "\u2014", "note-format", "not a signature line")
    require(is_key_name(parts[1]), "note-format", "not a key name")
    blob = decode_base64(parts[2], "note-format")
    require(len(blob) >= 5, "note-format", "a signature without bytes")
    return Signature(parts[1], int.from_bytes(blob[:4], "big"), blob[4:])


def signature_line(key: Vkey, signature: bytes) -> str:
    """A signature line with its newline."""
    return f"\u2014 {key.name} {encode_base64(key.key_id.to_bytes(4, 'big') + signature)}\n"


def sign(text: str, key: Vkey, seed: bytes) -> str:
    """A note with one Ed25519 signature (type 1)."""
    return text + "\n" + signature_line(key, ed25519.sign(seed, text.encode("utf-8")))


def signed_bytes(key: Vkey, text: str, blob: bytes) -> List[bytes]:
    """[message, signature] of one signature line; [] if the blob has the wrong length for the key's type."""
    if key.alg == ALG_ED25519:
        return [text.encode("utf-8"), blob] if len(blob) == 64 else []
    time = int.from_bytes(blob[:8], "big")
    if len(blob) != 8 + SIGNATURE_LENGTHS[key.alg] or not 0 < time < 2**63:
        return []
    message = cosigned_message(text, time) if key.alg == ALG_COSIGNATURE else checkpoint_message(key.name, text, time)
    return [message, blob[8:]] if message else []


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs (c2sp.org/tlog-cosignature): its time, and the whole text of the checkpoint."""
    return f"cosignature/v1\ntime {time}\n{text}".encode("utf-8")


def checkpoint_message(cosigner: str, text: str, time: int) -> bytes:
    """What a key of type 6 signs of a checkpoint: its first three lines, as a tree that begins at 0; empty if they are none."""
    from . import checkpoint  # A checkpoint is a note, so the modules need each other.
    try:
        head = checkpoint.parse_any_log(text)
    except Fault:
        return b""
    return subtree_message(cosigner.encode("utf-8"), time, head.origin.encode("utf-8"), 0, head.size, head.root)


def subtree_message(cosigner: bytes, time: int, origin: bytes, start: int, end: int, root: bytes) -> bytes:
    """c2sp.org/tlog-cosignature, `cosigned_message`: integers are big-endian in 8 bytes, a name stands behind its length."""
    integers = start.to_bytes(8, "big") + end.to_bytes(8, "big")
    names = bytes([len(cosigner)]) + cosigner + time.to_bytes(8, "big") + bytes([len(origin)]) + origin
    return b"subtree/v1\n\0" + names + integers + root


def holds(key: Vkey, message: bytes, signature: bytes) -> bool:
    """Whether a signature holds, by the algorithm of the key's type."""
    check = ml_dsa.verify if key.alg == ALG_ML_DSA_44 else ed25519.verify
    return check(key.key, message, signature)


def signature_of(note: Note, key: Vkey) -> List[bytes]:
    """The blobs that the note carries under the key's name and identifier: none or one; two are refused."""
    blobs = [s.signature for s in note.signatures if (s.name, s.key_id) == (key.name, key.key_id)]
    require(len(blobs) <= 1, "note-format", "one key signs twice")
    return blobs


def verify(note: Note, keys: Sequence[Vkey]) -> List[Vkey]:
    """The keys that signed. A known key whose signature fails spoils the note; no known key, no verdict."""
    good = []
    for key in keys:
        for blob in signature_of(note, key):
            pair = signed_bytes(key, note.text, blob)
            require(bool(pair) and holds(key, pair[0], pair[1]), "bad-signature", f"of {key.name}")
            good.append(key)
    require(len(good) > 0, "unknown-key", "no signature by a known key")
    return good
