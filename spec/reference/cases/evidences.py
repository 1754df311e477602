"""Evidence of each kind, and each way in which a file convicts nobody."""
from __future__ import annotations

import json
from typing import Any, Dict, List

from .. import cose, ed25519, note, tree
from ..evidence import FORMAT, spell
from . import later, later_formats, receipt_chains as chains, world
from .case import Cases

LEAVES = world.entries(world.small_log())
OTHER_KEY = note.make_vkey(world.ORIGIN, 1, ed25519.public_key(world.OTHER_LOG))
AGAIN = world.sign(world.PROXY_SEED, world.decision(2, category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD"))
"""Another decision under the number 2 of the small log."""
AGAIN_SHIELD = world.sign(world.SHIELD_SEED, world.decision(1, world.SHIELD, category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD"), world.SHIELD)
"""Another decision under the number 1 of the log in which keys changed."""
SECOND_SEED = world.seed(0x15)
WEAK = bytes([1]) + bytes(31)
"""The neutral element of the curve."""


def whole(kind: str, **members: Any) -> Dict[str, Any]:
    """A file as an object."""
    return {"format": FORMAT, "kind": kind, "log": world.LOG_KEY.encode(), **members}


def at(leaves: List[bytes], index: int) -> Dict[str, Any]:
    """An entry in its tree."""
    path = tree.prove_inclusion(index, [tree.leaf_hash(data) for data in leaves])
    return {"checkpoint": world.signed_checkpoint(leaves), "index": index, "entry": note.encode_base64(leaves[index]),
            "path": [note.encode_base64(one) for one in path]}


def forked(old: int, new: int) -> Dict[str, Any]:
    """The small log's first entries, and a larger tree that begins with others."""
    others = [data + b"x" for data in LEAVES] * 3
    if old == new:
        path: List[bytes] = []
    else:
        path = tree.subproof(old, [tree.leaf_hash(data) for data in others[:new]], False)
    return whole("fork", old=world.signed_checkpoint(LEAVES[:old]), new=world.signed_checkpoint(others[:new]),
                 path=[note.encode_base64(one) for one in path])


def with_other(statement: bytes) -> List[bytes]:
    """The small log with that statement in place of entry 4, and one more entry."""
    return LEAVES[:4] + world.entries([statement]) + LEAVES[5:] + world.entries([world.sign(world.PROXY_SEED, world.decision(3))])


def rewritten() -> Dict[str, Any]:
    """Entry 4 became another one."""
    return whole("rewritten-entry", one=at(LEAVES, 4), other=at(with_other(AGAIN), 4))


def double(statement: bytes = AGAIN, enrolments: Any = (), leaves: Any = None, receipt: Any = None) -> Dict[str, Any]:
    """Number 2 of the proxy, twice."""
    filed = receipt or world.make_receipt(leaves or LEAVES, [4, 0, 1], []).encode()
    return whole("double-statement", receipt=filed, statement=note.encode_base64(statement), enrolments=list(enrolments))


def two_keys() -> Dict[str, Any]:
    """The second statement is signed by a second key of the provider."""
    leaves = LEAVES + world.entries([world.registrar(world.enrol(4, SECOND_SEED))])
    other = world.sign(SECOND_SEED, world.decision(2, category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD"))
    return double(other, [world.make_receipt(leaves, [6, 0], []).encode()], leaves)


def forged() -> bytes:
    """A decision with a signature that is not the key's."""
    good = bytearray(world.sign(world.PROXY_SEED, world.decision(3)))
    good[-1] ^= 1
    return bytes(good)


def bad(data: bytes, enrolments: Any = ()) -> Dict[str, Any]:
    """A log whose last entry is that."""
    return whole("bad-entry", at=at(LEAVES + [data], 6), enrolments=list(enrolments))


def enrolment(leaves: List[bytes] = LEAVES, index: int = 1) -> str:
    """The receipt of an enrolment."""
    return world.make_receipt(leaves, [index, 0], []).encode()


def broken(statement: bytes) -> bytes:
    """The same with one bit of its signature turned."""
    return statement[:-1] + bytes([statement[-1] ^ 1])


def genesis_receipt(leaves: List[bytes] = LEAVES) -> str:
    """The receipt of a genesis, which shows the registrar's first key."""
    return world.make_receipt(leaves, [0], []).encode()


def bad_in(leaves: List[bytes], index: int, *receipts: str) -> Dict[str, Any]:
    """That entry of that log."""
    return whole("bad-entry", at=at(leaves, index), enrolments=list(receipts))


def behind_changes(statement: bytes) -> List[bytes]:
    """The log in which the registrar's key changed twice, with one entry more."""
    return chains.LEAVES + world.entries([statement])


def cases() -> Cases:
    """The family `evidence`."""
    made = Cases("evidence")

    def add(name: str, why: str, value: Dict[str, Any]) -> None:
        made.valid(name, why, evidence=spell(value), log=world.LOG_KEY.encode())

    def refuse(name: str, rule: str, why: str, value: Any, log: str = world.LOG_KEY.encode()) -> None:
        text = value if isinstance(value, str) else spell(value)
        made.invalid(name, rule, why, evidence=text, log=log)

    for old, new in [(6, 6), (1, 6), (3, 6), (4, 6), (5, 12), (6, 13)]:
        add(f"fork-{old}-{new}", "Two trees of which neither begins with the other.", forked(old, new))
    add("rewritten-entry", "Another entry at index 4 of the larger tree.", rewritten())
    add("double-statement", "Two decisions under one number, by one key.", double())
    add("double-statement-about-another", "The same payload, about another subject.", double(world.sign(world.PROXY_SEED, world.decision(2), sub="s:ffeeddccbbaa99887766554433221100")))
    add("double-statement-by-two-keys", "The second one by a second key of the provider.", two_keys())
    add("bad-entry-no-cbor", "What is no entry.", bad(b"no statement"))
    elsewhere = world.sign(world.PROXY_SEED, world.decision(3), aud="other.example/log")
    add("bad-entry-wrong-audience", "A statement for another log.", bad(world.entries([elsewhere])[0]))
    add("bad-entry-bad-signature", "A signature that the enrolled key did not make.", bad(world.entries([forged()])[0], [enrolment()]))
    add_registrars(add)
    add_changes(add)
    add_forms(refuse)
    add_forks(refuse)
    add_entries(refuse)
    add_doubles(refuse)
    refuse_registrars(refuse)
    refuse_changes(refuse)
    return made


RULES = world.registrar(later.policy(4))
"""What the registrar says next in the small log."""
CHANGE = chains.change(world.NEXT, 4, world.NEXT_2)
"""The change to the registrar's announced key in the small log."""
BEGUN_WRONG = world.entries([broken(world.registrar(world.genesis()))]) + LEAVES[1:]
"""The small log with a genesis that nobody signed."""


def add_registrars(add: Any) -> None:
    """Signatures that the registrar's key did not make."""
    add("bad-entry-registrar", "Rules that the registrar's key of the genesis did not sign.", bad(world.entries([broken(RULES)])[0], [genesis_receipt()]))
    add("bad-entry-genesis", "A genesis that the key which it brings did not sign: no receipt can show it.", bad_in(BEGUN_WRONG, 0))
    add("bad-entry-genesis-of-another-key", "A genesis whose kid is not that of the key which it brings.",
        bad_in(world.entries([world.sign(world.NEXT, world.genesis(), world.REGISTRAR)]) + LEAVES[1:], 0))
    add("bad-entry-change-of-keys", "A change that the key which it brings did not sign.", bad(world.entries([broken(CHANGE)])[0]))
    add("bad-entry-change-by-the-old-key", "A change that the key in use signed, and not the key that it brings.",
        bad(world.entries([chains.change(world.NEXT, 4, world.NEXT_2, signer=world.REGISTRAR_SEED)])[0]))
    weak = later.keys(4, world.NEXT_2, registrar_key=cose.cose_key(WEAK))
    add("bad-entry-change-to-a-weak-key", "A change to a key under which signatures of nobody hold.",
        bad(world.entries([world.sign(world.NEXT, weak, world.REGISTRAR, key=WEAK)])[0]))


def add_changes(add: Any) -> None:
    """Evidence with receipts that hold changes of the registrar's key."""
    rules = behind_changes(broken(world.sign(world.NEXT_3, later.policy(10), world.REGISTRAR)))
    add("bad-entry-registrar-after-changes", "Rules that the registrar's third key did not sign.",
        bad_in(rules, 12, world.make_receipt(rules, [5, 0, 2, 4], []).encode()))
    decided = behind_changes(broken(world.sign(world.SHIELD_SEED, world.decision(2, world.SHIELD), world.SHIELD)))
    add("bad-entry-enrolled-after-a-change", "The registrar's second key had enrolled the provider.",
        bad_in(decided, 12, world.make_receipt(decided, [3, 0, 2], []).encode()))
    add("double-statement-after-a-change", "The receipt of the one on record holds a change of keys.", double(AGAIN_SHIELD, receipt=chains.of(9, 0, 2, 3).encode()))
    two = behind_changes(world.sign(world.NEXT_3, world.enrol(10, SECOND_SEED), world.REGISTRAR))
    add("double-statement-by-two-keys-after-changes", "So does that of the second key's enrolment.",
        double(world.sign(SECOND_SEED, world.decision(1, category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD")),
               [world.make_receipt(two, [12, 0, 2, 4, 5], []).encode()], receipt=world.make_receipt(two, [8, 0, 1], []).encode()))


def refuse_registrars(refuse: Any) -> None:
    """Right entries of the registrar, and receipts that show another key than its."""
    rule, wrong = "no-contradiction", world.entries([broken(RULES)])[0]
    refuse("bad-entry-registrar-without-receipt", rule, "Nobody says whose key it should be.", bad(wrong))
    refuse("bad-entry-registrar-right-signature", rule, "The signature holds.", bad(world.entries([RULES])[0], [genesis_receipt()]))
    refuse("bad-entry-registrar-beside-an-enrolment", rule, "An enrolment shows a provider's key.", bad(wrong, [enrolment()]))
    refuse("bad-entry-provider-beside-a-genesis", rule, "A genesis shows no provider's key.", bad(world.entries([forged()])[0], [genesis_receipt()]))
    refuse("bad-entry-genesis-right", rule, "A right genesis.", bad_in(LEAVES, 0))
    refuse("bad-entry-genesis-beside-a-receipt", rule, "A genesis brings its key, and needs no receipt.", bad_in(BEGUN_WRONG, 0, genesis_receipt()))
    refuse("bad-entry-genesis-itself-the-receipt", "genesis", "A genesis that nobody signed shows no key.",
           bad_in(BEGUN_WRONG + world.entries([broken(RULES)]), 6, genesis_receipt(BEGUN_WRONG)))
    refuse("bad-entry-change-right", rule, "A right change of keys.", bad(world.entries([CHANGE])[0]))
    refuse("bad-entry-change-beside-a-receipt", rule, "A change brings its key, and needs no receipt.", bad(world.entries([broken(CHANGE)])[0], [genesis_receipt()]))
    provider = world.sign(world.PROXY_SEED, later.keys(3, world.NEXT_2, registrar_key=cose.cose_key(ed25519.public_key(world.NEXT))))
    refuse("bad-entry-change-by-a-provider", rule, "Who may change keys depends on order; the signature is the provider's own.", bad(world.entries([provider])[0]))


def refuse_changes(refuse: Any) -> None:
    """Receipts that show a key in another place, or none."""
    rule = "no-contradiction"
    rules = behind_changes(broken(world.sign(world.NEXT_3, later.policy(10), world.REGISTRAR)))
    refuse("bad-entry-registrar-beside-another-key", rule, "The change shows the registrar's second key; the third should have signed.",
           bad_in(rules, 12, world.make_receipt(rules, [2, 0], []).encode()))
    refuse("bad-entry-registrar-beside-an-announcement", rule, "An announcement brings no key.",
           bad_in(rules, 12, world.make_receipt(rules, [4, 0, 2], []).encode()))
    changed = LEAVES + world.entries([CHANGE])
    instead = LEAVES + world.entries([broken(world.sign(world.NEXT, later.policy(5), world.REGISTRAR))])
    refuse("bad-entry-registrar-at-the-change", rule, "The key changed at the entry's own index, in another tree.",
           bad_in(instead, 6, world.make_receipt(changed, [6, 0], []).encode()))
    refuse("double-receipt-without-a-change", "enrolment", "The receipt leaves out the change that the enrolment rests on.", double(AGAIN_SHIELD, receipt=chains.of(9, 0, 3).encode()))


def add_forms(refuse: Any) -> None:
    """One spelling, one key."""
    good = spell(forked(3, 6))
    value = json.loads(good)
    wrong = {
        "empty": "", "not-json": good[:-1], "array": "[]", "white-space": good.replace(",", ", ", 1), "trailing-newline": good + "\n", "member-twice": good.replace('{"format"', '{"format":"glasshouse-evidence/1","format"', 1),
        "member-unknown": spell({**value, "comment": ""}), "member-missing": spell({name: one for name, one in value.items() if name != "path"}),
        "members-in-other-order": spell({name: value[name] for name in ("kind", "format", "log", "old", "new", "path")}), "escaped-letter": good.replace('"format"', '"\\u0066ormat"', 1),
        "path-hash-short": spell({**value, "path": [note.encode_base64(bytes(31))]}), "path-of-55": spell({**value, "path": [note.encode_base64(bytes(32))] * 55}), "path-null": spell({**value, "path": None}),
        "members-of-another-kind": spell({**value, "kind": "bad-entry"}), "no-kind": spell({name: one for name, one in value.items() if name != "kind"}),
    }
    for name, text in wrong.items():
        refuse(f"form-{name}", "evidence-format", "Not the one spelling of the format.", text)
    refuse("format-2", "not-understood", "A later format.", good.replace("evidence/1", "evidence/2"))
    refuse("kind-unknown", "not-understood", "A later kind.", good.replace('"fork"', '"spoon"'))
    refuse("format-2-with-other-members", "not-understood", "What a later format consists of is not ours to judge.", '{"more":{"a":1,"a":[null,1.5]},"format":"glasshouse-evidence/2"}')
    refuse("form-format-twice", "evidence-format", "No telling which format it is.", '{"format":"glasshouse-evidence/1","format":"glasshouse-evidence/2"}')
    refuse("form-format-in-an-array", "evidence-format", "No object.", '["glasshouse-evidence/2"]')
    refuse("form-format-is-a-number", "evidence-format", "No text.", '{"format":2}')
    unknown = {**value, "kind": "spoon"}
    refuse("kind-unknown-with-other-members", "not-understood", "A later kind has the members of its own.", spell({"kind": "spoon", "format": FORMAT, "log": "log.example", "handle": None}))
    refuse("form-kind-unknown-without-log", "evidence-format", "Every kind says whose log it is about.", spell({name: one for name, one in unknown.items() if name != "log"}))
    refuse("form-kind-unknown-log-twice", "evidence-format", "Twice is not once.", spell(unknown)[:-1] + ',"log":"log.example"}')
    refuse("form-kind-is-a-number", "evidence-format", "No text.", spell({**value, "kind": 1}))
    for what, head, before in [("format-2", '{"format":"glasshouse-evidence/2",', 2), ("kind-unknown", f'{{"format":"{FORMAT}","kind":"spoon","log":"log.example",', 4)]:
        for name, why, members in later_formats.right(before):
            refuse(f"{what}-{name}", "not-understood", why, head + members + "}")
        for name, why, members in later_formats.wrong(before):
            refuse(f"form-{what}-{name}", "evidence-format", why, head + members + "}")
    for name, text in {"kind": f'{{"format":"{FORMAT}","kind":"\\udfff","log":"x"}}', "log": f'{{"format":"{FORMAT}","kind":"spoon","log":"\\udfff"}}'}.items():
        refuse(f"form-{name}-is-half-a-pair", "evidence-format", "The members that every kind has are Unicode.", text)
    refuse("log-of-another-key", "unknown-key", "The file accuses another key than the one asked about.", good, OTHER_KEY.encode())
    refuse("log-no-vkey", "vkey", "The log's key is none.", spell({**value, "log": "log.example"}))


def add_forks(refuse: Any) -> None:
    """Honest logs, and notes that the log did not sign."""
    leaves = [tree.leaf_hash(data) for data in LEAVES]
    honest = whole("fork", old=world.signed_checkpoint(LEAVES[:3]), new=world.signed_checkpoint(LEAVES),
                   path=[note.encode_base64(one) for one in tree.subproof(3, leaves, False)])
    refuse("fork-of-an-honest-log", "no-contradiction", "The newer tree begins with the older one.", honest)
    same = world.signed_checkpoint(LEAVES)
    refuse("fork-same-checkpoint", "no-contradiction", "One checkpoint twice.", whole("fork", old=same, new=same, path=[]))
    good = forked(3, 6)
    refuse("fork-reversed", "no-contradiction", "The larger tree stands first.", {**good, "old": good["new"], "new": good["old"]})
    refuse("fork-path-short", "no-contradiction", "A hash is missing.", {**good, "path": good["path"][:-1]})
    refuse("fork-path-long", "no-contradiction", "A hash more.", {**good, "path": good["path"] + [note.encode_base64(bytes(32))]})
    refuse("fork-path-changed", "no-contradiction", "The path does not lead to the newer root.", {**good, "path": [note.encode_base64(bytes(32))] + good["path"][1:]})
    refuse("fork-same-size-with-path", "no-contradiction", "Two roots of one size need no path.", {**forked(6, 6), "path": [note.encode_base64(bytes(32))]})
    for member in ("old", "new"):
        refuse(f"fork-{member}-changed", "bad-signature", "The log did not sign this.", {**good, member: good[member].replace("\n6\n", "\n7\n").replace("\n3\n", "\n2\n")})
    strange = world.signed_checkpoint(LEAVES, 0, world.ORIGIN, world.OTHER_LOG)
    empty, first = world.signed_checkpoint([]), [note.encode_base64(one) for one in [leaves[0]] + tree.prove_inclusion(0, leaves)]
    refuse("fork-of-the-empty-tree", "no-contradiction", "Every tree begins with the empty one.", whole("fork", old=empty, new=same, path=[]))
    refuse("fork-of-the-empty-tree-with-path", "no-contradiction", "The path leads to the newer root, and no older root follows from it.", whole("fork", old=empty, new=same, path=first))
    refuse("fork-of-another-key", "unknown-key", "Another key under the log's name signed it.", {**good, "old": strange})


def add_entries(refuse: Any) -> None:
    """Rewritten and bad entries that are none."""
    good = rewritten()
    refuse("rewritten-same-entry", "no-contradiction", "The same entry in two trees.", whole("rewritten-entry", one=at(LEAVES[:5], 4), other=at(LEAVES, 4)))
    refuse("rewritten-other-index", "no-contradiction", "Entries of two indexes.", {**good, "other": at(with_other(AGAIN), 5)})
    refuse("rewritten-reversed", "no-contradiction", "The larger tree stands first.", whole("rewritten-entry", one=good["other"], other=good["one"]))
    refuse("rewritten-entry-changed", "root-mismatch", "The entry is not in the tree.", {**good, "one": {**good["one"], "entry": note.encode_base64(LEAVES[3])}})
    refuse("rewritten-path-short", "path-length", "A hash is missing.", {**good, "one": {**good["one"], "path": good["one"]["path"][:-1]}})
    refuse("rewritten-index-beyond", "out-of-range", "The tree has no such entry.", {**good, "one": {**good["one"], "index": 6}})
    refuse("rewritten-index-as-text", "evidence-format", "An index is an integer.", {**good, "one": {**good["one"], "index": "4"}})
    refuse("rewritten-entry-members", "evidence-format", "An entry has four members.", {**good, "one": {name: good["one"][name] for name in ("checkpoint", "index", "entry")}})
    right = world.entries([world.sign(world.PROXY_SEED, world.decision(3))])[0]
    wrong = world.entries([forged()])[0]
    refuse("bad-entry-right-one", "no-contradiction", "A right entry.", bad(right))
    refuse("bad-entry-right-signature", "no-contradiction", "The signature holds.", bad(right, [enrolment()]))
    refuse("bad-entry-without-enrolment", "no-contradiction", "Nobody says whose key it should be.", bad(wrong))
    refuse("bad-entry-other-enrolment", "no-contradiction", "The enrolment of another provider's key.", bad(wrong, [enrolment(index=2)]))
    refuse("bad-entry-enrolment-beside-no-entry", "no-contradiction", "What is no entry needs no key.", bad(b"no statement", [enrolment()]))
    refuse("bad-entry-two-enrolments", "evidence-format", "One enrolment at most.", bad(wrong, [enrolment(), enrolment()]))
    later = world.entries([forged(), world.registrar(world.enrol(4, SECOND_SEED))])
    early = world.sign(SECOND_SEED, world.decision(3))
    before = LEAVES + world.entries([early[:-1] + bytes([early[-1] ^ 1])]) + later[1:]
    refuse("bad-entry-enrolled-later", "no-contradiction", "The key was enrolled behind the entry.",
           whole("bad-entry", at=at(before, 6), enrolments=[enrolment(before, 7)]))
    admitted = LEAVES + world.entries([world.registrar(world.enrol(4, SECOND_SEED))])
    refuse("bad-entry-enrolled-at-its-own-index", "no-contradiction", "The key was enrolled at the entry's own index, in another tree.",
           bad_in(LEAVES + world.entries([broken(early)]), 6, enrolment(admitted, 6)))
    future = world.sign(world.PROXY_SEED, {**world.decision(3), "type": "decision_of_tomorrow"})
    refuse("bad-entry-unknown-type", "no-contradiction", "A type that this version does not know is no fault.", bad(world.entries([future])[0]))


def add_doubles(refuse: Any) -> None:
    """Providers who said nothing twice."""
    same = world.sign(world.PROXY_SEED, world.decision(2), iat=world.TIME + 1)
    refuse("double-duplicate", "no-contradiction", "The same statement, signed at another time.", double(same))
    refuse("double-other-number", "no-contradiction", "Number 3.", double(world.sign(world.PROXY_SEED, world.decision(3))))
    refuse("double-other-log", "no-contradiction", "Made for another log.", double(world.sign(world.PROXY_SEED, world.decision(2, category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD"), aud="other.example/log")))
    refuse("double-bad-signature", "no-contradiction", "Nobody signed the other one.", double(AGAIN[:-1] + bytes([AGAIN[-1] ^ 1])))
    refuse("double-cut", "not-cbor", "The other statement is none.", double(AGAIN[:-1]))
    two = two_keys()
    refuse("double-other-key-without-enrolment", "no-contradiction", "Nobody says whose the second key is.", {**two, "enrolments": []})
    refuse("double-enrolment-without-need", "no-contradiction", "One key needs no second enrolment.", double(AGAIN, [enrolment()]))
    refuse("double-enrolment-of-another-provider", "no-contradiction", "The key of another provider.", {**two, "enrolments": [enrolment(index=2)]})
    refuse("double-receipt-of-a-registrar", "no-contradiction", "The receipt of an enrolment.", double(receipt=enrolment()))
    with_texts = world.make_receipt(LEAVES, [4, 0, 1], [world.text(world.PROXY, 2, "puid")]).encode()
    refuse("double-receipt-with-texts", "no-contradiction", "Evidence carries no texts.", double(receipt=with_texts))
    refuse("double-receipt-changed", "root-mismatch", "The receipt does not hold.", double(receipt=world.make_receipt(LEAVES, [4, 0, 1], [], world.signed_checkpoint(LEAVES[:5] + [LEAVES[4]])).encode()))
    refuse("double-receipt-empty", "receipt-format", "No receipt.", double(receipt="{}"))
