// The page in Chromium, from a disk and without a connection: by mouse and by keyboard, in two languages, on a narrow screen.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { glasshouse } from './load.mjs';
import { casesOf } from './cases.mjs';
import { launch, onDisk, require } from './chromium.mjs';
import { documentOf } from './document.mjs';
import { labels } from './labels.mjs';

const axe = require('axe-core').source;
const given = (name, kind = 'valid') => casesOf('receipt').find((each) => each.kind === kind && each.name === name).input;
const { receipt, policy } = given('decision');
/** The first right case of a family. */
const first = (family) => casesOf(family).find((each) => each.kind === 'valid');
/** Evidence of each kind. */
const kindsOfEvidence = () => [...new Map(casesOf('evidence').filter((each) => each.kind === 'valid').map((each) => [each.expect.kind, each])).values()];
const { kinds } = glasshouse.pageTexts.en;
/** What hostile files are taken for. */
const KINDS = { brackets: kinds.other, nested: kinds.other, 'nested receipt': kinds.receipt, binary: kinds.other, long: kinds['too-large'], statement: kinds.statement, empty: kinds.other, large: kinds['too-large'] };

let browser;
let disk;
let page;
let context;
let said;
let asked;

before(async () => {
  const keys = Buffer.from(first('transparent_statement').input.keys, 'hex').toString('base64');
  const data = { policy, labels, receipt_keys: keys };
  disk = onDisk({ en: documentOf('en', data), fr: documentOf('fr', data), bare: documentOf('en', {}), broken: documentOf('en', { policy: 'log nonsense' }) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  disk.remove();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  await context.setOffline(true);
  page = await context.newPage();
  said = [];
  asked = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
});
afterEach(async () => {
  assert.deepEqual(said, [], 'the browser complained');
  assert.equal(asked.length, 1, `asked for ${asked}`);
  await context.close();
});

async function open(name = 'en') {
  await page.goto(disk.addresses[name]);
  await page.waitForSelector('#page:not([hidden])');
}

/** Chooses a file, and waits for the verdict. */
async function choose(bytes, name = 'file') {
  await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
  await verdict();
}

async function verdict() {
  await page.waitForSelector('#result:not([hidden]) .verdict:not(.working) #heading:not(:empty)');
  await page.waitForFunction(() => !document.getElementById('drop').hasAttribute('aria-busy'));
}

const text = (selector) => page.textContent(selector);

async function demandAccessible(where) {
  const serious = await page.evaluate(async (source) => {
    if (!globalThis.axe) (0, eval)(source); // run by the test, not by the page
    const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }, axe);
  assert.deepEqual(serious, [], where);
}

test('a receipt that holds', async () => {
  await open();
  await choose(receipt);
  assert.equal(await text('#heading'), 'This is on record.');
  assert.equal(await page.locator('.steps > li.holds').count(), glasshouse.receipt.STEPS);
  assert.match(await text('#details'), /anybody but the log has seen this list/);
  assert.match(await text('#status'), /^This is on record\./);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'heading');
  assert.match(await text('#says'), /no court order was there to act on/);
});

test('a receipt with one changed byte is refused at the right step', async () => {
  await open();
  await choose(given('path-flipped', 'invalid').receipt);
  assert.equal(await page.getAttribute('.steps > li.fails', 'data-step'), '4');
  assert.equal(await page.locator('.steps > li.holds').count(), 3);
  await choose(receipt.replace('"addenda":["h', '"addenda":["i'));
  assert.equal(await page.getAttribute('.steps > li.fails', 'data-step'), '10');
  assert.equal(await page.locator('#notice').isHidden(), true);
});

test('by keyboard alone: paste a receipt, then a notice', async () => {
  await open();
  const tabTo = async (id) => {
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), id)) return;
    }
    assert.fail(`${id} is not reached`);
  };
  await tabTo('#paste > summary');
  await page.keyboard.press('Enter');
  await tabTo('#pasted');
  await page.keyboard.insertText(`${receipt}\n`);
  await tabTo('#check-pasted');
  await page.keyboard.press('Enter');
  await verdict();
  assert.equal(await text('#heading'), 'This is on record.');
  await tabTo('#pasted-notice');
  await page.keyboard.insertText('Number 2022-09-03-block\nThreats on the forum had grown beyond anything seen before; no  court order was there to act on.');
  await tabTo('#compare');
  await page.keyboard.press('Enter');
  assert.match(await text('#comparison'), /Every text on record stands in your notice/);
});

test('a drop of a file anywhere', async () => {
  await open();
  await page.evaluate((dropped) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([dropped], 'receipt.json'));
    document.querySelector('h1').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, receipt);
  await verdict();
  assert.equal(await text('#heading'), 'This is on record.');
});

