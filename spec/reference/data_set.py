"""Entries as rows of a data set (data-set.md), worked out anew from the list of entries: what the CSV and JSON lines of a log
are, byte for byte. Only the coded columns; texts need a ledger that serves them."""
from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import re
from typing import Any, Dict, List, Optional

from . import entry
from .lifecycle import History
from .table import SPEC

PAGE = SPEC / "data-set.md"
DIGESTS = SPEC / "examples" / "data-set.json"
ROW = re.compile(r"^\| `([a-z_]+)` \| (integer|boolean|day|instant|text|list) \|", re.MULTILINE)

MEASURES = ["decision_visibility", "decision_monetary", "decision_provision", "decision_account", "infrastructure_measure"]
RENAMED = {"keyword": "category_specification", "territory": "territorial_scope", "language": "content_language"}
FORMULAS = tuple("=+-@\t\r\n'＝＋－＠")
SECONDS_MAX = 253402300799


def columns(part: str) -> Dict[str, str]:
    """The columns of one part of the page's table, `coded` or `texts`, in order: name to kind."""
    text = PAGE.read_text(encoding="utf-8").split(f"<!-- {part}:begin -->")[1].split(f"<!-- {part}:end -->")[0]
    return dict(ROW.findall(text))


def rows(history: History) -> List[Dict[str, Any]]:
    """The row of each entry, in the order of the log."""
    return [row(history, index) for index in range(len(history.entries))]


def row(history: History, index: int) -> Dict[str, Any]:
    """One row: every coded column, None where the entry says nothing of it."""
    statement, amended = history.entries[index].statement, history.as_amended(index)["fields"]
    by_name = {**of_entry(history, index), **of_basis(amended.get("legal_basis"))}
    by_name["day"] = day_of(statement, amended)
    by_name["month"] = by_name["day"] and by_name["day"][:7]
    return {name: by_name[name] if name in by_name else of_field(name, kind, amended) for name, kind in columns("coded").items()}


def of_entry(history: History, index: int) -> Dict[str, Any]:
    """What stands outside the fields."""
    statement, fields = history.entries[index].statement, history.fields(index)
    amended = history.as_amended(index)["fields"]
    became = {field: history.text(index, field) for field in fields["addenda"]}
    outcomes = history.naming(index, "outcome")
    measures = [code for field in MEASURES for code in listed(amended.get(field))]
    return {
        "index": index,
        "leaf_hash": history.entries[index].leaf_hash.hex(),
        "type": statement.kind,
        "provider": statement.iss[len("https://"):],
        "iss": statement.iss,
        "sequence": statement.sequence,
        "sub": statement.sub,
        "iat": instant(statement.iat),
        "vocabulary": vocabulary(history, index),
        "measure": measures,
        "attribution": amended.get("attribution", {}).get("kind"),
        "standing": history.standing(index),
        "outcome": history.fields(outcomes[-1])["result"] if outcomes else None,
        "amended": bool(history.naming(index, "amendment")),
        "withheld": in_order(field for field, text in became.items() if text == "withheld"),
        "redacted": in_order(field for field, text in became.items() if text == "redacted"),
    }


def of_basis(basis: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    """On what it rests."""
    kind = (basis or {}).get("kind")
    order = (basis or {}).get("order", {})
    stated = "with" if order else "unstated" if kind == "unstated" else "without"
    return {
        "legal_basis": kind,
        "jurisdiction": (basis or {}).get("jurisdiction"),
        "statute": (basis or {}).get("statute_id"),
        "order": None if basis is None else stated,
        "authority_kind": order.get("authority_kind"),
        "order_country": order.get("country"),
        "order_issued": instant(order.get("issued")),
        "order_received": instant(order.get("received")),
        "order_deadline": instant(order.get("deadline")),
    }


def of_field(name: str, kind: str, amended: Dict[str, Any]) -> Any:
    """A column that is a field."""
    value = amended.get(RENAMED.get(name, name))
    if kind == "list":
        return listed(value)
    return instant(value) if kind == "instant" else value


def listed(value: Any) -> List[str]:
    """A code, or codes, or none."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def in_order(fields: Any) -> List[str]:
    """As CBOR orders keys: shorter names first."""
    return sorted(fields, key=lambda field: (len(field), field))


def instant(seconds: Optional[int]) -> Optional[str]:
    """RFC 3339."""
    if seconds is None or seconds > SECONDS_MAX:
        return None
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.strftime(f"{moment.year:04}-%m-%dT%H:%M:%SZ")


def day_of(statement: Any, amended: Dict[str, Any]) -> Optional[str]:
    """The day that a statement is counted under."""
    if statement.kind == "decision":
        return amended.get("application_date")
    issued = (instant(statement.iat) or "")[:10]
    return issued if "1990" <= issued[:4] <= "2099" else None


def vocabulary(history: History, index: int) -> str:
    """The version that the category is from; without a category, the statement's own."""
    brought = [by for by in history.naming(index, "amendment") if "category" in history.fields(by)]
    return history.fields((brought or [index])[-1])["vocabulary"]


def json_lines(history: History) -> str:
    """All rows as JSON lines."""
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in rows(history))


def comma_separated(history: History) -> str:
    """All rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns("coded"))
    for one in rows(history):
        writer.writerow([cell(value) for value in one.values()])
    return out.getvalue()


def cell(value: Any) -> str:
    """One cell of CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(value)
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(FORMULAS) else text


def digests() -> Dict[str, Dict[str, str]]:
    """SHA-256 of the data set of every log in vectors/lifecycle/valid, in both formats of text."""
    made = {}
    for path in sorted((SPEC / "vectors" / "lifecycle" / "valid").glob("*.json")):
        case = json.loads(path.read_text("utf-8"))["input"]
        entries = [entry.parse(bytes.fromhex(one)) for one in case["entries"]]
        history = History("https://" + case["origin"], entries)
        texts = {"csv": comma_separated(history), "jsonl": json_lines(history)}
        made[path.stem] = {name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in texts.items()}
    return made


def generate() -> int:
    """Writes examples/data-set.json."""
    DIGESTS.write_bytes((json.dumps(digests(), indent=1) + "\n").encode("utf-8"))
    return 0


def check() -> None:
    """An AssertionError says that the digests are stale."""
    assert json.loads(DIGESTS.read_text("utf-8")) == digests(), "examples/data-set.json is stale: run python3 spec/reference.py data-set"
