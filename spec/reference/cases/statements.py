"""Statements: the COSE_Sign1 around a payload."""
from __future__ import annotations

from typing import Any, Dict

from .. import cbor, cose, ed25519, statement
from . import forms, keys, world
from .case import Cases

KEY = ed25519.public_key(world.PROXY_SEED)
KID = cose.thumbprint(KEY)


def header(**changes: Any) -> Dict[Any, Any]:
    """The right header, with `label_…` and `claim_…` replaced; None leaves one out."""
    head = statement.header(KID, world.PROXY, world.SUBJECT, world.ORIGIN, world.TIME)
    for name, value in changes.items():
        kind, number = name.split("_")
        inner = head if kind == "label" else head[15]
        inner[int(number)] = value
        if value is None:
            del inner[int(number)]
    return head


def signed(head: Any, payload: Any = None) -> bytes:
    """A statement with any header and payload, rightly signed."""
    protected = head if isinstance(head, bytes) else cbor.encode(head)
    payload = cbor.encode(world.decision(1)) if payload is None else payload
    payload = payload if isinstance(payload, bytes) else cbor.encode(payload)
    return cose.encode_sign1(protected, payload, ed25519.sign(world.PROXY_SEED, cose.sig_structure(protected, payload)))


def cases() -> Cases:
    """The family `statement`."""
    all_cases = Cases("statement")

    def add(name: str, rule: str, why: str, data: bytes, key: bytes = KEY) -> None:
        all_cases.invalid(name, rule, why, statement=data.hex(), key=key.hex())

    add_valid(all_cases)
    right = signed(header())
    protected, _, payload, signature = world.head_of(right)
    for name, why, data in (
            ("untagged", "No tag 18.", right[1:]), ("tag-of-cose-sign", "Tag 98.", b"\xd8\x62" + right[1:]),
            ("tag-of-cose-mac0", "Tag 17.", b"\xd1" + right[1:]), ("array-of-five", "A fifth element.", b"\xd2" + cbor.encode([protected, {}, payload, signature, 0])),
            ("array-of-three", "No signature.", b"\xd2" + cbor.encode([protected, {}, payload])),
            ("unprotected-kid", "kid in the unprotected header.", b"\xd2" + cbor.encode([protected, {4: KID}, payload, signature])),
            ("unprotected-receipts", "A transparent statement: receipts in the unprotected header.", b"\xd2" + cbor.encode([protected, {394: [b"x"]}, payload, signature])),
            ("unprotected-array", "An empty array in place of the empty map.", b"\xd2" + cbor.encode([protected, [], payload, signature])),
            ("protected-as-map", "The protected header not wrapped in a byte string.", b"\xd2" + cbor.encode([cbor.decode(protected), {}, payload, signature])),
            ("payload-as-text", "A payload that is text.", b"\xd2" + cbor.encode([protected, {}, "payload", signature])),
            ("signature-63-bytes", "A byte too few.", b"\xd2" + cbor.encode([protected, {}, payload, signature[:63]])),
            ("signature-65-bytes", "A byte too many.", b"\xd2" + cbor.encode([protected, {}, payload, signature + b"\0"]))):
        add(name, "invalid-statement", why, data)
    add("payload-detached", "not-deterministic", "null for the payload: outside the data model.", b"\xd2\x84" + cbor.encode(protected) + b"\xa0\xf6" + cbor.encode(signature))
    add("empty", "not-cbor", "No byte.", b"")
    add("cut", "not-cbor", "The last byte is missing.", right[:-1])
    add("trailing-byte", "not-cbor", "A byte behind it.", right + b"\0")
    add("tag-head-longer", "not-deterministic", "Tag 18 in two bytes.", b"\xd8\x12" + right[1:])
    add("array-head-longer", "not-deterministic", "The array's length in two bytes.", b"\xd2\x98\x04" + right[2:])
    add("array-indefinite", "not-deterministic", "An array without a length.", b"\xd2\x9f" + right[2:] + b"\xff")
    add_headers(add)
    add_signatures(add, right)
    add_encodings(add)
    return all_cases


