"""Evidence: one JSON file that convicts a log or a provider. The kinds and steps are those of `spec/evidence.md`."""
from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Tuple

from . import checkpoint, cose, ed25519, enrolment, entry, json_head, note, policy, receipt, statement, tree
from .faults import Fault, require

FORMAT = "glasshouse-evidence/1"
MAX_BYTES = 16 * 1024 * 1024
RULE = "evidence-format"
NOTHING = "no-contradiction"
MEMBERS = {
    "fork": ["old", "new", "path"],
    "rewritten-entry": ["one", "other"],
    "double-statement": ["receipt", "statement", "enrolments"],
    "bad-entry": ["at", "enrolments"],
}


class At(NamedTuple):
    """An entry at its index in the tree of a signed checkpoint."""

    signed: checkpoint.Checkpoint
    index: int
    data: bytes


def spell(whole: Any) -> str:
    """The one spelling of a JSON value here."""
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def verify(text: str, log: str) -> Dict[str, Any]:
    """Who is convicted of what, under the key of the log that is asked about."""
    require(len(text.encode("utf-8")) <= MAX_BYTES, RULE, "more than 16 MiB")
    members = json_head.parse(text, RULE)
    require(json_head.text_of(members, "format", RULE) == FORMAT, "not-understood", "another format")
    kind, _ = json_head.text_of(members, "kind", RULE), json_head.text_of(members, "log", RULE)
    require(kind in MEMBERS, "not-understood", "another kind")
    whole = json_head.unique(members, RULE)
    names = ["format", "kind", "log"] + MEMBERS[whole["kind"]]
    require(list(whole) == names, RULE, "not exactly these members in this order")
    require(spell(whole) == text, RULE, "another spelling")
    key = note.parse_vkey(whole["log"])
    require(key == note.parse_vkey(log), "unknown-key", "against another log")
    judge = {"fork": fork, "rewritten-entry": rewritten, "double-statement": double, "bad-entry": bad}[whole["kind"]]
    return {"kind": whole["kind"], "origin": key.name, **judge(whole, key)}


def texts(value: Any, most: int) -> List[str]:
    """A list of texts."""
    require(isinstance(value, list) and len(value) <= most and all(isinstance(one, str) for one in value), RULE, "a list")
    return list(value)


def hashes(value: Any, most: int) -> List[bytes]:
    """A list of hashes in base64."""
    found = [note.decode_base64(one, RULE) for one in texts(value, most)]
    require(all(len(one) == 32 for one in found), RULE, "a hash that is not 32 bytes")
    return found


def open_note(value: Any, key: note.Vkey) -> checkpoint.Checkpoint:
    """A checkpoint that the log signed."""
    require(isinstance(value, str), RULE, "a checkpoint is text")
    return checkpoint.open_checkpoint(value.encode("utf-8"), key)


def fork(whole: Dict[str, Any], key: note.Vkey) -> Dict[str, Any]:
    """Two roots of one size; or nodes of the newer tree from which another older root follows."""
    path = hashes(whole["path"], 54)
    old, new = open_note(whole["old"], key), open_note(whole["new"], key)
    if old.size == new.size:
        require(not path and old.root != new.root, NOTHING, "no two roots of one size")
    else:
        require(0 < old.size < new.size, NOTHING, "sizes")
        try:
            old_root, new_root = tree.roots_from_subproof(old.size, new.size, False, b"", path)
        except (Fault, IndexError):
            raise Fault(NOTHING, "the path has another length") from None
        require(new_root == new.root and old_root != old.root, NOTHING, "the path shows no other old root")
    return {"old_size": old.size, "new_size": new.size}


def open_entry(value: Any, key: note.Vkey) -> At:
    """An entry, and that it stands in the tree."""
    names = ["checkpoint", "index", "entry", "path"]
    require(isinstance(value, dict) and list(value) == names, RULE, "members of an entry")
    require(type(value["index"]) is int and 0 <= value["index"] < tree.MAX_SIZE, RULE, "not an index")
    require(isinstance(value["entry"], str), RULE, "an entry is base64")
    data, path = note.decode_base64(value["entry"], RULE), hashes(value["path"], 53)
    require(len(data) <= entry.MAX_BYTES, RULE, "an entry of more than 65,535 bytes")
    signed = open_note(value["checkpoint"], key)
    tree.verify_inclusion(tree.leaf_hash(data), value["index"], signed.size, signed.root, path)
    return At(signed, value["index"], data)


def rewritten(whole: Dict[str, Any], key: note.Vkey) -> Dict[str, Any]:
    """Two entries at one index, the smaller tree first."""
    one, other = open_entry(whole["one"], key), open_entry(whole["other"], key)
    require(one.signed.size <= other.signed.size, NOTHING, "the larger tree stands first")
    require(one.index == other.index and one.data != other.data, NOTHING, "not two entries at one index")
    return {"index": one.index}


