"""Whole lines: how members join, what is left out, what is withheld, and what is sealed."""
from __future__ import annotations

from typing import Any

from .draft_lines import ENTRY, HOST, LINES, PROXY, REFUSAL, Line, copy

KEYWORD = {"category_specification": ["KEYWORD_TERRORIST_CONTENT"]}
URL = "https://a.example/"
GROUND = {"ground": "other"}


def add_whole(made: Any) -> None:
    """Every case of the file `lines`."""
    for kind, line in LINES.items():
        made.add(kind, line)
        made.add(f"{kind} with absent members", {**copy(line), "contact": "", "withheld": copy(line).get("withheld", {}), "items": copy(line).get("items"), "redress": []})
    add_frames(made)
    add_subjects(made)
    add_left_out(made)
    add_withheld(made)
    add_sealed(made)
    add_rules(made)
    add_amendments(made)


def add_frames(made: Any) -> None:
    """Lines, types and vocabularies."""
    made.add("array", [PROXY], " wrong-type")
    made.add("text", "decision", " wrong-type")
    made.add("empty", {}, *[f"/{field} required" for field in ("application_date", "automated_decision", "automated_detection", "category", "decision_facts", "legal_basis", "provider_role", "puid", "source_type")], " measure-required")
    for kind in ("verdict", "Decision", "genesis", "enrolment", "key_retirement", "tick", "disclosure", "conflict", "keys", "policy", "closure"):
        made.add(f"type {kind}", copy(PROXY, type=kind, colour="red"), "/type not-a-code")
    for kind in ("amendment", "outcome", "lifted", "withdrawal", "redaction", "declaration", "void"):
        made.add(f"{kind} with an id", copy(LINES[kind], id="A-z_09"))
    for name, value, rule in (("with a space", "a b", "grammar"), ("number", 7, "wrong-type"), ("too long", "x" * 501, "too-long")):
        made.add(f"id {name}", copy(LINES["lifted"], id=value), f"/id {rule}")
    for kind in ("decision", "no_action", "sealed"):
        made.add(f"{kind} with an id", copy(LINES[kind], id="x"), "/id forbidden")
    made.add("id inside what is sealed", copy(LINES["sealed"], statement={**PROXY, "id": "x"}), "/statement/id forbidden")
    made.add("reference to an id", copy(LINES["withdrawal"], targets=["id:x", "puid:x"]))
    made.add("reference to no id", copy(LINES["withdrawal"], targets=["id:"]), "/targets/0 grammar")
    made.add("void of one", copy(LINES["void"], first=1, last=1))
    made.add("void of many", copy(LINES["void"], first=1, last=65536))
    made.add("void of too many", copy(LINES["void"], first=1, last=65537), "/last out-of-range")
    made.add("void backwards", copy(LINES["void"], first=5), "/last out-of-range")
    made.add("type number", copy(PROXY, type=1), "/type not-a-code")
    for name in ("dsa-tdb/0", "dsa-tdb/3", "DSA-TDB/2", "2"):
        made.add(f"vocabulary {name}", copy(PROXY, vocabulary=name), "/vocabulary not-a-code")
    made.add("type and vocabulary", copy(PROXY, type="x", vocabulary="y"), "/type not-a-code", "/vocabulary not-a-code")
    for name in ("sequence", "addenda", "sub", "iss", "aud", "iat", "provider", "relates_to_uri", "sealed_statement", "statement", "targets", "refusal_reason"):
        made.add(f"member {name}", {**copy(PROXY), name: "x"}, f"/{name} unknown-field")
    made.add("product number of the dumps", copy(HOST, content_id_ean="4006381333931"))
    made.add("product number of the dumps, letters", copy(HOST, content_id_ean="400638133393X"), "/content_id_ean grammar")
    made.add("product number of the dumps, number", copy(HOST, content_id_ean=4006381333931), "/content_id_ean wrong-type")
    made.add("product number of the dumps, version 1", copy(HOST, content_id_ean="4006381333931", vocabulary="dsa-tdb/1"), "/content_id_ean forbidden")
    made.add("product number of the dumps, proxy", copy(PROXY, content_id_ean="4006381333931"), "/content_id_ean forbidden")
    made.add("every error at once", copy(PROXY, category="FRAUD", decision_facts=7, acted_at="yesterday", legal_basis=None, colour="red", application_date="2025-13-01", withheld={"puidd": False}, puid="a b"),
             "/acted_at grammar", "/application_date grammar", "/category not-a-code", "/colour unknown-field", "/decision_facts wrong-type", "/legal_basis required", "/puid grammar", "/withheld/puidd unknown-field")