def add_valid(all_cases: Cases) -> None:
    """One of each type, and what may vary."""
    def add(name: str, why: str, data: bytes, key: bytes = KEY) -> None:
        all_cases.valid(name, why, statement=data.hex(), key=key.hex())

    registrar = ed25519.public_key(world.REGISTRAR_SEED)
    add("decision", "A reverse proxy stops serving a site.", world.sign(world.PROXY_SEED, world.decision(1)))
    add("decision-of-a-host", "A host removes an image.", world.sign(world.PROXY_SEED, world.platform_decision(7)))
    add("no-action", "A demand is refused.", world.sign(world.PROXY_SEED, world.no_action(2)))
    add("void", "Numbers are closed.", world.sign(world.PROXY_SEED, world.void(3, 4, 9)))
    add("genesis", "Entry 0.", world.registrar(world.genesis()), registrar)
    add("enrolment", "A key is admitted.", world.registrar(world.enrol(2)), registrar)
    add("key-retirement", "A key ends.", world.registrar(world.retire(3)), registrar)
    signed_note = world.signed_checkpoint(world.entries(world.small_log()), 1)
    add("tick", "A cosigned checkpoint is logged.", world.registrar(world.tick(4, signed_note)), registrar)
    add("algorithm-ed25519", "Algorithm -19 (RFC 9864), the same kid.", world.sign(world.PROXY_SEED, world.decision(1), alg=-19))
    add("sub-domain", "A domain as the subject.", world.sign(world.PROXY_SEED, world.decision(1), sub="domain:xn--bcher-kva.example"))
    add("sub-asn", "An autonomous system as the subject.", world.sign(world.PROXY_SEED, world.decision(1), sub="asn:4294967295"))
    add("iss-with-port", "An issuer with a port.", signed(header(claim_1="https://proxy.example:8443")))
    add("iat-zero", "The first second of 1970.", signed(header(claim_6=0)))
    add("iat-largest", "2^53 - 1.", signed(header(claim_6=2**53 - 1)))
    add("aud-with-port-and-path", "Another log's origin.", signed(header(claim_3="log.example:8080/takedowns/2026")))


