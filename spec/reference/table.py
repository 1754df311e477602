"""The table of statement fields, `spec/fields.json`, and the code sets it names."""
from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, FrozenSet, List

SPEC = Path(__file__).resolve().parent.parent

TABLE: Dict[str, Any] = json.loads((SPEC / "fields.json").read_text("utf-8"))
VOCABULARY: Dict[str, Any] = json.loads((SPEC / "vocabulary.json").read_text("utf-8"))

FIELDS: Dict[str, Dict[str, Any]] = TABLE["fields"]
TYPES: Dict[str, Dict[str, Any]] = TABLE["types"]
LOCATOR_FIELDS: List[str] = TABLE["locator_fields"]
LOCATOR_KEYWORDS: FrozenSet[str] = frozenset(TABLE["locator_keywords"])


@lru_cache(maxsize=None)
def codes(name: str) -> FrozenSet[str]:
    """A code set: our own from the table, the European ones from version 2 of their vocabulary."""
    if name in TABLE["codes"]:
        return frozenset(TABLE["codes"][name])
    if name == "language":
        return frozenset(VOCABULARY["languages"])
    return frozenset(VOCABULARY["v2"][name])


def role_group(role: str) -> Dict[str, Any]:
    """The group of roles that decides which European fields a decision has."""
    for group in TABLE["role_groups"].values():
        if role in group["roles"]:
            return group
    return {"roles": [], "required_in_decision": [], "forbidden": []}
