"""COSE receipts and transparent statements, over the small log of the receipts."""
from __future__ import annotations

from typing import Any, Dict, List

from .. import cbor, cose, cose_receipt as made, ed25519, entry, tree
from . import keys as weak_keys
from . import world
from .case import Cases
from .logs import flip

STATEMENTS = world.small_log()
ENTRIES = world.entries(STATEMENTS)
LEAVES = [tree.leaf_hash(data) for data in ENTRIES]
ROOT = tree.root(LEAVES)
PATH = tree.prove_inclusion(4, LEAVES)
KEY = ed25519.public_key(world.RECEIPTS)
HEAD = made.header(cose.thumbprint(KEY), world.ORIGIN)


def key_set(*keys: bytes) -> bytes:
    """A COSE_KeySet."""
    return cbor.encode([made.key_of_set(key) for key in keys])


KEYS = key_set(KEY)
INCLUSION = made.make(world.RECEIPTS, world.ORIGIN, made.INCLUSION, 6, 4, PATH, ROOT)


def grown(old: int, new: int = 6) -> bytes:
    """The receipt that the small log grew."""
    path = tree.prove_consistency(old, LEAVES[:new])
    return made.make(world.RECEIPTS, world.ORIGIN, made.CONSISTENCY, old, new, path, tree.root(LEAVES[:new]))


def included(index: int, size: int = 6) -> bytes:
    """The receipt of an entry in the first `size` ones."""
    path = tree.prove_inclusion(index, LEAVES[:size])
    return made.make(world.RECEIPTS, world.ORIGIN, made.INCLUSION, size, index, path, tree.root(LEAVES[:size]))


def put(head: Any = None, unprotected: Any = None, seed: bytes = world.RECEIPTS, root: bytes = ROOT) -> bytes:
    """The right receipt with another header, map of proofs, signer or root; rightly signed over that."""
    head = HEAD if head is None else head
    protected = head if isinstance(head, bytes) else cbor.encode(head)
    inner = made.proofs(made.INCLUSION, 6, 4, PATH) if unprotected is None else unprotected
    return made.encode(protected, inner, made.sign(seed, protected, root))


def cases() -> Cases:
    """The family `cose_receipt`."""
    all_cases = Cases("cose_receipt")

    def good(name: str, why: str, receipt: bytes, index: int = 4, keys: bytes = KEYS) -> None:
        all_cases.valid(name, why, receipt=receipt.hex(), keys=keys.hex(), entry=ENTRIES[index].hex())

    def bad(name: str, rule: str, why: str, receipt: bytes, index: int = 4, keys: bytes = KEYS) -> None:
        all_cases.invalid(name, rule, why, receipt=receipt.hex(), keys=keys.hex(), entry=ENTRIES[index].hex())

    good("decision", "Entry 4 of 6.", INCLUSION)
    for index in (0, 3, 5):
        good(f"entry-{index}-of-6", "Another entry of the small log.", included(index), index)
    good("entry-1-of-2", "The least tree that a receipt is given for.", included(1, 2), 1)
    good("two-keys", "The log has changed its key for receipts; either may have signed.", INCLUSION, keys=key_set(ed25519.public_key(world.RECEIPTS_2), KEY))
    good("ed25519", "The algorithm by its fully specified name, -19.", put({**HEAD, 1: cose.ED25519}))
    good("index-and-size-are-not-signed", "Entry 1 of 2, said to be entry 2 of 3: both lead to one root, so the receipt proves membership and no place.",
         put(unprotected=made.proofs(made.INCLUSION, 3, 2, tree.prove_inclusion(1, LEAVES[:2])), root=tree.root(LEAVES[:2])), 1)
    add_mutations(bad)
    add_headers(bad)
    add_proofs(bad)
    add_spellings(bad)
    add_keys(bad)
    add_consistency(all_cases)
    return all_cases


