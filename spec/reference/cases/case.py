"""One case, and the list that a family's cases are gathered in."""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional


class Case(NamedTuple):
    """An input and the verdict that it was written for. `rule` is None if it must be accepted."""

    family: str
    name: str
    description: str
    input: Dict[str, Any]
    rule: Optional[str]
    where: Dict[str, Any]
    alone: bool


class Cases(List[Case]):
    """The cases of one family."""

    def __init__(self, family: str) -> None:
        super().__init__()
        self.family = family

    def valid(self, name: str, description: str, **given: Any) -> None:
        """A case that must be accepted."""
        self.append(Case(self.family, name, description, given, None, {}, True))

    def invalid(self, name: str, rule: str, description: str, where: Optional[Dict[str, Any]] = None,
                alone: bool = True, **given: Any) -> None:
        """A case that must be refused for that rule. `alone` false: several payload errors are meant."""
        self.append(Case(self.family, name, description, given, rule, where or {}, alone))
