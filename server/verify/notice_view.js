// How the page shows a notice beside the texts on record.
(function (glasshouse) {
  'use strict';

  const element = (...given) => glasshouse.dom.element(...given);
  const FOUND = ['same', 'contained'];

  /** One sentence over all texts that were compared: those on record, or only those of them that the receipt holds. */
  function overall({ compared, missing }, { notice }) {
    const { all, some, none } = missing.length > 0 ? notice.inReceipt : notice.onRecord;
    const same = compared.filter(({ verdict }) => FOUND.includes(verdict)).length;
    if (same === compared.length) return all;
    const looked = compared.filter(({ verdict }) => verdict !== 'not-compared');
    const sentence = same > 0 || compared.some(({ verdict }) => verdict !== 'absent') ? some(String(same), String(looked.length)) : none;
    return looked.length < compared.length ? `${sentence} ${notice.notCompared(String(compared.length - looked.length))}` : sentence;
  }

  /** Which texts on record were not compared, because the receipt does not hold them. */
  function missingNote(missing, { texts, speaker }) {
    const name = ({ field, withheld }) => (withheld ? texts.notice.withheld(speaker.field(field)) : speaker.field(field));
    return element('p', { class: 'remark missing-texts' }, texts.notice.missing(missing.map(name)));
  }

  /** The words of a text that differs: those that only one side has are marked, and say so to whoever does not see the mark. */
  function difference(runs, texts) {
    return element('p', { class: 'difference' }, ...runs.flatMap(({ kind, text }) => {
      if (kind === 'same') return [`${text} `];
      const tag = kind === 'record' ? 'ins' : 'del';
      return [element(tag, {}, element('span', { class: 'visually-hidden' }, `[${texts.notice[kind]}: `), text, element('span', { class: 'visually-hidden' }, ']')), ' '];
    }));
  }

  function legend(texts) {
    return element('p', { class: 'small legend' }, element('ins', {}, texts.notice.record), ' ', element('del', {}, texts.notice.notice));
  }

  /**
   * The result of a comparison.
   * @param {object} comparison as `notice.compare` gives it
   * @param {{texts: object, speaker: object}} view
   * @returns {Node[]}
   */
  function show(comparison, view) {
    const { tooLong, empty, compared, missing, rest } = comparison;
    const { texts, speaker } = view;
    if (tooLong || empty) return [element('p', { class: 'remark' }, tooLong ? texts.notice.tooLong : texts.notice.empty)];
    const notShown = missing.length > 0 && missingNote(missing, view);
    if (compared.length === 0) return [element('p', { class: 'remark' }, texts.notice.noTexts), notShown].filter((node) => node);
    const rows = compared.map(({ field, verdict, runs }) => ({
      label: speaker.field(field),
      value: [
        element('span', { class: FOUND.includes(verdict) || verdict === 'part' ? 'found' : 'missing' }, texts.notice.verdicts[verdict]),
        ...(runs.length > 0 ? [difference(runs, texts)] : []),
      ],
    }));
    return [
      element('p', { class: 'remark' }, overall(comparison, texts)),
      notShown,
      glasshouse.dom.pairs(rows, 'pairs texts'),
      compared.some(({ runs }) => runs.length > 0) && legend(texts),
      rest.length > 0 && element('details', {},
        element('summary', {}, missing.length > 0 ? texts.notice.restOfReceipt : texts.notice.rest),
        element('p', { class: 'small' }, texts.notice.restNote), glasshouse.dom.list(rest, 'told words')),
    ].filter((node) => node);
  }

  glasshouse.noticeView = { show };
})(globalThis.glasshouse ??= {});
