// The rules of order: which statement may say what about which (spec/lifecycle.md, "Rules of order"), by their numbers there.
(function (glasshouse) {
  'use strict';

  /** Statements that may name one entry, or one block of numbers: more than any dispute has. */
  const MAX_NAMED = 10000;
  /** Types that may name what was withdrawn. */
  const NAME_WITHDRAWN = ['redaction', 'disclosure', 'conflict'];
  const LOCATORS = glasshouse.tables.locator_fields;

  const { demand } = glasshouse;

  /** The blocks of 2^k numbers, each beginning at a multiple of its width, that a range is made of. */
  function alignedBlocks({ first, last }) {
    const blocks = [];
    for (let start = first, width; start <= last; start += width) {
      width = 1;
      while (start % (2 * width) === 0 && start + 2 * width - 1 <= last) width *= 2;
      blocks.push(`${start}+${width}`);
    }
    return blocks;
  }

  class OrderRules {
    /** @param {string} registrar its iss @param {object} lives @param {(iss: string) => object} numbersOf */
    constructor(registrar, lives, numbersOf) {
      this.registrar = registrar;
      this.lives = lives;
      this.numbersOf = numbersOf;
      /** How many statements named each block of each issuer by a range. */
      this.blocks = new Map();
    }

    /** Whose entries a statement names. */
    ownerOf({ iss, payload }) {
      return payload.get('provider') ?? iss;
    }

    /**
     * Refuses a statement that names what it may not. Gives what it names, each entry once: by its leaf hash, if by that too.
     * @returns {{life: object, byRange: boolean}[]}
     */
    check(statement) {
      const value = statement.payload.get('targets');
      if (value === undefined) return [];
      const targets = glasshouse.targets.parse(value);
      const named = new Map();
      for (const target of targets) { // leaf hashes stand first
        const lives = target.entry === undefined
          ? this.checkRange(statement, target)
          : [this.checkEntry(statement, target.entry, targets.length === 1)];
        for (const life of lives) if (!named.has(life)) named.set(life, target.entry === undefined);
      }
      return [...named].map(([life, byRange]) => ({ life, byRange }));
    }

    checkEntry(statement, leaf, alone) {
      const { type, payload } = statement;
      const life = this.lives.byLeaf.get(leaf);
      demand(life !== undefined, 'target-unknown', 'names no entry before it'); // 1
      const owner = life.statement.iss;
      const ownersFault = owner !== this.ownerOf(statement) || (type === 'conflict' && owner === this.registrar);
      demand(!ownersFault, 'target-owner', 'names the entry of somebody else'); // 2
      demand(glasshouse.Lives.mayName(type, life, false), 'target-type', `a ${type} names a ${life.statement.type}`); // 3
      const same = !alone || type === 'conflict' || statement.sub === life.statement.sub;
      demand(same, 'target-sub', 'is about another subject than its target'); // 4
      this.checkTexts(type, payload.get('fields'), life); // 6
      this.checkState(type, payload.get('fields'), life); // 7
      if (type === 'disclosure') this.checkLocators(payload.get('fields'), life); // 8
      return life;
    }

    /** Rule 6. */
    checkTexts(type, fields, life) {
      if (type === 'disclosure') {
        const withheld = fields.every((field) => life.addenda.has(field) && life.withheld.has(field));
        demand(withheld, 'target-text', 'discloses a text that is not withheld');
      }
      if (type === 'redaction') {
        demand(fields.some((field) => life.addenda.has(field)), 'target-text', 'redacts texts that the target has not');
      }
    }

    /** Rule 7. */
    checkState(type, fields, life) {
      const { lives } = this;
      const demandState = (holds, message) => demand(holds, 'target-state', message);
      demandState(NAME_WITHDRAWN.includes(type) || lives.counts(life), 'names what is withdrawn');
      if (type === 'lifted') demandState(lives.said(life, 'lifted').length === 0, 'names what is lifted already');
      if (type === 'disclosure') {
        const open = fields.every((field) => lives.textState(life, field) === 'withheld');
        demandState(open, 'discloses a text that was disclosed or redacted already');
      }
      if (type === 'redaction') {
        const own = fields.filter((field) => life.addenda.has(field));
        demandState(!own.every((field) => lives.isRedacted(life, field)), 'redacts what was redacted already');
      }
      if (type === 'conflict') demandState(lives.said(life, 'conflict').length === 0, 'names what a conflict names already');
      demandState(life.namedBy.length < MAX_NAMED, 'names what 10,000 statements name already');
    }

    /** Rule 8. */
    checkLocators(fields, life) {
      const { sub, type } = life.statement;
      const shown = type === 'amendment' ? false : glasshouse.payloadRules.showLocators(this.lives.keywordsOf(life));
      const openly = type === 'amendment' || /^(?:domain|asn):/.test(sub);
      const kept = [...LOCATORS, ...(openly ? [] : ['subject'])];
      demand(shown || !fields.some((field) => kept.includes(field)), 'must-be-withheld', 'discloses a locator that would do harm');
    }

    checkRange(statement, range) {
      const owner = this.ownerOf(statement);
      const numbers = this.numbersOf(owner);
      demand(numbers.isWhole(range.first, range.last), 'target-number', 'names a number that is neither taken nor closed'); // 5
      const crowded = alignedBlocks(range).some((block) => (this.blocks.get(`${owner} ${block}`) ?? 0) >= MAX_NAMED);
      demand(!crowded, 'target-state', 'names numbers that 10,000 statements name already'); // 7
      return numbers.holders(range.first, range.last).filter((life) => glasshouse.Lives.mayName(statement.type, life, true));
    }

    /** Keeps which blocks of numbers an accepted statement names. */
    keep(statement) {
      for (const target of glasshouse.targets.parse(statement.payload.get('targets') ?? [])) {
        if (target.entry !== undefined) continue;
        for (const block of alignedBlocks(target)) {
          const key = `${this.ownerOf(statement)} ${block}`;
          this.blocks.set(key, (this.blocks.get(key) ?? 0) + 1);
        }
      }
    }
  }

  glasshouse.OrderRules = OrderRules;
})(globalThis.glasshouse ??= {});
