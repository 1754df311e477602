// What a file is that somebody brings: told by its first bytes, before anything in it is believed.
(function (glasshouse) {
  'use strict';

  /** The largest file that is looked at: as large as a receipt may be. */
  const MAX_FILE = 48 * 1024 * 1024;
  /** The largest COSE_Sign1 that is looked into: a statement with eight receipts has fewer bytes. */
  const MAX_SIGN1 = 128 * 1024;
  /** The beginning of a COSE_Sign1: tag 18 and an array of four. */
  const SIGN1 = [0xd2, 0x84];
  /** How evidence begins. What stands further in may be anything: the origin of a log, say. */
  const EVIDENCE = /^\s*\{\s*"format"\s*:\s*"glasshouse-evidence\//;
  /** How far into a file its kind is looked for. */
  const HEAD = 4096;

  /** @typedef {{kind: 'receipt' | 'proof' | 'checkpoint' | 'transparent' | 'statement' | 'cose-receipt' | 'evidence' | 'policy' | 'empty' | 'too-large' | 'unknown', text?: string, bytes?: Uint8Array}} Material */

  /** What a COSE_Sign1 is by its unprotected header and payload: a COSE receipt has no payload, a transparent statement carries receipts. */
  function kindOfSign1(bytes) {
    if (bytes.length > MAX_SIGN1) return 'too-large';
    let parts;
    try {
      parts = glasshouse.cbor.decode(bytes, { tagged: true, nulls: true }).value;
    } catch {
      return 'statement'; // it is said why it is none
    }
    if (!Array.isArray(parts) || parts.length !== 4) return 'statement';
    if (parts[2] === null) return 'cose-receipt';
    return parts[1] instanceof Map && parts[1].size > 0 ? 'transparent' : 'statement';
  }

  function kindOfText(text) {
    const head = text.slice(0, HEAD);
    // The whole text is asked: much white space may stand before what it is.
    const begun = text.trimStart().slice(0, HEAD);
    if (begun === '') return 'empty';
    if (begun.startsWith('{')) return EVIDENCE.test(begun) ? 'evidence' : 'receipt';
    if (head.startsWith('c2sp.org/tlog-proof')) return 'proof';
    if (text.includes('\n\n\u2014 ')) return 'checkpoint';
    // A line of a web page may begin with any word.
    return !/^\s*</.test(head) && glasshouse.trust.looksLikePolicy(head) ? 'policy' : 'unknown';
  }

  /** @param {Uint8Array} bytes @returns {Material} */
  function identify(bytes) {
    if (bytes.length > MAX_FILE) return { kind: 'too-large' };
    if (SIGN1.every((byte, i) => bytes[i] === byte)) return { kind: kindOfSign1(bytes), bytes };
    const text = glasshouse.bytes.text(bytes);
    if (text === null) return { kind: 'unknown', bytes };
    return identifyText(text);
  }

  /**
   * The same of a text that was pasted: whoever marks a text takes a blank more, or leaves the last newline. JSON has none around it;
   * a checkpoint and a proof end with one.
   * @param {string} given
   * @returns {Material}
   */
  function identifyPasted(given) {
    const text = given.trim();
    const { kind } = identifyText(text);
    return identifyText(kind === 'checkpoint' || kind === 'proof' ? `${text}\n` : text);
  }

  /** The same of a text. @param {string} text @returns {Material} */
  function identifyText(text) {
    return { kind: kindOfText(text), text };
  }

  glasshouse.material = { MAX_FILE, identify, identifyText, identifyPasted };
})(globalThis.glasshouse ??= {});
