// A notice held against the texts on record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glasshouse } from './load.mjs';
import { casesOf } from './cases.mjs';
import { textOf } from './paper.mjs';

const FACTS = 'Threats on the forum had grown beyond anything seen before; no court order was there to act on.';
const texts = [{ field: 'puid', value: '2022-09-03-block' }, { field: 'decision_facts', value: FACTS }];

/** A statement that commits to these texts and no others. */
const statementOf = (addenda, more = [], withheld = []) => ({
  payload: new Map([['addenda', new Map([...addenda.map(({ field }) => field), ...more].map((field) => [field, null]))], ['withheld', new Map(withheld.map((field) => [field, null]))]]),
  addenda,
});
const compare = (notice, addenda = texts) => glasshouse.notice.compare(notice, [statementOf(addenda)]);
const verdictsOf = (notice, addenda = texts) => compare(notice, addenda).compared.map(({ verdict }) => verdict);
const verdictOf = (record, notice) => verdictsOf(notice, [{ field: 'decision_facts', value: record }])[0];

test('white space does not count in a notice, and everything else does', () => {
  assert.deepEqual(verdictsOf(`Hello,\r\n\r\n${FACTS.replaceAll(' ', '\u00a0\n  ')}\r\nNo. 2022-09-03-block.`), ['contained', 'contained']);
  assert.deepEqual(verdictsOf(FACTS), ['absent', 'same']);
  assert.deepEqual(verdictsOf('beyond anything seen before;'), ['absent', 'part']);
  assert.deepEqual(verdictsOf(FACTS.toUpperCase()), ['absent', 'absent']);
  assert.equal(verdictOf('caf\u00e9', 'cafe\u0301'), 'same');
  assert.equal(verdictOf(FACTS, FACTS.replace('no court', 'a court')), 'differs');
});

test('signs around a text do not hide it', () => {
  for (const notice of ['Reference 2022-09-03-block.', '"2022-09-03-block"', '(2022-09-03-block)', '[2022-09-03-block],', '\u00ab\u00a02022-09-03-block\u00a0\u00bb']) {
    assert.equal(verdictsOf(notice)[0], 'contained', notice);
  }
  assert.equal(verdictOf(FACTS, `They wrote: \u201c${FACTS}\u201d, and no more.`), 'contained');
});

test('a text does not stand inside a word or a number', () => {
  assert.equal(verdictOf('1', 'since 2021'), 'absent');
  assert.equal(verdictOf('cat', 'concatenate'), 'absent');
  assert.equal(verdictOf('cat', 'concatenate the cat'), 'contained');
  assert.equal(verdictOf('\u00e9t\u00e9', 'empi\u00e9t\u00e9e'), 'absent');
});

test('invisible characters do not count, as the page says', () => {
  for (const invisible of ['\u00ad', '\u200b', '\u2060', '\ufeff', '\u200e', '\u200f']) assert.equal(verdictOf(FACTS, `Dear, ${FACTS.replace('beyond', `bey${invisible}ond`)}`), 'contained');
  assert.match(glasshouse.pageTexts.en.notice.lede, /soft hyphen, zero-width space, word joiner, byte order mark, marks of the direction/);
});

test('a line break in a script without blanks does not count', () => {
  const japanese = '\u63b2\u793a\u677f\u3067\u306e\u8105\u8feb\u306f\u3053\u308c\u307e\u3067\u306b\u306a\u3044\u7a0b\u5ea6\u306b\u9054\u3057\u307e\u3057\u305f\u3002';
  assert.equal(verdictOf(japanese, `\u62dd\u5553 ${japanese.slice(0, 9)}\n${japanese.slice(9)}`), 'contained');
  assert.equal(verdictOf(japanese, japanese.replace('\u9054', '\u8d85')), 'differs');
  assert.equal(verdictOf('two words', 'twowords'), 'absent');
});

test('of a text without words nothing is said', () => {
  assert.deepEqual(verdictsOf('Hello', [{ field: 'decision_facts', value: ' ' }, { field: 'puid', value: '--' }]), []);
});

test('a difference is shown word by word, wherever it stands in a letter', () => {
  const letter = `Dear customer, the forum on which threats were made is no longer served. ${FACTS.replace('no court order', 'a court order')} Yours, the provider of the forum.`;
  const [, facts] = compare(letter).compared;
  assert.equal(facts.verdict, 'differs');
  assert.deepEqual(facts.runs.filter(({ kind }) => kind !== 'same'), [{ kind: 'record', text: 'no' }, { kind: 'notice', text: 'a' }]);
  const record = facts.runs.filter(({ kind }) => kind !== 'notice').map(({ text }) => text).join(' ');
  assert.equal(record, FACTS, 'the words on record are all there');
});

