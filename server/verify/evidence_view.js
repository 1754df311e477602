// How the page shows evidence that holds: whom it convicts, of what, and what it leaves open.
(function (glasshouse) {
  'use strict';

  const element = (...given) => glasshouse.dom.element(...given);

  /**
   * The pairs of a piece of evidence: the accused first.
   * @param {object} evidence as `evidence.verify` gives it
   * @param {{texts: object, speaker: object}} view
   */
  function rowsOf({ kind, origin, iss, sequence, index, oldSize, newSize, brokenRule }, { texts, speaker }) {
    const { evidence } = texts;
    const rows = [
      { label: evidence.accused, value: [kind === 'double-statement' ? iss : evidence.theLog(origin)] },
      { label: evidence.log, value: [origin] },
    ];
    if (sequence !== undefined) rows.push({ label: evidence.number, value: [speaker.number(sequence)] });
    if (index !== undefined) rows.push({ label: evidence.index, value: [speaker.number(index)] });
    if (oldSize !== undefined) rows.push({ label: evidence.sizes, value: [evidence.twoSizes(speaker.number(oldSize), speaker.number(newSize))] });
    if (brokenRule !== undefined) rows.push({ label: evidence.rule, value: [element('code', {}, brokenRule)] });
    return rows;
  }

  /** @returns {Node[]} */
  function show(evidence, view) {
    const { texts } = view;
    const { items, registrar, which } = texts.evidence.notProved;
    const open = [...(evidence.kind === 'double-statement' ? [registrar] : []), ...items, ...(evidence.kind === 'bad-entry' ? [] : [which])];
    return [
      element('section', {}, element('h2', {}, texts.evidence.title), glasshouse.dom.pairs(rowsOf(evidence, view)), element('p', { class: 'small' }, texts.says.fromFile)),
      element('section', {}, element('h2', {}, texts.notProved.title), glasshouse.dom.list(open, 'told')),
    ];
  }

  glasshouse.evidenceView = { show };
})(globalThis.glasshouse ??= {});