def add_subjects(made: Any) -> None:
    """`subject` and `subject_in_entry`."""
    for subject in ("domain:site.example", "url:https://a.example/x", "account:somebody", "asn:64512"):
        made.add(f"subject {subject}", copy(PROXY, subject=subject))
        made.add(f"subject {subject} of a refusal", copy(REFUSAL, subject=subject, subject_in_entry=False))
    for subject in ("domain:site.example", "asn:64512"):
        made.add(f"subject in the entry {subject}", copy(PROXY, subject=subject, subject_in_entry=True))
    for name, subject, rule in (("bare", "site.example", "grammar"), ("empty kind", "domain:", "grammar"), ("other kind", "person:x", "grammar"), ("number", 7, "wrong-type"), ("control character", "url:a\u0007", "grammar"), ("too long", "url:" + "x" * 2045, "too-long")):
        made.add(f"subject {name}", copy(PROXY, subject=subject), f"/subject {rule}")
    made.add("subject in the entry, a URL", copy(PROXY, subject="url:https://a.example/", subject_in_entry=True), "/subject_in_entry needs")
    made.add("subject in the entry, none", copy(PROXY, subject_in_entry=True), "/subject_in_entry needs")
    made.add("subject in the entry, text", copy(PROXY, subject="asn:64512", subject_in_entry="yes"), "/subject_in_entry wrong-type")
    for subject in ("domain:SITE.example", "domain:localhost", "asn:0", "asn:4294967296"):
        made.add(f"subject in the entry {subject}", copy(PROXY, subject=subject, subject_in_entry=True), "/subject sub")
    made.add("subject in the entry, wrong itself", copy(PROXY, subject="site.example", subject_in_entry=True), "/subject grammar")
    for name in ("subject", "subject_in_entry"):
        made.add(f"{name} of a lifted", {**copy(LINES["lifted"]), name: "asn:64512"}, f"/{name} unknown-field")


def add_left_out(made: Any) -> None:
    """What the European database drops without a word."""
    others = {name: "Words." for name in ("decision_visibility_other", "decision_monetary_other", "content_type_other")}
    illegal = {"illegal_content_legal_ground": "Words.", "illegal_content_explanation": "Words."}
    incompatible = {"incompatible_content_ground": "Words.", "incompatible_content_explanation": "Words.", "incompatible_content_illegal": "No"}
    made.add("other texts left out", copy(HOST, **others))
    made.add("texts of the other ground left out", copy(HOST, **illegal))
    made.add("texts of both grounds left out", copy(PROXY, **illegal, **incompatible))
    made.add("texts of the incompatible ground left out", copy(HOST, **illegal, **incompatible, decision_ground="DECISION_GROUND_ILLEGAL_CONTENT"))
    made.add("source left out", copy(PROXY, source_type="SOURCE_VOLUNTARY", source_identity="Somebody"))
    made.add("category left out of its additions", copy(PROXY, category_addition=[PROXY["category"], "STATEMENT_CATEGORY_SELF_HARM"]))
    made.add("category left out of its only addition", copy(PROXY, category_addition=PROXY["category"]))
    made.add("left out, too long", copy(HOST, decision_visibility_other="x" * 501))
    made.add("left out, not a text", copy(HOST, decision_visibility_other=7), "/decision_visibility_other wrong-type")
    made.add("left out and withheld", copy(HOST, decision_visibility_other="Words.", withheld={"decision_visibility_other": GROUND}), "/withheld/decision_visibility_other needs")
    made.add("in a refusal", copy(REFUSAL, **illegal), *[f"/{name} unknown-field" for name in illegal])
    amendment = LINES["amendment"]
    made.add("amendment, nothing left out", copy(amendment, **others, **illegal, **incompatible, source_identity="Somebody"))
    made.add("amendment, left out", copy(amendment, **others, **illegal, decision_visibility="DECISION_VISIBILITY_CONTENT_REMOVED", decision_ground="DECISION_GROUND_INCOMPATIBLE_CONTENT", **incompatible))
    made.add("amendment, nothing remains", copy(amendment, items=None, source_type=None, category_addition="", removed=[]), " needs")
    made.add("misread, not left out", copy(HOST, decision_ground="GROUND", illegal_content_explanation="x" * 2001), "/decision_ground not-a-code", "/illegal_content_explanation too-long")
    made.add("misread, texts not asked for", copy(HOST, decision_ground="GROUND", incompatible_content_ground=None), "/decision_ground not-a-code")


