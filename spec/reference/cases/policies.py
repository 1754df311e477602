"""Trust policies."""
from __future__ import annotations

from .. import checkpoint, ed25519, note
from . import world
from .case import Cases
from .ml_dsa_cosignatures import line
from .notes import CHECKPOINT, COSIGNED, SECOND, SIGNED, resigned

LOG_LINE = f"log {world.LOG_KEY.encode()} https://{world.ORIGIN}/\n"
ONE = f"witness w1 {world.WITNESS_KEY.encode()}\n"
TWO = f"witness w2 {world.WITNESS_KEY_2.encode()} https://witness.example/\n"
OTHER_KEY = note.make_vkey("other.example/log", note.ALG_ED25519, ed25519.public_key(world.OTHER_LOG))
SECOND_KEY = note.make_vkey(world.ORIGIN, note.ALG_ED25519, ed25519.public_key(world.OTHER_LOG))
SECOND_LINE = f"log {world.LOG_SECOND.encode()}\n"
THREE = f"witness w3 {world.WITNESS_KEY_3.encode()}\n"
WITNESSED_3 = checkpoint.cosign(SIGNED, world.WITNESS_KEY_3, world.WITNESS_ML_DSA, world.TIME)
BOTH = checkpoint.cosign(COSIGNED, world.WITNESS_KEY_2, world.WITNESS_2, world.TIME)


