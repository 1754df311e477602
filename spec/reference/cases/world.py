"""The small world that the cases play in: one log, its witnesses and registrar, and two providers."""
from __future__ import annotations

import hashlib
from copy import deepcopy
from typing import Any, Dict, List, Optional

from .. import addendum, cbor, checkpoint, cose, ed25519, enrolment, entry, ml_dsa, note, statement, table, tree
from ..receipt import Item, Receipt

ORIGIN = "log.example/takedowns"
REGISTRAR = "https://" + ORIGIN
PROXY = "https://reverse-proxy.example"
SHIELD = "https://ddos-protection.example"
TIME = 1750000000
SUBJECT = "s:00112233445566778899aabbccddeeff"


def seed(number: int) -> bytes:
    """A seed of 32 equal bytes, given as the two hex digits of each."""
    return bytes([number]) * 32


LOG, WITNESS, REGISTRAR_SEED, NEXT, RECEIPTS, WITNESS_2 = (seed(n) for n in (1, 2, 3, 4, 5, 6))
PROXY_SEED, PROXY_SEED_2, SHIELD_SEED, OTHER_LOG = seed(0x11), seed(0x12), seed(0x13), seed(0x21)
NEXT_2, NEXT_3, LOG_2, RECEIPTS_2 = seed(7), seed(8), seed(9), seed(0x0a)
LOG_KEY = note.make_vkey(ORIGIN, note.ALG_ED25519, ed25519.public_key(LOG))
WITNESS_KEY = note.make_vkey("witness.example/w1", note.ALG_COSIGNATURE, ed25519.public_key(WITNESS))
WITNESS_KEY_2 = note.make_vkey("witness.example/w2", note.ALG_COSIGNATURE, ed25519.public_key(WITNESS_2))
LOG_ML_DSA, WITNESS_ML_DSA, LOG_ML_DSA_2 = seed(0x41), seed(0x42), seed(0x43)
LOG_SECOND = note.make_vkey(ORIGIN, note.ALG_ML_DSA_44, ml_dsa.public_key(LOG_ML_DSA))
LOG_SECOND_2 = note.make_vkey(ORIGIN, note.ALG_ML_DSA_44, ml_dsa.public_key(LOG_ML_DSA_2))
WITNESS_KEY_3 = note.make_vkey("witness.example/w3", note.ALG_ML_DSA_44, ml_dsa.public_key(WITNESS_ML_DSA))
POLICY = f"log {LOG_KEY.encode()} https://{ORIGIN}/\nquorum none\n"

TEXTS = {
    "puid": "2022-09-03-block",
    "decision_facts": "Threats on the forum had grown beyond anything seen before; no court order was there to act on.",
    "attributed_to": "A reverse proxy, as the press reported it",
    "policy": "This log takes statements for demonstration. Nothing in it is a provider's own word.\n",
}
"""What the addenda of the standard statements say."""


def salt(label: str) -> bytes:
    """A fixed salt: SHA-256 of a label, cut to 16 bytes."""
    return hashlib.sha256(b"salt " + label.encode("utf-8")).digest()[:16]


def text(iss: str, sequence: int, field: str, value: Any = None, aud: str = ORIGIN) -> bytes:
    """An addendum of a statement."""
    value = TEXTS.get(field, f"words for {field}") if value is None else value
    return addendum.Addendum(salt(f"{iss} {sequence} {field}"), aud, iss, sequence, field, value).encode()


def digests(iss: str, sequence: int, *fields: str) -> Dict[str, bytes]:
    """The `addenda` of a payload, with the standard texts."""
    return {field: addendum.digest(text(iss, sequence, field)) for field in fields}


def payload(kind: str, sequence: int, addenda: Dict[str, bytes], **fields: Any) -> Dict[str, Any]:
    """A payload."""
    return {"type": kind, "vocabulary": "dsa-tdb/2", "sequence": sequence, "addenda": addenda, **fields}


def decision(sequence: int = 1, iss: str = PROXY, **more: Any) -> Dict[str, Any]:
    """A reverse proxy stops serving a site: the least that a decision has to say."""
    fields = {
        "provider_role": "reverse_proxy",
        "infrastructure_measure": ["block_page"],
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "application_date": "2022-09-03",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "emergency"},
    }
    return payload("decision", sequence, digests(iss, sequence, "puid", "decision_facts"), **{**fields, **more})


def platform_decision(sequence: int = 1, iss: str = PROXY, **more: Any) -> Dict[str, Any]:
    """A host removes an image as incompatible with its terms: every European field that has to be there."""
    fields = {
        "provider_role": "host",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_type": ["CONTENT_TYPE_IMAGE"],
        "content_date": "2022-08-30",
        "application_date": "2022-09-03",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "legal_basis": {"kind": "terms_of_service"},
    }
    names = ["puid", "decision_facts", "incompatible_content_ground", "incompatible_content_explanation"]
    return payload("decision", sequence, digests(iss, sequence, *names), **{**fields, **more})


def no_action(sequence: int = 1, iss: str = PROXY, **more: Any) -> Dict[str, Any]:
    """A reverse proxy refuses a demand."""
    fields = {
        "provider_role": "reverse_proxy",
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "refusal_reason": "policy",
    }
    return payload("no_action", sequence, digests(iss, sequence, "puid", "decision_facts"), **{**fields, **more})


def void(sequence: int, first: int, last: int, **more: Any) -> Dict[str, Any]:
    """Numbers that will not be filed."""
    return payload("void", sequence, {}, **{"first": first, "last": last, "void_reason": "outbox_lost", **more})


