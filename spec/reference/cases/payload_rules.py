"""The rules that join the fields of a payload; the numbers are those of `spec/payload.md`."""
from __future__ import annotations

from copy import deepcopy
from typing import Any, Dict

from .. import table
from ..rules import NEEDS
from . import world

ORDER = {"authority_kind": "court", "country": "DE"}
LEAF, LEAF_2 = bytes([1]) * 32, bytes([2]) * 32
VERSION_1: Dict[str, Any] = {"vocabulary": "dsa-tdb/1", "category": "STATEMENT_CATEGORY_VIOLENCE"}


def slug(name: str) -> str:
    """A name as a part of a file name."""
    return name.replace("_", "-")


def but(fields: Dict[str, Any], *addenda: str, **more: Any) -> Dict[str, Any]:
    """A copy with more addenda and fields."""
    return {**world.with_texts(fields, *addenda), **more}


def no(fields: Dict[str, Any], *addenda: str) -> Dict[str, Any]:
    """A copy with fewer addenda."""
    copy = deepcopy(fields)
    for name in addenda:
        del copy["addenda"][name]
    return copy


def add_rules(made: Any) -> None:
    """Every rule, kept and broken."""
    add_measures(made)
    add_others(made)
    add_grounds(made)
    add_sources(made)
    add_bases(made)
    add_roles(made)
    add_relations(made)
    add_locators(made)
    add_voids(made)


def add_measures(made: Any) -> None:
    """Rules 1 and 2."""
    decision = world.decision(1)
    made.bad("measure-missing", "measure-required", "", "A decision that restricts nothing.", world.without(decision, "infrastructure_measure"))
    for end, base in NEEDS.items():
        made.bad(f"{slug(end)}-without-restriction", "needs", f"/{end}", f"An end without {base}.", {**decision, end: "2023-01-01"})


def add_others(made: Any) -> None:
    """Rule 3."""
    host = world.platform_decision(1)
    for text, field, value in (("decision_visibility_other", "decision_visibility", ["DECISION_VISIBILITY_OTHER"]), ("decision_monetary_other", "decision_monetary", "DECISION_MONETARY_OTHER"),
                               ("content_type_other", "content_type", ["CONTENT_TYPE_OTHER"])):
        made.good(slug(text), "A text says what `other` means.", but(host, text, **{field: value}))
        made.bad(f"{slug(text)}-missing", "required", f"/addenda/{text}", "`other` without a text.", {**host, field: value})
        made.bad(f"{slug(text)}-surplus", "forbidden", f"/addenda/{text}", "A text without `other`.", but(host, text))
    made.good("category-specification-other", "A text beside keywords.", but(host, "category_specification_other", category_specification=["KEYWORD_PHISHING"]))
    made.bad("category-specification-other-alone", "needs", "/addenda/category_specification_other", "A text without keywords.", but(host, "category_specification_other"))


def add_grounds(made: Any) -> None:
    """Rule 4."""
    host = world.platform_decision(1)
    incompatible = ("incompatible_content_ground", "incompatible_content_explanation")
    illegal = ("illegal_content_legal_ground", "illegal_content_explanation")
    bare = no(host, *incompatible)
    lawless = but(bare, *illegal, decision_ground="DECISION_GROUND_ILLEGAL_CONTENT")
    made.good("ground-illegal", "A law is named.", lawless)
    made.good("ground-incompatible-and-illegal", "Incompatible, and illegal too.", {**host, "incompatible_content_illegal": "Yes"})
    made.good("ground-of-a-proxy", "An infrastructure provider may name a ground.", but(world.decision(1), *illegal, decision_ground="DECISION_GROUND_ILLEGAL_CONTENT"))
    for text in incompatible:
        made.bad(f"{slug(text)}-missing", "required", f"/addenda/{text}", "The ground's text.", no(host, text))
        made.bad(f"{slug(text)}-with-illegal", "forbidden", f"/addenda/{text}", "The other ground's text.", but(lawless, text))
        made.bad(f"{slug(text)}-without-ground", "forbidden", f"/addenda/{text}", "A text without a ground.", but(world.decision(1), text))
    for text in illegal:
        made.bad(f"{slug(text)}-missing", "required", f"/addenda/{text}", "The ground's text.", no(lawless, text))
        made.bad(f"{slug(text)}-with-incompatible", "forbidden", f"/addenda/{text}", "The other ground's text.", but(host, text))
        made.bad(f"{slug(text)}-without-ground", "forbidden", f"/addenda/{text}", "A text without a ground.", but(world.decision(1), text))
    made.bad("incompatible-content-illegal-with-illegal", "forbidden", "/incompatible_content_illegal", "A field of the other ground.", {**lawless, "incompatible_content_illegal": "No"})
    made.bad("incompatible-content-illegal-without-ground", "forbidden", "/incompatible_content_illegal", "A field without a ground.", {**world.decision(1), "incompatible_content_illegal": "No"})


