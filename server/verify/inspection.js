// What can be said of a piece of material under somebody's trust. Nothing here is shown; see `result_view.js`.
(function (glasshouse) {
  'use strict';

  /**
   * @typedef {object} Outcome
   * @property {string} kind of the material; `other` if it is nothing of what can be checked
   * @property {string} [file] of `other`: what it is
   * @property {'holds' | 'refused' | 'not-understood' | 'told' | 'fault'} verdict `told`: nothing of it can be checked; `fault`: ours
   * @property {number} [step] of a receipt: where it failed
   * @property {number[]} [held] of a receipt: the steps that hold
   * @property {boolean} [asked] of a refused proof: whether it was asked about one leaf
   * @property {string} [rule] that is broken
   * @property {string} [reason] why, where the rule alone would mislead: `second-missing`, `byte-order-mark`
   * @property {string} [detail] what is wrong, in English, for whoever mends the file
   * @property {{path: string, rule: string}[]} [errors] in the payload
   * @property {object} [proved] of a receipt
   * @property {object} [checkpoint] of what carries one, as `policy.open` gives it
   * @property {string[]} [unknownSigners] names of signers that the policy does not know
   */

  /** The names below a note of which the policy has no key. */
  function unknownSigners(note, policy) {
    const known = [...policy.logs, ...policy.witnesses.values()];
    const isKnown = (line) => known.some((key) => key.name === line.name && key.id === line.id);
    return [...new Set(note.lines.filter((line) => !isKnown(line)).map((line) => line.name))];
  }

  async function inspectReceipt({ text }, { policy }, onHolds) {
    const held = [];
    const proved = await glasshouse.receipt.verify(text, policy, (step) => {
      held.push(step);
      onHolds(step);
    }).catch((refusal) => { throw Object.assign(refusal, { held }); });
    const note = glasshouse.note.parse(glasshouse.bytes.utf8(glasshouse.receiptForm.parse(text).checkpoint));
    return { verdict: 'holds', held, proved, unknownSigners: unknownSigners(note, policy), sealed: await sealedIn(proved) };
  }

  /** What a receipt shows of a sealed statement, or null. */
  async function sealedIn({ addenda, statement }) {
    const addendum = addenda.find(({ field }) => field === 'sealed_statement');
    return addendum ? glasshouse.sealed.parse(addendum.value, statement) : null;
  }

  async function inspectCheckpoint({ text }, { policy }) {
    const bytes = glasshouse.bytes.utf8(text);
    const checkpoint = await glasshouse.policy.open(policy, bytes);
    return { verdict: 'holds', checkpoint, unknownSigners: unknownSigners(glasshouse.note.parse(bytes), policy) };
  }

  /** A proof says of no entry that it is about it: only its checkpoint can be checked without one. */
  async function inspectProof({ text }, { policy }, onHolds, { leaf }) {
    const proof = glasshouse.tlogProof.parse(text);
    const opened = leaf
      ? await glasshouse.tlogProof.verify(text, leaf, policy)
      : await glasshouse.policy.open(policy, glasshouse.bytes.utf8(proof.note));
    const note = glasshouse.note.parse(glasshouse.bytes.utf8(proof.note));
    return { verdict: 'holds', checkpoint: opened, index: proof.index, leaf: leaf ?? null, unknownSigners: unknownSigners(note, policy) };
  }

  /** A transparent statement carries its own proofs, under keys that a policy does not name. */
  async function inspectTransparent({ bytes }, trust) {
    if (!trust.receiptKeys) return { verdict: 'told' };
    const keys = await glasshouse.coseKeySet.parse(trust.receiptKeys);
    const found = await glasshouse.transparent.verify(bytes, keys);
    return { verdict: 'holds', transparent: found, statement: found.statement };
  }

  async function inspectStatement({ bytes }) {
    return { verdict: 'told', statement: await glasshouse.statement.parse(bytes) };
  }

  /** Evidence is checked under the key that it accuses, if the policy has it. Under any other one it is only that: another key's. */
  async function inspectEvidence({ text }, { policy }) {
    const file = text.replace(/\n$/, '');
    const { log } = glasshouse.evidenceForm.parse(file);
    const keys = policy.logs.filter((each) => each.alg === glasshouse.note.LOG);
    const asked = keys.find((key) => key.text === log) ?? keys[0];
    return { verdict: 'holds', evidence: await glasshouse.evidence.verify(file, asked.text) };
  }

  const INSPECTORS = {
    receipt: inspectReceipt,
    checkpoint: inspectCheckpoint,
    proof: inspectProof,
    transparent: inspectTransparent,
    statement: inspectStatement,
    evidence: inspectEvidence,
  };

  /** The rules that a file breaks which is something else altogether. Others may break them too. */
  const FORM_RULES = new Set(['receipt-format', 'note-format', 'not-understood']);

  /** What comes of a file that is nothing of what can be checked. @param {string} file what it is, as `fileKind.insteadOf` has it */
  function other(file) {
    return { kind: 'other', verdict: 'told', file };
  }

  /** What can be said of a file while nobody is trusted. @param {object} material @returns {Outcome} */
  function withoutTrust(material) {
    const file = glasshouse.fileKind.insteadOf(material);
    return file === null || file === 'evidence' ? { kind: material.kind, verdict: 'told', noTrust: true } : other(file);
  }

  /** What some editors and shells put before a text in UTF-8. Nobody sees it, and what is checked here begins with something else. */
  const BYTE_ORDER_MARK = '\ufeff';

  /** What a refusal becomes. Whatever else is thrown is our own fault, and is said to be. */
  function refused({ kind, text }, error) {
    if (!(error instanceof glasshouse.Refusal)) return { kind, verdict: 'fault', detail: String(error) };
    const { rule, message, found } = error;
    const reason = FORM_RULES.has(rule) && text?.startsWith(BYTE_ORDER_MARK) ? 'byte-order-mark' : error.reason;
    return {
      kind, verdict: rule === 'not-understood' ? 'not-understood' : 'refused', rule, reason, detail: message,
      step: found.step, errors: found.errors ?? [], held: error.held ?? [],
    };
  }

  /**
   * @param {object} material as `material.identify` gives it
   * @param {{policy: object, receiptKeys?: Uint8Array}} trust
   * @param {(step: number) => void} [onHolds] is told each step of a receipt that holds
   * @param {{leaf?: Uint8Array}} [more] of a proof: the leaf hash that it should prove
   * @returns {Promise<Outcome>}
   */
  async function inspect(material, trust, onHolds = () => {}, more = {}) {
    const { kind } = material;
    if (!Object.hasOwn(INSPECTORS, kind)) {
      const file = glasshouse.fileKind.insteadOf(material);
      return file === null ? { kind, verdict: 'told' } : other(file);
    }
    try {
      return { kind, ...(await INSPECTORS[kind](material, trust, onHolds, more)) };
    } catch (error) {
      const file = FORM_RULES.has(error.rule) ? glasshouse.fileKind.insteadOf(material) : null;
      if (file === 'evidence') return inspect({ ...material, kind: file }, trust);
      if (file !== null) return other(file);
      return { ...refused(material, error), asked: more.leaf !== undefined };
    }
  }

  glasshouse.inspection = { inspect, withoutTrust };
})(globalThis.glasshouse ??= {});