def add_withheld(made: Any) -> None:
    """`withheld`, by the author and by default."""
    made.add("withheld", copy(PROXY, withheld={"decision_facts": GROUND, "puid": {"ground": "security", "until": "2027-01-01"}}))
    made.add("withheld until, with a time", copy(PROXY, withheld={"puid": {"ground": "security", "until": "2027-01-01 00:00:00"}}))
    made.add("withheld absent", copy(PROXY, withheld={"decision_facts": None, "contact": None}))
    made.add("withheld without terms", copy(PROXY, withheld={"decision_facts": {}}), "/withheld/decision_facts/ground required")
    for name, value, path, rule in (
            ("array", ["puid"], "", "wrong-type"), ("text", "puid", "", "wrong-type"), ("true", {"puid": True}, "/puid", "wrong-type"), ("code", {"puid": "other"}, "/puid", "wrong-type"), ("no such text", {"diary": GROUND}, "/diary", "unknown-field"),
            ("entry field", {"category": GROUND}, "/category", "unknown-field"), ("absent text", {"contact": GROUND}, "/contact", "needs"), ("absent text served", {"contact": False}, "/contact", "needs"), ("without ground", {"puid": {"until": "2027-01-01"}}, "/puid/ground", "required"),
            ("other ground", {"puid": {"ground": "shame"}}, "/puid/ground", "not-a-code"), ("not a day", {"puid": {"ground": "other", "until": "soon"}}, "/puid/until", "grammar"), ("another member", {"puid": {**GROUND, "by": "x"}}, "/puid/by", "unknown-field")):
        made.add(f"withheld {name}", copy(PROXY, withheld=value), f"/withheld{path} {rule}")
    made.add("withheld two wrong", copy(PROXY, withheld={"puid": True, "decision_facts": {"ground": "shame"}}), "/withheld/puid wrong-type", "/withheld/decision_facts/ground not-a-code")
    made.add("locator withheld by default", copy(PROXY, **KEYWORD, content_url=URL, items=1, items_list=["a"], subject="domain:site.example"))
    made.add("locator served under another keyword", copy(PROXY, category_specification="KEYWORD_PHISHING", content_url=URL, withheld={"content_url": False}))
    made.add("locator served", copy(PROXY, **KEYWORD, content_url=URL, withheld={"content_url": False}), "/content_url must-be-withheld")
    made.add("locators served", copy(PROXY, **KEYWORD, items=1, items_list=["a"], subject="account:x", withheld={"items_list": False, "subject": False}), "/items_list must-be-withheld", "/subject must-be-withheld")
    made.add("subject served in the entry", copy(PROXY, **KEYWORD, subject="domain:site.example", subject_in_entry=True, withheld={"subject": False}))
    made.add("locator of version 1", copy(PROXY, vocabulary="dsa-tdb/1", category_specification=["KEYWORD_IMAGE_BASED_SEXUAL_ABUSE"], content_url=URL, withheld={"content_url": False}), "/content_url must-be-withheld")
    made.add("locator served, keyword misread", copy(PROXY, category_specification=["KEYWORD_TERRORIST_CONTENT", "X"], content_url=URL, withheld={"content_url": False}), "/category_specification not-a-code")
    made.add("private notice", copy(REFUSAL, source_kind="user", contact="x", source_identity="Somebody"))
    made.add("private notice served", copy(REFUSAL, source_kind="rights_holder", withheld={"decision_facts": False}))
    for kind in ("lifted", "outcome", "withdrawal", "redaction", "declaration"):
        text = f"{kind}_explanation"
        made.add(f"{kind} explanation withheld", copy(LINES[kind], **{text: "Words."}, withheld={text: GROUND}))


