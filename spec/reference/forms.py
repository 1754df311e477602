"""The forms that the value of an entry field can have. Each function appends its errors to a list."""
from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Dict, FrozenSet, List

from . import names, note, table
from .faults import Fault

Errors = List[Dict[str, str]]

MAX_NUMBER = 2**53 - 1
MAX_INSTANT = 253402300799
MAX_NOTE_TEXT = 32 * 1024
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
STATUTE_ID = re.compile(r"[A-Za-z0-9:./()_-]{1,128}")
MAX_TARGETS = 1000
MAX_RANGE = 1 << 20
MAX_TEXT_NAMES = 32
MAX_FIELD_NAMES = 128
EAN_13 = re.compile(r"[0-9]{13}")


def fail(errors: Errors, path: str, rule: str) -> None:
    """Notes one error."""
    errors.append({"path": path, "rule": rule})


def is_uint(value: Any) -> bool:
    """An integer, not a boolean (which Python counts among them)."""
    return type(value) is int


def text(value: Any, path: str, errors: Errors) -> bool:
    """Whether the value is text; an error if not."""
    if not isinstance(value, str):
        fail(errors, path, "wrong-type")
        return False
    return True


def code(value: Any, path: str, errors: Errors, codes: FrozenSet[str]) -> None:
    """One value of a code set."""
    if text(value, path, errors) and value not in codes:
        fail(errors, path, "not-a-code")


def code_set(value: Any, path: str, errors: Errors, codes: FrozenSet[str], most: int = 2**64) -> None:
    """A set of 1 to `most` codes: sorted by bytes, nothing twice. One error, the first of these; it points at the field."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return fail(errors, path, "wrong-type")
    if not value:
        return fail(errors, path, "empty")
    if len(value) > most:
        return fail(errors, path, "too-long")
    if any(item not in codes for item in value):
        return fail(errors, path, "not-a-code")
    if len(set(value)) != len(value):
        return fail(errors, path, "duplicate")
    if value != sorted(value):
        return fail(errors, path, "not-sorted")
    return None


def day(value: Any, path: str, errors: Errors) -> None:
    """`YYYY-MM-DD`, a real day of the Gregorian calendar, 1990-01-01 to 2099-12-31 (RFC 3339 full-date)."""
    if not text(value, path, errors):
        return
    try:
        if DAY.fullmatch(value) is None or not value.isascii():
            raise ValueError
        datetime.date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        return fail(errors, path, "grammar")
    if not "1990-01-01" <= value <= "2099-12-31":
        fail(errors, path, "out-of-range")


def number(value: Any, path: str, errors: Errors, least: int, most: int) -> None:
    """An integer from `least` to `most`."""
    if not is_uint(value):
        fail(errors, path, "wrong-type")
    elif not least <= value <= most:
        fail(errors, path, "out-of-range")


def byte_string(value: Any, path: str, errors: Errors, length: int) -> None:
    """Exactly `length` bytes."""
    if not isinstance(value, bytes):
        fail(errors, path, "wrong-type")
    elif len(value) != length:
        fail(errors, path, "grammar")


def pattern(value: Any, path: str, errors: Errors, accepts: Callable[[str], Any]) -> None:
    """Text of a grammar."""
    if text(value, path, errors) and not accepts(value):
        fail(errors, path, "grammar")


def name(value: Any, path: str, errors: Errors) -> None:
    """The name of an organisation: 1 to 200 characters, no control character, no space at either end."""
    if not text(value, path, errors):
        return
    if value == "":
        fail(errors, path, "empty")
    elif len(value) > 200:
        fail(errors, path, "too-long")
    elif value != value.strip(" ") or any(is_control(c) for c in value):
        fail(errors, path, "grammar")


def is_control(character: str) -> bool:
    """Unicode's general category Cc: U+0000 to U+001F and U+007F to U+009F."""
    return ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0


def members(value: Any, path: str, errors: Errors, required: List[str], optional: List[str]) -> bool:
    """Whether the value is a map; errors for members that are missing or unknown."""
    if not isinstance(value, dict):
        fail(errors, path, "wrong-type")
        return False
    for key in required:
        if key not in value:
            fail(errors, f"{path}/{key}", "required")
    for key in value:
        if key not in required and key not in optional:
            fail(errors, f"{path}/{key}", "unknown-field")
    return True


