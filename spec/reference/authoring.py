"""Authoring JSON, far enough to judge the examples: a line becomes a payload with made-up digests, and is checked."""
from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, List

from . import addendum, payload, table
from .table import SPEC

PSEUDONYM = "s:" + "0" * 32
SETS = {name for name, row in table.FIELDS.items() if row["form"] == "codes"}


def digest(text: str) -> bytes:
    """A stand-in for the digest of an addendum or the leaf hash of an entry."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def payload_of(line: Dict[str, Any], sequence: int, known: List[str]) -> Dict[str, Any]:
    """The payload of a line. `known` holds the puids of the provider's earlier lines."""
    fields: Dict[str, Any] = {"type": "decision", "vocabulary": "dsa-tdb/2", "sequence": sequence, "addenda": {}}
    for name, value in line.items():
        if name in ("provider", "withheld"):
            continue
        if name in table.FIELDS and table.FIELDS[name]["place"] == "addendum":
            addendum.check_value(value, table.FIELDS[name]["form"], table.FIELDS[name].get("max", 0))
            fields["addenda"][name] = digest(name)
        elif name == "relates_to":
            fields[name] = [{"relation": r["relation"], "entry": earlier(r["entry"], known)} for r in value]
        else:
            fields[name] = sorted(value) if name in SETS else value
    return fields


def earlier(reference: str, known: List[str]) -> bytes:
    """The entry that `puid:…` stands for: it must be on an earlier line of the same provider."""
    assert reference.startswith("puid:") and reference[5:] in known, f"{reference} is no earlier line"
    return digest(reference)


def check_examples() -> None:
    """Every line of the example is a statement that would be accepted, and says that it is a reconstruction."""
    known: Dict[str, List[str]] = {}
    for text in (SPEC / "examples" / "kiwifarms-2022.jsonl").read_text("utf-8").splitlines():
        line = json.loads(text)
        puids = known.setdefault(line["provider"], [])
        payload.check(payload_of(line, len(puids) + 1, puids), line["provider"], PSEUDONYM, "log.example")
        assert line["attribution"] == {"kind": "reconstruction"} and line["puid"] not in puids
        puids.append(line["puid"])
    assert sum(map(len, known.values())) == 5