test('what a notice says besides is told, and what it says twice is not', () => {
  assert.deepEqual(compare(`Dear customer, ${FACTS} Your account is closed. "${FACTS}"`).rest, ['Dear customer,', 'Your account is closed. "']);
});

test('a long notice and a long text are compared without a hang, or said to be too long', () => {
  const words = (count, salt) => Array.from({ length: count }, (_, i) => `w${(i * 7919 + salt) % 4001}`).join(' ');
  const began = performance.now();
  assert.ok(compare(words(30_000, 1), [{ field: 'policy', value: words(12_000, 2) }]).compared.length === 1);
  assert.equal(compare('a'.repeat(200_000), [{ field: 'policy', value: `${'a'.repeat(100_000)}b` }]).compared.length, 1);
  assert.ok(performance.now() - began < 5000);
  assert.equal(compare('x'.repeat(glasshouse.notice.MAX_NOTICE + 1)).tooLong, true);
  assert.equal(compare(' \n').empty, true);
});

test('many texts are compared as long as that is soon done, and then said to be too long', () => {
  const words = (count, salt, letter = 'w') => Array.from({ length: count }, (_, i) => `${letter}${(i * 7919 + salt) % 4001}`).join(' ');
  const list = (make) => [{ field: 'policy', value: Array.from({ length: 1000 }, (_, i) => make(i)) }];
  const letter = words(40_000, 1).slice(0, 199_000);
  const hostile = [[letter, (i) => words(80, i, 'v')], [letter, (i) => words(80, 13 * i)], ['a '.repeat(99_000), () => `${'a '.repeat(80)}b`]];
  for (const [notice, make] of hostile) {
    const began = performance.now();
    const verdicts = verdictsOf(notice, list(make));
    assert.ok(performance.now() - began < 30_000, `${performance.now() - began} ms, on a machine that does something else too`);
    assert.equal(verdicts.length, 1000);
    assert.ok(!['too-long', 'not-compared'].includes(verdicts[0]));
    assert.ok(['too-long', 'not-compared'].includes(verdicts.at(-1)));
  }
  assert.ok(!verdictsOf(letter.slice(0, 5000), list((i) => words(80, i))).includes('too-long'), 'a list of a thousand beside a letter of a page');
});

test('what was not compared is said to be neither there nor missing', () => {
  const words = (count, salt) => Array.from({ length: count }, (_, i) => `w${(i * 7919 + salt) % 4001}`).join(' ');
  const notice = `${words(40_000, 1).slice(0, 199_000)} the very sentence that is on record`;
  const texts = Array.from({ length: 1000 }, (_, i) => (i < 999 ? words(80, 13 * i) : 'the very sentence that is on record'));
  const compared = compare(notice, [{ field: 'policy', value: texts }]);
  assert.equal(compared.compared.at(-1).verdict, 'not-compared');
  assert.deepEqual(compared.rest, [], 'nothing is said to stand in no text on record');
  const found = compare('the very sentence that is on record', [{ field: 'policy', value: texts }]);
  assert.equal(found.compared.at(-1).verdict, 'same');
});

test('a receipt from which a text was cut does not speak for all texts on record', async () => {
  const { input } = casesOf('receipt').find(({ kind, name }) => kind === 'valid' && name === 'decision-one-text');
  const { statement, addenda } = await glasshouse.receipt.verify(input.receipt, await glasshouse.policy.parse(input.policy));
  const comparison = glasshouse.notice.compare(`Dear customer, ${FACTS}`, [{ payload: statement.payload, addenda }]);
  assert.deepEqual(comparison.missing, [{ field: 'puid', withheld: false }]);
  for (const language of ['en', 'fr']) {
    const texts = glasshouse.pageTexts[language];
    const speaker = new glasshouse.plainWords.Speaker(language, {});
    const told = textOf(glasshouse.noticeView.show(comparison, { texts, speaker }));
    assert.ok(told.includes(texts.notice.inReceipt.all) && !told.includes(texts.notice.onRecord.all), told);
    assert.ok(told.includes('puid') && told.includes(texts.notice.restOfReceipt) && !told.includes(`${texts.notice.rest}\n`), told);
    const whole = textOf(glasshouse.noticeView.show(compare(`${FACTS} 2022-09-03-block`), { texts, speaker }));
    assert.ok(whole.includes(texts.notice.onRecord.all), whole);
    const held = glasshouse.notice.compare(FACTS, [statementOf([{ field: 'decision_facts', value: FACTS }], ['puid'], ['puid'])]);
    assert.ok(textOf(glasshouse.noticeView.show(held, { texts, speaker })).includes(texts.notice.withheld('puid')));
  }
});
