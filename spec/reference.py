#!/usr/bin/env python3
"""The independent reference of the Glasshouse formats: `generate`, `check`, `accumulated`, `data-set`, `ml-dsa`,
`drafts` or `proofs`.

    python3 spec/reference.py generate      writes spec/vectors/
    python3 spec/reference.py check         regenerates in memory, compares, judges every vector, checks itself
    python3 spec/reference.py accumulated   prints one hash over the trees of 100,000 leaves
    python3 spec/reference.py data-set      writes spec/examples/data-set.json: what the data sets of some logs hash to
    python3 spec/reference.py ml-dsa        makes 100 ML-DSA-44 keys and signatures and compares them with C2SP's known answer
    python3 spec/reference.py drafts --count 10000 --seed 1
                                            prints random drafts with their verdicts, one a line, always the same ones
    python3 spec/reference.py proofs --count 10000 --seed 1
                                            the same of inclusion and consistency proofs

Needs Python 3.8 or later and the package `cryptography`. Exit status: 0 good, 1 a difference, 2 usage.
"""
from __future__ import annotations

import sys

from reference import accumulated, data_set, random_drafts, random_proofs, selfcheck, vectors


def main() -> int:
    """Runs one command."""
    commands = {"generate": vectors.generate, "check": vectors.check, "accumulated": accumulated.print_hash,
                "data-set": data_set.generate, "ml-dsa": selfcheck.compare_hundred}
    printed = {"drafts": random_drafts.print_drafts, "proofs": random_proofs.print_proofs}
    if sys.argv[1:2] and sys.argv[1] in printed and sys.argv[2::2] == ["--count", "--seed"] and all(map(str.isdigit, sys.argv[3::2])):
        return printed[sys.argv[1]](int(sys.argv[3]), int(sys.argv[5]))
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
