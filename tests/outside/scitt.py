"""Lets SCITT software that nobody here wrote judge what a running ledger issues.

Makes a ledger, serves it, admits a provider, and
  - has `cwt` (python-cwt, PyPI) sign a statement, which the ledger must take over `POST /entries`;
  - asks `scitt-cose` (PyPI) and `cwt` whether signed statement, COSE receipt (of an entry, of growth) and transparent
    statement hold, under the keys of `/.well-known/scitt-keys`;
  - changes one byte of each, at every place, and asks again.

usage: scitt.py GLASSHOUSE   (with the Python that has both packages). Ends with a line `N passed, N failed`.
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import cbor2
import cwt
import scitt_cose
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scitt_cose import cose_sign1, merkle

ORIGIN = "scitt.test.example"
PROVIDER = "https://outside.example"
CONTENT_TYPE = "application/vnd.glasshouse.statement+cbor; v=1"
RECEIPTS, VDP = 394, 396

passed = 0
failed = 0


def judge(name, holds):
    """Counts one check."""
    global passed, failed
    passed, failed = (passed + 1, failed) if holds else (passed, failed + 1)
    print(f"{'ok     ' if holds else 'FAILED '} {name}")


def fetch(url, accept="*/*", body=None, media_type="application/cose"):
    """Status, header and body of a request; no status is an error here."""
    headers = {"Accept": accept, **({"Content-Type": media_type} if body is not None else {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def pem_of(x):
    """The public key for scitt-cose."""
    key = Ed25519PublicKey.from_public_bytes(x)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def thumbprint(x):
    """The `kid` of a key (RFC 9679)."""
    return hashlib.sha256(bytes.fromhex("a301012006215820") + x).digest()


def sign_void(private_pem, sequence):
    """A statement without texts, signed by python-cwt: numbers far ahead will not be filed."""
    key = cwt.COSEKey.from_pem(private_pem)
    public = serialization.load_pem_private_key(private_pem, None).public_key()
    x = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    payload = {"type": "void", "vocabulary": "dsa-tdb/2", "sequence": sequence, "addenda": {}, "first": 100, "last": 199, "void_reason": "outbox_lost"}
    claims = {1: PROVIDER, 2: f"provider:{PROVIDER}", 3: ORIGIN, 6: int(time.time())}
    header = {1: -8, 3: CONTENT_TYPE, 4: thumbprint(x), 15: claims}
    cose = cwt.COSE.new(alg_auto_inclusion=False, kid_auto_inclusion=False)
    return cose.encode(cbor2.dumps(payload, canonical=True), key, protected=header, unprotected={}), x


def refuses(check, data):
    """Whether a check refuses the data, in words or by an exception."""
    try:
        return not check(data)
    except Exception:  # noqa: BLE001 - every exception is a refusal here
        return True


def changed_everywhere(name, check, data, free=()):
    """Changes one bit of every byte; only those at the places `free` may pass."""
    taken = [at for at in range(len(data)) if at not in free and not refuses(check, data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])]
    judge(f"{name}: each of {len(data) - len(free)} changed bytes is refused {taken or ''}", not taken)


def numbers_of(receipt):
    """The places of the two numbers of the proof, which no signature covers."""
    (proof,), = cbor2.loads(receipt).value[1][VDP].values()
    at = receipt.index(proof)
    path = cbor2.dumps(cbor2.loads(proof)[2])
    return range(at + 1, at + len(proof) - len(path))


def unprotected_of(message):
    """The places of the unprotected header, at which python-cwt does not look."""
    protected, _, payload, signature = cbor2.loads(message).value
    return range(2 + len(cbor2.dumps(protected)), len(message) - len(cbor2.dumps(payload)) - len(cbor2.dumps(signature)))


def with_cwt(data, key, payload=None):
    """Whether python-cwt takes the signature."""
    found = cwt.COSE.new().decode(data, key, detached_payload=payload)
    return found is not None


def judge_statement(name, statement, x):
    """A signed statement, by both."""
    pem, key = pem_of(x), cwt.COSEKey.new({1: 1, 2: thumbprint(x), 3: -8, -1: 6, -2: x})
    by_scitt = lambda data: scitt_cose.parse_signed_statement(data, public_key_pem=pem)["signature_verified"] is True
    by_cwt = lambda data: with_cwt(data, key)
    judge(f"scitt-cose takes the signed statement {name}", by_scitt(statement))
    judge(f"python-cwt takes the signed statement {name}", by_cwt(statement))
    changed_everywhere(f"scitt-cose, {name}", by_scitt, statement)
    changed_everywhere(f"python-cwt, {name}", by_cwt, statement)


def entry_of(statement):
    """The entry, as spec/entry.md has it: the statement, where its digests stand, how many."""
    payload = cbor2.loads(statement).value[2]
    digests = cbor2.loads(payload)["addenda"].values()
    begin = statement.index(payload)
    places = sorted(begin + payload.index(digest) for digest in digests)
    return statement + b"".join(place.to_bytes(4, "big") for place in places) + bytes([len(places)])


def judge_receipt(name, receipt, entry, log):
    """The receipt of an entry, by both; python-cwt is told the root that scitt-cose computes."""
    pem, key = pem_of(log[-2]), cwt.COSEKey.new(log)
    result = scitt_cose.verify_receipt(receipt, leaf_entry_hex=entry.hex(), log_public_key_pem=pem)
    judge(f"scitt-cose takes the receipt {name} {result.errors or ''}", result.ok)
    judge(f"scitt-cose finds the log in {name}", result.issuer == f"https://{ORIGIN}" and result.subject == f"log:{ORIGIN}")
    root = bytes.fromhex(result.root)
    judge(f"python-cwt takes the receipt {name}", with_cwt(receipt, key, root))
    by_scitt = lambda data: scitt_cose.verify_receipt(data, leaf_entry_hex=entry.hex(), log_public_key_pem=pem).ok
    changed_everywhere(f"scitt-cose, {name}", by_scitt, receipt, numbers_of(receipt))
    changed_everywhere(f"python-cwt, {name}", lambda data: with_cwt(data, key, root), receipt, unprotected_of(receipt))
    other = scitt_cose.verify_receipt(receipt, leaf_entry_hex=(entry + b"\0").hex(), log_public_key_pem=pem)
    judge(f"scitt-cose refuses {name} for another entry", not other.ok)
    judge(f"python-cwt refuses {name} for another root", refuses(lambda data: with_cwt(data, key, bytes(32)), receipt))


def judge_growth(receipt, old, new, log):
    """The receipt that the log grew: the proof by scitt-cose's own function, the signature over the newer root by both."""
    (old_size, old_root), (new_size, new_root) = old, new
    pem, key = pem_of(log[-2]), cwt.COSEKey.new(log)

    def by_scitt(data):
        cose_sign1.verify_sign1(data, public_key_pem=pem, detached_payload=new_root, understood_labels=frozenset({1, 2, 4, 15, 395}))
        (proof,) = cbor2.loads(data).value[1][VDP][-2]
        first, second, path = cbor2.loads(proof)
        sizes = (first, second) == (old_size, new_size)
        return sizes and merkle.verify_consistency(old_root.hex(), new_root.hex(), first, second, [step.hex() for step in path])

    judge("scitt-cose takes the receipt of growth", by_scitt(receipt))
    judge("python-cwt takes the receipt of growth", with_cwt(receipt, key, new_root))
    changed_everywhere("scitt-cose, receipt of growth", by_scitt, receipt)
    changed_everywhere("python-cwt, receipt of growth", lambda data: with_cwt(data, key, new_root), receipt, unprotected_of(receipt))
    judge("python-cwt refuses growth to the older root", refuses(lambda data: with_cwt(data, key, old_root), receipt))


