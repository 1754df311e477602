"""Enrolment requests."""
from __future__ import annotations

from typing import Any

from .. import cbor, cose, ed25519, enrolment
from . import keys, world
from .case import Cases

KEY = ed25519.public_key(world.PROXY_SEED)
KID = cose.thumbprint(KEY)


def make(header: Any = None, seed: bytes = world.PROXY_SEED, **members: Any) -> bytes:
    """A request with some members or the whole header replaced; None leaves a member out."""
    whole = {"aud": world.ORIGIN, "iss": world.PROXY, "key": cose.cose_key(KEY), "time": world.TIME, **members}
    whole = {name: value for name, value in whole.items() if value is not None}
    return cose.sign1(seed, header or {1: -8, 3: enrolment.CONTENT_TYPE, 4: KID}, cbor.encode(whole))


def cases() -> Cases:
    """The family `request`."""
    all_cases = Cases("request")

    def add(name: str, rule: str, why: str, data: bytes, aud: str = world.ORIGIN, iss: str = world.PROXY) -> None:
        all_cases.invalid(name, rule, why, request=data.hex(), aud=aud, iss=iss)

    right = make()
    all_cases.valid("right", "A provider asks for its first key.", request=right.hex(), aud=world.ORIGIN, iss=world.PROXY)
    port = "https://proxy.example:8443"
    all_cases.valid("port", "An issuer with a port.", request=make(iss=port).hex(), aud=world.ORIGIN, iss=port)
    add("another-log", "wrong-audience", "Made for another log.", right, aud="other.example/log")
    add("another-provider", "wrong-issuer", "Made for another provider.", right, iss=world.SHIELD)
    add("signed-by-another-key", "bad-signature", "The key is not the signer's.", make(seed=world.SHIELD_SEED))
    add("signature-flipped", "bad-signature", "One bit of the signature.", right[:-1] + bytes([right[-1] ^ 1]))
    add("kid-of-another-key", "unknown-key", "kid is not the thumbprint of key.", make({1: -8, 3: enrolment.CONTENT_TYPE, 4: cose.thumbprint(world.LOG_KEY.key)}))
    identity = (1).to_bytes(32, "little")
    for name, weak in (("small-order", identity), ("mixed-order", keys.mixed_key(world.PROXY_SEED)), ("not-canonical", (ed25519.P + 1).to_bytes(32, "little"))):
        header = {1: -8, 3: enrolment.CONTENT_TYPE, 4: cose.thumbprint(weak)}
        add(f"key-{name}", "weak-key", "A key that may not be enrolled.", make(header, key=cose.cose_key(weak)))
    add("key-raw", "key-encoding", "32 bytes in place of a COSE_Key.", make(key=KEY))
    add("key-with-alg", "key-encoding", "A COSE_Key with an algorithm.", make(key=cbor.encode({1: 1, 3: -8, -1: 6, -2: KEY})))
    for member in ("aud", "iss", "key", "time"):
        add(f"{member}-missing", "invalid-request", "A member is missing.", make(**{member: None}))
    add("member-unknown", "invalid-request", "A member too many.", make(name="Proxy"))
    add("aud-with-scheme", "invalid-request", "An origin has no scheme.", make(aud="https://" + world.ORIGIN + "/"))
    add("iss-upper-case", "invalid-request", "Hosts are lower-case.", make(iss="https://Reverse-Proxy.example"))
    add("iss-with-path", "invalid-request", "A provider's origin has no path.", make(iss=world.PROXY + "/x"))
    add("time-as-text", "invalid-request", "Instants are integers.", make(time="2025-06-15"))
    add("time-negative", "invalid-request", "Before 1970.", make(time=-1))
    add("algorithm-ed25519", "unknown-algorithm", "Requests are signed with -8 only.", make({1: -19, 3: enrolment.CONTENT_TYPE, 4: KID}))
    add("algorithm-es256", "unknown-algorithm", "ES256.", make({1: -7, 3: enrolment.CONTENT_TYPE, 4: KID}))
    add("content-type-2", "not-understood", "A later version.", make({1: -8, 3: enrolment.CONTENT_TYPE.replace("v=1", "v=2"), 4: KID}))
    add("content-type-of-a-statement", "not-understood", "A statement's content type.", make({1: -8, 3: "application/vnd.glasshouse.statement+cbor; v=1", 4: KID}))
    add("label-unknown", "invalid-request", "A label too many.", make({1: -8, 3: enrolment.CONTENT_TYPE, 4: KID, 16: "x"}))
    add("kid-missing", "invalid-request", "No kid.", make({1: -8, 3: enrolment.CONTENT_TYPE}))
    protected, _, payload, signature = world.head_of(right)
    add("unprotected-not-empty", "invalid-request", "Something in the unprotected header.", b"\xd2" + cbor.encode([protected, {4: KID}, payload, signature]))
    add("untagged", "invalid-request", "No tag 18.", right[1:])
    add("trailing-byte", "not-cbor", "A byte behind it.", right + b"\0")
    return all_cases
