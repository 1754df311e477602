"""Payloads: every required field, every code set, every rule that joins fields."""
from __future__ import annotations

from copy import deepcopy
from typing import Any, Dict, Optional

from .. import cbor, note, table
from . import later, later_payloads, payload_rules, world
from .case import Cases

BASES: Dict[str, Dict[str, Any]] = {
    "decision": world.decision(1), "host": world.platform_decision(1), "no_action": world.no_action(1), "void": world.void(1, 2, 3),
    "genesis": world.genesis(), "enrolment": world.enrol(2), "key_retirement": world.retire(2), "tick": world.tick(3, world.signed_checkpoint([])),
    "amendment": later.amendment(2, [later.LEAF], items=3), "outcome": later.outcome(2, [later.LEAF]), "lifted": later.lifted(2, [later.LEAF]), "withdrawal": later.withdrawal(2, [later.LEAF]),
    "sealed": later.sealed(1), "disclosure": later.disclosure(2, later.LEAF, "decision_facts"), "redaction": later.redaction(2, [later.LEAF], "decision_facts"), "declaration": later.declaration(2, first_sequence=1, last_sequence=9),
    "conflict": later.conflict(3, later.LEAF, b"\xd2\x84"), "keys": later.keys(3, world.NEXT_2), "policy": later.policy(3), "closure": later.closure(3),
}
"""A right payload of each type, and of a decision by a host."""


REGISTRARS = ("genesis", "enrolment", "key_retirement", "tick", "conflict", "keys", "policy", "closure")
"""The types that are judged as the registrar's."""


class PayloadCases(Cases):
    """Cases of the family `payload`, with the claims that go with a type."""

    def __init__(self) -> None:
        super().__init__("payload")

    def claims(self, fields: Any, sub: Optional[str], iss: str) -> Dict[str, str]:
        """Issuer, subject and log."""
        kind = fields.get("type") if isinstance(fields, dict) else None
        iss = iss or (world.REGISTRAR if kind in REGISTRARS else world.PROXY)
        known = isinstance(kind, str) and kind in table.TYPES
        return {"iss": iss, "sub": sub or (world.sub_of(fields, iss) if known else world.SUBJECT), "aud": world.ORIGIN}

    def good(self, name: str, why: str, fields: Dict[str, Any], sub: Optional[str] = None, iss: str = "") -> None:
        """A payload that must be accepted."""
        self.valid(name, why, payload=cbor.encode(fields).hex(), **self.claims(fields, sub, iss))

    def bad(self, name: str, rule: str, path: str, why: str, fields: Any, sub: Optional[str] = None, alone: bool = True,
            iss: str = "") -> None:
        """A payload with one error, at that path."""
        where = {} if rule == "not-understood" else {"path": path}
        self.invalid(name, rule, why, where, alone, payload=cbor.encode(fields).hex(), **self.claims(fields, sub, iss))


def cases() -> Cases:
    """The family `payload`."""
    made = PayloadCases()
    for name, fields in BASES.items():
        made.good(name.replace("_", "-"), "The least that this type has to say.", fields)
    add_frame(made)
    add_required(made)
    add_codes(made)
    add_forms(made)
    payload_rules.add_rules(made)
    later_payloads.add(made)
    return made


def slug(path: str) -> str:
    """A path as a part of a file name."""
    return path.strip("/").replace("/", "-").replace("_", "-")


