// What is said of a file that is nothing of what can be checked: it accuses nobody, and what claims to be a receipt is judged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';
import { casesOf } from './cases.mjs';
import { textOf } from './paper.mjs';

const { inspection, material, resultView } = glasshouse;
const { utf8, concat } = glasshouse.bytes;
const inputOf = (family, name) => casesOf(family).find((each) => each.name === name).input;
const { receipt, policy } = inputOf('receipt', 'decision');
const { note } = inputOf('checkpoint', 'cosigned');
const { evidence, log } = inputOf('evidence', 'fork-3-6');
const trust = await glasshouse.trust.parse(policy);
const binary = (text) => concat(Uint8Array.from(text, (each) => each.charCodeAt(0)), Uint8Array.of(0xff, 0, 0xfe));
const utf16 = (text) => Uint8Array.from(Buffer.from(`\ufeff${text}`, 'utf16le'));
const problem = { type: 'urn:glasshouse:problem:not-found', title: 'Not found.', status: 404, detail: 'There is no glasshouse-receipt/1 of entry 99.' };
const entry = { index: 5, leaf_hash: 'ab', iss: 'https://host.example', payload: { addenda: {} }, texts: [], state: {} };
const manifest = { format: 'glasshouse-data-set-manifest/1', program: 'p', origin: 'log.example', size: 27, root: 'ab', checkpoint: note, columns: 'glasshouse-data-set/1' };
const proof = { index: 1, size: 2, leaf_hash: 'ab', root: 'cd', hashes: [], checkpoint: note };
const rows = '{"index":0,"type":"decision"}\n{"index":1,"type":"decision"}\n';

/** Files and what they are. */
const OTHERS = [
  ['nothing', '', 'empty'], ['blanks', ' \r\n\t', 'empty'],
  ['a page', '<!doctype html>\n<html lang="en"><title>x</title></html>', 'web-page'], ['a page with a checkpoint', `\n<!DOCTYPE html><html><pre>${note}</pre></html>\n`, 'web-page'],
  ['a page with a line like one of a policy', '<html>\n<p>Whom the\nlog names</p></html>', 'web-page'],
  ['a page that begins with its head', '<HEAD><title>x</title></HEAD>', 'web-page'], ['a feed', '<?xml version="1.0"?><feed/>', 'markup'],
  ['a refusal', JSON.stringify(problem), 'problem'], ['a refusal with blanks', `\ufeff${JSON.stringify(problem, null, 2)}\n`, 'problem'],
  ['a statement as JSON', JSON.stringify(entry), 'entry'], ['a manifest', JSON.stringify(manifest, null, 2), 'data-set'],
  ['a proof as JSON', JSON.stringify(proof), 'json'], ['JSON of others', '{"x":1}', 'json'], ['a list', '[{"x":1}]', 'json'], ['rows', rows, 'json'], ['no member', '{}', 'json'],
  ['many members', `{"statements":[${'{},'.repeat(100_000)}{}]}`, 'json'], ['a format of others', '{"format":"x/1"}', 'json'], ['a format that is none', '{"format":7}', 'json'],
  ['a request', glasshouse.bytes.fromHex(inputOf('request', 'right').request), 'request'], ['blanks as long as a page', ' \n'.repeat(5_000), 'empty'],
  ['a letter behind blanks', `${' \n'.repeat(5_000)}Dear customer, your page was removed.\n`, 'text'],
  ['a PDF', binary('%PDF-1.7\n'), 'pdf'], ['a PDF of letters', '%PDF-1.4\n1 0 obj', 'pdf'], ['a zip', binary('PK\x03\x04'), 'zip'], ['a picture', binary('\x89PNG\r\n'), 'picture'],
  ['a table', 'index,leaf_hash,type\n0,ab,log\n', 'table'], ['a table of a spreadsheet', '"a b";"c";"d"\r\n1;2;3\r\n', 'table'], ['Parquet', binary('PAR1'), 'table'],
  ['a table with a dash in it', `index,type,text\n1,decision,"words\n\n\u2014 somebody"\n`, 'table'],
  ['UTF-16', utf16(receipt), 'utf-16'], ['a letter', 'Dear customer, your page, which you know, was removed.\n', 'text'],
  ['a letter that is signed', 'Dear customer,\n\nyour page was removed.\n\n\u2014 Jean Dupont\n', 'text'], ['a rich text', '{\\rtf1 words}', 'text'], ['bytes', binary('\x81\x82'), 'binary'],
];

