// A block with layer normalisation before attention and before the FFN (GPT-2, Radford et al. 2019).
import * as tf from '@tensorflow/tfjs-core';
import type { Block, Joined } from '../block.js';
import type { Activation } from './activations.js';
import { type Applied, held } from './applied.js';
import type { Attention } from './attention.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Weight } from './weight.js';

export class PreNormBlock implements Block {
  constructor(
    private readonly attentionNorm: Norm,
    readonly attention: Attention,
    private readonly inputNorm: Norm,
    private readonly key: Linear,
    readonly activate: Activation,
    readonly value: Linear,
  ) {}

  attentionInput(hidden: tf.Tensor2D): Applied {
    return this.attentionNorm.apply(hidden);
  }

  joinAttention(hidden: tf.Tensor2D, attended: tf.Tensor2D): Joined {
    return sum(hidden, attended);
  }

  preActivation(x: tf.Tensor2D): Applied {
    const normal = this.inputNorm.apply(x);
    const z = this.key.apply(normal.y);
    return { y: z.y, holds: held(normal), back: (dy) => normal.back(z.back(dy)) };
  }

  merge(x: tf.Tensor2D, u: tf.Tensor2D): Joined {
    return sum(x, u);
  }

  weights(): Weight[] {
    return this.parts.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.parts) part.dispose();
  }

  private get parts() {
    return [this.attentionNorm, this.attention, this.inputNorm, this.key, this.value];
  }
}

function sum(stream: tf.Tensor2D, branch: tf.Tensor2D): Joined {
  return { y: tf.add(stream, branch), back: (dy) => ({ stream: dy, branch: dy }) };
}
