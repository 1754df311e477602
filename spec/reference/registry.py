"""Replaying a log: who may say what, under which key, with which number."""
from __future__ import annotations

import hashlib
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from . import cose, ed25519, enrolment, lifecycle, note, table
from .entry import Entry
from .faults import Fault, require
from .statement import Statement

WINDOW = 65536
"""How far above the highest unbroken number a number may lie."""

AFTER_CLOSURE = ("redaction", "key_retirement", "tick")
"""What a closed log still takes."""


class Key(NamedTuple):
    """An enrolled key: whose it is, in which roles, from which index on."""

    owner: str
    key: bytes
    roles: Tuple[str, ...]
    enrolled_at: int


class Numbers:
    """The numbers of one issuer: which statement took each, or that it was voided."""

    def __init__(self) -> None:
        self.taken: Dict[int, Tuple[int, str, bytes]] = {}
        self.voided: Dict[int, int] = {}

    def unbroken(self) -> int:
        """The highest number up to which nothing is missing."""
        number = 0
        while number + 1 in self.taken or number + 1 in self.voided:
            number += 1
        return number

    def highest(self) -> int:
        """The highest number that was taken or voided."""
        return max(list(self.taken) + list(self.voided) + [0])

    def check(self, statement: Statement) -> None:
        """Whether the statement's number is free."""
        number = statement.sequence
        require(number not in self.voided, "sequence-void", "the number was closed")
        if number in self.taken:
            _, sub, payload = self.taken[number]
            same = (sub, payload) == (statement.sub, statement.message.payload)
            raise Fault("duplicate" if same else "sequence-conflict", "the number was used")
        require(number <= self.unbroken() + WINDOW, "sequence-ahead", "more than 65,536 ahead")

    def check_void(self, first: int, last: int) -> None:
        """Whether a range of numbers can be closed."""
        for number in range(first, last + 1):
            require(number not in self.taken, "sequence-conflict", "a number of the range was used")
            require(number not in self.voided, "sequence-void", "a number of the range was closed")
        require(last <= self.unbroken() + WINDOW, "sequence-ahead", "more than 65,536 ahead")


