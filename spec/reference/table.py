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
VOCABULARIES: List[str] = TABLE["vocabularies"]
NEWEST = "dsa-tdb/2"

ADDENDA: FrozenSet[str] = frozenset(name for name, row in FIELDS.items() if row["place"] == "addendum")


@lru_cache(maxsize=None)
def codes(name: str, vocabulary: str = NEWEST) -> FrozenSet[str]:
    """A code set: our own from the table, the European ones from that version of their vocabulary."""
    if name in TABLE["codes"]:
        return frozenset(TABLE["codes"][name])
    if name == "language":
        return frozenset(VOCABULARY["languages"])
    version = {"dsa-tdb/1": "v1", "dsa-tdb/2": "v2"}[vocabulary]
    return frozenset(VOCABULARY[version][name])


def role_group(role: str) -> Dict[str, Any]:
    """The group of roles that decides which European fields a decision has."""
    for group in TABLE["role_groups"].values():
        if role in group["roles"]:
            return group
    return {"roles": [], "required_in_decision": [], "forbidden": []}


def texts(kind: str) -> List[str]:
    """The addenda that a type can have."""
    return TYPES[kind]["required_addenda"] + TYPES[kind]["optional_addenda"]


@lru_cache(maxsize=None)
def removable() -> FrozenSet[str]:
    """What an amendment can take away: optional in a decision or a refusal, required in neither; never the subject."""
    rows = [TYPES["decision"], TYPES["no_action"]]
    optional = {name for row in rows for name in row["optional"] + row["optional_addenda"]}
    required = {name for row in rows for name in row["required"] + row["required_addenda"]}
    return frozenset(optional - required - {"subject"})
