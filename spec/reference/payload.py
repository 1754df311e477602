"""The payload of a statement, judged by the table and by the rules that join its fields."""
from __future__ import annotations

from typing import Any, Dict, List

from . import cbor, forms, rules, table
from .faults import Fault, PayloadFault, not_understood
from .forms import Errors, fail
from .names import subject_kind

MAX_ADDENDA = 32

OF_ITS_ISSUER = ("void", "sealed", "declaration")
"""Types about the provider that signs them."""


class Payload:
    """A payload while it is judged: its map, the map's addenda, and the errors found so far."""

    def __init__(self, fields: Dict[str, Any], iss: str, sub: str, aud: str) -> None:
        self.fields = fields
        self.iss, self.sub, self.aud = iss, sub, aud
        self.kind: str = fields["type"]
        self.row = table.TYPES[self.kind]
        self.vocabulary: str = fields["vocabulary"]
        self.addenda: Dict[str, Any] = {}
        self.addenda_read = False
        self.errors: Errors = []

    def has(self, field: str) -> bool:
        """Whether an entry field is there."""
        return field in self.fields

    def misread(self, field: str) -> bool:
        """Whether a field is there and has an error of its own: rules that ask for its value then stay silent, so that
        one wrong value is one error."""
        path = f"/{field}"
        wrong = any(error["path"] == path or error["path"].startswith(path + "/") for error in self.errors)
        return wrong and self.has(field)

    def known(self, *fields: str) -> bool:
        """Whether all these fields are there and none is misread."""
        return all(self.has(field) and not self.misread(field) for field in fields)

    def decides(self, field: str) -> bool:
        """Whether rules that depend on a field may speak: it is not misread, and if absent, this is no amendment."""
        return not self.misread(field) and (self.has(field) or self.kind != "amendment")

    def codes(self, field: str) -> List[str]:
        """The codes of a field, one or many; [] if it is absent or misread."""
        value = self.fields.get(field, [])
        if self.misread(field):
            return []
        return value if isinstance(value, list) else [value]

    def may_lack(self, field: str) -> bool:
        """Whether a text that is asked for may be missing, because the statement mirrors another register (rule 8)."""
        return field in rules.MIRROR_MAY_LACK and self.has("attribution") and (
            self.misread("attribution") or self.fields["attribution"]["kind"] == "mirror")

    def forbid(self, field: str) -> None:
        """An entry field that must not be there."""
        if self.has(field):
            fail(self.errors, f"/{field}", "forbidden")

    def addendum_exactly_if(self, field: str, condition: bool) -> None:
        """An addendum that is required under a condition and forbidden otherwise."""
        if condition and field not in self.addenda and self.addenda_read:
            fail(self.errors, f"/addenda/{field}", "required")
        if not condition and field in self.addenda:
            fail(self.errors, f"/addenda/{field}", "forbidden")

    def addendum_needs(self, field: str, condition: bool) -> None:
        """An addendum that makes sense only under a condition."""
        if field in self.addenda and not condition:
            fail(self.errors, f"/addenda/{field}", "needs")


def parse(data: bytes, iss: str, sub: str, aud: str) -> Dict[str, Any]:
    """The map of a payload, checked; all its errors at once."""
    value = cbor.decode(data)
    check(value, iss, sub, aud)
    return value


def check(value: Any, iss: str, sub: str, aud: str) -> None:
    """Refuses a payload with all its errors, or with `not-understood`."""
    errors = preamble(value)
    if errors:
        raise PayloadFault(errors)
    payload = Payload(value, iss, sub, aud)
    check_sequence_and_addenda(payload)
    check_withheld(payload)
    check_fields(payload)
    check_required_texts(payload)
    check_sub(payload)
    rules.check_rules(payload)
    if payload.errors:
        raise PayloadFault(payload.errors)


def preamble(value: Any) -> Errors:
    """Type and vocabulary come first: what they say decides how the rest is read."""
    errors: Errors = []
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        fail(errors, "", "wrong-type")
        return errors
    for key in ("type", "vocabulary"):
        if key not in value:
            fail(errors, f"/{key}", "required")
        elif not isinstance(value[key], str):
            fail(errors, f"/{key}", "wrong-type")
    if not errors and (value["type"] not in table.TYPES or value["vocabulary"] not in table.VOCABULARIES):
        raise not_understood(f"type {value['type']}, vocabulary {value['vocabulary']}")
    return errors


