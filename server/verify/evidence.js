// Evidence: one file that convicts a log or a provider (spec/evidence.md, "Verification").
(function (glasshouse) {
  'use strict';

  /** Refuses what contradicts nothing. */
  function demandContradiction(holds, message) {
    glasshouse.demand(holds, 'no-contradiction', message);
  }

  /** What a check that contradicts nothing gives: `no-contradiction`, whatever it refuses. */
  async function orNoContradiction(check) {
    try {
      return await check();
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      throw new glasshouse.Refusal('no-contradiction', refusal.message);
    }
  }

  /** A key as text; whatever is wrong with it. */
  async function keyOf(text) {
    try {
      return await glasshouse.note.parseVkey(text);
    } catch (refusal) {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      throw new glasshouse.Refusal('vkey', refusal.message);
    }
  }

  /** A checkpoint under the key of the log. @returns {Promise<{origin: string, size: number, root: Uint8Array}>} */
  function open(note, key) {
    return glasshouse.checkpoint.open(glasshouse.bytes.utf8(note), key);
  }

  /** An entry that is in its tree. @param {object} placed @returns {Promise<{origin: string, size: number, root: Uint8Array}>} its checkpoint */
  async function openPlaced(placed, key) {
    const checkpoint = await open(placed.checkpoint, key);
    const leaf = await glasshouse.tree.leafHash(placed.entry);
    await glasshouse.tree.verifyInclusion(leaf, placed.index, checkpoint.size, checkpoint.root, placed.path);
    return checkpoint;
  }

  /** What a receipt proves under that key alone. Evidence carries nobody's texts. */
  async function openReceipt(text, key) {
    const policy = { logs: [key], witnesses: new Map(), groups: new Map(), quorum: 'none' };
    const proved = await glasshouse.receipt.verify(text, policy).catch((refusal) => {
      if (!(refusal instanceof glasshouse.Refusal)) throw refusal;
      throw new glasshouse.Refusal(refusal.rule, `the receipt, step ${refusal.found.step}: ${refusal.message}`);
    });
    demandContradiction(proved.addenda.length === 0, 'a receipt with texts');
    return proved;
  }

  /** The key and the provider that an enrolment shows, upon that key's own request. */
  function enrolledBy({ type, aud, payload }) {
    return orNoContradiction(async () => {
      demandContradiction(type === 'enrolment', 'the receipt of something else than an enrolment');
      const owner = payload.get('provider');
      const request = await glasshouse.request.check(payload.get('request'), aud, owner);
      const key = glasshouse.coseKey.parse(payload.get('key'));
      demandContradiction(glasshouse.bytes.equal(request.key, key), 'the request of another key');
      return { key, owner };
    });
  }

  /** The two roots that the path of a fork leads to: its first node is always written out. */
  function rootsOf(oldSize, newSize, path) {
    const whole = Number.isInteger(Math.log2(oldSize));
    demandContradiction(path.length > 0, 'no path between trees of different sizes');
    return glasshouse.tree.rootsOfConsistency(oldSize, path[0], newSize, whole ? path.slice(1) : path);
  }

  async function fork(evidence, key) {
    const [older, newer] = [await open(evidence.old, key), await open(evidence.new, key)];
    const { equal } = glasshouse.bytes;
    if (older.size === newer.size) {
      demandContradiction(evidence.path.length === 0, 'a path between trees of one size');
      demandContradiction(!equal(older.root, newer.root), 'one checkpoint twice');
    } else {
      demandContradiction(older.size > 0 && older.size < newer.size, 'the older tree is empty, or the larger one');
      const roots = await orNoContradiction(() => rootsOf(older.size, newer.size, evidence.path));
      demandContradiction(equal(roots.newer, newer.root), 'the path does not lead to the newer root');
      demandContradiction(!equal(roots.older, older.root), 'the newer tree begins with the older one');
    }
    return { origin: newer.origin, oldSize: older.size, newSize: newer.size };
  }

  async function rewrittenEntry({ one, other }, key) {
    const [smaller, larger] = [await openPlaced(one, key), await openPlaced(other, key)];
    demandContradiction(one.index === other.index, 'entries of two indexes');
    demandContradiction(!glasshouse.bytes.equal(one.entry, other.entry), 'the same entry');
    demandContradiction(smaller.size <= larger.size, 'the larger tree stands first');
    return { origin: larger.origin, index: one.index };
  }

  const CONVICT = {
    fork,
    'rewritten-entry': rewrittenEntry,
    'bad-entry': (...given) => glasshouse.badEntry.convict(...given),
    'double-statement': (...given) => glasshouse.doubleStatement.convict(...given),
  };

  /**
   * What a file of evidence proves about the log whose key is asked about.
   * @param {string} text the file
   * @param {string} log a vkey
   * @returns {Promise<object>} `kind`, `origin`; of a fork `oldSize`, `newSize`; of other kinds `index`; of a bad entry `brokenRule`; of a
   *   double statement `iss`, `sequence`
   */
  async function verify(text, log) {
    const evidence = glasshouse.evidenceForm.parse(text);
    const [accused, asked] = [await keyOf(evidence.log), await keyOf(log)];
    glasshouse.demand(accused.text === asked.text, 'unknown-key', 'the file accuses another key than the one asked about');
    return { kind: evidence.kind, ...(await CONVICT[evidence.kind](evidence, asked)) };
  }

  glasshouse.evidence = { demandContradiction, openPlaced, openReceipt, enrolledBy, verify };
})(globalThis.glasshouse ??= {});
