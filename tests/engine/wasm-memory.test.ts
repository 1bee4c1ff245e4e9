// Memory that WebAssembly does not have is an error, and no wrong numbers.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { errorData } from '../../src/errors.js';

it('a tensor of 4 GB is refused, and what is there stays right', async () => {
  await prepareEngine('wasm');
  const n = 2 ** 15;
  const column = tf.reshape<tf.Rank.R2>(tf.range(0, n), [n, 1]);
  let error: unknown;
  try {
    tf.matMul(column, column, false, true);
  } catch (thrown) {
    error = thrown;
  }
  expect(errorData(error).message).toMatch(/^there is not enough memory \(WebAssembly: out of memory/);
  expect(column.dataSync()[n - 1]).toBe(n - 1);
  column.dispose();
});
