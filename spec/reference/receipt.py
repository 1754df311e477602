"""Receipts: one JSON file that proves one statement offline. The steps are numbered as in `spec/receipt.md`."""
from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Tuple

from . import addendum, checkpoint, cose, entry, note, registry, tlog_proof, tree
from .faults import Fault, require
from .policy import Policy

FORMAT = "glasshouse-receipt/1"
MAX_BYTES = 48 * 1024 * 1024
MAX_HASHES = 53
RULE = "receipt-format"


class Proved(NamedTuple):
    """What a receipt proves: that this statement is on record, in this log, at this index, with these texts."""

    checkpoint: checkpoint.Checkpoint
    index: int
    entry: entry.Entry
    witnesses: List[str]
    addenda: List[addendum.Addendum]


class Item(NamedTuple):
    """One entry of a receipt, with the way from it to the root."""

    index: int
    data: bytes
    path: List[bytes]


class Receipt(NamedTuple):
    """A receipt taken apart, not verified."""

    checkpoint: str
    entries: List[Item]
    addenda: List[bytes]

    def encode(self) -> str:
        """Members in this order, no white space outside strings, only what JSON requires escaped."""
        items = [{"index": item.index, "entry": note.encode_base64(item.data),
                  "path": [note.encode_base64(digest) for digest in item.path]} for item in self.entries]
        addenda = [note.encode_base64(data) for data in self.addenda]
        whole = {"format": FORMAT, "checkpoint": self.checkpoint, "entries": items, "addenda": addenda}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def unique_members(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    """A JSON object in which no member stands twice (RFC 8259 section 4 leaves that open)."""
    require(len({key for key, _ in pairs}) == len(pairs), RULE, "a member twice")
    return dict(pairs)


def parse(text: str) -> Receipt:
    """A receipt in its only spelling: what is read is written again and must give the same text."""
    require(len(text.encode("utf-8")) <= MAX_BYTES, RULE, "more than 48 MiB")
    try:
        whole = json.loads(text, object_pairs_hook=unique_members)
    except ValueError:
        raise Fault(RULE, "not JSON") from None
    names = ["format", "checkpoint", "entries", "addenda"]
    require(isinstance(whole, dict) and list(whole) == names, RULE, "not exactly these members in this order")
    require(whole["format"] == FORMAT, "not-understood", "another format")
    require(isinstance(whole["checkpoint"], str), RULE, "the checkpoint is not text")
    entries, addenda = whole["entries"], whole["addenda"]
    require(isinstance(entries, list) and isinstance(addenda, list), RULE, "entries or addenda are not arrays")
    require(1 <= len(entries) <= 64 and len(addenda) <= 32, RULE, "too many entries or addenda, or no entry")
    receipt = Receipt(whole["checkpoint"], [parse_item(item) for item in entries], [parse_bytes(a) for a in addenda])
    require(receipt.encode() == text, RULE, "another spelling of that receipt")
    return receipt


def parse_item(item: Any) -> Item:
    """{"index", "entry", "path"}."""
    require(isinstance(item, dict) and list(item) == ["index", "entry", "path"], RULE, "members of an entry")
    require(type(item["index"]) is int and 0 <= item["index"] < tree.MAX_SIZE, RULE, "not an index")
    require(isinstance(item["path"], list) and len(item["path"]) <= MAX_HASHES, RULE, "not a path")
    path = [parse_bytes(digest) for digest in item["path"]]
    require(all(len(digest) == 32 for digest in path), RULE, "a hash that is not 32 bytes")
    return Item(item["index"], parse_bytes(item["entry"]), path)


def parse_bytes(value: Any) -> bytes:
    """Canonical base64 (RFC 4648 section 4)."""
    require(isinstance(value, str), RULE, "not a string")
    return note.decode_base64(value, RULE)


def verify(text: str, policy: Policy) -> Proved:
    """Every step, in order; the fault says at which one it ended."""
    step = [1]
    try:
        return Verifier(policy, step).run(text)
    except Fault as fault:
        fault.where["step"] = step[0]
        raise


class Verifier:
    """Runs the steps, and keeps the number of the one it is at."""

    def __init__(self, policy: Policy, step: List[int]) -> None:
        self.policy = policy
        self.step = step

    def run(self, text: str) -> Proved:
        """Steps 1 to 10."""
        receipt = parse(text)
        signed_note = receipt.checkpoint.encode("utf-8")
        self.step[0] = 2
        signed = tlog_proof.open_under(signed_note, self.policy)
        self.step[0] = 3
        witnesses = self.policy.check_quorum(note.parse(signed_note), signed)
        self.step[0] = 4
        for item in receipt.entries:
            tree.verify_inclusion(tree.leaf_hash(item.data), item.index, signed.size, signed.root, item.path)
        self.step[0] = 5
        state, about = self.genesis(receipt, signed)
        self.step[0] = 7
        self.enrolment(receipt, state)
        self.step[0] = 8
        self.statement(about, receipt.entries[0].index, state)
        self.step[0] = 10
        texts = self.addenda(receipt, about)
        return Proved(signed, receipt.entries[0].index, about, witnesses, texts)

    def genesis(self, receipt: Receipt, signed: checkpoint.Checkpoint) -> Tuple[registry.Registry, entry.Entry]:
        """Step 5: the genesis stands at index 0 and names the policy's key. (Step 6, `keys`, follows with that type.)"""
        zero = [item for item in receipt.entries if item.index == 0]
        require(len(zero) == 1, "genesis", "no entry with index 0, or two")
        try:
            genesis = entry.parse(zero[0].data)
            state = registry.Registry(signed.origin)
            state.apply(genesis)
        except Fault as fault:
            raise Fault("genesis", str(fault)) from None
        key = self.policy.log_key(note.parse(receipt.checkpoint.encode("utf-8"))).encode()
        require(key in genesis.statement.payload["log_vkeys"], "genesis", "the policy's key is not the log's")
        self.step[0] = 9
        about = entry.parse(receipt.entries[0].data)
        return state, about

    def enrolment(self, receipt: Receipt, state: registry.Registry) -> None:
        """Step 7: what follows is the genesis and, for a provider's statement, the enrolment of its kid; no more."""
        first, rest = receipt.entries[0], receipt.entries[1:]
        about = entry.parse(first.data).statement
        expected = ([] if first.index == 0 else [0])
        indices = [item.index for item in rest]
        if about.iss == state.registrar:
            require(indices == expected, RULE, "other entries than the statement and the genesis")
            return
        require(len(rest) > 0 and len(indices) == 2 and indices[0] == 0, "enrolment", "not genesis and one enrolment")
        enrolled, index = rest[1], indices[1]
        require(0 < index < first.index, "enrolment", "not enrolled before the statement")
        try:
            self.take_enrolment(entry.parse(enrolled.data), state, index)
        except Fault as fault:
            raise Fault("enrolment", str(fault)) from None
        key = state.keys.get(about.kid)
        require(key is not None and key.owner == about.iss, "enrolment", "of another key or provider")

    def take_enrolment(self, enrolled: entry.Entry, state: registry.Registry, index: int) -> None:
        """An enrolment by the registrar, its request valid. Its number cannot be judged from here."""
        statement = enrolled.statement
        require(statement.kind == "enrolment", "enrolment", "another type")
        require(statement.aud == state.origin, "wrong-audience", "made for another log")
        key = state.key_of(statement)
        statement.verify(key.key)
        state.check_author(statement, key)
        state.check_enrolment(statement._replace(payload={k: v for k, v in statement.payload.items() if k != "evidence"}))
        admitted = cose.parse_cose_key(statement.payload["key"])
        roles = tuple(statement.payload["roles"])
        state.keys[cose.thumbprint(admitted)] = registry.Key(statement.payload["provider"], admitted, roles, index)

    def statement(self, about: entry.Entry, index: int, state: registry.Registry) -> None:
        """Step 8: the statement's own signature, and that it was made for this log. Step 9, its schema, is done."""
        statement = about.statement
        require(statement.aud == state.origin, "wrong-audience", "made for another log")
        key = state.key_of(statement)
        statement.verify(key.key)
        state.check_author(statement, key)
        require(statement.kind != "genesis" or index == 0, "not-authorised", "only entry 0 is a genesis")

    def addenda(self, receipt: Receipt, about: entry.Entry) -> List[addendum.Addendum]:
        """Step 10: each text belongs to this statement; in the order of their digests' places, none twice."""
        texts = [addendum.parse(data) for data in receipt.addenda]
        for text in texts:
            addendum.check_owner(text, about.statement)
        fields = [text.field for text in texts]
        order = [field for field in about.statement.payload["addenda"] if field in fields]
        require(fields == order, RULE, "addenda out of order, or twice")
        return texts