def add_headers(add: Any) -> None:
    """Labels and claims."""
    add("content-type-2", "not-understood", "A later version.", signed(header(label_3="application/vnd.glasshouse.statement+cbor; v=2")))
    add("content-type-json", "not-understood", "Another type.", signed(header(label_3="application/json")))
    add("content-type-number", "invalid-statement", "A CoAP content format.", signed(header(label_3=60)))
    add("type-unknown", "not-understood", "A type of a later version.", signed(header(), {**world.decision(1), "type": "verdict"}))
    add("vocabulary-unknown", "not-understood", "A later vocabulary.", signed(header(), {**world.decision(1), "vocabulary": "dsa-tdb/3"}))
    for alg, name in ((-7, "es256"), (-9, "esp256"), (-53, "ed448"), (5, "hmac"), (0, "reserved")):
        add(f"algorithm-{name}", "unknown-algorithm", f"Algorithm {alg}.", signed(header(label_1=alg)))
    add("algorithm-as-text", "invalid-statement", "Text in place of a number.", signed(header(label_1="EdDSA")))
    for label in (1, 3, 4, 15):
        add(f"label-{label}-missing", "invalid-statement", "A label is missing.", signed(header(**{f"label_{label}": None})))
    for claim, name in ((1, "iss"), (2, "sub"), (3, "aud"), (6, "iat")):
        add(f"claim-{name}-missing", "invalid-statement", "A claim is missing.", signed(header(**{f"claim_{claim}": None})))
    add("label-crit", "invalid-statement", "`crit` (2).", signed(header(label_2=[15])))
    add("label-typ", "invalid-statement", "`typ` (16).", signed(header(label_16="x")))
    add("claim-exp", "invalid-statement", "`exp` (4).", signed(header(claim_4=world.TIME + 1)))
    add("kid-31-bytes", "invalid-statement", "A thumbprint has 32.", signed(header(label_4=KID[:31])))
    add("kid-as-text", "invalid-statement", "Hex in place of bytes.", signed(header(label_4=KID.hex())))
    add("claims-as-bytes", "invalid-statement", "The claims wrapped in a byte string.", signed(header(label_15=cbor.encode(header()[15]))))
    add("header-as-array", "invalid-statement", "An array in the protected header.", signed(cbor.encode([1, 2])))
    add("header-empty", "not-cbor", "A protected header of no bytes.", signed(b""))
    for name, iss in (("http", "http://reverse-proxy.example"), ("upper-case", "https://Reverse-Proxy.example"), ("path", "https://reverse-proxy.example/Path"), ("slash", "https://reverse-proxy.example/"),
                      ("user", "https://me@reverse-proxy.example"), ("query", "https://reverse-proxy.example?x"), ("unicode", "https://b\u00fccher.example"), ("no-scheme", "reverse-proxy.example"), ("empty", "")):
        add(f"iss-{name}", "invalid-statement", "Not an issuer.", signed(header(claim_1=iss)))
    for name, sub in (("url", "url:https://site.example/a"), ("account", "account:somebody"), ("pseudonym-upper-case", "s:" + "AB" * 16), ("pseudonym-short", "s:" + "ab" * 15), ("domain-one-label", "domain:example"),
                      ("domain-upper-case", "domain:Site.example"), ("domain-final-dot", "domain:site.example."), ("domain-underscore", "domain:a_b.example"), ("domain-hyphen", "domain:-a.example"),
                      ("asn-zero", "asn:0"), ("asn-leading-zero", "asn:01"), ("asn-too-large", "asn:4294967296"), ("asn-prefix", "asn:AS1"), ("bare", "site.example"), ("empty", "")):
        add(f"sub-{name}", "invalid-statement", "Not a subject.", signed(header(claim_2=sub)))
    for name, aud in (("scheme", "https://log.example/takedowns"), ("slash-at-end", "log.example/takedowns/"), ("slash-at-start", "/log.example"), ("two-slashes", "log.example//takedowns"), ("upper-case", "Log.example"),
                      ("space", "log example"), ("plus", "log.example+1"), ("empty", ""), ("256-bytes", "a" * 256)):
        add(f"aud-{name}", "invalid-statement", "Not an origin.", signed(header(claim_3=aud)))
    add("iat-negative", "invalid-statement", "Before 1970.", signed(header(claim_6=-1)))
    add("iat-2-53", "invalid-statement", "Not exact in JSON.", signed(header(claim_6=2**53)))
    add("iat-as-text", "invalid-statement", "Instants are integers.", signed(header(claim_6="2025-06-15T15:06:40Z")))
    add("iss-as-bytes", "invalid-statement", "Bytes in place of text.", signed(header(claim_1=world.PROXY.encode())))


def add_signatures(add: Any, right: bytes) -> None:
    """Signatures that do not hold, or only to a lax reader."""
    protected, _, payload, signature = world.head_of(right)
    message = cose.sig_structure(protected, payload)
    s = int.from_bytes(signature[32:], "little")
    scalar = ed25519.secret_scalar(world.PROXY_SEED)
    made = {"flipped": bytes([signature[0] ^ 1]) + signature[1:], "s-plus-l": signature[:32] + (s + ed25519.L).to_bytes(32, "little"), "zeros": bytes(64)}
    for name, number in (("identity-r", 1), ("not-canonical-r", ed25519.P + 1), ("minus-zero-r", 1 + 2**255)):
        r = number.to_bytes(32, "little")
        made[name] = r + (ed25519.challenge(r, KEY, message) * scalar % ed25519.L).to_bytes(32, "little")
    for name, torsion in (("mixed-order-r-8", 1), ("mixed-order-r-2", 4)):
        r = ed25519.encode_point(ed25519.add(ed25519.multiply(777, ed25519.BASE), keys.torsion_points()[torsion]))
        made[name] = r + ((777 + ed25519.challenge(r, KEY, message) * scalar) % ed25519.L).to_bytes(32, "little")
    for name, wrong in made.items():
        add(f"signature-{name}", "bad-signature", "A signature that does not hold strictly.", cose.encode_sign1(protected, payload, wrong))
    add("signature-by-another-key", "bad-signature", "kid names one key, another one signed.", world.sign(world.SHIELD_SEED, world.decision(1), key=KEY))
    add("payload-changed", "bad-signature", "Another payload under the same signature.", cose.encode_sign1(protected, cbor.encode(world.decision(2)), signature))
    add("header-changed", "bad-signature", "Another time under the same signature.", cose.encode_sign1(cbor.encode(header(claim_6=world.TIME + 1)), payload, signature))
    bare = ed25519.sign(world.PROXY_SEED, payload)
    add("signature-over-payload-alone", "bad-signature", "Not the Sig_structure.", cose.encode_sign1(protected, payload, bare))
    as_sign = ed25519.sign(world.PROXY_SEED, cbor.encode(["Signature", protected, b"", payload]))
    add("signature-context-of-cose-sign", "bad-signature", "The context of COSE_Sign.", cose.encode_sign1(protected, payload, as_sign))
    aad = ed25519.sign(world.PROXY_SEED, cbor.encode(["Signature1", protected, b"x", payload]))
    add("signature-with-external-aad", "bad-signature", "external_aad is not empty.", cose.encode_sign1(protected, payload, aad))
    add("key-of-another-kid", "unknown-key", "The right statement, checked with another key.", right, ed25519.public_key(world.SHIELD_SEED))
    for name, weak in (("small-order", (1).to_bytes(32, "little")), ("mixed-order", keys.mixed_key(world.PROXY_SEED)), ("not-canonical", (ed25519.P + 1).to_bytes(32, "little"))):
        add(f"key-{name}", "weak-key", "kid names a key that may not be one.", world.sign(world.PROXY_SEED, world.decision(1), key=weak), weak)


