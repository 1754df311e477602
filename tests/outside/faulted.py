"""Lets system calls of a growing ledger fail, or kill it, one after the other, and holds what is left against what it had promised.

A small program makes rounds in a folder, says aloud each answer, each published checkpoint and each text that it has erased, and meets a
fault at its n-th call of a kind (`strace --inject`): an I/O error, a full disk, no more files, each once or from then on, or SIGKILL. It
may end with a message or not notice, and must not panic (but for sled's last sync) or hang. Afterwards the folder must start, keep every promise, be clean for
`fsck`, and go on. That the fault was met is read in strace's own words; one whose call does not come any more is tried at an earlier one.

No fault shows that a sync is missing: what the system has taken is there until the power goes. So the trace of a run without faults is
read for it first: what is synced, and in which order, before anything is said.

usage: faulted.py ROUNDS [--long]   (any Python from 3.8 on Linux, with strace; the short form takes a sample of 24 faults, the long one
all). Ends with a line `N passed, N failed`.
"""

import collections
import os
import random
import re
import signal
import subprocess
import sys
import tempfile

# The calls by which a ledger writes, with the errors that each may give.
FAULTS = {
    "fsync": ["EIO", "ENOSPC"],
    "fdatasync": ["EIO"],
    "syncfs": ["EIO", "ENOSPC"],
    "sync_file_range": ["EIO"],
    "rename": ["EIO", "ENOSPC"],
    "openat": ["EIO", "ENOSPC", "EMFILE"],
    "write": ["EIO", "ENOSPC"],
    "pwrite64": ["EIO", "ENOSPC"],
    "ftruncate": ["EIO", "ENOSPC"],
    "unlink": ["EIO"],
    "mkdir": ["EIO", "ENOSPC"],
}
# Calls without which the ledger that is tried here would not be one.
ESSENTIAL = ["fsync", "syncfs", "rename", "openat", "write", "pwrite64", "unlink"]
# What makes a round durable, in this order, before its answers (ledger/src/round.rs, publication.rs, file_store.rs): each file is written
# and synced, gets its name, and the folder of that name is synced.
ROUND = ["stage", "stage is named", "state", "state is named", "checkpoint", "checkpoint is named"]
# The folders in which these files get their names.
HOMES = {"stage": "stage", "state": ".", "checkpoint": "public"}
# Statements in one run.
STATEMENTS = 5
# How long one run may take, in seconds: nothing here takes one.
PATIENCE = 60
SAMPLE = 24
# sled panics where its very last sync fails, when everything else is done and said: known, and nothing is lost by it.
SLED_LAST_SYNC = re.compile(r"panicked at \S*sled-0\.34\S*/pagecache/logger\.rs")
passed = failed = 0
# How many faults of each kind were met.
fired = collections.Counter()


def judge(name, holds):
    """Counts one check."""
    global passed, failed
    passed, failed = (passed + 1, failed) if holds else (passed, failed + 1)
    if not holds or passed % 50 == 1:
        print(("ok     " if holds else "FAILED ") + name, flush=True)


class Ledger:
    """A ledger that goes on from fault to fault, and what it promised."""

    def __init__(self, program, scratch, name):
        self.program, self.scratch = program, scratch
        self.folder = os.path.join(scratch, name)
        self.promises = os.path.join(scratch, name + ".told")
        self.last = STATEMENTS
        made = self.run(["make"])
        if made.returncode != 0:
            sys.exit("the ledger was not made: " + made.stderr)

    def run(self, arguments, under=()):
        """Runs the program; what it says is added to the promises."""
        command = [*under, self.program, self.folder, *arguments]
        # A session of its own: strace and what it traces end together.
        child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            _, told = child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            raise
        with open(self.promises, "a", encoding="utf-8") as promises:
            promises.write(told)
        return subprocess.CompletedProcess(command, child.returncode, stderr=told)

    def grow(self, under=()):
        """Five statements more."""
        self.last += STATEMENTS
        return self.run(["grow", str(self.last)], under)

    def holds(self):
        """Whether every promise holds; else why not."""
        return self.run(["check", str(self.last), self.promises])


