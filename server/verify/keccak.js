// SHAKE128 and SHAKE256 (FIPS 202), which WebCrypto does not have.
(function (glasshouse) {
  'use strict';

  const ROUNDS = 24;
  const ROTATIONS = rotations();
  const ROUND_CONSTANTS = roundConstants();

  /** The offsets of ρ (FIPS 202 section 3.2.2), for lane x + 5y. */
  function rotations() {
    const offsets = new Array(25).fill(0n);
    for (let t = 0, x = 1, y = 0; t < 24; t += 1, [x, y] = [y, (2 * x + 3 * y) % 5]) {
      offsets[x + 5 * y] = BigInt((((t + 1) * (t + 2)) / 2) % 64);
    }
    return offsets;
  }

  /** The constants of ι (section 3.2.5), from the shift register of algorithm 5. */
  function roundConstants() {
    const constants = [];
    let register = 1;
    for (let round = 0; round < ROUNDS; round += 1) {
      let constant = 0n;
      for (let j = 0; j <= 6; j += 1) {
        if (register & 1) constant |= 1n << BigInt(2 ** j - 1);
        register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
      }
      constants.push(constant);
    }
    return constants;
  }

  function rotate(lane, offset) {
    return BigInt.asUintN(64, (lane << offset) | (lane >> (64n - offset)));
  }

  /** Keccak-f[1600] (section 3.3), in place. @param {BigUint64Array} state lane x + 5y */
  function permute(state) {
    const columns = new BigUint64Array(5);
    const moved = new BigUint64Array(25);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let x = 0; x < 5; x += 1) columns[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
      for (let x = 0; x < 5; x += 1) {
        const change = columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1n);
        for (let y = 0; y < 5; y += 1) {
          const lane = x + 5 * y;
          moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(state[lane] ^ change, ROTATIONS[lane]);
        }
      }
      for (let y = 0; y < 25; y += 5) {
        for (let x = 0; x < 5; x += 1) state[y + x] = moved[y + x] ^ (~moved[y + ((x + 1) % 5)] & moved[y + ((x + 2) % 5)]);
      }
      state[0] ^= ROUND_CONSTANTS[round];
    }
  }

  /** A sponge (section 4) that has taken in a message and gives out bytes without end. */
  class Shake {
    /** @param {number} rate bytes of a block @param {Uint8Array} message */
    constructor(rate, message) {
      this.rate = rate;
      this.state = new BigUint64Array(25);
      this.given = 0;
      const padded = new Uint8Array((Math.floor(message.length / rate) + 1) * rate);
      padded.set(message);
      padded[message.length] ^= 0x1f; // the suffix 1111 of an extendable function, and the padding's first bit
      padded[padded.length - 1] ^= 0x80;
      for (let at = 0; at < padded.length; at += rate) this.absorb(padded.subarray(at, at + rate));
    }

    absorb(block) {
      const view = new DataView(block.buffer, block.byteOffset, block.length);
      for (let lane = 0; lane < this.rate / 8; lane += 1) this.state[lane] ^= view.getBigUint64(8 * lane, true);
      permute(this.state);
    }

    /** The next bytes of the output. @param {number} count */
    read(count) {
      const output = new Uint8Array(count);
      for (let at = 0; at < count; at += 1, this.given += 1) {
        if (this.given === this.rate) {
          permute(this.state);
          this.given = 0;
        }
        output[at] = Number((this.state[this.given >> 3] >> BigInt(8 * (this.given & 7))) & 255n);
      }
      return output;
    }
  }

  glasshouse.keccak = {
    /** @param {...Uint8Array} parts */
    shake128: (...parts) => new Shake(168, glasshouse.bytes.concat(...parts)),
    /** @param {...Uint8Array} parts */
    shake256: (...parts) => new Shake(136, glasshouse.bytes.concat(...parts)),
  };
})(globalThis.glasshouse ??= {});
