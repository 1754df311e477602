"""Drafts: one line of authoring JSON, judged whole, whoever signs it and under whatever number (`spec/authoring.md`)."""
from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Set

from . import addendum, draft_forms, forms, payload, table
from .draft_forms import WRONG, is_absent
from .faults import PayloadFault
from .forms import Errors, fail, is_control
from .names import subject_kind
from .rules import GROUNDS, OTHERS

ISSUER, LOG, PSEUDONYM = "https://provider.example", "log.example", "s:" + "0" * 32
WRITTEN = ("decision", "no_action", "amendment", "outcome", "lifted", "withdrawal", "sealed", "redaction", "declaration",
           "void")
"""The types that are written as lines."""

SUBJECTS = ("domain:", "url:", "account:", "asn:")
KNOWN_BY_PUID = ("decision", "no_action", "sealed")
GROUND_FIELDS = {**GROUNDS, "DECISION_GROUND_INCOMPATIBLE_CONTENT": GROUNDS["DECISION_GROUND_INCOMPATIBLE_CONTENT"] + ["incompatible_content_illegal"]}


class Draft:
    """A line while it is judged: the members that are there, the fields and texts read from them, and the errors."""

    def __init__(self, line: Dict[str, Any], kind: str, vocabulary: str) -> None:
        self.line = {name: value for name, value in line.items() if not is_absent(value)}
        self.kind, self.vocabulary = kind, vocabulary
        self.row = table.TYPES[kind]
        self.fields: Dict[str, Any] = {}
        self.texts: Dict[str, Any] = {}
        self.withheld: Dict[str, Any] = {}
        self.sub = PSEUDONYM if self.row["sub"] == "subject" else f"provider:{ISSUER}"
        self.errors: Errors = []


def judge(line: Any, kinds: Any = WRITTEN) -> Errors:
    """Every error of a line, each once: a JSON Pointer into the line, and a rule."""
    errors: Errors = []
    if not isinstance(line, dict):
        fail(errors, "", "wrong-type")
        return errors
    kind = "decision" if is_absent(line.get("type")) else line["type"]
    vocabulary = table.NEWEST if is_absent(line.get("vocabulary")) else line["vocabulary"]
    for name, value, known in (("type", kind, kinds), ("vocabulary", vocabulary, table.VOCABULARIES)):
        if not isinstance(value, str) or value not in known:
            fail(errors, f"/{name}", "not-a-code")
    if errors:
        return errors
    draft = Draft(line, kind, vocabulary)
    read_members(draft)
    leave_out(draft)
    read_subject(draft)
    decide_withheld(draft)
    check_payload(draft)
    pairs = sorted({(error["path"], error["rule"]) for error in draft.errors})
    return [{"path": path, "rule": rule} for path, rule in pairs]


