// Whole texts, at every position: the residual stream, and the activations of a layer's neurons.
import * as tf from '@tensorflow/tfjs-core';
import { attend, feedForward, type NeuronInputs } from './block.js';
import type { Ids, Network } from './transformer.js';

/** The stream below a layer; below the number of layers, what the head reads. Texts of one length to [B*S, H]. */
export function streamBelow(network: Network, ids: Ids, layer: number): tf.Tensor2D {
  let stream = network.embed(ids);
  for (const block of network.blocks.slice(0, layer)) {
    const next = tf.tidy(() => feedForward(block, attend(block, stream, ids.length)).y);
    stream.dispose();
    stream = next;
  }
  return stream;
}

/**
 * The activations of a layer. Call inside `tf.tidy`.
 * @param only numbers of the k neurons that are asked for; all F unless given
 * @returns [B*S, k]
 */
export function activationsOn(
  network: Network,
  ids: Ids,
  layer: number,
  only?: readonly number[],
): tf.Tensor2D {
  const block = network.blocks[layer];
  if (!block) throw new RangeError(`no layer ${layer}`);
  const { reads } = attend(block, streamBelow(network, ids, layer), ids.length);
  const { inputs } = block.preActivation(reads);
  return block.activate(only ? columns(inputs, only) : inputs).y;
}

function columns({ z, up }: NeuronInputs, only: readonly number[]): NeuronInputs {
  const own = tf.tensor1d([...only], 'int32');
  return { z: tf.gather(z, own, 1), up: up && tf.gather(up, own, 1) };
}
