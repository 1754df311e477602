"""Payloads of the types that speak of earlier statements, of the registrar's later ones, and of both vocabularies."""
from __future__ import annotations

from typing import Any, Dict, List

from .. import table
from . import later, world
from .later import LEAF, LEAF_2, LEAF_3
from .payload_rules import ORDER, VERSION_1, but, no, slug


def add(made: Any) -> None:
    """Every form and rule of theirs, kept and broken."""
    add_vocabularies(made)
    add_mirrors(made)
    add_amendments(made)
    add_amendment_limits(made)
    add_removed(made)
    add_targets(made)
    add_text_names(made)
    add_subjects(made)
    add_declarations(made)
    add_others(made)


def add_vocabularies(made: Any) -> None:
    """Which version judges the codes, and rule 19."""
    decision, host = world.decision(1), world.platform_decision(1)
    old = {**decision, **VERSION_1}
    made.good("vocabulary-1", "A decision in the first version's codes.", {**old, "category": "STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT", "category_specification": ["KEYWORD_DISINFORMATION"]})
    made.good("vocabulary-1-genesis", "Where there are no codes, the version says nothing.", {**world.genesis(), "vocabulary": "dsa-tdb/1"})
    made.bad("vocabulary-1-category-of-2", "not-a-code", "/category", "A code of the second version.", {**decision, "vocabulary": "dsa-tdb/1"})
    made.bad("vocabulary-1-addition-of-2", "not-a-code", "/category_addition", "A code of the second version.", {**old, "category_addition": ["STATEMENT_CATEGORY_CYBER_VIOLENCE"]})
    made.bad("vocabulary-1-keyword-of-2", "not-a-code", "/category_specification", "A code of the second version.", {**old, "category_specification": ["KEYWORD_CYBER_STALKING"]})
    made.bad("vocabulary-2-keyword-of-1", "not-a-code", "/category_specification", "A code of the first version.", {**decision, "category_specification": ["KEYWORD_DISINFORMATION"]})
    product = {"content_id": {"EAN-13": "4006381333931"}}
    made.bad("vocabulary-1-content-id", "forbidden", "/content_id", "The first version has no such field.", {**host, "vocabulary": "dsa-tdb/1", **product})
    made.bad("vocabulary-1-content-id-of-a-proxy", "forbidden", "/content_id", "Two rules forbid it; the error stands once.", {**old, **product})
    made.bad("vocabulary-1-amendment-content-id", "forbidden", "/content_id", "So in an amendment.", {**later.amendment(2, [LEAF], vocabulary="dsa-tdb/1"), **product})


def add_mirrors(made: Any) -> None:
    """Rule 8."""
    decision, host = world.decision(1), world.platform_decision(1)
    mirror = {"attribution": {"kind": "mirror"}}
    mirrored = but(no(decision, "decision_facts"), "attributed_to", **mirror)
    made.good("mirror-without-facts", "The register has none.", mirrored)
    made.good("mirror-refusal-without-facts", "So for a refusal.", but(no(world.no_action(1), "decision_facts"), "attributed_to", **mirror))
    made.good("mirror-without-explanation", "The register's light form has no explanation.", but(no(host, "incompatible_content_explanation"), "attributed_to", **mirror))
    lawless = but(no(host, "incompatible_content_ground", "incompatible_content_explanation", "decision_facts"), "illegal_content_legal_ground", "attributed_to", decision_ground="DECISION_GROUND_ILLEGAL_CONTENT", **mirror)
    made.good("mirror-without-illegal-explanation", "So for illegal content.", lawless)
    made.bad("mirror-without-ground", "required", "/addenda/incompatible_content_ground", "The ground itself is asked for.", but(no(host, "incompatible_content_ground"), "attributed_to", **mirror))
    made.bad("mirror-without-puid", "required", "/addenda/puid", "The number is asked for.", no(mirrored, "puid"))
    made.bad("mirror-explanation-of-the-other-ground", "forbidden", "/addenda/illegal_content_explanation", "A text may be missing, and not be wrong.", but(host, "attributed_to", "illegal_content_explanation", **mirror))
    made.bad("press-without-facts", "required", "/addenda/decision_facts", "Only a mirror may lack them.", {**mirrored, "attribution": {"kind": "press"}})
    made.bad("mirror-misspelt-without-facts", "not-a-code", "/attribution/kind", "One wrong value is one error.", {**mirrored, "attribution": {"kind": "miror"}})
    made.good("attributed-at-and-puid", "What the register gave it, and when.", but(mirrored, "attributed_puid", attributed_at=world.TIME))
    made.bad("attributed-puid-alone", "needs", "/addenda/attributed_puid", "The number of nothing.", but(decision, "attributed_puid"))
    made.bad("attributed-at-alone", "needs", "/attributed_at", "The time of nothing.", {**decision, "attributed_at": world.TIME})