def add_sources(made: Any) -> None:
    """Rules 5, 6 and 8."""
    decision, host = world.decision(1), world.platform_decision(1)
    made.good("source-identity", "Who gave notice, withheld.", but(host, "source_identity", withheld={"source_identity": {"ground": "personal_data"}}))
    made.bad("source-identity-voluntary", "forbidden", "/addenda/source_identity", "Nobody gave notice.", but(decision, "source_identity"))
    made.bad("category-addition-repeats", "duplicate", "/category_addition", "The category again.", {**decision, "category_addition": [decision["category"]]})
    made.good("attribution", "Somebody else's decision, reported.", but(decision, "attributed_to", "attribution_source", attribution={"kind": "press"}))
    made.bad("attributed-to-missing", "required", "/addenda/attributed_to", "Whose decision is not said.", {**decision, "attribution": {"kind": "press"}})
    made.bad("attributed-to-alone", "forbidden", "/addenda/attributed_to", "Nothing says that it is somebody else's.", but(decision, "attributed_to"))
    made.bad("attribution-source-alone", "needs", "/addenda/attribution_source", "A source of nothing.", but(decision, "attribution_source"))
    attributed = but(decision, "attributed_to")
    for name, rule, path, value in (("unknown", "not-a-code", "/attribution/kind", {"kind": "rumour"}), ("kind-missing", "required", "/attribution/kind", {}),
                                    ("member-unknown", "unknown-field", "/attribution/by", {"kind": "press", "by": "x"}), ("text", "wrong-type", "/attribution", "press")):
        made.bad(f"attribution-{name}", rule, path, "Not an attribution.", {**attributed, "attribution": value})


def add_bases(made: Any) -> None:
    """Rule 7."""
    decision = world.decision(1)

    def good(name: str, *addenda: str, **basis: Any) -> None:
        made.good(f"legal-basis-{name}", "A legal basis.", but(decision, *addenda, legal_basis=basis))

    def bad(name: str, rule: str, path: str, basis: Any, *addenda: str) -> None:
        made.bad(f"legal-basis-{name}", rule, path, "A legal basis that is wrong.", but(decision, *addenda, legal_basis=basis))

    for kind in sorted(table.codes("legal_basis_kind") - {"statute", "court_order", "authority_order"}):
        good(slug(kind), kind=kind)
    good("court-order", "order_authority", "order_reference", kind="court_order", jurisdiction="DE", order={**ORDER, "issued": 1, "received": 2, "deadline": 3})
    good("authority-order", kind="authority_order", order={**ORDER, "authority_kind": "regulator"})
    good("statute", kind="statute", jurisdiction="EU", statute_id="http://data.europa.eu/eli/reg/2022/2065/oj")
    good("statute-in-words", "instrument", "provision", kind="statute", jurisdiction="INT")
    for kind in sorted(table.codes("legal_basis_kind")):
        if kind in ("court_order", "authority_order"):
            bad(f"{slug(kind)}-without-order", "required", "/legal_basis/order", {"kind": kind})
        elif kind != "statute":
            bad(f"{slug(kind)}-with-order", "forbidden", "/legal_basis/order", {"kind": kind, "order": ORDER})
    bad("statute-with-order", "forbidden", "/legal_basis/order", {"kind": "statute", "statute_id": "x", "order": ORDER})
    bad("statute-unnamed", "required", "/legal_basis/statute_id", {"kind": "statute"})
    bad("kind-missing", "required", "/legal_basis/kind", {"jurisdiction": "DE"})
    bad("kind-unknown", "not-a-code", "/legal_basis/kind", {"kind": "whim"})
    bad("jurisdiction-unknown", "not-a-code", "/legal_basis/jurisdiction", {"kind": "emergency", "jurisdiction": "XX"})
    bad("jurisdiction-world", "not-a-code", "/legal_basis/jurisdiction", {"kind": "emergency", "jurisdiction": "WORLD"})
    for name, value in (("with-space", "Art. 5"), ("unicode", "\u00a7130"), ("empty", ""), ("129-characters", "x" * 129)):
        bad(f"statute-id-{name}", "grammar", "/legal_basis/statute_id", {"kind": "terms_of_service", "statute_id": value})
    bad("member-unknown", "unknown-field", "/legal_basis/text", {"kind": "emergency", "text": "imminent danger"})
    bad("text", "wrong-type", "/legal_basis", "emergency")
    order = {"kind": "court_order", "order": ORDER}
    bad("order-authority-unknown", "not-a-code", "/legal_basis/order/authority_kind", {**order, "order": {**ORDER, "authority_kind": "mayor"}})
    bad("order-authority-missing", "required", "/legal_basis/order/authority_kind", {**order, "order": {"country": "DE"}})
    bad("order-country-unknown", "not-a-code", "/legal_basis/order/country", {**order, "order": {**ORDER, "country": "ZZ"}})
    bad("order-country-missing", "required", "/legal_basis/order/country", {**order, "order": {"authority_kind": "court"}})
    bad("order-issued-day", "wrong-type", "/legal_basis/order/issued", {**order, "order": {**ORDER, "issued": "2022-09-03"}})
    bad("order-deadline-negative", "out-of-range", "/legal_basis/order/deadline", {**order, "order": {**ORDER, "deadline": -1}})
    bad("order-member-unknown", "unknown-field", "/legal_basis/order/reference", {**order, "order": {**ORDER, "reference": "1 BvR 1/22"}})
    for text in ("order_authority", "order_reference"):
        bad(f"{slug(text)}-without-order", "needs", f"/addenda/{text}", {"kind": "emergency"}, text)
    made.good("no-action-on-an-order", "An order that is refused.", but(world.no_action(1), "order_reference", legal_basis=order))
    made.bad("no-action-order-missing", "required", "/legal_basis/order", "An order without its particulars.", but(world.no_action(1), legal_basis={"kind": "court_order"}))