def add_sealed(made: Any) -> None:
    """What is sealed is a line inside a line."""
    sealed = LINES["sealed"]
    made.add("sealed refusal", copy(sealed, statement=REFUSAL))
    made.add("sealed with its own withheld", copy(sealed, statement={**PROXY, "content_url": URL, "withheld": {"decision_facts": GROUND}}))
    made.add("sealed withheld by default", copy(sealed, withheld=None))
    made.add("sealed until", copy(sealed, withheld={"sealed_statement": {"ground": "confidential_order", "until": "2026-01-01"}}))
    made.add("sealed served", copy(sealed, withheld={"sealed_statement": False}), "/statement must-be-withheld")
    made.add("sealed, not an object", copy(sealed, statement="words"), "/statement wrong-type")
    made.add("sealed, wrong inside", copy(sealed, statement={**PROXY, "category": "FRAUD", "colour": "red", "legal_basis": {"kind": "court_order"}}), "/statement/category not-a-code", "/statement/colour unknown-field", "/statement/legal_basis/order required")
    made.add("sealed, no measure inside", copy(sealed, statement=copy(PROXY, infrastructure_measure=None)), "/statement measure-required")
    for kind in ("sealed", "lifted", "void"):
        made.add(f"sealed {kind} inside", copy(sealed, statement=LINES.get(kind, {"type": kind})), "/statement/type not-a-code")
    made.add("sealed with a field beside", copy(sealed, category=PROXY["category"]), "/category unknown-field")
    made.add("sealed ground unknown", copy(sealed, withheld={"sealed_statement": {"ground": "shame"}}), "/withheld/sealed_statement/ground not-a-code")
    made.add("statement in the other version", copy(sealed, statement={**PROXY, "vocabulary": "dsa-tdb/1"}))


