"""What a sealed statement holds: `[sub, payload, [addendum …]]`, a decision or a refusal that may not be told yet."""
from __future__ import annotations

from typing import Any, List, NamedTuple

from . import addendum, cbor, names, payload, statement
from .faults import Fault, require

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


def parse(data: bytes, owner: statement.Statement) -> Sealed:
    """What would have been filed in the place of the sealed statement; what is wrong in it is wrong with the addendum."""
    try:
        return check(cbor.decode(data), owner.iss, owner.aud, owner.sequence)
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
    texts = [addendum.parse(data) for data in addenda]
    for data, text in zip(addenda, texts):
        require((text.aud, text.iss, text.sequence) == (aud, iss, sequence), RULE, "the text of another statement")
        require(fields["addenda"].get(text.field) == addendum.digest(data), RULE, "another text")
    wanted = [field for field in fields["addenda"] if field not in fields.get("withheld", {})]
    require([text.field for text in texts] == wanted, RULE, "not the texts that are served, in the order of the map")
    for text in texts:
        addendum.check_uris(text, fields)
    return Sealed(sub, inner, addenda)
