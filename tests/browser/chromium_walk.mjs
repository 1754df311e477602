// People's ways through a ledger that is served: search, a decision, its receipt, the check of it; with a mouse, with a keyboard, on a
// narrow screen, without JavaScript, in the dark, in French.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, require } from './chromium.mjs';
import { startDemo } from './demo.mjs';

const axe = require('axe-core').source;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A page that is none. */
const MISSING = '/e/99999';

/** A page of each kind; `{subject}` and `{authority}` are found in the ledger. */
const PAGES = ['/', '/search', '/search?q=forum', '/search?type=decision&order=without', '/search?q=nothingofthesort', '/e/0', '/e/1', '/e/5', '/e/6', '/providers', '/providers/reverse-proxy.example', '{subject}', '{authority}', '/log', '/verify', MISSING];

let demo;
let browser;
let paths;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  paths = await namePages();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function json(path) {
  const answer = await fetch(demo.address + path);
  assert.equal(answer.status, 200, path);
  return answer.json();
}

async function namePages() {
  const { statements } = await json('/api/v1/statements?type=decision&limit=1');
  const { counts } = await json('/api/v1/counts?by=authority');
  const authority = counts.find((row) => row.authority !== null)?.authority;
  const named = { '{subject}': `/subjects/${statements[0].sub}`, '{authority}': `/authorities?name=${encodeURIComponent(authority ?? 'nobody')}` };
  return PAGES.map((path) => named[path] ?? path);
}

/** A tab that counts what it asks for and what it complains of. */
async function tab(options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => { if (message.type() === 'error' && !/status of 404/.test(message.text())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  const open = async (path) => {
    const answer = await page.goto(demo.address + path);
    assert.match(answer.headers()['content-security-policy'] ?? '', /^default-src 'none'; /, `${path} has no strict policy`);
    return answer;
  };
  return { page, context, open, complaints, close: () => context.close() };
}

/** From the front page by search to a decision, and its receipt as a file. */
async function findReceipt({ page, open }) {
  await open('/');
  await page.fill('#find', 'forum');
  await page.click('form.find button');
  await page.click('main a[href^="/e/"] >> nth=0');
  await page.waitForSelector('h1');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('main a[download] >> nth=0')]);
  return readFileSync(await download.path());
}

async function check(page, bytes) {
  await page.setInputFiles('#file', { name: 'receipt.json', mimeType: 'application/json', buffer: bytes });
  await page.waitForSelector('#result:not([hidden]) .verdict:not(.working) #heading:not(:empty)');
  await page.waitForFunction(() => !document.getElementById('drop').hasAttribute('aria-busy'));
}

test('search, a decision, its receipt, dropped on the page that checks it, also without a connection', async () => {
  const it = await tab();
  const receipt = await findReceipt(it);
  await it.open('/verify');
  await it.context.setOffline(true);
  await check(it.page, receipt);
  assert.equal(await it.page.textContent('#heading'), 'This is on record.');
  const text = receipt.toString('utf8');
  const at = text.indexOf('"path":["') + 9;
  const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  await check(it.page, Buffer.from(changed));
  assert.equal(await it.page.getAttribute('.steps > li.fails', 'data-step'), '4', 'inclusion is step 4');
  assert.deepEqual(it.complaints, []);
  await it.close();
});

test('without JavaScript: search, a decision, its receipt', async () => {
  const it = await tab({ javaScriptEnabled: false });
  const receipt = JSON.parse(await findReceipt(it));
  assert.equal(receipt.format, 'glasshouse-receipt/1');
  for (const path of paths) {
    await it.open(path);
    assert.ok((await it.page.innerText('main')).trim().length > 40, `${path} says nothing without JavaScript`);
  }
  await it.close();
});

