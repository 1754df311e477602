"""Writes the vectors, and checks that they are what this reference makes and judges."""
from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any, Dict, List

from . import accumulated, draft, selfcheck
from .cases import FAMILIES, drafts
from .cases.case import Case
from .judge import judge
from .table import SPEC

FOLDER = SPEC / "vectors"
LEAST = 300
"""Fewer vectors than this means that something was lost."""


def expected(case: Case) -> Dict[str, Any]:
    """The verdict on a case; fails when it is not the one that the case was written for."""
    verdict = judge(case.family, case.input)
    wanted = {"ok": True} if case.rule is None else {"ok": False, "rule": case.rule, **case.where}
    for member, value in wanted.items():
        if verdict.get(member) != value:
            raise AssertionError(f"{case.family}/{case.name}: wanted {wanted}, judged {verdict}")
    if case.rule is not None and case.alone and len(verdict.get("errors", [])) > 1:
        raise AssertionError(f"{case.family}/{case.name}: more errors than one: {verdict['errors']}")
    return verdict


def files() -> Dict[str, str]:
    """Every vector file, path under `vectors/` and text."""
    made: Dict[str, str] = {}
    for family, cases in FAMILIES.items():
        for case in cases():
            path = f"{family}/{'valid' if case.rule is None else 'invalid'}/{case.name}.json"
            assert case.family == family and path not in made, f"{path} stands twice or in the wrong family"
            whole = {"family": family, "name": case.name, "description": case.description, "input": case.input,
                     "expect": expected(case)}
            made[path] = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    made.update(drafts.files())
    made["accumulated.json"] = json.dumps(accumulated.vector(), indent=1, ensure_ascii=False) + "\n"
    return made


def generate() -> int:
    """Writes the files, and removes vectors that are no longer made."""
    made = files()
    for stale in present():
        if stale not in made:
            (FOLDER / stale).unlink()
    for path, text in made.items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="\n") if sys.version_info >= (3, 10) else target.write_bytes(text.encode())
    print(summary(made))
    return 0


def present() -> List[str]:
    """The vector files that lie in the folder."""
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json*"))


def check() -> int:
    """0 if the folder holds exactly what is made here and the reference passes its own checks."""
    begin = time.monotonic()
    selfcheck.run()
    made = files()
    on_disk = {path: (Path(FOLDER) / path).read_bytes().decode("utf-8") for path in present()}
    wrong = sorted(path for path in set(made) | set(on_disk) if made.get(path) != on_disk.get(path))
    for path in wrong:
        print(f"differs: spec/vectors/{path}", file=sys.stderr)
    for path, text in on_disk.items():
        if path.startswith("drafts/"):
            held = all(draft.judge(case["draft"]) == case["errors"] for case in map(json.loads, text.splitlines()))
        else:
            held = path == "accumulated.json" or holds(json.loads(text))
        if not held:
            wrong.append(path)
            print(f"judged otherwise: spec/vectors/{path}", file=sys.stderr)
    if len(on_disk) < LEAST:
        wrong.append(f"fewer than {LEAST} vectors")
        print(wrong[-1], file=sys.stderr)
    print(summary(on_disk))
    print(f"{'FAILED' if wrong else 'ok'} in {time.monotonic() - begin:.1f} s")
    return 1 if wrong else 0


def holds(vector: Dict[str, Any]) -> bool:
    """Whether a vector that was read from its file is judged as it expects."""
    return judge(vector["family"], vector["input"]) == vector["expect"]


def summary(made: Dict[str, str]) -> str:
    """How many vectors each family has."""
    lines = []
    for family in FAMILIES:
        valid = sum(path.startswith(f"{family}/valid/") for path in made)
        invalid = sum(path.startswith(f"{family}/invalid/") for path in made)
        lines.append(f"{family:12} {valid:4} valid {invalid:4} invalid")
    total = sum("/" in path and not path.startswith("drafts/") for path in made)
    return "\n".join(lines + [f"{total} vectors"] + draft_summary(made))


def draft_summary(made: Dict[str, str]) -> List[str]:
    """How many drafts each file has, taken and refused."""
    lines, both = [], [0, 0]
    for path, text in sorted(made.items()):
        if path.startswith("drafts/"):
            taken = sum(json.loads(line)["errors"] == [] for line in text.splitlines())
            counts = (taken, text.count("\n") - taken)
            lines.append(f"{path[len('drafts/'):-len('.jsonl')]:12} {counts[0]:4} taken {counts[1]:4} refused")
            both = [both[0] + counts[0], both[1] + counts[1]]
    return lines + [f"{sum(both)} drafts: {both[0]} taken, {both[1]} refused"]
