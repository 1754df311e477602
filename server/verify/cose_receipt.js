// COSE receipts (RFC 9942): that an entry is in the log, or that the log grew (spec/scitt.md, "COSE receipt").
(function (glasshouse) {
  'use strict';

  /** The largest receipt. */
  const MAX_RECEIPT = 4096;
  /** The tag of a COSE_Sign1 (RFC 9052 section 4.2). */
  const SIGN1 = 18;
  /** Labels of the headers (RFC 9052 section 3.1, RFC 9597, RFC 9942 section 4). */
  const [ALG, KID, CLAIMS, VDS, PROOFS] = [1, 4, 15, 395, 396];
  /** Algorithms: EdDSA, and Ed25519 by its full name (RFC 9864). */
  const ALGORITHMS = [-8, -19];
  /** RFC9162_SHA256. */
  const RFC9162_SHA256 = 1;
  /** Kinds of proofs. */
  const [INCLUSION, CONSISTENCY] = [-1, -2];
  /** The most hashes of each kind. */
  const MAX_HASHES = new Map([[INCLUSION, 53], [CONSISTENCY, 54]]);

  /**
   * @typedef {{origin: string, kid: Uint8Array, kind: number, first: number, second: number, path: Uint8Array[],
   *   protectedHeader: Uint8Array, signature: Uint8Array}} CoseReceipt
   * `first` and `second` are tree size and index of an entry, or the older and the newer size
   */

  function demandForm(holds, message) {
    glasshouse.demand(holds, 'receipt-format', message);
  }

  /** Decodes CBOR of a receipt: malformed bytes are an error of the receipt's form. */
  function decode(bytes, options) {
    try {
      return glasshouse.cbor.decode(bytes, options);
    } catch (refusal) {
      if (refusal instanceof glasshouse.Refusal) demandForm(false, `not the CBOR of a receipt: ${refusal.message}`);
      throw refusal;
    }
  }

  const isBytes = (value) => value instanceof Uint8Array;
  const isMapOf = (value, ...keys) => glasshouse.cose.isMapOf(value, keys);

  /** The protected header: which log signed, with which key and algorithm. */
  function parseHeader(bytes) {
    const header = decode(bytes);
    demandForm(isMapOf(header, ALG, KID, CLAIMS, VDS), 'not the protected header of a receipt');
    const [alg, kid, claims, structure] = [ALG, KID, CLAIMS, VDS].map((label) => header.get(label));
    const typed = glasshouse.cbor.isInteger(alg) && glasshouse.cbor.isInteger(structure) && isBytes(kid) && kid.length === 32;
    demandForm(typed && isMapOf(claims, 1, 2), 'a label of another type');
    const [iss, sub] = [claims.get(1), claims.get(2)];
    const origin = typeof iss === 'string' && iss.startsWith('https://') ? iss.slice('https://'.length) : '';
    demandForm(glasshouse.names.isOrigin(origin) && sub === `log:${origin}`, 'iss and sub do not name one log');
    glasshouse.demand(structure === RFC9162_SHA256, 'not-understood', 'another verifiable data structure than RFC9162_SHA256');
    glasshouse.demand(ALGORITHMS.includes(alg), 'unknown-algorithm', 'neither EdDSA nor Ed25519');
    return { origin, kid };
  }

  /** The one proof of the unprotected header. */
  function parseProof(unprotected) {
    demandForm(isMapOf(unprotected, PROOFS) && unprotected.get(PROOFS) instanceof Map, 'not the unprotected header of a receipt');
    demandForm(unprotected.get(PROOFS).size === 1, 'no proof, or several kinds');
    const [[kind, proofs]] = unprotected.get(PROOFS);
    demandForm(MAX_HASHES.has(kind), 'a kind of proof that is none of an entry or of growth');
    demandForm(Array.isArray(proofs) && proofs.length === 1 && isBytes(proofs[0]), 'not one proof in a byte string');
    const proof = decode(proofs[0]);
    demandForm(Array.isArray(proof) && proof.length === 3 && Array.isArray(proof[2]), 'not the three parts of a proof');
    const [first, second, path] = proof;
    demandForm([first, second].every((number) => glasshouse.cbor.isInteger(number) && number >= 0), 'a number that is none');
    demandForm(path.every((hash) => isBytes(hash) && hash.length === 32), 'a hash that is none');
    return { kind, first, second, path };
  }

  /** Numbers that a tree can have, and as many hashes as one can need. */
  function checkRange({ kind, first, second, path }) {
    const sizes = [first, second].every(glasshouse.tree.isSize);
    const inRange = kind === INCLUSION ? second < first : first >= 1 && first < second;
    glasshouse.demand(sizes && inRange, 'out-of-range', 'numbers that no tree has');
    glasshouse.demand(path.length >= 1 && path.length <= MAX_HASHES.get(kind), 'path-length', 'no hashes, or more than a tree needs');
  }

  /** Takes a receipt apart (step 1). @param {Uint8Array} bytes @returns {CoseReceipt} */
  function parse(bytes) {
    demandForm(bytes.length <= MAX_RECEIPT, 'more than 4,096 bytes');
    const message = decode(bytes, { tagged: true, nulls: true });
    const parts = message instanceof glasshouse.cbor.Tagged && message.tag === SIGN1 ? message.value : null;
    demandForm(Array.isArray(parts) && parts.length === 4, 'not a COSE_Sign1');
    const [protectedHeader, unprotected, payload, signature] = parts;
    demandForm(isBytes(protectedHeader) && payload === null, 'no protected header, or an attached payload');
    demandForm(isBytes(signature) && signature.length === 64, 'not the 64 bytes of a signature');
    const receipt = { ...parseHeader(protectedHeader), ...parseProof(unprotected), protectedHeader, signature };
    checkRange(receipt);
    return receipt;
  }

  /** Whether the receipt is of an entry; else it is of growth. @param {CoseReceipt} receipt */
  function isOfEntry(receipt) {
    return receipt.kind === INCLUSION;
  }

  /** The receipt's key signed the root (step 4). @param {CoseReceipt} receipt @param {Uint8Array} root */
  async function checkSignature(receipt, root, keys) {
    const key = keys.find(({ kid }) => glasshouse.bytes.equal(kid, receipt.kid));
    glasshouse.demand(key !== undefined, 'unknown-key', 'the receipt is signed by a key that is not in the set');
    const signed = glasshouse.cose.signedBytes(receipt.protectedHeader, root);
    const holds = await glasshouse.ed25519.verify(key.x, receipt.signature, signed);
    glasshouse.demand(holds, 'bad-signature', 'the log did not sign the root that the proof leads to');
  }

  /**
   * That a leaf is in the log. Size and index are the receipt's word: nothing signs them.
   * @param {CoseReceipt} receipt
   * @param {Uint8Array} leafHash
   * @param {{kid: Uint8Array, x: Uint8Array}[]} keys
   * @returns {Promise<{root: Uint8Array, size: number, index: number}>}
   */
  async function verifyEntry(receipt, leafHash, keys) {
    demandForm(isOfEntry(receipt), 'a receipt of growth, where one of an entry is asked for');
    const [size, index] = [receipt.first, receipt.second];
    const root = await glasshouse.tree.rootOfInclusion(leafHash, index, size, receipt.path);
    await checkSignature(receipt, root, keys);
    return { root, size, index };
  }

  /**
   * That the log grew from the tree at hand.
   * @param {CoseReceipt} receipt
   * @param {{size: number, root: Uint8Array}} older
   * @param {{kid: Uint8Array, x: Uint8Array}[]} keys
   * @returns {Promise<{root: Uint8Array, from: number, to: number}>}
   */
  async function verifyGrowth(receipt, older, keys) {
    demandForm(!isOfEntry(receipt), 'a receipt of an entry, where one of growth is asked for');
    const [from, to] = [receipt.first, receipt.second];
    glasshouse.demand(from === older.size, 'out-of-range', 'the receipt begins with another tree than the one at hand');
    const roots = await glasshouse.tree.rootsOfConsistency(from, older.root, to, receipt.path);
    glasshouse.demand(glasshouse.bytes.equal(roots.older, older.root), 'root-mismatch', 'the proof leads to another older root');
    await checkSignature(receipt, roots.newer, keys);
    return { root: roots.newer, from, to };
  }

  glasshouse.coseReceipt = { parse, isOfEntry, verifyEntry, verifyGrowth };
})(globalThis.glasshouse ??= {});
