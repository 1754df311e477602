"""Lets software that nobody here wrote judge a running ledger.

Grows a ledger of 70,000 entries in uneven rounds, serves it, and asks
  - aics-tlog (PyPI): verify-checkpoint, verify-inclusion, verify-consistency from old checkpoints;
  - Go's golang.org/x/mod/sumdb (Debian): note.Open, tlog.CheckRecord, tlog.CheckTree.

usage: check.py GROW GLASSHOUSE VERIFY AICS_TLOG SUMDB
  the five programs, built or installed beforehand. Ends with a line `N passed, N failed`.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

ENTRIES = 70_000
INDEXES = [0, 1, 255, 256, 257, 4_095, 65_535, 65_536, 69_631, 69_998, 69_999]

passed = 0
failed = 0


def judge(name, command, expect=0):
    """Runs one outside check; it passes when its exit status is the expected one."""
    global passed, failed
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode == expect:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name}: status {done.returncode}\n{' '.join(map(str, command))}\n{done.stdout}")


def fetch(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def aics(tool, url, vkey, origin, old):
    base = ["--tiles", url, "--log-key", vkey, "--origin", origin]
    judge("aics-tlog verify-checkpoint", [tool, "verify-checkpoint", *base])
    for index in INDEXES:
        judge(f"aics-tlog verify-inclusion {index}", [tool, "verify-inclusion", *base, "--index", str(index)])
    for checkpoint in old:
        name = f"aics-tlog verify-consistency from {checkpoint.name}"
        judge(name, [tool, "verify-consistency", *base, "--old-checkpoint", str(checkpoint)])
    wrong = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    judge("aics-tlog refuses another log's key", [tool, "verify-checkpoint", "--tiles", url, "--log-key", wrong, "--origin", origin], expect=1)


def sumdb(tool, url, folder, vkey_file, old):
    newest = folder / "newest"
    newest.write_bytes(fetch(f"{url}/checkpoint"))
    size = int(newest.read_text().split("\n")[1])
    for index, checkpoint in zip(INDEXES, old * len(INDEXES)):
        receipt = json.loads(fetch(f"{url}/api/v1/receipts/{index}"))
        (folder / "entry").write_bytes(base64.b64decode(receipt["entries"][0]["entry"]))
        (folder / "proof").write_bytes(fetch(f"{url}/api/v1/receipts/{index}", "text/plain"))
        from_size = int(checkpoint.read_text().split("\n")[1])
        steps = json.loads(fetch(f"{url}/api/v1/proofs/consistency?from={from_size}&to={size}"))
        (folder / "steps").write_text("\n".join(steps["hashes"]))
        files = [vkey_file, newest, folder / "proof", folder / "entry", checkpoint, folder / "steps"]
        judge(f"Go sumdb, entry {index}, from {from_size}", [tool, *map(str, files)])


def main():
    grow, glasshouse, verify, aics_tool, sumdb_tool = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        ledger = folder / "ledger"
        subprocess.run([grow, "--dir", str(ledger), "--entries", str(ENTRIES), "--checkpoints", str(folder / "old")], check=True)
        old = sorted((folder / "old").iterdir(), key=lambda path: int(path.name))
        server = subprocess.Popen([glasshouse, "serve", "--dir", str(ledger), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            ready = json.loads(server.stdout.readline())
            assert ready["event"] == "ready" and ready["size"] >= ENTRIES, ready
            vkey = (ledger / "log.vkey").read_text().strip()
            aics(aics_tool, ready["url"], vkey, ready["origin"], old)
            sumdb(sumdb_tool, ready["url"], folder, ledger / "log.vkey", old)
            judge("glasshouse-verify log", [verify, "log", ready["url"], "--policy", str(ledger / "policy.txt")])
        finally:
            server.terminate()
            server.wait(timeout=30)
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
