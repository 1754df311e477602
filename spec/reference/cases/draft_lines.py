"""Right lines of authoring JSON, one for each type, and where each code set has its place in one."""
from __future__ import annotations

import json
from typing import Any, Callable, Dict, List

from .. import table

Line = Dict[str, Any]

PROXY: Line = {
    "puid": "p-1", "provider_role": "reverse_proxy", "infrastructure_measure": ["block_page"],
    "category": "STATEMENT_CATEGORY_VIOLENCE", "application_date": "2025-06-01", "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No", "automated_decision": "AUTOMATED_DECISION_FULLY",
    "legal_basis": {"kind": "emergency"}, "decision_facts": "Facts.",
}
HOST: Line = {
    **PROXY, "provider_role": "host", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "content_type": ["CONTENT_TYPE_TEXT"],
    "content_date": "2025-05-01", "incompatible_content_ground": "Section 4",
    "incompatible_content_explanation": "Not allowed.",
}
REFUSAL: Line = {
    "type": "no_action", "puid": "p-1", "provider_role": "reverse_proxy", "category": "STATEMENT_CATEGORY_VIOLENCE",
    "source_type": "SOURCE_ARTICLE_16", "automated_decision": "AUTOMATED_DECISION_FULLY", "refusal_reason": "policy",
    "decision_facts": "Facts.",
}
ENTRY = {"entry": "01" * 32}
LINES: Dict[str, Line] = {
    "decision": PROXY,
    "host": HOST,
    "no_action": REFUSAL,
    "amendment": {"type": "amendment", "targets": [ENTRY], "amendment_reason": "incomplete", "items": 2},
    "outcome": {"type": "outcome", "targets": [ENTRY], "procedure": "court", "result": "upheld"},
    "lifted": {"type": "lifted", "targets": [ENTRY], "end_date": "2025-07-01", "lifted_reason": "expired"},
    "withdrawal": {"type": "withdrawal", "targets": ["puid:p-1"]},
    "sealed": {"type": "sealed", "statement": PROXY, "withheld": {"sealed_statement": {"ground": "confidential_order"}}},
    "redaction": {"type": "redaction", "targets": [ENTRY], "fields": ["puid"], "redaction_ground": "error", "requested_by": "provider"},
    "declaration": {"type": "declaration", "period_start": "2025-06-01", "period_end": "2025-06-30", "decisions_taken": 3, "not_published": 1,
                    "first_sequence": 1, "last_sequence": 2},
    "void": {"type": "void", "first": 3, "last": 4, "void_reason": "outbox_lost"},
}
"""The least that each type has to say; `host` is a decision by a role that holds the content."""

EXPLAINED = {"decision_visibility_other": "Other.", "decision_monetary_other": "Other.", "content_type_other": "Other.",
             "illegal_content_legal_ground": "Law.", "illegal_content_explanation": "Illegal."}
"""Texts that some codes ask for, and that are left out under the others."""

ORDER = {"authority_kind": "court", "country": "DE"}


def copy(line: Line, **more: Any) -> Line:
    """A deep copy with other members; None takes one away."""
    made = json.loads(json.dumps(line))
    made.update(json.loads(json.dumps(more)))
    return {name: value for name, value in made.items() if value is not None}


def with_role(role: str) -> Line:
    """A decision in a role, with the fields that the role has."""
    content = table.role_group(role)["required_in_decision"]
    return copy(HOST if content else PROXY, provider_role=role)


def with_basis(kind: str) -> Line:
    """A decision on a legal basis, with what that kind asks for."""
    order = {"order": ORDER} if str(kind).endswith("_order") else {}
    return copy(PROXY, legal_basis={"kind": kind, "statute_id": "32022R2065", **order})


def in_order(**more: Any) -> Line:
    """A decision on an order."""
    return copy(PROXY, legal_basis={"kind": "court_order", "order": {**ORDER, **more}})


PLACES: Dict[str, Callable[[str], Line]] = {
    "language": lambda code: copy(HOST, content_language=code),
    "territory": lambda code: copy(PROXY, territorial_scope=[code]),
    "jurisdiction": lambda code: copy(PROXY, legal_basis={"kind": "emergency", "jurisdiction": code}),
    "country": lambda code: in_order(country=code),
    "authority_kind": lambda code: in_order(authority_kind=code),
    "provider_role": with_role,
    "legal_basis_kind": with_basis,
    "relation": lambda code: copy(PROXY, relates_to=[{"relation": code, **ENTRY}]),
    "yes_no": lambda code: copy(PROXY, authority_notified=code),
    "attribution_kind": lambda code: copy(PROXY, attribution=code, attributed_to="Somebody"),
    "withheld_ground": lambda code: copy(PROXY, withheld={"decision_facts": {"ground": code}}),
    "refusal_reason": lambda code: copy(REFUSAL, refusal_reason=code),
    "source_kind": lambda code: copy(PROXY, source_kind=code),
    "infrastructure_measure": lambda code: copy(PROXY, infrastructure_measure=code),
    "redress": lambda code: copy(PROXY, redress=[code]),
    "amendment_reason": lambda code: copy(LINES["amendment"], amendment_reason=code),
    "procedure": lambda code: copy(LINES["outcome"], procedure=code),
    "result": lambda code: copy(LINES["outcome"], result=code),
    "lifted_reason": lambda code: copy(LINES["lifted"], lifted_reason=code),
    "redaction_ground": lambda code: copy(LINES["redaction"], redaction_ground=code),
    "requested_by": lambda code: copy(LINES["redaction"], requested_by=code),
    "void_reason": lambda code: copy(LINES["void"], void_reason=code),
}
"""A line with a code of one of our own sets in it."""

PATHS = {
    "language": "/content_language", "territory": "/territorial_scope", "jurisdiction": "/legal_basis/jurisdiction",
    "country": "/legal_basis/order/country", "authority_kind": "/legal_basis/order/authority_kind",
    "legal_basis_kind": "/legal_basis/kind", "relation": "/relates_to/0/relation", "yes_no": "/authority_notified",
    "attribution_kind": "/attribution/kind", "withheld_ground": "/withheld/decision_facts/ground",
}
"""Where the error of such a code stands, if not at the field of the set's name."""

NOT_WRITTEN = ("purpose", "retirement_reason")
"""Sets of types that are not written as lines."""


def european(field: str, code: Any, version: str) -> Line:
    """A host's decision with a European code, or several, in a field."""
    base = copy(HOST, **EXPLAINED, vocabulary=version)
    return copy(base, **{field: code})


def fields_of(kind: str) -> List[str]:
    """Every field and text that a line of a type can have."""
    row = table.TYPES["decision" if kind == "host" else kind]
    names = row["required"] + row["optional"] + table.texts(row_name(kind))
    return [name for name in names if name not in ("relates_to_uri", "sealed_statement", "provider")]


def row_name(kind: str) -> str:
    """The type of a line."""
    return "decision" if kind == "host" else kind