def amended(*texts: str, **more: Any) -> Dict[str, Any]:
    """An amendment of one entry."""
    return later.amendment(2, [LEAF], *texts, **more)


def add_amendments(made: Any) -> None:
    """Rule 14: what an amendment is not asked for."""
    for name, why, fields in (
            ("removed-alone", "Something is taken away.", amended(removed=["acted_at"])), ("text-alone", "Another text.", amended("decision_facts")), ("explanation-alone", "A text about the amendment itself says something.", amended("amendment_explanation")),
            ("end-alone", "The restriction stands in the target.", amended(end_date_account_restriction="2023-01-01")), ("other-text-alone", "`other` stands in the target.", amended("decision_visibility_other")),
            ("content-type-other-alone", "So with the content's type.", amended("content_type_other")), ("keyword-text-alone", "The keywords stand in the target.", amended("category_specification_other")), ("ground-text-alone", "The ground stands in the target.", amended("incompatible_content_explanation")),
            ("flag-alone", "The ground stands in the target.", amended(incompatible_content_illegal="Yes")), ("order-text-alone", "The order stands in the target.", amended("order_reference")), ("attributed-to-alone", "The attribution stands in the target.", amended("attributed_to")),
            ("attribution-texts-alone", "So with its other texts.", amended("attribution_source", "attributed_puid", attributed_at=1)), ("uri-alone", "The relations stand in the target.", amended("relates_to_uri")), ("source-alone", "The source's type stands in the target.", amended("source_identity")),
            ("role-alone", "A role that asks for more in a decision.", amended(provider_role="host")), ("refusal-reason", "A field of refusals.", amended("refusal_explanation", refusal_reason="policy", notice_received=1)),
            ("ground-whole", "A ground with its texts.", amended("illegal_content_legal_ground", "illegal_content_explanation", decision_ground="DECISION_GROUND_ILLEGAL_CONTENT")),
            ("order-whole", "Another legal basis with its texts.", amended("order_authority", "order_reference", legal_basis={"kind": "court_order", "order": ORDER})),
            ("mirror", "A mirror's ground may lack its explanation.", amended("attributed_to", "illegal_content_legal_ground", attribution={"kind": "mirror"}, decision_ground="DECISION_GROUND_ILLEGAL_CONTENT")),
            ("locators-withheld", "Always withheld; without `items` too.", amended("content_url", "items_list", withheld={field: {"ground": "personal_data"} for field in ("content_url", "items_list")}))):
        made.good(f"amendment-{name}", why, fields)


