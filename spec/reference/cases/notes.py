"""Signed notes, verification keys, checkpoints, cosignatures."""
from __future__ import annotations

from .. import checkpoint, ed25519, ml_dsa, note, tree
from . import keys, ml_dsa_cosignatures, world
from .case import Cases
from .logs import LEAVES

TEXT = "This is an example message.\n"
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = TEXT + "\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
CHECKPOINT = checkpoint.Checkpoint(world.ORIGIN, 8, tree.root(LEAVES)).encode()
SIGNED = note.sign(CHECKPOINT, world.LOG_KEY, world.LOG)
SECOND = checkpoint.cosign(SIGNED, world.LOG_SECOND, world.LOG_ML_DSA, world.TIME)
COSIGNED = checkpoint.cosign(SIGNED, world.WITNESS_KEY, world.WITNESS, world.TIME)


def raw_line(name: str, key_id: int, blob: bytes) -> str:
    """A signature line with any bytes."""
    return f"\u2014 {name} {note.encode_base64(key_id.to_bytes(4, 'big') + blob)}\n"


def url_alphabet() -> str:
    """A note whose signature is spelt in the URL-safe alphabet (RFC 4648 section 5)."""
    line = raw_line("example.com/foo", 0x530D903A, b"\xff" * 64)
    return TEXT + "\n" + line.replace("/", "_").replace("example.com_foo", "example.com/foo")


def bad_signatures() -> dict:
    """Blobs of 64 bytes over CHECKPOINT that lax libraries accept, or that are plainly wrong."""
    message, key = CHECKPOINT.encode(), world.LOG_KEY.key
    good = ed25519.sign(world.LOG, message)
    s = int.from_bytes(good[32:], "little")
    made = {"flipped": bytes([good[0] ^ 1]) + good[1:], "s-plus-l": good[:32] + (s + ed25519.L).to_bytes(32, "little"), "zeros": bytes(64)}
    for name, number in (("identity-r", 1), ("not-canonical-r", ed25519.P + 1), ("minus-zero-r", 1 + 2**255)):
        r = number.to_bytes(32, "little")
        made[name] = r + (ed25519.challenge(r, key, message) * ed25519.secret_scalar(world.LOG) % ed25519.L).to_bytes(32, "little")
    for name, torsion in (("small-order-r", 4), ("mixed-order-r", 1)):
        point = keys.torsion_points()[torsion]
        scalar = 0 if name == "small-order-r" else 12345
        r = ed25519.encode_point(ed25519.add(ed25519.multiply(scalar, ed25519.BASE), point))
        s = scalar + ed25519.challenge(r, key, message) * ed25519.secret_scalar(world.LOG)
        made[name] = r + (s % ed25519.L).to_bytes(32, "little")
    return made


