"""Lets software that nobody here wrote judge a running ledger.

Grows a ledger of 70,000 entries in uneven rounds, serves a witness and the ledger under a policy that asks for it, and asks
  - aics-tlog (PyPI): verify-checkpoint with and without the witness's key, verify-inclusion from our tiles and from our tlog-proof,
    verify-consistency from old checkpoints;
  - Go's golang.org/x/mod/sumdb (Debian): note.Open, tlog.CheckRecord, tlog.CheckTree.
Each of them is then shown copies with one bit turned, and must refuse every one, for the right reason.

usage: check.py GROW GLASSHOUSE VERIFY AICS_TLOG SUMDB
  the five programs, built or installed beforehand. Ends with a line `N passed, N failed`.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile

from spoiler import Spoiler, turned, turned_in_line
from witnessed import WITNESS, await_cosignature, fetch, ready

ENTRIES = 70_000
INDEXES = [0, 1, 255, 256, 257, 4_095, 65_535, 65_536, 69_631, 69_998, 69_999]

passed = 0
failed = 0


def judge(name, command, refused=None):
    """Runs one outside check. It passes when it ends with 0, or, where it is to be refused, with 1 and the words `refused`."""
    global passed, failed
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode == (0 if refused is None else 1) and (refused or "") in done.stdout:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name}: status {done.returncode}\n{' '.join(map(str, command))}\n{done.stdout}")


def signature_of(note, name):
    """The number of the line with `name`'s first signature."""
    return next(at for at, line in enumerate(note.split(b"\n")) if line.startswith(f"\u2014 {name} ".encode()))


def aics_checkpoint(tool, base, witnessed, url, origin):
    """The checkpoint, with and without the witness's key, then each with one bit turned."""
    judge("aics-tlog verify-checkpoint", [tool, "verify-checkpoint", "--tiles", url, *base])
    judge("aics-tlog verify-checkpoint, cosigned", [tool, "verify-checkpoint", "--tiles", url, *base, *witnessed])
    wrong = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    other = ["--log-key", wrong, "--origin", origin]
    judge("aics-tlog refuses another log's key", [tool, "verify-checkpoint", "--tiles", url, *other], refused="signature")

    front = Spoiler(url)
    note = fetch(f"{url}/checkpoint")
    for what, number, keys, reason in [
        ("root", 2, [], "log signature"),
        ("log's signature", signature_of(note, origin), [], "log signature"),
        ("witness's cosignature", signature_of(note, WITNESS), witnessed, "cosignature"),
    ]:
        front.spoil("/checkpoint", lambda body: turned_in_line(body, number))
        name = f"aics-tlog refuses a checkpoint with one bit of the {what} turned"
        judge(name, [tool, "verify-checkpoint", "--tiles", front.url, *base, *keys], refused=reason)
    front.close()