def check_sequence_and_addenda(payload: Payload) -> None:
    """`sequence` and `addenda` are always there."""
    errors, fields = payload.errors, payload.fields
    if "sequence" not in fields:
        fail(errors, "/sequence", "required")
    else:
        forms.number(fields["sequence"], "/sequence", errors, 1, forms.MAX_NUMBER)
    if "addenda" not in fields:
        return fail(errors, "/addenda", "required")
    if not isinstance(fields["addenda"], dict) or not all(isinstance(k, str) for k in fields["addenda"]):
        return fail(errors, "/addenda", "wrong-type")
    payload.addenda, payload.addenda_read = fields["addenda"], True
    if len(payload.addenda) > MAX_ADDENDA:
        fail(errors, "/addenda", "too-long")
    allowed = table.texts(payload.kind)
    seen: List[bytes] = []
    for field, digest in payload.addenda.items():
        if field not in allowed:
            fail(errors, f"/addenda/{field}", "unknown-field")
        forms.byte_string(digest, f"/addenda/{field}", errors, 32)
        if digest in seen:
            fail(errors, f"/addenda/{field}", "duplicate")
        seen.append(digest)
    return None


def check_withheld(payload: Payload) -> None:
    """`withheld`: a non-empty map from addenda to a ground and perhaps a day."""
    if "withheld" not in payload.fields:
        return
    value, errors = payload.fields["withheld"], payload.errors
    if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
        return fail(errors, "/withheld", "wrong-type")
    if not value:
        return fail(errors, "/withheld", "empty")
    for field, terms in value.items():
        path = f"/withheld/{field}"
        if field not in payload.addenda:
            fail(errors, path, "needs")
            continue
        if not forms.members(terms, path, errors, ["ground"], ["until"]):
            continue
        if "ground" in terms:
            forms.code(terms["ground"], f"{path}/ground", errors, table.codes("withheld_ground"))
        if "until" in terms:
            forms.day(terms["until"], f"{path}/until", errors)
    return None


def check_fields(payload: Payload) -> None:
    """Every field of the type's row, and no other, each of its form."""
    required, optional = payload.row["required"], payload.row["optional"]
    for field in required:
        if not payload.has(field):
            fail(payload.errors, f"/{field}", "required")
    for field, value in payload.fields.items():
        if field in ("type", "vocabulary", "sequence", "addenda", "withheld"):
            continue
        if field not in required and field not in optional:
            fail(payload.errors, f"/{field}", "unknown-field")
            continue
        forms.check(value, f"/{field}", payload.errors, field, payload.vocabulary)


def check_required_texts(payload: Payload) -> None:
    """The texts that every statement of the type has."""
    for field in payload.row["required_addenda"]:
        if not payload.may_lack(field):
            payload.addendum_exactly_if(field, True)


def check_sub(payload: Payload) -> None:
    """`sub` is a subject, the log itself, the provider that the statement is about, or the subject of its target."""
    wanted = payload.row["sub"]
    if wanted == "log":
        good = payload.sub == f"log:{payload.aud}"
    elif wanted == "provider":
        good = is_about(payload, payload.iss if payload.kind in OF_ITS_ISSUER else payload.fields.get("provider"))
    elif wanted == "target":
        targets = payload.fields.get("targets")
        one = not payload.known("targets") or (len(targets) == 1 and "entry" in targets[0])
        good = one or is_about(payload, payload.fields.get("provider", payload.iss))
    else:
        good = subject_kind(payload.sub) == "subject"
    if not good:
        fail(payload.errors, "", "sub")


def is_about(payload: Payload, provider: Any) -> bool:
    """Whether `sub` names that provider; any provider if the field that says which is missing or misread."""
    if provider is None or payload.misread("provider"):
        return subject_kind(payload.sub) == "provider"
    return payload.sub == f"provider:{provider}"


def fault_of(data: bytes, iss: str, sub: str, aud: str) -> Fault:
    """The fault of a payload that must not pass."""
    try:
        parse(data, iss, sub, aud)
    except Fault as fault:
        return fault
    raise AssertionError("the payload passes")
