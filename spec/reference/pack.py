"""`vectors/README.md` against the vectors: every family, member and rule that occurs is named there, and no other.

A family has a heading of its own, `### `, its name in backticks. A member stands in a row of its tables, in backticks: `outer.inner`,
`outer[].inner` in a list; what is called a map is not looked into. Rules stand in backticks behind the word `Rules`. The rules that a page's
section `Verification` gives must occur among the vectors of its family.
"""
from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Set, Tuple

from .table import SPEC

FOLDER = SPEC / "vectors"

COMMON = {"ok", "rule"}
"""Members of `expect` that every family has."""

QUOTED = re.compile(r"`([^`]+)`")

SECTIONS = {
    "policy": ("policy.md", "## Verification", "\n#"), "receipt": ("receipt.md", "## Verification", "### What is proved"),
    "addendum": ("entry.md", "Of an addendum and", "\n#"), "inclusion": ("log.md", "One proof, given", "A whole log"),
    "consistency": ("log.md", "One proof, given", "A whole log"),
}
"""Where a page says which rules a family's reader can break: page, begin, end."""


class Family(NamedTuple):
    """What a page or a folder says of one family: members of `input` and `expect`, rules."""

    input: Set[str]
    expect: Set[str]
    rules: Set[str]


def documented(page: str) -> Tuple[Dict[str, Family], Dict[str, Set[str]]]:
    """The families of the page, and the members of each that are maps."""
    families: Dict[str, Family] = {}
    maps: Dict[str, Set[str]] = {}
    for part in page.split("\n### `")[1:]:
        name, _, body = part.partition("`")
        body = re.split(r"\n##+ ", body)[0]
        found: Dict[str, Set[str]] = {"input": set(), "expect": set()}
        maps[name] = set()
        for cells in (line.split(" | ") for line in body.split("\n") if line.startswith("| `")):
            members = set(QUOTED.findall(cells[0]))
            found[cells[1]] |= members
            maps[name] |= {member for member in members if "map: " in cells[2]}
        rules = set(QUOTED.findall(body.partition("\nRules")[2].replace("<", "`")))
        families[name] = Family(found["input"], found["expect"], rules)
    return families, maps


def members(value: Any, path: str, maps: Set[str]) -> Iterator[str]:
    """The paths of all members inside a value."""
    if isinstance(value, list):
        for element in value:
            yield from members(element, path + "[]", maps)
    elif isinstance(value, dict) and path.replace("[]", "") not in {name.replace("[]", "") for name in maps}:
        for name, inner in value.items():
            whole = f"{path}.{name}" if path else name
            yield whole
            yield from members(inner, whole, maps)


def occurring(family: str, maps: Set[str]) -> Family:
    """What the vectors of a family hold."""
    seen = Family(set(), set(), set())
    for path in sorted((FOLDER / family).glob("*/*.json")):
        case = json.loads(path.read_text("utf-8"))
        seen.input.update(case["input"])
        seen.expect.update(set(members(case["expect"], "", maps)) - COMMON)
        if not case["expect"]["ok"]:
            seen.rules.add(case["expect"]["rule"])
    return seen


def faults() -> List[str]:
    """What the page leaves out, and what it names that does not occur."""
    page = (FOLDER / "README.md").read_text("utf-8")
    families, maps = documented(page)
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"drafts"}
    wrong = [f"{name}: a folder without a heading, or a heading without a folder" for name in folders ^ set(families)]
    every_rule: Set[str] = set()
    found = {name: occurring(name, maps[name]) for name in folders & set(families)}
    for seen in found.values():
        every_rule |= seen.rules
    for name, seen in sorted(found.items()):
        told = families[name]
        rules = told.rules & every_rule
        for what, left, right in (("input", seen.input, told.input), ("expect", seen.expect, told.expect), ("rule", seen.rules, rules)):
            wrong += [f"{name}: {what} {one} occurs and is not named" for one in sorted(left - right)]
            wrong += [f"{name}: {what} {one} is named and does not occur" for one in sorted(right - left)]
        if name in SECTIONS:
            wrong += [f"{name}: no vector breaks {rule}" for rule in sorted(specified(name) & every_rule - seen.rules)]
    return wrong


def specified(family: str) -> Set[str]:
    """What stands in backticks in the section of the page that rules a family."""
    page, begin, end = SECTIONS[family]
    text = (SPEC / page).read_text("utf-8")
    assert text.count(begin) == 1, f"{page}: {begin} is not there once"
    return set(QUOTED.findall(text.partition(begin)[2].partition(end)[0]))


def check() -> None:
    """All of it; an AssertionError names what is wrong."""
    wrong = faults()
    assert not wrong, "vectors/README.md or the vectors:\n" + "\n".join(wrong)
    spoilt = (FOLDER / "README.md").read_text("utf-8").replace("### `policy`", "### `police`").replace("| `time` |", "| `times` |")
    families, _ = documented(spoilt)
    assert "policy" not in families and "time" not in families["cosignature"].expect, "this check reads nothing"
