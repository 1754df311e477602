// Every case of spec/vectors again, as in a browser whose WebCrypto knows no Ed25519: the equation by the curve itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutEd25519 } from './without_ed25519.mjs';

const refused = withoutEd25519();
await import('./vectors.test.mjs');

test('Ed25519 was asked for, and was not there', () => {
  assert.ok(refused() > 100, `asked ${refused()} times`);
});