def notes() -> Cases:
    """The family `note`."""
    all_cases = Cases("note")
    log = world.LOG_KEY.encode()
    add, bad = all_cases.valid, all_cases.invalid
    add("c2sp-example", "The example of c2sp.org/signed-note.", note=FOO_NOTE, vkeys=[FOO])
    add("blank-lines-in-text", "The signatures begin after the last blank line.", note=note.sign("one\n\ntwo\n", world.LOG_KEY, world.LOG), vkeys=[log])
    add("unknown-signature-ignored", "One line by a key that is not known.", note=COSIGNED, vkeys=[log])
    add("two-known", "The log and a witness.", note=COSIGNED, vkeys=[log, world.WITNESS_KEY.encode()])
    many = SIGNED + "".join(raw_line("other.example", n, bytes(64)) for n in range(63))
    add("64-signatures", "63 of them unknown.", note=many, vkeys=[log])
    add("same-name-other-id", "A line under the log's name by another key is unknown, not wrong.", note=SIGNED + raw_line(world.ORIGIN, 1, bytes(64)), vkeys=[log])
    both = [log, world.LOG_SECOND.encode()]
    add("ml-dsa-beside-ed25519", "A log's two keys, both known.", note=SECOND, vkeys=both)
    add("ml-dsa-unknown", "A line of type 6 by a key that is not known.", note=SECOND, vkeys=[log])
    bad("ml-dsa-one-good-one-bad", "bad-signature", "The line of type 1 holds, that of the known key of type 6 does not.",
        note=SIGNED + ml_dsa_cosignatures.line(world.LOG_SECOND, bytes(2420)), vkeys=both)
    below = ml_dsa.sign(world.LOG_ML_DSA, TEXT.encode())
    bad("ml-dsa-below-no-checkpoint", "bad-signature", "A key of type 6 signs checkpoints: below another text no line of it holds.",
        note=TEXT + "\n" + ml_dsa_cosignatures.line(world.LOG_SECOND, below), vkeys=[world.LOG_SECOND.encode()])
    add_foreign(all_cases)
    add("vkey-log", "A log's key.", vkey=log)
    add("vkey-ml-dsa", "A key of type 6.", vkey=world.LOG_SECOND.encode())
    add("vkey-witness", "A witness's key.", vkey=world.WITNESS_KEY.encode())
    for name, blob in bad_signatures().items():
        bad(f"signature-{name}", "bad-signature", "A known key's signature that does not hold strictly.",
            note=CHECKPOINT + "\n" + raw_line(world.ORIGIN, world.LOG_KEY.key_id, blob), vkeys=[log])
    bad("signature-short", "bad-signature", "63 bytes under a known key.", note=CHECKPOINT + "\n" + raw_line(world.ORIGIN, world.LOG_KEY.key_id, bytes(63)), vkeys=[log])
    bad("one-good-one-bad", "bad-signature", "The log's signature holds, the known witness's does not.",
        note=SIGNED + raw_line(world.WITNESS_KEY.name, world.WITNESS_KEY.key_id, world.TIME.to_bytes(8, "big") + bytes(64)), vkeys=[log, world.WITNESS_KEY.encode()])
    bad("no-known-key", "unknown-key", "Nobody known signed.", note=SIGNED, vkeys=[FOO])
    bad("text-changed", "bad-signature", "One letter of the text.", note=FOO_NOTE.replace("an example", "am example"), vkeys=[FOO])
    forms = {
        "no-final-newline": FOO_NOTE[:-1], "no-blank-line": FOO_NOTE.replace("\n\n", "\n"), "no-signature": TEXT + "\n", "text-only": TEXT,
        "two-newlines-at-end": FOO_NOTE + "\n", "carriage-return": FOO_NOTE.replace(".\n", ".\r\n"), "tab-in-text": FOO_NOTE.replace("an example", "an\texample"),
        "hyphen-for-dash": FOO_NOTE.replace("\u2014", "-"), "two-spaces": FOO_NOTE.replace("\u2014 ", "\u2014  "), "space-at-end-of-line": FOO_NOTE[:-1] + " \n",
        "name-missing": FOO_NOTE.replace(" example.com/foo ", " "), "plus-in-name": FOO_NOTE.replace("example.com/foo", "example.com+foo"),
        "space-in-name": FOO_NOTE.replace("example.com/foo", "example.com\u00a0foo"), "base64-without-padding": FOO_NOTE.replace("=\n", "\n"),
        "base64-left-over-bits": FOO_NOTE.replace("aQM=", "aQN="), "base64-url-alphabet": url_alphabet(),
        "signature-without-bytes": TEXT + "\n" + raw_line("example.com/foo", 1, b""), "65-signatures": many + raw_line("other.example", 99, bytes(64)),
        "same-key-twice": FOO_NOTE + FOO_NOTE.split("\n\n")[1],
    }
    for name, text in forms.items():
        bad(name, "note-format", "Not a signed note.", note=text, vkeys=[FOO])
    bad("not-utf8", "note-format", "0xff in the text.", note_hex=FOO_NOTE.encode().replace(b"an example", b"an \xffxample").hex(), vkeys=[FOO])
    add_vkeys(all_cases)
    return all_cases


