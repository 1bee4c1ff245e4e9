// A block whose branches, attention and FFN, are added to a stream that is never normalised itself: GPT-2, Llama, Gemma
// and their kin. Norms stand before a branch, or behind it, or both.
import * as tf from '@tensorflow/tfjs-core';
import type { Activated, Block, Joined, NeuronInputs, PreActivation } from '../block.js';
import { type Applied, held } from './applied.js';
import type { Attention } from './attention.js';
import type { FfnInput } from './ffn-input.js';
import type { Linear } from './linear.js';
import type { Norm } from './norm.js';
import type { RmsNorm } from './rms-norm.js';
import type { Weight } from './weight.js';

export interface ResidualParts {
  attention: Attention;
  ffn: FfnInput;
  /** The FFN's output layer. */
  value: Linear;
  /** What attention reads. */
  beforeAttention?: Norm | undefined;
  /** What attention gives. */
  afterAttention?: Norm | undefined;
  /** What the FFN reads; may be the norm before attention again. */
  beforeFfn?: Norm | undefined;
  /** What the FFN gives. */
  afterFfn?: RmsNorm | undefined;
  /** The FFN reads the stream before attention (Wang and Komatsuzaki 2021, GPT-J). */
  parallel?: boolean | undefined;
}

export class ResidualBlock implements Block {
  constructor(private readonly parts: ResidualParts) {}

  get attention() {
    return this.parts.attention;
  }

  get value() {
    return this.parts.value;
  }

  get parallel() {
    return this.parts.parallel ?? false;
  }

  get normsOutput() {
    return this.parts.afterFfn !== undefined;
  }

  attentionInput(hidden: tf.Tensor2D): Applied {
    return normalised(hidden, this.parts.beforeAttention);
  }

  joinAttention(hidden: tf.Tensor2D, attended: tf.Tensor2D): Joined {
    return sum(hidden, normalised(attended, this.parts.afterAttention));
  }

  preActivation(reads: tf.Tensor2D): PreActivation {
    const normal = normalised(reads, this.parts.beforeFfn);
    const { inputs, holds, back } = this.parts.ffn.apply(normal.y);
    return { inputs, holds: held(normal, { holds }), back: (d) => normal.back(back(d)) };
  }

  activate(inputs: NeuronInputs): Activated {
    return this.parts.ffn.activate(inputs);
  }

  merge(x: tf.Tensor2D, u: tf.Tensor2D, heldAt?: tf.Tensor2D): Joined {
    const { afterFfn } = this.parts;
    return sum(x, heldAt && afterFfn ? afterFfn.applyHeld(u, heldAt) : normalised(u, afterFfn));
  }

  weights(): Weight[] {
    return this.all.flatMap((part) => part.weights());
  }

  dispose(): void {
    for (const part of this.all) part.dispose();
  }

  private get all() {
    const { beforeAttention, attention, afterAttention, beforeFfn, ffn, value, afterFfn } = this.parts;
    const parts = [beforeAttention, attention, afterAttention, beforeFfn, ffn, value, afterFfn];
    return [...new Set(parts.filter((part) => part !== undefined))];
  }
}

function normalised(x: tf.Tensor2D, norm: Norm | undefined): Applied {
  return norm ? norm.apply(x) : { y: x, back: (dy) => dy };
}

function sum(stream: tf.Tensor2D, branch: Applied): Joined {
  return {
    y: tf.add(stream, branch.y),
    holds: held(branch),
    back: (dy) => ({ stream: dy, branch: branch.back(dy) }),
  };
}