def add_amendment_limits(made: Any) -> None:
    """Rule 14: what an amendment says holds together in itself."""
    for name, rule, path, why, fields in (
            ("empty", "needs", "", "It changes nothing.", amended()),
            ("other-text-missing", "required", "/addenda/decision_visibility_other", "`other` without a text.", amended(decision_visibility=["DECISION_VISIBILITY_OTHER"])),
            ("other-text-surplus", "forbidden", "/addenda/decision_monetary_other", "A text without `other`.", amended("decision_monetary_other", decision_monetary="DECISION_MONETARY_SUSPENSION")),
            ("ground-text-missing", "required", "/addenda/incompatible_content_explanation", "A ground with one of its texts.", amended("incompatible_content_ground", decision_ground="DECISION_GROUND_INCOMPATIBLE_CONTENT")),
            ("ground-text-of-the-other", "forbidden", "/addenda/illegal_content_explanation", "A text of the other ground.", amended("illegal_content_explanation", "incompatible_content_ground", "incompatible_content_explanation", decision_ground="DECISION_GROUND_INCOMPATIBLE_CONTENT")),
            ("flag-of-the-other", "forbidden", "/incompatible_content_illegal", "A field of the other ground.", amended("illegal_content_legal_ground", "illegal_content_explanation", decision_ground="DECISION_GROUND_ILLEGAL_CONTENT", incompatible_content_illegal="No")),
            ("source-voluntary", "forbidden", "/addenda/source_identity", "Nobody gave notice.", amended("source_identity", source_type="SOURCE_VOLUNTARY")),
            ("category-addition-repeats", "duplicate", "/category_addition", "The category again.", amended(category="STATEMENT_CATEGORY_VIOLENCE", category_addition=["STATEMENT_CATEGORY_VIOLENCE"])),
            ("order-missing", "required", "/legal_basis/order", "An order without its particulars.", amended(legal_basis={"kind": "court_order"})),
            ("order-text-without-order", "needs", "/addenda/order_authority", "There was no order.", amended("order_authority", legal_basis={"kind": "emergency"})),
            ("statute-unnamed", "required", "/legal_basis/statute_id", "Which one?", amended(legal_basis={"kind": "statute"})),
            ("attributed-to-missing", "required", "/addenda/attributed_to", "Whose decision is not said.", amended(attribution={"kind": "press"})),
            ("role-with-content-date", "forbidden", "/content_date", "A role that never held the content.", amended(provider_role="cdn", content_date="2022-01-01")),
            ("uri-missing", "required", "/addenda/relates_to_uri", "Outside, but where?", amended(relates_to=[{"relation": "follows"}])),
            ("uri-surplus", "forbidden", "/addenda/relates_to_uri", "A URI that no relation needs.", amended("relates_to_uri", relates_to=[{"relation": "follows", "entry": LEAF_2}])),
            ("content-url-served", "must-be-withheld", "/addenda/content_url", "The keywords stand in the target, so every locator is withheld.", amended("content_url")),
            ("items-list-served", "must-be-withheld", "/addenda/items_list", "So a list of them.", amended("items_list")),
            ("subject", "unknown-field", "/addenda/subject", "What it is about is not amended.", amended("subject", items=3)),
            ("puid", "unknown-field", "/addenda/puid", "Nor its number.", amended("puid", items=3))):
        made.bad(f"amendment-{name}", rule, path, why, fields)


def add_removed(made: Any) -> None:
    """What an amendment takes away."""
    made.good("removed", "Fields and texts.", amended("decision_monetary_other", removed=["acted_at", "contact", "relates_to", "relates_to_uri"]))
    made.good("removed-all", "Everything that can be taken away.", amended(removed=sorted(table.removable())))
    for name, rule, value in (
            ("required-field", "not-a-code", ["category"]), ("required-in-one-type", "not-a-code", ["legal_basis"]), ("required-text", "not-a-code", ["puid"]), ("subject", "not-a-code", ["subject"]),
            ("of-another-type", "not-a-code", ["void_reason"]), ("unknown", "not-a-code", ["diary"]), ("empty", "empty", []), ("text", "wrong-type", "acted_at"), ("number", "wrong-type", [1]), ("twice", "duplicate", ["acted_at", "acted_at"]),
            ("unsorted", "not-sorted", ["items", "acted_at"])):
        made.bad(f"removed-{name}", rule, "/removed", "Not a set of names that can be taken away.", amended(removed=value))
    made.bad("removed-and-brought", "duplicate", "/removed", "A field that it brings itself.", amended(removed=["acted_at", "items"], items=3))
    made.bad("removed-and-brought-text", "duplicate", "/removed", "A text that it brings itself.", amended("contact", removed=["contact"]))