def open_receipt(text: str, key: note.Vkey) -> Tuple[receipt.Proved, receipt.Receipt]:
    """A receipt without texts under the log's key alone."""
    taken = receipt.parse(text)
    require(not taken.addenda, NOTHING, "a receipt in evidence brings no texts")
    try:
        return receipt.verify(text, policy.parse(f"log {key.encode()}\nquorum none\n")), taken
    except Fault as fault:
        raise Fault(fault.rule, fault.detail) from None


def brings_key(about: statement.Statement) -> bool:
    """Whether a statement brings the registrar's key that must have signed it."""
    registrars = about.iss == f"https://{about.aud}"
    return registrars and (about.kind == "genesis" or about.kind == "keys" and "registrar_key" in about.payload)


def shown(about: statement.Statement) -> Tuple[bytes, str]:
    """The key that an enrolment admits, or a statement of the registrar brings, and whose it is."""
    if brings_key(about):
        return cose.parse_cose_key(about.payload["registrar_key"]), about.iss
    return enrolled(about)


def enrolled(about: statement.Statement) -> Tuple[bytes, str]:
    """The key that an enrolment admits, and whose it is."""
    require(about.kind == "enrolment", NOTHING, "not an enrolment")
    fields = about.payload
    try:
        key = cose.parse_cose_key(fields["key"])
        require(enrolment.check(fields["request"], about.aud, fields["provider"]).key == key, NOTHING, "another key")
    except Fault:
        raise Fault(NOTHING, "the enrolment's request") from None
    return key, fields["provider"]


def double(whole: Dict[str, Any], key: note.Vkey) -> Dict[str, Any]:
    """A statement on record and another one with its number."""
    require(isinstance(whole["receipt"], str) and isinstance(whole["statement"], str), RULE, "receipt or statement")
    data, enrolments = note.decode_base64(whole["statement"], RULE), texts(whole["enrolments"], 1)
    proved, taken = open_receipt(whole["receipt"], key)
    filed, other = proved.entry.statement, statement.parse(data)
    admissions = [one for one in map(receipt.read, taken.entries[1:]) if one is not None and one.kind == "enrolment"]
    require(len(admissions) == 1, NOTHING, "not a provider's statement")
    same = (filed.iss, filed.aud, filed.sequence) == (other.iss, other.aud, other.sequence)
    require(same, NOTHING, "another issuer, log or number")
    require((filed.sub, filed.message.payload) != (other.sub, other.message.payload), NOTHING, "a duplicate")
    require((filed.kid == other.kid) == (not enrolments), NOTHING, "an enrolment stands beside another key, and only there")
    admission = open_receipt(enrolments[0], key)[0].entry.statement if enrolments else admissions[0]
    signer, owner = enrolled(admission)
    require(cose.thumbprint(signer) == other.kid and owner == other.iss, NOTHING, "another key or provider")
    try:
        other.verify(signer)
    except Fault:
        raise Fault(NOTHING, "the other statement's signature") from None
    return {"iss": other.iss, "sequence": other.sequence, "index": proved.index}


def bad(whole: Dict[str, Any], key: note.Vkey) -> Dict[str, Any]:
    """An entry that no rule allows."""
    enrolments = texts(whole["enrolments"], 1)
    at = open_entry(whole["at"], key)
    rule = broken_alone(at)
    require((rule != "") == (not enrolments), NOTHING, "it breaks no rule, or needs no enrolment")
    return {"index": at.index, "broken_rule": rule or broken_signature(at, enrolments[0], key)}


def broken_alone(at: At) -> str:
    """The rule that the bytes break by themselves, if any."""
    try:
        about = entry.parse(at.data).statement
    except Fault as fault:
        return "" if fault.rule == "not-understood" else fault.rule
    if about.aud != at.signed.origin:
        return "wrong-audience"
    try:
        if brings_key(about):
            key = cose.parse_cose_key(about.payload["registrar_key"])
            ed25519.check_key(key)
            about.verify(key)
    except Fault as fault:
        return fault.rule
    return ""


def broken_signature(at: At, text: str, key: note.Vkey) -> str:
    """That the key which was enrolled, or is the registrar's, did not sign."""
    try:
        about = entry.parse(at.data).statement
    except Fault:
        raise Fault(NOTHING, "it is not understood") from None
    admission = open_receipt(text, key)[0]
    signer, owner = shown(admission.entry.statement)
    named = cose.thumbprint(signer) == about.kid and owner == about.iss
    require(named and 0 < at.index and admission.index < at.index, NOTHING, "the enrolment of another key")
    try:
        about.verify(signer)
    except Fault as fault:
        return fault.rule
    raise Fault(NOTHING, "the signature holds")
