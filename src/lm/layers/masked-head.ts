// The head of masked language models: a transform (dense, non-linearity, layer normalisation), then the vocabulary.
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './activations.js';
import { type Applied, held } from './applied.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Unembedding } from './unembedding.js';
import type { Weight } from './weight.js';

export class MaskedHead {
  constructor(
    private readonly transform: Linear,
    private readonly activate: Activation,
    private readonly norm: Norm,
    readonly unembedding: Unembedding,
  ) {}

  /** x [R, H] to logits [R, V]. */
  apply(x: tf.Tensor2D): Applied {
    const dense = this.transform.apply(x);
    const active = this.activate(dense.y);
    const normal = this.norm.apply(active.y);
    const logits = this.unembedding.apply(normal.y);
    return {
      y: logits.y,
      holds: held(active, normal),
      back: (dy) => dense.back(active.back(normal.back(logits.back(dy)))),
    };
  }

  /** Rows of E pulled back to where the last block writes: `W_t^T (gain * E[t])` [R, H]. */
  readout(embedding: tf.Tensor2D): tf.Tensor2D {
    return this.transform.back(tf.mul(embedding, this.norm.gain));
  }

  weights(): Weight[] {
    return this.parts.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private get parts() {
    return [this.transform, this.norm, this.unembedding];
  }
}