def add_foreign(all_cases: Cases) -> None:
    """A witness's line of type 6 below checkpoints of logs of other makes."""
    def of(origin: str, more: str = "") -> str:
        head = checkpoint.Checkpoint(origin, 8, tree.root(LEAVES))
        origin_bytes = origin.encode("utf-8")
        message = ml_dsa_cosignatures.message(origin=origin_bytes) if len(origin_bytes) < 256 else ml_dsa_cosignatures.message()
        return head.encode() + more + "\n" + ml_dsa_cosignatures.line(key, ml_dsa.sign(world.WITNESS_ML_DSA, message))

    key = ml_dsa_cosignatures.WITNESS
    for name, origin in (("spaces", "go.sum database tree"), ("letters", "Another_kind/\u03bb"), ("longest", "\u03bb" * 127 + "x")):
        all_cases.valid(f"ml-dsa-foreign-{name}", "An origin of another log's grammar, and an extension line, which is not covered.",
                        note=of(origin, "extension 1\n"), vkeys=[key.encode()])
    all_cases.invalid("ml-dsa-foreign-too-long", "bad-signature", "An origin of 256 bytes: its length has no byte to stand in, so no line of type 6 holds.",
                      note=of("\u03bb" * 128), vkeys=[key.encode()])


def add_vkeys(all_cases: Cases) -> None:
    """Verification keys that are none."""
    log = world.LOG_KEY.encode()
    name, identifier, rest = log.split("+", 2)
    wrong = {
        "name-empty": f"+{identifier}+{rest}", "name-with-space": f"log example+{identifier}+{rest}", "id-of-another-key": f"{name}+00000000+{rest}",
        "id-upper-case": f"{name}+{identifier.upper()}+{rest}", "id-short": f"{name}+{identifier[1:]}+{rest}", "key-missing": f"{name}+{identifier}",
        "base64-without-padding": note.make_vkey("a", 1, bytes(31)).encode().rstrip("="), "newline-at-end": log + "\n",
        "key-short": note.make_vkey(world.ORIGIN, 1, world.LOG_KEY.key[:31]).encode(), "type-2": note.make_vkey(world.ORIGIN, 2, world.LOG_KEY.key).encode(),
        "type-of-another-id": f"{name}+{identifier}+{note.encode_base64(bytes([4]) + world.LOG_KEY.key)}",
    }
    for case, text in wrong.items():
        all_cases.invalid(f"vkey-{case}", "vkey", "Not a verification key in its only spelling.", vkey=text)
    second = world.LOG_SECOND.key
    types = {
        "ml-dsa-short": (6, second[:-1]), "ml-dsa-long": (6, second + b"\0"), "ml-dsa-65": (6, second + bytes(640)), "ml-dsa-32-bytes": (6, world.LOG_KEY.key),
        "ml-dsa-as-type-4": (4, second), "ml-dsa-as-type-1": (1, second),
    }
    for case, (alg, key) in types.items():
        all_cases.invalid(f"vkey-{case}", "vkey", "A key of another length than its type has.", vkey=note.make_vkey(world.ORIGIN, alg, key).encode())
    all_cases.invalid("vkey-ml-dsa-id-changed", "vkey", "The identifier of another key.", vkey=world.LOG_SECOND.encode().replace(f"{world.LOG_SECOND.key_id:08x}", identifier))
    identity = (1).to_bytes(32, "little")
    all_cases.invalid("vkey-small-order", "weak-key", "The identity as a key.", vkey=note.make_vkey("weak.example", 1, identity).encode())
    all_cases.invalid("vkey-mixed-order", "weak-key", "A key with a torsion part.", vkey=note.make_vkey("weak.example", 1, keys.mixed_key(world.LOG)).encode())


