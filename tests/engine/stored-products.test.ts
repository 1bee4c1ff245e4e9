// Products with stored matrices: those of their float32 expansion, bit for bit, on every engine that has them.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadFirst } from '../../src/engine/backends/blas/load.js';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { toBfloat16, toHalf } from '../../src/lm/half.js';
import { SharedMatrix } from '../../src/lm/layers/shared-matrix.js';
import { type StoredMatrix, storedCopy } from '../../src/lm/stored-matrix.js';
import { STORED_TYPES, typeNamed } from '../../src/lm/stored-types.js';
import { gaussian, seeded } from '../../src/random.js';
import { drawBlocks } from '../support/gguf-blocks.js';

const missing = await loadFirst().then(
  () => '',
  (error: Error) => error.message,
);
/** Rows of x, and sizes of the matrix: small ones, and such as are read in several parts. */
const SIZES = [
  { m: 1, rows: 3, columns: 256 },
  { m: 2, rows: 70, columns: 512 },
  { m: 5, rows: 530, columns: 768 },
  { m: 15, rows: 1, columns: 256 },
  { m: 4, rows: 40, columns: 9216 },
];

/** A matrix [rows, stride] of a type, of which the first columns are used; and the same in F32. */
function matrices(dtype: string, rows: number, columns: number, stride: number) {
  const { bytes, values } = drawn(dtype, (rows * stride) / typeNamed(dtype).values);
  const stored = (what: Uint8Array, name: string) => storedCopy(what, name, [rows, columns], stride);
  return { values, matrix: stored(bytes, dtype), expanded: stored(new Uint8Array(values.buffer), 'F32') };
}

/** Blocks, and their values by the definition of the type. */
function drawn(dtype: string, blocks: number): { bytes: Uint8Array; values: Float32Array<ArrayBuffer> } {
  if (!['F32', 'F16', 'BF16'].includes(dtype)) {
    const { bytes, values } = drawBlocks(dtype, 64, 5); // the same ones again and again
    const size = bytes.length / 64;
    const repeated = new Uint8Array(blocks * size).map((_, i) => bytes[i % bytes.length] ?? 0);
    const all = new Float32Array((blocks * values.length) / 64).map((_, i) => values[i % values.length] ?? 0);
    return { bytes: repeated, values: all };
  }
  const next = gaussian(seeded(6));
  // Among them 0, -0, and for F16 some that are subnormal there.
  const numbers = Float32Array.from({ length: blocks }, (_, i) =>
    i % 7 ? next() : i % 2 ? 2 ** -20 * next() : -0,
  );
  if (dtype === 'F32') return { bytes: new Uint8Array(numbers.buffer), values: numbers };
  const halves = Uint16Array.from(numbers, dtype === 'F16' ? toHalf : toBfloat16);
  const bytes = new Uint8Array(halves.buffer);
  return { bytes, values: Float32Array.from(typeNamed(dtype).decode(Buffer.from(bytes))) };
}

function multiply(
  x: tf.Tensor2D,
  matrix: StoredMatrix,
  transposed: boolean,
  bias?: tf.Tensor1D,
): Float32Array {
  return new SharedMatrix(matrix).product(x, transposed, bias).dataSync<'float32'>();
}

describe.each(['wasm', 'wasm+blas'] as const)('%s', (engine) => {
  const each = it.skipIf(engine === 'wasm+blas' && missing !== '');

  each.each(STORED_TYPES.map(({ name }) => name))(`${missing} %s`, async (dtype) => {
    await prepareEngine(engine);
    for (const { m, rows, columns } of SIZES) {
      for (const transposed of [false, true]) {
        const stride = columns + 256;
        const { values, matrix, expanded } = matrices(dtype, rows, columns, stride);
        const [inner, outer] = transposed ? [columns, rows] : [rows, columns];
        tf.tidy(() => {
          const x = tf.randomNormal<tf.Rank.R2>([m, inner], 0, 1, 'float32', 1);
          const bias = tf.randomNormal<tf.Rank.R1>([outer], 0, 1, 'float32', 2);
          const y = multiply(x, matrix, transposed, bias);
          expect(y).toEqual(multiply(x, expanded, transposed, bias));

          const [xs, biases] = [x.dataSync(), bias.dataSync()];
          const worst = y.reduce((most, found, at) => {
            const [i, j] = [Math.floor(at / outer), at % outer];
            let [sum, size] = [biases[j] ?? 0, 1];
            for (let d = 0; d < inner; d++) {
              const w = values[transposed ? j * stride + d : d * stride + j] ?? 0;
              const term = (xs[i * inner + d] ?? 0) * w;
              sum += term;
              size += Math.abs(term);
            }
            return Math.max(most, Math.abs(found - sum) / size);
          }, 0);
          expect(worst).toBeLessThan(1e-6);

          if (engine === 'wasm+blas') return;
          const all = tf.tensor2d(values, [rows, stride]);
          const whole = tf.fused.matMul({
            a: x,
            b: tf.slice(all, [0, 0], [rows, columns]),
            bias,
            transposeB: transposed,
          });
          expect(y).toEqual(whole.dataSync());
        });
      }
    }
  });

  each(`${missing} while the memory grows for the result`, async () => {
    await prepareEngine(engine);
    const { matrix, expanded } = matrices('BF16', 64, 256, 256);
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R2>([1 << 14, 64], 0, 1, 'float32', 3);
      for (let i = 0; i < 8; i++) {
        const [y] = [matrix, expanded].map((one) => multiply(x, one, false).subarray(0, 256)); // 16 MB each
        expect(y?.every(Number.isFinite)).toBe(true);
      }
    });
  });
});
