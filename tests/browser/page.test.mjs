// The page's own thinking: what a file is, whom to trust, what a notice has in common with the texts, and what is said of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse, scripts, source } from './load.mjs';
import { casesOf } from './cases.mjs';
import './paper.mjs';
import { contentPolicy, documentOf, script } from './document.mjs';

const { utf8 } = glasshouse.bytes;
const valid = (family, name) => casesOf(family).find((each) => each.kind === 'valid' && each.name === name).input;
const hex = (text) => glasshouse.bytes.fromHex(text);
const kindOf = (text) => glasshouse.material.identify(typeof text === 'string' ? utf8(text) : text).kind;

test('a file is known by its beginning', () => {
  const { receipt, policy } = valid('receipt', 'decision');
  assert.equal(kindOf(receipt), 'receipt');
  assert.equal(kindOf('  {"x":1}'), 'receipt');
  assert.equal(kindOf(policy), 'policy');
  assert.equal(kindOf(valid('checkpoint', 'cosigned').vkey), 'policy');
  assert.equal(kindOf(valid('checkpoint', 'cosigned').note), 'checkpoint');
  assert.equal(kindOf(valid('tlog_proof', 'classic-5-of-8').proof), 'proof');
  assert.equal(kindOf(hex(valid('statement', 'decision').statement)), 'statement');
  assert.equal(kindOf(hex(casesOf('transparent_statement')[0].input.transparent)), 'transparent');
  assert.equal(kindOf(hex(casesOf('cose_receipt')[0].input.receipt)), 'cose-receipt');
  assert.equal(kindOf(casesOf('evidence')[0].input.evidence), 'evidence');
  assert.equal(kindOf(' \n\t'), 'empty');
  assert.equal(kindOf(''), 'empty');
  assert.equal(kindOf(Uint8Array.of(0xff, 0xd8, 0xff)), 'unknown');
  assert.equal(kindOf('Dear customer'), 'unknown');
  assert.equal(kindOf(new Uint8Array(glasshouse.material.MAX_FILE + 1)), 'too-large');
});

test('hostile bytes get an answer', async () => {
  const trust = await glasshouse.trust.parse(valid('receipt', 'decision').policy);
  const big = 10_000_000;
  const noise = Uint8Array.from({ length: big }, (_, i) => (i * 2654435761) >>> 24);
  const cbor = new Uint8Array(big).fill(0x81);
  cbor.set([0xd2, 0x84]);
  for (const bytes of [noise, cbor, utf8('{'.repeat(big)), utf8('['.repeat(big)), utf8(`a\n\n\u2014 ${'x'.repeat(big)}\n`), utf8(`c2sp.org/tlog-proof@v1\n${'A\n'.repeat(big / 2)}\n`)]) {
    const began = performance.now();
    const outcome = await glasshouse.inspection.inspect(glasshouse.material.identify(bytes), trust);
    assert.ok(['refused', 'told'].includes(outcome.verdict), JSON.stringify(outcome).slice(0, 200));
    assert.ok(performance.now() - began < 5000);
  }
});

test('what only names evidence further in is none', () => {
  const { receipt } = valid('receipt', 'decision');
  assert.equal(kindOf(receipt.replaceAll('log.example', 'glasshouse-evidence/log.example')), 'receipt');
  assert.equal(kindOf(` { "format" : "glasshouse-evidence/9"}`), 'evidence');
});

test('a text that was pasted may have lost its last newline, or won blanks', async () => {
  const { note, vkey } = valid('checkpoint', 'cosigned');
  const trust = await glasshouse.trust.parse(vkey);
  const { proof, policy } = valid('tlog_proof', 'classic-5-of-8');
  const { receipt, policy: own } = valid('receipt', 'decision');
  for (const [text, key] of [[note, trust], [proof, await glasshouse.trust.parse(policy)], [receipt, await glasshouse.trust.parse(own)]]) {
    for (const pasted of [text, text.trim(), `\n ${text}\n \n`]) {
      const outcome = await glasshouse.inspection.inspect(glasshouse.material.identifyPasted(pasted), key);
      assert.equal(outcome.verdict, 'holds', `${outcome.kind} ${outcome.detail}`);
    }
  }
});

