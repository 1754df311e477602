"""What this reference says about one vector: a result, or the rule that is broken."""
from __future__ import annotations

from typing import Any, Callable, Dict, List

from . import (addendum, batch, brought, cbor, checkpoint, completeness, cose, cose_receipt, ed25519, enrolment, entry, evidence,
               json_form, lifecycle, note, payload, policy, receipt, registry, statement, tiles, tlog_proof, tree)
from .faults import Fault, PayloadFault

Input = Dict[str, Any]
Result = Dict[str, Any]


def octets(text: str) -> bytes:
    """Bytes from lower-case hex."""
    return bytes.fromhex(text)


def text_bytes(given: Input, name: str) -> bytes:
    """The bytes of a text member, or of its twin in hex where the text is not UTF-8."""
    return octets(given[name + "_hex"]) if name + "_hex" in given else given[name].encode("utf-8")


def hashes(given: Input, name: str = "path") -> List[bytes]:
    """A list of hashes."""
    return [octets(digest) for digest in given[name]]


def judge_cbor(given: Input) -> Result:
    """One untagged item."""
    cbor.decode(octets(given["cbor"]))
    return {}


def judge_key(given: Input) -> Result:
    """A raw public key, or a COSE_Key."""
    key = octets(given["x"]) if "x" in given else cose.parse_cose_key(octets(given["cose_key"]))
    if len(key) != 32:
        raise Fault("key-encoding", "not 32 bytes")
    ed25519.check_key(key)
    return {"x": key.hex(), "cose_key": cose.cose_key(key).hex(), "kid": cose.thumbprint(key).hex()}


def judge_statement(given: Input) -> Result:
    """A statement and the key that should have signed it."""
    parsed = statement.parse(octets(given["statement"]))
    parsed.verify(octets(given["key"]))
    return {"iss": parsed.iss, "sub": parsed.sub, "aud": parsed.aud, "iat": parsed.iat, "kid": parsed.kid.hex(),
            "alg": parsed.message.header[1], "type": parsed.kind, "sequence": parsed.sequence}


def judge_payload(given: Input) -> Result:
    """A payload and the claims that it is judged under."""
    fields = payload.parse(octets(given["payload"]), given["iss"], given["sub"], given["aud"])
    return {"type": fields["type"], "sequence": fields["sequence"]}


def judge_addendum(given: Input) -> Result:
    """An addendum, and perhaps the statement that it should belong to."""
    data = octets(given["addendum"])
    parsed = addendum.parse(data)
    if "statement" in given:
        addendum.check_owner(parsed, statement.parse(octets(given["statement"])))
    return {"digest": addendum.digest(data).hex(), "field": parsed.field, "sequence": parsed.sequence}


def judge_entry(given: Input) -> Result:
    """An entry; signatures are not looked at."""
    parsed = entry.parse(octets(given["entry"]))
    return {"statement": parsed.statement.data.hex(), "offsets": parsed.offsets, "leaf_hash": parsed.leaf_hash.hex()}


def judge_request(given: Input) -> Result:
    """An enrolment request, for a log and a provider."""
    request = enrolment.check(octets(given["request"]), given["aud"], given["iss"])
    return {"key": request.key.hex(), "time": request.time}


def judge_inclusion(given: Input) -> Result:
    """An inclusion proof."""
    leaf = tree.leaf_hash(octets(given["entry"])) if "entry" in given else octets(given["leaf_hash"])
    tree.verify_inclusion(leaf, given["index"], given["size"], octets(given["root"]), hashes(given))
    return {}


def judge_consistency(given: Input) -> Result:
    """A consistency proof."""
    old, new = octets(given["old_root"]), octets(given["new_root"])
    tree.verify_consistency(given["old_size"], old, given["new_size"], new, hashes(given))
    return {}