test('one\'s own policy decides, and a page without a key asks for one', async () => {
  const cosigned = given('cosigned');
  await open('bare');
  await choose(cosigned.receipt);
  assert.equal(await text('#heading'), 'Say first whom you trust.');
  await page.fill('#policy', 'log nonsense');
  await page.click('#use-policy');
  assert.match(await text('#policy-told'), /line 1/);
  await page.fill('#policy', cosigned.policy);
  await page.click('#use-policy');
  await verdict();
  assert.match(await text('#trusted-note'), /w1/);
  assert.match(await text('#summary'), /your own policy/);
  await page.fill('#policy', given('policy-of-another-key', 'invalid').policy);
  await page.click('#use-policy');
  await page.waitForSelector('.verdict.refused');
  assert.equal(await page.getAttribute('.steps > li.fails', 'data-step'), '2');
});

/** What of a text stands between what is put into it, long enough to be told from another language. */
function wordsOf(text) {
  if (typeof text === 'object') return Object.values(text).flatMap(wordsOf);
  if (typeof text === 'string') return text.length > 9 ? [text] : [];
  // One word for each argument; where a list is meant, it is one of one word.
  const said = text(...Array.from({ length: text.length }, () => ['\u0001']));
  return said.split(/[\u0001\s]*\u0001[\u0001\s]*/).filter((part) => part.length > 9);
}

/** English words of the page and of its labels that are no French ones too. */
function englishWords() {
  const { en, fr } = glasshouse.pageTexts;
  const inBoth = (own) => Object.values(own).flatMap((names) => Object.values(names));
  const english = [...wordsOf(en), ...wordsOf(labels.codes.en), ...inBoth(labels.names).map((name) => name.en).filter((name) => name.length > 9)];
  const french = [...wordsOf(fr), ...wordsOf(labels.codes.fr), ...inBoth(labels.names).map((name) => name.fr)].join('\n');
  return english.filter((each) => !french.includes(each));
}

test('in French nothing is English, whatever came of a file, and the language changes without a reload', async () => {
  await open('fr');
  const english = englishWords();
  assert.ok(english.length > 500, `${english.length} words`);
  const { proof, leaf_hash: leaf } = first('tlog_proof').input;
  const seen = [];
  const demandFrench = async (where) => {
    const french = await page.textContent('#page');
    for (const each of english) assert.ok(!french.includes(each), `${where}: ${each}`);
    seen.push(await text('#heading'));
  };
  const outcomes = {
    receipt, refused: given('payload-category-missing', 'invalid').receipt, 'unknown key': given('policy-of-another-key', 'invalid').receipt, checkpoint: first('checkpoint').input.note,
    ...Object.fromEntries(kindsOfEvidence().map(({ name, input }) => [name, input.evidence])),
    page: '<!doctype html>', refusal: '{"type":"urn:glasshouse:problem:not-found"}',
    transparent: Buffer.from(first('transparent_statement').input.transparent, 'hex'), statement: Buffer.from(first('statement').input.statement, 'hex'), policy, empty: '', proof,
  };
  for (const [where, bytes] of Object.entries(outcomes)) {
    await choose(bytes);
    await demandFrench(where);
  }
  await page.fill('#leaf', leaf);
  await page.click('#leaf-form button');
  await verdict();
  await demandFrench('proof of a leaf');
  await choose(given('decision-one-text').receipt);
  await page.fill('#pasted-notice', 'Bonjour, no court order was there to act, on the forum had grown beyond anything seen before; adieu.');
  await page.click('#compare');
  await page.waitForSelector('#comparison > *');
  await demandFrench('notice');
  assert.ok(new Set(seen).size >= 8, seen.join(' '));
  await page.click('#languages [lang=en]');
  assert.equal(await text('#heading'), 'This is on record.');
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  assert.equal(await page.evaluate(() => document.activeElement.lang), 'en');
});

test('a file that cannot be read takes the last verdict away', async () => {
  await open();
  await choose(receipt);
  await page.evaluate(() => {
    for (const name of ['arrayBuffer', 'text']) Blob.prototype[name] = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
  });
  await page.setInputFiles('#file', { name: 'folder', mimeType: '', buffer: Buffer.from('x') });
  await page.waitForFunction((kind) => document.getElementById('kicker').textContent === kind, kinds.unreadable);
  assert.match(await text('#summary'), /could not read it/);
  assert.equal(await page.locator('.steps').count(), 0);
  await page.setInputFiles('#policy-file', { name: 'folder', mimeType: '', buffer: Buffer.from('x') });
  await page.waitForFunction(() => /could not be read/.test(document.getElementById('policy-told').textContent));
});

test('a policy that was dropped and edited is used as it was edited, on the file before it', async () => {
  const cosigned = given('cosigned');
  await open();
  await choose(cosigned.receipt);
  await choose(cosigned.policy);
  assert.equal(await text('#heading'), 'This is a policy.');
  const edited = `# mine\n${cosigned.policy}`;
  await page.fill('#policy', edited);
  await page.click('#use-policy');
  await page.waitForFunction(() => document.getElementById('heading').textContent === 'This is on record.');
  assert.equal(await page.inputValue('#policy'), edited);
  assert.match(await text('#summary'), /your own policy/);
});

