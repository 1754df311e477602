"""Trust policies (c2sp.org/tlog-policy): which log, which witnesses, how many of them."""
from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Set, Tuple

from . import note
from .checkpoint import Checkpoint
from .faults import Fault, require

MAX_LINES = 256
"""32 logs, witnesses and groups are what every reader must take; this leaves room for comments."""

COUNT = re.compile(r"[1-9][0-9]{0,3}")


class Policy(NamedTuple):
    """A policy file. `logs` has the keys of type 1 and 6. A group's members are names of witnesses or of earlier groups."""

    logs: List[note.Vkey]
    witnesses: Dict[str, note.Vkey]
    groups: Dict[str, Tuple[int, List[str]]]
    quorum: str

    def check_once(self, parsed: note.Note) -> None:
        """No key of the policy has two lines in the note, whichever log or witness it is of."""
        for key in self.logs + list(self.witnesses.values()):
            note.signature_of(parsed, key)

    def log_key(self, parsed: note.Note) -> note.Vkey:
        """The first key that has a line in the note and is named by its first line; else the first that has a line."""
        signing = [key for key in self.logs if key.alg == note.ALG_ED25519 and note.signature_of(parsed, key)]
        require(len(signing) > 0, "unknown-key", "no log of the policy signed it")
        named = [key for key in signing if key.name == parsed.text.split("\n")[0]]
        return (named or signing)[0]

    def check_second(self, parsed: note.Note, checkpoint: Checkpoint) -> None:
        """Where the policy has keys of type 6 for the log, one of them signed, and whichever did signed rightly."""
        keys = [key for key in self.logs if key.alg == note.ALG_ML_DSA_44 and key.name == checkpoint.origin]
        if keys:
            note.verify(parsed, keys)

    def is_met_by(self, name: str, signers: Set[str]) -> bool:
        """Whether the witnesses that signed satisfy the witness or group of that name."""
        if name == "none":
            return True
        if name in self.witnesses:
            return name in signers
        threshold, members = self.groups[name]
        return sum(self.is_met_by(member, signers) for member in members) >= threshold

    def check_quorum(self, parsed: note.Note, checkpoint: Checkpoint) -> List[str]:
        """The witnesses whose cosignature holds. A known witness's bad cosignature spoils the note."""
        signers = set()
        for name, key in self.witnesses.items():
            if note.signature_of(parsed, key):
                note.verify(parsed, [key])
                signers.add(name)
        require(self.is_met_by(self.quorum, signers), "quorum", f"too few witnesses of {checkpoint.origin}")
        return sorted(signers)


def parse(text: str) -> Policy:
    """Reads a policy; what is not exactly right is `policy-format`."""
    try:
        return Parser().parse(text)
    except Fault as fault:
        raise Fault("policy-format", fault.detail) from None


class Parser:
    """One pass over the lines; a name must be defined before it is used."""

    def __init__(self) -> None:
        self.logs: List[note.Vkey] = []
        self.witnesses: Dict[str, note.Vkey] = {}
        self.groups: Dict[str, Tuple[int, List[str]]] = {}
        self.used: Set[str] = set()
        self.quorum = ""

    def parse(self, text: str) -> Policy:
        """All lines, then what must be there in the end."""
        require(all(c in "\t\n" or ord(c) >= 0x20 and c != "\x7f" for c in text), "line", "a control character")
        lines = text.split("\n")
        require(len(lines) <= MAX_LINES, "line", "too many lines")
        for line in lines:
            words = line.replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                self.line(words)
        require(self.quorum != "", "line", "no quorum line")
        require(len(self.logs) > 0, "line", "no log line")
        opened = {key.name for key in self.logs if key.alg == note.ALG_ED25519}
        require(all(key.name in opened for key in self.logs), "line", "a log with a key of type 6 and none of type 1")
        return Policy(self.logs, self.witnesses, self.groups, self.quorum)

    def line(self, words: List[str]) -> None:
        """One line that is neither empty nor a comment."""
        keyword, rest = words[0], words[1:]
        if keyword == "log" and len(rest) in (1, 2):
            self.logs.append(self.fresh_key(rest[0], note.ALG_ED25519, note.ALG_ML_DSA_44))
        elif keyword == "witness" and len(rest) in (2, 3):
            self.fresh_name(rest[0])
            self.witnesses[rest[0]] = self.fresh_key(rest[1], note.ALG_COSIGNATURE, note.ALG_ML_DSA_44)
        elif keyword == "group" and len(rest) >= 3:
            self.group(rest[0], rest[1], rest[2:])
        elif keyword == "quorum" and len(rest) == 1:
            require(self.quorum == "", "line", "a second quorum line")
            require(rest[0] == "none" or self.knows(rest[0]), "line", "the quorum names nothing that is known")
            self.quorum = rest[0]
        else:
            raise Fault("line", "a line that is none of log, witness, group, quorum")

    def group(self, name: str, threshold: str, members: List[str]) -> None:
        """`group <name> all|any|<k> <member>…`."""
        self.fresh_name(name)
        for member in members:
            require(self.knows(member), "line", "a member that is not known yet")
            require(member not in self.used, "line", "a member of two groups, or twice of one")
            self.used.add(member)
        if threshold not in ("all", "any"):
            require(COUNT.fullmatch(threshold) is not None, "line", "not a threshold")
            require(int(threshold) <= len(members), "line", "more than there are members")
        needed = {"all": len(members), "any": 1}.get(threshold) or int(threshold)
        self.groups[name] = (needed, members)

    def knows(self, name: str) -> bool:
        """Whether a witness or group of that name was defined."""
        return name in self.witnesses or name in self.groups

    def fresh_name(self, name: str) -> None:
        """A name stands for one thing only, and `none` for nothing."""
        require(name != "none" and not self.knows(name), "line", "a name that is taken")

    def fresh_key(self, text: str, *algs: int) -> note.Vkey:
        """A key of a right type whose bytes no other line uses."""
        key = note.parse_vkey(text)
        require(key.alg in algs, "line", "a key of another type")
        others = self.logs + list(self.witnesses.values())
        require(all(key.key != other.key for other in others), "line", "a key that stands twice")
        return key