def add_roles(made: Any) -> None:
    """Rule 9."""
    decision, host = world.decision(1), world.platform_decision(1)
    made.good("role-other", "A role of which nothing is known needs no content fields.", {**decision, "provider_role": "other"})
    made.good("role-other-with-content", "And may have them.", {**host, "provider_role": "other"})
    for role in sorted(table.TABLE["role_groups"]["infrastructure"]["roles"]):
        made.bad(f"role-{slug(role)}-with-content-date", "forbidden", "/content_date", "A role that never held the content.", {**decision, "provider_role": role, "content_date": "2022-01-01"})
    for field, value in (("content_type", ["CONTENT_TYPE_TEXT"]), ("content_language", "DE"), ("content_id", {"EAN-13": "4006381333931"})):
        made.bad(f"role-proxy-with-{slug(field)}", "forbidden", f"/{field}", "A role that never held the content.", {**decision, field: value})
        made.bad(f"role-proxy-refusal-with-{slug(field)}", "forbidden", f"/{field}", "The same for a refusal.", {**world.no_action(1), field: value})
    for role in sorted(table.TABLE["role_groups"]["content"]["roles"]):
        made.bad(f"role-{slug(role)}-without-content-type", "required", "/content_type", "A role that holds the content.", {**world.without(host, "content_type"), "provider_role": role})
    made.good("no-action-of-a-host", "A refusal need not state the content's type.", {**world.no_action(1), "provider_role": "host"})


