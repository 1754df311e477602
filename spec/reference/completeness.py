"""What a provider declared against what is on record, and which embargoes were kept."""
from __future__ import annotations

import datetime
from typing import Any, Dict, List, Optional

from .lifecycle import History


def declarations(history: History) -> List[int]:
    """The declarations in force: of those that count, the last one for each provider and period."""
    newest: Dict[Any, int] = {}
    for index in range(len(history.entries)):
        if history.kind(index) == "declaration" and history.counts(index):
            fields = history.fields(index)
            newest[history.owner(index), fields["period_start"], fields["period_end"]] = index
    return sorted(newest.values())


def row(history: History, index: int) -> Dict[str, Any]:
    """One declaration: what is expected, what is counted, and the numbers that are neither taken nor closed."""
    fields, iss = history.fields(index), history.owner(index)
    numbers = range(fields.get("first_sequence", 1), fields.get("last_sequence", 0) + 1)
    counted = [e for e in range(len(history.entries))
               if history.owner(e) == iss and history.kind(e) in ("decision", "sealed") and history.counts(e)
               and history.entries[e].statement.sequence in numbers]
    missing = [number for number in numbers if not history.is_used(iss, number)]
    return {"declaration": index, "expected": fields["decisions_taken"] - fields["not_published"],
            "counted": len(counted), "missing": ranges(missing)}


def ranges(numbers: List[int]) -> List[List[int]]:
    """Ascending numbers as pairs of a first and a last one."""
    pairs: List[List[int]] = []
    for number in numbers:
        if pairs and pairs[-1][1] == number - 1:
            pairs[-1][1] = number
        else:
            pairs.append([number, number])
    return pairs


def embargoes(history: History, day: str) -> Dict[str, int]:
    """How many withheld texts are open, overdue, kept and late, seen on a day."""
    counts = {"open": 0, "overdue": 0, "kept": 0, "late": 0}
    for index in range(len(history.entries)):
        for field, terms in history.fields(index).get("withheld", {}).items():
            opened, until = history.disclosed(index, field), terms.get("until", "9999-12-31")
            erased = first_redaction(history, index, field)
            if erased is not None and (opened is None or erased < opened):
                continue
            if opened is not None:
                counts["kept" if day_of(history.entries[opened].statement.iat) <= until else "late"] += 1
            else:
                counts["open" if day <= until else "overdue"] += 1
    return counts


def first_redaction(history: History, index: int, field: str) -> Optional[int]:
    """The first redaction that names a text by its leaf hash, whether or not it was withdrawn while it was held."""
    leaf = {"entry": history.entries[index].leaf_hash}
    return next((by for by in range(index + 1, len(history.entries)) if history.kind(by) == "redaction"
                 and leaf in history.fields(by)["targets"] and field in history.fields(by)["fields"]), None)


def day_of(instant: int) -> str:
    """The day of an instant, in UTC; instants beyond the calendar are on its last day."""
    try:
        return datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return "9999-12-31"
