"""COSE_Sign1 (RFC 9052 section 4.2), Ed25519 COSE_Keys (RFC 9053 section 7.2) and their thumbprints (RFC 9679)."""
from __future__ import annotations

import hashlib
from typing import Any, Dict, NamedTuple

from . import cbor, ed25519
from .faults import require

EDDSA = -8
ED25519 = -19
ALGORITHMS = (EDDSA, ED25519)
"""EdDSA (RFC 9053 section 2.2) is written; the fully specified Ed25519 (RFC 9864) is read too."""


class Sign1(NamedTuple):
    """The four parts of a COSE_Sign1, the protected header also decoded."""

    protected: bytes
    header: Dict[Any, Any]
    payload: bytes
    signature: bytes


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    """The bytes that are signed (RFC 9052 section 4.4), with an empty external_aad."""
    return cbor.encode(["Signature1", protected, b"", payload])


def encode_sign1(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """Tag 18, an array of four, an empty unprotected map (RFC 9052 section 4.2)."""
    return b"\xd2" + cbor.encode([protected, {}, payload, signature])


def sign1(seed: bytes, header: Dict[Any, Any], payload: bytes) -> bytes:
    """A signed COSE_Sign1."""
    protected = cbor.encode(header)
    return encode_sign1(protected, payload, ed25519.sign(seed, sig_structure(protected, payload)))


def parse_sign1(data: bytes, rule: str) -> Sign1:
    """Takes a COSE_Sign1 apart; a wrong shape breaks `rule`. The signature is not checked."""
    parts = cbor.decode_tagged(data, rule)
    require(isinstance(parts, list) and len(parts) == 4, rule, "not an array of four")
    protected, unprotected, payload, signature = parts
    require(isinstance(protected, bytes), rule, "the protected header is not a byte string")
    require(unprotected == {} and isinstance(unprotected, dict), rule, "the unprotected header is not an empty map")
    require(isinstance(payload, bytes), rule, "the payload is not attached")
    require(isinstance(signature, bytes) and len(signature) == 64, rule, "the signature is not 64 bytes")
    header = cbor.decode(protected)
    require(isinstance(header, dict), rule, "the protected header is not a map")
    require(encode_sign1(protected, payload, signature) == data, "not-deterministic", "encodes to other bytes")
    return Sign1(protected, header, payload, signature)


def verify_sign1(key: bytes, message: Sign1) -> None:
    """Checks the signature: `weak-key` for a key that may not be used, `bad-signature` if it does not hold."""
    ed25519.check_key(key)
    signed = sig_structure(message.protected, message.payload)
    require(ed25519.verify(key, signed, message.signature), "bad-signature", "the signature does not hold")


def cose_key(key: bytes) -> bytes:
    """{1: 1 (OKP), -1: 6 (Ed25519), -2: x}, 40 bytes (RFC 9053 section 7.2)."""
    return cbor.encode({1: 1, -1: 6, -2: key})


def parse_cose_key(data: bytes) -> bytes:
    """x of a COSE_Key in exactly that encoding."""
    require(len(data) == 40 and data[:8] == bytes.fromhex("a301012006215820"), "key-encoding", "not an Ed25519 COSE_Key")
    return data[8:]


def thumbprint(key: bytes) -> bytes:
    """The `kid`: SHA-256 of the COSE_Key with its required members only (RFC 9679 section 3)."""
    return hashlib.sha256(cose_key(key)).digest()
