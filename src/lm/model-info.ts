// What is known of a model without its weights: plain data, for every face of the program.

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

export interface ModelInfo extends Sizes {
  name: string;
  directory: string;
  /** SHA-256 over config.json, tokenizer.json and the files that hold the weights, in hex. */
  fingerprint: string;
  family: string;
  /** How it is read where its files contradict each other. */
  notes: string[];
}
