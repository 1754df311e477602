"""The one way in which this reference says no: a rule's short name, and where it was broken."""
from __future__ import annotations

from typing import Dict, List, Optional


class Fault(Exception):
    """Something that must be refused. `rule` is the slug that the vectors name."""

    def __init__(self, rule: str, detail: str, **where: object) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail
        self.where = where


class PayloadFault(Fault):
    """All errors of one payload, each a JSON Pointer (RFC 6901) into the payload and a rule, none twice."""

    def __init__(self, errors: List[Dict[str, str]]) -> None:
        pairs = sorted({(error["path"], error["rule"]) for error in errors})
        self.errors = [{"path": path, "rule": rule} for path, rule in pairs]
        super().__init__("invalid-payload", ", ".join(f"{e['path'] or '(payload)'} {e['rule']}" for e in self.errors))


def require(condition: bool, rule: str, detail: str, **where: object) -> None:
    """Raises a `Fault` unless the condition holds."""
    if not condition:
        raise Fault(rule, detail, **where)


def not_understood(detail: str, where: Optional[str] = None) -> Fault:
    """The verdict on a version or type that this reader does not know: neither good nor a lie."""
    return Fault("not-understood", detail, where=where)
