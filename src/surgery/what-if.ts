// Activation-level what-if (Dai et al. 2022, figures 3 and 4): scale activations at the target position, measure,
// keep nothing.
import * as tf from '@tensorflow/tfjs-core';
import type { NeuronId } from '../lm/overlay.js';
import type { TargetChange } from '../lm/transformer.js';

/**
 * Multiplies the activations of some neurons at the target position by `factor`.
 * @param width F
 */
export function scaleActivations(
  neurons: readonly NeuronId[],
  factor: number,
  width: number,
): TargetChange[] {
  return [...new Set(neurons.map(([layer]) => layer))].map((layer) => {
    const factors = new Float32Array(width).fill(1);
    for (const [at, neuron] of neurons) if (at === layer) factors[neuron] = factor;
    return { layer, change: (a) => tf.mul(a, tf.tensor1d(factors)) };
  });
}
