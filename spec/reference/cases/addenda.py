"""Addenda: their shape, their values, and whose they are."""
from __future__ import annotations

from typing import Any

from .. import addendum, cbor
from . import world
from .case import Cases

SALT = world.salt("addendum")


def made(field: str, value: Any, **other: Any) -> str:
    """An addendum, in hex; what is wrong with it is not checked."""
    whole = {"salt": SALT, "aud": world.ORIGIN, "iss": world.PROXY, "sequence": 1, **other}
    return cbor.encode([whole["salt"], whole["aud"], whole["iss"], whole["sequence"], field, value]).hex()


def cases() -> Cases:
    """The family `addendum`."""
    all_cases = Cases("addendum")
    statement = world.sign(world.PROXY_SEED, world.decision(1))
    facts = world.text(world.PROXY, 1, "decision_facts")
    all_cases.valid("decision-facts", "With the statement that it belongs to.", addendum=facts.hex(), statement=statement.hex())
    all_cases.valid("puid", "A provider's number.", addendum=made("puid", "A-z_09"))
    all_cases.valid("content-url", "Two locators, sorted.", addendum=made("content_url", ["https://a.example/1", "https://a.example/2"]))
    all_cases.valid("relates-to-uri", "In the author's order.", addendum=made("relates_to_uri", ["https://b.example/", "https://a.example/"]))
    all_cases.valid("document", "A digest.", addendum=made("document_sha256", bytes(32)))
    all_cases.valid("newline-and-tab", "Allowed in texts.", addendum=made("decision_facts", "one\n\ttwo"))
    all_cases.valid("longest", "5,000 characters of two bytes each.", addendum=made("decision_facts", "\u00fc" * 5000))
    all_cases.valid("url", "A reference.", addendum=made("redress_url", "https://reverse-proxy.example/appeal"))
    all_cases.valid("registrar-policy", "The log's rules.", addendum=world.text(world.REGISTRAR, 1, "policy").hex(),
                    statement=world.registrar(world.genesis()).hex())
    wrong = {
        "field-unknown": made("diary", "words"), "field-of-the-entry": made("category", "STATEMENT_CATEGORY_VIOLENCE"), "field-as-bytes": cbor.encode([SALT, world.ORIGIN, world.PROXY, 1, b"puid", "x"]).hex(),
        "salt-15-bytes": made("puid", "x", salt=SALT[:15]), "salt-17-bytes": made("puid", "x", salt=SALT + b"\0"), "salt-as-text": made("puid", "x", salt="salt"), "aud-not-an-origin": made("puid", "x", aud="https://log.example"),
        "iss-not-an-issuer": made("puid", "x", iss="reverse-proxy.example"), "sequence-zero": made("puid", "x", sequence=0), "sequence-2-53": made("puid", "x", sequence=2**53), "sequence-as-text": made("puid", "x", sequence="1"),
        "array-of-three": cbor.encode([SALT, "puid", "x"]).hex(), "array-of-seven": cbor.encode([SALT, world.ORIGIN, world.PROXY, 1, "puid", "x", 0]).hex(), "map": cbor.encode({"salt": SALT}).hex(),
        "text-empty": made("decision_facts", ""), "text-too-long": made("decision_facts", "x" * 5001), "text-as-bytes": made("decision_facts", b"words"), "text-as-array": made("decision_facts", ["words"]),
        "text-control-character": made("decision_facts", "a\x07b"), "text-carriage-return": made("decision_facts", "a\r\nb"), "text-delete": made("decision_facts", "a\x7fb"), "text-c1-control": made("decision_facts", "a\u0085b"),
        "puid-with-space": made("puid", "a b"), "puid-empty": made("puid", ""), "puid-too-long": made("puid", "x" * 501), "puid-unicode": made("puid", "\u00fc"), "url-without-scheme": made("redress_url", "reverse-proxy.example"),
        "url-ftp": made("redress_url", "ftp://a.example/"), "url-newline": made("redress_url", "https://a.example/\n"), "url-too-long": made("redress_url", "https://a.example/" + "x" * 500), "texts-empty": made("content_url", []),
        "texts-unsorted": made("content_url", ["https://b.example/", "https://a.example/"]), "texts-twice": made("content_url", ["https://a.example/", "https://a.example/"]), "texts-as-text": made("content_url", "https://a.example/"),
        "texts-with-empty-one": made("content_url", ["", "https://a.example/"]), "texts-1001": made("items_list", [f"{i:04}" for i in range(1001)]), "uris-65": made("relates_to_uri", [f"https://a.example/{i}" for i in range(65)]),
        "uris-without-scheme": made("relates_to_uri", ["a.example"]), "document-31-bytes": made("document_sha256", bytes(31)), "document-hex": made("document_sha256", "00" * 32),
    }
    for name, data in wrong.items():
        all_cases.invalid(name, "addendum-invalid", "Not an addendum.", addendum=data)
    right = bytes.fromhex(made("puid", "x"))
    all_cases.invalid("trailing-byte", "not-cbor", "A byte behind it.", addendum=right.hex() + "00")
    all_cases.invalid("cut", "not-cbor", "The last byte is missing.", addendum=right[:-1].hex())
    all_cases.invalid("text-not-utf8", "not-cbor", "0xff in a text.", addendum=right[:-1].hex() + "ff")
    all_cases.invalid("array-head-longer", "not-deterministic", "The length in a byte of its own.", addendum="9806" + right[1:].hex())
    all_cases.invalid("null-value", "not-deterministic", "null.", addendum=right[:-2].hex() + "f6")
    parts = addendum.parse(facts)
    for name, change in (("another-log", {"aud": "other.example/log"}), ("another-issuer", {"iss": world.SHIELD}), ("another-sequence", {"sequence": 2}), ("another-field", {"field": "order_reference"}),
                         ("another-text", {"value": "Other words."}), ("another-salt", {"salt": SALT})):
        all_cases.invalid(f"owner-{name}", "addendum-mismatch", "Not one of the statement's addenda.", addendum=parts._replace(**change).encode().hex(), statement=statement.hex())
    moved = world.decision(1)
    moved["addenda"]["puid"], moved["addenda"]["decision_facts"] = moved["addenda"]["decision_facts"], moved["addenda"]["puid"]
    all_cases.invalid("owner-digest-under-another-field", "addendum-mismatch", "The digest stands in the statement, but under another field.", addendum=facts.hex(),
                      statement=world.sign(world.PROXY_SEED, moved).hex())
    stolen = world.decision(2)
    stolen["addenda"]["decision_facts"] = addendum.digest(facts)
    all_cases.invalid("owner-digest-copied", "addendum-mismatch", "Statement 2 repeats the digest of statement 1's text: it does not get hold of it.", addendum=facts.hex(),
                      statement=world.sign(world.PROXY_SEED, stolen).hex())
    return all_cases
