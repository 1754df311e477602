"""The payload of a statement, judged by the table and by the rules that join its fields."""
from __future__ import annotations

from typing import Any, Dict, List

from . import cbor, forms, table
from .faults import Fault, PayloadFault, not_understood
from .forms import Errors, fail
from .names import subject_kind

MAX_ADDENDA = 32
MAX_VOID = 65536

NEEDS = {
    "end_date_visibility_restriction": "decision_visibility",
    "end_date_monetary_restriction": "decision_monetary",
    "end_date_service_restriction": "decision_provision",
    "end_date_account_restriction": "decision_account",
}
"""An end needs the restriction that ends."""

OTHERS = {
    "decision_visibility_other": ("decision_visibility", "DECISION_VISIBILITY_OTHER"),
    "decision_monetary_other": ("decision_monetary", "DECISION_MONETARY_OTHER"),
    "content_type_other": ("content_type", "CONTENT_TYPE_OTHER"),
}
"""A text that says what `…_OTHER` means: there exactly when the code is."""

MEASURES = ["decision_visibility", "decision_monetary", "decision_provision", "decision_account",
            "infrastructure_measure"]

GROUNDS = {
    "DECISION_GROUND_ILLEGAL_CONTENT": ["illegal_content_legal_ground", "illegal_content_explanation"],
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": ["incompatible_content_ground", "incompatible_content_explanation"],
}


class Payload:
    """A payload while it is judged: its map, the map's addenda, and the errors found so far."""

    def __init__(self, fields: Dict[str, Any], iss: str, sub: str, aud: str) -> None:
        self.fields = fields
        self.iss, self.sub, self.aud = iss, sub, aud
        self.kind: str = fields["type"]
        self.row = table.TYPES[self.kind]
        self.addenda: Dict[str, Any] = fields["addenda"] if isinstance(fields.get("addenda"), dict) else {}
        self.errors: Errors = []

    def has(self, field: str) -> bool:
        """Whether an entry field is there."""
        return field in self.fields

    def misread(self, field: str) -> bool:
        """Whether a field has an error of its own: rules that ask for its value then stay silent, so that one wrong
        value is one error."""
        path = f"/{field}"
        return any(error["path"] == path or error["path"].startswith(path + "/") for error in self.errors)

    def codes(self, field: str) -> List[str]:
        """The codes of a field, one or many; [] if it is absent or misread."""
        value = self.fields.get(field, [])
        if self.misread(field):
            return []
        return value if isinstance(value, list) else [value]

    def addendum_exactly_if(self, field: str, condition: bool) -> None:
        """An addendum that is required under a condition and forbidden otherwise."""
        if condition and field not in self.addenda:
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
    check_sub(payload)
    if payload.kind in ("decision", "no_action"):
        check_decision(payload)
    if payload.kind == "void":
        check_void(payload)
    if payload.kind == "key_retirement" and payload.has("suspect_from"):
        if payload.fields.get("retirement_reason") != "compromised":
            fail(payload.errors, "/suspect_from", "needs")
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
    if not errors and (value["type"] not in table.TYPES or value["vocabulary"] != table.TABLE["vocabulary"]):
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
        payload.addenda = {}
        return fail(errors, "/addenda", "wrong-type")
    if len(payload.addenda) > MAX_ADDENDA:
        fail(errors, "/addenda", "too-long")
    allowed = payload.row["required_addenda"] + payload.row["optional_addenda"]
    seen: List[bytes] = []
    for field, digest in payload.addenda.items():
        if field not in allowed:
            fail(errors, f"/addenda/{field}", "unknown-field")
        forms.byte_string(digest, f"/addenda/{field}", errors, 32)
        if digest in seen:
            fail(errors, f"/addenda/{field}", "duplicate")
        seen.append(digest)
    for field in payload.row["required_addenda"]:
        if field not in payload.addenda:
            fail(errors, f"/addenda/{field}", "required")
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
            forms.code(terms["ground"], f"{path}/ground", errors, "withheld_ground")
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
        row = table.FIELDS[field]
        forms.check(value, f"/{field}", payload.errors, row["form"], row.get("codes", ""))


def check_sub(payload: Payload) -> None:
    """`sub` is a subject, the log itself, or the provider that the statement is about."""
    wanted = payload.row["sub"]
    if wanted == "log":
        good = payload.sub == f"log:{payload.aud}"
    elif wanted == "provider":
        about = payload.iss if payload.kind == "void" else payload.fields.get("provider")
        known = about is not None and not payload.misread("provider")
        good = payload.sub == f"provider:{about}" if known else subject_kind(payload.sub) == "provider"
    else:
        good = subject_kind(payload.sub) == "subject"
    if not good:
        fail(payload.errors, "", "sub")


