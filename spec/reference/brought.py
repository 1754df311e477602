"""The texts that come with a statement: its own that it does not withhold, and those that a disclosure opens."""
from __future__ import annotations

from typing import List

from . import addendum, cose, ed25519, statement
from .entry import Entry
from .faults import Fault, require
from .registry import Registry


def check(registry: Registry, entry: Entry, texts: List[bytes]) -> None:
    """Whether exactly the right texts come with an entry that the registry would take next."""
    about = entry.statement
    wanted = {(about.iss, about.sequence, field): about for field in about.payload["addenda"]
              if field not in about.payload.get("withheld", {})}
    if about.kind == "disclosure":
        opened = registry.history().find(about.payload["targets"][0]["entry"])
        assert opened is not None, "the rules of order were checked before"
        target = registry.entries[opened].statement
        wanted.update({(target.iss, target.sequence, field): target for field in about.payload["fields"]})
    for data in texts:
        text = addendum.parse(data)
        owner = wanted.pop((text.iss, text.sequence, text.field), None)
        if owner is None:
            own = text.iss == about.iss and text.sequence == about.sequence
            withheld = own and text.field in about.payload.get("withheld", {})
            raise Fault("addendum-withheld" if withheld else "addendum-mismatch", "a text that nobody asked for")
        addendum.check_owner(text, owner)
        addendum.check_uris(text, owner.payload)
        if text.field == "refused_statement":
            check_refused(registry, about, text.value)
    require(not wanted, "addendum-missing", "a text that should have come")


def parse_refused(data: bytes) -> statement.Statement:
    """The refused statement, whole; what is wrong with it is wrong with the text."""
    try:
        return statement.parse(data)
    except Fault as fault:
        if fault.rule == "not-understood":
            raise
        raise Fault("addendum-invalid", f"not a statement: {fault}") from None


def check_refused(registry: Registry, conflict: statement.Statement, data: bytes) -> None:
    """The refused statement has the number of the one on record, says something else, and is that issuer's."""
    rule, refused = "addendum-invalid", parse_refused(data)
    index = registry.history().find(conflict.payload["targets"][0]["entry"])
    assert index is not None, "the rules of order were checked before"
    target = registry.entries[index].statement
    require((refused.aud, refused.iss, refused.sequence) == (target.aud, target.iss, target.sequence), rule, "another number")
    same = (refused.sub, refused.message.payload) == (target.sub, target.message.payload)
    require(not same, rule, "it says the same")
    key = registry.keys.get(refused.kid)
    require(key is not None and key.owner == refused.iss, rule, "signed by a key that is not that issuer's")
    signed = cose.sig_structure(refused.message.protected, refused.message.payload)
    require(key is not None and ed25519.verify(key.key, signed, refused.message.signature), rule, "the signature")
