// The activations at the target positions: what the paper thresholds as its baseline, in place of attribution scores.
import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../lm/batches.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Sequence } from '../lm/prompt.js';
import { trace } from '../lm/transformer.js';
import { valuesOf } from '../lm/values.js';

/**
 * The intermediate activations of all neurons at each prompt's target position (Dai et al. 2022, section 4.2). Leaves no
 * tensor behind.
 * @returns per prompt [L, F], row by row
 */
export function targetActivations(model: LanguageModel, prompts: readonly Sequence[]): Float32Array[] {
  const { layers, neurons } = model.info;
  const found = prompts.map(() => new Float32Array(layers * neurons));
  for (const indices of batches(prompts)) {
    const group = indices.map((i) => prompts[i] as Sequence);
    const values = valuesOf(() => {
      const { inputs } = trace(model.network, group);
      const rows = inputs.map((one, layer) => model.network.blocks[layer]?.activate(one).y); // [B, F] each
      return tf.stack(rows.filter((one) => one !== undefined)); // [L, B, F]
    });
    indices.forEach((index, b) => {
      for (let layer = 0; layer < layers; layer++) {
        const start = (layer * group.length + b) * neurons;
        found[index]?.set(values.subarray(start, start + neurons), layer * neurons);
      }
    });
  }
  return found;
}
