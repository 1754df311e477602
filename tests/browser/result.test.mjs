// What the page shows of outcomes of every kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';
import { casesOf } from './cases.mjs';
import { labels } from './labels.mjs';
import { textOf } from './paper.mjs';

const { resultView, inspection, material } = glasshouse;
const given = (family, name, kind = 'valid') => casesOf(family).find((each) => each.kind === kind && each.name === name).input;

/** Everything that is said of an outcome. */
function told(outcome, trust, language = 'en', ownTrust = true) {
  const texts = glasshouse.pageTexts[language];
  const view = { texts, trust, ownTrust, speaker: new glasshouse.plainWords.Speaker(language, labels) };
  const head = [resultView.headingOf(outcome, view), ...resultView.summaryOf(outcome, view)];
  return textOf([texts.kinds[outcome.kind], ...head, ...resultView.contentOf(outcome, view), ...resultView.detailsOf(outcome, view)]);
}

function demandWords(text, where) {
  assert.doesNotMatch(text, /undefined|\bnull\b|\[object/, where);
}

test('every receipt, valid or not, is told without a word of the machine', async () => {
  let production = 0;
  for (const { kind, name, input } of casesOf('receipt')) {
    const trust = await glasshouse.trust.parse(input.policy);
    const outcome = await inspection.inspect(material.identifyText(input.receipt), trust);
    if (kind === 'valid') assert.equal(outcome.verdict, 'holds', name);
    if (kind === 'valid' && outcome.proved.genesis.payload.get('purpose') === 'production') production += 1;
    for (const language of ['en', 'fr']) demandWords(told(outcome, trust, language), name);
  }
  assert.ok(production >= 1, 'no receipt of a log in production');
});

test('evidence names whom it convicts and of what, and what it leaves open', async () => {
  for (const { kind, name, input, expect } of casesOf('evidence')) {
    if (kind !== 'valid') continue;
    const trust = await glasshouse.trust.parse(input.log);
    const outcome = await inspection.inspect(material.identifyText(input.evidence), trust);
    for (const language of ['en', 'fr']) {
      const text = told(outcome, trust, language);
      const { evidence } = glasshouse.pageTexts[language];
      demandWords(text, name);
      assert.ok(text.includes(expect.kind === 'double-statement' ? expect.iss : evidence.theLog(expect.origin)), name);
      for (const label of ['number', 'index', 'sizes', 'rule']) {
        const shown = { number: 'sequence', index: 'index', sizes: 'old_size', rule: 'broken_rule' }[label];
        assert.equal(text.includes(`\n${evidence[label]}\n`), expect[shown] !== undefined, `${name} ${label}`);
      }
      for (const open of evidence.notProved.items) assert.ok(text.includes(open));
      assert.equal(text.includes(evidence.notProved.registrar), expect.kind === 'double-statement');
      assert.equal(text.includes(evidence.notProved.which), expect.kind !== 'bad-entry', name);
    }
  }
});

test('evidence is judged under the key that it accuses, wherever the policy has it', async () => {
  const next = given('receipt', 'keys-log-key-of-a-change').policy.match(/^log (\S+)/m)[1];
  const outcomeOf = async (evidence, ...keys) => {
    const trust = await glasshouse.trust.parse(`${keys.map((key) => `log ${key}`).join('\n')}\nquorum none\n`);
    return inspection.inspect({ kind: 'evidence', text: evidence }, trust);
  };
  let judged = 0;
  for (const { name, input, expect } of casesOf('evidence')) {
    if (input.evidence.endsWith('\n')) continue; // which this page takes off
    assert.notEqual(input.log, next);
    for (const keys of [[input.log, next], [next, input.log]]) {
      const outcome = await outcomeOf(input.evidence, ...keys);
      assert.deepEqual([outcome.verdict === 'holds', outcome.rule], [expect.ok, expect.rule], name);
      judged += 1;
    }
  }
  assert.ok(judged > 250);
  const { evidence, log } = given('evidence', 'fork-3-6');
  assert.equal((await outcomeOf(evidence, next)).rule, 'unknown-key');
  const { verify } = glasshouse.evidence;
  try {
    glasshouse.evidence.verify = (text, key) => (key === log ? Promise.reject(new TypeError('ours')) : verify(text, key));
    assert.equal((await outcomeOf(evidence, log, next)).verdict, 'fault');
  } finally {
    glasshouse.evidence.verify = verify;
  }
});

test('a transparent statement is not told as a receipt is', async () => {
  const { transparent, keys } = casesOf('transparent_statement').find((each) => each.kind === 'valid').input;
  const trust = { ...(await glasshouse.trust.parse(given('receipt', 'decision').policy)), receiptKeys: glasshouse.bytes.fromHex(keys) };
  const outcome = await inspection.inspect(material.identify(glasshouse.bytes.fromHex(transparent)), trust);
  for (const language of ['en', 'fr']) {
    const { holdsHeading, notProved, summary, says } = glasshouse.pageTexts[language];
    const text = told(outcome, trust, language, false);
    assert.notEqual(holdsHeading.transparent, holdsHeading.receipt);
    assert.ok([holdsHeading.transparent, summary.underPage, says.fromFile, ...notProved.transparent, ...notProved.items].every((each) => text.includes(each)), text);
    assert.ok(!text.includes(says.fromReceipt) && !text.includes(holdsHeading.receipt));
    demandWords(text, 'transparent');
  }
});

test('a missing second signature is not called a key that nobody trusts', async () => {
  for (const [family, member] of [['receipt', 'receipt'], ['policy', 'note']]) {
    const input = given(family, 'second-missing', 'invalid');
    const trust = await glasshouse.trust.parse(input.policy);
    const outcome = await inspection.inspect(material.identifyText(input[member]), trust);
    assert.equal(outcome.rule, 'unknown-key');
    for (const language of ['en', 'fr']) {
      const { rules } = glasshouse.pageTexts[language];
      const text = told(outcome, trust, language);
      assert.ok(text.includes(rules['second-missing']) && !text.includes(rules['unknown-key']), text);
    }
  }
});

test('who brought no policy is told of none of his own', async () => {
  const { receipt, policy } = given('receipt', 'decision');
  const trust = await glasshouse.trust.parse(policy);
  const outcome = await inspection.inspect(material.identifyText(receipt), trust);
  assert.match(told(outcome, trust, 'en', true), /Your policy/);
  assert.doesNotMatch(told(outcome, trust, 'en', false), /[Yy]our (own )?policy|ask for\b/);
  assert.doesNotMatch(told(outcome, trust, 'fr', false), /[Vv]otre (propre )?politique/);
});
