// A block that normalises the stream itself, behind attention and behind the FFN (Vaswani et al. 2017): BERT and its kin.
import * as tf from '@tensorflow/tfjs-core';
import type { Activated, Block, Joined, NeuronInputs, PreActivation } from '../block.js';
import { type Applied, held } from './applied.js';
import type { Attention } from './attention.js';
import type { FfnInput } from './ffn-input.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { Weight } from './weight.js';

export interface PostNormParts {
  attention: Attention;
  /** Behind the sum of stream and attention. */
  attentionNorm: Norm;
  ffn: FfnInput;
  /** The FFN's output layer. */
  value: Linear;
  /** Behind the sum of stream and FFN. */
  outputNorm: Norm;
}

export class PostNormBlock implements Block {
  readonly parallel = false;
  readonly normsOutput = false;

  constructor(private readonly parts: PostNormParts) {}

  get attention() {
    return this.parts.attention;
  }

  get value() {
    return this.parts.value;
  }

  attentionInput(hidden: tf.Tensor2D): Applied {
    return { y: hidden, back: (dy) => dy };
  }

  joinAttention(hidden: tf.Tensor2D, attended: tf.Tensor2D): Joined {
    return addAndNormalise(hidden, attended, this.parts.attentionNorm);
  }

  preActivation(reads: tf.Tensor2D): PreActivation {
    return this.parts.ffn.apply(reads);
  }

  activate(inputs: NeuronInputs): Activated {
    return this.parts.ffn.activate(inputs);
  }

  merge(x: tf.Tensor2D, u: tf.Tensor2D): Joined {
    return addAndNormalise(x, u, this.parts.outputNorm);
  }

  weights(): Weight[] {
    return this.all.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.all) part.dispose();
  }

  private get all() {
    const { attention, attentionNorm, ffn, value, outputNorm } = this.parts;
    return [attention, attentionNorm, ffn, value, outputNorm];
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
