// A block with layer normalisation behind attention and behind the FFN (Vaswani et al. 2017): BERT and its kin.
import * as tf from '@tensorflow/tfjs-core';
import type { Block, Joined } from '../block.js';
import type { Activation } from './activations.js';
import { type Applied, held } from './applied.js';
import type { Attention } from './attention.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Weight } from './weight.js';

export class PostNormBlock implements Block {
  constructor(
    readonly attention: Attention,
    private readonly attentionNorm: Norm,
    private readonly key: Linear,
    readonly activate: Activation,
    readonly value: Linear,
    private readonly outputNorm: Norm,
  ) {}

  attentionInput(hidden: tf.Tensor2D): Applied {
    return { y: hidden, back: (dy) => dy };
  }

  joinAttention(hidden: tf.Tensor2D, attended: tf.Tensor2D): Joined {
    return addAndNormalise(hidden, attended, this.attentionNorm);
  }

  preActivation(x: tf.Tensor2D): Applied {
    return this.key.apply(x);
  }

  merge(x: tf.Tensor2D, u: tf.Tensor2D): Joined {
    return addAndNormalise(x, u, this.outputNorm);
  }

  weights(): Weight[] {
    return this.parts.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private get parts() {
    return [this.attention, this.attentionNorm, this.key, this.value, this.outputNorm];
  }
}

function addAndNormalise(stream: tf.Tensor2D, branch: tf.Tensor2D, norm: Norm): Joined {
  const normal = norm.apply(tf.add(stream, branch));
  const back = (dy: tf.Tensor2D) => {
    const d = normal.back(dy);
    return { stream: d, branch: d };
  };
  return { y: normal.y, holds: held(normal), back };
}