def calls_of(ledger):
    """How often the ledger's main thread does each call, from the first time that it touches its folder."""
    trace = os.path.join(ledger.scratch, "trace")
    names = ",".join(FAULTS)
    grown = ledger.grow(["strace", "-f", "-o", trace, "-e", "trace=" + names])
    if grown.returncode != 0:
        sys.exit("without faults: " + grown.stderr)
    first, count, inside = {}, collections.Counter(), False
    for call, line in lines_of_main(trace):
        inside = inside or ledger.folder in line
        count[call] += 1
        if inside:
            first.setdefault(call, count[call])
    return {name: range(first[name], count[name] + 1) for name in first}


def lines_of_main(trace):
    """The calls of a trace's first thread, each with its name."""
    main = None
    with open(trace, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"(\d+) +(\w+)\(", line)
            main = main or match and match[1]
            if match and match[1] == main:
                yield match[2], line


class Syncs:
    """Follows what a ledger writes, syncs and says, and keeps what was not in its order."""

    def __init__(self, folder):
        self.folder = folder
        # Files that were ever written, those whose bytes may be lost, and folders whose names may be.
        self.written, self.dirty, self.unnamed = set(), set(), set()
        # Whether the first round has begun.
        self.is_begun = False
        # The steps since the last answer; how many rounds, erased texts and dropped stages were seen.
        self.steps, self.seen, self.wrong = [], collections.Counter(), []

    def expect(self, what, holds, why):
        """Counts one, and keeps it if it is not as it must be."""
        self.seen[what] += 1
        if not holds:
            self.wrong.append(f"{what}: {why}")

    def unsynced(self, *below):
        """What a loss of power could take or undo in these folders."""
        return sorted(name for name in self.dirty | self.unnamed if name.startswith(below))

    def take(self, call, line):
        """One more call."""
        opened = re.search(r"\(\d+<([^>]*)>", line)
        path = os.path.relpath(opened[1], self.folder) if opened else ""
        named = re.findall(r'"([^"]*)"', line) if call in ("rename", "unlink") else []
        names = [os.path.relpath(name, self.folder) for name in named]
        if call == "writev":
            self.say(line)
        elif call in ("write", "pwrite64"):
            self.written.add(path)
            self.dirty.add(path)
        elif call in ("fsync", "fdatasync"):
            self.dirty.discard(path)
            self.unnamed.discard(path + "/")
            self.steps += [f"{step} is named" for step, home in HOMES.items() if path == home]
        elif call == "syncfs":
            self.dirty.clear()
            self.unnamed.clear()
        elif call == "unlink":
            self.unlink(names[0])
        elif call == "rename":
            self.rename(*names)

    def rename(self, old, new):
        """A file gets its name."""
        home, name = os.path.split(new)
        step = "stage" if home == "stage" else name
        if step == "stage" and not self.is_begun:
            # What the start makes durable once more is no round's.
            self.steps, self.is_begun = [], True
        if HOMES.get(step) == (home or "."):
            self.steps.append(step if old in self.written - self.dirty else f"{step}, not synced")
        if old in self.dirty:
            self.dirty.add(new)
        self.dirty.discard(old)
        self.written.discard(old)
        self.unnamed.add(home + "/")

    def unlink(self, path):
        """A stage goes when what it holds is durable elsewhere."""
        if path.startswith("stage/"):
            left = self.unsynced("public/", "addenda-pack/")
            self.expect("a stage goes", not left, left)
        self.unnamed.add(os.path.dirname(path) + "/")

    def say(self, line):
        """The ledger says that it promises something."""
        if '"place ' in line and (self.steps or not self.seen["a round"]):
            self.expect("a round", self.steps == ROUND, self.steps)
            self.steps = []
        elif '"gone ' in line:
            left = self.unsynced("addenda-pack/", "stage/")
            self.expect("a text is gone", not left, left)


