// What BERT's descendants have in common: a norm behind attention and behind the FFN, and a transform of dense layer,
// non-linearity and norm before the vocabulary. They differ in names, in how positions come in, and in what is shared.
import type { Block } from '../block.js';
import { type ActivationName, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { PostNormBlock } from '../layers/post-norm-block.js';
import type { RelativePositions } from '../layers/relative-positions.js';
import type { Sizes } from '../model-info.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';
import { planEncoder } from './encoder.js';

export interface BertLike extends Omit<Sizes, 'maxLength'> {
  heads: number;
  /** Width of the embeddings (P), where it is not that of the stream. */
  embedding?: number | undefined;
  /** Rows of the position table, where there is one. */
  positions: number;
  /** Row of the first token. */
  firstPosition: number;
  /** Rows of the token type table, where there is one. */
  types: number;
  activation: ActivationName;
  /** Of the head, where it is another one. */
  headActivation?: ActivationName | undefined;
  epsilon: number;
  /** The output embeddings are the word embeddings. */
  tied: boolean;
  /** Relative positions, the same for all layers. */
  relative?: (() => RelativePositions) | undefined;
  /** What scores of attention are multiplied by; 1 / sqrt(D) unless given. */
  scale?: number | undefined;
}

/** Names of the parts in a checkpoint, without `.weight` and `.bias`. */
export interface BertLikeNames {
  words: string;
  positions?: string | undefined;
  types?: string | undefined;
  embeddingNorm: string;
  /** The linear layer behind the embeddings, where they are not as wide as the stream. */
  projectIn?: string | undefined;
  query(layer: number): string;
  key(layer: number): string;
  value(layer: number): string;
  attentionOutput(layer: number): string;
  attentionNorm(layer: number): string;
  intermediate(layer: number): string;
  /** Layers with the same one are the same block. */
  output(layer: number): string;
  outputNorm(layer: number): string;
  transform: string;
  transformNorm: string;
  /** The decoder's rows where they are not tied, and the full name of its bias. */
  decoder: string;
  decoderBias: string;
}

/** Asks for the parts of such an encoder. @returns what builds the network from them */
export function planBertLike(config: BertLike, names: BertLikeNames, parts: Parts): () => Network {
  const { hidden, neurons, epsilon, heads, embedding: width = hidden } = config;
  const square = (name: string) => parts.linear(name, hidden, hidden);
  const norm = (name: string, size = hidden) => parts.layerNorm(name, size, epsilon);

  const relative = config.relative && once(config.relative);
  const planBlock = (layer: number): (() => Block) => {
    const query = square(names.query(layer));
    const key = square(names.key(layer));
    const value = square(names.value(layer));
    const attentionOutput = square(names.attentionOutput(layer));
    const attentionNorm = norm(names.attentionNorm(layer));
    const intermediate = parts.linear(names.intermediate(layer), hidden, neurons);
    const output = parts.linear(names.output(layer), neurons, hidden);
    const outputNorm = norm(names.outputNorm(layer));
    return () =>
      new PostNormBlock({
        attention: new Attention(
          { query: query(), key: key(), value: value(), output: attentionOutput() },
          { heads, scale: config.scale, relative: relative?.() },
        ),
        attentionNorm: attentionNorm(),
        ffn: new FfnInput(intermediate(), activations[config.activation]),
        value: output(),
        outputNorm: outputNorm(),
      });
  };
  const blocks = new Map<string, () => Block>();

  return planEncoder(
    {
      sizes: config,
      words: { name: names.words, width },
      positions: names.positions
        ? { name: names.positions, rows: config.positions, first: config.firstPosition }
        : undefined,
      types: names.types ? { name: names.types, rows: config.types } : undefined,
      embeddingNorm: norm(names.embeddingNorm, width),
      projectIn: names.projectIn ? parts.linear(names.projectIn, width, hidden) : undefined,
      relative,
      block(layer) {
        const name = names.output(layer);
        const block = blocks.get(name) ?? once(planBlock(layer));
        blocks.set(name, block);
        return block;
      },
      head: {
        transform: parts.linear(names.transform, hidden, width),
        activation: activations[config.headActivation ?? config.activation],
        norm: norm(names.transformNorm, width),
        decoder: names.decoder,
        tied: config.tied,
        bias: { name: names.decoderBias },
      },
    },
    parts,
  );
}

/** Makes a thing when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { thing: T } | undefined;
  return () => {
    made ??= { thing: make() };
    return made.thing;
  };
}
