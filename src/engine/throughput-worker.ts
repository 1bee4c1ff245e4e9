// The thread that times a product of the shape that locating is made of: some hundred rows, a wide weight.
import * as tf from '@tensorflow/tfjs-core';
import { errorData } from '../errors.js';
import { type EngineChoice, prepareEngine } from './engine.js';
import type { Measured } from './throughput.js';

const ROWS = 256;
const WIDTH = 768;
const ROUNDS = 5;

export default async function work(engine: EngineChoice): Promise<Measured> {
  try {
    await prepareEngine(engine);
    const a = tf.fill([ROWS, WIDTH], 0.5);
    const b = tf.fill([WIDTH, WIDTH], 0.5);
    const times = Array.from({ length: ROUNDS }, () => {
      const start = performance.now();
      tf.tidy(() => tf.matMul(a, b).dataSync());
      return (performance.now() - start) / 1000;
    });
    return { ok: true, flops: (2 * ROWS * WIDTH * WIDTH) / Math.min(...times) };
  } catch (error) {
    return { ok: false, error: errorData(error) };
  }
}
