"""Statements: COSE_Sign1 with CWT claims in the protected header (RFC 9052, RFC 9597, RFC 8392)."""
from __future__ import annotations

from typing import Any, Dict, NamedTuple

from . import cbor, cose, names, payload
from .faults import not_understood, require

CONTENT_TYPE = "application/vnd.glasshouse.statement+cbor; v=1"
MAX_NUMBER = 2**53 - 1


class Statement(NamedTuple):
    """A statement that has the right shape. Its signature is not checked."""

    data: bytes
    message: cose.Sign1
    iss: str
    sub: str
    aud: str
    iat: int
    kid: bytes
    payload: Dict[str, Any]

    @property
    def kind(self) -> str:
        """The type of the statement."""
        return self.payload["type"]

    @property
    def sequence(self) -> int:
        """The issuer's own number."""
        return self.payload["sequence"]

    def verify(self, key: bytes) -> None:
        """Checks the signature with a key, which must be the one that `kid` names."""
        require(cose.thumbprint(key) == self.kid, "unknown-key", "kid names another key")
        cose.verify_sign1(key, self.message)


def header(kid: bytes, iss: str, sub: str, aud: str, iat: int, alg: int = cose.EDDSA) -> Dict[Any, Any]:
    """The protected header of a statement."""
    return {1: alg, 3: CONTENT_TYPE, 4: kid, 15: {1: iss, 2: sub, 3: aud, 6: iat}}


def parse(data: bytes) -> Statement:
    """Takes a statement apart and checks everything but its signature."""
    message = cose.parse_sign1(data, "invalid-statement")
    claims = check_header(message.header)
    fields = payload.parse(message.payload, claims[1], claims[2], claims[3])
    return Statement(data, message, claims[1], claims[2], claims[3], claims[6], message.header[4], fields)


def check_header(head: Dict[Any, Any]) -> Dict[Any, Any]:
    """The claims of a protected header that is right in every label and value."""
    rule = "invalid-statement"
    require(isinstance(head.get(3), str), rule, "no content type")
    if head[3] != CONTENT_TYPE:
        raise not_understood("another content type")
    require(type(head.get(1)) is int, rule, "no algorithm")
    require(head[1] in cose.ALGORITHMS, "unknown-algorithm", "neither EdDSA (-8) nor Ed25519 (-19)")
    require(set(head) == {1, 3, 4, 15}, rule, "other labels than 1, 3, 4, 15")
    require(isinstance(head[4], bytes) and len(head[4]) == 32, rule, "kid is not 32 bytes")
    claims = head[15]
    require(isinstance(claims, dict) and set(claims) == {1, 2, 3, 6}, rule, "other claims than 1, 2, 3, 6")
    require(isinstance(claims[1], str) and names.is_issuer(claims[1]), rule, "iss is not an issuer")
    require(isinstance(claims[2], str) and names.subject_kind(claims[2]) != "", rule, "sub is not a subject")
    require(isinstance(claims[3], str) and names.is_origin(claims[3]), rule, "aud is not an origin")
    require(type(claims[6]) is int and 0 <= claims[6] <= MAX_NUMBER, rule, "iat is out of range")
    return claims


def make(seed: bytes, key: bytes, claims: Dict[str, Any], fields: Dict[str, Any], alg: int = cose.EDDSA) -> bytes:
    """A signed statement; nothing is checked, so that wrong ones can be made too."""
    head = header(cose.thumbprint(key), claims["iss"], claims["sub"], claims["aud"], claims["iat"], alg)
    return cose.sign1(seed, head, cbor.encode(fields))
