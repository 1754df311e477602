"""Right and wrong values of each form in authoring JSON, and what else a field needs beside it."""
from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .. import table
from .draft_lines import ENTRY, ORDER

FOLLOWS = {"relation": "follows", **ENTRY}
OUTSIDE = {"relation": "follows", "uri": "https://a.example/"}
COURT = {"kind": "court_order", "order": ORDER}
BELL = "a\u0007b"

CONTEXT: Dict[str, Dict[str, Any]] = {
    "end_date_visibility_restriction": {"decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED"},
    "end_date_monetary_restriction": {"decision_monetary": "DECISION_MONETARY_SUSPENSION"},
    "end_date_service_restriction": {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"},
    "end_date_account_restriction": {"decision_account": "DECISION_ACCOUNT_SUSPENDED"},
    "decision_visibility": {"decision_visibility_other": "Other."},
    "decision_monetary": {"decision_monetary_other": "Other."},
    "content_type": {"content_type_other": "Other."},
    "decision_visibility_other": {"decision_visibility": ["DECISION_VISIBILITY_OTHER"]},
    "decision_monetary_other": {"decision_monetary": "DECISION_MONETARY_OTHER"},
    "content_type_other": {"content_type": ["CONTENT_TYPE_OTHER"]},
    "category_specification_other": {"category_specification": ["KEYWORD_OTHER"]},
    "decision_ground": {name: "Words." for name in ("illegal_content_legal_ground", "illegal_content_explanation",
                                                    "incompatible_content_ground", "incompatible_content_explanation")},
    "illegal_content_legal_ground": {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_explanation": "Words."},
    "illegal_content_explanation": {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground": "Words."},
    "attribution": {"attributed_to": "Somebody"},
    "attributed_to": {"attribution": "press"},
    "attribution_source": {"attribution": "press", "attributed_to": "Somebody"},
    "attributed_puid": {"attribution": "press", "attributed_to": "Somebody"},
    "attributed_at": {"attribution": "press", "attributed_to": "Somebody"},
    "order_authority": {"legal_basis": COURT},
    "order_reference": {"legal_basis": COURT},
    "items_list": {"items": 2},
    "removed": {"items": None, "acted_at": "2025-06-01T00:00:00Z"},
}
"""What else a line says so that a field may be there."""

RIGHT: Dict[str, List[Any]] = {
    "day": ["2024-02-29", "1990-01-01", "2099-12-31", "2025-06-30 00:00:00"],
    "instant": ["2022-09-03T21:00:00Z", "2022-09-03T21:00:00+02:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
    "positive": [2], "count": [1],
    "text": ["Words.", "one\n\ttwo \u00fc"], "url": ["https://a.example/", "http://a.example/?q=1"], "puid": ["A-z_09"],
    "texts": ["https://a.example/1", ["b", "a", "b"]], "digest32": ["0a" * 32],
    "content_id": [{"EAN-13": "4006381333931"}],
    "text_names": ["contact", ["puid", "contact", "puid"]], "field_names": ["redress", ["redress", "contact"]],
    "legal_basis": [{"kind": "statute", "statute_id": "ELI:a/b_(1)-2.3"}, {**COURT, "jurisdiction": "EU"},
                    {"kind": "authority_order", "order": {**ORDER, "issued": "2025-01-01T00:00:00Z", "received": "2025-01-01T01:00:00+01:00", "deadline": "2025-01-01T01:00:00Z"}}],
    "attribution": ["press", {"kind": "mirror"}],
    "relates_to": [[FOLLOWS], [OUTSIDE, {"relation": "reverses", "entry": "puid:p-0"}, {"relation": "modifies", "entry": "sequence:7"}],
                   [OUTSIDE, OUTSIDE], [FOLLOWS, {**FOLLOWS, "relation": "modifies"}]],
    "targets": [["puid:p-0", "sequence:7", ENTRY], [{"first": 1, "last": 1048576}], [{"first": 5, "last": 9}, {"first": 1, "last": 4}, ENTRY, ENTRY]],
}
"""Right values, by form."""

RELATES_TO: List[Tuple[Any, str, str]] = [
    ("follows", "", "wrong-type"), (FOLLOWS, "", "wrong-type"), (["follows"], "/0", "wrong-type"), ([FOLLOWS, FOLLOWS], "/1", "duplicate"), ([{"relation": "hates", **ENTRY}], "/0/relation", "not-a-code"), ([ENTRY], "/0/relation", "required"),
    ([{"relation": "follows"}], "/0", "required"), ([{**FOLLOWS, "uri": "https://a.example/"}], "/0", "required"), ([{"relation": "follows", "entry": "01"}], "/0/entry", "grammar"), ([{"relation": "follows", "entry": "puid:"}], "/0/entry", "grammar"),
    ([{"relation": "follows", "entry": "sequence:0"}], "/0/entry", "grammar"), ([{"relation": "follows", "entry": 7}], "/0/entry", "wrong-type"), ([{"relation": "follows", "uri": "ftp://a.example/"}], "/0/uri", "grammar"), ([{"relation": "follows", "uri": 7}], "/0/uri", "wrong-type"),
    ([{**FOLLOWS, "by": "x"}], "/0/by", "unknown-field"), ([{"relation": "follows", "entry": f"sequence:{n}"} for n in range(1, 66)], "", "too-long"),
]
TARGETS: List[Tuple[Any, str, str]] = [
    ("puid:p-0", "", "wrong-type"), (ENTRY, "", "wrong-type"), ([7], "/0", "wrong-type"), (["p-0"], "/0", "grammar"), (["01" * 32], "/0", "grammar"), (["puid:"], "/0", "grammar"), (["sequence:0"], "/0", "grammar"), (["sequence:9007199254740992"], "/0", "grammar"),
    ([{"entry": "01"}], "/0/entry", "grammar"), ([{"entry": 7}], "/0/entry", "wrong-type"), ([{**ENTRY, "first": 1}], "/0/first", "unknown-field"), ([{"first": 1}], "/0/last", "required"), ([{"last": 1}], "/0/first", "required"), ([{"first": 0, "last": 1}], "/0/first", "out-of-range"),
    ([{"first": "1", "last": 1}], "/0/first", "wrong-type"), ([{"first": 2, "last": 1}], "/0/last", "out-of-range"), ([{"first": 1, "last": 1048577}], "/0/last", "out-of-range"), ([ENTRY, {"first": 1, "last": 5}, {"first": 5, "last": 6}], "/2", "duplicate"),
    ([{"first": 1, "last": 2, "iss": "x"}], "/0/iss", "unknown-field"),
]
LEGAL_BASIS: List[Tuple[Any, str, str]] = [
    ("emergency", "", "wrong-type"), ({"jurisdiction": "DE"}, "/kind", "required"), ({"kind": "whim"}, "/kind", "not-a-code"), ({"kind": 7}, "/kind", "wrong-type"), ({"kind": "statute"}, "/statute_id", "required"), ({"kind": "emergency", "statute_id": "Art. 5"}, "/statute_id", "grammar"),
    ({"kind": "emergency", "jurisdiction": "WORLD"}, "/jurisdiction", "not-a-code"), ({"kind": "emergency", "by": "x"}, "/by", "unknown-field"), ({"kind": "court_order"}, "/order", "required"), ({"kind": "emergency", "order": ORDER}, "/order", "forbidden"),
    ({"kind": "court_order", "order": "yes"}, "/order", "wrong-type"), ({"kind": "court_order", "order": {"country": "DE"}}, "/order/authority_kind", "required"), ({"kind": "court_order", "order": {**ORDER, "country": "XX"}}, "/order/country", "not-a-code"),
    ({"kind": "court_order", "order": {**ORDER, "issued": "yesterday"}}, "/order/issued", "grammar"), ({"kind": "court_order", "order": {**ORDER, "issued": 7}}, "/order/issued", "wrong-type"), ({"kind": "court_order", "order": {**ORDER, "reference": "x"}}, "/order/reference", "unknown-field"),
]
WRONG: Dict[str, List[Tuple[Any, str, str]]] = {
    "code": [("unknown", "", "not-a-code"), (7, "", "wrong-type"), (["unknown"], "", "wrong-type")],
    "codes": [(["unknown"], "", "not-a-code"), ([7], "/0", "wrong-type"), ({"unknown": 1}, "", "wrong-type")],
    "day": [("2023-02-29", "", "grammar"), ("1989-12-31", "", "out-of-range"), ("2100-01-01", "", "out-of-range"), (20250601, "", "wrong-type"), ("2025-6-1", "", "grammar"), ("2025-06-01T00:00:00Z", "", "grammar")],
    "instant": [("yesterday", "", "grammar"), (7, "", "wrong-type"), ("1969-12-31T23:59:59Z", "", "grammar"), ("2022-09-03", "", "grammar"), ("2022-02-30T00:00:00Z", "", "grammar"), ("2022-09-03T21:00:00", "", "grammar")],
    "positive": [(0, "", "out-of-range"), (-1, "", "out-of-range"), (2**53, "", "out-of-range"), ("1", "", "wrong-type"), (1.5, "", "wrong-type"), (True, "", "wrong-type")],
    "count": [(-1, "", "out-of-range"), (2**53, "", "out-of-range"), ("1", "", "wrong-type"), (1.5, "", "wrong-type")],
    "text": [(7, "", "wrong-type"), (BELL, "", "grammar"), (["Words."], "", "wrong-type")],
    "url": [(7, "", "wrong-type"), ("ftp://a.example/", "", "grammar"), ("https://a.example/\n", "", "grammar")],
    "puid": [(7, "", "wrong-type"), ("a b", "", "grammar"), ("\u00fc", "", "grammar")],
    "texts": [(7, "", "wrong-type"), (["a", 7], "/1", "wrong-type"), ([BELL], "/0", "grammar"), (["a", BELL], "/1", "grammar")],
    "digest32": [(7, "", "wrong-type"), ("0A" * 32, "", "grammar"), ("0a", "", "grammar")],
    "content_id": [("4006381333931", "", "wrong-type"), ({"EAN-13": "400638133393"}, "/EAN-13", "grammar"), ({"EAN-13": 4006381333931}, "/EAN-13", "wrong-type"), ({"GTIN": "4006381333931", "EAN-13": "4006381333931"}, "/GTIN", "unknown-field")],
    "text_names": [("diary", "", "not-a-code"), (["category"], "", "not-a-code"), (7, "", "wrong-type"), ([7], "/0", "wrong-type")],
    "field_names": [("diary", "", "not-a-code"), (["category"], "", "not-a-code"), (["puid"], "", "not-a-code"), (7, "", "wrong-type"), (["contact", 7], "/1", "wrong-type")],
    "legal_basis": LEGAL_BASIS, "relates_to": RELATES_TO, "targets": TARGETS,
    "attribution": [("rumour", "/kind", "not-a-code"), (7, "", "wrong-type"), ({"kind": "press", "by": "x"}, "/by", "unknown-field"), ({"kind": 7}, "/kind", "wrong-type")],
}
"""Wrong values, by form: where the error stands in the field, and its rule."""


OF_FIELDS: Dict[str, List[Any]] = {
    "first": [1], "last": [3, 65538],
    "provider_role": ["search"], "period_start": ["2025-06-01 00:00:00"], "period_end": ["2099-12-31"],
    "subject": ["asn:64512"],
}
"""Right values of fields that not every value of their form suits."""


def right(field: str, vocabulary: str) -> List[Any]:
    """Right values of a field."""
    row = table.FIELDS[field]
    if field in OF_FIELDS:
        return OF_FIELDS[field]
    if row["form"] in ("code", "codes"):
        known = sorted(table.codes(row["codes"], vocabulary))
        return [known[0]] if row["form"] == "code" else [known[0], known[:1]]
    return RIGHT[row["form"]]


def wrong(field: str) -> List[Tuple[Any, str, str]]:
    """Wrong values of a field; of a text also one that is too long."""
    row = table.FIELDS[field]
    if field == "subject":
        return [("site.example", "", "grammar"), (7, "", "wrong-type")]
    values = list(WRONG[row["form"]])
    if row["form"] in ("text", "url", "puid"):
        values.append(("https://a.example/".ljust(row["max"] + 1, "x").replace(":", "x" if row["form"] == "puid" else ":"), "", "too-long"))
    if row["form"] == "texts":
        values.append((["x" * (row["max"] + 1)], "/0", "too-long"))
    return values