CUT = ("trailing-byte", "empty", "huge-length", "huge-array", "bytes-cut", "text-cut", "head-cut", "array-cut",
       "map-without-last-value")
"""Malformations that would swallow what follows them in the payload."""


def add_encodings(add: Any) -> None:
    """Every malformation of the family `cbor`, inside a payload: one text field stands for the item."""
    groups = [(forms.MALFORMED, "not-cbor"), ({name: (data, "longer") for name, data in forms.LONGER.items()}, "not-deterministic"), (forms.OTHERS, "not-deterministic")]
    fields = world.decision(1)
    whole = cbor.encode(fields)
    for group, rule in groups:
        for name, (data, _) in group.items():
            if name in CUT:
                continue
            spliced = splice(fields, bytes.fromhex(data))
            add(f"payload-{name}", rule, "A malformed item in the payload, rightly signed.", signed(header(), spliced))
    add("payload-trailing-byte", "not-cbor", "A byte behind the payload's map.", signed(header(), whole + b"\0"))
    add("payload-cut", "not-cbor", "The last byte of the payload is missing.", signed(header(), whole[:-1]))
    add("payload-empty", "not-cbor", "A payload of no bytes.", signed(header(), b""))
    add("payload-array", "invalid-payload", "An array in place of the map.", signed(header(), []))
    add("payload-category-missing", "invalid-payload", "A required field is missing.", signed(header(), world.without(fields, "category")))
    protected = cbor.encode(header())
    add("header-duplicate-label", "not-deterministic", "alg twice.", signed(b"\xa5\x01\x27" + protected[1:]))
    add("header-unordered", "not-deterministic", "Claims before kid.", signed(unordered_header()))
    add("header-head-longer", "not-deterministic", "The map's length in two bytes.", signed(b"\xb8\x04" + protected[1:]))
    add("header-indefinite", "not-deterministic", "A map without a length.", signed(b"\xbf" + protected[1:] + b"\xff"))
    add("header-trailing-byte", "not-cbor", "A byte behind the header's map.", signed(protected + b"\0"))


def splice(fields: Dict[str, Any], item: bytes) -> bytes:
    """The payload with the bytes of an item, however malformed, as the value of `items`."""
    marker = b"\x5b-the-place-of-the-item-"
    whole = cbor.encode({**fields, "items": marker})
    return whole.replace(cbor.encode(marker), item)


def unordered_header() -> bytes:
    """The right header with its last two pairs exchanged."""
    head = header()
    pairs = [(key, head[key]) for key in (1, 3, 15, 4)]
    return b"\xa4" + b"".join(cbor.encode(key) + cbor.encode(value) for key, value in pairs)