def add_targets(made: Any) -> None:
    """The form `targets`."""
    def bad(name: str, rule: str, path: str, why: str, value: Any) -> None:
        made.bad(f"targets-{name}", rule, f"/targets{path}", why, {**later.withdrawal(9, [LEAF]), "targets": value}, f"provider:{world.PROXY}")

    pick = later.targets
    for name, why, values in (("two-entries", "Ascending.", [LEAF, LEAF_2]), ("range", "A range.", [(1, 5)]), ("range-of-one", "One number.", [(1, 1)]), ("range-widest", "1,048,576 numbers.", [(1, 1048576)]), ("largest-number", "2^53 - 1.", [(2**53 - 1, 2**53 - 1)]),
                              ("ranges", "Apart, and next to each other.", [(1, 2), (3, 4), (6, 9)]), ("mixed", "Entries, then ranges.", [LEAF, LEAF_2, (1, 2), (4, 9)]), ("1000", "As many as there may be.", [(n, n) for n in range(1, 1001)])):
        made.good(f"targets-{name}", why, later.withdrawal(9999, values))
    bad("empty", "empty", "", "No target.", [])
    bad("1001", "too-long", "", "One too many.", pick([(n, n) for n in range(1, 1002)]))
    bad("map", "wrong-type", "", "One target without its list.", {"entry": LEAF})
    bad("bytes", "wrong-type", "/0", "A leaf hash without its map.", [LEAF])
    bad("entry-short", "grammar", "/0/entry", "31 bytes.", [{"entry": LEAF[:31]}])
    bad("entry-hex", "wrong-type", "/0/entry", "Hex.", [{"entry": LEAF.hex()}])
    bad("entry-and-number", "unknown-field", "/0/first", "An entry or a range.", [{"entry": LEAF, "first": 1}])
    bad("member-unknown", "unknown-field", "/0/iss", "Whose, is said elsewhere.", [{"first": 1, "last": 2, "iss": world.PROXY}])
    bad("first-missing", "required", "/0/first", "Half a range.", [{"last": 2}])
    bad("last-missing", "required", "/0/last", "Half a range.", [{"first": 2}])
    bad("first-zero", "out-of-range", "/0/first", "Numbers begin with 1.", pick([(0, 3)]))
    bad("last-2-53", "out-of-range", "/0/last", "Greater than any number.", pick([(2**53 - 1, 2**53)]))
    bad("last-text", "wrong-type", "/0/last", "Text.", pick([(1, "2")]))
    bad("range-backwards", "out-of-range", "/0/last", "last before first.", pick([(3, 2)]))
    bad("range-too-wide", "out-of-range", "/0/last", "1,048,577 numbers.", pick([(1, 1048577)]))
    bad("entries-unsorted", "not-sorted", "/1", "Descending.", pick([LEAF_2, LEAF]))
    bad("entry-twice", "duplicate", "/1", "The same entry.", pick([LEAF, LEAF]))
    bad("entry-twice-apart", "duplicate", "/2", "The same entry, with another between.", pick([LEAF, LEAF_2, LEAF]))
    bad("entry-behind-a-range", "not-sorted", "/2", "Entries come first.", pick([LEAF, (1, 2), LEAF_2]))
    bad("ranges-unsorted", "not-sorted", "/1", "Descending.", pick([(5, 6), (1, 2)]))
    bad("range-twice", "duplicate", "/1", "The same numbers.", pick([(1, 2), (1, 2)]))
    bad("ranges-touch", "duplicate", "/1", "5 twice.", pick([(1, 5), (5, 6)]))
    bad("range-inside", "duplicate", "/1", "3 and 4 twice.", pick([(1, 5), (3, 4)]))
    bad("ranges-touch-backwards", "duplicate", "/1", "5 twice, and descending.", pick([(5, 9), (1, 5)]))
    bad("first-error-only", "not-sorted", "/1", "The second element is out of order, the third too.", pick([LEAF_3, LEAF_2, LEAF]))
    bad("order-behind-a-wrong-element", "grammar", "/0/entry", "The order is not judged where an element is wrong.", [{"entry": b""}, {"entry": LEAF_2}, {"entry": LEAF}])


