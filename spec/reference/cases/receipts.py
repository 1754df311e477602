"""Receipts, and each step at which one can fail."""
from __future__ import annotations

import json
from typing import Any, List

from .. import checkpoint, ed25519, note
from ..receipt import Receipt
from . import later_formats, notes, policies, receipt_chains, registries, world
from .case import Cases

STATEMENTS = world.small_log()
LEAVES = world.entries(STATEMENTS)
FACTS = [world.text(world.PROXY, 2, "puid"), world.text(world.PROXY, 2, "decision_facts")]
RIGHT = world.make_receipt(LEAVES, [4, 0, 1], FACTS)
OTHER_KEY = note.make_vkey(world.ORIGIN, 1, ed25519.public_key(world.OTHER_LOG))


def changed(index: int, statement: bytes) -> List[bytes]:
    """The small log's entries with one of them another."""
    return LEAVES[:index] + world.entries([statement]) + LEAVES[index + 1:]


def over(index: int, statement: bytes, addenda: Any = None) -> Receipt:
    """The right receipt over a log in which one entry is another: everything up to the root fits."""
    return world.make_receipt(changed(index, statement), [4, 0, 1], FACTS if addenda is None else addenda)


def cases() -> Cases:
    """The family `receipt`."""
    all_cases = Cases("receipt")
    add_valid(all_cases)

    def bad(name: str, rule: str, step: int, why: str, receipt: Any, policy: str = world.POLICY) -> None:
        text = receipt if isinstance(receipt, str) else receipt.encode()
        all_cases.invalid(name, rule, why, {"step": step}, receipt=text, policy=policy)

    add_forms(bad)
    add_checkpoints(bad)
    add_genesis(bad)
    receipt_chains.add_invalid(bad)
    add_enrolments(bad)
    add_statements(bad)
    return all_cases


def add_valid(all_cases: Cases) -> None:
    """Receipts that hold."""
    def add(name: str, why: str, receipt: Receipt, policy: str = world.POLICY) -> None:
        all_cases.valid(name, why, receipt=receipt.encode(), policy=policy)

    add("decision", "A decision with both its texts.", RIGHT)
    second = checkpoint.cosign(RIGHT.checkpoint, world.LOG_SECOND, world.LOG_ML_DSA, world.TIME)
    add("second-signed", "The log's key of type 6 is asked for, and signed.", RIGHT._replace(checkpoint=second), policies.LOG_LINE + policies.SECOND_LINE + "quorum none\n")
    add("second-not-asked-for", "The line of type 6 is passed over by a policy of the key of type 1.", RIGHT._replace(checkpoint=second))
    two_kinds = world.registrar(world.genesis(log_vkeys=[world.LOG_KEY.encode(), world.LOG_SECOND.encode()]))
    add("genesis-names-both-keys", "A log whose genesis names a key of each type.", over(0, two_kinds))
    add("production", "A log in production.", over(0, world.registrar(world.genesis(purpose="production"))))
    add("decision-one-text", "One text; the other one may be withheld or redacted.", RIGHT._replace(addenda=FACTS[1:]))
    add("decision-no-text", "The statement alone.", RIGHT._replace(addenda=[]))
    withheld = world.sign(world.PROXY_SEED, world.decision(2, withheld={"decision_facts": {"ground": "ongoing_investigation", "until": "2030-01-01"}}))
    add("decision-shown-to-one-reader", "A text that the statement withholds, in the hands of a reader who was shown it.", over(4, withheld))
    add("no-action", "A refusal.", world.make_receipt(LEAVES, [3, 0, 1], []))
    add("second-provider", "Enrolled at index 2.", world.make_receipt(LEAVES, [5, 0, 2], []))
    add("enrolment", "A statement of the registrar's needs no enrolment.", world.make_receipt(LEAVES, [1, 0], []))
    add("genesis", "Entry 0 itself, with the log's rules.", world.make_receipt(LEAVES, [0], [world.text(world.REGISTRAR, 1, "policy")]))
    add("genesis-alone-in-the-log", "A tree of one entry: the path is empty.", world.make_receipt(LEAVES[:1], [0], []))
    add("cosigned", "A witness is asked for, and signed.", RIGHT._replace(checkpoint=world.signed_checkpoint(LEAVES, 1)),
        policies.LOG_LINE + policies.ONE + "quorum w1\n")
    longer = LEAVES + world.entries([registries.say(n) for n in range(3, 40)])
    add("longer-log", "45 entries or so.", world.make_receipt(longer, [20, 0, 1], []))
    void = world.entries([world.registrar(world.void(4, 9, 9))])
    add("registrar-void", "A void of the registrar's.", world.make_receipt(LEAVES + void, [6, 0], []))
    receipt_chains.add_valid(add)


