// Chromium (Debian's), driven by playwright-core out of target/browser.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Loads what npm put into target/browser. @param {string} name */
export const require = createRequire(new URL('../../target/browser/package.json', import.meta.url));

const { chromium } = require('playwright-core');

/** Nothing that would speak to anybody. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A browser; `GLASSHOUSE_CHROMIUM` names another program than Debian's. */
export function launch() {
  return chromium.launch({ executablePath: process.env.GLASSHOUSE_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/** Documents on the disk, by name; gives their folder and addresses, and how to take them away. @param {Record<string, string>} documents */
export function onDisk(documents) {
  const folder = mkdtempSync(join(tmpdir(), 'glasshouse-page-'));
  const addresses = {};
  for (const [name, text] of Object.entries(documents)) {
    writeFileSync(join(folder, `${name}.html`), text);
    addresses[name] = pathToFileURL(join(folder, `${name}.html`)).href;
  }
  return { folder, addresses, remove: () => rmSync(folder, { recursive: true }) };
}
