"""Random lines of authoring JSON with their verdicts: about half as they should be, half with one or two mutations."""
from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, List, Sequence

from . import draft, table
from .cases import draft_samples as samples
from .cases.draft_lines import LINES, PLACES, Line, copy, fields_of

ANYTHING: List[Any] = [7, -1, 1.5, True, False, None, "", [], {}, "x", ["x"], {"x": 1}, "2025-06-01", "puid:p-1", [["x"]]]
"""Values of every JSON type, for places where they do not belong."""

STRAYS = ["colour", "void_reason", "sequence", "a/b~c", "relates_to_uri", "provider", "statement", "puidd"]
"""Members that most types do not have."""


class Dice:
    """Numbers that follow from a seed alone: SHA-256 of the seed and a counter."""

    def __init__(self, seed: int) -> None:
        self.seed, self.thrown = seed, 0

    def below(self, most: int) -> int:
        """A number from 0 to `most` - 1."""
        self.thrown += 1
        digest = hashlib.sha256(f"{self.seed} {self.thrown}".encode("ascii")).digest()
        return int.from_bytes(digest[:8], "big") % most

    def pick(self, values: Sequence[Any]) -> Any:
        """One of several."""
        return values[self.below(len(values))]


def print_drafts(count: int, seed: int) -> int:
    """The command `drafts`."""
    dice = Dice(seed)
    for number in range(count):
        line = random_line(dice)
        if dice.below(2):
            for _ in range(1 + dice.below(2)):
                mutate(dice, line)
        case = {"name": f"random {seed} {number}", "draft": line, "errors": draft.judge(line)}
        print(json.dumps(case, ensure_ascii=False, separators=(",", ":")))
    return 0


def random_line(dice: Dice) -> Line:
    """A line of a random type and vocabulary, with some of the fields that it can have."""
    kind = dice.pick(list(LINES))
    line = copy(LINES[kind])
    if dice.below(2):
        line["vocabulary"] = dice.pick(table.VOCABULARIES)
    if kind == "sealed":
        line["statement"] = random_line_of(dice, dice.pick(["decision", "host", "no_action"]))
    else:
        add_fields(dice, kind, line)
    return line


def random_line_of(dice: Dice, kind: str) -> Line:
    """A line of one type."""
    line = copy(LINES[kind])
    add_fields(dice, kind, line)
    return line


def add_fields(dice: Dice, kind: str, line: Line) -> None:
    """Up to six more fields, each with what it needs beside it."""
    names = fields_of(kind)
    for _ in range(dice.below(7)):
        field = dice.pick(names)
        if kind == "decision" and field in table.role_group("reverse_proxy")["forbidden"]:
            continue
        for name, value in samples.CONTEXT.get(field, {}).items():
            if value is not None and name in names:
                line.setdefault(name, json.loads(json.dumps(value)))
        line[field] = random_value(dice, field, line)
    texts = [name for name in line if name in table.ADDENDA]
    if texts and dice.below(4) == 0:
        terms: Any = {"ground": dice.pick(sorted(table.codes("withheld_ground")))}
        line["withheld"] = {dice.pick(texts): dice.pick([terms, {**terms, "until": "2027-01-01"}, False])}


def random_value(dice: Dice, field: str, line: Line) -> Any:
    """A right value of a field, mostly."""
    row = table.FIELDS[field]
    if row["form"] not in ("code", "codes"):
        return json.loads(json.dumps(dice.pick(samples.right(field, table.NEWEST))))
    vocabulary = line.get("vocabulary", table.NEWEST)
    if dice.below(20) == 0:
        vocabulary = dice.pick(table.VOCABULARIES)
    known = sorted(table.codes(row["codes"], vocabulary if vocabulary in table.VOCABULARIES else table.NEWEST))
    if row["form"] == "code":
        return dice.pick(known)
    return [dice.pick(known) for _ in range(1 + dice.below(3))]


def mutate(dice: Dice, line: Line) -> None:
    """Makes one thing wrong, or tries to."""
    inner = line
    if isinstance(line.get("statement"), dict) and dice.below(2):
        inner = line["statement"]
    present = list(inner)
    if not present:
        return
    field = dice.pick(present)
    what = dice.below(8)
    if what == 0:
        del inner[field]
    elif what == 1:
        inner[field] = json.loads(json.dumps(dice.pick(ANYTHING)))
    elif what == 2 and field in table.FIELDS and table.FIELDS[field]["form"] in samples.WRONG:
        inner[field] = json.loads(json.dumps(dice.pick(samples.wrong(field))[0]))
    elif what == 3:
        inner[dice.pick(STRAYS)] = "x"
    elif what == 4:
        other = dice.pick(sorted(table.FIELDS))
        form = table.FIELDS[other]["form"]
        if form in samples.RIGHT or form in ("code", "codes"):
            inner[other] = random_value(dice, other, inner)
    elif what == 5:
        inner["withheld"] = {dice.pick(sorted(table.ADDENDA)): dice.pick([False, {"ground": "other"}, {"ground": "shame"}, {"until": "2027-01-01"}, "other"])}
    elif what == 6:
        inner.update(json.loads(json.dumps(code_in_place(dice))))
    else:
        inner[dice.pick(["type", "vocabulary"])] = dice.pick(list(LINES) + table.VOCABULARIES + ["verdict"])


def code_in_place(dice: Dice) -> Dict[str, Any]:
    """The members that put a code of one of our own sets, or a wrong one, into a line."""
    name = dice.pick(sorted(PLACES))
    code = dice.pick(sorted(table.codes(name)) + ["unknown_code"])
    line = PLACES[name](code)
    return {member: line[member] for member in line if member not in ("puid", "decision_facts", "type")}
