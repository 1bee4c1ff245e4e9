// npm run bench:products: matrix products of the embedded engine, by our own code and by tfjs'. node dist/bench/products.js
// [FILTER]: shapes whose name has these letters, e.g. 576x1536.
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { knowsRelaxed, loadCode } from '../engine/backends/wasm/code.js';
import { memoryOf } from '../engine/backends/wasm/memory.js';
import { attachOwn, detach } from '../engine/backends/wasm/products.js';
import { prepareEngine } from '../engine/choice/prepare.js';
import { measureRate, processorClock } from '../engine/choice/rate.js';
import { InputError } from '../errors.js';
import { SharedMatrix } from '../lm/layers/shared-matrix.js';
import { type StoredMatrix, storedCopy, storedFloats } from '../lm/stored-matrix.js';
import { smallest } from '../numbers.js';
import { runScript } from '../script.js';
import { machine, say, tableOf } from './print.js';

/** Matrices [n, k] as PyTorch has them, of layers and of heads, from k inputs to n outputs; with the most rows that they meet. */
const MATRICES = [
  { k: 576, n: 576, most: 400 },
  { k: 576, n: 1536, most: 400 },
  { k: 768, n: 768, most: 400 },
  { k: 768, n: 3072, most: 400 },
  { k: 3072, n: 768, most: 400 },
  { k: 2048, n: 8192, most: 400 },
  { k: 768, n: 30522, most: 64 },
  { k: 576, n: 49152, most: 64 },
  { k: 2048, n: 128256, most: 16 },
];
const ROWS = [1, 4, 16, 64, 300, 400];
/** Seconds of the processor that one measurement takes at least, and measurements of each product: the fastest counts. */
const [ENOUGH, ROUNDS] = [0.02, 5];

/** Who multiplies x by the matrix w, which is transposed or not, and from where. */
interface Contender {
  name: string;
  attach(): void;
  /** The result is disposed of by the caller. */
  multiply(x: tf.Tensor2D, weights: Weights, transposed: boolean): void;
}

/** The same matrix in the engine's memory and outside of it. */
interface Weights {
  inside: tf.Tensor2D;
  f32: StoredMatrix;
  bf16: StoredMatrix;
}

await prepareEngine('wasm');
const plain = loadCode('plain', memoryOf(tf.backend() as BackendWasm));
const inHeap: Contender['multiply'] = (x, { inside }, transposed) => tf.matMul(x, inside, false, transposed);
const stored = (dtype: 'f32' | 'bf16'): Contender => ({
  name: dtype.toUpperCase(),
  attach: () => attachOwn(),
  multiply(x, weights, transposed) {
    new SharedMatrix(weights[dtype]).product(x, transposed);
  },
});
const CONTENDERS: Contender[] = [
  {
    name: 'tfjs',
    attach: detach,
    // x w^T = (w x^T)^T: with w^T itself it would be ten times slower
    multiply: (x, { inside }, transposed) =>
      transposed ? tf.transpose(tf.matMul(inside, tf.transpose(x))) : tf.matMul(x, inside),
  },
  { name: 'plain', attach: () => attachOwn(plain), multiply: inHeap },
  ...(knowsRelaxed() ? [{ name: 'relaxed', attach: () => attachOwn(), multiply: inHeap }] : []),
  stored('f32'),
  stored('bf16'),
];

await runScript('bench:products', async () => {
  const [, , filter = ''] = process.argv;
  const matrices = MATRICES.filter((one) => `${one.k}x${one.n}`.includes(filter));
  if (matrices.length === 0) {
    const names = MATRICES.map((one) => `${one.k}x${one.n}`);
    throw new InputError(`no shape has "${filter}" in its name; choose from ${names.join(', ')}`);
  }
  say(machine());
  const rows: string[][] = [];
  const ratios = CONTENDERS.map((): number[] => []);
  for (const { k, n, most } of matrices) {
    const weights = weightsOf(n, k);
    for (const transposed of [true, false]) {
      for (const m of ROWS.filter((count) => count <= most)) {
        const rates = measure(m, k, n, weights, transposed);
        const [tfjs = 0] = rates;
        for (const [i, rate] of rates.entries()) ratios[i]?.push(rate / tfjs);
        rows.push([
          `${k}x${n}`,
          transposed ? 'x Mᵀ' : 'x M',
          `${m}`,
          tfjs.toFixed(1),
          ...rates.slice(1).map((rate) => `${rate.toFixed(1)} ${ratio(rate / tfjs)}`),
        ]);
      }
    }
    weights.inside.dispose();
  }
  const summary = (name: string, of: (values: readonly number[]) => number) => [
    name,
    ...['', '', ''],
    ...ratios.slice(1).map((one) => ratio(of(one))),
  ];
  rows.push(summary('mean', geometricMean), summary('worst', smallest));
  say(
    'GFLOP/s of one core in x Mᵀ (forward) and x M (backward), and their ratio to\n' +
      'those of tfjs (mean: the geometric one); F32 and BF16: by the best code, from a\n' +
      "matrix as it is stored, outside the engine's memory",
    tableOf(['matrix', '', 'rows', ...CONTENDERS.map(({ name }) => name)], 2, rows),
  );
});

function ratio(value: number): string {
  return value.toFixed(2).padStart(5);
}

/** GFLOP/s of each contender, measured in turns. */
function measure(m: number, k: number, n: number, weights: Weights, transposed: boolean): number[] {
  const x = tf.randomUniform<tf.Rank.R2>([m, transposed ? k : n], -1, 1, 'float32', 1);
  const best = CONTENDERS.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    CONTENDERS.forEach(({ attach, multiply }, i) => {
      attach();
      const run = () =>
        tf.tidy(() => {
          multiply(x, weights, transposed);
        });
      const rate = measureRate(() => run, processorClock, ENOUGH, [{ shape: [m, k, n], times: 1 }]);
      best[i] = Math.max(best[i] ?? 0, rate);
    });
  }
  x.dispose();
  return best;
}

function weightsOf(rows: number, columns: number): Weights {
  const inside = tf.randomUniform<tf.Rank.R2>([rows, columns], -1, 1, 'float32', 2);
  const floats = inside.dataSync<'float32'>();
  const words = new Uint16Array(floats.buffer, floats.byteOffset, 2 * floats.length);
  const upper = Uint16Array.from({ length: floats.length }, (_, i) => words[2 * i + 1] ?? 0);
  return {
    inside,
    f32: storedFloats(floats, [rows, columns]),
    bf16: storedCopy(new Uint8Array(upper.buffer), 'BF16', [rows, columns]),
  };
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
