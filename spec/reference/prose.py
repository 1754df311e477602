"""The pages of `spec/`: tables that follow from fields.json, and examples that must be what a vector holds.

A table stands between `<!-- <name>:begin -->` and `<!-- <name>:end -->`. An example is a fenced block right behind
`<!-- example: <vector file> <member>[.<member>] -->`. In a block `hex`, what follows a `#` is a comment and white space
means nothing; in `wrapped`, line breaks mean nothing; in `json`, only what JSON says counts; in every other block the
text stands as it is. Of a file of `examples/`, the member is the number of a line.
"""
from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, List

from .table import FIELDS, SPEC, TABLE, TYPES

PAYLOAD_PAGE = SPEC / "payload.md"

EXAMPLE = re.compile(r"<!-- example: (\S+) (\S+) -->\n```(\w*)\n(.*?)```\n", re.DOTALL)

LONG_SETS = ("country", "territory", "jurisdiction")
"""Code sets of hundreds of countries, which the page names and does not list."""


def fields_table() -> str:
    """Every field, first those of the entry, then the texts."""
    lines = ["| field | form | where | in | why |", "|---|---|---|---|---|"]
    for place in ("entry", "addendum"):
        for name, row in FIELDS.items():
            if row["place"] == place:
                where = "entry" if place == "entry" else f"text, {row['served']}"
                lines.append(f"| `{name}` | {form_of(row)} | {where} | {types_of(name)} | {row['why']} |")
    return "\n".join(lines)


def form_of(row: Dict[str, Any]) -> str:
    """The form with its code set or its greatest length."""
    if "codes" in row:
        return f"{row['form']} `{row['codes']}`"
    return f"{row['form']} ≤ {row['max']:,}" if "max" in row else str(row["form"])


def types_of(name: str) -> str:
    """The types that have the field; in bold where it is required without condition."""
    found: List[str] = []
    for kind, row in TYPES.items():
        if name in row["required"] + row["required_addenda"]:
            found.append(f"**{kind}**")
        elif name in row["optional"] + row["optional_addenda"]:
            found.append(kind)
    return ", ".join(found)


def types_table() -> str:
    """Who may sign a type, and what its `sub` is."""
    lines = ["| type | signed by | `sub` |", "|---|---|---|"]
    for kind, row in TYPES.items():
        issuer = {"either": "provider or registrar"}.get(row["issuer"], row["issuer"])
        lines.append(f"| `{kind}` | {issuer} | {row['sub']} |")
    return "\n".join(lines)


def codes_table() -> str:
    """Our own code sets."""
    lines = ["| set | codes |", "|---|---|"]
    for name, codes in TABLE["codes"].items():
        if name not in LONG_SETS:
            lines.append(f"| `{name}` | {', '.join(f'`{code}`' for code in codes)} |")
    return "\n".join(lines)


def roles_table() -> str:
    """What a role must state in a decision, and what it must not state at all."""
    lines = ["| roles | required in a decision | forbidden | why |", "|---|---|---|---|"]
    for group in TABLE["role_groups"].values():
        cells = [", ".join(f"`{name}`" for name in group[key]) or "–"
                 for key in ("roles", "required_in_decision", "forbidden")]
        lines.append(f"| {' | '.join(cells)} | {group['why']} |")
    return "\n".join(lines)


TABLES: Dict[str, Callable[[], str]] = {
    "fields": fields_table, "types": types_table, "codes": codes_table, "roles": roles_table,
}


def with_tables(page: str) -> str:
    """The page with every table written anew."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}:begin -->\n", f"\n<!-- {name}:end -->"
        assert page.count(begin) == 1 and page.count(end) == 1, f"payload.md: the markers of {name}"
        head, _, rest = page.partition(begin)
        page = head + begin + table() + end + rest.partition(end)[2]
    return page


def member(path: str, name: str) -> str:
    """A member of a vector, such as `input.note`, or a line of an example."""
    if path.endswith(".jsonl"):
        return (SPEC / path).read_text("utf-8").splitlines()[int(name) - 1]
    value: Any = json.loads((SPEC / "vectors" / path).read_text("utf-8"))
    for step in name.split("."):
        value = value[step]
    assert isinstance(value, str), f"{path}: {name} is no text"
    return value


def plain(language: str, body: str) -> str:
    """What a block says."""
    if language == "hex":
        return "".join(line.partition("#")[0] for line in body.split("\n")).replace(" ", "")
    return body.replace("\n", "") if language == "wrapped" else body


def check_examples(name: str, page: str) -> int:
    """Holds every example of a page against its vector; how many there are."""
    found = EXAMPLE.findall(page)
    assert len(found) == page.count("<!-- example:"), f"{name}: an example without its block"
    for path, where, language, body in found:
        wanted, given = member(path, where), plain(language, body)
        same = json.loads(given) == json.loads(wanted) if language == "json" else given in (wanted, wanted + "\n")
        assert same, f"{name}: not what {path} holds at {where}"
    return len(found)


def check() -> None:
    """All pages; an AssertionError names what is wrong."""
    page = PAYLOAD_PAGE.read_text("utf-8")
    assert with_tables(page) == page, "payload.md is stale: run python3 spec/generate_tables.py"
    count = sum(check_examples(path.name, path.read_text("utf-8")) for path in sorted(SPEC.glob("*.md")))
    assert count >= 8, "pages have lost their examples"
