"""`glasshouse-verify conformance` against a witness that nobody here wrote: aics-witness keeps every rule that is tried.

Usage: conformance.py GLASSHOUSE_VERIFY AICS_WITNESS
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


def run(*command, env=None):
    """Exit status and standard output."""
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
    return done.returncode, done.stdout + done.stderr if done.returncode not in (0, 1) else done.stdout


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_it_answers(url, process):
    """Any status will do."""
    for _ in range(300):
        if process.poll() is not None:
            sys.exit("the witness ended")
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the witness does not answer")


def main():
    verify, witness = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, AICS_WITNESS_CONFIG=os.path.join(folder, "witness.json"))
        status, out = run(witness, "init", "--name", "witness.example.org/w1", env=env)
        assert status == 0, out
        vkey = next(word for word in out.split() if word.startswith("witness.example.org/w1+"))
        key = os.path.join(folder, "test.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        port = free_port()
        url = f"http://127.0.0.1:{port}"

        def serve():
            process = subprocess.Popen(
                [witness, "serve", "--listen", f"127.0.0.1:{port}"], env=env,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            wait_until_it_answers(url, process)
            return process

        ask = [verify, "conformance", url, "--witness", vkey, "--test-key", key, "--json"]
        process = serve()
        try:
            status, out = run(*ask)
            assert status == 2, out
            log = out[out.index("conformance.invalid/"):].split('"')[0].strip()
        finally:
            process.terminate()
            process.wait()
        status, out = run(witness, "add-log", "--origin", log.split("+")[0], "--vkey", log, env=env)
        assert status == 0, out
        process = serve()
        try:
            # The second time it goes on where the witness stands.
            for _ in range(2):
                status, out = run(*ask)
                answer = json.loads(out)
                kept = [check["id"] for check in answer["checks"] if check["outcome"] == "kept"]
                assert status == 0 and len(kept) == len(answer["checks"]) >= 17, out
            other = ask[:4] + [other_key(vkey)] + ask[5:]
            status, out = run(*other)
            assert status == 1 and "witness.cosigns" in out, out
        finally:
            process.terminate()
            process.wait()
    print(f"aics-witness keeps {len(kept)} rules; a cosignature by another key is noticed")


def other_key(vkey):
    """The same name over another key: the example key of the specifications."""
    import base64
    import hashlib

    name = vkey.split("+")[0]
    key = b"\x04" + bytes.fromhex("8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394")
    identifier = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{identifier}+{base64.b64encode(key).decode()}"


main()
