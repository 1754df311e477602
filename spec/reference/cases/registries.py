"""Logs replayed from entry 0."""
from __future__ import annotations

from typing import Callable, List

from .. import cbor, cose, ed25519, enrolment, note
from . import keys, orders, registrar_orders, world
from .case import Cases


def cases() -> Cases:
    """The family `registry`."""
    all_cases = Cases("registry")

    def good(name: str, why: str, statements: List[bytes]) -> None:
        all_cases.valid(name, why, origin=world.ORIGIN, entries=[data.hex() for data in world.entries(statements)])

    def bad(name: str, rule: str, why: str, statements: List[bytes], index: int = -1) -> None:
        where = {"index": len(statements) - 1 if index < 0 else index}
        all_cases.invalid(name, rule, why, where, origin=world.ORIGIN, entries=[data.hex() for data in world.entries(statements)])

    add_good(good)
    add_genesis(bad)
    add_keys(bad)
    add_enrolments(bad)
    add_numbers(bad)
    orders.add(good, bad)
    registrar_orders.add(good, bad)
    return all_cases


def start() -> List[bytes]:
    """Genesis and the first provider's enrolment."""
    return [world.registrar(world.genesis()), world.registrar(world.enrol(2))]


def say(number: int, seed: bytes = world.PROXY_SEED, **claims: object) -> bytes:
    """A decision of the first provider's."""
    return world.sign(seed, world.decision(number), **claims)


def second_key(sequence: int = 3, **more: object) -> bytes:
    """The first provider's second key is admitted."""
    return world.registrar(world.enrol(sequence, world.PROXY_SEED_2, **more))


def add_good(good: Callable[..., None]) -> None:
    """Histories that hold."""
    good("empty", "No entry.", [])
    good("genesis", "Only entry 0.", [world.registrar(world.genesis())])
    both = [world.LOG_KEY.encode(), world.LOG_SECOND.encode()]
    good("genesis-names-both-keys", "A key of type 1 and one of type 6.", [world.registrar(world.genesis(log_vkeys=both))])
    good("small-log", "Two providers, three statements.", world.small_log())
    good("numbers-out-of-order", "3, 1, 2.", start() + [say(3), say(1), say(2)])
    good("number-65536", "As far ahead as allowed.", start() + [say(65536)])
    good("void-closes-a-hole", "1, 4, and 3 closes 2.", start() + [say(1), say(4), world.sign(world.PROXY_SEED, world.void(3, 2, 2))])
    good("void-of-the-registrar", "The registrar's own numbers.", start() + [world.registrar(world.void(3, 5, 9))])
    good("two-keys-one-numbering", "The second key goes on where the first one was.", start() + [second_key(), say(1), say(2, world.PROXY_SEED_2)])
    good("retired-by-registrar", "What was signed before stays.", start() + [say(1), world.registrar(world.retire(3))])
    good("retired-by-itself", "A key ends itself.", start() + [world.sign(world.PROXY_SEED, world.retire(1))])
    good("retired-by-the-other-key", "And the other key goes on.", start() + [second_key(), world.sign(world.PROXY_SEED_2, world.retire(1)), say(2, world.PROXY_SEED_2)])
    request = world.request(world.PROXY_SEED_2, world.PROXY)
    good("cosigned-evidence", "The same request, signed by the provider's first key.", start() + [second_key(evidence={"cosigned": cosigned(request, world.PROXY_SEED)})])
    good("tick", "A cosigned checkpoint of the first two entries.", start() + [world.registrar(world.tick(3, world.signed_checkpoint(world.entries(start()), 1)))])
    good("algorithm-ed25519", "Both algorithm numbers under one key.", start() + [say(1), say(2, alg=-19)])


def cosigned(request: bytes, seed: bytes) -> bytes:
    """The payload of a request, signed by another key."""
    payload = world.head_of(request)[2]
    return cose.sign1(seed, {1: -8, 3: enrolment.CONTENT_TYPE, 4: cose.thumbprint(ed25519.public_key(seed))}, payload)