def add_rules(made: Any) -> None:
    """Rules that join fields, at the paths of the line."""
    made.add("no measure", copy(PROXY, infrastructure_measure=None), " measure-required")
    made.add("misread measure", copy(PROXY, infrastructure_measure="shrug"), "/infrastructure_measure not-a-code")
    made.add("end without restriction", copy(PROXY, end_date_account_restriction="2025-07-01"), "/end_date_account_restriction needs")
    made.add("other without its text", copy(HOST, decision_visibility="DECISION_VISIBILITY_OTHER"), "/decision_visibility_other required")
    made.add("keyword text alone", copy(HOST, category_specification_other="Words."), "/category_specification_other needs")
    made.add("ground without its texts", copy(HOST, incompatible_content_ground=None, incompatible_content_explanation=None), "/incompatible_content_ground required", "/incompatible_content_explanation required")
    made.add("order text alone", copy(PROXY, order_reference="1 BvR 1/22"), "/order_reference needs")
    made.add("order text, basis misread", copy(PROXY, order_reference="1 BvR 1/22", legal_basis="court_order"), "/legal_basis wrong-type")
    made.add("statute in words", copy(PROXY, legal_basis={"kind": "statute"}, instrument="A law"))
    made.add("attributed to alone", copy(PROXY, attributed_to="Somebody"), "/attributed_to forbidden")
    made.add("attribution alone", copy(PROXY, attribution="press"), "/attributed_to required")
    made.add("attributed puid alone", copy(PROXY, attributed_puid="x"), "/attributed_puid needs")
    made.add("attributed at alone", copy(PROXY, attributed_at="2025-06-01T00:00:00Z"), "/attributed_at needs")
    made.add("two errors in a legal basis", copy(PROXY, legal_basis={"kind": "whim", "by": "x"}), "/legal_basis/by unknown-field", "/legal_basis/kind not-a-code")
    made.add("three errors in an order", copy(PROXY, legal_basis={"kind": "court_order", "jurisdiction": "XX", "order": {"authority_kind": 7, "country": "XX", "issued": "now"}}),
             "/legal_basis/jurisdiction not-a-code", "/legal_basis/order/authority_kind wrong-type", "/legal_basis/order/country not-a-code", "/legal_basis/order/issued grammar")
    made.add("member missing and another unknown", copy(PROXY, attribution={"by": "x"}, attributed_to="Somebody"), "/attribution/by unknown-field", "/attribution/kind required")
    made.add("two errors in a relation", copy(PROXY, relates_to=[{"relation": "hates", "entry": "01", "by": "x"}]), "/relates_to/0/by unknown-field", "/relates_to/0/entry grammar", "/relates_to/0/relation not-a-code")
    made.add("errors in two relations", copy(PROXY, relates_to=[{"relation": "hates", **ENTRY}, {"relation": "follows"}, 7]), "/relates_to/0/relation not-a-code", "/relates_to/1 required", "/relates_to/2 wrong-type")
    made.add("errors in two targets", copy(LINES["lifted"], targets=[{"entry": "01", "by": "x"}, {"first": 0, "last": "9"}, 7, ENTRY]),
             "/targets/0/by unknown-field", "/targets/0/entry grammar", "/targets/1/first out-of-range", "/targets/1/last wrong-type", "/targets/2 wrong-type")
    mirror = copy(HOST, attribution="mirror", attributed_to="A register", decision_facts=None, incompatible_content_explanation=None)
    made.add("mirror without facts", mirror)
    made.add("mirror misspelt without facts", copy(mirror, attribution="miror"), "/attribution/kind not-a-code")
    made.add("press without facts", copy(mirror, attribution="press"), "/decision_facts required", "/incompatible_content_explanation required")
    made.add("proxy with content type", copy(PROXY, content_type="CONTENT_TYPE_TEXT", content_date="2025-01-01"), "/content_date forbidden", "/content_type forbidden")
    made.add("host without content", copy(PROXY, provider_role="host"), "/content_date required", "/content_type required", "/decision_ground required")
    made.add("items list alone", copy(PROXY, items_list="a"), "/items_list needs")
    made.add("refusal of a host", copy(REFUSAL, provider_role="host", content_type="CONTENT_TYPE_TEXT"))
    month = LINES["declaration"]
    made.add("declaration backwards", copy(month, period_end="2025-05-31"), "/period_end out-of-range")
    made.add("declaration withholds too many", copy(month, not_published=4), "/not_published out-of-range")
    made.add("declaration numbers backwards", copy(month, first_sequence=3), "/last_sequence out-of-range")
    made.add("declaration half a range", copy(month, first_sequence=None), "/last_sequence needs")
    made.add("declaration heartbeat", copy(month, decisions_taken=0, not_published=0, first_sequence=None, last_sequence=None))
    made.add("declaration misread", copy(month, decisions_taken="3"), "/decisions_taken wrong-type")
    made.add("redaction with provider", copy(LINES["redaction"], provider="https://other.example"), "/provider forbidden")
    made.add("redaction by range", copy(LINES["redaction"], targets=[{"first": 1, "last": 9}]))


def add_amendments(made: Any) -> None:
    """Rule 14."""
    amendment: Line = LINES["amendment"]
    made.add("amendment says nothing", copy(amendment, items=None), " needs")
    made.add("amendment explanation alone", copy(amendment, items=None, amendment_explanation="Words."))
    made.add("amendment removed alone", copy(amendment, items=None, removed="contact"))
    made.add("amendment removes what it brings", copy(amendment, removed=["items"]), "/removed duplicate")
    made.add("amendment removes a text that it brings", copy(amendment, removed=["contact"], contact="x"), "/removed duplicate")
    made.add("amendment locator", copy(amendment, content_url=URL, items_list=["a"]))
    made.add("amendment locator served", copy(amendment, content_url=URL, items_list=["a"], withheld={"content_url": False, "items_list": False}), "/content_url must-be-withheld", "/items_list must-be-withheld")
    made.add("amendment with puid", copy(amendment, puid="x"), "/puid unknown-field")
    made.add("amendment role forbids", copy(amendment, provider_role="cdn", content_date="2025-01-01"), "/content_date forbidden")
    made.add("amendment role asks for nothing", copy(amendment, provider_role="host"))
    made.add("amendment basis without order", copy(amendment, legal_basis={"kind": "court_order"}), "/legal_basis/order required")
    made.add("amendment outside without uri", copy(amendment, relates_to=[{"relation": "follows", "uri": URL}]))
    made.add("amendment without targets", copy(amendment, targets=[]), "/targets required")
    made.add("amendment of many", copy(amendment, targets=[ENTRY, "puid:p-1", {"first": 3, "last": 9}]))
