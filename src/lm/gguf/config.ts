// What config.json would say of the model in a GGUF file, from its metadata and the tensors that it has.
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { largest } from '../../numbers.js';
import { frequencies } from '../families/rope.js';
import type { Metadata } from './metadata.js';
import { type Heads, NAMES } from './names.js';

export type Architecture = keyof typeof NAMES;

/** @throws InputError when it is none of those that are read; they are listed */
export function architectureOf(metadata: Metadata): Architecture {
  const found = metadata.text('general.architecture');
  const known = Object.keys(NAMES) as Architecture[];
  const architecture = known.find((one) => one === found);
  if (architecture) return architecture;
  const what = found === undefined ? 'is missing' : `"${found}" is not supported`;
  throw new InputError(`${metadata.path}: general.architecture: ${what}; supported: ${known.join(', ')}`);
}

/** Fields of config.json, and the keys of the metadata that they are, without the architecture that these begin with. */
const KEYS = {
  hidden_size: 'embedding_length',
  intermediate_size: 'feed_forward_length',
  num_hidden_layers: 'block_count',
  max_position_embeddings: 'context_length',
  num_attention_heads: 'attention.head_count',
  num_key_value_heads: 'attention.head_count_kv',
  head_dim: 'attention.key_length',
  rms_norm_eps: 'attention.layer_norm_rms_epsilon',
  layer_norm_eps: 'attention.layer_norm_epsilon',
  rope_theta: 'rope.freq_base',
  rotary_emb_base: 'rope.freq_base',
  rope_local_base_freq: 'rope.freq_base_swa',
  rotary_pct: 'rope.dimension_count',
  partial_rotary_factor: 'rope.dimension_count',
  'rope_scaling.rope_type': 'rope.scaling.type',
  'rope_scaling.factor': 'rope.scaling.factor',
  sliding_window: 'attention.sliding_window',
  sliding_window_pattern: 'attention.sliding_window_pattern',
  attn_logit_softcapping: 'attn_logit_softcapping',
  final_logit_softcapping: 'final_logit_softcapping',
} as const;

/** What the metadata call a field of config.json; one that they do not have keeps its name. */
export function keyOf(field: string, architecture: Architecture): string {
  const key = Object.entries(KEYS).find(([name]) => name === field)?.[1];
  return key === undefined ? field : `${architecture}.${key}`;
}

/** The metadata of one architecture: keys are without its name, which they begin with. */
class Keys {
  constructor(
    private readonly metadata: Metadata,
    private readonly architecture: Architecture,
  ) {}

  text(key: string): string | undefined {
    return this.metadata.text(`${this.architecture}.${key}`);
  }

  flag(key: string): boolean | undefined {
    return this.metadata.flag(`${this.architecture}.${key}`);
  }

  /** A number, as short as float32 has it: 9.9999997e-06 is 1e-5. */
  number(key: string): number | undefined {
    const value = this.metadata.number(`${this.architecture}.${key}`);
    return value === undefined || Number.isInteger(value) ? value : Number(value.toPrecision(7));
  }

  /** @throws InputError when it is missing */
  needed(key: string): number {
    const value = this.number(key);
    if (value === undefined) throw this.error(key, 'is missing');
    return value;
  }

  /**
   * A size.
   * @param otherwise what it is where it is missing
   * @throws InputError when it is missing and nothing stands for it, or it is no positive whole number
   */
  size(key: string, otherwise?: number): number {
    const value = otherwise === undefined ? this.needed(key) : (this.number(key) ?? otherwise);
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw this.error(key, `is ${value}, not a positive whole number`);
  }

  error(key: string, what: string): InputError {
    return new InputError(`${this.metadata.path}: ${this.architecture}.${key}: ${what}`);
  }
}

/** @throws InputError when the metadata do not say */
export function headsOf(metadata: Metadata, architecture: Architecture): Heads {
  const keys = new Keys(metadata, architecture);
  const query = keys.size(KEYS.num_attention_heads);
  return { query, key: keys.size(KEYS.num_key_value_heads, query) };
}

/** The tensor of what rotary frequencies are divided by. */
export const ROPE_FACTORS = 'rope_freqs.weight';

/** What the tensors say that the metadata do not. */
export interface Tensors {
  has(name: string): boolean;
  /** Rows of the embedding table. */
  vocabulary: number;
  /** What rotary frequencies are divided by, where the file says it [r / 2]. */
  ropeFactors: readonly number[] | undefined;
}

/**
 * The configuration, with the fields that config.json has in the family that the architecture is.
 * @throws InputError when the metadata do not say enough, or ask for what is not supported
 */