def add_forms(bad: Any) -> None:
    """Step 1: one spelling only."""
    text = RIGHT.encode()
    whole = json.loads(text)

    def spelt(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    entry = whole["entries"][0]
    wrong = {
        "empty": "", "not-json": text[:-1], "array": "[]", "trailing-newline": text + "\n", "leading-space": " " + text, "byte-order-mark": "\ufeff" + text, "white-space-after-comma": text.replace(",", ", ", 1),
        "white-space-after-colon": text.replace(":", ": ", 1), "pretty-printed": json.dumps(whole, ensure_ascii=False, indent=1), "trailing-value": text + "{}",
        "members-in-other-order": spelt({key: whole[key] for key in ("checkpoint", "format", "entries", "addenda")}), "entry-members-in-other-order": spelt({**whole, "entries": [
            {key: entry[key] for key in ("entry", "index", "path")}] + whole["entries"][1:]}), "member-twice": text.replace('{"format"', '{"format":"glasshouse-receipt/1","format"', 1),
        "index-twice": text.replace('{"index":4', '{"index":4,"index":4', 1), "member-unknown": spelt({**whole, "comment": ""}), "entry-member-unknown": spelt({**whole, "entries": [{**entry, "kind": "x"}]}),
        "member-missing": spelt({key: value for key, value in whole.items() if key != "addenda"}), "index-as-text": text.replace('"index":4', '"index":"4"'), "index-as-float": text.replace('"index":4', '"index":4.0'),
        "index-with-exponent": text.replace('"index":4', '"index":4e0'), "index-negative": text.replace('"index":4', '"index":-4'), "index-minus-zero": text.replace('"index":0', '"index":-0'), "index-2-53": text.replace('"index":4', f'"index":{2**53}'),
        "index-true": text.replace('"index":1', '"index":true'), "escaped-solidus": text.replace("/", "\\/", 1), "escaped-letter": text.replace('"format"', '"\\u0066ormat"', 1), "escaped-dash": text.replace("\u2014", "\\u2014", 1),
        "newline-escaped-otherwise": text.replace("\\n", "\\u000a", 1), "addenda-null": spelt({**whole, "addenda": None}), "addendum-null": spelt({**whole, "addenda": [None]}), "no-entries": spelt({**whole, "entries": []}),
        "checkpoint-as-array": spelt({**whole, "checkpoint": whole["checkpoint"].split("\n")}), "base64-without-padding": text.replace('="', '"', 1), "base64-url-alphabet": text.replace(entry["entry"], entry["entry"].replace("/", "_").replace("+", "-")),
        "base64-with-newline": spelt({**whole, "entries": [{**entry, "entry": entry["entry"][:76] + "\n" + entry["entry"][76:]}] + whole["entries"][1:]}),
        "base64-left-over-bits": spelt({**whole, "entries": [{**entry, "path": [left_over(entry["path"][0])] + entry["path"][1:]}] + whole["entries"][1:]}), "path-hash-short": spelt({**whole, "entries": [
            {**entry, "path": [note.encode_base64(bytes(31))] + entry["path"][1:]}] + whole["entries"][1:]}), "path-of-54": spelt({**whole, "entries": [{**entry, "path": [note.encode_base64(bytes(32))] * 54}]}),
    }
    for name, receipt in wrong.items():
        bad(f"form-{name}", "receipt-format", 1, "Not the one spelling of a receipt.", receipt)
    long = {**entry, "entry": note.encode_base64(bytes(65536))}
    bad("form-entry-of-65536", "receipt-format", 1, "An entry has at most 65,535 bytes.", spelt({**whole, "entries": [long] + whole["entries"][1:]}))
    bad("form-addendum-above-1-mib", "receipt-format", 1, "An addendum has at most 1 MiB.", spelt({**whole, "addenda": [note.encode_base64(bytes(2**20 + 1))]}))
    add_formats(bad, text, spelt(whole))


def add_formats(bad: Any, text: str, spelt: str) -> None:
    """Step 1: `format` is judged before anything else."""
    bad("format-2", "not-understood", 1, "A later format.", text.replace("glasshouse-receipt/1", "glasshouse-receipt/2"))
    later = spelt.replace("glasshouse-receipt/1", "glasshouse-receipt/2")
    bad("format-2-with-other-members", "not-understood", 1, "What a later format consists of is not ours to judge.", '{"format":"glasshouse-receipt/2","proofs":{"a":1,"a":[null,1.5]}}')
    bad("format-2-spelt-otherwise", "not-understood", 1, "Nor is how it is spelt.", " " + later.replace(",", ", ", 1) + "\n")
    bad("format-2-behind-the-others", "not-understood", 1, "Nor where its format stands.", '{"entries":[],"format":"glasshouse-receipt/2"}')
    bad("format-2-in-pieces", "receipt-format", 1, "It is no JSON at all.", later[:-1])
    for name, why, members in later_formats.right(2):
        bad(f"format-2-{name}", "not-understood", 1, why, f'{{"format":"glasshouse-receipt/2",{members}}}')
    for name, why, members in later_formats.wrong(2):
        bad(f"form-format-2-{name}", "receipt-format", 1, why, f'{{"format":"glasshouse-receipt/2",{members}}}')
    bad("form-format-is-half-a-pair", "receipt-format", 1, "The format itself is Unicode.", '{"format":"glasshouse-receipt/\\ud800"}')
    bad("form-format-twice", "receipt-format", 1, "No telling which format it is.", '{"format":"glasshouse-receipt/1","format":"glasshouse-receipt/2"}')
    bad("form-format-twice-with-escape", "receipt-format", 1, "The same, with one of the names escaped.", '{"\\u0066ormat":"glasshouse-receipt/1","format":"glasshouse-receipt/2"}')
    bad("form-format-missing", "receipt-format", 1, "No format; one further in does not count.", '{"proofs":{"format":"glasshouse-receipt/2"}}')
    bad("form-format-is-a-number", "receipt-format", 1, "No text.", '{"format":2}')
    bad("form-format-in-an-array", "receipt-format", 1, "No object.", '["glasshouse-receipt/2"]')


def left_over(text: str) -> str:
    """The base64 of 32 bytes with a bit set that stands for nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-2] + alphabet[alphabet.index(text[-2]) + 1] + "="


def add_checkpoints(bad: Any) -> None:
    """Steps 2 to 4: checkpoint, quorum, inclusion."""
    bad("policy-of-another-key", "unknown-key", 2, "The policy has another key under the log's name.", RIGHT, f"log {OTHER_KEY.encode()}\nquorum none\n")
    bad("checkpoint-of-another-log", "unknown-key", 2, "The policy names no such log.", RIGHT._replace(checkpoint=world.signed_checkpoint(LEAVES, 0, "other.example/log", world.OTHER_LOG)))
    bad("checkpoint-size-changed", "bad-signature", 2, "6 became 7.", RIGHT._replace(checkpoint=RIGHT.checkpoint.replace("\n6\n", "\n7\n")))
    extended = note.sign(RIGHT.checkpoint.split("\n\n")[0] + "\nextension\n", world.LOG_KEY, world.LOG)
    bad("checkpoint-extension-line", "checkpoint-format", 2, "The log signed a fourth line.", RIGHT._replace(checkpoint=extended))
    usurped = note.sign(RIGHT.checkpoint.split("\n\n")[0] + "\n", policies.OTHER_KEY, world.OTHER_LOG)
    bad("checkpoint-of-another-origin", "wrong-origin", 2, "A log of the policy signed for another one's origin.", RIGHT._replace(checkpoint=usurped),
        f"log {policies.OTHER_KEY.encode()}\n" + world.POLICY)
    bad("checkpoint-not-a-note", "note-format", 2, "No signature at all.", RIGHT._replace(checkpoint=RIGHT.checkpoint.split("\n\n")[0] + "\n"))
    asked = policies.LOG_LINE + policies.SECOND_LINE + "quorum none\n"
    bad("second-missing", "unknown-key", 2, "The policy names the log's key of type 6, and only that of type 1 signed.", RIGHT, asked)
    bad("second-wrong", "bad-signature", 2, "The log's line of type 6 belongs to another checkpoint.", RIGHT._replace(
        checkpoint=RIGHT.checkpoint + notes.SECOND.splitlines(True)[-1]), asked)
    witnessed = policies.LOG_LINE + policies.ONE + "quorum w1\n"
    cosigned = world.signed_checkpoint(LEAVES, 1)
    bad("witness-signed-twice", "note-format", 2, "A known witness signs once; how often a key signed is judged with the note.", RIGHT._replace(
        checkpoint=cosigned + cosigned.splitlines(True)[-1]), witnessed)
    bad("quorum-not-met", "quorum", 3, "A witness is asked for, and did not sign.", RIGHT, witnessed)
    bad("cosignature-wrong", "bad-signature", 3, "The witness's signature belongs to another checkpoint.", RIGHT._replace(
        checkpoint=RIGHT.checkpoint + world.signed_checkpoint(LEAVES[:5], 1).splitlines(True)[-1]), witnessed)
    item = RIGHT.entries[0]
    rest = RIGHT.entries[1:]
    bad("path-flipped", "root-mismatch", 4, "One bit of the statement's path.", RIGHT._replace(entries=[item._replace(path=[bytes([item.path[0][0] ^ 1]) + item.path[0][1:]] + item.path[1:])] + rest))
    bad("path-short", "path-length", 4, "The last hash of the statement's path is missing.", RIGHT._replace(entries=[item._replace(path=item.path[:-1])] + rest))
    bad("path-long", "path-length", 4, "A hash too many.", RIGHT._replace(entries=[item._replace(path=item.path + [bytes(32)])] + rest))
    bad("index-wrong", "root-mismatch", 4, "5 in place of 4.", RIGHT._replace(entries=[item._replace(index=5)] + rest))
    bad("index-at-size", "out-of-range", 4, "6 in a tree of 6.", RIGHT._replace(entries=[item._replace(index=6)] + rest))
    bad("entry-flipped", "root-mismatch", 4, "One bit of the statement's signature.", RIGHT._replace(entries=[item._replace(data=item.data[:-20] + bytes([item.data[-20] ^ 1]) + item.data[-19:])] + rest))
    bad("genesis-path-flipped", "root-mismatch", 4, "One bit of the genesis's path.", RIGHT._replace(entries=[item, rest[0]._replace(path=[bytes(32)] + rest[0].path[1:]), rest[1]]))
    bad("enrolment-path-flipped", "root-mismatch", 4, "One hash of the enrolment's path.", RIGHT._replace(entries=[item, rest[0], rest[1]._replace(path=[bytes(32)] + rest[1].path[1:])]))


def add_genesis(bad: Any) -> None:
    """Step 5."""
    wrong = {
        "wrong-log-key": world.registrar(world.genesis(log_vkeys=[OTHER_KEY.encode()])), "key-of-another-name": world.registrar(world.genesis(log_vkeys=[note.make_vkey("other.example/log", 1, world.LOG_KEY.key).encode()])),
        "only-a-key-of-type-6": world.registrar(world.genesis(log_vkeys=[world.LOG_SECOND.encode()])),
        "wrong-origin": world.registrar(world.genesis(), aud="other.example/log", sub="log:other.example/log"), "wrong-issuer": world.sign(world.REGISTRAR_SEED, world.genesis(), "https://other.example/log"),
        "signed-by-another-key": world.sign(world.NEXT, world.genesis(), world.REGISTRAR), "signature-wrong": world.sign(world.NEXT, world.genesis(), world.REGISTRAR, key=ed25519.public_key(world.REGISTRAR_SEED)),
        "is-an-enrolment": world.registrar(world.enrol(1, world.PROXY_SEED_2)),
    }
    for name, statement in wrong.items():
        bad(f"genesis-{name}", "genesis", 5, "Entry 0 is not this log's genesis.", over(0, statement))
    bad("genesis-missing", "genesis", 5, "No entry with index 0.", world.make_receipt(LEAVES, [4, 1], FACTS))
    bad("genesis-twice", "genesis", 5, "Entry 0 stands twice.", world.make_receipt(LEAVES, [4, 0, 0], FACTS))


def add_enrolments(bad: Any) -> None:
    """Step 7."""
    wrong = {
        "by-another-registrar": world.sign(world.NEXT, world.enrol(2), world.REGISTRAR), "by-the-provider": world.sign(world.PROXY_SEED, world.enrol(1)),
        "signature-wrong": world.sign(world.NEXT, world.enrol(2), world.REGISTRAR, key=ed25519.public_key(world.REGISTRAR_SEED)), "of-another-provider": world.registrar(world.enrol(2, world.PROXY_SEED, world.SHIELD)),
        "of-another-key": world.registrar(world.enrol(2, world.PROXY_SEED_2)), "for-another-log": world.registrar(world.enrol(2), aud="other.example/log"),
        "without-possession": world.registrar(world.enrol(2, request=world.request(world.PROXY_SEED, world.PROXY, signer=world.SHIELD_SEED))), "is-a-retirement": world.registrar(world.retire(2)),
        "request-for-another-log": world.registrar(world.enrol(2, request=world.request(world.PROXY_SEED, world.PROXY, "other.example/log"))),
    }
    for name, statement in wrong.items():
        bad(f"enrolment-{name}", "enrolment", 7, "No enrolment of the statement's key for its issuer.", over(1, statement))
    bad("enrolment-missing", "enrolment", 7, "Only the genesis.", world.make_receipt(LEAVES, [4, 0], FACTS))
    bad("enrolment-of-the-other-provider", "enrolment", 7, "A right enrolment, but not this key's.", world.make_receipt(LEAVES, [4, 0, 2], FACTS))
    bad("enrolment-surplus", "enrolment", 7, "Both providers' enrolments.", world.make_receipt(LEAVES, [4, 0, 1, 2], FACTS))
    bad("enrolment-before-genesis", "enrolment", 7, "The entries behind the statement ascend.", world.make_receipt(LEAVES, [4, 1, 0], FACTS))
    late = [LEAVES[0], LEAVES[2], LEAVES[4], LEAVES[1]]
    bad("enrolment-index-after", "enrolment", 7, "The key was enrolled after the statement.", world.make_receipt(late, [2, 0, 3], FACTS))
    bad("registrar-statement-with-surplus", "receipt-format", 7, "The registrar's statements need no enrolment.", world.make_receipt(LEAVES, [2, 0, 1], []))


def add_statements(bad: Any) -> None:
    """Steps 8 to 10."""
    bad("statement-signature-wrong", "bad-signature", 8, "The statement was signed by another key than kid names.", over(4, world.sign(world.SHIELD_SEED, world.decision(2), key=ed25519.public_key(world.PROXY_SEED))))
    bad("statement-for-another-log", "wrong-audience", 8, "The statement was made for another log.", over(4, world.sign(world.PROXY_SEED, world.decision(2), aud="other.example/log"), []))
    bad("statement-in-a-role-not-enrolled", "role-not-enrolled", 8, "As a CDN.", over(4, world.sign(world.PROXY_SEED, world.decision(2, provider_role="cdn"))))
    bad("statement-not-a-providers", "not-authorised", 8, "A provider enrols.", over(4, world.sign(world.PROXY_SEED, world.enrol(2, world.PROXY_SEED_2)), []))
    bad("statement-is-a-second-genesis", "not-authorised", 8, "The registrar signed another genesis, and the log took it at index 2.",
        world.make_receipt(changed(2, world.registrar({**world.genesis(), "sequence": 3})), [2, 0], []))
    broken = world.without(world.decision(2), "category")
    bad("payload-category-missing", "invalid-payload", 9, "A required field is missing.", over(4, world.sign(world.PROXY_SEED, broken)))
    bad("payload-type-unknown", "not-understood", 9, "A type of a later version.", over(4, world.sign(world.PROXY_SEED, {**world.decision(2), "type": "verdict"})))
    bad("offsets-wrong", "offsets", 9, "The entry's index names other places.", world.make_receipt(LEAVES[:4] + [bad_offsets(LEAVES[4])] + LEAVES[5:], [4, 0, 1], FACTS))
    bad("addendum-digest", "addendum-mismatch", 10, "Other words.", RIGHT._replace(addenda=[FACTS[0], world.text(world.PROXY, 2, "decision_facts", "Other words.")]))
    bad("addendum-of-another-statement", "addendum-mismatch", 10, "The text of statement 1.", RIGHT._replace(addenda=[world.text(world.PROXY, 1, "decision_facts")]))
    bad("addendum-of-another-provider", "addendum-mismatch", 10, "The other provider's text.", RIGHT._replace(addenda=[world.text(world.SHIELD, 1, "decision_facts")]))
    bad("addendum-of-another-log", "addendum-mismatch", 10, "Made for another log.", RIGHT._replace(addenda=[world.text(world.PROXY, 2, "decision_facts", aud="other.example/log")]))
    bad("addendum-not-named", "addendum-mismatch", 10, "A field that the statement has no digest for.", RIGHT._replace(addenda=[world.text(world.PROXY, 2, "order_reference")]))
    bad("addendum-invalid", "addendum-invalid", 10, "A field that does not exist.", RIGHT._replace(addenda=[world.text(world.PROXY, 2, "diary")]))
    bad("addendum-trailing-byte", "not-cbor", 10, "A byte behind it.", RIGHT._replace(addenda=[FACTS[0] + b"\0"]))
    bad("addendum-longer-head", "not-deterministic", 10, "Its array's length in two bytes.", RIGHT._replace(addenda=[b"\x98\x06" + FACTS[0][1:]]))
    bad("addendum-twice", "receipt-format", 10, "The same text twice.", RIGHT._replace(addenda=[FACTS[0], FACTS[0]]))
    bad("addenda-out-of-order", "receipt-format", 10, "Not in the order of the payload's map.", RIGHT._replace(addenda=FACTS[::-1]))


def bad_offsets(data: bytes) -> bytes:
    """An entry whose last offset is one too large."""
    last = int.from_bytes(data[-5:-1], "big") + 1
    return data[:-5] + last.to_bytes(4, "big") + data[-1:]