def add_mutations(bad: Any) -> None:
    """One thing changed in the right receipt."""
    at = INCLUSION.index(PATH[0])
    bad("path-flipped", "bad-signature", "One bit of the path's first hash.", INCLUSION[:at] + flip(PATH[0]) + INCLUSION[at + 32:])
    bad("signature-flipped", "bad-signature", "One bit of the signature.", INCLUSION[:-1] + bytes([INCLUSION[-1] ^ 1]))
    bad("another-entry", "bad-signature", "The receipt of entry 4 for entry 3.", INCLUSION, 3)
    bad("index-changed", "bad-signature", "Another place, unsigned as it is, turns the path.", put(unprotected=made.proofs(made.INCLUSION, 6, 5, PATH)))
    bad("another-key-signed", "bad-signature", "Signed by the log's key for checkpoints under the kid of the receipts' key.", put(seed=world.LOG))
    bad("another-root-signed", "bad-signature", "The root of the first five.", put(root=tree.root(LEAVES[:5])))
    bad("root-attached-and-signed-as-hex", "bad-signature", "The signature is over the root's hex.", put(root=ROOT.hex().encode()))
    head = cbor.encode(HEAD)
    external = ed25519.sign(world.RECEIPTS, cbor.encode(["Signature1", head, b"x", ROOT]))
    bad("signature-with-external-aad", "bad-signature", "external_aad is not empty.", made.encode(head, made.proofs(made.INCLUSION, 6, 4, PATH), external))
    other = cbor.encode(made.header(cose.thumbprint(KEY), "other.example/log"))
    bad("header-changed", "bad-signature", "Another log's name under the same signature.", made.encode(other, made.proofs(made.INCLUSION, 6, 4, PATH), INCLUSION[-64:]))
    bad("key-unknown", "unknown-key", "The set has another key.", INCLUSION, keys=key_set(ed25519.public_key(world.RECEIPTS_2)))
    bad("key-of-checkpoints", "unknown-key", "The log's key for checkpoints signs no receipts.", put({**HEAD, 4: cose.thumbprint(ed25519.public_key(world.LOG))}, seed=world.LOG))


def add_headers(bad: Any) -> None:
    """Protected headers that no receipt has."""
    wrong: Dict[str, Any] = {
        "without-claims": {key: value for key, value in HEAD.items() if key != 15}, "without-kid": {key: value for key, value in HEAD.items() if key != 4},
        "without-vds": {key: value for key, value in HEAD.items() if key != made.VDS}, "without-algorithm": {key: value for key, value in HEAD.items() if key != 1},
        "vds-as-text": {**HEAD, made.VDS: "1"}, "kid-short": {**HEAD, 4: HEAD[4][:31]}, "kid-as-text": {**HEAD, 4: "k" * 32}, "algorithm-as-text": {**HEAD, 1: "EdDSA"},
        "content-type": {**HEAD, 3: "application/scitt-receipt+cose"}, "crit": {**HEAD, 2: [made.VDS]}, "claims-as-array": {**HEAD, 15: [1, 2]}, "claims-empty": {**HEAD, 15: {}},
        "iss-http": {**HEAD, 15: {**HEAD[15], 1: "http://" + world.ORIGIN}}, "iss-upper-case": {**HEAD, 15: {**HEAD[15], 1: "https://LOG.example"}},
        "sub-of-another-log": {**HEAD, 15: {**HEAD[15], 2: "log:other.example/log"}}, "sub-of-the-statement": {**HEAD, 15: {**HEAD[15], 2: world.SUBJECT}},
        "iat": {**HEAD, 15: {**HEAD[15], 6: world.TIME}}, "array": [1, 2], "empty": b"", "trailing-byte": cbor.encode(HEAD) + b"\0", "head-longer": b"\xb8\x04" + cbor.encode(HEAD)[1:],
        "indefinite": b"\xbf" + cbor.encode(HEAD)[1:] + b"\xff", "label-twice": b"\xa5\x01\x27" + cbor.encode(HEAD)[1:],
    }
    for name, head in wrong.items():
        bad(f"header-{name}", "receipt-format", "Not the protected header of a receipt.", put(head))
    bad("vds-2", "not-understood", "Another verifiable data structure.", put({**HEAD, made.VDS: 2}))
    bad("vds-0", "not-understood", "The reserved one.", put({**HEAD, made.VDS: 0}))
    bad("algorithm-es256", "unknown-algorithm", "-7.", put({**HEAD, 1: -7}))