def judge_note(given: Input) -> Result:
    """A verification key alone, or a note under some verification keys."""
    if "vkey" in given:
        key = note.parse_vkey(given["vkey"])
        return {"name": key.name, "key_id": f"{key.key_id:08x}", "alg": key.alg, "key": key.key.hex()}
    keys = [note.parse_vkey(text) for text in given["vkeys"]]
    parsed = note.parse(text_bytes(given, "note"))
    return {"text": parsed.text, "signatures": len(parsed.signatures),
            "verified": [key.encode() for key in note.verify(parsed, keys)]}


def judge_checkpoint(given: Input) -> Result:
    """A signed checkpoint under the log's key."""
    signed = checkpoint.open_checkpoint(text_bytes(given, "note"), note.parse_vkey(given["vkey"]))
    return {"origin": signed.origin, "size": signed.size, "root": signed.root.hex()}


def judge_cosignature(given: Input) -> Result:
    """A cosigned checkpoint under a witness's key."""
    return {"time": checkpoint.verify_cosignature(text_bytes(given, "note"), note.parse_vkey(given["vkey"]))}


def judge_policy(given: Input) -> Result:
    """A policy alone, or a checkpoint under a policy."""
    parsed = policy.parse(given["policy"])
    if "note" not in given:
        return {"logs": [key.encode() for key in parsed.logs], "quorum": parsed.quorum,
                "witnesses": {name: key.encode() for name, key in parsed.witnesses.items()}}
    data = text_bytes(given, "note")
    signed = tlog_proof.open_under(data, parsed)
    return {"size": signed.size, "signers": parsed.check_quorum(note.parse(data), signed)}


def judge_tile(given: Input) -> Result:
    """A path, or the tiles of a tree of some size."""
    if "path" in given:
        level, index, width = tiles.parse_path(given["path"])
        return {"level": level, "index": index, "width": width}
    return {"levels": tiles.tiles_of(given["size"]), "partial_paths": tiles.partial_paths(given["size"])}


def judge_bundle(given: Input) -> Result:
    """An entry bundle."""
    entries = tiles.parse_bundle(octets(given["bundle"]), given["width"])
    return {"entries": len(entries), "leaf_hashes": [tree.leaf_hash(item).hex() for item in entries]}


def judge_tlog_proof(given: Input) -> Result:
    """An offline proof of a leaf, under a policy."""
    signed = tlog_proof.verify(given["proof"], octets(given["leaf_hash"]), policy.parse(given["policy"]))
    extra = tlog_proof.parse(given["proof"]).extra
    return {"index": tlog_proof.parse(given["proof"]).index, "size": signed.size, "root": signed.root.hex(),
            "extra": None if extra is None else extra.hex()}


def judge_registry(given: Input) -> Result:
    """Entries replayed in order. The fault names the index of the entry that is refused."""
    entries = [entry.parse(octets(data)) for data in given["entries"]]
    state, refused = registry.replay(given["origin"], entries)
    if refused is not None:
        raise Fault(refused[1].rule, refused[1].detail, index=refused[0])
    return state.summary()


def judge_lifecycle(given: Input) -> Result:
    """Entries replayed in order; the state of each in the end."""
    state = registry.Registry(given["origin"])
    for index, data in enumerate(given["entries"]):
        try:
            state.apply(entry.parse(octets(data)))
        except Fault as fault:
            raise Fault(fault.rule, fault.detail, index=index) from None
    history = state.history()
    return {"states": [state_of(history, index) for index in range(state.size)],
            "completeness": [completeness.row(history, index) for index in completeness.declarations(history)],
            "embargoes": completeness.embargoes(history, given["day"])}


def judge_admission(given: Input) -> Result:
    """Entries replayed in order, each with the texts that came with it; what became of each text in the end."""
    state = registry.Registry(given["origin"])
    for index, (data, texts) in enumerate(zip(given["entries"], given["texts"])):
        try:
            state.apply(entry.parse(octets(data)))
            brought.check(state, state.entries[index], [octets(text) for text in texts])
        except Fault as fault:
            raise Fault(fault.rule, fault.detail, index=index) from None
    history = state.history()
    return {"texts": [{field: history.text(index, field) for field in history.fields(index)["addenda"]}
                      for index in range(state.size)]}