/** What the page shows of a file. */
async function outcomeOf(bytes, whom = trust) {
  const brought = material.identify(typeof bytes === 'string' ? utf8(bytes) : bytes);
  return whom ? inspection.inspect(brought, whom) : inspection.withoutTrust(brought);
}

function told(outcome, language) {
  const view = { texts: glasshouse.pageTexts[language], trust, ownTrust: false, speaker: new glasshouse.plainWords.Speaker(language, {}) };
  return { heading: resultView.headingOf(outcome, view), all: textOf([view.texts.kinds[outcome.kind], ...resultView.summaryOf(outcome, view), ...resultView.contentOf(outcome, view), ...resultView.detailsOf(outcome, view)]) };
}

test('a file that is none of what can be checked is called what it is, whomever the reader trusts', async () => {
  for (const [name, bytes, file] of OTHERS) {
    for (const whom of [trust, null]) assert.deepEqual(await outcomeOf(bytes, whom), { kind: 'other', verdict: 'told', file }, name);
    for (const language of ['en', 'fr']) {
      const { otherFile } = glasshouse.pageTexts[language];
      const { heading, all } = told({ kind: 'other', verdict: 'told', file }, language);
      assert.equal(heading, otherFile.heading(otherFile.kinds[file]), name);
      assert.ok(all.includes(otherFile.next) && all.includes(otherFile.remarks[file] ?? otherFile.next), name);
      assert.doesNotMatch(heading + all, /undefined|does not hold|ne tient pas|too old|trop ancienne/, name);
    }
  }
  assert.deepEqual([...new Set(OTHERS.map(([, , file]) => file))].sort(), Object.keys(glasshouse.pageTexts.en.otherFile.kinds).sort(), 'a kind that no file has');
});

test('a page, a refusal and a table in plain words', async () => {
  const heading = async (bytes, language) => told(await outcomeOf(bytes), language).heading;
  assert.equal(await heading('<html>', 'en'), 'This is no receipt: it is a web page, and nothing was checked.');
  assert.equal(await heading('<html>', 'fr'), 'Ce n’est pas un reçu : c’est une page web, et rien n’a été contrôlé.');
  assert.equal(await heading(JSON.stringify(problem), 'en'), 'This is no receipt: it is a ledger’s refusal, saved in place of a receipt, and nothing was checked.');
  assert.equal(await heading('', 'en'), 'This is no receipt: it is empty, and nothing was checked.');
});

test('policies and what is signed in COSE are told as before, and accuse nobody', async () => {
  const hex = glasshouse.bytes.fromHex;
  const statement = hex(inputOf('statement', 'decision').statement);
  for (const [bytes, kind] of [[policy, 'policy'], [statement, 'statement'], [hex(casesOf('cose_receipt')[0].input.receipt), 'cose-receipt']]) {
    const outcome = await outcomeOf(bytes);
    assert.deepEqual([outcome.kind, outcome.verdict], [kind, 'told']);
    assert.equal((await outcomeOf(bytes, null)).noTrust, true, kind);
  }
});