test('a policy that is refused says why', async () => {
  const { vkey } = valid('checkpoint', 'cosigned');
  const [line, weak] = [`log ${vkey}\n`, casesOf('note').find(({ expect }) => expect.rule === 'weak-key').input.vkey];
  const { policy: typeSix } = casesOf('policy').find(({ name }) => name === 'form-second-without-first').input;
  const wrong = [
    [`${line}quorum w1\n`, 'line', 2], [`${line}nonsense`, 'line', 2], [line, 'no-quorum'], ['quorum none\n', 'no-log'], [`${line}log ${weak}\nquorum none\n`, 'weak-key', 2],
    [`\nlog ${vkey.slice(0, -4)}\nquorum none\n`, 'vkey', 2], [typeSix, 'no-opening-key'], [`${line}\u0001`, 'control'], ['\n'.repeat(300), 'too-many-lines'],
    ['a'.repeat(262_145), 'too-large'], ['\u00e9'.repeat(140_000), 'too-large'],
  ];
  for (const [text, reason, number] of wrong) {
    const refusal = await glasshouse.trust.parse(text).then(() => assert.fail(text.slice(0, 80)), (each) => each);
    assert.deepEqual([refusal.rule, refusal.reason], ['policy-format', reason], text.slice(0, 80));
    if (number) assert.equal(refusal.line, number);
    for (const language of ['en', 'fr']) assert.equal(typeof glasshouse.pageTexts[language].trust.wrong[reason](number), 'string');
  }
});

test('a long text is no policy, and soon', async () => {
  for (const text of ['a'.repeat(40_000_000), `${'a+'.repeat(100_000)} `, `${'+00000000'.repeat(25_000)} `]) {
    const began = performance.now();
    await assert.rejects(glasshouse.trust.parse(text), { rule: 'policy-format' });
    assert.ok(performance.now() - began < 1000);
  }
});

test('trust is a policy, or a key alone', async () => {
  const { vkey } = valid('checkpoint', 'cosigned');
  const alone = await glasshouse.trust.parse(`  ${vkey}\n`);
  assert.deepEqual(glasshouse.trust.logsOf(alone.policy), ['log.example/takedowns']);
  assert.equal(alone.policy.quorum, 'none');
  await assert.rejects(glasshouse.trust.parse(`log ${vkey}\nquorum w1\n`), { rule: 'policy-format', line: 2 });
  await assert.rejects(glasshouse.trust.parse('I trust everybody'), { rule: 'policy-format', line: 1 });
  const carriage = await glasshouse.trust.parse(`log ${vkey}\r\nquorum none\r\n`);
  assert.equal(carriage.policy.logs.length, 1);
});

test('an outcome says what was checked and under whose keys', async () => {
  const own = valid('receipt', 'cosigned');
  const trust = await glasshouse.trust.parse(own.policy);
  const outcome = await glasshouse.inspection.inspect(glasshouse.material.identifyText(own.receipt), trust);
  assert.equal(outcome.verdict, 'holds');
  assert.deepEqual([...outcome.proved.witnesses.keys()], ['w1']);
  const other = await glasshouse.trust.parse(valid('receipt', 'decision').policy);
  const unseen = await glasshouse.inspection.inspect(glasshouse.material.identifyText(own.receipt), other);
  assert.deepEqual(unseen.unknownSigners, ['witness.example/w1']);
  assert.equal(unseen.proved.witnesses.size, 0);
  const changed = await glasshouse.inspection.inspect(glasshouse.material.identifyText(own.receipt.replace('"index":4', '"index":3')), trust);
  assert.deepEqual([changed.verdict, changed.step, changed.held], ['refused', 4, [1, 2, 3]]);
});

test('a proof is checked with the leaf hash that a reader gives', async () => {
  const { proof, leaf_hash: leaf, policy } = valid('tlog_proof', 'classic-5-of-8');
  const trust = await glasshouse.trust.parse(policy);
  const material = glasshouse.material.identifyText(proof);
  assert.equal((await glasshouse.inspection.inspect(material, trust)).leaf, null);
  assert.equal((await glasshouse.inspection.inspect(material, trust, undefined, { leaf: hex(leaf) })).verdict, 'holds');
  const wrong = await glasshouse.inspection.inspect(material, trust, undefined, { leaf: new Uint8Array(32) });
  assert.deepEqual([wrong.verdict, wrong.rule, wrong.asked], ['refused', 'root-mismatch', true]);
});

