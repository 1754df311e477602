// What codes, types and fields are called: the same labels that the server puts into the page, out of the same files.
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const vocabulary = read('spec/vocabulary.json');
const french = read('server/src/texts/labels.fr.json');
const names = read('server/src/texts/names.json');

/** set -> code -> label, of the newer version of the vocabulary where there are two. */
function english() {
  const sets = {};
  for (const version of [vocabulary.v1, vocabulary.v2, vocabulary.own]) {
    for (const [set, codes] of Object.entries(version)) {
      sets[set] ??= {};
      for (const [code, label] of Object.entries(codes)) sets[set][code] = typeof label === 'string' ? label : label.label;
    }
  }
  return sets;
}

/** As the page's data have them. */
export const labels = { codes: { en: english(), fr: french }, names };
