"""A ledger whose checkpoints a witness of ours cosigns, for the judges of both."""

import json
import sys
import time
import urllib.error
import urllib.request

WITNESS = "witness.example/w1"


def fetch(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def ready(process):
    """What a server prints first."""
    line = json.loads(process.stdout.readline())
    assert line["event"] == "ready", line
    return line


def await_cosignature(url):
    """What was published before the witness was asked for has no cosignature yet, and where one is required it is not shown."""
    for _ in range(300):
        try:
            if WITNESS.encode() in fetch(f"{url}/checkpoint"):
                return
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        time.sleep(0.1)
    sys.exit("the witness's cosignature does not come")
