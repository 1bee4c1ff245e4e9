// The parts that a network is made of, asked for by name before the weights are read, and built after.
import * as tf from '@tensorflow/tfjs-core';
import { LayerNorm } from './layers/layer-norm.js';
import { Linear } from './layers/linear.js';
import { RmsNorm, type RmsNormOptions } from './layers/rms-norm.js';

/** How the weight of a linear layer lies in a checkpoint: PyTorch's Linear is [out, in], GPT-2's Conv1D [in, out]. */
export type Layout = 'out-in' | 'in-out';

/** Whether a layer has a bias; or, where the checkpoint decides that, whether most of them have one. */
export type Bias = boolean | 'rarely' | 'usually';

/** Where the value vectors of a layer lie in a checkpoint. */
export interface ValueMatrix {
  /** File name in the directory. */
  file: string;
  tensor: string;
  /** `out-in`: one vector per column of [H, F]; `in-out`: one per row of [F, H]. */
  layout: Layout;
}

/**
 * Collects what a network needs. Every method notes names and shapes, and returns the function that makes the part
 * while the network is built.
 */
export class Parts {
  /** Shapes of the tensors asked for, by name. */
  readonly shapes = new Map<string, number[]>();
  /** Names of those that a checkpoint may lack, with what then stands in for them. */
  readonly optional = new Map<string, string | undefined>();
  /** Those of them that most checkpoints lack. */
  readonly rare = new Set<string>();
  /** Tensors that the configuration ties to another one: by name, the name of that one. */
  readonly ties = new Map<string, string>();
  private tensors: Map<string, tf.Tensor> | undefined;

  constructor(private readonly layout: Layout) {}

  /** Runs what a plan returned. @param tensors by name; each goes over to the part that it belongs to */
  build<T>(plan: () => T, tensors: Map<string, tf.Tensor>): T {
    this.tensors = tensors;
    return plan();
  }

  /** A tensor as it stands in the checkpoint. */
  tensor<T extends tf.Tensor = tf.Tensor2D>(name: string, shape: number[]): () => T {
    this.shapes.set(name, shape);
    return () => this.take(name);
  }

  /** A tensor that a checkpoint may lack. @param instead name of the one that is used then */
  tensorIfPresent<T extends tf.Tensor = tf.Tensor2D>(
    name: string,
    shape: number[],
    instead?: string,
  ): () => T | undefined {
    this.shapes.set(name, shape);
    this.optional.set(name, instead);
    return () => (this.tensors?.has(name) ? this.take(name) : undefined);
  }

  /**
   * The output's embeddings, where the configuration ties them to another tensor of the same shape. A checkpoint can
   * hold different ones all the same.
   * @returns what gives its own ones, where it has them
   */
  tied(name: string, to: string): () => tf.Tensor2D | undefined {
    this.ties.set(name, to);
    return () => (this.tensors?.has(name) ? this.take(name) : undefined);
  }

  /** A linear layer, `NAME.weight` and, where it has one, `NAME.bias`. */
  linear(name: string, input: number, output: number, { bias = true }: { bias?: Bias } = {}): () => Linear {
    const transposed = this.layout === 'out-in';
    const weight = this.tensor(`${name}.weight`, transposed ? [output, input] : [input, output]);
    const offset = this.bias(name, output, bias);
    return () => {
      const own = offset() ?? tf.zeros<tf.Rank.R1>([output]);
      return transposed ? Linear.fromTorch(weight(), own) : new Linear(weight(), own);
    };
  }

  /** Layer normalisation, `NAME.weight` and, where it has one, `NAME.bias`. */
  layerNorm(
    name: string,
    width: number,
    epsilon: number,
    { bias = true }: { bias?: Bias } = {},
  ): () => LayerNorm {
    const gain = this.tensor<tf.Tensor1D>(`${name}.weight`, [width]);
    const offset = this.bias(name, width, bias);
    return () => new LayerNorm(gain(), offset(), epsilon);
  }

  /** RMS normalisation, `NAME.weight`. */
  rmsNorm(name: string, width: number, options: RmsNormOptions): () => RmsNorm {
    const weight = this.tensor<tf.Tensor1D>(`${name}.weight`, [width]);
    return () => new RmsNorm(weight(), options);
  }

  private bias(name: string, width: number, bias: Bias): () => tf.Tensor1D | undefined {
    if (bias === false) return () => undefined;
    const full = `${name}.bias`;
    if (bias === 'rarely') this.rare.add(full);
    return bias === true
      ? this.tensor<tf.Tensor1D>(full, [width])
      : this.tensorIfPresent<tf.Tensor1D>(full, [width]);
  }

  private take<T extends tf.Tensor>(name: string): T {
    const tensor = this.tensors?.get(name);
    if (!tensor) throw new Error(`weight ${name} was not read, or was taken twice`);
    this.tensors?.delete(name);
    return tensor as T;
  }
}
