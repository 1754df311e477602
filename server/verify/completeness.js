// Declared against counted: what each provider says it decided, and what is on record (spec/lifecycle.md, "Format: completeness").
(function (glasshouse) {
  'use strict';

  const COUNTED = ['decision', 'sealed'];

  /** The declarations in force: not withdrawn, and the last of their provider for their days. In the order of entries. */
  function inForce(lives) {
    const last = new Map();
    for (const life of lives.all) {
      const { type, iss, payload } = life.statement;
      if (type !== 'declaration' || !lives.counts(life)) continue;
      last.set(`${iss} ${payload.get('period_start')} ${payload.get('period_end')}`, life);
    }
    return [...last.values()].sort((a, b) => a.index - b.index);
  }

  /** One declaration against the entries. */
  function compare(registry, { index, statement }) {
    const { iss, payload } = statement;
    const expected = payload.get('decisions_taken') - payload.get('not_published');
    if (!payload.has('first_sequence')) return { declaration: index, expected, counted: 0, missing: [] };
    const numbers = registry.numbersOf(iss);
    const [first, last] = [payload.get('first_sequence'), payload.get('last_sequence')];
    const counted = numbers.holders(first, last).filter((life) => COUNTED.includes(life.statement.type) && registry.lives.counts(life));
    return { declaration: index, expected, counted: counted.length, missing: numbers.missing(first, last) };
  }

  /**
   * Every declaration in force.
   * @param {object} registry a log that was replayed
   * @returns {{declaration: number, expected: number, counted: number, missing: [number, number][]}[]} `declaration` is an index
   */
  function of(registry) {
    return inForce(registry.lives).map((life) => compare(registry, life));
  }

  glasshouse.completeness = { of };
})(globalThis.glasshouse ??= {});