test('a page whose policy is not understood says so, and takes one', async () => {
  await open('broken');
  assert.match(await text('#trusted'), /does not understand/);
  await page.fill('#policy', policy);
  await page.click('#use-policy');
  await choose(receipt);
  assert.equal(await text('#heading'), 'This is on record.');
});

test('a checkpoint that was pasted without its last newline', async () => {
  const { note, vkey } = first('checkpoint').input;
  await open('bare');
  await page.fill('#policy', vkey);
  await page.click('#use-policy');
  await page.click('#paste > summary');
  await page.fill('#pasted', note.trim());
  await page.click('#check-pasted');
  await verdict();
  assert.equal(await text('#heading'), 'The log signed this.');
});

test('while a file is checked nothing is shown of the one before, in any language', async () => {
  await open();
  await choose(receipt);
  await page.evaluate(() => { globalThis.glasshouse.inspection.inspect = () => new Promise(() => {}); });
  await page.setInputFiles('#file', { name: 'next', mimeType: '', buffer: Buffer.from(first('checkpoint').input.note) });
  await page.waitForFunction(() => document.getElementById('drop').hasAttribute('aria-busy'));
  await page.click('#languages [lang=fr]');
  assert.equal(await page.locator('#result').isHidden(), true);
});

test('what is in a file becomes text, never markup', async () => {
  await open();
  const name = '<img/src=x/onerror=document.title=1>';
  const line = `\\n\u2014 ${name} ${Buffer.alloc(72).toString('base64')}\\n","entries"`;
  await choose(receipt.replace('\\n","entries"', line));
  assert.equal(await text('#heading'), 'This is on record.');
  assert.ok((await text('#details')).includes(name));
  await page.fill('#pasted-notice', '<img src=x onerror=alert(1)> Threats on the forum had grown beyond <b>anything</b> seen before; no court order was there to act on.');
  await page.click('#compare');
  assert.equal(await page.locator('img, #comparison b').count(), 0);
});

test('hostile files get an answer, and soon', async () => {
  await open();
  for (const [name, bytes, heading] of [
    ['brackets', Buffer.alloc(10_000_000, '['), /a file in JSON/], ['nested receipt', Buffer.alloc(10_000_000, '{"format":"glasshouse-receipt/1","entries":'), /does not hold/],
    ['nested', Buffer.alloc(10_000_000, '{"format":'), /a file in JSON/],
    ['long', Buffer.from([0xd2, 0x84, ...Buffer.alloc(1_000_000, 0x81)]), /nothing to check/], ['binary', Buffer.alloc(10_000_000, 0x81), /no kind that this page knows/],
    ['statement', Buffer.from([0xd2, 0x84, ...Buffer.alloc(100_000, 0x81)]), /no statement/],
    ['empty', Buffer.alloc(0), /it is empty/], ['large', Buffer.alloc(49 * 1024 * 1024, 'x'), /nothing to check/],
  ]) {
    const path = join(disk.folder, name);
    writeFileSync(path, bytes);
    const began = performance.now();
    await page.setInputFiles('#file', path);
    await page.waitForFunction((kind) => document.getElementById('kicker').textContent === kind, KINDS[name]);
    assert.ok(performance.now() - began < 5000, `${name} took too long`);
    assert.match(await text('#heading'), heading);
  }
});

test('a page that may not calculate digests says so, and a saved result is not shown again', async () => {
  await page.addInitScript(() => Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined }));
  await open();
  assert.match(await page.innerText('#no-crypto'), /https/);
  assert.equal(await page.locator('#drop').isHidden(), true);
  const saved = documentOf('en', { policy }).replace('<div id="result" hidden>', '<div id="result">').replace('<div id="page" hidden>', '<div id="page">');
  writeFileSync(join(disk.folder, 'saved.html'), saved);
  asked.length = 0;
  await page.goto(pathToFileURL(join(disk.folder, 'saved.html')).href);
  await page.waitForFunction(() => document.title !== 'Glasshouse');
  assert.equal(await page.locator('#result').isHidden(), true);
});

test('360 px wide, light and dark, and accessible everywhere', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 700 });
    asked.length = 0;
    await open();
    await demandAccessible(`${colorScheme}, before`);
    await choose(receipt);
    await page.fill('#pasted-notice', 'Threats on the forum had grown far beyond anything seen before; no court order was there to act on. Goodbye.');
    await page.click('#compare');
    await page.evaluate(() => document.querySelectorAll('details').forEach((each) => { each.open = true; }));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await demandAccessible(`${colorScheme}, holds`);
    await choose(given('payload-category-missing', 'invalid').receipt);
    await demandAccessible(`${colorScheme}, refused`);
  }
});