test('evidence and transparent statements are checked, under what they need', async () => {
  const { input, expect } = casesOf('evidence').find((each) => each.kind === 'valid');
  const trust = await glasshouse.trust.parse(input.log);
  const outcome = await glasshouse.inspection.inspect(glasshouse.material.identifyText(`${input.evidence}\n`), trust);
  assert.deepEqual([outcome.verdict, outcome.evidence.kind], ['holds', expect.kind]);
  const { transparent, keys } = casesOf('transparent_statement').find((each) => each.kind === 'valid').input;
  const material = glasshouse.material.identify(hex(transparent));
  assert.equal((await glasshouse.inspection.inspect(material, trust)).verdict, 'told');
  assert.equal((await glasshouse.inspection.inspect(material, { ...trust, receiptKeys: hex(keys) })).verdict, 'holds');
});

/** The names of a tree of texts, and how many arguments those take that are functions. */
function shapeOf(given, path = '') {
  if (typeof given === 'object') return Object.entries(given).flatMap(([name, inner]) => shapeOf(inner, `${path}.${name}`));
  return [`${path}/${typeof given}${typeof given === 'function' ? given.length : ''}`];
}

test('every text is there in every language, and says a step for each step', () => {
  const { en, fr } = glasshouse.pageTexts;
  assert.deepEqual(shapeOf(fr), shapeOf(en));
  assert.equal(en.steps.names.length, glasshouse.receipt.STEPS);
  for (const language of [en, fr]) assert.doesNotMatch(JSON.stringify(language), /verified|vérifié/i, 'a receipt is on record, and not "verified"');
});

test('every text that the page names exists', () => {
  for (const [, name] of source('page.html').matchAll(/data-text="([^"]+)"/g)) {
    for (const language of ['en', 'fr']) {
      const text = name.split('.').reduce((inner, part) => inner?.[part], glasshouse.pageTexts[language]);
      assert.equal(typeof text, 'string', `${language} ${name}`);
    }
  }
});

test('every valid receipt can be put into plain words in both languages', async () => {
  let rows = 0;
  for (const { kind, input } of casesOf('receipt')) {
    if (kind !== 'valid') continue;
    const { statement, addenda } = await glasshouse.receipt.verify(input.receipt, await glasshouse.policy.parse(input.policy));
    for (const language of ['en', 'fr']) {
      const speaker = new glasshouse.plainWords.Speaker(language, {});
      const told = [...glasshouse.plainWords.fieldRows(statement.payload, speaker), ...glasshouse.plainWords.textRows(statement.payload, addenda, speaker)];
      for (const row of told) assert.ok((row.lines ?? []).every((line) => typeof line === 'string' && line !== '' && !line.includes('undefined')), row.label);
      rows += told.length;
    }
  }
  assert.ok(rows > 200, `${rows} rows`);
});

test('nothing in the scripts makes markup of text, asks anybody, or ends the script', () => {
  for (const name of scripts) {
    const text = source(name);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/, name);
    assert.doesNotMatch(text, /\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource|\bimport\(|localStorage|document\.cookie/, name);
    assert.doesNotMatch(text, /<\/script|<!--/i, name);
    assert.ok(text.split('\n').length <= 401 || name === 'tables.js', `${name} has more than 400 lines`);
  }
});

test('whose policy it is changes together with the policy', async () => {
  const { policy } = valid('receipt', 'decision');
  for (const given of [{ policy }, { policy: 'nonsense' }, {}]) {
    const page = new glasshouse.Page(given);
    const own = await glasshouse.trust.parse(valid('receipt', 'cosigned').policy);
    Object.assign(page, { trust: own, ownTrust: true });
    const going = page.usePagePolicy();
    const before = [page.trust, page.ownTrust];
    await going;
    if (given.policy) assert.deepEqual(before, [own, true], 'a check that ends now was made under the reader\'s own policy');
    assert.deepEqual([page.trust?.text ?? null, page.ownTrust], [given.policy === policy ? policy : null, false]);
  }
});

test('the document is whole, and lets nothing in or out', () => {
  const document = documentOf('fr', { policy: '</script><script>alert(1)</script>' });
  assert.doesNotMatch(document, /\{\{(language|policy|style|script|data)\}\}/);
  assert.equal(document.match(/<script/g).length, 2);
  assert.ok(document.includes(script));
  assert.match(contentPolicy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/);
});
