// Transparent statements: a statement that carries COSE receipts (RFC 9943; spec/scitt.md, "Transparent statement").
(function (glasshouse) {
  'use strict';

  const MAX_RECEIPTS = 8;
  /** A statement at its longest, its receipts at theirs, and the heads between them. */
  const MAX_BYTES = 65535 + MAX_RECEIPTS * 4100 + 16;
  /** The tag of a COSE_Sign1, and the label of receipts (RFC 9942 section 4.1). */
  const SIGN1 = 18;
  const RECEIPTS = 394;

  const isBytes = (value) => value instanceof Uint8Array;

  function demandForm(holds, message) {
    glasshouse.demand(holds, 'receipt-format', message);
  }

  function decode(bytes) {
    demandForm(bytes.length <= MAX_BYTES, 'more bytes than a statement and eight receipts have');
    try {
      return glasshouse.cbor.decode(bytes, { tagged: true });
    } catch (refusal) {
      if (refusal instanceof glasshouse.Refusal) demandForm(false, `not the CBOR of a transparent statement: ${refusal.message}`);
      throw refusal;
    }
  }

  /** Takes it apart (step 1). @param {Uint8Array} bytes @returns {{bare: Uint8Array, receipts: object[]}} */
  function split(bytes) {
    const message = decode(bytes);
    const parts = message instanceof glasshouse.cbor.Tagged && message.tag === SIGN1 ? message.value : null;
    demandForm(Array.isArray(parts) && parts.length === 4, 'not a COSE_Sign1');
    const [protectedHeader, unprotected, payload, signature] = parts;
    demandForm([protectedHeader, payload, signature].every(isBytes), 'a part that is no byte string');
    demandForm(glasshouse.cose.isMapOf(unprotected, [RECEIPTS]), 'not the receipts alone in the unprotected header');
    const receipts = unprotected.get(RECEIPTS);
    demandForm(Array.isArray(receipts) && receipts.length >= 1 && receipts.length <= MAX_RECEIPTS, 'not 1 to 8 receipts');
    demandForm(receipts.every(isBytes), 'a receipt that is not in a byte string');
    const parsed = receipts.map(glasshouse.coseReceipt.parse);
    demandForm(parsed.every(glasshouse.coseReceipt.isOfEntry), 'a receipt that is not of an entry');
    const bare = new glasshouse.cbor.Tagged([protectedHeader, new Map(), payload, signature]);
    return { bare: glasshouse.cbor.encode(bare), receipts: parsed };
  }

  /**
   * Checks a transparent statement under a set of receipt keys. The provider's signature is not looked at.
   * @param {Uint8Array} bytes
   * @param {{kid: Uint8Array, x: Uint8Array}[]} keys
   * @returns {Promise<{statement: object, leafHash: Uint8Array, receipts: object[]}>}
   */
  async function verify(bytes, keys) {
    const { bare, receipts } = split(bytes);
    const statement = await glasshouse.statement.parse(bare);
    for (const receipt of receipts) {
      glasshouse.demand(receipt.origin === statement.aud, 'wrong-audience', 'the receipt of another log');
    }
    const leafHash = await glasshouse.tree.leafHash(glasshouse.entry.encode(statement));
    for (const receipt of receipts) await glasshouse.coseReceipt.verifyEntry(receipt, leafHash, keys);
    return { statement, leafHash, receipts };
  }

  glasshouse.transparent = { verify };
})(globalThis.glasshouse ??= {});
