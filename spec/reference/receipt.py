"""Receipts: one JSON file that proves one statement offline. The steps are numbered as in `spec/receipt.md`."""
from __future__ import annotations

import json
from typing import Any, Callable, List, NamedTuple, Optional, Tuple

from . import addendum, checkpoint, cose, entry, json_head, note, registry, statement, tlog_proof, tree
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


def parse(text: str) -> Receipt:
    """A receipt in its only spelling: what is read is written again and must give the same text."""
    require(len(text.encode("utf-8")) <= MAX_BYTES, RULE, "more than 48 MiB")
    members = json_head.parse(text, RULE)
    require(json_head.text_of(members, "format", RULE) == FORMAT, "not-understood", "another format")
    whole = json_head.unique(members, RULE)
    require(list(whole) == ["format", "checkpoint", "entries", "addenda"], RULE, "not exactly these members in this order")
    require(isinstance(whole["checkpoint"], str), RULE, "the checkpoint is not text")
    entries, addenda = whole["entries"], whole["addenda"]
    require(isinstance(entries, list) and isinstance(addenda, list), RULE, "entries or addenda are not arrays")
    require(1 <= len(entries) <= 64 and len(addenda) <= 32, RULE, "too many entries or addenda, or no entry")
    receipt = Receipt(whole["checkpoint"], [parse_item(item) for item in entries], [parse_bytes(a, addendum.MAX_BYTES) for a in addenda])
    require(receipt.encode() == text, RULE, "another spelling of that receipt")
    return receipt


def parse_item(item: Any) -> Item:
    """{"index", "entry", "path"}."""
    require(isinstance(item, dict) and list(item) == ["index", "entry", "path"], RULE, "members of an entry")
    require(type(item["index"]) is int and 0 <= item["index"] < tree.MAX_SIZE, RULE, "not an index")
    require(isinstance(item["path"], list) and len(item["path"]) <= MAX_HASHES, RULE, "not a path")
    path = [parse_bytes(digest, 32) for digest in item["path"]]
    require(all(len(digest) == 32 for digest in path), RULE, "a hash that is not 32 bytes")
    return Item(item["index"], parse_bytes(item["entry"], entry.MAX_BYTES), path)


def parse_bytes(value: Any, most: int) -> bytes:
    """Canonical base64 (RFC 4648 section 4)."""
    require(isinstance(value, str), RULE, "not a string")
    data = note.decode_base64(value, RULE)
    require(len(data) <= most, RULE, "too many bytes")
    return data


def read(item: Item) -> Optional[statement.Statement]:
    """The statement of an entry, if it is one."""
    try:
        return entry.parse(item.data).statement
    except Fault:
        return None