def judge_transparent(name, whole, bare, x, log):
    """A transparent statement: scitt-cose takes the receipt out, and it holds for the bare statement's entry; to python-cwt it is
    a signed statement still."""
    pem, key = pem_of(log[-2]), cwt.COSEKey.new({1: 1, 2: thumbprint(x), 3: -8, -1: 6, -2: x})

    def check(data):
        receipts = scitt_cose.extract_receipts(data)
        parts = cbor2.loads(data).value
        found = cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, parts[2], parts[3]]))
        holds = [scitt_cose.verify_receipt(one, leaf_entry_hex=entry_of(found).hex(), log_public_key_pem=pem).ok for one in receipts]
        return bool(holds) and all(holds) and set(parts[1]) == {RECEIPTS}

    (receipt,) = scitt_cose.extract_receipts(whole)
    judge(f"scitt-cose takes the transparent statement {name}", check(whole))
    judge(f"scitt-cose makes the same transparent statement {name}", scitt_cose.attach_receipts(bare, [receipt]) == whole)
    judge(f"python-cwt takes the transparent statement {name}", with_cwt(whole, key))
    changed_everywhere(f"python-cwt, transparent {name}", lambda data: with_cwt(data, key), whole, unprotected_of(whole))
    begin = whole.index(receipt)
    changed_everywhere(f"scitt-cose, transparent {name}", check, whole, {begin + at for at in numbers_of(receipt)})


