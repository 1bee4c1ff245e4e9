// GGUF files for tests, written from the format's description: any metadata and tensors, and golden checkpoints as the
// converter of llama.cpp writes them (names, order of rows, norms, tokenizer).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GgufFile } from '../../src/lm/gguf/file.js';
import { seeded } from '../../src/random.js';
import { readTensors, type Tensor, valuesOf } from './checkpoints.js';
import { drawBlocks } from './gguf-blocks.js';
import { goldenDirectory } from './golden.js';
import { temporaryDirectory } from './temporary.js';

const ALIGNMENT = 32;

/** A value of the metadata: its type's number, and its bytes. */
export interface Value {
  type: number;
  bytes: Buffer;
}

export function u32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { type: 4, bytes };
}

export function i32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return { type: 5, bytes };
}

export function f32(value: number): Value {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return { type: 6, bytes };
}

export function flag(value: boolean): Value {
  return { type: 7, bytes: Buffer.from([Number(value)]) };
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function text(value: string): Value {
  const bytes = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([u64(bytes.length), bytes]) };
}

export function array(values: readonly Value[], type = values[0]?.type ?? 4): Value {
  const head = Buffer.concat([u32(type).bytes, u64(values.length)]);
  return { type: 9, bytes: Buffer.concat([head, ...values.map(({ bytes }) => bytes)]) };
}

export type Metadata = Record<string, Value>;

/** A tensor as the file has it; `ne` is the innermost dimension first. */
export interface GgufTensor {
  name: string;
  ne: number[];
  type: number;
  bytes: Buffer;
}

function padded(bytes: Buffer, alignment: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}

/** The bytes of a file. */
export function gguf(metadata: Metadata, tensors: readonly GgufTensor[], alignment = ALIGNMENT): Buffer {
  let offset = 0;
  const descriptions = tensors.map(({ name, ne, type, bytes }) => {
    const description = [
      text(name).bytes,
      u32(ne.length).bytes,
      ...ne.map(u64),
      u32(type).bytes,
      u64(offset),
    ];
    offset += padded(bytes, alignment).length;
    return Buffer.concat(description);
  });
  const entries = Object.entries(metadata);
  const keys = entries.map(([key, { type, bytes }]) =>
    Buffer.concat([text(key).bytes, u32(type).bytes, bytes]),
  );
  const start = [Buffer.from('GGUF'), u32(3).bytes, u64(tensors.length), u64(entries.length)];
  const head = padded(Buffer.concat([...start, ...keys, ...descriptions]), alignment);
  return Buffer.concat([head, ...tensors.map(({ bytes }) => padded(bytes, alignment))]);
}

/** Writes a file. @returns its path */
export function writeGguf(bytes: Buffer, name = 'model.gguf'): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, bytes);
  return path;
}

/** All tensors of a file, by the names of Hugging Face. */
export function valuesIn(path: string): Map<string, Float32Array> {
  const file = GgufFile.open(path);
  try {
    return new Map([...file.tensors.values()].map((entry) => [entry.name, file.read(entry)]));
  } finally {
    file.close();
  }
}

/** The metadata without which a file is not opened. */
export const MINIMAL: Metadata = {
  'general.architecture': text('llama'),
  'llama.attention.head_count': u32(2),
};

/** A tensor of F32 values. @param shape the outermost dimension first */
export function f32Tensor(name: string, shape: readonly number[], values: Float32Array): GgufTensor {
  return { name, ne: shape.toReversed(), type: 0, bytes: Buffer.from(new Uint8Array(values.slice().buffer)) };
}

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
  const heads = Number(config.num_attention_heads);
  const keyHeads = Number(config.num_key_value_heads ?? heads);
  if (architecture === 'llama' && own === 'self_attn.q_proj') values = inPairs(values, one.shape, heads);
  if (architecture === 'llama' && own === 'self_attn.k_proj') values = inPairs(values, one.shape, keyHeads);
  if (own === 'attention.query_key_value') values = inThreeBlocks(values, one.shape, heads);
  if (architecture.startsWith('gemma') && own.endsWith('norm')) values = values.map((value) => value + 1);
  return f32Tensor(`${name}.${kind}`, one.shape, values);
}

/** Rows of each head [half, width / 2] become [width / 2, half]. */
function inPairs(
  values: Float32Array,
  [rows = 0, columns = 1]: readonly number[],
  heads: number,
): Float32Array {
  const half = rows / heads / 2;
  const out = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    for (let j = 0; j < 2; j++) {
      for (let k = 0; k < half; k++) {
        const from = 2 * half * head + half * j + k;
        const to = 2 * half * head + 2 * k + j;
        out.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
      }
    }
  }
  return out;
}

/** Rows [heads, 3, width] become [3, heads, width]. */
function inThreeBlocks(
  values: Float32Array,
  [rows = 0, columns = 1]: readonly number[],
  heads: number,
): Float32Array {
  const width = rows / heads / 3;
  const out = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    for (let which = 0; which < 3; which++) {
      const from = (3 * head + which) * width * columns;
      out.set(values.subarray(from, from + width * columns), (which * heads + head) * width * columns);
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
  const factors = Float32Array.from({ length: width / 2 }, (_, k) => {
    const wave = 2 * Math.PI * Number(config.rope_theta) ** ((2 * k) / width);
    if (wave < old / high) return 1;
    if (wave > old / low) return factor;
    const smooth = (old / wave - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
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

/** Width of the FFN in `quantized`: whole blocks of every type. */
const WIDE = 256;

/**
 * A llama whose value matrices are of a type with blocks: golden/llama with an FFN of 256 neurons.
 * @returns also the same model with the values that the blocks stand for, in F32
 */
export function quantized(type: string): { blocks: GgufTensor[]; plain: GgufTensor[]; metadata: Metadata } {
  const { metadata, tensors } = converted('llama');
  const hidden = 32;
  const draw = (name: string, shape: number[], seed: number) => {
    const random = seeded(seed);
    return f32Tensor(
      name,
      shape,
      Float32Array.from({ length: WIDE * hidden }, () => random() - 0.5),
    );
  };
  const [blocks, plain] = [true, false].map((inBlocks) =>
    tensors.map((one, i): GgufTensor => {
      if (/ffn_(gate|up)/.test(one.name)) return draw(one.name, [WIDE, hidden], i);
      if (!one.name.includes('ffn_down')) return one;
      const { values } = drawBlocks(type, 1, 1);
      const drawn = drawBlocks(type, (WIDE * hidden) / values.length, i);
      if (!inBlocks) return f32Tensor(one.name, [hidden, WIDE], drawn.values);
      return { name: one.name, ne: [WIDE, hidden], type: drawn.type, bytes: drawn.bytes };
    }),
  ) as [GgufTensor[], GgufTensor[]];
  return { blocks, plain, metadata: { ...metadata, 'llama.feed_forward_length': u32(WIDE) } };
}
