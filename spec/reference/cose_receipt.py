"""COSE receipts (RFC 9942) of the data structure RFC9162_SHA256, transparent statements (RFC 9943), and the keys for both."""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from . import cbor, cose, ed25519, entry, names, statement, tree
from .faults import Fault, require

RULE = "receipt-format"
RECEIPTS, VDS, VDP = 394, 395, 396
INCLUSION, CONSISTENCY = -1, -2
MAX_BYTES, MAX_RECEIPTS, MAX_KEYS = 4096, 8, 64
NULL = b"\xf6"
"""The detached payload. It is outside the data model of everything else."""


class Receipt(NamedTuple):
    """A receipt taken apart, not verified. `first` and `second` are [size, index], or the older and the newer size."""

    protected: bytes
    alg: int
    kid: bytes
    origin: str
    kind: int
    first: int
    second: int
    path: List[bytes]
    signature: bytes


def header(kid: bytes, origin: str, alg: int = cose.EDDSA) -> Dict[Any, Any]:
    """The protected header. Its claims name the log and nothing else."""
    return {1: alg, 4: kid, 15: {1: "https://" + origin, 2: "log:" + origin}, VDS: 1}


def encode(protected: bytes, unprotected: Any, signature: bytes, payload: bytes = NULL) -> bytes:
    """Tag 18, an array of four, the payload null."""
    return b"\xd2\x84" + cbor.encode(protected) + cbor.encode(unprotected) + payload + cbor.encode(signature)


def proofs(kind: int, first: int, second: int, path: List[bytes]) -> Dict[Any, Any]:
    """The unprotected header with one proof."""
    return {VDP: {kind: [cbor.encode([first, second, path])]}}


def sign(seed: bytes, head: Any, root: bytes) -> bytes:
    """The signature over the root, under a protected header given as a map or as bytes."""
    protected = head if isinstance(head, bytes) else cbor.encode(head)
    return ed25519.sign(seed, cose.sig_structure(protected, root))


def make(seed: bytes, origin: str, kind: int, first: int, second: int, path: List[bytes], root: bytes) -> bytes:
    """A receipt as a ledger issues it."""
    head = header(cose.thumbprint(ed25519.public_key(seed)), origin)
    return encode(cbor.encode(head), proofs(kind, first, second, path), sign(seed, head, root))


def split(data: bytes, rule: str) -> Tuple[bytes, Any, Optional[bytes], bytes]:
    """The four parts of a COSE_Sign1 whose payload may be null."""
    require(data[:2] == b"\xd2\x84", rule, "not an array of four under tag 18")
    reader = cbor.Reader(data, 2)
    protected, unprotected = reader.item(), reader.item()
    detached = data[reader.pos:reader.pos + 1] == NULL
    payload = None if detached and reader.take(1) else reader.item()
    signature = reader.item()
    require(reader.pos == len(data), rule, "bytes after the message")
    require(isinstance(protected, bytes) and isinstance(signature, bytes) and len(signature) == 64, rule, "not a byte string, or not of 64 bytes")
    return protected, unprotected, payload, signature


def parse(data: bytes) -> Receipt:
    """A receipt in its only spelling; whatever is wrong with the form is `receipt-format`."""
    require(len(data) <= MAX_BYTES, RULE, "more than 4,096 bytes")
    try:
        protected, unprotected, payload, signature = split(data, RULE)
        head = cbor.decode(protected)
    except Fault as fault:
        raise Fault(RULE, fault.detail) from None
    require(payload is None, RULE, "the payload is not detached")
    alg, kid, origin = check_header(head)
    kind, proof = check_unprotected(unprotected)
    first, second, path = check_proof(kind, proof)
    return Receipt(protected, alg, kid, origin, kind, first, second, path, signature)


def check_header(head: Any) -> Tuple[int, bytes, str]:
    """Algorithm, key and log."""
    require(isinstance(head, dict) and type(head.get(VDS)) is int, RULE, "no data structure in the protected header")
    if head[VDS] != 1:
        raise Fault("not-understood", "another data structure than RFC9162_SHA256")
    require(type(head.get(1)) is int, RULE, "no algorithm")
    require(head[1] in cose.ALGORITHMS, "unknown-algorithm", "neither EdDSA (-8) nor Ed25519 (-19)")
    require(set(head) == {1, 4, 15, VDS}, RULE, "other labels than 1, 4, 15, 395")
    require(isinstance(head[4], bytes) and len(head[4]) == 32, RULE, "kid is not 32 bytes")
    claims = head[15]
    require(isinstance(claims, dict) and set(claims) == {1, 2} and isinstance(claims[1], str), RULE, "not the claims 1 and 2")
    origin = claims[1][len("https://"):]
    require(claims[1].startswith("https://") and names.is_origin(origin), RULE, "iss is not https:// and an origin")
    require(claims[2] == "log:" + origin, RULE, "sub is not the log")
    return head[1], head[4], origin


def check_unprotected(unprotected: Any) -> Tuple[int, bytes]:
    """Which kind of proof, and its bytes."""
    require(isinstance(unprotected, dict) and set(unprotected) == {VDP}, RULE, "not {396: proofs}")
    found = unprotected[VDP]
    require(isinstance(found, dict) and len(found) == 1 and set(found) < {INCLUSION, CONSISTENCY}, RULE, "not one kind of proofs")
    (kind, items), = found.items()
    require(isinstance(items, list) and len(items) == 1 and isinstance(items[0], bytes), RULE, "not one proof in a byte string")
    return kind, items[0]


