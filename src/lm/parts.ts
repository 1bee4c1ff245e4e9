// The parts that a network is made of, asked for by name before the weights are read, and built after.
import * as tf from '@tensorflow/tfjs-core';
import { LayerNorm } from './layers/layer-norm.js';
import { Linear } from './layers/linear.js';
import type { Matrix } from './layers/matrix.js';
import { RmsNorm, type RmsNormOptions } from './layers/rms-norm.js';
import type { Held } from './layers/weight.js';
import type { Layout } from './layout.js';

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
  /** Of tensors whose rows the network has in another order: by name, the row of the checkpoint that each one is. */
  readonly orders = new Map<string, readonly number[]>();
  private weights: Map<string, Held> | undefined;

  constructor(private readonly layout: Layout) {}

  /**
   * Runs what a plan returned.
   * @param weights by name, matrices and vectors; each goes over to the part that it belongs to
   */
  build<T>(plan: () => T, weights: Map<string, Held>): T {
    this.weights = weights;
    return plan();
  }

  /** A matrix as it stands in the checkpoint. */
  matrix(name: string, shape: [rows: number, columns: number]): () => Matrix {
    this.shapes.set(name, shape);
    return () => this.take(name);
  }

  /** A vector as it stands in the checkpoint. */
  vector(name: string, width: number): () => tf.Tensor1D {
    this.shapes.set(name, [width]);
    return () => this.take(name);
  }

  /** A matrix that a checkpoint may lack. @param instead name of the one that is used then */
  matrixIfPresent(name: string, shape: [number, number], instead: string): () => Matrix | undefined {
    this.optional.set(name, instead);
    return this.ifPresent(name, this.matrix(name, shape));
  }

  /** A vector that a checkpoint may lack. */
  vectorIfPresent(name: string, width: number): () => tf.Tensor1D | undefined {
    this.optional.set(name, undefined);
    return this.ifPresent(name, this.vector(name, width));
  }

  /**
   * The output's embeddings, where the configuration ties them to another tensor of the same shape. A checkpoint can
   * hold different ones all the same.
   * @returns what gives its own ones, where it has them
   */
  tied(name: string, to: string): () => Matrix | undefined {
    this.ties.set(name, to);
    return this.ifPresent(name, () => this.take(name));
  }

  /**
   * A linear layer, `NAME.weight` and, where it has one, `NAME.bias`.
   * @param order of a layout that has a row per output: the one in the checkpoint that each output is
   */
  linear(
    name: string,
    input: number,
    output: number,
    { bias = true, order }: { bias?: Bias; order?: readonly number[] } = {},
  ): () => Linear {
    const { layout } = this;
    const weight = this.matrix(`${name}.weight`, layout === 'out-in' ? [output, input] : [input, output]);
    const offset = this.bias(name, output, bias);
    if (order) for (const part of ['weight', 'bias']) this.orders.set(`${name}.${part}`, order);
    return () => new Linear(weight(), offset() ?? tf.zeros<tf.Rank.R1>([output]), layout);
  }

  /** Layer normalisation, `NAME.weight` and, where it has one, `NAME.bias`. */
  layerNorm(
    name: string,
    width: number,
    epsilon: number,
    { bias = true }: { bias?: Bias } = {},
  ): () => LayerNorm {
    const gain = this.vector(`${name}.weight`, width);
    const offset = this.bias(name, width, bias);
    return () => new LayerNorm(gain(), offset(), epsilon);
  }

  /** RMS normalisation, `NAME.weight`. */
  rmsNorm(name: string, width: number, options: RmsNormOptions): () => RmsNorm {
    const weight = this.vector(`${name}.weight`, width);
    return () => new RmsNorm(weight(), options);
  }

  private bias(name: string, width: number, bias: Bias): () => tf.Tensor1D | undefined {
    if (bias === false) return () => undefined;
    const full = `${name}.bias`;
    if (bias === 'rarely') this.rare.add(full);
    return bias === true ? this.vector(full, width) : this.vectorIfPresent(full, width);
  }

  private ifPresent<T>(name: string, get: () => T): () => T | undefined {
    return () => (this.weights?.has(name) ? get() : undefined);
  }

  private take<T extends Held>(name: string): T {
    const weight = this.weights?.get(name);
    if (!weight) throw new Error(`weight ${name} was not read, or was taken twice`);
    this.weights?.delete(name);
    return weight as T; // what has two dimensions is a matrix, what has one is a vector
  }
}
