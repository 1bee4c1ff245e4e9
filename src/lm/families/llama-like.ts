// What Llama's descendants have in common: rotary positions, grouped queries, RMS norms and a gated FFN, under the same
// names. Each family's file says where it differs.
import { z } from 'zod';
import { ACTIVATIONS, type ActivationName, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import type { Linear } from '../layers/linear.js';
import { ResidualBlock } from '../layers/residual-block.js';
import type { RmsNorm } from '../layers/rms-norm.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import type { Bias, Parts } from '../parts.js';
import type { Network } from '../transformer.js';
import { planDecoder } from './decoder.js';
import { divides, epsilon, inLayers, size, sizeDefaults, usualSizes } from './fields.js';
import { frequencies, ropeFields } from './rope.js';

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

const layerPart = inLayers('model.layers');

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
  /** Angles per position of a layer's pairs of dimensions; those that the configuration describes unless given. */
  frequencies?(layer: number): readonly number[];
  /** Rows that a row of a layer sees at most, itself included; all unless given. */
  window?(layer: number): number | undefined;
  activation?: ActivationName;
  norms?: NormNames;
  /** Added to the weights of norms. */
  normOffset?: 0 | 1;
  /** Of queries, keys and values. */
  inputBias?: Bias;
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

/** A decoder that is being planned. */
interface Plan {
  config: LlamaFields;
  parts: Parts;
  like: LlamaLike;
}

/** Asks for the parts of such a decoder. @returns what builds the network from them */
export function planLlama(config: LlamaFields, parts: Parts, like: LlamaLike): () => Network {
  const { hidden_size: hidden, intermediate_size: neurons } = config;
  const { norms = PRE_NORMS } = like;
  const plan: Plan = { config, parts, like };
  return planDecoder(
    {
      sizes: usualSizes(config),
      words: { name: 'model.embed_tokens' },
      scale: like.embeddingScale,
      block(layer) {
        const norm = (name: string | undefined) =>
          name === undefined ? undefined : planNorm(plan, layerPart(layer, name), hidden);
        const beforeAttention = norm(norms.beforeAttention);
        const attention = planAttention(plan, layer);
        const afterAttention = norm(norms.afterAttention);
        const beforeFfn = norm(norms.beforeFfn);
        const ffn = planFfn(plan, layer);
        const value = parts.linear(llamaFamily.value(layer), neurons, hidden, { bias: 'rarely' });
        const afterFfn = norm(norms.afterFfn);
        return () =>
          new ResidualBlock({
            beforeAttention: beforeAttention?.(),
            attention: attention(),
            afterAttention: afterAttention?.(),
            beforeFfn: beforeFfn?.(),
            ffn: ffn(),
            value: value(),
            afterFfn: afterFfn?.(),
          });
      },
      norm: planNorm(plan, 'model.norm', hidden),
      head: { name: 'lm_head', tied: config.tie_word_embeddings, cap: like.logitCap },
    },
    parts,
  );
}

function planNorm({ config, parts, like }: Plan, name: string, width: number): () => RmsNorm {
  return parts.rmsNorm(name, width, { epsilon: config.rms_norm_eps, offset: like.normOffset ?? 0 });
}

function planAttention(plan: Plan, layer: number): () => Attention {
  const { config, parts, like } = plan;
  const { num_attention_heads: heads } = config;
  const memoryHeads = config.num_key_value_heads ?? heads;
  const width = headWidth(config);
  const [own, shared] = [heads * width, memoryHeads * width];
  const part = (name: string) => layerPart(layer, `self_attn.${name}`);
  const inputs = planInputs(plan, part, own, shared);
  const output = parts.linear(part('o_proj'), own, config.hidden_size, { bias: 'rarely' });
  const { queryNorms } = like;
  const queryNorm = queryNorms && planNorm(plan, part('q_norm'), queryNorms === 'head' ? width : own);
  const keyNorm = queryNorms && planNorm(plan, part('k_norm'), queryNorms === 'head' ? width : shared);
  return () => {
    const [query, key, value] = inputs();
    const angles = like.frequencies?.(layer) ?? frequencies(config, width, { theta: 10_000 });
    return new Attention(
      { query, key, value, output: output() },
      {
        heads,
        visible: backwards(like.window?.(layer)),
        scale: like.scale,
        cap: like.cap,
        rotary: new Rotary(width, angles),
        queryNorm: queryNorm?.(),
        keyNorm: keyNorm?.(),
      },
    );
  };
}

/** Queries, keys and values. @param own width of the queries, and of the keys and values `shared` */
function planInputs(
  { config, parts, like }: Plan,
  part: (name: string) => string,
  own: number,
  shared: number,
): () => readonly [query: Linear, key: Linear, value: Linear] {
  const { inputBias: bias = 'rarely' } = like;
  const linear = (name: string, width: number) =>
    parts.linear(part(name), config.hidden_size, width, { bias });
  if (like.fused) {
    const all = linear('qkv_proj', own + 2 * shared);
    return () => all().split(own, shared, shared);
  }
  const query = linear('q_proj', own);
  const key = linear('k_proj', shared);
  const value = linear('v_proj', shared);
  return () => [query(), key(), value()];
}

/** The gate and the rows that it multiplies. */
function planFfn({ config, parts, like }: Plan, layer: number): () => FfnInput {
  const { hidden_size: hidden, intermediate_size: neurons } = config;
  const activation = activations[like.activation ?? config.hidden_act];
  const linear = (name: string, width: number) =>
    parts.linear(layerPart(layer, `mlp.${name}`), hidden, width, { bias: 'rarely' });
  if (like.fused) {
    const both = linear('gate_up_proj', 2 * neurons);
    return () => {
      const [gate, up] = both().split(neurons, neurons);
      return new FfnInput(gate, activation, up);
    };
  }
  const gate = linear('gate_proj', neurons);
  const up = linear('up_proj', neurons);
  return () => new FfnInput(gate(), activation, up());
}
