"""Receipts behind changes of the registrar's key, and of the log's."""
from __future__ import annotations

from typing import Any, Callable, List

from .. import cose, ed25519, note
from ..receipt import Receipt
from . import later, world

LAST = world.seed(0x0b)
THIRD = "https://third.example"
THIRD_SEED = world.seed(0x14)
LOG_KEY_2 = note.make_vkey(world.ORIGIN, note.ALG_ED25519, ed25519.public_key(world.LOG_2))
POLICY_2 = f"log {LOG_KEY_2.encode()}\nquorum none\n"


def change(seed: bytes, number: int, announced: bytes, signer: Any = None, **more: Any) -> bytes:
    """The registrar's key becomes that of `seed`; another signer than that key is wrong."""
    fields = later.keys(number, announced, registrar_key=cose.cose_key(ed25519.public_key(seed)))
    return world.sign(signer or seed, fields, world.REGISTRAR, **more)


def announcement(seed: bytes, number: int, announced: bytes, **fields: Any) -> bytes:
    """The key in use announces another one."""
    return world.sign(seed, later.keys(number, announced, **fields), world.REGISTRAR)


def admit(seed: bytes, number: int, key: bytes, iss: str) -> bytes:
    """The registrar, with that key, admits a provider."""
    return world.sign(seed, world.enrol(number, key, iss), world.REGISTRAR)


def statements() -> List[bytes]:
    """Twelve entries: two changes of the registrar's key, before the second of which another key was announced."""
    both = [world.LOG_KEY.encode(), LOG_KEY_2.encode()]
    return [
        world.registrar(world.genesis()),
        world.registrar(world.enrol(2)),
        change(world.NEXT, 3, world.NEXT_2),
        admit(world.NEXT, 4, world.SHIELD_SEED, world.SHIELD),
        announcement(world.NEXT, 5, world.NEXT_3),
        change(world.NEXT_3, 6, LAST),
        world.sign(world.NEXT_3, later.policy(7), world.REGISTRAR),
        admit(world.NEXT_3, 8, THIRD_SEED, THIRD),
        world.sign(world.PROXY_SEED, world.decision(1)),
        world.sign(world.SHIELD_SEED, world.decision(1, world.SHIELD), world.SHIELD),
        world.sign(THIRD_SEED, world.decision(1, THIRD), THIRD),
        announcement(world.NEXT_3, 9, LAST, log_vkeys=both),
    ]


STATEMENTS = statements()
LEAVES = world.entries(STATEMENTS)


def of(*indices: int) -> Receipt:
    """The receipt of the first of these entries, with the others behind it."""
    return world.make_receipt(LEAVES, list(indices), [])


def under_new_log_key(*indices: int) -> Receipt:
    """The same under a checkpoint that the log's later key signed."""
    return world.make_receipt(LEAVES, list(indices), [], world.signed_checkpoint(LEAVES, 0, world.ORIGIN, world.LOG_2))


def over(index: int, statement: bytes, *indices: int) -> Receipt:
    """A receipt over the log in which one entry is another."""
    leaves = LEAVES[:index] + world.entries([statement]) + LEAVES[index + 1:]
    return world.make_receipt(leaves, list(indices), [])


def add_valid(add: Callable[..., None]) -> None:
    """Receipts that hold."""
    add("keys-enrolled-before-a-change", "The first key enrolled the provider: no change is needed.", of(8, 0, 1))
    add("keys-enrolled-after-a-change", "The announced key enrolled it.", of(9, 0, 2, 3))
    add("keys-enrolled-after-two-changes", "Before the second change another key was announced.", of(10, 0, 2, 4, 5, 7))
    add("keys-registrars-statement", "The registrar's rules, under its third key.", of(6, 0, 2, 4, 5))
    add("keys-first-change", "A change itself, announced by the genesis.", of(2, 0))
    add("keys-announcement", "A change that announces, by the second key.", of(4, 0, 2))
    add("keys-second-change", "A change itself, with what announced it.", of(5, 0, 2, 4))
    add("keys-enrolment", "An enrolment by the third key.", of(7, 0, 2, 4, 5))
    add("keys-log-key-of-a-change", "The policy's key is named by a later change only.", under_new_log_key(8, 0, 1, 2, 4, 5, 11), POLICY_2)
    add("keys-log-key-of-the-statement", "The statement itself names the policy's key.", under_new_log_key(11, 0, 2, 4, 5), POLICY_2)


def add_invalid(bad: Callable[..., None]) -> None:
    """Step 6, and what a chain that ends early means for 7 and 8."""
    bad("keys-gap", "keys", 6, "The first change is missing.", of(10, 0, 4, 5, 7))
    bad("keys-announcement-missing", "keys", 6, "What announced the second change is missing.", of(10, 0, 2, 5, 7))
    bad("keys-out-of-order", "keys", 6, "The announcement stands before the first change.", of(10, 0, 4, 2, 5, 7))
    bad("keys-behind-the-enrolment", "keys", 6, "The change stands behind the enrolment that rests on it.", of(9, 0, 3, 2))
    bad("keys-statement-again", "keys", 6, "The statement itself stands among the changes.", of(5, 0, 2, 4, 5))
    bad("keys-surplus-change", "keys", 6, "A change after the enrolment leads to nothing.", of(8, 0, 1, 2))
    bad("keys-surplus-announcement", "keys", 6, "No change follows that needs the announcement.", of(9, 0, 2, 3, 4))
    bad("keys-surplus-log-key", "keys", 6, "The genesis names the policy's key already.", of(8, 0, 1, 2, 4, 5, 11))
    bad("keys-not-announced", "keys", 6, "A key that nobody announced.", over(2, change(world.NEXT_2, 3, LAST), 9, 0, 2, 3))
    bad("keys-signed-by-the-old-key", "keys", 6, "The new key does not sign for itself.",
        over(2, change(world.NEXT, 3, world.NEXT_2, signer=world.REGISTRAR_SEED), 9, 0, 2, 3))
    bad("keys-signature-wrong", "keys", 6, "Signed by another key than kid names.",
        over(2, change(world.NEXT, 3, world.NEXT_2, signer=world.NEXT_3, key=ed25519.public_key(world.NEXT)), 9, 0, 2, 3))
    bad("keys-for-another-log", "keys", 6, "Made for another log.",
        over(2, change(world.NEXT, 3, world.NEXT_2, aud="other.example/log", sub="log:other.example/log"), 9, 0, 2, 3))
    bad("keys-announces-the-old-key", "keys", 6, "The key that ends is announced again.", over(2, change(world.NEXT, 3, world.REGISTRAR_SEED), 9, 0, 2, 3))
    bad("keys-last-change-missing", "enrolment", 7, "The enrolment is by a key that the receipt does not lead to.", of(9, 0, 3))
    bad("keys-enrolled-by-the-old-key", "enrolment", 7, "The key that had ended enrols.",
        over(3, admit(world.REGISTRAR_SEED, 4, world.SHIELD_SEED, world.SHIELD), 9, 0, 2, 3))
    bad("keys-statement-by-the-old-key", "key-retired", 8, "The key that had ended signs rules.",
        over(3, world.registrar(later.policy(4)), 3, 0, 2))
    bad("keys-statement-by-an-unshown-key", "unknown-key", 8, "The last change is missing.", of(6, 0, 2))
    bad("keys-log-key-not-named", "genesis", 5, "The change that names the policy's key is missing.", under_new_log_key(8, 0, 1), POLICY_2)
