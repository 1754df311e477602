"""Offline proofs."""
from __future__ import annotations

from .. import note, tree
from ..tlog_proof import HEADER, TlogProof
from . import world
from .case import Cases
from .logs import LEAVES, flip
from .ml_dsa_cosignatures import line
from .notes import CHECKPOINT, COSIGNED, SECOND, SIGNED, resigned
from .policies import LOG_LINE, ONE, OTHER_KEY, SECOND_LINE


def cases() -> Cases:
    """The family `tlog_proof`."""
    all_cases = Cases("tlog_proof")
    path = tree.prove_inclusion(5, LEAVES)
    right = TlogProof(None, 5, path, SIGNED)
    leaf = LEAVES[5].hex()
    witnessed = LOG_LINE + ONE + "quorum w1\n"

    def good(name: str, why: str, proof: TlogProof, policy: str = world.POLICY, which: str = leaf) -> None:
        all_cases.valid(name, why, proof=proof.encode(), leaf_hash=which, policy=policy)

    def bad(name: str, rule: str, why: str, proof: str, policy: str = world.POLICY, which: str = leaf) -> None:
        all_cases.invalid(name, rule, why, proof=proof, leaf_hash=which, policy=policy)

    good("classic-5-of-8", "Leaf 5 of the eight classic ones.", right)
    good("extra", "With data that nothing covers.", right._replace(extra=b"anything"))
    good("extra-empty", "With empty data: `extra ` and nothing.", right._replace(extra=b""))
    good("cosigned", "A witness is asked for, and signed.", right._replace(note=COSIGNED), witnessed)
    one = note.sign(f"{world.ORIGIN}\n1\n{note.encode_base64(LEAVES[0])}\n", world.LOG_KEY, world.LOG)
    good("size-1", "An empty path.", TlogProof(None, 0, [], one), which=LEAVES[0].hex())
    text = right.encode()
    lines = text.split("\n")
    bad("quorum", "quorum", "A witness is asked for, and did not sign.", text, witnessed)
    bad("another-leaf", "root-mismatch", "The proof of leaf 5 for leaf 4.", text, which=LEAVES[4].hex())
    bad("another-index", "root-mismatch", "Index 4.", text.replace("index 5", "index 4"))
    bad("index-at-size", "out-of-range", "Index 8.", text.replace("index 5", "index 8"))
    bad("hash-flipped", "root-mismatch", "One bit.", right._replace(path=[flip(path[0])] + path[1:]).encode())
    bad("hash-missing", "path-length", "The last one.", right._replace(path=path[:-1]).encode())
    bad("hash-surplus", "path-length", "One more.", right._replace(path=path + [bytes(32)]).encode())
    bad("another-log", "unknown-key", "A checkpoint of a log that the policy does not name.", right._replace(
        note=world.signed_checkpoint([], 0, "other.example/log", world.OTHER_LOG)).encode())
    asked = LOG_LINE + SECOND_LINE + "quorum none\n"
    good("second-signed", "The log's key of type 6 is asked for, and signed.", right._replace(note=SECOND), asked)
    bad("second-missing", "unknown-key", "The log's key of type 6 is asked for, and did not sign.", text, asked)
    bad("second-wrong", "bad-signature", "The log's line of type 6 does not hold.", right._replace(note=SIGNED + line(world.LOG_SECOND, bytes(2420))).encode(), asked)
    bad("cosignature-wrong", "bad-signature", "The witness's line belongs to another checkpoint.", right._replace(
        note=SIGNED + world.signed_checkpoint([], 1).splitlines(True)[-1]).encode(), witnessed)
    bad("checkpoint-not-a-note", "note-format", "A checkpoint without signatures.", right._replace(note=CHECKPOINT).encode())
    bad("checkpoint-extension-line", "checkpoint-format", "The log signed a fourth line.", right._replace(note=resigned(CHECKPOINT + "extension\n")).encode())
    bad("checkpoint-of-another-origin", "wrong-origin", "A log of the policy signs for another one's origin.", right._replace(
        note=note.sign(CHECKPOINT, OTHER_KEY, world.OTHER_LOG)).encode(), f"log {OTHER_KEY.encode()}\n" + world.POLICY)
    bad("policy-format", "policy-format", "The policy is none.", text, "quorum none\n")
    bad("checkpoint-changed", "bad-signature", "The size in the checkpoint.", text.replace("\n8\n", "\n9\n"))
    forms = {
        "no-header": "\n".join(lines[1:]), "other-version": text.replace("@v1", "@v2"), "header-with-space": text.replace(HEADER, HEADER + " "),
        "no-index": "\n".join(lines[:1] + lines[2:]), "index-leading-zero": text.replace("index 5", "index 05"), "index-negative": text.replace("index 5", "index -5"),
        "index-twice": text.replace("index 5", "index 5\nindex 5"), "extra-after-index": text.replace("index 5", "index 5\nextra YQ=="),
        "extra-twice": text.replace("index 5", "extra YQ==\nextra YQ==\nindex 5"), "extra-not-canonical": text.replace("index 5", "extra YR==\nindex 5"),
        "hash-hex": text.replace(note.encode_base64(path[0]), path[0].hex()), "hash-short": text.replace(note.encode_base64(path[0]), note.encode_base64(path[0][:31])),
        "hash-without-padding": text.replace(note.encode_base64(path[0]), note.encode_base64(path[0]).rstrip("=")), "no-blank-line": text.split("\n\n")[0] + "\n" + SIGNED.replace("\n\n", "\n"),
        "carriage-returns": text.replace("\n", "\r\n"), "54-hashes": right._replace(path=[bytes(32)] * 54).encode(), "empty": "",
    }
    for name, wrong in forms.items():
        bad(f"form-{name}", "proof-format", "Not a tlog-proof.", wrong)
    return all_cases