test('by keyboard alone from the front page to a decision', async () => {
  const it = await tab();
  await it.open('/');
  const tabTo = async (selector) => {
    for (let presses = 0; presses < 120; presses += 1) {
      await it.page.keyboard.press('Tab');
      const { reached, visible, html } = await it.page.evaluate((wanted) => {
        const focused = document.activeElement;
        const style = getComputedStyle(focused);
        return { reached: focused.matches(wanted), visible: style.outlineStyle !== 'none' || style.boxShadow !== 'none', html: focused.outerHTML.slice(0, 200) };
      }, selector);
      assert.ok(visible, `where the focus is cannot be seen: ${html}`);
      if (reached) return;
    }
    assert.fail(`${selector} is not reached`);
  };
  await tabTo('.skip');
  await tabTo('#find');
  await it.page.keyboard.type('forum');
  await it.page.keyboard.press('Enter');
  await it.page.waitForURL(/\/search\?/);
  await tabTo('main a[href^="/e/"]');
  await it.page.keyboard.press('Enter');
  await it.page.waitForURL(/\/e\//);
  await tabTo('main a[download]');
  await it.close();
});

for (const prefix of ['', '/fr']) {
  for (const colorScheme of ['light', 'dark']) {
    test(`nothing to find for axe-core, and 360 px are enough: ${prefix || 'English'}, ${colorScheme}`, async () => {
      const it = await tab({ colorScheme, viewport: { width: 360, height: 740 } });
      for (const path of paths) {
        await it.open(prefix + path);
        const width = await it.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 360, `${prefix}${path} is ${width} px wide`);
        await it.page.evaluate(() => document.querySelectorAll('details').forEach((each) => { each.open = true; }));
        const found = await it.page.evaluate(async ({ source, rules }) => {
          (0, eval)(source); // run by the test, not by the page
          const { violations } = await globalThis.axe.run(document, { runOnly: rules });
          return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`);
        }, { source: axe, rules: RULES }).catch((error) => [String(error)]);
        assert.deepEqual(found, [], prefix + path);
      }
      assert.deepEqual(it.complaints, []);
      await it.close();
    });
  }
}

test('no English is left on the French pages, and no French on the English ones', async () => {
  const it = await tab();
  // Names are in nobody's language.
  const names = (await json('/api/v1/providers')).providers.map((provider) => provider.name);
  const words = { '/fr': /\b(the|and|of|with|this|that|which|from|was|were|is|are|not|statement|entry|decision of|search|who|why)\b/gi, '': /\b(le|la|les|des|une|est|sont|cette|avec|pour|dans|qui|sur|aux|du)\b/gi };
  for (const [prefix, wrong] of Object.entries(words)) {
    for (const path of paths) {
      await it.open(prefix + path);
      const language = prefix ? 'fr' : 'en';
      const whole = await it.page.evaluate((own) => {
        // What others wrote, codes, and whatever says that it is in another language, is left out.
        document.querySelectorAll('[lang], code, pre, script, style, noscript').forEach((each) => {
          if (each !== document.documentElement && each.getAttribute('lang') !== own) each.remove();
        });
        return `${document.title} ${document.body.innerText}`;
      }, language);
      const text = names.reduce((rest, name) => rest.replaceAll(name, ''), whole);
      assert.deepEqual([...new Set(text.match(wrong) ?? [])].sort(), [], `${prefix}${path}: ${text}`);
      assert.equal(await it.page.getAttribute('html', 'lang'), language);
    }
  }
  await it.close();
});

test('every link of every page leads somewhere', async () => {
  const it = await tab();
  const seen = new Set();
  for (const path of [...paths, ...paths.map((each) => `/fr${each}`)]) {
    await it.open(path);
    const links = await it.page.$$eval('a[href], link[href]', (all) => all.map((each) => each.getAttribute('href')));
    links.filter((link) => link.startsWith('/')).forEach((link) => seen.add(link.split('#')[0]));
  }
  const wrong = [];
  for (const link of seen) {
    const { status } = await fetch(demo.address + link);
    if (status !== 200 && status !== 451 && !link.endsWith(MISSING)) wrong.push(`${status} ${link}`);
  }
  assert.deepEqual(wrong, []);
  await it.close();
});

test('every address in the list of questions answers', async () => {
  const list = readFileSync(new URL('../../spec/questions.md', import.meta.url), 'utf8');
  const addresses = [...new Set(list.match(/(?<=`GET )\/[^`]*/g))];
  assert.ok(addresses.length >= 27, `${addresses.length} addresses`);
  for (const path of addresses) {
    const answer = await fetch(demo.address + path);
    assert.equal(answer.status, 200, `${path}: ${await answer.text()}`);
  }
  // What stands under a heading stands under one that the page has.
  const plain = (text) => text.replace(/[‘’]/g, '\'').replace(/&#39;|&#x27;/g, '\'').trim();
  const headed = [...list.matchAll(/(?:`GET (\/[^`]*)`|([^|`]+)), under "([^"]+)"/g)];
  assert.ok(headed.length >= 2 && headed.length === list.split('under "').length - 1, `${headed.length} headings`);
  const texts = plain(readFileSync(new URL('../../server/src/texts/place.rs', import.meta.url), 'utf8'));
  for (const [, path, , heading] of headed) {
    // Of a page that the demonstration does not have, the text is there.
    if (!path) {
      assert.ok(texts.includes(`"${plain(heading)}"`), `no page has the heading "${heading}"`);
      continue;
    }
    const page = await (await fetch(demo.address + path)).text();
    const headings = [...page.matchAll(/<h[1-6][^>]*>([^<]*)</g)].map((each) => plain(each[1]));
    assert.ok(headings.includes(plain(heading)), `${path} has no heading "${heading}": ${headings.join(' | ')}`);
  }
});
