// How fast the engine in use multiplies matrices.
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from '../../lm/values.js';
import type { EngineName } from '../../spec/choices.js';
import type { BlasSetting } from '../backends/blas/blas.js';
import { tryEngine } from '../backends/engines.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { measureRate, type Prepare, processorClock, type Shape, wallClock } from './rate.js';

/**
 * Billions of floating-point operations a second in products of single-precision matrices, of the engine that is in use.
 * @param shape of one product; several that attribution meets unless given
 */
export function measureProducts(engine: EngineName, seconds?: number, shape?: Shape): number {
  const prepare: Prepare = (m, k, n) => {
    const [a, b] = [tf.ones([m, k]), tf.ones([k, n])];
    // One entry tells that the product is there; to read them all takes longer than to compute some.
    return () => valuesOf(() => tf.slice2d(tf.matMul<tf.Tensor2D>(a, b), [0, 0], [1, 1]));
  };
  const clock = isNative(engine) ? wallClock : processorClock;
  return tf.tidy(() => measureRate(prepare, clock, seconds, shape && [{ shape, times: 1 }]));
}

/** Tries an engine in this process, and measures it where it works. */
export async function measureEngine(engine: EngineName, blas?: BlasSetting): Promise<EngineReport> {
  const report = await tryEngine(engine, blas);
  return report.found ? { ...report, gflops: measureProducts(engine) } : report;
}
