// How fast the engine in use multiplies matrices.
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from '../../lm/values.js';
import type { EngineName } from '../../spec/choices.js';
import { tryEngine } from '../backends/engines.js';
import type { EngineReport } from '../backends/report.js';

/** Shape of the product: one that attribution meets in a model of BERT's size. */
const [M, K, N] = [256, 512, 512];
/** Long enough for the clock, short enough for a user who waits. */
const SECONDS = 0.1;

/** Billions of floating-point operations a second in a product of single-precision matrices. */
export function measureProducts(seconds = SECONDS, [m, k, n] = [M, K, N]): number {
  return tf.tidy(() => {
    const a = tf.ones([m, k]);
    const b = tf.ones([k, n]);
    const multiply = () => valuesOf(() => tf.matMul(a, b));
    multiply(); // prepares what the engine keeps for b
    const start = performance.now();
    let count = 0;
    let passed = 0;
    while (passed < seconds) {
      multiply();
      count++;
      passed = (performance.now() - start) / 1000;
    }
    return (2 * m * k * n * count) / passed / 1e9;
  });
}

/** Tries an engine in this process, and measures it where it works. */
export async function measureEngine(engine: EngineName): Promise<EngineReport> {
  const report = await tryEngine(engine);
  return report.found ? { ...report, gflops: measureProducts() } : report;
}
