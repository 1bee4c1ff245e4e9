// Reading off a WebGPU device: again and again, more than its memory holds at a time, and after it has failed.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { describeOnEngines } from '../support/engines.js';

/** Megabytes of the device that are taken, whether they are in use or not. */
function allocated(): number {
  const memory: object = tf.memory();
  return 'numBytesAllocatedInGPU' in memory ? Number(memory.numBytesAllocatedInGPU) / 1e6 : Number.NaN;
}

await describeOnEngines(['reading'], ['webgpu'], (_, engine) => {
  beforeAll(() => prepareEngine(engine));

  it('gives what was computed, of every type, and leaves promises alone', async () => {
    const before = tf.memory().numTensors;
    const [floats, integers, truths] = tf.tidy(() => {
      const x = tf.add(tf.tensor1d([1, -2.5, 3]), 1);
      return [x.dataSync(), tf.cast(x, 'int32').dataSync(), tf.greater(x, 0).dataSync()];
    });
    expect(floats).toEqual(new Float32Array([2, -1.5, 4]));
    expect(integers).toEqual(new Int32Array([2, -1, 4]));
    expect([...(truths ?? [])]).toEqual([1, 0, 1]);
    const later = tf.tidy(() => tf.add(tf.tensor1d([1]), 1));
    expect(await later.data()).toEqual(new Float32Array([2]));
    later.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives buffers back that are of no use any more', () => {
    for (let i = 0; i < 40; i++) {
      const sum = tf.tidy(() => tf.sum(tf.ones([(4 << 20) + i])).dataSync()); // 17 MB, each of another size
      expect(sum[0]).toBe((4 << 20) + i);
    }
    expect(allocated()).toBeLessThan(400);
  });

  it('says so where the device cannot do it', () => {
    const read = () => tf.tidy(() => tf.add(tf.ones([2 ** 24, 1]), tf.ones([1, 2 ** 8])).dataSync()); // 17 GB
    expect(read).toThrow(/^WebGPU: /);
    const small = () => tf.tidy(() => tf.add(tf.ones([2]), 1).dataSync());
    expect(small, 'the device is not trusted any more').toThrow(/^WebGPU: /);
  });
});
