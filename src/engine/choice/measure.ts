// How fast the engine in use multiplies matrices.
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from '../../lm/values.js';
import type { EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import { tryEngine } from '../backends/engines.js';
import type { EngineReport } from '../backends/report.js';
import { measureRate, type Shape } from './rate.js';

/**
 * Billions of floating-point operations a second in products of single-precision matrices.
 * @param shape of one product; several that attribution meets unless given
 */
export function measureProducts(seconds?: number, shape?: Shape): number {
  return tf.tidy(() =>
    measureRate(
      (m, k, n) => {
        const [a, b] = [tf.ones([m, k]), tf.ones([k, n])];
        return () => valuesOf(() => tf.matMul(a, b));
      },
      seconds,
      shape && [{ shape, times: 1 }],
    ),
  );
}

/** Tries an engine in this process, and measures it where it works. */
export async function measureEngine(engine: EngineName, blas?: BlasSetting): Promise<EngineReport> {
  const report = await tryEngine(engine, blas);
  return report.found ? { ...report, gflops: measureProducts() } : report;
}