def nested(value: Any, path: str, errors: Errors, shape: str) -> None:
    """A map of the table's `nested`, whose members are written as `code <set>` or the name of a form."""
    row = table.TABLE["nested"][shape]
    if not members(value, path, errors, list(row["required"]), list(row["optional"])):
        return
    for key, form in {**row["required"], **row["optional"]}.items():
        if key not in value:
            continue
        if form.startswith("code "):
            code(value[key], f"{path}/{key}", errors, table.codes(form[len("code "):]))
        elif form == "order":
            nested(value[key], f"{path}/{key}", errors, "order")
        elif form == "text of 13 digits":
            pattern(value[key], f"{path}/{key}", errors, EAN_13.fullmatch)
        else:
            FORMS[form](value[key], f"{path}/{key}", errors)


def relates_to(value: Any, path: str, errors: Errors) -> None:
    """1 to 64 maps {relation, entry?} in the author's order; the same relation to the same entry once."""
    if not length(value, path, errors, 64):
        return
    seen = []
    for position, element in enumerate(value):
        here = f"{path}/{position}"
        if not members(element, here, errors, ["relation"], ["entry"]):
            continue
        if "relation" in element:
            code(element["relation"], f"{here}/relation", errors, table.codes("relation"))
        if "entry" in element:
            byte_string(element["entry"], f"{here}/entry", errors, 32)
            if element in seen:
                fail(errors, here, "duplicate")
            seen.append(element)


def targets(value: Any, path: str, errors: Errors) -> None:
    """1 to 1,000 maps {entry} or {first, last}: the entries first, ascending; then the ranges, ascending and apart."""
    if not length(value, path, errors, MAX_TARGETS):
        return
    before = len(errors)
    for position, element in enumerate(value):
        target(element, f"{path}/{position}", errors)
    if len(errors) > before:
        return
    for position, element in enumerate(value):
        earlier = value[:position]
        if any(overlap(element, other) for other in earlier):
            return fail(errors, f"{path}/{position}", "duplicate")
        if earlier and rank(earlier[-1]) > rank(element):
            return fail(errors, f"{path}/{position}", "not-sorted")


def target(value: Any, path: str, errors: Errors) -> None:
    """One leaf hash, or one range of at most 2^20 numbers."""
    if isinstance(value, dict) and "entry" in value:
        members(value, path, errors, ["entry"], [])
        byte_string(value["entry"], f"{path}/entry", errors, 32)
    elif members(value, path, errors, ["first", "last"], []):
        before = len(errors)
        for key in ("first", "last"):
            if key in value:
                number(value[key], f"{path}/{key}", errors, 1, MAX_NUMBER)
        both = "first" in value and "last" in value and len(errors) == before
        if both and not value["first"] <= value["last"] < value["first"] + MAX_RANGE:
            fail(errors, f"{path}/last", "out-of-range")


def overlap(one: Dict[str, Any], other: Dict[str, Any]) -> bool:
    """Whether two targets are the same entry, or ranges with a number in common."""
    if "entry" in one or "entry" in other:
        return one == other
    return one["first"] <= other["last"] and other["first"] <= one["last"]


def rank(value: Dict[str, Any]) -> Any:
    """What the order of targets compares."""
    return (0, value["entry"], 0) if "entry" in value else (1, b"", value["first"])


def length(value: Any, path: str, errors: Errors, most: int) -> bool:
    """Whether the value is a list of 1 to `most` elements."""
    if not isinstance(value, list):
        fail(errors, path, "wrong-type")
    elif not value:
        fail(errors, path, "empty")
    elif len(value) > most:
        fail(errors, path, "too-long")
    else:
        return True
    return False


def each(value: Any, path: str, errors: Errors, form: str) -> None:
    """A list of 1 to 16 different values of a form."""
    if not length(value, path, errors, 16):
        return
    for position, element in enumerate(value):
        here = f"{path}/{position}"
        if element in value[:position]:
            fail(errors, here, "duplicate")
        elif form == "vkey":
            pattern(element, here, errors, is_vkey)
        else:
            cose_key(element, here, errors)