def add_frame(made: PayloadCases) -> None:
    """What every payload has."""
    right = world.decision(1)
    made.bad("not-a-map", "wrong-type", "", "An array.", [1])
    made.bad("integer-key", "wrong-type", "", "An integer as a key.", {**right, 1: "x"})
    made.bad("type-missing", "required", "/type", "No type.", world.without(right, "type"))
    made.bad("type-number", "wrong-type", "/type", "A number.", {**right, "type": 1})
    made.bad("type-unknown", "not-understood", "", "A type of no version.", {**right, "type": "opinion"})
    made.bad("vocabulary-missing", "required", "/vocabulary", "No vocabulary.", world.without(right, "vocabulary"))
    made.bad("vocabulary-3", "not-understood", "", "A version that does not exist.", {**right, "vocabulary": "dsa-tdb/3"})
    made.bad("vocabulary-number", "wrong-type", "/vocabulary", "A number.", {**right, "vocabulary": 2})
    made.bad("sequence-missing", "required", "/sequence", "No number.", world.without(right, "sequence"))
    for name, value in (("zero", 0), ("negative", -1), ("2-53", 2**53)):
        made.bad(f"sequence-{name}", "out-of-range", "/sequence", "1 to 2^53 - 1.", {**right, "sequence": value})
    made.good("sequence-largest", "2^53 - 1.", {**right, "sequence": 2**53 - 1})
    made.bad("sequence-text", "wrong-type", "/sequence", "Text.", {**right, "sequence": "1"})
    made.bad("sequence-boolean", "wrong-type", "/sequence", "true is not 1.", {**right, "sequence": True})
    made.bad("addenda-missing", "required", "/addenda", "`{}` if there are none.", world.without(world.void(1, 2, 3), "addenda"))
    made.bad("addenda-array", "wrong-type", "/addenda", "An array.", {**world.void(1, 2, 3), "addenda": []})
    made.bad("addenda-digest-short", "grammar", "/addenda/puid", "31 bytes.", with_digest("puid", bytes(31)))
    made.bad("addenda-digest-hex", "wrong-type", "/addenda/puid", "Hex.", with_digest("puid", "00" * 32))
    made.bad("addenda-digest-twice", "duplicate", "/addenda/decision_facts", "Two fields with one digest; the second one in the map's order.",
             with_digest("puid", right["addenda"]["decision_facts"]))
    made.bad("addenda-unknown-field", "unknown-field", "/addenda/diary", "A field that does not exist.", with_digest("diary", bytes(32)))
    made.bad("addenda-entry-field", "unknown-field", "/addenda/category", "A field of the entry.", with_digest("category", bytes(32)))
    made.bad("addenda-field-of-another-type", "unknown-field", "/addenda/void_explanation", "A field of another type.", with_digest("void_explanation", bytes(32)))
    made.bad("unknown-field", "unknown-field", "/diary", "A field that does not exist.", {**right, "diary": 1})
    made.bad("field-of-another-type", "unknown-field", "/refusal_reason", "A field of another type.", {**right, "refusal_reason": "policy"})
    made.bad("free-text-in-the-entry", "unknown-field", "/decision_facts", "A text that belongs into an addendum.", {**right, "decision_facts": "words"})
    made.bad("sub-of-a-decision", "sub", "", "A provider as the subject.", right, f"provider:{world.PROXY}")
    made.bad("sub-of-a-void", "sub", "", "Another provider.", world.void(1, 2, 3), f"provider:{world.SHIELD}")
    made.bad("sub-of-an-enrolment", "sub", "", "Another provider.", world.enrol(2), f"provider:{world.SHIELD}")
    made.bad("sub-of-a-retirement", "sub", "", "A pseudonym.", world.retire(2), world.SUBJECT)
    made.bad("sub-of-a-genesis", "sub", "", "Another log.", world.genesis(), "log:other.example/log")
    made.bad("sub-of-a-tick", "sub", "", "The registrar.", BASES["tick"], f"provider:{world.REGISTRAR}")
    made.bad("several-errors", "required", "/application_date", "Three errors; all are told.", {
        **world.without(world.without(right, "application_date"), "category"), "legal_basis": {"kind": "whim"}}, alone=False)
    add_withheld(made)


def with_digest(field: str, digest: Any) -> Dict[str, Any]:
    """A decision with another value among its addenda."""
    fields = deepcopy(world.decision(1))
    fields["addenda"][field] = digest
    return fields


def add_withheld(made: PayloadCases) -> None:
    """`withheld`."""
    right = world.decision(1)
    made.good("withheld", "A text that is withheld for good.", {**right, "withheld": {"decision_facts": {"ground": "ongoing_investigation"}}})
    made.good("withheld-until", "And one until a day.", {**right, "withheld": {"decision_facts": {"ground": "security", "until": "2027-01-01"}}})
    for name, rule, path, value in (
            ("empty", "empty", "/withheld", {}), ("array", "wrong-type", "/withheld", ["decision_facts"]),
            ("not-an-addendum", "needs", "/withheld/content_url", {"content_url": {"ground": "other"}}),
            ("ground-missing", "required", "/withheld/puid/ground", {"puid": {}}), ("ground-unknown", "not-a-code", "/withheld/puid/ground", {"puid": {"ground": "shame"}}),
            ("until-not-a-day", "grammar", "/withheld/puid/until", {"puid": {"ground": "other", "until": "soon"}}),
            ("member-unknown", "unknown-field", "/withheld/puid/note", {"puid": {"ground": "other", "note": "x"}}), ("text", "wrong-type", "/withheld/puid", {"puid": "other"})):
        made.bad(f"withheld-{name}", rule, path, "Terms of withholding that are none.", {**right, "withheld": value})


