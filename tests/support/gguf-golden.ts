// Golden checkpoints as the converter of llama.cpp writes them: names, order of rows, norms, rotary factors, tokenizer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTensors, type Tensor, valuesOf } from './checkpoints.js';
import {
  array,
  f32,
  f32Tensor,
  flag,
  type GgufTensor,
  i32,
  type Metadata,
  text,
  u32,
  type Value,
} from './gguf.js';
import { goldenDirectory } from './golden.js';

interface Config {
  [field: string]: unknown;
  rope_scaling?: { rope_type?: string; [field: string]: unknown };
}

/** Names of layers' tensors in Hugging Face and in GGUF; norms behind attention and FFN are apart, for the families differ. */
const LAYER: Record<string, string> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.qkv_proj': 'attn_qkv',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.gate_up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'attention.query_key_value': 'attn_qkv',
  'attention.dense': 'attn_output',
  'mlp.dense_h_to_4h': 'ffn_up',
  'mlp.dense_4h_to_h': 'ffn_down',
};

const FOUR_NORMS: Record<string, string> = {
  post_attention_layernorm: 'post_attention_norm',
  pre_feedforward_layernorm: 'ffn_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
};

const WHOLE: Record<string, string> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  'gpt_neox.embed_in': 'token_embd',
  'gpt_neox.final_layer_norm': 'output_norm',
  embed_out: 'output',
};

const ARCHITECTURES: Record<string, string> = {
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  gemma: 'gemma',
  gemma2: 'gemma2',
  gemma3_text: 'gemma3',
  phi3: 'phi3',
  gpt_neox: 'gptneox',
};

/** What the pre-tokenizer of a golden kind is called. */
const PRE: Record<string, string> = {
  'llama-smol': 'smollm',
  'llama-tied': 'llama-bpe',
  qwen2: 'qwen2',
  'qwen2-window': 'qwen2',
  qwen3: 'qwen2',
  gpt_neox: 'gpt-2',
  'gpt_neox-seq': 'gpt-2',
};