def state_of(history: lifecycle.History, index: int) -> Result:
    """The state of an entry; a part that says nothing is left out."""
    conflicts = history.naming(index, "conflict")
    lifted = history.naming(index, "lifted")
    parts = {"withdrawn": history.withdrawn(index), "lifted": lifted[0] if lifted else None,
             "outcomes": history.naming(index, "outcome"), "amendments": history.naming(index, "amendment"),
             "conflict": conflicts[0] if conflicts else None,
             "texts": {field: history.text(index, field) for field in history.fields(index)["addenda"]}}
    said = {name: value for name, value in parts.items() if value is not None and value != [] and value != {}}
    whole: Result = {"index": index, "standing": history.standing(index), **said}
    if "amendments" in said:
        amended = history.as_amended(index)
        fields = {name: json_form.of(name, value) for name, value in sorted(amended["fields"].items())}
        whole["as_amended"] = {"fields": fields, "texts": dict(sorted(amended["texts"].items()))}
    return whole


def judge_receipt(given: Input) -> Result:
    """A receipt under a policy."""
    proved = receipt.verify(given["receipt"], policy.parse(given["policy"]))
    about = proved.entry.statement
    return {"origin": proved.checkpoint.origin, "size": proved.checkpoint.size, "index": proved.index,
            "leaf_hash": proved.entry.leaf_hash.hex(), "iss": about.iss, "sub": about.sub, "type": about.kind,
            "sequence": about.sequence, "witnesses": proved.witnesses,
            "addenda": [text.field for text in proved.addenda]}


def judge_cose_receipt(given: Input) -> Result:
    """A COSE receipt under a set of keys, for an entry or for an older tree."""
    keys = cose_receipt.parse_key_set(octets(given["keys"]))
    parsed = cose_receipt.parse(octets(given["receipt"]))
    said = {"origin": parsed.origin, "kid": parsed.kid.hex()}
    if "entry" in given:
        found = cose_receipt.verify_inclusion(parsed, tree.leaf_hash(octets(given["entry"])), keys)
        return {**said, "size": parsed.first, "index": parsed.second, "root": found.hex()}
    found = cose_receipt.verify_consistency(parsed, given["old_size"], octets(given["old_root"]), keys)
    return {**said, "from": parsed.first, "to": parsed.second, "root": found.hex()}


def judge_transparent_statement(given: Input) -> Result:
    """A statement that carries COSE receipts, under a set of keys."""
    keys = cose_receipt.parse_key_set(octets(given["keys"]))
    whole = cose_receipt.parse_transparent(octets(given["transparent"]))
    leaf = cose_receipt.verify_transparent(whole, keys)
    return {"leaf_hash": leaf.hex(), "receipts": len(whole.receipts), "statement": whole.statement.data.hex()}


def judge_evidence(given: Input) -> Result:
    """Evidence under the key of a log."""
    return evidence.verify(given["evidence"], given["log"])


def judge_batch(given: Input) -> Result:
    """A submission body; the items are not looked into."""
    items = batch.parse(octets(given["body"]))
    return {"items": len(items), "addenda": [len(texts) for _, texts in items]}


JUDGES: Dict[str, Callable[[Input], Result]] = {
    name[len("judge_"):]: function for name, function in list(globals().items()) if name.startswith("judge_")
}


def judge(family: str, given: Input) -> Result:
    """The `expect` of a vector, as this reference sees it."""
    try:
        return {"ok": True, **JUDGES[family](given)}
    except PayloadFault as fault:
        first = fault.errors[0] if family == "payload" else {"rule": fault.rule, **where(fault)}
        return {"ok": False, **first, "errors": fault.errors}
    except Fault as fault:
        return {"ok": False, "rule": fault.rule, **where(fault)}


def where(fault: Fault) -> Result:
    """The entry of a log, or the step of a receipt, at which something was refused."""
    return {name: value for name, value in fault.where.items() if name in ("index", "step")}
