"""Holds the examples against the reference: each line is a draft without errors, and its references are known."""
from __future__ import annotations

import json
from typing import Any, Dict, List

from . import draft
from .table import SPEC


def check_examples() -> None:
    """Every line of the example is a statement that would be accepted, and says that it is a reconstruction."""
    known: Dict[str, List[str]] = {}
    for text in (SPEC / "examples" / "kiwifarms-2022.jsonl").read_text("utf-8").splitlines():
        line: Dict[str, Any] = json.loads(text)
        puids = known.setdefault(line.pop("provider"), [])
        assert draft.judge(line) == [], (line, draft.judge(line))
        references = [relation["entry"] for relation in line.get("relates_to", [])] + line.get("targets", [])
        for reference in references:
            kind, _, puid = reference.partition(":")
            assert kind == "puid" and puid in puids, f"{reference} names no earlier line"
        if line["type"] == "amendment":
            continue
        assert line["attribution"] == {"kind": "reconstruction"} and line["puid"] not in puids
        puids.append(line["puid"])
    assert sum(map(len, known.values())) == 5