def add_relations(made: Any) -> None:
    """Rule 10."""
    decision = world.decision(1)
    entry = {"relation": "precedent", "entry": LEAF}
    outside = {"relation": "follows"}
    made.good("relates-to-entries", "Two entries, in the author's order.", {**decision, "relates_to": [{"relation": "reverses", "entry": LEAF_2}, entry]})
    made.good("relates-to-uri", "Something outside this log.", but(decision, "relates_to_uri", relates_to=[outside, entry, outside]))
    made.good("relates-to-same-entry-otherwise", "Two relations to one entry.", {**decision, "relates_to": [entry, {"relation": "modifies", "entry": LEAF}]})
    made.bad("relates-to-uri-missing", "required", "/addenda/relates_to_uri", "Outside, but where?", {**decision, "relates_to": [outside]})
    made.bad("relates-to-uri-surplus", "forbidden", "/addenda/relates_to_uri", "A URI that no relation needs.", but(decision, "relates_to_uri", relates_to=[entry]))
    made.bad("relates-to-uri-alone", "forbidden", "/addenda/relates_to_uri", "A URI without relations.", but(decision, "relates_to_uri"))
    for name, rule, path, value in (("empty", "empty", "/relates_to", []), ("65", "too-long", "/relates_to", [{"relation": "precedent", "entry": bytes([i]) * 32} for i in range(65)]),
                                    ("twice", "duplicate", "/relates_to/1", [entry, entry]), ("unknown", "not-a-code", "/relates_to/0/relation", [{"relation": "hates", "entry": LEAF}]),
                                    ("relation-missing", "required", "/relates_to/0/relation", [{"entry": LEAF}]), ("entry-short", "grammar", "/relates_to/0/entry", [{**entry, "entry": LEAF[:31]}]),
                                    ("entry-hex", "wrong-type", "/relates_to/0/entry", [{**entry, "entry": LEAF.hex()}]), ("uri-in-the-entry", "unknown-field", "/relates_to/0/uri", [{**entry, "uri": "https://a.example/"}]),
                                    ("map", "wrong-type", "/relates_to", entry), ("text-element", "wrong-type", "/relates_to/0", ["precedent"])):
        made.bad(f"relates-to-{name}", rule, path, "Not a list of relations.", {**decision, "relates_to": value})
    made.good("items-list", "A list of what one decision covers, withheld.", but(decision, "items_list", items=3, withheld={"items_list": {"ground": "private_notice"}}))
    made.bad("items-list-without-items", "needs", "/addenda/items_list", "A list without its count.", but(decision, "items_list"))


def add_locators(made: Any) -> None:
    """Rule 11."""
    for keyword in sorted(table.LOCATOR_KEYWORDS):
        name, wanted = slug(keyword.lower())[len("keyword-"):], {"category_specification": [keyword]}
        if keyword not in table.codes("category_specification"):
            wanted.update(VERSION_1)
        made.bad(f"locator-{name}", "must-be-withheld", "/addenda/content_url", "A locator that would do harm.", but(world.decision(1), "content_url", **wanted))
    keyword = {"category_specification": ["KEYWORD_TERRORIST_CONTENT"]}
    withheld = {field: {"ground": "illegal_content_locator"} for field in ("content_url", "items_list", "subject")}
    made.good("locators-withheld", "Every locator withheld.", but(world.decision(1), *withheld, items=2, withheld=withheld, **keyword))
    made.bad("locator-items-list", "must-be-withheld", "/addenda/items_list", "A list of locators.", but(world.decision(1), "items_list", items=2, **keyword))
    made.bad("locator-subject", "must-be-withheld", "/addenda/subject", "A pseudonym's meaning may be a locator.", but(world.decision(1), "subject", **keyword))
    made.good("locator-subject-domain", "The domain is named openly.", but(world.decision(1), "subject", **keyword), "domain:site.example")
    made.good("locator-subject-asn", "The autonomous system is named openly.", but(world.decision(1), "subject", **keyword), "asn:64512")
    made.good("locator-other-keyword", "Another keyword: the provider's choice.", but(world.decision(1), "content_url", category_specification=["KEYWORD_PHISHING"]))
    made.bad("locator-refusal", "must-be-withheld", "/addenda/content_url", "The same for a refusal.", but(world.no_action(1), "content_url", **keyword))


def add_voids(made: Any) -> None:
    """Rule 12."""
    made.good("void-one", "One number.", world.void(1, 2, 2))
    made.good("void-widest", "65,536 numbers.", world.void(1, 2, 65537))
    made.good("void-below", "Numbers below its own.", world.void(9, 3, 8))
    made.bad("void-backwards", "out-of-range", "/last", "last before first.", world.void(1, 3, 2))
    made.bad("void-too-wide", "out-of-range", "/last", "65,537 numbers.", world.void(1, 2, 65538))
    for name, own in (("first", 2), ("middle", 3), ("last", 4)):
        made.bad(f"void-of-itself-{name}", "out-of-range", "/sequence", "Its own number among them.", world.void(own, 2, 4))
    made.bad("void-first-zero", "out-of-range", "/first", "Numbers begin with 1.", world.void(5, 0, 2))
