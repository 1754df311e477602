// Receipts (spec/receipt.md, "Verification"). The steps have the numbers of that page.
(function (glasshouse) {
  'use strict';

  /** How many steps there are. */
  const STEPS = 10;

  /**
   * @typedef {object} Proved what a receipt proves
   * @property {object} checkpoint origin, size and root
   * @property {object} logKey the policy's key that opened it
   * @property {boolean} second whether the policy asked for a second signature of the log, with ML-DSA-44
   * @property {Map<string, bigint>} witnesses the policy's names of those that signed, and when by their clocks
   * @property {number} index of the statement
   * @property {Uint8Array} leafHash of its entry
   * @property {object} statement
   * @property {object[]} addenda the texts that the receipt shows
   * @property {object | null} enrolment the statement that enrolled the key, if a provider signed
   * @property {object} genesis the statement at index 0
   */

  /** Step 4. */
  async function checkInclusion(receipt, checkpoint) {
    const leaves = [];
    for (const { index, entry, path } of receipt.items) {
      const leaf = await glasshouse.tree.leafHash(entry);
      await glasshouse.tree.verifyInclusion(leaf, index, checkpoint.size, checkpoint.root, path);
      leaves.push(leaf);
    }
    return leaves[0];
  }

  /** Step 10. */
  async function checkAddenda(receipt, statement) {
    const addenda = receipt.addenda.map(glasshouse.addendum.parse);
    for (const addendum of addenda) await glasshouse.addendum.checkOwner(addendum, statement);
    const places = addenda.map((addendum) => [...statement.payload.get('addenda').keys()].indexOf(addendum.field));
    const ascend = places.every((place, i) => i === 0 || places[i - 1] < place);
    glasshouse.demand(ascend, 'receipt-format', 'texts out of the order of the payload, or twice');
    return addenda;
  }

  /** @param {(step: number) => void} at @param {(...steps: number[]) => void} holds */
  async function walk(text, policy, at, holds) {
    at(1);
    const receipt = glasshouse.receiptForm.parse(text);
    holds(1);
    at(2);
    const note = glasshouse.note.parse(glasshouse.bytes.utf8(receipt.checkpoint));
    const opened = await glasshouse.policy.openLog(policy, note);
    holds(2);
    at(3);
    const witnesses = await glasshouse.policy.checkQuorum(policy, note);
    holds(3);
    at(4);
    const leafHash = await checkInclusion(receipt, opened.checkpoint);
    holds(4);
    at(5);
    const shown = await glasshouse.receiptChain.readAll(receipt.items);
    const ring = await glasshouse.receiptChain.openGenesis(receipt.items, shown, opened);
    holds(5);
    at(9); // judged before the steps that need it
    const { statement } = shown[0].entry ?? await glasshouse.entry.parse(receipt.items[0].entry);
    holds(9);
    const enrolment = await glasshouse.receiptChain.follow(shown, ring, opened.logKey, at);
    holds(6, 7, 8);
    at(10);
    const addenda = await checkAddenda(receipt, statement);
    holds(10);
    const genesis = shown.find((each) => each.index === 0).entry.statement;
    return {
      ...opened, witnesses, index: receipt.items[0].index, leafHash, statement, addenda,
      enrolment: enrolment?.entry.statement ?? null, genesis,
    };
  }

  /**
   * What a receipt proves under a policy. A refusal says in `found.step` at which step.
   * @param {string} text
   * @param {object} policy
   * @param {(step: number) => void} [onHolds] is told each step that holds, when it does
   * @returns {Promise<Proved>}
   */
  async function verify(text, policy, onHolds = () => {}) {
    let step = 1;
    try {
      return await walk(text, policy, (now) => { step = now; }, (...held) => held.forEach(onHolds));
    } catch (refusal) {
      if (refusal instanceof glasshouse.Refusal) refusal.found = { step, ...refusal.found };
      throw refusal;
    }
  }

  glasshouse.receipt = { STEPS, verify };
})(globalThis.glasshouse ??= {});