def cases() -> Cases:
    """The family `policy`."""
    all_cases = Cases("policy")
    add, bad = all_cases.valid, all_cases.invalid
    two_of_two = LOG_LINE + ONE + TWO + "group both all w1 w2\nquorum both\n"
    any_of_two = LOG_LINE + ONE + TWO + "group either any w1 w2\nquorum either\n"
    nested = LOG_LINE + ONE + TWO + "group inner 1 w2\ngroup outer 2 w1 inner\nquorum outer\n"
    add("quorum-none", "One log, no witness.", policy=world.POLICY)
    add("log-without-url", "The URL may be left out.", policy=f"log {world.LOG_KEY.encode()}\nquorum none\n")
    add("comments-and-tabs", "Comments, empty lines, tabs and spaces.", policy=f"# a policy\n\n\t{LOG_LINE.replace(' ', chr(9), 1)}  # again\nquorum \t none\n")
    add("no-final-newline", "The last line may go without a newline.", policy=world.POLICY[:-1])
    add("two-of-two", "A group of all.", policy=two_of_two)
    add("nested-groups", "A group in a group.", policy=nested)
    add("none-met", "No quorum asked for.", policy=world.POLICY, note=SIGNED)
    add("one-witness-met", "One witness is the quorum.", policy=LOG_LINE + ONE + "quorum w1\n", note=COSIGNED)
    add("any-met", "One of two.", policy=any_of_two, note=COSIGNED)
    add("all-met", "Two of two.", policy=two_of_two, note=BOTH)
    add("nested-met", "Through an inner group.", policy=nested, note=BOTH)
    add("second-key-of-the-log", "Two keys for one log; the second signed.", policy=f"log {SECOND_KEY.encode()}\n" + world.POLICY, note=SIGNED)
    bad("signed-by-another-log-of-the-policy", "wrong-origin", "A log of the policy signs for another one's origin.", policy=f"log {OTHER_KEY.encode()}\n" + world.POLICY, note=note.sign(note.parse(SIGNED.encode("utf-8")).text, OTHER_KEY, world.OTHER_LOG))
    bad("note-without-signatures", "note-format", "Not a note.", policy=world.POLICY, note=SIGNED.split("\n\n")[0] + "\n")
    bad("log-signature-wrong", "bad-signature", "The log's line does not hold.", policy=world.POLICY, note=SIGNED.replace("\n8\n", "\n7\n"))
    bad("log-signed-twice", "note-format", "A known key signs once.", policy=world.POLICY, note=SIGNED + SIGNED.splitlines(True)[-1])
    both_logs = f"log {OTHER_KEY.encode()}\n" + world.POLICY
    twice = note.signature_line(OTHER_KEY, bytes(64)) * 2
    bad("log-of-another-name-signed-twice", "note-format", "So does every other log's key that the policy knows.", policy=both_logs, note=SIGNED + twice)
    bad("witness-signed-twice", "note-format", "A known witness signs once.", policy=LOG_LINE + ONE + "quorum w1\n", note=COSIGNED + COSIGNED.splitlines(True)[-1])
    bad("witness-signed-twice-below-an-unknown-log", "note-format", "That is judged before whose log it is.", policy=f"log {OTHER_KEY.encode()}\n" + ONE + "quorum w1\n",
        note=COSIGNED + COSIGNED.splitlines(True)[-1])
    wrong_line = SIGNED.replace(SIGNED.splitlines(True)[-1], note.signature_line(world.LOG_KEY, bytes(64)))
    bad("log-of-another-name-signed-twice-beside-a-wrong-line", "note-format", "And before any signature.", policy=both_logs, note=wrong_line + twice)
    bad("checkpoint-extension-line", "checkpoint-format", "The log signed a fourth line.", policy=world.POLICY, note=resigned(CHECKPOINT + "extension\n"))
    bad("one-witness-missing", "quorum", "The witness did not sign.", policy=LOG_LINE + ONE + "quorum w1\n", note=SIGNED)
    bad("all-not-met", "quorum", "One of two.", policy=two_of_two, note=COSIGNED)
    bad("any-not-met", "quorum", "None of two.", policy=any_of_two, note=SIGNED)
    bad("nested-not-met", "quorum", "The inner group is not met.", policy=nested, note=COSIGNED)
    other = checkpoint.cosign(world.signed_checkpoint([]), world.WITNESS_KEY, world.WITNESS, world.TIME).splitlines(True)[-1]
    bad("cosignature-of-another-checkpoint", "bad-signature", "A known witness's line from another checkpoint.", policy=LOG_LINE + ONE + "quorum none\n", note=SIGNED + other)
    bad("another-log", "unknown-key", "The policy names another log.", policy=world.POLICY, note=world.signed_checkpoint([], 0, "other.example/log", world.OTHER_LOG))
    wrong = {
        "empty": "", "no-quorum": LOG_LINE, "no-log": "quorum none\n", "two-quorums": world.POLICY + "quorum none\n", "quorum-unknown": LOG_LINE + "quorum w1\n",
        "quorum-before-witness": LOG_LINE + "quorum w1\n" + ONE, "quorum-two-names": LOG_LINE + ONE + TWO + "quorum w1 w2\n", "unknown-line": LOG_LINE + "mirror m\nquorum none\n",
        "upper-case": world.POLICY.replace("log ", "LOG ", 1), "inline-comment": LOG_LINE + "quorum none # really\n", "carriage-return": world.POLICY.replace("\n", "\r\n"),
        "control-character": world.POLICY + "\x01", "delete-character": "# \x7f\n" + world.POLICY, "log-twice": LOG_LINE + world.POLICY, "log-key-as-witness": LOG_LINE + f"witness w {world.LOG_KEY.encode()}\nquorum w\n",
        "witness-key-as-log": f"log {world.WITNESS_KEY.encode()}\nquorum none\n", "witness-name-twice": LOG_LINE + ONE + TWO.replace("w2", "w1", 1) + "quorum w1\n",
        "witness-key-twice": LOG_LINE + ONE + ONE.replace("w1", "w3", 1) + "quorum w1\n", "witness-called-none": LOG_LINE + ONE.replace("w1", "none", 1) + "quorum none\n",
        "witness-without-key": LOG_LINE + "witness w1\nquorum none\n", "vkey-of-another-id": world.POLICY.replace(f"{world.LOG_KEY.key_id:08x}", "00000000"),
        "group-without-members": LOG_LINE + ONE + "group g all\nquorum g\n", "group-member-unknown": LOG_LINE + ONE + "group g all w1 w2\nquorum g\n",
        "group-member-twice": LOG_LINE + ONE + TWO + "group g any w1 w1\nquorum g\n", "member-of-two-groups": LOG_LINE + ONE + TWO + "group g any w1\ngroup h any w1 w2\nquorum h\n",
        "group-of-itself": LOG_LINE + ONE + "group g any g\nquorum g\n", "group-threshold-zero": LOG_LINE + ONE + "group g 0 w1\nquorum g\n",
        "group-threshold-too-high": LOG_LINE + ONE + "group g 2 w1\nquorum g\n", "group-threshold-leading-zero": LOG_LINE + ONE + "group g 01 w1\nquorum g\n",
        "257-lines": "#\n" * 255 + world.POLICY[:-1], "two-urls": world.POLICY.replace("\n", " https://mirror.example/\n", 1), "group-without-name": LOG_LINE + ONE + "group all w1\nquorum w1\n",
        "group-named-as-witness": LOG_LINE + ONE + TWO + "group w1 any w2\nquorum w1\n",
    }
    for name, text in wrong.items():
        bad(f"form-{name}", "policy-format", "Not a policy.", policy=text)
    add_second_keys(all_cases)
    return all_cases