def pointer(name: str) -> str:
    """One step of a JSON Pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def read_members(draft: Draft) -> None:
    """Every member but those of its own, by the form that the table names for it."""
    entry, texts = draft.row["required"] + draft.row["optional"], table.texts(draft.kind)
    for name, value in draft.line.items():
        if draft.kind == "sealed" and name == "statement":
            read_sealed(draft, value)
        elif name == "content_id_ean" and "content_id" in entry:
            draft.fields["content_id"] = read_product(draft, value)
        elif name in ("type", "vocabulary", "withheld") or (name in ("subject", "subject_in_entry") and "subject" in texts):
            continue
        elif name == "id":
            read_id(draft, value)
        elif name in entry:
            draft.fields[name] = read_field(draft, name, value)
        elif name in texts and name not in ("relates_to_uri", "sealed_statement"):
            draft.texts[name] = draft_forms.read(table.FIELDS[name]["form"], value, f"/{name}", draft.errors)
        else:
            fail(draft.errors, pointer(name), "unknown-field")
    relations = draft.line.get("relates_to") if "relates_to" in entry else None
    if isinstance(relations, list) and any(isinstance(r, dict) and not is_absent(r.get("uri")) for r in relations):
        draft.texts["relates_to_uri"] = None
    if draft.kind == "sealed" and "statement" not in draft.line:
        fail(draft.errors, "/statement", "required")


def read_field(draft: Draft, name: str, value: Any) -> Any:
    """An entry field as the payload has it, `WRONG` where it cannot be read."""
    return draft_forms.read(table.FIELDS[name]["form"], value, f"/{name}", draft.errors)


def is_under(path: str, other: str) -> bool:
    """Whether a path is another one or leads into it."""
    return path == other or path.startswith(other + "/")


def read_id(draft: Draft, value: Any) -> None:
    """What a line is called that has no puid."""
    if draft.kind in KNOWN_BY_PUID:
        fail(draft.errors, "/id", "forbidden")
    elif draft_forms.text(value, "/id", draft.errors) is not WRONG:
        check_text(draft, "/id", "puid", table.FIELDS["puid"]["max"], value)


def read_product(draft: Draft, value: Any) -> Any:
    """`content_id_ean`: its errors stand where it was written."""
    return {"EAN-13": draft_forms.text(value, "/content_id_ean", draft.errors)}


def read_sealed(draft: Draft, value: Any) -> None:
    """What is sealed is a line of its own, a decision or a refusal."""
    draft.texts["sealed_statement"] = None
    for error in judge(value, ("decision", "no_action")):
        fail(draft.errors, "/statement" + error["path"], error["rule"])


def read_subject(draft: Draft) -> None:
    """`subject` becomes a text, and with `subject_in_entry` the statement's own `sub`."""
    if "subject" not in table.texts(draft.kind):
        return
    subject, in_entry = draft.line.get("subject"), draft.line.get("subject_in_entry")
    right = subject is None
    if subject is not None:
        draft.texts["subject"] = WRONG
        if not isinstance(subject, str):
            fail(draft.errors, "/subject", "wrong-type")
        elif not any(subject.startswith(kind) and subject != kind for kind in SUBJECTS):
            fail(draft.errors, "/subject", "grammar")
        else:
            draft.texts["subject"], right = subject, True
    if in_entry is not None and not isinstance(in_entry, bool):
        fail(draft.errors, "/subject_in_entry", "wrong-type")
    elif in_entry and right and not (subject or "").startswith(("domain:", "asn:")):
        fail(draft.errors, "/subject_in_entry", "needs")
    elif in_entry and right:
        draft.sub = subject


def codes(draft: Draft, field: str) -> Set[str]:
    """The codes of a field, one or many, as they were written."""
    value = draft.fields.get(field, [])
    values = value if isinstance(value, list) else [value]
    return {code for code in values if isinstance(code, str)}


def leave_out(draft: Draft) -> None:
    """What the European database would drop without a word. In an amendment only where the field that decides is there;
    nowhere where it is wrong."""
    def decided(field: str) -> bool:
        own: Errors = []
        if field in draft.fields:
            forms.check(draft.fields[field], "", own, field, draft.vocabulary)
        return not own and (field in draft.fields or draft.kind != "amendment")

    for text, (field, other) in OTHERS.items():
        if decided(field) and other not in codes(draft, field):
            draft.texts.pop(text, None)
    if decided("decision_ground"):
        for ground, names in GROUND_FIELDS.items():
            for name in names if ground not in codes(draft, "decision_ground") else []:
                draft.texts.pop(name, None)
                draft.fields.pop(name, None)
    if "SOURCE_VOLUNTARY" in codes(draft, "source_type"):
        draft.texts.pop("source_identity", None)
    further = draft.fields.get("category_addition")
    if isinstance(further, list):
        kept = [code for code in further if code not in codes(draft, "category")]
        draft.fields["category_addition"] = kept
        if not kept:
            del draft.fields["category_addition"]


def decide_withheld(draft: Draft) -> None:
    """What the author says, and without a word of the author the defaults."""
    wishes = draft.line.get("withheld", {})
    if not isinstance(wishes, dict):
        fail(draft.errors, "/withheld", "wrong-type")
        wishes = {}
    for name, terms in wishes.items():
        path = "/withheld" + pointer(name)
        if terms is None:
            continue
        if name not in table.ADDENDA:
            fail(draft.errors, path, "unknown-field")
        elif terms is not False and not isinstance(terms, dict):
            fail(draft.errors, path, "wrong-type")
            if name in draft.texts:
                draft.withheld[name] = WRONG
        elif name not in draft.texts and terms is not False and is_absent(terms.get("ground")):
            fail(draft.errors, f"{path}/ground", "required")
        elif name not in draft.texts:
            fail(draft.errors, path, "needs")
        elif terms is not False:
            draft.withheld[name] = {key: draft_forms.day(value, f"{path}/until", draft.errors) if key == "until" else value
                                    for key, value in draft_forms.present(terms).items()}
    for name in by_default(draft):
        if name in draft.texts and wishes.get(name) is None:
            draft.withheld[name] = {"ground": "personal_data"}


