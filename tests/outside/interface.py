"""Lets schemathesis (PyPI) judge whether a running server keeps its own OpenAPI description.

Leaves the ledger of `glasshouse demo` running, reads `/openapi.json` from it, and sends what the description allows and what it does not.
Counts as broken: an answer of status 500, a status, media type or header that is not described, a body that has not the described shape, a
request that the description forbids and the server takes, and a method that is refused without the field `Allow`.

usage: interface.py GLASSHOUSE [EXAMPLES]   (with the Python that has schemathesis and cbor2; EXAMPLES of each operation, 40 if not given)
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import demonstration

# Bodies that are not JSON are made from any value; drafts answer 200 whatever was found, for what they find is their answer.
HOOKS = '''
import cbor2
import schemathesis

@schemathesis.serializer("application/cbor", "application/cose")
def as_cbor(context, value):
    return value if isinstance(value, bytes) else cbor2.dumps(value)
'''

# What is well formed may still be refused: a description has no word for "signed by a key that was enrolled".
CONFIG = '''
[checks]
positive_data_acceptance.enabled = false
ignored_auth.enabled = false
use_after_free.enabled = false
ensure_resource_availability.enabled = false
missing_required_header.enabled = false

[[operations]]
include-path = "/api/v1/drafts"
checks.negative_data_rejection.enabled = false
'''


def main(glasshouse, examples="40"):
    """Runs the judge; the status is its own."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "hooks.py").write_text(HOOKS)
        (folder / "schemathesis.toml").write_text(CONFIG)
        demo, address = demonstration.start(glasshouse)
        try:
            judge = pathlib.Path(sys.executable).parent / "schemathesis"
            command = [
                judge, "--config-file", folder / "schemathesis.toml", "run", f"{address}/openapi.json",
                "--phases", "coverage,fuzzing", "--max-examples", examples, "--seed", "1", "--no-shrink", "--continue-on-failure",
                "--request-timeout", "30", "--warnings", "off",
            ]
            environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(folder), "NO_COLOR": "1"}
            return subprocess.run(command, cwd=folder, env=environment, check=False).returncode
        finally:
            demo.terminate()
            demo.wait(30)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
