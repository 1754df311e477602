"""Lets software that nobody here wrote ask a running witness for cosignatures.

Makes a witness, serves it, and drives it with the client of aics-witness (PyPI): aics_witness.feeder.WitnessClient, which
verifies every cosignature itself. Trees, proofs and the log's signatures are aics-tlog's. Then the log forks, in every way
that a request can show: the client must be refused each time, and what the witness keeps must convict the log.

usage: witness_client.py GLASSHOUSE, with the Python of an environment that has aics-witness
  Ends with a line `N passed, N failed`.
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from aics_tlog import Checkpoint, MerkleTree, format_vkey, parse_note, sign_checkpoint, verify_checkpoint, vkey_from_ed25519
from aics_witness.feeder import WitnessAhead, WitnessClient, WitnessRejected, merge_cosignatures
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "log.example/outside"

passed = 0
failed = 0


def judge(name, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name} {detail}")


class Log:
    """A log that signs whatever it is told."""

    def __init__(self, origin):
        self.origin = origin
        self.key = Ed25519PrivateKey.generate()
        self.vkey = vkey_from_ed25519(origin, self.key.public_key())

    def tree(self, size, fork_at=None):
        """Leaves that say their number, and from `fork_at` on something else."""
        tree = MerkleTree()
        for number in range(size):
            tree.append(b"%d%s" % (number, b"" if fork_at is None or number < fork_at else b" other"))
        return tree

    def note(self, tree):
        head = Checkpoint(origin=self.origin, size=tree.size, root=tree.root())
        return sign_checkpoint(head, self.key, self.origin).to_bytes()


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def is_of(line, vkey):
    """Whether a signature line is one of this key, by its identifier."""
    words = line.split(" ")
    return words[0] == "\u2014" and base64.b64decode(words[2])[:4].hex() == vkey.split("+")[1]


def refused(name, client, note, proof, status, old_size=None):
    try:
        client.submit(note, proof, old_size=old_size)
        judge(name, False, "it was cosigned")
    except WitnessRejected as error:
        judge(name, error.status == status, f"{error.status} instead of {status}")
    except WitnessAhead:
        judge(name, status == 409, "the witness is ahead")


def grows(url, vkey, second, log, folder):
    """The client starts from nothing, goes on, asks again, and finds its size from 409 after it has forgotten it."""
    for kept in [True, False]:
        state = folder / f"client-{kept}"
        with WitnessClient(url, vkey, state_path=state if kept else None) as client:
            for size in [1, 2, 7, 7, 8, 300] if kept else [300, 1000]:
                tree = log.tree(size)
                note = log.note(tree)
                cosigned = merge_cosignatures(note, client.submit(note, tree.consistency_proof))
                note = parse_note(cosigned)
                result = verify_checkpoint(note, log.vkey, [client.witness_vkey], 1, expected_origin=log.origin, max_age_seconds=60)
                judge(f"a cosignature for size {size} that aics-tlog accepts", result.ok, str(result))
    hashed = hashlib.sha256(log.origin.encode()).hexdigest()
    monitored = fetch(f"{url}/{hashed}/checkpoint")
    lines = monitored.decode().splitlines(keepends=True)
    others = [line for line in lines if is_of(line, second)]
    known = "".join(line for line in lines if line not in others)
    judge("the monitoring checkpoint is the last one", known.encode() == cosigned)
    judge("and has one line of the key that the client does not know", len(others) == 1 and len(others[0]) > 3000)


def forks(url, vkey, log):
    good = log.tree(1000)
    with WitnessClient(url, vkey) as client:
        for fork_at in [0, 500, 999]:
            same = log.tree(1000, fork_at)
            refused(f"another root of size 1000, forked at {fork_at}", client, log.note(same), same.consistency_proof, 422, 1000)
            larger = log.tree(1500, fork_at)
            refused(f"a larger tree, forked at {fork_at}", client, log.note(larger), larger.consistency_proof, 422, 1000)
        older = log.tree(900, 500)
        refused("an older fork", client, log.note(older), older.consistency_proof, 409)
        honest = log.tree(1001)
        refused("an honest tree with a wrong proof", client, log.note(honest), (1000, [bytes(32)]), 422)
        stranger = Log("log.example/stranger")
        refused("an unknown log", client, stranger.note(good), good.consistency_proof, 404)
        thief = Log(log.origin)
        refused("another key under the log's name", client, thief.note(honest), honest.consistency_proof, 403)
        note = log.note(honest)
        client.submit(note, honest.consistency_proof)
        judge("the honest history goes on", True)


def evidence(url, log):
    """Every fork that is kept holds two notes of one log that aics-tlog opens, and that contradict each other."""
    status = json.loads(fetch(f"{url}/status"))
    names = [name for name in status["evidence"] if "-fork-" in name]
    judge("forks are kept as evidence", len(names) >= 3, str(names))
    for name in names:
        file = json.loads(fetch(f"{url}/evidence/{name}"))
        heads = [verify_checkpoint(parse_note(file[side]), log.vkey, expected_origin=log.origin) for side in ["old", "new"]]
        old, new = heads
        contradict = old.root != new.root and not file["path"] if old.size == new.size else old.size < new.size and file["path"]
        judge(f"evidence {name[-20:]}", old.ok and new.ok and contradict and file["log"] == format_vkey(log.vkey))


def main():
    (glasshouse,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        made = subprocess.run([glasshouse, "--json", "witness", "init", "--dir", str(folder / "w1"), "--name", "witness.example/w1"], check=True, stdout=subprocess.PIPE)
        # The client knows Ed25519 only; in every answer it passes over the line of the other key.
        vkey, second = json.loads(made.stdout)["vkeys"]
        log = Log(ORIGIN)
        (folder / "policy.txt").write_text(f"log {format_vkey(log.vkey)}\nquorum none\n")
        serve = [glasshouse, "witness", "serve", "--dir", str(folder / "w1"), "--policy", str(folder / "policy.txt"), "--listen", "127.0.0.1:0"]
        server = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            ready = json.loads(server.stdout.readline())
            grows(ready["url"], vkey, second, log, folder)
            forks(ready["url"], vkey, log)
            evidence(ready["url"], log)
        finally:
            server.terminate()
            judge("the witness ends well", server.wait(timeout=30) == 0)
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
