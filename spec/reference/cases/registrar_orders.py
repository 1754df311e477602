"""The registrar's later statements: new keys, a closed log."""
from __future__ import annotations

from typing import Any, Callable, Dict

from .. import cose, ed25519, note
from . import keys, later, world
from .story import Story
from .world import REGISTRAR


def cose_key(seed: bytes) -> bytes:
    """The public key of a seed, as a COSE_Key."""
    return cose.cose_key(ed25519.public_key(seed))


def vkey(seed: bytes, name: str = world.ORIGIN, alg: int = note.ALG_ED25519) -> str:
    """A verification key of the log."""
    return note.make_vkey(name, alg, ed25519.public_key(seed)).encode()


def rotate(story: Story, to: bytes, announced: bytes, **more: Any) -> None:
    """The registrar changes to the announced key, announces the next, and goes on with it."""
    story.order(later.keys, announced, seed=to, registrar_key=cose_key(to), **more)
    story.registrars_seed = to


def add(good: Callable[..., None], bad: Callable[..., None]) -> None:
    """Keys and closure."""
    add_rotations(good)
    add_wrong_keys(bad)
    add_taken_keys(bad)
    add_closures(good, bad)


def add_rotations(good: Callable[..., None]) -> None:
    """Changes that hold."""
    story = Story()
    story.order(later.keys, world.NEXT_2)
    good("keys-announced", "Another key is announced; the one in use stays.", story.statements)
    story = Story()
    story.order(later.keys, world.NEXT, log_vkeys=[vkey(world.LOG), vkey(world.LOG_2)], receipt_keys=[cose_key(world.RECEIPTS_2)])
    story.order(later.keys, world.NEXT, log_vkeys=[vkey(world.LOG_2)])
    good("keys-of-the-log", "The same key is announced again; the log's and the receipts' keys change.", story.statements)
    story = Story()
    for vkeys in ([vkey(world.LOG), world.LOG_SECOND.encode()], [vkey(world.LOG), world.LOG_SECOND_2.encode()], [vkey(world.LOG)]):
        story.order(later.keys, world.NEXT, log_vkeys=vkeys)
    good("keys-of-type-6", "The log gets a key of type 6, changes it, and gives it up.", story.statements)
    story = Story()
    rotate(story, world.NEXT, world.NEXT_2)
    story.order(later.policy)
    story.order(world.enrol, world.SHIELD_SEED, world.SHIELD)
    rotate(story, world.NEXT_2, world.NEXT_3, log_vkeys=[vkey(world.LOG)])
    story.order(later.policy)
    good("keys-rotated-twice", "Each key was announced by the one before.", story.statements)
    story = Story()
    story.order(later.keys, world.NEXT_2)
    rotate(story, world.NEXT_2, world.NEXT_3)
    good("keys-announced-anew", "The key that was announced last is the one.", story.statements)


def add_wrong_keys(bad: Callable[..., None]) -> None:
    """Who may change to which key."""
    def wrong(name: str, rule: str, why: str, to: bytes, **more: Any) -> None:
        story = Story()
        story.order(later.keys, world.NEXT_3, **{"seed": to, "registrar_key": cose_key(to), **more})
        bad(f"keys-{name}", rule, why, story.statements)

    wrong("not-announced", "not-authorised", "Another key than the one announced.", world.NEXT_2)
    wrong("of-the-old-one", "not-authorised", "The key in use is not the one announced.", world.REGISTRAR_SEED)
    wrong("signed-by-the-old-key", "unknown-key", "The new key has to sign.", world.NEXT, seed=world.REGISTRAR_SEED)
    wrong("signed-by-an-unknown-key", "unknown-key", "Neither key signed.", world.NEXT, seed=world.NEXT_2)
    story = Story()
    story.order(later.keys, world.NEXT_2, seed=world.NEXT)
    bad("keys-announced-by-the-next", "unknown-key", "The announced key signs nothing before it is in use.", story.statements)
    story = Story()
    story.order(later.keys, world.NEXT_2)
    story.order(later.keys, world.NEXT_3, seed=world.NEXT, registrar_key=cose_key(world.NEXT))
    bad("keys-announced-before", "not-authorised", "Another key was announced since.", story.statements)
    story = Story()
    rotate(story, world.NEXT, world.NEXT_2)
    story.order(later.policy, seed=world.REGISTRAR_SEED)
    bad("keys-old-key-after", "key-retired", "The old key ended.", story.statements)
    story = Story()
    story.say(later.keys, world.NEXT_2)
    bad("keys-by-a-provider", "not-authorised", "Only the registrar's.", story.statements)
    weak = keys.mixed_key(world.NEXT)
    story = Story()
    story.statements = [world.registrar(world.genesis(next_registrar_kid=cose.thumbprint(weak)))]
    fields = later.keys(2, world.NEXT_2, registrar_key=cose.cose_key(weak))
    story.statements.append(world.sign(world.NEXT, fields, REGISTRAR, key=weak))
    bad("keys-weak", "weak-key", "The announced key has a torsion part.", story.statements)
    for name, text in (("of-another-name", vkey(world.LOG_2, "other.example/log")), ("of-a-witness", vkey(world.LOG_2, alg=note.ALG_COSIGNATURE)),
                       ("only-of-type-6", world.LOG_SECOND.encode())):
        story = Story()
        story.order(later.keys, world.NEXT_2, log_vkeys=[text])
        bad(f"keys-log-key-{name}", "not-authorised", "No key of this log's.", story.statements)


