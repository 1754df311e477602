// What later statements say about earlier ones: who names what, and what of it counts (spec/lifecycle.md, "What counts").
(function (glasshouse) {
  'use strict';

  /** A withdrawal as deep as this cannot be named. */
  const MAX_DEPTH = 8;
  /** The types of a provider, and those that have texts. */
  const types = Object.entries(glasshouse.tables.types);
  const ofProviders = types.filter(([, rules]) => rules.issuer !== 'registrar').map(([name]) => name);
  const withTexts = types.filter(([, rules]) => rules.required_addenda.length + rules.optional_addenda.length > 0).map(([name]) => name);
  const DECISIONS = ['decision', 'no_action'];

  /** What each type may name by a leaf hash (the page's table "Who may name what"). */
  const NAMES = {
    amendment: DECISIONS,
    outcome: DECISIONS,
    lifted: ['decision'],
    withdrawal: [...DECISIONS, 'amendment', 'outcome', 'lifted', 'withdrawal', 'sealed', 'declaration', 'redaction'],
    disclosure: [...DECISIONS, 'amendment', 'sealed'],
    redaction: withTexts,
    conflict: ofProviders,
  };
  /** What a withdrawal passes over in a range: no log says how long a redaction was held. */
  const PASSED_OVER = ['withdrawal', 'redaction'];

  /**
   * @typedef {object} Life an entry, and what was said about it
   * @property {number} index
   * @property {object} statement
   * @property {Map<string, Uint8Array>} addenda
   * @property {Map} withheld
   * @property {number} depth of a withdrawal: how many withdrawals stand below it
   * @property {{by: Life, byRange: boolean}[]} namedBy in the order of the log
   */

  class Lives {
    constructor() {
      /** @type {Life[]} */
      this.all = [];
      /** leaf hash in hex -> Life */
      this.byLeaf = new Map();
      this.counted = new Map();
    }

    /** Adds an entry that may stand at its index. @param {{life: Life, byRange: boolean}[]} named what it names */
    add(statement, leafHash, named) {
      const { payload } = statement;
      const below = named.filter(({ life }) => life.statement.type === 'withdrawal').map(({ life }) => life.depth + 1);
      const life = {
        index: this.all.length,
        statement,
        addenda: payload.get('addenda'),
        withheld: payload.get('withheld') ?? new Map(),
        depth: statement.type === 'withdrawal' ? Math.max(0, ...below) : 0,
        namedBy: [],
      };
      for (const { life: target, byRange } of named) target.namedBy.push({ by: life, byRange });
      this.all.push(life);
      this.byLeaf.set(glasshouse.bytes.toHex(leafHash), life);
      this.counted.clear();
      return life;
    }

    /** Whether a type may name an entry by its leaf hash; by a range fewer. @param {Life} life */
    static mayName(type, life, byRange) {
      if (!NAMES[type].includes(life.statement.type)) return false;
      if (type !== 'withdrawal') return true;
      return byRange ? !PASSED_OVER.includes(life.statement.type) : life.depth < MAX_DEPTH;
    }

    /** Whether a statement counts: unless a withdrawal that counts names it. No deeper than withdrawals are. @param {Life} life */
    counts(life) {
      if (!this.counted.has(life)) {
        const withdrawn = life.namedBy.some(({ by }) => by.statement.type === 'withdrawal' && this.counts(by));
        this.counted.set(life, !withdrawn);
      }
      return this.counted.get(life);
    }

    /** What of a type counts and names an entry, in the order of the log. @param {Life} life @param {string} type */
    said(life, type) {
      return life.namedBy.filter(({ by }) => by.statement.type === type && this.counts(by));
    }

    /** The first disclosure that opened a text, or undefined. @param {Life} life @param {string} field @returns {Life | undefined} */
    disclosureOf(life, field) {
      return this.said(life, 'disclosure').map(({ by }) => by).find((by) => by.statement.payload.get('fields').includes(field));
    }

    /** Whether a redaction that counts erased a text. By a range it passes over what the ledger does not hold. */
    isRedacted(life, field) {
      const opened = this.disclosureOf(life, field)?.index ?? Infinity;
      return this.said(life, 'redaction').some(({ by, byRange }) => {
        const held = !byRange || !life.withheld.has(field) || opened < by.index;
        return held && by.statement.payload.get('fields').includes(field);
      });
    }

    /** What became of a text: `served`, `withheld`, `disclosed` or `redacted`. @param {Life} life @param {string} field */
    textState(life, field) {
      if (this.isRedacted(life, field)) return 'redacted';
      if (!life.withheld.has(field)) return 'served';
      return this.disclosureOf(life, field) === undefined ? 'withheld' : 'disclosed';
    }

    /** The keywords of a decision or a refusal: its own, and those that amendments which count brought. @param {Life} life */
    keywordsOf(life) {
      const brought = [life, ...this.said(life, 'amendment').map(({ by }) => by)];
      return brought.flatMap((each) => each.statement.payload.get('category_specification') ?? []);
    }
  }

  glasshouse.Lives = Lives;
})(globalThis.glasshouse ??= {});
