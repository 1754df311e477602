// A refusal: what was given breaks a rule of spec/.
(function (glasshouse) {
  'use strict';

  /** The input is refused. `rule` is the name of the broken rule, as in spec/vectors. */
  glasshouse.Refusal = class Refusal extends Error {
    /**
     * @param {string} rule the rule's name
     * @param {string} message what is wrong, for people, in English
     * @param {object} [found] further members of a verdict: `errors`, `path`, `index`, `step`
     */
    constructor(rule, message, found = {}) {
      super(message);
      this.name = 'Refusal';
      this.rule = rule;
      this.found = found;
    }
  };

  /**
   * Refuses unless something holds. A refusal may be given a `reason`: a name for people's sake, finer than the rule.
   * @param {unknown} holds
   * @param {string} rule
   * @param {string} message
   */
  glasshouse.demand = function demand(holds, rule, message) {
    if (!holds) throw new glasshouse.Refusal(rule, message);
  };
})(globalThis.glasshouse ??= {});