def is_vkey(value: str) -> bool:
    """Whether the text is a verification key in its only spelling."""
    try:
        note.parse_vkey(value)
    except Fault:
        return False
    return True


def cose_key(value: Any, path: str, errors: Errors) -> None:
    """An Ed25519 COSE_Key in its only encoding; whether the point is a good one is the registry's to say."""
    if not isinstance(value, bytes):
        fail(errors, path, "wrong-type")
    elif len(value) != 40 or value[:8] != bytes.fromhex("a301012006215820"):
        fail(errors, path, "grammar")


def sign1_bytes(value: Any, path: str, errors: Errors) -> None:
    """The bytes of a COSE_Sign1; what stands in them is the registry's to say."""
    if not isinstance(value, bytes):
        fail(errors, path, "wrong-type")
    elif value[:2] != b"\xd2\x84":
        fail(errors, path, "grammar")


def evidence(value: Any, path: str, errors: Errors) -> None:
    """{cosigned: COSE_Sign1} or {well_known: digest, fetched_at: instant}."""
    if isinstance(value, dict) and "cosigned" in value:
        members(value, path, errors, ["cosigned"], [])
        sign1_bytes(value["cosigned"], f"{path}/cosigned", errors)
    elif members(value, path, errors, ["well_known", "fetched_at"], []):
        if "well_known" in value:
            byte_string(value["well_known"], f"{path}/well_known", errors, 32)
        if "fetched_at" in value:
            number(value["fetched_at"], f"{path}/fetched_at", errors, 0, MAX_INSTANT)


def note_text(value: Any, path: str, errors: Errors) -> None:
    """A signed note as text: at most 32 KiB, ending in a newline."""
    if not text(value, path, errors):
        return
    if len(value.encode("utf-8")) > MAX_NOTE_TEXT:
        fail(errors, path, "too-long")
    elif not value.endswith("\n"):
        fail(errors, path, "grammar")


FORMS: Dict[str, Callable[[Any, str, Errors], None]] = {
    "day": day,
    "instant": lambda v, p, e: number(v, p, e, 0, MAX_INSTANT),
    "positive": lambda v, p, e: number(v, p, e, 1, MAX_NUMBER),
    "count": lambda v, p, e: number(v, p, e, 0, MAX_NUMBER),
    "digest": lambda v, p, e: byte_string(v, p, e, 32),
    "statute_id": lambda v, p, e: pattern(v, p, e, STATUTE_ID.fullmatch),
    "origin": lambda v, p, e: pattern(v, p, e, names.is_origin),
    "issuer": lambda v, p, e: pattern(v, p, e, names.is_issuer),
    "name": name,
    "content_id": lambda v, p, e: nested(v, p, e, "content_id"),
    "legal_basis": lambda v, p, e: nested(v, p, e, "legal_basis"),
    "attribution": lambda v, p, e: nested(v, p, e, "attribution"),
    "predecessor": lambda v, p, e: nested(v, p, e, "predecessor"),
    "relates_to": relates_to,
    "vkeys": lambda v, p, e: each(v, p, e, "vkey"),
    "cose_keys": lambda v, p, e: each(v, p, e, "cose_key"),
    "cose_key": cose_key,
    "cose_sign1": sign1_bytes,
    "evidence": evidence,
    "note": note_text,
    "targets": targets,
    "text_names": lambda v, p, e: code_set(v, p, e, table.ADDENDA, MAX_TEXT_NAMES),
    "field_names": lambda v, p, e: code_set(v, p, e, table.removable(), MAX_FIELD_NAMES),
}


def check(value: Any, path: str, errors: Errors, field: str, vocabulary: str) -> None:
    """The value of a field, against the form that the table names for it."""
    row = table.FIELDS[field]
    if row["form"] == "code":
        code(value, path, errors, table.codes(row["codes"], vocabulary))
    elif row["form"] == "codes":
        code_set(value, path, errors, table.codes(row["codes"], vocabulary))
    else:
        FORMS[row["form"]](value, path, errors)