def judge_syncs(ledger):
    """Whether a run without faults syncs what it must before it says anything."""
    trace = os.path.join(ledger.scratch, "syncs")
    calls = "openat,write,pwrite64,writev,fsync,fdatasync,syncfs,rename,unlink"
    grown = ledger.grow(["strace", "-f", "-y", "-o", trace, "-e", "trace=" + calls])
    if grown.returncode != 0:
        sys.exit("without faults: " + grown.stderr)
    syncs = Syncs(ledger.folder)
    is_open = False
    for call, line in lines_of_main(trace):
        # What the start syncs is no round's.
        is_open = is_open or call == "openat" and f'"{ledger.folder}/tmp/' in line
        if is_open:
            syncs.take(call, line)
    for what in ["a round", "a stage goes", "a text is gone"]:
        wrong = [wrong for wrong in syncs.wrong if wrong.startswith(what)]
        story = f"{what} when that is durable, {syncs.seen[what]} times"
        judge(": ".join([story, *wrong[:3]]), syncs.seen[what] > 0 and not wrong)


def cases(calls, is_long):
    """Each kind of fault at each call; or some of them."""
    every = []
    for name, numbers in calls.items():
        for number in numbers:
            every.append((name, "signal=KILL", str(number)))
            for error in FAULTS[name]:
                every.append((name, "error=" + error, str(number)))
                every.append((name, "error=" + error, f"{number}+"))
    if is_long:
        return every
    dice = random.Random(1)
    some = [dice.choice([case for case in every if case[0] == name]) for name in calls]
    return some + dice.sample(every, SAMPLE - len(some))


def met(trace, fault):
    """How many calls met the fault, by what strace wrote."""
    with open(trace, encoding="utf-8", errors="replace") as lines:
        text = lines.read()
    if "KILL" in fault:
        return int("+++ killed by SIGKILL +++" in text)
    error = fault.split("=")[1]
    return len(re.findall(rf"= -1 {error} .*\(INJECTED\)$", text, re.MULTILINE))


def strike(ledger, case):
    """Grows the ledger while a call fails, and judges what is left. Whether that was something."""
    name, fault, when = case
    number, onwards = int(when.rstrip("+")), "+" if when.endswith("+") else ""
    while True:
        story = f"{name} {fault} at call {number}{onwards}"
        trace = os.path.join(ledger.scratch, "fault")
        inject = f"inject={name}:{fault}:when={number}{onwards}"
        try:
            grown = ledger.grow(["strace", "-f", "-o", trace, "-e", "trace=" + name, "-e", inject])
        except subprocess.TimeoutExpired:
            judge(story + ": hangs", False)
            return False
        times = met(trace, fault)
        is_told = grown.returncode == 0 or grown.returncode == 1 and "ended: " in grown.stderr
        is_killed = grown.returncode in (-9, 137)
        is_sled = name == "fsync" and grown.returncode in (-6, 101) and SLED_LAST_SYNC.search(grown.stderr)
        # A kill that was met is a kill, and nothing else is one.
        is_right = is_killed if times and "KILL" in fault else is_told or is_sled
        if not is_right:
            judge(f"{story}: met {times} times, ends with {grown.returncode}: {grown.stderr[-2000:]}", False)
            return False
        held = ledger.holds()
        if held.returncode != 0:
            judge(f"{story}: {held.stderr[-2000:]}", False)
            return False
        if times:
            fired["KILL" if "KILL" in fault else fault] += 1
            judge(story, True)
            return True
        if number == 1:
            judge(f"{story}: no call met it", False)
            return True
        # A ledger that met other faults before makes fewer calls.
        number = (number + 1) // 2


def main():
    program, is_long = os.path.abspath(sys.argv[1]), "--long" in sys.argv[2:]
    with tempfile.TemporaryDirectory() as scratch:
        number = 0
        ledger = Ledger(program, scratch, "ledger-0")
        judge_syncs(ledger)
        calls = calls_of(ledger)
        for name in ESSENTIAL:
            judge(f"a ledger calls {name}", name in calls)
        print({name: len(numbers) for name, numbers in calls.items()}, flush=True)
        for case in cases(calls, is_long):
            # A ledger that was broken is left alone, and so is one with so many promises that holding them takes long.
            if not strike(ledger, case) or ledger.last > 25:
                number += 1
                ledger = Ledger(program, scratch, f"ledger-{number}")
    print("faults that were met:", dict(sorted(fired.items())), flush=True)
    for kind in ["KILL", "error=EIO", "error=ENOSPC"]:
        judge(f"some call met {kind}", fired[kind] > 0)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