def add_proofs(bad: Any) -> None:
    """Maps of proofs that no receipt has."""
    right = cbor.encode([6, 4, PATH])
    wrong: Dict[str, Any] = {
        "none": {}, "map-empty": {made.VDP: {}}, "list-empty": {made.VDP: {-1: []}}, "two": {made.VDP: {-1: [right, right]}}, "not-in-a-byte-string": {made.VDP: {-1: [[6, 4, PATH]]}},
        "of-both-kinds": {made.VDP: {-1: [right], -2: [right]}}, "of-another-kind": {made.VDP: {-3: [right]}}, "kid-beside": {made.VDP: {-1: [right]}, 4: HEAD[4]}, "under-receipts": {made.RECEIPTS: {-1: [right]}},
        "path-inlined": {made.VDP: {-1: [cbor.encode([6, 4, *PATH])]}}, "without-path": {made.VDP: {-1: [cbor.encode([6, 4])]}}, "index-negative": {made.VDP: {-1: [cbor.encode([6, -4, PATH])]}},
        "size-as-text": {made.VDP: {-1: [cbor.encode(["6", 4, PATH])]}}, "hash-short": {made.VDP: {-1: [cbor.encode([6, 4, [PATH[0][:31]] + PATH[1:]])]}}, "hash-as-text": {made.VDP: {-1: [cbor.encode([6, 4, ["x" * 32] * 3])]}},
        "size-longer": {made.VDP: {-1: [right.replace(b"\x83\x06", b"\x83\x18\x06", 1)]}}, "trailing-byte": {made.VDP: {-1: [right + b"\0"]}}, "cut": {made.VDP: {-1: [right[:-1]]}},
    }
    for name, unprotected in wrong.items():
        bad(f"proofs-{name}", "receipt-format", "Not one proof of one kind.", put(unprotected=unprotected))
    lengths = {"empty": [], "short": PATH[:-1], "long": PATH + [bytes(32)], "of-54": PATH + [bytes(32)] * 51}
    for name, path in lengths.items():
        bad(f"path-{name}", "path-length", "Not the length that index and size ask for.", put(unprotected=made.proofs(-1, 6, 4, path)))
    one = made.make(world.RECEIPTS, world.ORIGIN, made.INCLUSION, 1, 0, [], LEAVES[0])
    bad("tree-of-one", "path-length", "A tree of one entry has an empty path, which the format does not have.", one, 0)
    for name, size, index in (("index-at-size", 6, 6), ("index-beyond", 6, 7), ("size-zero", 0, 0), ("size-2-53", 2**53, 4), ("index-2-53", 2**53 - 1, 2**53)):
        bad(name, "out-of-range", "No tree has this entry.", put(unprotected=made.proofs(-1, size, index, PATH)))
    bad("proves-growth", "receipt-format", "A receipt that the tree grew, where an entry is asked for.", grown(4))


def add_spellings(bad: Any) -> None:
    """The outer message, malformed or in another spelling."""
    protected, inner, signature = cbor.encode(HEAD), made.proofs(-1, 6, 4, PATH), INCLUSION[-64:]
    wrong = {
        "empty": b"", "cut": INCLUSION[:-1], "trailing-byte": INCLUSION + b"\0", "without-tag": INCLUSION[1:], "tag-17": b"\xd1" + INCLUSION[1:], "tag-longer": b"\xd8\x12" + INCLUSION[1:], "array-longer": b"\xd2\x98\x04" + INCLUSION[2:],
        "array-of-five": b"\xd2\x85" + INCLUSION[2:] + b"\0", "array-indefinite": b"\xd2\x9f" + INCLUSION[2:] + b"\xff", "payload-attached": made.encode(protected, inner, signature, cbor.encode(ROOT)),
        "payload-empty": made.encode(protected, inner, signature, b"\x40"), "payload-undefined": made.encode(protected, inner, signature, b"\xf7"), "payload-false": made.encode(protected, inner, signature, b"\xf4"),
        "signature-short": made.encode(protected, inner, signature[:63]), "signature-empty": made.encode(protected, inner, b""), "label-longer": INCLUSION.replace(b"\xa1\x19\x01\x8c", b"\xa1\x1a\0\0\x01\x8c", 1),
        "unprotected-array": made.encode(protected, [], signature), "protected-as-map": b"\xd2\x84" + protected + cbor.encode(inner) + made.NULL + cbor.encode(signature), "4097-bytes": INCLUSION + bytes(4097 - len(INCLUSION)),
        "statement": STATEMENTS[4],
    }
    for name, receipt in wrong.items():
        bad(f"form-{name}", "receipt-format", "Not the one spelling of a receipt.", receipt)