def add_text_names(made: Any) -> None:
    """The form `text_names`, and rules 15, 16 and 18."""
    right = later.disclosure(2, LEAF, "decision_facts")
    names: List[str] = sorted(table.ADDENDA)
    made.good("fields-32", "As many as there may be.", {**right, "fields": names[:32]})
    for name, rule, value in (("33", "too-long", names[:33]), ("empty", "empty", []), ("text", "wrong-type", "puid"), ("unknown", "not-a-code", ["diary"]), ("entry-field", "not-a-code", ["category"]), ("twice", "duplicate", ["puid", "puid"]),
                              ("unsorted", "not-sorted", ["puid", "contact"])):
        made.bad(f"fields-{name}", rule, "/fields", "Not a set of names of texts.", {**right, "fields": value})
    for kind, fields in (("disclosure", right), ("conflict", later.conflict(3, LEAF, b"\xd2\x84"))):
        made.bad(f"{kind}-of-two", "too-long", "/targets", "One at a time.", {**fields, "targets": later.targets([LEAF, LEAF_2])})
        made.bad(f"{kind}-of-a-range", "forbidden", "/targets/0", "One entry, by its leaf hash.", {**fields, "targets": later.targets([(1, 2)])})
        made.bad(f"{kind}-of-two-ranges", "too-long", "/targets", "One error.", {**fields, "targets": later.targets([(1, 2), (4, 5)])})
    own, registrars = later.redaction(2, [LEAF], "puid"), later.redaction(3, [LEAF], "puid", provider=world.PROXY)
    made.good("redaction-by-the-registrar", "Of a provider's text.", registrars, iss=world.REGISTRAR)
    made.good("redaction-of-the-registrars-own", "A contact in the genesis.", {**registrars, "provider": world.REGISTRAR}, iss=world.REGISTRAR)
    made.bad("redaction-by-the-registrar-of-nobody", "required", "/provider", "Whose texts?", own, iss=world.REGISTRAR)
    made.bad("redaction-with-provider", "forbidden", "/provider", "A provider redacts its own.", {**own, "provider": world.PROXY})
    made.bad("sealed-not-withheld", "must-be-withheld", "/addenda/sealed_statement", "A gag.", world.without(later.sealed(1), "withheld"))
    made.bad("sealed-with-category", "unknown-field", "/category", "No more may be said.", {**later.sealed(1), "category": "STATEMENT_CATEGORY_VIOLENCE"})


def add_subjects(made: Any) -> None:
    """`sub` of the new types."""
    one, ranged = later.withdrawal(9, [LEAF]), later.withdrawal(9, [(1, 5)])
    made.good("sub-of-one-target", "The target's own may be a provider.", one, f"provider:{world.PROXY}")
    made.good("sub-of-one-target-domain", "Or a domain.", one, "domain:site.example")
    made.bad("sub-of-a-range", "sub", "", "Many have no one subject.", ranged, world.SUBJECT)
    made.bad("sub-of-a-range-of-another", "sub", "", "Another provider.", ranged, f"provider:{world.SHIELD}")
    made.bad("sub-of-two-targets", "sub", "", "Two have no one subject.", later.withdrawal(9, [LEAF, LEAF_2]), world.SUBJECT)
    made.bad("sub-with-wrong-targets", "empty", "/targets", "One wrong value is one error.", {**ranged, "targets": []}, world.SUBJECT)
    many = later.redaction(3, [(1, 5)], "puid", provider=world.PROXY)
    made.good("sub-of-a-registrars-redaction", "The provider whose texts they are.", many, iss=world.REGISTRAR)
    made.bad("sub-of-a-registrars-redaction-its-own", "sub", "", "The registrar.", many, f"provider:{world.REGISTRAR}", iss=world.REGISTRAR)
    for name, fields, sub in (("sealed", later.sealed(1), world.SUBJECT), ("declaration", later.declaration(1), f"provider:{world.SHIELD}"), ("conflict", later.conflict(3, LEAF, b"\xd2"), world.SUBJECT), ("conflict-registrar", later.conflict(3, LEAF, b"\xd2"), f"provider:{world.REGISTRAR}"),
                              ("keys", later.keys(3, world.NEXT_2), f"provider:{world.REGISTRAR}"), ("policy", later.policy(3), "log:other.example/log"), ("closure", later.closure(3), world.SUBJECT)):
        made.bad(f"sub-of-a-{name}", "sub", "", "Not what the type asks for.", fields, sub)


