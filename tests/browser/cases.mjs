// The cases of spec/vectors, and what a judge finds for one.
import { readdirSync, readFileSync, existsSync } from 'node:fs';

const folder = new URL('../../spec/vectors/', import.meta.url);

/** Every family: the folders that hold cases. */
export function families() {
  return readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory()).map((each) => each.name).sort();
}

/** JSON whose integers above 2^53 - 1 become BigInt. @param {string} text */
export function parseExactly(text) {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, (token) => (token.startsWith('"') ? token : `"integer ${token}"`));
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== 'string' || !/^integer -?\d+$/.test(value)) return value;
    const integer = BigInt(value.slice('integer '.length));
    return integer <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(integer) : integer;
  });
}

/** The cases of one family. @param {string} family */
export function casesOf(family) {
  const found = [];
  for (const kind of ['valid', 'invalid']) {
    const inside = new URL(`${family}/${kind}/`, folder);
    if (!existsSync(inside)) continue;
    for (const file of readdirSync(inside).sort()) found.push({ kind, ...parseExactly(readFileSync(new URL(file, inside), 'utf8')) });
  }
  return found;
}
