"""What a sealed statement holds: `[sub, payload, [addendum …]]`, a decision or a refusal that may not be told yet."""
from __future__ import annotations

from typing import Any, List, NamedTuple

from . import addendum, cbor, names, payload
from .faults import Fault, require

MAX_BYTES = 1_000_000
RULE = "addendum-invalid"
KINDS = ("decision", "no_action")


class Sealed(NamedTuple):
    """What was sealed, taken apart."""

    sub: str
    payload: bytes
    addenda: List[bytes]

    def encode(self) -> bytes:
        """The value of the addendum `sealed_statement`."""
        return cbor.encode(list(self))


def parse(data: Any, iss: str, aud: str, sequence: int) -> Sealed:
    """What would have been filed under that issuer, log and number; what is wrong in it is wrong with the addendum."""
    require(isinstance(data, bytes), RULE, "not bytes")
    require(1 <= len(data) <= MAX_BYTES, RULE, "empty, or more than 1,000,000 bytes")
    try:
        return check(cbor.decode(data), iss, aud, sequence)
    except Fault as fault:
        if fault.rule == "not-understood":
            raise
        raise Fault(RULE, f"sealed: {fault}") from None


def check(parts: Any, iss: str, aud: str, sequence: int) -> Sealed:
    """Every rule that a submission would have to follow, but those of order."""
    require(isinstance(parts, list) and len(parts) == 3, RULE, "not an array of three")
    sub, inner, addenda = parts
    require(isinstance(sub, str) and names.subject_kind(sub) != "", RULE, "sub is none")
    require(isinstance(inner, bytes), RULE, "the payload is not a byte string")
    fields = payload.parse(inner, iss, sub, aud)
    require(fields["type"] in KINDS, RULE, "neither a decision nor a refusal")
    require(fields["sequence"] == sequence, RULE, "another number")
    require(isinstance(addenda, list) and all(isinstance(text, bytes) for text in addenda), RULE, "addenda of another type")
    brought = []
    for data in addenda:
        text = addendum.parse(data)
        require((text.aud, text.iss, text.sequence) == (aud, iss, sequence), RULE, "the text of another statement")
        require(fields["addenda"].get(text.field) == addendum.digest(data), RULE, "another text")
        brought.append(text.field)
    wanted = [field for field in fields["addenda"] if field not in fields.get("withheld", {})]
    require(sorted(brought) == sorted(wanted), RULE, "not every text that is served, or one that is withheld, or one twice")
    return Sealed(sub, inner, addenda)