def check_decision(payload: Payload) -> None:
    """The rules that join the fields of a decision or of a refusal."""
    if payload.kind == "decision" and not any(payload.has(field) for field in MEASURES):
        fail(payload.errors, "", "measure-required")
    for field, base in NEEDS.items():
        if payload.has(field) and not payload.has(base):
            fail(payload.errors, f"/{field}", "needs")
    if payload.kind == "decision" and not payload.misread("decision_ground"):
        check_grounds(payload)
    for addendum, (field, other) in OTHERS.items():
        if addendum in payload.row["optional_addenda"] and not payload.misread(field):
            payload.addendum_exactly_if(addendum, other in payload.codes(field))
    payload.addendum_needs("category_specification_other", payload.has("category_specification"))
    if payload.fields.get("source_type") == "SOURCE_VOLUNTARY" and "source_identity" in payload.addenda:
        fail(payload.errors, "/addenda/source_identity", "forbidden")
    if set(payload.codes("category")) & set(payload.codes("category_addition")):
        fail(payload.errors, "/category_addition", "duplicate")
    check_legal_basis(payload)
    payload.addendum_exactly_if("attributed_to", payload.has("attribution"))
    payload.addendum_needs("attribution_source", payload.has("attribution"))
    check_role(payload)
    check_relations(payload)
    payload.addendum_needs("items_list", payload.has("items"))
    check_locators(payload)


def check_grounds(payload: Payload) -> None:
    """The texts of the ground that is named are there; those of the other one, or of none, are not."""
    named = payload.fields.get("decision_ground")
    for ground, texts in GROUNDS.items():
        for field in texts:
            payload.addendum_exactly_if(field, named == ground)
    if payload.has("incompatible_content_illegal") and named != "DECISION_GROUND_INCOMPATIBLE_CONTENT":
        fail(payload.errors, "/incompatible_content_illegal", "forbidden")


def check_legal_basis(payload: Payload) -> None:
    """An order exactly for the two kinds of order; a statute is named by identifier or in words."""
    if payload.misread("legal_basis"):
        return
    basis = payload.fields.get("legal_basis", {})
    is_order = basis.get("kind") in ("court_order", "authority_order")
    if is_order and "order" not in basis:
        fail(payload.errors, "/legal_basis/order", "required")
    if not is_order and "order" in basis:
        fail(payload.errors, "/legal_basis/order", "forbidden")
    if basis.get("kind") == "statute" and "statute_id" not in basis and "instrument" not in payload.addenda:
        fail(payload.errors, "/legal_basis/statute_id", "required")
    for field in ("order_authority", "order_reference"):
        payload.addendum_needs(field, "order" in basis)


def check_role(payload: Payload) -> None:
    """What a role must state in a decision, and what it cannot state truthfully."""
    role = payload.fields.get("provider_role")
    if not isinstance(role, str):
        return
    group = table.role_group(role)
    for field in group["required_in_decision"] if payload.kind == "decision" else []:
        if not payload.has(field):
            fail(payload.errors, f"/{field}", "required")
    for field in group["forbidden"]:
        if payload.has(field):
            fail(payload.errors, f"/{field}", "forbidden")


def check_relations(payload: Payload) -> None:
    """Relations without an entry have their URI in the addendum `relates_to_uri`, which is there for nothing else."""
    relations = payload.fields.get("relates_to")
    if payload.misread("relates_to"):
        return
    outside = any("entry" not in element for element in relations or [])
    payload.addendum_exactly_if("relates_to_uri", outside)


def check_locators(payload: Payload) -> None:
    """Where a locator would itself do harm, it is withheld."""
    if not table.LOCATOR_KEYWORDS.intersection(payload.codes("category_specification")):
        return
    withheld = payload.fields.get("withheld")
    withheld = withheld if isinstance(withheld, dict) else {}
    fields = list(table.LOCATOR_FIELDS)
    if not payload.sub.startswith(("domain:", "asn:")):
        fields.append("subject")
    for field in fields:
        if field in payload.addenda and field not in withheld:
            fail(payload.errors, f"/addenda/{field}", "must-be-withheld")


def check_void(payload: Payload) -> None:
    """first ≤ last, fewer than 65,536 apart, and the statement's own number is not among them."""
    first, last, own = (payload.fields.get(key) for key in ("first", "last", "sequence"))
    if any(value is None for value in (first, last, own)) or any(map(payload.misread, ("first", "last", "sequence"))):
        return
    if last < first or last - first >= MAX_VOID:
        fail(payload.errors, "/last", "out-of-range")
    elif first <= own <= last:
        fail(payload.errors, "/sequence", "out-of-range")


def fault_of(data: bytes, iss: str, sub: str, aud: str) -> Fault:
    """The fault of a payload that must not pass."""
    try:
        parse(data, iss, sub, aud)
    except Fault as fault:
        return fault
    raise AssertionError("the payload passes")
