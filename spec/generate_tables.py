#!/usr/bin/env python3
"""Writes the tables of payload.md that follow from fields.json, between their markers.

    python3 spec/generate_tables.py

`python3 spec/reference.py check` fails when they are stale. Needs Python 3.8 or later, nothing else.
"""
from __future__ import annotations

import sys

from reference import prose


def main() -> int:
    """Rewrites the page, or says that nothing was to do."""
    if len(sys.argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    old = prose.PAYLOAD_PAGE.read_text("utf-8")
    new = prose.with_tables(old)
    prose.PAYLOAD_PAGE.write_bytes(new.encode("utf-8"))
    print("payload.md: " + ("as it was" if old == new else "tables rewritten"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
