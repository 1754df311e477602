// What became of an entry: its state after the last entry that is known (spec/lifecycle.md, "Format: the state of an entry").
(function (glasshouse) {
  'use strict';

  const STANDING_ALONE = { decision: 'in_force', no_action: 'stands' };
  /** Fields and texts of an amendment that speak of the amendment itself. */
  const OF_THE_AMENDMENT = new Set(['targets', 'removed', 'amendment_reason', 'amendment_explanation']);

  /** The one word for what holds. @param {{withdrawn?: number, lifted?: number}} state @param {string | undefined} result of the last outcome */
  function standing(type, state, result) {
    if (state.withdrawn !== undefined) return 'withdrawn';
    if (!Object.hasOwn(STANDING_ALONE, type)) return 'stands';
    if (result === 'reversed') return 'reversed';
    if (state.lifted !== undefined) return 'lifted';
    if (result === 'partially_reversed') return 'partially_reversed';
    return STANDING_ALONE[type];
  }

  /** Fields and texts that hold now: the entry's, changed by each amendment in order. */
  function asAmended(life, amendments) {
    const rules = glasshouse.tables.types[life.statement.type];
    const ownFields = new Set([...rules.required, ...rules.optional]);
    const ownTexts = new Set([...rules.required_addenda, ...rules.optional_addenda]);
    const [fields, texts] = [new Map(), new Map()];
    for (const { index, statement, addenda } of [life, ...amendments]) {
      for (const name of statement.payload.get('removed') ?? []) {
        fields.delete(name);
        texts.delete(name);
      }
      for (const [name, value] of statement.payload) {
        if (ownFields.has(name) && !OF_THE_AMENDMENT.has(name)) fields.set(name, value);
      }
      for (const name of addenda.keys()) if (ownTexts.has(name) && !OF_THE_AMENDMENT.has(name)) texts.set(name, index);
    }
    return { fields, texts };
  }

  /**
   * The state of an entry.
   * @param {object} lives a log that was replayed
   * @param {object} life one of its entries
   * @returns {{standing: string, withdrawn?: number, lifted?: number, conflict?: number, outcomes: number[], amendments: number[],
   *   texts: Map<string, string>, asAmended: {fields: Map, texts: Map<string, number>} | null}} numbers are indexes of entries
   */
  function of(lives, life) {
    const said = (type) => lives.said(life, type).map(({ by }) => by);
    const outcomes = said('outcome');
    const amendments = said('amendment');
    const state = { withdrawn: said('withdrawal')[0]?.index, lifted: said('lifted')[0]?.index, conflict: said('conflict')[0]?.index };
    return {
      ...state,
      standing: standing(life.statement.type, state, outcomes.at(-1)?.statement.payload.get('result')),
      outcomes: outcomes.map(({ index }) => index),
      amendments: amendments.map(({ index }) => index),
      texts: new Map([...life.addenda.keys()].map((field) => [field, lives.textState(life, field)])),
      asAmended: amendments.length === 0 ? null : asAmended(life, amendments),
    };
  }

  glasshouse.lifeState = { of };
})(globalThis.glasshouse ??= {});
