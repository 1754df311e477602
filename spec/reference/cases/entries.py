"""Entries: the index behind the statement."""
from __future__ import annotations

from .. import entry
from . import world
from .case import Cases


def cases() -> Cases:
    """The family `entry`."""
    all_cases = Cases("entry")
    for statement, name in zip(world.small_log(), ("genesis", "enrolment", "enrolment-2", "no-action", "decision", "decision-2")):
        all_cases.valid(name, "From the small log of the receipts.", entry=entry.encode(statement).hex())
    fields = world.platform_decision(1)
    statement = world.sign(world.PROXY_SEED, fields)
    right = entry.encode(statement)
    all_cases.valid("four-digests", "Offsets ascend in the order of the map.", entry=right.hex())
    decoy = fields["addenda"]["puid"]
    related = world.decision(1, relates_to=[{"relation": "precedent", "entry": decoy}])
    all_cases.valid("decoy-digest", "The digest of an addendum stands in `relates_to` too; only its place in `addenda` counts.",
                    entry=entry.encode(world.sign(world.PROXY_SEED, related)).hex())
    add = all_cases.invalid
    places = entry.digest_offsets(statement)

    def index(offsets: list, count: int = -1) -> str:
        return (statement + b"".join(o.to_bytes(4, "big") for o in offsets) + bytes([len(offsets) if count < 0 else count])).hex()

    add("no-index", "offsets", "The statement alone.", entry=statement.hex())
    add("count-alone", "offsets", "A count of 0 where there are four.", entry=index([]))
    add("offset-missing", "offsets", "Three of four.", entry=index(places[:3]))
    add("offset-twice", "offsets", "The last one twice.", entry=index(places + places[-1:]))
    add("offset-one-less", "offsets", "The first one lies one byte too early.", entry=index([places[0] - 1] + places[1:]))
    add("offset-one-more", "offsets", "The last one lies one byte too late.", entry=index(places[:-1] + [places[-1] + 1]))
    add("offsets-swapped", "offsets", "Not ascending.", entry=index([places[1], places[0]] + places[2:]))
    add("offset-beyond-end", "offsets", "The last one lies behind the statement.", entry=index(places[:-1] + [len(statement)]))
    add("offset-surplus", "offsets", "Offset 0 in addition.", entry=index([0] + places))
    add("count-one-less", "offsets", "Four offsets, counted as three.", entry=index(places, 3))
    add("count-one-more", "offsets", "Four offsets, counted as five.", entry=index(places, 5))
    add("little-endian", "offsets", "Offsets in the other order of bytes.", entry=(statement + b"".join(o.to_bytes(4, "little") for o in places) + b"\4").hex())
    add("trailing-byte", "offsets", "A byte behind the count.", entry=right.hex() + "00")
    add("empty", "not-cbor", "No byte.", entry="")
    add("offset-of-decoy", "offsets", "The place of the same digest in `relates_to`.", entry=decoyed(related, decoy))
    add("65536-bytes", "entry-too-large", "One byte more than an entry may have.", entry=(right + bytes(65536 - len(right))).hex())
    return all_cases


def decoyed(fields: dict, digest: bytes) -> str:
    """An entry whose index names the first place where the bytes of a digest stand, as a search would find it."""
    statement = world.sign(world.PROXY_SEED, fields)
    places = entry.digest_offsets(statement)
    found = [place for place in range(len(statement) - 31) if statement[place:place + 32] == digest]
    wrong = sorted((found[1] if found[0] in places else found[0]) if place in found else place for place in places)
    return (statement + b"".join(place.to_bytes(4, "big") for place in wrong) + bytes([len(wrong)])).hex()