test('a file that claims to be a receipt, a checkpoint or evidence is judged, however it was spoilt', async () => {
  const whole = JSON.parse(receipt);
  const spoilt = [
    [JSON.stringify(whole, null, 2), 'receipt', 'receipt-format'], [receipt.slice(0, 100), 'receipt', 'receipt-format'], [`\ufeff${receipt}`, 'receipt', 'receipt-format'],
    [receipt.replaceAll('"', '\u201d'), 'receipt', null], ['{"format":"glasshouse-receipt/1"}', 'receipt', 'receipt-format'], ['{"format":"glasshouse-receipt/2"}', 'receipt', 'not-understood'],
    [JSON.stringify({ ...whole, format: problem.type, type: problem.type }), 'receipt', 'not-understood'], [JSON.stringify({ entries: [], addenda: [] }), 'receipt', 'receipt-format'],
    [note.replace('\n\n', '\n\n\n'), 'checkpoint', null], [note.trimEnd(), 'checkpoint', 'note-format'], [note.replace(/^.*\n/, 'x\n'), 'checkpoint', null],
    ['log.example/takedowns\n5\nroot\n\n\u2014 somebody\n', 'checkpoint', 'note-format'],
    [evidence.replace(/^\{("format":"[^"]+"),("kind":"[^"]+")/, '{$2,$1'), 'evidence', 'evidence-format'], ['{"kind":"x","format":"glasshouse-evidence/2"}', 'evidence', 'not-understood'],
  ];
  for (const [text, kind, rule] of spoilt) {
    const outcome = await outcomeOf(text, kind === 'evidence' ? await glasshouse.trust.parse(log) : trust);
    assert.deepEqual([outcome.kind, outcome.verdict], [kind, rule === 'not-understood' ? rule : 'refused'], text.slice(0, 60));
    if (rule) assert.equal(outcome.rule, rule, text.slice(0, 60));
    assert.equal((await outcomeOf(text, null)).noTrust, true, text.slice(0, 60));
  }
});

test('a mark that nobody sees is named, and white space before a file hides nothing', async () => {
  const marked = await outcomeOf(`\ufeff${receipt}`);
  assert.deepEqual([marked.kind, marked.verdict, marked.reason], ['receipt', 'refused', 'byte-order-mark']);
  for (const language of ['en', 'fr']) assert.match(told(marked, language).all, /EF BB BF/);
  assert.equal((await outcomeOf(JSON.stringify(JSON.parse(receipt), null, 2))).reason, undefined);
  const blanks = ' \n'.repeat(5_000);
  assert.equal(material.identifyText(`${blanks}${receipt}`).kind, 'receipt');
  assert.equal(material.identifyText(`${blanks}${evidence}`).kind, 'evidence');
});

test('of the receipts in the vectors only those are called something else that do not claim to be one', async () => {
  const others = [];
  for (const { kind, name, input, expect } of casesOf('receipt')) {
    const outcome = await inspection.inspect(material.identifyText(input.receipt), await glasshouse.trust.parse(input.policy));
    if (outcome.kind === 'other') others.push(name);
    else assert.deepEqual([outcome.kind, outcome.verdict === 'holds', outcome.rule], ['receipt', kind === 'valid', expect.rule], name);
  }
  assert.deepEqual(others, ['form-array', 'form-empty', 'form-format-in-an-array', 'form-format-is-a-number', 'form-format-missing']);
});

test('what can be as long as a file may be is told soon', async () => {
  const size = 10_000_000;
  const long = [`a\n\n\u2014 ${'x '.repeat(size / 2)}`, `a\n\n\u2014 ${'x'.repeat(size)}!`, `a\n\n\u2014 ${' '.repeat(size)}!`, `a\n\n${'\u2014 x\n'.repeat(size / 4)}`, `{"${'a,'.repeat(size / 2)}`, 'a,'.repeat(size / 2), `<${'a'.repeat(size)}`, `<!doctype${' '.repeat(size)}`, `{${' '.repeat(size)}x`, '{"format":'.repeat(size / 10)];
  for (const text of long) {
    const began = performance.now();
    assert.notEqual((await outcomeOf(text)).verdict, 'fault');
    assert.ok(performance.now() - began < 5000, text.slice(0, 10));
  }
});
