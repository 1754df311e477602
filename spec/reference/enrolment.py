"""Enrolment requests: possession of a key, and consent to its enrolment, signed by that key."""
from __future__ import annotations

from typing import NamedTuple

from . import cbor, cose
from .faults import not_understood, require
from .names import is_origin, is_provider

CONTENT_TYPE = "application/vnd.glasshouse.enrolment-request+cbor; v=1"
MAX_INSTANT = 253402300799
"""The last second of the year 9999."""


class Request(NamedTuple):
    """What a provider asks for: that `key` be admitted to the log `aud` for `iss`."""

    aud: str
    iss: str
    key: bytes
    time: int


def make(seed: bytes, key: bytes, aud: str, iss: str, time: int) -> bytes:
    """A request signed with `seed`, whose key it should be."""
    payload = {"aud": aud, "iss": iss, "key": cose.cose_key(key), "time": time}
    header = {1: cose.EDDSA, 3: CONTENT_TYPE, 4: cose.thumbprint(key)}
    return cose.sign1(seed, header, cbor.encode(payload))


def parse(data: bytes) -> Request:
    """Checks everything that the request says about itself, the signature too."""
    message = cose.parse_sign1(data, "invalid-request")
    header = message.header
    require(isinstance(header.get(3), str), "invalid-request", "no content type")
    if header[3] != CONTENT_TYPE:
        raise not_understood("another content type")
    require(type(header.get(1)) is int, "invalid-request", "no algorithm")
    require(header[1] == cose.EDDSA, "unknown-algorithm", "requests are signed with EdDSA (-8)")
    require(set(header) == {1, 3, 4}, "invalid-request", "other labels than 1, 3, 4")
    payload = cbor.decode(message.payload)
    require(isinstance(payload, dict) and set(payload) == {"aud", "iss", "key", "time"}, "invalid-request", "members")
    require(isinstance(payload["aud"], str) and is_origin(payload["aud"]), "invalid-request", "aud is not an origin")
    require(isinstance(payload["iss"], str) and is_provider(payload["iss"]), "invalid-request", "iss is not a provider")
    require(type(payload["time"]) is int and 0 <= payload["time"] <= MAX_INSTANT, "invalid-request", "not an instant")
    require(isinstance(payload["key"], bytes), "key-encoding", "key is not a byte string")
    key = cose.parse_cose_key(payload["key"])
    require(header[4] == cose.thumbprint(key), "unknown-key", "kid is not the thumbprint of key")
    cose.verify_sign1(key, message)
    return Request(payload["aud"], payload["iss"], key, payload["time"])


def check(data: bytes, aud: str, iss: str) -> Request:
    """A request for that log and that provider."""
    request = parse(data)
    require(request.aud == aud, "wrong-audience", "a request to another log")
    require(request.iss == iss, "wrong-issuer", "a request of another provider")
    return request
