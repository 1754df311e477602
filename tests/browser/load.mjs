// Runs the verifier's scripts in the order of server/verify/order.txt, as a page would.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const folder = new URL('../../server/verify/', import.meta.url);

/** The names of the scripts, in their order. */
export const scripts = readFileSync(new URL('order.txt', folder), 'utf8').split('\n').filter((line) => line !== '');

/** The text of one file of server/verify. @param {string} name */
export function source(name) {
  return readFileSync(new URL(name, folder), 'utf8');
}

for (const name of scripts) vm.runInThisContext(source(name), { filename: new URL(name, folder).pathname });

/** The namespace that the scripts filled. */
export const glasshouse = globalThis.glasshouse;
