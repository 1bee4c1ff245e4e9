// What Llama's descendants have in common: rotary positions, grouped queries, RMS norms and a gated FFN, under the same
// names. Each family's file says where it differs.
import { z } from 'zod';
import { ACTIVATIONS, type ActivationName, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import type { Linear } from '../layers/linear.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import type { Parts } from '../parts.js';
import type { Network } from '../transformer.js';
import { planDecoder } from './decoder.js';
import { divides, epsilon, size, sizeDefaults, usualSizes } from './fields.js';
import { ropeFields } from './rope.js';

/** The fields of config.json that they share, with Llama's defaults. */
export const llamaFields = {
  ...sizeDefaults({
    vocab_size: 32_000,
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 2048,
  }),
  /** As many as of queries unless given. */
  num_key_value_heads: size.nullish(),
  /** Their share of the width unless given. */
  head_dim: size.nullish(),
  hidden_act: z.enum(ACTIVATIONS).default('silu'),
  rms_norm_eps: epsilon.default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  ...ropeFields,
};

const fields = z.object(llamaFields);
export type LlamaFields = z.infer<typeof fields>;

/** Query heads must be a multiple of the heads that they read. */
export const grouped = divides('num_attention_heads', 'num_key_value_heads');

/** Width of a head. */
export function headWidth({ head_dim, hidden_size, num_attention_heads }: LlamaFields): number {
  return head_dim ?? Math.floor(hidden_size / num_attention_heads);
}

/** Name of a layer's part. */
function layerPart(layer: number, name: string): string {
  return `model.layers.${layer}.${name}`;
}

/** What the files of these families share. */
export const llamaFamily = {
  prefix: 'model.',
  layout: 'out-in',
  value: (layer: number) => layerPart(layer, 'mlp.down_proj'),
  sizes: usualSizes,
} as const;

/** Names of a layer's norms, by where they stand. */
export interface NormNames {
  beforeAttention?: string;
  afterAttention?: string;
  beforeFfn?: string;
  afterFfn?: string;
}

const PRE_NORMS: NormNames = {
  beforeAttention: 'input_layernorm',
  beforeFfn: 'post_attention_layernorm',
};

/** Where a family differs from Llama. */
export interface LlamaLike {
  /** Angles per position of a layer's pairs of dimensions. */
  frequencies(layer: number): readonly number[];
  /** Rows that a row of a layer sees at most, itself included; all unless given. */
  window?(layer: number): number | undefined;
  activation?: ActivationName;
  norms?: NormNames;
  /** Added to the weights of norms. */
  normOffset?: 0 | 1;
  /** Queries and keys are normalised: head by head, or all heads together. */
  queryNorms?: 'head' | 'all' | undefined;
  /** What scores are multiplied by; 1 / sqrt(D) unless given. */
  scale?: number;
  /** Caps of attention's scores and of the logits. */
  cap?: number | undefined;
  logitCap?: number | undefined;
  /** What word embeddings are multiplied by. */
  embeddingScale?: number;
  /** Queries, keys and values lie in one tensor, gate and up in another (Phi-3). */
  fused?: boolean;
}

/** Asks for the parts of such a decoder. @returns what builds the network from them */
export function planLlama(config: LlamaFields, parts: Parts, like: LlamaLike): () => Network {
  const { hidden_size: hidden, intermediate_size: neurons, num_attention_heads: heads } = config;
  const { norms = PRE_NORMS, normOffset = 0, queryNorms, fused = false } = like;
  const memoryHeads = config.num_key_value_heads ?? heads;
  const width = headWidth(config);
  const activation = activations[like.activation ?? config.hidden_act];
  const linear = (name: string, input: number, output: number) =>
    parts.linear(name, input, output, { bias: 'where present' });
  const rmsNorm = (name: string, size: number) =>
    parts.rmsNorm(name, size, { epsilon: config.rms_norm_eps, offset: normOffset });

  /** Linear layers that read the same rows; in fused checkpoints one tensor holds them all. */
  const side = (fusedName: string, names: readonly string[], sizes: readonly number[]): (() => Linear[]) => {
    if (fused) {
      const all = linear(
        fusedName,
        hidden,
        sizes.reduce((sum, size) => sum + size, 0),
      );
      return () => all().split(...sizes);
    }
    const each = names.map((name, i) => linear(name, hidden, sizes[i] ?? 0));
    return () => each.map((one) => one());
  };

  const attention = (layer: number): (() => Attention) => {
    const part = (name: string) => layerPart(layer, `self_attn.${name}`);
    const [own, shared] = [heads * width, memoryHeads * width];
    const inputs = side(part('qkv_proj'), ['q_proj', 'k_proj', 'v_proj'].map(part), [own, shared, shared]);
    const output = linear(part('o_proj'), own, hidden);
    const queryNorm = queryNorms && rmsNorm(part('q_norm'), queryNorms === 'head' ? width : own);
    const keyNorm = queryNorms && rmsNorm(part('k_norm'), queryNorms === 'head' ? width : shared);
    return () => {
      const [query, key, value] = inputs() as [Linear, Linear, Linear];
      return new Attention(
        { query, key, value, output: output() },
        {
          heads,
          memoryHeads,
          visible: backwards(like.window?.(layer)),
          scale: like.scale,
          cap: like.cap,
          rotary: new Rotary(width, like.frequencies(layer)),
          queryNorm: queryNorm?.(),
          keyNorm: keyNorm?.(),
        },
      );
    };
  };

  return planDecoder(
    {
      sizes: usualSizes(config),
      words: { name: 'model.embed_tokens' },
      scale: like.embeddingScale,
      block(layer) {
        const norm = (name: string | undefined) =>
          name === undefined ? undefined : rmsNorm(layerPart(layer, name), hidden);
        const beforeAttention = norm(norms.beforeAttention);
        const attend = attention(layer);
        const afterAttention = norm(norms.afterAttention);
        const beforeFfn = norm(norms.beforeFfn);
        const part = (name: string) => layerPart(layer, `mlp.${name}`);
        const inputs = side(part('gate_up_proj'), ['gate_proj', 'up_proj'].map(part), [neurons, neurons]);
        const value = linear(llamaFamily.value(layer), neurons, hidden);
        const afterFfn = norm(norms.afterFfn);
        return () => {
          const [gate, up] = inputs() as [Linear, Linear];
          return new ResidualBlock({
            beforeAttention: beforeAttention?.(),
            attention: attend(),
            afterAttention: afterAttention?.(),
            beforeFfn: beforeFfn?.(),
            ffn: new FfnInput(gate, activation, up),
            value: value(),
            afterFfn: afterFfn?.(),
          });
        };
      },
      norm: rmsNorm('model.norm', hidden),
      head: { name: 'lm_head', tied: config.tie_word_embeddings, cap: like.logitCap },
    },
    parts,
  );
}