export function configOf(
  metadata: Metadata,
  architecture: Architecture,
  tensors: Tensors,
): Record<string, unknown> {
  const keys = new Keys(metadata, architecture);
  if ((keys.number('expert_count') ?? 0) > 0)
    throw keys.error('expert_count', 'a mixture of experts is not supported');
  const { query, key } = headsOf(metadata, architecture);
  const hidden = keys.size(KEYS.hidden_size);
  const given = keys.number(KEYS.head_dim);
  if (given === undefined && hidden % query !== 0) {
    throw keys.error(KEYS.num_attention_heads, `is ${query}; ${hidden} is not a multiple of it`);
  }
  const head = given ?? hidden / query;
  const rotated = keys.number('rope.dimension_count') ?? head;
  if (rotated !== head && !ROTATES_PARTS.includes(architecture)) {
    throw keys.error(
      'rope.dimension_count',
      `is ${rotated}; heads are ${head} wide, and all of them must rotate`,
    );
  }
  const facts: Facts = { keys, tensors, hidden, query, key, head, rotated };
  return {
    ...TYPES[architecture],
    hidden_size: hidden,
    intermediate_size: keys.size(KEYS.intermediate_size),
    num_hidden_layers: keys.size(KEYS.num_hidden_layers),
    num_attention_heads: query,
    max_position_embeddings: keys.size(KEYS.max_position_embeddings),
    vocab_size: tensors.vocabulary,
    tie_word_embeddings: !tensors.has('output.weight'),
    torch_dtype: 'float32',
    ...(architecture === 'gptneox' ? neoxFields(facts) : commonFields(facts)),
    ...OWN[architecture]?.(facts),
  };
}

interface Facts {
  keys: Keys;
  tensors: Tensors;
  hidden: number;
  /** Heads of queries, and of keys and values. */
  query: number;
  key: number;
  /** Width of a head, and how much of it rotary positions turn. */
  head: number;
  rotated: number;
}

/** Architectures that can leave a part of each head as it is. */
const ROTATES_PARTS: readonly Architecture[] = ['phi3', 'gptneox'];

/** How Hugging Face calls them. */
const TYPES: Record<Architecture, { model_type: string; architectures: string[] }> = {
  llama: { model_type: 'llama', architectures: ['LlamaForCausalLM'] },
  qwen2: { model_type: 'qwen2', architectures: ['Qwen2ForCausalLM'] },
  qwen3: { model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] },
  gemma: { model_type: 'gemma', architectures: ['GemmaForCausalLM'] },
  gemma2: { model_type: 'gemma2', architectures: ['Gemma2ForCausalLM'] },
  gemma3: { model_type: 'gemma3_text', architectures: ['Gemma3ForCausalLM'] },
  phi3: { model_type: 'phi3', architectures: ['Phi3ForCausalLM'] },
  gptneox: { model_type: 'gpt_neox', architectures: ['GPTNeoXForCausalLM'] },
};

const DEFAULT_THETA = 10_000;
const GEMMA_ACTIVATION = 'gelu_pytorch_tanh';
/** The largest models of Gemma 2 and 3 scale attention by another width; llama.cpp knows them by their layers. */
const LARGEST_GEMMA2_LAYERS = 46;
const LARGEST_GEMMA3_LAYERS = 62;
/** Older files of Gemma 2 do not say it. */
const GEMMA2_WINDOW = 4096;

/** What one architecture has beside what most have. */
const OWN: { [name in Architecture]?: (facts: Facts) => Record<string, unknown> } = {
  llama: ({ tensors }) => ({
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_down.bias'),
  }),
  gemma: () => ({ hidden_act: GEMMA_ACTIVATION, hidden_activation: GEMMA_ACTIVATION }),
  gemma2: (facts) => ({
    ...gemmaFields(facts, LARGEST_GEMMA2_LAYERS),
    sliding_window: facts.keys.size(KEYS.sliding_window, GEMMA2_WINDOW),
    attn_logit_softcapping: facts.keys.number(KEYS.attn_logit_softcapping) ?? 50,
    final_logit_softcapping: facts.keys.number(KEYS.final_logit_softcapping) ?? 30,
  }),
  gemma3: (facts) => ({
    ...gemmaFields(facts, LARGEST_GEMMA3_LAYERS),
    sliding_window: facts.keys.size(KEYS.sliding_window),
    rope_local_base_freq: facts.keys.number(KEYS.rope_local_base_freq) ?? 10_000,
    sliding_window_pattern: facts.keys.number(KEYS.sliding_window_pattern) ?? 6,
    attn_logit_softcapping: null,
    final_logit_softcapping: facts.keys.number(KEYS.final_logit_softcapping) ?? null,
  }),
  phi3: ({ keys, tensors, head, rotated }) => ({
    sliding_window: keys.number(KEYS.sliding_window) || null,
    partial_rotary_factor: rotated / head,
    ...(tensors.has('rope_factors_long.weight') && { rope_scaling: { rope_type: 'longrope' } }),
  }),
};

