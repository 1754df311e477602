"""Drafts: every code of both vocabularies and of our own sets, every field by its form, and whole lines."""
from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, NamedTuple

from .. import draft, table
from . import draft_samples as samples
from .draft_lines import LINES, NOT_WRITTEN, PATHS, PLACES, Line, copy, european, fields_of, row_name
from .draft_whole import add_whole

VERSIONS = {"v1": "dsa-tdb/1", "v2": "dsa-tdb/2"}


class DraftCase(NamedTuple):
    """A line and what must be said of it: nothing, or these errors."""

    name: str
    line: Any
    errors: List[List[str]]


class Drafts(List[DraftCase]):
    """The cases of one file."""

    def add(self, name: str, line: Any, *errors: str) -> None:
        """A line, and the errors that it was written for, each `path rule`."""
        self.append(DraftCase(name, line, sorted(error.split(" ") for error in errors)))


def files() -> Dict[str, str]:
    """Every file, name and text: an object a line with `name`, `draft` and `errors`."""
    made: Dict[str, Callable[[Drafts], None]] = {"codes-1": lambda made: add_european(made, "v1"), "codes-2": lambda made: add_european(made, "v2"), "codes-own": add_own, "fields": add_fields, "lines": add_whole}
    texts = {}
    for name, add in made.items():
        cases = Drafts()
        add(cases)
        assert len({case.name for case in cases}) == len(cases), f"drafts/{name}: a name twice"
        texts[f"drafts/{name}.jsonl"] = "".join(written(case) for case in cases)
    return texts


def written(case: DraftCase) -> str:
    """One line of a file; fails when the verdict is not the one that the case was written for."""
    errors = draft.judge(case.line)
    assert [[error["path"], error["rule"]] for error in errors] == case.errors, f"{case.name}: wanted {case.errors}, judged {errors}"
    return json.dumps({"name": case.name, "draft": case.line, "errors": errors}, ensure_ascii=False, separators=(",", ":")) + "\n"


def add_european(made: Drafts, key: str) -> None:
    """Every code of one version, accepted; codes of the other version and of none, refused."""
    version, other = VERSIONS[key], table.VOCABULARY["v1" if key == "v2" else "v2"]
    for field, codes in table.VOCABULARY[key].items():
        many = table.FIELDS[field]["form"] == "codes"
        for code in codes:
            made.add(f"{field} {code}", european(field, code, version))
            if field == "category" and code != LINES["host"]["category"]:
                made.add(f"category_addition {code}", european("category_addition", [code], version))
        for code in [code for code in other[field] if code not in codes]:
            made.add(f"{field} of the other version {code}", european(field, code, version), f"/{field} not-a-code")
        first = next(iter(codes))
        for name, wrong, rule in (("unknown", f"{first}_X", "not-a-code"), ("in the other case", swap(first), "not-a-code"), ("number", 1, "wrong-type"), ("true", True, "wrong-type"), ("object", {"code": first}, "wrong-type")):
            made.add(f"{field} {name}", european(field, wrong, version), f"/{field} {rule}")
        if many:
            made.add(f"{field} all", european(field, list(codes)[::-1] + [first], version))
            made.add(f"{field} one of two unknown", european(field, [first, f"{first}_X"], version), f"/{field} not-a-code")
            made.add(f"{field} with a number", european(field, [first, 1], version), f"/{field}/1 wrong-type")
        else:
            made.add(f"{field} list", european(field, [first], version), f"/{field} wrong-type")
    made.add("category_addition unknown", european("category_addition", ["STATEMENT_X"], version), "/category_addition not-a-code")
    made.add("category_addition of the other version", european("category_addition", [next(c for c in other["category"] if c not in table.VOCABULARY[key]["category"])], version), "/category_addition not-a-code")


def swap(code: str) -> str:
    """A code in small letters, or in capitals."""
    return code.lower() if code.lower() != code else code.upper()


def add_own(made: Drafts) -> None:
    """Every code of the sets that are not European, and some that are none."""
    sets = {name: codes for name, codes in table.TABLE["codes"].items() if name not in NOT_WRITTEN}
    for name, codes in {**sets, "language": table.VOCABULARY["languages"]}.items():
        place, path = PLACES[name], PATHS.get(name, f"/{name}")
        if name == "territory":
            made.add("territory all", copy(LINES["decision"], territorial_scope=list(codes)))
        for code in codes if len(codes) < 200 else [code for code in codes if codes.index(code) % 25 == 0 or len(code) > 2]:
            made.add(f"{name} {code}", place(code))
        for wrong in ("unknown_code", swap(codes[0]), f"{codes[0]} "):
            made.add(f"{name} {wrong}", place(wrong), f"{path} not-a-code")
        made.add(f"{name} number", place(7), f"{where(name, path)} wrong-type")  # type: ignore[arg-type]


def where(name: str, path: str) -> str:
    """Where a value that is no text is wrong: in a list, the element; an attribution that is a number is none."""
    if name in ("redress", "territory"):
        return f"{path}/0"
    return "/attribution" if name == "attribution_kind" else path


def add_fields(made: Drafts) -> None:
    """Every field of every type that is written: right values, wrong ones, and left out where it is required."""
    for kind, base in LINES.items():
        for version in VERSIONS.values() if kind in ("host", "no_action", "amendment") else [table.NEWEST]:
            for field in fields_of(kind) if kind not in ("decision", "sealed") else []:
                add_field(made, f"{kind} {version[-1]} {field}", kind, copy(base, vocabulary=version), field)
        add_required(made, kind, base)
        made.add(f"{kind} purpose", copy(base, purpose="test"), "/purpose unknown-field")
        made.add(f"{kind} pointer", {**copy(base), "a/b~c": 1}, "/a~1b~0c unknown-field")


def add_field(made: Drafts, name: str, kind: str, base: Line, field: str) -> None:
    """One field by its form."""
    row = table.FIELDS[field]
    line = copy(base, **context(kind, field))
    if field in table.TABLE["in_version_2_only"] and line["vocabulary"] != table.NEWEST:
        return made.add(f"{name} forbidden", copy(line, **{field: samples.RIGHT[row["form"]][0]}), f"/{field} forbidden")
    right, wrong = samples.right(field, line["vocabulary"]), samples.wrong(field)
    once = (kind, line["vocabulary"]) == ("host", table.NEWEST) or field not in fields_of("host")
    if not once:
        right, wrong = right[:1], wrong[:1]
    for position, value in enumerate(right):
        made.add(f"{name} right {position}", copy(line, **{field: value}))
    for position, (value, path, rule) in enumerate(wrong):
        made.add(f"{name} wrong {position}", copy(line, **{field: value}), f"/{field}{path} {rule}")
    return None


def context(kind: str, field: str) -> Line:
    """What else a line says so that the field may be there."""
    needed = dict(samples.CONTEXT.get(field, {}))
    if kind == "no_action" and field.startswith("content_"):
        needed["provider_role"] = "host"
    return needed


def add_required(made: Drafts, kind: str, base: Line) -> None:
    """What every line of the type says, left out, and absent in another spelling."""
    row = table.TYPES[row_name(kind)]
    names = [name for name in row["required"] + row["required_addenda"] if name != "sealed_statement"]
    if kind == "host":
        names += table.role_group("host")["required_in_decision"]
    for position, field in enumerate(names):
        absent = (None, "", [], {})[position % 4]
        made.add(f"{kind} without {field}", {**copy(base), field: absent}, f"/{field} required")
    if kind == "sealed":
        made.add("sealed without statement", copy(base, statement=None, withheld=None), "/statement required")
