"""Has a witness that is not ours (PyPI aics-witness) cosign a ledger's checkpoints, and our verifier count it.

usage: witness.py GLASSHOUSE GLASSHOUSE-VERIFY AICS-WITNESS
"""

import base64
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PATIENCE = 60


def run(*command, expect=0):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    if done.returncode != expect:
        sys.exit(f"{command}: status {done.returncode}, expected {expect}\n{done.stdout}")
    return done.stdout


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def until(what, holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"not in {PATIENCE} s: {what}")
        time.sleep(0.05)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Programs:
    """Everything that was started; ended when the check is over."""

    def __init__(self):
        self.running = []

    def start(self, *command, **options):
        program = subprocess.Popen(command, **options)
        self.running.append(program)
        return program

    def end(self, program):
        program.terminate()
        program.wait(PATIENCE)
        self.running.remove(program)

    def end_all(self):
        for program in list(self.running):
            self.end(program)


def start_witness(programs, aics, config, port):
    witness = programs.start(aics, "serve", "-c", config, "--log-level", "ERROR")
    until("the witness listens", lambda: listens(port))
    return witness


def enrol(glasshouse, folder, url, name):
    key, request = folder / f"{name}.pem", folder / f"{name}.cose"
    provider = f"https://{name}.example"
    run(glasshouse, "key", "new", "--out", key)
    run(glasshouse, "provider", "request", "--origin", "log.example/witnessed", "--provider", provider, "--key", key, "--out", request)
    return run(
        glasshouse, "provider", "enrol", "--log", url, "--registrar-key", folder / "registrar.pem",
        "--request", request, "--name", name, "--role", "host", "--country", "US",
    )


def spoil(receipt, name):
    """The same receipt with one bit of the witness's signature turned."""
    parts = json.loads(receipt)
    lines = parts["checkpoint"].split("\n")
    (at,) = [number for number, line in enumerate(lines) if line.startswith(f"\u2014 {name} ")]
    blob = bytearray(base64.b64decode(lines[at].rsplit(" ", 1)[1]))
    blob[-1] ^= 1
    lines[at] = f"\u2014 {name} {base64.b64encode(blob).decode()}"
    parts["checkpoint"] = "\n".join(lines)
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def check(programs, folder, glasshouse, verify, aics):
    ledger, port, name = folder / "ledger", free_port(), "witness.example/aics"
    run(
        glasshouse, "init", "--dir", ledger, "--origin", "log.example/witnessed",
        "--registrar-key", folder / "registrar.pem", "--purpose", "test",
    )
    vkey = (ledger / "log.vkey").read_text().strip()
    config = folder / "witness.json"
    out = run(aics, "init", "-c", config, "--name", name, "--listen", f"127.0.0.1:{port}", "--db", "w.db", "--key-file", "w.key")
    (witness_vkey,) = [word for word in out.split() if word.startswith(f"{name}+")]
    run(aics, "add-log", "-c", config, "--origin", "log.example/witnessed", "--vkey", vkey)
    policy = folder / "policy.txt"
    policy.write_text(f"log {vkey}\nwitness aics {witness_vkey} http://127.0.0.1:{port}\nquorum aics\n")

    witness = start_witness(programs, aics, config, port)
    server = programs.start(
        glasshouse, "serve", "--dir", ledger, "--listen", "127.0.0.1:0", "--min-free", "0", "--policy", policy, "--require-quorum",
        "--witness-interval", "50", "--witness-timeout", "1000", stdout=subprocess.PIPE, text=True,
    )
    url = json.loads(server.stdout.readline())["url"]
    enrol(glasshouse, folder, url, "first")
    enrol(glasshouse, folder, url, "second")
    note = fetch(f"{url}/checkpoint")[1].decode()
    assert note.split("\n")[1] == "3" and f"\u2014 {name} " in note, note
    run(verify, "log", url, "--policy", policy)
    print("aics-witness cosigns; glasshouse-verify counts it in a whole log")

    receipt = fetch(f"{url}/api/v1/receipts/2")[1].decode()
    (folder / "receipt.json").write_text(receipt)
    run(verify, "receipt", folder / "receipt.json", "--policy", policy)
    (folder / "spoilt.json").write_text(spoil(receipt, name))
    out = run(verify, "receipt", folder / "spoilt.json", "--policy", policy, expect=1)
    assert "signature" in out, out
    print("a receipt holds with its cosignature, and not with a mutated one")

    programs.end(witness)
    late = threading.Thread(target=enrol, args=(glasshouse, folder, url, "third"))
    late.start()
    until("the ledger says that it has no quorum", lambda: fetch(f"{url}/readyz")[0] == 503)
    assert b"no-quorum" in fetch(f"{url}/readyz")[1]
    assert fetch(f"{url}/checkpoint")[1].decode().split("\n")[1] == "3"
    start_witness(programs, aics, config, port)
    late.join(PATIENCE)
    assert not late.is_alive()
    until("the ledger is ready", lambda: fetch(f"{url}/readyz")[0] == 200)
    assert fetch(f"{url}/checkpoint")[1].decode().split("\n")[1] == "4"
    run(verify, "log", url, "--policy", policy)
    print("without the witness nothing is published; with it the ledger goes on by itself")


def main():
    glasshouse, verify, aics = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
    programs = Programs()
    with tempfile.TemporaryDirectory() as folder:
        try:
            check(programs, pathlib.Path(folder), glasshouse, verify, aics)
        finally:
            programs.end_all()


if __name__ == "__main__":
    main()
