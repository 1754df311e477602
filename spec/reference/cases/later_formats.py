"""Members that a JSON file of a later format may have, and what no JSON file has."""
from __future__ import annotations

from typing import List, Tuple

Members = List[Tuple[str, str, str]]
"""Name, why, and the members themselves."""


def nested(count: int) -> str:
    """A member of so many arrays inside each other."""
    return '"a":' + "[" * count + "]" * count


def listed(parts: int) -> str:
    """A member that has so many parts: the array, and its commas."""
    return '"a":[' + "0," * (parts - 1) + "0]"


def right(before: int) -> Members:
    """What JSON and its bounds allow, in a file that has so many arrays, objects and commas before."""
    return [
        ("with-half-a-pair-in-a-name", "Half a surrogate pair, escaped, is JSON.", '"\\ud800":1'),
        ("with-half-a-pair-in-a-text", "The same in a text.", '"a":"\\udc00\\ud800"'),
        ("with-5000-digits", "A number has any length.", '"a":' + "9" * 5000),
        ("with-an-exponent-of-5000", "And any size.", '"a":[1e5000,-1.5E-5000]'),
        ("with-brackets-in-a-text", "Signs in a name or a text are no parts.", f'"{"[" * 99}":"\\"{"," * 65537}"'),
        ("with-65536-parts", "As many arrays, objects and commas as there may be.", listed(65536 - before)),
        ("nested-64", "64 arrays and objects inside each other, the outermost counted.", nested(63)),
    ]


def wrong(before: int) -> Members:
    """What JSON or its bounds do not allow."""
    return [
        ("with-65537-parts", "One comma too many.", listed(65537 - before)),
        ("nested-65", "One array too many.", nested(64)),
        ("nested-5000", "Far too many arrays.", nested(5000)),
        ("with-a-leading-zero", "No number of JSON.", '"a":01'),
        ("with-half-an-escape", "No escape of JSON.", '"a":"\\ud80"'),
        ("with-a-control-character", "No text of JSON.", '"a":"\t"'),
        ("with-a-control-character-in-a-name", "No name of JSON.", '"a\tb":1'),
        ("with-not-a-number", "No value of JSON.", '"a":NaN'),
        ("with-a-form-feed", "No white space of JSON.", '\f"a":1'),
    ]
