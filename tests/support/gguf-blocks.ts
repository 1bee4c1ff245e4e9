// Blocks of GGUF's types, made of scales and whole numbers that are drawn: their bytes, and the values that they stand for by
// the definition of the type.
import { fromHalf, toHalf } from '../../src/lm/half.js';
import { seeded } from '../../src/random.js';

/** One block: its bytes, and what its values are. */
interface Block {
  bytes: Buffer;
  values: number[];
}

/** What is drawn for a block. */
class Draw {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** A whole number, `most` at most. */
  upTo(most: number): number {
    return Math.floor(this.random() * (most + 1));
  }

  several(count: number, most: number): number[] {
    return Array.from({ length: count }, () => this.upTo(most));
  }

  /** A scale that binary16 has. */
  scale(): { value: number; bytes: Buffer } {
    const half = toHalf((this.random() - 0.4) * 0.1);
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(half);
    return { value: fromHalf(half), bytes };
  }
}

/** 32 numbers of 4 bits: the first 16 in the lower halves of 16 bytes, the others in the upper. */
function nibbles(q: readonly number[]): Buffer {
  return Buffer.from(
    Array.from({ length: q.length / 2 }, (_, i) => at(q, i) | (at(q, i + q.length / 2) << 4)),
  );
}

/** The fifth bits of 32 numbers, in one number. */
function fifthBits(q: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(q.reduce((sum, one, i) => sum + (one >> 4) * 2 ** i, 0));
  return bytes;
}

function at(list: readonly number[], i: number): number {
  return list[i] ?? 0;
}

const lower = (q: readonly number[]) => q.map((one) => one & 15);

/** 8 scales and 8 least values of 6 bits, in 12 bytes. */
function sixBits(scales: readonly number[], least: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12);
  for (let j = 0; j < 4; j++) {
    bytes[j] = at(scales, j) | ((at(scales, j + 4) >> 4) << 6);
    bytes[j + 4] = at(least, j) | ((at(least, j + 4) >> 4) << 6);
    bytes[j + 8] = (at(scales, j + 4) & 15) | ((at(least, j + 4) & 15) << 4);
  }
  return bytes;
}

/** 256 numbers, of which pairs of 32 share 32 bytes. */
function groupNibbles(q: readonly number[]): Buffer {
  return Buffer.concat([0, 64, 128, 192].map((from) => nibbles(q.slice(from, from + 64))));
}

const BLOCKS: Record<string, { type: number; make(draw: Draw): Block }> = {
  Q8_0: {
    type: 8,
    make(draw) {
      const d = draw.scale();
      const q = draw.several(32, 255).map((one) => one - 128);
      return {
        bytes: Buffer.concat([d.bytes, Buffer.from(Int8Array.from(q).buffer)]),
        values: q.map((one) => d.value * one),
      };
    },
  },
  Q4_0: {
    type: 2,
    make(draw) {
      const d = draw.scale();
      const q = draw.several(32, 15);
      return { bytes: Buffer.concat([d.bytes, nibbles(q)]), values: q.map((one) => d.value * (one - 8)) };
    },
  },
  Q4_1: {
    type: 3,
    make(draw) {
      const [d, m] = [draw.scale(), draw.scale()];
      const q = draw.several(32, 15);
      return {
        bytes: Buffer.concat([d.bytes, m.bytes, nibbles(q)]),
        values: q.map((one) => d.value * one + m.value),
      };
    },
  },
  Q5_0: {
    type: 6,
    make(draw) {
      const d = draw.scale();
      const q = draw.several(32, 31);
      return {
        bytes: Buffer.concat([d.bytes, fifthBits(q), nibbles(lower(q))]),
        values: q.map((one) => d.value * (one - 16)),
      };
    },
  },
  Q5_1: {
    type: 7,
    make(draw) {
      const [d, m] = [draw.scale(), draw.scale()];
      const q = draw.several(32, 31);
      return {
        bytes: Buffer.concat([d.bytes, m.bytes, fifthBits(q), nibbles(lower(q))]),
        values: q.map((one) => d.value * one + m.value),
      };
    },
  },
  Q4_K: {
    type: 12,
    make(draw) {
      const [d, dmin] = [draw.scale(), draw.scale()];
      const [scales, least] = [draw.several(8, 63), draw.several(8, 63)];
      const q = draw.several(256, 15);
      return {
        bytes: Buffer.concat([d.bytes, dmin.bytes, sixBits(scales, least), groupNibbles(q)]),
        values: q.map((one, i) => d.value * at(scales, i >> 5) * one - dmin.value * at(least, i >> 5)),
      };
    },
  },
  Q5_K: {
    type: 13,
    make(draw) {
      const [d, dmin] = [draw.scale(), draw.scale()];
      const [scales, least] = [draw.several(8, 63), draw.several(8, 63)];
      const q = draw.several(256, 31);
      const fifth = Buffer.alloc(32);
      q.forEach((one, i) => {
        fifth[i & 31] = at([...fifth], i & 31) | ((one >> 4) << (i >> 5));
      });
      return {
        bytes: Buffer.concat([d.bytes, dmin.bytes, sixBits(scales, least), fifth, groupNibbles(lower(q))]),
        values: q.map((one, i) => d.value * at(scales, i >> 5) * one - dmin.value * at(least, i >> 5)),
      };
    },
  },
  Q6_K: {
    type: 14,
    make(draw) {
      const d = draw.scale();
      const scales = draw.several(16, 255).map((one) => one - 128);
      const q = draw.several(256, 63);
      const low = Buffer.alloc(128);
      const high = Buffer.alloc(64);
      q.forEach((one, i) => {
        const [half, group, within] = [i >> 7, (i >> 5) & 3, i & 31];
        const place = 64 * half + 32 * (group & 1) + within;
        low[place] = at([...low], place) | ((one & 15) << (group & 2 ? 4 : 0));
        high[32 * half + within] = at([...high], 32 * half + within) | ((one >> 4) << (2 * group));
      });
      return {
        bytes: Buffer.concat([low, high, Buffer.from(Int8Array.from(scales).buffer), d.bytes]),
        values: q.map((one, i) => d.value * at(scales, i >> 4) * (one - 32)),
      };
    },
  },
};

export const BLOCK_TYPES = Object.keys(BLOCKS);

/** Blocks of a type, drawn from a seed. */
export function drawBlocks(
  type: string,
  count: number,
  seed: number,
): { type: number; bytes: Buffer; values: Float32Array } {
  const { type: number, make } = BLOCKS[type] ?? {
    type: -1,
    make: () => ({ bytes: Buffer.alloc(0), values: [] }),
  };
  const draw = new Draw(seed);
  const blocks = Array.from({ length: count }, () => make(draw));
  return {
    type: number,
    bytes: Buffer.concat(blocks.map(({ bytes }) => bytes)),
    values: Float32Array.from(blocks.flatMap(({ values }) => values)),
  };
}