def resigned(text: str) -> str:
    """Any text, signed by the log."""
    return note.sign(text, world.LOG_KEY, world.LOG)


def checkpoints() -> Cases:
    """The family `checkpoint`."""
    all_cases = Cases("checkpoint")
    log = world.LOG_KEY.encode()
    all_cases.valid("classic-8", "Eight entries.", note=SIGNED, vkey=log)
    all_cases.valid("cosigned", "With a witness's line.", note=COSIGNED, vkey=log)
    all_cases.valid("second-line", "With the log's line of type 6, which this key passes over.", note=SECOND, vkey=log)
    all_cases.invalid("key-of-type-6", "vkey", "A checkpoint is opened with a key of type 1.", note=SECOND, vkey=world.LOG_SECOND.encode())
    all_cases.invalid("only-second-line", "unknown-key", "The log's line of type 6 without that of type 1.", note=CHECKPOINT + "\n" + SECOND.split("\n")[-2] + "\n", vkey=log)
    for size in (0, 1, 2, 7):
        text = checkpoint.Checkpoint(world.ORIGIN, size, tree.root(LEAVES[:size])).encode()
        all_cases.valid(f"classic-{size}", f"The first {size} classic leaves.", note=resigned(text), vkey=log)
    root = CHECKPOINT.split("\n")[2]
    wrong = {
        "extension-line": CHECKPOINT + "extension\n", "no-root": f"{world.ORIGIN}\n8\n", "size-leading-zero": f"{world.ORIGIN}\n08\n{root}\n",
        "size-negative": f"{world.ORIGIN}\n-8\n{root}\n", "size-plus": f"{world.ORIGIN}\n+8\n{root}\n", "size-missing": f"{world.ORIGIN}\n\n{root}\n",
        "size-beyond-2-53": f"{world.ORIGIN}\n{2**53}\n{root}\n", "size-20-digits": f"{world.ORIGIN}\n{10**20}\n{root}\n", "size-hex": f"{world.ORIGIN}\n0x8\n{root}\n",
        "size-with-space": f"{world.ORIGIN}\n8 \n{root}\n", "root-short": f"{world.ORIGIN}\n8\n{note.encode_base64(bytes(31))}\n", "root-long": f"{world.ORIGIN}\n8\n{note.encode_base64(bytes(33))}\n",
        "root-hex": f"{world.ORIGIN}\n8\n{tree.root(LEAVES).hex()}\n", "root-without-padding": f"{world.ORIGIN}\n8\n{root.rstrip('=')}\n",
        "root-left-over-bits": f"{world.ORIGIN}\n8\n{root[:-2]}h=\n", "empty-tree-with-root": f"{world.ORIGIN}\n0\n{root}\n",
    }
    for name, text in wrong.items():
        all_cases.invalid(name, "checkpoint-format", "Signed by the log, but not a checkpoint of Glasshouse.", note=resigned(text), vkey=log)
    all_cases.invalid("origin-of-another-log", "wrong-origin", "The log's key signs for another origin.", note=resigned(CHECKPOINT.replace("log.example", "gol.example")), vkey=log)
    all_cases.invalid("signed-by-another-log", "unknown-key", "Another log's key under its own name.", note=world.signed_checkpoint([], 0, "other.example/log", world.OTHER_LOG), vkey=log)
    all_cases.invalid("size-changed", "bad-signature", "8 became 9.", note=SIGNED.replace("\n8\n", "\n9\n"), vkey=log)
    all_cases.invalid("root-changed", "bad-signature", "The root of seven.", note=SIGNED.replace(root, note.encode_base64(tree.root(LEAVES[:7]))), vkey=log)
    all_cases.invalid("only-cosigned", "unknown-key", "The witness's line without the log's.", note=CHECKPOINT + "\n" + COSIGNED.split("\n")[-2] + "\n", vkey=log)
    all_cases.invalid("key-of-a-witness", "vkey", "A key of type 4 cannot be a log's.", note=COSIGNED, vkey=world.WITNESS_KEY.encode())
    return all_cases


