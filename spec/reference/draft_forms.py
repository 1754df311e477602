"""How the values of authoring JSON are read (`spec/authoring.md`, Values). Each reader gives what the payload holds, or
`WRONG` where the value cannot be read and an error says so."""
from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any, Callable, Dict, List

from . import forms, json_form, table
from .forms import Errors, fail

WRONG = object()
"""Stands where a value cannot be read: of no form, so that the rules that ask for it stay silent."""

ABSENT = (None, "", [], {})
DUMP_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
HEX_32 = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII)


def is_absent(value: Any) -> bool:
    """null, "", [] and {} mean that a member is not there."""
    return any(type(value) is type(absent) and value == absent for absent in ABSENT)


def present(value: Any) -> Any:
    """An object without the members that mean absent; anything else as it is."""
    if not isinstance(value, dict):
        return value
    return {name: present(part) for name, part in value.items() if not is_absent(part)}


def code_set(value: Any, path: str, errors: Errors) -> Any:
    """A list of texts, or one text; sorted, repeats dropped."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        fail(errors, path, "wrong-type")
        return WRONG
    for position, item in enumerate(values):
        if not isinstance(item, str):
            fail(errors, f"{path}/{position}", "wrong-type")
    if not all(isinstance(item, str) for item in values):
        return WRONG
    return sorted(set(values), key=lambda text: text.encode("utf-8"))


def text(value: Any, path: str, errors: Errors) -> Any:
    """A text of any kind."""
    if isinstance(value, str):
        return value
    fail(errors, path, "wrong-type")
    return WRONG


def day(value: Any, path: str, errors: Errors) -> Any:
    """A real day; what the dumps put behind it is cut off."""
    match = DUMP_DAY.fullmatch(value) if isinstance(value, str) else None
    value = match[1] if match else value
    own: Errors = []
    forms.day(value, path, own)
    unread = [error for error in own if error["rule"] != "out-of-range"]
    errors += unread
    return WRONG if unread else value


def instant(value: Any, path: str, errors: Errors) -> Any:
    """RFC 3339 in whole seconds."""
    if not isinstance(value, str):
        fail(errors, path, "wrong-type")
        return WRONG
    match = INSTANT.fullmatch(value)
    try:
        if match is None:
            raise ValueError
        offset = match[3].replace("Z", "+00:00")
        moment = datetime.datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}")
        if int(offset[1:3]) > 23 or int(offset[4:6]) > 59:
            raise ValueError
    except ValueError:
        fail(errors, path, "grammar")
        return WRONG
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    if moment < epoch:
        fail(errors, path, "grammar")
        return WRONG
    return (moment - epoch) // datetime.timedelta(seconds=1)


def digest(value: Any, path: str, errors: Errors) -> Any:
    """64 lower-case hex digits."""
    if isinstance(value, str) and HEX_32.fullmatch(value):
        return bytes.fromhex(value)
    fail(errors, path, "grammar" if isinstance(value, str) else "wrong-type")
    return WRONG


def number(value: Any, path: str, errors: Errors) -> Any:
    """A whole number."""
    if type(value) is int:
        return value
    fail(errors, path, "wrong-type")
    return WRONG


def attribution(value: Any, path: str, errors: Errors) -> Any:
    """`{"kind": …}` or the kind alone."""
    return {"kind": value} if isinstance(value, str) else value


def legal_basis(value: Any, path: str, errors: Errors) -> Any:
    """As in the payload, with instants in RFC 3339."""
    if not isinstance(value, dict) or not isinstance(value.get("order"), dict):
        return value
    order = dict(value["order"])
    for name in json_form.ORDER_INSTANTS:
        if name in order:
            order[name] = instant(order[name], f"{path}/order/{name}", errors)
    return {**value, "order": order}


def reference(value: Any, path: str, errors: Errors) -> Any:
    """`puid:…`, `id:…`, `sequence:…`, or a leaf hash; what an earlier line's entry is, is not looked up here."""
    if not isinstance(value, str):
        fail(errors, path, "wrong-type")
        return WRONG
    if HEX_32.fullmatch(value):
        return bytes.fromhex(value)
    kind, _, rest = value.partition(":")
    named = kind in ("puid", "id") and rest != ""
    numbered = kind == "sequence" and NUMBER.fullmatch(rest) and int(rest) <= forms.MAX_NUMBER
    if named or numbered:
        return hashlib.sha256(f"{path} {value}".encode("utf-8")).digest()
    fail(errors, path, "grammar")
    return WRONG


