// The page as one document, put together from the same files as the server does it.
import { createHash } from 'node:crypto';
import { scripts, source } from './load.mjs';

/** A source of a Content-Security-Policy that allows exactly this text. */
function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** The inline script: every file, one behind the other. */
export const script = scripts.map(source).join('');

/** The policy of the page: its own script and style, no connection to anything. */
export const contentPolicy = [
  "default-src 'none'", `script-src ${hashOf(script)}`, `style-src ${hashOf(source('page.css'))}`, "base-uri 'none'", "form-action 'none'",
].join('; ');

/** The document. @param {'en' | 'fr'} language @param {object} data */
export function documentOf(language, data) {
  const parts = {
    language, policy: contentPolicy, style: source('page.css'), script, data: JSON.stringify(data).replaceAll('<', '\\u003c'),
  };
  return source('page.html').replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}
