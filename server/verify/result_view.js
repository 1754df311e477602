// How the page shows an outcome. A view has the texts, the speaker and the trust of the reader.
(function (glasshouse) {
  'use strict';

  const element = (...given) => glasshouse.dom.element(...given);
  const hex = (bytes) => glasshouse.bytes.toHex(bytes);
  /** How many errors of a payload are listed. */
  const MAX_ERRORS = 20;

  /** The sentence above everything else. */
  function headingOf(outcome, { texts }) {
    const { kind, verdict } = outcome;
    if (outcome.noTrust) return texts.toldHeading.noTrust;
    if (kind === 'other') return texts.otherFile.heading(texts.otherFile.kinds[outcome.file]);
    if (verdict === 'holds') return texts.holdsHeading[kind];
    if (verdict === 'refused') return texts.refusedHeading[kind] ?? texts.heading.refused;
    if (verdict === 'told') return texts.toldHeading[kind] ?? texts.toldHeading.other;
    return texts.heading[verdict];
  }

  /** A refusal may have a reason that says more than its rule. */
  function ruleText({ rule, reason }, texts) {
    return texts.rules[reason] ?? texts.rules[rule] ?? texts.rules.other;
  }

  /** What a verdict means, in a sentence or two. @returns {(Node | string)[]} */
  function summaryOf(outcome, view) {
    const { texts, speaker } = view;
    const { summary } = texts;
    const { kind, verdict, step } = outcome;
    if (outcome.noTrust) return [summary.noTrust];
    if (kind === 'other') return [...(Object.hasOwn(texts.otherFile.remarks, outcome.file) ? [texts.otherFile.remarks[outcome.file]] : []), texts.otherFile.next];
    if (verdict === 'fault') return [summary.fault, element('code', {}, outcome.detail)];
    if (verdict === 'not-understood') return [summary.notUnderstood];
    if (verdict === 'refused') {
      const told = step ? [summary.step(step, glasshouse.receipt.STEPS, texts.steps.names[step - 1])] : [];
      return [...told, ruleText(outcome, texts)];
    }
    if (kind === 'receipt') return receiptSummary(outcome.proved, view);
    if (kind === 'checkpoint' || kind === 'proof') return checkpointSummary(outcome, summary, speaker);
    if (kind === 'evidence') return [summary.evidence, texts.evidence.kinds[outcome.evidence.kind], underWhom(view)];
    if (kind === 'transparent' && verdict === 'holds') return [summary.transparent(speaker.number(outcome.transparent.receipts.length)), underWhom(view)];
    return [{ statement: summary.statement, 'cose-receipt': summary.coseReceipt, 'too-large': summary.tooLarge, policy: texts.trust.found, transparent: summary.transparentTold, unreadable: summary.unreadable }[kind]];
  }

  /** On whose word it holds. */
  function underWhom({ texts, ownTrust }, more = '') {
    return element('span', { class: 'small' }, (ownTrust ? texts.summary.underOwn : texts.summary.underPage) + more);
  }

  /** A text of which there is one for a reader's own policy, and one for the key of the page. */
  function byTrust({ own, page }, { ownTrust }) {
    return ownTrust ? own : page;
  }

  /** Where it is on record, and on whose word. */
  function receiptSummary({ index, checkpoint, witnesses }, view) {
    const { texts: { summary }, speaker } = view;
    const unseen = witnesses.size === 0 ? ` ${summary.unseen}` : '';
    return [
      summary.receipt(speaker.number(index), checkpoint.origin, speaker.number(checkpoint.size)),
      underWhom(view, unseen),
    ];
  }

  function checkpointSummary({ kind, checkpoint, index, leaf }, summary, speaker) {
    const { origin, size, root } = checkpoint.checkpoint;
    const told = [summary.checkpoint(origin, speaker.number(size)), element('code', {}, hex(root))];
    if (kind === 'proof') told.push(leaf ? summary.proofHolds(speaker.number(index)) : summary.proofOpen(speaker.number(index)));
    return told;
  }

  /** The steps of a receipt, each with its state. */
  function stepsOf({ held = [], step, rule, errors = [], proved }, view) {
    const { texts, trust } = view;
    const { steps } = texts;
    const items = steps.names.map((name, i) => {
      const number = i + 1;
      const state = held.includes(number) ? 'holds' : number === step ? 'fails' : 'open';
      const notes = [];
      if (number === 3 && state === 'holds' && trust.policy.quorum === 'none') notes.push(element('p', {}, byTrust(steps.noQuorum, view)));
      if (number === 10 && proved?.addenda.length === 0) notes.push(element('p', {}, steps.noTexts));
      if (state === 'fails') notes.push(failure(rule, errors, texts));
      return element('li', { class: state, 'data-step': String(number) },
        element('span', { class: 'step-name' }, name), element('span', { class: 'state' }, steps[state]), ...notes);
    });
    return element('ol', { class: 'steps' }, ...items);
  }

  function failure(rule, errors, texts) {
    const listed = errors.slice(0, MAX_ERRORS).map((each) => element('code', {}, `${each.path || '/'} ${each.rule}`));
    return element('div', {},
      element('p', { class: 'small' }, texts.steps.technical, element('code', {}, rule)),
      listed.length > 0 && element('p', { class: 'small' }, texts.steps.inPayload),
      listed.length > 0 && glasshouse.dom.list(listed, 'small'));
  }

  /** Who vouches for the key, and who else saw the list. */
  function whoOf({ proved, unknownSigners }, view) {
    const { texts: { who }, speaker } = view;
    const { statement, enrolment, genesis, witnesses, second } = proved;
    const signer = enrolment ? who.provider(enrolment.payload.get('name'), speaker.code('country', enrolment.payload.get('country'))) : who.registrarSigned;
    const seen = [...witnesses].map(([name, time]) => who.witness(name, speaker.instant(time)));
    const purpose = who.purpose[genesis.payload.get('purpose')];
    return [
      purpose && element('p', { class: 'remark' }, purpose),
      glasshouse.dom.pairs([
        { label: who.signer, value: [signer, element('span', { class: 'small' }, statement.iss)] },
        { label: who.key, value: [keyVouchers(enrolment, who, speaker)] },
        { label: who.witnesses, value: [...(seen.length > 0 ? seen : [byTrust(who.nobody, view)]), ...signersNote(unknownSigners, who), ...(second ? [byTrust(who.second, view)] : [])] },
      ], 'pairs wide'),
    ];
  }

  function signersNote(unknownSigners, who) {
    return unknownSigners.length > 0 ? [element('span', { class: 'small' }, who.unknownSigners(unknownSigners))] : [];
  }

  function keyVouchers(enrolment, who, speaker) {
    if (enrolment === null) return who.registrarKey;
    const evidence = enrolment.payload.get('evidence');
    if (evidence?.has('cosigned')) return who.ownKey;
    return evidence?.has('well_known') ? who.wellKnown(speaker.instant(evidence.get('fetched_at'))) : who.registrarOnly;
  }

  function provedOf({ proved }, { texts }) {
    const { items, registrar, witnesses } = texts.proved;
    const signed = [...proved.witnesses.keys()];
    const told = [items[0], proved.enrolment ? items[1] : registrar];
    if (proved.addenda.length > 0) told.push(items[2]);
    if (signed.length > 0) told.push(witnesses(signed));
    return glasshouse.dom.list(told, 'told');
  }

  function notProvedOf({ proved }, { texts }) {
    const { items, noWitness, missing } = texts.notProved;
    const told = [...items];
    if (proved.witnesses.size === 0) told.push(noWitness);
    if (proved.addenda.length < proved.statement.payload.get('addenda').size) told.push(missing);
    return glasshouse.dom.list(told, 'told');
  }

  /** What a COSE receipt does not prove, and then what no receipt does. */
  function unprovedByReceiptKey({ texts: { notProved } }) {
    return glasshouse.dom.list([...notProved.transparent, ...notProved.items, notProved.missing], 'told');
  }

  function lines(given) {
    return given.map((line) => element('span', { class: 'words' }, line));
  }

  /** What a payload and its texts say. */
  function saysOf(payload, addenda, head, view) {
    const { texts, speaker } = view;
    const { says } = texts;
    const fields = glasshouse.plainWords.fieldRows(payload, speaker).map(({ label, lines: words }) => ({ label, value: lines(words) }));
    const shown = glasshouse.plainWords.textRows(payload, addenda, speaker).map((row) => ({ label: row.label, value: textOf(row, says) }));
    return [
      glasshouse.dom.pairs([...head, ...fields]),
      shown.length > 0 && element('h3', {}, says.texts),
      shown.length > 0 && glasshouse.dom.pairs(shown, 'pairs texts'),
    ];
  }

  function textOf({ lines: words, withheld }, says) {
    const remarks = [];
    if (withheld) remarks.push(says.withheld(withheld.ground, withheld.until));
    if (withheld && words) remarks.push(says.withheldShown);
    if (!withheld && !words) remarks.push(says.missing);
    return [...(words ? lines(words) : []), ...remarks.map((remark) => element('span', { class: 'small' }, remark))];
  }

  /** What stands in front of the fields: of which kind, about what, which number, and when it was signed. */
  function headOf(statement, { texts, speaker }) {
    const { says } = texts;
    const about = statement.sub.startsWith('s:') ? [statement.sub, element('span', { class: 'small' }, says.pseudonym)] : [statement.sub];
    return [
      { label: says.type, value: [speaker.type(statement.type)] },
      { label: says.about, value: about },
      { label: says.number, value: [speaker.number(statement.sequence)] },
      { label: says.signed, value: [speaker.instant(statement.iat)] },
    ];
  }

  function numbersOf({ proved }, { texts, speaker }) {
    const { who } = texts;
    const { checkpoint, index, leafHash } = proved;
    return element('details', {}, element('summary', {}, who.technical), glasshouse.dom.pairs([
      { label: who.logName, value: [checkpoint.origin] },
      { label: who.index, value: [speaker.number(index)] },
      { label: who.size, value: [speaker.number(checkpoint.size)] },
      { label: who.leaf, value: [element('code', {}, hex(leafHash))] },
      { label: who.root, value: [element('code', {}, hex(checkpoint.root))] },
    ]));
  }

  function section(title, ...content) {
    return element('section', {}, element('h2', {}, title), ...content);
  }

  /** What the statement in it says, if it holds one that may be shown. @returns {Node[]} */
  function contentOf(outcome, view) {
    const statement = outcome.proved?.statement ?? outcome.statement;
    if (!statement) return [];
    const { says } = view.texts;
    return [section(says.title,
      ...saysOf(statement.payload, outcome.proved?.addenda ?? [], headOf(statement, view), view), ...sealedOf(outcome, view),
      element('p', { class: 'small' }, outcome.kind === 'receipt' ? says.fromReceipt : says.fromFile))];
  }

  /** Everything below that. @returns {Node[]} */
  function detailsOf(outcome, view) {
    const { texts } = view;
    const { kind, verdict } = outcome;
    const steps = kind === 'receipt' && (verdict === 'holds' || outcome.step !== undefined);
    if (kind === 'receipt' && verdict === 'holds') {
      return [
        section(texts.who.title, ...whoOf(outcome, view)),
        element('div', { class: 'two' }, section(texts.proved.title, provedOf(outcome, view)), section(texts.notProved.title, notProvedOf(outcome, view))),
        section(texts.steps.title, stepsOf(outcome, view), numbersOf(outcome, view), element('p', { class: 'small' }, texts.source)),
      ];
    }
    if (steps) return [section(texts.steps.title, stepsOf(outcome, view))];
    if (kind === 'evidence' && verdict === 'holds') return glasshouse.evidenceView.show(outcome.evidence, view);
    if (kind === 'transparent' && verdict === 'holds') return [section(texts.notProved.title, unprovedByReceiptKey(view))];
    if (outcome.checkpoint) return [section(texts.who.witnesses, glasshouse.dom.list(seenOf(outcome, view), 'told'))];
    if (verdict === 'refused') return [element('p', { class: 'small' }, texts.steps.technical, element('code', {}, outcome.rule))];
    return [];
  }

  function seenOf({ checkpoint, unknownSigners }, view) {
    const { texts, speaker } = view;
    const seen = [...checkpoint.witnesses].map(([name, time]) => texts.who.witness(name, speaker.instant(time)));
    return [...(seen.length > 0 ? seen : [byTrust(texts.who.nobody, view)]), ...signersNote(unknownSigners, texts.who)];
  }

  function sealedOf({ sealed }, view) {
    if (!sealed) return [];
    const head = [{ label: view.texts.says.type, value: [view.speaker.type(sealed.payload.get('type'))] }, { label: view.texts.says.about, value: [sealed.sub] }];
    return [element('h3', {}, view.texts.says.sealed), ...saysOf(sealed.payload, sealed.texts, head, view)];
  }

  glasshouse.resultView = { headingOf, summaryOf, stepsOf, contentOf, detailsOf };
})(globalThis.glasshouse ??= {});
