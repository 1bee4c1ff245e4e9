// The process of `tryBlasApart`: loads the BLAS that its argument names, checks its numbers, measures it, and sends what it
// found. Loads no tensor library.
import { type Blas, blasSetting } from '../backends/blas/blas.js';
import { checkNumbers } from '../backends/blas/check.js';
import { loadBlas } from '../backends/blas/load.js';
import type { BlasReport } from './apart.js';
import { measureRate, processorClock } from './rate.js';

// It stays until it is ended, so that nobody notices its end before its message.
process.on('message', () => undefined);

async function measureBlas(): Promise<BlasReport> {
  try {
    const blas = await loadBlas(blasSetting.parse(JSON.parse(process.argv[2] ?? '')));
    const { name: detail, version, kernels } = blas;
    const wrong = checkNumbers(blas);
    if (wrong) return { found: false, detail: wrong, version, kernels };
    const gflops = measureRate((...shape) => prepare(blas, shape), processorClock);
    return { found: true, detail, version, kernels, gflops };
  } catch (error) {
    return { found: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function prepare(blas: Blas, [m, k, n]: [number, number, number]): () => void {
  const [a, b, c] = [m * k, k * n, m * n].map((size) => new Float32Array(size).fill(1));
  if (!a || !b || !c) throw new Error('three matrices were asked for');
  const matrices = { a, lda: k, transposeA: false, b, ldb: n, transposeB: false, c, ldc: n };
  return () => blas.multiply({ m, n, k, ...matrices, beta: 0 });
}

process.send?.(await measureBlas());