def aics_inclusion(tool, base, url, folder):
    """Inclusion from our tiles and from our tlog-proof, then with one bit turned in a tile, a hash, a leaf, a root."""
    for index in INDEXES:
        judge(f"aics-tlog verify-inclusion {index}", [tool, "verify-inclusion", "--tiles", url, *base, "--index", index])
    front = Spoiler(url)
    for index, path, at in [(256, "/tile/0/001", 0), (256, "/tile/1/000", 0), (69_999, "/tile/2/000.p/1", 31)]:
        front.spoil(path, lambda body: turned(body, at))
        judge(f"aics-tlog refuses entry {index} with one bit of {path} turned", [tool, "verify-inclusion", "--tiles", front.url, *base, "--index", index], refused="TileVerificationError")
        assert front.served, f"{path} was never asked for"
    front.close()

    leaf, proof = folder / "leaf", folder / "hashes"
    for index in INDEXES:
        text = fetch(f"{url}/api/v1/receipts/{index}", "text/plain").decode()
        head, checkpoint = text.split("\n\n", 1)
        _, size, root = checkpoint.split("\n")[:3]
        hashes = head.split("\n")[2:]
        entry = base64.b64decode(json.loads(fetch(f"{url}/api/v1/receipts/{index}"))["entries"][0]["entry"])
        leaf.write_bytes(entry)
        proof.write_text("\n".join(hashes))
        check = [tool, "verify-inclusion", "--leaf", leaf, "--proof", proof, "--index", index, "--size", size, "--root"]
        judge(f"aics-tlog, our tlog-proof of {index}", [*check, root])
        other_root = turned_in_line(root.encode(), 0).decode()
        judge(f"aics-tlog refuses our tlog-proof of {index} for another root", [*check, other_root], refused="proof does not verify")
        proof.write_bytes(turned_in_line(proof.read_bytes(), 0))
        judge(f"aics-tlog refuses our tlog-proof of {index} with one bit turned", [*check, root], refused="proof does not verify")
        proof.write_text("\n".join(hashes))
        leaf.write_bytes(turned(entry, len(entry) // 2))
        judge(f"aics-tlog refuses entry {index} with one bit turned", [*check, root], refused="proof does not verify")


def aics_consistency(tool, base, url, folder, old):
    for checkpoint in old:
        name = f"aics-tlog verify-consistency from {checkpoint.name}"
        judge(name, [tool, "verify-consistency", "--tiles", url, *base, "--old-checkpoint", checkpoint])
    spoilt, newest = folder / "spoilt", old[-1].read_bytes()
    spoilt.write_bytes(turned_in_line(newest, 2))
    judge("aics-tlog refuses an old checkpoint with one bit turned", [tool, "verify-consistency", "--tiles", url, *base, "--old-checkpoint", spoilt], refused="old checkpoint: log signature")
    front = Spoiler(url)
    front.spoil("/tile/1/000", lambda body: turned(body, 8_191))
    judge("aics-tlog refuses consistency with one bit of a tile turned", [tool, "verify-consistency", "--tiles", front.url, *base, "--old-checkpoint", old[-1]], refused="TileVerificationError")
    assert front.served
    front.close()


def sumdb(tool, url, folder, vkey_file, cosigner_file, old):
    newest, proof, entry, steps = (folder / name for name in ["newest", "proof", "entry", "steps"])
    newest.write_bytes(fetch(f"{url}/checkpoint"))
    size = int(newest.read_text().split("\n")[1])
    for index, checkpoint in zip(INDEXES, old * len(INDEXES)):
        receipt = json.loads(fetch(f"{url}/api/v1/receipts/{index}"))
        entry.write_bytes(base64.b64decode(receipt["entries"][0]["entry"]))
        proof.write_bytes(fetch(f"{url}/api/v1/receipts/{index}", "text/plain"))
        from_size = int(checkpoint.read_text().split("\n")[1])
        answer = json.loads(fetch(f"{url}/api/v1/proofs/consistency?from={from_size}&to={size}"))
        steps.write_text("\n".join(answer["hashes"]))
        files = [vkey_file, cosigner_file, newest, proof, entry, checkpoint, steps]
        judge(f"Go sumdb, entry {index}, from {from_size}", [tool, *files])
    sumdb_refuses(tool, folder, files)


def sumdb_refuses(tool, folder, files):
    """One bit turned in each of the files in turn."""
    _, _, newest, proof, entry, checkpoint, steps = files
    note, lines = newest.read_bytes(), proof.read_bytes().split(b"\n")
    log = note.split(b"\n")[0].decode()
    root_below = lines.index(b"") + 3
    steps_text = steps.read_bytes()
    for what, file, spoilt_copy, reason in [
        ("checkpoint's root", newest, turned_in_line(note, 2), "note.Open"),
        ("log's signature", newest, turned_in_line(note, signature_of(note, log)), "note.Open"),
        ("cosignature", newest, turned_in_line(note, signature_of(note, WITNESS)), "note.Open"),
        ("proof's path", proof, turned_in_line(proof.read_bytes(), 2), "tlog.CheckRecord"),
        ("proof's index", proof, turned(proof.read_bytes(), proof.read_bytes().index(b"index ") + 6), "tlog.CheckRecord"),
        ("proof's checkpoint", proof, turned_in_line(proof.read_bytes(), root_below), "note.Open"),
        ("entry", entry, turned(entry.read_bytes(), 40), "tlog.CheckRecord"),
        ("old checkpoint", checkpoint, turned_in_line(checkpoint.read_bytes(), 2), "note.Open"),
        ("consistency proof", steps, (b"0" if steps_text[:1] != b"0" else b"1") + steps_text[1:], "tlog.CheckTree"),
    ]:
        spoilt = folder / "spoilt"
        spoilt.write_bytes(spoilt_copy)
        judge(f"Go sumdb refuses one bit of the {what} turned", [tool, *(spoilt if each == file else each for each in files)], refused=reason)


def main():
    grow, glasshouse, verify, aics_tool, sumdb_tool = sys.argv[1:]
    running = []

    def serve(*command):
        running.append(subprocess.Popen([glasshouse, *map(str, command)], stdout=subprocess.PIPE, text=True))
        return ready(running[-1])

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        ledger, w1, policy = folder / "ledger", folder / "w1", folder / "policy"
        subprocess.run([grow, "--dir", str(ledger), "--entries", str(ENTRIES), "--checkpoints", str(folder / "old")], check=True)
        subprocess.run([glasshouse, "witness", "init", "--dir", str(w1), "--name", WITNESS], check=True, stdout=subprocess.DEVNULL)
        old = sorted((folder / "old").iterdir(), key=lambda path: int(path.name))
        try:
            at = serve("witness", "serve", "--dir", w1, "--listen", "127.0.0.1:0", "--policy", ledger / "policy.txt")["url"]
            cosigner = folder / "cosigner"
            cosigner.write_text((w1 / "witness.vkey").read_text().split()[0])
            logs = [line for line in (ledger / "policy.txt").read_text().splitlines() if line.startswith("log ")]
            policy.write_text("\n".join([*logs, f"witness w1 {cosigner.read_text()} {at}", "quorum w1", ""]))
            started = serve("serve", "--dir", ledger, "--listen", "127.0.0.1:0", "--min-free", "0", "--policy", policy)
            url, origin = started["url"], started["origin"]
            assert started["size"] >= ENTRIES, started
            await_cosignature(url)
            base = ["--log-key", (ledger / "log.vkey").read_text().split()[0], "--origin", origin]
            witnessed = ["--witness-key", cosigner.read_text(), "--quorum", "1"]
            aics_checkpoint(aics_tool, base, witnessed, url, origin)
            aics_inclusion(aics_tool, base, url, folder)
            aics_consistency(aics_tool, base, url, folder, old)
            sumdb(sumdb_tool, url, folder, ledger / "log.vkey", cosigner, old)
            judge("glasshouse-verify log", [verify, "log", url, "--policy", policy])
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(timeout=30)
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
