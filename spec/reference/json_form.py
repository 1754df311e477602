"""The JSON form of a payload's fields: digests in hex, instants as RFC 3339, everything else as it is."""
from __future__ import annotations

import datetime
from typing import Any

from . import table

ORDER_INSTANTS = ("issued", "received", "deadline")


def of(name: str, value: Any) -> Any:
    """The value of an entry field of a decision, a refusal or an amendment."""
    if table.FIELDS[name]["form"] == "instant":
        return instant(value)
    if name == "legal_basis" and "order" in value:
        order = {key: instant(part) if key in ORDER_INSTANTS else part for key, part in value["order"].items()}
        return {**value, "order": order}
    if name == "relates_to":
        return [{key: part.hex() if key == "entry" else part for key, part in element.items()} for element in value]
    return value


def instant(value: int) -> str:
    """RFC 3339, in UTC, whole seconds."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=value)
    return moment.isoformat() + "Z"