def add_genesis(bad: Callable[..., None]) -> None:
    """Entry 0."""
    bad("entry-0-is-a-decision", "genesis", "No genesis.", [say(1)])
    bad("second-genesis", "genesis", "A genesis at index 2.", start() + [world.registrar({**world.genesis(), "sequence": 3})])
    bad("genesis-number-2", "genesis", "The registrar's first number is 1.", [world.registrar({**world.genesis(), "sequence": 2})])
    bad("genesis-by-a-provider", "genesis", "Its iss is not https:// and the origin.", [world.sign(world.REGISTRAR_SEED, world.genesis(), world.PROXY)])
    other = note.make_vkey("other.example/log", 1, world.LOG_KEY.key).encode()
    bad("genesis-log-key-of-another-name", "genesis", "A log key whose name is not the origin.", [world.registrar(world.genesis(log_vkeys=[other]))])
    bad("genesis-log-key-of-a-witness", "genesis", "A key of type 4.", [world.registrar(world.genesis(log_vkeys=[note.make_vkey(world.ORIGIN, 4, world.LOG_KEY.key).encode()]))])
    bad("genesis-only-a-key-of-type-6", "genesis", "No key of type 1, which opens checkpoints.", [world.registrar(world.genesis(log_vkeys=[world.LOG_SECOND.encode()]))])
    other_second = note.make_vkey("other.example/log", note.ALG_ML_DSA_44, world.LOG_SECOND.key).encode()
    bad("genesis-key-of-type-6-of-another-name", "genesis", "Every log key bears the origin's name.", [world.registrar(world.genesis(log_vkeys=[world.LOG_KEY.encode(), other_second]))])
    bad("genesis-signed-by-another-key", "bad-signature", "kid is right, the signature is not.", [world.sign(world.NEXT, world.genesis(), world.REGISTRAR, key=ed25519.public_key(world.REGISTRAR_SEED))])
    bad("genesis-kid-of-another-key", "unknown-key", "Signed by a key that it does not name.", [world.sign(world.NEXT, world.genesis(), world.REGISTRAR)])
    weak = keys.mixed_key(world.REGISTRAR_SEED)
    bad("genesis-weak-registrar-key", "weak-key", "A registrar key with a torsion part.", [world.sign(world.REGISTRAR_SEED, world.genesis(registrar_key=cose.cose_key(weak)), world.REGISTRAR, key=weak)])
    aud = {"aud": "other.example/log", "sub": "log:other.example/log"}
    bad("genesis-of-another-log", "wrong-audience", "Made for another log.", [world.registrar(world.genesis(), **aud)])


def add_keys(bad: Callable[..., None]) -> None:
    """Who signs."""
    bad("unknown-key", "unknown-key", "A key that was never enrolled.", start() + [say(1, world.SHIELD_SEED)])
    bad("before-enrolment", "unknown-key", "A statement before its key's enrolment.", [world.registrar(world.genesis()), say(1), world.registrar(world.enrol(2))], 1)
    bad("retired-key", "key-retired", "A statement after its key's end.", start() + [world.registrar(world.retire(3)), say(1)])
    bad("retired-by-itself", "key-retired", "A key goes on after it ended itself.", start() + [world.sign(world.PROXY_SEED, world.retire(1)), say(2)])
    bad("wrong-issuer", "wrong-issuer", "The key of another provider.", world.small_log() + [say(3, world.SHIELD_SEED)])
    bad("wrong-audience", "wrong-audience", "Made for another log.", start() + [say(1, aud="other.example/log")])
    bad("bad-signature", "bad-signature", "kid is right, the signature is not.", start() + [say(1, world.SHIELD_SEED, key=ed25519.public_key(world.PROXY_SEED))])
    bad("role-not-enrolled", "role-not-enrolled", "As a CDN.", start() + [world.sign(world.PROXY_SEED, world.decision(1, provider_role="cdn"))])
    bad("role-of-the-other-key", "role-not-enrolled", "A role that only the provider's other key has.", start() + [second_key(roles=["cdn"]), say(1, world.PROXY_SEED_2)])
    bad("decision-by-the-registrar", "not-authorised", "The registrar decides nothing.", start() + [world.registrar(world.decision(3))])
    bad("enrolment-by-a-provider", "not-authorised", "A provider admits a key.", start() + [world.sign(world.PROXY_SEED, world.enrol(1, world.PROXY_SEED_2))])
    tick = world.tick(1, world.signed_checkpoint([]))
    bad("tick-by-a-provider", "not-authorised", "A provider logs a checkpoint.", start() + [world.sign(world.PROXY_SEED, tick)])
    bad("retired-by-another-provider", "not-authorised", "Somebody else's key.", world.small_log() + [world.sign(world.SHIELD_SEED, world.retire(2), world.SHIELD)])
    bad("retirement-of-an-unknown-key", "unknown-key", "Never enrolled.", start() + [world.registrar(world.retire(3, world.SHIELD_SEED))])
    bad("retirement-under-another-provider", "unknown-key", "The key is not that provider's.", world.small_log() + [world.registrar(world.retire(4, world.SHIELD_SEED, world.PROXY))])
    bad("retirement-twice", "key-retired", "It ended before.", start() + [world.registrar(world.retire(3)), world.registrar(world.retire(4))])
    bad("retirement-of-the-registrar", "unknown-key", "Not a provider's key.", start() + [world.registrar(world.retire(3, world.REGISTRAR_SEED, world.REGISTRAR))])


