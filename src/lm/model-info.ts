// What is known of a model without its weights: plain data, for every face of the program.

import type { Fingerprints } from './fingerprint.js';

/** The sizes of a model. */
export interface Sizes {
  layers: number;
  /** FFN neurons a layer (F). */
  neurons: number;
  hidden: number;
  vocabulary: number;
  /** The longest sequence, in tokens. */
  maxLength: number;
}

/** How large a network is, in numbers of elements. */
export interface Extent {
  /** Of all its tensors: those that are tied counted once, biases that most checkpoints lack not at all. */
  parameters: number;
  /** Of the matrices by which one block multiplies a row. */
  block: number;
  /** Of what they make of that row, all together. */
  outputs: number;
  /** Of the matrix by which the head multiplies one. */
  head: number;
}

/** What a loaded checkpoint tells of itself. */
export interface NetworkInfo extends Sizes {
  name: string;
  /** Of the checkpoint; or its GGUF file. */
  directory: string;
  family: string;
  /** It continues a text; others fill a blank in it. */
  causal: boolean;
  /** A norm acts on the FFN's output alone, before the residual stream takes it up: the path `frozen-norm` is possible. */
  normsOutput: boolean;
  /** Where layers share value vectors: of each layer, the first one with the same. */
  owners?: number[] | undefined;
  /** How it is read where its files contradict each other. */
  notes: string[];
}

/** The same, and what the model is, whatever it is called. */
export interface ModelInfo extends NetworkInfo, Fingerprints {}