def add_second_keys(all_cases: Cases) -> None:
    """Keys of type 6, of the log and of a witness."""
    add, bad = all_cases.valid, all_cases.invalid
    asked = LOG_LINE + SECOND_LINE + "quorum none\n"
    two = LOG_LINE + SECOND_LINE + f"log {world.LOG_SECOND_2.encode()}\nquorum none\n"
    other_second = note.make_vkey("other.example/log", note.ALG_ML_DSA_44, world.LOG_SECOND_2.key)
    mixed = LOG_LINE + ONE + THREE + "group both all w1 w3\nquorum both\n"
    add("second-key", "A log's key of type 6 beside that of type 1.", policy=asked)
    add("second-key-first", "The order of the lines means nothing.", policy=SECOND_LINE + LOG_LINE + "quorum none\n")
    add("witness-of-type-6", "Witnesses of both types.", policy=mixed)
    add("second-signed", "The log signed with both its keys.", policy=asked, note=SECOND)
    add("second-not-asked-for", "The line of type 6 is passed over where the policy does not name its key.", policy=world.POLICY, note=SECOND)
    add("second-of-two-signed", "Of two keys of type 6 one signed.", policy=two, note=SECOND)
    add("second-of-another-log-not-needed", "Another log of the policy has a key of type 6, this one has none.", note=SIGNED,
        policy=LOG_LINE + f"log {OTHER_KEY.encode()}\nlog {other_second.encode()}\nquorum none\n")
    add("witnesses-of-both-types-met", "A witness of type 4 and one of type 6.", policy=mixed,
        note=checkpoint.cosign(COSIGNED, world.WITNESS_KEY_3, world.WITNESS_ML_DSA, world.TIME))
    bad("second-missing", "unknown-key", "The policy names the log's key of type 6, and only that of type 1 signed.", policy=asked, note=SIGNED)
    bad("second-alone", "unknown-key", "Only the key of type 6 signed: a checkpoint is opened with one of type 1.", policy=asked,
        note=SECOND.split("\n\n")[0] + "\n\n" + SECOND.splitlines(True)[-1])
    bad("second-wrong", "bad-signature", "The log's line of type 6 does not hold.", policy=asked, note=SIGNED + line(world.LOG_SECOND, bytes(2420)))
    bad("second-of-another-checkpoint", "bad-signature", "The log's line of type 6 belongs to the empty tree.", policy=asked,
        note=SIGNED + checkpoint.cosign(world.signed_checkpoint([]), world.LOG_SECOND, world.LOG_ML_DSA, world.TIME).splitlines(True)[-1])
    bad("second-signed-twice", "note-format", "A known key of type 6 signs once.", policy=asked, note=SECOND + SECOND.splitlines(True)[-1])
    bad("second-of-another-log-signed-twice", "note-format", "Nor does a key of type 6 of another log sign twice.", note=SIGNED + line(other_second, bytes(2420)) * 2,
        policy=LOG_LINE + f"log {OTHER_KEY.encode()}\nlog {other_second.encode()}\nquorum none\n")
    bad("second-of-two-wrong", "bad-signature", "One key of type 6 signed, and the line of the other does not hold.", policy=two, note=SECOND + line(world.LOG_SECOND_2, bytes(2420)))
    bad("second-first-wrong", "bad-signature", "The line of type 6 holds, that of type 1 does not.", policy=asked, note=SECOND.replace(
        SIGNED.splitlines(True)[-1], note.signature_line(world.LOG_KEY, bytes(64))))
    bad("witness-of-type-6-missing", "quorum", "The witness did not sign.", policy=LOG_LINE + THREE + "quorum w3\n", note=COSIGNED)
    bad("witness-of-type-6-wrong", "bad-signature", "A known witness's line of type 6 does not hold, though nobody asks for it.", policy=LOG_LINE + THREE + "quorum none\n",
        note=SIGNED + line(world.WITNESS_KEY_3, bytes(2420)))
    wrong = {
        "second-without-first": SECOND_LINE + "quorum none\n", "second-of-another-name": LOG_LINE + f"log {other_second.encode()}\nquorum none\n",
        "second-twice": LOG_LINE + SECOND_LINE + SECOND_LINE + "quorum none\n", "second-as-witness-too": LOG_LINE + SECOND_LINE + f"witness w {world.LOG_SECOND.encode()}\nquorum none\n",
        "second-of-another-id": (LOG_LINE + SECOND_LINE + "quorum none\n").replace(f"{world.LOG_SECOND.key_id:08x}", "00000000"),
    }
    for name, text in wrong.items():
        bad(f"form-{name}", "policy-format", "Not a policy.", policy=text)