def genesis(**more: Any) -> Dict[str, Any]:
    """Entry 0."""
    fields = {
        "log_vkeys": [LOG_KEY.encode()],
        "receipt_keys": [cose.cose_key(ed25519.public_key(RECEIPTS))],
        "registrar_key": cose.cose_key(ed25519.public_key(REGISTRAR_SEED)),
        "next_registrar_kid": cose.thumbprint(ed25519.public_key(NEXT)),
        "purpose": "test",
    }
    return payload("genesis", 1, digests(REGISTRAR, 1, "policy"), **{**fields, **more})


def request(key_seed: bytes, iss: str, aud: str = ORIGIN, signer: Optional[bytes] = None) -> bytes:
    """An enrolment request."""
    return enrolment.make(signer or key_seed, ed25519.public_key(key_seed), aud, iss, TIME)


def enrol(sequence: int, key_seed: bytes = PROXY_SEED, iss: str = PROXY, **more: Any) -> Dict[str, Any]:
    """A provider's key is admitted."""
    fields = {
        "provider": iss,
        "name": "Reverse Proxy (demonstration)",
        "roles": ["host", "reverse_proxy"],
        "country": "US",
        "key": cose.cose_key(ed25519.public_key(key_seed)),
        "request": request(key_seed, iss),
    }
    return payload("enrolment", sequence, {}, **{**fields, **more})


def retire(sequence: int, key_seed: bytes = PROXY_SEED, iss: str = PROXY, **more: Any) -> Dict[str, Any]:
    """A provider's key ends."""
    kid = cose.thumbprint(ed25519.public_key(key_seed))
    return payload("key_retirement", sequence, {}, **{"provider": iss, "kid": kid, "retirement_reason": "rotated", **more})


def tick(sequence: int, signed: str) -> Dict[str, Any]:
    """A checkpoint, logged."""
    return payload("tick", sequence, {}, checkpoint=signed)


def sub_of(fields: Dict[str, Any], iss: str) -> str:
    """The `sub` that goes with a type."""
    kind = table.TYPES.get(fields["type"], {}).get("sub", "subject")
    if kind == "log":
        return f"log:{ORIGIN}"
    targets = fields.get("targets", [])
    if kind == "provider" or (kind == "target" and not (len(targets) == 1 and "entry" in targets[0])):
        return f"provider:{fields.get('provider', iss)}"
    return SUBJECT


def sign(key_seed: bytes, fields: Dict[str, Any], iss: str = PROXY, **claims: Any) -> bytes:
    """A statement. `claims` replaces sub, aud or iat; `key` names another key than the signer's; `alg`, another algorithm."""
    key = claims.pop("key", ed25519.public_key(key_seed))
    alg = claims.pop("alg", cose.EDDSA)
    whole = {"iss": iss, "sub": sub_of(fields, iss), "aud": ORIGIN, "iat": TIME, **claims}
    return statement.make(key_seed, key, whole, fields, alg)


def registrar(fields: Dict[str, Any], **claims: Any) -> bytes:
    """A statement of the registrar's."""
    return sign(REGISTRAR_SEED, fields, REGISTRAR, **claims)


def small_log() -> List[bytes]:
    """Genesis, two enrolments, a decision of each provider and a refusal: the statements."""
    return [
        registrar(genesis()),
        registrar(enrol(2)),
        registrar(enrol(3, SHIELD_SEED, SHIELD, name="Shield (demonstration)", roles=["ddos_protection"], country="RU")),
        sign(PROXY_SEED, no_action(1)),
        sign(PROXY_SEED, decision(2)),
        sign(SHIELD_SEED, decision(1, SHIELD, provider_role="ddos_protection",
                                   infrastructure_measure=["ddos_protection_withdrawn"]), SHIELD),
    ]


def entries(statements: List[bytes]) -> List[bytes]:
    """Their entries, in which nothing is checked."""
    return [entry.encode(data) for data in statements]


def signed_checkpoint(leaves: List[bytes], cosigners: int = 0, origin: str = ORIGIN, key_seed: bytes = LOG) -> str:
    """A checkpoint over entries."""
    hashes = [tree.leaf_hash(data) for data in leaves]
    key = note.make_vkey(origin, note.ALG_ED25519, ed25519.public_key(key_seed))
    signed = note.sign(checkpoint.Checkpoint(origin, len(leaves), tree.root(hashes)).encode(), key, key_seed)
    for key, secret in [(WITNESS_KEY, WITNESS), (WITNESS_KEY_2, WITNESS_2)][:cosigners]:
        signed = checkpoint.cosign(signed, key, secret, TIME)
    return signed


def make_receipt(leaves: List[bytes], indices: List[int], addenda: List[bytes], signed: Optional[str] = None) -> Receipt:
    """A receipt for the entry at the first index, with the others behind it."""
    hashes = [tree.leaf_hash(data) for data in leaves]
    items = [Item(index, leaves[index], tree.prove_inclusion(index, hashes)) for index in indices]
    return Receipt(signed or signed_checkpoint(leaves), items, addenda)


def without(fields: Dict[str, Any], *path: str) -> Dict[str, Any]:
    """A copy without one member."""
    copy = deepcopy(fields)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return copy


def with_texts(fields: Dict[str, Any], *names: str) -> Dict[str, Any]:
    """A copy with more addenda."""
    copy = deepcopy(fields)
    for name in names:
        copy["addenda"][name] = addendum.digest(text(PROXY, fields["sequence"], name))
    return copy


def head_of(data: bytes) -> Any:
    """The four parts of a COSE_Sign1, for taking apart and putting together wrongly."""
    return cbor.Reader(data, 1).item()
