"""Statements about earlier statements, and the registrar's later ones, with the least that each has to say."""
from __future__ import annotations

from typing import Any, Dict, List, Union

from .. import addendum, cbor, cose, ed25519, sealed as sealed_text
from . import world
from .world import PROXY, REGISTRAR, payload

LEAF, LEAF_2, LEAF_3 = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
Target = Union[bytes, tuple]


def targets(values: List[Target]) -> List[Dict[str, Any]]:
    """Leaf hashes, and pairs of a first and a last number."""
    return [{"entry": value} if isinstance(value, bytes) else {"first": value[0], "last": value[1]} for value in values]


def amendment(sequence: int, values: List[Target], *texts: str, iss: str = PROXY, **more: Any) -> Dict[str, Any]:
    """An earlier statement was wrong."""
    fields = {"targets": targets(values), "amendment_reason": "clerical_error"}
    return payload("amendment", sequence, world.digests(iss, sequence, *texts), **{**fields, **more})


def outcome(sequence: int, values: List[Target], **more: Any) -> Dict[str, Any]:
    """A complaint was turned down."""
    fields = {"targets": targets(values), "procedure": "internal_complaint", "result": "upheld"}
    return payload("outcome", sequence, {}, **{**fields, **more})


def lifted(sequence: int, values: List[Target], **more: Any) -> Dict[str, Any]:
    """The restriction ended."""
    fields = {"targets": targets(values), "end_date": "2022-10-01", "lifted_reason": "own_error"}
    return payload("lifted", sequence, {}, **{**fields, **more})


def withdrawal(sequence: int, values: List[Target], **more: Any) -> Dict[str, Any]:
    """This was not ours."""
    return payload("withdrawal", sequence, {}, **{"targets": targets(values), **more})


def sealed_value(sequence: int, iss: str = PROXY, **more: Any) -> sealed_text.Sealed:
    """What would have been filed under that number: a decision on an order, with all its texts."""
    inner = world.decision(sequence, iss, **more)
    texts = [world.text(iss, sequence, field) for field in inner["addenda"] if field not in inner.get("withheld", {})]
    return sealed_text.Sealed(world.SUBJECT, cbor.encode(inner), texts)


def sealed_addendum(sequence: int, iss: str = PROXY, value: Any = None) -> bytes:
    """The one text of a sealed statement."""
    return world.text(iss, sequence, "sealed_statement", sealed_value(sequence, iss).encode() if value is None else value)


def sealed(sequence: int, iss: str = PROXY, text: bytes = b"", **more: Any) -> Dict[str, Any]:
    """Something was decided; no more may be said."""
    digest = addendum.digest(text or sealed_addendum(sequence, iss))
    withheld = {"sealed_statement": {"ground": "confidential_order"}}
    return payload("sealed", sequence, {"sealed_statement": digest}, **{"withheld": withheld, **more})


def disclosure(sequence: int, value: bytes, *fields: str, **more: Any) -> Dict[str, Any]:
    """Withheld texts are public now."""
    return payload("disclosure", sequence, {}, **{"targets": targets([value]), "fields": sorted(fields), **more})


def redaction(sequence: int, values: List[Target], *fields: str, **more: Any) -> Dict[str, Any]:
    """Texts were erased; with `provider`, by the registrar."""
    said = {"targets": targets(values), "fields": sorted(fields), "redaction_ground": "erasure_request", "requested_by": "data_subject"}
    return payload("redaction", sequence, {}, **{**said, **more})


def declaration(sequence: int, **more: Any) -> Dict[str, Any]:
    """The provider's own count for a month: nothing happened."""
    fields = {"period_start": "2025-06-01", "period_end": "2025-06-30", "decisions_taken": 0, "not_published": 0}
    return payload("declaration", sequence, {}, **{**fields, **more})


def conflict(sequence: int, value: bytes, refused: bytes, provider: str = PROXY, **more: Any) -> Dict[str, Any]:
    """A provider signed two statements under one number."""
    digest = addendum.digest(refused_addendum(sequence, refused))
    return payload("conflict", sequence, {"refused_statement": digest}, **{"provider": provider, "targets": targets([value]), **more})


def refused_addendum(sequence: int, refused: bytes) -> bytes:
    """The text that holds the refused statement."""
    return world.text(REGISTRAR, sequence, "refused_statement", refused)


def keys(sequence: int, announced: bytes, **more: Any) -> Dict[str, Any]:
    """The registrar announces the key of a seed."""
    return payload("keys", sequence, {}, **{"next_registrar_kid": cose.thumbprint(ed25519.public_key(announced)), **more})


def policy(sequence: int, **more: Any) -> Dict[str, Any]:
    """Other rules from here on."""
    return payload("policy", sequence, world.digests(REGISTRAR, sequence, "policy"), **more)


def closure(sequence: int, **more: Any) -> Dict[str, Any]:
    """The log takes nothing more."""
    return payload("closure", sequence, {}, **more)
