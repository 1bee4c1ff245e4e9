// The kernels of matrix products, with relaxed SIMD and without, against sums in double precision.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knowsRelaxed, loadCode } from '../../src/engine/backends/wasm/code.js';
import { gaussian, seeded } from '../../src/random.js';

const relaxed = knowsRelaxed();
const FREE = 16; // where matrices begin

/** Small ones, and such as go beyond a block. */
const size = (...beyond: number[]) => fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(...beyond));
const products = fc.record({
  batches: fc.integer({ min: 1, max: 3 }),
  m: size(37),
  n: size(65, 259),
  k: size(258, 2050),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  sameB: fc.boolean(),
  gap: fc.integer({ min: 0, max: 5 }),
  seed: fc.integer(),
});

describe.each(['relaxed', 'plain'] as const)('%s SIMD', (kind) => {
  it.skipIf(kind === 'relaxed' && !relaxed)('adds products of any size, in any orientation', () => {
    const memory = new WebAssembly.Memory({ initial: 200 });
    const code = loadCode(kind, memory);
    const heap = new Float32Array(memory.buffer);
    fc.assert(
      fc.property(products, ({ batches, m, n, k, transposeA, transposeB, sameB, gap, seed }) => {
        const next = gaussian(seeded(seed));
        let free = FREE;
        /** Rows with a gap between them, which nobody may touch. */
        const place = (rows: number, columns: number, count: number) => {
          const [at, row] = [free, columns + gap];
          const batch = rows * row;
          free += count * batch + 3;
          const value = (i: number, r: number, c: number) => at + i * batch + r * row + c;
          return { at, row, batch: count > 1 ? batch : 0, value };
        };
        const a = place(transposeA ? k : m, transposeA ? m : k, batches);
        const b = place(transposeB ? n : k, transposeB ? k : n, sameB ? 1 : batches);
        const c = place(m, n, batches);
        for (let i = FREE; i < free; i++) heap[i] = next();
        const before = heap.slice(0, free);
        const operand = ({ at, row, batch }: typeof a) => [4 * at, row, batch] as const;
        const [forA, forB] = [[...operand(a), transposeA] as const, [...operand(b), transposeB] as const];
        code.multiply(batches, m, n, k, ...forA, ...forB, ...operand(c));

        const expected = Float64Array.from(before);
        let worst = 0;
        const at = (index: number) => before[index] ?? 0;
        for (let i = 0; i < batches; i++) {
          for (let row = 0; row < m; row++) {
            for (let column = 0; column < n; column++) {
              const target = c.value(i, row, column);
              let [sum, scale] = [at(target), Math.abs(at(target))];
              for (let d = 0; d < k; d++) {
                const x = at(transposeA ? a.value(i, d, row) : a.value(i, row, d));
                const y = at(
                  transposeB ? b.value(sameB ? 0 : i, column, d) : b.value(sameB ? 0 : i, d, column),
                );
                sum += x * y;
                scale += Math.abs(x * y);
              }
              expected[target] = sum;
              worst = Math.max(worst, Math.abs((heap[target] ?? Number.NaN) - sum) / scale);
              heap[target] = at(target);
            }
          }
        }
        expect(worst).toBeLessThan(1e-6);
        expect(heap.slice(FREE, free)).toEqual(before.slice(FREE)); // nothing else has changed
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});
