// The namespace of the second verifier: what its files are, and what they have in common.
//
// It is written from the pages of spec/ and the standards that they name, and shares no line with the other two. Each file is a
// classic script around one noun, and adds it to the one global object `glasshouse`. `order.txt` lists the files; a page holds
// them one behind the other, Node runs them one behind the other. There is no build step and no dependency.
//
// - Bytes are `Uint8Array`; a byte string out of CBOR is a view into what was decoded, never a copy.
// - Integers are numbers up to 2^53 - 1, and BigInt above. CBOR maps are `Map`, with text or integer keys.
// - What a hash or a signature decides is asynchronous (WebCrypto is); all else is not.
// - A function gives what it found or throws a `glasshouse.Refusal`, whose `rule` is the name that spec/ uses. Anything else
//   that is thrown is our own fault.
// - Files look each other up when they are called, so only constants depend on the order.
//
// What the files about single statements ask of the file `payload.js`:
//
//   await glasshouse.payload.parse(bytes, {iss, sub, aud}) -> Map
//
// gives the decoded map of the payload. It throws `not-cbor` and `not-deterministic`, `not-understood`, or `invalid-payload` with
// `found.errors`, a list of `{path, rule}` in the order of the payload.
//
// What a replay of a whole log and a receipt share is in `key_ring.js`: the genesis, who may sign, enrolments, changes of keys.
(function (glasshouse) {
  'use strict';

  /** The greatest integer of the formats: 2^53 - 1. */
  glasshouse.MAX_INTEGER = Number.MAX_SAFE_INTEGER;
})(globalThis.glasshouse ??= {});
