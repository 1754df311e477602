"""Submission bodies."""
from __future__ import annotations

from .. import batch, cbor
from . import world
from .case import Cases


def cases() -> Cases:
    """The family `batch`."""
    all_cases = Cases("batch")
    statement = world.sign(world.PROXY_SEED, world.decision(1))
    texts = [world.text(world.PROXY, 1, field) for field in ("puid", "decision_facts")]
    right = batch.encode([(statement, texts)])
    all_cases.valid("one-item", "A statement with its two texts.", body=right.hex())
    all_cases.valid("two-items", "One with texts, one without.", body=batch.encode([(statement, texts), (statement, [])]).hex())
    all_cases.valid("items-not-looked-into", "Each item stands alone: what is in it is judged later.", body="8182414080")
    all_cases.valid("1000-items", "As many as there may be.", body=("9903e8" + "824080" * 1000))
    add = all_cases.invalid
    add("empty-array", "batch-size", "No item.", body="80")
    add("1001-items", "batch-size", "One too many.", body="9903e9" + "824080" * 1001)
    add("empty-body", "not-cbor", "No byte.", body="")
    add("cut", "not-cbor", "The last byte is missing.", body=right[:-1].hex())
    add("trailing-byte", "not-cbor", "A byte behind the array.", body=right.hex() + "00")
    add("huge-array", "not-cbor", "2^32 items announced.", body="9b0000000100000000")
    add("json", "not-cbor", "The text `[{}]`: an announced string of 27 bytes.", body=b"[{}]".hex())
    add("indefinite", "not-deterministic", "An array without a length.", body="9f" + right[1:].hex() + "ff")
    add("longer-head", "not-deterministic", "The array's length in a byte of its own.", body="9801" + right[1:].hex())
    add("item-indefinite", "not-deterministic", "An item without a length.", body="819f" + cbor.encode(statement).hex() + "80ff")
    add("statement-in-chunks", "not-deterministic", "A byte string in chunks.", body="81825f4100ff80")
    add("tagged", "not-deterministic", "The array under a tag.", body="d9d9f7" + right.hex())
    add("map", "bad-request", "A map in place of the array.", body="a0")
    add("one-statement", "bad-request", "A byte string in place of the array.", body=cbor.encode(statement).hex())
    add("item-is-a-statement", "bad-request", "An item that is a byte string.", body=cbor.encode([statement]).hex())
    add("item-of-one", "bad-request", "No array of addenda.", body=cbor.encode([[statement]]).hex())
    add("item-of-three", "bad-request", "Something behind the addenda.", body=cbor.encode([[statement, texts, 0]]).hex())
    add("statement-as-text", "bad-request", "Text in place of bytes.", body=cbor.encode([["statement", []]]).hex())
    add("addenda-as-map", "bad-request", "A map in place of the array.", body=cbor.encode([[statement, {}]]).hex())
    add("addendum-as-text", "bad-request", "Text in place of bytes.", body=cbor.encode([[statement, ["words"]]]).hex())
    return all_cases
