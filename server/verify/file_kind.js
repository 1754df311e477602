// What a file is that was brought in place of something to check: looked at when it was refused for its form.
(function (glasshouse) {
  'use strict';

  /** How far into a file its kind is looked for, where it cannot be read as a whole. No expression runs over more: its stack has an end. */
  const HEAD = 4096;
  /** How far into what looks like a note: as long as one may be. */
  const LONGEST_NOTE = 256 * 1024;
  /** How files of other programs begin, each character a byte. */
  const BEGINNINGS = [
    ['%PDF-', 'pdf'], ['PK\x03\x04', 'zip'], ['\x1f\x8b', 'zip'], ['PAR1', 'table'], ['\x89PNG', 'picture'], ['\xff\xd8\xff', 'picture'], ['GIF8', 'picture'],
    ['\xff\xfe', 'utf-16'], ['\xfe\xff', 'utf-16'],
  ];
  const LONGEST_BEGINNING = 5;
  /** What stands somewhere in the head of a receipt that a program spoilt, so that it is no JSON any more. */
  const RECEIPT = 'glasshouse-receipt/';
  /** The members of a receipt besides its format. Two of them make one; other files have a checkpoint too. */
  const MEMBERS = ['checkpoint', 'entries', 'addenda'];
  /** The content type of a provider's request, which stands in its first bytes. */
  const REQUEST = 'application/vnd.glasshouse.enrolment-request+cbor';
  const REQUEST_HEAD = 256;
  /** What a ledger shows of an entry has these, among others. */
  const ENTRY = ['index', 'leaf_hash', 'payload'];
  const JSON_BEGINNING = /^(?:\{\s*["}]|\[\s*[[{"\]\d-])/;
  /** The first line of a table: three names or more, one separator between them, and no blank behind it. */
  const TABLE = /^"?\w[\w .-]*"?([,;\t])"?\w[\w .-]*"?(?:\1"?\w[\w .-]*"?)+\r?$/;
  /** The size of a list in the second line, or a line with the bytes of a signature: a letter may end in a dash and a name. */
  const SIZE_LINE = /^[^\n]*\n[0-9]+\n/;
  const SIGNATURE_LINE = /^\u2014 (?:.* )?[\w+/-]{30,}=* *$/m;

  /** The object that a text is in JSON, or null. */
  function objectOf(text) {
    try {
      return glasshouse.jsonHead.parse(text, 'json');
    } catch {
      return null;
    }
  }

  /** @param {string} text trimmed */
  function ofText(text) {
    const head = text.slice(0, HEAD);
    if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(head)) return 'web-page';
    if (head.startsWith('<')) return 'markup';
    if (JSON_BEGINNING.test(head)) return 'json';
    return ofBeginning(head) ?? (TABLE.test(head.split('\n', 1)[0]) ? 'table' : 'text');
  }

  /** Whether a text that looks like a signed note claims to be a checkpoint, or to be signed. */
  function claimsNote(text) {
    const note = text.slice(0, LONGEST_NOTE);
    return SIZE_LINE.test(note) || SIGNATURE_LINE.test(note);
  }

  function ofBeginning(given) {
    return BEGINNINGS.find(([beginning]) => given.startsWith(beginning))?.[1];
  }

  /** Of a text that begins as an object does. It may be a receipt that was spoilt: that is told as one. */
  function ofObject(text) {
    const whole = objectOf(text);
    if (whole === null) return text.slice(0, HEAD).includes(RECEIPT) ? null : ofText(text);
    const begins = (name, beginning) => typeof whole[name] === 'string' && whole[name].startsWith(beginning);
    if (begins('format', 'glasshouse-receipt') || MEMBERS.filter((name) => Object.hasOwn(whole, name)).length > 1) return null;
    if (begins('format', 'glasshouse-evidence/')) return 'evidence';
    if (begins('format', 'glasshouse-data-set')) return 'data-set';
    if (begins('type', 'urn:glasshouse:problem:')) return 'problem';
    return ENTRY.every((name) => Object.hasOwn(whole, name)) ? 'entry' : 'json';
  }

  /**
   * What a file is that is nothing of what can be checked; null for one that claims to be, and is to be judged.
   * @param {object} material as `material.identify` gives it
   * @returns {string | null} `evidence`, which is to be judged as that, or a name out of `otherFile.kinds` of the page's texts
   */
  function insteadOf({ kind, text, bytes }) {
    if (kind === 'empty') return 'empty';
    if (kind === 'statement') return String.fromCharCode(...bytes.subarray(0, REQUEST_HEAD)).includes(REQUEST) ? 'request' : null;
    if (kind === 'receipt') return ofObject(text.trim());
    if (kind === 'unknown' && text === undefined) return ofBeginning(String.fromCharCode(...bytes.subarray(0, LONGEST_BEGINNING))) ?? 'binary';
    if (kind === 'unknown') return ofText(text.trim());
    if (kind !== 'checkpoint') return null;
    const found = ofText(text.trim());
    return found === 'text' && claimsNote(text) ? null : found;
  }

  glasshouse.fileKind = { insteadOf };
})(globalThis.glasshouse ??= {});