class Registry:
    """The state after some entries. `apply` takes the next one or refuses it and changes nothing."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.registrar = "https://" + origin
        self.keys: Dict[bytes, Key] = {}
        self.retired: Dict[bytes, int] = {}
        self.reserved: List[bytes] = []
        self.registrar_kid = self.announced = b""
        self.log_keys: List[bytes] = []
        self.receipt_keys: List[bytes] = []
        self.numbers: Dict[str, Numbers] = {}
        self.entries: List[Entry] = []
        self.closed = False

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def history(self) -> lifecycle.History:
        """The entries, to ask what became of each."""
        return lifecycle.History(self.registrar, self.entries)

    def apply(self, entry: Entry) -> None:
        """Checks an entry against everything before it, then takes it in."""
        statement = entry.statement
        require(statement.aud == self.origin, "wrong-audience", "made for another log")
        if self.size == 0:
            self.open_with(statement)
        else:
            require(statement.kind != "genesis", "genesis", "a second genesis")
        require(not self.closed or statement.kind in AFTER_CLOSURE, "log-closed", "the log takes nothing more")
        key = self.new_key(statement) or self.key_of(statement)
        statement.verify(key.key)
        self.check_author(statement, key)
        numbers = self.numbers.setdefault(statement.iss, Numbers())
        numbers.check(statement)
        self.CHECKS.get(statement.kind, Registry.check_nothing)(self, statement)
        lifecycle.check(self.history(), entry)
        self.take(entry, numbers)

    def open_with(self, statement: Statement) -> None:
        """Entry 0 is the genesis: it brings its own key, and the log's."""
        require(statement.kind == "genesis", "genesis", "entry 0 is not a genesis")
        require(statement.iss == self.registrar, "genesis", "not by the registrar")
        require(statement.sequence == 1, "genesis", "not number 1")
        fields = statement.payload
        self.log_keys = self.log_kids(fields["log_vkeys"], "genesis")
        registrar = cose.parse_cose_key(fields["registrar_key"])
        ed25519.check_key(registrar)
        kid = cose.thumbprint(registrar)
        self.keys[kid] = Key(self.registrar, registrar, (), 0)
        self.registrar_kid, self.announced = kid, fields["next_registrar_kid"]
        self.receipt_keys = [cose.thumbprint(cose.parse_cose_key(data)) for data in fields["receipt_keys"]]
        self.reserved = self.log_keys + self.receipt_keys + [self.announced]

    def log_kids(self, vkeys: List[str], rule: str) -> List[bytes]:
        """What the log's keys are known by: of type 1 or 6, one of type 1 at least, all named by the origin. A key of type 6 has
        no thumbprint here, because no statement is signed with one; its SHA-256 tells it from others."""
        log_keys = [note.parse_vkey(text) for text in vkeys]
        algs = {key.alg for key in log_keys}
        named = all(key.name == self.origin for key in log_keys)
        good = algs <= {note.ALG_ED25519, note.ALG_ML_DSA_44} and note.ALG_ED25519 in algs
        require(named and good, rule, "a log key of another name or type, or none of type 1")
        return [cose.thumbprint(key.key) if key.alg == note.ALG_ED25519 else hashlib.sha256(key.key).digest() for key in log_keys]

    def new_key(self, statement: Statement) -> Optional[Key]:
        """The registrar's new key, where a `keys` statement brings the announced one and is signed by it."""
        if statement.kind != "keys" or statement.iss != self.registrar or "registrar_key" not in statement.payload:
            return None
        key = cose.parse_cose_key(statement.payload["registrar_key"])
        require(cose.thumbprint(key) == self.announced, "not-authorised", "a registrar key that was not announced last")
        ed25519.check_key(key)
        require(statement.kid == self.announced, "unknown-key", "not signed by the new key")
        return Key(self.registrar, key, (), self.size)

    def key_of(self, statement: Statement) -> Key:
        """The key that `kid` names, if it may sign for that issuer now."""
        key = self.keys.get(statement.kid)
        if key is None:
            raise Fault("unknown-key", "never enrolled")
        require(key.owner == statement.iss, "wrong-issuer", "the key of another issuer")
        require(statement.kid not in self.retired, "key-retired", "the key ended before")
        return key

    def check_author(self, statement: Statement, key: Key) -> None:
        """Some types are the registrar's, some a provider's; a provider acts in a role it was enrolled for."""
        wanted = table.TYPES[statement.kind]["issuer"]
        author = "registrar" if statement.iss == self.registrar else "provider"
        require(wanted in (author, "either"), "not-authorised", f"a {statement.kind} by the {author}")
        role = statement.payload.get("provider_role")
        require(role is None or role in key.roles, "role-not-enrolled", "a role that the key was not enrolled for")

    def check_nothing(self, statement: Statement) -> None:
        """Most types depend on nothing more."""

    def check_enrolment(self, statement: Statement) -> None:
        """A key that was never enrolled and is nobody else's, with a request that it signed."""
        fields = statement.payload
        key = cose.parse_cose_key(fields["key"])
        ed25519.check_key(key)
        kid = cose.thumbprint(key)
        require(kid not in self.keys and kid not in self.reserved, "already-enrolled", "a key that is in use")
        require(fields["provider"] != self.registrar, "not-authorised", "the registrar is not a provider")
        check_request(fields, self.origin, key)
        cosigned = fields.get("evidence", {}).get("cosigned")
        if cosigned is not None:
            self.check_cosigned(cosigned, fields)

    def check_cosigned(self, cosigned: bytes, fields: Dict[str, Any]) -> None:
        """Evidence: the same request, signed by a key of that provider that is enrolled and has not ended."""
        message = cose.parse_sign1(cosigned, "not-authorised")
        request = cose.parse_sign1(fields["request"], "not-authorised")
        require(message.payload == request.payload, "not-authorised", "another request")
        kid = message.header.get(4)
        key = self.keys.get(kid) if isinstance(kid, bytes) else None
        known = key is not None and key.owner == fields["provider"] and kid not in self.retired
        require(known, "not-authorised", "not signed by a key of that provider")
        expected = {1: cose.EDDSA, 3: enrolment.CONTENT_TYPE, 4: kid}
        require(message.header == expected, "not-authorised", "not an enrolment request")
        signed = cose.sig_structure(message.protected, message.payload)
        require(key is not None and ed25519.verify(key.key, signed, message.signature), "not-authorised", "signature")

    def check_retirement(self, statement: Statement) -> None:
        """A provider's key ends by its owner's word or the registrar's."""
        fields = statement.payload
        require(statement.iss in (self.registrar, fields["provider"]), "not-authorised", "somebody else's key")
        key = self.keys.get(fields["kid"])
        owned = key is not None and key.owner == fields["provider"] and key.owner != self.registrar
        require(owned, "unknown-key", "no such key of that provider")
        require(fields["kid"] not in self.retired, "key-retired", "the key ended before")

    def check_void(self, statement: Statement) -> None:
        """Numbers of the issuer's own that are free."""
        self.numbers[statement.iss].check_void(statement.payload["first"], statement.payload["last"])

    def check_keys(self, statement: Statement) -> None:
        """What is announced is new, or announced still; so are the log's and the receipts' keys, or in use already."""
        fields = statement.payload
        known = list(self.keys) + self.reserved
        again = fields["next_registrar_kid"] == self.announced and "registrar_key" not in fields
        require(again or fields["next_registrar_kid"] not in known, "already-enrolled", "an announced key that is in use")
        log_keys = self.log_kids(fields["log_vkeys"], "not-authorised") if "log_vkeys" in fields else []
        receipt_keys = [cose.thumbprint(cose.parse_cose_key(data)) for data in fields.get("receipt_keys", [])]
        in_use = self.log_keys + self.receipt_keys
        free = all(kid in in_use or kid not in known for kid in log_keys + receipt_keys)
        require(free, "already-enrolled", "a key that has another job, or was given up")

    CHECKS = {"enrolment": check_enrolment, "key_retirement": check_retirement, "void": check_void, "keys": check_keys}

    def take(self, entry: Entry, numbers: Numbers) -> None:
        """Takes in an entry that passed every check."""
        statement = entry.statement
        fields, index = statement.payload, self.size
        numbers.taken[statement.sequence] = (index, statement.sub, statement.message.payload)
        if statement.kind == "enrolment":
            key = cose.parse_cose_key(fields["key"])
            self.keys[cose.thumbprint(key)] = Key(fields["provider"], key, tuple(fields["roles"]), index)
        elif statement.kind == "key_retirement":
            self.retired[fields["kid"]] = index
        elif statement.kind == "void":
            for number in range(fields["first"], fields["last"] + 1):
                numbers.voided[number] = index
        elif statement.kind == "keys":
            self.take_keys(fields, index)
        elif statement.kind == "closure":
            self.closed = True
        self.entries.append(entry)

    def take_keys(self, fields: Dict[str, Any], index: int) -> None:
        """The new key begins and the old one ends; lists that are there take the place of those before."""
        if "registrar_key" in fields:
            key = cose.parse_cose_key(fields["registrar_key"])
            self.retired[self.registrar_kid] = index
            self.registrar_kid = cose.thumbprint(key)
            self.keys[self.registrar_kid] = Key(self.registrar, key, (), index)
        self.announced = fields["next_registrar_kid"]
        if "log_vkeys" in fields:
            self.log_keys = self.log_kids(fields["log_vkeys"], "not-authorised")
        if "receipt_keys" in fields:
            self.receipt_keys = [cose.thumbprint(cose.parse_cose_key(data)) for data in fields["receipt_keys"]]
        self.reserved += self.log_keys + self.receipt_keys + [self.announced]

    def summary(self) -> Dict[str, Any]:
        """The state as the vectors write it down."""
        keys = [{"kid": kid.hex(), "owner": key.owner, "enrolled_at": key.enrolled_at,
                 "retired_at": self.retired.get(kid)} for kid, key in self.keys.items()]
        numbers = [{"iss": iss, "unbroken": n.unbroken(), "highest": n.highest(), "taken": len(n.taken),
                    "voided": len(n.voided)} for iss, n in sorted(self.numbers.items())]
        return {"size": self.size, "keys": sorted(keys, key=lambda k: (k["enrolled_at"], k["kid"])), "numbers": numbers}


def check_request(fields: Dict[str, Any], origin: str, key: bytes) -> None:
    """The request inside an enrolment is by that key, to this log, for that provider."""
    try:
        request = enrolment.check(fields["request"], origin, fields["provider"])
    except Fault as fault:
        raise Fault("not-authorised", f"the enrolment request: {fault}") from None
    require(request.key == key, "not-authorised", "the enrolment request is for another key")


def replay(origin: str, entries: List[Entry]) -> Tuple[Registry, Optional[Tuple[int, Fault]]]:
    """The state after the entries, or the first index that is refused and why."""
    registry = Registry(origin)
    for index, entry in enumerate(entries):
        try:
            registry.apply(entry)
        except Fault as fault:
            return registry, (index, fault)
    return registry, None
