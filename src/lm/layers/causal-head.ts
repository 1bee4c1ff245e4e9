// The head of causal language models: a norm, in some a projection to the width of the embeddings, then the vocabulary.
import * as tf from '@tensorflow/tfjs-core';
import { type Applied, held } from './applied.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Unembedding } from './unembedding.js';
import type { Weight } from './weight.js';

export interface CausalHeadParts {
  norm?: Norm | undefined;
  /** From the hidden width to that of the embeddings, where they differ. */
  projection?: Linear | undefined;
  unembedding: Unembedding;
  /** Logits z become cap * tanh(z / cap). */
  cap?: number | undefined;
}

export class CausalHead {
  constructor(private readonly parts: CausalHeadParts) {}

  get unembedding() {
    return this.parts.unembedding;
  }

  /** x [R, H] to logits [R, V]. */
  apply(x: tf.Tensor2D): Applied {
    const { norm, projection, unembedding, cap } = this.parts;
    const normal = norm?.apply(x);
    const projected = projection?.apply(normal?.y ?? x);
    const logits = unembedding.apply(projected?.y ?? normal?.y ?? x);
    const bent = cap ? tf.tidy(() => tf.tanh(tf.div(logits.y, cap))) : undefined;
    const back = (dy: tf.Tensor2D) => {
      const dLogits = bent ? tf.mul<tf.Tensor2D>(dy, tf.sub(1, tf.square(bent))) : dy;
      const dProjected = logits.back(dLogits);
      const dNormal = projection?.back(dProjected) ?? dProjected;
      return normal?.back(dNormal) ?? dNormal;
    };
    const y = cap && bent ? tf.mul<tf.Tensor2D>(bent, cap) : logits.y;
    return { y, holds: [...held(normal), ...(bent ? [bent] : [])], back };
  }

  /** Rows of E [R, P] pulled back to where the last block writes: `gain * projection^T E[t]` [R, H]. */
  readout(embedding: tf.Tensor2D): tf.Tensor2D {
    const { norm, projection } = this.parts;
    const pulled = projection?.back(embedding) ?? embedding;
    return norm ? tf.mul(pulled, norm.gain) : pulled;
  }

  /** Vectors of the stream [R, H] as wide as the embeddings [R, P]: through the projection where there is one. */
  toEmbeddingWidth(x: tf.Tensor2D): tf.Tensor2D {
    const { projection } = this.parts;
    return projection?.turn(x) ?? x;
  }

  weights(): Weight[] {
    return this.all.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.all) part.dispose();
  }

  private get all() {
    const { norm, projection, unembedding } = this.parts;
    return [norm, projection, unembedding].filter((part) => part !== undefined);
  }
}
