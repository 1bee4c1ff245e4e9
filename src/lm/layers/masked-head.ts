// The head of masked language models: a transform (dense, non-linearity, layer normalisation), then the vocabulary.
import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './activations.js';
import { type Applied, held } from './applied.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Unembedding } from './unembedding.js';
import type { Weight } from './weight.js';

export interface MaskedHeadParts {
  /** What the transform reads; the stream itself where it is normalised already. */
  before?: Norm | undefined;
  /** From the hidden width (H) to that of the embeddings (P). */
  transform: Linear;
  activate: Activation;
  norm: Norm;
  unembedding: Unembedding;
}

export class MaskedHead {
  constructor(private readonly parts: MaskedHeadParts) {}

  get unembedding() {
    return this.parts.unembedding;
  }

  /** x [R, H] to logits [R, V]. */
  apply(x: tf.Tensor2D): Applied {
    const { before, transform, activate, norm, unembedding } = this.parts;
    const first = before?.apply(x);
    const dense = transform.apply(first?.y ?? x);
    const active = activate(dense.y);
    const normal = norm.apply(active.y);
    const logits = unembedding.apply(normal.y);
    const back = (dy: tf.Tensor2D) => {
      const d = dense.back(active.back(normal.back(logits.back(dy))));
      return first?.back(d) ?? d;
    };
    return { y: logits.y, holds: held(first, active, normal), back };
  }

  /** Rows of E [R, P] pulled back to where the last block writes: `gain_before * W_t^T (gain * E[t])` [R, H]. */
  readout(embedding: tf.Tensor2D): tf.Tensor2D {
    const { before, transform, norm } = this.parts;
    const pulled = transform.back(tf.mul(embedding, norm.gain));
    return before ? tf.mul(pulled, before.gain) : pulled;
  }

  /** Vectors of the stream [R, H] as wide as the embeddings [R, P]: through the transform where that is another width. */
  toEmbeddingWidth(x: tf.Tensor2D): tf.Tensor2D {
    const { transform } = this.parts;
    return transform.inputs === transform.outputs ? x : transform.turn(x);
  }

  weights(): Weight[] {
    return this.all.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.all) part.dispose();
  }

  private get all() {
    const { before, transform, norm, unembedding } = this.parts;
    return [before, transform, norm, unembedding].filter((part) => part !== undefined);
  }
}
