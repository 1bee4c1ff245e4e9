// What GPT-J and Phi have in common: attention and FFN side by side, both behind the same layer normalisation.
import type { Block } from '../block.js';
import { type ActivationName, activations } from '../layers/activations.js';
import { Attention, type AttentionOptions } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { ResidualBlock } from '../layers/residual-block.js';
import type { Bias, Parts } from '../parts.js';

export interface OneNormConfig {
  hidden: number;
  neurons: number;
  /** Width of all keys together, and of all values. */
  memory: number;
  epsilon: number;
  activation: ActivationName;
  /** Of attention's layers. */
  attentionBias: Bias;
}

/** Names of a layer's parts. */
export interface OneNormNames {
  norm: string;
  query: string;
  key: string;
  value: string;
  attentionOutput: string;
  intermediate: string;
  output: string;
}

/** Asks for the parts of a block. @param options makes those of its attention, when it is built */
export function planOneNormBlock(
  { hidden, neurons, memory, epsilon, activation, attentionBias }: OneNormConfig,
  names: OneNormNames,
  parts: Parts,
  options: () => AttentionOptions,
): () => Block {
  const linear = (name: string, input: number, output: number, bias: Bias) =>
    parts.linear(name, input, output, { bias });
  const norm = parts.layerNorm(names.norm, hidden, epsilon);
  const query = linear(names.query, hidden, hidden, attentionBias);
  const key = linear(names.key, hidden, memory, attentionBias);
  const value = linear(names.value, hidden, memory, attentionBias);
  const attentionOutput = linear(names.attentionOutput, hidden, hidden, attentionBias);
  const intermediate = linear(names.intermediate, hidden, neurons, 'usually');
  const output = linear(names.output, neurons, hidden, 'usually');
  return () => {
    const before = norm();
    return new ResidualBlock({
      beforeAttention: before,
      attention: new Attention(
        { query: query(), key: key(), value: value(), output: attentionOutput() },
        options(),
      ),
      beforeFfn: before,
      ffn: new FfnInput(intermediate(), activations[activation]),
      value: output(),
      parallel: true,
    });
  };
}
