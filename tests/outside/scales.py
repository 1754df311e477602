"""Lets tlog-scales (PyPI) judge a cosigned checkpoint with its four signatures, inclusion proofs and consistency proofs.

Grows a small ledger, serves a witness and the ledger under a policy that asks for it, and has every signature checked: the log's Ed25519
and ML-DSA-44 lines, the witness's cosignatures of both kinds. Of everything that is accepted a copy with one changed byte is refused.

usage: scales.py GROW GLASSHOUSE VERIFY
  run by a Python that has tlog-scales. Ends with a line `N passed, N failed`.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile

from tlog_scales import backend, reader, signing, tiles, tlog

from witnessed import WITNESS, await_cosignature, fetch, ready

ENTRIES = 600
INDEXES = [0, 1, 255, 256, 511, 512, 599]

passed = 0
failed = 0


def judge(name, check, refused=False):
    """Passes when the check raises nothing, or, if it is to be refused, something."""
    global passed, failed
    try:
        check()
        raised = None
    except Exception as error:
        raised = error
    if (raised is not None) == refused:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name}: {raised!r}")


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def signatures(checkpoint, vkeys):
    """Each line, and each line with a changed byte at its beginning, in its middle, at its end, and below another root."""
    lines = {(line.name, line.key_id): line for line in checkpoint.signatures}
    for text in vkeys:
        vkey = signing.Vkey.from_string(text)
        name = f"{vkey.name}, type {vkey.sig_type}"
        line = lines[vkey.name, vkey.key_id]
        verify = vkey.get_verifier().verify
        judge(f"signature of {name}", lambda: verify(line.payload, checkpoint))
        for at in (0, len(line.payload) // 2, len(line.payload) - 1):
            changed = flipped(line.payload, at)
            judge(f"signature of {name}, byte {at} changed", lambda: verify(changed, checkpoint), refused=True)
        other = tlog.Checkpoint(checkpoint.origin, checkpoint.size, flipped(checkpoint.root_hash, 0), checkpoint.signatures)
        judge(f"signature of {name}, below another root", lambda: verify(line.payload, other), refused=True)


def inclusion(url, checkpoint):
    read = reader.TilesReader(backend.make_backend(url))
    assert read.get_checkpoint().size == checkpoint.size
    for index in INDEXES:
        leaf = tiles.leaf_hash(read.get_entry(index))
        own = read.get_inclusion_proof(index, checkpoint.size)
        judge(f"inclusion of {index}, from our tiles", lambda: own.check(leaf, checkpoint.root_hash))
        text = fetch(f"{url}/api/v1/receipts/{index}", "text/plain").decode()
        head = text.split("\n\n")[0].split("\n")
        assert head[:2] == ["c2sp.org/tlog-proof@v1", f"index {index}"], text
        hashes = [base64.b64decode(line) for line in head[2:]]
        given = tlog.InclusionProof(index, checkpoint.size, hashes)
        judge(f"inclusion of {index}, our tlog-proof", lambda: given.check(leaf, checkpoint.root_hash))
        changed = tlog.InclusionProof(index, checkpoint.size, [flipped(hashes[0], 31), *hashes[1:]])
        judge(f"inclusion of {index}, a hash changed", lambda: changed.check(leaf, checkpoint.root_hash), refused=True)
        judge(f"inclusion of {index}, another leaf", lambda: given.check(flipped(leaf, 0), checkpoint.root_hash), refused=True)


def consistency(url, checkpoint, old):
    for path in old:
        before = tlog.Checkpoint.from_text(path.read_text())
        if before.size >= checkpoint.size:
            continue
        answer = json.loads(fetch(f"{url}/api/v1/proofs/consistency?from={before.size}&to={checkpoint.size}"))
        hashes = [bytes.fromhex(text) for text in answer["hashes"]]
        proof = tlog.ConsistencyProof(before.size, checkpoint.size, hashes)
        judge(f"consistency from {before.size}", lambda: proof.check(before.root_hash, checkpoint.root_hash))
        changed = tlog.ConsistencyProof(before.size, checkpoint.size, [*hashes[:-1], flipped(hashes[-1], 0)])
        judge(f"consistency from {before.size}, a hash changed", lambda: changed.check(before.root_hash, checkpoint.root_hash), refused=True)


def main():
    grow, glasshouse, verify = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        ledger, old, w1, policy = folder / "ledger", folder / "old", folder / "w1", folder / "policy"
        subprocess.run([grow, "--dir", str(ledger), "--entries", str(ENTRIES), "--checkpoints", str(old)], check=True)
        subprocess.run([glasshouse, "witness", "init", "--dir", str(w1), "--name", WITNESS], check=True, stdout=subprocess.DEVNULL)
        serve = lambda *command: subprocess.Popen([glasshouse, *command], stdout=subprocess.PIPE, text=True)
        witness = serve("witness", "serve", "--dir", str(w1), "--listen", "127.0.0.1:0", "--policy", str(ledger / "policy.txt"))
        try:
            at = ready(witness)["url"]
            cosigners = (w1 / "witness.vkey").read_text().split()
            logs = [line for line in (ledger / "policy.txt").read_text().splitlines() if line.startswith("log ")]
            policy.write_text("\n".join([*logs, f"witness w1 {cosigners[0]} {at}", "quorum w1", ""]))
            server = serve("serve", "--dir", str(ledger), "--listen", "127.0.0.1:0", "--min-free", "0", "--policy", str(policy), "--require-quorum")
            try:
                url = ready(server)["url"]
                await_cosignature(url)
                subprocess.run([verify, "log", url, "--policy", str(policy)], check=True, stdout=subprocess.DEVNULL)
                checkpoint = tlog.Checkpoint.from_text(fetch(f"{url}/checkpoint").decode())
                cosigned = tlog.Checkpoint.from_text(fetch(f"{at}/{hash_of(checkpoint.origin)}/checkpoint").decode())
                signatures(checkpoint, [*(line.split()[1] for line in logs), cosigners[0]])
                signatures(cosigned, cosigners)
                inclusion(url, checkpoint)
                consistency(url, checkpoint, sorted(old.iterdir(), key=lambda path: int(path.name)))
            finally:
                server.terminate()
                server.wait(timeout=30)
        finally:
            witness.terminate()
            witness.wait(timeout=30)
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def hash_of(origin):
    import hashlib

    return hashlib.sha256(origin.encode()).hexdigest()


main()