def cosigned(message_text: str, time: int, written: int) -> str:
    """A witness's line: over `message_text` at `time`, with `written` as its timestamp."""
    signature = ed25519.sign(world.WITNESS, note.cosigned_message(message_text, time))
    return SIGNED + raw_line(world.WITNESS_KEY.name, world.WITNESS_KEY.key_id, written.to_bytes(8, "big") + signature)


def cosignatures() -> Cases:
    """The family `cosignature`."""
    all_cases = Cases("cosignature")
    witness = world.WITNESS_KEY.encode()
    all_cases.valid("classic-8", "At 1750000000.", note=COSIGNED, vkey=witness)
    all_cases.valid("earliest", "At 1.", note=cosigned(CHECKPOINT, 1, 1), vkey=witness)
    all_cases.valid("latest", "At 2^63 - 1.", note=cosigned(CHECKPOINT, 2**63 - 1, 2**63 - 1), vkey=witness)
    add = all_cases.invalid
    add("time-changed", "bad-signature", "A second later than signed.", note=cosigned(CHECKPOINT, world.TIME, world.TIME + 1), vkey=witness)
    add("time-zero", "bad-signature", "Validly signed at 0.", note=cosigned(CHECKPOINT, 0, 0), vkey=witness)
    add("time-2-63", "bad-signature", "Validly signed at 2^63.", note=cosigned(CHECKPOINT, 2**63, 2**63), vkey=witness)
    add("other-size", "bad-signature", "Over another checkpoint.", note=cosigned(CHECKPOINT.replace("\n8\n", "\n7\n"), world.TIME, world.TIME), vkey=witness)
    plain = raw_line(world.WITNESS_KEY.name, world.WITNESS_KEY.key_id, ed25519.sign(world.WITNESS, CHECKPOINT.encode()))
    add("signed-as-a-log", "bad-signature", "64 bytes over the bare text, under the identifier of type 4.", note=SIGNED + plain, vkey=witness)
    without_time = ed25519.sign(world.WITNESS, CHECKPOINT.encode())
    add("message-without-header", "bad-signature", "72 bytes, but signed over the bare text.", vkey=witness,
        note=SIGNED + raw_line(world.WITNESS_KEY.name, world.WITNESS_KEY.key_id, world.TIME.to_bytes(8, "big") + without_time))
    add("without-final-newline", "bad-signature", "The newline at the text's end was not signed.", note=cosigned(CHECKPOINT[:-1], world.TIME, world.TIME), vkey=witness)
    add("trailing-byte", "bad-signature", "73 bytes.", note=SIGNED + raw_line(
        world.WITNESS_KEY.name, world.WITNESS_KEY.key_id, world.TIME.to_bytes(8, "big") + without_time + b"\0"), vkey=witness)
    add("short", "bad-signature", "71 bytes.", note=SIGNED + raw_line(
        world.WITNESS_KEY.name, world.WITNESS_KEY.key_id, world.TIME.to_bytes(8, "big") + without_time[:-1]), vkey=witness)
    add("twice", "note-format", "The same line twice.", note=COSIGNED + COSIGNED.splitlines(True)[-1], vkey=witness)
    extended = checkpoint.cosign(resigned(CHECKPOINT + "extension\n"), world.WITNESS_KEY, world.WITNESS, world.TIME)
    add("extension-line", "checkpoint-format", "Log and witness signed a fourth line, which has no place here.", note=extended, vkey=witness)
    add("another-witness", "unknown-key", "Only the other witness signed.", note=COSIGNED, vkey=world.WITNESS_KEY_2.encode())
    add("log-key", "vkey", "A key of type 1 does not cosign.", note=COSIGNED, vkey=world.LOG_KEY.encode())
    ml_dsa_cosignatures.add_cases(all_cases)
    return all_cases
