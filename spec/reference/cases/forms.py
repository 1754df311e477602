"""Deterministic CBOR: what is one item, and every other spelling of it."""
from __future__ import annotations

from .case import Cases

VALID = {
    "integer-0": "00", "integer-23": "17", "integer-24": "1818", "integer-255": "18ff", "integer-256": "190100",
    "integer-65536": "1a00010000", "integer-2-32": "1b0000000100000000", "integer-2-64-less-1": "1bffffffffffffffff",
    "negative-1": "20", "negative-25": "3818", "negative-2-64": "3bffffffffffffffff",
    "bytes-empty": "40", "bytes-24": "5818" + "00" * 24, "text-empty": "60", "text-two-byte-character": "62c3bc",
    "array-empty": "80", "array-nested": "8201820203", "map-empty": "a0", "booleans": "82f4f5",
    "map-integer-keys-in-order": "a40100182000200038640 0".replace(" ", ""),
    "map-text-keys-shorter-first": "a3617a0062616100626162 00".replace(" ", ""),
    "map-integers-before-text": "a2010061610 0".replace(" ", ""), "eight-arrays-deep": "81" * 7 + "80",
}

MALFORMED = {
    "empty": ("", "no byte at all"), "array-cut": ("8201", "one of two items"),
    "bytes-cut": ("4401020 3".replace(" ", ""), "three of four bytes"), "text-cut": ("63c3bc", "two of three bytes"),
    "head-cut": ("1901", "a head of two bytes without the second"), "huge-length": ("5bffffffffffffffff", "2^64 - 1 bytes announced"),
    "huge-array": ("9bffffffffffffffff", "2^64 - 1 items announced"), "map-without-last-value": ("a1616 1".replace(" ", ""), "a key alone"),
    "trailing-byte": ("0000", "a second item behind the first"), "reserved-28": ("1c", "additional information 28"),
    "reserved-30": ("5e", "additional information 30"), "break-alone": ("ff", "a break with nothing to end"),
    "text-not-utf8": ("61ff", "0xff"), "text-overlong-utf8": ("62c080", "NUL in two bytes"), "text-surrogate": ("63eda080", "U+D800"),
    "indefinite-integer": ("1f", "integers have no indefinite length"),
}

LONGER = {
    "integer-in-one-byte-more": "1817", "integer-in-two-bytes": "1900ff", "integer-in-four-bytes": "1a0000ffff",
    "integer-in-eight-bytes": "1b00000000ffffffff", "negative-in-one-byte-more": "3800", "negative-in-two-bytes": "39000f",
    "bytes-length-longer": "580100", "bytes-length-in-two-bytes": "59000100", "text-length-longer": "780161",
    "array-length-longer": "980100", "map-length-longer": "b8010000", "map-key-longer": "a1180100",
}

OTHERS = {
    "indefinite-bytes": ("5f4100ff", "chunks"), "indefinite-text": ("7f6161ff", "chunks"), "indefinite-array": ("9f01ff", "no length"),
    "indefinite-map": ("bf0100ff", "no length"), "indefinite-nested": ("819fff", "no length, inside"),
    "duplicate-integer-key": ("a201000101", "1 twice"), "duplicate-text-key": ("a2616100616101", "a twice"),
    "duplicate-key-same-value": ("a2616100616100", "a twice, the same"), "duplicate-key-nested": ("81a201000100", "1 twice, inside"),
    "duplicate-empty-key": ("a260006000", "the empty text twice"), "unordered-integer-keys": ("a202000100", "2, 1"),
    "unordered-negative-keys": ("a221002000", "-2, -1"), "unordered-text-keys": ("a2616200616100", "b, a"),
    "unordered-longer-first": ("a2626161006162 00".replace(" ", ""), "aa before b (the order of RFC 7049 is this order; that of plain strings is not)"),
    "unordered-text-before-integer": ("a2616100010 0".replace(" ", ""), "a, 1"), "unordered-nested": ("a10 1a202000100".replace(" ", ""), "inside a value"),
    "unordered-in-array": ("81a2616200616100", "inside an array"),
    "null": ("f6", "no null"), "undefined": ("f7", "no undefined"), "simple-value": ("f0", "simple(16)"), "simple-in-two-bytes": ("f8ff", "simple(255)"),
    "half-float": ("f93c00", "1.0"), "single-float": ("fa3f800000", "1.0"), "double-float": ("fb3ff0000000000000", "1.0"), "not-a-number": ("f97e00", "NaN"),
    "tag-inside": ("81d261 78".replace(" ", ""), "tag 18 inside"), "tag-1": ("c100", "a date"), "bignum": ("c249010000000000000000", "2^64"),
    "bytes-as-key": ("a1410000", "a byte string as a key"), "array-as-key": ("a18000", "an array as a key"), "boolean-as-key": ("a1f400", "false as a key"),
    "nine-arrays-deep": ("81" * 8 + "80", "one too many"), "nine-maps-deep": ("a100" * 8 + "a0", "one too many"),
}


def cases() -> Cases:
    """The family `cbor`."""
    all_cases = Cases("cbor")
    for name, data in VALID.items():
        all_cases.valid(name, "One item in its only spelling.", cbor=data)
    for name, (data, why) in MALFORMED.items():
        all_cases.invalid(name, "not-cbor", f"Not one well-formed item: {why}.", cbor=data)
    for name, data in LONGER.items():
        all_cases.invalid(name, "not-deterministic", "A head that is longer than it has to be.", cbor=data)
    for name, (data, why) in OTHERS.items():
        all_cases.invalid(name, "not-deterministic", f"Well-formed, but not allowed: {why}.", cbor=data)
    return all_cases
