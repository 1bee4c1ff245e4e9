// The head of causal language models: layer normalisation, then the vocabulary.
import * as tf from '@tensorflow/tfjs-core';
import { type Applied, held } from './applied.js';
import type { Norm } from './norm.js';
import type { Unembedding } from './unembedding.js';
import type { Weight } from './weight.js';

export class CausalHead {
  constructor(
    private readonly norm: Norm,
    readonly unembedding: Unembedding,
  ) {}

  /** x [R, H] to logits [R, V]. */
  apply(x: tf.Tensor2D): Applied {
    const normal = this.norm.apply(x);
    const logits = this.unembedding.apply(normal.y);
    return { y: logits.y, holds: held(normal), back: (dy) => normal.back(logits.back(dy)) };
  }

  /** Rows of E pulled back to where the last block writes: `gain * E[t]` [R, H]. */
  readout(embedding: tf.Tensor2D): tf.Tensor2D {
    return tf.mul(embedding, this.norm.gain);
  }

  weights(): Weight[] {
    return this.parts.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private get parts() {
    return [this.norm, this.unembedding];
  }
}
