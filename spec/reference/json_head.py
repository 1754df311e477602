"""What every version of a JSON file of ours begins with, judged before anything else: a later one may have other members."""
from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Tuple, Union

from .faults import Fault, require

MAX_DEPTH = 64
"""Arrays and objects inside each other, the outermost counted: ours have four."""

MAX_PARTS = 65536
"""Arrays, objects and commas in all: ours have some thousands."""

MAX_DIGITS = 19
"""Digits of an integer that is read as one. No integer of ours has more, and Python reads no more than some thousands."""

MARK = re.compile(r'\\.|["\[\]{},]', re.DOTALL)
"""An escape, the border of a string, or what opens, parts or closes an array or an object."""


class Members(List[Tuple[str, Any]]):
    """The members of a JSON object, as they stand."""


def no_number(text: str) -> None:
    """`NaN` and the like, which Python reads and RFC 8259 does not know."""
    raise ValueError(text)


def integer(text: str) -> Union[int, float]:
    """An integer; a longer one than any that is right is a number of another kind."""
    return int(text) if len(text) <= MAX_DIGITS else float(text)


def is_bounded(text: str) -> bool:
    """Whether no more arrays and objects stand inside each other, and no more parts in all, than a reader must take."""
    inside_string, depth, parts = False, 0, 0
    for found in MARK.finditer(text):
        mark = found.group()
        if mark == '"':
            inside_string = not inside_string
        elif not inside_string and len(mark) == 1:
            depth += {"[": 1, "{": 1, ",": 0}.get(mark, -1)
            parts += mark in "[{,"
            if depth > MAX_DEPTH or parts > MAX_PARTS:
                return False
    return True


def parse(text: str, rule: str) -> Members:
    """The members of the outermost object; what is no object is refused."""
    require(is_bounded(text), rule, "arrays and objects too deep inside each other, or too many parts")
    try:
        text.encode("utf-8")
        whole = json.loads(text, object_pairs_hook=Members, parse_constant=no_number, parse_int=integer)
    except ValueError:
        raise Fault(rule, "not JSON") from None
    require(isinstance(whole, Members), rule, "not an object")
    return whole


def text_of(whole: Members, name: str, rule: str) -> str:
    """A member that must be there, once, and a text."""
    found = [value for key, value in whole if key == name]
    require(len(found) == 1 and isinstance(found[0], str), rule, f"{name} is no text, or stands twice")
    require(all(not 0xD800 <= ord(c) < 0xE000 for c in found[0]), rule, f"{name} is not Unicode")
    return found[0]


def unique(value: Any, rule: str) -> Any:
    """The same with a dict for each object: no member stands twice (RFC 8259 section 4 leaves that open)."""
    if isinstance(value, Members):
        require(len({key for key, _ in value}) == len(value), rule, "a member twice")
        made: Dict[str, Any] = {key: unique(one, rule) for key, one in value}
        return made
    return [unique(one, rule) for one in value] if isinstance(value, list) else value