def add_required(made: PayloadCases) -> None:
    """Each required field and addendum, left out."""
    for kind, fields in BASES.items():
        row = table.TYPES["decision" if kind == "host" else kind]
        fields_of_role = ["content_date", "content_type", "decision_ground"] if kind == "host" else []
        sub = world.sub_of(fields, world.REGISTRAR if kind in REGISTRARS else world.PROXY)
        for field in row["required"] + fields_of_role:
            # Without its ground a host's decision must not have the ground's texts either: that is more than one error.
            alone = field != "decision_ground"
            rule, path = ("required", f"/{field}") if alone else ("forbidden", "/addenda/incompatible_content_explanation")
            made.bad(f"{slug(kind)}-{slug(field)}-missing", rule, path, "A required field is missing.", world.without(fields, field), sub, alone)
        for field in row["required_addenda"]:
            made.bad(f"{slug(kind)}-addenda-{slug(field)}-missing", "required", f"/addenda/{field}", "A required text is missing.",
                     {name: value for name, value in world.without(fields, "addenda", field).items() if name != "withheld"})


CODE_SAMPLES: Dict[str, Any] = {
    "decision_visibility": ("host", ["DECISION_VISIBILITY_CONTENT_DISABLED", "DECISION_VISIBILITY_CONTENT_LABELLED"]), "decision_monetary": ("host", "DECISION_MONETARY_SUSPENSION"),
    "decision_provision": ("decision", "DECISION_PROVISION_TOTAL_SUSPENSION"), "decision_account": ("host", "DECISION_ACCOUNT_SUSPENDED"), "account_type": ("host", "ACCOUNT_TYPE_BUSINESS"),
    "decision_ground": ("host", "DECISION_GROUND_INCOMPATIBLE_CONTENT"), "incompatible_content_illegal": ("host", "No"), "category": ("decision", "STATEMENT_CATEGORY_SELF_HARM"),
    "category_addition": ("decision", ["STATEMENT_CATEGORY_SELF_HARM", "STATEMENT_CATEGORY_VIOLENCE"]), "category_specification": ("decision", ["KEYWORD_DEFAMATION", "KEYWORD_PHISHING"]),
    "content_type": ("host", ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT"]), "content_language": ("host", "DE"), "territorial_scope": ("decision", ["DE", "WORLD"]),
    "source_type": ("decision", "SOURCE_TRUSTED_FLAGGER"), "automated_detection": ("decision", "Yes"), "automated_decision": ("decision", "AUTOMATED_DECISION_FULLY"), "provider_role": ("decision", "cdn"),
    "infrastructure_measure": ("decision", ["block_page", "proxying_stopped"]), "redress": ("decision", ["internal_complaint", "judicial"]), "source_kind": ("decision", "media"),
    "authority_notified": ("decision", "Yes"), "refusal_reason": ("no_action", "not_our_service"), "void_reason": ("void", "test"), "purpose": ("genesis", "demo"), "roles": ("enrolment", ["cdn", "host"]),
    "country": ("enrolment", "NL"), "retirement_reason": ("key_retirement", "left"), "amendment_reason": ("amendment", "wrong_category"), "procedure": ("outcome", "court"), "result": ("outcome", "omitted"),
    "implemented": ("outcome", "No"), "lifted_reason": ("lifted", "order_ended"), "redaction_ground": ("redaction", "personal_data"), "requested_by": ("redaction", "court"),
}
"""For each field of codes: a base that may have it, and another right value."""


def add_codes(made: PayloadCases) -> None:
    """Each enumeration: a right value, an unknown one; of sets, each way of not being one."""
    for field, row in table.FIELDS.items():
        if row["place"] != "entry" or row["form"] not in ("code", "codes"):
            continue
        base, value = CODE_SAMPLES[field]
        fields, name = BASES[base], slug(field)
        made.good(f"{name}-right", "Another value of the code set.", {**fields, field: value})
        unknown = "UNKNOWN_CODE" if row["form"] == "code" else sorted([value[0], "UNKNOWN_CODE"])
        made.bad(f"{name}-unknown", "not-a-code", f"/{field}", "A code that does not exist.", {**fields, field: unknown})
        other_type = [value] if row["form"] == "code" else value[0]
        made.bad(f"{name}-type", "wrong-type", f"/{field}", "One code where a set stands, or a set where one code stands.", {**fields, field: other_type})
        if row["form"] == "codes":
            made.bad(f"{name}-empty", "empty", f"/{field}", "An empty set: absent is absent.", {**fields, field: []})
            made.bad(f"{name}-unsorted", "not-sorted", f"/{field}", "Not in the order of bytes.", {**fields, field: value[::-1]})
            made.bad(f"{name}-twice", "duplicate", f"/{field}", "A code twice.", {**fields, field: value[:1] + value})
    made.bad("category-lower-case", "not-a-code", "/category", "Codes are exact.", {**world.decision(1), "category": "statement_category_violence"})
    made.bad("category-of-version-1", "not-a-code", "/category", "A code of the first vocabulary.", {**world.decision(1), "category": "STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT"})
    made.bad("free-text-as-category", "not-a-code", "/category", "Words in a coded field.", {**world.decision(1), "category": "They were rude"})
    made.good("territorial-scope-world", "Everywhere.", {**world.decision(1), "territorial_scope": ["WORLD"]})


def add_forms(made: PayloadCases) -> None:
    """Days, instants, numbers, names, keys."""
    decision, host = world.decision(1), world.platform_decision(1)

    def at(base: Dict[str, Any], field: str, name: str, rule: str, value: Any, path: str = "") -> None:
        made.bad(f"{slug(field)}-{name}", rule, f"/{field}{path}", "A value that its form does not allow.", {**base, field: value})

    for name, value in (("no-dashes", "20220903"), ("with-time", "2022-09-03T00:00:00Z"), ("short", "2022-9-3"), ("no-such-day", "2022-02-30"), ("no-leap-year", "2023-02-29"), ("month-13", "2022-13-01"),
                        ("other-digits", "\u0662\u0660\u0662\u0662-09-03"), ("empty", "")):
        at(decision, "application_date", name, "grammar", value)
    at(decision, "application_date", "1989", "out-of-range", "1989-12-31")
    at(decision, "application_date", "2100", "out-of-range", "2100-01-01")
    at(decision, "application_date", "number", "wrong-type", 20220903)
    for name, value in (("1990", "1990-01-01"), ("2099", "2099-12-31"), ("leap-day", "2024-02-29")):
        made.good(f"application-date-{name}", "A day at the edge.", {**decision, "application_date": value})
    made.good("all-ends", "Every restriction with its end.", {**host, "decision_monetary": "DECISION_MONETARY_TERMINATION", "decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION",
              "decision_account": "DECISION_ACCOUNT_TERMINATED", **{end: "2023-01-01" for end in payload_rules.NEEDS}})
    made.good("acted-at-largest", "The end of the year 9999.", {**decision, "acted_at": 253402300799})
    at(decision, "acted_at", "too-large", "out-of-range", 253402300800)
    at(decision, "acted_at", "negative", "out-of-range", -1)
    at(decision, "acted_at", "text", "wrong-type", "2022-09-03T12:00:00Z")
    made.good("items", "40,000 items by one decision.", {**decision, "items": 40000})
    at(decision, "items", "zero", "out-of-range", 0)
    at(decision, "items", "2-53", "out-of-range", 2**53)
    made.good("content-id", "An EAN-13.", {**host, "content_id": {"EAN-13": "4006381333931"}})
    at(host, "content_id", "12-digits", "grammar", {"EAN-13": "400638133393"}, "/EAN-13")
    at(host, "content_id", "letters", "grammar", {"EAN-13": "400638133393X"}, "/EAN-13")
    at(host, "content_id", "number", "wrong-type", {"EAN-13": 4006381333931}, "/EAN-13")
    at(host, "content_id", "other-kind", "unknown-field", {"EAN-13": "4006381333931", "GTIN": "x"}, "/GTIN")
    at(host, "content_id", "empty", "required", {}, "/EAN-13")
    at(host, "content_id", "text", "wrong-type", "4006381333931")
    add_registrar_forms(made, at)


def add_registrar_forms(made: PayloadCases, at: Any) -> None:
    """The forms that only the registrar's statements have."""
    genesis, enrol, retire, tick = (BASES[kind] for kind in ("genesis", "enrolment", "key_retirement", "tick"))
    log = world.LOG_KEY.encode()
    second = note.make_vkey(world.ORIGIN, 4, world.WITNESS_KEY.key).encode()
    made.good("log-vkeys-two", "Two keys of the log.", {**genesis, "log_vkeys": [log, second]})
    made.good("log-vkeys-both-types", "A key of type 1 and one of type 6.", {**genesis, "log_vkeys": [log, world.LOG_SECOND.encode()]})
    at(genesis, "log_vkeys", "ml-dsa-short", "grammar", [note.make_vkey(world.ORIGIN, note.ALG_ML_DSA_44, world.LOG_SECOND.key[:-1]).encode()], "/0")
    at(genesis, "log_vkeys", "empty", "empty", [])
    at(genesis, "log_vkeys", "twice", "duplicate", [log, log], "/1")
    at(genesis, "log_vkeys", "not-a-vkey", "grammar", [log[:-1]], "/0")
    at(genesis, "log_vkeys", "text", "wrong-type", log)
    at(genesis, "log_vkeys", "17", "too-long", [note.make_vkey(f"k{i}.example", 1, world.LOG_KEY.key).encode() for i in range(17)])
    key = genesis["registrar_key"]
    at(genesis, "registrar_key", "raw", "grammar", key[8:])
    at(genesis, "registrar_key", "as-array", "wrong-type", [key])
    at(genesis, "registrar_key", "with-alg", "grammar", cbor.encode({1: 1, 3: -8, -1: 6, -2: key[8:]}))
    at(genesis, "receipt_keys", "twice", "duplicate", genesis["receipt_keys"] * 2, "/1")
    at(genesis, "receipt_keys", "empty", "empty", [])
    at(genesis, "receipt_keys", "raw", "grammar", [key[8:]], "/0")
    at(genesis, "next_registrar_kid", "short", "grammar", bytes(31))
    at(genesis, "next_registrar_kid", "hex", "wrong-type", "00" * 32)
    before = {"origin": "old.example/log", "size": 9, "root": bytes(32)}
    made.good("predecessor", "A log that this one continues.", {**genesis, "predecessor": before})
    made.good("predecessor-empty", "An empty one.", {**genesis, "predecessor": {**before, "size": 0}})
    at(genesis, "predecessor", "origin", "grammar", {**before, "origin": "https://old.example"}, "/origin")
    at(genesis, "predecessor", "size", "out-of-range", {**before, "size": -1}, "/size")
    at(genesis, "predecessor", "root", "grammar", {**before, "root": b""}, "/root")
    at(genesis, "predecessor", "root-missing", "required", world.without(before, "root"), "/root")
    made.good("name-200-characters", "200 characters of two bytes each.", {**enrol, "name": "\u00fc" * 200})
    for name, rule, value in (("empty", "empty", ""), ("201-characters", "too-long", "x" * 201), ("leading-space", "grammar", " Proxy"), ("trailing-space", "grammar", "Proxy "), ("newline", "grammar", "A\nB"), ("c1-control", "grammar", "A\u0085B"), ("bytes", "wrong-type", b"Proxy")):
        at(enrol, "name", name, rule, value)
    made.bad("provider-upper-case", "grammar", "/provider", "Not an issuer.", {**enrol, "provider": "https://Reverse-Proxy.example"}, f"provider:{world.PROXY}")
    made.bad("provider-http", "grammar", "/provider", "Not an issuer.", {**retire, "provider": "http://reverse-proxy.example"}, f"provider:{world.PROXY}")
    at(enrol, "key", "raw", "grammar", enrol["key"][8:])
    at(enrol, "request", "text", "wrong-type", "request")
    at(enrol, "request", "untagged", "grammar", enrol["request"][1:])
    made.good("evidence-cosigned", "Another key of that provider signed the same.", {**enrol, "evidence": {"cosigned": enrol["request"]}})
    made.good("evidence-well-known", "What the provider's own site said.", {**enrol, "evidence": {"well_known": bytes(32), "fetched_at": world.TIME}})
    at(enrol, "evidence", "without-time", "required", {"well_known": bytes(32)}, "/fetched_at")
    at(enrol, "evidence", "without-digest", "required", {"fetched_at": 1}, "/well_known")
    at(enrol, "evidence", "both", "unknown-field", {"cosigned": enrol["request"], "fetched_at": 1}, "/fetched_at")
    at(enrol, "evidence", "member-unknown", "unknown-field", {"well_known": bytes(32), "fetched_at": 1, "by": "x"}, "/by")
    at(enrol, "evidence", "text", "wrong-type", "I saw it")
    made.good("suspect-from", "A key that was stolen.", {**retire, "retirement_reason": "compromised", "suspect_from": world.TIME - 86400})
    made.bad("suspect-from-rotated", "needs", "/suspect_from", "A key that was not stolen.", {**retire, "suspect_from": world.TIME})
    at(tick, "checkpoint", "without-newline", "grammar", tick["checkpoint"][:-1])
    at(tick, "checkpoint", "bytes", "wrong-type", tick["checkpoint"].encode())
    at(tick, "checkpoint", "too-long", "too-long", "x" * 32768 + "\n")