def add_keys(bad: Any) -> None:
    """Sets of keys that are none."""
    item = made.key_of_set(KEY)
    wrong: Dict[str, Any] = {
        "empty": cbor.encode([]), "one-key-alone": cbor.encode(item), "without-kid": cbor.encode([{key: value for key, value in item.items() if key != 2}]), "kid-of-another-key": cbor.encode([{**item, 2: bytes(32)}]),
        "without-algorithm": cbor.encode([{key: value for key, value in item.items() if key != 3}]), "algorithm-ed25519": cbor.encode([{**item, 3: -19}]), "key-in-a-byte-string": cbor.encode([cbor.encode(item)]), "key-twice": key_set(KEY, KEY),
        "x-short": cbor.encode([{**item, -2: KEY[:31]}]), "trailing-byte": KEYS + b"\0", "cut": KEYS[:-1], "65-keys": key_set(*[ed25519.public_key(bytes([n]) * 32) for n in range(65)]),
    }
    for name, keys in wrong.items():
        bad(f"keys-{name}", "key-encoding", "Not a set of keys for receipts.", INCLUSION, keys=keys)
    bad("keys-weak", "weak-key", "A key with a torsion part.", INCLUSION, keys=key_set(weak_keys.mixed_key(world.PROXY_SEED)))


def add_consistency(all_cases: Cases) -> None:
    """That the log grew."""
    def given(receipt: bytes, old: int, root: bytes = b"") -> Dict[str, Any]:
        return {"receipt": receipt.hex(), "keys": KEYS.hex(), "old_size": old, "old_root": (root or tree.root(LEAVES[:old])).hex()}

    for old in (1, 2, 3, 4, 5):
        all_cases.valid(f"growth-{old}-to-6", "The small log grew.", **given(grown(old), old))
    all_cases.valid("growth-3-to-5", "A tree before the newest.", **given(grown(3, 5), 3))

    def bad(name: str, rule: str, why: str, receipt: bytes, old: int = 3, root: bytes = b"") -> None:
        all_cases.invalid(f"growth-{name}", rule, why, **given(receipt, old, root))

    path = tree.prove_consistency(3, LEAVES)

    def over(first: int, second: int, hashes: List[bytes], root: bytes = ROOT) -> bytes:
        return put(unprotected=made.proofs(made.CONSISTENCY, first, second, hashes), root=root)

    bad("another-old-root", "root-mismatch", "An older tree that the log never had.", grown(3), 3, flip(tree.root(LEAVES[:3])))
    bad("another-old-size", "out-of-range", "The receipt begins with another tree than the one at hand.", grown(3), 4)
    bad("signature-flipped", "bad-signature", "One bit.", grown(3)[:-1] + bytes([grown(3)[-1] ^ 1]))
    bad("old-root-signed", "bad-signature", "The signature is over the older root.", over(3, 6, path, tree.root(LEAVES[:3])))
    bad("last-hash-flipped", "bad-signature", "It leads to the older root and to another newer one.", over(3, 6, path[:-1] + [flip(path[-1])]))
    bad("first-hash-flipped", "root-mismatch", "It leads to another older root.", over(3, 6, [flip(path[0])] + path[1:]))
    bad("path-empty", "path-length", "Nothing between two trees of different sizes.", over(4, 6, []), 4)
    bad("path-short", "path-length", "A hash is missing.", over(3, 6, path[:-1]))
    bad("path-long", "path-length", "A hash too many.", over(3, 6, path + [bytes(32)]))
    bad("same-size", "out-of-range", "A tree grows out of itself by nothing, and no receipt says so.", over(6, 6, [ROOT]), 6)
    bad("sizes-swapped", "out-of-range", "The older tree is larger.", over(6, 3, path), 6)
    bad("from-zero", "out-of-range", "Everything grows out of the empty tree.", over(0, 6, [ROOT]), 0, tree.root([]))
    bad("proves-an-entry", "receipt-format", "A receipt of an entry, where growth is asked for.", INCLUSION)