def add_declarations(made: Any) -> None:
    """Rule 17, and the form `count`."""
    month = later.declaration(2, first_sequence=1, last_sequence=9, decisions_taken=9)
    made.good("declaration-heartbeat", "Nothing happened.", later.declaration(2))
    made.good("declaration-one-day", "A period of a day; nothing is published.", {**later.declaration(2), "period_end": "2025-06-01", "decisions_taken": 5, "not_published": 5})
    made.good("declaration-one-number", "One statement.", {**month, "last_sequence": 1, "decisions_taken": 2**53 - 1})
    made.bad("declaration-backwards", "out-of-range", "/period_end", "It ends before it begins.", {**month, "period_end": "2025-05-31"})
    made.bad("declaration-withholds-too-many", "out-of-range", "/not_published", "More than were taken.", {**month, "not_published": 10})
    made.bad("declaration-numbers-backwards", "out-of-range", "/last_sequence", "last before first.", {**month, "first_sequence": 10})
    made.bad("declaration-without-last", "needs", "/first_sequence", "Half a range.", world.without(month, "last_sequence"))
    made.bad("declaration-without-first", "needs", "/last_sequence", "Half a range.", world.without(month, "first_sequence"))
    for name, rule, value in (("negative", "out-of-range", -1), ("2-53", "out-of-range", 2**53), ("text", "wrong-type", "9"), ("boolean", "wrong-type", True)):
        made.bad(f"decisions-taken-{name}", rule, "/decisions_taken", "Not a count.", {**month, "decisions_taken": value})
    made.bad("declaration-wrong-start", "grammar", "/period_start", "One wrong value is one error.", {**month, "period_start": "June"})


def add_others(made: Any) -> None:
    """Optional fields and texts, and what belongs to another type."""
    texts = {"outcome": ("outcome_explanation", "outcome_body"), "lifted": ("lifted_explanation",), "withdrawal": ("withdrawal_explanation",), "disclosure": ("disclosure_explanation",), "redaction": ("redaction_explanation",),
             "declaration": ("declaration_explanation",), "policy": ("contact",), "closure": ("closure_explanation", "contact")}
    bases = {"outcome": later.outcome(2, [LEAF]), "lifted": later.lifted(2, [LEAF]), "withdrawal": later.withdrawal(2, [LEAF]), "disclosure": later.disclosure(2, LEAF, "puid"), "redaction": later.redaction(2, [LEAF], "puid"),
             "declaration": later.declaration(2), "policy": later.policy(3), "closure": later.closure(3)}
    for kind, names in texts.items():
        made.good(f"{kind}-explained", "With every text that the type has.", but(bases[kind], *names))
        made.bad(f"{kind}-void-explanation", "unknown-field", "/addenda/void_explanation", "The text of another type.", but(bases[kind], "void_explanation"))
    made.good("outcome-whole", "When it came in, when it ended, whether it was followed.", {**bases["outcome"], "complaint_received": 0, "decided_at": 253402300799, "implemented": "Yes"})
    made.bad("decided-at-day", "wrong-type", "/decided_at", "An instant.", {**bases["outcome"], "decided_at": "2022-10-01"})
    made.bad("end-date-no-such-day", "grammar", "/end_date", "A day.", {**bases["lifted"], "end_date": "2022-02-30"})
    made.good("redaction-request-received", "When the request came in.", {**bases["redaction"], "request_received": world.TIME})
    made.bad("request-received-negative", "out-of-range", "/request_received", "An instant.", {**bases["redaction"], "request_received": -1})
    key = world.genesis()["registrar_key"]
    made.good("keys-whole", "Every key anew.", later.keys(3, world.NEXT_2, registrar_key=key, log_vkeys=[world.LOG_KEY.encode()], receipt_keys=world.genesis()["receipt_keys"]))
    made.bad("keys-purpose", "unknown-field", "/purpose", "Only the genesis says it.", later.keys(3, world.NEXT_2, purpose="test"))
    made.bad("keys-registrar-key-raw", "grammar", "/registrar_key", "A COSE_Key.", later.keys(3, world.NEXT_2, registrar_key=key[8:]))
    made.good("closure-successor", "The log that goes on.", later.closure(3, successor="log.example/second"))
    made.bad("successor-url", "grammar", "/successor", "An origin.", later.closure(3, successor="https://log.example/second"))
    made.bad("successor-bytes", "wrong-type", "/successor", "Text.", later.closure(3, successor=b"log.example/second"))
    for kind in ("lifted", "withdrawal", "outcome"):
        made.bad(f"{slug(kind)}-with-measure", "unknown-field", "/infrastructure_measure", "A field of decisions.", {**bases[kind], "infrastructure_measure": ["block_page"]})
