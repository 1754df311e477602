"""Addenda: their shape, their values, and whose they are."""
from __future__ import annotations

from typing import Any, Dict

from .. import addendum, cbor
from . import later, world
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
    add_sealed(all_cases)
    add_refused(all_cases)
    return all_cases


def add_sealed(all_cases: Cases) -> None:
    """The form `sealed`, with the sealed statement that commits to it."""
    right = later.sealed_value(1)

    def whole(value: Any) -> Dict[str, str]:
        text = later.sealed_addendum(1, value=value)
        return {"addendum": text.hex(), "statement": world.sign(world.PROXY_SEED, later.sealed(1, text=text)).hex()}

    def good(name: str, why: str, value: Any) -> None:
        all_cases.valid(f"sealed-{name}", why, **whole(value))

    def bad(name: str, why: str, value: Any, rule: str = "addendum-invalid") -> None:
        all_cases.invalid(f"sealed-{name}", rule, why, **whole(value))

    def inner(fields: Any, **more: Any) -> bytes:
        return right._replace(payload=cbor.encode(fields), **more).encode()

    good("decision", "A decision with its texts.", right.encode())
    good("refusal", "A demand that was refused.", inner(world.no_action(1)))
    good("with-withheld", "What is sealed may itself withhold.", later.sealed_value(1, withheld={"decision_facts": {"ground": "security"}}).encode())
    good("version-1", "In the first vocabulary.", later.sealed_value(1, vocabulary="dsa-tdb/1", category="STATEMENT_CATEGORY_VIOLENCE").encode())
    all_cases.valid("sealed-alone", "Without its statement, what the bytes say is not judged.", addendum=made("sealed_statement", b"\xff"))
    uris = world.text(world.PROXY, 1, "relates_to_uri", ["https://a.example/1", "https://a.example/2"])
    for count in (1, 2, 3):
        related = world.decision(1, relates_to=[{"relation": "follows"}] * count)
        related["addenda"]["relates_to_uri"] = addendum.digest(uris)
        value = inner(related, addenda=right.addenda + [uris])
        if count == 2:
            good("two-uris-for-two", "One for each relation without an entry.", value)
        else:
            bad(f"two-uris-for-{count}", "Two URIs.", value)
    fields = cbor.decode(right.payload)
    bad("empty", "No byte.", b"")
    bad("text", "Text in place of bytes.", "sealed")
    bad("array", "The array itself in place of its bytes.", list(right))
    bad("not-cbor", "Bytes that are no item.", b"\xff")
    bad("longer-head", "The array's length in a byte of its own.", b"\x98\x03" + right.encode()[1:])
    bad("trailing-byte", "A byte behind the array.", right.encode() + b"\0")
    bad("of-two", "No addenda.", cbor.encode(list(right)[:2]))
    bad("of-four", "A signature behind it.", cbor.encode(list(right) + [bytes(64)]))
    bad("sub-not-a-subject", "A URL.", right._replace(sub="https://site.example").encode())
    bad("sub-of-a-provider", "Not what a decision is about.", right._replace(sub=f"provider:{world.PROXY}").encode())
    bad("payload-as-map", "Not wrapped in a byte string.", cbor.encode([right.sub, fields, right.addenda]))
    bad("payload-wrong", "A decision without its category.", inner(world.without(fields, "category")))
    bad("payload-of-a-void", "Only decisions and refusals are sealed.", right._replace(sub=f"provider:{world.PROXY}", payload=cbor.encode(world.void(1, 2, 3)), addenda=[]).encode())
    bad("payload-of-a-sealed", "Sealed once is enough.", right._replace(sub=f"provider:{world.PROXY}", payload=cbor.encode(later.sealed(1)), addenda=[]).encode())
    bad("payload-type-unknown", "A type of a later version.", inner({**fields, "type": "verdict"}), "not-understood")
    bad("another-sequence", "The number of another statement.", later.sealed_value(2).encode())
    bad("addenda-in-another-order", "Only one order is right.", right._replace(addenda=right.addenda[::-1]).encode())
    bad("addendum-missing", "A text that is not withheld is missing.", right._replace(addenda=right.addenda[:1]).encode())
    bad("addendum-twice", "A text twice.", right._replace(addenda=right.addenda + right.addenda[:1]).encode())
    bad("addendum-as-text", "A text without its array.", right._replace(addenda=["words", "words"]).encode())
    bad("addendum-wrong", "A text that is none.", right._replace(addenda=[right.addenda[0], b"\x80"]).encode())
    bad("addendum-of-another-number", "The text of another statement.", right._replace(addenda=[right.addenda[0], world.text(world.PROXY, 2, "decision_facts")]).encode())
    bad("addendum-of-another-digest", "Other words.", right._replace(addenda=[right.addenda[0], world.text(world.PROXY, 1, "decision_facts", "Other words.")]).encode())
    bad("addendum-of-no-field", "A text that the payload does not name.", right._replace(addenda=right.addenda + [world.text(world.PROXY, 1, "contact")]).encode())
    hidden = later.sealed_value(1, withheld={"decision_facts": {"ground": "security"}})
    bad("addendum-withheld", "A text that is withheld is brought.", hidden._replace(addenda=right.addenda).encode())


def add_refused(all_cases: Cases) -> None:
    """The form `statement`."""
    refused = world.sign(world.PROXY_SEED, world.no_action(1))

    def bad(name: str, why: str, value: Any) -> None:
        all_cases.invalid(f"refused-{name}", "addendum-invalid", why, addendum=made("refused_statement", value))

    all_cases.valid("refused-statement", "A whole statement.", addendum=made("refused_statement", refused))
    all_cases.valid("refused-cut", "Without its conflict, what the bytes say is not judged.", addendum=made("refused_statement", refused[:-1]))
    bad("empty", "No byte.", b"")
    bad("hex", "Hex.", refused.hex())
    bad("payload", "Its payload alone.", world.head_of(refused)[2])
    bad("untagged", "No tag.", refused[1:])
    bad("65536-bytes", "A byte too many.", refused + bytes(65536 - len(refused)))