def add_taken_keys(bad: Callable[..., None]) -> None:
    """A key has one job, ever."""
    taken: Dict[str, bytes] = {"provider": world.PROXY_SEED, "registrar": world.REGISTRAR_SEED, "log": world.LOG, "receipt": world.RECEIPTS}
    for name, seed in taken.items():
        story = Story()
        story.order(later.keys, seed)
        bad(f"keys-announces-the-{name}-key", "already-enrolled", "A key with another job is announced.", story.statements)
    story = Story()
    story.order(later.keys, world.NEXT, seed=world.NEXT, registrar_key=cose_key(world.NEXT))
    bad("keys-announces-itself", "already-enrolled", "The new key is announced as the next.", story.statements)
    story = Story()
    story.order(later.keys, world.NEXT_2)
    story.order(later.keys, world.NEXT)
    bad("keys-announced-once-before", "already-enrolled", "An earlier statement named it, and it is no longer the one announced.", story.statements)
    for name, seed in {**taken, "next-registrar": world.NEXT}.items():
        if name not in ("log", "receipt"):
            story = Story()
            story.order(later.keys, world.NEXT_2, log_vkeys=[vkey(seed)])
            bad(f"keys-log-key-is-the-{name}-key", "already-enrolled", "The log's key has another job.", story.statements)
        if name not in ("log", "receipt"):
            story = Story()
            story.order(later.keys, world.NEXT_2, receipt_keys=[cose_key(seed)])
            bad(f"keys-receipt-key-is-the-{name}-key", "already-enrolled", "The receipts' key has another job.", story.statements)
    story = Story()
    for seed in (world.LOG_2, world.LOG):
        story.order(later.keys, world.NEXT, log_vkeys=[vkey(seed)])
    bad("keys-log-key-again", "already-enrolled", "A key of the log that was given up does not come back.", story.statements)
    both = [world.LOG_KEY.encode(), world.LOG_SECOND.encode()]
    story = Story()
    for vkeys in (both, both[:1], both):
        story.order(later.keys, world.NEXT, log_vkeys=vkeys)
    bad("keys-log-key-of-type-6-again", "already-enrolled", "A key of type 6 that was given up does not come back.", story.statements)
    for name, seed in (("old-registrar", world.REGISTRAR_SEED), ("announced", world.NEXT_2), ("new-registrar", world.NEXT), ("new-log", world.LOG_2), ("new-receipt", world.RECEIPTS_2)):
        story = Story()
        rotate(story, world.NEXT, world.NEXT_2, log_vkeys=[vkey(world.LOG_2)], receipt_keys=[cose_key(world.RECEIPTS_2)])
        story.order(world.enrol, seed, world.SHIELD)
        bad(f"enrolment-{name}-key", "already-enrolled", "A key that a `keys` statement named.", story.statements)


def add_closures(good: Callable[..., None], bad: Callable[..., None]) -> None:
    """After the end."""
    story = Story()
    leaf = story.say(world.decision)
    story.order(later.closure, successor="log.example/second")
    story.say(later.redaction, [leaf], "puid")
    story.order(later.redaction, [leaf], "decision_facts", provider=world.PROXY)
    story.order(world.tick, world.signed_checkpoint([]))
    story.order(world.retire)
    good("closure", "Redactions, a tick and a retirement may follow.", story.statements)
    for name, builder, args, iss in (("decision", world.decision, (), world.PROXY), ("withdrawal", later.withdrawal, ([(1, 1)],), world.PROXY), ("void", world.void, (9, 9), world.PROXY), ("enrolment", world.enrol, (world.SHIELD_SEED, world.SHIELD), REGISTRAR),
                                     ("policy", later.policy, (), REGISTRAR), ("closure", later.closure, (), REGISTRAR)):
        story = Story()
        story.say(world.decision)
        story.order(later.closure)
        story.say(builder, *args, iss=iss)
        bad(f"closed-{name}", "log-closed", "The log takes nothing more.", story.statements)