def transparent() -> Cases:
    """The family `transparent_statement`."""
    all_cases = Cases("transparent_statement")
    whole = made.attach(STATEMENTS[4], [INCLUSION])
    void = world.registrar(world.void(4, 9, 9))
    voided = [*LEAVES, tree.leaf_hash(entry.encode(void))]
    of_void = made.make(world.RECEIPTS, world.ORIGIN, made.INCLUSION, 7, 6, tree.prove_inclusion(6, voided), tree.root(voided))

    def good(name: str, why: str, data: bytes) -> None:
        all_cases.valid(name, why, transparent=data.hex(), keys=KEYS.hex())

    def bad(name: str, rule: str, why: str, data: bytes, keys: bytes = KEYS) -> None:
        all_cases.invalid(name, rule, why, transparent=data.hex(), keys=keys.hex())

    good("decision", "A decision with its receipt.", whole)
    good("enrolment", "The registrar's statement.", made.attach(STATEMENTS[1], [included(1)]))
    good("without-texts", "A statement without addenda: the entry ends in a zero byte.", made.attach(void, [of_void]))
    good("two-receipts", "Of two sizes of the log.", made.attach(STATEMENTS[4], [included(4, 5), INCLUSION]))
    good("eight-receipts", "As many as there may be.", made.attach(STATEMENTS[4], [INCLUSION] * 8))
    bad("receipt-of-another-statement", "bad-signature", "The receipt of entry 3.", made.attach(STATEMENTS[4], [included(3)]))
    bad("second-receipt-wrong", "bad-signature", "Every receipt must hold.", made.attach(STATEMENTS[4], [INCLUSION, included(3)]))
    bad("statement-signature-flipped", "bad-signature", "One bit of the statement's signature makes another entry.", whole[:-1] + bytes([whole[-1] ^ 1]))
    bad("receipt-over-the-transparent-statement", "bad-signature", "The leaf is made from the statement with its receipt.", over_itself())
    bad("receipt-over-the-statement-alone", "bad-signature", "The leaf is made from the statement without the places of its digests.", over_bare())
    bad("key-unknown", "unknown-key", "The set has another key.", whole, key_set(ed25519.public_key(world.RECEIPTS_2)))
    foreign = made.make(world.RECEIPTS, "other.example/log", made.INCLUSION, 6, 4, PATH, ROOT)
    bad("receipt-of-another-log", "wrong-audience", "The statement was made for another log than the receipt's.", made.attach(STATEMENTS[4], [foreign]))
    bad("receipt-of-growth", "receipt-format", "A receipt that the log grew.", made.attach(STATEMENTS[4], [grown(4)]))
    bad("receipt-cut", "receipt-format", "A receipt without its last byte.", made.attach(STATEMENTS[4], [INCLUSION[:-1]]))
    bad("no-receipts", "receipt-format", "An empty array.", made.attach(STATEMENTS[4], []))
    bad("nine-receipts", "receipt-format", "More than eight.", made.attach(STATEMENTS[4], [INCLUSION] * 9))
    bad("bare", "receipt-format", "The statement alone.", STATEMENTS[4])
    parts = made.split(STATEMENTS[4], "")

    def headed(unprotected: Any, payload: bytes = b"") -> bytes:
        return made.encode(parts[0], unprotected, parts[3], payload or cbor.encode(parts[2]))

    bad("receipts-null", "receipt-format", "null in place of the array.", whole.replace(b"\xa1\x19\x01\x8a\x81", b"\xa1\x19\x01\x8a\xf6\x81", 1))
    bad("receipts-not-in-byte-strings", "receipt-format", "The receipt's array itself.", headed({made.RECEIPTS: [[1, 2, 3]]}))
    bad("header-beside", "receipt-format", "Another label beside the receipts.", headed({made.RECEIPTS: [INCLUSION], 4: b"x"}))
    bad("label-395", "receipt-format", "Receipts under another label.", headed({made.VDS: [INCLUSION]}))
    bad("payload-detached", "receipt-format", "The statement's payload is missing.", headed({made.RECEIPTS: [INCLUSION]}, made.NULL))
    bad("trailing-byte", "receipt-format", "A byte behind the message.", whole + b"\0")
    bad("without-tag", "receipt-format", "An untagged array.", whole[1:])
    broken = world.sign(world.PROXY_SEED, {**world.decision(2), "type": "verdict"})
    bad("type-unknown", "not-understood", "A type of a later version.", made.attach(broken, [INCLUSION]))
    return all_cases


def over(leaf: bytes) -> bytes:
    """A right receipt for a leaf in place of entry 4."""
    leaves = LEAVES[:4] + [leaf] + LEAVES[5:]
    return made.make(world.RECEIPTS, world.ORIGIN, made.INCLUSION, 6, 4, tree.prove_inclusion(4, leaves), tree.root(leaves))


def over_itself() -> bytes:
    """A log that hashes what it gives out."""
    return made.attach(STATEMENTS[4], [over(tree.leaf_hash(made.attach(STATEMENTS[4], [INCLUSION])))])


def over_bare() -> bytes:
    """A log that forgets the places of the digests."""
    return made.attach(STATEMENTS[4], [over(tree.leaf_hash(STATEMENTS[4]))])
