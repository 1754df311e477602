"""Statements about earlier statements: who may make them, which count, and what state follows. Plain and slow: every
answer is worked out anew from the list of entries."""
from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Optional

from . import table
from .entry import Entry
from .faults import Fault, require

DECISIONS = frozenset(["decision", "no_action"])
WITH_TEXTS = frozenset(kind for kind in table.TYPES if table.texts(kind))
OF_PROVIDERS = frozenset(kind for kind, row in table.TYPES.items() if row["issuer"] != "registrar")

NAMES: Dict[str, FrozenSet[str]] = {
    "amendment": DECISIONS,
    "outcome": DECISIONS,
    "lifted": frozenset(["decision"]),
    "withdrawal": DECISIONS | {"amendment", "outcome", "lifted", "withdrawal", "sealed", "declaration", "redaction"},
    "disclosure": DECISIONS | {"amendment", "sealed"},
    "redaction": WITH_TEXTS,
    "conflict": OF_PROVIDERS,
}
"""Which types a type may name."""

BY_LEAF_HASH = ("withdrawal", "redaction")
"""What a withdrawal names by its leaf hash only."""

MAX_NAMED = 10_000
MAX_DEPTH = 8

ABOUT_THE_AMENDMENT = frozenset(["targets", "removed", "amendment_reason", "amendment_explanation"])
FRAME = frozenset(["type", "vocabulary", "sequence", "addenda", "withheld"])


class History:
    """The entries of a log from index 0 to some size."""

    def __init__(self, registrar: str, entries: List[Entry]) -> None:
        self.registrar = registrar
        self.entries = entries

    def fields(self, index: int) -> Dict[str, Any]:
        """The payload of an entry."""
        return self.entries[index].statement.payload

    def kind(self, index: int) -> str:
        """The type of an entry."""
        return self.entries[index].statement.kind

    def owner(self, index: int) -> str:
        """The `iss` of an entry."""
        return self.entries[index].statement.iss

    def find(self, leaf_hash: bytes) -> Optional[int]:
        """The entry with that leaf hash."""
        return next((index for index, entry in enumerate(self.entries) if entry.leaf_hash == leaf_hash), None)

    def is_used(self, iss: str, number: int) -> bool:
        """Whether a number of an issuer was taken or closed."""
        for index, entry in enumerate(self.entries):
            fields = self.fields(index)
            if entry.statement.iss == iss and fields["sequence"] == number:
                return True
            if entry.statement.iss == iss and self.kind(index) == "void" and fields["first"] <= number <= fields["last"]:
                return True
        return False

    def is_named_by(self, index: int, by: int) -> bool:
        """Whether the entry `by` names an earlier one, by its leaf hash or in a range."""
        targets = self.fields(by).get("targets", []) if index < by else []
        return any(self.is_in(index, target, by) for target in targets)

    def is_in(self, index: int, target: Dict[str, Any], by: int) -> bool:
        """Whether one target of the entry `by` is, or holds, an entry. A range passes over what it may not name."""
        if "entry" in target:
            return self.entries[index].leaf_hash == target["entry"]
        kind = self.kind(by)
        passed_over = self.kind(index) not in NAMES[kind] or (kind == "withdrawal" and self.kind(index) in BY_LEAF_HASH)
        number = self.entries[index].statement.sequence
        whose = whose_numbers(self.registrar, self.owner(by), self.fields(by))
        return not passed_over and self.owner(index) == whose and target["first"] <= number <= target["last"]

    def counts(self, index: int) -> bool:
        """Unless a withdrawal that counts, after it, names it."""
        return self.withdrawn(index) is None

    def withdrawn(self, index: int) -> Optional[int]:
        """The first withdrawal that counts and names an entry."""
        return next(iter(self.naming(index, "withdrawal")), None)

    def naming(self, index: int, kind: str) -> List[int]:
        """The later entries of a type that name an entry and count, in order."""
        later = range(index + 1, len(self.entries))
        return [by for by in later if self.kind(by) == kind and self.is_named_by(index, by) and self.counts(by)]

    def disclosed(self, index: int, field: str) -> Optional[int]:
        """The disclosure that opened a text."""
        return next((by for by in self.naming(index, "disclosure") if field in self.fields(by)["fields"]), None)

    def redacted(self, index: int, field: str) -> Optional[int]:
        """The first redaction that counts and erased a text. By a range it erases only what is public by then."""
        withheld, opened = field in self.fields(index).get("withheld", {}), self.disclosed(index, field)
        leaf = {"entry": self.entries[index].leaf_hash}
        for by in self.naming(index, "redaction"):
            public = not withheld or (opened is not None and opened < by)
            if field in self.fields(by)["fields"] and (public or leaf in self.fields(by)["targets"]):
                return by
        return None

    def depth(self, index: int) -> int:
        """How many withdrawals stand behind each other, each naming the next, from this one on."""
        deeper = [0]
        for target in self.fields(index).get("targets", []):
            named = self.find(target["entry"]) if "entry" in target else None
            if named is not None and self.kind(index) == self.kind(named) == "withdrawal":
                deeper.append(1 + self.depth(named))
        return max(deeper)

    def text(self, index: int, field: str) -> str:
        """What became of one text."""
        if self.redacted(index, field) is not None:
            return "redacted"
        if field not in self.fields(index).get("withheld", {}):
            return "served"
        return "withheld" if self.disclosed(index, field) is None else "disclosed"

    def standing(self, index: int) -> str:
        """Whether the statement still says how things are."""
        outcomes = self.naming(index, "outcome")
        result = self.fields(outcomes[-1])["result"] if outcomes else ""
        if self.withdrawn(index) is not None:
            return "withdrawn"
        if self.kind(index) not in DECISIONS:
            return "stands"
        if result == "reversed":
            return "reversed"
        if self.kind(index) == "decision" and self.naming(index, "lifted"):
            return "lifted"
        if result == "partially_reversed":
            return "partially_reversed"
        return "in_force" if self.kind(index) == "decision" else "stands"

    def keywords(self, index: int) -> List[str]:
        """The keywords of an entry, and of every amendment of it that counts."""
        places = [index] + self.naming(index, "amendment")
        return [code for place in places for code in self.fields(place).get("category_specification", [])]

    def as_amended(self, index: int) -> Dict[str, Dict[str, Any]]:
        """Fields, and for each text the entry that holds it, after every amendment that counts."""
        fields = {name: value for name, value in self.fields(index).items() if name not in FRAME}
        texts = {name: index for name in self.fields(index)["addenda"]}
        row = table.TYPES[self.kind(index)]
        for by in self.naming(index, "amendment"):
            for name in self.fields(by).get("removed", []):
                fields.pop(name, None)
                texts.pop(name, None)
            for name, value in self.fields(by).items():
                if name in row["required"] + row["optional"] and name not in FRAME | ABOUT_THE_AMENDMENT:
                    fields[name] = value
            for name in self.fields(by)["addenda"]:
                if name in table.texts(self.kind(index)):
                    texts[name] = by
        return {"fields": fields, "texts": texts}