def check_proof(kind: int, data: bytes) -> Tuple[int, int, List[bytes]]:
    """Numbers and hashes of a proof, within their bounds."""
    try:
        proof = cbor.decode(data)
    except Fault as fault:
        raise Fault(RULE, fault.detail) from None
    require(isinstance(proof, list) and len(proof) == 3 and isinstance(proof[2], list), RULE, "not [number, number, path]")
    first, second, path = proof
    require(all(type(number) is int and number >= 0 for number in (first, second)), RULE, "not a number")
    require(all(isinstance(digest, bytes) and len(digest) == 32 for digest in path), RULE, "a hash that is not 32 bytes")
    require(max(first, second) <= tree.MAX_SIZE, "out-of-range", "more than 2^53 - 1")
    ascending = second < first if kind == INCLUSION else 0 < first < second
    require(ascending, "out-of-range", "the index is not in the tree, or the sizes do not ascend from 1")
    require(1 <= len(path) <= (53 if kind == INCLUSION else 54), "path-length", "an empty path, or too long a one")
    return first, second, path


def verify_inclusion(receipt: Receipt, leaf: bytes, keys: List[bytes]) -> bytes:
    """The root that the log signed and that the leaf leads to."""
    require(receipt.kind == INCLUSION, RULE, "it proves that a tree grew")
    root = tree.root_from_path(leaf, receipt.second, receipt.first, receipt.path)
    check_signature(receipt, root, keys)
    return root


def verify_consistency(receipt: Receipt, old_size: int, old_root: bytes, keys: List[bytes]) -> bytes:
    """The root that the log signed of a tree that begins with the old one."""
    require(receipt.kind == CONSISTENCY, RULE, "it proves that an entry is in a tree")
    require(receipt.first == old_size, "out-of-range", "it begins with another size")
    old, new = tree.roots_from_subproof(old_size, receipt.second, True, old_root, receipt.path)
    require(old == old_root, "root-mismatch", "the proof leads to another old root")
    check_signature(receipt, new, keys)
    return new


def check_signature(receipt: Receipt, root: bytes, keys: List[bytes]) -> None:
    """One of the keys is the receipt's, and signed the root."""
    named = [key for key in keys if cose.thumbprint(key) == receipt.kid]
    require(bool(named), "unknown-key", "kid names none of the keys")
    signed = cose.sig_structure(receipt.protected, root)
    require(ed25519.verify(named[0], signed, receipt.signature), "bad-signature", "the signature does not hold")


def key_of_set(key: bytes) -> Dict[Any, Any]:
    """A COSE_Key as a set has it: with its thumbprint and its algorithm."""
    return {1: 1, 2: cose.thumbprint(key), 3: cose.EDDSA, -1: 6, -2: key}


def parse_key_set(data: bytes) -> List[bytes]:
    """The keys of a COSE_KeySet (RFC 9052 section 7)."""
    rule = "key-encoding"
    try:
        items = cbor.decode(data)
    except Fault as fault:
        raise Fault(rule, fault.detail) from None
    require(isinstance(items, list) and 1 <= len(items) <= MAX_KEYS, rule, "not 1 to 64 keys")
    keys = []
    for item in items:
        key = item.get(-2) if isinstance(item, dict) else None
        require(isinstance(key, bytes) and len(key) == 32, rule, "not a key")
        ed25519.check_key(key)
        require(cbor.encode(item) == cbor.encode(key_of_set(key)), rule, "not {1: 1, 2: kid, 3: -8, -1: 6, -2: x}")
        keys.append(key)
    require(len(set(keys)) == len(keys), rule, "a key twice")
    return keys


class Transparent(NamedTuple):
    """A statement and its receipts, not verified."""

    statement: statement.Statement
    receipts: List[Receipt]


def attach(data: bytes, receipts: List[bytes]) -> bytes:
    """The transparent statement of a bare one."""
    protected, _, payload, signature = split(data, RULE)
    return encode(protected, {RECEIPTS: receipts}, signature, cbor.encode(payload))


def parse_transparent(data: bytes) -> Transparent:
    """A transparent statement: the bare statement is judged as any other."""
    try:
        protected, unprotected, payload, signature = split(data, RULE)
    except Fault as fault:
        raise Fault(RULE, fault.detail) from None
    require(isinstance(payload, bytes), RULE, "the payload is not attached")
    require(isinstance(unprotected, dict) and set(unprotected) == {RECEIPTS}, RULE, "not {394: receipts}")
    items = unprotected[RECEIPTS]
    require(isinstance(items, list) and 1 <= len(items) <= MAX_RECEIPTS, RULE, "not 1 to 8 receipts")
    require(all(isinstance(item, bytes) for item in items), RULE, "a receipt that is not a byte string")
    receipts = [parse(item) for item in items]
    bare = statement.parse(cose.encode_sign1(protected, payload, signature))
    require(all(receipt.origin == bare.aud for receipt in receipts), "wrong-audience", "a receipt of another log")
    return Transparent(bare, receipts)


def verify_transparent(whole: Transparent, keys: List[bytes]) -> bytes:
    """The leaf hash under which the log knows the statement, if every receipt holds."""
    leaf = tree.leaf_hash(entry.encode(whole.statement.data))
    for receipt in whole.receipts:
        verify_inclusion(receipt, leaf, keys)
    return leaf