def relates_to(value: Any, path: str, errors: Errors) -> Any:
    """A list of `{"relation"}` with either `entry` or `uri`; the URIs are judged here and not kept."""
    if not isinstance(value, list):
        fail(errors, path, "wrong-type")
        return WRONG
    own: Errors = []
    read = [relation(element, f"{path}/{position}", own) for position, element in enumerate(value)]
    errors += own
    return WRONG if own else read


def relation(element: Any, path: str, errors: Errors) -> Any:
    """One element of `relates_to`, as the payload has it."""
    if not isinstance(element, dict):
        return fail(errors, path, "wrong-type")
    whole = present(element)
    if ("entry" in whole) == ("uri" in whole):
        return fail(errors, path, "required")
    forms.members(whole, path, errors, ["relation"], ["entry", "uri"])
    if "relation" in whole:
        forms.code(whole["relation"], f"{path}/relation", errors, table.codes("relation"))
    if "entry" in whole:
        whole["entry"] = reference(whole["entry"], f"{path}/entry", errors)
    uri = whole.pop("uri", None)
    if uri is not None and not isinstance(uri, str):
        fail(errors, f"{path}/uri", "wrong-type")
    elif uri is not None and not uri.startswith(("http://", "https://")):
        fail(errors, f"{path}/uri", "grammar")
    return whole


def targets(value: Any, path: str, errors: Errors) -> Any:
    """A list of `{"entry"}`, `{"first", "last"}` and references, in any order; sorted, entries that repeat dropped."""
    own: Errors = []
    if not forms.length(value, path, own, forms.MAX_TARGETS):
        errors += own
        return WRONG
    read: List[Dict[str, Any]] = []
    for position, element in enumerate(value):
        here = f"{path}/{position}"
        element = target(element, here, own)
        if element is not WRONG:
            forms.target(element, here, own)
        read.append(element)
    if not own:
        for position, element in enumerate(read):
            if "first" in element and any(forms.overlap(element, other) for other in read[:position]):
                fail(own, f"{path}/{position}", "duplicate")
    errors += [error for error in own if not any(error["path"] == other["path"] for other in own[:own.index(error)])]
    if own:
        return WRONG
    once = {forms.rank(element): element for element in read}
    return [once[key] for key in sorted(once)]


def target(element: Any, path: str, errors: Errors) -> Any:
    """One target, as the payload has it."""
    if isinstance(element, str):
        if HEX_32.fullmatch(element):
            fail(errors, path, "grammar")
            return WRONG
        leaf = reference(element, path, errors)
        return leaf if leaf is WRONG else {"entry": leaf}
    whole = present(element)
    if isinstance(whole, dict) and "entry" in whole:
        whole["entry"] = digest(whole["entry"], f"{path}/entry", errors)
    return whole


READERS: Dict[str, Callable[[Any, str, Errors], Any]] = {
    "code": text, "text": text, "url": text, "puid": text, "codes": code_set, "text_names": code_set, "field_names": code_set, "texts": code_set, "day": day,
    "instant": instant, "digest": digest, "digest32": digest, "attribution": attribution, "legal_basis": legal_basis,
    "relates_to": relates_to, "targets": targets, "positive": number, "count": number,
}


def read(form: str, value: Any, path: str, errors: Errors) -> Any:
    """A value as the payload or the addendum holds it."""
    return READERS.get(form, lambda value, path, errors: value)(present(value), path, errors)
