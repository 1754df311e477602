"""Addenda: the texts that a statement commits to by digest (c2sp.org/tlog-addenda)."""
from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

from . import cbor, names, sealed, statement, table
from .faults import require

MAX_BYTES = 1024 * 1024
MAX_TEXTS = 1000
MAX_URIS = 64
MAX_NUMBER = 2**53 - 1
RULE = "addendum-invalid"
PUID = re.compile(r"[A-Za-z0-9_-]{1,500}")


class Addendum(NamedTuple):
    """[salt, aud, iss, sequence, field, value]: it opens that field of that statement and nothing else."""

    salt: bytes
    aud: str
    iss: str
    sequence: int
    field: str
    value: Any

    def encode(self) -> bytes:
        """The bytes whose digest stands in the statement."""
        return cbor.encode(list(self))


def digest(data: bytes) -> bytes:
    """SHA-256 of an addendum's bytes."""
    return hashlib.sha256(data).digest()


def parse(data: bytes) -> Addendum:
    """An addendum whose members are all right for its field."""
    require(len(data) <= MAX_BYTES, RULE, "more than 1 MiB")
    parts = cbor.decode(data)
    require(isinstance(parts, list) and len(parts) == 6, RULE, "not an array of six")
    salt, aud, iss, sequence, field, value = parts
    require(isinstance(salt, bytes) and len(salt) == 16, RULE, "the salt is not 16 bytes")
    require(isinstance(aud, str) and names.is_origin(aud), RULE, "aud is not an origin")
    require(isinstance(iss, str) and names.is_issuer(iss), RULE, "iss is not an issuer")
    require(type(sequence) is int and 1 <= sequence <= MAX_NUMBER, RULE, "sequence is out of range")
    row = table.FIELDS.get(field, {}) if isinstance(field, str) else {}
    require(row.get("place") == "addendum", RULE, "not a field that stands in an addendum")
    check_value(value, row["form"], row.get("max", 0))
    return Addendum(salt, aud, iss, sequence, field, value)


def check_value(value: Any, form: str, most: int) -> None:
    """The value against the form that the table names for its field."""
    if form == "digest32":
        require(isinstance(value, bytes) and len(value) == 32, RULE, "not 32 bytes")
    elif form in ("sealed", "statement"):
        require(isinstance(value, bytes) and 1 <= len(value) <= most, RULE, "not bytes, or none, or too many")
        require(form == "sealed" or value[:2] == b"\xd2\x84", RULE, "not a COSE_Sign1")
    elif form in ("texts", "uris"):
        require(isinstance(value, list), RULE, "not an array")
        require(1 <= len(value) <= (MAX_TEXTS if form == "texts" else MAX_URIS), RULE, "too many texts, or none")
        for text in value:
            check_text(text, "text" if form == "texts" else "url", most)
        if form == "texts":
            spelt = [text.encode("utf-8") for text in value]
            require(all(a < b for a, b in zip(spelt, spelt[1:])), RULE, "not sorted, or a text twice")
    else:
        check_text(value, form, most)


def check_text(value: Any, form: str, most: int) -> None:
    """One text: not empty, not too long, no control characters; a URL or a puid is stricter."""
    require(isinstance(value, str) and value != "", RULE, "not a text, or an empty one")
    require(len(value) <= most, RULE, "too long")
    allowed = "\n\t" if form == "text" else ""
    require(all(c in allowed or not (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0) for c in value), RULE, "control character")
    if form == "url":
        require(value.startswith(("http://", "https://")), RULE, "not a URL")
    if form == "puid":
        require(PUID.fullmatch(value) is not None, RULE, "not a puid")


def check_owner(addendum: Addendum, owner: statement.Statement) -> None:
    """The addendum belongs to that statement: same log, issuer and number, and the digest stands under its field. What
    is sealed in it could have been filed in the statement's place."""
    rule = "addendum-mismatch"
    require(addendum.aud == owner.aud, rule, "of another log")
    require(addendum.iss == owner.iss, rule, "of another issuer")
    require(addendum.sequence == owner.sequence, rule, "of another statement")
    require(owner.payload["addenda"].get(addendum.field) == digest(addendum.encode()), rule, "another digest")
    if addendum.field == "sealed_statement":
        sealed.parse(addendum.value, owner)


def check_uris(addendum: Addendum, payload: Any) -> None:
    """Its URIs belong to the relations without an entry one by one. An amendment of the URIs alone has no relations."""
    if addendum.field == "relates_to_uri" and "relates_to" in payload:
        outside = [element for element in payload["relates_to"] if "entry" not in element]
        require(len(addendum.value) == len(outside), RULE, "not as many URIs as relations without an entry")
