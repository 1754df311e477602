// Every case of spec/vectors again, inside Chromium: its WebCrypto is another one than Node's. And once more without its Ed25519.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import './load.mjs';
import { casesOf } from './cases.mjs';
import { launch, onDisk } from './chromium.mjs';
import { script } from './document.mjs';
import { FEWEST } from './left_out.mjs';
import { judges as core } from './judges_core.mjs';
import { judges as rules } from './judges_rules.mjs';

/** A module as an inline script that leaves one of its names behind. */
function module(file, name, as) {
  return `<script type="module">${readFileSync(new URL(file, import.meta.url), 'utf8')}\nglobalThis.${as} = ${name};</script>`;
}

const document = `<!doctype html><meta charset="utf-8"><title>vectors</title><script>${script}</script>${
  module('judges_core.mjs', 'judges', 'core')}${module('judges_rules.mjs', 'judges', 'rules')}${module('verdict.mjs', 'verdictOf', 'verdictOf')}${
  module('without_ed25519.mjs', 'withoutEd25519', 'withoutEd25519')}`;

let browser;
let disk;
const pages = {};
before(async () => {
  disk = onDisk({ vectors: document });
  browser = await launch();
  for (const name of ['as it is', 'without Ed25519']) {
    const page = await browser.newPage();
    page.on('pageerror', (error) => { throw error; });
    await page.goto(disk.addresses.vectors);
    await page.waitForFunction(() => globalThis.core && globalThis.rules && globalThis.verdictOf && globalThis.withoutEd25519);
    pages[name] = page;
  }
  await pages['without Ed25519'].evaluate(() => { globalThis.refused = globalThis.withoutEd25519(); });
});
after(async () => {
  await browser?.close();
  disk.remove();
});

const judged = { 'as it is': 0, 'without Ed25519': 0 };
for (const name of Object.keys(judged)) {
  for (const family of Object.keys({ ...core, ...rules })) {
    test(`every verdict of ${family} in Chromium ${name}`, async () => {
      const cases = casesOf(family);
      const found = await pages[name].evaluate(async ([wanted, inputs]) => {
        const judge = { ...globalThis.core, ...globalThis.rules }[wanted];
        const verdicts = [];
        for (const input of inputs) verdicts.push(await globalThis.verdictOf(judge, input));
        return verdicts;
      }, [family, cases.map((each) => each.input)]);
      cases.forEach((each, i) => {
        if (each.expect.step === undefined) delete found[i].step;
        assert.deepEqual(found[i], each.expect, `${family}/${each.kind}/${each.name}`);
        judged[name] += 1;
      });
    });
  }
}

test('no case was missed in Chromium', () => {
  for (const [name, count] of Object.entries(judged)) assert.ok(count >= FEWEST, `${count} cases ${name}, fewer than ${FEWEST}`);
});

test('Chromium itself knows Ed25519, and was without it where it should be', async () => {
  const knows = (page) => page.evaluate(() => crypto.subtle.importKey('raw', new Uint8Array(32), { name: 'Ed25519' }, false, ['verify']).then(() => true, () => false));
  assert.equal(await knows(pages['as it is']), true);
  assert.equal(await knows(pages['without Ed25519']), false);
  assert.ok(await pages['without Ed25519'].evaluate(() => globalThis.refused()) > 100);
});