def by_default(draft: Draft) -> List[str]:
    """The texts that are withheld without a word of the author."""
    names = [name for name, row in table.FIELDS.items() if row.get("served") == "withheld"]
    subject = draft.texts.get("subject")
    if isinstance(subject, str) and subject.startswith(("url:", "account:")):
        names.append("subject")
    if table.LOCATOR_KEYWORDS & codes(draft, "category_specification"):
        names += table.LOCATOR_FIELDS + ["subject"]
    if draft.kind == "no_action" and codes(draft, "source_kind") & {"user", "rights_holder"}:
        names += [name for name in draft.texts if name != "puid"]
    return names


def check_texts(draft: Draft) -> None:
    """Every text by its form, length and characters. What is left out is not judged, nor what could not be read."""
    for name, value in draft.texts.items():
        row = table.FIELDS[name]
        if row["form"] == "texts" and isinstance(value, list):
            if len(value) > addendum.MAX_TEXTS:
                fail(draft.errors, f"/{name}", "too-long")
                continue
            for position, text in enumerate(value):
                check_text(draft, f"/{name}/{position}", "text", row["max"], text)
        elif row["form"] in ("text", "url", "puid") and value is not WRONG:
            check_text(draft, f"/{name}", row["form"], row["max"], value)


def check_text(draft: Draft, path: str, form: str, most: int, value: str) -> None:
    """One text: the first rule that it breaks."""
    allowed = "\n\t" if form == "text" else ""
    if value == "":
        return fail(draft.errors, path, "empty")
    if len(value) > most:
        return fail(draft.errors, path, "too-long")
    good = all(c in allowed or not is_control(c) for c in value)
    if form == "url":
        good = good and value.startswith(("http://", "https://"))
    if form == "puid":
        good = addendum.PUID.fullmatch(value) is not None
    if not good:
        fail(draft.errors, path, "grammar")
    return None


def check_payload(draft: Draft) -> None:
    """Every rule of the payload, with made-up digests. That `WRONG` is of no form says nothing about the line."""
    unread = [error["path"] for error in draft.errors]
    check_texts(draft)
    sub = draft.sub
    if subject_kind(f"provider:{draft.fields.get('provider')}"):
        sub = f"provider:{draft.fields['provider']}"
    if draft.row["sub"] == "subject" and not subject_kind(sub):
        fail(draft.errors, "/subject", "sub")
        sub = PSEUDONYM
    digests = {name: hashlib.sha256(name.encode("utf-8")).digest() for name in draft.texts}
    whole = {"type": draft.kind, "vocabulary": draft.vocabulary, "sequence": own_number(draft), "addenda": digests, **draft.fields}
    if draft.withheld:
        whole["withheld"] = draft.withheld
    try:
        payload.check(whole, ISSUER, sub, LOG)
    except PayloadFault as fault:
        for error in fault.errors:
            path = authored(draft, error["path"])
            stand_in = any(is_under(path, other) or path == member_of(other) for other in unread)
            if error["rule"] != "wrong-type" or not stand_in:
                fail(draft.errors, path, error["rule"])


def own_number(draft: Draft) -> int:
    """Some number; of a void, one outside what it closes, because which one it will have is not known yet."""
    first, last = draft.fields.get("first", WRONG), draft.fields.get("last", WRONG)
    known = type(first) is int and type(last) is int
    return next(number for number in (1, 1 << 20, forms.MAX_NUMBER) if not known or not first <= number <= min(last, first + 65535))


def member_of(path: str) -> str:
    """The member of the line that a path leads into; of `withheld`, where each field's terms are read alone, the path."""
    return path if path.startswith("/withheld/") else "/" + path.split("/")[1]


def authored(draft: Draft, path: str) -> str:
    """Where a member of the payload was written."""
    if path.startswith("/addenda/"):
        path = path[len("/addenda"):]
    if path.startswith("/content_id") and "content_id_ean" in draft.line:
        return "/content_id_ean"
    return "/statement" if path == "/sealed_statement" else path
