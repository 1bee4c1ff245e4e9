// The first half of a feed-forward layer: what its neurons are made from, and what becomes of it.
import * as tf from '@tensorflow/tfjs-core';
import type { Activated, NeuronInputs, PreActivation } from '../block.js';
import type { Activation } from './activations.js';
import { type Gate, gated } from './gate.js';
import type { Linear } from './linear.js';
import type { Weight } from './weight.js';

/** a = f(key(x)), or where the layer is gated a = f(key(x)) * up(x). */
export class FfnInput {
  private readonly gate: Gate;

  /** @param up of a gated layer */
  constructor(
    private readonly key: Linear,
    private readonly activation: Activation,
    private readonly up?: Linear,
  ) {
    this.gate = gated(activation);
  }

  /** x [R, H] to z (and up) [R, F]. */
  apply(x: tf.Tensor2D): PreActivation {
    const { key, up } = this;
    const back = (d: NeuronInputs) => {
      const dKey = key.back(d.z);
      return up && d.up ? tf.add<tf.Tensor2D>(dKey, up.back(d.up)) : dKey;
    };
    return { inputs: { z: key.apply(x).y, up: up?.apply(x).y }, back };
  }

  /** z (and up) to a, all [R, F]. */
  activate({ z, up }: NeuronInputs): Activated {
    if (up) return this.gate(z, up);
    const { y, holds, back } = this.activation(z);
    return { y, holds, back: (dy) => ({ z: back(dy) }) };
  }

  weights(): Weight[] {
    return [...this.key.weights(), ...(this.up?.weights() ?? [])];
  }

  dispose(): void {
    this.key.dispose();
    this.up?.dispose();
  }
}
