"""Payloads: every required field, every code set, every rule that joins fields."""
from __future__ import annotations

from .case import Cases
from . import world
from .. import cbor


def cases() -> Cases:
    """The family `payload`."""
    all_cases = Cases("payload")
    for name, fields, iss in (("decision", world.decision(1), world.PROXY), ("decision-of-a-host", world.platform_decision(1), world.PROXY)):
        all_cases.valid(name, "As the statements have it.", payload=cbor.encode(fields).hex(), iss=iss, sub=world.sub_of(fields, iss), aud=world.ORIGIN)
    return all_cases