def add_enrolments(bad: Callable[..., None]) -> None:
    """Which keys are admitted."""
    def enrol(name: str, rule: str, why: str, *args: object, **more: object) -> None:
        bad(f"enrolment-{name}", rule, why, start() + [world.registrar(world.enrol(3, *args, **more))])

    two = world.PROXY_SEED_2
    enrol("key-twice", "already-enrolled", "The same key again.")
    enrol("key-of-another-provider", "already-enrolled", "The key is somebody else's.", world.PROXY_SEED, world.SHIELD)
    bad("enrolment-after-retirement", "already-enrolled", "A key is enrolled once, ever.", start() + [world.registrar(world.retire(3)), world.registrar(world.enrol(4))])
    for name, seed in (("log", world.LOG), ("receipt", world.RECEIPTS), ("registrar", world.REGISTRAR_SEED), ("next-registrar", world.NEXT)):
        enrol(f"{name}-key", "already-enrolled", "A key with another job.", seed)
    enrol("without-possession", "not-authorised", "The request is signed by another key.", two, request=world.request(two, world.PROXY, signer=world.SHIELD_SEED))
    enrol("request-for-another-key", "not-authorised", "The request is for the first key.", two, request=world.request(world.PROXY_SEED, world.PROXY))
    enrol("request-for-another-log", "not-authorised", "The request is to another log.", two, request=world.request(two, world.PROXY, "other.example/log"))
    enrol("request-for-another-provider", "not-authorised", "The request is another provider's.", two, request=world.request(two, world.SHIELD))
    enrol("request-is-a-statement", "not-authorised", "Something else that the key signed.", two, request=say(1, two))
    for name, weak in (("small-order", (1).to_bytes(32, "little")), ("mixed-order", keys.mixed_key(two)), ("not-canonical", (ed25519.P + 1).to_bytes(32, "little"))):
        enrol(f"key-{name}", "weak-key", "A key that may not be one.", two, key=cose.cose_key(weak))
    request = world.request(two, world.PROXY)
    enrol("cosigned-by-itself", "not-authorised", "The new key vouches for itself.", two, evidence={"cosigned": request})
    enrol("cosigned-by-a-stranger", "not-authorised", "A key of nobody's vouches.", two, evidence={"cosigned": cosigned(request, world.SHIELD_SEED)})
    other = cosigned(world.request(world.SHIELD_SEED, world.PROXY), world.PROXY_SEED)
    enrol("cosigned-other-request", "not-authorised", "The first key vouches for another key.", two, evidence={"cosigned": other})
    good = world.head_of(cosigned(request, world.PROXY_SEED))
    enrol("cosigned-bad-signature", "not-authorised", "The evidence's signature does not hold.", two, evidence={"cosigned": b"\xd2" + cbor.encode([good[0], {}, good[2], bytes(64)])})


def add_numbers(bad: Callable[..., None]) -> None:
    """Numbers."""
    void = world.void
    bad("duplicate", "duplicate", "The same statement again.", start() + [say(1), say(1)])
    bad("duplicate-other-time", "duplicate", "The same payload, signed a second later.", start() + [say(1), say(1, iat=world.TIME + 1)])
    bad("duplicate-other-key", "duplicate", "The same payload under the provider's other key.", start() + [second_key(), say(1), say(1, world.PROXY_SEED_2)])
    bad("conflict-payload", "sequence-conflict", "The number with another payload.", start() + [say(1), world.sign(world.PROXY_SEED, world.no_action(1))])
    bad("conflict-sub", "sequence-conflict", "The number about another subject.", start() + [say(1), say(1, sub="asn:64512")])
    bad("ahead", "sequence-ahead", "65,537 while 1 is missing.", start() + [say(65537)])
    bad("registrar-number-twice", "sequence-conflict", "Number 2 again.", start() + [world.registrar(world.enrol(2, world.PROXY_SEED_2))])
    bad("voided-number", "sequence-void", "A closed number is filed.", start() + [world.sign(world.PROXY_SEED, void(1, 2, 5)), say(3)])
    bad("void-of-a-taken-number", "sequence-conflict", "A number that was filed is closed.", start() + [say(2), world.sign(world.PROXY_SEED, void(1, 2, 3))])
    bad("void-twice", "sequence-void", "Closed before.", start() + [world.sign(world.PROXY_SEED, void(1, 3, 5)), world.sign(world.PROXY_SEED, void(2, 5, 6))])
    bad("void-far-ahead", "sequence-ahead", "Numbers beyond the window.", start() + [world.sign(world.PROXY_SEED, void(1, 70000, 70001))])
