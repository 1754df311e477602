"""Cosignatures of type 6: what they cover, how a signature is spelt, and what looks like one and is none."""
from __future__ import annotations

import hashlib
from typing import Any, Dict

from .. import checkpoint, ml_dsa, note, tree
from . import world
from .case import Cases
from .logs import LEAVES, flip

TEXT = checkpoint.Checkpoint(world.ORIGIN, 8, tree.root(LEAVES)).encode()
SIGNED = note.sign(TEXT, world.LOG_KEY, world.LOG)
ROOT = tree.root(LEAVES)
WITNESS = world.WITNESS_KEY_3
SHA_256 = bytes.fromhex("0609608648016503040201")
"""The object identifier of SHA-256 in DER, for the form that hashes first (FIPS 204 algorithm 4)."""


def line(key: note.Vkey, signature: bytes, time: int = world.TIME) -> str:
    """A signature line of a key of type 6."""
    return note.signature_line(key, time.to_bytes(8, "big") + signature)


def message(**other: Any) -> bytes:
    """What the witness signs of TEXT, with some parts otherwise."""
    parts: Dict[str, Any] = {"cosigner": WITNESS.name.encode(), "time": world.TIME, "origin": world.ORIGIN.encode(), "start": 0, "end": 8, "root": ROOT}
    return note.subtree_message(**{**parts, **other})


RIGHT = ml_dsa.sign(world.WITNESS_ML_DSA, message())


def sign_framed(framed: bytes) -> bytes:
    """A signature over bytes that were framed in another way than ours."""
    return next(one.signature for one in ml_dsa.attempts(world.WITNESS_ML_DSA, framed) if not one.fails)


def add_cases(all_cases: Cases) -> None:
    """The part of the family `cosignature` that is of type 6."""
    add_valid(all_cases)

    def bad(name: str, why: str, signature: bytes, time: int = world.TIME, rule: str = "bad-signature", text: str = SIGNED) -> None:
        all_cases.invalid(f"ml-dsa-{name}", rule, why, note=text + line(WITNESS, signature, time), vkey=WITNESS.encode())

    add_messages(bad)
    add_framings(bad)
    add_spellings(bad)
    add = all_cases.invalid
    good = line(WITNESS, RIGHT)
    add("ml-dsa-size-changed", "bad-signature", "8 became 7 in the text.", note=SIGNED.replace("\n8\n", "\n7\n") + good, vkey=WITNESS.encode())
    add("ml-dsa-without-time", "bad-signature", "2420 bytes.", note=SIGNED + note.signature_line(WITNESS, RIGHT), vkey=WITNESS.encode())
    add("ml-dsa-twice", "note-format", "The same line twice.", note=SIGNED + good + good, vkey=WITNESS.encode())
    add("ml-dsa-another-key", "unknown-key", "Only the witness signed.", note=SIGNED + good, vkey=world.LOG_SECOND.encode())
    foreign = checkpoint.Checkpoint("go.sum database tree", 8, ROOT).encode() + "\n"
    add("ml-dsa-foreign-origin", "checkpoint-format", "The signature holds; the origin is none of a Glasshouse log.",
        note=checkpoint.cosign(foreign + note.signature_line(world.LOG_KEY, bytes(64)), WITNESS, world.WITNESS_ML_DSA, world.TIME), vkey=WITNESS.encode())
    extended = TEXT + "extension\n"
    add("ml-dsa-extension-line", "checkpoint-format", "The three lines are covered and the signature holds; the fourth is not, and has no place here.",
        note=extended + "\n" + good, vkey=WITNESS.encode())


def add_valid(all_cases: Cases) -> None:
    """Signatures that hold."""
    def good(name: str, why: str, text: str, key: note.Vkey = WITNESS) -> None:
        all_cases.valid(f"ml-dsa-{name}", why, note=text, vkey=key.encode())

    good("classic-8", "At 1750000000.", checkpoint.cosign(SIGNED, WITNESS, world.WITNESS_ML_DSA, world.TIME))
    good("of-the-log", "The log's own, beside its line of type 1.", checkpoint.cosign(SIGNED, world.LOG_SECOND, world.LOG_ML_DSA, world.TIME), world.LOG_SECOND)
    good("alone", "The log's line of type 1 is not looked at, nor missed.", TEXT + "\n" + line(WITNESS, RIGHT))
    empty = world.signed_checkpoint([])
    good("empty-tree", "Of no entries: start and end are 0.", checkpoint.cosign(empty, WITNESS, world.WITNESS_ML_DSA, world.TIME))
    good("earliest", "At 1.", checkpoint.cosign(SIGNED, WITNESS, world.WITNESS_ML_DSA, 1))
    good("latest", "At 2^63 - 1.", checkpoint.cosign(SIGNED, WITNESS, world.WITNESS_ML_DSA, 2**63 - 1))
    hedged = ml_dsa.sign(world.WITNESS_ML_DSA, message(), b"\x55" * 32)
    good("hedged", "Made with randomness (FIPS 204 section 3.4): another signature, as good as the deterministic one.", SIGNED + line(WITNESS, hedged))
    long_name = note.make_vkey("w" * 255, note.ALG_ML_DSA_44, WITNESS.key)
    good("longest-name", "A name of 255 bytes.", checkpoint.cosign(SIGNED, long_name, world.WITNESS_ML_DSA, world.TIME), long_name)