def is_change(item: Item) -> bool:
    """Whether an entry changes the log's own keys."""
    one = read(item)
    return one is not None and one.kind == "keys"


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
        chain = self.sort(receipt, state)
        self.follow(receipt, state, chain)
        self.step[0] = 10
        texts = self.addenda(receipt, about)
        return Proved(signed, receipt.entries[0].index, about, witnesses, texts)

    def genesis(self, receipt: Receipt, signed: checkpoint.Checkpoint) -> Tuple[registry.Registry, entry.Entry]:
        """Step 5: the genesis stands at index 0; it, or a change of keys in the receipt, names the policy's key."""
        zero = [item for item in receipt.entries if item.index == 0]
        require(len(zero) == 1, "genesis", "no entry with index 0, or two")
        try:
            genesis = entry.parse(zero[0].data)
            state = registry.Registry(signed.origin)
            state.apply(genesis)
        except Fault as fault:
            raise Fault("genesis", str(fault)) from None
        named = [genesis.statement] + [one for one in map(read, receipt.entries) if one and one.kind == "keys"]
        require(any(self.names_log(receipt, one) for one in named), "genesis", "the policy's key is not the log's")
        self.step[0] = 9
        about = entry.parse(receipt.entries[0].data)
        return state, about

    def names_log(self, receipt: Receipt, one: statement.Statement) -> bool:
        """Whether a genesis or a change of keys names the policy's key."""
        key = self.policy.log_key(note.parse(receipt.checkpoint.encode("utf-8"))).encode()
        return key in one.payload.get("log_vkeys", [])

    def sort(self, receipt: Receipt, state: registry.Registry) -> List[Item]:
        """What follows is the genesis, changes of keys by ascending index and, for a provider's statement, one enrolment."""
        first, rest = receipt.entries[0], receipt.entries[1:]
        by_registrar = entry.parse(first.data).statement.iss == state.registrar
        rule = RULE if by_registrar else "enrolment"
        self.step[0] = 7
        if first.index != 0:
            require(len(rest) > 0 and rest[0].index == 0, rule, "the genesis does not follow")
            rest = rest[1:]
        else:
            require(not rest, rule, "others than the genesis")
        indices = [item.index for item in rest]
        self.step[0] = 6
        ascending = all(one < following for one, following in zip(indices, indices[1:]))
        require(ascending and first.index not in indices, "keys", "not in the order of the log")
        self.step[0] = 7
        others = [item for item in rest if not is_change(item)]
        if by_registrar:
            require(not others, rule, "others than the statement, the genesis and changes of keys")
        else:
            require(len(others) == 1 and others[0].index < first.index, rule, "not one enrolment before the statement")
        return rest

    def follow(self, receipt: Receipt, state: registry.Registry, chain: List[Item]) -> None:
        """Steps 6 to 8 in the order of the log: each change, the enrolment, and the statement at its place among them."""
        first = receipt.entries[0]
        about = entry.parse(first.data).statement
        for item in sorted(chain + [first], key=lambda item: item.index):
            if item is first:
                self.step[0] = 8
                self.statement(about, first.index, state)
                if about.kind == "keys":
                    state.take_keys(about.payload, first.index)
            elif is_change(item):
                self.step[0] = 6
                self.guarded("keys", self.take_change, item, state)
            else:
                self.step[0] = 7
                self.guarded("enrolment", self.take_enrolment, item, state)
                key = state.keys.get(about.kid)
                require(key is not None and key.owner == about.iss, "enrolment", "of another key or provider")
        self.step[0] = 6
        anchor = ([item.index for item in chain if not is_change(item)] + [first.index])[0]
        changes = [item.index for item in chain if is_change(item)]
        require(self.needed(receipt, anchor) == changes, "keys", "a change of keys on which nothing rests")

    def needed(self, receipt: Receipt, anchor: int) -> List[int]:
        """Of the changes in the receipt those that lead to the anchor's key, or to the first that names the policy's key."""
        told = [(item.index, read(item)) for item in sorted(receipt.entries, key=lambda item: item.index)]
        known = [(index, one) for index, one in told if one is not None and one.kind in ("genesis", "keys")]
        naming = [index for index, one in known if self.names_log(receipt, one)][0]
        end, found = max(anchor, naming), []
        changes = [(index, one.payload) for index, one in known if one.kind == "keys"]
        for place, (index, fields) in enumerate(changes):
            following = changes[place + 1:place + 2]
            announces = bool(following) and "registrar_key" in following[0][1] and following[0][0] <= end
            leads = index < end if "registrar_key" in fields else announces
            if index == naming or leads:
                found.append(index)
        return [index for index in found if index != receipt.entries[0].index]

    def guarded(self, rule: str, take: Callable[[Item, registry.Registry], None], item: Item, state: registry.Registry) -> None:
        """Takes an entry in; whatever is wrong with it is one rule."""
        try:
            take(item, state)
        except Fault as fault:
            raise Fault(rule, str(fault)) from None

    def take_change(self, item: Item, state: registry.Registry) -> None:
        """A change of keys by the rules of a log, as far as the receipt shows it."""
        change = entry.parse(item.data).statement
        require(change.aud == state.origin, "wrong-audience", "made for another log")
        key = state.new_key(change) or state.key_of(change)
        change.verify(key.key)
        state.check_author(change, key)
        state.check_keys(change)
        state.take_keys(change.payload, item.index)

    def take_enrolment(self, item: Item, state: registry.Registry) -> None:
        """An enrolment by the registrar, its request valid. Its number cannot be judged from here."""
        enrolled = entry.parse(item.data).statement
        require(enrolled.kind == "enrolment", "enrolment", "another type")
        require(enrolled.aud == state.origin, "wrong-audience", "made for another log")
        key = state.key_of(enrolled)
        enrolled.verify(key.key)
        state.check_author(enrolled, key)
        state.check_enrolment(enrolled._replace(payload={k: v for k, v in enrolled.payload.items() if k != "evidence"}))
        admitted = cose.parse_cose_key(enrolled.payload["key"])
        roles = tuple(enrolled.payload["roles"])
        state.keys[cose.thumbprint(admitted)] = registry.Key(enrolled.payload["provider"], admitted, roles, item.index)

    def statement(self, about: statement.Statement, index: int, state: registry.Registry) -> None:
        """Step 8: the statement's own signature, and that it was made for this log. Step 9, its schema, is done."""
        require(about.aud == state.origin, "wrong-audience", "made for another log")
        key = state.new_key(about) or state.key_of(about)
        about.verify(key.key)
        state.check_author(about, key)
        require(about.kind != "genesis" or index == 0, "not-authorised", "only entry 0 is a genesis")

    def addenda(self, receipt: Receipt, about: entry.Entry) -> List[addendum.Addendum]:
        """Step 10: each text belongs to this statement; in the order of their digests' places, none twice."""
        texts = [addendum.parse(data) for data in receipt.addenda]
        for text in texts:
            addendum.check_owner(text, about.statement)
        fields = [text.field for text in texts]
        order = [field for field in about.statement.payload["addenda"] if field in fields]
        require(fields == order, RULE, "addenda out of order, or twice")
        return texts
