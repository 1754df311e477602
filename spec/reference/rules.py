"""The rules that join the fields of a payload; the numbers are those of `spec/payload.md`."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List

from . import table
from .forms import fail

if TYPE_CHECKING:
    from .payload import Payload

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

MIRROR_MAY_LACK = ["decision_facts", "illegal_content_explanation", "incompatible_content_explanation"]
"""Texts that some registers leave out, so that a mirror of them cannot have them (rule 8)."""

AMENDMENT_FRAME = {"targets", "amendment_reason"}
"""Of an amendment, what does not say by itself that anything changes (rule 14)."""


def check_rules(payload: Payload) -> None:
    """Every rule that concerns the type."""
    RULES.get(payload.kind, lambda _: None)(payload)
    if payload.fields["vocabulary"] == "dsa-tdb/1":  # 19
        for field in table.TABLE["in_version_2_only"]:
            payload.forbid(field)


def check_decision(payload: Payload) -> None:
    """The rules 1 to 11 for a decision or a refusal."""
    if payload.kind == "decision" and not any(payload.has(field) for field in MEASURES):  # 1
        fail(payload.errors, "", "measure-required")
    for field, base in NEEDS.items():  # 2
        if payload.has(field) and not payload.has(base):
            fail(payload.errors, f"/{field}", "needs")
    payload.addendum_needs("category_specification_other", payload.has("category_specification"))  # 3
    payload.addendum_needs("items_list", payload.has("items"))  # 10
    check_shared(payload)
    check_locators(payload)


def check_amendment(payload: Payload) -> None:
    """Rule 14: what an amendment says holds together in itself; what it leaves alone is not asked for."""
    check_shared(payload)
    for field in table.LOCATOR_FIELDS:
        check_withheld(payload, field)
    said = [name for name in table.TYPES["amendment"]["required"] + table.TYPES["amendment"]["optional"] if payload.has(name)]
    texts = [name for name in table.texts("amendment") if name in payload.addenda]
    if payload.addenda_read and not texts and not set(said) - AMENDMENT_FRAME:
        fail(payload.errors, "", "needs")
    if any(name in payload.fields or name in payload.addenda for name in payload.codes("removed")):
        fail(payload.errors, "/removed", "duplicate")


def check_shared(payload: Payload) -> None:
    """The rules 3 to 10, in an amendment only as far as the field that decides stands in it."""
    for addendum, (field, other) in OTHERS.items():  # 3
        if payload.decides(field) and addendum in table.texts(payload.kind):
            payload.addendum_exactly_if(addendum, other in payload.codes(field))
    if payload.kind != "no_action" and payload.decides("decision_ground"):  # 4
        check_grounds(payload)
    if payload.fields.get("source_type") == "SOURCE_VOLUNTARY" and "source_identity" in payload.addenda:  # 5
        fail(payload.errors, "/addenda/source_identity", "forbidden")
    if set(payload.codes("category")) & set(payload.codes("category_addition")):  # 6
        fail(payload.errors, "/category_addition", "duplicate")
    if payload.decides("legal_basis"):  # 7
        check_legal_basis(payload)
    if payload.kind != "amendment" or payload.has("attribution"):  # 8
        check_attribution(payload)
    check_role(payload)  # 9
    if payload.decides("relates_to"):  # 10
        outside = any("entry" not in element for element in payload.fields.get("relates_to", []))
        payload.addendum_exactly_if("relates_to_uri", outside)


def check_grounds(payload: Payload) -> None:
    """Rule 4: the texts of the ground that is named are there; those of the other one, or of none, are not."""
    named = payload.fields.get("decision_ground")
    for ground, texts in GROUNDS.items():
        for field in texts:
            if named != ground or not payload.may_lack(field):
                payload.addendum_exactly_if(field, named == ground)
    if named != "DECISION_GROUND_INCOMPATIBLE_CONTENT":
        payload.forbid("incompatible_content_illegal")


def check_legal_basis(payload: Payload) -> None:
    """Rule 7: an order exactly for the two kinds of order; a statute is named by identifier or in words."""
    basis = payload.fields.get("legal_basis", {})
    is_order = basis.get("kind") in ("court_order", "authority_order")
    if is_order and "order" not in basis:
        fail(payload.errors, "/legal_basis/order", "required")
    if not is_order and "order" in basis:
        fail(payload.errors, "/legal_basis/order", "forbidden")
    named = "statute_id" in basis or "instrument" in payload.addenda or not payload.addenda_read
    if basis.get("kind") == "statute" and not named:
        fail(payload.errors, "/legal_basis/statute_id", "required")
    for field in ("order_authority", "order_reference"):
        payload.addendum_needs(field, "order" in basis)


def check_attribution(payload: Payload) -> None:
    """Rule 8: whose decision it was is said exactly when it was somebody else's."""
    attributed = payload.has("attribution")
    payload.addendum_exactly_if("attributed_to", attributed)
    for field in ("attribution_source", "attributed_puid"):
        payload.addendum_needs(field, attributed)
    if payload.has("attributed_at") and not attributed:
        fail(payload.errors, "/attributed_at", "needs")