def head(url):
    """Size and root of the newest checkpoint."""
    lines = fetch(f"{url}/checkpoint")[2].decode().split("\n")
    return int(lines[1]), base64.b64decode(lines[2])


def admit(glasshouse, folder, url):
    """A provider with a key of its own, a decision of it on record, and its key."""
    def run(*arguments):
        done = subprocess.run([glasshouse, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0, f"{arguments}: {done.stdout}"

    run("key", "new", "--out", "provider.pem")
    run("provider", "request", "--origin", ORIGIN, "--provider", PROVIDER, "--key", "provider.pem", "--out", "request.cose")
    run("provider", "enrol", "--log", url, "--registrar-key", "registrar.pem", "--request", "request.cose",
        "--name", "Outside", "--role", "reverse_proxy", "--country", "US")
    line = {"puid": "outside-1", "provider_role": "reverse_proxy", "infrastructure_measure": ["block_page"], "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
            "application_date": "2022-09-03", "source_type": "SOURCE_VOLUNTARY", "automated_detection": "No", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
            "legal_basis": {"kind": "emergency"}, "decision_facts": "Threats."}
    (folder / "case.jsonl").write_text(json.dumps(line) + "\n")
    run("publish", "--log", url, "--provider", PROVIDER, "--key", "provider.pem", "--outbox", "outbox", "case.jsonl")
    return (folder / "provider.pem").read_bytes()


def examine(glasshouse, folder, url):
    """Everything, on a running ledger."""
    old = head(url)
    judge("a log of one entry gives no receipt", fetch(f"{url}/entries/0")[0] == 404)
    private_pem = admit(glasshouse, folder, url)
    status, header, body = fetch(f"{url}/.well-known/scitt-keys", "application/cbor")
    log, = cbor2.loads(body)
    judge("the key set is CBOR", status == 200 and header["Content-Type"] == "application/cbor" and log[1] == 1)

    statement, x = sign_void(private_pem, 2)
    status, header, receipt = fetch(f"{url}/entries", body=statement)
    judge(f"the ledger takes what python-cwt signed: {status} {receipt if status != 201 else ''}", status == 201)
    place = url + header["Location"]
    judge_statement("signed outside", statement, x)
    judge_receipt("of POST /entries", receipt, entry_of(statement), log)
    judge("the entry is named by its leaf hash", place.endswith("/" + merkle.leaf_hash(entry_of(statement).hex())))
    judge_receipt("of GET /entries/{id}", fetch(place)[2], entry_of(statement), log)
    judge_transparent("without texts", fetch(place, "application/scitt-statement+cose")[2], statement, x, log)

    whole = fetch(f"{url}/api/v1/receipts/2", "application/cose")[2]
    parts = cbor2.loads(whole).value
    bare = cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, parts[2], parts[3]]))
    judge_statement("signed by publish", bare, x)
    judge_transparent("of a decision with texts", whole, bare, x, log)

    grown = head(url)
    middle = (2, bytes.fromhex(json.loads(fetch(f"{url}/api/v1/proofs/consistency?from=2&to=3")[2])["from_root"]))
    for before in (old, middle):
        growth = fetch(f"{url}/api/v1/proofs/consistency?from={before[0]}", "application/cose")[2]
        judge_growth(growth, before, grown, log)


def main():
    glasshouse = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        subprocess.run([glasshouse, "init", "--dir", "ledger", "--origin", ORIGIN, "--registrar-key", "registrar.pem"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([glasshouse, "serve", "--dir", "ledger", "--listen", "127.0.0.1:0", "--min-free", "0"], cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            ready = json.loads(server.stdout.readline())
            examine(glasshouse, folder, ready["url"])
        finally:
            server.terminate()
            server.wait(timeout=30)
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