def add_messages(bad: Any) -> None:
    """Validly signed, but over something else than this checkpoint at this time by this witness."""
    def over(name: str, why: str, data: bytes, time: int = world.TIME) -> None:
        bad(name, why, ml_dsa.sign(world.WITNESS_ML_DSA, data), time)

    over("time-changed", "A second later than signed.", message(), world.TIME + 1)
    over("time-zero", "Validly signed at 0: that says nothing about the newest tree.", message(time=0), 0)
    over("time-2-63", "Validly signed at 2^63.", message(time=2**63), 2**63)
    over("other-cosigner", "Another witness's name was signed.", message(cosigner=b"witness.example/w1"))
    over("other-origin", "Another log's origin was signed.", message(origin=b"other.example/log"))
    over("start-1", "A subtree that begins at 1.", message(start=1))
    over("other-size", "Seven entries.", message(end=7))
    over("other-root", "The root of seven.", message(root=tree.root(LEAVES[:7])))
    over("ed25519-message", "The text that a key of type 4 signs.", note.cosigned_message(TEXT, world.TIME))
    over("bare-text", "The text that a key of type 1 signs.", TEXT.encode())
    right = message()
    over("label-without-zero", "A label of eleven bytes.", right.replace(b"\0", b"", 1))
    over("label-v2", "Another version's label.", right.replace(b"subtree/v1", b"subtree/v2"))
    name = WITNESS.name.encode()
    over("name-length-16-bits", "The length of the name in two bytes.", right.replace(bytes([len(name)]) + name, len(name).to_bytes(2, "big") + name))
    over("time-little-endian", "The time was signed in the other order of bytes.", right.replace(world.TIME.to_bytes(8, "big"), world.TIME.to_bytes(8, "little")))
    over("root-base64", "The root was signed as it is written.", right[:-32] + note.encode_base64(ROOT).encode())


def add_framings(bad: Any) -> None:
    """The right message in the wrong form of ML-DSA."""
    right = message()
    bad("context", "With the context `glasshouse`.", sign_framed(b"\0\x0aglasshouse" + right))
    bad("without-framing", "The inner algorithm over the bare message (FIPS 204 algorithm 7).", sign_framed(right))
    bad("pre-hashed", "HashML-DSA with SHA-256 (FIPS 204 algorithm 4).", sign_framed(b"\1\0" + SHA_256 + hashlib.sha256(right).digest()))


def add_spellings(bad: Any) -> None:
    """Bytes that are no signature, or a good one in a second spelling."""
    bad("commitment-flipped", "One bit of the commitment.", flip(RIGHT))
    bad("z-flipped", "One bit of the response.", flip(RIGHT, 8 * 100))
    bad("short", "2419 bytes.", RIGHT[:-1])
    bad("trailing-byte", "2421 bytes.", RIGHT + b"\0")
    bad("zeros", "2420 zeros.", bytes(ml_dsa.SIGNATURE_LEN))
    bad("z-too-long", "The equation holds, but a coefficient of the response is longer than a signer lets out.", too_long())
    for name, (why, hint) in second_spellings(RIGHT[-84:]).items():
        bad(f"hint-{name}", why, RIGHT[:-84] + hint)


def too_long() -> bytes:
    """The first signature that the loop throws away for the length of its response alone."""
    framed = ml_dsa.framed(message())
    return next(one.signature for one in ml_dsa.attempts(world.WITNESS_ML_DSA, framed, b"\1" * 32) if one.fails == ["z"])


def second_spellings(hint: bytes) -> Dict[str, Any]:
    """The same hints, written in ways that FIPS 204 algorithm 21 refuses; `hint` is 80 places and 4 ends."""
    places, ends = list(hint[:80]), list(hint[80:])
    assert ends[0] >= 2 and ends[3] <= 78, "the signature has too few hints, or too many, for these cases"
    swapped = [places[1], places[0]] + places[2:]
    return {
        "out-of-order": ("Two places of one polynomial swapped.", bytes(swapped + ends)),
        "repeated": ("A place that stands twice.", bytes([places[0]] + places[:79] + [end + 1 for end in ends])),
        "left-over": ("A byte behind the last place that is not zero.", bytes(places[:79] + [1] + ends)),
        "ends-fall": ("The second polynomial ends before the first.", bytes(places + [ends[1], ends[0]] + ends[2:])),
        "end-81": ("More places than there is room for.", bytes(places + ends[:3] + [81])),
    }