def check_role(payload: Payload) -> None:
    """Rule 9: what a role must state in a decision, and what it cannot state truthfully."""
    role = payload.fields.get("provider_role")
    if not isinstance(role, str):
        return
    group = table.role_group(role)
    for field in group["required_in_decision"] if payload.kind == "decision" else []:
        if not payload.has(field):
            fail(payload.errors, f"/{field}", "required")
    for field in group["forbidden"]:
        payload.forbid(field)


def check_locators(payload: Payload) -> None:
    """Rule 11: where a locator would itself do harm, it is withheld."""
    if not table.LOCATOR_KEYWORDS.intersection(payload.codes("category_specification")):
        return
    for field in table.LOCATOR_FIELDS:
        check_withheld(payload, field)
    if not payload.sub.startswith(("domain:", "asn:")):
        check_withheld(payload, "subject")


def check_withheld(payload: Payload, field: str) -> None:
    """A text that must not be served, if it is there."""
    withheld = payload.fields.get("withheld", {})
    if isinstance(withheld, dict) and field in payload.addenda and field not in withheld:
        fail(payload.errors, f"/addenda/{field}", "must-be-withheld")


def check_void(payload: Payload) -> None:
    """Rule 12: first ≤ last, fewer than 65,536 apart, and the statement's own number is not among them."""
    if not payload.known("first", "last", "sequence"):
        return
    first, last, own = (payload.fields[key] for key in ("first", "last", "sequence"))
    if last < first or last - first >= MAX_VOID:
        fail(payload.errors, "/last", "out-of-range")
    elif first <= own <= last:
        fail(payload.errors, "/sequence", "out-of-range")


def check_retirement(payload: Payload) -> None:
    """Rule 13: only a stolen key casts doubt on what it signed before."""
    if payload.has("suspect_from") and payload.known("retirement_reason"):
        if payload.fields["retirement_reason"] != "compromised":
            fail(payload.errors, "/suspect_from", "needs")


def check_one_target(payload: Payload) -> None:
    """Rule 15: one target, a leaf hash."""
    if not payload.known("targets"):
        return
    if len(payload.fields["targets"]) > 1:
        fail(payload.errors, "/targets", "too-long")
    elif "entry" not in payload.fields["targets"][0]:
        fail(payload.errors, "/targets/0", "forbidden")


def check_redaction(payload: Payload) -> None:
    """Rule 16: the registrar says whose texts they are; a provider redacts its own."""
    by_registrar = payload.iss == f"https://{payload.aud}"
    if by_registrar and not payload.has("provider"):
        fail(payload.errors, "/provider", "required")
    if not by_registrar:
        payload.forbid("provider")


def check_declaration(payload: Payload) -> None:
    """Rule 17: a period, a count and a range of numbers, none of them backwards."""
    for least, most, path in (("period_start", "period_end", "period_end"), ("not_published", "decisions_taken", "not_published"),
                              ("first_sequence", "last_sequence", "last_sequence")):
        if payload.known(least, most) and payload.fields[least] > payload.fields[most]:
            fail(payload.errors, f"/{path}", "out-of-range")
    for field, other in (("first_sequence", "last_sequence"), ("last_sequence", "first_sequence")):
        if payload.has(field) and not payload.has(other):
            fail(payload.errors, f"/{field}", "needs")


def check_sealed(payload: Payload) -> None:
    """Rule 18: what may not be told is not sent."""
    check_withheld(payload, "sealed_statement")


RULES: Dict[str, Callable[[Any], None]] = {
    "decision": check_decision, "no_action": check_decision, "amendment": check_amendment, "void": check_void,
    "key_retirement": check_retirement, "disclosure": check_one_target, "conflict": check_one_target,
    "redaction": check_redaction, "declaration": check_declaration, "sealed": check_sealed,
}

__all__: List[str] = ["MIRROR_MAY_LACK", "NEEDS", "check_rules"]