def whose_numbers(registrar: str, author: str, fields: Dict[str, Any]) -> str:
    """Whose entries a statement names: the author's own; of a registrar's redaction or conflict, the provider's."""
    about_another = author == registrar and fields["type"] in ("redaction", "conflict")
    return fields["provider"] if about_another else author


def check(history: History, entry: Entry) -> None:
    """The rules of order for a statement with targets; the first target that breaks one gives the answer."""
    statement = entry.statement
    for target in statement.payload.get("targets", []):
        if "entry" in target:
            check_entry(history, statement, target["entry"])
        else:
            check_range(history, statement, target["first"], target["last"])


def check_range(history: History, statement: Any, first: int, last: int) -> None:
    """Rule 5."""
    whose = whose_numbers(history.registrar, statement.iss, statement.payload)
    for number in range(first, last + 1):
        require(history.is_used(whose, number), "target-number", f"{number} is neither taken nor closed")
    named: Dict[Any, int] = {}
    for index in range(len(history.entries)):
        if history.fields(index).get("targets") and whose_numbers(history.registrar, history.owner(index), history.fields(index)) == whose:
            own = [target for target in history.fields(index)["targets"] if "first" in target]
            for block in {block for target in own for block in blocks(target["first"], target["last"])}:
                named[block] = named.get(block, 0) + 1
    crowded = any(named.get(block, 0) >= MAX_NAMED for block in blocks(first, last))
    require(not crowded, "target-state", "10,000 statements name a block of it")


def blocks(first: int, last: int) -> List[Any]:
    """A range cut into the fewest blocks of 2^k numbers that begin at a multiple of 2^k."""
    cut = []
    while first <= last:
        size = first & -first
        while first + size - 1 > last:
            size //= 2
        cut.append((first, size))
        first += size
    return cut


def check_entry(history: History, statement: Any, leaf_hash: bytes) -> None:
    """Rules 1 to 4 and 6 to 8."""
    index, kind, fields = history.find(leaf_hash), statement.kind, statement.payload
    if index is None:
        raise Fault("target-unknown", "no entry before has that leaf hash")
    whose = whose_numbers(history.registrar, statement.iss, fields)
    require(history.owner(index) == whose, "target-owner", "somebody else's")
    require(kind != "conflict" or whose != history.registrar, "target-owner", "the registrar's own")
    require(history.kind(index) in NAMES[kind], "target-type", f"a {kind} does not name a {history.kind(index)}")
    require(kind != "withdrawal" or history.depth(index) < MAX_DEPTH, "target-type", "withdrawn too often")
    if len(fields["targets"]) == 1 and kind != "conflict":
        require(history.entries[index].statement.sub == statement.sub, "target-sub", "another subject")
    if kind == "disclosure":
        withheld = history.fields(index).get("withheld", {})
        require(all(field in withheld for field in fields["fields"]), "target-text", "a text that is not withheld")
    if kind == "redaction":
        held = history.fields(index)["addenda"]
        require(any(field in held for field in fields["fields"]), "target-text", "none of these texts")
    require(state_allows(history, statement, index), "target-state", "not in this state")
    if kind == "disclosure":
        for field in fields["fields"]:
            require(may_open(history, index, field), "must-be-withheld", f"{field} would do harm")


def state_allows(history: History, statement: Any, index: int) -> bool:
    """Rule 7."""
    kind, fields = statement.kind, statement.payload
    if sum(history.is_named_by(index, by) for by in range(len(history.entries))) >= MAX_NAMED:
        return False
    if kind not in ("redaction", "disclosure", "conflict") and history.withdrawn(index) is not None:
        return False
    if kind == "lifted":
        return not history.naming(index, "lifted")
    if kind == "disclosure":
        return all(history.text(index, field) == "withheld" for field in fields["fields"])
    if kind == "redaction":
        held = [field for field in fields["fields"] if field in history.fields(index)["addenda"]]
        return any(history.redacted(index, field) is None for field in held)
    return kind != "conflict" or not history.naming(index, "conflict")


def may_open(history: History, index: int, field: str) -> bool:
    """Rule 8."""
    sub = history.entries[index].statement.sub
    locators = table.LOCATOR_FIELDS + ([] if sub.startswith(("domain:", "asn:")) else ["subject"])
    if history.kind(index) == "amendment":
        return field not in table.LOCATOR_FIELDS
    return field not in locators or not table.LOCATOR_KEYWORDS.intersection(history.keywords(index))