function gemmaFields({ keys, hidden, query, head }: Facts, largest: number): Record<string, unknown> {
  return {
    hidden_activation: GEMMA_ACTIVATION,
    query_pre_attn_scalar: keys.size(KEYS.num_hidden_layers) === largest ? hidden / query : head,
  };
}

function commonFields(facts: Facts): Record<string, unknown> {
  const { keys, key, head } = facts;
  const value = keys.number('attention.value_length') ?? head;
  if (value !== head)
    throw keys.error('attention.value_length', `is ${value}; only that of keys (${head}) is supported`);
  return {
    num_key_value_heads: key,
    head_dim: head,
    rms_norm_eps: keys.needed(KEYS.rms_norm_eps),
    rope_theta: keys.number(KEYS.rope_theta) ?? DEFAULT_THETA,
    rope_scaling: scalingOf(facts),
  };
}

function neoxFields(facts: Facts): Record<string, unknown> {
  const { keys, tensors, head, rotated } = facts;
  return {
    hidden_act: 'gelu',
    layer_norm_eps: keys.needed(KEYS.layer_norm_eps),
    rotary_pct: rotated / head,
    rotary_emb_base: keys.number(KEYS.rope_theta) ?? DEFAULT_THETA,
    rope_scaling: scalingOf(facts),
    use_parallel_residual: keys.flag('use_parallel_residual') ?? true,
    attention_bias: tensors.has('blk.0.attn_qkv.bias'),
  };
}

/** How rotary frequencies are scaled, in the words of config.json. @throws InputError when factors are not as many as they */
function scalingOf({ keys, tensors: { ropeFactors }, rotated }: Facts): unknown {
  const type = keys.text('rope.scaling.type') ?? 'linear'; // as llama.cpp has it
  const older = keys.number('rope.scale_linear'); // what files before `rope.scaling` say
  const factor = type === 'none' ? 1 : (keys.number('rope.scaling.factor') ?? older ?? 1);
  const plain = type === 'none' || (type === 'linear' && factor === 1);
  if (!ropeFactors) return plain ? null : { rope_type: type, factor };
  if (ropeFactors.length !== rotated / 2) {
    const found = `tensor "${ROPE_FACTORS}" has ${ropeFactors.length} factors, not half as many`;
    throw keys.error('rope.dimension_count', `is ${rotated}; ${found}`);
  }
  if (!plain) {
    const found = `tensor "${ROPE_FACTORS}" scales rotary frequencies, too; only one of both is supported`;
    throw keys.error('rope.scaling.type', `is ${type} by ${factor}; ${found}`);
  }
  return inWords(ropeFactors, keys.number(KEYS.rope_theta) ?? DEFAULT_THETA);
}

/** What the published models with Llama 3's scaling have in common; they were made for this many tokens before it. */
const LLAMA3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/** Of factors that are written one by one, in words that no other tool knows. */
const ONE_BY_ONE = 'factors';

/** Whether a configuration has such words. */
export function hasOwnWords({ rope_scaling: scaling }: Record<string, unknown>): boolean {
  return z.object({ rope_type: z.literal(ONE_BY_ONE) }).safeParse(scaling).success;
}

/** By how much factors may differ from Llama 3's: files hold them in F32, computed in F32. */
const FACTOR_ERROR = 1e-5;

/** Factors of rotary frequencies: as Llama 3's scaling, which all tools know, where they are that; else one by one. */
function inWords(factors: readonly number[], theta: number): unknown {
  const width = 2 * factors.length;
  const scaling = { rope_type: 'llama3', factor: largest(factors), ...LLAMA3 };
  const plain = frequencies({}, width, { theta });
  const scaled = frequencies({ rope_scaling: scaling }, width, { theta });
  const same = factors.every(
    (factor, k) => Math.abs((factor * (scaled[k] ?? 0)) / (plain[k] ?? 0) - 1) < FACTOR_ERROR,
  );
  return same ? scaling : { rope_type: ONE_BY_ONE, factors };
}