/** A golden checkpoint as the converter of llama.cpp writes it, in F32. @returns metadata and tensors, to be changed at will */
export function converted(kind: string): { metadata: Metadata; tensors: GgufTensor[] } {
  const directory = goldenDirectory(kind);
  const config = readJson(join(directory, 'config.hub.json')) as Config;
  const architecture = ARCHITECTURES[String(config.model_type)] ?? '';
  const all = readTensors(directory).map((one) => convert(one, architecture, config));
  return {
    metadata: { ...describe(architecture, config), ...tokenizerOf(kind, directory) },
    tensors: [...all, ...ropeFactors(config)],
  };
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function describe(architecture: string, config: Config): Metadata {
  const number = (field: string) => (typeof config[field] === 'number' ? config[field] : undefined);
  const hidden = number('hidden_size') ?? 0;
  const heads = number('num_attention_heads') ?? 1;
  const head = number('head_dim') ?? hidden / heads;
  const values: Record<string, Value | undefined> = {
    block_count: u32(number('num_hidden_layers') ?? 0),
    context_length: u32(number('max_position_embeddings') ?? 0),
    embedding_length: u32(hidden),
    feed_forward_length: u32(number('intermediate_size') ?? 0),
    'attention.head_count': u32(heads),
    'attention.head_count_kv': config.num_key_value_heads
      ? u32(Number(config.num_key_value_heads))
      : undefined,
    'attention.key_length': u32(head),
    'attention.value_length': u32(head),
    'rope.freq_base': f32(number('rope_theta') ?? number('rotary_emb_base') ?? 10_000),
    'rope.dimension_count': u32(head * (number('rotary_pct') ?? 1)),
    'attention.sliding_window': config.sliding_window ? u32(Number(config.sliding_window)) : undefined,
    attn_logit_softcapping: config.attn_logit_softcapping
      ? f32(Number(config.attn_logit_softcapping))
      : undefined,
    final_logit_softcapping: config.final_logit_softcapping
      ? f32(Number(config.final_logit_softcapping))
      : undefined,
  };
  if (architecture === 'gptneox') {
    values['attention.layer_norm_epsilon'] = f32(1e-5);
    values.use_parallel_residual = flag(config.use_parallel_residual !== false);
  } else {
    const epsilon = architecture === 'phi3' ? 1e-5 : 1e-6; // the family's default
    values['attention.layer_norm_rms_epsilon'] = f32(number('rms_norm_eps') ?? epsilon);
  }
  if (config.rope_scaling?.rope_type === 'linear') {
    values['rope.scaling.type'] = text('linear');
    values['rope.scaling.factor'] = f32(Number(config.rope_scaling.factor));
  }
  if (config.sliding_window_pattern) {
    values['attention.sliding_window_pattern'] = u32(Number(config.sliding_window_pattern));
  }
  const named = Object.entries(values).flatMap(([key, value]) =>
    value ? [[`${architecture}.${key}`, value] as const] : [],
  );
  return { 'general.architecture': text(architecture), ...Object.fromEntries(named) };
}

/** One tensor under the name of llama.cpp, with what the converter does to its values. */
function convert(one: Tensor, architecture: string, config: Config): GgufTensor {
  const [, layer, own = '', kind] =
    /^(?:(?:model|gpt_neox)\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(one.name) ?? [];
  const four = ['gemma2', 'gemma3'].includes(architecture) ? FOUR_NORMS : {};
  const name = layer === undefined ? WHOLE[own] : `blk.${layer}.${four[own] ?? LAYER[own]}`;
  let values = valuesOf(one);
  const queries = Number(config.num_attention_heads);
  const heads = own === 'self_attn.k_proj' ? Number(config.num_key_value_heads ?? queries) : queries;
  const width = values.length / heads; // of the rows of one head, all together
  if (architecture === 'llama' && /^self_attn\.[qk]_proj$/.test(own)) {
    const [rows = 0] = one.shape;
    const half = rows / heads / 2; // halves of each head become pairs
    values = swapped(values, 2, half, width / (2 * half));
  }
  if (own === 'attention.query_key_value') values = swapped(values, heads, 3, width / 3);
  if (architecture.startsWith('gemma') && own.endsWith('norm')) values = values.map((value) => value + 1);
  return f32Tensor(`${name}.${kind}`, one.shape, values);
}

/** A tensor [.., a, b, inner] as [.., b, a, inner]. */
function swapped(values: Float32Array, a: number, b: number, inner: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let outer = 0; outer < values.length; outer += a * b * inner) {
    for (let i = 0; i < a; i++) {
      for (let j = 0; j < b; j++) {
        const from = outer + (i * b + j) * inner;
        out.set(values.subarray(from, from + inner), outer + (j * a + i) * inner);
      }
    }
  }
  return out;
}

/** Llama 3's scaling of rotary frequencies is a tensor of divisors. */
export function ropeFactors({ rope_scaling: scaling, ...config }: Config): GgufTensor[] {
  if (scaling?.rope_type !== 'llama3') return [];
  const [factor, low, high, old] = [
    'factor',
    'low_freq_factor',
    'high_freq_factor',
    'original_max_position_embeddings',
  ].map((field) => Number(scaling[field])) as [number, number, number, number];
  const width = Number(config.head_dim);
  const f = Math.fround; // converters compute in float32
  const factors = Float32Array.from({ length: width / 2 }, (_, k) => {
    const wave = f(2 * Math.PI * f(Number(config.rope_theta) ** f((2 * k) / width)));
    if (wave < old / high) return 1;
    if (wave > old / low) return factor;
    const smooth = f(f(f(old / wave) - low) / (high - low));
    return 1 / f(f((1 - smooth) / factor) + smooth);
  });
  return [f32Tensor('rope_freqs.weight', [width / 2], factors)];
}

interface TokenizerJson {
  model: { vocab: Record<string, number>; merges: [string, string][]; byte_fallback: boolean };
  added_tokens: { id: number }[];
  normalizer: { type: string } | null;
  post_processor: unknown;
}

function tokenizerOf(kind: string, directory: string): Metadata {
  const json = readJson(join(directory, 'tokenizer.json')) as TokenizerJson;
  const config = readJson(join(directory, 'tokenizer_config.json')) as Record<string, string | null>;
  const { vocab, merges, byte_fallback: sentencePiece } = json.model;
  const tokens = Object.keys(vocab).sort((a, b) => (vocab[a] ?? 0) - (vocab[b] ?? 0));
  const added = new Set(json.added_tokens.map(({ id }) => id));
  const typeOf = (token: string, id: number) => {
    if (added.has(id)) return token === '<unk>' ? 2 : 3;
    return sentencePiece && /^<0x..>$/.test(token) ? 6 : 1;
  };
  const metadata: Metadata = {
    'tokenizer.ggml.model': text(sentencePiece ? 'llama' : 'gpt2'),
    'tokenizer.ggml.tokens': array(tokens.map(text)),
    'tokenizer.ggml.token_type': array(tokens.map((token, id) => i32(typeOf(token, id)))),
    'tokenizer.ggml.add_bos_token': flag(JSON.stringify(json.post_processor).includes('SpecialToken')),
  };
  for (const [name, field] of [
    ['bos', 'bos_token'],
    ['eos', 'eos_token'],
    ['unknown', 'unk_token'],
    ['padding', 'pad_token'],
  ] as const) {
    const token = config[field];
    if (token != null) metadata[`tokenizer.ggml.${name}_token_id`] = u32(vocab[token] ?? 0);
  }
  if (!sentencePiece) {
    metadata['tokenizer.ggml.pre'] = text(PRE[kind] ?? '');
    metadata['tokenizer.ggml.merges'] = array(merges.map((pair) => text(pair.join(' '))));
    return metadata;
  }
  // SentencePiece gives a token a score: what is made earlier has the better one.
  const rank = new Map(merges.toReversed().map((pair, i) => [pair.join(''), merges.length - 1 - i]));
  const scores = tokens.map((token) => f32(-(rank.get(token) ?? (token.length === 1 ? merges.length : 0))));
  metadata['tokenizer.ggml.scores'] = array(scores);
  metadata['tokenizer.ggml.add_space_prefix'] = flag(json.normalizer?.type !== 'Replace');
  return metadata;
}
